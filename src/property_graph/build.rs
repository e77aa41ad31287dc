//! Quads to a property graph.
//!
//! Each quad becomes a record about its subject, or two where it leads to another node: that one's record
//! says who refers to it. What is known of a node stands together once records are sorted ([`gather`]).

use super::fold::Fold;
use super::gather::{Gather, Gathered};
use super::records::{Fields, MARK, NODE, OUT, TYPE, VALUE, put_key, put_number};
use super::schema::{BLANK, Schema};
use super::value::Decimals;
use super::{Dialect, LabelSet, NAME, PropertyGraph, TypeUse};
use crate::rdf::prefixes::Prefixes;
use crate::rdf::vocab::rdf;
use crate::sink::sort::{SortError, Sorted, Sorter, Watch};
use crate::sink::{Origin, QuadSink, SinkError};
use oxrdf::{GraphNameRef, NamedOrBlankNodeRef, QuadRef, TermRef};
use std::collections::BTreeSet;
use std::io;
use std::mem::take;

/// What may be chosen.
#[derive(Debug, Clone)]
pub struct Options {
    /// Prefixes for names that would be the same without.
    pub prefixes: Prefixes,
    /// How the IRIs begin that blank nodes get.
    pub blank_nodes: String,
    /// How `xsd:decimal` is written.
    pub decimals: Decimals,
    /// Whether languages stand behind `@`, as in `label@ar`, and not behind `_`.
    pub language_at: bool,
    /// Whether named graphs are kept apart; else all quads go into one graph.
    pub graphs: bool,
    /// Classes whose members become relationships.
    pub folds: Vec<Fold>,
    /// Whose Cypher is written.
    pub dialect: Dialect,
    /// How many bytes of quads may be in memory; what is beyond that is in temporary files. It makes no
    /// difference to what is written.
    pub memory: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            prefixes: Prefixes::default(),
            blank_nodes: String::new(),
            decimals: Decimals::default(),
            language_at: false,
            graphs: false,
            folds: Vec::new(),
            dialect: Dialect::default(),
            memory: 1 << 30,
        }
    }
}

impl Options {
    /// The memory of one of the four sorters that may be there at once.
    pub(super) fn share(&self) -> usize {
        self.memory / 4
    }
}

/// Takes quads and makes a property graph of them.
///
/// Memory: predicates, classes, datatypes, languages and named graphs, each once; for the quads half of
/// [`Options::memory`].
#[derive(Debug)]
pub struct Builder {
    options: Options,
    schema: Schema,
    /// What is known of subjects.
    facts: Sorter,
    /// Who refers to objects.
    references: Sorter,
    subject: Vec<u8>,
    object: Vec<u8>,
    record: Vec<u8>,
    /// The subject that a fact was kept of last.
    last: Vec<u8>,
    /// How often what IRIs of blank nodes begin with has to be made longer.
    clash: usize,
}

/// What makes the beginning of blank nodes longer where an IRI begins so.
const LONGER: &str = "x/";

impl QuadSink for Builder {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.add(quad)
    }
}

impl Builder {
    /// Begins a graph.
    pub fn new(options: Options) -> Self {
        let share = options.share();
        Self {
            options,
            schema: Schema::new(),
            facts: Sorter::within(share),
            references: Sorter::within(share),
            subject: Vec::new(),
            object: Vec::new(),
            record: Vec::new(),
            last: Vec::new(),
            clash: 0,
        }
    }

    /// Takes one quad. The same quad may come more than once.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub fn add(&mut self, quad: QuadRef<'_>) -> Result<(), SinkError> {
        self.keep(quad).map_err(|error| SinkError::Io {
            name: NAME.to_owned(),
            error,
        })
    }

    fn keep(&mut self, quad: QuadRef<'_>) -> io::Result<()> {
        self.subject.clear();
        match quad.subject {
            NamedOrBlankNodeRef::NamedNode(node) => {
                self.subject.extend_from_slice(node.as_str().as_bytes());
                self.see_iri(node.as_str());
            }
            NamedOrBlankNodeRef::BlankNode(node) => {
                put_blank(&mut self.subject, &self.options.blank_nodes, node.as_str());
            }
        }
        let graph = match quad.graph_name {
            _ if !self.options.graphs => 0,
            GraphNameRef::DefaultGraph => 0,
            GraphNameRef::NamedNode(node) => self.schema.graph_number(node.as_str()),
            GraphNameRef::BlankNode(node) => {
                let text = format!("{BLANK}{}", node.as_str());
                self.schema.graph_number(&text)
            }
        };
        let predicate = self.schema.texts.number(quad.predicate.as_str());
        self.record.clear();
        match quad.object {
            TermRef::NamedNode(class) if quad.predicate == rdf::TYPE => {
                let class = self.schema.texts.number(class.as_str());
                let number = self.schema.type_number(class, graph);
                self.begin(TYPE);
                put_number(&mut self.record, number);
                return self.push_fact();
            }
            TermRef::Literal(literal) => {
                let texts = &mut self.schema.texts;
                let datatype = texts.number(literal.datatype().as_str());
                let language = texts.number(literal.language().unwrap_or_default());
                let key = [predicate, datatype, language, graph];
                let column = self.schema.column(key, &self.options);
                self.schema.see(column, literal.value());
                self.begin(VALUE);
                put_number(&mut self.record, column);
                self.record.extend_from_slice(literal.value().as_bytes());
                return self.push_fact();
            }
            TermRef::NamedNode(node) => {
                self.object.clear();
                self.object.extend_from_slice(node.as_str().as_bytes());
                self.see_iri(node.as_str());
            }
            TermRef::BlankNode(node) => {
                self.object.clear();
                put_blank(&mut self.object, &self.options.blank_nodes, node.as_str());
            }
        }
        put_key(&mut self.record, &self.object);
        put_key(&mut self.record, &self.subject);
        put_number(&mut self.record, predicate);
        put_number(&mut self.record, graph);
        self.references.push(&self.record)?;
        self.record.clear();
        if self.options.folds.is_empty() {
            if self.last == self.subject {
                return Ok(());
            }
            self.begin(NODE);
        } else {
            self.begin(OUT);
            put_number(&mut self.record, predicate);
            put_number(&mut self.record, graph);
            self.record.extend_from_slice(&self.object);
        }
        self.push_fact()
    }

    /// Looks whether an IRI begins as those of blank nodes do.
    fn see_iri(&mut self, iri: &str) {
        self.clash = self.clash.max(clash(iri, &self.options.blank_nodes));
    }

    /// Begins a record about the subject.
    fn begin(&mut self, what: u8) {
        put_key(&mut self.record, &self.subject);
        self.record.push(what);
    }

    fn push_fact(&mut self) -> io::Result<()> {
        self.last.clone_from(&self.subject);
        self.facts.push(&self.record)
    }

    /// Makes the graph: decides names, types of values and what holds arrays. `go_on` is asked from time to
    /// time.
    ///
    /// Memory: what [`Options::memory`] says, and what is known of one node.
    ///
    /// # Errors
    /// When a temporary file cannot be written or read, or `go_on` says no.
    pub fn finish(self, go_on: &mut dyn FnMut() -> bool) -> Result<PropertyGraph, SortError> {
        let mut watch = Watch::new(go_on);
        self.make(&mut watch)
            .map_err(|error| SortError::io(NAME, error))
    }

    fn make(mut self, watch: &mut Watch<'_>) -> io::Result<PropertyGraph> {
        let texts = self.schema.texts.iter();
        let longest = texts.map(|text| clash(text, &self.options.blank_nodes));
        let longer = longest.max().unwrap_or_default().max(self.clash);
        let mut facts = self.facts.sorted(watch)?;
        let mut references = self.references.sorted(watch)?;
        if longer > 0 {
            let old = take(&mut self.options.blank_nodes);
            let new = format!("{old}{}", LONGER.repeat(longer));
            let change = Change { old, new };
            let share = self.options.share();
            facts = change.facts(&facts, share, watch)?;
            references = change.references(&references, share, watch)?;
            self.options.blank_nodes = change.new;
        }
        let (options, mut schema) = (self.options, self.schema);
        let gather = Gather::new(&options, &mut schema);
        let gathered = gather.run(&facts, &references, watch)?;
        drop((facts, references));
        Ok(graph(options, &schema, gathered))
    }
}

/// Gives names to what was gathered.
fn graph(options: Options, schema: &Schema, gathered: Gathered) -> PropertyGraph {
    let types: BTreeSet<u32> = gathered
        .sets
        .iter()
        .flat_map(|set| set.types.iter().copied())
        .collect();
    let (labels, label_places, default) = schema.labels(&types, &options);
    let named = schema.columns(&options, &gathered.present, &gathered.arrays);
    let used = (0..).zip(&gathered.predicates);
    let used = used.filter(|(_, one)| one.used);
    let folded = (0..).zip(&gathered.folds);
    let folded = folded.filter_map(|(at, fold)| (fold.count > 0).then_some(at));
    let predicates = used.clone().map(|(number, _)| number);
    let (types, kinds, of_folds) = schema.relationship_types(predicates, folded, &options);
    let mut uses = vec![TypeUse::default(); types.len()];
    for (number, one) in used {
        uses[kinds[&number]].graph = one.graph;
    }
    let place = |column: &u32| named.places[*column as usize];
    for (at, kind) in &of_folds {
        uses[*kind].key = true;
        uses[*kind].columns = gathered.folds[*at].columns.iter().map(place).collect();
    }
    let mut members = vec![0; labels.len()];
    let mut sets: Vec<LabelSet> = Vec::new();
    for set in &gathered.sets {
        let own = set.types.iter().map(|number| label_places[number]);
        let mut own: Vec<usize> = own.collect();
        if own.is_empty() {
            own.push(default);
        }
        own.sort_unstable();
        for label in &own {
            members[*label] += set.nodes;
        }
        sets.push(LabelSet {
            labels: own,
            table: 0,
            columns: set.columns.iter().map(place).collect(),
        });
    }
    // The rarest label says most of a node.
    for set in &mut sets {
        let rarest = set.labels.iter().min_by_key(|label| members[**label]);
        set.table = rarest.copied().unwrap_or_default();
    }
    let (graphs, _) = schema.graphs(&options);
    PropertyGraph {
        labels,
        columns: named.columns,
        places: named.places,
        types,
        uses,
        sets,
        graphs,
        kinds,
        of_folds,
        nodes: gathered.nodes,
        node_count: gathered.node_count,
        relationships: gathered.relationships,
        relationship_count: gathered.relationship_count,
        digest: gathered.digest,
        folded: gathered.folds.iter().map(|fold| fold.count).collect(),
        dialect: options.dialect,
        memory: options.share(),
        blank_nodes: options.blank_nodes,
    }
}

/// Writes the key of a blank node.
fn put_blank(out: &mut Vec<u8>, start: &str, label: &str) {
    out.extend_from_slice(start.as_bytes());
    out.push(MARK);
    out.extend_from_slice(label.as_bytes());
}

/// How often a beginning has to be made longer so that a text does not begin so.
fn clash(text: &str, start: &str) -> usize {
    let Some(mut rest) = text.strip_prefix(start) else {
        return 0;
    };
    let mut times = 1;
    while let Some(more) = rest.strip_prefix(LONGER) {
        rest = more;
        times += 1;
    }
    times
}

/// Another beginning for blank nodes.
struct Change {
    old: String,
    new: String,
}

impl Change {
    fn put(&self, out: &mut Vec<u8>, key: &[u8]) {
        let label = key.strip_prefix(self.old.as_bytes());
        match label.filter(|label| label.first() == Some(&MARK)) {
            Some(label) => {
                out.extend_from_slice(self.new.as_bytes());
                out.extend_from_slice(label);
            }
            None => out.extend_from_slice(key),
        }
    }

    fn facts(&self, facts: &Sorted, memory: usize, watch: &mut Watch<'_>) -> io::Result<Sorted> {
        each(facts, memory, watch, |record, out| {
            let mut fields = Fields(record);
            self.put(out, fields.key());
            out.push(0);
            let what = fields.byte()?;
            out.push(what);
            if what == OUT {
                put_number(out, fields.number()?);
                put_number(out, fields.number()?);
                self.put(out, fields.0);
            } else {
                out.extend_from_slice(fields.0);
            }
            Ok(())
        })
    }

    fn references(
        &self,
        references: &Sorted,
        memory: usize,
        watch: &mut Watch<'_>,
    ) -> io::Result<Sorted> {
        each(references, memory, watch, |record, out| {
            let mut fields = Fields(record);
            for _ in 0..2 {
                self.put(out, fields.key());
                out.push(0);
            }
            out.extend_from_slice(fields.0);
            Ok(())
        })
    }
}

/// Writes each record anew, and sorts them again.
fn each(
    sorted: &Sorted,
    memory: usize,
    watch: &mut Watch<'_>,
    mut write: impl FnMut(&[u8], &mut Vec<u8>) -> io::Result<()>,
) -> io::Result<Sorted> {
    let mut sorter = Sorter::within(memory);
    let mut reader = sorted.reader()?;
    let mut out = Vec::new();
    while let Some(record) = reader.record() {
        watch.check()?;
        out.clear();
        write(record, &mut out)?;
        sorter.push(&out)?;
        reader.next()?;
    }
    sorter.sorted(watch)
}
