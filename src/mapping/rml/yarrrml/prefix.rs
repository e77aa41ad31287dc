//! Prefixes.
//!
//! In: what documents declare. Out: the namespaces that their texts begin with. A document's own
//! prefixes come first, then those of the documents that it is read with, then the ones that are always
//! there: `RDFa`'s, and those of the function libraries.
//!
//! Spec: yarrrml §4

use rustc_hash::FxHashMap;

/// The prefixes of `RDFa`'s initial context as YARRRML parsers have them, and those of functions.
const PREDEFINED: [(&str, &str); 57] = [
    ("as", "https://www.w3.org/ns/activitystreams#"),
    ("cat", "http://www.w3.org/ns/dcat#"),
    ("cc", "http://creativecommons.org/ns#"),
    ("cnt", "http://www.w3.org/2008/content#"),
    ("csvw", "http://www.w3.org/ns/csvw#"),
    ("ctag", "http://commontag.org/ns#"),
    ("dc", "http://purl.org/dc/terms/"),
    ("dc11", "http://purl.org/dc/elements/1.1/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcterms", "http://purl.org/dc/terms/"),
    (
        "describedby",
        "http://www.w3.org/2007/05/powder-s#describedby",
    ),
    ("dqv", "http://www.w3.org/ns/dqv#"),
    ("duv", "https://www.w3.org/TR/vocab-duv#"),
    ("earl", "http://www.w3.org/ns/earl#"),
    ("fno", "https://w3id.org/function/ontology#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("gldp", "http://www.w3.org/ns/people#"),
    ("gr", "http://purl.org/goodrelations/v1#"),
    ("grddl", "http://www.w3.org/2003/g/data-view#"),
    ("grel", super::function::GREL),
    ("ht", "http://www.w3.org/2006/http#"),
    ("ical", "http://www.w3.org/2002/12/cal/icaltzd#"),
    ("idlab-fn", super::function::IDLAB),
    ("ldp", "http://www.w3.org/ns/ldp#"),
    ("license", "http://www.w3.org/1999/xhtml/vocab#license"),
    ("ma", "http://www.w3.org/ns/ma-ont#"),
    ("oa", "http://www.w3.org/ns/oa#"),
    ("odrl", "http://www.w3.org/ns/odrl/2/"),
    ("og", "http://ogp.me/ns#"),
    ("org", "http://www.w3.org/ns/org#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("ptr", "http://www.w3.org/2009/pointers#"),
    ("qb", "http://purl.org/linked-data/cube#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfa", "http://www.w3.org/ns/rdfa#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("rev", "http://purl.org/stuff/rev#"),
    ("rif", "http://www.w3.org/2007/rif#"),
    ("role", "http://www.w3.org/1999/xhtml/vocab#role"),
    ("rr", "http://www.w3.org/ns/r2rml#"),
    ("schema", "http://schema.org/"),
    ("sd", "http://www.w3.org/ns/sparql-service-description#"),
    ("sioc", "http://rdfs.org/sioc/ns#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("skosxl", "http://www.w3.org/2008/05/skos-xl#"),
    ("sosa", "http://www.w3.org/ns/sosa/"),
    ("ssn", "http://www.w3.org/ns/ssn/"),
    ("time", "http://www.w3.org/2006/time#"),
    ("v", "http://rdf.data-vocabulary.org/#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("void", "http://rdfs.org/ns/void#"),
    ("wdr", "http://www.w3.org/2007/05/powder#"),
    ("wdrs", "http://www.w3.org/2007/05/powder-s#"),
    ("xhv", "http://www.w3.org/1999/xhtml/vocab#"),
    ("xml", "http://www.w3.org/XML/1998/namespace"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
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
            let found = PREDEFINED.iter().find(|(known, _)| *known == prefix);
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
        names.extend(PREDEFINED.iter().map(|(prefix, _)| *prefix));
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
