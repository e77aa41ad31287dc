//! Lists within cells: whether a separator parts short items that come again.
//!
//! In: the texts of a column. Out: the separator, where it is clear.
//!
//! Memory: fingerprints of up to a thousand items for each separator.

use super::column::fingerprint;
use super::counted;
use rustc_hash::FxHashSet;

const SEPARATORS: [&str; 4] = ["; ", " | ", ";", "|"];

/// How many distinct items are counted.
const MOST_ITEMS: usize = 1000;

/// Items of a list are no longer than this many bytes.
const LONGEST_ITEM: usize = 60;

/// The lists of a column.
#[derive(Debug, Clone)]
pub(super) struct Lists {
    candidates: Vec<Candidate>,
}

#[derive(Debug, Clone)]
struct Candidate {
    separator: &'static str,
    cells: u64,
    items: u64,
    distinct: FxHashSet<u64>,
}

/// A separator and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Separator {
    pub(super) text: &'static str,
    pub(super) why: String,
}

impl Lists {
    pub(super) fn new(delimiter: &str) -> Self {
        let candidates = SEPARATORS
            .into_iter()
            .filter(|separator| separator.trim() != delimiter)
            .map(|separator| Candidate {
                separator,
                cells: 0,
                items: 0,
                distinct: FxHashSet::default(),
            });
        Self {
            candidates: candidates.collect(),
        }
    }

    /// Takes a text.
    pub(super) fn accept(&mut self, text: &str) {
        self.candidates.retain_mut(|candidate| {
            let mut items = 0;
            for item in text.split(candidate.separator) {
                // What stands alone between `;` and `; ` would be left with a space.
                let is_item = !item.trim().is_empty()
                    && item.trim() == item
                    && item.len() <= LONGEST_ITEM
                    && !item.contains(candidate.separator.trim())
                    && !item.contains(['\n', '\r']);
                if !is_item {
                    return false;
                }
                items += 1;
                if candidate.distinct.len() < MOST_ITEMS {
                    candidate.distinct.insert(fingerprint(item));
                }
            }
            candidate.items += items;
            candidate.cells += u64::from(items > 1);
            true
        });
    }

    /// The separator that parts at least a fifth of the cells, and three of them, into items of
    /// which a third or more come again.
    pub(super) fn separator(&self, values: u64) -> Option<Separator> {
        let candidate = self.candidates.iter().find(|candidate| {
            let distinct = candidate.distinct.len();
            candidate.cells >= 3
                && candidate.cells * 5 >= values
                && distinct < MOST_ITEMS
                && distinct as u64 * 3 <= candidate.items * 2
        })?;
        Some(Separator {
            text: candidate.separator,
            why: format!(
                "lists: `{}` parts {} cells into {} items, {} different ones",
                candidate.separator,
                counted(candidate.cells),
                counted(candidate.items),
                counted(candidate.distinct.len() as u64)
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: Option<&str>) {
        let mut lists = Lists::new(",");
        for text in texts {
            lists.accept(text);
        }
        let found = lists.separator(texts.len() as u64);
        assert_eq!(found.map(|found| found.text), expected, "{texts:?}");
    }

    #[test]
    fn separators_need_items_that_come_again() {
        check(&["red;blue", "blue;green", "red;green"], Some(";"));
        check(&["red; blue", "blue; green", "red; green"], Some("; "));
        check(&["red|blue", "blue|green", "red|green", "red"], Some("|"));
        check(&["one;two", "three;four", "five;six"], None);
        check(&["red;;blue", "blue;green", "red;green"], None);
        check(&["red;blue", "blue", "red"], None);
    }
}
