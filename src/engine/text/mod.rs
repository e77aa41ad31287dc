//! Runs a plan straight into text: N-Triples, N-Quads, Turtle or TriG, row by row.
//!
//! In: a [`Plan`] and sources. Out: bytes. The rules of a table are compiled (`program`), rows become
//! bytes (`emit`), in one thread or in pieces of the table side by side (`pieces`), and go through one
//! [`Output`] in their order, which leaves out what was written before (`distinct`). The same bytes
//! come out whatever the number of threads is.

mod distinct;
mod emit;
mod fixed;
mod general;
mod memo;
mod output;
mod overlap;
mod pieces;
mod program;
mod repeats;
mod set;
mod spill;
mod style;
mod terms;

pub use overlap::{Remembered, remembered};
pub use pieces::PIECE;
pub use style::Syntax;

use super::hash::TextHash;
use super::join::{JoinIndex, Joins};
use super::keys::Keys;
use super::reject::Failing;
use super::report::describe_findings;
use super::rewrite;
use super::row::{InvalidIri, RowConsumer, RowContext};
use super::run::{
    Aside, RunError, RunOptions, RunReport, ScanError, ScanRun, Severities, TableReport,
};
use super::shard::Shard;
use crate::diagnostic::Diagnostics;
use crate::plan::{Plan, TableScan};
use crate::rdf::prefixes::Prefixes;
use crate::sink::SinkError;
use crate::table::{Position, Sources, Splitter};
use distinct::{Again, Distinct};
use emit::{Text, TextRows, Track};
use output::Output;
use overlap::Overlaps;
use oxrdf::{GraphName, GraphNameRef, QuadRef};
use program::Program;
use rustc_hash::FxHashSet;
use std::io::{self, Write};
use std::sync::Arc;
use style::Style;

/// A table of fewer pieces, 8 MiB, is not shared out.
const FEW_PIECES: u64 = 32;
/// After how many bytes a text goes to the output.
const TEXT: usize = 1 << 20;

/// What a run writes, and how.
#[derive(Debug, Clone)]
pub struct TextOptions<'o> {
    /// The syntax.
    pub syntax: Syntax,
    /// The prefixes that Turtle and TriG may use; those that are used are declared.
    pub prefixes: &'o Prefixes,
    /// Whether a statement may come twice.
    pub duplicates: Duplicates,
    /// How many pieces of a table may be worked on at the same time; at least 1.
    pub threads: usize,
    /// The bytes of a piece; [`PIECE`] is a good number.
    pub piece: usize,
}

/// Whether a statement may come twice in an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// As often as rows make it.
    Keep,
    /// Once. What has to be remembered for it is bounded by [`RunOptions::key_memory`].
    Remove,
}

/// Runs a plan and writes its statements, in the order of tables, rows and subjects.
///
/// `name` is what errors call the output. A table that cannot be read is reported and the others are
/// run all the same.
///
/// Memory: for each thread a few pieces of 256 KiB with their text, and what joins, keys and duplicates
/// ask for.
///
/// # Errors
/// When the output fails or the observer stops the run.
pub fn run_text(
    plan: &Plan,
    sources: &Sources,
    writer: &mut dyn Write,
    name: &str,
    text: &TextOptions<'_>,
    diagnostics: &mut Diagnostics,
    options: &mut RunOptions<'_>,
) -> Result<RunReport, RunError> {
    refuse_graphs(plan, text.syntax)?;
    let plan = &*rewrite::large_joins(plan, sources, options);
    let hash = TextHash::new();
    let removes = text.duplicates == Duplicates::Remove;
    let overlaps = if removes {
        Overlaps::new(plan, text.syntax.has_graphs())
    } else {
        Overlaps::default()
    };
    let prefixes = Style::prefixes(plan, text.prefixes);
    let mut style = Style::new(text.syntax, &prefixes);
    let programs: Vec<Program<'_>> = plan
        .scans
        .iter()
        .enumerate()
        .map(|(number, scan)| Program::new(number, scan, &overlaps, &mut style))
        .collect();
    let mut distinct = removes.then(|| Distinct::new(hash, options.key_memory));
    let (constants, count) = if options.shard.is_none_or(Shard::is_first) {
        constants(plan, &overlaps, &mut style, distinct.as_mut())
    } else {
        (Vec::new(), 0)
    };
    let prefixes = style.used();
    let mut output = Output::new(name, writer, distinct);
    for (prefix, namespace) in &prefixes {
        output.bytes(format!("@prefix {prefix}: <{namespace}> .\n").as_bytes())?;
    }
    output.bytes(&constants)?;
    let mut report = RunReport {
        constants: count,
        ..RunReport::default()
    };
    let mut keys = Keys::of_run(plan, options);
    let mut joins = Joins::new();
    for (index, program) in programs.iter().enumerate() {
        let mut scan = ScanRun::new(plan, index, sources, options.severities, diagnostics);
        scan.quads_before = report.quads();
        scan.shard = options.shard;
        scan.memory = options.key_memory;
        scan.set_failing(options.on_error.failing());
        options.on_error.table(index)?;
        let mut table = TableReport::new(&scan.name);
        let run = joins.of_scan(plan, index, sources).map_err(Into::into);
        let run = run.and_then(|found| {
            scan.joins = found;
            let table_run = TableRun {
                program,
                prefixes: &prefixes,
                hash,
                sources,
                threads: text.threads.max(1),
                piece: text.piece.max(1),
            };
            table_run.run(&mut scan, &mut output, &mut keys, &mut table, options)
        });
        table.end(run, &mut keys, index, diagnostics)?;
        report.tables.push(table);
    }
    report.duplicates = output.finish()?;
    describe_findings(plan, sources, options.severities.key, keys, diagnostics)?;
    Ok(report)
}

// Turtle has no way to say it.
fn refuse_graphs(plan: &Plan, syntax: Syntax) -> Result<(), SinkError> {
    let of_constants = plan.constants.iter().map(|quad| &quad.graph_name);
    let of_rules = plan.scans.iter().flat_map(|scan| &scan.rules);
    let mut graphs = of_constants
        .map(Some)
        .chain(of_rules.map(|rule| rule.graph.constant()));
    match graphs.find(|graph| *graph != Some(&GraphName::DefaultGraph)) {
        Some(graph) if syntax == Syntax::Turtle => Err(SinkError::NotRepresentable {
            format: "Turtle",
            what: match graph {
                Some(graph) => format!("the named graph {graph}"),
                None => "named graphs, which rows name here".to_owned(),
            },
        }),
        _ => Ok(()),
    }
}

// What hangs on no row, each statement once; gives how many there are.
fn constants(
    plan: &Plan,
    overlaps: &Overlaps,
    style: &mut Style<'_>,
    mut distinct: Option<&mut Distinct>,
) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    let mut count = 0;
    let mut seen: FxHashSet<QuadRef<'_>> = FxHashSet::default();
    let has_graphs = style.syntax.has_graphs();
    let mut block: Option<(&GraphName, Vec<u8>)> = None;
    for (number, quad) in plan.constants.iter().enumerate() {
        let mut said = quad.as_ref();
        if !has_graphs {
            said.graph_name = GraphNameRef::DefaultGraph;
        }
        if distinct.is_some() && !seen.insert(said) {
            continue;
        }
        let subject = style.subject(quad.subject.as_ref());
        let mut statement = style.predicate(quad.predicate.as_ref());
        statement.extend(style.term(quad.object.as_ref()));
        statement.extend(style.end(&quad.graph_name));
        // As rows put it, so that hashes are the same.
        let mut front = Vec::new();
        if style.syntax.is_turtle() {
            front.push(b'\n');
            front.extend(style.open_graph(&quad.graph_name).unwrap_or_default().0);
        }
        if let Some(distinct) = distinct
            .as_mut()
            .filter(|_| overlaps.is_shared_constant(number))
        {
            distinct.constant(&[front.as_slice(), &subject, &statement].concat());
        }
        count += 1;
        if !style.syntax.is_turtle() {
            out.extend(subject);
            out.extend(statement);
            continue;
        }
        let goes_on = block
            .as_ref()
            .is_some_and(|(graph, open)| **graph == quad.graph_name && *open == subject);
        if goes_on {
            out.extend_from_slice(emit::SEPARATOR);
        } else {
            close(&mut out, block.as_ref().map(|(graph, _)| *graph), style);
            out.extend(front);
            out.extend_from_slice(&subject);
        }
        out.extend(statement);
        block = Some((&quad.graph_name, subject));
    }
    close(&mut out, block.as_ref().map(|(graph, _)| *graph), style);
    (out, count)
}

fn close(out: &mut Vec<u8>, graph: Option<&GraphName>, style: &mut Style<'_>) {
    if let Some(graph) = graph {
        out.extend_from_slice(emit::BLOCK_END);
        if let Some((_, close)) = style.open_graph(graph) {
            out.extend_from_slice(close);
        }
    }
}

/// How one table is run.
#[derive(Clone, Copy)]
struct TableRun<'r> {
    program: &'r Program<'r>,
    prefixes: &'r Prefixes,
    hash: TextHash,
    sources: &'r Sources,
    threads: usize,
    piece: usize,
}

impl TableRun<'_> {
    // Gives whether the table could be read to its end.
    fn run(
        self,
        scan: &mut ScanRun<'_>,
        output: &mut Output<'_>,
        keys: &mut Keys,
        table: &mut TableReport,
        options: &mut RunOptions<'_>,
    ) -> Result<bool, ScanError> {
        let source = &scan.scan.source;
        let mut reader = None;
        if scan.scan.view.is_none() {
            reader = scan.open(self.sources)?;
            if reader.is_none() {
                return Ok(false);
            }
        }
        if let Some(distinct) = &mut output.distinct {
            let is_apart: Vec<bool> = self
                .program
                .groups
                .iter()
                .map(|group| {
                    group
                        .statements
                        .iter()
                        .all(|one| overlap::is_of_row(one.source))
                })
                .collect();
            let is_general: Vec<bool> = self
                .program
                .groups
                .iter()
                .map(|group| group.is_general)
                .collect();
            distinct.begin(&is_apart, &is_general, scan.can_read_again(self.sources));
        }
        let mut again = Reread {
            run: self,
            plan: scan.plan,
            index: scan.index,
            shard: scan.shard,
            memory: scan.memory,
            joins: scan.joins.clone(),
            severities: scan.severities,
            failing: match options.on_error.failing() {
                // Rows that are kept were handed on when they were read first.
                Failing::IsLeftOut { .. } => Failing::IsLeftOut { kept: false },
                failing => failing,
            },
        };
        scan.hand_on_rejected(&mut options.on_error)?;
        let has_checks = keys.watch(scan.index);
        // Threads bring little there and cost memory; who asks for other pieces wants them.
        let pieces = if self.piece == PIECE { FEW_PIECES } else { 2 };
        let least = pieces * self.piece as u64;
        let is_small = self.sources.size(source).is_some_and(|size| size < least);
        if let Some(mut whole) = reader {
            // What is made of comments comes in its order only one by one.
            let splitter = match scan.scan.comments {
                Some(_) => Splitter::new(&scan.scan.dialect).filter(|_| !whole.has_comments()),
                None => Splitter::with_comments(&scan.scan.dialect),
            };
            let splitter = splitter.filter(|_| self.threads > 1 && !has_checks && !is_small);
            if let Some(splitter) = splitter {
                whole.prepare()?;
                if !whole.position().cr_ends_rows {
                    pieces::run(
                        self, scan, whole, splitter, output, &mut again, table, options,
                    )?;
                    return Ok(true);
                }
            }
            reader = Some(whole);
        }
        let track = output.track(self.program);
        let mut rows = TextRows::new(self.program, self.prefixes, self.hash, track);
        let mut failed = None;
        let mut consumer = InParts {
            rows: &mut rows,
            size: TEXT,
            part: |rows: &mut TextRows<'_>| {
                let text = rows.take(Text::default());
                let done = output.text(&text, self.program, &mut again);
                rows.track = output.track(self.program);
                rows.text = text;
                rows.text.clear();
                done.map_err(|error| {
                    failed = Some(error);
                    stopped()
                })
            },
        };
        let checks = has_checks.then_some(keys);
        let RunOptions {
            observer, on_error, ..
        } = options;
        let mut aside = Aside {
            observer,
            rejected: &mut |rows| on_error.rows(rows),
        };
        let done = match &mut reader {
            Some(reader) => scan.rows(
                reader,
                self.sources,
                &mut consumer,
                checks,
                table,
                &mut aside,
            ),
            None => scan.view_rows(self.sources, &mut consumer, checks, table, &mut aside),
        };
        let done = done.and_then(|()| Ok(consumer.end_of_rows()?));
        let done = done.and_then(|()| Ok(scan.hand_on_rejected(on_error)?));
        if let Some(error) = failed {
            return Err(error.into());
        }
        done?;
        scan.note_comments();
        Ok(true)
    }
}

// Ends a run whose true error is told elsewhere.
fn stopped() -> SinkError {
    SinkError::Io {
        name: String::new(),
        error: io::ErrorKind::Interrupted.into(),
    }
}

/// Takes rows, and hands their text on whenever it is large enough.
struct InParts<'b, 'p, F> {
    rows: &'b mut TextRows<'p>,
    size: usize,
    part: F,
}

impl<'p, F: FnMut(&mut TextRows<'p>) -> Result<(), SinkError>> InParts<'_, 'p, F> {
    fn end_of_rows(&mut self) -> Result<(), SinkError> {
        (self.part)(self.rows)
    }
}

impl<'p, F: FnMut(&mut TextRows<'p>) -> Result<(), SinkError>> RowConsumer for InParts<'_, 'p, F> {
    fn begin(&mut self, _: &Plan) -> Result<u64, SinkError> {
        Ok(0)
    }

    fn wants_more(&self) -> bool {
        self.rows.wants_more()
    }

    #[inline]
    fn row(
        &mut self,
        row: &RowContext<'_, '_>,
        invalid: impl FnMut(InvalidIri),
    ) -> Result<u64, SinkError> {
        // Rows that failed do not come here, so the first that is not asked for may.
        if row.row_number >= self.rows.until {
            self.rows.next_row = row.row_number;
            return Ok(0);
        }
        let made = self.rows.row(row, invalid)?;
        if self.rows.text.out.len() >= self.size {
            (self.part)(self.rows)?;
        }
        Ok(made)
    }

    fn comments(
        &mut self,
        number: usize,
        scan: &TableScan,
        comments: Vec<String>,
    ) -> Result<u64, SinkError> {
        self.rows.comments(number, scan, comments)
    }
}

/// Reads the rows of a table again.
struct Reread<'r> {
    run: TableRun<'r>,
    plan: &'r Plan,
    index: usize,
    shard: Option<Shard>,
    memory: usize,
    joins: Vec<Arc<JoinIndex>>,
    severities: Severities,
    failing: Failing,
}

impl Again for Reread<'_> {
    fn units(
        &mut self,
        group: usize,
        before: u64,
        track: Track,
        visit: &mut dyn FnMut(&Text) -> io::Result<()>,
    ) -> io::Result<()> {
        if before <= 1 {
            return Ok(());
        }
        let run = self.run;
        let mut unheard = Diagnostics::new();
        let mut scan = ScanRun::new(
            self.plan,
            self.index,
            run.sources,
            self.severities,
            &mut unheard,
        );
        scan.joins.clone_from(&self.joins);
        scan.shard = self.shard;
        scan.memory = self.memory;
        scan.set_failing(self.failing);
        let mut tracks = vec![Track::Skip; run.program.groups.len()];
        tracks[group] = track;
        let mut rows = TextRows::new(run.program, run.prefixes, run.hash, tracks);
        rows.until = before;
        let mut failed = None;
        let mut consumer = InParts {
            rows: &mut rows,
            size: TEXT,
            part: |rows: &mut TextRows<'_>| {
                let text = rows.take(Text::default());
                let done = visit(&text);
                rows.text = text;
                rows.text.clear();
                done.map_err(|error| {
                    failed = Some(error);
                    stopped()
                })
            },
        };
        let mut read = || -> Result<(), ScanError> {
            let mut table = TableReport::default();
            let mut aside = Aside {
                observer: &mut |_| true,
                rejected: &mut |_| Ok(()),
            };
            if scan.scan.view.is_some() {
                scan.view_rows(run.sources, &mut consumer, None, &mut table, &mut aside)?;
                consumer.end_of_rows()?;
            } else if let Some(mut reader) = scan.open(run.sources)? {
                scan.rows(
                    &mut reader,
                    run.sources,
                    &mut consumer,
                    None,
                    &mut table,
                    &mut aside,
                )?;
                consumer.end_of_rows()?;
            }
            Ok(())
        };
        let done = read();
        if let Some(error) = failed {
            return Err(error);
        }
        done.map_err(|error| match error {
            ScanError::Table(error) => io::Error::other(error.to_string()),
            ScanError::Run(error) => io::Error::other(error.to_string()),
        })
    }
}

// Where pieces begin.
#[derive(Debug, Clone, Copy)]
struct Place {
    position: Position,
    row_number: u64,
}
