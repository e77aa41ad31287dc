//! Finds the cells of one record.
//!
//! In: bytes that begin with a record, and a [`Syntax`]. Out: where its cells stand, where the
//! next record begins, and the faults of its quotes. Nothing is copied; bytes become text in
//! `reader`.
//!
//! Sound text is read as the specification says. Text that is not is read as the `csv` crate does:
//! a quote counts only at the start of a cell, and text behind a closing quote belongs to the cell.
//!
//! Spec: tabular-data-model §8

use super::Dialect;
use super::fault::{FaultKind, MOST_FAULTS, QuoteFault};
use super::hits::{ByteSet, Hits};
use memchr::{memchr, memchr2, memchr3};
use std::ops::Range;

/// A text that shapes records.
#[derive(Debug, Clone)]
struct Token {
    first: u8,
    rest: Vec<u8>,
}

impl Token {
    fn new(text: &str) -> Option<Self> {
        let (first, rest) = text.as_bytes().split_first()?;
        Some(Self {
            first: *first,
            rest: rest.to_vec(),
        })
    }

    fn len(&self) -> usize {
        1 + self.rest.len()
    }

    // One comparison decides for a text of one byte; the lengths are compared only after it.
    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        bytes.get(at) == Some(&self.first)
            && (self.rest.is_empty() || bytes[at + 1..].starts_with(&self.rest))
    }
}

/// Bytes to look for.
#[derive(Debug, Clone)]
enum Needles {
    One(u8),
    Two(u8, u8),
    Three(u8, u8, u8),
    Many(Box<[bool; 256]>),
}

impl Needles {
    fn new(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut bytes: Vec<u8> = bytes.into_iter().collect();
        bytes.sort_unstable();
        bytes.dedup();
        match bytes[..] {
            [a] => Self::One(a),
            [a, b] => Self::Two(a, b),
            [a, b, c] => Self::Three(a, b, c),
            _ => {
                let mut table = Box::new([false; 256]);
                for byte in bytes {
                    table[usize::from(byte)] = true;
                }
                Self::Many(table)
            }
        }
    }

    fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let rest = bytes.get(from..)?;
        let found = match self {
            Self::One(a) => memchr(*a, rest),
            Self::Two(a, b) => memchr2(*a, *b, rest),
            Self::Three(a, b, c) => memchr3(*a, *b, *c, rest),
            Self::Many(table) => rest.iter().position(|byte| table[usize::from(*byte)]),
        };
        found.map(|at| from + at)
    }
}

/// What shapes the records of a dialect.
#[derive(Debug, Clone)]
pub(super) struct Syntax {
    delimiter: Token,
    quote: Option<Token>,
    // Escapes within quotes; where there is none, quotes are doubled.
    escape: Option<u8>,
    // The longest first.
    terminators: Vec<Token>,
    // CR LF and LF both end lines, so it is enough to look for LF and for a CR before it.
    looks_back: bool,
    // LF, where rows end in these two and nothing else.
    plain_end: Option<u8>,
    // A delimiter of one byte, which no quote begins with.
    plain_delimiter: Option<u8>,
    // A quote of one byte, which is doubled within quotes.
    plain_quote: Option<u8>,
    cr_ends_lines: bool,
    // No line break can stand in an unquoted cell.
    only_lines: bool,
    // How many bytes have to be there to tell what begins at a byte.
    longest: usize,
    shaping: ByteSet,
    quoted: Needles,
    line: Needles,
}

/// Why a dialect cannot be read: the property that is empty.
pub(super) struct Empty(pub(super) &'static str);

/// Where a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it stands there with its quotes, which are not all its text.
    pub(super) is_raw: bool,
}

/// What was found of a record.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) cells: Vec<Cell>,
    pub(super) faults: Vec<QuoteFault>,
    /// How many bytes it has without what ends it.
    pub(super) length: usize,
    /// Where the next record begins.
    pub(super) next: usize,
    /// The line breaks in it, unless it has to be looked through for more.
    pub(super) breaks: u64,
    pub(super) may_break: bool,
    pub(super) has_raw: bool,
    /// Whether something was found that may be worth a note.
    pub(super) is_odd: bool,
}

/// Whether a record could be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Done,
    /// More bytes are needed; the place of the quote that is open.
    More(Option<usize>),
}

/// What ends a cell.
enum End {
    /// A delimiter; where the next cell begins.
    Delimiter(usize),
    /// What ends the record: where that begins, and where the next record does.
    Terminator(usize, usize),
    /// Nothing follows.
    Input,
}

impl Syntax {
    pub(super) fn new(dialect: &Dialect) -> Result<Self, Empty> {
        let delimiter = Token::new(&dialect.delimiter).ok_or(Empty("delimiter"))?;
        let quote = dialect
            .quote_char
            .and_then(|quote| Token::new(quote.encode_utf8(&mut [0; 4])));
        let ends = &dialect.line_terminators;
        let mut terminators: Vec<Token> = ends.iter().filter_map(|end| Token::new(end)).collect();
        if terminators.is_empty() {
            return Err(Empty("lineTerminators"));
        }
        terminators.sort_by_key(|token| std::cmp::Reverse(token.len()));
        let has = |text: &str| ends.iter().any(|end| end == text);
        let looks_back = has("\r\n") && has("\n");
        let line: Vec<u8> = terminators
            .iter()
            .filter(|token| !(looks_back && token.first == b'\r' && token.rest == b"\n"))
            .map(|token| token.first)
            .collect();
        let escape = (quote.is_some() && !dialect.double_quote).then_some(b'\\');
        let first = quote.as_ref().map(|quote| quote.first);
        let tokens = terminators.iter().chain(&quote).chain([&delimiter]);
        let only_lines = line == [b'\n'] && !dialect.delimiter.contains('\n');
        let is_plain = delimiter.rest.is_empty() && first != Some(delimiter.first);
        Ok(Self {
            longest: tokens.map(Token::len).max().unwrap_or(1),
            shaping: ByteSet::new(
                line.iter()
                    .copied()
                    .chain([delimiter.first])
                    .chain(first)
                    .chain(escape),
            ),
            quoted: Needles::new(first.into_iter().chain(escape)),
            only_lines,
            line: Needles::new(line),
            plain_quote: quote
                .as_ref()
                .filter(|quote| quote.rest.is_empty() && escape.is_none())
                .map(|quote| quote.first),
            plain_delimiter: is_plain.then_some(delimiter.first),
            delimiter,
            quote,
            escape,
            looks_back,
            plain_end: (looks_back && ends.len() == 2 && only_lines && first != Some(b'\n'))
                .then_some(b'\n'),
            cr_ends_lines: has("\r"),
            terminators,
        })
    }

    /// Whether a lone CR ends a line of this dialect.
    pub(super) fn cr_ends_lines(&self) -> bool {
        self.cr_ends_lines
    }

    /// Whether every record takes one line, but for line breaks within quotes.
    pub(super) fn only_lines(&self) -> bool {
        self.only_lines
    }

    /// The first CR that is text of an unquoted cell.
    pub(super) fn lone_cr(&self, bytes: &[u8], record: &Record) -> Option<usize> {
        let is_quoted = |cell: &Cell| {
            self.quote.as_ref().is_some_and(|quote| {
                let before = cell.start.checked_sub(quote.len());
                cell.is_raw || before.is_some_and(|before| quote.is_at(bytes, before))
            })
        };
        let mut cells = record.cells.iter().filter(|cell| !is_quoted(cell));
        cells.find_map(|cell| {
            let found = memchr(b'\r', &bytes[cell.start..cell.end]);
            found.map(|at| cell.start + at)
        })
    }

    /// Finds the cells of the record that the bytes begin with; `is_last` tells that nothing
    /// follows them.
    pub(super) fn scan(
        &self,
        bytes: &[u8],
        is_last: bool,
        hits: &mut Hits,
        record: &mut Record,
    ) -> Step {
        record.restart(!self.only_lines);
        // A copy, so that the mask can stay in a register.
        let mut near = *hits;
        let mut start = 0;
        let step = loop {
            let Some(at) = near.next(&self.shaping, bytes, start) else {
                if !is_last {
                    break Step::More(None);
                }
                record.push(start..bytes.len(), false);
                (record.length, record.next) = (bytes.len(), bytes.len());
                break Step::Done;
            };
            let byte = bytes[at];
            // Nearly all cells end here or in the next branch.
            if Some(byte) == self.plain_delimiter {
                record.push(start..at, false);
                start = at + 1;
                continue;
            }
            if Some(byte) == self.plain_end {
                let end = at - usize::from(at > start && bytes[at - 1] == b'\r');
                record.push(start..end, false);
                (record.length, record.next) = (end, at + 1);
                break Step::Done;
            }
            if Some(byte) == self.plain_quote && at == start {
                let before = near;
                if let Some((closing, is_raw)) = self.close(bytes, start, &mut near, record) {
                    let after = closing + 1;
                    let place = if is_raw {
                        start..after
                    } else {
                        at + 1..closing
                    };
                    let next = bytes.get(after).copied();
                    if next.is_some() && next == self.plain_delimiter {
                        record.push(place, is_raw);
                        start = after + 1;
                        continue;
                    }
                    let behind_cr = next == Some(b'\r');
                    let end = after + usize::from(behind_cr);
                    if self.plain_end.is_some() && bytes.get(end).copied() == self.plain_end {
                        record.push(place, is_raw);
                        (record.length, record.next) = (after, end + 1);
                        break Step::Done;
                    }
                }
                near = before;
            }
            *hits = near;
            let end = self.odd_cell(bytes, start, at, is_last, hits, record);
            near = *hits;
            match end {
                Ok(End::Delimiter(next)) => start = next,
                Ok(End::Terminator(length, next)) => {
                    (record.length, record.next) = (length, next);
                    break Step::Done;
                }
                Ok(End::Input) => {
                    (record.length, record.next) = (bytes.len(), bytes.len());
                    break Step::Done;
                }
                Err(more) => break more,
            }
        };
        *hits = near;
        step
    }

    /// Finds the end of a line, whatever stands in it.
    pub(super) fn scan_line(&self, bytes: &[u8], is_last: bool, record: &mut Record) -> Step {
        record.restart(!self.only_lines);
        let mut from = 0;
        while let Some(at) = self.line.find(bytes, from) {
            if self.is_cut(bytes, at, is_last) {
                return Step::More(None);
            }
            if let Some((length, next)) = self.terminator(bytes, 0, at) {
                (record.length, record.next) = (length, next);
                return Step::Done;
            }
            from = at + 1;
        }
        (record.length, record.next) = (bytes.len(), bytes.len());
        if is_last {
            Step::Done
        } else {
            Step::More(None)
        }
    }

    /// Gives the pieces of a raw cell's text.
    pub(super) fn unescape(&self, raw: &[u8], mut piece: impl FnMut(Range<usize>)) {
        let Some(quote) = &self.quote else {
            return piece(0..raw.len());
        };
        let mut begin = quote.len();
        let mut from = begin;
        while let Some(at) = self.quoted.find(raw, from) {
            if !quote.is_at(raw, at) {
                if self.escape == Some(raw[at]) {
                    piece(begin..at);
                    begin = at + 1;
                    from = at + 2;
                } else {
                    from = at + 1;
                }
                continue;
            }
            let after = at + quote.len();
            if self.escape.is_some() || !quote.is_at(raw, after) {
                piece(begin..at);
                return piece(after..raw.len());
            }
            piece(begin..after);
            begin = after + quote.len();
            from = begin;
        }
        piece(begin.min(raw.len())..raw.len());
    }

    // Whether more bytes are needed to tell what begins at one.
    fn is_cut(&self, bytes: &[u8], at: usize, is_last: bool) -> bool {
        bytes.len() - at < self.longest && !is_last
    }

    // What ends a line at a byte: where that begins, not before the text of its cell, and where it
    // ends.
    fn terminator(&self, bytes: &[u8], text: usize, at: usize) -> Option<(usize, usize)> {
        let found = self.terminators.iter().find(|end| end.is_at(bytes, at))?;
        let behind_cr =
            self.looks_back && at > text && bytes[at] == b'\n' && bytes[at - 1] == b'\r';
        Some((at - usize::from(behind_cr), at + found.len()))
    }

    // Finds the quote that closes a cell, where quotes are of one byte and doubled, and whether
    // there were doubled ones before it.
    #[inline]
    fn close(
        &self,
        bytes: &[u8],
        opened: usize,
        hits: &mut Hits,
        record: &mut Record,
    ) -> Option<(usize, bool)> {
        let quote = bytes[opened];
        let mut from = opened + 1;
        let mut is_raw = false;
        loop {
            let at = hits.next(&self.shaping, bytes, from)?;
            if bytes[at] != quote {
                record.breaks += u64::from(bytes[at] == b'\n');
                continue;
            }
            if bytes.get(at + 1) != Some(&quote) {
                return Some((at, is_raw));
            }
            is_raw = true;
            from = at + 2;
        }
    }

    // Finds the end of a cell that may be quoted or broken; the first byte in it that may shape
    // it is known.
    fn odd_cell(
        &self,
        bytes: &[u8],
        start: usize,
        at: usize,
        is_last: bool,
        hits: &mut Hits,
        record: &mut Record,
    ) -> Result<End, Step> {
        if self.is_cut(bytes, at, is_last) {
            return Err(Step::More(None));
        }
        if at == start
            && let Some(quote) = &self.quote
            && quote.is_at(bytes, at)
        {
            record.may_break = true;
            return self.quoted_cell(quote, bytes, start, is_last, hits, record);
        }
        let (end, how) =
            self.unquoted_cell(bytes, start, Some(at), start, is_last, hits, record)?;
        record.push(start..end, false);
        Ok(how)
    }

    // Gives where a cell ends that began at `text`, and with what; it is looked through from a
    // byte on, or from a hit.
    #[expect(clippy::too_many_arguments, reason = "the state of one scan")]
    fn unquoted_cell(
        &self,
        bytes: &[u8],
        text: usize,
        mut hit: Option<usize>,
        mut from: usize,
        is_last: bool,
        hits: &mut Hits,
        record: &mut Record,
    ) -> Result<(usize, End), Step> {
        loop {
            let next = hit.take();
            let Some(at) = next.or_else(|| hits.next(&self.shaping, bytes, from)) else {
                return if is_last {
                    Ok((bytes.len(), End::Input))
                } else {
                    Err(Step::More(None))
                };
            };
            if self.is_cut(bytes, at, is_last) {
                return Err(Step::More(None));
            }
            if self.delimiter.is_at(bytes, at) {
                return Ok((at, End::Delimiter(at + self.delimiter.len())));
            }
            if let Some((end, next)) = self.terminator(bytes, text, at) {
                return Ok((end, End::Terminator(end, next)));
            }
            from = at + 1;
            if let Some(quote) = &self.quote
                && quote.is_at(bytes, at)
            {
                record.fault(FaultKind::StrayQuote, at, at);
                from = at + quote.len();
            }
        }
    }

    fn quoted_cell(
        &self,
        quote: &Token,
        bytes: &[u8],
        opened: usize,
        is_last: bool,
        hits: &mut Hits,
        record: &mut Record,
    ) -> Result<End, Step> {
        let more = Step::More(Some(opened));
        let text = opened + quote.len();
        let mut from = text;
        let mut is_raw = false;
        let closing = loop {
            let Some(at) = hits.next(&self.shaping, bytes, from) else {
                break None;
            };
            if bytes[at] != quote.first && self.escape != Some(bytes[at]) {
                continue;
            }
            if self.is_cut(bytes, at, is_last) {
                return Err(more);
            }
            if !quote.is_at(bytes, at) {
                let escapes = self.escape == Some(bytes[at]);
                is_raw |= escapes;
                from = at + 1 + usize::from(escapes);
                continue;
            }
            let after = at + quote.len();
            if self.is_cut(bytes, after, is_last) {
                return Err(more);
            }
            if self.escape.is_some() || !quote.is_at(bytes, after) {
                break Some(at);
            }
            is_raw = true;
            from = after + quote.len();
        };
        let Some(closing) = closing else {
            if !is_last {
                return Err(more);
            }
            record.fault(FaultKind::UnclosedQuote, opened, opened);
            record.push(if is_raw { opened } else { text }..bytes.len(), is_raw);
            return Ok(End::Input);
        };
        let after = closing + quote.len();
        let end = if after == bytes.len() {
            End::Input
        } else if self.delimiter.is_at(bytes, after) {
            End::Delimiter(after + self.delimiter.len())
        } else if let Some((end, next)) = self.terminator_behind_quote(bytes, after) {
            End::Terminator(end, next)
        } else {
            record.fault(FaultKind::TextAfterQuote(0), after, opened);
            // What stands there is text, a quote too.
            let from = after
                + if quote.is_at(bytes, after) {
                    quote.len()
                } else {
                    1
                };
            let (cell_end, end) =
                self.unquoted_cell(bytes, after, None, from, is_last, hits, record)?;
            record.push(opened..cell_end, true);
            return Ok(end);
        };
        record.push(if is_raw { opened..after } else { text..closing }, is_raw);
        Ok(end)
    }

    fn terminator_behind_quote(&self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        let found = self.terminators.iter().find(|end| end.is_at(bytes, at))?;
        Some((at, at + found.len()))
    }
}

impl Record {
    fn restart(&mut self, may_break: bool) {
        self.cells.clear();
        self.faults.clear();
        (self.may_break, self.breaks, self.has_raw) = (may_break, 0, false);
    }

    fn push(&mut self, place: Range<usize>, is_raw: bool) {
        self.has_raw |= is_raw;
        self.cells.push(Cell {
            start: place.start,
            end: place.end,
            is_raw,
        });
    }

    #[cold]
    fn fault(&mut self, kind: FaultKind, at: usize, opened: usize) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(QuoteFault { kind, at, opened });
        }
    }
}
