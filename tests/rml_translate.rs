//! Mappings that are translated mean what they meant.
//!
//! Each RML conformance case that is to have an output, and the project's own CSVW metadata, are converted by the mapping as
//! it stands and by its translation; both make the same graphs and files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be run has failed; helpers are outside of test functions"
)]

#[path = "conformance/graphs.rs"]
mod graphs;

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::mapping::rml::graph::{Document, MappingGraph};
use coalition_kg::mapping::rml::model::Mapping;
use coalition_kg::mapping::rml::{read, write};
use oxigraph::io::RdfFormat;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The IRI that relative ones of the cases are put behind.
const BASE: &str = "http://example.com/base/";

/// The folders of all cases that are to have an output.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rml");
    let mut found = Vec::new();
    let more = std::env::var_os("RML_TEST_SUITE").map(PathBuf::from);
    for root in [Some(root), more].into_iter().flatten() {
        for module in folders(&root) {
            let cases = folders(&module).into_iter();
            found.extend(cases.filter(|case| {
                case.join("mapping.ttl").is_file() && !case.join("error").exists()
            }));
        }
    }
    found
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut found: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

fn parse(text: &str) -> Option<Mapping> {
    let mut diagnostics = Diagnostics::new();
    let document = Document {
        name: "mapping.ttl".to_owned(),
        iri: "file:///mapping.ttl".to_owned(),
        text: text.to_owned(),
    };
    let graph = MappingGraph::parse(&[document], &mut diagnostics)?;
    let mapping = read::read(&graph, &mut diagnostics)?;
    (diagnostics.errors() == 0).then_some(mapping)
}

/// A mapping without places, names of blank nodes and prefixes.
fn essence(mapping: &Mapping) -> String {
    let shown = format!("{mapping:#?}");
    let mut lines = Vec::new();
    // The indentation of the part that is left out.
    let mut left_out: Option<usize> = None;
    for line in shown.lines() {
        let depth = line.len() - line.trim_start().len();
        if let Some(start) = left_out {
            if depth == start {
                left_out = None;
            }
            continue;
        }
        let part = line.trim_start();
        if part == "place: Place {" || part == "prefixes: [" {
            left_out = Some(depth);
        } else if !part.starts_with("name: \"") {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[test]
fn what_is_written_is_read_as_the_same_mapping() {
    let mut seen = 0;
    for case in cases() {
        let text = std::fs::read_to_string(case.join("mapping.ttl")).unwrap();
        let Some(mapping) = parse(&text) else {
            continue;
        };
        let mut diagnostics = Diagnostics::new();
        let written = write::write(&mapping, &mut diagnostics);
        let name = case.display();
        assert_eq!((diagnostics.errors(), diagnostics.warnings()), (0, 0), "{name}");
        let again = parse(&written).unwrap_or_else(|| panic!("{name}\n{written}"));
        // What is in the older vocabulary says another thing of empty cells, in other words.
        if !text.contains("http://www.w3.org/ns/r2rml#") {
            assert_eq!(essence(&again), essence(&mapping), "{name}\n{written}");
        }
        let twice = write::write(&again, &mut diagnostics);
        assert_eq!(twice, written, "{name}");
        seen += 1;
    }
    assert!(seen >= 200, "{seen}");
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Converts by a mapping in a folder; the files that are made, the output among them, or what is wrong.
fn convert(case: &Path, mapping: &str, out: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    std::fs::create_dir(out).unwrap();
    let targets = out.display().to_string();
    let output = out.join("output.nq").display().to_string();
    let ended = run(
        case,
        &[
            "convert",
            "--mapping",
            mapping,
            "--base",
            BASE,
            "--target-dir",
            &targets,
            "--output",
            &output,
        ],
    );
    if !ended.status.success() {
        return Err(String::from_utf8_lossy(&ended.stderr).into_owned());
    }
    let entries = std::fs::read_dir(out).unwrap();
    let files = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    Ok(files)
}

#[test]
fn translated_cases_make_the_same() {
    let mut seen = 0;
    for case in cases() {
        let sandbox = tempfile::TempDir::new().unwrap();
        let copy = sandbox.path().join("case");
        std::fs::create_dir(&copy).unwrap();
        for entry in std::fs::read_dir(&case).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
            }
        }
        let name = case.display();
        let before = sandbox.path().join("before");
        let after = sandbox.path().join("after");
        // Whether it can be converted at all is for the conformance tests to say.
        let Ok(expected) = convert(&copy, "mapping.ttl", &before) else {
            continue;
        };
        let ended = run(&copy, &["translate", "mapping.ttl", "--output", "new.ttl"]);
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{name}\n{stderr}");
        let found = match convert(&copy, "new.ttl", &after) {
            Ok(found) => found,
            // What the translation says: the newer vocabulary is stricter.
            Err(error) if stderr.contains("rml::stricter") => {
                assert!(error.contains("error[table::invalid-iri]"), "{name}\n{error}");
                continue;
            }
            Err(error) => panic!("{name}\n{error}"),
        };
        assert_eq!(
            expected.keys().collect::<Vec<_>>(),
            found.keys().collect::<Vec<_>>(),
            "{name}"
        );
        for (file, bytes) in &expected {
            if *bytes == found[file] {
                continue;
            }
            // Blank nodes may have other labels.
            let dataset = |bytes| graphs::dataset(bytes, RdfFormat::NQuads, BASE).unwrap();
            if let Err(difference) = graphs::compare(dataset(bytes), dataset(&found[file])) {
                panic!("{name} {file}: {difference}");
            }
        }
        seen += 1;
    }
    assert!(seen >= 150, "{seen}");
}

#[test]
fn the_projects_metadata_makes_the_same_graph_as_rml() {
    let base = "https://w3id.org/coalition-kg/";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let metadata = format!("{base}data/csv-metadata.json");
    let map = format!("{base}={}", folder.display());
    let sandbox = tempfile::TempDir::new().unwrap();
    let mapping = sandbox.path().join("mapping.ttl").display().to_string();
    let arguments = ["--map-url", &map, "--output", &mapping, &metadata];
    let ended = run(folder, &[&["translate"], &arguments[..]].concat());
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{stderr}");
    let dataset = |arguments: &[&str]| {
        let ended = run(folder, &[&["convert", "--format", "nquads"], arguments].concat());
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{stderr}");
        graphs::dataset(&ended.stdout, RdfFormat::NQuads, base).unwrap()
    };
    let csvw = dataset(&[&metadata, "--map-url", &map, "--minimal"]);
    assert!(csvw.len() > 4000, "{}", csvw.len());
    let rml = dataset(&["--mapping", &mapping, "--base", base]);
    if let Err(difference) = graphs::compare(csvw, rml) {
        panic!("- is CSVW, + is RML: {difference}");
    }
}
