//! Rows that fail.
//!
//! In: a row with its cells, and what is wrong with it. Out: whether it is left out, and the row as it
//! stands in the source, with the reasons in front of its cells.
//!
//! That a row fails is known before anything is made of it: its IRIs are made once only to see that
//! they are some. A run that goes on whatever rows are like pays nothing for that.

use super::cell::CellValue;
use super::keys::Place;
use super::row::{InvalidIri, IriFault, RowContext};
use super::run::ScanRun;
use crate::diagnostic::{Diagnostic, Severity, shorten};
use crate::plan::{IriRule, QuadRule, TableScan, TermRule};
use crate::sink::SinkError;
use crate::table::{Dialect, Row, Sources};
use std::fmt::Write as _;

/// After how many bytes rejected rows are handed on.
pub(super) const REJECTED_BYTES: usize = 1 << 20;

/// The columns in front of those of a rejected row: what it is called in messages, its row of the
/// source and its line (both counted from 1), and the codes and texts of what is wrong, in the
/// same order: the first 20.
pub const ADDED_COLUMNS: [&str; 5] = ["_source", "_row", "_line", "_code", "_reason"];

/// What separates several reasons.
const BETWEEN: &str = "; ";

/// How many reasons are kept of a row; more are counted.
const MOST_REASONS: usize = 20;

/// Below this much text in its cells, a row makes no IRI that is too long.
const LITTLE: usize = 4096;

/// What becomes of a row that fails: one of another length than the header, with quotes or bytes that are
/// broken, with an IRI that is none, or with a value that is missing or does not fit its datatype.
#[derive(Default)]
pub enum OnError<'o> {
    /// It is reported, and as much is made of it as can be. What cells hold is as bad as
    /// [`Severities`](super::Severities) say.
    #[default]
    GoOn,
    /// The run ends with [`RunError::Stopped`](super::RunError::Stopped). Cells are held to what they should be.
    Stop,
    /// Nothing is made of it, and it goes elsewhere. Cells are held to what they should be.
    Skip(Option<&'o mut dyn RejectSink>),
}

/// Takes rows that failed.
pub trait RejectSink {
    /// A table begins, by its number among the scans of the plan, counted from 0.
    ///
    /// # Errors
    /// When its rows cannot be taken.
    fn table(&mut self, table: usize) -> Result<(), SinkError>;

    /// Takes header rows and rows as CSV in UTF-8, with the [`ADDED_COLUMNS`] in front and else in the
    /// dialect of the table; whole rows, in the order of the source.
    ///
    /// # Errors
    /// When they cannot be written.
    fn rows(&mut self, rows: &[u8]) -> Result<(), SinkError>;
}

impl OnError<'_> {
    pub(super) fn failing(&self) -> Failing {
        match self {
            Self::GoOn => Failing::GoesOn,
            Self::Stop => Failing::Stops,
            Self::Skip(sink) => Failing::IsLeftOut {
                kept: sink.is_some(),
            },
        }
    }

    pub(super) fn table(&mut self, table: usize) -> Result<(), SinkError> {
        match self {
            Self::Skip(Some(sink)) => sink.table(table),
            _ => Ok(()),
        }
    }

    /// Hands rows on and empties them.
    pub(super) fn rows(&mut self, rows: &mut Vec<u8>) -> Result<(), SinkError> {
        if let Self::Skip(Some(sink)) = self
            && !rows.is_empty()
        {
            sink.rows(rows)?;
        }
        rows.clear();
        Ok(())
    }
}

/// What becomes of a row that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    GoesOn,
    Stops,
    IsLeftOut {
        /// Whether somebody wants to have it.
        kept: bool,
    },
}

/// The rows of a table that fail.
#[derive(Debug)]
pub(super) struct Rejecting {
    failing: Failing,
    form: Form,
    /// Header and rows that are not handed on yet.
    pub(super) rows: Vec<u8>,
    /// What is wrong with the row at hand: codes and texts, where they are wanted.
    reasons: Vec<(&'static str, String)>,
    /// How many more there are.
    more_reasons: u64,
    has_failed: bool,
    /// How many errors were reported of it.
    pub(super) errors: u64,
    /// The rules that make IRIs of cells and nothing else that may fail.
    iri_rules: Vec<usize>,
    /// The rules that evaluate expressions: what fails is known when all is made.
    generated_rules: Vec<usize>,
    iri: String,
    scratch: String,
}

impl Rejecting {
    pub(super) fn failing(&self) -> Failing {
        self.failing
    }

    pub(super) fn stops(&self) -> bool {
        self.failing == Failing::Stops
    }

    fn is_kept(&self) -> bool {
        self.failing == Failing::IsLeftOut { kept: true }
    }

    /// Begins a row.
    pub(super) fn begin_row(&mut self) {
        self.reasons.clear();
        self.more_reasons = 0;
        self.has_failed = false;
        self.errors = 0;
    }

    fn fail(&mut self, found: &Diagnostic) {
        self.has_failed = true;
        if !self.is_kept() {
            return;
        }
        if self.reasons.len() == MOST_REASONS {
            self.more_reasons += 1;
            return;
        }
        let mut reason = found.message.clone();
        if let Some(column) = &found.location.column_name
            && !reason.contains(&format!("`{column}`"))
        {
            reason = format!("{column}: {reason}");
        }
        shorten(&mut reason);
        if !self.reasons.contains(&(found.code, reason.clone())) {
            self.reasons.push((found.code, reason));
        }
    }

    /// The IRIs and language tags of a row that are none, and functions without a value.
    pub(super) fn invalid_iris(&mut self, row: &RowContext<'_, '_>) -> Vec<InvalidIri> {
        let mut found: Vec<InvalidIri> = Vec::new();
        self.invalid_generated(row, &mut found);
        let texts = row.cells.iter().flat_map(CellValue::items);
        // As much as separators and names add to an item.
        let text: usize = texts.map(|item| item.text.len() + 64).sum();
        let Self { iri, scratch, .. } = self;
        for number in &self.iri_rules {
            let rule = rule(row.scan, *number);
            if !row.applies(rule) {
                continue;
            }
            for term in [&rule.subject, &rule.predicate, &rule.object] {
                let (made, column) = match term {
                    TermRule::Iri(made) => (made, None),
                    TermRule::EachIri(column, made) => (made, Some(*column)),
                    _ => continue,
                };
                if !may_fail(made, text) {
                    continue;
                }
                let mut fault = |text: String, fault| {
                    push_once(&mut found, *number, text, fault);
                };
                let Some(column) = column else {
                    if row.iri(made, None, iri, scratch, &mut fault).is_none() {
                        break;
                    }
                    continue;
                };
                let items = row.cells[column].items().iter();
                for item in items.filter(|item| !item.text.is_empty()) {
                    let one = Some((column, item));
                    // What is wrong is told.
                    let _: Option<()> = row.iri(made, one, iri, scratch, &mut fault);
                }
            }
        }
        found
    }

    // What expressions of a row cannot make.
    fn invalid_generated(&self, row: &RowContext<'_, '_>, found: &mut Vec<InvalidIri>) {
        for number in &self.generated_rules {
            let rule = rule(row.scan, *number);
            let mut fault = |text: String, fault| push_once(found, *number, text, fault);
            if row.applies(rule) && row.holds(&rule.conditions, &mut fault) {
                row.made_quads(rule, &mut fault, &mut |_| {});
            }
        }
    }

    /// Writes a row of the header, the first with the names of what is added.
    pub(super) fn header<'c>(&mut self, cells: impl Iterator<Item = &'c str>, is_first: bool) {
        if is_first {
            self.rows.clear();
        }
        if self.is_kept() {
            let added = ADDED_COLUMNS.map(|name| if is_first { name } else { "" });
            self.form.push(&mut self.rows, added, cells);
        }
    }
}

// A rule by its number: those of the scan, then those that are watched.
fn rule(scan: &TableScan, number: usize) -> &QuadRule {
    match scan.rules.get(number) {
        Some(rule) => rule,
        None => &scan.watched[number - scan.rules.len()],
    }
}

// Several rules have the same subject, as a rule.
fn push_once(found: &mut Vec<InvalidIri>, rule: usize, text: String, fault: IriFault) {
    let mut same = found.iter().rev().take(8);
    if !same.any(|known| known.text == text && known.fault == fault) {
        found.push(InvalidIri { rule, text, fault });
    }
}

fn may_fail(rule: &IriRule, text: usize) -> bool {
    rule.base.is_some() || text.saturating_mul(rule.template.parts.len()) > LITTLE
}

impl ScanRun<'_> {
    /// Tells what becomes of rows that fail.
    pub(super) fn set_failing(&mut self, failing: Failing) {
        if failing == Failing::GoesOn {
            return;
        }
        let is_made = |term: &TermRule| matches!(term, TermRule::Iri(_) | TermRule::EachIri(..));
        let is_generated = |rule: &QuadRule| {
            rule.is_general()
                || !rule.conditions.is_empty()
                || matches!(rule.object, TermRule::Generated(_))
        };
        let numbers = |wanted: &dyn Fn(&QuadRule) -> bool| -> Vec<usize> {
            let rules = self.scan.rules.iter().chain(&self.scan.watched);
            let rules = rules.enumerate().filter(|(_, rule)| wanted(rule));
            rules.map(|(number, _)| number).collect()
        };
        let iri_rules = numbers(&|rule| {
            let terms = [&rule.subject, &rule.predicate, &rule.object];
            !is_generated(rule) && terms.into_iter().any(is_made)
        });
        let generated_rules = numbers(&is_generated);
        self.rejecting = Some(Box::new(Rejecting {
            failing,
            form: Form::new(&self.scan.dialect),
            rows: Vec::new(),
            reasons: Vec::new(),
            more_reasons: 0,
            has_failed: false,
            errors: 0,
            iri_rules,
            generated_rules,
            iri: String::new(),
            scratch: String::new(),
        }));
    }

    /// How bad is what is wrong with cells of the source.
    pub(super) fn severity_of_cells(&self) -> Severity {
        match self.rejecting {
            Some(_) => Severity::Error,
            None => self.severities.cell,
        }
    }

    /// Whether one more fault of a row is wanted in full.
    pub(super) fn wants_reasons(&self) -> bool {
        let rejecting = self.rejecting.as_ref();
        rejecting.is_some_and(|it| it.is_kept() && it.reasons.len() < MOST_REASONS)
    }

    /// Notes an error in the row that is not reported in full.
    pub(super) fn count_failure(&mut self) {
        if let Some(rejecting) = &mut self.rejecting {
            rejecting.has_failed = true;
            rejecting.errors += 1;
            rejecting.more_reasons += 1;
        }
    }

    /// Reports what is wrong with the row at hand.
    pub(super) fn report_of_row(&mut self, found: Diagnostic) {
        if let Some(rejecting) = &mut self.rejecting
            && found.severity == Severity::Error
        {
            rejecting.errors += 1;
            rejecting.fail(&found);
        }
        self.diagnostics.push(found);
    }

    /// Whether the row at hand has failed, all in all; it is kept if so.
    pub(super) fn is_rejected(
        &mut self,
        row: Row<'_>,
        place: Place,
        invalid: Vec<InvalidIri>,
        sources: &Sources,
    ) -> bool {
        let described: Vec<Diagnostic> = row
            .faults()
            .map(|fault| self.describe_fault(fault, Some(place)))
            .filter(|found| found.severity == Severity::Error)
            .collect();
        self.rejects(row.source_cells(), &described, place, invalid, sources)
    }

    /// Whether the row at hand has failed; its cells are kept if so. What is described is reported
    /// elsewhere.
    pub(super) fn rejects<'c>(
        &mut self,
        cells: impl Iterator<Item = &'c str>,
        described: &[Diagnostic],
        place: Place,
        invalid: Vec<InvalidIri>,
        sources: &Sources,
    ) -> bool {
        for found in invalid {
            let element = rule(self.scan, found.rule).element;
            self.report_iri(element, place, &found.text, &found.fault);
        }
        let Some(rejecting) = &mut self.rejecting else {
            return false;
        };
        // They are reported with those of comments, behind the row.
        for found in described {
            rejecting.fail(found);
        }
        if rejecting.has_failed && rejecting.is_kept() {
            let part = sources.part(&self.name, place.line);
            let (source, line) = part.unwrap_or_else(|| (self.name.clone(), place.line));
            let join = |parts: Vec<&str>| parts.join(BETWEEN);
            let reasons = &rejecting.reasons;
            let codes = join(reasons.iter().map(|(code, _)| *code).collect());
            let mut texts = join(reasons.iter().map(|(_, text)| text.as_str()).collect());
            if rejecting.more_reasons > 0 {
                // Writing to a text does not fail.
                let _ = write!(texts, "{BETWEEN}and {} more", rejecting.more_reasons);
            }
            let (source_row, line) = (place.source_row.to_string(), line.to_string());
            let added = [&source, &source_row, &line, &codes, &texts].map(String::as_str);
            rejecting.form.push(&mut rejecting.rows, added, cells);
        }
        rejecting.has_failed
    }
}

/// How rows are written: as the dialect of their table has it, as far as its signs are single bytes.
#[derive(Debug)]
struct Form {
    delimiter: u8,
    /// Nothing where the dialect has no quotes.
    quote: Option<u8>,
    doubles: bool,
    terminator: csv::Terminator,
}

impl Form {
    fn new(dialect: &Dialect) -> Self {
        let delimiter = match dialect.delimiter.as_bytes() {
            [byte] => *byte,
            _ => b',',
        };
        let has = |end: &str| dialect.line_terminators.iter().any(|known| known == end);
        Self {
            delimiter,
            quote: dialect.quote_char.map(|quote| {
                u8::try_from(quote)
                    .ok()
                    .filter(u8::is_ascii)
                    .unwrap_or(b'"')
            }),
            doubles: dialect.double_quote,
            terminator: match () {
                () if has("\n") => csv::Terminator::Any(b'\n'),
                () if has("\r\n") => csv::Terminator::CRLF,
                () if has("\r") => csv::Terminator::Any(b'\r'),
                () => csv::Terminator::Any(b'\n'),
            },
        }
    }

    fn push<'c>(&self, out: &mut Vec<u8>, added: [&str; 5], cells: impl Iterator<Item = &'c str>) {
        let mut builder = csv::WriterBuilder::new();
        builder
            .buffer_capacity(1024)
            .delimiter(self.delimiter)
            .double_quote(self.doubles)
            .terminator(self.terminator);
        match self.quote {
            Some(quote) => builder.quote(quote),
            None => builder.quote_style(csv::QuoteStyle::Never),
        };
        let mut writer = builder.from_writer(out);
        // Memory takes all that is written to it.
        for text in added {
            let done = if self.quote.is_some() {
                writer.write_field(text)
            } else {
                writer.write_field(self.without_signs(text))
            };
            debug_assert!(done.is_ok(), "memory takes all");
        }
        for cell in cells {
            let done = writer.write_field(cell);
            debug_assert!(done.is_ok(), "memory takes all");
        }
        let done = writer.write_record(None::<&[u8]>);
        debug_assert!(done.is_ok(), "memory takes all");
    }

    // A text that needs no quotes.
    fn without_signs(&self, text: &str) -> String {
        let is_sign = |one: char| matches!(one, '\r' | '\n') || one == char::from(self.delimiter);
        text.replace(is_sign, " ")
    }
}
