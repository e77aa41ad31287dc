//! The sorted layout: holds the graph, then writes it graph by graph.
//!
//! In: quads in any order. Out: sorted statements without doubles on [`Blocks`]. Each term is held
//! once; quads are four numbers.

use super::blocks::Blocks;
use super::term::{SortKey, Used, write_term_marking};
use crate::rdf::prefixes::Prefixes;
use oxrdf::vocab::rdf;
use oxrdf::{GraphNameRef, QuadRef, Term, TermRef};
use rustc_hash::FxHashMap;
use std::io::{self, Write};

/// Stands for `rdf:type` as predicate and for the default graph: both come first.
const FIRST: usize = 0;

#[derive(Debug)]
pub(super) struct Grouped<W: Write> {
    prefixes: Prefixes,
    writer: W,
    /// Numbers from 1, in order of arrival.
    numbers: FxHashMap<Term, usize>,
    /// Graph, subject, predicate, object.
    quads: Vec<[usize; 4]>,
}

impl<W: Write> Grouped<W> {
    pub(super) fn new(prefixes: Prefixes, writer: W) -> Self {
        Self {
            prefixes,
            writer,
            numbers: FxHashMap::default(),
            quads: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, quad: QuadRef<'_>) {
        let graph = match quad.graph_name {
            GraphNameRef::DefaultGraph => FIRST,
            GraphNameRef::NamedNode(node) => self.number(node.into()),
            GraphNameRef::BlankNode(node) => self.number(node.into()),
        };
        let subject = self.number(quad.subject.into());
        let predicate = if quad.predicate == rdf::TYPE {
            FIRST
        } else {
            self.number(quad.predicate.into())
        };
        let object = self.number(quad.object);
        self.quads.push([graph, subject, predicate, object]);
    }

    fn number(&mut self, term: TermRef<'_>) -> usize {
        let next = self.numbers.len() + 1;
        *self.numbers.entry(term.into_owned()).or_insert(next)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        let mut used = Used::new();
        let mut terms: Vec<(Term, String, usize)> = self
            .numbers
            .into_iter()
            .map(|(term, number)| {
                let mut text = String::new();
                write_term_marking(&mut text, term.as_ref(), &self.prefixes, &mut used);
                (term, text, number)
            })
            .collect();
        terms.sort_unstable_by(|a, b| {
            SortKey::new(a.0.as_ref(), &a.1).cmp(&SortKey::new(b.0.as_ref(), &b.1))
        });

        // From numbers by arrival to numbers by order.
        let mut ranks = vec![FIRST; terms.len() + 1];
        for (place, (_, _, number)) in terms.iter().enumerate() {
            ranks[*number] = place + 1;
        }
        for quad in &mut self.quads {
            *quad = quad.map(|number| ranks[number]);
        }
        self.quads.sort_unstable();
        self.quads.dedup();

        let text = |rank: usize| terms[rank - 1].1.as_str();
        let mut blocks = Blocks::new(self.writer);
        blocks.declare(
            self.prefixes
                .iter()
                .filter(|(prefix, _)| used.contains(*prefix)),
        )?;
        for [graph, subject, predicate, object] in self.quads {
            blocks.push(
                (graph != FIRST).then(|| text(graph)),
                text(subject),
                if predicate == FIRST {
                    "a"
                } else {
                    text(predicate)
                },
                text(object),
            )?;
        }
        blocks.finish()
    }
}
