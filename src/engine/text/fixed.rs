//! Texts that are written again and again.
//!
//! In: bytes that are known beforehand. Out: a [`Fixed`] that is appended in whole blocks, which takes
//! no call and no loop over a length that the compiler does not know.

const BLOCK: usize = 32;

/// Bytes, padded to whole blocks.
#[derive(Debug, Clone, Default)]
pub(super) struct Fixed {
    blocks: Vec<u8>,
    length: usize,
}

impl From<Vec<u8>> for Fixed {
    fn from(bytes: Vec<u8>) -> Self {
        let mut fixed = Self {
            length: bytes.len(),
            blocks: bytes,
        };
        fixed.pad();
        fixed
    }
}

impl Fixed {
    /// Takes other bytes, which a function appends to nothing.
    pub(super) fn fill<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.blocks.clear();
        let written = write(&mut self.blocks);
        self.length = self.blocks.len();
        self.pad();
        written
    }

    fn pad(&mut self) {
        let size = self.length.next_multiple_of(BLOCK);
        self.blocks.resize(size, 0);
    }

    /// How many bytes it has.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.blocks[..self.length]
    }

    /// Appends the bytes.
    #[inline]
    pub(super) fn push_to(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.length;
        let (blocks, _) = self.blocks.as_chunks::<BLOCK>();
        for block in blocks {
            out.extend_from_slice(block);
        }
        out.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::Fixed;

    #[test]
    fn bytes_come_out_as_they_went_in() {
        for length in 0..100 {
            let bytes: Vec<u8> = (0..length).collect();
            let fixed = Fixed::from(bytes.clone());
            let mut out = b"before".to_vec();
            fixed.push_to(&mut out);
            fixed.push_to(&mut out);
            assert_eq!(out, [b"before".as_slice(), &bytes, &bytes].concat());
        }
    }
}
