//! How a command ends.
//!
//! In: what a command gives back. Out: an exit code: 0 done, 1 done but with errors in the data or
//! the graph, 2 could not run. A closed pipe is a quiet success.

use super::render::Reporter;
use crate::diagnostic::{Diagnostic, Location};
use crate::draft::DraftError;
use crate::engine::RunError;
use crate::pipeline::PipelineError;
use crate::project::ProjectError;
use crate::query::QueryError;
use crate::sink::SinkError;
use crate::sink::merge::MergeError;
use crate::sink::sort::{SortError, TemporaryError};
use crate::table::TableError;
use crate::validate::shacl::ShapeError;
use std::io::ErrorKind;
use std::process::ExitCode;

/// How a command ended that ran to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Done,
    /// The data or the graph has errors, which were reported.
    Errors,
    /// It could not run, which was reported.
    CouldNotRun,
}

/// Why a command could not run to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something to show.
    Diagnostic(Box<Diagnostic>),
    /// What is wrong was shown; how the command ends.
    Reported(Outcome),
    /// The reader at the other end of a pipe has gone.
    BrokenPipe,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// The user pressed Ctrl-C while graphs went to a server.
    InterruptedPush {
        /// Whether the one that was under way is as it was; else it may be complete.
        is_known: bool,
    },
    /// The same while batches went to a database, each of which stays.
    InterruptedBatches,
}

impl Failure {
    /// A failure without a place.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self::from(Diagnostic::error(code, message, Location::default()))
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Diagnostic(Box::new(diagnostic))
    }
}

impl From<SinkError> for Failure {
    fn from(error: SinkError) -> Self {
        if error.is_broken_pipe() {
            return Self::BrokenPipe;
        }
        if let SinkError::Io { error, .. } = &error
            && TemporaryError::is_in(error)
        {
            let message = error.to_string();
            return Diagnostic::error("output::temporary", message, Location::default())
                .with_help("set `TMPDIR` to a folder with more space")
                .into();
        }
        let (code, location) = match &error {
            SinkError::Io { name, .. } => ("output::io", Location::of_source(name)),
            SinkError::Read { name, .. } => ("merge::io", Location::of_source(name)),
            SinkError::NotRepresentable { .. } => {
                ("output::not-representable", Location::default())
            }
            SinkError::Store(_) => ("output::store", Location::default()),
        };
        let mut diagnostic = Diagnostic::error(code, error.to_string(), location);
        if matches!(error, SinkError::NotRepresentable { .. }) {
            diagnostic.help = Some("choose another format".to_owned());
        }
        if let SinkError::Io { error, .. } = &error {
            diagnostic.help = match error.kind() {
                ErrorKind::NotFound => Some("make the folder first".to_owned()),
                ErrorKind::PermissionDenied => {
                    Some("choose a place that you may write to".to_owned())
                }
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    Some("free some space; what stood there before is as it was".to_owned())
                }
                ErrorKind::FileTooLarge => Some(
                    "raise the limit (`ulimit -f`) or choose another place; what stood there before \
                     is as it was"
                        .to_owned(),
                ),
                ErrorKind::IsADirectory => Some("give the name of a file".to_owned()),
                _ => None,
            };
        }
        diagnostic.into()
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Sink(error) => error.into(),
            RunError::Cancelled => Self::Interrupted,
            // The row was reported.
            RunError::Stopped => Self::Reported(Outcome::Errors),
            error @ (RunError::Keys(_) | RunError::Joins(_) | RunError::Memory(_)) => {
                let code = match error {
                    RunError::Keys(_) => "run::keys",
                    RunError::Joins(_) => "run::joins",
                    _ => "run::duplicates",
                };
                Diagnostic::error(code, error.to_string(), Location::default())
                    .with_help("set `TMPDIR` to a folder with more space, or raise `--memory`")
                    .into()
            }
        }
    }
}

impl From<SortError> for Failure {
    fn from(error: SortError) -> Self {
        match error {
            SortError::Sink(error) => error.into(),
            SortError::Cancelled => Self::Interrupted,
        }
    }
}

impl From<MergeError> for Failure {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Sink(error) => error.into(),
            MergeError::Cancelled => Self::Interrupted,
            error @ MergeError::Temporary(_) => {
                Diagnostic::error("merge::temporary", error.to_string(), Location::default())
                    .with_help("set `TMPDIR` to a folder with more space, or raise `--memory`")
                    .into()
            }
            error @ MergeError::Changed => Self::new("merge::changed-part", error.to_string()),
        }
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        error.to_diagnostic().into()
    }
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Cancelled => Self::Interrupted,
            other => other.to_diagnostic().into(),
        }
    }
}

impl From<ProjectError> for Failure {
    fn from(error: ProjectError) -> Self {
        error.to_diagnostic().into()
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        if matches!(&error, QueryError::Write(error) if error.kind() == ErrorKind::BrokenPipe) {
            return Self::BrokenPipe;
        }
        if matches!(error, QueryError::Cancelled) {
            return Self::Interrupted;
        }
        query_diagnostic(&error).into()
    }
}

impl From<ShapeError> for Failure {
    fn from(error: ShapeError) -> Self {
        let mut diagnostic =
            Diagnostic::error("shacl::shapes", error.to_string(), Location::default());
        diagnostic.help = error.hint().map(str::to_owned);
        diagnostic.into()
    }
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Run(error) => error.into(),
            PipelineError::Sink(error) => error.into(),
            PipelineError::Project(error) => error.into(),
            PipelineError::Query(error) => error.into(),
            PipelineError::Diagnostic(diagnostic) => Self::Diagnostic(diagnostic),
        }
    }
}

/// What is wrong with a query, with all its causes.
pub(crate) fn query_diagnostic(error: &QueryError) -> Diagnostic {
    let code = match error {
        QueryError::Syntax(_) | QueryError::Empty { .. } => "query::syntax",
        QueryError::UndeclaredPrefix { .. } => "query::undeclared-prefix",
        QueryError::Update { .. } => "query::update",
        QueryError::Service { .. } => "query::service",
        QueryError::UnknownQuery { .. } => "query::unknown-query",
        QueryError::AmbiguousQuery { .. } => "query::ambiguous-query",
        QueryError::TimedOut { .. } => "query::timed-out",
        QueryError::Format { .. } => "query::format",
        QueryError::Write(_) => "query::io",
        QueryError::Evaluation(_) | QueryError::Storage(_) => "query::evaluation",
        QueryError::RuleNotConstruct { .. }
        | QueryError::RuleMakesBlankNodes { .. }
        | QueryError::RulesDoNotEnd { .. } => "query::rule",
        _ => "query::value",
    };
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(reason) = cause {
        let reason_text = reason.to_string();
        if !message.contains(&reason_text) {
            message.push_str(": ");
            message.push_str(&reason_text);
        }
        cause = reason.source();
    }
    let location = error.location().cloned().unwrap_or_default();
    let mut diagnostic = Diagnostic::error(code, message, location);
    diagnostic.help = error.hint();
    diagnostic
}

/// Reports how a command ended.
pub(crate) fn exit_code(result: Result<Outcome, Failure>, reporter: &mut Reporter) -> ExitCode {
    match result {
        Ok(outcome) | Err(Failure::Reported(outcome)) => ExitCode::from(match outcome {
            Outcome::Done => 0,
            Outcome::Errors => 1,
            Outcome::CouldNotRun => 2,
        }),
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(Failure::Diagnostic(diagnostic)) => {
            reporter.diagnostic(&diagnostic);
            ExitCode::from(2)
        }
        Err(Failure::Interrupted) => {
            reporter.message("interrupted; nothing was written");
            ExitCode::from(130)
        }
        Err(Failure::InterruptedBatches) => {
            reporter.message("interrupted; the same push goes on from the last batch that arrived");
            ExitCode::from(130)
        }
        Err(Failure::InterruptedPush { is_known }) => {
            reporter.message(if is_known {
                "interrupted; the graph that was being sent is as it was"
            } else {
                "interrupted; the graph that was being sent is as it was or complete: the server had not answered"
            });
            ExitCode::from(130)
        }
    }
}
