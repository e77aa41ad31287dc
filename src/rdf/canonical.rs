//! Canonical lexical forms: one text for each value of an XML Schema datatype.
//!
//! In: a datatype and one of its lexical forms. Out: the canonical form, borrowed where the text has
//! it already. Numbers keep all their digits and dates their time zone.
//!
//! Spec: XSD 1.1 part 2 appendix E

use super::moment::days_in_month;
use super::xsd::{Datatype, parse_double, parse_float};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The canonical form of a lexical form; what is not one is given back as it is.
///
/// A time zone of no offset becomes `Z`, others stay: two moments that are equal in different zones
/// are not the same value.
///
/// Spec: XSD 1.1 part 2 appendix E
pub fn canonical(datatype: Datatype, text: &str) -> Cow<'_, str> {
    use Datatype as D;
    let other = if datatype.is_decimal() {
        return decimal(text);
    } else if datatype.is_date_or_time() || datatype.is_date_part() {
        date(datatype, text)
    } else {
        match datatype {
            D::Boolean => {
                return match text {
                    "1" => Cow::Borrowed("true"),
                    "0" => Cow::Borrowed("false"),
                    _ => Cow::Borrowed(text),
                };
            }
            D::Double => double(text, |text| {
                let value = parse_double(text)?;
                value.is_finite().then(|| format!("{value:E}"))
            }),
            D::Float => double(text, |text| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the value is that of a float"
                )]
                let value = parse_float(text)? as f32;
                value.is_finite().then(|| format!("{value:E}"))
            }),
            D::Duration | D::DayTimeDuration | D::YearMonthDuration => duration(datatype, text),
            D::HexBinary => text
                .bytes()
                .any(|byte| byte.is_ascii_lowercase())
                .then(|| text.to_ascii_uppercase()),
            D::Base64Binary => text.contains(' ').then(|| text.replace(' ', "")),
            _ => None,
        }
    };
    match other {
        Some(other) if other != text => Cow::Owned(other),
        _ => Cow::Borrowed(text),
    }
}

// Spec: XSD 1.1 part 2 appendix E.1, "decimalCanonicalMap"
fn decimal(text: &str) -> Cow<'_, str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let is_negative = text.starts_with('-') && !(whole.is_empty() && fraction.is_empty());
    // Without zeros to add, the canonical form stands in the text.
    if !whole.is_empty() && !is_negative {
        let start = text.len() - unsigned.len() + leading_zeros(unsigned);
        let length = match fraction.len() {
            0 => whole.len(),
            digits => whole.len() + 1 + digits,
        };
        return Cow::Borrowed(&text[start..start + length]);
    }
    let mut out = String::with_capacity(text.len() + 1);
    if is_negative {
        out.push('-');
    }
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    if out == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out)
    }
}

fn leading_zeros(digits: &str) -> usize {
    digits.bytes().take_while(|digit| *digit == b'0').count()
}

// Spec: XSD 1.1 part 2 appendix E.1, "doubleCanonicalMap"
fn double(text: &str, scientific: impl Fn(&str) -> Option<String>) -> Option<String> {
    match text {
        "+INF" => return Some("INF".to_owned()),
        "INF" | "-INF" | "NaN" => return None,
        _ => {}
    }
    let mut out = scientific(text)?;
    let exponent = out.find('E')?;
    if !out.contains('.') {
        out.insert_str(exponent, ".0");
    }
    Some(out)
}

// Spec: XSD 1.1 part 2 appendix E.2, "dateTimeCanonicalMap"
fn date(datatype: Datatype, text: &str) -> Option<String> {
    let (local, zone) = split_zone(text);
    let mut out = match local.split_once("T24:") {
        Some((day, _)) => format!("{}T00:00:00", next_day(day)?),
        None if datatype == Datatype::Time && local.starts_with("24:") => "00:00:00".to_owned(),
        None => match local.split_once('.') {
            Some((seconds, fraction)) => {
                let fraction = fraction.trim_end_matches('0');
                let point = if fraction.is_empty() { "" } else { "." };
                format!("{seconds}{point}{fraction}")
            }
            None => local.to_owned(),
        },
    };
    // The year 0 has no sign.
    if let Some(rest) = out.strip_prefix("-0000") {
        out = format!("0000{rest}");
    }
    out.push_str(match zone {
        "+00:00" | "-00:00" => "Z",
        zone => zone,
    });
    Some(out)
}

// A time zone is `Z` or six characters, told from the end of a date by its colon.
fn split_zone(text: &str) -> (&str, &str) {
    if let Some(local) = text.strip_suffix('Z') {
        return (local, "Z");
    }
    let at = text.len().checked_sub(6);
    match at.and_then(|at| text.split_at_checked(at)) {
        Some((local, zone)) if zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':' => {
            (local, zone)
        }
        _ => (text, ""),
    }
}

fn next_day(day: &str) -> Option<String> {
    let (rest, day) = day.rsplit_once('-')?;
    let (year, month) = rest.rsplit_once('-')?;
    let year: i64 = year.parse().ok()?;
    let (month, day): (u8, u8) = (month.parse().ok()?, day.parse().ok()?);
    let length = days_in_month(year, month);
    let (year, month, day) = match (month, day) {
        (12, 31) => (year.checked_add(1)?, 1, 1),
        (month, day) if day == length => (year, month + 1, 1),
        (month, day) => (year, month, day + 1),
    };
    let sign = if year < 0 { "-" } else { "" };
    Some(format!("{sign}{:04}-{month:02}-{day:02}", year.abs()))
}

// Spec: XSD 1.1 part 2 appendix E.2, "durationCanonicalMap"
fn duration(datatype: Datatype, text: &str) -> Option<String> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut rest = rest.strip_prefix('P')?;
    let (mut months, mut seconds, mut fraction) = (0_u128, 0_u128, "");
    let mut in_time = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            in_time = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, decimals) = rest[..end].split_once('.').unwrap_or((&rest[..end], ""));
        let number: u128 = number.parse().ok()?;
        let (sum, unit) = match (&rest[end..=end], in_time) {
            ("Y", _) => (&mut months, 12),
            ("M", false) => (&mut months, 1),
            ("D", _) => (&mut seconds, 86_400),
            ("H", _) => (&mut seconds, 3_600),
            ("M", true) => (&mut seconds, 60),
            _ => {
                fraction = decimals.trim_end_matches('0');
                (&mut seconds, 1)
            }
        };
        *sum = sum.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[end + 1..];
    }
    let is_zero = months == 0 && seconds == 0 && fraction.is_empty();
    let of_day = seconds % 86_400;
    let parts = |parts: &[(u128, char)]| {
        let mut out = String::new();
        for (number, unit) in parts.iter().filter(|(number, _)| *number > 0) {
            // Writing to a text cannot fail.
            let _ = write!(out, "{number}{unit}");
        }
        out
    };
    let date = parts(&[
        (months / 12, 'Y'),
        (months % 12, 'M'),
        (seconds / 86_400, 'D'),
    ]);
    let mut time = parts(&[(of_day / 3_600, 'H'), (of_day % 3_600 / 60, 'M')]);
    time.push_str(&match (of_day % 60, fraction) {
        (0, "") => String::new(),
        (seconds, "") => format!("{seconds}S"),
        (seconds, fraction) => format!("{seconds}.{fraction}S"),
    });
    Some(match (is_zero, datatype) {
        (true, Datatype::YearMonthDuration) => "P0M".to_owned(),
        (true, _) => "PT0S".to_owned(),
        (false, _) => {
            let sign = if is_negative { "-" } else { "" };
            let begin = if time.is_empty() { "" } else { "T" };
            format!("{sign}P{date}{begin}{time}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdf::xsd::Value;
    use proptest::prelude::*;
    use proptest::strategy::Union;
    use proptest::string::string_regex;

    fn check(datatype: Datatype, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(
                canonical(datatype, text),
                *expected,
                "{datatype:?} `{text}`"
            );
            assert!(
                matches!(canonical(datatype, expected), Cow::Borrowed(_)),
                "{datatype:?} `{expected}` is copied"
            );
        }
    }

    #[test]
    fn numbers() {
        check(
            Datatype::Integer,
            &[("+007", "7"), ("-0", "0"), ("000", "0"), ("-01", "-1")],
        );
        check(
            Datatype::Decimal,
            &[
                ("-050.10", "-50.1"),
                ("3.0", "3"),
                ("1.", "1"),
                (".5", "0.5"),
                ("-.0", "0"),
                ("+00.050", "0.05"),
                ("100", "100"),
            ],
        );
        check(
            Datatype::Double,
            &[
                ("1", "1.0E0"),
                ("1e2", "1.0E2"),
                ("0.00123", "1.23E-3"),
                ("-0", "-0.0E0"),
                ("+INF", "INF"),
                ("NaN", "NaN"),
            ],
        );
        check(Datatype::Float, &[("16777217", "1.6777216E7")]);
        check(Datatype::Boolean, &[("1", "true"), ("false", "false")]);
    }

    #[test]
    fn dates_and_times() {
        check(
            Datatype::DateTime,
            &[
                ("2020-02-28T24:00:00+00:00", "2020-02-29T00:00:00Z"),
                ("1999-12-31T24:00:00.0", "2000-01-01T00:00:00"),
                ("-0001-12-31T24:00:00", "0000-01-01T00:00:00"),
                (
                    "2020-01-01T10:00:00.500+02:00",
                    "2020-01-01T10:00:00.5+02:00",
                ),
                ("2020-01-01T10:00:00.000", "2020-01-01T10:00:00"),
            ],
        );
        check(
            Datatype::Date,
            &[
                ("2020-01-01-00:00", "2020-01-01Z"),
                ("2020-01-01", "2020-01-01"),
            ],
        );
        check(
            Datatype::Time,
            &[("24:00:00", "00:00:00"), ("01:02:03.40", "01:02:03.4")],
        );
        check(
            Datatype::GYear,
            &[("-0000", "0000"), ("2020+00:00", "2020Z")],
        );
        check(Datatype::GMonthDay, &[("--02-29+14:00", "--02-29+14:00")]);
    }

    #[test]
    fn durations() {
        check(
            Datatype::Duration,
            &[
                ("P0Y14MT36H", "P1Y2M1DT12H"),
                ("-PT0.0S", "PT0S"),
                ("PT61.50S", "PT1M1.5S"),
                ("-P1DT0.25S", "-P1DT0.25S"),
                ("P0D", "PT0S"),
            ],
        );
        check(
            Datatype::YearMonthDuration,
            &[("P0Y", "P0M"), ("P24M", "P2Y")],
        );
        check(Datatype::DayTimeDuration, &[("PT24H", "P1D")]);
    }

    #[test]
    fn binaries_and_texts() {
        check(Datatype::HexBinary, &[("0aFf", "0AFF")]);
        check(Datatype::Base64Binary, &[("QUJD REVG", "QUJDREVG")]);
        check(Datatype::String, &[(" 007 ", " 007 ")]);
    }

    const DIGITS: &str = "[+-]?0{0,2}[0-9]{1,22}";
    const NUMBER: &str = "[+-]?0{0,2}[0-9]{1,22}(\\.[0-9]{0,9}0{0,2})?";
    const DATE: &str = "-?[0-2][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
    const TIME: &str = "(24:00:00(\\.0{1,3})?|[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,4}0?)?)";
    const ZONE: &str = "(Z|[+-]00:00|[+-](0[1-9]|1[0-3]):[0-5][0-9])?";
    const DURATION: &str = "-?P([0-9]{1,3}Y)?([0-9]{1,3}M)?([0-9]{1,3}D)?\
        (T[0-9]{1,3}H([0-9]{1,3}M)?([0-9]{1,3}(\\.[0-9]{1,3}0?)?S)?)?";

    fn lexical_forms() -> impl Strategy<Value = (Datatype, String)> {
        let forms = |datatype: Datatype, pattern: &str| {
            let text = string_regex(pattern).unwrap();
            text.prop_map(move |text| (datatype, text)).boxed()
        };
        Union::new([
            forms(Datatype::Integer, DIGITS),
            forms(Datatype::Decimal, NUMBER),
            forms(
                Datatype::Double,
                &format!("{NUMBER}([eE][+-]?[0-9]{{1,2}})?"),
            ),
            forms(Datatype::Float, "-?[0-9]{1,4}(\\.[0-9]{1,2})?"),
            forms(Datatype::Boolean, "true|false|0|1"),
            forms(Datatype::Date, &format!("{DATE}{ZONE}")),
            forms(Datatype::DateTime, &format!("{DATE}T{TIME}{ZONE}")),
            forms(Datatype::Duration, DURATION),
            forms(Datatype::HexBinary, "([0-9a-fA-F]{2}){0,4}"),
            forms(Datatype::Token, "[0-9 a]{0,4}"),
        ])
    }

    proptest! {
        #[test]
        fn canonical_forms_are_their_own_and_keep_the_value((datatype, text) in lexical_forms()) {
            prop_assume!(datatype.accepts(&text));
            let once = canonical(datatype, &text).into_owned();
            prop_assert!(datatype.accepts(&once), "{datatype:?} `{text}` becomes `{once}`");
            prop_assert!(matches!(canonical(datatype, &once), Cow::Borrowed(same) if same == once));
            if datatype == Datatype::HexBinary {
                prop_assert!(once.eq_ignore_ascii_case(&text));
            } else if datatype == Datatype::Float {
                prop_assert_eq!(once.parse::<f32>(), text.parse::<f32>());
            } else {
                let value = |text: &str| Value::parse(datatype, text);
                prop_assert_eq!(value(&once), value(&text), "{:?} `{}` is `{}`", datatype, text, once);
            }
        }
    }
}
