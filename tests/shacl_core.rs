//! Runs SHACL test manifests: one trial for each entry.
//!
//! The manifests are those under `tests/conformance/shacl`. The folder that the environment variable
//! `SHACL_TEST_SUITE` names (the `tests` folder of the W3C suite) is run too. A test that
//! `expected-failures.toml` lists must fail, for otherwise the list is wrong.

use coalition_kg::validate::shacl::{DataGraph, Report, Shapes, validate};
use libtest_mimic::{Arguments, Failed, Trial};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::store::Store;
use oxrdf::graph::CanonicalizationAlgorithm;
use oxrdf::vocab::rdf;
use oxrdf::{
    Graph, GraphName, GraphNameRef, Literal, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Term,
    TermRef, Triple, TripleRef,
};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// The IRI that stands for a suite's folder, so that results do not depend on where it is.
const BASE: &str = "https://example.org/shacl-test-suite/";

const MF: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#";
const SH: &str = "http://www.w3.org/ns/shacl#";
const SHT: &str = "http://www.w3.org/ns/shacl-test#";

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/shacl");
    let expected_failures = Arc::new(expected_failures(&folder.join("expected-failures.toml"))?);
    let mut suites: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.join("manifest.ttl").is_file() {
            suites.push(path);
        }
    }
    suites.sort();
    suites.extend(std::env::var_os("SHACL_TEST_SUITE").map(PathBuf::from));
    let mut trials = Vec::new();
    for suite in suites {
        let suite = Arc::new(Suite { folder: suite });
        for case in suite.cases("manifest.ttl")? {
            let suite = Arc::clone(&suite);
            let expected_failures = Arc::clone(&expected_failures);
            trials.push(Trial::test(case.id.clone(), move || {
                let outcome = suite.run(&case);
                match (expected_failures.get(&case.id), outcome) {
                    (None, outcome) => outcome,
                    (Some(_), Err(_)) => Ok(()),
                    (Some(reason), Ok(())) => Err(Failed::from(format!(
                        "passes, but expected-failures.toml lists it: {reason}"
                    ))),
                }
            }));
        }
    }
    Ok(libtest_mimic::run(&arguments, trials).exit_code())
}

#[derive(serde::Deserialize)]
struct ExpectedFailures {
    #[serde(default)]
    test: Vec<ExpectedFailure>,
}

#[derive(serde::Deserialize)]
struct ExpectedFailure {
    id: String,
    reason: String,
}

fn expected_failures(file: &Path) -> Result<BTreeMap<String, String>> {
    let list: ExpectedFailures = toml::from_str(&std::fs::read_to_string(file)?)?;
    Ok(list
        .test
        .into_iter()
        .map(|test| (test.id, test.reason))
        .collect())
}

/// A folder with a manifest.
struct Suite {
    folder: PathBuf,
}

/// An entry of a manifest.
struct Case {
    /// The IRI of the entry, without the base.
    id: String,
    /// The manifest it is in, relative to the suite.
    manifest: String,
    entry: Term,
}

impl Suite {
    /// Gives the entries of a manifest and of those it includes.
    fn cases(&self, manifest: &str) -> Result<Vec<Case>> {
        let graph = self.read(manifest)?;
        let node = NamedNode::new(format!("{BASE}{manifest}"))?.into();
        let mut cases = Vec::new();
        for list in objects(&graph, &node, &iri(MF, "entries")) {
            for entry in members(&graph, list) {
                let Term::NamedNode(name) = &entry else {
                    return Err(format!("an entry of {manifest} has no IRI").into());
                };
                cases.push(Case {
                    id: name.as_str().trim_start_matches(BASE).to_owned(),
                    manifest: manifest.to_owned(),
                    entry,
                });
            }
        }
        for included in objects(&graph, &node, &iri(MF, "include")) {
            cases.extend(self.cases(&file_of(&included)?)?);
        }
        cases.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(cases)
    }

    fn read(&self, file: &str) -> Result<Graph> {
        let text = std::fs::read_to_string(self.folder.join(file))?;
        let parser = RdfParser::from_format(RdfFormat::Turtle)
            .with_base_iri(format!("{BASE}{file}"))?
            .rename_blank_nodes();
        let mut graph = Graph::new();
        for quad in parser.for_slice(&text) {
            graph.insert(&Triple::from(quad?));
        }
        Ok(graph)
    }

    fn run(&self, case: &Case) -> std::result::Result<(), Failed> {
        let manifest = self.read(&case.manifest)?;
        let action = object(&manifest, &case.entry, &iri(MF, "action"))?;
        let expected = object(&manifest, &case.entry, &iri(MF, "result"))?;
        let data_graph = object(&manifest, &action, &iri(SHT, "dataGraph"))?;
        let shapes_graph = object(&manifest, &action, &iri(SHT, "shapesGraph"))?;
        // A file that is manifest, data and shapes at once is read once: its blank nodes are the same.
        let load = |name: &Term| {
            let file = file_of(name)?;
            if file == case.manifest {
                Ok(manifest.clone())
            } else {
                self.read(&file)
            }
        };
        let data = load(&data_graph)?;
        let shapes = if shapes_graph == data_graph {
            data.clone()
        } else {
            load(&shapes_graph)?
        };
        let actual = report(&data, &shapes, &shapes_graph);
        if expected == Term::from(iri(SHT, "Failure")) {
            return match actual {
                Err(_) => Ok(()),
                Ok(_) => Err("a failure was expected, there is a report".into()),
            };
        }
        let messages: Vec<Literal> = objects(&manifest, &expected, &iri(SH, "result"))
            .iter()
            .flat_map(|result| objects(&manifest, result, &iri(SH, "resultMessage")))
            .filter_map(|message| match message {
                Term::Literal(message) => Some(message),
                _ => None,
            })
            .collect();
        let mut actual = actual?;
        for result in &mut actual.results {
            // A processor may add details, and messages that nobody asked for.
            result.details.clear();
            result.messages.retain(|message| messages.contains(message));
        }
        let actual_graph = actual.to_graph();
        let report = object_of_type(&actual_graph)?;
        let mut actual = comparable(&actual_graph, &report)?;
        let mut expected = stored(&comparable(&manifest, &expected)?)?;
        actual.canonicalize(CanonicalizationAlgorithm::Unstable);
        expected.canonicalize(CanonicalizationAlgorithm::Unstable);
        if actual != expected {
            return Err(format!(
                "the reports differ\n--- expected\n{}--- actual\n{}",
                lines(&expected),
                lines(&actual)
            )
            .into());
        }
        Ok(())
    }
}

/// Validates data with shapes that are in the same store, as `$shapesGraph`.
fn report(data: &Graph, shapes: &Graph, shapes_graph: &Term) -> Result<Report> {
    let Term::NamedNode(shapes_graph) = shapes_graph else {
        return Err("the shapes graph has no IRI".into());
    };
    let store = Store::new()?;
    for (graph, name) in [
        (data, GraphName::DefaultGraph),
        (shapes, shapes_graph.clone().into()),
    ] {
        for triple in graph {
            store.insert(triple.in_graph(name.as_ref()))?;
        }
    }
    let data_graph = DataGraph::default().with_shapes_graph(shapes_graph.clone());
    Ok(validate(&store, &Shapes::parse(shapes)?, &data_graph)?)
}

/// Gives a graph as the store gives it back: it writes some literals in another form.
fn stored(graph: &Graph) -> Result<Graph> {
    let store = Store::new()?;
    for triple in graph {
        store.insert(triple.in_graph(GraphNameRef::DefaultGraph))?;
    }
    let mut stored = Graph::new();
    for quad in &store {
        stored.insert(&Triple::from(quad?));
    }
    Ok(stored)
}

/// Takes what the suite compares out of a graph: whether it conforms, and the results with their
/// properties and paths.
fn comparable(graph: &Graph, report: &Term) -> Result<Graph> {
    let mut taken = Graph::new();
    copy(graph, report, &["conforms", "result"], &mut taken)?;
    for result in objects(graph, report, &iri(SH, "result")) {
        copy(
            graph,
            &result,
            &[
                "focusNode",
                "resultMessage",
                "resultPath",
                "resultSeverity",
                "sourceConstraint",
                "sourceConstraintComponent",
                "sourceShape",
                "value",
            ],
            &mut taken,
        )?;
        let mut open = objects(graph, &result, &iri(SH, "resultPath"));
        while let Some(path) = open.pop() {
            let Term::BlankNode(node) = &path else {
                continue;
            };
            for triple in graph.triples_for_subject(node) {
                taken.insert(triple);
                open.push(triple.object.into_owned());
            }
        }
    }
    Ok(taken)
}

fn copy(graph: &Graph, node: &Term, properties: &[&str], into: &mut Graph) -> Result<()> {
    let subject = subject(node).ok_or("a literal has no properties")?;
    for name in properties {
        let property = iri(SH, name);
        for value in objects(graph, node, &property) {
            into.insert(TripleRef::new(subject, &property, &value));
        }
    }
    Ok(())
}

fn object_of_type(graph: &Graph) -> Result<Term> {
    let class = iri(SH, "ValidationReport");
    graph
        .subject_for_predicate_object(rdf::TYPE, &class)
        .map(|subject| match subject {
            NamedOrBlankNodeRef::NamedNode(node) => node.into_owned().into(),
            NamedOrBlankNodeRef::BlankNode(node) => node.into_owned().into(),
        })
        .ok_or_else(|| "there is no report".into())
}

fn iri(namespace: &str, local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{namespace}{local}"))
}

fn subject(node: &Term) -> Option<NamedOrBlankNodeRef<'_>> {
    match node {
        Term::NamedNode(node) => Some(node.into()),
        Term::BlankNode(node) => Some(node.into()),
        Term::Literal(_) => None,
    }
}

fn objects<'a>(graph: &Graph, node: &'a Term, property: impl Into<NamedNodeRef<'a>>) -> Vec<Term> {
    subject(node).map_or_else(Vec::new, |subject| {
        graph
            .objects_for_subject_predicate(subject, property)
            .map(TermRef::into_owned)
            .collect()
    })
}

fn object(graph: &Graph, node: &Term, property: &NamedNode) -> Result<Term> {
    objects(graph, node, property)
        .pop()
        .ok_or_else(|| format!("{node} has no {property}").into())
}

fn members(graph: &Graph, list: Term) -> Vec<Term> {
    let mut members = Vec::new();
    let mut node = list;
    while let Some(first) = objects(graph, &node, rdf::FIRST).pop() {
        members.push(first);
        let Some(rest) = objects(graph, &node, rdf::REST).pop() else {
            break;
        };
        node = rest;
    }
    members
}

/// Gives the path of a file of the suite, relative to the suite.
fn file_of(name: &Term) -> Result<String> {
    match name {
        Term::NamedNode(name) => name
            .as_str()
            .strip_prefix(BASE)
            .map(str::to_owned)
            .ok_or_else(|| format!("{name} is no file of the suite").into()),
        _ => Err(format!("{name} is no file of the suite").into()),
    }
}

fn lines(graph: &Graph) -> String {
    let mut lines: Vec<String> = graph.iter().map(|triple| format!("{triple} .\n")).collect();
    lines.sort();
    lines.concat()
}
