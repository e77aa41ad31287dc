//! What stops a validation: ill-formed shapes, queries that cannot run, a store that does not answer.

use oxigraph::sparql::{QueryEvaluationError, SparqlSyntaxError};
use oxigraph::store::StorageError;
use oxrdf::{NamedNode, Term};

/// Says why shapes cannot be read or a validation cannot be finished.
///
/// A violation of a shape by the data is no error: it is a
/// [`ValidationResult`](super::ValidationResult).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// A property of a shape has a value of the wrong kind.
    #[error("shape {shape}: {property} is `{value}`, expected {expected}")]
    InvalidValue {
        /// The shape, or the node of the shapes graph the property belongs to.
        shape: Box<Term>,
        /// The property.
        property: NamedNode,
        /// The value that was found.
        value: Box<Term>,
        /// What was expected.
        expected: &'static str,
    },
    /// A property that may occur once occurs more often.
    #[error("shape {shape}: {property} has {count} values, expected at most one")]
    TooManyValues {
        /// The shape, or the node of the shapes graph the property belongs to.
        shape: Box<Term>,
        /// The property.
        property: NamedNode,
        /// How many values there are.
        count: usize,
    },
    /// A property that is needed is missing.
    #[error("shape {shape}: {property} is missing")]
    MissingValue {
        /// The shape, or the node of the shapes graph the property belongs to.
        shape: Box<Term>,
        /// The property.
        property: NamedNode,
    },
    /// A property of property shapes stands on a node shape.
    #[error("shape {shape}: {property} belongs on a property shape, and this shape has no sh:path")]
    OnlyOnPropertyShape {
        /// The node shape.
        shape: Box<Term>,
        /// The property.
        property: NamedNode,
    },
    /// An RDF list has no end, or a node of it no or several members.
    #[error("shape {shape}: the value of {property} is not a well-formed list")]
    MalformedList {
        /// The shape.
        shape: Box<Term>,
        /// The property.
        property: NamedNode,
    },
    /// A property path is not well-formed.
    #[error("shape {shape}: `{node}` is not a well-formed property path: {reason}")]
    MalformedPath {
        /// The shape.
        shape: Box<Term>,
        /// The node of the path at fault.
        node: Box<Term>,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A regular expression does not compile.
    #[error("shape {shape}: sh:pattern `{pattern}` is not a regular expression that can be used")]
    InvalidPattern {
        /// The shape.
        shape: Box<Term>,
        /// The pattern.
        pattern: String,
        /// The reason.
        source: Box<regex::Error>,
    },
    /// A letter of `sh:flags` is unknown.
    #[error("shape {shape}: `{flag}` in sh:flags is none of i, s, m, x, q")]
    InvalidFlag {
        /// The shape.
        shape: Box<Term>,
        /// The letter.
        flag: char,
    },
    /// A prefix is declared with two namespaces, or its namespace is not an IRI.
    #[error("constraint {constraint}: prefix `{prefix}` cannot be declared as `{namespace}`")]
    InvalidPrefix {
        /// The SPARQL-based constraint.
        constraint: Box<Term>,
        /// The prefix.
        prefix: String,
        /// The namespace.
        namespace: String,
    },
    /// A query of a constraint is not SPARQL.
    #[error("constraint {constraint}: the query cannot be parsed")]
    QuerySyntax {
        /// The SPARQL-based constraint or validator.
        constraint: Box<Term>,
        /// Where and why; positions are those of the query's own text.
        source: Box<SparqlSyntaxError>,
    },
    /// A query of a constraint uses SPARQL that cannot be used with pre-bound variables.
    #[error("constraint {constraint}: the query cannot be used, as it {reason}")]
    UnsupportedQuery {
        /// The SPARQL-based constraint or validator.
        constraint: Box<Term>,
        /// What the query does.
        reason: String,
    },
    /// A query of a constraint was parsed, but its evaluation ended in an error.
    #[error("constraint {constraint}: the query failed for the focus node {focus_node}")]
    QueryEvaluation {
        /// The SPARQL-based constraint or validator.
        constraint: Box<Term>,
        /// The focus node.
        focus_node: Box<Term>,
        /// The reason.
        source: Box<QueryEvaluationError>,
    },
    /// A query of a constraint reported a failure by binding `?failure` to true.
    #[error("constraint {constraint}: the query reports a failure for the focus node {focus_node}")]
    ReportedFailure {
        /// The SPARQL-based constraint or validator.
        constraint: Box<Term>,
        /// The focus node.
        focus_node: Box<Term>,
    },
    /// A shape refers to itself for the same node.
    #[error("shape {shape} is recursive: checking {focus_node} needs the same check again")]
    Recursive {
        /// The shape.
        shape: Box<Term>,
        /// The node.
        focus_node: Box<Term>,
    },
    /// Checks of shapes, or paths, are nested deeper than the validator follows.
    #[error("shape {shape}: checks or paths are nested more than {limit} deep")]
    TooDeep {
        /// The shape at which the limit was reached.
        shape: Box<Term>,
        /// The limit.
        limit: usize,
    },
    /// The store did not answer.
    #[error("the store cannot be read")]
    Storage(#[from] StorageError),
}

impl ShapeError {
    /// Gives the node of the shapes graph at fault, if there is one.
    pub fn location(&self) -> Option<&Term> {
        match self {
            Self::InvalidValue { shape, .. }
            | Self::TooManyValues { shape, .. }
            | Self::MissingValue { shape, .. }
            | Self::OnlyOnPropertyShape { shape, .. }
            | Self::MalformedList { shape, .. }
            | Self::MalformedPath { shape, .. }
            | Self::InvalidPattern { shape, .. }
            | Self::InvalidFlag { shape, .. }
            | Self::Recursive { shape, .. }
            | Self::TooDeep { shape, .. } => Some(shape),
            Self::InvalidPrefix { constraint, .. }
            | Self::QuerySyntax { constraint, .. }
            | Self::UnsupportedQuery { constraint, .. }
            | Self::QueryEvaluation { constraint, .. }
            | Self::ReportedFailure { constraint, .. } => Some(constraint),
            Self::Storage(_) => None,
        }
    }

    /// Gives a sentence on how to mend it, where there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::OnlyOnPropertyShape { .. } => Some("move it into `sh:property [ sh:path …; … ]`"),
            Self::TooManyValues { .. } => Some("keep one value, or make one shape for each"),
            Self::QuerySyntax { .. } => {
                Some("check that each prefix is declared by `sh:prefixes` and `sh:declare`")
            }
            Self::Recursive { .. } => {
                Some("break the circle of sh:node, sh:property, sh:not, sh:and, sh:or or sh:xone")
            }
            _ => None,
        }
    }
}
