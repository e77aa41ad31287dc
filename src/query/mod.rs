//! SPARQL over the store: bundled queries, parameters, answers as tables or graphs, and rules.
//!
//! In: query texts and a store. Out: rows, triples, or text on a writer. Files, signals and exit
//! codes are the business of the command line.

mod blank;
mod catalogue;
mod dataset;
mod error;
mod header;
pub mod results;
mod rewrite;
pub mod rules;
mod run;
mod syntax;
mod value;
mod worker;

#[cfg(test)]
mod tests;

pub use catalogue::{BundledQuery, Catalogue};
pub use dataset::Dataset;
pub use error::{QueryError, SyntaxError};
pub use header::{Header, Parameter};
pub use oxigraph::sparql::CancellationToken;
pub use run::{Answer, QueryKind, QueryParser, Solutions, SparqlQuery, Triples};
pub use value::split_binding;
