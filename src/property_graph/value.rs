//! Literals as values of a property graph, and back.
//!
//! In: lexical forms and datatypes. Out: the text of a native value. A native value stands for one
//! lexical form, its usual one; others are kept beside it, so that nothing is lost.

use crate::rdf::moment::parse_fields;
use crate::rdf::vocab::xsd;
use crate::rdf::xsd::Datatype;
use serde::{Deserialize, Serialize};

/// The type that the values of a property have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `true` or `false`
    Boolean,
    /// A whole number of 64 bits.
    Integer,
    /// A finite floating point number of 64 bits.
    Double,
    /// A day of the years 1 to 9999, without a time zone.
    Date,
    /// A day and a time without a time zone.
    LocalDateTime,
    /// A day and a time with a time zone.
    DateTime,
    /// Any text.
    String,
}

/// How `xsd:decimal` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimals {
    /// As floating point numbers, with the exact digits beside those that are none.
    #[default]
    Double,
    /// As text.
    String,
}

/// The greatest number of digits of a fraction of a second that all databases keep.
const MOST_FRACTION_DIGITS: usize = 6;

/// The greatest length of a number that is written without an exponent.
const MOST_NUMBER: usize = 24;

impl Kind {
    /// The kind of a datatype's values. For `xsd:dateTime` it is [`Kind::LocalDateTime`], though the
    /// values may have time zones.
    pub fn of_datatype(iri: &str, decimals: Decimals) -> Self {
        match Datatype::of_iri(iri) {
            Some(Datatype::Boolean) => Self::Boolean,
            Some(datatype) if datatype.is_integer() => Self::Integer,
            Some(Datatype::Decimal) if decimals == Decimals::Double => Self::Double,
            Some(Datatype::Double | Datatype::Float) => Self::Double,
            Some(Datatype::Date) => Self::Date,
            Some(Datatype::DateTime) => Self::LocalDateTime,
            Some(Datatype::DateTimeStamp) => Self::DateTime,
            _ => Self::String,
        }
    }

    /// The native value that a lexical form stands for, as text; `None` where there is none.
    ///
    /// Numbers are as Rust writes them: whole ones without a point, others always with a point or an
    /// exponent.
    pub fn native(self, datatype: &str, lexical: &str) -> Option<String> {
        if self == Self::String {
            return Some(lexical.to_owned());
        }
        let known = Datatype::of_iri(datatype)?;
        if !known.accepts(lexical) {
            return None;
        }
        match self {
            Self::Boolean => Some(matches!(lexical, "true" | "1").to_string()),
            Self::Integer => Some(lexical.parse::<i64>().ok()?.to_string()),
            Self::Double => {
                let number: f64 = lexical.parse().ok()?;
                number.is_finite().then(|| double(number))
            }
            Self::Date => {
                let year = parse_fields(known, lexical)?.year;
                (1..=9999)
                    .contains(&year)
                    .then(|| lexical.get(..10).map(str::to_owned))?
            }
            Self::LocalDateTime | Self::DateTime => {
                let fields = parse_fields(known, lexical)?;
                let fits = (1..=9999).contains(&fields.year)
                    && fields.hour < 24
                    && fields.fraction.len() <= MOST_FRACTION_DIGITS
                    && fields.zone.is_some() == (self == Self::DateTime);
                fits.then(|| lexical.to_owned())
            }
            Self::String => None,
        }
    }

    /// The lexical form that a native value stands for where no other is kept beside it.
    pub fn lexical(self, datatype: &str, native: &str) -> String {
        if self != Self::Double {
            return native.to_owned();
        }
        let Ok(number) = native.parse::<f64>() else {
            return native.to_owned();
        };
        let plain = number.to_string();
        // A decimal has no exponent.
        if plain.len() <= MOST_NUMBER || datatype == DECIMAL {
            plain
        } else {
            native.to_owned()
        }
    }
}

/// A floating point number that reads as one.
pub(super) fn double(number: f64) -> String {
    format!("{number:?}")
}

/// The name of a datatype behind its namespace.
pub(super) fn datatype_name(iri: &str) -> &str {
    iri.strip_prefix(xsd::NS).unwrap_or(iri)
}

const DECIMAL: &str = "http://www.w3.org/2001/XMLSchema#decimal";

#[cfg(test)]
mod tests {
    use super::*;

    fn native(datatype: &str, lexical: &str) -> Option<String> {
        let iri = format!("{}{datatype}", xsd::NS);
        Kind::of_datatype(&iri, Decimals::Double).native(&iri, lexical)
    }

    #[test]
    fn values_are_native_where_they_fit() {
        let check = |datatype: &str, lexical: &str, expected: Option<&str>| {
            assert_eq!(
                native(datatype, lexical).as_deref(),
                expected,
                "{lexical:?} {datatype}"
            );
        };
        check("boolean", "1", Some("true"));
        check("boolean", "yes", None);
        check("integer", "007", Some("7"));
        check("integer", "9223372036854775808", None);
        check("byte", "300", None);
        check("decimal", "3", Some("3.0"));
        check("decimal", "1e3", None);
        check("double", "1e3", Some("1000.0"));
        check("double", "INF", None);
        check("date", "2014-06-29Z", Some("2014-06-29"));
        check("date", "-0044-03-15", None);
        check("date", "2014-02-30", None);
        check("dateTime", "2014-06-29T24:00:00", None);
        check("string", "", Some(""));
        check("gYear", "2014", Some("2014"));
    }

    #[test]
    fn usual_forms_come_back() {
        let decimal = format!("{}decimal", xsd::NS);
        let double = format!("{}double", xsd::NS);
        assert_eq!(Kind::Double.lexical(&decimal, "3.0"), "3");
        assert_eq!(Kind::Double.lexical(&decimal, "1e25").len(), 26);
        assert_eq!(Kind::Double.lexical(&double, "1e25"), "1e25");
        assert_eq!(Kind::Integer.lexical(&double, "7"), "7");
    }
}
