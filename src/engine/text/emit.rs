//! Rows as text.
//!
//! In: rows with their cells, and a [`Program`]. Out: bytes, and the [`Unit`]s in them whose
//! statements may have come before. Nothing is allocated for a cell.

use super::fixed::Fixed;
use super::memo::Memo;
use super::program::{Group, IriText, LiteralText, Node, Object, Program, Statement};
use super::repeats::Repeats;
use super::style::push_full;
use super::terms::{push_iri, push_literal, push_made, push_numbered, push_parts, push_started};
use crate::engine::cell::CellValue;
use crate::engine::hash::{TextHash, push_text};
use crate::engine::made::MadeTerm;
use crate::engine::row::{InvalidIri, IriFault, RowConsumer, RowContext};
use crate::plan::template::EXPANSION_BYTES;
use crate::plan::{Plan, TableScan};
use crate::rdf::prefixes::Prefixes;
use crate::rdf::vocab::rdf;
use crate::sink::SinkError;
use crate::sink::escape::push_escaped;
use oxrdf::NamedOrBlankNode;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// What separates the statements of a block.
pub(super) const SEPARATOR: &[u8] = b" ;\n    ";
/// What ends a block.
pub(super) const BLOCK_END: &[u8] = b" .\n";

/// How long the text of a row may be where its places are noted, with what ends it.
const MOST_BYTES: usize = (u32::MAX - 1024) as usize;

/// What is to be known of the units of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Track {
    /// It is left out.
    Skip,
    /// Nothing: no statement of it can come twice.
    Nothing,
    /// Where they are.
    Places,
    /// And the hashes of subjects and statements together.
    Units,
    /// And the hash of each statement.
    Statements,
}

/// The statements that a row makes of one subject.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) group: u32,
    /// Its bytes, with what opens and closes a block.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The subject with the space behind it.
    pub(super) subject: (u32, u32),
    /// Its statements among the marks.
    pub(super) marks: (u32, u32),
    pub(super) row_number: u64,
    pub(super) subject_hash: u128,
    pub(super) hash: u128,
}

/// A statement without its subject: predicate, object and, where it is a line, the end of that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) start: u32,
    pub(super) end: u32,
    /// The number of its hash, counted from 1, or 0 where there is none.
    pub(super) hash: u32,
    /// Whether statements of other groups may be the same.
    pub(super) is_shared: bool,
}

/// The text of some rows.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) out: Vec<u8>,
    pub(super) units: Vec<Unit>,
    pub(super) marks: Vec<Mark>,
    /// The hashes of marks, as far as they were asked for.
    pub(super) hashes: Vec<u128>,
}

impl Text {
    pub(super) fn clear(&mut self) {
        self.out.clear();
        self.units.clear();
        self.marks.clear();
        self.hashes.clear();
    }
}

/// Makes text of the rows of one table.
#[derive(Debug)]
pub(super) struct TextRows<'p> {
    pub(super) program: &'p Program<'p>,
    pub(super) prefixes: &'p Prefixes,
    pub(super) hash: TextHash,
    pub(super) track: Vec<Track>,
    pub(super) text: Text,
    /// For the groups that look something up: the rows that were seen since the text was taken.
    seen: FxHashSet<(usize, u128)>,
    /// The comments of the source that were written.
    comments: FxHashSet<u128>,
    repeats: Repeats,
    pub(super) memo: Memo,
    terms: Vec<MadeTerm>,
    subject: Fixed,
    pub(super) key: Vec<u8>,
    iri: String,
    scratch: String,
    /// Rows from this one on are not asked for.
    pub(super) until: u64,
    pub(super) next_row: u64,
    /// Whether a row made more than can be counted.
    is_too_long: bool,
    /// The predicate that is written as `a`, as rows make it, in Turtle.
    type_made: Vec<u8>,
}

// A term that cannot be made; what is wrong was told.
struct NoTerm;

// Where the statements of a row go.
struct Block {
    group: usize,
    start: usize,
    subject: (usize, usize),
    first_mark: usize,
    made: u64,
    /// Whether it holds what no other row can say, although the bytes may be the same.
    is_own: bool,
}

impl<'p> TextRows<'p> {
    pub(super) fn new(
        program: &'p Program<'p>,
        prefixes: &'p Prefixes,
        hash: TextHash,
        track: Vec<Track>,
    ) -> Self {
        let mut type_made = Vec::new();
        if program.syntax.is_turtle() {
            push_iri(
                &mut type_made,
                oxrdf::vocab::rdf::TYPE.as_str(),
                program,
                prefixes,
            );
            type_made.push(b' ');
        }
        Self {
            program,
            prefixes,
            hash,
            track,
            text: Text::default(),
            seen: FxHashSet::default(),
            comments: FxHashSet::default(),
            repeats: Repeats::default(),
            memo: Memo::new(program.shared),
            terms: Vec::new(),
            subject: Fixed::default(),
            key: Vec::new(),
            iri: String::new(),
            scratch: String::new(),
            until: u64::MAX,
            next_row: 0,
            is_too_long: false,
            type_made,
        }
    }

    /// Takes what was made so far, in exchange for an empty one.
    pub(super) fn take(&mut self, mut empty: Text) -> Text {
        empty.clear();
        self.seen.clear();
        std::mem::replace(&mut self.text, empty)
    }

    fn group(
        &mut self,
        number: usize,
        group: &'p Group<'p>,
        row: &RowContext<'_, '_>,
        invalid: &mut impl FnMut(InvalidIri),
    ) -> u64 {
        let track = self.track[number];
        if track == Track::Skip {
            return 0;
        }
        if group.is_general {
            return self.general(number, group, row, invalid);
        }
        if !group.columns.is_empty() && track != Track::Nothing && self.was_seen(number, group, row)
        {
            return 0;
        }
        let mut block: Option<Block> = None;
        let mut has_failed = false;
        for statement in &group.statements {
            if !statement.always && !row.applies(statement.source) {
                continue;
            }
            if let Object::Literals(column, _) = &statement.object
                && matches!(row.cells[*column], CellValue::Null)
            {
                continue;
            }
            let mut fault = |text: String, fault: IriFault| {
                invalid(InvalidIri {
                    rule: statement.rule,
                    text,
                    fault,
                });
            };
            if !statement.source.conditions.is_empty()
                && !self
                    .memo
                    .conditions
                    .get(statement.shared.conditions, &mut fault, |fault| {
                        row.holds(&statement.source.conditions, fault)
                    })
            {
                continue;
            }
            if has_failed || block.is_none() {
                // A subject that cannot be made is told of for each rule.
                let mut subject = std::mem::take(&mut self.subject);
                let made = subject.fill(|out| self.node(&group.subject, row, out, &mut fault));
                self.subject = subject;
                if made.is_err() {
                    has_failed = true;
                    continue;
                }
                let start = self.text.out.len();
                if self.program.syntax.is_turtle() {
                    self.text.out.push(b'\n');
                }
                if let Some((open, _)) = &group.graph {
                    self.text.out.extend_from_slice(open);
                }
                let at = self.text.out.len();
                self.repeats.begin();
                block = Some(Block {
                    group: number,
                    start,
                    subject: (at, at + self.subject.len()),
                    first_mark: self.text.marks.len(),
                    made: 0,
                    is_own: false,
                });
            }
            if let Some(block) = &mut block {
                self.statement(statement, track, row, block, &mut fault);
            }
        }
        block.map_or(0, |block| self.close(group, track, row, &block))
    }

    // Whether a row with the same values was seen, as far as the group goes.
    fn was_seen(&mut self, number: usize, group: &Group<'_>, row: &RowContext<'_, '_>) -> bool {
        self.key.clear();
        for column in &group.columns {
            for item in row.cells[*column].items() {
                self.key.push(1 + u8::from(item.valid));
                push_text(&mut self.key, &item.text);
            }
            self.key.push(0);
        }
        !self.seen.insert((number, self.hash.of(&self.key)))
    }

    fn close(
        &mut self,
        group: &Group<'_>,
        track: Track,
        row: &RowContext<'_, '_>,
        block: &Block,
    ) -> u64 {
        let text = &mut self.text;
        if block.made == 0 {
            text.out.truncate(block.start);
            return 0;
        }
        if self.program.syntax.is_turtle() {
            text.out.extend_from_slice(BLOCK_END);
            if let Some((_, close)) = &group.graph {
                text.out.extend_from_slice(close);
            }
        }
        if track == Track::Nothing {
            return block.made;
        }
        let (mut subject_hash, mut hash) = (0, 0);
        if track == Track::Units || block.is_own {
            subject_hash = self.hash.of(&text.out[block.subject.0..block.subject.1]);
            hash = self.hash.of(&text.out[block.start..]);
            if block.is_own {
                hash ^= u128::from(row.row_number) << 64;
            }
        }
        text.units.push(Unit {
            group: place(block.group),
            start: place(block.start),
            end: place(text.out.len()),
            subject: (place(block.subject.0), place(block.subject.1)),
            marks: (place(block.first_mark), place(text.marks.len())),
            row_number: row.row_number,
            subject_hash,
            hash,
        });
        block.made
    }

    // Begins a statement: everything up to the object.
    #[inline]
    fn begin(
        &mut self,
        statement: &'p Statement<'p>,
        row: &RowContext<'_, '_>,
        block: &Block,
        fault: &mut impl FnMut(String, IriFault),
    ) -> Result<usize, NoTerm> {
        let out = &mut self.text.out;
        if block.made == 0 || !self.program.syntax.is_turtle() {
            self.subject.push_to(out);
        } else {
            out.extend_from_slice(SEPARATOR);
        }
        let start = out.len();
        if let Node::Constant(text) = &statement.predicate {
            text.push_to(out);
            return Ok(start);
        }
        let mut out = std::mem::take(&mut self.text.out);
        let made = match &statement.predicate {
            // A predicate is an IRI.
            Node::RowBlank(..) => Err(NoTerm),
            node => self.node(node, row, &mut out, fault),
        };
        if out[start..] == self.type_made {
            out.truncate(start);
            out.extend_from_slice(b"a ");
        }
        self.text.out = out;
        made.map(|()| start)
    }

    /// Notes whether the text is longer than can be counted.
    pub(super) fn check_length(&mut self) {
        self.is_too_long |= self.text.out.len() > MOST_BYTES;
    }

    // Ends a statement: with an object, or not at all.
    #[inline]
    fn end(
        &mut self,
        statement: &'p Statement<'p>,
        track: Track,
        block: &mut Block,
        before: usize,
        start: usize,
    ) {
        let Text {
            out, marks, hashes, ..
        } = &mut self.text;
        statement.end.push_to(out);
        if track == Track::Nothing && !statement.may_repeat {
            block.made += 1;
            return;
        }
        if out.len() > MOST_BYTES {
            self.is_too_long = true;
            out.truncate(before);
            return;
        }
        if statement.may_repeat {
            let others = &marks[block.first_mark..];
            if self.repeats.has(others, out, start, self.hash) {
                out.truncate(before);
                return;
            }
        }
        block.made += 1;
        let hash = if track == Track::Statements || statement.is_shared {
            let subject = block.start..block.subject.1;
            let statement = start..out.len();
            hashes.push(statement_hash(
                self.hash,
                out,
                subject,
                statement,
                &mut self.key,
            ));
            place(hashes.len())
        } else {
            0
        };
        marks.push(Mark {
            start: place(start),
            end: place(out.len()),
            is_shared: statement.is_shared,
            hash,
        });
    }

    // Ends a statement that no other can be, whatever its bytes are: brackets make new nodes wherever
    // they stand.
    fn end_own(
        &mut self,
        statement: &'p Statement<'p>,
        track: Track,
        row: &RowContext<'_, '_>,
        block: &mut Block,
        start: usize,
    ) {
        let Text {
            out, marks, hashes, ..
        } = &mut self.text;
        statement.end.push_to(out);
        block.made += 1;
        block.is_own = true;
        if track == Track::Nothing {
            return;
        }
        if out.len() > MOST_BYTES {
            self.is_too_long = true;
            return;
        }
        self.key.clear();
        // Graphs and subjects need not be told apart by more than the rules that make them.
        for number in [row.scan_index as u64, row.row_number, statement.rule as u64] {
            self.key.extend_from_slice(&number.to_le_bytes());
        }
        hashes.push(self.hash.of(&self.key));
        marks.push(Mark {
            start: place(start),
            end: place(out.len()),
            is_shared: statement.is_shared,
            hash: place(hashes.len()),
        });
    }

    fn statement(
        &mut self,
        statement: &'p Statement<'p>,
        track: Track,
        row: &RowContext<'_, '_>,
        block: &mut Block,
        fault: &mut impl FnMut(String, IriFault),
    ) {
        let before = self.text.out.len();
        match &statement.object {
            Object::Literals(column, literal) => {
                for item in row.cells[*column].items() {
                    let before = self.text.out.len();
                    let Ok(start) = self.begin(statement, row, block, fault) else {
                        return self.text.out.truncate(before);
                    };
                    push_literal(&mut self.text.out, item, literal);
                    self.end(statement, track, block, before, start);
                }
            }
            Object::Joined(join, rule, iri_start) => {
                let index = &row.joins[*join];
                let mut key = std::mem::take(&mut self.key);
                for text in index.terms(rule, row.cells, &mut key) {
                    let before = self.text.out.len();
                    let Ok(start) = self.begin(statement, row, block, fault) else {
                        self.text.out.truncate(before);
                        break;
                    };
                    push_started(&mut self.text.out, iri_start, |out| {
                        out.extend_from_slice(text.as_bytes());
                    });
                    self.end(statement, track, block, before, start);
                }
                self.key = key;
            }
            Object::Generated(generator) => {
                let mut terms = std::mem::take(&mut self.terms);
                row.generated(generator, &mut terms, fault);
                for term in terms.drain(..) {
                    let before = self.text.out.len();
                    let Ok(start) = self.begin(statement, row, block, fault) else {
                        self.text.out.truncate(before);
                        break;
                    };
                    push_made(&mut self.text.out, &term, self.program, self.prefixes);
                    self.end(statement, track, block, before, start);
                }
                self.terms = terms;
            }
            Object::EachIri(column, rule) => {
                let items = row.cells[*column].items().iter();
                for item in items.filter(|item| !item.text.is_empty()) {
                    let before = self.text.out.len();
                    let one = Some((*column, item));
                    let Ok(start) = self.begin(statement, row, block, fault) else {
                        return self.text.out.truncate(before);
                    };
                    if row
                        .iri(rule, one, &mut self.iri, &mut self.scratch, fault)
                        .is_none()
                    {
                        self.text.out.truncate(before);
                        continue;
                    }
                    self.push_iri_text();
                    self.end(statement, track, block, before, start);
                }
            }
            Object::List(column, literal) => {
                let cell = &row.cells[*column];
                if matches!(cell, CellValue::Null) {
                    return;
                }
                let Ok(start) = self.begin(statement, row, block, fault) else {
                    return self.text.out.truncate(before);
                };
                self.list(*column, literal, statement.end.bytes(), row);
                let is_own = self.program.syntax.is_turtle() && !cell.items().is_empty();
                if is_own {
                    self.end_own(statement, track, row, block, start);
                } else {
                    self.end(statement, track, block, before, start);
                }
                block.made += 2 * cell.items().len() as u64;
            }
            other => {
                let Ok(start) = self.begin(statement, row, block, fault) else {
                    return self.text.out.truncate(before);
                };
                match self.object(other, row, fault) {
                    Ok(()) => self.end(statement, track, block, before, start),
                    Err(NoTerm) => self.text.out.truncate(before),
                }
            }
        }
    }

    // An object that is one term.
    fn object(
        &mut self,
        object: &'p Object<'p>,
        row: &RowContext<'_, '_>,
        fault: &mut impl FnMut(String, IriFault),
    ) -> Result<(), NoTerm> {
        match object {
            Object::Constant(text) => {
                text.push_to(&mut self.text.out);
                Ok(())
            }
            Object::Iri(text) => {
                let mut out = std::mem::take(&mut self.text.out);
                let made = self.iri(text, row, &mut out, fault);
                self.text.out = out;
                made
            }
            Object::Numbered(before, behind) => {
                let out = &mut self.text.out;
                push_numbered(out, before, row.row_number, behind);
                Ok(())
            }
            // Made where they may be several.
            Object::Literals(..)
            | Object::EachIri(..)
            | Object::Joined(..)
            | Object::Generated(_)
            | Object::List(..) => Err(NoTerm),
        }
    }

    // An RDF list; where it takes several statements, all but the last are ended as told.
    fn list(&mut self, column: usize, literal: &LiteralText, end: &[u8], row: &RowContext<'_, '_>) {
        let out = &mut self.text.out;
        let items = row.cells[column].items();
        if self.program.syntax.is_turtle() {
            out.push(b'(');
            for item in items {
                out.push(b' ');
                push_literal(out, item, literal);
            }
            out.extend_from_slice(b" )");
            return;
        }
        let label =
            |number: usize| format!("_:t{}r{}c{column}i{number}", row.scan_index, row.row_number);
        let mut node = label(0);
        for (number, item) in items.iter().enumerate() {
            out.extend_from_slice(node.as_bytes());
            out.extend_from_slice(end);
            for (predicate, is_first) in [(rdf::FIRST, true), (rdf::REST, false)] {
                out.extend_from_slice(node.as_bytes());
                out.push(b' ');
                push_full(out, predicate.as_str());
                out.push(b' ');
                if is_first {
                    push_literal(out, item, literal);
                    out.extend_from_slice(end);
                }
            }
            node = label(number + 1);
        }
        push_full(out, rdf::NIL.as_str());
    }

    fn node(
        &mut self,
        node: &Node<'_>,
        row: &RowContext<'_, '_>,
        out: &mut Vec<u8>,
        fault: &mut impl FnMut(String, IriFault),
    ) -> Result<(), NoTerm> {
        match node {
            Node::Constant(text) => {
                text.push_to(out);
                return Ok(());
            }
            Node::RowBlank(before, behind) => {
                push_numbered(out, before, row.row_number, behind);
                return Ok(());
            }
            Node::Iri(text) => self.iri(text, row, out, fault)?,
            Node::Nothing => return Err(NoTerm),
        }
        out.push(b' ');
        Ok(())
    }

    fn iri(
        &mut self,
        text: &IriText<'_>,
        row: &RowContext<'_, '_>,
        out: &mut Vec<u8>,
        fault: &mut impl FnMut(String, IriFault),
    ) -> Result<(), NoTerm> {
        let at = out.len();
        if let Some(parts) = &text.parts {
            let mut is_simple = true;
            push_started(out, &text.start, |out| {
                is_simple = push_parts(out, parts, text.steps, row);
            });
            if is_simple && out.len() - at <= EXPANSION_BYTES {
                return Ok(());
            }
            out.truncate(at);
        }
        row.iri(text.rule, None, &mut self.iri, &mut self.scratch, fault)
            .ok_or(NoTerm)?;
        push_iri(out, &self.iri, self.program, self.prefixes);
        Ok(())
    }

    fn push_iri_text(&mut self) {
        push_iri(&mut self.text.out, &self.iri, self.program, self.prefixes);
    }
}

impl RowConsumer for TextRows<'_> {
    fn begin(&mut self, _: &Plan) -> Result<u64, SinkError> {
        Ok(0)
    }

    fn wants_more(&self) -> bool {
        self.next_row < self.until
    }

    fn row(
        &mut self,
        row: &RowContext<'_, '_>,
        mut invalid: impl FnMut(InvalidIri),
    ) -> Result<u64, SinkError> {
        self.next_row = row.row_number + 1;
        let mut made = 0;
        self.memo.clear();
        for (number, group) in self.program.groups.iter().enumerate() {
            made += self.group(number, group, row, &mut invalid);
        }
        if self.is_too_long {
            return Err(SinkError::NotRepresentable {
                format: "a text",
                what: format!(
                    "data row {}, whose statements take more than 4 GiB",
                    row.row_number
                ),
            });
        }
        Ok(made)
    }

    fn comments(
        &mut self,
        _: usize,
        scan: &TableScan,
        comments: Vec<String>,
    ) -> Result<u64, SinkError> {
        let Some((subject, predicate)) = &scan.comments else {
            return Ok(0);
        };
        let mut made = 0;
        for comment in comments {
            if !self.comments.insert(self.hash.of(comment.as_bytes())) {
                continue;
            }
            let out = &mut self.text.out;
            if self.program.syntax.is_turtle() {
                out.push(b'\n');
            }
            match subject {
                NamedOrBlankNode::NamedNode(node) => {
                    push_iri(out, node.as_str(), self.program, self.prefixes);
                }
                NamedOrBlankNode::BlankNode(node) => {
                    out.extend_from_slice(node.to_string().as_bytes());
                }
            }
            out.push(b' ');
            push_iri(out, predicate.as_str(), self.program, self.prefixes);
            out.extend_from_slice(b" \"");
            push_escaped(out, &comment);
            out.extend_from_slice(b"\" .\n");
            made += 1;
        }
        Ok(made)
    }
}

/// The hash of a statement with its subject, in front of which the graph is opened in TriG; they are
/// put side by side in a buffer.
pub(super) fn statement_hash(
    hash: TextHash,
    out: &[u8],
    subject: Range<usize>,
    statement: Range<usize>,
    buffer: &mut Vec<u8>,
) -> u128 {
    buffer.clear();
    buffer.extend_from_slice(&out[subject]);
    buffer.extend_from_slice(&out[statement]);
    hash.of(buffer)
}

// Texts are written out well before they are that long; a row that is has no places.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a text is shorter than 4 GiB"
)]
pub(super) fn place(at: usize) -> u32 {
    at as u32
}
