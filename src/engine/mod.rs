//! Runs a plan over its tables: rows in, quads or objects and diagnostics out.
//!
//! In: a [`Plan`](crate::plan::Plan), [`Sources`](crate::table::Sources) and a
//! [`QuadSink`](crate::sink::QuadSink) or [`JsonWriter`](crate::sink::json::JsonWriter). Out: a [`RunReport`]. One row is held at a time; only keys
//! that have to be compared are remembered. No mapping document is seen here.

mod cell;
mod hash;
mod header;
mod join;
mod keys;
mod made;
mod objects;
mod reject;
mod report;
mod rewrite;
mod row;
mod run;
mod shard;
mod text;
mod view;

pub use objects::run_objects;
pub use reject::{ADDED_COLUMNS, OnError, RejectSink};
pub use run::{
    KEY_MEMORY, Progress, RunError, RunOptions, RunReport, Severities, TableReport, run,
};
pub use shard::Shard;
pub use text::{Duplicates, PIECE, Remembered, Syntax, TextOptions, remembered, run_text};
