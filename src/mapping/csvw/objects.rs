//! What a plan says of the objects around rows, for csv2json.
//!
//! In: a table group. Out: the frames of its groups and tables, and the keys of rules.
//!
//! Spec: csv2json §4.2

use super::metadata::{Annotation, Table, TableGroup};
use super::terms::SHORT_NAMES;
use crate::plan::{Frame, GroupFrame, Key, QuadRule, TableFrame, TermRule};
use crate::rdf::vocab::csvw;
use oxrdf::{NamedNode, Term};
use rustc_hash::FxHashMap;

/// The object of a group; the scans are all that the plan has.
pub(super) fn group_frame(group: &TableGroup) -> GroupFrame {
    let mut members = Vec::new();
    if let Some(id) = &group.id {
        members.push(("@id".to_owned(), string(id.as_str())));
    }
    let annotations = group.annotations.iter().chain(&group.notes);
    members.extend(own_members(annotations));
    GroupFrame {
        frame: Frame {
            members,
            inside: "tables",
        },
        scans: 0..group.tables.len(),
    }
}

/// The object of a table; gives keys to those of the rules that describe a row, which so far are
/// the only ones.
pub(super) fn table_frame(table: &Table, rules: &mut [QuadRule]) -> TableFrame {
    let mut members = Vec::new();
    if let Some(id) = &table.id {
        members.push(("@id".to_owned(), string(id.as_str())));
    }
    members.push(("url".to_owned(), string(&table.url)));
    let annotations = table.annotations.iter().chain(&table.notes);
    members.extend(own_members(annotations));
    for rule in rules.iter_mut() {
        if let TermRule::Constant(Term::NamedNode(predicate)) = &rule.predicate
            && [csvw::ROWNUM, csvw::URL, csvw::TITLE].contains(&predicate.as_ref())
        {
            rule.key = Some(SHORT_NAMES.key(predicate));
        }
    }
    TableFrame {
        frame: Frame {
            members,
            inside: "row",
        },
        row: 0..rules.len(),
        inside: "describes",
    }
}

/// The key of a column: its property, else its name.
///
/// Spec: csv2json §4.3
pub(super) fn column_key(name: String, property: Option<&TermRule>) -> Key {
    match property {
        None => Key::Name(name),
        Some(TermRule::Constant(Term::NamedNode(predicate))) => SHORT_NAMES.key(predicate),
        Some(_) => Key::Predicate,
    }
}

/// The members that annotations make; what stands under one name, or stood in an array, is an
/// array.
///
/// Spec: csv2json §5, "JSON-LD to JSON"
pub(super) fn members<'a>(
    annotations: impl Iterator<Item = &'a Annotation>,
    mut name: impl FnMut(&NamedNode) -> String,
) -> Vec<(String, String)> {
    let mut found: Vec<(String, Vec<&str>, bool)> = Vec::new();
    let mut by_name: FxHashMap<String, usize> = FxHashMap::default();
    for annotation in annotations {
        let name = name(&annotation.predicate);
        let json = annotation.json.as_str();
        if let Some(at) = by_name.get(&name) {
            found[*at].1.push(json);
        } else {
            by_name.insert(name.clone(), found.len());
            found.push((name, vec![json], annotation.listed));
        }
    }
    let write = |(name, values, listed): (String, Vec<&str>, bool)| {
        let json = values.join(",");
        if listed || values.len() > 1 {
            (name, format!("[{json}]"))
        } else {
            (name, json)
        }
    };
    found.into_iter().map(write).collect()
}

/// The short name of a predicate.
pub(super) fn short(predicate: &NamedNode) -> String {
    SHORT_NAMES.shorten(predicate.as_str()).into_owned()
}

/// A string as JSON.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

// Annotations may not take the place of what the object itself has.
fn own_members<'a>(annotations: impl Iterator<Item = &'a Annotation>) -> Vec<(String, String)> {
    members(annotations, |predicate| {
        let name = short(predicate);
        if ["url", "row", "tables", "describes"].contains(&name.as_str()) {
            let prefixed = SHORT_NAMES.prefixed(predicate.as_str());
            return prefixed.unwrap_or(name);
        }
        name
    })
}
