//! Resources between two others that become relationships.

use super::Relationship;
use super::build::Interner;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// A class whose members become relationships where they can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// The class.
    pub class: String,
    /// The predicate that leads to where the relationship begins.
    pub from: String,
    /// The predicate that leads to where it ends.
    pub to: String,
}

/// What the datatype of a property says whose values are the IRIs of resources.
pub(super) const RESOURCE: &str = "@id";

/// A resource that becomes a relationship.
#[derive(Debug, Clone)]
pub(super) struct Folded {
    pub(super) subject: u32,
    /// Which of the folds.
    pub(super) fold: usize,
    pub(super) start: u32,
    pub(super) end: u32,
    /// What else it refers to: predicate and object.
    pub(super) others: Vec<(u32, u32)>,
}

/// Finds the resources that become relationships: those that have the class alone, one statement with
/// each of the two predicates and none that leads to them. Statements of named graphs keep a resource a
/// node.
pub(super) fn find(
    folds: &[Fold],
    texts: &Interner,
    types: &[(u32, u32, u32)],
    edges: &[[u32; 4]],
) -> Vec<Folded> {
    let numbers: Vec<Option<[u32; 3]>> = folds
        .iter()
        .map(|fold| {
            let class = texts.known(&fold.class)?;
            Some([class, texts.known(&fold.from)?, texts.known(&fold.to)?])
        })
        .collect();
    let mut candidates: FxHashMap<u32, Option<usize>> = FxHashMap::default();
    let mut seen: BTreeSet<(u32, u32, u32)> = BTreeSet::new();
    for (subject, class, graph) in types {
        if !seen.insert((*subject, *class, *graph)) {
            continue;
        }
        let fold = numbers
            .iter()
            .position(|known| *graph == 0 && known.is_some_and(|[known, ..]| known == *class));
        candidates
            .entry(*subject)
            .and_modify(|fold| *fold = None)
            .or_insert(fold);
    }
    let mut found: FxHashMap<u32, Folded> = FxHashMap::default();
    let unset = u32::MAX;
    let mut refused: BTreeSet<u32> = edges.iter().map(|[_, _, object, _]| *object).collect();
    let distinct: BTreeSet<&[u32; 4]> = edges.iter().collect();
    for [subject, predicate, object, graph] in distinct {
        let Some(fold) = candidates.get(subject).copied().flatten() else {
            continue;
        };
        let Some([_, from, to]) = numbers[fold] else {
            continue;
        };
        let one = found.entry(*subject).or_insert(Folded {
            subject: *subject,
            fold,
            start: unset,
            end: unset,
            others: Vec::new(),
        });
        let is_taken = if *predicate == from {
            std::mem::replace(&mut one.start, *object) != unset
        } else if *predicate == to {
            std::mem::replace(&mut one.end, *object) != unset
        } else {
            one.others.push((*predicate, *object));
            false
        };
        if is_taken || *graph != 0 {
            refused.insert(*subject);
        }
    }
    let mut found: Vec<Folded> = found
        .into_values()
        .filter(|one| one.start != unset && one.end != unset && !refused.contains(&one.subject))
        .collect();
    found.sort_unstable_by_key(|one| one.subject);
    found
}

/// The order of relationships: by type, ends, graph and what they were folded of.
pub(super) fn order(one: &Relationship, other: &Relationship) -> std::cmp::Ordering {
    let ends = |r: &Relationship| (r.kind, r.start, r.end);
    (ends(one), &one.graph, &one.key).cmp(&(ends(other), &other.graph, &other.key))
}
