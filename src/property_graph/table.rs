//! Folders of CSV files whose headers say types: a file for each table of nodes and each type of
//! relationships. `neo4j-admin` and Neptune differ in words, not in that.

use super::csv::{header, quoted};
use super::stream::{NodeOrder, RelationshipOrder};
use super::{
    Column, Files, KEY, Kind, NameMap, PropertyGraph, Relationship, TypeUse, Values, broken, jsonl,
    values_of,
};
use crate::rdf::hexadecimal;
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// What is particular to a format.
pub(super) trait Style {
    /// The cells before the properties of a relationship.
    const RELATIONSHIP: &'static [&'static str];
    /// The word for texts.
    const TEXT: &'static str;
    /// Whether relationships have arrays; else they are texts there.
    const ARRAYS: bool;

    /// The word for a kind of values.
    fn kind(kind: Kind) -> &'static str;

    /// Writes the labels of a node.
    fn labels(&self, out: &mut dyn Write, names: &[&str]) -> io::Result<()>;

    /// Writes the cells of [`Style::RELATIONSHIP`].
    fn ends(&self, out: &mut dyn Write, kind: &str, one: &Relationship) -> io::Result<()>;

    /// Writes the values of a column, which has this number.
    fn cell(
        &self,
        out: &mut dyn Write,
        at: usize,
        column: &Column,
        values: &[String],
    ) -> io::Result<()>;

    /// Whether the arrays of the column with this number are texts everywhere.
    fn is_text(&self, _at: usize) -> bool {
        false
    }
}

/// Writes the files, and their names into the map.
pub(super) fn write<S: Style>(
    graph: &PropertyGraph,
    style: &S,
    map: &mut NameMap,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    nodes(graph, style, map, files, watch)?;
    relationships(graph, style, map, files, watch)
}

fn nodes<S: Style>(
    graph: &PropertyGraph,
    style: &S,
    map: &mut NameMap,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    let mut nodes = graph.nodes_in(NodeOrder::Tables, watch).map_err(broken)?;
    for table in graph.tables() {
        let name = file_name(&format!("nodes-{}", table.label));
        files.write(&name, &mut |out| {
            let mut names = vec![format!("{KEY}:ID"), ":LABEL".to_owned()];
            let columns = table.columns.iter();
            names.extend(columns.map(|at| head::<S>(&graph.columns[*at], !style.is_text(*at))));
            header(out, &names)?;
            while let Some(node) = nodes.next_of(table.number, watch)? {
                quoted(out, &node.key)?;
                out.write_all(b",")?;
                let labels: Vec<&str> = graph.label_names(node.set).collect();
                style.labels(out, &labels)?;
                cells(out, &table.columns, &node.values, |out, at, values| {
                    style.cell(out, at, &graph.columns[at], values)
                })?;
            }
            Ok(())
        })?;
        map.node_files.push(name);
    }
    Ok(())
}

fn relationships<S: Style>(
    graph: &PropertyGraph,
    style: &S,
    map: &mut NameMap,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    let relationships = graph.relationships_in(RelationshipOrder::Types, watch);
    let mut relationships = relationships.map_err(broken)?;
    while let Some(between) = relationships.peek() {
        let kind = &graph.types[between.kind];
        let extras = &graph.uses[between.kind];
        let name = file_name(&format!("rels-{}", kind.name));
        files.write(&name, &mut |out| {
            let fixed = S::RELATIONSHIP.iter().map(|name| (*name).to_owned());
            let texts = extras.names().map(|name| format!("{name}:{}", S::TEXT));
            let mut names: Vec<String> = fixed.chain(texts).collect();
            let columns = extras.columns.iter();
            let is_array = |at: usize| S::ARRAYS && !style.is_text(at);
            names.extend(columns.map(|at| head::<S>(&graph.columns[*at], is_array(*at))));
            header(out, &names)?;
            while let Some(one) = relationships.next_if(|next| next.kind == between.kind, watch)? {
                style.ends(out, &kind.name, &one)?;
                relationship_cells(out, extras, &one, |out, at, values| {
                    style.cell(out, at, &graph.columns[at], values)
                })?;
            }
            Ok(())
        })?;
        map.relationship_files.push(name);
    }
    Ok(())
}

/// Whether an array is one empty text, of which a cell would be empty.
pub(super) fn is_empty_text(values: &[String]) -> bool {
    matches!(values, [value] if value.is_empty())
}

/// Writes an array of texts as JSON in a text.
pub(super) fn json(out: &mut dyn Write, values: &[String]) -> io::Result<()> {
    let mut json = Vec::new();
    let values = values.iter().map(String::as_str);
    jsonl::list(&mut json, values, jsonl::text)?;
    quoted(out, &String::from_utf8_lossy(&json))
}

/// The longest name of a file in bytes, with what is put behind it until it is complete.
const LONGEST_NAME: usize = 180;

/// The file of a table: a name with its ending; of one that file systems do not take the beginning, and what
/// tells it from others.
pub(super) fn file_name(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return format!("{name}.csv");
    }
    let end = (0..=LONGEST_NAME)
        .rev()
        .find(|at| name.is_char_boundary(*at));
    let beginning = &name[..end.unwrap_or_default()];
    let hash = Sha256::digest(name.as_bytes());
    format!("{beginning}-{}.csv", hexadecimal(&hash[..8]))
}

/// A column in a header.
fn head<S: Style>(column: &Column, arrays: bool) -> String {
    let name = &column.name;
    match (column.array, arrays) {
        (false, _) => format!("{name}:{}", S::kind(column.kind)),
        (true, true) => format!("{name}:{}[]", S::kind(column.kind)),
        (true, false) => format!("{name}:{}", S::TEXT),
    }
}

/// Writes the cells of columns, each with a comma before it, and ends the row.
pub(super) fn cells<'c>(
    out: &mut dyn Write,
    columns: impl IntoIterator<Item = &'c usize>,
    values: &Values,
    mut cell: impl FnMut(&mut dyn Write, usize, &[String]) -> io::Result<()>,
) -> io::Result<()> {
    for at in columns {
        out.write_all(b",")?;
        if let Some(values) = values_of(values, *at) {
            cell(out, *at, values)?;
        }
    }
    out.write_all(b"\n")
}

/// Writes what a relationship has beside its ends, each with a comma before it, and ends the row.
pub(super) fn relationship_cells(
    out: &mut dyn Write,
    of: &TypeUse,
    one: &Relationship,
    cell: impl FnMut(&mut dyn Write, usize, &[String]) -> io::Result<()>,
) -> io::Result<()> {
    for (_, text) in of.texts(one) {
        out.write_all(b",")?;
        text.map_or(Ok(()), |text| quoted(out, text))?;
    }
    cells(out, &of.columns, &one.values, cell)
}
