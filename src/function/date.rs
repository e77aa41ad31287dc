//! Functions on dates and times.
//!
//! Times without a zone are taken as they stand; those with one are compared and taken apart in UTC.

mod format;
mod months;

use super::argument::{any, integer, shown, text};
use super::names::{grel, idlab, morph};
use super::text::{TEXT, VALUE};
use super::{Function, Kind, Parameter, Value};
use crate::rdf::moment::{Fields, parse_fields};
use crate::rdf::xsd::Datatype;
use format::Format;

/// A point in time, in its own time zone where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970 of the clock that shows it.
    local: i64,
    /// 0 to 999,999,999
    nanos: u32,
    /// Minutes east of UTC.
    zone: Option<i16>,
}

const DAY: i64 = 86_400;

/// The greatest distance from 1970 that is computed with: 10,000 years, in seconds.
const FARTHEST: i64 = 10_000 * 366 * DAY;

impl Moment {
    /// The moment that `fields` name, unless they are out of range.
    pub(super) fn new(fields: &Fields, nanos: u32) -> Option<Self> {
        if !fields.is_valid() || !(-9999..=9999).contains(&fields.year) {
            return None;
        }
        let days = days(fields.year, fields.month.into(), fields.day.into());
        let of_day = i64::from(fields.hour) * 3600
            + i64::from(fields.minute) * 60
            + i64::from(fields.second);
        Some(Self {
            local: days * DAY + of_day,
            nanos,
            zone: fields.zone,
        })
    }

    /// The value of a lexical form of `xsd:date` or `xsd:dateTime`.
    pub(super) fn parse(text: &str) -> Option<Value<'static>> {
        if let Some(fields) = parse_fields(Datatype::DateTime, text) {
            let mut digits = fields.fraction.clone();
            digits.truncate(9);
            let nanos = format!("{digits:0<9}").parse().ok()?;
            return Self::new(&fields, nanos).map(Value::DateTime);
        }
        let fields = parse_fields(Datatype::Date, text)?;
        Self::new(&fields, 0).map(Value::Date)
    }

    /// Year, month and day of its own clock.
    fn civil(self) -> (i64, i64, i64) {
        civil(self.local.div_euclid(DAY))
    }

    /// The lexical form of its date, without a zone.
    pub(super) fn date(self) -> String {
        let (year, month, day) = self.civil();
        let sign = if year < 0 { "-" } else { "" };
        format!("{sign}{:04}-{month:02}-{day:02}", year.abs())
    }

    /// The lexical form with the time, and the zone if it has one.
    pub(super) fn date_time(self) -> String {
        let of_day = self.local.rem_euclid(DAY);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        let mut out = format!("{}T{hour:02}:{minute:02}:{second:02}", self.date());
        if self.nanos > 0 {
            let digits = format!("{:09}", self.nanos);
            out.push('.');
            out.push_str(digits.trim_end_matches('0'));
        }
        match self.zone {
            None => {}
            Some(0) => out.push('Z'),
            Some(zone) => {
                let sign = if zone < 0 { '-' } else { '+' };
                let zone = zone.abs();
                out.push_str(&format!("{sign}{:02}:{:02}", zone / 60, zone % 60));
            }
        }
        out
    }

    fn utc(self) -> Self {
        Self {
            local: self.local - i64::from(self.zone.unwrap_or(0)) * 60,
            ..self
        }
    }

    fn total_nanos(self) -> i128 {
        i128::from(self.local) * 1_000_000_000 + i128::from(self.nanos)
    }
}

const PATTERN: Parameter = Parameter {
    name: "pattern",
    iris: idlab!("pattern", "_pattern"; grel "p_string_pattern", "param_string_pattern"),
    ..VALUE
};

const TEXT_OF_DATE: Parameter = Parameter {
    name: "strDate",
    iris: idlab!("strDate", "_strDate"; grel "valueParameter", "valueParam"),
    ..VALUE
};

const LANGUAGE: Parameter = Parameter {
    name: "lang",
    iris: idlab!("lang", "_lang"),
    ..VALUE
};

const UNIT: Parameter = Parameter {
    name: "p_string_unit",
    iris: grel!(
        "p_string_unit",
        "param_string_unit",
        "p_string_timeunit",
        "param_string_timeunit"
    ),
    ..VALUE
};

const DATE: Parameter = Parameter {
    name: "p_date_d",
    iris: grel!(
        "p_date_d",
        "param_date_d",
        "p_datetime_d",
        "param_datetime_d"
    ),
    required: true,
    kind: Kind::DateTime,
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "date_toDate",
        iris: grel!("date_toDate", "toDate"),
        parameters: &[
            VALUE,
            Parameter {
                required: false,
                ..PATTERN
            },
        ],
        returns: Kind::Date,
        description: "the date that a text writes in a pattern, of Java (`dd/MM/yyyy`) or `strftime` (`%d/%m/%Y`), or as `xsd:date`",
        call: |values| {
            Ok(match to_date(values)? {
                Value::DateTime(moment) => Value::Date(moment),
                other => other,
            })
        },
        ..TEXT
    },
    Function {
        name: "date_toDate",
        iris: morph!("date_toDate"),
        parameters: &[VALUE, PATTERN],
        returns: Kind::DateTime,
        description: "the date and time that a text writes in a pattern",
        call: to_date,
        ..TEXT
    },
    Function {
        name: "date_diff",
        iris: grel!("date_diff"),
        parameters: &[
            DATE,
            Parameter {
                name: "p_datetime_d2",
                iris: grel!("p_datetime_d2", "param_datetime_d2"),
                ..DATE
            },
            UNIT,
        ],
        returns: Kind::Integer,
        description: "the whole units between two dates, whichever is the earlier",
        call: difference,
        ..TEXT
    },
    Function {
        name: "date_inc",
        iris: grel!("date_inc"),
        parameters: &[
            DATE,
            Parameter {
                name: "p_dec_n",
                iris: grel!("p_dec_n", "param_dec_n"),
                required: true,
                kind: Kind::Integer,
            },
            UNIT,
        ],
        returns: Kind::DateTime,
        description: "the date so many units later, or earlier below 0",
        call: increase,
        ..TEXT
    },
    Function {
        name: "date_datePart",
        iris: grel!("date_datePart"),
        parameters: &[DATE, UNIT],
        returns: Kind::Any,
        description: "a part of a date: `years`, `months`, `weeks` (of the month), `days`, `weekday` (its English name), `hours`, `minutes`, `seconds`, `milliseconds`, `nanoseconds` or `time` (milliseconds since 1970)",
        call: part,
        ..TEXT
    },
    Function {
        name: "normalizeDate",
        iris: idlab!("normalizeDate"),
        parameters: &[TEXT_OF_DATE, PATTERN],
        description: "the `xsd:date` of a text that fits a pattern of Java, with English names; null where it does not fit",
        call: |values| normalize(values, Moment::date),
        ..TEXT
    },
    Function {
        name: "normalizeDateWithLang",
        iris: idlab!("normalizeDateWithLang"),
        parameters: &[TEXT_OF_DATE, PATTERN, LANGUAGE],
        description: "like `normalizeDate`, with the names of a language",
        call: |values| normalize(values, Moment::date),
        ..TEXT
    },
    Function {
        name: "normalizeDateTime",
        iris: idlab!("normalizeDateTime"),
        parameters: &[TEXT_OF_DATE, PATTERN],
        description: "the `xsd:dateTime` of a text that fits a pattern of Java, with English names; null where it does not fit",
        call: |values| normalize(values, Moment::date_time),
        ..TEXT
    },
    Function {
        name: "normalizeDateTimeWithLang",
        iris: idlab!("normalizeDateTimeWithLang"),
        parameters: &[TEXT_OF_DATE, PATTERN, LANGUAGE],
        description: "like `normalizeDateTime`, with the names of a language",
        call: |values| normalize(values, Moment::date_time),
        ..TEXT
    },
];

fn to_date(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    let Some(pattern) = text(values, 1) else {
        return Moment::parse(whole.trim()).ok_or_else(|| {
            format!(
                "expected a date such as `2024-03-31`, found `{}`",
                shown(any(values, 0))
            )
        });
    };
    Format::parse(pattern, "en")?
        .read(whole)
        .map(Value::DateTime)
        .ok_or_else(|| {
            format!(
                "expected a date as `{pattern}`, found `{}`",
                shown(any(values, 0))
            )
        })
}

fn normalize(values: &[Value<'_>], write: fn(Moment) -> String) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    let pattern = text(values, 1).unwrap_or_default();
    let format = Format::parse(pattern, text(values, 2).unwrap_or("en"))?;
    Ok(format
        .read(whole)
        .map_or(Value::Null, |moment| write(moment).into()))
}

fn moment(values: &[Value<'_>], index: usize) -> Result<Moment, String> {
    match any(values, index) {
        Value::Date(moment) | Value::DateTime(moment) => Ok(*moment),
        other => Err(format!("expected a date, found {}", other.what())),
    }
}

#[derive(Clone, Copy)]
enum Unit {
    Months(i64),
    Nanos(i128),
}

fn unit(values: &[Value<'_>], index: usize) -> Result<Unit, String> {
    const SECOND: i128 = 1_000_000_000;
    let name = text(values, index).unwrap_or_default();
    Ok(match name.to_lowercase().as_str() {
        "centuries" => Unit::Months(1200),
        "decades" => Unit::Months(120),
        "years" | "year" => Unit::Months(12),
        "months" | "month" => Unit::Months(1),
        "weeks" | "week" | "w" => Unit::Nanos(7 * 86_400 * SECOND),
        "days" | "day" | "d" => Unit::Nanos(86_400 * SECOND),
        "hours" | "hour" | "h" => Unit::Nanos(3600 * SECOND),
        "minutes" | "minute" | "min" | "m" => Unit::Nanos(60 * SECOND),
        "seconds" | "second" | "sec" | "s" => Unit::Nanos(SECOND),
        "milliseconds" | "millis" | "ms" => Unit::Nanos(1_000_000),
        "micros" | "microseconds" => Unit::Nanos(1000),
        "nanoseconds" | "nanos" | "nano" | "n" => Unit::Nanos(1),
        _ => {
            return Err(format!(
                "expected a unit such as `years`, `months`, `days` or `seconds`, found `{name}`"
            ));
        }
    })
}

fn difference(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let (one, other) = (moment(values, 0)?.utc(), moment(values, 1)?.utc());
    let (first, last) = if one.total_nanos() <= other.total_nanos() {
        (one, other)
    } else {
        (other, one)
    };
    let count = match unit(values, 2)? {
        Unit::Nanos(unit) => (last.total_nanos() - first.total_nanos()) / unit,
        Unit::Months(unit) => {
            let months = |moment: Moment| {
                let (year, month, _) = moment.civil();
                year * 12 + month
            };
            let inside = |moment: Moment| {
                let (_, _, day) = moment.civil();
                (day, moment.local.rem_euclid(DAY), moment.nanos)
            };
            let whole = months(last) - months(first) - i64::from(inside(last) < inside(first));
            i128::from(whole / unit)
        }
    };
    i64::try_from(count)
        .map(Value::Integer)
        .map_err(|_| "its value does not fit 64 bits".to_owned())
}

fn increase(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let far = || "its value is too far from today".to_owned();
    let moment = moment(values, 0)?;
    let by = integer(values, 1).unwrap_or(0);
    let later = match unit(values, 2)? {
        Unit::Nanos(unit) => {
            let total = unit
                .checked_mul(i128::from(by))
                .and_then(|by| by.checked_add(moment.total_nanos()))
                .ok_or_else(far)?;
            let nanos = total.rem_euclid(1_000_000_000);
            Moment {
                local: i64::try_from(total.div_euclid(1_000_000_000)).map_err(|_| far())?,
                nanos: u32::try_from(nanos).map_err(|_| far())?,
                zone: moment.zone,
            }
        }
        Unit::Months(unit) => {
            let (year, month, day) = moment.civil();
            let months = unit
                .checked_mul(by)
                .and_then(|by| by.checked_add(year * 12 + month - 1))
                .filter(|months| months.abs() < 120_000)
                .ok_or_else(far)?;
            let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
            // The last day of a shorter month.
            let next = if month == 12 {
                days(year + 1, 1, 1)
            } else {
                days(year, month + 1, 1)
            };
            let day = (days(year, month, 1) + day - 1).min(next - 1);
            Moment {
                local: day * DAY + moment.local.rem_euclid(DAY),
                ..moment
            }
        }
    };
    if later.local.abs() > FARTHEST || !(-9999..=9999).contains(&later.civil().0) {
        return Err(far());
    }
    Ok(match any(values, 0) {
        Value::Date(_) => Value::Date(later),
        _ => Value::DateTime(later),
    })
}

fn part(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let moment = moment(values, 0)?.utc();
    let (year, month, day) = moment.civil();
    let of_day = moment.local.rem_euclid(DAY);
    let name = text(values, 1).unwrap_or_default();
    let number = match name.to_lowercase().as_str() {
        "years" | "year" => year,
        "months" | "month" => month,
        "weeks" | "week" | "w" => (day - 1) / 7 + 1,
        "days" | "day" | "d" => day,
        "weekday" => {
            // 1970 began on a Thursday.
            let index = (moment.local.div_euclid(DAY) + 3).rem_euclid(7);
            let name = usize::try_from(index)
                .ok()
                .and_then(|index| months::ENGLISH_DAYS.get(index));
            return Ok(name.map_or(Value::Null, |name| Value::from(*name)));
        }
        "hours" | "hour" | "h" => of_day / 3600,
        "minutes" | "minute" | "min" => of_day / 60 % 60,
        "seconds" | "second" | "sec" | "s" => of_day % 60,
        "milliseconds" | "ms" => i64::from(moment.nanos / 1_000_000),
        "nanoseconds" | "nanos" | "nano" | "n" => i64::from(moment.nanos),
        "time" => moment.local * 1000 + i64::from(moment.nanos / 1_000_000),
        _ => {
            return Err(format!(
                "expected a part such as `years`, `months`, `weekday` or `hours`, found `{name}`"
            ));
        }
    };
    Ok(Value::Integer(number))
}

/// Days since 1970 of a day of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
