//! Text files line by line, with places for what is wrong in them.

use super::{ImportError, Open};
use std::io::{BufRead, Read as _};

/// The greatest number of bytes of a node or relationship.
pub(super) const MOST: usize = 256 << 20;

/// Where in a file something is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) file: String,
    /// The line, counted from 1.
    pub(super) line: u64,
    /// The column in code points, counted from 1, where it is known.
    pub(super) column: Option<u64>,
}

impl Place {
    /// An error there.
    pub(super) fn fault(&self, reason: impl Into<String>) -> ImportError {
        ImportError::Content {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
            reason: reason.into(),
        }
    }

    /// The place of a byte in a text that begins here, at the beginning of a line.
    pub(super) fn of_byte(&self, text: &str, at: usize) -> Self {
        let before = &text.as_bytes()[..at.min(text.len())];
        let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        Self {
            file: self.file.clone(),
            line: self.line + memchr::memchr_iter(b'\n', before).count() as u64,
            column: Some(1 + code_points(&before[start..])),
        }
    }
}

/// The number of code points in UTF-8.
pub(super) fn code_points(bytes: &[u8]) -> u64 {
    let begins = bytes.iter().filter(|byte| **byte & 0xC0 != 0x80);
    begins.count() as u64
}

/// Opens a file.
pub(super) fn open_file(name: &str, open: &mut Open<'_>) -> Result<Box<dyn BufRead>, ImportError> {
    open(name).map_err(|error| ImportError::Io {
        file: name.to_owned(),
        error,
    })
}

/// Reads lines.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    /// The line that was read last; line 0 before the first.
    place: Place,
    bytes: Vec<u8>,
}

impl Lines {
    pub(super) fn open(name: &str, open: &mut Open<'_>) -> Result<Self, ImportError> {
        Ok(Self {
            reader: open_file(name, open)?,
            place: Place {
                file: name.to_owned(),
                line: 0,
                column: None,
            },
            bytes: Vec::new(),
        })
    }

    /// The line that was read last.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Adds the next line to a text, with the line end that it has; says whether there was one.
    pub(super) fn read(&mut self, text: &mut String) -> Result<bool, ImportError> {
        self.bytes.clear();
        let most = (MOST.saturating_sub(text.len()) + 1) as u64;
        let read = (&mut self.reader)
            .take(most)
            .read_until(b'\n', &mut self.bytes);
        read.map_err(|error| ImportError::Io {
            file: self.place.file.clone(),
            error,
        })?;
        if self.bytes.is_empty() {
            return Ok(false);
        }
        self.place.line += 1;
        if self.bytes.len() as u64 == most {
            let reason = format!("more than {} MiB stand in one place", MOST >> 20);
            return Err(self.place.fault(reason));
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(line) => text.push_str(line),
            Err(error) => {
                let valid = &self.bytes[..error.valid_up_to()];
                let mut place = self.place.clone();
                place.column = Some(1 + code_points(valid));
                return Err(place.fault("this is not UTF-8"));
            }
        }
        Ok(true)
    }
}
