//! Watches the bytes of a table on their way to the CSV reader.
//!
//! In: the bytes of the source. Out: the same bytes without a byte order mark, skipped lines and
//! comment lines, and the faults that the CSV reader lets pass in silence: stray and unclosed
//! quotes, bytes that are not UTF-8, blank lines, each with its place.

use std::collections::VecDeque;
use std::io::{self, Read};

/// How many faults wait to be taken; past it the text is hopeless and more say nothing new.
const MOST_FAULTS: usize = 10_000;

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

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
    /// The code point of the line, counted from 1.
    pub column: u64,
    /// The byte of the source (once decoded to UTF-8), counted from 0.
    pub offset: u64,
}

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    line: u64,
    column: u64,
    offset: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    RecordStart,
    FieldStart,
    Unquoted,
    Quoted,
    AfterQuote,
    Escaped,
    // A line that is left out; true for a comment, whose text is kept.
    Dropped(bool),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Fresh,
    Reading,
    Ended,
}

/// The bytes that shape records, and which lines are none; `None` where a dialect has no such
/// character.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
    pub(super) comment_prefix: Option<Vec<u8>>,
    pub(super) skip_lines: usize,
    /// Whether the text was decoded, so that U+FFFD stands for bytes without meaning.
    pub(super) decoded: bool,
}

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    /// The line, counted from 1.
    pub(super) line: u64,
    /// How many lines before it in the whole file are no records: blank, skipped, comments.
    pub(super) dropped_lines: u64,
}

/// A reader that hands on what it reads and remembers what is wrong with it.
pub(super) struct Inspect<R> {
    inner: R,
    shape: Shape,
    state: State,
    here: Mark,
    quote_opened: Mark,
    utf8: Utf8,
    previous: u8,
    before_previous: u8,
    crlf_seen: bool,
    progress: Progress,
    handed_on: bool,
    // How much of a comment prefix stands at the start of this record.
    matched: usize,
    raw: Vec<u8>,
    out: Vec<u8>,
    taken: usize,
    dropped_lines: u64,
    comment: Vec<u8>,
    comments: Vec<String>,
    faults: VecDeque<Fault>,
    starts: VecDeque<Start>,
}

impl<R: Read> Inspect<R> {
    pub(super) fn new(inner: R, shape: Shape) -> Self {
        let here = Mark {
            line: 1,
            column: 1,
            offset: 0,
        };
        let state = if shape.skip_lines > 0 {
            State::Dropped(false)
        } else {
            State::RecordStart
        };
        Self {
            inner,
            shape,
            state,
            here,
            quote_opened: here,
            utf8: Utf8::default(),
            previous: 0,
            before_previous: 0,
            crlf_seen: false,
            progress: Progress::Fresh,
            handed_on: false,
            matched: 0,
            raw: vec![0; CHUNK],
            out: Vec::new(),
            taken: 0,
            dropped_lines: 0,
            comment: Vec::new(),
            comments: Vec::new(),
            faults: VecDeque::new(),
            starts: VecDeque::new(),
        }
    }

    /// Takes the first fault that belongs to a record which begins on one line and ends at or
    /// before another. Blank lines belong to the record that follows them: whether they were read
    /// already must not matter.
    pub(super) fn next_fault(&mut self, record_line: u64, up_to_line: u64) -> Option<Fault> {
        let fault = self.faults.front()?;
        let follows = fault.kind == FaultKind::BlankLine && fault.line > record_line;
        if fault.line > up_to_line || follows {
            return None;
        }
        self.faults.pop_front()
    }

    /// Takes the start of the next record: the CSV reader's own position knows nothing of the
    /// lines that are left out.
    pub(super) fn next_start(&mut self) -> Option<Start> {
        self.starts.pop_front()
    }

    /// The line on which the record after the next begins, if it was read already.
    pub(super) fn line_of_next_start(&self) -> Option<u64> {
        self.starts.front().map(|start| start.line)
    }

    /// Takes the comments found since the last call.
    pub(super) fn take_comments(&mut self) -> Vec<String> {
        std::mem::take(&mut self.comments)
    }

    /// How many bytes were read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.here.offset
    }

    fn push(&mut self, kind: FaultKind, mark: Mark) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push_back(Fault {
                kind,
                line: mark.line,
                column: mark.column,
                offset: mark.offset,
            });
        }
    }

    // Reads a chunk and passes it on, byte by byte.
    fn fill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.taken = 0;
        let mut raw = std::mem::take(&mut self.raw);
        let result = self.fill_from(&mut raw);
        self.raw = raw;
        result
    }

    fn fill_from(&mut self, raw: &mut [u8]) -> io::Result<()> {
        // After a CR one more byte is needed to know the line's end.
        while (self.out.is_empty() || self.previous == b'\r') && self.progress != Progress::Ended {
            let mut length = self.inner.read(raw)?;
            let mut begin = 0;
            if self.progress == Progress::Fresh {
                // Three bytes are needed to know a byte order mark.
                while length < 3 {
                    let more = self.inner.read(&mut raw[length..])?;
                    if more == 0 {
                        break;
                    }
                    length += more;
                }
                self.progress = Progress::Reading;
                if raw[..length].starts_with(&[0xEF, 0xBB, 0xBF]) {
                    self.push(FaultKind::ByteOrderMark, self.here);
                    self.here.offset = 3;
                    begin = 3;
                }
            }
            if length == 0 {
                self.end();
            }
            for byte in &raw[begin..length] {
                self.watch(*byte);
            }
        }
        Ok(())
    }

    fn watch(&mut self, byte: u8) {
        // A line ends behind its LF, or behind a CR that no LF follows.
        if self.previous == b'\n' || (self.previous == b'\r' && byte != b'\n') {
            self.here.line += 1;
            self.here.column = 1;
            if let State::Dropped(is_comment) = self.state {
                self.end_dropped(is_comment);
            }
        }
        if let Some((byte, mark)) = self.utf8.accept(byte, self.here) {
            self.push(FaultKind::InvalidUtf8(byte), mark);
        }
        let replaced = [self.before_previous, self.previous, byte] == [0xEF, 0xBF, 0xBD];
        if replaced && self.shape.decoded {
            self.push(FaultKind::Undecodable, self.here);
        }
        if let State::Dropped(is_comment) = self.state {
            if is_comment {
                self.comment.push(byte);
            }
        } else {
            let held_back = self.state == State::RecordStart && self.begins_comment(byte);
            if !held_back {
                self.pass(byte);
            }
        }
        self.before_previous = self.previous;
        self.previous = byte;
        self.here.offset += 1;
        if byte & 0xC0 != 0x80 {
            self.here.column += 1;
        }
    }

    // Whether a byte at the start of a record goes on with the comment prefix; where the prefix
    // breaks off, what was held back is passed on.
    fn begins_comment(&mut self, byte: u8) -> bool {
        let Some(prefix) = &self.shape.comment_prefix else {
            return false;
        };
        if prefix.get(self.matched) == Some(&byte) {
            self.matched += 1;
            if self.matched == prefix.len() {
                self.matched = 0;
                self.state = State::Dropped(true);
            }
            return true;
        }
        self.release();
        false
    }

    fn release(&mut self) {
        let held = self.shape.comment_prefix.clone().unwrap_or_default();
        for byte in &held[..std::mem::take(&mut self.matched)] {
            self.pass(*byte);
        }
    }

    fn end_dropped(&mut self, is_comment: bool) {
        self.dropped_lines += 1;
        if is_comment || !self.comment.is_empty() {
            let comment = String::from_utf8_lossy(&self.comment).trim().to_owned();
            self.comments.push(comment);
            self.comment.clear();
        }
        self.shape.skip_lines = self
            .shape
            .skip_lines
            .saturating_sub(usize::from(!is_comment));
        self.state = if self.shape.skip_lines > 0 {
            State::Dropped(false)
        } else {
            State::RecordStart
        };
    }

    fn pass(&mut self, byte: u8) {
        self.out.push(byte);
        let is_quote = Some(byte) == self.shape.quote;
        let in_quotes = matches!(self.state, State::Quoted | State::Escaped);
        if (byte == b'\n' || byte == b'\r') && !in_quotes {
            if byte == b'\n' && self.previous == b'\r' {
                if !self.crlf_seen {
                    self.crlf_seen = true;
                    self.push(FaultKind::CrLf, self.here);
                }
            } else if self.state == State::RecordStart {
                self.push(FaultKind::BlankLine, self.here);
                self.dropped_lines += 1;
            }
            self.state = State::RecordStart;
            return;
        }
        if self.state == State::RecordStart {
            self.starts.push_back(Start {
                line: self.here.line,
                dropped_lines: self.dropped_lines,
            });
        }
        self.state = match self.state {
            State::RecordStart | State::FieldStart if is_quote => {
                self.quote_opened = self.here;
                State::Quoted
            }
            State::Quoted if is_quote => State::AfterQuote,
            State::Quoted if Some(byte) == self.shape.escape => State::Escaped,
            State::Quoted | State::Escaped => State::Quoted,
            State::AfterQuote if is_quote && self.shape.escape.is_none() => State::Quoted,
            _ if byte == self.shape.delimiter => State::FieldStart,
            State::AfterQuote => {
                self.push(FaultKind::TextAfterQuote(self.quote_opened.line), self.here);
                State::Unquoted
            }
            State::Unquoted if is_quote => {
                self.push(FaultKind::StrayQuote, self.here);
                State::Unquoted
            }
            _ => State::Unquoted,
        };
    }

    fn end(&mut self) {
        self.progress = Progress::Ended;
        self.release();
        if let State::Dropped(is_comment) = self.state {
            self.end_dropped(is_comment);
        }
        if matches!(self.state, State::Quoted | State::Escaped) {
            self.push(FaultKind::UnclosedQuote, self.quote_opened);
        }
        if let Some((byte, mark)) = self.utf8.open() {
            self.push(FaultKind::InvalidUtf8(byte), mark);
        }
    }
}

impl<R: Read> Read for Inspect<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.out.len() {
            self.fill()?;
        }
        // The CSV reader would drop another byte order mark if it came in the first read.
        let most = if self.handed_on {
            buffer.len()
        } else {
            buffer.len().min(1)
        };
        self.handed_on = true;
        let length = most.min(self.out.len() - self.taken);
        buffer[..length].copy_from_slice(&self.out[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

/// A UTF-8 automaton: how many continuation bytes are due, within which bounds, and where the
/// sequence began.
///
/// Spec: Unicode 15 table 3-7
#[derive(Default)]
struct Utf8 {
    due: u8,
    low: u8,
    high: u8,
    began: Option<(u8, Mark)>,
}

impl Utf8 {
    // Gives the first byte of a sequence that is not UTF-8.
    fn accept(&mut self, byte: u8, here: Mark) -> Option<(u8, Mark)> {
        if self.due == 0 {
            return (!self.begin(byte, here)).then_some((byte, here));
        }
        if (self.low..=self.high).contains(&byte) {
            (self.due, self.low, self.high) = (self.due - 1, 0x80, 0xBF);
            return None;
        }
        // The sequence broke off: this byte may begin the next one.
        let broken = self.began;
        self.due = 0;
        self.begin(byte, here);
        broken
    }

    fn begin(&mut self, byte: u8, here: Mark) -> bool {
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
        self.began = Some((byte, here));
        true
    }

    // The sequence that the end of the file broke off.
    fn open(&self) -> Option<(u8, Mark)> {
        self.began.filter(|_| self.due > 0)
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
            comment_prefix: Some(b"#!".to_vec()),
            skip_lines: 0,
            decoded: false,
        };
        let mut inspect = Inspect::new(text, shape);
        let mut out = Vec::new();
        inspect.read_to_end(&mut out).unwrap();
        let mut found = Vec::new();
        while let Some(fault) = inspect.next_fault(u64::MAX, u64::MAX) {
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
    fn comments_are_left_out_whatever_stands_in_them() {
        assert_eq!(
            faults(b"#! a \"b\nc\n#d\n\"#!e\"\n #!f\n#! end"),
            (b"c\n#d\n\"#!e\"\n #!f\n".to_vec(), vec![])
        );
    }

    #[test]
    fn quotes_are_watched() {
        assert_eq!(faults(b"a\nb\"c,d\n").1, [(FaultKind::StrayQuote, 2, 3)]);
        assert_eq!(
            faults(b"\"b\"c,d\n").1,
            [(FaultKind::TextAfterQuote(1), 1, 3)]
        );
        assert_eq!(faults(b"x\n\"b\n\nc").1, [(FaultKind::UnclosedQuote, 2, 2)]);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_with_their_offset() {
        assert_eq!(
            faults(b"a\nb\xFFc\n").1,
            [(FaultKind::InvalidUtf8(0xFF), 2, 3)]
        );
        assert_eq!(faults(b"a\xC3").1, [(FaultKind::InvalidUtf8(0xC3), 1, 1)]);
        assert_eq!(faults(b"a\xE9b").1, [(FaultKind::InvalidUtf8(0xE9), 1, 1)]);
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
