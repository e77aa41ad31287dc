//! The run: tables in order, rows in order.
//!
//! In: a plan, sources and what takes the rows. Out: a [`RunReport`]; what is wrong with the data goes to the
//! diagnostics and the run goes on.

use super::cell::{self, CellFault, CellValue};
use super::join::{JoinIndex, Joins};
use super::keys::{Broken, How, Keys, Place};
use super::reject::{OnError, REJECTED_BYTES, Rejecting};
use super::report::{describe_broken, describe_findings};
use super::rewrite;
use super::row::{Quads, RowConsumer, RowContext};
use super::shard::Shard;
use crate::diagnostic::{Diagnostics, Location, Severity};
use crate::plan::{Check, ColumnRead, NullTexts, Plan, TableScan};
use crate::sink::{QuadSink, SinkError};
use crate::table::{Fault, FaultKind, Row, Sources, TableError, TableReader};
use serde::Serialize;
use std::sync::Arc;

/// After how many rows progress is told.
const ROWS_PER_PROGRESS: u64 = 4096;

/// The memory for keys unless told otherwise: 1 GiB.
pub const KEY_MEMORY: usize = 1 << 30;

/// How a run goes about it.
pub struct RunOptions<'o> {
    /// How bad what is wrong with the tables is.
    pub severities: Severities,
    /// About how many bytes the keys that are compared may take before they move to a temporary
    /// file, and the rows that are joined; what is found is the same. Look-ups in tables of more bytes are
    /// made as joins, whose statements come last. [`KEY_MEMORY`] is a good value.
    pub key_memory: usize,
    /// The part of the conversion that is made, if not all of it. Keys are not compared then, as the
    /// rows of other shards are not known.
    pub shard: Option<Shard>,
    /// What becomes of rows that fail.
    pub on_error: OnError<'o>,
    /// Told every few thousand rows; the run ends with [`RunError::Cancelled`] when it says no.
    pub observer: &'o mut dyn FnMut(&Progress<'_>) -> bool,
}

/// How bad what is wrong with the tables is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Severities {
    /// A value that does not fit its datatype, or is missing.
    pub cell: Severity,
    /// A header that is not that of the columns; under an error no row is read.
    pub header: Severity,
    /// A key that stands twice, or a reference that leads nowhere.
    pub key: Severity,
}

impl Severities {
    /// A converter takes tables as they come: keys are not its business.
    ///
    /// Spec: csv2rdf §4, tabular-data-model §6.1
    pub const CONVERT: Self = Self {
        cell: Severity::Warning,
        header: Severity::Warning,
        key: Severity::Note,
    };
    /// A validator refuses what does not fit.
    ///
    /// Spec: tabular-data-model §6.6
    pub const VALIDATE: Self = Self {
        cell: Severity::Error,
        header: Severity::Error,
        key: Severity::Error,
    };
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
    /// How many of all quads were left out, because they had been made before; a sink that takes
    /// quads one by one leaves that to others.
    pub duplicates: u64,
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
    /// Those of its rows that failed and of which nothing was made.
    #[serde(skip)]
    pub rejected: u64,
    /// How many errors were reported of them.
    #[serde(skip)]
    pub rejected_errors: u64,
    /// Whether its rows were read to the end, which they are not under a wrong header.
    pub complete: bool,
    /// Whether the source could be read at all.
    pub readable: bool,
}

impl TableReport {
    pub(super) fn new(name: &str) -> Self {
        Self {
            table: name.to_owned(),
            readable: true,
            ..Self::default()
        }
    }

    /// Ends a table: a run gives whether it was read to its end.
    ///
    /// # Errors
    /// When the whole run has to end.
    pub(super) fn end(
        &mut self,
        run: Result<bool, ScanError>,
        keys: &mut Keys,
        index: usize,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), RunError> {
        match run {
            Ok(true) => {
                self.complete = true;
                keys.complete(index);
            }
            Ok(false) => keys.give_up(index),
            Err(ScanError::Table(error)) => {
                diagnostics.push(error.to_diagnostic());
                keys.give_up(index);
                self.readable = false;
            }
            Err(ScanError::Run(error)) => return Err(error),
        }
        Ok(())
    }
}

impl RunReport {
    /// The data rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// The rows of all tables that failed and of which nothing was made.
    pub fn rejected(&self) -> u64 {
        self.tables.iter().map(|table| table.rejected).sum()
    }

    /// How many errors were reported of rows that failed; others spoil the whole run.
    pub fn rejected_errors(&self) -> u64 {
        self.tables.iter().map(|table| table.rejected_errors).sum()
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
    /// A row failed, which was reported, and the run was to end there.
    #[error("a row failed")]
    Stopped,
    /// The observer said no.
    #[error("interrupted")]
    Cancelled,
    /// Keys that do not fit into memory cannot be kept in a temporary file.
    #[error("keys cannot be kept in a temporary file: {0}")]
    Keys(#[source] std::io::Error),
    /// Rows that are joined and do not fit into memory cannot be kept in a temporary file.
    #[error("rows that are joined cannot be kept in a temporary file: {0}")]
    Joins(#[source] std::io::Error),
    /// What was written cannot be remembered: a temporary file fails, or a table cannot be read
    /// again.
    #[error("what was written before cannot be told: {0}")]
    Memory(#[source] std::io::Error),
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
    let plan = rewrite::large_joins(plan, sources, options);
    run_rows(&plan, sources, &mut Quads::new(sink), diagnostics, options)
}

/// Runs a plan and hands the rows on.
///
/// # Errors
/// When the consumer fails or the observer stops the run.
pub(super) fn run_rows(
    plan: &Plan,
    sources: &Sources,
    consumer: &mut impl RowConsumer,
    diagnostics: &mut Diagnostics,
    options: &mut RunOptions<'_>,
) -> Result<RunReport, RunError> {
    let has_constants = options.shard.is_none_or(Shard::is_first);
    let mut report = RunReport {
        constants: if has_constants {
            consumer.begin(plan)?
        } else {
            0
        },
        ..RunReport::default()
    };
    let mut keys = Keys::of_run(plan, options);
    let mut joins = Joins::new();
    for index in 0..plan.scans.len() {
        let mut scan = ScanRun::new(plan, index, sources, options.severities, diagnostics);
        scan.quads_before = report.quads();
        scan.shard = options.shard;
        scan.memory = options.key_memory;
        scan.set_failing(options.on_error.failing());
        let mut table = TableReport::new(&scan.name);
        consumer.begin_table(index, plan)?;
        options.on_error.table(index)?;
        let run = joins.of_scan(plan, index, sources).map_err(Into::into);
        let run = run.and_then(|found| {
            scan.joins = found;
            scan.run(sources, consumer, &mut keys, &mut table, options)
        });
        table.end(run, &mut keys, index, diagnostics)?;
        consumer.end_table(index, plan)?;
        report.tables.push(table);
    }
    consumer.end(plan)?;
    describe_findings(plan, sources, options.severities.key, keys, diagnostics)?;
    Ok(report)
}

pub(super) enum ScanError {
    Table(TableError),
    Run(RunError),
}

impl From<RunError> for ScanError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
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

pub(super) struct ScanRun<'a> {
    pub(super) plan: &'a Plan,
    pub(super) index: usize,
    pub(super) scan: &'a TableScan,
    pub(super) name: String,
    pub(super) size: Option<u64>,
    pub(super) severities: Severities,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) quads_before: u64,
    /// The part of the table that is run, if not all of it.
    pub(super) shard: Option<Shard>,
    /// How many data rows of the table are before those that are run.
    pub(super) rows_before: u64,
    /// How many cells a row has to have: as many as there are columns, or as the header has where that
    /// is taken as it comes.
    pub(super) cells_expected: usize,
    /// How many comments there are of which nothing is made, and the first with its row.
    pub(super) comments: (u64, Option<(u64, String)>),
    /// What the joins of the scan find.
    pub(super) joins: Vec<Arc<JoinIndex>>,
    /// Whether faults of line ends are told elsewhere, and the first of them.
    pub(super) crlf: (bool, Option<Fault>),
    /// About how many bytes the joins of a view may take.
    pub(super) memory: usize,
    /// The rows that fail, unless the run goes on with them.
    pub(super) rejecting: Option<Box<Rejecting>>,
}

/// What a run tells beside what it makes.
pub(super) struct Aside<'h> {
    pub(super) observer: &'h mut dyn FnMut(&Progress<'_>) -> bool,
    /// Takes and empties rejected rows whenever there are many.
    pub(super) rejected: &'h mut dyn FnMut(&mut Vec<u8>) -> Result<(), SinkError>,
}

impl<'a> ScanRun<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        index: usize,
        sources: &Sources,
        severities: Severities,
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        let scan = &plan.scans[index];
        Self {
            plan,
            index,
            scan,
            name: sources.display_name(&scan.source),
            size: sources.size(&scan.source),
            severities,
            diagnostics,
            quads_before: 0,
            shard: None,
            rows_before: 0,
            cells_expected: scan.columns.len(),
            comments: (0, None),
            joins: Vec::new(),
            crlf: (false, None),
            memory: KEY_MEMORY,
            rejecting: None,
        }
    }
}

impl ScanRun<'_> {
    // Gives whether the table could be read to its end.
    fn run(
        &mut self,
        sources: &Sources,
        consumer: &mut impl RowConsumer,
        keys: &mut Keys,
        table: &mut TableReport,
        options: &mut RunOptions<'_>,
    ) -> Result<bool, ScanError> {
        let mut reader = None;
        if self.scan.view.is_none() {
            reader = self.open(sources)?;
            if reader.is_none() {
                return Ok(false);
            }
        }
        let checks = keys.watch(self.index).then_some(keys);
        let RunOptions {
            observer, on_error, ..
        } = options;
        let mut aside = Aside {
            observer,
            rejected: &mut |rows| on_error.rows(rows),
        };
        match &mut reader {
            Some(reader) => self.rows(reader, sources, consumer, checks, table, &mut aside)?,
            None => self.view_rows(sources, consumer, checks, table, &mut aside)?,
        }
        self.hand_on_rejected(on_error)?;
        self.note_comments();
        Ok(true)
    }

    /// Hands on what is left of rejected rows.
    pub(super) fn hand_on_rejected(&mut self, on_error: &mut OnError<'_>) -> Result<(), SinkError> {
        match &mut self.rejecting {
            Some(rejecting) => on_error.rows(&mut rejecting.rows),
            None => Ok(()),
        }
    }

    /// Opens the table, or its part for the shard, and reads its header; nothing where rows cannot be
    /// read under that.
    pub(super) fn open(
        &mut self,
        sources: &Sources,
    ) -> Result<Option<TableReader<'static>>, TableError> {
        match self.shard {
            Some(shard) => self.open_shard(sources, shard),
            None => self.open_whole(sources),
        }
    }

    pub(super) fn open_whole(
        &mut self,
        sources: &Sources,
    ) -> Result<Option<TableReader<'static>>, TableError> {
        let scan = self.scan;
        let input = sources.open(&scan.source, &scan.dialect)?;
        let mut reader = TableReader::open(&self.name, input, &scan.dialect)?;
        if scan.comments.is_none() {
            reader = reader.without_comments();
        }
        let sound = self.read_header(&mut reader)?;
        Ok(sound.then_some(reader))
    }

    /// Hands the rows on up to the end of the reader, which stands behind the header.
    pub(super) fn rows(
        &mut self,
        reader: &mut TableReader<'_>,
        sources: &Sources,
        consumer: &mut impl RowConsumer,
        mut checks: Option<&mut Keys>,
        table: &mut TableReport,
        aside: &mut Aside<'_>,
    ) -> Result<(), ScanError> {
        let scan = self.scan;
        let computed = Computed::new(scan);
        // Keys of other tables may lead to any column.
        let in_use = match checks {
            Some(_) => vec![true; scan.columns.len()],
            None => scan.columns_in_use(),
        };
        let mut spare: Vec<CellValue<'static>> = Vec::new();
        while consumer.wants_more() {
            let (source_row, line, begin, is_rejected) = {
                let Some(row) = reader.read_row()? else {
                    break;
                };
                let (source_row, line, begin) = (row.source_row, row.line, row.offset);
                table.rows += 1;
                let row_number = self.rows_before + table.rows;
                let place = Place { source_row, line };
                let mut cells = recycle(spare);
                self.read_cells(row, &computed, &in_use, place, &mut cells);
                let is_rejected = match self.rejecting.take() {
                    Some(mut rejecting) => {
                        let context = self.context(&cells, row_number, place);
                        let invalid = rejecting.invalid_iris(&context);
                        self.rejecting = Some(rejecting);
                        self.is_rejected(row, place, invalid, sources)
                    }
                    None => false,
                };
                if !is_rejected {
                    if let Some(keys) = &mut checks {
                        self.check_keys(keys, sources, Some(row), &cells, place)?;
                    }
                    table.quads += self.hand_on(&cells, row_number, place, consumer)?;
                }
                spare = recycle(cells);
                (source_row, line, begin, is_rejected)
            };
            let mut last = None;
            for fault in reader.take_faults() {
                if self.crlf.0 && fault.kind == FaultKind::CrLf {
                    self.crlf.1.get_or_insert(fault);
                    continue;
                }
                // One quote out of place makes others look so: once a line is enough.
                let kind = std::mem::discriminant(&fault.kind);
                if last.replace((kind, fault.line)) != Some((kind, fault.line)) {
                    let is_of_row = is_rejected && fault.offset >= begin;
                    let severity = self.report_fault(&fault, Some(Place { source_row, line }));
                    if is_of_row && severity == Severity::Error {
                        table.rejected_errors += 1;
                    }
                }
            }
            if is_rejected && let Some(rejecting) = &mut self.rejecting {
                table.rejected += 1;
                table.rejected_errors += rejecting.errors;
                if rejecting.stops() {
                    return Err(RunError::Stopped.into());
                }
                if rejecting.rows.len() >= REJECTED_BYTES {
                    (aside.rejected)(&mut rejecting.rows)?;
                }
            }
            self.pass_comments(reader, consumer, table)?;
            if table.rows.is_multiple_of(ROWS_PER_PROGRESS) {
                self.tell(reader, table, aside.observer)?;
            }
        }
        for fault in reader.take_faults() {
            self.report_fault(&fault, None);
        }
        self.pass_comments(reader, consumer, table)?;
        self.tell(reader, table, aside.observer)
    }

    /// Hands a row on; gives how much was made of it.
    #[inline]
    pub(super) fn hand_on(
        &mut self,
        cells: &[CellValue<'_>],
        row_number: u64,
        place: Place,
        consumer: &mut impl RowConsumer,
    ) -> Result<u64, SinkError> {
        let mut invalid = Vec::new();
        let context = self.context(cells, row_number, place);
        let made = consumer.row(&context, |found| invalid.push(found))?;
        for found in invalid {
            let rule = &self.scan.rules[found.rule];
            self.report_iri(rule.element, place, &found.text, &found.fault);
        }
        Ok(made)
    }

    pub(super) fn context<'c, 'r>(
        &'c self,
        cells: &'c [CellValue<'r>],
        row_number: u64,
        place: Place,
    ) -> RowContext<'c, 'r> {
        RowContext {
            scan: self.scan,
            scan_index: self.index,
            cells,
            joins: &self.joins,
            row_number,
            source_row: place.source_row,
            line: place.line,
        }
    }

    // Reads the cells of a row, and tells what is wrong with them.
    fn read_cells<'r>(
        &mut self,
        row: Row<'r>,
        computed: &'r Computed<'_>,
        in_use: &[bool],
        place: Place,
        cells: &mut Vec<CellValue<'r>>,
    ) where
        Self: 'r,
    {
        let scan = self.scan;
        let is_blank = row.is_blank();
        if let Some(rejecting) = &mut self.rejecting {
            rejecting.begin_row();
        }
        if !is_blank {
            self.check_length(row.len(), place);
        }
        for ((number, column), is_used) in scan.columns.iter().enumerate().zip(in_use) {
            if !is_used {
                cells.push(CellValue::Null);
                continue;
            }
            // A cell that is missing was reported with its row.
            let is_there = number < row.len();
            cells.push(if !is_there && scan.dialect.fills_rows {
                CellValue::Null
            } else if is_blank {
                cell::blank(&column.cell, |fault| {
                    self.report_cell(column, number, place, &fault);
                })
            } else {
                let text = row.get(number).unwrap_or_default();
                cell::read(text, &column.cell, |fault| {
                    if is_there {
                        self.report_cell(column, number, place, &fault);
                    }
                })
            });
        }
        cells.extend(computed.values.iter().cloned());
        for (number, fault) in &computed.faults {
            let column = &scan.computed[*number];
            self.report_cell(column, scan.columns.len() + number, place, fault);
        }
    }

    /// Compares the keys of a row; `row` is as it stands in the table, where it is of one.
    pub(super) fn check_keys(
        &mut self,
        keys: &mut Keys,
        sources: &Sources,
        row: Option<Row<'_>>,
        cells: &[CellValue<'_>],
        place: Place,
    ) -> Result<(), ScanError> {
        let broken = keys.row(self.index, cells, place);
        let mut broken = broken.map_err(|error| ScanError::Run(RunError::Keys(error)))?;
        if let Some(row) = row {
            for dangling in self.null_references(row, cells, place) {
                broken.extend(keys.in_turn(dangling));
            }
        }
        for broken in broken {
            let mut found = describe_broken(self.plan, sources, &self.name, &broken);
            found.severity = self.severities.key;
            self.diagnostics.push(found);
        }
        Ok(())
    }

    // References whose cells hold a text that stands for no value, where such dangle.
    fn null_references(&self, row: Row<'_>, cells: &[CellValue<'_>], place: Place) -> Vec<Broken> {
        let mut broken = Vec::new();
        for (check, what) in self.scan.checks.iter().enumerate() {
            let Check::Reference {
                columns,
                null_texts: NullTexts::Dangle,
                ..
            } = what
            else {
                continue;
            };
            let text = |number: &usize| row.get(*number).unwrap_or_default();
            // Computed columns have no text.
            let in_source = columns
                .iter()
                .filter(|number| **number < self.scan.columns.len());
            let mut nulls = in_source.filter(|number| cells[**number].is_null());
            if nulls.any(|number| !text(number).is_empty()) {
                let texts: Vec<&str> = columns.iter().map(text).collect();
                broken.push(Broken {
                    scan: self.index,
                    check,
                    place,
                    shown: texts.join(", "),
                    how: How::Dangling,
                });
            }
        }
        broken
    }

    fn pass_comments(
        &mut self,
        reader: &mut TableReader<'_>,
        consumer: &mut impl RowConsumer,
        table: &mut TableReport,
    ) -> Result<(), SinkError> {
        if self.scan.comments.is_none() {
            self.count_comments(reader);
        } else if reader.has_comments() {
            let comments = reader.take_comments().into_iter();
            let texts = comments.map(|(_, text)| text).collect();
            table.quads += consumer.comments(self.index, self.scan, texts)?;
        }
        Ok(())
    }

    /// Counts comments of which nothing is made.
    pub(super) fn count_comments(&mut self, reader: &mut TableReader<'_>) {
        let mut comments = reader.take_comments().into_iter();
        let count = comments.len() as u64 + reader.take_more_comments();
        self.add_comments((count, comments.next()));
    }

    /// Counts comments that come behind those that were counted.
    pub(super) fn add_comments(&mut self, (count, first): (u64, Option<(u64, String)>)) {
        self.comments.0 += count;
        if self.comments.1.is_none() {
            self.comments.1 = first;
        }
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

    pub(super) fn location(&self, place: Place) -> Location {
        Location {
            source_row: Some(place.source_row),
            ..Location::of_source(&self.name).at_line(place.line)
        }
    }

    pub(super) fn cell_location(
        &self,
        column: &ColumnRead,
        number: usize,
        place: Place,
    ) -> Location {
        let element = &self.scan.elements[column.element];
        Location {
            column: Some(number as u64 + 1),
            column_name: Some(column.name.clone()),
            json_pointer: Some(element.pointer.clone()),
            document: Some(element.document.clone()),
            ..self.location(place)
        }
    }
}

/// The columns that have no cells: their values are the same in all rows.
pub(super) struct Computed<'p> {
    pub(super) values: Vec<CellValue<'p>>,
    /// What is wrong with them, in each row, by number.
    pub(super) faults: Vec<(usize, CellFault)>,
}

impl<'p> Computed<'p> {
    pub(super) fn new(scan: &'p TableScan) -> Self {
        let mut faults = Vec::new();
        let columns = scan.computed.iter().enumerate();
        let values = columns
            .map(|(number, column)| {
                cell::read("", &column.cell, |fault| faults.push((number, fault)))
            })
            .collect();
        Self { values, faults }
    }
}

/// An empty list of cells of another row, in the same memory.
pub(super) fn recycle<'to>(mut cells: Vec<CellValue<'_>>) -> Vec<CellValue<'to>> {
    cells.clear();
    // There is nothing to map, but only a mapped list keeps its memory.
    #[expect(clippy::unnecessary_filter_map, reason = "the type changes")]
    cells.into_iter().filter_map(|_| None).collect()
}
