//! Keys and references on disk, parted by fingerprint.
//!
//! In: [`Record`]s, as they come. Out: the records of one part, in the order in which they came.
//!
//! All parts share one temporary file, which has no name and is gone with the program. Memory: for
//! each of 64 parts a buffer of 16 KiB and a record, and 16 bytes for each buffer that was written.

use super::fingerprint::Fingerprint;
use super::{Packed, Place};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

/// How many parts there are.
const PARTS: usize = 64;
/// How many bytes are written at once.
const CHUNK: usize = 1 << 14;
/// The bytes of a record without its text.
const HEADER: usize = 48;

/// A key, or a reference to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<'t> {
    pub(super) key: Fingerprint,
    /// Its place among all records of the run.
    pub(super) sequence: u64,
    pub(super) place: Place,
    pub(super) scan: usize,
    pub(super) check: usize,
    /// What messages say of it.
    pub(super) shown: Cow<'t, str>,
}

impl<'t> Record<'t> {
    /// How many bytes it takes.
    pub(super) fn length(&self) -> usize {
        HEADER + self.shown.len()
    }

    /// Adds its bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key.to_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        for part in Packed::from(self.place).0 {
            out.extend_from_slice(&part.to_le_bytes());
        }
        for number in [self.scan, self.check, self.shown.len()] {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(self.shown.as_bytes());
    }

    /// The records of bytes that hold nothing else.
    pub(super) fn read_all(bytes: &'t [u8]) -> impl Iterator<Item = Self> {
        let mut rest = bytes;
        std::iter::from_fn(move || {
            let (record, after) = Self::read(rest)?;
            rest = after;
            Some(record)
        })
    }

    fn read(bytes: &'t [u8]) -> Option<(Self, &'t [u8])> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let number = |at: usize| {
            let bytes: [u8; 4] = header[at..at + 4].try_into().unwrap_or_default();
            u32::from_le_bytes(bytes) as usize
        };
        let mut place = [0; 6];
        for (part, bytes) in place.iter_mut().zip(header[24..36].chunks_exact(2)) {
            *part = u16::from_le_bytes([bytes[0], bytes[1]]);
        }
        let (shown, rest) = rest.split_at_checked(number(44))?;
        let record = Self {
            key: Fingerprint::from_bytes(header[..16].try_into().unwrap_or_default()),
            sequence: u64::from_le_bytes(header[16..24].try_into().unwrap_or_default()),
            place: Packed(place).into(),
            scan: number(36),
            check: number(40),
            shown: String::from_utf8_lossy(shown),
        };
        Some((record, rest))
    }
}

/// The temporary file; it is made when it is first needed.
#[derive(Debug, Default)]
pub(super) struct SpillFile {
    file: Option<File>,
    end: u64,
}

impl SpillFile {
    /// Whether there is a file.
    pub(super) fn is_used(&self) -> bool {
        self.file.is_some()
    }

    /// Makes the file.
    pub(super) fn open(&mut self) -> io::Result<&mut File> {
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

#[derive(Debug)]
struct Chunk {
    offset: u64,
    length: usize,
}

/// The parts of a set of records.
#[derive(Debug)]
pub(super) struct Partitions {
    level: u32,
    parts: Vec<Part>,
}

/// The records whose fingerprints fall into one part.
#[derive(Debug, Default)]
pub(super) struct Part {
    chunks: Vec<Chunk>,
    buffer: Vec<u8>,
    records: u64,
}

impl Partitions {
    /// No records yet; each level parts by other bits.
    pub(super) fn new(level: u32) -> Self {
        Self {
            level,
            parts: std::iter::repeat_with(Part::default).take(PARTS).collect(),
        }
    }

    /// Adds a record.
    pub(super) fn push(&mut self, file: &mut SpillFile, record: &Record<'_>) -> io::Result<()> {
        let part = &mut self.parts[record.key.part(self.level)];
        record.write(&mut part.buffer);
        part.records += 1;
        if part.buffer.len() >= CHUNK {
            part.chunks.push(file.append(&part.buffer)?);
            part.buffer.clear();
        }
        Ok(())
    }

    /// The parts, always as many.
    pub(super) fn into_parts(self) -> Vec<Part> {
        self.parts
    }
}

impl Part {
    /// How many records there are.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Calls for each record in the order in which they came.
    pub(super) fn for_each(
        self,
        file: &mut SpillFile,
        mut take: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut buffer = Vec::new();
        for chunk in &self.chunks {
            file.read(chunk, &mut buffer)?;
            for record in Record::read_all(&buffer) {
                take(&record)?;
            }
        }
        for record in Record::read_all(&self.buffer) {
            take(&record)?;
        }
        Ok(())
    }

    /// Parts it by other bits.
    pub(super) fn part_again(self, level: u32, file: &mut SpillFile) -> io::Result<Partitions> {
        let mut parts = Partitions::new(level);
        let mut buffer = Vec::new();
        for chunk in &self.chunks {
            file.read(chunk, &mut buffer)?;
            for record in Record::read_all(&buffer) {
                parts.push(file, &record)?;
            }
        }
        for record in Record::read_all(&self.buffer) {
            parts.push(file, &record)?;
        }
        Ok(parts)
    }
}
