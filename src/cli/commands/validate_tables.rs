//! `validate ACTION`: tables against their metadata, by the letter of the specifications.

use crate::cli::action::Actions;
use crate::cli::args::ValidateArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output, sarif};
use crate::diagnostic::{Diagnostic, Diagnostics, Suppressed};
use crate::engine::{self, OnError, RunOptions, RunReport, Severities};
use crate::mapping::csvw::{Mode, Options, Purpose};
use crate::sink::Discard;
use serde::Serialize;

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
    write_report(args, &diagnostics, report.as_ref())?;
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

/// The report, as it is written in JSON.
#[derive(Serialize)]
struct Verdict<'a> {
    conforms: bool,
    errors: u64,
    warnings: u64,
    rows: Option<u64>,
    diagnostics: Vec<&'a Diagnostic>,
    suppressed: Vec<Suppressed>,
}

fn write_report(
    args: &ValidateArgs,
    diagnostics: &Diagnostics,
    report: Option<&RunReport>,
) -> Result<(), Failure> {
    let text = match args.format.as_str() {
        "json" => output::json(&Verdict {
            conforms: diagnostics.errors() == 0,
            errors: diagnostics.errors(),
            warnings: diagnostics.warnings(),
            rows: report.map(RunReport::rows),
            diagnostics: diagnostics.iter().collect(),
            suppressed: diagnostics.suppressed(),
        })?,
        "csv" => output::csv(diagnostics, &[])?,
        "sarif" => output::json(&sarif::log(diagnostics, &[]))?,
        _ => as_text(diagnostics, report),
    };
    output::write(&args.output, &text)
}

fn as_text(diagnostics: &Diagnostics, report: Option<&RunReport>) -> String {
    let count = |number: u64, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    let rows = report.map_or(0, RunReport::rows);
    let verdict = match (diagnostics.errors(), diagnostics.warnings()) {
        (0, 0) => "valid".to_owned(),
        (0, warnings) => format!("valid, with {}", count(warnings, "warning")),
        (errors, 0) => format!("not valid: {}", count(errors, "error")),
        (errors, warnings) => format!(
            "not valid: {}, {}",
            count(errors, "error"),
            count(warnings, "warning")
        ),
    };
    format!("{verdict} ({} read)\n", count(rows, "row"))
}
