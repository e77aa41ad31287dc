//! What several rules of a table need of the same row, made once.
//!
//! In: expressions, subjects and graphs, each under a number that rules share ([`Shared`]). Out: the same as without,
//! as long as nothing is wrong: what has a fault is made again, since a fault is told for each rule.

use crate::engine::made::Fault;
use crate::engine::row::IriFault;
use crate::plan::{GraphRule, QuadRule};
use oxrdf::{GraphName, NamedOrBlankNode};
use rustc_hash::FxHashMap;

/// The numbers under which a rule finds what others need too.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shared {
    pub(super) conditions: Option<usize>,
    pub(super) subject: Option<usize>,
    pub(super) graph: Option<usize>,
}

/// Finds what the rules of a table share: the numbers for each of them, and how many of each kind there are.
pub(super) fn shared(rules: &[QuadRule]) -> (Vec<Shared>, [usize; 3]) {
    let generals = || rules.iter().map(|rule| rule.is_general().then_some(rule));
    let (conditions, first) = numbers(
        rules
            .iter()
            .map(|rule| Some(rule.conditions.as_slice()).filter(|all| !all.is_empty())),
    );
    let (subjects, second) = numbers(generals().map(|rule| Some(&rule?.subject)));
    let (graphs, third) = numbers(generals().map(|rule| match &rule?.graph {
        GraphRule::Constant(_) => None,
        graph @ GraphRule::Term(..) => Some(graph),
    }));
    let all = conditions.into_iter().zip(subjects).zip(graphs);
    let all = all.map(|((conditions, subject), graph)| Shared {
        conditions,
        subject,
        graph,
    });
    (all.collect(), [first, second, third])
}

// The numbers of those that come more than once, and how many numbers there are.
fn numbers<T: Eq + std::hash::Hash>(
    all: impl Iterator<Item = Option<T>>,
) -> (Vec<Option<usize>>, usize) {
    let mut known: FxHashMap<T, usize> = FxHashMap::default();
    let mut times: Vec<usize> = Vec::new();
    let classes: Vec<Option<usize>> = all
        .map(|one| {
            let class = *known.entry(one?).or_insert(times.len());
            if class == times.len() {
                times.push(0);
            }
            times[class] += 1;
            Some(class)
        })
        .collect();
    let mut count = 0;
    let numbers: Vec<Option<usize>> = times
        .iter()
        .map(|times| {
            (*times > 1).then(|| {
                count += 1;
                count - 1
            })
        })
        .collect();
    let found = classes.into_iter().map(|class| numbers[class?]);
    (found.collect(), count)
}

/// What was made of the row that is being read.
#[derive(Debug)]
pub(super) struct Memo {
    pub(super) conditions: Kept<bool>,
    pub(super) subjects: Kept<Vec<NamedOrBlankNode>>,
    pub(super) graphs: Kept<Vec<GraphName>>,
}

impl Memo {
    /// Room for as much as [`shared`] says.
    pub(super) fn new([conditions, subjects, graphs]: [usize; 3]) -> Self {
        Self {
            conditions: Kept::new(conditions),
            subjects: Kept::new(subjects),
            graphs: Kept::new(graphs),
        }
    }

    /// Forgets the row.
    pub(super) fn clear(&mut self) {
        self.conditions.known.fill(None);
        self.subjects.known.fill(None);
        self.graphs.known.fill(None);
    }
}

/// What was made, by number.
#[derive(Debug)]
pub(super) struct Kept<T> {
    known: Vec<Option<T>>,
    /// What nobody asks for again.
    last: T,
}

impl<T: Clone + Default> Kept<T> {
    fn new(count: usize) -> Self {
        Self {
            known: vec![None; count],
            last: T::default(),
        }
    }

    /// What has a number, made where it is not there yet.
    pub(super) fn get(
        &mut self,
        number: Option<usize>,
        fault: &mut Fault<'_>,
        make: impl FnOnce(&mut Fault<'_>) -> T,
    ) -> &T {
        if number.is_none_or(|number| self.known[number].is_none()) {
            let mut is_faulty = false;
            let made = make(&mut |text: String, what: IriFault| {
                is_faulty = true;
                fault(text, what);
            });
            match number {
                Some(number) if !is_faulty => self.known[number] = Some(made),
                _ => self.last = made,
            }
        }
        let known = number.and_then(|number| self.known[number].as_ref());
        known.unwrap_or(&self.last)
    }
}
