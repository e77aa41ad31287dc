//! Expressions over the cells of a row, as far as rules look at them.
//!
//! Spec: RML-Core §7; RML-FNML

use crate::function::{self, Value};
use crate::mapping::rml::model::{
    Expression as ExpressionKind, ExpressionMap, Side, Template, TemplatePart,
};
use crate::plan::{Call, Expression, Nulls, Piece};
use crate::rdf::iri::{Safe, push_encoded};
use crate::table::Row;
use oxrdf::Term;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The greatest number of texts that a template makes of one row here.
const TEXTS: usize = 1000;

/// The columns of a table by their names.
pub(super) type Columns = FxHashMap<String, usize>;

/// The cells of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'c> {
    pub(super) row: Row<'c>,
    pub(super) nulls: &'c Nulls,
}

/// Makes an expression ready for rows; nothing where it asks for another row or for what is not there,
/// of which lowering tells.
pub(super) fn ready(map: &ExpressionMap, columns: &Columns, safe: Safe) -> Option<Expression> {
    Some(match &map.expression {
        ExpressionKind::Constant(term) => Expression::Constant(match term {
            Term::NamedNode(node) => node.as_str().to_owned(),
            Term::Literal(literal) => literal.value().to_owned(),
            Term::BlankNode(node) => node.to_string(),
        }),
        ExpressionKind::Reference(name, Side::Child) => Expression::Column(*columns.get(name)?),
        ExpressionKind::Reference(_, Side::Parent) => return None,
        ExpressionKind::Template(template) => {
            let mut pieces = Vec::new();
            for part in &template.parts {
                pieces.push(match part {
                    TemplatePart::Text(text) => Piece::Text(text.clone()),
                    TemplatePart::Reference(name, Side::Child) => {
                        Piece::Value(Expression::Column(*columns.get(name)?), safe)
                    }
                    TemplatePart::Reference(_, Side::Parent) => return None,
                });
            }
            Expression::Template(pieces)
        }
        ExpressionKind::Call(call) => {
            let function = function::find(&call.function.value)?;
            let mut given: Vec<Vec<Expression>> = vec![Vec::new(); function.parameters.len()];
            for (parameter, argument) in &call.arguments {
                let number = function.parameter(&parameter.value)?;
                given[number].push(ready(argument, columns, Safe::Everything)?);
            }
            let arguments = given.into_iter().map(|mut values| match values.len() {
                0 => None,
                1 => values.pop(),
                _ => Some(Expression::List(values)),
            });
            Expression::Call(Box::new(Call {
                function,
                arguments: arguments.collect(),
                element: 0,
            }))
        }
    })
}

/// The names in an expression, each once, in order.
pub(super) fn names(map: &ExpressionMap) -> Vec<&str> {
    let mut found = Vec::new();
    collect(map, &mut found);
    found
}

fn collect<'m>(map: &'m ExpressionMap, found: &mut Vec<&'m str>) {
    let mut add = |name: &'m str| {
        if !found.contains(&name) {
            found.push(name);
        }
    };
    match &map.expression {
        ExpressionKind::Constant(_) => {}
        ExpressionKind::Reference(name, _) => add(name),
        ExpressionKind::Template(Template { parts, .. }) => {
            for part in parts {
                if let TemplatePart::Reference(name, _) = part {
                    add(name);
                }
            }
        }
        ExpressionKind::Call(call) => {
            for (_, argument) in &call.arguments {
                collect(argument, found);
            }
        }
    }
}

impl<'c> Cells<'c> {
    /// The value of a column, counted from 0, unless it is null.
    pub(super) fn get(&self, column: usize) -> Option<&'c str> {
        self.row
            .get(column)
            .filter(|text| !self.nulls.contains(text))
    }

    /// What an expression gives; a function that fails gives nothing.
    pub(super) fn value<'v>(&self, expression: &'v Expression) -> Value<'v>
    where
        'c: 'v,
    {
        let text = |text: &'v str| Value::Text(Cow::Borrowed(text));
        match expression {
            Expression::Constant(constant) => text(constant),
            Expression::Column(column) => self.get(*column).map_or(Value::Null, text),
            Expression::Template(pieces) => self.template(pieces),
            Expression::List(items) => {
                Value::List(items.iter().map(|item| self.value(item)).collect())
            }
            Expression::Call(call) => {
                let arguments = call.arguments.iter().map(|argument| {
                    let argument = argument.as_ref();
                    argument.map_or(Value::Null, |argument| self.value(argument))
                });
                let arguments: Vec<Value<'_>> = arguments.collect();
                call.function.call(&arguments).unwrap_or(Value::Null)
            }
            _ => Value::Null,
        }
    }

    /// The texts of an expression.
    pub(super) fn texts(&self, expression: &Expression) -> Vec<String> {
        let mut texts = Vec::new();
        self.value(expression).texts(&mut texts);
        texts
    }

    fn template<'v>(&self, pieces: &'v [Piece]) -> Value<'v>
    where
        'c: 'v,
    {
        let mut texts = vec![String::new()];
        for piece in pieces {
            let (expression, safe) = match piece {
                Piece::Text(text) => {
                    for one in &mut texts {
                        one.push_str(text);
                    }
                    continue;
                }
                Piece::Value(expression, safe) => (expression, *safe),
            };
            let values = self.texts(expression);
            if values.len().saturating_mul(texts.len()) > TEXTS {
                return Value::Null;
            }
            let combined = texts.iter().flat_map(|before| {
                values.iter().map(move |value| {
                    let mut text = before.clone();
                    push_encoded(&mut text, value, safe);
                    text
                })
            });
            texts = combined.collect();
        }
        let texts = texts.into_iter().map(|text| Value::Text(text.into()));
        Value::List(texts.collect())
    }
}
