//! What the joins of a plan find: the terms of another table's rows by the values of a row.
//!
//! In: the other table, read once for each join that differs. Out: a [`JoinIndex`], asked for each row.
//!
//! Memory: 24 bytes for each key, 8 for each term, and the texts of the terms behind the beginning
//! that all of them share.

use super::cell::{self, CellValue};
use super::hash::{ByHash, TextHash, push_text};
use super::row::RowContext;
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

/// A key being built: the hash, and the number of a term.
struct Found {
    key: u128,
    term: u32,
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
                None => join.object.template.fixed_prefix().to_owned(),
                Some(_) => String::new(),
            },
        };
        let mut found: Vec<Found> = Vec::new();
        let mut texts = String::new();
        let mut ends: Vec<u64> = Vec::new();
        let mut buffers = (String::new(), String::new(), Vec::new());
        let mut reader =
            TableReader::open(name, sources.open(&scan.source)?, &scan.dialect)?.without_comments();
        for _ in 0..scan.dialect.header_row_count {
            reader.read_row()?;
        }
        let mut row_number = 0;
        while let Some(row) = reader.read_row()? {
            row_number += 1;
            if row.is_blank() {
                continue;
            }
            let texts_of = scan.columns.iter().enumerate();
            let cells: Vec<CellValue<'_>> = texts_of
                .map(|(number, column)| {
                    cell::read(row.get(number).unwrap_or_default(), &column.cell, |_| {})
                })
                .chain(
                    scan.computed
                        .iter()
                        .map(|column| cell::read("", &column.cell, |_| {})),
                )
                .collect();
            if join.when.iter().any(|column| cells[*column].is_null()) {
                continue;
            }
            let (iri, scratch, key) = &mut buffers;
            let Some(key) = key_of(&cells, join.on.iter().map(|(_, other)| *other), key, hash)
            else {
                continue;
            };
            let context = RowContext {
                scan,
                scan_index: join.scan,
                cells: &cells,
                joins: &[],
                row_number,
                source_row: row.source_row,
                line: row.line,
            };
            let made = context.iri(&join.object, None, iri, scratch, &mut |_, _| {});
            let Some(text) = made.and_then(|()| iri.strip_prefix(index.prefix.as_str())) else {
                continue;
            };
            let Ok(term) = u32::try_from(ends.len()) else {
                return Err(TableError::TooManyRows {
                    source_name: name.to_owned(),
                    limit: u64::from(u32::MAX),
                });
            };
            texts.push_str(text);
            ends.push(texts.len() as u64);
            found.push(Found { key, term });
            // What stands between the rows is told when the table is run for itself.
            drop(reader.take_faults());
        }
        index.take(found, &texts, &ends);
        Ok(index)
    }

    // Puts the terms of each key side by side, in the order of their rows, each once.
    fn take(&mut self, mut found: Vec<Found>, texts: &str, ends: &[u64]) {
        found.sort_by_key(|found| (found.key, found.term));
        self.ends.reserve_exact(found.len());
        self.texts.reserve_exact(texts.len());
        let text_of = |term: u32| slice(texts, ends, term as usize);
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for group in found.chunk_by(|one, other| one.key == other.key) {
            let first = self.ends.len();
            seen.clear();
            for found in group {
                let text = text_of(found.term);
                if group.len() > 1 && !seen.insert(text) {
                    continue;
                }
                self.texts.push_str(text);
                self.ends.push(self.texts.len() as u64);
            }
            // There are no more terms than rows, whose number was looked at.
            #[expect(clippy::cast_possible_truncation, reason = "at most 2³² terms")]
            let range = (first as u32, (self.ends.len() - first) as u32);
            self.keys.insert(group[0].key, range);
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
