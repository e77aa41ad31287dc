//! Turtle and TriG for people: compact IRIs, one block a subject, diffs that can be read.
//!
//! In: quads, one by one. Out: UTF-8 text on a writer, by one of two [`Layout`]s: sorted as a whole,
//! or as the quads come in bounded memory. Lexical forms, language tags and blank node labels are
//! written as given. Other formats are left to oxigraph's serializers; what to write is the
//! business of the callers.

mod blocks;
mod grouped;
mod sorted;
mod streaming;
mod term;

#[cfg(test)]
mod tests;

pub use sorted::TurtleSorter;
pub use term::{Bare, write_term};

use crate::rdf::prefixes::Prefixes;
use grouped::Grouped;
use oxrdf::{GraphNameRef, QuadRef, TripleRef};
use std::io::{self, Write};
use streaming::Streaming;

/// How the statements are put in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// Sorted and without doubles: graphs, then subjects (IRIs as written, blank nodes last), then
    /// predicates (`a` first), then objects. Holds each term once and four numbers a quad.
    #[default]
    Grouped,
    /// In the order of arrival; only neighbours with the same subject (and predicate) share a
    /// block. Holds the first [`PREFIX_WINDOW`] quads, to declare the prefixes they need at the
    /// top; a prefix first needed later is declared before the block that needs it.
    Streaming,
}

/// How many quads [`Layout::Streaming`] reads ahead for the prefixes at the top.
pub const PREFIX_WINDOW: usize = 4096;

/// Which language is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Syntax {
    /// Turtle 1.1: a single graph; a quad of a named graph is refused.
    #[default]
    Turtle,
    /// TriG 1.1: the default graph first, then a `{ … }` block for each named graph.
    TriG,
}

impl Syntax {
    // Turtle has no named graphs.
    fn check(self, quad: QuadRef<'_>) -> io::Result<()> {
        if self == Self::Turtle && quad.graph_name != GraphNameRef::DefaultGraph {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("Turtle cannot hold the named graph {}", quad.graph_name),
            ));
        }
        Ok(())
    }
}

/// Configures Turtle or TriG output; [`for_writer`](Self::for_writer) begins it.
///
/// # Examples
///
/// ```
/// use coalition_kg::rdf::prefixes::Prefixes;
/// use coalition_kg::sink::turtle::TurtleWriter;
/// use oxrdf::vocab::rdf;
/// use oxrdf::{LiteralRef, NamedNodeRef, TripleRef};
///
/// let mut prefixes = Prefixes::well_known();
/// prefixes.insert("id", "https://example.org/id/")?;
/// let iraq = NamedNodeRef::new("https://example.org/id/state-IRQ")?;
/// let state = NamedNodeRef::new("https://example.org/id/State")?;
/// let label = NamedNodeRef::new("http://www.w3.org/2004/02/skos/core#prefLabel")?;
///
/// let mut turtle = TurtleWriter::new(prefixes).for_writer(Vec::new());
/// let name = LiteralRef::new_language_tagged_literal_unchecked("العراق", "ar");
/// turtle.push_triple(TripleRef::new(iraq, label, name))?;
/// turtle.push_triple(TripleRef::new(iraq, rdf::TYPE, state))?;
/// assert_eq!(
///     String::from_utf8(turtle.finish()?)?,
///     "@prefix id: <https://example.org/id/> .\n\
///      @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\
///      \n\
///      id:state-IRQ a id:State ;\n    skos:prefLabel \"العراق\"@ar .\n"
/// );
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct TurtleWriter {
    prefixes: Prefixes,
    layout: Layout,
    syntax: Syntax,
}

impl TurtleWriter {
    /// A writer of [`Layout::Grouped`] Turtle that may use these prefixes; only those that occur
    /// are declared.
    pub fn new(prefixes: Prefixes) -> Self {
        Self {
            prefixes,
            ..Self::default()
        }
    }

    /// Sets how the statements are put in order.
    pub fn with_layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// Sets which language is written.
    pub fn with_syntax(mut self, syntax: Syntax) -> Self {
        self.syntax = syntax;
        self
    }

    /// Begins the output. Writes are small: give a buffered writer.
    pub fn for_writer<W: Write>(self, writer: W) -> TurtleQuads<W> {
        TurtleQuads {
            syntax: self.syntax,
            state: match self.layout {
                Layout::Grouped => State::Grouped(Grouped::new(self.prefixes, writer)),
                Layout::Streaming => {
                    State::Streaming(Box::new(Streaming::new(self.prefixes, writer)))
                }
            },
        }
    }
}

/// Takes quads and writes them as Turtle or TriG; made by [`TurtleWriter::for_writer`].
#[derive(Debug)]
#[must_use = "the output is complete only after `finish`"]
pub struct TurtleQuads<W: Write> {
    syntax: Syntax,
    state: State<W>,
}

#[derive(Debug)]
enum State<W: Write> {
    Grouped(Grouped<W>),
    Streaming(Box<Streaming<W>>),
}

impl<W: Write> TurtleQuads<W> {
    /// Adds a quad.
    ///
    /// # Errors
    ///
    /// If writing fails, or if the quad is of a named graph and the syntax is Turtle
    /// ([`io::ErrorKind::InvalidInput`]).
    pub fn push<'a>(&mut self, quad: impl Into<QuadRef<'a>>) -> io::Result<()> {
        let quad = quad.into();
        self.syntax.check(quad)?;
        match &mut self.state {
            State::Grouped(grouped) => {
                grouped.push(quad);
                Ok(())
            }
            State::Streaming(streaming) => streaming.push(quad),
        }
    }

    /// Adds a triple of the default graph.
    ///
    /// # Errors
    ///
    /// If writing fails.
    pub fn push_triple<'a>(&mut self, triple: impl Into<TripleRef<'a>>) -> io::Result<()> {
        self.push(triple.into().in_graph(GraphNameRef::DefaultGraph))
    }

    /// Writes what is left and gives the writer back, flushed. The text ends with one newline,
    /// or is empty if there was no quad.
    ///
    /// # Errors
    ///
    /// If writing fails.
    pub fn finish(self) -> io::Result<W> {
        let mut writer = match self.state {
            State::Grouped(grouped) => grouped.finish()?,
            State::Streaming(streaming) => streaming.finish()?,
        };
        writer.flush()?;
        Ok(writer)
    }
}
