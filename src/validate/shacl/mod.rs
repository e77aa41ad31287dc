//! SHACL: checks a graph in the store against shapes.
//!
//! In: a shapes graph, and the graphs of a store that make the data graph. Out: a [`Report`]. All of
//! SHACL Core, SPARQL-based constraints and SPARQL-based constraint components; no inference, no
//! SHACL Advanced Features. Which shapes there are and how a report is shown is said elsewhere.
//!
//! The way of the shapes: `source` (the graph, asked) → `shapes`, `constraints`, `path`, `sparql`,
//! `component` (typed and checked) → `check` (compared with the data by way of `data`) → `report`.
//!
//! ```
//! use coalition_kg::validate::shacl::{DataGraph, Shapes, validate};
//! use oxigraph::io::{RdfFormat, RdfParser};
//! use oxigraph::store::Store;
//! use oxrdf::{Graph, Triple};
//!
//! let shapes = "
//!     @prefix sh: <http://www.w3.org/ns/shacl#> .
//!     @prefix ex: <http://example.com/> .
//!     ex:PersonShape a sh:NodeShape ;
//!         sh:targetClass ex:Person ;
//!         sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:message \"a name is missing\"@en ] .";
//! let mut shapes_graph = Graph::new();
//! for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(shapes) {
//!     shapes_graph.insert(&Triple::from(quad?));
//! }
//! let store = Store::new()?;
//! store.load_from_slice(RdfFormat::Turtle, "<http://example.com/a> a <http://example.com/Person> .")?;
//!
//! let report = validate(&store, &Shapes::parse(&shapes_graph)?, &DataGraph::default())?;
//! assert!(!report.conforms());
//! assert_eq!(report.results[0].messages[0].value(), "a name is missing");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod check;
mod component;
mod constraints;
mod data;
mod error;
mod path;
mod query;
mod query_check;
mod report;
mod shapes;
mod source;
mod sparql;
mod term;
mod value;
mod vocab;

pub use check::validate;
pub use data::DataGraph;
pub use error::ShapeError;
pub use path::Path;
pub use report::{Report, ValidationResult};
pub use shapes::Shapes;
