//! Records in JSON: those of a document, and what `JSONPaths` lead to.
//!
//! In: texts and paths. Out: for each record the texts of its values. A value that is an object or an array
//! is its JSON text, so that it can be looked into again; `null` is no value.
//!
//! Spec: RFC 9535

use super::ViewRow;
use super::row::Rows;
use crate::plan::{JsonRead, Nulls};
use crate::table::{Dialect, Sources, TableError};
use serde_json::Value;
use serde_json_path::JsonPath;
use std::borrow::Cow;
use std::io::Read as _;

/// The records that a path leads to, and the values of each.
#[derive(Debug)]
pub(super) struct JsonRecords {
    iterator: JsonPath,
    references: Vec<JsonPath>,
}

impl JsonRecords {
    /// Reads the paths; `name` is what errors call the document.
    ///
    /// # Errors
    /// When one is none.
    pub(super) fn new(
        name: &str,
        iterator: &str,
        references: &[String],
    ) -> Result<Self, TableError> {
        let parse = |path: &str| {
            parse(path).map_err(|reason| TableError::JsonPath {
                source_name: name.to_owned(),
                path: path.to_owned(),
                reason,
            })
        };
        Ok(Self {
            iterator: parse(iterator)?,
            references: references
                .iter()
                .map(|path| parse(path))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Calls for each record with what adds the cells of its references.
    pub(super) fn each(
        &self,
        document: &Value,
        needed: impl Fn(usize) -> bool,
        nulls: Option<&Nulls>,
        mut take: impl FnMut(&dyn Fn(&mut ViewRow)),
    ) {
        for record in self.iterator.query(document) {
            take(&|row| {
                for (number, reference) in self.references.iter().enumerate() {
                    if needed(number) {
                        for value in reference.query(record) {
                            let text = text_of(value);
                            let is_null = |text: &str| nulls.is_some_and(|it| it.contains(text));
                            if let Some(text) = text.filter(|text| !is_null(text)) {
                                row.push_item(&text);
                            }
                        }
                    }
                    row.end_cell();
                }
            });
        }
    }
}

// A path; a name alone, as older mappings have it, leads to the member of that name.
fn parse(path: &str) -> Result<JsonPath, String> {
    let path = path.trim();
    if path.starts_with('$') {
        return JsonPath::parse(path).map_err(|error| error.to_string());
    }
    if let Some(rest) = path.strip_prefix('@') {
        return JsonPath::parse(&format!("${rest}")).map_err(|error| error.to_string());
    }
    let dot = if path.starts_with('[') { "" } else { "." };
    JsonPath::parse(&format!("${dot}{path}")).or_else(|_| {
        // Names with spaces and the like.
        let name = Value::from(path).to_string();
        JsonPath::parse(&format!("$[{name}]")).map_err(|error| error.to_string())
    })
}

fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        value => Some(Cow::Owned(value.to_string())),
    }
}

/// The records of a document.
///
/// Memory: the document while its records are taken, then their values.
pub(super) struct JsonRows<'p> {
    read: &'p JsonRead,
    name: String,
    sources: &'p Sources,
    records: JsonRecords,
    needed: Vec<bool>,
    /// The records, once the document was read.
    rows: Option<Rows>,
    next: usize,
}

impl<'p> JsonRows<'p> {
    /// Reads the paths.
    ///
    /// # Errors
    /// When one is none.
    pub(super) fn open(
        read: &'p JsonRead,
        needed: &[bool],
        sources: &'p Sources,
    ) -> Result<Self, TableError> {
        let name = sources.display_name(&read.source);
        Ok(Self {
            read,
            records: JsonRecords::new(&name, &read.iterator, &read.references)?,
            name,
            sources,
            needed: needed.to_vec(),
            rows: None,
            next: 0,
        })
    }

    /// Gives the next record; its row is its number, counted from 1.
    ///
    /// # Errors
    /// When the document cannot be read or is not JSON.
    pub(super) fn next(&mut self, out: &mut ViewRow) -> Result<bool, TableError> {
        if self.rows.is_none() {
            self.rows = Some(self.records()?);
        }
        let Some(rows) = &self.rows else {
            return Ok(false);
        };
        if self.next == rows.len() {
            return Ok(false);
        }
        out.clear();
        // The bytes are those that were written.
        let _ = out.read(self.needed.len(), rows.get(self.next));
        self.next += 1;
        // There is no telling on which line a record begins.
        (out.source_row, out.line) = (self.next as u64, 1);
        Ok(true)
    }

    // The values of all records, as bytes.
    fn records(&self) -> Result<Rows, TableError> {
        let document = self.document()?;
        let mut rows = Rows::default();
        let (mut row, mut bytes) = (ViewRow::default(), Vec::new());
        let keep = vec![true; self.needed.len()];
        self.records.each(
            &document,
            |column| self.needed[column],
            Some(&self.read.nulls),
            |cells| {
                row.clear();
                cells(&mut row);
                bytes.clear();
                row.write(&keep, &mut bytes);
                rows.push(&bytes);
            },
        );
        Ok(rows)
    }

    fn document(&self) -> Result<Value, TableError> {
        let mut bytes = Vec::new();
        let mut input = self.sources.open(&self.read.source, &Dialect::default())?;
        input
            .read_to_end(&mut bytes)
            .map_err(|error| TableError::Io {
                source_name: self.name.clone(),
                error,
            })?;
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
        serde_json::from_slice(text).map_err(|error| TableError::NotJson {
            source_name: self.name.clone(),
            line: error.line().max(1) as u64,
            column: error.column().max(1) as u64,
            reason: reason(&error),
        })
    }
}

/// Why a text is not JSON, without the place.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, document: &str, expected: &[&str]) {
        let document: Value = serde_json::from_str(document).unwrap();
        let path = parse(path).unwrap();
        let found = path.query(&document).all();
        let texts: Vec<_> = found.into_iter().filter_map(text_of).collect();
        assert_eq!(texts, expected);
    }

    // Spec: RFC 9535 §1.5, §2
    #[test]
    fn paths_lead_to_texts() {
        let store =
            r#"{"book": [{"price": 8.95, "a b": "x"}, {"price": 12, "n": null, "o": {"k": [1]}}]}"#;
        check("$.book[*].price", store, &["8.95", "12"]);
        check("$..price", store, &["8.95", "12"]);
        check("$.book[?@.price < 10]['a b']", store, &["x"]);
        check("$.book[1].n", store, &[]);
        check("$.book[1].o", store, &[r#"{"k":[1]}"#]);
        check("$.book[?match(@['a b'], '[x-z]')].price", store, &["8.95"]);
    }

    #[test]
    fn names_alone_are_members() {
        check("name", r#"{"name": "a"}"#, &["a"]);
        check("o.k[0]", r#"{"o": {"k": [true, 2]}}"#, &["true"]);
        check("a b", r#"{"a b": "x"}"#, &["x"]);
        check("ä-'\"", r#"{"ä-'\"": "x"}"#, &["x"]);
        check("['k']", r#"{"k": "x"}"#, &["x"]);
        assert!(parse("$.[").is_err());
    }
}
