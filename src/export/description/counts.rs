//! Counts over one graph.
//!
//! In: a store and the name of a graph. Out: numbers, classes and properties, ordered by IRI.

use oxigraph::store::{StorageError, Store};
use oxrdf::vocab::rdf;
use oxrdf::{BlankNode, GraphNameRef, NamedOrBlankNode, Term};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What a graph holds.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) triples: u64,
    /// The IRIs of subjects, sorted.
    pub(super) entities: BTreeSet<String>,
    blank_subjects: HashSet<BlankNode>,
    objects: HashSet<Term>,
    pub(super) classes: BTreeMap<String, Class>,
    /// Triples by property.
    pub(super) properties: BTreeMap<String, u64>,
}

/// What a class holds.
#[derive(Debug, Default)]
pub(super) struct Class {
    pub(super) members: u64,
    /// The first of the members that have an IRI.
    pub(super) example: Option<String>,
}

impl Counts {
    pub(super) fn of(store: &Store, graph: GraphNameRef<'_>) -> Result<Self, StorageError> {
        let mut counts = Self::default();
        for quad in store.quads_for_pattern(None, None, None, Some(graph)) {
            let quad = quad?;
            counts.triples += 1;
            count(&mut counts.properties, quad.predicate.as_str());
            if quad.predicate == rdf::TYPE
                && let Term::NamedNode(class) = &quad.object
            {
                counts.add_member(class.as_str(), &quad.subject);
            }
            counts.objects.insert(quad.object);
            match quad.subject {
                NamedOrBlankNode::NamedNode(node) => {
                    counts.entities.insert(node.into_string());
                }
                NamedOrBlankNode::BlankNode(node) => {
                    counts.blank_subjects.insert(node);
                }
            }
        }
        Ok(counts)
    }

    pub(super) fn subjects(&self) -> u64 {
        (self.entities.len() + self.blank_subjects.len()) as u64
    }

    pub(super) fn objects(&self) -> u64 {
        self.objects.len() as u64
    }

    /// What the IRIs of all entities begin with, up to a `/` or `#` behind the host's name.
    ///
    /// Spec: VoID §4.2
    pub(super) fn uri_space(&self) -> Option<&str> {
        // In a sorted set the first and the last differ most.
        let (first, last) = (self.entities.first()?, self.entities.last()?);
        let common = first
            .char_indices()
            .zip(last.chars())
            .find(|((_, a), b)| a != b)
            .map_or(first.len().min(last.len()), |((index, _), _)| index);
        let end = first[..common].rfind(['/', '#'])? + 1;
        let host = first.find("://")? + 3;
        (end > host).then(|| &first[..end])
    }

    fn add_member(&mut self, class: &str, member: &NamedOrBlankNode) {
        if !self.classes.contains_key(class) {
            self.classes.insert(class.to_owned(), Class::default());
        }
        let Some(class) = self.classes.get_mut(class) else {
            return;
        };
        class.members += 1;
        if let NamedOrBlankNode::NamedNode(node) = member
            && class
                .example
                .as_deref()
                .is_none_or(|example| node.as_str() < example)
        {
            class.example = Some(node.as_str().to_owned());
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entities: &[&str], expected: Option<&str>) {
        let counts = Counts {
            entities: entities.iter().map(|iri| (*iri).to_owned()).collect(),
            ..Counts::default()
        };
        assert_eq!(counts.uri_space(), expected);
    }

    #[test]
    fn the_uri_space_is_what_entities_share() {
        check(&[], None);
        check(&["http://e.org/id/a"], Some("http://e.org/id/"));
        check(
            &["http://e.org/id/a", "http://e.org/id/b"],
            Some("http://e.org/id/"),
        );
        check(
            &["http://e.org/id/a", "http://e.org/ix/b"],
            Some("http://e.org/"),
        );
        check(
            &["http://e.org/o#a", "http://e.org/o#b"],
            Some("http://e.org/o#"),
        );
        check(&["http://e.org/a", "http://f.org/b"], None);
        check(&["urn:a", "urn:b"], None);
    }
}
