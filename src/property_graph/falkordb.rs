//! A folder for the bulk loader of `FalkorDB`: CSV files with typed headers and a script that runs it.
//!
//! The loader takes the space off both ends of a text, has none for an empty one, knows no dates, and
//! guesses the type of what is in an array. So such texts stand between two marks and arrays of texts in
//! one text; once all is loaded, queries make of them what they stand for.
//!
//! Spec: falkordb-bulk-loader, "Input Schemas"

use super::csv::{header, quoted};
use super::map::CellForm;
use super::stream::{NodeOrder, Nodes, RelationshipOrder, Relationships};
use super::table::{cells, file_name, relationship_cells};
use super::{Column, Files, KEY, Kind, NameMap, PropertyGraph, broken};
use crate::sink::SinkError;
use crate::sink::sort::Watch;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The script that runs the loader.
const SCRIPT: &str = "load.sh";

/// A file with one row: a query is run for each row of a file.
const ONCE: &str = "once.csv";

/// What stands before and behind a text that is marked.
const MARK: char = '=';

pub(super) fn write(
    graph: &PropertyGraph,
    map: &mut NameMap,
    files: &mut dyn Files,
    watch: &mut Watch<'_>,
) -> Result<(), SinkError> {
    let texts = Texts::of(graph, watch)?;
    map.array_delimiter = Some(texts.delimiter);
    map.carriage_return = Some(texts.carriage_return);
    for at in &texts.marked {
        map.set_cell_form(&graph.columns[*at].name, CellForm::Enclosed);
    }
    let mut options = String::new();
    let mut of_nodes = BTreeSet::new();
    let mut nodes = graph.nodes_in(NodeOrder::Labels, watch).map_err(broken)?;
    // All nodes of a file have the same labels.
    let (mut last, mut number) = (None, 0);
    while let Some(set) = nodes.peek().map(|node| node.set) {
        let table = graph.sets[set].table;
        number = if last == Some(table) { number + 1 } else { 1 };
        last = Some(table);
        let label = &graph.labels[table].name;
        let name = match number {
            1 => file_name(&format!("nodes-{label}")),
            _ => file_name(&format!("nodes-{label}-{number}")),
        };
        files.write(&name, &mut |out| {
            node_rows(graph, &mut nodes, set, &texts, out, watch)
        })?;
        let labels: Vec<&str> = graph.label_names(set).collect();
        // Writing to a string does not fail.
        let _ = write!(options, " \\\n  -N {} '{name}'", labels.join(":"));
        of_nodes.extend(&graph.sets[set].columns);
        let labels = labels.into_iter().map(str::to_owned);
        map.file_labels.insert(name.clone(), labels.collect());
        map.node_files.push(name);
    }
    let relationships = graph.relationships_in(RelationshipOrder::Types, watch);
    let mut relationships = relationships.map_err(broken)?;
    let mut of_relationships = BTreeSet::new();
    while let Some(kind) = relationships.peek().map(|between| between.kind) {
        let type_name = &graph.types[kind].name;
        let name = file_name(&format!("rels-{type_name}"));
        files.write(&name, &mut |out| {
            relationship_rows(graph, &mut relationships, kind, &texts, out, watch)
        })?;
        let _ = write!(options, " \\\n  -R {type_name} '{name}'");
        of_relationships.extend(&graph.uses[kind].columns);
        if let Some(known) = map.relationships.get_mut(type_name) {
            known.files.push(name.clone());
        }
        map.relationship_files.push(name);
    }
    for table in graph.tables() {
        let _ = write!(options, " \\\n  -i {}:{KEY}", table.label);
    }
    let mut queries = Vec::new();
    for (pattern, columns) in [("(n)", of_nodes), ("()-[n]->()", of_relationships)] {
        queries.extend(columns.iter().filter_map(|at| {
            let value = texts.value(*at, &graph.columns[*at])?;
            let name = &graph.columns[*at].name;
            Some(format!(
                "MATCH {pattern} WHERE n.`{name}` IS NOT NULL SET n.`{name}` = {value}"
            ))
        }));
    }
    if !queries.is_empty() {
        files.write(ONCE, &mut |out| out.write_all(b"1\n"))?;
    }
    let script = script(&options, &queries);
    files.write(SCRIPT, &mut |out| out.write_all(script.as_bytes()))
}

/// Writes the next nodes, which have these labels.
fn node_rows(
    graph: &PropertyGraph,
    nodes: &mut Nodes<'_>,
    set: usize,
    texts: &Texts,
    out: &mut dyn Write,
    watch: &mut Watch<'_>,
) -> io::Result<()> {
    let columns = &graph.sets[set].columns;
    let mut names = vec![format!("{KEY}:ID")];
    names.extend(columns.iter().map(|at| head(&graph.columns[*at])));
    header(out, &names)?;
    while nodes.peek().is_some_and(|node| node.set == set)
        && let Some(node) = nodes.next(watch)?
    {
        quoted(out, &node.key)?;
        cells(out, columns, &node.values, |out, at, values| {
            texts.cell(out, at, &graph.columns[at], values)
        })?;
    }
    Ok(())
}

/// Writes the next relationships, which have this type.
fn relationship_rows(
    graph: &PropertyGraph,
    relationships: &mut Relationships<'_>,
    kind: usize,
    texts: &Texts,
    out: &mut dyn Write,
    watch: &mut Watch<'_>,
) -> io::Result<()> {
    let extras = &graph.uses[kind];
    let mut names = [":START_ID", ":END_ID", "id:STRING"]
        .map(str::to_owned)
        .to_vec();
    names.extend(extras.names().map(|name| format!("{name}:STRING")));
    names.extend(extras.columns.iter().map(|at| head(&graph.columns[*at])));
    header(out, &names)?;
    while let Some(one) = relationships.next_if(|next| next.kind == kind, watch)? {
        quoted(out, &one.start.key)?;
        out.write_all(b",")?;
        quoted(out, &one.end.key)?;
        write!(out, ",{}", one.id)?;
        relationship_cells(out, extras, &one, |out, at, values| {
            texts.cell(out, at, &graph.columns[at], values)
        })?;
    }
    Ok(())
}

fn head(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Boolean | Kind::Integer | Kind::Double if column.array => "ARRAY",
        Kind::Boolean => "BOOL",
        Kind::Integer => "LONG",
        Kind::Double => "DOUBLE",
        Kind::Date | Kind::LocalDateTime | Kind::DateTime | Kind::String => "STRING",
    };
    format!("{}:{kind}", column.name)
}

/// How texts are written that the loader would change.
struct Texts {
    /// What stands between the values of an array in one text.
    delimiter: char,
    /// What stands for a carriage return, which the loader reads as a line feed.
    carriage_return: char,
    /// The columns whose texts stand between marks.
    marked: BTreeSet<usize>,
}

impl Texts {
    fn of(graph: &PropertyGraph, watch: &mut Watch<'_>) -> Result<Self, SinkError> {
        let mut used = BTreeSet::new();
        let mut marked = BTreeSet::new();
        let looked = graph.each_value(watch, &mut |at, values| {
            used.extend(values.iter().flat_map(|value| value.chars()));
            if values.iter().any(|value| is_changed(value)) {
                marked.insert(at);
            }
        });
        looked.map_err(broken)?;
        if used.contains(&'\0') {
            return Err(null());
        }
        let candidates = ['|', ';'].into_iter().chain('\u{E000}'..='\u{F8FF}');
        let mut free = candidates
            .chain('\u{F0000}'..='\u{FFFFD}')
            .filter(|c| !used.contains(c));
        Ok(Self {
            delimiter: free.next().unwrap_or('|'),
            carriage_return: free.next().unwrap_or('\r'),
            marked,
        })
    }

    fn cell(
        &self,
        out: &mut dyn Write,
        at: usize,
        column: &Column,
        values: &[String],
    ) -> io::Result<()> {
        match column.kind {
            // As Python writes them.
            Kind::Boolean if column.array => {
                let values = values
                    .iter()
                    .map(|value| if value == "true" { "True" } else { "False" });
                quoted(out, &format!("[{}]", values.collect::<Vec<_>>().join(",")))
            }
            Kind::Integer | Kind::Double if column.array => {
                quoted(out, &format!("[{}]", values.join(",")))
            }
            Kind::Boolean | Kind::Integer | Kind::Double => {
                out.write_all(values.concat().as_bytes())
            }
            _ => {
                let text = values.join(&self.delimiter.to_string());
                let text = text.replace('\r', &self.carriage_return.to_string());
                if self.marked.contains(&at) {
                    quoted(out, &format!("{MARK}{text}{MARK}"))
                } else {
                    quoted(out, &text)
                }
            }
        }
    }

    /// What makes the values of a column of what is loaded, where that is something else.
    fn value(&self, at: usize, column: &Column) -> Option<String> {
        let mut value = format!("n.`{}`", column.name);
        if matches!(column.kind, Kind::Boolean | Kind::Integer | Kind::Double) {
            return None;
        }
        let is_date = column.kind == Kind::Date;
        let is_marked = self.marked.contains(&at);
        if !(column.array || is_date || is_marked) {
            return None;
        }
        if is_marked {
            value = format!(
                "replace(substring({value}, 1, size({value}) - 2), \"{}\", \"\\r\")",
                self.carriage_return
            );
        }
        if column.array {
            value = format!("split({value}, \"{}\")", self.delimiter);
        }
        Some(match (is_date, column.array) {
            (true, true) => format!("[day IN {value} | date(day)]"),
            (true, false) => format!("date({value})"),
            (false, _) => value,
        })
    }
}

/// Looks whether the database can hold all texts.
pub(super) fn check(graph: &PropertyGraph, watch: &mut Watch<'_>) -> Result<(), SinkError> {
    let mut has_null = false;
    let looked = graph.each_value(watch, &mut |_, values| {
        has_null |= values.iter().any(|value| value.contains('\0'));
    });
    looked.map_err(broken)?;
    if has_null { Err(null()) } else { Ok(()) }
}

fn null() -> SinkError {
    SinkError::NotRepresentable {
        format: "FalkorDB",
        what: "the character U+0000".to_owned(),
    }
}

/// Whether the loader makes another text of it.
fn is_changed(text: &str) -> bool {
    // What Python takes for space.
    let is_space = |c: char| c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c);
    text.is_empty() || text.contains('\r') || text.starts_with(is_space) || text.ends_with(is_space)
}

fn script(options: &str, queries: &[String]) -> String {
    let mut text = format!(
        "#!/bin/sh\n\
         # Loads the files of this folder into a graph that is not there yet: ./load.sh [GRAPH [URL]]\n\
         # Needs falkordb-bulk-loader (Python).\n\
         set -eu\n\
         cd \"$(dirname \"$0\")\"\n\
         graph=${{1:-graph}}\n\
         url=${{2:-redis://127.0.0.1:6379}}\n\
         export PYTHONUTF8=1\n\
         falkordb-bulk-insert \"$graph\" -u \"$url\" --enforce-schema --escapechar none{options}\n"
    );
    if !queries.is_empty() {
        let _ = write!(
            text,
            "query() {{\n    \
             falkordb-bulk-update \"$graph\" -u \"$url\" --no-header --csv {ONCE} --query \"$1\"\n\
             }}\n"
        );
    }
    for query in queries {
        let _ = writeln!(text, "query '{query}'");
    }
    text
}
