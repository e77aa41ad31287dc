//! Joins: the pairs of rows that are alike.
//!
//! In: two sides with the expressions that are compared. Out: pairs in the order of the left rows, then of
//! the right ones.
//!
//! The right side is kept and the left one passes by, since the order of pairs is that of the left rows: a
//! table of the left side would give them in the order of the right ones and all of them would have to be
//! sorted. Where the left side is smaller by its sources it is read first, and only those right rows are
//! kept that are like one of it. Rows are compared by 128 bits of the texts (`hash`).
//!
//! Memory: of each right row that is kept, the texts of the columns that are asked for, a byte for each
//! column and 16 bytes; about 48 for each key. Past the limit both sides go to a temporary file (`grace`),
//! and the same pairs come in the same order.

use super::super::hash::{ByHash, Given, TextHash, push_text};
use super::super::run::ScanError;
use super::grace::{Grace, Pairs};
use super::row::Rows;
use super::{Eval, Node, Reports, ViewRow, location};
use crate::engine::report::describe_iri;
use crate::engine::row::IriFault;
use crate::plan::Expression;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;

/// How many keys a row may have.
const MOST_KEYS: usize = 100_000;

/// One side of a join.
pub(super) struct Side<'p> {
    pub(super) input: Node<'p>,
    /// The bytes of its sources, if they are known.
    pub(super) size: Option<u64>,
    /// What is compared.
    pub(super) keys: Vec<&'p Expression>,
    pub(super) eval: Eval,
    /// Of each column whether it is asked for.
    pub(super) keep: Vec<bool>,
}

/// Pairs the rows of two sides.
pub(super) struct Join<'p> {
    left: Side<'p>,
    right: Side<'p>,
    keeps_left: bool,
    /// About how many bytes may be kept in memory.
    memory: usize,
    hash: TextHash,
    state: State,
    /// The left rows that were read first.
    ahead: Ahead,
    /// The left row, and its keys.
    row: ViewRow,
    keys: Vec<u128>,
    /// The right rows that are like it.
    found: Vec<u32>,
    next: usize,
    buffer: Vec<u8>,
}

enum State {
    Start,
    Memory(Kept),
    Disk(Box<Pairs>),
}

/// Rows of the left side with their keys.
#[derive(Default)]
struct Ahead {
    rows: Rows,
    next: usize,
    /// Whether the side has more.
    is_all: bool,
    /// All keys, where these are all rows.
    keys: HashSet<u128, BuildHasherDefault<Given>>,
}

/// Rows by key, in the order in which they came.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) rows: Rows,
    /// A row, and the next entry of the same key; nothing once rows with the same key stand side by side.
    entries: Vec<(u32, u32)>,
    /// Then in which order the rows came.
    order: Vec<u32>,
    /// The first and the last entry of each key, or the first and the last row.
    keys: ByHash<(u32, u32)>,
}

/// Ends the entries of a key.
const NO_ENTRY: u32 = u32::MAX;

impl Kept {
    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        self.rows.size() + self.entries.len() * size_of::<(u32, u32)>() + self.keys.len() * 48
    }

    /// Whether there is room for another row in the numbers.
    fn has_room(&self) -> bool {
        // A row has no more keys than that.
        self.entries.len() < NO_ENTRY as usize - MOST_KEYS
    }

    /// Adds a row.
    pub(super) fn push(&mut self, keys: &[u128], row: &[u8]) {
        let number = index(self.rows.len());
        self.rows.push(row);
        for key in keys {
            let entry = index(self.entries.len());
            self.entries.push((number, NO_ENTRY));
            let (_, last) = self.keys.entry(*key).or_insert((entry, entry));
            if *last != entry {
                self.entries[*last as usize].1 = entry;
                *last = entry;
            }
        }
    }

    /// Puts rows with the same key side by side, because no row follows: what is found is then in one place of
    /// memory and not in as many as there are rows. Nothing is done where it brings little, or where a
    /// row has several keys.
    ///
    /// For a moment the rows are there twice.
    fn settle(&mut self) {
        let entries = self.entries.len();
        if entries < 2 * self.keys.len() || entries != self.rows.len() {
            return;
        }
        let mut firsts = Vec::with_capacity(self.keys.len());
        #[expect(clippy::iter_over_hash_type, reason = "they are sorted")]
        for (key, (first, _)) in &self.keys {
            firsts.push((*first, *key));
        }
        firsts.sort_unstable();
        let mut rows = Rows::default();
        let mut order = Vec::with_capacity(self.rows.len());
        for (first, key) in firsts {
            let start = index(rows.len());
            let mut entry = first;
            while let Some((row, next)) = self.entries.get(entry as usize) {
                rows.push(self.rows.get(*row as usize));
                order.push(*row);
                entry = *next;
            }
            self.keys.insert(key, (start, index(rows.len() - 1)));
        }
        (self.rows, self.order) = (rows, order);
        self.entries = Vec::new();
    }

    /// Finds the rows that have one of the keys: their numbers in order, each once.
    pub(super) fn find(&self, keys: &[u128], found: &mut Vec<u32>) {
        found.clear();
        if self.entries.is_empty() {
            let ranges = keys.iter().filter_map(|key| self.keys.get(key));
            found.extend(ranges.flat_map(|(first, last)| *first..=*last));
            if keys.len() > 1 {
                found.sort_unstable_by_key(|row| self.order[*row as usize]);
            }
            return;
        }
        for key in keys {
            let mut entry = self.keys.get(key).map_or(NO_ENTRY, |(first, _)| *first);
            while let Some((row, next)) = self.entries.get(entry as usize) {
                found.push(*row);
                entry = *next;
            }
        }
        if keys.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
    }

    /// Each row with one of its keys, in the order of rows.
    fn into_entries(
        mut self,
        mut take: impl FnMut(u128, u32, &[u8]) -> Result<(), ScanError>,
    ) -> Result<(), ScanError> {
        let mut keys = vec![0; self.entries.len()];
        #[expect(clippy::iter_over_hash_type, reason = "each goes to its own place")]
        for (key, (first, _)) in std::mem::take(&mut self.keys) {
            let mut entry = first;
            while let Some((_, next)) = self.entries.get(entry as usize) {
                keys[entry as usize] = key;
                entry = *next;
            }
        }
        for ((row, _), key) in self.entries.iter().zip(keys) {
            take(key, *row, self.rows.get(*row as usize))?;
        }
        Ok(())
    }
}

fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NO_ENTRY)
}

impl Side<'_> {
    // Reads a row that stays, and finds its keys.
    fn next(
        &mut self,
        row: &mut ViewRow,
        keys: &mut Vec<u128>,
        hash: TextHash,
        buffer: &mut Vec<u8>,
        reports: &mut Reports<'_>,
    ) -> Result<bool, ScanError> {
        loop {
            reports.step()?;
            if !self.input.next(row, reports)? {
                return Ok(false);
            }
            self.eval.row_number += 1;
            let errors = self.find_keys(row, keys, hash, buffer, reports);
            if reports.keeps(errors > 0, errors)? {
                return Ok(true);
            }
        }
    }

    // The keys of a row, each once; none where an expression has no value. Gives how many errors were
    // reported.
    fn find_keys(
        &mut self,
        row: &ViewRow,
        keys: &mut Vec<u128>,
        hash: TextHash,
        buffer: &mut Vec<u8>,
        reports: &mut Reports<'_>,
    ) -> u64 {
        keys.clear();
        buffer.clear();
        let is_simple = self.keys.iter().all(|expression| {
            let Expression::Column(column) = expression else {
                return false;
            };
            let mut texts = row.texts(*column);
            let is_one = texts.len() == 1;
            texts.by_ref().for_each(|text| push_text(buffer, text));
            is_one
        });
        if is_simple {
            keys.push(hash.of(buffer));
            return 0;
        }
        let mut errors = 0;
        let mut lists: Vec<Vec<u8>> = vec![Vec::new()];
        for expression in &self.keys {
            let mut texts = Vec::new();
            errors += self.eval.values(expression, row, reports, &mut texts);
            texts.sort_unstable();
            texts.dedup();
            if lists.len().saturating_mul(texts.len()) > MOST_KEYS {
                let place = location(&self.eval.name, row);
                let found = describe_iri("", &IriFault::TooLong, place);
                reports.diagnostics.push(found);
                return errors + 1;
            }
            lists = lists
                .iter()
                .flat_map(|before| {
                    texts.iter().map(|text| {
                        let mut list = before.clone();
                        push_text(&mut list, text);
                        list
                    })
                })
                .collect();
        }
        keys.extend(lists.iter().map(|list| hash.of(list)));
        errors
    }
}

impl<'p> Join<'p> {
    /// Joins nothing yet.
    pub(super) fn new(left: Side<'p>, right: Side<'p>, keeps_left: bool, memory: usize) -> Self {
        Self {
            left,
            right,
            keeps_left,
            memory,
            hash: TextHash::new(),
            state: State::Start,
            ahead: Ahead::default(),
            row: ViewRow::default(),
            keys: Vec::new(),
            found: Vec::new(),
            next: 0,
            buffer: Vec::new(),
        }
    }

    /// Gives the next pair.
    pub(super) fn next(
        &mut self,
        out: &mut ViewRow,
        reports: &mut Reports<'_>,
    ) -> Result<bool, ScanError> {
        if matches!(self.state, State::Start) {
            self.state = self.start(reports)?;
        }
        let (left, right) = (self.left.keep.len(), self.right.keep.len());
        loop {
            match &mut self.state {
                State::Start => return Ok(false),
                State::Disk(pairs) => return pairs.next(left, right, out),
                State::Memory(kept) => {
                    if let Some(found) = self.found.get(self.next) {
                        // The left row is in front of the pair before.
                        if self.next == 0 {
                            out.copy(&self.row);
                        } else {
                            out.truncate(left);
                        }
                        // The bytes are those that were written.
                        let _ = out.read(right, kept.rows.get(*found as usize));
                        self.next += 1;
                        return Ok(true);
                    }
                }
            }
            if !self.next_left(reports)? {
                return Ok(false);
            }
            self.next = 0;
            if let State::Memory(kept) = &self.state {
                kept.find(&self.keys, &mut self.found);
            }
            if self.found.is_empty() && self.keeps_left {
                out.copy(&self.row);
                out.push_nulls(right);
                return Ok(true);
            }
        }
    }

    // Reads the right side, and where it does not fit into memory both.
    fn start(&mut self, reports: &mut Reports<'_>) -> Result<State, ScanError> {
        let is_smaller = |(left, right): (u64, u64)| left.saturating_mul(2) <= right;
        if self.left.size.zip(self.right.size).is_some_and(is_smaller) {
            self.read_ahead(reports)?;
        }
        let mut kept = Kept::default();
        let (mut row, mut keys, mut bytes) = (ViewRow::default(), Vec::new(), Vec::new());
        let memory = self.memory.saturating_sub(self.ahead.rows.size());
        let mut grace = None;
        let mut number = 0;
        while self
            .right
            .next(&mut row, &mut keys, self.hash, &mut self.buffer, reports)?
        {
            if self.ahead.is_all {
                keys.retain(|key| self.ahead.keys.contains(key));
            }
            if keys.is_empty() {
                continue;
            }
            bytes.clear();
            row.write(&self.right.keep, &mut bytes);
            if grace.is_none() {
                kept.push(&keys, &bytes);
                if kept.size() <= memory && kept.has_room() {
                    continue;
                }
                // What was kept has to make room.
                let mut started = Grace::new(self.keeps_left, self.memory);
                let all = std::mem::take(&mut kept);
                number = all.rows.len() as u64;
                all.into_entries(|key, row, bytes| started.right(key, row.into(), bytes))?;
                grace = Some(started);
            } else if let Some(grace) = &mut grace {
                for key in &keys {
                    grace.right(*key, number, &bytes)?;
                }
                number += 1;
            }
        }
        self.ahead.keys = HashSet::default();
        let Some(mut grace) = grace else {
            if kept.size() * 2 <= memory {
                kept.settle();
            }
            return Ok(State::Memory(kept));
        };
        let mut number = 0;
        while self.next_left(reports)? {
            bytes.clear();
            self.row.write_with_place(&self.left.keep, &mut bytes);
            grace.left(&self.keys, number, &bytes)?;
            number += 1;
        }
        Ok(State::Disk(Box::new(grace.join(reports)?)))
    }

    // Keeps left rows, all of them if they take no more than half of the memory.
    fn read_ahead(&mut self, reports: &mut Reports<'_>) -> Result<(), ScanError> {
        let mut bytes = Vec::new();
        loop {
            if self.ahead.rows.size() + self.ahead.keys.len() * 40 > self.memory / 2 {
                self.ahead.keys = HashSet::default();
                return Ok(());
            }
            if !self.next_of_input(reports)? {
                self.ahead.is_all = true;
                return Ok(());
            }
            bytes.clear();
            let count = u32::try_from(self.keys.len()).unwrap_or_default();
            bytes.extend_from_slice(&count.to_le_bytes());
            for key in &self.keys {
                bytes.extend_from_slice(&key.to_le_bytes());
                self.ahead.keys.insert(*key);
            }
            self.row.write_with_place(&self.left.keep, &mut bytes);
            self.ahead.rows.push(&bytes);
        }
    }

    fn next_of_input(&mut self, reports: &mut Reports<'_>) -> Result<bool, ScanError> {
        let Self {
            left,
            row,
            keys,
            buffer,
            hash,
            ..
        } = self;
        left.next(row, keys, *hash, buffer, reports)
    }

    // Reads the next left row and its keys.
    fn next_left(&mut self, reports: &mut Reports<'_>) -> Result<bool, ScanError> {
        let ahead = &mut self.ahead;
        if ahead.next == ahead.rows.len() {
            ahead.rows.clear();
            ahead.next = 0;
            return if ahead.is_all {
                Ok(false)
            } else {
                self.next_of_input(reports)
            };
        }
        reports.step()?;
        let bytes = ahead.rows.get(ahead.next);
        ahead.next += 1;
        self.keys.clear();
        let Some((count, rest)) = bytes.split_first_chunk::<4>() else {
            return Ok(true);
        };
        let keys = u32::from_le_bytes(*count) as usize * size_of::<u128>();
        let (keys, row) = rest.split_at_checked(keys).unwrap_or_default();
        let keys = keys.chunks_exact(size_of::<u128>());
        self.keys
            .extend(keys.map(|key| u128::from_le_bytes(key.try_into().unwrap_or_default())));
        // The bytes are those that were written.
        let _ = self.row.read_with_place(self.left.keep.len(), row);
        Ok(true)
    }
}
