//! A row with its cells, and the quads that are made of it.
//!
//! In: the cells of a row and the rules of its scan. Out: quads to the sink; IRIs that turn out
//! not to be valid are reported and their quads left out. Texts are built in buffers that are used
//! again for each quad. `objects` makes something else of the same rows.

use super::cell::{CellValue, Item};
use super::join::JoinIndex;
use super::made::{Fault, MadeTerm};
use crate::plan::{
    ColumnRead, IriRule, LiteralKind, Plan, QuadRule, TableScan, TermRule, Variable, VariableValue,
};
use crate::rdf::canonical::canonical;
use crate::rdf::iri;
use crate::rdf::vocab::{rdf, xsd};
use crate::sink::{Origin, QuadSink, SinkError};
use oxrdf::{
    BlankNodeRef, GraphNameRef, LiteralRef, NamedNodeRef, NamedOrBlankNodeRef, QuadRef, TermRef,
};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

/// An IRI that a rule made and that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InvalidIri {
    pub(super) rule: usize,
    /// Its text, or the beginning of it.
    pub(super) text: String,
    pub(super) fault: IriFault,
}

/// Why an IRI cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum IriFault {
    /// It is none: the reason.
    Invalid(String),
    /// It is longer than it may be.
    TooLong,
    /// The IRIs of its row are longer than can be held, all together.
    RowTooLarge,
    /// There are more of them than can be held.
    TooMany,
    /// It is no language tag: the reason.
    Language(String),
    /// A function has no value; where it is called in the mapping.
    Function(usize),
}

/// Makes something of the rows of a run.
pub(super) trait RowConsumer {
    /// Takes what hangs on no row; gives how much that is.
    fn begin(&mut self, plan: &Plan) -> Result<u64, SinkError>;

    /// Whether more rows are asked for.
    fn wants_more(&self) -> bool {
        true
    }

    /// A table begins.
    fn begin_table(&mut self, _scan: usize, _plan: &Plan) -> Result<(), SinkError> {
        Ok(())
    }

    /// Takes a row; gives how much is made of it.
    fn row(
        &mut self,
        row: &RowContext<'_, '_>,
        invalid: impl FnMut(InvalidIri),
    ) -> Result<u64, SinkError>;

    /// Takes comments of the source; gives how much is made of them.
    ///
    /// Spec: tabular-data-model §8
    fn comments(
        &mut self,
        scan_index: usize,
        scan: &TableScan,
        comments: Vec<String>,
    ) -> Result<u64, SinkError>;

    /// A table ends, be it that it could not be read.
    fn end_table(&mut self, _scan: usize, _plan: &Plan) -> Result<(), SinkError> {
        Ok(())
    }

    /// All tables have come.
    fn end(&mut self, _plan: &Plan) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Makes quads of rows.
pub(super) struct Quads<'s, S> {
    sink: &'s mut S,
    buffers: Buffers,
}

impl<'s, S: QuadSink> Quads<'s, S> {
    pub(super) fn new(sink: &'s mut S) -> Self {
        Self {
            sink,
            buffers: Buffers::default(),
        }
    }
}

impl<S: QuadSink> RowConsumer for Quads<'_, S> {
    fn begin(&mut self, plan: &Plan) -> Result<u64, SinkError> {
        for quad in &plan.constants {
            self.sink.push(quad.as_ref(), &Origin::default())?;
        }
        Ok(plan.constants.len() as u64)
    }

    fn row(
        &mut self,
        row: &RowContext<'_, '_>,
        invalid: impl FnMut(InvalidIri),
    ) -> Result<u64, SinkError> {
        row.emit(&mut self.buffers, self.sink, invalid)
    }

    fn comments(
        &mut self,
        scan_index: usize,
        scan: &TableScan,
        comments: Vec<String>,
    ) -> Result<u64, SinkError> {
        let Some((subject, predicate)) = &scan.comments else {
            return Ok(0);
        };
        let origin = Origin {
            scan: Some(scan_index),
            ..Origin::default()
        };
        for comment in &comments {
            let comment = LiteralRef::new_simple_literal(comment);
            let quad = QuadRef::new(subject, predicate, comment, GraphNameRef::DefaultGraph);
            self.sink.push(quad, &origin)?;
        }
        Ok(comments.len() as u64)
    }
}

/// Buffers for the terms of a quad.
#[derive(Debug, Default)]
struct Buffers {
    subject: String,
    predicate: String,
    object: String,
    scratch: String,
    key: Vec<u8>,
}

/// One row on its way to quads.
pub(super) struct RowContext<'a, 'r> {
    pub(super) scan: &'a TableScan,
    pub(super) scan_index: usize,
    pub(super) cells: &'a [CellValue<'r>],
    /// What the joins of the scan find.
    pub(super) joins: &'a [Arc<JoinIndex>],
    pub(super) row_number: u64,
    pub(super) source_row: u64,
    pub(super) line: u64,
}

impl RowContext<'_, '_> {
    /// Whether a rule applies to the row.
    pub(super) fn applies(&self, rule: &QuadRule) -> bool {
        rule.when.iter().all(|column| {
            let cell = &self.cells[*column];
            let has_text = || cell.items().iter().any(|item| !item.text.is_empty());
            !cell.is_null() && (!rule.when_text || has_text())
        })
    }

    // Makes the quads of the row; gives their number.
    fn emit(
        &self,
        buffers: &mut Buffers,
        sink: &mut impl QuadSink,
        mut invalid: impl FnMut(InvalidIri),
    ) -> Result<u64, SinkError> {
        let mut made = 0;
        for (index, rule) in self.scan.rules.iter().enumerate() {
            if !self.applies(rule) {
                continue;
            }
            let Buffers {
                subject,
                predicate,
                object,
                scratch,
                key,
            } = buffers;
            let mut fault = |text: String, fault: IriFault| {
                invalid(InvalidIri {
                    rule: index,
                    text,
                    fault,
                });
            };
            if !self.holds(&rule.conditions, &mut fault) {
                continue;
            }
            let origin = Origin {
                scan: Some(self.scan_index),
                rule: index,
                row_number: self.row_number,
                source_row: self.source_row,
                line: self.line,
            };
            let graph = match rule.graph.constant() {
                Some(graph) if !rule.is_general() => graph.as_ref(),
                _ => {
                    made += self.emit_general(rule, &origin, sink, &mut fault)?;
                    continue;
                }
            };
            let subject = match self.term(&rule.subject, subject, scratch, &mut fault) {
                Some(TermRef::NamedNode(node)) => NamedOrBlankNodeRef::NamedNode(node),
                Some(TermRef::BlankNode(node)) => NamedOrBlankNodeRef::BlankNode(node),
                _ => continue,
            };
            let Some(TermRef::NamedNode(predicate)) =
                self.term(&rule.predicate, predicate, scratch, &mut fault)
            else {
                continue;
            };
            match &rule.object {
                TermRule::Values(column) | TermRule::Texts(column) => {
                    for number in 0..self.cells[*column].items().len() {
                        let mut value = self.literal(*column, number);
                        if matches!(rule.object, TermRule::Texts(_)) && value.language().is_none() {
                            value = LiteralRef::new_simple_literal(value.value());
                        }
                        sink.push(QuadRef::new(subject, predicate, value, graph), &origin)?;
                        made += 1;
                    }
                }
                TermRule::Literals(column, kind) => {
                    for item in self.cells[*column].items() {
                        let value = match kind {
                            LiteralKind::Datatype(datatype) => {
                                LiteralRef::new_typed_literal(&item.text, datatype.as_ref())
                            }
                            LiteralKind::Language(tag) => {
                                LiteralRef::new_language_tagged_literal_unchecked(&item.text, tag)
                            }
                            _ => LiteralRef::new_simple_literal(&item.text),
                        };
                        sink.push(QuadRef::new(subject, predicate, value, graph), &origin)?;
                        made += 1;
                    }
                }
                TermRule::Generated(generator) => {
                    let mut terms = Vec::new();
                    self.generated(generator, &mut terms, &mut fault);
                    for term in terms {
                        let value = match &term {
                            MadeTerm::Term(term) => term.as_ref(),
                            triple @ MadeTerm::Triple(_) => return Err(not_representable(triple)),
                        };
                        sink.push(QuadRef::new(subject, predicate, value, graph), &origin)?;
                        made += 1;
                    }
                }
                TermRule::EachIri(column, rule) => {
                    let items = self.cells[*column].items().iter();
                    for item in items.filter(|item| !item.text.is_empty()) {
                        let one = Some((*column, item));
                        if self.iri(rule, one, object, scratch, &mut fault).is_none() {
                            continue;
                        }
                        let value = NamedNodeRef::new_unchecked(object);
                        sink.push(QuadRef::new(subject, predicate, value, graph), &origin)?;
                        made += 1;
                    }
                }
                TermRule::Joined(join) => {
                    let (join, rule) = (&self.joins[*join], &self.scan.joins[*join]);
                    for text in join.terms(rule, self.cells, key) {
                        object.clear();
                        object.push_str(join.prefix());
                        object.push_str(text);
                        let value = NamedNodeRef::new_unchecked(object);
                        sink.push(QuadRef::new(subject, predicate, value, graph), &origin)?;
                        made += 1;
                    }
                }
                TermRule::List(column) => {
                    if matches!(self.cells[*column], CellValue::Null) {
                        continue;
                    }
                    made += self.emit_list(*column, subject, predicate, graph, &origin, sink)?;
                }
                other => {
                    let Some(value) = self.term(other, object, scratch, &mut fault) else {
                        continue;
                    };
                    sink.push(QuadRef::new(subject, predicate, value, graph), &origin)?;
                    made += 1;
                }
            }
        }
        Ok(made)
    }

    // Makes the quads of a rule of which there may be any number.
    fn emit_general(
        &self,
        rule: &QuadRule,
        origin: &Origin,
        sink: &mut impl QuadSink,
        fault: &mut Fault<'_>,
    ) -> Result<u64, SinkError> {
        let mut quads = Vec::new();
        self.made_quads(rule, fault, &mut |quad| quads.push(quad));
        let made = quads.len() as u64;
        for quad in quads {
            let quad = quad
                .into_quad()
                .map_err(|triple| not_representable(&triple))?;
            sink.push(quad.as_ref(), origin)?;
        }
        Ok(made)
    }

    fn emit_list(
        &self,
        column: usize,
        subject: NamedOrBlankNodeRef<'_>,
        predicate: NamedNodeRef<'_>,
        graph: GraphNameRef<'_>,
        origin: &Origin,
        sink: &mut impl QuadSink,
    ) -> Result<u64, SinkError> {
        let label =
            |number: usize| format!("t{}r{}c{column}i{number}", self.scan_index, self.row_number);
        let count = self.cells[column].items().len();
        let mut node = label(0);
        let head: TermRef<'_> = if count == 0 {
            rdf::NIL.into()
        } else {
            BlankNodeRef::new_unchecked(&node).into()
        };
        sink.push(QuadRef::new(subject, predicate, head, graph), origin)?;
        for number in 0..count {
            let here = BlankNodeRef::new_unchecked(&node);
            let value = self.literal(column, number);
            sink.push(QuadRef::new(here, rdf::FIRST, value, graph), origin)?;
            let next = label(number + 1);
            let rest: TermRef<'_> = if number + 1 == count {
                rdf::NIL.into()
            } else {
                BlankNodeRef::new_unchecked(&next).into()
            };
            sink.push(QuadRef::new(here, rdf::REST, rest, graph), origin)?;
            node = next;
        }
        Ok(1 + 2 * count as u64)
    }

    pub(super) fn literal(&self, column: usize, number: usize) -> LiteralRef<'_> {
        let item = &self.cells[column].items()[number];
        let read = self.column(column);
        let value = &read.cell.value;
        match &read.cell.language {
            // A datatype of its own takes the place of the language.
            //
            // Spec: csv2rdf §4.3
            Some(language) if !item.valid || value.iri.as_ref() == oxrdf::vocab::xsd::STRING => {
                LiteralRef::new_language_tagged_literal_unchecked(&item.text, language)
            }
            // A value that does not fit its datatype is the string that stands in the cell.
            _ if !item.valid => LiteralRef::new_simple_literal(&item.text),
            _ => LiteralRef::new_typed_literal(&item.text, value.iri.as_ref()),
        }
    }

    /// How a column is read.
    pub(super) fn column(&self, column: usize) -> &ColumnRead {
        self.scan.column(column)
    }

    // A term that is the same for all values of the row; nothing where it is not valid.
    pub(super) fn term<'t>(
        &self,
        rule: &'t TermRule,
        buffer: &'t mut String,
        scratch: &mut String,
        fault: &mut impl FnMut(String, IriFault),
    ) -> Option<TermRef<'t>> {
        match rule {
            TermRule::Constant(term) => Some(term.as_ref()),
            TermRule::Iri(rule) => {
                self.iri(rule, None, buffer, scratch, fault)?;
                Some(NamedNodeRef::new_unchecked(buffer).into())
            }
            TermRule::RowBlank(kind) => {
                buffer.clear();
                let _ = write!(buffer, "t{}r{}{kind}", self.scan_index, self.row_number);
                Some(BlankNodeRef::new_unchecked(buffer).into())
            }
            TermRule::RowNumber => {
                buffer.clear();
                let _ = write!(buffer, "{}", self.row_number);
                let integer = NamedNodeRef::new_unchecked(xsd::INTEGER);
                Some(LiteralRef::new_typed_literal(buffer, integer).into())
            }
            // Many values are no single term.
            TermRule::Values(_)
            | TermRule::Texts(_)
            | TermRule::EachIri(..)
            | TermRule::Joined(_)
            | TermRule::Literals(..)
            | TermRule::Generated(_)
            | TermRule::List(_) => None,
        }
    }

    /// Makes an IRI in the first buffer; nothing where it is not valid. `one` is a column that stands for
    /// one of its values only.
    pub(super) fn iri(
        &self,
        rule: &IriRule,
        one: Option<(usize, &Item<'_>)>,
        buffer: &mut String,
        scratch: &mut String,
        fault: &mut impl FnMut(String, IriFault),
    ) -> Option<()> {
        let Some(base) = &rule.base else {
            buffer.clear();
            let done = rule
                .template
                .expand(buffer, |variable| self.variable(variable, one));
            if done.is_err() {
                fault(beginning(buffer), IriFault::TooLong);
                return None;
            }
            if rule.steps && buffer.contains("/.") {
                *buffer = iri::take_steps(buffer);
            }
            return Some(());
        };
        scratch.clear();
        let done = rule
            .template
            .expand(scratch, |variable| self.variable(variable, one));
        if done.is_err() {
            fault(beginning(scratch), IriFault::TooLong);
            return None;
        }
        buffer.clear();
        if let Some((prefix, local)) = scratch.split_once(':') {
            let namespace = rule.prefixes.iter().find(|(known, _)| *known == prefix);
            if let Some((_, namespace)) = namespace.filter(|_| !local.starts_with("//")) {
                buffer.push_str(namespace);
                buffer.push_str(local);
                scratch.clone_from(buffer);
            }
        }
        match iri::resolve(base, scratch) {
            Ok(resolved) => {
                *buffer = resolved;
                Some(())
            }
            Err(error) => {
                fault(scratch.clone(), IriFault::Invalid(error.to_string()));
                None
            }
        }
    }

    // The value of a variable: that of a cell in its canonical form.
    //
    // Spec: metadata §5.1.3
    fn variable<'v>(
        &'v self,
        variable: &'v Variable,
        one: Option<(usize, &'v Item<'v>)>,
    ) -> Option<VariableValue<'v>> {
        let text = |column: usize, item: &'v Item<'v>| {
            if item.valid {
                canonical(self.column(column).cell.value.datatype, &item.text)
            } else {
                Cow::Borrowed(item.text.as_ref())
            }
        };
        match variable {
            Variable::Column(column) => match (one, &self.cells[*column]) {
                (Some((number, item)), _) if number == *column => {
                    Some(VariableValue::One(text(*column, item)))
                }
                (_, CellValue::Null) => None,
                (_, CellValue::One(item)) => Some(VariableValue::One(text(*column, item))),
                (_, CellValue::Many(items)) => Some(VariableValue::Many(
                    items.iter().map(|item| text(*column, item)).collect(),
                )),
            },
            Variable::RowNumber => Some(VariableValue::One(self.row_number.to_string().into())),
            Variable::SourceRow => Some(VariableValue::One(self.source_row.to_string().into())),
            Variable::Constant(text) => Some(VariableValue::One(Cow::Borrowed(text))),
            Variable::Undefined => None,
        }
    }
}

// As much of a text as tells which one it is.
fn beginning(text: &str) -> String {
    text.chars().take(80).chain(['…']).collect()
}

fn not_representable(term: &MadeTerm) -> SinkError {
    SinkError::NotRepresentable {
        format: "this format, which knows RDF 1.1 only,",
        what: format!("the triple term {term}"),
    }
}
