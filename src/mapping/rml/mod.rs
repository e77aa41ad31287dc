//! RML: mappings in Turtle, in the vocabulary of the W3C Community Group and in that before it, and in
//! YARRRML.
//!
//! In: mapping documents. Out: a [`model::Mapping`], lowered to a [`Plan`](crate::plan::Plan).

pub mod graph;
pub mod lint;
pub mod lower;
pub mod model;
pub mod raise;
pub mod read;
pub mod template;
pub mod vocab;
pub mod write;
pub mod yarrrml;
