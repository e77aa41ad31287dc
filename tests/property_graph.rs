//! RDF as a property graph: what comes back of it, and what readers of the formats make of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be set up has failed"
)]

#[path = "property_graph/readers.rs"]
mod readers;

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::Progress;
use coalition_kg::pipeline;
use coalition_kg::project::Project;
use coalition_kg::property_graph::import::import;
use coalition_kg::property_graph::{
    Builder, Decimals, Files, Fold, Format, NameMap, Options, PropertyGraph,
};
use coalition_kg::sink::{EachQuad, SinkError};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::sparql::{QueryResults, SparqlEvaluator};
use oxigraph::store::Store;
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Cursor, Write};

const FORMATS: [Format; 7] = [
    Format::Neo4jCsv,
    Format::Cypher,
    Format::Kuzu,
    Format::Ladybug,
    Format::Jsonl,
    Format::NeptuneCsv,
    Format::Graphml,
];

/// Files in memory.
#[derive(Default, Debug, PartialEq, Eq)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn write(
        &mut self,
        name: &str,
        content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), SinkError> {
        let mut bytes = Vec::new();
        content(&mut bytes).unwrap();
        assert!(
            self.0.insert(name.to_owned(), bytes).is_none(),
            "{name} twice"
        );
        Ok(())
    }
}

impl Memory {
    fn text(&self, name: &str) -> &str {
        std::str::from_utf8(&self.0[name]).unwrap()
    }
}

fn options() -> Options {
    Options {
        blank_nodes: "http://e.org/.well-known/genid/".to_owned(),
        graphs: true,
        ..Options::default()
    }
}

fn graph_of(quads: &[Quad], options: Options) -> PropertyGraph {
    let mut builder = Builder::new(options);
    for quad in quads {
        builder.add(quad.as_ref()).unwrap();
    }
    builder.finish(&mut || true).unwrap()
}

fn export(graph: &PropertyGraph, format: Format) -> (Memory, NameMap) {
    let mut files = Memory::default();
    let map = graph
        .write(format, "graph", &mut files, &mut || true)
        .unwrap();
    let json = map.to_json().unwrap();
    (files, NameMap::from_json(&json).unwrap())
}

fn back(files: &Memory, map: &NameMap) -> BTreeSet<String> {
    let mut quads = BTreeSet::new();
    let mut open = |name: &str| -> io::Result<Box<dyn BufRead>> {
        let bytes = files.0.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(bytes.clone())))
    };
    let mut sink = EachQuad(|quad: oxrdf::QuadRef<'_>, _: &_| {
        quads.insert(quad.to_string());
    });
    import(map, "graph", &mut open, &mut sink).unwrap();
    quads
}

fn parse(turtle: &str) -> Vec<Quad> {
    RdfParser::from_format(RdfFormat::TriG)
        .for_slice(turtle)
        .map(Result::unwrap)
        .collect()
}

fn iri() -> impl Strategy<Value = NamedNode> {
    select(vec![
        "http://a.org/name",
        "http://b.org/name",
        "http://b.org/ns#Name",
        "http://b.org/ns#name_en",
        "http://a.org/iri",
        "http://a.org/labels",
        "http://a.org/Resource",
        "http://a.org/",
        "http://a.org/a;b,c'd",
        "http://a.org/الاسم",
        "http://a.org/name_lexical",
        "http://a.org/memberOf",
        "http://a.org/member_of",
        "http://e.org/.well-known/genid/a",
        "urn:x:1",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    ])
    .prop_map(NamedNode::new_unchecked)
}

fn subject() -> impl Strategy<Value = NamedOrBlankNode> {
    let blank = select(vec!["a", "b1", "c.d"]).prop_map(BlankNode::new_unchecked);
    prop_oneof![3 => iri().prop_map(Into::into), 1 => blank.prop_map(Into::into)]
}

fn literal() -> impl Strategy<Value = Literal> {
    let form = prop_oneof![
        select(vec![
            "",
            " ",
            "1",
            "01",
            "+1",
            "-0",
            "1.0",
            "1.50",
            "0.1",
            "1e3",
            "1E400",
            "INF",
            "NaN",
            "true",
            "2014-06-29",
            "2014-06-29Z",
            "-0044-03-15",
            "2014-06-29T10:00:00",
            "2014-06-29T10:00:00.5Z",
            "2014-06-29T24:00:00",
            "9223372036854775807",
            "9223372036854775808",
            "P1D",
            "x",
            "123456789012345678901234567890.12345",
        ])
        .prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:E}")),
        vec(
            select(vec![
                "\"", "\"\"", ",", ";", "|", "\n", "\r\n", "\r", "\t", " ", "\\", "'", "\u{1F}",
                "\u{1E}", "\u{1D}", "\u{E000}", "ع", "🪐", "<", "&", "a", "\u{7F}", "[", "]", "{"
            ]),
            0..8
        )
        .prop_map(|parts| parts.concat()),
    ];
    let datatype = select(vec![
        "string",
        "boolean",
        "integer",
        "long",
        "byte",
        "unsignedLong",
        "decimal",
        "double",
        "float",
        "date",
        "dateTime",
        "dateTimeStamp",
        "time",
        "duration",
        "gYear",
        "anyURI",
        "hexBinary",
        "@en",
        "@ar",
        "@en-GB",
        "@zh-Hans",
        "http://e.org/own",
        "http://f.org/own",
    ]);
    (form, datatype).prop_map(|(form, datatype)| {
        if let Some(language) = datatype.strip_prefix('@') {
            return Literal::new_language_tagged_literal_unchecked(form, language);
        }
        let iri = if datatype.contains(':') {
            datatype.to_owned()
        } else {
            format!("http://www.w3.org/2001/XMLSchema#{datatype}")
        };
        Literal::new_typed_literal(form, NamedNode::new_unchecked(iri))
    })
}

fn quad() -> impl Strategy<Value = Quad> {
    let object = prop_oneof![
        3 => literal().prop_map(Term::from),
        2 => subject().prop_map(Term::from),
    ];
    let graph = prop_oneof![
        3 => Just(GraphName::DefaultGraph),
        1 => subject().prop_map(GraphName::from),
    ];
    (subject(), iri(), object, graph).prop_map(|(subject, predicate, object, graph)| {
        Quad::new(subject, predicate, object, graph)
    })
}

const CLASS: &str = "http://b.org/name";
const FROM: &str = "http://a.org/memberOf";
const TO: &str = "http://a.org/member_of";

fn folds() -> Vec<Fold> {
    vec![Fold {
        class: CLASS.to_owned(),
        from: FROM.to_owned(),
        to: TO.to_owned(),
    }]
}

/// A resource between two others, which becomes a relationship unless random statements forbid it.
fn between() -> impl Strategy<Value = Vec<Quad>> {
    let key = prop_oneof![
        (0..3_u8).prop_map(|n| NamedOrBlankNode::from(NamedNode::new_unchecked(format!(
            "http://e.org/between/{n}"
        )))),
        Just(NamedOrBlankNode::from(BlankNode::new_unchecked("between"))),
    ];
    let object = prop_oneof![
        2 => literal().prop_map(Term::from),
        1 => subject().prop_map(Term::from),
    ];
    let more = vec((iri(), object), 0..4);
    (key, subject(), subject(), more).prop_map(|(key, start, end, more)| {
        let iri = NamedNode::new_unchecked;
        let kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
        let mut statements: Vec<(NamedNode, Term)> = vec![
            (iri(kind), iri(CLASS).into()),
            (iri(FROM), start.into()),
            (iri(TO), end.into()),
        ];
        statements.extend(more);
        statements
            .into_iter()
            .map(|(predicate, object)| {
                Quad::new(key.clone(), predicate, object, GraphName::DefaultGraph)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_comes_back(
        mut quads in vec(quad(), 0..40),
        more in vec(between(), 0..4),
        strings in any::<bool>(),
        language_at in any::<bool>(),
    ) {
        quads.extend(more.concat());
        let decimals = if strings { Decimals::String } else { Decimals::Double };
        let graph = graph_of(&quads, Options { decimals, language_at, folds: folds(), ..options() });
        let expected: BTreeSet<String> = quads.iter().map(ToString::to_string).collect();
        for format in [Format::Jsonl, Format::Neo4jCsv] {
            let (files, map) = export(&graph, format);
            prop_assert_eq!(&back(&files, &map), &expected, "{:?}", format);
        }
    }

    #[test]
    fn the_order_of_quads_makes_no_difference(
        mut quads in vec(quad(), 0..20),
        more in vec(between(), 0..3),
    ) {
        quads.extend(more.concat());
        let options = || Options { folds: folds(), ..options() };
        let mut turned: Vec<Quad> = quads.iter().rev().cloned().collect();
        turned.extend(quads.iter().cloned());
        let (one, other) = (graph_of(&quads, options()), graph_of(&turned, options()));
        for format in FORMATS {
            if format != Format::Graphml {
                prop_assert_eq!(export(&one, format), export(&other, format));
            }
        }
    }

    #[test]
    fn documented_grammars_are_kept_to(
        mut quads in vec(quad(), 0..40),
        more in vec(between(), 0..3),
    ) {
        quads.extend(more.concat());
        let graph = graph_of(&quads, Options { folds: folds(), ..options() });
        let (nodes, relationships) = (graph.nodes(), graph.relationships());
        readers::neo4j(&export(&graph, Format::Neo4jCsv).0.0, nodes, relationships);
        readers::neptune(&export(&graph, Format::NeptuneCsv).0.0, nodes, relationships);
        let mut files = Memory::default();
        if graph.write(Format::Graphml, "graph", &mut files, &mut || true).is_ok() {
            readers::graphml(files.text("graph"), nodes, relationships);
        }
    }
}

const SAMPLE: &str = r#"
@prefix : <http://e.org/ns#> .
@prefix other: <http://f.org/> .
@prefix id: <http://e.org/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
id:a a :State, :Member ; rdfs:label "A \"1\"\n"@en, "أ"@ar ; :joined "2014-09-05"^^xsd:date ;
    :count 007, 3 ; :share 1.50 ; :active true ; :memberOf id:c ; :note "x;y", "z" .
id:b a :Member ; :count 5 ; :memberOf id:c ; other:note "n" .
[] :memberOf id:a .
"#;

#[test]
fn json_lines_are_those_of_apoc() {
    let graph = graph_of(&parse(SAMPLE), options());
    let (files, map) = export(&graph, Format::Jsonl);
    let lines: Vec<serde_json::Value> = files
        .text("graph")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let a = lines
        .iter()
        .find(|line| line["id"] == "http://e.org/id/a")
        .unwrap();
    assert_eq!(
        *a,
        serde_json::json!({
            "type": "node", "id": "http://e.org/id/a", "labels": ["Member", "State"],
            "properties": {
                "iri": "http://e.org/id/a", "active": true, "count": [7, 3], "count_lexical": "007",
                "joined": "2014-09-05", "label_ar": "أ", "label_en": "A \"1\"\n",
                "ns_note": ["x;y", "z"], "share": 1.5, "share_lexical": "1.50",
            },
        })
    );
    let relationships: Vec<_> = lines
        .iter()
        .filter(|line| line["type"] == "relationship")
        .collect();
    assert_eq!(relationships.len(), 3);
    assert_eq!(relationships[0]["label"], "MEMBER_OF");
    assert_eq!(map.properties["label_ar"].language.as_deref(), Some("ar"));
    assert_eq!(map.properties["f_org_note"].iri, "http://f.org/note");
    assert_eq!(
        map.relationships["MEMBER_OF"].iri,
        "http://e.org/ns#memberOf"
    );
}

#[test]
fn arrays_of_neo4j_are_split_at_what_no_value_holds() {
    let graph = graph_of(&parse(SAMPLE), options());
    let (files, map) = export(&graph, Format::Neo4jCsv);
    assert_eq!(map.array_delimiter, Some('|'));
    assert!(files.text("import.sh").contains("--array-delimiter='|'"));
    assert_eq!(
        files.text("nodes-State.csv").lines().next().unwrap(),
        "iri:ID,:LABEL,active:boolean,count:long[],count_lexical:string,joined:date,label_ar:string,\
         label_en:string,ns_note:string[],share:double,share_lexical:string"
    );
    assert_eq!(
        map.node_files,
        ["nodes-Member.csv", "nodes-Resource.csv", "nodes-State.csv"]
    );
}

#[test]
fn what_xml_cannot_hold_is_an_error() {
    let quads = parse("<http://e.org/a> <http://e.org/p> \"\\u0001\" .");
    let graph = graph_of(&quads, options());
    let error = graph
        .write(
            Format::Graphml,
            "graph",
            &mut Memory::default(),
            &mut || true,
        )
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "GraphML cannot hold the character U+0001"
    );
}

#[test]
fn graphs_are_one_unless_kept_apart() {
    let quads = parse(
        "<http://e.org/a> <http://e.org/p> 1 . <http://e.org/g> { <http://e.org/a> <http://e.org/p> 1 }",
    );
    let merged = graph_of(
        &quads,
        Options {
            graphs: false,
            ..options()
        },
    );
    let (files, map) = export(&merged, Format::Jsonl);
    assert_eq!(back(&files, &map).len(), 1);
    let (files, map) = export(&graph_of(&quads, options()), Format::Jsonl);
    assert_eq!(back(&files, &map).len(), 2);
    assert_eq!(
        map.properties["p_g"].graph.as_deref(),
        Some("http://e.org/g")
    );
}

fn count(store: &Store, query: &str) -> usize {
    let parsed = SparqlEvaluator::new().parse_query(query).unwrap();
    let QueryResults::Solutions(mut solutions) = parsed.on_store(store).execute().unwrap() else {
        panic!("{query}");
    };
    let solution = solutions.next().unwrap().unwrap();
    let Some(Term::Literal(number)) = solution.get(0) else {
        panic!("{solution:?}");
    };
    number.value().parse().unwrap()
}

/// The nodes and relationships are those that SPARQL counts.
#[test]
fn the_bundled_graph_is_there_in_full() {
    let project = Project::embedded(None).unwrap();
    let mut diagnostics = Diagnostics::new();
    let mapping = pipeline::read_mapping(&project, &mut diagnostics).unwrap();
    let store = Store::new().unwrap();
    let mut go_on = |_: &Progress<'_>| true;
    pipeline::load(
        &project,
        &mapping,
        &store,
        None,
        &mut diagnostics,
        &mut go_on,
    )
    .unwrap();
    let quads: Vec<Quad> = store
        .quads_for_pattern(None, None, None, Some(oxrdf::GraphNameRef::DefaultGraph))
        .map(Result::unwrap)
        .collect();
    let graph = graph_of(&quads, options());
    let nodes = count(
        &store,
        "SELECT (COUNT(DISTINCT ?n) AS ?c) { { ?n ?p ?o } UNION { ?s ?p ?n FILTER (!isLiteral(?n) && ?p != <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>) } }",
    );
    let relationships = count(
        &store,
        "SELECT (COUNT(*) AS ?c) { ?s ?p ?o FILTER (!isLiteral(?o) && ?p != <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>) }",
    );
    assert_eq!(
        (graph.nodes(), graph.relationships()),
        (nodes, relationships)
    );
    assert!(nodes > 600 && relationships > 2000);
    let expected: BTreeSet<String> = quads.iter().map(ToString::to_string).collect();
    for format in [Format::Jsonl, Format::Neo4jCsv] {
        let (files, map) = export(&graph, format);
        assert_eq!(back(&files, &map), expected);
    }
    readers::neo4j(&export(&graph, Format::Neo4jCsv).0.0, nodes, relationships);
    readers::neptune(
        &export(&graph, Format::NeptuneCsv).0.0,
        nodes,
        relationships,
    );
    readers::graphml(
        export(&graph, Format::Graphml).0.text("graph"),
        nodes,
        relationships,
    );
}

#[test]
fn what_lies_between_two_things_becomes_a_relationship_where_it_can() {
    let quads = parse(
        r"@prefix : <http://e.org/> .
        :m1 a :Membership ; :member :a ; :organization :o ; :since 2014 ; :source :s, :t .
        :m2 a :Membership ; :member :b ; :organization :o ; :since 2015 .
        :m3 a :Membership ; :member :c ; :organization :o, :p .
        :m4 a :Membership, :Other ; :member :d ; :organization :o .
        :m5 a :Membership ; :member :e ; :organization :o .
        :x :about :m5 .",
    );
    let folds = vec![Fold {
        class: "http://e.org/Membership".to_owned(),
        from: "http://e.org/member".to_owned(),
        to: "http://e.org/organization".to_owned(),
    }];
    let graph = graph_of(&quads, Options { folds, ..options() });
    assert_eq!(graph.folded(), [2]);
    let (files, map) = export(&graph, Format::Jsonl);
    let lines = files.text("graph").lines();
    let lines: Vec<serde_json::Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["label"] == "MEMBERSHIP")
        .collect();
    assert_eq!(lines.len(), 2);
    let id = lines[0]["id"].clone();
    assert_eq!(
        lines[0],
        serde_json::json!({
            "type": "relationship", "id": id, "label": "MEMBERSHIP",
            "properties": {
                "id": id, "iri": "http://e.org/m1", "since": 2014,
                "source": ["http://e.org/s", "http://e.org/t"],
            },
            "start": {"id": "http://e.org/a", "labels": ["Resource"]},
            "end": {"id": "http://e.org/o", "labels": ["Resource"]},
        })
    );
    let expected: BTreeSet<String> = quads.iter().map(ToString::to_string).collect();
    assert_eq!(back(&files, &map), expected);
}

const SMALL: &str = r#"@prefix : <http://e.org/> .
:a a :Thing, :Other ; :name "a\\\"\n'" ; :tag "", "x" ; :day "2014-06-29"^^<http://www.w3.org/2001/XMLSchema#date> ; :thing :b .
:b a :Thing ; :tag "y" ."#;

#[test]
fn scripts_merge_what_is_there() {
    let graph = graph_of(&parse(SMALL), options());
    let (files, _) = export(&graph, Format::Cypher);
    let id = graph_id(&graph);
    assert_eq!(
        files.text("graph"),
        format!(
            r#"CREATE CONSTRAINT `Other_iri` IF NOT EXISTS FOR (n:`Other`) REQUIRE n.`iri` IS UNIQUE;
CREATE CONSTRAINT `Thing_iri` IF NOT EXISTS FOR (n:`Thing`) REQUIRE n.`iri` IS UNIQUE;
UNWIND [
{{iri: "http://e.org/a", p: {{`day`: date("2014-06-29"), `name`: "a\\\"\n'", `tag`: ["", "x"]}}}}
] AS row MERGE (n:`Other` {{iri: row.iri}}) SET n += row.p SET n:`Thing`;
UNWIND [
{{iri: "http://e.org/b", p: {{`tag`: ["y"]}}}}
] AS row MERGE (n:`Thing` {{iri: row.iri}}) SET n += row.p;
UNWIND [
{{s: "http://e.org/a", e: "http://e.org/b", id: "{id}", p: {{}}}}
] AS row MATCH (s:`Other` {{iri: row.s}}) MATCH (e:`Thing` {{iri: row.e}}) MERGE (s)-[r:`THING` {{id: row.id}}]->(e) SET r += row.p;
"#
        )
    );
}

#[test]
fn tables_of_kuzu_have_names_of_their_own() {
    let graph = graph_of(&parse(SMALL), options());
    let (files, map) = export(&graph, Format::Kuzu);
    assert_eq!(
        files.text("schema.cypher"),
        "CREATE NODE TABLE IF NOT EXISTS `Other`(iri STRING PRIMARY KEY, labels STRING[], `day` DATE, `name` STRING, `tag` STRING[]);
CREATE NODE TABLE IF NOT EXISTS `Thing`(iri STRING PRIMARY KEY, labels STRING[], `tag` STRING[]);
CREATE REL TABLE IF NOT EXISTS `THING_REL`(FROM `Other` TO `Thing`, id STRING);
"
    );
    let read = r#"(header=true, parallel=false, quote='"', escape='"')"#;
    let tag = "list_transform(string_split(`tag`, ';'), x -> substring(x, 2, size(x)))";
    assert_eq!(
        files.text("copy.cypher").lines().collect::<Vec<_>>(),
        [
            format!(
                "COPY `Other` FROM (LOAD WITH HEADERS (iri STRING, labels STRING, `day` DATE, `name` STRING, `tag` STRING) \
                 FROM 'nodes-Other.csv' {read} RETURN iri, string_split(labels, ';'), `day`, `name`, {tag});"
            ),
            format!(
                "COPY `Thing` FROM (LOAD WITH HEADERS (iri STRING, labels STRING, `tag` STRING) \
                 FROM 'nodes-Thing.csv' {read} RETURN iri, string_split(labels, ';'), {tag});"
            ),
            format!(
                "COPY `THING_REL` FROM (LOAD WITH HEADERS (`from` STRING, `to` STRING, id STRING) \
                 FROM 'rels-THING_REL-Other-Thing.csv' {read} RETURN `from`, `to`, id) (from='Other', to='Thing');"
            ),
        ]
    );
    assert_eq!(
        files.text("nodes-Other.csv"),
        "iri,labels,day,name,tag\n\"http://e.org/a\",\"Other;Thing\",2014-06-29,\"a\\\"\"\n'\",\"=;=x\"\n"
    );
    assert_eq!(map.relationships["THING_REL"].iri, "http://e.org/thing");
}

/// The identifier of the only relationship of a graph.
fn graph_id(graph: &PropertyGraph) -> String {
    let (files, _) = export(graph, Format::Jsonl);
    let line = files.text("graph").lines().next_back().unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_no_export_is_refused() {
    let graph = graph_of(&parse(SMALL), options());
    let refused = |format: Format, name: &str, text: &str, change: fn(&mut NameMap)| {
        let (mut files, mut map) = export(&graph, format);
        if !name.is_empty() {
            files.0.insert(name.to_owned(), text.as_bytes().to_vec());
        }
        change(&mut map);
        let mut open = |name: &str| -> io::Result<Box<dyn BufRead>> {
            let bytes = files.0.get(name).ok_or(io::ErrorKind::NotFound)?;
            Ok(Box::new(Cursor::new(bytes.clone())))
        };
        let mut sink = EachQuad(|_: oxrdf::QuadRef<'_>, _: &_| {});
        let error = import(&map, "graph", &mut open, &mut sink).unwrap_err();
        error.to_string()
    };
    let keep: fn(&mut NameMap) = |_| {};
    let jsonl = |text| refused(Format::Jsonl, "graph", text, keep);
    assert!(jsonl("{\n").starts_with("`graph`, line 1: "));
    assert_eq!(
        jsonl("{\"type\":\"node\",\"id\":5}\n"),
        "`graph`, line 1: a string was expected, not 5"
    );
    assert_eq!(jsonl("\n{}").split(": ").next().unwrap(), "`graph`, line 1");
    assert_eq!(
        jsonl(r#"{"type":"node","id":"http://e.org/a","properties":{"what":1}}"#),
        "`graph`, line 1: the map does not know the property `what`"
    );
    assert_eq!(
        jsonl(r#"{"type":"node","id":"a b","labels":["Thing"]}"#),
        "`graph`, line 1: `a b` is not an IRI"
    );
    let csv = |text| refused(Format::Neo4jCsv, "nodes-Thing.csv", text, keep);
    assert_eq!(
        csv("iri:ID,:LABEL\n\"http://e.org/a\"\n"),
        "`nodes-Thing.csv`, line 2: another number of cells than the header has"
    );
    assert_eq!(
        csv("iri:ID,:LABEL\n\"x"),
        "`nodes-Thing.csv`, line 2: a quote that is never closed"
    );
    assert_eq!(
        refused(Format::Jsonl, "", "", |map| map.version = 2),
        "the map of names has version 2, which this program does not know"
    );
    assert_eq!(
        refused(Format::Cypher, "", "", keep),
        "this format is not read back, `jsonl` and `neo4j-csv` are"
    );
}
