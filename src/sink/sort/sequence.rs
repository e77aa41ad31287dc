//! Records in the order in which they came, to be read as often as is needed.
//!
//! Memory: what is asked for; beyond it all of them are in a temporary file.

use super::TemporaryError;
use super::runs::{CHUNK, RunReader, length_of};
use crate::sink::spill::{Part, SpillFile};
use std::io;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

/// Takes records.
#[derive(Debug)]
pub(crate) struct SequenceWriter {
    memory: usize,
    /// Those in memory, each behind its length.
    bytes: Vec<u8>,
    /// All of them where they are too many.
    part: Option<Part>,
    file: SpillFile,
}

impl SequenceWriter {
    /// No records yet; `memory` is how many bytes are held at most before a temporary file is used.
    pub(crate) fn new(memory: usize) -> Self {
        Self {
            memory,
            bytes: Vec::new(),
            part: None,
            file: SpillFile::default(),
        }
    }

    /// Takes a record.
    ///
    /// # Errors
    /// When the temporary file cannot be written: with a [`TemporaryError`].
    pub(crate) fn push(&mut self, record: &[u8]) -> io::Result<()> {
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        if self.part.is_none() {
            self.bytes.extend_from_slice(&length.to_le_bytes());
            self.bytes.extend_from_slice(record);
            if self.bytes.len() <= self.memory {
                return Ok(());
            }
            return self.spill().map_err(TemporaryError::wrap);
        }
        let Some(part) = &mut self.part else {
            return Ok(());
        };
        let pushed = part.push(&mut self.file, |out| {
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(record);
        });
        pushed.map_err(TemporaryError::wrap)
    }

    // Puts what is in memory into the file, by pieces that are read at once.
    fn spill(&mut self) -> io::Result<()> {
        let mut part = Part::in_chunks(CHUNK);
        let bytes = take(&mut self.bytes);
        let mut rest = bytes.as_slice();
        while let Some(length) = length_of(rest)? {
            let (record, more) = rest.split_at(4 + length);
            part.push(&mut self.file, |out| out.extend_from_slice(record))?;
            rest = more;
        }
        self.part = Some(part);
        Ok(())
    }

    /// Ends them.
    ///
    /// # Errors
    /// When the temporary file cannot be written: with a [`TemporaryError`].
    pub(crate) fn finish(mut self) -> io::Result<Sequence> {
        if let Some(part) = &mut self.part {
            part.flush(&mut self.file).map_err(TemporaryError::wrap)?;
        }
        Ok(Sequence(Arc::new(Content {
            bytes: self.bytes,
            part: self.part,
            file: Mutex::new(self.file),
        })))
    }
}

/// Records in the order in which they came. Copies share them.
#[derive(Debug, Clone)]
pub(crate) struct Sequence(Arc<Content>);

#[derive(Debug)]
struct Content {
    bytes: Vec<u8>,
    part: Option<Part>,
    file: Mutex<SpillFile>,
}

impl Sequence {
    /// Reads them from the beginning.
    ///
    /// # Errors
    /// When the temporary file cannot be read, with a [`TemporaryError`].
    pub(crate) fn reader(&self) -> io::Result<SequenceReader> {
        let content = Arc::clone(&self.0);
        let place = match &content.part {
            Some(part) => {
                let mut file = content.file.lock().unwrap_or_else(PoisonError::into_inner);
                let run = RunReader::open(part, &mut file).map_err(TemporaryError::wrap)?;
                Place::File(run)
            }
            None => Place::Memory(0, length_of(&content.bytes)?),
        };
        Ok(SequenceReader { content, place })
    }
}

/// Reads records.
#[derive(Debug)]
pub(crate) struct SequenceReader {
    content: Arc<Content>,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Where the record at hand begins, and its length, if there is one.
    Memory(usize, Option<usize>),
    File(Option<RunReader>),
}

impl SequenceReader {
    /// The record at hand; nothing at the end.
    pub(crate) fn record(&self) -> Option<&[u8]> {
        match &self.place {
            Place::Memory(start, length) => {
                let length = (*length)?;
                Some(&self.content.bytes[start + 4..][..length])
            }
            Place::File(run) => Some(run.as_ref()?.record()),
        }
    }

    /// Goes to the next record.
    ///
    /// # Errors
    /// When the temporary file cannot be read, with a [`TemporaryError`].
    pub(crate) fn next(&mut self) -> io::Result<()> {
        match &mut self.place {
            Place::Memory(start, length) => {
                if let Some(before) = *length {
                    *start += 4 + before;
                    *length = length_of(&self.content.bytes[*start..])?;
                }
            }
            Place::File(place) => {
                let file = self.content.file.lock();
                let mut file = file.unwrap_or_else(PoisonError::into_inner);
                if let Some(run) = place
                    && !run.next(&mut file).map_err(TemporaryError::wrap)?
                {
                    *place = None;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn read(sequence: &Sequence) -> Vec<Vec<u8>> {
        let mut reader = sequence.reader().unwrap();
        let mut records = Vec::new();
        while let Some(record) = reader.record() {
            records.push(record.to_vec());
            reader.next().unwrap();
        }
        records
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

        #[test]
        fn records_come_back_as_often_as_they_are_read(
            records in vec(vec(any::<u8>(), 0..12), 0..200),
        ) {
            for memory in [0, 100, 1 << 20] {
                let mut writer = SequenceWriter::new(memory);
                for record in &records {
                    writer.push(record).unwrap();
                }
                let sequence = writer.finish().unwrap();
                prop_assert_eq!(&read(&sequence), &records);
                prop_assert_eq!(&read(&sequence), &records);
            }
        }
    }
}
