//! The folder for `neo4j-admin database import`.

use super::quads::Quads;
use super::tables::{self, Dialect, Role, Table};
use super::{ImportError, Open};
use crate::property_graph::{CellForm, PropertyName};

struct Neo4j {
    delimiter: char,
}

pub(super) fn read(mut open: Open<'_>, quads: &mut Quads<'_, '_>) -> Result<(), ImportError> {
    let map = quads.map;
    let dialect = Neo4j {
        delimiter: tables::delimiter(map)?,
    };
    for file in &map.node_files {
        tables::read(file, Table::Nodes(None), &dialect, &mut open, quads)?;
    }
    for file in &map.relationship_files {
        let table = Table::Relationships(None);
        tables::read(file, table, &dialect, &mut open, quads)?;
    }
    Ok(())
}

impl Dialect for Neo4j {
    fn role<'h>(&self, header: &'h str, table: Table<'_>) -> Option<Role<'h>> {
        tables::typed_role(header, table)
    }

    fn array(&self, cell: &str, property: &PropertyName) -> Result<Vec<String>, String> {
        if property.cell_form == Some(CellForm::Json) {
            return tables::json(cell, property);
        }
        Ok(cell.split(self.delimiter).map(str::to_owned).collect())
    }

    fn delimiter(&self) -> char {
        self.delimiter
    }
}
