//! Finds the bytes that may shape records, 64 at a time.
//!
//! In: a buffer and a set of bytes. Out: the places of those bytes, in order, each once. A mask of
//! a block serves all cells and records in it, which is why this is faster for short cells than a
//! search for the end of each.

const BLOCK: usize = 64;

/// A set of bytes.
#[derive(Debug, Clone)]
pub(super) enum ByteSet {
    Few([u8; 4]),
    Many(Box<[bool; 256]>),
}

impl ByteSet {
    pub(super) fn new(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut bytes: Vec<u8> = bytes.into_iter().collect();
        bytes.sort_unstable();
        bytes.dedup();
        if let [first, ..] = bytes[..]
            && bytes.len() <= 4
        {
            let mut few = [first; 4];
            few[..bytes.len()].copy_from_slice(&bytes);
            return Self::Few(few);
        }
        let mut table = Box::new([false; 256]);
        for byte in bytes {
            table[usize::from(byte)] = true;
        }
        Self::Many(table)
    }

    // One bit for each byte, the first is the lowest.
    #[inline]
    fn mask(&self, block: &[u8; BLOCK]) -> u64 {
        match self {
            Self::Few([a, b, c, d]) => mask(block, |byte| {
                u8::from(byte == *a)
                    | u8::from(byte == *b)
                    | u8::from(byte == *c)
                    | u8::from(byte == *d)
            }),
            Self::Many(table) => mask(block, |byte| u8::from(table[usize::from(byte)])),
        }
    }
}

/// Gives one bit for each byte, the first the lowest, as the function, which gives 0 or 1, has it.
#[inline]
pub(super) fn mask(block: &[u8; BLOCK], flag_of: impl Fn(u8) -> u8) -> u64 {
    let mut flags = [0_u8; BLOCK];
    // Without a branch, so that the compiler compares many bytes at once.
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = flag_of(*byte);
    }
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |mask, word| {
        // The product has the lowest bits of all eight bytes side by side at its top.
        let bits = u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask << 8 | bits
    })
}

/// The places of a set's bytes, from front to back.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hits {
    // The block at hand, what was not given of it, and where the next begins.
    base: usize,
    mask: u64,
    upcoming: usize,
}

impl Hits {
    /// Begins anew, as has to be done when bytes are looked through again or more were read.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// Counts places from a later byte on.
    pub(super) fn consume(&mut self, count: usize) {
        self.upcoming = self.upcoming.saturating_sub(count);
        match count.checked_sub(self.base) {
            Some(passed) => {
                self.mask = u32::try_from(passed)
                    .ok()
                    .and_then(|passed| self.mask.checked_shr(passed))
                    .unwrap_or(0);
                self.base = 0;
            }
            None => self.base -= count,
        }
    }

    /// Gives the next place that is not before a byte.
    #[inline]
    pub(super) fn next(&mut self, set: &ByteSet, bytes: &[u8], from: usize) -> Option<usize> {
        loop {
            while self.mask != 0 {
                let at = self.base + self.mask.trailing_zeros() as usize;
                self.mask &= self.mask - 1;
                if at >= from {
                    return Some(at);
                }
            }
            self.base = self.upcoming.max(from);
            let rest = bytes.get(self.base..).filter(|rest| !rest.is_empty())?;
            self.mask = if let Some(block) = rest.first_chunk() {
                set.mask(block)
            } else {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                set.mask(&block) & ((1 << rest.len()) - 1)
            };
            self.upcoming = self.base + BLOCK;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(set: &[u8], bytes: &[u8], from: usize) -> Vec<usize> {
        let set = ByteSet::new(set.iter().copied());
        let mut hits = Hits::default();
        std::iter::from_fn(|| hits.next(&set, bytes, from)).collect()
    }

    #[test]
    fn each_place_comes_once_and_in_order() {
        let bytes: Vec<u8> = (0..=255).chain(0..100).collect();
        for set in [&b"\0"[..], b"\xFF,", b"abcd", b"abc,\n\r\x80"] {
            for from in [0, 1, 63, 64, 97, 300, 355, 356] {
                let here = |at: &usize| set.contains(&bytes[*at]);
                let expected: Vec<usize> = (from..bytes.len()).filter(here).collect();
                assert_eq!(places(set, &bytes, from), expected, "{set:?} from {from}");
            }
        }
    }

    #[test]
    fn places_are_counted_from_what_was_consumed() {
        let bytes = "ab,c\n".repeat(60);
        let set = ByteSet::new(*b",\n");
        for step in [1, 2, 5, 63, 64, 65, 100] {
            let mut hits = Hits::default();
            let mut begin = 0;
            while begin < bytes.len() {
                let rest = &bytes.as_bytes()[begin..];
                let expected = rest.iter().position(|byte| b",\n".contains(byte));
                assert_eq!(hits.next(&set, rest, 0), expected, "{step} at {begin}");
                let count = expected.map_or(rest.len(), |at| (at + step).min(rest.len()));
                hits.consume(count);
                begin += count;
            }
        }
    }
}
