//! The project that is compiled into the binary: the folders beside the manifest.

use super::ProjectFile;
use include_dir::{Dir, include_dir};

/// The settings.
pub(super) const SETTINGS: &str = include_str!("../../kg.toml");
/// The tables and their metadata.
pub(super) static DATA: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/data");
static ONTOLOGY: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/ontology");
static QUERIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// The files of a folder with an ending.
pub(super) fn read_folder(folder: &str, ending: &str) -> Vec<ProjectFile> {
    let (top, rest) = folder.split_once('/').unwrap_or((folder, ""));
    let root = match top {
        "ontology" => &ONTOLOGY,
        "queries" => &QUERIES,
        _ => return Vec::new(),
    };
    let found = if rest.is_empty() {
        Some(root)
    } else {
        root.get_dir(rest)
    };
    found
        .into_iter()
        .flat_map(Dir::files)
        .filter(|file| file.path().extension().is_some_and(|found| found == ending))
        .filter_map(|file| {
            Some(ProjectFile {
                stem: file.path().file_stem()?.to_string_lossy().into_owned(),
                name: format!("{top}/{}", file.path().display()),
                text: file.contents_utf8()?.to_owned(),
            })
        })
        .collect()
}
