//! The run: tables in order, rows in order, rules in order.
//!
//! In: a plan, sources and a sink. Out: a [`RunReport`]; what is wrong with the data goes to the
//! diagnostics and the run goes on.

use super::cell::{self, CellFault, CellValue};
use super::keys::{Broken, How, Keys, Place};
use super::row::{Buffers, RowContext};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity, nearest};
use crate::plan::{Check, ColumnRead, HeaderRule, Plan, TableScan, ValueFault};
use crate::sink::{Origin, QuadSink, SinkError};
use crate::table::{Fault, FaultKind, Sources, TableError, TableReader};
use serde::Serialize;

/// After how many rows progress is told.
const ROWS_PER_PROGRESS: u64 = 4096;

/// The memory for keys unless told otherwise: 1 GiB.
pub const KEY_MEMORY: usize = 1 << 30;

/// How a run goes about it.
pub struct RunOptions<'o> {
    /// How bad a value is that does not fit its datatype: csv2rdf goes on with a warning, a
    /// validator calls it an error.
    pub cell_faults: Severity,
    /// About how many bytes the keys that are compared may take before they move to a temporary
    /// file; what is found is the same. [`KEY_MEMORY`] is a good value.
    pub key_memory: usize,
    /// Told every few thousand rows; the run ends with [`RunError::Cancelled`] when it says no.
    pub observer: &'o mut dyn FnMut(&Progress<'_>) -> bool,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The table, as the user would name it.
    pub table: &'a str,
    /// Its size in bytes, if known.
    pub size: Option<u64>,
    /// The bytes of it read so far.
    pub bytes: u64,
    /// The rows of it read so far.
    pub rows: u64,
    /// The quads made so far, of all tables.
    pub quads: u64,
}

/// What a run did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunReport {
    /// Each table in order.
    pub tables: Vec<TableReport>,
    /// The quads that hang on no row.
    pub constants: u64,
}

/// What a run did with one table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TableReport {
    /// The table, as the user would name it.
    pub table: String,
    /// Its data rows.
    pub rows: u64,
    /// The quads made of them; the same quad may be counted more than once.
    pub quads: u64,
    /// Whether its rows were read to the end, which they are not under a wrong header.
    pub complete: bool,
    /// Whether the source could be read at all.
    pub readable: bool,
}

impl RunReport {
    /// The data rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// The quads made, counting the same quad as often as it was made.
    pub fn quads(&self) -> u64 {
        self.constants + self.tables.iter().map(|table| table.quads).sum::<u64>()
    }

    /// Whether every source could be read at all.
    pub fn is_readable(&self) -> bool {
        self.tables.iter().all(|table| table.readable)
    }

    /// Whether the rows of every table were read to the end.
    pub fn is_complete(&self) -> bool {
        self.tables.iter().all(|table| table.complete)
    }
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The quads cannot be taken.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The observer said no.
    #[error("interrupted")]
    Cancelled,
    /// Keys that do not fit into memory cannot be kept in a temporary file.
    #[error("keys cannot be kept in a temporary file: {0}")]
    Keys(#[source] std::io::Error),
}

/// Runs a plan.
///
/// Quads come in the order of tables, rows and rules. A table that cannot be read is reported and
/// the others are run all the same.
///
/// # Errors
/// When the sink fails or the observer stops the run.
pub fn run(
    plan: &Plan,
    sources: &Sources,
    sink: &mut impl QuadSink,
    diagnostics: &mut Diagnostics,
    options: &mut RunOptions<'_>,
) -> Result<RunReport, RunError> {
    let mut report = RunReport::default();
    for quad in &plan.constants {
        sink.push(quad.as_ref(), &Origin::default())?;
        report.constants += 1;
    }
    let mut keys = Keys::new(plan, options.key_memory);
    for index in 0..plan.scans.len() {
        let mut scan = ScanRun {
            plan,
            index,
            scan: &plan.scans[index],
            name: sources.display_name(&plan.scans[index].source),
            size: sources.size(&plan.scans[index].source),
            cell_faults: options.cell_faults,
            diagnostics,
            quads_before: report.quads(),
        };
        let mut table = TableReport {
            table: scan.name.clone(),
            readable: true,
            ..TableReport::default()
        };
        match scan.run(sources, sink, &mut keys, &mut table, options.observer) {
            Ok(true) => {
                table.complete = true;
                keys.complete(index);
            }
            Ok(false) => keys.give_up(index),
            Err(ScanError::Table(error)) => {
                diagnostics.push(error.to_diagnostic());
                keys.give_up(index);
                table.readable = false;
            }
            Err(ScanError::Run(error)) => return Err(error),
        }
        report.tables.push(table);
    }
    let describe = |broken: &Broken| {
        let name = sources.display_name(&plan.scans[broken.scan].source);
        describe_broken(plan, sources, &name, broken)
    };
    let findings = keys.finish().map_err(RunError::Keys)?;
    for broken in &findings.broken {
        diagnostics.push(describe(broken));
    }
    for (broken, more) in &findings.more {
        diagnostics.count(&describe(broken), *more);
    }
    Ok(report)
}

enum ScanError {
    Table(TableError),
    Run(RunError),
}

impl From<TableError> for ScanError {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}

impl From<SinkError> for ScanError {
    fn from(error: SinkError) -> Self {
        Self::Run(error.into())
    }
}

struct ScanRun<'a> {
    plan: &'a Plan,
    index: usize,
    scan: &'a TableScan,
    name: String,
    size: Option<u64>,
    cell_faults: Severity,
    diagnostics: &'a mut Diagnostics,
    quads_before: u64,
}

impl ScanRun<'_> {
    // Gives whether the table could be read to its end.
    fn run(
        &mut self,
        sources: &Sources,
        sink: &mut impl QuadSink,
        keys: &mut Keys,
        table: &mut TableReport,
        observer: &mut dyn FnMut(&Progress<'_>) -> bool,
    ) -> Result<bool, ScanError> {
        let scan = self.scan;
        let input = sources.open(&scan.source)?;
        let mut reader = TableReader::open(&self.name, input, &scan.dialect)?;
        if !self.read_header(&mut reader)? {
            return Ok(false);
        }
        let mut buffers = Buffers::default();
        let has_checks = keys.watch(self.index);
        loop {
            let (source_row, line) = {
                let Some(row) = reader.read_row()? else {
                    break;
                };
                let (source_row, line) = (row.source_row, row.line);
                table.rows += 1;
                let place = Place { source_row, line };
                self.check_length(row.len(), place);
                let mut cells: Vec<CellValue<'_>> =
                    Vec::with_capacity(scan.columns.len() + scan.computed.len());
                for (number, column) in scan.columns.iter().enumerate() {
                    let text = row.get(number).unwrap_or_default();
                    // A cell that is missing was reported with its row.
                    let is_there = number < row.len();
                    cells.push(cell::read(text, &column.cell, |fault| {
                        if is_there {
                            self.report_cell(column, number, place, &fault);
                        }
                    }));
                }
                for (number, column) in scan.computed.iter().enumerate() {
                    let number = scan.columns.len() + number;
                    cells.push(cell::read("", &column.cell, |fault| {
                        self.report_cell(column, number, place, &fault);
                    }));
                }
                if has_checks {
                    let broken = keys.row(self.index, &cells, place);
                    for broken in broken.map_err(|error| ScanError::Run(RunError::Keys(error)))? {
                        let found = describe_broken(self.plan, sources, &self.name, &broken);
                        self.diagnostics.push(found);
                    }
                }
                let context = RowContext {
                    scan,
                    scan_index: self.index,
                    cells: &cells,
                    row_number: table.rows,
                    source_row,
                    line,
                };
                table.quads += context.emit(&mut buffers, sink, |invalid| {
                    let rule = &scan.rules[invalid.rule];
                    self.report_iri(rule.element, place, &invalid.text, &invalid.reason);
                })?;
                (source_row, line)
            };
            let mut last = None;
            for fault in reader.take_faults() {
                // One quote out of place makes others look so: once a line is enough.
                let kind = std::mem::discriminant(&fault.kind);
                if last.replace((kind, fault.line)) != Some((kind, fault.line)) {
                    self.report_fault(fault, Some(Place { source_row, line }));
                }
            }
            if table.rows.is_multiple_of(ROWS_PER_PROGRESS) {
                self.tell(&reader, table, observer)?;
            }
        }
        for fault in reader.take_faults() {
            self.report_fault(fault, None);
        }
        self.tell(&reader, table, observer)?;
        Ok(true)
    }

    fn tell(
        &self,
        reader: &TableReader<'_>,
        table: &TableReport,
        observer: &mut dyn FnMut(&Progress<'_>) -> bool,
    ) -> Result<(), ScanError> {
        let go_on = observer(&Progress {
            table: &self.name,
            size: self.size,
            bytes: reader.bytes_read(),
            rows: table.rows,
            quads: self.quads_before + table.quads,
        });
        if go_on {
            Ok(())
        } else {
            Err(ScanError::Run(RunError::Cancelled))
        }
    }

    fn location(&self, place: Place) -> Location {
        Location {
            source_row: Some(place.source_row),
            ..Location::of_source(&self.name).at_line(place.line)
        }
    }

    fn cell_location(&self, column: &ColumnRead, number: usize, place: Place) -> Location {
        let element = &self.scan.elements[column.element];
        Location {
            column: Some(number as u64 + 1),
            column_name: Some(column.name.clone()),
            json_pointer: Some(element.pointer.clone()),
            ..self.location(place)
        }
    }

    // Compares the header; gives whether rows can be read under it.
    fn read_header(&mut self, reader: &mut TableReader<'_>) -> Result<bool, TableError> {
        let mut sound = true;
        for number in 0..self.scan.dialect.header_row_count {
            let Some(row) = reader.read_row()? else {
                for fault in reader.take_faults() {
                    self.report_fault(fault, None);
                }
                let location = Location::of_source(&self.name).at_line(1);
                self.diagnostics.push(
                    Diagnostic::error(
                        "table::empty",
                        "the table is empty: a header row was expected",
                        location,
                    )
                    .with_help(format!("write the header `{}`", self.expected_header())),
                );
                return Ok(false);
            };
            let place = Place {
                source_row: row.source_row,
                line: row.line,
            };
            if number == 0 && self.scan.header == HeaderRule::Match {
                let cells: Vec<&str> = row.cells().collect();
                sound = self.check_header(&cells, place);
            }
        }
        for fault in reader.take_faults() {
            self.report_fault(fault, None);
        }
        Ok(sound)
    }

    fn expected_header(&self) -> String {
        let titles: Vec<&str> = self.scan.columns.iter().map(title).collect();
        titles.join(&self.scan.dialect.delimiter)
    }

    // Spec: metadata §5.4.3, "compatible" schemas
    fn check_header(&mut self, cells: &[&str], place: Place) -> bool {
        let columns = &self.scan.columns;
        let fits = |column: &ColumnRead, cell: &str| {
            column.titles.is_empty() || column.titles.iter().any(|title| title == cell)
        };
        let all_fit = cells.len() == columns.len()
            && columns
                .iter()
                .zip(cells)
                .all(|(column, cell)| fits(column, cell));
        if all_fit {
            return true;
        }
        let before = self.diagnostics.errors();
        let help = format!("the header has to be `{}`", self.expected_header());
        for (number, column) in columns.iter().enumerate() {
            if !column.titles.is_empty() && !cells.iter().any(|cell| fits(column, cell)) {
                // What is another column's title is not meant for this one.
                let free = cells.iter().copied();
                let free = free.filter(|cell| !columns.iter().any(|other| fits(other, cell)));
                let near = nearest(title(column), free);
                let help = match near {
                    Some(near) => format!("is `{near}` meant? {help}"),
                    None => help.clone(),
                };
                self.diagnostics.push(
                    Diagnostic::error(
                        "table::missing-column",
                        format!("the column `{}` is missing", title(column)),
                        self.cell_location(column, number, place),
                    )
                    .with_help(help)
                    .with_spec("metadata §5.4.3"),
                );
            }
        }
        for (number, cell) in cells.iter().enumerate() {
            if !columns.iter().any(|column| fits(column, cell)) || number >= columns.len() {
                let known = columns.iter().map(title);
                let near = nearest(cell, known).filter(|near| near != cell);
                let help = match near {
                    Some(near) => format!("is `{near}` meant? {help}"),
                    None => format!("take it out or describe it in the metadata; {help}"),
                };
                let location = Location {
                    column: Some(number as u64 + 1),
                    column_name: Some((*cell).to_owned()),
                    ..self.location(place)
                };
                self.diagnostics.push(
                    Diagnostic::error(
                        "table::extra-column",
                        format!("the column `{cell}` is not expected"),
                        location,
                    )
                    .with_help(help)
                    .with_spec("metadata §5.4.3"),
                );
            }
        }
        if self.diagnostics.errors() == before {
            self.diagnostics.push(
                Diagnostic::error(
                    "table::header-mismatch",
                    format!(
                        "the columns are in another order than expected: `{}`",
                        cells.join(&self.scan.dialect.delimiter)
                    ),
                    self.location(place),
                )
                .with_help(help)
                .with_spec("metadata §5.4.3"),
            );
        }
        false
    }

    fn check_length(&mut self, found: usize, place: Place) {
        let expected = self.scan.columns.len();
        if found == expected {
            return;
        }
        let (code, help) = if found < expected {
            let column = &self.scan.columns[found];
            (
                "table::missing-cell",
                format!("the first cell that is missing is `{}`", title(column)),
            )
        } else {
            (
                "table::extra-cell",
                "a cell with a delimiter in it has to stand in quotes".to_owned(),
            )
        };
        self.diagnostics.push(
            Diagnostic::error(
                code,
                format!("the row has {found} cells where {expected} were expected"),
                self.location(place),
            )
            .with_help(help)
            .with_spec("tabular-data-model §8"),
        );
    }

    fn report_cell(&mut self, column: &ColumnRead, number: usize, place: Place, fault: &CellFault) {
        let value = &column.cell.value;
        let (code, message, help, spec) = match fault {
            CellFault::Required => (
                "table::required",
                format!("`{}` has to have a value", column.name),
                "fill the cell, or take `required` out of the metadata".to_owned(),
                "metadata §5.7",
            ),
            CellFault::Value(text, reason) => {
                let (code, message, help) = match reason {
                    ValueFault::NotLexical => (
                        "table::datatype",
                        format!("`{text}` is not a valid `{}`", value.name),
                        format!(
                            "write it as XML Schema's `{}` has it{}",
                            value.name,
                            example(&value.name)
                        ),
                    ),
                    ValueFault::Format => (
                        "table::format",
                        format!("`{text}` does not have the format of `{}`", column.name),
                        match &value.format_text {
                            Some(format) => format!("the format is `{format}`"),
                            None => "the format stands in the metadata".to_owned(),
                        },
                    ),
                    ValueFault::Work => (
                        "table::regex-limit",
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
                        "table::length",
                        format!("`{text}` has the length {length} where {wanted} was expected"),
                        "the length facets stand in the metadata".to_owned(),
                    ),
                    ValueFault::Bound(name, bound) => (
                        "table::bound",
                        format!("`{text}` lies beyond the {name} `{bound}`"),
                        "the bounds stand in the metadata".to_owned(),
                    ),
                };
                (code, message, help, "tabular-data-model §6.4")
            }
        };
        let mut diagnostic =
            Diagnostic::error(code, message, self.cell_location(column, number, place))
                .with_help(help)
                .with_spec(spec);
        diagnostic.severity = self.cell_faults;
        self.diagnostics.push(diagnostic);
    }

    fn report_iri(&mut self, element: usize, place: Place, text: &str, reason: &str) {
        let column = self
            .scan
            .all_columns()
            .enumerate()
            .find(|(_, column)| column.element == element);
        let location = match column {
            Some((number, column)) => self.cell_location(column, number, place),
            None => self.location(place),
        };
        self.diagnostics.push(
            Diagnostic::error(
                "table::invalid-iri",
                format!("`{text}` is not an IRI: {reason}"),
                location,
            )
            .with_help("percent-encode what an IRI cannot hold, or use `{name}` for `{+name}`")
            .with_spec("RFC 3987 §2.2"),
        );
    }

    fn report_fault(&mut self, fault: Fault, place: Option<Place>) {
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
                format!(
                    "bytes here mean nothing in `{}`",
                    self.scan.dialect.encoding
                ),
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
                "the line is blank and makes no row".to_owned(),
                "take it out, or set `skipBlankRows` in the metadata's dialect",
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
                .filter(|place| place.line <= line && fault.kind != FaultKind::BlankLine)
                .map(|place| place.source_row),
            ..Location::of_source(&self.name).at_line(line)
        };
        let mut diagnostic = Diagnostic::error(code, message, location)
            .with_help(help)
            .with_spec("RFC 4180 §2");
        diagnostic.severity = severity;
        self.diagnostics.push(diagnostic);
    }
}

fn title(column: &ColumnRead) -> &str {
    column.titles.first().unwrap_or(&column.name)
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

fn describe_broken(plan: &Plan, sources: &Sources, name: &str, broken: &Broken) -> Diagnostic {
    let scan = &plan.scans[broken.scan];
    let columns: Vec<&ColumnRead> = scan.all_columns().collect();
    let names = |numbers: &[usize], columns: &[&ColumnRead]| {
        let names: Vec<&str> = numbers
            .iter()
            .map(|number| columns[*number].name.as_str())
            .collect();
        names.join(", ")
    };
    let location = |numbers: &[usize], element: usize| Location {
        source_row: Some(broken.place.source_row),
        column: numbers.first().map(|number| *number as u64 + 1),
        column_name: Some(names(numbers, &columns)),
        json_pointer: Some(scan.elements[element].pointer.clone()),
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
            Diagnostic::error(
                "table::duplicate-key",
                format!(
                    "the key `{}` stands already in row {} (line {})",
                    broken.shown, first.source_row, first.line
                ),
                location(numbers, *element),
            )
            .with_help(format!(
                "give one of the two rows another `{}`",
                names(numbers, &columns)
            ))
            .with_spec("metadata §5.5.2")
        }
        Check::Reference {
            columns: numbers,
            scan: target,
            to,
            element,
        } => {
            let target = &plan.scans[*target];
            let target_columns: Vec<&ColumnRead> = target.all_columns().collect();
            let target_name = sources.display_name(&target.source);
            if broken.how == How::Ambiguous {
                return Diagnostic::error(
                    "table::ambiguous-reference",
                    format!(
                        "`{}` stands in `{}` of more than one row of `{target_name}`",
                        broken.shown,
                        names(to, &target_columns)
                    ),
                    location(numbers, *element),
                )
                .with_help(format!(
                    "refer to columns of `{target_name}` in which no two rows are alike"
                ))
                .with_spec("tabular-data-model §8");
            }
            Diagnostic::error(
                "table::dangling-reference",
                format!(
                    "`{}` is not among the values of `{}` in `{target_name}`",
                    broken.shown,
                    names(to, &target_columns)
                ),
                location(numbers, *element),
            )
            .with_help(format!("add a row to `{target_name}`, or mend the value"))
            .with_spec("metadata §5.5.2.1")
        }
    }
}
