//! A folder for `neo4j-admin database import`: CSV files with typed headers, the command, and the
//! constraints that it does not make.
//!
//! Spec: neo4j-admin import, "CSV header format"

use super::csv::{header, quoted};
use super::{Column, Dialect, Extras, Files, KEY, Kind, NameMap, PropertyGraph, values_of};
use crate::sink::SinkError;
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
) -> Result<(), SinkError> {
    let delimiter = array_delimiter(graph);
    map.array_delimiter = Some(delimiter);
    for table in graph.tables() {
        let name = format!("nodes-{}.csv", table.label);
        files.write(&name, &mut |out| {
            let mut names = vec![format!("{KEY}:ID"), ":LABEL".to_owned()];
            names.extend(table.columns.iter().map(|at| head(&graph.columns[*at])));
            header(out, &names)?;
            for node in &table.nodes {
                quoted(out, &node.key)?;
                out.write_all(b",")?;
                let labels: Vec<&str> = graph.label_names(node).collect();
                quoted(out, &labels.join(&delimiter.to_string()))?;
                for at in &table.columns {
                    out.write_all(b",")?;
                    if let Some(values) = node.values(*at) {
                        cell(out, &graph.columns[*at], values, delimiter)?;
                    }
                }
                out.write_all(b"\n")?;
            }
            Ok(())
        })?;
        map.node_files.push(name);
    }
    for (kind, same) in graph.by_type() {
        let name = format!("rels-{}.csv", kind.name);
        let extras = Extras::of(same);
        files.write(&name, &mut |out| {
            let mut names = [":START_ID", ":END_ID", ":TYPE", "id:string"]
                .map(str::to_owned)
                .to_vec();
            names.extend(extras.names().map(|name| format!("{name}:string")));
            let columns = extras.columns.iter();
            names.extend(columns.map(|at| head(&graph.columns[*at])));
            header(out, &names)?;
            for one in same {
                quoted(out, &graph.nodes[one.start].key)?;
                out.write_all(b",")?;
                quoted(out, &graph.nodes[one.end].key)?;
                write!(out, ",{},", kind.name)?;
                quoted(out, &one.id)?;
                for (_, text) in extras.texts(one) {
                    out.write_all(b",")?;
                    text.map_or(Ok(()), |text| quoted(out, text))?;
                }
                for at in &extras.columns {
                    out.write_all(b",")?;
                    if let Some(values) = values_of(&one.values, *at) {
                        cell(out, &graph.columns[*at], values, delimiter)?;
                    }
                }
                out.write_all(b"\n")?;
            }
            Ok(())
        })?;
        map.relationship_files.push(name);
    }
    let script = script(map, delimiter);
    files.write(SCRIPT, &mut |out| out.write_all(script.as_bytes()))?;
    files.write(CONSTRAINTS, &mut |out| constraints(graph, out))
}

fn constraints(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    for label in graph.table_labels() {
        for statement in Dialect::Neo4j.declarations(label) {
            writeln!(out, "{statement};")?;
        }
    }
    Ok(())
}

fn head(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Boolean => "boolean",
        Kind::Integer => "long",
        Kind::Double => "double",
        Kind::Date => "date",
        Kind::LocalDateTime => "localdatetime",
        Kind::DateTime => "datetime",
        Kind::String => "string",
    };
    let array = if column.array { "[]" } else { "" };
    format!("{}:{kind}{array}", column.name)
}

fn cell(
    out: &mut dyn Write,
    column: &Column,
    values: &[String],
    delimiter: char,
) -> io::Result<()> {
    if column.kind == Kind::String {
        quoted(out, &values.join(&delimiter.to_string()))
    } else {
        out.write_all(values.join(&delimiter.to_string()).as_bytes())
    }
}

/// A character that stands in no value of an array: what is imported has no way to escape it.
pub(super) fn array_delimiter(graph: &PropertyGraph) -> char {
    let mut used = BTreeSet::new();
    let nodes = graph.nodes.iter().map(|node| &node.values);
    let relationships = graph.relationships.iter().map(|one| &one.values);
    for (at, values) in nodes.chain(relationships).flatten() {
        if graph.columns[*at].array {
            used.extend(values.iter().flat_map(|value| value.chars()));
        }
    }
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
