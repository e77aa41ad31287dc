//! From the statements of mapping documents to a [`Mapping`].
//!
//! In: a [`MappingGraph`]. Out: what it says, in the order in which it says it, and diagnostics that
//! point into the documents. Columns are not looked up and functions not resolved: that needs the
//! sources and is done when the mapping is lowered.
//!
//! `triples_map` reads triples maps, `term` term maps, `expression` what they are made of, `call` functions, `source` logical
//! sources, `view` logical views, `target` logical targets; `unknown` looks for misspelt names.

mod call;
mod expression;
mod source;
mod target;
mod term;
mod triples_map;
mod unknown;
mod view;

use super::graph::{MappingGraph, Statement, node};
use super::model::{At, Mapping, Place, Vocabulary};
use super::vocab::{self, Property};
use crate::diagnostic::{Diagnostic, Diagnostics};
use oxrdf::{NamedOrBlankNode, Term};
use rustc_hash::FxHashMap;
pub(in crate::mapping::rml) use term::check_language;

/// How deep maps may stand in maps.
const DEPTH: usize = 100;

/// How many expressions there may be once those that are used several times are written out.
const EXPRESSIONS: usize = 100_000;

/// Reads what the documents say.
///
/// Properties and classes that the vocabularies do not have are warned about and passed over. Nothing
/// is given back where there were errors, all of which are in `diagnostics`.
///
/// Memory: the mapping.
///
/// Spec: RML-Core §3.2, §6
pub fn read(graph: &MappingGraph, diagnostics: &mut Diagnostics) -> Option<Mapping> {
    let errors = diagnostics.errors();
    let mut reader = Reader {
        graph,
        diagnostics,
        mapping: Mapping {
            prefixes: graph.prefixes(),
            ..Mapping::default()
        },
        maps: FxHashMap::default(),
        sources: FxHashMap::default(),
        targets: FxHashMap::default(),
        open: Vec::new(),
        lists: 0,
        expressions: 0,
        source: None,
        is_join: false,
    };
    reader.warn_of_unknown();
    reader.triples_maps();
    let mapping = reader.mapping;
    (diagnostics.errors() == errors).then_some(mapping)
}

/// What is told of a node that is read more than once.
type Memo = FxHashMap<NamedOrBlankNode, Read<usize>>;

/// A part that could be read, or the mark that what is wrong with it has been told.
type Read<T> = Result<T, Told>;

/// That a fault has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told;

struct Reader<'g, 'd> {
    graph: &'g MappingGraph,
    diagnostics: &'d mut Diagnostics,
    mapping: Mapping,
    /// The numbers of the triples maps.
    maps: FxHashMap<NamedOrBlankNode, usize>,
    /// The numbers of logical sources that have been read.
    sources: Memo,
    /// The numbers of logical targets.
    targets: Memo,
    /// The nodes that are being read, to find cycles.
    open: Vec<NamedOrBlankNode>,
    /// How many lists are being read in one another.
    lists: usize,
    /// How many expressions have been read.
    expressions: usize,
    /// The source of the triples map that is being read.
    source: Option<usize>,
    /// Whether what is read is a condition on the rows of two sources.
    is_join: bool,
}

/// An error at a place.
fn fault(code: &'static str, message: impl Into<String>, place: &Place) -> Diagnostic {
    Diagnostic::error(code, message, place.location())
}

impl<'g> Reader<'g, '_> {
    /// Tells a fault; nothing can be made of what has it.
    fn fail<T>(&mut self, diagnostic: Diagnostic) -> Read<T> {
        self.diagnostics.push(diagnostic);
        Err(Told)
    }

    /// Reads a node, unless it is being read already.
    fn enter<T>(
        &mut self,
        node: &NamedOrBlankNode,
        place: &Place,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<T> {
        if self.open.contains(node) {
            let message = format!("{} leads back to itself", self.graph.show_node(node));
            return self.fail(fault("rml::cycle", message, place));
        }
        if self.open.len() >= DEPTH {
            let message = format!("more than {DEPTH} maps stand in one another");
            return self.fail(fault("rml::too-deep", message, place));
        }
        self.open.push(node.clone());
        let read = read(self);
        self.open.pop();
        read
    }

    /// The node that a statement leads to and that is described somewhere.
    fn described(&mut self, statement: &Statement, what: &str) -> Read<NamedOrBlankNode> {
        let place = self.graph.place(statement);
        let property = self.graph.show(statement.predicate.as_str());
        let Some(node) = node(&statement.object) else {
            let message = format!(
                "{property} leads to the literal {}, where {what} belongs",
                statement.object
            );
            return self.fail(fault("rml::not-a-node", message, &place));
        };
        if self.graph.is_described(&node) {
            return Ok(node);
        }
        let shown = self.graph.show_node(&node);
        let message = format!("nothing is said of {shown}, to which {property} leads");
        let shortcut = match statement.property {
            Some(Property::SubjectMap) => Some("subject"),
            Some(Property::PredicateMap) => Some("predicate"),
            Some(Property::ObjectMap) => Some("object"),
            Some(Property::GraphMap) => Some("graph"),
            Some(Property::DatatypeMap) => Some("datatype"),
            Some(Property::FunctionMap) => Some("function"),
            Some(Property::ParameterMap) => Some("parameter"),
            Some(Property::ReturnMap) => Some("return"),
            Some(Property::InputValueMap) => Some("inputValue"),
            _ => None,
        };
        let help = shortcut.map_or_else(
            || format!("{what} belongs there: is the name right, and are all documents given?"),
            |name| format!("where {shown} itself is meant, the property is `{name}`"),
        );
        self.fail(fault("rml::undefined-node", message, &place).with_help(help))
    }

    /// The only statement with a property, or nothing.
    fn at_most_one(
        &mut self,
        node: &NamedOrBlankNode,
        property: Property,
    ) -> Read<Option<&'g Statement>> {
        let mut values = self.graph.values(node, property);
        let first = values.next();
        if let Some(second) = values.next() {
            let place = self.graph.place(second);
            let shown = self.graph.show(second.predicate.as_str());
            let message = format!("{shown} is there more than once");
            return self.fail(fault("rml::several-values", message, &place));
        }
        Ok(first)
    }

    /// The statements with one of two properties, in order.
    fn either(
        &self,
        node: &NamedOrBlankNode,
        properties: [Property; 2],
    ) -> impl Iterator<Item = &'g Statement> + use<'g> {
        let is_wanted = move |property| properties.contains(&property);
        self.graph
            .about(node)
            .filter(move |statement| statement.property.is_some_and(is_wanted))
    }

    /// An IRI, or a text that stands for one.
    fn iri_text(&mut self, statement: &Statement) -> Read<At<String>> {
        let place = self.graph.place(statement);
        let value = match &statement.object {
            Term::NamedNode(node) => node.as_str().to_owned(),
            Term::Literal(literal) => literal.value().to_owned(),
            Term::BlankNode(_) => {
                let shown = self.graph.show(statement.predicate.as_str());
                let message = format!("{shown} has a blank node, where an IRI belongs");
                return self.fail(fault("rml::not-an-iri", message, &place));
            }
        };
        Ok(At { value, place })
    }

    /// A text.
    fn text(&mut self, statement: &Statement) -> Read<At<String>> {
        let place = self.graph.place(statement);
        if let Some(text) = super::graph::text(&statement.object) {
            return Ok(At {
                value: text.to_owned(),
                place,
            });
        }
        let shown = self.graph.show(statement.predicate.as_str());
        let message = format!("{shown} has {}, where a text belongs", statement.object);
        self.fail(fault("rml::not-a-literal", message, &place))
    }
}

fn vocabulary(statement: Option<&Statement>) -> Vocabulary {
    let is_new = statement.is_none_or(|found| found.predicate.as_str().starts_with(vocab::RML));
    if is_new {
        Vocabulary::Rml
    } else {
        Vocabulary::Legacy
    }
}

fn name_of(node: &NamedOrBlankNode) -> String {
    match node {
        NamedOrBlankNode::NamedNode(node) => node.as_str().to_owned(),
        NamedOrBlankNode::BlankNode(node) => node.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests;
