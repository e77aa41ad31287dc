//! Reads a cell: from its text to no value, one value or a list.
//!
//! In: the text and a [`CellRule`]. Out: a [`CellValue`], and a call for each fault.
//!
//! Spec: tabular-data-model §6.4

use crate::plan::{CellRule, ValueFault, ValueType};
use crate::rdf::xsd::Datatype;
use std::borrow::Cow;

/// The value of a cell.
#[derive(Debug, Clone)]
pub(super) enum CellValue<'r> {
    Null,
    One(Item<'r>),
    Many(Vec<Item<'r>>),
}

/// One value: its lexical form, or its text where it is not valid.
#[derive(Debug, Clone)]
pub(super) struct Item<'r> {
    pub(super) text: Cow<'r, str>,
    pub(super) valid: bool,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CellFault {
    Required,
    Value(String, ValueFault),
}

impl<'r> CellValue<'r> {
    pub(super) fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::One(_) => false,
            Self::Many(items) => items.is_empty(),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::Many(_))
    }

    pub(super) fn items(&self) -> &[Item<'r>] {
        match self {
            Self::Null => &[],
            Self::One(item) => std::slice::from_ref(item),
            Self::Many(items) => items,
        }
    }
}

/// Reads a cell.
#[inline]
pub(super) fn read<'r>(
    text: &'r str,
    rule: &'r CellRule,
    fault: impl FnMut(CellFault),
) -> CellValue<'r> {
    // Nearly all cells are what they should be.
    if rule.separator.is_none()
        && !text.is_empty()
        && let Some(lexical) = rule.value.quick(text)
        && !rule.null.contains(text)
    {
        return CellValue::One(Item {
            text: Cow::Borrowed(lexical),
            valid: true,
        });
    }
    read_in_steps(text, rule, fault)
}

fn read_in_steps<'r>(
    text: &'r str,
    rule: &'r CellRule,
    mut fault: impl FnMut(CellFault),
) -> CellValue<'r> {
    let mut normalized = rule.value.normalize(text);
    if normalized.is_empty() {
        normalized = rule.value.normalize(&rule.default);
    }
    let Some(separator) = &rule.separator else {
        return if let Some(item) = read_item(normalized, rule, &mut fault) {
            CellValue::One(item)
        } else {
            if rule.required {
                fault(CellFault::Required);
            }
            CellValue::Null
        };
    };
    if normalized.is_empty() {
        if rule.required {
            fault(CellFault::Required);
        }
        return CellValue::Many(Vec::new());
    }
    if rule.null.contains(&normalized) {
        if rule.required {
            fault(CellFault::Required);
        }
        return CellValue::Null;
    }
    let parts: Vec<Cow<'r, str>> = match normalized {
        Cow::Borrowed(text) => text.split(separator.as_str()).map(Cow::Borrowed).collect(),
        Cow::Owned(text) => text
            .split(separator.as_str())
            .map(|part| Cow::Owned(part.to_owned()))
            .collect(),
    };
    let items = parts
        .into_iter()
        .filter_map(|part| {
            let mut part = normalize_item(part, &rule.value);
            if part.is_empty() {
                part = rule.value.normalize(&rule.default);
            }
            read_item(part, rule, &mut fault)
        })
        .collect();
    CellValue::Many(items)
}

/// Gives the value that a cell of a blank row has: none, whatever the column's `default` is.
pub(super) fn blank<'r>(rule: &CellRule, mut fault: impl FnMut(CellFault)) -> CellValue<'r> {
    if rule.required {
        fault(CellFault::Required);
    }
    CellValue::Null
}

// Items lose the white space around them, but for strings, which keep it.
//
// Spec: tabular-data-model §6.4, step 6
fn normalize_item<'r>(text: Cow<'r, str>, value: &ValueType) -> Cow<'r, str> {
    let keeps = matches!(value.datatype, Datatype::String | Datatype::AnyAtomicType);
    match text {
        Cow::Borrowed(text) if keeps => value.normalize(text),
        Cow::Borrowed(text) => value.normalize(text.trim()),
        Cow::Owned(text) if keeps => Cow::Owned(value.normalize(&text).into_owned()),
        Cow::Owned(text) => Cow::Owned(value.normalize(text.trim()).into_owned()),
    }
}

fn read_item<'r>(
    text: Cow<'r, str>,
    rule: &CellRule,
    fault: &mut impl FnMut(CellFault),
) -> Option<Item<'r>> {
    if rule.null.contains(&text) {
        return None;
    }
    let read = match &text {
        Cow::Borrowed(text) => rule.value.read(text),
        Cow::Owned(text) => rule
            .value
            .read(text)
            .map(|lexical| Cow::Owned(lexical.into_owned())),
    };
    match read {
        Ok(lexical) => Some(Item {
            text: lexical,
            valid: true,
        }),
        Err(reason) => {
            fault(CellFault::Value(text.clone().into_owned(), reason));
            Some(Item { text, valid: false })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Nulls;

    fn check(text: &str, rule: &CellRule, expected: &[&str], faults: usize) {
        let mut found = 0;
        let value = read(text, rule, |_| found += 1);
        let items: Vec<&str> = value
            .items()
            .iter()
            .map(|item| item.text.as_ref())
            .collect();
        assert_eq!(items, expected, "`{text}`");
        assert_eq!(found, faults, "`{text}`");
    }

    #[test]
    fn empty_cells_are_null_or_the_default() {
        check("", &CellRule::default(), &[], 0);
        let rule = CellRule {
            default: "x".to_owned(),
            ..CellRule::default()
        };
        check("", &rule, &["x"], 0);
        let rule = CellRule {
            required: true,
            null: Nulls::new(vec!["-".to_owned()]),
            ..CellRule::default()
        };
        check("-", &rule, &[], 1);
        check("", &rule, &[""], 0);
    }

    #[test]
    fn lists_are_split() {
        let rule = CellRule {
            separator: Some(";".to_owned()),
            ..CellRule::default()
        };
        check("a;b;c", &rule, &["a", "b", "c"], 0);
        check("a", &rule, &["a"], 0);
        check("", &rule, &[], 0);
        check("a;;b", &rule, &["a", "b"], 0);
        let rule = CellRule {
            default: "x".to_owned(),
            ..rule
        };
        check("a;;b", &rule, &["a", "x", "b"], 0);
    }

    // Spec: tabular-data-model §4.6.1, §6.4, step 6
    #[test]
    fn facets_apply_to_each_item_of_a_list() {
        let mut rule = CellRule {
            separator: Some(";".to_owned()),
            ..CellRule::default()
        };
        rule.value.datatype = Datatype::Token;
        rule.value.facets.length = Some(1);
        check("a; b ;c", &rule, &["a", "b", "c"], 0);
        check("a;bb;cc", &rule, &["a", "bb", "cc"], 2);
    }
}
