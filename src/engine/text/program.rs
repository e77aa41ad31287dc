//! The rules of a table, compiled for one syntax.
//!
//! In: a [`TableScan`] and a [`Style`]. Out: a [`Program`]: groups of statements with the same
//! subject, whose fixed texts are ready bytes and whose cells are numbers. What a row needs beyond
//! that (lists, templates with operators, IRIs to resolve) is left to `row`, which makes terms.

use super::fixed::Fixed;
use super::memo::{Shared, shared};
use super::overlap::Overlaps;
use super::style::{Style, Syntax};
use crate::engine::made::datatype_of;
use crate::plan::{
    Generator, IriRule, Join, LiteralKind, Part, QuadRule, TableScan, TermRule, Variable,
};
use crate::rdf::iri::Safe;
use crate::rdf::xsd::Datatype;
use crate::sink::turtle::Bare;
use oxrdf::vocab::xsd;
use oxrdf::{GraphName, LiteralRef, Term};
use rustc_hash::FxHashMap;

/// A table's rules for one syntax.
#[derive(Debug)]
pub(super) struct Program<'p> {
    pub(super) syntax: Syntax,
    pub(super) groups: Vec<Group<'p>>,
    /// How much its rules share.
    pub(super) shared: [usize; 3],
}

/// Statements with the same subject and graph, in the order of their rules.
#[derive(Debug)]
pub(super) struct Group<'p> {
    pub(super) subject: Node<'p>,
    /// What opens a named graph in front of the statements, and closes it.
    pub(super) graph: Option<(Vec<u8>, &'static [u8])>,
    pub(super) statements: Vec<Statement<'p>>,
    /// Whether its one rule makes any number of quads, with subjects and graphs of their own: each is a
    /// unit.
    pub(super) is_general: bool,
    /// The columns that tell rows apart as far as this group goes; empty where it does not look up
    /// anything, so that telling is not worth it.
    pub(super) columns: Vec<usize>,
}

/// One rule.
#[derive(Debug)]
pub(super) struct Statement<'p> {
    pub(super) rule: usize,
    pub(super) source: &'p QuadRule,
    pub(super) shared: Shared,
    /// Whether it applies wherever there is an object.
    pub(super) always: bool,
    pub(super) predicate: Node<'p>,
    pub(super) object: Object<'p>,
    /// What follows the object: in N-Quads the graph, and the end of the line.
    pub(super) end: Fixed,
    /// Whether another statement of the group, or another value of the same, may be the same.
    pub(super) may_repeat: bool,
    /// Whether a statement of another group, of this table or another, may be the same.
    pub(super) is_shared: bool,
}

/// A subject or predicate.
#[derive(Debug)]
pub(super) enum Node<'p> {
    /// The same in every row, with the space behind it.
    Constant(Fixed),
    Iri(IriText<'p>),
    /// A blank node of the row: what stands before its number and behind it.
    RowBlank(Vec<u8>, Vec<u8>),
    /// What can be neither.
    Nothing,
}

/// An object or objects.
#[derive(Debug)]
pub(super) enum Object<'p> {
    Constant(Fixed),
    /// The literals of a column.
    Literals(usize, LiteralText),
    Iri(IriText<'p>),
    /// For each value of a column.
    EachIri(usize, &'p IriRule),
    Joined(usize, &'p Join, IriStart),
    /// What is made one by one.
    Generated(&'p Generator),
    /// The number of the row, with what stands before and behind it.
    Numbered(Vec<u8>, Vec<u8>),
    /// An RDF list of the literals of a column.
    List(usize, LiteralText),
}

/// How an IRI is made of a row.
#[derive(Debug)]
pub(super) struct IriText<'p> {
    pub(super) start: IriStart,
    /// What follows the beginning; nothing where the row has to make it.
    pub(super) parts: Option<Vec<IriPart>>,
    /// Whether a value that begins with a dot has to be looked at.
    pub(super) steps: bool,
    pub(super) rule: &'p IriRule,
}

/// How an IRI begins.
#[derive(Debug)]
pub(super) struct IriStart {
    /// In angle brackets.
    pub(super) full: Vec<u8>,
    /// With a prefix, where what stands behind its colon turns out to be a local name; and where that
    /// begins.
    pub(super) short: Option<(Vec<u8>, usize)>,
}

#[derive(Debug)]
pub(super) enum IriPart {
    Text(String),
    /// A cell; whether it has to be put into its canonical form first.
    Cell(usize, Safe, Option<Datatype>),
    RowNumber,
    SourceRow,
}

/// How the literals of a column are written.
#[derive(Debug)]
pub(super) struct LiteralText {
    /// What follows the text of a value that fits its datatype: the quote and the datatype.
    pub(super) valid: Fixed,
    pub(super) invalid: Fixed,
    /// Whether a valid value may need escapes.
    pub(super) escapes: bool,
    /// The datatype of values that may stand without quotes.
    pub(super) bare: Option<Bare>,
    /// Whether the quote in front of the text stands behind the predicate already.
    pub(super) is_opened: bool,
}

impl<'p> Program<'p> {
    /// Compiles the rules of the table with this number.
    pub(super) fn new(
        number: usize,
        scan: &'p TableScan,
        overlaps: &Overlaps,
        style: &mut Style<'_>,
    ) -> Self {
        let mut groups: Vec<Group<'p>> = Vec::new();
        let mut known: FxHashMap<(&TermRule, &GraphName), usize> = FxHashMap::default();
        let (shared, count) = shared(&scan.rules);
        for (index, rule) in scan.rules.iter().enumerate() {
            // The formats that know no graphs leave them out.
            let graph = if style.syntax.has_graphs() {
                rule.graph.constant()
            } else {
                Some(&GraphName::DefaultGraph)
            };
            if rule.is_general() {
                groups.push(Group::general(
                    index,
                    rule,
                    shared[index],
                    graph,
                    style,
                    overlaps.is_shared(number, index),
                ));
                continue;
            }
            // Those that rows make are general.
            let graph = graph.unwrap_or(&GraphName::DefaultGraph);
            let place = *known.entry((&rule.subject, graph)).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Group {
                    subject: node(number, &rule.subject, scan, style),
                    graph: match graph {
                        GraphName::DefaultGraph => None,
                        graph => style.open_graph(graph),
                    },
                    statements: Vec::new(),
                    is_general: false,
                    columns: Vec::new(),
                });
            }
            let mut statement = Statement {
                rule: index,
                source: rule,
                shared: shared[index],
                always: applies_with_object(rule),
                predicate: predicate(number, &rule.predicate, scan, style),
                object: object(number, &rule.object, scan, style),
                end: style.end(graph).into(),
                may_repeat: overlaps.may_repeat(number, index),
                is_shared: overlaps.is_shared(number, index),
            };
            statement.join_texts();
            groups[place].statements.push(statement);
        }
        for group in &mut groups {
            let looks_up =
                |statement: &Statement<'_>| matches!(statement.object, Object::Joined(..));
            if group.statements.iter().any(looks_up) {
                group.columns = columns_of(scan, group);
            }
        }
        Self {
            syntax: style.syntax,
            groups,
            shared: count,
        }
    }
}

impl<'p> Group<'p> {
    fn general(
        index: usize,
        rule: &'p QuadRule,
        shared: Shared,
        graph: Option<&GraphName>,
        style: &mut Style<'_>,
        is_shared: bool,
    ) -> Self {
        Self {
            subject: Node::Nothing,
            graph: match graph {
                Some(graph) => style.open_graph(graph),
                // Each quad opens its own.
                None if style.syntax == Syntax::TriG => Some((Vec::new(), b"}\n")),
                None => None,
            },
            statements: vec![Statement {
                rule: index,
                source: rule,
                shared,
                always: false,
                predicate: Node::Nothing,
                object: Object::Numbered(Vec::new(), Vec::new()),
                end: Fixed::default(),
                may_repeat: false,
                is_shared,
            }],
            is_general: true,
            columns: Vec::new(),
        }
    }
}

impl Statement<'_> {
    // Puts side by side what is written side by side.
    fn join_texts(&mut self) {
        let Object::Literals(_, literal) = &mut self.object else {
            return;
        };
        let join = |text: &mut Fixed, behind: &[u8]| {
            *text = [text.bytes(), behind].concat().into();
        };
        join(&mut literal.valid, self.end.bytes());
        join(&mut literal.invalid, self.end.bytes());
        self.end = Fixed::default();
        if let (Node::Constant(predicate), None) = (&mut self.predicate, literal.bare) {
            join(predicate, b"\"");
            literal.is_opened = true;
        }
    }
}

// Whether a rule applies wherever there is an object.
fn applies_with_object(rule: &QuadRule) -> bool {
    if !rule.conditions.is_empty() {
        return false;
    }
    match (&rule.object, rule.when.as_slice()) {
        (_, []) => true,
        (
            TermRule::Values(column) | TermRule::Texts(column) | TermRule::Literals(column, _),
            [when],
        ) => column == when && !rule.when_text,
        _ => false,
    }
}

// The columns that a group uses; none where something else tells its rows apart.
fn columns_of(scan: &TableScan, group: &Group<'_>) -> Vec<usize> {
    let mut columns = Vec::new();
    for statement in &group.statements {
        let rule = statement.source;
        if !rule.conditions.is_empty() || rule.is_general() {
            return Vec::new();
        }
        columns.extend_from_slice(&rule.when);
        for term in [&rule.subject, &rule.predicate, &rule.object] {
            match term {
                TermRule::Constant(_) => {}
                TermRule::Iri(rule) if !rule.template.uses_rows() => {
                    columns.extend(rule.template.columns());
                }
                TermRule::Values(column)
                | TermRule::Texts(column)
                | TermRule::Literals(column, _) => columns.push(*column),
                TermRule::Joined(join) => {
                    columns.extend(scan.joins[*join].on.iter().map(|(own, _)| *own));
                }
                _ => return Vec::new(),
            }
        }
    }
    columns.sort_unstable();
    columns.dedup();
    columns
}

fn predicate<'p>(
    number: usize,
    rule: &'p TermRule,
    scan: &'p TableScan,
    style: &mut Style<'_>,
) -> Node<'p> {
    match rule {
        TermRule::Constant(Term::NamedNode(iri)) => {
            Node::Constant(style.predicate(iri.as_ref()).into())
        }
        rule => node(number, rule, scan, style),
    }
}

fn node<'p>(
    number: usize,
    rule: &'p TermRule,
    scan: &'p TableScan,
    style: &mut Style<'_>,
) -> Node<'p> {
    match rule {
        TermRule::Constant(Term::Literal(_)) => Node::Nothing,
        TermRule::Constant(term) => {
            let mut text = style.term(term.as_ref());
            text.push(b' ');
            Node::Constant(text.into())
        }
        TermRule::Iri(rule) => Node::Iri(iri(rule, scan, style)),
        TermRule::RowBlank(kind) => {
            let (before, behind) = row_blank(number, kind);
            Node::RowBlank(before, [behind, b" ".to_vec()].concat())
        }
        TermRule::Values(_)
        | TermRule::Texts(_)
        | TermRule::EachIri(..)
        | TermRule::List(_)
        | TermRule::Joined(_)
        | TermRule::Literals(..)
        | TermRule::Generated(_)
        | TermRule::RowNumber => Node::Nothing,
    }
}

fn object<'p>(
    number: usize,
    rule: &'p TermRule,
    scan: &'p TableScan,
    style: &mut Style<'_>,
) -> Object<'p> {
    match rule {
        TermRule::Constant(term) => Object::Constant(style.term(term.as_ref()).into()),
        TermRule::Iri(rule) => Object::Iri(iri(rule, scan, style)),
        TermRule::Values(column) => Object::Literals(*column, literal(*column, scan, false, style)),
        TermRule::Texts(column) => Object::Literals(*column, literal(*column, scan, true, style)),
        TermRule::Literals(column, kind) => Object::Literals(*column, of_kind(kind, style)),
        TermRule::Generated(generator) => Object::Generated(generator),
        TermRule::EachIri(column, rule) => Object::EachIri(*column, rule),
        TermRule::List(column) => Object::List(*column, literal(*column, scan, false, style)),
        TermRule::Joined(join) => {
            let rule = &scan.joins[*join];
            let prefix = match rule.object.base {
                None if !rule.object.steps => rule.object.template.fixed_prefix(),
                _ => "",
            };
            Object::Joined(*join, rule, style.iri_start(prefix))
        }
        TermRule::RowBlank(kind) => {
            let (before, behind) = row_blank(number, kind);
            Object::Numbered(before, behind)
        }
        TermRule::RowNumber if style.syntax.is_turtle() => Object::Numbered(Vec::new(), Vec::new()),
        TermRule::RowNumber => {
            let integer = LiteralRef::new_typed_literal("", xsd::INTEGER);
            Object::Numbered(b"\"".to_vec(), style.behind_text(integer))
        }
    }
}

// What stands around the number of the row in a label; `RowContext::term` makes the same.
fn row_blank(number: usize, kind: &str) -> (Vec<u8>, Vec<u8>) {
    (
        format!("_:t{number}r").into_bytes(),
        kind.as_bytes().to_vec(),
    )
}

fn iri<'p>(rule: &'p IriRule, scan: &TableScan, style: &mut Style<'_>) -> IriText<'p> {
    let mut start = String::new();
    let mut parts = Vec::new();
    let mut is_simple = rule.base.is_none();
    for part in &rule.template.parts {
        let part = match part {
            Part::Text(text) => IriPart::Text(text.clone()),
            Part::Expression(expression) => match expression.simple() {
                Some((Variable::Column(column), safe)) => {
                    let datatype = scan.column(*column).cell.value.datatype;
                    // Texts are in their canonical form.
                    let is_text = matches!(datatype, Datatype::String | Datatype::AnyAtomicType);
                    IriPart::Cell(*column, safe, (!is_text).then_some(datatype))
                }
                Some((Variable::RowNumber, _)) => IriPart::RowNumber,
                Some((Variable::SourceRow, _)) => IriPart::SourceRow,
                _ => {
                    is_simple = false;
                    break;
                }
            },
        };
        match part {
            // A step of a path may stand here.
            IriPart::Text(text)
                if rule.steps
                    && !parts.is_empty()
                    && (text.starts_with('.') || text.contains("/.")) =>
            {
                is_simple = false;
                break;
            }
            IriPart::Text(text) if parts.is_empty() => start.push_str(&text),
            part => parts.push(part),
        }
    }
    // With nothing behind it, or a dot, it may be one too.
    is_simple &= !(rule.steps
        && start
            .rsplit('/')
            .next()
            .is_some_and(|end| end.starts_with('.')));
    if !is_simple {
        start.clear();
    }
    IriText {
        start: style.iri_start(&start),
        parts: is_simple.then_some(parts),
        steps: rule.steps,
        rule,
    }
}

// Texts as literals of a kind that is the same in all rows.
fn of_kind(kind: &LiteralKind, style: &mut Style<'_>) -> LiteralText {
    let like = match kind {
        LiteralKind::Language(tag) => LiteralRef::new_language_tagged_literal_unchecked("", tag),
        LiteralKind::Datatype(datatype) => LiteralRef::new_typed_literal("", datatype.as_ref()),
        _ => LiteralRef::new_simple_literal(""),
    };
    let behind = style.behind_text(like);
    let datatype = oxrdf::NamedNodeRef::new_unchecked(datatype_of(kind));
    let bare = Bare::of(datatype).filter(|_| !matches!(kind, LiteralKind::Language(_)));
    LiteralText {
        valid: behind.clone().into(),
        invalid: behind.into(),
        escapes: true,
        bare: bare.filter(|_| style.syntax.is_turtle()),
        is_opened: false,
    }
}

fn literal(column: usize, scan: &TableScan, as_text: bool, style: &mut Style<'_>) -> LiteralText {
    let cell = &scan.column(column).cell;
    let datatype = cell.value.iri.as_ref();
    let tagged = |style: &mut Style<'_>, language| {
        style.behind_text(LiteralRef::new_language_tagged_literal_unchecked(
            "", language,
        ))
    };
    let string = style.behind_text(LiteralRef::new_simple_literal(""));
    let language = cell.language.as_deref();
    let invalid = match language {
        Some(language) => tagged(style, language),
        None => string.clone(),
    };
    // A datatype of its own takes the place of the language.
    //
    // Spec: csv2rdf §4.3
    let is_string = datatype == xsd::STRING;
    let valid = match language {
        Some(_) if is_string => invalid.clone(),
        _ if as_text || is_string => string,
        _ => style.behind_text(LiteralRef::new_typed_literal("", datatype)),
    };
    let kind = cell.value.datatype;
    // Lexical forms of these are digits, letters and a few signs.
    let is_safe = kind.is_numeric() || kind.is_date_or_time() || kind == Datatype::Boolean;
    let bare = Bare::of(datatype);
    LiteralText {
        valid: valid.into(),
        invalid: invalid.into(),
        escapes: !is_safe,
        bare: bare.filter(|_| style.syntax.is_turtle() && !as_text),
        is_opened: false,
    }
}
