//! Statements that wait for the end of the output, because what was written before is not in memory.
//!
//! In: hashes of statements that were written, and statements with their hashes. Out: at the end, those
//! that are new, each once, part by part; the order is the same in each run.

use super::emit::{BLOCK_END, Mark, Text, Unit};
use super::program::Program;
use super::set::Table;
use crate::engine::spill::{Part, Partitions, SpillFile};
use std::io;

/// How often a part that is too large is parted again.
const MOST_LEVELS: u32 = 3;
/// The bytes of a record without its text: the hash and the length.
const HEADER: usize = 20;

/// Statements on disk.
#[derive(Debug)]
pub(super) struct Spill {
    file: SpillFile,
    parts: Partitions,
    buffer: Vec<u8>,
}

impl Spill {
    pub(super) fn new() -> Self {
        Self {
            file: SpillFile::default(),
            parts: Partitions::new(),
            buffer: Vec::new(),
        }
    }

    /// Notes a statement that was written.
    pub(super) fn seen(&mut self, hash: u128) -> io::Result<()> {
        push(&mut self.parts, &mut self.file, 0, hash, &[])
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
        push(&mut self.parts, &mut self.file, 0, hash, &self.buffer)
    }

    /// Gives the statements that are new; and how many are not.
    pub(super) fn finish(
        mut self,
        limit: usize,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<u64> {
        let mut left_out = 0;
        for part in self.parts.into_parts() {
            left_out += settle(part, 1, limit, &mut self.file, take)?;
        }
        Ok(left_out)
    }
}

fn settle(
    part: Part,
    level: u32,
    limit: usize,
    file: &mut SpillFile,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let records = usize::try_from(part.records()).unwrap_or(usize::MAX);
    let mut left_out = 0;
    if records.saturating_mul(24) > limit && level <= MOST_LEVELS {
        let mut parts = Partitions::new();
        part.for_each(file, |bytes, file| {
            records_of(bytes).try_for_each(|(hash, text)| push(&mut parts, file, level, hash, text))
        })?;
        for part in parts.into_parts() {
            left_out += settle(part, level + 1, limit, file, take)?;
        }
        return Ok(left_out);
    }
    let mut seen: Table<u128> = Table::new();
    part.for_each(file, |bytes, _| {
        records_of(bytes).try_for_each(|(hash, text)| {
            let is_new = seen.insert(hash);
            if text.is_empty() {
                return Ok(());
            }
            left_out += u64::from(!is_new);
            if is_new { take(text) } else { Ok(()) }
        })
    })?;
    Ok(left_out)
}

fn push(
    parts: &mut Partitions,
    file: &mut SpillFile,
    level: u32,
    hash: u128,
    text: &[u8],
) -> io::Result<()> {
    // Each level looks at other bits, none at those of a table.
    let part = (hash >> (6 + 6 * level.min(4))) as usize % crate::engine::spill::PARTS;
    parts.push(file, part, |out| {
        out.extend_from_slice(&hash.to_le_bytes());
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(text);
    })
}

fn records_of(bytes: &[u8]) -> impl Iterator<Item = (u128, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (header, after) = rest.split_first_chunk::<HEADER>()?;
        let (hash, length) = header.split_first_chunk::<16>()?;
        let length = u32::from_le_bytes(length.try_into().ok()?);
        let (text, after) = after.split_at_checked(length as usize)?;
        rest = after;
        Some((u128::from_le_bytes(*hash), text))
    })
}
