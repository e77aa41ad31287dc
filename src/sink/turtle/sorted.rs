//! The sorted layout for graphs of any size.
//!
//! In: quads in any order. Out: the bytes that [`Layout::Grouped`](super::Layout::Grouped) makes of
//! them. Each quad is a record whose bytes stand in the order of that layout, and from which its
//! text is made again; the records are sorted in bounded memory ([`Sorter`]).
//!
//! A record is graph, subject, predicate and object one after the other, each so that it is never
//! the beginning of another: a byte for what it is, its texts, each with a zero behind it. No text
//! holds a zero but the value of a literal, where `FF` behind it tells it from an end.

use super::Syntax;
use super::blocks::Blocks;
use super::term::{Used, is_bare, write_behind_quotes, write_quoted, write_term_marking};
use crate::rdf::prefixes::Prefixes;
use crate::sink::SinkError;
use crate::sink::sort::{SortError, Sorter, ended};
use memchr::memchr;
use oxrdf::vocab::rdf;
use oxrdf::{GraphNameRef, LiteralRef, NamedNodeRef, NamedOrBlankNodeRef, QuadRef, TermRef};
use rustc_hash::FxHashMap;
use std::io::{self, Write};

/// The default graph, and `rdf:type` as predicate.
const FIRST: u8 = 0;
const IRI: u8 = 1;
const LITERAL: u8 = 2;
const BLANK: u8 = 3;

/// A literal in quotes, or without. By the order of their texts `"` comes before digits, signs and letters.
const QUOTED: u8 = 1;
const BARE: u8 = 2;

/// How many IRIs of predicates are remembered as they are written.
const MOST_PREDICATES: usize = 4096;

/// Takes quads and writes them sorted, in bounded memory.
#[derive(Debug)]
pub struct TurtleSorter {
    prefixes: Prefixes,
    syntax: Syntax,
    used: Used,
    sorter: Sorter,
    record: Vec<u8>,
    text: String,
    /// The parts of records that stand for predicates.
    predicates: FxHashMap<String, Vec<u8>>,
    /// The subject that came last, and the part of a record that stands for it.
    subject: String,
    of_subject: Vec<u8>,
}

impl TurtleSorter {
    /// No quads yet; `memory` is how many bytes are held at most before a temporary file is used.
    pub fn new(prefixes: Prefixes, syntax: Syntax, memory: usize) -> Self {
        Self {
            prefixes,
            syntax,
            used: Used::new(),
            sorter: Sorter::new(memory),
            record: Vec::new(),
            text: String::new(),
            predicates: FxHashMap::default(),
            subject: String::new(),
            of_subject: Vec::new(),
        }
    }

    /// Adds a quad.
    ///
    /// # Errors
    /// If it cannot be kept in a temporary file, or is of a named graph and the syntax is Turtle.
    pub fn push(&mut self, quad: QuadRef<'_>) -> io::Result<()> {
        self.syntax.check(quad)?;
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        match quad.graph_name {
            GraphNameRef::DefaultGraph => record.push(FIRST),
            GraphNameRef::NamedNode(node) => self.iri(&mut record, node),
            GraphNameRef::BlankNode(node) => self.other(&mut record, node.into()),
        }
        match quad.subject {
            NamedOrBlankNodeRef::NamedNode(node) if node.as_str() == self.subject => {
                record.extend_from_slice(&self.of_subject);
            }
            NamedOrBlankNodeRef::NamedNode(node) => {
                let start = record.len();
                self.iri(&mut record, node);
                self.of_subject.clear();
                self.of_subject.extend_from_slice(&record[start..]);
                node.as_str().clone_into(&mut self.subject);
            }
            NamedOrBlankNodeRef::BlankNode(node) => self.other(&mut record, node.into()),
        }
        if quad.predicate == rdf::TYPE {
            record.push(FIRST);
        } else if let Some(known) = self.predicates.get(quad.predicate.as_str()) {
            record.extend_from_slice(known);
        } else {
            let start = record.len();
            self.iri(&mut record, quad.predicate);
            if self.predicates.len() < MOST_PREDICATES {
                let part = record[start..].to_vec();
                let predicate = quad.predicate.as_str().to_owned();
                self.predicates.insert(predicate, part);
            }
        }
        if let TermRef::NamedNode(node) = quad.object {
            self.iri(&mut record, node);
        } else if let TermRef::Literal(literal) = quad.object {
            self.literal(&mut record, literal);
        } else {
            self.other(&mut record, quad.object);
        }
        self.record = record;
        self.sorter.push(&self.record)
    }

    fn iri(&mut self, record: &mut Vec<u8>, node: NamedNodeRef<'_>) {
        self.text.clear();
        write_term_marking(&mut self.text, node.into(), &self.prefixes, &mut self.used);
        record.push(IRI);
        // Without the bracket, so that an IRI comes before those that it begins.
        record.extend_from_slice(self.text.trim_end_matches('>').as_bytes());
        record.push(0);
    }

    fn other(&mut self, record: &mut Vec<u8>, term: TermRef<'_>) {
        self.text.clear();
        write_term_marking(&mut self.text, term, &self.prefixes, &mut self.used);
        record.push(BLANK);
        record.extend_from_slice(self.text.as_bytes());
        record.push(0);
    }

    fn literal(&mut self, record: &mut Vec<u8>, literal: LiteralRef<'_>) {
        record.push(LITERAL);
        let language = literal.language().unwrap_or_default();
        record.extend_from_slice(language.as_bytes());
        record.push(0);
        let mut value = literal.value().as_bytes();
        while let Some(zero) = memchr(0, value) {
            record.extend_from_slice(&value[..=zero]);
            record.push(0xFF);
            value = &value[zero + 1..];
        }
        record.extend_from_slice(value);
        record.push(0);
        if is_bare(literal) {
            record.push(BARE);
        } else {
            record.push(QUOTED);
            self.text.clear();
            write_behind_quotes(&mut self.text, literal, &self.prefixes, &mut self.used);
            record.extend_from_slice(self.text.as_bytes());
        }
        record.push(0);
    }

    /// Writes the quads; `name` is what errors call the output, `go_on` is asked from time to time.
    ///
    /// # Errors
    /// When the output or the temporary file fails, or `go_on` says no.
    pub fn finish(
        self,
        writer: &mut dyn Write,
        name: &str,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<(), SortError> {
        let failed = |error| SinkError::Io {
            name: name.to_owned(),
            error,
        };
        let mut blocks = Blocks::new(writer);
        let (prefixes, used) = (&self.prefixes, &self.used);
        let declared = prefixes.iter().filter(|(prefix, _)| used.contains(*prefix));
        blocks.declare(declared).map_err(failed)?;
        let mut quad = QuadText::default();
        let done = self.sorter.finish(go_on, &mut |record| {
            quad.read(record)?;
            let graph = Some(quad.graph.as_str()).filter(|graph| !graph.is_empty());
            blocks.push(graph, &quad.subject, &quad.predicate, &quad.object)
        });
        ended(done, name)?;
        let writer = blocks.finish().map_err(failed)?;
        Ok(writer.flush().map_err(failed)?)
    }
}

/// A quad as Turtle text.
#[derive(Debug, Default)]
struct QuadText {
    /// Empty for the default graph.
    graph: String,
    subject: String,
    predicate: String,
    object: String,
    value: Vec<u8>,
}

impl QuadText {
    fn read(&mut self, record: &[u8]) -> io::Result<()> {
        let value = &mut self.value;
        let rest = read_term(record, "", &mut self.graph, value)?;
        let rest = read_term(rest, "", &mut self.subject, value)?;
        let rest = read_term(rest, "a", &mut self.predicate, value)?;
        read_term(rest, "", &mut self.object, value)?;
        Ok(())
    }
}

// Makes the text of a term of the part of a record that stands for it; gives what is behind it.
fn read_term<'r>(
    record: &'r [u8],
    first: &str,
    text: &mut String,
    value: &mut Vec<u8>,
) -> io::Result<&'r [u8]> {
    text.clear();
    let (kind, rest) = record.split_first().ok_or_else(broken)?;
    match *kind {
        FIRST => {
            text.push_str(first);
            Ok(rest)
        }
        LITERAL => {
            let (_, mut rest) = read_text(rest)?;
            value.clear();
            loop {
                let end = memchr(0, rest).ok_or_else(broken)?;
                value.extend_from_slice(&rest[..end]);
                rest = &rest[end + 1..];
                let Some(behind) = rest.strip_prefix(&[0xFF]) else {
                    break;
                };
                value.push(0);
                rest = behind;
            }
            let value = std::str::from_utf8(value).map_err(io::Error::other)?;
            let (form, rest) = rest.split_first().ok_or_else(broken)?;
            let (suffix, rest) = read_text(rest)?;
            if *form == BARE {
                text.push_str(value);
            } else {
                write_quoted(text, value);
                text.push_str(suffix);
            }
            Ok(rest)
        }
        _ => {
            let (term, rest) = read_text(rest)?;
            text.push_str(term);
            if term.starts_with('<') {
                text.push('>');
            }
            Ok(rest)
        }
    }
}

fn read_text(record: &[u8]) -> io::Result<(&str, &[u8])> {
    let end = memchr(0, record).ok_or_else(broken)?;
    let text = std::str::from_utf8(&record[..end]).map_err(io::Error::other)?;
    Ok((text, &record[end + 1..]))
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
