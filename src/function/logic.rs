//! Functions on booleans, conditions, and what is there or not.

use super::argument::{any, items, shown};
use super::names::{OUTPUTS, grel, idlab, morph};
use super::text::{ANY, TEXT, VALUE};
use super::{Function, Kind, Nulls, Parameter, Value};
use std::cmp::Ordering;

const BOOLEAN: Parameter = Parameter {
    name: "bool_b",
    iris: grel!("bool_b", "param_b"),
    required: true,
    kind: Kind::Boolean,
};

const BOOLEANS: Parameter = Parameter {
    name: "param_rep_b",
    iris: grel!("param_rep_b", "bool_array_b", "bool_b", "param_b"),
    required: true,
    kind: Kind::List,
};

const CHOICE: &[Parameter] = &[
    Parameter {
        kind: Kind::Any,
        ..BOOLEAN
    },
    Parameter {
        name: "any_true",
        iris: grel!("any_true", "param_true"),
        required: false,
        kind: Kind::Any,
    },
    Parameter {
        name: "any_false",
        iris: grel!("any_false", "param_false"),
        required: false,
        kind: Kind::Any,
    },
];

/// The text that is compared, which may be missing.
const ONE: Parameter = Parameter {
    iris: idlab!("str", "_str", "valueParam", "valueParameter"; grel "valueParam", "valueParameter", "valueParameter1", "valueParam1"),
    ..VALUE
};

const OTHER: Parameter = Parameter {
    name: "valueParameter2",
    iris: idlab!("valueParam2", "valueParameter2", "otherStr", "_otherStr"; grel "valueParam2", "valueParameter2"),
    ..VALUE
};

const TEST: Function = Function {
    name: "",
    iris: &[],
    parameters: &[BOOLEANS],
    outputs: OUTPUTS,
    returns: Kind::Boolean,
    nulls: Nulls::Result,
    description: "",
    call: |_| Ok(Value::Null),
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "boolean_and",
        iris: grel!("boolean_and"),
        description: "whether all are true",
        call: |values| Ok(Value::Boolean(booleans(values)?.iter().all(|value| *value))),
        ..TEST
    },
    Function {
        name: "boolean_or",
        iris: grel!("boolean_or"),
        description: "whether one or more are true",
        call: |values| Ok(Value::Boolean(booleans(values)?.iter().any(|value| *value))),
        ..TEST
    },
    Function {
        name: "boolean_xor",
        iris: grel!("boolean_xor"),
        description: "whether an odd number of them are true",
        call: |values| {
            let odd = booleans(values)?
                .into_iter()
                .fold(false, |odd, value| odd ^ value);
            Ok(Value::Boolean(odd))
        },
        ..TEST
    },
    Function {
        name: "boolean_not",
        iris: grel!("boolean_not"),
        parameters: &[BOOLEAN],
        description: "whether it is false",
        call: |values| {
            Ok(any(values, 0)
                .as_boolean()
                .map_or(Value::Null, |value| Value::Boolean(!value)))
        },
        ..TEST
    },
    Function {
        name: "controls_if",
        iris: grel!("controls_if"),
        parameters: CHOICE,
        returns: Kind::Any,
        description: "one value where a condition holds, else another or none; a condition is `true`, `false` or a comparison such as `'a' == 'b'`",
        call: |values| Ok(choose(values, condition(any(values, 0))?)),
        ..TEST
    },
    Function {
        name: "controls_if_cast",
        iris: morph!("controls_if_cast"),
        parameters: CHOICE,
        returns: Kind::Any,
        description: "like `controls_if`; `yes`, `on` and `1` hold, `no`, `off`, `0` and the empty text do not",
        call: |values| {
            let text = any(values, 0).as_text().map(|text| text.to_lowercase());
            let holds = match text.as_deref() {
                Some("yes" | "on") => true,
                Some("" | "no" | "off") => false,
                _ => condition(any(values, 0))?,
            };
            Ok(choose(values, holds))
        },
        ..TEST
    },
    Function {
        name: "other_coalesce",
        iris: morph!("other_coalesce"; grel "other_coalesce", "coalesce"),
        parameters: &[Parameter {
            name: "p_any_rep_e",
            iris: grel!("p_any_rep_e", "param_any_rep_e"),
            required: true,
            kind: Kind::List,
        }],
        returns: Kind::Any,
        description: "the first value that is not null",
        call: |values| {
            let first = items(values, 0).iter().find(|item| **item != Value::Null);
            Ok(first.map_or(Value::Null, |item| item.clone().into_owned()))
        },
        ..TEST
    },
    Function {
        name: "other_type",
        iris: grel!("other_type"),
        parameters: &[ANY],
        returns: Kind::Text,
        description: "what kind of value it is: `string`, `integer`, `double`, `boolean`, `date` or `array`",
        call: |values| {
            Ok(Value::from(match any(values, 0) {
                Value::Null => return Ok(Value::Null),
                Value::Text(_) => "string",
                Value::Boolean(_) => "boolean",
                Value::Integer(_) => "integer",
                Value::Double(_) => "double",
                Value::Date(_) | Value::DateTime(_) => "date",
                Value::List(_) => "array",
            }))
        },
        ..TEXT
    },
    Function {
        name: "equal",
        iris: idlab!("equal"),
        parameters: &[ONE, OTHER],
        nulls: Nulls::Given,
        description: "whether two texts are the same; null is only like the empty text",
        call: |values| Ok(Value::Boolean(same(values))),
        ..TEST
    },
    Function {
        name: "notEqual",
        iris: idlab!("notEqual"),
        parameters: &[ONE, OTHER],
        nulls: Nulls::Given,
        description: "whether two texts are not the same; null is only like the empty text",
        call: |values| Ok(Value::Boolean(!same(values))),
        ..TEST
    },
    Function {
        name: "isNull",
        iris: idlab!("isNull"; grel "isNull"),
        parameters: &[ANY_OR_NULL],
        nulls: Nulls::Given,
        description: "whether there is no value",
        call: |values| Ok(Value::Boolean(*any(values, 0) == Value::Null)),
        ..TEST
    },
    Function {
        name: "isNotNull",
        iris: idlab!("isNotNull"; grel "isNotNull"),
        parameters: &[ANY_OR_NULL],
        nulls: Nulls::Given,
        description: "whether there is a value",
        call: |values| Ok(Value::Boolean(*any(values, 0) != Value::Null)),
        ..TEST
    },
];

const ANY_OR_NULL: Parameter = Parameter {
    kind: Kind::Any,
    ..ONE
};

// An empty cell is null in the older vocabulary, and `notEqual` with an empty text is how its mappings leave
// rows without a value out: RMLMapper gives its functions the empty text.
fn same(values: &[Value<'_>]) -> bool {
    match (any(values, 0), any(values, 1)) {
        // As the tests of the IDLab functions have it.
        (Value::Null, Value::Null) => false,
        (Value::Null, value) | (value, Value::Null) => {
            value.as_text().is_some_and(|text| text.is_empty())
        }
        (one, other) => one == other,
    }
}

fn choose(values: &[Value<'_>], holds: bool) -> Value<'static> {
    any(values, if holds { 1 } else { 2 }).clone().into_owned()
}

fn booleans(values: &[Value<'_>]) -> Result<Vec<bool>, String> {
    items(values, 0)
        .iter()
        .filter(|item| **item != Value::Null)
        .map(|item| {
            item.as_boolean()
                .ok_or_else(|| format!("expected `true` or `false`, found `{}`", shown(item)))
        })
        .collect()
}

/// Whether a condition holds.
fn condition(value: &Value<'_>) -> Result<bool, String> {
    if let Some(value) = value.as_boolean() {
        return Ok(value);
    }
    let text = value.as_text().unwrap_or_default();
    compare(text.trim()).ok_or_else(|| {
        format!(
            "expected `true`, `false` or a comparison such as `'a' == 'b'` or `1 < 2`, found `{}`",
            shown(value)
        )
    })
}

/// One side of a comparison: a text in quotes, or a number.
#[derive(PartialEq)]
enum Side<'a> {
    Text(&'a str),
    Number(Value<'static>),
}

fn compare(text: &str) -> Option<bool> {
    let (one, rest) = side(text)?;
    let rest = rest.trim_start();
    let sign = ["==", "!=", "<=", ">=", "<", ">"]
        .into_iter()
        .find(|sign| rest.starts_with(sign))?;
    let (other, rest) = side(rest.get(sign.len()..)?.trim_start())?;
    if !rest.trim().is_empty() {
        return None;
    }
    let order = match (&one, &other) {
        (Side::Text(one), Side::Text(other)) => Some(one.cmp(other)),
        (Side::Number(one), Side::Number(other)) => one.as_double().partial_cmp(&other.as_double()),
        _ => None,
    };
    Some(match sign {
        "==" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order? == Ordering::Less,
        ">" => order? == Ordering::Greater,
        "<=" => order? != Ordering::Greater,
        _ => order? != Ordering::Less,
    })
}

fn side(text: &str) -> Option<(Side<'_>, &str)> {
    let quote = text.chars().next()?;
    if quote == '\'' || quote == '"' {
        let (inside, rest) = text.get(1..)?.split_once(quote)?;
        return Some((Side::Text(inside), rest));
    }
    let end = text
        .find(|letter: char| letter.is_whitespace() || "=!<>".contains(letter))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number = Value::from(number).as_number()?;
    Some((Side::Number(number), rest))
}
