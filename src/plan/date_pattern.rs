//! Dates and times as people write them: the patterns that CSVW takes from UAX 35.
//!
//! In: a pattern such as `d.M.yyyy HH:mm X`. Out: a [`DatePattern`] that turns a text into an XSD
//! lexical form, or says that it does not match.

use crate::rdf::moment::Fields;
use crate::rdf::xsd::Datatype;
use std::fmt::Write as _;

/// How the dates or times of a column are written.
///
/// Spec: tabular-data-model §6.4.4
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePattern {
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Year,
    // True: two digits; false: one or two.
    Month(bool),
    Day(bool),
    Hour,
    Minute,
    Second,
    // The most digits after the point; the point goes with them.
    Fraction(usize),
    Zone { letters: usize, zulu: bool },
    Text(char),
}

const DATES: [&str; 14] = [
    "yyyy-MM-dd",
    "yyyyMMdd",
    "dd-MM-yyyy",
    "d-M-yyyy",
    "MM-dd-yyyy",
    "M-d-yyyy",
    "dd/MM/yyyy",
    "d/M/yyyy",
    "MM/dd/yyyy",
    "M/d/yyyy",
    "dd.MM.yyyy",
    "d.M.yyyy",
    "MM.dd.yyyy",
    "M.d.yyyy",
];
const TIMES: [&str; 4] = ["HH:mm:ss", "HHmmss", "HH:mm", "HHmm"];

/// The patterns of dates, for messages.
pub fn known_date_patterns() -> &'static [&'static str] {
    &DATES
}

impl DatePattern {
    /// Reads a pattern; `None` where the specification does not list it for the datatype.
    pub fn parse(datatype: Datatype, pattern: &str) -> Option<Self> {
        // UAX 35 puts letters that mean themselves in quotes.
        let pattern = &pattern.replacen("'T'", "T", 1);
        let without_zone = pattern.trim_end_matches(['X', 'x']);
        let zone = &pattern[without_zone.len()..];
        if zone.len() > 3 || (zone.contains('X') && zone.contains('x')) {
            return None;
        }
        let body = if zone.is_empty() {
            without_zone
        } else {
            without_zone.strip_suffix(' ').unwrap_or(without_zone)
        };
        let is_time = |text: &str| {
            let whole = text.trim_end_matches('S');
            if whole.len() == text.len() {
                TIMES.contains(&text)
            } else {
                whole
                    .strip_suffix('.')
                    .is_some_and(|whole| whole.ends_with("ss") && TIMES.contains(&whole))
            }
        };
        let listed = match datatype {
            Datatype::Date => DATES.contains(&body),
            Datatype::Time => is_time(body),
            _ => body
                .split_once(['T', ' '])
                .is_some_and(|(date, time)| DATES.contains(&date) && is_time(time)),
        };
        if !listed {
            return None;
        }
        let mut tokens = Vec::new();
        let mut rest = &pattern[..pattern.len() - zone.len()];
        while let Some(first) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(first).len();
            let mut length = run;
            tokens.push(match (first, run) {
                ('y', _) => Token::Year,
                ('M', _) => Token::Month(run == 2),
                ('d', _) => Token::Day(run == 2),
                ('H', _) => Token::Hour,
                ('m', _) => Token::Minute,
                ('s', _) => Token::Second,
                ('.', 1) if rest[1..].starts_with('S') => {
                    let digits = rest[1..].len() - rest[1..].trim_start_matches('S').len();
                    length = 1 + digits;
                    Token::Fraction(digits)
                }
                _ => {
                    length = first.len_utf8();
                    Token::Text(first)
                }
            });
            rest = &rest[length..];
        }
        if !zone.is_empty() {
            tokens.push(Token::Zone {
                letters: zone.len(),
                zulu: zone.starts_with('X'),
            });
        }
        Some(Self { tokens })
    }

    /// Turns a text into a lexical form; `None` where it does not match or names no day.
    pub fn read(&self, datatype: Datatype, text: &str) -> Option<String> {
        let mut fields = Fields::default();
        let mut rest = text;
        for token in &self.tokens {
            match token {
                Token::Text(expected) => rest = rest.strip_prefix(*expected)?,
                Token::Year => fields.year = number(&mut rest, 4, 4)?.into(),
                Token::Month(two) => {
                    fields.month = number(&mut rest, 1 + usize::from(*two), 2)?
                        .try_into()
                        .ok()?;
                }
                Token::Day(two) => {
                    fields.day = number(&mut rest, 1 + usize::from(*two), 2)?
                        .try_into()
                        .ok()?;
                }
                Token::Hour => fields.hour = number(&mut rest, 2, 2)?.try_into().ok()?,
                Token::Minute => fields.minute = number(&mut rest, 2, 2)?.try_into().ok()?,
                Token::Second => fields.second = number(&mut rest, 2, 2)?.try_into().ok()?,
                Token::Fraction(most) => {
                    // The fraction may be left out with its point.
                    if let Some(after) = rest.strip_prefix('.') {
                        let length = after.bytes().take_while(u8::is_ascii_digit).count();
                        if length == 0 || length > *most {
                            return None;
                        }
                        after[..length].clone_into(&mut fields.fraction);
                        rest = &after[length..];
                    }
                }
                Token::Zone { letters, zulu } => {
                    fields.zone = Some(zone(&mut rest, *letters, *zulu)?);
                }
            }
        }
        // `HH` goes from 0 to 23, where XML Schema has a 24:00:00 too.
        if !rest.is_empty() || !fields.is_valid() || fields.hour == 24 {
            return None;
        }
        Some(write(datatype, &fields))
    }
}

fn number(rest: &mut &str, minimum: usize, maximum: usize) -> Option<u16> {
    let length = rest
        .bytes()
        .take(maximum)
        .take_while(u8::is_ascii_digit)
        .count();
    if length < minimum {
        return None;
    }
    let (digits, after) = rest.split_at(length);
    *rest = after;
    digits.parse().ok()
}

// Spec: UAX 35 part 4 §4.1, `X` and `x`
fn zone(rest: &mut &str, letters: usize, zulu: bool) -> Option<i16> {
    if zulu && let Some(after) = rest.strip_prefix('Z') {
        *rest = after;
        return Some(0);
    }
    let negative = rest.starts_with('-');
    *rest = rest.strip_prefix(['+', '-'])?;
    let hours: i16 = number(rest, 2, 2)?.try_into().ok()?;
    let minutes: i16 = match letters {
        1 if !rest.starts_with(|c: char| c.is_ascii_digit()) => 0,
        3 => {
            *rest = rest.strip_prefix(':')?;
            number(rest, 2, 2)?.try_into().ok()?
        }
        _ => number(rest, 2, 2)?.try_into().ok()?,
    };
    let zone = hours * 60 + minutes;
    (minutes <= 59).then_some(if negative { -zone } else { zone })
}

fn write(datatype: Datatype, fields: &Fields) -> String {
    let mut out = String::new();
    if datatype != Datatype::Time {
        let _ = write!(
            out,
            "{:04}-{:02}-{:02}",
            fields.year, fields.month, fields.day
        );
    }
    if matches!(datatype, Datatype::DateTime | Datatype::DateTimeStamp) {
        out.push('T');
    }
    if datatype != Datatype::Date {
        let _ = write!(
            out,
            "{:02}:{:02}:{:02}",
            fields.hour, fields.minute, fields.second
        );
        if !fields.fraction.is_empty() {
            let _ = write!(out, ".{}", fields.fraction);
        }
    }
    match fields.zone {
        None => {}
        Some(0) => out.push('Z'),
        Some(zone) => {
            let sign = if zone < 0 { '-' } else { '+' };
            let zone = zone.abs();
            let _ = write!(out, "{sign}{:02}:{:02}", zone / 60, zone % 60);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(datatype: Datatype, pattern: &str, cases: &[(&str, Option<&str>)]) {
        let parsed = DatePattern::parse(datatype, pattern).unwrap();
        for (text, expected) in cases {
            assert_eq!(
                parsed.read(datatype, text).as_deref(),
                *expected,
                "{pattern} `{text}`"
            );
        }
    }

    // Spec: tabular-data-model §6.4.4
    #[test]
    fn dates() {
        for (pattern, text) in [
            ("yyyy-MM-dd", "2015-03-22"),
            ("yyyyMMdd", "20150322"),
            ("dd-MM-yyyy", "22-03-2015"),
            ("d-M-yyyy", "22-3-2015"),
            ("MM-dd-yyyy", "03-22-2015"),
            ("M-d-yyyy", "3-22-2015"),
            ("dd/MM/yyyy", "22/03/2015"),
            ("d/M/yyyy", "22/3/2015"),
            ("MM/dd/yyyy", "03/22/2015"),
            ("M/d/yyyy", "3/22/2015"),
            ("dd.MM.yyyy", "22.03.2015"),
            ("d.M.yyyy", "22.3.2015"),
            ("MM.dd.yyyy", "03.22.2015"),
            ("M.d.yyyy", "3.22.2015"),
        ] {
            check(Datatype::Date, pattern, &[(text, Some("2015-03-22"))]);
            let zoned = format!("{text}Z");
            let pattern = format!("{pattern}X");
            check(
                Datatype::Date,
                &pattern,
                &[(&zoned, Some("2015-03-22Z")), (text, None)],
            );
        }
        check(
            Datatype::Date,
            "d.M.yyyy",
            &[
                ("02.12.2021", Some("2021-12-02")),
                ("31.2.2021", None),
                ("29.2.2020", Some("2020-02-29")),
                ("29.2.1900", None),
                ("0.1.2020", None),
                ("1.13.2020", None),
                ("2.12.21", None),
                ("2.12.12021", None),
                ("2.12.-021", None),
                ("1.1.0000", Some("0000-01-01")),
                ("١.1.2020", None),
                ("1.1.2020 ", None),
                ("001.1.2020", None),
            ],
        );
        check(
            Datatype::Date,
            "dd/MM/yyyy",
            &[("1/01/2020", None), ("01/1/2020", None)],
        );
    }

    // Spec: tabular-data-model §6.4.4
    #[test]
    fn times() {
        let time = Datatype::Time;
        check(time, "HH:mm:ss", &[("15:02:37", Some("15:02:37"))]);
        check(
            time,
            "HHmmss",
            &[("150237", Some("15:02:37")), ("15:02:37", None)],
        );
        check(
            time,
            "HH:mm",
            &[("15:02", Some("15:02:00")), ("15:02:00", None)],
        );
        check(time, "HHmm", &[("1502", Some("15:02:00")), ("502", None)]);
        check(
            time,
            "HH:mm:ss.SSS",
            &[
                ("15:02:37.143", Some("15:02:37.143")),
                ("15:02:37.1", Some("15:02:37.1")),
                ("15:02:37", Some("15:02:37")),
                ("15:02:37.", None),
                ("15:02:37.1434", None),
                ("15:02:60", None),
                ("15:60:00", None),
                ("24:00:00", None),
            ],
        );
        let days = "yyyy-MM-ddTHH:mm:ss.S";
        check(
            Datatype::DateTime,
            days,
            &[
                ("2015-03-15T15:02:37.1", Some("2015-03-15T15:02:37.1")),
                ("2015-03-15 15:02:37.1", None),
                ("2015-03-15T15:02:37.14", None),
            ],
        );
        for (pattern, text) in [
            ("yyyy-MM-ddTHH:mm", "2015-03-15T15:02"),
            ("yyyy-MM-dd'T'HH:mm:ss", "2015-03-15T15:02:00"),
            ("M/d/yyyy HH:mm", "3/15/2015 15:02"),
            ("dd.MM.yyyy HHmmss", "15.03.2015 150200"),
            ("yyyyMMdd HHmm", "20150315 1502"),
        ] {
            check(
                Datatype::DateTime,
                pattern,
                &[(text, Some("2015-03-15T15:02:00"))],
            );
        }
    }

    // Spec: tabular-data-model §6.4.4; UAX 35 part 4 §4.1
    #[test]
    fn zones() {
        let all = [
            "Z", "-08", "+0530", "-0800", "+05:30", "-08:00", "+00", "", "+5", "+1400", "+1401",
            "+1500", "+0560", "08", "+14:00", "-14:01", "z",
        ];
        for (marker, good) in [
            ("X", &["Z", "-08", "+0530", "-0800", "+00", "+1400"][..]),
            ("XX", &["Z", "+0530", "-0800", "+1400"]),
            ("XXX", &["Z", "+05:30", "-08:00", "+14:00"]),
            ("x", &["-08", "+0530", "-0800", "+00", "+1400"]),
            ("xx", &["+0530", "-0800", "+1400"]),
            ("xxx", &["+05:30", "-08:00", "+14:00"]),
        ] {
            for space in ["", " "] {
                let pattern = format!("HH:mm{space}{marker}");
                let parsed = DatePattern::parse(Datatype::Time, &pattern).unwrap();
                for zone in all {
                    let read = parsed.read(Datatype::Time, &format!("15:02{space}{zone}"));
                    assert_eq!(read.is_some(), good.contains(&zone), "{pattern} {zone}");
                }
            }
        }
        check(
            Datatype::DateTimeStamp,
            "yyyy-MM-dd HH:mm x",
            &[
                ("2015-03-15 15:02 -05", Some("2015-03-15T15:02:00-05:00")),
                ("2015-03-15 15:02 +0000", Some("2015-03-15T15:02:00Z")),
                ("2015-03-15 15:02-05", None),
            ],
        );
    }

    // Spec: tabular-data-model §6.4.4
    #[test]
    fn other_patterns_are_refused() {
        for (datatype, patterns) in [
            (
                Datatype::Date,
                &[
                    "",
                    "X",
                    "d/M/yy",
                    "HH:mm",
                    "yyyy",
                    "dd MMM yyyy",
                    "yyyy-MM-ddXXXX",
                    "yyyy-MM-ddXx",
                    "yyyy-MM-dd  X",
                    "YYYY-MM-DD",
                    "yyyy-M-d",
                    "yyyy-MM-dd ",
                ][..],
            ),
            (
                Datatype::Time,
                &["H:mm", "hh:mm", "HH", "HH:mm.S", "HHmmss.", "HH:mm:ss,S"],
            ),
            (
                Datatype::DateTime,
                &[
                    "yyyy-MM-dd",
                    "HH:mm",
                    "yyyy-MM-dd  HH:mm",
                    "yyyy-MM-ddTT",
                    "yyyy-MM-dd'T'",
                ],
            ),
        ] {
            for pattern in patterns {
                assert_eq!(DatePattern::parse(datatype, pattern), None, "{pattern}");
            }
        }
    }
}
