//! One pass over what is known of all nodes, sorted by their keys.
//!
//! In: facts about subjects and references to objects. Out: the nodes in the order of their keys, the
//! relationships in that of their starts, and what decides names: which columns hold arrays, which labels
//! stand together.
//!
//! Memory: the four sorters and what is known of one node.

use super::build::Options;
use super::digest::Digest;
use super::fold::{Ends, Folds, RESOURCE, Reference};
use super::records::{
    Fields, MARK, NODE, OUT, TYPE, key_of, put_bytes, put_key, put_number, put_values, text,
};
use super::schema::{Schema, place};
use super::stream::Keys;
use crate::rdf::vocab::rdf;
use crate::sink::sort::{Sequence, SequenceWriter, Sorted, SortedReader, Sorter, Watch};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::io;

/// Says in the number of a relationship's kind that it is that of a fold, not of a predicate.
pub(super) const FOLD: u32 = 1 << 31;

/// What was gathered.
pub(super) struct Gathered {
    /// Set of labels, key and values of each node.
    pub(super) nodes: Sequence,
    pub(super) node_count: usize,
    /// Start, end, graph, kind, the end's set of labels; of what was folded its key and values.
    pub(super) relationships: Sorted,
    pub(super) relationship_count: usize,
    /// What [`Digest`] says of all statements.
    pub(super) digest: String,
    pub(super) sets: Vec<Set>,
    /// By the number of its text.
    pub(super) predicates: Vec<Predicate>,
    pub(super) folds: Vec<Folded>,
    /// By [`place`]: whether anything has such a value.
    pub(super) present: Vec<bool>,
    /// By [`place`]: whether anything has several of them.
    pub(super) arrays: Vec<bool>,
}

/// Nodes with the same types.
#[derive(Debug, Default)]
pub(super) struct Set {
    pub(super) types: Vec<u32>,
    pub(super) nodes: u64,
    /// The [`place`]s of the values that any of them has.
    pub(super) columns: FxHashSet<u32>,
}

/// How a predicate is used for relationships.
#[derive(Debug, Default, Clone)]
pub(super) struct Predicate {
    pub(super) used: bool,
    pub(super) graph: bool,
}

/// What was folded by one of the folds.
#[derive(Debug, Default, Clone)]
pub(super) struct Folded {
    pub(super) count: usize,
    pub(super) columns: BTreeSet<u32>,
}

pub(super) struct Gather<'o> {
    options: &'o Options,
    schema: &'o mut Schema,
    folds: Folds,
    /// The places of named graphs.
    graphs: FxHashMap<u32, u32>,
    nodes: SequenceWriter,
    relationships: Sorter,
    /// What was folded: end, start, key, fold, values.
    folded: Sorter,
    numbers: FxHashMap<Vec<u32>, u32>,
    sets: Vec<Set>,
    node_count: usize,
    relationship_count: usize,
    /// How many of them begin at what is folded.
    left_out: usize,
    predicates: Vec<Predicate>,
    of_folds: Vec<Folded>,
    present: Vec<bool>,
    arrays: Vec<bool>,
    node: OneNode,
    digest: Digest,
    record: Vec<u8>,
}

/// What is known of the node at hand.
#[derive(Default)]
struct OneNode {
    types: Vec<u32>,
    references: Vec<Reference>,
    /// As [`put_values`] writes them.
    values: Vec<u8>,
    /// The places of the columns that it has values of.
    columns: Vec<u32>,
    column: Option<u32>,
    natives: Vec<String>,
    /// Lexical forms that the native values do not tell.
    odd: Vec<String>,
}

impl<'o> Gather<'o> {
    pub(super) fn new(options: &'o Options, schema: &'o mut Schema) -> Self {
        let share = options.share();
        let (_, graphs) = schema.graphs(options);
        Self {
            folds: Folds::new(&options.folds, schema),
            graphs,
            nodes: SequenceWriter::new(share / 2),
            relationships: Sorter::within(share),
            folded: Sorter::within(share / 2),
            numbers: FxHashMap::default(),
            sets: Vec::new(),
            node_count: 0,
            relationship_count: 0,
            left_out: 0,
            predicates: vec![Predicate::default(); schema.texts.len()],
            of_folds: vec![Folded::default(); options.folds.len()],
            present: Vec::new(),
            arrays: Vec::new(),
            node: OneNode::default(),
            digest: Digest::default(),
            record: Vec::new(),
            options,
            schema,
        }
    }

    /// Goes over facts and references.
    pub(super) fn run(
        mut self,
        facts: &Sorted,
        references: &Sorted,
        watch: &mut Watch<'_>,
    ) -> io::Result<Gathered> {
        let mut facts = facts.reader()?;
        let mut references = references.reader()?;
        let mut key = Vec::new();
        loop {
            let fact = facts.record().map(key_of);
            let reference = references.record().map(key_of);
            let Some(least) = fact.into_iter().chain(reference).min() else {
                break;
            };
            let is_referred_to = reference == Some(least);
            key.clear();
            key.extend_from_slice(least);
            let set = self.node(&key, &mut facts, is_referred_to, watch)?;
            while let Some(record) = references.record() {
                let mut fields = Fields(record);
                if fields.key() != key {
                    break;
                }
                watch.check()?;
                self.reference(&key, fields, set)?;
                references.next()?;
            }
        }
        drop((facts, references));
        let nodes = self.nodes.finish()?;
        // Where they end is a node whose set is known only now.
        let folded = self.folded.sorted(watch)?;
        let mut folded = folded.reader()?;
        let mut keys = Keys::new(&nodes)?;
        while let Some(record) = folded.record() {
            watch.check()?;
            let mut fields = Fields(record);
            let [end, start, key] = std::array::from_fn(|_| fields.key());
            let fold = fields.number()?;
            if let Some(set) = keys.set_of(end)? {
                let out = &mut self.record;
                out.clear();
                put_key(out, start);
                put_key(out, end);
                for number in [0, FOLD | fold, set] {
                    put_number(out, number);
                }
                put_key(out, key);
                out.extend_from_slice(fields.0);
                self.relationships.push(out)?;
            }
            folded.next()?;
        }
        drop(folded);
        Ok(Gathered {
            nodes,
            node_count: self.node_count,
            relationships: self.relationships.sorted(watch)?,
            relationship_count: self.relationship_count - self.left_out,
            digest: self.digest.text(),
            sets: self.sets,
            predicates: self.predicates,
            folds: self.of_folds,
            present: self.present,
            arrays: self.arrays,
        })
    }

    /// Takes the facts of one key; gives the set of labels where it is a node.
    fn node(
        &mut self,
        key: &[u8],
        facts: &mut SortedReader,
        is_referred_to: bool,
        watch: &mut Watch<'_>,
    ) -> io::Result<u32> {
        self.node.types.clear();
        self.node.references.clear();
        self.node.values.clear();
        self.node.columns.clear();
        let mut candidate = None;
        while let Some(record) = facts.record() {
            let mut fields = Fields(record);
            if fields.key() != key {
                break;
            }
            watch.check()?;
            match fields.byte()? {
                NODE => {}
                TYPE => {
                    let number = fields.number()?;
                    self.digest_type(key, number);
                    self.node.types.push(number);
                    candidate = self.folds.candidate(&self.node.types, is_referred_to);
                }
                OUT => {
                    let reference = Reference {
                        predicate: fields.number()?,
                        graph: fields.number()?,
                        object: fields.0.to_vec(),
                    };
                    if candidate.is_some() {
                        self.node.references.push(reference);
                    } else {
                        self.predicates[reference.predicate as usize].used = true;
                    }
                }
                _ => {
                    let column = fields.number()?;
                    self.digest_value(key, column, fields.0);
                    if self.node.column != Some(column) {
                        self.column_ends()?;
                        self.node.column = Some(column);
                    }
                    self.value(column, fields.0)?;
                }
            }
            facts.next()?;
        }
        self.column_ends()?;
        let references = std::mem::take(&mut self.node.references);
        if let Some(fold) = candidate {
            if let Some(ends) = self.folds.ends(fold, &references) {
                self.folded(key, fold, &ends)?;
                self.left_out += references.len();
                self.node.references = references;
                return Ok(0);
            }
            for one in &references {
                self.predicates[one.predicate as usize].used = true;
            }
        }
        self.node.references = references;
        self.keep_node(key)
    }

    fn value(&mut self, column: u32, lexical: &[u8]) -> io::Result<()> {
        let lexical = text(lexical)?;
        let (kind, datatype) = (self.schema.kind(column), self.schema.datatype(column));
        let native = kind.native(datatype, &lexical);
        let is_usual = native
            .as_ref()
            .is_some_and(|native| kind.lexical(datatype, native) == lexical);
        self.node.natives.extend(native);
        if !is_usual {
            self.node.odd.push(lexical);
        }
        Ok(())
    }

    /// Keeps the values of a column.
    fn column_ends(&mut self) -> io::Result<()> {
        let Some(column) = self.node.column.take() else {
            return Ok(());
        };
        let node = &mut self.node;
        for (is_form, values) in [(false, &mut node.natives), (true, &mut node.odd)] {
            if values.is_empty() {
                continue;
            }
            let place = place(column, is_form);
            set(&mut self.present, place);
            if values.len() > 1 {
                set(&mut self.arrays, place);
            }
            put_values(&mut node.values, place, values)?;
            node.columns.push(place);
            values.clear();
        }
        Ok(())
    }

    fn keep_node(&mut self, key: &[u8]) -> io::Result<u32> {
        let number = if let Some(number) = self.numbers.get(&self.node.types) {
            *number
        } else {
            let number = u32::try_from(self.sets.len()).map_err(io::Error::other)?;
            self.numbers.insert(self.node.types.clone(), number);
            self.sets.push(Set {
                types: self.node.types.clone(),
                ..Set::default()
            });
            number
        };
        let of = &mut self.sets[number as usize];
        of.nodes += 1;
        of.columns.extend(&self.node.columns);
        self.node_count += 1;
        let out = &mut self.record;
        out.clear();
        put_number(out, number);
        put_bytes(out, &plain(key, self.options))?;
        out.extend_from_slice(&self.node.values);
        self.nodes.push(out)?;
        Ok(number)
    }

    /// Keeps what becomes a relationship. The IRIs of what else it refers to are values.
    fn folded(&mut self, key: &[u8], fold: usize, ends: &Ends<'_>) -> io::Result<()> {
        let mut others = Vec::new();
        let datatype = self.schema.texts.number(RESOURCE);
        for one in &ends.others {
            let column = [one.predicate, datatype, 0, 0];
            let column = self.schema.column(column, self.options);
            others.push((column, text(&plain(&one.object, self.options))?));
        }
        others.sort_unstable();
        for same in others.chunk_by(|one, other| one.0 == other.0) {
            self.node.column = Some(same[0].0);
            let iris = same.iter().map(|(_, iri)| iri.clone());
            self.node.natives.extend(iris);
            self.column_ends()?;
        }
        let of = &mut self.of_folds[fold];
        of.count += 1;
        of.columns.extend(&self.node.columns);
        self.relationship_count += 1;
        let out = &mut self.record;
        out.clear();
        for key in [ends.end, ends.start, key] {
            put_key(out, &plain(key, self.options));
        }
        put_number(out, u32::try_from(fold).map_err(io::Error::other)?);
        out.extend_from_slice(&self.node.values);
        self.folded.push(out)
    }

    /// Keeps a relationship to the node at hand, which may begin at what is folded and is left out then
    /// where its start is looked for.
    fn reference(&mut self, key: &[u8], mut fields: Fields<'_>, set: u32) -> io::Result<()> {
        let subject = fields.key();
        let (predicate, graph) = (fields.number()?, fields.number()?);
        self.digest_reference([subject, key], predicate, graph);
        let of = &mut self.predicates[predicate as usize];
        of.used |= self.options.folds.is_empty();
        of.graph |= graph != 0;
        self.relationship_count += 1;
        let graph = self.graphs.get(&graph).copied().unwrap_or_default();
        let out = &mut self.record;
        out.clear();
        put_key(out, &plain(subject, self.options));
        put_key(out, &plain(key, self.options));
        for number in [graph, predicate, set] {
            put_number(out, number);
        }
        self.relationships.push(out)
    }
}

impl Gather<'_> {
    fn digest_type(&mut self, key: &[u8], number: u32) {
        let (class, graph) = self.schema.types()[number as usize];
        self.digest.part(pieces(key, self.options));
        self.digest.part([rdf::TYPE.as_str().as_bytes(), b""]);
        for number in [class, graph] {
            self.digest.part(self.schema.pieces(number, self.options));
        }
        self.digest_end([0, 0]);
    }

    fn digest_value(&mut self, key: &[u8], column: u32, lexical: &[u8]) {
        let [predicate, datatype, language, graph] = self.schema.key(column);
        self.digest.part(pieces(key, self.options));
        self.digest
            .part(self.schema.pieces(predicate, self.options));
        self.digest.part([lexical, b""]);
        self.digest.part(self.schema.pieces(graph, self.options));
        self.digest_end([datatype, language]);
    }

    fn digest_reference(&mut self, [subject, object]: [&[u8]; 2], predicate: u32, graph: u32) {
        self.digest.part(pieces(subject, self.options));
        self.digest
            .part(self.schema.pieces(predicate, self.options));
        self.digest.part(pieces(object, self.options));
        self.digest.part(self.schema.pieces(graph, self.options));
        self.digest_end([0, 0]);
    }

    /// Ends a statement with the datatype and the language of its object.
    fn digest_end(&mut self, of_object: [u32; 2]) {
        for number in of_object {
            self.digest.part(self.schema.pieces(number, self.options));
        }
        self.digest.end();
    }
}

/// The pieces of the IRI that a key stands for.
fn pieces<'k>(key: &'k [u8], options: &Options) -> [&'k [u8]; 2] {
    let at = options.blank_nodes.len();
    if key.get(at) == Some(&MARK) {
        [&key[..at], &key[at + 1..]]
    } else {
        [key, b""]
    }
}

/// A key as the IRI that it stands for.
fn plain<'k>(key: &'k [u8], options: &Options) -> std::borrow::Cow<'k, [u8]> {
    match pieces(key, options) {
        [all, b""] => all.into(),
        pieces => pieces.concat().into(),
    }
}

/// Sets a flag.
fn set(flags: &mut Vec<bool>, at: u32) {
    let at = at as usize;
    if flags.len() <= at {
        flags.resize(at + 1, false);
    }
    flags[at] = true;
}
