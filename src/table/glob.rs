//! Several files by one name: `parts/part-*.csv`.
//!
//! In: a path with `*`, `?` or `[…]`. Out: the regular files that match, in the order of the bytes of
//! their paths. As in a shell `*` and `?` do not match `/`, nor a point at the beginning of a name.

use std::path::{Component, Path, PathBuf};

/// Whether a path may stand for several files.
pub(super) fn is_pattern(path: &Path) -> bool {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// The regular files that a pattern matches.
pub(super) fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for component in pattern.components() {
        let name = component.as_os_str();
        let is_literal = !matches!(component, Component::Normal(_)) || !is_pattern(Path::new(name));
        if is_literal {
            for path in &mut found {
                path.push(name);
            }
            continue;
        }
        let wanted: Vec<char> = name.to_string_lossy().chars().collect();
        let mut next = Vec::new();
        for folder in &found {
            let folder_read = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let entries = std::fs::read_dir(folder_read).into_iter().flatten();
            for entry in entries.flatten() {
                let name = entry.file_name();
                let text: Vec<char> = name.to_string_lossy().chars().collect();
                let is_hidden = text.first() == Some(&'.') && wanted.first() != Some(&'.');
                if !is_hidden && matches(&wanted, &text) {
                    next.push(folder.join(name));
                }
            }
        }
        found = next;
    }
    found.retain(|path| path.is_file());
    found.sort_by(|one, other| {
        let bytes = |path: &Path| path.as_os_str().as_encoded_bytes().to_owned();
        bytes(one).cmp(&bytes(other))
    });
    found
}

// Goes back to the last star only, so it takes the product of both lengths at most.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, read));
                at += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => class(&pattern[at..], text[read]),
            Some(literal) => (*literal == text[read]).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(length), _) => {
                at += length;
                read += 1;
            }
            (None, Some((behind, from))) => {
                star = Some((behind, from + 1));
                (at, read) = (behind, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

// The length of a class such as `[a-z]` or `[!0]` where it has the character; a bracket that is not
// closed stands for itself.
fn class(pattern: &[char], character: char) -> Option<usize> {
    let is_negated = matches!(pattern.get(1), Some('!' | '^'));
    let first = 1 + usize::from(is_negated);
    // A closing bracket in the first place is one of the class.
    let close = pattern
        .iter()
        .skip(first + 1)
        .position(|c| *c == ']')
        .map(|at| first + 1 + at);
    let Some(close) = close else {
        return (character == '[').then_some(1);
    };
    let mut inside = &pattern[first..close];
    let mut is_in = false;
    while let [one, rest @ ..] = inside {
        if let ['-', last, rest @ ..] = rest {
            is_in |= (*one..=*last).contains(&character);
            inside = rest;
        } else {
            is_in |= *one == character;
            inside = rest;
        }
    }
    (is_in != is_negated).then_some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_as_in_a_shell() {
        let check = |pattern: &str, text: &str, expected: bool| {
            let pattern_chars: Vec<char> = pattern.chars().collect();
            let text_chars: Vec<char> = text.chars().collect();
            let found = matches(&pattern_chars, &text_chars);
            assert_eq!(found, expected, "{pattern} {text}");
        };
        check("part-*.csv", "part-1.csv", true);
        check("part-*.csv", "part-.csv", true);
        check("part-*.csv", "part-1.csv.gz", false);
        check("*a*b*", "xxaxxbxx", true);
        check("*a*b*", "xxbxxaxx", false);
        check("?.csv", "ä.csv", true);
        check("?.csv", ".csv", false);
        check("[0-9].csv", "7.csv", true);
        check("[!0-9].csv", "7.csv", false);
        check("[]a].csv", "].csv", true);
        check("[a.csv", "[a.csv", true);
        check("[a.csv", "a.csv", false);
        check("**", "", true);
    }

    // By POSIX, and what `ls -d` lists in the C locale.
    #[test]
    fn files_come_in_the_order_of_their_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "a/p-10.csv",
            "a/p-2.csv",
            "b/p-1.csv",
            "a/.p-0.csv",
            "a/P-3.csv",
        ];
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        std::fs::create_dir(folder.path().join("a/p-folder.csv")).unwrap();
        let found: Vec<_> = expand(&folder.path().join("*/p-*.csv"))
            .iter()
            .map(|path| path.strip_prefix(folder.path()).unwrap().to_owned())
            .collect();
        assert_eq!(
            found,
            ["a/p-10.csv", "a/p-2.csv", "b/p-1.csv"].map(PathBuf::from)
        );
    }
}
