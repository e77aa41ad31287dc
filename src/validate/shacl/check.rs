//! What the constraints ask of the data.
//!
//! In: typed shapes and a data graph. Out: validation results. Reading shapes is in `shapes` and
//! `constraints`, running queries in `sparql` and `component`.

use super::constraints::{Constraint, Qualified};
use super::data::{DataGraph, DataReader};
use super::error::ShapeError;
use super::path::Path;
use super::report::{Report, ValidationResult};
use super::shapes::{Shape, ShapeId, Shapes, Target};
use super::term::{compare_terms, sort_distinct};
use super::value::{compare_values, has_datatype};
use super::vocab as sh;
use oxigraph::store::Store;
use oxrdf::{Literal, NamedNodeRef, Term};
use std::cmp::Ordering;

/// How many checks may go on within one another.
const DEPTH_LIMIT: usize = 64;

/// Validates the data graph of a store against shapes, without any inference.
///
/// The results are ordered; two runs over the same store give the same report.
///
/// # Errors
/// When the store cannot be read, a query fails, or a shape refers to itself for the same node. Data
/// that does not conform is no error.
///
/// Spec: shacl §3.4
pub fn validate(store: &Store, shapes: &Shapes, data: &DataGraph) -> Result<Report, ShapeError> {
    let mut validator = Validator {
        data: DataReader::new(store, data),
        graph: data,
        shapes,
        open: Vec::new(),
    };
    let mut report = Report::default();
    for id in shapes.targeted() {
        if shapes.get(id).deactivated {
            continue;
        }
        for focus_node in validator.focus_nodes(shapes.get(id))? {
            validator.check_shape(id, &focus_node, &mut report.results)?;
        }
    }
    Ok(report)
}

struct Validator<'a> {
    data: DataReader<'a>,
    graph: &'a DataGraph,
    shapes: &'a Shapes,
    /// The checks that are going on, outermost first.
    open: Vec<(ShapeId, Term)>,
}

/// A shape with the nodes that a constraint of it is checked for.
struct Scope<'a> {
    shape: &'a Shape,
    focus_node: &'a Term,
    values: &'a [Term],
}

impl Scope<'_> {
    /// Makes a result for a constraint, about one value or about all of them.
    fn result(&self, constraint: &Constraint, value: Option<&Term>) -> ValidationResult {
        let messages = if self.shape.messages.is_empty() {
            vec![Literal::new_language_tagged_literal_unchecked(
                constraint.default_message(),
                "en",
            )]
        } else {
            self.shape.messages.clone()
        };
        ValidationResult {
            focus_node: self.focus_node.clone(),
            path: self.shape.path.clone(),
            value: value.cloned(),
            source_shape: self.shape.node.clone(),
            source_constraint: None,
            component: constraint.component().into_owned(),
            severity: self.shape.severity.clone(),
            messages,
            details: Vec::new(),
        }
    }

    /// Adds a result for each value that a test rejects.
    fn reject_if(
        &self,
        constraint: &Constraint,
        results: &mut Vec<ValidationResult>,
        mut rejects: impl FnMut(&Term) -> bool,
    ) {
        for value in self.values {
            if rejects(value) {
                results.push(self.result(constraint, Some(value)));
            }
        }
    }
}

impl Validator<'_> {
    /// Gives the focus nodes of a shape, sorted.
    fn focus_nodes(&self, shape: &Shape) -> Result<Vec<Term>, ShapeError> {
        let mut nodes = Vec::new();
        for target in &shape.targets {
            match target {
                Target::Node(node) => nodes.push(node.clone()),
                Target::Class(class) => nodes.extend(self.data.focus_instances_of(class)?),
                Target::SubjectsOf(property) => {
                    nodes.extend(self.data.focus_subjects_of(property.as_ref())?);
                }
                Target::ObjectsOf(property) => {
                    nodes.extend(self.data.focus_objects_of(property.as_ref())?);
                }
            }
        }
        sort_distinct(&mut nodes);
        Ok(nodes)
    }

    /// Checks a node against a shape and adds what is wrong.
    fn check_shape(
        &mut self,
        id: ShapeId,
        focus_node: &Term,
        results: &mut Vec<ValidationResult>,
    ) -> Result<(), ShapeError> {
        let shapes = self.shapes;
        let shape = shapes.get(id);
        if shape.deactivated {
            return Ok(());
        }
        if self
            .open
            .iter()
            .any(|(open, node)| *open == id && node == focus_node)
        {
            return Err(ShapeError::Recursive {
                shape: shape.node.clone().into(),
                focus_node: focus_node.clone().into(),
            });
        }
        if self.open.len() >= DEPTH_LIMIT {
            return Err(ShapeError::TooDeep {
                shape: shape.node.clone().into(),
                limit: DEPTH_LIMIT,
            });
        }
        let values = match &shape.path {
            Some(path) => path.follow(&self.data, focus_node)?,
            None => vec![focus_node.clone()],
        };
        let scope = Scope {
            shape,
            focus_node,
            values: &values,
        };
        self.open.push((id, focus_node.clone()));
        for constraint in &shape.constraints {
            self.check(&scope, constraint, results)?;
        }
        self.open.pop();
        Ok(())
    }

    /// Gives what is wrong with a node by a shape.
    fn results_of(
        &mut self,
        id: ShapeId,
        node: &Term,
    ) -> Result<Vec<ValidationResult>, ShapeError> {
        let mut results = Vec::new();
        self.check_shape(id, node, &mut results)?;
        Ok(results)
    }

    fn conforms(&mut self, id: ShapeId, node: &Term) -> Result<bool, ShapeError> {
        Ok(self.results_of(id, node)?.is_empty())
    }

    /// Counts the shapes that a node conforms to.
    fn conforming(&mut self, ids: &[ShapeId], node: &Term) -> Result<usize, ShapeError> {
        let mut count = 0;
        for id in ids {
            if self.conforms(*id, node)? {
                count += 1;
            }
        }
        Ok(count)
    }

    fn check(
        &mut self,
        scope: &Scope<'_>,
        constraint: &Constraint,
        results: &mut Vec<ValidationResult>,
    ) -> Result<(), ShapeError> {
        match constraint {
            Constraint::Class(class) => {
                let class = Term::from(class.clone());
                for value in scope.values {
                    if !self.data.is_instance(value, &class)? {
                        results.push(scope.result(constraint, Some(value)));
                    }
                }
            }
            Constraint::Datatype(_)
            | Constraint::NodeKind(_)
            | Constraint::Range(..)
            | Constraint::MinLength(_)
            | Constraint::MaxLength(_)
            | Constraint::Pattern(_)
            | Constraint::LanguageIn(_)
            | Constraint::In(_) => {
                scope.reject_if(constraint, results, |value| !admits(constraint, value));
            }
            Constraint::MinCount(count) => {
                if scope.values.len() < *count {
                    results.push(scope.result(constraint, None));
                }
            }
            Constraint::MaxCount(count) => {
                if scope.values.len() > *count {
                    results.push(scope.result(constraint, None));
                }
            }
            Constraint::HasValue(value) => {
                if !scope.values.contains(value) {
                    results.push(scope.result(constraint, None));
                }
            }
            Constraint::UniqueLang => {
                for _ in repeated_languages(scope.values) {
                    results.push(scope.result(constraint, None));
                }
            }
            Constraint::Equals(other)
            | Constraint::Disjoint(other)
            | Constraint::LessThan(other)
            | Constraint::LessThanOrEquals(other) => {
                let others = self.data.objects(scope.focus_node, other.as_ref())?;
                check_pair(scope, constraint, &others, results);
            }
            Constraint::Not(_)
            | Constraint::And(_)
            | Constraint::Or(_)
            | Constraint::Xone(_)
            | Constraint::Node(_)
            | Constraint::Property(_) => self.check_shapes(scope, constraint, results)?,
            Constraint::Qualified(qualified) => {
                self.check_qualified(scope, constraint, qualified, results)?;
            }
            Constraint::Closed(allowed) => {
                for value in scope.values {
                    for (property, object) in self.data.properties(value)? {
                        if allowed.binary_search(&property).is_err() {
                            let mut result = scope.result(constraint, Some(&object));
                            result.path = Some(Path::Predicate(property));
                            results.push(result);
                        }
                    }
                }
            }
            Constraint::Sparql(sparql) => {
                results.extend(sparql.check(
                    &self.data,
                    self.graph.shapes_graph(),
                    scope.shape,
                    scope.focus_node,
                )?);
            }
            Constraint::Custom(custom) => {
                results.extend(custom.check(
                    &self.data,
                    self.graph.shapes_graph(),
                    scope.shape,
                    scope.focus_node,
                    scope.values,
                )?);
            }
        }
        Ok(())
    }

    /// Checks the constraints that refer to other shapes.
    fn check_shapes(
        &mut self,
        scope: &Scope<'_>,
        constraint: &Constraint,
        results: &mut Vec<ValidationResult>,
    ) -> Result<(), ShapeError> {
        for value in scope.values {
            let conforms = match constraint {
                Constraint::Not(shape) => !self.conforms(*shape, value)?,
                Constraint::And(shapes) => self.conforming(shapes, value)? == shapes.len(),
                Constraint::Or(shapes) => self.conforming(shapes, value)? > 0,
                Constraint::Xone(shapes) => self.conforming(shapes, value)? == 1,
                Constraint::Node(shape) => {
                    let details = self.results_of(*shape, value)?;
                    if !details.is_empty() {
                        let mut result = scope.result(constraint, Some(value));
                        result.details = details;
                        results.push(result);
                    }
                    continue;
                }
                Constraint::Property(shape) => {
                    self.check_shape(*shape, value, results)?;
                    continue;
                }
                _ => continue,
            };
            if !conforms {
                results.push(scope.result(constraint, Some(value)));
            }
        }
        Ok(())
    }

    /// Spec: shacl §4.7.3
    fn check_qualified(
        &mut self,
        scope: &Scope<'_>,
        constraint: &Constraint,
        qualified: &Qualified,
        results: &mut Vec<ValidationResult>,
    ) -> Result<(), ShapeError> {
        let mut count = 0;
        for value in scope.values {
            if self.conforms(qualified.shape, value)?
                && self.conforming(&qualified.siblings, value)? == 0
            {
                count += 1;
            }
        }
        let mut push = |component: NamedNodeRef<'_>| {
            let mut result = scope.result(constraint, None);
            result.component = component.into_owned();
            results.push(result);
        };
        if qualified.min.is_some_and(|min| count < min) {
            push(sh::QUALIFIED_MIN_COUNT_COMPONENT);
        }
        if qualified.max.is_some_and(|max| count > max) {
            push(sh::QUALIFIED_MAX_COUNT_COMPONENT);
        }
        Ok(())
    }
}

/// Whether a constraint that looks at nothing but the value admits it.
fn admits(constraint: &Constraint, value: &Term) -> bool {
    match constraint {
        Constraint::Datatype(datatype) => {
            matches!(value, Term::Literal(literal) if has_datatype(literal, datatype.as_ref()))
        }
        Constraint::NodeKind(kind) => match value {
            Term::NamedNode(_) => kind.iri,
            Term::BlankNode(_) => kind.blank_node,
            Term::Literal(_) => kind.literal,
        },
        Constraint::Range(bound, limit) => {
            matches!(value, Term::Literal(literal)
                if bound.admits(compare_values(literal.as_ref(), limit.as_ref())))
        }
        // Lengths are counted in code points, as SPARQL's STRLEN does.
        Constraint::MinLength(length) => {
            text(value).is_some_and(|text| text.chars().count() >= *length)
        }
        Constraint::MaxLength(length) => {
            text(value).is_some_and(|text| text.chars().count() <= *length)
        }
        Constraint::Pattern(pattern) => {
            text(value).is_some_and(|text| pattern.regex.is_match(text))
        }
        Constraint::LanguageIn(ranges) => {
            matches!(value, Term::Literal(literal)
            if literal.language().is_some_and(|language| {
                ranges.iter().any(|range| matches_language(language, range))
            }))
        }
        Constraint::In(members) => members.contains(value),
        _ => true,
    }
}

/// Gives the text of an IRI or a literal; a blank node has none.
fn text(value: &Term) -> Option<&str> {
    match value {
        Term::NamedNode(node) => Some(node.as_str()),
        Term::Literal(literal) => Some(literal.value()),
        Term::BlankNode(_) => None,
    }
}

/// Matches a language tag with a range as SPARQL's `langMatches` does.
///
/// Spec: RFC 4647 §3.3.1
fn matches_language(language: &str, range: &str) -> bool {
    if range == "*" {
        return !language.is_empty();
    }
    match language.get(..range.len()) {
        Some(start) if start.eq_ignore_ascii_case(range) => {
            language.len() == range.len() || language.as_bytes()[range.len()] == b'-'
        }
        _ => false,
    }
}

/// Gives the languages that more than one value has, sorted.
fn repeated_languages(values: &[Term]) -> Vec<String> {
    let mut languages: Vec<String> = values
        .iter()
        .filter_map(|value| match value {
            Term::Literal(literal) => literal.language().map(str::to_ascii_lowercase),
            _ => None,
        })
        .collect();
    languages.sort_unstable();
    let mut repeated: Vec<String> = languages
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| pair[0].clone())
        .collect();
    repeated.dedup();
    repeated
}

/// Checks a constraint between the values and those of another property.
fn check_pair(
    scope: &Scope<'_>,
    constraint: &Constraint,
    others: &[Term],
    results: &mut Vec<ValidationResult>,
) {
    match constraint {
        Constraint::Equals(_) => {
            let mut different: Vec<&Term> = scope
                .values
                .iter()
                .filter(|value| !others.contains(value))
                .chain(others.iter().filter(|other| !scope.values.contains(other)))
                .collect();
            different.sort_by(|a, b| compare_terms(a, b));
            for value in different {
                results.push(scope.result(constraint, Some(value)));
            }
        }
        Constraint::Disjoint(_) => {
            scope.reject_if(constraint, results, |value| others.contains(value));
        }
        Constraint::LessThan(_) | Constraint::LessThanOrEquals(_) => {
            let or_equal = matches!(constraint, Constraint::LessThanOrEquals(_));
            for value in scope.values {
                for other in others {
                    let order = order(value, other);
                    if !(order == Some(Ordering::Less)
                        || or_equal && order == Some(Ordering::Equal))
                    {
                        results.push(scope.result(constraint, Some(value)));
                    }
                }
            }
        }
        _ => {}
    }
}

fn order(a: &Term, b: &Term) -> Option<Ordering> {
    match (a, b) {
        (Term::Literal(a), Term::Literal(b)) => compare_values(a.as_ref(), b.as_ref()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
