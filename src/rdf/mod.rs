//! RDF words shared by all layers: vocabularies, IRIs, XSD lexical forms and values, prefixes.
//!
//! In: strings. Out: checked terms and values. Terms themselves are `oxrdf`'s.

pub mod canonical;
pub mod iri;
pub mod moment;
pub mod prefixes;
pub mod vocab;
pub mod xsd;
