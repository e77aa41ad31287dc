//! What several rules of a table need of the same row, made once.
//!
//! In: expressions, subjects and graphs, each under a number that rules share ([`Shared`]). Out: the same as without,
//! as long as nothing is wrong: what has a fault is made again, since a fault is told for each rule.

use crate::engine::made::Fault;
use crate::engine::row::{IriFault, RowContext};
use crate::plan::{Expression, GraphRule, QuadRule, TermRule};
use oxrdf::{GraphName, NamedOrBlankNode};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The numbers under which a rule finds what others need too.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shared {
    conditions: Option<usize>,
    subject: Option<usize>,
    graph: Option<usize>,
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
    conditions: Vec<Option<bool>>,
    subjects: Vec<Option<Arc<[NamedOrBlankNode]>>>,
    graphs: Vec<Option<Arc<[GraphName]>>>,
}

impl Memo {
    /// Room for as much as [`shared`] says.
    pub(super) fn new([conditions, subjects, graphs]: [usize; 3]) -> Self {
        Self {
            conditions: vec![None; conditions],
            subjects: vec![None; subjects],
            graphs: vec![None; graphs],
        }
    }

    /// Forgets the row.
    pub(super) fn clear(&mut self) {
        self.conditions.fill(None);
        self.subjects.fill(None);
        self.graphs.fill(None);
    }

    /// Whether the conditions of a rule are true.
    pub(super) fn holds(
        &mut self,
        shared: Shared,
        conditions: &[Expression],
        row: &RowContext<'_, '_>,
        fault: &mut Fault<'_>,
    ) -> bool {
        once(&mut self.conditions, shared.conditions, fault, |fault| {
            row.holds(conditions, fault)
        })
    }

    /// The subjects of a rule.
    pub(super) fn subjects(
        &mut self,
        shared: Shared,
        rule: &TermRule,
        row: &RowContext<'_, '_>,
        fault: &mut Fault<'_>,
    ) -> Arc<[NamedOrBlankNode]> {
        once(&mut self.subjects, shared.subject, fault, |fault| {
            row.made_nodes(rule, fault).into()
        })
    }

    /// The graphs of a rule.
    pub(super) fn graphs(
        &mut self,
        shared: Shared,
        rule: &GraphRule,
        row: &RowContext<'_, '_>,
        fault: &mut Fault<'_>,
    ) -> Arc<[GraphName]> {
        once(&mut self.graphs, shared.graph, fault, |fault| {
            row.made_graphs(rule, fault).into()
        })
    }
}

fn once<T: Clone>(
    known: &mut [Option<T>],
    number: Option<usize>,
    fault: &mut Fault<'_>,
    make: impl FnOnce(&mut Fault<'_>) -> T,
) -> T {
    let Some(number) = number else {
        return make(fault);
    };
    if let Some(made) = &known[number] {
        return made.clone();
    }
    let mut is_faulty = false;
    let made = make(&mut |text: String, what: IriFault| {
        is_faulty = true;
        fault(text, what);
    });
    if !is_faulty {
        known[number] = Some(made.clone());
    }
    made
}
