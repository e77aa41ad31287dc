//! Quads held as one text: to hand them to another thread, or to keep them for a while.
//!
//! In: borrowed quads. Out: the same quads, borrowed from the batch. No term has memory of its
//! own, so a batch that was emptied is filled again without allocating.

use oxrdf::{
    BlankNodeRef, GraphNameRef, LiteralRef, NamedNodeRef, NamedOrBlankNodeRef, QuadRef, TermRef,
};

/// Quads in the order in which they came.
///
/// Memory: the bytes of their terms, and 80 bytes a quad.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The terms of all quads, one after the other.
    text: String,
    quads: Vec<Lengths>,
}

/// How many bytes each part of a quad has, in the order in which they stand, and what they are.
#[derive(Debug, Clone, Copy)]
struct Lengths {
    subject: (Kind, usize),
    predicate: usize,
    object: (Kind, usize),
    /// The datatype or language tag.
    of_literal: usize,
    graph: (Kind, usize),
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Iri,
    Blank,
    /// A literal with a datatype.
    Typed,
    /// A literal with a language tag.
    Tagged,
    DefaultGraph,
}

impl Batch {
    /// The number of quads.
    pub(crate) fn len(&self) -> usize {
        self.quads.len()
    }

    /// The bytes of all terms.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Forgets the quads and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.quads.clear();
    }

    pub(crate) fn push(&mut self, quad: QuadRef<'_>) {
        let subject = match quad.subject {
            NamedOrBlankNodeRef::NamedNode(node) => (Kind::Iri, self.add(node.as_str())),
            NamedOrBlankNodeRef::BlankNode(node) => (Kind::Blank, self.add(node.as_str())),
        };
        let predicate = self.add(quad.predicate.as_str());
        let mut of_literal = 0;
        let object = match quad.object {
            TermRef::NamedNode(node) => (Kind::Iri, self.add(node.as_str())),
            TermRef::BlankNode(node) => (Kind::Blank, self.add(node.as_str())),
            TermRef::Literal(literal) => {
                let value = self.add(literal.value());
                if let Some(tag) = literal.language() {
                    of_literal = self.add(tag);
                    (Kind::Tagged, value)
                } else {
                    of_literal = self.add(literal.datatype().as_str());
                    (Kind::Typed, value)
                }
            }
        };
        let graph = match quad.graph_name {
            GraphNameRef::NamedNode(node) => (Kind::Iri, self.add(node.as_str())),
            GraphNameRef::BlankNode(node) => (Kind::Blank, self.add(node.as_str())),
            GraphNameRef::DefaultGraph => (Kind::DefaultGraph, 0),
        };
        self.quads.push(Lengths {
            subject,
            predicate,
            object,
            of_literal,
            graph,
        });
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = QuadRef<'_>> + Clone {
        let mut rest = self.text.as_str();
        self.quads.iter().map(move |lengths| {
            let mut take = |length| {
                let (part, after) = rest.split_at(length);
                rest = after;
                part
            };
            let subject = take(lengths.subject.1);
            let predicate = NamedNodeRef::new_unchecked(take(lengths.predicate));
            let object = take(lengths.object.1);
            let of_literal = take(lengths.of_literal);
            let graph = take(lengths.graph.1);
            QuadRef {
                subject: match lengths.subject.0 {
                    Kind::Blank => BlankNodeRef::new_unchecked(subject).into(),
                    _ => NamedNodeRef::new_unchecked(subject).into(),
                },
                predicate,
                object: match lengths.object.0 {
                    Kind::Blank => BlankNodeRef::new_unchecked(object).into(),
                    Kind::Typed => {
                        let datatype = NamedNodeRef::new_unchecked(of_literal);
                        LiteralRef::new_typed_literal(object, datatype).into()
                    }
                    Kind::Tagged => {
                        LiteralRef::new_language_tagged_literal_unchecked(object, of_literal).into()
                    }
                    Kind::Iri | Kind::DefaultGraph => NamedNodeRef::new_unchecked(object).into(),
                },
                graph_name: match lengths.graph.0 {
                    Kind::DefaultGraph => GraphNameRef::DefaultGraph,
                    Kind::Blank => BlankNodeRef::new_unchecked(graph).into(),
                    _ => NamedNodeRef::new_unchecked(graph).into(),
                },
            }
        })
    }

    fn add(&mut self, part: &str) -> usize {
        self.text.push_str(part);
        part.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::io::{RdfFormat, RdfParser};
    use oxrdf::Quad;

    #[test]
    fn a_batch_gives_back_what_it_was_given() {
        let text = "<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n\
                    _:a1 <http://e.org/p> _:a2 <http://e.org/g> .\n\
                    <http://e.org/é> <http://e.org/p> \"\" _:g .\n\
                    <http://e.org/a> <http://e.org/p> \"عمّان\"@ar-JO .\n\
                    <http://e.org/a> <http://e.org/q> \"1\"^^<http://e.org/d> .\n";
        let quads: Vec<Quad> = RdfParser::from_format(RdfFormat::NQuads)
            .for_slice(text)
            .collect::<Result<_, _>>()
            .unwrap();
        let mut batch = Batch::default();
        for _ in 0..2 {
            for quad in &quads {
                batch.push(quad.as_ref());
            }
            assert_eq!(batch.len(), quads.len());
            assert!(batch.iter().eq(quads.iter().map(Quad::as_ref)));
            batch.clear();
            assert_eq!((batch.bytes(), batch.iter().count()), (0, 0));
        }
    }
}
