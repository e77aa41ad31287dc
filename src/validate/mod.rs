//! Checks of what was built.
//!
//! In: a store and shapes. Out: a report. The tables are checked by the engine on the way
//! (`engine::run`), because reading them twice would cost twice as much.

pub mod shacl;
