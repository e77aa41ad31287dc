//! What has to hold for any input: called with random input by `properties.rs` and by the targets
//! under `fuzz/`.

use coalition_kg::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use coalition_kg::engine::{self, RunOptions};
use coalition_kg::mapping::csvw::json::Document;
use coalition_kg::mapping::csvw::{Documents, Mode, TableGroup, lower, parse};
use coalition_kg::plan::date_pattern::DatePattern;
use coalition_kg::plan::ecma_regex::EcmaRegex;
use coalition_kg::plan::number_pattern::NumberPattern;
use coalition_kg::plan::{Template, Variable, VariableValue};
use coalition_kg::query::{Header, QueryParser};
use coalition_kg::rdf::iri;
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::rdf::xsd::{Datatype, Value};
use coalition_kg::sink::serializer::Serializer;
use coalition_kg::sink::turtle::Layout;
use coalition_kg::table::{Dialect, Fault, Mount, Sources, TableReader, Trim};
use oxigraph::io::{RdfFormat, RdfParser};
use std::cmp::Ordering;
use std::io::{Read, Write as _};
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

/// The rows, and the faults with the number of rows read before each.
type TableRead = (Vec<RowRead>, Vec<(usize, Fault)>);

fn read_table(input: Box<dyn Read + Send + '_>, dialect: &Dialect) -> TableRead {
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    let Ok(mut reader) = TableReader::open("test.csv", input, dialect) else {
        return (rows, faults);
    };
    while let Ok(Some(row)) = reader.read_row() {
        rows.push((
            row.source_row,
            row.line,
            row.cells().map(str::to_owned).collect(),
        ));
        faults.extend(
            reader
                .take_faults()
                .into_iter()
                .map(|fault| (rows.len(), fault)),
        );
    }
    faults.extend(
        reader
            .take_faults()
            .into_iter()
            .map(|fault| (rows.len(), fault)),
    );
    (rows, faults)
}

/// The dialects that tables are read with.
pub fn dialect(choice: u8) -> Dialect {
    let plain = Dialect::default();
    match choice % 6 {
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
        _ => Dialect {
            encoding: "windows-1256".to_owned(),
            ..plain
        },
    }
}

/// A table read in pieces has the rows and faults of the table read as a whole.
pub fn table_reader(bytes: &[u8], sizes: &[u8], choice: u8) {
    let dialect = dialect(choice);
    let whole = read_table(Box::new(bytes), &dialect);
    let pieces = read_table(Box::new(Pieces::new(bytes, sizes)), &dialect);
    assert_eq!(whole.0, pieces.0, "rows");
    assert_eq!(whole.1, pieces.1, "faults");
    let lines = 1 + bytes
        .iter()
        .filter(|byte| matches!(byte, b'\n' | b'\r'))
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
}

/// Documents that are not there.
struct NoDocuments;

impl Documents for NoDocuments {
    fn document(&self, iri: &str) -> Result<Document, Box<Diagnostic>> {
        Err(Box::new(Diagnostic::error(
            "test::no-document",
            iri,
            Location::default(),
        )))
    }
}

/// Reads a metadata document; nothing comes of it only where there is an error to tell.
pub fn csvw_metadata(bytes: &[u8]) -> Option<TableGroup> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse("metadata.json", text.clone()).ok()?;
    let url = "https://example.org/data/csv-metadata.json";
    let group = parse(&document, url, &NoDocuments, &mut diagnostics);
    for found in diagnostics.iter() {
        if let Some(span) = &found.location.byte_span {
            assert!(
                span.start <= span.end && span.end <= text.len(),
                "{found:?}"
            );
        }
    }
    let Some(group) = group else {
        assert!(diagnostics.errors() > 0, "refused without a word");
        return None;
    };
    for mode in [Mode::Minimal, Mode::Standard] {
        let mut diagnostics = Diagnostics::new();
        if lower(&group, mode, &mut diagnostics).is_none() {
            assert!(diagnostics.errors() > 0, "not lowered without a word");
        }
    }
    Some(group)
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
pub fn uri_template(template: &str, value: &str) -> Option<String> {
    let template = Template::parse(template, |name| Variable::Constant(name.to_owned())).ok()?;
    let mut out = String::new();
    template.expand(&mut out, |_| Some(VariableValue::One(value.into())));
    let mut list = String::new();
    template.expand(&mut list, |_| {
        Some(VariableValue::Many(vec![
            value.into(),
            "".into(),
            value.into(),
        ]))
    });
    let mut nothing = String::new();
    template.expand(&mut nothing, |_| None);
    for text in [&out, &list, &nothing] {
        let unsafe_byte = text.bytes().find(|byte| {
            byte.is_ascii_control()
                || matches!(byte, b' ' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`')
        });
        assert_eq!(unsafe_byte, None, "{text}");
    }
    Some(out)
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

/// Converts a table by a metadata document: there is a graph, or errors say why not.
///
/// Every table of the document is the same one, whatever its URL.
pub fn end_to_end(metadata: &[u8], table: &[u8]) -> Option<Vec<u8>> {
    let mut group = csvw_metadata(metadata)?;
    let mut file = tempfile::NamedTempFile::new().ok()?;
    file.write_all(table).ok()?;
    let url = "https://example.org/data/t.csv";
    for table in &mut group.tables {
        url.clone_into(&mut table.url);
    }
    let sources = Sources::new().with_mount(url, Mount::File(Some(file.path().to_owned())));
    let mut diagnostics = Diagnostics::new();
    let plan = lower(&group, Mode::Standard, &mut diagnostics)?;
    let first = convert(&plan, &sources);
    assert!(
        first == convert(&plan, &sources),
        "the same input gives the same bytes"
    );
    let (bytes, errors) = first;
    for quad in RdfParser::from_format(RdfFormat::NQuads).for_slice(&bytes) {
        let quad =
            quad.unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&bytes)));
        assert!(iri::check(quad.predicate.as_str()).is_ok(), "{quad}");
    }
    (errors == 0).then_some(bytes)
}

fn convert(plan: &coalition_kg::plan::Plan, sources: &Sources) -> (Vec<u8>, u64) {
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
        cell_faults: Severity::Error,
        key_memory: engine::KEY_MEMORY,
        observer: &mut observer,
    };
    let report = engine::run(plan, sources, &mut sink, &mut diagnostics, &mut options).unwrap();
    if !report.is_complete() {
        assert!(diagnostics.errors() > 0, "stopped without a word");
    }
    (sink.finish().unwrap(), diagnostics.errors())
}
