//! Leaves out what was written before.
//!
//! In: the [`Text`] of rows in their order. Out: [`Edit`]s of it, after which each statement is there
//! once in the whole output. A hash of 128 bits stands for a statement ([`TextHash`]).
//!
//! No more is remembered than the rows ask for. As long as the subjects of a group ascend, none
//! can come again, and only the last is known ([`Level::Ascending`]). When they do not, each subject
//! is remembered with the hash of all that was said of it ([`Level::Units`]); and when different
//! things are said of the same one, each statement ([`Level::Statements`]). What was not remembered until then is read again.
//!
//! Memory: 19 to 24 bytes a statement, or twice that a subject.

use super::emit::{Mark, SEPARATOR, Text, Track, Unit, statement_hash};
use super::program::Program;
use super::set::{Pair, Table};
use super::spill::Spill;
use crate::engine::hash::TextHash;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;
use std::io;
use std::ops::Range;

/// The bytes that a hash takes at most.
const MOST_BYTES: usize = 24;
/// How many units are looked up at once.
const BATCH: usize = 64;

/// A change of a text: other bytes in place of some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Those bytes, as a range of [`Settled::bytes`].
    pub(super) with: (usize, usize),
}

/// What became of a text.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// From front to back.
    pub(super) edits: Vec<Edit>,
    pub(super) bytes: Vec<u8>,
    /// How many statements were left out.
    pub(super) left_out: u64,
    /// How many of them wait for the end of the output.
    pub(super) waiting: u64,
}

/// What is remembered of a group.
#[derive(Debug)]
enum Level {
    /// Nothing: its rows tell its statements apart.
    Apart,
    /// The last subject.
    Ascending(Box<Ascending>),
    /// Each subject and what was said of it, all together.
    Units(Box<Table<Pair>>),
    /// Each statement.
    Statements,
}

/// Something that reads the rows of a table again.
pub(super) trait Again {
    /// Gives the texts of a group's units in all rows before one.
    ///
    /// # Errors
    /// When the table cannot be read again.
    fn units(
        &mut self,
        group: usize,
        before: u64,
        track: Track,
        visit: &mut dyn FnMut(&Text) -> io::Result<()>,
    ) -> io::Result<()>;
}

/// Tells what was written before.
#[derive(Debug)]
pub(super) struct Distinct {
    hash: TextHash,
    limit: usize,
    levels: Vec<Level>,
    /// The statements that other groups and tables may make too.
    shared: Table<u128>,
    /// The statements of the groups of this table.
    statements: Table<u128>,
    /// How many subjects are remembered of this table.
    units: usize,
    spill: Option<Spill>,
    buffer: Vec<u8>,
}

impl Distinct {
    /// Remembers as many bytes as the limit says before it writes to a temporary file.
    pub(super) fn new(hash: TextHash, limit: usize) -> Self {
        Self {
            hash,
            limit,
            levels: Vec::new(),
            shared: Table::new(),
            statements: Table::new(),
            units: 0,
            spill: None,
            buffer: Vec::new(),
        }
    }

    /// Takes a constant that rules may make again; gives whether it is new.
    pub(super) fn constant(&mut self, bytes: &[u8]) -> bool {
        self.shared.insert(self.hash.of(bytes))
    }

    /// Begins a table; `is_apart` tells of each group whether its rows tell its statements apart.
    pub(super) fn begin(&mut self, is_apart: &[bool], is_general: &[bool], can_read_again: bool) {
        self.statements = Table::new();
        self.units = 0;
        let level = |(is_apart, is_general): (&bool, &bool)| match (is_apart, can_read_again) {
            // Rows have several units there.
            _ if *is_general => Level::Statements,
            (true, _) => Level::Apart,
            (false, true) => Level::Ascending(Box::default()),
            (false, false) => Level::Statements,
        };
        self.levels = is_apart.iter().zip(is_general).map(level).collect();
    }

    /// What is to be known of the units of the groups now.
    pub(super) fn track(&self, program: &Program<'_>) -> Vec<Track> {
        let groups = program.groups.iter().zip(&self.levels);
        groups
            .map(|(group, level)| match level {
                Level::Apart if group.statements.iter().any(|one| one.is_shared) => Track::Places,
                Level::Apart => Track::Nothing,
                Level::Ascending(_) => Track::Places,
                Level::Units(_) => Track::Units,
                Level::Statements => Track::Statements,
            })
            .collect()
    }

    /// Settles what of a text is new.
    ///
    /// # Errors
    /// When a temporary file fails, or the table cannot be read again.
    pub(super) fn settle(
        &mut self,
        text: &Text,
        program: &Program<'_>,
        again: &mut impl Again,
        settled: &mut Settled,
    ) -> io::Result<()> {
        settled.edits.clear();
        settled.bytes.clear();
        (settled.left_out, settled.waiting) = (0, 0);
        for first in (0..text.units.len()).step_by(BATCH) {
            let batch = first..text.units.len().min(first + BATCH);
            self.fetch(&text.units[batch.clone()], &text.marks, &text.hashes);
            for number in batch {
                self.unit(number, text, program, again, settled)?;
                if self.held() > self.limit {
                    self.spill(&text.units[number], again)?;
                }
            }
        }
        for level in &mut self.levels {
            if let Level::Ascending(state) = level {
                state.save(text, self.hash, &mut self.buffer);
            }
        }
        Ok(())
    }

    /// Ends the output: gives what had to wait.
    ///
    /// # Errors
    /// When a temporary file cannot be read, or the bytes cannot be taken.
    pub(super) fn finish(self, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<u64> {
        match self.spill {
            Some(spill) => spill.finish(self.limit, take),
            None => Ok(0),
        }
    }

    // What is remembered, in bytes at most: the same in each run, whatever the hashes are.
    fn held(&self) -> usize {
        (self.statements.len() + self.shared.len() + 2 * self.units) * MOST_BYTES
    }

    // Moves what is remembered up to a unit to a temporary file.
    fn spill(&mut self, last: &Unit, again: &mut impl Again) -> io::Result<()> {
        let mut spill = self.spill.take().unwrap_or_else(Spill::new);
        for table in [&mut self.statements, &mut self.shared] {
            let table = std::mem::replace(table, Table::new());
            table.into_keys().try_for_each(|hash| spill.seen(hash))?;
        }
        self.spill = Some(spill);
        self.units = 0;
        for group in 0..self.levels.len() {
            if matches!(self.levels[group], Level::Units(_)) {
                self.levels[group] = Level::Statements;
                let is_behind = group > last.group as usize;
                self.remember(group, true, last.row_number + u64::from(!is_behind), again)?;
            }
        }
        Ok(())
    }

    // Has the memory of what will be asked for fetched.
    fn fetch(&self, units: &[Unit], marks: &[Mark], hashes: &[u128]) {
        for unit in units {
            match &self.levels[unit.group as usize] {
                Level::Units(seen) => seen.fetch(unit.subject_hash),
                Level::Statements => {
                    for mark in &marks[unit.marks.0 as usize..unit.marks.1 as usize] {
                        if let Some(hash) = hashes.get((mark.hash as usize).wrapping_sub(1)) {
                            self.statements.fetch(*hash);
                        }
                    }
                }
                Level::Apart | Level::Ascending(_) => {}
            }
        }
    }

    fn unit(
        &mut self,
        number: usize,
        text: &Text,
        program: &Program<'_>,
        again: &mut impl Again,
        settled: &mut Settled,
    ) -> io::Result<()> {
        let unit = text.units[number];
        let group = unit.group as usize;
        // Of each statement whether it is new, where not all are.
        let mut new: Option<Vec<bool>> = None;
        loop {
            match &mut self.levels[group] {
                Level::Apart => break,
                Level::Ascending(state) => {
                    let limit = self.limit / MOST_BYTES;
                    match state.next(number, text, self.hash, limit, &mut self.buffer) {
                        Next::New => break,
                        Next::Same => return settled.leave_out(&unit),
                        Next::Statements(found) => {
                            new = Some(found);
                            break;
                        }
                        Next::Descends => {
                            let had_several = state.had_several;
                            self.remember(group, had_several, unit.row_number, again)?;
                        }
                    }
                }
                Level::Units(seen) => {
                    let (subject_hash, hash) = text.hashes_of(&unit, self.hash);
                    match seen.insert(subject_hash, hash) {
                        None => {
                            self.units += 1;
                            break;
                        }
                        Some(before) if before == hash => return settled.leave_out(&unit),
                        Some(_) => self.remember(group, true, unit.row_number, again)?,
                    }
                }
                Level::Statements => {
                    let (hash, buffer) = (self.hash, &mut self.buffer);
                    if let Some(spill) = &mut self.spill {
                        for at in unit.mark_numbers() {
                            let hash = text.hash_of(&unit, at, hash, buffer);
                            spill.statement(&unit, &text.marks[at], hash, text, program)?;
                        }
                        settled.waiting += u64::from(unit.marks.1 - unit.marks.0);
                        return settled.leave_out(&unit);
                    }
                    let hashes = unit
                        .mark_numbers()
                        .map(|at| text.hash_of(&unit, at, hash, buffer));
                    let found: Vec<bool> =
                        hashes.map(|hash| self.statements.insert(hash)).collect();
                    if found.contains(&false) {
                        new = Some(found);
                    }
                    break;
                }
            }
        }
        let marks = text.marks_of(&unit);
        if marks.iter().any(|mark| mark.is_shared) {
            let new = new.get_or_insert_with(|| vec![true; marks.len()]);
            for (new, mark) in new.iter_mut().zip(marks) {
                if !(*new && mark.is_shared) {
                    continue;
                }
                *new = match &mut self.spill {
                    // It is written at the end, if it is new.
                    Some(spill) => {
                        spill.statement(&unit, mark, text.known_hash(mark), text, program)?;
                        settled.waiting += 1;
                        false
                    }
                    None => self.shared.insert(text.known_hash(mark)),
                };
            }
        }
        match new {
            Some(new) => settled.keep(&unit, text, program, &new),
            None => Ok(()),
        }
    }

    // Remembers what was written of a group so far: by subject, or by statement where that is not
    // enough.
    fn remember(
        &mut self,
        group: usize,
        by_statement: bool,
        before: u64,
        again: &mut impl Again,
    ) -> io::Result<()> {
        let limit = self.limit;
        if !by_statement {
            let mut seen: Table<Pair> = Table::new();
            let mut is_enough = true;
            again.units(group, before, Track::Units, &mut |text| {
                for unit in &text.units {
                    if !is_enough {
                        break;
                    }
                    let known = seen.insert(unit.subject_hash, unit.hash);
                    is_enough = known.is_none_or(|known| known == unit.hash)
                        && 2 * seen.len() * MOST_BYTES <= limit;
                }
                Ok(())
            })?;
            if is_enough {
                self.units += seen.len();
                self.levels[group] = Level::Units(Box::new(seen));
                return Ok(());
            }
        }
        let Self {
            statements,
            shared,
            spill,
            ..
        } = self;
        again.units(group, before, Track::Statements, &mut |text| {
            text.marks.iter().try_for_each(|mark| {
                if let Some(spill) = spill {
                    return spill.seen(text.known_hash(mark));
                }
                statements.insert(text.known_hash(mark));
                if statements.len() * MOST_BYTES > limit {
                    let spill = spill.insert(Spill::new());
                    for table in [&mut *statements, &mut *shared] {
                        let full = std::mem::replace(table, Table::new());
                        full.into_keys().try_for_each(|hash| spill.seen(hash))?;
                    }
                }
                Ok(())
            })
        })?;
        if let Level::Units(seen) = &self.levels[group] {
            self.units -= seen.len();
        }
        self.levels[group] = Level::Statements;
        Ok(())
    }
}

// What a unit is to the one before it.
enum Next {
    // Of another subject, which ascends.
    New,
    // The same.
    Same,
    // Of the same subject; of each statement whether it is new.
    Statements(Vec<bool>),
    // More has to be remembered: it is of another subject, which may have come before, or of one of
    // which too much is said.
    Descends,
}

#[derive(Debug, Default)]
struct Ascending {
    // The last unit: in the text at hand, else as it was saved.
    in_text: Option<usize>,
    last: Vec<u8>,
    unit: u128,
    is_begun: bool,
    // The statements of the last subject, once they are of interest.
    statements: FxHashSet<u128>,
    // Whether subjects descended by their bytes; and by their length first, as numbers go.
    descended: (bool, bool),
    // Whether different things were said of one subject.
    had_several: bool,
    // Whether so many that they do not fit into memory.
    is_full: bool,
}

impl Ascending {
    #[inline]
    fn next(
        &mut self,
        number: usize,
        text: &Text,
        hash: TextHash,
        limit: usize,
        buffer: &mut Vec<u8>,
    ) -> Next {
        if self.is_full {
            return Next::Descends;
        }
        let unit = &text.units[number];
        let subject = text.subject_of(unit);
        if !self.is_begun {
            self.is_begun = true;
            self.in_text = Some(number);
            return Next::New;
        }
        let last = match self.in_text {
            Some(last) => text.subject_of(&text.units[last]),
            None => &self.last,
        };
        let order = subject.cmp(last);
        if order == Ordering::Equal {
            let next = self.same_subject(number, text, hash, buffer);
            self.is_full = self.had_several && self.statements.len() > limit;
            return next;
        }
        self.descended.0 |= order == Ordering::Less;
        self.descended.1 |= subject.len().cmp(&last.len()).then(order) == Ordering::Less;
        if self.descended == (true, true) {
            return Next::Descends;
        }
        if !self.statements.is_empty() {
            self.statements.clear();
        }
        self.in_text = Some(number);
        Next::New
    }

    fn same_subject(
        &mut self,
        number: usize,
        text: &Text,
        hash: TextHash,
        buffer: &mut Vec<u8>,
    ) -> Next {
        let unit = &text.units[number];
        let is_same = match self.in_text.map(|last| &text.units[last]) {
            Some(last) if last.hash == 0 && unit.hash == 0 => {
                text.bytes_of(last) == text.bytes_of(unit)
            }
            Some(last) => text.hashes_of(last, hash).1 == text.hashes_of(unit, hash).1,
            None => self.unit == text.hashes_of(unit, hash).1,
        };
        if is_same {
            return Next::Same;
        }
        self.had_several = true;
        self.note_last(text, hash, buffer);
        let mut new = Vec::new();
        for at in unit.mark_numbers() {
            new.push(self.statements.insert(text.hash_of(unit, at, hash, buffer)));
        }
        self.in_text = Some(number);
        Next::Statements(new)
    }

    // Remembers the statements of the last unit, unless they are.
    fn note_last(&mut self, text: &Text, hash: TextHash, buffer: &mut Vec<u8>) {
        if let Some(last) = self.in_text.filter(|_| self.statements.is_empty()) {
            let unit = &text.units[last];
            for at in unit.mark_numbers() {
                self.statements.insert(text.hash_of(unit, at, hash, buffer));
            }
        }
    }

    // The text is about to go.
    fn save(&mut self, text: &Text, hash: TextHash, buffer: &mut Vec<u8>) {
        let Some(last) = self.in_text else {
            return;
        };
        self.note_last(text, hash, buffer);
        let unit = &text.units[last];
        self.last.clear();
        self.last.extend_from_slice(text.subject_of(unit));
        self.unit = text.hashes_of(unit, hash).1;
        self.in_text = None;
    }
}

impl Unit {
    fn mark_numbers(&self) -> Range<usize> {
        self.marks.0 as usize..self.marks.1 as usize
    }
}

impl Text {
    fn subject_of(&self, unit: &Unit) -> &[u8] {
        &self.out[unit.subject.0 as usize..unit.subject.1 as usize]
    }

    fn bytes_of(&self, unit: &Unit) -> &[u8] {
        &self.out[unit.start as usize..unit.end as usize]
    }

    pub(super) fn marks_of(&self, unit: &Unit) -> &[Mark] {
        &self.marks[unit.mark_numbers()]
    }

    // The hash of a mark that has one.
    fn known_hash(&self, mark: &Mark) -> u128 {
        self.hashes[mark.hash as usize - 1]
    }

    // The hashes of a unit's subject and of all of it.
    fn hashes_of(&self, unit: &Unit, hash: TextHash) -> (u128, u128) {
        if unit.hash != 0 {
            return (unit.subject_hash, unit.hash);
        }
        (hash.of(self.subject_of(unit)), hash.of(self.bytes_of(unit)))
    }

    /// The hash of a statement, by the number of its mark.
    pub(super) fn hash_of(
        &self,
        unit: &Unit,
        mark: usize,
        hash: TextHash,
        buffer: &mut Vec<u8>,
    ) -> u128 {
        let mark = &self.marks[mark];
        if mark.hash != 0 {
            return self.known_hash(mark);
        }
        let subject = unit.start as usize..unit.subject.1 as usize;
        let statement = mark.start as usize..mark.end as usize;
        statement_hash(hash, &self.out, subject, statement, buffer)
    }
}

impl Settled {
    // Leaves a unit out.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "what else becomes of a unit can fail"
    )]
    fn leave_out(&mut self, unit: &Unit) -> io::Result<()> {
        self.left_out += u64::from(unit.marks.1 - unit.marks.0);
        self.change(unit.start, unit.end, 0);
        Ok(())
    }

    // Puts the bytes that were added last in place of others.
    fn change(&mut self, start: u32, end: u32, added: usize) {
        self.edits.push(Edit {
            start: start as usize,
            end: end as usize,
            with: (self.bytes.len() - added, self.bytes.len()),
        });
    }

    /// Keeps the statements of a unit that are new.
    pub(super) fn keep(
        &mut self,
        unit: &Unit,
        text: &Text,
        program: &Program<'_>,
        new: &[bool],
    ) -> io::Result<()> {
        if !new.contains(&true) {
            return self.leave_out(unit);
        }
        let marks = text.marks_of(unit).iter().zip(new);
        let old = marks.clone().filter(|(_, new)| !**new);
        self.left_out += old.clone().count() as u64;
        if !program.syntax.is_turtle() {
            let subject = unit.subject.1 - unit.subject.0;
            for (mark, _) in old {
                self.change(mark.start - subject, mark.end, 0);
            }
            return Ok(());
        }
        if !new.contains(&false) {
            return Ok(());
        }
        let before = self.bytes.len();
        let out = &text.out;
        self.bytes
            .extend_from_slice(&out[unit.start as usize..unit.subject.1 as usize]);
        let mut is_first = true;
        for (mark, _) in marks.filter(|(_, new)| **new) {
            if !std::mem::take(&mut is_first) {
                self.bytes.extend_from_slice(SEPARATOR);
            }
            self.bytes
                .extend_from_slice(&out[mark.start as usize..mark.end as usize]);
        }
        let last = text.marks_of(unit).last().map_or(unit.end, |mark| mark.end);
        self.bytes
            .extend_from_slice(&out[last as usize..unit.end as usize]);
        self.change(unit.start, unit.end, self.bytes.len() - before);
        Ok(())
    }
}
