//! CSV tables to an RDF knowledge graph.
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod export;
pub mod mapping;
pub mod pipeline;
pub mod plan;
pub mod project;
pub mod query;
pub mod rdf;
pub mod sink;
pub mod table;
pub mod validate;
