//! Functions on texts: case, length, parts, where something stands.
//!
//! Positions and lengths count characters (Unicode scalar values), from 0.

use super::argument::{any, integer, text};
use super::names::{OUTPUTS, grel, idlab};
use super::{Function, Kind, Nulls, Parameter, Value};

/// The text that most functions of GREL work on.
pub(super) const VALUE: Parameter = Parameter {
    name: "valueParameter",
    iris: idlab!(
        "str", "_str", "valueParameter", "valueParam";
        grel "valueParameter", "valueParam", "valueParameter1", "valueParam1", "p_string_s", "param_string_s"
    ),
    required: true,
    kind: Kind::Text,
};

const SUB: Parameter = Parameter {
    name: "string_sub",
    iris: grel!("string_sub", "param_string_sub", "p_string_sub"),
    required: true,
    kind: Kind::Text,
};

pub(super) const SEPARATOR: Parameter = Parameter {
    name: "p_string_sep",
    iris: grel!(
        "p_string_sep",
        "param_string_sep",
        "p_opt_sep",
        "param_opt_sep"
    ),
    required: true,
    kind: Kind::Text,
};

/// The first position of a part.
pub(super) const FROM: Parameter = Parameter {
    name: "param_int_i_from",
    iris: grel!("param_int_i_from", "p_int_i_from"),
    required: true,
    kind: Kind::Integer,
};

/// The position behind a part.
pub(super) const TO: Parameter = Parameter {
    name: "param_int_i_opt_to",
    iris: grel!("param_int_i_opt_to", "p_int_i_opt_to"),
    required: false,
    kind: Kind::Integer,
};

pub(super) const ANY: Parameter = Parameter {
    name: "p_any_e",
    iris: grel!("p_any_e", "param_any_e", "valueParameter", "valueParam"),
    required: true,
    kind: Kind::Any,
};

/// A function of one text or more, for the entries below to change.
pub(super) const TEXT: Function = Function {
    name: "",
    iris: &[],
    parameters: &[VALUE],
    outputs: OUTPUTS,
    returns: Kind::Text,
    nulls: Nulls::Result,
    description: "",
    call: |_| Ok(Value::Null),
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "toUpperCase",
        iris: grel!(
            "toUpperCase",
            "string_toUpperCase",
            "string_toUppercase",
            "toUppercase"
        ),
        description: "the text in upper case",
        call: |values| on_text(values, str::to_uppercase),
        ..TEXT
    },
    Function {
        name: "toLowerCase",
        iris: grel!(
            "toLowerCase",
            "string_toLowerCase",
            "string_toLowercase",
            "toLowercase"
        ),
        description: "the text in lower case",
        call: |values| on_text(values, str::to_lowercase),
        ..TEXT
    },
    Function {
        name: "string_toTitlecase",
        iris: grel!(
            "string_toTitlecase",
            "string_toTitleCase",
            "toTitleCase",
            "toTitlecase"
        ),
        description: "the text in lower case, each word with a capital",
        call: |values| on_text(values, title_case),
        ..TEXT
    },
    Function {
        name: "string_trim",
        iris: grel!("string_trim", "string_strip", "trim", "strip"),
        description: "the text without white space at its ends",
        call: |values| on_text(values, |text| text.trim().to_owned()),
        ..TEXT
    },
    Function {
        name: "string_chomp",
        iris: grel!("string_chomp", "chomp"),
        parameters: &[VALUE, SEPARATOR],
        description: "the text without the other at its end",
        call: |values| {
            on_two(values, |text, end| {
                text.strip_suffix(end).unwrap_or(text).to_owned().into()
            })
        },
        ..TEXT
    },
    Function {
        name: "reverse",
        iris: grel!("reverse", "string_reverse"),
        description: "the characters of the text from the last to the first",
        call: |values| on_text(values, |text| text.chars().rev().collect()),
        ..TEXT
    },
    Function {
        name: "string_length",
        iris: grel!("string_length", "length"),
        returns: Kind::Integer,
        description: "the number of characters",
        call: |values| {
            let length = text(values, 0).unwrap_or_default().chars().count();
            Ok(position(Some(length)))
        },
        ..TEXT
    },
    Function {
        name: "string_substring",
        iris: grel!(
            "string_substring",
            "string_sub_string",
            "substring",
            "string_slice",
            "string_get",
        ),
        parameters: &[VALUE, FROM, TO],
        description: "the characters from one position up to another, or to the end; positions below 0 count from the end",
        call: substring,
        ..TEXT
    },
    Function {
        name: "string_contains",
        iris: grel!("string_contains"),
        parameters: &[VALUE, SUB],
        returns: Kind::Boolean,
        description: "whether the other text stands in the text",
        call: |values| on_two(values, |text, part| Value::Boolean(text.contains(part))),
        ..TEXT
    },
    Function {
        name: "string_startsWith",
        iris: grel!("string_startsWith", "startsWith"),
        parameters: &[VALUE, SUB],
        returns: Kind::Boolean,
        description: "whether the text begins with the other",
        call: |values| on_two(values, |text, part| Value::Boolean(text.starts_with(part))),
        ..TEXT
    },
    Function {
        name: "string_endsWith",
        iris: grel!("string_endsWith", "endsWith"),
        parameters: &[VALUE, SUB],
        returns: Kind::Boolean,
        description: "whether the text ends with the other",
        call: |values| on_two(values, |text, part| Value::Boolean(text.ends_with(part))),
        ..TEXT
    },
    Function {
        name: "string_indexOf",
        iris: grel!("string_indexOf", "indexOf"),
        parameters: &[VALUE, SUB],
        returns: Kind::Integer,
        description: "where the other text stands first, or -1",
        call: |values| on_two(values, |text, part| count_to(text, text.find(part))),
        ..TEXT
    },
    Function {
        name: "string_lastIndexOf",
        iris: grel!("string_lastIndexOf", "lastIndexOf"),
        parameters: &[VALUE, SUB],
        returns: Kind::Integer,
        description: "where the other text stands last, or -1",
        call: |values| on_two(values, |text, part| count_to(text, text.rfind(part))),
        ..TEXT
    },
    Function {
        name: "string_diff",
        iris: grel!("string_diff"),
        parameters: &[
            VALUE,
            Parameter {
                name: "valueParameter2",
                iris: grel!("valueParameter2", "valueParam2"),
                ..VALUE
            },
        ],
        description: "what is left of the second text from where it differs from the first",
        call: |values| {
            on_two(values, |first, second| {
                let same: usize = first
                    .chars()
                    .zip(second.chars())
                    .take_while(|(one, other)| one == other)
                    .map(|(one, _)| one.len_utf8())
                    .sum();
                second.get(same..).unwrap_or_default().to_owned().into()
            })
        },
        ..TEXT
    },
    Function {
        name: "string_toString",
        iris: grel!("string_toString", "toString"),
        parameters: &[ANY],
        description: "the value as a text",
        call: |values| {
            Ok(any(values, 0)
                .as_text()
                .map_or(Value::Null, |text| text.into_owned().into()))
        },
        ..TEXT
    },
];

/// Applies `change` to the first argument.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape of all functions of the table"
)]
pub(super) fn on_text(
    values: &[Value<'_>],
    change: impl FnOnce(&str) -> String,
) -> Result<Value<'static>, String> {
    Ok(text(values, 0).map_or(Value::Null, |text| change(text).into()))
}

/// Applies `make` to the first two arguments.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape of all functions of the table"
)]
fn on_two(
    values: &[Value<'_>],
    make: impl FnOnce(&str, &str) -> Value<'static>,
) -> Result<Value<'static>, String> {
    Ok(match (text(values, 0), text(values, 1)) {
        (Some(one), Some(other)) => make(one, other),
        _ => Value::Null,
    })
}

fn position(count: Option<usize>) -> Value<'static> {
    Value::Integer(count.map_or(-1, |count| i64::try_from(count).unwrap_or(i64::MAX)))
}

// Characters before a byte.
fn count_to(text: &str, byte: Option<usize>) -> Value<'static> {
    position(byte.map(|byte| text.get(..byte).unwrap_or_default().chars().count()))
}

fn title_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.to_lowercase().chars() {
        if begins {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
        begins = letter.is_whitespace();
    }
    out
}

/// The positions from `from` to `to` of something with `length` items; nothing where it begins outside.
pub(super) fn range(length: usize, from: i64, to: Option<i64>) -> Option<(usize, usize)> {
    let length = i64::try_from(length).ok()?;
    let absolute = |at: i64| if at < 0 { length + at } else { at };
    let from = absolute(from);
    if !(0..=length).contains(&from) {
        return None;
    }
    let to = to.map_or(length, absolute).clamp(from, length);
    Some((usize::try_from(from).ok()?, usize::try_from(to).ok()?))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape of all functions of the table"
)]
fn substring(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    let length = whole.chars().count();
    let Some((from, to)) = range(length, integer(values, 1).unwrap_or(0), integer(values, 2))
    else {
        return Ok(Value::Null);
    };
    let part: String = whole.chars().skip(from).take(to - from).collect();
    Ok(part.into())
}
