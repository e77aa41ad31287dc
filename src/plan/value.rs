//! What the text of a cell has to look like, and the lexical form that it becomes.
//!
//! In: a datatype with its format and facets, compiled once. Out: a lexical form for each text, or
//! the [`ValueFault`].

use super::date_pattern::DatePattern;
use super::ecma_regex::{EcmaRegex, WorkLimit};
use super::number_pattern::NumberPattern;
use crate::rdf::canonical::canonical;
use crate::rdf::xsd::{Datatype, Value, WhiteSpace, is_collapsed};
use oxrdf::NamedNode;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A datatype with its format and facets.
#[derive(Debug, Clone)]
pub struct ValueType {
    /// What messages call it, such as `date` or `decimal`.
    pub name: String,
    /// The XSD datatype whose rules hold.
    pub datatype: Datatype,
    /// The datatype IRI of the literals.
    pub iri: NamedNode,
    /// How values are written in the table.
    pub format: ValueFormat,
    /// The format to the letter, for messages.
    pub format_text: Option<String>,
    /// Lengths and bounds.
    pub facets: Facets,
}

/// How values are written in the table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ValueFormat {
    /// As XML Schema writes them.
    Plain,
    /// Two words for true and false.
    Boolean(String, String),
    /// With separators or in a pattern.
    Number(Box<NumberPattern>),
    /// In a pattern.
    Date(DatePattern),
    /// In full by a regular expression in ECMAScript syntax.
    Regex(EcmaRegex),
}

/// Lengths and bounds; all have to hold.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    /// The exact length.
    pub length: Option<usize>,
    /// The least length.
    pub min_length: Option<usize>,
    /// The greatest length.
    pub max_length: Option<usize>,
    /// Bounds of the value.
    pub bounds: Vec<Bound>,
}

/// One bound of a value.
#[derive(Debug, Clone)]
pub struct Bound {
    /// What it is called in messages, such as `minimum`.
    pub name: &'static str,
    /// The bound as written.
    pub text: String,
    /// Its value.
    pub value: Value,
    /// How a value has to compare with it.
    pub side: Side,
    /// Whether the bound itself is allowed.
    pub inclusive: bool,
}

/// On which side of a bound values lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Values are at least the bound.
    Above,
    /// Values are at most the bound.
    Below,
}

/// Why a text is not a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueFault {
    /// It is not a lexical form of the datatype.
    NotLexical,
    /// It does not have the format.
    Format,
    /// Telling whether it has the format would take too long.
    Work,
    /// It is too short or too long: its length and what was expected.
    Length(usize, String),
    /// It lies beyond a bound: the bound's name and text.
    Bound(&'static str, String),
}

impl ValueType {
    /// Plain strings.
    pub fn string() -> Self {
        Self {
            name: "string".to_owned(),
            datatype: Datatype::String,
            iri: oxrdf::vocab::xsd::STRING.into_owned(),
            format: ValueFormat::Plain,
            format_text: None,
            facets: Facets::default(),
        }
    }

    /// Gives the lexical form of a text that needs nothing done, as most cells do not: `None` where
    /// the type has a format or facets, or the text is not a value or may have to be normalized.
    ///
    /// What is given is what [`ValueType::normalize`] and [`ValueType::read`] make of the text.
    #[inline]
    pub fn quick<'t>(&self, text: &'t str) -> Option<&'t str> {
        if !matches!(self.format, ValueFormat::Plain) || !self.facets.is_empty() {
            return None;
        }
        match self.datatype {
            Datatype::String | Datatype::AnyAtomicType | Datatype::Markup => Some(text),
            // The values are true and false, however they are written.
            //
            // Spec: tabular-data-model §6.4.3
            Datatype::Boolean => match text {
                "true" | "1" => Some("true"),
                "false" | "0" => Some("false"),
                _ => None,
            },
            Datatype::AnyUri => is_collapsed(text).then_some(text),
            // No lexical form of the others has white space that would be treated.
            datatype => datatype.accepts(text).then_some(text),
        }
    }

    /// Treats white space as the datatype says.
    ///
    /// Spec: tabular-data-model §6.4, steps 1 and 2
    #[inline]
    pub fn normalize<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.datatype.white_space() {
            WhiteSpace::Preserve => Cow::Borrowed(text),
            WhiteSpace::Replace => {
                if text
                    .bytes()
                    .any(|byte| matches!(byte, b'\t' | b'\r' | b'\n'))
                {
                    Cow::Owned(text.replace(['\t', '\r', '\n'], " "))
                } else {
                    Cow::Borrowed(text)
                }
            }
            WhiteSpace::Collapse if is_collapsed(text) => Cow::Borrowed(text),
            WhiteSpace::Collapse => collapse(text),
        }
    }

    /// Turns a normalized text into a lexical form.
    ///
    /// # Errors
    /// Why it is not a value of this type.
    ///
    /// Spec: tabular-data-model §6.4, steps 7 to 9
    #[inline]
    pub fn read<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, ValueFault> {
        match self.quick(text) {
            Some(lexical) => Ok(Cow::Borrowed(lexical)),
            None => self.read_in_full(text),
        }
    }

    fn read_in_full<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, ValueFault> {
        let lexical = match &self.format {
            ValueFormat::Plain => self.read_plain(text)?,
            ValueFormat::Boolean(yes, no) => {
                if text == yes {
                    Cow::Borrowed("true")
                } else if text == no {
                    Cow::Borrowed("false")
                } else {
                    return Err(ValueFault::Format);
                }
            }
            ValueFormat::Number(pattern) => pattern
                .read(self.datatype, text)
                .map(Cow::Owned)
                .ok_or(ValueFault::Format)?,
            ValueFormat::Date(pattern) => pattern
                .read(self.datatype, text)
                .map(Cow::Owned)
                .ok_or(ValueFault::Format)?,
            ValueFormat::Regex(regex) => match regex.matches(text) {
                Ok(true) => Cow::Borrowed(text),
                Ok(false) => return Err(ValueFault::Format),
                Err(WorkLimit) => return Err(ValueFault::Work),
            },
        };
        // What has bounds is read in full below, to be compared.
        if self.facets.bounds.is_empty() && !self.datatype.accepts(&lexical) {
            return Err(ValueFault::NotLexical);
        }
        self.check_facets(&lexical)?;
        Ok(lexical)
    }

    fn read_plain<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, ValueFault> {
        // Per cent and per mille signs are allowed without a format, which is rare.
        if self.datatype.is_numeric() && text.ends_with(['%', '‰']) {
            return NumberPattern::new(None, None)
                .read(self.datatype, text)
                .map(Cow::Owned)
                .ok_or(ValueFault::NotLexical);
        }
        // The values are true and false, however they are written.
        //
        // Spec: tabular-data-model §6.4.3
        if self.datatype == Datatype::Boolean {
            return Ok(canonical(self.datatype, text));
        }
        Ok(Cow::Borrowed(text))
    }

    fn check_facets(&self, lexical: &str) -> Result<(), ValueFault> {
        let facets = &self.facets;
        if facets.length.is_some() || facets.min_length.is_some() || facets.max_length.is_some() {
            let length = self.datatype.length(lexical);
            let wrong = if facets.length.is_some_and(|wanted| length != wanted) {
                facets.length.map(|wanted| format!("exactly {wanted}"))
            } else if facets.min_length.is_some_and(|least| length < least) {
                facets.min_length.map(|least| format!("at least {least}"))
            } else if facets.max_length.is_some_and(|most| length > most) {
                facets.max_length.map(|most| format!("at most {most}"))
            } else {
                None
            };
            if let Some(wanted) = wrong {
                return Err(ValueFault::Length(length, wanted));
            }
        }
        if facets.bounds.is_empty() {
            return Ok(());
        }
        let Some(value) = Value::parse(self.datatype, lexical) else {
            return Err(ValueFault::NotLexical);
        };
        for bound in &facets.bounds {
            let order = value.partial_cmp(&bound.value);
            let holds = match (order, bound.side) {
                (Some(Ordering::Equal), _) => bound.inclusive,
                (Some(order), Side::Above) => order == Ordering::Greater,
                (Some(order), Side::Below) => order == Ordering::Less,
                (None, _) => false,
            };
            if !holds {
                return Err(ValueFault::Bound(bound.name, bound.text.clone()));
            }
        }
        Ok(())
    }
}

impl Facets {
    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.length.is_none()
            && self.min_length.is_none()
            && self.max_length.is_none()
            && self.bounds.is_empty()
    }
}

fn collapse(text: &str) -> Cow<'_, str> {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let trimmed = text.trim_matches(is_space);
    if is_collapsed(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    let words: Vec<&str> = trimmed
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    Cow::Owned(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value_type(datatype: Datatype) -> ValueType {
        ValueType {
            datatype,
            ..ValueType::string()
        }
    }

    #[test]
    fn lexical_forms_survive() {
        let decimal = value_type(Datatype::Decimal);
        assert_eq!(decimal.read("1000.50").as_deref(), Ok("1000.50"));
        assert_eq!(decimal.read("050").as_deref(), Ok("050"));
        assert_eq!(decimal.read("95%").as_deref(), Ok("0.95"));
        assert_eq!(decimal.read("x"), Err(ValueFault::NotLexical));
    }

    #[test]
    fn white_space_goes_by_datatype() {
        assert_eq!(value_type(Datatype::String).normalize(" a\n"), " a\n");
        assert_eq!(
            value_type(Datatype::NormalizedString).normalize(" a\n"),
            " a "
        );
        assert_eq!(value_type(Datatype::Token).normalize(" a \n b "), "a b");
    }

    #[test]
    fn facets_hold_for_values_not_texts() {
        let mut integer = value_type(Datatype::Integer);
        integer.facets.bounds.push(Bound {
            name: "maximum",
            text: "51".to_owned(),
            value: Value::parse(Datatype::Integer, "51").unwrap(),
            side: Side::Below,
            inclusive: true,
        });
        assert_eq!(integer.read("051").as_deref(), Ok("051"));
        assert_eq!(
            integer.read("52"),
            Err(ValueFault::Bound("maximum", "51".to_owned()))
        );
    }

    // Spec: tabular-data-model §4.6.1
    #[test]
    fn lengths_are_code_points_or_bytes() {
        let mut text = value_type(Datatype::String);
        text.facets.length = Some(2);
        assert_eq!(text.read("é😀").as_deref(), Ok("é😀"));
        assert!(matches!(text.read("abc"), Err(ValueFault::Length(3, _))));
        let mut binary = value_type(Datatype::HexBinary);
        binary.facets.max_length = Some(2);
        assert_eq!(binary.read("0FB7").as_deref(), Ok("0FB7"));
        assert!(matches!(
            binary.read("0FB700"),
            Err(ValueFault::Length(3, _))
        ));
    }

    // Spec: tabular-data-model §4.6.2, XSD 1.1 part 2 §4.3.10
    #[test]
    fn what_cannot_be_compared_with_a_bound_is_beyond_it() {
        for (datatype, bound, good, bad) in [
            (Datatype::Double, "5", "5.0", "NaN"),
            (Datatype::Date, "2020-01-02", "2020-01-02", "2020-01-02Z"),
            (Datatype::Duration, "P1M", "P32D", "P30D"),
        ] {
            let mut value = value_type(datatype);
            value.facets.bounds.push(Bound {
                name: "minimum",
                text: bound.to_owned(),
                value: Value::parse(datatype, bound).unwrap(),
                side: Side::Above,
                inclusive: true,
            });
            assert_eq!(value.read(good).as_deref(), Ok(good));
            assert!(matches!(value.read(bad), Err(ValueFault::Bound(..))));
        }
    }

    // Spec: tabular-data-model §6.4.3
    #[test]
    fn booleans_have_two_words() {
        let mut value = value_type(Datatype::Boolean);
        assert_eq!(value.read("1").as_deref(), Ok("true"));
        assert_eq!(value.read("TRUE"), Err(ValueFault::NotLexical));
        value.format = ValueFormat::Boolean("Y".to_owned(), "N".to_owned());
        assert_eq!(value.read("Y").as_deref(), Ok("true"));
        assert_eq!(value.read("N").as_deref(), Ok("false"));
        assert_eq!(value.read("true"), Err(ValueFault::Format));
    }

    // Spec: tabular-data-model §6.4.5
    #[test]
    fn durations_have_a_regular_expression() {
        let mut value = value_type(Datatype::Duration);
        value.format = ValueFormat::Regex(EcmaRegex::new("-?P[0-9]+D").unwrap());
        assert_eq!(value.read("P3D").as_deref(), Ok("P3D"));
        assert_eq!(value.read("PT3H"), Err(ValueFault::Format));
        value.format = ValueFormat::Regex(EcmaRegex::new(".*").unwrap());
        assert_eq!(value.read("3 days"), Err(ValueFault::NotLexical));
    }

    const DATATYPES: [Datatype; 41] = {
        use Datatype as D;
        [
            D::AnyAtomicType,
            D::AnyUri,
            D::Base64Binary,
            D::Boolean,
            D::Date,
            D::DateTime,
            D::DateTimeStamp,
            D::Decimal,
            D::Integer,
            D::Long,
            D::Int,
            D::Short,
            D::Byte,
            D::NonNegativeInteger,
            D::PositiveInteger,
            D::UnsignedLong,
            D::UnsignedInt,
            D::UnsignedShort,
            D::UnsignedByte,
            D::NonPositiveInteger,
            D::NegativeInteger,
            D::Double,
            D::Duration,
            D::DayTimeDuration,
            D::YearMonthDuration,
            D::Float,
            D::GDay,
            D::GMonth,
            D::GMonthDay,
            D::GYear,
            D::GYearMonth,
            D::HexBinary,
            D::QName,
            D::String,
            D::NormalizedString,
            D::Token,
            D::Language,
            D::Name,
            D::NmToken,
            D::Time,
            D::Markup,
        ]
    };

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_quick_is_what_is_thorough(
            text in "[ \t\r\n]{0,2}([a-zA-Z:._-]{0,4}|[+-]?[0-9]{1,3}([.][0-9]{0,2})?%?|true|false|P[0-9]{1,2}[DMY]|20[0-9]{2}-0[1-9]-[0-3][0-9](T1[0-9]:00:00)?Z?)[ \t\r\n]{0,2}|[ a\t\n\u{1}\u{A0}]{0,6}|\\PC{0,3}",
        ) {
            for datatype in DATATYPES {
                let value = value_type(datatype);
                let normalized = value.normalize(&text);
                // Word by word, as XML Schema defines it.
                let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
                let expected = match datatype.white_space() {
                    WhiteSpace::Preserve => text.clone(),
                    WhiteSpace::Replace => text.replace(is_space, " "),
                    WhiteSpace::Collapse => {
                        let words = text.split(is_space).filter(|word| !word.is_empty());
                        words.collect::<Vec<_>>().join(" ")
                    }
                };
                prop_assert_eq!(&normalized, &expected, "{:?}", datatype);
                let full = value.read_in_full(&normalized);
                prop_assert_eq!(value.read(&normalized), full.clone(), "{:?}", datatype);
                if let Some(lexical) = value.quick(&text) {
                    prop_assert_eq!(&normalized, &text, "{:?}", datatype);
                    prop_assert_eq!(full.as_deref(), Ok(lexical), "{:?}", datatype);
                }
            }
        }
    }
}
