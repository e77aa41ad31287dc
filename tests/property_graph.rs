//! RDF as a property graph: what comes back of it, and what readers of the formats make of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be set up has failed"
)]

#[path = "property_graph/readers.rs"]
mod readers;
#[path = "property_graph/refused.rs"]
mod refused;

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::Progress;
use coalition_kg::pipeline;
use coalition_kg::project::Project;
use coalition_kg::property_graph::import::import;
use coalition_kg::property_graph::{
    Builder, Decimals, Dialect, Files, Fold, Format, NameMap, Options, PropertyGraph,
};
use coalition_kg::sink::sort::SortError;
use coalition_kg::sink::{EachQuad, SinkError};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::sparql::{QueryResults, SparqlEvaluator};
use oxigraph::store::Store;
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Cursor, Write};

const FORMATS: [Format; 8] = [
    Format::Neo4jCsv,
    Format::Cypher,
    Format::Kuzu,
    Format::Ladybug,
    Format::Jsonl,
    Format::NeptuneCsv,
    Format::FalkordbCsv,
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

fn try_export(graph: &PropertyGraph, format: Format) -> Option<(Memory, NameMap)> {
    let mut files = Memory::default();
    let map = match graph.write(format, "graph", &mut files, &mut || true) {
        Ok(map) => map,
        Err(SortError::Sink(SinkError::NotRepresentable { .. })) => return None,
        Err(error) => panic!("{error}"),
    };
    let json = map.to_json().unwrap();
    Some((files, NameMap::from_json(&json).unwrap()))
}

fn opener(files: &Memory) -> impl FnMut(&str) -> io::Result<Box<dyn BufRead>> {
    |name| {
        let bytes = files.0.get(name).ok_or(io::ErrorKind::NotFound)?;
        // A small buffer, so that what is read goes over its ends.
        let bytes = Cursor::new(bytes.clone());
        Ok(Box::new(BufReader::with_capacity(7, bytes)))
    }
}

fn back(files: &Memory, map: &NameMap) -> BTreeSet<String> {
    let mut quads = BTreeSet::new();
    let mut sink = EachQuad(|quad: oxrdf::QuadRef<'_>, _: &_| {
        quads.insert(quad.to_string());
    });
    import(map, "graph", &mut opener(files), &mut sink).unwrap();
    quads
}

/// What may happen to a file.
#[derive(Debug, Clone)]
enum Damage {
    Flip(u8),
    Insert(Vec<u8>),
    Remove(usize),
    Repeat(usize),
    Truncate,
}

fn damage() -> impl Strategy<Value = Damage> {
    let texts = select(vec![
        "\"", "\n", ",", "\\", "{", "]", "<", "&", ";", "\u{0}", "-", "9", "`", ":",
    ]);
    prop_oneof![
        2 => any::<u8>().prop_map(Damage::Flip),
        3 => vec(texts, 1..3).prop_map(|parts| Damage::Insert(parts.concat().into_bytes())),
        2 => (1..20_usize).prop_map(Damage::Remove),
        1 => (1..60_usize).prop_map(Damage::Repeat),
        1 => Just(Damage::Truncate),
    ]
}

impl Damage {
    fn of(&self, bytes: &mut Vec<u8>, place: prop::sample::Index) {
        if bytes.is_empty() {
            return;
        }
        let at = place.index(bytes.len());
        let end = |count: &usize| (at + count).min(bytes.len());
        match self {
            Self::Flip(mask) => bytes[at] ^= mask,
            Self::Insert(text) => drop(bytes.splice(at..at, text.iter().copied())),
            Self::Remove(count) => drop(bytes.drain(at..end(count))),
            Self::Repeat(count) => {
                let again = bytes[at..end(count)].to_vec();
                drop(bytes.splice(at..at, again));
            }
            Self::Truncate => bytes.truncate(at),
        }
    }
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

/// Texts that formats take for something else.
fn odd_text() -> impl Strategy<Value = String> {
    let texts = select(vec![
        "null",
        "NULL",
        "\\N",
        "[]",
        "[a,b]",
        "{}",
        "=",
        "==a",
        "\\",
        "\\;",
        ";\\",
        "\"\"",
        "\"",
        ",",
        "'",
        "true",
        "]]>",
        "<![CDATA[",
        "&amp;",
        "&#10;",
        "<!--",
        "`",
        "\\n",
        "\\u0041",
        "row.p",
        "};",
        "NaN",
        "\u{0}",
        "\u{1}",
        "\u{8}",
        "\u{C}",
        "\u{85}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{FFFE}",
        "\u{10FFFF}",
    ]);
    vec(texts, 1..3).prop_map(|parts| parts.concat())
}

/// Lexical forms, of this datatype or that or none.
fn form() -> impl Strategy<Value = String> {
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
    prop_oneof![4 => form, 1 => odd_text()]
}

/// Datatypes of XML Schema, languages behind `@` and others.
fn datatype() -> impl Strategy<Value = &'static str> {
    select(vec![
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
        "@EN-gb",
        "@EN",
        "@zh-Hans",
        "http://e.org/own",
        "http://f.org/own",
    ])
}

fn literal() -> impl Strategy<Value = Literal> {
    (form(), datatype()).prop_map(|(form, datatype)| literal_of(form, datatype))
}

fn literal_of(form: String, datatype: &str) -> Literal {
    if let Some(language) = datatype.strip_prefix('@') {
        return Literal::new_language_tagged_literal_unchecked(form, language);
    }
    let iri = if datatype.contains(':') {
        datatype.to_owned()
    } else {
        format!("http://www.w3.org/2001/XMLSchema#{datatype}")
    };
    Literal::new_typed_literal(form, NamedNode::new_unchecked(iri))
}

/// Several values of one property, so that it is an array.
fn array() -> impl Strategy<Value = (NamedNode, Vec<Literal>)> {
    (iri(), vec(form(), 2..5), datatype()).prop_map(|(predicate, forms, datatype)| {
        let literals = forms.into_iter().map(|form| literal_of(form, datatype));
        (predicate, literals.collect())
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

/// Statements, some of them with several values of one property.
fn statements(most: usize) -> impl Strategy<Value = Vec<Quad>> {
    let graph = prop_oneof![
        3 => Just(GraphName::DefaultGraph),
        1 => subject().prop_map(GraphName::from),
    ];
    let several = (subject(), array(), graph).prop_map(|(subject, (predicate, values), graph)| {
        let quads = values
            .into_iter()
            .map(|value| Quad::new(subject.clone(), predicate.clone(), value, graph.clone()));
        quads.collect::<Vec<_>>()
    });
    (vec(quad(), 0..most), vec(several, 0..4)).prop_map(|(mut quads, several)| {
        quads.extend(several.concat());
        quads
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
    let arrays = vec(array(), 0..2);
    (key, subject(), subject(), more, arrays).prop_map(|(key, start, end, more, arrays)| {
        let iri = NamedNode::new_unchecked;
        let kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
        let mut statements: Vec<(NamedNode, Term)> = vec![
            (iri(kind), iri(CLASS).into()),
            (iri(FROM), start.into()),
            (iri(TO), end.into()),
        ];
        statements.extend(more);
        for (predicate, values) in arrays {
            let values = values.into_iter();
            statements.extend(values.map(|value| (predicate.clone(), value.into())));
        }
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
        mut quads in statements(40),
        more in vec(between(), 0..4),
        strings in any::<bool>(),
        language_at in any::<bool>(),
        graphs in any::<bool>(),
        are_folded in any::<bool>(),
    ) {
        quads.extend(more.concat());
        let graph = graph_of(&quads, Options {
            decimals: if strings { Decimals::String } else { Decimals::Double },
            language_at,
            graphs,
            folds: if are_folded { folds() } else { Vec::new() },
            ..options()
        });
        let expected: BTreeSet<String> = quads
            .into_iter()
            .map(|mut quad| {
                if !graphs {
                    quad.graph_name = GraphName::DefaultGraph;
                }
                quad.to_string()
            })
            .collect();
        for format in FORMATS {
            // XML cannot hold control characters, nor FalkorDB U+0000.
            if let Some((files, map)) = try_export(&graph, format) {
                prop_assert_eq!(&back(&files, &map), &expected, "{:?}", format);
            } else {
                prop_assert!(matches!(format, Format::Graphml | Format::FalkordbCsv));
            }
        }
    }

    #[test]
    fn damaged_exports_are_read_without_a_panic(
        quads in statements(12),
        more in vec(between(), 0..2),
        damages in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), damage()), 1..4),
    ) {
        let quads = [quads, more.concat()].concat();
        let graph = graph_of(&quads, Options { folds: folds(), ..options() });
        for format in FORMATS {
            let Some((mut files, map)) = try_export(&graph, format) else {
                continue;
            };
            for (file, place, damage) in &damages {
                let names: Vec<String> = files.0.keys().cloned().collect();
                let bytes = files.0.get_mut(file.get(&names)).unwrap();
                damage.of(bytes, *place);
            }
            // Quads or an error, and no quad that is none.
            let mut sink = EachQuad(|quad: oxrdf::QuadRef<'_>, _: &_| {
                NamedNode::new(quad.predicate.as_str()).unwrap();
            });
            drop(import(&map, "graph", &mut opener(&files), &mut sink));
            // The map is a file too.
            let mut json = map.to_json().unwrap().into_bytes();
            for (_, place, damage) in &damages {
                damage.of(&mut json, *place);
            }
            let map = std::str::from_utf8(&json).ok().and_then(|json| NameMap::from_json(json).ok());
            if let Some(map) = map {
                drop(import(&map, "graph", &mut opener(&files), &mut sink));
            }
        }
    }

    #[test]
    fn exports_that_end_too_early_are_errors(
        quads in statements(12),
        more in vec(between(), 0..2),
        end in any::<prop::sample::Index>(),
    ) {
        let quads = [quads, more.concat()].concat();
        let graph = graph_of(&quads, Options { folds: folds(), ..options() });
        for format in FORMATS {
            let Some((whole, map)) = try_export(&graph, format) else {
                continue;
            };
            let read: Vec<&String> = if format.is_folder() {
                map.node_files.iter().chain(&map.relationship_files).collect()
            } else {
                whole.0.keys().collect()
            };
            for name in read {
                let mut files = Memory(whole.0.clone());
                let bytes = files.0.get_mut(name).unwrap();
                if bytes.is_empty() {
                    continue;
                }
                // The last line end of a document says nothing.
                let end = end.index(bytes.len() - 1);
                bytes.truncate(end);
                let mut sink = EachQuad(|_: oxrdf::QuadRef<'_>, _: &_| {});
                let read = import(&map, "graph", &mut opener(&files), &mut sink);
                prop_assert!(read.is_err(), "{:?} {:?} is read without its end: {:?}", format, name, files.text(name));
            }
        }
    }

    #[test]
    fn the_order_of_quads_makes_no_difference(
        mut quads in statements(20),
        more in vec(between(), 0..3),
    ) {
        quads.extend(more.concat());
        let options = || Options { folds: folds(), ..options() };
        let mut turned: Vec<Quad> = quads.iter().rev().cloned().collect();
        turned.extend(quads.iter().cloned());
        let (one, other) = (graph_of(&quads, options()), graph_of(&turned, options()));
        for format in FORMATS {
            prop_assert_eq!(try_export(&one, format), try_export(&other, format));
        }
    }

    #[test]
    fn the_memory_makes_no_difference(
        mut quads in vec(quad(), 0..60),
        more in vec(between(), 0..4),
        graphs in any::<bool>(),
        start in select(vec!["http://e.org/.well-known/genid/", "http://a.org/name", "urn:", ""]),
    ) {
        quads.extend(more.concat());
        let with = |memory| {
            let blank_nodes = start.to_owned();
            graph_of(&quads, Options { memory, graphs, blank_nodes, folds: folds(), ..options() })
        };
        let plenty = with(1 << 30);
        for memory in [0, 1 << 12] {
            let little = with(memory);
            prop_assert_eq!(little.folded(), plenty.folded());
            for format in FORMATS {
                let written = [&little, &plenty].map(|graph| {
                    let mut files = Memory::default();
                    let map = graph.write(format, "graph", &mut files, &mut || true);
                    map.map(|map| (map, files)).map_err(|error| error.to_string())
                });
                prop_assert_eq!(&written[0], &written[1]);
            }
        }
    }

    #[test]
    fn documented_grammars_are_kept_to(
        mut quads in statements(40),
        more in vec(between(), 0..3),
    ) {
        quads.extend(more.concat());
        let graph = graph_of(&quads, Options { folds: folds(), ..options() });
        let (nodes, relationships) = (graph.nodes(), graph.relationships());
        readers::neo4j(&export(&graph, Format::Neo4jCsv).0.0, nodes, relationships);
        readers::neptune(&export(&graph, Format::NeptuneCsv).0.0, nodes, relationships);
        if let Some((files, _)) = try_export(&graph, Format::FalkordbCsv) {
            readers::falkordb(&files.0, nodes, relationships);
        }
        let mut files = Memory::default();
        if graph.write(Format::Graphml, "graph", &mut files, &mut || true).is_ok() {
            readers::graphml(files.text("graph"), nodes, relationships);
        }
    }
}

/// Many nodes with literals and references, so that records fill pieces and chunks of the temporary file.
#[test]
fn much_is_written_the_same_with_little_memory() {
    let node = |number: u32| NamedNode::new_unchecked(format!("http://e.org/{number:05}"));
    let property = |name: &str| NamedNode::new_unchecked(format!("http://e.org/ns#{name}"));
    let mut quads = Vec::new();
    for number in (0..4000_u32).map(|number| number * 2459 % 4001) {
        let mut add = |name: &str, object: Term| {
            let graph = GraphName::DefaultGraph;
            quads.push(Quad::new(node(number), property(name), object, graph));
        };
        add("number", Literal::from(number).into());
        add(
            "name",
            Literal::new_language_tagged_literal_unchecked(format!("node {number}"), "en").into(),
        );
        add("next", node(number * 31 % 4001).into());
        add("near", node(number / 7).into());
    }
    let write = |memory| {
        let graph = graph_of(
            &quads,
            Options {
                memory,
                ..options()
            },
        );
        FORMATS.map(|format| export(&graph, format))
    };
    assert_eq!(write(1 << 16), write(1 << 30));
}

#[test]
fn it_ends_when_it_is_asked_to() {
    let quads: Vec<Quad> = (0..10_000)
        .map(|number| {
            let node = NamedNode::new_unchecked(format!("http://e.org/{number}"));
            let next = NamedNode::new_unchecked("http://e.org/next");
            Quad::new(node.clone(), next, node, GraphName::DefaultGraph)
        })
        .collect();
    let builder = || {
        let mut builder = Builder::new(options());
        for quad in &quads {
            builder.add(quad.as_ref()).unwrap();
        }
        builder
    };
    let ended = builder().finish(&mut || false);
    assert!(matches!(ended, Err(SortError::Cancelled)));
    let graph = builder().finish(&mut || true).unwrap();
    for format in FORMATS {
        let ended = graph.write(format, "graph", &mut Written, &mut || false);
        assert!(matches!(ended, Err(SortError::Cancelled)), "{format:?}");
    }
}

/// Files of which nothing is kept.
struct Written;

impl Files for Written {
    fn write(
        &mut self,
        name: &str,
        content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), SinkError> {
        let name = name.to_owned();
        content(&mut io::sink()).map_err(|error| SinkError::Io { name, error })
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
    for format in FORMATS {
        let (files, map) = export(&graph, format);
        assert_eq!(back(&files, &map), expected);
    }
    readers::neo4j(&export(&graph, Format::Neo4jCsv).0.0, nodes, relationships);
    readers::neptune(
        &export(&graph, Format::NeptuneCsv).0.0,
        nodes,
        relationships,
    );
    readers::falkordb(
        &export(&graph, Format::FalkordbCsv).0.0,
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
                 FROM 'rels-THING_REL-Other-Thing.csv' {read} \
                 WHERE NOT EXISTS {{ MATCH (:`Other`)-[r:`THING_REL`]->(:`Thing`) WHERE r.id = id }} \
                 RETURN `from`, `to`, id) (from='Other', to='Thing');"
            ),
        ]
    );
    assert_eq!(
        files.text("nodes-Other.csv"),
        "iri,labels,day,name,tag\n\"http://e.org/a\",\"Other;Thing\",2014-06-29,\"a\\\"\"\n'\",\"=;=x\"\n"
    );
    assert_eq!(map.relationships["THING_REL"].iri, "http://e.org/thing");
}

/// The loader would make other values of texts with space at their ends and of arrays of texts.
#[test]
fn what_the_loader_of_falkordb_would_change_is_made_again() {
    let graph = graph_of(&parse(SMALL), options());
    let (files, map) = export(&graph, Format::FalkordbCsv);
    let script = files.text("load.sh");
    let (_, calls) = script.split_once("--escapechar none").unwrap();
    assert_eq!(
        calls,
        r#" \
  -N Other:Thing 'nodes-Other.csv' \
  -N Thing 'nodes-Thing.csv' \
  -R THING 'rels-THING.csv' \
  -i Other:iri \
  -i Thing:iri
query() {
    falkordb-bulk-update "$graph" -u "$url" --no-header --csv once.csv --query "$1"
}
query 'MATCH (n) WHERE n.`day` IS NOT NULL SET n.`day` = date(n.`day`)'
query 'MATCH (n) WHERE n.`tag` IS NOT NULL SET n.`tag` = split(replace(substring(n.`tag`, 1, size(n.`tag`) - 2), ";", "\r"), "|")'
"#
    );
    assert_eq!(
        files.text("nodes-Other.csv"),
        "iri:ID,day:STRING,name:STRING,tag:STRING\n\"http://e.org/a\",\"2014-06-29\",\"a\\\"\"\n'\",\"=|x=\"\n"
    );
    assert_eq!(map.node_files, ["nodes-Other.csv", "nodes-Thing.csv"]);
    let error = graph_of(
        &parse("<http://e.org/a> <http://e.org/p> \"\\u0000\" ."),
        options(),
    )
    .write(
        Format::FalkordbCsv,
        "graph",
        &mut Memory::default(),
        &mut || true,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "FalkorDB cannot hold the character U+0000"
    );
}

/// What a text with control characters is in a script.
fn in_script(text: &str, dialect: Dialect) -> Result<String, SortError> {
    let literal = Literal::new_simple_literal(text);
    let quads = quads_with(&[("http://e.org/p", literal)]);
    let graph = graph_of(
        &quads,
        Options {
            dialect,
            ..options()
        },
    );
    let mut files = Memory::default();
    graph.write(Format::Cypher, "graph", &mut files, &mut || true)?;
    Ok(files.text("graph").to_owned())
}

fn quads_with(values: &[(&str, Literal)]) -> Vec<Quad> {
    let subject = NamedNode::new_unchecked("http://e.org/a");
    values
        .iter()
        .map(|(predicate, value)| {
            let predicate = NamedNode::new_unchecked(*predicate);
            Quad::new(
                subject.clone(),
                predicate,
                value.clone(),
                GraphName::DefaultGraph,
            )
        })
        .collect()
}

/// `RETURN "\u0041"` gives six characters in `FalkorDB`.
#[test]
fn control_characters_are_as_each_product_reads_them() {
    let text = "a\u{1}\u{7f}\u{2028}b\n";
    let written = in_script(text, Dialect::Neo4j).unwrap();
    assert!(written.contains(r#""a\u0001\u007F\u2028b\n""#), "{written}");
    let written = in_script(text, Dialect::Falkordb).unwrap();
    assert!(
        written.contains("\"a\u{1}\u{7f}\u{2028}b\\n\""),
        "{written}"
    );
    let error = in_script("\0", Dialect::Falkordb).unwrap_err();
    assert_eq!(
        error.to_string(),
        "FalkorDB cannot hold the character U+0000"
    );
}

/// An empty cell is an array of nothing to `neo4j-admin`, and no value to Kuzu.
#[test]
fn one_empty_text_alone_is_not_lost() {
    let quads = parse(
        r#"@prefix : <http://e.org/> .
        :a :one "" ; :many "" . :b :many "x", "y" ."#,
    );
    let graph = graph_of(&quads, options());
    let rows = |format: Format| {
        let (files, map) = export(&graph, format);
        assert_eq!(back(&files, &map).len(), quads.len());
        files.text("nodes-Resource.csv").to_owned()
    };
    let expected = "iri:ID,:LABEL,many:string,one:string
\"http://e.org/a\",\"Resource\",\"[\"\"\"\"]\",\"\"
\"http://e.org/b\",\"Resource\",\"[\"\"x\"\",\"\"y\"\"]\",
";
    assert_eq!(rows(Format::Neo4jCsv), expected);
    let expected = "iri,labels,many,one
\"http://e.org/a\",\"Resource\",\"=\",\"=\"
\"http://e.org/b\",\"Resource\",\"=x;=y\",
";
    assert_eq!(rows(Format::Kuzu), expected);
}

/// Kuzu has such properties itself and makes no table with others of that name.
#[test]
fn names_of_databases_are_left_to_them() {
    let one = Literal::new_simple_literal("x");
    let quads = quads_with(&[
        ("http://e.org/_id", one.clone()),
        ("http://e.org/~Label", one),
    ]);
    let (_, map) = export(&graph_of(&quads, options()), Format::Kuzu);
    let names: Vec<&str> = map.properties.keys().map(String::as_str).collect();
    assert_eq!(names, ["e_org__Label", "e_org__id"]);
}

#[test]
fn long_names_are_names_of_files() {
    let long = "ب".repeat(90);
    let quads = parse(&format!(
        "@prefix : <http://e.org/> . :a a :{long}A ; :{long} :b . :b a :{long}B ."
    ));
    let graph = graph_of(&quads, options());
    for format in FORMATS.into_iter().filter(|format| format.is_folder()) {
        let (files, map) = export(&graph, format);
        let names = map.node_files.iter().chain(&map.relationship_files);
        let names: BTreeSet<&String> = names.collect();
        assert_eq!(names.len(), 3, "{format:?}");
        assert!(names.iter().all(|name| name.len() < 210), "{names:?}");
        assert_eq!(back(&files, &map).len(), quads.len());
    }
}

/// Databases keep microseconds, or drop what is finer without a word.
#[test]
fn what_is_finer_than_databases_keep_is_text() {
    let datatype = NamedNode::new_unchecked("http://www.w3.org/2001/XMLSchema#dateTime");
    let time = |text: &str| Literal::new_typed_literal(text, datatype.clone());
    let quads = quads_with(&[
        ("http://e.org/p", time("2014-06-29T10:00:00.123456")),
        ("http://e.org/q", time("2014-06-29T10:00:00.1234567")),
    ]);
    let (files, _) = export(&graph_of(&quads, options()), Format::Cypher);
    let text = files.text("graph");
    assert!(text.contains(r#"`p`: localdatetime("2014-06-29T10:00:00.123456")"#));
    assert!(text.contains(r#"`q_lexical`: "2014-06-29T10:00:00.1234567""#));
}

#[test]
fn folds_that_fold_nothing_take_no_name() {
    let folds = vec![Fold {
        class: "http://e.org/Knows".to_owned(),
        from: "http://e.org/from".to_owned(),
        to: "http://e.org/to".to_owned(),
    }];
    let quads = parse("@prefix : <http://e.org/> . :a :knows :b .");
    let (_, map) = export(
        &graph_of(&quads, Options { folds, ..options() }),
        Format::Jsonl,
    );
    let names: Vec<&str> = map.relationships.keys().map(String::as_str).collect();
    assert_eq!(names, ["KNOWS"]);
}

/// The identifier of the only relationship of a graph.
fn graph_id(graph: &PropertyGraph) -> String {
    let (files, _) = export(graph, Format::Jsonl);
    let line = files.text("graph").lines().next_back().unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["id"].as_str().unwrap().to_owned()
}
