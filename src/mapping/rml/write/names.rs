//! What triples maps, sources and targets are called in a document that is written.
//!
//! In: the names of the model. Out: IRIs as they are, those of the documents that were read relative to the new one, and
//! labels that count, so that the same mapping is written with the same names.

use super::turtle::Value;
use crate::rdf::iri;
use oxrdf::{BlankNode, NamedNode};
use rustc_hash::FxHashSet;

/// The names of nodes of one kind, by index.
#[derive(Debug)]
pub(super) struct Names {
    values: Vec<Option<Value>>,
    kind: &'static str,
}

impl Names {
    /// Names for nodes of a kind, which blank nodes are called by; `taken` are the relative names of
    /// other kinds.
    pub(super) fn new<'n>(
        kind: &'static str,
        names: impl Iterator<Item = &'n str>,
        taken: &mut FxHashSet<String>,
    ) -> Self {
        let values = names.map(|name| value(name, taken)).collect();
        Self { values, kind }
    }

    /// The name of a node that is its own; none where a label would do.
    pub(super) fn own(&self, index: usize) -> Option<Value> {
        self.values.get(index).cloned().flatten()
    }

    /// What a node is referred to by.
    pub(super) fn reference(&self, index: usize) -> Value {
        self.own(index).unwrap_or_else(|| {
            let label = format!("{}{}", self.kind, index + 1);
            Value::Term(BlankNode::new_unchecked(label).into())
        })
    }
}

fn value(name: &str, taken: &mut FxHashSet<String>) -> Option<Value> {
    if !iri::is_absolute(name) || iri::check(name).is_err() {
        return None;
    }
    // The document of a file is another one now; elsewhere an IRI is what somebody chose.
    let fragment = name
        .strip_prefix("file:")
        .and_then(|path| path.split_once('#'));
    match fragment {
        Some((_, fragment)) if !fragment.is_empty() => {
            let mut wanted = format!("#{fragment}");
            let mut number = 1;
            while !taken.insert(wanted.clone()) {
                number += 1;
                wanted = format!("#{fragment}-{number}");
            }
            Some(Value::Relative(wanted))
        }
        _ if name.starts_with("file:") => None,
        _ => Some(NamedNode::new_unchecked(name).into()),
    }
}
