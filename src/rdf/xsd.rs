//! The XML Schema datatypes: which texts are lexical forms, and how values compare.
//!
//! In: a datatype and a text. Out: whether it is a lexical form, and a [`Value`] that compares by
//! value. Texts are never rewritten here: a lexical form survives as it is.
//!
//! Numbers have any number of digits and years up to 18, which is why machine types do not serve.

mod lexical;

use super::moment::{Duration, Moment, parse_duration, parse_fields};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The datatypes that tables may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "named as in XML Schema")]
pub enum Datatype {
    AnyAtomicType,
    AnyUri,
    Base64Binary,
    Boolean,
    Date,
    DateTime,
    DateTimeStamp,
    Decimal,
    Integer,
    Long,
    Int,
    Short,
    Byte,
    NonNegativeInteger,
    PositiveInteger,
    UnsignedLong,
    UnsignedInt,
    UnsignedShort,
    UnsignedByte,
    NonPositiveInteger,
    NegativeInteger,
    Double,
    Duration,
    DayTimeDuration,
    YearMonthDuration,
    Float,
    GDay,
    GMonth,
    GMonthDay,
    GYear,
    GYearMonth,
    HexBinary,
    QName,
    String,
    NormalizedString,
    Token,
    Language,
    Name,
    NmToken,
    Time,
    /// Markup or other text that is kept to the letter: HTML, XML, JSON.
    Markup,
}

/// How white space in a text is treated before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhiteSpace {
    /// It is kept.
    Preserve,
    /// Tabs and line ends become spaces.
    Replace,
    /// Those become spaces, runs of spaces one, and none stands at the ends.
    Collapse,
}

impl Datatype {
    /// The datatype that an IRI names, where it is one of XML Schema that is known.
    pub fn of_iri(iri: &str) -> Option<Self> {
        let name = iri.strip_prefix("http://www.w3.org/2001/XMLSchema#")?;
        Some(match name {
            "anyURI" => Self::AnyUri,
            "base64Binary" => Self::Base64Binary,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "dateTimeStamp" => Self::DateTimeStamp,
            "decimal" => Self::Decimal,
            "integer" => Self::Integer,
            "long" => Self::Long,
            "int" => Self::Int,
            "short" => Self::Short,
            "byte" => Self::Byte,
            "nonNegativeInteger" => Self::NonNegativeInteger,
            "positiveInteger" => Self::PositiveInteger,
            "unsignedLong" => Self::UnsignedLong,
            "unsignedInt" => Self::UnsignedInt,
            "unsignedShort" => Self::UnsignedShort,
            "unsignedByte" => Self::UnsignedByte,
            "nonPositiveInteger" => Self::NonPositiveInteger,
            "negativeInteger" => Self::NegativeInteger,
            "double" => Self::Double,
            "duration" => Self::Duration,
            "dayTimeDuration" => Self::DayTimeDuration,
            "yearMonthDuration" => Self::YearMonthDuration,
            "float" => Self::Float,
            "gDay" => Self::GDay,
            "gMonth" => Self::GMonth,
            "gMonthDay" => Self::GMonthDay,
            "gYear" => Self::GYear,
            "gYearMonth" => Self::GYearMonth,
            "hexBinary" => Self::HexBinary,
            "QName" => Self::QName,
            "string" => Self::String,
            "normalizedString" => Self::NormalizedString,
            "token" => Self::Token,
            "language" => Self::Language,
            "Name" => Self::Name,
            "NMTOKEN" => Self::NmToken,
            "time" => Self::Time,
            _ => return None,
        })
    }

    /// How white space is treated.
    ///
    /// Spec: XSD 1.1 part 2 §4.3.6
    pub fn white_space(self) -> WhiteSpace {
        match self {
            Self::String | Self::AnyAtomicType | Self::Markup => WhiteSpace::Preserve,
            Self::NormalizedString => WhiteSpace::Replace,
            _ => WhiteSpace::Collapse,
        }
    }

    /// Whether it is `xsd:decimal` or derived from it.
    pub fn is_decimal(self) -> bool {
        self == Self::Decimal || self.is_integer()
    }

    /// Whether it is `xsd:integer` or derived from it.
    pub fn is_integer(self) -> bool {
        matches!(
            self,
            Self::Integer
                | Self::Long
                | Self::Int
                | Self::Short
                | Self::Byte
                | Self::NonNegativeInteger
                | Self::PositiveInteger
                | Self::UnsignedLong
                | Self::UnsignedInt
                | Self::UnsignedShort
                | Self::UnsignedByte
                | Self::NonPositiveInteger
                | Self::NegativeInteger
        )
    }

    /// Whether its values are numbers.
    pub fn is_numeric(self) -> bool {
        self.is_decimal() || matches!(self, Self::Double | Self::Float)
    }

    /// Whether its values are dates, times or both.
    pub fn is_date_or_time(self) -> bool {
        matches!(
            self,
            Self::Date | Self::DateTime | Self::DateTimeStamp | Self::Time
        )
    }

    /// Whether its values are parts of dates: years, months, days.
    pub fn is_date_part(self) -> bool {
        matches!(
            self,
            Self::GDay | Self::GMonth | Self::GMonthDay | Self::GYear | Self::GYearMonth
        )
    }

    /// Whether its values are durations.
    pub fn is_duration(self) -> bool {
        matches!(
            self,
            Self::Duration | Self::DayTimeDuration | Self::YearMonthDuration
        )
    }

    /// Whether its values have a length that facets can use: strings and binaries.
    ///
    /// Spec: metadata §5.11.2
    pub fn has_length(self) -> bool {
        matches!(
            self,
            Self::String
                | Self::NormalizedString
                | Self::Token
                | Self::Language
                | Self::Name
                | Self::NmToken
                | Self::Base64Binary
                | Self::HexBinary
                | Self::Markup
        )
    }

    /// Whether its values have an order that bounds can use.
    pub fn is_ordered(self) -> bool {
        self.is_numeric() || self.is_date_or_time() || self.is_date_part() || self.is_duration()
    }

    // Whether an integer is within the range of the datatype.
    //
    // Spec: XSD 1.1 part 2 §3.4.13 to §3.4.25
    fn holds(self, value: &Decimal) -> bool {
        let bits = match self {
            Self::Long => 63,
            Self::Int => 31,
            Self::Short => 15,
            Self::Byte => 7,
            Self::UnsignedLong => 64,
            Self::UnsignedInt => 32,
            Self::UnsignedShort => 16,
            Self::UnsignedByte => 8,
            Self::NonNegativeInteger => return !value.negative,
            Self::PositiveInteger => return !value.negative && !value.whole.is_empty(),
            Self::NonPositiveInteger => return value.negative || value.whole.is_empty(),
            Self::NegativeInteger => return value.negative,
            _ => return true,
        };
        let is_unsigned = matches!(
            self,
            Self::UnsignedLong | Self::UnsignedInt | Self::UnsignedShort | Self::UnsignedByte
        );
        if value.whole.len() > 20 || (value.negative && is_unsigned) {
            return false;
        }
        let magnitude: u128 = value.whole.parse().unwrap_or_default();
        magnitude < (1 << bits) || (value.negative && magnitude == 1 << bits)
    }

    /// Whether a text is a lexical form, white space already treated.
    ///
    /// Spec: XSD 1.1 part 2 §3.3, §3.4
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::String | Self::AnyAtomicType | Self::Markup => true,
            Self::NormalizedString => !text.bytes().any(|b| matches!(b, b'\t' | b'\n' | b'\r')),
            Self::Token => is_collapsed(text),
            Self::Language => is_language(text),
            Self::Name => text.starts_with(is_name_start) && text.chars().all(is_name_character),
            Self::NmToken => !text.is_empty() && text.chars().all(is_name_character),
            Self::QName => {
                let parts: Vec<&str> = text.split(':').collect();
                parts.len() <= 2
                    && parts
                        .iter()
                        .all(|part| Self::Name.accepts(part) && !part.contains(':'))
            }
            // Any text is: what resolves is another matter.
            Self::AnyUri => true,
            Self::Decimal => lexical::is_decimal(text),
            Self::Double | Self::Float => lexical::is_double(text),
            Self::Boolean => matches!(text, "true" | "false" | "1" | "0"),
            Self::Date
            | Self::DateTime
            | Self::DateTimeStamp
            | Self::Time
            | Self::GDay
            | Self::GMonth
            | Self::GMonthDay
            | Self::GYear
            | Self::GYearMonth => lexical::is_moment(self, text),
            Self::Base64Binary => is_base64(text),
            Self::HexBinary => {
                text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())
            }
            Self::Duration | Self::DayTimeDuration | Self::YearMonthDuration => {
                parse_duration(self, text).is_some()
            }
            Self::Integer
            | Self::Long
            | Self::Int
            | Self::Short
            | Self::Byte
            | Self::NonNegativeInteger
            | Self::PositiveInteger
            | Self::UnsignedLong
            | Self::UnsignedInt
            | Self::UnsignedShort
            | Self::UnsignedByte
            | Self::NonPositiveInteger
            | Self::NegativeInteger => lexical::is_integer(self, text),
        }
    }

    /// The length of a value for the length facets: code points, or bytes of a binary.
    pub fn length(self, text: &str) -> usize {
        match self {
            Self::HexBinary => text.len() / 2,
            Self::Base64Binary => {
                let symbols = text
                    .bytes()
                    .filter(|byte| !matches!(byte, b' ' | b'='))
                    .count();
                symbols * 3 / 4
            }
            _ => text.chars().count(),
        }
    }
}

/// Whether collapsing white space would leave a text as it is.
///
/// Spec: XSD 1.1 part 2 §4.3.6
#[inline]
pub(crate) fn is_collapsed(text: &str) -> bool {
    lexical::is_collapsed(text.as_bytes())
}

fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|first| {
        (1..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic())
    }) && parts.all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

// Spec: XML 1.0 §2.3
fn is_name_start(c: char) -> bool {
    matches!(
        c,
        ':' | 'A'..='Z'
            | '_'
            | 'a'..='z'
            | '\u{C0}'..='\u{D6}'
            | '\u{D8}'..='\u{F6}'
            | '\u{F8}'..='\u{2FF}'
            | '\u{370}'..='\u{37D}'
            | '\u{37F}'..='\u{1FFF}'
            | '\u{200C}'..='\u{200D}'
            | '\u{2070}'..='\u{218F}'
            | '\u{2C00}'..='\u{2FEF}'
            | '\u{3001}'..='\u{D7FF}'
            | '\u{F900}'..='\u{FDCF}'
            | '\u{FDF0}'..='\u{FFFD}'
            | '\u{10000}'..='\u{EFFFF}'
    )
}

// Spec: XML 1.0 §2.3
fn is_name_character(c: char) -> bool {
    is_name_start(c)
        || matches!(
            c,
            '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}'
        )
}

// Single spaces may stand between symbols; bits that the padding leaves over are zero.
//
// Spec: XSD 1.1 part 2 §3.3.16
fn is_base64(text: &str) -> bool {
    if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
        return false;
    }
    let mut count = 0_usize;
    let mut padding = 0;
    let mut last = b'A';
    for symbol in text.bytes().filter(|byte| *byte != b' ') {
        count += 1;
        match symbol {
            b'=' => padding += 1,
            _ if padding > 0 => return false,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => last = symbol,
            _ => return false,
        }
    }
    let last_fits = match padding {
        0 => true,
        1 => b"AEIMQUYcgkosw048".contains(&last),
        2 => b"AQgw".contains(&last),
        _ => false,
    };
    count.is_multiple_of(4) && last_fits
}

/// A value that compares as its datatype says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A decimal number of any size.
    Decimal(Decimal),
    /// A floating-point number.
    Double(f64),
    /// A truth value.
    Boolean(bool),
    /// A point in time, or a recurring one.
    Moment(Moment),
    /// Months and seconds.
    Duration(Duration),
    /// Anything else: equal when the texts are.
    Text(String),
}

/// A decimal number: a sign, and digits without superfluous zeros.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Reads `[+-]?[0-9]*(\.[0-9]*)?` with at least one digit.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, whole, fraction) = Self::split(text)?;
        Some(Self {
            negative,
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
        })
    }

    /// What [`Decimal::parse`] reads, in parts without superfluous zeros: whether it is below zero,
    /// and the digits before and after the point. Equal numbers have equal parts.
    pub fn split(text: &str) -> Option<(bool, &str, &str)> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction)
        {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Some((negative && !zero, whole, fraction))
    }

    /// Moves the decimal point to the left (dividing by a power of ten).
    #[must_use]
    pub fn shifted_left(&self, places: usize) -> Self {
        let padded = format!("{:0>1$}", self.whole, places + 1);
        let (whole, moved) = padded.split_at(padded.len() - places);
        Self {
            negative: self.negative,
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: format!("{moved}{}", self.fraction)
                .trim_end_matches('0')
                .to_owned(),
        }
    }

    /// The shortest lexical form that has a digit before any point.
    pub fn to_lexical(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        if self.fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{}", self.fraction)
        }
    }

    fn magnitude_cmp(&self, other: &Self) -> Ordering {
        // Whole parts have no leading zeros: the longer is the larger.
        (self.whole.len(), &self.whole, &self.fraction).cmp(&(
            other.whole.len(),
            &other.whole,
            &other.fraction,
        ))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude_cmp(other),
            (true, true) => other.magnitude_cmp(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Value {
    /// Reads a lexical form; `None` where it is not one.
    pub fn parse(datatype: Datatype, text: &str) -> Option<Self> {
        use Datatype as D;
        if datatype.is_decimal() {
            let value = Decimal::parse(text)?;
            if datatype.is_integer() && (text.contains('.') || !datatype.holds(&value)) {
                return None;
            }
            return Some(Self::Decimal(value));
        }
        match datatype {
            D::Double => parse_double(text).map(Self::Double),
            D::Float => parse_float(text).map(Self::Double),
            D::Boolean => match text {
                "true" | "1" => Some(Self::Boolean(true)),
                "false" | "0" => Some(Self::Boolean(false)),
                _ => None,
            },
            D::Duration | D::DayTimeDuration | D::YearMonthDuration => {
                parse_duration(datatype, text).map(Self::Duration)
            }
            D::Date
            | D::DateTime
            | D::DateTimeStamp
            | D::Time
            | D::GDay
            | D::GMonth
            | D::GMonthDay
            | D::GYear
            | D::GYearMonth => parse_fields(datatype, text)?
                .moment(datatype)
                .map(Self::Moment),
            _ => datatype.accepts(text).then(|| Self::Text(text.to_owned())),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Decimal(a), Self::Decimal(b)) => a.partial_cmp(b),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(b),
            (Self::Moment(a), Self::Moment(b)) => a.partial_cmp(b),
            (Self::Duration(a), Self::Duration(b)) => a.partial_cmp(b),
            _ => None,
        }
    }
}

/// Reads an `xsd:float`, which has no more than single precision.
///
/// Spec: XSD 1.1 part 2 §3.3.4
pub fn parse_float(text: &str) -> Option<f64> {
    let double = parse_double(text)?;
    if double.is_finite() {
        // The text is rounded once, not by way of the double.
        let float: f32 = shortened(text)?.parse().ok()?;
        Some(f64::from(float))
    } else {
        Some(double)
    }
}

/// Reads an `xsd:double`.
///
/// Spec: XSD 1.1 part 2 §3.3.5
pub fn parse_double(text: &str) -> Option<f64> {
    match text {
        "INF" | "+INF" => return Some(f64::INFINITY),
        "-INF" => return Some(f64::NEG_INFINITY),
        "NaN" => return Some(f64::NAN),
        _ => {}
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    Decimal::split(mantissa)?;
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
    }
    shortened(text)?.parse().ok()
}

// A number of floating point with no more digits than matter: the parser of the standard library
// loses count of exponents that have to make up for very many digits.
fn shortened(text: &str) -> Option<Cow<'_, str>> {
    /// More digits than any midpoint between two doubles has.
    const MOST_DIGITS: usize = 800;
    if text.len() <= MOST_DIGITS {
        return Some(Cow::Borrowed(text));
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (negative, whole, fraction) = Decimal::split(mantissa)?;
    let sign = if negative { "-" } else { "" };
    let is_below = exponent.starts_with('-');
    let exponent = exponent
        .trim_start_matches(['+', '-'])
        .trim_start_matches('0');
    let exponent: i64 = match exponent.len() {
        0 => 0,
        1..=17 => exponent.parse().ok()?,
        _ => i64::MAX / 8,
    };
    let exponent = if is_below { -exponent } else { exponent };
    let leading_zeros = if whole.is_empty() {
        fraction.len() - fraction.trim_start_matches('0').len()
    } else {
        0
    };
    let digits: String = whole
        .chars()
        .chain(fraction.chars())
        .skip(leading_zeros)
        .take(MOST_DIGITS)
        .collect();
    // Where the point stands, counted from the first digit that is kept.
    let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading_zeros).ok()?;
    let power = (point + exponent).clamp(-10_000, 10_000);
    // What is cut off makes the number a little larger, never equal to a midpoint.
    let cut = whole.len() + fraction.len() - leading_zeros > MOST_DIGITS;
    let rest = if cut { "1" } else { "" };
    Some(Cow::Owned(format!("{sign}0.{digits}{rest}e{power}")))
}

#[cfg(test)]
mod tests;
