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
use coalition_kg::mapping::rml::model::{Formulation, Mapping, Rows, TriplesMap, Vocabulary};
use coalition_kg::mapping::rml::{read, write, yarrrml};
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
            found.extend(
                cases.filter(|case| {
                    case.join("mapping.ttl").is_file() && !case.join("error").exists()
                }),
            );
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

/// A mapping without places, names, prefixes and the spelling of templates.
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
        let is_name = part.starts_with("name: \"") || part.starts_with("text: \"");
        if part == "place: Place {" || part == "prefixes: [" {
            left_out = Some(depth);
        } else if !is_name && part != "prefixes: []," {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// A mapping as it is in the newer vocabulary.
fn renewed(mut mapping: Mapping) -> Mapping {
    for source in &mut mapping.sources {
        let is_old = source.vocabulary == Vocabulary::Legacy;
        source.vocabulary = Vocabulary::Rml;
        if let Rows::Source(file) = &mut source.rows
            && is_old
            && file.formulation == Formulation::Csv
            && !file.nulls.iter().any(String::is_empty)
        {
            file.nulls.insert(0, String::new());
        }
    }
    for map in &mut mapping.triples_maps {
        map.vocabulary = Vocabulary::Rml;
        map.base = map.base.take().or(mapping.base.clone());
    }
    mapping.base = None;
    mapping
}

/// Sees that a mapping that was read again is what it was.
fn same(again: &Mapping, mapping: Mapping, name: &str) {
    let (again, mapping) = (essence(again), essence(&renewed(mapping)));
    let mut lines = again.lines().zip(mapping.lines());
    if let Some((found, expected)) = lines.find(|(one, other)| one != other) {
        panic!("{name}\nfound {found}\nexpected {expected}");
    }
    assert_eq!(again.len(), mapping.len(), "{name}");
}

/// Writes a mapping, reads it again, and gives both texts, which are to be the same.
fn written(mapping: &Mapping, name: &str) -> (String, Mapping) {
    let mut diagnostics = Diagnostics::new();
    let written = write::write(mapping, &mut diagnostics);
    assert_eq!(
        (diagnostics.errors(), diagnostics.warnings()),
        (0, 0),
        "{name}"
    );
    let again = parse(&written).unwrap_or_else(|| panic!("{name}\n{written}"));
    let twice = write::write(&again, &mut diagnostics);
    assert_eq!(twice, written, "{name}");
    (written, again)
}

#[test]
fn what_is_written_is_read_as_the_same_mapping() {
    let mut seen = 0;
    for case in cases() {
        let text = std::fs::read_to_string(case.join("mapping.ttl")).unwrap();
        let Some(mapping) = parse(&text) else {
            continue;
        };
        let name = case.display().to_string();
        let (written, again) = written(&mapping, &name);
        seen += 1;
        // There what a function gives is a string, which is said here.
        if text.contains("http://www.w3.org/ns/r2rml#") && text.contains("functionValue") {
            continue;
        }
        same(&again, mapping, &format!("{name}\n{written}"));
    }
    assert!(seen >= 200, "{seen}");
}

#[test]
fn yarrrml_is_written_as_the_same_mapping() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yarrrml/cases");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yml"));
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let name = file.display().to_string();
        let document = Document {
            name: "mapping.yml".to_owned(),
            iri: "file:///mapping.yml".to_owned(),
            text: std::fs::read_to_string(&file).unwrap(),
        };
        let mapping = yarrrml::read(&[document], &mut Diagnostics::new()).unwrap();
        let (written, again) = written(&mapping, &name);
        let has_conditions = |map: &TriplesMap| {
            let mut parts = map.predicate_objects.iter();
            parts.any(|part| !part.conditions.is_empty())
        };
        // These stand elsewhere in RML.
        if !mapping.triples_maps.iter().any(has_conditions) {
            same(&again, mapping, &format!("{name}\n{written}"));
        }
    }
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
    let all = cases().into_iter().flat_map(|case| {
        let yml = case
            .join("mapping.yml")
            .is_file()
            .then(|| (case.clone(), "mapping.yml"));
        [(case, "mapping.ttl")].into_iter().chain(yml)
    });
    for (case, mapping) in all {
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
        let Ok(expected) = convert(&copy, mapping, &before) else {
            continue;
        };
        let ended = run(&copy, &["translate", mapping, "--output", "new.ttl"]);
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{name}\n{stderr}");
        let found = match convert(&copy, "new.ttl", &after) {
            Ok(found) => found,
            // What the translation says: the newer vocabulary is stricter.
            Err(error) if stderr.contains("rml::stricter") => {
                assert!(
                    error.contains("error[table::invalid-iri]"),
                    "{name}\n{error}"
                );
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
        let ended = run(
            folder,
            &[&["convert", "--format", "nquads"], arguments].concat(),
        );
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

/// Translates a table with its metadata, converts both, and gives what the translation said.
fn translated(table: &str, metadata: &str) -> String {
    let sandbox = tempfile::TempDir::new().unwrap();
    let folder = sandbox.path();
    std::fs::write(folder.join("table.csv"), table).unwrap();
    std::fs::write(folder.join("table.csv-metadata.json"), metadata).unwrap();
    let base = "http://example.org/";
    let arguments = ["table.csv", "--base", base, "--output", "new.ttl"];
    let ended = run(folder, &[&["translate"], &arguments[..]].concat());
    let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{stderr}");
    let dataset = |arguments: &[&str]| {
        let all = [
            &["convert", "--format", "nquads", "--base", base],
            arguments,
        ];
        let ended = run(folder, &all.concat());
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{stderr}");
        graphs::dataset(&ended.stdout, RdfFormat::NQuads, base).unwrap()
    };
    let csvw = dataset(&["table.csv", "--minimal"]);
    assert!(!csvw.is_empty());
    let rml = dataset(&["--mapping", "new.ttl"]);
    if let Err(difference) = graphs::compare(csvw, rml) {
        let mapping = std::fs::read_to_string(folder.join("new.ttl")).unwrap();
        panic!("- is CSVW, + is RML: {difference}\n{mapping}\n{stderr}");
    }
    stderr
}

/// The same, with nothing to be warned about.
fn translated_in_full(table: &str, metadata: &str) {
    let stderr = translated(table, metadata);
    assert!(!stderr.contains("warning["), "{stderr}");
}

/// Metadata of `table.csv`, of what stands in its schema and beside it.
fn metadata(beside: &str, schema: &str) -> String {
    format!(
        r#"{{"@context": "http://www.w3.org/ns/csvw", "url": "table.csv", {beside} "tableSchema": {{{schema}}}}}"#
    )
}

#[test]
fn columns_of_csvw_keep_languages_datatypes_and_names() {
    translated_in_full(
        "key,Größe in m,label\n1,3.50,Turm\n2,,\"a \"\"b\"\"\"\n",
        &metadata(
            "",
            r#""aboutUrl": "http://example.org/{key}", "columns": [
            {"name": "key", "titles": "key", "required": true, "datatype": "integer", "propertyUrl": "schema:position"},
            {"name": "size", "titles": "Größe in m", "datatype": "decimal", "propertyUrl": "http://example.org/size"},
            {"name": "label", "titles": "label", "lang": "de", "propertyUrl": "rdfs:label"},
            {"name": "type", "virtual": true, "propertyUrl": "rdf:type", "valueUrl": "http://example.org/Tower"},
            {"name": "note", "virtual": true, "default": "12", "datatype": "byte", "propertyUrl": "http://example.org/note"}]"#,
        ),
    );
}

#[test]
fn texts_that_stand_for_no_value_are_those_of_each_column() {
    translated_in_full(
        "key,a,b,c\n1,-,-,\n2,x,n/a,-\n3,,y,n/a\n",
        &metadata(
            "",
            r#""aboutUrl": "http://example.org/{key}", "columns": [
            {"titles": "key", "required": true},
            {"titles": "a", "null": ["-", ""]},
            {"titles": "b", "null": ["-", "n/a"]},
            {"titles": "c", "null": "n/a", "valueUrl": "http://example.org/c/{c}"}]"#,
        ),
    );
}

#[test]
fn defaults_lists_and_formats_are_functions() {
    translated_in_full(
        "key,kind,tags,steps,open,day,at\n1,,a;b,x y,yes,3.4.2020,03.04.2020 10:30\n2,z,,y,no,13.12.1999,01.01.2000 00:00\n",
        &metadata(
            "",
            r#""aboutUrl": "http://example.org/{key}", "columns": [
            {"titles": "key", "required": true},
            {"titles": "kind", "default": "none"},
            {"titles": "tags", "separator": ";"},
            {"titles": "steps", "separator": " ", "ordered": true},
            {"titles": "open", "datatype": {"base": "boolean", "format": "yes|no"}},
            {"titles": "day", "datatype": {"base": "date", "format": "d.M.yyyy"}},
            {"titles": "at", "datatype": {"base": "dateTime", "format": "dd.MM.yyyy HH:mm"}}]"#,
        ),
    );
}

#[test]
fn templates_encode_as_they_did() {
    translated_in_full(
        "key,path,home,flag\nä b/1,x/y,http://example.net/z,1\nc,z,http://example.net/,\n",
        &metadata(
            "",
            r#""aboutUrl": "http://example.org/{key}", "columns": [
            {"titles": "key", "required": true},
            {"titles": "path", "valueUrl": "http://example.org/p/{+path}"},
            {"titles": "home", "valueUrl": "{+home}"},
            {"titles": "flag", "valueUrl": "http://example.org/flagged"}]"#,
        ),
    );
}

#[test]
fn dialects_and_rows_without_names_are_kept() {
    translated_in_full(
        "skipped\nnumber;a;b\n1;1;'x;y'\n2;2;' z'\n",
        &metadata(
            r#""dialect": {"delimiter": ";", "quoteChar": "'", "skipRows": 1, "skipColumns": 1, "encoding": "utf-8"},"#,
            r#""columns": [{"titles": "a"}, {"titles": "b"}]"#,
        ),
    );
}

#[test]
fn relative_templates_are_below_the_table() {
    translated_in_full(
        "key,other\na,b\n",
        &metadata(
            "",
            r#""aboutUrl": "{key}", "columns": [
            {"titles": "key", "required": true},
            {"titles": "other", "propertyUrl": "terms/x", "valueUrl": "more/{other}"}]"#,
        ),
    );
}

#[test]
fn what_rml_cannot_say_is_told_with_its_column() {
    let stderr = translated(
        "key,price\n1,5\n",
        &metadata(
            "",
            r##""aboutUrl": "http://example.org/{key}", "columns": [
            {"titles": "key", "required": true},
            {"titles": "price", "datatype": {"base": "decimal", "format": "#,##0.##"}}]"##,
        ),
    );
    assert!(stderr.contains("warning[rml::not-expressible]"), "{stderr}");
    assert!(stderr.contains("column `price`"), "{stderr}");
    assert!(stderr.contains("/tableSchema/columns/1"), "{stderr}");
}
