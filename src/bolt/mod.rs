//! A property graph into a running database that speaks Bolt.
//!
//! In: a [`PropertyGraph`](crate::property_graph::PropertyGraph) and [`Options`]. Out: the same in the database, or an error and the database as
//! it was; where the graph is too large for one transaction, what had come so far, from where the next push
//! goes on.
//!
//! | what | how |
//! |---|---|
//! | at most [`Options::max_transaction`] nodes and relationships | one transaction |
//! | more | one for each batch; a node `CoalitionKgPush` counts them until all is there |
//!
//! Every batch merges by keys, so it may be sent again: what breaks off is retried, a single transaction as
//! a whole. The asynchronous runtime that the protocol's library needs stays in here, in the thread that
//! calls.

mod client;
mod digest;
mod send;
mod statement;
mod value;

pub use send::{Planned, plan, push};

use crate::property_graph::Dialect;
use crate::push::{Credentials, Mode};
use std::time::Duration;

/// The property by which nodes and relationships say whose they are.
pub const PROJECT: &str = "_project";

/// The property by which they say what they came with.
pub const PUSH: &str = "_push";

/// The property by which nodes say which labels they got.
pub const LABELS: &str = "_labels";

/// The label of the node that counts the batches of a push.
pub const PROGRESS: &str = "CoalitionKgPush";

/// How to push.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address: `bolt://HOST:PORT` or `bolt+s://HOST:PORT`.
    pub url: String,
    /// The database, where the server has several.
    pub database: Option<String>,
    /// Who asks: nobody, or a name and a password.
    pub credentials: Credentials,
    /// The product.
    pub dialect: Dialect,
    /// What becomes of what is there.
    pub mode: Mode,
    /// Whose nodes and relationships these are: the base IRI of the project.
    pub project: String,
    /// The most nodes and relationships that go in one transaction.
    pub max_transaction: u64,
    /// The most of them in one statement.
    pub batch: usize,
    /// The longest time for one statement.
    pub timeout: Duration,
    /// How often something is tried.
    pub attempts: u32,
    /// The time before the second attempt; it doubles from one to the next.
    pub pause: Duration,
}

/// How many nodes or relationships go in one statement where nothing else is said.
pub const BATCH: usize = 1000;

/// What a push does at the moment.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'s> {
    /// Of which table or type of relationships it is, or what else is done.
    pub what: &'s str,
    /// How many nodes and relationships have gone.
    pub done: u64,
    /// How many there are; 0 where nothing is told but whether to go on.
    pub of: u64,
}

/// Told how far a push has come; says whether to go on.
pub type Observer<'o> = &'o mut dyn FnMut(&Sent<'_>) -> bool;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Nodes of the graph.
    pub nodes: u64,
    /// Relationships of the graph.
    pub relationships: u64,
    /// Batches of the graph.
    pub batches: u64,
    /// Batches that an earlier push had sent and that are still there.
    pub skipped: u64,
    /// Whether all went in one transaction.
    pub is_one_transaction: bool,
    /// Nodes of an earlier push that were taken away.
    pub deleted_nodes: u64,
    /// Relationships of an earlier push that were taken away.
    pub deleted_relationships: u64,
    /// Nodes of an earlier push that stay, because relationships of others lead to or from them.
    pub kept: u64,
}

/// Why a push ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoltError {
    /// There is no answer, or none any more.
    #[error("{what}: {reason}")]
    Broken {
        /// What was done.
        what: String,
        /// The reason.
        reason: String,
    },
    /// Nobody answers, and nothing was sent.
    #[error("`{url}` cannot be reached: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// The reason.
        reason: String,
    },
    /// Whoever answers does not speak the protocol, or other versions of it.
    #[error("{url} does not speak Bolt 4: {reason}")]
    Protocol {
        /// The address.
        url: String,
        /// What came.
        reason: String,
    },
    /// The address, or what goes with it, cannot be used.
    #[error("`{url}` cannot be asked: {reason}")]
    Address {
        /// The address.
        url: String,
        /// The reason.
        reason: String,
    },
    /// The server does not let the user in, or not do that.
    #[error("{what}: the server answers: {said}")]
    NotAllowed {
        /// What was done.
        what: String,
        /// What it says.
        said: String,
    },
    /// The server has no such database.
    #[error("the server does not know the database: {said}")]
    Database {
        /// What it says.
        said: String,
    },
    /// The server does not do a statement.
    #[error("{what}: the server answers {code}: {said}")]
    Refused {
        /// What was done: which batch, of which table.
        what: String,
        /// The code.
        code: String,
        /// The beginning of what it says.
        said: String,
    },
    /// Relationships have found no nodes.
    #[error("{what}: {found} of {sent} relationships are there; nodes have gone meanwhile")]
    Count {
        /// What was done.
        what: String,
        /// How many were sent.
        sent: u64,
        /// How many there are.
        found: u64,
    },
    /// A property is called like one that a push adds.
    #[error("the property `{0}` has a name that pushes need for themselves")]
    Name(String),
    /// A label is that of the node that counts batches.
    #[error("the label `{0}` is one that pushes need for themselves")]
    Label(&'static str),
    /// What is to be sent cannot be read, or the runtime cannot be made.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It was asked to stop.
    #[error("interrupted")]
    Cancelled,
}
