//! Tells lexical forms of the usual datatypes byte by byte: nothing is parsed into a value and
//! nothing allocated, since this is done for every cell.
//!
//! In: a datatype and a text. Out: whether it is a lexical form. What is rare (years of more digits
//! than four, the end of a day, integers near a limit) is left to [`Value::parse`], which knows all
//! of it and is the oracle in tests.

use super::{Datatype, Value};
use crate::rdf::moment::{days_in_month, parse_fields};

/// Whether collapsing white space would leave a text as it is.
pub(super) fn is_collapsed(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        let word = short_word(bytes);
        let is_plain = spaces(word) | below_space(word) == 0;
        return is_plain || is_collapsed_by_bytes(bytes);
    };
    if bytes[0] == b' ' || last[7] == b' ' {
        return false;
    }
    let (words, _) = bytes.as_chunks();
    let (mut doubled, mut low, mut before) = (0, 0, 0);
    for word in words {
        let word = u64::from_le_bytes(*word);
        let spaces = spaces(word);
        doubled |= spaces & (spaces << 8 | before);
        before = spaces >> 56;
        low |= below_space(word);
    }
    // What is no whole word; some of it was seen.
    let word = u64::from_le_bytes(*last);
    let spaces = spaces(word);
    doubled |= spaces & spaces << 8;
    low |= below_space(word);
    doubled == 0 && (low == 0 || is_collapsed_by_bytes(bytes))
}

// The bytes of less than a word, some of them twice, and `0` for none.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    match *bytes {
        [first, .., last] => {
            let middle = bytes[bytes.len() / 2];
            u64::from_le_bytes([first, middle, last, last, last, last, last, last])
        }
        [only] => u64::from_le_bytes([only; 8]),
        [] => u64::from_le_bytes([b'0'; 8]),
    }
}

// Whether there are digits only, or nothing.
#[inline]
fn all_digits(bytes: &[u8]) -> bool {
    let is_digits = |word: u64| {
        const HIGH: u64 = u64::from_le_bytes([0xF0; 8]);
        const DIGIT: u64 = u64::from_le_bytes([0x30; 8]);
        // Six more keeps digits below the next sixteen; nothing carries where all are below 0x40.
        let above = word.wrapping_add(u64::from_le_bytes([6; 8]));
        word & HIGH == DIGIT && above & HIGH == DIGIT
    };
    let Some(last) = bytes.last_chunk() else {
        return is_digits(short_word(bytes));
    };
    let (words, _) = bytes.as_chunks();
    words
        .iter()
        .all(|word| is_digits(u64::from_le_bytes(*word)))
        && is_digits(u64::from_le_bytes(*last))
}

// The highest bit of each byte that is a space.
#[inline]
fn spaces(word: u64) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x7F; 8]);
    let other = word ^ u64::from_le_bytes([b' '; 8]);
    !(((other & LOW) + LOW) | other | LOW)
}

// Not 0 where a byte is less than a space: it may be white space.
#[inline]
fn below_space(word: u64) -> u64 {
    word.wrapping_sub(u64::from_le_bytes([b' '; 8])) & !word & u64::from_le_bytes([0x80; 8])
}

fn is_collapsed_by_bytes(bytes: &[u8]) -> bool {
    let mut after_space = true;
    for byte in bytes {
        match byte {
            b'\t' | b'\n' | b'\r' => return false,
            b' ' if after_space => return false,
            _ => after_space = *byte == b' ',
        }
    }
    !after_space || bytes.is_empty()
}

/// Whether a text is an integer within the range of a datatype.
pub(super) fn is_integer(datatype: Datatype, text: &str) -> bool {
    use Datatype as D;
    let (sign, digits) = split_sign(text.as_bytes());
    if digits.is_empty() || !all_digits(digits) {
        return false;
    }
    // With fewer digits than this, any number is within the range, but for its sign.
    let limit = match datatype {
        D::Integer => return true,
        D::Long | D::UnsignedLong => 19,
        D::Int | D::UnsignedInt => 10,
        D::Short | D::UnsignedShort => 5,
        D::Byte | D::UnsignedByte => 3,
        _ => usize::MAX,
    };
    let fits = match datatype {
        D::Long | D::Int | D::Short | D::Byte => true,
        D::NonPositiveInteger | D::NegativeInteger => false,
        D::PositiveInteger => sign.is_none() && digits.iter().any(|digit| *digit != b'0'),
        _ => sign.is_none(),
    };
    fits && digits.len() < limit || Value::parse(datatype, text).is_some()
}

/// Whether a text is a decimal number.
pub(super) fn is_decimal(text: &str) -> bool {
    let (_, rest) = split_sign(text.as_bytes());
    decimal(rest) == Some(rest.len())
}

/// Whether a text is a floating-point number.
pub(super) fn is_double(text: &str) -> bool {
    let (_, rest) = split_sign(text.as_bytes());
    let Some(length) = decimal(rest) else {
        return matches!(text, "INF" | "+INF" | "-INF" | "NaN");
    };
    match &rest[length..] {
        [] => true,
        [b'e' | b'E', exponent @ ..] => {
            let (_, digits) = split_sign(exponent);
            !digits.is_empty() && all_digits(digits)
        }
        _ => false,
    }
}

/// Whether a text is a date, a time or a part of them.
pub(super) fn is_moment(datatype: Datatype, text: &str) -> bool {
    usual_moment(datatype, text.as_bytes()).is_some() || parse_fields(datatype, text).is_some()
}

fn split_sign(bytes: &[u8]) -> (Option<u8>, &[u8]) {
    match bytes {
        [sign @ (b'+' | b'-'), rest @ ..] => (Some(*sign), rest),
        _ => (None, bytes),
    }
}

fn digits(bytes: &[u8]) -> usize {
    let is_other = |byte: &u8| !byte.is_ascii_digit();
    bytes.iter().position(is_other).unwrap_or(bytes.len())
}

// The length of the decimal number without a sign that the bytes begin with.
fn decimal(bytes: &[u8]) -> Option<usize> {
    let whole = digits(bytes);
    let length = match bytes[whole..].split_first() {
        Some((b'.', fraction)) => whole + 1 + digits(fraction),
        _ => whole,
    };
    // A point alone is none.
    (length > usize::from(whole == 0)).then_some(length)
}

// With a year of four digits, and no hour 24.
fn usual_moment(datatype: Datatype, bytes: &[u8]) -> Option<()> {
    let rest = match datatype {
        Datatype::Date => date(bytes)?,
        Datatype::DateTime | Datatype::DateTimeStamp => match date(bytes)? {
            [b'T', rest @ ..] => time(rest)?,
            _ => return None,
        },
        Datatype::Time => time(bytes)?,
        _ => return None,
    };
    let fits = match rest {
        [] => datatype != Datatype::DateTimeStamp,
        [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(*h1, *h2), number(*m1, *m2));
            hours < 14 && minutes <= 59 || (hours, minutes) == (14, 0)
        }
        _ => false,
    };
    fits.then_some(())
}

// A number of two digits, or a larger one where there are none.
fn number(tens: u8, ones: u8) -> u8 {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens <= 9 && ones <= 9 {
        tens * 10 + ones
    } else {
        u8::MAX
    }
}

// Gives what follows a date.
fn date(bytes: &[u8]) -> Option<&[u8]> {
    let ([c1, c2, y1, y2, b'-', m1, m2, b'-', d1, d2], rest) = bytes.split_first_chunk()? else {
        return None;
    };
    let (century, year) = (number(*c1, *c2), number(*y1, *y2));
    let (month, day) = (number(*m1, *m2), number(*d1, *d2));
    let in_month = || {
        let year = i64::from(century) * 100 + i64::from(year);
        day <= days_in_month(year, month)
    };
    let fits = century <= 99
        && year <= 99
        && (1..=12).contains(&month)
        && day >= 1
        && (day <= 28 || in_month());
    fits.then_some(rest)
}

// Gives what follows a time.
fn time(bytes: &[u8]) -> Option<&[u8]> {
    let ([h1, h2, b':', m1, m2, b':', s1, s2], rest) = bytes.split_first_chunk()? else {
        return None;
    };
    if number(*h1, *h2) > 23 || number(*m1, *m2) > 59 || number(*s1, *s2) > 59 {
        return None;
    }
    match rest {
        [b'.', fraction @ ..] => {
            let length = digits(fraction);
            (length > 0).then(|| &fraction[length..])
        }
        _ => Some(rest),
    }
}

#[cfg(test)]
mod tests;
