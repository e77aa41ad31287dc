//! Runs the W3C CSV on the Web test suite through the command line: one trial for each entry of its
//! manifests.
//!
//! The cases are those under `tests/conformance/csvw`. Graphs are compared by canonical form, JSON by
//! value, warnings and errors by their codes (`expected-diagnostics.toml`). Nothing is fetched: the
//! addresses of the suite are mapped to its folder.
//!
//! `EARL_REPORT=FILE` writes the results as EARL; `BLESS=1` writes the codes that were seen. Both need
//! all trials in one process (`cargo test`, not `cargo nextest`).

#![expect(clippy::unwrap_used, reason = "a suite that cannot be read has failed")]

#[path = "conformance/graphs.rs"]
mod graphs;

use libtest_mimic::{Arguments, Failed, Trial};
use oxigraph::io::RdfFormat;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::{Arc, Mutex};

/// The address that the suite's folder stands under.
const BASE: &str = "http://www.w3.org/2013/csvw/tests/";

/// The address of the site-wide configuration that tests 259 and 260 need.
const WELL_KNOWN: &str = "http://www.w3.org/.well-known/";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/csvw")
}

/// Which conversion or check a manifest is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suite {
    Csv2Rdf,
    Validation,
    Csv2Json,
}

impl Suite {
    fn name(self) -> &'static str {
        match self {
            Self::Csv2Rdf => "csv2rdf",
            Self::Validation => "validation",
            Self::Csv2Json => "csv2json",
        }
    }

    /// The number of its tests.
    fn size(self) -> usize {
        match self {
            Self::Csv2Rdf | Self::Csv2Json => 270,
            Self::Validation => 282,
        }
    }

    fn manifest(self) -> &'static str {
        match self {
            Self::Csv2Rdf => "manifest-rdf.jsonld",
            Self::Validation => "manifest-validation.jsonld",
            Self::Csv2Json => "manifest-json.jsonld",
        }
    }
}

/// What a test asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Success,
    Warnings,
    Failure,
}

/// An entry of a manifest.
#[derive(Debug, Clone)]
struct Case {
    suite: Suite,
    /// Such as `csv2rdf/test001`.
    name: String,
    /// The IRI of the entry.
    iri: String,
    expected: Expected,
    action: String,
    result: Option<String>,
    metadata: Option<String>,
    link: Option<String>,
    minimal: bool,
    no_prov: bool,
}

/// The codes that a test gives, such as `warning csvw::unknown-property`.
type Codes = BTreeSet<String>;

/// What the trials have to say to each other.
#[derive(Default)]
struct Seen {
    codes: BTreeMap<String, Codes>,
    outcomes: BTreeMap<String, bool>,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let bless = std::env::var_os("BLESS").is_some();
    let expected = Arc::new(expected_diagnostics());
    let seen = Arc::new(Mutex::new(Seen::default()));
    let mut iris = BTreeMap::new();
    let mut trials = Vec::new();
    for suite in [Suite::Csv2Rdf, Suite::Validation, Suite::Csv2Json] {
        for case in cases(suite) {
            iris.insert(case.name.clone(), case.iri.clone());
            let expected = Arc::clone(&expected);
            let seen = Arc::clone(&seen);
            trials.push(Trial::test(case.name.clone(), move || {
                let (codes, mut outcome) = run(&case);
                if !bless && outcome.is_ok() {
                    outcome = compare_codes(&codes, expected.get(&case.name));
                }
                let mut seen = seen.lock().unwrap();
                seen.codes.insert(case.name.clone(), codes);
                seen.outcomes.insert(case.name.clone(), outcome.is_ok());
                outcome
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let seen = seen.lock().unwrap();
    if bless {
        std::fs::write(diagnostics_file(), as_toml(&seen.codes)).unwrap();
    }
    if let Some(file) = std::env::var_os("EARL_REPORT") {
        std::fs::write(file, earl(&seen.outcomes, &iris)).unwrap();
    }
    conclusion.exit_code()
}

fn cases(suite: Suite) -> Vec<Case> {
    let file = folder().join("tests").join(suite.manifest());
    let manifest: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let entries = manifest["entries"].as_array().unwrap();
    assert_eq!(entries.len(), suite.size(), "{}", suite.manifest());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    entries
        .iter()
        .map(|entry| {
            let id = entry["id"].as_str().unwrap();
            let kind = entry["type"].as_str().unwrap();
            let (_, local) = id.split_once('#').unwrap();
            let option = &entry["option"];
            Case {
                suite,
                name: format!("{}/{local}", suite.name()),
                iri: format!("{BASE}{id}"),
                expected: if kind.contains("Negative") {
                    Expected::Failure
                } else if kind.contains("Warning") {
                    Expected::Warnings
                } else {
                    Expected::Success
                },
                action: text(&entry["action"]).unwrap(),
                result: text(&entry["result"]),
                metadata: text(&option["metadata"]),
                link: text(&entry["httpLink"]),
                minimal: option["minimal"] == true,
                no_prov: option["noProv"] == true,
            }
        })
        .collect()
}

fn execute(case: &Case) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_coalition-kg"));
    let tests = folder().join("tests");
    command
        .arg(match case.suite {
            Suite::Validation => "validate",
            _ => "convert",
        })
        .arg(format!("{BASE}{}", case.action))
        .arg("--map-url")
        .arg(format!("{BASE}={}", tests.display()))
        .arg("--map-url")
        .arg(format!(
            "{WELL_KNOWN}={}",
            folder().join("well-known").display()
        ))
        .args(["--message-format", "json"])
        // No project's settings.
        .current_dir(std::env::temp_dir());
    if let Some(metadata) = &case.metadata {
        command.arg("--metadata").arg(format!("{BASE}{metadata}"));
    }
    if let Some(link) = &case.link {
        command.arg("--link-header").arg(link);
    }
    if case.suite != Suite::Validation {
        if case.minimal {
            command.arg("--minimal");
        }
        if case.no_prov {
            command.arg("--no-prov");
        }
        command.arg("--format").arg(match case.suite {
            Suite::Csv2Json => "json",
            _ => "nquads",
        });
    }
    command.output().unwrap()
}

fn run(case: &Case) -> (Codes, Result<(), Failed>) {
    let output = execute(case);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut codes = Codes::new();
    for line in stderr.lines() {
        if let Ok(message) = serde_json::from_str::<Value>(line)
            && let (Some(severity), Some(code)) =
                (message["severity"].as_str(), message["code"].as_str())
            && severity != "note"
        {
            codes.insert(format!("{severity} {code}"));
        }
    }
    let outcome = judge(case, &output, &codes)
        .map_err(|reason| Failed::from(format!("{reason}\n--- standard error\n{stderr}")));
    (codes, outcome)
}

fn judge(case: &Case, output: &Output, codes: &Codes) -> Result<(), String> {
    let Some(exit) = output.status.code() else {
        return Err("it was ended by a signal".to_owned());
    };
    let has = |severity: &str| codes.iter().any(|code| code.starts_with(severity));
    match case.expected {
        Expected::Failure => {
            if exit == 0 || !has("error") {
                return Err(format!("an error was expected, the exit code is {exit}"));
            }
            // A validator has an opinion; only what cannot be run at all ends with another code.
            if case.suite == Suite::Validation && exit != 1 {
                return Err(format!("the exit code is {exit} and not 1"));
            }
            return Ok(());
        }
        _ if exit != 0 || has("error") => {
            return Err(format!("success was expected, the exit code is {exit}"));
        }
        Expected::Warnings if !has("warning") => {
            return Err("a warning was expected".to_owned());
        }
        Expected::Success if has("warning") => {
            return Err("no warning was expected".to_owned());
        }
        _ => {}
    }
    let Some(result) = &case.result else {
        return Ok(());
    };
    let expected = std::fs::read_to_string(folder().join("tests").join(result)).unwrap();
    let actual = String::from_utf8_lossy(&output.stdout);
    match case.suite {
        Suite::Csv2Rdf => compare_graphs(&expected, &format!("{BASE}{result}"), &actual),
        Suite::Csv2Json => compare_json(&expected, &actual),
        Suite::Validation => Ok(()),
    }
}

fn compare_graphs(expected: &str, base: &str, actual: &str) -> Result<(), String> {
    graphs::compare(
        graphs::dataset(expected.as_bytes(), RdfFormat::Turtle, base)?,
        graphs::dataset(actual.as_bytes(), RdfFormat::NQuads, base)?,
    )
}

fn compare_json(expected: &str, actual: &str) -> Result<(), String> {
    let parse = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
    let expected = parse(expected)?;
    let actual = parse(actual)?;
    if same_json(&expected, &actual) {
        return Ok(());
    }
    Err(format!(
        "the values differ\n--- expected\n{expected:#}\n--- actual\n{actual:#}"
    ))
}

/// Whether two values are the same, numbers by value: `1.0` is 1.
fn same_json(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() || other.is_f64() => {
            one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same_json(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|found| same_json(value, found)))
        }
        _ => one == other,
    }
}

fn diagnostics_file() -> PathBuf {
    folder().join("expected-diagnostics.toml")
}

fn expected_diagnostics() -> BTreeMap<String, Codes> {
    match std::fs::read_to_string(diagnostics_file()) {
        Ok(text) => toml::from_str(&text).unwrap(),
        Err(_) => BTreeMap::new(),
    }
}

fn compare_codes(codes: &Codes, expected: Option<&Codes>) -> Result<(), Failed> {
    let none = Codes::new();
    let expected = expected.unwrap_or(&none);
    if codes == expected {
        return Ok(());
    }
    Err(Failed::from(format!(
        "the diagnostics differ\nexpected {expected:?}\nfound    {codes:?}"
    )))
}

fn as_toml(codes: &BTreeMap<String, Codes>) -> String {
    let mut text =
        "# The warnings and errors of each test of the suite that has any, by their codes.\n\n"
            .to_owned();
    for (name, codes) in codes.iter().filter(|(_, codes)| !codes.is_empty()) {
        let codes: Vec<String> = codes.iter().map(|code| format!("{code:?}")).collect();
        let _ = writeln!(text, "{name:?} = [{}]", codes.join(", "));
    }
    text
}

/// The results in EARL 1.0, as W3C implementation reports have them.
fn earl(outcomes: &BTreeMap<String, bool>, iris: &BTreeMap<String, String>) -> String {
    let mut text = format!(
        "@prefix dc: <http://purl.org/dc/terms/> .\n@prefix doap: <http://usefulinc.com/ns/doap#> .\n\
         @prefix earl: <http://www.w3.org/ns/earl#> .\n\n\
         <https://w3id.org/coalition-kg/software> a doap:Project, earl:Software, earl:TestSubject ;\n    \
         doap:name \"coalition-kg\" ;\n    doap:programming-language \"Rust\" ;\n    \
         doap:release [ doap:revision \"{}\" ] .\n",
        env!("CARGO_PKG_VERSION")
    );
    for (name, passed) in outcomes {
        let outcome = if *passed { "passed" } else { "failed" };
        let _ = write!(
            text,
            "\n[] a earl:Assertion ;\n    earl:subject <https://w3id.org/coalition-kg/software> ;\n    \
             earl:test <{}> ;\n    earl:mode earl:automatic ;\n    \
             earl:result [ a earl:TestResult ; earl:outcome earl:{outcome} ] .\n",
            iris[name]
        );
    }
    text
}
