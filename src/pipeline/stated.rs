//! What the tables state on its way: counted, to the store, to an output.
//!
//! In: quads of the tables. Out: the same quads wherever they are wanted; where they are counted,
//! each once.

use crate::export::description::Counts;
use crate::sink::batch::Batch;
use crate::sink::store::StoreSink;
use crate::sink::{Origin, QuadSink, SinkError};
use oxrdf::QuadRef;

/// How many quads are counted at a time.
const BATCH: usize = 1024;

/// How many bytes of text are counted at a time.
const BATCH_BYTES: usize = 1 << 20;

/// Takes what the tables state to wherever it is wanted.
pub(super) struct Stated<'l> {
    counted: Option<Counted<'l>>,
    to: Targets<'l>,
}

/// What waits to be counted.
struct Counted<'l> {
    counts: &'l mut Counts,
    batch: Batch,
    origins: Vec<Origin>,
}

struct Targets<'l> {
    store: Option<StoreSink>,
    also: Option<&'l mut dyn QuadSink>,
    stored: u64,
}

impl<'l> Stated<'l> {
    pub(super) fn new(
        counts: Option<&'l mut Counts>,
        store: Option<StoreSink>,
        also: Option<&'l mut dyn QuadSink>,
    ) -> Self {
        Self {
            counted: counts.map(|counts| Counted {
                counts,
                batch: Batch::default(),
                origins: Vec::new(),
            }),
            to: Targets {
                store,
                also,
                stored: 0,
            },
        }
    }

    /// Hands on what is left and waits for the store; gives how many quads it was handed.
    ///
    /// # Errors
    /// When a sink fails.
    pub(super) fn finish(mut self) -> Result<u64, SinkError> {
        if let Some(counted) = &mut self.counted {
            counted.flush(&mut self.to)?;
        }
        if let Some(store) = self.to.store {
            store.finish()?;
        }
        Ok(self.to.stored)
    }
}

impl QuadSink for Stated<'_> {
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError> {
        let Some(counted) = &mut self.counted else {
            return self.to.push(quad, origin);
        };
        if !quad.graph_name.is_default_graph() {
            // It is no part of the dataset that is described.
            counted.flush(&mut self.to)?;
            return self.to.push(quad, origin);
        }
        counted.batch.push(quad);
        counted.origins.push(*origin);
        if counted.batch.len() >= BATCH || counted.batch.bytes() >= BATCH_BYTES {
            counted.flush(&mut self.to)?;
        }
        Ok(())
    }
}

impl Counted<'_> {
    fn flush(&mut self, to: &mut Targets<'_>) -> Result<(), SinkError> {
        let new = self.counts.add_all(self.batch.iter());
        let quads = self.batch.iter().zip(&self.origins).zip(new);
        for ((quad, origin), _) in quads.filter(|(_, new)| **new) {
            to.push(quad, origin)?;
        }
        self.batch.clear();
        self.origins.clear();
        Ok(())
    }
}

impl QuadSink for Targets<'_> {
    fn push(&mut self, quad: QuadRef<'_>, origin: &Origin) -> Result<(), SinkError> {
        if let Some(store) = &mut self.store {
            store.push(quad, origin)?;
            self.stored += 1;
        }
        self.also.push(quad, origin)
    }
}
