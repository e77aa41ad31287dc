//! A folder of CSV files for the bulk loader of Amazon Neptune.
//!
//! Spec: Neptune, "Load format for openCypher data"

use super::csv::quoted;
use super::map::CellForm;
use super::table::{self, Style};
use super::{Column, Files, Kind, NameMap, PropertyGraph, Relationship, broken};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) fn write(
    graph: &PropertyGraph,
    map: &mut NameMap,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    map.array_delimiter = Some(';');
    let json = no_arrays(graph, watch).map_err(broken)?;
    for at in &json {
        map.set_cell_form(&graph.columns[*at].name, CellForm::Json);
    }
    table::write(graph, &Loader { json }, map, files, watch)
}

/// The arrays that the format cannot hold, since a `\` at the end of a value would escape the delimiter or
/// one empty text alone be no value: they are JSON in a text.
fn no_arrays(graph: &PropertyGraph, watch: &mut Watch<'_>) -> io::Result<BTreeSet<usize>> {
    let mut found = BTreeSet::new();
    graph.each_value(watch, &mut |at, values| {
        let is_text =
            table::is_empty_text(values) || values.iter().any(|value| value.ends_with('\\'));
        if graph.columns[at].array && is_text {
            found.insert(at);
        }
    })?;
    Ok(found)
}

/// Files as the loader reads them.
struct Loader {
    /// The columns whose arrays are JSON.
    json: BTreeSet<usize>,
}

impl Style for Loader {
    const RELATIONSHIP: &'static [&'static str] = &[":ID", ":START_ID", ":END_ID", ":TYPE"];
    const TEXT: &'static str = "String";
    const ARRAYS: bool = false;

    fn kind(kind: Kind) -> &'static str {
        match kind {
            Kind::Boolean => "Bool",
            Kind::Integer => "Long",
            Kind::Double => "Double",
            Kind::Date | Kind::LocalDateTime | Kind::DateTime => "DateTime",
            Kind::String => "String",
        }
    }

    fn labels(&self, out: &mut dyn Write, names: &[&str]) -> io::Result<()> {
        out.write_all(names.join(";").as_bytes())
    }

    fn ends(&self, out: &mut dyn Write, kind: &str, one: &Relationship) -> io::Result<()> {
        write!(out, "{},", one.id)?;
        quoted(out, &one.start.key)?;
        out.write_all(b",")?;
        quoted(out, &one.end.key)?;
        write!(out, ",{kind}")
    }

    fn is_text(&self, at: usize) -> bool {
        self.json.contains(&at)
    }

    fn cell(
        &self,
        out: &mut dyn Write,
        at: usize,
        column: &Column,
        values: &[String],
    ) -> io::Result<()> {
        if self.is_text(at) {
            return table::json(out, values);
        }
        if column.kind != Kind::String {
            return out.write_all(values.join(";").as_bytes());
        }
        if !column.array {
            return quoted(out, &values.concat());
        }
        let escaped: Vec<String> = values
            .iter()
            .map(|value| value.replace(';', "\\;"))
            .collect();
        quoted(out, &escaped.join(";"))
    }
}
