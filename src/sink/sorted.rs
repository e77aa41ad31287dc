//! A graph as a file, sorted and without doubles, however large it is.
//!
//! In: quads. Out: lines of N-Triples or N-Quads in the order of their bytes, or Turtle or TriG in the
//! layout of [`Layout::Grouped`], in bounded memory.

use super::serializer::Serializer;
use super::sort::{LineSorter, SortError};
use super::turtle::{Layout, Syntax, TurtleSorter};
use super::{Origin, QuadSink, SinkError};
use crate::rdf::prefixes::Prefixes;
use oxigraph::io::RdfFormat;
use oxrdf::QuadRef;
use std::io::Write;

/// Writes a graph sorted.
///
/// Memory: what [`SortedWriter::new`] is given.
pub struct SortedWriter<W: Write> {
    name: String,
    quads: Quads,
    writer: W,
}

enum Quads {
    Lines(Box<Serializer<LineSorter>>),
    Turtle(Box<TurtleSorter>),
}

/// Whether a format has an order.
pub fn is_sortable(format: RdfFormat) -> bool {
    matches!(
        format,
        RdfFormat::NTriples | RdfFormat::NQuads | RdfFormat::Turtle | RdfFormat::TriG
    )
}

impl<W: Write> SortedWriter<W> {
    /// Prepares to write; `name` is what errors call the output, `memory` how many bytes are held at
    /// most before a temporary file is used.
    ///
    /// # Errors
    /// When the format has no order.
    pub fn new(
        name: &str,
        format: RdfFormat,
        prefixes: &Prefixes,
        memory: usize,
        writer: W,
    ) -> Result<Self, SinkError> {
        let turtle = |syntax| {
            let sorter = TurtleSorter::new(prefixes.clone(), syntax, memory);
            Quads::Turtle(Box::new(sorter))
        };
        let quads = match format {
            RdfFormat::Turtle => turtle(Syntax::Turtle),
            RdfFormat::TriG => turtle(Syntax::TriG),
            format if is_sortable(format) => {
                let lines = LineSorter::new(memory);
                let layout = Layout::Streaming;
                Quads::Lines(Box::new(Serializer::new(
                    name, format, layout, prefixes, lines,
                )?))
            }
            format => {
                return Err(SinkError::NotRepresentable {
                    format: format.name(),
                    what: "an order of its statements".to_owned(),
                });
            }
        };
        Ok(Self {
            name: name.to_owned(),
            quads,
            writer,
        })
    }

    /// Takes one quad; where the format knows no graphs, its triple.
    ///
    /// # Errors
    /// When it cannot be kept in a temporary file.
    pub fn write(&mut self, quad: QuadRef<'_>) -> Result<(), SinkError> {
        match &mut self.quads {
            Quads::Lines(lines) => lines.write(quad),
            Quads::Turtle(turtle) => turtle.push(quad).map_err(|error| SinkError::Io {
                name: self.name.clone(),
                error,
            }),
        }
    }

    /// Writes all and gives the writer back; `go_on` is asked from time to time.
    ///
    /// # Errors
    /// When the output or the temporary file fails, or `go_on` says no.
    pub fn finish(mut self, go_on: &mut dyn FnMut() -> bool) -> Result<W, SortError> {
        match self.quads {
            Quads::Lines(lines) => lines
                .finish()?
                .finish(&mut self.writer, &self.name, go_on)?,
            Quads::Turtle(turtle) => turtle.finish(&mut self.writer, &self.name, go_on)?,
        }
        Ok(self.writer)
    }
}

impl<W: Write> QuadSink for SortedWriter<W> {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.write(quad)
    }
}
