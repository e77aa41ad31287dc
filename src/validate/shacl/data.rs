//! The data graph: which graphs of the store are validated, and how they are read.
//!
//! Nothing is copied: each question is one look-up in the indexes of the store. The graphs are read
//! as if they were merged.

use super::error::ShapeError;
use super::term::{as_subject, compare_terms, sort_distinct, subject_term};
use oxigraph::store::{StorageError, Store};
use oxrdf::vocab::{rdf, rdfs};
use oxrdf::{GraphName, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Quad, Term, TermRef};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;

/// Names the graphs of a store that make the data graph.
///
/// Focus nodes are looked for in the focus graphs only. Values, paths, types and the class hierarchy
/// come from the focus and the background graphs together, and so do the answers of SPARQL-based
/// constraints; an ontology is a typical background graph. A triple that is in two of the graphs counts
/// once, but for queries: the SPARQL engine chains the graphs of a default graph, so that such a triple
/// makes two solutions where a query does not say DISTINCT.
///
/// ```
/// use coalition_kg::validate::shacl::DataGraph;
/// use oxrdf::{GraphName, NamedNode};
///
/// let ontology = NamedNode::new("https://example.org/graph/ontology")?;
/// let data_graph = DataGraph::new([GraphName::DefaultGraph]).with_background([ontology.into()]);
/// # Ok::<_, oxrdf::IriParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataGraph {
    focus: Vec<GraphName>,
    background: Vec<GraphName>,
    shapes_graph: Option<NamedNode>,
}

impl DataGraph {
    /// Takes the graphs in which focus nodes are looked for.
    pub fn new(focus: impl IntoIterator<Item = GraphName>) -> Self {
        Self {
            focus: distinct(focus),
            background: Vec::new(),
            shapes_graph: None,
        }
    }

    /// Adds graphs that are read but in which no focus node is looked for.
    #[must_use]
    pub fn with_background(mut self, graphs: impl IntoIterator<Item = GraphName>) -> Self {
        self.background = distinct(self.background.into_iter().chain(graphs));
        self
    }

    /// Names the graph of the same store that holds the shapes: what `$shapesGraph` is in queries.
    #[must_use]
    pub fn with_shapes_graph(mut self, name: NamedNode) -> Self {
        self.shapes_graph = Some(name);
        self
    }

    /// Gives the name of the shapes graph in the store, if it is there.
    pub(super) fn shapes_graph(&self) -> Option<&NamedNode> {
        self.shapes_graph.as_ref()
    }
}

impl Default for DataGraph {
    /// The default graph of the store.
    fn default() -> Self {
        Self::new([GraphName::DefaultGraph])
    }
}

fn distinct(graphs: impl IntoIterator<Item = GraphName>) -> Vec<GraphName> {
    let mut seen = Vec::new();
    for graph in graphs {
        if !seen.contains(&graph) {
            seen.push(graph);
        }
    }
    seen
}

/// Reads a data graph from its store.
///
/// What is returned as a list is sorted and without doubles.
pub(super) struct DataReader<'a> {
    store: &'a Store,
    focus: &'a [GraphName],
    all: Vec<GraphName>,
    /// For each class asked about: itself and its subclasses, sorted.
    subclasses: RefCell<FxHashMap<Term, Rc<Vec<Term>>>>,
}

impl<'a> DataReader<'a> {
    pub(super) fn new(store: &'a Store, graph: &'a DataGraph) -> Self {
        Self {
            store,
            focus: &graph.focus,
            all: distinct(graph.focus.iter().chain(&graph.background).cloned()),
            subclasses: RefCell::default(),
        }
    }

    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// Gives the graphs that SPARQL queries see, merged, as the default graph.
    pub(super) fn graphs(&self) -> &[GraphName] {
        &self.all
    }

    fn quads<'s>(
        &'s self,
        graphs: &'s [GraphName],
        subject: Option<NamedOrBlankNodeRef<'s>>,
        predicate: Option<NamedNodeRef<'s>>,
        object: Option<TermRef<'s>>,
    ) -> impl Iterator<Item = Result<Quad, StorageError>> + 's {
        graphs.iter().flat_map(move |graph| {
            self.store
                .quads_for_pattern(subject, predicate, object, Some(graph.as_ref()))
        })
    }

    /// Gives the objects of a subject and a predicate.
    pub(super) fn objects(
        &self,
        subject: &Term,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Vec<Term>, ShapeError> {
        let Some(subject) = as_subject(subject) else {
            return Ok(Vec::new());
        };
        sorted(
            self.quads(&self.all, Some(subject), Some(predicate), None)
                .map(|quad| quad.map(|quad| quad.object)),
        )
    }

    /// Gives the subjects of a predicate and an object.
    pub(super) fn subjects(
        &self,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) -> Result<Vec<Term>, ShapeError> {
        sorted(
            self.quads(&self.all, None, Some(predicate), Some(object.as_ref()))
                .map(|quad| quad.map(|quad| subject_term(quad.subject))),
        )
    }

    /// Gives all predicates and objects of a subject, sorted by predicate, then object.
    pub(super) fn properties(&self, subject: &Term) -> Result<Vec<(NamedNode, Term)>, ShapeError> {
        let Some(subject) = as_subject(subject) else {
            return Ok(Vec::new());
        };
        let mut properties = self
            .quads(&self.all, Some(subject), None, None)
            .map(|quad| quad.map(|quad| (quad.predicate, quad.object)))
            .collect::<Result<Vec<_>, _>>()?;
        properties.sort_unstable_by(|(p, o), (q, r)| p.cmp(q).then_with(|| compare_terms(o, r)));
        properties.dedup();
        Ok(properties)
    }

    /// Gives the subjects of a predicate in the focus graphs.
    pub(super) fn focus_subjects_of(
        &self,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Vec<Term>, ShapeError> {
        sorted(
            self.quads(self.focus, None, Some(predicate), None)
                .map(|quad| quad.map(|quad| subject_term(quad.subject))),
        )
    }

    /// Gives the objects of a predicate in the focus graphs.
    pub(super) fn focus_objects_of(
        &self,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Vec<Term>, ShapeError> {
        sorted(
            self.quads(self.focus, None, Some(predicate), None)
                .map(|quad| quad.map(|quad| quad.object)),
        )
    }

    /// Gives the instances of a class and its subclasses that are typed so in the focus graphs.
    ///
    /// Spec: shacl §2.1.3.2
    pub(super) fn focus_instances_of(&self, class: &Term) -> Result<Vec<Term>, ShapeError> {
        let mut instances = Vec::new();
        for class in self.subclasses(class)?.iter() {
            for quad in self.quads(self.focus, None, Some(rdf::TYPE), Some(class.as_ref())) {
                instances.push(subject_term(quad?.subject));
            }
        }
        sort_distinct(&mut instances);
        Ok(instances)
    }

    /// Whether a node is an instance of a class or of one of its subclasses.
    ///
    /// Spec: shacl §1.2, "SHACL instance"
    pub(super) fn is_instance(&self, node: &Term, class: &Term) -> Result<bool, ShapeError> {
        let Some(subject) = as_subject(node) else {
            return Ok(false);
        };
        let classes = self.subclasses(class)?;
        for quad in self.quads(&self.all, Some(subject), Some(rdf::TYPE), None) {
            let object = quad?.object;
            if classes
                .binary_search_by(|class| compare_terms(class, &object))
                .is_ok()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives a class with all its subclasses, sorted.
    fn subclasses(&self, class: &Term) -> Result<Rc<Vec<Term>>, ShapeError> {
        if let Some(known) = self.subclasses.borrow().get(class) {
            return Ok(Rc::clone(known));
        }
        let mut found = FxHashSet::default();
        let mut open = vec![class.clone()];
        while let Some(class) = open.pop() {
            if !found.contains(&class) {
                open.extend(self.subjects(rdfs::SUB_CLASS_OF, &class)?);
                found.insert(class);
            }
        }
        let mut found: Vec<Term> = found.into_iter().collect();
        sort_distinct(&mut found);
        let found = Rc::new(found);
        self.subclasses
            .borrow_mut()
            .insert(class.clone(), Rc::clone(&found));
        Ok(found)
    }
}

fn sorted(
    terms: impl Iterator<Item = Result<Term, StorageError>>,
) -> Result<Vec<Term>, ShapeError> {
    let mut terms = terms.collect::<Result<Vec<_>, _>>()?;
    sort_distinct(&mut terms);
    Ok(terms)
}
