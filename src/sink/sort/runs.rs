//! Sorted pieces in a temporary file, and what reads and merges them.

use super::TemporaryError;
use crate::sink::spill::{Part, PartReader, SpillFile};
use std::cmp::Ordering;
use std::io;

/// How many bytes of a piece are written and read at once.
pub(super) const CHUNK: usize = 1 << 16;

/// Writes sorted records to a file.
pub(super) struct Run<'f> {
    part: Part,
    file: &'f mut SpillFile,
}

impl<'f> Run<'f> {
    pub(super) fn new(file: &'f mut SpillFile) -> Self {
        let part = Part::in_chunks(CHUNK);
        Self { part, file }
    }

    pub(super) fn push(&mut self, record: &[u8]) -> io::Result<()> {
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        self.part.push(self.file, |out| {
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(record);
        })
    }

    pub(super) fn finish(mut self) -> io::Result<Part> {
        self.part.flush(self.file)?;
        Ok(self.part)
    }
}

/// The length of the record that bytes begin with; nothing where there are none.
pub(super) fn length_of(bytes: &[u8]) -> io::Result<Option<usize>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > rest.len() {
        return Err(broken());
    }
    Ok(Some(length))
}

/// Reads a sorted piece.
#[derive(Debug)]
pub(super) struct RunReader {
    reader: PartReader,
    /// Where the record is among the bytes that were read last.
    start: usize,
    end: usize,
}

impl RunReader {
    // Nothing where it has no record.
    pub(super) fn open(run: &Part, file: &mut SpillFile) -> io::Result<Option<Self>> {
        let mut reader = Self {
            reader: run.again(),
            start: 0,
            end: 0,
        };
        Ok(reader.next(file)?.then_some(reader))
    }

    pub(super) fn record(&self) -> &[u8] {
        &self.reader.bytes()[self.start..self.end]
    }

    pub(super) fn next(&mut self, file: &mut SpillFile) -> io::Result<bool> {
        if self.end == self.reader.bytes().len() {
            self.end = 0;
            if !self.reader.next(file)? {
                return Ok(false);
            }
        }
        let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let length = length_of(&self.reader.bytes()[self.end..])?.ok_or_else(broken)?;
        self.start = self.end + 4;
        self.end = self.start + length;
        Ok(true)
    }
}

/// Gives the records of sorted pieces in their order, each once.
#[derive(Debug)]
pub(super) struct Merge {
    readers: Vec<RunReader>,
    /// The first is the least; that of `n` is no greater than those of `2n + 1` and `2n + 2`.
    heap: Vec<usize>,
    /// The record before, while the next one is looked for.
    last: Vec<u8>,
}

impl Merge {
    /// Begins to read pieces that are in the file in full.
    pub(super) fn new(runs: &[Part], file: &mut SpillFile) -> io::Result<Self> {
        let mut readers = Vec::new();
        for run in runs {
            readers.extend(RunReader::open(run, file).map_err(TemporaryError::wrap)?);
        }
        readers.sort_by(|a: &RunReader, b| a.record().cmp(b.record()));
        Ok(Self {
            heap: (0..readers.len()).collect(),
            readers,
            last: Vec::new(),
        })
    }

    /// The record at hand; nothing at the end.
    pub(super) fn record(&self) -> Option<&[u8]> {
        let first = self.heap.first()?;
        Some(self.readers[*first].record())
    }

    /// Goes on to the next record that is another one.
    pub(super) fn next(&mut self, file: &mut SpillFile) -> io::Result<()> {
        let Self {
            readers,
            heap,
            last,
        } = self;
        let Some(&first) = heap.first() else {
            return Ok(());
        };
        last.clear();
        last.extend_from_slice(readers[first].record());
        while let Some(&first) = heap.first() {
            if readers[first].record() != last.as_slice() {
                break;
            }
            let has_more = readers[first].next(file).map_err(TemporaryError::wrap)?;
            if !has_more {
                heap.swap_remove(0);
            }
            sift_down(heap, |a, b| readers[a].record().cmp(readers[b].record()));
        }
        Ok(())
    }
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
