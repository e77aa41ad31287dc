//! The folder for Kuzu and Ladybug: its CSV files, with what the map says of them.

use super::quads::Quads;
use super::tables::{self, Dialect, Role, Table};
use super::{ImportError, Open};
use crate::property_graph::map::CellForm;
use crate::property_graph::{KEY, Kind, PropertyName};

struct Kuzu {
    delimiter: char,
}

pub(super) fn read(mut open: Open<'_>, quads: &mut Quads<'_, '_>) -> Result<(), ImportError> {
    let map = quads.map;
    let dialect = Kuzu {
        delimiter: tables::delimiter(map)?,
    };
    for file in &map.node_files {
        tables::read(file, Table::Nodes(None), &dialect, &mut open, quads)?;
    }
    // The files have no column for the type.
    let kinds = tables::kinds(map);
    for file in &map.relationship_files {
        let table = tables::of_kind(&kinds, file)?;
        tables::read(file, table, &dialect, &mut open, quads)?;
    }
    Ok(())
}

impl Dialect for Kuzu {
    fn role<'h>(&self, header: &'h str, table: Table<'_>) -> Option<Role<'h>> {
        match (table, header) {
            (_, "") => None,
            (Table::Nodes(_), KEY) => Some(Role::Key),
            (Table::Nodes(_), "labels") => Some(Role::Labels),
            (Table::Nodes(_), name) => Some(Role::Property(name)),
            (Table::Relationships(_), "from") => Some(Role::Start),
            (Table::Relationships(_), "to") => Some(Role::End),
            (Table::Relationships(_), "id") => Some(Role::Id),
            (Table::Relationships(_), name) => Some(tables::relationship_text(name)),
        }
    }

    fn array(&self, cell: &str, property: &PropertyName) -> Result<Vec<String>, String> {
        if property.kind != Kind::String {
            return Ok(tables::bracketed(cell)?.map(str::to_owned).collect());
        }
        let values = cell.split(self.delimiter);
        if property.cell_form != Some(CellForm::Marked) {
            return Ok(values.map(str::to_owned).collect());
        }
        values.map(unmarked).collect()
    }

    fn value(&self, cell: String, property: &PropertyName) -> Result<String, String> {
        if property.cell_form == Some(CellForm::Marked) {
            unmarked(&cell)
        } else {
            Ok(cell)
        }
    }

    fn delimiter(&self) -> char {
        self.delimiter
    }
}

fn unmarked(value: &str) -> Result<String, String> {
    let value = value.strip_prefix('=').map(str::to_owned);
    value.ok_or_else(|| "a value without `=` before it".to_owned())
}
