//! Finds where records begin in pieces of a source, each piece for itself.
//!
//! In: a [`Dialect`] and bytes from anywhere in a source. Out: a [`Survey`] of them, which tells
//! what there is whichever [`State`] they are entered in, so that pieces can be looked through at
//! the same time; once the state is known, a [`Cut`]. The rules are those of `record`: a quote
//! counts at the start of a cell only.
//!
//! Where comments may begin, bytes are gone through cell by cell instead, once for each state.
//!
//! Quotes that count are told apart 64 bytes at a time: if all did, every other one would open a
//! cell. One that would open a cell within text is none, and the rest is looked at again.

use super::Dialect;
use super::hits::mask;
use memchr::{memchr, memchr_iter, memchr2, memmem, memrchr};

const BLOCK: usize = 64;

/// Finds the ends of records in bytes of one dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splitter {
    delimiter: u8,
    quote: Option<u8>,
    comment: Option<u8>,
}

/// What a byte stands in.
///
/// Behind a quote within quotes is the same as the start of a cell: another quote there leads into
/// the quotes, anything else does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State(Inside);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    // As at the start of a cell, but the record may be a comment.
    Record,
    Comment,
    // A quote would open or go on with a quoted cell.
    Start,
    // A quote would be text.
    Text,
    Quotes,
}

/// The states in which bytes can be entered, in the order in which a survey holds them.
const STATES: [Inside; 5] = [
    Inside::Start,
    Inside::Quotes,
    Inside::Text,
    Inside::Record,
    Inside::Comment,
];

impl State {
    /// A record begins.
    pub const START: Self = Self(Inside::Record);
}

/// What bytes are like, for each state in which they may be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    length: usize,
    // As `STATES`.
    cuts: [Cut; 5],
}

/// What there is in bytes that are entered in a known state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// How many records end in them.
    pub records: u64,
    /// How many of these are comments.
    pub comments: u64,
    /// How many lines end (with LF) up to the end of the last of these records.
    pub lines: u64,
    /// How many lines end in all of the bytes.
    pub lines_total: u64,
    /// Where the first byte behind the last of these records is, counted from 0.
    pub last_end: Option<usize>,
    /// The state behind the bytes.
    pub end: State,
}

impl Survey {
    /// What there is, entered in a state.
    pub fn resolve(&self, entered: State) -> Cut {
        self.cuts[match entered.0 {
            Inside::Start => 0,
            Inside::Quotes => 1,
            Inside::Text => 2,
            Inside::Record => 3,
            Inside::Comment => 4,
        }]
    }

    /// How many bytes were looked through.
    pub fn length(&self) -> usize {
        self.length
    }

    /// What there is in these bytes and those that follow them.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        Self {
            length: self.length + next.length,
            cuts: self.cuts.map(|cut| {
                let more = next.resolve(cut.end);
                Cut {
                    records: cut.records + more.records,
                    comments: cut.comments + more.comments,
                    lines: match more.last_end {
                        Some(_) => cut.lines_total + more.lines,
                        None => cut.lines,
                    },
                    lines_total: cut.lines_total + more.lines_total,
                    last_end: match more.last_end {
                        Some(end) => Some(self.length + end),
                        None => cut.last_end,
                    },
                    end: more.end,
                }
            }),
        }
    }
}

impl Splitter {
    /// Knows the records of a dialect, if it is one whose rows end with LF or CR LF, whose
    /// delimiter is one byte of UTF-8, as is its quote, doubled within quotes, and which passes
    /// over no rows but at the beginning of a table.
    ///
    /// A source whose reader finds that its rows end with CR too
    /// ([`Position::cr_ends_rows`](super::Position::cr_ends_rows)) is no such source, whatever the dialect says.
    pub fn new(dialect: &Dialect) -> Option<Self> {
        Self::with_comments(dialect).filter(|splitter| splitter.comment.is_none())
    }

    /// Does the same, but knows dialects too in which rows that begin with one byte are comments.
    pub fn with_comments(dialect: &Dialect) -> Option<Self> {
        let one_byte = |text: &str| match text.as_bytes() {
            [byte] if !matches!(byte, b'\n' | b'\r') => Some(*byte),
            _ => None,
        };
        // Where the text is there at all, it has to be one byte.
        let optional = |text: Option<&str>| match text {
            None | Some("") => Some(None),
            Some(text) => one_byte(text).map(Some),
        };
        let mut buffer = [0; 4];
        let quote = dialect
            .quote_char
            .map(|quote| &*quote.encode_utf8(&mut buffer));
        let splitter = Self {
            delimiter: one_byte(&dialect.delimiter)?,
            quote: optional(quote)?,
            comment: optional(dialect.comment_prefix.as_deref())?,
        };
        let is_utf_8 = encoding_rs::Encoding::for_label(dialect.encoding.trim().as_bytes())
            == Some(encoding_rs::UTF_8);
        let is_known = is_utf_8
            && (dialect.double_quote || splitter.quote.is_none())
            && splitter.quote != Some(splitter.delimiter)
            && splitter.comment != Some(splitter.delimiter)
            && (splitter.comment.is_none() || splitter.comment != splitter.quote)
            && !dialect.skip_blank_rows
            && dialect.line_terminators == Dialect::default().line_terminators;
        is_known.then_some(splitter)
    }

    /// Looks through bytes.
    pub fn survey(&self, bytes: &[u8]) -> Survey {
        if self.may_have_comments(bytes) {
            return Survey {
                length: bytes.len(),
                cuts: STATES.map(|state| self.go(bytes, state, Until::End)),
            };
        }
        // What a record is entered in as, and last what is behind the end of a comment.
        let mut runs = [Inside::Start, Inside::Quotes, Inside::Text, Inside::Start].map(Run::new);
        // Only a quote at the very beginning tells text from the start of a cell.
        let is_quote = |first: &u8| Some(*first) == self.quote;
        if bytes.first().is_some_and(|first| !is_quote(first)) {
            let start = runs[0];
            runs[2].follow(&start, 0, 0);
        }
        let first_line = self.comment.and_then(|_| memchr(b'\n', bytes));
        let behind = first_line.map_or(bytes.len(), |at| at + 1);
        let mut lines_total = self.walk(bytes, 0, behind, &mut runs[..3]);
        if behind < bytes.len() {
            runs[3].last_end = behind;
            join(&mut runs, behind);
            lines_total += self.walk(bytes, behind, bytes.len(), &mut runs);
        } else if first_line.is_some() {
            runs[3].last_end = behind;
        }
        // A run follows one before it only.
        for index in 1..runs.len() {
            if let Some(joined) = runs[index].joined {
                let leader = runs[joined.leader];
                let run = &mut runs[index];
                run.records = run
                    .records
                    .wrapping_add(leader.records.wrapping_sub(joined.records));
                if leader.last_end > joined.at {
                    run.last_end = leader.last_end;
                }
                (run.quoted, run.opens) = (leader.quoted, leader.opens);
            }
        }
        let [start, quotes, text, mut comment] = runs.map(|run| Cut {
            records: run.records,
            comments: 0,
            lines: match run.last_end {
                0 => 0,
                end => lines_total - count_lines(&bytes[end..]),
            },
            lines_total,
            last_end: (run.last_end > 0).then_some(run.last_end),
            end: run.state(bytes),
        });
        if first_line.is_some() {
            comment.records += 1;
            comment.comments = 1;
        } else {
            comment.end = State(Inside::Comment);
        }
        let mut record = start;
        if bytes.is_empty() {
            record.end = State(Inside::Record);
        }
        Survey {
            length: bytes.len(),
            cuts: [start, quotes, text, record, comment],
        }
    }

    // Whether a comment may begin in bytes: it may stand within quotes too.
    fn may_have_comments(self, bytes: &[u8]) -> bool {
        self.comment.is_some_and(|comment| {
            bytes.first() == Some(&comment) || memmem::find(bytes, &[b'\n', comment]).is_some()
        })
    }

    // Goes through bytes from one state, cell by cell.
    fn go(self, bytes: &[u8], entered: Inside, until: Until) -> Cut {
        let mut state = entered;
        let (mut at, mut last_end) = (0, 0);
        let (mut records, mut comments) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            let rest = &bytes[at..];
            let found = match state {
                Inside::Record if Some(*byte) == self.comment => {
                    state = Inside::Comment;
                    continue;
                }
                Inside::Record | Inside::Start => {
                    if Some(*byte) == self.quote {
                        state = Inside::Quotes;
                        at += 1;
                    } else {
                        state = Inside::Text;
                    }
                    continue;
                }
                Inside::Text => memchr2(self.delimiter, b'\n', rest),
                Inside::Comment => memchr(b'\n', rest),
                Inside::Quotes => self.quote.and_then(|quote| memchr(quote, rest)),
            };
            let Some(length) = found else {
                break;
            };
            at += length + 1;
            if state == Inside::Quotes || bytes[at - 1] != b'\n' {
                state = Inside::Start;
                continue;
            }
            records += 1;
            comments += u64::from(state == Inside::Comment);
            state = Inside::Record;
            last_end = at;
            if until == Until::FirstRecord {
                break;
            }
        }
        Cut {
            records,
            comments,
            lines: count_lines(&bytes[..last_end]),
            lines_total: count_lines(bytes),
            last_end: (last_end > 0).then_some(last_end),
            end: State(state),
        }
    }

    /// Gives where the first byte behind the first record end is in bytes that are entered in a
    /// known state, counted from 0.
    pub fn first_end(&self, bytes: &[u8], entered: State) -> Option<usize> {
        if self.comment.is_some() {
            return self.go(bytes, entered.0, Until::FirstRecord).last_end;
        }
        let mut state = entered;
        // Records are short as a rule, so it is looked for in ever larger pieces.
        let (mut at, mut size) = (0, 4 * BLOCK);
        while at < bytes.len() {
            let piece = &bytes[at..bytes.len().min(at + size)];
            let mut run = Run::new(state.0);
            self.walk(piece, 0, piece.len(), std::slice::from_mut(&mut run));
            if run.first_end > 0 {
                return Some(at + run.first_end);
            }
            state = run.state(piece);
            at += piece.len();
            size = (size * 2).min(1 << 20);
        }
        None
    }

    // Leads runs through a part of the bytes; gives how many LF there are.
    fn walk(self, bytes: &[u8], from: usize, to: usize, runs: &mut [Run]) -> u64 {
        let Some(quote) = self.quote else {
            return self.pass(bytes, from, to, runs);
        };
        let bytes = &bytes[..to];
        let mut lines = 0;
        let mut at = from;
        while at < bytes.len() {
            // Where no quote stands there is nothing to tell apart.
            let plain = match memchr(quote, &bytes[at..]) {
                Some(length) => length,
                None => bytes.len() - at,
            };
            if plain > 0 {
                lines += self.pass(bytes, at, at + plain, runs);
                at += plain;
            }
            while at < bytes.len() {
                let rest = &bytes[at..];
                let (masks, length) = if let Some(block) = rest.first_chunk() {
                    (Masks::new(block, quote, self.delimiter), BLOCK)
                } else {
                    let mut block = [0; BLOCK];
                    block[..rest.len()].copy_from_slice(rest);
                    let there = (1 << rest.len()) - 1;
                    let masks = Masks::new(&block, quote, self.delimiter);
                    (masks.only(there), rest.len())
                };
                if masks.quotes == 0 {
                    break;
                }
                lines += u64::from(masks.ends.count_ones());
                for run in runs.iter_mut().filter(|run| run.joined.is_none()) {
                    run.step(&masks, at, length);
                }
                at += length;
                join(runs, at);
            }
        }
        lines
    }

    // Leads runs through bytes without quotes; gives how many LF there are.
    fn pass(self, bytes: &[u8], from: usize, to: usize, runs: &mut [Run]) -> u64 {
        let piece = &bytes[from..to];
        let lines = count_lines(piece);
        let Some(last) = piece.last() else {
            return lines;
        };
        let opens = *last == b'\n' || *last == self.delimiter;
        for run in runs.iter_mut() {
            if run.joined.is_some() || run.quoted != 0 {
                continue;
            }
            run.opens = u64::from(opens);
            run.records += lines;
            if lines > 0 {
                if run.first_end == 0 {
                    run.first_end = from + memchr(b'\n', piece).map_or(0, |at| at + 1);
                }
                run.last_end = from + memrchr(b'\n', piece).map_or(0, |at| at + 1);
            }
        }
        join(runs, to);
        lines
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    FirstRecord,
}

// Runs in the same state do the same from here on.
fn join(runs: &mut [Run], at: usize) {
    for index in 1..runs.len() {
        let (before, rest) = runs.split_at_mut(index);
        let run = &mut rest[0];
        if run.joined.is_some() {
            continue;
        }
        let mut leaders = before.iter().enumerate();
        let leader = leaders.find(|(_, leader)| {
            leader.joined.is_none() && (leader.quoted, leader.opens) == (run.quoted, run.opens)
        });
        if let Some((number, leader)) = leader {
            run.follow(leader, number, at);
        }
    }
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

// The quotes, delimiters and LF of a block; one bit for each byte, the first is the lowest.
#[derive(Debug, Clone, Copy)]
struct Masks {
    quotes: u64,
    delimiters: u64,
    ends: u64,
}

impl Masks {
    #[inline]
    fn new(block: &[u8; BLOCK], quote: u8, delimiter: u8) -> Self {
        Self {
            quotes: mask(block, |byte| u8::from(byte == quote)),
            delimiters: mask(block, |byte| u8::from(byte == delimiter)),
            ends: mask(block, |byte| u8::from(byte == b'\n')),
        }
    }

    fn only(self, there: u64) -> Self {
        Self {
            quotes: self.quotes & there,
            delimiters: self.delimiters & there,
            ends: self.ends & there,
        }
    }
}

// The way through bytes from one state.
#[derive(Debug, Clone, Copy)]
struct Run {
    // All bits within quotes, else none.
    quoted: u64,
    // 1 where a quote would open a cell, else 0; 0 within quotes.
    opens: u64,
    records: u64,
    // Behind the end of the first and last record; 0 if there is none yet.
    first_end: usize,
    last_end: usize,
    joined: Option<Joined>,
}

// From where on a run is the same as another, and how many records that had then.
#[derive(Debug, Clone, Copy)]
struct Joined {
    leader: usize,
    at: usize,
    records: u64,
}

impl Run {
    fn new(state: Inside) -> Self {
        Self {
            quoted: if state == Inside::Quotes { u64::MAX } else { 0 },
            opens: u64::from(matches!(state, Inside::Start | Inside::Record)),
            records: 0,
            first_end: 0,
            last_end: 0,
            joined: None,
        }
    }

    // What it is in behind bytes.
    fn state(&self, bytes: &[u8]) -> State {
        State(match (self.quoted, self.opens) {
            (0, 0) => Inside::Text,
            (0, _) if bytes.last() == Some(&b'\n') => Inside::Record,
            (0, _) => Inside::Start,
            _ => Inside::Quotes,
        })
    }

    fn follow(&mut self, leader: &Self, number: usize, at: usize) {
        self.joined = Some(Joined {
            leader: number,
            at,
            records: leader.records,
        });
    }

    #[inline]
    fn step(&mut self, masks: &Masks, at: usize, length: usize) {
        let mut quotes = masks.quotes;
        let breaks = masks.delimiters | masks.ends;
        // Whether each byte, or what is behind it, stands within quotes.
        let within = loop {
            let within = every_other(quotes) ^ self.quoted;
            let opening = quotes & within;
            let may_open = (breaks | quotes) << 1 | self.opens;
            let stray = opening & !may_open;
            if stray == 0 {
                break within;
            }
            // The first is known to be text, of those behind it that is not yet known.
            quotes &= !(stray & stray.wrapping_neg());
        };
        let ends = masks.ends & !within;
        if ends != 0 {
            self.records += u64::from(ends.count_ones());
            if self.first_end == 0 {
                self.first_end = at + ends.trailing_zeros() as usize + 1;
            }
            self.last_end = at + BLOCK - ends.leading_zeros() as usize;
        }
        let last = length - 1;
        self.quoted = (within >> last & 1).wrapping_neg();
        self.opens = (breaks | quotes) >> last & 1 & !self.quoted;
    }
}

// Sets the bits from each odd one of the bits on, up to before the next.
#[inline]
fn every_other(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[cfg(test)]
mod tests;
