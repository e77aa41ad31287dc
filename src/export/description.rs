//! The description of the dataset: VoID and DCAT.
//!
//! In: what was counted while the triples came, or a loaded store, the metadata of the tables, and
//! the files that were written. Out: triples.
//! All nodes are IRIs under `<base>dataset`, so that two builds can be compared line by line; no
//! time is written, so that the same input gives the same bytes.
//!
//! Spec: VoID §2 to §4, DCAT §6

mod counts;

use crate::compression::Compression;
use crate::rdf::iri;
use crate::rdf::prefixes::Prefixes;
pub use counts::Counts;
use oxigraph::io::RdfFormat;
use oxigraph::store::{StorageError, Store};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Graph, GraphName, GraphNameRef, Literal, NamedNode, NamedNodeRef, Term, Triple};
use std::collections::BTreeSet;

const VOID: &str = "http://rdfs.org/ns/void#";
const DCAT: &str = "http://www.w3.org/ns/dcat#";
const DCTERMS: &str = "http://purl.org/dc/terms/";
const MEDIA_TYPES: &str = "https://www.iana.org/assignments/media-types/";

/// What is known of a dataset beside its triples.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// The IRI that it is published under; ends in a slash.
    pub base: String,
    /// What the metadata says of it: title, licence, source and so on.
    pub annotations: Vec<(NamedNode, Term)>,
    /// Its named graphs.
    pub named_graphs: Vec<NamedNode>,
    /// The files that hold it.
    pub distributions: Vec<Distribution>,
}

/// A file that holds the dataset.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Its name, relative to the base.
    pub file: String,
    /// Its format.
    pub format: RdfFormat,
}

/// Describes what a store holds: its default graph as the dataset `<base>dataset`, named graphs as
/// subsets. Classes and properties have partitions with counts under `<base>dataset/`.
///
/// Memory: the [`Counts`] of one graph at a time.
///
/// # Errors
/// When the store cannot be read.
///
/// # Examples
///
/// ```
/// use coalition_kg::export::description::{Described, describe};
/// use oxigraph::io::RdfFormat;
/// use oxigraph::store::Store;
///
/// let store = Store::new()?;
/// store.load_from_slice(RdfFormat::Turtle, "<http://e.org/a> a <http://e.org/C> .")?;
/// let described = Described { base: "http://e.org/".to_owned(), ..Described::default() };
/// let graph = describe(&store, &described)?;
/// assert!(graph.iter().any(|triple| triple.to_string().contains("void#triples> \"1\"")));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn describe(store: &Store, described: &Described) -> Result<Graph, StorageError> {
    let counts = Counts::of(store, GraphNameRef::DefaultGraph)?;
    describe_counted(&counts, store, described)
}

/// Like [`describe`] with the triples of the dataset counted already: the store needs to hold the
/// named graphs only.
///
/// # Errors
/// When the store cannot be read.
pub fn describe_counted(
    counts: &Counts,
    store: &Store,
    described: &Described,
) -> Result<Graph, StorageError> {
    let dataset = NamedNode::new_unchecked(format!("{}dataset", described.base));
    let mut writer = Writer::new(&described.base);
    writer.add(&dataset, rdf::TYPE, term(VOID, "Dataset"));
    writer.add(&dataset, rdf::TYPE, term(DCAT, "Dataset"));
    for (predicate, value) in &described.annotations {
        writer.add(&dataset, predicate.as_ref(), value.clone());
    }

    writer.write_totals(&dataset, counts);
    writer.write_partitions(&dataset, counts);
    if let Some(space) = counts.uri_space() {
        writer.add(&dataset, &term(VOID, "uriSpace"), Literal::from(space));
    }
    if let Some(example) = counts.example() {
        writer.add_iri(&dataset, VOID, "exampleResource", example);
    }

    for name in &described.named_graphs {
        let counts = Counts::of(store, GraphNameRef::NamedNode(name.as_ref()))?;
        writer.add(&dataset, &term(VOID, "subset"), name.clone());
        writer.add(name, rdf::TYPE, term(VOID, "Dataset"));
        writer.write_totals(name, &counts);
    }
    for distribution in &described.distributions {
        writer.write_distribution(&dataset, distribution);
    }
    Ok(writer.graph)
}

/// Puts the description of what was counted, and of the named graphs of a store, into its graph of
/// that store; gives its triples.
///
/// # Errors
/// When the store cannot be read or written.
pub fn describe_into(
    counts: &Counts,
    store: &Store,
    described: &Described,
    name: &NamedNode,
) -> Result<Graph, StorageError> {
    let graph = describe_counted(counts, store, described)?;
    let mut loader = store.bulk_loader();
    loader.load_quads(graph.iter().map(|triple| {
        triple
            .into_owned()
            .in_graph(GraphName::NamedNode(name.clone()))
    }))?;
    loader.commit()?;
    Ok(graph)
}

fn term(namespace: &str, name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{namespace}{name}"))
}

struct Writer<'a> {
    graph: Graph,
    base: &'a str,
    prefixes: Prefixes,
    /// The IRIs of partitions and distributions that are taken.
    parts: BTreeSet<String>,
}

impl<'a> Writer<'a> {
    fn new(base: &'a str) -> Self {
        Self {
            graph: Graph::new(),
            base,
            prefixes: Prefixes::well_known(),
            parts: BTreeSet::new(),
        }
    }

    fn add<'t>(
        &mut self,
        subject: &NamedNode,
        predicate: impl Into<NamedNodeRef<'t>>,
        object: impl Into<Term>,
    ) {
        let predicate = predicate.into().into_owned();
        self.graph
            .insert(&Triple::new(subject.clone(), predicate, object));
    }

    fn add_iri(&mut self, subject: &NamedNode, namespace: &str, name: &str, iri: &str) {
        let predicate = term(namespace, name);
        self.add(subject, &predicate, NamedNode::new_unchecked(iri));
    }

    fn add_count(&mut self, subject: &NamedNode, name: &str, count: u64) {
        let count = Literal::new_typed_literal(count.to_string(), xsd::INTEGER);
        self.add(subject, &term(VOID, name), count);
    }

    /// Spec: VoID §4.6
    fn write_totals(&mut self, dataset: &NamedNode, counts: &Counts) {
        self.add_count(dataset, "triples", counts.triples());
        self.add_count(dataset, "entities", counts.entities());
        self.add_count(dataset, "distinctSubjects", counts.subjects());
        self.add_count(dataset, "distinctObjects", counts.objects());
        self.add_count(dataset, "properties", counts.properties().len() as u64);
        self.add_count(dataset, "classes", counts.classes().len() as u64);
    }

    /// Spec: VoID §4.4 and §4.5
    fn write_partitions(&mut self, dataset: &NamedNode, counts: &Counts) {
        let mut vocabularies = BTreeSet::new();
        for (iri, class) in counts.classes() {
            let part = self.part(dataset, "class", iri);
            self.add(dataset, &term(VOID, "classPartition"), part.clone());
            self.add_iri(&part, VOID, "class", iri);
            self.add_count(&part, "entities", class.members);
            if let Some(example) = &class.example {
                self.add_iri(&part, VOID, "exampleResource", example);
            }
            vocabularies.insert(namespace(iri));
        }
        for (iri, triples) in counts.properties() {
            let part = self.part(dataset, "property", iri);
            self.add(dataset, &term(VOID, "propertyPartition"), part.clone());
            self.add_iri(&part, VOID, "property", iri);
            self.add_count(&part, "triples", triples);
            vocabularies.insert(namespace(iri));
        }
        for vocabulary in vocabularies {
            self.add_iri(dataset, VOID, "vocabulary", vocabulary);
        }
    }

    /// Spec: DCAT §6.8; VoID §3.2 and §3.3
    fn write_distribution(&mut self, dataset: &NamedNode, distribution: &Distribution) {
        let part = self.part(dataset, "distribution", &distribution.file);
        self.add(dataset, &term(DCAT, "distribution"), part.clone());
        self.add(&part, rdf::TYPE, term(DCAT, "Distribution"));
        let title = Literal::from(distribution.file.as_str());
        self.add(&part, &term(DCTERMS, "title"), title);
        let media_type = distribution.format.media_type();
        let media_type = media_type.split(';').next().unwrap_or(media_type);
        self.add(
            &part,
            &term(DCAT, "mediaType"),
            term(MEDIA_TYPES, media_type),
        );
        if let Some(compression) = Compression::of_name(&distribution.file) {
            self.add(
                &part,
                &term(DCAT, "compressFormat"),
                term(MEDIA_TYPES, compression.media_type()),
            );
        }
        self.add_iri(dataset, VOID, "feature", distribution.format.iri());
        if let Ok(download) = iri::resolve(self.base, &distribution.file) {
            self.add_iri(&part, DCAT, "downloadURL", &download);
            self.add_iri(dataset, VOID, "dataDump", &download);
        }
    }

    /// An IRI under the dataset's for a part of it: the same each time, and each its own. Terms of
    /// well-known vocabularies go by prefix and name, those under the base by what follows it.
    fn part(&mut self, dataset: &NamedNode, kind: &str, about: &str) -> NamedNode {
        let name = if let Some(compact) = self.prefixes.compact(about) {
            compact.to_string()
        } else {
            let bare = about.strip_prefix(self.base).unwrap_or(about);
            bare.split_once("://")
                .map_or(bare, |(_, rest)| rest)
                .to_owned()
        };
        let name = name.replace(
            |c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_',
            "-",
        );
        let first = format!("{}/{kind}-{name}", dataset.as_str());
        let mut iri = first.clone();
        let mut number = 1;
        while !self.parts.insert(iri.clone()) {
            number += 1;
            iri = format!("{first}-{number}");
        }
        NamedNode::new_unchecked(iri)
    }
}

/// The namespace of a term: up to its last `#`, `/` or `:`.
fn namespace(iri: &str) -> &str {
    iri.rfind(['#', '/', ':']).map_or(iri, |at| &iri[..=at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::turtle::TurtleWriter;

    const DATA: &str = r#"
@prefix : <https://e.org/ontology#> .
@prefix id: <https://e.org/id/> .
@prefix org: <http://www.w3.org/ns/org#> .
id:b a :Thing ; :name "B" ; org:memberOf id:a .
id:a a :Thing, org:Organization ; :name "A", "B" .
_:x a :Thing .
<https://e.org/graph/inferred> { id:a org:hasMember id:b }
"#;

    const EXPECTED: &str = r#"@prefix : <https://e.org/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix id: <https://e.org/id/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix part: <https://e.org/dataset/> .
@prefix void: <http://rdfs.org/ns/void#> .

:dataset a dcat:Dataset, void:Dataset ;
    dcat:distribution part:distribution-graph.ttl ;
    dcterms:title "Title"@en ;
    void:classPartition
        part:class-ontology-Thing,
        part:class-org-Organization ;
    void:classes 2 ;
    void:dataDump :graph.ttl ;
    void:distinctObjects 5 ;
    void:distinctSubjects 3 ;
    void:entities 2 ;
    void:exampleResource id:a ;
    void:feature <http://www.w3.org/ns/formats/Turtle> ;
    void:properties 3 ;
    void:propertyPartition
        part:property-ontology-name,
        part:property-org-memberOf,
        part:property-rdf-type ;
    void:subset <https://e.org/graph/inferred> ;
    void:triples 8 ;
    void:uriSpace "https://e.org/id/" ;
    void:vocabulary
        <http://www.w3.org/1999/02/22-rdf-syntax-ns#>,
        <http://www.w3.org/ns/org#>,
        <https://e.org/ontology#> .

<https://e.org/graph/inferred> a void:Dataset ;
    void:classes 0 ;
    void:distinctObjects 1 ;
    void:distinctSubjects 1 ;
    void:entities 1 ;
    void:properties 1 ;
    void:triples 1 .

part:class-ontology-Thing void:class <https://e.org/ontology#Thing> ;
    void:entities 3 ;
    void:exampleResource id:a .

part:class-org-Organization void:class org:Organization ;
    void:entities 1 ;
    void:exampleResource id:a .

part:distribution-graph.ttl a dcat:Distribution ;
    dcat:downloadURL :graph.ttl ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/text/turtle> ;
    dcterms:title "graph.ttl" .

part:property-ontology-name void:property <https://e.org/ontology#name> ;
    void:triples 3 .

part:property-org-memberOf void:property org:memberOf ;
    void:triples 1 .

part:property-rdf-type void:property <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ;
    void:triples 4 .
"#;

    fn described() -> Described {
        Described {
            base: "https://e.org/".to_owned(),
            annotations: vec![(
                term(DCTERMS, "title"),
                Literal::new_language_tagged_literal_unchecked("Title", "en").into(),
            )],
            named_graphs: vec![NamedNode::new_unchecked("https://e.org/graph/inferred")],
            distributions: vec![Distribution {
                file: "graph.ttl".to_owned(),
                format: RdfFormat::Turtle,
            }],
        }
    }

    fn turtle(graph: &Graph) -> String {
        let mut prefixes = Prefixes::new();
        for (prefix, namespace) in [
            ("", "https://e.org/"),
            ("id", "https://e.org/id/"),
            ("part", "https://e.org/dataset/"),
            ("dcat", DCAT),
            ("dcterms", DCTERMS),
            ("org", "http://www.w3.org/ns/org#"),
            ("void", VOID),
        ] {
            prefixes.insert(prefix, namespace).unwrap();
        }
        let mut writer = TurtleWriter::new(prefixes).for_writer(Vec::new());
        for triple in graph {
            writer.push_triple(triple).unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_store_is_described() {
        let store = Store::new().unwrap();
        store.load_from_slice(RdfFormat::TriG, DATA).unwrap();
        assert_eq!(turtle(&describe(&store, &described()).unwrap()), EXPECTED);
    }

    #[test]
    fn the_description_goes_into_its_graph() {
        let store = Store::new().unwrap();
        let name = NamedNode::new_unchecked("https://e.org/graph/description");
        let graph =
            describe_into(&Counts::default(), &store, &Described::default(), &name).unwrap();
        assert_eq!(store.len().unwrap(), graph.len());
        assert!(store.contains_named_graph(&name).unwrap());
    }

    #[test]
    fn parts_have_names_of_their_own() {
        let dataset = NamedNode::new_unchecked("https://e.org/dataset");
        let mut writer = Writer::new("https://e.org/");
        let mut check = |about: &str, expected: &str| {
            let part = writer.part(&dataset, "class", about);
            assert_eq!(
                part.as_str(),
                format!("https://e.org/dataset/class-{expected}")
            );
        };
        check("https://e.org/ontology#A", "ontology-A");
        check("https://e.org/ontology/A", "ontology-A-2");
        check(
            "http://www.w3.org/2004/02/skos/core#Concept",
            "skos-Concept",
        );
        check("http://f.org/x#A", "f.org-x-A");
        check("urn:x:y", "urn-x-y");
    }
}
