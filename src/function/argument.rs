//! Values are made what parameters ask for, and functions called with them.

use super::date::Moment;
use super::{Function, FunctionFault, Kind, LONGEST_LIST, LONGEST_TEXT, Nulls, Parameter, Value};

/// The greatest number of calls that lists in parameters for one value make.
const MOST_CALLS: usize = 10_000;

/// The longest part of a value that a message shows, in characters.
const SHOWN: usize = 60;

pub(super) fn call(
    function: &Function,
    arguments: &[Value<'_>],
) -> Result<Value<'static>, FunctionFault> {
    let given = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
    let parameters = function.parameters.iter().enumerate();
    // How often each parameter's value is tried.
    let mut counts = Vec::new();
    for (index, parameter) in parameters {
        let one = !matches!(parameter.kind, Kind::Any | Kind::List);
        match given(index) {
            Value::List(items) if one && items.len() != 1 => counts.push((index, items.len())),
            _ => {}
        }
    }
    if counts.is_empty() {
        let values: Vec<_> = (0..function.parameters.len())
            .map(|index| given(index).borrowed())
            .collect();
        return call_once(function, values);
    }
    let calls = counts
        .iter()
        .try_fold(1_usize, |calls, (_, count)| calls.checked_mul(*count))
        .filter(|calls| *calls <= MOST_CALLS)
        .ok_or_else(|| FunctionFault {
            function: function.name,
            parameter: None,
            message: format!("its lists have more than {MOST_CALLS} combinations"),
        })?;
    let mut results = Vec::new();
    for number in 0..calls {
        let mut rest = number;
        let mut values: Vec<_> = (0..function.parameters.len())
            .map(|index| given(index).borrowed())
            .collect();
        for (index, count) in counts.iter().rev() {
            if let (Value::List(items), Some(value)) = (given(*index), values.get_mut(*index)) {
                *value = items.get(rest % count).unwrap_or(&Value::Null).borrowed();
            }
            rest /= count;
        }
        // An item may be a list itself.
        let nested = values
            .iter()
            .zip(function.parameters)
            .any(|(value, parameter)| {
                matches!(value, Value::List(items) if items.len() != 1)
                    && !matches!(parameter.kind, Kind::Any | Kind::List)
            });
        if nested {
            return Err(FunctionFault {
                function: function.name,
                parameter: None,
                message: "expected one value, found a list of lists".to_owned(),
            });
        }
        match call_once(function, values)? {
            Value::Null => {}
            value => results.push(value),
        }
    }
    checked(function, Value::List(results))
}

fn call_once(
    function: &Function,
    mut values: Vec<Value<'_>>,
) -> Result<Value<'static>, FunctionFault> {
    for (value, parameter) in values.iter_mut().zip(function.parameters) {
        let taken = std::mem::replace(value, Value::Null);
        *value = convert(taken, parameter).map_err(|message| FunctionFault {
            function: function.name,
            parameter: Some(parameter.name),
            message,
        })?;
    }
    let is_missing = values
        .iter()
        .zip(function.parameters)
        .any(|(value, parameter)| parameter.required && *value == Value::Null);
    if is_missing && function.nulls == Nulls::Result {
        return Ok(Value::Null);
    }
    let value = (function.call)(&values).map_err(|message| FunctionFault {
        function: function.name,
        parameter: None,
        message,
    })?;
    checked(function, value)
}

fn checked(function: &Function, value: Value<'static>) -> Result<Value<'static>, FunctionFault> {
    fn sizes(value: &Value<'_>) -> (usize, usize) {
        match value {
            Value::Text(text) => (text.len(), 1),
            Value::List(items) => items
                .iter()
                .map(sizes)
                .fold((0, 0), |one, other| (one.0 + other.0, one.1 + other.1)),
            _ => (0, 1),
        }
    }
    let (bytes, items) = sizes(&value);
    if bytes > LONGEST_TEXT || items > LONGEST_LIST {
        return Err(FunctionFault {
            function: function.name,
            parameter: None,
            message: format!(
                "its value is larger than {LONGEST_TEXT} bytes or {LONGEST_LIST} items"
            ),
        });
    }
    Ok(value)
}

/// What is expected of a value of `kind`.
fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Any => "a value",
        Kind::Text => "a text",
        Kind::Boolean => "`true` or `false`",
        Kind::Integer => "a whole number",
        Kind::Number => "a number",
        Kind::Date | Kind::DateTime => "a date such as `2024-03-31` or `2024-03-31T12:00:00`",
        Kind::List => "a list",
    }
}

fn convert<'v>(value: Value<'v>, parameter: &Parameter) -> Result<Value<'v>, String> {
    let kind = parameter.kind;
    if value == Value::Null {
        return Ok(value);
    }
    let value = match (value, kind) {
        (value, Kind::Any) | (value @ Value::List(_), Kind::List) => return Ok(value),
        (value, Kind::List) => return Ok(Value::List(vec![value])),
        (Value::List(mut items), _) => items.pop().unwrap_or(Value::Null),
        (value, _) => value,
    };
    let converted = match (kind, &value) {
        (_, Value::Null) => Some(Value::Null),
        (Kind::Text, Value::Text(_))
        | (Kind::Date | Kind::DateTime, Value::Date(_) | Value::DateTime(_)) => return Ok(value),
        (Kind::Text, other) => other.as_text().map(|text| Value::from(text.into_owned())),
        (Kind::Boolean, other) => other.as_boolean().map(Value::Boolean),
        (Kind::Number, other) => other.as_number(),
        (Kind::Integer, other) => other.as_number().and_then(whole),
        (Kind::Date | Kind::DateTime, Value::Text(text)) => Moment::parse(text.trim()),
        _ => None,
    };
    converted.ok_or_else(|| {
        let shown = shown(&value);
        format!(
            "expected {}, found {} `{shown}`",
            expected(kind),
            value.what()
        )
    })
}

// A number without a fraction, as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before"
)]
fn whole(number: Value<'static>) -> Option<Value<'static>> {
    match number {
        Value::Double(double) if double.fract() == 0.0 && double.abs() < 9e15 => {
            Some(Value::Integer(double as i64))
        }
        Value::Integer(_) => Some(number),
        _ => None,
    }
}

/// The beginning of a value, for messages.
pub(super) fn shown(value: &Value<'_>) -> String {
    let text = value.as_text().unwrap_or_default();
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// The text of an argument; nothing where it is null.
pub(super) fn text<'a>(values: &'a [Value<'_>], index: usize) -> Option<&'a str> {
    match values.get(index) {
        Some(Value::Text(text)) => Some(text.as_ref()),
        _ => None,
    }
}

/// The whole number of an argument; nothing where it is null.
pub(super) fn integer(values: &[Value<'_>], index: usize) -> Option<i64> {
    match values.get(index) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    }
}

/// The boolean of an argument; nothing where it is null.
pub(super) fn boolean(values: &[Value<'_>], index: usize) -> Option<bool> {
    match values.get(index) {
        Some(Value::Boolean(value)) => Some(*value),
        _ => None,
    }
}

/// The items of an argument; none where it is null.
pub(super) fn items<'a, 'v>(values: &'a [Value<'v>], index: usize) -> &'a [Value<'v>] {
    match values.get(index) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

/// An argument as it is.
pub(super) fn any<'a, 'v>(values: &'a [Value<'v>], index: usize) -> &'a Value<'v> {
    values.get(index).unwrap_or(&Value::Null)
}
