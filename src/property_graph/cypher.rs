//! A Cypher script: constraints or indexes, then nodes and relationships in batches, each merged by its key, so
//! that the script may be run again.

use super::batches::Property;
use super::falkordb;
use super::{Dialect, Files, KEY, Kind, PropertyGraph};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::io::{self, Write};

/// How many nodes or relationships stand in a statement.
const BATCH: usize = 500;

pub(super) fn write(
    graph: &PropertyGraph,
    name: &str,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    if graph.dialect == Dialect::Falkordb {
        falkordb::check(graph, watch)?;
    }
    files.write(name, &mut |out| {
        for label in graph.table_labels() {
            for statement in graph.dialect.declarations(label) {
                writeln!(out, "{statement};")?;
            }
        }
        nodes(graph, out, watch)?;
        relationships(graph, out, watch)
    })
}

fn nodes(graph: &PropertyGraph, out: &mut dyn Write, watch: &mut Watch<'_>) -> io::Result<()> {
    graph.visit_nodes(BATCH, watch, &mut |batch| {
        rows(out, &batch.rows, |out, row| {
            write!(out, "{{{KEY}: ")?;
            text(graph.dialect, out, row.key)?;
            out.write_all(b", p: {")?;
            properties(graph.dialect, out, "", &row.properties)?;
            out.write_all(b"}}")
        })?;
        write!(
            out,
            "MERGE (n:`{}` {{{KEY}: row.{KEY}}}) SET n += row.p",
            batch.table
        )?;
        for (at, label) in batch.others.iter().enumerate() {
            write!(out, "{}:`{label}`", if at == 0 { " SET n" } else { "" })?;
        }
        out.write_all(b";\n")
    })
}

/// Writes properties, each with a comma before it, the first with what is given.
fn properties(
    dialect: Dialect,
    out: &mut dyn Write,
    mut comma: &str,
    properties: &[Property<'_>],
) -> io::Result<()> {
    for property in properties {
        write!(out, "{comma}`{}`: ", property.name)?;
        comma = ", ";
        let kind = dialect.stored(property.kind);
        if property.array {
            for (at, native) in property.values.iter().enumerate() {
                out.write_all(if at == 0 { b"[" } else { b", " })?;
                value(dialect, out, kind, native)?;
            }
            out.write_all(b"]")?;
        } else if let Some(native) = property.values.first() {
            value(dialect, out, kind, native)?;
        }
    }
    Ok(())
}

fn relationships(
    graph: &PropertyGraph,
    out: &mut dyn Write,
    watch: &mut Watch<'_>,
) -> io::Result<()> {
    graph.visit_relationships(BATCH, watch, &mut |batch| {
        rows(out, &batch.rows, |out, row| {
            out.write_all(b"{s: ")?;
            text(graph.dialect, out, row.start)?;
            out.write_all(b", e: ")?;
            text(graph.dialect, out, row.end)?;
            write!(out, ", id: \"{}\", p: {{", row.id)?;
            let mut comma = "";
            for (name, value) in &row.texts {
                write!(out, "{comma}{name}: ")?;
                text(graph.dialect, out, value)?;
                comma = ", ";
            }
            properties(graph.dialect, out, comma, &row.properties)?;
            out.write_all(b"}}")
        })?;
        writeln!(
            out,
            "MATCH (s:`{}` {{{KEY}: row.s}}) MATCH (e:`{}` {{{KEY}: row.e}}) \
             MERGE (s)-[r:`{}` {{id: row.id}}]->(e) SET r += row.p;",
            batch.start, batch.end, batch.kind
        )
    })
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

fn value(dialect: Dialect, out: &mut dyn Write, kind: Kind, native: &str) -> io::Result<()> {
    let function = match kind {
        Kind::Boolean | Kind::Integer | Kind::Double => return out.write_all(native.as_bytes()),
        Kind::String => return text(dialect, out, native),
        Kind::Date => "date",
        Kind::LocalDateTime => "localdatetime",
        Kind::DateTime => "datetime",
    };
    write!(out, "{function}(\"{native}\")")
}

/// Writes a string literal on one line.
///
/// Spec: openCypher, "Literals"
fn text(dialect: Dialect, out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    for c in text.chars() {
        match c {
            '"' => out.write_all(b"\\\"")?,
            '\\' => out.write_all(b"\\\\")?,
            '\n' => out.write_all(b"\\n")?,
            '\r' => out.write_all(b"\\r")?,
            '\t' => out.write_all(b"\\t")?,
            c if dialect.has_escapes()
                && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) =>
            {
                write!(out, "\\u{:04X}", u32::from(c))?;
            }
            c => write!(out, "{c}")?,
        }
    }
    out.write_all(b"\"")
}
