//! The folder for the bulk loader of `FalkorDB`: its CSV files, with what the map says of them.

use super::quads::Quads;
use super::tables::{self, Dialect, Role, Table};
use super::{ImportError, Open};
use crate::property_graph::map::CellForm;
use crate::property_graph::{Kind, PropertyName};

struct Falkordb {
    delimiter: char,
    /// What stands for a carriage return in cells that are enclosed.
    carriage_return: Option<char>,
}

pub(super) fn read(mut open: Open<'_>, quads: &mut Quads<'_, '_>) -> Result<(), ImportError> {
    let map = quads.map;
    let dialect = Falkordb {
        delimiter: tables::delimiter(map)?,
        carriage_return: map.carriage_return,
    };
    for file in &map.node_files {
        let labels = map.file_labels.get(file).ok_or_else(|| {
            let reason = format!("the map of names does not say the labels of `{file}`");
            ImportError::Names(reason)
        })?;
        let table = Table::Nodes(Some(labels));
        tables::read(file, table, &dialect, &mut open, quads)?;
    }
    let kinds = tables::kinds(map);
    for file in &map.relationship_files {
        let table = tables::of_kind(&kinds, file)?;
        tables::read(file, table, &dialect, &mut open, quads)?;
    }
    Ok(())
}

impl Dialect for Falkordb {
    fn role<'h>(&self, header: &'h str, table: Table<'_>) -> Option<Role<'h>> {
        tables::typed_role(header, table)
    }

    fn array(&self, cell: &str, property: &PropertyName) -> Result<Vec<String>, String> {
        if !matches!(property.kind, Kind::Boolean | Kind::Integer | Kind::Double) {
            let text = self.value(cell.to_owned(), property)?;
            return Ok(text.split(self.delimiter).map(str::to_owned).collect());
        }
        let values = tables::bracketed(cell)?;
        let values = values.map(|value| match value {
            // As Python writes them.
            "True" => "true".to_owned(),
            "False" => "false".to_owned(),
            value => value.to_owned(),
        });
        Ok(values.collect())
    }

    fn value(&self, cell: String, property: &PropertyName) -> Result<String, String> {
        if property.cell_form != Some(CellForm::Enclosed) {
            return Ok(cell);
        }
        let text = cell
            .strip_prefix('=')
            .and_then(|text| text.strip_suffix('='));
        let text = text.ok_or_else(|| "a text without `=` before and behind it".to_owned())?;
        Ok(match self.carriage_return {
            Some(sign) => text.replace(sign, "\r"),
            None => text.to_owned(),
        })
    }

    fn delimiter(&self) -> char {
        self.delimiter
    }
}
