//! The texts that stand for no value.
//!
//! In: the texts of the metadata. Out: whether a cell is one of them. There may be very many, and they
//! are inherited by columns: they are shared, and looked up in about as many steps as their number
//! has digits.

use std::sync::Arc;

/// The texts that stand for no value; the empty one unless others are given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nulls {
    texts: Arc<[String]>,
    // A bit for each length in bytes that a text has, the last for all greater ones: nearly all
    // cells are told by it.
    lengths: u64,
}

impl Nulls {
    /// Takes the texts, in any order.
    pub fn new(mut texts: Vec<String>) -> Self {
        texts.sort_unstable();
        texts.dedup();
        let lengths = texts.iter().fold(0, |set, text| set | length_bit(text));
        Self {
            texts: texts.into(),
            lengths,
        }
    }

    /// Whether a text stands for no value.
    #[inline]
    pub fn contains(&self, text: &str) -> bool {
        self.lengths & length_bit(text) != 0 && (text.is_empty() || self.holds(text))
    }

    /// The texts, sorted by their bytes.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    fn holds(&self, text: &str) -> bool {
        match &*self.texts {
            [only] => only == text,
            texts => texts
                .binary_search_by(|known| known.as_str().cmp(text))
                .is_ok(),
        }
    }
}

#[inline]
fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
}

impl Default for Nulls {
    fn default() -> Self {
        Self::new(vec![String::new()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_any_order() {
        let nulls = Nulls::new(vec!["n/a".to_owned(), "-".to_owned(), "-".to_owned()]);
        assert!(nulls.contains("-") && nulls.contains("n/a"));
        assert!(!nulls.contains("") && !nulls.contains("n"));
        let long = "x".repeat(70);
        let nulls = Nulls::new(vec!["x".repeat(80), long.clone(), "a".to_owned()]);
        assert!(nulls.contains(&long) && !nulls.contains(&"x".repeat(63)));
        assert!(nulls.contains("a") && !nulls.contains("b") && !nulls.contains(""));
        assert!(Nulls::default().contains(""));
        assert!(!Nulls::new(Vec::new()).contains(""));
    }
}
