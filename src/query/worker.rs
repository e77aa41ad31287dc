//! Evaluates a query on a thread of its own, so that it can always be left.
//!
//! In: a query and the graphs it sees. Out: its answer in batches, or word that the time was up.
//! The evaluator looks at its token only where it reads the store: a product of what was read
//! already, or a sort, does not. So the caller waits for the thread no longer than it has to; a
//! thread that was left ends by itself at its next look.

use super::blank::Labels;
use super::dataset::{Dataset, Scope};
use super::error::QueryError;
use oxigraph::sparql::{
    CancellationToken, QueryEvaluationError, QueryResults, QuerySolution, SparqlEvaluator,
};
use oxigraph::store::Store;
use oxrdf::Triple;
use spargebra::Query;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a wait lasts before the caller's token is looked at again.
const TICK: Duration = Duration::from_millis(20);

/// Rows or triples handed over at once; the first batches are smaller.
const BATCH: usize = 256;

/// Bytes: the evaluator recurses as deep as the query is nested.
const STACK: usize = 64 << 20;

/// What the thread hands over: the form of the answer, batches, and the end.
pub(super) enum Event {
    Boolean(bool),
    Solutions,
    Graph,
    Rows(Vec<QuerySolution>),
    Triples(Vec<Triple>),
    Failed(QueryError),
    End,
}

/// An evaluation under way; dropping it stops it.
pub(super) struct Worker {
    events: Receiver<Event>,
    /// Stops the evaluation; the caller's token is only read.
    stop: CancellationToken,
    cancellation: CancellationToken,
    limit: Option<(Duration, Instant)>,
}

impl Worker {
    pub(super) fn start(
        query: Query,
        dataset: Dataset,
        store: Store,
        cancellation: CancellationToken,
        timeout: Option<Duration>,
    ) -> Result<Self, QueryError> {
        let (sender, events) = sync_channel(2);
        let stop = CancellationToken::new();
        let token = stop.clone();
        thread::Builder::new()
            .name("query".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                let last = match send_all(query, &dataset, &store, &token, &sender) {
                    Ok(()) => Event::End,
                    Err(error) => Event::Failed(error),
                };
                // Nobody may be waiting any more.
                let _ignored = sender.send(last);
            })
            .map_err(QueryError::Thread)?;
        Ok(Self {
            events,
            stop,
            cancellation,
            limit: timeout.and_then(|after| Some((after, Instant::now().checked_add(after)?))),
        })
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Waits for what comes next.
    pub(super) fn next_event(&self) -> Result<Event, QueryError> {
        loop {
            if self.is_cancelled() {
                return Err(QueryError::Cancelled);
            }
            let mut wait = TICK;
            if let Some((after, end)) = self.limit {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(QueryError::TimedOut { after });
                }
                wait = wait.min(left);
            }
            match self.events.recv_timeout(wait) {
                Ok(Event::Failed(error)) => return Err(error),
                Ok(event) => return Ok(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(QueryError::Interrupted),
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Evaluates and hands everything over; ends early when nobody takes it.
fn send_all(
    query: Query,
    dataset: &Dataset,
    store: &Store,
    token: &CancellationToken,
    sender: &SyncSender<Event>,
) -> Result<(), QueryError> {
    let scope = Scope::new(dataset, store)?;
    let mut labels = Labels::new(store);
    match evaluate(query, &scope, token)? {
        QueryResults::Boolean(value) => {
            let _ignored = sender.send(Event::Boolean(value));
            Ok(())
        }
        QueryResults::Solutions(rows) => {
            let _ignored = sender.send(Event::Solutions);
            let rows = rows.map(|row| labels.row(row?));
            send_batches(rows, token, sender, Event::Rows)
        }
        QueryResults::Graph(triples) => {
            let _ignored = sender.send(Event::Graph);
            let triples = triples.map(|triple| labels.triple(triple?));
            send_batches(triples, token, sender, Event::Triples)
        }
    }
}

fn send_batches<T>(
    items: impl Iterator<Item = Result<T, QueryEvaluationError>>,
    token: &CancellationToken,
    sender: &SyncSender<Event>,
    event: impl Fn(Vec<T>) -> Event,
) -> Result<(), QueryError> {
    let mut batch = Vec::new();
    let mut size = 1;
    for item in items {
        if token.is_cancelled() {
            return Ok(());
        }
        batch.push(item.map_err(QueryError::Evaluation)?);
        if batch.len() >= size {
            if sender.send(event(std::mem::take(&mut batch))).is_err() {
                return Ok(());
            }
            size = (size * 2).min(BATCH);
        }
    }
    if !batch.is_empty() {
        let _ignored = sender.send(event(batch));
    }
    Ok(())
}

/// Evaluates a query on the graphs of the scope, or those that its own `FROM` says.
pub(super) fn evaluate(
    query: Query,
    scope: &Scope,
    token: &CancellationToken,
) -> Result<QueryResults<'static>, QueryError> {
    let has_from = query.dataset().is_some();
    let mut prepared = SparqlEvaluator::new()
        .with_cancellation_token(token.clone())
        .for_query(query);
    if !has_from {
        scope.apply(prepared.dataset_mut());
    }
    prepared
        .on_store(scope.store())
        .execute()
        .map_err(QueryError::Evaluation)
}
