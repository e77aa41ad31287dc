//! Runs mappings that others wrote through the command line, and compares with the graphs that they say come of them: one trial
//! for each.
//!
//! The cases are those under `tests/rml/wild`: `INDEX.tsv` says where each comes from, `tests/rml/README.md` how each is judged.

#![expect(
    clippy::expect_used,
    reason = "a table of cases that cannot be read has failed"
)]

#[path = "conformance/graphs.rs"]
mod graphs;

use libtest_mimic::{Arguments, Failed, Trial};
use oxigraph::io::RdfFormat;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

struct Case {
    folder: PathBuf,
    base: String,
    /// The code of the error that it has to end with.
    error: Option<String>,
}

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rml/wild");
    let index = std::fs::read_to_string(folder.join("INDEX.tsv")).expect("the index");
    let trials = index.lines().skip(1).map(|line| {
        let mut cells = line.split('\t');
        let mut next = || cells.next().expect("a cell").to_owned();
        let (name, base, error) = (next(), next(), next());
        let case = Case {
            folder: folder.join(&name),
            base,
            error: Some(error).filter(|code| code != "-"),
        };
        Trial::test(name, move || judge(&case).map_err(Failed::from))
    });
    let trials: Vec<_> = trials.collect();
    let folders = std::fs::read_dir(&folder).expect("the folder");
    let folders = folders.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir()));
    assert_eq!(folders.count(), trials.len(), "cases that the index lacks");
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn judge(case: &Case) -> Result<(), String> {
    let there = |name: &str| Some(name.to_owned()).filter(|name| case.folder.join(name).is_file());
    let mapping = there("mapping.ttl").or_else(|| there("mapping.yml"));
    let elsewhere = tempfile::tempdir().map_err(|error| error.to_string())?;
    let output = elsewhere.path().join("output.nq");
    let run = Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
        .args(["convert", "--base", &case.base, "--mapping"])
        .arg(mapping.ok_or("there is no mapping")?)
        .args(["--format", "nquads", "--output"])
        .arg(&output)
        .current_dir(&case.folder)
        .output()
        .map_err(|error| error.to_string())?;
    let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
    if let Some(code) = &case.error {
        let is_told = stderr.contains(&format!("error[{code}]"));
        if run.status.success() || !is_told || output.exists() {
            return Err(format!("error[{code}] was expected\n{stderr}"));
        }
        return Ok(());
    }
    if !run.status.success() {
        return Err(stderr);
    }
    let (name, format) = match there("expected.nq") {
        Some(name) => (name, RdfFormat::NQuads),
        None => ("expected.ttl".to_owned(), RdfFormat::Turtle),
    };
    let read = |path: &Path| std::fs::read(path).map_err(|error| error.to_string());
    graphs::compare(
        graphs::dataset(&read(&case.folder.join(name))?, format, &case.base)?,
        graphs::dataset(&read(&output)?, RdfFormat::NQuads, &case.base)?,
    )
}
