//! The mapping of a workload, its constants ready to be copied.

use serde_json::Value;

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

/// A piece of a template.
pub enum Part {
    Text(Vec<u8>),
    Column(usize),
}

/// What stands between the head and the tail of a line.
pub enum Object {
    /// The text of a column, as a literal.
    Literal(usize),
    /// An IRI, the values made safe.
    Iri(Vec<Part>),
    /// A column that holds IRIs.
    RawIri(usize),
    /// Nothing: it is in the head.
    Constant,
}

/// One line of N-Triples for each row.
pub struct Line {
    /// From behind the subject to the object: the predicate and an opening `"` or `<`.
    pub head: Vec<u8>,
    pub object: Object,
    /// From behind the object to the line feed.
    pub tail: Vec<u8>,
}

/// One triples map.
pub struct Spec {
    pub csv: String,
    pub subject: Vec<Part>,
    pub lines: Vec<Line>,
    pub columns: usize,
}

impl Spec {
    /// The only triples map of a workload.
    pub fn read(folder: &str) -> Self {
        let text = std::fs::read(format!("{folder}/spec.json")).expect("a workload");
        let spec: Value = serde_json::from_slice(&text).expect("JSON");
        assert!(
            spec.as_array().is_some_and(|maps| maps.len() == 1),
            "one triples map"
        );
        let map = &spec[0];
        let csv = format!("{folder}/{}", map["source"].as_str().expect("a source"));
        let mut reader = csv::Reader::from_path(&csv).expect("a table");
        let header: Vec<_> = reader
            .headers()
            .expect("a header")
            .iter()
            .map(String::from)
            .collect();
        let column = |name: &str| {
            header
                .iter()
                .position(|other| other == name)
                .expect("a column")
        };
        let mut lines = Vec::new();
        if let Some(class) = map["class"].as_str() {
            lines.push(Line {
                head: format!("<{RDF_TYPE}> <{class}> .\n").into(),
                object: Object::Constant,
                tail: Vec::new(),
            });
        }
        for pom in map["poms"].as_array().expect("predicates and objects") {
            let predicate = pom[0].as_str().expect("an IRI");
            let word = |index: usize| pom[1][index].as_str();
            let first = word(1).expect("a column or template");
            let literal = |end: String| (Object::Literal(column(first)), '"', end);
            let (object, open, tail) = match (word(0), word(2), word(3)) {
                (Some("ref"), Some(datatype), _) => literal(format!("\"^^<{XSD}{datatype}> .\n")),
                (Some("ref"), _, Some(language)) => literal(format!("\"@{language} .\n")),
                (Some("ref"), ..) => literal("\" .\n".to_owned()),
                (Some("tpl"), ..) => (Object::Iri(parts(first, column)), '<', "> .\n".to_owned()),
                (Some("iri"), ..) => (Object::RawIri(column(first)), '<', "> .\n".to_owned()),
                (kind, ..) => panic!("no {kind:?} here"),
            };
            let head = format!("<{predicate}> {open}").into();
            lines.push(Line {
                head,
                object,
                tail: tail.into(),
            });
        }
        let subject = parts(map["subject"].as_str().expect("a template"), column);
        Self {
            csv,
            subject,
            lines,
            columns: header.len(),
        }
    }
}

fn parts(template: &str, column: impl Fn(&str) -> usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((text, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').expect("a closing brace");
        if !text.is_empty() {
            parts.push(Part::Text(text.into()));
        }
        parts.push(Part::Column(column(name)));
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.into()));
    }
    parts
}
