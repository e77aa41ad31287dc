//! The two sides of joins: whether any values meet, why not, and how many rows they make.
//!
//! Memory: for each side of a join its [`share`] of hashes with a count, and [`SAMPLES`] values.

use super::super::maps::each_term;
use super::super::rows::{Cells, names, ready};
use super::super::{KEYS, counted, share, shown};
use super::{Findings, Source, hash};
use crate::mapping::rml::model::{JoinCondition, Mapping, ObjectMap, Place, TermValue};
use crate::plan::Expression;
use crate::rdf::iri::Safe;
use rustc_hash::FxHashMap;

/// How many different values of a side are kept as they are, to say why others do not meet them.
const SAMPLES: usize = 5000;

/// All joins of a mapping.
pub(super) struct Joins<'m> {
    joins: Vec<Join<'m>>,
}

struct Join<'m> {
    child: Side,
    parent: Side,
    place: &'m Place,
    /// Whether the rows of a row's own table are joined by the same columns.
    is_own: bool,
}

/// A side of a join.
struct Side {
    source: usize,
    keys: Vec<Expression>,
    /// The columns, for people.
    names: String,
    /// How often each key is there.
    counts: FxHashMap<u64, u64>,
    samples: Vec<String>,
    /// How many keys are remembered.
    most: usize,
    is_full: bool,
}

impl<'m> Joins<'m> {
    pub(super) fn new(mapping: &'m Mapping, read: &mut [Option<Source>]) -> Self {
        let mut joins = Vec::new();
        let mut add =
            |child: usize, map: usize, conditions: &'m [JoinCondition], place: &'m Place| {
                let parent = mapping.triples_maps[map].source;
                joins.extend(join(child, parent, conditions, place, read));
            };
        for map in &mapping.triples_maps {
            for object in map.predicate_objects.iter().flat_map(|part| &part.objects) {
                if let ObjectMap::Reference(reference) = object {
                    let conditions = &reference.joins;
                    add(map.source, reference.parent, conditions, &reference.place);
                }
            }
            each_term(map, &mut |term, _| {
                if let TermValue::Quoted { triples_map, joins } = &term.value {
                    add(map.source, *triples_map, joins, &term.place);
                }
                if let TermValue::Gather(gather) = &term.value {
                    for item in &gather.items {
                        if let ObjectMap::Reference(reference) = item {
                            let conditions = &reference.joins;
                            add(map.source, reference.parent, conditions, &reference.place);
                        }
                    }
                }
            });
        }
        let most = share(joins.len() * 2);
        for join in &mut joins {
            join.child.most = most;
            join.parent.most = most;
        }
        Self { joins }
    }

    pub(super) fn row(&mut self, source: usize, cells: &Cells<'_>) {
        for join in &mut self.joins {
            for side in [&mut join.child, &mut join.parent] {
                if side.source == source {
                    side.row(cells);
                }
            }
        }
    }

    pub(super) fn finish(self, read: &[Option<Source>], findings: &mut Findings<'_>) {
        for join in &self.joins {
            let rows = |side: &Side| read[side.source].as_ref().map_or(0, |source| source.rows);
            // An empty table is told of.
            if rows(&join.child) > 0 && rows(&join.parent) > 0 {
                join.finish(read, findings);
            }
        }
    }
}

fn join<'m>(
    child: usize,
    parent: usize,
    conditions: &'m [JoinCondition],
    place: &'m Place,
    read: &mut [Option<Source>],
) -> Option<Join<'m>> {
    if conditions.is_empty() {
        return None;
    }
    let side = |number: usize, is_child: bool| {
        let source = read[number].as_ref()?;
        let mut keys = Vec::new();
        let mut all = Vec::new();
        for condition in conditions {
            let map = if is_child {
                &condition.child
            } else {
                &condition.parent
            };
            keys.push(ready(map, &source.columns, Safe::Everything)?);
            all.extend(names(map).iter().map(|name| format!("`{name}`")));
        }
        Some(Side {
            source: number,
            keys,
            names: all.join(", "),
            counts: FxHashMap::default(),
            samples: Vec::new(),
            most: KEYS,
            is_full: false,
        })
    };
    let (child, parent) = (side(child, true)?, side(parent, false)?);
    for number in [child.source, parent.source] {
        if let Some(source) = &mut read[number] {
            source.is_used = true;
        }
    }
    let table = |side: &Side| {
        let source = read[side.source].as_ref();
        source.map(|source| (source.table.read.source.clone(), side.keys.clone()))
    };
    let is_own = table(&child) == table(&parent);
    // The place of the condition itself says more than that of the object.
    let place = match conditions {
        [only] if only.place.line > 0 => &only.place,
        _ => place,
    };
    Some(Join {
        child,
        parent,
        place,
        is_own,
    })
}

impl Side {
    fn row(&mut self, cells: &Cells<'_>) {
        if self.is_full {
            return;
        }
        let mut parts = Vec::new();
        for key in &self.keys {
            let mut texts = cells.texts(key);
            // Where there are several values all are tried in a join; here the first tells enough.
            match texts.len() {
                0 => return,
                _ => parts.push(std::mem::take(&mut texts[0])),
            }
        }
        let hashed = hash(&parts);
        if let Some(count) = self.counts.get_mut(&hashed) {
            *count += 1;
            return;
        }
        if self.counts.len() >= self.most {
            self.is_full = true;
            self.counts = FxHashMap::default();
            return;
        }
        self.counts.insert(hashed, 1);
        if self.samples.len() < SAMPLES && parts.iter().map(String::len).sum::<usize>() < 200 {
            self.samples.push(parts.join("\u{1f}"));
        }
    }
}

impl Join<'_> {
    fn finish(&self, read: &[Option<Source>], findings: &mut Findings<'_>) {
        let (child, parent) = (&self.child, &self.parent);
        let title = |side: &Side| {
            let source = read[side.source].as_ref();
            source
                .map_or("", |source| source.table.title.as_str())
                .to_owned()
        };
        let (of_child, of_parent) = (title(child), title(parent));
        if child.is_full || parent.is_full {
            findings.note(
                "rml::join-not-checked",
                self.place,
                format!(
                    "whether the join matches was not looked at: a side has more than {KEYS} values"
                ),
                "",
            );
            return;
        }
        if child.counts.is_empty() || parent.counts.is_empty() {
            let (side, title) = if child.counts.is_empty() {
                (child, &of_child)
            } else {
                (parent, &of_parent)
            };
            findings.warn(
                "rml::join-never-matches",
                self.place,
                format!(
                    "the join matches nothing: {} of `{title}` has no value",
                    side.names
                ),
                "look at the column",
            );
            return;
        }
        if self.is_own {
            return;
        }
        let matched = child
            .counts
            .iter()
            .filter(|(key, _)| parent.counts.contains_key(*key))
            .count();
        let near = self.near();
        if matched == 0 {
            let first = |side: &Side| {
                side.samples
                    .first()
                    .map_or_else(String::new, |one| shown_key(one))
            };
            let help = near.map_or_else(
                || {
                    format!(
                        "`{of_child}` has values such as {}, `{of_parent}` such as {}: are these the right columns?",
                        first(child),
                        first(parent)
                    )
                },
                |near| near.help(&of_child, &of_parent),
            );
            findings.warn(
                "rml::join-never-matches",
                self.place,
                format!(
                    "the join matches nothing: no value of {} in `{of_child}` is one of {} in `{of_parent}`",
                    child.names, parent.names
                ),
                help,
            );
            return;
        }
        if let Some(near) = near {
            let missing = (child.counts.len() - matched) as u64;
            findings.warn(
                "rml::join-nearly-matches",
                self.place,
                format!(
                    "{} of {} in `{of_child}` without one of {} in `{of_parent}`, some of which are nearly the same",
                    counted(missing, "value"),
                    child.names,
                    parent.names
                ),
                near.help(&of_child, &of_parent),
            );
        }
        self.multiply(&of_child, &of_parent, findings);
    }

    // Rows of both sides that have the same key make as many pairs as the product of their numbers.
    fn multiply(&self, of_child: &str, of_parent: &str, findings: &mut Findings<'_>) {
        let (child, parent) = (&self.child, &self.parent);
        let of_parent_key = |key: &u64| parent.counts.get(key).copied().unwrap_or(0);
        let is_multiplied = child
            .counts
            .iter()
            .any(|(key, count)| *count > 1 && of_parent_key(key) > 1);
        let rows: u64 = child.counts.values().sum();
        let pairs = child.counts.iter().fold(0_u64, |pairs, (key, count)| {
            pairs.saturating_add(count.saturating_mul(of_parent_key(key)))
        });
        if is_multiplied {
            findings.note(
                "rml::join-multiplies",
                self.place,
                format!(
                    "{} and {} are in several rows of both tables: {} of `{of_child}` make {} with `{of_parent}`",
                    child.names,
                    parent.names,
                    counted(rows, "row"),
                    counted(pairs, "pair")
                ),
                "where one is meant to be a key, another column is missing in the join",
            );
        }
    }

    // A value of the child that is like one of the parent but for how it is written.
    fn near(&self) -> Option<Near> {
        let mut known: FxHashMap<String, &str> = FxHashMap::default();
        for sample in &self.parent.samples {
            known.entry(folded(sample)).or_insert(sample);
        }
        let is_unmatched = |sample: &&String| {
            let parts: Vec<&str> = sample.split('\u{1f}').collect();
            !self.parent.counts.contains_key(&hash(&parts))
        };
        self.child
            .samples
            .iter()
            .filter(is_unmatched)
            .find_map(|sample| {
                let other = known.get(&folded(sample))?;
                Some(Near {
                    child: sample.clone(),
                    parent: (*other).to_owned(),
                })
            })
    }
}

/// Two values that would meet if they were written alike.
struct Near {
    child: String,
    parent: String,
}

impl Near {
    fn help(&self, of_child: &str, of_parent: &str) -> String {
        let (child, parent) = (&self.child, &self.parent);
        let without = |text: &str| text.split_whitespace().collect::<String>();
        let reason = if without(child) == without(parent) {
            "white space"
        } else if child.to_lowercase() == parent.to_lowercase() {
            "upper and lower case"
        } else if without_zeros(child) == without_zeros(parent) {
            "zeros at the beginning"
        } else {
            "how they are written"
        };
        format!(
            "{} of `{of_child}` and {} of `{of_parent}` differ in {reason}: make them alike with a function in `rml:childMap` or `rml:parentMap`",
            shown_key(child),
            shown_key(parent)
        )
    }
}

fn without_zeros(text: &str) -> String {
    let parts = text.split('\u{1f}').map(|part| {
        let rest = part.trim_start_matches('0');
        if rest.is_empty() && !part.is_empty() {
            "0"
        } else {
            rest
        }
    });
    parts.collect::<Vec<_>>().join("\u{1f}")
}

// A key without what is easily overlooked.
fn folded(text: &str) -> String {
    let bare: String = text.split_whitespace().collect();
    without_zeros(&bare.to_lowercase())
}

fn shown_key(key: &str) -> String {
    let parts: Vec<String> = key.split('\u{1f}').map(shown).collect();
    parts.join(", ")
}
