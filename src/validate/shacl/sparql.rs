//! SPARQL-based constraints: a SELECT query whose answers are the violations.
//!
//! Spec: shacl §5

use super::data::DataReader;
use super::error::ShapeError;
use super::path::Path;
use super::query::{PreboundQuery, QueryForm};
use super::report::ValidationResult;
use super::shapes::{Shape, messages};
use super::source::Source;
use super::term::{compare_terms, plain_text};
use super::vocab as sh;
use oxigraph::sparql::QuerySolution;
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term, Variable};

/// A value of `sh:sparql`.
#[derive(Debug, Clone)]
pub(super) struct SparqlConstraint {
    node: Term,
    query: PreboundQuery,
    messages: Vec<Literal>,
    deactivated: bool,
}

impl SparqlConstraint {
    pub(super) fn parse(
        source: &Source<'_>,
        node: &Term,
        path: Option<&Path>,
    ) -> Result<Self, ShapeError> {
        Ok(Self {
            node: node.clone(),
            query: PreboundQuery::parse(
                source,
                node,
                QueryForm::Select,
                path,
                &["this", "shapesGraph", "currentShape"],
            )?,
            messages: messages(source, node)?,
            deactivated: source.boolean(node, sh::DEACTIVATED)?.unwrap_or(false),
        })
    }

    /// Gives the violations of a focus node.
    pub(super) fn check(
        &self,
        data: &DataReader<'_>,
        shapes_graph: Option<&NamedNode>,
        shape: &Shape,
        focus_node: &Term,
    ) -> Result<Vec<ValidationResult>, ShapeError> {
        if self.deactivated {
            return Ok(Vec::new());
        }
        let bindings = prebound(shapes_graph, shape, focus_node);
        let answers = Answers {
            shape,
            focus_node,
            bindings: &bindings,
            messages: &self.messages,
            component: sh::SPARQL_COMPONENT,
            constraint: &self.node,
            source_constraint: Some(&self.node),
        };
        answers.results(self.query.select(data, focus_node, &bindings)?)
    }
}

/// Gives the values of the variables that all queries of shapes know.
pub(super) fn prebound(
    shapes_graph: Option<&NamedNode>,
    shape: &Shape,
    focus_node: &Term,
) -> Vec<(Variable, Term)> {
    let mut bindings = vec![
        (Variable::new_unchecked("this"), focus_node.clone()),
        (Variable::new_unchecked("currentShape"), shape.node.clone()),
    ];
    if let Some(name) = shapes_graph {
        bindings.push((Variable::new_unchecked("shapesGraph"), name.clone().into()));
    }
    bindings
}

/// What the solutions of a SELECT query are turned into results with.
pub(super) struct Answers<'a> {
    pub(super) shape: &'a Shape,
    pub(super) focus_node: &'a Term,
    pub(super) bindings: &'a [(Variable, Term)],
    /// The messages of the constraint or validator, which come before those of the shape.
    pub(super) messages: &'a [Literal],
    pub(super) component: NamedNodeRef<'a>,
    /// The constraint or validator, for errors.
    pub(super) constraint: &'a Term,
    pub(super) source_constraint: Option<&'a Term>,
}

impl Answers<'_> {
    /// Makes a result of each solution, ordered by path, value and message.
    ///
    /// Spec: shacl §5.3.2
    pub(super) fn results(
        &self,
        solutions: Vec<QuerySolution>,
    ) -> Result<Vec<ValidationResult>, ShapeError> {
        let mut results = Vec::with_capacity(solutions.len());
        for solution in solutions {
            if let Some(Term::Literal(failure)) = solution.get("failure")
                && failure.datatype() == xsd::BOOLEAN
                && matches!(failure.value(), "true" | "1")
            {
                return Err(ShapeError::ReportedFailure {
                    constraint: self.constraint.clone().into(),
                    focus_node: self.focus_node.clone().into(),
                });
            }
            let path = match solution.get("path") {
                Some(Term::NamedNode(path)) => Some(Path::Predicate(path.clone())),
                _ => self.shape.path.clone(),
            };
            let value = match solution.get("value") {
                Some(value) => Some(value.clone()),
                None if self.shape.path.is_none() => Some(self.focus_node.clone()),
                None => None,
            };
            results.push(ValidationResult {
                focus_node: self.focus_node.clone(),
                path,
                value,
                source_shape: self.shape.node.clone(),
                source_constraint: self.source_constraint.cloned(),
                component: self.component.into_owned(),
                severity: self.shape.severity.clone(),
                messages: self.messages_of(&solution),
                details: Vec::new(),
            });
        }
        results.sort_by_cached_key(|result| {
            let texts: Vec<String> = result.messages.iter().map(ToString::to_string).collect();
            (
                result.path.as_ref().map(ToString::to_string),
                result.value.as_ref().map(ToString::to_string),
                texts,
            )
        });
        Ok(results)
    }

    fn messages_of(&self, solution: &QuerySolution) -> Vec<Literal> {
        if let Some(Term::Literal(message)) = solution.get("message") {
            return vec![message.clone()];
        }
        let mut values: Vec<(&str, &Term)> = solution
            .iter()
            .map(|(variable, term)| (variable.as_str(), term))
            .collect();
        for (variable, term) in self.bindings {
            values.push((variable.as_str(), term));
        }
        values.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| compare_terms(x, y)));
        let own = if self.messages.is_empty() {
            &self.shape.messages
        } else {
            self.messages
        };
        if own.is_empty() {
            return vec![unmet(self.component)];
        }
        let path = self.shape.path.as_ref().map(ToString::to_string);
        own.iter()
            .map(|message| fill(message, &values, path.as_deref()))
            .collect()
    }
}

/// Gives the message of a constraint for which neither it nor its shape has one.
pub(super) fn unmet(component: NamedNodeRef<'_>) -> Literal {
    let text = if component == sh::SPARQL_COMPONENT {
        "the SPARQL-based constraint is not met".to_owned()
    } else {
        format!("the constraint {component} is not met")
    };
    Literal::new_language_tagged_literal_unchecked(text, "en")
}

/// Puts values in the places `{?name}` and `{$name}` of a message.
///
/// Spec: shacl §5.3.2
pub(super) fn fill(message: &Literal, values: &[(&str, &Term)], path: Option<&str>) -> Literal {
    let mut text = message.value().to_owned();
    if !text.contains('{') {
        return message.clone();
    }
    for (name, term) in values {
        text = fill_name(&text, name, plain_text(term));
    }
    if let Some(path) = path {
        text = fill_name(&text, "PATH", path);
    }
    match message.language() {
        Some(language) => Literal::new_language_tagged_literal_unchecked(text, language),
        None => Literal::new_simple_literal(text),
    }
}

fn fill_name(text: &str, name: &str, value: &str) -> String {
    text.replace(&format!("{{?{name}}}"), value)
        .replace(&format!("{{${name}}}"), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_filled_in_and_keep_their_language() {
        let message =
            Literal::new_language_tagged_literal_unchecked("{?value} في {$PATH} {?x}", "ar");
        let value = Term::from(Literal::from("٤٢"));
        let filled = fill(&message, &[("value", &value)], Some("<p>"));
        assert_eq!(filled.value(), "٤٢ في <p> {?x}");
        assert_eq!(filled.language(), Some("ar"));
    }
}
