//! The program: runs the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    coalition_kg::cli::run(std::env::args_os())
}
