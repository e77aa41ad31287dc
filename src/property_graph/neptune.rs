//! A folder of CSV files for the bulk loader of Amazon Neptune.
//!
//! Spec: Neptune, "Load format for openCypher data"

use super::csv::{header, quoted};
use super::map::CellForm;
use super::{Column, Extras, Files, KEY, Kind, NameMap, PropertyGraph, jsonl, values_of};
use crate::sink::SinkError;
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) fn write(
    graph: &PropertyGraph,
    map: &mut NameMap,
    files: &mut dyn Files,
) -> Result<(), SinkError> {
    map.array_delimiter = Some(';');
    let json = no_arrays(graph);
    for at in &json {
        map.set_cell_form(&graph.columns[*at].name, CellForm::Json);
    }
    let head = |at: &usize| head(&graph.columns[*at], !json.contains(at));
    for table in graph.tables() {
        let name = format!("nodes-{}.csv", table.label);
        files.write(&name, &mut |out| {
            let mut names = vec![format!("{KEY}:ID"), ":LABEL".to_owned()];
            names.extend(table.columns.iter().map(head));
            header(out, &names)?;
            for node in &table.nodes {
                quoted(out, &node.key)?;
                let labels: Vec<&str> = graph.label_names(node).collect();
                write!(out, ",{}", labels.join(";"))?;
                for at in &table.columns {
                    out.write_all(b",")?;
                    if let Some(values) = node.values(*at) {
                        cell(out, &graph.columns[*at], values, json.contains(at))?;
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
            let mut names = [":ID", ":START_ID", ":END_ID", ":TYPE"]
                .map(str::to_owned)
                .to_vec();
            names.extend(extras.names().map(|name| format!("{name}:String")));
            // Relationships have no arrays: they are texts there.
            names.extend(extras.columns.iter().map(|at| match &graph.columns[*at] {
                column if column.array => format!("{}:String", column.name),
                _ => head(at),
            }));
            header(out, &names)?;
            for one in same {
                write!(out, "{},", one.id)?;
                quoted(out, &graph.nodes[one.start].key)?;
                out.write_all(b",")?;
                quoted(out, &graph.nodes[one.end].key)?;
                write!(out, ",{}", kind.name)?;
                for (_, text) in extras.texts(one) {
                    out.write_all(b",")?;
                    text.map_or(Ok(()), |text| quoted(out, text))?;
                }
                for at in &extras.columns {
                    out.write_all(b",")?;
                    if let Some(values) = values_of(&one.values, *at) {
                        cell(out, &graph.columns[*at], values, json.contains(at))?;
                    }
                }
                out.write_all(b"\n")?;
            }
            Ok(())
        })?;
        map.relationship_files.push(name);
    }
    Ok(())
}

fn head(column: &Column, may_be_array: bool) -> String {
    let kind = match column.kind {
        Kind::Boolean => "Bool",
        Kind::Integer => "Long",
        Kind::Double => "Double",
        Kind::Date | Kind::LocalDateTime | Kind::DateTime => "DateTime",
        Kind::String => "String",
    };
    let array = if column.array && may_be_array {
        "[]"
    } else {
        ""
    };
    format!("{}:{kind}{array}", column.name)
}

/// The arrays that the format cannot hold, since a `\` at the end of a value would escape the delimiter:
/// they are JSON in a text.
fn no_arrays(graph: &PropertyGraph) -> BTreeSet<usize> {
    let nodes = graph.nodes.iter().map(|node| &node.values);
    let relationships = graph.relationships.iter().map(|one| &one.values);
    let values = nodes.chain(relationships).flatten();
    values
        .filter(|(at, values)| {
            graph.columns[*at].array && values.iter().any(|value| value.ends_with('\\'))
        })
        .map(|(at, _)| *at)
        .collect()
}

fn cell(out: &mut dyn Write, column: &Column, values: &[String], as_json: bool) -> io::Result<()> {
    if as_json {
        let mut json = Vec::new();
        let values = values.iter().map(String::as_str);
        jsonl::list(&mut json, values, jsonl::text)?;
        return quoted(out, &String::from_utf8_lossy(&json));
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
