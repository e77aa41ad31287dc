//! Numbers as people write them: grouping, decimal and percent signs, patterns of UAX 35.
//!
//! In: a pattern and the two separators. Out: a [`NumberPattern`] that turns a text into an XSD
//! lexical form, or says that it does not match. `shape` reads the patterns.

mod shape;
#[cfg(test)]
mod tests;

use crate::rdf::xsd::{Datatype, Decimal};
use shape::{Affix, AffixPart, PadPosition, Padding, Shape};

/// How the numbers of a column are written.
///
/// Spec: tabular-data-model §6.4.2, UAX 35 part 3 §3
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPattern {
    decimal: String,
    group: Option<String>,
    shape: Option<Shape>,
}

/// The pattern is not one of UAX 35, or uses what is not supported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a number pattern: {reason}")]
pub struct NumberPatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

// A number that matched, still in parts.
struct Number<'t> {
    sign: &'t str,
    whole: String,
    fraction: Option<String>,
    exponent: Option<&'t str>,
    // How many places a per cent or per mille sign moves the point.
    shift: usize,
}

impl NumberPattern {
    /// Numbers without an explicit pattern, with a decimal point and without groups unless told
    /// otherwise.
    ///
    /// The separators are texts of any length, but not empty and not alike.
    pub fn new(decimal: Option<&str>, group: Option<&str>) -> Self {
        Self {
            decimal: decimal.unwrap_or(".").to_owned(),
            group: group.map(str::to_owned),
            shape: None,
        }
    }

    /// Adds a pattern such as `#,##0.00`, which is written with the separators of the numbers.
    ///
    /// # Errors
    /// When the pattern has no digit, its parts are out of order, or it uses significant digits,
    /// rounding or currencies.
    ///
    /// Spec: tabular-data-model §6.4.2, "pattern"
    pub fn with_pattern(mut self, pattern: &str) -> Result<Self, NumberPatternError> {
        let group = self.group.as_deref().unwrap_or(",");
        let shape =
            shape::parse(pattern, &self.decimal, group).map_err(|reason| NumberPatternError {
                pattern: pattern.to_owned(),
                reason,
            })?;
        // A pattern with commas groups by commas unless told otherwise.
        if self.group.is_none() {
            self.group = Some(",".to_owned());
        }
        self.shape = Some(shape);
        Ok(self)
    }

    /// Turns a text into a lexical form of a numeric datatype; `None` where it does not match.
    ///
    /// Takes time in proportion to the text.
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
        if let Some(fraction) = &number.fraction {
            lexical.push('.');
            lexical.push_str(fraction);
        }
        if number.shift > 0 {
            // Dividing can only be told in decimal digits.
            lexical = Decimal::parse(&lexical)?
                .shifted_left(number.shift)
                .to_lexical();
        }
        if let Some(exponent) = number.exponent {
            lexical.push('e');
            lexical.push_str(exponent);
        }
        Some(lexical)
    }

    // Without groups numbers are as XML Schema has them, but for the decimal sign; with groups
    // they are as the grammar of the specification has them, which is a little narrower.
    //
    // Spec: tabular-data-model §6.4.2; XSD 1.1 part 2 §3.3.3
    fn match_free<'t>(&self, text: &'t str) -> Option<Number<'t>> {
        let (sign, text) = split_sign(text);
        let (text, shift) = match text.strip_suffix('%') {
            Some(rest) => (rest, 2),
            None => match text.strip_suffix('‰') {
                Some(rest) => (rest, 3),
                None => (text, 0),
            },
        };
        // A separator may be a letter: what looks like an exponent is looked for from the end.
        let (mantissa, exponent) = match split_exponent(text) {
            Some(_) if shift > 0 => return None,
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (text, None),
        };
        let (whole, fraction) = match mantissa.split_once(self.decimal.as_str()) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let whole = match &self.group {
            None => whole.to_owned(),
            Some(group) => {
                let starts_well = whole.starts_with(|c: char| c.is_ascii_digit());
                if !starts_well || fraction == Some("") || has_twice(whole, group) {
                    return None;
                }
                whole.replace(group.as_str(), "")
            }
        };
        let fraction = fraction.map(str::to_owned);
        let has_digit = !whole.is_empty() || fraction.as_ref().is_some_and(|f| !f.is_empty());
        (has_digit && all_digits(&whole) && fraction.as_deref().is_none_or(all_digits)).then_some(
            Number {
                sign,
                whole,
                fraction,
                exponent,
                shift,
            },
        )
    }

    fn match_shape<'t>(&self, shape: &Shape, text: &'t str) -> Option<Number<'t>> {
        let text = match &shape.padding {
            Some(padding) => unpad(padding, text)?,
            None => text,
        };
        let number = |(sign, body): (&'t str, &'t str)| {
            self.match_body(shape, body).map(|number| Number {
                sign,
                shift: shape.shift,
                ..number
            })
        };
        let strip = |prefix: &Affix, suffix: &Affix, text: &'t str| -> Option<(&'t str, &'t str)> {
            let (before, rest) = prefix.strip_from_start(text)?;
            let (after, rest) = suffix.strip_from_end(rest)?;
            Some((if before.is_empty() { after } else { before }, rest))
        };
        if let Some((prefix, suffix)) = &shape.negative {
            let positive = strip(&shape.prefix, &shape.suffix, text).and_then(number);
            return positive.or_else(|| {
                let (_, body) = strip(prefix, suffix, text)?;
                number(("-", body))
            });
        }
        if shape.prefix.has_sign() || shape.suffix.has_sign() {
            return strip(&shape.prefix, &shape.suffix, text).and_then(number);
        }
        // The sign stands before the prefix, or after it.
        let (sign, rest) = split_sign(text);
        if !sign.is_empty()
            && let Some((_, body)) = strip(&shape.prefix, &shape.suffix, rest)
            && let Some(found) = number((sign, body))
        {
            return Some(found);
        }
        let (_, body) = strip(&shape.prefix, &shape.suffix, text)?;
        number(split_sign(body))
    }

    fn match_body<'t>(&self, shape: &Shape, body: &'t str) -> Option<Number<'t>> {
        let (mantissa, exponent) = match &shape.exponent {
            Some(wanted) => {
                let (mantissa, exponent) = split_exponent(body)?;
                let digits = exponent.trim_start_matches(['+', '-']).len();
                let is_signed = exponent.starts_with(['+', '-']);
                let fits = digits >= wanted.digits
                    && (is_signed || !wanted.plus)
                    && (wanted.plus || !exponent.starts_with('+'));
                if !fits {
                    return None;
                }
                (mantissa, Some(exponent))
            }
            None => (body, None),
        };
        let (whole, fraction) = match mantissa.split_once(self.decimal.as_str()) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        // The decimal sign stands where there is a fraction, or where the pattern has nothing
        // after it.
        let point_fits = match fraction {
            Some("") => shape.maximum_fraction == 0 && shape.point,
            Some(_) => shape.maximum_fraction > 0,
            None => shape.minimum_fraction == 0 && !(shape.point && shape.maximum_fraction == 0),
        };
        let whole = self.ungroup(whole, |group, index, last| {
            let Some((primary, secondary)) = shape.grouping else {
                return last == 0;
            };
            let size = if index == last { primary } else { secondary };
            if last == 0 {
                group <= size
            } else if index == 0 {
                (1..=size).contains(&group)
            } else {
                group == size
            }
        })?;
        let fraction = self.ungroup(fraction.unwrap_or(""), |group, index, last| {
            let Some(size) = shape.fraction_grouping else {
                return last == 0;
            };
            if last == 0 {
                group <= size
            } else if index == last {
                (1..=size).contains(&group)
            } else {
                group == size
            }
        })?;
        let fits = point_fits
            && whole.len() >= shape.minimum_whole
            && shape.maximum_whole.is_none_or(|most| whole.len() <= most)
            && fraction.len() >= shape.minimum_fraction
            && fraction.len() <= shape.maximum_fraction
            && !(whole.is_empty() && fraction.is_empty());
        fits.then(|| Number {
            sign: "",
            whole,
            fraction: (!fraction.is_empty()).then_some(fraction),
            exponent,
            shift: 0,
        })
    }

    // Takes the separators out of digits whose groups all fit; a group is told by its length, its
    // index and the index of the last.
    fn ungroup(&self, text: &str, fits: impl Fn(usize, usize, usize) -> bool) -> Option<String> {
        let group = self.group.as_deref().unwrap_or(",");
        let last = text.matches(group).count();
        let all_fit = text
            .split(group)
            .enumerate()
            .all(|(index, digits)| all_digits(digits) && fits(digits.len(), index, last));
        all_fit.then(|| text.replace(group, ""))
    }
}

impl Affix {
    // Gives the sign that stands in it, and the rest.
    fn strip_from_start<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let mut rest = text;
        let mut sign = "";
        for part in &self.parts {
            let next = rest.chars().next().filter(|next| part.matches(*next))?;
            let (matched, after) = rest.split_at(next.len_utf8());
            if part.is_sign() {
                sign = matched;
            }
            rest = after;
        }
        Some((sign, rest))
    }

    fn strip_from_end<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let mut rest = text;
        let mut sign = "";
        for part in self.parts.iter().rev() {
            let next = rest
                .chars()
                .next_back()
                .filter(|next| part.matches(*next))?;
            let (before, matched) = rest.split_at(rest.len() - next.len_utf8());
            if part.is_sign() {
                sign = matched;
            }
            rest = before;
        }
        Some((sign, rest))
    }
}

impl AffixPart {
    fn is_sign(self) -> bool {
        matches!(self, Self::Plus | Self::Minus)
    }

    // Where the plus sign of a pattern stands, a minus sign makes the number negative.
    fn matches(self, character: char) -> bool {
        match self {
            Self::Text(expected) => character == expected,
            Self::Plus => matches!(character, '+' | '-'),
            Self::Minus => character == '-',
        }
    }
}

// Takes out what fills a text up to the width of the pattern.
//
// Spec: UAX 35 part 3 §3.4
fn unpad<'t>(padding: &Padding, text: &'t str) -> Option<&'t str> {
    let pad = padding.character;
    let width = text.chars().count();
    let stripped = match padding.position {
        PadPosition::Start => text.trim_start_matches(pad),
        PadPosition::End => text.trim_end_matches(pad),
    };
    let fits = width == padding.width || (width > padding.width && stripped.len() == text.len());
    fits.then_some(stripped)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

// Whether a separator stands twice without a digit between, which the specification forbids.
fn has_twice(text: &str, group: &str) -> bool {
    let pieces = text.split(group);
    let last = text.matches(group).count();
    pieces
        .enumerate()
        .any(|(index, piece)| piece.is_empty() && index > 0 && index < last)
}

fn split_sign(text: &str) -> (&str, &str) {
    match text.as_bytes().first() {
        Some(b'+' | b'-') => text.split_at(1),
        _ => ("", text),
    }
}

// The digits after the last `E` with their sign, if there are any.
fn split_exponent(text: &str) -> Option<(&str, &str)> {
    let (mantissa, exponent) = text.rsplit_once(['E', 'e'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    (!digits.is_empty() && all_digits(digits)).then_some((mantissa, exponent))
}
