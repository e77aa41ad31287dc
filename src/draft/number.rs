//! How the numbers of a column are written: which decimal and group separators every text allows.
//!
//! In: the texts of a column, one by one. Out: the notations that all of them allow, and what
//! speaks against numbers: leading zeros, digits beyond counting.
//!
//! Memory: a few dozen bytes for each notation.

/// How a number is written down.
///
/// Spec: tabular-data-model §6.4.2
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Notation {
    pub(super) decimal: char,
    pub(super) group: Option<char>,
}

const fn notation(decimal: char, group: Option<char>) -> Notation {
    Notation { decimal, group }
}

const NOTATIONS: [Notation; 13] = [
    notation('.', None),
    notation(',', None),
    notation('.', Some(',')),
    notation(',', Some('.')),
    notation('.', Some(' ')),
    notation(',', Some(' ')),
    notation('.', Some('\u{A0}')),
    notation(',', Some('\u{A0}')),
    notation('.', Some('\u{202F}')),
    notation(',', Some('\u{202F}')),
    notation('.', Some('\'')),
    notation(',', Some('\'')),
    notation('.', Some('’')),
];

/// More digits than this are an identifier, not a count.
const MOST_DIGITS: usize = 18;

/// What a text is as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a finding of its own"
)]
struct Shape {
    grouped: bool,
    fraction: bool,
    exponent: bool,
    percent: bool,
    special: bool,
    leading_zero: bool,
    digits: usize,
}

// Groups have three digits each here, although a metadata document could allow any.
fn shape(text: &str, notation: Notation) -> Option<Shape> {
    let mut shape = Shape::default();
    if matches!(text, "NaN" | "INF" | "-INF") {
        shape.special = true;
        return Some(shape);
    }
    let unit = text.strip_suffix(['%', '‰']);
    shape.percent = unit.is_some();
    let text = unit.unwrap_or(text);
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || digits.len() > 4 || !all_digits(digits) || shape.percent {
                return None;
            }
            shape.exponent = true;
            mantissa
        }
        None => text,
    };
    let whole = match mantissa.split_once(notation.decimal) {
        Some((whole, fraction)) => {
            if fraction.is_empty() || !all_digits(fraction) {
                return None;
            }
            shape.fraction = true;
            shape.digits += fraction.len();
            whole
        }
        None => mantissa,
    };
    if whole.is_empty() {
        return shape.fraction.then_some(shape);
    }
    let mut digits = whole.len();
    match notation.group {
        Some(group) if whole.contains(group) => {
            shape.grouped = true;
            let mut groups = whole.split(group);
            let first = groups.next().unwrap_or_default();
            if !(1..=3).contains(&first.len()) || !all_digits(first) || first.starts_with('0') {
                return None;
            }
            digits = first.len();
            for next in groups {
                if next.len() != 3 || !all_digits(next) {
                    return None;
                }
                digits += 3;
            }
        }
        _ if !all_digits(whole) => return None,
        _ => {}
    }
    shape.leading_zero = digits > 1 && whole.starts_with('0');
    shape.digits += digits;
    Some(shape)
}

/// Whether a text is a number in any notation.
pub(super) fn is_number(text: &str) -> bool {
    NOTATIONS
        .iter()
        .any(|notation| shape(text, *notation).is_some())
}

/// A notation that every text so far allows, and what of it they use.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a finding of its own"
)]
struct Candidate {
    notation: Notation,
    grouped: bool,
    fraction: bool,
    exponent: bool,
    percent: bool,
    special: bool,
    low: Option<(f64, String)>,
    high: Option<(f64, String)>,
}

/// The numbers of a column.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    candidates: Vec<Candidate>,
    plain: Option<(u64, u64)>,
    /// Texts that are no number in XML Schema's notation, once no notation is left.
    misses: u64,
    miss: Option<String>,
    seen: u64,
    leading_zero: Option<String>,
    long: Option<String>,
    plus: Option<String>,
}

/// What the numbers of a column may be.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a finding of its own"
)]
pub(super) struct Reading {
    pub(super) notation: Notation,
    pub(super) fraction: bool,
    pub(super) exponent: bool,
    pub(super) percent: bool,
    /// `NaN` or an infinity among them.
    pub(super) special: bool,
    pub(super) low: String,
    pub(super) high: String,
}

impl Numbers {
    pub(super) fn new() -> Self {
        let candidates = NOTATIONS.iter().map(|notation| Candidate {
            notation: *notation,
            grouped: false,
            fraction: false,
            exponent: false,
            percent: false,
            special: false,
            low: None,
            high: None,
        });
        Self {
            candidates: candidates.collect(),
            plain: None,
            misses: 0,
            miss: None,
            seen: 0,
            leading_zero: None,
            long: None,
            plus: None,
        }
    }

    /// Takes a text, white space already off.
    pub(super) fn accept(&mut self, text: &str) {
        self.seen += 1;
        if self.candidates.is_empty() {
            if shape(text, NOTATIONS[0]).is_none() {
                self.missed(text);
            }
            return;
        }
        // Digits alone are the same in every notation.
        let is_plain = text.len() <= 15
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        if is_plain && let Ok(number) = text.parse::<u64>() {
            let (low, high) = self.plain.unwrap_or((number, number));
            self.plain = Some((low.min(number), high.max(number)));
            return;
        }
        let digits = text.strip_prefix('+').unwrap_or_default();
        if digits.len() >= 7 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.plus.get_or_insert_with(|| text.to_owned());
        }
        let (leading_zero, long) = (&mut self.leading_zero, &mut self.long);
        self.candidates.retain_mut(|candidate| {
            let Some(found) = shape(text, candidate.notation) else {
                return false;
            };
            if found.leading_zero {
                leading_zero.get_or_insert_with(|| text.to_owned());
            }
            if found.digits > MOST_DIGITS && !found.fraction && !found.exponent {
                long.get_or_insert_with(|| text.to_owned());
            }
            candidate.grouped |= found.grouped;
            candidate.fraction |= found.fraction;
            candidate.exponent |= found.exponent;
            candidate.percent |= found.percent;
            candidate.special |= found.special;
            if !found.special {
                candidate.widen(text);
            }
            true
        });
        if self.candidates.is_empty() && shape(text, NOTATIONS[0]).is_none() {
            self.missed(text);
        }
    }

    fn missed(&mut self, text: &str) {
        self.misses += 1;
        self.miss.get_or_insert_with(|| text.to_owned());
    }

    /// Texts that look like numbers but would lose something as such, and why.
    pub(super) fn objection(&self) -> Option<String> {
        if let Some(text) = &self.leading_zero {
            return Some(format!(
                "digits with leading zeros, such as `{text}`, which a number would lose"
            ));
        }
        if let Some(text) = &self.plus {
            return Some(format!("`{text}` looks like a telephone number"));
        }
        let text = self.long.as_ref()?;
        Some(format!(
            "`{text}` has more digits than a count: an identifier"
        ))
    }

    /// How many texts are no numbers and the first of them, where most of them are.
    pub(super) fn few_misses(&self) -> Option<(u64, &str)> {
        let few = self.misses > 0 && self.misses * 5 <= self.seen;
        few.then_some((self.misses, self.miss.as_deref()?))
    }

    /// The ways to read all texts as numbers, XML Schema's own first. Two are left where `1,234`
    /// or `1.234` could be either.
    pub(super) fn readings(&self) -> Vec<Reading> {
        if self.seen == 0 {
            return Vec::new();
        }
        let needed = |candidate: &&Candidate| {
            let notation = candidate.notation;
            match (notation.decimal, notation.group) {
                ('.', None) => true,
                (',', None) => candidate.fraction,
                ('.', Some(_)) | (',', Some('.')) => candidate.grouped,
                _ => candidate.grouped && candidate.fraction,
            }
        };
        self.candidates
            .iter()
            .filter(needed)
            .map(|candidate| {
                let mut all = candidate.clone();
                for number in self.plain.iter().flat_map(|(low, high)| [low, high]) {
                    all.widen(&number.to_string());
                }
                let text = |bound: Option<(f64, String)>| bound.map_or(String::new(), |(_, t)| t);
                Reading {
                    notation: candidate.notation,
                    fraction: candidate.fraction,
                    exponent: candidate.exponent,
                    percent: candidate.percent,
                    special: candidate.special,
                    low: text(all.low),
                    high: text(all.high),
                }
            })
            .collect()
    }
}

impl Candidate {
    fn widen(&mut self, text: &str) {
        let plain: String = text
            .trim_end_matches(['%', '‰'])
            .chars()
            .filter(|c| Some(*c) != self.notation.group)
            .map(|c| if c == self.notation.decimal { '.' } else { c })
            .collect();
        let Ok(number) = plain.parse::<f64>() else {
            return;
        };
        if self.low.as_ref().is_none_or(|(low, _)| number < *low) {
            self.low = Some((number, text.to_owned()));
        }
        if self.high.as_ref().is_none_or(|(high, _)| number > *high) {
            self.high = Some((number, text.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(texts: &[&str]) -> Numbers {
        let mut numbers = Numbers::new();
        for text in texts {
            numbers.accept(text);
        }
        numbers
    }

    fn check(texts: &[&str], expected: &[(char, Option<char>)]) {
        let found: Vec<_> = numbers(texts)
            .readings()
            .iter()
            .map(|reading| (reading.notation.decimal, reading.notation.group))
            .collect();
        assert_eq!(found, expected, "{texts:?}");
    }

    #[test]
    fn notations_are_told_apart() {
        check(&["1", "20", "-3"], &[('.', None)]);
        check(&["1.5", "20"], &[('.', None)]);
        check(&["1,5", "20"], &[(',', None)]);
        check(&["1.234,5", "20"], &[(',', Some('.'))]);
        check(&["1,234.5", "20"], &[('.', Some(','))]);
        check(&["1,234,567"], &[('.', Some(','))]);
        check(&["1.234.567"], &[(',', Some('.'))]);
        check(&["12 345", "7"], &[('.', Some(' '))]);
        check(&["12 345,6", "7"], &[(',', Some(' '))]);
        check(&["1,2,3"], &[]);
        check(&["x"], &[]);
        check(&["1,5", "1.5"], &[]);
        check(&["1.", "."], &[]);
    }

    #[test]
    fn a_mark_before_three_digits_is_ambiguous() {
        check(&["1,234", "5"], &[(',', None), ('.', Some(','))]);
        check(&["1.234", "5"], &[('.', None), (',', Some('.'))]);
        check(&["0,234"], &[(',', None)]);
        check(&["0.234"], &[('.', None)]);
    }

    #[test]
    fn what_a_number_would_lose_is_an_objection() {
        assert!(numbers(&["007", "12"]).objection().is_some());
        assert!(numbers(&["+390612345678"]).objection().is_some());
        assert!(numbers(&["1234567890123456789012"]).objection().is_some());
        assert_eq!(numbers(&["0", "0.5", "0.748", "-7"]).objection(), None);
    }

    #[test]
    fn texts_among_numbers_are_counted() {
        let found = numbers(&["1", "2", "3", "4", "5", "6", "7", "8", "about 9"]);
        assert_eq!(found.few_misses(), Some((1, "about 9")));
    }
}
