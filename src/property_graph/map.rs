//! The map from names to IRIs that stands beside an export, and with which it is read back.

use super::value::Kind;
use super::{Format, PropertyGraph};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of maps that is written and read.
pub(super) const VERSION: u32 = 1;

/// What the names of an export stand for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameMap {
    /// The version of this form of map, now 1.
    pub version: u32,
    /// What it is beside.
    pub format: Format,
    /// The property that holds the IRI of a node.
    pub key: String,
    /// The label of nodes that have no type.
    pub default_label: String,
    /// How the IRIs of nodes begin that are blank nodes in RDF.
    pub blank_nodes: String,
    /// How many nodes there are, so that what is incomplete is told from what is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_count: Option<u64>,
    /// How many relationships there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationship_count: Option<u64>,
    /// What all statements add up to, whatever their order, so that what was changed is told from what was
    /// not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What stands between the values of an array in a cell of a CSV file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array_delimiter: Option<char>,
    /// What stands for a carriage return in a cell that is enclosed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carriage_return: Option<char>,
    /// Labels of nodes, by name.
    pub labels: BTreeMap<String, LabelName>,
    /// Properties of nodes, by name.
    pub properties: BTreeMap<String, PropertyName>,
    /// Types of relationships, by name.
    pub relationships: BTreeMap<String, RelationshipName>,
    /// The files of nodes, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_files: Vec<String>,
    /// The files of relationships, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relationship_files: Vec<String>,
    /// The labels of the nodes of a file, where they do not stand in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub file_labels: BTreeMap<String, Vec<String>>,
}

/// What a label stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelName {
    /// The class.
    pub iri: String,
    /// The graph in which nodes have this type, where it is a named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<String>,
}

/// What a property stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyName {
    /// The predicate.
    pub iri: String,
    /// The datatype of the literals; `@id` where the values are IRIs of resources.
    pub datatype: String,
    /// Their language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The graph in which they are stated, where it is a named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<String>,
    /// The type of the values in the property graph.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether nodes have arrays of them.
    pub array: bool,
    /// How arrays stand in cells, where it is not with the delimiter alone between their values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell_form: Option<CellForm>,
    /// Of which other property these are the lexical forms that its values do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lexical_forms_of: Option<String>,
}

/// How the values of a property stand in the cells of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellForm {
    /// With `=` before each value.
    Marked,
    /// As JSON.
    Json,
    /// With `=` before and behind all that stands in the cell.
    Enclosed,
}

/// What a type of relationship stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationshipName {
    /// The predicate, or the class that is folded.
    pub iri: String,
    /// How it is folded, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<FoldName>,
    /// The files that hold these relationships, where they do not say their type themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// How the members of a class became relationships.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoldName {
    /// The predicate that led to where they begin.
    pub from: String,
    /// The predicate that led to where they end.
    pub to: String,
}

impl NameMap {
    pub(super) fn of(graph: &PropertyGraph, format: Format) -> Self {
        let labels = graph.labels.iter().filter_map(|label| {
            let iri = label.class.clone()?;
            let graph = label.graph.clone();
            Some((label.name.clone(), LabelName { iri, graph }))
        });
        let properties = graph.columns.iter().map(|column| {
            let of = column.lexical_forms_of;
            let name = PropertyName {
                iri: column.predicate.clone(),
                datatype: column.datatype.clone(),
                language: column.language.clone(),
                graph: column.graph.clone(),
                kind: column.kind,
                array: column.array,
                cell_form: None,
                lexical_forms_of: of.map(|at| graph.columns[at].name.clone()),
            };
            (column.name.clone(), name)
        });
        let relationships = graph.types.iter().map(|kind| {
            let name = match &kind.fold {
                Some(fold) => RelationshipName {
                    iri: fold.class.clone(),
                    fold: Some(FoldName {
                        from: fold.from.clone(),
                        to: fold.to.clone(),
                    }),
                    files: Vec::new(),
                },
                None => RelationshipName {
                    iri: kind.predicate.clone().unwrap_or_default(),
                    fold: None,
                    files: Vec::new(),
                },
            };
            (kind.name.clone(), name)
        });
        Self {
            version: VERSION,
            format,
            key: super::KEY.to_owned(),
            default_label: super::DEFAULT_LABEL.to_owned(),
            blank_nodes: graph.blank_nodes.clone(),
            node_count: u64::try_from(graph.nodes()).ok(),
            relationship_count: u64::try_from(graph.relationships()).ok(),
            digest: Some(graph.digest.clone()),
            array_delimiter: None,
            carriage_return: None,
            labels: labels.collect(),
            properties: properties.collect(),
            relationships: relationships.collect(),
            node_files: Vec::new(),
            relationship_files: Vec::new(),
            file_labels: BTreeMap::new(),
        }
    }

    /// Says how the arrays of a property are texts.
    pub(super) fn set_cell_form(&mut self, property: &str, form: CellForm) {
        if let Some(property) = self.properties.get_mut(property) {
            property.cell_form = Some(form);
        }
    }

    /// The map as JSON, with a line end.
    ///
    /// # Errors
    /// Never, as all keys are texts; the reason of the serializer else.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a map.
    ///
    /// # Errors
    /// When it is no such JSON.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}
