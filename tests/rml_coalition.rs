//! The coalition graph from two mapping languages: RML makes of the tables what CSVW makes of them.
//!
//! Neither mapping was made by this program from the other.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be run has failed; the helper is outside a test function"
)]

#[path = "conformance/graphs.rs"]
mod graphs;

use oxigraph::io::RdfFormat;
use std::path::Path;
use std::process::Command;

/// The IRI that the project's folder is published under.
const BASE: &str = "https://w3id.org/coalition-kg/";

/// Runs `convert` in the project's folder and gives the N-Quads.
fn convert(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
        .arg("convert")
        .args(arguments)
        .args(["--format", "nquads"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(!stderr.contains("warning"), "{stderr}");
    output.stdout
}

#[test]
fn rml_and_csvw_make_the_same_graph() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).display();
    let metadata = format!("{BASE}data/csv-metadata.json");
    let map = format!("{BASE}={folder}");
    let csvw = convert(&[&metadata, "--map-url", &map, "--minimal"]);
    let csvw = graphs::dataset(&csvw, RdfFormat::NQuads, BASE).unwrap();
    assert!(csvw.len() > 4000, "{}", csvw.len());

    let rml = convert(&[
        "--mapping",
        "tests/rml/coalition/mapping.ttl",
        "--base",
        BASE,
    ]);
    let rml = graphs::dataset(&rml, RdfFormat::NQuads, BASE).unwrap();
    if let Err(difference) = graphs::compare(csvw, rml) {
        panic!("- is CSVW, + is RML: {difference}");
    }
}
