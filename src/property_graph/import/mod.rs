//! An export of a property graph, read back through its map of names as the quads that it was made of.
//!
//! In: the files of any [`Format`], and the [`NameMap`] beside them. Out: quads, the same to the letter
//! as those that were exported. What is not as `export` writes it is an error and never passed over.
//!
//! One reader for each format makes nodes and relationships, and `Quads` makes statements of them.
//!
//! Memory: one node or relationship at a time, of a Cypher script the rows of one statement; none over
//! 256 MiB. Nothing is kept of what was read.

mod csv;
mod cypher;
mod falkordb;
mod graphml;
mod jsonl;
mod kuzu;
mod lines;
mod neo4j;
mod neptune;
mod quads;
mod tables;

use super::map::VERSION;
use super::{Format, NameMap};
use crate::sink::{QuadSink, SinkError};
use quads::Quads;
use std::io::{self, BufRead};

/// Why an export cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file cannot be read.
    #[error("cannot read `{file}`: {error}")]
    Io {
        /// The file, as the map names it.
        file: String,
        /// The reason.
        #[source]
        error: io::Error,
    },
    /// A file is not what the format has.
    #[error("`{file}`, line {line}: {reason}")]
    Content {
        /// The file, as the map names it.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The column in code points, counted from 1, where it is known.
        column: Option<u64>,
        /// What is wrong.
        reason: String,
    },
    /// The files are not those that the map was written with.
    #[error("{0}")]
    Incomplete(String),
    /// The map does not say what the format needs.
    #[error("{0}")]
    Names(String),
    /// The map is of another version.
    #[error("the map of names has version {0}, which this program does not know")]
    Version(u32),
    /// The quads cannot be taken.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Opens the files of an export by their names.
pub type Open<'o> = &'o mut dyn FnMut(&str) -> io::Result<Box<dyn BufRead>>;

/// Reads an export; `name` is the file where it is one, as `open` knows it.
///
/// What the map counts is counted again at the end, so that files that end too early are told from
/// whole ones: quads that came before are to be thrown away when this fails.
///
/// # Errors
/// When a file cannot be read, is not what the format has, has a name that the map does not know, a
/// value that its property cannot have, or when something is missing.
pub fn import(
    map: &NameMap,
    name: &str,
    open: Open<'_>,
    sink: &mut dyn QuadSink,
) -> Result<(), ImportError> {
    if map.version != VERSION {
        return Err(ImportError::Version(map.version));
    }
    let files = map.node_files.iter().chain(&map.relationship_files);
    if let Some(file) = files.into_iter().find(|file| !is_plain(file)) {
        let reason = format!("`{file}` is no name of a file in the folder of an export");
        return Err(ImportError::Names(reason));
    }
    let mut quads = Quads::new(map, sink);
    match map.format {
        Format::Jsonl => jsonl::read(name, open, &mut quads)?,
        Format::Cypher => cypher::read(name, open, &mut quads)?,
        Format::Graphml => graphml::read(name, open, &mut quads)?,
        Format::Neo4jCsv => neo4j::read(open, &mut quads)?,
        Format::NeptuneCsv => neptune::read(open, &mut quads)?,
        Format::Kuzu | Format::Ladybug => kuzu::read(open, &mut quads)?,
        Format::FalkordbCsv => falkordb::read(open, &mut quads)?,
    }
    quads.finish()
}

/// Whether a name leads to a file of the folder and nowhere else.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != ".." && !name.contains(['/', '\\', '\0'])
}
