//! Counts over one graph.
//!
//! In: the triples of a graph as they come, or a store and the name of a graph. Out: numbers,
//! classes and properties, ordered by IRI. Triples that come again are told, so that whoever
//! counts need not look for them a second time.

use oxigraph::store::{StorageError, Store};
use oxrdf::vocab::rdf;
use oxrdf::{GraphNameRef, NamedNodeRef, NamedOrBlankNodeRef, Quad, QuadRef, TermRef};
use rustc_hash::{FxHashMap, FxHashSet};
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::collections::BTreeMap;
use std::hash::Hasher as _;

/// Counts what a graph holds: each triple once, however often it comes.
///
/// Terms are told apart by 128 bits (SipHash-1-3 of kind and text), triples by those of their
/// terms: that two different ones among 4,000 million are taken for one has the chance 1 in 2⁶⁵.
///
/// Memory: 19 to 39 bytes for each distinct triple, subject and object, half as much again for a
/// moment while one of the three sets grows; each class and property.
///
/// # Examples
///
/// ```
/// use coalition_kg::export::description::Counts;
/// use oxrdf::vocab::rdf;
/// use oxrdf::{GraphNameRef, QuadRef};
///
/// let triple = QuadRef::new(rdf::VALUE, rdf::TYPE, rdf::PROPERTY, GraphNameRef::DefaultGraph);
/// let mut counts = Counts::default();
/// assert!(counts.add(triple));
/// assert!(!counts.add(triple));
/// assert_eq!(counts.triples(), 1);
/// ```
#[derive(Debug, Default)]
pub struct Counts {
    triples: FxHashSet<u128>,
    subjects: FxHashSet<u128>,
    objects: FxHashSet<u128>,
    entities: u64,
    /// The first and the last IRI of a subject, in the order of their text.
    outermost: Option<(String, String)>,
    classes: BTreeMap<String, Class>,
    /// Which property it is, in order of arrival.
    properties: FxHashMap<String, usize>,
    /// Of each property.
    of_property: Vec<u64>,
    /// The last subject: what is said of one thing mostly comes together.
    subject: Subject,
    /// What is counted right now.
    prints: Vec<Prints>,
    new: Vec<bool>,
}

/// What a class holds.
#[derive(Debug, Default)]
pub(super) struct Class {
    pub(super) members: u64,
    /// The first of the members that have an IRI.
    pub(super) example: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Prints {
    triple: u128,
    subject: u128,
    object: u128,
    property: usize,
    /// Whether the subject is another than that of the triple before.
    is_other: bool,
}

#[derive(Debug)]
struct Subject {
    text: String,
    is_blank: bool,
    print: u128,
}

impl Default for Subject {
    // The label of no blank node.
    fn default() -> Self {
        Self {
            text: String::new(),
            is_blank: true,
            print: 0,
        }
    }
}

// Odd, and of no pattern: fractional parts of square roots.
const OF_OBJECT: u128 = 0x6a09_e667_f3bc_c908_bb67_ae85_84ca_a73b;
const OF_PROPERTY: u128 = 0x3c6e_f372_fe94_f82b_a54f_f53a_5f1d_36f1;

impl Counts {
    /// Counts one graph of a store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of(store: &Store, graph: GraphNameRef<'_>) -> Result<Self, StorageError> {
        let mut counts = Self::default();
        let mut quads = store.quads_for_pattern(None, None, None, Some(graph));
        loop {
            let some: Vec<Quad> = quads.by_ref().take(1024).collect::<Result<_, _>>()?;
            if some.is_empty() {
                return Ok(counts);
            }
            counts.add_all(some.iter().map(Quad::as_ref));
        }
    }

    /// Counts a triple, whatever its graph; says whether it is new.
    pub fn add(&mut self, quad: QuadRef<'_>) -> bool {
        self.add_all(std::iter::once(quad))[0]
    }

    /// Counts triples, whatever their graphs; says of each whether it is new.
    ///
    /// A thousand at a time cost half of what they cost one by one: the places of many in the sets
    /// are then fetched from memory at once.
    pub fn add_all<'q>(&mut self, quads: impl Iterator<Item = QuadRef<'q>> + Clone) -> &[bool] {
        let mut prints = std::mem::take(&mut self.prints);
        let mut new = std::mem::take(&mut self.new);
        prints.clear();
        new.clear();
        prints.extend(quads.clone().map(|quad| self.prints(quad)));
        new.extend(prints.iter().map(|found| self.triples.insert(found.triple)));
        for (found, _) in prints.iter().zip(&new).filter(|(_, new)| **new) {
            self.objects.insert(found.object);
            self.of_property[found.property] += 1;
        }
        let found = quads.zip(prints.iter().zip(&new));
        for (quad, (found, _)) in found.filter(|(_, (_, new))| **new) {
            if found.is_other {
                self.add_subject(found.subject, quad.subject);
            }
            if quad.predicate == rdf::TYPE
                && let TermRef::NamedNode(class) = quad.object
            {
                self.add_member(class, quad.subject);
            }
        }
        self.prints = prints;
        self.new = new;
        &self.new
    }

    fn prints(&mut self, quad: QuadRef<'_>) -> Prints {
        let (subject, is_other) = self.subject(quad.subject);
        let object = term_print(quad.object);
        let iri = quad.predicate.as_str();
        let known = self.properties.get(iri).copied();
        let property = known.unwrap_or_else(|| {
            let next = self.of_property.len();
            self.properties.insert(iri.to_owned(), next);
            self.of_property.push(0);
            next
        });
        // Each part alone decides: the factors are odd, and the parts are random but for the
        // property, which is exact.
        let triple = subject
            .wrapping_add(object.wrapping_mul(OF_OBJECT))
            .wrapping_add((property as u128).wrapping_mul(OF_PROPERTY));
        Prints {
            triple,
            subject,
            object,
            property,
            is_other,
        }
    }

    /// The number of distinct triples.
    pub fn triples(&self) -> u64 {
        self.triples.len() as u64
    }

    pub(super) fn entities(&self) -> u64 {
        self.entities
    }

    pub(super) fn subjects(&self) -> u64 {
        self.subjects.len() as u64
    }

    pub(super) fn objects(&self) -> u64 {
        self.objects.len() as u64
    }

    /// By IRI.
    pub(super) fn classes(&self) -> &BTreeMap<String, Class> {
        &self.classes
    }

    /// The triples of each property, by IRI.
    pub(super) fn properties(&self) -> BTreeMap<&str, u64> {
        let properties = self.properties.iter();
        properties
            .map(|(iri, number)| (iri.as_str(), self.of_property[*number]))
            .collect()
    }

    /// The first of the IRIs of subjects.
    pub(super) fn example(&self) -> Option<&str> {
        Some(&self.outermost.as_ref()?.0)
    }

    /// What the IRIs of all entities begin with, up to a `/` or `#` behind the host's name.
    ///
    /// Spec: VoID §4.2
    pub(super) fn uri_space(&self) -> Option<&str> {
        // In sorted order the first and the last differ most.
        let (first, last) = self.outermost.as_ref()?;
        let common = first
            .char_indices()
            .zip(last.chars())
            .find(|((_, a), b)| a != b)
            .map_or(first.len().min(last.len()), |((index, _), _)| index);
        let end = first[..common].rfind(['/', '#'])? + 1;
        let host = first.find("://")? + 3;
        (end > host).then(|| &first[..end])
    }

    // The print of a subject, and whether it is another than that of the triple before.
    fn subject(&mut self, node: NamedOrBlankNodeRef<'_>) -> (u128, bool) {
        let (text, is_blank) = match node {
            NamedOrBlankNodeRef::NamedNode(node) => (node.as_str(), false),
            NamedOrBlankNodeRef::BlankNode(node) => (node.as_str(), true),
        };
        let known = &mut self.subject;
        if known.is_blank == is_blank && known.text == text {
            return (known.print, false);
        }
        text.clone_into(&mut known.text);
        known.is_blank = is_blank;
        known.print = term_print(node.into());
        (known.print, true)
    }

    fn add_subject(&mut self, print: u128, node: NamedOrBlankNodeRef<'_>) {
        if !self.subjects.insert(print) {
            return;
        }
        let NamedOrBlankNodeRef::NamedNode(node) = node else {
            return;
        };
        self.entities += 1;
        let iri = node.as_str();
        match &mut self.outermost {
            None => self.outermost = Some((iri.to_owned(), iri.to_owned())),
            Some((first, _)) if iri < first.as_str() => iri.clone_into(first),
            Some((_, last)) if iri > last.as_str() => iri.clone_into(last),
            Some(_) => (),
        }
    }

    fn add_member(&mut self, class: NamedNodeRef<'_>, member: NamedOrBlankNodeRef<'_>) {
        if !self.classes.contains_key(class.as_str()) {
            let class = class.as_str().to_owned();
            self.classes.insert(class, Class::default());
        }
        let Some(class) = self.classes.get_mut(class.as_str()) else {
            return;
        };
        class.members += 1;
        if let NamedOrBlankNodeRef::NamedNode(node) = member
            && class
                .example
                .as_deref()
                .is_none_or(|example| node.as_str() < example)
        {
            class.example = Some(node.as_str().to_owned());
        }
    }
}

fn term_print(term: TermRef<'_>) -> u128 {
    let mut hasher = SipHasher13::new();
    // No text holds the byte that stands between two.
    match term {
        TermRef::NamedNode(node) => {
            hasher.write(b"<");
            hasher.write(node.as_str().as_bytes());
        }
        TermRef::BlankNode(node) => {
            hasher.write(b"_");
            hasher.write(node.as_str().as_bytes());
        }
        TermRef::Literal(literal) => {
            if let Some(tag) = literal.language() {
                hasher.write(b"@");
                hasher.write(tag.as_bytes());
            } else {
                hasher.write(b"^");
                hasher.write(literal.datatype().as_str().as_bytes());
            }
            hasher.write(b"\xFF");
            hasher.write(literal.value().as_bytes());
        }
    }
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::NamedNode;

    fn check(entities: &[&str], expected: Option<&str>) {
        let mut counts = Counts::default();
        for entity in entities {
            let entity = NamedNode::new_unchecked(*entity);
            let graph = GraphNameRef::DefaultGraph;
            counts.add(QuadRef::new(&entity, rdf::VALUE, rdf::NIL, graph));
        }
        assert_eq!(counts.uri_space(), expected);
    }

    #[test]
    fn the_uri_space_is_what_entities_share() {
        check(&[], None);
        check(&["http://e.org/id/a"], Some("http://e.org/id/"));
        check(
            &["http://e.org/id/b", "http://e.org/id/a"],
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

    // Each differs from the first in one part only, and all stand for themselves.
    #[test]
    fn triples_that_differ_are_told_apart() {
        let text = "<u:a> <u:p> <u:o> .\n_:a <u:p> <u:o> .\n<u:a> <u:q> <u:o> .\n\
                    <u:a> <u:p> _:o .\n<u:a> <u:p> \"u:o\" .\n<u:a> <u:p> \"u:o\"@en .\n\
                    <u:a> <u:p> \"u:o\"^^<u:en> .\n<u:o> <u:p> <u:a> .\n<u:p> <u:a> <u:o> .\n\
                    <u:a> <u:p> <u:a> .\n<u:a> <u:p> \"\" .\n<u:a> <u:p> \"1\"^^<u:1> .\n\
                    <u:a> <u:p> \"01\"^^<u:1> .\n";
        let quads: Vec<_> = oxigraph::io::RdfParser::from_format(oxigraph::io::RdfFormat::NTriples)
            .for_slice(text)
            .collect::<Result<Vec<_>, _>>()
            .unwrap();
        let mut counts = Counts::default();
        assert!(quads.iter().all(|quad| counts.add(quad.as_ref())));
        assert!(!quads.iter().rev().any(|quad| counts.add(quad.as_ref())));
        assert_eq!(counts.triples(), quads.len() as u64);
        // `u:a`, the blank node, `u:o` and `u:p`.
        assert_eq!((counts.subjects(), counts.entities()), (4, 3));
        assert_eq!(counts.objects(), 9);
        assert_eq!(
            counts.properties().into_iter().collect::<Vec<_>>(),
            [("u:a", 1), ("u:p", 11), ("u:q", 1)]
        );
    }
}
