//! Reads on in the midst of a table.
//!
//! In: a [`Position`] at which a record begins, and the bytes from there on. Out: a
//! [`TableReader`] that counts rows, lines and bytes as if it had read all that stands before.

use super::{Cr, Input, Progress, TableReader, encoding};
use crate::table::window::Window;
use crate::table::{Dialect, TableError};
use std::io::{Error, Read};

/// Where a record begins, and what is known of the table before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The row of the source that begins here, counted from 1.
    pub source_row: u64,
    /// Its line, counted from 1.
    pub line: u64,
    /// Its code point of the line, counted from 1; another than 1 only where rows do not end with
    /// their lines.
    pub column: u64,
    /// Its byte of the source (once decoded to UTF-8), counted from 0.
    pub offset: u64,
    /// How many rows from here on are to be skipped.
    pub rows_to_skip: usize,
    /// Whether no row was read yet but comments and skipped ones.
    pub is_first: bool,
    /// Whether rows end in CR too, although the dialect does not say so.
    pub cr_ends_rows: bool,
    /// Whether a row ended in CR LF before, which is a fault once only.
    pub crlf_seen: bool,
}

impl Default for Position {
    /// The beginning of a table.
    fn default() -> Self {
        Self {
            source_row: 1,
            line: 1,
            column: 1,
            offset: 0,
            rows_to_skip: 0,
            is_first: true,
            cr_ends_rows: false,
            crlf_seen: false,
        }
    }
}

impl Position {
    /// A later record of the same table, which begins a line and has rows before it.
    #[must_use]
    pub fn moved_to(self, source_row: u64, line: u64, offset: u64) -> Self {
        Self {
            source_row,
            line,
            column: 1,
            offset,
            rows_to_skip: 0,
            is_first: false,
            ..self
        }
    }
}

// What follows an error is not read.
struct Broken(Option<Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl<'a> TableReader<'a> {
    /// Reads a table on from a position where a record begins.
    ///
    /// The bytes are UTF-8, as [`TableReader::into_rest`] gives them: whatever encoding the dialect
    /// names was decoded. No byte order mark is looked for, nor whether rows end in CR alone, and
    /// the dialect's rows to skip are those of the position.
    ///
    /// # Errors
    /// As for [`TableReader::open`].
    pub fn resume(
        source_name: &str,
        input: Input<'a>,
        dialect: &Dialect,
        position: Position,
    ) -> Result<Self, TableError> {
        Self::at(source_name, Window::new(input), dialect, position)
    }

    /// Does the same as [`TableReader::resume`] for bytes in memory, which are not copied. They end
    /// with a record or with the table.
    ///
    /// # Errors
    /// As for [`TableReader::open`].
    pub fn resume_slice(
        source_name: &str,
        bytes: &'a [u8],
        dialect: &Dialect,
        position: Position,
    ) -> Result<Self, TableError> {
        let nothing: Input<'a> = Box::new(std::io::empty());
        let window = Window::of_slice(bytes, nothing);
        Self::at(source_name, window, dialect, position)
    }

    fn at(
        source_name: &str,
        window: Window<'a, Input<'a>>,
        dialect: &Dialect,
        position: Position,
    ) -> Result<Self, TableError> {
        let window = window.at_offset(position.offset);
        let encoding = encoding(source_name, dialect)?;
        let mut reader = Self::new(source_name, window, encoding, dialect)?;
        reader.source_row = position.source_row.saturating_sub(1);
        reader.rows_to_skip = position.rows_to_skip;
        (reader.line, reader.column) = (position.line, position.column);
        (reader.next_line, reader.next_column) = (position.line, position.column);
        reader.crlf_seen = position.crlf_seen;
        reader.progress = if position.is_first {
            Progress::Begun
        } else {
            Progress::Reading
        };
        if let Cr::Maybe(with_cr) = std::mem::replace(&mut reader.cr, Cr::No)
            && position.cr_ends_rows
        {
            (reader.syntax, reader.cr) = (*with_cr, Cr::Yes);
        }
        Ok(reader)
    }

    /// Where the record behind the last row begins.
    pub fn position(&self) -> Position {
        Position {
            source_row: self.source_row + 1,
            line: self.next_line,
            column: self.next_column,
            offset: self.bytes_read(),
            rows_to_skip: self.rows_to_skip,
            is_first: self.progress != Progress::Reading,
            cr_ends_rows: matches!(self.cr, Cr::Yes),
            crlf_seen: self.crlf_seen,
        }
    }

    /// Ends reading rows: gives where the next begins, the bytes from there on that are in memory,
    /// and what to read on from behind them. All of it is UTF-8 as far as the source is, decoded from
    /// the encoding that the dialect names.
    ///
    /// Faults and comments have to be taken before; where no row was read yet,
    /// [`TableReader::prepare`] finds those of the beginning.
    ///
    /// # Errors
    /// When the beginning of the table cannot be read.
    pub fn into_rest(mut self) -> Result<(Position, Vec<u8>, Input<'a>), TableError> {
        self.prepare()?;
        let position = self.position();
        self.window.consume(self.taken);
        let (bytes, source, failed) = self.window.into_parts();
        let input = match (failed, source) {
            (Some(error), _) => Box::new(Broken(Some(error))),
            (None, Some(source)) => source,
            (None, None) => Box::new(std::io::empty()),
        };
        Ok((position, bytes, input))
    }
}

#[cfg(test)]
mod tests;
