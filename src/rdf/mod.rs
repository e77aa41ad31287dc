//! RDF words shared by all layers: vocabularies, IRIs, XSD lexical forms and values, prefixes.
//!
//! In: strings. Out: checked terms and values. Terms themselves are `oxrdf`'s.

pub mod canonical;
pub mod iri;
pub mod moment;
pub mod prefixes;
pub mod vocab;
pub mod xsd;

/// Bytes as hexadecimal digits, in small letters.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |at: u8| char::from(DIGITS[usize::from(at)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
