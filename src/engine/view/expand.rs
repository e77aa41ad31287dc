//! One row becomes several: the values of an expression, and the records in a cell.
//!
//! In: rows. Out: each of them once for each value or record, with what tells that behind its cells; a row
//! without any once, with no value there.

use super::super::report::{describe_fault, describe_length};
use super::super::run::ScanError;
use super::json::{JsonRecords, reason};
use super::row::Rows;
use super::{Eval, Node, Reports, ViewRow, location};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::plan::{Expression, Records};
use crate::table::{Dialect, TableError, TableReader};

/// Makes several rows of one.
pub(super) struct Expand<'p> {
    input: Node<'p>,
    eval: Eval,
    by: By<'p>,
    /// The row that is made several.
    base: ViewRow,
    behind: Behind,
    next: usize,
}

enum By<'p> {
    Values(&'p Expression),
    Json(usize, JsonRecords),
    Csv(usize, &'p [String]),
}

/// What is added to a row, each time.
struct Behind {
    rows: Rows,
    /// Of each column that is added whether it is there.
    keep: Vec<bool>,
    row: ViewRow,
    bytes: Vec<u8>,
}

impl Behind {
    // Adds what comes next; its number is added by itself.
    fn push(&mut self, cells: impl FnOnce(&mut ViewRow)) {
        self.row.clear();
        self.row.push_number(self.rows.len() as u64);
        cells(&mut self.row);
        self.bytes.clear();
        self.row.write(&self.keep, &mut self.bytes);
        self.rows.push(&self.bytes);
    }
}

impl<'p> Expand<'p> {
    /// Makes one row for each value.
    pub(super) fn each(input: Node<'p>, values: &'p Expression, eval: Eval) -> Self {
        Self::new(input, eval, By::Values(values), 2)
    }

    /// Makes one row for each record.
    ///
    /// # Errors
    /// When a `JSONPath` is none.
    pub(super) fn unnest(
        input: Node<'p>,
        column: usize,
        records: &'p Records,
        eval: Eval,
    ) -> Result<Self, TableError> {
        let (by, references) = match records {
            Records::Json {
                iterator,
                references,
            } => {
                let records = JsonRecords::new(&eval.name, iterator, references)?;
                (By::Json(column, records), references)
            }
            Records::Csv { references } => (By::Csv(column, references), references),
        };
        Ok(Self::new(input, eval, by, 1 + references.len()))
    }

    fn new(input: Node<'p>, eval: Eval, by: By<'p>, added: usize) -> Self {
        Self {
            input,
            eval,
            by,
            base: ViewRow::default(),
            behind: Behind {
                rows: Rows::default(),
                keep: vec![true; added],
                row: ViewRow::default(),
                bytes: Vec::new(),
            },
            next: 0,
        }
    }

    /// Gives the next row.
    pub(super) fn next(
        &mut self,
        out: &mut ViewRow,
        reports: &mut Reports<'_>,
    ) -> Result<bool, ScanError> {
        if self.next == self.behind.rows.len() {
            loop {
                reports.step()?;
                if !self.input.next(&mut self.base, reports)? {
                    return Ok(false);
                }
                self.eval.row_number += 1;
                self.behind.rows.clear();
                self.next = 0;
                let errors = self.expand(reports)?;
                if reports.keeps(errors > 0, errors)? {
                    break;
                }
            }
            if self.behind.rows.len() == 0 {
                out.copy(&self.base);
                out.push_nulls(self.behind.keep.len());
                return Ok(true);
            }
        }
        out.copy(&self.base);
        // The bytes are those that were written.
        let _ = out.read(self.behind.keep.len(), self.behind.rows.get(self.next));
        self.next += 1;
        Ok(true)
    }

    // Finds what is added to the row; gives how many errors were reported.
    fn expand(&mut self, reports: &mut Reports<'_>) -> Result<u64, TableError> {
        let Self {
            base, behind, eval, ..
        } = self;
        Ok(match &self.by {
            By::Values(values) => {
                let mut texts = Vec::new();
                let errors = eval.values(values, base, reports, &mut texts);
                for text in &texts {
                    behind.push(|row| row.push_text(text));
                }
                errors
            }
            By::Json(column, records) => {
                let mut errors = 0;
                for text in base.texts(*column).filter(|text| !is_blank(text)) {
                    match serde_json::from_str(text) {
                        Ok(document) => {
                            let needed = |_| true;
                            records.each(&document, needed, None, |cells| behind.push(cells));
                        }
                        Err(error) => {
                            errors += 1;
                            let found = Diagnostic::error(
                                "table::json",
                                format!("the text in a cell is not JSON: {}", reason(&error)),
                                location(&eval.name, base),
                            );
                            reports.diagnostics.push(found);
                        }
                    }
                }
                errors
            }
            By::Csv(column, references) => {
                let texts = base.texts(*column).filter(|text| !is_blank(text));
                let mut errors = 0;
                for text in texts {
                    for found in csv_records(text, references, behind, &eval.name, base)? {
                        errors += 1;
                        reports.diagnostics.push(found);
                    }
                }
                errors
            }
        })
    }
}

// Nothing is in it.
fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

// Adds the records of a table in a cell; gives what is wrong with it.
fn csv_records(
    text: &str,
    references: &[String],
    behind: &mut Behind,
    name: &str,
    base: &ViewRow,
) -> Result<Vec<Diagnostic>, TableError> {
    let dialect = Dialect::default();
    let mut reader = TableReader::open(name, Box::new(text.as_bytes()), &dialect)?;
    let mut found = Vec::new();
    let mut header: Vec<String> = Vec::new();
    if let Some(row) = reader.read_row()? {
        header = row.cells().map(str::to_owned).collect();
    }
    let mut columns = Vec::new();
    for reference in references {
        let column = header.iter().position(|name| name == reference);
        if column.is_none() {
            let mut missing = Diagnostic::error(
                "table::missing-column",
                format!("the table in a cell has no column `{reference}`"),
                location(name, base),
            );
            let names = header.iter().map(String::as_str);
            missing.help = nearest(reference, names).map(|name| format!("did you mean `{name}`?"));
            found.push(missing);
        }
        columns.push(column);
    }
    while let Some(row) = reader.read_row()? {
        if row.is_blank() {
            continue;
        }
        if row.len() != header.len() {
            let missing = header.get(row.len()).map_or("", String::as_str);
            let place = location(name, base);
            found.push(describe_length(row.len(), header.len(), missing, place));
        }
        behind.push(|out| {
            for column in &columns {
                match column.and_then(|column| row.get(column)) {
                    Some(text) => out.push_text(text),
                    None => out.push_nulls(1),
                }
            }
        });
    }
    for fault in reader.take_faults() {
        let mut fault = describe_fault(&fault, name, &dialect.encoding, None);
        // Its place is that of the row, not that in the cell.
        fault.location = location(name, base);
        if fault.severity == Severity::Error {
            found.push(fault);
        }
    }
    Ok(found)
}
