//! RDF as a property graph, for the databases that hold such graphs, and back.
//!
//! In: quads ([`Builder`]). Out: a [`PropertyGraph`], which [`PropertyGraph::write`] writes in any
//! [`Format`] beside a map of its names ([`NameMap`]); with the map [`import`] makes the same quads of it
//! again. `docs/property-graphs.md` says how RDF becomes such a graph.
//!
//! Whether a property holds arrays, and what a name has to be told apart from, is known only when all
//! quads are there. Until then they are records that are sorted, in temporary files where they are many:
//! `build` makes them, `gather` makes nodes and relationships of them, `stream` puts those into the
//! order that a format has. What is in memory is what a schema has: names of labels, properties and types.

pub mod batches;
mod build;
mod csv;
mod cypher;
mod dialect;
mod digest;
mod falkordb;
mod fold;
mod gather;
mod graphml;
pub mod import;
mod jsonl;
mod kuzu;
mod map;
mod names;
mod neo4j;
mod neptune;
mod records;
mod schema;
mod stream;
mod table;
mod value;

pub use build::{Builder, Options};
pub use dialect::{DIALECTS, Dialect};
pub use fold::Fold;
pub use map::{CellForm, FoldName, LabelName, NameMap, PropertyName, RelationshipName};
pub use value::{Decimals, Kind};

use crate::sink::SinkError;
use crate::sink::sort::{Sequence, SortError, Sorted, Watch};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// The property that holds the IRI of a node.
pub const KEY: &str = "iri";

/// The label of nodes that have no type.
pub const DEFAULT_LABEL: &str = "Resource";

/// The name of the map in a folder.
pub const MAP_FILE: &str = "names.json";

/// What a property graph is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A folder of CSV files for `neo4j-admin database import`, with the command.
    Neo4jCsv,
    /// A Cypher script that may be run again.
    Cypher,
    /// A folder of DDL and CSV files for Kuzu.
    Kuzu,
    /// The same for Ladybug, which goes on from Kuzu.
    Ladybug,
    /// JSON, a node or relationship on a line, as APOC writes it.
    Jsonl,
    /// A folder of CSV files for the bulk loader of Amazon Neptune (openCypher).
    NeptuneCsv,
    /// A folder of CSV files for the bulk loader of `FalkorDB`, with a script that runs it.
    FalkordbCsv,
    /// `GraphML`.
    Graphml,
}

/// The names of the formats, as the command line and the name map have them.
pub const FORMATS: &[(&str, Format)] = &[
    ("neo4j-csv", Format::Neo4jCsv),
    ("cypher", Format::Cypher),
    ("kuzu", Format::Kuzu),
    ("ladybug", Format::Ladybug),
    ("jsonl", Format::Jsonl),
    ("neptune-csv", Format::NeptuneCsv),
    ("falkordb-csv", Format::FalkordbCsv),
    ("graphml", Format::Graphml),
];

impl Format {
    /// The format of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        let found = FORMATS.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = FORMATS.iter().find(|(_, format)| *format == self);
        found.map_or("", |(name, _)| name)
    }

    /// The format that the ending of a file tells, without the dot.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "cypher" | "cql" => Some(Self::Cypher),
            "jsonl" => Some(Self::Jsonl),
            "graphml" => Some(Self::Graphml),
            _ => None,
        }
    }

    /// Whether it is several files.
    pub fn is_folder(self) -> bool {
        matches!(
            self,
            Self::Neo4jCsv | Self::Kuzu | Self::Ladybug | Self::NeptuneCsv | Self::FalkordbCsv
        )
    }
}

/// Takes the files of an export, one after another.
pub trait Files {
    /// Makes a file of what `content` writes.
    ///
    /// # Errors
    /// When it cannot be made or written.
    fn write(
        &mut self,
        name: &str,
        content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), SinkError>;
}

/// A label: a class in a graph.
#[derive(Debug, Clone)]
struct Label {
    name: String,
    /// Nothing for the label of nodes without a type.
    class: Option<String>,
    graph: Option<String>,
}

/// A property: the literals of one predicate, datatype, language and graph.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    predicate: String,
    datatype: String,
    language: Option<String>,
    graph: Option<String>,
    kind: Kind,
    array: bool,
    /// The column whose values these are the lexical forms of.
    lexical_forms_of: Option<usize>,
}

/// A type of relationships: a predicate, or a class that is folded.
#[derive(Debug, Clone)]
struct Type {
    name: String,
    predicate: Option<String>,
    fold: Option<Fold>,
}

/// The values of columns, in their order.
type Values = Vec<(usize, Vec<String>)>;

/// Nodes with the same labels.
#[derive(Debug, Clone)]
struct LabelSet {
    /// In the order of the names.
    labels: Vec<usize>,
    /// The label that decides which file or table they are in.
    table: usize,
    /// The columns that any of them has a value of.
    columns: BTreeSet<usize>,
}

/// A node; what it has is in the order of the names.
#[derive(Debug, Clone)]
struct Node {
    key: String,
    /// Its labels.
    set: usize,
    values: Values,
}

/// Where a relationship begins or ends.
#[derive(Debug, Clone)]
struct End {
    key: String,
    /// The labels of the node.
    set: usize,
}

/// A relationship between two nodes.
#[derive(Debug, Clone)]
struct Relationship {
    id: String,
    start: End,
    end: End,
    kind: usize,
    graph: Option<String>,
    /// The IRI of the resource that it was, where it is folded.
    key: Option<String>,
    values: Values,
}

/// A property graph with its names: labels, properties and types by name, nodes by key,
/// relationships by type, start and end.
///
/// Memory: the names. Nodes and relationships are read as often as they are written, from temporary files
/// where they are many.
#[derive(Debug, Clone)]
pub struct PropertyGraph {
    labels: Vec<Label>,
    columns: Vec<Column>,
    types: Vec<Type>,
    /// What the relationships of each type have.
    uses: Vec<TypeUse>,
    sets: Vec<LabelSet>,
    /// The IRIs of named graphs.
    graphs: Vec<String>,
    /// Where each column stands, by [`schema::place`].
    places: Vec<usize>,
    /// The type of each predicate, by number.
    kinds: FxHashMap<u32, usize>,
    /// The type of each fold that anything was folded by.
    of_folds: BTreeMap<usize, usize>,
    /// Sets of labels, keys and values.
    nodes: Sequence,
    node_count: usize,
    /// By the keys of their ends.
    relationships: Sorted,
    relationship_count: usize,
    blank_nodes: String,
    /// What [`digest::Digest`] says of all statements.
    digest: String,
    folded: Vec<usize>,
    dialect: Dialect,
    /// How many bytes may be sorted in memory.
    memory: usize,
}

/// What errors of temporary files are about.
const NAME: &str = "the property graph";

/// An error of the graph itself, not of a file that it is written to.
fn broken(error: io::Error) -> SinkError {
    SinkError::Io {
        name: NAME.to_owned(),
        error,
    }
}

/// A table of nodes.
struct NodeTable<'g> {
    /// The number of its label.
    number: usize,
    label: &'g str,
    /// The columns that any of its nodes has a value of.
    columns: Vec<usize>,
}

impl PropertyGraph {
    /// The number of its nodes.
    pub fn nodes(&self) -> usize {
        self.node_count
    }

    /// The number of its relationships.
    pub fn relationships(&self) -> usize {
        self.relationship_count
    }

    /// How many resources became relationships by each of [`Options::folds`].
    pub fn folded(&self) -> &[usize] {
        &self.folded
    }

    /// Writes it: one file of that name, or the files of a folder; the map of names is given back, to be
    /// written beside a file, and is in the folder as [`MAP_FILE`].
    ///
    /// Memory: what [`Options::memory`] says, and what is known of one node. `go_on` is asked from time to
    /// time.
    ///
    /// # Errors
    /// When a file cannot be written, the format has no way to say something, or `go_on` says no.
    pub fn write(
        &self,
        format: Format,
        name: &str,
        files: &mut dyn Files,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<NameMap, SortError> {
        let watch = &mut Watch::new(go_on);
        let mut map = NameMap::of(self, format);
        let written = match format {
            Format::Neo4jCsv => neo4j::write(self, &mut map, files, watch),
            Format::NeptuneCsv => neptune::write(self, &mut map, files, watch),
            Format::FalkordbCsv => falkordb::write(self, &mut map, files, watch),
            Format::Kuzu | Format::Ladybug => kuzu::write(self, &mut map, files, watch),
            Format::Cypher => cypher::write(self, name, files, watch),
            Format::Jsonl => jsonl::write(self, name, files, watch),
            Format::Graphml => graphml::write(self, name, files, watch),
        };
        written.map_err(SortError::of)?;
        if format.is_folder() {
            files.write(MAP_FILE, &mut |out| {
                out.write_all(map.to_json()?.as_bytes())
            })?;
        }
        Ok(map)
    }

    /// The tables of nodes, by label.
    fn tables(&self) -> Vec<NodeTable<'_>> {
        let mut tables: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for set in &self.sets {
            tables.entry(set.table).or_default().extend(&set.columns);
        }
        tables
            .into_iter()
            .map(|(number, columns)| NodeTable {
                number,
                label: &self.labels[number].name,
                columns: columns.into_iter().collect(),
            })
            .collect()
    }

    /// The names of a set of labels.
    fn label_names(&self, set: usize) -> impl Iterator<Item = &str> {
        let labels = self.sets[set].labels.iter();
        labels.map(|label| self.labels[*label].name.as_str())
    }
}

/// The properties that any relationship of a type has, beside `id`.
#[derive(Debug, Clone, Default)]
struct TypeUse {
    /// The IRI of what was folded, as [`KEY`].
    key: bool,
    /// `graph`
    graph: bool,
    columns: BTreeSet<usize>,
}

impl TypeUse {
    /// The texts of [`KEY`] and `graph`, of those that there are.
    fn texts<'r>(
        &self,
        one: &'r Relationship,
    ) -> impl Iterator<Item = (&'static str, Option<&'r str>)> {
        let key = self.key.then_some((KEY, one.key.as_deref()));
        let graph = self.graph.then_some(("graph", one.graph.as_deref()));
        key.into_iter().chain(graph)
    }

    /// The names of those.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let key = self.key.then_some(KEY);
        key.into_iter().chain(self.graph.then_some("graph"))
    }
}

/// The values of a column.
fn values_of(values: &Values, column: usize) -> Option<&[String]> {
    let found = values.binary_search_by_key(&column, |(at, _)| *at);
    found.ok().map(|at| values[at].1.as_slice())
}
