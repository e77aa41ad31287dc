//! Triples maps, subject maps, predicate-object maps and referencing object maps.
//!
//! Spec: RML-Core §6, §9

use super::expression::{is_of_side, set_side};
use super::term::Position;
use super::{Read, Reader, fault, name_of, vocabulary};
use crate::diagnostic::nearest;
use crate::mapping::rml::graph::{Statement, node};
use crate::mapping::rml::model::{
    At, Expression, ExpressionMap, JoinCondition, LogicalSource, ObjectMap, Place,
    PredicateObjectMap, ReferencingObjectMap, Rows, Side, SubjectMap, TermMap, TermValue,
    TriplesMap, Vocabulary,
};
use crate::mapping::rml::vocab::{self, Property};
use crate::rdf::vocab::rdf;
use oxrdf::{NamedOrBlankNode, Term};
use rustc_hash::FxHashSet;

impl Reader<'_, '_> {
    pub(super) fn triples_maps(&mut self) {
        let nodes = self.triples_map_nodes();
        if nodes.is_empty() {
            let place = self.graph.statements().first();
            let place = place.map_or_else(
                || self.graph.beginning(),
                |found| self.graph.predicate_place(found),
            );
            let message = "the mapping has no triples map";
            let help = self.other_namespace().unwrap_or_else(|| {
                let text = "a triples map has an `rml:logicalSource`, an `rml:subjectMap` and any number of `rml:predicateObjectMap`";
                text.to_owned()
            });
            let diagnostic = fault("rml::no-triples-map", message, &place);
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
                    statement.predicate == rdf::TYPE
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
        self.source = source.ok().flatten();
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
            if statement.predicate != rdf::TYPE {
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

    fn subject_map(&mut self, map: &NamedOrBlankNode, place: &Place) -> Read<SubjectMap> {
        let graph = self.graph;
        let shown = graph.show_node(map);
        let mut statements = self.either(map, [Property::SubjectMap, Property::Subject]);
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
        if let Some(inner) =
            node(&statement.object).filter(|_| statement.property == Some(Property::SubjectMap))
        {
            for statement in graph.values(&inner, Property::Class) {
                classes.push(self.class(statement)?);
            }
            graphs = self.graphs(&inner)?;
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

    pub(super) fn referencing(
        &mut self,
        node: &NamedOrBlankNode,
        place: Place,
    ) -> Read<ReferencingObjectMap> {
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
        let parent = self.triples_map_number(statement)?;
        let (mut joins, mut conditions) = (Vec::new(), self.conditions(node)?);
        for statement in self.graph.values(node, Property::JoinCondition) {
            if !self.is_function(statement) {
                joins.push(self.join(statement)?);
                continue;
            }
            let was_join = std::mem::replace(&mut self.is_join, true);
            let condition = self.expression_of(statement);
            self.is_join = was_join;
            let condition = condition?;
            match as_join(&condition) {
                Some(join) => joins.push(join),
                None => conditions.push(condition),
            }
        }
        Ok(ReferencingObjectMap {
            parent,
            joins,
            conditions,
            targets: self.targets_of(node)?,
            place,
        })
    }

    /// The number of the triples map that a statement leads to.
    pub(super) fn triples_map_number(&mut self, statement: &Statement) -> Read<usize> {
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

    // Whether a join condition is a function of both rows.
    fn is_function(&self, statement: &Statement) -> bool {
        let is_function = |node: NamedOrBlankNode| {
            self.graph.has(&node, Property::FunctionExecution)
                || self.graph.has(&node, Property::Function)
        };
        node(&statement.object).is_some_and(is_function)
    }

    pub(super) fn joins(&mut self, node: &NamedOrBlankNode) -> Read<Vec<JoinCondition>> {
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

/// The functions that are true of texts that are alike.
const EQUAL: &[&str] = &[
    "https://w3id.org/imec/idlab/function#equal",
    "http://example.com/idlab/function/equal",
];

/// A function of a join as a join condition, where it only compares a value of each row, so that not
/// each row has to be held against each.
fn as_join(condition: &ExpressionMap) -> Option<JoinCondition> {
    let Expression::Call(call) = &condition.expression else {
        return None;
    };
    let [(_, one), (_, other)] = &call.arguments[..] else {
        return None;
    };
    if !EQUAL.contains(&call.function.value.as_str()) {
        return None;
    }
    let is = |map: &ExpressionMap, side| is_of_side(map, side);
    let (child, parent) = if is(one, Side::Child) && is(other, Side::Parent) {
        (one, other)
    } else if is(other, Side::Child) && is(one, Side::Parent) {
        (other, one)
    } else {
        return None;
    };
    // Each is made of its own row.
    let mut parent = parent.clone();
    set_side(&mut parent, Side::Child);
    Some(JoinCondition {
        child: child.clone(),
        parent,
        place: condition.place.clone(),
    })
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
