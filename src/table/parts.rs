//! Several files as one table.
//!
//! In: files that each begin with the same header, and the dialect that tells where it ends. Out: one
//! stream of bytes, with the header of the first file only, and where in it each file begins, so that
//! a fault can be told by file and line.
//!
//! Memory: what the reader of one table reads ahead.

use super::glob;
use super::reader::Input;
use super::source::{self, Reading, Told};
use super::{Dialect, TableError, TableReader};
use encoding_rs::Encoding;
use memchr::memchr_iter;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the files begin in the stream.
pub(super) type Starts = Arc<Mutex<Vec<Start>>>;

/// Where the rows of a file begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// The file, as the user would name it.
    name: String,
    /// The line of the stream on which its rows begin, counted from 1, and how many lines of the file
    /// are before them.
    line: u64,
    lines_before: u64,
    /// The same in bytes, counted from 0.
    byte: u64,
    bytes_before: u64,
}

impl Start {
    /// The file in which a line of the stream is, and the line there.
    pub(super) fn place(starts: &[Self], line: u64) -> Option<(&Self, u64)> {
        let found = starts.iter().rfind(|start| start.line <= line)?;
        Some((found, line - found.line + 1 + found.lines_before))
    }

    /// The file, as the user would name it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The byte in the file that is at a byte of the stream.
    pub(super) fn byte(&self, at: usize) -> usize {
        let inside = (at as u64).saturating_sub(self.byte) + self.bytes_before;
        usize::try_from(inside).unwrap_or(at)
    }
}

/// Why a file cannot be taken for a part of a table.
///
/// It is inside of the `std::io::Error` that the stream gives.
#[derive(Debug)]
pub(super) enum PartFault {
    /// It has another header than the first file.
    Header {
        name: String,
        first: String,
        difference: String,
    },
    /// It cannot be read.
    Unreadable(Box<TableError>),
}

impl std::error::Error for PartFault {}

impl std::fmt::Display for PartFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header {
                name,
                first,
                difference,
            } => write!(
                f,
                "`{name}` has another header than `{first}`: {difference}"
            ),
            Self::Unreadable(error) => error.fmt(f),
        }
    }
}

impl PartFault {
    /// The fault inside of an error, if it is one.
    pub(super) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

/// The files that a pattern stands for, one after another.
pub(super) struct Parts {
    files: std::vec::IntoIter<PathBuf>,
    dialect: Dialect,
    reading: Reading,
    told: Told,
    // The header of the first file that has one, with the name of that file.
    header: Option<(String, Vec<Vec<String>>)>,
    current: Option<(String, Input<'static>)>,
    starts: Starts,
    // What was given out.
    lines: u64,
    bytes: u64,
    // The last bytes of that, to see whether a row is ended.
    tail: Vec<u8>,
    // What is to be given out before anything else.
    line_end: Vec<u8>,
}

impl Parts {
    /// Prepares to read all files that match a pattern.
    ///
    /// # Errors
    /// When no file matches, or the encoding is one whose ASCII is not ASCII.
    pub(super) fn open(
        pattern: &Path,
        dialect: &Dialect,
        (reading, told): (Reading, Told),
        starts: Starts,
    ) -> Result<Self, TableError> {
        let files = glob::expand(pattern);
        if files.is_empty() {
            return Err(source::not_found(pattern));
        }
        let encoding = Encoding::for_label(dialect.encoding.trim().as_bytes());
        if encoding.is_some_and(|encoding| !encoding.is_ascii_compatible()) && files.len() > 1 {
            return Err(TableError::PartEncoding {
                source_name: source::relative_to_current(pattern).display().to_string(),
                encoding: dialect.encoding.clone(),
            });
        }
        Ok(Self {
            files: files.into_iter(),
            // Cells are compared as bytes; only what is ASCII tells where the header ends.
            dialect: Dialect {
                encoding: "utf-8".to_owned(),
                ..dialect.clone()
            },
            reading,
            told,
            header: None,
            current: None,
            starts,
            lines: 0,
            bytes: 0,
            tail: Vec::new(),
            line_end: Vec::new(),
        })
    }

    // Opens the next file behind its header, if there is one.
    fn next_part(&mut self) -> Result<bool, PartFault> {
        let Some(path) = self.files.next() else {
            return Ok(false);
        };
        let name = source::relative_to_current(&path).display().to_string();
        let unreadable = |error| PartFault::Unreadable(Box::new(error));
        let input = source::open_file(&path, self.reading, self.told).map_err(unreadable)?;
        let mut reader = TableReader::open(&name, input, &self.dialect).map_err(unreadable)?;
        let header = reader
            .read_header(self.dialect.header_row_count)
            .map_err(unreadable)?;
        let Some(header) = header else {
            return Ok(true);
        };
        let mut start = Start {
            name: name.clone(),
            line: self.lines + 1,
            lines_before: 0,
            byte: self.bytes,
            bytes_before: 0,
        };
        let input: Input<'static> = match &self.header {
            None => {
                self.header = Some((name.clone(), header));
                // Once more from the beginning: the first header is part of the stream.
                source::open_file(&path, self.reading, self.told).map_err(unreadable)?
            }
            Some((first, first_header)) => {
                if let Some(difference) = difference(first_header, &header) {
                    return Err(PartFault::Header {
                        name,
                        first: first.clone(),
                        difference,
                    });
                }
                self.end_row();
                let line_end = self.line_end.clone();
                start.line += memchr_iter(b'\n', &line_end).count() as u64;
                start.byte += line_end.len() as u64;
                let (position, bytes, rest) = reader.into_rest().map_err(unreadable)?;
                start.lines_before = position.line - 1;
                start.bytes_before = position.offset;
                Box::new(io::Cursor::new(bytes).chain(rest))
            }
        };
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever reads the table once more finds the same.
        if !starts.contains(&start) {
            starts.push(start);
        }
        drop(starts);
        self.current = Some((name, input));
        Ok(true)
    }

    // Ends the last row of a file that leaves it open.
    fn end_row(&mut self) {
        let ends = &self.dialect.line_terminators;
        let is_ended = ends.iter().any(|end| self.tail.ends_with(end.as_bytes()))
            // Where CR may be what ends rows, it is not text that is cut off.
            || self.tail.ends_with(b"\r");
        if is_ended || self.bytes == 0 {
            return;
        }
        let end = match ends.iter().find(|end| *end == "\n").or(ends.first()) {
            Some(end) => end.as_bytes(),
            None => b"\n",
        };
        self.line_end = end.to_owned();
    }

    fn note(&mut self, bytes: &[u8]) {
        const TAIL: usize = 16;
        self.bytes += bytes.len() as u64;
        self.lines += memchr_iter(b'\n', bytes).count() as u64;
        let kept = &bytes[bytes.len().saturating_sub(TAIL)..];
        self.tail.extend_from_slice(kept);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
    }
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.line_end.is_empty() {
                let count = self.line_end.len().min(buffer.len());
                buffer[..count].copy_from_slice(&self.line_end[..count]);
                self.line_end.drain(..count);
                self.note(&buffer[..count]);
                return Ok(count);
            }
            let Some((name, input)) = &mut self.current else {
                match self.next_part() {
                    Ok(true) => continue,
                    Ok(false) => return Ok(0),
                    Err(fault) => {
                        self.files = Vec::new().into_iter();
                        return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
                    }
                }
            };
            match input.read(buffer) {
                Ok(0) => self.current = None,
                Ok(count) => {
                    self.note(&buffer[..count]);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let source_name = std::mem::take(name);
                    let fault = TableError::Io { source_name, error };
                    let fault = PartFault::Unreadable(Box::new(fault));
                    self.current = None;
                    self.files = Vec::new().into_iter();
                    return Err(io::Error::new(io::ErrorKind::InvalidData, fault));
                }
            }
        }
    }
}

// Where two headers differ, in words.
fn difference(first: &[Vec<String>], other: &[Vec<String>]) -> Option<String> {
    if first.len() != other.len() {
        return Some(format!(
            "it has {} rows where {} stand there",
            other.len(),
            first.len()
        ));
    }
    for (number, (one, two)) in first.iter().zip(other).enumerate() {
        let row = match first.len() {
            1 => String::new(),
            _ => format!("row {}, ", number + 1),
        };
        let mut columns = one.iter().zip(two).enumerate();
        if let Some((column, (one, two))) = columns.find(|(_, (one, two))| one != two) {
            let column = column + 1;
            return Some(format!("{row}column {column} is `{two}` and not `{one}`"));
        }
        if one.len() != two.len() {
            return Some(format!(
                "{row}it ends with column {} and not {}",
                two.len(),
                one.len()
            ));
        }
    }
    None
}
