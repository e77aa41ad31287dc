//! Writes quads in any RDF format.
//!
//! In: quads and a format. Out: bytes. Turtle and TriG are written by `turtle`, the other formats
//! by oxigraph's serializers.

use super::turtle::{Layout, Syntax, TurtleQuads, TurtleWriter};
use super::{Origin, QuadSink, SinkError};
use crate::compression::Compression;
use crate::rdf::prefixes::Prefixes;
use oxigraph::io::{
    JsonLdProfile, JsonLdProfileSet, RdfFormat, RdfSerializer, WriterQuadSerializer,
};
use oxrdf::{GraphNameRef, QuadRef, TermRef};
use std::io::{self, Write};

/// The formats by the name that the command line gives them.
pub const FORMATS: &[(&str, RdfFormat)] = &[
    ("turtle", RdfFormat::Turtle),
    ("trig", RdfFormat::TriG),
    ("ntriples", RdfFormat::NTriples),
    ("nquads", RdfFormat::NQuads),
    ("rdfxml", RdfFormat::RdfXml),
    (
        "jsonld",
        RdfFormat::JsonLd {
            profile: JsonLdProfileSet::from_profile(JsonLdProfile::Expanded),
        },
    ),
];

/// The format that a file name's ending stands for, below that of a compression.
pub fn format_of_file(name: &str) -> Option<RdfFormat> {
    let (_, extension) = Compression::split(name).0.rsplit_once('.')?;
    let format = match extension.to_ascii_lowercase().as_str() {
        "ttl" => "turtle",
        "trig" => "trig",
        "nt" => "ntriples",
        "nq" => "nquads",
        "rdf" | "owl" => "rdfxml",
        "jsonld" => "jsonld",
        _ => return None,
    };
    format_by_name(format)
}

/// The format of a name such as `turtle`.
pub fn format_by_name(name: &str) -> Option<RdfFormat> {
    FORMATS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, format)| *format)
}

/// Writes quads to a writer.
///
/// Memory: the whole graph for [`Layout::Grouped`], else a window of quads.
pub struct Serializer<W: Write> {
    name: String,
    is_xml: bool,
    writer: Format<W>,
}

enum Format<W: Write> {
    Turtle(Box<TurtleQuads<W>>),
    Other(Box<WriterQuadSerializer<W>>, bool),
}

impl<W: Write> Serializer<W> {
    /// Prepares to write; `name` is what errors call the output.
    ///
    /// # Errors
    /// When a namespace among the prefixes is not an IRI.
    pub fn new(
        name: &str,
        format: RdfFormat,
        layout: Layout,
        prefixes: &Prefixes,
        writer: W,
    ) -> Result<Self, SinkError> {
        let turtle = |syntax| {
            TurtleWriter::new(prefixes.clone())
                .with_layout(layout)
                .with_syntax(syntax)
        };
        let writer = match format {
            RdfFormat::Turtle => {
                Format::Turtle(Box::new(turtle(Syntax::Turtle).for_writer(writer)))
            }
            RdfFormat::TriG => Format::Turtle(Box::new(turtle(Syntax::TriG).for_writer(writer))),
            _ => {
                let mut serializer = RdfSerializer::from_format(format);
                if format == RdfFormat::RdfXml {
                    for (prefix, namespace) in prefixes.iter() {
                        serializer =
                            serializer.with_prefix(prefix, namespace).map_err(|error| {
                                SinkError::Io {
                                    name: name.to_owned(),
                                    error: io::Error::new(io::ErrorKind::InvalidInput, error),
                                }
                            })?;
                    }
                }
                Format::Other(
                    Box::new(serializer.for_writer(writer)),
                    format.supports_datasets(),
                )
            }
        };
        Ok(Self {
            name: name.to_owned(),
            is_xml: format == RdfFormat::RdfXml,
            writer,
        })
    }

    /// Writes one quad; where the format knows no graphs, its triple.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn write(&mut self, quad: QuadRef<'_>) -> Result<(), SinkError> {
        if self.is_xml
            && let Some(what) = not_in_xml(quad)
        {
            return Err(SinkError::NotRepresentable {
                format: "RDF/XML",
                what,
            });
        }
        let result = match &mut self.writer {
            Format::Turtle(writer) => writer.push(quad),
            Format::Other(writer, true) => writer.serialize_quad(quad),
            Format::Other(writer, false) => writer.serialize_quad(QuadRef {
                graph_name: GraphNameRef::DefaultGraph,
                ..quad
            }),
        };
        result.map_err(|error| SinkError::Io {
            name: self.name.clone(),
            error,
        })
    }

    /// Writes what is left and gives the writer back.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn finish(self) -> Result<W, SinkError> {
        let result = match self.writer {
            Format::Turtle(writer) => writer.finish(),
            Format::Other(writer, _) => writer.finish(),
        };
        result.map_err(|error| SinkError::Io {
            name: self.name,
            error,
        })
    }
}

// What of a quad RDF/XML has no way to write: predicates that do not end in a name, and characters
// that XML does not know.
//
// Spec: XML 1.0 §2.2, §2.3
fn not_in_xml(quad: QuadRef<'_>) -> Option<String> {
    let predicate = quad.predicate.as_str();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name = predicate.trim_start_matches(|c| !is_name(c));
    let end = name
        .rfind(|c| !is_name(c))
        .map_or(name, |at| &name[at + 1..]);
    if !end.contains(|c: char| c.is_alphabetic() || c == '_') {
        return Some(format!(
            "the property `{predicate}`, because it does not end in a name"
        ));
    }
    let is_unknown = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    if let TermRef::Literal(literal) = quad.object
        && let Some(unknown) = literal.value().chars().find(|c| is_unknown(*c))
    {
        return Some(format!(
            "the character U+{:04X} in a value of `{predicate}`",
            u32::from(unknown)
        ));
    }
    None
}

impl<W: Write> QuadSink for Serializer<W> {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.write(quad)
    }
}
