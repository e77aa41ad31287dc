//! Term maps and expressions, lowered.
//!
//! In: a term map and the row that it is of. Out: a [`TermRule`], the columns that have to have a value for it,
//! and what else has to be true. Where a copy of cells is all that is needed the rule says so; else it is a
//! generator.

use super::row::{RowShape, Scope};
use super::{Lowering, fresh};
use crate::diagnostic::Diagnostic;
use crate::mapping::rml::model::{
    Expression as ExpressionKind, ExpressionMap, Gather, GatherAs, ObjectMap, Side, TermMap,
    TermType, TermValue, Vocabulary,
};
use crate::plan::template::Template;
use crate::plan::{
    Base, Collection, CollectionKind, Expression, Generator, IriForm, IriRule, LiteralKind, Part,
    Piece, TermRule, TripleRule, Variable,
};
use crate::rdf::iri::{self, Safe};
use oxrdf::{BlankNode, Literal, NamedNode, Term};

/// Where a term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mapping::rml) enum Position {
    Subject,
    Predicate,
    Object,
    Graph,
    Datatype,
}

/// A term map, lowered.
#[derive(Debug, Clone, Default)]
pub(super) struct Lowered {
    pub(super) rule: Option<TermRule>,
    /// Columns that have to have a value.
    pub(super) when: Vec<usize>,
    pub(super) conditions: Vec<Expression>,
    pub(super) targets: Vec<usize>,
    /// What is said of the nodes that quoted triples have.
    pub(super) reified: Vec<TripleRule>,
}

impl Lowering<'_> {
    /// Lowers an expression, with values as they are.
    pub(super) fn expression(
        &mut self,
        map: &ExpressionMap,
        row: &RowShape,
        scope: Scope,
    ) -> Option<Expression> {
        let expressions = &mut self.reader.expressions;
        expressions.expression(map, row, scope, self.diagnostics)
    }

    /// Lowers a term map; several rules where it quotes triples that are made by several.
    pub(super) fn terms(
        &mut self,
        map: &TermMap,
        row: &mut RowShape,
        scope: Scope,
        base: &str,
        position: Position,
    ) -> Option<Vec<Lowered>> {
        if let TermValue::Quoted { triples_map, joins } = &map.value {
            let source = self.mapping.triples_maps[*triples_map].source;
            let source = self.reader.first(source);
            let part = self.join(row, scope, source, joins)?;
            let mut all = Vec::new();
            for (triple, lowered) in self.quoted(*triples_map, row, Scope::of(part), &map.place)? {
                let mut lowered = lowered;
                lowered.targets.extend_from_slice(&map.targets);
                lowered.rule = Some(TermRule::Generated(Box::new(Generator::Reifier(Box::new(
                    triple.clone(),
                )))));
                lowered.reified.push(triple);
                all.push(lowered);
            }
            return Some(all);
        }
        self.term(map, row, scope, base, position)
            .map(|lowered| vec![lowered])
    }

    fn term(
        &mut self,
        map: &TermMap,
        row: &mut RowShape,
        scope: Scope,
        base: &str,
        position: Position,
    ) -> Option<Lowered> {
        let mut lowered = Lowered {
            targets: map.targets.clone(),
            ..Lowered::default()
        };
        for condition in &map.conditions {
            let condition = self.expression(condition, row, scope)?;
            lowered.conditions.push(condition);
        }
        let rule = match &map.value {
            TermValue::Fresh => self.fresh(map, row, scope, position),
            TermValue::Gather(gather) => {
                let collection = self.collection(gather, map, row, scope, base, &mut lowered)?;
                TermRule::Generated(Box::new(Generator::Collection(Box::new(collection))))
            }
            // Lowered where there may be several.
            TermValue::Quoted { .. } => return None,
            TermValue::Expression(expression) => {
                self.made(map, expression, row, scope, base, position, &mut lowered)?
            }
        };
        lowered.rule = Some(rule);
        Some(lowered)
    }

    #[expect(clippy::too_many_arguments, reason = "all that a term depends on")]
    fn made(
        &mut self,
        map: &TermMap,
        expression: &ExpressionMap,
        row: &mut RowShape,
        scope: Scope,
        base: &str,
        position: Position,
        lowered: &mut Lowered,
    ) -> Option<TermRule> {
        let term_type = term_type(map, expression, position);
        let has_kind = map.datatype.is_some() || map.language.is_some();
        if let ExpressionKind::Constant(term) = &expression.expression
            && !(has_kind && term_type == TermType::Literal)
        {
            return self.constant(term, map, position, base);
        }
        match term_type {
            TermType::Literal => {
                let kind = self.literal_kind(map, row, scope, base, lowered)?;
                let text = self.expression(expression, row, scope)?;
                Some(match (&text, &kind) {
                    (
                        Expression::Column(column),
                        LiteralKind::String | LiteralKind::Datatype(_) | LiteralKind::Language(_),
                    ) => {
                        lowered.when.push(*column);
                        TermRule::Literals(*column, kind)
                    }
                    _ => TermRule::Generated(Box::new(Generator::Literal { text, kind })),
                })
            }
            TermType::BlankNode => {
                let text = self.expression(expression, row, scope)?;
                let text = self.scoped_blank(text);
                Some(TermRule::Generated(Box::new(Generator::Blank { text })))
            }
            TermType::Iri | TermType::Uri | TermType::UnsafeIri | TermType::UnsafeUri => {
                let (safe, form) = match term_type {
                    TermType::Uri => (Safe::Unreserved, IriForm::Uri),
                    TermType::UnsafeIri | TermType::UnsafeUri => {
                        (Safe::Everything, IriForm::Unchecked)
                    }
                    _ => (Safe::Unicode, IriForm::Iri),
                };
                let expressions = &mut self.reader.expressions;
                let text = expressions.encoded(expression, row, scope, safe, self.diagnostics)?;
                let resolves = self.options.resolves_relative;
                if let Some(rule) = simple_iri(&text, base, form, resolves) {
                    lowered.when.extend(rule.template.columns());
                    return Some(TermRule::Iri(rule));
                }
                let base = base.to_owned();
                Some(TermRule::Generated(Box::new(Generator::Iri {
                    text,
                    base: if resolves {
                        Base::Resolved(base)
                    } else {
                        Base::Prepended(base)
                    },
                    form,
                })))
            }
        }
    }

    // A blank node for each row and term map.
    fn fresh(&self, map: &TermMap, row: &RowShape, scope: Scope, position: Position) -> TermRule {
        let name = match position {
            Position::Subject => format!("m{}", self.map),
            _ => format!("m{}p{}", self.map, map.place.bytes.start),
        };
        match row.name(fresh::ROW, scope, Side::Child) {
            None => TermRule::RowBlank(name),
            Some(number) => TermRule::Generated(Box::new(Generator::Blank {
                // No value begins so.
                text: Expression::Template(vec![
                    Piece::Text(format!("\0{name}-")),
                    Piece::Value(number, Safe::Everything),
                ]),
            })),
        }
    }

    // Whether the same text in two triples maps is the same node is a switch.
    fn scoped_blank(&self, text: Expression) -> Expression {
        if self.options.shares_blank_nodes {
            return text;
        }
        Expression::Template(vec![
            Piece::Text(format!("{}:", self.map)),
            Piece::Value(text, Safe::Everything),
        ])
    }

    fn constant(
        &mut self,
        term: &Term,
        map: &TermMap,
        position: Position,
        base: &str,
    ) -> Option<TermRule> {
        let stated = map.term_type.as_ref().map(|at| at.value);
        let is_literal = matches!(term, Term::Literal(_));
        if let (Term::Literal(literal), Some(TermType::Iri | TermType::Uri)) = (term, stated) {
            // A text that is to be an IRI.
            let text = literal.value();
            let iri = if iri::is_absolute(text) {
                text.to_owned()
            } else {
                format!("{base}{text}")
            };
            return match NamedNode::new(&iri) {
                Ok(node) => Some(TermRule::Constant(node.into())),
                Err(error) => {
                    self.diagnostics.push(Diagnostic::error(
                        "rml::invalid-iri",
                        format!("`{iri}` is not an IRI: {error}"),
                        map.place.location(),
                    ));
                    None
                }
            };
        }
        if let (Term::NamedNode(node), Some(TermType::Literal)) = (term, stated) {
            return Some(TermRule::Constant(
                Literal::new_simple_literal(node.as_str()).into(),
            ));
        }
        let is_misplaced = match position {
            Position::Object => false,
            Position::Predicate | Position::Datatype => !matches!(term, Term::NamedNode(_)),
            Position::Subject | Position::Graph => is_literal,
        };
        if is_misplaced {
            self.diagnostics.push(
                Diagnostic::error(
                    "rml::term-type",
                    format!("{term} cannot stand here"),
                    map.place.location(),
                )
                .with_help(match position {
                    Position::Subject => "a subject is an IRI or a blank node",
                    Position::Graph => "a graph is named by an IRI or a blank node",
                    _ => "an IRI is expected",
                }),
            );
            return None;
        }
        Some(TermRule::Constant(match term {
            // Those that rows name begin with other letters.
            Term::BlankNode(node) => BlankNode::new_unchecked(format!("n{}", node.as_str())).into(),
            other => other.clone(),
        }))
    }

    fn literal_kind(
        &mut self,
        map: &TermMap,
        row: &mut RowShape,
        scope: Scope,
        base: &str,
        lowered: &mut Lowered,
    ) -> Option<LiteralKind> {
        if let Some(language) = &map.language {
            lowered.targets.extend_from_slice(&language.targets);
            let TermValue::Expression(expression) = &language.value else {
                return None;
            };
            if let ExpressionKind::Constant(Term::Literal(tag)) = &expression.expression {
                return Some(LiteralKind::Language(tag.value().to_owned()));
            }
            let text = self.expression(expression, row, scope)?;
            return Some(LiteralKind::LanguageOf(text));
        }
        let Some(datatype) = &map.datatype else {
            // What a function gives has the datatype that goes with it, in the newer vocabulary.
            let is_call = matches!(&map.value, TermValue::Expression(one)
                if matches!(one.expression, ExpressionKind::Call(_)));
            let source = self.mapping.triples_maps[self.map].source;
            let is_new = self.mapping.sources[source].vocabulary == Vocabulary::Rml;
            return Some(if is_call && is_new {
                LiteralKind::Natural
            } else {
                LiteralKind::String
            });
        };
        let made = self.term(datatype, row, scope, base, Position::Datatype)?;
        lowered.targets.extend(made.targets);
        lowered.conditions.extend(made.conditions);
        lowered.when.extend(&made.when);
        Some(match made.rule? {
            TermRule::Constant(Term::NamedNode(node)) => {
                // These are what literals without a datatype are.
                if node == oxrdf::vocab::xsd::STRING {
                    LiteralKind::String
                } else if self.options.makes_canonical {
                    LiteralKind::Canonical(node)
                } else {
                    LiteralKind::Datatype(node)
                }
            }
            TermRule::Generated(generator) => LiteralKind::DatatypeOf(generator),
            TermRule::Iri(rule) => LiteralKind::DatatypeOf(Box::new(Generator::Iri {
                text: expression_of(&rule.template),
                base: Base::Prepended(String::new()),
                form: IriForm::Iri,
            })),
            _ => return None,
        })
    }

    fn collection(
        &mut self,
        gather: &Gather,
        map: &TermMap,
        row: &mut RowShape,
        scope: Scope,
        base: &str,
        lowered: &mut Lowered,
    ) -> Option<Collection> {
        let mut items = Vec::new();
        for item in &gather.items {
            match item {
                ObjectMap::Term(term) => {
                    for made in self.terms(term, row, scope, base, Position::Object)? {
                        items.extend(made.rule);
                    }
                }
                ObjectMap::Reference(reference) => {
                    items.push(self.gathered_reference(reference, row, scope)?);
                }
            }
        }
        let head = match &gather.head {
            None => None,
            Some(head) => {
                let named = TermMap {
                    value: TermValue::Expression(head.clone()),
                    term_type: map.term_type.clone(),
                    datatype: None,
                    language: None,
                    conditions: Vec::new(),
                    targets: Vec::new(),
                    place: map.place.clone(),
                };
                let made = self.term(&named, row, scope, base, Position::Subject)?;
                lowered.when.extend(&made.when);
                made.rule
            }
        };
        self.collections += 1;
        Some(Collection {
            items,
            kind: match gather.kind {
                GatherAs::List => CollectionKind::List,
                GatherAs::Bag => CollectionKind::Bag,
                GatherAs::Seq => CollectionKind::Seq,
                GatherAs::Alt => CollectionKind::Alt,
            },
            allow_empty: gather.allow_empty,
            cartesian: gather.cartesian,
            head,
            number: self.collections,
        })
    }
}

// The kind of term, where the mapping does not say so.
//
// Spec: R2RML §7.4
pub(in crate::mapping::rml) fn term_type(
    map: &TermMap,
    expression: &ExpressionMap,
    position: Position,
) -> TermType {
    if let Some(stated) = &map.term_type {
        return stated.value;
    }
    if position != Position::Object {
        return TermType::Iri;
    }
    let is_text = match &expression.expression {
        ExpressionKind::Reference(..) | ExpressionKind::Call(_) => true,
        ExpressionKind::Constant(term) => matches!(term, Term::Literal(_)),
        ExpressionKind::Template(_) => false,
    };
    if is_text || map.datatype.is_some() || map.language.is_some() {
        TermType::Literal
    } else {
        TermType::Iri
    }
}

// An IRI that is a template over cells, whose values cannot make it anything else.
fn simple_iri(text: &Expression, base: &str, form: IriForm, resolves: bool) -> Option<IriRule> {
    let Expression::Template(pieces) = text else {
        return None;
    };
    if form == IriForm::Unchecked {
        return None;
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut sample = String::new();
    let is_absolute = matches!(pieces.first(), Some(Piece::Text(text)) if iri::is_absolute(text));
    if !is_absolute {
        if resolves {
            return None;
        }
        // It is one with a value too: no value has a colon in it, but texts may.
        let texts = pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text),
            Piece::Value(..) => None,
        });
        if texts.into_iter().any(|text| text.contains(':')) {
            return None;
        }
        parts.push(Part::Text(base.to_owned()));
        sample.push_str(base);
    }
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                sample.push_str(text);
                match parts.last_mut() {
                    Some(Part::Text(before)) => before.push_str(text),
                    _ => parts.push(Part::Text(text.clone())),
                }
            }
            Piece::Value(Expression::Column(column), safe) => {
                sample.push('x');
                parts.push(Part::value(Variable::Column(*column), *safe));
            }
            Piece::Value(..) => return None,
        }
    }
    // What stands between the values makes it an IRI whatever they are, or never.
    let is_ascii = form != IriForm::Uri || sample.is_ascii();
    if iri::check(&sample).is_err() || !is_ascii || sample_depends(&sample, &parts) {
        return None;
    }
    Some(IriRule {
        template: Template { parts },
        base: None,
        steps: false,
        prefixes: &[],
    })
}

// Whether values stand in the authority, where an empty one or other letters may make a difference.
fn sample_depends(sample: &str, parts: &[Part]) -> bool {
    let Some(Part::Text(start)) = parts.first() else {
        return true;
    };
    let Some(authority) = sample.find("//").map(|at| at + 2) else {
        return false;
    };
    parts.len() > 1
        && !start
            .get(authority..)
            .is_some_and(|rest| rest.contains(['/', '?', '#']))
}

// The same as an expression.
fn expression_of(template: &Template) -> Expression {
    Expression::Template(
        template
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(Piece::Text(text.clone())),
                Part::Expression(expression) => match expression.simple() {
                    Some((Variable::Column(column), safe)) => {
                        Some(Piece::Value(Expression::Column(*column), safe))
                    }
                    _ => None,
                },
            })
            .collect(),
    )
}
