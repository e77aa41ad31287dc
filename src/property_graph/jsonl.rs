//! JSON Lines as APOC writes and reads them: nodes, then relationships.

use super::stream::{NodeOrder, RelationshipOrder};
use super::{Files, KEY, Kind, PropertyGraph, Values};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::io::{self, Write};

pub(super) fn write(
    graph: &PropertyGraph,
    name: &str,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    files.write(name, &mut |out| {
        let mut nodes = graph.nodes_in(NodeOrder::Keys, watch)?;
        while let Some(node) = nodes.next(watch)? {
            out.write_all(b"{\"type\":\"node\",\"id\":")?;
            text(out, &node.key)?;
            out.write_all(b",\"labels\":")?;
            list(out, graph.label_names(node.set), text)?;
            out.write_all(b",\"properties\":{")?;
            text(out, KEY)?;
            out.write_all(b":")?;
            text(out, &node.key)?;
            properties(graph, out, &node.values)?;
            out.write_all(b"}}\n")?;
        }
        let mut relationships = graph.relationships_in(RelationshipOrder::Types, watch)?;
        while let Some(one) = relationships.next(watch)? {
            out.write_all(b"{\"type\":\"relationship\",\"id\":")?;
            text(out, &one.id)?;
            out.write_all(b",\"label\":")?;
            text(out, &graph.types[one.kind].name)?;
            out.write_all(b",\"properties\":{\"id\":")?;
            text(out, &one.id)?;
            for (name, one) in [(KEY, &one.key), ("graph", &one.graph)] {
                if let Some(one) = one {
                    write!(out, ",\"{name}\":")?;
                    text(out, one)?;
                }
            }
            properties(graph, out, &one.values)?;
            out.write_all(b"}")?;
            for (name, end) in [("start", &one.start), ("end", &one.end)] {
                write!(out, ",\"{name}\":{{\"id\":")?;
                text(out, &end.key)?;
                out.write_all(b",\"labels\":")?;
                list(out, graph.label_names(end.set), text)?;
                out.write_all(b"}")?;
            }
            out.write_all(b"}\n")?;
        }
        Ok(())
    })
}

/// Writes properties, each with a comma before it.
fn properties(graph: &PropertyGraph, out: &mut dyn Write, values: &Values) -> io::Result<()> {
    for (at, values) in values {
        let column = &graph.columns[*at];
        out.write_all(b",")?;
        text(out, &column.name)?;
        out.write_all(b":")?;
        let write = |out: &mut dyn Write, native: &str| value(out, column.kind, native);
        if column.array {
            list(out, values.iter().map(String::as_str), write)?;
        } else if let Some(native) = values.first() {
            write(out, native)?;
        }
    }
    Ok(())
}

/// Writes a JSON string.
pub(super) fn text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}

/// Writes a value as JSON: numbers and booleans as they are, the rest as strings.
pub(super) fn value(out: &mut dyn Write, kind: Kind, native: &str) -> io::Result<()> {
    match kind {
        Kind::Boolean | Kind::Integer | Kind::Double => out.write_all(native.as_bytes()),
        _ => text(out, native),
    }
}

/// Writes a JSON array.
pub(super) fn list<'v>(
    out: &mut dyn Write,
    values: impl Iterator<Item = &'v str>,
    write: impl Fn(&mut dyn Write, &str) -> io::Result<()>,
) -> io::Result<()> {
    for (at, value) in values.enumerate() {
        out.write_all(if at == 0 { b"[" } else { b"," })?;
        write(out, value)?;
    }
    out.write_all(b"]")
}
