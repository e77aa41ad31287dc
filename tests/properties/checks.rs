//! What has to hold for any input: called with random input by `properties.rs` and by the targets
//! under `fuzz/`.

use coalition_kg::diagnostic::{Diagnostic, Diagnostics};
use coalition_kg::engine::{self, OnError, RunOptions, Severities};
use coalition_kg::mapping::csvw::json::Document;
use coalition_kg::mapping::csvw::{Documents, Mode, Options, Purpose, lower, open, parse};
use coalition_kg::plan::date_pattern::DatePattern;
use coalition_kg::plan::ecma_regex::EcmaRegex;
use coalition_kg::plan::number_pattern::NumberPattern;
use coalition_kg::plan::{Plan, Template, Variable, VariableValue};
use coalition_kg::query::{Header, QueryParser};
use coalition_kg::rdf::iri;
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::rdf::xsd::{Datatype, Value};
use coalition_kg::sink::json::JsonWriter;
use coalition_kg::sink::serializer::Serializer;
use coalition_kg::sink::turtle::Layout;
use coalition_kg::table::{Dialect, Fault, Mount, Sources, TableReader, Trim};
use iri_string::spec::UriSpec;
use iri_string::template::UriTemplateStr;
use iri_string::template::context::{Context, Visitor};
use iri_string::template::simple_context::Value as TemplateValue;
use oxigraph::io::{RdfFormat, RdfParser};
use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::io::Read;
use std::time::{Duration, Instant};

/// Hands its bytes on in pieces of the given sizes, over and over.
pub struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: &'a [u8],
    next: usize,
}

impl<'a> Pieces<'a> {
    /// Takes the bytes and the sizes; a size of 0 counts as 1.
    pub fn new(bytes: &'a [u8], sizes: &'a [u8]) -> Self {
        Self {
            bytes,
            sizes,
            next: 0,
        }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self
            .sizes
            .get(self.next % self.sizes.len().max(1))
            .copied()
            .unwrap_or(1);
        self.next += 1;
        let size = usize::from(size)
            .max(1)
            .min(buffer.len())
            .min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at(size);
        buffer[..size].copy_from_slice(piece);
        self.bytes = rest;
        Ok(size)
    }
}

/// A row with its place.
type RowRead = (u64, u64, Vec<String>);

/// The rows, the faults with the number of rows read before each, and the comments.
type TableRead = (Vec<RowRead>, Vec<(usize, Fault)>, Vec<(u64, String)>);

fn read_table(input: Box<dyn Read + Send + '_>, dialect: &Dialect) -> TableRead {
    let mut read = TableRead::default();
    if let Ok(mut reader) = TableReader::open("test.csv", input, dialect) {
        read_rows(&mut reader, usize::MAX, &mut read);
    }
    read
}

fn read_rows(reader: &mut TableReader<'_>, most: usize, read: &mut TableRead) {
    let (rows, faults, comments) = read;
    let mut passed = 0;
    while passed < most
        && let Ok(Some(row)) = reader.read_row()
    {
        passed += 1;
        rows.push((
            row.source_row,
            row.line,
            row.cells().map(str::to_owned).collect(),
        ));
        let found = reader.take_faults().into_iter();
        faults.extend(found.map(|fault| (rows.len(), fault)));
    }
    let found = reader.take_faults().into_iter();
    faults.extend(found.map(|fault| (rows.len(), fault)));
    comments.extend(reader.take_comments());
}

/// Reads some rows by one reader and what is left by others: one for each row, and one for the rest
/// of them.
fn read_on(
    bytes: &[u8],
    sizes: &[u8],
    before: usize,
    alone: usize,
    dialect: &Dialect,
) -> TableRead {
    let mut read = TableRead::default();
    let input = Box::new(Pieces::new(bytes, sizes));
    let Ok(mut reader) = TableReader::open("test.csv", input, dialect) else {
        return read;
    };
    reader.prepare().unwrap_or_else(|error| panic!("{error}"));
    read_rows(&mut reader, before, &mut read);
    let (mut position, mut rest, mut input) =
        reader.into_rest().unwrap_or_else(|error| panic!("{error}"));
    if alone == 0 {
        let input = Box::new(std::io::Cursor::new(rest).chain(input));
        let reader = TableReader::resume("test.csv", input, dialect, position);
        let mut reader = reader.unwrap_or_else(|error| panic!("{error}"));
        read_rows(&mut reader, usize::MAX, &mut read);
        return read;
    }
    input
        .read_to_end(&mut rest)
        .unwrap_or_else(|error| panic!("{error}"));
    let first = position.offset;
    let from = |offset: u64| usize::try_from(offset - first).unwrap_or(usize::MAX);
    for _ in 0..alone {
        // Once to learn where the row ends, and once without what stands behind it.
        let slice = &rest[from(position.offset)..];
        let reader = TableReader::resume_slice("test.csv", slice, dialect, position);
        let mut reader = reader.unwrap_or_else(|error| panic!("{error}"));
        read_rows(&mut reader, 1, &mut TableRead::default());
        let end = reader.position();
        let slice = &rest[from(position.offset)..from(end.offset)];
        let reader = TableReader::resume_slice("test.csv", slice, dialect, position);
        let mut reader = reader.unwrap_or_else(|error| panic!("{error}"));
        read_rows(&mut reader, usize::MAX, &mut read);
        assert_eq!(reader.position(), end, "position");
        position = end;
    }
    let slice = &rest[from(position.offset)..];
    let reader = TableReader::resume_slice("test.csv", slice, dialect, position);
    let mut reader = reader.unwrap_or_else(|error| panic!("{error}"));
    read_rows(&mut reader, usize::MAX, &mut read);
    read
}

/// The dialects that tables are read with.
pub fn dialect(choice: u8) -> Dialect {
    let plain = Dialect {
        trim: Trim::None,
        ..Dialect::default()
    };
    match choice % 8 {
        0 => plain,
        1 => Dialect {
            delimiter: ";".to_owned(),
            double_quote: false,
            ..plain
        },
        2 => Dialect {
            quote_char: None,
            delimiter: "\t".to_owned(),
            ..plain
        },
        3 => Dialect {
            skip_blank_rows: true,
            trim: Trim::Both,
            ..plain
        },
        4 => Dialect {
            comment_prefix: Some("#".to_owned()),
            skip_rows: 1,
            skip_columns: 1,
            ..plain
        },
        5 => Dialect {
            encoding: "windows-1256".to_owned(),
            ..plain
        },
        6 => Dialect {
            delimiter: "،,".to_owned(),
            quote_char: Some('ع'),
            line_terminators: ["\r", "\r\n", "\n", ";"].map(str::to_owned).to_vec(),
            ..plain
        },
        _ => Dialect {
            quote_char: Some('\''),
            line_terminators: vec!["\r\n".to_owned()],
            comment_prefix: Some("#\"".to_owned()),
            ..plain
        },
    }
}

/// A table read in pieces has the rows, faults and comments of the table read as a whole, and the
/// rows that the `csv` crate reads.
pub fn table_reader(bytes: &[u8], sizes: &[u8], choice: u8) {
    let dialect = dialect(choice);
    let whole = read_table(Box::new(bytes), &dialect);
    let pieces = read_table(Box::new(Pieces::new(bytes, sizes)), &dialect);
    assert_eq!(whole.0, pieces.0, "rows");
    assert_eq!(whole.1, pieces.1, "faults");
    assert_eq!(whole.2, pieces.2, "comments");
    let before = usize::from(choice / 8) % 3;
    for alone in [0, 1, 3] {
        let parts = read_on(bytes, sizes, before, alone, &dialect);
        let bare = |faults: &[(usize, Fault)]| -> Vec<Fault> {
            faults.iter().map(|(_, fault)| *fault).collect()
        };
        let place = format!("{before} rows, then {alone} on their own");
        assert_eq!(whole.0, parts.0, "rows: {place}");
        assert_eq!(bare(&whole.1), bare(&parts.1), "faults: {place}");
        assert_eq!(whole.2, parts.2, "comments: {place}");
    }
    let lines = 1 + bytes
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r' | b';'))
        .count() as u64;
    for (source_row, line, _) in &whole.0 {
        assert!((1..=lines).contains(line), "line {line} of {lines}");
        assert!(
            (1..=lines).contains(source_row),
            "row {source_row} of {lines}"
        );
    }
    assert!(
        whole.0.is_sorted_by_key(|row| (row.0, row.1)),
        "rows stand in order"
    );
    let delimiter = b",;\t "[usize::from(choice % 4)];
    table_reader_and_csv(bytes, delimiter, choice / 4);
}

/// A table has the rows that the `csv` crate reads, in every dialect that both know.
///
/// Blank lines are rows for us only, and a CR alone ends a line for the `csv` crate wherever
/// CR LF does.
fn table_reader_and_csv(bytes: &[u8], delimiter: u8, choice: u8) {
    let quote = match choice % 3 {
        0 => Some('"'),
        1 => Some('\''),
        _ => None,
    };
    let double_quote = (choice / 3).is_multiple_of(2);
    let all = ["\r\n", "\n", "\r"];
    let has_lone_cr = bytes
        .iter()
        .enumerate()
        .any(|(at, byte)| *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    let mut ends = vec![
        (csv::Terminator::CRLF, &all[..]),
        (csv::Terminator::Any(b'\n'), &all[1..2]),
        (csv::Terminator::Any(b'\r'), &all[2..]),
    ];
    if !has_lone_cr {
        ends.push((csv::Terminator::CRLF, &all[..2]));
    }
    for (terminator, line_terminators) in ends {
        // The `csv` crate ends comments in LF only, and makes a row of one without it.
        let has_comments = line_terminators == ["\n"];
        let end: &[u8] = if has_comments { b"\n" } else { b"" };
        let bytes = &[bytes, end].concat()[..];
        let mut builder = csv::ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(terminator)
            .quoting(quote.is_some())
            .quote(quote.map_or(b'"', |quote| quote as u8))
            .double_quote(double_quote)
            .escape((!double_quote).then_some(b'\\'))
            .comment(has_comments.then_some(b'#'));
        let expected: Vec<Vec<String>> = builder
            .from_reader(bytes)
            .byte_records()
            .map(|record| {
                let record = record.unwrap_or_else(|error| panic!("{error}"));
                let cells = record.iter();
                cells
                    .map(|cell| String::from_utf8_lossy(cell).into_owned())
                    .collect()
            })
            .collect();
        let dialect = Dialect {
            delimiter: char::from(delimiter).to_string(),
            quote_char: quote,
            double_quote,
            comment_prefix: has_comments.then(|| "#".to_owned()),
            line_terminators: line_terminators
                .iter()
                .map(|end| (*end).to_owned())
                .collect(),
            trim: Trim::None,
            ..Dialect::default()
        };
        let mut reader = TableReader::open("test.csv", Box::new(bytes), &dialect)
            .unwrap_or_else(|error| panic!("{error}"));
        let mut found: Vec<Vec<String>> = Vec::new();
        while let Some(row) = reader.read_row().unwrap_or_else(|error| panic!("{error}")) {
            if !row.is_blank() {
                found.push(row.cells().map(str::to_owned).collect());
            }
        }
        assert_eq!(found, expected, "{dialect:?}");
    }
}

/// What stands between the parts of an input that a target takes apart.
const MARK: &[u8] = b"\n%%%\n";

/// A table for metadata that comes without one.
const TABLE: &[u8] = b"GID,a,b\n1,x;y,2010-10-18\n2,,z\n";

/// Takes an input apart: a metadata document, a table, a document that the first may refer to.
///
/// Any metadata document is an input, so that the W3C's tests can be seeds as they are.
pub fn parts(input: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let cut = |bytes: &'_ [u8]| bytes.windows(MARK.len()).position(|window| window == MARK);
    let Some(first) = cut(input) else {
        return (input, TABLE, b"{}");
    };
    let rest = &input[first + MARK.len()..];
    match cut(rest) {
        None => (&input[..first], rest, b"{}"),
        Some(second) => (
            &input[..first],
            &rest[..second],
            &rest[second + MARK.len()..],
        ),
    }
}

/// Answers every reference with one text, and remembers what was asked for.
struct OneDocument<'t> {
    text: &'t [u8],
    asked: RefCell<Vec<String>>,
}

impl Documents for OneDocument<'_> {
    fn document(&self, iri: &str) -> Result<Document, Box<Diagnostic>> {
        self.asked.borrow_mut().push(iri.to_owned());
        Document::parse(iri, String::from_utf8_lossy(self.text).into_owned())
    }
}

/// Where metadata is said to be.
const METADATA_IRI: &str = "https://example.org/data/csv-metadata.json";

/// All ways to read metadata.
fn all_options() -> impl Iterator<Item = Options> {
    (0..32_u8).map(|bits| Options {
        mode: if bits & 1 == 0 {
            Mode::Standard
        } else {
            Mode::Minimal
        },
        purpose: if bits & 2 == 0 {
            Purpose::Convert
        } else {
            Purpose::Validate
        },
        lenient: bits & 4 != 0,
        iri_per_item: bits & 8 != 0,
        provenance: bits & 16 != 0,
    })
}

/// A folder with a metadata document; its tables are one and the same file, and so are the documents
/// that it refers to.
pub struct Project {
    sources: Sources,
    _folder: tempfile::TempDir,
}

impl Project {
    /// Writes the files; nothing where the metadata is of no use, which is told.
    pub fn new(metadata: &[u8], table: &[u8], other: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(metadata).into_owned();
        let length = text.len();
        let document = Document::parse("metadata.json", text.clone()).ok()?;
        let documents = OneDocument {
            text: other,
            asked: RefCell::default(),
        };
        let mut diagnostics = Diagnostics::new();
        let group = parse(&document, METADATA_IRI, &documents, &mut diagnostics);
        for found in diagnostics.iter() {
            let of_it = found.location.source.as_deref() == Some("metadata.json");
            if let Some(span) = found.location.byte_span.as_ref().filter(|_| of_it) {
                assert!(span.start <= span.end && span.end <= length, "{found:?}");
            }
        }
        let Some(group) = group else {
            assert!(diagnostics.errors() > 0, "refused without a word");
            return None;
        };
        let folder = tempfile::tempdir().ok()?;
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            Mount::File(Some(path))
        };
        let (table, other) = (write("table.csv", table), write("other.json", other));
        let metadata = write("metadata.json", text.as_bytes());
        let mut sources = Sources::new();
        for described in &group.tables {
            sources = sources.with_mount(&described.url, table.clone());
        }
        for iri in documents.asked.into_inner() {
            sources = sources.with_mount(iri, other.clone());
        }
        Some(Self {
            sources: sources.with_mount(METADATA_IRI, metadata),
            _folder: folder,
        })
    }

    /// The plan in one way of reading the metadata; there is none only where an error was told.
    pub fn plan(&self, options: &Options) -> Option<Plan> {
        let mut diagnostics = Diagnostics::new();
        let opened = open(METADATA_IRI, None, &self.sources, options, &mut diagnostics);
        let plan = opened.and_then(|group| lower(&group, options, &mut diagnostics));
        if plan.is_none() {
            assert!(diagnostics.errors() > 0, "no plan, without a word");
        }
        plan
    }
}

/// Takes metadata with a table through the whole front end, in all ways.
pub fn csvw_metadata(metadata: &[u8], table: &[u8], other: &[u8]) {
    if let Some(project) = Project::new(metadata, table, other) {
        for options in all_options() {
            project.plan(&options);
        }
    }
}

/// What a format reads is a lexical form of the datatype, and it does so in time.
pub fn format_pattern(pattern: &str, text: &str) {
    let start = Instant::now();
    let numbers = [
        Datatype::Decimal,
        Datatype::Integer,
        Datatype::Double,
        Datatype::Float,
        Datatype::UnsignedByte,
    ];
    for datatype in numbers {
        for separators in [(None, None), (Some(","), Some(".")), (Some("٫"), Some("٬"))] {
            let free = NumberPattern::new(separators.0, separators.1);
            let patterned = free.clone().with_pattern(pattern).ok();
            for reader in [Some(free), patterned].into_iter().flatten() {
                if let Some(lexical) = reader.read(datatype, text) {
                    let wide = if datatype.is_decimal() {
                        Datatype::Decimal
                    } else {
                        datatype
                    };
                    assert!(
                        wide.accepts(&lexical),
                        "`{text}` by `{pattern}`: `{lexical}`"
                    );
                }
            }
        }
    }
    for datatype in [
        Datatype::Date,
        Datatype::Time,
        Datatype::DateTime,
        Datatype::DateTimeStamp,
    ] {
        let reader = DatePattern::parse(datatype, pattern);
        if let Some(lexical) = reader.and_then(|reader| reader.read(datatype, text)) {
            // Whether there is a zone is seen to afterwards.
            let zoneless = datatype == Datatype::DateTimeStamp;
            assert!(
                zoneless || datatype.accepts(&lexical),
                "`{text}` by `{pattern}`: `{lexical}`"
            );
        }
    }
    for datatype in [
        Datatype::Duration,
        Datatype::DayTimeDuration,
        Datatype::YearMonthDuration,
        Datatype::DateTime,
        Datatype::Time,
        Datatype::GMonthDay,
        Datatype::Double,
        Datatype::Float,
        Datatype::Decimal,
        Datatype::Long,
        Datatype::Base64Binary,
        Datatype::HexBinary,
    ] {
        let values = [pattern, text].map(|text| Value::parse(datatype, text));
        for (value, text) in values.iter().zip([pattern, text]) {
            let is_value = datatype.accepts(text);
            assert_eq!(value.is_some(), is_value, "{datatype:?} `{text}`");
        }
        if let [Some(one), Some(other)] = &values {
            let order = one.partial_cmp(other);
            let back = other.partial_cmp(one);
            assert_eq!(order, back.map(Ordering::reverse), "{one:?} {other:?}");
            if datatype.is_ordered() {
                let is_equal = order == Some(Ordering::Equal);
                assert_eq!(is_equal, one == other, "{one:?} {other:?}");
            }
        }
    }
    if let Ok(regex) = EcmaRegex::new(pattern) {
        let first = regex.matches(text);
        assert_eq!(first, regex.matches(text), "{pattern}");
    }
    let taken = start.elapsed();
    assert!(taken < Duration::from_secs(5), "`{pattern}` took {taken:?}");
}

/// Expands a template whose variables all have the same values.
pub fn uri_template(text: &str, value: &str) -> Option<String> {
    let template = Template::parse(text, |name| Variable::Constant(name.to_owned())).ok()?;
    let mut out = String::new();
    let done = template.expand(&mut out, |_| Some(VariableValue::One(value.into())));
    let mut list = String::new();
    let items: Vec<Cow<'_, str>> = vec![value.into(), "".into(), value.into()];
    let listed = template.expand(&mut list, |_| Some(VariableValue::Many(items.clone())));
    let mut nothing = String::new();
    let _ = template.expand(&mut nothing, |_| None);
    for text in [&out, &list, &nothing] {
        let unsafe_byte = text.bytes().find(|byte| {
            byte.is_ascii_control()
                || matches!(byte, b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`')
        });
        assert_eq!(unsafe_byte, None, "{text}");
    }
    if done.is_ok() && is_comparable(text, value) {
        let one = TemplateValue::String(value.to_owned());
        compare(text, one, &out);
        if listed.is_ok() && !text.contains("{;") {
            let items = vec![value.to_owned(), String::new(), value.to_owned()];
            compare(text, TemplateValue::List(items), &list);
        }
    }
    Some(out)
}

// What the other implementation gets wrong is left out: it panics on letters beyond ASCII in `{+x}`,
// `{#x}` and `{x:1}`, cuts `{+x:1}` in the wrong place where a character has to be encoded, and loses
// one of several `%XX` in `{+x}`.
fn is_comparable(text: &str, value: &str) -> bool {
    let reserved = text.contains("{+") || text.contains("{#");
    let prefix = text.contains(':');
    let sound = |c: char| {
        (!reserved || (c.is_ascii() && c != '%')) && (!prefix || c.is_ascii_alphanumeric())
    };
    text.is_ascii() && !text.contains('%') && value.chars().all(sound)
}

// Compares an expansion with that of another implementation, where that takes the template too.
fn compare(text: &str, value: TemplateValue, expected: &str) {
    struct Same(TemplateValue);
    impl Context for Same {
        fn visit<V: Visitor>(&self, visitor: V) -> V::Result {
            match &self.0 {
                TemplateValue::List(items) => visitor.visit_list_direct(items),
                TemplateValue::String(text) => visitor.visit_string(text),
                _ => visitor.visit_undefined(),
            }
        }
    }
    let Ok(other) = UriTemplateStr::new(text) else {
        return;
    };
    if let Ok(expanded) = other.expand::<UriSpec, _>(&Same(value)) {
        assert_eq!(expanded.to_string(), expected, "{text}");
    }
}

/// Reads a query and its header.
pub fn sparql(text: &str) {
    let header = Header::parse(text);
    assert!(
        header
            .parameters
            .iter()
            .all(|parameter| !parameter.name.is_empty())
    );
    if let Err(error) = QueryParser::new().with_source("test.rq").parse(text) {
        let lines = text.lines().count() as u64 + 1;
        let line = error.location().and_then(|location| location.line);
        assert!(
            line.is_none_or(|line| (1..=lines).contains(&line)),
            "{error:?}"
        );
    }
}

/// Converts and validates a table by a metadata document: there are a graph and objects, or errors say
/// why not.
pub fn end_to_end(metadata: &[u8], table: &[u8], other: &[u8]) {
    let Some(project) = Project::new(metadata, table, other) else {
        return;
    };
    for options in [
        Options::default(),
        Options {
            mode: Mode::Minimal,
            iri_per_item: true,
            provenance: true,
            ..Options::default()
        },
        Options {
            lenient: true,
            purpose: Purpose::Validate,
            ..Options::default()
        },
    ] {
        let Some(plan) = project.plan(&options) else {
            continue;
        };
        for severities in [Severities::CONVERT, Severities::VALIDATE] {
            let bytes = convert(&plan, &project.sources, severities);
            assert!(
                bytes == convert(&plan, &project.sources, severities),
                "the same input gives the same bytes"
            );
            for quad in RdfParser::from_format(RdfFormat::NQuads).for_slice(&bytes) {
                let quad = quad
                    .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&bytes)));
                assert!(iri::check(quad.predicate.as_str()).is_ok(), "{quad}");
            }
            let json = convert_to_json(&plan, &project.sources, severities);
            let parsed = serde_json::from_slice::<serde::de::IgnoredAny>(&json);
            assert!(parsed.is_ok(), "{}", String::from_utf8_lossy(&json));
        }
    }
}

fn convert_to_json(plan: &Plan, sources: &Sources, severities: Severities) -> Vec<u8> {
    let mut writer = JsonWriter::new("test", Vec::new());
    let mut options = RunOptions {
        severities,
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut |_| true,
    };
    let diagnostics = &mut Diagnostics::new();
    engine::run_objects(plan, sources, &mut writer, diagnostics, &mut options).unwrap();
    writer.finish().unwrap()
}

fn convert(plan: &Plan, sources: &Sources, severities: Severities) -> Vec<u8> {
    let mut diagnostics = Diagnostics::new();
    let mut sink = Serializer::new(
        "test",
        RdfFormat::NQuads,
        Layout::Streaming,
        &Prefixes::well_known(),
        Vec::new(),
    )
    .unwrap();
    let mut observer = |_: &engine::Progress<'_>| true;
    let mut options = RunOptions {
        severities,
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut observer,
    };
    let report = engine::run(plan, sources, &mut sink, &mut diagnostics, &mut options).unwrap();
    if !report.is_complete() {
        assert!(diagnostics.errors() > 0, "stopped without a word");
    }
    sink.finish().unwrap()
}
