//! Resources between two others that become relationships.

use super::schema::Schema;

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

/// Classes that are folded, as they are numbered in a graph.
pub(super) struct Folds {
    /// The fold of each type, where it has one.
    of_types: Vec<Option<usize>>,
    /// The predicates that lead to the ends.
    ends: Vec<Option<[u32; 2]>>,
}

/// What a resource refers to.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) predicate: u32,
    pub(super) graph: u32,
    /// The key.
    pub(super) object: Vec<u8>,
}

/// The ends of a resource that becomes a relationship.
pub(super) struct Ends<'r> {
    pub(super) start: &'r [u8],
    pub(super) end: &'r [u8],
    /// What else it refers to.
    pub(super) others: Vec<&'r Reference>,
}

impl Folds {
    pub(super) fn new(folds: &[Fold], schema: &Schema) -> Self {
        let number = |text: &str| schema.texts.known(text);
        let known: Vec<Option<[u32; 3]>> = folds
            .iter()
            .map(|fold| Some([number(&fold.class)?, number(&fold.from)?, number(&fold.to)?]))
            .collect();
        let of_types = schema.types().iter().map(|(class, graph)| {
            known
                .iter()
                .position(|known| *graph == 0 && known.is_some_and(|[known, ..]| known == *class))
        });
        Self {
            of_types: of_types.collect(),
            ends: known
                .iter()
                .map(|known| known.map(|[_, from, to]| [from, to]))
                .collect(),
        }
    }

    /// The fold of a resource with these types, which has to have the class alone, and to which nothing
    /// may refer.
    pub(super) fn candidate(&self, types: &[u32], is_referred_to: bool) -> Option<usize> {
        match types {
            [one] if !is_referred_to => self.of_types.get(*one as usize).copied().flatten(),
            _ => None,
        }
    }

    /// The ends of a candidate that refers to these: it has to have one of each, and no statement in a
    /// named graph.
    pub(super) fn ends<'r>(&self, fold: usize, references: &'r [Reference]) -> Option<Ends<'r>> {
        let [from, to] = self.ends[fold]?;
        let (mut start, mut end) = (None, None);
        let mut others = Vec::new();
        for one in references {
            if one.graph != 0 {
                return None;
            }
            let place = if one.predicate == from {
                &mut start
            } else if one.predicate == to {
                &mut end
            } else {
                others.push(one);
                continue;
            };
            if place.replace(one.object.as_slice()).is_some() {
                return None;
            }
        }
        Some(Ends {
            start: start?,
            end: end?,
            others,
        })
    }
}
