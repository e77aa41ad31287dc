//! Nodes and relationships in batches, as the statements take them that merge them into a database.
//!
//! In: a graph, and how many rows a batch may have. Out: batches of nodes of one table with the same
//! labels, and of relationships of one type between the nodes of two tables, always in the same order.

use super::stream::{NodeOrder, RelationshipOrder};
use super::{Column, KEY, Kind, Node, PropertyGraph, Relationship, Values};
use crate::sink::sort::Watch;
use std::io;

/// A property with its native values.
#[derive(Debug, Clone, Copy)]
pub struct Property<'b> {
    /// The name.
    pub name: &'b str,
    /// The type of its values.
    pub kind: Kind,
    /// Whether it is an array, also where it has one value.
    pub array: bool,
    /// The values, as [`Kind::native`] writes them; never empty.
    pub values: &'b [String],
}

/// A node of a batch.
#[derive(Debug, Clone)]
pub struct NodeRow<'b> {
    /// Its IRI.
    pub key: &'b str,
    /// Its properties, in the order of the names.
    pub properties: Vec<Property<'b>>,
}

/// Nodes that one statement makes.
#[derive(Debug, Clone)]
pub struct NodeBatch<'b> {
    /// The label that decides which table they are in, and by which they are found.
    pub table: &'b str,
    /// Their other labels, in order.
    pub others: Vec<&'b str>,
    /// The nodes; at least one.
    pub rows: Vec<NodeRow<'b>>,
}

/// A relationship of a batch.
#[derive(Debug, Clone)]
pub struct RelationshipRow<'b> {
    /// The IRI of the node where it begins.
    pub start: &'b str,
    /// The IRI of the node where it ends.
    pub end: &'b str,
    /// The text that tells it from others of its type.
    pub id: &'b str,
    /// Texts that are no literals of the graph, by name: `iri` of what was folded, `graph`.
    pub texts: Vec<(&'static str, &'b str)>,
    /// Its properties, in the order of the names.
    pub properties: Vec<Property<'b>>,
}

/// Relationships that one statement makes.
#[derive(Debug, Clone)]
pub struct RelationshipBatch<'b> {
    /// Their type.
    pub kind: &'b str,
    /// The table of the nodes where they begin.
    pub start: &'b str,
    /// The table of the nodes where they end.
    pub end: &'b str,
    /// The relationships; at least one.
    pub rows: Vec<RelationshipRow<'b>>,
}

impl PropertyGraph {
    /// The labels that tables of nodes are called by, in the order of the batches.
    pub fn table_labels(&self) -> Vec<&str> {
        self.tables().iter().map(|table| table.label).collect()
    }

    /// The names that properties may have.
    pub fn property_names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Hands out all nodes, at most `size` at a time; `go_on` is asked from time to time.
    ///
    /// Memory: the rows of one batch, beside what is sorted.
    ///
    /// # Errors
    /// Those of `visit`, which end it, those of reading the graph, and
    /// [`is_stopped`](crate::sink::sort::is_stopped) where `go_on` says no.
    pub fn node_batches<E: From<io::Error>>(
        &self,
        size: usize,
        go_on: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(&NodeBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.visit_nodes(size, &mut Watch::new(go_on), visit)
    }

    pub(super) fn visit_nodes<E: From<io::Error>>(
        &self,
        size: usize,
        watch: &mut Watch<'_>,
        visit: &mut dyn FnMut(&NodeBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut nodes = self.nodes_in(NodeOrder::Labels, watch)?;
        let mut batch: Vec<Node> = Vec::new();
        while let Some(node) = nodes.next(watch)? {
            let set = node.set;
            batch.push(node);
            if batch.len() < size && nodes.peek().is_some_and(|next| next.set == set) {
                continue;
            }
            let table = &self.labels[self.sets[set].table].name;
            let rows = batch.iter().map(|node| NodeRow {
                key: &node.key,
                properties: properties(&self.columns, &node.values),
            });
            visit(&NodeBatch {
                table,
                others: self.label_names(set).filter(|name| name != table).collect(),
                rows: rows.collect(),
            })?;
            batch.clear();
        }
        Ok(())
    }

    /// Hands out all relationships, at most `size` at a time; `go_on` is asked from time to time.
    ///
    /// Memory: the rows of one batch, beside what is sorted.
    ///
    /// # Errors
    /// As for [`PropertyGraph::node_batches`].
    pub fn relationship_batches<E: From<io::Error>>(
        &self,
        size: usize,
        go_on: &mut dyn FnMut() -> bool,
        visit: &mut dyn FnMut(&RelationshipBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.visit_relationships(size, &mut Watch::new(go_on), visit)
    }

    pub(super) fn visit_relationships<E: From<io::Error>>(
        &self,
        size: usize,
        watch: &mut Watch<'_>,
        visit: &mut dyn FnMut(&RelationshipBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut relationships = self.relationships_in(RelationshipOrder::Tables, watch)?;
        let mut batch: Vec<Relationship> = Vec::new();
        while let Some(between) = relationships.peek() {
            while batch.len() < size.max(1)
                && let Some(one) = relationships.next_if(|next| next == between, watch)?
            {
                batch.push(one);
            }
            visit(&RelationshipBatch {
                kind: &self.types[between.kind].name,
                start: &self.labels[between.start].name,
                end: &self.labels[between.end].name,
                rows: batch.iter().map(|one| self.row(one)).collect(),
            })?;
            batch.clear();
        }
        Ok(())
    }

    fn row<'g>(&'g self, one: &'g Relationship) -> RelationshipRow<'g> {
        let texts = [(KEY, &one.key), ("graph", &one.graph)].into_iter();
        RelationshipRow {
            start: &one.start.key,
            end: &one.end.key,
            id: &one.id,
            texts: texts
                .filter_map(|(name, text)| Some((name, text.as_deref()?)))
                .collect(),
            properties: properties(&self.columns, &one.values),
        }
    }
}

fn properties<'g>(columns: &'g [Column], values: &'g Values) -> Vec<Property<'g>> {
    let known = values.iter().map(|(column, values)| {
        let column = &columns[*column];
        Property {
            name: &column.name,
            kind: column.kind,
            array: column.array,
            values,
        }
    });
    known
        .filter(|property| !property.values.is_empty())
        .collect()
}
