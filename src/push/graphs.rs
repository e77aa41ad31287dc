//! What is to be sent, by graph: lines of N-Triples, sorted and each once.
//!
//! In: quads in any order. Out: for each graph its lines in pieces, as often as they are asked for, and how many
//! triples a store may say that it has of them.
//!
//! Nothing is sent before all is gathered, so a fault in the input changes no graph. Memory: what is asked for;
//! the lines are in a temporary file without a name, twice for a moment.

use super::skolem::Skolemizer;
use crate::rdf::canonical::canonical;
use crate::rdf::xsd::Datatype;
use crate::sink::sort::{SortError, Sorter};
use crate::sink::spill::{Part, PartReader, SpillFile};
use crate::sink::{Origin, QuadSink, SinkError};
use oxrdf::{GraphNameRef, QuadRef};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use xxhash_rust::xxh3::xxh3_128;

/// How many bytes of lines are read from the temporary file at once.
const BLOCK: usize = 64 << 10;

const NAME: &str = "the triples to be sent";

/// A graph of the server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// The default graph.
    Default,
    /// The graph of a name.
    Named(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default graph"),
            Self::Named(name) => write!(f, "<{name}>"),
        }
    }
}

/// Gathers quads.
pub struct Gatherer {
    sorter: Sorter,
    skolemizer: Skolemizer,
    default: Option<Target>,
    numbers: FxHashMap<Target, u32>,
    targets: Vec<Target>,
    line: Vec<u8>,
    is_without_target: bool,
}

/// One graph of what was gathered.
#[derive(Debug)]
pub struct Graph {
    /// Where it goes.
    pub target: Target,
    /// The number of triples.
    pub triples: u64,
    /// The number of triples for a store that takes literals of the same value for one.
    pub values: u64,
    /// The bytes of its lines.
    pub bytes: u64,
    part: Part,
}

/// What was gathered.
#[derive(Debug)]
pub struct Gathered {
    /// The graphs, in the order in which they were first named.
    pub graphs: Vec<Graph>,
    /// Whether there were triples of the default graph and nothing was said of where they go.
    pub is_without_target: bool,
    pub(super) file: SpillFile,
}

impl Gatherer {
    /// Nothing yet. Triples of the default graph go to `default`; `memory` is how many bytes are held at most
    /// before they go to a temporary file.
    pub fn new(default: Option<Target>, skolemizer: Skolemizer, memory: usize) -> Self {
        Self {
            sorter: Sorter::new(memory),
            skolemizer,
            default,
            numbers: FxHashMap::default(),
            targets: Vec::new(),
            line: Vec::new(),
            is_without_target: false,
        }
    }

    /// Names a graph that is sent even where it has no triples.
    pub fn expect(&mut self, target: &Target) -> u32 {
        if let Some(number) = self.numbers.get(target) {
            return *number;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "as many names do not fit into memory"
        )]
        let number = self.targets.len() as u32;
        self.targets.push(target.clone());
        self.numbers.insert(target.clone(), number);
        number
    }

    /// From here on, triples of the default graph go to `target`, which is sent even where it has none.
    pub fn send_default_to(&mut self, target: Target) {
        self.expect(&target);
        self.default = Some(target);
    }

    /// Takes a quad.
    ///
    /// # Errors
    /// When it cannot be kept in a temporary file.
    pub fn add(&mut self, quad: QuadRef<'_>) -> Result<(), SinkError> {
        let target = match quad.graph_name {
            GraphNameRef::NamedNode(name) => Target::Named(name.as_str().to_owned()),
            GraphNameRef::BlankNode(node) => {
                Target::Named(self.skolemizer.node(node).into_string())
            }
            GraphNameRef::DefaultGraph => {
                let Some(target) = &self.default else {
                    self.is_without_target = true;
                    return Ok(());
                };
                target.clone()
            }
        };
        let number = self.expect(&target);
        self.line.clear();
        self.line.extend_from_slice(&number.to_be_bytes());
        self.skolemizer
            .write(&mut self.line, quad.subject, quad.predicate, quad.object)
            .and_then(|()| self.sorter.push(&self.line))
            .map_err(broken)
    }

    /// Sorts what was gathered; `go_on` is asked from time to time.
    ///
    /// # Errors
    /// When the temporary file fails, or `go_on` says no.
    pub fn finish(self, go_on: &mut dyn FnMut() -> bool) -> Result<Gathered, SortError> {
        let mut file = SpillFile::default();
        let mut graphs: Vec<Graph> = self
            .targets
            .into_iter()
            .map(|target| Graph {
                target,
                triples: 0,
                values: 0,
                bytes: 0,
                part: Part::in_chunks(BLOCK),
            })
            .collect();
        let mut values = Values::default();
        let done = self
            .sorter
            .finish(go_on, &mut |record| {
                let (number, line) = record
                    .split_first_chunk::<4>()
                    .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
                let number = u32::from_be_bytes(*number);
                let graph = &mut graphs[number as usize];
                graph.triples += 1;
                graph.values += u64::from(values.is_new(number, line));
                graph.bytes += line.len() as u64 + 1;
                graph.part.push(&mut file, |out| {
                    out.extend_from_slice(line);
                    out.push(b'\n');
                })
            })
            .map_err(broken)?;
        if done.is_none() {
            return Err(SortError::Cancelled);
        }
        Ok(Gathered {
            graphs,
            is_without_target: self.is_without_target,
            file,
        })
    }
}

fn broken(error: io::Error) -> SinkError {
    SinkError::Io {
        name: NAME.to_owned(),
        error,
    }
}

impl QuadSink for Gatherer {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.add(quad)
    }
}

/// Tells values that come again among the objects of one subject and predicate.
#[derive(Default)]
struct Values {
    graph: u32,
    beginning: Vec<u8>,
    seen: FxHashSet<u128>,
}

impl Values {
    fn is_new(&mut self, graph: u32, line: &[u8]) -> bool {
        // Neither a subject nor a predicate has a space.
        let mut spaces = memchr::memchr_iter(b' ', line);
        let object = spaces.nth(1).map_or(line.len(), |at| at + 1);
        let (beginning, object) = line.split_at(object);
        if graph != self.graph || beginning != self.beginning {
            self.graph = graph;
            self.beginning.clear();
            self.beginning.extend_from_slice(beginning);
            self.seen.clear();
        }
        let object = object.strip_suffix(b" .").unwrap_or(object);
        self.seen.insert(value(object))
    }
}

// The same number for terms that a store may take for one: stores rewrite numbers and dates, and language tags.
fn value(object: &[u8]) -> u128 {
    let text = std::str::from_utf8(object).unwrap_or_default();
    if let Some((literal, datatype)) = text.rsplit_once("\"^^<")
        && let Some(known) = Datatype::of_iri(datatype.trim_end_matches('>'))
    {
        let form = canonical(known, literal.trim_start_matches('"').trim());
        // What is derived from `xsd:integer` may be kept as one.
        let kind = if known.is_integer() {
            "integer"
        } else {
            datatype
        };
        return xxh3_128(format!("{kind} {form}").as_bytes());
    }
    if text.starts_with('"')
        && let Some((literal, tag)) = text.rsplit_once("\"@")
    {
        return xxh3_128(format!("{literal}@{}", tag.to_ascii_lowercase()).as_bytes());
    }
    xxh3_128(object)
}

impl Graph {
    /// How many triples a store may say that it has.
    pub(super) fn expected(&self) -> RangeInclusive<u64> {
        self.values..=self.triples
    }

    /// Its lines from the beginning.
    pub(super) fn pieces(&mut self, file: &mut SpillFile) -> io::Result<Pieces> {
        Ok(Pieces {
            reader: self.part.reader(file)?,
            rest: Vec::new(),
        })
    }
}

/// The lines of a graph, some at a time.
pub(super) struct Pieces {
    reader: PartReader,
    /// Lines that were read and did not fit.
    rest: Vec<u8>,
}

impl Pieces {
    /// The next lines: at most `bytes` of them and `lines`, but at least one; empty at the end.
    pub(super) fn next(
        &mut self,
        file: &mut SpillFile,
        bytes: usize,
        lines: usize,
    ) -> io::Result<Vec<u8>> {
        let mut end = 0;
        let mut count = 0;
        loop {
            while count < lines
                && let Some(length) = memchr::memchr(b'\n', &self.rest[end..])
            {
                if end > 0 && end + length + 1 > bytes {
                    return Ok(self.take(end));
                }
                end += length + 1;
                count += 1;
            }
            if count == lines || !self.reader.next(file)? {
                return Ok(self.take(end));
            }
            self.rest.extend_from_slice(self.reader.bytes());
        }
    }

    fn take(&mut self, end: usize) -> Vec<u8> {
        let rest = self.rest.split_off(end);
        std::mem::replace(&mut self.rest, rest)
    }
}
