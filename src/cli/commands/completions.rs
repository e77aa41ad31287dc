//! `completions`: what a shell needs to complete commands and options.

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::output;
use clap::CommandFactory as _;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "coalition-kg", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
