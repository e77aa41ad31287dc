//! Values of parameters: from what a user types to a term.
//!
//! In: a text and known prefixes. Out: an IRI or a literal. `<…>` and `"…"` are read as in SPARQL,
//! and so are numbers, `true` and `false`; a prefixed name or an absolute IRI is an IRI; anything
//! else is a plain string.

use super::error::QueryError;
use crate::diagnostic::nearest;
use crate::rdf::prefixes::Prefixes;
use oxrdf::{Literal, NamedNode};
use spargebra::algebra::GraphPattern;
use spargebra::term::GroundTerm;
use spargebra::{Query, SparqlParser};

/// Splits `name=value`.
///
/// # Errors
///
/// If there is no `=`, or no variable name before it.
///
/// # Examples
///
/// ```
/// assert_eq!(coalition_kg::query::split_binding("?year=2021")?, ("year", "2021"));
/// # Ok::<_, coalition_kg::query::QueryError>(())
/// ```
pub fn split_binding(text: &str) -> Result<(&str, &str), QueryError> {
    let parts = text
        .split_once('=')
        .map(|(name, value)| (name.trim().trim_start_matches(['?', '$']), value.trim()))
        .filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        });
    parts.ok_or_else(|| QueryError::Binding {
        text: text.to_owned(),
    })
}

/// Reads the value of the variable `name`; `parser` carries the base of relative IRIs.
pub(super) fn parse_value(
    name: &str,
    value: &str,
    prefixes: &Prefixes,
    parser: &SparqlParser,
) -> Result<GroundTerm, QueryError> {
    let error = |message: &str| QueryError::Value {
        name: name.to_owned(),
        value: value.to_owned(),
        message: message.to_owned(),
    };
    if value.starts_with('<') {
        return parse_sparql(value, parser).ok_or_else(|| error("expected `<` an IRI `>`"));
    }
    if value.starts_with(['"', '\'']) {
        return parse_sparql(value, parser).ok_or_else(|| {
            error("expected a quoted string, then `@` a language or `^^` a datatype")
        });
    }
    if value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        || matches!(value, "true" | "false")
    {
        // A date or a telephone number begins like a number and is a string.
        return Ok(parse_sparql(value, parser).unwrap_or_else(|| Literal::from(value).into()));
    }
    match value.split_once(':') {
        Some((prefix, _)) if !value.contains(char::is_whitespace) => {
            let iri = match prefixes.expand(value) {
                Some(iri) => iri,
                None if is_absolute(value) => value.to_owned(),
                None if !prefix
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) =>
                {
                    return Ok(Literal::from(value).into());
                }
                None => {
                    let known = prefixes.iter().map(|(prefix, _)| prefix);
                    return Err(QueryError::ValuePrefix {
                        name: name.to_owned(),
                        prefix: prefix.to_owned(),
                        nearest: nearest(prefix, known).map(str::to_owned),
                    });
                }
            };
            NamedNode::new(iri)
                .map(GroundTerm::from)
                .map_err(|_| error("expected an IRI"))
        }
        _ => Ok(Literal::from(value).into()),
    }
}

/// IRIs that people paste without brackets.
fn is_absolute(value: &str) -> bool {
    ["http://", "https://", "file://", "urn:", "mailto:"]
        .iter()
        .any(|scheme| value.starts_with(scheme))
}

/// Reads one term in SPARQL syntax and nothing else.
fn parse_sparql(value: &str, parser: &SparqlParser) -> Option<GroundTerm> {
    let text = format!("SELECT * {{ VALUES ?v {{ {value} }} }}");
    let Ok(Query::Select { pattern, .. }) = parser.clone().parse_query(&text) else {
        return None;
    };
    let GraphPattern::Project { inner, .. } = pattern else {
        return None;
    };
    let GraphPattern::Values { bindings, .. } = *inner else {
        return None;
    };
    let [row] = <[_; 1]>::try_from(bindings).ok()?;
    let [term] = <[_; 1]>::try_from(row).ok()?;
    term
}

/// How many bytes at the start of a text are a value: up to the closing bracket, up to the end of
/// a quoted string with its tag or datatype, or else up to white space.
pub(super) fn value_length(text: &str) -> usize {
    let word = |text: &str| text.find(char::is_whitespace).unwrap_or(text.len());
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return word(text);
    };
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return index + 1 + word(&text[index + 1..]);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<GroundTerm, QueryError> {
        let mut prefixes = Prefixes::well_known();
        prefixes.insert("id", "https://e.org/id/").unwrap();
        let mut parser = SparqlParser::new().with_base_iri("https://e.org/").unwrap();
        for (prefix, namespace) in &prefixes {
            parser = parser.with_prefix(prefix, namespace).unwrap();
        }
        parse_value("v", value, &prefixes, &parser)
    }

    fn check(value: &str, expected: &str) {
        assert_eq!(parse(value).unwrap().to_string(), expected, "{value}");
    }

    #[test]
    fn values_are_terms() {
        check("<https://e.org/x>", "<https://e.org/x>");
        check("<x>", "<https://e.org/x>");
        check("id:state-USA", "<https://e.org/id/state-USA>");
        check("id:a/b", "<https://e.org/id/a/b>");
        check("https://f.org/x", "<https://f.org/x>");
        check("urn:x:y", "<urn:x:y>");
        check(
            "2021",
            "\"2021\"^^<http://www.w3.org/2001/XMLSchema#integer>",
        );
        check(
            "-1.50",
            "\"-1.50\"^^<http://www.w3.org/2001/XMLSchema#decimal>",
        );
        check("1e3", "\"1e3\"^^<http://www.w3.org/2001/XMLSchema#double>");
        check(
            "true",
            "\"true\"^^<http://www.w3.org/2001/XMLSchema#boolean>",
        );
        check("\"2021\"", "\"2021\"");
        check(
            "\"2021\"^^xsd:gYear",
            "\"2021\"^^<http://www.w3.org/2001/XMLSchema#gYear>",
        );
        check("\"مصر\"@ar", "\"مصر\"@ar");
        check("'a b'@en", "\"a b\"@en");
        check("en", "\"en\"");
        check("", "\"\"");
        check("المغرب", "\"المغرب\"");
        check("two words: here", "\"two words: here\"");
        check("2021-09-02", "\"2021-09-02\"");
        check("10:30", "\"10:30\"");
    }

    #[test]
    fn values_that_are_no_terms_are_refused() {
        for value in [
            "<a b>",
            "<>x",
            "\"a",
            "\"a\"@",
            "\"a\" \"b\"",
            "\"a\" } ?x { \"b\"",
            "id:<",
        ] {
            assert!(
                matches!(parse(value), Err(QueryError::Value { .. })),
                "{value}"
            );
        }
        let Err(QueryError::ValuePrefix { nearest, .. }) = parse("skso:x") else {
            panic!("an unknown prefix");
        };
        assert_eq!(nearest.as_deref(), Some("skos"));
    }

    #[test]
    fn bindings_are_name_and_value() {
        assert_eq!(split_binding("a=b=c").unwrap(), ("a", "b=c"));
        assert_eq!(split_binding(" $a = b ").unwrap(), ("a", "b"));
        for text in ["a", "=b", "a b=c", "?=c"] {
            assert!(
                matches!(split_binding(text), Err(QueryError::Binding { .. })),
                "{text}"
            );
        }
    }
}
