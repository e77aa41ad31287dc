//! Turtle for people: nested nodes, on one line where they fit.
//!
//! In: a tree of [`Node`]s. Out: text. What the tree says is the matter of the modules beside this one.

use crate::rdf::prefixes::Prefixes;
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, Term};
use std::collections::BTreeSet;

/// How long a line may be, in characters, before what is in brackets goes on lines of its own.
const WIDTH: usize = 100;

/// What stands behind a predicate.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A term.
    Term(Term),
    /// An IRI relative to the document, such as `#Person`.
    Relative(String),
    /// A node in brackets.
    Node(Node),
    /// A list.
    List(Vec<Value>),
}

/// A node with what is said of it, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    statements: Vec<(NamedNode, Value)>,
}

/// A block of a document: one node that is not inside another.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Its name; none: `[]`.
    pub(super) name: Option<Value>,
    /// What is said of it.
    pub(super) node: Node,
}

impl From<NamedNode> for Value {
    fn from(node: NamedNode) -> Self {
        Self::Term(node.into())
    }
}

impl From<Node> for Value {
    fn from(node: Node) -> Self {
        Self::Node(node)
    }
}

impl Value {
    /// A string.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Term(Literal::new_simple_literal(text).into())
    }

    /// A boolean.
    pub(super) fn boolean(value: bool) -> Self {
        Self::Term(Literal::from(value).into())
    }

    /// A whole number.
    pub(super) fn number(value: usize) -> Self {
        Self::Term(Literal::new_typed_literal(value.to_string(), xsd::INTEGER).into())
    }
}

impl Node {
    /// Says one thing more.
    pub(super) fn push(&mut self, predicate: NamedNode, value: impl Into<Value>) {
        self.statements.push((predicate, value.into()));
    }

    /// The same with one thing more.
    #[must_use]
    pub(super) fn with(mut self, predicate: NamedNode, value: impl Into<Value>) -> Self {
        self.push(predicate, value);
        self
    }

    /// Says what it is.
    #[must_use]
    pub(super) fn of_type(self, class: NamedNode) -> Self {
        self.with(rdf::TYPE.into_owned(), class)
    }
}

/// Writes blocks, with the prefixes they use before them.
pub(super) fn write(blocks: &[Block], prefixes: &Prefixes) -> String {
    let mut writer = Writer {
        prefixes,
        used: BTreeSet::new(),
    };
    let mut body = String::new();
    for block in blocks {
        body.push('\n');
        match &block.name {
            Some(name) => writer.flat(&mut body, name),
            None => body.push_str("[]"),
        }
        body.push(' ');
        writer.statements(&mut body, &block.node, 1);
        body.push_str(" .\n");
    }
    let mut text = String::new();
    for (prefix, namespace) in prefixes {
        if writer.used.contains(prefix) {
            text.push_str("@prefix ");
            text.push_str(prefix);
            text.push_str(": <");
            text.push_str(namespace);
            text.push_str("> .\n");
        }
    }
    text.push_str(if text.is_empty() {
        body.trim_start()
    } else {
        &body
    });
    text
}

struct Writer<'p> {
    prefixes: &'p Prefixes,
    used: BTreeSet<String>,
}

impl Writer<'_> {
    // One statement a line; the first goes on where the subject ends.
    fn statements(&mut self, text: &mut String, node: &Node, depth: usize) {
        for (index, (predicate, value)) in node.statements.iter().enumerate() {
            if index > 0 {
                text.push_str(" ;\n");
                indent(text, depth);
            }
            self.statement(text, predicate, value, depth);
        }
    }

    fn statement(&mut self, text: &mut String, predicate: &NamedNode, value: &Value, depth: usize) {
        self.predicate(text, predicate);
        text.push(' ');
        self.value(text, value, depth);
    }

    // On this line, if it has room.
    fn value(&mut self, text: &mut String, value: &Value, depth: usize) {
        let line = text.rfind('\n').map_or(0, |at| at + 1);
        let before = text[line..].chars().count();
        let mut flat = String::new();
        self.flat(&mut flat, value);
        // Two more for what ends the statement.
        if before + flat.chars().count() + 2 <= WIDTH {
            text.push_str(&flat);
            return;
        }
        match value {
            Value::Node(node) if !node.statements.is_empty() => {
                text.push_str("[\n");
                indent(text, depth + 1);
                self.statements(text, node, depth + 1);
                text.push('\n');
                indent(text, depth);
                text.push(']');
            }
            Value::List(items) if !items.is_empty() => {
                text.push('(');
                for item in items {
                    text.push('\n');
                    indent(text, depth + 1);
                    self.value(text, item, depth + 1);
                }
                text.push('\n');
                indent(text, depth);
                text.push(')');
            }
            _ => text.push_str(&flat),
        }
    }

    fn flat(&mut self, text: &mut String, value: &Value) {
        match value {
            Value::Term(term) => self.term(text, term),
            Value::Relative(reference) => push_bracketed(text, reference),
            Value::Node(node) => {
                text.push('[');
                for (index, (predicate, value)) in node.statements.iter().enumerate() {
                    text.push_str(if index > 0 { " ; " } else { " " });
                    self.predicate(text, predicate);
                    text.push(' ');
                    self.flat(text, value);
                }
                text.push_str(if node.statements.is_empty() {
                    "]"
                } else {
                    " ]"
                });
            }
            Value::List(items) => {
                text.push('(');
                for item in items {
                    text.push(' ');
                    self.flat(text, item);
                }
                text.push_str(if items.is_empty() { ")" } else { " )" });
            }
        }
    }

    fn predicate(&mut self, text: &mut String, predicate: &NamedNode) {
        if predicate.as_ref() == rdf::TYPE {
            text.push('a');
        } else {
            self.iri(text, predicate.as_str());
        }
    }

    fn iri(&mut self, text: &mut String, iri: &str) {
        match self.prefixes.compact(iri) {
            Some(compact) => {
                self.used.insert(compact.prefix.to_owned());
                text.push_str(&compact.to_string());
            }
            None => push_bracketed(text, iri),
        }
    }

    fn term(&mut self, text: &mut String, term: &Term) {
        match term {
            Term::NamedNode(node) => self.iri(text, node.as_str()),
            Term::Literal(literal) => self.literal(text, literal),
            Term::BlankNode(node) => text.push_str(&node.to_string()),
        }
    }

    fn literal(&mut self, text: &mut String, literal: &Literal) {
        let value = literal.value();
        let datatype = literal.datatype();
        let is_digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let is_bare = match datatype {
            xsd::INTEGER => is_digits,
            xsd::BOOLEAN => matches!(value, "true" | "false"),
            _ => false,
        };
        if is_bare {
            text.push_str(value);
        } else if literal.language().is_some() || datatype == xsd::STRING {
            text.push_str(&literal.to_string());
        } else {
            text.push_str(&Literal::new_simple_literal(value).to_string());
            text.push_str("^^");
            self.iri(text, datatype.as_str());
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("    ");
    }
}

// What no IRI may hold, and only an IRI that nobody checked does, is escaped.
fn push_bracketed(text: &mut String, iri: &str) {
    text.push('<');
    for sign in iri.chars() {
        match sign {
            '\0'..=' ' | '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\' => {
                text.push_str(&format!("\\u{:04X}", u32::from(sign)));
            }
            _ => text.push(sign),
        }
    }
    text.push('>');
}
