//! Expressions, lowered: names become columns, functions are looked up.
//!
//! In: an expression map and the row that it is of. Out: an [`Expression`] of a plan; a name or function that is
//! none is told of with those that are near.

use super::row::{RowShape, Scope};
use super::{Options, columns, element};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::function;
use crate::mapping::rml::model::{
    Call as CallMap, Expression as ExpressionKind, ExpressionMap, Place, Side, TemplatePart,
};
use crate::plan::{Call, Element, Expression, Piece};
use crate::rdf::iri::Safe;
use oxrdf::Term;
use rustc_hash::FxHashSet;

/// What the expressions of a mapping have in common.
pub(super) struct Expressions<'l> {
    options: &'l Options,
    /// The places that plans point to.
    pub(super) elements: Vec<Element>,
    /// The names that were warned of because two columns have them.
    doubled: FxHashSet<(String, String)>,
}

impl<'l> Expressions<'l> {
    pub(super) fn new(options: &'l Options) -> Self {
        Self {
            options,
            elements: vec![Element::default()],
            doubled: FxHashSet::default(),
        }
    }

    /// Lowers an expression, with values as they are.
    pub(super) fn expression(
        &mut self,
        map: &ExpressionMap,
        row: &RowShape,
        scope: Scope,
        diagnostics: &mut Diagnostics,
    ) -> Option<Expression> {
        self.encoded(map, row, scope, Safe::Everything, diagnostics)
    }

    /// Lowers an expression; values in templates are percent-encoded but for these characters.
    pub(super) fn encoded(
        &mut self,
        map: &ExpressionMap,
        row: &RowShape,
        scope: Scope,
        safe: Safe,
        diagnostics: &mut Diagnostics,
    ) -> Option<Expression> {
        Some(match &map.expression {
            ExpressionKind::Constant(term) => Expression::Constant(match term {
                Term::NamedNode(node) => node.as_str().to_owned(),
                Term::Literal(literal) => literal.value().to_owned(),
                other => other.to_string(),
            }),
            ExpressionKind::Reference(name, side) => {
                self.name(name, *side, row, scope, &map.place, diagnostics)?
            }
            ExpressionKind::Template(template) => {
                let mut pieces = Vec::new();
                for part in &template.parts {
                    pieces.push(match part {
                        TemplatePart::Text(text) => Piece::Text(text.clone()),
                        TemplatePart::Reference(name, side) => {
                            let value =
                                self.name(name, *side, row, scope, &map.place, diagnostics)?;
                            Piece::Value(value, safe)
                        }
                    });
                }
                Expression::Template(pieces)
            }
            ExpressionKind::Call(call) => self.call(call, row, scope, &map.place, diagnostics)?,
        })
    }

    // What a name stands for; a name that is none is told of with those that are near.
    fn name(
        &mut self,
        name: &str,
        side: Side,
        row: &RowShape,
        scope: Scope,
        place: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<Expression> {
        let part = match side {
            Side::Child => scope.child,
            Side::Parent => scope.parent,
        };
        if row.resolved(part).names.is_doubled(name) {
            self.warn_of_doubled(name, &row.resolved(part).title, place, diagnostics);
        }
        if let Some(value) = row.name(name, scope, side) {
            return Some(value);
        }
        if self.options.missing_columns_are_null {
            return Some(Expression::List(Vec::new()));
        }
        let resolved = row.resolved(part);
        let help = columns::help(name, &resolved.names.all);
        let found = Diagnostic::error(
            "rml::missing-column",
            format!("`{}` has no column `{name}`", resolved.title),
            place.location(),
        )
        .with_help(help);
        diagnostics.push(found);
        None
    }

    fn call(
        &mut self,
        call: &CallMap,
        row: &RowShape,
        scope: Scope,
        place: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<Expression> {
        let iri = &call.function.value;
        let Some(function) = function::find(iri) else {
            let mut found = Diagnostic::error(
                "rml::unknown-function",
                format!("there is no function <{iri}>"),
                call.function.place.location(),
            );
            if let Some(reason) = function::refused(iri) {
                found = found.with_help(reason);
            } else if let Some(near) = function::nearest(iri) {
                found = found.with_help(format!("did you mean <{near}>?"));
            }
            diagnostics.push(found);
            return None;
        };
        let mut given: Vec<Vec<(String, Expression)>> = vec![Vec::new(); function.parameters.len()];
        let mut is_sound = true;
        for (parameter, argument) in &call.arguments {
            let Some(number) = function.parameter(&parameter.value) else {
                let mut found = Diagnostic::error(
                    "rml::unknown-parameter",
                    format!(
                        "the function `{}` has no parameter <{}>",
                        function.name, parameter.value
                    ),
                    parameter.place.location(),
                );
                let near = function::nearest_parameter(function, &parameter.value);
                let names: Vec<&str> = function.parameters.iter().map(|known| known.name).collect();
                found = found.with_help(match near {
                    Some(near) => format!("did you mean <{near}>?"),
                    None if names.is_empty() => "it has none".to_owned(),
                    None => format!("it has {}", names.join(", ")),
                });
                diagnostics.push(found);
                is_sound = false;
                continue;
            };
            let Some(value) = self.expression(argument, row, scope, diagnostics) else {
                is_sound = false;
                continue;
            };
            given[number].push((parameter.value.clone(), value));
        }
        if let Some(output) = &call.output
            && !function.has_output(&output.value)
        {
            let known: Vec<String> = function
                .outputs
                .iter()
                .take(3)
                .map(|iri| format!("<{iri}>"))
                .collect();
            diagnostics.push(
                Diagnostic::error(
                    "rml::unknown-return",
                    format!(
                        "the function `{}` does not return <{}>",
                        function.name, output.value
                    ),
                    output.place.location(),
                )
                .with_help(format!("it returns {}", known.join(" or "))),
            );
            is_sound = false;
        }
        let mut arguments = Vec::new();
        for (parameter, mut values) in function.parameters.iter().zip(given) {
            if values.is_empty() && parameter.required {
                diagnostics.push(Diagnostic::error(
                    "rml::missing-parameter",
                    format!(
                        "the function `{}` has to be given `{}`",
                        function.name, parameter.name
                    ),
                    place.location(),
                ));
                is_sound = false;
            }
            // `rdf:_2` stands before `rdf:_10`.
            values.sort_by_key(|(iri, _)| {
                iri.rsplit_once("#_")
                    .and_then(|(_, number)| number.parse::<u64>().ok())
                    .unwrap_or(0)
            });
            let mut values: Vec<Expression> = values.into_iter().map(|(_, value)| value).collect();
            arguments.push(match values.len() {
                0 => None,
                1 => values.pop(),
                _ => Some(Expression::List(values)),
            });
        }
        if !is_sound {
            return None;
        }
        self.elements.push(element(place));
        Some(Expression::Call(Box::new(Call {
            function,
            arguments,
            element: self.elements.len() - 1,
        })))
    }

    fn warn_of_doubled(
        &mut self,
        name: &str,
        source: &str,
        place: &Place,
        diagnostics: &mut Diagnostics,
    ) {
        if self.doubled.insert((source.to_owned(), name.to_owned())) {
            diagnostics.push(
                Diagnostic::warning(
                    "rml::column-twice",
                    format!("`{source}` has two columns `{name}`: the first is taken"),
                    place.location(),
                )
                .with_help("give the columns names of their own"),
            );
        }
    }
}
