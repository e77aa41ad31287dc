//! A table in pieces, worked on side by side.
//!
//! In: a table behind its header. Out: texts to the [`Output`], in the order of their rows.
//!
//! Each worker takes the next piece of the source as it comes, surveys it for the ends of records,
//! waits until the piece before is surveyed too, so that it is known where records begin, and makes
//! text of them. One thread, that of the caller, settles and writes the texts in order.

use super::emit::{Text, TextRows, Track};
use super::output::Output;
use super::{Failing, InParts, Place, Reread, TEXT, TableRun, stopped};
use crate::diagnostic::Diagnostics;
use crate::engine::join::JoinIndex;
use crate::engine::run::{
    Aside, Progress, RunError, RunOptions, ScanError, ScanRun, Severities, TableReport,
};
use crate::plan::Plan;
use crate::sink::SinkError;
use crate::table::reader::{Input, MOST_OF_A_ROW};
use crate::table::{Fault, Splitter, State, TableError, TableReader};
use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A good number of bytes for a piece.
pub const PIECE: usize = 256 * 1024;
/// After how many bytes the text of a piece that is not next waits for its turn.
const AHEAD: usize = 16 * TEXT;
/// How many texts of one piece may wait to be written before more is made.
const WAITING: usize = 2;
/// How much of a record before a piece is put in front of it without copying the piece.
const MARGIN: usize = 4096;

/// The source, read by whoever wants the next piece.
struct Feed {
    head: io::Cursor<Vec<u8>>,
    input: Input<'static>,
    next: usize,
    ended: bool,
}

/// What is known behind the pieces that were surveyed.
struct Chain {
    next: usize,
    state: State,
    // The record that the last piece cuts, and its line ends.
    carry: Vec<u8>,
    lines: u64,
    place: Place,
}

/// What workers and the writer tell each other.
struct Flow {
    /// The piece whose text is written next.
    written: usize,
    /// How many texts of that piece wait, but for the one that ends it.
    waiting: usize,
    stop: bool,
    track: Vec<Track>,
    spare: Vec<Text>,
}

struct Shared<'r> {
    run: TableRun<'r>,
    plan: &'r Plan,
    index: usize,
    name: &'r str,
    severities: Severities,
    failing: Failing,
    cells_expected: usize,
    joins: &'r [Arc<JoinIndex>],
    splitter: Splitter,
    feed: Mutex<Feed>,
    chain: Mutex<Chain>,
    chain_moved: Condvar,
    flow: Mutex<Flow>,
    flow_moved: Condvar,
    ahead: usize,
}

/// A part of what a worker made of a piece.
struct Part {
    piece: usize,
    text: Text,
    /// Rows of it that failed.
    rejected: Vec<u8>,
    /// At the end of the piece.
    end: Option<End>,
}

struct End {
    diagnostics: Diagnostics,
    crlf: Option<Fault>,
    /// How many comments there are, and the first with its row.
    comments: (u64, Option<(u64, String)>),
    rows: u64,
    quads: u64,
    rejected: u64,
    rejected_errors: u64,
    bytes: u64,
    failed: Option<ScanError>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'m, T>(moved: &Condvar, guard: MutexGuard<'m, T>) -> MutexGuard<'m, T> {
    moved.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Runs the rest of a table.
#[expect(
    clippy::too_many_arguments,
    reason = "all that a table run has at hand"
)]
pub(super) fn run(
    run: TableRun<'_>,
    scan: &mut ScanRun<'_>,
    mut reader: TableReader<'static>,
    splitter: Splitter,
    output: &mut Output<'_>,
    again: &mut Reread<'_>,
    table: &mut TableReport,
    options: &mut RunOptions<'_>,
) -> Result<(), ScanError> {
    for fault in reader.take_faults() {
        scan.report_fault(&fault, None);
    }
    scan.count_comments(&mut reader);
    let (position, head, input) = reader.into_rest()?;
    let threads = run.threads;
    let joins = scan.joins.clone();
    let name = scan.name.clone();
    let shared = Shared {
        run,
        plan: scan.plan,
        index: scan.index,
        name: &name,
        severities: scan.severities,
        failing: options.on_error.failing(),
        cells_expected: scan.cells_expected,
        joins: &joins,
        splitter,
        feed: Mutex::new(Feed {
            head: io::Cursor::new(head),
            input,
            next: 0,
            ended: false,
        }),
        chain: Mutex::new(Chain {
            next: 0,
            state: State::START,
            carry: Vec::new(),
            lines: 0,
            place: Place {
                position,
                row_number: scan.rows_before,
            },
        }),
        chain_moved: Condvar::new(),
        flow: Mutex::new(Flow {
            written: 0,
            waiting: 0,
            stop: false,
            track: output.track(run.program),
            spare: Vec::new(),
        }),
        flow_moved: Condvar::new(),
        ahead: 2 * threads + 1,
    };
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads {
            let sender = sender.clone();
            let shared = &shared;
            scope.spawn(move || {
                // Whatever ends a worker, the others must not wait for it.
                let _stop = StopOnPanic(shared);
                shared.work(&sender);
            });
        }
        drop(sender);
        // Nor wait for the writer.
        let _stop = StopOnPanic(&shared);
        let written = write(&shared, &receiver, scan, output, again, table, options);
        shared.stop();
        written
    })?;
    scan.note_comments();
    Ok(())
}

// The texts in their order.
fn write(
    shared: &Shared<'_>,
    receiver: &Receiver<Part>,
    scan: &mut ScanRun<'_>,
    output: &mut Output<'_>,
    again: &mut Reread<'_>,
    table: &mut TableReport,
    options: &mut RunOptions<'_>,
) -> Result<(), ScanError> {
    let mut waiting: BTreeMap<usize, Vec<Part>> = BTreeMap::new();
    let mut next = 0;
    let mut crlf_seen = false;
    while let Ok(part) = receiver.recv() {
        waiting.entry(part.piece).or_default().push(part);
        while let Some(parts) = waiting.get_mut(&next).filter(|parts| !parts.is_empty()) {
            let Part {
                text,
                mut rejected,
                end,
                ..
            } = parts.remove(0);
            options.on_error.rows(&mut rejected)?;
            output.text(&text, shared.run.program, again)?;
            {
                let mut flow = lock(&shared.flow);
                flow.spare.push(text);
                flow.track = output.track(shared.run.program);
                flow.waiting -= usize::from(end.is_none());
            }
            let Some(end) = end else {
                shared.flow_moved.notify_all();
                continue;
            };
            waiting.remove(&next);
            next += 1;
            lock(&shared.flow).written = next;
            shared.flow_moved.notify_all();
            if let Some(fault) = end
                .crlf
                .filter(|_| !std::mem::replace(&mut crlf_seen, true))
            {
                scan.report_fault(&fault, None);
            }
            scan.diagnostics.append(end.diagnostics);
            scan.add_comments(end.comments);
            table.rows += end.rows;
            table.quads += end.quads;
            table.rejected += end.rejected;
            table.rejected_errors += end.rejected_errors;
            if let Some(error) = end.failed {
                return Err(error);
            }
            let go_on = (options.observer)(&Progress {
                table: &scan.name,
                size: scan.size,
                bytes: end.bytes,
                rows: table.rows,
                quads: scan.quads_before + table.quads,
            });
            if !go_on {
                return Err(RunError::Cancelled.into());
            }
        }
    }
    Ok(())
}

struct StopOnPanic<'s, 'r>(&'s Shared<'r>);

impl Drop for StopOnPanic<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

impl Shared<'_> {
    fn stop(&self) {
        lock(&self.flow).stop = true;
        self.flow_moved.notify_all();
        // Whoever waits looks at the flow again.
        drop(lock(&self.chain));
        self.chain_moved.notify_all();
    }

    fn is_stopped(&self) -> bool {
        lock(&self.flow).stop
    }

    fn work(&self, sender: &Sender<Part>) {
        let mut buffer = Vec::new();
        let mut joined = Vec::new();
        let mut rows: Option<TextRows<'_>> = None;
        loop {
            let (piece, is_last, failed) = {
                let mut feed = lock(&self.feed);
                if feed.ended || !self.wait_for_room(feed.next) {
                    return;
                }
                let read = feed.read(&mut buffer, self.run.piece);
                let piece = feed.next;
                feed.next += 1;
                let failed = read.as_ref().is_err();
                feed.ended = failed || read.as_ref().is_ok_and(|is_last| *is_last);
                (piece, feed.ended, read.err())
            };
            let survey = self.splitter.survey(&buffer[MARGIN..]);
            let mut chain = lock(&self.chain);
            while chain.next != piece {
                if self.is_stopped() {
                    return;
                }
                chain = wait(&self.chain_moved, chain);
            }
            let (place, range) = chain.resolve(
                &mut buffer,
                &mut joined,
                &survey,
                is_last && failed.is_none(),
            );
            drop(chain);
            self.chain_moved.notify_all();
            let bytes = match range {
                Some(start_and_end) => &buffer[start_and_end.0..start_and_end.1],
                None => joined.as_slice(),
            };
            let rows = rows.get_or_insert_with(|| {
                TextRows::new(
                    self.run.program,
                    self.run.prefixes,
                    self.run.hash,
                    Vec::new(),
                )
            });
            let (mut end, rejected) = self.piece(piece, bytes, place, rows, sender);
            if let (Some(error), None) = (failed, &end.failed) {
                end.failed = Some(ScanError::Table(TableError::Io {
                    source_name: self.name.to_owned(),
                    error,
                }));
            }
            let text = self.exchange(rows);
            let part = Part {
                piece,
                text,
                rejected,
                end: Some(end),
            };
            if sender.send(part).is_err() {
                return;
            }
        }
    }

    // Waits until a piece is not too far ahead; gives whether to go on.
    fn wait_for_room(&self, piece: usize) -> bool {
        let mut flow = lock(&self.flow);
        while !flow.stop && piece >= flow.written + self.ahead {
            flow = wait(&self.flow_moved, flow);
        }
        !flow.stop
    }

    // The text that was made, in exchange for an empty one that was used before.
    fn exchange(&self, rows: &mut TextRows<'_>) -> Text {
        let mut flow = lock(&self.flow);
        let empty = flow.spare.pop().unwrap_or_default();
        rows.track.clone_from(&flow.track);
        drop(flow);
        rows.take(empty)
    }

    fn piece<'p>(
        &self,
        piece: usize,
        bytes: &[u8],
        place: Place,
        rows: &mut TextRows<'p>,
        sender: &Sender<Part>,
    ) -> (End, Vec<u8>)
    where
        Self: 'p,
    {
        rows.track.clone_from(&lock(&self.flow).track);
        let mut diagnostics = Diagnostics::new();
        let mut scan = ScanRun::new(
            self.plan,
            self.index,
            self.run.sources,
            self.severities,
            &mut diagnostics,
        );
        scan.cells_expected = self.cells_expected;
        scan.joins = self.joins.to_vec();
        scan.crlf = (true, None);
        scan.set_failing(self.failing);
        let mut table = TableReport {
            rows: place.row_number,
            ..TableReport::default()
        };
        let done = self.read(&mut scan, bytes, place, &mut table, rows, piece, sender);
        let crlf = scan.crlf.1.take();
        let comments = std::mem::take(&mut scan.comments);
        let rejecting = scan.rejecting.take();
        let rejected = rejecting
            .map(|rejecting| rejecting.rows)
            .unwrap_or_default();
        let end = End {
            diagnostics,
            crlf,
            comments,
            rows: table.rows - place.row_number,
            quads: table.quads,
            rejected: table.rejected,
            rejected_errors: table.rejected_errors,
            bytes: place.position.offset + bytes.len() as u64,
            failed: done.err(),
        };
        (end, rejected)
    }

    #[expect(clippy::too_many_arguments, reason = "all that a piece has at hand")]
    fn read<'p>(
        &self,
        scan: &mut ScanRun<'_>,
        bytes: &[u8],
        place: Place,
        table: &mut TableReport,
        rows: &mut TextRows<'p>,
        piece: usize,
        sender: &Sender<Part>,
    ) -> Result<(), ScanError> {
        let dialect = &scan.scan.dialect;
        let position = place.position;
        let mut reader = if bytes.len() > MOST_OF_A_ROW {
            // More than a row may have: the reader says so once there is no end in sight.
            let endless = io::Cursor::new(bytes).chain(io::repeat(b' '));
            TableReader::resume(self.name, Box::new(endless), dialect, position)?
        } else {
            TableReader::resume_slice(self.name, bytes, dialect, position)?
        };
        if scan.scan.comments.is_none() {
            reader = reader.without_comments();
        }
        let mut consumer = InParts {
            rows,
            size: AHEAD,
            part: |rows: &mut TextRows<'p>| {
                self.send_in_turn(piece, sender, || (self.exchange(rows), Vec::new()))
            },
        };
        let mut aside = Aside {
            observer: &mut |_| true,
            rejected: &mut |rows| {
                let rejected = || (Text::default(), std::mem::take(rows));
                self.send_in_turn(piece, sender, rejected)
            },
        };
        scan.rows(
            &mut reader,
            self.run.sources,
            &mut consumer,
            None,
            table,
            &mut aside,
        )
    }

    // More than can be held for all pieces at once: this one waits for its turn.
    fn send_in_turn(
        &self,
        piece: usize,
        sender: &Sender<Part>,
        take: impl FnOnce() -> (Text, Vec<u8>),
    ) -> Result<(), SinkError> {
        let mut flow = lock(&self.flow);
        while !flow.stop && (flow.written < piece || flow.waiting >= WAITING) {
            flow = wait(&self.flow_moved, flow);
        }
        flow.waiting += 1;
        let is_stopped = flow.stop;
        drop(flow);
        let (text, rejected) = take();
        let part = Part {
            piece,
            text,
            rejected,
            end: None,
        };
        if is_stopped || sender.send(part).is_err() {
            return Err(stopped());
        }
        Ok(())
    }
}

impl Feed {
    // Fills a buffer behind its margin; gives whether nothing follows.
    fn read(&mut self, buffer: &mut Vec<u8>, size: usize) -> io::Result<bool> {
        buffer.resize(MARGIN + size, 0);
        let mut end = MARGIN;
        let is_last = loop {
            if end == buffer.len() {
                break false;
            }
            let read = match self.head.read(&mut buffer[end..]) {
                Ok(0) => self.input.read(&mut buffer[end..]),
                read => read,
            };
            match read {
                Ok(0) => break true,
                Ok(count) => end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // What came before the error is still read.
                    buffer.truncate(end);
                    return Err(error);
                }
            }
        };
        buffer.truncate(end);
        Ok(is_last)
    }
}

impl Chain {
    // Where the whole records of a piece begin, with what the pieces before left of the first; they
    // stand in the buffer, or else where they were joined.
    fn resolve(
        &mut self,
        buffer: &mut [u8],
        joined: &mut Vec<u8>,
        survey: &crate::table::Survey,
        is_last: bool,
    ) -> (Place, Option<(usize, usize)>) {
        self.next += 1;
        let cut = survey.resolve(self.state);
        self.state = cut.end;
        let place = self.place;
        let end = match cut.last_end {
            _ if is_last => buffer.len(),
            Some(end) => MARGIN + end,
            None if self.carry.len() + buffer.len() <= MOST_OF_A_ROW => {
                self.carry.extend_from_slice(&buffer[MARGIN..]);
                self.lines += cut.lines_total;
                return (place, Some((MARGIN, MARGIN)));
            }
            None => buffer.len(),
        };
        let position = place.position;
        self.place = Place {
            position: position.moved_to(
                position.source_row + cut.records,
                position.line + self.lines + cut.lines,
                position.offset + (self.carry.len() + end - MARGIN) as u64,
            ),
            row_number: place.row_number + cut.records - cut.comments,
        };
        self.lines = cut.lines_total - cut.lines;
        let carried = std::mem::take(&mut self.carry);
        self.carry.extend_from_slice(&buffer[end..]);
        if let Some(start) = MARGIN.checked_sub(carried.len()) {
            buffer[start..MARGIN].copy_from_slice(&carried);
            return (place, Some((start, end)));
        }
        *joined = carried;
        joined.extend_from_slice(&buffer[MARGIN..end]);
        (place, None)
    }
}
