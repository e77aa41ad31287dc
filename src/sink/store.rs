//! Loads quads into an Oxigraph store as they come.
//!
//! In: quads. Out: a filled store. Quads are gathered into batches; from the second batch on a
//! thread of its own puts them into the store, so that making quads hides behind loading.

use super::batch::Batch;
use super::{Origin, QuadSink, SinkError};
use oxigraph::store::{StorageError, Store};
use oxrdf::QuadRef;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

/// How many quads a batch has at most. What a small transaction has put in is still near when it
/// is committed.
const BATCH: usize = 1024;

/// How many bytes of text end a batch that has fewer quads.
const BATCH_BYTES: usize = 1 << 20;

/// How many batches may wait for the store.
const WAITING: usize = 16;

/// Where a store keeps its quads, which decides how they are best put in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// In memory: by small transactions, which take borrowed terms. They are there at once: a run
    /// that fails leaves what came before.
    #[default]
    Memory,
    /// On disk: by one bulk load, which sorts a million quads at a time and takes as many threads
    /// as there are processors. They are there at the end, or not at all.
    Disk,
}

/// Loads quads into a store, beside what it holds. The same quad may come more than once.
///
/// Dropped without [`finish`](Self::finish) it ends its thread and waits for it.
///
/// Memory: up to eighteen batches of 1024 quads beside the store; on disk a million quads for each
/// processor.
pub struct StoreSink {
    store: Store,
    place: Place,
    batch: Batch,
    loader: Option<Loader>,
}

/// The thread that loads.
struct Loader {
    /// Batches, and at the end that there are no more.
    batches: SyncSender<Message>,
    /// Batches that are empty again.
    spare: Receiver<Batch>,
    thread: JoinHandle<Result<(), StorageError>>,
}

enum Message {
    Batch(Batch),
    End,
}

impl StoreSink {
    /// Loads into a store, beside what it holds.
    pub fn new(store: &Store, place: Place) -> Self {
        Self {
            store: store.clone(),
            place,
            batch: Batch::default(),
            loader: None,
        }
    }

    /// Hands over what is left and waits until all is in the store.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish(mut self) -> Result<(), SinkError> {
        let batch = std::mem::take(&mut self.batch);
        if self.loader.is_some() {
            self.send(Message::Batch(batch))?;
            self.send(Message::End)?;
            return self.join();
        }
        // So little is there sooner than a thread.
        let (batches, received) = sync_channel(2);
        let (spare, _kept) = channel();
        let sent =
            batches.send(Message::Batch(batch)).is_ok() && batches.send(Message::End).is_ok();
        debug_assert!(sent, "both have room");
        load(&self.store, self.place, &received, &spare)?;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let loader = self
            .loader
            .get_or_insert_with(|| Loader::start(self.store.clone(), self.place));
        let empty = loader.spare.try_recv().unwrap_or_default();
        let full = std::mem::replace(&mut self.batch, empty);
        self.send(Message::Batch(full))
    }

    // Where the thread has ended, it says why.
    fn send(&mut self, message: Message) -> Result<(), SinkError> {
        match &self.loader {
            Some(loader) if loader.batches.send(message).is_ok() => Ok(()),
            _ => self.join(),
        }
    }

    fn join(&mut self) -> Result<(), SinkError> {
        let Some(loader) = self.loader.take() else {
            return Ok(());
        };
        drop(loader.batches);
        match loader.thread.join() {
            Ok(result) => Ok(result?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Drop for StoreSink {
    fn drop(&mut self) {
        if let Some(loader) = self.loader.take() {
            drop(loader.batches);
            // Whatever ended the run is told already.
            drop(loader.thread.join());
        }
    }
}

impl QuadSink for StoreSink {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.batch.push(quad);
        if self.batch.len() >= BATCH || self.batch.bytes() >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }
}

impl Loader {
    fn start(store: Store, place: Place) -> Self {
        let (batches, received) = sync_channel(WAITING);
        let (emptied, spare) = channel();
        let thread = std::thread::spawn(move || load(&store, place, &received, &emptied));
        Self {
            batches,
            spare,
            thread,
        }
    }
}

/// Loads what is received until the end, or until nobody sends any more.
fn load(
    store: &Store,
    place: Place,
    received: &Receiver<Message>,
    emptied: &Sender<Batch>,
) -> Result<(), StorageError> {
    let give_back = |mut batch: Batch| {
        batch.clear();
        // At the end nobody takes it.
        drop(emptied.send(batch));
    };
    match place {
        Place::Memory => {
            while let Ok(Message::Batch(batch)) = received.recv() {
                let mut transaction = store.start_transaction()?;
                for quad in batch.iter() {
                    transaction.insert(quad);
                }
                transaction.commit()?;
                give_back(batch);
            }
            Ok(())
        }
        Place::Disk => {
            let mut ended = false;
            let mut loader = store.bulk_loader();
            let mut batch = Batch::default();
            let batches = std::iter::from_fn(|| match received.recv() {
                Ok(Message::Batch(next)) => {
                    give_back(std::mem::replace(&mut batch, next));
                    // The store wants quads of its own.
                    Some(batch.iter().map(QuadRef::into_owned).collect::<Vec<_>>())
                }
                Ok(Message::End) => {
                    ended = true;
                    None
                }
                Err(_) => None,
            });
            loader.load_quads(batches.flatten())?;
            if ended {
                loader.commit()?;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::{GraphNameRef, LiteralRef, NamedNode, NamedNodeRef};

    fn push(sink: &mut StoreSink, number: usize) -> Result<(), SinkError> {
        let subject = NamedNode::new_unchecked(format!("http://e.org/{number}"));
        let predicate = NamedNodeRef::new_unchecked("http://e.org/p");
        let value = number.to_string();
        let object = LiteralRef::new_simple_literal(&value);
        let quad = QuadRef::new(&subject, predicate, object, GraphNameRef::DefaultGraph);
        sink.push(quad, &Origin::default())
    }

    #[test]
    fn all_quads_are_there_however_many() {
        for place in [Place::Memory, Place::Disk] {
            for count in [0, 1, BATCH - 1, BATCH, BATCH + 1, 30 * BATCH + 7] {
                let store = Store::new().unwrap();
                let mut sink = StoreSink::new(&store, place);
                for number in 0..count {
                    push(&mut sink, number).unwrap();
                    push(&mut sink, number).unwrap();
                }
                sink.finish().unwrap();
                assert_eq!(store.len().unwrap(), count, "{place:?}");
            }
        }
    }

    #[test]
    fn a_sink_that_is_dropped_leaves_no_thread_and_commits_no_bulk_load() {
        for (place, most) in [(Place::Memory, usize::MAX), (Place::Disk, 0)] {
            let store = Store::new().unwrap();
            let mut sink = StoreSink::new(&store, place);
            for number in 0..40 * BATCH {
                push(&mut sink, number).unwrap();
            }
            drop(sink);
            let there = store.len().unwrap();
            assert!(there <= most, "{place:?}: {there}");
            // Nothing writes any more: a transaction can begin, and the number stays.
            store.start_transaction().unwrap().commit().unwrap();
            assert_eq!(store.len().unwrap(), there);
        }
    }

    // A loader that ends early, as one does whose disk is full, is asked why and not waited for.
    #[test]
    fn a_loader_that_fails_ends_the_run() {
        let store = Store::new().unwrap();
        let mut sink = StoreSink::new(&store, Place::Memory);
        let (batches, received) = sync_channel(WAITING);
        let (_emptied, spare) = channel();
        let thread = std::thread::spawn(move || {
            drop(received.recv());
            Err(StorageError::Other("no room".into()))
        });
        sink.loader = Some(Loader {
            batches,
            spare,
            thread,
        });
        let error = (0..100 * BATCH)
            .find_map(|number| push(&mut sink, number).err())
            .expect("an error");
        assert!(matches!(error, SinkError::Store(_)), "{error}");
        assert!(error.to_string().contains("no room"));
    }
}
