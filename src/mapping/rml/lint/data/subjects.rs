//! Which rows make the same subject.

use super::super::rows::{Cells, Columns, names, ready};
use super::super::{counted, shown};
use super::{Findings, Probe, Read, hash};
use crate::mapping::rml::lower::{Position, term_type};
use crate::mapping::rml::model::{ObjectMap, Place, TermMap, TermType, TermValue, TriplesMap};
use crate::plan::Expression;
use crate::rdf::iri::Safe;
use rustc_hash::FxHashMap;

/// How values are put into the IRIs of a kind of term.
pub(super) fn safe(kind: TermType) -> Safe {
    match kind {
        TermType::Iri => Safe::Unicode,
        TermType::Uri => Safe::Unreserved,
        _ => Safe::Everything,
    }
}

/// The subjects of a triples map.
struct Subjects {
    name: String,
    subject: Expression,
    place: Place,
    /// The columns that the subject is made of.
    keys: Vec<usize>,
    /// The other columns that the triples map uses.
    others: Vec<usize>,
    known: FxHashMap<u64, Known>,
    /// How many subjects are remembered.
    most: usize,
    is_full: bool,
    has_any: bool,
    collision: Option<(String, u64, u64)>,
    repeated: u64,
    first_repeated: Option<(String, u64, u64)>,
}

/// What the first row of a subject was.
struct Known {
    row: u64,
    keys: u64,
    others: u64,
    is_told: bool,
}

/// The rule on the subjects of a triples map, of which so many are remembered.
pub(super) fn probe(
    map: &TriplesMap,
    name: &str,
    columns: &Columns,
    most: usize,
) -> Option<Box<dyn Probe>> {
    let TermValue::Expression(expression) = &map.subject.term.value else {
        return None;
    };
    let kind = term_type(&map.subject.term, expression, Position::Subject);
    let numbers = |names: Vec<&str>| -> Vec<usize> {
        let found = names.into_iter().filter_map(|name| columns.get(name));
        found.copied().collect()
    };
    let keys = numbers(names(expression));
    if keys.is_empty() {
        return None;
    }
    let mut others = Vec::new();
    for object in map.predicate_objects.iter().flat_map(|part| &part.objects) {
        if let ObjectMap::Term(TermMap {
            value: TermValue::Expression(expression),
            ..
        }) = object
        {
            for column in numbers(names(expression)) {
                if !keys.contains(&column) && !others.contains(&column) {
                    others.push(column);
                }
            }
        }
    }
    Some(Box::new(Subjects {
        name: name.to_owned(),
        subject: ready(expression, columns, safe(kind))?,
        place: map.subject.term.place.clone(),
        keys,
        others,
        known: FxHashMap::default(),
        most,
        is_full: false,
        has_any: false,
        collision: None,
        repeated: 0,
        first_repeated: None,
    }))
}

impl Probe for Subjects {
    fn row(&mut self, cells: &Cells<'_>) {
        let row = cells.row.source_row;
        let of = |columns: &[usize]| {
            let values: Vec<Option<&str>> = columns.iter().map(|at| cells.get(*at)).collect();
            hash(values)
        };
        for subject in cells.texts(&self.subject) {
            self.has_any = true;
            let (keys, others) = (of(&self.keys), of(&self.others));
            let key = hash(&subject);
            let Some(known) = self.known.get_mut(&key) else {
                if self.known.len() < self.most {
                    let is_told = false;
                    self.known.insert(
                        key,
                        Known {
                            row,
                            keys,
                            others,
                            is_told,
                        },
                    );
                } else {
                    self.is_full = true;
                }
                continue;
            };
            if known.row == row {
                continue;
            }
            if known.keys != keys && self.keys.len() > 1 && self.collision.is_none() {
                self.collision = Some((subject.clone(), known.row, row));
            }
            // One column beside the subject is a property with several values.
            if known.others != others && !known.is_told && self.others.len() > 1 {
                known.is_told = true;
                self.repeated += 1;
                if self.first_repeated.is_none() {
                    self.first_repeated = Some((subject, known.row, row));
                }
            }
        }
    }

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>) {
        if !self.has_any {
            findings.warn(
                "rml::no-subjects",
                &self.place,
                format!(
                    "{} makes nothing: no row of `{}` has a subject",
                    self.name, table.title
                ),
                "look at the columns of the subject map: each has to have a value",
            );
        }
        if let Some((subject, one, other)) = &self.collision {
            findings.warn(
                "rml::template-collision",
                &self.place,
                format!(
                    "rows {one} and {other} of `{}` have other values and the same subject {}",
                    table.title,
                    shown(subject)
                ),
                "put a sign between the columns that no value has, such as `/`",
            );
        } else if let Some((subject, one, other)) = &self.first_repeated {
            let first = if self.is_full {
                format!(" (of the first {})", self.most)
            } else {
                String::new()
            };
            findings.note(
                "rml::same-subject",
                &self.place,
                format!(
                    "rows of `{}` that say different things make the same subject: {}{first}, the first {} in rows {one} and {other}",
                    table.title,
                    counted(self.repeated, "subject"),
                    shown(subject)
                ),
                "where each row is a thing of its own, the subject needs a further column",
            );
        }
    }
}
