//! `GraphML`: arrays as JSON, dates as text, since it knows neither.
//!
//! Spec: `GraphML`

use super::jsonl::{list, value};
use super::stream::{NodeOrder, RelationshipOrder};
use super::{Column, Files, KEY, Kind, PropertyGraph, Values, broken};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::collections::BTreeSet;
use std::io::{self, Write};

pub(super) fn write(
    graph: &PropertyGraph,
    name: &str,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    check(graph, watch)?;
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
        let of_edges = graph.uses.iter().flat_map(|one| &one.columns);
        for at in of_edges.collect::<BTreeSet<_>>() {
            let column = &graph.columns[*at];
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
        nodes(graph, out, watch)?;
        let mut relationships = graph.relationships_in(RelationshipOrder::Types, watch)?;
        while let Some(one) = relationships.next(watch)? {
            write!(out, "<edge id=\"{}\" source=\"", one.id)?;
            escape(out, &one.start.key)?;
            out.write_all(b"\" target=\"")?;
            escape(out, &one.end.key)?;
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

/// Refuses characters that XML does not have.
fn check(graph: &PropertyGraph, watch: &mut Watch<'_>) -> Result<(), SinkError> {
    let is_odd = |c: &char| !is_character(*c);
    let find = |texts: &[String]| texts.iter().find_map(|text| text.chars().find(is_odd));
    let (mut odd, mut odd_key) = (None, None);
    let mut look = || {
        let mut nodes = graph.nodes_in(NodeOrder::Keys, watch)?;
        while let Some(node) = nodes.next(watch)? {
            odd = odd.or_else(|| node.values.iter().find_map(|(_, values)| find(values)));
            odd_key = odd_key.or_else(|| node.key.chars().find(is_odd));
        }
        graph.each_folded_value(watch, &mut |_, values| odd = odd.or_else(|| find(values)))
    };
    look().map_err(broken)?;
    match odd.or(odd_key) {
        Some(odd) => Err(SinkError::NotRepresentable {
            format: "GraphML",
            what: format!("the character U+{:04X}", u32::from(odd)),
        }),
        None => Ok(()),
    }
}

fn nodes(graph: &PropertyGraph, out: &mut dyn Write, watch: &mut Watch<'_>) -> io::Result<()> {
    let mut nodes = graph.nodes_in(NodeOrder::Keys, watch)?;
    while let Some(node) = nodes.next(watch)? {
        out.write_all(b"<node id=\"")?;
        escape(out, &node.key)?;
        // As APOC has it: the labels in an attribute and as data.
        let labels: String = graph
            .label_names(node.set)
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
