//! Output that needs the whole graph: its description, its canonical form.
//!
//! In: a store or quads. Out: triples or bytes.

pub mod canonical;
pub mod description;
