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
pub mod locate;
mod lower;
pub mod metadata;
pub mod names;
mod objects;
mod parse;
mod terms;

pub use lower::{Mode, lower};
pub use metadata::TableGroup;
pub use parse::{Documents, parse};
