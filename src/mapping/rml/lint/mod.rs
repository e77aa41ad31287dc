//! What goes wrong in mappings that can be read all the same.
//!
//! In: a [`MappingGraph`], a [`Mapping`], the tables that it is of. Out: diagnostics; what `read` and `lower` tell is
//! not told again. `statements` looks at what is written, `maps` at what it means, `data` at the rows.
//!
//! Memory: the mapping, and for rules on rows what `data` says.

mod data;
mod maps;
mod rows;
mod same;
mod statements;
mod vocabularies;

use super::graph::MappingGraph;
use super::lower::Options;
use super::model::{Mapping, Place, Vocabulary};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::table::Sources;
use rustc_hash::FxHashSet;

/// Looks at the statements of mapping documents in Turtle: properties where they say nothing, both
/// vocabularies in one map, maps that nothing leads to.
pub fn check_statements(graph: &MappingGraph, diagnostics: &mut Diagnostics) {
    let mut findings = Findings::new(diagnostics);
    statements::check(graph, &mut findings);
    vocabularies::check(graph, &mut findings);
}

/// Looks at what a mapping says: triples maps that make nothing, the same written twice, templates and
/// constants that other notations would read otherwise, relative IRIs without a base.
///
/// Of the options the base counts.
pub fn check_mapping(mapping: &Mapping, options: &Options, diagnostics: &mut Diagnostics) {
    maps::check(mapping, options, &mut Findings::new(diagnostics));
}

/// Looks at the rows of the tables, each of which is read once, for all rules; a table that cannot be read to
/// its end is told of.
///
/// Sources that are no tables, and views, are passed over. `go_on` is asked every thousand rows. Gives the number of
/// data rows that were read, or nothing where it said that it is enough.
///
/// Memory: for joins and for subjects what is said at [`KEYS`].
pub fn check_rows(
    mapping: &Mapping,
    sources: &mut Sources,
    options: &Options,
    diagnostics: &mut Diagnostics,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<u64> {
    let mut findings = Findings::new(diagnostics);
    data::check(mapping, sources, options, &mut findings, go_on)
}

/// How many different keys of a side of a join, and different subjects of a triples map, are remembered at
/// most, by 35 or 85 bytes each with the room in tables of hashes: where there are more of a join it is not looked at, of subjects the first
/// ones are.
pub const KEYS: usize = 1_000_000;

/// How many are remembered of each where there are several: four times [`KEYS`] are shared, so all of it takes
/// less than 500 MB.
fn share(number: usize) -> usize {
    (4 * KEYS / number.max(1)).clamp(10_000, KEYS)
}

/// Diagnostics, each told once: what is used in several places of a mapping is looked at several times.
struct Findings<'d> {
    diagnostics: &'d mut Diagnostics,
    told: FxHashSet<(&'static str, String, usize, String)>,
}

impl<'d> Findings<'d> {
    fn new(diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            diagnostics,
            told: FxHashSet::default(),
        }
    }

    fn tell(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: &Place,
        message: String,
        help: impl Into<String>,
    ) {
        let key = (
            code,
            place.document.to_string(),
            place.bytes.start,
            message.clone(),
        );
        if !self.told.insert(key) {
            return;
        }
        let diagnostic = Diagnostic {
            severity,
            ..Diagnostic::error(code, message, place.location())
        };
        let help = help.into();
        self.diagnostics.push(if help.is_empty() {
            diagnostic
        } else {
            diagnostic.with_help(help)
        });
    }

    fn warn(
        &mut self,
        code: &'static str,
        place: &Place,
        message: String,
        help: impl Into<String>,
    ) {
        self.tell(Severity::Warning, code, place, message, help);
    }

    fn note(
        &mut self,
        code: &'static str,
        place: &Place,
        message: String,
        help: impl Into<String>,
    ) {
        self.tell(Severity::Note, code, place, message, help);
    }
}

/// A value for messages: what is long is cut.
fn shown(value: &str) -> String {
    const MOST: usize = 60;
    if value.chars().count() <= MOST {
        return format!("`{value}`");
    }
    let start: String = value.chars().take(MOST).collect();
    format!("`{start}…`")
}

/// A number with what is counted.
fn counted(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// How bad a value is that makes no term, as a conversion has it: in the older vocabulary engines leave out
/// what has one.
fn severity(mapping: &Mapping) -> Severity {
    let is_old = |vocabulary| vocabulary == Vocabulary::Legacy;
    if mapping
        .sources
        .iter()
        .all(|source| is_old(source.vocabulary))
    {
        Severity::Warning
    } else {
        Severity::Error
    }
}
