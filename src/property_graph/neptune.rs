//! A folder of CSV files for the bulk loader of Amazon Neptune.
//!
//! Spec: Neptune, "Load format for openCypher data"

use super::csv::quoted;
use super::table::{self, Style};
use super::{Column, Files, Kind, NameMap, PropertyGraph, Relationship};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::io::{self, Write};

pub(super) fn write(
    graph: &PropertyGraph,
    map: &mut NameMap,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    map.array_delimiter = Some(';');
    table::write(graph, &Loader, map, files, watch)
}

/// Files as the loader reads them.
struct Loader;

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

    fn cell(&self, out: &mut dyn Write, column: &Column, values: &[String]) -> io::Result<()> {
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
