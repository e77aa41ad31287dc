//! A graph as a file: sorted while it is small or where that is asked for, else as it comes.
//!
//! In: quads. Out: bytes of a [`Serializer`] or [`SortedWriter`]. Turtle and TriG are held until it is
//! known whether they are small.

use super::batch::Batch;
use super::serializer::Serializer;
use super::sort::SortError;
use super::sorted::SortedWriter;
use super::turtle::Layout;
use super::{Origin, QuadSink, SinkError};
use crate::rdf::prefixes::Prefixes;
use oxigraph::io::RdfFormat;
use oxrdf::QuadRef;
use std::io::Write;

/// How many bytes the terms of a graph may have to be written sorted, each counted as often as it
/// occurs: about half a million triples.
pub const MOST_SORTED: usize = 64 << 20;

/// How many quads are given back to the system at a time when a held graph is written.
const BATCH: usize = 65_536;

/// Writes a graph that may be large.
///
/// Memory: up to [`MOST_SORTED`] and 80 bytes a quad, then what the streaming layout holds.
pub struct GraphWriter<W: Write> {
    name: String,
    state: State<W>,
}

enum State<W: Write> {
    Held(Box<Held<W>>),
    Open(Serializer<W>),
    Sorted(SortedWriter<W>),
    /// What came before has failed.
    Failed,
}

/// A graph that may yet be small.
struct Held<W: Write> {
    name: String,
    format: RdfFormat,
    prefixes: Prefixes,
    writer: W,
    batches: Vec<Batch>,
    bytes: usize,
    most: usize,
}

impl<W: Write> GraphWriter<W> {
    /// Prepares to write; `name` is what errors call the output.
    ///
    /// # Errors
    /// When a namespace among the prefixes is not an IRI.
    pub fn new(
        name: &str,
        format: RdfFormat,
        prefixes: &Prefixes,
        writer: W,
    ) -> Result<Self, SinkError> {
        Self::up_to(MOST_SORTED, name, format, prefixes, writer)
    }

    /// Prepares to write sorted, however large the graph is, in `memory` bytes.
    ///
    /// # Errors
    /// When the format has no order.
    pub fn sorted(
        name: &str,
        format: RdfFormat,
        prefixes: &Prefixes,
        memory: usize,
        writer: W,
    ) -> Result<Self, SinkError> {
        let writer = SortedWriter::new(name, format, prefixes, memory, writer)?;
        Ok(Self {
            name: name.to_owned(),
            state: State::Sorted(writer),
        })
    }

    fn up_to(
        most: usize,
        name: &str,
        format: RdfFormat,
        prefixes: &Prefixes,
        writer: W,
    ) -> Result<Self, SinkError> {
        let has_layout = matches!(format, RdfFormat::Turtle | RdfFormat::TriG);
        let state = if has_layout {
            State::Held(Box::new(Held {
                name: name.to_owned(),
                format,
                prefixes: prefixes.clone(),
                writer,
                batches: Vec::new(),
                bytes: 0,
                most,
            }))
        } else {
            let layout = Layout::Streaming;
            State::Open(Serializer::new(name, format, layout, prefixes, writer)?)
        };
        Ok(Self {
            name: name.to_owned(),
            state,
        })
    }

    /// Writes one quad.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn write(&mut self, quad: QuadRef<'_>) -> Result<(), SinkError> {
        match &mut self.state {
            State::Open(writer) => return writer.write(quad),
            State::Sorted(writer) => return writer.write(quad),
            State::Held(held) => {
                held.push(quad);
                if held.bytes <= held.most {
                    return Ok(());
                }
            }
            State::Failed => return Err(failed(&self.name)),
        }
        if let State::Held(held) = std::mem::replace(&mut self.state, State::Failed) {
            self.state = State::Open(held.open(Layout::Streaming)?);
        }
        Ok(())
    }

    /// Writes what is left and gives the writer back; `go_on` is asked while it is sorted.
    ///
    /// # Errors
    /// When the bytes cannot be written, or could not before, or `go_on` says no.
    pub fn finish(self, go_on: &mut dyn FnMut() -> bool) -> Result<W, SortError> {
        match self.state {
            State::Held(held) => Ok(held.open(Layout::Grouped)?.finish()?),
            State::Open(writer) => Ok(writer.finish()?),
            State::Sorted(writer) => writer.finish(go_on),
            State::Failed => Err(failed(&self.name).into()),
        }
    }
}

fn failed(name: &str) -> SinkError {
    SinkError::Io {
        name: name.to_owned(),
        error: std::io::Error::other("a write before this one has failed"),
    }
}

impl<W: Write> Held<W> {
    fn push(&mut self, quad: QuadRef<'_>) {
        if self.batches.last().is_none_or(|last| last.len() >= BATCH) {
            self.batches.push(Batch::default());
        }
        if let Some(last) = self.batches.last_mut() {
            let before = last.bytes();
            last.push(quad);
            self.bytes += last.bytes() - before;
        }
    }

    fn open(self, layout: Layout) -> Result<Serializer<W>, SinkError> {
        let mut writer =
            Serializer::new(&self.name, self.format, layout, &self.prefixes, self.writer)?;
        for batch in self.batches {
            for quad in batch.iter() {
                writer.write(quad)?;
            }
        }
        Ok(writer)
    }
}

impl<W: Write> QuadSink for GraphWriter<W> {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.write(quad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::io::RdfParser;
    use oxrdf::Quad;

    // Not in order, and not by subject.
    const DATA: &str = "<http://e.org/b> <http://e.org/p> \"1\" .\n\
                        <http://e.org/a> <http://e.org/p> \"2\" .\n\
                        <http://e.org/b> <http://e.org/o> \"3\" .\n\
                        <http://e.org/a> <http://e.org/p> \"1\" <http://e.org/g> .\n";

    fn parse(format: RdfFormat, text: &str) -> Vec<Quad> {
        let parser = RdfParser::from_format(format);
        parser.for_slice(text).collect::<Result<_, _>>().unwrap()
    }

    fn write(most: usize, format: RdfFormat) -> String {
        let prefixes = Prefixes::well_known();
        let mut writer = GraphWriter::up_to(most, "test", format, &prefixes, Vec::new()).unwrap();
        for quad in parse(RdfFormat::NQuads, DATA) {
            writer.write(quad.as_ref()).unwrap();
        }
        String::from_utf8(writer.finish(&mut || true).unwrap()).unwrap()
    }

    #[test]
    fn a_graph_is_sorted_while_it_is_small_and_the_same_however_large() {
        let mut expected = parse(RdfFormat::NQuads, DATA);
        expected.sort_by_cached_key(ToString::to_string);
        // Nothing, some of it, all of it is held.
        for (most, sorted) in [(0, false), (50, false), (150, false), (1000, true)] {
            let text = write(most, RdfFormat::TriG);
            let mut found = parse(RdfFormat::TriG, &text);
            found.sort_by_cached_key(ToString::to_string);
            assert_eq!(found, expected, "{most}");
            assert_eq!(
                text.find("e.org/a") < text.find("e.org/b"),
                sorted,
                "{most}"
            );
        }
        assert_eq!(write(0, RdfFormat::NQuads), DATA);
    }
}
