//! CSV in which an empty text is told from no value: texts stand in quotes, no value is an empty cell.
//!
//! Spec: RFC 4180 §2

use super::lines::{Lines, Place};
use super::{ImportError, Open};
use memchr::memchr_iter;

/// A cell of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// The text, where there is one.
    pub(super) text: Option<String>,
    /// The byte of the record at which it begins.
    at: usize,
}

/// Reads records one after another; memory: one record.
pub(super) struct Records {
    lines: Lines,
    /// The record that was read last.
    text: String,
    /// Its first line.
    place: Place,
}

impl Records {
    pub(super) fn open(name: &str, open: &mut Open<'_>) -> Result<Self, ImportError> {
        let lines = Lines::open(name, open)?;
        Ok(Self {
            place: lines.place().clone(),
            lines,
            text: String::new(),
        })
    }

    /// The record that was read last.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// A cell of the record that was read last.
    pub(super) fn place_of(&self, cell: &Cell) -> Place {
        self.place.of_byte(&self.text, cell.at)
    }

    /// Reads the cells of the next record, or nothing at the end of the file.
    pub(super) fn read(&mut self) -> Result<Option<Vec<Cell>>, ImportError> {
        self.text.clear();
        self.place.line = self.lines.place().line + 1;
        let mut is_open = false;
        loop {
            let before = self.text.len();
            if !self.lines.read(&mut self.text)? {
                break;
            }
            let quotes = memchr_iter(b'"', &self.text.as_bytes()[before..]).count();
            is_open ^= quotes % 2 == 1;
            if !is_open {
                break;
            }
        }
        if self.text.is_empty() {
            return Ok(None);
        }
        self.cells().map(Some)
    }

    fn fault(&self, at: usize, reason: &str) -> ImportError {
        self.place.of_byte(&self.text, at).fault(reason)
    }

    fn cells(&self) -> Result<Vec<Cell>, ImportError> {
        let text = self.text.as_str();
        let mut cells = Vec::new();
        let mut at = 0;
        loop {
            let (cell, end) = self.cell(at)?;
            cells.push(Cell { text: cell, at });
            at = end + 1;
            match text.as_bytes().get(end) {
                Some(b',') => {}
                Some(b'\n') if at == text.len() => return Ok(cells),
                None => return Err(self.fault(end, "the file ends within a record")),
                Some(_) => return Err(self.fault(end, "text behind a closing quote")),
            }
        }
    }

    /// The text of the cell that begins at a byte, and the byte behind it.
    fn cell(&self, begin: usize) -> Result<(Option<String>, usize), ImportError> {
        let rest = &self.text[begin..];
        if !rest.starts_with('"') {
            let end = rest.find([',', '\n']).unwrap_or(rest.len());
            if let Some(at) = rest[..end].find('"') {
                return Err(self.fault(begin + at, "a quote in a cell without quotes"));
            }
            let text = (end > 0).then(|| rest[..end].to_owned());
            return Ok((text, begin + end));
        }
        let mut text = String::new();
        let mut at = 1;
        loop {
            let end = rest[at..].find('"');
            let end = end.ok_or_else(|| self.fault(begin, "a quote that is never closed"))?;
            text.push_str(&rest[at..at + end]);
            at += end + 1;
            if !rest[at..].starts_with('"') {
                return Ok((Some(text), begin + at));
            }
            text.push('"');
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, Cursor, Result as IoResult};

    fn records(text: &'static str) -> Records {
        let mut open = |_: &str| -> IoResult<Box<dyn BufRead>> { Ok(Box::new(Cursor::new(text))) };
        Records::open("f", &mut (&mut open as Open<'_>)).unwrap()
    }

    #[test]
    fn an_empty_text_is_no_empty_cell() {
        let mut records = records("a,\"\",\n\"b\n\"\"c\"\"\"\n");
        let mut rows = Vec::new();
        while let Some(row) = records.read().unwrap() {
            rows.push(row.into_iter().map(|cell| cell.text).collect::<Vec<_>>());
        }
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows,
            [vec![some("a"), some(""), None], vec![some("b\n\"c\"")]]
        );
    }

    #[test]
    fn broken_records_are_faults() {
        let check = |text, line: u64, column: u64, reason: &str| {
            let mut records = records(text);
            let error = loop {
                match records.read() {
                    Ok(row) => assert!(row.is_some(), "{text:?} is read"),
                    Err(error) => break error,
                }
            };
            let ImportError::Content {
                line: l,
                column: c,
                reason: r,
                ..
            } = error
            else {
                unreachable!("{error}");
            };
            assert_eq!((l, c, r.as_str()), (line, Some(column), reason), "{text:?}");
        };
        check("a\n\"b", 2, 1, "a quote that is never closed");
        check("\"ع\"b\n", 1, 4, "text behind a closing quote");
        check("é,a\"b\n", 1, 4, "a quote in a cell without quotes");
        check("a\nb,c", 2, 4, "the file ends within a record");
        check("\"a\n\"\"\n\",b", 3, 4, "the file ends within a record");
    }
}
