//! What a mapping says that makes nothing, says it twice, or says something else than was meant.

use super::{Findings, same, severity, shown};
use crate::diagnostic::Severity;
use crate::mapping::rml::lower::{Options, Position, term_type};
use crate::mapping::rml::model::{
    Expression, ExpressionMap, Mapping, ObjectMap, Place, Side, Template, TemplatePart, TermMap,
    TermType, TermValue, TriplesMap,
};
use crate::rdf::iri;
use oxrdf::Term;
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) fn check(mapping: &Mapping, options: &Options, findings: &mut Findings<'_>) {
    check_use(mapping, findings);
    let severity = severity(mapping);
    for map in &mapping.triples_maps {
        let base = base_of(mapping, map, options);
        each_term(map, &mut |term, position| {
            check_term(term, position, (base, severity), findings);
        });
        check_doubles(map, findings);
    }
}

/// What relative IRIs of a triples map are put behind.
pub(super) fn base_of<'m>(
    mapping: &'m Mapping,
    map: &'m TriplesMap,
    options: &'m Options,
) -> &'m str {
    let base = map.base.as_ref().or(mapping.base.as_ref());
    base.unwrap_or(&options.base)
}

/// Calls for each term map of a triples map, with what stands in it.
pub(super) fn each_term<'m>(map: &'m TriplesMap, visit: &mut dyn FnMut(&'m TermMap, Position)) {
    term(&map.subject.term, Position::Subject, visit);
    for graph in &map.subject.graphs {
        term(graph, Position::Graph, visit);
    }
    for part in &map.predicate_objects {
        for predicate in &part.predicates {
            term(predicate, Position::Predicate, visit);
        }
        for part in &part.objects {
            object(part, visit);
        }
        for graph in &part.graphs {
            term(graph, Position::Graph, visit);
        }
    }
}

fn object<'m>(map: &'m ObjectMap, visit: &mut dyn FnMut(&'m TermMap, Position)) {
    if let ObjectMap::Term(map) = map {
        term(map, Position::Object, visit);
    }
}

fn term<'m>(map: &'m TermMap, position: Position, visit: &mut dyn FnMut(&'m TermMap, Position)) {
    visit(map, position);
    if let Some(datatype) = &map.datatype {
        visit(datatype, Position::Datatype);
    }
    if let TermValue::Gather(gather) = &map.value {
        gather.items.iter().for_each(|item| object(item, visit));
    }
}

// Triples maps that others refer to make terms for them; the rest has to make triples.
fn check_use(mapping: &Mapping, findings: &mut Findings<'_>) {
    let (mut parents, mut quoted) = (FxHashSet::default(), FxHashSet::default());
    for map in &mapping.triples_maps {
        each_term(map, &mut |term, _| {
            if let TermValue::Quoted { triples_map, .. } = &term.value {
                quoted.insert(*triples_map);
            }
            if let TermValue::Gather(gather) = &term.value {
                parents.extend(gather.items.iter().filter_map(parent));
            }
        });
        let objects = map.predicate_objects.iter().flat_map(|part| &part.objects);
        parents.extend(objects.filter_map(parent));
    }
    for (number, map) in mapping.triples_maps.iter().enumerate() {
        let name = named(&map.name, "the triples map");
        if !map.is_asserted && !quoted.contains(&number) {
            findings.warn(
                "rml::unused-triples-map",
                &map.place,
                format!("{name} is for quoted triples only, and nothing quotes it"),
                "quote it by `rml:quotedTriplesMap`, or take `rml:NonAssertedTriplesMap` away",
            );
        }
        let is_empty = map.predicate_objects.is_empty() && map.subject.classes.is_empty();
        if is_empty && !parents.contains(&number) {
            findings.warn(
                "rml::empty-triples-map",
                &map.place,
                format!(
                    "{name} makes no triples: it has neither predicate-object maps nor classes"
                ),
                "add `rml:predicateObjectMap`, or `rml:class` in the subject map",
            );
        }
    }
}

fn parent(object: &ObjectMap) -> Option<usize> {
    match object {
        ObjectMap::Reference(reference) => Some(reference.parent),
        ObjectMap::Term(_) => None,
    }
}

/// A node for messages: labels of blank nodes say nothing.
pub(super) fn named(name: &str, what: &str) -> String {
    if name.contains(':') {
        let local = name
            .rsplit_once(['#', '/'])
            .map_or(name, |(_, local)| local);
        format!("{what} `{}`", if local.is_empty() { name } else { local })
    } else {
        what.to_owned()
    }
}

fn check_doubles(map: &TriplesMap, findings: &mut Findings<'_>) {
    let mut known: FxHashMap<String, &Place> = FxHashMap::default();
    for part in &map.predicate_objects {
        let graphs: Vec<String> = part.graphs.iter().map(same::term).collect();
        let conditions: Vec<String> = part.conditions.iter().map(same::expression).collect();
        for predicate in &part.predicates {
            for object in &part.objects {
                let place = match object {
                    ObjectMap::Term(term) => &term.place,
                    ObjectMap::Reference(reference) => &reference.place,
                };
                let key = format!(
                    "{} {} {graphs:?} {conditions:?}",
                    same::term(predicate),
                    same::object(object)
                );
                // A node that is used twice is at the same place.
                let Some(first) = known.get(&key) else {
                    known.insert(key, place);
                    continue;
                };
                let line = match first.line {
                    0 => String::new(),
                    line => format!(" in line {line}"),
                };
                findings.warn(
                    "rml::same-twice",
                    place,
                    format!("the same predicate and object are there already{line}"),
                    "take one of them out; what is made twice is written once",
                );
            }
        }
    }
    for (number, class) in map.subject.classes.iter().enumerate() {
        let before = &map.subject.classes[..number];
        if before.iter().any(|known| known.value == class.value) {
            findings.warn(
                "rml::same-twice",
                &class.place,
                format!("the class {} is there already", class.value),
                "take one of them out",
            );
        }
    }
}

fn check_term(
    term: &TermMap,
    position: Position,
    (base, severity): (&str, Severity),
    findings: &mut Findings<'_>,
) {
    let TermValue::Expression(map) = &term.value else {
        return;
    };
    let kind = term_type(term, map, position);
    let is_iri = !matches!(kind, TermType::Literal | TermType::BlankNode);
    each_expression(map, &mut |map| match &map.expression {
        Expression::Template(template) => check_template(template, &map.place, findings),
        Expression::Constant(Term::Literal(literal)) => {
            if let Some(name) = bracketed(literal.value()) {
                findings.warn(
                    "rml::braces-in-constant",
                    &map.place,
                    format!("`{{{name}}}` in a constant is no reference"),
                    if is_yarrrml(&map.place) {
                        format!("write `$({name})`")
                    } else {
                        "write `rml:template` in place of `rml:constant`".to_owned()
                    },
                );
            }
        }
        _ => {}
    });
    if let Expression::Template(template) = &map.expression
        && let Some(TemplatePart::Text(start)) = template.parts.first()
        && is_iri
        && base.is_empty()
        && !template
            .parts
            .iter()
            .any(|part| matches!(part, TemplatePart::Text(text) if iri::is_absolute(text)))
    {
        findings.tell(
            severity,
            "rml::relative-iri",
            &map.place,
            format!(
                "the IRI begins with {} and there is no base for it",
                shown(start)
            ),
            "begin the template with `http://…`, or give `--base IRI` or `rml:baseIRI`",
        );
    }
}

// Whose references are written otherwise.
fn is_yarrrml(place: &Place) -> bool {
    let name = place.document.to_ascii_lowercase();
    [".yml", ".yaml", ".yarrrml"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn each_expression<'m>(map: &'m ExpressionMap, visit: &mut dyn FnMut(&'m ExpressionMap)) {
    visit(map);
    if let Expression::Call(call) = &map.expression {
        for (_, argument) in &call.arguments {
            each_expression(argument, visit);
        }
    }
}

fn check_template(template: &Template, place: &Place, findings: &mut Findings<'_>) {
    let mut has_reference = false;
    let mut before = "";
    for part in &template.parts {
        match part {
            TemplatePart::Text(text) => {
                before = text;
                check_text(text, place, findings);
            }
            TemplatePart::Reference(name, side) => {
                has_reference = true;
                if before.ends_with('$') && *side == Side::Child {
                    findings.warn(
                        "rml::other-notation",
                        place,
                        format!("`${{{name}}}` is `$` and a reference"),
                        format!("write `{{{name}}}`"),
                    );
                }
                before = "";
            }
        }
    }
    if !has_reference {
        findings.warn(
            "rml::template-without-reference",
            place,
            format!(
                "the template {} has no reference: it is the same for all rows",
                shown(&template.text)
            ),
            "write columns in braces, such as `{id}`; what is always the same is an `rml:constant`",
        );
    }
}

fn check_text(text: &str, place: &Place, findings: &mut Findings<'_>) {
    if let Some(name) = enclosed(text, "$(", ")") {
        findings.warn(
            "rml::other-notation",
            place,
            format!("`$({name})` is text: references in a template stand in braces"),
            format!("write `{{{name}}}`"),
        );
    }
    if let Some(name) = enclosed(text, "%7B", "%7D").or_else(|| enclosed(text, "%7b", "%7d")) {
        findings.warn(
            "rml::other-notation",
            place,
            format!("`%7B{name}%7D` is text: references in a template stand in braces"),
            format!("write `{{{name}}}`"),
        );
    }
    if let Some(name) = bracketed(text) {
        findings.note(
            "rml::literal-braces",
            place,
            format!("`{{{name}}}` is text, as its braces have backslashes"),
            format!("a reference is written `{{{name}}}` without backslashes"),
        );
    }
}

// What looks like a name in braces.
fn bracketed(text: &str) -> Option<&str> {
    enclosed(text, "{", "}")
}

fn enclosed<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    let (name, _) = rest.split_once(end)?;
    let is_name = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '-' | ' ' | '.');
    (!name.trim().is_empty() && name.chars().all(is_name)).then_some(name)
}
