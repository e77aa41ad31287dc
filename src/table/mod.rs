//! Source tables, row by row.
//!
//! In: the IRI of a table and its [`Dialect`]. Out: header and data [`Row`]s with their positions,
//! and [`Fault`]s of the text (quotes, bytes, blank lines). What the columns mean is for the
//! mapping and the engine.

mod address;
mod decompress;
pub mod dialect;
mod fault;
mod glob;
mod hits;
pub mod link;
mod parts;
pub mod reader;
mod record;
pub mod remote;
pub mod source;
pub mod split;
mod window;

pub(crate) use dialect::ENCODINGS;
pub use dialect::{Dialect, Trim};
pub use fault::{Fault, FaultKind};
pub use link::Link;
pub use reader::{Position, Row, TableReader};
pub use remote::NetworkPolicy;
pub(crate) use remote::tls;
pub use source::{Fetched, Mount, Sources, relative_to_current};
pub use split::{Cut, Splitter, State, Survey};

use crate::diagnostic::{Diagnostic, Location, nearest};
use decompress::Broken;
use parts::PartFault;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Why a table cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// There is no such file.
    #[error("no file {}`{}`", if glob::is_pattern(path) { "matches " } else { "" }, .path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
        /// A file beside it with a similar name.
        nearest: Option<String>,
    },
    /// The source would have to be fetched, which was not asked for.
    #[error("`{iri}` is not a local file, and the network is not used")]
    Remote {
        /// The IRI of the source.
        iri: String,
    },
    /// The source is neither a file nor something that can be fetched.
    #[error("`{iri}` is neither a local file nor an `http` or `https` address")]
    Scheme {
        /// The IRI of the source.
        iri: String,
    },
    /// The server is at an address that is not of the public internet.
    #[error("`{iri}` leads to {address}, which is not a public address")]
    PrivateAddress {
        /// The IRI of the source.
        iri: String,
        /// Where it leads, after redirects if there were any.
        address: IpAddr,
    },
    /// The server has no such document, or does not give it.
    #[error("the server of `{iri}` answers with status {status}")]
    Status {
        /// The IRI of the source.
        iri: String,
        /// The status of HTTP.
        status: u16,
    },
    /// One redirect leads to the next.
    #[error("`{iri}` is redirected more than {limit} times")]
    TooManyRedirects {
        /// The IRI of the source.
        iri: String,
        /// The greatest number.
        limit: u32,
    },
    /// What the server sends is larger than what is taken.
    #[error("`{iri}` is larger than {limit} bytes")]
    TooLarge {
        /// The IRI of the source.
        iri: String,
        /// The greatest size in bytes, decompressed.
        limit: u64,
        /// Whether it was asked for as metadata, which have a smaller limit.
        is_metadata: bool,
    },
    /// The server is too slow.
    #[error("`{iri}` takes too long: {step} lasted more than {} s", .limit.as_secs_f64())]
    TimedOut {
        /// The IRI of the source.
        iri: String,
        /// What was being done.
        step: &'static str,
        /// The longest time for that.
        limit: Duration,
    },
    /// The network or the server fails in another way.
    #[error("cannot fetch `{iri}`: {reason}")]
    Network {
        /// The IRI of the source.
        iri: String,
        /// The reason.
        reason: String,
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
    /// Files cannot be one table because of their encoding.
    #[error("the files of `{source_name}` cannot be one table in the encoding `{encoding}`")]
    PartEncoding {
        /// The files, as the user would name them.
        source_name: String,
        /// The encoding.
        encoding: String,
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
    /// A row has more cells than are held of it.
    #[error("a row has more than {limit} cells")]
    TooManyCells {
        /// The file.
        source_name: String,
        /// The line on which the row begins, counted from 1.
        line: u64,
        /// The greatest number of cells of a row.
        limit: usize,
    },
    /// There are more rows than can be counted where they are remembered.
    #[error("`{source_name}` has more than {limit} rows to be looked up")]
    TooManyRows {
        /// The file.
        source_name: String,
        /// The greatest number.
        limit: u64,
    },
    /// The document is not JSON.
    #[error("`{source_name}` is not JSON: {reason}")]
    NotJson {
        /// The file.
        source_name: String,
        /// The line at fault, counted from 1.
        line: u64,
        /// The byte of the line, counted from 1.
        column: u64,
        /// The reason.
        reason: String,
    },
    /// Records and values are looked for where nothing can be.
    #[error("`{path}` is not a JSONPath: {reason}")]
    JsonPath {
        /// The document, as the user would name it.
        source_name: String,
        /// What was to be looked for.
        path: String,
        /// The reason.
        reason: String,
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
    /// Whether the source is not there, which is no fault where it is only looked for.
    ///
    /// A file that is missing counts like status 404.
    ///
    /// Spec: tabular-data-model §5.3
    pub fn is_missing(&self) -> bool {
        self.status().is_some_and(|status| status < 500)
    }

    /// The status that a server answered with; 404 for files that are not there.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::NotFound { .. } => Some(404),
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Where it is.
    pub fn location(&self) -> Location {
        match self {
            Self::NotFound { path, .. } => Location::of_source(path.display().to_string()),
            Self::Remote { iri }
            | Self::Scheme { iri }
            | Self::PrivateAddress { iri, .. }
            | Self::Status { iri, .. }
            | Self::TooManyRedirects { iri, .. }
            | Self::TooLarge { iri, .. }
            | Self::TimedOut { iri, .. }
            | Self::Network { iri, .. } => Location::of_source(iri),
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
            Self::NotJson {
                source_name,
                line,
                column,
                ..
            } => Location {
                column: Some(*column),
                ..Location::of_source(source_name).at_line(*line)
            },
            Self::TooManyCells {
                source_name, line, ..
            } => Location::of_source(source_name).at_line(*line),
            Self::Io { source_name, error } => match (Broken::of(error), PartFault::of(error)) {
                (Some(broken), _) => {
                    let at = usize::try_from(broken.at).unwrap_or(usize::MAX - 1);
                    Location {
                        byte_span: Some(at..at + 1),
                        ..Location::of_source(source_name)
                    }
                }
                (_, Some(PartFault::Header { name, .. })) => Location::of_source(name),
                (_, Some(PartFault::Unreadable(error))) => error.location(),
                _ => Location::of_source(source_name),
            },
            Self::UnknownEncoding { source_name, .. }
            | Self::TooManyRows { source_name, .. }
            | Self::JsonPath { source_name, .. }
            | Self::PartEncoding { source_name, .. }
            | Self::Dialect { source_name, .. } => Location::of_source(source_name),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { nearest, .. } => nearest
                .as_ref()
                .map(|name| format!("there is a file `{name}` in the same folder")),
            Self::Remote { .. } => {
                Some("add `--allow-network`, or download it and give the file's name".to_owned())
            }
            Self::Scheme { .. } => Some("download it and give the file's name".to_owned()),
            Self::PrivateAddress { .. } => {
                Some("add `--allow-private-addresses` if you trust what names it".to_owned())
            }
            Self::Status { status, .. } => match status {
                404 | 410 => Some("look whether the address is right".to_owned()),
                401 | 403 | 407 => Some("what needs a login cannot be fetched".to_owned()),
                429 | 500.. => Some("try again later".to_owned()),
                _ => None,
            },
            Self::TooLarge {
                is_metadata: false, ..
            } => Some("raise the limit with `--max-download SIZE`".to_owned()),
            Self::TimedOut {
                step: remote::DOWNLOAD,
                ..
            } => Some("raise the limit with `--network-timeout SECONDS`".to_owned()),
            Self::TooManyRedirects { .. }
            | Self::TooLarge { .. }
            | Self::TimedOut { .. }
            | Self::Network { .. }
            | Self::NotJson { .. }
            | Self::JsonPath { .. }
            | Self::TooManyRows { .. } => None,
            Self::Io { error, .. } => match (Broken::of(error), PartFault::of(error)) {
                (Some(broken), _) => Some(broken.hint()),
                (_, Some(PartFault::Header { .. })) => Some(
                    "give the files the same header, or convert them as tables of their own"
                        .to_owned(),
                ),
                (_, Some(PartFault::Unreadable(error))) => error.hint(),
                _ => None,
            },
            Self::PartEncoding { .. } => Some("save the files as UTF-8".to_owned()),
            Self::NotUtf8 { .. } => Some("save the file as UTF-8".to_owned()),
            Self::UnknownEncoding { encoding, .. } => nearest(encoding, ENCODINGS)
            .map(|name| format!("did you mean `{name}`?")),
            Self::Dialect { .. } => Some("change the dialect in the metadata".to_owned()),
            Self::RowTooLong {
                is_quoted: true, ..
            } => Some("close the cell with a quote".to_owned()),
            Self::TooManyCells { .. } => Some(
                "is the `delimiter` in the metadata's dialect right? A table that wide cannot be read"
                    .to_owned(),
            ),
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
            Self::Scheme { .. } => "table::scheme",
            Self::PrivateAddress { .. } => "table::private-address",
            Self::Status { .. } => "table::http-status",
            Self::TooManyRedirects { .. } => "table::redirects",
            Self::TooLarge { .. } => "table::too-large",
            Self::TimedOut { .. } => "table::timeout",
            Self::Network { .. } => "table::network",
            Self::Io { error, .. } => match (Broken::of(error), PartFault::of(error)) {
                (Some(_), _) => "table::compression",
                (_, Some(PartFault::Header { .. })) => "table::other-header",
                (_, Some(PartFault::Unreadable(error))) => return error.to_diagnostic(),
                _ => "table::io",
            },
            Self::PartEncoding { .. } => "table::part-encoding",
            Self::NotUtf8 { .. } => "table::invalid-utf8",
            Self::UnknownEncoding { .. } => "table::unknown-encoding",
            Self::Dialect { .. } => "table::unsupported-dialect",
            Self::RowTooLong {
                is_quoted: true, ..
            } => "table::unclosed-quote",
            Self::RowTooLong { .. } => "table::row-too-long",
            Self::TooManyCells { .. } => "table::too-many-cells",
            Self::TooManyRows { .. } => "table::too-many-rows",
            Self::NotJson { .. } => "table::json",
            Self::JsonPath { .. } => "table::json-path",
        };
        let mut diagnostic = Diagnostic::error(code, self.to_string(), self.location());
        diagnostic.help = self.hint();
        diagnostic
    }
}
