//! Where quads go: serializers, the store, counters.
//!
//! In: quads one at a time, each with its [`Origin`]. Out: bytes or a filled store. Sinks know
//! nothing of tables but the numbers in an origin.

pub(crate) mod batch;
pub mod compress;
pub mod escape;
pub mod file;
pub mod graph;
pub mod json;
pub mod merge;
pub(crate) mod pack;
pub mod part;
pub mod rdf_json;
pub mod serializer;
pub mod sort;
pub mod sorted;
pub(crate) mod spill;
pub mod store;
pub mod target;
pub mod turtle;

use oxrdf::QuadRef;

/// Which row and rule made a quad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The table, as an index into the plan's scans; nothing for constants.
    pub scan: Option<usize>,
    /// The rule, as an index into the scan's rules.
    pub rule: usize,
    /// The data row, counted from 1.
    pub row_number: u64,
    /// The row of the source, counted from 1.
    pub source_row: u64,
    /// The line on which the row begins, counted from 1.
    pub line: u64,
}

/// Why quads cannot be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The output cannot be written.
    #[error("cannot write `{name}`: {error}")]
    Io {
        /// The output, as the user would name it.
        name: String,
        /// The reason.
        #[source]
        error: std::io::Error,
    },
    /// What was written before cannot be read.
    #[error("cannot read `{name}`: {error}")]
    Read {
        /// The file, as the user would name it.
        name: String,
        /// The reason.
        #[source]
        error: std::io::Error,
    },
    /// The format has no way to say it.
    #[error("{format} cannot hold {what}")]
    NotRepresentable {
        /// The format.
        format: &'static str,
        /// What it cannot hold.
        what: String,
    },
    /// The store fails.
    #[error("the store fails: {0}")]
    Store(#[from] oxigraph::store::StorageError),
}

impl SinkError {
    /// Whether the reader at the other end of a pipe has gone, which is no fault.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io { error, .. } if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

/// Takes quads.
pub trait QuadSink {
    /// Takes one quad. The same quad may come more than once.
    ///
    /// # Errors
    /// When it cannot be written or stored.
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError>;
}

/// Sends quads to two sinks.
#[derive(Debug)]
pub struct Tee<A, B>(pub A, pub B);

impl<A: QuadSink, B: QuadSink> QuadSink for Tee<A, B> {
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError> {
        self.0.push(quad, origin)?;
        self.1.push(quad, origin)
    }
}

impl<S: QuadSink + ?Sized> QuadSink for &mut S {
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError> {
        (**self).push(quad, origin)
    }
}

/// A sink that may be left out.
impl<S: QuadSink> QuadSink for Option<S> {
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError> {
        match self {
            Some(sink) => sink.push(quad, origin),
            None => Ok(()),
        }
    }
}

/// Takes quads and forgets them: for a run that only checks.
#[derive(Debug, Default, Clone, Copy)]
pub struct Discard;

impl QuadSink for Discard {
    fn push(&mut self, _: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        Ok(())
    }
}

/// A function as a sink.
pub struct EachQuad<F>(pub F);

impl<F: FnMut(QuadRef<'_>, &Origin)> QuadSink for EachQuad<F> {
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError> {
        (self.0)(quad, origin);
        Ok(())
    }
}
