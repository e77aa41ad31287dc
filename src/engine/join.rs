//! What the joins of a plan find: the terms of another table's rows by the values of a row.
//!
//! In: the other table, read once for each join that differs. Out: a [`JoinIndex`], asked for each row.
//!
//! Memory: 24 bytes for each key, 8 for each term, and the texts of the terms behind the beginning
//! that all of them share.

use super::cell::{self, CellValue};
use super::hash::{ByHash, TextHash, push_text};
use super::row::RowContext;
use super::run::recycle;
use crate::plan::{Join, Plan, TableScan};
use crate::table::{Sources, TableError, TableReader};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// The terms of the rows of a table, by key.
#[derive(Debug)]
pub(super) struct JoinIndex {
    hash: TextHash,
    /// For each key its terms: the first and how many.
    keys: ByHash<(u32, u32)>,
    /// Where each term ends in the texts.
    ends: Vec<u64>,
    texts: String,
    /// What all terms begin with.
    prefix: String,
}

/// The indexes that are in use, shared between the scans that look up the same.
#[derive(Debug)]
pub(super) struct Joins {
    hash: TextHash,
    known: Vec<(Join, Arc<JoinIndex>)>,
}

impl Joins {
    pub(super) fn new() -> Self {
        Self {
            hash: TextHash::new(),
            known: Vec::new(),
        }
    }

    /// Reads what a scan looks up, and forgets what no scan from here on does.
    ///
    /// # Errors
    /// As for [`JoinIndex::build`].
    pub(super) fn of_scan(
        &mut self,
        plan: &Plan,
        index: usize,
        sources: &Sources,
    ) -> Result<Vec<Arc<JoinIndex>>, TableError> {
        let is_alike = |one: &Join, other: &Join| {
            let others =
                |join: &Join| -> Vec<usize> { join.on.iter().map(|(_, other)| *other).collect() };
            one.scan == other.scan
                && one.object == other.object
                && one.when == other.when
                && others(one) == others(other)
        };
        let ahead = &plan.scans[index..];
        let upcoming = || ahead.iter().flat_map(|scan| &scan.joins);
        self.known
            .retain(|(join, _)| upcoming().any(|other| is_alike(join, other)));
        let mut found = Vec::new();
        for join in &plan.scans[index].joins {
            let known = self.known.iter().find(|(other, _)| is_alike(join, other));
            let built = if let Some((_, built)) = known {
                Arc::clone(built)
            } else {
                let scan = &plan.scans[join.scan];
                let name = sources.display_name(&scan.source);
                let built = JoinIndex::build(join, scan, &name, sources, self.hash)?;
                let built = Arc::new(built);
                self.known.push((join.clone(), Arc::clone(&built)));
                built
            };
            found.push(built);
        }
        Ok(found)
    }
}

/// An index being built: the key of each term, as a number that counts keys as they come.
#[derive(Default)]
struct Found {
    keys: ByHash<u32>,
    of_terms: Vec<u32>,
    texts: String,
    ends: Vec<u64>,
    last: Option<(u128, u32)>,
}

impl Found {
    // Adds a term; gives whether there is room for it.
    fn add(&mut self, key: u128, text: &str) -> bool {
        let number = match self.last {
            // Rows with the same key often stand side by side.
            Some((last, number)) if last == key => number,
            _ => {
                let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
                *self.keys.entry(key).or_insert(next)
            }
        };
        self.last = Some((key, number));
        self.of_terms.push(number);
        self.texts.push_str(text);
        self.ends.push(self.texts.len() as u64);
        u32::try_from(self.ends.len()).is_ok()
    }

    fn text(&self, term: u32) -> &str {
        slice(&self.texts, &self.ends, term as usize)
    }

    // The terms by key, those of a key in the order of their rows; and where each key's begin.
    fn by_key(&self) -> (Vec<u32>, Vec<u32>) {
        let mut starts = vec![0_u32; self.keys.len() + 1];
        for key in &self.of_terms {
            starts[*key as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut terms = vec![0; self.of_terms.len()];
        for (term, key) in (0..).zip(&self.of_terms) {
            let place = &mut next[*key as usize];
            terms[*place as usize] = term;
            *place += 1;
        }
        (terms, starts)
    }

    // Leaves out the terms that come again, which those that ascend do not.
    fn distinct<'t>(&'t self, terms: &'t [u32], seen: &mut FxHashSet<&'t str>) -> Vec<u32> {
        let mut pairs = terms
            .windows(2)
            .map(|pair| (self.text(pair[0]), self.text(pair[1])));
        let ascends = |(one, other): (&str, &str)| (one.len(), one) < (other.len(), other);
        if pairs.all(ascends) {
            return terms.to_vec();
        }
        seen.clear();
        let new = terms.iter().filter(|term| seen.insert(self.text(**term)));
        new.copied().collect()
    }
}

impl JoinIndex {
    /// Reads the other table.
    ///
    /// Rows whose IRI is not valid are left out: they are reported when the table is run for itself.
    ///
    /// # Errors
    /// When it cannot be read, or has more than 2³² rows that fit.
    pub(super) fn build(
        join: &Join,
        scan: &TableScan,
        name: &str,
        sources: &Sources,
        hash: TextHash,
    ) -> Result<Self, TableError> {
        let mut index = Self {
            hash,
            keys: ByHash::default(),
            ends: Vec::new(),
            texts: String::new(),
            prefix: match join.object.base {
                // Steps may lead out of it.
                None if !join.object.steps => join.object.template.fixed_prefix().to_owned(),
                _ => String::new(),
            },
        };
        let mut found = Found::default();
        let (mut iri, mut scratch, mut key) = (String::new(), String::new(), Vec::new());
        let mut reader = TableReader::open(
            name,
            sources.open(&scan.source, &scan.dialect)?,
            &scan.dialect,
        )?
        .without_comments();
        for _ in 0..scan.dialect.header_row_count {
            reader.read_row()?;
        }
        let used = used_columns(join, scan);
        let others = || join.on.iter().map(|(_, other)| *other);
        let mut row_number = 0;
        let mut spare = Vec::new();
        while let Some(row) = reader.read_row()? {
            row_number += 1;
            if row.is_blank() {
                continue;
            }
            let mut cells = recycle(spare);
            cells.extend(scan.all_columns().zip(&used).enumerate().map(
                |(number, (column, is_used))| {
                    if !is_used {
                        return CellValue::Null;
                    }
                    // Columns without cells have no texts.
                    let text = row.get(number).filter(|_| number < scan.columns.len());
                    cell::read(text.unwrap_or_default(), &column.cell, |_| {})
                },
            ));
            let is_there = join.when.iter().all(|column| !cells[*column].is_null());
            let key = key_of(&cells, others(), &mut key, hash).filter(|_| is_there);
            if let Some(key) = key {
                let context = RowContext {
                    scan,
                    scan_index: join.scan,
                    cells: &cells,
                    joins: &[],
                    row_number,
                    source_row: row.source_row,
                    line: row.line,
                };
                let made = context.iri(&join.object, None, &mut iri, &mut scratch, &mut |_, _| {});
                let text = made.and_then(|()| iri.strip_prefix(index.prefix.as_str()));
                if text.is_some_and(|text| !found.add(key, text)) {
                    return Err(TableError::TooManyRows {
                        source_name: name.to_owned(),
                        limit: u64::from(u32::MAX),
                    });
                }
            }
            spare = recycle(cells);
            // What is odd is told when the table is run for itself.
            drop(reader.take_faults());
        }
        index.take(found);
        Ok(index)
    }

    // Puts the terms of each key side by side, in the order of their rows, each once.
    fn take(&mut self, mut found: Found) {
        let (terms, starts) = found.by_key();
        let mut seen = FxHashSet::default();
        let mut ranges = Vec::with_capacity(found.keys.len());
        for range in starts.windows(2) {
            let terms = found.distinct(&terms[range[0] as usize..range[1] as usize], &mut seen);
            // There are no more terms than rows, whose number was looked at.
            #[expect(clippy::cast_possible_truncation, reason = "at most 2³² terms")]
            ranges.push((self.ends.len() as u32, terms.len() as u32));
            for term in terms {
                self.texts.push_str(found.text(term));
                self.ends.push(self.texts.len() as u64);
            }
        }
        drop(seen);
        #[expect(clippy::iter_over_hash_type, reason = "each goes to its own place")]
        for (key, number) in std::mem::take(&mut found.keys) {
            self.keys.insert(key, ranges[number as usize]);
        }
    }

    /// What all terms begin with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The terms for a row, without what they all begin with.
    pub(super) fn terms(
        &self,
        join: &Join,
        cells: &[CellValue<'_>],
        buffer: &mut Vec<u8>,
    ) -> impl Iterator<Item = &str> {
        let own = join.on.iter().map(|(own, _)| *own);
        let key = key_of(cells, own, buffer, self.hash);
        let (first, count) = key
            .and_then(|key| self.keys.get(&key).copied())
            .unwrap_or_default();
        (first..first + count).map(|term| slice(&self.texts, &self.ends, term as usize))
    }
}

// Which columns of the other table are looked at.
fn used_columns(join: &Join, scan: &TableScan) -> Vec<bool> {
    let mut used = vec![false; scan.all_columns().count()];
    let of_on = join.on.iter().map(|(_, other)| *other);
    let of_object = join.object.template.columns();
    for column in of_on.chain(of_object).chain(join.when.iter().copied()) {
        used[column] = true;
    }
    used
}

// Ends are those of texts that are in memory.
#[expect(clippy::cast_possible_truncation, reason = "places in a text")]
fn slice<'t>(texts: &'t str, ends: &[u64], term: usize) -> &'t str {
    let start = term.checked_sub(1).map_or(0, |before| ends[before]);
    &texts[start as usize..ends[term] as usize]
}

// The hash of the values in some columns; nothing where one is missing or holds a list.
fn key_of(
    cells: &[CellValue<'_>],
    columns: impl Iterator<Item = usize>,
    buffer: &mut Vec<u8>,
    hash: TextHash,
) -> Option<u128> {
    buffer.clear();
    for column in columns {
        match &cells[column] {
            CellValue::One(item) => push_text(buffer, &item.text),
            CellValue::Null | CellValue::Many(_) => return None,
        }
    }
    Some(hash.of(buffer))
}
