//! The keys of maps, with their short forms.
//!
//! In: a map. Out: its values by the long names of their keys; unknown keys are told with the nearest
//! known one.
//!
//! Spec: yarrrml §13.1

use super::Reader;
use super::yaml::{Kind, Node};
use crate::diagnostic::nearest;
use std::rc::Rc;

/// A key: its long name, then what else it is written as.
pub(super) type Key = &'static [&'static str];

/// The keys of a map.
pub(super) struct Keys {
    /// What the map describes.
    pub(super) what: &'static str,
    /// Those that are read.
    pub(super) known: &'static [Key],
    /// Those that mean something to other programs and are passed over.
    pub(super) ignored: &'static [&'static str],
    /// Those that would change the outcome and that nothing is done about.
    pub(super) unsupported: &'static [&'static str],
}

const CONDITION: Key = &["condition", "conditions", "c"];
const FUNCTION: Key = &["function", "fn", "f"];
const GRAPHS: Key = &["graphs", "graph", "g"];
const INVERSE: Key = &["inversepredicates", "inversepredicate", "iv", "i"];
const MAPPINGS: Key = &["mappings", "mapping", "m"];
const OBJECTS: Key = &["objects", "object", "o"];
const PARAMETERS: Key = &["parameters", "pms"];
const PREDICATES: Key = &["predicates", "predicate", "p"];
const SOURCES: Key = &["sources", "source"];
const TARGETS: Key = &["targets", "target", "t"];
const VALUE: Key = &["value", "v"];

/// The document.
pub(super) const DOCUMENT: Keys = Keys {
    what: "a document",
    known: &[
        &["prefixes", "prefix"],
        &["base"],
        &["external"],
        SOURCES,
        TARGETS,
        MAPPINGS,
    ],
    ignored: &["authors", "author", "a", "authentications", "version"],
    unsupported: &[],
};

/// A mapping.
pub(super) const MAPPING: Keys = Keys {
    what: "a mapping",
    known: &[
        SOURCES,
        &["subjects", "subject", "s"],
        &["predicateobjects", "predicateobject", "po"],
        GRAPHS,
        CONDITION,
        TARGETS,
    ],
    ignored: &[],
    unsupported: &["changeDetection"],
};

/// A predicate-object.
pub(super) const PREDICATE_OBJECT: Keys = Keys {
    what: "a predicate-object",
    known: &[
        PREDICATES,
        INVERSE,
        OBJECTS,
        GRAPHS,
        CONDITION,
        &["datatype"],
        &["language"],
        &["type"],
    ],
    ignored: &[],
    unsupported: &[],
};

/// A subject.
pub(super) const SUBJECT: Keys = Keys {
    what: "a subject",
    known: &[
        VALUE,
        FUNCTION,
        PARAMETERS,
        &["type"],
        TARGETS,
        CONDITION,
        &["quoted"],
        &["quotedNonAsserted"],
    ],
    ignored: &[],
    unsupported: &[],
};

/// An object.
pub(super) const OBJECT: Keys = Keys {
    what: "an object",
    known: &[
        VALUE,
        FUNCTION,
        PARAMETERS,
        &["type"],
        &["datatype"],
        &["language", "languageMap"],
        TARGETS,
        CONDITION,
        MAPPINGS,
        INVERSE,
        &["quoted"],
        &["quotedNonAsserted"],
    ],
    ignored: &[],
    unsupported: &[],
};

/// A predicate or a graph, a datatype or a language.
pub(super) const TERM: Keys = Keys {
    what: "a term",
    known: &[VALUE, FUNCTION, PARAMETERS, &["type"], TARGETS, CONDITION],
    ignored: &[],
    unsupported: &[],
};

/// A function or condition.
pub(super) const CALL: Keys = Keys {
    what: "a function",
    known: &[FUNCTION, PARAMETERS],
    ignored: &["type", "mapping"],
    unsupported: &[],
};

/// A parameter.
pub(super) const PARAMETER: Keys = Keys {
    what: "a parameter",
    known: &[
        &["parameter", "pm", "p"],
        VALUE,
        FUNCTION,
        PARAMETERS,
        &["type"],
        &["from"],
    ],
    ignored: &[],
    unsupported: &[],
};

/// The value of a parameter.
pub(super) const ARGUMENT: Keys = Keys {
    what: "a value",
    known: &[VALUE, FUNCTION, PARAMETERS, &["type"]],
    ignored: &["mapping"],
    unsupported: &[],
};

/// A source.
pub(super) const SOURCE: Keys = Keys {
    what: "a source",
    known: &[
        &["access"],
        &["type"],
        &["referenceFormulation"],
        &["iterator"],
        &["delimiter"],
        &["encoding"],
    ],
    ignored: &["credentials", "contentType", "security", "operationType"],
    unsupported: &[
        "query",
        "queryFormulation",
        "table",
        "structureDefiner",
        "softwareSpecification",
    ],
};

/// A target.
pub(super) const TARGET: Keys = Keys {
    what: "a target",
    known: &[&["access"], &["type"], &["serialization"], &["compression"]],
    ignored: &["authentication", "headers", "methodName", "rel"],
    unsupported: &["source", "sources", "id", "ldes"],
};

/// The values of a map, by the long names of their keys.
pub(super) struct Fields<'n> {
    found: Vec<(&'static str, &'n Rc<Node>, &'n Rc<Node>)>,
}

impl<'n> Fields<'n> {
    /// The value of a key; nothing where it is not there or null.
    pub(super) fn get(&self, name: &str) -> Option<&'n Rc<Node>> {
        let value = self.found.iter().find(|(known, ..)| *known == name);
        value
            .map(|(.., value)| *value)
            .filter(|value| !value.is_null())
    }

    /// The key itself, as it is written.
    pub(super) fn key(&self, name: &str) -> Option<&'n Rc<Node>> {
        let value = self.found.iter().find(|(known, ..)| *known == name);
        value.map(|(_, key, _)| *key)
    }
}

impl Reader<'_> {
    /// The values of a map; nothing where it is none, which is told.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, keys: &Keys) -> Option<Fields<'n>> {
        let Kind::Map(entries) = &node.kind else {
            self.unexpected(node, keys.what, "a map");
            return None;
        };
        let mut fields = Fields { found: Vec::new() };
        for (key, value) in entries {
            let name = key.text().unwrap_or_default();
            let known = keys.known.iter().find(|known| known.contains(&name));
            match known {
                Some(known) if fields.key(known[0]).is_some() => {
                    let message = format!("`{name}` is there a second time, under another name");
                    let help = Some("put all under one key, as a list".to_owned());
                    self.error_with_help("yarrrml::duplicate-key", key, message, help);
                }
                Some(known) => fields.found.push((known[0], key, value)),
                None if keys.ignored.contains(&name) => {}
                None => self.unknown_key(key, name, keys),
            }
        }
        Some(fields)
    }

    fn unknown_key(&mut self, key: &Node, name: &str, keys: &Keys) {
        if keys.unsupported.contains(&name) {
            let message = format!("`{name}` of {} is not supported", keys.what);
            self.error("yarrrml::unsupported", key, message);
            return;
        }
        let candidates = keys.known.iter().flat_map(|known| known.iter().copied());
        let near = nearest(name, candidates.filter(|known| known.len() > 2));
        let message = format!("`{name}` is no key of {}", keys.what);
        let long: Vec<_> = keys.known.iter().map(|known| known[0]).collect();
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known keys: `{}`", long.join("`, `")),
        };
        // At the top of a document people keep what they refer to by aliases.
        let is_top = std::ptr::eq(keys.known, DOCUMENT.known);
        if is_top && (name.starts_with(['.', '_']) || name.starts_with("x-")) {
            return;
        }
        if is_top && near.is_none() {
            self.warning("yarrrml::unknown-key", key, message, Some(help));
        } else {
            self.error_with_help("yarrrml::unknown-key", key, message, Some(help));
        }
    }
}

/// The long name of a key.
pub(super) fn long<'n>(key: &'n Node, keys: &Keys) -> &'n str {
    let name = key.text().unwrap_or_default();
    let known = keys.known.iter().find(|known| known.contains(&name));
    known.map_or(name, |known| known[0])
}

/// The nodes of a list, or one node as a list of one; null is an empty list.
pub(super) fn as_list(node: &Rc<Node>) -> &[Rc<Node>] {
    match &node.kind {
        Kind::Null => &[],
        Kind::List(nodes) => nodes,
        _ => std::slice::from_ref(node),
    }
}
