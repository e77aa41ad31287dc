//! Dates, times and durations of XML Schema.
//!
//! In: lexical forms. Out: fields within their ranges, and points on the time line that compare.

use super::xsd::{Datatype, Decimal};
use std::cmp::Ordering;

/// A point in time on the proleptic Gregorian calendar.
///
/// One without a time zone and one with are not equal, and neither is the earlier unless it is so
/// in all time zones.
///
/// Spec: XSD 1.1 part 2 §D.2.1
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    seconds: i128,
    fraction: Decimal,
    zoned: bool,
}

impl Moment {
    /// Whole seconds since 1970 in UTC, or in its own time where it has no time zone.
    pub fn seconds(&self) -> i128 {
        self.seconds
    }

    /// The part of a second that is left, at least 0 and less than 1.
    pub fn fraction(&self) -> &Decimal {
        &self.fraction
    }

    /// Whether it has a time zone.
    pub fn is_zoned(&self) -> bool {
        self.zoned
    }

    // The order when this one is moved by some seconds.
    fn cmp_moved(&self, by: i128, other: &Self) -> Ordering {
        (self.seconds + by, &self.fraction).cmp(&(other.seconds, &other.fraction))
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.zoned == other.zoned {
            return Some(self.cmp_moved(0, other));
        }
        let earliest = self.cmp_moved(-14 * 3600, other);
        let latest = self.cmp_moved(14 * 3600, other);
        (earliest == latest && earliest != Ordering::Equal).then_some(earliest)
    }
}

/// A duration: months and seconds, which no rule turns into each other.
///
/// Spec: XSD 1.1 part 2 §3.3.6
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duration {
    months: i128,
    // Rounded down, so that the fraction is at least 0 and less than 1.
    seconds: i128,
    fraction: Decimal,
}

impl Duration {
    /// Its months, years counted in.
    pub fn months(&self) -> i128 {
        self.months
    }

    /// Its whole seconds, days counted in, rounded down.
    pub fn seconds(&self) -> i128 {
        self.seconds
    }

    /// The part of a second that is left, at least 0 and less than 1.
    pub fn fraction(&self) -> &Decimal {
        &self.fraction
    }
}

impl PartialOrd for Duration {
    // One is shorter when it is so from each of four days on.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let end = |duration: &Self, year: i128, month: i128| {
            let months = year * 12 + month - 1 + duration.months;
            let days = days_from_civil(months.div_euclid(12), months.rem_euclid(12) + 1, 1);
            days * 86400 + duration.seconds
        };
        let mut orders = [(1696, 9), (1697, 2), (1903, 3), (1903, 7)]
            .into_iter()
            .map(|(year, month)| {
                (end(self, year, month), &self.fraction)
                    .cmp(&(end(other, year, month), &other.fraction))
            });
        let first = orders.next()?;
        orders.all(|order| order == first).then_some(first)
    }
}

/// The fields of a date, a time or both, each within its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The year; 0 is 1 BC.
    pub year: i64,
    /// 1 to 12
    pub month: u8,
    /// 1 to the length of the month
    pub day: u8,
    /// 0 to 24, where 24 goes with no minutes and seconds
    pub hour: u8,
    /// 0 to 59
    pub minute: u8,
    /// 0 to 59
    pub second: u8,
    /// The digits after the second's decimal point.
    pub fraction: String,
    /// Minutes east of UTC, -840 to 840.
    pub zone: Option<i16>,
}

impl Default for Fields {
    fn default() -> Self {
        // A leap year, so that --02-29 is a day.
        Self {
            year: 1972,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            fraction: String::new(),
            zone: None,
        }
    }
}

impl Fields {
    /// Whether every field is within its range.
    pub fn is_valid(&self) -> bool {
        let midnight = self.hour == 24
            && self.minute == 0
            && self.second == 0
            && self.fraction.bytes().all(|digit| digit == b'0');
        (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && (self.hour <= 23 || midnight)
            && self.minute <= 59
            && self.second <= 59
            && self.zone.is_none_or(|zone| (-840..=840).contains(&zone))
    }

    pub(super) fn moment(&self, datatype: Datatype) -> Option<Moment> {
        if !self.is_valid() {
            return None;
        }
        let days = days_from_civil(self.year.into(), self.month.into(), self.day.into());
        // The end of a day is the beginning of the next, unless there is no day.
        let hour = match datatype {
            Datatype::Time => self.hour % 24,
            _ => self.hour,
        };
        let of_day =
            i128::from(hour) * 3600 + i128::from(self.minute) * 60 + i128::from(self.second);
        let zone = i128::from(self.zone.unwrap_or(0)) * 60;
        Some(Moment {
            seconds: days * 86400 + of_day - zone,
            fraction: Decimal::parse(&format!("0.{}", self.fraction))?,
            zoned: self.zone.is_some(),
        })
    }
}

/// How many days a month has.
pub(super) fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.rem_euclid(4) == 0
            && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) =>
        {
            29
        }
        2 => 28,
        _ => 31,
    }
}

// Days since 1970-01-01, counting years from March so that the leap day comes last.
fn days_from_civil(year: i128, month: i128, day: i128) -> i128 {
    let year = year - i128::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

// A cursor over ASCII text.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn eat(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn digits(&mut self, minimum: usize, maximum: usize) -> Option<&str> {
        let length = self
            .0
            .bytes()
            .take(maximum)
            .take_while(u8::is_ascii_digit)
            .count();
        if length < minimum {
            return None;
        }
        let (digits, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(digits)
    }

    fn two(&mut self) -> Option<u8> {
        self.digits(2, 2)?.parse().ok()
    }

    fn year(&mut self) -> Option<i64> {
        let negative = self.eat('-').is_some();
        let digits = self.digits(4, 18)?;
        if digits.len() > 4 && digits.starts_with('0') {
            return None;
        }
        let year: i64 = digits.parse().ok()?;
        Some(if negative { -year } else { year })
    }

    // The time zone after everything else, if there is one.
    fn zone(&mut self, zone: &mut Option<i16>) -> Option<()> {
        if self.0.is_empty() {
            return Some(());
        }
        if self.eat('Z').is_some() {
            *zone = Some(0);
            return Some(());
        }
        let negative = if self.eat('-').is_some() {
            true
        } else {
            self.eat('+')?;
            false
        };
        let hours = i16::from(self.two()?);
        self.eat(':')?;
        let minutes = i16::from(self.two()?);
        let offset = hours * 60 + minutes;
        *zone = Some(if negative { -offset } else { offset });
        (hours <= 14 && minutes <= 59).then_some(())
    }
}

/// Reads the fields of a date or time; `None` where the text has another form.
///
/// Spec: XSD 1.1 part 2 §3.3.7 to §3.3.14
pub fn parse_fields(datatype: Datatype, text: &str) -> Option<Fields> {
    use Datatype as D;
    let mut fields = Fields::default();
    let mut cursor = Cursor(text);
    if matches!(
        datatype,
        D::Date | D::DateTime | D::DateTimeStamp | D::GYear | D::GYearMonth
    ) {
        fields.year = cursor.year()?;
    }
    if matches!(datatype, D::GMonth | D::GMonthDay) {
        cursor.eat('-')?;
    }
    if datatype == D::GDay {
        cursor.eat('-')?;
        cursor.eat('-')?;
    }
    if matches!(
        datatype,
        D::Date | D::DateTime | D::DateTimeStamp | D::GYearMonth | D::GMonth | D::GMonthDay
    ) {
        cursor.eat('-')?;
        fields.month = cursor.two()?;
    }
    if matches!(
        datatype,
        D::Date | D::DateTime | D::DateTimeStamp | D::GMonthDay | D::GDay
    ) {
        cursor.eat('-')?;
        fields.day = cursor.two()?;
    }
    if matches!(datatype, D::DateTime | D::DateTimeStamp) {
        cursor.eat('T')?;
    }
    if matches!(datatype, D::DateTime | D::DateTimeStamp | D::Time) {
        fields.hour = cursor.two()?;
        cursor.eat(':')?;
        fields.minute = cursor.two()?;
        cursor.eat(':')?;
        fields.second = cursor.two()?;
        if cursor.eat('.').is_some() {
            cursor
                .digits(1, usize::MAX)?
                .clone_into(&mut fields.fraction);
        }
    }
    cursor.zone(&mut fields.zone)?;
    let complete = cursor.0.is_empty()
        && fields.is_valid()
        && (datatype != D::DateTimeStamp || fields.zone.is_some());
    complete.then_some(fields)
}

/// The greatest number of digits of a part of a duration that is understood.
const MOST_DURATION_DIGITS: usize = 30;

// Spec: XSD 1.1 part 2 §3.3.6, §3.4.26, §3.4.27
pub(super) fn parse_duration(datatype: Datatype, text: &str) -> Option<Duration> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut rest = rest.strip_prefix('P')?;
    let (mut months, mut seconds) = (0_i128, 0_i128);
    let mut fraction = "";
    let mut in_time = false;
    let mut units = [("Y", 12, 0), ("M", 1, 0), ("D", 0, 86400), ("T", 0, 0)]
        .into_iter()
        .chain([("H", 0, 3600), ("M", 0, 60), ("S", 0, 1)]);
    if rest.is_empty() || rest.ends_with('T') {
        return None;
    }
    while !rest.is_empty() {
        if !in_time && let Some(time) = rest.strip_prefix('T') {
            in_time = true;
            rest = time;
            units.find(|(unit, ..)| *unit == "T")?;
            continue;
        }
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, mut after) = rest.split_at(length);
        if let Some(decimals) = after.strip_prefix('.') {
            let length = decimals.bytes().take_while(u8::is_ascii_digit).count();
            (fraction, after) = decimals.split_at(length);
            if fraction.is_empty() || !after.starts_with('S') {
                return None;
            }
        }
        let unit = after.get(..1)?;
        // Each unit once and in order, those of time after the `T` only.
        let (_, month_factor, second_factor) = units
            .by_ref()
            .take_while(|(unit, ..)| in_time || *unit != "T")
            .find(|(known, ..)| *known == unit)?;
        let digits = if digits.is_empty() {
            return None;
        } else {
            digits.trim_start_matches('0')
        };
        if digits.len() > MOST_DURATION_DIGITS {
            return None;
        }
        let number: i128 = if digits.is_empty() {
            0
        } else {
            digits.parse().ok()?
        };
        months += number * month_factor;
        seconds += number * second_factor;
        let fits = match datatype {
            Datatype::DayTimeDuration => month_factor == 0,
            Datatype::YearMonthDuration => second_factor == 0,
            _ => true,
        };
        if !fits {
            return None;
        }
        rest = &after[1..];
    }
    let fraction = fraction.trim_end_matches('0');
    if !negative {
        return Some(Duration {
            months,
            seconds,
            fraction: Decimal::parse(&format!("0.{fraction}"))?,
        });
    }
    if fraction.is_empty() {
        return Some(Duration {
            months: -months,
            seconds: -seconds,
            fraction: Decimal::parse("0")?,
        });
    }
    // Rounded down: what is left is ten less the last digit, and nine less each before it.
    let last = fraction.len() - 1;
    let rest: String = fraction
        .bytes()
        .enumerate()
        .map(|(at, digit)| {
            let base = if at == last { 10 } else { 9 };
            char::from(b'0' + base - (digit - b'0'))
        })
        .collect();
    Some(Duration {
        months: -months,
        seconds: -seconds - 1,
        fraction: Decimal::parse(&format!("0.{rest}"))?,
    })
}
