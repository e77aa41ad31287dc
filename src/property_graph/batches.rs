//! Nodes and relationships in batches, as the statements take them that merge them into a database.
//!
//! In: a graph, and how many rows a batch may have. Out: batches of nodes of one table with the same
//! labels, and of relationships of one type between the nodes of two tables, always in the same order.

use super::{Column, KEY, Kind, Node, PropertyGraph, Relationship, Values};
use std::collections::BTreeMap;
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

    /// Hands out all nodes, at most `size` at a time.
    ///
    /// Memory: the rows of one batch, without their texts.
    ///
    /// # Errors
    /// Those of `visit`, which end it, and those of reading the graph.
    pub fn node_batches<E: From<io::Error>>(
        &self,
        size: usize,
        visit: &mut dyn FnMut(&NodeBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for table in self.tables() {
            let mut same: BTreeMap<&[usize], Vec<&Node>> = BTreeMap::new();
            for node in &table.nodes {
                same.entry(&node.labels).or_default().push(node);
            }
            for (labels, nodes) in same {
                let names = labels.iter().map(|label| self.labels[*label].name.as_str());
                let others: Vec<&str> = names.filter(|name| *name != table.label).collect();
                for chunk in nodes.chunks(size.max(1)) {
                    let rows = chunk.iter().map(|node| NodeRow {
                        key: &node.key,
                        properties: properties(&self.columns, &node.values),
                    });
                    visit(&NodeBatch {
                        table: table.label,
                        others: others.clone(),
                        rows: rows.collect(),
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Hands out all relationships, at most `size` at a time.
    ///
    /// Memory: the rows of one batch, without their texts, and 8 bytes for each relationship of a type.
    ///
    /// # Errors
    /// Those of `visit`, which end it, and those of reading the graph.
    pub fn relationship_batches<E: From<io::Error>>(
        &self,
        size: usize,
        visit: &mut dyn FnMut(&RelationshipBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (kind, same) in self.by_type() {
            let mut between: BTreeMap<(usize, usize), Vec<&Relationship>> = BTreeMap::new();
            for one in same {
                let tables = (self.nodes[one.start].table, self.nodes[one.end].table);
                between.entry(tables).or_default().push(one);
            }
            for ((start, end), same) in between {
                for chunk in same.chunks(size.max(1)) {
                    visit(&RelationshipBatch {
                        kind: &kind.name,
                        start: &self.labels[start].name,
                        end: &self.labels[end].name,
                        rows: chunk.iter().map(|one| self.relationship(one)).collect(),
                    })?;
                }
            }
        }
        Ok(())
    }

    fn relationship<'g>(&'g self, one: &'g Relationship) -> RelationshipRow<'g> {
        let texts = [(KEY, &one.key), ("graph", &one.graph)].into_iter();
        RelationshipRow {
            start: &self.nodes[one.start].key,
            end: &self.nodes[one.end].key,
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
