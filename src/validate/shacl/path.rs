//! Property paths: their form, which nodes they lead to, and how they are written.
//!
//! Spec: shacl §2.3.1

use super::data::DataReader;
use super::error::ShapeError;
use super::source::Source;
use super::term::sort_distinct;
use super::vocab as sh;
use oxrdf::vocab::rdf;
use oxrdf::{BlankNode, Graph, NamedNode, NamedNodeRef, Term, TripleRef};
use rustc_hash::FxHashSet;
use std::fmt;

/// How deep paths may be nested.
const DEPTH_LIMIT: usize = 64;

/// A property path of SHACL.
///
/// [`Display`](fmt::Display) writes it as a SPARQL property path with full IRIs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Path {
    /// One property, forwards.
    Predicate(NamedNode),
    /// A path, backwards.
    Inverse(Box<Path>),
    /// Paths, one after the other; at least two.
    Sequence(Vec<Path>),
    /// Any of several paths; at least two.
    Alternative(Vec<Path>),
    /// A path, any number of times, also not at all.
    ZeroOrMore(Box<Path>),
    /// A path, once or more often.
    OneOrMore(Box<Path>),
    /// A path, once or not at all.
    ZeroOrOne(Box<Path>),
}

/// A property, and what path its value makes.
type UnaryForm = (NamedNodeRef<'static>, fn(Box<Path>) -> Path);

/// In which sense a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Backward,
}

impl Direction {
    fn reversed(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }
}

impl Path {
    /// Reads the path that `node` stands for in the shapes graph.
    ///
    /// Where a node has several forms, the list wins over the others.
    pub(super) fn parse(
        source: &Source<'_>,
        shape: &Term,
        node: &Term,
    ) -> Result<Self, ShapeError> {
        Self::parse_nested(source, shape, node, 0)
    }

    fn parse_nested(
        source: &Source<'_>,
        shape: &Term,
        node: &Term,
        depth: usize,
    ) -> Result<Self, ShapeError> {
        let malformed = |reason| ShapeError::MalformedPath {
            shape: shape.clone().into(),
            node: node.clone().into(),
            reason,
        };
        if depth > DEPTH_LIMIT {
            return Err(ShapeError::TooDeep {
                shape: shape.clone().into(),
                limit: DEPTH_LIMIT,
            });
        }
        let nested = |node: &Term| Self::parse_nested(source, shape, node, depth + 1);
        match node {
            Term::NamedNode(predicate) => return Ok(Self::Predicate(predicate.clone())),
            Term::Literal(_) => return Err(malformed("a literal is no path")),
            Term::BlankNode(_) => {}
        }
        if source.one(node, rdf::FIRST)?.is_some() {
            return Ok(Self::Sequence(Self::members(
                source,
                shape,
                node,
                sh::PATH,
                depth,
            )?));
        }
        if let Some(alternatives) = source.one(node, sh::ALTERNATIVE_PATH)? {
            return Ok(Self::Alternative(Self::members(
                source,
                shape,
                &alternatives,
                sh::ALTERNATIVE_PATH,
                depth,
            )?));
        }
        let forms: [UnaryForm; 4] = [
            (sh::INVERSE_PATH, Self::Inverse),
            (sh::ZERO_OR_MORE_PATH, Self::ZeroOrMore),
            (sh::ONE_OR_MORE_PATH, Self::OneOrMore),
            (sh::ZERO_OR_ONE_PATH, Self::ZeroOrOne),
        ];
        for (property, form) in forms {
            if let Some(inner) = source.one(node, property)? {
                return Ok(form(Box::new(nested(&inner)?)));
            }
        }
        Err(malformed(
            "expected an IRI, a list, or one of sh:alternativePath, sh:inversePath, \
             sh:zeroOrMorePath, sh:oneOrMorePath, sh:zeroOrOnePath",
        ))
    }

    fn members(
        source: &Source<'_>,
        shape: &Term,
        list: &Term,
        property: NamedNodeRef<'_>,
        depth: usize,
    ) -> Result<Vec<Self>, ShapeError> {
        let members = source.list(shape, property, list)?;
        if members.len() < 2 {
            return Err(ShapeError::MalformedPath {
                shape: shape.clone().into(),
                node: list.clone().into(),
                reason: "expected a list of at least two paths",
            });
        }
        members
            .iter()
            .map(|member| Self::parse_nested(source, shape, member, depth + 1))
            .collect()
    }

    /// Gives the nodes the path leads to from `start`, sorted, each once.
    pub(super) fn follow(
        &self,
        data: &DataReader<'_>,
        start: &Term,
    ) -> Result<Vec<Term>, ShapeError> {
        self.walk(data, start, Direction::Forward)
    }

    fn walk(
        &self,
        data: &DataReader<'_>,
        start: &Term,
        direction: Direction,
    ) -> Result<Vec<Term>, ShapeError> {
        match self {
            Self::Predicate(predicate) => match direction {
                Direction::Forward => data.objects(start, predicate.as_ref()),
                Direction::Backward => data.subjects(predicate.as_ref(), start),
            },
            Self::Inverse(inner) => inner.walk(data, start, direction.reversed()),
            Self::Sequence(steps) => match direction {
                Direction::Forward => Self::walk_steps(steps.iter(), data, start, direction),
                Direction::Backward => Self::walk_steps(steps.iter().rev(), data, start, direction),
            },
            Self::Alternative(alternatives) => {
                let mut nodes = Vec::new();
                for alternative in alternatives {
                    nodes.extend(alternative.walk(data, start, direction)?);
                }
                sort_distinct(&mut nodes);
                Ok(nodes)
            }
            Self::ZeroOrMore(inner) => {
                let mut nodes = inner.closure(data, start, direction)?;
                nodes.push(start.clone());
                sort_distinct(&mut nodes);
                Ok(nodes)
            }
            Self::OneOrMore(inner) => inner.closure(data, start, direction),
            Self::ZeroOrOne(inner) => {
                let mut nodes = inner.walk(data, start, direction)?;
                nodes.push(start.clone());
                sort_distinct(&mut nodes);
                Ok(nodes)
            }
        }
    }

    fn walk_steps<'p>(
        steps: impl Iterator<Item = &'p Self>,
        data: &DataReader<'_>,
        start: &Term,
        direction: Direction,
    ) -> Result<Vec<Term>, ShapeError> {
        let mut nodes = vec![start.clone()];
        for step in steps {
            let mut next = Vec::new();
            for node in &nodes {
                next.extend(step.walk(data, node, direction)?);
            }
            sort_distinct(&mut next);
            nodes = next;
        }
        Ok(nodes)
    }

    /// Gives what is reached by following the path once or more often; circles end the walk.
    fn closure(
        &self,
        data: &DataReader<'_>,
        start: &Term,
        direction: Direction,
    ) -> Result<Vec<Term>, ShapeError> {
        let mut seen = FxHashSet::default();
        let mut open = self.walk(data, start, direction)?;
        let mut nodes = Vec::new();
        while let Some(node) = open.pop() {
            if seen.insert(node.clone()) {
                open.extend(self.walk(data, &node, direction)?);
                nodes.push(node);
            }
        }
        sort_distinct(&mut nodes);
        Ok(nodes)
    }

    /// Writes the path into a graph and gives the node it hangs on.
    ///
    /// `labels` gives the labels of new blank nodes.
    pub(super) fn write(&self, graph: &mut Graph, labels: &mut impl FnMut() -> BlankNode) -> Term {
        let mut wrap = |graph: &mut Graph, property: NamedNodeRef<'_>, inner: &Self| {
            let node = labels();
            let inner = inner.write(graph, labels);
            graph.insert(TripleRef::new(&node, property, &inner));
            Term::from(node)
        };
        match self {
            Self::Predicate(predicate) => predicate.clone().into(),
            Self::Inverse(inner) => wrap(graph, sh::INVERSE_PATH, inner),
            Self::ZeroOrMore(inner) => wrap(graph, sh::ZERO_OR_MORE_PATH, inner),
            Self::OneOrMore(inner) => wrap(graph, sh::ONE_OR_MORE_PATH, inner),
            Self::ZeroOrOne(inner) => wrap(graph, sh::ZERO_OR_ONE_PATH, inner),
            Self::Sequence(steps) => Self::write_list(steps, graph, labels),
            Self::Alternative(alternatives) => {
                let node = labels();
                let list = Self::write_list(alternatives, graph, labels);
                graph.insert(TripleRef::new(&node, sh::ALTERNATIVE_PATH, &list));
                node.into()
            }
        }
    }

    fn write_list(
        paths: &[Self],
        graph: &mut Graph,
        labels: &mut impl FnMut() -> BlankNode,
    ) -> Term {
        let nodes: Vec<BlankNode> = paths.iter().map(|_| labels()).collect();
        for (index, path) in paths.iter().enumerate() {
            let member = path.write(graph, labels);
            let rest = nodes.get(index + 1).map_or_else(
                || rdf::NIL.into_owned().into(),
                |node| Term::from(node.clone()),
            );
            graph.insert(TripleRef::new(&nodes[index], rdf::FIRST, &member));
            graph.insert(TripleRef::new(&nodes[index], rdf::REST, &rest));
        }
        nodes
            .into_iter()
            .next()
            .map_or_else(|| rdf::NIL.into_owned().into(), Term::from)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, paths: &[Self], separator: &str| {
            f.write_str("(")?;
            for (index, path) in paths.iter().enumerate() {
                if index > 0 {
                    f.write_str(separator)?;
                }
                path.fmt(f)?;
            }
            f.write_str(")")
        };
        match self {
            Self::Predicate(predicate) => predicate.fmt(f),
            // Parentheses stand around each operand, so that no rule of precedence is needed.
            Self::Inverse(inner) => write!(f, "^({inner})"),
            Self::Sequence(steps) => joined(f, steps, "/"),
            Self::Alternative(alternatives) => joined(f, alternatives, "|"),
            Self::ZeroOrMore(inner) => write!(f, "({inner})*"),
            Self::OneOrMore(inner) => write!(f, "({inner})+"),
            Self::ZeroOrOne(inner) => write!(f, "({inner})?"),
        }
    }
}
