//! Shapes as they were said: targets, constraints, severity, messages.
//!
//! In: a shapes graph. Out: [`Shapes`], checked and typed. What the constraints do with data is in
//! `check`.

use super::component::{self, Component};
use super::constraints::{self, Constraint};
use super::error::ShapeError;
use super::path::Path;
use super::source::{Source, expect_iri, expect_literal, invalid};
use super::sparql::SparqlConstraint;
use super::term::{as_subject, compare_terms};
use super::vocab as sh;
use oxrdf::vocab::{rdfs, xsd};
use oxrdf::{Graph, Literal, NamedNode, NamedNodeRef, Term};
use rustc_hash::FxHashMap;

/// The place of a shape in [`Shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ShapeId(usize);

/// Where the focus nodes of a shape are.
///
/// Spec: shacl §2.1.3
#[derive(Debug, Clone)]
pub(super) enum Target {
    Node(Term),
    Class(Term),
    SubjectsOf(NamedNode),
    ObjectsOf(NamedNode),
}

/// A node shape or, with a path, a property shape.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) node: Term,
    pub(super) path: Option<Path>,
    pub(super) targets: Vec<Target>,
    pub(super) constraints: Vec<Constraint>,
    pub(super) severity: NamedNode,
    pub(super) messages: Vec<Literal>,
    pub(super) deactivated: bool,
}

/// The shapes of a shapes graph.
///
/// ```
/// use coalition_kg::validate::shacl::Shapes;
/// use oxigraph::io::{RdfFormat, RdfParser};
/// use oxrdf::{Graph, Triple};
///
/// let turtle = "
///     @prefix sh: <http://www.w3.org/ns/shacl#> .
///     @prefix ex: <http://example.com/> .
///     ex:PersonShape a sh:NodeShape ;
///         sh:targetClass ex:Person ;
///         sh:property [ sh:path ex:name ; sh:minCount 1 ] .";
/// let mut graph = Graph::new();
/// for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(turtle) {
///     graph.insert(&Triple::from(quad?));
/// }
/// let shapes = Shapes::parse(&graph)?;
/// assert_eq!(shapes.len(), 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Shapes {
    shapes: Vec<Shape>,
    /// The shapes with targets, in order of their nodes.
    targeted: Vec<ShapeId>,
}

impl Shapes {
    /// Reads all shapes of a shapes graph.
    ///
    /// # Errors
    /// When a shape is not well-formed or one of its queries is no SPARQL that can be used.
    ///
    /// Spec: shacl §2
    pub fn parse(graph: &Graph) -> Result<Self, ShapeError> {
        let source = Source::new(graph)?;
        let components = component::parse_all(&source)?;
        let mut parser = Parser {
            source: &source,
            components: &components,
            shapes: Vec::new(),
            known: FxHashMap::default(),
            open: Vec::new(),
        };
        let mut targeted = Vec::new();
        for node in parser.shape_nodes() {
            let id = parser.shape(&node)?;
            if !parser.shapes[id.0].targets.is_empty() {
                targeted.push(id);
            }
        }
        // Shapes are read one after the other, not within one another: they may be nested deeply.
        while let Some(id) = parser.open.pop() {
            parser.constraints(id)?;
        }
        Ok(Self {
            shapes: parser.shapes,
            targeted,
        })
    }

    /// Gives the number of shapes: node shapes and property shapes, also those without targets.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether there are no shapes.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// Gives the shapes that have targets, in order of their nodes.
    pub(super) fn targeted(&self) -> impl Iterator<Item = ShapeId> + '_ {
        self.targeted.iter().copied()
    }

    pub(super) fn get(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0]
    }
}

/// Reads shapes, each once, however often it is referred to.
pub(super) struct Parser<'a> {
    pub(super) source: &'a Source<'a>,
    components: &'a [Component],
    shapes: Vec<Shape>,
    known: FxHashMap<Term, ShapeId>,
    /// Shapes whose constraints are still to be read.
    open: Vec<ShapeId>,
}

impl Parser<'_> {
    /// Gives the nodes that are shapes by type, target or parameter; shapes that others refer to come
    /// in by way of those.
    ///
    /// Spec: shacl §2.1
    fn shape_nodes(&self) -> Vec<Term> {
        let mut nodes = Vec::new();
        for class in [sh::NODE_SHAPE, sh::PROPERTY_SHAPE] {
            nodes.extend(self.source.instances(class));
        }
        for property in [
            sh::TARGET_NODE,
            sh::TARGET_CLASS,
            sh::TARGET_SUBJECTS_OF,
            sh::TARGET_OBJECTS_OF,
        ] {
            nodes.extend(self.source.subjects_with(property));
        }
        nodes.sort_by(|a, b| self.source.compare(a, b));
        nodes.dedup();
        nodes
    }

    /// Gives the shape that a node stands for; its constraints are read later.
    fn shape(&mut self, node: &Term) -> Result<ShapeId, ShapeError> {
        if let Some(id) = self.known.get(node) {
            return Ok(*id);
        }
        let shape = self.header(node)?;
        let id = ShapeId(self.shapes.len());
        self.shapes.push(shape);
        self.known.insert(node.clone(), id);
        self.open.push(id);
        Ok(id)
    }

    /// Reads the constraints of a shape.
    fn constraints(&mut self, id: ShapeId) -> Result<(), ShapeError> {
        let node = self.shapes[id.0].node.clone();
        let path = self.shapes[id.0].path.clone();
        let mut constraints = constraints::parse(self, &node, path.is_some())?;
        let source = self.source;
        for constraint in source.all(&node, sh::SPARQL) {
            let constraint = SparqlConstraint::parse(source, &constraint, path.as_ref())?;
            constraints.push(Constraint::Sparql(Box::new(constraint)));
        }
        for component in self.components {
            for custom in component.constraints_of(source, &node, path.as_ref())? {
                constraints.push(Constraint::Custom(Box::new(custom)));
            }
        }
        self.shapes[id.0].constraints = constraints;
        Ok(())
    }

    /// Reads the values of a property as shapes.
    pub(super) fn shapes_of(
        &mut self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Vec<ShapeId>, ShapeError> {
        let source = self.source;
        source
            .all(node, property)
            .into_iter()
            .map(|value| self.expect_shape(node, property, value))
            .collect()
    }

    /// Reads a value of a property as a shape.
    pub(super) fn expect_shape(
        &mut self,
        node: &Term,
        property: NamedNodeRef<'_>,
        value: Term,
    ) -> Result<ShapeId, ShapeError> {
        if as_subject(&value).is_none() {
            return Err(invalid(
                node,
                property,
                value,
                "a shape: an IRI or a blank node",
            ));
        }
        let id = self.shape(&value)?;
        if property == sh::PROPERTY && self.shapes[id.0].path.is_none() {
            return Err(ShapeError::MissingValue {
                shape: value.into(),
                property: sh::PATH.into_owned(),
            });
        }
        Ok(id)
    }

    /// Reads everything of a shape but its constraints.
    fn header(&self, node: &Term) -> Result<Shape, ShapeError> {
        let source = self.source;
        let path = source
            .one(node, sh::PATH)?
            .map(|path| Path::parse(source, node, &path))
            .transpose()?;
        if path.is_none() && source.is_instance(node, sh::PROPERTY_SHAPE) {
            return Err(ShapeError::MissingValue {
                shape: node.clone().into(),
                property: sh::PATH.into_owned(),
            });
        }
        Ok(Shape {
            node: node.clone(),
            path,
            targets: self.targets(node)?,
            constraints: Vec::new(),
            severity: source
                .iri(node, sh::SEVERITY)?
                .unwrap_or_else(|| sh::VIOLATION.into_owned()),
            messages: messages(source, node)?,
            deactivated: source.boolean(node, sh::DEACTIVATED)?.unwrap_or(false),
        })
    }

    fn targets(&self, node: &Term) -> Result<Vec<Target>, ShapeError> {
        let source = self.source;
        let mut targets = Vec::new();
        for value in source.all(node, sh::TARGET_NODE) {
            if matches!(value, Term::BlankNode(_)) {
                return Err(invalid(node, sh::TARGET_NODE, value, "an IRI or a literal"));
            }
            targets.push(Target::Node(source.stored(value)));
        }
        for value in source.all(node, sh::TARGET_CLASS) {
            let class = expect_iri(node, sh::TARGET_CLASS, value)?;
            targets.push(Target::Class(class.into()));
        }
        // A shape that is a class too has its instances as targets.
        if matches!(node, Term::NamedNode(_))
            && source.is_instance(node, rdfs::CLASS)
            && (source.is_instance(node, sh::NODE_SHAPE)
                || source.is_instance(node, sh::PROPERTY_SHAPE))
        {
            targets.push(Target::Class(node.clone()));
        }
        for value in source.all(node, sh::TARGET_SUBJECTS_OF) {
            targets.push(Target::SubjectsOf(expect_iri(
                node,
                sh::TARGET_SUBJECTS_OF,
                value,
            )?));
        }
        for value in source.all(node, sh::TARGET_OBJECTS_OF) {
            targets.push(Target::ObjectsOf(expect_iri(
                node,
                sh::TARGET_OBJECTS_OF,
                value,
            )?));
        }
        Ok(targets)
    }
}

/// Reads the messages of a shape or a SPARQL-based constraint, ordered by language.
pub(super) fn messages(source: &Source<'_>, node: &Term) -> Result<Vec<Literal>, ShapeError> {
    let mut messages = Vec::new();
    for value in source.all(node, sh::MESSAGE) {
        let message = expect_literal(node, sh::MESSAGE, value)?;
        if message.language().is_none() && message.datatype() != xsd::STRING {
            return Err(invalid(
                node,
                sh::MESSAGE,
                message.into(),
                "a string, with or without a language",
            ));
        }
        messages.push(message);
    }
    messages.sort_by(|a, b| {
        (a.language().cmp(&b.language()))
            .then_with(|| compare_terms(&a.clone().into(), &b.clone().into()))
    });
    Ok(messages)
}

#[cfg(test)]
mod tests;
