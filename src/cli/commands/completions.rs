//! `completions`: what a shell needs to complete commands and options.

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::sink::SinkError;
use crate::sink::file::Output;
use clap::CommandFactory as _;
use std::io::Write as _;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "coalition-kg", &mut script);
    let mut output = Output::standard();
    output.write_all(&script).map_err(|error| SinkError::Io {
        name: output.name().to_owned(),
        error,
    })?;
    output.commit()?;
    Ok(Outcome::Done)
}
