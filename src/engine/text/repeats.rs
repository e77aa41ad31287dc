//! Statements that a row makes twice of one subject.
//!
//! In: the statements of a block so far, and the one that ends the text. Out: whether it is among them.

use super::emit::Mark;
use crate::engine::hash::TextHash;
use rustc_hash::FxHashSet;

/// The statements of one subject in a row, where there are so many that each cannot be compared with
/// all before it.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    hashes: FxHashSet<u128>,
    // How many of the statements of the block are among the hashes.
    known: usize,
}

impl Repeats {
    const FEW: usize = 32;

    /// Begins the statements of another subject or row.
    pub(super) fn begin(&mut self) {
        self.known = 0;
    }

    /// Whether the statement that ends a text is one of others.
    pub(super) fn has(
        &mut self,
        others: &[Mark],
        out: &[u8],
        start: usize,
        hash: TextHash,
    ) -> bool {
        let bytes = |mark: &Mark| &out[mark.start as usize..mark.end as usize];
        if others.len() < Self::FEW {
            return others.iter().any(|mark| bytes(mark) == &out[start..]);
        }
        if self.known == 0 {
            self.hashes.clear();
        }
        for mark in others.iter().skip(self.known) {
            self.hashes.insert(hash.of(bytes(mark)));
        }
        self.known = others.len();
        self.hashes.contains(&hash.of(&out[start..]))
    }
}
