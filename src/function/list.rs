//! Functions on lists.

use super::argument::{integer, items, shown, text};
use super::names::{OUTPUTS, grel, idlab};
use super::text::{FROM, SEPARATOR, TEXT, TO, range};
use super::{Function, Kind, LONGEST_TEXT, Nulls, Parameter, Value};
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

pub(super) const LIST: Parameter = Parameter {
    name: "p_array_a",
    iris: grel!("p_array_a", "param_a", "p_array", "param_array_a"),
    required: true,
    kind: Kind::List,
};

const ON_LIST: Function = Function {
    parameters: &[LIST],
    returns: Kind::List,
    ..TEXT
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "array_get",
        iris: grel!("array_get"),
        parameters: &[LIST, FROM, TO],
        description: "the item at a position, or the items from there up to another position",
        call: get,
        ..ON_LIST
    },
    Function {
        name: "array_slice",
        iris: grel!("array_slice"),
        parameters: &[LIST, FROM, TO],
        description: "the items from a position up to another, or to the end",
        call: |values| Ok(slice(values, integer(values, 2))),
        ..ON_LIST
    },
    Function {
        name: "array_join",
        iris: grel!("array_join"),
        parameters: &[
            LIST,
            Parameter {
                required: false,
                ..SEPARATOR
            },
        ],
        returns: Kind::Text,
        description: "the items as one text, with a separator between them",
        call: |values| join(items(values, 0), text(values, 1).unwrap_or_default()),
        ..ON_LIST
    },
    Function {
        name: "array_length",
        iris: grel!("array_length"),
        returns: Kind::Integer,
        description: "the number of items",
        call: |values| {
            Ok(Value::Integer(
                i64::try_from(items(values, 0).len()).unwrap_or(i64::MAX),
            ))
        },
        ..ON_LIST
    },
    Function {
        name: "array_reverse",
        iris: grel!("array_reverse"),
        description: "the items from the last to the first",
        call: |values| Ok(owned(items(values, 0).iter().rev())),
        ..ON_LIST
    },
    Function {
        name: "array_sort",
        iris: grel!("array_sort"),
        description: "the items in order: numbers by value, then texts by character",
        call: |values| {
            let mut sorted: Vec<_> = items(values, 0).iter().collect();
            sorted.sort_by(|one, other| order(one, other));
            Ok(owned(sorted.into_iter()))
        },
        ..ON_LIST
    },
    Function {
        name: "array_sum",
        iris: grel!("array_sum", "math_sum"),
        returns: Kind::Number,
        description: "the sum of the items",
        call: sum,
        ..ON_LIST
    },
    Function {
        name: "array_uniques",
        iris: grel!("array_uniques", "array_unique"),
        description: "the items without those that stand before",
        call: |values| {
            let mut seen = FxHashSet::default();
            Ok(owned(items(values, 0).iter().filter(|item| {
                seen.insert((item.what(), shown_whole(item)))
            })))
        },
        ..ON_LIST
    },
    Function {
        name: "concatSequence",
        iris: idlab!("concatSequence"),
        parameters: &[SEQUENCE, DELIMITER],
        returns: Kind::Text,
        description: "the members of a sequence as one text, with a delimiter between them",
        call: |values| join(items(values, 0), text(values, 1).unwrap_or_default()),
        ..ON_LIST
    },
    Function {
        name: "crossConcatSequence",
        iris: idlab!("crossConcatSequence"),
        parameters: &[SEQUENCE, DELIMITER],
        description: "each combination of one item of each member, as one text with a delimiter between the items",
        call: cross,
        ..ON_LIST
    },
    Function {
        name: "listContainsElement",
        iris: idlab!("listContainsElement"),
        parameters: &[
            Parameter {
                name: "list",
                iris: idlab!("list", "_list"; grel "p_array_a"),
                ..LIST
            },
            Parameter {
                kind: Kind::Text,
                ..super::text::VALUE
            },
        ],
        outputs: OUTPUTS,
        returns: Kind::Boolean,
        nulls: Nulls::Given,
        description: "whether a text is among the items",
        call: |values| {
            let wanted = text(values, 1);
            Ok(Value::Boolean(items(values, 0).iter().any(|item| {
                wanted.is_some() && item.as_text().as_deref() == wanted
            })))
        },
    },
];

const SEQUENCE: Parameter = Parameter {
    name: "rdf:_1, rdf:_2, …",
    iris: &[
        super::names::MEMBER,
        "https://w3id.org/imec/idlab/function#_seq",
        "http://example.com/idlab/function/_seq",
    ],
    ..LIST
};

/// What stands between texts that are put together.
pub(super) const DELIMITER: Parameter = Parameter {
    name: "delimiter",
    iris: idlab!("delimiter", "_delimiter"; grel "p_string_sep", "param_string_sep"),
    required: false,
    kind: Kind::Text,
};

fn owned<'a, 'v: 'a>(items: impl Iterator<Item = &'a Value<'v>>) -> Value<'static> {
    Value::List(items.map(|item| item.clone().into_owned()).collect())
}

fn shown_whole(value: &Value<'_>) -> String {
    let mut texts = Vec::new();
    value.clone().texts(&mut texts);
    texts.join("\u{0}")
}

fn slice(values: &[Value<'_>], to: Option<i64>) -> Value<'static> {
    let all = items(values, 0);
    let from = integer(values, 1).unwrap_or(0);
    range(all.len(), from, to)
        .and_then(|(from, to)| all.get(from..to))
        .map_or(Value::Null, |part| owned(part.iter()))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the shape of all functions of the table"
)]
fn get(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    if let Some(to) = integer(values, 2) {
        return Ok(slice(values, Some(to)));
    }
    let all = items(values, 0);
    let item =
        range(all.len(), integer(values, 1).unwrap_or(0), None).and_then(|(from, _)| all.get(from));
    Ok(item.map_or(Value::Null, |item| item.clone().into_owned()))
}

fn join(items: &[Value<'_>], separator: &str) -> Result<Value<'static>, String> {
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        item.clone().texts(&mut texts);
    }
    let length: usize = texts.iter().map(String::len).sum();
    if length.saturating_add(texts.len().saturating_mul(separator.len())) > LONGEST_TEXT * 2 {
        return Err(format!("its value is longer than {LONGEST_TEXT} bytes"));
    }
    Ok(texts.join(separator).into())
}

fn order(one: &Value<'_>, other: &Value<'_>) -> Ordering {
    let rank = |value: &Value<'_>| match value {
        Value::Integer(_) | Value::Double(_) => 0,
        Value::List(_) | Value::Null => 2,
        _ => 1,
    };
    match (one, other) {
        (Value::Integer(one), Value::Integer(other)) => one.cmp(other),
        _ if rank(one) == 0 && rank(other) == 0 => one.as_double().total_cmp(&other.as_double()),
        _ => (rank(one), one.as_text()).cmp(&(rank(other), other.as_text())),
    }
}

fn sum(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let mut whole = Some(0_i64);
    let mut double = 0.0;
    for item in items(values, 0).iter().filter(|item| **item != Value::Null) {
        let number = item
            .as_number()
            .ok_or_else(|| format!("expected numbers, found `{}`", shown(item)))?;
        whole = match number {
            Value::Integer(number) => whole.and_then(|sum| sum.checked_add(number)),
            _ => None,
        };
        double += number.as_double();
    }
    Ok(whole.map_or(Value::Double(double), Value::Integer))
}

fn cross(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let delimiter = text(values, 1).unwrap_or_default();
    let members = items(values, 0)
        .iter()
        .map(|member| {
            let mut texts = Vec::new();
            member.clone().texts(&mut texts);
            texts
        })
        .filter(|texts| !texts.is_empty());
    let mut out: Vec<String> = Vec::new();
    for (index, texts) in members.enumerate() {
        let before = if index == 0 { vec![String::new()] } else { out };
        let length: usize = before.iter().map(String::len).sum();
        let most = length.saturating_mul(texts.len()).saturating_add(
            before
                .len()
                .saturating_mul(texts.iter().map(|text| text.len() + delimiter.len()).sum()),
        );
        if most > LONGEST_TEXT || before.len().saturating_mul(texts.len()) > super::LONGEST_LIST {
            return Err("its lists have too many combinations".to_owned());
        }
        let between = if index == 0 { "" } else { delimiter };
        out = before
            .iter()
            .flat_map(|start| {
                texts
                    .iter()
                    .map(move |end| format!("{start}{between}{end}"))
            })
            .collect();
    }
    Ok(Value::List(out.into_iter().map(Value::from).collect()))
}
