//! `kg.toml`: the few settings of a project.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings; all have defaults.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// The short name, which names output files; the folder's name by default.
    pub name: Option<String>,
    /// The IRI that the folder is published under; the folder's own `file:` IRI by default.
    pub base: Option<String>,
    /// The base as the files under `ontology/` and `queries/` write it; `base` by default.
    pub source_base: Option<String>,
    /// The languages of the labels, the preferred one first.
    pub languages: Vec<String>,
    /// Namespaces by prefix; they may be relative to the base.
    pub prefixes: BTreeMap<String, String>,
    /// The properties that lead from a thing to the statements that support it.
    pub evidence: Vec<String>,
    /// Where things are in the folder.
    pub paths: Paths,
}

/// Where things are in the folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Paths {
    /// The metadata document of the tables.
    pub metadata: String,
    /// The folder of the ontology.
    pub ontology: String,
    /// The SHACL shapes.
    pub shapes: String,
    /// The folder of the rules.
    pub rules: String,
    /// The folder of the queries.
    pub queries: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            metadata: "data/csv-metadata.json".to_owned(),
            ontology: "ontology".to_owned(),
            shapes: "ontology/shapes.ttl".to_owned(),
            rules: "ontology/rules".to_owned(),
            queries: "queries".to_owned(),
        }
    }
}
