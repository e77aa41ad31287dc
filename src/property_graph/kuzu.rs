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
use super::neo4j::delimiter;
use super::stream::{NodeOrder, Nodes, RelationshipOrder};
use super::table::{cells, file_name, relationship_cells};
use super::{Column, Files, KEY, Kind, NameMap, NodeTable, PropertyGraph, broken};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::collections::BTreeSet;
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
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    let texts = Texts::of(graph, watch).map_err(broken)?;
    map.array_delimiter = Some(texts.delimiter);
    for at in &texts.marked {
        map.set_cell_form(&graph.columns[*at].name, CellForm::Marked);
    }
    let mut statements = Statements::default();
    nodes(graph, &texts, map, files, &mut statements, watch)?;
    relationships(graph, &texts, map, files, &mut statements, watch)?;
    let Statements { schema, copy, .. } = statements;
    files.write("schema.cypher", &mut |out| out.write_all(schema.as_bytes()))?;
    files.write("copy.cypher", &mut |out| out.write_all(copy.as_bytes()))
}

/// What makes the tables, and what fills them.
#[derive(Default)]
struct Statements {
    schema: String,
    copy: String,
    /// The names of tables, in small letters.
    taken: BTreeSet<String>,
}

fn nodes(
    graph: &PropertyGraph,
    texts: &Texts,
    map: &mut NameMap,
    files: &mut dyn Files,
    statements: &mut Statements,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    let mut nodes = graph.nodes_in(NodeOrder::Tables, watch).map_err(broken)?;
    for table in graph.tables() {
        let label = table.label;
        statements.taken.insert(label.to_lowercase());
        let name = file_name(&format!("nodes-{label}"));
        files.write(&name, &mut |out| {
            node_rows(graph, &table, &mut nodes, texts, out, watch)
        })?;
        // Writing to a string does not fail.
        let _ = writeln!(
            statements.schema,
            "CREATE NODE TABLE IF NOT EXISTS `{label}`({KEY} STRING PRIMARY KEY, {LABELS} STRING[]{});",
            declared(graph, &table.columns)
        );
        let fixed = [KEY, LABELS].into_iter();
        let read = read(graph, fixed, &table.columns, &name, None, texts);
        let _ = writeln!(statements.copy, "COPY `{label}` FROM ({read});");
        map.node_files.push(name);
    }
    Ok(())
}

fn relationships(
    graph: &PropertyGraph,
    texts: &Texts,
    map: &mut NameMap,
    files: &mut dyn Files,
    statements: &mut Statements,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    let relationships = graph.relationships_in(RelationshipOrder::Tables, watch);
    let mut relationships = relationships.map_err(broken)?;
    let Statements {
        schema,
        copy,
        taken,
    } = statements;
    while let Some(first) = relationships.peek() {
        let kind = &graph.types[first.kind];
        // Tables of nodes and of relationships share their names.
        let name = if taken.contains(&kind.name.to_lowercase()) {
            numbered(&format!("{}_REL", kind.name), taken)
        } else {
            numbered(&kind.name, taken)
        };
        if let Some(known) = map.relationships.remove(&kind.name) {
            map.relationships.insert(name.clone(), known);
        }
        let extras = &graph.uses[first.kind];
        let columns: Vec<usize> = extras.columns.iter().copied().collect();
        let _ = write!(schema, "CREATE REL TABLE IF NOT EXISTS `{name}`(");
        while let Some(between) = relationships.peek()
            && between.kind == first.kind
        {
            let ends = [between.start, between.end];
            let [start, end] = ends.map(|at| graph.labels[at].name.as_str());
            let file = file_name(&format!("rels-{name}-{start}-{end}"));
            files.write(&file, &mut |out| {
                let names = ["from", "to", "id"].into_iter().chain(extras.names());
                let mut names: Vec<String> = names.map(str::to_owned).collect();
                names.extend(columns.iter().map(|at| graph.columns[*at].name.clone()));
                header(out, &names)?;
                while let Some(one) = relationships.next_if(|next| next == between, watch)? {
                    quoted(out, &one.start.key)?;
                    out.write_all(b",")?;
                    quoted(out, &one.end.key)?;
                    out.write_all(b",")?;
                    quoted(out, &one.id)?;
                    relationship_cells(out, extras, &one, |out, at, values| {
                        cell(graph, out, at, values, texts)
                    })?;
                }
                Ok(())
            })?;
            let _ = write!(schema, "FROM `{start}` TO `{end}`, ");
            let fixed = ["`from`", "`to`", "id"].into_iter().chain(extras.names());
            let new = format!(
                "NOT EXISTS {{ MATCH (:`{start}`)-[r:`{name}`]->(:`{end}`) WHERE r.id = id }}"
            );
            let read = read(graph, fixed, &columns, &file, Some(&new), texts);
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
        schema.push_str(&declared(graph, &columns));
        schema.push_str(");\n");
    }
    Ok(())
}

/// How texts stand in a cell.
struct Texts {
    /// What stands between those of an array.
    delimiter: char,
    /// The columns with an empty text: all their values have a character before them, since Kuzu takes an
    /// empty cell for no value, and the function that splits arrays leaves out what is empty.
    marked: BTreeSet<usize>,
}

impl Texts {
    fn of(graph: &PropertyGraph, watch: &mut Watch<'_>) -> io::Result<Self> {
        let (mut used, mut marked) = (BTreeSet::new(), BTreeSet::new());
        graph.each_value(watch, &mut |at, values| {
            if graph.columns[at].array {
                used.extend(values.iter().flat_map(|value| value.chars()));
            }
            if values.iter().any(String::is_empty) {
                marked.insert(at);
            }
        })?;
        Ok(Self {
            delimiter: delimiter(&used),
            marked,
        })
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
    nodes: &mut Nodes<'_>,
    texts: &Texts,
    out: &mut dyn Write,
    watch: &mut Watch<'_>,
) -> io::Result<()> {
    let mut names = vec![KEY.to_owned(), LABELS.to_owned()];
    let columns = table.columns.iter();
    names.extend(columns.map(|at| graph.columns[*at].name.clone()));
    header(out, &names)?;
    let between = texts.delimiter.to_string();
    while let Some(node) = nodes.next_of(table.number, watch)? {
        quoted(out, &node.key)?;
        out.write_all(b",")?;
        let labels: Vec<&str> = graph.label_names(node.set).collect();
        quoted(out, &labels.join(&between))?;
        cells(out, &table.columns, &node.values, |out, at, values| {
            cell(graph, out, at, values, texts)
        })?;
    }
    Ok(())
}

/// Writes the values of a column.
fn cell(
    graph: &PropertyGraph,
    out: &mut dyn Write,
    at: usize,
    values: &[String],
    texts: &Texts,
) -> io::Result<()> {
    let column = &graph.columns[at];
    match (column.kind == Kind::String, column.array) {
        (true, true) => quoted(out, &texts.join(at, values)),
        (true, false) => quoted(out, &texts.join(at, values)),
        (false, true) => quoted(out, &format!("[{}]", values.join(","))),
        (false, false) => out.write_all(values.concat().as_bytes()),
    }
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

/// The query that reads a file, of rows that are so: texts under fixed names, `labels` as an array, and
/// columns.
fn read<'n>(
    graph: &PropertyGraph,
    fixed: impl Iterator<Item = &'n str>,
    columns: &[usize],
    file: &str,
    rows: Option<&str>,
    texts: &Texts,
) -> String {
    let (mut heads, mut values) = (Vec::new(), Vec::new());
    let split = |name: &str| format!("string_split({name}, '{}')", texts.delimiter);
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
        values.push(match (is_split, texts.marked.contains(at)) {
            (false, false) => name,
            (false, true) => unmarked(&name),
            (true, false) => split(&name),
            (true, true) => format!("list_transform({}, x -> {})", split(&name), unmarked("x")),
        });
    }
    let rows = rows.map_or_else(String::new, |rows| format!("WHERE {rows} "));
    format!(
        "LOAD WITH HEADERS ({}) FROM '{file}' ({READ}) {rows}RETURN {}",
        heads.join(", "),
        values.join(", ")
    )
}

/// A text without the character before it.
fn unmarked(text: &str) -> String {
    format!("substring({text}, 2, size({text}))")
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
