//! Prefixes.
//!
//! In: what documents declare. Out: the namespaces that their texts begin with. A document's own
//! prefixes come first, then those of the documents that it is read with, then the ones that are always
//! there: `RDFa`'s, and those of the function libraries.
//!
//! Spec: yarrrml §4

use crate::rdf::prefixes::INITIAL_CONTEXT;
use rustc_hash::FxHashMap;

/// What YARRRML parsers have beside `RDFa`'s initial context: terms of it, and functions.
const PREDEFINED: [(&str, &str); 13] = [
    ("cat", "http://www.w3.org/ns/dcat#"),
    ("cnt", "http://www.w3.org/2008/content#"),
    (
        "describedby",
        "http://www.w3.org/2007/05/powder-s#describedby",
    ),
    ("duv", "https://www.w3.org/TR/vocab-duv#"),
    ("earl", "http://www.w3.org/ns/earl#"),
    ("fno", "https://w3id.org/function/ontology#"),
    ("gldp", "http://www.w3.org/ns/people#"),
    ("grel", super::function::GREL),
    ("ht", "http://www.w3.org/2006/http#"),
    ("idlab-fn", super::function::IDLAB),
    ("license", "http://www.w3.org/1999/xhtml/vocab#license"),
    ("ptr", "http://www.w3.org/2009/pointers#"),
    ("role", "http://www.w3.org/1999/xhtml/vocab#role"),
];

/// Schemes that are taken for what they are where a prefix of that name is not declared.
const SCHEMES: [&str; 16] = [
    "http", "https", "urn", "mailto", "file", "ftp", "ftps", "tel", "tag", "data", "doi", "info",
    "geo", "did", "uuid", "isbn",
];

/// The prefixes of all documents.
#[derive(Default)]
pub(super) struct Prefixes {
    /// By document and prefix.
    own: FxHashMap<(usize, String), String>,
    /// The first of each.
    all: FxHashMap<String, String>,
}

/// What a text begins with.
pub(super) enum Start<'t> {
    /// A known prefix: its namespace, and the rest of the text.
    Namespace(String, &'t str),
    /// No prefix.
    None,
    /// What looks like a prefix and is not known.
    Unknown(&'t str),
}

impl Prefixes {
    /// Adds one; gives whether it is the first of its name or the same as that.
    pub(super) fn insert(&mut self, document: usize, prefix: &str, namespace: &str) -> bool {
        self.own
            .insert((document, prefix.to_owned()), namespace.to_owned());
        let first = self.all.entry(prefix.to_owned());
        first.or_insert_with(|| namespace.to_owned()) == namespace
    }

    fn namespace(&self, document: usize, prefix: &str) -> Option<&str> {
        let own = self.own.get(&(document, prefix.to_owned()));
        let predefined = || {
            let mut predefined = PREDEFINED.iter().chain(INITIAL_CONTEXT);
            let found = predefined.find(|(known, _)| *known == prefix);
            found.map(|(_, namespace)| *namespace)
        };
        own.or_else(|| self.all.get(prefix))
            .map(String::as_str)
            .or_else(predefined)
    }

    /// All names, for suggestions.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.all.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.extend(
            PREDEFINED
                .iter()
                .chain(INITIAL_CONTEXT)
                .map(|(prefix, _)| *prefix),
        );
        names
    }

    /// Looks for a prefix at the front of a text.
    pub(super) fn start<'t>(&self, document: usize, text: &'t str) -> Start<'t> {
        let Some((prefix, rest)) = text.split_once(':') else {
            return Start::None;
        };
        let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !prefix.chars().all(is_letter) || rest.starts_with("//") {
            return Start::None;
        }
        match self.namespace(document, prefix) {
            Some(_) if rest.starts_with(char::is_whitespace) => Start::None,
            Some(namespace) => Start::Namespace(namespace.to_owned(), rest),
            None if SCHEMES.contains(&prefix.to_ascii_lowercase().as_str()) => Start::None,
            None => Start::Unknown(prefix),
        }
    }
}
