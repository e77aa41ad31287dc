//! `GraphML`: the document as it is read, element by element; arrays are JSON.
//!
//! Spec: `GraphML`

use super::jsonl::natives;
use super::lines::{MOST, Place, code_points, open_file};
use super::quads::{Node, Properties, Quads, Relationship, insert};
use super::{ImportError, Open};
use crate::property_graph::value::double;
use crate::property_graph::{KEY, Kind, PropertyName};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Reads a document; memory: the longest text, and the declared keys.
pub(super) fn read(
    name: &str,
    mut open: Open<'_>,
    quads: &mut Quads<'_, '_>,
) -> Result<(), ImportError> {
    let position = Rc::new(Position {
        line: Cell::new(1),
        column: Cell::new(1),
        event: Cell::new(0),
    });
    let counted = Counted {
        inner: open_file(name, &mut open)?,
        position: Rc::clone(&position),
    };
    let mut reader = Reader::from_reader(counted);
    reader.config_mut().expand_empty_elements = true;
    let mut document = Document {
        reader,
        buffer: Vec::new(),
        position,
        place: Place {
            file: name.to_owned(),
            line: 1,
            column: Some(1),
        },
        is_behind_text: false,
        is_begun: false,
        keys: BTreeMap::new(),
    };
    document.read(quads)
}

/// Where the reader is.
struct Position {
    line: Cell<u64>,
    column: Cell<u64>,
    /// The bytes since the event began.
    event: Cell<usize>,
}

/// Counts lines and columns, and ends a text that is too long.
struct Counted {
    inner: Box<dyn BufRead>,
    position: Rc<Position>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position.event.get() > MOST {
            let reason = format!("more than {} MiB stand in one place", MOST >> 20);
            return Err(io::Error::other(reason));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // What is consumed was filled before, so this reads nothing.
        let bytes = self.inner.fill_buf().unwrap_or_default();
        let bytes = &bytes[..count.min(bytes.len())];
        let position = &self.position;
        position.event.set(position.event.get() + bytes.len());
        let last_line = match memchr::memrchr(b'\n', bytes) {
            None => bytes,
            Some(end) => {
                let lines = memchr::memchr_iter(b'\n', bytes).count() as u64;
                position.line.set(position.line.get() + lines);
                position.column.set(1);
                &bytes[end + 1..]
            }
        };
        let column = position.column.get() + code_points(last_line);
        position.column.set(column);
        self.inner.consume(count);
    }
}

/// What a key is for: `node` or `edge`, and its identifier.
type KeyId = (&'static str, String);

struct Document {
    reader: Reader<Counted>,
    buffer: Vec<u8>,
    position: Rc<Position>,
    /// Where the last part began.
    place: Place,
    is_behind_text: bool,
    /// Whether there was an element.
    is_begun: bool,
    /// The names of properties by their keys.
    keys: BTreeMap<KeyId, String>,
}

/// A part of a document.
enum Part {
    Start(String, Attributes),
    End,
    Text(String),
    EndOfFile,
}

type Attributes = BTreeMap<String, String>;

impl Document {
    fn fault(&self, reason: impl Into<String>) -> ImportError {
        self.place.fault(reason)
    }

    fn part(&mut self) -> Result<Part, ImportError> {
        loop {
            self.place.line = self.position.line.get();
            // Behind a text the reader has taken the `<` already.
            let taken = u64::from(self.is_behind_text);
            let column = self.position.column.get().saturating_sub(taken);
            self.place.column = Some(column.max(1));
            self.position.event.set(0);
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => {
                    return Err(ImportError::Io {
                        file: self.place.file.clone(),
                        error: io::Error::new(error.kind(), error.to_string()),
                    });
                }
                Err(error) => return Err(self.place.fault(error.to_string())),
            };
            self.is_behind_text = matches!(event, Event::Text(_));
            let part = match event {
                Event::Start(element) => {
                    self.is_begun = true;
                    start(&element)
                }
                Event::End(_) => Ok(Part::End),
                Event::Text(text) => match text.unescape() {
                    Ok(text) => Ok(Part::Text(text.into_owned())),
                    Err(error) => Err(error.to_string()),
                },
                Event::Decl(_) if !self.is_begun => continue,
                Event::Eof => Ok(Part::EndOfFile),
                _ => Err("neither an element nor a text".to_owned()),
            };
            return part.map_err(|reason| self.place.fault(reason));
        }
    }

    /// The next part that is no white space between elements.
    fn element(&mut self) -> Result<Part, ImportError> {
        loop {
            match self.part()? {
                Part::Text(text) if text.trim_ascii().is_empty() => {}
                Part::Text(_) => return Err(self.fault("a text between elements")),
                Part::EndOfFile => return Err(self.fault("the document ends too early")),
                part => return Ok(part),
            }
        }
    }

    fn end(&mut self, what: &str) -> Result<(), ImportError> {
        match self.element()? {
            Part::End => Ok(()),
            _ => Err(self.fault(format!("the end of `{what}` was expected"))),
        }
    }

    fn attribute(&self, attributes: &mut Attributes, name: &str) -> Result<String, ImportError> {
        let attribute = attributes.remove(name);
        attribute.ok_or_else(|| self.fault(format!("the attribute `{name}` is missing")))
    }

    fn read(&mut self, quads: &mut Quads<'_, '_>) -> Result<(), ImportError> {
        match self.element()? {
            Part::Start(name, _) if name == "graphml" => {}
            _ => return Err(self.fault("this is no GraphML")),
        }
        loop {
            match self.element()? {
                Part::Start(name, attributes) if name == "key" => self.key(attributes)?,
                Part::Start(name, _) if name == "graph" => break,
                _ => return Err(self.fault("neither `key` nor `graph`")),
            }
        }
        loop {
            match self.element()? {
                Part::Start(name, attributes) if name == "node" => self.node(attributes, quads)?,
                Part::Start(name, attributes) if name == "edge" => self.edge(attributes, quads)?,
                Part::End => break,
                _ => return Err(self.fault("neither `node` nor `edge`")),
            }
        }
        self.end("graphml")?;
        loop {
            match self.part()? {
                Part::EndOfFile => return Ok(()),
                Part::Text(text) if text.trim_ascii().is_empty() => {}
                _ => return Err(self.fault("more than one element")),
            }
        }
    }

    fn key(&mut self, mut attributes: Attributes) -> Result<(), ImportError> {
        let of = match self.attribute(&mut attributes, "for")?.as_str() {
            "node" => "node",
            "edge" => "edge",
            other => return Err(self.fault(format!("a key for `{other}`"))),
        };
        let id = self.attribute(&mut attributes, "id")?;
        let name = self.attribute(&mut attributes, "attr.name")?;
        if self.keys.insert((of, id), name).is_some() {
            return Err(self.fault("a key that stands here twice"));
        }
        self.end("key")
    }

    /// The next `data` of a node or edge: its key and text.
    fn data(&mut self) -> Result<Option<(String, String, Place)>, ImportError> {
        let mut attributes = match self.element()? {
            Part::End => return Ok(None),
            Part::Start(name, attributes) if name == "data" => attributes,
            _ => return Err(self.fault("`data` was expected")),
        };
        let place = self.place.clone();
        let key = self.attribute(&mut attributes, "key")?;
        match self.part()? {
            Part::End => Ok(Some((key, String::new(), place))),
            Part::Text(text) => match self.part()? {
                Part::End => Ok(Some((key, text, place))),
                _ => Err(self.fault("the end of `data` was expected")),
            },
            _ => Err(self.fault("`data` with more than a text")),
        }
    }

    fn property<'m>(
        &self,
        properties: &mut Properties<'m>,
        of: &KeyId,
        text: String,
        place: &Place,
        quads: &Quads<'m, '_>,
    ) -> Result<(), ImportError> {
        let Some(name) = self.keys.get(of) else {
            return Err(place.fault(format!("the key `{}` is not declared", of.1)));
        };
        let (name, property) = quads.property(name, place)?;
        let values = values(property, text);
        let values = values.map_err(|reason| place.fault(format!("`{name}`: {reason}")))?;
        insert(properties, name, values, place)
    }

    fn node(
        &mut self,
        mut attributes: Attributes,
        quads: &mut Quads<'_, '_>,
    ) -> Result<(), ImportError> {
        let place = self.place.clone();
        let mut node = Node {
            key: self.attribute(&mut attributes, "id")?,
            ..Node::default()
        };
        let labels = self.attribute(&mut attributes, "labels")?;
        let (mut has_labels, mut has_key) = (false, false);
        while let Some((key, text, at)) = self.data()? {
            match key.as_str() {
                "labels" if text != labels || has_labels => {
                    return Err(at.fault("other labels than in the attribute"));
                }
                "labels" => {
                    has_labels = true;
                    for label in text.split(':').skip(1) {
                        node.labels.extend(quads.label(label, &at)?);
                    }
                }
                KEY if text != node.key || has_key => {
                    return Err(at.fault("another IRI than in the attribute"));
                }
                KEY => has_key = true,
                _ => self.property(&mut node.properties, &("node", key), text, &at, quads)?,
            }
        }
        if !has_labels || !has_key {
            return Err(place.fault("a node without labels or IRI"));
        }
        quads.node(&node, &place)
    }

    fn edge(
        &mut self,
        mut attributes: Attributes,
        quads: &mut Quads<'_, '_>,
    ) -> Result<(), ImportError> {
        let place = self.place.clone();
        self.attribute(&mut attributes, "id")?;
        let label = self.attribute(&mut attributes, "label")?;
        let mut one = Relationship {
            kind: quads.kind(&label, &place)?,
            start: self.attribute(&mut attributes, "source")?,
            end: self.attribute(&mut attributes, "target")?,
            graph: None,
            key: None,
            properties: Properties::new(),
        };
        let mut has_label = false;
        while let Some((key, text, at)) = self.data()? {
            let before = match key.as_str() {
                "label" if text != label || has_label => {
                    return Err(at.fault("another label than in the attribute"));
                }
                "label" => {
                    has_label = true;
                    None
                }
                "graph" => one.graph.replace(text),
                "edge_iri" => one.key.replace(text),
                _ => {
                    self.property(&mut one.properties, &("edge", key), text, &at, quads)?;
                    continue;
                }
            };
            if before.is_some() {
                return Err(at.fault(format!("`{key}` stands here twice")));
            }
        }
        quads.relationship(&one, &place)
    }
}

fn start(element: &BytesStart<'_>) -> Result<Part, String> {
    let text = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        text.map_err(|_| "this is not UTF-8".to_owned())
    };
    let name = text(element.name().as_ref())?;
    let mut attributes = Attributes::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute
            .unescape_value()
            .map_err(|error| error.to_string())?;
        attributes.insert(text(attribute.key.as_ref())?, value.into_owned());
    }
    Ok(Part::Start(name, attributes))
}

/// The native values that a text stands for.
fn values(property: &PropertyName, text: String) -> Result<Vec<String>, String> {
    if property.array {
        let values: Vec<serde_json::Value> =
            serde_json::from_str(&text).map_err(|_| "this is no JSON array".to_owned())?;
        return natives(property, &values);
    }
    if property.kind == Kind::Double && text.parse::<f64>().map(double) != Ok(text.clone()) {
        return Err(format!("`{text}` is no value of it"));
    }
    Ok(vec![text])
}
