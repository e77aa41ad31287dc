//! Reads schemas: columns with their titles, keys.
//!
//! In: an element of a metadata document. Out: a [`Schema`].
//!
//! Spec: metadata §5.5, §5.6

use super::json::{Json, Node};
use super::metadata::{Column, ColumnOrigin, ForeignKey, Inherited, Schema, Target};
use super::names;
use super::parse::{Parser, encode_name, is_language_tag, is_variable_name, strings};
use crate::diagnostic::{Severity, nearest};
use oxrdf::NamedNode;
use rustc_hash::{FxHashMap, FxHashSet};

/// The columns of a schema, found by name; of two with one name, the first.
struct Described<'c> {
    columns: &'c [Column],
    by_name: FxHashMap<&'c str, usize>,
}

impl<'c> Described<'c> {
    fn new(columns: &'c [Column]) -> Self {
        let mut by_name = FxHashMap::default();
        for (number, column) in columns.iter().enumerate() {
            by_name.entry(column.name.as_str()).or_insert(number);
        }
        Self { columns, by_name }
    }
}

impl Parser<'_> {
    /// Reads a schema, or the one that an IRI leads to.
    pub(super) fn parse_schema(&mut self, node: &Node, parent: &Inherited) -> Schema {
        match &node.value {
            Json::Object(_) => self.parse_schema_object(node, parent),
            Json::String(reference) => {
                let read = |parser: &mut Parser<'_>, root: &Node| {
                    let mut schema = parser.parse_schema_object(root, parent);
                    // Without an identity of its own it has that of its document.
                    schema.id.get_or_insert(parser.document_iri.clone());
                    schema.document = Some(parser.document.name.clone());
                    schema
                };
                self.referenced("tableSchema", node, reference, read)
                    .unwrap_or_default()
            }
            _ => {
                self.invalid("tableSchema", node, "an object or an IRI");
                Schema::default()
            }
        }
    }

    fn parse_schema_object(&mut self, node: &Node, parent: &Inherited) -> Schema {
        // A schema can be that of many tables.
        self.charge(node, node.range.len());
        self.check_type(node, "Schema");
        let inherited = self.parse_inherited(node, parent);
        self.parse_others(node, &[names::SCHEMA, names::INHERITED], "a schema");
        let mut columns: Vec<Column> = Vec::new();
        match node.get("columns") {
            None => {}
            Some(list) => match &list.value {
                Json::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        if !self.charge_column(item) {
                            break;
                        }
                        columns.extend(self.parse_column(item, index, &inherited));
                    }
                }
                _ => self.invalid("columns", list, "an array"),
            },
        }
        self.check_columns(node, &columns);
        let described = Described::new(&columns);
        let foreign_keys = match node.get("foreignKeys") {
            None => Vec::new(),
            Some(list) => {
                if let Json::Array(items) = &list.value {
                    items
                        .iter()
                        .filter_map(|item| self.parse_foreign_key(item, &described))
                        .collect()
                } else {
                    self.invalid("foreignKeys", list, "an array");
                    Vec::new()
                }
            }
        };
        Schema {
            document: None,
            id: self.parse_id(node).map(NamedNode::into_string),
            inherited: Some(inherited),
            names: (
                strings(node.get("primaryKey")),
                strings(node.get("rowTitles")),
            ),
            primary_key: self.column_numbers(node, "primaryKey", &described),
            primary_key_pointer: format!("{}/primaryKey", self.document.pointer(&node.range)),
            row_titles: self.column_numbers(node, "rowTitles", &described),
            foreign_keys,
            columns,
        }
    }

    // Spec: metadata §5.6
    fn parse_column(&mut self, node: &Node, index: usize, parent: &Inherited) -> Option<Column> {
        if !matches!(node.value, Json::Object(_)) {
            self.invalid("columns", node, "an array of objects");
            return None;
        }
        self.check_type(node, "Column");
        self.parse_id(node);
        let inherited = self.parse_inherited(node, parent);
        self.parse_others(node, &[names::COLUMN, names::INHERITED], "a column");
        let titles = match node.get("titles") {
            Some(titles) => self.parse_titles(titles),
            None => Vec::new(),
        };
        let name = match node.get("name").map(|name| (name, name.as_str())) {
            Some((_, Some(name))) if is_variable_name(name) => Some(name.to_owned()),
            Some((name, _)) => {
                self.report(
                    Severity::Warning,
                    "csvw::invalid-name",
                    name,
                    "a column's `name` has to be letters, digits, `_` and `.` without `_` first",
                    Some("other letters are written as `%XX`; use `titles` for people".to_owned()),
                    "metadata §5.6",
                );
                None
            }
            None => None,
        };
        let is_virtual = self.boolean(node, "virtual", false);
        Some(Column {
            origin: if name.is_some() {
                ColumnOrigin::Named
            } else {
                ColumnOrigin::Described
            },
            name: name.unwrap_or_else(|| {
                // Only a title in the default language makes a name.
                let fits = |tag: &str| tag == "und" || tag == self.language;
                match titles.iter().find(|(tag, _)| fits(tag)) {
                    Some((_, title)) => encode_name(title),
                    None => format!("_col.{}", index + 1),
                }
            }),
            titles,
            is_virtual,
            suppress_output: self.boolean(node, "suppressOutput", false),
            inherited,
            pointer: self.document.pointer(&node.range),
        })
    }

    fn check_columns(&mut self, node: &Node, columns: &[Column]) {
        let mut names = FxHashSet::default();
        let mut seen_virtual = false;
        for column in columns {
            if !names.insert(column.name.as_str()) {
                let message = format!("two columns are called `{}`", column.name);
                self.error("csvw::duplicate-column", node, message, "metadata §5.6");
            }
            if seen_virtual && !column.is_virtual {
                let message = format!("column `{}` follows a virtual one", column.name);
                self.error("csvw::column-order", node, message, "metadata §5.6");
            }
            seen_virtual |= column.is_virtual;
        }
    }

    fn parse_foreign_key(&mut self, node: &Node, described: &Described<'_>) -> Option<ForeignKey> {
        if self.limits.is_reached() {
            return None;
        }
        if !matches!(node.value, Json::Object(_)) {
            self.invalid("foreignKeys", node, "an array of objects");
            return None;
        }
        self.refuse_unknown(node, names::FOREIGN_KEY, "a foreign key");
        let reference = match node.get("reference") {
            Some(reference) if matches!(reference.value, Json::Array(_)) => {
                self.invalid("reference", reference, "an object");
                return None;
            }
            Some(reference) if matches!(reference.value, Json::Object(_)) => reference,
            _ => {
                let message = "a foreign key needs `reference`, an object".to_owned();
                self.error("csvw::foreign-key", node, message, "metadata §5.5");
                return None;
            }
        };
        self.refuse_unknown(reference, names::REFERENCE, "a reference");
        let own: Vec<String> = if described.columns.is_empty() {
            strings(node.get("columnReference"))
        } else {
            self.column_numbers(node, "columnReference", described)
                .into_iter()
                .map(|index| described.columns[index].name.clone())
                .collect()
        };
        let target_columns = strings(reference.get("columnReference"));
        let mut resolved = |property: &str| {
            let node = reference.get(property)?;
            self.resolve(node, node.as_str()?)
        };
        let target = match (resolved("resource"), resolved("schemaReference")) {
            (Some(resource), None) => Target::Resource(resource),
            (None, Some(schema)) => Target::Schema(schema),
            _ => {
                let message = "a reference needs either `resource` or `schemaReference`";
                self.error(
                    "csvw::foreign-key",
                    reference,
                    message.to_owned(),
                    "metadata §5.5",
                );
                return None;
            }
        };
        if own.is_empty() || own.len() != target_columns.len() {
            let message = format!(
                "the foreign key has {} columns and refers to {}",
                own.len(),
                target_columns.len()
            );
            self.error("csvw::foreign-key", node, message, "metadata §5.5");
            return None;
        }
        Some(ForeignKey {
            columns: own,
            target,
            target_columns,
            pointer: self.document.pointer(&node.range),
        })
    }

    // The numbers of columns that a property names.
    fn column_numbers(
        &mut self,
        node: &Node,
        property: &str,
        described: &Described<'_>,
    ) -> Vec<usize> {
        let columns = described.columns;
        // Without a description of columns only the header row can tell.
        let Some(value) = node.get(property).filter(|_| !columns.is_empty()) else {
            return Vec::new();
        };
        let mut numbers = Vec::new();
        let is_list = value.as_str().is_some()
            || (!value.items().is_empty() && value.items().iter().all(|i| i.as_str().is_some()));
        if !is_list {
            self.invalid(property, value, "a column's name or an array of names");
            return numbers;
        }
        let mut sound = true;
        for name in strings(Some(value)) {
            let found = described.by_name.get(name.as_str()).copied();
            if let Some(index) = found
                && columns[index].origin == ColumnOrigin::Named
            {
                numbers.push(index);
                continue;
            }
            sound = false;
            let code = "csvw::unknown-column";
            if !self.diagnostics.wants(code, &self.document.name, "") {
                let source = &self.document.name;
                self.diagnostics
                    .count_one(Severity::Warning, code, source, "");
                continue;
            }
            let (message, help) = if found.is_some() {
                (
                    format!(
                        "`{property}` names a column `{name}`, which has `titles` and no `name`"
                    ),
                    Some(format!("add `\"name\": \"{name}\"` to the column")),
                )
            } else {
                let near = nearest(&name, columns.iter().map(|column| column.name.as_str()));
                (
                    format!("`{property}` names a column `{name}`, which the schema lacks"),
                    near.map(|near| format!("did you mean `{near}`?")),
                )
            };
            self.report(
                Severity::Warning,
                code,
                value,
                message,
                help,
                "metadata §5.1.4",
            );
        }
        // One wrong reference spoils them all.
        if sound { numbers } else { Vec::new() }
    }

    // Spec: metadata §5.1.6
    pub(super) fn parse_titles(&mut self, node: &Node) -> Vec<(String, String)> {
        let default = self.language.clone();
        match &node.value {
            Json::String(text) => vec![(default, text.clone())],
            Json::Array(_) => {
                let texts = self.title_texts(node).into_iter();
                texts.map(|text| (default.clone(), text)).collect()
            }
            Json::Object(members) => {
                let mut titles = Vec::new();
                for member in members {
                    if !is_language_tag(&member.key) {
                        self.invalid("titles", &member.value, "an object by language tags");
                        continue;
                    }
                    for text in self.title_texts(&member.value) {
                        titles.push((member.key.clone(), text));
                    }
                }
                titles
            }
            _ => {
                self.invalid(
                    "titles",
                    node,
                    "a string, an array or an object by language",
                );
                Vec::new()
            }
        }
    }

    fn title_texts(&mut self, node: &Node) -> Vec<String> {
        let wrong = match &node.value {
            Json::Array(items) => items.iter().find(|item| item.as_str().is_none()),
            Json::String(_) => None,
            _ => Some(node),
        };
        if let Some(wrong) = wrong {
            self.invalid("titles", wrong, "a string");
        }
        strings(Some(node))
    }
}
