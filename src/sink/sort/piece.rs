//! Records in memory, and their order.

use std::io;

/// Records in memory.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) text: Vec<u8>,
    pub(super) records: Vec<Record>,
}

/// Where a record is, and eight of its bytes behind those that all of a piece begin with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    key: u64,
    start: u32,
    length: u32,
}

impl Piece {
    /// What a record takes beside its bytes.
    pub(super) const RECORD: usize = size_of::<Record>();

    /// What it takes.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.records.len() * size_of::<Record>()
    }

    pub(super) fn has_room(&self, length: usize) -> bool {
        u32::try_from(self.text.len() + length).is_ok()
    }

    pub(super) fn push(&mut self, record: &[u8]) -> io::Result<()> {
        let place = |length| u32::try_from(length).map_err(io::Error::other);
        self.records.push(Record {
            key: 0,
            start: place(self.text.len())?,
            length: place(record.len())?,
        });
        self.text.extend_from_slice(record);
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.records.clear();
    }

    pub(super) fn sort(&mut self) {
        let text = &self.text;
        let Some(first) = self.records.first().map(|record| record.of(text)) else {
            return;
        };
        let mut shared = first.len();
        for record in &self.records {
            shared = common(&first[..shared], record.of(text));
        }
        for record in &mut self.records {
            let rest = &record.of(text)[shared..];
            let mut key = [0; 8];
            let length = rest.len().min(8);
            key[..length].copy_from_slice(&rest[..length]);
            record.key = u64::from_be_bytes(key);
        }
        // Where the keys are the same a shorter record may have ended in them: all is compared that
        // is behind what is shared.
        self.records.sort_unstable_by(|a, b| {
            a.key
                .cmp(&b.key)
                .then_with(|| a.of(text)[shared..].cmp(&b.of(text)[shared..]))
        });
        self.records
            .dedup_by(|a, b| a.key == b.key && a.of(text) == b.of(text));
    }

    pub(super) fn get(&self, at: usize) -> Option<&[u8]> {
        self.records.get(at).map(|record| record.of(&self.text))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.records.iter().map(|record| record.of(&self.text))
    }
}

impl Record {
    pub(super) fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..][..self.length as usize]
    }
}

// How many bytes two texts begin with in common.
fn common(one: &[u8], other: &[u8]) -> usize {
    if other.starts_with(one) {
        return one.len();
    }
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}
