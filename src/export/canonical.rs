//! Canonical N-Quads: blank nodes labelled by RDFC-1.0, lines sorted by code point.
//!
//! In: quads. Out: bytes that are equal for equal datasets.
//!
//! Spec: rdf-canon §4

use oxigraph::io::{RdfFormat, RdfSerializer};
use oxrdf::dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm};
use oxrdf::{Dataset, Quad};
use std::io::{self, Write};

/// Writes quads in canonical form; a quad that comes twice is written once.
///
/// Memory: the whole dataset, and its text while it is sorted.
///
/// # Errors
/// When the bytes cannot be written.
pub fn write_canonical(
    quads: impl IntoIterator<Item = Quad>,
    writer: &mut impl Write,
) -> io::Result<()> {
    let mut dataset: Dataset = quads.into_iter().collect();
    dataset.canonicalize(CanonicalizationAlgorithm::Rdfc10 {
        hash_algorithm: CanonicalizationHashAlgorithm::Sha256,
    });
    let mut lines = Vec::with_capacity(dataset.len());
    for quad in &dataset {
        let mut serializer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(Vec::new());
        serializer.serialize_quad(quad)?;
        lines.push(serializer.finish()?);
    }
    // Code points and UTF-8 bytes have the same order.
    lines.sort_unstable();
    for line in lines {
        writer.write_all(&line)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::io::RdfParser;

    fn canonical(text: &str) -> String {
        let quads: Vec<Quad> = RdfParser::from_format(RdfFormat::NQuads)
            .for_slice(text)
            .map(Result::unwrap)
            .collect();
        let mut out = Vec::new();
        write_canonical(quads, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn labels_do_not_matter() {
        let one = canonical("_:a <http://e/p> _:b .\n_:b <http://e/q> \"x\" .\n");
        let other = canonical("_:y <http://e/q> \"x\" .\n_:x <http://e/p> _:y .\n");
        assert_eq!(one, other);
        assert!(one.contains("_:c14n0"), "{one}");
    }

    #[test]
    fn lines_are_sorted_and_single() {
        assert_eq!(
            canonical(
                "<http://e/b> <http://e/p> \"1\" .\n<http://e/a> <http://e/p> \"1\" .\n\
                       <http://e/b> <http://e/p> \"1\" .\n"
            ),
            "<http://e/a> <http://e/p> \"1\" .\n<http://e/b> <http://e/p> \"1\" .\n"
        );
    }
}
