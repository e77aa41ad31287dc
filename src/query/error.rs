//! Why a query could not be answered.
//!
//! In: faults of query texts, bindings, rules, evaluation and output. Out: values; the caller
//! renders them. A hint says what to type.

use crate::diagnostic::Location;
use oxigraph::sparql::QueryEvaluationError;
use oxigraph::store::StorageError;
use std::io;
use std::time::Duration;

/// A fault in the text of a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Line and column from 1, and the bytes of the token at fault.
    pub location: Location,
    /// What is wrong and what was expected.
    pub message: String,
    /// What to type instead, if it can be told.
    pub hint: Option<String>,
}

/// Why a query or rule could not be read or answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The text is no SPARQL query.
    #[error("invalid SPARQL: {0}")]
    Syntax(#[source] Box<SyntaxError>),
    /// The text holds nothing but white space and comments.
    #[error("the query is empty")]
    Empty {
        /// The source.
        location: Box<Location>,
    },
    /// The text is a SPARQL Update.
    #[error("this is an update, expected a query: the graph is only read")]
    Update {
        /// The word that begins the update.
        location: Box<Location>,
    },
    /// A prefix is used and nowhere declared.
    #[error("the prefix `{prefix}:` is not declared")]
    UndeclaredPrefix {
        /// Where it is used.
        location: Box<Location>,
        /// The prefix, without the colon.
        prefix: String,
        /// A declared prefix that may have been meant.
        nearest: Option<String>,
    },
    /// The query asks another endpoint.
    #[error("SERVICE is not supported: queries never use the network")]
    Service {
        /// The word `SERVICE`.
        location: Box<Location>,
    },
    /// The base IRI is not absolute.
    #[error("invalid base IRI `{base}`: {message}")]
    Base {
        /// The base as given.
        base: String,
        /// What the IRI parser says.
        message: String,
    },
    /// No bundled query has this name.
    #[error("no query is named `{name}`")]
    UnknownQuery {
        /// The name asked for.
        name: String,
        /// Names that may have been meant, nearest first.
        nearest: Vec<String>,
    },
    /// A short name fits several bundled queries.
    #[error("`{name}` is short for several queries")]
    AmbiguousQuery {
        /// The name asked for.
        name: String,
        /// The names it fits.
        names: Vec<String>,
    },
    /// A binding has no `=`, or no name before it.
    #[error("invalid binding `{text}`: expected `name=value`")]
    Binding {
        /// The text as given.
        text: String,
    },
    /// The value of a binding is no term.
    #[error("invalid value `{value}` of `{name}`: {message}")]
    Value {
        /// The variable's name.
        name: String,
        /// The value as given.
        value: String,
        /// What was expected.
        message: String,
    },
    /// The value of a binding uses an unknown prefix.
    #[error("unknown prefix `{prefix}:` in the value of `{name}`")]
    ValuePrefix {
        /// The variable's name.
        name: String,
        /// The prefix, without the colon.
        prefix: String,
        /// A known prefix that may have been meant.
        nearest: Option<String>,
    },
    /// A string was given for a parameter that is an IRI.
    #[error("the value `{value}` of `{name}` is a string, expected an IRI such as `{example}`")]
    ValueNotIri {
        /// The variable's name.
        name: String,
        /// The value as given.
        value: String,
        /// The parameter's default.
        example: String,
    },
    /// The query has no such variable.
    #[error("the query has no variable `?{name}`")]
    UnknownVariable {
        /// The name asked for.
        name: String,
        /// The parameters of the query, or else its variables.
        known: Vec<String>,
    },
    /// The query computes the variable itself.
    #[error("`?{name}` cannot be set: the query computes it")]
    ComputedVariable {
        /// The variable's name.
        name: String,
    },
    /// A parameter without a default was not given.
    #[error("the query needs a value for `{name}`")]
    MissingParameter {
        /// The parameter's name.
        name: String,
        /// What the query says about it.
        description: String,
    },
    /// The time was up.
    #[error("the query was stopped after {} s", after.as_secs_f64())]
    TimedOut {
        /// The time it had.
        after: Duration,
    },
    /// The query was stopped from outside.
    #[error("the query was cancelled")]
    Cancelled,
    /// The evaluation could not be begun.
    #[error("no thread could be started for the query")]
    Thread(#[source] io::Error),
    /// The evaluation ended without an answer: a fault of the evaluator.
    #[error("the evaluation broke off")]
    Interrupted,
    /// The evaluation failed.
    #[error("the query could not be evaluated")]
    Evaluation(#[source] QueryEvaluationError),
    /// The store could not be read or written.
    #[error("the store could not be used")]
    Storage(#[from] StorageError),
    /// The answer could not be written.
    #[error("the answer could not be written")]
    Write(#[source] io::Error),
    /// The answer is a graph and the format is for tables, or the other way round.
    #[error("the answer is {answer}, and {format} cannot hold that")]
    Format {
        /// What the query gives.
        answer: &'static str,
        /// The format's name.
        format: &'static str,
    },
    /// A rule is no CONSTRUCT query.
    #[error("the rule `{rule}` is not a CONSTRUCT query")]
    RuleNotConstruct {
        /// The rule's name.
        rule: String,
    },
    /// A rule makes new blank nodes in every round.
    #[error("the rule `{rule}` makes blank nodes, so it would never come to an end")]
    RuleMakesBlankNodes {
        /// The rule's name.
        rule: String,
    },
    /// The rules still found something new after the last round allowed.
    #[error(
        "the rules did not come to an end in {rounds} rounds; the last new triples came from `{rule}`"
    )]
    RulesDoNotEnd {
        /// The number of rounds run.
        rounds: usize,
        /// A rule that found something in the last round.
        rule: String,
    },
}

impl QueryError {
    /// Where in the query text the fault is, if it is in a text.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Syntax(error) => Some(&error.location),
            Self::Empty { location }
            | Self::Update { location }
            | Self::UndeclaredPrefix { location, .. }
            | Self::Service { location } => Some(location),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Syntax(error) => error.hint.clone(),
            Self::Empty { .. } => {
                Some("begin with `SELECT`, `ASK`, `CONSTRUCT` or `DESCRIBE`".into())
            }
            Self::Update { .. } => Some(
                "change the tables and build again, or ask with `SELECT` or `CONSTRUCT`".into(),
            ),
            Self::UndeclaredPrefix {
                prefix, nearest, ..
            } => Some(match nearest {
                Some(nearest) => format!("did you mean `{nearest}:`?"),
                None => format!("add `PREFIX {prefix}: <…>` at the top"),
            }),
            Self::Service { .. } => {
                Some("export the other graph and load it beside this one".into())
            }
            Self::UnknownQuery { nearest, .. } if !nearest.is_empty() => {
                Some(format!("did you mean {}?", or_list(nearest)))
            }
            Self::UnknownQuery { .. } => Some("run `query` without a name to list them".into()),
            Self::AmbiguousQuery { names, .. } => Some(format!("write {}", or_list(names))),
            Self::Binding { .. } => Some("write `name=value`, such as `year=2021`".into()),
            Self::Value { value, .. } => Some(format!(
                "quote it to mean the string itself: `\"{}\"`",
                value.trim_matches(['"', '\'', '<', '>'])
            )),
            Self::ValuePrefix {
                nearest: Some(nearest),
                ..
            } => Some(format!(
                "did you mean `{nearest}:`? quote the value to mean a string"
            )),
            Self::ValuePrefix { .. } => {
                Some("write the whole IRI in `<…>`, or quote the value to mean a string".into())
            }
            Self::ValueNotIri { value, example, .. } => Some(match example.split_once(':') {
                Some((prefix, _)) if !example.starts_with('<') => {
                    format!("write `{prefix}:{value}` or the whole IRI in `<…>`")
                }
                _ => "write the whole IRI in `<…>`".to_owned(),
            }),
            Self::UnknownVariable { name, known } => {
                match crate::diagnostic::nearest(name, known.iter().map(String::as_str)) {
                    Some(nearest) => Some(format!("did you mean `{nearest}`?")),
                    None if known.is_empty() => None,
                    None => Some(format!("it has {}", and_list(known))),
                }
            }
            Self::MissingParameter { name, description } => Some(if description.is_empty() {
                format!("add `--set {name}=…`")
            } else {
                format!("add `--set {name}=…` ({description})")
            }),
            Self::TimedOut { .. } => {
                Some("give it more time with `--timeout`, or narrow it with `LIMIT`".into())
            }
            Self::Format {
                answer: "a graph", ..
            } => Some("use an RDF format such as `turtle` or `ntriples`".into()),
            Self::Format { .. } => Some("use `table`, `csv`, `tsv`, `json` or `xml`".into()),
            Self::RuleMakesBlankNodes { .. } => {
                Some("name the new thing by an IRI made of what it is about".into())
            }
            Self::RulesDoNotEnd { .. } => {
                Some("do not make new IRIs from IRIs that the rules made".into())
            }
            _ => None,
        }
    }
}

fn or_list(names: &[String]) -> String {
    join(names, "or")
}

fn and_list(names: &[String]) -> String {
    join(names, "and")
}

fn join(names: &[String], word: &str) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {word} {last}", others.join(", ")),
        None => String::new(),
    }
}
