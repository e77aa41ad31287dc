//! CSV on the Web: metadata documents as mappings.
//!
//! In: the IRI of a CSV file or of a metadata document. Out: a [`Plan`](crate::plan::Plan) and the
//! annotations of the group. The way through: `locate` finds the document, `json` reads it with
//! positions, `parse` makes a [`TableGroup`] of it, `lower` makes the plan.

mod annotation;
mod datatype;
mod dialect;
mod inherited;
pub mod json;
mod limits;
pub mod locate;
mod lower;
pub mod metadata;
pub mod names;
mod objects;
mod parse;
mod schema;
mod terms;

pub use locate::open;
pub use lower::{Mode, lower};
pub use metadata::TableGroup;
pub use parse::{Documents, parse};

/// How metadata is read and lowered.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How much is said of the tables themselves.
    pub mode: Mode,
    /// What the plan is for.
    pub purpose: Purpose,
    /// Whether what people write everywhere passes against the letter of the specification: a column
    /// that has a `name` and no `titles` is named so in the header, and a schema without `columns`
    /// has those of the header.
    pub lenient: bool,
    /// Whether each item of a cell with a `separator` makes an IRI of its own by `valueUrl`; by the
    /// letter all items make one.
    pub iri_per_item: bool,
    /// Whether the conversion tells where it comes from.
    pub provenance: bool,
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// To convert tables: what does not fit is told and taken as it comes.
    #[default]
    Convert,
    /// To validate tables: what does not fit is an error.
    Validate,
}
