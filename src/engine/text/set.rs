//! Hashes that were seen, in little memory.
//!
//! In: 128-bit hashes. Out: whether each is new. A table is cut into shards that grow one by one, by a
//! quarter, so that it is never there twice and at least 68 % full: 16 bytes a hash take 19 to 24.
//! Keys come in batches: the slots of a batch are looked at once before they are needed, so that
//! the memory fetches many at a time.

use std::hint::black_box;

const SHARDS: usize = 64;
/// The least slots of a shard that holds anything.
const LEAST: usize = 16;

/// What a slot holds; one that is empty has the key 0.
pub(super) trait Slot: Copy + Default {
    fn key(&self) -> u128;
}

impl Slot for u128 {
    #[inline]
    fn key(&self) -> u128 {
        *self
    }
}

/// A hash and another that belongs to it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pair(u128, pub(super) u128);

impl Slot for Pair {
    #[inline]
    fn key(&self) -> u128 {
        self.0
    }
}

/// Slots by hash.
#[derive(Debug)]
pub(super) struct Table<S> {
    shards: Vec<Shard<S>>,
    used: usize,
}

#[derive(Debug)]
struct Shard<S> {
    slots: Vec<S>,
    used: usize,
}

// Empty slots have the key 0, so that no key may be 0.
#[inline]
fn key_of(hash: u128) -> u128 {
    hash.max(1)
}

#[inline]
fn shard_of(key: u128) -> usize {
    key as usize % SHARDS
}

impl<S: Slot> Shard<S> {
    // In the order of the hashes, so that a table grows in one way through both.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "less than the number of slots"
    )]
    fn home(&self, key: u128) -> usize {
        let high = key >> 64;
        ((high * self.slots.len() as u128) >> 64) as usize
    }

    // The slot of a key, or the empty one where it belongs.
    #[inline]
    fn find(&self, key: u128) -> usize {
        let mut at = self.home(key);
        loop {
            let found = self.slots[at].key();
            if found == key || found == 0 {
                return at;
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.slots.len() + self.slots.len() / 4).max(LEAST);
        let old = std::mem::replace(&mut self.slots, vec![S::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.key() != 0) {
            let at = self.find(slot.key());
            self.slots[at] = slot;
        }
    }

    #[inline]
    fn make_room(&mut self) {
        // At most 85 % full.
        if (self.used + 1) * 20 > self.slots.len() * 17 {
            self.grow();
        }
    }
}

impl<S: Slot> Table<S> {
    pub(super) fn new() -> Self {
        let shard = || Shard {
            slots: Vec::new(),
            used: 0,
        };
        Self {
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
            used: 0,
        }
    }

    /// How many hashes it holds.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        let slots = self.shards.iter().map(|shard| shard.slots.len());
        slots.sum::<usize>() * size_of::<S>()
    }

    /// Has the slot of a key that is about to be asked for fetched.
    #[inline]
    pub(super) fn fetch(&self, hash: u128) {
        let key = key_of(hash);
        let shard = &self.shards[shard_of(key)];
        if !shard.slots.is_empty() {
            black_box(shard.slots[shard.home(key)].key() == 0);
        }
    }

    /// All that it holds, in no order that means anything.
    pub(super) fn into_keys(self) -> impl Iterator<Item = u128> {
        let slots = self.shards.into_iter().flat_map(|shard| shard.slots);
        slots.map(|slot| slot.key()).filter(|key| *key != 0)
    }
}

impl Table<u128> {
    /// Adds a hash; gives whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, hash: u128) -> bool {
        let key = key_of(hash);
        let shard = &mut self.shards[shard_of(key)];
        shard.make_room();
        let at = shard.find(key);
        if shard.slots[at] == key {
            return false;
        }
        shard.slots[at] = key;
        shard.used += 1;
        self.used += 1;
        true
    }
}

impl Table<Pair> {
    /// Adds a hash with another; gives the one that it was added with before, if it was.
    #[inline]
    pub(super) fn insert(&mut self, hash: u128, other: u128) -> Option<u128> {
        let key = key_of(hash);
        let shard = &mut self.shards[shard_of(key)];
        shard.make_room();
        let at = shard.find(key);
        let slot = &mut shard.slots[at];
        if slot.0 == key {
            return Some(slot.1);
        }
        *slot = Pair(key, other);
        shard.used += 1;
        self.used += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};

    proptest! {
        // Few keys in few homes, so that many are alike.
        #[test]
        fn it_holds_what_the_standard_set_holds(
            hashes in proptest::collection::vec((0..40_u128, 0..40_u128), 0..2000)
        ) {
            let mut table: Table<u128> = Table::new();
            let mut pairs: Table<Pair> = Table::new();
            let mut set = HashSet::new();
            let mut map = HashMap::new();
            for (high, low) in hashes {
                let hash = high << 122 | low;
                let key = key_of(hash);
                prop_assert_eq!(table.insert(hash), set.insert(key));
                let before = map.get(&key).copied();
                map.entry(key).or_insert(low);
                prop_assert_eq!(pairs.insert(hash, low), before);
            }
            let kept: HashSet<u128> = table.into_keys().collect();
            prop_assert_eq!(kept, set);
        }
    }

    #[test]
    fn it_takes_at_most_24_bytes_a_hash() {
        let mut table: Table<u128> = Table::new();
        // Multiples of an odd number are spread evenly over all 128 bits.
        let spread = |number: u128| number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        for number in 1..200_000_u128 {
            table.insert(spread(number));
            if number > 100_000 {
                let each = table.bytes() as u128 * 100 / number;
                assert!(each <= 2400, "{each}");
            }
        }
    }
}
