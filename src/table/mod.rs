//! Source tables, row by row.
//!
//! In: the IRI of a table and its [`Dialect`]. Out: header and data [`Row`]s with their positions,
//! and [`Fault`]s of the text (quotes, bytes, blank lines). What the columns mean is for the
//! mapping and the engine.

pub mod dialect;
mod fault;
mod hits;
pub mod reader;
mod record;
pub mod source;
mod window;

pub use dialect::{Dialect, Trim};
pub use fault::{Fault, FaultKind};
pub use reader::{Row, TableReader};
pub use source::{Mount, Sources};

use crate::diagnostic::{Diagnostic, Location, nearest};
use std::path::PathBuf;

/// Why a table cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// There is no such file.
    #[error("no file `{}`", .path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
        /// A file beside it with a similar name.
        nearest: Option<String>,
    },
    /// The source is neither a file nor under a known prefix.
    #[error("`{iri}` is not a local file, and the network is not used")]
    Remote {
        /// The IRI of the source.
        iri: String,
    },
    /// The file cannot be read.
    #[error("cannot read `{source_name}`: {error}")]
    Io {
        /// The file, as the user would name it.
        source_name: String,
        /// The reason.
        #[source]
        error: std::io::Error,
    },
    /// The file is not text in UTF-8 where it has to be (metadata, queries).
    #[error("`{source_name}` is not valid UTF-8 at byte {offset}")]
    NotUtf8 {
        /// The file.
        source_name: String,
        /// The first wrong byte, counted from 0.
        offset: usize,
    },
    /// No decoder has this name.
    #[error("unknown encoding `{encoding}` of `{source_name}`")]
    UnknownEncoding {
        /// The file.
        source_name: String,
        /// The name given.
        encoding: String,
    },
    /// Nothing would tell cells or rows apart.
    #[error("`{property}` of `{source_name}`'s dialect is empty")]
    Dialect {
        /// The file.
        source_name: String,
        /// The dialect's property.
        property: &'static str,
    },
    /// A row has no end within the bytes that are held of it.
    #[error("{}", too_long(*line, *limit, *is_quoted))]
    RowTooLong {
        /// The file.
        source_name: String,
        /// The line on which the row begins or, where a quote is open, the line of that; counted
        /// from 1.
        line: u64,
        /// The code point of the line, counted from 1.
        column: u64,
        /// The greatest number of bytes of a row.
        limit: usize,
        /// Whether a quoted cell is open, which then begins at the place given.
        is_quoted: bool,
    },
}

fn too_long(line: u64, limit: usize, is_quoted: bool) -> String {
    let limit = if limit >= 1 << 20 {
        format!("{} MiB", limit >> 20)
    } else {
        format!("{limit} bytes")
    };
    if is_quoted {
        format!("the quote that opens on line {line} is not closed within {limit}")
    } else {
        format!("the row that begins on line {line} does not end within {limit}")
    }
}

impl TableError {
    /// Where it is.
    pub fn location(&self) -> Location {
        match self {
            Self::NotFound { path, .. } => Location::of_source(path.display().to_string()),
            Self::Remote { iri } => Location::of_source(iri),
            Self::NotUtf8 {
                source_name,
                offset,
            } => Location {
                byte_span: Some(*offset..*offset + 1),
                ..Location::of_source(source_name)
            },
            Self::RowTooLong {
                source_name,
                line,
                column,
                ..
            } => Location {
                column: Some(*column),
                ..Location::of_source(source_name).at_line(*line)
            },
            Self::Io { source_name, .. }
            | Self::UnknownEncoding { source_name, .. }
            | Self::Dialect { source_name, .. } => Location::of_source(source_name),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { nearest, .. } => nearest
                .as_ref()
                .map(|name| format!("there is a file `{name}` in the same folder")),
            Self::Remote { .. } => Some("download it and give the file's name".to_owned()),
            Self::Io { .. } => None,
            Self::NotUtf8 { .. } => Some("save the file as UTF-8".to_owned()),
            Self::UnknownEncoding { encoding, .. } => nearest(
                encoding,
                [
                    "utf-8",
                    "utf-16le",
                    "utf-16be",
                    "windows-1252",
                    "windows-1256",
                    "iso-8859-1",
                ],
            )
            .map(|name| format!("did you mean `{name}`?")),
            Self::Dialect { .. } => Some("change the dialect in the metadata".to_owned()),
            Self::RowTooLong {
                is_quoted: true, ..
            } => Some("close the cell with a quote".to_owned()),
            Self::RowTooLong { .. } => Some(
                "name what ends the rows as `lineTerminators` in the metadata's dialect".to_owned(),
            ),
        }
    }

    /// The same as a diagnostic.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let code = match self {
            Self::NotFound { .. } => "table::not-found",
            Self::Remote { .. } => "table::remote",
            Self::Io { .. } => "table::io",
            Self::NotUtf8 { .. } => "table::invalid-utf8",
            Self::UnknownEncoding { .. } => "table::unknown-encoding",
            Self::Dialect { .. } => "table::unsupported-dialect",
            Self::RowTooLong {
                is_quoted: true, ..
            } => "table::unclosed-quote",
            Self::RowTooLong { .. } => "table::row-too-long",
        };
        let mut diagnostic = Diagnostic::error(code, self.to_string(), self.location());
        diagnostic.help = self.hint();
        diagnostic
    }
}
