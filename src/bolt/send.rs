//! The push itself: what is sent in which order.

use super::client::{Client, Failed, Transaction};
use super::digest::{Content, content};
use super::{BoltError, LABELS, Observer, Options, PROJECT, PUSH, Report, Sent, statement, value};
use crate::property_graph::PropertyGraph;
use crate::property_graph::batches::{NodeBatch, RelationshipBatch};
use crate::push::Mode;
use neo4rs::Query;

/// The most nodes or relationships of an earlier push that one statement takes away.
const DELETED: i64 = 10_000;

/// A statement that would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Cypher, with `$rows` for the rows of a batch.
    pub statement: String,
    /// How many nodes or relationships go by it; 0 where it takes no rows.
    pub rows: u64,
    /// How often it is sent; 0 where only the server knows.
    pub times: u64,
}

/// What would be sent, without asking a server. What labels of an earlier push are taken away is not
/// known then.
///
/// # Errors
/// When the graph cannot be read, or has a name that pushes need.
pub fn plan(graph: &PropertyGraph, options: &Options) -> Result<Vec<Planned>, BoltError> {
    check_names(graph)?;
    content(graph, options)?;
    let mut planned = Vec::new();
    let once = |statement| Planned {
        statement,
        rows: 0,
        times: 1,
    };
    for label in graph.table_labels() {
        planned.extend(options.dialect.declarations(label).into_iter().map(once));
    }
    let mut add = |statement: String, rows: usize| {
        let rows = rows as u64;
        match planned.last_mut() {
            Some(last) if last.statement == statement => {
                last.rows += rows;
                last.times += 1;
            }
            _ => planned.push(Planned {
                statement,
                rows,
                times: 1,
            }),
        }
    };
    graph.node_batches::<BoltError>(options.batch, &mut || true, &mut |batch| {
        add(statement::nodes(batch, options.mode, &[]), batch.rows.len());
        Ok(())
    })?;
    graph.relationship_batches::<BoltError>(options.batch, &mut || true, &mut |batch| {
        add(
            statement::relationships(batch, options.mode),
            batch.rows.len(),
        );
        Ok(())
    })?;
    if options.mode == Mode::Replace {
        for statement in [statement::delete_relationships(), statement::delete_nodes()] {
            planned.push(Planned {
                statement,
                rows: 0,
                times: 0,
            });
        }
    }
    Ok(planned)
}

/// Puts the graph into the database.
///
/// # Errors
/// When the server cannot be asked or refuses something, or the observer says to stop. Where all goes in
/// one transaction the database is as it was then; where the answer to the end of the transaction is lost
/// it may be complete.
pub fn push(
    graph: &PropertyGraph,
    options: &Options,
    observer: Observer<'_>,
) -> Result<Report, BoltError> {
    check_names(graph)?;
    let Content { digest, batches } = content(graph, options)?;
    let total = (graph.nodes() + graph.relationships()) as u64;
    let mut push = Push {
        graph,
        options,
        digest,
        total,
        old: Vec::new(),
        old_tables: Vec::new(),
        report: Report {
            nodes: graph.nodes() as u64,
            relationships: graph.relationships() as u64,
            batches,
            is_one_transaction: total <= options.max_transaction,
            ..Report::default()
        },
    };
    let mut client = Client::new(options, observer)?;
    // Asked first, so that what is wrong with the address or the login shows before anything is declared.
    let done = push.look(&mut client)?;
    for label in graph.table_labels() {
        for statement in options.dialect.declarations(label) {
            client.declare(&statement)?;
        }
    }
    if push.report.is_one_transaction {
        push.at_once(&mut client)?;
    } else {
        push.by_batches(&mut client, done)?;
    }
    Ok(push.report)
}

// Properties that a push adds itself are nobody else's.
fn check_names(graph: &PropertyGraph) -> Result<(), BoltError> {
    match graph
        .property_names()
        .find(|name| [PROJECT, PUSH, LABELS].contains(name))
    {
        Some(name) => Err(BoltError::Name(name.to_owned())),
        None => Ok(()),
    }
}

/// A batch of either kind.
enum Batch<'b> {
    Nodes(&'b NodeBatch<'b>),
    Relationships(&'b RelationshipBatch<'b>),
}

impl Batch<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Nodes(batch) => batch.table,
            Self::Relationships(batch) => batch.kind,
        }
    }

    fn rows(&self) -> u64 {
        (match self {
            Self::Nodes(batch) => batch.rows.len(),
            Self::Relationships(batch) => batch.rows.len(),
        }) as u64
    }
}

struct Push<'p> {
    graph: &'p PropertyGraph,
    options: &'p Options,
    digest: String,
    /// Nodes and relationships.
    total: u64,
    /// Labels that nodes of earlier pushes have.
    old: Vec<String>,
    /// Tables in which they are.
    old_tables: Vec<String>,
    report: Report,
}

impl Push<'_> {
    fn query(&self, statement: String) -> Query {
        Query::new(statement)
            .param("project", self.options.project.as_str())
            .param("push", self.digest.as_str())
    }

    // What an earlier push has left: how many batches of this one are there.
    fn look(&mut self, client: &mut Client<'_>) -> Result<u64, BoltError> {
        let what = "looking for an earlier push";
        client.attempt(|client| {
            let mut transaction = client.begin()?;
            let query = self.query(statement::progress());
            let done = transaction.number(query, "done", what)?;
            if self.options.mode == Mode::Replace {
                let query = self.query(statement::old_labels());
                self.old = transaction.texts(query, "label", what)?;
            }
            let query = self.query(statement::old_tables());
            self.old_tables = transaction.texts(query, "label", what)?;
            transaction.commit()?;
            Ok(done.unwrap_or(0))
        })
    }

    fn at_once(&mut self, client: &mut Client<'_>) -> Result<(), BoltError> {
        client.attempt(|client| {
            let mut transaction = client.begin()?;
            match self.all(&mut transaction) {
                Ok(()) => transaction.commit(),
                Err(failed) => {
                    transaction.rollback();
                    Err(failed)
                }
            }
        })
    }

    fn all(&mut self, transaction: &mut Transaction<'_, '_>) -> Result<(), Failed> {
        (self.report.deleted_relationships, self.report.deleted_nodes) = (0, 0);
        let mut done = 0;
        let mut number = 0;
        self.each(&mut |push, batch| {
            number += 1;
            push.send(transaction, &batch, number)?;
            done += batch.rows();
            transaction.tell(&push.sent(batch.name(), done))
        })?;
        if self.options.mode == Mode::Replace {
            while self.delete_relationships(transaction)? {}
            while self.delete_nodes(transaction)? {}
            self.count_kept(transaction)?;
        }
        self.forget(transaction)
    }

    // `before` is how many batches an earlier push has counted. What it sent may have gone since.
    fn by_batches(&mut self, client: &mut Client<'_>, before: u64) -> Result<(), BoltError> {
        let mut done = 0;
        let mut number = 0;
        self.each(&mut |push, batch| {
            number += 1;
            done += batch.rows();
            let is_counted = number <= before;
            let result = client.attempt(|client| {
                push.alone(client, |push, transaction| {
                    if is_counted && push.is_there(transaction, &batch)? {
                        return Ok(true);
                    }
                    push.send(transaction, &batch, number)?;
                    if !is_counted {
                        let count = i64::try_from(number).unwrap_or(i64::MAX);
                        let query = push.query(statement::count_batch());
                        transaction.run(query.param("done", count), "counting the batch")?;
                    }
                    Ok(false)
                })
            });
            push.report.skipped += u64::from(result.map_err(Failed::Final)?);
            if (client.observer)(&push.sent(batch.name(), done)) {
                Ok(())
            } else {
                Err(Failed::Final(BoltError::Cancelled))
            }
        })?;
        if self.options.mode == Mode::Replace {
            while client.attempt(|client| self.alone(client, Self::delete_relationships))? {}
            while client.attempt(|client| self.alone(client, Self::delete_nodes))? {}
        }
        client.attempt(|client| {
            self.alone(client, |push, transaction| {
                if push.options.mode == Mode::Replace {
                    push.count_kept(transaction)?;
                }
                push.forget(transaction)
            })
        })
    }

    // Does something in a transaction of its own.
    fn alone<T>(
        &mut self,
        client: &mut Client<'_>,
        work: impl FnOnce(&mut Self, &mut Transaction<'_, '_>) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let mut transaction = client.begin()?;
        match work(self, &mut transaction) {
            Ok(result) => {
                transaction.commit()?;
                Ok(result)
            }
            Err(failed) => {
                transaction.rollback();
                Err(failed)
            }
        }
    }

    // Goes through all batches, in order.
    fn each(
        &mut self,
        visit: &mut dyn FnMut(&mut Self, Batch<'_>) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let (graph, size) = (self.graph, self.options.batch);
        graph.node_batches(size, &mut || true, &mut |batch| {
            visit(self, Batch::Nodes(batch))
        })?;
        graph.relationship_batches(size, &mut || true, &mut |batch| {
            visit(self, Batch::Relationships(batch))
        })
    }

    fn is_there(
        &self,
        transaction: &mut Transaction<'_, '_>,
        batch: &Batch<'_>,
    ) -> Result<bool, Failed> {
        let (statement, keys) = match batch {
            Batch::Nodes(batch) => (
                statement::nodes_there(batch.table, self.options.mode),
                value::texts(batch.rows.iter().map(|row| row.key)),
            ),
            Batch::Relationships(batch) => (
                statement::relationships_there(batch, self.options.mode),
                value::keys(&batch.rows),
            ),
        };
        let what = format!("looking for `{}`", batch.name());
        let query = self.query(statement).param("keys", keys);
        let there = transaction.number(query, "there", &what)?;
        Ok(there.unwrap_or(0) >= batch.rows())
    }

    fn send(
        &self,
        transaction: &mut Transaction<'_, '_>,
        batch: &Batch<'_>,
        number: u64,
    ) -> Result<(), Failed> {
        let Options { mode, dialect, .. } = *self.options;
        let what = |kind: &str| {
            let (name, all) = (batch.name(), self.report.batches);
            format!("batch {number} of {all}, {kind} `{name}`")
        };
        match batch {
            Batch::Nodes(batch) => {
                self.adopt(transaction, batch)?;
                let labels = std::iter::once(batch.table).chain(batch.others.iter().copied());
                let query = self
                    .query(statement::nodes(batch, mode, &self.old))
                    .param("labels", value::texts(labels))
                    .param("rows", value::nodes(&batch.rows, dialect));
                transaction.run(query, &what("nodes"))?;
            }
            Batch::Relationships(batch) => {
                let what = what("relationships");
                let query = self
                    .query(statement::relationships(batch, mode))
                    .param("rows", value::relationships(&batch.rows, dialect));
                let found = transaction.number(query, "found", &what)?.unwrap_or(0);
                let sent = batch.rows.len() as u64;
                if found < sent {
                    return Err(Failed::Final(BoltError::Count { what, sent, found }));
                }
            }
        }
        Ok(())
    }

    fn adopt(
        &self,
        transaction: &mut Transaction<'_, '_>,
        batch: &NodeBatch<'_>,
    ) -> Result<(), Failed> {
        let tables = self.old_tables.iter();
        let others: Vec<&String> = tables.filter(|table| *table != batch.table).collect();
        if others.is_empty() {
            return Ok(());
        }
        let what = format!("looking for nodes `{}`", batch.table);
        let keys = value::texts(batch.rows.iter().map(|row| row.key));
        let query = self.query(statement::missing(batch.table));
        let missing = transaction.texts(query.param("keys", keys), "key", &what)?;
        if missing.is_empty() {
            return Ok(());
        }
        for other in others {
            let keys = value::texts(missing.iter().map(String::as_str));
            let query = self.query(statement::adopt(batch.table, other));
            transaction.run(query.param("keys", keys), &what)?;
        }
        Ok(())
    }

    fn delete_relationships(
        &mut self,
        transaction: &mut Transaction<'_, '_>,
    ) -> Result<bool, Failed> {
        let statement = statement::delete_relationships();
        let gone = self.delete(transaction, statement, "taking old relationships away")?;
        self.report.deleted_relationships += gone;
        Ok(gone > 0)
    }

    fn delete_nodes(&mut self, transaction: &mut Transaction<'_, '_>) -> Result<bool, Failed> {
        let statement = statement::delete_nodes();
        let gone = self.delete(transaction, statement, "taking old nodes away")?;
        self.report.deleted_nodes += gone;
        Ok(gone > 0)
    }

    fn delete(
        &self,
        transaction: &mut Transaction<'_, '_>,
        statement: String,
        what: &str,
    ) -> Result<u64, Failed> {
        let query = self.query(statement).param("most", DELETED);
        let gone = transaction.number(query, "gone", what)?.unwrap_or(0);
        transaction.tell(&self.sent(what, self.total))?;
        Ok(gone)
    }

    fn count_kept(&mut self, transaction: &mut Transaction<'_, '_>) -> Result<(), Failed> {
        let query = self.query(statement::count_kept());
        let kept = transaction.number(query, "kept", "counting old nodes")?;
        self.report.kept = kept.unwrap_or(0);
        Ok(())
    }

    fn forget(&self, transaction: &mut Transaction<'_, '_>) -> Result<(), Failed> {
        let query = self.query(statement::forget_progress());
        transaction.run(query, "the end of the push")?;
        Ok(())
    }

    fn sent<'s>(&self, what: &'s str, done: u64) -> Sent<'s> {
        Sent {
            what,
            done,
            of: self.total,
        }
    }
}
