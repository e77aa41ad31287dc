//! Patterns of dates: those of Java, as GREL and the `IDLab` functions use them, and those of `strftime` where a `%` stands in them.
//!
//! Reading is strict on the whole (nothing is left over, every field is in its range) and lenient on widths: `dd` takes `1`.

use super::Moment;
use super::months::{LANGUAGES, Names};
use crate::rdf::moment::Fields;

/// The longest pattern, in bytes.
const LONGEST: usize = 256;

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Year,
    /// The years from 2000 to 2099.
    ShortYear,
    /// As POSIX has it: from 1969 to 2068.
    PosixYear,
    Month,
    MonthName,
    Day,
    DayName,
    Hour,
    Minute,
    Second,
    /// Digits behind the decimal point of the seconds.
    Fraction,
    /// Before or after noon.
    Half,
    Zone,
}

enum Step {
    Literal(char),
    // A field with the digits it has at most, where another follows at once.
    Field(Field, usize),
}

/// A compiled pattern.
pub(super) struct Format {
    steps: Vec<Step>,
    names: &'static Names,
}

impl Format {
    /// Compiles `pattern`, with the names of `language`, whose region does not matter.
    pub(super) fn parse(pattern: &str, language: &str) -> Result<Self, String> {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        let names = LANGUAGES
            .iter()
            .find(|names| names.language.eq_ignore_ascii_case(primary))
            .ok_or_else(|| {
                let known: Vec<_> = LANGUAGES.iter().map(|names| names.language).collect();
                format!(
                    "expected a language of {}, found `{language}`",
                    known.join(", ")
                )
            })?;
        if pattern.len() > LONGEST {
            return Err(format!("its pattern is longer than {LONGEST} bytes"));
        }
        let steps = if pattern.contains('%') {
            strftime(pattern)?
        } else {
            java(pattern)?
        };
        Ok(Self { steps, names })
    }

    /// The moment that `text` writes, if it fits the pattern.
    pub(super) fn read(&self, text: &str) -> Option<Moment> {
        let mut reading = Reading {
            rest: text,
            fields: Fields {
                year: 1970,
                ..Fields::default()
            },
            nanos: 0,
            afternoon: None,
        };
        let mut steps = self.steps.iter().peekable();
        while let Some(step) = steps.next() {
            match step {
                Step::Literal(letter) => {
                    reading.rest = reading.rest.strip_prefix(*letter)?;
                }
                Step::Field(field, width) => {
                    let is_packed =
                        matches!(steps.peek(), Some(Step::Field(next, _)) if next.is_number());
                    reading.take(*field, *width, is_packed, self.names)?;
                }
            }
        }
        if !reading.rest.is_empty() {
            return None;
        }
        if let Some(afternoon) = reading.afternoon {
            if !(1..=12).contains(&reading.fields.hour) {
                return None;
            }
            reading.fields.hour = reading.fields.hour % 12 + if afternoon { 12 } else { 0 };
        }
        Moment::new(&reading.fields, reading.nanos)
    }
}

impl Field {
    fn is_number(self) -> bool {
        !matches!(
            self,
            Self::MonthName | Self::DayName | Self::Half | Self::Zone
        )
    }
}

fn java(pattern: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\'' {
            if letters.next_if_eq(&'\'').is_some() {
                steps.push(Step::Literal('\''));
                continue;
            }
            loop {
                match letters.next() {
                    Some('\'') if letters.next_if_eq(&'\'').is_some() => {
                        steps.push(Step::Literal('\''));
                    }
                    Some('\'') => break,
                    Some(inside) => steps.push(Step::Literal(inside)),
                    None => {
                        return Err(format!(
                            "the quote in the pattern `{pattern}` is not closed"
                        ));
                    }
                }
            }
            continue;
        }
        // `T` is no field, and people forget to quote it.
        if !letter.is_ascii_alphabetic() || letter == 'T' {
            steps.push(Step::Literal(letter));
            continue;
        }
        let mut count = 1;
        while letters.next_if_eq(&letter).is_some() {
            count += 1;
        }
        let field = match (letter, count) {
            ('y' | 'u', 2) => Field::ShortYear,
            ('y' | 'u', _) => Field::Year,
            ('M' | 'L', 1 | 2) => Field::Month,
            ('M' | 'L', 3 | 4) => Field::MonthName,
            ('d', 1 | 2) => Field::Day,
            ('E', _) => Field::DayName,
            ('H' | 'h', 1 | 2) => Field::Hour,
            ('m', 1 | 2) => Field::Minute,
            ('s', 1 | 2) => Field::Second,
            ('S', _) => Field::Fraction,
            ('a', 1) => Field::Half,
            ('z' | 'Z' | 'X' | 'x', _) => Field::Zone,
            _ => {
                let field: String = std::iter::repeat_n(letter, count).collect();
                return Err(format!(
                    "`{field}` in the pattern `{pattern}` is no field that is known here"
                ));
            }
        };
        steps.push(Step::Field(field, count));
    }
    Ok(steps)
}

fn strftime(pattern: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            steps.push(Step::Literal(letter));
            continue;
        }
        let letter = match letters.next() {
            Some('-') => letters.next(),
            other => other,
        };
        let (field, width) = match letter {
            Some('%') => {
                steps.push(Step::Literal('%'));
                continue;
            }
            Some('F') => {
                steps.extend(strftime("%Y-%m-%d")?);
                continue;
            }
            Some('T') => {
                steps.extend(strftime("%H:%M:%S")?);
                continue;
            }
            Some('Y') => (Field::Year, 4),
            Some('y') => (Field::PosixYear, 2),
            Some('m') => (Field::Month, 2),
            Some('b' | 'B' | 'h') => (Field::MonthName, 3),
            Some('d' | 'e') => (Field::Day, 2),
            Some('a' | 'A') => (Field::DayName, 3),
            Some('H' | 'I') => (Field::Hour, 2),
            Some('M') => (Field::Minute, 2),
            Some('S') => (Field::Second, 2),
            Some('f') => (Field::Fraction, 6),
            Some('p') => (Field::Half, 2),
            Some('z' | 'Z') => (Field::Zone, 5),
            other => {
                let other = other.map(String::from).unwrap_or_default();
                return Err(format!(
                    "`%{other}` in the pattern `{pattern}` is no field that is known here"
                ));
            }
        };
        steps.push(Step::Field(field, width));
    }
    Ok(steps)
}

struct Reading<'a> {
    rest: &'a str,
    fields: Fields,
    nanos: u32,
    afternoon: Option<bool>,
}

impl<'a> Reading<'a> {
    fn digits(&mut self, most: usize) -> Option<&'a str> {
        let count = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        (!digits.is_empty()).then_some(digits)
    }

    fn small(&mut self) -> Option<u8> {
        self.digits(2)?.parse().ok()
    }

    fn take(&mut self, field: Field, width: usize, is_packed: bool, names: &Names) -> Option<()> {
        match field {
            Field::Year => {
                let is_before = self.rest.starts_with('-');
                if is_before {
                    self.rest = self.rest.get(1..)?;
                }
                let most = if is_packed { width.max(4) } else { 9 };
                let year: i64 = self.digits(most)?.parse().ok()?;
                self.fields.year = if is_before { -year } else { year };
            }
            Field::ShortYear | Field::PosixYear => {
                // A year in full is taken as it is.
                let digits = self.digits(if is_packed { 2 } else { 4 })?;
                let year: i64 = digits.parse().ok()?;
                self.fields.year = match digits.len() {
                    4 => year,
                    1 | 2 if field == Field::PosixYear && year >= 69 => 1900 + year,
                    1 | 2 => 2000 + year,
                    _ => return None,
                };
            }
            Field::Month => self.fields.month = self.small()?,
            Field::Day => self.fields.day = self.small()?,
            Field::Hour => self.fields.hour = self.small()?,
            Field::Minute => self.fields.minute = self.small()?,
            Field::Second => self.fields.second = self.small()?,
            Field::Fraction => {
                let digits = self.digits(9)?;
                self.nanos = format!("{digits:0<9}").parse().ok()?;
            }
            Field::MonthName => {
                let full = names.full.split_whitespace().zip(1..);
                let short = names.short.split_whitespace().zip(1..);
                self.fields.month = self.name(full.chain(short))?;
            }
            Field::DayName => {
                self.name(names.days.split_whitespace().zip(std::iter::repeat(0)))?;
            }
            Field::Half => {
                self.afternoon = Some(self.name([("am", 0), ("pm", 1)].into_iter())? == 1);
            }
            Field::Zone => self.fields.zone = Some(self.zone()?),
        }
        Some(())
    }

    // The longest name that stands here, in any case, and a full stop behind it.
    fn name<'n>(&mut self, names: impl Iterator<Item = (&'n str, u8)>) -> Option<u8> {
        let (length, number) = names
            .filter_map(|(name, number)| {
                let mut length = 0;
                let mut letters = self.rest.chars();
                for expected in name.chars() {
                    let letter = letters.next()?;
                    if !letter.to_lowercase().eq(std::iter::once(expected)) {
                        return None;
                    }
                    length += letter.len_utf8();
                }
                Some((length, number))
            })
            .max_by_key(|(length, _)| *length)?;
        self.rest = self.rest.get(length..)?;
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
        }
        Some(number)
    }

    fn zone(&mut self) -> Option<i16> {
        for name in ["UTC", "GMT", "Z"] {
            if let Some(rest) = self.rest.strip_prefix(name) {
                self.rest = rest;
                return Some(0);
            }
        }
        let sign = match self.rest.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        self.rest = self.rest.get(1..)?;
        let hours = i16::from(self.small()?);
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest;
        }
        let minutes = match self.digits(2) {
            Some(minutes) => minutes.parse().ok()?,
            None => 0,
        };
        Some(sign * (hours * 60 + minutes))
    }
}
