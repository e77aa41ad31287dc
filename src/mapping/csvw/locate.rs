//! Finds the metadata of a table, and the columns of a table without any.
//!
//! In: the IRI of a CSV file or of a metadata document, and what the user says of it. Out: the
//! [`TableGroup`], with the columns that only the header rows tell.
//!
//! Spec: tabular-data-model §5, §6.1, §6.2

use super::json::Document;
use super::limits;
use super::metadata::{Column, ColumnOrigin, Inherited, Schema, Table, TableGroup};
use super::parse::{Documents, encode_name, is_language_tag, parse};
use super::{Options, Purpose};
use crate::compression::Compression;
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::plan::{Template, Variable, VariableValue};
use crate::rdf::iri;
use crate::table::link::metadata_targets;
use crate::table::{Dialect, Fetched, Sources, TableError, TableReader};
use rustc_hash::FxHashMap;
use std::io::Read as _;
use std::path::Path;

/// Where a site says how the metadata of its files is found.
const WELL_KNOWN: &str = "/.well-known/csvm";

/// How many places a site may name: each is asked.
const MOST_LOCATIONS: usize = 16;

/// Where metadata is looked for, unless the site says otherwise.
///
/// Spec: tabular-data-model §5.3
const DEFAULT_LOCATIONS: [&str; 2] = ["{+url}-metadata.json", "csv-metadata.json"];

/// Metadata documents among the sources, as others refer to them.
pub struct SourceDocuments<'a>(pub &'a Sources);

impl Documents for SourceDocuments<'_> {
    fn document(&self, iri: &str) -> Result<Document, Box<Diagnostic>> {
        refuse_device(iri, self.0)?;
        read_document(iri, self.0)
    }
}

// Reads a document up to the size that one may have.
fn read_document(iri: &str, sources: &Sources) -> Result<Document, Box<Diagnostic>> {
    let name = sources.display_name(iri);
    let failed = |error: TableError| Box::new(error.to_diagnostic());
    let mut bytes = Vec::new();
    let input = sources.fetch_metadata(iri).map_err(failed)?.input;
    let mut input = input.take(limits::DOCUMENT_BYTES + 1);
    if let Err(error) = input.read_to_end(&mut bytes) {
        let source_name = name;
        return Err(failed(TableError::Io { source_name, error }));
    }
    if bytes.len() as u64 > limits::DOCUMENT_BYTES {
        let most = limits::DOCUMENT_BYTES >> 20;
        let message = format!("a metadata document may have {most} MiB, and this one has more");
        let location = Location::of_source(name);
        return Err(Box::new(Diagnostic::error(limits::CODE, message, location)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        failed(TableError::NotUtf8 {
            source_name: name.clone(),
            offset: error.utf8_error().valid_up_to(),
        })
    })?;
    let text = match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    Document::parse(&name, text)
}

// A user may name a pipe; where a document does, reading it could wait or go on for ever.
fn refuse_device(iri: &str, sources: &Sources) -> Result<(), Box<Diagnostic>> {
    let name = sources.display_name(iri);
    let metadata = Path::new(&name).metadata();
    if !metadata.is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return Ok(());
    }
    let message = format!("`{name}` is a pipe or a device, to which metadata cannot lead");
    Err(Box::new(
        Diagnostic::error("csvw::not-a-file", message, Location::of_source(name))
            .with_help("write what it gives into a file, and refer to that"),
    ))
}

/// Reads what an action is about: a metadata document with its tables, or a CSV file with the
/// metadata that is found for it.
///
/// `overriding` is the IRI of metadata that the user supplies for a CSV file; it counts before any
/// that would be found. Returns nothing where what is found is beyond use; the diagnostics say why.
///
/// Spec: tabular-data-model §6.1
pub fn open(
    action: &str,
    overriding: Option<&str>,
    sources: &Sources,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<TableGroup> {
    let mut group = match overriding {
        _ if speaks_of_tables(action, sources) => from_metadata(action, sources, diagnostics)?,
        Some(overriding) => {
            let group = from_metadata(overriding, sources, diagnostics)?;
            warn_of_other_tables(&group, action, sources, diagnostics);
            group
        }
        None => match find(action, sources, diagnostics) {
            Ok(Some(group)) => group,
            Ok(None) => embedded(action, sources),
            Err(Unusable) => return None,
        },
    };
    refuse_local_tables(&group, diagnostics)?;
    for table in group.tables.iter().filter(|table| table.url != action) {
        if let Err(diagnostic) = refuse_device(&table.url, sources) {
            diagnostics.push(*diagnostic);
            return None;
        }
    }
    complete(&mut group, sources, options, diagnostics)?;
    Some(group)
}

// By the letter metadata that the user supplies need not speak of the file; it then is not read, which
// is hardly what was meant. Only a note: the test suite wants no warning (121).
fn warn_of_other_tables(
    group: &TableGroup,
    action: &str,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) {
    let action = iri::normalize(action);
    if group
        .tables
        .iter()
        .any(|table| iri::same(&table.url, &action))
    {
        return;
    }
    diagnostics.push(
        Diagnostic::note(
            "csvw::other-table",
            format!(
                "the metadata does not speak of `{}`, which is not read",
                sources.display_name(&action)
            ),
            Location::of_source(&group.document),
        )
        .with_help("describe the table in the metadata that `--metadata` names")
        .with_spec("tabular-data-model §6.1"),
    );
}

/// Whether an IRI names a metadata document and not a table, by its ending.
pub fn is_metadata(iri: &str) -> bool {
    let path = iri.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| {
        ["json", "jsonld", "csvm"]
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

// Whether an action is a metadata document: as its server says, else by its ending.
fn speaks_of_tables(action: &str, sources: &Sources) -> bool {
    let fetched = match (is_on_the_web(action), is_metadata(action)) {
        (false, _) => None,
        (true, true) => sources.fetch_metadata(action).ok(),
        (true, false) => sources.fetch_ahead(action).ok(),
    };
    let media_type = fetched.and_then(|fetched| fetched.content_type);
    match media_type.as_deref().map(media_type_of).as_deref() {
        Some("application/csvm+json" | "application/ld+json" | "application/json") => true,
        Some("text/csv" | "text/tab-separated-values") => false,
        _ => is_metadata(action),
    }
}

pub(super) fn is_on_the_web(iri: &str) -> bool {
    // A scheme may be written in any case.
    ["http://", "https://"].iter().any(|scheme| {
        iri.get(..scheme.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(scheme))
    })
}

// Whether an IRI is that of a file of this machine.
pub(super) fn is_local(iri: &str) -> bool {
    iri.get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"))
}

// Standard input has a name that leads nowhere.
fn is_hierarchical(iri: &str) -> bool {
    iri.contains("://")
}

fn media_type_of(content_type: &str) -> String {
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().to_ascii_lowercase()
}

fn from_metadata(
    metadata_iri: &str,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<TableGroup> {
    let documents = SourceDocuments(sources);
    match read_document(metadata_iri, sources) {
        Ok(document) => {
            let base = location_of(metadata_iri, sources);
            parse(&document, &base, &documents, diagnostics)
        }
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            None
        }
    }
}

// The IRI of a document after redirects: what its references are relative to.
//
// Spec: RFC 3986 §5.1.3
fn location_of(iri: &str, sources: &Sources) -> String {
    let fetched = if is_on_the_web(iri) {
        sources.fetch_metadata(iri).ok()
    } else {
        None
    };
    fetched.map_or_else(|| iri.to_owned(), |fetched| fetched.location)
}

/// There is metadata, and it is beyond use.
struct Unusable;

// Looks for the metadata of a CSV file: the first document that is there and speaks of the file.
//
// Spec: tabular-data-model §5.2, §5.3
fn find(
    table_iri: &str,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Option<TableGroup>, Unusable> {
    if sources.is_standard_input(table_iri) {
        return Ok(None);
    }
    // Of a table that is not there the run tells.
    let Ok(fetched) = sources.fetch_ahead(table_iri) else {
        return Ok(None);
    };
    let documents = SourceDocuments(sources);
    for candidate in candidates(table_iri, &fetched, sources) {
        if let Err(diagnostic) = refuse_device(&candidate, sources) {
            diagnostics.push(*diagnostic);
            return Err(Unusable);
        }
        match sources.fetch_metadata(&candidate) {
            Ok(_) => {}
            Err(error) if error.is_missing() || !is_hierarchical(&candidate) => continue,
            Err(error) => {
                // It may be there; who would say nothing of it would say what is not so.
                let mut diagnostic = error.to_diagnostic();
                diagnostic.severity = Severity::Warning;
                diagnostics.push(diagnostic);
                continue;
            }
        }
        let document = match documents.document(&candidate) {
            Ok(document) => document,
            Err(diagnostic) => {
                diagnostics.push(*diagnostic);
                return Err(Unusable);
            }
        };
        let mut found = Diagnostics::new();
        let base = location_of(&candidate, sources);
        let mut group = parse(&document, &base, &documents, &mut found);
        if let (Some(group), Some(bare)) = (&mut group, decompressed(table_iri))
            && candidate == metadata_of(&bare)
        {
            speak_of_compressed(group, &bare, table_iri);
        }
        let speaks_of_it = group.as_ref().is_none_or(|group| {
            let mut tables = group.tables.iter();
            tables.any(|table| iri::same(&table.url, table_iri))
        });
        if speaks_of_it {
            diagnostics.append(found);
            return group.map(Some).ok_or(Unusable);
        }
        diagnostics.push(
            Diagnostic::warning(
                "csvw::other-table",
                format!(
                    "the metadata does not speak of `{}` and is not used",
                    sources.display_name(table_iri)
                ),
                Location::of_source(&document.name),
            )
            .with_help("describe the table there, or name its metadata with `--metadata`")
            .with_spec("tabular-data-model §5.2"),
        );
    }
    Ok(None)
}

// The IRI of a compressed table as it was before.
fn decompressed(table_iri: &str) -> Option<String> {
    let path = table_iri.split(['?', '#']).next().unwrap_or_default();
    let (bare, compression) = Compression::split(path);
    compression.map(|_| bare.to_owned())
}

fn metadata_of(table_iri: &str) -> String {
    format!("{table_iri}-metadata.json")
}

// A document that was written for a table before it was compressed speaks of it still, under the name
// that the table has now.
fn speak_of_compressed(group: &mut TableGroup, bare: &str, table_iri: &str) {
    let mut tables = group.tables.iter();
    if tables.any(|table| iri::same(&table.url, table_iri)) {
        return;
    }
    let table = group
        .tables
        .iter_mut()
        .find(|table| iri::same(&table.url, bare));
    if let Some(table) = table {
        table_iri.clone_into(&mut table.url);
    }
}

// Where the metadata of a table may be, best first.
fn candidates(table_iri: &str, fetched: &Fetched, sources: &Sources) -> Vec<String> {
    let without_query = |iri: &str| iri.split(['?', '#']).next().map(str::to_owned);
    let without_fragment = table_iri.split('#').next().unwrap_or_default();
    let mut found = Vec::new();
    for target in metadata_targets(&fetched.links) {
        found.extend(iri::resolve(&fetched.location, target));
    }
    let site = iri::resolve(table_iri, WELL_KNOWN)
        .ok()
        .filter(|_| is_on_the_web(table_iri))
        .and_then(|site| sources.read_to_string(&site).ok());
    let patterns: Vec<&str> = match &site {
        Some(text) => text.lines().map(str::trim).take(MOST_LOCATIONS).collect(),
        None => DEFAULT_LOCATIONS.to_vec(),
    };
    for pattern in patterns.into_iter().filter(|pattern| !pattern.is_empty()) {
        let lookup = |name: &str| match name {
            "url" => Variable::Constant(without_fragment.to_owned()),
            _ => Variable::Undefined,
        };
        let Ok(template) = Template::parse(pattern, lookup) else {
            continue;
        };
        let mut expanded = String::new();
        let done = template.expand(&mut expanded, |variable| match variable {
            Variable::Constant(text) => Some(VariableValue::One(text.into())),
            _ => None,
        });
        let resolved = done
            .ok()
            .and_then(|()| iri::resolve(table_iri, &expanded).ok());
        // Files know no queries: behind one this would be the table itself.
        found.extend(resolved.filter(|iri| without_query(iri) != without_query(table_iri)));
        // Not of the specification, which knows no compressed tables.
        if pattern == DEFAULT_LOCATIONS[0] {
            found.extend(decompressed(table_iri).map(|bare| metadata_of(&bare)));
        }
    }
    found
}

// What comes from elsewhere may not look into the files of this machine.
fn refuse_local_tables(group: &TableGroup, diagnostics: &mut Diagnostics) -> Option<()> {
    let from_elsewhere = group.document_iri.as_deref().is_some_and(is_on_the_web);
    let refused = group.tables.iter().find(|table| is_local(&table.url));
    let Some(table) = refused.filter(|_| from_elsewhere) else {
        return Some(());
    };
    diagnostics.push(
        Diagnostic::error(
            "csvw::local-table",
            format!(
                "metadata from the web names a file of this machine, `{}`",
                table.url
            ),
            Location {
                json_pointer: Some(table.pointer.clone()),
                ..Location::of_source(&group.document)
            },
        )
        .with_help("download the metadata if you trust it, and convert the copy"),
    );
    None
}

// A table of which only its header is known.
fn embedded(table_iri: &str, sources: &Sources) -> TableGroup {
    TableGroup {
        document: sources.display_name(table_iri),
        tables: vec![Table {
            url: table_iri.to_owned(),
            id: None,
            schema: Schema::default(),
            schema_unknown: true,
            dialect: Dialect::default(),
            dialect_given: false,
            suppress_output: false,
            annotations: Vec::new(),
            notes: Vec::new(),
            inherited: Inherited::default(),
            pointer: String::new(),
        }],
        ..TableGroup::default()
    }
}

// Adds what only the tables themselves tell: delimiters by file name, and the columns that the
// metadata does not describe.
fn complete(
    group: &mut TableGroup,
    sources: &Sources,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let mut complete = Some(());
    let mut so_far = (0, 0);
    let document = group.document.clone();
    for table in &mut group.tables {
        heed_server(table, sources, diagnostics);
        let named_by_header =
            table.schema_unknown || (options.lenient && table.schema.columns.is_empty());
        // A converter takes columns as they come, a validator refuses them.
        let as_described =
            !named_by_header && (options.purpose == Purpose::Validate || options.lenient);
        let header = if as_described {
            Ok(None)
        } else {
            read_header(table, sources)
        };
        let cells = header
            .as_ref()
            .map_or(0, |header| header.as_ref().map_or(0, Vec::len));
        if let Err((code, message)) =
            limits::check_found(table, &group.document, cells, &mut so_far)
        {
            let location = Location::of_source(sources.display_name(&table.url));
            diagnostics.push(Diagnostic::error(code, message, location));
            return None;
        }
        match header {
            Ok(Some(header)) if named_by_header => {
                take_columns(table, header, &document, diagnostics);
            }
            Ok(Some(header)) => add_columns(table, header.len()),
            // The run says what is wrong with a table that is described and has no row.
            Ok(None) if !named_by_header => {}
            Err(_) if !named_by_header => {}
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

// What the server says of a table, where the metadata does not; for files the ending of the name
// stands in for the media type.
//
// Spec: tabular-data-model §6.1
fn heed_server(table: &mut Table, sources: &Sources, diagnostics: &mut Diagnostics) {
    let fetched = if is_on_the_web(&table.url) {
        sources.fetch_ahead(&table.url).ok()
    } else {
        None
    };
    let (content_type, language) = match fetched {
        Some(fetched) => (fetched.content_type, fetched.content_language),
        None => (None, None),
    };
    if let Some(media_type) = content_type.as_deref().map(media_type_of)
        && ["text/html", "application/xhtml+xml"].contains(&media_type.as_str())
    {
        diagnostics.push(
            Diagnostic::warning(
                "table::media-type",
                format!("the server calls it `{media_type}`, which is a page and no table"),
                Location::of_source(sources.display_name(&table.url)),
            )
            .with_help("look at the address in a browser: it may ask to log in"),
        );
    }
    if let Some(language) = language
        && table.inherited.lang == "und"
        && is_language_tag(&language)
    {
        let table_lang = std::mem::replace(&mut table.inherited.lang, language.clone());
        let schema = table.schema.inherited.iter_mut();
        let columns = table.schema.columns.iter_mut();
        for inherited in schema.chain(columns.map(|column| &mut column.inherited)) {
            if inherited.lang == table_lang {
                inherited.lang.clone_from(&language);
            }
        }
    }
    if table.dialect_given {
        return;
    }
    // What is said of a compressed file says nothing of the table in it.
    let content_type = content_type.filter(|content_type| {
        let media_type = media_type_of(content_type);
        let compressed = ["application/gzip", "application/x-gzip", "application/zstd"];
        !compressed.contains(&media_type.as_str())
    });
    let Some(content_type) = content_type else {
        let path = table.url.split(['?', '#']).next().unwrap_or_default();
        let path = Compression::split(path).0;
        let ending = path.rsplit_once('.').map(|(_, ending)| ending);
        if ending.is_some_and(|ending| {
            ending.eq_ignore_ascii_case("tsv") || ending.eq_ignore_ascii_case("tab")
        }) {
            "\t".clone_into(&mut table.dialect.delimiter);
        }
        return;
    };
    if media_type_of(&content_type) == "text/tab-separated-values" {
        "\t".clone_into(&mut table.dialect.delimiter);
    }
    for parameter in content_type.split(';').skip(1) {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "header" if value.eq_ignore_ascii_case("absent") => table.dialect.header_row_count = 0,
            "charset" if Dialect::knows_encoding(value) => {
                value.clone_into(&mut table.dialect.encoding);
            }
            _ => {}
        }
    }
}

// The titles that the header rows give each column; without header rows the first row tells how
// many there are. Nothing where there is no row.
//
// Spec: tabular-data-model §8
fn read_header(table: &Table, sources: &Sources) -> Result<Option<Vec<Vec<String>>>, TableError> {
    let name = sources.display_name(&table.url);
    let mut reader = TableReader::open(
        &name,
        sources.peek(&table.url, &table.dialect)?,
        &table.dialect,
    )?;
    let mut titles: Vec<Vec<String>> = Vec::new();
    let rows = table.dialect.header_row_count;
    for _ in 0..rows.max(1) {
        let Some(row) = reader.read_row()? else {
            break;
        };
        for (index, cell) in row.cells().enumerate().take(limits::COLUMNS + 1) {
            if titles.len() <= index {
                titles.resize_with(index + 1, Vec::new);
            }
            let title = cell.trim();
            if rows > 0 && !title.is_empty() {
                titles[index].push(title.to_owned());
            }
        }
    }
    Ok((!titles.is_empty()).then_some(titles))
}

// Makes the columns of the header.
fn take_columns(
    table: &mut Table,
    header: Vec<Vec<String>>,
    document: &str,
    diagnostics: &mut Diagnostics,
) {
    let count = header.len();
    let (mut renamed, mut first_renamed) = (0, None);
    let inherited = table.schema.inherited.as_ref().unwrap_or(&table.inherited);
    let mut columns: Vec<Column> = Vec::new();
    let mut numbers: FxHashMap<String, usize> = FxHashMap::default();
    for (index, titles) in header.into_iter().enumerate() {
        let wanted = match titles.first() {
            Some(title) => encode_name(title),
            None => format!("_col.{}", index + 1),
        };
        let mut name = wanted;
        let mut number = index + 1;
        while numbers.contains_key(&name) {
            name = format!("_col.{number}");
            number += count;
        }
        if let Some(title) = titles.first().filter(|_| number > index + 1) {
            renamed += 1;
            first_renamed.get_or_insert_with(|| (title.clone(), name.clone()));
        }
        numbers.entry(name.clone()).or_insert(index);
        columns.push(Column {
            name,
            origin: ColumnOrigin::Described,
            titles: titles
                .into_iter()
                .map(|title| ("und".to_owned(), title))
                .collect(),
            is_virtual: false,
            suppress_output: false,
            inherited: inherited.clone(),
            pointer: table.pointer.clone(),
        });
    }
    if let Some((title, name)) = first_renamed {
        let more = match renamed {
            1 => String::new(),
            _ => format!(", and {} more columns too", renamed - 1),
        };
        diagnostics.push(
            Diagnostic::note(
                "csvw::renamed-column",
                format!("two columns are called `{title}`: the latter is `{name}` here{more}"),
                Location::of_source(document).at_line(1),
            )
            .with_help("give each column a name of its own")
            .with_spec("metadata §5.5"),
        );
    }
    // As where columns are described, one wrong reference spoils them all.
    let mut found = |property: &str, names: &[String]| -> Vec<usize> {
        let found: Vec<usize> = names
            .iter()
            .filter_map(|name| numbers.get(name).copied())
            .collect();
        if found.len() == names.len() {
            return found;
        }
        let missing = names.iter().find(|name| !numbers.contains_key(*name));
        let location = Location {
            json_pointer: Some(format!("{}/tableSchema/{property}", table.pointer)),
            ..Location::of_source(document)
        };
        diagnostics.push(
            Diagnostic::warning(
                "csvw::unknown-column",
                format!(
                    "`{property}` names a column `{}`, which the header lacks; it is not used",
                    missing.map_or("", String::as_str)
                ),
                location,
            )
            .with_spec("metadata §5.1.4"),
        );
        Vec::new()
    };
    let (key, titles) = &table.schema.names;
    table.schema.primary_key = found("primaryKey", key);
    table.schema.row_titles = found("rowTitles", titles);
    table.schema.columns = columns;
}

// Makes columns for the cells that the metadata does not speak of.
//
// Spec: tabular-data-model §8, metadata §5.7
fn add_columns(table: &mut Table, cells: usize) {
    let inherited = table.schema.inherited.as_ref().unwrap_or(&table.inherited);
    let columns = &mut table.schema.columns;
    let described = columns.iter().filter(|column| !column.is_virtual).count();
    let found = (described..cells).map(|index| Column {
        name: format!("_col.{}", index + 1),
        origin: ColumnOrigin::Found,
        titles: Vec::new(),
        is_virtual: false,
        suppress_output: false,
        inherited: inherited.clone(),
        pointer: table.pointer.clone(),
    });
    columns.splice(described..described, found);
    let shift = cells.saturating_sub(described);
    for number in table
        .schema
        .primary_key
        .iter_mut()
        .chain(&mut table.schema.row_titles)
    {
        // Virtual columns move up behind the new ones.
        if *number >= described {
            *number += shift;
        }
    }
}
