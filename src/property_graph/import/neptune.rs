//! The folder for the bulk loader of Amazon Neptune.

use super::quads::Quads;
use super::tables::{self, Dialect, Role, Table};
use super::{ImportError, Open};
use crate::property_graph::map::CellForm;
use crate::property_graph::{Kind, PropertyName};

struct Neptune;

pub(super) fn read(mut open: Open<'_>, quads: &mut Quads<'_, '_>) -> Result<(), ImportError> {
    let map = quads.map;
    for file in &map.node_files {
        tables::read(file, Table::Nodes(None), &Neptune, &mut open, quads)?;
    }
    for file in &map.relationship_files {
        let table = Table::Relationships(None);
        tables::read(file, table, &Neptune, &mut open, quads)?;
    }
    Ok(())
}

impl Dialect for Neptune {
    fn role<'h>(&self, header: &'h str, table: Table<'_>) -> Option<Role<'h>> {
        tables::typed_role(header, table)
    }

    fn array(&self, cell: &str, property: &PropertyName) -> Result<Vec<String>, String> {
        match property.cell_form {
            Some(CellForm::Json) => tables::json(cell, property),
            _ if property.kind == Kind::String => Ok(split(cell)),
            _ => Ok(cell.split(';').map(str::to_owned).collect()),
        }
    }

    fn delimiter(&self) -> char {
        ';'
    }
}

/// The texts between `;` that have no `\` before them; `\;` is a `;`.
fn split(cell: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    for (at, part) in cell.split(';').enumerate() {
        if let Some(last) = values.last_mut()
            && at > 0
        {
            if last.ends_with('\\') {
                last.pop();
                last.push(';');
            } else {
                values.push(String::new());
            }
        }
        if let Some(last) = values.last_mut() {
            last.push_str(part);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn escaped_delimiters_are_of_the_value() {
        assert_eq!(split(""), [""]);
        assert_eq!(split(";a"), ["", "a"]);
        assert_eq!(split(r"a\;b;c"), ["a;b", "c"]);
        assert_eq!(split(r"\;\;;\\;"), [";;", r"\;"]);
    }
}
