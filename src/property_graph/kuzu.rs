//! A folder for Kuzu and Ladybug: tables (`schema.cypher`), the statements that fill them
//! (`copy.cypher`), and CSV files.
//!
//! Arrays of texts are split by a function of the database, because its reader of CSV has no way to
//! quote their values; cells of several lines are not read in parallel.
//!
//! Spec: Kuzu, "Import data from CSV files"

use super::csv::{header, quoted};
use super::names::numbered;
use super::neo4j::array_delimiter;
use super::{Column, Files, KEY, Kind, NameMap, NodeTable, PropertyGraph, Relationship};
use crate::sink::SinkError;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

/// How all CSV files are read.
const READ: &str = "header=true, parallel=false, quote='\"', escape='\"'";

pub(super) fn write(
    graph: &PropertyGraph,
    map: &mut NameMap,
    files: &mut dyn Files,
) -> Result<(), SinkError> {
    let delimiter = array_delimiter(graph);
    map.array_delimiter = Some(delimiter);
    let (mut schema, mut copy) = (String::new(), String::new());
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for table in graph.tables() {
        let label = table.label;
        taken.insert(label.to_lowercase());
        let name = format!("nodes-{label}.csv");
        files.write(&name, &mut |out| node_rows(graph, &table, delimiter, out))?;
        // Writing to a string does not fail.
        let _ = writeln!(schema, "{}", node_table(graph, &table));
        let _ = writeln!(copy, "{}", copy_nodes(graph, &table, &name, delimiter));
        map.node_files.push(name);
    }
    for (kind, same) in graph.by_type() {
        // Tables of nodes and of relationships share their names.
        let name = if taken.contains(&kind.name.to_lowercase()) {
            numbered(&format!("{}_REL", kind.name), &mut taken)
        } else {
            numbered(&kind.name, &mut taken)
        };
        if let Some(known) = map.relationships.remove(&kind.name) {
            map.relationships.insert(name.clone(), known);
        }
        let has_graphs = PropertyGraph::has_graphs(same);
        let mut between: BTreeMap<(usize, usize), Vec<&Relationship>> = BTreeMap::new();
        for one in same {
            let tables = (graph.nodes[one.start].table, graph.nodes[one.end].table);
            between.entry(tables).or_default().push(one);
        }
        let _ = write!(schema, "CREATE REL TABLE IF NOT EXISTS `{name}`(");
        for ((start, end), same) in between {
            let [start, end] = [start, end].map(|at| graph.labels[at].name.as_str());
            let file = format!("rels-{name}-{start}-{end}.csv");
            files.write(&file, &mut |out| {
                relationship_rows(graph, &same, has_graphs, out)
            })?;
            let _ = write!(schema, "FROM `{start}` TO `{end}`, ");
            let _ = writeln!(
                copy,
                "COPY `{name}` FROM '{file}' (from='{start}', to='{end}', {READ});"
            );
            map.relationship_files.push(file);
        }
        let graphs = if has_graphs { ", graph STRING" } else { "" };
        let _ = writeln!(schema, "id STRING{graphs});");
    }
    files.write("schema.cypher", &mut |out| out.write_all(schema.as_bytes()))?;
    files.write("copy.cypher", &mut |out| out.write_all(copy.as_bytes()))
}

fn node_rows(
    graph: &PropertyGraph,
    table: &NodeTable<'_>,
    delimiter: char,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut names = vec![KEY.to_owned(), "labels".to_owned()];
    names.extend(
        table
            .columns
            .iter()
            .map(|at| graph.columns[*at].name.clone()),
    );
    header(out, &names)?;
    let between = delimiter.to_string();
    for node in &table.nodes {
        quoted(out, &node.key)?;
        out.write_all(b",")?;
        let labels: Vec<&str> = graph.label_names(node).collect();
        quoted(out, &labels.join(&between))?;
        for at in &table.columns {
            out.write_all(b",")?;
            let column = &graph.columns[*at];
            match node.values(*at) {
                None => {}
                Some(values) if column.kind == Kind::String => {
                    quoted(out, &values.join(&between))?;
                }
                Some(values) if column.array => quoted(out, &format!("[{}]", values.join(",")))?,
                Some(values) => out.write_all(values.concat().as_bytes())?,
            }
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn relationship_rows(
    graph: &PropertyGraph,
    same: &[&Relationship],
    has_graphs: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names: &[&str] = if has_graphs {
        &["from", "to", "id", "graph"]
    } else {
        &["from", "to", "id"]
    };
    header(
        out,
        &names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>(),
    )?;
    for one in same {
        quoted(out, &graph.nodes[one.start].key)?;
        out.write_all(b",")?;
        quoted(out, &graph.nodes[one.end].key)?;
        out.write_all(b",")?;
        quoted(out, &one.id)?;
        if has_graphs {
            out.write_all(b",")?;
            if let Some(graph) = &one.graph {
                quoted(out, graph)?;
            }
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn node_table(graph: &PropertyGraph, table: &NodeTable<'_>) -> String {
    let mut text = format!(
        "CREATE NODE TABLE IF NOT EXISTS `{}`({KEY} STRING PRIMARY KEY, labels STRING[]",
        table.label
    );
    for at in &table.columns {
        let column = &graph.columns[*at];
        let array = if column.array { "[]" } else { "" };
        let _ = write!(text, ", `{}` {}{array}", column.name, kind(column));
    }
    text.push_str(");");
    text
}

fn copy_nodes(graph: &PropertyGraph, table: &NodeTable<'_>, file: &str, delimiter: char) -> String {
    let mut heads = format!("{KEY} STRING, labels STRING");
    let mut values = format!("{KEY}, string_split(labels, '{delimiter}')");
    for at in &table.columns {
        let column = &graph.columns[*at];
        let name = &column.name;
        let is_split = column.array && column.kind == Kind::String;
        let array = if column.array && !is_split { "[]" } else { "" };
        let _ = write!(heads, ", `{name}` {}{array}", kind(column));
        let _ = if is_split {
            write!(values, ", string_split(`{name}`, '{delimiter}')")
        } else {
            write!(values, ", `{name}`")
        };
    }
    format!(
        "COPY `{}` FROM (LOAD WITH HEADERS ({heads}) FROM '{file}' ({READ}) RETURN {values});",
        table.label
    )
}

fn kind(column: &Column) -> &'static str {
    match column.kind {
        Kind::Boolean => "BOOL",
        Kind::Integer => "INT64",
        Kind::Double => "DOUBLE",
        Kind::Date => "DATE",
        Kind::LocalDateTime => "TIMESTAMP",
        Kind::DateTime => "TIMESTAMP_TZ",
        Kind::String => "STRING",
    }
}
