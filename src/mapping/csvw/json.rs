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

/// How much of a name stands in a JSON pointer, in bytes.
const NAME_IN_POINTER: usize = 200;

/// A JSON value and where it stands.
///
/// Its JSON pointer is told by [`Document::pointer`]: if each value held its own, a document with one
/// long name would take the square of its size.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Json,
    /// Its bytes in the document.
    pub range: Range<usize>,
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
    // Where its lines begin.
    lines: Vec<usize>,
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
        let root = convert(&value);
        let breaks = text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(_, next)| next));
        Ok(Self {
            name: name.to_owned(),
            lines: lines.collect(),
            text,
            root,
        })
    }

    /// The place of a range of bytes, such as that of a node or of a member's name.
    pub fn location(&self, range: &Range<usize>) -> Location {
        let line = self.lines.partition_point(|start| *start <= range.start);
        let line_start = self.lines[line.saturating_sub(1)];
        let before = self.text.get(line_start..range.start).unwrap_or_default();
        Location {
            line: Some(line as u64),
            column: Some(before.chars().count() as u64 + 1),
            byte_span: Some(range.clone()),
            json_pointer: Some(self.pointer(range)),
            ..Location::of_source(&self.name)
        }
    }

    /// The JSON pointer to the innermost value that holds a range of bytes; very long names in it are
    /// cut.
    ///
    /// Spec: RFC 6901 §3
    pub fn pointer(&self, range: &Range<usize>) -> String {
        let mut pointer = String::new();
        let mut node = &self.root;
        while node.range != *range {
            let inner = match &node.value {
                Json::Array(items) => {
                    let at = items.partition_point(|item| item.range.end <= range.start);
                    items.get(at).map(|item| (at.to_string(), item))
                }
                Json::Object(members) => {
                    let at = members.partition_point(|one| one.value.range.end <= range.start);
                    members
                        .get(at)
                        .map(|member| (segment(&member.key), &member.value))
                }
                _ => None,
            };
            let Some((segment, inner)) = inner.filter(|(_, inner)| {
                inner.range.start <= range.start && range.end <= inner.range.end
            }) else {
                break;
            };
            pointer.push('/');
            pointer.push_str(&segment);
            node = inner;
        }
        pointer
    }
}

fn segment(key: &str) -> String {
    let cut = key.char_indices().find(|(at, _)| *at >= NAME_IN_POINTER);
    match cut {
        Some((at, _)) => format!("{}…", segment(&key[..at])),
        None => key.replace('~', "~0").replace('/', "~1"),
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

fn convert(value: &ast::Value<'_>) -> Node {
    let range = value.range();
    let json = match value {
        ast::Value::NullKeyword(_) => Json::Null,
        ast::Value::BooleanLit(literal) => Json::Bool(literal.value),
        ast::Value::NumberLit(literal) => Json::Number(literal.value.to_owned()),
        ast::Value::StringLit(literal) => Json::String(literal.value.to_string()),
        ast::Value::Array(array) => Json::Array(array.elements.iter().map(convert).collect()),
        ast::Value::Object(object) => Json::Object(
            object
                .properties
                .iter()
                .map(|property| {
                    let key_range = property.name.range();
                    Member {
                        value: convert(&property.value),
                        key: property.name.as_str().to_owned(),
                        key_range: key_range.start..key_range.end,
                    }
                })
                .collect(),
        ),
    };
    Node {
        value: json,
        range: range.start..range.end,
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
        let location = document.location(&node.range);
        assert_eq!(location.json_pointer.as_deref(), Some("/a/1/b~1c"));
        assert_eq!((location.line, location.column), (Some(2), Some(15)));
        let key = &document.root.members()[0].key_range;
        assert_eq!(document.pointer(key), "");
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
