//! Which statements of a plan may be the same, told before any row is read.
//!
//! In: the constants and rules of a plan. Out: for each rule whether another may make the same
//! statement ([`Overlaps`]), and whether rows tell its statements apart. What cannot be told apart
//! here is compared while the rows come (`distinct`).

use crate::plan::{
    Base, Expression, Generator, IriRule, LiteralKind, Part, Piece, Plan, QuadRule, TableScan,
    TermRule, Variable,
};
use oxrdf::{GraphName, Term};
use rustc_hash::{FxHashMap, FxHashSet};

/// The namespace of lists and containers.
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// How many pairs of rules with one predicate are compared; beyond it, all are taken for alike.
const MOST_PAIRS: usize = 1_000_000;

/// Which rules may make the statements of others.
#[derive(Debug, Default)]
pub(super) struct Overlaps {
    /// By scan and rule: those that may be the same as one of another subject or table.
    shared: FxHashSet<(usize, usize)>,
    /// By scan and rule: those that may be the same as another of their subject, in the same row.
    repeated: FxHashSet<(usize, usize)>,
    /// The constants that rules may make again, by their numbers.
    constants: FxHashSet<usize>,
}

// What is known of a term before there is a row.
#[derive(Debug, Clone, PartialEq)]
enum Shape<'p> {
    Iri(&'p str),
    // How it begins and ends.
    Template(&'p str, &'p str),
    AnyIri,
    AnyNode,
    Blank(&'p str),
    // Of a text or of triples.
    AnyBlank,
    // Of a row of a table.
    RowBlank(usize, &'p str),
    // Of a list, which is the empty one at times.
    ListNode(usize),
    // The datatype or `@` and language that it has.
    Literals(Vec<&'p str>),
    Literal(&'p oxrdf::Literal),
    AnyLiteral,
    Triple,
}

struct Statement<'p> {
    // The scan and rule; a constant has no scan.
    scan: Option<usize>,
    rule: usize,
    subject: Shape<'p>,
    object: Shape<'p>,
    // Nothing where rows make it.
    graph: Option<&'p GraphName>,
    source: Option<&'p QuadRule>,
}

impl Overlaps {
    /// Compares the rules of a plan; statements of two graphs are never the same where there are graphs.
    pub(super) fn new(plan: &Plan, has_graphs: bool) -> Self {
        let graph_of = |graph| {
            if has_graphs {
                graph
            } else {
                Some(&GraphName::DefaultGraph)
            }
        };
        let mut by_predicate: FxHashMap<&str, Vec<Statement<'_>>> = FxHashMap::default();
        let mut others: Vec<Statement<'_>> = Vec::new();
        for (rule, quad) in plan.constants.iter().enumerate() {
            let statement = Statement {
                scan: None,
                rule,
                subject: match &quad.subject {
                    oxrdf::NamedOrBlankNode::NamedNode(node) => Shape::Iri(node.as_str()),
                    oxrdf::NamedOrBlankNode::BlankNode(node) => Shape::Blank(node.as_str()),
                },
                object: constant(&quad.object),
                graph: graph_of(Some(&quad.graph_name)),
                source: None,
            };
            by_predicate
                .entry(quad.predicate.as_str())
                .or_default()
                .push(statement);
        }
        for (number, scan) in plan.scans.iter().enumerate() {
            for (rule, source) in scan.rules.iter().enumerate() {
                let statement = Statement {
                    scan: Some(number),
                    rule,
                    subject: shape(&source.subject, number, scan),
                    object: shape(&source.object, number, scan),
                    graph: graph_of(source.graph.constant()),
                    source: Some(source),
                };
                match &source.predicate {
                    TermRule::Constant(Term::NamedNode(node)) => {
                        by_predicate
                            .entry(node.as_str())
                            .or_default()
                            .push(statement);
                    }
                    _ => others.push(statement),
                }
            }
        }
        let mut overlaps = Self::default();
        let groups: Vec<&Vec<Statement<'_>>> = by_predicate.values().collect();
        for group in &groups {
            let mut left = MOST_PAIRS;
            overlaps.compare_all(group, &mut left);
        }
        // A predicate that is made may be any.
        let mut left = MOST_PAIRS;
        overlaps.compare_all(&others, &mut left);
        'all: for one in &others {
            for other in groups.iter().copied().flatten() {
                overlaps.compare(one, other, &mut left);
                if left == 0 {
                    let all = others.iter().chain(groups.iter().copied().flatten());
                    all.for_each(|statement| overlaps.share(statement));
                    break 'all;
                }
            }
        }
        let has_collections = |scan: &TableScan| scan.rules.iter().any(makes_collection);
        if plan.scans.iter().any(has_collections) {
            // The triples that a list or container consists of may be made by any rule with their predicates.
            #[expect(clippy::iter_over_hash_type, reason = "a set is filled")]
            for (predicate, group) in &by_predicate {
                let is_of_rdf = predicate.starts_with(RDF);
                for statement in group {
                    if is_of_rdf || statement.source.is_some_and(makes_collection) {
                        overlaps.share(statement);
                    }
                }
            }
            for statement in &others {
                overlaps.share(statement);
            }
        }
        for (number, scan) in plan.scans.iter().enumerate() {
            for (rule, source) in scan.rules.iter().enumerate() {
                let has_many = match &source.object {
                    TermRule::Values(column)
                    | TermRule::Texts(column)
                    | TermRule::Literals(column, _) => {
                        scan.column(*column).cell.separator.is_some()
                    }
                    TermRule::Generated(generator) => {
                        let mut has_lists = !generator.is_single();
                        generator.each_column(&mut |column| {
                            has_lists |= scan.column(column).cell.separator.is_some();
                        });
                        has_lists
                    }
                    TermRule::EachIri(..) => true,
                    _ => false,
                };
                if has_many {
                    overlaps.repeated.insert((number, rule));
                }
            }
        }
        overlaps
    }

    /// Whether a rule may make a statement of another subject or table, or of the constants.
    pub(super) fn is_shared(&self, scan: usize, rule: usize) -> bool {
        self.shared.contains(&(scan, rule))
    }

    /// Whether a rule may make a statement twice in one row, alone or with another of its subject.
    pub(super) fn may_repeat(&self, scan: usize, rule: usize) -> bool {
        self.repeated.contains(&(scan, rule))
    }

    /// Whether a rule may make a constant again.
    pub(super) fn is_shared_constant(&self, number: usize) -> bool {
        self.constants.contains(&number)
    }

    fn compare_all(&mut self, statements: &[Statement<'_>], left: &mut usize) {
        for (at, one) in statements.iter().enumerate() {
            for other in &statements[at + 1..] {
                self.compare(one, other, left);
                if *left == 0 {
                    // Too many to compare: taken for alike.
                    for statement in statements {
                        self.share(statement);
                    }
                    return;
                }
            }
        }
    }

    fn compare(&mut self, one: &Statement<'_>, other: &Statement<'_>, left: &mut usize) {
        *left = left.saturating_sub(1);
        let is_far = *left == 0;
        let are_apart = one
            .graph
            .zip(other.graph)
            .is_some_and(|(one, other)| one != other);
        let may_be_same = !are_apart
            && may_be_same(&one.subject, &other.subject)
            && may_be_same(&one.object, &other.object);
        if !may_be_same && !is_far {
            return;
        }
        match (one.source, other.source) {
            // Constants are compared with each other in full.
            (None, None) => {}
            (Some(first), Some(second))
                if one.scan == other.scan
                    && first.subject == second.subject
                    && !first.is_general()
                    && !second.is_general() =>
            {
                for statement in [one, other] {
                    if let Some(scan) = statement.scan {
                        self.repeated.insert((scan, statement.rule));
                    }
                }
            }
            _ => {
                self.share(one);
                self.share(other);
            }
        }
    }

    fn share(&mut self, statement: &Statement<'_>) {
        match statement.scan {
            Some(scan) => {
                self.shared.insert((scan, statement.rule));
                self.repeated.insert((scan, statement.rule));
            }
            None => {
                self.constants.insert(statement.rule);
            }
        }
    }
}

fn makes_collection(rule: &QuadRule) -> bool {
    matches!(&rule.object, TermRule::Generated(generator)
        if matches!(**generator, Generator::Collection(_)))
}

/// Whether every row makes another statement of a rule, whatever its cells are.
pub(super) fn is_of_row(rule: &QuadRule) -> bool {
    let is_of_row = |term: &TermRule| match term {
        TermRule::RowBlank(_) | TermRule::RowNumber => true,
        // A value may be a step that leads out of what stands before it.
        TermRule::Iri(rule) => {
            let has_values = rule.template.columns().next().is_some();
            rule.base.is_none() && !(rule.steps && has_values) && has_row_number(rule)
        }
        _ => false,
    };
    is_of_row(&rule.subject) || is_of_row(&rule.object)
}

// Whether the number of the row can be read off an IRI: before it or behind it nothing varies, and
// no digit stands beside it.
fn has_row_number(rule: &IriRule) -> bool {
    let parts = &rule.template.parts;
    let is_text = |part: &Part| matches!(part, Part::Text(_));
    let is_row = |part: &Part| match part {
        Part::Text(_) => false,
        Part::Expression(expression) => matches!(
            expression.simple(),
            Some((Variable::RowNumber | Variable::SourceRow, _))
        ),
    };
    parts.iter().enumerate().any(|(at, part)| {
        let (before, behind) = (&parts[..at], &parts[at + 1..]);
        let is_alone = before.iter().all(is_text) || behind.iter().all(is_text);
        let is_apart_before = match before.last() {
            None => true,
            Some(Part::Text(text)) => !text.ends_with(|c: char| c.is_ascii_digit()),
            Some(Part::Expression(_)) => false,
        };
        let is_apart_behind = match behind.first() {
            None => true,
            Some(Part::Text(text)) => !text.starts_with(|c: char| c.is_ascii_digit()),
            Some(Part::Expression(_)) => false,
        };
        is_row(part) && is_alone && is_apart_before && is_apart_behind
    })
}

fn constant(term: &Term) -> Shape<'_> {
    match term {
        Term::NamedNode(node) => Shape::Iri(node.as_str()),
        Term::BlankNode(node) => Shape::Blank(node.as_str()),
        Term::Literal(literal) => Shape::Literal(literal),
        #[expect(unreachable_patterns, reason = "oxrdf may be built with RDF 1.2")]
        _ => Shape::AnyIri,
    }
}

fn shape<'p>(rule: &'p TermRule, number: usize, scan: &'p TableScan) -> Shape<'p> {
    match rule {
        TermRule::Constant(term) => constant(term),
        TermRule::Iri(rule) | TermRule::EachIri(_, rule) => iri(rule),
        TermRule::Joined(join) => iri(&scan.joins[*join].object),
        TermRule::RowBlank(kind) => Shape::RowBlank(number, kind),
        TermRule::List(_) => Shape::ListNode(number),
        TermRule::Literals(_, kind) => of_kind(kind),
        TermRule::Generated(generator) => generated(generator),
        TermRule::RowNumber => Shape::Literals(vec![crate::rdf::vocab::xsd::INTEGER]),
        TermRule::Values(column) | TermRule::Texts(column) => {
            let cell = &scan.column(*column).cell;
            // What does not fit its datatype is a string, in a language or not.
            let mut kinds = vec![oxrdf::vocab::xsd::STRING.as_str(), cell.value.iri.as_str()];
            kinds.extend(cell.language.as_deref());
            Shape::Literals(kinds)
        }
    }
}

fn of_kind(kind: &LiteralKind) -> Shape<'_> {
    match kind {
        LiteralKind::String => Shape::Literals(vec![oxrdf::vocab::xsd::STRING.as_str()]),
        LiteralKind::Datatype(datatype) | LiteralKind::Canonical(datatype) => {
            Shape::Literals(vec![datatype.as_str()])
        }
        LiteralKind::Language(tag) => Shape::Literals(vec![tag]),
        LiteralKind::Natural | LiteralKind::DatatypeOf(_) | LiteralKind::LanguageOf(_) => {
            Shape::AnyLiteral
        }
    }
}

fn generated(generator: &Generator) -> Shape<'_> {
    match generator {
        Generator::Iri {
            text: Expression::Template(pieces),
            base,
            ..
        } if *base == Base::Prepended(String::new()) => match pieces.as_slice() {
            [Piece::Text(start), ..] => Shape::Template(start, ""),
            _ => Shape::AnyIri,
        },
        Generator::Iri { .. } => Shape::AnyIri,
        Generator::Literal { kind, .. } => of_kind(kind),
        Generator::Triple(_) => Shape::Triple,
        Generator::Blank { .. } | Generator::Reifier(_) => Shape::AnyBlank,
        // Its node, or the empty list; the triples of its members have blank nodes as well.
        Generator::Collection(_) => Shape::AnyNode,
    }
}

fn iri(rule: &IriRule) -> Shape<'_> {
    if rule.base.is_some() {
        return Shape::AnyIri;
    }
    let end = match rule.template.parts.as_slice() {
        [_, .., Part::Text(text)] if !rule.steps => text,
        _ => "",
    };
    Shape::Template(rule.template.fixed_prefix(), end)
}

fn may_be_same(one: &Shape<'_>, other: &Shape<'_>) -> bool {
    use Shape as S;
    let agree = |one: &str, other: &str| one.starts_with(other) || other.starts_with(one);
    let agree_behind = |one: &str, other: &str| one.ends_with(other) || other.ends_with(one);
    match (one, other) {
        (S::Iri(one), S::Iri(other)) | (S::Blank(one), S::Blank(other)) => one == other,
        (S::Iri(iri), S::Template(start, end)) | (S::Template(start, end), S::Iri(iri)) => {
            iri.starts_with(start) && iri.ends_with(end)
        }
        (S::Template(one, end), S::Template(other, other_end)) => {
            agree(one, other) && agree_behind(end, other_end)
        }
        (S::AnyNode, other) | (other, S::AnyNode) => !matches!(
            other,
            S::Literal(_) | S::Literals(_) | S::AnyLiteral | S::Triple
        ),
        (S::AnyBlank, S::AnyBlank | S::Blank(_)) | (S::Blank(_), S::AnyBlank) => true,
        (S::AnyLiteral, S::AnyLiteral | S::Literal(_) | S::Literals(_))
        | (S::Literal(_) | S::Literals(_), S::AnyLiteral)
        | (S::Triple, S::Triple) => true,
        (S::AnyIri, S::Iri(_) | S::Template(..) | S::AnyIri)
        | (S::Iri(_) | S::Template(..), S::AnyIri) => true,
        (S::RowBlank(one, kind), S::RowBlank(other, other_kind)) => {
            one == other && kind == other_kind
        }
        // Both may be the empty list.
        (S::ListNode(_), S::ListNode(_) | S::Iri(_) | S::Template(..) | S::AnyIri)
        | (S::Iri(_) | S::Template(..) | S::AnyIri, S::ListNode(_)) => true,
        (S::Literal(one), S::Literal(other)) => one == other,
        (S::Literals(kinds), S::Literal(literal)) | (S::Literal(literal), S::Literals(kinds)) => {
            let kind = literal.language().unwrap_or(literal.datatype().as_str());
            kinds.iter().any(|known| known.eq_ignore_ascii_case(kind))
        }
        (S::Literals(one), S::Literals(other)) => one.iter().any(|kind| other.contains(kind)),
        _ => false,
    }
}

/// What a run has to remember so that it writes each statement of a rule once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// Nothing: each row makes another statement.
    Nothing,
    /// The last subject, as long as subjects ascend; then two hashes for each.
    Subjects,
    /// A hash for each statement: others may make the same.
    Statements,
}

/// Tells for each scan and rule of a plan what has to be remembered.
///
/// Statements of two graphs are never the same where the output `has_graphs`.
pub fn remembered(plan: &Plan, has_graphs: bool) -> Vec<Vec<Remembered>> {
    let overlaps = Overlaps::new(plan, has_graphs);
    let of_scan = |(number, scan): (usize, &TableScan)| {
        let rules = scan.rules.iter().enumerate();
        let of_rule = |(index, rule): (usize, &QuadRule)| {
            if overlaps.is_shared(number, index) || rule.is_general() {
                Remembered::Statements
            } else if is_of_row(rule) {
                Remembered::Nothing
            } else {
                Remembered::Subjects
            }
        };
        rules.map(of_rule).collect()
    };
    plan.scans.iter().enumerate().map(of_scan).collect()
}
