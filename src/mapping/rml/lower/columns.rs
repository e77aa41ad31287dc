//! What was meant by a reference to a column that a source has not.

use crate::diagnostic::nearest;

/// How many columns are named where nothing is near.
const SHOWN: usize = 12;

/// What to write in place of a reference, as a sentence for people: the column that is the same but for
/// what is easily overlooked, the nearest one, or all of them.
pub(super) fn help(name: &str, columns: &[String]) -> String {
    let has = |name: &str| columns.iter().any(|known| known == name);
    if let Some(inner) = unwrapped(name).filter(|inner| has(inner)) {
        return format!("write `{inner}`: the signs around it are those of other notations");
    }
    if let Some(known) = columns.iter().find(|known| folded(known) == folded(name)) {
        let reasons = differences(name, known);
        return if reasons.is_empty() {
            format!("did you mean `{known}`?")
        } else {
            format!("did you mean `{known}`? {}", reasons.join("; "))
        };
    }
    let named = || columns.iter().filter(|name| !name.is_empty());
    if let Some(near) = nearest(name, named().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    if named().count() == 0 {
        return "the source is empty, or its first row has no names; `csvw:skipRows` passes over rows before it".to_owned();
    }
    let shown = columns.iter().take(SHOWN).map(|name| format!("`{name}`"));
    let mut shown: Vec<String> = shown.collect();
    if columns.len() > shown.len() {
        shown.push("…".to_owned());
    }
    format!("its columns are {}", shown.join(", "))
}

// The name in `{name}`, `$(name)`, `$.name` and the like, which other notations have.
fn unwrapped(name: &str) -> Option<&str> {
    [
        ("{", "}"),
        ("$(", ")"),
        ("${", "}"),
        ("$.", ""),
        ("\"", "\""),
    ]
    .into_iter()
    .find_map(|(start, end)| name.strip_prefix(start)?.strip_suffix(end))
    .map(str::trim)
}

// White space of all kinds, and what shows as nothing.
fn is_blank(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '\u{feff}' | '\u{200b}' | '\u{200c}' | '\u{200d}')
}

// A name without what is easily overlooked.
fn folded(name: &str) -> String {
    let words = name.split(|sign| is_blank(sign) || matches!(sign, '_' | '-'));
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

// How a column's name differs from the one in the mapping, in words.
fn differences(name: &str, column: &str) -> Vec<&'static str> {
    let has_mark = |text: &str| text.contains(['\u{feff}', '\u{200b}', '\u{200c}', '\u{200d}']);
    let starts = |text: &str| text.starts_with(is_blank);
    let ends = |text: &str| text.ends_with(is_blank);
    let inner = |text: &str| {
        let words: Vec<&str> = text
            .split(is_blank)
            .filter(|word| !word.is_empty())
            .collect();
        words.join(" ").to_lowercase()
    };
    let mut reasons = Vec::new();
    if has_mark(column) && !has_mark(name) {
        reasons.push("it has a mark in it that does not show");
    }
    match (starts(column), starts(name)) {
        (true, false) if !column.starts_with('\u{feff}') => {
            reasons.push("it has a space at its beginning");
        }
        (false, true) => reasons.push("the reference has a space at its beginning"),
        _ => {}
    }
    match (ends(column), ends(name)) {
        (true, false) => reasons.push("it has a space at its end"),
        (false, true) => reasons.push("the reference has a space at its end"),
        _ => {}
    }
    if reasons.is_empty() && name.to_lowercase() == column.to_lowercase() {
        reasons.push("upper and lower case count");
    } else if reasons.is_empty() && inner(name) == inner(column) {
        reasons.push("the white space in it is another");
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::help;

    #[test]
    fn what_is_overlooked_is_told() {
        let columns = ["Name ", "Größe", "\u{feff}id", "a\u{a0}b", "first_name"].map(str::to_owned);
        for (name, expected) in [
            ("Name", "did you mean `Name `? it has a space at its end"),
            ("größe", "did you mean `Größe`? upper and lower case count"),
            (
                "id",
                "did you mean `\u{feff}id`? it has a mark in it that does not show",
            ),
            (
                "a b",
                "did you mean `a\u{a0}b`? the white space in it is another",
            ),
            ("First Name", "did you mean `first_name`?"),
            (
                "{Größe}",
                "write `Größe`: the signs around it are those of other notations",
            ),
            ("frst_name", "did you mean `first_name`?"),
        ] {
            assert_eq!(help(name, &columns), expected, "{name}");
        }
    }
}
