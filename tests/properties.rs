//! What holds for any input, tried with random ones.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be set up has failed"
)]

#[path = "properties/checks.rs"]
pub mod checks;

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{self, OnError, RunOptions, Severities};
use coalition_kg::mapping::csvw::{self, Mode, Options};
use coalition_kg::plan::date_pattern::DatePattern;
use coalition_kg::plan::number_pattern::NumberPattern;
use coalition_kg::plan::{Template, Variable, VariableValue};
use coalition_kg::rdf::iri::{self, Safe};
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::rdf::xsd::{Datatype, Value};
use coalition_kg::sink::EachQuad;
use coalition_kg::sink::serializer::{FORMATS, Serializer};
use coalition_kg::sink::turtle::Layout;
use coalition_kg::table::{Dialect, Mount, Sources, TableReader};
use iri_string::spec::UriSpec;
use iri_string::template::UriTemplateStr;
use iri_string::template::simple_context::{SimpleContext, Value as TemplateValue};
use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm};
use oxrdf::{
    BlankNode, Dataset, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, QuadRef, Term,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::cmp::Ordering;
use std::io::Write as _;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Text with the characters that shape tables, IRIs and RDF documents.
fn text() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "\"", "\"\"", ",", ";", "\n", "\r\n", "\r", "\t", " ", "\\", "'", "#", "%", "%20", "{",
        "}", "[", "<", ">", "@", "^^", "_:", "ع", "中", "🪐", "\u{200F}", "é", "a", "b", "1", ".",
        "-",
    ]);
    vec(odd, 0..12).prop_map(|parts| parts.concat())
}

/// Bytes of a table, sound and broken.
fn table_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        text().prop_map(String::into_bytes),
        Just(b",".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\"x\",".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just(b"\n\n".to_vec()),
        vec(any::<u8>(), 0..4),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_table_has_the_rows_of_the_csv_crate_whatever_pieces_it_comes_in(
        bytes in table_bytes(),
        sizes in vec(1_u8..9, 1..4),
        dialect in any::<u8>(),
    ) {
        checks::table_reader(&bytes, &sizes, dialect);
    }

    #[test]
    fn a_table_of_little_but_quotes_and_line_ends_has_the_rows_of_the_csv_crate(
        text in "([,;\"'\\\\#\r\n\t aع]|\r\n|\"\"){0,24}",
        sizes in vec(1_u8..9, 1..4),
        dialect in any::<u8>(),
    ) {
        checks::table_reader(text.as_bytes(), &sizes, dialect);
    }

    #[test]
    fn any_bytes_are_metadata_or_refused_with_a_reason(bytes in vec(any::<u8>(), 0..60)) {
        let (metadata, table, other) = checks::parts(&bytes);
        checks::csvw_metadata(metadata, table, other);
    }

    #[test]
    fn what_a_pattern_reads_is_a_lexical_form(
        pattern in "[#0,.;%‰E+ -]{1,10}|[yMdHmsSXxT:./ -]{4,24}|(dd|d)[.](MM|M)[.]yyyy X{0,3}",
        text in "[0-9.,%‰E+-]{0,10}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}( ?[Z+-][0-9:]{0,5})?|INF|NaN",
    ) {
        checks::format_pattern(&pattern, &text);
    }

    #[test]
    fn any_text_is_a_template_or_refused(
        template in "[a-z/{}?&+#,:*;.%é0-9]{0,16}",
        value in text(),
    ) {
        checks::uri_template(&template, &value);
    }

    #[test]
    fn any_text_is_a_query_or_refused_with_a_place(
        text in "(# ?(en|ar|param|returns): ?[a-z?=<> —-]{0,12}\n){0,3}[ -~ع\n]{0,40}",
    ) {
        checks::sparql(&text);
    }
}

/// A metadata document with one thing or another in it.
fn metadata() -> impl Strategy<Value = String> {
    let column = (
        select(vec!["a", "b", "c", "_x", "d e"]),
        select(vec![
            "\"string\"",
            "\"integer\"",
            "\"decimal\"",
            "\"date\"",
            "\"boolean\"",
            "\"anyURI\"",
            "{\"base\": \"date\", \"format\": \"d.M.yyyy\"}",
            "{\"base\": \"number\", \"format\": \"#,##0.##\"}",
            "{\"base\": \"string\", \"minLength\": 2, \"format\": \"[a-z]+\"}",
            "\"nonsense\"",
            "7",
        ]),
        select(vec![
            "",
            ", \"separator\": \";\"",
            ", \"ordered\": true, \"separator\": \" \"",
            ", \"lang\": \"ar\"",
            ", \"required\": true",
            ", \"null\": [\"-\", \"x\"]",
            ", \"default\": \"1\"",
            ", \"valueUrl\": \"../{a}/{+b}\"",
            ", \"propertyUrl\": \"schema:{_name}\"",
            ", \"aboutUrl\": \"http://[{+a}\"",
            ", \"virtual\": true",
            ", \"suppressOutput\": true",
            ", \"propertUrl\": \"x\"",
        ]),
    )
        .prop_map(|(name, datatype, more)| {
            format!(
                "{{\"name\": \"{name}\", \"titles\": \"{name}\", \"datatype\": {datatype}{more}}}"
            )
        });
    let schema = select(vec![
        "",
        ", \"primaryKey\": \"a\"",
        ", \"primaryKey\": [\"a\", \"b\"]",
        ", \"rowTitles\": \"a\"",
        ", \"aboutUrl\": \"#row-{_row}-{a}\"",
        ", \"foreignKeys\": [{\"columnReference\": \"a\", \"reference\": {\"resource\": \"t.csv\", \"columnReference\": \"b\"}}]",
    ]);
    let table = select(vec![
        "",
        ", \"dialect\": {\"header\": false}",
        ", \"dialect\": {\"delimiter\": \";\", \"trim\": true}",
        ", \"notes\": [{\"x\": [1, null]}]",
        ", \"dc:title\": {\"@value\": \"t\", \"@language\": \"ar\"}",
        ", \"suppressOutput\": true",
    ]);
    (vec(column, 0..4), schema, table).prop_map(|(columns, schema, table)| {
        format!(
            "{{\"@context\": \"http://www.w3.org/ns/csvw\", \"url\": \"t.csv\", \"tableSchema\": \
             {{\"columns\": [{}]{schema}}}{table}}}",
            columns.join(", ")
        )
    })
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn any_table_by_any_metadata_makes_a_graph_or_errors(
        metadata in metadata(),
        table in table_bytes(),
        rows in vec("[a-c1-9;. -]{0,6},[a-c1-9;. -]{0,6}\n", 0..4),
    ) {
        checks::end_to_end(metadata.as_bytes(), &table, b"{}");
        let table = format!("a,b\n{}", rows.concat());
        checks::end_to_end(metadata.as_bytes(), table.as_bytes(), b"{}");
    }
}

// ---------------------------------------------------------------- from cells to literals

fn convert(csv: &[u8], mode: Mode) -> (Vec<Quad>, Diagnostics) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(csv).unwrap();
    let url = "https://example.org/t.csv";
    let sources = Sources::new().with_mount(url, Mount::File(Some(file.path().to_owned())));
    let mut diagnostics = Diagnostics::new();
    let mut quads = Vec::new();
    let options = Options {
        mode,
        ..Options::default()
    };
    let group = csvw::open(url, None, &sources, &options, &mut diagnostics);
    let plan = group
        .and_then(|group| csvw::lower(&group, &options, &mut diagnostics))
        .unwrap();
    let mut sink = EachQuad(|quad: QuadRef<'_>, _: &_| quads.push(quad.into_owned()));
    let mut observer = |_: &engine::Progress<'_>| true;
    let mut options = RunOptions {
        severities: Severities::VALIDATE,
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut observer,
    };
    engine::run(&plan, &sources, &mut sink, &mut diagnostics, &mut options).unwrap();
    (quads, diagnostics)
}

fn written(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["a", "b", "c"]).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

fn serialized(quads: &[Quad], format: RdfFormat, layout: Layout) -> Vec<u8> {
    let prefixes = Prefixes::well_known();
    let mut writer = Serializer::new("test", format, layout, &prefixes, Vec::new()).unwrap();
    for quad in quads {
        writer.write(quad.as_ref()).unwrap();
    }
    writer.finish().unwrap()
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn the_literals_of_a_graph_are_the_cells_of_its_table(
        rows in vec(vec(text(), 3), 0..6),
    ) {
        let (quads, diagnostics) = convert(&written(&rows), Mode::Minimal);
        prop_assert!(diagnostics.errors() == 0, "{diagnostics:?}");
        let mut expected = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            for (name, cell) in ["a", "b", "c"].iter().zip(row) {
                if !cell.is_empty() {
                    let property = format!("https://example.org/t.csv#{name}");
                    expected.push((number, property, cell.clone()));
                }
            }
        }
        let mut subjects: Vec<NamedOrBlankNode> = Vec::new();
        let mut found = Vec::new();
        for quad in quads {
            let Term::Literal(literal) = quad.object else {
                panic!("`{}` is no literal", quad.object);
            };
            prop_assert_eq!(literal.datatype(), oxrdf::vocab::xsd::STRING);
            if !subjects.contains(&quad.subject) {
                subjects.push(quad.subject.clone());
            }
            found.push((quad.subject, quad.predicate.into_string(), literal.value().to_owned()));
        }
        let with_cells = rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty()));
        prop_assert_eq!(subjects.len(), with_cells.count());
        let cells = |all: Vec<(String, String)>| all;
        prop_assert_eq!(
            cells(found.into_iter().map(|(_, property, cell)| (property, cell)).collect()),
            cells(expected.into_iter().map(|(_, property, cell)| (property, cell)).collect())
        );
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(rows in vec(vec(text(), 3), 0..6)) {
        let csv = written(&rows);
        for (name, format) in FORMATS {
            let run = || {
                let (quads, _) = convert(&csv, Mode::Standard);
                serialized(&quads, *format, Layout::Streaming)
            };
            prop_assert!(run() == run(), "{}", name);
        }
    }
}

// ---------------------------------------------------------------- serialise and parse

fn named_node() -> impl Strategy<Value = NamedNode> {
    select(vec![
        "http://example.org/a",
        "http://example.org/id/state-1",
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "http://www.w3.org/2000/01/rdf-schema#label",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "http://example.org/ns#has.dots-and_1",
        "http://example.org/x/ع",
        "http://example.org/%20/q?a=b&c='d'",
        "urn:example:a",
    ])
    .prop_map(NamedNode::new_unchecked)
}

fn predicate() -> impl Strategy<Value = NamedNode> {
    select(vec![
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "http://example.org/ns#p",
        "http://example.org/ns#ق",
    ])
    .prop_map(NamedNode::new_unchecked)
}

fn blank_node() -> impl Strategy<Value = BlankNode> {
    select(vec!["b0", "t0r1", "x"]).prop_map(BlankNode::new_unchecked)
}

fn literal() -> impl Strategy<Value = Literal> {
    let datatype = select(vec![
        "integer", "decimal", "double", "boolean", "date", "anyURI",
    ]);
    let lexical = prop_oneof![
        text(),
        select(vec![
            "1",
            "01",
            "-1",
            "+1",
            "1.",
            ".5",
            "1000.50",
            "1e3",
            "1.5E-3",
            "true",
            "false",
            "1.0e",
            "TRUE",
            "",
            "INF",
            "2021-12-02",
            "1 ",
        ])
        .prop_map(str::to_owned),
    ];
    prop_oneof![
        text().prop_map(Literal::from),
        (text(), select(vec!["en", "ar", "zh-hans"]))
            .prop_map(|(text, tag)| Literal::new_language_tagged_literal_unchecked(text, tag)),
        (lexical, datatype).prop_map(|(text, name)| {
            let datatype = format!("http://www.w3.org/2001/XMLSchema#{name}");
            Literal::new_typed_literal(text, NamedNode::new_unchecked(datatype))
        }),
    ]
}

fn quad() -> impl Strategy<Value = Quad> {
    let subject = prop_oneof![
        named_node().prop_map(NamedOrBlankNode::from),
        blank_node().prop_map(NamedOrBlankNode::from),
    ];
    let object = prop_oneof![
        named_node().prop_map(Term::from),
        blank_node().prop_map(Term::from),
        literal().prop_map(Term::from),
    ];
    let graph = prop_oneof![
        3 => Just(GraphName::DefaultGraph),
        1 => named_node().prop_map(GraphName::from),
    ];
    (subject, predicate(), object, graph).prop_map(|(subject, predicate, object, graph)| {
        Quad::new(subject, predicate, object, graph)
    })
}

fn canonical(quads: impl IntoIterator<Item = Quad>) -> Vec<String> {
    let mut dataset: Dataset = quads.into_iter().collect();
    dataset.canonicalize(CanonicalizationAlgorithm::Rdfc10 {
        hash_algorithm: CanonicalizationHashAlgorithm::Sha256,
    });
    let mut lines: Vec<_> = dataset.iter().map(|quad| quad.to_string()).collect();
    lines.sort();
    lines
}

// XML has no way to write these.
fn is_xml(quad: &Quad) -> bool {
    let is_plain = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    match &quad.object {
        Term::Literal(literal) => literal.value().chars().all(is_plain),
        _ => true,
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn what_is_serialised_parses_to_the_same_graph(quads in vec(quad(), 0..10)) {
        for (name, format) in FORMATS {
            let quads: Vec<Quad> = quads
                .iter()
                .filter(|quad| format.supports_datasets() || quad.graph_name.is_default_graph())
                .filter(|quad| *format != RdfFormat::RdfXml || is_xml(quad))
                .cloned()
                .collect();
            for layout in [Layout::Grouped, Layout::Streaming] {
                let bytes = serialized(&quads, *format, layout);
                let parsed: Result<Vec<Quad>, _> =
                    RdfParser::from_format(*format).for_slice(&bytes).collect();
                let document = String::from_utf8_lossy(&bytes);
                let parsed = parsed.map_err(|error| {
                    TestCaseError::fail(format!("{name}, {layout:?}: {error}\n{document}"))
                })?;
                prop_assert_eq!(
                    canonical(parsed),
                    canonical(quads.clone()),
                    "{}, {:?}\n{}",
                    name,
                    layout,
                    document
                );
            }
        }
    }
}

// ---------------------------------------------------------------- URI templates

#[derive(Debug, Clone)]
struct Values {
    one: String,
    two: String,
    list: Vec<String>,
}

fn template() -> impl Strategy<Value = String> {
    let one = (
        select(vec!["one", "two", "empty", "none"]),
        select(vec!["", "", ":1", ":3", "*"]),
    );
    let list = (Just("list"), select(vec!["", "*"]));
    let variable =
        prop_oneof![3 => one, 1 => list].prop_map(|(name, more)| format!("{name}{more}"));
    let expression = (
        select(vec!["", "+", "#", ".", "/", ";", "?", "&"]),
        vec(variable, 1..4),
    )
        .prop_map(|(operator, variables)| format!("{{{operator}{}}}", variables.join(",")));
    let literal = select(vec![
        "http://example.org/",
        "a",
        "-",
        "?x=",
        "#",
        "%20",
        "/b/",
    ]);
    vec(
        prop_oneof![expression, literal.prop_map(str::to_owned)],
        0..5,
    )
    .prop_map(|parts| parts.concat())
}

fn expanded(template: &str, values: &Values) -> String {
    let template = Template::parse(template, |name| Variable::Constant(name.to_owned())).unwrap();
    let mut out = String::new();
    let done = template.expand(&mut out, |variable| {
        let Variable::Constant(name) = variable else {
            return None;
        };
        match name.as_str() {
            "one" => Some(VariableValue::One(values.one.clone().into())),
            "two" => Some(VariableValue::One(values.two.clone().into())),
            "empty" => Some(VariableValue::One("".into())),
            "list" => {
                let items = values.list.iter().map(|item| item.clone().into());
                Some(VariableValue::Many(items.collect()))
            }
            _ => None,
        }
    });
    assert!(done.is_ok(), "{template:?}");
    out
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn templates_expand_as_another_implementation_expands_them(
        template in template(),
        one in text(),
        two in "[a-zA-Z0-9 /é中%-]{0,6}",
        list in vec(text(), 0..3),
    ) {
        // The other implementation panics on letters beyond ASCII in `{+x}`, `{#x}` and `{x:1}`,
        // and cuts `{+x:1}` in the wrong place where a character has to be encoded.
        let reserved = template.contains("{+") || template.contains("{#");
        let prefix = template.contains(":1") || template.contains(":3");
        let ascii = |text: &String| -> String {
            let keep = |c: &char| (!reserved || c.is_ascii()) && (!prefix || c.is_ascii_alphanumeric());
            text.chars().filter(keep).collect()
        };
        let (one, two) = (ascii(&one), ascii(&two));
        // Of an empty item it makes `;list=` by `{;list*}`, where RFC 6570 §3.2.1 has `;list`.
        let named = template.contains("{;");
        let list: Vec<String> =
            list.iter().map(ascii).filter(|item| !named || !item.is_empty()).collect();
        let mut context = SimpleContext::new();
        context.insert("one", one.as_str());
        context.insert("two", two.as_str());
        context.insert("empty", "");
        context.insert("list", TemplateValue::List(list.clone()));
        let other = UriTemplateStr::new(&template).unwrap();
        let other = other.expand::<UriSpec, _>(&context).unwrap().to_string();
        prop_assert_eq!(expanded(&template, &Values { one, two, list }), other, "{}", template);
    }

    #[test]
    fn encoded_text_is_a_segment_of_an_iri_and_decodes_to_itself(text in ".{0,16}") {
        let mut encoded = String::new();
        iri::push_encoded(&mut encoded, &text, Safe::Unreserved);
        let iri = format!("https://example.org/{encoded}");
        prop_assert!(iri::check(&iri).is_ok(), "{}", iri);
        prop_assert_eq!(&iri::percent_decode(&encoded), &text);
        let mut again = String::new();
        iri::push_encoded(&mut again, &encoded.replace('%', ""), Safe::Unreserved);
        prop_assert_eq!(again, encoded.replace('%', ""));
        // What is reserved may stay, but nothing that an IRI cannot hold.
        let mut reserved = String::new();
        iri::push_encoded(&mut reserved, &text, Safe::Reserved);
        let query = reserved.replace(['[', ']', '#'], "");
        prop_assert!(iri::check(&format!("https://example.org/?{query}")).is_ok(), "{}", reserved);
    }

    #[test]
    fn paths_survive_as_file_iris(segments in vec("[^/\u{0}]{1,8}", 1..4)) {
        prop_assume!(segments.iter().all(|segment| !matches!(segment.as_str(), "." | "..")));
        let path = std::path::PathBuf::from(format!("/{}", segments.join("/")));
        let iri = iri::from_path(&path);
        prop_assert!(iri::check(&iri).is_ok(), "{}", iri);
        prop_assert_eq!(iri::to_path(&iri), Some(path));
    }
}

// ---------------------------------------------------------------- numbers and dates

/// A number of hundredths as a person would print it, with groups of three digits.
fn print_number(hundredths: i64, decimal: &str, group: &str) -> String {
    let whole = (hundredths.abs() / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push_str(group);
        }
        grouped.push(digit);
    }
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{grouped}{decimal}{:02}", hundredths.abs() % 100)
}

fn equal(datatype: Datatype, one: &str, other: &str) -> bool {
    let value = |text: &str| Value::parse(datatype, text);
    matches!(
        (value(one), value(other)),
        (Some(one), Some(other)) if one.partial_cmp(&other) == Some(Ordering::Equal)
    )
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn a_number_printed_in_a_pattern_is_read_back(
        hundredths in -10_000_000_000_i64..10_000_000_000,
        separators in select(vec![(".", ","), (",", "."), (",", " "), ("٫", "٬")]),
    ) {
        let (decimal, group) = separators;
        let sign = if hundredths < 0 { "-" } else { "" };
        let plain = format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100);
        for pattern in ["#,##0.00", "#,##0.##", "#,##0.0#", "#,##0.00;-#,##0.00"] {
            // Patterns are written with the separators of the numbers.
            let pattern = pattern.replace(',', "G").replace('.', decimal).replace('G', group);
            let reader = NumberPattern::new(Some(decimal), Some(group)).with_pattern(&pattern).unwrap();
            let text = print_number(hundredths, decimal, group);
            let read = reader.read(Datatype::Decimal, &text);
            prop_assert!(
                read.as_deref().is_some_and(|read| equal(Datatype::Decimal, read, &plain)),
                "`{}` by `{}` is {:?}, not {}", text, pattern, read, plain
            );
        }
        // Without groups, and without a pattern.
        let reader = NumberPattern::new(Some(decimal), Some(group))
            .with_pattern(&format!("0{decimal}00"))
            .unwrap();
        let text = print_number(hundredths, decimal, "");
        prop_assert!(reader.read(Datatype::Decimal, &text).is_some(), "{}", text);
        let free = NumberPattern::new(Some(decimal), Some(group));
        for text in [text, print_number(hundredths, decimal, group)] {
            let read = free.read(Datatype::Decimal, &text);
            prop_assert!(
                read.as_deref().is_some_and(|read| equal(Datatype::Decimal, read, &plain)),
                "`{}` is {:?}", text, read
            );
        }
    }

    #[test]
    fn a_per_cent_printed_is_read_as_a_fraction(whole in 0_i64..100_000) {
        let reader = NumberPattern::new(None, None).with_pattern("0%").unwrap();
        let read = reader.read(Datatype::Decimal, &format!("{whole}%"));
        let plain = format!("{}.{:02}", whole / 100, whole % 100);
        prop_assert!(
            read.as_deref().is_some_and(|read| equal(Datatype::Decimal, read, &plain)),
            "{:?}", read
        );
    }

    #[test]
    fn a_date_printed_in_a_pattern_is_read_back(
        year in 1_u32..9999, month in 1_u32..=12, day in 1_u32..=28,
    ) {
        for pattern in [
            "yyyy-MM-dd", "yyyyMMdd", "dd-MM-yyyy", "d-M-yyyy", "MM-dd-yyyy", "M-d-yyyy",
            "dd/MM/yyyy", "d/M/yyyy", "MM/dd/yyyy", "M/d/yyyy", "dd.MM.yyyy", "d.M.yyyy",
            "MM.dd.yyyy", "M.d.yyyy",
        ] {
            // A longer run of letters is replaced before a shorter one can match in it.
            let text = pattern
                .replace("yyyy", &format!("{year:04}"))
                .replace("MM", &format!("{month:02}"))
                .replace("dd", &format!("{day:02}"))
                .replace('M', &month.to_string())
                .replace('d', &day.to_string());
            let reader = DatePattern::parse(Datatype::Date, pattern).unwrap();
            let plain = format!("{year:04}-{month:02}-{day:02}");
            prop_assert_eq!(reader.read(Datatype::Date, &text), Some(plain), "{}", pattern);
        }
    }

    #[test]
    fn a_moment_printed_in_a_pattern_is_read_back(
        (hour, minute, second) in (0_u32..24, 0_u32..60, 0_u32..60),
        millisecond in 0_u32..1000,
        zone in select(vec!["Z", "+03:00", "-05:30", "+14:00"]),
    ) {
        let time = format!("{hour:02}:{minute:02}:{second:02}");
        let check = |datatype, pattern: &str, text: &str, plain: &str| {
            let reader = DatePattern::parse(datatype, pattern).unwrap();
            let read = reader.read(datatype, text);
            prop_assert!(
                read.as_deref().is_some_and(|read| equal(datatype, read, plain)),
                "`{}` by `{}` is {:?}, not {}", text, pattern, read, plain
            );
            Ok(())
        };
        check(Datatype::Time, "HH:mm:ss", &time, &time)?;
        check(Datatype::Time, "HHmmss", &time.replace(':', ""), &time)?;
        check(Datatype::Time, "HH:mm", &time[..5], &format!("{}:00", &time[..5]))?;
        let precise = format!("{time}.{millisecond:03}");
        check(Datatype::Time, "HH:mm:ss.SSS", &precise, &precise)?;
        let zoned = format!("{time}{zone}");
        check(Datatype::Time, "HH:mm:ssXXX", &zoned, &zoned)?;
        check(
            Datatype::DateTime,
            "d.M.yyyy HH:mm:ss XXX",
            &format!("2.12.2021 {time} {zone}"),
            &format!("2021-12-02T{zoned}"),
        )?;
        check(
            Datatype::DateTime,
            "yyyy-MM-ddTHH:mm:ss.SSS",
            &format!("2021-12-02T{precise}"),
            &format!("2021-12-02T{precise}"),
        )?;
    }
}

fn write_csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["one", "two\nlines"]).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #![proptest_config(config(64))]

    // The rows are those that were written by another crate, file by file.
    #[test]
    fn files_as_one_table_have_the_rows_of_all_of_them(
        files in vec((vec(vec(text(), 2..=2), 0..5), any::<bool>()), 1..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut expected = Vec::new();
        for (number, (rows, is_open)) in files.iter().enumerate() {
            let mut bytes = write_csv(rows);
            if *is_open {
                bytes.pop();
            }
            std::fs::write(folder.path().join(format!("part-{number}.csv")), bytes).unwrap();
            expected.extend(rows.iter().cloned());
        }
        let pattern = iri::from_path(&folder.path().join("part-*.csv"));
        let dialect = Dialect::default();
        let input = Sources::new().open(&pattern, &dialect).unwrap();
        let mut reader = TableReader::open("test", input, &dialect).unwrap();
        let mut found = Vec::new();
        while let Some(row) = reader.read_row().unwrap() {
            found.push(row.cells().map(str::to_owned).collect::<Vec<_>>());
        }
        prop_assert_eq!(found.remove(0), ["one", "two\nlines"]);
        prop_assert_eq!(found, expected);
        // Faults of quotes would have come of a cut in the wrong place.
        prop_assert!(reader.take_faults().is_empty());
    }
}
