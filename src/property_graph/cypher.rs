//! A Cypher script: constraints, then nodes and relationships in batches, each merged by its key, so
//! that the script may be run again.

use super::neo4j::constraints;
use super::{Column, Files, KEY, Kind, Node, PropertyGraph, Relationship, Values};
use crate::sink::SinkError;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How many nodes or relationships stand in a statement.
const BATCH: usize = 500;

pub(super) fn write(
    graph: &PropertyGraph,
    name: &str,
    files: &mut dyn Files,
) -> Result<(), SinkError> {
    files.write(name, &mut |out| {
        constraints(graph, out)?;
        nodes(graph, out)?;
        relationships(graph, out)
    })
}

fn nodes(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    for table in graph.tables() {
        let mut same: BTreeMap<&[usize], Vec<&Node>> = BTreeMap::new();
        for node in &table.nodes {
            same.entry(&node.labels).or_default().push(node);
        }
        for (labels, nodes) in same {
            for batch in nodes.chunks(BATCH) {
                rows(out, batch, |out, node| row(graph, out, node))?;
                write!(
                    out,
                    "MERGE (n:`{}` {{{KEY}: row.{KEY}}}) SET n += row.p",
                    table.label
                )?;
                let others = labels.iter().map(|label| &graph.labels[*label].name);
                for (at, label) in others.filter(|name| *name != table.label).enumerate() {
                    write!(out, "{}:`{label}`", if at == 0 { " SET n" } else { "" })?;
                }
                out.write_all(b";\n")?;
            }
        }
    }
    Ok(())
}

fn row(graph: &PropertyGraph, out: &mut dyn Write, node: &Node) -> io::Result<()> {
    write!(out, "{{{KEY}: ")?;
    text(out, &node.key)?;
    out.write_all(b", p: {")?;
    properties(graph, out, "", &node.values)?;
    out.write_all(b"}}")
}

/// Writes properties, each with a comma before it, the first with what is given.
fn properties(
    graph: &PropertyGraph,
    out: &mut dyn Write,
    mut comma: &str,
    values: &Values,
) -> io::Result<()> {
    for (column, values) in values {
        let column = &graph.columns[*column];
        write!(out, "{comma}`{}`: ", column.name)?;
        comma = ", ";
        if column.array {
            for (at, native) in values.iter().enumerate() {
                out.write_all(if at == 0 { b"[" } else { b", " })?;
                value(out, column, native)?;
            }
            out.write_all(b"]")?;
        } else if let Some(native) = values.first() {
            value(out, column, native)?;
        }
    }
    Ok(())
}

fn relationships(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    for (kind, same) in graph.by_type() {
        let mut between: BTreeMap<(usize, usize), Vec<&Relationship>> = BTreeMap::new();
        for one in same {
            let tables = (graph.nodes[one.start].table, graph.nodes[one.end].table);
            between.entry(tables).or_default().push(one);
        }
        for ((start, end), same) in between {
            for batch in same.chunks(BATCH) {
                rows(out, batch, |out, one| {
                    out.write_all(b"{s: ")?;
                    text(out, &graph.nodes[one.start].key)?;
                    out.write_all(b", e: ")?;
                    text(out, &graph.nodes[one.end].key)?;
                    write!(out, ", id: \"{}\", p: {{", one.id)?;
                    let mut comma = "";
                    for (name, one) in [(KEY, &one.key), ("graph", &one.graph)] {
                        if let Some(one) = one {
                            write!(out, "{comma}{name}: ")?;
                            text(out, one)?;
                            comma = ", ";
                        }
                    }
                    properties(graph, out, comma, &one.values)?;
                    out.write_all(b"}}")
                })?;
                let [start, end] = [start, end].map(|at| &graph.labels[at].name);
                writeln!(
                    out,
                    "MATCH (s:`{start}` {{{KEY}: row.s}}) MATCH (e:`{end}` {{{KEY}: row.e}}) \
                     MERGE (s)-[r:`{}` {{id: row.id}}]->(e) SET r += row.p;",
                    kind.name
                )?;
            }
        }
    }
    Ok(())
}

/// The beginning of a statement, with its rows.
fn rows<T>(
    out: &mut dyn Write,
    batch: &[T],
    write: impl Fn(&mut dyn Write, &T) -> io::Result<()>,
) -> io::Result<()> {
    out.write_all(b"UNWIND [\n")?;
    for (at, one) in batch.iter().enumerate() {
        write(out, one)?;
        out.write_all(if at + 1 == batch.len() { b"\n" } else { b",\n" })?;
    }
    out.write_all(b"] AS row ")
}

fn value(out: &mut dyn Write, column: &Column, native: &str) -> io::Result<()> {
    let function = match column.kind {
        Kind::Boolean | Kind::Integer | Kind::Double => return out.write_all(native.as_bytes()),
        Kind::String => return text(out, native),
        Kind::Date => "date",
        Kind::LocalDateTime => "localdatetime",
        Kind::DateTime => "datetime",
    };
    write!(out, "{function}(\"{native}\")")
}

/// Writes a string literal on one line.
///
/// Spec: openCypher, "Literals"
pub(super) fn text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    for c in text.chars() {
        match c {
            '"' => out.write_all(b"\\\"")?,
            '\\' => out.write_all(b"\\\\")?,
            '\n' => out.write_all(b"\\n")?,
            '\r' => out.write_all(b"\\r")?,
            '\t' => out.write_all(b"\\t")?,
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                write!(out, "\\u{:04X}", u32::from(c))?;
            }
            c => write!(out, "{c}")?,
        }
    }
    out.write_all(b"\"")
}
