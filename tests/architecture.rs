//! The rules of the source tree, read from the sources themselves.
//!
//! `ARCHITECTURE.md` says why they are so.

#![expect(clippy::unwrap_used, reason = "a rule that cannot be read has failed")]

use regex::Regex;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What each module may use besides the shared ones.
const MAY_USE: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("rdf", &[]),
    ("compression", &[]),
    ("function", &[]),
    ("table", &[]),
    ("sink", &[]),
    ("function", &[]),
    ("plan", &["table", "function"]),
    ("mapping", &["plan", "table", "function"]),
    ("draft", &["plan", "table"]),
    ("engine", &["plan", "table", "sink", "function"]),
    ("export", &["sink"]),
    ("property_graph", &["sink"]),
    ("push", &["sink", "table"]),
    ("bolt", &["property_graph", "push"]),
    ("query", &["sink"]),
    ("validate", &["sink"]),
    ("project", &["table"]),
    (
        "pipeline",
        &[
            "table", "plan", "mapping", "engine", "sink", "export", "query", "validate", "project",
        ],
    ),
    (
        "cli",
        &[
            "table",
            "plan",
            "mapping",
            "draft",
            "engine",
            "sink",
            "export",
            "query",
            "validate",
            "project",
            "pipeline",
            "property_graph",
            "push",
            "bolt",
        ],
    ),
];

/// The modules that every other may use.
const SHARED: &[&str] = &["diagnostic", "rdf", "compression"];

/// The modules, or files, that open files or sockets.
const OPENS_FILES: &[&str] = &[
    "table",
    "mapping/csvw/locate.rs",
    "sink",
    "project",
    // What the system says of this machine.
    "push/run.rs",
    "cli",
];

/// The greatest number of lines of a file.
const MOST_LINES: usize = 800;

/// A source file in the forms that the rules look at.
struct Source {
    /// Its path under `src`, with `/`.
    path: String,
    /// As it stands.
    text: String,
    /// Comments and tests taken out, strings left.
    code: String,
    /// Strings taken out too.
    skeleton: String,
}

impl Source {
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    // `lib.rs` and `main.rs` belong to no module.
    fn is_front(&self) -> bool {
        matches!(self.path.as_str(), "lib.rs" | "main.rs")
    }

    fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs")
    }

    // The number of modules that stand above the code of this file.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        if self.path.ends_with("/mod.rs") {
            parts - 1
        } else {
            parts
        }
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(read(&root, &path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty());
    found
}

fn read(root: &Path, path: &Path) -> Source {
    let text = std::fs::read_to_string(path).unwrap();
    let parts: Vec<_> = path.strip_prefix(root).unwrap().iter().collect();
    let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
    let (code, skeleton) = strip(&text);
    // Tests stand at the end of a file.
    let end = skeleton
        .find("#[cfg(test)]\nmod ")
        .unwrap_or(skeleton.len());
    Source {
        path: parts.join("/"),
        code: code[..end].to_owned(),
        skeleton: skeleton[..end].to_owned(),
        text,
    }
}

/// Blanks comments out, and in the second text strings and characters too; both keep the length
/// and the lines of the text.
fn strip(text: &str) -> (String, String) {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut skeleton = bytes.to_vec();
    let blank = |target: &mut [u8]| {
        target
            .iter_mut()
            .filter(|byte| **byte != b'\n')
            .for_each(|byte| *byte = b' ');
    };
    let find = |from: usize, wanted: &str| {
        text[from..]
            .find(wanted)
            .map_or(bytes.len(), |at| from + at + wanted.len())
    };
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let hashes = rest
            .iter()
            .skip(1)
            .take_while(|byte| **byte == b'#')
            .count();
        let (end, is_comment) = if rest.starts_with(b"//") {
            (find(at, "\n") - 1, true)
        } else if rest.starts_with(b"/*") {
            (find(at, "*/"), true)
        } else if rest[0] == b'r' && rest.get(1 + hashes) == Some(&b'"') {
            let close = format!("\"{}", "#".repeat(hashes));
            (find(at + hashes + 2, &close), false)
        } else if rest[0] == b'"' {
            let mut end = at + 1;
            while bytes.get(end).is_some_and(|byte| *byte != b'"') {
                end += 1 + usize::from(bytes[end] == b'\\');
            }
            (end + 1, false)
        } else if rest.starts_with(b"'\\") {
            (find(at + 3, "'"), false)
        } else if rest[0] == b'\'' {
            // A character of one to four bytes, or a lifetime.
            let length = (1..=4).find(|length| rest.get(length + 1) == Some(&b'\''));
            let is_one = length.is_some_and(|length| {
                text.get(at + 1..=at + length)
                    .is_some_and(|inside| inside.chars().count() == 1)
            });
            (at + if is_one { length.unwrap() + 2 } else { 1 }, false)
        } else {
            at += 1;
            continue;
        };
        let end = end.min(bytes.len()).max(at + 1);
        if is_comment {
            blank(&mut code[at..end]);
        }
        blank(&mut skeleton[at..end]);
        at = end;
    }
    (
        String::from_utf8(code).unwrap(),
        String::from_utf8(skeleton).unwrap(),
    )
}

#[test]
fn comments_strings_and_characters_are_told_from_code() {
    let check = |text: &str, code: &str, skeleton: &str| {
        assert_eq!(
            strip(text),
            (code.to_owned(), skeleton.to_owned()),
            "{text}"
        );
    };
    check("a // b\nc", "a     \nc", "a     \nc");
    check(
        "a(\"// \\\" b\") /* c */ d",
        "a(\"// \\\" b\")         d",
        "a(         )         d",
    );
    check("r#\"a\"b\"# c", "r#\"a\"b\"# c", "         c");
    check("'\"' <'a> '\\'' x", "'\"' <'a> '\\'' x", "    < a>      x");
}

/// The top-level modules that a file names, each with what is named in it.
fn uses(source: &Source) -> Vec<(String, String)> {
    static PATH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?<root>crate|super(?:::super)*)::(?<rest>\w+(?:::\w+)*|\{[^;]*\})").unwrap()
    });
    let mut found = Vec::new();
    for uses in PATH.captures_iter(&source.skeleton) {
        let root = &uses["root"];
        let steps = root.split("::").filter(|part| *part == "super").count();
        if root != "crate" && steps < source.depth() {
            continue;
        }
        let rest = &uses["rest"];
        let items: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split(',').collect(),
            None => vec![rest],
        };
        for item in items {
            let item = item.trim_matches(|c: char| c.is_whitespace() || "{}".contains(c));
            let (module, inside) = item.split_once("::").unwrap_or((item, ""));
            if !module.is_empty() {
                found.push((module.to_owned(), inside.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_modules_that_a_file_uses_are_found() {
    let check = |path: &str, code: &str, expected: &[&str]| {
        let source = Source {
            path: path.to_owned(),
            text: code.to_owned(),
            code: code.to_owned(),
            skeleton: code.to_owned(),
        };
        let found: Vec<_> = uses(&source)
            .into_iter()
            .map(|(module, _)| module)
            .collect();
        assert_eq!(found, expected, "{code}");
    };
    check(
        "sink/mod.rs",
        "use crate::table::{Dialect, Row};",
        &["table"],
    );
    check(
        "sink/mod.rs",
        "use crate::{plan, table::Row};",
        &["plan", "table"],
    );
    check(
        "sink/mod.rs",
        "super::plan::run(crate::rdf::iri::check)",
        &["plan", "rdf"],
    );
    check(
        "sink/file.rs",
        "use super::SinkError; use super::super::plan;",
        &["plan"],
    );
}

fn hold(rule: &str, broken: &[String]) {
    let mut text = String::new();
    for line in broken {
        writeln!(text, "  {line}").unwrap();
    }
    assert!(broken.is_empty(), "{rule}, but\n{text}");
}

// Where a pattern stands, as `path:line: text`.
fn places(source: &Source, searched: &str, pattern: &Regex) -> Vec<String> {
    pattern
        .find_iter(searched)
        .map(|found| {
            let line = searched[..found.start()].matches('\n').count();
            let text = source.text.lines().nth(line).unwrap_or_default().trim();
            format!("src/{}:{}: {text}", source.path, line + 1)
        })
        .collect()
}

#[test]
fn modules_use_only_what_stands_before_them_in_the_flow_of_data() {
    let mut broken = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| !source.is_front() && !source.is_test())
    {
        let module = source.module();
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            broken.push(format!(
                "src/{}: the module `{module}` has no rule",
                source.path
            ));
            continue;
        };
        for (used, _) in uses(source) {
            let known = MAY_USE.iter().any(|(name, _)| *name == used);
            let shared = SHARED.contains(&used.as_str()) && !SHARED.contains(&module);
            if known && used != module && !shared && !allowed.contains(&used.as_str()) {
                broken.push(format!("src/{} uses `{used}`", source.path));
            }
        }
    }
    broken.sort();
    broken.dedup();
    hold(
        "a module uses what `MAY_USE` lists and the shared modules",
        &broken,
    );
}

#[test]
fn the_plan_takes_only_the_dialect_from_the_tables() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.module() == "plan") {
        for (used, inside) in uses(source) {
            if used == "table" && !matches!(inside.as_str(), "Dialect" | "dialect::Dialect") {
                broken.push(format!("src/{} uses `table::{inside}`", source.path));
            }
        }
    }
    hold(
        "the plan uses `Dialect` and nothing else of the tables",
        &broken,
    );
}

#[test]
fn the_plan_has_no_words_of_a_mapping_language() {
    let words = Regex::new(
        r"(?ix) csvw | csv2rdf | \brml\b | r2rml | table_?schema | (about|value|property)_?url
        | triples_?map | logical_?source | term_?map | predicate_?object_?map | virtual",
    )
    .unwrap();
    let broken: Vec<_> = sources()
        .iter()
        .filter(|source| source.module() == "plan")
        .flat_map(|source| places(source, &source.code, &words))
        .collect();
    hold("the plan knows no mapping language", &broken);
}

#[test]
fn mapping_languages_do_not_know_each_other() {
    let mut broken = Vec::new();
    for source in sources() {
        for (one, other) in [("csvw", "rml"), ("rml", "csvw")] {
            if source.path.starts_with(&format!("mapping/{one}/")) {
                let word = Regex::new(&format!(r"\b{other}::")).unwrap();
                broken.extend(places(&source, &source.skeleton, &word));
            }
        }
    }
    hold("`csvw` and `rml` are apart", &broken);
}

#[test]
fn only_some_modules_open_files() {
    let opens = Regex::new(
        r"\bFile::(open|create|options)|\bOpenOptions\b|\bfs::(read|write|create|remove|rename|copy|File|OpenOptions)\w*|\bread_dir\b|\bstd::net\b|\b(Tcp|Unix|Udp)\w*(Stream|Socket|Listener)\b|\btempfile::",
    )
    .unwrap();
    let broken: Vec<_> = sources()
        .iter()
        .filter(|source| !source.is_front() && !source.is_test())
        .filter(|source| {
            !OPENS_FILES
                .iter()
                .any(|allowed| source.module() == *allowed || source.path == *allowed)
        })
        .flat_map(|source| places(source, &source.skeleton, &opens))
        .collect();
    hold("files are opened by the modules of `OPENS_FILES`", &broken);
}

#[test]
fn only_the_command_line_prints() {
    let prints = Regex::new(r"\be?print(ln)?!|\bdbg!|\bstderr\(\)|\banstream\b").unwrap();
    let standard_output = Regex::new(r"\bstdout\(\)").unwrap();
    let mut broken = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| source.module() != "cli" && !source.is_test())
    {
        broken.extend(places(source, &source.skeleton, &prints));
        // A sink may end in standard output, as data.
        if source.module() != "sink" {
            broken.extend(places(source, &source.skeleton, &standard_output));
        }
    }
    hold("`cli` alone prints", &broken);
}

#[test]
fn nothing_uses_the_command_line_but_the_program() {
    let broken: Vec<_> = sources()
        .iter()
        .filter(|source| !matches!(source.module(), "cli" | "main"))
        .filter(|source| uses(source).iter().any(|(used, _)| used == "cli"))
        .map(|source| format!("src/{}", source.path))
        .collect();
    hold("nothing uses `cli`", &broken);
}

#[test]
fn every_file_opens_with_its_purpose() {
    let broken: Vec<_> = sources()
        .iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| format!("src/{}", source.path))
        .collect();
    hold("a file opens with `//!`", &broken);
}

#[test]
fn files_stay_small() {
    let mut broken: Vec<_> = sources()
        .iter()
        .map(|source| (source.text.lines().count(), source))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, source)| format!("src/{} has {lines}", source.path))
        .collect();
    let main = sources()
        .into_iter()
        .find(|source| source.path == "main.rs")
        .unwrap();
    if main.text.lines().count() >= 30 {
        broken.push("src/main.rs has 30 or more".to_owned());
    }
    hold("a file has at most 800 lines", &broken);
}

#[test]
fn modules_are_named_for_what_they_do() {
    let vague = [
        "utils", "util", "helpers", "helper", "common", "misc", "manager",
    ];
    let broken: Vec<_> = sources()
        .iter()
        .filter(|source| {
            source
                .path
                .split('/')
                .any(|part| vague.contains(&part.trim_end_matches(".rs")))
        })
        .map(|source| format!("src/{}", source.path))
        .collect();
    hold("a name says what a module does", &broken);
}

// What a project is about is in its folder: the code would serve any other.
#[test]
fn the_sources_do_not_know_what_the_graph_is_about() {
    // Its own name, and namespaces of others that the permanent identifier service hosts.
    let own_name =
        Regex::new(r"coalition[-_]kg|CoalitionKg|w3id\.org/(?:function|imec|rml)/").unwrap();
    let domain = Regex::new(r"(?i)coalition|daesh|w3id|\bckg\b").unwrap();
    let mut broken = Vec::new();
    for source in sources() {
        let text = own_name.replace_all(&source.text, "");
        broken.extend(places(&source, &text, &domain));
    }
    hold("the sources know nothing of the coalition", &broken);
}

/// The short names of specifications in `text`, such as `RFC 6570` in `RFC 6570 §3.2.1, step 2`.
fn specification_names(text: &str) -> Vec<String> {
    static AFTER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\s+(?:part|table|appendix|chapter)\s.*$").unwrap());
    let mut names = Vec::new();
    for reference in text.split(';') {
        for (index, piece) in reference.split(',').enumerate() {
            let name = match piece.split_once('§') {
                Some((name, _)) => name,
                None if index == 0 => piece,
                None => continue,
            };
            let name = AFTER.replace(name.trim(), "").into_owned();
            // `§2.1.1 (which constraints)` goes on with the specification before it.
            if !name.is_empty() && !name.starts_with(['(', '"', '`']) {
                names.push(name);
            }
        }
    }
    names
}

#[test]
fn short_names_of_specifications_are_read() {
    let names = specification_names;
    assert_eq!(names("RFC 6570 §3.2.1"), ["RFC 6570"]);
    assert_eq!(
        names("RFC 3987 §6.5, RFC 3986 §5.2"),
        ["RFC 3987", "RFC 3986"]
    );
    assert_eq!(
        names("metadata §5.6, \"name\"; RFC 6570 §2.3"),
        ["metadata", "RFC 6570"]
    );
    assert_eq!(names("UAX 35 part 3 §3"), ["UAX 35"]);
    assert_eq!(names("Unicode 15 table 3-7"), ["Unicode 15"]);
    assert_eq!(
        names("shacl §6.2.3 (which validator), §2.1.1 (which constraints)"),
        ["shacl"]
    );
}

#[test]
fn specifications_are_those_that_the_architecture_document_lists() {
    let document = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let document = std::fs::read_to_string(document).unwrap();
    let is_listed = |name: &str| {
        let cell = format!("| {name} |");
        document.contains(&format!("`{name}`")) || document.contains(&cell)
    };
    let comment = Regex::new(r"(?m)^\s*//[/!]? Spec: (?<text>.+)$").unwrap();
    let shown = Regex::new(r#""(?<text>[A-Za-z][\w -]* §[^"]*)""#).unwrap();
    let mut broken = Vec::new();
    for source in sources() {
        for found in comment
            .captures_iter(&source.text)
            .chain(shown.captures_iter(&source.code))
        {
            for name in specification_names(&found["text"]) {
                if !is_listed(&name) {
                    broken.push(format!("src/{}: {name}", source.path));
                }
            }
        }
    }
    broken.sort();
    broken.dedup();
    hold(
        "ARCHITECTURE.md lists the short names of specifications",
        &broken,
    );
}
