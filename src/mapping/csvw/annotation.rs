//! Common properties and notes: JSON-LD values that become triples or plain JSON.
//!
//! In: members of a metadata document whose names are prefixed names or IRIs. Out: terms, with the
//! triples that describe nodes among them, and the same as JSON.
//!
//! Spec: metadata §5.8, §6.1, csv2json §5

use super::json::{Json, Node};
use super::metadata::Annotation;
use super::names;
use super::objects::{self, short, string as json_string};
use super::parse::{Parser, is_language_tag};
use crate::diagnostic::Severity;
use crate::rdf::iri;
use crate::rdf::vocab::{csvw, rdf, xsd};
use oxrdf::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term, Triple};

/// The predicate that a name stands for, if it is a prefixed name or an absolute IRI.
pub(super) fn predicate(name: &str) -> Option<NamedNode> {
    if name.starts_with('@') {
        return None;
    }
    if let Some(expanded) = names::expand_prefix(name) {
        return NamedNode::new(expanded).ok();
    }
    let scheme_known = name.contains("://") || name.starts_with("urn:");
    (scheme_known && iri::is_absolute(name))
        .then(|| NamedNode::new(name).ok())
        .flatten()
}

/// The values of a common property.
pub(super) fn values(
    parser: &mut Parser<'_>,
    predicate: &NamedNode,
    node: &Node,
) -> Vec<Annotation> {
    let items: Vec<&Node> = match &node.value {
        Json::Array(items) => items.iter().collect(),
        _ => vec![node],
    };
    let mut out = Vec::new();
    for item in items {
        let mut details = Vec::new();
        if let Some(Value { term, json }) = value(parser, item, &mut details) {
            out.push(Annotation {
                predicate: predicate.clone(),
                value: term,
                details,
                json,
                listed: matches!(node.value, Json::Array(_)),
            });
        }
    }
    out
}

/// The notes of a group or table.
pub(super) fn notes(parser: &mut Parser<'_>, node: &Node) -> Vec<Annotation> {
    match &node.value {
        Json::Array(_) | Json::Object(_) => values(parser, &csvw::NOTE.into_owned(), node),
        _ => {
            parser.invalid("notes", node, "an array of objects");
            Vec::new()
        }
    }
}

/// A value as a term and as JSON.
struct Value {
    term: Term,
    json: String,
}

fn value(parser: &mut Parser<'_>, node: &Node, details: &mut Vec<Triple>) -> Option<Value> {
    let (term, json) = match &node.value {
        Json::Null => return None,
        Json::Bool(value) => (Literal::from(*value).into(), value.to_string()),
        Json::Number(text) => {
            let datatype = if text.contains(['.', 'e', 'E']) {
                xsd::DOUBLE
            } else {
                xsd::INTEGER
            };
            let datatype = NamedNode::new_unchecked(datatype);
            let literal = Literal::new_typed_literal(text, datatype);
            (literal.into(), text.clone())
        }
        Json::String(text) => (string(&parser.language, text).into(), json_string(text)),
        Json::Array(items) => return list(parser, items, details),
        Json::Object(_) => return object(parser, node, details),
    };
    Some(Value { term, json })
}

fn string(language: &str, text: &str) -> Literal {
    if language == "und" {
        Literal::new_simple_literal(text)
    } else {
        Literal::new_language_tagged_literal_unchecked(text, language)
    }
}

// Blank nodes are labelled by their place, so that each run gives the same.
fn blank(node: &Node) -> BlankNode {
    let label: String = node
        .pointer
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    BlankNode::new_unchecked(format!("m{label}"))
}

fn list(parser: &mut Parser<'_>, items: &[Node], details: &mut Vec<Triple>) -> Option<Value> {
    let mut rest: NamedOrBlankNode = rdf::NIL.into_owned().into();
    let mut json = Vec::with_capacity(items.len());
    for item in items.iter().rev() {
        let first = value(parser, item, details)?;
        let cell = BlankNode::new_unchecked(format!("{}l", blank(item).as_str()));
        details.push(Triple::new(cell.clone(), rdf::FIRST, first.term));
        details.push(Triple::new(cell.clone(), rdf::REST, Term::from(rest)));
        rest = cell.into();
        json.push(first.json);
    }
    json.reverse();
    Some(Value {
        term: rest.into(),
        json: format!("[{}]", json.join(",")),
    })
}

fn object(parser: &mut Parser<'_>, node: &Node, details: &mut Vec<Triple>) -> Option<Value> {
    check_keywords(parser, node);
    if let Some(value) = node.get("@value") {
        let term = literal(parser, node, value)?;
        let json = match &value.value {
            Json::String(text) => json_string(text),
            Json::Number(text) => text.clone(),
            other => (*other == Json::Bool(true)).to_string(),
        };
        return Some(Value { term, json });
    }
    let id = match node.get("@id") {
        None => None,
        Some(id) => {
            let resolved = id
                .as_str()
                .filter(|text| !text.starts_with("_:"))
                .and_then(|text| {
                    let expanded = names::expand_prefix(text).unwrap_or_else(|| text.to_owned());
                    iri::resolve(&parser.base, &expanded).ok()
                });
            if resolved.is_none() {
                parser.invalid("@id", id, "an IRI");
            }
            resolved
        }
    };
    let id_json = id.as_deref().map(json_string);
    let subject: NamedOrBlankNode = match id {
        Some(id) => NamedNode::new_unchecked(id).into(),
        None => blank(node).into(),
    };
    let mut type_json = Vec::new();
    let mut inside: Vec<Annotation> = Vec::new();
    for member in node.members() {
        match member.key.as_str() {
            "@id" | "@context" => {}
            "@type" => {
                let types: Vec<&Node> = match &member.value.value {
                    Json::Array(items) => items.iter().collect(),
                    _ => vec![&member.value],
                };
                for found in types {
                    let class = found.as_str().and_then(|text| {
                        predicate(text)
                            .or_else(|| NamedNode::new(format!("{}{text}", csvw::NS)).ok())
                    });
                    match class {
                        Some(class) => {
                            type_json.push(json_string(&short(&class)));
                            details.push(Triple::new(subject.clone(), rdf::TYPE, class));
                        }
                        None => parser.invalid("@type", found, "an IRI"),
                    }
                }
            }
            key => match predicate(key) {
                Some(predicate) => {
                    for annotation in values(parser, &predicate, &member.value) {
                        details.push(Triple::new(
                            subject.clone(),
                            annotation.predicate.clone(),
                            annotation.value.clone(),
                        ));
                        details.extend(annotation.details.iter().cloned());
                        inside.push(annotation);
                    }
                }
                None => {
                    parser.unknown_property(
                        node,
                        member,
                        &[&["@id", "@type", "@value"]],
                        "a value",
                    );
                }
            },
        }
    }
    let mut members = Vec::new();
    match (id_json, type_json.is_empty() && inside.is_empty()) {
        // Nothing but an IRI is the IRI.
        (Some(json), true) => {
            let term = subject.into();
            return Some(Value { term, json });
        }
        (id, _) => members.extend(id.map(|json| ("@id".to_owned(), json))),
    }
    match type_json.as_slice() {
        [] => {}
        [one] => members.push(("@type".to_owned(), one.clone())),
        many => members.push(("@type".to_owned(), format!("[{}]", many.join(",")))),
    }
    members.extend(objects::members(inside.iter(), short));
    let write = |(name, json): (String, String)| format!("{}:{json}", json_string(&name));
    let members: Vec<String> = members.into_iter().map(write).collect();
    Some(Value {
        term: subject.into(),
        json: format!("{{{}}}", members.join(",")),
    })
}

// What JSON-LD knows and metadata documents may not use.
fn check_keywords(parser: &mut Parser<'_>, node: &Node) {
    let has_value = node.get("@value").is_some();
    let mut refuse = |node: &Node, message: String| {
        let (code, spec) = ("csvw::annotation", "metadata §6.4.1");
        parser.report(Severity::Error, code, node, message, None, spec);
    };
    for member in node.members() {
        let key = member.key.as_str();
        let text = member.value.as_str();
        match key {
            "@id" if has_value => refuse(node, "`@id` cannot stand beside `@value`".to_owned()),
            "@language" if !has_value => {
                refuse(
                    node,
                    "`@language` can only stand beside `@value`".to_owned(),
                );
            }
            "@value" | "@language" => {}
            "@id" | "@type" if text.is_some_and(|text| text.starts_with("_:")) => {
                refuse(&member.value, format!("`{key}` cannot be a blank node"));
            }
            "@type" if !has_value => {
                let types = match &member.value.value {
                    Json::Array(items) => items.iter().collect(),
                    _ => vec![&member.value],
                };
                for found in types {
                    let known = found
                        .as_str()
                        .is_some_and(|text| predicate(text).is_some() || is_term(text));
                    if !known {
                        refuse(
                            found,
                            "`@type` has to be an IRI or a prefixed name".to_owned(),
                        );
                    }
                }
            }
            "@id" | "@type" => {}
            _ if key.starts_with('@') => refuse(node, format!("`{key}` cannot be used here")),
            _ if has_value => refuse(node, format!("`{key}` cannot stand beside `@value`")),
            _ => {}
        }
    }
    if node.get("@type").is_some() && node.get("@language").is_some() {
        refuse(node, "`@type` cannot stand beside `@language`".to_owned());
    }
}

// The classes of the CSVW context.
fn is_term(text: &str) -> bool {
    [
        "TableGroup",
        "Table",
        "Schema",
        "Column",
        "Dialect",
        "Template",
        "Datatype",
        "Row",
        "Cell",
    ]
    .contains(&text)
}

fn literal(parser: &mut Parser<'_>, node: &Node, value: &Node) -> Option<Term> {
    let text = match &value.value {
        Json::String(text) | Json::Number(text) => text.clone(),
        Json::Bool(value) => value.to_string(),
        _ => {
            parser.invalid("@value", value, "a string, a number or a boolean");
            return None;
        }
    };
    if let Some(language) = node.get("@language") {
        return match language.as_str() {
            Some(tag) if is_language_tag(tag) => {
                Some(Literal::new_language_tagged_literal_unchecked(text, tag).into())
            }
            _ if language.value == Json::Null => Some(Literal::new_simple_literal(text).into()),
            _ => {
                let message = "`@language` has to be a language tag or null";
                let (code, spec) = ("csvw::annotation", "metadata §5.8.2");
                parser.report(Severity::Error, code, language, message, None, spec);
                None
            }
        };
    }
    if let Some(datatype) = node.get("@type").and_then(Node::as_str) {
        let datatype = predicate(datatype)
            .or_else(|| names::datatype(datatype).map(|(_, iri)| NamedNode::new_unchecked(iri)));
        if let Some(datatype) = datatype {
            return Some(Literal::new_typed_literal(text, datatype).into());
        }
    }
    match &value.value {
        Json::String(text) => Some(Literal::new_simple_literal(text).into()),
        Json::Bool(value) => Some(Literal::from(*value).into()),
        _ => Some(Literal::new_typed_literal(text, NamedNode::new_unchecked(xsd::INTEGER)).into()),
    }
}
