//! The SHACL shapes of RML-Core against the reader: a mapping conforms to them exactly when the reader finds no
//! error in it, but for the cases of a table that says why not.

use crate::rml::manifest::{Case, rows};
use coalition_kg::diagnostic::{Diagnostics, Severity};
use coalition_kg::mapping::rml::graph::{Document, MappingGraph};
use coalition_kg::mapping::rml::read::read;
use coalition_kg::validate::shacl::{DataGraph, Shapes, validate};
use libtest_mimic::{Failed, Trial};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::store::Store;
use oxrdf::{Graph, GraphName, Quad, Triple};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What the shapes and the reader say of a mapping: whether it is sound, and if not why.
struct Verdicts {
    shapes: Option<String>,
    reader: Option<String>,
}

/// One trial for each case of RML-Core.
pub(crate) fn trials(folder: &Path, cases: &[Case]) -> Vec<Trial> {
    let shapes = quads(
        &std::fs::read(folder.join("shapes/core.ttl")).expect("the shapes"),
        "http://w3id.org/rml/shapes/",
    )
    .expect("the shapes are Turtle");
    let graph: Graph = shapes.into_iter().map(Triple::from).collect();
    let shapes = Arc::new(Shapes::parse(&graph).expect("the shapes are shapes"));
    let listed: BTreeMap<String, (String, String)> = rows(folder, "shapes/disagreements.tsv")
        .into_iter()
        .map(|row| (row[0].clone(), (row[1].clone(), row[2].clone())))
        .collect();
    let of_core = cases.iter().filter(|case| case.module.starts_with("core"));
    let of_core: Vec<Case> = of_core.cloned().collect();
    for name in listed.keys() {
        assert!(
            of_core.iter().any(|case| case.name() == *name),
            "there is no {name}"
        );
    }
    of_core
        .into_iter()
        .map(|case| {
            let shapes = Arc::clone(&shapes);
            let listed = listed.get(&case.name()).cloned();
            Trial::test(format!("shapes/{}", case.name()), move || {
                judge(&case, &shapes, listed.as_ref())
            })
        })
        .collect()
}

fn judge(case: &Case, shapes: &Shapes, listed: Option<&(String, String)>) -> Result<(), Failed> {
    let Verdicts { shapes, reader } = verdicts(case, shapes)?;
    let word = |reason: &Option<String>| match reason {
        None => "sound",
        Some(_) => "faulty",
    };
    let found = (word(&shapes), word(&reader));
    let (of_shapes, of_reader) = (
        shapes.clone().unwrap_or_default(),
        reader.clone().unwrap_or_default(),
    );
    let told = format!(
        "shapes: {} {of_shapes}\nreader: {} {of_reader}",
        found.0, found.1
    );
    match listed {
        None if found.0 == found.1 => Ok(()),
        Some((shapes, reader)) if (shapes.as_str(), reader.as_str()) == found => {
            assert_ne!(shapes, reader, "{} is no disagreement", case.name());
            Ok(())
        }
        None => Err(Failed::from(told)),
        Some(_) => Err(Failed::from(format!("the table says otherwise\n{told}"))),
    }
}

fn verdicts(case: &Case, shapes: &Shapes) -> Result<Verdicts, String> {
    let text = case.read("mapping.ttl")?;
    // What is no Turtle is no mapping to either.
    let statements = match quads(&text, &case.base) {
        Ok(statements) => statements,
        Err(error) => {
            return Ok(Verdicts {
                shapes: Some(error),
                reader: reader(case, &text)?,
            });
        }
    };
    let store = Store::new().map_err(|error| error.to_string())?;
    for quad in &statements {
        store.insert(quad).map_err(|error| error.to_string())?;
    }
    let data = DataGraph::new([GraphName::DefaultGraph]);
    let report = validate(&store, shapes, &data).map_err(|error| error.to_string())?;
    let results: Vec<String> = report
        .results
        .iter()
        .map(|result| {
            let message = result.message(&[]).map_or("", |found| found.value());
            let message: Vec<&str> = message.split_whitespace().collect();
            format!(
                "{} {}: {}",
                result.focus_node,
                result.component,
                message.join(" ")
            )
        })
        .collect();
    Ok(Verdicts {
        shapes: (!report.conforms()).then(|| results.join("\n")),
        reader: reader(case, &text)?,
    })
}

// The first error of the reader.
fn reader(case: &Case, text: &[u8]) -> Result<Option<String>, String> {
    let document = Document {
        name: "mapping.ttl".to_owned(),
        iri: case.base.clone(),
        text: String::from_utf8(text.to_vec()).map_err(|error| error.to_string())?,
    };
    let mut diagnostics = Diagnostics::new();
    if let Some(graph) = MappingGraph::parse(&[document], &mut diagnostics) {
        drop(read(&graph, &mut diagnostics));
    }
    let mut all = diagnostics.iter();
    let first = all.find(|found| found.severity == Severity::Error);
    Ok(first.map(|found| format!("{} {}", found.code, found.message)))
}

fn quads(text: &[u8], base: &str) -> Result<Vec<Quad>, String> {
    RdfParser::from_format(RdfFormat::Turtle)
        .with_base_iri(base)
        .map_err(|error| error.to_string())?
        .for_slice(text)
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}
