//! An export of a property graph, read back through its map of names as the quads that it was made of.
//!
//! In: the files of [`Format::Jsonl`] or [`Format::Neo4jCsv`], and the [`NameMap`] beside them. Out:
//! quads.
//!
//! Memory: one file of a folder; of JSON Lines one line.

use super::csv::{Fault, Records};
use super::fold::RESOURCE;
use super::map::VERSION;
use super::{Format, NameMap, PropertyName};
use crate::rdf::vocab::rdf;
use crate::sink::{Origin, QuadSink, SinkError};
use oxilangtag::LanguageTag;
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

/// Why an export cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A file cannot be read.
    #[error("cannot read `{file}`: {error}")]
    Io {
        /// The file, as the map names it.
        file: String,
        /// The reason.
        #[source]
        error: io::Error,
    },
    /// A file is not what the format has.
    #[error("`{file}`, line {line}: {reason}")]
    Content {
        /// The file, as the map names it.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// Only some formats are read.
    #[error("this format is not read back, `jsonl` and `neo4j-csv` are")]
    Format,
    /// The map is of another version.
    #[error("the map of names has version {0}, which this program does not know")]
    Version(u32),
    /// The quads cannot be taken.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// Opens the files of an export by their names.
pub type Open<'o> = &'o mut dyn FnMut(&str) -> io::Result<Box<dyn BufRead>>;

/// Reads an export; `name` is the file where it is one, as `open` knows it.
///
/// # Errors
/// When a file cannot be read, is not what the format has, or has a name that the map does not know.
pub fn import(
    map: &NameMap,
    name: &str,
    open: Open<'_>,
    sink: &mut dyn QuadSink,
) -> Result<(), ImportError> {
    if map.version != VERSION {
        return Err(ImportError::Version(map.version));
    }
    let mut reader = Reader {
        forms: forms(map),
        map,
        sink,
        file: String::new(),
        line: 0,
    };
    match map.format {
        Format::Jsonl => reader.json_lines(name, open),
        Format::Neo4jCsv => {
            for file in &map.node_files {
                reader.table(file, open, true)?;
            }
            for file in &map.relationship_files {
                reader.table(file, open, false)?;
            }
            Ok(())
        }
        _ => Err(ImportError::Format),
    }
}

/// The property with the lexical forms of another, by the name of the other.
fn forms(map: &NameMap) -> BTreeMap<&str, &str> {
    let forms = map.properties.iter();
    forms
        .filter_map(|(name, property)| {
            let of = property.lexical_forms_of.as_deref()?;
            Some((of, name.as_str()))
        })
        .collect()
}

/// A node as it is read: its properties with the texts of their native values.
struct Found {
    key: String,
    labels: Vec<String>,
    properties: BTreeMap<String, Vec<String>>,
}

struct Reader<'r> {
    map: &'r NameMap,
    forms: BTreeMap<&'r str, &'r str>,
    sink: &'r mut dyn QuadSink,
    file: String,
    line: u64,
}

impl Reader<'_> {
    fn content(&self, reason: impl Into<String>) -> ImportError {
        ImportError::Content {
            file: self.file.clone(),
            line: self.line,
            reason: reason.into(),
        }
    }

    fn io(&self, error: io::Error) -> ImportError {
        ImportError::Io {
            file: self.file.clone(),
            error,
        }
    }

    fn fault(&mut self, fault: &Fault) -> ImportError {
        self.line = fault.line;
        self.content(fault.reason)
    }

    fn open(&mut self, name: &str, open: &mut Open<'_>) -> Result<Box<dyn BufRead>, ImportError> {
        name.clone_into(&mut self.file);
        self.line = 0;
        open(name).map_err(|error| self.io(error))
    }

    fn iri(&self, text: &str) -> Result<NamedNode, ImportError> {
        NamedNode::new(text).map_err(|_| self.content(format!("`{text}` is not an IRI")))
    }

    fn resource(&self, text: &str) -> Result<NamedOrBlankNode, ImportError> {
        if let Some(label) = text.strip_prefix(&self.map.blank_nodes) {
            let node = BlankNode::new(label);
            return Ok(node
                .map_err(|_| self.content("no label of a blank node"))?
                .into());
        }
        Ok(self.iri(text)?.into())
    }

    fn graph(&self, text: Option<&str>) -> Result<GraphName, ImportError> {
        Ok(match text {
            None => GraphName::DefaultGraph,
            Some(text) => self.resource(text)?.into(),
        })
    }

    fn push(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: NamedNode,
        object: impl Into<Term>,
        graph: GraphName,
    ) -> Result<(), ImportError> {
        let quad = Quad::new(subject.clone(), predicate, object, graph);
        Ok(self.sink.push(quad.as_ref(), &Origin::default())?)
    }

    fn node(&mut self, found: &Found) -> Result<(), ImportError> {
        let subject = self.resource(&found.key)?;
        for name in &found.labels {
            let Some(label) = self.map.labels.get(name) else {
                if *name == self.map.default_label {
                    continue;
                }
                return Err(self.content(format!("the map does not know the label `{name}`")));
            };
            let class = self.iri(&label.iri)?;
            let graph = self.graph(label.graph.as_deref())?;
            self.push(&subject, rdf::TYPE.into_owned(), class, graph)?;
        }
        self.properties(&subject, &found.properties)
    }

    /// The statements that properties stand for.
    fn properties(
        &mut self,
        subject: &NamedOrBlankNode,
        properties: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), ImportError> {
        for (name, natives) in properties {
            let Some(property) = self.map.properties.get(name) else {
                return Err(self.content(format!("the map does not know the property `{name}`")));
            };
            // Lexical forms come with the values that they belong to, where there are any.
            let of = property.lexical_forms_of.as_ref();
            if of.is_some_and(|of| properties.contains_key(of)) {
                continue;
            }
            let form = self.forms.get(name.as_str());
            let odd = form.and_then(|form| properties.get(*form));
            self.literals(subject, property, natives, odd)?;
        }
        Ok(())
    }

    /// The lexical forms of a property's values: those that are kept, and for values that none of those
    /// stands for the usual one.
    fn literals(
        &mut self,
        subject: &NamedOrBlankNode,
        property: &PropertyName,
        natives: &[String],
        odd: Option<&Vec<String>>,
    ) -> Result<(), ImportError> {
        let mut left = natives.to_vec();
        for lexical in odd.into_iter().flatten() {
            let native = property.kind.native(&property.datatype, lexical);
            if let Some(at) = native.and_then(|native| left.iter().position(|one| *one == native)) {
                left.remove(at);
            }
            self.literal(subject, property, lexical)?;
        }
        for native in left {
            let lexical = property.kind.lexical(&property.datatype, &native);
            self.literal(subject, property, &lexical)?;
        }
        Ok(())
    }

    fn literal(
        &mut self,
        subject: &NamedOrBlankNode,
        property: &PropertyName,
        lexical: &str,
    ) -> Result<(), ImportError> {
        let predicate = self.iri(&property.iri)?;
        let graph = self.graph(property.graph.as_deref())?;
        if property.datatype == RESOURCE {
            let object: Term = self.resource(lexical)?.into();
            return self.push(subject, predicate, object, graph);
        }
        let literal = match &property.language {
            Some(language) => {
                LanguageTag::parse(language.as_str())
                    .map_err(|_| self.content(format!("`{language}` is no language")))?;
                // As it is written: the other function puts it in small letters.
                Literal::new_language_tagged_literal_unchecked(lexical, language)
            }
            None => Literal::new_typed_literal(lexical, self.iri(&property.datatype)?),
        };
        self.push(subject, predicate, literal, graph)
    }

    fn relationship(
        &mut self,
        start: &str,
        end: &str,
        kind: &str,
        mut properties: BTreeMap<String, Vec<String>>,
    ) -> Result<(), ImportError> {
        let map = self.map;
        let Some(known) = map.relationships.get(kind) else {
            return Err(self.content(format!("the map does not know the type `{kind}`")));
        };
        let mut text = |name: &str| properties.remove(name).and_then(|mut one| one.pop());
        let (graph, key) = (text("graph"), text(&map.key));
        text("id");
        let iri = self.iri(&known.iri)?;
        let (start, end) = (self.resource(start)?, self.resource(end)?);
        let graph = self.graph(graph.as_deref())?;
        let Some(fold) = &known.fold else {
            return self.push(&start, iri, end, graph);
        };
        let Some(key) = key else {
            return Err(self.content(format!("`{}` is missing", map.key)));
        };
        let subject = self.resource(&key)?;
        let (from, to) = (self.iri(&fold.from)?, self.iri(&fold.to)?);
        self.push(&subject, rdf::TYPE.into_owned(), iri, graph.clone())?;
        self.push(&subject, from, start, graph.clone())?;
        self.push(&subject, to, end, graph)?;
        self.properties(&subject, &properties)
    }

    fn json_lines(&mut self, name: &str, mut open: Open<'_>) -> Result<(), ImportError> {
        let mut reader = self.open(name, &mut open)?;
        let mut line = String::new();
        loop {
            line.clear();
            self.line += 1;
            if reader
                .read_line(&mut line)
                .map_err(|error| self.io(error))?
                == 0
            {
                return Ok(());
            }
            let value: Value =
                serde_json::from_str(&line).map_err(|error| self.content(error.to_string()))?;
            match value["type"].as_str() {
                Some("node") => {
                    let found = self.json_node(&value)?;
                    self.node(&found)?;
                }
                Some("relationship") => {
                    let properties = self.json_properties(&value)?;
                    let start = self.text(&value["start"]["id"])?;
                    let end = self.text(&value["end"]["id"])?;
                    self.relationship(start, end, self.text(&value["label"])?, properties)?;
                }
                _ => return Err(self.content("neither a node nor a relationship")),
            }
        }
    }

    fn text<'v>(&self, value: &'v Value) -> Result<&'v str, ImportError> {
        let text = value.as_str();
        text.ok_or_else(|| self.content(format!("a string was expected, not {value}")))
    }

    fn json_node(&self, value: &Value) -> Result<Found, ImportError> {
        let labels = value["labels"].as_array().into_iter().flatten();
        let labels = labels.map(|label| self.text(label).map(str::to_owned));
        let mut properties = self.json_properties(value)?;
        properties.remove(&self.map.key);
        Ok(Found {
            key: self.text(&value["id"])?.to_owned(),
            labels: labels.collect::<Result<_, _>>()?,
            properties,
        })
    }

    fn json_properties(&self, value: &Value) -> Result<BTreeMap<String, Vec<String>>, ImportError> {
        let mut properties = BTreeMap::new();
        for (name, value) in value["properties"].as_object().into_iter().flatten() {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            let natives = values.iter().map(|value| self.native(value));
            properties.insert(name.clone(), natives.collect::<Result<_, _>>()?);
        }
        Ok(properties)
    }

    fn native(&self, value: &Value) -> Result<String, ImportError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(value) => Ok(value.to_string()),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Ok(whole.to_string()),
                (None, Some(number)) => Ok(super::value::double(number)),
                (None, None) => Err(self.content(format!("{number} is too large"))),
            },
            other => Err(self.content(format!("{other} is no value of a property"))),
        }
    }

    fn table(&mut self, name: &str, mut open: Open<'_>, nodes: bool) -> Result<(), ImportError> {
        let mut text = String::new();
        let mut reader = self.open(name, &mut open)?;
        let read = reader.read_to_string(&mut text);
        read.map_err(|error| self.io(error))?;
        let mut records = Records::new(&text);
        let head = match records.next() {
            Some(Ok(head)) => head,
            Some(Err(fault)) => return Err(self.fault(&fault)),
            None => return Err(self.content("there is no header")),
        };
        let mut columns = Vec::new();
        for cell in head {
            let cell = cell.unwrap_or_default();
            let (name, kind) = cell.rsplit_once(':').unwrap_or((&cell, "string"));
            columns.push((name.to_owned(), kind.to_owned()));
        }
        let delimiter = self.map.array_delimiter.unwrap_or(';');
        loop {
            self.line = records.line();
            let record = match records.next() {
                None => return Ok(()),
                Some(Err(fault)) => return Err(self.fault(&fault)),
                Some(Ok(record)) => record,
            };
            if record.len() != columns.len() {
                return Err(self.content("another number of cells than the header has"));
            }
            let mut found = Found {
                key: String::new(),
                labels: Vec::new(),
                properties: BTreeMap::new(),
            };
            let [mut start, mut end, mut kind] = [const { String::new() }; 3];
            for ((name, field), cell) in columns.iter().zip(record) {
                let Some(cell) = cell else { continue };
                match field.as_str() {
                    "ID" => found.key = cell,
                    "LABEL" => found.labels = cell.split(delimiter).map(str::to_owned).collect(),
                    "START_ID" => start = cell,
                    "END_ID" => end = cell,
                    "TYPE" => kind = cell,
                    _ => {
                        let values = if field.ends_with("[]") {
                            cell.split(delimiter).map(str::to_owned).collect()
                        } else {
                            vec![cell]
                        };
                        found.properties.insert(name.clone(), values);
                    }
                }
            }
            if nodes {
                self.node(&found)?;
            } else {
                self.relationship(&start, &end, &kind, found.properties)?;
            }
        }
    }
}
