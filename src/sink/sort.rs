//! Records in the order of their bytes, each once, however many there are.
//!
//! In: records as bytes. Out: the same in their order, without those that are there before. What does not
//! fit into memory is sorted piece by piece; the pieces wait in a temporary file without a name
//! and are merged at the end.
//!
//! Memory: what is asked for, and a few times the longest record. In the file: each record once, with 4
//! bytes; twice for a moment where there are too many pieces to be merged at once.

mod lines;
mod piece;
mod runs;
mod sequence;

pub use lines::LineSorter;
pub(crate) use sequence::{Sequence, SequenceReader, SequenceWriter};

use super::SinkError;
use super::spill::{Part, SpillFile};
use piece::Piece;
use runs::{CHUNK, Merge, Run};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

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

/// What an [`io::Error`] holds where it was asked to stop.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
struct Stopped;

/// Whether an error says that it was asked to stop (`Watch::check`).
pub fn is_stopped(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<Stopped>)
}

impl SortError {
    /// The same error, or that it was asked to stop where that is the reason.
    pub(crate) fn of(error: SinkError) -> Self {
        match error {
            SinkError::Io { error, .. } if is_stopped(&error) => Self::Cancelled,
            error => Self::Sink(error),
        }
    }

    /// An error of what has that name.
    pub(crate) fn io(name: &str, error: io::Error) -> Self {
        Self::of(SinkError::Io {
            name: name.to_owned(),
            error,
        })
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

impl Sorter {
    /// No records yet; `memory` is how many bytes are held at most before a temporary file is used.
    pub(crate) fn new(memory: usize) -> Self {
        Self::within(memory.max(LEAST))
    }

    /// The same without a least, so that little is sorted in many small pieces.
    pub(crate) fn within(memory: usize) -> Self {
        Self {
            memory,
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
        let more = record.len() + Piece::RECORD;
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
        self,
        go_on: &mut dyn FnMut() -> bool,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<Option<()>> {
        let mut watch = Watch::new(go_on);
        let sorted = match self.sorted(&mut watch) {
            Ok(sorted) => sorted,
            Err(error) if is_stopped(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut reader = sorted.reader()?;
        while let Some(record) = reader.record() {
            if !watch.goes_on() {
                return Ok(None);
            }
            take(record)?;
            reader.next()?;
        }
        Ok(Some(()))
    }

    /// Sorts the records, to be read as often as is needed.
    ///
    /// # Errors
    /// When the temporary file cannot be written or read, with a [`TemporaryError`]; where it was asked to
    /// stop ([`is_stopped`]).
    pub(crate) fn sorted(mut self, watch: &mut Watch<'_>) -> io::Result<Sorted> {
        if self.runs.is_empty() {
            self.piece.sort();
        } else {
            if !self.piece.records.is_empty() {
                self.spill().map_err(TemporaryError::wrap)?;
            }
            self.piece = Piece::default();
        }
        // Each has the bytes that were read last.
        let most = (self.memory / CHUNK).clamp(2, MOST_PIECES);
        while self.runs.len() > most {
            let mut file = SpillFile::default();
            let mut runs = Vec::new();
            for some in self.runs.chunks(most) {
                let mut run = Run::new(&mut file);
                let mut merge = Merge::new(some, &mut self.file)?;
                while let Some(record) = merge.record() {
                    watch.check()?;
                    run.push(record).map_err(TemporaryError::wrap)?;
                    merge.next(&mut self.file)?;
                }
                runs.push(run.finish().map_err(TemporaryError::wrap)?);
            }
            (self.file, self.runs) = (file, runs);
        }
        Ok(Sorted(Arc::new(Content {
            piece: self.piece,
            runs: self.runs,
            file: Mutex::new(self.file),
        })))
    }
}

/// Sorted records, each once. Copies share them.
#[derive(Debug, Clone)]
pub(crate) struct Sorted(Arc<Content>);

#[derive(Debug)]
struct Content {
    /// All records where there are no runs.
    piece: Piece,
    runs: Vec<Part>,
    file: Mutex<SpillFile>,
}

impl Sorted {
    /// Reads them from the beginning.
    ///
    /// # Errors
    /// When the temporary file cannot be read, with a [`TemporaryError`].
    pub(crate) fn reader(&self) -> io::Result<SortedReader> {
        let content = Arc::clone(&self.0);
        let merge = if content.runs.is_empty() {
            None
        } else {
            let mut file = content.file.lock().unwrap_or_else(PoisonError::into_inner);
            Some(Merge::new(&content.runs, &mut file)?)
        };
        Ok(SortedReader {
            content,
            merge,
            at: 0,
        })
    }
}

/// Reads sorted records.
#[derive(Debug)]
pub(crate) struct SortedReader {
    content: Arc<Content>,
    merge: Option<Merge>,
    /// Which record of those in memory it is at.
    at: usize,
}

impl SortedReader {
    /// The record at hand; nothing at the end.
    pub(crate) fn record(&self) -> Option<&[u8]> {
        match &self.merge {
            Some(merge) => merge.record(),
            None => self.content.piece.get(self.at),
        }
    }

    /// Goes to the next record.
    ///
    /// # Errors
    /// When the temporary file cannot be read, with a [`TemporaryError`].
    pub(crate) fn next(&mut self) -> io::Result<()> {
        let Some(merge) = &mut self.merge else {
            self.at += 1;
            return Ok(());
        };
        let file = self.content.file.lock();
        merge.next(&mut file.unwrap_or_else(PoisonError::into_inner))
    }
}

/// Asks from time to time whether to go on.
pub(crate) struct Watch<'g> {
    go_on: &'g mut dyn FnMut() -> bool,
    records: u64,
}

impl<'g> Watch<'g> {
    pub(crate) fn new(go_on: &'g mut dyn FnMut() -> bool) -> Self {
        Self { go_on, records: 0 }
    }

    fn goes_on(&mut self) -> bool {
        self.records += 1;
        !self.records.is_multiple_of(RECORDS) || (self.go_on)()
    }

    /// The same for each record, as an error that [`is_stopped`] knows.
    ///
    /// # Errors
    /// Where it was asked to stop.
    pub(crate) fn check(&mut self) -> io::Result<()> {
        if self.goes_on() {
            Ok(())
        } else {
            Err(io::Error::other(Stopped))
        }
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
}
