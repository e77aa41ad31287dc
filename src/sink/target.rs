//! Files that a run writes beside its own output, each in its own format, compression and encoding.
//!
//! In: a [`Target`] and its quads. Out: a file that is there in full or not at all; several are put
//! under their names together ([`commit_all`]). Folders that are not there are made then.

use super::file::{Complete, Folders, Output};
use super::rdf_json::RdfJsonWriter;
use super::serializer::Serializer;
use super::sort::SortError;
use super::turtle::Layout;
use super::{Origin, QuadSink, SinkError};
use crate::compression::Compression;
use crate::rdf::prefixes::Prefixes;
use oxigraph::io::{JsonLdProfile, JsonLdProfileSet, RdfFormat};
use oxrdf::QuadRef;
use std::io::{self, Write};
use std::path::PathBuf;

/// Where quads go, and how they are written there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// The file; its name tells nothing but where it is.
    pub path: PathBuf,
    /// How the quads are written.
    pub format: TargetFormat,
    /// How the text is compressed.
    pub compression: Option<Compression>,
    /// How the text becomes bytes.
    pub encoding: TextEncoding,
}

/// How quads are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetFormat {
    /// N-Triples; of quads the triples.
    NTriples,
    /// N-Quads.
    NQuads,
    /// Turtle.
    Turtle,
    /// TriG.
    TriG,
    /// N3, written as the Turtle that it contains.
    N3,
    /// JSON-LD, expanded.
    JsonLd,
    /// RDF/XML; of quads the triples.
    RdfXml,
    /// RDF/JSON.
    RdfJson,
}

/// The formats by their names.
pub const TARGET_FORMATS: &[(&str, TargetFormat)] = &[
    ("ntriples", TargetFormat::NTriples),
    ("nquads", TargetFormat::NQuads),
    ("turtle", TargetFormat::Turtle),
    ("trig", TargetFormat::TriG),
    ("n3", TargetFormat::N3),
    ("jsonld", TargetFormat::JsonLd),
    ("rdfxml", TargetFormat::RdfXml),
    ("rdfjson", TargetFormat::RdfJson),
];

impl TargetFormat {
    /// The format of a name such as `turtle`.
    pub fn by_name(name: &str) -> Option<Self> {
        let mut known = TARGET_FORMATS.iter();
        known
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
    }

    /// The format that a serializer makes; nothing for RDF/JSON.
    pub fn serialized(self) -> Option<RdfFormat> {
        Some(match self {
            Self::NTriples => RdfFormat::NTriples,
            Self::NQuads => RdfFormat::NQuads,
            Self::Turtle | Self::N3 => RdfFormat::Turtle,
            Self::TriG => RdfFormat::TriG,
            Self::JsonLd => RdfFormat::JsonLd {
                profile: JsonLdProfileSet::from_profile(JsonLdProfile::Expanded),
            },
            Self::RdfXml => RdfFormat::RdfXml,
            Self::RdfJson => return None,
        })
    }
}

/// How text becomes bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextEncoding {
    /// UTF-8, without a byte order mark.
    #[default]
    Utf8,
    /// UTF-16 with a byte order mark, the low byte first.
    Utf16,
}

/// A target that is being written, in UTF-8: it is encoded and compressed on the way.
///
/// Memory: that of the [`Output`].
pub struct TargetFile {
    output: Output,
    encoder: Option<Utf16>,
}

impl TargetFile {
    /// Begins to write. Nothing is at the target's place before the end, no folder either; what was
    /// written is gone where it is dropped. Compression takes up to a number of threads, which makes no
    /// difference to the bytes.
    ///
    /// # Errors
    /// When the place cannot be written to.
    pub fn create(target: &Target, threads: usize) -> Result<Self, SinkError> {
        let folders = Folders::AreMade;
        let output = Output::compressed(&target.path, target.compression, folders, threads)?;
        let encoder = (target.encoding == TextEncoding::Utf16).then(|| Utf16::new(target.format));
        Ok(Self { output, encoder })
    }

    /// The target, as the user would name it.
    pub fn name(&self) -> &str {
        self.output.name()
    }

    /// Ends the text, so that nothing is left to do but to put the file under its name.
    ///
    /// # Errors
    /// When the last bytes cannot be written, or the text breaks off within a character.
    pub fn complete(mut self) -> Result<Complete, SinkError> {
        if let Some(encoder) = self.encoder.take() {
            let ended = encoder.finish(&mut self.output);
            ended.map_err(|error| Output::error(self.output.name(), error))?;
        }
        self.output.complete()
    }

    /// Ends the text and puts the file under its name.
    ///
    /// # Errors
    /// As for [`TargetFile::complete`], or when the file cannot be renamed.
    pub fn commit(self) -> Result<(), SinkError> {
        self.complete()?.commit()
    }
}

/// Puts files under their names that were all written in full. Where a name cannot be given, those
/// before it have theirs, and those behind it are gone.
///
/// # Errors
/// As for [`Complete::commit`].
pub fn commit_all(files: impl IntoIterator<Item = Complete>) -> Result<(), SinkError> {
    files.into_iter().try_for_each(Complete::commit)
}

impl Write for TargetFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.encoder {
            Some(encoder) => {
                encoder.write(bytes, &mut self.output)?;
                Ok(bytes.len())
            }
            None => self.output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// What RDF/XML begins with, which has to name the encoding.
const XML_BEGIN: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const XML_BEGIN_UTF16: &str = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>";

/// Makes UTF-16 of UTF-8.
///
/// Spec: RFC 2781 §3; XML 1.0 §4.3.3
struct Utf16 {
    /// Whether the text is XML, as long as its beginning is not written.
    is_xml: bool,
    is_begun: bool,
    /// A character that is not there in full, or a beginning that is looked at.
    held: Vec<u8>,
    encoded: Vec<u8>,
}

impl Utf16 {
    fn new(format: TargetFormat) -> Self {
        Self {
            is_xml: format == TargetFormat::RdfXml,
            is_begun: false,
            held: Vec::new(),
            encoded: Vec::new(),
        }
    }

    fn write(&mut self, mut bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.is_xml {
            self.held.extend_from_slice(bytes);
            if self.held.len() < XML_BEGIN.len() {
                return Ok(());
            }
            return self.end_beginning(out);
        }
        // The rest of a character that was cut.
        while !self.held.is_empty() && !bytes.is_empty() {
            self.held.push(bytes[0]);
            bytes = &bytes[1..];
            let held = std::mem::take(&mut self.held);
            self.encode(&held, out)?;
        }
        self.encode(bytes, out)
    }

    fn end_beginning(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.is_xml = false;
        let held = std::mem::take(&mut self.held);
        match held.strip_prefix(XML_BEGIN) {
            Some(rest) => {
                self.encode(XML_BEGIN_UTF16.as_bytes(), out)?;
                self.encode(rest, out)
            }
            None => self.encode(&held, out),
        }
    }

    // Encodes what is whole, and holds the rest.
    fn encode(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        let (text, rest) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, &[][..]),
            Err(error) if error.error_len().is_none() => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                (std::str::from_utf8(whole).unwrap_or_default(), rest)
            }
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        self.held.extend_from_slice(rest);
        self.encoded.clear();
        if !std::mem::replace(&mut self.is_begun, true) {
            self.encoded.extend_from_slice(&[0xFF, 0xFE]);
        }
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        self.encoded.extend(units);
        out.write_all(&self.encoded)
    }

    fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        if self.is_xml {
            self.end_beginning(out)?;
        }
        // The mark stands in an empty text too.
        self.encode(&[], out)?;
        if self.held.is_empty() {
            return Ok(());
        }
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Writes quads to a target, in its format; Turtle and TriG in the order of arrival.
///
/// Memory: a window of quads; for RDF/JSON what it is given.
pub struct TargetSink(Writer);

enum Writer {
    Serialized(Box<Serializer<TargetFile>>),
    RdfJson(Box<RdfJsonWriter<TargetFile>>),
}

impl TargetSink {
    /// Begins to write to a target; `memory` is how many bytes are held at most to sort what has to be
    /// sorted, before a temporary file is used.
    ///
    /// # Errors
    /// As for [`TargetFile::create`], or when a namespace among the prefixes is not an IRI.
    pub fn create(
        target: &Target,
        prefixes: &Prefixes,
        memory: usize,
        threads: usize,
    ) -> Result<Self, SinkError> {
        let file = TargetFile::create(target, threads)?;
        let name = file.name().to_owned();
        Ok(Self(match target.format.serialized() {
            Some(format) => {
                let layout = Layout::Streaming;
                let serializer = Serializer::new(&name, format, layout, prefixes, file)?;
                Writer::Serialized(Box::new(serializer))
            }
            None => Writer::RdfJson(Box::new(RdfJsonWriter::new(&name, memory, file))),
        }))
    }

    /// Writes what is left; the file is then to be put under its name. `go_on` is asked from time to
    /// time.
    ///
    /// # Errors
    /// When it cannot be written, or `go_on` says no.
    pub fn finish(self, go_on: &mut dyn FnMut() -> bool) -> Result<Complete, SortError> {
        let file = match self.0 {
            Writer::Serialized(serializer) => serializer.finish()?,
            Writer::RdfJson(writer) => writer.finish(go_on)?,
        };
        Ok(file.complete()?)
    }
}

impl QuadSink for TargetSink {
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError> {
        match &mut self.0 {
            Writer::Serialized(serializer) => serializer.push(quad, origin),
            Writer::RdfJson(writer) => writer.push(quad, origin),
        }
    }
}

#[cfg(test)]
mod tests;
