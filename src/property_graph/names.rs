//! Names for IRIs: local names, with prefixes only where two would be the same.
//!
//! Names are told apart without regard to case, because some databases and file systems do not.

use crate::rdf::prefixes::Prefixes;
use std::collections::{BTreeMap, BTreeSet};

/// The name that an IRI has behind its namespace, in letters, digits and `_` alone.
pub(super) fn local(iri: &str) -> String {
    let trimmed = iri.trim_end_matches(SEPARATORS);
    let name = trimmed.rsplit(SEPARATORS).next().unwrap_or(trimmed);
    clean(name)
}

const SEPARATORS: [char; 3] = ['#', '/', ':'];

/// A name with the prefix of its namespace before it: a declared one, else the namespace's own last
/// part.
pub(super) fn prefixed(iri: &str, prefixes: &Prefixes) -> String {
    let trimmed = iri.trim_end_matches(SEPARATORS);
    let at = trimmed.rfind(SEPARATORS).map_or(0, |at| at + 1);
    let namespace = &trimmed[..at];
    let declared = prefixes
        .iter()
        .find(|(prefix, known)| *known == namespace && !prefix.is_empty());
    let prefix = match declared {
        Some((prefix, _)) => clean(prefix),
        None => local(namespace),
    };
    format!("{prefix}_{}", local(iri))
}

/// A text as a name: letters, digits and `_`, no digit first.
pub(super) fn clean(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    if name.chars().all(|c| c == '_') {
        "unnamed".clone_into(&mut name);
    } else if name.starts_with(char::is_numeric) {
        name.insert(0, '_');
    }
    name
}

/// `memberOf` as `MEMBER_OF`.
pub(super) fn upper_snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1);
        let is_word = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if is_word {
            out.push('_');
        }
        out.extend(c.to_uppercase());
    }
    out
}

/// Gives each request the first of its candidates that no other request of the same rank wants and
/// that is not taken, at last its last one with a number.
///
/// The requests have to be in an order that the data decides.
pub(super) fn assign(requests: &[Vec<String>], taken: &mut BTreeSet<String>) -> Vec<String> {
    let mut names = vec![String::new(); requests.len()];
    let ranks = requests.iter().map(Vec::len).max().unwrap_or(0);
    for rank in 0..ranks {
        let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, candidates) in requests.iter().enumerate() {
            if let (true, Some(name)) = (names[at].is_empty(), candidates.get(rank)) {
                wanted.entry(fold(name)).or_default().push(at);
            }
        }
        for (name, who) in wanted {
            if let [at] = who[..]
                && taken.insert(name)
            {
                names[at].clone_from(&requests[at][rank]);
            }
        }
    }
    for (at, candidates) in requests.iter().enumerate() {
        if names[at].is_empty() {
            let last = candidates.last().map_or("unnamed", String::as_str);
            names[at] = numbered(last, taken);
        }
    }
    names
}

/// A name, or the first that is not taken with a number behind it.
pub(super) fn numbered(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut found = name.to_owned();
    let mut number = 1;
    while !taken.insert(fold(&found)) {
        number += 1;
        found = format!("{name}_{number}");
    }
    found
}

/// What names are compared by.
pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_local_and_clean() {
        assert_eq!(local("http://e.org/ns#memberOf"), "memberOf");
        assert_eq!(local("http://e.org/الاسم"), "الاسم");
        assert_eq!(local("http://e.org/a-b/"), "a_b");
        assert_eq!(local("urn:x:1st"), "_1st");
        assert_eq!(local("http://e.org/--"), "unnamed");
        assert_eq!(
            prefixed("http://e.org/ns#name", &Prefixes::new()),
            "ns_name"
        );
        let known = Prefixes::well_known();
        assert_eq!(
            prefixed("http://xmlns.com/foaf/0.1/name", &known),
            "foaf_name"
        );
    }

    #[test]
    fn relationship_types_are_in_capitals() {
        for (name, expected) in [
            ("memberOf", "MEMBER_OF"),
            ("hasURL", "HAS_URL"),
            ("URLOf", "URL_OF"),
            ("P31", "P31"),
            ("part_of", "PART_OF"),
            ("a1B", "A1_B"),
        ] {
            assert_eq!(upper_snake(name), expected);
        }
    }

    #[test]
    fn clashing_names_are_told_apart() {
        let requests = [
            vec!["name".to_owned(), "a_name".to_owned()],
            vec!["Name".to_owned(), "b_name".to_owned()],
            vec!["iri".to_owned(), "c".to_owned()],
            vec!["d".to_owned()],
            vec!["d".to_owned()],
        ];
        let mut taken = BTreeSet::from(["iri".to_owned()]);
        assert_eq!(
            assign(&requests, &mut taken),
            ["a_name", "b_name", "c", "d", "d_2"]
        );
    }
}
