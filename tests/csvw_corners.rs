//! Corners of CSV on the Web that the W3C suite hardly touches: one trial for each case of the files
//! under `csvw_corners/`.
//!
//! A case begins with `=== what it shows`, the sections of the specifications that decide (`Spec:`)
//! and `Options:`. Then come files (`--- NAME`, in which `CONTEXT` stands for the context of CSVW), all
//! below `http://example.org/`, and what is expected: `--- graph` (Turtle, with the prefixes below and
//! `t:` for columns of `t.csv`), `--- json`, and `--- codes`, the diagnostics. Without `--- codes`
//! there are none.
//!
//! The options are `standard` (else minimal mode), `json`, `validate`, `prov`, `iri-per-item`,
//! `action=FILE` (else `m.json`), `metadata=FILE` and `link=IRI`.

#![expect(clippy::unwrap_used, reason = "a case that cannot be read has failed")]

use coalition_kg::diagnostic::{Diagnostics, Severity};
use coalition_kg::engine::{self, OnError, RunOptions, Severities};
use coalition_kg::mapping::csvw::{self, Mode, Options};
use coalition_kg::sink::EachQuad;
use coalition_kg::sink::json::JsonWriter;
use coalition_kg::table::link::parse_links;
use coalition_kg::table::{Mount, Sources};
use libtest_mimic::{Arguments, Failed, Trial};
use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::Dataset;
use oxrdf::dataset::CanonicalizationAlgorithm;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

const BASE: &str = "http://example.org/";

const CONTEXT: &str = r#""@context": "http://www.w3.org/ns/csvw""#;

const PREFIXES: &str = "
@base <http://example.org/> .
@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix dc: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix t: <http://example.org/t.csv#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/csvw_corners");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut trials = Vec::new();
    for file in files {
        let topic = file.file_stem().unwrap().to_str().unwrap().to_owned();
        for case in cases(&std::fs::read_to_string(&file).unwrap()) {
            let name = format!("{topic}/{}", case.name.replace(' ', "_"));
            trials.push(Trial::test(name, move || run(&case)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[derive(Default)]
struct Case {
    name: String,
    spec: String,
    options: Vec<String>,
    /// Files and expectations by name.
    sections: Vec<(String, String)>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case {
                name: name.to_owned(),
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if let Some(name) = line.strip_prefix("--- ") {
            case.sections.push((name.to_owned(), String::new()));
        } else if let Some((_, section)) = case.sections.last_mut() {
            section.push_str(line);
            section.push('\n');
        } else if let Some(spec) = line.strip_prefix("Spec: ") {
            spec.clone_into(&mut case.spec);
        } else if let Some(options) = line.strip_prefix("Options: ") {
            case.options = options.split(' ').map(str::to_owned).collect();
        }
    }
    for (_, section) in cases.iter_mut().flat_map(|case| &mut case.sections) {
        section.truncate(section.trim_end_matches('\n').len());
        section.push('\n');
    }
    cases
}

impl Case {
    fn has(&self, option: &str) -> bool {
        self.options.iter().any(|found| found == option)
    }

    fn values(&self, option: &str) -> impl Iterator<Item = &str> {
        let found = self.options.iter().filter_map(|text| text.split_once('='));
        found.filter_map(move |(name, value)| (name == option).then_some(value))
    }

    fn section(&self, name: &str) -> Option<&str> {
        let mut sections = self.sections.iter();
        let found = sections.find(|(found, _)| found == name);
        found.map(|(_, text)| text.as_str())
    }
}

fn run(case: &Case) -> Result<(), Failed> {
    if case.spec.is_empty() {
        return Err("a case names the section that decides".into());
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in &case.sections {
        if !["graph", "json", "codes"].contains(&name.as_str()) {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text.replace("CONTEXT", CONTEXT)).unwrap();
        }
    }
    let mut diagnostics = Diagnostics::new();
    let output = convert(case, folder.path(), &mut diagnostics);
    let codes: BTreeSet<String> = diagnostics
        .iter()
        .filter(|found| found.severity != Severity::Note)
        .map(|found| format!("{} {}", found.severity.as_str(), found.code))
        .collect();
    let expected: BTreeSet<String> = case
        .section("codes")
        .unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect();
    if codes != expected {
        let messages: Vec<&str> = diagnostics
            .iter()
            .map(|found| found.message.as_str())
            .collect();
        return Err(format!("{expected:?} was expected, not {codes:?}: {messages:#?}").into());
    }
    match (case.section("graph"), case.section("json"), output) {
        (Some(expected), _, Some(Output::Graph(found))) => {
            let parser =
                RdfParser::from_format(RdfFormat::Turtle).for_reader(expected_reader(expected));
            let quads: Result<Dataset, _> = parser.collect();
            compare_graphs(quads?, *found)
        }
        (_, Some(expected), Some(Output::Json(found))) => {
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text);
            if value(expected)? != value(&found)? {
                return Err(format!("the JSON differs:\n{found}").into());
            }
            Ok(())
        }
        (None, None, None) => Ok(()),
        (None, None, Some(_)) if case.has("validate") => Ok(()),
        (_, _, None) => Err("nothing was made".into()),
        _ => Err("what is made has to be expected".into()),
    }
}

fn expected_reader(turtle: &str) -> std::io::Cursor<String> {
    std::io::Cursor::new(format!("{PREFIXES}{turtle}"))
}

enum Output {
    Graph(Box<Dataset>),
    Json(String),
}

fn convert(case: &Case, folder: &Path, diagnostics: &mut Diagnostics) -> Option<Output> {
    let validate = case.has("validate");
    let options = Options {
        mode: if case.has("standard") {
            Mode::Standard
        } else {
            Mode::Minimal
        },
        purpose: if validate {
            csvw::Purpose::Validate
        } else {
            csvw::Purpose::Convert
        },
        iri_per_item: case.has("iri-per-item"),
        provenance: case.has("prov"),
        ..Options::default()
    };
    let action = format!(
        "{BASE}{}",
        case.values("action").next().unwrap_or_else(|| {
            let described = case.section("m.json").is_some();
            if described { "m.json" } else { "t.csv" }
        })
    );
    let links = case.values("link").flat_map(|target| {
        parse_links(&format!(
            "<{target}>; rel=\"describedby\"; type=\"application/csvm+json\""
        ))
    });
    let sources = Sources::new()
        .with_mount(BASE, Mount::Folder(folder.to_owned()))
        .with_links(&action, links.collect());
    let overriding = case
        .values("metadata")
        .next()
        .map(|name| format!("{BASE}{name}"));
    let group = csvw::open(
        &action,
        overriding.as_deref(),
        &sources,
        &options,
        diagnostics,
    )?;
    let plan = csvw::lower(&group, &options, diagnostics)?;
    let mut run_options = RunOptions {
        severities: if validate {
            Severities::VALIDATE
        } else {
            Severities::CONVERT
        },
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut |_| true,
    };
    if case.has("json") {
        let mut writer = JsonWriter::new("test", Vec::new());
        engine::run_objects(&plan, &sources, &mut writer, diagnostics, &mut run_options).unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        return Some(Output::Json(text));
    }
    let mut graph = Dataset::new();
    let mut sink = EachQuad(|quad: oxrdf::QuadRef<'_>, _: &_| {
        graph.insert(quad);
    });
    engine::run(&plan, &sources, &mut sink, diagnostics, &mut run_options).unwrap();
    Some(Output::Graph(Box::new(graph)))
}

fn compare_graphs(mut expected: Dataset, mut found: Dataset) -> Result<(), Failed> {
    expected.canonicalize(CanonicalizationAlgorithm::Unstable);
    found.canonicalize(CanonicalizationAlgorithm::Unstable);
    if expected == found {
        return Ok(());
    }
    let lines = |dataset: &Dataset, other: &Dataset, sign: char| {
        let mut lines: Vec<String> = dataset
            .iter()
            .filter(|quad| !other.contains(*quad))
            .map(|quad| format!("{sign} {quad} ."))
            .collect();
        lines.sort();
        lines.join("\n")
    };
    let (missing, extra) = (lines(&expected, &found, '-'), lines(&found, &expected, '+'));
    Err(format!("the graphs differ\n{missing}\n{extra}").into())
}
