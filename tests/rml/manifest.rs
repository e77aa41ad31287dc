//! The tables of the suite: its cases, the codes of those that must fail, and the faulty ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a run must end with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The graph of `output.nq`, and the files of `targets`.
    Output,
    /// An error with this code.
    Error(String),
}

/// A case of the suite.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Such as `core`.
    pub(crate) module: String,
    /// Such as `RMLTC0000-CSV`.
    pub(crate) id: String,
    /// The base IRI of its run.
    pub(crate) base: String,
    /// The names of the files that hold its logical targets.
    pub(crate) targets: Vec<String>,
    pub(crate) expected: Expected,
    /// Its folder, if it is at hand.
    pub(crate) folder: Option<PathBuf>,
}

impl Case {
    /// Gives `module/ID`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.module, self.id)
    }

    /// Reads a file of the case.
    pub(crate) fn read(&self, file: &str) -> Result<Vec<u8>, String> {
        let folder = self.folder.as_ref().ok_or("the case is not at hand")?;
        let path = folder.join(file);
        std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// Gives all cases; `other` is a folder that holds the modules which are not beside the tables.
pub(crate) fn cases(folder: &Path, other: Option<&Path>) -> Vec<Case> {
    let errors = codes(folder, "errors.tsv", "");
    let exceptions = codes(folder, "exceptions.tsv", "error ");
    let mut cases = Vec::new();
    for row in rows(folder, "manifest.tsv") {
        let [module, id, _title, expects, base, _inputs, targets, _notes] =
            row.try_into().expect("eight columns");
        let name = format!("{module}/{id}");
        let expected = match (exceptions.get(&name), expects.as_str(), errors.get(&name)) {
            (Some(code), "output", None) | (None, "error", Some(code)) => {
                Expected::Error(code.clone())
            }
            (None, "output", None) => Expected::Output,
            found => panic!("the tables contradict each other on {name}: {found:?}"),
        };
        let found = [Some(folder), other]
            .into_iter()
            .flatten()
            .map(|folder| folder.join(&module).join(&id))
            .find(|folder| folder.join("mapping.ttl").is_file());
        cases.push(Case {
            module,
            id,
            base,
            targets: targets.split_whitespace().map(str::to_owned).collect(),
            expected,
            folder: found,
        });
    }
    for name in errors.keys().chain(exceptions.keys()) {
        assert!(
            cases.iter().any(|case| case.name() == *name),
            "there is no {name}"
        );
    }
    cases
}

/// Reads a table of cases and codes.
fn codes(folder: &Path, file: &str, before: &str) -> BTreeMap<String, String> {
    rows(folder, file)
        .into_iter()
        .map(|row| {
            let code = row[1].strip_prefix(before).expect("an error");
            (row[0].clone(), code.to_owned())
        })
        .collect()
}

/// Reads a table whose first line names its columns.
pub(crate) fn rows(folder: &Path, file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(file)).expect(file);
    text.lines()
        .skip(1)
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}
