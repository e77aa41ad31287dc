//! The connection: transactions and statements, one after another, in the thread that asks.
//!
//! In: statements. Out: the first row of their answers, or an error that says whether it may pass.

use super::{BoltError, Observer, Options, Sent};
use crate::push::{Credentials, shortened};
use neo4rs::{ConfigBuilder, Error, Graph, Neo4jErrorKind, Query, Row, Txn};
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// How often it is asked whether to go on, while a statement is done.
const TICK: Duration = Duration::from_millis(100);

/// How long the first answer may take: whoever speaks another protocol may wait for more.
const CONNECT: Duration = Duration::from_secs(30);

/// How long the server may take to take a transaction back.
const ROLLBACK: Duration = Duration::from_secs(5);

/// Why a statement, or a transaction, has failed.
#[derive(Debug)]
pub(super) enum Failed {
    /// It may do better a moment later.
    Passing(BoltError),
    /// Nothing can be done about it.
    Final(BoltError),
}

impl From<Failed> for BoltError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Passing(error) | Failed::Final(error) => error,
        }
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Final(error.into())
    }
}

/// Asks a server.
pub(super) struct Client<'c> {
    options: &'c Options,
    graph: Graph,
    /// Whether it has spoken Bolt before.
    is_known: bool,
    pub(super) observer: Observer<'c>,
    // Behind what it drives, so that it is dropped last.
    runtime: Runtime,
}

impl<'c> Client<'c> {
    /// Reads the address; the server is not asked yet.
    pub(super) fn new(options: &'c Options, observer: Observer<'c>) -> Result<Self, BoltError> {
        let (user, password) = match &options.credentials {
            Credentials::Basic(user, password) => (user.as_str(), password.as_str()),
            _ => ("", ""),
        };
        let config = ConfigBuilder::default()
            .uri(&options.url)
            .user(user)
            .password(password)
            .max_connections(1)
            .connection_timeout(options.timeout);
        let config = match &options.database {
            Some(name) => config.db(name.as_str()),
            None => config,
        };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let address = |error: Error| BoltError::Address {
            url: options.url.clone(),
            reason: error.to_string(),
        };
        let graph = {
            let _inside = runtime.enter();
            let config = config.build().map_err(address)?;
            Graph::connect(config).map_err(address)?
        };
        Ok(Self {
            options,
            graph,
            is_known: false,
            observer,
            runtime,
        })
    }

    /// Does something, and once more after a pause where it failed in passing.
    pub(super) fn attempt<T>(
        &mut self,
        mut work: impl FnMut(&mut Self) -> Result<T, Failed>,
    ) -> Result<T, BoltError> {
        let mut pause = self.options.pause;
        let mut left = self.options.attempts.max(1);
        loop {
            left -= 1;
            match work(self) {
                Err(Failed::Passing(_)) if left > 0 => self.sleep(pause)?,
                result => return Ok(result?),
            }
            pause *= 2;
        }
    }

    fn sleep(&mut self, pause: Duration) -> Result<(), BoltError> {
        let sleep = async {
            tokio::time::sleep(pause).await;
            Ok(())
        };
        wait(&self.runtime, self.observer, sleep).map_err(|failed| match failed {
            Waited::Failed(_) | Waited::Cancelled => BoltError::Cancelled,
        })
    }

    /// Begins a transaction.
    pub(super) fn begin(&mut self) -> Result<Transaction<'_, 'c>, Failed> {
        let limit = if self.is_known {
            self.options.timeout
        } else {
            CONNECT.min(self.options.timeout)
        };
        let start = async {
            let started = timeout(limit, self.graph.start_txn()).await;
            started.unwrap_or_else(|_| Err(io::Error::from(ErrorKind::TimedOut).into()))
        };
        let begun = wait(&self.runtime, self.observer, start);
        match begun {
            Ok(inner) => {
                self.is_known = true;
                Ok(Transaction {
                    client: self,
                    inner,
                })
            }
            Err(failed) => Err(self.failed(failed, "asking the server")),
        }
    }

    /// Does one statement by itself: some databases let nothing else stand beside declarations.
    pub(super) fn declare(&mut self, statement: &str) -> Result<(), BoltError> {
        self.attempt(|client| {
            let graph = &client.graph;
            let run = graph.run(Query::new(statement.to_owned()));
            let done = wait(&client.runtime, client.observer, run);
            done.map_err(|failed| client.failed(failed, &format!("`{statement}`")))
        })
    }

    fn failed(&self, failed: Waited, what: &str) -> Failed {
        match failed {
            Waited::Cancelled => Failed::Final(BoltError::Cancelled),
            Waited::Failed(error) => self.judge(error, what),
        }
    }

    fn judge(&self, error: Error, what: &str) -> Failed {
        let secrets = &self.options.credentials;
        let shown = |text: &str| shortened(&secrets.redact(text));
        let what = what.to_owned();
        let protocol = |reason: &str| BoltError::Protocol {
            url: self.options.url.clone(),
            reason: shown(reason),
        };
        match error {
            Error::AuthenticationError(said) => Failed::Final(BoltError::NotAllowed {
                what,
                said: shown(&said),
            }),
            Error::Neo4j(error) => {
                let (code, said) = (shown(error.code()), shown(error.message()));
                if error.code().contains(".Security.") {
                    return Failed::Final(BoltError::NotAllowed { what, said });
                }
                if error.code().contains(".DatabaseNotFound") {
                    return Failed::Final(BoltError::Database { said });
                }
                let is_passing = error.kind() == Neo4jErrorKind::Transient;
                let refused = BoltError::Refused { what, code, said };
                if is_passing {
                    Failed::Passing(refused)
                } else {
                    Failed::Final(refused)
                }
            }
            Error::ProtocolMismatch(_) | Error::UnsupportedVersion(..) => {
                Failed::Final(protocol(&error.to_string()))
            }
            Error::IOError { detail }
                if !self.is_known && detail.kind() == ErrorKind::UnexpectedEof =>
            {
                // It may be on its way down or up.
                Failed::Passing(protocol("it ends the connection without an answer"))
            }
            Error::IOError { detail } if !self.is_known && detail.kind() == ErrorKind::TimedOut => {
                Failed::Final(protocol("it does not answer"))
            }
            // So it is told where TLS does not come about: a certificate that nobody vouches for.
            Error::IOError { detail } if detail.kind() == ErrorKind::InvalidData => {
                Failed::Final(BoltError::Address {
                    url: self.options.url.clone(),
                    reason: shown(&detail.to_string()),
                })
            }
            Error::IOError { detail } if !self.is_known => {
                Failed::Passing(BoltError::Unreachable {
                    url: self.options.url.clone(),
                    reason: shown(&detail.to_string()),
                })
            }
            Error::IOError { detail } => Failed::Passing(BoltError::Broken {
                what,
                reason: shown(&detail.to_string()),
            }),
            Error::ConnectionError | Error::ConnectionTimedOut | Error::IncompleteBoltExchange => {
                Failed::Passing(BoltError::Broken {
                    what,
                    reason: error.to_string(),
                })
            }
            other => Failed::Final(BoltError::Broken {
                what,
                reason: shown(&other.to_string()),
            }),
        }
    }
}

/// A transaction. What is not committed is taken back.
pub(super) struct Transaction<'t, 'c> {
    client: &'t mut Client<'c>,
    inner: Txn,
}

impl Transaction<'_, '_> {
    /// Does a statement; gives the first row of its answer.
    pub(super) fn run(&mut self, query: Query, what: &str) -> Result<Option<Row>, Failed> {
        let Self { client, inner } = self;
        let run = async {
            let mut rows = inner.execute(query).await?;
            let first = rows.next(inner.handle()).await?;
            while first.is_some() && rows.next(inner.handle()).await?.is_some() {}
            Ok(first)
        };
        let done = wait(&client.runtime, client.observer, run);
        done.map_err(|failed| client.failed(failed, what))
    }

    /// Does a statement; gives the whole number that the first row of its answer has under a name.
    pub(super) fn number(
        &mut self,
        query: Query,
        name: &str,
        what: &str,
    ) -> Result<Option<u64>, Failed> {
        let row = self.run(query, what)?;
        let number = row.and_then(|row| row.get::<i64>(name).ok());
        Ok(number.and_then(|number| u64::try_from(number).ok()))
    }

    /// Does a statement; gives the texts that the rows of its answer have under a name.
    pub(super) fn texts(
        &mut self,
        query: Query,
        name: &str,
        what: &str,
    ) -> Result<Vec<String>, Failed> {
        let Self { client, inner } = self;
        let run = async {
            let mut rows = inner.execute(query).await?;
            let mut texts = Vec::new();
            while let Some(row) = rows.next(inner.handle()).await? {
                texts.extend(row.get::<String>(name).ok());
            }
            Ok(texts)
        };
        let done = wait(&client.runtime, client.observer, run);
        done.map_err(|failed| client.failed(failed, what))
    }

    /// Says how far it is.
    pub(super) fn tell(&mut self, sent: &Sent<'_>) -> Result<(), Failed> {
        if (self.client.observer)(sent) {
            Ok(())
        } else {
            Err(Failed::Final(BoltError::Cancelled))
        }
    }

    /// Makes it last.
    pub(super) fn commit(self) -> Result<(), Failed> {
        let Self { client, inner } = self;
        // Whoever stops now would not know whether it was done.
        let done = client.runtime.block_on(inner.commit());
        done.map_err(|error| client.judge(error, "the end of the transaction"))
    }

    /// Takes it back. The server does it as well when the connection ends, a moment later.
    pub(super) fn rollback(self) {
        let Self { client, inner } = self;
        let rollback = async { timeout(ROLLBACK, inner.rollback()).await };
        // An error tells nothing: the connection ends anyway.
        let _done = client.runtime.block_on(rollback);
    }
}

enum Waited {
    Failed(Error),
    Cancelled,
}

fn wait<T>(
    runtime: &Runtime,
    observer: &mut dyn FnMut(&Sent<'_>) -> bool,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Waited> {
    let silent = Sent {
        what: "",
        done: 0,
        of: 0,
    };
    runtime.block_on(async {
        let mut work = pin!(work);
        loop {
            match timeout(TICK, work.as_mut()).await {
                Ok(result) => return result.map_err(Waited::Failed),
                Err(_) if observer(&silent) => {}
                Err(_) => return Err(Waited::Cancelled),
            }
        }
    })
}
