//! Rows that are more than those of one table: views, as an algebra.
//!
//! In: made by a front end. Out: run by the engine, row by row.
//!
//! Columns are counted from 0 in the order in which a relation lists them; a row has a value or none in
//! each.

use super::{Expression, Nulls};
use crate::table::Dialect;

/// A relation: what rows there are, and which columns they have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Relation {
    /// One row without columns.
    Single,
    /// The rows of a table.
    Table(TableRead),
    /// The records of a JSON document. Memory: the document.
    Json(JsonRead),
    /// The rows, each with its number behind its columns, counted from 0.
    Numbered(Box<Relation>),
    /// For each row one for each value of an expression, with two columns behind: the number of the value in
    /// its row, counted from 0, and the value. A row without a value is kept with none in both.
    Each {
        /// The rows.
        input: Box<Relation>,
        /// The values.
        values: Expression,
    },
    /// For each row one for each record in the text of a column, with columns behind: the number of the
    /// record in its row, counted from 0, and what each reference leads to. A row without a record is kept
    /// with none in them.
    Unnest {
        /// The rows.
        input: Box<Relation>,
        /// The column.
        column: usize,
        /// How the text is read.
        records: Records,
    },
    /// The rows for which all conditions are true.
    Filter {
        /// The rows.
        input: Box<Relation>,
        /// The conditions, of its columns.
        conditions: Vec<Expression>,
    },
    /// The rows with these columns, in this order.
    Project {
        /// The rows.
        input: Box<Relation>,
        /// The columns.
        columns: Vec<usize>,
    },
    /// The pairs of rows that are alike: the columns of the left one, then those of the right one. A row
    /// of which an expression has no value is like no other; of several values one has to be the
    /// same. Pairs come in the order of the left rows, then of the right ones.
    Join {
        /// The rows on the left.
        left: Box<Relation>,
        /// The rows on the right.
        right: Box<Relation>,
        /// What has to be alike, on the left and on the right; nothing: all pairs.
        on: Vec<(Expression, Expression)>,
        /// Whether a row on the left that is like none is kept, with no value in the columns of the right.
        keeps_left: bool,
    },
}

/// How a table is read for a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableRead {
    /// The IRI of the source.
    pub source: String,
    /// How it is written down.
    pub dialect: Dialect,
    /// The texts that stand for no value.
    pub nulls: Nulls,
    /// The cells that are kept, by their number in the source, counted from 0.
    pub columns: Vec<usize>,
    /// How many cells a row has to have.
    pub width: usize,
}

/// How a JSON document is read for a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JsonRead {
    /// The IRI of the source.
    pub source: String,
    /// The records in it, a path in JSON.
    ///
    /// Spec: RFC 9535
    pub iterator: String,
    /// What each column holds, as paths (`JSONPath`) from a record; several nodes are several values.
    pub references: Vec<String>,
    /// The texts that stand for no value; JSON's `null` is none in any case.
    pub nulls: Nulls,
}

/// How the text of a cell is read as records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Records {
    /// As JSON.
    Json {
        /// The records in it, a path in JSON.
        iterator: String,
        /// What each column holds, as paths (`JSONPath`) from a record.
        references: Vec<String>,
    },
    /// As a table with a header.
    Csv {
        /// What each column holds: a name in the header.
        references: Vec<String>,
    },
}

impl Relation {
    /// How many columns its rows have.
    pub fn width(&self) -> usize {
        match self {
            Self::Single => 0,
            Self::Table(table) => table.columns.len(),
            Self::Json(json) => json.references.len(),
            Self::Numbered(input) => input.width() + 1,
            Self::Each { input, .. } => input.width() + 2,
            Self::Unnest { input, records, .. } => {
                let (Records::Json { references, .. } | Records::Csv { references }) = records;
                input.width() + 1 + references.len()
            }
            Self::Filter { input, .. } => input.width(),
            Self::Project { columns, .. } => columns.len(),
            Self::Join { left, right, .. } => left.width() + right.width(),
        }
    }

    /// Tells each source that is read, once for each time.
    pub fn each_source<'r>(&'r self, visit: &mut dyn FnMut(&'r str)) {
        match self {
            Self::Single => {}
            Self::Table(table) => visit(&table.source),
            Self::Json(json) => visit(&json.source),
            Self::Numbered(input)
            | Self::Each { input, .. }
            | Self::Unnest { input, .. }
            | Self::Filter { input, .. }
            | Self::Project { input, .. } => input.each_source(visit),
            Self::Join { left, right, .. } => {
                left.each_source(visit);
                right.each_source(visit);
            }
        }
    }
}
