//! What is odd about the text of a table, and where.
//!
//! In: the bytes of one record and places in it. Out: [`Fault`]s with line, column and offset.

use memchr::{memchr_iter, memrchr};

/// How many faults are kept; past it the text is hopeless and more say nothing new.
pub(super) const MOST_FAULTS: usize = 10_000;

/// What is odd about the text of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// A quote within a cell that is not quoted.
    StrayQuote,
    /// Text between a closing quote and the next delimiter; the line on which the cell's quote
    /// opened.
    TextAfterQuote(u64),
    /// The file ended within a quoted cell, which began at the place given.
    UnclosedQuote,
    /// A byte that begins no UTF-8, with its value.
    InvalidUtf8(u8),
    /// Bytes that mean nothing in the encoding that the dialect names.
    Undecodable,
    /// A line without any text.
    BlankLine,
    /// The file begins with a byte order mark.
    ByteOrderMark,
    /// Rows end in CR alone, which the dialect does not say.
    CrOnly,
    /// Lines end in CR LF.
    CrLf,
    /// The first row holds a CR that ends no line in this dialect.
    LoneCr,
}

/// Something odd, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// The line, counted from 1.
    pub line: u64,
    /// The code point of the line, counted from 1.
    pub column: u64,
    /// The byte of the source (once decoded to UTF-8), counted from 0.
    pub offset: u64,
}

/// A place within a record that moves forward only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The line, counted from 1: what an editor calls so, whatever ends the rows.
    pub(super) line: u64,
    /// The code point of the line, counted from 1.
    pub(super) column: u64,
    /// The byte of the record.
    pub(super) at: usize,
}

impl Mark {
    /// The beginning of a record.
    pub(super) fn new(line: u64, column: u64) -> Self {
        Self {
            line,
            column,
            at: 0,
        }
    }

    /// Moves to a byte of the record. A line ends behind an LF, and where rows may end in a lone
    /// CR behind that too.
    pub(super) fn forward(&mut self, record: &[u8], to: usize, cr_ends_lines: bool) {
        let passed = &record[self.at..to];
        let last = if cr_ends_lines {
            let mut last = None;
            for (index, byte) in passed.iter().enumerate() {
                let next = record.get(self.at + index + 1);
                if *byte == b'\n' || (*byte == b'\r' && next != Some(&b'\n')) {
                    self.line += 1;
                    last = Some(index);
                }
            }
            last
        } else {
            self.line += memchr_iter(b'\n', passed).count() as u64;
            memrchr(b'\n', passed)
        };
        let tail = match last {
            Some(last) => {
                self.column = 1;
                &passed[last + 1..]
            }
            None => passed,
        };
        let begins = |byte: &&u8| **byte & 0xC0 != 0x80;
        self.column += tail.iter().filter(begins).count() as u64;
        self.at = to;
    }
}

/// A fault of the quotes of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuoteFault {
    pub(super) kind: FaultKind,
    pub(super) at: usize,
    /// Where the quote of its cell opened.
    pub(super) opened: usize,
}

/// The faults that wait to be taken.
#[derive(Debug)]
pub(super) struct FaultLog {
    faults: Vec<Fault>,
    // The first fault of the record at hand, and where that begins.
    first: usize,
    begin: Mark,
    offset: u64,
    cr_ends_lines: bool,
    // Places are looked for in order, so that a long record is not walked through for each.
    here: Mark,
    opened: Mark,
}

impl Default for FaultLog {
    fn default() -> Self {
        let begin = Mark::new(1, 1);
        Self {
            faults: Vec::new(),
            first: 0,
            begin,
            offset: 0,
            cr_ends_lines: false,
            here: begin,
            opened: begin,
        }
    }
}

impl FaultLog {
    /// Whether nothing was noted that was not taken.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// What was noted.
    #[inline]
    pub(super) fn waiting(&self) -> &[Fault] {
        &self.faults
    }

    /// Takes what was noted.
    #[inline]
    pub(super) fn take(&mut self) -> Vec<Fault> {
        self.first = 0;
        std::mem::take(&mut self.faults)
    }

    /// Tells where the record begins whose faults follow.
    #[cold]
    pub(super) fn begin_record(&mut self, begin: Mark, offset: u64, cr_ends_lines: bool) {
        (self.begin, self.here, self.opened) = (begin, begin, begin);
        (self.offset, self.cr_ends_lines) = (offset, cr_ends_lines);
        self.first = self.faults.len();
    }

    /// Notes a fault at a byte of the record.
    #[cold]
    pub(super) fn note(&mut self, record: &[u8], kind: FaultKind, at: usize) {
        if self.faults.len() >= MOST_FAULTS {
            return;
        }
        if at < self.here.at {
            self.here = self.begin;
        }
        self.here.forward(record, at, self.cr_ends_lines);
        self.faults.push(Fault {
            kind,
            line: self.here.line,
            column: self.here.column,
            offset: self.offset + at as u64,
        });
    }

    /// Notes a fault of the quotes.
    #[cold]
    pub(super) fn note_quote(&mut self, record: &[u8], fault: &QuoteFault) {
        let mut kind = fault.kind;
        if let FaultKind::TextAfterQuote(line) = &mut kind {
            self.opened
                .forward(record, fault.opened, self.cr_ends_lines);
            *line = self.opened.line;
        }
        self.note(record, kind, fault.at);
    }

    /// Notes bytes that are no text, and sorts.
    #[cold]
    pub(super) fn note_bytes(&mut self, record: &[u8], is_decoded: bool) {
        self.here = self.begin;
        invalid_utf8(record, |at, byte| {
            self.note(record, FaultKind::InvalidUtf8(byte), at);
        });
        if is_decoded {
            self.here = self.begin;
            for at in memchr_iter(0xEF, record) {
                if record[at..].starts_with("\u{FFFD}".as_bytes()) {
                    self.note(record, FaultKind::Undecodable, at);
                }
            }
        }
        self.sort();
    }

    /// Puts the faults of the record in the order of their places.
    pub(super) fn sort(&mut self) {
        self.faults[self.first..].sort_by_key(|fault| fault.offset);
    }
}

/// Calls for each sequence of bytes that is not UTF-8: where it begins, and its first byte.
pub(super) fn invalid_utf8(bytes: &[u8], mut found: impl FnMut(usize, u8)) {
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        at += chunk.valid().len();
        if let Some(first) = chunk.invalid().first() {
            found(at, *first);
        }
        at += chunk.invalid().len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_lines_and_code_points() {
        let record = "aع\nb\rc".as_bytes();
        let mut mark = Mark::new(3, 5);
        mark.forward(record, 3, true);
        assert_eq!((mark.line, mark.column), (3, 7));
        mark.forward(record, 6, true);
        assert_eq!((mark.line, mark.column), (5, 1));
        let mut mark = Mark::new(3, 5);
        mark.forward(record, 7, false);
        assert_eq!((mark.line, mark.column), (4, 4));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_with_their_place() {
        let check = |bytes: &[u8], expected: &[(usize, u8)]| {
            let mut found = Vec::new();
            invalid_utf8(bytes, |at, byte| found.push((at, byte)));
            assert_eq!(found, expected);
        };
        check("aع中🪐".as_bytes(), &[]);
        check(b"b\xFFc", &[(1, 0xFF)]);
        check(b"a\xC3", &[(1, 0xC3)]);
        check(b"a\xE9b", &[(1, 0xE9)]);
        check(b"\xE2\x28\xA1", &[(0, 0xE2), (2, 0xA1)]);
    }
}
