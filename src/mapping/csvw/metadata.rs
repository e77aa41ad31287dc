//! The annotated table group as a metadata document describes it, inherited properties resolved.
//!
//! In: built by `parse`, or by `embedded` from a header row. Out: read by `lower`. Names are those
//! of the specification.
//!
//! Spec: metadata §5, tabular-data-model §4

use crate::plan::{Nulls, ValueType};
use crate::table::Dialect;
use oxrdf::{NamedNode, Term, Triple};

/// A group of tables.
#[derive(Debug, Clone, Default)]
pub struct TableGroup {
    /// The document, as the user would name it.
    pub document: String,
    /// The IRI of the document, where there is one.
    pub document_iri: Option<String>,
    /// Its `@id`.
    pub id: Option<NamedNode>,
    /// Its tables in order.
    pub tables: Vec<Table>,
    /// Its common properties.
    pub annotations: Vec<Annotation>,
    /// Its notes.
    pub notes: Vec<Annotation>,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// The absolute IRI of its source.
    pub url: String,
    /// Its `@id`.
    pub id: Option<NamedNode>,
    /// Its columns and keys.
    pub schema: Schema,
    /// Whether the metadata has no schema for it: its header row names the columns.
    pub schema_unknown: bool,
    /// How it is written down.
    pub dialect: Dialect,
    /// Whether the metadata says how it is written down; else what is known of the file counts.
    pub dialect_given: bool,
    /// Whether it is left out of the output.
    pub suppress_output: bool,
    /// Its common properties.
    pub annotations: Vec<Annotation>,
    /// Its notes.
    pub notes: Vec<Annotation>,
    /// The properties that its columns inherit.
    pub inherited: Inherited,
    /// Its place in the document.
    pub pointer: String,
}

/// The columns and keys of a table.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Its `@id`, for references by schema.
    pub id: Option<String>,
    /// The document that it stands in, where that is not the one of the group.
    pub document: Option<String>,
    /// The properties that its columns inherit, for columns that the header row names.
    pub inherited: Option<Inherited>,
    /// The primary key and the row titles by name, where the header row names the columns.
    pub names: (Vec<String>, Vec<String>),
    /// The columns in order, virtual ones last.
    pub columns: Vec<Column>,
    /// The columns of the primary key, by number from 0.
    pub primary_key: Vec<usize>,
    /// Where the primary key stands in the document.
    pub primary_key_pointer: String,
    /// References to other tables.
    pub foreign_keys: Vec<ForeignKey>,
    /// The columns that title a row, by number from 0.
    pub row_titles: Vec<usize>,
}

/// A reference to rows of another table.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    /// The referring columns, by name.
    pub columns: Vec<String>,
    /// The table, by IRI, or its schema's `@id`.
    pub target: Target,
    /// The columns referred to, by name.
    pub target_columns: Vec<String>,
    /// Its place in the document.
    pub pointer: String,
}

/// What a foreign key refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A table, by its IRI.
    Resource(String),
    /// A table, by the `@id` of its schema.
    Schema(String),
}

/// Where a column comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnOrigin {
    /// The metadata describes and names it.
    Named,
    /// The metadata describes it; its name is made of its titles or number.
    Described,
    /// It was found in the table.
    Found,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name, or the one made of its titles or number.
    pub name: String,
    /// Where its name and description come from.
    pub origin: ColumnOrigin,
    /// Its titles with their language tags.
    pub titles: Vec<(String, String)>,
    /// Whether it has no cells in the source.
    pub is_virtual: bool,
    /// Whether it is left out of the output.
    pub suppress_output: bool,
    /// Its own and inherited properties.
    pub inherited: Inherited,
    /// Its place in the document.
    pub pointer: String,
}

/// Properties that columns inherit.
///
/// Spec: metadata §5.7
#[derive(Debug, Clone)]
pub struct Inherited {
    /// The template of the subject.
    pub about_url: Option<String>,
    /// The template of the predicate.
    pub property_url: Option<String>,
    /// The template of the object.
    pub value_url: Option<String>,
    /// What values look like.
    pub datatype: ValueType,
    /// The text for empty cells.
    pub default: String,
    /// The language tag, `und` for none.
    pub lang: String,
    /// The texts that stand for no value.
    pub null: Nulls,
    /// Whether the items of a cell are in order.
    pub ordered: bool,
    /// Whether there has to be a value.
    pub required: bool,
    /// The text between the items of a cell.
    pub separator: Option<String>,
}

impl Default for Inherited {
    fn default() -> Self {
        Self {
            about_url: None,
            property_url: None,
            value_url: None,
            datatype: ValueType::string(),
            default: String::new(),
            lang: "und".to_owned(),
            null: Nulls::default(),
            ordered: false,
            required: false,
            separator: None,
        }
    }
}

/// A common property or a note: its predicate, its values, and triples that describe them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The predicate.
    pub predicate: NamedNode,
    /// The value, or the values of an array in an array.
    pub values: Vec<Term>,
    /// What else is said of values that are nodes.
    pub details: Vec<Triple>,
    /// The value as JSON, normalized and without what only JSON-LD needs.
    pub json: String,
    /// Whether it stood in an array.
    pub listed: bool,
}
