//! Mapping languages: each front end turns its documents into a [`Plan`](crate::plan::Plan).
//!
//! In: a mapping document. Out: a plan, and diagnostics that point into the document. Front ends
//! never use each other.

pub mod csvw;
pub mod rml;
