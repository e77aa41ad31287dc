//! Rows that fail in a file of their own: `convert --on-error skip --rejects FILE`.
//!
//! In: the options of `convert` and the tables of a plan. Out: a file for each table, in full or not at
//! all, and what is said of it in the end.

use super::args::{ConvertArgs, RowErrors};
use super::exit::Failure;
use super::output;
use crate::compression::Compression;
use crate::diagnostic::{Diagnostic, Location};
use crate::engine::{OnError, RejectSink};
use crate::plan::{Destination, Plan};
use crate::sink::SinkError;
use crate::sink::file::Output;
use crate::table::Sources;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The files of rejected rows, one for each table.
pub(crate) struct Rejects {
    paths: Vec<PathBuf>,
    /// Those of the tables that were begun.
    outputs: Vec<Output>,
}

impl Rejects {
    /// The files that the options ask for, if they do.
    ///
    /// # Errors
    /// When no rows are rejected, or one of the files is read or written otherwise.
    pub(crate) fn of(
        args: &ConvertArgs,
        plan: &Plan,
        destinations: &[Destination],
        sources: &Sources,
    ) -> Result<Option<Self>, Failure> {
        let Some(file) = &args.rejects else {
            return Ok(None);
        };
        let refuse = |message: &str, help: &str| {
            Failure::from(
                Diagnostic::error("cli::rejects", message, Location::default()).with_help(help),
            )
        };
        if args.on_error != Some(RowErrors::Skip) {
            return Err(refuse(
                "`--rejects` takes the rows that are left out, and none are",
                "add `--on-error skip`",
            ));
        }
        if output::is_standard(file) {
            return Err(refuse(
                "rejected rows go to a file, not to standard output",
                "give `--rejects` the name of a file",
            ));
        }
        let tables: Vec<String> = plan
            .scans
            .iter()
            .map(|scan| sources.display_name(&scan.source))
            .collect();
        let paths = paths(file, &tables);
        let read = tables.iter().map(Path::new);
        let targets = destinations.iter().map(|target| Path::new(&target.path));
        let named = args.files.iter().chain(&args.mapping.mapping);
        let used = named.map(Path::new).chain([args.output.as_path()]);
        let used: Vec<&Path> = used.chain(read).chain(targets).collect();
        for path in &paths {
            if used.iter().any(|used| is_same(path, used)) {
                return Err(refuse(
                    &format!("`{}` is read or written otherwise", path.display()),
                    "give `--rejects` another name",
                ));
            }
        }
        Ok(Some(Self {
            paths,
            outputs: Vec::new(),
        }))
    }

    /// Puts the files under their names.
    pub(crate) fn commit(self) -> Result<(), SinkError> {
        self.outputs.into_iter().try_for_each(Output::commit)
    }
}

impl RejectSink for Rejects {
    fn table(&mut self, table: usize) -> Result<(), SinkError> {
        self.outputs
            .push(Output::file_with_threads(&self.paths[table], 1)?);
        Ok(())
    }

    fn rows(&mut self, rows: &[u8]) -> Result<(), SinkError> {
        let Some(output) = self.outputs.last_mut() else {
            return Ok(());
        };
        let written = output.write_all(rows);
        written.map_err(|error| Output::error(output.name(), error))
    }
}

/// What becomes of rows that fail, as the options say.
pub(crate) fn on_error<'o>(args: &ConvertArgs, rejects: Option<&'o mut Rejects>) -> OnError<'o> {
    match args.on_error {
        None => OnError::GoOn,
        Some(RowErrors::Stop) => OnError::Stop,
        Some(RowErrors::Skip) => {
            OnError::Skip(rejects.map(|rejects| -> &'o mut dyn RejectSink { rejects }))
        }
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    if one == other {
        return true;
    }
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other && one.is_file(),
        _ => false,
    }
}

// A file for each table: that of the option, with the name of the table before its ending where there
// are several.
fn paths(file: &Path, tables: &[String]) -> Vec<PathBuf> {
    if tables.len() < 2 {
        return vec![file.to_owned(); tables.len()];
    }
    let whole = file.file_name().unwrap_or_default().to_string_lossy();
    let plain = Compression::split(&whole).0;
    let compressed = &whole[plain.len()..];
    let (stem, ending) = match plain.rfind('.').filter(|at| *at > 0) {
        Some(at) => plain.split_at(at),
        None => (plain, ""),
    };
    let mut used = BTreeSet::new();
    let mut paths = Vec::new();
    for table in tables {
        let name = stem_of(table);
        let mut number = 1;
        let path = loop {
            let again = match number {
                1 => String::new(),
                _ => format!("-{number}"),
            };
            let path = format!("{stem}.{name}{again}{ending}{compressed}");
            if used.insert(path.clone()) {
                break path;
            }
            number += 1;
        };
        paths.push(file.with_file_name(path));
    }
    paths
}

// The name of a table as a part of the name of a file: behind the last slash, without endings.
fn stem_of(table: &str) -> String {
    let path = table.split(['?', '#']).next().unwrap_or(table);
    let name = path.rsplit(['/', '\\']).find(|part| !part.is_empty());
    let name = Compression::split(name.unwrap_or("table")).0;
    let name = match name.rfind('.').filter(|at| *at > 0) {
        Some(at) => &name[..at],
        None => name,
    };
    let fits = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_' | '.');
    let name = name.replace(|one| !fits(one), "_");
    name.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_tables_have_files_of_their_own() {
        let check = |file: &str, tables: &[&str], expected: &[&str]| {
            let tables: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(paths(Path::new(file), &tables), expected);
        };
        check("out/bad.csv", &["a.csv"], &["out/bad.csv"]);
        check(
            "out/bad.csv",
            &["data/a.csv", "b.csv.gz", "other/a.csv"],
            &["out/bad.a.csv", "out/bad.b.csv", "out/bad.a-2.csv"],
        );
        check(
            "bad.csv.zst",
            &["http://example.org/a.csv?x=/y", "parts/p-*.csv"],
            &["bad.a.csv.zst", "bad.p-_.csv.zst"],
        );
        check("bad", &["<stdin>", "b"], &["bad._stdin_", "bad.b"]);
    }
}
