//! The words that are written.

use crate::mapping::rml::model::{Formulation, GatherAs, Root, TermType};
use crate::rdf::prefixes::Prefixes;
use oxrdf::NamedNode;

const RML: &str = "http://w3id.org/rml/";
const CSVW: &str = "http://www.w3.org/ns/csvw#";
const DCAT: &str = "http://www.w3.org/ns/dcat#";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Namespaces of the words that are written, and of those that mappings speak of most, by prefix.
const PREFIXES: &[(&str, &str)] = &[
    ("rml", RML),
    ("rdf", RDF),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("csvw", CSVW),
    ("dcat", DCAT),
    ("formats", "http://www.w3.org/ns/formats/"),
    ("grel", "http://users.ugent.be/~bjdmeest/function/grel.ttl#"),
    ("idlab-fn", "https://w3id.org/imec/idlab/function#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("schema", "http://schema.org/"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("dcterms", "http://purl.org/dc/terms/"),
];

/// The namespaces of words that are no longer written.
const OLD: &[&str] = &[
    "http://www.w3.org/ns/r2rml#",
    "http://semweb.mmlab.be/ns/rml#",
    "http://semweb.mmlab.be/ns/ql#",
    "http://semweb.mmlab.be/ns/fnml#",
    "http://semweb.mmlab.be/ns/rml-target#",
];

/// A word of RML.
pub(super) fn rml(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{RML}{name}"))
}

/// A word of CSVW.
pub(super) fn csvw(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{CSVW}{name}"))
}

/// A word of DCAT.
pub(super) fn dcat(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{DCAT}{name}"))
}

/// The prefixes of the documents that were read, then those of the words that are written.
pub(super) fn prefixes(declared: &[(String, String)]) -> Prefixes {
    let mut prefixes = Prefixes::default();
    // `rml` stood for another namespace in most documents.
    drop(prefixes.insert("rml", RML));
    for (prefix, namespace) in declared {
        let is_old = OLD.contains(&namespace.as_str());
        if !is_old && namespace != RML && prefix != "rml" {
            // What Turtle cannot declare is written in full.
            drop(prefixes.insert(prefix, namespace));
        }
    }
    for (prefix, namespace) in PREFIXES {
        let is_known = prefixes
            .iter()
            .any(|(known, of)| of == *namespace || known == *prefix);
        if !is_known {
            drop(prefixes.insert(*prefix, *namespace));
        }
    }
    prefixes
}

/// The IRI of a term type.
pub(super) fn term_type(term_type: TermType) -> NamedNode {
    rml(match term_type {
        TermType::Iri => "IRI",
        TermType::Uri => "URI",
        TermType::UnsafeIri => "UnsafeIRI",
        TermType::UnsafeUri => "UnsafeURI",
        TermType::BlankNode => "BlankNode",
        TermType::Literal => "Literal",
    })
}

/// The IRI of what is gathered into.
pub(super) fn gather_as(kind: GatherAs) -> NamedNode {
    let name = match kind {
        GatherAs::List => "List",
        GatherAs::Bag => "Bag",
        GatherAs::Seq => "Seq",
        GatherAs::Alt => "Alt",
    };
    NamedNode::new_unchecked(format!("{RDF}{name}"))
}

/// The IRI of a reference formulation.
pub(super) fn formulation(formulation: &Formulation) -> NamedNode {
    match formulation {
        Formulation::Csv => rml("CSV"),
        Formulation::JsonPath => rml("JSONPath"),
        Formulation::Other(iri) => NamedNode::new_unchecked(iri),
    }
}

/// The root of a relative path, where one is stated.
pub(super) fn root(root: &Root) -> Option<super::turtle::Value> {
    match root {
        Root::Unstated => None,
        Root::MappingDirectory => Some(rml("MappingDirectory").into()),
        Root::CurrentWorkingDirectory => Some(rml("CurrentWorkingDirectory").into()),
        Root::Path(path) => Some(super::turtle::Value::text(path)),
    }
}
