//! Values on their way in and out of functions.

use super::date::Moment;
use crate::rdf::xsd;
use std::borrow::Cow;

/// A value on its way in or out of a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'v> {
    /// No value: no term is made of it.
    Null,
    /// A text.
    Text(Cow<'v, str>),
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Double(f64),
    /// A date; the time that was read with it is kept for functions and not written.
    Date(Moment),
    /// A date with a time.
    DateTime(Moment),
    /// Several values, in order.
    List(Vec<Value<'v>>),
}

impl Value<'_> {
    /// The lexical form, or nothing for null and for a list that has not just one item.
    ///
    /// Doubles are written without an exponent where they are not very large or small: `256.0`, a form of `xsd:double` and
    /// `xsd:decimal`.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Text(text) => Cow::Borrowed(text.as_ref()),
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Double(number) => Cow::Owned(double(*number)),
            Self::Date(moment) => Cow::Owned(moment.date()),
            Self::DateTime(moment) => Cow::Owned(moment.date_time()),
            Self::List(items) => match items.as_slice() {
                [item] => return item.as_text(),
                _ => return None,
            },
        })
    }

    /// Adds the lexical form of each item that is not null to `out`, in order; lists within lists are opened.
    pub fn texts(self, out: &mut Vec<String>) {
        match self {
            Self::Text(text) => out.push(text.into_owned()),
            Self::List(items) => items.into_iter().for_each(|item| item.texts(out)),
            value => out.extend(value.as_text().map(Cow::into_owned)),
        }
    }

    /// The datatype of XML Schema that the value has of itself; nothing for texts, null and lists.
    pub fn datatype(&self) -> Option<&'static str> {
        Some(match self {
            Self::Null | Self::Text(_) | Self::List(_) => return None,
            Self::Boolean(_) => "http://www.w3.org/2001/XMLSchema#boolean",
            Self::Integer(_) => "http://www.w3.org/2001/XMLSchema#integer",
            Self::Double(_) => "http://www.w3.org/2001/XMLSchema#double",
            Self::Date(_) => "http://www.w3.org/2001/XMLSchema#date",
            Self::DateTime(_) => "http://www.w3.org/2001/XMLSchema#dateTime",
        })
    }

    /// Whether a condition with this value holds: the boolean true, or the text `true` in any case.
    ///
    /// `1` does not, as in GREL and `trueCondition`, where it is a text like any other.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Boolean(value) => *value,
            Self::Text(text) => text.eq_ignore_ascii_case("true"),
            Self::List(items) => matches!(items.as_slice(), [item] if item.is_true()),
            _ => false,
        }
    }

    /// The same value, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Boolean(value) => Value::Boolean(value),
            Self::Integer(value) => Value::Integer(value),
            Self::Double(value) => Value::Double(value),
            Self::Date(value) => Value::Date(value),
            Self::DateTime(value) => Value::DateTime(value),
            Self::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// The same value, borrowing the texts of this one.
    pub(super) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Integer(value) => Value::Integer(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Date(value) => Value::Date(*value),
            Self::DateTime(value) => Value::DateTime(*value),
            Self::List(items) => Value::List(items.iter().map(Value::borrowed).collect()),
        }
    }

    /// A number as it is, or the one that a text writes.
    pub(super) fn as_number(&self) -> Option<Value<'static>> {
        match self {
            Self::Integer(number) => Some(Value::Integer(*number)),
            Self::Double(number) => Some(Value::Double(*number)),
            Self::Text(text) => {
                let text = text.trim();
                text.parse()
                    .map(Value::Integer)
                    .ok()
                    .or_else(|| xsd::parse_double(text).map(Value::Double))
            }
            _ => None,
        }
    }

    /// A number as a double, and 0 for what is none.
    #[expect(clippy::cast_precision_loss, reason = "a double is what is asked for")]
    pub(super) fn as_double(&self) -> f64 {
        match self {
            Self::Integer(number) => *number as f64,
            Self::Double(number) => *number,
            _ => 0.0,
        }
    }

    /// A boolean as it is, or the one that a text writes.
    pub(super) fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            Self::Text(text) => match text.trim() {
                "1" => Some(true),
                "0" => Some(false),
                text if text.eq_ignore_ascii_case("true") => Some(true),
                text if text.eq_ignore_ascii_case("false") => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// What kind of value it is, with its article.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Text(_) => "a text",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) => "a whole number",
            Self::Double(_) => "a number",
            Self::Date(_) => "a date",
            Self::DateTime(_) => "a date with a time",
            Self::List(_) => "a list",
        }
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

fn double(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "INF" } else { "-INF" }.to_owned();
    }
    let size = number.abs();
    if size != 0.0 && !(1e-7..1e21).contains(&size) {
        return format!("{number:E}");
    }
    format!("{number:?}")
}
