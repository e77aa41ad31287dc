//! Shapes graphs that are not well-formed, and what is said of them.

use crate::validate::shacl::{ShapeError, Shapes};
use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::{Graph, Triple};
use std::error::Error as _;

fn parse(turtle: &str) -> Result<Shapes, ShapeError> {
    let text = format!(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.com/> . {turtle}"
    );
    let mut graph = Graph::new();
    for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(&text) {
        graph.insert(&Triple::from(quad.unwrap()));
    }
    Shapes::parse(&graph)
}

/// Gives the message for a shape `ex:S` with a property shape for `ex:p`, without namespaces.
fn message(turtle: &str) -> String {
    match parse(turtle) {
        Ok(_) => "well-formed".to_owned(),
        Err(error) => error
            .to_string()
            .replace("http://example.com/", "")
            .replace("http://www.w3.org/ns/shacl#", "sh:"),
    }
}

#[test]
fn errors_name_shape_and_property() {
    let cases = [
        (
            "ex:S a sh:NodeShape ; sh:class 'x' .",
            "shape <S>: <sh:class> is `\"x\"`, expected an IRI",
        ),
        (
            "ex:S sh:path ex:p ; sh:targetNode ex:a ; sh:maxCount 1, 2 .",
            "shape <S>: <sh:maxCount> has 2 values, expected at most one",
        ),
        (
            "ex:S a sh:NodeShape ; sh:minCount 1 .",
            "shape <S>: <sh:minCount> belongs on a property shape, and this shape has no sh:path",
        ),
        (
            "ex:S a sh:PropertyShape .",
            "shape <S>: <sh:path> is missing",
        ),
        (
            "ex:S a sh:NodeShape ; sh:in ex:list .",
            "shape <S>: the value of <sh:in> is not a well-formed list",
        ),
        (
            "ex:S a sh:NodeShape ; sh:pattern '(' .",
            "shape <S>: sh:pattern `(` is not a regular expression that can be used",
        ),
        (
            "ex:S a sh:NodeShape ; sh:pattern 'a' ; sh:flags 'iz' .",
            "shape <S>: `z` in sh:flags is none of i, s, m, x, q",
        ),
        (
            "ex:S a sh:NodeShape ; sh:closed 'yes' .",
            "shape <S>: <sh:closed> is `\"yes\"`, expected true or false",
        ),
        (
            "ex:S a sh:NodeShape ; sh:property ex:Q . ex:Q sh:class ex:C .",
            "shape <Q>: <sh:path> is missing",
        ),
        (
            "ex:S a sh:NodeShape ; sh:sparql ex:Q .",
            "shape <Q>: <sh:select> is missing",
        ),
        (
            "ex:S a sh:NodeShape ; sh:sparql ex:Q . ex:Q sh:select 'SELECT ?x { ?x ?p ?o }' .",
            "constraint <Q>: the query cannot be used, as it does not select $this",
        ),
        (
            "ex:S a sh:NodeShape ; sh:sparql ex:Q . ex:Q sh:select 'SELECT $this { $this $PATH 1 }' .",
            "constraint <Q>: the query cannot be used, as it uses $PATH, and the shape has no sh:path",
        ),
        (
            "ex:S a sh:NodeShape ; sh:sparql ex:Q . ex:Q sh:select 'ASK {}' .",
            "constraint <Q>: the query cannot be used, as it is no SELECT query",
        ),
        (
            "ex:S a sh:NodeShape ; sh:sparql ex:Q . ex:Q sh:select 'SELECT' .",
            "constraint <Q>: the query cannot be parsed",
        ),
        (
            "ex:S a sh:NodeShape ; sh:sparql ex:Q . ex:Q sh:select 'SELECT $this {}' ; sh:prefixes ex: .
             ex: sh:declare [ sh:prefix 'a' ; sh:namespace 'not an IRI' ] .",
            "constraint <Q>: prefix `a` cannot be declared as `not an IRI`",
        ),
    ];
    for (turtle, expected) in cases {
        assert_eq!(message(turtle), expected, "{turtle}");
    }
}

#[test]
fn ill_formed_paths_are_errors() {
    for path in ["'x'", "[]", "( ex:p )", "[ sh:alternativePath ( ex:p ) ]"] {
        let error = parse(&format!("ex:S a sh:PropertyShape ; sh:path {path} .")).unwrap_err();
        assert!(
            matches!(error, ShapeError::MalformedPath { .. }),
            "{path}: {error}"
        );
        assert!(error.location().is_some());
    }
    let circle = "_:a sh:inversePath _:a . ex:S a sh:PropertyShape ; sh:path _:a .";
    assert!(matches!(parse(circle), Err(ShapeError::TooDeep { .. })));
}

#[test]
fn circular_lists_end_and_shapes_may_be_nested_deeply() {
    let circle = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        ex:S a sh:NodeShape ; sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .";
    assert!(matches!(
        parse(circle),
        Err(ShapeError::MalformedList { .. })
    ));
    let (open, close) = ("sh:not [ ".repeat(2000), "]".repeat(2000));
    let deep = format!("ex:S a sh:NodeShape ; {open}{close} .");
    assert_eq!(parse(&deep).unwrap().len(), 2001);
}

#[test]
fn syntax_errors_of_queries_keep_their_position() {
    let error = parse(
        "ex:S a sh:NodeShape ; sh:sparql [ sh:select '''SELECT $this
WHERE { $this foo:bar 1 }''' ] .",
    )
    .unwrap_err();
    assert!(error.hint().is_some());
    let source = error.source().unwrap().to_string();
    assert!(source.contains('2'), "{source}");
}

#[test]
fn shapes_may_refer_to_one_another() {
    let shapes = parse(
        "ex:S a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:node ex:T ] .
         ex:T a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:node ex:S ] .",
    )
    .unwrap();
    assert_eq!(shapes.len(), 4);
    assert!(!shapes.is_empty());
}

#[test]
fn unused_nonsense_does_not_matter() {
    assert_eq!(
        message("ex:S a sh:NodeShape . _:p sh:inversePath 1 . ex:x sh:flags 3 ."),
        "well-formed"
    );
}
