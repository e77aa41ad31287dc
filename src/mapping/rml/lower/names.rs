//! What may be meant by the name of a column that is not there.
//!
//! In: the name and those that the table has. Out: a sentence for people: the column that is the same but for what
//! is easily overlooked, the nearest one, or all of them.

use crate::diagnostic::nearest;

/// How many columns are named where nothing is near.
const SHOWN: usize = 12;

/// The characters that end cells in tables where the comma does not.
const DELIMITERS: [char; 4] = [';', '\t', '|', ','];

/// Says what may be meant by `name`, of which `all` has none.
pub(super) fn help(name: &str, all: &[String]) -> String {
    if let ([only], Some(delimiter)) = (all, delimiter(all)) {
        let (shown, written) = match delimiter {
            '\t' => ("tabs".to_owned(), "\\t".to_owned()),
            other => (format!("`{other}`"), other.to_string()),
        };
        return format!(
            "the header has one cell, `{}`; where cells end in {shown}, say so: `rml:source [ a csvw:Table ; csvw:url \"…\" ; csvw:dialect [ csvw:delimiter \"{written}\" ] ]`",
            only.escape_debug()
        );
    }
    let is_alike = |known: &&String| name.trim() != known.trim() && looks_alike(name, known);
    if let Some(alike) = all.iter().find(is_alike) {
        return format!(
            "there is a column that looks the same and is written otherwise, `{}` where the mapping has `{}`: copy its name from the table",
            spelt(alike),
            spelt(name)
        );
    }
    let has = |name: &str| all.iter().any(|known| known == name);
    if let Some(inner) = unwrapped(name).filter(|inner| has(inner)) {
        return format!("write `{inner}`: the signs around it are those of other notations");
    }
    if let Some(known) = all.iter().find(|known| folded(known) == folded(name)) {
        let reasons = differences(name, known);
        return if reasons.is_empty() {
            format!("did you mean `{known}`?")
        } else {
            format!("did you mean `{known}`? {}", reasons.join("; "))
        };
    }
    let named = || all.iter().filter(|name| !name.is_empty());
    if let Some(near) = nearest(name, named().map(String::as_str)) {
        return format!("did you mean `{near}`?");
    }
    if named().count() == 0 {
        return "the source is empty, or its first row has no names; `csvw:skipRows` passes over rows before it".to_owned();
    }
    let shown = all.iter().take(SHOWN).map(|name| format!("`{name}`"));
    let mut shown: Vec<String> = shown.collect();
    if all.len() > shown.len() {
        shown.push("…".to_owned());
    }
    format!("its columns are {}", shown.join(", "))
}

/// What stands between the names where a header has only one cell.
pub(super) fn delimiter(header: &[String]) -> Option<char> {
    let [header] = header else {
        return None;
    };
    let count = |delimiter: char| header.matches(delimiter).count();
    DELIMITERS
        .into_iter()
        .filter(|delimiter| count(*delimiter) > 0)
        .max_by_key(|delimiter| count(*delimiter))
}

// Whether people see the same: letters with marks as one character or as several, spaces of other kinds or
// at the ends, and what cannot be seen.
fn looks_alike(one: &str, other: &str) -> bool {
    let (one, other) = (clusters(one), clusters(other));
    one.len() == other.len()
        && one.iter().zip(&other).all(|(one, other)| {
            let is_composed =
                |letter: &(char, Vec<char>)| letter.1.is_empty() && !letter.0.is_ascii();
            one == other
                || is_composed(one) && !other.1.is_empty()
                || is_composed(other) && !one.1.is_empty()
        })
}

// Letters with the marks that are written after them.
fn clusters(text: &str) -> Vec<(char, Vec<char>)> {
    let mut found: Vec<(char, Vec<char>)> = Vec::new();
    for letter in text.trim().chars().filter(|letter| !is_unseen(*letter)) {
        match found.last_mut() {
            Some((_, marks)) if is_mark(letter) => marks.push(letter),
            _ if letter.is_whitespace() => found.push((' ', Vec::new())),
            _ => found.push((letter, Vec::new())),
        }
    }
    found
}

// The marks that letters are composed with.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{653}'..='\u{655}' | '\u{3099}' | '\u{309a}')
}

fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

// With all that is not seen, or not seen apart, as numbers.
fn spelt(name: &str) -> String {
    name.chars()
        .map(|letter| {
            let is_other_space = letter != ' ' && letter.is_whitespace();
            if is_other_space || is_mark(letter) || is_unseen(letter) || letter.is_control() {
                letter.escape_unicode().to_string()
            } else {
                letter.to_string()
            }
        })
        .collect()
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

// A name without what is easily overlooked.
fn folded(name: &str) -> String {
    let words = name
        .split(|sign: char| sign.is_whitespace() || is_unseen(sign) || matches!(sign, '_' | '-'));
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join(" ")
}

// How a column's name differs from the one in the mapping, where people can see it, in words.
fn differences(name: &str, column: &str) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    let starts = |text: &str| text.starts_with(char::is_whitespace);
    let ends = |text: &str| text.ends_with(char::is_whitespace);
    match (starts(column), starts(name)) {
        (true, false) => reasons.push("it has a space at its beginning"),
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
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, all: &[&str]) -> String {
        let all: Vec<String> = all.iter().map(|name| (*name).to_owned()).collect();
        help(name, &all)
    }

    #[test]
    fn other_delimiters_are_told() {
        for (header, written) in [
            ("Year;Make;Model", "csvw:delimiter \";\""),
            ("Year|Make", "csvw:delimiter \"|\""),
            ("Year\tMake", "csvw:delimiter \"\\t\""),
            ("Year,Make", "csvw:delimiter \",\""),
        ] {
            assert!(of("Make", &[header]).contains(written), "{header}");
        }
        assert_eq!(of("Mak", &["Make"]), "did you mean `Make`?");
    }

    #[test]
    fn names_that_look_the_same_are_told_apart() {
        let help = of("Re\u{301}gion", &["id", "R\u{e9}gion"]);
        assert!(
            help.contains("`R\u{e9}gion` where the mapping has `Re\\u{301}gion`"),
            "{help}"
        );
        let help = of("last name", &["last\u{a0}name"]);
        assert!(help.contains("`last\\u{a0}name`"), "{help}");
        // Arabic alef with hamza, as one letter and as two.
        let help = of("\u{627}\u{654}\u{633}\u{645}", &["\u{623}\u{633}\u{645}"]);
        assert!(help.contains("looks the same"), "{help}");
        assert_eq!(
            of("Region", &["R\u{e9}gion"]),
            "did you mean `R\u{e9}gion`?"
        );
    }

    #[test]
    fn what_is_overlooked_is_told() {
        let columns = ["Name ", "Größe", "first_name"];
        for (name, expected) in [
            ("Name", "did you mean `Name `? it has a space at its end"),
            ("größe", "did you mean `Größe`? upper and lower case count"),
            ("First Name", "did you mean `first_name`?"),
            (
                "{Größe}",
                "write `Größe`: the signs around it are those of other notations",
            ),
            ("frst_name", "did you mean `first_name`?"),
        ] {
            assert_eq!(of(name, &columns), expected, "{name}");
        }
        assert!(of("id", &["\u{feff}id"]).contains("`\\u{feff}id`"));
        assert!(of("a b", &["a\u{a0}b"]).contains("`a\\u{a0}b`"));
    }
}
