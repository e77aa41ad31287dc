//! Statements that wait for the end of the output, because what was written before is not in memory.
//!
//! In: hashes of statements that were written, and statements with their hashes. Out: at the end, those
//! that are new, each once, in the order in which they came: the parts are looked through one by one, and
//! what is left of them is merged.

use super::emit::{BLOCK_END, Mark, Text, Unit};
use super::program::Program;
use super::set::Table;
use crate::sink::spill::{Part, PartReader, Partitions, SpillFile};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

/// The memory that a part may take whatever the limit is: smaller parts would be too many.
const LEAST_PART: usize = 1 << 20;
/// How often a part that is too large is parted again.
const MOST_LEVELS: u32 = 3;
/// The bytes of a record without its text: the hash, the place in the order, and the length.
const HEADER: usize = 28;

/// A statement, or without a text the hash of one that was written.
#[derive(Debug, Clone, Copy)]
struct Record<'t> {
    hash: u128,
    sequence: u64,
    text: &'t [u8],
}

/// Statements on disk.
#[derive(Debug)]
pub(super) struct Spill {
    file: SpillFile,
    parts: Partitions,
    buffer: Vec<u8>,
    sequence: u64,
}

impl Spill {
    pub(super) fn new() -> Self {
        Self {
            file: SpillFile::default(),
            parts: Partitions::new(),
            buffer: Vec::new(),
            sequence: 0,
        }
    }

    /// Notes a statement that was written.
    pub(super) fn seen(&mut self, hash: u128) -> io::Result<()> {
        let record = Record {
            hash,
            sequence: 0,
            text: &[],
        };
        push(&mut self.parts, &mut self.file, 0, record)
    }

    /// Takes a statement, which then has to be taken out of the text.
    pub(super) fn statement(
        &mut self,
        unit: &Unit,
        mark: &Mark,
        hash: u128,
        text: &Text,
        program: &Program<'_>,
    ) -> io::Result<()> {
        self.buffer.clear();
        let statement = &text.out[mark.start as usize..mark.end as usize];
        let (start, last) = (unit.start as usize, unit.subject.1 as usize);
        if program.syntax.is_turtle() {
            self.buffer.extend_from_slice(&text.out[start..last]);
            self.buffer.extend_from_slice(statement);
            self.buffer.extend_from_slice(BLOCK_END);
            if let Some((_, close)) = &program.groups[unit.group as usize].graph {
                self.buffer.extend_from_slice(close);
            }
        } else {
            let subject = unit.subject.0 as usize;
            self.buffer.extend_from_slice(&text.out[subject..last]);
            self.buffer.extend_from_slice(statement);
        }
        self.sequence += 1;
        let record = Record {
            hash,
            sequence: self.sequence,
            text: &self.buffer,
        };
        push(&mut self.parts, &mut self.file, 0, record)
    }

    /// Gives the statements that are new; and how many are not.
    pub(super) fn finish(
        mut self,
        limit: usize,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<u64> {
        let mut left = Vec::new();
        let mut left_out = 0;
        for part in self.parts.into_parts() {
            left_out += settle(part, 1, limit, &mut self.file, &mut left)?;
        }
        merge(left, &mut self.file, take)?;
        Ok(left_out)
    }
}

// Leaves in a part what is new; gives how much is not.
fn settle(
    part: Part,
    level: u32,
    limit: usize,
    file: &mut SpillFile,
    left: &mut Vec<Part>,
) -> io::Result<u64> {
    let records = usize::try_from(part.records()).unwrap_or(usize::MAX);
    if records.saturating_mul(24) > limit.max(LEAST_PART) && level <= MOST_LEVELS {
        let mut parts = Partitions::new();
        part.for_each(file, |bytes, file| {
            records_of(bytes).try_for_each(|record| push(&mut parts, file, level, record))
        })?;
        let mut left_out = 0;
        for part in parts.into_parts() {
            left_out += settle(part, level + 1, limit, file, left)?;
        }
        return Ok(left_out);
    }
    let mut seen: Table<u128> = Table::new();
    let mut new = Part::default();
    let mut left_out = 0;
    part.for_each(file, |bytes, file| {
        records_of(bytes).try_for_each(|record| {
            let is_new = seen.insert(record.hash);
            match (record.text, is_new) {
                ([], _) => Ok(()),
                (_, true) => new.push(file, |out| record.write(out)),
                (_, false) => {
                    left_out += 1;
                    Ok(())
                }
            }
        })
    })?;
    left.push(new);
    Ok(left_out)
}

// Gives the statements of all parts in their order.
fn merge(
    parts: Vec<Part>,
    file: &mut SpillFile,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut readers: Vec<(PartReader, usize)> = Vec::new();
    let mut next: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    for part in parts {
        let mut reader = part.into_reader();
        if reader.next(file)?
            && let Some((first, _)) = Record::read(reader.bytes())
        {
            next.push(Reverse((first.sequence, readers.len())));
            readers.push((reader, 0));
        }
    }
    while let Some(Reverse((_, number))) = next.pop() {
        let (reader, at) = &mut readers[number];
        if let Some((record, length)) = Record::read(&reader.bytes()[*at..]) {
            take(record.text)?;
            *at += length;
        }
        if *at == reader.bytes().len() {
            *at = 0;
            if !reader.next(file)? {
                continue;
            }
        }
        if let Some((record, _)) = Record::read(&reader.bytes()[*at..]) {
            next.push(Reverse((record.sequence, number)));
        }
    }
    Ok(())
}

fn push(
    parts: &mut Partitions,
    file: &mut SpillFile,
    level: u32,
    record: Record<'_>,
) -> io::Result<()> {
    // Each level looks at other bits, none at those of a table.
    let part = (record.hash >> (6 + 6 * level.min(4))) as usize % crate::sink::spill::PARTS;
    parts.push(file, part, |out| record.write(out))
}

impl<'t> Record<'t> {
    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.hash.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(self.text);
    }

    // The record that bytes begin with, and how many of them it takes.
    fn read(bytes: &'t [u8]) -> Option<(Self, usize)> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let (hash, header) = header.split_first_chunk::<16>()?;
        let (sequence, length) = header.split_first_chunk::<8>()?;
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let record = Self {
            hash: u128::from_le_bytes(*hash),
            sequence: u64::from_le_bytes(*sequence),
            text: rest.get(..length)?,
        };
        Some((record, HEADER + length))
    }
}

fn records_of(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (record, length) = Record::read(rest)?;
        rest = &rest[length..];
        Some(record)
    })
}
