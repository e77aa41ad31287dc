//! Logical sources: where they are, how they are read, and which names their rows have.
//!
//! In: the sources of a mapping. Out: a [`Resolved`] for each that is used. The headers of tables are read
//! here, so that names are numbers afterwards and a missing column is told of with its place in the mapping.

use super::expression::Expressions;
use super::{EmptyCells, Options, element, view};
use crate::compression::Compression;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::mapping::rml::model::{
    At, CsvwDialect, Formulation, LogicalSource, Mapping, Place, Root, Rows, Source, Vocabulary,
};
use crate::mapping::rml::vocab;
use crate::plan::{Expression, JsonRead, Nulls, Relation, TableRead};
use crate::rdf::iri;
use crate::table::{Dialect, Sources, TableError, TableReader, Trim};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};

/// A logical source, ready to be read.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    /// Its rows.
    pub(super) rows: ResolvedRows,
    /// What its names stand for.
    pub(super) names: Names,
    /// What it is called in messages.
    pub(super) title: String,
}

/// The rows of a logical source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum ResolvedRows {
    /// A table as it stands, with all its columns.
    Table(TableRead),
    /// A JSON document, with one column for each reference, in their order.
    Json(JsonRead),
    /// More than that.
    View(Relation),
}

impl ResolvedRows {
    pub(super) fn relation(&self) -> Relation {
        match self {
            Self::Table(table) => Relation::Table(table.clone()),
            Self::Json(json) => Relation::Json(json.clone()),
            Self::View(relation) => relation.clone(),
        }
    }

    /// The source that messages speak of.
    pub(super) fn source(&self) -> String {
        let mut first = None;
        self.relation().each_source(&mut |source| {
            first.get_or_insert_with(|| source.to_owned());
        });
        first.unwrap_or_default()
    }
}

/// What the names of a source stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// In the order of the columns, for messages.
    pub(super) all: Vec<String>,
    known: FxHashMap<String, Expression>,
    /// Names that two columns have.
    doubled: Vec<String>,
}

impl Names {
    /// Adds a name; a name that is there already is kept.
    pub(super) fn insert(&mut self, name: &str, value: Expression) {
        if self.known.contains_key(name) {
            self.doubled.push(name.to_owned());
            return;
        }
        self.all.push(name.to_owned());
        self.known.insert(name.to_owned(), value);
    }

    /// Adds a name that is not shown.
    pub(super) fn insert_hidden(&mut self, name: &str, value: Expression) {
        self.known.insert(name.to_owned(), value);
    }

    pub(super) fn get(&self, name: &str) -> Option<&Expression> {
        self.known.get(name)
    }

    /// Whether two columns have the name.
    pub(super) fn is_doubled(&self, name: &str) -> bool {
        self.doubled.iter().any(|known| known == name)
    }
}

/// What is known of a source.
#[derive(Debug, Clone)]
enum Known {
    NotYet,
    /// It cannot be read.
    Not,
    As(Box<Resolved>),
}

/// Reads logical sources, each once.
pub(super) struct SourceReader<'r> {
    pub(super) mapping: &'r Mapping,
    pub(super) sources: &'r mut Sources,
    pub(super) options: &'r Options,
    pub(super) expressions: Expressions<'r>,
    known: Vec<Known>,
    /// The references that are used of each source.
    references: Vec<Vec<String>>,
    /// For each source the first one that is read the same way.
    first: Vec<usize>,
}

impl<'r> SourceReader<'r> {
    pub(super) fn new(
        mapping: &'r Mapping,
        sources: &'r mut Sources,
        options: &'r Options,
    ) -> Self {
        let first: Vec<usize> = (0..mapping.sources.len())
            .map(|number| first_same(mapping, number))
            .collect();
        Self {
            mapping,
            sources,
            options,
            expressions: Expressions::new(options),
            known: vec![Known::NotYet; mapping.sources.len()],
            references: super::references::of(mapping, &first),
            first,
        }
    }

    /// The first source that is read the same way: mappings describe one again and again.
    pub(super) fn first(&self, number: usize) -> usize {
        self.first[number]
    }

    /// The references that are used of a source.
    pub(super) fn references(&self, number: usize) -> impl Iterator<Item = &str> {
        self.references[self.first[number]]
            .iter()
            .map(String::as_str)
    }

    /// Resolves a source; nothing where it cannot be read, which is told once.
    pub(super) fn get(&mut self, number: usize, diagnostics: &mut Diagnostics) -> Option<Resolved> {
        let number = self.first[number];
        match &self.known[number] {
            Known::NotYet => {}
            Known::Not => return None,
            Known::As(resolved) => return Some((**resolved).clone()),
        }
        // A view that comes back to itself finds nothing here.
        self.known[number] = Known::Not;
        let source = &self.mapping.sources[number];
        let resolved = match &source.rows {
            Rows::Source(file) => self.file(number, source, file, diagnostics),
            Rows::View(_) => view::resolve(self, number, diagnostics),
            Rows::Single => Some(Resolved {
                rows: ResolvedRows::View(Relation::Single),
                names: Names::default(),
                title: source.name.clone(),
            }),
        };
        if let Some(resolved) = &resolved {
            self.known[number] = Known::As(Box::new(resolved.clone()));
        }
        resolved
    }

    fn file(
        &mut self,
        number: usize,
        source: &LogicalSource,
        file: &Source,
        diagnostics: &mut Diagnostics,
    ) -> Option<Resolved> {
        let iri = self.locate(file, diagnostics);
        let nulls = self.nulls(source, file);
        match &file.formulation {
            Formulation::Csv => self.table(&iri, file, nulls, &source.place, diagnostics),
            Formulation::JsonPath => {
                if let Err(error) = self.sources.peek(&iri, &Dialect::default()) {
                    push_source_error(&error, file, diagnostics);
                    return None;
                }
                let references = self.references[number].clone();
                let mut names = Names::default();
                for (column, reference) in references.iter().enumerate() {
                    names.insert(reference, Expression::Column(column));
                }
                Some(Resolved {
                    title: self.sources.display_name(&iri),
                    rows: ResolvedRows::Json(JsonRead {
                        source: iri,
                        iterator: file
                            .iterator
                            .as_ref()
                            .map_or_else(|| "$".to_owned(), |at| at.value.clone()),
                        references,
                        nulls,
                    }),
                    names,
                })
            }
            Formulation::Other(other) => {
                diagnostics.push(
                    Diagnostic::error(
                        "rml::reference-formulation",
                        format!("sources are not read by `{other}`"),
                        source.place.location(),
                    )
                    .with_help(formulation_help(other)),
                );
                None
            }
        }
    }

    fn nulls(&self, source: &LogicalSource, file: &Source) -> Nulls {
        let mut texts = file.nulls.clone();
        let drops_empty = match self.options.empty_cells {
            EmptyCells::AsMapped => source.vocabulary == Vocabulary::Legacy,
            EmptyCells::Null => true,
            EmptyCells::Text => false,
        };
        if drops_empty {
            texts.push(String::new());
        }
        Nulls::new(texts)
    }

    // The IRI of a file.
    fn locate(&self, file: &Source, diagnostics: &mut Diagnostics) -> String {
        let path = without_scheme(&file.path.value);
        let is_drive = path.as_bytes().get(1) == Some(&b':');
        if iri::is_absolute(path) && !is_drive {
            if self.sources.is_known(path) {
                return path.to_owned();
            }
            // What others publish is often at hand beside the mapping.
            let name = path.rsplit('/').next().unwrap_or_default();
            let copy = self.folder(&Root::Unstated, &file.path.place).join(name);
            if !path.starts_with("file:") && !name.is_empty() && copy.is_file() {
                diagnostics.push(Diagnostic::note(
                    "rml::local-copy",
                    format!("`{path}` is read from `{}`", copy.display()),
                    file.path.place.location(),
                ));
                return iri::from_path(&copy);
            }
            return path.to_owned();
        }
        let path = path.strip_prefix("./").unwrap_or(path);
        let path = self.folder(&file.root, &file.path.place).join(path);
        iri::from_path(&std::path::absolute(&path).unwrap_or(path))
    }

    fn folder(&self, root: &Root, place: &Place) -> PathBuf {
        let of_mapping = || {
            let folders = &self.options.folders;
            let found = folders
                .iter()
                .find(|(document, _)| **document == *place.document);
            found
                .or(folders.first())
                .map_or_else(PathBuf::new, |(_, folder)| folder.clone())
        };
        match root {
            Root::Unstated | Root::MappingDirectory => match &self.options.source_dir {
                Some(folder) => folder.clone(),
                None => of_mapping(),
            },
            Root::CurrentWorkingDirectory => PathBuf::new(),
            Root::Path(path) => of_mapping().join(path.strip_prefix("file://").unwrap_or(path)),
        }
    }

    fn table(
        &mut self,
        iri: &str,
        file: &Source,
        nulls: Nulls,
        place: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<Resolved> {
        let mut dialect = dialect(file, place, diagnostics)?;
        dialect.fills_rows = self.options.fills_rows;
        if let Some(compression) = &file.compression {
            self.force_compression(iri, compression, diagnostics)?;
        }
        let header = match self.header(iri, &dialect) {
            Ok(header) => header,
            Err(error) => {
                push_source_error(&error, file, diagnostics);
                return None;
            }
        };
        let mut names = Names::default();
        for (column, name) in header.iter().enumerate() {
            names.insert(name, Expression::Column(column));
        }
        Some(Resolved {
            title: self.sources.display_name(iri),
            rows: ResolvedRows::Table(TableRead {
                source: iri.to_owned(),
                columns: (0..header.len()).collect(),
                width: header.len(),
                dialect,
                nulls,
            }),
            names,
        })
    }

    fn force_compression(
        &mut self,
        iri: &str,
        compression: &At<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<()> {
        let known = Compression::named(&compression.value);
        match known {
            Some(known) => self.sources.set_compression(iri, known),
            None => diagnostics.push(
                Diagnostic::error(
                    "rml::compression",
                    format!("`{}` is not a compression that is known", compression.value),
                    compression.place.location(),
                )
                .with_help("rml:none, rml:gzip, rml:zip, rml:targz and rml:tarxz are"),
            ),
        }
        known.map(|_| ())
    }

    fn header(&self, iri: &str, dialect: &Dialect) -> Result<Vec<String>, TableError> {
        let name = self.sources.display_name(iri);
        let mut reader = TableReader::open(&name, self.sources.peek(iri, dialect)?, dialect)?;
        let rows = dialect.header_row_count;
        let mut header: Vec<String> = Vec::new();
        for number in 0..rows.max(1) {
            let Some(row) = reader.read_row()? else {
                break;
            };
            for (index, cell) in row.cells().enumerate() {
                if header.len() <= index {
                    header.push(String::new());
                }
                if rows == 0 {
                    header[index] = format!("_col.{}", index + 1);
                } else if number == 0 {
                    cell.clone_into(&mut header[index]);
                }
            }
        }
        Ok(header)
    }
}

// What was meant by a reference formulation that is not read.
fn formulation_help(iri: &str) -> String {
    let (namespace, local) = iri.split_at(iri.rfind(['#', '/']).map_or(0, |at| at + 1));
    match nearest(local, ["CSV", "JSONPath"]) {
        Some(near) if namespace == vocab::QL => format!("is `ql:{near}` meant?"),
        Some(near) => format!("is `rml:{near}` meant?"),
        None => "CSV and JSONPath are read".to_owned(),
    }
}

// The first source that is read the same way; a view is one of its own.
fn first_same(mapping: &Mapping, number: usize) -> usize {
    let source = &mapping.sources[number];
    let is_same = |other: &LogicalSource| other.is_read_like(source);
    let before = mapping.sources[..number].iter().position(is_same);
    before.unwrap_or(number)
}

// A path that is written as `file://table.csv`: as an IRI it would name a machine. Others read it as a
// path too.
fn without_scheme(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("file:") else {
        return path;
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let is_whole = rest.starts_with('/') || rest.starts_with("localhost/") || rest.is_empty();
    if is_whole { path } else { rest }
}

fn push_source_error(error: &TableError, file: &Source, diagnostics: &mut Diagnostics) {
    let mut found = error.to_diagnostic();
    let place = &file.path.place;
    if error.is_missing() && found.help.is_none() && !iri::is_absolute(&file.path.value) {
        let name = file.path.value.trim_start_matches("./");
        let is_here = !name.is_empty() && Path::new(name).is_file();
        found.help = Some(if is_here {
            "there is one in the current folder, but paths begin in the folder of the mapping: `--source-dir .` takes that".to_owned()
        } else {
            "relative paths begin in the folder of the mapping, or in the one that `--source-dir` names".to_owned()
        });
    }
    if found.location.document.is_none() {
        found.location.document = Some(place.document.to_string());
        found.location.json_pointer = Some(element(place).pointer);
    }
    diagnostics.push(found);
}

// How a table is written down, as far as the mapping says.
//
// Spec: tabular-metadata §5.9
fn dialect(file: &Source, place: &Place, diagnostics: &mut Diagnostics) -> Option<Dialect> {
    let described = file.dialect.clone().unwrap_or_default();
    let mut dialect = Dialect::default();
    let CsvwDialect {
        delimiter,
        quote_char,
        double_quote,
        comment_prefix,
        encoding,
        header,
        header_row_count,
        skip_rows,
        skip_columns,
        skip_blank_rows,
        skip_initial_space,
        trim,
        line_terminators,
    } = described;
    let stated = file.encoding.as_ref().or(encoding.as_ref());
    if let Some(encoding) = stated {
        if !Dialect::knows_encoding(encoding) {
            diagnostics.push(
                Diagnostic::error(
                    "rml::encoding",
                    format!("`{encoding}` is not a character encoding that is known"),
                    place.location(),
                )
                .with_help("use a name such as `UTF-8`, `UTF-16` or `windows-1252`"),
            );
            return None;
        }
        dialect.encoding = encoding.to_ascii_lowercase();
    }
    // Tab-separated tables are what their name says.
    let is_tsv = Compression::split(&file.path.value)
        .0
        .to_ascii_lowercase()
        .ends_with(".tsv");
    if is_tsv {
        "\t".clone_into(&mut dialect.delimiter);
    }
    if let Some(delimiter) = delimiter {
        dialect.delimiter = match delimiter.as_str() {
            "\\t" => "\t".to_owned(),
            _ => delimiter,
        };
    }
    if let Some(quote) = quote_char {
        dialect.quote_char = quote.chars().next();
    }
    dialect.double_quote = double_quote.unwrap_or(dialect.double_quote);
    dialect.comment_prefix = comment_prefix.filter(|prefix| !prefix.is_empty());
    dialect.header_row_count = match (header_row_count, header) {
        (Some(count), _) => count,
        (None, Some(false)) => 0,
        _ => 1,
    };
    dialect.skip_rows = skip_rows.unwrap_or(0);
    dialect.skip_columns = skip_columns.unwrap_or(0);
    dialect.skip_blank_rows = skip_blank_rows.unwrap_or(false);
    dialect.trim = match trim.as_deref() {
        Some("true" | "1" | "both") => Trim::Both,
        Some("start") => Trim::Start,
        Some("end") => Trim::End,
        None if skip_initial_space == Some(true) => Trim::Start,
        _ => Trim::None,
    };
    if !line_terminators.is_empty() {
        dialect.line_terminators = line_terminators;
    }
    Some(dialect)
}
