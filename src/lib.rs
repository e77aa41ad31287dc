//! CSV tables to an RDF knowledge graph: CSVW metadata becomes a plan, one streaming engine runs it,
//! quads go to serializers or into an Oxigraph store, which answers SPARQL and is checked with SHACL.
//!
//! The way of the data is the order of the modules: [`table`] → [`mapping`] → [`plan`] → [`engine`]
//! → [`sink`] → [`query`], [`validate`], [`export`], [`property_graph`], [`push`]; [`project`] and [`pipeline`] tie them together,
//! [`cli`] is the program. `ARCHITECTURE.md` says what may use what.
//!
//! ```
//! use coalition_kg::diagnostic::Diagnostics;
//! use coalition_kg::pipeline;
//! use coalition_kg::project::Project;
//! use oxigraph::store::Store;
//!
//! let project = Project::embedded(None)?;
//! let mut diagnostics = Diagnostics::new();
//! let mapping =
//!     pipeline::read_mapping(&project, &mut diagnostics).ok_or("the metadata has errors")?;
//! let store = Store::new()?;
//! let mut go_on = |_: &coalition_kg::engine::Progress<'_>| true;
//! pipeline::load(&project, &mapping, &store, None, &mut diagnostics, &mut go_on)?;
//! assert_eq!(diagnostics.errors(), 0);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

pub mod bolt;
pub mod cli;
pub mod compression;
pub mod diagnostic;
pub mod draft;
pub mod engine;
pub mod export;
pub mod function;
pub mod mapping;
pub mod pipeline;
pub mod plan;
pub mod project;
pub mod property_graph;
pub mod push;
pub mod query;
pub mod rdf;
pub mod sink;
pub mod table;
pub mod validate;
