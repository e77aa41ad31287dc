//! Finds the metadata of a table, and the columns of a table without any.
//!
//! In: the IRI of a CSV file or of a metadata document. Out: the [`TableGroup`].
//!
//! Spec: tabular-data-model §5, §6.2, metadata §6

use super::json::Document;
use super::metadata::{Column, Inherited, Schema, Table, TableGroup};
use super::parse::{Documents, encode_name, parse};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::rdf::iri;
use crate::table::{Dialect, Sources, TableError, TableReader};

/// Metadata documents among the sources.
pub struct SourceDocuments<'a>(pub &'a Sources);

impl Documents for SourceDocuments<'_> {
    fn document(&self, iri: &str) -> Result<Document, Box<Diagnostic>> {
        let text = self
            .0
            .read_to_string(iri)
            .map_err(|error| Box::new(error.to_diagnostic()))?;
        Document::parse(&self.0.display_name(iri), text)
    }
}

/// Reads a metadata document and the headers that it needs.
///
/// Returns nothing where it is beyond use; the diagnostics say why.
pub fn from_metadata(
    metadata_iri: &str,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<TableGroup> {
    let documents = SourceDocuments(sources);
    let document = match documents.document(metadata_iri) {
        Ok(document) => document,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return None;
        }
    };
    let mut group = parse(&document, metadata_iri, &documents, diagnostics)?;
    complete(&mut group, sources, diagnostics)?;
    Some(group)
}

/// Finds the metadata of a CSV file: beside it under its name or as `csv-metadata.json`, else in
/// its header row.
///
/// A `csv-metadata.json` that does not speak of the file is passed over.
pub fn from_table(
    table_iri: &str,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<TableGroup> {
    let documents = SourceDocuments(sources);
    let beside = iri::resolve(table_iri, "csv-metadata.json").ok();
    let named = Some(format!("{table_iri}-metadata.json"));
    for candidate in [named, beside].into_iter().flatten() {
        if sources.peek(&candidate).is_err() {
            continue;
        }
        let document = match documents.document(&candidate) {
            Ok(document) => document,
            Err(diagnostic) => {
                diagnostics.push(*diagnostic);
                return None;
            }
        };
        let mut found = Diagnostics::new();
        let group = parse(&document, &candidate, &documents, &mut found);
        let speaks_of_it = group
            .as_ref()
            .is_none_or(|group| group.tables.iter().any(|table| table.url == table_iri));
        if speaks_of_it {
            for diagnostic in found.iter() {
                diagnostics.push(diagnostic.clone());
            }
            let mut group = group?;
            group.tables.retain(|table| table.url == table_iri);
            for table in &mut group.tables {
                table.schema.foreign_keys.clear();
            }
            complete(&mut group, sources, diagnostics)?;
            return Some(group);
        }
    }
    let mut group = TableGroup {
        document: sources.display_name(table_iri),
        tables: vec![Table {
            url: table_iri.to_owned(),
            id: None,
            schema: Schema::default(),
            columns_unknown: true,
            dialect: dialect_of(table_iri),
            suppress_output: false,
            annotations: Vec::new(),
            notes: Vec::new(),
            inherited: Inherited::default(),
            pointer: String::new(),
        }],
        ..TableGroup::default()
    };
    complete(&mut group, sources, diagnostics)?;
    Some(group)
}

// Spec: tabular-data-model §8, "tab-separated"
fn dialect_of(table_iri: &str) -> Dialect {
    let path = table_iri.split(['?', '#']).next().unwrap_or_default();
    let mut dialect = Dialect::default();
    let ending = path
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    if matches!(ending.as_deref(), Some("tsv" | "tab")) {
        "\t".clone_into(&mut dialect.delimiter);
    }
    dialect
}

// Takes the columns of tables without a description from their header rows.
fn complete(
    group: &mut TableGroup,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let mut complete = Some(());
    for table in &mut group.tables {
        if !table.columns_unknown {
            continue;
        }
        match columns_from_header(table, sources) {
            Ok(Some(columns)) => {
                let number = |name: &String| columns.iter().position(|column| column.name == *name);
                let (key, titles) = &table.schema.names;
                table.schema.primary_key = key.iter().filter_map(number).collect();
                table.schema.row_titles = titles.iter().filter_map(number).collect();
                table.schema.columns = columns;
            }
            Ok(None) => {
                diagnostics.push(
                    Diagnostic::error(
                        "table::empty",
                        "the table is empty: a header row was expected",
                        Location::of_source(sources.display_name(&table.url)).at_line(1),
                    )
                    .with_help("write the column names in the first line"),
                );
                complete = None;
            }
            Err(error) => {
                diagnostics.push(error.to_diagnostic());
                complete = None;
            }
        }
    }
    complete
}

fn columns_from_header(
    table: &Table,
    sources: &Sources,
) -> Result<Option<Vec<Column>>, TableError> {
    let name = sources.display_name(&table.url);
    let mut reader = TableReader::open(&name, sources.peek(&table.url)?, &table.dialect)?;
    let mut titles: Vec<Vec<String>> = Vec::new();
    let rows = table.dialect.header_row_count;
    for _ in 0..rows.max(1) {
        let Some(row) = reader.read_row()? else {
            break;
        };
        for (index, cell) in row.cells().enumerate() {
            if titles.len() <= index {
                titles.resize_with(index + 1, Vec::new);
            }
            // Without a header the first row only tells how many columns there are.
            let title = cell.trim();
            if rows > 0 && !title.is_empty() {
                titles[index].push(title.to_owned());
            }
        }
    }
    if titles.is_empty() {
        return Ok(None);
    }
    let inherited = table.schema.inherited.as_ref().unwrap_or(&table.inherited);
    let mut columns: Vec<Column> = Vec::new();
    for (index, titles) in titles.into_iter().enumerate() {
        let wanted = match titles.first() {
            Some(title) => encode_name(title),
            None => format!("_col.{}", index + 1),
        };
        let taken = columns.iter().any(|column| column.name == wanted);
        columns.push(Column {
            name: if taken {
                format!("_col.{}", index + 1)
            } else {
                wanted
            },
            has_name: false,
            titles: titles
                .into_iter()
                .map(|title| (inherited.lang.clone(), title))
                .collect(),
            is_virtual: false,
            suppress_output: false,
            inherited: inherited.clone(),
            pointer: table.pointer.clone(),
        });
    }
    Ok(Some(columns))
}
