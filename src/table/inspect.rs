//! Watches the bytes of a table on their way to the CSV reader.
//!
//! In: the bytes of the source. Out: the same bytes without a byte order mark, and the faults that
//! the CSV reader lets pass in silence: stray and unclosed quotes, bytes that are not UTF-8, blank
//! lines, each with its line.

use std::collections::VecDeque;
use std::io::{self, Read};

/// How many faults wait to be taken; past it the text is hopeless and more say nothing new.
const MOST_FAULTS: usize = 10_000;

/// What is odd about the text of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// A quote within a cell that is not quoted.
    StrayQuote,
    /// Text between a closing quote and the next delimiter.
    TextAfterQuote,
    /// The file ended within a quoted cell, which began at the line given.
    UnclosedQuote,
    /// A byte that is not UTF-8, with its value.
    InvalidUtf8(u8),
    /// A line without any text.
    BlankLine,
    /// The file begins with a byte order mark.
    ByteOrderMark,
    /// Lines end in CR LF.
    CrLf,
}

/// Something odd, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// The line, counted from 1.
    pub line: u64,
    /// The byte of the source, counted from 0.
    pub offset: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    RecordStart,
    FieldStart,
    Unquoted,
    Quoted,
    AfterQuote,
    Escaped,
}

/// The bytes that shape records; `None` where a dialect has no such character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
}

/// A reader that hands on what it reads and remembers what is wrong with it.
pub(super) struct Inspect<R> {
    inner: R,
    shape: Shape,
    state: State,
    line: u64,
    offset: u64,
    quote_opened: (u64, u64),
    utf8: Utf8,
    previous: u8,
    crlf_seen: bool,
    started: bool,
    head: VecDeque<u8>,
    faults: VecDeque<Fault>,
    blank_lines: u64,
    starts: VecDeque<Start>,
}

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    /// The line, counted from 1.
    pub(super) line: u64,
    /// How many blank lines stand before it in the whole file.
    pub(super) blank_lines: u64,
}

impl<R: Read> Inspect<R> {
    pub(super) fn new(inner: R, shape: Shape) -> Self {
        Self {
            inner,
            shape,
            state: State::RecordStart,
            line: 1,
            offset: 0,
            quote_opened: (0, 0),
            utf8: Utf8::default(),
            previous: 0,
            crlf_seen: false,
            started: false,
            head: VecDeque::new(),
            faults: VecDeque::new(),
            blank_lines: 0,
            starts: VecDeque::new(),
        }
    }

    /// Takes the start of the next record: the CSV reader's own position stands before any blank
    /// lines, and before the LF of a CR LF.
    pub(super) fn next_start(&mut self) -> Option<Start> {
        self.starts.pop_front()
    }

    /// The line on which the record after the next begins, if it was read already.
    pub(super) fn line_of_next_start(&self) -> Option<u64> {
        self.starts.front().map(|start| start.line)
    }

    /// Takes the first fault that lies at or before a line.
    pub(super) fn next_fault(&mut self, up_to_line: u64) -> Option<Fault> {
        if self.faults.front()?.line > up_to_line {
            return None;
        }
        self.faults.pop_front()
    }

    /// How many bytes were read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.offset
    }

    fn push(&mut self, kind: FaultKind) {
        self.push_at(kind, self.line, self.offset);
    }

    fn push_at(&mut self, kind: FaultKind, line: u64, offset: u64) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push_back(Fault { kind, line, offset });
        }
    }

    // Reads the first bytes and drops a byte order mark.
    fn start(&mut self) -> io::Result<()> {
        let mut first = [0; 3];
        let mut length = 0;
        while length < 3 {
            let read = self.inner.read(&mut first[length..])?;
            if read == 0 {
                break;
            }
            length += read;
        }
        if first[..length] == [0xEF, 0xBB, 0xBF] {
            self.push(FaultKind::ByteOrderMark);
            self.offset = 3;
        } else {
            self.head.extend(&first[..length]);
        }
        self.started = true;
        Ok(())
    }

    fn watch(&mut self, byte: u8) {
        // A line ends behind its LF, or behind a CR that no LF follows.
        if self.previous == b'\n' || (self.previous == b'\r' && byte != b'\n') {
            self.line += 1;
        }
        if !self.utf8.accept(byte) {
            self.push(FaultKind::InvalidUtf8(byte));
        }
        let is_quote = Some(byte) == self.shape.quote;
        let in_quotes = matches!(self.state, State::Quoted | State::Escaped);
        if (byte == b'\n' || byte == b'\r') && !in_quotes {
            if byte == b'\n' && self.previous == b'\r' {
                if !self.crlf_seen {
                    self.crlf_seen = true;
                    self.push(FaultKind::CrLf);
                }
            } else if self.state == State::RecordStart {
                self.push(FaultKind::BlankLine);
                self.blank_lines += 1;
            }
            self.state = State::RecordStart;
        } else {
            if self.state == State::RecordStart {
                self.starts.push_back(Start {
                    line: self.line,
                    blank_lines: self.blank_lines,
                });
            }
            self.state = match self.state {
                State::RecordStart | State::FieldStart if is_quote => {
                    self.quote_opened = (self.line, self.offset);
                    State::Quoted
                }
                State::Quoted if is_quote => State::AfterQuote,
                State::Quoted if Some(byte) == self.shape.escape => State::Escaped,
                State::Quoted | State::Escaped => State::Quoted,
                State::AfterQuote if is_quote && self.shape.escape.is_none() => State::Quoted,
                _ if byte == self.shape.delimiter => State::FieldStart,
                State::AfterQuote => {
                    self.push(FaultKind::TextAfterQuote);
                    State::Unquoted
                }
                State::Unquoted if is_quote => {
                    self.push(FaultKind::StrayQuote);
                    State::Unquoted
                }
                _ => State::Unquoted,
            };
        }
        self.previous = byte;
        self.offset += 1;
    }

    fn end(&mut self) {
        if matches!(self.state, State::Quoted | State::Escaped) {
            let (line, offset) = self.quote_opened;
            self.push_at(FaultKind::UnclosedQuote, line, offset);
            self.state = State::RecordStart;
        }
        if !self.utf8.is_complete() {
            self.push(FaultKind::InvalidUtf8(self.previous));
            self.utf8 = Utf8::default();
        }
    }
}

impl<R: Read> Read for Inspect<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.started {
            self.start()?;
        }
        let read = if self.head.is_empty() {
            self.inner.read(buffer)?
        } else {
            self.head.read(buffer)?
        };
        if read == 0 && !buffer.is_empty() {
            self.end();
        }
        for byte in &buffer[..read] {
            self.watch(*byte);
        }
        Ok(read)
    }
}

/// A UTF-8 automaton: how many continuation bytes are due and within which bounds.
///
/// Spec: Unicode 15 table 3-7
#[derive(Default)]
struct Utf8 {
    due: u8,
    low: u8,
    high: u8,
}

impl Utf8 {
    fn accept(&mut self, byte: u8) -> bool {
        if self.due == 0 {
            return self.begin(byte);
        }
        if (self.low..=self.high).contains(&byte) {
            (self.due, self.low, self.high) = (self.due - 1, 0x80, 0xBF);
            return true;
        }
        // The sequence broke off: this byte may begin the next one, but the fault stands here.
        self.due = 0;
        self.begin(byte);
        false
    }

    fn begin(&mut self, byte: u8) -> bool {
        (self.due, self.low, self.high) = match byte {
            0x00..=0x7F => (0, 0, 0),
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return false,
        };
        true
    }

    fn is_complete(&self) -> bool {
        self.due == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &[u8]) -> (Vec<u8>, Vec<(FaultKind, u64, u64)>) {
        let shape = Shape {
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
        };
        let mut inspect = Inspect::new(text, shape);
        let mut out = Vec::new();
        inspect.read_to_end(&mut out).unwrap();
        let mut found = Vec::new();
        while let Some(fault) = inspect.next_fault(u64::MAX) {
            found.push((fault.kind, fault.line, fault.offset));
        }
        (out, found)
    }

    #[test]
    fn sound_text_has_no_faults() {
        assert_eq!(faults("a,\"b\"\"c\nd\",e\nع,ف\n".as_bytes()).1, []);
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        assert_eq!(
            faults(b"\xEF\xBB\xBFa\n"),
            (b"a\n".to_vec(), vec![(FaultKind::ByteOrderMark, 1, 0)])
        );
    }

    #[test]
    fn quotes_are_watched() {
        assert_eq!(faults(b"a\nb\"c,d\n").1, [(FaultKind::StrayQuote, 2, 3)]);
        assert_eq!(faults(b"\"b\"c,d\n").1, [(FaultKind::TextAfterQuote, 1, 3)]);
        assert_eq!(faults(b"x\n\"b\n\nc").1, [(FaultKind::UnclosedQuote, 2, 2)]);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_with_their_offset() {
        assert_eq!(
            faults(b"a\nb\xFFc\n").1,
            [(FaultKind::InvalidUtf8(0xFF), 2, 3)]
        );
        assert_eq!(faults(b"a\xC3").1, [(FaultKind::InvalidUtf8(0xC3), 1, 2)]);
        assert_eq!(faults(b"\xE2\x28\xA1").1.len(), 2);
    }

    #[test]
    fn blank_lines_and_line_ends_are_seen() {
        assert_eq!(faults(b"a\n\nb\n").1, [(FaultKind::BlankLine, 2, 2)]);
        assert_eq!(
            faults(b"a\r\n\r\nb\r\n").1,
            [(FaultKind::CrLf, 1, 2), (FaultKind::BlankLine, 2, 3)]
        );
    }
}
