//! Dates, times and durations of XML Schema.
//!
//! In: lexical forms. Out: fields within their ranges, and points on the time line that compare.

use super::xsd::{Datatype, Decimal, Value};

/// A point in time on the proleptic Gregorian calendar.
///
/// Without a time zone it is compared as if it were in UTC, which orders a list the same way but
/// decides what XML Schema leaves undecided within 14 hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub(super) seconds: i128,
    pub(super) fraction: Decimal,
    zoned: bool,
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

    pub(super) fn moment(&self) -> Option<Moment> {
        if !self.is_valid() {
            return None;
        }
        let days = days_from_civil(self.year, self.month, self.day);
        let of_day =
            i128::from(self.hour) * 3600 + i128::from(self.minute) * 60 + i128::from(self.second);
        let zone = i128::from(self.zone.unwrap_or(0)) * 60;
        Some(Moment {
            seconds: days * 86400 + of_day - zone,
            fraction: Decimal::parse(&format!("0.{}", self.fraction))?,
            zoned: self.zone.is_some(),
        })
    }
}

fn days_in_month(year: i64, month: u8) -> u8 {
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
fn days_from_civil(year: i64, month: u8, day: u8) -> i128 {
    let year = i128::from(year) - i128::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i128::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i128::from(day) - 1;
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

// Spec: XSD 1.1 part 2 §3.3.6, §3.4.26, §3.4.27
pub(super) fn parse_duration(datatype: Datatype, text: &str) -> Option<Value> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let rest = rest.strip_prefix('P')?;
    let (days_part, time_part) = match rest.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let mut months: i64 = 0;
    let mut seconds: i64 = 0;
    let mut fraction = String::new();
    let mut seen = String::new();
    let mut read = |part: &str, units: &str| -> Option<()> {
        let mut allowed = units;
        let mut left = part;
        while !left.is_empty() {
            let end = left.find(|c: char| c.is_ascii_alphabetic())?;
            let unit = left[end..].chars().next()?;
            let (number, decimals) = match left[..end].split_once('.') {
                Some((number, decimals)) if unit == 'S' && !decimals.is_empty() => {
                    (number, decimals)
                }
                Some(_) => return None,
                None => (&left[..end], ""),
            };
            let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            if number.is_empty() || !digits(number) || !digits(decimals) {
                return None;
            }
            let number: i64 = number.parse().ok()?;
            let position = allowed.find(unit)?;
            allowed = &allowed[position + 1..];
            seen.push(unit);
            match (unit, units) {
                ('Y', _) => months = months.checked_add(number.checked_mul(12)?)?,
                ('M', "YMD") => months = months.checked_add(number)?,
                ('D', _) => seconds = seconds.checked_add(number.checked_mul(86400)?)?,
                ('H', _) => seconds = seconds.checked_add(number.checked_mul(3600)?)?,
                ('M', _) => seconds = seconds.checked_add(number.checked_mul(60)?)?,
                _ => {
                    seconds = seconds.checked_add(number)?;
                    decimals.clone_into(&mut fraction);
                }
            }
            left = &left[end + 1..];
        }
        Some(())
    };
    read(days_part, "YMD")?;
    if let Some(time) = time_part {
        if time.is_empty() {
            return None;
        }
        read(time, "HMS")?;
    }
    let day_time = time_part.is_some() || seen.contains('D');
    let fits = match datatype {
        Datatype::DayTimeDuration => !days_part.contains(['Y', 'M']),
        Datatype::YearMonthDuration => !day_time,
        _ => true,
    };
    if seen.is_empty() || !fits {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    Some(Value::Duration(
        if negative { -months } else { months },
        Decimal::parse(&format!("{sign}{seconds}.{fraction}"))?,
    ))
}
