//! JSON with positions, so that messages can point into a metadata document.
//!
//! In: text. Out: a tree of [`Node`]s with byte ranges. RFC 8259 to the letter: the parser's
//! leniencies are off.

use crate::diagnostic::{Diagnostic, Location};
use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::ops::Range;

/// How deep a document may be nested.
const MOST_LEVELS: usize = 200;

/// A JSON value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Json,
    /// Its bytes in the document.
    pub range: Range<usize>,
    /// The JSON pointer to it.
    pub pointer: String,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named as in JSON")]
pub enum Json {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name.
    pub key: String,
    /// The bytes of the name, with quotes.
    pub key_range: Range<usize>,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The members of an object, or none.
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of an array, or none.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Json::Array(items) => items,
            _ => &[],
        }
    }

    /// The value of a member; the last one where a name stands twice.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()
            .iter()
            .rev()
            .find(|member| member.key == key)
            .map(|member| &member.value)
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }
}

/// A JSON document.
#[derive(Debug, Clone)]
pub struct Document {
    /// The document, as the user would name it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its value.
    pub root: Node,
}

impl Document {
    /// Parses a document.
    ///
    /// # Errors
    /// A diagnostic with the place of the first mistake.
    pub fn parse(name: &str, text: String) -> Result<Self, Box<Diagnostic>> {
        let options = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let fail = |message: String, range: Range<usize>| {
            Box::new(
                Diagnostic::error(
                    "csvw::json-syntax",
                    message,
                    Location::in_text(name, &text, range),
                )
                .with_help("the document has to be JSON: mend it here")
                .with_spec("metadata §4"),
            )
        };
        if let Some(at) = too_deep(&text) {
            let message = format!("more than {MOST_LEVELS} levels of nesting");
            return Err(fail(message, at..at + 1));
        }
        let parsed =
            parse_to_ast(&text, &CollectOptions::default(), &options).map_err(|error| {
                let range = error.range();
                let message = format!("not valid JSON: {}", lower_first(&error.kind().to_string()));
                fail(message, range.start..range.end)
            })?;
        let Some(value) = parsed.value else {
            return Err(fail("the document is empty".to_owned(), 0..0));
        };
        let root = convert(&value, String::new());
        Ok(Self {
            name: name.to_owned(),
            text,
            root,
        })
    }

    /// The place of a node.
    pub fn location(&self, node: &Node) -> Location {
        self.location_of(node.range.clone(), &node.pointer)
    }

    /// The place of a range of bytes.
    pub fn location_of(&self, range: Range<usize>, pointer: &str) -> Location {
        Location {
            json_pointer: Some(pointer.to_owned()),
            ..Location::in_text(&self.name, &self.text, range)
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(characters).collect()
    })
}

// The parser recurses: depth is bounded before it starts.
fn too_deep(text: &str) -> Option<usize> {
    let mut level = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                level += 1;
                if level > MOST_LEVELS {
                    return Some(at);
                }
            }
            b'}' | b']' if !in_string => level = level.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn convert(value: &ast::Value<'_>, pointer: String) -> Node {
    let range = value.range();
    let json = match value {
        ast::Value::NullKeyword(_) => Json::Null,
        ast::Value::BooleanLit(literal) => Json::Bool(literal.value),
        ast::Value::NumberLit(literal) => Json::Number(literal.value.to_owned()),
        ast::Value::StringLit(literal) => Json::String(literal.value.to_string()),
        ast::Value::Array(array) => Json::Array(
            array
                .elements
                .iter()
                .enumerate()
                .map(|(index, element)| convert(element, format!("{pointer}/{index}")))
                .collect(),
        ),
        ast::Value::Object(object) => Json::Object(
            object
                .properties
                .iter()
                .map(|property| {
                    let key = property.name.as_str().to_owned();
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    let key_range = property.name.range();
                    Member {
                        value: convert(&property.value, format!("{pointer}/{escaped}")),
                        key,
                        key_range: key_range.start..key_range.end,
                    }
                })
                .collect(),
        ),
    };
    Node {
        value: json,
        range: range.start..range.end,
        pointer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_know_their_place() {
        let document =
            Document::parse("m.json", "{\"a\":\n  [1, {\"b/c\": \"ع\"}]}".to_owned()).unwrap();
        let node = document.root.get("a").unwrap().items()[1]
            .get("b/c")
            .unwrap();
        assert_eq!(node.as_str(), Some("ع"));
        assert_eq!(node.pointer, "/a/1/b~1c");
        let location = document.location(node);
        assert_eq!((location.line, location.column), (Some(2), Some(15)));
    }

    #[test]
    fn mistakes_are_placed() {
        let error = Document::parse("m.json", "{\"a\": 1,\n 'b': 2}".to_owned()).unwrap_err();
        assert_eq!(error.location.line, Some(2), "{error:?}");
        for text in ["", "{'a': 1}", "{a: 1}", "[1 2]", "[01x]", "// c\n{}"] {
            assert!(
                Document::parse("m.json", text.to_owned()).is_err(),
                "{text}"
            );
        }
        assert!(Document::parse("m.json", "[".repeat(100_000)).is_err());
    }
}
