//! What people write in YARRRML, by the sections of its specification, and what is wrong with it.

mod faults;
mod functions;
mod objects;
mod sources;

use super::super::model::{
    Expression, ExpressionMap, Formulation, JoinCondition, ObjectMap, Rows, Side, TemplatePart,
    TermMap, TermType, TermValue,
};
use super::*;
use crate::diagnostic::Severity;
use oxrdf::Term;

pub(super) fn document(name: &str, text: &str) -> Document {
    Document {
        name: name.to_owned(),
        iri: format!("file:///{name}"),
        text: text.to_owned(),
    }
}

/// Reads a document without faults; warnings are given back by code.
pub(super) fn read_one(text: &str) -> (Mapping, Vec<&'static str>) {
    let mut diagnostics = Diagnostics::new();
    let mapping = read(&[document("m.yml", text)], &mut diagnostics);
    let found: Vec<_> = diagnostics.iter().collect();
    let codes = found.iter().map(|one| one.code).collect();
    (
        mapping.unwrap_or_else(|| panic!("{text}\n{found:#?}")),
        codes,
    )
}

/// A mapping `m` of `d.csv` with the subject `http://e/$(id)`: what comes of its predicate-objects.
pub(super) fn check_po(po: &str, expected: &[&str]) {
    let (mapping, _) = read_one(&with_po(po));
    let lines: Vec<_> = show(&mapping)
        .into_iter()
        .map(|line| line.split_once(" | ").unwrap().1.to_owned())
        .collect();
    assert_eq!(lines, expected, "{po}");
}

pub(super) fn with_po(po: &str) -> String {
    let po = po.trim_matches('\n').replace('\n', "\n    ");
    format!(
        "prefixes: {{ex: http://e/}}\nmappings:\n  m:\n    sources: [[d.csv~csv]]\n    s: http://e/$(id)\n    po:\n    {po}\n"
    )
}

/// Each predicate with each object on a line: `source subject | predicate | object | graphs`.
pub(super) fn show(mapping: &Mapping) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, map) in mapping.triples_maps.iter().enumerate() {
        let mut head = show_map(mapping, number);
        if !map.is_asserted {
            head.push_str(" (quoted only)");
        }
        let graphs = |own: &[TermMap]| -> String {
            let all = map.subject.graphs.iter().chain(own);
            let shown = all.map(|graph| format!(" | {}", show_term(mapping, graph)));
            shown.collect::<Vec<_>>().concat()
        };
        if map.predicate_objects.is_empty() {
            lines.push(format!("{head}{}", graphs(&[])));
        }
        for part in &map.predicate_objects {
            for predicate in &part.predicates {
                for object in &part.objects {
                    let object = match object {
                        ObjectMap::Term(term) => show_term(mapping, term),
                        ObjectMap::Reference(reference) => format!(
                            "[{}]{}{}{}",
                            show_map(mapping, reference.parent),
                            show_joins(&reference.joins),
                            show_conditions(&reference.conditions),
                            show_targets(mapping, &reference.targets),
                        ),
                    };
                    lines.push(format!(
                        "{head} | {} | {object}{}{}",
                        show_term(mapping, predicate),
                        show_conditions(&part.conditions),
                        graphs(&part.graphs),
                    ));
                }
            }
        }
    }
    lines
}

fn show_map(mapping: &Mapping, number: usize) -> String {
    let map = &mapping.triples_maps[number];
    format!(
        "{} {}",
        show_source(mapping, map.source),
        show_term(mapping, &map.subject.term)
    )
}

pub(super) fn show_source(mapping: &Mapping, number: usize) -> String {
    match &mapping.sources[number].rows {
        Rows::Source(source) => {
            let mut shown = source.path.value.clone();
            match &source.formulation {
                Formulation::Csv => {}
                Formulation::JsonPath => shown.push_str("~jsonpath"),
                Formulation::Other(iri) => {
                    shown.push('~');
                    shown.push_str(iri);
                }
            }
            if let Some(iterator) = &source.iterator {
                shown.push_str(&format!(" {}", iterator.value));
            }
            let delimiter = source
                .dialect
                .as_ref()
                .and_then(|dialect| dialect.delimiter.as_ref());
            if let Some(delimiter) = delimiter {
                shown.push_str(&format!(" {delimiter:?}"));
            }
            if let Some(encoding) = &source.encoding {
                shown.push_str(&format!(" {encoding}"));
            }
            shown
        }
        Rows::Single => "-".to_owned(),
        Rows::View(_) => panic!("YARRRML has no views"),
    }
}

fn show_term(mapping: &Mapping, term: &TermMap) -> String {
    let mut shown = match &term.value {
        TermValue::Expression(map) => show_expression(map),
        TermValue::Fresh => "fresh".to_owned(),
        TermValue::Quoted { triples_map, joins } => {
            format!(
                "<<{}>>{}",
                show_map(mapping, *triples_map),
                show_joins(joins)
            )
        }
        TermValue::Gather(_) => panic!("YARRRML has no lists"),
    };
    shown.push_str(match term.term_type.as_ref().map(|kind| kind.value) {
        None => "",
        Some(TermType::Literal) => "~literal",
        Some(TermType::BlankNode) => "~blank",
        Some(_) => "~iri",
    });
    if let Some(datatype) = &term.datatype {
        shown.push_str(&format!("^^{}", show_term(mapping, datatype)));
    }
    if let Some(language) = &term.language {
        shown.push_str(&format!("@{}", show_term(mapping, language)));
    }
    shown + &show_conditions(&term.conditions) + &show_targets(mapping, &term.targets)
}

fn show_conditions(conditions: &[ExpressionMap]) -> String {
    let conditions = conditions.iter();
    let shown = conditions.map(|one| format!(" if {}", show_expression(one)));
    shown.collect::<Vec<_>>().concat()
}

fn show_joins(joins: &[JoinCondition]) -> String {
    let joins = joins.iter();
    let shown = joins.map(|join| {
        let (child, parent) = (show_expression(&join.child), show_expression(&join.parent));
        format!(" on {child}={parent}")
    });
    shown.collect::<Vec<_>>().concat()
}

fn show_targets(mapping: &Mapping, targets: &[usize]) -> String {
    let mut shown = String::new();
    for target in targets {
        let target = &mapping.targets[*target];
        shown.push_str(&format!(" > {}", target.path.value));
        for part in [&target.serialization, &target.compression]
            .into_iter()
            .flatten()
        {
            let name = part.value.rsplit('/').next().unwrap();
            shown.push_str(&format!(" {name}"));
        }
    }
    shown
}

fn show_expression(map: &ExpressionMap) -> String {
    let reference = |name: &str, side: Side| match side {
        Side::Child => format!("$({name})"),
        Side::Parent => format!("$(o: {name})"),
    };
    match &map.expression {
        Expression::Constant(Term::Literal(literal)) => format!("{:?}", literal.value()),
        Expression::Constant(constant) => constant.to_string(),
        Expression::Reference(name, side) => reference(name, *side),
        Expression::Template(template) => {
            let parts = template.parts.iter().map(|part| match part {
                TemplatePart::Text(text) => text.clone(),
                TemplatePart::Reference(name, side) => reference(name, *side),
            });
            format!("`{}`", parts.collect::<String>())
        }
        Expression::Call(call) => {
            let short = |iri: &str| {
                iri.replace(function::GREL, "grel:")
                    .replace(function::IDLAB, "idlab-fn:")
            };
            let arguments = call.arguments.iter();
            let arguments: Vec<_> = arguments
                .map(|(name, value)| format!("{}={}", short(&name.value), show_expression(value)))
                .collect();
            format!("{}({})", short(&call.function.value), arguments.join(", "))
        }
    }
}
