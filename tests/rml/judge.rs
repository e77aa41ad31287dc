//! Runs a case and judges what came of it. The two are apart, so that the judge can be tried.

use crate::graphs;
use crate::rml::manifest::{Case, Expected};
use crate::rml::{packed, triple_terms};
use oxigraph::io::RdfFormat;
use oxrdf::Dataset;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What a run left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// The exit code; none if a signal ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) stderr: String,
    /// The file that `--output` named.
    pub(crate) output: Option<Vec<u8>>,
    /// The files that the case did not have, by name.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// What is in a case's folder for the judge alone.
const FOR_THE_JUDGE: [&str; 3] = ["output.nq", "error", "targets"];

/// Runs the program on a copy of a case, in that folder.
pub(crate) fn run(case: &Case) -> std::io::Result<Run> {
    let source = case.folder.as_deref().ok_or(std::io::ErrorKind::NotFound)?;
    let (folder, elsewhere) = (tempfile::tempdir()?, tempfile::tempdir()?);
    for entry in std::fs::read_dir(source)? {
        let entry = entry?;
        if !FOR_THE_JUDGE.iter().any(|name| entry.file_name() == *name) {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
        }
    }
    let before = files(folder.path())?;
    let output = elsewhere.path().join("output.nq");
    let run = Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
        .args(["convert", "--mapping", "mapping.ttl", "--base", &case.base])
        .args(["--format", "nquads", "--output"])
        .arg(&output)
        .current_dir(folder.path())
        .env_remove("RML_TEST_SUITE")
        .output()?;
    let mut files = files(folder.path())?;
    files.retain(|name, content| before.get(name) != Some(content));
    Ok(Run {
        exit: run.status.code(),
        stderr: String::from_utf8_lossy(&run.stderr).into_owned(),
        output: std::fs::read(output).ok(),
        files,
    })
}

fn files(folder: &Path) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let content = if entry.file_type()?.is_dir() {
            Vec::new()
        } else {
            std::fs::read(entry.path())?
        };
        files.insert(name, content);
    }
    Ok(files)
}

/// Says whether a run is what the case asks for, and if not, why.
pub(crate) fn judge(case: &Case, run: &Run) -> Result<(), String> {
    let exit = run.exit.ok_or("a signal ended it")?;
    match &case.expected {
        Expected::Error(code) => {
            if exit == 0 {
                return Err(format!("error[{code}] was expected, it ended well"));
            }
            if !run.stderr.contains(&format!("error[{code}]")) {
                return Err(format!(
                    "error[{code}] was expected, the exit code is {exit}"
                ));
            }
            if run.output.is_some() || !run.files.is_empty() {
                let names: Vec<_> = run.files.keys().collect();
                return Err(format!("it failed and left its output or {names:?}"));
            }
            Ok(())
        }
        Expected::Output => {
            if exit != 0 {
                return Err(format!("the exit code is {exit}"));
            }
            let actual = run.output.as_ref().ok_or("there is no output")?;
            graphs::compare(
                statements(case, &case.read("output.nq")?)?,
                statements(case, actual)?,
            )?;
            targets(case, run)
        }
    }
}

/// Reads N-Quads.
fn statements(case: &Case, bytes: &[u8]) -> Result<Dataset, String> {
    if case.module == "star" {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        return triple_terms::dataset(text);
    }
    graphs::dataset(bytes, RdfFormat::NQuads, &case.base)
}

fn targets(case: &Case, run: &Run) -> Result<(), String> {
    let names: Vec<_> = run.files.keys().cloned().collect();
    if names != case.targets {
        return Err(format!(
            "the files {:?} were expected, there are {names:?}",
            case.targets
        ));
    }
    // No case has targets in several encodings.
    let mapping = case.read("mapping.ttl")?;
    let utf16 =
        !names.is_empty() && String::from_utf8_lossy(&mapping).contains("rml:encoding rml:UTF-16");
    for (name, bytes) in &run.files {
        let expected = case.read(&format!("targets/{name}.expected.nq"))?;
        let read = || {
            let (inner, content) = packed::unpack(name, bytes)?;
            let content = packed::decode(&content, utf16)?;
            let actual = packed::read(inner, &content, &case.base)?;
            graphs::compare(statements(case, &expected)?, actual)
        };
        read().map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
