//! Mapping documents in Turtle as statements with their places.
//!
//! In: the texts of one or more documents. Out: [`MappingGraph`], the statements of all in the order in
//! which they are written. What they say is `read`'s matter.
//!
//! Memory: the texts and their statements.

mod positions;

use super::model::Place;
use super::vocab::Property;
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::rdf::vocab::rdf;
use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term};
use positions::{Spot, Walked};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A mapping document.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its name, as the user would say it.
    pub name: String,
    /// Its IRI, which relative IRIs in it are resolved against.
    pub iri: String,
    /// Its text.
    pub text: String,
}

/// A statement of a document.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The subject.
    pub subject: NamedOrBlankNode,
    /// The predicate.
    pub predicate: NamedNode,
    /// What the predicate is in the vocabulary, if anything.
    pub property: Option<Property>,
    /// The object.
    pub object: Term,
    document: usize,
    spot: Spot,
}

/// A document without what the statements hold.
#[derive(Debug)]
struct Origin {
    name: Arc<str>,
    text: String,
    base: String,
    prefixes: Vec<(String, String)>,
    line_starts: Vec<usize>,
}

/// The statements of the documents that are read together.
#[derive(Debug)]
pub struct MappingGraph {
    origins: Vec<Origin>,
    statements: Vec<Statement>,
    // Numbers of statements, by their subject and by their object.
    by_subject: FxHashMap<NamedOrBlankNode, Vec<usize>>,
    by_object: FxHashMap<NamedOrBlankNode, Vec<usize>>,
}

impl MappingGraph {
    /// Parses the documents; blank nodes of two never meet, a statement that is there twice counts
    /// once.
    ///
    /// Nothing is given back where one of them is no Turtle, which is told as `rml::syntax` for each.
    pub fn parse(documents: &[Document], diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut graph = Self {
            origins: Vec::new(),
            statements: Vec::new(),
            by_subject: FxHashMap::default(),
            by_object: FxHashMap::default(),
        };
        let mut known = FxHashSet::default();
        let mut labels = Labels::default();
        let mut is_complete = true;
        for document in documents {
            match graph.add(document, &mut labels, &mut known) {
                Ok(()) => {}
                Err(diagnostic) => {
                    diagnostics.push(*diagnostic);
                    is_complete = false;
                }
            }
        }
        if !is_complete {
            return None;
        }
        for (number, statement) in graph.statements.iter().enumerate() {
            let subject = statement.subject.clone();
            graph.by_subject.entry(subject).or_default().push(number);
            if let Some(object) = node(&statement.object) {
                graph.by_object.entry(object).or_default().push(number);
            }
        }
        Some(graph)
    }

    fn add(
        &mut self,
        document: &Document,
        labels: &mut Labels,
        known: &mut FxHashSet<(NamedOrBlankNode, NamedNode, Term)>,
    ) -> Result<(), Box<Diagnostic>> {
        let Document { name, iri, text } = document;
        // What editors on some systems put in front is no part of the text.
        let skipped = text.len() - text.trim_start_matches('\u{feff}').len();
        let parser = RdfParser::from_format(RdfFormat::Turtle);
        let parser = parser.with_base_iri(iri).map_err(|error| {
            let location = Location::of_source(name);
            let message = format!("the IRI `{iri}` of the document is not valid: {error}");
            Box::new(Diagnostic::error("rml::syntax", message, location))
        })?;
        let mut parser = parser.for_slice(&text.as_bytes()[skipped..]);
        let mut triples = Vec::new();
        for triple in &mut parser {
            triples.push(triple.map_err(|error| {
                let range = error.location().map_or(0..0, |location| {
                    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
                    at(location.start.offset)..at(location.end.offset)
                });
                let range = range.start.saturating_add(skipped)..range.end.saturating_add(skipped);
                Box::new(syntax(name, text, range, &error.to_string()))
            })?);
        }
        let mut prefixes: Vec<_> = parser
            .prefixes()
            .map(|(prefix, iri)| (prefix.to_owned(), iri.to_owned()))
            .collect();
        prefixes.sort();
        let base = parser.base_iri().unwrap_or(iri).to_owned();
        let walked = positions::of_triples(&text[skipped..]);
        let walked = walked.filter(|walked| walked.spots.len() == triples.len());
        let walked = walked.unwrap_or_else(|| Walked {
            spots: vec![Spot::default(); triples.len()],
            order: (0..triples.len()).collect(),
        });
        let mut placed: Vec<_> = walked.order.into_iter().zip(triples).collect();
        placed.sort_by_key(|(number, _)| *number);
        let number = self.origins.len();
        labels.begin();
        for ((_, triple), spot) in placed.into_iter().zip(walked.spots) {
            let subject = match triple.subject {
                NamedOrBlankNode::BlankNode(node) => labels.rename(&node).into(),
                named @ NamedOrBlankNode::NamedNode(_) => named,
            };
            let object = match triple.object {
                Term::BlankNode(node) => labels.rename(&node).into(),
                Term::Literal(literal) => with_case(literal, &text[skipped..], &spot).into(),
                named @ Term::NamedNode(_) => named,
            };
            let predicate = triple.predicate;
            if !known.insert((subject.clone(), predicate.clone(), object.clone())) {
                continue;
            }
            let shift = |range: Range<usize>| {
                if range.is_empty() {
                    range
                } else {
                    range.start + skipped..range.end + skipped
                }
            };
            self.statements.push(Statement {
                property: Property::of(predicate.as_str()),
                subject,
                predicate,
                object,
                document: number,
                spot: Spot {
                    subject: shift(spot.subject),
                    predicate: shift(spot.predicate),
                    object: shift(spot.object),
                },
            });
        }
        let line_starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        self.origins.push(Origin {
            name: name.as_str().into(),
            line_starts: std::iter::once(0).chain(line_starts).collect(),
            text: text.clone(),
            base,
            prefixes,
        });
        Ok(())
    }

    /// All statements, document by document, in the order in which their objects end.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The statements about a node, in order.
    pub fn about<'g>(
        &'g self,
        node: &NamedOrBlankNode,
    ) -> impl Iterator<Item = &'g Statement> + use<'g> {
        let numbers = self.by_subject.get(node).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| &self.statements[*number])
    }

    /// The statements that lead to a node, in order.
    pub fn leading_to<'g>(
        &'g self,
        node: &NamedOrBlankNode,
    ) -> impl Iterator<Item = &'g Statement> + use<'g> {
        let numbers = self.by_object.get(node).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| &self.statements[*number])
    }

    /// The statements about a node with a property, in order.
    pub fn values<'g>(
        &'g self,
        node: &NamedOrBlankNode,
        property: Property,
    ) -> impl Iterator<Item = &'g Statement> + use<'g> {
        self.about(node)
            .filter(move |statement| statement.property == Some(property))
    }

    /// Whether a node has a property.
    pub fn has(&self, node: &NamedOrBlankNode, property: Property) -> bool {
        self.values(node, property).next().is_some()
    }

    /// Whether anything is said about a node.
    pub fn is_described(&self, node: &NamedOrBlankNode) -> bool {
        self.by_subject.contains_key(node)
    }

    /// The classes of a node.
    pub fn classes<'g>(
        &'g self,
        node: &NamedOrBlankNode,
    ) -> impl Iterator<Item = &'g NamedNode> + use<'g> {
        self.about(node)
            .filter(|statement| statement.predicate == rdf::TYPE)
            .filter_map(|statement| match &statement.object {
                Term::NamedNode(class) => Some(class),
                _ => None,
            })
    }

    /// The statements that hold the members of a list, in order; nothing where it is none, or none
    /// that ends.
    pub fn list(&self, head: &Term) -> Option<Vec<&Statement>> {
        let mut members = Vec::new();
        let mut seen = FxHashSet::default();
        let mut at = node(head)?;
        while at != NamedOrBlankNode::from(rdf::NIL.into_owned()) {
            if !seen.insert(at.clone()) {
                return None;
            }
            let with = |predicate| {
                let mut found = self
                    .about(&at)
                    .filter(move |found| found.predicate == predicate);
                found.next().filter(|_| found.next().is_none())
            };
            members.push(with(rdf::FIRST)?);
            at = node(&with(rdf::REST)?.object)?;
        }
        Some(members)
    }

    /// The place of what a statement says: its object, or its predicate where the object is a node in
    /// brackets or a list.
    pub fn place(&self, statement: &Statement) -> Place {
        let text = &self.origins[statement.document].text;
        let object = &statement.spot.object;
        let is_bracket = matches!(text.get(object.clone()), Some("[" | "("));
        let bytes = if is_bracket {
            statement.spot.predicate.clone()
        } else {
            object.clone()
        };
        self.place_of(statement, bytes)
    }

    /// The first document as a whole.
    pub fn beginning(&self) -> Place {
        Place {
            document: self
                .origins
                .first()
                .map_or_else(Default::default, |origin| Arc::clone(&origin.name)),
            ..Place::default()
        }
    }

    /// The place of the predicate of a statement.
    pub fn predicate_place(&self, statement: &Statement) -> Place {
        self.place_of(statement, statement.spot.predicate.clone())
    }

    /// The place of a node: where it is first described, or in brackets what leads to it.
    pub fn node_place(&self, node: &NamedOrBlankNode) -> Place {
        let described = self.about(node).next();
        let first = self.leading_to(node).next();
        if let Some(statement) = described {
            let text = &self.origins[statement.document].text;
            let subject = statement.spot.subject.clone();
            let is_bracket = matches!(text.get(subject.clone()), Some("[" | "("));
            if let Some(first) = first.filter(|_| is_bracket) {
                return self.place(first);
            }
            let mut place = self.place_of(statement, subject);
            place.element = self.show_node(node);
            return place;
        }
        first.map_or_else(Place::default, |statement| self.place(statement))
    }

    fn place_of(&self, statement: &Statement, bytes: Range<usize>) -> Place {
        let origin = &self.origins[statement.document];
        let predicate = self.show_in(origin, statement.predicate.as_str());
        let element = match &statement.subject {
            NamedOrBlankNode::NamedNode(subject) => {
                format!("{} {predicate}", self.show_in(origin, subject.as_str()))
            }
            NamedOrBlankNode::BlankNode(_) => predicate,
        };
        // A document without positions has empty ranges.
        let is_known = !bytes.is_empty();
        let line = origin
            .line_starts
            .partition_point(|start| *start <= bytes.start);
        Place {
            document: Arc::clone(&origin.name),
            line: if is_known { line as u64 } else { 0 },
            column: if is_known {
                origin.column(bytes.start)
            } else {
                0
            },
            bytes: if is_known { bytes } else { 0..0 },
            element,
        }
    }

    /// An IRI as a document would write it: with a prefix, relative or in full.
    pub fn show(&self, iri: &str) -> String {
        self.origins
            .iter()
            .map(|origin| self.show_in(origin, iri))
            .find(|shown| shown.len() < iri.len() + 2)
            .unwrap_or_else(|| format!("<{iri}>"))
    }

    /// A node as a document would write it.
    pub fn show_node(&self, node: &NamedOrBlankNode) -> String {
        match node {
            NamedOrBlankNode::NamedNode(node) => self.show(node.as_str()),
            NamedOrBlankNode::BlankNode(node) => node.to_string(),
        }
    }

    #[expect(clippy::unused_self, reason = "a method beside `show`")]
    fn show_in(&self, origin: &Origin, iri: &str) -> String {
        let longest = origin
            .prefixes
            .iter()
            .filter(|(_, namespace)| !namespace.is_empty())
            .filter_map(|(prefix, namespace)| Some((prefix, iri.strip_prefix(&**namespace)?)))
            .filter(|(_, local)| {
                let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
                !local.is_empty() && local.chars().all(is_plain)
            })
            .min_by_key(|(_, local)| local.len());
        if let Some((prefix, local)) = longest {
            return format!("{prefix}:{local}");
        }
        let base = origin.base.split('#').next().unwrap_or_default();
        let folder = base.rfind('/').map_or(base, |at| &base[..=at]);
        let relative = iri
            .strip_prefix(base)
            .filter(|rest| rest.starts_with('#'))
            .or_else(|| iri.strip_prefix(folder))
            .filter(|rest| !rest.is_empty() && folder.len() > "https://".len());
        format!("<{}>", relative.unwrap_or(iri))
    }

    /// The prefixes of all documents; where two say the same, the first holds.
    pub fn prefixes(&self) -> Vec<(String, String)> {
        let mut prefixes = BTreeMap::new();
        for (prefix, iri) in self.origins.iter().flat_map(|origin| &origin.prefixes) {
            prefixes
                .entry(prefix.clone())
                .or_insert_with(|| iri.clone());
        }
        prefixes.into_iter().collect()
    }

    /// The text of a statement's object as it is written, such as a quoted string.
    pub fn written(&self, statement: &Statement) -> &str {
        let text = &self.origins[statement.document].text;
        text.get(statement.spot.object.clone()).unwrap_or_default()
    }
}

impl Origin {
    fn column(&self, at: usize) -> u64 {
        let start = self.text.get(..at).and_then(|before| before.rfind('\n'));
        let line = self.text.get(start.map_or(0, |start| start + 1)..at);
        line.map_or(0, |line| line.chars().count() as u64 + 1)
    }
}

// The parser writes language tags in small letters; the mapping is kept to the letter.
fn with_case(literal: Literal, text: &str, spot: &Spot) -> Literal {
    let written = text.get(spot.object.clone()).unwrap_or_default();
    let written = written.rsplit_once('@').map(|(_, tag)| tag);
    match (literal.language(), written) {
        (Some(tag), Some(written)) if tag.eq_ignore_ascii_case(written) => {
            Literal::new_language_tagged_literal_unchecked(literal.value(), written)
        }
        _ => literal,
    }
}

/// The node that a term is, if it is one.
pub fn node(term: &Term) -> Option<NamedOrBlankNode> {
    match term {
        Term::NamedNode(node) => Some(node.clone().into()),
        Term::BlankNode(node) => Some(node.clone().into()),
        Term::Literal(_) => None,
    }
}

/// A literal's text.
pub fn text(term: &Term) -> Option<&str> {
    match term {
        Term::Literal(literal) => Some(Literal::value(literal)),
        _ => None,
    }
}

fn syntax(name: &str, text: &str, range: Range<usize>, error: &str) -> Diagnostic {
    // The parser's message names the position too.
    let message = error
        .split_once(": ")
        .filter(|(head, _)| head.starts_with("Parser error"))
        .map_or(error, |(_, message)| message);
    let location = Location::in_text(name, text, range);
    let message = format!("the mapping is not valid Turtle: {message}");
    Diagnostic::error("rml::syntax", message, location)
}

// Names of blank nodes: labels are kept where no other document has them, what has none is numbered.
#[derive(Default)]
struct Labels {
    taken: FxHashSet<String>,
    given: FxHashMap<BlankNode, BlankNode>,
    numbered: usize,
}

impl Labels {
    fn begin(&mut self) {
        self.given.clear();
    }

    fn rename(&mut self, node: &BlankNode) -> BlankNode {
        if let Some(given) = self.given.get(node) {
            return given.clone();
        }
        // The parser gives random numbers of 128 bits to what has no label.
        let is_random = node.as_ref().unique_id().is_some() && node.as_str().len() > 24;
        let label = Some(node.as_str().to_owned()).filter(|_| !is_random);
        let label = label
            .filter(|label| !self.taken.contains(label))
            .unwrap_or_else(|| {
                loop {
                    self.numbered += 1;
                    let label = format!("b{}", self.numbered);
                    if !self.taken.contains(&label) {
                        break label;
                    }
                }
            });
        self.taken.insert(label.clone());
        let given = BlankNode::new_unchecked(label);
        self.given.insert(node.clone(), given.clone());
        given
    }
}

#[cfg(test)]
mod tests;
