//! Constraint components that a shapes graph defines in SPARQL.
//!
//! Spec: shacl §6

use super::data::DataReader;
use super::error::ShapeError;
use super::path::Path;
use super::query::{PreboundQuery, QueryForm};
use super::report::ValidationResult;
use super::shapes::{Shape, messages};
use super::source::{Source, expect_iri};
use super::sparql::{Answers, fill, prebound, unmet};
use super::vocab as sh;
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, Term, Variable};

/// A constraint component: which parameters a shape gives, and what checks them.
#[derive(Debug)]
pub(super) struct Component {
    iri: NamedNode,
    parameters: Vec<Parameter>,
    node_validators: Vec<Term>,
    property_validators: Vec<Term>,
    validators: Vec<Term>,
}

#[derive(Debug)]
struct Parameter {
    path: NamedNode,
    is_optional: bool,
}

impl Parameter {
    /// Gives the name of the variable that holds the parameter: the local name of its path.
    fn name(&self) -> &str {
        let iri = self.path.as_str();
        let start = iri
            .rfind(['#', '/', ':'])
            .map_or(0, |position| position + 1);
        &iri[start..]
    }
}

/// Values of variables.
type Bindings = Vec<(Variable, Term)>;

/// A use of a component: the values a shape gives for the parameters.
#[derive(Debug, Clone)]
pub(super) struct CustomConstraint {
    pub(super) component: NamedNode,
    validator: Term,
    query: PreboundQuery,
    form: QueryForm,
    parameters: Bindings,
    messages: Vec<Literal>,
}

/// Reads the components that a shapes graph defines, in order of their IRIs.
pub(super) fn parse_all(source: &Source<'_>) -> Result<Vec<Component>, ShapeError> {
    let mut components = Vec::new();
    for node in source.instances(sh::CONSTRAINT_COMPONENT) {
        let iri = expect_iri(&node, rdf::TYPE, node.clone())?;
        // A copy of SHACL's own vocabulary does not define its components anew.
        if iri.as_str().starts_with(sh::NAMESPACE) {
            continue;
        }
        let mut parameters = Vec::new();
        for parameter in source.all(&node, sh::PARAMETER) {
            let path = source.required(&parameter, sh::PATH)?;
            parameters.push(Parameter {
                path: expect_iri(&parameter, sh::PATH, path)?,
                is_optional: source.boolean(&parameter, sh::OPTIONAL)?.unwrap_or(false),
            });
        }
        parameters.sort_by(|a, b| a.path.cmp(&b.path));
        if parameters.iter().all(|parameter| parameter.is_optional) {
            return Err(ShapeError::MissingValue {
                shape: node.into(),
                property: sh::PARAMETER.into_owned(),
            });
        }
        components.push(Component {
            iri,
            parameters,
            node_validators: source.all(&node, sh::NODE_VALIDATOR),
            property_validators: source.all(&node, sh::PROPERTY_VALIDATOR),
            validators: source.all(&node, sh::VALIDATOR),
        });
    }
    Ok(components)
}

impl Component {
    /// Gives the constraints that a shape makes of the component: none without the parameters.
    ///
    /// Spec: shacl §6.2.3 (which validator), §2.1.1 (which constraints)
    pub(super) fn constraints_of(
        &self,
        source: &Source<'_>,
        shape: &Term,
        path: Option<&Path>,
    ) -> Result<Vec<CustomConstraint>, ShapeError> {
        let Some(sets) = self.values_of(source, shape)? else {
            return Ok(Vec::new());
        };
        let special = if path.is_some() {
            &self.property_validators
        } else {
            &self.node_validators
        };
        let Some(validator) = special.first().or_else(|| self.validators.first()) else {
            return Ok(Vec::new());
        };
        let form = if source.one(validator, sh::SELECT)?.is_some() {
            QueryForm::Select
        } else {
            QueryForm::Ask
        };
        let mut prebound = vec!["this", "shapesGraph", "currentShape"];
        if form == QueryForm::Ask {
            prebound.push("value");
        }
        prebound.extend(self.parameters.iter().map(Parameter::name));
        let query = PreboundQuery::parse(source, validator, form, path, &prebound)?;
        let messages = messages(source, validator)?;
        Ok(sets
            .into_iter()
            .map(|parameters| CustomConstraint {
                component: self.iri.clone(),
                validator: validator.clone(),
                query: query.clone(),
                form,
                parameters,
                messages: messages.clone(),
            })
            .collect())
    }

    /// Gives the values of the parameters: one set for each value where there is one parameter only.
    fn values_of(
        &self,
        source: &Source<'_>,
        shape: &Term,
    ) -> Result<Option<Vec<Bindings>>, ShapeError> {
        if let [parameter] = self.parameters.as_slice() {
            let variable = Variable::new_unchecked(parameter.name());
            let values = source.all(shape, parameter.path.as_ref());
            return Ok((!values.is_empty()).then(|| {
                values
                    .into_iter()
                    .map(|value| vec![(variable.clone(), value)])
                    .collect()
            }));
        }
        let mut set = Vec::new();
        for parameter in &self.parameters {
            match source.all(shape, parameter.path.as_ref()).as_slice() {
                [] if parameter.is_optional => {}
                [] => return Ok(None),
                [value] => {
                    set.push((Variable::new_unchecked(parameter.name()), value.clone()));
                }
                values => {
                    return Err(ShapeError::TooManyValues {
                        shape: shape.clone().into(),
                        property: parameter.path.clone(),
                        count: values.len(),
                    });
                }
            }
        }
        Ok(Some(vec![set]))
    }
}

impl CustomConstraint {
    /// Gives the violations of a focus node with its value nodes.
    pub(super) fn check(
        &self,
        data: &DataReader<'_>,
        shapes_graph: Option<&NamedNode>,
        shape: &Shape,
        focus_node: &Term,
        values: &[Term],
    ) -> Result<Vec<ValidationResult>, ShapeError> {
        let mut bindings = prebound(shapes_graph, shape, focus_node);
        bindings.extend(self.parameters.iter().cloned());
        if self.form == QueryForm::Select {
            let answers = Answers {
                shape,
                focus_node,
                bindings: &bindings,
                messages: &self.messages,
                component: self.component.as_ref(),
                constraint: &self.validator,
                source_constraint: None,
            };
            return answers.results(self.query.select(data, focus_node, &bindings)?);
        }
        let mut results = Vec::new();
        for value in values {
            let mut bindings = bindings.clone();
            bindings.push((Variable::new_unchecked("value"), value.clone()));
            if !self.query.ask(data, focus_node, &bindings)? {
                results.push(self.result(shape, focus_node, value, &bindings));
            }
        }
        Ok(results)
    }

    fn result(
        &self,
        shape: &Shape,
        focus_node: &Term,
        value: &Term,
        bindings: &[(Variable, Term)],
    ) -> ValidationResult {
        let values: Vec<(&str, &Term)> = bindings
            .iter()
            .map(|(variable, term)| (variable.as_str(), term))
            .collect();
        let messages = if self.messages.is_empty() {
            &shape.messages
        } else {
            &self.messages
        };
        let path = shape.path.as_ref().map(ToString::to_string);
        ValidationResult {
            focus_node: focus_node.clone(),
            path: shape.path.clone(),
            value: Some(value.clone()),
            source_shape: shape.node.clone(),
            source_constraint: None,
            component: self.component.clone(),
            severity: shape.severity.clone(),
            messages: if messages.is_empty() {
                vec![unmet(self.component.as_ref())]
            } else {
                messages
                    .iter()
                    .map(|message| fill(message, &values, path.as_deref()))
                    .collect()
            },
            details: Vec::new(),
        }
    }
}
