//! Whether two parts of a mapping say the same: as texts without places.

use crate::mapping::rml::model::{
    Call, Expression, ExpressionMap, Gather, JoinCondition, ObjectMap, Side, TermMap, TermValue,
};
use std::fmt::Write as _;

/// An object map as a text that is the same where what is said is.
pub(super) fn object(map: &ObjectMap) -> String {
    match map {
        ObjectMap::Term(map) => term(map),
        ObjectMap::Reference(reference) => format!(
            "parent {} {:?} {:?} {:?}",
            reference.parent,
            joins(&reference.joins),
            expressions(&reference.conditions),
            reference.targets
        ),
    }
}

/// A term map, likewise.
pub(super) fn term(map: &TermMap) -> String {
    let mut text = match &map.value {
        TermValue::Expression(map) => expression(map),
        TermValue::Quoted {
            triples_map,
            joins: conditions,
        } => format!("quoted {triples_map} {:?}", joins(conditions)),
        TermValue::Gather(gather) => {
            let Gather {
                items,
                kind,
                allow_empty,
                cartesian,
                head,
            } = &**gather;
            let items: Vec<String> = items.iter().map(object).collect();
            let head = head.as_ref().map(expression);
            format!("gather {items:?} {kind:?} {allow_empty} {cartesian} {head:?}")
        }
        TermValue::Fresh => "fresh".to_owned(),
    };
    let others = [&map.datatype, &map.language].map(|other| other.as_deref().map(term));
    // Writing to a text does not fail.
    let _: std::fmt::Result = write!(
        text,
        " {:?} {others:?} {:?} {:?}",
        map.term_type.as_ref().map(|at| at.value),
        expressions(&map.conditions),
        map.targets
    );
    text
}

/// An expression, likewise.
pub(super) fn expression(map: &ExpressionMap) -> String {
    match &map.expression {
        Expression::Constant(term) => format!("constant {term}"),
        Expression::Reference(name, side) => format!("reference {name:?} {}", side_of(*side)),
        Expression::Template(template) => format!("template {:?}", template.parts),
        Expression::Call(call) => {
            let Call {
                function,
                arguments,
                output,
            } = &**call;
            let arguments: Vec<String> = arguments
                .iter()
                .map(|(name, value)| format!("{} {}", name.value, expression(value)))
                .collect();
            let output = output.as_ref().map(|at| &at.value);
            format!("call {} {arguments:?} {output:?}", function.value)
        }
    }
}

fn expressions(maps: &[ExpressionMap]) -> Vec<String> {
    maps.iter().map(expression).collect()
}

fn joins(conditions: &[JoinCondition]) -> Vec<[String; 2]> {
    let sides = |join: &JoinCondition| [expression(&join.child), expression(&join.parent)];
    conditions.iter().map(sides).collect()
}

fn side_of(side: Side) -> &'static str {
    match side {
        Side::Child => "child",
        Side::Parent => "parent",
    }
}
