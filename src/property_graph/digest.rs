//! One number for all statements of a graph, whatever their order, by which it is found out that an export
//! was changed.
//!
//! It is the sum of the hashes of the statements. The hash is XXH3 with 128 bits, of which versions may not
//! differ: the number stands in maps of names. It is no protection against who means to deceive.

use xxhash_rust::xxh3::xxh3_128;

/// Adds up statements.
#[derive(Debug, Default, Clone)]
pub(super) struct Digest {
    sum: u128,
    /// The parts of the statement at hand.
    parts: Vec<u8>,
}

impl Digest {
    /// Adds a part to the statement at hand, of several pieces. Parts are in the order subject, predicate,
    /// object, graph, datatype, language; the datatype is empty where the object is no literal.
    pub(super) fn part(&mut self, pieces: [&[u8]; 2]) {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        self.parts.extend((length as u64).to_le_bytes());
        for piece in pieces {
            self.parts.extend_from_slice(piece);
        }
    }

    /// Ends the statement at hand.
    pub(super) fn end(&mut self) {
        self.sum = self.sum.wrapping_add(xxh3_128(&self.parts));
        self.parts.clear();
    }

    /// 32 hexadecimal digits for all that was added.
    pub(super) fn text(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(statements: &[[&str; 6]]) -> String {
        let mut digest = Digest::default();
        for statement in statements {
            for part in statement {
                digest.part([part.as_bytes(), b""]);
            }
            digest.end();
        }
        digest.text()
    }

    #[test]
    fn the_order_makes_no_difference_and_what_is_said_does() {
        let one = ["a", "p", "b", "", "", ""];
        let other = ["a", "p", "c", "", "", ""];
        assert_eq!(digest(&[one, other]), digest(&[other, one]));
        assert_ne!(digest(&[one, one]), digest(&[one, other]));
        assert_ne!(digest(&[one]), digest(&[["a", "pb", "", "", "", ""]]));
        assert_ne!(digest(&[one]), digest(&[["a", "p", "b", "", "d", ""]]));
    }

    /// What another implementation (python-xxhash 3) has for the 48 zero bytes of six lengths.
    #[test]
    fn maps_that_are_there_stay_true() {
        assert_eq!(digest(&[]), "0".repeat(32));
        assert_eq!(digest(&[[""; 6]]), "505cd4e066810498e255222d4cbbadba");
    }
}
