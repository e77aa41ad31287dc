//! The predicate-objects of a mapping, and predicates the other way round.
//!
//! In: a node of the YAML. Out: predicate-object maps, and what is to be turned round when all triples maps are
//! there.
//!
//! Spec: yarrrml §9

use super::super::model::{
    At, ObjectMap, PredicateObjectMap, SubjectMap, TermMap, TermType, TriplesMap,
};
use super::Reader;
use super::function::Rows;
use super::keys::{self, Fields, as_list};
use super::term::{Defaults, Role, is_class_predicate, is_resource};
use super::yaml::{Kind, Node};
use std::rc::Rc;

/// A predicate the other way round, to be made when all triples maps are there.
pub(super) struct Inverse {
    predicates: Vec<TermMap>,
    pub(super) objects: Vec<TermMap>,
    graphs: Vec<TermMap>,
    conditions: Vec<super::super::model::ExpressionMap>,
    node: Rc<Node>,
}

impl Reader<'_> {
    /// The predicate-object maps of a mapping; notes which triples maps are quoted, and what is to be turned round.
    pub(super) fn predicate_objects(
        &mut self,
        mapping: &str,
        fields: &Fields<'_>,
        quoted: &mut Vec<usize>,
        inverses: &mut Vec<Inverse>,
    ) -> Vec<PredicateObjectMap> {
        let Some(node) = fields.get("predicateobjects") else {
            return Vec::new();
        };
        let mut list = as_list(node);
        // `po: [a, foaf:Person]`, where the outer list was left out.
        if list.first().is_some_and(|first| first.text().is_some()) {
            list = std::slice::from_ref(node);
        }
        let mut maps = Vec::new();
        for (number, node) in list.iter().enumerate() {
            self.element = format!("mappings.{mapping}.po[{number}]");
            let map = match &node.kind {
                Kind::List(parts) => self.short_predicate_object(node, parts, quoted),
                Kind::Map(_) => self.long_predicate_object(node, quoted, inverses),
                _ => {
                    self.unexpected(node, "a predicate-object", "a list or a map");
                    None
                }
            };
            maps.extend(map);
        }
        maps
    }

    fn short_predicate_object(
        &mut self,
        node: &Rc<Node>,
        parts: &[Rc<Node>],
        quoted: &mut Vec<usize>,
    ) -> Option<PredicateObjectMap> {
        let (predicates, objects, qualifier) = match parts {
            [predicates, objects] => (predicates, objects, None),
            [predicates, objects, qualifier] => (predicates, objects, Some(qualifier)),
            _ => {
                let message = format!(
                    "a predicate-object has {} parts, expected its predicates, its objects and perhaps a \
                     datatype or `…~lang`",
                    parts.len()
                );
                self.error("yarrrml::predicate-object", node, message);
                return None;
            }
        };
        let predicates = self.predicates(predicates);
        let mut defaults = Defaults {
            is_class: predicates.iter().any(is_class_predicate),
            ..Defaults::default()
        };
        if let Some(qualifier) = qualifier.filter(|one| !one.is_null()) {
            let is_language = qualifier.text().is_some_and(|text| text.ends_with("~lang"));
            if is_language {
                defaults.language = Some(Rc::clone(qualifier));
            } else {
                defaults.datatype = Some(Rc::clone(qualifier));
            }
        }
        if objects.is_null() {
            self.unexpected(objects, "an object", "a text, a list or a map");
        }
        self.note_quoted(objects, quoted);
        Some(PredicateObjectMap {
            predicates,
            objects: self.objects(objects, &defaults),
            graphs: Vec::new(),
            conditions: Vec::new(),
            place: self.place(node),
        })
    }

    fn predicates(&mut self, node: &Rc<Node>) -> Vec<TermMap> {
        if as_list(node).is_empty() {
            self.error(
                "yarrrml::predicate-object",
                node,
                "a predicate-object without a predicate",
            );
        }
        let predicates = as_list(node).iter();
        let predicates = predicates.filter_map(|one| self.term(one, Role::Predicate));
        predicates.collect()
    }

    fn long_predicate_object(
        &mut self,
        node: &Rc<Node>,
        quoted: &mut Vec<usize>,
        inverses: &mut Vec<Inverse>,
    ) -> Option<PredicateObjectMap> {
        let fields = self.fields(node, &keys::PREDICATE_OBJECT)?;
        let (Some(predicates), Some(objects)) = (fields.get("predicates"), fields.get("objects"))
        else {
            let message = "a predicate-object needs `predicates` and `objects`";
            self.error("yarrrml::predicate-object", node, message);
            return None;
        };
        let predicates = self.predicates(predicates);
        let defaults = Defaults {
            datatype: fields.get("datatype").cloned(),
            language: fields.get("language").cloned(),
            kind: fields.get("type").cloned(),
            is_class: predicates.iter().any(is_class_predicate),
        };
        self.note_quoted(objects, quoted);
        let mut map = PredicateObjectMap {
            predicates,
            objects: self.objects(objects, &defaults),
            graphs: self.graphs(&fields),
            conditions: Vec::new(),
            place: self.place(node),
        };
        if let Some(condition) = fields.get("condition") {
            self.condition_of(condition, &mut map);
        }
        if let Some(inverse) = fields.get("inversepredicates") {
            self.inverse(inverse, &map, &map.objects, inverses);
        }
        for (number, object) in as_list(objects).iter().enumerate() {
            if let Kind::Map(entries) = &object.kind {
                let is_inverse = |key: &Node| {
                    let keys = ["inversepredicates", "inversepredicate", "iv", "i"];
                    key.text().is_some_and(|text| keys.contains(&text))
                };
                let inverse = entries.iter().find(|(key, _)| is_inverse(key));
                if let Some((_, inverse)) = inverse {
                    // Where an object made several or none, which is which is not known.
                    let is_known = map.objects.len() == as_list(objects).len();
                    let own = if is_known {
                        &map.objects[number..=number]
                    } else {
                        &[]
                    };
                    self.inverse(inverse, &map, own, inverses);
                }
            }
        }
        Some(map)
    }

    // A condition of a predicate-object whose objects are of another mapping may be meant for the two
    // rows: it is where it says which value is of which.
    fn condition_of(&mut self, condition: &Rc<Node>, map: &mut PredicateObjectMap) {
        let is_link = |object: &ObjectMap| matches!(object, ObjectMap::Reference(_));
        if !map.objects.iter().any(is_link) || !tells_sides(condition) {
            map.conditions = self.conditions(condition, Rows::One);
            return;
        }
        if !map.objects.iter().all(is_link) {
            let message =
                "a condition between two rows, and not all objects are of another mapping";
            self.error("yarrrml::condition", condition, message);
            return;
        }
        let conditions = self.conditions(condition, Rows::Two);
        let (joins, others) = self.joins(condition, conditions);
        for object in &mut map.objects {
            if let ObjectMap::Reference(reference) = object {
                reference.joins.extend(joins.iter().cloned());
                reference.conditions.extend(others.iter().cloned());
            }
        }
    }

    /// The graphs of a mapping or of a predicate-object.
    pub(super) fn graphs(&mut self, fields: &Fields<'_>) -> Vec<TermMap> {
        let graphs = fields.get("graphs").map_or(&[][..], |node| as_list(node));
        let terms = graphs
            .iter()
            .filter_map(|graph| self.term(graph, Role::Graph));
        terms.collect()
    }

    // Notes the mappings whose triples are quoted and not stated.
    fn note_quoted(&mut self, objects: &Rc<Node>, quoted: &mut Vec<usize>) {
        for object in as_list(objects) {
            let Kind::Map(entries) = &object.kind else {
                continue;
            };
            for (key, value) in entries {
                let names: Vec<&str> = match (key.text(), value.text()) {
                    (Some("quotedNonAsserted"), _) => as_list(value)
                        .iter()
                        .filter_map(|name| name.text())
                        .collect(),
                    (Some("function" | "fn" | "f"), Some(text)) => {
                        let name = text.split_once("quotedNonAsserted=");
                        let name = name.and_then(|(_, rest)| rest.split([',', ')']).next());
                        name.map(str::trim).into_iter().collect()
                    }
                    _ => continue,
                };
                for name in names {
                    quoted.extend(self.ranges.get(name).cloned().into_iter().flatten());
                }
            }
        }
    }

    // Predicates from the objects to the subject: of one object where it is known which, else of all.
    fn inverse(
        &mut self,
        node: &Rc<Node>,
        map: &PredicateObjectMap,
        objects: &[ObjectMap],
        inverses: &mut Vec<Inverse>,
    ) {
        let predicates = self.predicates(node);
        let mut terms = Vec::new();
        for object in objects {
            match object {
                ObjectMap::Term(term) if is_resource(term) => terms.push(term.clone()),
                _ => terms.clear(),
            }
        }
        if terms.is_empty() || terms.len() < objects.len() {
            let message =
                "an inverse predicate needs objects that are IRIs or blank nodes of the row";
            let help = "write `~iri` after the object, or `type: iri`".to_owned();
            self.error_with_help("yarrrml::inverse", node, message, Some(help));
            return;
        }
        inverses.push(Inverse {
            predicates,
            objects: terms,
            graphs: map.graphs.clone(),
            conditions: map.conditions.clone(),
            node: Rc::clone(node),
        });
    }

    /// The triples map from an object back to the subject of a triples map.
    pub(super) fn turned(
        &self,
        map: &TriplesMap,
        inverse: &Inverse,
        object: &TermMap,
        name: String,
    ) -> TriplesMap {
        let mut subject = map.subject.term.clone();
        if !is_resource(&subject) {
            subject.term_type = Some(At {
                value: TermType::Iri,
                place: subject.place.clone(),
            });
        }
        TriplesMap {
            name,
            subject: SubjectMap {
                term: object.clone(),
                classes: Vec::new(),
                graphs: map.subject.graphs.clone(),
            },
            predicate_objects: vec![PredicateObjectMap {
                predicates: inverse.predicates.clone(),
                objects: vec![ObjectMap::Term(subject)],
                graphs: inverse.graphs.clone(),
                conditions: inverse.conditions.clone(),
                place: self.place(&inverse.node),
            }],
            ..map.clone()
        }
    }
}

// Whether a condition says of a value that it is of the other row.
fn tells_sides(node: &Node) -> bool {
    match &node.kind {
        Kind::Null | Kind::Text(_) => false,
        Kind::List(parts) => match parts.as_slice() {
            [_, _, from] if matches!(from.text(), Some("o" | "object")) => true,
            _ => parts.iter().any(|part| tells_sides(part)),
        },
        Kind::Map(entries) => entries.iter().any(|(key, value)| {
            key.text() == Some("from") && matches!(value.text(), Some("o" | "object"))
                || tells_sides(value)
        }),
    }
}
