//! `validate ACTION`: tables against their metadata, by the letter of the specifications.

use crate::cli::action::Actions;
use crate::cli::args::ValidateArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, verdict};
use crate::diagnostic::Diagnostics;
use crate::engine::{self, OnError, RunOptions, RunReport, Severities};
use crate::mapping::csvw::{Mode, Options, Purpose};
use crate::sink::Discard;

pub(crate) fn run(args: &ValidateArgs, context: &mut Context) -> Result<Outcome, Failure> {
    if args.format == "turtle" {
        return Err(Failure::new(
            "cli::format",
            "a report in Turtle is about shapes, and tables have none: use text, json or sarif",
        ));
    }
    let options = Options {
        mode: Mode::Minimal,
        purpose: Purpose::Validate,
        lenient: args.source.lenient,
        ..Options::default()
    };
    let actions = Actions::new(&args.files, &args.source, context.global.base.as_deref())?;
    let mut diagnostics = Diagnostics::new();
    let mut report = None;
    if let Some(plan) = actions.plan(&options, &mut diagnostics) {
        let mut display = context.display();
        let mut options = RunOptions {
            severities: Severities::VALIDATE,
            key_memory: args.memory,
            shard: None,
            on_error: OnError::GoOn,
            observer: &mut |progress| display.step(progress),
        };
        let result = engine::run(
            &plan,
            &actions.sources,
            &mut Discard,
            &mut diagnostics,
            &mut options,
        );
        drop(display);
        report = Some(result?);
    }
    context.reporter.diagnostics(&diagnostics);
    let rows = report.as_ref().map(RunReport::rows);
    verdict::write(&args.format, &args.output, &diagnostics, rows)?;
    if diagnostics.errors() == 0 {
        return Ok(Outcome::Done);
    }
    // What is not there is not invalid.
    Ok(if actions.are_there() {
        Outcome::Errors
    } else {
        Outcome::CouldNotRun
    })
}
