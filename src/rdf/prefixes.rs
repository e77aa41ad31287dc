//! Prefixes: short names for namespaces, and the compact IRIs they allow.
//!
//! In: prefix and namespace pairs, from a project's settings or the well-known ones. Out: compact
//! IRIs (`skos:Concept`) that Turtle and SPARQL read without an escape, and the IRIs that compact
//! names stand for. Declaring them in a document is the business of the writers.

use oxrdf::NamedNode;
use std::collections::BTreeMap;
use std::collections::btree_map::Iter;
use std::fmt;
use std::iter::once;

/// Prefixes that are widely known.
///
/// Spec: `RDFa` Core Initial Context
pub const INITIAL_CONTEXT: &[(&str, &str)] = &[
    ("as", "https://www.w3.org/ns/activitystreams#"),
    ("cc", "http://creativecommons.org/ns#"),
    ("csvw", "http://www.w3.org/ns/csvw#"),
    ("ctag", "http://commontag.org/ns#"),
    ("dc", "http://purl.org/dc/terms/"),
    ("dc11", "http://purl.org/dc/elements/1.1/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("dctypes", "http://purl.org/dc/dcmitype/"),
    ("dqv", "http://www.w3.org/ns/dqv#"),
    ("duv", "https://www.w3.org/ns/duv#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("gr", "http://purl.org/goodrelations/v1#"),
    ("grddl", "http://www.w3.org/2003/g/data-view#"),
    ("ical", "http://www.w3.org/2002/12/cal/icaltzd#"),
    ("ldp", "http://www.w3.org/ns/ldp#"),
    ("ma", "http://www.w3.org/ns/ma-ont#"),
    ("oa", "http://www.w3.org/ns/oa#"),
    ("odrl", "http://www.w3.org/ns/odrl/2/"),
    ("og", "http://ogp.me/ns#"),
    ("org", "http://www.w3.org/ns/org#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("qb", "http://purl.org/linked-data/cube#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfa", "http://www.w3.org/ns/rdfa#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("rev", "http://purl.org/stuff/rev#"),
    ("rif", "http://www.w3.org/2007/rif#"),
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

/// Namespaces of vocabularies that need no introduction, sorted by prefix.
const WELL_KNOWN: [(&str, &str); 19] = [
    ("adms", "http://www.w3.org/ns/adms#"),
    ("csvw", "http://www.w3.org/ns/csvw#"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("org", "http://www.w3.org/ns/org#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("schema", "https://schema.org/"),
    ("sd", "http://www.w3.org/ns/sparql-service-description#"),
    ("sh", "http://www.w3.org/ns/shacl#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("spdx", "http://spdx.org/rdf/terms#"),
    ("time", "http://www.w3.org/2006/time#"),
    ("vann", "http://purl.org/vocab/vann/"),
    ("void", "http://rdfs.org/ns/void#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// Why a prefix and namespace pair was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrefixError {
    /// The prefix is no `PN_PREFIX` of Turtle.
    #[error(
        "invalid prefix `{prefix}`: expected letters, digits, `-`, `_` or inner dots, a letter first"
    )]
    Prefix {
        /// The prefix as given.
        prefix: String,
    },
    /// The namespace is no absolute IRI.
    #[error("invalid namespace `{namespace}` of prefix `{prefix}`: {message}")]
    Namespace {
        /// The prefix.
        prefix: String,
        /// The namespace as given.
        namespace: String,
        /// What the IRI parser says.
        message: String,
    },
}

/// A map from prefixes to namespaces, ordered by prefix.
///
/// # Examples
///
/// ```
/// use coalition_kg::rdf::prefixes::Prefixes;
///
/// let mut prefixes = Prefixes::well_known();
/// prefixes.insert("id", "https://example.org/id/")?;
/// let compact = prefixes.compact("https://example.org/id/state-USA").map(|c| c.to_string());
/// assert_eq!(compact.as_deref(), Some("id:state-USA"));
/// assert_eq!(prefixes.compact("https://example.org/id/a/b"), None); // a slash needs an escape
/// # Ok::<_, coalition_kg::rdf::prefixes::PrefixError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefixes {
    namespaces: BTreeMap<String, String>,
}

impl Prefixes {
    /// No prefix at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// The prefixes of widely used vocabularies: rdf, rdfs, xsd, owl, skos, dcterms, foaf, org,
    /// prov, schema, dcat, void, sd, adms, sh, spdx, vann, time, csvw.
    pub fn well_known() -> Self {
        Self {
            namespaces: WELL_KNOWN
                .iter()
                .map(|(prefix, namespace)| ((*prefix).to_owned(), (*namespace).to_owned()))
                .collect(),
        }
    }

    /// Adds a prefix, in place of one of the same name.
    ///
    /// # Errors
    ///
    /// If Turtle could not declare it: the prefix is no `PN_PREFIX` or the namespace no absolute
    /// IRI.
    pub fn insert(
        &mut self,
        prefix: impl Into<String>,
        namespace: impl Into<String>,
    ) -> Result<(), PrefixError> {
        let (prefix, namespace) = (prefix.into(), namespace.into());
        if !is_prefix(&prefix) {
            return Err(PrefixError::Prefix { prefix });
        }
        match NamedNode::new(&namespace) {
            Ok(_) => {
                self.namespaces.insert(prefix, namespace);
                Ok(())
            }
            Err(error) => Err(PrefixError::Namespace {
                prefix,
                namespace,
                message: error.to_string(),
            }),
        }
    }

    /// The namespace of a prefix.
    pub fn namespace(&self, prefix: &str) -> Option<&str> {
        self.namespaces.get(prefix).map(String::as_str)
    }

    /// All prefixes with their namespaces, ordered by prefix.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.into_iter()
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.namespaces.len()
    }

    /// Whether there is no prefix.
    pub fn is_empty(&self) -> bool {
        self.namespaces.is_empty()
    }

    /// Shortens an IRI if Turtle can read the short form without an escape.
    ///
    /// The longest fitting namespace wins, and the first prefix in order among equals. An IRI that
    /// is a namespace itself is not shortened: `skos:` alone says less than the IRI.
    ///
    /// Spec: turtle §6.5, `PN_LOCAL`
    pub fn compact<'a>(&'a self, iri: &'a str) -> Option<CompactIri<'a>> {
        let mut best: Option<(CompactIri<'a>, usize)> = None;
        for (prefix, namespace) in self {
            let Some(local) = iri.strip_prefix(namespace) else {
                continue;
            };
            if best
                .as_ref()
                .is_none_or(|(_, length)| namespace.len() > *length)
                && is_local_name(local)
            {
                best = Some((CompactIri { prefix, local }, namespace.len()));
            }
        }
        best.map(|(compact, _)| compact)
    }

    /// The IRI that a compact name (`skos:Concept`) stands for; `None` if it has no colon or its
    /// prefix is not known.
    ///
    /// The local part is taken as it is: escapes are not undone.
    pub fn expand(&self, compact: &str) -> Option<String> {
        let (prefix, local) = compact.split_once(':')?;
        Some(format!("{}{local}", self.namespace(prefix)?))
    }
}

impl<'a> IntoIterator for &'a Prefixes {
    type Item = (&'a str, &'a str);
    type IntoIter = PrefixIter<'a>;

    fn into_iter(self) -> PrefixIter<'a> {
        PrefixIter {
            inner: self.namespaces.iter(),
        }
    }
}

/// The iterator over [`Prefixes`], in order.
#[derive(Debug, Clone)]
pub struct PrefixIter<'a> {
    inner: Iter<'a, String, String>,
}

impl<'a> Iterator for PrefixIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.inner
            .next()
            .map(|(prefix, namespace)| (prefix.as_str(), namespace.as_str()))
    }
}

/// An IRI in its short form; displays as `prefix:local`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactIri<'a> {
    /// The prefix, without the colon; may be empty.
    pub prefix: &'a str,
    /// What follows the namespace; a `PN_LOCAL` without backslash escapes.
    pub local: &'a str,
}

impl fmt::Display for CompactIri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.prefix, self.local)
    }
}

/// Whether a text is a `PN_PREFIX`, or empty.
fn is_prefix(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return true;
    };
    is_pn_chars_base(first)
        && !text.ends_with('.')
        && text.chars().all(|c| is_pn_chars(c) || c == '.')
}

/// Whether a text is a non-empty `PN_LOCAL` that holds no backslash escape.
///
/// Spec: turtle §6.5, `PN_LOCAL`
pub fn is_local_name(text: &str) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    if !(is_pn_chars_u(first) || first == ':' || first == '%' || first.is_ascii_digit())
        || text.ends_with('.')
    {
        return false;
    }
    let mut rest = once(first).chain(chars);
    while let Some(c) = rest.next() {
        let fits = match c {
            // Percent-encoding is part of the name, both digits with it.
            '%' => {
                rest.next().is_some_and(|c| c.is_ascii_hexdigit())
                    && rest.next().is_some_and(|c| c.is_ascii_hexdigit())
            }
            ':' | '.' => true,
            _ => is_pn_chars(c),
        };
        if !fits {
            return false;
        }
    }
    true
}

/// `PN_CHARS_BASE` of Turtle.
fn is_pn_chars_base(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}'
        | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// `PN_CHARS_U` of Turtle.
fn is_pn_chars_u(c: char) -> bool {
    c == '_' || is_pn_chars_base(c)
}

/// `PN_CHARS` of Turtle.
fn is_pn_chars(c: char) -> bool {
    is_pn_chars_u(c)
        || matches!(c, '-' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(iri: &str, expected: Option<&str>) {
        let mut prefixes = Prefixes::well_known();
        prefixes.insert("", "https://e.org/").unwrap();
        prefixes.insert("id", "https://e.org/id/").unwrap();
        let actual = prefixes.compact(iri).map(|compact| compact.to_string());
        assert_eq!(actual.as_deref(), expected, "{iri}");
        if let Some(compact) = actual {
            assert_eq!(prefixes.expand(&compact).as_deref(), Some(iri));
        }
    }

    #[test]
    fn compacts_what_turtle_reads_without_escapes() {
        check("https://e.org/id/state-USA", Some("id:state-USA"));
        check("https://e.org/id/2021", Some("id:2021"));
        check("https://e.org/id/a.b", Some("id:a.b"));
        check("https://e.org/id/a:b", Some("id:a:b"));
        check("https://e.org/id/%D9%85", Some("id:%D9%85"));
        check("https://e.org/id/مصر", Some("id:مصر"));
        check("https://e.org/x", Some(":x"));
        check(
            "http://www.w3.org/2004/02/skos/core#Concept",
            Some("skos:Concept"),
        );
    }

    #[test]
    fn leaves_what_would_need_an_escape() {
        check("https://e.org/id/", None);
        check("https://e.org/id/a.", None);
        check("https://e.org/id/.a", None);
        check("https://e.org/id/-a", None);
        check("https://e.org/id/a/b", None);
        check("https://e.org/id/a#b", None);
        check("https://e.org/id/a~b", None);
        check("https://e.org/id/(a)", None);
        check("https://e.org/id/100%", None);
        check("https://e.org/id/%4", None);
        check("https://f.org/x", None);
    }

    #[test]
    fn refuses_what_turtle_cannot_declare() {
        let mut prefixes = Prefixes::new();
        for prefix in ["1a", "a.", "a b", "-", "a:b"] {
            assert!(matches!(
                prefixes.insert(prefix, "https://e.org/"),
                Err(PrefixError::Prefix { .. })
            ));
        }
        for namespace in ["", "ontology#", "https://e.org/<"] {
            assert!(matches!(
                prefixes.insert("a", namespace),
                Err(PrefixError::Namespace { .. })
            ));
        }
        prefixes.insert("a.b-c", "https://e.org/").unwrap();
        assert_eq!(
            prefixes.iter().collect::<Vec<_>>(),
            [("a.b-c", "https://e.org/")]
        );
    }
}
