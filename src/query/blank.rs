//! Labels for the blank nodes that a query makes, the same in each run.
//!
//! In: the triples or rows of an answer. Out: the same, where blank nodes that the store does not have are
//! `b0`, `b1` and so on, in the order in which they come; the evaluator draws their labels.
//!
//! Memory: the labels of those blank nodes.

use oxigraph::sparql::{QueryEvaluationError, QuerySolution};
use oxigraph::store::Store;
use oxrdf::{BlankNode, BlankNodeRef, NamedOrBlankNode, Term, Triple};
use rustc_hash::FxHashMap;

pub(super) struct Labels<'s> {
    store: &'s Store,
    made: FxHashMap<BlankNode, BlankNode>,
    next: u64,
}

impl<'s> Labels<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Self {
            store,
            made: FxHashMap::default(),
            next: 0,
        }
    }

    /// The triple with such labels.
    pub(super) fn triple(&mut self, mut triple: Triple) -> Result<Triple, QueryEvaluationError> {
        if let NamedOrBlankNode::BlankNode(node) = &mut triple.subject {
            self.label(node)?;
        }
        if let Term::BlankNode(node) = &mut triple.object {
            self.label(node)?;
        }
        Ok(triple)
    }

    /// The row with such labels.
    pub(super) fn row(
        &mut self,
        row: QuerySolution,
    ) -> Result<QuerySolution, QueryEvaluationError> {
        let is_drawn = |term: &Option<Term>| matches!(term, Some(Term::BlankNode(node)) if is_drawn(node.as_ref()));
        if !row.values().iter().any(is_drawn) {
            return Ok(row);
        }
        let mut values = row.values().to_vec();
        for value in &mut values {
            if let Some(Term::BlankNode(node)) = value {
                self.label(node)?;
            }
        }
        Ok((row.variables().to_vec(), values).into())
    }

    fn label(&mut self, node: &mut BlankNode) -> Result<(), QueryEvaluationError> {
        if !is_drawn(node.as_ref()) {
            return Ok(());
        }
        if let Some(made) = self.made.get(node) {
            node.clone_from(made);
            return Ok(());
        }
        if !self.is_stored(node.as_ref())? {
            let made = loop {
                let made = BlankNode::new_unchecked(format!("b{}", self.next));
                self.next += 1;
                if !self.is_stored(made.as_ref())? {
                    break made;
                }
            };
            let drawn = std::mem::replace(node, made.clone());
            self.made.insert(drawn, made);
        }
        Ok(())
    }

    fn is_stored(&self, node: BlankNodeRef<'_>) -> Result<bool, QueryEvaluationError> {
        let subject = self
            .store
            .quads_for_pattern(Some(node.into()), None, None, None);
        let object = self
            .store
            .quads_for_pattern(None, None, Some(node.into()), None);
        match subject.chain(object).next() {
            Some(found) => match found {
                Ok(_) => Ok(true),
                Err(error) => Err(QueryEvaluationError::Dataset(Box::new(error))),
            },
            None => Ok(false),
        }
    }
}

/// Whether a label is one of those that the evaluator draws.
fn is_drawn(node: BlankNodeRef<'_>) -> bool {
    node.unique_id().is_some()
}
