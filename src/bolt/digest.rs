//! What a push is known by: a digest of all that decides what it sends.

use super::{BoltError, Options, PROGRESS, statement};
use crate::property_graph::PropertyGraph;
use crate::property_graph::batches::Property;
use crate::push::Mode;
use crate::rdf::hexadecimal;
use sha2::{Digest as _, Sha256};

/// A digest, and how many batches there are.
pub(super) struct Content {
    /// 128 bits in hexadecimal digits.
    pub(super) digest: String,
    pub(super) batches: u64,
}

/// Goes through all batches once.
///
/// # Errors
/// When the graph cannot be read, or has a label that pushes need.
pub(super) fn content(graph: &PropertyGraph, options: &Options) -> Result<Content, BoltError> {
    let mut hash = Fields(Sha256::new());
    hash.field("coalition-kg push 1");
    hash.field(options.dialect.name());
    hash.field(match options.mode {
        Mode::Replace => "replace",
        Mode::Merge => "merge",
    });
    hash.field(&options.project);
    hash.field(&options.batch.to_string());
    let mut batches = 0;
    graph.node_batches::<BoltError>(options.batch, &mut || true, &mut |batch| {
        // A node of that label counts batches.
        if batch.table == PROGRESS || batch.others.contains(&PROGRESS) {
            return Err(BoltError::Label(PROGRESS));
        }
        batches += 1;
        hash.field(&statement::nodes(batch, options.mode, &[]));
        for row in &batch.rows {
            hash.field(row.key);
            hash.properties(&row.properties);
        }
        Ok(())
    })?;
    graph.relationship_batches::<BoltError>(options.batch, &mut || true, &mut |batch| {
        batches += 1;
        hash.field(&statement::relationships(batch, options.mode));
        for row in &batch.rows {
            for text in [row.start, row.end, row.id] {
                hash.field(text);
            }
            for (name, text) in &row.texts {
                hash.field(name);
                hash.field(text);
            }
            hash.properties(&row.properties);
        }
        Ok(())
    })?;
    Ok(Content {
        digest: hexadecimal(&hash.0.finalize()[..16]),
        batches,
    })
}

struct Fields(Sha256);

impl Fields {
    // The length tells where a text ends.
    fn field(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    fn properties(&mut self, properties: &[Property<'_>]) {
        self.field(&properties.len().to_string());
        for property in properties {
            self.field(property.name);
            self.field(&format!("{:?} {}", property.kind, property.array));
            self.field(&property.values.len().to_string());
            for value in property.values {
                self.field(value);
            }
        }
    }
}
