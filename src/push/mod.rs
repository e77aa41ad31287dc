//! A graph into a running RDF store: SPARQL 1.1 Graph Store HTTP Protocol, or updates where a server has none.
//!
//! In: quads ([`Gatherer`]) and [`Options`]. Out: the same in the graphs of a server, in full, or an error and the
//! graphs as they were.
//!
//! | what | how |
//! |---|---|
//! | at most [`Options::max_put`] bytes | one PUT (replace) or POST (merge), which a server does in full or not |
//! | more, or a server that does requests by halves | pieces into a staging graph, which is counted, then MOVE (replace) or ADD (merge) and DROP |
//! | a server without graph store | the same with INSERT DATA |
//!
//! Retried is only what may be done twice: PUT, queries, DROP and ADD. A staging graph is begun anew, under another
//! name, when a piece of it gets no answer. MOVE is never sent twice: where its graph is gone already some servers empty the
//! target; instead the server is asked what has become of both graphs.

pub mod auth;
pub mod graphs;
mod http;
pub mod profile;
mod run;
mod send;
pub mod skolem;
mod staging;

pub use auth::Credentials;
pub use graphs::{Gathered, Gatherer, Target};
pub use profile::{Endpoints, Profile};
pub use run::run_name;
pub use send::{Ended, Observer, Planned, Pushed, Report, Sent, plan, push};
pub use skolem::Skolemizer;

use crate::sink::SinkError;
use std::time::Duration;

/// What becomes of triples that a graph has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The graph has what is pushed and nothing else.
    Replace,
    /// They stay.
    Merge,
}

/// How triples go to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By the graph store, and by updates where there is none.
    Auto,
    /// By the graph store.
    GraphStore,
    /// By INSERT DATA.
    Insert,
}

/// How to push.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is odd about the server.
    pub profile: Profile,
    /// Its addresses.
    pub endpoints: Endpoints,
    /// Who asks.
    pub credentials: Credentials,
    /// What becomes of what is there.
    pub mode: Mode,
    /// How triples go.
    pub method: Method,
    /// The most bytes of a graph that go in one request.
    pub max_put: usize,
    /// The most bytes of a piece for a staging graph.
    pub piece: usize,
    /// The beginning of the names of staging graphs.
    pub staging: String,
    /// The name of this push ([`run_name`]), a part of those of its staging graphs.
    pub run: String,
    /// The longest time for one request.
    pub timeout: Duration,
    /// How often something is tried that may be done again.
    pub attempts: u32,
    /// The time before the second attempt; it doubles from one to the next.
    pub pause: Duration,
}

/// The most triples of one INSERT DATA.
pub const INSERT_TRIPLES: usize = 1000;

/// Why a push ended early. Where nothing else is said, the graph that was being sent is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The server says no.
    #[error("{what}: the server answers {status}{}", told(.said))]
    Refused {
        /// What was asked.
        what: String,
        /// The status of HTTP.
        status: u16,
        /// The beginning of what it says.
        said: String,
    },
    /// There is no answer.
    #[error("{what}: {reason}")]
    Broken {
        /// What was asked.
        what: String,
        /// The reason.
        reason: String,
    },
    /// There is nobody to ask, so nothing was sent.
    #[error("{what}: {reason}")]
    Unreachable {
        /// What was asked.
        what: String,
        /// The reason.
        reason: String,
    },
    /// The certificate of the server is not one to trust, so nothing was sent.
    #[error("{what}: {reason}")]
    Untrusted {
        /// What was asked.
        what: String,
        /// The reason.
        reason: String,
    },
    /// Something has failed before the target was touched.
    #[error("{0}")]
    Before(Box<PushError>),
    /// The address cannot be used.
    #[error("`{url}` cannot be asked: {reason}")]
    Address {
        /// The address.
        url: String,
        /// The reason.
        reason: String,
    },
    /// The server has another number of triples than was sent.
    #[error("{found} triples have arrived of {sent} for {target}")]
    Count {
        /// The graph that they were for.
        target: String,
        /// How many were sent.
        sent: u64,
        /// How many there are.
        found: u64,
    },
    /// The server has said that all is there, and has another number of triples.
    #[error(
        "{target} has {found} triples after {sent} were put there: something else writes to it, or the server has not done what it says"
    )]
    Disturbed {
        /// The graph.
        target: String,
        /// How many were sent.
        sent: u64,
        /// How many there are.
        found: u64,
    },
    /// The server takes what is sent and does not tell what has become of it.
    #[error("{sent} triples were sent for {target}, and cannot be confirmed: {error}")]
    Unconfirmed {
        /// The graph.
        target: String,
        /// How many were sent.
        sent: u64,
        /// What came in place of a number.
        error: Box<PushError>,
    },
    /// A graph goes by staging, mostly for its size, and nothing is known of where updates go.
    #[error("{target} needs a staging graph, and where queries and updates go is not known")]
    NoUpdates {
        /// The graph.
        target: String,
        /// Whether it is only for its size.
        is_too_large: bool,
    },
    /// The server has no default graph that can be written to.
    #[error("this kind of server has no default graph")]
    NoDefaultGraph,
    /// It is not known what became of a graph.
    #[error(
        "{what}: {reason}; {target} may be as it was or complete, and <{staging}> may still be there"
    )]
    Unknown {
        /// What was asked.
        what: String,
        /// Why nothing is known.
        reason: String,
        /// The graph.
        target: String,
        /// Where the triples were before.
        staging: String,
    },
    /// The push failed, and what was sent could not be taken away; the next push does it.
    #[error("{error}; <{staging}> could not be dropped")]
    Left {
        /// Where it is.
        staging: String,
        /// Why the push failed.
        error: Box<PushError>,
    },
    /// All is in its place, and the staging graph is still there.
    #[error("the triples are in {target}, and <{staging}> could not be dropped: {error}")]
    Kept {
        /// The graph.
        target: String,
        /// What is left.
        staging: String,
        /// Why.
        error: Box<PushError>,
    },
    /// What is to be sent cannot be read again.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// It was asked to stop.
    #[error("interrupted")]
    Cancelled,
    /// The same after an attempt of which it is not known what became of it.
    #[error("interrupted after an attempt without an answer ({0})")]
    CancelledAfter(Box<PushError>),
}

impl PushError {
    /// Whether what was asked may have been done all the same, or may yet be: without an answer, and where a server
    /// or one between fails.
    pub fn may_be_done(&self) -> bool {
        match self {
            Self::Broken { .. } | Self::CancelledAfter(_) => true,
            // A store says 500 of what it cannot do.
            Self::Refused { status, .. } => *status == 408 || *status > 500,
            _ => false,
        }
    }
}

/// The beginning of what a server says, on one line and without control characters.
pub(crate) fn shortened(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if line.chars().count() + word.chars().count() > 300 {
            line.push_str(" …");
            break;
        }
        if !word.is_empty() && !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

// The same behind a colon, if there is any.
fn told(text: &str) -> String {
    let line = shortened(text);
    if line.is_empty() {
        line
    } else {
        format!(": {line}")
    }
}
