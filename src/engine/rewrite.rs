//! Plans that are run in another way than they say, for the same statements.
//!
//! In: a plan and the limit of memory. Out: the plan, with views in place of look-ups in tables that do not
//! fit: an index of such a table would be in memory as a whole (`join`), the join of a view goes to disk
//! (`view`). Its statements come behind those of the other scans.

use super::reject::Failing;
use super::run::RunOptions;
use crate::plan::{
    CellRule, ColumnRead, Element, Expression, GraphRule, HeaderRule, IriRule, Join, Nulls, Plan,
    QuadRule, Relation, TableRead, TableScan, TermRule,
};
use crate::table::Sources;
use std::borrow::Cow;

/// Gives the plan with views where look-ups do not fit into memory.
///
/// A table is taken to need as much memory as it has bytes; of one whose size is not known nothing is changed,
/// nor where rows that fail are to be left out: they are told by their table.
pub(super) fn large_joins<'p>(
    plan: &'p Plan,
    sources: &Sources,
    options: &RunOptions<'_>,
) -> Cow<'p, Plan> {
    if options.on_error.failing() != Failing::GoesOn {
        return Cow::Borrowed(plan);
    }
    let limit = options.key_memory as u64;
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (index, scan) in plan.scans.iter().enumerate() {
        for (number, join) in scan.joins.iter().enumerate() {
            let other = &plan.scans[join.scan];
            let is_large = sources.size(&other.source).is_some_and(|size| size > limit);
            let moves = |rule: &QuadRule| can_move(rule, number, join);
            if is_large && can_join(scan, other, join) && scan.rules.iter().any(moves) {
                found.push((index, number));
            }
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(plan);
    }
    let mut changed = plan.clone();
    for (index, number) in &found {
        let scan = &plan.scans[*index];
        let join = &scan.joins[*number];
        changed.scans[*index]
            .rules
            .retain(|rule| !can_move(rule, *number, join));
        let view = view_of(scan, &plan.scans[join.scan], join, *number);
        changed.scans.extend(view);
    }
    for scan in &mut changed.scans {
        forget_unused(scan);
    }
    Cow::Owned(changed)
}

// Whether the pairs of rows can be told from the texts of their cells.
fn can_join(scan: &TableScan, other: &TableScan, join: &Join) -> bool {
    other.view.is_none()
        && relation(scan).is_some()
        && relation(other).is_some()
        && !join.object.template.uses_rows()
}

// Whether a rule is one of the pairs only: it has nothing of the row that the pair is not told by.
fn can_move(rule: &QuadRule, number: usize, join: &Join) -> bool {
    let is_joined = |term: &TermRule| matches!(term, TermRule::Joined(_));
    let graph = match &rule.graph {
        GraphRule::Constant(_) => None,
        GraphRule::Term(term, _) => Some(term),
    };
    let others = [&rule.subject, &rule.predicate];
    rule.object == TermRule::Joined(number)
        && others
            .into_iter()
            .chain(graph)
            .all(|term| !term.uses_rows() && !is_joined(term))
        && !rule.conditions.iter().any(Expression::uses_rows)
        && (join.when.is_empty() || !rule.when_text)
}

// What is made of pairs, as a scan; nothing where their rows cannot be told.
fn view_of(scan: &TableScan, other: &TableScan, join: &Join, number: usize) -> Option<TableScan> {
    let width = scan.columns.len();
    let behind = |column: &usize| width + *column;
    let column =
        |(own, other): &(usize, usize)| (Expression::Column(*own), Expression::Column(*other));
    let view = Relation::Join {
        left: Box::new(relation(scan)?),
        right: Box::new(relation(other)?),
        on: join.on.iter().map(column).collect(),
        keeps_left: false,
    };
    let object = IriRule {
        template: join
            .object
            .template
            .clone()
            .with_columns(|column| behind(&column)),
        ..join.object.clone()
    };
    let rules = scan
        .rules
        .iter()
        .filter(|rule| can_move(rule, number, join));
    let rules = rules.map(|rule| QuadRule {
        object: TermRule::Iri(object.clone()),
        when: rule
            .when
            .iter()
            .copied()
            .chain(join.when.iter().map(behind))
            .collect(),
        ..rule.clone()
    });
    let elements: Vec<Element> = scan
        .elements
        .iter()
        .chain(&other.elements)
        .cloned()
        .collect();
    let columns = scan.columns.iter().cloned();
    let others = other.columns.iter().map(|column| ColumnRead {
        element: scan.elements.len() + column.element,
        ..column.clone()
    });
    Some(TableScan {
        view: Some(view),
        columns: columns.chain(others).collect(),
        rules: rules.collect(),
        watched: Vec::new(),
        frame: None,
        checks: Vec::new(),
        joins: Vec::new(),
        elements,
        comments: None,
        source: scan.source.clone(),
        dialect: scan.dialect.clone(),
        computed: Vec::new(),
        header: HeaderRule::Ignore,
    })
}

// The rows of a scan, where a view reads its cells as the scan does.
fn relation(scan: &TableScan) -> Option<Relation> {
    if !scan.computed.is_empty() {
        return None;
    }
    if let Some(view) = &scan.view {
        return Some(view.clone());
    }
    let mut nulls = scan.columns.iter().map(|column| plain(&column.cell));
    let first = match nulls.next() {
        None => Nulls::new(Vec::new()),
        Some(first) => first?.clone(),
    };
    if scan.header != HeaderRule::Ignore || nulls.any(|nulls| nulls != Some(&first)) {
        return None;
    }
    Some(Relation::Table(TableRead {
        source: scan.source.clone(),
        dialect: scan.dialect.clone(),
        nulls: first,
        columns: (0..scan.columns.len()).collect(),
        width: scan.columns.len(),
    }))
}

// The texts that stand for no value, where all others are taken as they are.
fn plain(cell: &CellRule) -> Option<&Nulls> {
    let is_plain = cell.separator.is_none()
        && cell.default.is_empty()
        && cell.language.is_none()
        && !cell.can_be_wrong();
    is_plain.then_some(&cell.null)
}

// Leaves out joins that no rule uses any more.
fn forget_unused(scan: &mut TableScan) {
    let mut used = vec![false; scan.joins.len()];
    for rule in &scan.rules {
        let graph = match &rule.graph {
            GraphRule::Constant(_) => None,
            GraphRule::Term(term, _) => Some(term),
        };
        let terms = [&rule.subject, &rule.predicate, &rule.object];
        for term in terms.into_iter().chain(graph) {
            match term {
                TermRule::Joined(number) => used[*number] = true,
                // What generators look up is not seen here.
                TermRule::Generated(_) => used.fill(true),
                _ => {}
            }
        }
    }
    let mut numbers = Vec::new();
    let mut next = 0;
    for used in &used {
        numbers.push(next);
        next += usize::from(*used);
    }
    let mut used = used.iter();
    scan.joins.retain(|_| used.next() == Some(&true));
    for rule in &mut scan.rules {
        let graph = match &mut rule.graph {
            GraphRule::Constant(_) => None,
            GraphRule::Term(term, _) => Some(term),
        };
        let terms = [&mut rule.subject, &mut rule.predicate, &mut rule.object];
        for term in terms.into_iter().chain(graph) {
            if let TermRule::Joined(number) = term {
                *number = numbers[*number];
            }
        }
    }
}
