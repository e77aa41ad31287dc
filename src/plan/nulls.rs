//! The texts that stand for no value.
//!
//! In: the texts of the metadata. Out: whether a cell is one of them. There may be very many, and they
//! are inherited by columns: they are shared, and looked up in about as many steps as their number
//! has digits.

use std::sync::Arc;

/// The texts that stand for no value; the empty one unless others are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nulls(Arc<[String]>);

impl Nulls {
    /// Takes the texts, in any order.
    pub fn new(mut texts: Vec<String>) -> Self {
        texts.sort_unstable();
        texts.dedup();
        Self(texts.into())
    }

    /// Whether a text stands for no value.
    pub fn contains(&self, text: &str) -> bool {
        match &*self.0 {
            [only] => only == text,
            texts => texts
                .binary_search_by(|known| known.as_str().cmp(text))
                .is_ok(),
        }
    }
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
        assert!(Nulls::default().contains(""));
        assert!(!Nulls::new(Vec::new()).contains(""));
    }
}
