//! A part of a conversion: which bytes of a table belong to it, and what is known before them.
//!
//! In: a table that was read up to its header, and a [`Shard`]. Out: a [`Piece`], which begins and
//! ends where records do, so that rows, lines and labels are those of the whole table.
//!
//! What stands before a piece is looked through by all cores, in pieces of 1 MiB; no cell of it is read.

use super::run::ScanRun;
use crate::plan::TableScan;
use crate::table::reader::Input;
use crate::table::{Position, Sources, Splitter, State, Survey, TableError, TableReader};
use std::io::{Error, ErrorKind, Read};
use std::num::NonZero;

/// How many bytes are looked through at once, by each thread.
const CHUNK: usize = 1 << 20;

/// How many bytes are read at once where the end of one record is looked for.
const STEP: usize = 64 * 1024;

/// A part of a conversion.
///
/// The parts of all shards together are the whole, each row is in one of them. What hangs on no row is
/// in the first, as is a table that cannot be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
    threads: usize,
}

impl Shard {
    /// One of a number of shards, counted from 1; nothing where there is no such shard.
    pub fn new(number: u32, of: u32) -> Option<Self> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        (1..=of).contains(&number).then_some(Self {
            number,
            of,
            threads,
        })
    }

    /// Says how many threads look through what is before it, in place of one for each processor.
    #[must_use]
    pub fn with_threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = threads.get();
        self
    }

    /// Which one it is, counted from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether what hangs on no row belongs to it.
    pub fn is_first(self) -> bool {
        self.number == 1
    }

    // The bytes that it takes of some, as if records had no length.
    fn range(self, from: u64, to: u64) -> (u64, u64) {
        let bound = |number: u32| {
            let length = u128::from(to.saturating_sub(from));
            let part = length * u128::from(number) / u128::from(self.of);
            from + u64::try_from(part).unwrap_or_default()
        };
        (bound(self.number - 1), bound(self.number))
    }
}

/// The rows of a table that belong to a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Where the first of them begins.
    start: Position,
    /// How many data rows are before it.
    rows_before: u64,
    /// Where the row behind the last of them begins, in bytes of the source from 0.
    end: u64,
}

impl Piece {
    /// Opens exactly these rows.
    ///
    /// # Errors
    /// As for [`Sources::open`].
    fn open(&self, sources: &Sources, scan: &TableScan) -> Result<Input<'static>, TableError> {
        let input = open(sources, scan, self.start.offset)?;
        Ok(Box::new(
            input.take(self.end.saturating_sub(self.start.offset)),
        ))
    }
}

impl ScanRun<'_> {
    /// Opens the rows that belong to a shard, and reads the header; nothing where rows cannot be read
    /// under that.
    pub(super) fn open_shard(
        &mut self,
        sources: &Sources,
        shard: Shard,
    ) -> Result<Option<TableReader<'static>>, TableError> {
        let scan = self.scan;
        let nothing = Position::default().moved_to(1, 1, 0);
        if !shard.is_first() && splitter(sources, scan).is_none() {
            return self.resume(Box::new(std::io::empty()), nothing);
        }
        let Some(mut reader) = self.open_whole(sources)? else {
            return Ok(None);
        };
        reader.prepare()?;
        let header = reader.position();
        let Some(piece) = piece(sources, scan, header, shard)? else {
            if shard.is_first() {
                self.note_whole();
                return Ok(Some(reader));
            }
            return self.resume(Box::new(std::io::empty()), nothing);
        };
        self.rows_before = piece.rows_before;
        if !shard.is_first() {
            let reader = self.resume(piece.open(sources, scan)?, piece.start)?;
            return Ok(match &scan.comments {
                Some(_) => reader,
                None => reader.map(TableReader::without_comments),
            });
        }
        // The comments before the first row go with it, so the header is read again.
        let input = open(sources, scan, 0)?.take(piece.end);
        let mut reader = TableReader::open(&self.name, Box::new(input), &scan.dialect)?;
        if scan.comments.is_none() {
            reader = reader.without_comments();
        }
        for _ in 0..scan.dialect.header_row_count {
            reader.read_row()?;
        }
        if scan.dialect.header_row_count > 0 {
            drop(reader.take_faults());
        }
        Ok(Some(reader))
    }

    fn resume(
        &self,
        input: Input<'static>,
        position: Position,
    ) -> Result<Option<TableReader<'static>>, TableError> {
        TableReader::resume(&self.name, input, &self.scan.dialect, position).map(Some)
    }
}

/// Whether a table can be cut, as far as can be told without reading it.
fn splitter(sources: &Sources, scan: &TableScan) -> Option<Splitter> {
    Splitter::with_comments(&scan.dialect).filter(|_| sources.can_open_at(&scan.source))
}

/// Finds the rows that belong to a shard: those that begin in its part of the bytes behind the header.
///
/// `header` is where the first data row begins. Gives nothing for a table whose rows cannot be told
/// apart from the midst of it.
///
/// # Errors
/// When the table cannot be read.
fn piece(
    sources: &Sources,
    scan: &TableScan,
    header: Position,
    shard: Shard,
) -> Result<Option<Piece>, TableError> {
    let (Some(splitter), Some(size)) = (splitter(sources, scan), sources.size(&scan.source)) else {
        return Ok(None);
    };
    if header.cr_ends_rows || header.rows_to_skip > 0 {
        return Ok(None);
    }
    let (from, to) = shard.range(header.offset, size.max(header.offset));
    let search = Search {
        sources,
        scan,
        splitter,
        threads: shard.threads,
    };
    let begin = Place {
        at: header.offset,
        state: State::START,
        between: true,
        records: 0,
        comments: 0,
        lines: 0,
    };
    let from = search.go_on(begin, from)?;
    let to = search.go_on(from, to)?;
    let start = search.next_record(from)?;
    let end = search.next_record(to)?;
    Ok(Some(Piece {
        start: if start.at == header.offset {
            header
        } else {
            header.moved_to(
                header.source_row + start.records,
                header.line + start.lines,
                start.at,
            )
        },
        rows_before: start.records - start.comments,
        end: end.at,
    }))
}

// A byte of a table, and what is known before it.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: u64,
    state: State,
    // Whether a record begins here.
    between: bool,
    // The records that end, how many of them are comments, and the lines.
    records: u64,
    comments: u64,
    lines: u64,
}

struct Search<'a> {
    sources: &'a Sources,
    scan: &'a TableScan,
    splitter: Splitter,
    threads: usize,
}

impl Search<'_> {
    // Looks through what is between a place and a byte.
    fn go_on(&self, from: Place, to: u64) -> Result<Place, TableError> {
        let length = to.saturating_sub(from.at);
        if length == 0 {
            return Ok(from);
        }
        // A few bytes are not worth a thread.
        let most = usize::try_from(length / (4 * CHUNK as u64)).unwrap_or(usize::MAX);
        let threads = self.threads.min(most).max(1) as u64;
        let bound =
            |number: u64| from.at + length / threads * number + length % threads * number / threads;
        let parts: Vec<Result<Survey, TableError>> = if threads == 1 {
            vec![self.survey(from.at, to)]
        } else {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..threads)
                    .map(|number| {
                        scope.spawn(move || self.survey(bound(number), bound(number + 1)))
                    })
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| match thread.join() {
                        Ok(survey) => survey,
                        Err(panic) => std::panic::resume_unwind(panic),
                    })
                    .collect()
            })
        };
        let mut place = from;
        for part in parts {
            let part = part?;
            let cut = part.resolve(place.state);
            place = Place {
                at: place.at,
                state: cut.end,
                between: cut.last_end == Some(part.length()),
                records: place.records + cut.records,
                comments: place.comments + cut.comments,
                lines: place.lines + cut.lines_total,
            };
        }
        Ok(Place { at: to, ..place })
    }

    // Looks through some bytes of the source, one chunk after the other.
    fn survey(&self, from: u64, to: u64) -> Result<Survey, TableError> {
        let mut input = open(self.sources, self.scan, from)?.take(to - from);
        let mut survey = self.splitter.survey(&[]);
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = fill(&mut input, &mut chunk).map_err(|error| self.cannot_read(error))?;
            if length == 0 {
                break;
            }
            survey = survey.then(&self.splitter.survey(&chunk[..length]));
        }
        if survey.length() as u64 == to - from {
            Ok(survey)
        } else {
            // It was cut short while it was read.
            Err(self.cannot_read(ErrorKind::UnexpectedEof.into()))
        }
    }

    // The next place where a record begins, which may be the end of the source.
    fn next_record(&self, from: Place) -> Result<Place, TableError> {
        if from.between {
            return Ok(from);
        }
        let mut input = open(self.sources, self.scan, from.at)?;
        let mut chunk = vec![0; STEP];
        let mut place = from;
        loop {
            let length = fill(&mut input, &mut chunk).map_err(|error| self.cannot_read(error))?;
            if length == 0 {
                return Ok(place);
            }
            let bytes = &chunk[..length];
            let end = self.splitter.first_end(bytes, place.state);
            let bytes = &bytes[..end.unwrap_or(length)];
            let cut = self.splitter.survey(bytes).resolve(place.state);
            place = Place {
                at: place.at + bytes.len() as u64,
                state: cut.end,
                between: end.is_some(),
                records: place.records + cut.records,
                comments: place.comments + cut.comments,
                lines: place.lines + cut.lines_total,
            };
            if end.is_some() {
                return Ok(place);
            }
        }
    }

    fn cannot_read(&self, error: Error) -> TableError {
        TableError::Io {
            source_name: self.sources.display_name(&self.scan.source),
            error,
        }
    }
}

fn open(sources: &Sources, scan: &TableScan, offset: u64) -> Result<Input<'static>, TableError> {
    sources.open_at(&scan.source, offset)
}

// Reads until the buffer is full or nothing is left.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut length = 0;
    while length < buffer.len() {
        match input.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests;
