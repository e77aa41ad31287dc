//! Nodes and relationships in CSV files: what the columns are for, and the records.

use super::csv::{Cell, Records};
use super::jsonl::natives;
use super::lines::Place;
use super::quads::{Node, Properties, Quads, Relationship, insert};
use super::{ImportError, Open};
use crate::property_graph::{LabelName, NameMap, PropertyName, RelationshipName};
use std::collections::BTreeMap;

/// What a file holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table<'m> {
    /// Nodes, with these labels where there is no column for them.
    Nodes(Option<&'m [String]>),
    /// Relationships, of a type where there is no column for it.
    Relationships(Option<&'m RelationshipName>),
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role<'h> {
    /// The IRI of a node, or of what was folded.
    Key,
    Labels,
    Start,
    End,
    Type,
    /// The identifier of a relationship.
    Id,
    Graph,
    Property(&'h str),
}

/// How a format has its columns and cells.
pub(super) trait Dialect {
    /// What the column with this header is for.
    fn role<'h>(&self, header: &'h str, table: Table<'_>) -> Option<Role<'h>>;

    /// The values of an array.
    ///
    /// # Errors
    /// With what is wrong.
    fn array(&self, cell: &str, property: &PropertyName) -> Result<Vec<String>, String>;

    /// The value of what is no array.
    ///
    /// # Errors
    /// With what is wrong.
    fn value(&self, cell: String, _: &PropertyName) -> Result<String, String> {
        Ok(cell)
    }

    /// What stands between labels.
    fn delimiter(&self) -> char;
}

/// The types that the map tells of files.
pub(super) fn kinds(map: &NameMap) -> BTreeMap<&str, &RelationshipName> {
    let kinds = map.relationships.values();
    kinds
        .flat_map(|kind| kind.files.iter().map(move |file| (file.as_str(), kind)))
        .collect()
}

/// The relationships of a file that does not say their type itself.
pub(super) fn of_kind<'m>(
    kinds: &BTreeMap<&str, &'m RelationshipName>,
    file: &str,
) -> Result<Table<'m>, ImportError> {
    let kind = kinds.get(file).copied().ok_or_else(|| {
        let reason = format!("the map of names does not say of which type `{file}` is");
        ImportError::Names(reason)
    })?;
    Ok(Table::Relationships(Some(kind)))
}

/// The delimiter that the map tells.
pub(super) fn delimiter(map: &NameMap) -> Result<char, ImportError> {
    let missing = || ImportError::Names("the map of names does not say `array_delimiter`".into());
    map.array_delimiter.ok_or_else(missing)
}

/// A column as it is read.
enum Column<'m> {
    Fixed(Role<'static>),
    Property(&'m str, &'m PropertyName),
}

/// Reads a file: one record at a time.
pub(super) fn read<'m>(
    file: &str,
    table: Table<'m>,
    dialect: &dyn Dialect,
    open: &mut Open<'_>,
    quads: &mut Quads<'m, '_>,
) -> Result<(), ImportError> {
    let mut records = Records::open(file, open)?;
    let Some(head) = records.read()? else {
        return Err(records.place().fault("there is no header"));
    };
    let columns = columns(&head, table, dialect, &records, quads)?;
    let mut of_all = Vec::new();
    if let Table::Nodes(Some(labels)) = table {
        for label in labels {
            of_all.extend(quads.label(label, records.place())?);
        }
    }
    while let Some(cells) = records.read()? {
        if cells.len() != columns.len() {
            let reason = "another number of cells than the header has";
            return Err(records.place().fault(reason));
        }
        let row = Row::of(&columns, cells, dialect, &records, quads)?;
        let place = records.place();
        let needed = |text: Option<String>, what: &str| {
            text.ok_or_else(|| place.fault(format!("there is no {what}")))
        };
        match table {
            Table::Nodes(_) => {
                let mut labels = row.labels;
                labels.extend(&of_all);
                let node = Node {
                    key: needed(row.key, "IRI")?,
                    labels,
                    properties: row.properties,
                };
                quads.node(&node, place)?;
            }
            Table::Relationships(kind) => {
                let kind = row.kind.or(kind);
                let one = Relationship {
                    kind: kind.ok_or_else(|| place.fault("there is no type"))?,
                    start: needed(row.start, "beginning")?,
                    end: needed(row.end, "end")?,
                    graph: row.graph,
                    key: row.key,
                    properties: row.properties,
                };
                quads.relationship(&one, place)?;
            }
        }
    }
    Ok(())
}

fn columns<'m>(
    head: &[Cell],
    table: Table<'m>,
    dialect: &dyn Dialect,
    records: &Records,
    quads: &Quads<'m, '_>,
) -> Result<Vec<Column<'m>>, ImportError> {
    let mut columns = Vec::with_capacity(head.len());
    let mut seen = Vec::with_capacity(head.len());
    for cell in head {
        let header = cell.text.as_deref().unwrap_or_default();
        let place = records.place_of(cell);
        let role = dialect.role(header, table);
        let role = role.ok_or_else(|| place.fault(format!("`{header}` is no header here")))?;
        if seen.contains(&role) {
            return Err(place.fault(format!("`{header}` stands here twice")));
        }
        seen.push(role);
        columns.push(match role {
            Role::Property(name) => {
                let (name, property) = quads.property(name, &place)?;
                Column::Property(name, property)
            }
            Role::Key => Column::Fixed(Role::Key),
            Role::Labels => Column::Fixed(Role::Labels),
            Role::Start => Column::Fixed(Role::Start),
            Role::End => Column::Fixed(Role::End),
            Role::Type => Column::Fixed(Role::Type),
            Role::Id => Column::Fixed(Role::Id),
            Role::Graph => Column::Fixed(Role::Graph),
        });
    }
    let needed: &[(Role<'_>, &str)] = match table {
        Table::Nodes(None) => &[(Role::Key, "IRIs"), (Role::Labels, "labels")],
        Table::Nodes(Some(_)) => &[(Role::Key, "IRIs")],
        Table::Relationships(_) => &[(Role::Start, "beginnings"), (Role::End, "ends")],
    };
    for (role, what) in needed {
        if !seen.contains(role) {
            let reason = format!("there is no column with the {what}");
            return Err(records.place().fault(reason));
        }
    }
    Ok(columns)
}

/// The cells of a record.
#[derive(Default)]
struct Row<'m> {
    key: Option<String>,
    labels: Vec<&'m LabelName>,
    start: Option<String>,
    end: Option<String>,
    kind: Option<&'m RelationshipName>,
    graph: Option<String>,
    properties: Properties<'m>,
}

impl<'m> Row<'m> {
    fn of(
        columns: &[Column<'m>],
        cells: Vec<Cell>,
        dialect: &dyn Dialect,
        records: &Records,
        quads: &Quads<'m, '_>,
    ) -> Result<Self, ImportError> {
        let mut row = Self::default();
        for (column, mut cell) in columns.iter().zip(cells) {
            let Some(text) = cell.text.take() else {
                continue;
            };
            let place = || -> Place { records.place_of(&cell) };
            match column {
                Column::Property(name, property) => {
                    let values = if property.array {
                        dialect.array(&text, property)
                    } else {
                        dialect.value(text, property).map(|value| vec![value])
                    };
                    let values =
                        values.map_err(|reason| place().fault(format!("`{name}`: {reason}")))?;
                    insert(&mut row.properties, name, values, records.place())?;
                }
                Column::Fixed(Role::Labels) => {
                    for label in text.split(dialect.delimiter()) {
                        row.labels.extend(quads.label(label, &place())?);
                    }
                }
                Column::Fixed(Role::Type) => row.kind = Some(quads.kind(&text, &place())?),
                Column::Fixed(Role::Key) => row.key = Some(text),
                Column::Fixed(Role::Start) => row.start = Some(text),
                Column::Fixed(Role::End) => row.end = Some(text),
                Column::Fixed(Role::Graph) => row.graph = Some(text),
                Column::Fixed(Role::Id | Role::Property(_)) => {}
            }
        }
        Ok(row)
    }
}

/// The role of a column in the header of Neo4j or Neptune: a name, `:` and a type.
pub(super) fn typed_role<'h>(header: &'h str, table: Table<'_>) -> Option<Role<'h>> {
    let (name, kind) = header.rsplit_once(':')?;
    match (table, name, kind) {
        (Table::Nodes(_), _, "ID") => Some(Role::Key),
        (Table::Nodes(None), "", "LABEL") => Some(Role::Labels),
        (Table::Relationships(_), "", "ID") => Some(Role::Id),
        (Table::Relationships(_), "", "START_ID") => Some(Role::Start),
        (Table::Relationships(_), "", "END_ID") => Some(Role::End),
        (Table::Relationships(_), "", "TYPE") => Some(Role::Type),
        (_, "", _) => None,
        (Table::Relationships(_), "id", _) => Some(Role::Id),
        (Table::Relationships(_), name, _) => Some(relationship_text(name)),
        (Table::Nodes(_), name, _) => Some(Role::Property(name)),
    }
}

/// The role of a column of relationships by its name.
pub(super) fn relationship_text(name: &str) -> Role<'_> {
    match name {
        crate::property_graph::KEY => Role::Key,
        "graph" => Role::Graph,
        name => Role::Property(name),
    }
}

/// The values of a JSON array.
pub(super) fn json(cell: &str, property: &PropertyName) -> Result<Vec<String>, String> {
    let values: Vec<serde_json::Value> =
        serde_json::from_str(cell).map_err(|_| "this is no JSON array".to_owned())?;
    natives(property, &values)
}

/// The values between `[` and `]`.
pub(super) fn bracketed(cell: &str) -> Result<impl Iterator<Item = &str>, String> {
    let values = cell
        .strip_prefix('[')
        .and_then(|cell| cell.strip_suffix(']'));
    let values = values.ok_or_else(|| format!("`{cell}` is no array"))?;
    Ok(values.split(','))
}
