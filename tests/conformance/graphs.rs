//! Datasets as the suites compare them: by their canonical form, with the lines that differ.

use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::Dataset;
use oxrdf::dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Reads a document. Its IRIs are taken as they are: a case may ask for one that is none.
pub(crate) fn dataset(text: &[u8], format: RdfFormat, base: &str) -> Result<Dataset, String> {
    let parser = RdfParser::from_format(format)
        .with_base_iri(base)
        .map_err(|error| error.to_string())?
        .lenient();
    let mut dataset = Dataset::new();
    for quad in parser.for_slice(text) {
        dataset.insert(&quad.map_err(|error| error.to_string())?);
    }
    Ok(dataset)
}

/// Compares two datasets, whatever their blank nodes are called.
pub(crate) fn compare(mut expected: Dataset, mut actual: Dataset) -> Result<(), String> {
    for dataset in [&mut expected, &mut actual] {
        dataset.canonicalize(CanonicalizationAlgorithm::Rdfc10 {
            hash_algorithm: CanonicalizationHashAlgorithm::Sha256,
        });
    }
    if expected == actual {
        return Ok(());
    }
    let lines = |dataset: &Dataset| -> BTreeSet<String> {
        dataset.iter().map(|quad| quad.to_string()).collect()
    };
    let (expected, actual) = (lines(&expected), lines(&actual));
    let mut text = "the graphs differ".to_owned();
    for (sign, one, other) in [('-', &expected, &actual), ('+', &actual, &expected)] {
        for line in one.difference(other) {
            let _ = write!(text, "\n{sign} {line}");
        }
    }
    Err(text)
}
