//! Runs a SPARQL query over the store.
//!
//! In: a query text, what its parameters are bound to, which graphs it sees, how long it may take.
//! Out: an [`Answer`] whose rows or triples are computed as they are asked for. Nothing is written
//! to the store and nothing read from the network. Where texts come from and how answers look is
//! decided elsewhere.

use super::dataset::Dataset;
use super::error::QueryError;
use super::header::Header;
use super::rewrite::{Bindings, Parts, bind};
use super::syntax::{declared_prefixes, explain, locate, tokens};
use super::value::parse_value;
use super::worker::{Event, Worker};
use crate::rdf::prefixes::Prefixes;
use oxigraph::sparql::{CancellationToken, QuerySolution};
use oxigraph::store::Store;
use oxrdf::{Triple, Variable};
use spargebra::algebra::GraphPattern;
use spargebra::term::GroundTerm;
use spargebra::{Query, SparqlParser};
use std::time::Duration;
use std::vec::IntoIter;

/// Reads query texts.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct QueryParser {
    source: Option<String>,
    base: Option<String>,
    prefixes: Prefixes,
}

impl QueryParser {
    /// A parser without base and prefixes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name of the source, for messages: a path, a query's name, `standard input`.
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets the IRI that relative IRIs are resolved against.
    pub fn with_base_iri(mut self, base: impl Into<String>) -> Self {
        self.base = Some(base.into());
        self
    }

    /// Sets prefixes that a query may use without declaring them.
    pub fn with_prefixes(mut self, prefixes: Prefixes) -> Self {
        self.prefixes = prefixes;
        self
    }

    /// Reads a query.
    ///
    /// # Errors
    ///
    /// If it is no query (with line and column), if it is an update, or if it calls `SERVICE`.
    pub fn parse(self, text: &str) -> Result<SparqlQuery, QueryError> {
        let source = self.source.as_deref();
        let parser = self.sparql_parser()?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let query = parser
            .clone()
            .parse_query(text)
            .map_err(|error| explain(source, text, &parser, &self.prefixes, &error.to_string()))?;
        let (query, parts) = bind(query, &Bindings::new());
        let tokens = tokens(text);
        if parts.has_service {
            let word = tokens.iter().find(|token| token.is_word("SERVICE"));
            let span = word.map_or(0..0, |token| token.start..token.end());
            return Err(QueryError::Service {
                location: Box::new(locate(source, text, span)),
            });
        }
        let mut prefixes = self.prefixes;
        for (prefix, namespace) in declared_prefixes(&tokens) {
            // A relative namespace is of no use for values.
            let _ignored = prefixes.insert(prefix, namespace);
        }
        Ok(SparqlQuery {
            header: Header::parse(text),
            query,
            parts,
            parser,
            prefixes,
            bindings: Bindings::new(),
            dataset: Dataset::Stated,
            timeout: None,
            cancellation: CancellationToken::new(),
        })
    }

    fn sparql_parser(&self) -> Result<SparqlParser, QueryError> {
        let mut parser = SparqlParser::new();
        if let Some(base) = &self.base {
            parser = parser
                .with_base_iri(base)
                .map_err(|error| QueryError::Base {
                    base: base.clone(),
                    message: error.to_string(),
                })?;
        }
        for (prefix, namespace) in &self.prefixes {
            parser = parser
                .with_prefix(prefix, namespace)
                .map_err(|error| QueryError::Base {
                    base: namespace.to_owned(),
                    message: error.to_string(),
                })?;
        }
        Ok(parser)
    }
}

/// Which of SPARQL's four forms a query has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryKind {
    /// SELECT: rows.
    Select,
    /// ASK: true or false.
    Ask,
    /// CONSTRUCT: triples made by a template.
    Construct,
    /// DESCRIBE: triples about resources.
    Describe,
}

impl QueryKind {
    /// Whether the answer is a graph, to be written in an RDF format.
    pub fn gives_graph(self) -> bool {
        matches!(self, Self::Construct | Self::Describe)
    }
}

/// A query that was read and can be run.
///
/// # Examples
///
/// ```
/// use coalition_kg::query::{Answer, QueryParser};
/// use oxigraph::store::Store;
///
/// let answer = QueryParser::new()
///     .parse("SELECT ?n WHERE { FILTER(?year > 2020) BIND(?year + 1 AS ?n) }")?
///     .with_value("year", "2021")?
///     .run(&Store::new()?)?;
/// let Answer::Solutions(mut rows) = answer else { unreachable!() };
/// let n = rows.next().transpose()?.and_then(|row| row.get("n").map(|n| n.to_string()));
/// assert_eq!(n.as_deref(), Some("\"2022\"^^<http://www.w3.org/2001/XMLSchema#integer>"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct SparqlQuery {
    header: Header,
    query: Query,
    parts: Parts,
    parser: SparqlParser,
    prefixes: Prefixes,
    bindings: Bindings,
    dataset: Dataset,
    timeout: Option<Duration>,
    cancellation: CancellationToken,
}

impl SparqlQuery {
    /// Which form it has.
    pub fn kind(&self) -> QueryKind {
        match self.query {
            Query::Select { .. } => QueryKind::Select,
            Query::Ask { .. } => QueryKind::Ask,
            Query::Construct { .. } => QueryKind::Construct,
            Query::Describe { .. } => QueryKind::Describe,
        }
    }

    /// What the comments at its top say.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Binds a variable to a value as a user types it: `<iri>`, `"string"@en`, `"2021"^^xsd:gYear`,
    /// a number, `true` or `false`, a prefixed name, an absolute IRI, or else a plain string.
    /// Prefixes are those of the parser and those that the query declares.
    ///
    /// # Errors
    ///
    /// If the value is no term, is a string where the parameter's default is an IRI, or if the
    /// query has no such variable or computes it.
    pub fn with_value(self, name: &str, value: &str) -> Result<Self, QueryError> {
        let term = parse_value(name, value, &self.prefixes, &self.parser)?;
        let default = self.parameter_default(name);
        if let (GroundTerm::Literal(_), Some(default)) = (&term, default)
            && !value.starts_with(['"', '\''])
            && let Ok(GroundTerm::NamedNode(node)) =
                parse_value(name, default, &self.prefixes, &self.parser)
        {
            let compact = self.prefixes.compact(node.as_str());
            return Err(QueryError::ValueNotIri {
                name: name.to_owned(),
                value: value.to_owned(),
                example: compact.map_or_else(|| node.to_string(), |compact| compact.to_string()),
            });
        }
        self.with_binding(name, term)
    }

    /// Binds a variable to an IRI or a literal; the last binding of a variable counts.
    ///
    /// The term takes the variable's place everywhere: in subqueries, `EXISTS`, aggregates and
    /// expressions. A bound variable that SELECT names stays a column.
    ///
    /// # Errors
    ///
    /// If the query has no such variable, or computes it by `BIND` or `AS`.
    pub fn with_binding(
        mut self,
        name: &str,
        term: impl Into<GroundTerm>,
    ) -> Result<Self, QueryError> {
        if !self.parts.variables.contains(name) {
            let parameters = self
                .header
                .parameters
                .iter()
                .map(|parameter| &parameter.name);
            let known: Vec<_> = parameters.cloned().collect();
            return Err(QueryError::UnknownVariable {
                name: name.to_owned(),
                known: if known.is_empty() {
                    self.parts.variables.into_iter().collect()
                } else {
                    known
                },
            });
        }
        if self.parts.computed.contains(name) {
            return Err(QueryError::ComputedVariable {
                name: name.to_owned(),
            });
        }
        self.bindings.insert(name.to_owned(), term.into());
        Ok(self)
    }

    /// Sets which graphs the query sees; a `FROM` of its own goes before.
    pub fn with_dataset(mut self, dataset: Dataset) -> Self {
        self.dataset = dataset;
        self
    }

    /// Sets how long the query may take from the call of [`run`](Self::run) to its last row.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets a token that stops the query from another thread; it is only read.
    pub fn with_cancellation(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
        self
    }

    /// Whether the query can look at another graph than the default one: by the choice of its
    /// dataset, by `FROM` or by `GRAPH`. May say so of a query that only has such a word in a text.
    pub fn sees_named_graphs(&self) -> bool {
        // Printed, keywords are in capitals, those in subqueries and `EXISTS` too.
        let text = || self.query.to_string();
        self.dataset != Dataset::Stated
            || ["GRAPH", "FROM"].iter().any(|word| text().contains(word))
    }

    /// Begins the evaluation.
    ///
    /// # Errors
    ///
    /// If a parameter without default is not bound, if the evaluation fails, or if it is stopped
    /// before the first row.
    pub fn run(mut self, store: &Store) -> Result<Answer, QueryError> {
        self.bind_defaults()?;
        let (query, _) = bind(self.query, &self.bindings);
        let columns = match &query {
            Query::Select { pattern, .. } => projected(pattern),
            _ => Vec::new(),
        };
        let worker = Worker::start(
            query,
            self.dataset,
            store.clone(),
            self.cancellation,
            self.timeout,
        )?;
        Ok(match worker.next_event()? {
            Event::Boolean(value) => Answer::Boolean(value),
            Event::Graph => Answer::Triples(Triples {
                batches: Batches::new(worker, |event| match event {
                    Event::Triples(batch) => Some(batch),
                    _ => None,
                }),
            }),
            _ => Answer::Solutions(Solutions {
                columns,
                batches: Batches::new(worker, |event| match event {
                    Event::Rows(batch) => Some(batch),
                    _ => None,
                }),
            }),
        })
    }

    /// The query with its parameters bound, for callers that evaluate it themselves.
    pub(super) fn into_query(mut self) -> Result<Query, QueryError> {
        self.bind_defaults()?;
        Ok(bind(self.query, &self.bindings).0)
    }

    fn parameter_default(&self, name: &str) -> Option<&str> {
        self.header
            .parameters
            .iter()
            .find(|parameter| parameter.name == name)
            .and_then(|parameter| parameter.default.as_deref())
    }

    fn bind_defaults(&mut self) -> Result<(), QueryError> {
        for parameter in &self.header.parameters {
            if self.bindings.contains_key(&parameter.name) {
                continue;
            }
            let Some(default) = &parameter.default else {
                return Err(QueryError::MissingParameter {
                    name: parameter.name.clone(),
                    description: parameter.description.clone(),
                });
            };
            let term = parse_value(&parameter.name, default, &self.prefixes, &self.parser)?;
            self.bindings.insert(parameter.name.clone(), term);
        }
        Ok(())
    }
}

/// The columns of a SELECT, in the order of the query.
fn projected(pattern: &GraphPattern) -> Vec<Variable> {
    match pattern {
        GraphPattern::Project { variables, .. } => variables.clone(),
        GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::OrderBy { inner, .. } => projected(inner),
        _ => Vec::new(),
    }
}

/// What a query gives.
pub enum Answer {
    /// Of ASK.
    Boolean(bool),
    /// Of SELECT.
    Solutions(Solutions),
    /// Of CONSTRUCT and DESCRIBE.
    Triples(Triples),
}

/// The rows of a SELECT, computed as they are asked for. After an error there are no more.
pub struct Solutions {
    columns: Vec<Variable>,
    batches: Batches<QuerySolution>,
}

impl Solutions {
    /// The columns, in the order of the query.
    pub fn columns(&self) -> &[Variable] {
        &self.columns
    }
}

impl Iterator for Solutions {
    type Item = Result<QuerySolution, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.next()
    }
}

/// The triples of a CONSTRUCT or DESCRIBE, computed as they are asked for; may hold doubles. After
/// an error there are no more.
pub struct Triples {
    batches: Batches<Triple>,
}

impl Iterator for Triples {
    type Item = Result<Triple, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.next()
    }
}

/// The items of an evaluation under way.
struct Batches<T> {
    /// `None` after the end.
    worker: Option<Worker>,
    batch: IntoIter<T>,
    /// The batch of an event of the right kind.
    take: fn(Event) -> Option<Vec<T>>,
}

impl<T> Batches<T> {
    fn new(worker: Worker, take: fn(Event) -> Option<Vec<T>>) -> Self {
        Self {
            worker: Some(worker),
            batch: Vec::new().into_iter(),
            take,
        }
    }
}

impl<T> Iterator for Batches<T> {
    type Item = Result<T, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let worker = self.worker.as_ref()?;
            if worker.is_cancelled() {
                self.worker = None;
                return Some(Err(QueryError::Cancelled));
            }
            if let Some(item) = self.batch.next() {
                return Some(Ok(item));
            }
            match worker.next_event().map(self.take) {
                Ok(Some(batch)) => self.batch = batch.into_iter(),
                Ok(None) => {
                    self.worker = None;
                    return None;
                }
                Err(error) => {
                    self.worker = None;
                    return Some(Err(error));
                }
            }
        }
    }
}
