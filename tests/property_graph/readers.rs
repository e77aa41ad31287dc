//! Strict readers of formats for databases that cannot run here, by their documentation.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, BTreeSet};

type Folder = BTreeMap<String, Vec<u8>>;

/// A field of a header: a name, a type, and whether it is an array of that.
struct Field {
    name: String,
    kind: String,
    array: bool,
}

/// Rows by the grammar of RFC 4180, with LF, all of one length.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn field(cell: &str) -> Field {
    assert!(
        !cell.contains([' ', ',', '\n', '\r', '"']),
        "header {cell:?}"
    );
    let (name, kind) = cell.rsplit_once(':').unwrap();
    let array = kind.ends_with("[]");
    Field {
        name: name.to_owned(),
        kind: kind.trim_end_matches("[]").to_owned(),
        array,
    }
}

/// The fields of a file and its rows; no property stands in a header twice.
fn table(text: &str) -> (Vec<Field>, Vec<Vec<String>>) {
    let mut rows = rows(text).into_iter();
    let fields: Vec<Field> = rows
        .next()
        .unwrap()
        .iter()
        .map(|cell| field(cell))
        .collect();
    let named: Vec<&str> = fields
        .iter()
        .filter(|field| !field.name.is_empty())
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(
        named.iter().collect::<BTreeSet<_>>().len(),
        named.len(),
        "{named:?}"
    );
    (fields, rows.collect())
}

fn count(fields: &[Field], kind: &str) -> usize {
    fields.iter().filter(|field| field.kind == kind).count()
}

fn cell<'r>(fields: &[Field], row: &'r [String], kind: &str) -> &'r str {
    &row[fields.iter().position(|field| field.kind == kind).unwrap()]
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 3
        && [4, 2, 2] == [parts[0].len(), parts[1].len(), parts[2].len()]
        && parts
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_time(text: &str) -> bool {
    text.split_once('T')
        .is_some_and(|(date, time)| is_date(date) && time.len() >= 8)
}

fn is_zoned(text: &str) -> bool {
    text.ends_with('Z') || text[10..].contains(['+', '-'])
}

/// The folder of `neo4j-admin database import`: files named by the script, headers of known types,
/// unique IDs, relationships between nodes that are there.
pub(crate) fn neo4j(folder: &Folder, nodes: usize, relationships: usize) {
    let script = std::str::from_utf8(&folder["import.sh"]).unwrap();
    let option = |name: &str| -> Vec<String> {
        script
            .lines()
            .filter_map(|line| line.trim().strip_prefix(&format!("--{name}=")))
            .map(|value| {
                value
                    .trim_end_matches('\\')
                    .trim()
                    .trim_matches('\'')
                    .to_owned()
            })
            .collect()
    };
    let delimiter = option("array-delimiter").remove(0);
    let delimiter = match delimiter.strip_prefix("U+") {
        Some(code) => char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap(),
        None => delimiter.parse().unwrap(),
    };
    let check = |field: &Field, text: &str| {
        // An empty text and no value are the same to this reader.
        if text.is_empty() {
            return;
        }
        let values: Vec<&str> = if field.array {
            text.split(delimiter).collect()
        } else {
            vec![text]
        };
        for value in values {
            let fits = match field.kind.as_str() {
                "boolean" => matches!(value, "true" | "false"),
                "long" => value.parse::<i64>().is_ok(),
                "double" => value.parse::<f64>().is_ok(),
                "date" => is_date(value),
                "localdatetime" => is_time(value) && !is_zoned(value),
                "datetime" => is_time(value) && is_zoned(value),
                "string" => true,
                other => panic!("type {other:?}"),
            };
            assert!(fits, "{value:?} is no {}", field.kind);
        }
    };
    let special = ["ID", "LABEL", "START_ID", "END_ID", "TYPE"];
    let mut ids = BTreeSet::new();
    for name in option("nodes") {
        let (fields, rows) = table(std::str::from_utf8(&folder[&name]).unwrap());
        assert_eq!(
            (count(&fields, "ID"), count(&fields, "LABEL")),
            (1, 1),
            "{name}"
        );
        for row in rows {
            assert!(ids.insert(cell(&fields, &row, "ID").to_owned()), "{row:?}");
            assert!(!cell(&fields, &row, "LABEL").is_empty());
            for (field, text) in fields.iter().zip(&row) {
                if !special.contains(&field.kind.as_str()) {
                    check(field, text);
                }
            }
        }
    }
    let mut found = 0;
    for name in option("relationships") {
        let (fields, rows) = table(std::str::from_utf8(&folder[&name]).unwrap());
        for kind in ["START_ID", "END_ID", "TYPE"] {
            assert_eq!(count(&fields, kind), 1, "{name}");
        }
        for row in rows {
            assert!(ids.contains(cell(&fields, &row, "START_ID")), "{row:?}");
            assert!(ids.contains(cell(&fields, &row, "END_ID")), "{row:?}");
            assert!(!cell(&fields, &row, "TYPE").is_empty());
            found += 1;
        }
    }
    assert_eq!((ids.len(), found), (nodes, relationships));
}

/// The folder of Neptune's bulk loader for openCypher: each file is one of nodes or of relationships, with
/// the system columns that it needs; no array in a relationship.
pub(crate) fn neptune(folder: &Folder, nodes: usize, relationships: usize) {
    let kinds = ["Bool", "Long", "Double", "String", "DateTime"];
    let (mut ids, mut edges, mut ends) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (name, bytes) in folder.iter().filter(|(name, _)| *name != "names.json") {
        let (fields, rows) = table(std::str::from_utf8(bytes).unwrap());
        let is_nodes = count(&fields, "LABEL") == 1;
        let system: &[&str] = if is_nodes {
            &["ID", "LABEL"]
        } else {
            &["ID", "START_ID", "END_ID", "TYPE"]
        };
        for kind in system {
            assert_eq!(count(&fields, kind), 1, "{name}");
        }
        for field in fields
            .iter()
            .filter(|field| !system.contains(&field.kind.as_str()))
        {
            assert!(
                kinds.contains(&field.kind.as_str()),
                "{name}: {}",
                field.kind
            );
            assert!(is_nodes || !field.array, "{name}");
        }
        for row in rows {
            let id = cell(&fields, &row, "ID").to_owned();
            if is_nodes {
                assert!(ids.insert(id), "{row:?}");
            } else {
                assert!(edges.insert(id), "{row:?}");
                ends.insert(cell(&fields, &row, "START_ID").to_owned());
                ends.insert(cell(&fields, &row, "END_ID").to_owned());
            }
            for (field, text) in fields.iter().zip(&row) {
                let values: Vec<&str> = if field.array {
                    text.split(';').collect()
                } else {
                    vec![text]
                };
                for value in values.into_iter().filter(|value| !value.is_empty()) {
                    let fits = match field.kind.as_str() {
                        "Bool" => matches!(value, "true" | "false"),
                        "Long" => value.parse::<i64>().is_ok(),
                        "Double" => value.parse::<f64>().is_ok(),
                        "DateTime" => is_date(value) || is_time(value),
                        _ => true,
                    };
                    assert!(fits, "{value:?} is no {}", field.kind);
                }
            }
        }
    }
    assert!(ends.is_subset(&ids));
    assert_eq!((ids.len(), edges.len()), (nodes, relationships));
}

/// The folder of `FalkorDB`'s bulk loader: files named by the script with labels or a type, header fields
/// that are a name and a type, values that are read as that type and as nothing else.
pub(crate) fn falkordb(folder: &Folder, nodes: usize, relationships: usize) {
    let script = std::str::from_utf8(&folder["load.sh"]).unwrap();
    let files = |option: &str| -> Vec<(String, String)> {
        script
            .lines()
            .filter_map(|line| line.trim().strip_prefix(option))
            .map(|rest| rest.trim_end_matches('\\').trim().split_once(' ').unwrap())
            .map(|(what, name)| (what.to_owned(), name.trim_matches('\'').to_owned()))
            .collect()
    };
    let check = |fields: &[Field], row: &[String]| {
        for (field, text) in fields.iter().zip(row) {
            let is_array = text.starts_with('[') && text.ends_with(']');
            let fits = match field.kind.as_str() {
                _ if text.is_empty() => true,
                "BOOL" => matches!(text.as_str(), "true" | "false"),
                "LONG" => text.parse::<i64>().is_ok(),
                "DOUBLE" => text.parse::<f64>().is_ok_and(f64::is_finite),
                // Elements are guessed at: nothing but numbers and booleans stays what it is.
                "ARRAY" => {
                    is_array
                        && text[1..text.len() - 1].split(',').all(|value| {
                            matches!(value, "True" | "False") || value.parse::<f64>().is_ok()
                        })
                }
                "STRING" | "ID" | "START_ID" | "END_ID" => {
                    text.trim() == text && !text.contains(['\r', '\0'])
                }
                other => panic!("type {other:?}"),
            };
            assert!(fits, "{text:?} is no {}", field.kind);
            let is_id = field.kind.ends_with("ID");
            assert_eq!(field.name.is_empty(), is_id && field.name != "iri");
        }
    };
    let mut ids = BTreeSet::new();
    for (labels, name) in files("-N ") {
        assert!(labels.split(':').all(|label| !label.is_empty()), "{labels}");
        let (fields, rows) = table(std::str::from_utf8(&folder[&name]).unwrap());
        assert_eq!(count(&fields, "ID"), 1, "{name}");
        for row in rows {
            check(&fields, &row);
            assert!(ids.insert(cell(&fields, &row, "ID").to_owned()), "{row:?}");
        }
    }
    let mut found = 0;
    for (kind, name) in files("-R ") {
        assert_eq!(name, format!("rels-{kind}.csv"));
        let (fields, rows) = table(std::str::from_utf8(&folder[&name]).unwrap());
        for row in rows {
            check(&fields, &row);
            for end in ["START_ID", "END_ID"] {
                assert_eq!(count(&fields, end), 1, "{name}");
                assert!(ids.contains(cell(&fields, &row, end)), "{row:?}");
            }
            found += 1;
        }
    }
    assert_eq!((ids.len(), found), (nodes, relationships));
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    element
        .attributes()
        .map(|attribute| {
            let attribute = attribute.unwrap();
            let name = std::str::from_utf8(attribute.key.as_ref())
                .unwrap()
                .to_owned();
            (name, attribute.unescape_value().unwrap().into_owned())
        })
        .collect()
}

/// `GraphML`: well-formed, keys declared before they are used and for what they are used, values of their
/// types, unique identifiers, edges between nodes that are there.
pub(crate) fn graphml(text: &str, nodes: usize, relationships: usize) {
    let mut reader = Reader::from_str(text);
    let (mut ids, mut edges) = (BTreeSet::new(), BTreeSet::new());
    let mut keys: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut open: Vec<String> = Vec::new();
    let mut kind = None;
    let mut content = String::new();
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                let has = attributes(element);
                let parent = open.last().map(String::as_str);
                match name.as_str() {
                    "graphml" => {
                        assert_eq!(has["xmlns"], "http://graphml.graphdrawing.org/xmlns");
                    }
                    "key" => {
                        assert_eq!(parent, Some("graphml"));
                        assert!(ids.is_empty());
                        let known = ["boolean", "int", "long", "float", "double", "string"];
                        assert!(known.contains(&has["attr.type"].as_str()), "{has:?}");
                        let key = (has["for"].clone(), has["id"].clone());
                        assert!(keys.insert(key, has["attr.type"].clone()).is_none());
                    }
                    "graph" => assert_eq!(has["edgedefault"], "directed"),
                    "node" => assert!(ids.insert(has["id"].clone())),
                    "edge" => {
                        assert!(edges.insert(has["id"].clone()));
                        assert!(ids.contains(&has["source"]) && ids.contains(&has["target"]));
                    }
                    "data" => {
                        let key = (parent.unwrap().to_owned(), has["key"].clone());
                        kind = Some(keys[&key].clone());
                    }
                    other => panic!("element {other:?}"),
                }
                if matches!(event, Event::Start(_)) {
                    open.push(name);
                }
            }
            Event::End(_) => {
                open.pop();
                let fits = match kind.take().as_deref() {
                    Some("boolean") => matches!(content.as_str(), "true" | "false"),
                    Some("long") => content.parse::<i64>().is_ok(),
                    Some("double") => content.parse::<f64>().is_ok(),
                    _ => true,
                };
                assert!(fits, "{content:?}");
                content.clear();
            }
            Event::Text(text) => content.push_str(&text.unescape().unwrap()),
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty());
    assert_eq!((ids.len(), edges.len()), (nodes, relationships));
}
