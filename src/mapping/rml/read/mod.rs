//! From the statements of mapping documents to a [`Mapping`].
//!
//! In: a [`MappingGraph`]. Out: what it says, in the order in which it says it, and diagnostics that
//! point into the documents. Columns are not looked up and functions not resolved: that needs the
//! sources and is done when the mapping is lowered.
//!
//! `term` reads term maps, `expression` what they are made of, `call` functions, `source` logical
//! sources, `view` logical views, `target` logical targets; `unknown` looks for misspelt names.

mod call;
mod expression;
mod source;
mod target;
mod term;
mod unknown;
mod view;

use super::graph::{MappingGraph, Statement, node};
use super::model::{
    At, Expression, Mapping, ObjectMap, Place, PredicateObjectMap, Rows, SubjectMap, TermMap,
    TermValue, TriplesMap, Vocabulary,
};
use super::model::{JoinCondition, LogicalSource, ReferencingObjectMap};
use super::vocab::{self, Property};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use oxrdf::{NamedOrBlankNode, Term};
use rustc_hash::{FxHashMap, FxHashSet};
use term::Position;
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

    fn triples_maps(&mut self) {
        let nodes = self.triples_map_nodes();
        if nodes.is_empty() {
            let place = self.graph.statements().first();
            let place = place.map(|found| self.graph.predicate_place(found));
            let message = "the mapping has no triples map";
            let help = self.other_namespace().unwrap_or_else(|| {
                let text = "a triples map has an `rml:logicalSource`, an `rml:subjectMap` and any number of `rml:predicateObjectMap`";
                text.to_owned()
            });
            let diagnostic = fault("rml::no-triples-map", message, &place.unwrap_or_default());
            self.diagnostics.push(diagnostic.with_help(help));
            return;
        }
        for (number, node) in nodes.iter().enumerate() {
            self.maps.insert(node.clone(), number);
        }
        for node in &nodes {
            if let Ok(map) = self.triples_map(node) {
                self.mapping.triples_maps.push(map);
            }
        }
    }

    // Whether triples maps are described in a namespace that is nearly right.
    fn other_namespace(&self) -> Option<String> {
        self.graph.statements().iter().find_map(|statement| {
            let iri = statement.predicate.as_str();
            let (namespace, local) = iri.split_at(iri.rfind(['#', '/'])? + 1);
            let is_meant = matches!(local, "subjectMap" | "logicalSource" | "predicateObjectMap");
            is_meant.then(|| {
                let known =
                    [vocab::RML, vocab::RR, vocab::OLD_RML].map(|known| format!("<{known}>"));
                format!(
                    "<{namespace}> is no namespace of RML, these are: {}",
                    known.join(", ")
                )
            })
        })
    }

    // What is typed as a triples map, and what has the properties of one; function executions of the
    // older vocabulary have some of these too.
    fn triples_map_nodes(&self) -> Vec<NamedOrBlankNode> {
        let mut seen = FxHashSet::default();
        let mut nodes = Vec::new();
        for statement in self.graph.statements() {
            let marks = match statement.property {
                Some(
                    Property::SubjectMap
                    | Property::Subject
                    | Property::PredicateObjectMap
                    | Property::LogicalSource,
                ) => true,
                _ => {
                    statement.predicate == crate::rdf::vocab::rdf::TYPE
                        && triples_map_class(&statement.object).is_some()
                }
            };
            if marks && !self.is_execution(&statement.subject) && seen.insert(&statement.subject) {
                nodes.push(statement.subject.clone());
            }
        }
        nodes
    }

    fn is_execution(&self, node: &NamedOrBlankNode) -> bool {
        self.graph
            .leading_to(node)
            .any(|statement| statement.property == Some(Property::FunctionExecution))
    }

    fn triples_map(&mut self, node: &NamedOrBlankNode) -> Read<TriplesMap> {
        let graph = self.graph;
        let place = graph.node_place(node);
        let is_asserted = self.is_asserted(node)?;
        let source = self.logical_source_of(node);
        let subject = self.subject_map(node, &place);
        let base = self.base_iri(node);
        let mut predicate_objects = Vec::new();
        for statement in graph.values(node, Property::PredicateObjectMap) {
            predicate_objects.push(self.predicate_object_map(statement));
        }
        // All parts have been read, so that all faults are told.
        let (source, base) = (source?, base?);
        let mut subject = subject?;
        subject.term.conditions.extend(self.conditions(node)?);
        let predicate_objects = predicate_objects.into_iter().collect::<Read<Vec<_>>>()?;
        let vocabulary = self.vocabulary_of(node);
        let source = match source {
            Some(source) => source,
            None if is_constant(&subject, &predicate_objects) => {
                self.single(node, vocabulary, &place)
            }
            None => {
                let message = format!("{} has no logical source", graph.show_node(node));
                let help = "add `rml:logicalSource [ rml:source \"table.csv\" ; rml:referenceFormulation rml:CSV ]`";
                let diagnostic = fault("rml::missing-logical-source", message, &place);
                return self.fail(diagnostic.with_help(help));
            }
        };
        Ok(TriplesMap {
            name: name_of(node),
            vocabulary,
            source,
            base,
            subject,
            predicate_objects,
            is_asserted,
            place,
        })
    }

    fn vocabulary_of(&self, node: &NamedOrBlankNode) -> Vocabulary {
        let source = self.graph.values(node, Property::LogicalSource).next();
        let statement = source.or_else(|| {
            let mut all = self.graph.about(node);
            all.find(|statement| statement.property.is_some())
        });
        vocabulary(statement)
    }

    fn is_asserted(&mut self, node: &NamedOrBlankNode) -> Read<bool> {
        let (mut asserted, mut only_quoted) = (false, false);
        for statement in self.graph.about(node) {
            if statement.predicate != crate::rdf::vocab::rdf::TYPE {
                continue;
            }
            match triples_map_class(&statement.object) {
                Some("AssertedTriplesMap") => asserted = true,
                Some("NonAssertedTriplesMap") => only_quoted = true,
                _ => {}
            }
            if asserted && only_quoted {
                let place = self.graph.place(statement);
                let shown = self.graph.show_node(node);
                let message = format!(
                    "{shown} is an rml:AssertedTriplesMap and an rml:NonAssertedTriplesMap at once"
                );
                return self.fail(fault("rml::asserted-and-non-asserted", message, &place));
            }
        }
        Ok(!only_quoted)
    }

    fn base_iri(&mut self, node: &NamedOrBlankNode) -> Read<Option<String>> {
        match self.at_most_one(node, Property::BaseIri)? {
            Some(statement) => Ok(Some(self.iri_text(statement)?.value)),
            None => Ok(None),
        }
    }

    fn single(&mut self, node: &NamedOrBlankNode, vocabulary: Vocabulary, place: &Place) -> usize {
        self.mapping.sources.push(LogicalSource {
            name: name_of(node),
            vocabulary,
            rows: Rows::Single,
            place: place.clone(),
        });
        self.mapping.sources.len() - 1
    }

    fn subject_map(&mut self, node: &NamedOrBlankNode, place: &Place) -> Read<SubjectMap> {
        let graph = self.graph;
        let shown = graph.show_node(node);
        let mut statements = self.either(node, [Property::SubjectMap, Property::Subject]);
        let Some(statement) = statements.next() else {
            let message = format!("the triples map {shown} has no subject map");
            let help = "add `rml:subjectMap [ rml:template \"http://example.com/{id}\" ]` with a column of the table";
            return self.fail(fault("rml::missing-subject-map", message, place).with_help(help));
        };
        if let Some(second) = statements.next() {
            let place = graph.place(second);
            let message = format!("the triples map {shown} has several subject maps");
            let help = "subjects of two kinds need two triples maps";
            return self.fail(fault("rml::several-subject-maps", message, &place).with_help(help));
        }
        let term = self.term_of(statement, Position::Subject)?;
        let mut classes = Vec::new();
        let mut graphs = Vec::new();
        if let Some(map) = super::graph::node(&statement.object)
            .filter(|_| statement.property == Some(Property::SubjectMap))
        {
            for statement in graph.values(&map, Property::Class) {
                classes.push(self.class(statement)?);
            }
            graphs = self.graphs(&map)?;
        }
        Ok(SubjectMap {
            term,
            classes,
            graphs,
        })
    }

    fn class(&mut self, statement: &Statement) -> Read<At<oxrdf::NamedNode>> {
        let place = self.graph.place(statement);
        if let Term::NamedNode(class) = &statement.object {
            return Ok(At {
                value: class.clone(),
                place,
            });
        }
        let shown = self.graph.show(statement.predicate.as_str());
        let message = format!("{shown} has {}, where an IRI belongs", statement.object);
        let help = "a class that depends on the row is an object of `rdf:type` in an `rml:predicateObjectMap`";
        self.fail(fault("rml::not-an-iri", message, &place).with_help(help))
    }

    fn graphs(&mut self, node: &NamedOrBlankNode) -> Read<Vec<TermMap>> {
        self.either(node, [Property::GraphMap, Property::Graph])
            .map(|statement| self.term_of(statement, Position::Graph))
            .collect()
    }

    fn predicate_object_map(&mut self, statement: &Statement) -> Read<PredicateObjectMap> {
        let node = self.described(statement, "a predicate-object map")?;
        let graph = self.graph;
        let place = graph.place(statement);
        if let Some(quoted) = graph.values(&node, Property::QuotedTriplesMap).next() {
            let message = "rml:quotedTriplesMap stands in a predicate-object map";
            let help = "quoted triples are subjects or objects: write `rml:objectMap [ rml:quotedTriplesMap … ]`";
            let diagnostic = fault(
                "rml::quoted-position",
                message,
                &graph.predicate_place(quoted),
            );
            return self.fail(diagnostic.with_help(help));
        }
        let predicates: Vec<_> = self
            .either(&node, [Property::PredicateMap, Property::Predicate])
            .map(|statement| self.term_of(statement, Position::Predicate))
            .collect();
        let objects: Vec<_> = self
            .either(&node, [Property::ObjectMap, Property::Object])
            .map(|statement| self.object_map(statement))
            .collect();
        let graphs = self.graphs(&node);
        let conditions = self.conditions(&node);
        for (is_missing, code, what, property) in [
            (
                predicates.is_empty(),
                "rml::missing-predicate",
                "predicate",
                "rml:predicate",
            ),
            (
                objects.is_empty(),
                "rml::missing-object",
                "object",
                "rml:objectMap",
            ),
        ] {
            if is_missing {
                let message = format!("the predicate-object map has no {what}");
                let help = format!("add `{property}`");
                return self.fail(fault(code, message, &place).with_help(help));
            }
        }
        Ok(PredicateObjectMap {
            predicates: predicates.into_iter().collect::<Read<_>>()?,
            objects: objects.into_iter().collect::<Read<_>>()?,
            graphs: graphs?,
            conditions: conditions?,
            place,
        })
    }

    fn object_map(&mut self, statement: &Statement) -> Read<ObjectMap> {
        let map = node(&statement.object).filter(|node| {
            statement.property != Some(Property::Object)
                && self.graph.has(node, Property::ParentTriplesMap)
        });
        match map {
            Some(node) => {
                let place = self.graph.place(statement);
                self.referencing(&node, place).map(ObjectMap::Reference)
            }
            None => self
                .term_of(statement, Position::Object)
                .map(ObjectMap::Term),
        }
    }

    fn referencing(&mut self, node: &NamedOrBlankNode, place: Place) -> Read<ReferencingObjectMap> {
        if let Some(statement) = self.expression_statements(node).first() {
            let shown = self.graph.show(statement.predicate.as_str());
            let message = format!("{shown} stands beside rml:parentTriplesMap");
            let help = "an object is either made of the row or the subject of another triples map";
            let place = self.graph.predicate_place(statement);
            return self.fail(fault("rml::several-expressions", message, &place).with_help(help));
        }
        let Some(statement) = self.at_most_one(node, Property::ParentTriplesMap)? else {
            return self.fail_without_expression(&place);
        };
        Ok(ReferencingObjectMap {
            parent: self.triples_map_number(statement)?,
            joins: self.joins(node)?,
            conditions: self.conditions(node)?,
            targets: self.targets_of(node)?,
            place,
        })
    }

    /// The number of the triples map that a statement leads to.
    fn triples_map_number(&mut self, statement: &Statement) -> Read<usize> {
        let found = node(&statement.object).and_then(|node| self.maps.get(&node).copied());
        if let Some(number) = found {
            return Ok(number);
        }
        let graph = self.graph;
        let place = graph.place(statement);
        let property = graph.show(statement.predicate.as_str());
        let shown = match node(&statement.object) {
            Some(node) => graph.show_node(&node),
            None => statement.object.to_string(),
        };
        let message = format!("{property} leads to {shown}, which is no triples map");
        let mut names: Vec<_> = self.maps.iter().collect();
        names.sort_by_key(|(_, number)| **number);
        let names: Vec<_> = names
            .iter()
            .map(|(node, _)| graph.show_node(node))
            .collect();
        let near = nearest(&shown, names.iter().map(String::as_str));
        let diagnostic = fault("rml::unknown-triples-map", message, &place);
        self.fail(match near {
            Some(near) => diagnostic.with_help(format!("is {near} meant?")),
            None => diagnostic,
        })
    }

    fn joins(&mut self, node: &NamedOrBlankNode) -> Read<Vec<JoinCondition>> {
        let statements = self.graph.values(node, Property::JoinCondition);
        statements.map(|statement| self.join(statement)).collect()
    }

    fn join(&mut self, statement: &Statement) -> Read<JoinCondition> {
        let node = self.described(statement, "a join condition")?;
        let place = self.graph.place(statement);
        let child = self.side(&node, Property::Child, Property::ChildMap, &place);
        let parent = self.side(&node, Property::Parent, Property::ParentMap, &place);
        Ok(JoinCondition {
            child: child?,
            parent: parent?,
            place,
        })
    }
}

/// The name of a class of triples maps.
fn triples_map_class(term: &Term) -> Option<&str> {
    let Term::NamedNode(class) = term else {
        return None;
    };
    let (_, local) = vocab::split(class.as_str())?;
    matches!(
        local,
        "TriplesMap" | "AssertedTriplesMap" | "NonAssertedTriplesMap"
    )
    .then_some(local)
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

// Whether terms need no row.
fn is_constant(subject: &SubjectMap, predicate_objects: &[PredicateObjectMap]) -> bool {
    fn is_constant(term: &TermMap) -> bool {
        let value = match &term.value {
            TermValue::Expression(map) => matches!(map.expression, Expression::Constant(_)),
            TermValue::Fresh => true,
            TermValue::Quoted { .. } | TermValue::Gather(_) => false,
        };
        let others = [&term.datatype, &term.language];
        value
            && term.conditions.is_empty()
            && others.into_iter().flatten().all(|map| is_constant(map))
    }
    let is_constant_object = |object: &ObjectMap| match object {
        ObjectMap::Term(term) => is_constant(term),
        ObjectMap::Reference(_) => false,
    };
    is_constant(&subject.term)
        && subject.graphs.iter().all(is_constant)
        && predicate_objects.iter().all(|map| {
            map.conditions.is_empty()
                && map.predicates.iter().all(is_constant)
                && map.graphs.iter().all(is_constant)
                && map.objects.iter().all(is_constant_object)
        })
}

#[cfg(test)]
mod tests;
