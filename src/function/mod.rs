//! The functions that mappings may call: a table from IRIs to Rust functions.

use std::borrow::Cow;

/// A value on its way in or out of a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'v> {
    /// No value.
    Null,
    /// A text.
    Text(Cow<'v, str>),
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A double.
    Double(f64),
    /// A list.
    List(Vec<Value<'v>>),
}

impl<'v> Value<'v> {
    /// Its lexical form.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Boolean(value) => Some(value.to_string().into()),
            Self::Integer(value) => Some(value.to_string().into()),
            Self::Double(value) => Some(value.to_string().into()),
            Self::List(values) => values.first().and_then(Value::as_text),
        }
    }

    /// Each item that is not null.
    pub fn texts(self, out: &mut Vec<String>) {
        match self {
            Self::List(values) => values.into_iter().for_each(|value| value.texts(out)),
            value => out.extend(value.as_text().map(Cow::into_owned)),
        }
    }

    /// Whether it counts as true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Boolean(value) => *value,
            Self::Text(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }
}

/// A function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// For people.
    pub name: &'static str,
    /// All IRIs by which mappings call it.
    pub iris: &'static [&'static str],
    call: fn(&[Value<'_>]) -> Result<Value<'static>, String>,
}

/// Why a function has no value for its arguments.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FunctionFault {
    /// What was expected, and what was there.
    pub message: String,
}

impl Function {
    /// Calls the function.
    ///
    /// # Errors
    /// When the arguments do not fit.
    pub fn call(&self, arguments: &[Value<'_>]) -> Result<Value<'static>, FunctionFault> {
        (self.call)(arguments).map_err(|message| FunctionFault { message })
    }
}
