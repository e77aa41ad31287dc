//! The command line: the only part that prints.
//!
//! In: arguments. Out: data on standard output or in files, everything else on standard error, and
//! an exit code. Each subcommand is a file under `commands`.

mod action;
mod args;
mod commands;
mod estimate;
mod exit;
mod lines;
mod mapping;
mod network;
mod output;
mod part;
mod places;
mod progress;
mod rejects;
mod render;
mod sarif;
mod secrets;
mod size;
mod targets;
mod verdict;

use args::{Cli, Command};
use clap::Parser as _;
use exit::exit_code;
use progress::Interrupt;
use render::Reporter;
use std::io::Write as _;
use std::process::ExitCode;

/// What every command works with.
struct Context {
    global: args::Global,
    reporter: Reporter,
    interrupt: Interrupt,
}

/// Runs the command line; `arguments` begin with the program's name.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and versions go to standard output, usage errors to standard error.
            let code = if error.use_stderr() { 2 } else { 0 };
            if code == 2
                && error.kind() != clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            {
                // Like every other message it begins with a code.
                let text = error.render().ansi().to_string();
                let text = text.replacen("error:", "error[cli::usage]:", 1);
                drop(writeln!(anstream::stderr(), "{}", text.trim_end()));
            } else {
                drop(error.print());
            }
            return ExitCode::from(code);
        }
    };
    let mut context = Context {
        reporter: Reporter::new(&cli.global),
        interrupt: Interrupt::install(),
        global: cli.global,
    };
    let result = match &cli.command {
        Command::Build(args) => commands::build::run(args, &mut context),
        Command::Convert(args) => commands::convert::run(args, &mut context),
        Command::Plan(args) => commands::plan::run(args, &mut context),
        Command::Translate(args) => commands::translate::run(args, &mut context),
        Command::Merge(args) => commands::merge::run(args, &mut context),
        Command::Query(args) => commands::query::run(args, &mut context),
        Command::Export(args) => commands::export::run(args, &mut context),
        Command::Import(args) => commands::property_graph::import(args, &mut context),
        Command::Push(args) => commands::push::run(args, &mut context),
        Command::Validate(args) => commands::validate::run(args, &mut context),
        Command::Check(args) => commands::check::run(args, &mut context),
        Command::Explain(args) => commands::explain::run(args, &mut context),
        Command::Init(args) => commands::init::run(args, &mut context),
        Command::Completions(args) => commands::completions::run(args),
        Command::Man(args) => commands::man::run(args),
    };
    exit_code(result, &mut context.reporter)
}
