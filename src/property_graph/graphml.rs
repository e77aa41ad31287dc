//! `GraphML`: arrays as JSON, dates as text, since it knows neither.
//!
//! Spec: `GraphML`

use super::jsonl::{list, value};
use super::{Column, Extras, Files, KEY, Kind, PropertyGraph, Values};
use crate::sink::SinkError;
use std::io::{self, Write};

pub(super) fn write(
    graph: &PropertyGraph,
    name: &str,
    files: &mut dyn Files,
) -> Result<(), SinkError> {
    let nodes_of = graph.nodes.iter().map(|node| &node.values);
    let values = nodes_of.chain(graph.relationships.iter().map(|one| &one.values));
    let values = values.flatten().flat_map(|(_, values)| values);
    let texts = values.chain(graph.nodes.iter().map(|node| &node.key));
    if let Some(text) = texts
        .flat_map(|text| text.chars())
        .find(|c| !is_character(*c))
    {
        return Err(SinkError::NotRepresentable {
            format: "GraphML",
            what: format!("the character U+{:04X}", u32::from(text)),
        });
    }
    files.write(name, &mut |out| {
        out.write_all(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
              <graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n\
              <key id=\"labels\" for=\"node\" attr.name=\"labels\" attr.type=\"string\"/>\n\
              <key id=\"iri\" for=\"node\" attr.name=\"iri\" attr.type=\"string\"/>\n",
        )?;
        for (at, column) in graph.columns.iter().enumerate() {
            write!(out, "<key id=\"p{at}\" for=\"node\" attr.name=\"")?;
            escape(out, &column.name)?;
            writeln!(out, "\" attr.type=\"{}\"/>", kind(column))?;
        }
        for at in Extras::of(&graph.relationships).columns {
            let column = &graph.columns[at];
            write!(out, "<key id=\"e{at}\" for=\"edge\" attr.name=\"")?;
            escape(out, &column.name)?;
            writeln!(out, "\" attr.type=\"{}\"/>", kind(column))?;
        }
        out.write_all(
            b"<key id=\"label\" for=\"edge\" attr.name=\"label\" attr.type=\"string\"/>\n\
              <key id=\"graph\" for=\"edge\" attr.name=\"graph\" attr.type=\"string\"/>\n\
              <key id=\"edge_iri\" for=\"edge\" attr.name=\"iri\" attr.type=\"string\"/>\n\
              <graph id=\"G\" edgedefault=\"directed\">\n",
        )?;
        nodes(graph, out)?;
        for one in &graph.relationships {
            write!(out, "<edge id=\"{}\" source=\"", one.id)?;
            escape(out, &graph.nodes[one.start].key)?;
            out.write_all(b"\" target=\"")?;
            escape(out, &graph.nodes[one.end].key)?;
            let name = &graph.types[one.kind].name;
            write!(out, "\" label=\"{name}\"><data key=\"label\">{name}</data>")?;
            for (key, one) in [("edge_iri", &one.key), ("graph", &one.graph)] {
                if let Some(one) = one {
                    write!(out, "<data key=\"{key}\">")?;
                    escape(out, one)?;
                    out.write_all(b"</data>")?;
                }
            }
            data(graph, out, "e", &one.values)?;
            out.write_all(b"</edge>\n")?;
        }
        out.write_all(b"</graph>\n</graphml>\n")
    })
}

fn nodes(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    for node in &graph.nodes {
        out.write_all(b"<node id=\"")?;
        escape(out, &node.key)?;
        // As APOC has it: the labels in an attribute and as data.
        let labels: String = graph
            .label_names(node)
            .flat_map(|name| [":", name])
            .collect();
        write!(
            out,
            "\" labels=\"{labels}\"><data key=\"labels\">{labels}</data><data key=\"{KEY}\">"
        )?;
        escape(out, &node.key)?;
        out.write_all(b"</data>")?;
        data(graph, out, "p", &node.values)?;
        out.write_all(b"</node>\n")?;
    }
    Ok(())
}

/// Writes values, with keys that begin as is given.
fn data(
    graph: &PropertyGraph,
    out: &mut dyn Write,
    start: &str,
    values: &Values,
) -> io::Result<()> {
    for (at, values) in values {
        let column = &graph.columns[*at];
        write!(out, "<data key=\"{start}{at}\">")?;
        if column.array {
            let mut array = Vec::new();
            let write = |out: &mut dyn Write, native: &str| value(out, column.kind, native);
            list(&mut array, values.iter().map(String::as_str), write)?;
            escape(out, &String::from_utf8_lossy(&array))?;
        } else {
            escape(out, &values.concat())?;
        }
        out.write_all(b"</data>")?;
    }
    Ok(())
}

fn kind(column: &Column) -> &'static str {
    match column.kind {
        _ if column.array => "string",
        Kind::Boolean => "boolean",
        Kind::Integer => "long",
        Kind::Double => "double",
        _ => "string",
    }
}

/// Spec: XML 1.0 §2.2
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

fn escape(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let mut written = 0;
    for (at, c) in text.char_indices() {
        let escaped: &[u8] = match c {
            '&' => b"&amp;",
            '<' => b"&lt;",
            '>' => b"&gt;",
            '"' => b"&quot;",
            // A parser would make others of them.
            '\r' => b"&#13;",
            '\n' => b"&#10;",
            '\t' => b"&#9;",
            _ => continue,
        };
        out.write_all(&text.as_bytes()[written..at])?;
        out.write_all(escaped)?;
        written = at + 1;
    }
    out.write_all(&text.as_bytes()[written..])
}
