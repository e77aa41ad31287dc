//! Which graphs of the store a query sees as its default graph.
//!
//! In: a choice and the store. Out: what to tell the evaluator, over the store itself or, where
//! graphs overlap, over a merged copy.

use super::error::QueryError;
use oxigraph::model::{GraphName, GraphNameRef, NamedNode, Quad};
use oxigraph::sparql::QueryDatasetSpecification;
use oxigraph::store::Store;
use std::collections::HashSet;

/// The graphs that make up the default graph of a query. Each named graph can be asked by `GRAPH`
/// whatever the choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dataset {
    /// The default graph of the store: what the tables state.
    #[default]
    Stated,
    /// The default graph and the named graphs given, such as what rules inferred.
    WithInferred(Vec<NamedNode>),
    /// The default graph and all named graphs.
    All,
}

impl Dataset {
    /// The names of the graphs, each once.
    fn graphs(&self, store: &Store) -> Result<Vec<GraphName>, QueryError> {
        let stated = || vec![GraphName::DefaultGraph];
        let mut graphs = match self {
            Self::Stated => stated(),
            Self::WithInferred(names) => {
                let names = names.iter().cloned().map(GraphName::from);
                stated().into_iter().chain(names).collect()
            }
            Self::All => {
                let mut graphs = stated();
                for name in store.named_graphs() {
                    graphs.push(name?.into());
                }
                graphs
            }
        };
        let mut seen = HashSet::new();
        graphs.retain(|graph| seen.insert(graph.clone()));
        Ok(graphs)
    }
}

/// A dataset choice made for one store.
pub(super) struct Scope {
    store: Store,
    /// The graphs to be seen as one.
    graphs: Vec<GraphName>,
}

impl Scope {
    /// Prepares the choice. The evaluator lists a triple once for each graph that holds it, which
    /// would make counts wrong: if graphs overlap, the store is copied into memory with the graphs
    /// merged. Graphs that the program makes itself do not.
    pub(super) fn new(dataset: &Dataset, store: &Store) -> Result<Self, QueryError> {
        let graphs = dataset.graphs(store)?;
        if !overlap(store, &graphs)? {
            return Ok(Self {
                store: store.clone(),
                graphs,
            });
        }
        let merged = Store::new()?;
        for quad in store {
            let quad = quad?;
            if graphs.contains(&quad.graph_name) {
                merged.insert(&Quad {
                    graph_name: GraphName::DefaultGraph,
                    ..quad.clone()
                })?;
            }
            merged.insert(&quad)?;
        }
        Ok(Self {
            store: merged,
            graphs: vec![GraphName::DefaultGraph],
        })
    }

    /// These graphs as they are: a triple is listed once for each graph that holds it.
    pub(super) fn unmerged(graphs: Vec<GraphName>, store: &Store) -> Self {
        Self {
            store: store.clone(),
            graphs,
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn apply(&self, specification: &mut QueryDatasetSpecification) {
        specification.set_default_graph(self.graphs.clone());
    }
}

/// Whether a triple is in more than one of the graphs.
fn overlap(store: &Store, graphs: &[GraphName]) -> Result<bool, QueryError> {
    for (index, graph) in graphs.iter().enumerate().skip(1) {
        for quad in store.quads_for_pattern(None, None, None, Some(graph.as_ref())) {
            let quad = quad?;
            for earlier in &graphs[..index] {
                if contains(store, &quad, earlier.as_ref())? {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

/// Whether a graph holds the triple of a quad.
pub(super) fn contains(
    store: &Store,
    quad: &Quad,
    graph: GraphNameRef<'_>,
) -> Result<bool, QueryError> {
    let mut quad = quad.as_ref();
    quad.graph_name = graph;
    Ok(store.contains(quad)?)
}
