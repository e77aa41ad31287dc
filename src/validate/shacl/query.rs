//! Queries with pre-bound variables: parsed, checked, run for one node.
//!
//! Pre-binding puts the values in front of the query by a lateral join, so that each group of it,
//! also one that has no pattern of its own, sees them; and blank nodes stay the nodes they are, which
//! no text of a query could name.
//!
//! Spec: shacl §5.2.1

use super::data::DataReader;
use super::error::ShapeError;
use super::path::Path;
use super::query_check::{check, select_variables};
use super::source::{Source, expect_iri};
use super::vocab as sh;
use oxigraph::sparql::{QueryEvaluationError, QueryResults, QuerySolution, SparqlEvaluator};
use oxrdf::{NamedNode, Term, Variable};
use spargebra::algebra::{Expression, Function, GraphPattern};
use spargebra::{Query, SparqlParser};

/// Names the functions that give blank nodes to a query; they exist during one evaluation.
const BLANK_NODE_FUNCTION: &str = "urn:x-shacl:pre-bound:";

/// A query that is run once for each node.
#[derive(Debug, Clone)]
pub(super) struct PreboundQuery {
    /// The constraint or validator it belongs to.
    constraint: Term,
    pattern: GraphPattern,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    /// With the variables of the answer.
    Select(Vec<Variable>),
    Ask,
}

/// What a query is: the property its text stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryForm {
    /// `sh:select`.
    Select,
    /// `sh:ask`.
    Ask,
}

impl PreboundQuery {
    /// Parses the query of a constraint or validator.
    ///
    /// `prebound` are the names of the variables that get values, `path` what `$PATH` stands for.
    pub(super) fn parse(
        source: &Source<'_>,
        constraint: &Term,
        form: QueryForm,
        path: Option<&Path>,
        prebound: &[&str],
    ) -> Result<Self, ShapeError> {
        let unsupported = |reason: String| ShapeError::UnsupportedQuery {
            constraint: constraint.clone().into(),
            reason,
        };
        let property = match form {
            QueryForm::Select => sh::SELECT,
            QueryForm::Ask => sh::ASK,
        };
        let text =
            source
                .string(constraint, property)?
                .ok_or_else(|| ShapeError::MissingValue {
                    shape: constraint.clone().into(),
                    property: property.into_owned(),
                })?;
        let text = match path {
            Some(path) => replace_variable(&text, "PATH", &path.to_string()),
            None if replace_variable(&text, "PATH", "") != text => {
                return Err(unsupported(
                    "uses $PATH, and the shape has no sh:path".to_owned(),
                ));
            }
            None => text,
        };
        let mut parser = SparqlParser::new();
        for (prefix, namespace) in prefixes(source, constraint)? {
            parser =
                parser
                    .with_prefix(&prefix, &namespace)
                    .map_err(|_| ShapeError::InvalidPrefix {
                        constraint: constraint.clone().into(),
                        prefix,
                        namespace,
                    })?;
        }
        let query = parser
            .parse_query(&text)
            .map_err(|source| ShapeError::QuerySyntax {
                constraint: constraint.clone().into(),
                source: Box::new(source),
            })?;
        if query.dataset().is_some() {
            return Err(unsupported("names its own graphs by FROM".to_owned()));
        }
        let (mut pattern, form) = match (query, form) {
            (Query::Select { pattern, .. }, QueryForm::Select) => {
                let variables = select_variables(&pattern)
                    .map(<[Variable]>::to_vec)
                    .unwrap_or_default();
                if !variables.iter().any(|variable| variable.as_str() == "this") {
                    return Err(unsupported("does not select $this".to_owned()));
                }
                (pattern, Form::Select(variables))
            }
            (Query::Ask { pattern, .. }, QueryForm::Ask) => (pattern, Form::Ask),
            (_, QueryForm::Select) => return Err(unsupported("is no SELECT query".to_owned())),
            (_, QueryForm::Ask) => return Err(unsupported("is no ASK query".to_owned())),
        };
        check(&pattern, prebound).map_err(unsupported)?;
        let prebound: Vec<Variable> = prebound
            .iter()
            .map(|name| Variable::new_unchecked(*name))
            .collect();
        widen(&mut pattern, &prebound);
        Ok(Self {
            constraint: constraint.clone(),
            pattern,
            form,
        })
    }

    /// Runs a SELECT query for a focus node, with values for the pre-bound variables.
    pub(super) fn select(
        &self,
        data: &DataReader<'_>,
        focus_node: &Term,
        bindings: &[(Variable, Term)],
    ) -> Result<Vec<QuerySolution>, ShapeError> {
        match self.run(data, bindings) {
            Ok(QueryResults::Solutions(solutions)) => solutions
                .collect::<Result<_, _>>()
                .map_err(|source| self.failed(focus_node, source)),
            Ok(_) => Ok(Vec::new()),
            Err(source) => Err(self.failed(focus_node, source)),
        }
    }

    /// Runs an ASK query for a focus node, with values for the pre-bound variables.
    pub(super) fn ask(
        &self,
        data: &DataReader<'_>,
        focus_node: &Term,
        bindings: &[(Variable, Term)],
    ) -> Result<bool, ShapeError> {
        match self.run(data, bindings) {
            Ok(QueryResults::Boolean(answer)) => Ok(answer),
            Ok(_) => Ok(false),
            Err(source) => Err(self.failed(focus_node, source)),
        }
    }

    fn failed(&self, focus_node: &Term, source: QueryEvaluationError) -> ShapeError {
        ShapeError::QueryEvaluation {
            constraint: self.constraint.clone().into(),
            focus_node: focus_node.clone().into(),
            source: Box::new(source),
        }
    }

    fn run(
        &self,
        data: &DataReader<'_>,
        bindings: &[(Variable, Term)],
    ) -> Result<QueryResults<'static>, QueryEvaluationError> {
        let mut evaluator = SparqlEvaluator::new();
        let mut values = GraphPattern::Bgp {
            patterns: Vec::new(),
        };
        for (variable, term) in bindings {
            let expression = match term {
                Term::NamedNode(node) => Expression::NamedNode(node.clone()),
                Term::Literal(literal) => Expression::Literal(literal.clone()),
                Term::BlankNode(_) => {
                    let name = NamedNode::new_unchecked(format!(
                        "{BLANK_NODE_FUNCTION}{}",
                        variable.as_str()
                    ));
                    let term = term.clone();
                    evaluator =
                        evaluator.with_custom_function(name.clone(), move |_| Some(term.clone()));
                    Expression::FunctionCall(Function::Custom(name), Vec::new())
                }
            };
            values = GraphPattern::Extend {
                inner: Box::new(values),
                variable: variable.clone(),
                expression,
            };
        }
        let pattern = GraphPattern::Lateral {
            left: Box::new(values),
            right: Box::new(self.pattern.clone()),
        };
        let query = match &self.form {
            Form::Select(variables) => Query::Select {
                dataset: None,
                pattern: GraphPattern::Project {
                    inner: Box::new(pattern),
                    variables: variables.clone(),
                },
                base_iri: None,
            },
            Form::Ask => Query::Ask {
                dataset: None,
                pattern,
                base_iri: None,
            },
        };
        let mut prepared = evaluator.for_query(query);
        prepared
            .dataset_mut()
            .set_default_graph(data.graphs().to_vec());
        prepared.on_store(data.store()).execute()
    }
}

/// Lets the pre-bound variables into the outermost SELECT, and into its groups if it has any.
///
/// A query without GROUP BY that aggregates stays as it is: with a key it would give no row, instead of
/// a row of zeros, where nothing matches.
fn widen(pattern: &mut GraphPattern, prebound: &[Variable]) {
    match pattern {
        GraphPattern::Slice { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Extend { inner, .. }
        | GraphPattern::Filter { inner, .. } => widen(inner, prebound),
        GraphPattern::Project { inner, variables } => {
            add_missing(variables, prebound);
            widen(inner, prebound);
        }
        GraphPattern::Group { variables, .. } if !variables.is_empty() => {
            add_missing(variables, prebound);
        }
        _ => {}
    }
}

fn add_missing(variables: &mut Vec<Variable>, prebound: &[Variable]) {
    for variable in prebound {
        if !variables.contains(variable) {
            variables.push(variable.clone());
        }
    }
}

/// Replaces `$name` and `?name` in the text of a query.
fn replace_variable(text: &str, name: &str, replacement: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['$', '?']) {
        let (before, from_sigil) = rest.split_at(start);
        result.push_str(before);
        let after = &from_sigil[1..];
        match after.strip_prefix(name) {
            Some(tail) if !tail.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                result.push_str(replacement);
                rest = tail;
            }
            _ => {
                result.push_str(&from_sigil[..1]);
                rest = after;
            }
        }
    }
    result.push_str(rest);
    result
}

/// Gives the prefixes that a constraint may use: those of its `sh:prefixes` and what they import.
///
/// Spec: shacl §5.2.1
fn prefixes(source: &Source<'_>, constraint: &Term) -> Result<Vec<(String, String)>, ShapeError> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut seen: Vec<Term> = Vec::new();
    let mut open = source.all(constraint, sh::PREFIXES);
    while let Some(ontology) = open.pop() {
        if seen.contains(&ontology) {
            continue;
        }
        open.extend(source.all(&ontology, sh::OWL_IMPORTS));
        for declaration in source.all(&ontology, sh::DECLARE) {
            let prefix = source.string(&declaration, sh::PREFIX)?.ok_or_else(|| {
                ShapeError::MissingValue {
                    shape: declaration.clone().into(),
                    property: sh::PREFIX.into_owned(),
                }
            })?;
            let namespace = match source.required(&declaration, sh::NAMESPACE_PROPERTY)? {
                Term::Literal(literal) => literal.value().to_owned(),
                // Written as an IRI by mistake often enough, and clear in what it means.
                other => expect_iri(&declaration, sh::NAMESPACE_PROPERTY, other)?.into_string(),
            };
            if let Some((_, known)) = found.iter().find(|(known, _)| *known == prefix) {
                if *known != namespace {
                    return Err(ShapeError::InvalidPrefix {
                        constraint: constraint.clone().into(),
                        prefix,
                        namespace,
                    });
                }
            } else {
                found.push((prefix, namespace));
            }
        }
        seen.push(ontology);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_replaced_as_a_whole_name() {
        assert_eq!(
            replace_variable("$this $PATH ?x . ?PATHS ?PATH", "PATH", "<p>"),
            "$this <p> ?x . ?PATHS <p>"
        );
        assert_eq!(replace_variable("قيمة $PATH؟", "PATH", "<p>"), "قيمة <p>؟");
        assert_eq!(replace_variable("a?", "PATH", "<p>"), "a?");
    }
}
