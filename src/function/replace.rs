//! Functions that find patterns: replace, match, split.

use super::argument::{any, boolean, items, text};
use super::names::{grel, morph};
use super::pattern::{compile, compile_whole, split, within_slashes};
use super::text::{SEPARATOR, TEXT, VALUE};
use super::{Function, Kind, LONGEST_TEXT, Parameter, Value};

const FIND: Parameter = Parameter {
    name: "p_string_find",
    iris: grel!("p_string_find", "param_find", "param_string_find"),
    required: true,
    kind: Kind::Text,
};

const REPLACE: Parameter = Parameter {
    name: "p_string_replace",
    iris: grel!("p_string_replace", "param_replace", "param_string_replace"),
    required: true,
    kind: Kind::Text,
};

const FRAGMENT: Parameter = Parameter {
    name: "p_fragment",
    iris: grel!("p_fragment", "param_fragment"),
    required: true,
    kind: Kind::Text,
};

const OMIT: Parameter = Parameter {
    name: "p_bool_opt_b",
    iris: grel!("p_bool_opt_b", "param_bool_opt_b"),
    required: false,
    kind: Kind::Boolean,
};

const LENGTHS: &[Parameter] = &[
    VALUE,
    Parameter {
        name: "p_int_i",
        iris: grel!("p_int_i", "param_int_i"),
        required: true,
        kind: Kind::Any,
    },
    Parameter {
        name: "p_int_i2",
        iris: grel!("p_int_i2", "param_int_i2"),
        required: false,
        kind: Kind::Any,
    },
    Parameter {
        name: "p_rep_i",
        iris: grel!("p_rep_i", "param_int_rep_i"),
        required: false,
        kind: Kind::List,
    },
];

const LIST: Function = Function {
    returns: Kind::List,
    ..TEXT
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "string_replace",
        iris: grel!("string_replace", "replace"),
        parameters: &[VALUE, FIND, REPLACE],
        description: "the text with one text, or `/regular expression/`, replaced by another throughout",
        call: replace,
        ..TEXT
    },
    Function {
        name: "string_replaceChars",
        iris: grel!("string_replaceChars", "replaceChars"),
        parameters: &[VALUE, FIND, REPLACE],
        description: "the text with each character of one text replaced by the one at the same place of another",
        call: replace_characters,
        ..TEXT
    },
    Function {
        name: "string_match",
        iris: grel!("string_match", "match"),
        parameters: &[
            VALUE,
            Parameter {
                name: "p_string_regex",
                iris: grel!("p_string_regex", "param_regex", "param_string_regex"),
                ..FIND
            },
        ],
        description: "what the groups of a regular expression take, where it fits the whole text",
        call: matches,
        ..LIST
    },
    Function {
        name: "string_split",
        iris: grel!("string_split", "split"),
        parameters: &[VALUE, SEPARATOR],
        description: "the texts between separators, which are a text or a `/regular expression/`; empty ones at the end are left out",
        call: split_at,
        ..LIST
    },
    Function {
        name: "string_split_explode",
        iris: morph!("string_split_explode"; grel "string_split_explode"),
        parameters: &[VALUE, SEPARATOR],
        description: "the same as `string_split`",
        call: split_at,
        ..LIST
    },
    Function {
        name: "string_smartSplit",
        iris: grel!("string_smartSplit", "smartSplit"),
        parameters: &[
            VALUE,
            Parameter {
                required: false,
                ..SEPARATOR
            },
        ],
        description: "the texts between separators; without one, between tabs or commas, whichever are more",
        call: |values| {
            let whole = text(values, 0).unwrap_or_default();
            let is_comma = whole.matches('\t').count() < whole.matches(',').count();
            let separator = text(values, 1).unwrap_or(if is_comma { "," } else { "\t" });
            Ok(list(split(whole, separator)?))
        },
        ..LIST
    },
    Function {
        name: "string_splitByLengths",
        iris: grel!("string_splitByLengths", "splitByLengths"),
        parameters: LENGTHS,
        description: "parts of the given lengths, one after another",
        call: split_by_lengths,
        ..LIST
    },
    Function {
        name: "string_splitByCharType",
        iris: grel!("string_splitByCharType", "splitByCharType"),
        description: "runs of capitals, small letters, digits, white space and other characters",
        call: |values| Ok(list(runs(text(values, 0).unwrap_or_default()))),
        ..LIST
    },
    Function {
        name: "string_partition",
        iris: grel!("string_partition", "partition"),
        parameters: &[VALUE, FRAGMENT, OMIT],
        description: "what is before the first fragment, the fragment unless it is omitted, and what is behind it",
        call: |values| Ok(partition(values, |text, at| text.split_once(at))),
        ..LIST
    },
    Function {
        name: "string_rpartition",
        iris: grel!("string_rpartition", "rpartition"),
        parameters: &[VALUE, FRAGMENT, OMIT],
        description: "what is before the last fragment, the fragment unless it is omitted, and what is behind it",
        call: |values| Ok(partition(values, |text, at| text.rsplit_once(at))),
        ..LIST
    },
];

fn list(texts: Vec<String>) -> Value<'static> {
    Value::List(texts.into_iter().map(Value::from).collect())
}

fn split_at(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    Ok(list(split(whole, text(values, 1).unwrap_or_default())?))
}

fn too_long() -> String {
    format!("its value is longer than {LONGEST_TEXT} bytes")
}

fn replace(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    let find = text(values, 1).unwrap_or_default();
    let by = text(values, 2).unwrap_or_default();
    let Some(pattern) = within_slashes(find).filter(|pattern| !pattern.is_empty()) else {
        let longest = whole.matches(find).count().saturating_mul(by.len());
        if longest > LONGEST_TEXT {
            return Err(too_long());
        }
        return Ok(whole.replace(find, by).into());
    };
    let regex = compile(pattern)?;
    let by = expansion(by);
    let mut out = String::new();
    let mut end = 0;
    for found in regex.captures_iter(whole) {
        let Some(all) = found.get(0) else { continue };
        out.push_str(whole.get(end..all.start()).unwrap_or_default());
        found.expand(&by, &mut out);
        end = all.end();
        if out.len() > LONGEST_TEXT {
            return Err(too_long());
        }
    }
    out.push_str(whole.get(end..).unwrap_or_default());
    Ok(out.into())
}

// `$1x` is group 1 in GREL and a group called `1x` to the crate; `\$` is a dollar sign.
fn expansion(by: &str) -> String {
    let mut out = String::with_capacity(by.len());
    let mut letters = by.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('$') => out.push_str("$$"),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            '$' if letters.peek().is_some_and(char::is_ascii_digit) => {
                out.push_str("${");
                while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                    out.push(digit);
                }
                out.push('}');
            }
            '$' => out.push_str("$$"),
            other => out.push(other),
        }
    }
    out
}

fn replace_characters(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    let find: Vec<char> = text(values, 1).unwrap_or_default().chars().collect();
    let by: Vec<char> = text(values, 2).unwrap_or_default().chars().collect();
    if find.len() != by.len() {
        return Err(format!(
            "expected as many characters to put in as to find, found {} and {}",
            by.len(),
            find.len()
        ));
    }
    let replaced: String = whole
        .chars()
        .map(|letter| {
            let at = find.iter().position(|found| *found == letter);
            at.and_then(|at| by.get(at)).copied().unwrap_or(letter)
        })
        .collect();
    Ok(replaced.into())
}

fn matches(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let pattern = text(values, 1).unwrap_or_default();
    let regex = compile_whole(within_slashes(pattern).unwrap_or(pattern))?;
    let Some(found) = regex.captures(text(values, 0).unwrap_or_default()) else {
        return Ok(Value::Null);
    };
    Ok(Value::List(
        found
            .iter()
            .skip(1)
            .map(|group| group.map_or(Value::Null, |group| group.as_str().to_owned().into()))
            .collect(),
    ))
}

fn split_by_lengths(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let mut letters = text(values, 0).unwrap_or_default().chars();
    let lengths = [any(values, 1), any(values, 2)]
        .into_iter()
        .chain(items(values, 3));
    let mut parts = Vec::new();
    for length in lengths.filter(|length| **length != Value::Null) {
        let length = match length.as_number() {
            Some(Value::Integer(length)) => usize::try_from(length).ok(),
            _ => None,
        };
        let length = length.ok_or("expected lengths, whole numbers from 0")?;
        let part: String = letters.by_ref().take(length).collect();
        parts.push(part);
    }
    Ok(list(parts))
}

#[derive(PartialEq)]
enum Class {
    Capital,
    Small,
    Letter,
    Digit,
    Space,
    Other,
}

fn runs(text: &str) -> Vec<String> {
    let class = |letter: char| match letter {
        letter if letter.is_uppercase() => Class::Capital,
        letter if letter.is_lowercase() => Class::Small,
        letter if letter.is_alphabetic() => Class::Letter,
        letter if letter.is_numeric() => Class::Digit,
        letter if letter.is_whitespace() => Class::Space,
        _ => Class::Other,
    };
    let mut runs: Vec<String> = Vec::new();
    let mut before = None;
    for letter in text.chars() {
        let now = Some(class(letter));
        match runs.last_mut() {
            Some(run) if now == before => run.push(letter),
            _ => runs.push(letter.to_string()),
        }
        before = now;
    }
    runs
}

fn partition(
    values: &[Value<'_>],
    cut: for<'a> fn(&'a str, &'a str) -> Option<(&'a str, &'a str)>,
) -> Value<'static> {
    let whole = text(values, 0).unwrap_or_default();
    let fragment = text(values, 1).unwrap_or_default();
    let omit = boolean(values, 2).unwrap_or(false);
    let parts = match cut(whole, fragment) {
        None => vec![whole, "", ""],
        Some((before, behind)) if omit => vec![before, behind],
        Some((before, behind)) => vec![before, fragment, behind],
    };
    list(parts.into_iter().map(str::to_owned).collect())
}
