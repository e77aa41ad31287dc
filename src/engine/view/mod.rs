//! Runs relations: rows that are more than those of one table.
//!
//! In: a [`Relation`] and [`Sources`]. Out: its rows, one at a time, in the order that the relation tells;
//! what is wrong with the data goes to [`Reports`]. Columns that nobody asks for have no value, so that
//! nothing keeps their texts.
//!
//! Memory: a row for each operator, the texts of JSON documents, and what joins keep (`join`), which is
//! bounded: past the limit it goes to a temporary file (`grace`).

mod expand;
mod grace;
mod join;
mod json;
mod row;
mod scan;
mod table;

pub(super) use row::ViewRow;

use super::cell::CellValue;
use super::made::Cells;
use super::reject::Failing;
use super::report::describe_iri;
use super::row::IriFault;
use super::run::{RunError, ScanError, recycle};
use crate::diagnostic::{Diagnostics, Location};
use crate::function::Value;
use crate::plan::{Expression, Relation};
use crate::table::{Sources, TableError};
use expand::Expand;
use join::Join;
use json::JsonRows;
use std::sync::Arc;
use table::TableRows;

/// After how many rows a view asks whether to go on.
const ROWS_PER_QUESTION: u32 = 4096;

/// The rows of a relation.
pub(super) struct View<'p> {
    root: Node<'p>,
    row: ViewRow,
}

/// What a view tells on its way, and what becomes of rows that fail.
pub(super) struct Reports<'r> {
    pub(super) diagnostics: &'r mut Diagnostics,
    pub(super) failing: Failing,
    /// How many rows of tables were left out.
    pub(super) left_out: u64,
    /// How many errors were reported of them.
    pub(super) errors: u64,
    /// Told now and then how many bytes of the leftmost table were read; says whether to go on.
    pub(super) go_on: &'r mut dyn FnMut(u64) -> bool,
    /// How many bytes of the leftmost table were read.
    pub(super) bytes: u64,
    rows: u32,
}

impl<'r> Reports<'r> {
    pub(super) fn new(
        diagnostics: &'r mut Diagnostics,
        failing: Failing,
        go_on: &'r mut dyn FnMut(u64) -> bool,
    ) -> Self {
        Self {
            diagnostics,
            failing,
            left_out: 0,
            errors: 0,
            go_on,
            bytes: 0,
            rows: 0,
        }
    }

    // Whether a row stays of which errors were reported, if any.
    fn keeps(&mut self, has_failed: bool, errors: u64) -> Result<bool, ScanError> {
        if !has_failed {
            return Ok(true);
        }
        match self.failing {
            Failing::GoesOn => Ok(true),
            Failing::Stops => Err(RunError::Stopped.into()),
            Failing::IsLeftOut { .. } => {
                // What is told elsewhere is counted there.
                self.left_out += u64::from(errors > 0);
                self.errors += errors;
                Ok(false)
            }
        }
    }

    // Asks now and then whether to go on.
    fn step(&mut self) -> Result<(), ScanError> {
        self.rows += 1;
        if self.rows < ROWS_PER_QUESTION {
            return Ok(());
        }
        self.rows = 0;
        if (self.go_on)(self.bytes) {
            Ok(())
        } else {
            Err(RunError::Cancelled.into())
        }
    }
}

impl<'p> View<'p> {
    /// Opens the tables of a relation; nothing is read yet.
    ///
    /// `needed` tells which of its columns are asked for, the others have no value in any row. `memory` is
    /// about how many bytes its joins may take, all together, before they go to a temporary file. What is
    /// wrong with sources that are known is told elsewhere.
    ///
    /// # Errors
    /// When a table cannot be opened, or a `JSONPath` is none.
    pub(super) fn open(
        relation: &'p Relation,
        needed: &[bool],
        memory: usize,
        sources: &'p Sources,
        known: Vec<&'p str>,
    ) -> Result<Self, TableError> {
        let mut joins = 0;
        count_joins(relation, &mut joins);
        let mut opening = Opening {
            sources,
            memory: memory / joins.max(1),
            known,
            read: Vec::new(),
        };
        Ok(Self {
            root: opening.open(relation, needed, Side::Leftmost)?,
            row: ViewRow::default(),
        })
    }

    /// Gives the next row.
    ///
    /// # Errors
    /// When a table cannot be read, a temporary file fails, a row fails and the run is to end there, or it
    /// is not to go on.
    pub(super) fn next(
        &mut self,
        reports: &mut Reports<'_>,
    ) -> Result<Option<&ViewRow>, ScanError> {
        reports.step()?;
        let is_there = self.root.next(&mut self.row, reports)?;
        Ok(is_there.then_some(&self.row))
    }
}

fn count_joins(relation: &Relation, joins: &mut usize) {
    match relation {
        Relation::Single | Relation::Table(_) | Relation::Json(_) => {}
        Relation::Numbered(input)
        | Relation::Each { input, .. }
        | Relation::Unnest { input, .. }
        | Relation::Filter { input, .. }
        | Relation::Project { input, .. } => count_joins(input, joins),
        Relation::Join { left, right, .. } => {
            *joins += 1;
            count_joins(left, joins);
            count_joins(right, joins);
        }
    }
}

/// An operator with what it reads.
enum Node<'p> {
    Single {
        is_given: bool,
    },
    Table(Box<TableRows<'p>>),
    Json(Box<JsonRows<'p>>),
    Numbered {
        input: Box<Node<'p>>,
        next: u64,
    },
    Expand(Box<Expand<'p>>),
    Filter {
        input: Box<Node<'p>>,
        conditions: &'p [Expression],
        eval: Eval,
    },
    Project {
        input: Box<Node<'p>>,
        columns: &'p [usize],
        row: ViewRow,
    },
    Join(Box<Join<'p>>),
}

impl Node<'_> {
    // Puts the next row in the place of the one before, behind which cells may have been added; gives whether
    // there is one.
    fn next(&mut self, out: &mut ViewRow, reports: &mut Reports<'_>) -> Result<bool, ScanError> {
        match self {
            Self::Single { is_given } => {
                out.clear();
                Ok(!std::mem::replace(is_given, true))
            }
            Self::Table(table) => table.next(out, reports),
            Self::Json(json) => Ok(json.next(out)?),
            Self::Numbered { input, next } => {
                if !input.next(out, reports)? {
                    return Ok(false);
                }
                out.push_number(*next);
                *next += 1;
                Ok(true)
            }
            Self::Expand(expand) => expand.next(out, reports),
            Self::Filter {
                input,
                conditions,
                eval,
            } => loop {
                reports.step()?;
                if !input.next(out, reports)? {
                    return Ok(false);
                }
                eval.row_number += 1;
                if eval.holds(conditions, out, reports)? {
                    return Ok(true);
                }
            },
            Self::Project {
                input,
                columns,
                row,
            } => {
                if !input.next(row, reports)? {
                    return Ok(false);
                }
                out.clear();
                (out.source_row, out.line) = (row.source_row, row.line);
                for column in *columns {
                    row.texts(*column).for_each(|text| out.push_item(text));
                    out.end_cell();
                }
                Ok(true)
            }
            Self::Join(join) => join.next(out, reports),
        }
    }
}

/// Whether rows take their place from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Leftmost,
    Other,
}

struct Opening<'p> {
    sources: &'p Sources,
    /// The bytes that each join may take.
    memory: usize,
    /// The sources that are read already: what is wrong with them is told once.
    known: Vec<&'p str>,
    /// Those that this view reads.
    read: Vec<&'p str>,
}

impl<'p> Opening<'p> {
    fn open(
        &mut self,
        relation: &'p Relation,
        needed: &[bool],
        side: Side,
    ) -> Result<Node<'p>, TableError> {
        Ok(match relation {
            Relation::Single => Node::Single { is_given: false },
            Relation::Table(read) => {
                let is_known = self.known.contains(&read.source.as_str());
                self.note(&read.source)?;
                let rows = TableRows::open(read, needed, self.sources, is_known, side)?;
                Node::Table(Box::new(rows))
            }
            Relation::Json(read) => {
                self.note(&read.source)?;
                Node::Json(Box::new(JsonRows::open(read, needed, self.sources)?))
            }
            Relation::Numbered(input) => Node::Numbered {
                input: self.boxed(input, &needed[..input.width()], side)?,
                next: 0,
            },
            Relation::Each { input, values } => {
                let input_needed = with_columns(needed, input.width(), [values]);
                let node = self.open(input, &input_needed, side)?;
                Node::Expand(Box::new(Expand::each(node, values, self.eval(relation))))
            }
            Relation::Unnest {
                input,
                column,
                records,
            } => {
                let mut input_needed = needed[..input.width()].to_vec();
                input_needed[*column] = true;
                let node = self.open(input, &input_needed, side)?;
                let eval = self.eval(relation);
                Node::Expand(Box::new(Expand::unnest(node, *column, records, eval)?))
            }
            Relation::Filter { input, conditions } => {
                let input_needed = with_columns(needed, input.width(), conditions);
                Node::Filter {
                    input: self.boxed(input, &input_needed, side)?,
                    conditions,
                    eval: self.eval(relation),
                }
            }
            Relation::Project { input, columns } => {
                let mut input_needed = vec![false; input.width()];
                for (column, is_needed) in columns.iter().zip(needed) {
                    input_needed[*column] |= is_needed;
                }
                Node::Project {
                    input: self.boxed(input, &input_needed, side)?,
                    columns,
                    row: ViewRow::default(),
                }
            }
            Relation::Join {
                left,
                right,
                on,
                keeps_left,
            } => {
                let (of_left, of_right) = needed.split_at(left.width());
                let left_needed =
                    with_columns(of_left, of_left.len(), on.iter().map(|(left, _)| left));
                let right_needed =
                    with_columns(of_right, of_right.len(), on.iter().map(|(_, right)| right));
                let join = Join::new(
                    join::Side {
                        input: self.open(left, &left_needed, side)?,
                        size: self.size(left),
                        keys: on.iter().map(|(left, _)| left).collect(),
                        eval: self.eval(left),
                        keep: of_left.to_vec(),
                    },
                    join::Side {
                        input: self.open(right, &right_needed, Side::Other)?,
                        size: self.size(right),
                        keys: on.iter().map(|(_, right)| right).collect(),
                        eval: self.eval(right),
                        keep: of_right.to_vec(),
                    },
                    *keeps_left,
                    self.memory,
                );
                Node::Join(Box::new(join))
            }
        })
    }

    // Notes that a source is read; standard input cannot be read a second time.
    fn note(&mut self, source: &'p str) -> Result<(), TableError> {
        if self.read.contains(&source) && self.sources.is_read_once(source) {
            return Err(TableError::Io {
                source_name: self.sources.display_name(source),
                error: std::io::Error::other(
                    "it is read more than once here, and can be read once",
                ),
            });
        }
        self.read.push(source);
        self.known.push(source);
        Ok(())
    }

    fn boxed(
        &mut self,
        relation: &'p Relation,
        needed: &[bool],
        side: Side,
    ) -> Result<Box<Node<'p>>, TableError> {
        self.open(relation, needed, side).map(Box::new)
    }

    // Rows take their place from the leftmost source.
    fn eval(&self, relation: &Relation) -> Eval {
        let mut leftmost = None;
        relation.each_source(&mut |source| {
            leftmost.get_or_insert_with(|| self.sources.display_name(source));
        });
        Eval {
            name: leftmost.unwrap_or_default().into(),
            row_number: 0,
            spare: Vec::new(),
        }
    }

    // The bytes of all sources, if they are known.
    fn size(&self, relation: &Relation) -> Option<u64> {
        let mut size = Some(0);
        relation.each_source(&mut |source| {
            size = size.and_then(|size| Some(size + self.sources.size(source)?));
        });
        size
    }
}

// The columns of an input that are asked for, and those of expressions.
fn with_columns<'e>(
    needed: &[bool],
    width: usize,
    expressions: impl IntoIterator<Item = &'e Expression>,
) -> Vec<bool> {
    let mut needed = needed[..width].to_vec();
    for expression in expressions {
        expression.each_column(&mut |column| needed[column] = true);
    }
    needed
}

/// Evaluates expressions over rows.
struct Eval {
    /// What the rows are called in messages.
    name: Arc<str>,
    /// The number of the row, counted from 1.
    row_number: u64,
    spare: Vec<CellValue<'static>>,
}

impl Eval {
    fn with_cells<T>(
        &mut self,
        row: &ViewRow,
        reports: &mut Reports<'_>,
        make: impl FnOnce(Cells<'_, '_>, &mut dyn FnMut(String, IriFault)) -> T,
    ) -> (T, u64) {
        let mut cells = recycle(std::mem::take(&mut self.spare));
        row.cells(&mut cells);
        let mut errors = 0;
        let (name, diagnostics) = (&self.name, &mut *reports.diagnostics);
        let mut fault = |text: String, fault: IriFault| {
            errors += 1;
            diagnostics.push(describe_iri(&text, &fault, location(name, row)));
        };
        let cells_of_row = Cells {
            cells: &cells,
            row_number: self.row_number,
        };
        let made = make(cells_of_row, &mut fault);
        self.spare = recycle(cells);
        (made, errors)
    }

    /// Whether all conditions are true for a row that does not fail.
    fn holds(
        &mut self,
        conditions: &[Expression],
        row: &ViewRow,
        reports: &mut Reports<'_>,
    ) -> Result<bool, ScanError> {
        let (holds, errors) =
            self.with_cells(row, reports, |cells, fault| cells.holds(conditions, fault));
        Ok(reports.keeps(errors > 0, errors)? && holds)
    }

    /// The values of an expression, and how many errors were reported.
    fn values(
        &mut self,
        expression: &Expression,
        row: &ViewRow,
        reports: &mut Reports<'_>,
        out: &mut Vec<String>,
    ) -> u64 {
        if let Expression::Column(column) = expression {
            out.extend(row.texts(*column).map(str::to_owned));
            return 0;
        }
        let ((), errors) = self.with_cells(row, reports, |cells, fault| {
            match cells.value(expression, fault) {
                Value::Text(text) => out.push(text.into_owned()),
                value => value.texts(out),
            }
        });
        errors
    }
}

fn location(name: &str, row: &ViewRow) -> Location {
    Location {
        source_row: Some(row.source_row),
        ..Location::of_source(name).at_line(row.line)
    }
}

#[cfg(test)]
mod tests;
