//! Loads quads into an Oxigraph store as they come.
//!
//! In: quads. Out: a filled store. Quads are handed over in batches.

use super::{Origin, QuadSink, SinkError};
use oxigraph::store::Store;
use oxrdf::{Quad, QuadRef};

/// How many quads are handed over at once.
const BATCH: usize = 65_536;

/// Loads quads into a store.
///
/// Memory: one batch of quads beside the store.
pub struct StoreSink<'a> {
    store: &'a Store,
    batch: Vec<Quad>,
}

impl<'a> StoreSink<'a> {
    /// Loads into a store, beside what it holds.
    pub fn new(store: &'a Store) -> Self {
        Self {
            store,
            batch: Vec::new(),
        }
    }

    /// Hands over what is left.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish(mut self) -> Result<(), SinkError> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let mut loader = self.store.bulk_loader();
        loader.load_quads(std::mem::take(&mut self.batch))?;
        loader.commit()?;
        Ok(())
    }
}

impl QuadSink for StoreSink<'_> {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.batch.push(quad.into_owned());
        if self.batch.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }
}
