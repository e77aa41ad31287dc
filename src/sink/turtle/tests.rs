//! Layout by example; everything else by reading back what was written.

use super::{Layout, PREFIX_WINDOW, Syntax, TurtleSorter, TurtleWriter};
use crate::rdf::prefixes::Prefixes;
use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn prefixes() -> Prefixes {
    let mut prefixes = Prefixes::well_known();
    prefixes.insert("id", "https://e.org/id/").unwrap();
    prefixes.insert("", "https://e.org/").unwrap();
    prefixes
}

fn write(quads: &[Quad], layout: Layout, syntax: Syntax) -> String {
    let mut writer = TurtleWriter::new(prefixes())
        .with_layout(layout)
        .with_syntax(syntax)
        .for_writer(Vec::new());
    for quad in quads {
        writer.push(quad).unwrap();
    }
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

/// The quads of an N-Quads text in the oxigraph dialect of `RdfParser`.
fn parse(text: &str, format: RdfFormat) -> Vec<Quad> {
    RdfParser::from_format(format)
        .with_base_iri("https://e.org/id/")
        .unwrap()
        .for_slice(text)
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Both as sets; readers fold the case of language tags, so it is folded here.
fn as_set<'a>(quads: impl IntoIterator<Item = &'a Quad>) -> BTreeSet<String> {
    quads
        .into_iter()
        .map(|quad| {
            let mut quad = quad.clone();
            if let Term::Literal(literal) = &quad.object
                && let Some(language) = literal.language()
            {
                quad.object = Literal::new_language_tagged_literal_unchecked(
                    literal.value(),
                    language.to_ascii_lowercase(),
                )
                .into();
            }
            quad.to_string()
        })
        .collect()
}

fn check_layout(turtle: &str, layout: Layout, expected: &str) {
    let quads = parse(turtle, RdfFormat::TriG);
    let syntax = if quads
        .iter()
        .any(|quad| quad.graph_name != GraphName::DefaultGraph)
    {
        Syntax::TriG
    } else {
        Syntax::Turtle
    };
    assert_eq!(write(&quads, layout, syntax), expected);
}

const SAMPLE: &str = r#"
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX ex: <>
_:z skos:note "last" .
ex:b skos:prefLabel "two"@en, "اثنان"@ar ; a skos:Concept .
ex:a ex:n 10, 9, 1.50, "x" ; ex:link ex:b, <https://f.org/x/y>, _:z .
ex:b a ex:Thing ; skos:note "one\nand \"two\"" .
"#;

#[test]
fn grouped_layout_is_sorted() {
    check_layout(
        SAMPLE,
        Layout::Grouped,
        r#"@prefix id: <https://e.org/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

id:a id:link
        <https://f.org/x/y>,
        id:b,
        _:z ;
    id:n
        1.50,
        10,
        9,
        "x" .

id:b a id:Thing, skos:Concept ;
    skos:note """one
and "two\"""" ;
    skos:prefLabel
        "اثنان"@ar,
        "two"@en .

_:z skos:note "last" .
"#,
    );
}

#[test]
fn streaming_layout_keeps_the_order() {
    check_layout(
        SAMPLE,
        Layout::Streaming,
        r#"@prefix id: <https://e.org/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

_:z skos:note "last" .

id:b skos:prefLabel
        "two"@en,
        "اثنان"@ar ;
    a skos:Concept .

id:a id:n
        10,
        9,
        1.50,
        "x" ;
    id:link
        id:b,
        <https://f.org/x/y>,
        _:z .

id:b a id:Thing ;
    skos:note """one
and "two\"""" .
"#,
    );
}

#[test]
fn named_graphs_follow_the_default_graph() {
    check_layout(
        "<g> { <a> <p> 1, 2 . <b> a <C> } <d> <p> <e> . _:g { <a> <p> 1 }",
        Layout::Grouped,
        "@prefix id: <https://e.org/id/> .\n\n\
         id:d id:p id:e .\n\n\
         id:g {\n    id:a id:p\n            1,\n            2 .\n\n    id:b a id:C .\n}\n\n\
         _:g {\n    id:a id:p 1 .\n}\n",
    );
}

#[test]
fn a_late_prefix_is_declared_between_blocks() {
    let mut quads: Vec<_> = (0..PREFIX_WINDOW)
        .map(|number| {
            Quad::new(
                NamedNode::new_unchecked("https://e.org/id/a"),
                NamedNode::new_unchecked("https://e.org/id/p"),
                Literal::from(i64::try_from(number).unwrap()),
                GraphName::DefaultGraph,
            )
        })
        .collect();
    quads.push(Quad::new(
        NamedNode::new_unchecked("https://e.org/id/a"),
        NamedNode::new_unchecked("http://xmlns.com/foaf/0.1/name"),
        Literal::from("A"),
        GraphName::DefaultGraph,
    ));
    let text = write(&quads, Layout::Streaming, Syntax::Turtle);
    assert!(
        text.ends_with(
            "        4095 .\n\n@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n\nid:a foaf:name \"A\" .\n"
        ),
        "{text}"
    );
    assert_eq!(as_set(&parse(&text, RdfFormat::Turtle)), as_set(&quads));
}

#[test]
fn a_resource_comes_before_its_parts() {
    check_layout(
        "<https://f.org/a/b> <p> 1 . <https://f.org/a> <p> 1 . <https://f.org/a#c> <p> 1 .",
        Layout::Grouped,
        "@prefix id: <https://e.org/id/> .\n\n<https://f.org/a> id:p 1 .\n\n\
         <https://f.org/a#c> id:p 1 .\n\n<https://f.org/a/b> id:p 1 .\n",
    );
}

#[test]
fn no_quads_give_no_text() {
    for layout in [Layout::Grouped, Layout::Streaming] {
        assert_eq!(write(&[], layout, Syntax::Turtle), "");
    }
}

#[test]
fn turtle_refuses_a_named_graph() {
    let node = NamedNode::new_unchecked("https://e.org/id/a");
    let quad = Quad::new(node.clone(), node.clone(), node.clone(), node);
    let error = TurtleWriter::new(prefixes())
        .for_writer(Vec::new())
        .push(&quad)
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn the_type_predicate_needs_no_prefix() {
    check_layout(
        "<a> a <b> .",
        Layout::Grouped,
        "@prefix id: <https://e.org/id/> .\n\nid:a a id:b .\n",
    );
    check_layout(
        "<a> <p> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> .",
        Layout::Streaming,
        "@prefix id: <https://e.org/id/> .\n\
         @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n\nid:a id:p rdf:type .\n",
    );
}

fn check_literal(literal: &Literal, expected: &str) {
    let mut text = String::new();
    super::write_term(&mut text, Term::from(literal.clone()).as_ref(), &prefixes());
    assert_eq!(text, expected);
}

#[test]
fn short_forms_keep_the_lexical_form() {
    let typed = |value: &str, datatype| Literal::new_typed_literal(value, datatype);
    for value in ["1", "01", "-5", "+7"] {
        check_literal(&typed(value, xsd::INTEGER), value);
    }
    for value in ["1000.50", "-0.0", "+01.10"] {
        check_literal(&typed(value, xsd::DECIMAL), value);
    }
    for value in ["1e5", "1.0E-3", "+1.50e+07"] {
        check_literal(&typed(value, xsd::DOUBLE), value);
    }
    check_literal(&typed("true", xsd::BOOLEAN), "true");
    check_literal(&typed("1", xsd::BOOLEAN), "\"1\"^^xsd:boolean");
    check_literal(&typed("", xsd::INTEGER), "\"\"^^xsd:integer");
    check_literal(&typed("1", xsd::DECIMAL), "\"1\"^^xsd:decimal");
    check_literal(&typed("1.", xsd::DECIMAL), "\"1.\"^^xsd:decimal");
    check_literal(&typed(".5", xsd::DECIMAL), "\".5\"^^xsd:decimal");
    check_literal(&typed("1.5", xsd::DOUBLE), "\"1.5\"^^xsd:double");
    check_literal(&typed("INF", xsd::DOUBLE), "\"INF\"^^xsd:double");
    check_literal(&typed("٣", xsd::INTEGER), "\"٣\"^^xsd:integer");
    check_literal(&typed("5", xsd::LONG), "\"5\"^^xsd:long");
    check_literal(
        &Literal::new_typed_literal("a", NamedNode::new_unchecked("https://f.org/d")),
        "\"a\"^^<https://f.org/d>",
    );
}

#[test]
fn strings_are_escaped_only_where_needed() {
    check_literal(
        &Literal::from("a \"b\" \\ \t\r\u{7}"),
        "\"a \\\"b\\\" \\\\ \\t\\r\\u0007\"",
    );
    check_literal(
        &Literal::from("a\n\"\"\"b\"\"\n\""),
        "\"\"\"a\n\\\"\\\"\"b\\\"\"\n\\\"\"\"\"",
    );
    check_literal(
        &Literal::new_language_tagged_literal_unchecked("م\u{64E}صر\u{200C}", "ar-EG"),
        "\"م\u{64E}صر\u{200C}\"@ar-EG",
    );
}

fn any_iri() -> impl Strategy<Value = NamedNode> {
    let namespace = prop_oneof![
        Just("https://e.org/id/".to_owned()),
        Just("https://e.org/".to_owned()),
        Just("http://www.w3.org/2001/XMLSchema#".to_owned()),
        Just("urn:x:".to_owned()),
    ];
    let local = prop_oneof![
        "[a-zA-Z0-9_.:-]{0,6}",
        "[a-z.~/#?()!$&'*+,;=@%0-9-]{0,6}",
        "(%[0-9A-Fa-f]{2}|[ا-ي]|[·̀-ͯ‿]|\u{e000}|\u{10000}|.){0,4}",
    ];
    (namespace, local).prop_filter_map("an IRI", |(namespace, local)| {
        NamedNode::new(format!("{namespace}{local}")).ok()
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\0\x01ab\u{FF}]{0,6}",
        "[ -~\"\\\\\n\r\t]{0,8}",
        "[\"\n]{0,6}",
        "[ا-ي\u{64B}-\u{652}\u{200B}-\u{200F} ]{0,8}",
        any::<String>(),
    ]
}

fn any_number() -> impl Strategy<Value = String> {
    prop_oneof![
        "[+-]?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?",
        "true|false|0|1|INF|NaN"
    ]
}

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any_text().prop_map(Literal::from),
        (any_text(), "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8}){0,2}").prop_filter_map(
            "a language tag",
            |(text, language)| {
                Literal::new_language_tagged_literal(text.as_str(), language.as_str()).ok()?;
                Some(Literal::new_language_tagged_literal_unchecked(
                    text, language,
                ))
            }
        ),
        (
            any_number(),
            prop_oneof![
                Just(xsd::INTEGER),
                Just(xsd::DECIMAL),
                Just(xsd::DOUBLE),
                Just(xsd::BOOLEAN),
                Just(xsd::STRING),
                Just(xsd::DATE)
            ]
        )
            .prop_map(|(value, datatype)| Literal::new_typed_literal(value, datatype)),
        (any_text(), any_iri()).prop_filter_map("not a language datatype", |(text, datatype)| {
            (datatype != rdf::LANG_STRING).then(|| Literal::new_typed_literal(text, datatype))
        }),
    ]
}

fn any_blank_node() -> impl Strategy<Value = BlankNode> {
    "[a-zA-Z0-9_]([a-z0-9.-]{0,3}[a-z0-9-])?"
        .prop_filter_map("a label", |label| BlankNode::new(label).ok())
}

fn any_quad() -> impl Strategy<Value = Quad> {
    let subject = prop_oneof![
        4 => any_iri().prop_map(NamedOrBlankNode::from),
        1 => any_blank_node().prop_map(NamedOrBlankNode::from),
    ];
    let predicate = prop_oneof![4 => any_iri(), 1 => Just(rdf::TYPE.into_owned())];
    let object = prop_oneof![
        2 => any_iri().prop_map(Term::from),
        4 => any_literal().prop_map(Term::from),
        1 => any_blank_node().prop_map(Term::from),
    ];
    let graph = prop_oneof![
        3 => Just(GraphName::DefaultGraph),
        1 => any_iri().prop_map(GraphName::from),
        1 => any_blank_node().prop_map(GraphName::from),
    ];
    (subject, predicate, object, graph).prop_map(|(subject, predicate, object, graph)| {
        Quad::new(subject, predicate, object, graph)
    })
}

/// Quads that often share subjects and predicates.
fn any_quads() -> impl Strategy<Value = Vec<Quad>> {
    prop::collection::vec(any_quad(), 0..8).prop_map(|quads| {
        let mut all = quads.clone();
        for pair in quads.windows(2) {
            let mut quad = pair[0].clone();
            quad.object = pair[1].object.clone();
            all.push(quad.clone());
            quad.predicate = pair[1].predicate.clone();
            all.push(quad);
        }
        all
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_back_gives_the_same_quads(quads in any_quads()) {
        for layout in [Layout::Grouped, Layout::Streaming] {
            let text = write(&quads, layout, Syntax::TriG);
            prop_assert_eq!(as_set(&parse(&text, RdfFormat::TriG)), as_set(&quads), "{}", text);
            prop_assert!(quads.is_empty() || text.ends_with('\n') && !text.ends_with("\n\n"));
        }
    }

    #[test]
    fn the_sorter_writes_what_the_grouped_layout_writes(quads in any_quads()) {
        let mut sorter = TurtleSorter::new(prefixes(), Syntax::TriG, 0);
        for quad in &quads {
            sorter.push(quad.as_ref()).unwrap();
        }
        let mut text = Vec::new();
        sorter.finish(&mut text, "test", &mut || true).unwrap();
        let text = String::from_utf8(text).unwrap();
        prop_assert_eq!(text, write(&quads, Layout::Grouped, Syntax::TriG));
    }

    #[test]
    fn grouped_text_does_not_depend_on_the_order(quads in any_quads()) {
        let text = write(&quads, Layout::Grouped, Syntax::TriG);
        let mut reversed = quads.clone();
        reversed.reverse();
        reversed.extend(quads);
        prop_assert_eq!(write(&reversed, Layout::Grouped, Syntax::TriG), text);
    }
}
