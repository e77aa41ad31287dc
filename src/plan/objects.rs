//! What a run needs to make nested objects of rows in place of quads.
//!
//! In: built by a front end beside the quad rules, whose values are those of the objects too. Out:
//! names of properties, and the objects that stand around those of the rows.

use oxrdf::NamedNode;
use std::borrow::Cow;
use std::ops::Range;

/// The objects around those of the rows, for all tables of a plan.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    /// One object around the tables of each group; without any, the objects of the rows stand
    /// alone.
    pub groups: Vec<GroupFrame>,
    /// How IRIs are written as names.
    pub names: ShortNames,
}

/// The object around some tables.
#[derive(Debug, Clone)]
pub struct GroupFrame {
    /// The object; inside stand those of the tables.
    pub frame: Frame,
    /// The tables, as indices into the scans.
    pub scans: Range<usize>,
}

/// The objects around a table and around each of its rows.
#[derive(Debug, Clone)]
pub struct TableFrame {
    /// The object; inside stand those of the rows.
    pub frame: Frame,
    /// The rules that describe the row itself, as indices; those after them make the objects of
    /// the row.
    pub row: Range<usize>,
    /// The member of a row's object that holds what the row describes.
    pub inside: &'static str,
}

/// An object around others.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Its own members: names and values, as JSON.
    pub members: Vec<(String, String)>,
    /// The member that holds the others, in an array.
    pub inside: &'static str,
}

/// What the property of a rule is called in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The same name in every row.
    Name(String),
    /// The short name of the predicate.
    Predicate,
}

/// Short names of IRIs.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShortNames {
    /// Namespaces by prefix; of prefixes of one namespace the first is used.
    pub prefixes: &'static [(&'static str, &'static str)],
    /// Words that stand for prefixed names.
    pub words: &'static [(&'static str, &'static str)],
}

impl ShortNames {
    /// The word for an IRI, else its prefixed name, else the IRI.
    pub fn shorten<'i>(&self, iri: &'i str) -> Cow<'i, str> {
        let Some(name) = self.prefixed(iri) else {
            return Cow::Borrowed(iri);
        };
        match self.words.iter().find(|(known, _)| *known == name) {
            Some((_, word)) => Cow::Borrowed(*word),
            None => Cow::Owned(name),
        }
    }

    /// The prefixed name of an IRI in a known namespace; of the namespace itself, its prefix.
    pub fn prefixed(&self, iri: &str) -> Option<String> {
        let mut best: Option<(&str, &str)> = None;
        for (prefix, namespace) in self.prefixes {
            if let Some(local) = iri.strip_prefix(namespace)
                && best.is_none_or(|(_, shortest)| local.len() < shortest.len())
            {
                best = Some((prefix, local));
            }
        }
        best.map(|(prefix, local)| match local {
            "" => prefix.to_owned(),
            _ => format!("{prefix}:{local}"),
        })
    }

    /// The key of a predicate.
    pub fn key(&self, predicate: &NamedNode) -> Key {
        Key::Name(self.shorten(predicate.as_str()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iris_get_the_shortest_name() {
        let names = ShortNames {
            prefixes: &[
                ("a", "http://x/"),
                ("b", "http://x/"),
                ("deep", "http://x/y/"),
            ],
            words: &[("deep:kind", "@type")],
        };
        for (iri, expected) in [
            ("http://x/name", "a:name"),
            ("http://x/y/name", "deep:name"),
            ("http://x/y/kind", "@type"),
            ("http://x/", "a"),
            ("http://z/name", "http://z/name"),
        ] {
            assert_eq!(names.shorten(iri), expected, "{iri}");
        }
    }
}
