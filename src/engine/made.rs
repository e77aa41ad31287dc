//! Terms and quads that are made of a row by expressions: any number of them, each a text of its own.
//!
//! In: a row and the rules of its scan. Out: [`MadeTerm`]s, and quads of them; what cannot be made is told.
//! Rules whose terms are cells and templates do not come here but where they stand beside others.

use super::cell::CellValue;
use super::row::{IriFault, RowContext};
use crate::function::Value;
use crate::plan::template::EXPANSION_BYTES;
use crate::plan::{
    Base, Collection, CollectionKind, Expression, Generator, GraphRule, IriForm, LiteralKind,
    Piece, QuadRule, TermRule, TripleRule,
};
use crate::rdf::canonical::canonical;
use crate::rdf::hexadecimal;
use crate::rdf::iri::{self, push_encoded};
use crate::rdf::vocab::rdf;
use crate::rdf::xsd::{Datatype, Value as Lexical};
use oxrdf::vocab::xsd;
use oxrdf::{BlankNode, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The namespace of containers.
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// How many combinations of values a template or a rule may make of one row.
pub(super) const MOST_TERMS: usize = 100_000;

/// A term that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MadeTerm {
    /// A term of RDF 1.1.
    Term(Term),
    /// A triple term.
    Triple(Box<[MadeTerm; 3]>),
}

/// A quad that was made; without a graph it is in the default graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MadeQuad {
    pub(super) subject: NamedOrBlankNode,
    pub(super) predicate: NamedNode,
    pub(super) object: MadeTerm,
    pub(super) graph: GraphName,
}

impl MadeQuad {
    /// The quad, but for one with a triple term, which the serializations of RDF 1.1 cannot hold.
    pub(super) fn into_quad(self) -> Result<Quad, MadeTerm> {
        match self.object {
            MadeTerm::Term(object) => {
                Ok(Quad::new(self.subject, self.predicate, object, self.graph))
            }
            triple @ MadeTerm::Triple(_) => Err(triple),
        }
    }
}

impl std::fmt::Display for MadeTerm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Triple(triple) => {
                let [subject, predicate, object] = &**triple;
                write!(f, "<<( {subject} {predicate} {object} )>>")
            }
        }
    }
}

/// Tells what cannot be made.
pub(super) type Fault<'f> = dyn FnMut(String, IriFault) + 'f;

impl RowContext<'_, '_> {
    /// Whether all conditions are true; one that cannot be told is not.
    pub(super) fn holds(&self, conditions: &[Expression], fault: &mut Fault<'_>) -> bool {
        conditions
            .iter()
            .all(|condition| self.value(condition, fault).is_true())
    }

    /// Makes all quads of a rule that applies.
    pub(super) fn made_quads(
        &self,
        rule: &QuadRule,
        fault: &mut Fault<'_>,
        push: &mut dyn FnMut(MadeQuad),
    ) {
        let subjects = self.made_nodes(&rule.subject, fault);
        let graphs = |fault: &mut Fault<'_>| self.made_graphs(&rule.graph, fault);
        self.made_statements(rule, &subjects, graphs, fault, push);
    }

    /// Makes the subjects of a rule.
    pub(super) fn made_nodes(
        &self,
        rule: &TermRule,
        fault: &mut Fault<'_>,
    ) -> Vec<NamedOrBlankNode> {
        let mut nodes = Vec::new();
        self.made_terms(rule, &mut nodes, fault);
        nodes.into_iter().filter_map(as_node).collect()
    }

    /// Makes the graphs of a rule.
    pub(super) fn made_graphs(&self, rule: &GraphRule, fault: &mut Fault<'_>) -> Vec<GraphName> {
        match rule {
            GraphRule::Constant(graph) => vec![graph.clone()],
            GraphRule::Term(term, default) => self
                .made_nodes(term, fault)
                .into_iter()
                .map(|node| graph_name(node, default))
                .collect(),
        }
    }

    /// Makes the quads of a rule that applies, with these subjects, and with graphs that are asked for where there
    /// are subjects and predicates.
    pub(super) fn made_statements<G: AsRef<[GraphName]>>(
        &self,
        rule: &QuadRule,
        subjects: &[NamedOrBlankNode],
        graphs: impl FnOnce(&mut Fault<'_>) -> G,
        fault: &mut Fault<'_>,
        push: &mut dyn FnMut(MadeQuad),
    ) {
        if subjects.is_empty() {
            return;
        }
        let mut predicates = Vec::new();
        self.made_terms(&rule.predicate, &mut predicates, fault);
        let predicates: Vec<NamedNode> = predicates.into_iter().filter_map(as_iri).collect();
        if predicates.is_empty() {
            return;
        }
        let graphs = graphs(fault);
        let graphs = graphs.as_ref();
        let mut objects = Vec::new();
        let mut members = Vec::new();
        match &rule.object {
            TermRule::Generated(generator) => match &**generator {
                Generator::Collection(collection) => {
                    self.collections(collection, &mut objects, &mut members, fault);
                }
                generator => self.generated(generator, &mut objects, fault),
            },
            other => self.made_terms(other, &mut objects, fault),
        }
        let quads = [
            subjects.len(),
            predicates.len(),
            objects.len(),
            graphs.len(),
        ];
        if quads.into_iter().fold(1, usize::saturating_mul) > MOST_TERMS {
            return fault(String::new(), IriFault::TooMany);
        }
        for graph in graphs {
            for subject in subjects {
                for predicate in &predicates {
                    for object in &objects {
                        push(MadeQuad {
                            subject: subject.clone(),
                            predicate: predicate.clone(),
                            object: object.clone(),
                            graph: graph.clone(),
                        });
                    }
                }
            }
            for (subject, predicate, object) in &members {
                push(MadeQuad {
                    subject: subject.clone(),
                    predicate: predicate.clone(),
                    object: object.clone(),
                    graph: graph.clone(),
                });
            }
        }
    }

    /// Makes the terms of a rule.
    pub(super) fn made_terms(
        &self,
        rule: &TermRule,
        out: &mut Vec<MadeTerm>,
        fault: &mut Fault<'_>,
    ) {
        let mut fault = |text: String, what: IriFault| fault(text, what);
        match rule {
            TermRule::Generated(generator) => self.generated(generator, out, &mut fault),
            TermRule::Values(column) => {
                for number in 0..self.cells[*column].items().len() {
                    let literal = self.literal(*column, number).into_owned();
                    out.push(MadeTerm::Term(literal.into()));
                }
            }
            TermRule::Texts(column) => {
                for number in 0..self.cells[*column].items().len() {
                    let literal = self.literal(*column, number);
                    let literal = match literal.language() {
                        Some(_) => literal.into_owned(),
                        None => Literal::new_simple_literal(literal.value()),
                    };
                    out.push(MadeTerm::Term(literal.into()));
                }
            }
            TermRule::Literals(column, kind) => {
                for item in self.cells[*column].items() {
                    out.push(MadeTerm::Term(
                        constant_literal(item.text.as_ref(), kind).into(),
                    ));
                }
            }
            TermRule::EachIri(column, rule) => {
                let (mut made, mut scratch) = (String::new(), String::new());
                for item in self.cells[*column].items() {
                    let one = Some((*column, item));
                    let done = self.iri(rule, one, &mut made, &mut scratch, &mut fault);
                    if done.is_some() && !item.text.is_empty() {
                        out.push(iri_term(std::mem::take(&mut made)));
                    }
                }
            }
            TermRule::Joined(number) => {
                let (join, rule) = (&self.joins[*number], &self.scan.joins[*number]);
                let mut key = Vec::new();
                for text in join.terms(rule, self.cells, &mut key) {
                    out.push(iri_term(format!("{}{text}", join.prefix())));
                }
            }
            TermRule::List(_) => {}
            TermRule::Constant(_)
            | TermRule::Iri(_)
            | TermRule::RowBlank(_)
            | TermRule::RowNumber => {
                let (mut made, mut scratch) = (String::new(), String::new());
                let term = self.term(rule, &mut made, &mut scratch, &mut fault);
                out.extend(term.map(|term| MadeTerm::Term(term.into_owned())));
            }
        }
    }

    /// Makes the terms of a generator.
    pub(super) fn generated(
        &self,
        generator: &Generator,
        out: &mut Vec<MadeTerm>,
        fault: &mut Fault<'_>,
    ) {
        match generator {
            Generator::Iri { text, base, form } => self.each_text(text, fault, |text, fault| {
                let iri = match base {
                    _ if iri::is_absolute(&text) => text,
                    Base::Prepended(base) => format!("{base}{text}"),
                    Base::Resolved(base) => match iri::resolve(base, &text) {
                        Ok(resolved) => resolved,
                        Err(error) => return fault(text, IriFault::Invalid(error.to_string())),
                    },
                };
                match check_iri(&iri, *form) {
                    Ok(()) => out.push(iri_term(iri)),
                    Err(reason) => fault(iri, IriFault::Invalid(reason)),
                }
            }),
            Generator::Blank { text } => self.each_text(text, fault, |text, _| {
                out.push(blank_term(label(&text)));
            }),
            Generator::Literal { text, kind } => self.literals(text, kind, out, fault),
            Generator::Triple(rule) => {
                for triple in self.triples(rule, fault) {
                    out.push(MadeTerm::Triple(Box::new(triple)));
                }
            }
            Generator::Reifier(rule) => {
                for triple in self.triples(rule, fault) {
                    out.push(blank_term(reifier(&triple)));
                }
            }
            // It is more than a term.
            Generator::Collection(_) => {}
        }
    }

    fn literals(
        &self,
        text: &Expression,
        kind: &LiteralKind,
        out: &mut Vec<MadeTerm>,
        fault: &mut Fault<'_>,
    ) {
        let mut kinds = Vec::new();
        match kind {
            LiteralKind::Natural => {
                natural(self.value(text, fault), out);
                return;
            }
            LiteralKind::DatatypeOf(generator) => {
                let mut datatypes = Vec::new();
                self.generated(generator, &mut datatypes, fault);
                let datatypes = datatypes.into_iter().filter_map(as_iri);
                kinds.extend(datatypes.map(LiteralKind::Datatype));
            }
            LiteralKind::LanguageOf(expression) => {
                self.each_text(
                    expression,
                    fault,
                    |tag, fault| match oxilangtag::LanguageTag::parse(tag.as_str()) {
                        Ok(_) => kinds.push(LiteralKind::Language(tag)),
                        Err(error) => fault(tag, IriFault::Language(error.to_string())),
                    },
                );
            }
            kind => kinds.push(kind.clone()),
        }
        if kinds.is_empty() {
            return;
        }
        self.each_text(text, fault, |text, _| {
            for kind in &kinds {
                out.push(MadeTerm::Term(constant_literal(&text, kind).into()));
            }
        });
    }

    fn triples(&self, rule: &TripleRule, fault: &mut Fault<'_>) -> Vec<[MadeTerm; 3]> {
        let mut parts: [Vec<MadeTerm>; 3] = Default::default();
        for (term, part) in [&rule.subject, &rule.predicate, &rule.object]
            .into_iter()
            .zip(&mut parts)
        {
            self.made_terms(term, part, fault);
        }
        let [subjects, predicates, objects] = parts;
        let mut triples = Vec::new();
        for subject in &subjects {
            for predicate in &predicates {
                for object in &objects {
                    triples.push([subject.clone(), predicate.clone(), object.clone()]);
                }
            }
        }
        triples
    }

    // Makes lists or containers: their nodes, and the triples that they consist of.
    fn collections(
        &self,
        rule: &Collection,
        out: &mut Vec<MadeTerm>,
        members: &mut Vec<(NamedOrBlankNode, NamedNode, MadeTerm)>,
        fault: &mut Fault<'_>,
    ) {
        let mut of_items: Vec<Vec<MadeTerm>> = Vec::new();
        for item in &rule.items {
            let mut terms = Vec::new();
            self.made_terms(item, &mut terms, fault);
            of_items.push(terms);
        }
        let contents: Vec<Vec<MadeTerm>> = if rule.cartesian {
            let mut all: Vec<Vec<MadeTerm>> = vec![Vec::new()];
            for terms in &of_items {
                let longer = all.iter().flat_map(|before| {
                    terms
                        .iter()
                        .map(|term| [before.as_slice(), std::slice::from_ref(term)].concat())
                });
                all = longer.take(MOST_TERMS + 1).collect();
                if all.len() > MOST_TERMS {
                    return fault(String::new(), IriFault::TooMany);
                }
            }
            all
        } else {
            vec![of_items.into_iter().flatten().collect()]
        };
        let mut heads = Vec::new();
        match &rule.head {
            Some(head) => self.made_terms(head, &mut heads, fault),
            None => heads.push(blank_term(format!(
                "t{}r{}g{}",
                self.scan_index, self.row_number, rule.number
            ))),
        }
        for head in heads.into_iter().filter_map(as_node) {
            for (number, content) in contents.iter().enumerate() {
                if content.is_empty() && !rule.allow_empty {
                    continue;
                }
                // Combinations beyond the first are nodes of their own.
                let head = match (&head, number) {
                    (_, 0) => head.clone(),
                    (NamedOrBlankNode::NamedNode(node), number) => {
                        NamedNode::new_unchecked(format!("{}-{number}", node.as_str())).into()
                    }
                    (NamedOrBlankNode::BlankNode(node), number) => {
                        BlankNode::new_unchecked(format!("{}c{number}", node.as_str())).into()
                    }
                };
                out.push(collection(&head, content, rule, self, number, members));
            }
        }
    }

    /// Gives each text of an expression.
    fn each_text(
        &self,
        expression: &Expression,
        fault: &mut Fault<'_>,
        mut take: impl FnMut(String, &mut Fault<'_>),
    ) {
        let value = self.value(expression, fault);
        if let Value::Text(text) = value {
            take(text.into_owned(), fault);
            return;
        }
        let mut texts = Vec::new();
        value.texts(&mut texts);
        for text in texts {
            take(text, fault);
        }
    }

    /// What an expression gives: several values are a list.
    pub(super) fn value<'v>(
        &'v self,
        expression: &'v Expression,
        fault: &mut Fault<'_>,
    ) -> Value<'v> {
        let cells = Cells {
            cells: self.cells,
            row_number: self.row_number,
        };
        cells.value(expression, fault)
    }
}

/// The cells of a row, which is all that an expression asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'c, 'r> {
    pub(super) cells: &'c [CellValue<'r>],
    /// The number of the data row, counted from 1.
    pub(super) row_number: u64,
}

impl<'c> Cells<'c, '_> {
    /// Whether all conditions are true; one that cannot be told is not.
    pub(super) fn holds(self, conditions: &[Expression], fault: &mut Fault<'_>) -> bool {
        conditions
            .iter()
            .all(|condition| self.value(condition, fault).is_true())
    }

    /// What an expression gives: several values are a list.
    pub(super) fn value<'v>(self, expression: &'v Expression, fault: &mut Fault<'_>) -> Value<'v>
    where
        'c: 'v,
    {
        match expression {
            Expression::Constant(text) => Value::Text(Cow::Borrowed(text)),
            Expression::Column(column) => match self.cells[*column].items() {
                [] => Value::Null,
                [item] => Value::Text(Cow::Borrowed(&item.text)),
                items => Value::List(
                    items
                        .iter()
                        .map(|item| Value::Text(Cow::Borrowed(item.text.as_ref())))
                        .collect(),
                ),
            },
            Expression::RowNumber => {
                Value::Text((self.row_number.saturating_sub(1)).to_string().into())
            }
            Expression::Template(pieces) => self.template(pieces, fault),
            Expression::List(items) => {
                let mut values = Vec::new();
                for item in items {
                    match self.value(item, fault) {
                        Value::List(more) => values.extend(more),
                        value => values.push(value),
                    }
                }
                Value::List(values)
            }
            Expression::Call(call) => {
                let arguments: Vec<Value<'_>> = call
                    .arguments
                    .iter()
                    .map(|argument| match argument {
                        Some(argument) => self.value(argument, fault),
                        None => Value::Null,
                    })
                    .collect();
                match call.function.call(&arguments) {
                    Ok(value) => value,
                    Err(error) => {
                        fault(error.to_string(), IriFault::Function(call.element));
                        Value::Null
                    }
                }
            }
        }
    }

    fn template<'v>(self, pieces: &'v [Piece], fault: &mut Fault<'_>) -> Value<'v>
    where
        'c: 'v,
    {
        let mut texts = vec![String::new()];
        for piece in pieces {
            let (value, safe) = match piece {
                Piece::Text(text) => {
                    for one in &mut texts {
                        one.push_str(text);
                    }
                    continue;
                }
                Piece::Value(value, safe) => (self.value(value, fault), *safe),
            };
            if let Value::Text(text) = &value {
                for one in &mut texts {
                    push_encoded(one, text, safe);
                }
            } else {
                let mut values = Vec::new();
                value.texts(&mut values);
                if values.len().saturating_mul(texts.len()) > MOST_TERMS {
                    fault(String::new(), IriFault::TooMany);
                    return Value::Null;
                }
                texts = texts
                    .iter()
                    .flat_map(|before| {
                        values.iter().map(move |value| {
                            let mut text = before.clone();
                            push_encoded(&mut text, value, safe);
                            text
                        })
                    })
                    .collect();
            }
            if texts.iter().any(|text| text.len() > EXPANSION_BYTES) {
                let beginning = texts.first().map(|text| text.chars().take(80).collect());
                fault(beginning.unwrap_or_default(), IriFault::TooLong);
                return Value::Null;
            }
        }
        if texts.len() == 1 {
            return Value::Text(texts.remove(0).into());
        }
        let texts = texts.into_iter().map(|text| Value::Text(text.into()));
        Value::List(texts.collect())
    }
}

fn collection(
    head: &NamedOrBlankNode,
    content: &[MadeTerm],
    rule: &Collection,
    row: &RowContext<'_, '_>,
    number: usize,
    members: &mut Vec<(NamedOrBlankNode, NamedNode, MadeTerm)>,
) -> MadeTerm {
    let iri = |text: &str| NamedNode::new_unchecked(text);
    let term = |node: &NamedOrBlankNode| MadeTerm::Term(node.clone().into());
    let class = match rule.kind {
        CollectionKind::List => {
            let nil = iri_term(rdf::NIL.as_str().to_owned());
            if content.is_empty() {
                return nil;
            }
            let mut node = head.clone();
            for (at, member) in content.iter().enumerate() {
                members.push((node.clone(), rdf::FIRST.into(), member.clone()));
                if at + 1 == content.len() {
                    members.push((node, rdf::REST.into(), nil));
                    break;
                }
                let next: NamedOrBlankNode = BlankNode::new_unchecked(format!(
                    "t{}r{}g{}c{number}i{}",
                    row.scan_index,
                    row.row_number,
                    rule.number,
                    at + 1
                ))
                .into();
                members.push((node, rdf::REST.into(), term(&next)));
                node = next;
            }
            return term(head);
        }
        CollectionKind::Bag => "Bag",
        CollectionKind::Seq => "Seq",
        CollectionKind::Alt => "Alt",
    };
    members.push((
        head.clone(),
        oxrdf::vocab::rdf::TYPE.into_owned(),
        iri_term(format!("{RDF}{class}")),
    ));
    for (at, member) in content.iter().enumerate() {
        members.push((
            head.clone(),
            iri(&format!("{RDF}_{}", at + 1)),
            member.clone(),
        ));
    }
    term(head)
}

// Literals with the datatypes of the values themselves.
fn natural(value: Value<'_>, out: &mut Vec<MadeTerm>) {
    if let Value::List(values) = value {
        for value in values {
            natural(value, out);
        }
        return;
    }
    let Some(text) = value.as_text() else {
        return;
    };
    let literal = match value.datatype() {
        Some(datatype) => {
            let text = if datatype == xsd::DOUBLE.as_str() {
                canonical(Datatype::Double, &text)
            } else {
                text
            };
            Literal::new_typed_literal(text, NamedNode::new_unchecked(datatype))
        }
        None => Literal::new_simple_literal(text),
    };
    out.push(MadeTerm::Term(literal.into()));
}

/// A literal of a kind that is the same in all rows.
fn constant_literal(text: &str, kind: &LiteralKind) -> Literal {
    match kind {
        LiteralKind::Datatype(datatype) => Literal::new_typed_literal(text, datatype.clone()),
        LiteralKind::Canonical(datatype) => {
            let text = match Datatype::of_iri(datatype.as_str()) {
                // What is no form of it has no other.
                Some(known) if Lexical::parse(known, text).is_some() => canonical(known, text),
                _ => Cow::Borrowed(text),
            };
            Literal::new_typed_literal(text, datatype.clone())
        }
        LiteralKind::Language(tag) => {
            Literal::new_language_tagged_literal_unchecked(text, tag.as_str())
        }
        LiteralKind::String
        | LiteralKind::Natural
        | LiteralKind::DatatypeOf(_)
        | LiteralKind::LanguageOf(_) => Literal::new_simple_literal(text),
    }
}

/// The datatype of literals of a kind, or of strings.
pub(super) fn datatype_of(kind: &LiteralKind) -> &str {
    match kind {
        LiteralKind::Datatype(datatype) | LiteralKind::Canonical(datatype) => datatype.as_str(),
        _ => xsd::STRING.as_str(),
    }
}

fn iri_term(iri: String) -> MadeTerm {
    MadeTerm::Term(NamedNode::new_unchecked(iri).into())
}

fn blank_term(label: String) -> MadeTerm {
    MadeTerm::Term(BlankNode::new_unchecked(label).into())
}

fn as_node(term: MadeTerm) -> Option<NamedOrBlankNode> {
    match term {
        MadeTerm::Term(Term::NamedNode(node)) => Some(node.into()),
        MadeTerm::Term(Term::BlankNode(node)) => Some(node.into()),
        _ => None,
    }
}

fn as_iri(term: MadeTerm) -> Option<NamedNode> {
    match term {
        MadeTerm::Term(Term::NamedNode(node)) => Some(node),
        _ => None,
    }
}

fn graph_name(node: NamedOrBlankNode, default: &[&str]) -> GraphName {
    match node {
        NamedOrBlankNode::NamedNode(node) if default.contains(&node.as_str()) => {
            GraphName::DefaultGraph
        }
        NamedOrBlankNode::NamedNode(node) => node.into(),
        NamedOrBlankNode::BlankNode(node) => node.into(),
    }
}

fn check_iri(iri: &str, form: IriForm) -> Result<(), String> {
    if form == IriForm::Unchecked {
        return Ok(());
    }
    iri::check(iri).map_err(|error| error.to_string())?;
    match iri.chars().find(|character| !character.is_ascii()) {
        Some(character) if form == IriForm::Uri => Err(format!("a URI cannot hold `{character}`")),
        _ => Ok(()),
    }
}

/// The label of the blank node of a text: other texts have other labels.
fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len() + 1);
    label.push('b');
    for character in text.chars() {
        // Underscores begin what stands for other characters.
        if character.is_ascii_alphanumeric() {
            label.push(character);
        } else {
            let _ = write!(label, "_{:X}_", u32::from(character));
        }
    }
    label
}

/// The label of the node of a triple: SHA-256 of it, so that all scans and runs give the same.
fn reifier(triple: &[MadeTerm; 3]) -> String {
    use sha2::{Digest as _, Sha256};
    let [subject, predicate, object] = triple;
    let digest = Sha256::digest(format!("{subject} {predicate} {object}"));
    format!("q{}", hexadecimal(&digest[..16]))
}
