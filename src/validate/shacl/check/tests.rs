//! Each constraint component, target and path on a small graph; what the W3C suite leaves open.

use crate::validate::shacl::{DataGraph, Report, ShapeError, Shapes, validate};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::store::Store;
use oxrdf::{Graph, GraphName, NamedNode, Triple};

const PREFIXES: &str = "\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <http://example.com/> .
";

fn graph(turtle: &str) -> Graph {
    let text = format!("{PREFIXES}{turtle}");
    let mut graph = Graph::new();
    for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(&text) {
        graph.insert(&Triple::from(quad.unwrap()));
    }
    graph
}

fn load(store: &Store, turtle: &str, name: impl Into<GraphName>) {
    let text = format!("{PREFIXES}{turtle}");
    store
        .load_from_slice(
            RdfParser::from_format(RdfFormat::Turtle).with_default_graph(name),
            &text,
        )
        .unwrap();
}

fn report(shapes: &str, data: &str) -> Result<Report, ShapeError> {
    let store = Store::new().unwrap();
    load(&store, data, GraphName::DefaultGraph);
    validate(
        &store,
        &Shapes::parse(&graph(shapes))?,
        &DataGraph::default(),
    )
}

/// Gives the results as `focus path value component`, without namespaces.
fn lines(report: &Report) -> Vec<String> {
    report
        .results
        .iter()
        .map(|result| {
            let path = result.path.as_ref().map(ToString::to_string);
            let value = result.value.as_ref().map(ToString::to_string);
            format!(
                "{} {} {} {}",
                result.focus_node,
                path.unwrap_or_else(|| "-".to_owned()),
                value.unwrap_or_else(|| "-".to_owned()),
                result.component
            )
            .replace("http://example.com/", "")
            .replace("http://www.w3.org/ns/shacl#", "")
            .replace("ConstraintComponent", "")
            .replace("^^<http://www.w3.org/2001/XMLSchema#integer>", "")
        })
        .collect()
}

/// Checks the instances of `ex:C` against a property shape for `ex:p`.
fn of_property(constraint: &str, data: &str) -> Vec<String> {
    let shapes = format!(
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; {constraint} ] ."
    );
    lines(&report(&shapes, data).unwrap())
}

#[test]
fn value_types() {
    assert_eq!(
        of_property(
            "sh:class ex:D",
            "ex:a a ex:C ; ex:p ex:d, ex:e, 1 . ex:d a ex:D2 . ex:D2 rdfs:subClassOf ex:D ."
        ),
        ["<a> <p> <e> <Class>", "<a> <p> \"1\" <Class>"]
    );
    assert_eq!(
        of_property(
            "sh:datatype xsd:integer",
            "ex:a a ex:C ; ex:p 1, 'x'^^xsd:integer, ex:e ."
        ),
        ["<a> <p> <e> <Datatype>", "<a> <p> \"x\" <Datatype>"]
    );
    assert_eq!(
        of_property(
            "sh:nodeKind sh:BlankNodeOrIRI",
            "ex:a a ex:C ; ex:p 1, ex:e ."
        ),
        ["<a> <p> \"1\" <NodeKind>"]
    );
}

#[test]
fn counts_and_ranges() {
    let data = "ex:a a ex:C ; ex:p 1, 2, 3 . ex:b a ex:C .";
    assert_eq!(of_property("sh:minCount 1", data), ["<b> <p> - <MinCount>"]);
    assert_eq!(of_property("sh:maxCount 2", data), ["<a> <p> - <MaxCount>"]);
    assert_eq!(
        of_property("sh:minExclusive 1 ; sh:maxInclusive 2.0", data),
        [
            "<a> <p> \"1\" <MinExclusive>",
            "<a> <p> \"3\" <MaxInclusive>"
        ]
    );
    assert_eq!(
        of_property("sh:minInclusive 2 ; sh:maxExclusive 3", data),
        [
            "<a> <p> \"1\" <MinInclusive>",
            "<a> <p> \"3\" <MaxExclusive>"
        ]
    );
}

#[test]
fn strings() {
    assert_eq!(
        of_property(
            "sh:minLength 2 ; sh:maxLength 3",
            "ex:a a ex:C ; ex:p 'a', 'عربي', 'ab' ."
        ),
        ["<a> <p> \"a\" <MinLength>", "<a> <p> \"عربي\" <MaxLength>"]
    );
    assert_eq!(
        of_property(
            "sh:pattern '^[A-Z]{3}$' ; sh:flags 'i'",
            "ex:a a ex:C ; ex:p 'abc', 'ab' ."
        ),
        ["<a> <p> \"ab\" <Pattern>"]
    );
    assert_eq!(
        of_property(
            "sh:pattern '[\\u0621-\\u064A]'",
            "ex:a a ex:C ; ex:p 'عربي', 'Arabic' ."
        ),
        ["<a> <p> \"Arabic\" <Pattern>"]
    );
    assert_eq!(
        of_property(
            "sh:languageIn ('en' 'ar')",
            "ex:a a ex:C ; ex:p 'a'@en-GB, 'b'@fr, 'c' ."
        ),
        [
            "<a> <p> \"b\"@fr <LanguageIn>",
            "<a> <p> \"c\" <LanguageIn>"
        ]
    );
    assert_eq!(
        of_property(
            "sh:uniqueLang true",
            "ex:a a ex:C ; ex:p 'a'@en, 'b'@en, 'c'@ar ."
        ),
        ["<a> <p> - <UniqueLang>"]
    );
}

#[test]
fn property_pairs() {
    assert_eq!(
        of_property("sh:equals ex:q", "ex:a a ex:C ; ex:p 1, 2 ; ex:q 2, 3 ."),
        ["<a> <p> \"1\" <Equals>", "<a> <p> \"3\" <Equals>"]
    );
    assert_eq!(
        of_property("sh:disjoint ex:q", "ex:a a ex:C ; ex:p 1, 2 ; ex:q 2, 3 ."),
        ["<a> <p> \"2\" <Disjoint>"]
    );
    let dates = "ex:a a ex:C ; ex:p '2014-09-05'^^xsd:date ; ex:q '2014-09-05'^^xsd:date .
                 ex:b a ex:C ; ex:p '2014-12-03'^^xsd:date ; ex:q 'unknown' .";
    assert_eq!(of_property("sh:lessThan ex:q", dates).len(), 2);
    assert_eq!(
        of_property("sh:lessThanOrEquals ex:q", dates),
        ["<b> <p> \"2014-12-03\"^^<http://www.w3.org/2001/XMLSchema#date> <LessThanOrEquals>"]
    );
}

#[test]
fn logic() {
    let shapes = |constraint: &str| {
        format!(
            "ex:S a sh:NodeShape ; sh:targetClass ex:C ; {constraint} .
             ex:P a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
             ex:Q a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:minCount 1 ] ."
        )
    };
    let data = "ex:n a ex:C . ex:p a ex:C ; ex:p 1 . ex:pq a ex:C ; ex:p 1 ; ex:q 1 .";
    let check = |constraint: &str| lines(&report(&shapes(constraint), data).unwrap());
    assert_eq!(
        check("sh:and (ex:P ex:Q)"),
        ["<n> - <n> <And>", "<p> - <p> <And>"]
    );
    assert_eq!(check("sh:or (ex:P ex:Q)"), ["<n> - <n> <Or>"]);
    assert_eq!(
        check("sh:xone (ex:P ex:Q)"),
        ["<n> - <n> <Xone>", "<pq> - <pq> <Xone>"]
    );
    assert_eq!(
        check("sh:not ex:P"),
        ["<p> - <p> <Not>", "<pq> - <pq> <Not>"]
    );
    assert_eq!(check("sh:node ex:P"), ["<n> - <n> <Node>"]);
}

#[test]
fn a_node_result_carries_its_reasons() {
    let report = report(
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:node ex:P .
         ex:P a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .",
        "ex:n a ex:C .",
    )
    .unwrap();
    assert_eq!(report.results[0].details.len(), 1);
    let detail = NamedNode::new_unchecked("http://www.w3.org/ns/shacl#detail");
    assert_eq!(report.to_graph().triples_for_predicate(&detail).count(), 1);
}

#[test]
fn qualified_shapes() {
    let shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:Hand ;
        sh:property [ sh:path ex:digit ; sh:qualifiedValueShape [ sh:class ex:Thumb ] ;
            sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1 ] ;
        sh:property [ sh:path ex:digit ; sh:qualifiedValueShape [ sh:class ex:Finger ] ;
            sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 2 ] .";
    let data = "ex:h a ex:Hand ; ex:digit ex:t, ex:u, ex:f . ex:t a ex:Thumb . ex:u a ex:Thumb . ex:f a ex:Finger .
                ex:i a ex:Hand ; ex:digit ex:t, ex:f, ex:both . ex:both a ex:Finger, ex:Thumb .";
    assert_eq!(
        lines(&report(shapes, data).unwrap()),
        [
            "<h> <digit> - <QualifiedMaxCount>",
            "<h> <digit> - <QualifiedMinCount>",
            "<i> <digit> - <QualifiedMinCount>",
        ]
    );
}

#[test]
fn closed_shapes_has_value_and_in() {
    assert_eq!(
        lines(
            &report(
                "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:closed true ;
                     sh:ignoredProperties (rdf:type) ; sh:property [ sh:path ex:p ] .",
                "ex:a a ex:C ; ex:p 1 ; ex:q 2 ."
            )
            .unwrap()
        ),
        ["<a> <q> \"2\" <Closed>"]
    );
    // The store writes decimals in their shortest form; the shapes are compared in that form too.
    let data = "ex:a a ex:C ; ex:p 1.0 .";
    assert!(of_property("sh:hasValue 1.0 ; sh:in (1.0 2.50)", data).is_empty());
    assert_eq!(
        of_property("sh:hasValue 1 ; sh:in (1)", data),
        [
            "<a> <p> - <HasValue>",
            "<a> <p> \"1\"^^<http://www.w3.org/2001/XMLSchema#decimal> <In>",
        ]
    );
}

#[test]
fn paths() {
    let data = "ex:a a ex:C ; ex:p ex:b . ex:b ex:p ex:c ; ex:q ex:d . ex:c ex:p ex:a .";
    let values = |path: &str| {
        let shapes = format!(
            "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path {path} ; sh:nodeKind sh:Literal ] ."
        );
        let report = report(&shapes, data).unwrap();
        let values: Vec<String> = report
            .results
            .iter()
            .filter_map(|result| result.value.as_ref())
            .map(|value| value.to_string().replace("http://example.com/", ""))
            .collect();
        values.join(" ")
    };
    assert_eq!(values("ex:p"), "<b>");
    assert_eq!(values("[ sh:inversePath ex:p ]"), "<c>");
    assert_eq!(values("( ex:p ex:q )"), "<d>");
    assert_eq!(values("[ sh:inversePath ( ex:p ex:p ) ]"), "<b>");
    assert_eq!(
        values("[ sh:alternativePath ( ex:p [ sh:inversePath ex:p ] ) ]"),
        "<b> <c>"
    );
    assert_eq!(values("[ sh:zeroOrMorePath ex:p ]"), "<a> <b> <c>");
    assert_eq!(values("[ sh:oneOrMorePath ex:p ]"), "<a> <b> <c>");
    assert_eq!(values("[ sh:zeroOrOnePath ex:p ]"), "<a> <b>");
    assert_eq!(values("( ex:p [ sh:zeroOrOnePath ex:q ] )"), "<b> <d>");
}

#[test]
fn targets() {
    let check = |target: &str| {
        let shapes = format!("ex:S a sh:NodeShape ; {target} ; sh:class ex:Nothing .");
        lines(
            &report(
                &shapes,
                "ex:a a ex:C2 ; ex:p ex:b . ex:C2 rdfs:subClassOf ex:C .",
            )
            .unwrap(),
        )
    };
    assert_eq!(
        check("sh:targetNode ex:a, 'x'"),
        ["<a> - <a> <Class>", "\"x\" - \"x\" <Class>"]
    );
    assert_eq!(check("sh:targetClass ex:C"), ["<a> - <a> <Class>"]);
    assert_eq!(check("sh:targetSubjectsOf ex:p"), ["<a> - <a> <Class>"]);
    assert_eq!(check("sh:targetObjectsOf ex:p"), ["<b> - <b> <Class>"]);
    assert!(check("sh:targetClass ex:C ; sh:deactivated true").is_empty());
    let implicit = "ex:C a sh:NodeShape, rdfs:Class ; sh:class ex:Nothing .";
    assert_eq!(
        lines(&report(implicit, "ex:a a ex:C .").unwrap()),
        ["<a> - <a> <Class>"]
    );
}

#[test]
fn a_background_graph_gives_classes_but_no_focus_nodes() {
    let store = Store::new().unwrap();
    let ontology = NamedNode::new_unchecked("http://example.com/ontology");
    load(&store, "ex:a a ex:C2 .", GraphName::DefaultGraph);
    load(
        &store,
        "ex:C2 rdfs:subClassOf ex:C . ex:o a ex:C . ex:a ex:p 1 .",
        ontology.clone(),
    );
    load(
        &store,
        "ex:x a ex:C .",
        NamedNode::new_unchecked("http://example.com/other"),
    );
    let shapes = Shapes::parse(&graph(
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 0 ] ;
             sh:sparql [ sh:select 'SELECT $this ?value { $this <http://example.com/p> ?value }' ] .",
    ))
    .unwrap();
    let data_graph = DataGraph::default();
    assert!(validate(&store, &shapes, &data_graph).unwrap().conforms());
    let data_graph = data_graph.with_background([ontology.into()]);
    assert_eq!(
        lines(&validate(&store, &shapes, &data_graph).unwrap()),
        ["<a> <p> - <MaxCount>", "<a> - \"1\" <SPARQL>"]
    );
}

#[test]
fn sparql_constraints_see_blank_nodes_and_nested_groups() {
    let shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [
            sh:message 'كود {?code}'@ar, 'the code {?code} is shared'@en ;
            sh:prefixes ex: ;
            sh:select '''SELECT $this ?code WHERE {
                { { FILTER (bound($this)) $this ex:code ?code } }
                FILTER EXISTS { ?other ex:code ?code . FILTER (?other != $this) }
            }''' ] .
        ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.com/'^^xsd:anyURI ] .";
    let report = report(
        shapes,
        "_:b a ex:C ; ex:code 'A' . ex:a a ex:C ; ex:code 'A' . ex:c a ex:C ; ex:code 'C' .",
    )
    .unwrap();
    assert_eq!(report.results.len(), 2);
    for result in &report.results {
        assert_eq!(result.value.as_ref(), Some(&result.focus_node));
        assert!(result.source_constraint.is_some());
        assert_eq!(result.message(&["ar"]).unwrap().value(), "كود A");
        assert_eq!(
            result.message(&["fr", "en"]).unwrap().value(),
            "the code A is shared"
        );
    }
}

#[test]
fn sparql_constraints_count() {
    let shapes = "ex:S a sh:NodeShape ; sh:targetNode ex:group ; sh:sparql [ sh:select '''
            SELECT $this (COUNT(DISTINCT ?member) AS ?value) WHERE {
                $this <http://example.com/member> ?member
            } GROUP BY $this HAVING (COUNT(DISTINCT ?member) != 3)''' ] .";
    let data = "ex:group ex:member ex:a, ex:b . ex:other ex:member ex:c .";
    assert_eq!(
        lines(&report(shapes, data).unwrap()),
        ["<group> - \"2\" <SPARQL>"]
    );
}

#[test]
fn a_property_shape_has_its_path_in_queries() {
    let shapes = "ex:S a sh:PropertyShape ; sh:targetClass ex:C ; sh:path [ sh:inversePath ex:p ] ;
        sh:sparql [ sh:message '{$PATH}' ; sh:select 'SELECT $this ?value { $this $PATH ?value }' ] .";
    let report = report(shapes, "ex:a a ex:C . ex:b ex:p ex:a .").unwrap();
    assert_eq!(lines(&report), ["<a> ^(<p>) <b> <SPARQL>"]);
    assert_eq!(
        report.results[0].messages[0].value(),
        "^(<http://example.com/p>)"
    );
}

#[test]
fn a_query_may_report_a_failure() {
    let shapes = "ex:S a sh:NodeShape ; sh:targetNode ex:a ;
        sh:sparql [ sh:select 'SELECT $this (true AS ?failure) {}' ] .";
    assert!(matches!(
        report(shapes, ""),
        Err(ShapeError::ReportedFailure { .. })
    ));
}

#[test]
fn components_in_sparql() {
    let shapes = "ex:Component a sh:ConstraintComponent ;
            sh:parameter [ sh:path ex:atMost ] ;
            sh:validator [ a sh:SPARQLAskValidator ; sh:message '{?value} > {$atMost}' ;
                sh:ask 'ASK { FILTER ($value <= $atMost) }' ] .
        ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; ex:atMost 2 ] .";
    let report = report(shapes, "ex:a a ex:C ; ex:p 1, 3 .").unwrap();
    assert_eq!(lines(&report), ["<a> <p> \"3\" <Component>"]);
    assert_eq!(report.results[0].messages[0].value(), "3 > 2");
}

#[test]
fn there_is_always_a_message() {
    let shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:minLength 100 ; ex:atMost 1 ;
            sh:sparql [ sh:select 'SELECT $this {}' ] .
        ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:atMost ] ;
            sh:validator [ a sh:SPARQLAskValidator ; sh:ask 'ASK { FILTER (false) }' ] .";
    let report = report(shapes, "ex:a a ex:C .").unwrap();
    let messages: Vec<&str> = report
        .results
        .iter()
        .filter_map(|result| Some(result.message(&["en"])?.value()))
        .collect();
    assert_eq!(
        messages,
        [
            "expected at least 100 characters",
            "the SPARQL-based constraint is not met",
            "the constraint <http://example.com/Component> is not met",
        ]
    );
}

#[test]
fn severities_and_messages_come_from_the_shape() {
    let report = report(
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ;
             sh:severity sh:Warning ; sh:message 'missing'@en, 'ناقص'@ar ] .",
        "ex:a a ex:C .",
    )
    .unwrap();
    let result = &report.results[0];
    assert_eq!(result.severity_name(), "Warning");
    assert_eq!(result.message(&["ar"]).unwrap().value(), "ناقص");
    assert!(!report.conforms());
}

#[test]
fn a_shape_that_needs_itself_is_an_error() {
    let shapes = "ex:S a sh:NodeShape ; sh:targetNode ex:a ;
        sh:property [ sh:path ex:knows ; sh:node ex:S ] .";
    assert!(report(shapes, "ex:a ex:knows ex:b .").unwrap().conforms());
    assert!(matches!(
        report(shapes, "ex:a ex:knows ex:b . ex:b ex:knows ex:a ."),
        Err(ShapeError::Recursive { .. })
    ));
    let chain: String = (0..1000).fold("ex:a ex:knows ex:n0 .".to_owned(), |chain, n| {
        format!("{chain} ex:n{n} ex:knows ex:n{} .", n + 1)
    });
    assert!(matches!(
        report(shapes, &chain),
        Err(ShapeError::TooDeep { .. })
    ));
}

#[test]
fn reports_come_out_the_same_each_time() {
    let shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:C ;
        sh:property [ sh:path ex:q ; sh:minCount 1 ], [ sh:path ex:p ; sh:maxCount 1 ; sh:datatype xsd:string ],
            [ sh:path ex:r ; sh:minCount 2 ; sh:order -1 ] .";
    let data = "ex:b a ex:C ; ex:p 2, 1 . ex:a a ex:C ; ex:p 3 .";
    let first = lines(&report(shapes, data).unwrap());
    assert_eq!(
        first,
        [
            "<a> <r> - <MinCount>",
            "<a> <p> \"3\" <Datatype>",
            "<a> <q> - <MinCount>",
            "<b> <r> - <MinCount>",
            "<b> <p> \"1\" <Datatype>",
            "<b> <p> \"2\" <Datatype>",
            "<b> <p> - <MaxCount>",
            "<b> <q> - <MinCount>",
        ]
    );
    for _ in 0..5 {
        assert_eq!(lines(&report(shapes, data).unwrap()), first);
    }
}
