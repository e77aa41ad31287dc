//! Reads a table row by row.
//!
//! In: bytes and a [`Dialect`]. Out: [`Row`]s with line and row numbers, the faults of the text
//! and the comments on the way. One row is held at a time, together with what was read ahead; its
//! cells are slices of that, and only those with doubled or escaped quotes are copied.
//!
//! `record` finds the cells, `window` holds the bytes; here rows are counted, skipped rows and
//! comments told apart, bytes made text. `resume` reads on in the midst of a table.
//!
//! Spec: tabular-data-model §8

mod resume;

use super::fault::{Fault, FaultKind, FaultLog, Mark};
use super::hits::Hits;
use super::record::{Cell, Empty, Record, Step, Syntax};
use super::window::Window;
use super::{Dialect, TableError, Trim};
use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use memchr::{memchr, memchr_iter, memchr2_iter};
pub use resume::Position;
use std::io::Read;

/// The greatest number of bytes of a row, unless another is asked for.
pub const MOST_OF_A_ROW: usize = 256 << 20;

/// How much of a table tells whether its rows end in CR alone.
const BEGINNING: usize = 64 * 1024;

/// The greatest number of cells of a row.
pub const MOST_CELLS: usize = 1_000_000;

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A source of bytes, open for reading.
pub type Input<'a> = Box<dyn Read + Send + 'a>;

/// Reads the rows of one table.
pub struct TableReader<'a> {
    source_name: String,
    window: Window<'a, Input<'a>>,
    syntax: Syntax,
    cr: Cr,
    comment_prefix: Option<Vec<u8>>,
    rows_to_skip: usize,
    skip_columns: usize,
    skip_blank_rows: bool,
    trim: Trim,
    is_decoded: bool,
    most_of_a_row: usize,
    hits: Hits,
    record: Record,
    // The texts of cells that are not slices of the source.
    rewritten: String,
    // The bytes that the last row takes, which go with the next.
    taken: usize,
    source_row: u64,
    line: u64,
    column: u64,
    next_line: u64,
    next_column: u64,
    progress: Progress,
    crlf_seen: bool,
    faults: FaultLog,
    comments: Vec<(u64, String)>,
    // How many comments are not kept, where only the first of several is.
    more_comments: Option<u64>,
}

// Whether rows end in CR alone where the dialect does not say so.
enum Cr {
    No,
    // Not known yet; the syntax in which they do.
    Maybe(Box<Syntax>),
    Yes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Fresh,
    // No row was given out yet, but for comments and skipped ones.
    Begun,
    Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Row,
    Skipped,
    Comment,
}

/// One row of the source.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    text: &'a str,
    rewritten: &'a str,
    cells: &'a [Cell],
    /// The cells of columns that the dialect skips.
    skipped: &'a [Cell],
    trim: Trim,
    is_blank: bool,
    faults: &'a [Fault],
    /// The row of the source, counted from 1 with header, comment and blank rows.
    pub source_row: u64,
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// Where it begins, in bytes of the source (where that is not UTF-8, of what it is decoded to), counted from 0.
    pub offset: u64,
}

impl<'a> Row<'a> {
    /// The number of cells, without the columns that the dialect skips.
    #[inline]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no cell.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether its line has no text at all: it then is a row with one empty cell.
    ///
    /// Spec: tabular-data-model §8
    #[inline]
    pub fn is_blank(&self) -> bool {
        self.is_blank
    }

    /// The text of a cell, counted from 0, trimmed as the dialect says.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a str> {
        let text = self.text(*self.cells.get(index)?);
        Some(match self.trim {
            Trim::None => text,
            trim => trim.apply(text),
        })
    }

    // The text of a cell as it stands.
    #[inline]
    fn text(&self, cell: Cell) -> &'a str {
        // Raw cells were rewritten.
        let text = if cell.is_raw {
            self.rewritten
        } else {
            self.text
        };
        &text[cell.start..cell.end]
    }

    /// All cells of the source, those of skipped columns too, with the white space around them.
    pub fn source_cells(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let row = *self;
        let cells = self.skipped.iter().chain(self.cells);
        cells.map(move |cell| row.text(*cell))
    }

    /// The faults of its text; [`TableReader::take_faults`] gives them again.
    pub fn faults(&self) -> impl Iterator<Item = &'a Fault> + use<'a> {
        let offset = self.offset;
        self.faults
            .iter()
            .filter(move |fault| fault.offset >= offset)
    }

    /// All cells.
    #[inline]
    pub fn cells(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let row = *self;
        (0..self.len()).filter_map(move |index| row.get(index))
    }
}

impl<'a> TableReader<'a> {
    /// Prepares to read.
    ///
    /// `source_name` is what errors call the source.
    ///
    /// # Errors
    /// When the encoding is unknown, or the dialect's delimiter or its line terminators are empty.
    pub fn open(
        source_name: &str,
        input: Input<'a>,
        dialect: &Dialect,
    ) -> Result<Self, TableError> {
        let encoding = encoding(source_name, dialect)?;
        let window = Window::new(decode(input, encoding));
        Self::new(source_name, window, encoding, dialect)
    }

    fn new(
        source_name: &str,
        window: Window<'a, Input<'a>>,
        encoding: &'static Encoding,
        dialect: &Dialect,
    ) -> Result<Self, TableError> {
        let syntax = Syntax::new(dialect).map_err(|Empty(property)| TableError::Dialect {
            source_name: source_name.to_owned(),
            property,
        })?;
        let mut cr = Cr::No;
        if dialect.line_terminators == Dialect::default().line_terminators {
            let mut dialect = dialect.clone();
            dialect.line_terminators.push("\r".to_owned());
            if let Ok(syntax) = Syntax::new(&dialect) {
                cr = Cr::Maybe(Box::new(syntax));
            }
        }
        let prefix = dialect.comment_prefix.as_ref();
        Ok(Self {
            source_name: source_name.to_owned(),
            window,
            syntax,
            cr,
            comment_prefix: prefix
                .filter(|prefix| !prefix.is_empty())
                .map(|prefix| prefix.as_bytes().to_vec()),
            rows_to_skip: dialect.skip_rows,
            skip_columns: dialect.skip_columns,
            skip_blank_rows: dialect.skip_blank_rows,
            trim: dialect.trim,
            is_decoded: encoding != encoding_rs::UTF_8,
            most_of_a_row: MOST_OF_A_ROW,
            hits: Hits::default(),
            record: Record::default(),
            rewritten: String::new(),
            taken: 0,
            source_row: 0,
            line: 1,
            column: 1,
            next_line: 1,
            next_column: 1,
            progress: Progress::Fresh,
            crlf_seen: false,
            faults: FaultLog::default(),
            comments: Vec::new(),
            more_comments: None,
        })
    }

    /// Refuses rows longer than a number of bytes, instead of [`MOST_OF_A_ROW`]. The reader holds up
    /// to twice as many.
    #[must_use]
    pub fn with_most_of_a_row(mut self, bytes: usize) -> Self {
        self.most_of_a_row = bytes;
        self
    }

    /// Keeps only the first comment between two rows and counts the others.
    #[must_use]
    pub fn without_comments(mut self) -> Self {
        self.more_comments = Some(0);
        self
    }

    /// Takes the number of comments that were not kept since the last call.
    pub fn take_more_comments(&mut self) -> u64 {
        self.more_comments.as_mut().map_or(0, std::mem::take)
    }

    /// Reads the beginning of the table, where that was not done yet: passes a byte order mark over
    /// and finds out whether rows end in CR alone. [`TableReader::read_row`] does it by itself.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    #[inline]
    pub fn prepare(&mut self) -> Result<(), TableError> {
        if self.progress == Progress::Fresh {
            self.begin()?;
        }
        Ok(())
    }

    /// Reads the next row that is neither a comment nor to be skipped.
    ///
    /// # Errors
    /// When the bytes cannot be read, or a row does not end within the bytes that are held of it.
    pub fn read_row(&mut self) -> Result<Option<Row<'_>>, TableError> {
        loop {
            let Some(kind) = self.advance()? else {
                return Ok(None);
            };
            if kind == Kind::Row && !(self.skip_blank_rows && self.has_no_text()) {
                break;
            }
        }
        let bytes = self.window.rest();
        let content = &bytes[..self.record.length];
        let cells = &mut self.record.cells;
        let known = self.window.text(self.record.length);
        let known = known.or_else(|| simdutf8::basic::from_utf8(content).ok());
        let text = if let Some(text) = known {
            if self.record.has_raw {
                rewrite(&self.syntax, text, cells, &mut self.rewritten);
            }
            text
        } else {
            rewrite_lossy(&self.syntax, content, cells, &mut self.rewritten);
            ""
        };
        if self.is_decoded || text.len() < content.len() {
            if !self.record.is_odd {
                self.faults.begin_record(
                    Mark::new(self.line, self.column),
                    self.window.offset(),
                    self.syntax.cr_ends_lines(),
                );
            }
            self.faults.note_bytes(content, self.is_decoded);
        }
        let cells = &self.record.cells;
        let (skipped, cells) = cells.split_at(self.skip_columns.min(cells.len()));
        Ok(Some(Row {
            text,
            rewritten: &self.rewritten,
            cells,
            skipped,
            trim: self.trim,
            is_blank: content.is_empty(),
            faults: self.faults.waiting(),
            source_row: self.source_row,
            line: self.line,
            offset: self.window.offset(),
        }))
    }

    /// Whether there are faults or comments to take: nearly no row has any.
    #[inline]
    pub fn has_news(&self) -> bool {
        !self.faults.is_empty() || !self.comments.is_empty()
    }

    /// Reads skipped rows, and then as many rows as a header has, each as its cells; no further. Gives
    /// nothing where the source is empty.
    pub(super) fn read_header(
        &mut self,
        rows: usize,
    ) -> Result<Option<Vec<Vec<String>>>, TableError> {
        self.prepare()?;
        self.need(1)?;
        if self.window.rest().is_empty() {
            return Ok(None);
        }
        while self.rows_to_skip > 0 {
            if self.advance()?.is_none() {
                break;
            }
        }
        let mut header = Vec::new();
        while header.len() < rows {
            let Some(row) = self.read_row()? else {
                break;
            };
            header.push(row.cells().map(str::to_owned).collect());
        }
        Ok(Some(header))
    }

    /// Takes the faults of the text found since the last call, up to the last row read.
    #[inline]
    pub fn take_faults(&mut self) -> Vec<Fault> {
        self.faults.take()
    }

    /// Takes the comments found since the last call, in order, each with its row of the source:
    /// rows that begin with the comment prefix, without it, and skipped rows with any text. White
    /// space around them is taken off.
    ///
    /// Spec: tabular-data-model §8
    #[inline]
    pub fn take_comments(&mut self) -> Vec<(u64, String)> {
        std::mem::take(&mut self.comments)
    }

    /// Whether comments were found since they were last taken.
    pub fn has_comments(&self) -> bool {
        !self.comments.is_empty()
    }

    /// How many bytes of the source were read so far, up to the end of the last row.
    pub fn bytes_read(&self) -> u64 {
        self.window.offset() + self.taken as u64
    }

    // Reads a record; its bytes stay at the beginning of the window.
    fn advance(&mut self) -> Result<Option<Kind>, TableError> {
        let taken = std::mem::take(&mut self.taken);
        self.window.consume(taken);
        self.hits.consume(taken);
        (self.line, self.column) = (self.next_line, self.next_column);
        self.prepare()?;
        if self.window.rest().is_empty() {
            self.need(1)?;
            if self.window.rest().is_empty() {
                return Ok(None);
            }
        }
        let kind = self.kind()?;
        loop {
            let (bytes, is_last) = (self.window.rest(), self.window.is_last());
            let step = if kind == Kind::Comment {
                self.syntax.scan_line(bytes, is_last, &mut self.record)
            } else {
                self.syntax
                    .scan(bytes, is_last, &mut self.hits, &mut self.record)
            };
            let Step::More(opened) = step else {
                break;
            };
            if bytes.len() >= self.most_of_a_row {
                return Err(self.too_long(opened));
            }
            self.refuse_many_cells()?;
            let read = self.window.more();
            self.hits.restart();
            read.map_err(|error| self.cannot_read(error))?;
        }
        if self.record.next > self.most_of_a_row {
            return Err(self.too_long(None));
        }
        self.refuse_many_cells()?;
        self.source_row += 1;
        self.taken = self.record.next;
        self.count_lines();
        self.record.is_odd = !self.is_plain(kind);
        if self.record.is_odd {
            self.look_at(kind);
        }
        self.rows_to_skip = self.rows_to_skip.saturating_sub(1);
        Ok(Some(kind))
    }

    // Passes a byte order mark over.
    #[cold]
    #[inline(never)]
    fn begin(&mut self) -> Result<(), TableError> {
        self.progress = Progress::Begun;
        self.need(BYTE_ORDER_MARK.len())?;
        if self.window.rest().starts_with(BYTE_ORDER_MARK) {
            self.faults.begin_record(Mark::new(1, 1), 0, false);
            self.faults.note(&[], FaultKind::ByteOrderMark, 0);
            self.window.consume(BYTE_ORDER_MARK.len());
            self.hits.restart();
        }
        if let Cr::Maybe(with_cr) = std::mem::replace(&mut self.cr, Cr::No) {
            // As much as was read at once; what old editors wrote has no LF at all.
            let rest = self.window.rest();
            let beginning = &rest[..rest.len().min(BEGINNING)];
            if let (Some(at), None) = (unquoted_cr(beginning), memchr(b'\n', beginning)) {
                let mark = Mark::new(1, 1);
                self.faults.begin_record(mark, self.window.offset(), false);
                self.faults.note(beginning, FaultKind::CrOnly, at);
                (self.syntax, self.cr) = (*with_cr, Cr::Yes);
                self.hits.restart();
            }
        }
        Ok(())
    }

    // Tells what the next record is; a comment ends with its line, whatever quotes stand in it.
    fn kind(&mut self) -> Result<Kind, TableError> {
        if let Some(length) = self.comment_prefix.as_ref().map(Vec::len) {
            self.need(length)?;
        }
        let is_comment = self
            .comment_prefix
            .as_ref()
            .is_some_and(|prefix| self.window.rest().starts_with(prefix));
        Ok(if is_comment {
            Kind::Comment
        } else if self.rows_to_skip > 0 {
            Kind::Skipped
        } else {
            Kind::Row
        })
    }

    fn need(&mut self, count: usize) -> Result<(), TableError> {
        if self.window.rest().len() >= count {
            return Ok(());
        }
        let read = self.window.need(count);
        self.hits.restart();
        read.map_err(|error| self.cannot_read(error))
    }

    fn cannot_read(&self, error: std::io::Error) -> TableError {
        TableError::Io {
            source_name: self.source_name.clone(),
            error,
        }
    }

    fn refuse_many_cells(&self) -> Result<(), TableError> {
        if self.record.cells.len() <= MOST_CELLS {
            return Ok(());
        }
        Err(TableError::TooManyCells {
            source_name: self.source_name.clone(),
            line: self.line,
            limit: MOST_CELLS,
        })
    }

    #[cold]
    fn too_long(&self, opened: Option<usize>) -> TableError {
        let mut place = Mark::new(self.line, self.column);
        place.forward(
            self.window.rest(),
            opened.unwrap_or(0),
            self.syntax.cr_ends_lines(),
        );
        TableError::RowTooLong {
            source_name: self.source_name.clone(),
            line: place.line,
            column: place.column,
            limit: self.most_of_a_row,
            is_quoted: opened.is_some(),
        }
    }

    // Tells where the next record begins.
    fn count_lines(&mut self) {
        let record = &self.window.rest()[..self.record.next];
        if !self.syntax.only_lines() {
            let mut place = Mark::new(self.line, self.column);
            place.forward(record, record.len(), self.syntax.cr_ends_lines());
            (self.next_line, self.next_column) = (place.line, place.column);
            return;
        }
        let breaks = if self.record.may_break {
            memchr_iter(b'\n', record).count() as u64
        } else {
            self.record.breaks + 1
        };
        self.next_line = self.line + breaks;
    }

    // Whether nothing about a record is odd, as far as its bytes are text.
    #[inline]
    fn is_plain(&self, kind: Kind) -> bool {
        // Nothing but CR stands between the content and the last byte where CR LF ends the row.
        kind == Kind::Row
            && self.progress == Progress::Reading
            && self.record.faults.is_empty()
            && self.record.length > 0
            && (self.crlf_seen || self.record.next - self.record.length < 2)
    }

    // Notes what is odd about a record and keeps comments.
    #[cold]
    fn look_at(&mut self, kind: Kind) {
        let record = &self.window.rest()[..self.record.next];
        let (content, end) = record.split_at(self.record.length);
        let log = &mut self.faults;
        log.begin_record(
            Mark::new(self.line, self.column),
            self.window.offset(),
            self.syntax.cr_ends_lines(),
        );
        if kind != Kind::Row {
            // Quotes may be in any state here, unless the rest of the source is lost in them.
            for fault in &self.record.faults {
                if fault.kind == FaultKind::UnclosedQuote {
                    log.note(content, fault.kind, fault.at);
                }
            }
            if std::str::from_utf8(content).is_err() || self.is_decoded {
                log.note_bytes(content, self.is_decoded);
            }
            let text = match (&self.comment_prefix, kind) {
                (Some(prefix), Kind::Comment) => &content[prefix.len()..],
                _ => content,
            };
            if kind == Kind::Skipped && content.is_empty() {
                return;
            }
            match &mut self.more_comments {
                Some(more) if !self.comments.is_empty() => *more += 1,
                _ => {
                    let text = String::from_utf8_lossy(text);
                    let text = text.trim().to_owned();
                    self.comments.push((self.source_row, text));
                }
            }
            return;
        }
        if content.is_empty() && !self.skip_blank_rows {
            log.note(content, FaultKind::BlankLine, 0);
        }
        for fault in &self.record.faults {
            log.note_quote(content, fault);
        }
        if std::mem::replace(&mut self.progress, Progress::Reading) == Progress::Begun
            && let Some(at) = self.syntax.lone_cr(content, &self.record)
        {
            log.note(content, FaultKind::LoneCr, at);
            log.sort();
        }
        if end == b"\r\n" && !std::mem::replace(&mut self.crlf_seen, true) {
            log.note(record, FaultKind::CrLf, content.len() + 1);
        }
    }

    // Whether the text of every cell is empty, as the dialect trims it.
    fn has_no_text(&self) -> bool {
        let content = &self.window.rest()[..self.record.length];
        let mut bytes = Vec::new();
        self.record.cells.iter().all(|cell| {
            let text = if cell.is_raw {
                bytes.clear();
                push_cell(&self.syntax, content, *cell, &mut bytes);
                &bytes
            } else {
                &content[cell.start..cell.end]
            };
            let text = std::str::from_utf8(text);
            text.is_ok_and(|text| self.trim.apply(text).is_empty())
        })
    }
}

// Gives raw cells their text.
fn rewrite(syntax: &Syntax, text: &str, cells: &mut [Cell], out: &mut String) {
    out.clear();
    for cell in cells.iter_mut().filter(|cell| cell.is_raw) {
        let start = out.len();
        let raw = &text[cell.start..cell.end];
        syntax.unescape(raw.as_bytes(), |piece| out.push_str(&raw[piece]));
        (cell.start, cell.end) = (start, out.len());
    }
}

// Gives every cell its text, with U+FFFD for what is not UTF-8.
fn rewrite_lossy(syntax: &Syntax, content: &[u8], cells: &mut [Cell], out: &mut String) {
    out.clear();
    let mut bytes = Vec::new();
    for cell in cells {
        bytes.clear();
        push_cell(syntax, content, *cell, &mut bytes);
        let start = out.len();
        out.push_str(&String::from_utf8_lossy(&bytes));
        *cell = Cell {
            start,
            end: out.len(),
            is_raw: true,
        };
    }
}

fn push_cell(syntax: &Syntax, content: &[u8], cell: Cell, out: &mut Vec<u8>) {
    let bytes = &content[cell.start..cell.end];
    if cell.is_raw {
        syntax.unescape(bytes, |piece| out.extend_from_slice(&bytes[piece]));
    } else {
        out.extend_from_slice(bytes);
    }
}

fn encoding(source_name: &str, dialect: &Dialect) -> Result<&'static Encoding, TableError> {
    Encoding::for_label(dialect.encoding.trim().as_bytes()).ok_or_else(|| {
        TableError::UnknownEncoding {
            source_name: source_name.to_owned(),
            encoding: dialect.encoding.clone(),
        }
    })
}

fn decode<'a>(input: Input<'a>, encoding: &'static Encoding) -> Input<'a> {
    if encoding == encoding_rs::UTF_8 {
        return input;
    }
    Box::new(
        DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .build(input),
    )
}

// The first CR that does not stand between quotes.
fn unquoted_cr(bytes: &[u8]) -> Option<usize> {
    let mut quoted = false;
    memchr2_iter(b'"', b'\r', bytes).find(|at| {
        quoted ^= bytes[*at] == b'"';
        !quoted && bytes[*at] == b'\r'
    })
}

#[cfg(test)]
mod tests;
