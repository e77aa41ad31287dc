//! A folder for Kuzu and Ladybug: tables (`schema.cypher`), the statements that fill them
//! (`copy.cypher`), and CSV files.
//!
//! Arrays of texts are split by a function of the database, because its reader of CSV has no way to
//! quote their values; cells of several lines are not read in parallel.
//!
//! Spec: Kuzu, "Import data from CSV files"

use super::csv::{header, quoted};
use super::map::CellForm;
use super::names::numbered;
use super::neo4j::array_delimiter;
use super::{
    Column, Extras, Files, KEY, Kind, NameMap, NodeTable, PropertyGraph, Relationship, Values,
    values_of,
};
use crate::sink::SinkError;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The property with the labels of a node, which has one table alone.
const LABELS: &str = "labels";

/// How all CSV files are read.
const READ: &str = "header=true, parallel=false, quote='\"', escape='\"'";

pub(super) fn write(
    graph: &PropertyGraph,
    map: &mut NameMap,
    files: &mut dyn Files,
) -> Result<(), SinkError> {
    let arrays = Arrays::of(graph);
    map.array_delimiter = Some(arrays.delimiter);
    for at in &arrays.marked {
        map.set_cell_form(&graph.columns[*at].name, CellForm::Marked);
    }
    let (mut schema, mut copy) = (String::new(), String::new());
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for table in graph.tables() {
        let label = table.label;
        taken.insert(label.to_lowercase());
        let name = format!("nodes-{label}.csv");
        files.write(&name, &mut |out| node_rows(graph, &table, &arrays, out))?;
        // Writing to a string does not fail.
        let _ = writeln!(
            schema,
            "CREATE NODE TABLE IF NOT EXISTS `{label}`({KEY} STRING PRIMARY KEY, {LABELS} STRING[]{});",
            declared(graph, &table.columns)
        );
        let fixed = [KEY, LABELS].into_iter();
        let read = read(graph, fixed, &table.columns, &name, &arrays);
        let _ = writeln!(copy, "COPY `{label}` FROM ({read});");
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
        let extras = Extras::of(same);
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
                relationship_rows(graph, &same, &extras, &arrays, out)
            })?;
            let _ = write!(schema, "FROM `{start}` TO `{end}`, ");
            let fixed = ["`from`", "`to`", "id"].into_iter().chain(extras.names());
            let read = read(graph, fixed, &extras.columns, &file, &arrays);
            let _ = writeln!(
                copy,
                "COPY `{name}` FROM ({read}) (from='{start}', to='{end}');"
            );
            if let Some(known) = map.relationships.get_mut(&name) {
                known.files.push(file.clone());
            }
            map.relationship_files.push(file);
        }
        schema.push_str("id STRING");
        for name in extras.names() {
            let _ = write!(schema, ", {name} STRING");
        }
        schema.push_str(&declared(graph, &extras.columns));
        schema.push_str(");\n");
    }
    files.write("schema.cypher", &mut |out| out.write_all(schema.as_bytes()))?;
    files.write("copy.cypher", &mut |out| out.write_all(copy.as_bytes()))
}

/// How arrays of texts stand in a cell.
struct Arrays {
    delimiter: char,
    /// The columns with an empty text in an array: all their values have a character before them, since
    /// the function that splits them leaves out what is empty.
    marked: BTreeSet<usize>,
}

impl Arrays {
    fn of(graph: &PropertyGraph) -> Self {
        let nodes = graph.nodes.iter().map(|node| &node.values);
        let relationships = graph.relationships.iter().map(|one| &one.values);
        let values = nodes.chain(relationships).flatten();
        Self {
            delimiter: array_delimiter(graph),
            marked: values
                .filter(|(at, values)| {
                    graph.columns[*at].array && values.iter().any(String::is_empty)
                })
                .map(|(at, _)| *at)
                .collect(),
        }
    }

    fn join(&self, column: usize, values: &[String]) -> String {
        let between = self.delimiter.to_string();
        if self.marked.contains(&column) {
            let marked: Vec<String> = values.iter().map(|value| format!("={value}")).collect();
            marked.join(&between)
        } else {
            values.join(&between)
        }
    }
}

fn node_rows(
    graph: &PropertyGraph,
    table: &NodeTable<'_>,
    arrays: &Arrays,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut names = vec![KEY.to_owned(), LABELS.to_owned()];
    names.extend(
        table
            .columns
            .iter()
            .map(|at| graph.columns[*at].name.clone()),
    );
    header(out, &names)?;
    let between = arrays.delimiter.to_string();
    for node in &table.nodes {
        quoted(out, &node.key)?;
        out.write_all(b",")?;
        let labels: Vec<&str> = graph.label_names(node).collect();
        quoted(out, &labels.join(&between))?;
        cells(graph, out, &table.columns, &node.values, arrays)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Writes the cells of columns, each with a comma before it.
fn cells(
    graph: &PropertyGraph,
    out: &mut dyn Write,
    columns: &[usize],
    values: &Values,
    arrays: &Arrays,
) -> io::Result<()> {
    for at in columns {
        out.write_all(b",")?;
        let column = &graph.columns[*at];
        match values_of(values, *at) {
            None => {}
            Some(values) if column.array && column.kind == Kind::String => {
                quoted(out, &arrays.join(*at, values))?;
            }
            Some(values) if column.kind == Kind::String => quoted(out, &values.concat())?,
            Some(values) if column.array => quoted(out, &format!("[{}]", values.join(",")))?,
            Some(values) => out.write_all(values.concat().as_bytes())?,
        }
    }
    Ok(())
}

fn relationship_rows(
    graph: &PropertyGraph,
    same: &[&Relationship],
    extras: &Extras,
    arrays: &Arrays,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = ["from", "to", "id"].into_iter().chain(extras.names());
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    let columns = extras.columns.iter();
    names.extend(columns.map(|at| graph.columns[*at].name.clone()));
    header(out, &names)?;
    for one in same {
        quoted(out, &graph.nodes[one.start].key)?;
        out.write_all(b",")?;
        quoted(out, &graph.nodes[one.end].key)?;
        out.write_all(b",")?;
        quoted(out, &one.id)?;
        for (_, text) in extras.texts(one) {
            out.write_all(b",")?;
            text.map_or(Ok(()), |text| quoted(out, text))?;
        }
        cells(graph, out, &extras.columns, &one.values, arrays)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Columns as a table declares them, each with a comma before it.
fn declared(graph: &PropertyGraph, columns: &[usize]) -> String {
    let mut text = String::new();
    for at in columns {
        let column = &graph.columns[*at];
        let array = if column.array { "[]" } else { "" };
        // Writing to a string does not fail.
        let _ = write!(text, ", `{}` {}{array}", column.name, kind(column));
    }
    text
}

/// The query that reads a file: texts under fixed names, `labels` as an array, and columns.
fn read<'n>(
    graph: &PropertyGraph,
    fixed: impl Iterator<Item = &'n str>,
    columns: &[usize],
    file: &str,
    arrays: &Arrays,
) -> String {
    let (mut heads, mut values) = (Vec::new(), Vec::new());
    let split = |name: &str| format!("string_split({name}, '{}')", arrays.delimiter);
    for name in fixed {
        heads.push(format!("{name} STRING"));
        values.push(if name == LABELS {
            split(name)
        } else {
            name.to_owned()
        });
    }
    for at in columns {
        let column = &graph.columns[*at];
        let name = format!("`{}`", column.name);
        let is_split = column.array && column.kind == Kind::String;
        let array = if column.array && !is_split { "[]" } else { "" };
        heads.push(format!("{name} {}{array}", kind(column)));
        values.push(match is_split {
            false => name,
            true if arrays.marked.contains(at) => {
                format!(
                    "list_transform({}, x -> substring(x, 2, size(x)))",
                    split(&name)
                )
            }
            true => split(&name),
        });
    }
    format!(
        "LOAD WITH HEADERS ({}) FROM '{file}' ({READ}) RETURN {}",
        heads.join(", "),
        values.join(", ")
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
