//! `man`: the manual pages.

use crate::cli::args::{Cli, ManArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::sink::SinkError;
use crate::sink::file::Output;
use clap::CommandFactory as _;
use clap_mangen::Man;
use std::io::Write as _;
use std::path::Path;

pub(crate) fn run(args: &ManArgs) -> Result<Outcome, Failure> {
    let mut command = Cli::command();
    command.build();
    match &args.output {
        None => write_page(&command, Output::standard())?,
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| SinkError::Io {
                name: folder.display().to_string(),
                error,
            })?;
            write_pages(&command, folder)?;
        }
    }
    Ok(Outcome::Done)
}

fn write_pages(command: &clap::Command, folder: &Path) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    write_page(command, Output::file(&folder.join(format!("{name}.1")))?)?;
    for subcommand in command.get_subcommands() {
        write_pages(subcommand, folder)?;
    }
    Ok(())
}

fn write_page(command: &clap::Command, mut output: Output) -> Result<(), Failure> {
    let mut page = Vec::new();
    let name = output.name().to_owned();
    Man::new(command.clone())
        .render(&mut page)
        .and_then(|()| output.write_all(&page))
        .map_err(|error| SinkError::Io { name, error })?;
    output.commit()?;
    Ok(())
}
