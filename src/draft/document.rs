//! The draft as a metadata document: plain data in the order in which it is written, and its JSON.
//!
//! In: what was guessed. Out: the text of a `csv-metadata.json`.
//!
//! Spec: metadata §5

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

const CONTEXT: &str = "http://www.w3.org/ns/csvw";

/// A table group, as metadata describes it.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    /// The context, with the language of titles if there is one.
    #[serde(rename = "@context")]
    pub context: Context,
    /// The tables in order.
    pub tables: Vec<Table>,
}

/// The context of a document.
#[derive(Debug, Clone)]
pub struct Context {
    /// The default language of titles.
    pub language: Option<String>,
}

/// A table.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// Its address, relative to the document.
    pub url: String,
    /// How it is written down, where that is not the default.
    #[serde(skip_serializing_if = "Dialect::is_default")]
    pub dialect: Dialect,
    /// Its columns and keys.
    #[serde(rename = "tableSchema")]
    pub schema: Schema,
}

/// How a table is written down; what is the default is left out.
///
/// Spec: metadata §5.9
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dialect {
    /// The character encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What ends the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_terminators: Option<String>,
    /// The character between two cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The quote character; `Some(None)` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_char: Option<Option<char>>,
    /// Whether quotes within cells are doubled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub double_quote: Option<bool>,
    /// What comments begin with; `Some(None)` where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment_prefix: Option<Option<String>>,
    /// The lines before the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_rows: Option<usize>,
    /// Whether there is a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Whether rows without a text are passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_blank_rows: Option<bool>,
    /// Whether white space after a delimiter is passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_initial_space: Option<bool>,
}

impl Dialect {
    /// Whether nothing has to be said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The same with everything said that would be something else by default: where a dialect is
    /// described at all, `#` begins comments.
    ///
    /// Spec: metadata §5.9
    #[must_use]
    pub fn in_full(mut self) -> Self {
        if !self.is_default() {
            self.comment_prefix.get_or_insert(None);
        }
        self
    }
}

/// The columns and keys of a table.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// What a row is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about_url: Option<String>,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The names of the columns that tell rows apart.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_more")]
    pub primary_key: Vec<String>,
    /// The references to other tables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
}

/// A column.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its name in templates and keys.
    pub name: String,
    /// Its title to the letter; none where the table has no header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub titles: Option<String>,
    /// The datatype of its values.
    pub datatype: Datatype,
    /// The language of its texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// The texts that stand for no value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub null: Vec<String>,
    /// What parts the items of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Whether no cell may be empty.
    #[serde(skip_serializing_if = "is_false")]
    pub required: bool,
    /// The property, where it is not named by the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_url: Option<String>,
    /// The thing that a value stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_url: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A datatype, with a format or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datatype {
    base: &'static str,
    format: Option<Format>,
}

/// How values are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// A date pattern, or the words of a boolean.
    Text(String),
    /// The marks of a number where they are not the usual ones.
    Number {
        /// The mark before the fraction.
        decimal: Option<char>,
        /// The mark between groups of digits.
        group: Option<char>,
    },
}

impl Datatype {
    /// A datatype as XML Schema writes its values.
    pub(super) fn plain(base: &'static str) -> Self {
        Self { base, format: None }
    }

    /// A datatype whose values are written in another way.
    pub(super) fn with_format(base: &'static str, format: Format) -> Self {
        Self {
            base,
            format: Some(format),
        }
    }

    /// Its name.
    pub fn base(&self) -> &'static str {
        self.base
    }

    /// How its values are written.
    pub fn format(&self) -> Option<&Format> {
        self.format.as_ref()
    }

    /// Whether it is `string`.
    pub fn is_string(&self) -> bool {
        self.base == "string"
    }

    /// The datatype in words, such as `` date `d.M.yyyy` ``.
    pub fn describe(&self) -> String {
        match &self.format {
            Some(Format::Text(text)) => format!("{} `{text}`", self.base),
            _ => self.base.to_owned(),
        }
    }
}

impl Serialize for Datatype {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(format) = &self.format else {
            return serializer.serialize_str(self.base);
        };
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("base", self.base)?;
        map.serialize_entry("format", format)?;
        map.end()
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number { decimal, group } => {
                let mut map = serializer.serialize_map(None)?;
                for (name, mark) in [("decimalChar", decimal), ("groupChar", group)] {
                    if let Some(mark) = mark {
                        map.serialize_entry(name, mark)?;
                    }
                }
                map.end()
            }
        }
    }
}

/// A reference from columns of one table to those of another.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignKey {
    /// The column that refers.
    pub column_reference: String,
    /// What it refers to.
    pub reference: Reference,
}

/// What a reference refers to.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The other table's address, relative to the document.
    pub resource: String,
    /// Its column.
    pub column_reference: String,
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Settings<'a> {
            #[serde(rename = "@language")]
            language: &'a str,
        }
        match &self.language {
            None => serializer.serialize_str(CONTEXT),
            Some(language) => (CONTEXT, Settings { language }).serialize(serializer),
        }
    }
}

fn one_or_more<S: Serializer>(names: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    match names {
        [one] => serializer.serialize_str(one),
        more => more.serialize(serializer),
    }
}

impl Document {
    /// The JSON text, with a line end behind it.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}
