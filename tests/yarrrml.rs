//! YARRRML against the RML that another translator makes of the same documents.
//!
//! `tests/yarrrml/README.md` says where they come from and what is compared.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a case that cannot be read has failed"
)]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::mapping::rml::graph::{Document, MappingGraph};
use coalition_kg::mapping::rml::model::{
    Expression, ExpressionMap, Formulation, JoinCondition, Mapping, ObjectMap, Rows, Side,
    TemplatePart, TermMap, TermType, TermValue,
};
use coalition_kg::mapping::rml::{read, yarrrml};
use oxrdf::Term;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const IDLAB: &str = "https://w3id.org/imec/idlab/function#";

/// The number of cases, so that none gets lost.
const CASES: usize = 44;

fn document(path: &Path) -> Document {
    Document {
        name: path.display().to_string(),
        iri: "http://mapping.example.com/".to_owned(),
        text: std::fs::read_to_string(path).expect("a case can be read"),
    }
}

fn told(diagnostics: &Diagnostics) -> String {
    let lines = diagnostics.iter().map(|found| {
        let line = found.location.line.unwrap_or_default();
        format!("{} at line {line}: {}", found.code, found.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The rules of a case, as we read it and as the translator did.
fn both(yml: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut diagnostics = Diagnostics::new();
    let ours = yarrrml::read(&[document(yml)], &mut diagnostics)
        .unwrap_or_else(|| panic!("{}:\n{}", yml.display(), told(&diagnostics)));
    let mut diagnostics = Diagnostics::new();
    let ttl = yml.with_extension("ttl");
    let theirs = MappingGraph::parse(&[document(&ttl)], &mut diagnostics)
        .and_then(|graph| read::read(&graph, &mut diagnostics))
        .unwrap_or_else(|| panic!("{}:\n{}", ttl.display(), told(&diagnostics)));
    (rules(&ours), rules(&theirs))
}

#[test]
fn documents_say_what_the_translator_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yarrrml/cases");
    let files = std::fs::read_dir(folder).expect("the cases are there");
    let mut files: Vec<PathBuf> = files
        .map(|file| file.expect("a case can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .collect();
    files.sort();
    assert_eq!(files.len(), CASES);
    let mut wrong = String::new();
    for file in files {
        let (ours, theirs) = both(&file);
        assert!(!ours.is_empty(), "{}", file.display());
        for line in theirs.difference(&ours) {
            wrong.push_str(&format!("{}\n  theirs {line}\n", file.display()));
        }
        for line in ours.difference(&theirs) {
            wrong.push_str(&format!("{}\n  ours   {line}\n", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is an IRI wherever it stands, and what is a literal where nothing says otherwise.
#[derive(Clone, Copy, PartialEq)]
enum Default {
    Iri,
    Literal,
}

/// A line for each predicate with each object.
fn rules(mapping: &Mapping) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for (number, map) in mapping.triples_maps.iter().enumerate() {
        let of = |graphs: &[TermMap]| -> Vec<String> {
            let graphs = graphs.iter();
            graphs
                .map(|graph| term(mapping, graph, Default::Iri))
                .collect()
        };
        let head = triples_map(mapping, number);
        if map.predicate_objects.is_empty() {
            rules.insert(format!("{head} | {:?}", of(&map.subject.graphs)));
        }
        for part in &map.predicate_objects {
            let mut graphs = of(&map.subject.graphs);
            graphs.extend(of(&part.graphs));
            graphs.sort();
            for predicate in &part.predicates {
                let predicate = term(mapping, predicate, Default::Iri);
                for object in &part.objects {
                    let object = match object {
                        ObjectMap::Term(object) => {
                            let mut object = object.clone();
                            object.conditions.extend(part.conditions.iter().cloned());
                            term(mapping, &object, Default::Literal)
                        }
                        ObjectMap::Reference(reference) => format!(
                            "[{}]{}{}{}",
                            triples_map(mapping, reference.parent),
                            joined(&reference.joins, &reference.conditions),
                            conditions(&part.conditions),
                            targets(mapping, &reference.targets),
                        ),
                    };
                    rules.insert(format!("{head} | {predicate} | {object} | {graphs:?}"));
                }
            }
        }
    }
    rules
}

fn triples_map(mapping: &Mapping, number: usize) -> String {
    let map = &mapping.triples_maps[number];
    let Rows::Source(source) = &mapping.sources[map.source].rows else {
        return "no table".to_owned();
    };
    let formulation = match &source.formulation {
        Formulation::Csv => "csv",
        Formulation::JsonPath => "jsonpath",
        Formulation::Other(iri) => iri,
    };
    let iterator = source
        .iterator
        .as_ref()
        .map_or("", |iterator| &iterator.value);
    let delimiter = source
        .dialect
        .as_ref()
        .and_then(|dialect| dialect.delimiter.clone());
    let subject = term(mapping, &map.subject.term, Default::Iri);
    format!(
        "{} {formulation} {iterator} {delimiter:?} {subject}",
        source.path.value
    )
}

fn targets(mapping: &Mapping, targets: &[usize]) -> String {
    let mut targets: Vec<_> = targets
        .iter()
        .map(|number| {
            let target = &mapping.targets[*number];
            let format = target.serialization.as_ref();
            let compression = target.compression.as_ref().map(|one| one.value.as_str());
            format!(
                " -> {} {} {compression:?}",
                target.path.value.trim_start_matches("file://"),
                format.map_or("http://www.w3.org/ns/formats/N-Quads", |one| &one.value),
            )
        })
        .collect();
    targets.sort();
    targets.concat()
}

fn term(mapping: &Mapping, term: &TermMap, default: Default) -> String {
    let mut all = term.conditions.clone();
    let constant = match &term.value {
        TermValue::Expression(map) => match &map.expression {
            Expression::Constant(constant) => Some(constant),
            _ => None,
        },
        _ => None,
    };
    let kind = match (constant, term.term_type.as_ref().map(|kind| kind.value)) {
        (Some(Term::NamedNode(_)), _) => "iri ",
        (Some(Term::Literal(_)), _) => "literal ",
        (_, Some(TermType::BlankNode)) => "blank ",
        (_, Some(TermType::Literal)) => "literal ",
        (_, None) if default == Default::Literal => "literal ",
        _ => "iri ",
    };
    let value = match &term.value {
        TermValue::Expression(map) => {
            let mut map = map.clone();
            while let Some((condition, value)) = unwrapped(&map) {
                all.push(condition);
                map = value;
            }
            let blank = matches!(&map.expression, Expression::Constant(Term::Literal(label)) if label.value().is_empty());
            let value = if blank {
                "fresh".to_owned()
            } else {
                expression(&map)
            };
            if kind == "literal " {
                value
            } else {
                value.replace('"', "")
            }
        }
        TermValue::Fresh => "fresh".to_owned(),
        TermValue::Quoted { .. } | TermValue::Gather(_) => panic!("no case has these"),
    };
    let qualifier = |one: &Option<Box<TermMap>>, default| match one {
        Some(one) => self::term(mapping, one, default),
        None => String::new(),
    };
    format!(
        "{kind}{value} ^{} @{}{}{}",
        qualifier(&term.datatype, Default::Iri),
        qualifier(&term.language, Default::Literal),
        conditions(&all),
        targets(mapping, &term.targets),
    )
}

/// Condition and value of `trueCondition`.
fn unwrapped(map: &ExpressionMap) -> Option<(ExpressionMap, ExpressionMap)> {
    let Expression::Call(call) = &map.expression else {
        return None;
    };
    if call.function.value.strip_prefix(IDLAB) != Some("trueCondition") {
        return None;
    }
    let argument = |name: &str| {
        let mut arguments = call.arguments.iter();
        let found = arguments.find(|(known, _)| known.value.strip_prefix(IDLAB) == Some(name));
        found.map(|(_, value)| value.clone())
    };
    let place = map.place.clone();
    // What a blank node has no value of.
    let nothing = Expression::Constant(oxrdf::Literal::new_simple_literal("").into());
    let value = argument("str").unwrap_or(ExpressionMap {
        expression: nothing,
        place,
    });
    Some((argument("strBoolean")?, value))
}

fn conditions(conditions: &[ExpressionMap]) -> String {
    let mut conditions: Vec<_> = conditions
        .iter()
        .map(|condition| format!(" if {}", expression(condition)))
        .collect();
    conditions.sort();
    conditions.concat()
}

fn joined(joins: &[JoinCondition], others: &[ExpressionMap]) -> String {
    let mut lines = Vec::new();
    for join in joins {
        let (child, parent) = (expression(&join.child), expression(&join.parent));
        lines.push(format!(" on {child} = {parent}"));
    }
    lines.push(conditions(others));
    lines.sort();
    lines.concat()
}

fn expression(map: &ExpressionMap) -> String {
    let reference = |name: &str, side: Side| match side {
        Side::Child => format!("$({name})"),
        Side::Parent => format!("$(^{name})"),
    };
    match &map.expression {
        Expression::Constant(Term::Literal(literal)) => format!("\"{}\"", literal.value()),
        Expression::Constant(Term::NamedNode(iri)) => iri.as_str().to_owned(),
        Expression::Constant(other) => other.to_string(),
        Expression::Reference(name, side) => reference(name, *side),
        Expression::Template(template) => {
            let parts = template.parts.iter().map(|part| match part {
                TemplatePart::Text(text) => text.clone(),
                TemplatePart::Reference(name, side) => reference(name, *side),
            });
            parts.collect()
        }
        Expression::Call(call) => {
            let mut arguments: Vec<_> = call
                .arguments
                .iter()
                .map(|(name, value)| {
                    format!("{}={}", name.value, expression(value).replace('"', ""))
                })
                .collect();
            arguments.sort();
            format!("{}({})", call.function.value, arguments.join(", "))
        }
    }
}
