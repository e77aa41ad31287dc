//! Mapping documents on the command line.
//!
//! In: what a user names, paths. Out: of what [`Kind`] it is and, where it is RML, its text as a [`Document`]. What documents say is the
//! matter of the front ends.

use super::args::{
    BlankNodesArg, EmptyCellsArg, LexicalArg, MappingArgs, MissingColumnsArg, RelativeArg,
};
use super::exit::Failure;
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::engine::Severities;
use crate::mapping::rml;
use crate::mapping::rml::graph::MappingGraph;
use crate::mapping::rml::lower::EmptyCells;
use crate::mapping::rml::model::{Mapping, Vocabulary};
use crate::plan::Plan;
use crate::rdf::iri;
use crate::table::Sources;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The greatest size of a mapping document, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// What a mapping is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RML in Turtle, in either vocabulary.
    Rml,
    /// YARRRML.
    Yarrrml,
    /// CSVW metadata, or a table that has some.
    Csvw,
}

/// A mapping document that was read.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// What it is written in; never [`Kind::Csvw`].
    pub kind: Kind,
    /// As the user calls it.
    pub name: String,
    /// Its IRI.
    pub iri: String,
    /// The folder it stands in.
    pub folder: PathBuf,
    /// Its text.
    pub text: String,
}

/// The kind of a file: by the ending of its name, else by what stands at its beginning.
pub(crate) fn kind_of(file: &str) -> Kind {
    let name = file.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".yml", ".yaml", ".yarrrml"]) {
        return Kind::Yarrrml;
    }
    if ends(&[".ttl", ".rml", ".r2rml", ".turtle", ".n3", ".nt"]) {
        return Kind::Rml;
    }
    if ends(&[".json", ".csv", ".tsv", ".gz", ".zst"]) || super::action::is_url(file) {
        return Kind::Csvw;
    }
    kind_of_text(&beginning(Path::new(file)))
}

// What a text without a telling name looks like; a table, where it looks like nothing else.
fn kind_of_text(text: &str) -> Kind {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let is_turtle = |line: &str| {
        let line = line.to_ascii_lowercase();
        ["@prefix", "@base", "prefix ", "base <"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let is_yarrrml = |line: &str| {
        ["prefixes:", "mappings:", "mapping:", "sources:", "base:"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    match lines.next() {
        Some(line) if is_turtle(line) => Kind::Rml,
        Some(line) if is_yarrrml(line) => Kind::Yarrrml,
        _ => Kind::Csvw,
    }
}

fn beginning(path: &Path) -> String {
    let mut bytes = Vec::new();
    // A pipe is read once.
    if path.is_file()
        && !path.starts_with("/dev")
        && let Ok(file) = std::fs::File::open(path)
    {
        // What cannot be read is told by who reads it in full.
        drop(file.take(4096).read_to_end(&mut bytes));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether all files are mappings in RML or YARRRML; else all are for CSVW.
///
/// # Errors
/// When some are and some are not (`cli::kinds`).
pub(crate) fn are_mappings(files: &[String]) -> Result<bool, Failure> {
    let mut kinds = files.iter().map(|file| kind_of(file) != Kind::Csvw);
    let first = kinds.next().unwrap_or_default();
    if kinds.all(|kind| kind == first) {
        return Ok(first);
    }
    Err(Diagnostic::error(
        "cli::kinds",
        "CSVW metadata and mappings in RML do not make one mapping",
        Location::default(),
    )
    .with_help("take them one by one")
    .into())
}

/// Refuses mappings where tables and their metadata are expected.
///
/// # Errors
/// When a file is one by its name or beginning (`cli::kinds`).
pub(crate) fn refuse_mappings(files: &[String]) -> Result<(), Failure> {
    let Some(file) = files.iter().find(|file| kind_of(file) != Kind::Csvw) else {
        return Ok(());
    };
    let name = file.as_str();
    Err(Diagnostic::error(
        "cli::kinds",
        "a mapping is not a table",
        Location::of_source(name),
    )
    .with_help(format!(
        "write `--mapping {name}` to convert by it, or give a table a name that ends in `.csv`"
    ))
    .into())
}

/// Reads a mapping document; `-` is standard input.
///
/// # Errors
/// When it cannot be read (`rml::io`), is larger than 16 MiB (`rml::too-large`) or is not UTF-8 (`rml::encoding`).
pub(crate) fn read(file: &str, kind: Kind) -> Result<Document, Failure> {
    let fail = |code, message: String, help: &str| {
        let diagnostic = Diagnostic::error(code, message, Location::of_source(file));
        Failure::from(diagnostic.with_help(help))
    };
    let path = Path::new(if file == "-" { "/dev/stdin" } else { file });
    let io = |error: std::io::Error| {
        let message = format!("the mapping cannot be read: {error}");
        fail("rml::io", message, "name a file that is there")
    };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if metadata.is_dir() {
        let message = "the mapping is a folder".to_owned();
        let help = "name the files in it, each with a `--mapping` of its own";
        return Err(fail("rml::io", message, help));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).map_err(io)?;
    let mut opened = opened.take(MOST_BYTES + 1);
    opened.read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("the mapping is larger than {} MiB", MOST_BYTES >> 20);
        return Err(fail("rml::too-large", message, "cut it into several files"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = format!("the mapping is not UTF-8: byte {at}");
        fail("rml::encoding", message, "save it in UTF-8")
    })?;
    let absolute = std::path::absolute(path).map_err(io)?;
    if !metadata.is_file() || path.starts_with("/dev") {
        // What is piped in has neither a name that tells its kind nor a folder.
        return Ok(Document {
            kind: match kind_of_text(&text) {
                Kind::Csvw => kind,
                told => told,
            },
            name: file.to_owned(),
            iri: iri::from_path(&absolute),
            folder: std::env::current_dir().map_err(io)?,
            text,
        });
    }
    Ok(Document {
        kind,
        name: file.to_owned(),
        iri: iri::from_path(&absolute),
        folder: absolute.parent().unwrap_or(&absolute).to_owned(),
        text,
    })
}

/// Reads mapping documents, which may be of both kinds, as one mapping; nothing where they are beyond use,
/// which the diagnostics say.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn read_all(
    files: &[String],
    diagnostics: &mut Diagnostics,
) -> Result<(Option<Mapping>, Vec<Document>), Failure> {
    read_watched(files, diagnostics, &mut |_, _| {})
}

/// Reads as [`read_all`] does, and shows the statements of what is in Turtle once all that reading them
/// tells was told.
///
/// # Errors
/// When one cannot be read.
pub(crate) fn read_watched(
    files: &[String],
    diagnostics: &mut Diagnostics,
    watch: &mut dyn FnMut(&MappingGraph, &mut Diagnostics),
) -> Result<(Option<Mapping>, Vec<Document>), Failure> {
    let mut documents = Vec::new();
    let mut known = Vec::new();
    for file in files {
        let place = super::places::identity(Path::new(file));
        if known.contains(&place) {
            diagnostics.push(Diagnostic::warning(
                "rml::mapping-twice",
                "the mapping is named twice; it is read once",
                Location::of_source(file),
            ));
            continue;
        }
        known.push(place);
        let kind = match kind_of(file) {
            // A name says little where the option says that it is a mapping.
            Kind::Csvw => Kind::Rml,
            kind => kind,
        };
        documents.push(read(file, kind)?);
    }
    let of = |kind: Kind| -> Vec<rml::graph::Document> {
        let chosen = documents.iter().filter(|document| document.kind == kind);
        chosen
            .map(|document| rml::graph::Document {
                name: document.name.clone(),
                iri: document.iri.clone(),
                text: document.text.clone(),
            })
            .collect()
    };
    let turtle = of(Kind::Rml);
    let errors = diagnostics.errors();
    let mut mapping = None;
    if !turtle.is_empty() {
        mapping = MappingGraph::parse(&turtle, diagnostics).and_then(|graph| {
            let mapping = rml::read::read(&graph, diagnostics);
            watch(&graph, diagnostics);
            mapping
        });
    }
    let yaml = of(Kind::Yarrrml);
    if !yaml.is_empty()
        && let Some(more) = rml::yarrrml::read(&yaml, diagnostics)
    {
        match &mut mapping {
            Some(mapping) => mapping.append(more),
            None => mapping = Some(more),
        }
    }
    let is_sound = diagnostics.errors() == errors;
    Ok((mapping.filter(|_| is_sound), documents))
}

/// Lowers a mapping by the options of the command line.
pub(crate) fn lower(
    mapping: &Mapping,
    documents: &[Document],
    args: &MappingArgs,
    base: Option<&str>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Plan> {
    let options = options(documents, args, base);
    rml::lower::lower(mapping, sources, &options, diagnostics)
}

/// What the command line says of what mappings leave open.
pub(crate) fn options(
    documents: &[Document],
    args: &MappingArgs,
    base: Option<&str>,
) -> rml::lower::Options {
    rml::lower::Options {
        base: base.unwrap_or_default().to_owned(),
        folders: documents
            .iter()
            .map(|document| (document.name.clone(), document.folder.clone()))
            .collect(),
        source_dir: args.source_dir.clone(),
        target_dir: args.target_dir.clone(),
        empty_cells: match args.empty_cells {
            None => EmptyCells::AsMapped,
            Some(EmptyCellsArg::Null) => EmptyCells::Null,
            Some(EmptyCellsArg::Text) => EmptyCells::Text,
        },
        missing_columns_are_null: args.missing_columns == Some(MissingColumnsArg::Null),
        fills_rows: args.ragged_rows == Some(MissingColumnsArg::Null),
        resolves_relative: args.relative_iris == Some(RelativeArg::Resolve),
        makes_canonical: args.lexical_forms == Some(LexicalArg::Canonical),
        shares_blank_nodes: args.blank_nodes != Some(BlankNodesArg::PerMap),
    }
}

/// How bad what is wrong with rows is: an IRI that is none fails the run, but in the older vocabulary, of
/// which engines leave such statements out.
pub(crate) fn severities(mapping: &Mapping) -> Severities {
    let is_old = |source: &rml::model::LogicalSource| source.vocabulary == Vocabulary::Legacy;
    Severities {
        cell: if mapping.sources.iter().all(is_old) {
            Severity::Warning
        } else {
            Severity::Error
        },
        ..Severities::CONVERT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_endings() {
        for (file, kind) in [
            ("a/mapping.yml", Kind::Yarrrml),
            ("mapping.YARRRML", Kind::Yarrrml),
            ("mapping.rml.ttl", Kind::Rml),
            ("mapping.r2rml", Kind::Rml),
            ("csv-metadata.json", Kind::Csvw),
            ("cities.csv", Kind::Csvw),
            ("https://example.org/mapping.json", Kind::Csvw),
        ] {
            assert_eq!(kind_of(file), kind, "{file}");
        }
    }

    #[test]
    fn kinds_are_told_by_beginnings() {
        for (text, kind) in [
            (
                "# a comment\n\n@prefix rml: <http://w3id.org/rml/> .\n",
                Kind::Rml,
            ),
            ("PREFIX rml: <http://w3id.org/rml/>\n", Kind::Rml),
            ("prefixes:\n  ex: http://example.org/\n", Kind::Yarrrml),
            ("{ \"url\": \"cities.csv\" }", Kind::Csvw),
            ("id,name\n1,a\n", Kind::Csvw),
        ] {
            assert_eq!(kind_of_text(text), kind, "{text}");
        }
    }
}
