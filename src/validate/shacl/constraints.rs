//! The constraints of SHACL Core: their parameters, read and typed.
//!
//! Spec: shacl §4

use super::component::CustomConstraint;
use super::error::ShapeError;
use super::shapes::{Parser, ShapeId};
use super::source::{Source, expect_iri, expect_string, invalid};
use super::sparql::{SparqlConstraint, unmet};
use super::vocab as sh;
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};
use regex::{Regex, RegexBuilder};
use std::cmp::Ordering;
use std::fmt::Write as _;

/// How large a compiled regular expression may get, in bytes; what the SPARQL engine allows.
const REGEX_SIZE_LIMIT: usize = 1_000_000;

/// A constraint of a shape.
#[derive(Debug, Clone)]
pub(super) enum Constraint {
    Class(NamedNode),
    Datatype(NamedNode),
    NodeKind(NodeKind),
    MinCount(usize),
    MaxCount(usize),
    Range(Bound, Literal),
    MinLength(usize),
    MaxLength(usize),
    Pattern(Box<Pattern>),
    LanguageIn(Vec<String>),
    UniqueLang,
    Equals(NamedNode),
    Disjoint(NamedNode),
    LessThan(NamedNode),
    LessThanOrEquals(NamedNode),
    Not(ShapeId),
    And(Vec<ShapeId>),
    Or(Vec<ShapeId>),
    Xone(Vec<ShapeId>),
    Node(ShapeId),
    Property(ShapeId),
    Qualified(Qualified),
    Closed(Vec<NamedNode>),
    HasValue(Term),
    In(Vec<Term>),
    Sparql(Box<SparqlConstraint>),
    Custom(Box<CustomConstraint>),
}

/// Which kinds of terms are allowed.
#[derive(Debug, Clone, Copy)]

pub(super) struct NodeKind {
    pub(super) iri: bool,
    pub(super) blank_node: bool,
    pub(super) literal: bool,
}

/// Which side of a range a literal bounds, and whether it belongs to the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    MinExclusive,
    MinInclusive,
    MaxExclusive,
    MaxInclusive,
}

impl Bound {
    /// Whether a value that compares so with the bound is in the range.
    pub(super) fn admits(self, value_to_bound: Option<Ordering>) -> bool {
        match self {
            Self::MinExclusive => value_to_bound == Some(Ordering::Greater),
            Self::MinInclusive => value_to_bound.is_some_and(Ordering::is_ge),
            Self::MaxExclusive => value_to_bound == Some(Ordering::Less),
            Self::MaxInclusive => value_to_bound.is_some_and(Ordering::is_le),
        }
    }
}

/// A regular expression as it was written, and compiled.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) regex: Regex,
}

/// How many values have to conform to a shape, and to no sibling of it.
#[derive(Debug, Clone)]
pub(super) struct Qualified {
    pub(super) shape: ShapeId,
    pub(super) siblings: Vec<ShapeId>,
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
}

/// A parameter, and what constraint its value makes.
type ParameterForm<T> = (NamedNodeRef<'static>, fn(T) -> Constraint);

/// Reads the core constraints of a shape, in the order of the specification.
pub(super) fn parse(
    parser: &mut Parser<'_>,
    node: &Term,
    is_property_shape: bool,
) -> Result<Vec<Constraint>, ShapeError> {
    let source = parser.source;
    if !is_property_shape {
        reject_property_parameters(source, node)?;
    }
    let mut constraints = Vec::new();
    value_type_and_count(source, node, &mut constraints)?;
    ranges_and_strings(source, node, &mut constraints)?;
    property_pairs(source, node, &mut constraints)?;
    logical(parser, node, &mut constraints)?;
    for shape in parser.shapes_of(node, sh::NODE)? {
        constraints.push(Constraint::Node(shape));
    }
    for shape in parser.shapes_of(node, sh::PROPERTY)? {
        constraints.push(Constraint::Property(shape));
    }
    qualified(parser, node, &mut constraints)?;
    others(source, node, &mut constraints)?;
    Ok(constraints)
}

/// Rejects parameters that only make sense for the values of a path.
fn reject_property_parameters(source: &Source<'_>, node: &Term) -> Result<(), ShapeError> {
    for property in [
        sh::MIN_COUNT,
        sh::MAX_COUNT,
        sh::UNIQUE_LANG,
        sh::LESS_THAN,
        sh::LESS_THAN_OR_EQUALS,
    ] {
        if !source.all(node, property).is_empty() {
            return Err(ShapeError::OnlyOnPropertyShape {
                shape: node.clone().into(),
                property: property.into_owned(),
            });
        }
    }
    Ok(())
}

fn value_type_and_count(
    source: &Source<'_>,
    node: &Term,
    constraints: &mut Vec<Constraint>,
) -> Result<(), ShapeError> {
    for class in source.all(node, sh::CLASS) {
        constraints.push(Constraint::Class(expect_iri(node, sh::CLASS, class)?));
    }
    if let Some(datatype) = source.iri(node, sh::DATATYPE)? {
        constraints.push(Constraint::Datatype(datatype));
    }
    if let Some(kind) = source.one(node, sh::NODE_KIND)? {
        constraints.push(Constraint::NodeKind(parse_node_kind(node, kind)?));
    }
    if let Some(count) = source.count(node, sh::MIN_COUNT)? {
        constraints.push(Constraint::MinCount(count));
    }
    if let Some(count) = source.count(node, sh::MAX_COUNT)? {
        constraints.push(Constraint::MaxCount(count));
    }
    Ok(())
}

fn parse_node_kind(shape: &Term, value: Term) -> Result<NodeKind, ShapeError> {
    let kinds = [
        (sh::IRI, true, false, false),
        (sh::BLANK_NODE, false, true, false),
        (sh::LITERAL, false, false, true),
        (sh::BLANK_NODE_OR_IRI, true, true, false),
        (sh::BLANK_NODE_OR_LITERAL, false, true, true),
        (sh::IRI_OR_LITERAL, true, false, true),
    ];
    for (kind, iri, blank_node, literal) in kinds {
        if value.as_ref() == kind.into() {
            return Ok(NodeKind {
                iri,
                blank_node,
                literal,
            });
        }
    }
    Err(invalid(
        shape,
        sh::NODE_KIND,
        value,
        "sh:IRI, sh:BlankNode, sh:Literal, sh:BlankNodeOrIRI, sh:BlankNodeOrLiteral or \
         sh:IRIOrLiteral",
    ))
}

fn ranges_and_strings(
    source: &Source<'_>,
    node: &Term,
    constraints: &mut Vec<Constraint>,
) -> Result<(), ShapeError> {
    for (property, bound) in [
        (sh::MIN_EXCLUSIVE, Bound::MinExclusive),
        (sh::MIN_INCLUSIVE, Bound::MinInclusive),
        (sh::MAX_EXCLUSIVE, Bound::MaxExclusive),
        (sh::MAX_INCLUSIVE, Bound::MaxInclusive),
    ] {
        if let Some(literal) = source.literal(node, property)? {
            constraints.push(Constraint::Range(bound, literal));
        }
    }
    if let Some(length) = source.count(node, sh::MIN_LENGTH)? {
        constraints.push(Constraint::MinLength(length));
    }
    if let Some(length) = source.count(node, sh::MAX_LENGTH)? {
        constraints.push(Constraint::MaxLength(length));
    }
    let flags = source.string(node, sh::FLAGS)?.unwrap_or_default();
    for pattern in source.all(node, sh::PATTERN) {
        let text = expect_string(node, sh::PATTERN, pattern)?;
        constraints.push(Constraint::Pattern(Box::new(Pattern {
            regex: compile(node, &text, &flags)?,
            text,
        })));
    }
    if let Some(list) = source.one(node, sh::LANGUAGE_IN)? {
        let ranges = source
            .list(node, sh::LANGUAGE_IN, &list)?
            .into_iter()
            .map(|range| expect_string(node, sh::LANGUAGE_IN, range))
            .collect::<Result<_, _>>()?;
        constraints.push(Constraint::LanguageIn(ranges));
    }
    // By the specification the literal `true` alone switches this on, not `1`.
    if source
        .literal(node, sh::UNIQUE_LANG)?
        .is_some_and(|value| value == Literal::from(true))
    {
        constraints.push(Constraint::UniqueLang);
    }
    Ok(())
}

/// Compiles a regular expression with the flags of SPARQL's `REGEX`.
fn compile(shape: &Term, pattern: &str, flags: &str) -> Result<Regex, ShapeError> {
    let quoted;
    let mut text = pattern;
    if flags.contains('q') {
        quoted = regex::escape(pattern);
        text = &quoted;
    }
    let mut builder = RegexBuilder::new(text);
    builder.size_limit(REGEX_SIZE_LIMIT);
    for flag in flags.chars() {
        match flag {
            's' => builder.dot_matches_new_line(true),
            'm' => builder.multi_line(true),
            'i' => builder.case_insensitive(true),
            'x' => builder.ignore_whitespace(true),
            'q' => &mut builder,
            _ => {
                return Err(ShapeError::InvalidFlag {
                    shape: shape.clone().into(),
                    flag,
                });
            }
        };
    }
    builder
        .build()
        .map_err(|source| ShapeError::InvalidPattern {
            shape: shape.clone().into(),
            pattern: pattern.to_owned(),
            source: Box::new(source),
        })
}

fn property_pairs(
    source: &Source<'_>,
    node: &Term,
    constraints: &mut Vec<Constraint>,
) -> Result<(), ShapeError> {
    let pairs: [ParameterForm<NamedNode>; 4] = [
        (sh::EQUALS, Constraint::Equals),
        (sh::DISJOINT, Constraint::Disjoint),
        (sh::LESS_THAN, Constraint::LessThan),
        (sh::LESS_THAN_OR_EQUALS, Constraint::LessThanOrEquals),
    ];
    for (parameter, constraint) in pairs {
        for other in source.all(node, parameter) {
            constraints.push(constraint(expect_iri(node, parameter, other)?));
        }
    }
    Ok(())
}

fn logical(
    parser: &mut Parser<'_>,
    node: &Term,
    constraints: &mut Vec<Constraint>,
) -> Result<(), ShapeError> {
    for shape in parser.shapes_of(node, sh::NOT)? {
        constraints.push(Constraint::Not(shape));
    }
    let source = parser.source;
    let lists: [ParameterForm<Vec<ShapeId>>; 3] = [
        (sh::AND, Constraint::And),
        (sh::OR, Constraint::Or),
        (sh::XONE, Constraint::Xone),
    ];
    for (parameter, constraint) in lists {
        for list in source.all(node, parameter) {
            let members = source
                .list(node, parameter, &list)?
                .into_iter()
                .map(|member| parser.expect_shape(node, parameter, member))
                .collect::<Result<_, _>>()?;
            constraints.push(constraint(members));
        }
    }
    Ok(())
}

/// Reads qualified value shapes, with their siblings where they have to be disjoint.
///
/// Spec: shacl §4.7.3
fn qualified(
    parser: &mut Parser<'_>,
    node: &Term,
    constraints: &mut Vec<Constraint>,
) -> Result<(), ShapeError> {
    let source = parser.source;
    let min = source.count(node, sh::QUALIFIED_MIN_COUNT)?;
    let max = source.count(node, sh::QUALIFIED_MAX_COUNT)?;
    let disjoint = source
        .boolean(node, sh::QUALIFIED_VALUE_SHAPES_DISJOINT)?
        .unwrap_or(false);
    let own = source.all(node, sh::QUALIFIED_VALUE_SHAPE);
    if min.is_none() && max.is_none() {
        return Ok(());
    }
    let mut siblings = Vec::new();
    if disjoint {
        for parent in source.subjects(sh::PROPERTY, node) {
            for property in source.all(&parent, sh::PROPERTY) {
                for shape in source.all(&property, sh::QUALIFIED_VALUE_SHAPE) {
                    if !own.contains(&shape) && !siblings.contains(&shape) {
                        siblings.push(shape);
                    }
                }
            }
        }
    }
    let siblings: Vec<ShapeId> = siblings
        .into_iter()
        .map(|sibling| parser.expect_shape(node, sh::QUALIFIED_VALUE_SHAPE, sibling))
        .collect::<Result<_, _>>()?;
    for shape in own {
        constraints.push(Constraint::Qualified(Qualified {
            shape: parser.expect_shape(node, sh::QUALIFIED_VALUE_SHAPE, shape)?,
            siblings: siblings.clone(),
            min,
            max,
        }));
    }
    Ok(())
}

fn others(
    source: &Source<'_>,
    node: &Term,
    constraints: &mut Vec<Constraint>,
) -> Result<(), ShapeError> {
    if source.boolean(node, sh::CLOSED)? == Some(true) {
        let mut allowed = Vec::new();
        if let Some(list) = source.one(node, sh::IGNORED_PROPERTIES)? {
            for property in source.list(node, sh::IGNORED_PROPERTIES, &list)? {
                allowed.push(expect_iri(node, sh::IGNORED_PROPERTIES, property)?);
            }
        }
        for property in source.all(node, sh::PROPERTY) {
            if let Some(Term::NamedNode(path)) = source.one(&property, sh::PATH)? {
                allowed.push(path);
            }
        }
        allowed.sort_unstable();
        allowed.dedup();
        constraints.push(Constraint::Closed(allowed));
    }
    for value in source.all(node, sh::HAS_VALUE) {
        constraints.push(Constraint::HasValue(source.stored(value)));
    }
    if let Some(list) = source.one(node, sh::IN)? {
        let members = source.list(node, sh::IN, &list)?;
        constraints.push(Constraint::In(
            members
                .into_iter()
                .map(|member| source.stored(member))
                .collect(),
        ));
    }
    Ok(())
}

impl Constraint {
    /// Gives the constraint component of a core constraint.
    pub(super) fn component(&self) -> NamedNodeRef<'_> {
        match self {
            Self::Class(_) => sh::CLASS_COMPONENT,
            Self::Datatype(_) => sh::DATATYPE_COMPONENT,
            Self::NodeKind(_) => sh::NODE_KIND_COMPONENT,
            Self::MinCount(_) => sh::MIN_COUNT_COMPONENT,
            Self::MaxCount(_) => sh::MAX_COUNT_COMPONENT,
            Self::Range(Bound::MinExclusive, _) => sh::MIN_EXCLUSIVE_COMPONENT,
            Self::Range(Bound::MinInclusive, _) => sh::MIN_INCLUSIVE_COMPONENT,
            Self::Range(Bound::MaxExclusive, _) => sh::MAX_EXCLUSIVE_COMPONENT,
            Self::Range(Bound::MaxInclusive, _) => sh::MAX_INCLUSIVE_COMPONENT,
            Self::MinLength(_) => sh::MIN_LENGTH_COMPONENT,
            Self::MaxLength(_) => sh::MAX_LENGTH_COMPONENT,
            Self::Pattern(_) => sh::PATTERN_COMPONENT,
            Self::LanguageIn(_) => sh::LANGUAGE_IN_COMPONENT,
            Self::UniqueLang => sh::UNIQUE_LANG_COMPONENT,
            Self::Equals(_) => sh::EQUALS_COMPONENT,
            Self::Disjoint(_) => sh::DISJOINT_COMPONENT,
            Self::LessThan(_) => sh::LESS_THAN_COMPONENT,
            Self::LessThanOrEquals(_) => sh::LESS_THAN_OR_EQUALS_COMPONENT,
            Self::Not(_) => sh::NOT_COMPONENT,
            Self::And(_) => sh::AND_COMPONENT,
            Self::Or(_) => sh::OR_COMPONENT,
            Self::Xone(_) => sh::XONE_COMPONENT,
            Self::Node(_) => sh::NODE_COMPONENT,
            Self::Property(_) => sh::PROPERTY_COMPONENT,
            // Which of the two counts is wrong is known where they are compared.
            Self::Qualified(_) => sh::QUALIFIED_MIN_COUNT_COMPONENT,
            Self::Closed(_) => sh::CLOSED_COMPONENT,
            Self::HasValue(_) => sh::HAS_VALUE_COMPONENT,
            Self::In(_) => sh::IN_COMPONENT,
            Self::Sparql(_) => sh::SPARQL_COMPONENT,
            Self::Custom(custom) => custom.component.as_ref(),
        }
    }

    /// Says in English what the constraint asks for, for shapes without a message of their own.
    pub(super) fn default_message(&self) -> String {
        match self {
            Self::Class(class) => format!("expected an instance of {class}"),
            Self::Datatype(datatype) => format!("expected a well-formed literal of {datatype}"),
            Self::NodeKind(kind) => {
                let mut allowed = Vec::new();
                for (allows, name) in [
                    (kind.iri, "an IRI"),
                    (kind.blank_node, "a blank node"),
                    (kind.literal, "a literal"),
                ] {
                    if allows {
                        allowed.push(name);
                    }
                }
                format!("expected {}", allowed.join(" or "))
            }
            Self::MinCount(count) => format!("expected at least {}", values(*count)),
            Self::MaxCount(count) => format!("expected at most {}", values(*count)),
            Self::Range(bound, literal) => {
                let relation = match bound {
                    Bound::MinExclusive => ">",
                    Bound::MinInclusive => ">=",
                    Bound::MaxExclusive => "<",
                    Bound::MaxInclusive => "<=",
                };
                format!("expected a value {relation} {literal}")
            }
            Self::MinLength(length) => format!("expected at least {length} characters"),
            Self::MaxLength(length) => format!("expected at most {length} characters"),
            Self::Pattern(pattern) => format!("expected a match of `{}`", pattern.text),
            Self::LanguageIn(ranges) => format!("expected a language of: {}", ranges.join(", ")),
            Self::UniqueLang => "expected at most one value in each language".to_owned(),
            Self::Equals(other) => format!("expected the same values as of {other}"),
            Self::Disjoint(other) => format!("expected no value of {other}"),
            Self::LessThan(other) => format!("expected a value less than those of {other}"),
            Self::LessThanOrEquals(other) => {
                format!("expected a value less than or equal to those of {other}")
            }
            Self::Not(_) => "expected a node that does not conform to the shape".to_owned(),
            Self::And(_) => "expected a node that conforms to all of the shapes".to_owned(),
            Self::Or(_) => "expected a node that conforms to one or more of the shapes".to_owned(),
            Self::Xone(_) => {
                "expected a node that conforms to exactly one of the shapes".to_owned()
            }
            Self::Node(_) | Self::Property(_) => {
                "expected a node that conforms to the shape".to_owned()
            }
            Self::Qualified(qualified) => {
                let mut message = "expected".to_owned();
                if let Some(min) = qualified.min {
                    // Writing to a string cannot fail.
                    let _ = write!(message, " at least {}", values(min));
                }
                if let Some(max) = qualified.max {
                    let and = if qualified.min.is_some() { " and" } else { "" };
                    let _ = write!(message, "{and} at most {}", values(max));
                }
                message.push_str(" that conform to the shape");
                message
            }
            Self::Closed(_) => "expected no property that the shape does not name".to_owned(),
            Self::HasValue(value) => format!("expected the value {value}"),
            Self::In(members) => {
                let members: Vec<String> = members.iter().map(ToString::to_string).collect();
                format!("expected one of: {}", members.join(", "))
            }
            Self::Sparql(_) | Self::Custom(_) => unmet(self.component()).value().to_owned(),
        }
    }
}

fn values(count: usize) -> String {
    if count == 1 {
        "1 value".to_owned()
    } else {
        format!("{count} values")
    }
}
