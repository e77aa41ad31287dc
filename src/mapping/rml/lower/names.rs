//! What may be meant by the name of a column that is not there.
//!
//! In: the name and those that the table has. Out: a sentence for people.

use super::columns;

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
    columns::help(name, all)
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
}
