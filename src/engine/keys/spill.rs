//! Keys and references on disk, parted by fingerprint.
//!
//! In: [`Record`]s, as they come. Out: the records of one part, in the order in which they came.

use super::fingerprint::Fingerprint;
use super::{Packed, Place};
use crate::sink::spill::{Part, Partitions, SpillFile};
use std::borrow::Cow;
use std::io;

/// The bytes of a record without its text.
const HEADER: usize = 48;

/// A key, or a reference to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<'t> {
    pub(super) key: Fingerprint,
    /// Its place among all records of the run.
    pub(super) sequence: u64,
    pub(super) place: Place,
    pub(super) scan: usize,
    pub(super) check: usize,
    /// What messages say of it.
    pub(super) shown: Cow<'t, str>,
}

impl<'t> Record<'t> {
    /// How many bytes it takes.
    pub(super) fn length(&self) -> usize {
        HEADER + self.shown.len()
    }

    /// Adds its bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key.to_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        for part in Packed::from(self.place).0 {
            out.extend_from_slice(&part.to_le_bytes());
        }
        for number in [self.scan, self.check, self.shown.len()] {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(self.shown.as_bytes());
    }

    /// The records of bytes that hold nothing else.
    pub(super) fn read_all(bytes: &'t [u8]) -> impl Iterator<Item = Self> {
        let mut rest = bytes;
        std::iter::from_fn(move || {
            let (record, after) = Self::read(rest)?;
            rest = after;
            Some(record)
        })
    }

    fn read(bytes: &'t [u8]) -> Option<(Self, &'t [u8])> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let number = |at: usize| {
            let bytes: [u8; 4] = header[at..at + 4].try_into().unwrap_or_default();
            u32::from_le_bytes(bytes) as usize
        };
        let mut place = [0; 6];
        for (part, bytes) in place.iter_mut().zip(header[24..36].chunks_exact(2)) {
            *part = u16::from_le_bytes([bytes[0], bytes[1]]);
        }
        let (shown, rest) = rest.split_at_checked(number(44))?;
        let record = Self {
            key: Fingerprint::from_bytes(header[..16].try_into().unwrap_or_default()),
            sequence: u64::from_le_bytes(header[16..24].try_into().unwrap_or_default()),
            place: Packed(place).into(),
            scan: number(36),
            check: number(40),
            shown: String::from_utf8_lossy(shown),
        };
        Some((record, rest))
    }
}

/// Adds a record to those of its part.
pub(super) fn push(
    records: &mut Partitions,
    level: u32,
    file: &mut SpillFile,
    record: &Record<'_>,
) -> io::Result<()> {
    records.push(file, record.key.part(level), |out| record.write(out))
}

/// Calls for each record of a part, in the order in which they came.
pub(super) fn for_each(
    part: Part,
    file: &mut SpillFile,
    mut take: impl FnMut(&Record<'_>) -> io::Result<()>,
) -> io::Result<()> {
    part.for_each(file, |bytes, _| {
        Record::read_all(bytes).try_for_each(|record| take(&record))
    })
}

/// Parts a part by other bits.
pub(super) fn part_again(part: Part, level: u32, file: &mut SpillFile) -> io::Result<Partitions> {
    let mut parts = Partitions::new();
    part.for_each(file, |bytes, file| {
        Record::read_all(bytes).try_for_each(|record| push(&mut parts, level, file, &record))
    })?;
    Ok(parts)
}
