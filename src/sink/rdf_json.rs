//! RDF/JSON: a graph as an object of subjects.
//!
//! In: quads of the default graph. Out: JSON in which each subject and each of its predicates stands
//! once, sorted by the bytes they have as JSON strings, each statement once.
//!
//! Memory: what [`RdfJsonWriter::new`] is given; beyond it statements are sorted in a temporary file.
//!
//! Spec: RDF/JSON §2, §3

use super::sort::{SortError, Sorter};
use super::{Origin, QuadSink, SinkError};
use oxrdf::vocab::xsd;
use oxrdf::{GraphNameRef, NamedOrBlankNodeRef, QuadRef, TermRef};
use std::io::{self, Write};

/// The name of the format, for messages.
const NAME: &str = "RDF/JSON";

/// Writes a graph as RDF/JSON.
///
/// # Examples
///
/// ```
/// use coalition_kg::sink::rdf_json::RdfJsonWriter;
/// use oxrdf::{GraphNameRef, LiteralRef, NamedNodeRef, QuadRef};
///
/// let about = NamedNodeRef::new("http://example.org/about")?;
/// let title = NamedNodeRef::new("http://purl.org/dc/terms/title")?;
/// let name = LiteralRef::new_simple_literal("Anna's Homepage");
/// let mut writer = RdfJsonWriter::new("about.rj", 1 << 20, Vec::new());
/// writer.write(QuadRef::new(about, title, name, GraphNameRef::DefaultGraph))?;
/// assert_eq!(
///     String::from_utf8(writer.finish(&mut || true)?)?,
///     "{\n  \"http://example.org/about\": {\n    \"http://purl.org/dc/terms/title\": [\n      \
///      {\"type\": \"literal\", \"value\": \"Anna's Homepage\"}\n    ]\n  }\n}\n"
/// );
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "the output is complete only after `finish`"]
pub struct RdfJsonWriter<W: Write> {
    name: String,
    sorter: Sorter,
    record: Vec<u8>,
    writer: W,
}

impl<W: Write> RdfJsonWriter<W> {
    /// Prepares to write; `name` is what errors call the output, `memory` how many bytes are held at
    /// most before a temporary file is used.
    pub fn new(name: &str, memory: usize, writer: W) -> Self {
        Self {
            name: name.to_owned(),
            sorter: Sorter::new(memory),
            record: Vec::new(),
            writer,
        }
    }

    /// Takes one quad.
    ///
    /// # Errors
    /// When it is of a named graph, or cannot be kept in a temporary file.
    pub fn write(&mut self, quad: QuadRef<'_>) -> Result<(), SinkError> {
        if quad.graph_name != GraphNameRef::DefaultGraph {
            return Err(not_representable(format!(
                "the named graph {}",
                quad.graph_name
            )));
        }
        // A record is the JSON of the parts with zeros between them, which JSON never holds.
        self.record.clear();
        let record = &mut self.record;
        match quad.subject {
            NamedOrBlankNodeRef::NamedNode(node) => string(record, node.as_str()),
            NamedOrBlankNodeRef::BlankNode(node) => string(record, &node.to_string()),
        }
        record.push(0);
        string(record, quad.predicate.as_str());
        record.push(0);
        if let TermRef::NamedNode(node) = quad.object {
            record.extend_from_slice(b"{\"type\": \"uri\", \"value\": ");
            string(record, node.as_str());
        } else if let TermRef::BlankNode(node) = quad.object {
            record.extend_from_slice(b"{\"type\": \"bnode\", \"value\": ");
            string(record, &node.to_string());
        } else if let TermRef::Literal(literal) = quad.object {
            record.extend_from_slice(b"{\"type\": \"literal\", \"value\": ");
            string(record, literal.value());
            if let Some(language) = literal.language() {
                record.extend_from_slice(b", \"lang\": ");
                string(record, language);
            } else if literal.datatype() != xsd::STRING {
                record.extend_from_slice(b", \"datatype\": ");
                string(record, literal.datatype().as_str());
            }
        } else {
            return Err(not_representable(format!("the term {}", quad.object)));
        }
        record.push(b'}');
        let pushed = self.sorter.push(&self.record);
        pushed.map_err(|error| self.error(error))
    }

    /// Writes all and gives the writer back; `go_on` is asked from time to time.
    ///
    /// # Errors
    /// When the output or the temporary file fails, or `go_on` says no.
    pub fn finish(mut self, go_on: &mut dyn FnMut() -> bool) -> Result<W, SortError> {
        let mut layout = Layout::default();
        let writer = &mut self.writer;
        let given = self
            .sorter
            .finish(go_on, &mut |record| layout.put(record, writer));
        let given = given.and_then(|given| {
            layout.end(writer)?;
            Ok(given)
        });
        match given {
            Ok(Some(())) => Ok(self.writer),
            Ok(None) => Err(SortError::Cancelled),
            Err(error) => Err(SinkError::Io {
                name: self.name,
                error,
            }
            .into()),
        }
    }

    fn error(&self, error: io::Error) -> SinkError {
        SinkError::Io {
            name: self.name.clone(),
            error,
        }
    }
}

impl<W: Write> QuadSink for RdfJsonWriter<W> {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.write(quad)
    }
}

fn not_representable(what: String) -> SinkError {
    SinkError::NotRepresentable { format: NAME, what }
}

fn string(record: &mut Vec<u8>, text: &str) {
    // A string is always JSON, and memory takes it.
    drop(serde_json::to_writer(record, text));
}

// What stands before a record and behind the one before it.
#[derive(Default)]
struct Layout {
    subject: Vec<u8>,
    predicate: Vec<u8>,
}

impl Layout {
    fn put(&mut self, record: &[u8], out: &mut impl Write) -> io::Result<()> {
        let mut parts = record.split(|byte| *byte == 0);
        let mut part = || parts.next().unwrap_or_default();
        let (subject, predicate, object) = (part(), part(), part());
        if subject != self.subject {
            out.write_all(if self.subject.is_empty() {
                b"{\n  "
            } else {
                b"\n    ]\n  },\n  "
            })?;
            out.write_all(subject)?;
            out.write_all(b": {\n    ")?;
        } else if predicate != self.predicate {
            out.write_all(b"\n    ],\n    ")?;
        } else {
            out.write_all(b",\n      ")?;
            return out.write_all(object);
        }
        subject.clone_into(&mut self.subject);
        predicate.clone_into(&mut self.predicate);
        out.write_all(predicate)?;
        out.write_all(b": [\n      ")?;
        out.write_all(object)
    }

    fn end(&self, out: &mut impl Write) -> io::Result<()> {
        let is_empty = self.subject.is_empty();
        out.write_all(if is_empty {
            b"{}\n"
        } else {
            b"\n    ]\n  }\n}\n"
        })
    }
}
