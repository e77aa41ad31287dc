//! The nodes and relationships of a graph, one after another, in the order that a format has.
//!
//! Memory: what is sorted for another order than that of the keys, up to a share of what was asked for, and
//! one node or relationship.

use super::gather::FOLD;
use super::records::{Fields, Width, put_number, text};
use super::{End, Node, PropertyGraph, Relationship, Values};
use crate::rdf::hexadecimal;
use crate::sink::sort::{Sequence, SequenceReader, SortedReader, Sorter, Watch};
use sha2::{Digest as _, Sha256};
use std::io;

/// The order of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeOrder {
    /// By key.
    Keys,
    /// By table, then by key.
    Tables,
    /// By table, then by labels, then by key.
    Labels,
}

/// The order of relationships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RelationshipOrder {
    /// By type, then by the keys of both ends.
    Types,
    /// By type, then by the tables of both ends, then by their keys.
    Tables,
}

/// Which relationships stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Between {
    /// The type.
    pub(super) kind: usize,
    /// The table of the nodes where they begin.
    pub(super) start: usize,
    /// The table of the nodes where they end.
    pub(super) end: usize,
}

/// Nodes in order.
pub(super) struct Nodes<'g> {
    graph: &'g PropertyGraph,
    source: Source,
    ahead: Option<Node>,
}

enum Source {
    Keys(SequenceReader),
    /// The records are behind as many bytes.
    Sorted(SortedReader, usize),
}

impl Source {
    fn next<T>(&mut self, read: impl FnOnce(Fields<'_>) -> io::Result<T>) -> io::Result<Option<T>> {
        let record = match self {
            Self::Keys(reader) => reader.record(),
            Self::Sorted(reader, skip) => reader.record().and_then(|bytes| bytes.get(*skip..)),
        };
        let Some(record) = record else {
            return Ok(None);
        };
        let read = read(Fields(record))?;
        match self {
            Self::Keys(reader) => reader.next()?,
            Self::Sorted(reader, _) => reader.next()?,
        }
        Ok(Some(read))
    }
}

impl Nodes<'_> {
    /// The next node, without going on to it.
    pub(super) fn peek(&self) -> Option<&Node> {
        self.ahead.as_ref()
    }

    /// The next node.
    pub(super) fn next(&mut self, watch: &mut Watch<'_>) -> io::Result<Option<Node>> {
        watch.check()?;
        let next = self.source.next(|fields| self.graph.node(fields))?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    /// The next node, if it is of this table.
    pub(super) fn next_of(
        &mut self,
        table: usize,
        watch: &mut Watch<'_>,
    ) -> io::Result<Option<Node>> {
        match self.peek() {
            Some(node) if self.graph.sets[node.set].table == table => self.next(watch),
            _ => Ok(None),
        }
    }
}

/// Relationships in order.
pub(super) struct Relationships<'g> {
    graph: &'g PropertyGraph,
    source: Source,
    ahead: Option<Relationship>,
}

impl Relationships<'_> {
    /// Where the next relationship belongs.
    pub(super) fn peek(&self) -> Option<Between> {
        let one = self.ahead.as_ref()?;
        Some(Between {
            kind: one.kind,
            start: self.graph.sets[one.start.set].table,
            end: self.graph.sets[one.end.set].table,
        })
    }

    /// The next relationship.
    pub(super) fn next(&mut self, watch: &mut Watch<'_>) -> io::Result<Option<Relationship>> {
        watch.check()?;
        let next = self.source.next(|mut fields| {
            let start = fields.number()? as usize;
            self.graph.relationship(fields, start)
        })?;
        Ok(std::mem::replace(&mut self.ahead, next))
    }

    /// The next relationship, if it is like this.
    pub(super) fn next_if(
        &mut self,
        is: impl FnOnce(Between) -> bool,
        watch: &mut Watch<'_>,
    ) -> io::Result<Option<Relationship>> {
        match self.peek() {
            Some(between) if is(between) => self.next(watch),
            _ => Ok(None),
        }
    }
}

impl PropertyGraph {
    /// The nodes in an order.
    pub(super) fn nodes_in(
        &self,
        order: NodeOrder,
        watch: &mut Watch<'_>,
    ) -> io::Result<Nodes<'_>> {
        let source = if order == NodeOrder::Keys {
            Source::Keys(self.nodes.reader()?)
        } else {
            self.sorted_nodes(order, watch)?
        };
        let mut nodes = Nodes {
            graph: self,
            source,
            ahead: None,
        };
        nodes.next(watch)?;
        Ok(nodes)
    }

    fn sorted_nodes(&self, order: NodeOrder, watch: &mut Watch<'_>) -> io::Result<Source> {
        let mut by_labels: Vec<usize> = (0..self.sets.len()).collect();
        by_labels.sort_by_key(|at| (self.sets[*at].table, &self.sets[*at].labels));
        let mut ranks = vec![0; self.sets.len()];
        for (rank, at) in by_labels.into_iter().enumerate() {
            ranks[at] = if order == NodeOrder::Tables {
                self.sets[at].table
            } else {
                rank
            };
        }
        let most = ranks.iter().max().copied().unwrap_or_default();
        let (rank_width, width) = (Width::of(most as u64), Width::of(self.node_count as u64));
        let mut sorter = Sorter::within(self.memory);
        let mut reader = self.nodes.reader()?;
        let mut out = Vec::new();
        let mut number = 0;
        while let Some(record) = reader.record() {
            watch.check()?;
            let set = Fields(record).number()? as usize;
            out.clear();
            rank_width.put(&mut out, ranks[set] as u64);
            width.put(&mut out, number);
            out.extend_from_slice(record);
            sorter.push(&out)?;
            number += 1;
            reader.next()?;
        }
        let reader = sorter.sorted(watch)?.reader()?;
        Ok(Source::Sorted(reader, rank_width.bytes() + width.bytes()))
    }

    /// The relationships in an order.
    pub(super) fn relationships_in(
        &self,
        order: RelationshipOrder,
        watch: &mut Watch<'_>,
    ) -> io::Result<Relationships<'_>> {
        let kind_width = Width::of(self.types.len() as u64);
        let table_width = Width::of(self.labels.len() as u64);
        let width = Width::of(self.relationship_count as u64);
        let mut sorter = Sorter::within(self.memory);
        let mut keys = Keys::new(&self.nodes)?;
        let mut reader = self.relationships.reader()?;
        let mut out = Vec::new();
        let mut number = 0;
        while let Some(record) = reader.record() {
            watch.check()?;
            let mut fields = Fields(record);
            // What begins at no node begins at what was folded.
            if let Some(start) = keys.set_of(fields.key())? {
                fields.key();
                fields.number()?;
                let kind = self.kind(fields.number()?)?;
                let end = fields.number()?;
                out.clear();
                kind_width.put(&mut out, kind as u64);
                if order == RelationshipOrder::Tables {
                    for set in [start, end] {
                        table_width.put(&mut out, self.sets[set as usize].table as u64);
                    }
                }
                width.put(&mut out, number);
                put_number(&mut out, start);
                out.extend_from_slice(record);
                sorter.push(&out)?;
                number += 1;
            }
            reader.next()?;
        }
        drop(reader);
        let tables = match order {
            RelationshipOrder::Types => 0,
            RelationshipOrder::Tables => 2 * table_width.bytes(),
        };
        let skip = kind_width.bytes() + tables + width.bytes();
        let mut relationships = Relationships {
            graph: self,
            source: Source::Sorted(sorter.sorted(watch)?.reader()?, skip),
            ahead: None,
        };
        relationships.next(watch)?;
        Ok(relationships)
    }

    /// Looks at all values, by column: those of nodes, then those of what was folded.
    pub(super) fn each_value(
        &self,
        watch: &mut Watch<'_>,
        look: &mut dyn FnMut(usize, &[String]),
    ) -> io::Result<()> {
        let mut nodes = self.nodes.reader()?;
        while let Some(record) = nodes.record() {
            watch.check()?;
            let mut fields = Fields(record);
            fields.number()?;
            fields.bytes()?;
            for (column, values) in fields.values()? {
                look(self.places[column], &values);
            }
            nodes.next()?;
        }
        self.each_folded_value(watch, look)
    }

    /// The same for the values of what was folded alone.
    pub(super) fn each_folded_value(
        &self,
        watch: &mut Watch<'_>,
        look: &mut dyn FnMut(usize, &[String]),
    ) -> io::Result<()> {
        if self.folded.iter().all(|count| *count == 0) {
            return Ok(());
        }
        let mut relationships = self.relationships.reader()?;
        while let Some(record) = relationships.record() {
            watch.check()?;
            let mut fields = Fields(record);
            fields.key();
            fields.key();
            fields.number()?;
            if fields.number()? & FOLD != 0 {
                fields.number()?;
                fields.key();
                for (column, values) in self.values(&mut fields)? {
                    look(column, &values);
                }
            }
            relationships.next()?;
        }
        Ok(())
    }

    /// The type of a relationship by the number that it was kept with.
    fn kind(&self, number: u32) -> io::Result<usize> {
        let kind = if number & FOLD == 0 {
            self.kinds.get(&number)
        } else {
            self.of_folds.get(&((number & !FOLD) as usize))
        };
        kind.copied()
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    }

    fn values(&self, fields: &mut Fields<'_>) -> io::Result<Values> {
        let mut values = fields.values()?;
        for (column, _) in &mut values {
            *column = self.places[*column];
        }
        values.sort_unstable_by_key(|(column, _)| *column);
        Ok(values)
    }

    fn node(&self, mut fields: Fields<'_>) -> io::Result<Node> {
        Ok(Node {
            set: fields.number()? as usize,
            key: text(fields.bytes()?)?,
            values: self.values(&mut fields)?,
        })
    }

    fn relationship(&self, mut fields: Fields<'_>, start: usize) -> io::Result<Relationship> {
        let start = End {
            key: text(fields.key())?,
            set: start,
        };
        let key = text(fields.key())?;
        let graph = (fields.number()? as usize).checked_sub(1);
        let graph = graph.map(|at| self.graphs[at].clone());
        let kind = self.kind(fields.number()?)?;
        let set = fields.number()? as usize;
        let end = End { key, set };
        let of = &self.types[kind];
        let (key, id) = if let Some(fold) = &of.fold {
            let key = text(fields.key())?;
            let id = id([&key, &fold.class, "", ""]);
            (Some(key), id)
        } else {
            let predicate = of.predicate.as_deref().unwrap_or_default();
            let graph = graph.as_deref().unwrap_or_default();
            (None, id([&start.key, predicate, &end.key, graph]))
        };
        Ok(Relationship {
            id,
            start,
            end,
            kind,
            graph,
            key,
            values: self.values(&mut fields)?,
        })
    }
}

/// Finds the sets of labels of nodes, for keys in their order.
pub(super) struct Keys {
    nodes: SequenceReader,
}

impl Keys {
    pub(super) fn new(nodes: &Sequence) -> io::Result<Self> {
        let nodes = nodes.reader()?;
        Ok(Self { nodes })
    }

    /// The set of the node of a key, which is none of those before.
    pub(super) fn set_of(&mut self, key: &[u8]) -> io::Result<Option<u32>> {
        while let Some(record) = self.nodes.record() {
            let mut fields = Fields(record);
            let set = fields.number()?;
            match fields.bytes()?.cmp(key) {
                std::cmp::Ordering::Less => self.nodes.next()?,
                std::cmp::Ordering::Equal => return Ok(Some(set)),
                std::cmp::Ordering::Greater => break,
            }
        }
        Ok(None)
    }
}

/// The identifier of a relationship: 32 hexadecimal digits that hang on the statement alone.
fn id(parts: [&str; 4]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        // No IRI holds it.
        hash.update([0]);
    }
    hexadecimal(&hash.finalize()[..16])
}
