//! What is wrong with a SPARQL text, and where.
//!
//! In: a text that the SPARQL parser refused. Out: the first token with which no query can begin,
//! and what could stand there instead. The parser itself names a place up to a keyword's length
//! too far and the longest keywords it tried, so it is only asked yes-or-no questions here: can
//! this beginning be the beginning of a query?

use super::error::{QueryError, SyntaxError};
use crate::diagnostic::{Location, nearest};
use crate::rdf::prefixes::Prefixes;
use spargebra::SparqlParser;
use std::ops::Range;

/// A token of SPARQL, as far as finding its ends needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// Bytes from the start of the text.
    pub(super) start: usize,
    /// Whether it is a string or an IRI without a proper end.
    is_open: bool,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn span(&self) -> Range<usize> {
        self.start..self.end()
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// Splits a SPARQL text into tokens, without white space and comments.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        if first.is_ascii_whitespace() || first == '\u{FEFF}' {
            start += first.len_utf8();
        } else if first == '#' {
            start += rest.find(['\n', '\r']).unwrap_or(rest.len());
        } else {
            let (length, is_open) = token_length(rest, first);
            tokens.push(Token {
                text: &rest[..length],
                start,
                is_open,
            });
            start += length;
        }
    }
    tokens
}

/// The prefixes that a query declares, with their namespaces as written.
pub(super) fn declared_prefixes<'a>(
    tokens: &'a [Token<'a>],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    tokens.windows(3).filter_map(|window| {
        let [keyword, prefix, namespace] = window else {
            return None;
        };
        let namespace = namespace.text.strip_prefix('<')?.strip_suffix('>')?;
        let prefix = prefix.text.strip_suffix(':')?;
        keyword.is_word("PREFIX").then_some((prefix, namespace))
    })
}

/// The length in bytes of the token at the start of `rest`, and whether it lacks its end.
fn token_length(rest: &str, first: char) -> (usize, bool) {
    match first {
        '"' | '\'' => string_length(rest, first),
        '<' => {
            let end = rest[1..]
                .find(|c| c <= ' ' || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`'));
            match end {
                Some(end) if rest[1 + end..].starts_with('>') => (end + 2, false),
                _ if has_scheme(&rest[1..]) => {
                    let line = rest.lines().next().unwrap_or(rest);
                    let end = line.find('>').map(|end| end + 1);
                    let end = end.or_else(|| line.find(char::is_whitespace));
                    (end.unwrap_or(line.len()), true)
                }
                _ if rest.starts_with("<=") => (2, false),
                _ => (1, false),
            }
        }
        '?' | '$' | '@' => {
            let name = rest[1..]
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || (first == '@' && c == '-')));
            (1 + name.unwrap_or(rest.len() - 1), false)
        }
        _ if is_name(first) || first == ':' => {
            let end = rest.find(|c| !(is_name(c) || matches!(c, ':' | '.' | '-' | '%' | '\\')));
            let name = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
            (name.len(), false)
        }
        _ => {
            let operator = ["^^", "&&", "||", "!=", ">="]
                .iter()
                .find(|operator| rest.starts_with(**operator));
            (
                operator.map_or(first.len_utf8(), |operator| operator.len()),
                false,
            )
        }
    }
}

/// Whether a text begins like an absolute IRI.
fn has_scheme(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.trim_start_matches(is_part).starts_with("://")
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || ('\u{300}'..='\u{36F}').contains(&c)
}

fn string_length(rest: &str, quote: char) -> (usize, bool) {
    let long = [quote; 3].iter().collect::<String>();
    let is_long = rest.starts_with(&long);
    let open = if is_long { 3 } else { 1 };
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(open) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if is_long && rest[index..].starts_with(&long) {
            return (index + 3, false);
        } else if !is_long && c == quote {
            return (index + 1, false);
        } else if !is_long && matches!(c, '\n' | '\r') {
            return (index, true);
        }
    }
    (rest.len(), true)
}

/// Line and column of a byte offset, both from 1; columns are code points.
pub(super) fn locate(source: Option<&str>, text: &str, span: Range<usize>) -> Location {
    let before = &text[..span.start];
    let line_start = before.rfind('\n').map_or(0, |index| index + 1);
    Location {
        source: source.map(str::to_owned),
        line: Some(before.matches('\n').count() as u64 + 1),
        column: Some(before[line_start..].chars().count() as u64 + 1),
        byte_span: Some(span),
        ..Location::default()
    }
}

/// White space after a beginning that is asked about: longer than any keyword, so that a parser
/// that went on behind the beginning can be told from one that read a keyword's length into it.
const GAP: usize = 24;

/// What could stand at a place, by its shortest text; [`describe_candidate`] names it.
const CANDIDATES: [&str; 46] = [
    "SELECT",
    "ASK",
    "CONSTRUCT",
    "DESCRIBE",
    "PREFIX",
    "BASE",
    "WHERE",
    "FROM",
    "GROUP",
    "ORDER",
    "BY",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "VALUES",
    "OPTIONAL",
    "UNION",
    "FILTER",
    "BIND",
    "MINUS",
    "GRAPH",
    "AS",
    "DISTINCT",
    "NAMED",
    "IN",
    "NOT",
    "EXISTS",
    "SEPARATOR",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ".",
    ";",
    ",",
    "=",
    "*",
    "?x",
    "<x:x>",
    "\"x\"",
    "1",
    "x:",
    "_:x",
    "UNDEF",
];

/// Built-in functions and aggregates.
const FUNCTIONS: [&str; 55] = [
    "ABS",
    "AVG",
    "BNODE",
    "BOUND",
    "CEIL",
    "COALESCE",
    "CONCAT",
    "CONTAINS",
    "COUNT",
    "DATATYPE",
    "DAY",
    "ENCODE_FOR_URI",
    "EXISTS",
    "FLOOR",
    "GROUP_CONCAT",
    "HOURS",
    "IF",
    "IRI",
    "ISBLANK",
    "ISIRI",
    "ISLITERAL",
    "ISNUMERIC",
    "LANG",
    "LANGMATCHES",
    "LCASE",
    "MAX",
    "MD5",
    "MIN",
    "MINUTES",
    "MONTH",
    "NOW",
    "RAND",
    "REGEX",
    "REPLACE",
    "ROUND",
    "SAMETERM",
    "SAMPLE",
    "SECONDS",
    "SHA1",
    "SHA256",
    "STR",
    "STRAFTER",
    "STRBEFORE",
    "STRDT",
    "STRENDS",
    "STRLANG",
    "STRLEN",
    "STRSTARTS",
    "STRUUID",
    "SUBSTR",
    "SUM",
    "TIMEZONE",
    "UCASE",
    "URI",
    "YEAR",
];

/// Keywords of SPARQL Update, which begin an operation.
const UPDATE_WORDS: [&str; 10] = [
    "INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH",
];

/// Explains why a text is not a query; `parser` carries the base and the predeclared `prefixes`,
/// `message` is what it said.
pub(super) fn explain(
    source: Option<&str>,
    text: &str,
    parser: &SparqlParser,
    prefixes: &Prefixes,
    message: &str,
) -> QueryError {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return QueryError::Empty {
            location: Box::new(Location {
                source: source.map(str::to_owned),
                ..Location::default()
            }),
        };
    }
    // The shortest beginning that nothing can complete ends with the token at fault.
    let bad = {
        let (mut good, mut bad) = (0, tokens.len() + 1);
        while bad - good > 1 {
            let middle = good.midpoint(bad);
            // An open string or IRI could go on, but the text does not.
            let is_open = tokens[..middle].iter().any(|token| token.is_open);
            if !is_open && can_go_on(parser, &text[..tokens[middle - 1].end()]) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        bad - 1
    };
    let before = match bad {
        0 => "",
        _ => &text[..tokens[bad - 1].end()],
    };
    let Some(token) = tokens.get(bad) else {
        return at_the_end(source, text, parser, message, &tokens);
    };
    let location = locate(source, text, token.span());
    let is_start = can_go_on(parser, &format!("{before}\nASK"));
    if is_start && UPDATE_WORDS.iter().any(|word| token.is_word(word)) {
        return QueryError::Update {
            location: Box::new(location),
        };
    }
    if let Some((prefix, _)) = token.text.split_once(':')
        && can_go_on(parser, &format!("{before}\n<x:x>"))
        && !token.text.starts_with(['<', '_', '"', '\''])
    {
        let declared = declared_prefixes(&tokens).map(|(prefix, _)| prefix);
        let known = prefixes.iter().map(|(prefix, _)| prefix);
        return QueryError::UndeclaredPrefix {
            location: Box::new(location),
            prefix: prefix.to_owned(),
            nearest: nearest(prefix, declared.chain(known)).map(str::to_owned),
        };
    }
    if token.text.starts_with('<') && can_go_on(parser, &format!("{before}\n<x:x>")) {
        return syntax(
            location,
            format!(
                "invalid IRI `{}`: expected an absolute IRI without spaces, then `>`",
                shorten(token.text)
            ),
            None,
        );
    }
    if token.is_open {
        return syntax(
            location,
            format!(
                "the string that begins with `{}` has no end",
                shorten(token.text)
            ),
            Some(format!(
                "close it with `{}`; a line break needs three quotes",
                &token.text[..1]
            )),
        );
    }
    let expected = expected_after(parser, before);
    let words = expected.iter().copied().filter(|word| word.len() > 2);
    let functions: &[&str] = if can_go_on(parser, &format!("{before}\nSTR(1)")) {
        &FUNCTIONS
    } else {
        &[]
    };
    let hint = nearest(token.text, words.chain(functions.iter().copied()))
        .map(|word| format!("did you mean `{word}`?"));
    syntax(
        location,
        format!("unexpected `{}`{}", shorten(token.text), list(&expected)),
        hint,
    )
}

/// Every beginning is fine: the end is missing, or the whole breaks a rule beyond grammar.
fn at_the_end(
    source: Option<&str>,
    text: &str,
    parser: &SparqlParser,
    message: &str,
    tokens: &[Token<'_>],
) -> QueryError {
    let end = tokens.last().map_or(0, Token::end);
    let rules = [
        (
            "The SELECT contains a variable that is unbound",
            "SELECT",
            "a selected variable is neither grouped nor aggregated",
            "name it in `GROUP BY`, or wrap it: `(SAMPLE(?x) AS ?y)`",
        ),
        (
            "Duplicated variable name in SELECT",
            "SELECT",
            "a variable is selected twice",
            "give each `AS` a name of its own",
        ),
        (
            "is already bound",
            "BIND",
            "a variable is bound twice",
            "give `AS` a name that was not used before",
        ),
        (
            "blank node",
            "_:",
            "a blank node label is used in two blocks",
            "use a variable instead",
        ),
    ];
    for (said, word, says, hint) in rules {
        if message.contains(said) {
            let place = tokens.iter().rfind(|token| {
                token.is_word(word) || (word == "_:" && token.text.starts_with(word))
            });
            let span = place.map_or(end..end, Token::span);
            return syntax(
                locate(source, text, span),
                says.to_owned(),
                Some(hint.to_owned()),
            );
        }
    }
    let expected = expected_after(parser, &text[..end]);
    syntax(
        locate(source, text, end..end),
        format!("unexpected end of the query{}", list(&expected)),
        None,
    )
}

fn syntax(location: Location, message: String, hint: Option<String>) -> QueryError {
    QueryError::Syntax(Box::new(SyntaxError {
        location,
        message,
        hint,
    }))
}

/// Whether some text could follow so that the whole is a query.
fn can_go_on(parser: &SparqlParser, beginning: &str) -> bool {
    // No token begins with this character, so the parser stops behind the gap at the latest.
    let text = format!("{beginning}{}\u{1}", " ".repeat(GAP));
    let Err(error) = parser.clone().parse_query(&text) else {
        return true;
    };
    let Some((line, column)) = position(&error.to_string()) else {
        // Not about a place, so not about this token.
        return true;
    };
    let line_start = beginning.rfind('\n').map_or(0, |index| index + 1);
    let last_line = beginning.matches('\n').count() + 1;
    let columns = beginning[line_start..].chars().count();
    line == last_line && column > columns + GAP
}

/// The line and column that the parser's message begins with, both from 1.
fn position(message: &str) -> Option<(usize, usize)> {
    let (place, _) = message.strip_prefix("error at ")?.split_once(": ")?;
    let (line, column) = place.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

fn expected_after(parser: &SparqlParser, before: &str) -> Vec<&'static str> {
    CANDIDATES
        .into_iter()
        .filter(|candidate| can_go_on(parser, &format!("{before}\n{candidate}")))
        .map(describe_candidate)
        .collect()
}

fn describe_candidate(candidate: &'static str) -> &'static str {
    match candidate {
        "?x" => "a variable",
        "<x:x>" => "an IRI",
        "\"x\"" => "a string",
        "1" => "a number",
        "_:x" => "a blank node",
        "x:" => "a prefix",
        _ => candidate,
    }
}

/// `, expected a, b or c`; nothing if there are too many to be of help.
fn list(expected: &[&str]) -> String {
    const SHOWN: usize = 8;
    const TERMS: [&str; 4] = ["a variable", "an IRI", "a string", "a number"];
    if TERMS.iter().all(|term| expected.contains(term)) && !expected.contains(&"}") {
        return ", expected a variable, an IRI or a literal".to_owned();
    }
    let named: Vec<String> = expected
        .iter()
        .map(|word| {
            if word.contains(' ') {
                (*word).to_owned()
            } else {
                format!("`{word}`")
            }
        })
        .collect();
    match named.split_last() {
        Some((only, [])) => format!(", expected {only}"),
        Some((last, others)) if named.len() <= SHOWN => {
            format!(", expected {} or {last}", others.join(", "))
        }
        // The end of a block is the likeliest of many.
        Some(_) if expected.contains(&"}") => ", expected `}` or another pattern".to_owned(),
        _ => String::new(),
    }
}

/// A token's beginning, for a message.
fn shorten(text: &str) -> String {
    const SHOWN: usize = 40;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
