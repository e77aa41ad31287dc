//! 128-bit hashes that stand for texts.
//!
//! In: bytes. Out: a number that two different texts of a run share with the chance 1 in 2¹²⁸: of
//! four thousand million texts any two with the chance 1 in 2⁶⁵. The seed differs from run to run, so
//! that nobody can prepare texts that share one; no hash and no order of hashes reaches an output.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// Hashes the texts of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextHash {
    seed: u64,
}

impl TextHash {
    pub(super) fn new() -> Self {
        Self {
            seed: RandomState::new().hash_one(0),
        }
    }

    #[inline]
    pub(super) fn of(self, bytes: &[u8]) -> u128 {
        xxh3_128_with_seed(bytes, self.seed)
    }
}

/// A map by such hashes, which are not hashed again.
pub(super) type ByHash<V> = HashMap<u128, V, BuildHasherDefault<Given>>;

/// Gives back a part of the number that it is given.
#[derive(Debug, Default)]
pub(super) struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    #[expect(clippy::cast_possible_truncation, reason = "a part is enough")]
    fn write_u128(&mut self, number: u128) {
        self.0 = number as u64;
    }
}

/// Appends a text so that no two lists of texts give the same bytes.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u64).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}
