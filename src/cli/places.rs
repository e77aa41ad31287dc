//! Whether what is written stands apart from what is read.
//!
//! In: the paths of both. Out: a failure where a file would take the place of another. A file that is written appears once all is
//! done, so nothing is read wrongly; but what somebody wrote would be gone.

use super::exit::Failure;
use super::output;
use crate::diagnostic::{Diagnostic, Location};
use crate::plan::{Destination, Plan};
use crate::rdf::iri;
use std::path::{Path, PathBuf};

const ANOTHER_PLACE: &str = "give it another path, or name another folder with `--target-dir`";

/// The same for all paths of a file, whether it is there already or not.
pub(crate) fn identity(path: &Path) -> PathBuf {
    if let Ok(found) = path.canonicalize() {
        return found;
    }
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let folder = parent.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// Looks whether an output is one of the files that are read for it; `done` is what is done with them.
///
/// # Errors
/// When it is.
pub(crate) fn check_output(written: &Path, read: &[String], done: &str) -> Result<(), Failure> {
    let Ok(place) = written.canonicalize() else {
        return Ok(());
    };
    let is_same = |file: &&String| {
        let input = Path::new(file).canonicalize();
        input.is_ok_and(|input| input == place && input.is_file())
    };
    match read.iter().find(is_same) {
        Some(file) if !output::is_standard(written) => Err(Diagnostic::error(
            "cli::output-is-input",
            format!("the output would take the place of a file that is {done}"),
            Location::of_source(file),
        )
        .with_help("give `--output` another name")
        .into()),
        _ => Ok(()),
    }
}

/// Looks whether the output of a run, or one of its destinations, is among the mappings and tables that it reads, or
/// is that of another.
///
/// # Errors
/// When it is.
pub(crate) fn check_apart(written: &Path, mappings: &[String], plan: &Plan) -> Result<(), Failure> {
    let mut read: Vec<(PathBuf, String)> = mappings
        .iter()
        .map(|file| (identity(Path::new(file)), file.clone()))
        .collect();
    let mut add = |source: &str| {
        if let Some(path) = iri::to_path(source) {
            let shown = crate::table::relative_to_current(&path);
            read.push((identity(&path), shown.display().to_string()));
        }
    };
    for scan in &plan.scans {
        add(&scan.source);
        if let Some(relation) = &scan.view {
            relation.each_source(&mut add);
        }
    }
    let output = (!output::is_standard(written)).then(|| identity(written));
    let is_read = |place: &PathBuf| {
        let found = read.iter().find(|(known, _)| known == place);
        found.filter(|_| place.is_file()).map(|(_, name)| name)
    };
    if let Some(name) = output.as_ref().and_then(is_read) {
        return Err(Diagnostic::error(
            "cli::output-is-input",
            "the output would take the place of a file that is read",
            Location::of_source(name),
        )
        .with_help("give `--output` another name")
        .into());
    }
    for destination in &plan.destinations {
        let place = identity(Path::new(&destination.path));
        if let Some(name) = is_read(&place) {
            let message =
                format!("a logical target would take the place of `{name}`, which is read");
            return Err(refuse(destination, message, ANOTHER_PLACE));
        }
        let is_device = place.exists() && !place.is_file();
        if output.as_ref() == Some(&place) && !is_device {
            let message = format!(
                "a logical target writes `{}`, as the run itself does",
                destination.path
            );
            return Err(refuse(destination, message, ANOTHER_PLACE));
        }
    }
    Ok(())
}

/// What is wrong with a destination, at its place in the mapping.
pub(crate) fn refuse(destination: &Destination, message: String, help: &str) -> Failure {
    let location = Location {
        document: Some(destination.element.document.clone()),
        json_pointer: Some(destination.element.pointer.clone()),
        ..Location::of_source(destination.element.document.clone())
    };
    Diagnostic::error("rml::target", message, location)
        .with_help(help)
        .into()
}
