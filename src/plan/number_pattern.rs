//! Numbers as people write them: grouping, decimal and percent signs, patterns of UAX 35.
//!
//! In: a pattern and the two separators. Out: a [`NumberPattern`] that turns a text into an XSD
//! lexical form, or says that it does not match.

use crate::rdf::xsd::{Datatype, Decimal};

/// How the numbers of a column are written.
///
/// Spec: tabular-data-model §6.4.2, UAX 35 part 3 §3
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPattern {
    decimal: String,
    group: Option<String>,
    shape: Option<Shape>,
}

/// What an explicit pattern asks of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    positive: Affixes,
    negative: Option<Affixes>,
    minimum_whole: usize,
    minimum_fraction: usize,
    maximum_fraction: usize,
    // Sizes of the last group before the point and of those before it.
    grouping: Option<(usize, usize)>,
    fraction_grouping: Option<usize>,
    // The least number of exponent digits.
    exponent: Option<Exponent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exponent {
    digits: usize,
    plus: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Affixes {
    prefix: String,
    suffix: String,
}

/// The pattern is not one of UAX 35.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a number pattern: {reason}")]
pub struct NumberPatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl NumberPattern {
    /// Numbers without an explicit pattern.
    pub fn new(decimal: Option<&str>, group: Option<&str>) -> Self {
        Self {
            decimal: decimal.unwrap_or(".").to_owned(),
            group: group.map(str::to_owned),
            shape: None,
        }
    }

    /// Adds a pattern such as `#,##0.00`.
    ///
    /// The pattern itself is written with `.` and `,` whatever the separators are.
    ///
    /// # Errors
    /// When the pattern has no digit or its parts are out of order.
    pub fn with_pattern(mut self, pattern: &str) -> Result<Self, NumberPatternError> {
        let (positive, negative) = match pattern.split_once(';') {
            Some((positive, negative)) => (positive, Some(negative)),
            None => (pattern, None),
        };
        let mut shape = parse_shape(positive).map_err(|reason| NumberPatternError {
            pattern: pattern.to_owned(),
            reason,
        })?;
        if let Some(negative) = negative {
            let (affixes, _) = split_affixes(negative);
            shape.negative = Some(affixes);
        }
        // A pattern with commas groups by commas unless told otherwise.
        if shape.grouping.is_some() && self.group.is_none() {
            self.group = Some(",".to_owned());
        }
        self.shape = Some(shape);
        Ok(self)
    }

    /// Turns a text into a lexical form of a numeric datatype; `None` where it does not match.
    pub fn read(&self, datatype: Datatype, text: &str) -> Option<String> {
        if matches!(text, "NaN" | "INF" | "-INF") {
            return (!datatype.is_decimal()).then(|| text.to_owned());
        }
        let number = match &self.shape {
            Some(shape) => self.match_shape(shape, text)?,
            None => self.match_free(text)?,
        };
        if number.exponent.is_some() && datatype.is_decimal() {
            return None;
        }
        let mut lexical = format!("{}{}", number.sign, number.whole);
        if number.has_point {
            lexical.push('.');
            lexical.push_str(&number.fraction);
        }
        if number.shift > 0 {
            // Dividing can only be told in decimal digits.
            lexical = Decimal::parse(&lexical)?
                .shifted_left(number.shift)
                .to_lexical();
        }
        if let Some(exponent) = number.exponent {
            lexical.push('E');
            lexical.push_str(&exponent);
        }
        Some(lexical)
    }

    fn match_free(&self, text: &str) -> Option<Number> {
        let (text, shift) = strip_percent(text);
        let (sign, text) = split_sign(text);
        let (mantissa, exponent) = match text.find(['E', 'e']) {
            Some(_) if shift > 0 => return None,
            Some(at) => (&text[..at], Some(check_exponent(&text[at + 1..])?)),
            None => (text, None),
        };
        let (whole, fraction) = match mantissa.split_once(self.decimal.as_str()) {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let whole = self.without_groups(whole)?;
        let fraction = match fraction {
            Some(fraction) => Some(self.without_groups(fraction)?),
            None => None,
        };
        if whole.is_empty() && fraction.is_none() {
            return None;
        }
        Some(Number {
            sign: sign.to_owned(),
            has_point: fraction.is_some(),
            whole,
            fraction: fraction.unwrap_or_default(),
            exponent,
            shift,
        })
    }

    // Takes out group separators, of which no two may stand together and none at an end.
    fn without_groups(&self, text: &str) -> Option<String> {
        let digits = match &self.group {
            None => text.to_owned(),
            Some(group) => {
                if text.starts_with(group.as_str())
                    || text.ends_with(group.as_str())
                    || text.contains(&group.repeat(2))
                {
                    return None;
                }
                text.replace(group.as_str(), "")
            }
        };
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(digits)
    }

    fn match_shape(&self, shape: &Shape, text: &str) -> Option<Number> {
        let strip = |affixes: &Affixes| {
            text.strip_prefix(affixes.prefix.as_str())?
                .strip_suffix(affixes.suffix.as_str())
        };
        let negative = match &shape.negative {
            Some(negative) => strip(negative),
            None => text
                .strip_prefix('-')
                .and_then(|rest| rest.strip_prefix(shape.positive.prefix.as_str()))
                .and_then(|rest| rest.strip_suffix(shape.positive.suffix.as_str())),
        };
        let (sign, body) = match (strip(&shape.positive), negative) {
            (Some(body), _)
                if body.starts_with(|c: char| c.is_ascii_digit())
                    || body.starts_with(self.decimal.as_str()) =>
            {
                ("", body)
            }
            (_, Some(body)) => ("-", body),
            _ => return None,
        };
        let affix = format!("{}{}", shape.positive.prefix, shape.positive.suffix);
        let shift = if affix.contains('%') {
            2
        } else if affix.contains('‰') {
            3
        } else {
            0
        };
        let sign = if sign.is_empty() && shape.positive.prefix.contains('-') {
            "-"
        } else {
            sign
        };
        let (mantissa, exponent) = match (&shape.exponent, body.find(['E', 'e'])) {
            (Some(wanted), Some(at)) => {
                let exponent = check_exponent(&body[at + 1..])?;
                let digits = exponent.trim_start_matches(['+', '-']).len();
                let signed = exponent.starts_with(['+', '-']);
                if digits < wanted.digits
                    || (wanted.plus && !signed)
                    || (!wanted.plus && exponent.starts_with('+'))
                {
                    return None;
                }
                (&body[..at], Some(exponent))
            }
            (None, None) => (body, None),
            _ => return None,
        };
        let (whole, fraction) = match mantissa.split_once(self.decimal.as_str()) {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction),
            None => (mantissa, ""),
        };
        let whole = self.ungroup_whole(shape, whole)?;
        let fraction = self.ungroup_fraction(shape, fraction)?;
        let fits = whole.trim_start_matches('0').len().max(whole.len()) >= shape.minimum_whole
            && fraction.len() >= shape.minimum_fraction
            && fraction.len() <= shape.maximum_fraction
            && !(whole.is_empty() && fraction.is_empty());
        fits.then(|| Number {
            sign: sign.to_owned(),
            has_point: !fraction.is_empty(),
            whole,
            fraction,
            exponent,
            shift,
        })
    }

    fn ungroup_whole(&self, shape: &Shape, text: &str) -> Option<String> {
        let Some((primary, secondary)) = shape.grouping else {
            return text
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| text.to_owned());
        };
        let groups: Vec<&str> = text.split(self.group.as_deref()?).collect();
        let last = groups.len() - 1;
        let fits = groups.iter().enumerate().all(|(index, group)| {
            let size = if index == last { primary } else { secondary };
            group.bytes().all(|byte| byte.is_ascii_digit())
                && (if index == 0 {
                    group.len() <= size && (!group.is_empty() || last == 0)
                } else {
                    group.len() == size
                })
        });
        fits.then(|| groups.concat())
    }

    fn ungroup_fraction(&self, shape: &Shape, text: &str) -> Option<String> {
        let Some(size) = shape.fraction_grouping else {
            return text
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| text.to_owned());
        };
        let groups: Vec<&str> = text.split(self.group.as_deref()?).collect();
        let last = groups.len() - 1;
        let fits = groups.iter().enumerate().all(|(index, group)| {
            group.bytes().all(|byte| byte.is_ascii_digit())
                && (if index == last {
                    group.len() <= size
                } else {
                    group.len() == size
                })
        });
        fits.then(|| groups.concat())
    }
}

struct Number {
    sign: String,
    whole: String,
    has_point: bool,
    fraction: String,
    exponent: Option<String>,
    shift: usize,
}

fn strip_percent(text: &str) -> (&str, usize) {
    if let Some(rest) = text.strip_suffix('%') {
        (rest, 2)
    } else if let Some(rest) = text.strip_suffix('‰') {
        (rest, 3)
    } else {
        (text, 0)
    }
}

fn split_sign(text: &str) -> (&str, &str) {
    match text.as_bytes().first() {
        Some(b'+' | b'-') => text.split_at(1),
        _ => ("", text),
    }
}

fn check_exponent(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.to_owned())
}

// Splits a pattern into what stands before and after its number, and the number.
fn split_affixes(pattern: &str) -> (Affixes, &str) {
    let is_number = |c: char| matches!(c, '#' | '0'..='9' | ',' | '.' | '@');
    let start = pattern.find(is_number).unwrap_or(pattern.len());
    let mut end = start;
    let mut rest = pattern[start..].char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let exponent = character == 'E'
            && rest
                .peek()
                .is_some_and(|(_, next)| matches!(next, '0' | '+'));
        let plus = character == '+' && pattern[..start + at].ends_with('E');
        if is_number(character) || exponent || plus {
            end = start + at + character.len_utf8();
        } else {
            break;
        }
    }
    let affixes = Affixes {
        prefix: pattern[..start].replace('\'', ""),
        suffix: pattern[end..].replace('\'', ""),
    };
    (affixes, &pattern[start..end])
}

fn parse_shape(pattern: &str) -> Result<Shape, &'static str> {
    let (positive, number) = split_affixes(pattern);
    if positive.suffix.contains(['#', '0', '.', ',']) {
        return Err("there is text between its digits");
    }
    let (mantissa, exponent) = match number.split_once('E') {
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix('+').unwrap_or(exponent);
            if digits.is_empty() || digits.bytes().any(|byte| byte != b'0') {
                return Err("after `E` there have to be zeros");
            }
            let exponent = Exponent {
                digits: digits.len(),
                plus: exponent.starts_with('+'),
            };
            (mantissa, Some(exponent))
        }
        None => (number, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (mantissa, ""),
    };
    if fraction.contains('.') {
        return Err("it has two decimal points");
    }
    let digits = |part: &str| part.replace(',', "");
    let whole_digits = digits(whole);
    let fraction_digits = digits(fraction);
    if whole_digits.is_empty() && fraction_digits.is_empty() {
        return Err("it has neither `#` nor `0`");
    }
    if whole_digits.contains("0#") {
        return Err("`#` cannot follow `0` before the decimal point");
    }
    if fraction_digits.contains("#0") {
        return Err("`0` cannot follow `#` after the decimal point");
    }
    let grouping = whole.rfind(',').map(|last| {
        let primary = whole.len() - last - 1;
        let secondary = whole[..last]
            .rfind(',')
            .map_or(primary, |before| last - before - 1);
        (primary, secondary)
    });
    if grouping.is_some_and(|(primary, secondary)| primary == 0 || secondary == 0) {
        return Err("a group has no digits");
    }
    Ok(Shape {
        positive,
        negative: None,
        minimum_whole: whole_digits.matches('0').count(),
        minimum_fraction: fraction_digits.matches('0').count(),
        maximum_fraction: fraction_digits.len(),
        grouping,
        fraction_grouping: fraction.find(',').filter(|size| *size > 0),
        exponent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "reads better in the tests")]
    fn check(pattern: NumberPattern, datatype: Datatype, cases: &[(&str, Option<&str>)]) {
        for (text, expected) in cases {
            assert_eq!(
                pattern.read(datatype, text).as_deref(),
                *expected,
                "`{text}`"
            );
        }
    }

    #[test]
    fn without_a_pattern() {
        check(
            NumberPattern::new(None, None),
            Datatype::Double,
            &[
                ("1", Some("1")),
                ("-1.50", Some("-1.50")),
                ("1E3", Some("1E3")),
                ("INF", Some("INF")),
                ("50%", Some("0.5")),
                ("5‰", Some("0.005")),
                ("1,000", None),
                ("1.", None),
                ("", None),
                ("1 2", None),
            ],
        );
        check(
            NumberPattern::new(Some(","), Some(".")),
            Datatype::Decimal,
            &[
                ("1.234,5", Some("1234.5")),
                ("1..2", None),
                ("1E3", None),
                ("NaN", None),
            ],
        );
    }

    #[test]
    fn with_a_pattern() {
        let pattern = |text| NumberPattern::new(None, None).with_pattern(text).unwrap();
        check(
            pattern("#,##0.00"),
            Datatype::Decimal,
            &[
                ("1,234.50", Some("1234.50")),
                ("0.00", Some("0.00")),
                ("-1.00", Some("-1.00")),
                ("1234.50", None),
                ("12,34.50", None),
                ("1.5", None),
                ("1.500", None),
            ],
        );
        check(
            pattern("#,##,##0"),
            Datatype::Integer,
            &[("12,34,567", Some("1234567")), ("1,234,567", None)],
        );
        check(
            pattern("000"),
            Datatype::Integer,
            &[("007", Some("007")), ("7", None), ("1234", Some("1234"))],
        );
        check(
            pattern("0.0#%"),
            Datatype::Decimal,
            &[("12.5%", Some("0.125")), ("12.5", None)],
        );
        check(
            pattern("0.0E00"),
            Datatype::Double,
            &[("1.5E03", Some("1.5E03")), ("1.5E3", None), ("1.5", None)],
        );
    }

    #[test]
    fn patterns_that_are_none() {
        for text in ["", "x", "0#", "0.#0", "0.0.0", "#,"] {
            assert!(
                NumberPattern::new(None, None).with_pattern(text).is_err(),
                "`{text}`"
            );
        }
    }
}
