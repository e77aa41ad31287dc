//! How a table is written down, told from its bytes: encoding, delimiter, quotes, comments, header.
//!
//! In: the bytes of a source. Out: a [`Dialect`] to read it with, the same as metadata says it, and
//! reasons.
//!
//! Memory: the first [`HEAD`] bytes; all bytes are looked at once, for the encoding.

use super::document;
use super::moment::is_moment;
use super::number::is_number;
use super::records::{Record, records};
use super::{Reason, counted, few};
use crate::table::{Dialect, Trim};
use encoding_rs::Encoding;
use std::io::{self, Read};

/// How many bytes of the beginning are looked at closely.
const HEAD: usize = 256 * 1024;

/// How many records of the beginning are looked at closely.
const MOST_RECORDS: usize = 500;

/// How many lines of a preamble are passed over.
const MOST_PREAMBLE: usize = 20;

/// Delimiters, the likelier first where two fit as well.
const DELIMITERS: [char; 8] = ['\t', ';', ',', '|', '\u{1F}', '^', '~', ':'];

/// Words that stand in headers and hardly in cells.
const TITLE_WORDS: [&str; 31] = [
    "id",
    "key",
    "code",
    "name",
    "title",
    "label",
    "type",
    "kind",
    "date",
    "year",
    "value",
    "status",
    "description",
    "note",
    "notes",
    "number",
    "count",
    "total",
    "amount",
    "price",
    "category",
    "email",
    "address",
    "country",
    "city",
    "url",
    "datum",
    "nombre",
    "nom",
    "titel",
    "الاسم",
];

/// What was found.
#[derive(Debug, Clone)]
pub(super) struct Sniffed {
    /// How to read the table.
    pub(super) dialect: Dialect,
    /// What the metadata has to say of it.
    pub(super) written: document::Dialect,
    /// The number of columns; 0 where there is no text at all.
    pub(super) width: usize,
    pub(super) reasons: Vec<Reason>,
}

/// What the bytes are, if they are no table.
#[derive(Debug)]
pub(super) enum Unfit {
    Io(io::Error),
    /// A file of another kind, and what to do about it.
    NotText(&'static str),
    /// The observer said no.
    Cancelled,
}

/// Looks at the bytes of a source; `observer` is told how many were read.
///
/// Spec: metadata §5.9
pub(super) fn sniff(
    mut input: impl Read,
    observer: &mut dyn FnMut(u64) -> bool,
) -> Result<Sniffed, Unfit> {
    let mut bytes = Bytes::default();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let length = input.read(&mut chunk).map_err(Unfit::Io)?;
        if length == 0 {
            break;
        }
        bytes.accept(&chunk[..length]);
        if bytes.count == length as u64
            && let Some(kind) = other_kind(&bytes.head)
        {
            return Err(Unfit::NotText(kind));
        }
        if !observer(bytes.count) {
            return Err(Unfit::Cancelled);
        }
    }
    let mut reasons = Vec::new();
    let (encoding, why) = bytes.encoding();
    if let Some(why) = why {
        reasons.push(Reason::new(format!("encoding `{}`", encoding.name()), why));
    }
    let (mut text, _, _) = encoding.decode(&bytes.head);
    // Old spreadsheets end rows so; the rest is told from lines.
    let lone_cr = text.contains('\r') && !text.contains('\n');
    if lone_cr {
        text = text.replace('\r', "\n").into();
    }
    if bytes.count > bytes.head.len() as u64 {
        // The last line is not complete.
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        text.to_mut().truncate(end);
    }
    let mut sniffed = shape(&text, encoding, reasons);
    if lone_cr {
        sniffed.dialect.line_terminators = vec!["\r".to_owned()];
        sniffed.written.line_terminators = Some("\r".to_owned());
        sniffed.reasons.push(Reason::new(
            "rows end in CR alone".to_owned(),
            "there is no LF in the beginning of the file".to_owned(),
        ));
    }
    Ok(sniffed)
}

// Spreadsheets and archives are taken for tables now and then.
fn other_kind(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 5] = [
        (
            b"PK\x03\x04",
            "save the sheet as CSV, or unpack the archive first",
        ),
        (b"\x1F\x8B", "unpack it first, such as with `gunzip`"),
        (b"%PDF-", "a table in a PDF has to be made a CSV file first"),
        (b"\xD0\xCF\x11\xE0", "save the sheet as CSV"),
        (b"PAR1", "turn it into CSV first"),
    ];
    let kind = KINDS.iter().find(|(magic, _)| head.starts_with(magic))?;
    Some(kind.1)
}

#[derive(Default)]
struct Bytes {
    head: Vec<u8>,
    count: u64,
    // The end of the last chunk, which may be the beginning of a character.
    carry: Vec<u8>,
    wrong: Option<(u8, u64)>,
}

impl Bytes {
    fn accept(&mut self, chunk: &[u8]) {
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if self.wrong.is_none() {
            let start = self.count - self.carry.len() as u64;
            let mut joined = std::mem::take(&mut self.carry);
            joined.extend_from_slice(chunk);
            if let Err(error) = std::str::from_utf8(&joined) {
                let at = error.valid_up_to();
                if error.error_len().is_some() {
                    self.wrong = Some((joined[at], start + at as u64));
                } else {
                    self.carry = joined.split_off(at);
                }
            }
        }
        self.count += chunk.len() as u64;
    }

    fn encoding(&self) -> (&'static Encoding, Option<String>) {
        if let Some((encoding, _)) = Encoding::for_bom(&self.head) {
            let why = "the file begins with its byte order mark".to_owned();
            return (encoding, (encoding != encoding_rs::UTF_8).then_some(why));
        }
        // Letters of a Western text in UTF-16 have a zero byte each.
        let zeros = |offset: usize| {
            let bytes = self.head.iter().skip(offset).step_by(2);
            bytes.filter(|byte| **byte == 0).count() * 4 > self.head.len().max(4)
        };
        for (offset, encoding) in [(1, encoding_rs::UTF_16LE), (0, encoding_rs::UTF_16BE)] {
            if zeros(offset) {
                let why = "a guess: every other byte is zero".to_owned();
                return (encoding, Some(why));
            }
        }
        let open = self
            .carry
            .first()
            .map(|byte| (*byte, self.count - self.carry.len() as u64));
        match self.wrong.or(open) {
            None => (encoding_rs::UTF_8, None),
            Some((byte, offset)) => {
                let why = format!(
                    "a guess: byte {byte:#04X} at offset {offset} is not UTF-8; look whether the \
                     letters come out right"
                );
                (encoding_rs::WINDOWS_1252, Some(why))
            }
        }
    }
}

fn shape(text: &str, encoding: &'static Encoding, mut reasons: Vec<Reason>) -> Sniffed {
    let mut dialect = Dialect::default();
    let mut written = document::Dialect::default();
    if encoding != encoding_rs::UTF_8 {
        dialect.encoding = encoding.name().to_ascii_lowercase();
        written.encoding = Some(dialect.encoding.clone());
    }
    let mut comments = leading_comments(text);
    let mut body = after_lines(text, comments);
    if body.len() == text.len() {
        comments = 0;
    }
    let quote = quote_char(body);
    let (delimiter, mut all) = delimiter(body, quote);
    let width = usual_width(&all);
    let first_line = text.lines().next().unwrap_or_default();
    if comments == 1 && width > 1 && first_line.split(delimiter).count() == width {
        // No comment, but a header whose first title begins with `#`.
        comments = 0;
        body = text;
        all = records(body, delimiter, Some(quote), MOST_RECORDS);
    }
    if delimiter != ',' {
        dialect.delimiter = delimiter.to_string();
        written.delimiter = Some(delimiter.to_string());
        let fitting = all.iter().filter(|one| one.cells.len() == width).count();
        let why = if width == 1 {
            "there is one column, and the commas in it part nothing".to_owned()
        } else {
            format!(
                "it parts {} of the first {} rows into {width} cells",
                counted(fitting as u64),
                counted(all.len() as u64)
            )
        };
        reasons.push(Reason::new(
            format!("delimiter `{}`", delimiter.escape_debug()),
            why,
        ));
    }
    let quotes = Quotes::of(&all, quote);
    if quote != '"' {
        dialect.quote_char = Some(quote);
        written.quote_char = Some(Some(quote));
        reasons.push(Reason::new(
            format!("quotes `{quote}`"),
            "cells begin and end with it".to_owned(),
        ));
    } else if quotes.whole == 0 && quotes.stray > 0 {
        dialect.quote_char = None;
        written.quote_char = Some(None);
        all = records(body, delimiter, None, MOST_RECORDS);
        reasons.push(Reason::new(
            "no quotes".to_owned(),
            "`\"` stands within cells, but none is put in it".to_owned(),
        ));
    } else if quotes.escaped > 0 && quotes.doubled == 0 {
        dialect.double_quote = false;
        written.double_quote = Some(false);
        reasons.push(Reason::new(
            "quotes within cells after `\\`".to_owned(),
            "`\\\"` stands within quoted cells, and no `\"\"`".to_owned(),
        ));
    }
    beginning(comments, &mut all, width, &mut dialect, &mut reasons);
    written.comment_prefix = dialect.comment_prefix.clone().map(Some);
    written.skip_rows = (dialect.skip_rows > 0).then_some(dialect.skip_rows);
    if has_initial_spaces(&all) {
        dialect.trim = Trim::Start;
        written.skip_initial_space = Some(true);
        reasons.push(Reason::new(
            "spaces after delimiters passed over".to_owned(),
            "one stands after every delimiter".to_owned(),
        ));
    }
    if let Some(why) = no_header(&all) {
        dialect.header_row_count = 0;
        written.header = Some(false);
        reasons.push(Reason::new("no header".to_owned(), why));
    }
    let first = all.first().map_or(0, |record| record.cells.len());
    Sniffed {
        // The header says how many columns there are; without one, most rows do.
        width: if dialect.header_row_count == 0 {
            width.max(usize::from(first > 0))
        } else {
            first
        },
        dialect,
        written,
        reasons,
    }
}

// How many lines at the start begin with `#`.
fn leading_comments(text: &str) -> usize {
    text.lines()
        .take_while(|line| line.starts_with('#'))
        .count()
}

fn after_lines(text: &str, lines: usize) -> &str {
    let mut rest = text;
    for _ in 0..lines {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    if rest.is_empty() { text } else { rest }
}

// Whether cells are put in `'`: `"` is the rule.
fn quote_char(text: &str) -> char {
    let pieces = || {
        text.lines()
            .take(MOST_RECORDS)
            .flat_map(|line| line.split(DELIMITERS))
    };
    let opened = pieces().filter(|piece| piece.starts_with('\'')).count();
    let closed = pieces().filter(|piece| piece.ends_with('\'')).count();
    if opened >= 2 && opened == closed && !text.contains('"') {
        '\''
    } else {
        '"'
    }
}

// The delimiter that parts most records into the same number of cells, header included.
fn delimiter(text: &str, quote: char) -> (char, Vec<Record>) {
    let mut best: Option<(f64, char, Vec<Record>)> = None;
    for delimiter in DELIMITERS {
        if !text.contains(delimiter) {
            continue;
        }
        let all = records(text, delimiter, Some(quote), MOST_RECORDS);
        let width = usual_width(&all);
        if width < 2 || all.is_empty() {
            continue;
        }
        let fitting = all
            .iter()
            .filter(|record| record.cells.len() == width)
            .count();
        let header_fits = all[0].cells.len() == width;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred records")]
        let mut score = fitting as f64 / all.len() as f64;
        if !header_fits {
            score *= 0.5;
        }
        // Times of day have colons too.
        if delimiter == ':' && (score < 1.0 || width < 3 || all.len() < 3) {
            continue;
        }
        if score > 0.3
            && best
                .as_ref()
                .is_none_or(|(known, _, _)| score > *known + 0.01)
        {
            best = Some((score, delimiter, all));
        }
    }
    if let Some((_, delimiter, all)) = best {
        return (delimiter, all);
    }
    let all = records(text, ',', Some(quote), MOST_RECORDS);
    // One column of texts with commas: what stands nowhere parts nothing.
    let is_column = usual_width(&all) == 1
        && all[0].cells.len() == 1
        && all.iter().any(|record| record.cells.len() > 1);
    match DELIMITERS.into_iter().find(|one| !text.contains(*one)) {
        Some(absent) if is_column => (absent, records(text, absent, Some(quote), MOST_RECORDS)),
        _ => (',', all),
    }
}

// The number of cells that most records have.
fn usual_width(all: &[Record]) -> usize {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for record in all {
        let width = record.cells.len();
        match counts.iter_mut().find(|(known, _)| *known == width) {
            Some((_, count)) => *count += 1,
            None => counts.push((width, 1)),
        }
    }
    counts
        .into_iter()
        .max_by_key(|(width, count)| (*count, *width))
        .map_or(0, |(width, _)| width)
}

#[derive(Default)]
struct Quotes {
    whole: usize,
    stray: usize,
    doubled: usize,
    escaped: usize,
}

impl Quotes {
    fn of(all: &[Record], quote: char) -> Self {
        let mut quotes = Self::default();
        let doubled = format!("{quote}{quote}");
        let escaped = format!("\\{quote}");
        for cell in all.iter().flat_map(|record| &record.cells) {
            if cell.quoted {
                quotes.whole += 1;
                quotes.doubled += usize::from(cell.raw.contains(&doubled));
                quotes.escaped += usize::from(cell.raw.contains(&escaped));
            } else {
                quotes.stray += usize::from(cell.raw.contains(quote));
            }
        }
        quotes
    }
}

// Comments and a preamble: sets the dialect and takes the records off that are none.
fn beginning(
    comments: usize,
    all: &mut Vec<Record>,
    width: usize,
    dialect: &mut Dialect,
    reasons: &mut Vec<Reason>,
) {
    if comments > 0 {
        let (later, alike) = {
            let begins = || all.iter().filter(|record| record.text(0).starts_with('#'));
            let alike = begins().any(|record| record.cells.len() == width && width > 1);
            (begins().count(), alike)
        };
        if later > 0 && !alike {
            dialect.comment_prefix = Some("#".to_owned());
            all.retain(|record| !record.text(0).starts_with('#'));
            reasons.push(Reason::new(
                "comments after `#`".to_owned(),
                format!("lines at the start and further on ({later}) begin with it"),
            ));
        } else {
            dialect.skip_rows = comments;
            reasons.push(Reason::new(
                format!("{} passed over", lines(comments)),
                "the file begins with `#`".to_owned(),
            ));
        }
        return;
    }
    // A title above the table, in one cell.
    let above = all
        .iter()
        .take_while(|record| record.cells.len() < 2)
        .count();
    let (before, after) = all.split_at(above);
    let is_preamble = width > 1
        && (1..=MOST_PREAMBLE).contains(&above)
        && before.iter().all(|record| record.lines == 1)
        && after.len() >= 2
        && after[..2].iter().all(|record| record.cells.len() == width);
    if is_preamble {
        dialect.skip_rows = after[0].line;
        reasons.push(Reason::new(
            format!("{} passed over", lines(dialect.skip_rows)),
            format!("`{}` stands above the table", few(before[0].text(0).trim())),
        ));
        all.drain(..above);
    }
}

fn lines(count: usize) -> String {
    match count {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    }
}

fn has_initial_spaces(all: &[Record]) -> bool {
    let later = || all.iter().flat_map(|record| record.cells.iter().skip(1));
    let filled = later().filter(|cell| !cell.raw.is_empty());
    filled.clone().count() >= 2
        && later().all(|cell| !cell.quoted)
        && filled
            .clone()
            .all(|cell| cell.raw.starts_with(' ') && !cell.raw.contains('"'))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Empty,
    Typed,
    Year,
    Text,
}

fn class(text: &str) -> Class {
    let text = text.trim();
    if text.is_empty() {
        Class::Empty
    } else if text.len() == 4 && text.starts_with(['1', '2']) && is_number(text) {
        Class::Year
    } else if is_number(text)
        || is_moment(text)
        || text.starts_with("http://")
        || text.starts_with("https://")
    {
        Class::Typed
    } else {
        Class::Text
    }
}

// Why the first record is no header, if so.
fn no_header(all: &[Record]) -> Option<String> {
    let (first, rest) = all.split_first()?;
    let classes: Vec<Class> = (0..first.cells.len())
        .map(|index| class(first.text(index)))
        .collect();
    // Most of a column's filled cells, or nothing where it has none.
    let typed_below = |index: usize| {
        let below = rest.iter().map(|record| class(record.text(index)));
        let filled: Vec<Class> = below.filter(|class| *class != Class::Empty).collect();
        let typed = filled.iter().filter(|class| **class != Class::Text).count();
        (!filled.is_empty()).then_some(typed * 10 >= filled.len() * 8)
    };
    let typed = classes
        .iter()
        .enumerate()
        .find(|(_, class)| **class == Class::Typed);
    if let Some((index, _)) = typed
        && typed_below(index).unwrap_or(true)
    {
        return Some(format!(
            "the first row holds `{}`, a value like those below it",
            few(first.text(index))
        ));
    }
    // Years are titles of columns too.
    if classes.contains(&Class::Year) && !classes.contains(&Class::Text) {
        let only_years = classes.iter().enumerate().all(|(index, class)| {
            *class != Class::Year
                || rest
                    .iter()
                    .all(|record| self::class(record.text(index)) == Class::Year)
        });
        return only_years.then(|| "the first row holds years like those below it".to_owned());
    }
    let is_title = |index: usize| classes[index] == Class::Text && typed_below(index) == Some(true);
    let names_itself = |index: usize| {
        super::names::words(first.text(index))
            .iter()
            .any(|word| TITLE_WORDS.contains(&word.as_str()))
    };
    if (0..classes.len()).any(|index| is_title(index) || names_itself(index)) {
        return None;
    }
    let comes_again = (0..first.cells.len()).find(|index| {
        let text = first.text(*index);
        let again = rest
            .iter()
            .filter(|record| record.text(*index) == text)
            .count();
        !text.trim().is_empty() && rest.len() >= 2 && again > 0
    })?;
    Some(format!(
        "`{}` of the first row comes again below it",
        few(first.text(comes_again))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sniffed(bytes: &[u8]) -> Sniffed {
        sniff(bytes, &mut |_| true).unwrap()
    }

    fn check(bytes: &[u8], expected: &str, width: usize) {
        let found = sniffed(bytes);
        let written = serde_json::to_string(&found.written).unwrap();
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(written, expected, "{text}");
        assert_eq!(found.width, width, "{text}");
    }

    #[test]
    fn delimiters_are_found() {
        check(b"a,b\n1,2\n", "{}", 2);
        check(b"a;b\n1,5;2,5\n", r#"{"delimiter":";"}"#, 2);
        check(b"a\tb\n1\t2\n", r#"{"delimiter":"\t"}"#, 2);
        check(b"a|b\n1|2\n", r#"{"delimiter":"|"}"#, 2);
        check(b"a,b\nx,1;2\ny,3;4\n", "{}", 2);
        check(b"time\n10:30\n11:45\n", "{}", 1);
        check(b"a:b:c\n1:2:3\n4:5:6\n", r#"{"delimiter":":"}"#, 3);
        check(b"a,b\n\"x;y;z\",1\n", "{}", 2);
        check(b"note\nhello, world\nx\ny\n", r#"{"delimiter":"\t"}"#, 1);
        check(b"", "{}", 0);
    }

    #[test]
    fn encodings_are_found() {
        check(b"\xEF\xBB\xBFa,b\n1,2\n", "{}", 2);
        check(b"a,b\n\xE9,2\n", r#"{"encoding":"windows-1252"}"#, 2);
        check(b"\xFF\xFEa\0,\0b\0\n\0", r#"{"encoding":"utf-16le"}"#, 2);
        check(
            b"a\0,\0b\0\n\0x\0,\0y\0\n\0",
            r#"{"encoding":"utf-16le"}"#,
            2,
        );
        check("a,b\né,2\n".as_bytes(), "{}", 2);
    }

    #[test]
    fn quotes_are_found() {
        check(b"a,b\n'x,y','z'\n", r#"{"quoteChar":"'"}"#, 2);
        check(
            b"a\tb\n5\"\t6\"\n",
            r#"{"delimiter":"\t","quoteChar":null}"#,
            2,
        );
        check(b"a,b\n\"x \\\"y\\\" z\",1\n", r#"{"doubleQuote":false}"#, 2);
        check(b"a,b\n\"x\"\"y\",1\n", "{}", 2);
    }

    #[test]
    fn headers_are_found() {
        check(b"a,b\nx,y\n", "{}", 2);
        check(b"1,2\n3,4\n", r#"{"header":false}"#, 2);
        check(b"1,2\n", r#"{"header":false}"#, 2);
        check(b"a,b\n", "{}", 2);
        check(b"country,2019,2020\nx,1,2\n", "{}", 3);
        check(
            b"Rome,Italy\nParis,France\nMilan,Italy\n",
            r#"{"header":false}"#,
            2,
        );
        check(b"name,founded\nRome,2020-01-01\nRome,2020-01-02\n", "{}", 2);
    }

    #[test]
    fn what_stands_before_a_table_is_passed_over() {
        check(b"# x\n# y\na,b\n1,2\n", r#"{"skipRows":2}"#, 2);
        check(
            b"# x\na,b\n1,2\n# y\n3,4\n",
            r##"{"commentPrefix":"#"}"##,
            2,
        );
        check(b"#a,b\n1,2\n", "{}", 2);
        check(b"Report 2020\n\na,b\n1,2\n3,4\n", r#"{"skipRows":2}"#, 2);
    }
}
