//! A mapping, lowered to a plan.
//!
//! In: a [`Mapping`] and the sources, whose headers are read. Out: a [`Plan`]: one scan for all triples maps of the same
//! logical source, and one for each way in which sources are joined.
//!
//! A reference to another triples map becomes, by what is enough: a term of the same row, where the source is the
//! same and rows that are alike would make the same subject; a look-up in an index of subjects,
//! where they are plain templates over a table; else a scan of the two sources joined.

mod expression;
mod fresh;
mod maps;
mod names;
mod reference;
mod references;
mod row;
mod source;
mod target;
mod term;
mod view;

pub(in crate::mapping::rml) use term::{Position, term_type};

use super::model::{Mapping, Place};
use crate::diagnostic::Diagnostics;
use crate::plan::{
    CellRule, ColumnRead, Element, HeaderRule, Plan, QuadRule, Relation, TableRead, TableScan,
    Titles,
};
use crate::table::Sources;
use row::RowShape;
use rustc_hash::FxHashMap;
use source::{Resolved, ResolvedRows, SourceReader};
use std::path::PathBuf;

/// What the specifications leave open, or engines do otherwise.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    /// What relative IRIs are put behind, where a triples map has no `rml:baseIRI`.
    pub base: String,
    /// The documents with the folders that they are in.
    pub folders: Vec<(String, PathBuf)>,
    /// The folder of sources, in place of that of the mapping.
    pub source_dir: Option<PathBuf>,
    /// The folder of targets, in place of the current one.
    pub target_dir: Option<PathBuf>,
    /// What an empty cell is.
    pub empty_cells: EmptyCells,
    /// Whether a reference to a column that is not there is no value in each row; else it is an error.
    pub missing_columns_are_null: bool,
    /// Whether rows may have more or fewer cells than the header; else that is an error.
    pub fills_rows: bool,
    /// Whether relative IRIs are resolved against the base; else they are put behind it as they stand.
    pub resolves_relative: bool,
    /// Whether typed literals are written in their canonical form; else their lexical form is kept to
    /// the letter.
    pub makes_canonical: bool,
    /// Whether blank nodes of the same text are the same in all triples maps; else each triples map
    /// has its own.
    pub shares_blank_nodes: bool,
}

/// What an empty cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyCells {
    /// No value in the older vocabulary and in YARRRML; the empty text in the newer one, unless
    /// `rml:null` or `csvw:null` says otherwise.
    #[default]
    AsMapped,
    /// No value.
    Null,
    /// The empty text, unless `rml:null` or `csvw:null` says otherwise.
    Text,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base: String::new(),
            folders: Vec::new(),
            source_dir: None,
            target_dir: None,
            empty_cells: EmptyCells::AsMapped,
            missing_columns_are_null: false,
            fills_rows: false,
            resolves_relative: false,
            makes_canonical: false,
            shares_blank_nodes: true,
        }
    }
}

/// Lowers a mapping; nothing where it cannot be run, which was told.
///
/// Spec: RML-Core §"Generating RDF"; R2RML §11
pub fn lower(
    mapping: &Mapping,
    sources: &mut Sources,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Plan> {
    let errors = diagnostics.errors();
    let reader = SourceReader::new(mapping, sources, options);
    let mut lowering = Lowering {
        mapping,
        numbered: fresh::numbered(mapping, &reader),
        reader,
        options,
        diagnostics,
        collections: 0,
        map: 0,
        scans: Vec::new(),
        by_rows: FxHashMap::default(),
        destinations: Vec::new(),
        quoting: Vec::new(),
    };
    for number in 0..mapping.triples_maps.len() {
        // The rest is looked at all the same, for what else is wrong.
        let _: Option<()> = lowering.triples_map(number);
    }
    let plan = lowering.finish();
    (diagnostics.errors() == errors).then_some(plan)
}

/// A logical source that is a table.
#[derive(Debug, Clone)]
pub(in crate::mapping::rml) struct Table {
    /// How it is read, with all its columns.
    pub(in crate::mapping::rml) read: TableRead,
    /// The names of its columns with their numbers, counted from 0; of a name that two have the first.
    pub(in crate::mapping::rml) columns: Vec<(String, usize)>,
    /// What it is called in messages.
    pub(in crate::mapping::rml) title: String,
}

/// The tables that the logical sources are, each of which stands for all that are read the same way;
/// nothing for what is no table or cannot be read, of which lowering tells.
pub(in crate::mapping::rml) fn tables(
    mapping: &Mapping,
    sources: &mut Sources,
    options: &Options,
) -> Vec<Option<Table>> {
    let mut told = Diagnostics::new();
    let mut reader = SourceReader::new(mapping, sources, options);
    let numbers = 0..mapping.sources.len();
    numbers
        .map(|number| {
            let resolved = reader.get(number, &mut told)?;
            let ResolvedRows::Table(read) = resolved.rows else {
                return None;
            };
            let columns = resolved.names.all.iter().filter_map(|name| {
                let crate::plan::Expression::Column(column) = resolved.names.get(name)? else {
                    return None;
                };
                Some((name.clone(), *column))
            });
            Some(Table {
                columns: columns.collect(),
                read,
                title: resolved.title,
            })
        })
        .collect()
}

/// The place for a plan, whose messages show it.
pub(super) fn element(place: &Place) -> Element {
    Element {
        document: place.document.to_string(),
        pointer: match (place.line, place.element.as_str()) {
            (0, element) => element.to_owned(),
            (line, "") => format!("line {line}"),
            (line, element) => format!("line {line}, {element}"),
        },
    }
}

/// A plan in the making.
struct Lowering<'l> {
    mapping: &'l Mapping,
    reader: SourceReader<'l>,
    /// Of each source whether its rows have to be numbered.
    numbered: Vec<bool>,
    options: &'l Options,
    diagnostics: &'l mut Diagnostics,
    /// How many collections there are so far.
    collections: usize,
    /// The triples map that is lowered.
    map: usize,
    scans: Vec<TableScan>,
    by_rows: FxHashMap<ResolvedRows, usize>,
    /// The targets that are used, in the order of the plan's destinations.
    destinations: Vec<usize>,
    /// The triples maps that are being quoted, outermost first.
    quoting: Vec<usize>,
}

impl Lowering<'_> {
    fn source(&mut self, number: usize) -> Option<Resolved> {
        let resolved = self.reader.get(number, self.diagnostics)?;
        Some(if self.numbered[self.reader.first(number)] {
            resolved.numbered()
        } else {
            resolved
        })
    }

    /// The scan of a row's rows.
    fn scan(&mut self, row: &RowShape) -> Option<usize> {
        let rows = if row.is_single() {
            row.resolved(0).rows.clone()
        } else {
            ResolvedRows::View(row.relation()?)
        };
        if let Some(known) = self.by_rows.get(&rows) {
            return Some(*known);
        }
        let (view, dialect, nulls) = match &rows {
            ResolvedRows::Table(table) => (None, table.dialect.clone(), table.nulls.clone()),
            ResolvedRows::Json(json) => (
                Some(Relation::Json(json.clone())),
                crate::table::Dialect::default(),
                crate::plan::Nulls::new(Vec::new()),
            ),
            ResolvedRows::View(relation) => (
                Some(relation.clone()),
                crate::table::Dialect::default(),
                crate::plan::Nulls::new(Vec::new()),
            ),
        };
        let cell = CellRule {
            null: nulls,
            ..CellRule::default()
        };
        let names = row.column_names();
        let columns = names.into_iter().map(|name| ColumnRead {
            name,
            titles: Titles::Any,
            cell: cell.clone(),
            element: 0,
        });
        self.scans.push(TableScan {
            source: rows.source(),
            dialect,
            view,
            columns: columns.collect(),
            computed: Vec::new(),
            rules: Vec::new(),
            watched: Vec::new(),
            frame: None,
            checks: Vec::new(),
            joins: Vec::new(),
            elements: Vec::new(),
            header: HeaderRule::Ignore,
            comments: None,
        });
        let number = self.scans.len() - 1;
        self.by_rows.insert(rows, number);
        Some(number)
    }

    fn push(&mut self, row: &RowShape, rule: QuadRule) -> Option<()> {
        let scan = self.scan(row)?;
        self.scans[scan].rules.push(rule);
        Some(())
    }

    fn finish(mut self) -> Plan {
        let destinations = self.destinations();
        for scan in &mut self.scans {
            scan.elements.clone_from(&self.reader.expressions.elements);
        }
        Plan {
            scans: self.scans,
            destinations,
            ..Plan::default()
        }
    }
}
