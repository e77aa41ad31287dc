//! What the program has to say about its input: one [`Diagnostic`] a fault, collected in
//! [`Diagnostics`].
//!
//! In: faults found by the table reader, the mapping parsers, the engine and the validators.
//! Out: an ordered, bounded list with counts. How a diagnostic looks on a terminal or as JSON is
//! decided in `cli::render`, not here.

use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// How many diagnostics of one code and column are kept before only their number is.
pub const SHOWN_PER_CODE_AND_COLUMN: usize = 20;

/// How many sources and columns of one code are told apart; what is found in others is counted
/// together.
pub const PLACES_PER_CODE: usize = 200;

/// How long the texts of a diagnostic may be, in bytes; longer ones are cut.
pub const TEXT_BYTES: usize = 4096;

/// How many names [`nearest`] looks at, and how long they may be in bytes: each comparison takes the
/// product of two lengths.
const CANDIDATES: usize = 1000;
const CANDIDATE_BYTES: usize = 100;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The input is wrong; the exit code is not zero.
    Error,
    /// The input is doubtful; the run goes on and may succeed.
    Warning,
    /// Nothing is wrong, but it is good to know; never counted.
    Note,
}

impl Severity {
    /// The word that stands before the code in a message.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Where it is, as far as known.
///
/// A quoted line break makes `line` differ from `source_row`, so both are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The file, as the user would name it, or else the IRI of the source.
    pub source: Option<String>,
    /// The row of the source, counted from 1 with header rows.
    pub source_row: Option<u64>,
    /// The line of the source on which the row (or the fault in it) begins, counted from 1.
    pub line: Option<u64>,
    /// The column's number, counted from 1; in text files (JSON, SPARQL) the code point's.
    pub column: Option<u64>,
    /// The column's name.
    pub column_name: Option<String>,
    /// The bytes at fault, counted from 0 in the source as it is on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte_span: Option<Range<usize>>,
    /// The element of a JSON document, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json_pointer: Option<String>,
    /// The document that the pointer leads into, where that is not the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
}

impl Location {
    /// A location that names a source only.
    pub fn of_source(source: impl Into<String>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::default()
        }
    }

    /// The column of the text: in a table [`Location::column`] is the number of a cell, unless bytes are
    /// at fault.
    pub fn text_column(&self) -> Option<u64> {
        let is_cell = self.source_row.is_some() || self.column_name.is_some();
        self.column.filter(|_| !is_cell || self.byte_span.is_some())
    }

    /// A range of bytes in a text that is at hand.
    pub fn in_text(source: &str, text: &str, range: Range<usize>) -> Self {
        let start = (0..=range.start.min(text.len()))
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: Some(before.matches('\n').count() as u64 + 1),
            column: Some(before[line_start..].chars().count() as u64 + 1),
            byte_span: Some(start..range.end.max(start)),
            ..Self::of_source(source)
        }
    }

    /// Adds a line, counted from 1.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }
}

/// One fault: what, where, and how to mend it.
///
/// Messages are lower case without a full stop and carry the user's value in backticks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// A stable name such as `table::missing-column`.
    pub code: &'static str,
    /// Whether it fails the run.
    pub severity: Severity,
    /// What is wrong and what was expected.
    pub message: String,
    /// Where it is.
    pub location: Location,
    /// The value at fault, where it is that of a cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What to type to mend it.
    pub help: Option<String>,
    /// The section of a specification that says so, with the short names of `ARCHITECTURE.md`.
    pub spec: Option<&'static str>,
}

impl Diagnostic {
    /// An error without help or specification.
    pub fn error(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            location,
            value: None,
            help: None,
            spec: None,
        }
    }

    /// A warning without help or specification.
    pub fn warning(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message, location)
        }
    }

    /// A note without help or specification.
    pub fn note(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(code, message, location)
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the section of the specification.
    #[must_use]
    pub fn with_spec(mut self, spec: &'static str) -> Self {
        self.spec = Some(spec);
        self
    }
}

/// All diagnostics of a run, in the order in which they were found.
///
/// Memory: at most [`SHOWN_PER_CODE_AND_COLUMN`] diagnostics for each code, source and column, of
/// which [`PLACES_PER_CODE`] are told apart, each with texts of [`TEXT_BYTES`]; the rest are counted.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    shown: Vec<Diagnostic>,
    counts: BTreeMap<Kind, u64>,
    places: BTreeMap<&'static str, usize>,
    errors: u64,
    warnings: u64,
}

/// A code, a source and a column's name.
type Kind = (&'static str, String, String);

/// Diagnostics of one code and column of which only the number was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// The code.
    pub code: &'static str,
    /// The source, or an empty string where there were too many to tell apart.
    pub source: String,
    /// The column's name, or an empty string.
    pub column_name: String,
    /// How many are not shown.
    pub count: u64,
}

impl Diagnostics {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one; past the bound it is only counted.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        let location = &mut diagnostic.location;
        let texts = [
            Some(&mut diagnostic.message),
            diagnostic.value.as_mut(),
            diagnostic.help.as_mut(),
            location.source.as_mut(),
            location.column_name.as_mut(),
            location.json_pointer.as_mut(),
            location.document.as_mut(),
        ];
        for text in texts.into_iter().flatten() {
            shorten(text);
        }
        if self.count(&diagnostic, 1) <= SHOWN_PER_CODE_AND_COLUMN as u64 {
            self.shown.push(diagnostic);
        }
    }

    /// Whether one more of a code, source and column would be kept and not only counted: where it
    /// would not, [`Diagnostics::count_one`] is enough and costs less.
    pub fn wants(&self, code: &'static str, source: &str, column_name: &str) -> bool {
        let count = self.counts.get(&self.kind(code, source, column_name));
        count.is_none_or(|count| *count < SHOWN_PER_CODE_AND_COLUMN as u64)
    }

    /// Counts some more of the code, source and column of one; gives how many there are now.
    pub fn count(&mut self, diagnostic: &Diagnostic, more: u64) -> u64 {
        let location = &diagnostic.location;
        let source = location.source.as_deref().unwrap_or_default();
        let column_name = location.column_name.as_deref().unwrap_or_default();
        let (code, severity) = (diagnostic.code, diagnostic.severity);
        self.tally(severity, self.kind(code, source, column_name), more)
    }

    /// Counts one more that need not be made in full.
    pub fn count_one(
        &mut self,
        severity: Severity,
        code: &'static str,
        source: &str,
        column_name: &str,
    ) {
        self.tally(severity, self.kind(code, source, column_name), 1);
    }

    fn tally(&mut self, severity: Severity, kind: Kind, more: u64) -> u64 {
        match severity {
            Severity::Error => self.errors += more,
            Severity::Warning => self.warnings += more,
            Severity::Note => {}
        }
        let count = self.entry(kind);
        *count += more;
        *count
    }

    fn entry(&mut self, kind: Kind) -> &mut u64 {
        let code = kind.0;
        self.counts.entry(kind).or_insert_with(|| {
            *self.places.entry(code).or_default() += 1;
            0
        })
    }

    // What is counted together.
    fn kind(&self, code: &'static str, source: &str, column_name: &str) -> Kind {
        let kind = (code, source.to_owned(), column_name.to_owned());
        let places = self.places.get(code).copied().unwrap_or_default();
        if places < PLACES_PER_CODE || self.counts.contains_key(&kind) {
            kind
        } else {
            (code, String::new(), String::new())
        }
    }

    /// Makes errors of the warnings of a code.
    pub fn raise(&mut self, code: &'static str) {
        let kinds = self
            .counts
            .iter()
            .filter(|((known, _, _), _)| *known == code);
        let all: u64 = kinds.map(|(_, count)| count).sum();
        let mut errors = 0;
        for diagnostic in self.shown.iter_mut().filter(|found| found.code == code) {
            if diagnostic.severity == Severity::Error {
                errors += 1;
            }
            diagnostic.severity = Severity::Error;
        }
        let raised = all.saturating_sub(errors);
        self.errors += raised;
        self.warnings = self.warnings.saturating_sub(raised);
    }

    /// Changes those that are kept, but neither code nor severity; what is counted stays as it was.
    pub(crate) fn amend(&mut self, change: &mut dyn FnMut(&mut Diagnostic)) {
        self.shown.iter_mut().for_each(change);
    }

    /// Adds those of another run of the same things that were not told yet.
    pub fn append_new(&mut self, other: &Self) {
        let new: Vec<Diagnostic> = other
            .iter()
            .filter(|found| !self.iter().any(|known| known == *found))
            .cloned()
            .collect();
        for found in new {
            self.push(found);
        }
    }

    /// Adds all of another collection, as if they had been found here.
    pub fn append(&mut self, other: Self) {
        let (errors, warnings) = (other.errors, other.warnings);
        let before = (self.errors, self.warnings);
        let suppressed = other.suppressed();
        for diagnostic in other.shown {
            self.push(diagnostic);
        }
        for rest in suppressed {
            let kind = self.kind(rest.code, &rest.source, &rest.column_name);
            *self.entry(kind) += rest.count;
        }
        self.errors = before.0 + errors;
        self.warnings = before.1 + warnings;
    }

    /// Those that are kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.shown.iter()
    }

    /// How many were left out, by code, source and column.
    pub fn suppressed(&self) -> Vec<Suppressed> {
        self.counts
            .iter()
            .filter(|(_, count)| **count > SHOWN_PER_CODE_AND_COLUMN as u64)
            .map(|((code, source, column_name), count)| Suppressed {
                code,
                source: source.clone(),
                column_name: column_name.clone(),
                count: count - SHOWN_PER_CODE_AND_COLUMN as u64,
            })
            .collect()
    }

    /// The number of errors, kept or not.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// The number of warnings, kept or not.
    pub fn warnings(&self) -> u64 {
        self.warnings
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.errors == 0 && self.warnings == 0
    }
}

// Cuts a text that nobody would read to its end.
pub(crate) fn shorten(text: &mut String) {
    if text.len() > TEXT_BYTES {
        let ends = (0..=TEXT_BYTES).rev();
        let end = ends.into_iter().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.push('…');
    }
}

/// The candidate nearest to `word`, if one is near enough to be what was meant.
///
/// Near enough: at most a third of the letters differ (Damerau-Levenshtein), upper and lower case
/// counted the same. Of many candidates only the first thousand are looked at, and long words have
/// none.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > CANDIDATE_BYTES {
        return None;
    }
    let folded = word.to_lowercase();
    candidates
        .into_iter()
        .take(CANDIDATES)
        .filter(|candidate| candidate.len() <= CANDIDATE_BYTES)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance <= (candidate.chars().count().max(word.chars().count()) / 3).max(1)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(column: &str) -> Diagnostic {
        let location = Location {
            column_name: Some(column.to_owned()),
            ..Location::of_source("t.csv")
        };
        Diagnostic::error("test::code", "x", location)
    }

    #[test]
    fn a_million_columns_are_not_told_apart() {
        let mut diagnostics = Diagnostics::new();
        for number in 0..10_000 {
            diagnostics.push(at(&number.to_string()));
        }
        assert_eq!(diagnostics.errors(), 10_000);
        let shown = diagnostics.iter().count();
        assert_eq!(shown, PLACES_PER_CODE + SHOWN_PER_CODE_AND_COLUMN);
        let rest: u64 = diagnostics.suppressed().iter().map(|one| one.count).sum();
        assert_eq!(rest, 10_000 - shown as u64);
        assert!(!diagnostics.wants("test::code", "t.csv", "20000"));
        assert!(diagnostics.wants("test::code", "t.csv", "7"));
    }

    #[test]
    fn what_is_appended_keeps_what_was_shown() {
        let mut diagnostics = Diagnostics::new();
        let mut other = Diagnostics::new();
        for _ in 0..25 {
            other.push(at("a"));
        }
        diagnostics.append(other);
        assert_eq!(diagnostics.iter().count(), SHOWN_PER_CODE_AND_COLUMN);
        assert_eq!(diagnostics.suppressed()[0].count, 5);
        assert_eq!(diagnostics.errors(), 25);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut diagnostics = Diagnostics::new();
        let location = Location::default();
        diagnostics.push(Diagnostic::error("test::code", "ع".repeat(5000), location));
        let message = &diagnostics.iter().next().unwrap().message;
        assert_eq!(message.len(), TEXT_BYTES + "…".len());
    }

    #[test]
    fn suggestions_do_not_take_long() {
        let long = "x".repeat(1_000_000);
        assert_eq!(nearest(&long, [long.as_str()]), None);
        assert_eq!(nearest("colour", ["color", long.as_str()]), Some("color"));
    }
}
