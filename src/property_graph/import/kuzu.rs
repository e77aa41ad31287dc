//! The folder for Kuzu and Ladybug: its CSV files, with what the map says of them.

use super::quads::Quads;
use super::tables::{self, Dialect, Role, Table};
use super::{ImportError, Open};
use crate::property_graph::map::CellForm;
use crate::property_graph::{KEY, Kind, PropertyName, RelationshipName};
use std::collections::BTreeMap;

struct Kuzu {
    delimiter: char,
}

pub(super) fn read(mut open: Open<'_>, quads: &mut Quads<'_, '_>) -> Result<(), ImportError> {
    let map = quads.map;
    let dialect = Kuzu {
        delimiter: tables::delimiter(map)?,
    };
    // The files have no column for the type.
    let kinds: BTreeMap<&str, &RelationshipName> = map
        .relationships
        .values()
        .flat_map(|kind| kind.files.iter().map(move |file| (file.as_str(), kind)))
        .collect();
    for file in &map.node_files {
        tables::read(file, Table::Nodes, &dialect, &mut open, quads)?;
    }
    for file in &map.relationship_files {
        let kind = kinds.get(file.as_str()).copied();
        let kind = kind.ok_or_else(|| {
            let reason = format!("the map of names does not say of which type `{file}` is");
            ImportError::Names(reason)
        })?;
        let table = Table::Relationships(Some(kind));
        tables::read(file, table, &dialect, &mut open, quads)?;
    }
    Ok(())
}

impl Dialect for Kuzu {
    fn role<'h>(&self, header: &'h str, table: Table<'_>) -> Option<Role<'h>> {
        match (table, header) {
            (_, "") => None,
            (Table::Nodes, KEY) => Some(Role::Key),
            (Table::Nodes, "labels") => Some(Role::Labels),
            (Table::Nodes, name) => Some(Role::Property(name)),
            (Table::Relationships(_), "from") => Some(Role::Start),
            (Table::Relationships(_), "to") => Some(Role::End),
            (Table::Relationships(_), "id") => Some(Role::Id),
            (Table::Relationships(_), name) => Some(tables::relationship_text(name)),
        }
    }

    fn array(&self, cell: &str, property: &PropertyName) -> Result<Vec<String>, String> {
        if property.kind != Kind::String {
            let values = cell
                .strip_prefix('[')
                .and_then(|cell| cell.strip_suffix(']'));
            let values = values.ok_or_else(|| format!("`{cell}` is no array"))?;
            return Ok(values.split(',').map(str::to_owned).collect());
        }
        let values = cell.split(self.delimiter);
        if property.cell_form != Some(CellForm::Marked) {
            return Ok(values.map(str::to_owned).collect());
        }
        let values = values.map(|value| {
            let value = value.strip_prefix('=').map(str::to_owned);
            value.ok_or_else(|| "a value without `=` before it".to_owned())
        });
        values.collect()
    }

    fn delimiter(&self) -> char {
        self.delimiter
    }
}
