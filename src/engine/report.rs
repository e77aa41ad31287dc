//! Says what is wrong with rows and cells.
//!
//! In: faults of the text, of rows, cells, IRIs and keys. Out: diagnostics, with their places in the
//! table and in the mapping.

use super::cell::CellFault;
use super::header::title;
use super::keys::{Broken, How, Keys, Place};
use super::made::MOST_TERMS;
use super::objects::OBJECT_BYTES;
use super::row::IriFault;
use super::run::{RunError, ScanRun};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::plan::template::EXPANSION_BYTES;
use crate::plan::{Check, ColumnRead, Plan, TableScan, ValueFault};
use crate::table::{Fault, FaultKind, Sources};

/// Says what is wrong with the keys of a run, and in which files of a table all faults are.
///
/// # Errors
/// When a temporary file cannot be read.
pub(super) fn describe_findings(
    plan: &Plan,
    sources: &Sources,
    severity: Severity,
    keys: Keys,
    diagnostics: &mut Diagnostics,
) -> Result<(), RunError> {
    let describe = |broken: &Broken| {
        let name = sources.display_name(&plan.scans[broken.scan].source);
        let mut found = describe_broken(plan, sources, &name, broken);
        found.severity = severity;
        found
    };
    let findings = keys.finish().map_err(RunError::Keys)?;
    for broken in &findings.broken {
        diagnostics.push(describe(broken));
    }
    for (broken, more) in &findings.more {
        diagnostics.count(&describe(broken), *more);
    }
    sources.name_parts(diagnostics);
    Ok(())
}

impl ScanRun<'_> {
    /// Notes comments of which nothing is made.
    pub(super) fn note_comments(&mut self) {
        let (count, Some((source_row, text))) = std::mem::take(&mut self.comments) else {
            return;
        };
        let found = describe_comments(&self.name, count, source_row, &text);
        self.diagnostics.push(found);
    }

    /// A table that cannot be cut is in the first shard.
    pub(super) fn note_whole(&mut self) {
        self.diagnostics.push(
            Diagnostic::note(
                "table::not-cut",
                "the table cannot be cut into parts: all of its rows are in the first shard",
                Location::of_source(&self.name),
            )
            .with_help(
                "tables in UTF-8 files can be cut whose rows end with LF or CR LF, with a delimiter, \
                 a quote and a comment prefix of one byte, doubled quotes, and no blank rows to be skipped",
            ),
        );
    }

    pub(super) fn check_length(&mut self, found: usize, place: Place) {
        let expected = self.cells_expected;
        if found == expected {
            return;
        }
        let missing = self.scan.columns.get(found).map_or("", title);
        let mut ragged = describe_length(found, expected, missing, self.location(place));
        if self.scan.dialect.fills_rows {
            ragged.severity = Severity::Warning;
        }
        self.report_of_row(ragged);
    }

    pub(super) fn report_cell(
        &mut self,
        column: &ColumnRead,
        number: usize,
        place: Place,
        fault: &CellFault,
    ) {
        let code = code_of(fault);
        // What a column without cells says is the fault of no row.
        let is_of_row = number < self.scan.columns.len();
        let severity = if is_of_row {
            self.severity_of_cells()
        } else {
            self.severities.cell
        };
        let is_wanted = self.diagnostics.wants(code, &self.name, &column.name);
        let is_wanted = is_wanted || is_of_row && self.wants_reasons();
        if !is_wanted {
            if is_of_row {
                self.count_failure();
            }
            self.diagnostics
                .count_one(severity, code, &self.name, &column.name);
            return;
        }
        let value = &column.cell.value;
        let (message, help, spec) = match fault {
            CellFault::Required => (
                format!("`{}` has to have a value", column.name),
                "fill the cell, or take `required` out of the metadata".to_owned(),
                "metadata §5.7",
            ),
            CellFault::Value(text, reason) => {
                let (message, help) = match reason {
                    ValueFault::NotLexical => (
                        format!("`{text}` is not a valid `{}`", value.name),
                        format!(
                            "write it as XML Schema's `{}` has it{}",
                            value.name,
                            example(&value.name)
                        ),
                    ),
                    ValueFault::Format => (
                        format!("`{text}` does not have the format of `{}`", column.name),
                        match &value.format_text {
                            Some(format) => format!("the format is `{format}`"),
                            None => "the format stands in the metadata".to_owned(),
                        },
                    ),
                    ValueFault::Work => (
                        format!("whether `{text}` has the format takes too long to tell"),
                        match &value.format_text {
                            Some(format) => format!(
                                "write `{format}` without nested repetitions, look-around or \
                                 references back"
                            ),
                            None => "write the format without nested repetitions".to_owned(),
                        },
                    ),
                    ValueFault::Length(length, wanted) => (
                        format!("`{text}` has the length {length} where {wanted} was expected"),
                        "the length facets stand in the metadata".to_owned(),
                    ),
                    ValueFault::Bound(name, bound) => (
                        format!("`{text}` lies beyond the {name} `{bound}`"),
                        "the bounds stand in the metadata".to_owned(),
                    ),
                };
                (message, help, "tabular-data-model §6.4")
            }
        };
        let mut diagnostic =
            Diagnostic::error(code, message, self.cell_location(column, number, place))
                .with_help(help)
                .with_spec(spec);
        if let CellFault::Value(text, _) = fault {
            diagnostic.value = Some(text.clone());
        }
        diagnostic.severity = severity;
        if is_of_row {
            self.report_of_row(diagnostic);
        } else {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn report_iri(
        &mut self,
        element: usize,
        place: Place,
        text: &str,
        fault: &IriFault,
    ) {
        // Elements are those of the columns in order, behind the one of the table, as a rule.
        let columns = || self.scan.all_columns().enumerate();
        let is_it = |(_, column): &(usize, &ColumnRead)| column.element == element;
        let likely = element.checked_sub(1).and_then(|at| columns().nth(at));
        let column = likely.and_then(|likely| {
            if is_it(&likely) {
                Some(likely)
            } else {
                columns().find(is_it)
            }
        });
        let location = match column {
            Some((number, column)) => self.cell_location(column, number, place),
            None => self.location(place),
        };
        let mut diagnostic = describe_iri(text, fault, location);
        // A converter leaves out what it cannot say; where memory is the matter, it stops.
        if matches!(fault, IriFault::Invalid(_)) {
            diagnostic.severity = self.severity_of_cells();
        }
        self.report_of_row(diagnostic);
    }

    /// Reports a fault of the text; gives how bad it is.
    pub(super) fn report_fault(&mut self, fault: &Fault, place: Option<Place>) -> Severity {
        let found = self.describe_fault(fault, place);
        let severity = found.severity;
        self.diagnostics.push(found);
        severity
    }

    pub(super) fn describe_fault(&self, fault: &Fault, place: Option<Place>) -> Diagnostic {
        describe_fault(fault, &self.name, &self.scan.dialect.encoding, place)
    }
}

/// Says that there are comments of which nothing is made, and which is the first.
pub(super) fn describe_comments(name: &str, count: u64, source_row: u64, text: &str) -> Diagnostic {
    let location = Location {
        source_row: Some(source_row),
        ..Location::of_source(name)
    };
    let message = match count {
        1 => format!("the row `{text}` is a comment and makes nothing"),
        _ => format!("{count} rows are comments and make nothing; the first is `{text}`"),
    };
    Diagnostic::note("table::comment", message, location)
        .with_help("if it is data, set `commentPrefix` and `skipRows` in the metadata's dialect")
        .with_spec("tabular-data-model §8")
}

/// Says what is wrong with what was to be made of a row.
pub(super) fn describe_iri(text: &str, fault: &IriFault, location: Location) -> Diagnostic {
    let (code, message, help, spec) = match fault {
        IriFault::Invalid(reason) => (
            "table::invalid-iri",
            format!("`{text}` is not an IRI: {reason}"),
            if crate::rdf::iri::is_absolute(text) {
                "percent-encode what an IRI cannot hold, or use `{name}` for `{+name}`"
            } else {
                "a relative IRI needs a base, which `--base` gives; an empty value makes no IRI"
            },
            "RFC 3987 §2.2",
        ),
        IriFault::TooLong => (
            "table::iri-too-long",
            format!(
                "the IRI `{text}` is longer than {} KiB",
                EXPANSION_BYTES >> 10
            ),
            "make IRIs of cells that hold keys, and not of those that hold texts",
            "RFC 6570 §3",
        ),
        IriFault::Language(reason) => (
            "table::language-tag",
            format!("`{text}` is not a language tag: {reason}"),
            "tags look like `en` or `ar-EG`",
            "RFC 5646 §2.1",
        ),
        IriFault::TooMany => (
            "table::too-many-terms",
            format!("more than {MOST_TERMS} combinations of values come of the row"),
            "let fewer cells with several values stand in one template or rule",
            "",
        ),
        IriFault::Function(_) => (
            "table::function",
            format!("a function has no value: {text}"),
            "mend the cell, or the mapping",
            "",
        ),
        IriFault::RowTooLarge => (
            "table::row-too-large",
            format!(
                "the IRIs in the objects of the row come to more than {} MiB",
                OBJECT_BYTES >> 20
            ),
            "make shorter IRIs or fewer of them, or convert to RDF",
            "csv2json §4.3",
        ),
    };
    Diagnostic::error(code, message, location)
        .with_help(help)
        .with_spec(spec)
}

/// Says what is wrong with a row of another length than the header; `missing` is the first column that it
/// does not have.
pub(super) fn describe_length(
    found: usize,
    expected: usize,
    missing: &str,
    location: Location,
) -> Diagnostic {
    let (code, help) = if found < expected {
        (
            "table::missing-cell",
            format!("the first cell that is missing is `{missing}`"),
        )
    } else {
        (
            "table::extra-cell",
            "a cell with a delimiter in it has to stand in quotes".to_owned(),
        )
    };
    let cells = count(found, "cell");
    let were = if expected == 1 {
        "1 was".to_owned()
    } else {
        format!("{expected} were")
    };
    Diagnostic::error(
        code,
        format!("the row has {cells} where {were} expected"),
        location,
    )
    .with_help(help)
    .with_spec("tabular-data-model §8")
}

/// Says what is wrong with the text of a source of this name and encoding; the place is that of the row.
pub(super) fn describe_fault(
    fault: &Fault,
    name: &str,
    encoding: &str,
    place: Option<Place>,
) -> Diagnostic {
    let line = fault.line;
    let (severity, code, message, help) = match fault.kind {
        FaultKind::StrayQuote => (
            Severity::Error,
            "table::stray-quote",
            "a quote stands within a cell that does not begin with one".to_owned(),
            "put the whole cell in quotes and double the quotes within it",
        ),
        FaultKind::TextAfterQuote(opened) => (
            Severity::Error,
            "table::text-after-quote",
            format!(
                "after the closing quote a delimiter or the end of the line was expected; the \
                 cell opened on line {opened}"
            ),
            "double the quotes within the cell, or close it where it should end",
        ),
        FaultKind::Undecodable => (
            Severity::Error,
            "table::undecodable",
            format!("bytes here mean nothing in `{encoding}`"),
            "name the right `encoding` in the metadata's dialect",
        ),
        FaultKind::UnclosedQuote => (
            Severity::Error,
            "table::unclosed-quote",
            "the quote that opens here is never closed".to_owned(),
            "close the cell with a quote",
        ),
        FaultKind::InvalidUtf8(byte) => (
            Severity::Error,
            "table::invalid-utf8",
            format!("byte {byte:#04X} at offset {} is not UTF-8", fault.offset),
            "save the file as UTF-8, or name its `encoding` in the metadata's dialect",
        ),
        FaultKind::BlankLine => (
            Severity::Warning,
            "table::blank-line",
            "the line is blank: it is a row without values".to_owned(),
            "take it out, or set `skipBlankRows` in the metadata's dialect",
        ),
        FaultKind::LoneCr => (
            Severity::Warning,
            "table::lone-cr",
            "a CR without LF stands here and ends no row".to_owned(),
            "if it should, name it among the `lineTerminators` in the metadata's dialect",
        ),
        FaultKind::CrOnly => (
            Severity::Warning,
            "table::lone-cr",
            "rows end in CR alone, which is read as meant".to_owned(),
            "save the file with LF, or add `\"lineTerminators\": \"\\r\"` to the metadata's dialect",
        ),
        FaultKind::ByteOrderMark => (
            Severity::Note,
            "table::byte-order-mark",
            "the file begins with a byte order mark, which is passed over".to_owned(),
            "save the file as UTF-8 without it",
        ),
        FaultKind::CrLf => (
            Severity::Note,
            "table::crlf",
            "lines end in CR LF, which is read like LF".to_owned(),
            "nothing has to be done",
        ),
    };
    let offset = usize::try_from(fault.offset).unwrap_or(usize::MAX);
    let location = Location {
        column: Some(fault.column),
        byte_span: Some(offset..offset.saturating_add(1)),
        source_row: place
            .filter(|place| place.line <= line)
            .map(|place| place.source_row),
        ..Location::of_source(name).at_line(line)
    };
    let mut diagnostic = Diagnostic::error(code, message, location)
        .with_help(help)
        .with_spec("RFC 4180 §2");
    diagnostic.severity = severity;
    diagnostic
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

// How a value of a datatype is written, for people who do not know XML Schema by heart.
fn example(datatype: &str) -> &'static str {
    match datatype {
        "date" => ", such as `2021-12-02`",
        "dateTime" | "datetime" => ", such as `2021-12-02T10:00:00Z`",
        "time" => ", such as `10:00:00`",
        "gYear" => ", such as `2021`",
        "gYearMonth" => ", such as `2021-12`",
        "boolean" => ": `true` or `false`",
        "decimal" => ", such as `1000.5`",
        "double" | "number" | "float" => ", such as `1.5E3`",
        "integer" | "int" | "long" => ", such as `42`",
        "duration" => ", such as `P1DT2H`",
        _ => "",
    }
}

pub(super) fn describe_broken(
    plan: &Plan,
    sources: &Sources,
    name: &str,
    broken: &Broken,
) -> Diagnostic {
    let scan = &plan.scans[broken.scan];
    let names = |numbers: &[usize], scan: &TableScan| {
        let names: Vec<&str> = numbers
            .iter()
            .map(|number| scan.column(*number).name.as_str())
            .collect();
        names.join(", ")
    };
    let location = |numbers: &[usize], element: usize| Location {
        source_row: Some(broken.place.source_row),
        column: numbers.first().map(|number| *number as u64 + 1),
        column_name: Some(names(numbers, scan)),
        json_pointer: Some(scan.elements[element].pointer.clone()),
        document: Some(scan.elements[element].document.clone()),
        ..Location::of_source(name).at_line(broken.place.line)
    };
    match &scan.checks[broken.check] {
        Check::Unique {
            columns: numbers,
            element,
        } => {
            let first = match broken.how {
                How::Duplicate(first) => first,
                How::Dangling | How::Ambiguous => broken.place,
            };
            let line = match sources.part(name, first.line) {
                Some((file, line)) => format!("line {line} of `{file}`"),
                None => format!("line {}", first.line),
            };
            Diagnostic::error(
                "table::duplicate-key",
                format!(
                    "the key `{}` stands already in row {} ({line})",
                    broken.shown, first.source_row
                ),
                location(numbers, *element),
            )
            .with_help(format!(
                "give one of the two rows another `{}`",
                names(numbers, scan)
            ))
            .with_spec("metadata §5.5")
        }
        Check::Reference {
            columns: numbers,
            scan: target,
            to,
            element,
            ..
        } => {
            let target = &plan.scans[*target];
            let target_name = sources.display_name(&target.source);
            if broken.how == How::Ambiguous {
                return Diagnostic::error(
                    "table::ambiguous-reference",
                    format!(
                        "`{}` stands in `{}` of more than one row of `{target_name}`",
                        broken.shown,
                        names(to, target)
                    ),
                    location(numbers, *element),
                )
                .with_help(format!(
                    "refer to columns of `{target_name}` in which no two rows are alike"
                ))
                .with_spec("metadata §5.5");
            }
            Diagnostic::error(
                "table::dangling-reference",
                format!(
                    "`{}` is not among the values of `{}` in `{target_name}`",
                    broken.shown,
                    names(to, target)
                ),
                location(numbers, *element),
            )
            .with_help(format!("add a row to `{target_name}`, or mend the value"))
            .with_spec("metadata §5.5")
        }
    }
}

fn code_of(fault: &CellFault) -> &'static str {
    match fault {
        CellFault::Required => "table::required",
        CellFault::Value(_, ValueFault::NotLexical) => "table::datatype",
        CellFault::Value(_, ValueFault::Format) => "table::format",
        CellFault::Value(_, ValueFault::Work) => "table::regex-limit",
        CellFault::Value(_, ValueFault::Length(..)) => "table::length",
        CellFault::Value(_, ValueFault::Bound(..)) => "table::bound",
    }
}
