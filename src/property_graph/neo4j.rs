//! A folder for `neo4j-admin database import`: CSV files with typed headers, the command, and the
//! constraints that it does not make.
//!
//! Spec: neo4j-admin import, "CSV header format"

use super::csv::quoted;
use super::map::CellForm;
use super::table::{self, Style};
use super::{Column, Dialect, Files, Kind, NameMap, PropertyGraph, Relationship, broken};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The script with the command.
const SCRIPT: &str = "import.sh";

/// The constraints.
const CONSTRAINTS: &str = "constraints.cypher";

pub(super) fn write(
    graph: &PropertyGraph,
    map: &mut NameMap,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    let (delimiter, json) = arrays(graph, watch).map_err(broken)?;
    map.array_delimiter = Some(delimiter);
    for at in &json {
        map.set_cell_form(&graph.columns[*at].name, CellForm::Json);
    }
    let style = Admin {
        delimiter: delimiter.to_string(),
        json,
    };
    table::write(graph, &style, map, files, watch)?;
    let script = script(map, delimiter);
    files.write(SCRIPT, &mut |out| out.write_all(script.as_bytes()))?;
    files.write(CONSTRAINTS, &mut |out| constraints(graph, out))
}

/// Files as `neo4j-admin` reads them.
struct Admin {
    delimiter: String,
    /// The columns whose arrays are JSON.
    json: BTreeSet<usize>,
}

impl Style for Admin {
    const RELATIONSHIP: &'static [&'static str] = &[":START_ID", ":END_ID", ":TYPE", "id:string"];
    const TEXT: &'static str = "string";
    const ARRAYS: bool = true;

    fn kind(kind: Kind) -> &'static str {
        match kind {
            Kind::Boolean => "boolean",
            Kind::Integer => "long",
            Kind::Double => "double",
            Kind::Date => "date",
            Kind::LocalDateTime => "localdatetime",
            Kind::DateTime => "datetime",
            Kind::String => "string",
        }
    }

    fn labels(&self, out: &mut dyn Write, names: &[&str]) -> io::Result<()> {
        quoted(out, &names.join(&self.delimiter))
    }

    fn ends(&self, out: &mut dyn Write, kind: &str, one: &Relationship) -> io::Result<()> {
        quoted(out, &one.start.key)?;
        out.write_all(b",")?;
        quoted(out, &one.end.key)?;
        write!(out, ",{kind},")?;
        quoted(out, &one.id)
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
        let joined = values.join(&self.delimiter);
        if column.kind == Kind::String {
            quoted(out, &joined)
        } else {
            out.write_all(joined.as_bytes())
        }
    }
}

fn constraints(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    for label in graph.table_labels() {
        for statement in Dialect::Neo4j.declarations(label) {
            writeln!(out, "{statement};")?;
        }
    }
    Ok(())
}

/// A character that stands in no value of an array, since what is imported has no way to escape it, and the
/// arrays that are JSON in a text, since one empty text alone reads as an array of nothing.
fn arrays(graph: &PropertyGraph, watch: &mut Watch<'_>) -> io::Result<(char, BTreeSet<usize>)> {
    let (mut used, mut json) = (BTreeSet::new(), BTreeSet::new());
    graph.each_value(watch, &mut |at, values| {
        if graph.columns[at].array {
            used.extend(values.iter().flat_map(|value| value.chars()));
            if table::is_empty_text(values) {
                json.insert(at);
            }
        }
    })?;
    Ok((delimiter(&used), json))
}

/// A character that is none of these.
pub(super) fn delimiter(used: &BTreeSet<char>) -> char {
    let usual = [';', '|', '\u{1F}', '\u{1E}', '\u{1D}'].into_iter();
    let private = ('\u{E000}'..='\u{F8FF}').chain('\u{F0000}'..='\u{FFFFD}');
    usual
        .chain(private)
        .find(|c| !used.contains(c))
        .unwrap_or(';')
}

fn script(map: &NameMap, delimiter: char) -> String {
    let mut text = String::from(
        "#!/bin/sh\n\
         # Imports the files of this folder into a database that is not there yet, on the machine of the\n\
         # server and while that database is stopped: ./import.sh [DATABASE]. Then run constraints.cypher.\n\
         set -eu\n\
         cd \"$(dirname \"$0\")\"\n\
         exec neo4j-admin database import full",
    );
    let delimiter = match delimiter {
        ';' | '|' => delimiter.to_string(),
        other => format!("U+{:04X}", u32::from(other)),
    };
    let options = [
        "--id-type=string".to_owned(),
        format!("--array-delimiter='{delimiter}'"),
        "--multiline-fields=true".to_owned(),
        "--trim-strings=false".to_owned(),
    ];
    let nodes = map
        .node_files
        .iter()
        .map(|name| format!("--nodes='{name}'"));
    let relationships = map.relationship_files.iter();
    let relationships = relationships.map(|name| format!("--relationships='{name}'"));
    for option in options.into_iter().chain(nodes).chain(relationships) {
        // Writing to a string does not fail.
        let _ = write!(text, " \\\n  {option}");
    }
    text.push_str(" \\\n  \"${1:-neo4j}\"\n");
    text
}
