//! The statements of all parts, each once.
//!
//! In: [`Parts`], whose statements stand on a line each. Out: the lines in the order of the parts,
//! without those that came before.
//!
//! The parts are read twice: first each line becomes 128 bits, and those that came before are
//! marked; then the others are written. Memory: one bit for each statement, and 24 to 48 bytes for each as
//! long as that fits; past it 24 bytes for each go to temporary files, which are looked
//! through one after the other. Sorting is what finds repeated ones in both cases: it goes through memory in
//! order, and takes a third of the time of a hash set for 5 million.

use super::SinkError;
use super::file::{Digest, Output};
use super::part::{Part, Parts, cannot_read};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::fs::File;
use std::hash::Hasher as _;
use std::io::{BufRead as _, BufReader, BufWriter, Error, Read, Seek as _, Write as _};

/// How much is read at once.
const BUFFER: usize = 1 << 20;

/// What a statement takes in memory, at most.
const IN_MEMORY: u64 = 2 * ENTRY as u64;

/// 128 bits that stand for a statement, and its number, both in the order of their bytes.
type Entry = [u8; ENTRY];

const ENTRY: usize = 24;

/// How many parts are sorted apart in memory: each fits into a cache longer than all together would.
const SORTED: usize = 256;

/// The most temporary files; each is buffered.
const MOST_FILES: u64 = 256;

/// What was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// The statements written.
    pub statements: u64,
    /// Those left out because they had come before.
    pub repeated: u64,
}

/// Why parts are not merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// They cannot be read or written.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// A temporary file cannot be written or read.
    #[error("statements cannot be kept in a temporary file: {0}")]
    Temporary(#[source] Error),
    /// A part is not what was written; the diagnostics say which.
    #[error("a part is not what was written")]
    Changed,
    /// It was asked to stop.
    #[error("interrupted")]
    Cancelled,
}

/// What is known after all parts were read and found to be what was written.
pub struct Checked<'p> {
    parts: &'p Parts,
    repeated: Bits,
}

impl Parts {
    /// Reads all statements, holds them against what is noted of them, and finds those that are
    /// repeated.
    ///
    /// `memory` is about how many bytes that may take. `go_on` is asked every MiB.
    ///
    /// # Errors
    /// When a part is not what was written, or cannot be read.
    pub fn check(
        &self,
        memory: usize,
        diagnostics: &mut Diagnostics,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Checked<'_>, MergeError> {
        // A manifest that promises more statements than bytes is wrong, and will be found to be.
        let promised = |part: &Part| part.manifest.statements.min(part.manifest.bytes);
        let count: u64 = self.parts.iter().map(promised).sum();
        let mut seen = Seen::new(count, memory as u64)?;
        let mut sound = true;
        for part in &self.parts {
            let mut found = Digest::default();
            each_line(part, go_on, Some(&mut found), |line| seen.push(line))?;
            let manifest = &part.manifest;
            let is_same = found.sha256() == manifest.sha256 && found.lines == manifest.statements;
            if !is_same || !ends_with_line(&found) {
                sound = false;
                let (shard, of) = (manifest.shard, manifest.of);
                let place = Location::of_source(part.path.display().to_string());
                let message = format!("part {shard} is not what was written: another SHA-256");
                diagnostics.push(
                    Diagnostic::error("merge::changed-part", message, place)
                        .with_help(format!("make it again with `convert --shard {shard}/{of}`")),
                );
            }
        }
        if !sound {
            return Err(MergeError::Changed);
        }
        Ok(Checked {
            parts: self,
            repeated: seen.finish()?,
        })
    }
}

impl Checked<'_> {
    /// Writes each statement once.
    ///
    /// # Errors
    /// When a part cannot be read, or the output not be written.
    pub fn write(
        &self,
        output: &mut Output,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Merged, MergeError> {
        let mut merged = Merged {
            statements: 0,
            repeated: 0,
        };
        let name = output.name().to_owned();
        for part in &self.parts.parts {
            let before = merged.statements + merged.repeated;
            each_line(part, go_on, None, |line| {
                if self.repeated.has(merged.statements + merged.repeated) {
                    merged.repeated += 1;
                    return Ok(());
                }
                merged.statements += 1;
                let written = output.write_all(line);
                written.map_err(|error| Output::error(&name, error).into())
            })?;
            if merged.statements + merged.repeated - before != part.manifest.statements {
                let error = Error::other("it changed while it was merged");
                return Err(cannot_read(&part.path, error).into());
            }
        }
        Ok(merged)
    }
}

fn ends_with_line(digest: &Digest) -> bool {
    digest.bytes == 0 || digest.ends_with_line
}

// Reads a part line by line, with their ends.
fn each_line(
    part: &Part,
    go_on: &mut dyn FnMut() -> bool,
    digest: Option<&mut Digest>,
    mut take: impl FnMut(&[u8]) -> Result<(), MergeError>,
) -> Result<(), MergeError> {
    let failed = |error| MergeError::from(cannot_read(&part.path, error));
    let file = File::open(&part.path).map_err(failed)?;
    let mut reader = BufReader::with_capacity(
        BUFFER,
        Watched {
            file,
            digest,
            go_on,
            is_stopped: false,
        },
    );
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => return Ok(()),
            Ok(_) => take(&line)?,
            Err(_) if reader.get_ref().is_stopped => return Err(MergeError::Cancelled),
            Err(error) => return Err(failed(error)),
        }
    }
}

// A file of which a digest is made on the way.
struct Watched<'a> {
    file: File,
    digest: Option<&'a mut Digest>,
    go_on: &'a mut dyn FnMut() -> bool,
    is_stopped: bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !(self.go_on)() {
            self.is_stopped = true;
            return Err(Error::other("interrupted"));
        }
        let length = self.file.read(buffer)?;
        if let Some(digest) = &mut self.digest {
            digest.update(&buffer[..length]);
        }
        Ok(length)
    }
}

// SipHash-1-3 of 128 bits: that two of 4,000 million statements have the same has the chance 1 in
// 2⁶⁵.
fn fingerprint(line: &[u8]) -> u128 {
    let mut hasher = SipHasher13::new();
    hasher.write(line);
    hasher.finish128().as_u128()
}

struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, number: u64) {
        let (word, bit) = Self::place(number);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= bit;
    }

    fn has(&self, number: u64) -> bool {
        let (word, bit) = Self::place(number);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn place(number: u64) -> (usize, u64) {
        let word = usize::try_from(number / 64).unwrap_or(usize::MAX);
        (word, 1 << (number % 64))
    }
}

// What came before.
struct Seen {
    count: u64,
    repeated: Bits,
    place: Place,
}

enum Place {
    // Both by the first byte of an entry.
    Memory(Vec<Vec<Entry>>),
    Files(Vec<BufWriter<File>>),
}

impl Seen {
    fn new(count: u64, memory: u64) -> Result<Self, MergeError> {
        let place = if count.saturating_mul(IN_MEMORY) <= memory {
            Place::Memory(vec![Vec::new(); SORTED])
        } else {
            // Files are about alike; a quarter is for those that are larger.
            let each = memory.max(1) / 5 * 4;
            let files = count.saturating_mul(ENTRY as u64) / each.max(1) + 1;
            let files = files.min(MOST_FILES).next_power_of_two();
            let file =
                |_| tempfile::tempfile().map(|file| BufWriter::with_capacity(16 * 1024, file));
            let files: Result<Vec<_>, Error> = (0..files).map(file).collect();
            Place::Files(files.map_err(MergeError::Temporary)?)
        };
        Ok(Self {
            count: 0,
            repeated: Bits(Vec::new()),
            place,
        })
    }

    fn push(&mut self, line: &[u8]) -> Result<(), MergeError> {
        let mut entry = [0; ENTRY];
        entry[..16].copy_from_slice(&fingerprint(line).to_be_bytes());
        entry[16..].copy_from_slice(&self.count.to_be_bytes());
        self.count += 1;
        let first = usize::from(entry[0]);
        match &mut self.place {
            Place::Memory(parts) => parts[first].push(entry),
            Place::Files(files) => {
                // Their number is a power of two up to 256.
                let part = first % files.len();
                let written = files[part].write_all(&entry);
                written.map_err(MergeError::Temporary)?;
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Bits, MergeError> {
        match self.place {
            Place::Memory(parts) => {
                for entries in parts {
                    mark(entries, &mut self.repeated);
                }
            }
            Place::Files(files) => {
                for file in files {
                    let entries = read_back(file).map_err(MergeError::Temporary)?;
                    mark(entries, &mut self.repeated);
                }
            }
        }
        Ok(self.repeated)
    }
}

// Marks what is repeated among entries.
fn mark(mut entries: Vec<Entry>, repeated: &mut Bits) {
    entries.sort_unstable();
    for two in entries.windows(2) {
        if two[0][..16] == two[1][..16] {
            let mut number = [0; 8];
            number.copy_from_slice(&two[1][16..]);
            repeated.set(u64::from_be_bytes(number));
        }
    }
}

fn read_back(file: BufWriter<File>) -> Result<Vec<Entry>, Error> {
    let mut file = file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    let length = usize::try_from(file.stream_position()?).map_err(Error::other)?;
    file.rewind()?;
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let mut entries = Vec::with_capacity(length / ENTRY);
    for _ in 0..length / ENTRY {
        let mut entry = [0; ENTRY];
        reader.read_exact(&mut entry)?;
        entries.push(entry);
    }
    Ok(entries)
}
