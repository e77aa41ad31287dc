//! Records in the order of their bytes, each once, however many there are.
//!
//! In: records as bytes. Out: the same in their order, without those that are there before. What does not
//! fit into memory is sorted piece by piece; the pieces wait in a temporary file without a name
//! and are merged at the end.
//!
//! Memory: what is asked for, and a few times the longest record. In the file: each record once, with 4
//! bytes; twice for a moment where there are too many pieces to be merged at once.

use super::SinkError;
use super::spill::{Part, PartReader, SpillFile};
use memchr::memchr;
use std::cmp::Ordering;
use std::io::{self, Write};

/// How many bytes of a piece are written and read at once.
const CHUNK: usize = 1 << 16;
/// The least memory that is worked with.
const LEAST: usize = 1 << 16;
/// The most pieces that are merged at once.
const MOST_PIECES: usize = 512;
/// How many records are given between two looks at whether to go on.
const RECORDS: u64 = 1 << 12;

/// Why sorted records are not given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SortError {
    /// They cannot be kept or written.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// It was asked to stop.
    #[error("interrupted")]
    Cancelled,
}

/// What is sorted cannot be kept: the reason within an [`io::Error`] of the same kind.
#[derive(Debug, thiserror::Error)]
#[error("what is to be sorted cannot be kept in a temporary file: {0}")]
pub struct TemporaryError(#[source] io::Error);

impl TemporaryError {
    /// Whether an error is of a temporary file, not of the output.
    pub fn is_in(error: &io::Error) -> bool {
        let inner = error.get_ref();
        inner
            .and_then(|inner| inner.downcast_ref::<Self>())
            .is_some()
    }

    fn wrap(error: io::Error) -> io::Error {
        io::Error::new(error.kind(), Self(error))
    }
}

/// Gathers records and sorts them.
#[derive(Debug)]
pub(crate) struct Sorter {
    /// How many bytes may be in memory.
    memory: usize,
    piece: Piece,
    file: SpillFile,
    runs: Vec<Part>,
}

/// Records in memory.
#[derive(Debug, Default)]
struct Piece {
    text: Vec<u8>,
    records: Vec<Record>,
}

/// Where a record is, and eight of its bytes behind those that all of a piece begin with.
#[derive(Debug, Clone, Copy)]
struct Record {
    key: u64,
    start: u32,
    length: u32,
}

impl Sorter {
    /// No records yet; `memory` is how many bytes are held at most before a temporary file is used.
    pub(crate) fn new(memory: usize) -> Self {
        Self {
            memory: memory.max(LEAST),
            piece: Piece::default(),
            file: SpillFile::default(),
            runs: Vec::new(),
        }
    }

    /// Takes a record.
    ///
    /// # Errors
    /// When the temporary file cannot be written: with a [`TemporaryError`].
    pub(crate) fn push(&mut self, record: &[u8]) -> io::Result<()> {
        let more = record.len() + size_of::<Record>();
        if !self.piece.records.is_empty()
            && (self.piece.bytes() + more > self.memory || !self.piece.has_room(record.len()))
        {
            self.spill().map_err(TemporaryError::wrap)?;
        }
        self.piece.push(record)
    }

    // Puts what is in memory into the file.
    fn spill(&mut self) -> io::Result<()> {
        self.piece.sort();
        let mut run = Run::new(&mut self.file);
        for record in self.piece.iter() {
            run.push(record)?;
        }
        self.runs.push(run.finish()?);
        self.piece.clear();
        Ok(())
    }

    /// Gives the records in their order, each once, and asks `go_on` from time to time.
    ///
    /// # Errors
    /// When the temporary file cannot be written or read, with a [`TemporaryError`]; when `take` fails;
    /// nothing where it was asked to stop.
    pub(crate) fn finish(
        mut self,
        go_on: &mut dyn FnMut() -> bool,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<Option<()>> {
        if self.runs.is_empty() {
            self.piece.sort();
            let mut watched = Watched::new(go_on);
            for record in self.piece.iter() {
                if !watched.goes_on() {
                    return Ok(None);
                }
                take(record)?;
            }
            return Ok(Some(()));
        }
        if !self.piece.records.is_empty() {
            self.spill().map_err(TemporaryError::wrap)?;
        }
        self.piece = Piece::default();
        // Each has the bytes that were read last.
        let most = (self.memory / CHUNK).clamp(2, MOST_PIECES);
        while self.runs.len() > most {
            let mut file = SpillFile::default();
            let mut runs = Vec::new();
            let mut rest = self.runs.into_iter();
            loop {
                let some: Vec<Part> = rest.by_ref().take(most).collect();
                if some.is_empty() {
                    break;
                }
                let mut run = Run::new(&mut file);
                let done = merge(some, &mut self.file, go_on, &mut |record| {
                    run.push(record).map_err(TemporaryError::wrap)
                })?;
                if done.is_none() {
                    return Ok(None);
                }
                runs.push(run.finish().map_err(TemporaryError::wrap)?);
            }
            (self.file, self.runs) = (file, runs);
        }
        merge(self.runs, &mut self.file, go_on, take)
    }
}

/// Writes sorted records to a file.
struct Run<'f> {
    part: Part,
    file: &'f mut SpillFile,
}

impl<'f> Run<'f> {
    fn new(file: &'f mut SpillFile) -> Self {
        let part = Part::in_chunks(CHUNK);
        Self { part, file }
    }

    fn push(&mut self, record: &[u8]) -> io::Result<()> {
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        self.part.push(self.file, |out| {
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(record);
        })
    }

    fn finish(mut self) -> io::Result<Part> {
        self.part.flush(self.file)?;
        Ok(self.part)
    }
}

/// Asks only from time to time.
struct Watched<'g> {
    go_on: &'g mut dyn FnMut() -> bool,
    records: u64,
}

impl<'g> Watched<'g> {
    fn new(go_on: &'g mut dyn FnMut() -> bool) -> Self {
        Self { go_on, records: 0 }
    }

    fn goes_on(&mut self) -> bool {
        self.records += 1;
        !self.records.is_multiple_of(RECORDS) || (self.go_on)()
    }
}

impl Piece {
    // What it takes.
    fn bytes(&self) -> usize {
        self.text.len() + self.records.len() * size_of::<Record>()
    }

    fn has_room(&self, length: usize) -> bool {
        u32::try_from(self.text.len() + length).is_ok()
    }

    fn push(&mut self, record: &[u8]) -> io::Result<()> {
        let place = |length| u32::try_from(length).map_err(io::Error::other);
        self.records.push(Record {
            key: 0,
            start: place(self.text.len())?,
            length: place(record.len())?,
        });
        self.text.extend_from_slice(record);
        Ok(())
    }

    fn clear(&mut self) {
        self.text.clear();
        self.records.clear();
    }

    fn sort(&mut self) {
        let text = &self.text;
        let Some(first) = self.records.first().map(|record| record.of(text)) else {
            return;
        };
        let mut shared = first.len();
        for record in &self.records {
            shared = common(&first[..shared], record.of(text));
        }
        for record in &mut self.records {
            let rest = &record.of(text)[shared..];
            let mut key = [0; 8];
            let length = rest.len().min(8);
            key[..length].copy_from_slice(&rest[..length]);
            record.key = u64::from_be_bytes(key);
        }
        // Where the keys are the same a shorter record may have ended in them: all is compared that
        // is behind what is shared.
        self.records.sort_unstable_by(|a, b| {
            a.key
                .cmp(&b.key)
                .then_with(|| a.of(text)[shared..].cmp(&b.of(text)[shared..]))
        });
        self.records
            .dedup_by(|a, b| a.key == b.key && a.of(text) == b.of(text));
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.records.iter().map(|record| record.of(&self.text))
    }
}

impl Record {
    fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..][..self.length as usize]
    }
}

// How many bytes two texts begin with in common.
fn common(one: &[u8], other: &[u8]) -> usize {
    if other.starts_with(one) {
        return one.len();
    }
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

/// Reads a sorted piece.
struct RunReader {
    reader: PartReader,
    /// Where the record is among the bytes that were read last.
    start: usize,
    end: usize,
}

impl RunReader {
    // Nothing where it has no record.
    fn open(run: Part, file: &mut SpillFile) -> io::Result<Option<Self>> {
        let mut reader = Self {
            reader: run.into_reader(),
            start: 0,
            end: 0,
        };
        Ok(reader.next(file)?.then_some(reader))
    }

    fn record(&self) -> &[u8] {
        &self.reader.bytes()[self.start..self.end]
    }

    fn next(&mut self, file: &mut SpillFile) -> io::Result<bool> {
        if self.end == self.reader.bytes().len() {
            self.end = 0;
            if !self.reader.next(file)? {
                return Ok(false);
            }
        }
        let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let rest = &self.reader.bytes()[self.end..];
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(broken)?;
        let length = u32::from_le_bytes(*length) as usize;
        if length > rest.len() {
            return Err(broken());
        }
        self.start = self.end + 4;
        self.end = self.start + length;
        Ok(true)
    }
}

// Gives the records of sorted pieces in their order, each once.
fn merge(
    runs: Vec<Part>,
    file: &mut SpillFile,
    go_on: &mut dyn FnMut() -> bool,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Option<()>> {
    let mut readers = Vec::new();
    for run in runs {
        readers.extend(RunReader::open(run, file).map_err(TemporaryError::wrap)?);
    }
    // The first is the least; that of `n` is no greater than those of `2n + 1` and `2n + 2`.
    readers.sort_by(|a: &RunReader, b| a.record().cmp(b.record()));
    let mut heap: Vec<usize> = (0..readers.len()).collect();
    let mut last: Option<Vec<u8>> = None;
    let mut watched = Watched::new(go_on);
    while let Some(&number) = heap.first() {
        if !watched.goes_on() {
            return Ok(None);
        }
        let record = readers[number].record();
        if last.as_deref() != Some(record) {
            take(record)?;
            let last = last.get_or_insert_default();
            last.clear();
            last.extend_from_slice(record);
        }
        let has_more = readers[number].next(file).map_err(TemporaryError::wrap)?;
        if !has_more {
            heap.swap_remove(0);
        }
        sift_down(&mut heap, |a, b| {
            readers[a].record().cmp(readers[b].record())
        });
    }
    Ok(Some(()))
}

// Lets the first go down to its place.
fn sift_down(heap: &mut [usize], compare: impl Fn(usize, usize) -> Ordering) {
    let mut at = 0;
    loop {
        let mut least = at;
        for child in [2 * at + 1, 2 * at + 2] {
            if child < heap.len() && compare(heap[child], heap[least]).is_lt() {
                least = child;
            }
        }
        if least == at {
            return;
        }
        heap.swap(at, least);
        at = least;
    }
}

/// Sorts the lines that are written to it, as `LC_ALL=C sort -u` does.
#[derive(Debug)]
pub struct LineSorter {
    sorter: Sorter,
    /// A line that has not ended.
    rest: Vec<u8>,
}

impl LineSorter {
    /// No lines yet; `memory` is how many bytes are held at most before a temporary file is used.
    pub fn new(memory: usize) -> Self {
        Self {
            sorter: Sorter::new(memory),
            rest: Vec::new(),
        }
    }

    /// Writes the lines, each once and with its end; `name` is what errors call the output, `go_on` is
    /// asked from time to time.
    ///
    /// # Errors
    /// When the output or the temporary file fails, or `go_on` says no.
    pub fn finish(
        mut self,
        writer: &mut dyn Write,
        name: &str,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<(), SortError> {
        let mut blocks = Blocks::new(writer);
        let sort = || {
            if !self.rest.is_empty() {
                self.sorter.push(&self.rest)?;
            }
            self.sorter.finish(go_on, &mut |line| blocks.line(line))
        };
        let done = sort().and_then(|done| blocks.finish().map(|()| done));
        ended(done, name)
    }
}

/// Puts lines together, since what follows takes blocks faster.
struct Blocks<'w> {
    writer: &'w mut dyn Write,
    block: Vec<u8>,
}

impl<'w> Blocks<'w> {
    fn new(writer: &'w mut dyn Write) -> Self {
        let block = Vec::with_capacity(2 * CHUNK);
        Self { writer, block }
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.block.extend_from_slice(line);
        self.block.push(b'\n');
        if self.block.len() >= CHUNK {
            self.finish()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

/// How [`Sorter::finish`] ended, for an output of this name.
pub(super) fn ended(done: io::Result<Option<()>>, name: &str) -> Result<(), SortError> {
    match done {
        Ok(Some(())) => Ok(()),
        Ok(None) => Err(SortError::Cancelled),
        Err(error) => Err(SortError::Sink(SinkError::Io {
            name: name.to_owned(),
            error,
        })),
    }
}

impl Write for LineSorter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            let line = &rest[..end];
            if self.rest.is_empty() {
                self.sorter.push(line)?;
            } else {
                self.rest.extend_from_slice(line);
                self.sorter.push(&self.rest)?;
                self.rest.clear();
            }
            rest = &rest[end + 1..];
        }
        self.rest.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    // Through memory of some bytes.
    fn sort(records: &[Vec<u8>], memory: usize) -> Vec<Vec<u8>> {
        let mut sorter = Sorter {
            memory,
            ..Sorter::new(0)
        };
        for record in records {
            sorter.push(record).unwrap();
        }
        let mut sorted = Vec::new();
        let mut take = |record: &[u8]| {
            sorted.push(record.to_vec());
            Ok(())
        };
        sorter.finish(&mut || true, &mut take).unwrap();
        sorted
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

        #[test]
        fn records_are_sorted_and_there_once_whatever_the_memory(
            records in vec(vec(prop_oneof![Just(0), Just(b'a'), Just(b'b'), any::<u8>()], 0..12), 0..200),
        ) {
            let expected: BTreeSet<_> = records.iter().cloned().collect();
            let expected: Vec<_> = expected.into_iter().collect();
            // Two pieces are merged at a time, so the least makes many rounds.
            for memory in [1, 100, 1000, 1 << 20] {
                prop_assert_eq!(&sort(&records, memory), &expected);
            }
        }
    }

    #[test]
    fn it_ends_when_it_is_asked_to() {
        for memory in [LEAST, 1 << 30] {
            let mut lines = LineSorter::new(memory);
            for number in 0..10_000 {
                writeln!(lines, "{number}").unwrap();
            }
            let ended = lines.finish(&mut Vec::new(), "test", &mut || false);
            assert!(matches!(ended, Err(SortError::Cancelled)), "{memory}");
        }
    }

    #[test]
    fn lines_may_come_in_any_pieces() {
        let text = "b\n\nab\na\nb\na!\nlast";
        for size in 1..text.len() {
            let mut lines = LineSorter::new(0);
            for piece in text.as_bytes().chunks(size) {
                lines.write_all(piece).unwrap();
            }
            let mut sorted = Vec::new();
            lines.finish(&mut sorted, "test", &mut || true).unwrap();
            assert_eq!(sorted, b"\na\na!\nab\nb\nlast\n", "{size}");
        }
    }
}
