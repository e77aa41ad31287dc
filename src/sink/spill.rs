//! What does not fit into memory, in parts that are read apart from each other.
//!
//! In: records as bytes, each with the number of its part. Out: the bytes of one part, in the order
//! in which they came; a record is never cut.
//!
//! All parts share one temporary file, which has no name and is gone with the program. Memory: for
//! each of 64 parts a buffer of 16 KiB and a record, and 16 bytes for each buffer that was written.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// How many parts there are.
pub(crate) const PARTS: usize = 64;
/// How many bytes are written at once.
const CHUNK: usize = 1 << 14;

/// The temporary file; it is made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct SpillFile {
    file: Option<File>,
    end: u64,
}

impl SpillFile {
    /// Whether there is a file.
    pub(crate) fn is_used(&self) -> bool {
        self.file.is_some()
    }

    /// Makes the file.
    pub(crate) fn open(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile()?);
        }
        self.file
            .as_mut()
            .ok_or_else(|| io::Error::other("there is no temporary file"))
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<Chunk> {
        let offset = self.end;
        let file = self.open()?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)?;
        self.end += bytes.len() as u64;
        Ok(Chunk {
            offset,
            length: bytes.len(),
        })
    }

    fn read(&mut self, chunk: &Chunk, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.resize(chunk.length, 0);
        let file = self.open()?;
        file.seek(SeekFrom::Start(chunk.offset))?;
        file.read_exact(buffer)
    }
}

#[derive(Debug, Clone, Copy)]
struct Chunk {
    offset: u64,
    length: usize,
}

/// The parts of a set of records.
#[derive(Debug)]
pub(crate) struct Partitions {
    parts: Vec<Part>,
}

/// The records of one part.
#[derive(Debug)]
pub(crate) struct Part {
    chunks: Vec<Chunk>,
    buffer: Vec<u8>,
    records: u64,
    /// How many bytes are written at once.
    size: usize,
}

impl Default for Part {
    fn default() -> Self {
        Self::in_chunks(CHUNK)
    }
}

impl Partitions {
    /// No records yet.
    pub(crate) fn new() -> Self {
        Self {
            parts: std::iter::repeat_with(Part::default).take(PARTS).collect(),
        }
    }

    /// Adds a record to a part, counted from 0.
    pub(crate) fn push(
        &mut self,
        file: &mut SpillFile,
        part: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        self.parts[part].push(file, write)
    }

    /// The parts, always as many.
    pub(crate) fn into_parts(self) -> Vec<Part> {
        self.parts
    }
}

impl Part {
    /// No records yet; `size` bytes or more are written, and read, at once.
    pub(crate) fn in_chunks(size: usize) -> Self {
        Self {
            chunks: Vec::new(),
            buffer: Vec::new(),
            records: 0,
            size,
        }
    }

    /// Adds a record.
    pub(crate) fn push(
        &mut self,
        file: &mut SpillFile,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        write(&mut self.buffer);
        self.records += 1;
        if self.buffer.len() >= self.size {
            self.chunks.push(file.append(&self.buffer)?);
            self.buffer.clear();
        }
        Ok(())
    }

    /// Keeps nothing of it in memory, because no record follows.
    pub(crate) fn flush(&mut self, file: &mut SpillFile) -> io::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        if !buffer.is_empty() {
            self.chunks.push(file.append(&buffer)?);
        }
        Ok(())
    }

    /// Reads the records piece by piece, and keeps them to be read again; none may follow.
    pub(crate) fn reader(&mut self, file: &mut SpillFile) -> io::Result<PartReader> {
        self.flush(file)?;
        Ok(self.again())
    }

    /// Reads what was written to the file, and keeps it: all records after [`Part::flush`].
    pub(crate) fn again(&self) -> PartReader {
        PartReader {
            chunks: self.chunks.clone().into_iter(),
            last: None,
            bytes: Vec::new(),
        }
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// Calls for the bytes of some records after the other, in the order in which they came.
    pub(crate) fn for_each(
        self,
        file: &mut SpillFile,
        mut take: impl FnMut(&[u8], &mut SpillFile) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut reader = self.into_reader();
        while reader.next(file)? {
            take(reader.bytes(), file)?;
        }
        Ok(())
    }

    /// Reads the records piece by piece.
    pub(crate) fn into_reader(self) -> PartReader {
        PartReader {
            chunks: self.chunks.into_iter(),
            last: Some(self.buffer),
            bytes: Vec::new(),
        }
    }
}

/// Reads the records of a part, some at a time.
#[derive(Debug)]
pub(crate) struct PartReader {
    chunks: std::vec::IntoIter<Chunk>,
    /// What was not written to the file.
    last: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

impl PartReader {
    /// Reads the next bytes; gives whether there are any.
    pub(crate) fn next(&mut self, file: &mut SpillFile) -> io::Result<bool> {
        if let Some(chunk) = self.chunks.next() {
            file.read(&chunk, &mut self.bytes)?;
            return Ok(true);
        }
        self.bytes = self.last.take().unwrap_or_default();
        Ok(!self.bytes.is_empty())
    }

    /// The bytes that were read last: whole records.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
