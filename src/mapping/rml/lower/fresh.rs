//! Blank nodes of rows that are joined.
//!
//! A term map without an expression makes a node for each row. Where its row is joined with others the same row
//! stands in several, in other scans; its number goes with it then, and the node is named by that.

use super::source::{Names, Resolved, ResolvedRows, SourceReader};
use crate::mapping::rml::model::{Mapping, ObjectMap, TermMap, TermValue, TriplesMap};
use crate::plan::{Expression, Relation};

/// The name of a row's number, which no mapping can write.
pub(super) const ROW: &str = "\0row";

impl Resolved {
    /// The same rows with their numbers.
    pub(super) fn numbered(self) -> Self {
        let relation = self.rows.relation();
        let mut names: Names = self.names;
        names.insert_hidden(ROW, Expression::Column(relation.width()));
        Self {
            rows: ResolvedRows::View(Relation::Numbered(Box::new(relation))),
            names,
            title: self.title,
        }
    }
}

/// Tells of each source whether its rows have to be numbered.
pub(super) fn numbered(mapping: &Mapping, reader: &SourceReader<'_>) -> Vec<bool> {
    let mut is_joined = vec![false; mapping.triples_maps.len()];
    for (number, map) in mapping.triples_maps.iter().enumerate() {
        each_object(map, &mut |object| {
            let (parent, joins) = match object {
                ObjectMap::Reference(reference) => {
                    let other = mapping.triples_maps[reference.parent].source;
                    let is_other = reader.first(other) != reader.first(map.source);
                    let is_compared =
                        !reference.joins.is_empty() || !reference.conditions.is_empty();
                    (reference.parent, is_other || is_compared)
                }
                ObjectMap::Term(TermMap {
                    value: TermValue::Quoted { triples_map, joins },
                    ..
                }) => (*triples_map, !joins.is_empty()),
                ObjectMap::Term(_) => return,
            };
            if joins {
                is_joined[number] = true;
                is_joined[parent] = true;
            }
        });
    }
    let mut numbered = vec![false; mapping.sources.len()];
    for (map, _) in mapping
        .triples_maps
        .iter()
        .zip(&is_joined)
        .filter(|(_, is_joined)| **is_joined)
    {
        each_object(map, &mut |object| {
            if matches!(object, ObjectMap::Term(term) if matches!(term.value, TermValue::Fresh)) {
                numbered[reader.first(map.source)] = true;
            }
        });
    }
    numbered
}

// Visits all term maps of a triples map.
fn each_object(map: &TriplesMap, visit: &mut dyn FnMut(&ObjectMap)) {
    let mut visit_term = |term: &TermMap| each_part(&ObjectMap::Term(term.clone()), visit);
    visit_term(&map.subject.term);
    map.subject.graphs.iter().for_each(&mut visit_term);
    for part in &map.predicate_objects {
        part.predicates
            .iter()
            .chain(&part.graphs)
            .for_each(&mut visit_term);
    }
    let objects = map.predicate_objects.iter().flat_map(|part| &part.objects);
    objects.for_each(|object| each_part(object, visit));
}

fn each_part(object: &ObjectMap, visit: &mut dyn FnMut(&ObjectMap)) {
    visit(object);
    if let ObjectMap::Term(TermMap {
        value: TermValue::Gather(gather),
        ..
    }) = object
    {
        gather.items.iter().for_each(|item| each_part(item, visit));
    }
}
