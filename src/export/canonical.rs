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

    /// The cases "unique hashes" and "shared hashes" of the specification.
    ///
    /// Spec: rdf-canon §4.4
    #[test]
    fn labels_are_those_of_the_specification() {
        let check = |input: &str, expected: &str| {
            let iris = |text: &str| text.replace("<#", "<http://example.com/#");
            assert_eq!(canonical(&iris(input)), iris(expected));
        };
        check(
            "<#p> <#q> _:e0 .\n<#p> <#r> _:e1 .\n_:e0 <#s> <#u> .\n_:e1 <#t> <#u> .\n",
            "<#p> <#q> _:c14n0 .\n<#p> <#r> _:c14n1 .\n\
             _:c14n0 <#s> <#u> .\n_:c14n1 <#t> <#u> .\n",
        );
        check(
            "<#p> <#q> _:e0 .\n<#p> <#q> _:e1 .\n_:e0 <#p> _:e2 .\n\
             _:e1 <#p> _:e3 .\n_:e2 <#r> _:e3 .\n",
            "<#p> <#q> _:c14n2 .\n<#p> <#q> _:c14n3 .\n_:c14n0 <#r> _:c14n1 .\n\
             _:c14n2 <#p> _:c14n1 .\n_:c14n3 <#p> _:c14n0 .\n",
        );
    }

    /// Spec: rdf-canon §5
    #[test]
    fn strings_are_escaped_as_the_specification_says() {
        assert_eq!(
            canonical(
                "<http://e/a> <http://e/p> \"\\u0645\\u0635\\u0631 \\t\\u0007\\u007F'\"@ar .\n"
            ),
            "<http://e/a> <http://e/p> \"مصر \\t\\u0007\\u007F'\"@ar .\n"
        );
    }

    #[test]
    fn named_graphs_are_kept() {
        let named = "<http://e/a> <http://e/p> \"1\" <http://e/g> .\n";
        let stated = "<http://e/a> <http://e/p> \"1\" .\n";
        assert_eq!(
            canonical(&format!("{named}{stated}")),
            format!("{stated}{named}")
        );
    }
}
