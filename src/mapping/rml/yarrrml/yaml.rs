//! YAML as a tree whose nodes know their places.
//!
//! In: the text of a document. Out: its nodes, with aliases followed and merge keys (`<<`) filled in;
//! what is wrong with the YAML is told with line and column. Kinds of scalars are not told apart but
//! for null: in a mapping `2` and `true` are texts like any other.
//!
//! Memory: some 200 bytes for each node of the text; what an alias refers to is held once.

use super::super::graph::Document;
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use rustc_hash::{FxHashMap, FxHashSet};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};
use std::ops::Range;
use std::rc::Rc;

/// The size of a document in bytes.
const DOCUMENT_BYTES: usize = 16 << 20;

/// How deep lists and maps may be inside each other.
const DEPTH: usize = 64;

/// How many nodes a document may come to, each counted as often as an alias refers to it; 32 bytes of
/// text count as one more.
const NODES: u64 = 1_000_000;

/// A node.
#[derive(Debug)]
pub(super) struct Node {
    /// What it is.
    pub(super) kind: Kind,
    /// The document, an index into those that are read together.
    pub(super) document: usize,
    /// The line, counted from 1.
    pub(super) line: u64,
    /// The code point in the line, counted from 1.
    pub(super) column: u64,
    /// Its bytes in the document; of lists and maps only where they begin.
    pub(super) bytes: Range<usize>,
    /// How many nodes it comes to.
    weight: u64,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Rc<Node>>),
    /// Keys with their values, each key once.
    Map(Vec<(Rc<Node>, Rc<Node>)>),
}

impl Node {
    /// Its text, where it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A map with the entries of two.
    pub(super) fn merged(one: &Self, other: &Self) -> Option<Rc<Self>> {
        let (Kind::Map(entries), Kind::Map(more)) = (&one.kind, &other.kind) else {
            return None;
        };
        Some(Rc::new(Self {
            kind: Kind::Map(entries.iter().chain(more).cloned().collect()),
            document: one.document,
            line: one.line,
            column: one.column,
            bytes: one.bytes.clone(),
            weight: one.weight.saturating_add(other.weight),
        }))
    }

    /// Whether it is nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// What it is, for messages.
    pub(super) fn what(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}

/// Reads a file, which may hold several YAML documents; nothing where it cannot be read, which is told.
pub(super) fn parse(
    document: &Document,
    index: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Rc<Node>>> {
    if document.text.len() > DOCUMENT_BYTES {
        let message = format!("the document has more than {} MiB", DOCUMENT_BYTES >> 20);
        let location = Location::of_source(document.name.as_str());
        diagnostics.push(Diagnostic::error(super::LIMIT, message, location));
        return None;
    }
    let text = document.text.strip_prefix('\u{FEFF}');
    let skipped = text.map_or(0, |text| document.text.len() - text.len());
    let text = text.unwrap_or(&document.text);
    let mut builder = Builder {
        index,
        offsets: Offsets::new(text, skipped),
        anchors: FxHashMap::default(),
        merged: 0,
        duplicates: Vec::new(),
    };
    let built = builder.build(text);
    let report = |fault: Fault| {
        let location = Location::in_text(&document.name, &document.text, fault.bytes);
        let diagnostic = Diagnostic::error(fault.code, fault.message, location);
        match fault.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    };
    let is_whole = builder.duplicates.is_empty();
    for fault in builder.duplicates {
        diagnostics.push(report(fault));
    }
    match built {
        Ok(nodes) => is_whole.then_some(nodes),
        Err(fault) => {
            diagnostics.push(report(*fault));
            None
        }
    }
}

/// What is wrong with a text.
struct Fault {
    code: &'static str,
    message: String,
    bytes: Range<usize>,
    help: Option<&'static str>,
}

/// Where characters begin: the parser counts characters, places count bytes.
struct Offsets {
    /// For each character its first byte; nothing where all are ASCII.
    starts: Option<Vec<usize>>,
    skipped: usize,
    end: usize,
}

impl Offsets {
    fn new(text: &str, skipped: usize) -> Self {
        let starts = text.char_indices().map(|(start, _)| start);
        Self {
            starts: (!text.is_ascii()).then(|| starts.collect()),
            skipped,
            end: text.len(),
        }
    }

    fn byte(&self, marker: Marker) -> usize {
        let at = match &self.starts {
            None => marker.index().min(self.end),
            Some(starts) => starts.get(marker.index()).copied().unwrap_or(self.end),
        };
        at + self.skipped
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start);
        start..self.byte(span.end).max(start)
    }
}

/// A list or map that is not closed yet.
struct Open {
    anchor: usize,
    span: Span,
    nodes: Vec<Rc<Node>>,
    is_map: bool,
}

struct Builder {
    index: usize,
    offsets: Offsets,
    anchors: FxHashMap<usize, Rc<Node>>,
    merged: u64,
    duplicates: Vec<Fault>,
}

impl Builder {
    fn build(&mut self, text: &str) -> Result<Vec<Rc<Node>>, Box<Fault>> {
        let mut roots = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        let mut parser = Parser::new_from_str(text);
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let at = self.offsets.byte(*error.marker());
                let line = &text[..at - self.offsets.skipped];
                let line = &line[line.rfind('\n').map_or(0, |end| end + 1)..];
                let has_tab = line.trim_start_matches(' ').starts_with('\t')
                    || text[line_end(text, at - self.offsets.skipped)..].starts_with('\t');
                Box::new(Fault {
                    code: "yarrrml::syntax",
                    message: format!("the YAML cannot be read: {}", error.info()),
                    bytes: at..at,
                    help: Some(if has_tab {
                        "indent with spaces, not with tabs"
                    } else if error.info().contains("escape") {
                        "in double quotes a backslash is written twice; in single quotes it stands for itself"
                    } else {
                        "texts with `: `, ` #`, braces, brackets or a special character at the front \
                         need quotes"
                    }),
                })
            })?;
            let (node, anchor) = match event {
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {
                    continue;
                }
                Event::DocumentStart(_) => {
                    self.anchors.clear();
                    continue;
                }
                Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                    if open.len() >= DEPTH =>
                {
                    let _ = anchor;
                    let message = format!("lists and maps are more than {DEPTH} inside each other");
                    return self.limit(message, span);
                }
                Event::SequenceStart(anchor, _) => {
                    open.push(Open {
                        anchor,
                        span,
                        nodes: Vec::new(),
                        is_map: false,
                    });
                    continue;
                }
                Event::MappingStart(anchor, _) => {
                    open.push(Open {
                        anchor,
                        span,
                        nodes: Vec::new(),
                        is_map: true,
                    });
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(closed) = open.pop() else { continue };
                    let anchor = closed.anchor;
                    (self.close(closed)?, anchor)
                }
                Event::Alias(anchor) => match self.anchors.get(&anchor) {
                    Some(node) => (Rc::clone(node), 0),
                    None => {
                        return Err(Box::new(Fault {
                            code: "yarrrml::syntax",
                            message: "an alias inside what it refers to".to_owned(),
                            bytes: self.offsets.range(span),
                            help: None,
                        }));
                    }
                },
                Event::Scalar(text, style, anchor, tag) => {
                    let is_null = style == ScalarStyle::Plain
                        && tag.is_none()
                        && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                    let weight = 1 + text.len() as u64 / 32;
                    let kind = if is_null {
                        Kind::Null
                    } else {
                        Kind::Text(text.into_owned())
                    };
                    (self.node(kind, span, weight), anchor)
                }
            };
            if node.weight > NODES {
                let message = "the document comes to more than a million nodes, with each alias \
                               counted for what it refers to";
                return self.limit(message.to_owned(), span);
            }
            if anchor > 0 {
                self.anchors.insert(anchor, Rc::clone(&node));
            }
            match open.last_mut() {
                Some(parent) => parent.nodes.push(node),
                None => roots.push(node),
            }
        }
        Ok(roots)
    }

    fn node(&self, kind: Kind, span: Span, weight: u64) -> Rc<Node> {
        let bytes = match kind {
            Kind::List(_) | Kind::Map(_) => {
                let start = self.offsets.byte(span.start);
                start..start
            }
            _ => self.offsets.range(span),
        };
        Rc::new(Node {
            kind,
            document: self.index,
            line: span.start.line() as u64,
            column: span.start.col() as u64 + 1,
            bytes,
            weight,
        })
    }

    fn limit<T>(&self, message: String, span: Span) -> Result<T, Box<Fault>> {
        Err(Box::new(Fault {
            code: super::LIMIT,
            message,
            bytes: self.offsets.range(span),
            help: None,
        }))
    }

    // Closes a list or map; of a map all keys have to be texts and differ.
    fn close(&mut self, open: Open) -> Result<Rc<Node>, Box<Fault>> {
        let weights = |nodes: &[Rc<Node>]| {
            let weights = nodes.iter().map(|node| node.weight);
            weights.fold(1, u64::saturating_add)
        };
        if !open.is_map {
            let weight = weights(&open.nodes);
            return Ok(self.node(Kind::List(open.nodes), open.span, weight));
        }
        let mut known = FxHashSet::default();
        let mut entries = Vec::with_capacity(open.nodes.len() / 2);
        let mut merges = Vec::new();
        let mut nodes = open.nodes.into_iter();
        while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
            let name = match &key.kind {
                Kind::Text(text) => text.as_str(),
                Kind::Null => "",
                Kind::List(_) | Kind::Map(_) => {
                    return Err(Box::new(Fault {
                        code: "yarrrml::syntax",
                        message: format!("a key is {}, expected a text", key.what()),
                        bytes: key.bytes.clone(),
                        help: Some("texts that begin with a brace or a bracket need quotes"),
                    }));
                }
            };
            if name == "<<" {
                merges.push(value);
            } else if known.insert(name.to_owned()) {
                entries.push((key, value));
            } else {
                self.duplicates.push(Fault {
                    code: "yarrrml::duplicate-key",
                    message: format!("the key `{name}` is there twice"),
                    bytes: key.bytes.clone(),
                    help: Some("put all under one key, as a list"),
                });
            }
        }
        for merge in merges {
            self.merge(&merge, &mut known, &mut entries)?;
        }
        let weight = entries.iter().fold(1u64, |sum, (key, value)| {
            sum.saturating_add(key.weight).saturating_add(value.weight)
        });
        Ok(self.node(Kind::Map(entries), open.span, weight))
    }

    // Fills in what a merge key brings: keys that are there stay as they are.
    fn merge(
        &mut self,
        merged: &Rc<Node>,
        known: &mut FxHashSet<String>,
        entries: &mut Vec<(Rc<Node>, Rc<Node>)>,
    ) -> Result<(), Box<Fault>> {
        let maps = match &merged.kind {
            Kind::List(maps) => maps.as_slice(),
            _ => std::slice::from_ref(merged),
        };
        for map in maps {
            let Kind::Map(more) = &map.kind else {
                return Err(Box::new(Fault {
                    code: "yarrrml::syntax",
                    message: format!("`<<` leads to {}, expected a map", map.what()),
                    bytes: map.bytes.clone(),
                    help: None,
                }));
            };
            self.merged += more.len() as u64;
            if self.merged > NODES {
                return Err(Box::new(Fault {
                    code: super::LIMIT,
                    message: "merge keys bring more than a million keys".to_owned(),
                    bytes: map.bytes.clone(),
                    help: None,
                }));
            }
            for (key, value) in more {
                if known.insert(key.text().unwrap_or_default().to_owned()) {
                    entries.push((Rc::clone(key), Rc::clone(value)));
                }
            }
        }
        Ok(())
    }
}

// Where the spaces at the front of the line after the one of `at` end.
fn line_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let start = if at == 0 || text[..at].ends_with('\n') {
        at
    } else {
        rest.find('\n').map_or(text.len(), |end| at + end + 1)
    };
    let spaces = text[start..]
        .bytes()
        .take_while(|byte| *byte == b' ')
        .count();
    start + spaces
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = Vec<(String, Location)>;

    fn read(text: &str) -> (Option<Vec<Rc<Node>>>, Found) {
        let document = Document {
            name: "m.yml".to_owned(),
            text: text.to_owned(),
            iri: String::new(),
        };
        let mut diagnostics = Diagnostics::new();
        let nodes = parse(&document, 0, &mut diagnostics);
        let found = diagnostics
            .iter()
            .map(|found| (found.code.to_owned(), found.location.clone()))
            .collect();
        (nodes, found)
    }

    fn show(node: &Node) -> String {
        match &node.kind {
            Kind::Null => "~".to_owned(),
            Kind::Text(text) => format!("{text:?}"),
            Kind::List(nodes) => {
                let nodes: Vec<_> = nodes.iter().map(|node| show(node)).collect();
                format!("[{}]", nodes.join(","))
            }
            Kind::Map(entries) => {
                let entries = entries.iter();
                let entries: Vec<_> = entries
                    .map(|(key, value)| format!("{}:{}", show(key), show(value)))
                    .collect();
                format!("{{{}}}", entries.join(","))
            }
        }
    }

    fn check(text: &str, expected: &str) {
        let (nodes, found) = read(text);
        assert!(found.is_empty(), "{text}: {found:?}");
        let nodes: Vec<_> = nodes.unwrap().iter().map(|node| show(node)).collect();
        assert_eq!(nodes.join(" "), expected, "{text}");
    }

    fn check_fault(text: &str, code: &str, line: u64, column: u64) {
        let (nodes, found) = read(text);
        assert!(nodes.is_none(), "{text}");
        let (found, location) = &found[0];
        let place = (location.line.unwrap(), location.column.unwrap());
        assert_eq!((found.as_str(), place), (code, (line, column)), "{text}");
    }

    #[test]
    fn trees() {
        check(
            "a: 1\nb: [x, ~, 'null', null]",
            r#"{"a":"1","b":["x",~,"null",~]}"#,
        );
        check("\u{FEFF}a: b", r#"{"a":"b"}"#);
        check("", "");
        check("a: 1\n---\nb: 2", r#"{"a":"1"} {"b":"2"}"#);
        check(
            "[$(a b), \"$(c)~lang\",$(d)~iri]",
            r#"["$(a b)","$(c)~lang","$(d)~iri"]"#,
        );
        check(
            "a: 2.0\nb: 007\nc: yes",
            r#"{"a":"2.0","b":"007","c":"yes"}"#,
        );
    }

    #[test]
    fn aliases_and_merge_keys() {
        check("a: &x [1]\nb: *x", r#"{"a":["1"],"b":["1"]}"#);
        check(
            "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}",
            r#"{"a":{"p":"1","q":"2"},"b":{"q":"3","p":"1"}}"#,
        );
        check(
            "a: &x {p: 1}\nb: &y {p: 2, q: 3}\nc: {<<: [*x, *y]}",
            r#"{"a":{"p":"1"},"b":{"p":"2","q":"3"},"c":{"p":"1","q":"3"}}"#,
        );
    }

    #[test]
    fn places_count_bytes_and_lines() {
        for end in ["\n", "\r\n"] {
            let text = format!("é: x{end}ü: [ö, \"ä\"]{end}");
            let (nodes, _) = read(&text);
            let root = &nodes.unwrap()[0];
            let Kind::Map(entries) = &root.kind else {
                panic!()
            };
            let Kind::List(items) = &entries[1].1.kind else {
                panic!()
            };
            assert_eq!(&text[items[0].bytes.clone()], "ö");
            assert_eq!(&text[items[1].bytes.clone()], "\"ä\"");
            assert_eq!(items[1].line, 2);
        }
    }

    #[test]
    fn faults_have_places() {
        check_fault("a: 1\nb: 2\na: 3", "yarrrml::duplicate-key", 3, 1);
        check_fault("a: [1, 2", "yarrrml::syntax", 1, 9);
        check_fault("a: *x", "yarrrml::syntax", 1, 4);
        check_fault("a: &x [*x]", "yarrrml::syntax", 1, 8);
        check_fault("[a]: b\n? {x: y}\n: c", "yarrrml::syntax", 1, 1);
        let (_, found) = read("a:\n\t- b");
        assert_eq!(found[0].0, "yarrrml::syntax");
    }

    #[test]
    fn bombs_are_bounded() {
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for number in 1..12 {
            let before = number - 1;
            let aliases = vec![format!("*a{before}"); 10].join(",");
            text.push_str(&format!("a{number}: &a{number} [{aliases}]\n"));
        }
        let (_, found) = read(&text);
        assert_eq!(found[0].0, "yarrrml::limit");
        for deep in ["[".repeat(100), "- ".repeat(100), "{a: ".repeat(100)] {
            let (_, found) = read(&deep);
            assert_eq!(found[0].0, "yarrrml::limit");
        }
        for deep in [
            "[".repeat(100_000),
            "- ".repeat(100_000),
            "{a: ".repeat(100_000),
        ] {
            assert!(!read(&deep).1.is_empty());
        }
    }
}
