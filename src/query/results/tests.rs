//! Answers in each format.

use super::*;
use crate::query::QueryParser;
use oxigraph::store::Store;

fn prefixes() -> Prefixes {
    let mut prefixes = Prefixes::well_known();
    prefixes.insert("id", "https://e.org/id/").unwrap();
    prefixes
}

fn answer(query: &str) -> Answer {
    QueryParser::new()
        .with_prefixes(prefixes())
        .parse(query)
        .unwrap()
        .run(&Store::new().unwrap())
        .unwrap()
}

fn write(query: &str, writer: ResultsWriter) -> String {
    let mut text = Vec::new();
    writer
        .with_prefixes(prefixes())
        .write(answer(query), &mut text)
        .unwrap();
    String::from_utf8(text).unwrap()
}

fn check_table(query: &str, expected: &str) {
    assert_eq!(
        write(query, ResultsWriter::new(ResultsFormat::Table)),
        expected
    );
}

#[test]
fn tables_are_aligned() {
    check_table(
        "SELECT ?thing ?n ?label { VALUES (?thing ?n ?label) {
           (id:state-USA 7 'United States'@en)
           (<https://f.org/a/b> 10.5 'Iraq'@en)
           (UNDEF 0.25 UNDEF)
         } }",
        "\
thing               │    n │ label
────────────────────┼──────┼──────────────
id:state-USA        │    7 │ United States
<https://f.org/a/b> │ 10.5 │ Iraq
                    │ 0.25 │
(3 rows)
",
    );
}

#[test]
fn arabic_columns_line_up_as_terminals_show_them() {
    // Vowel marks take no cell; lam and alef take one each.
    check_table(
        "SELECT ?a ?b { VALUES (?a ?b) { ('الإمارات'@ar 1) ('مَغْرِب'@ar 2) ('لا'@ar 3) } }",
        "\
a        │ b
─────────┼──
الإمارات │ 1
مَغْرِب     │ 2
لا       │ 3
(3 rows)
",
    );
}

#[test]
fn language_tags_are_shown_where_they_differ() {
    check_table(
        "SELECT ?a ?b { VALUES (?a ?b) { ('x'@en 'y'@en) ('z'@ar 'w') ('v' 'u'@en) } }",
        "a    │ b\n─────┼──\nx@en │ y\nz@ar │ w\nv    │ u\n(3 rows)\n",
    );
}

#[test]
fn datatypes_are_shown_unless_they_are_xsd() {
    check_table(
        "SELECT ?a { VALUES ?a { '2021'^^xsd:gYear 'x'^^id:d true 'y' 5 } }",
        "a\n───────\n2021\nx^^id:d\ntrue\ny\n5\n(5 rows)\n",
    );
}

#[test]
fn values_cannot_command_the_terminal() {
    check_table(
        "SELECT ?a { VALUES ?a { '\\u001B[31mred\\tx\\r' \"two\\nlines\" } }",
        "a\n──────────\n␛[31mred x\ntwo\nlines\n(2 rows)\n",
    );
}

#[test]
fn wide_tables_are_wrapped() {
    let writer = ResultsWriter::new(ResultsFormat::Table).with_width(30);
    let text = write(
        "SELECT ?id ?text { VALUES (?id ?text) { (id:a 'some words that are long, averyveryveryverylongone') (id:b 'short') } }",
        writer,
    );
    assert_eq!(
        text,
        "\
id   │ text
─────┼────────────────────────
id:a │ some words that are
     │ long,
     │ averyveryveryverylongon
     │ e
id:b │ short
(2 rows)
"
    );
    assert!(text.lines().all(|line| line.chars().count() <= 31));
}

#[test]
fn no_rows_are_said_to_be_none() {
    check_table("SELECT ?a { FILTER(false) }", "(no results)\n");
}

fn check_format(query: &str, format: ResultsFormat, expected: &str) {
    assert_eq!(write(query, ResultsWriter::new(format)), expected);
}

#[test]
fn formats_of_sparql() {
    let query = "SELECT ?b ?a { VALUES (?a ?b) { (id:x 'مصر'@ar) (1 UNDEF) } }";
    check_format(
        query,
        ResultsFormat::Csv,
        "b,a\r\nمصر,https://e.org/id/x\r\n,1\r\n",
    );
    check_format(
        query,
        ResultsFormat::Tsv,
        "?b\t?a\n\"مصر\"@ar\t<https://e.org/id/x>\n\t1\n",
    );
    check_format(
        query,
        ResultsFormat::Json,
        "{\"head\":{\"vars\":[\"b\",\"a\"]},\"results\":{\"bindings\":[\
         {\"b\":{\"type\":\"literal\",\"value\":\"مصر\",\"xml:lang\":\"ar\"},\
         \"a\":{\"type\":\"uri\",\"value\":\"https://e.org/id/x\"}},\
         {\"a\":{\"type\":\"literal\",\"value\":\"1\",\"datatype\":\"http://www.w3.org/2001/XMLSchema#integer\"}}]}}\n",
    );
    let xml = write(query, ResultsWriter::new(ResultsFormat::Xml));
    assert!(
        xml.starts_with("<?xml version=\"1.0\"?>") && xml.ends_with("</sparql>\n"),
        "{xml}"
    );
}

#[test]
fn formats_of_ask() {
    for format in [ResultsFormat::Table, ResultsFormat::Csv, ResultsFormat::Tsv] {
        check_format("ASK {}", format, "true\n");
    }
    check_format(
        "ASK { FILTER(false) }",
        ResultsFormat::Json,
        "{\"head\":{},\"boolean\":false}\n",
    );
}

#[test]
fn rows_and_graphs_are_not_mixed() {
    let error = write_answer(
        answer("ASK {}"),
        ResultsFormat::Rdf(RdfFormat::Turtle),
        &prefixes(),
        Vec::new(),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the answer is true or false, and turtle cannot hold that"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("use `table`, `csv`, `tsv`, `json` or `xml`")
    );
    let error = ResultsWriter::new(ResultsFormat::Csv)
        .write(answer("CONSTRUCT {} {}"), Vec::new())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the answer is a graph, and csv cannot hold that"
    );
    assert!(error.hint().is_some());
}

#[test]
fn graphs_in_rdf_formats() {
    let graph = |format| {
        let Answer::Triples(triples) = answer(
            "CONSTRUCT { ?s id:p ?o . ?s a id:C } { VALUES (?s ?o) { (id:b 2) (id:a 1) (id:b 2) } }",
        ) else {
            panic!("a graph");
        };
        let mut text = Vec::new();
        let count = write_graph(triples, format, &prefixes(), &mut text).unwrap();
        assert_eq!(count, 4);
        String::from_utf8(text).unwrap()
    };
    assert_eq!(
        graph(RdfFormat::Turtle),
        "@prefix id: <https://e.org/id/> .\n\nid:a a id:C ;\n    id:p 1 .\n\nid:b a id:C ;\n    id:p 2 .\n"
    );
    assert!(graph(RdfFormat::NTriples).starts_with("<https://e.org/id/a> <http"));
    for format in [
        RdfFormat::NTriples,
        RdfFormat::NQuads,
        RdfFormat::TriG,
        RdfFormat::RdfXml,
        RdfFormat::JsonLd {
            profile: oxigraph::io::JsonLdProfileSet::empty(),
        },
    ] {
        let text = graph(format);
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
    }
}

#[test]
fn formats_have_names_and_endings() {
    for format in ResultsFormat::ROWS {
        assert_eq!(ResultsFormat::by_name(format.name()), Some(format));
    }
    let turtle = ResultsFormat::Rdf(RdfFormat::Turtle);
    assert_eq!(ResultsFormat::by_name("Turtle"), Some(turtle));
    assert_eq!(turtle.name(), "turtle");
    assert_eq!(ResultsFormat::by_name("excel"), None);
    assert_eq!(
        ResultsFormat::of_file("a.SRX", true),
        Some(ResultsFormat::Xml)
    );
    assert_eq!(ResultsFormat::of_file("a.ttl", true), None);
    assert_eq!(ResultsFormat::of_file("a.ttl", false), Some(turtle));
    assert_eq!(ResultsFormat::of_file("a.csv", false), None);
}
