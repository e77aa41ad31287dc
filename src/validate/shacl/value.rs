//! Literals: which are well-formed for a datatype, and how their values are ordered.

use oxrdf::vocab::xsd;
use oxrdf::{Literal, LiteralRef, NamedNodeRef};
use oxsdatatypes::{
    Boolean, Date, DateTime, DayTimeDuration, Decimal, Double, Duration, Float, GDay, GMonth,
    GMonthDay, GYear, GYearMonth, Integer, Time, YearMonthDuration,
};
use std::cmp::Ordering;
use std::str::FromStr;

/// The namespace of the XML Schema datatypes.
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Whether a literal has a datatype and is well-formed.
///
/// The store keeps the values of datatypes derived from `xsd:integer` but not their names, and takes
/// `xsd:dateTimeStamp` for `xsd:dateTime`. So an integer counts as having each derived type whose
/// range it is in, and a date and time with a zone as a stamp.
///
/// Spec: shacl §4.1.2
pub(super) fn has_datatype(literal: &Literal, datatype: NamedNodeRef<'_>) -> bool {
    let stated = literal.datatype();
    if stated == datatype {
        return is_well_formed(literal.value(), datatype);
    }
    let local = datatype.as_str().strip_prefix(XSD);
    if stated == xsd::INTEGER {
        return local.is_some_and(|local| {
            integer_range(local).is_some() && is_in_integer_range(literal.value(), local)
        });
    }
    stated == xsd::DATE_TIME
        && local == Some("dateTimeStamp")
        && is_well_formed(literal.value(), datatype)
}

/// Whether a lexical form is one of a datatype's; those of unknown datatypes all are.
fn is_well_formed(value: &str, datatype: NamedNodeRef<'_>) -> bool {
    let Some(local) = datatype.as_str().strip_prefix(XSD) else {
        return true;
    };
    match local {
        "boolean" => parses::<Boolean>(value),
        "decimal" => parses::<Decimal>(value) || is_long_decimal(value),
        "float" => parses::<Float>(value),
        "double" => parses::<Double>(value),
        "date" => parses::<Date>(value),
        "dateTime" => parses::<DateTime>(value),
        "dateTimeStamp" => {
            DateTime::from_str(value).is_ok_and(|value| value.timezone_offset().is_some())
        }
        "time" => parses::<Time>(value),
        "gYear" => parses::<GYear>(value),
        "gYearMonth" => parses::<GYearMonth>(value),
        "gMonth" => parses::<GMonth>(value),
        "gMonthDay" => parses::<GMonthDay>(value),
        "gDay" => parses::<GDay>(value),
        "duration" => parses::<Duration>(value),
        "yearMonthDuration" => parses::<YearMonthDuration>(value),
        "dayTimeDuration" => parses::<DayTimeDuration>(value),
        "hexBinary" => {
            value.len().is_multiple_of(2) && value.bytes().all(|b| b.is_ascii_hexdigit())
        }
        "base64Binary" => is_base64(value),
        "language" => is_language(value),
        "integer" => is_integer(value),
        _ => integer_range(local).is_none() || is_in_integer_range(value, local),
    }
}

fn parses<T: FromStr>(value: &str) -> bool {
    value.parse::<T>().is_ok()
}

fn digits(value: &str) -> &str {
    value.strip_prefix(['+', '-']).unwrap_or(value)
}

/// Integers have any number of digits, so they are not parsed.
fn is_integer(value: &str) -> bool {
    let digits = digits(value);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_long_decimal(value: &str) -> bool {
    let digits = digits(value);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    !(whole.is_empty() && fraction.is_empty())
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
}

fn is_base64(value: &str) -> bool {
    let letters: Vec<u8> = value.bytes().filter(|&b| b != b' ').collect();
    let padding = letters.iter().rev().take_while(|&&b| b == b'=').count();
    letters.len().is_multiple_of(4)
        && padding <= 2
        && letters[..letters.len() - padding]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

fn is_language(value: &str) -> bool {
    value.split('-').enumerate().all(|(index, part)| {
        (1..=8).contains(&part.len())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || (index > 0 && b.is_ascii_digit()))
    })
}

/// Gives the bounds of a datatype derived from `xsd:integer`, by its local name.
fn integer_range(local: &str) -> Option<(Option<i128>, Option<i128>)> {
    let range = |min: i128, max: i128| Some((Some(min), Some(max)));
    match local {
        "byte" => range(i8::MIN.into(), i8::MAX.into()),
        "short" => range(i16::MIN.into(), i16::MAX.into()),
        "int" => range(i32::MIN.into(), i32::MAX.into()),
        "long" => range(i64::MIN.into(), i64::MAX.into()),
        "unsignedByte" => range(0, u8::MAX.into()),
        "unsignedShort" => range(0, u16::MAX.into()),
        "unsignedInt" => range(0, u32::MAX.into()),
        "unsignedLong" => range(0, u64::MAX.into()),
        "positiveInteger" => Some((Some(1), None)),
        "nonNegativeInteger" => Some((Some(0), None)),
        "negativeInteger" => Some((None, Some(-1))),
        "nonPositiveInteger" => Some((None, Some(0))),
        _ => None,
    }
}

fn is_in_integer_range(value: &str, local: &str) -> bool {
    let Some((min, max)) = integer_range(local) else {
        return false;
    };
    if !is_integer(value) {
        return false;
    }
    match value.parse::<i128>() {
        Ok(value) => min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max),
        // Too long for any bound: what counts is the side that is open.
        Err(_) => {
            if value.starts_with('-') {
                min.is_none()
            } else {
                max.is_none()
            }
        }
    }
}

/// A value that SPARQL's `<` can order.
enum Value<'a> {
    Boolean(Boolean),
    Integer(Integer),
    Decimal(Decimal),
    Float(Float),
    Double(Double),
    String(&'a str),
    DateTime(DateTime),
    Date(Date),
    Time(Time),
    GYear(GYear),
    GYearMonth(GYearMonth),
    GMonth(GMonth),
    GMonthDay(GMonthDay),
    GDay(GDay),
    Duration(Duration),
}

impl<'a> Value<'a> {
    fn parse(literal: LiteralRef<'a>) -> Option<Self> {
        let value = literal.value();
        let datatype = literal.datatype();
        let local = datatype.as_str().strip_prefix(XSD)?;
        match local {
            "boolean" => value.parse().ok().map(Self::Boolean),
            "decimal" => value.parse().ok().map(Self::Decimal),
            "float" => value.parse().ok().map(Self::Float),
            "double" => value.parse().ok().map(Self::Double),
            "string" => Some(Self::String(value)),
            "dateTime" | "dateTimeStamp" => value.parse().ok().map(Self::DateTime),
            "date" => value.parse().ok().map(Self::Date),
            "time" => value.parse().ok().map(Self::Time),
            "gYear" => value.parse().ok().map(Self::GYear),
            "gYearMonth" => value.parse().ok().map(Self::GYearMonth),
            "gMonth" => value.parse().ok().map(Self::GMonth),
            "gMonthDay" => value.parse().ok().map(Self::GMonthDay),
            "gDay" => value.parse().ok().map(Self::GDay),
            "duration" | "yearMonthDuration" | "dayTimeDuration" => {
                value.parse().ok().map(Self::Duration)
            }
            _ if local == "integer" || integer_range(local).is_some() => {
                value.parse().ok().map(Self::Integer)
            }
            _ => None,
        }
    }

    /// Gives a number as the widest of the two kinds needs it.
    fn as_double(&self) -> Option<Double> {
        match self {
            Self::Integer(value) => Some((*value).into()),
            Self::Decimal(value) => Some((*value).into()),
            Self::Float(value) => Some((*value).into()),
            Self::Double(value) => Some(*value),
            _ => None,
        }
    }

    fn as_float(&self) -> Option<Float> {
        match self {
            Self::Integer(value) => Some((*value).into()),
            Self::Decimal(value) => Some((*value).into()),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(value) => Some((*value).into()),
            Self::Decimal(value) => Some(*value),
            _ => None,
        }
    }
}

/// Orders two literals as SPARQL's `<` does; nothing when it cannot.
///
/// Spec: sparql11-query §17.3
pub(super) fn compare_values(a: LiteralRef<'_>, b: LiteralRef<'_>) -> Option<Ordering> {
    match (Value::parse(a)?, Value::parse(b)?) {
        (Value::Boolean(a), Value::Boolean(b)) => a.partial_cmp(&b),
        (Value::Integer(a), Value::Integer(b)) => a.partial_cmp(&b),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::DateTime(a), Value::DateTime(b)) => a.partial_cmp(&b),
        (Value::Date(a), Value::Date(b)) => a.partial_cmp(&b),
        (Value::Time(a), Value::Time(b)) => a.partial_cmp(&b),
        (Value::GYear(a), Value::GYear(b)) => a.partial_cmp(&b),
        (Value::GYearMonth(a), Value::GYearMonth(b)) => a.partial_cmp(&b),
        (Value::GMonth(a), Value::GMonth(b)) => a.partial_cmp(&b),
        (Value::GMonthDay(a), Value::GMonthDay(b)) => a.partial_cmp(&b),
        (Value::GDay(a), Value::GDay(b)) => a.partial_cmp(&b),
        (Value::Duration(a), Value::Duration(b)) => a.partial_cmp(&b),
        (a @ Value::Double(_), b) | (a, b @ Value::Double(_)) => {
            a.as_double()?.partial_cmp(&b.as_double()?)
        }
        (a @ Value::Float(_), b) | (a, b @ Value::Float(_)) => {
            a.as_float()?.partial_cmp(&b.as_float()?)
        }
        (a, b) => a.as_decimal()?.partial_cmp(&b.as_decimal()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::NamedNode;

    fn literal(value: &str, local: &str) -> Literal {
        Literal::new_typed_literal(value, NamedNode::new_unchecked(format!("{XSD}{local}")))
    }

    fn compare(a: (&str, &str), b: (&str, &str)) -> Option<Ordering> {
        compare_values(literal(a.0, a.1).as_ref(), literal(b.0, b.1).as_ref())
    }

    #[test]
    fn numbers_of_different_types_are_ordered() {
        assert_eq!(
            compare(("1", "integer"), ("1.5", "decimal")),
            Some(Ordering::Less)
        );
        assert_eq!(
            compare(("2", "byte"), ("1e0", "double")),
            Some(Ordering::Greater)
        );
        assert_eq!(
            compare(("1.0", "decimal"), ("1", "float")),
            Some(Ordering::Equal)
        );
        assert_eq!(compare(("NaN", "double"), ("1", "integer")), None);
    }

    #[test]
    fn what_has_no_order_is_not_ordered() {
        assert_eq!(compare(("1", "integer"), ("1", "string")), None);
        assert_eq!(compare(("x", "integer"), ("1", "integer")), None);
        let no_zone = ("2014-01-01T00:00:00", "dateTime");
        assert_eq!(compare(no_zone, ("2014-01-01T01:00:00Z", "dateTime")), None);
    }

    #[test]
    fn dates_and_strings_are_ordered() {
        assert_eq!(
            compare(("2014-09-05", "date"), ("2014-12-03", "date")),
            Some(Ordering::Less)
        );
        assert_eq!(
            compare(("b", "string"), ("a", "string")),
            Some(Ordering::Greater)
        );
    }

    #[test]
    fn lexical_forms_are_checked() {
        let well_formed = |value: &str, local: &str| {
            is_well_formed(
                value,
                NamedNode::new_unchecked(format!("{XSD}{local}")).as_ref(),
            )
        };
        assert!(well_formed("123456789012345678901234567890", "integer"));
        assert!(!well_formed("1.0", "integer"));
        assert!(!well_formed("300", "byte"));
        assert!(well_formed(
            "-99999999999999999999999999999999999999999999",
            "negativeInteger"
        ));
        assert!(!well_formed("2014-02-30", "date"));
        assert!(!well_formed("2014-01-01T00:00:00", "dateTimeStamp"));
        assert!(well_formed("ZW4=", "base64Binary"));
        assert!(!well_formed("ar_SA", "language"));
        assert!(well_formed("anything", "anyURI"));
    }

    #[test]
    fn a_stored_integer_has_the_derived_types_of_its_range() {
        let integer = literal("300", "integer");
        let xsd = |local: &str| NamedNode::new_unchecked(format!("{XSD}{local}"));
        assert!(has_datatype(&integer, xsd("nonNegativeInteger").as_ref()));
        assert!(!has_datatype(&integer, xsd("byte").as_ref()));
        assert!(!has_datatype(&integer, xsd("decimal").as_ref()));
    }
}
