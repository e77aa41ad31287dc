//! IRIs in place of blank nodes, because a label means nothing in the next request.
//!
//! In: triples of one document. Out: the same without blank nodes: the same node always has the same
//! IRI, in this run and the next.
//!
//! Memory: nothing for nodes with labels; some 50 bytes for each node without.

use crate::rdf::hexadecimal;
use oxrdf::{BlankNodeRef, NamedNode, NamedOrBlankNodeRef, TermRef};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

/// Makes IRIs of blank nodes.
///
/// Spec: rdf11-concepts §3.5
#[derive(Debug)]
pub struct Skolemizer {
    base: String,
    scope: Sha256,
    /// Nodes without a label, which a parser numbers at random, by the order in which they came.
    unnamed: FxHashMap<u128, u64>,
}

impl Skolemizer {
    /// The IRIs stand under `/.well-known/genid/` of the server of `base`; `scope` tells documents apart
    /// in which the same label is another node.
    pub fn new(base: &str, scope: &[u8]) -> Self {
        let root = base.find("://").and_then(|at| {
            let authority = &base[at + 3..];
            let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
            (end > 0).then(|| &base[..at + 3 + end])
        });
        let root = root.unwrap_or("https://coalition-kg.invalid");
        Self {
            base: format!("{root}/.well-known/genid/"),
            scope: Sha256::new_with_prefix(scope),
            unnamed: FxHashMap::default(),
        }
    }

    /// The IRI of a node.
    pub fn node(&mut self, node: BlankNodeRef<'_>) -> NamedNode {
        let mut digest = self.scope.clone();
        if let Some(id) = node.unique_id() {
            let next = self.unnamed.len() as u64;
            let number = *self.unnamed.entry(id).or_insert(next);
            digest.update(b"\0");
            digest.update(number.to_le_bytes());
        } else {
            digest.update(b"\x01");
            digest.update(node.as_str());
        }
        let iri = format!("{}{}", self.base, hexadecimal(&digest.finalize()[..16]));
        NamedNode::new_unchecked(iri)
    }

    // Writes a triple as a line of N-Triples without its end.
    pub(super) fn write(
        &mut self,
        line: &mut Vec<u8>,
        subject: NamedOrBlankNodeRef<'_>,
        predicate: oxrdf::NamedNodeRef<'_>,
        object: TermRef<'_>,
    ) -> std::io::Result<()> {
        use std::io::Write as _;
        match subject {
            NamedOrBlankNodeRef::BlankNode(node) => write!(line, "{}", self.node(node))?,
            NamedOrBlankNodeRef::NamedNode(node) => write!(line, "{node}")?,
        }
        write!(line, " {predicate} ")?;
        match object {
            TermRef::BlankNode(node) => write!(line, "{}", self.node(node))?,
            other => write!(line, "{other}")?,
        }
        line.extend_from_slice(b" .");
        Ok(())
    }
}
