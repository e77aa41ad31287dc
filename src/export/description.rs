//! The description of the dataset: VoID and DCAT.
//!
//! In: a loaded store, the metadata of the tables, and the files that were written. Out: triples.
//! All nodes are IRIs under `<base>dataset`, so that two builds can be compared line by line; no
//! time is written, so that the same input gives the same bytes.
//!
//! Spec: VoID §2 to §4, DCAT §6

use oxigraph::io::RdfFormat;
use oxigraph::store::{StorageError, Store};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Graph, GraphName, GraphNameRef, Literal, NamedNode, NamedOrBlankNode, Term, Triple};
use std::collections::{BTreeMap, BTreeSet};

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

/// Describes what a store holds: its default graph as the dataset, named graphs as subsets.
///
/// Memory: the distinct subjects, objects, classes and properties of one graph.
///
/// # Errors
/// When the store cannot be read.
pub fn describe(store: &Store, described: &Described) -> Result<Graph, StorageError> {
    let mut writer = Writer {
        graph: Graph::new(),
    };
    let dataset = NamedNode::new_unchecked(format!("{}dataset", described.base));
    writer.class(&dataset, VOID, "Dataset");
    writer.class(&dataset, DCAT, "Dataset");
    for (predicate, value) in &described.annotations {
        writer.graph.insert(&Triple::new(
            dataset.clone(),
            predicate.clone(),
            value.clone(),
        ));
    }
    let counts = Counts::of(store, GraphNameRef::DefaultGraph)?;
    writer.counts(&dataset, &counts, Detail::Partitions);
    if let Some(example) = counts.example() {
        writer.add(&dataset, VOID, "exampleResource", example);
    }
    writer.literal(
        &dataset,
        VOID,
        "uriSpace",
        &format!("{}id/", described.base),
        None,
    );
    for name in &described.named_graphs {
        let counts = Counts::of(store, GraphNameRef::NamedNode(name.as_ref()))?;
        writer.add(&dataset, VOID, "subset", name.clone());
        writer.class(name, VOID, "Dataset");
        writer.counts(name, &counts, Detail::Totals);
    }
    for (index, distribution) in described.distributions.iter().enumerate() {
        let node =
            NamedNode::new_unchecked(format!("{}/distribution-{}", dataset.as_str(), index + 1));
        writer.add(&dataset, DCAT, "distribution", node.clone());
        writer.class(&node, DCAT, "Distribution");
        writer.literal(&node, DCTERMS, "title", &distribution.file, None);
        let media = NamedNode::new_unchecked(format!(
            "{MEDIA_TYPES}{}",
            distribution
                .format
                .media_type()
                .split(';')
                .next()
                .unwrap_or_default()
        ));
        writer.add(&node, DCAT, "mediaType", media);
        let feature = NamedNode::new_unchecked(distribution.format.iri());
        writer.add(&dataset, VOID, "feature", feature);
        if let Ok(download) = crate::rdf::iri::resolve(&described.base, &distribution.file) {
            writer.add(
                &node,
                DCAT,
                "downloadURL",
                NamedNode::new_unchecked(download),
            );
        }
    }
    Ok(writer.graph)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Totals,
    Partitions,
}

#[derive(Default)]
struct Counts {
    triples: u64,
    subjects: BTreeSet<String>,
    objects: BTreeSet<String>,
    classes: BTreeMap<String, u64>,
    properties: BTreeMap<String, u64>,
}

impl Counts {
    fn of(store: &Store, graph: GraphNameRef<'_>) -> Result<Self, StorageError> {
        let mut counts = Self::default();
        for quad in store.quads_for_pattern(None, None, None, Some(graph)) {
            let quad = quad?;
            counts.triples += 1;
            *counts
                .properties
                .entry(quad.predicate.as_str().to_owned())
                .or_default() += 1;
            if quad.predicate == rdf::TYPE
                && let Term::NamedNode(class) = &quad.object
            {
                *counts.classes.entry(class.as_str().to_owned()).or_default() += 1;
            }
            counts.objects.insert(quad.object.to_string());
            counts.subjects.insert(match quad.subject {
                NamedOrBlankNode::NamedNode(node) => node.into_string(),
                NamedOrBlankNode::BlankNode(node) => node.to_string(),
            });
        }
        Ok(counts)
    }

    // The first subject, by its IRI, is as good an example as any, and the same each time.
    fn example(&self) -> Option<NamedNode> {
        let subjects = self.subjects.iter();
        subjects
            .filter(|subject| !subject.starts_with("_:"))
            .map(NamedNode::new_unchecked)
            .next()
    }
}

struct Writer {
    graph: Graph,
}

impl Writer {
    fn add(&mut self, subject: &NamedNode, ns: &str, name: &str, object: impl Into<Term>) {
        let predicate = NamedNode::new_unchecked(format!("{ns}{name}"));
        self.graph
            .insert(&Triple::new(subject.clone(), predicate, object));
    }

    fn class(&mut self, subject: &NamedNode, ns: &str, name: &str) {
        let class = NamedNode::new_unchecked(format!("{ns}{name}"));
        self.graph
            .insert(&Triple::new(subject.clone(), rdf::TYPE, class));
    }

    fn literal(
        &mut self,
        subject: &NamedNode,
        ns: &str,
        name: &str,
        text: &str,
        language: Option<&str>,
    ) {
        let literal = match language {
            Some(language) => Literal::new_language_tagged_literal_unchecked(text, language),
            None => Literal::new_simple_literal(text),
        };
        self.add(subject, ns, name, literal);
    }

    fn number(&mut self, subject: &NamedNode, name: &str, number: u64) {
        let literal = Literal::new_typed_literal(number.to_string(), xsd::INTEGER);
        self.add(subject, VOID, name, literal);
    }

    fn counts(&mut self, subject: &NamedNode, counts: &Counts, detail: Detail) {
        self.number(subject, "triples", counts.triples);
        self.number(subject, "entities", counts.subjects.len() as u64);
        self.number(subject, "distinctSubjects", counts.subjects.len() as u64);
        self.number(subject, "distinctObjects", counts.objects.len() as u64);
        self.number(subject, "properties", counts.properties.len() as u64);
        self.number(subject, "classes", counts.classes.len() as u64);
        if detail == Detail::Totals {
            return;
        }
        let mut vocabularies = BTreeSet::new();
        for (class, entities) in &counts.classes {
            let node = partition(subject, "class", class);
            self.add(subject, VOID, "classPartition", node.clone());
            self.add(
                &node,
                VOID,
                "class",
                NamedNode::new_unchecked(class.as_str()),
            );
            self.number(&node, "entities", *entities);
            vocabularies.insert(namespace(class));
        }
        for (property, triples) in &counts.properties {
            let node = partition(subject, "property", property);
            self.add(subject, VOID, "propertyPartition", node.clone());
            self.add(
                &node,
                VOID,
                "property",
                NamedNode::new_unchecked(property.as_str()),
            );
            self.number(&node, "triples", *triples);
            vocabularies.insert(namespace(property));
        }
        for vocabulary in vocabularies {
            self.add(
                subject,
                VOID,
                "vocabulary",
                NamedNode::new_unchecked(vocabulary),
            );
        }
    }
}

// The namespace of a term: up to its last `#`, `/` or `:`.
fn namespace(iri: &str) -> &str {
    iri.rfind(['#', '/', ':']).map_or(iri, |at| &iri[..=at])
}

// A name that is the same each time and differs where the terms do.
fn partition(dataset: &NamedNode, kind: &str, term: &str) -> NamedNode {
    let tail = term
        .split_once("://")
        .map_or(term, |(_, tail)| tail)
        .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    NamedNode::new_unchecked(format!("{}/{kind}-{tail}", dataset.as_str()))
}

/// Puts a description into its graph of a store; gives its triples.
///
/// # Errors
/// When the store cannot be read or written.
pub fn describe_into(
    store: &Store,
    described: &Described,
    name: &NamedNode,
) -> Result<Graph, StorageError> {
    let graph = describe(store, described)?;
    let mut loader = store.bulk_loader();
    loader.load_quads(graph.iter().map(|triple| {
        triple
            .into_owned()
            .in_graph(GraphName::NamedNode(name.clone()))
    }))?;
    loader.commit()?;
    Ok(graph)
}
