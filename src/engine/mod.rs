//! Runs a plan over its tables: rows in, quads and diagnostics out.
//!
//! In: a [`Plan`](crate::plan::Plan), [`Sources`](crate::table::Sources) and a
//! [`QuadSink`](crate::sink::QuadSink). Out: a [`RunReport`]. One row is held at a time; only keys
//! that have to be compared are remembered. No mapping document is seen here.

mod cell;
mod keys;
mod row;
mod run;

pub use run::{KEY_MEMORY, Progress, RunError, RunOptions, RunReport, TableReport, run};
