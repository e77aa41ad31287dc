//! Joins that do not fit into memory.
//!
//! In: the rows of both sides with their keys. Out: pairs in the order of the left rows, then of the right
//! ones, whatever the limit of memory is.
//!
//! Both sides go to a temporary file, in parts by their keys, which are joined one by one; a part whose right
//! rows are too many is parted again by other bits of the keys. Where that brings nothing, because many rows
//! have the same key, as many right rows as fit are kept and all left rows of the part pass by, again and
//! again. The pairs of each go to a second file in order, and all of them are merged.
//!
//! A row with several keys is in several parts, and so may be its pairs: the merge gives each once. What
//! has no pair in a part is put behind all pairs of its row, and left out where there are such.
//!
//! Memory: the limit, and 16 KiB for each of up to 128 buffers.

use super::super::run::{RunError, ScanError};
use super::join::Kept;
use super::{Reports, ViewRow};
use crate::sink::spill::{PARTS, Part, PartReader, SpillFile};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

/// How often a part that is too large is parted again.
const MOST_LEVELS: u32 = 4;
/// How many runs of pairs there may be before they are merged.
const MOST_RUNS: usize = 128;
/// The bytes of a record without what it holds: two numbers and the length.
const HEADER: usize = 28;
/// What stands for the right row where there is none.
const NO_ROW: u64 = u64::MAX;

/// Two sides of a join on their way to disk.
pub(super) struct Grace {
    keeps_left: bool,
    memory: usize,
    file: SpillFile,
    left: Vec<Records>,
    right: Vec<Records>,
    pairs: SpillFile,
    runs: Vec<Part>,
    /// Left rows that are like none, because they have no key.
    alone: Part,
}

/// Records on disk, and their bytes.
#[derive(Default)]
struct Records {
    part: Part,
    bytes: usize,
}

/// A record: of a part its key and the number of the row, of a run the numbers of both rows.
#[derive(Clone, Copy)]
struct Record<'b> {
    first: u128,
    second: u64,
    bytes: &'b [u8],
}

impl<'b> Record<'b> {
    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first.to_le_bytes());
        out.extend_from_slice(&self.second.to_le_bytes());
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(self.bytes);
    }

    fn read(bytes: &'b [u8]) -> Option<Self> {
        let (first, rest) = bytes.split_first_chunk::<16>()?;
        let (second, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        Some(Self {
            first: u128::from_le_bytes(*first),
            second: u64::from_le_bytes(*second),
            bytes: rest.get(..u32::from_le_bytes(*length) as usize)?,
        })
    }
}

/// Reads records one by one.
struct RecordReader {
    reader: PartReader,
    at: usize,
}

impl RecordReader {
    fn new(reader: PartReader) -> Self {
        Self { reader, at: 0 }
    }

    fn next(&mut self, file: &mut SpillFile) -> io::Result<Option<Record<'_>>> {
        if self.at == self.reader.bytes().len() {
            self.at = 0;
            if !self.reader.next(file)? {
                return Ok(None);
            }
        }
        let record = Record::read(&self.reader.bytes()[self.at..])
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        self.at += HEADER + record.bytes.len();
        Ok(Some(record))
    }
}

impl Records {
    fn push(&mut self, file: &mut SpillFile, record: Record<'_>) -> io::Result<()> {
        self.bytes += record.bytes.len();
        self.part.push(file, |out| record.write(out))
    }

    // About how much memory they would take, kept by key.
    fn size(&self) -> usize {
        let records = usize::try_from(self.part.records()).unwrap_or(usize::MAX);
        self.bytes.saturating_add(records.saturating_mul(72))
    }
}

fn parts() -> Vec<Records> {
    std::iter::repeat_with(Records::default)
        .take(PARTS)
        .collect()
}

// Other bits at each level, and none at which tables look.
fn part_of(key: u128, level: u32) -> usize {
    (key >> (64 + 6 * level)) as usize % PARTS
}

fn failed(error: io::Error) -> ScanError {
    RunError::Joins(error).into()
}

impl Grace {
    /// No rows yet.
    pub(super) fn new(keeps_left: bool, memory: usize) -> Self {
        Self {
            keeps_left,
            memory,
            file: SpillFile::default(),
            left: parts(),
            right: parts(),
            pairs: SpillFile::default(),
            runs: Vec::new(),
            alone: Part::default(),
        }
    }

    /// Takes a right row, with one of its keys.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn right(&mut self, key: u128, number: u64, bytes: &[u8]) -> Result<(), ScanError> {
        let record = Record {
            first: key,
            second: number,
            bytes,
        };
        let part = &mut self.right[part_of(key, 0)];
        part.push(&mut self.file, record).map_err(failed)
    }

    /// Takes a left row, with all of its keys.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn left(
        &mut self,
        keys: &[u128],
        number: u64,
        bytes: &[u8],
    ) -> Result<(), ScanError> {
        if keys.is_empty() && self.keeps_left {
            let record = Record {
                first: number.into(),
                second: NO_ROW,
                bytes,
            };
            let alone = &mut self.alone;
            return alone
                .push(&mut self.pairs, |out| record.write(out))
                .map_err(failed);
        }
        for key in keys {
            let part = part_of(*key, 0);
            // Nothing is like it.
            if self.right[part].part.records() == 0 && !self.keeps_left {
                continue;
            }
            let record = Record {
                first: *key,
                second: number,
                bytes,
            };
            self.left[part]
                .push(&mut self.file, record)
                .map_err(failed)?;
        }
        Ok(())
    }

    /// Joins what was taken.
    ///
    /// # Errors
    /// When a temporary file fails, or the run is not to go on.
    pub(super) fn join(mut self, reports: &mut Reports<'_>) -> Result<Pairs, ScanError> {
        let alone = std::mem::take(&mut self.alone);
        self.runs.push(alone);
        let left = std::mem::take(&mut self.left);
        let right = std::mem::take(&mut self.right);
        for (left, right) in left.into_iter().zip(right) {
            self.join_parts(left, right, 1, u64::MAX, reports)?;
        }
        let merge = Merge::new(self.runs, &mut self.pairs).map_err(failed)?;
        Ok(Pairs {
            file: self.pairs,
            merge,
            bytes: Vec::new(),
        })
    }

    // Joins the rows of a part; `of` is how many right rows there were before it was made.
    fn join_parts(
        &mut self,
        left: Records,
        right: Records,
        level: u32,
        of: u64,
        reports: &mut Reports<'_>,
    ) -> Result<(), ScanError> {
        if left.part.records() == 0 || right.part.records() == 0 && !self.keeps_left {
            return Ok(());
        }
        let records = right.part.records();
        // Most rows have the same key, as it seems.
        let is_skewed = records.saturating_mul(4) > of.saturating_mul(3);
        if right.size() <= self.memory || level > MOST_LEVELS || is_skewed {
            return self.join_blocks(left, right, reports);
        }
        let left = self.part_again(left, level, reports)?;
        let right = self.part_again(right, level, reports)?;
        for (left, right) in left.into_iter().zip(right) {
            self.join_parts(left, right, level + 1, records, reports)?;
        }
        Ok(())
    }

    fn part_again(
        &mut self,
        records: Records,
        level: u32,
        reports: &mut Reports<'_>,
    ) -> Result<Vec<Records>, ScanError> {
        let mut again = parts();
        let mut reader = RecordReader::new(records.part.into_reader());
        while let Some(record) = reader.next(&mut self.file).map_err(failed)? {
            reports.step()?;
            let part = &mut again[part_of(record.first, level)];
            part.push(&mut self.file, record).map_err(failed)?;
        }
        Ok(again)
    }

    // Keeps as many right rows as fit, and passes all left ones by, until there are no more.
    fn join_blocks(
        &mut self,
        mut left: Records,
        right: Records,
        reports: &mut Reports<'_>,
    ) -> Result<(), ScanError> {
        let mut right = RecordReader::new(right.part.into_reader());
        let mut is_first = true;
        loop {
            let mut kept = Kept::default();
            let mut numbers: Vec<u64> = Vec::new();
            while kept.rows.len() == 0
                || kept.size() + numbers.len() * size_of::<u64>() < self.memory
            {
                let Some(record) = right.next(&mut self.file).map_err(failed)? else {
                    break;
                };
                kept.push(&[record.first], record.bytes);
                numbers.push(record.second);
            }
            if numbers.is_empty() && !is_first {
                return Ok(());
            }
            is_first = false;
            let reader = left.part.reader(&mut self.file).map_err(failed)?;
            self.pass_by(RecordReader::new(reader), &kept, &numbers, reports)?;
        }
    }

    // Makes a run of the pairs of left rows with those that are kept.
    fn pass_by(
        &mut self,
        mut left: RecordReader,
        kept: &Kept,
        numbers: &[u64],
        reports: &mut Reports<'_>,
    ) -> Result<(), ScanError> {
        let mut run = Part::default();
        let mut found = Vec::new();
        let mut pair: Vec<u8> = Vec::new();
        let mut row: Option<LeftRow> = None;
        loop {
            reports.step()?;
            let next = left.next(&mut self.file).map_err(failed)?;
            if let (Some(row), Some(next)) = (&mut row, &next)
                && row.number == next.second
            {
                // The same row with another key.
                row.keys.push(next.first);
                continue;
            }
            if let Some(row) = &row {
                kept.find(&row.keys, &mut found);
                found.dedup_by_key(|row| numbers[*row as usize]);
                let mut push = |second: u64, bytes: &[u8]| {
                    let record = Record {
                        first: row.number.into(),
                        second,
                        bytes,
                    };
                    run.push(&mut self.pairs, |out| record.write(out))
                };
                for right in &found {
                    pair.clear();
                    pair.extend_from_slice(&row.bytes);
                    pair.extend_from_slice(kept.rows.get(*right as usize));
                    push(numbers[*right as usize], &pair).map_err(failed)?;
                }
                if found.is_empty() && self.keeps_left {
                    push(NO_ROW, &row.bytes).map_err(failed)?;
                }
            }
            let Some(next) = next else {
                break;
            };
            let row = row.get_or_insert_default();
            row.number = next.second;
            row.keys.clear();
            row.keys.push(next.first);
            row.bytes.clear();
            row.bytes.extend_from_slice(next.bytes);
        }
        if run.records() > 0 {
            run.flush(&mut self.pairs).map_err(failed)?;
            self.runs.push(run);
        }
        if self.runs.len() >= MOST_RUNS {
            self.merge_runs(reports)?;
        }
        Ok(())
    }

    fn merge_runs(&mut self, reports: &mut Reports<'_>) -> Result<(), ScanError> {
        let runs = std::mem::take(&mut self.runs);
        let mut merge = Merge::new(runs, &mut self.pairs).map_err(failed)?;
        let mut merged = Part::default();
        let mut bytes = Vec::new();
        while let Some((left, right)) = merge.next(&mut self.pairs, &mut bytes).map_err(failed)? {
            reports.step()?;
            let record = Record {
                first: left.into(),
                second: right,
                bytes: &bytes,
            };
            merged
                .push(&mut self.pairs, |out| record.write(out))
                .map_err(failed)?;
        }
        merged.flush(&mut self.pairs).map_err(failed)?;
        self.runs.push(merged);
        Ok(())
    }
}

/// A left row and those of its keys that are in a part.
#[derive(Default)]
struct LeftRow {
    number: u64,
    keys: Vec<u128>,
    bytes: Vec<u8>,
}

/// The pairs of a join, on disk.
pub(super) struct Pairs {
    file: SpillFile,
    merge: Merge,
    bytes: Vec<u8>,
}

impl Pairs {
    /// Reads the next pair, of rows of these widths.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub(super) fn next(
        &mut self,
        left: usize,
        right: usize,
        out: &mut ViewRow,
    ) -> Result<bool, ScanError> {
        let next = self.merge.next(&mut self.file, &mut self.bytes);
        let Some((_, number)) = next.map_err(failed)? else {
            return Ok(false);
        };
        // The bytes are those that were written.
        let rest = out.read_with_place(left, &self.bytes).unwrap_or_default();
        if number == NO_ROW {
            out.push_nulls(right);
        } else {
            let _ = out.read(right, rest);
        }
        Ok(true)
    }
}

/// Gives the pairs of all runs in order, each once.
struct Merge {
    runs: Vec<(RecordReader, Vec<u8>)>,
    heap: BinaryHeap<Reverse<(u64, u64, usize)>>,
    last: Option<(u64, u64)>,
}

impl Merge {
    fn new(runs: Vec<Part>, file: &mut SpillFile) -> io::Result<Self> {
        let mut merge = Self {
            runs: Vec::new(),
            heap: BinaryHeap::new(),
            last: None,
        };
        for run in runs {
            let number = merge.runs.len();
            merge
                .runs
                .push((RecordReader::new(run.into_reader()), Vec::new()));
            merge.advance(number, file)?;
        }
        Ok(merge)
    }

    // Reads the next record of a run.
    fn advance(&mut self, number: usize, file: &mut SpillFile) -> io::Result<()> {
        let (reader, bytes) = &mut self.runs[number];
        if let Some(record) = reader.next(file)? {
            bytes.clear();
            bytes.extend_from_slice(record.bytes);
            let left = u64::try_from(record.first).unwrap_or(NO_ROW);
            self.heap.push(Reverse((left, record.second, number)));
        }
        Ok(())
    }

    fn next(&mut self, file: &mut SpillFile, out: &mut Vec<u8>) -> io::Result<Option<(u64, u64)>> {
        while let Some(Reverse((left, right, number))) = self.heap.pop() {
            let is_new = match self.last {
                Some((last, of)) => last != left || right != NO_ROW && of != right,
                None => true,
            };
            if is_new {
                self.last = Some((left, right));
                std::mem::swap(out, &mut self.runs[number].1);
            }
            self.advance(number, file)?;
            if is_new {
                return Ok(Some((left, right)));
            }
        }
        Ok(None)
    }
}
