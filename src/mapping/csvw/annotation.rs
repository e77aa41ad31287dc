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
use crate::rdf::canonical::canonical;
use crate::rdf::iri;
use crate::rdf::vocab::{csvw, rdf, xsd};
use crate::rdf::xsd::Datatype;
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

/// What a value comes to beside its texts, with the triples it makes.
const VALUE_BYTES: usize = 100;

/// The values of a common property.
pub(super) fn values(
    parser: &mut Parser<'_>,
    predicate: &NamedNode,
    node: &Node,
) -> Vec<Annotation> {
    let mut out = Vec::new();
    for item in items(node) {
        parser.charge(item, VALUE_BYTES + predicate.as_str().len());
        if parser.limits.is_reached() {
            break;
        }
        let mut details = Vec::new();
        if let Some(Value { terms, json }) = value(parser, item, &mut details) {
            out.push(Annotation {
                predicate: predicate.clone(),
                values: terms,
                details,
                json,
                listed: matches!(node.value, Json::Array(_)),
            });
        }
    }
    out
}

// What stands in an array is several values.
fn items(node: &Node) -> Vec<&Node> {
    match &node.value {
        Json::Array(items) => items.iter().collect(),
        _ => vec![node],
    }
}

/// The notes of a group or table; what is no object is left out.
///
/// Spec: metadata §5.1.1
pub(super) fn notes(parser: &mut Parser<'_>, node: &Node) -> Vec<Annotation> {
    let Json::Array(items) = &node.value else {
        parser.invalid("notes", node, "an array of objects");
        return Vec::new();
    };
    let mut out = Vec::new();
    for item in items {
        if matches!(item.value, Json::Object(_)) {
            let found = values(parser, &csvw::NOTE.into_owned(), item).into_iter();
            out.extend(found.map(|note| Annotation {
                listed: true,
                ..note
            }));
        } else {
            parser.invalid("notes", item, "an array of objects");
        }
    }
    out
}

/// A value as terms, several where it is an array, and as JSON.
struct Value {
    terms: Vec<Term>,
    json: String,
}

fn value(parser: &mut Parser<'_>, node: &Node, details: &mut Vec<Triple>) -> Option<Value> {
    let (term, json) = match &node.value {
        Json::Null => return None,
        Json::Bool(value) => (Literal::from(*value).into(), value.to_string()),
        Json::Number(text) => (number(text).into(), text.clone()),
        Json::String(text) => {
            parser.charge(node, parser.language.len());
            (string(&parser.language, text).into(), json_string(text))
        }
        Json::Array(items) => {
            let mut terms = Vec::new();
            let mut json = Vec::new();
            for item in items {
                parser.charge(item, VALUE_BYTES);
                if parser.limits.is_reached() {
                    return None;
                }
                if let Some(mut value) = value(parser, item, details) {
                    terms.append(&mut value.terms);
                    json.push(value.json);
                }
            }
            let json = format!("[{}]", json.join(","));
            return Some(Value { terms, json });
        }
        Json::Object(_) => return object(parser, node, details),
    };
    Some(Value {
        terms: vec![term],
        json,
    })
}

// A number with a fraction is a double and any other an integer, in canonical form.
//
// Spec: csv2rdf §6
fn number(text: &str) -> Literal {
    let typed = |text: &str, datatype: Datatype, iri: &str| {
        let text = canonical(datatype, text);
        Literal::new_typed_literal(text, NamedNode::new_unchecked(iri))
    };
    match whole_number(text) {
        Some(integer) => typed(&integer, Datatype::Integer, xsd::INTEGER),
        None => typed(text, Datatype::Double, xsd::DOUBLE),
    }
}

// The digits of a number that has no fraction, unless they are more than anybody counts.
fn whole_number(text: &str) -> Option<String> {
    const MOST_DIGITS: usize = 400;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i64 = exponent.parse().ok()?;
    let places = usize::try_from(exponent.unsigned_abs()).ok()?;
    if exponent >= 0 {
        let fraction = fraction.trim_end_matches('0');
        (fraction.len() <= places && places <= MOST_DIGITS)
            .then(|| format!("{whole}{fraction:0<places$}"))
    } else {
        let is_zero = |digits: &str| digits.bytes().all(|digit| digit == b'0');
        let digits = whole.trim_start_matches('-');
        let (rest, moved) = digits.split_at(digits.len().saturating_sub(places));
        let sign = &whole[..whole.len() - digits.len()];
        (is_zero(moved) && is_zero(fraction)).then(|| format!("{sign}0{rest}"))
    }
}

fn string(language: &str, text: &str) -> Literal {
    if language == "und" {
        Literal::new_simple_literal(text)
    } else {
        Literal::new_language_tagged_literal_unchecked(text, language)
    }
}

// Blank nodes are labelled by their place in the document, so that each run gives the same.
fn blank(node: &Node) -> BlankNode {
    BlankNode::new_unchecked(format!("m{}", node.range.start))
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
        let terms = vec![term];
        return Some(Value { terms, json });
    }
    // What is wrong with it has been told.
    let id = node.get("@id").and_then(|id| {
        let text = id.as_str()?;
        let expanded = names::expand_prefix(text).unwrap_or_else(|| text.to_owned());
        parser.resolve(id, &expanded)
    });
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
                    if let Some(class) = class {
                        type_json.push(json_string(&short(&class)));
                        details.push(Triple::new(subject.clone(), rdf::TYPE, class));
                    }
                }
            }
            key => {
                let Some(predicate) = predicate(key) else {
                    // What it may not be has been told.
                    continue;
                };
                let listed = matches!(member.value.value, Json::Array(_));
                let texts = subject.to_string().len() + predicate.as_str().len();
                for item in items(&member.value) {
                    parser.charge(item, VALUE_BYTES + texts);
                    if parser.limits.is_reached() {
                        return None;
                    }
                    // What is said of the value comes behind it: its place is kept.
                    let at = details.len();
                    let triple =
                        |value: Term| Triple::new(subject.clone(), predicate.clone(), value);
                    details.push(triple(rdf::NIL.into()));
                    let Some(Value { terms, json }) = value(parser, item, details) else {
                        details.truncate(at);
                        continue;
                    };
                    if let [term] = terms.as_slice() {
                        details[at].object = term.clone();
                    } else {
                        details.splice(at..=at, terms.iter().cloned().map(triple));
                    }
                    inside.push(Annotation {
                        predicate: predicate.clone(),
                        values: terms,
                        details: Vec::new(),
                        json,
                        listed,
                    });
                }
            }
        }
    }
    let mut members = Vec::new();
    match (id_json, type_json.is_empty() && inside.is_empty()) {
        // Nothing but an IRI is the IRI.
        (Some(json), true) => {
            let terms = vec![subject.into()];
            return Some(Value { terms, json });
        }
        (id, _) => members.extend(id.map(|json| ("@id".to_owned(), json))),
    }
    // A type may be told in two ways.
    let mut others = objects::members(inside.iter(), short);
    others.retain(|(name, json)| {
        let is_type = name == "@type";
        if is_type {
            let listed = json
                .strip_prefix('[')
                .and_then(|json| json.strip_suffix(']'));
            type_json.push(listed.unwrap_or(json).to_owned());
        }
        !is_type
    });
    match type_json.as_slice() {
        [] => {}
        [one] => members.push(("@type".to_owned(), one.clone())),
        many => members.push(("@type".to_owned(), format!("[{}]", many.join(",")))),
    }
    members.append(&mut others);
    let write = |(name, json): (String, String)| format!("{}:{json}", json_string(&name));
    let members: Vec<String> = members.into_iter().map(write).collect();
    Some(Value {
        terms: vec![subject.into()],
        json: format!("{{{}}}", members.join(",")),
    })
}

// What JSON-LD knows and metadata documents may not use.
fn check_keywords(parser: &mut Parser<'_>, node: &Node) {
    let has_value = node.get("@value").is_some();
    let mut terms = Vec::new();
    let mut refuse = |node: &Node, message: String| {
        let (code, spec) = ("csvw::annotation", "metadata §5.8.2");
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
            "@id" if !text.is_some_and(is_reference) => {
                refuse(&member.value, "`@id` has to be an IRI".to_owned());
            }
            "@type" if has_value && text.and_then(datatype).is_none() => {
                let message = "`@type` has to be a datatype, an IRI or a prefixed name";
                refuse(&member.value, message.to_owned());
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
            _ if key.starts_with("_:") => {
                refuse(node, format!("`{key}` cannot be a blank node"));
            }
            // Packages have these; they are left out, and nothing else is lost.
            _ if predicate(key).is_none() => terms.push(key),
            _ => {}
        }
    }
    if node.get("@type").is_some() && node.get("@language").is_some() {
        refuse(node, "`@type` cannot stand beside `@language`".to_owned());
    }
    for term in terms {
        parser.report(
            Severity::Warning,
            "csvw::unknown-property",
            node,
            format!("`{term}` is neither a prefixed name nor an IRI and is left out"),
            Some(format!("write it with a prefix, such as `schema:{term}`")),
            "metadata §5.8.2",
        );
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

// Whether a text is a reference once a prefix is expanded.
fn is_reference(text: &str) -> bool {
    let expanded = names::expand_prefix(text).unwrap_or_else(|| text.to_owned());
    iri::resolve("http://example.org/", &expanded).is_ok()
}

fn datatype(text: &str) -> Option<NamedNode> {
    let built_in = || names::datatype(text).map(|(_, iri)| NamedNode::new_unchecked(iri));
    predicate(text).or_else(built_in)
}

// Without a language or a datatype, numbers and booleans are strings too.
//
// Spec: csv2rdf §6
fn literal(parser: &mut Parser<'_>, node: &Node, value: &Node) -> Option<Term> {
    let mut refuse = |node: &Node, message: &str| {
        let (code, spec) = ("csvw::annotation", "metadata §5.8.2");
        parser.report(Severity::Error, code, node, message, None, spec);
    };
    let text = match &value.value {
        Json::String(text) | Json::Number(text) => text.clone(),
        Json::Bool(value) => value.to_string(),
        _ => {
            refuse(value, "`@value` has to be a string, a number or a boolean");
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
                refuse(language, "`@language` has to be a language tag or null");
                None
            }
        };
    }
    let datatype = node.get("@type").and_then(Node::as_str).and_then(datatype);
    Some(match datatype {
        Some(datatype) => Literal::new_typed_literal(text, datatype).into(),
        None => Literal::new_simple_literal(text).into(),
    })
}
