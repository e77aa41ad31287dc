//! Functions on one line: `ex:fn(p = $(x), q = "y")`.
//!
//! In: the text after `function`. Out: its parts, still as texts. Arguments without `=` are there for
//! `join(mapping, equal($(a), $(b)))`.
//!
//! Spec: yarrrml §10

/// How deep functions may be inside each other.
const DEPTH: usize = 32;

/// A function with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inline {
    /// The function, as it is written.
    pub(super) name: String,
    /// Each parameter, as far as it is written, with its value.
    pub(super) arguments: Vec<(Option<String>, Value)>,
}

/// The value of an argument.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A text, without the quotes around it.
    Text(String),
    /// The result of another function.
    Call(Inline),
}

/// Whether a text is a function with arguments, not only a name.
pub(super) fn is_call(text: &str) -> bool {
    let name = text.split('(').next().unwrap_or_default();
    let is_name = !name.is_empty() && !name.contains(['$', '"', '\'', '{', ',', '=']);
    is_name && !name.contains(char::is_whitespace) && text.contains('(') && text.ends_with(')')
}

/// Takes a function apart; the error is for people.
pub(super) fn parse(text: &str) -> Result<Inline, String> {
    let mut rest = text.trim();
    let call = call(&mut rest, DEPTH)?;
    if !rest.trim().is_empty() {
        return Err(format!("`{}` is left after the last `)`", rest.trim()));
    }
    Ok(call)
}

fn call(rest: &mut &str, depth: usize) -> Result<Inline, String> {
    if depth == 0 {
        return Err(format!("functions are more than {DEPTH} inside each other"));
    }
    let open = rest.find('(').ok_or("a `(` is missing")?;
    let mut call = Inline {
        name: rest[..open].trim().to_owned(),
        arguments: Vec::new(),
    };
    *rest = rest[open + 1..].trim_start();
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            *rest = after;
            return Ok(call);
        }
        if rest.is_empty() {
            return Err(format!("the `(` after `{}` is not closed", call.name));
        }
        call.arguments.push(argument(rest, depth)?);
        *rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => *rest = after.trim_start(),
            None if rest.starts_with(')') => {}
            None => return Err(format!("expected `,` or `)` before `{rest}`")),
        }
    }
}

fn argument(rest: &mut &str, depth: usize) -> Result<(Option<String>, Value), String> {
    let end = rest.find(['=', ',', '(', ')', '"', '\'']);
    let mut parameter = None;
    if let Some(end) = end
        && rest[end..].starts_with('=')
    {
        parameter = Some(rest[..end].trim().to_owned());
        *rest = rest[end + 1..].trim_start();
    }
    for quote in ['"', '\''] {
        if let Some(inside) = rest.strip_prefix(quote) {
            let (value, after) = quoted(inside, quote)?;
            *rest = after;
            return Ok((parameter, Value::Text(value)));
        }
    }
    let end = end_of_value(rest)?;
    let value = rest[..end].trim();
    *rest = &rest[end..];
    let value = if is_call(value) {
        let mut inside = value;
        let inner = call(&mut inside, depth - 1)?;
        if inside.is_empty() && is_function(&inner) {
            Value::Call(inner)
        } else {
            Value::Text(value.to_owned())
        }
    } else {
        Value::Text(value.to_owned())
    };
    Ok((parameter, value))
}

// Texts may hold brackets too: `q = http://example.org/a(b)`.
fn is_function(call: &Inline) -> bool {
    let is_named = call
        .arguments
        .iter()
        .all(|(parameter, _)| parameter.is_some());
    matches!(call.name.as_str(), "equal" | "notEqual") || is_named && call.name.contains(':')
}

// A quote ends where a `,` or `)` follows; one with a backslash is a character.
fn quoted(inside: &str, quote: char) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, c)) = characters.next() {
        let after = &inside[at + c.len_utf8()..];
        if c == '\\' && after.starts_with(quote) {
            value.push(quote);
            characters.next();
        } else if c == quote && after.trim_start().starts_with([',', ')']) {
            return Ok((value, after));
        } else {
            value.push(c);
        }
    }
    Err(format!("a `{quote}` is not closed"))
}

fn end_of_value(text: &str) -> Result<usize, String> {
    let mut depth = 0;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'(' => depth += 1,
            b',' if depth == 0 => return Ok(at),
            b')' if depth == 0 => return Ok(at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    Err(format!("a `)` is missing after `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(call: &Inline) -> String {
        let arguments = call.arguments.iter().map(|(parameter, value)| {
            let value = match value {
                Value::Text(text) => format!("{text:?}"),
                Value::Call(inner) => show(inner),
            };
            match parameter {
                Some(parameter) => format!("{parameter}={value}"),
                None => value,
            }
        });
        format!("{}({})", call.name, arguments.collect::<Vec<_>>().join(","))
    }

    fn check(text: &str, expected: &str) {
        assert!(is_call(text), "{text}");
        assert_eq!(show(&parse(text).unwrap()), expected, "{text}");
    }

    #[test]
    fn calls() {
        check("ex:f(p = $(x))", r#"ex:f(p="$(x)")"#);
        check("ex:f()", "ex:f()");
        check(
            "ex:f( ex:p=$(a b), q = \"x, (y\" )",
            r#"ex:f(ex:p="$(a b)",q="x, (y")"#,
        );
        check("ex:f(p='it''s', q=a=b)", r#"ex:f(p="it''s",q="a=b")"#);
        check(
            "ex:f(p=ex:g(p=$(x), q=2), r=3)",
            r#"ex:f(p=ex:g(p="$(x)",q="2"),r="3")"#,
        );
        check(
            "http://e.org/#f(p=$(x (y)))",
            r#"http://e.org/#f(p="$(x (y))")"#,
        );
        check(
            "join(quoted=m1, equal($(a),$(b)))",
            r#"join(quoted="m1",equal("$(a)","$(b)"))"#,
        );
    }

    #[test]
    fn texts_with_brackets_are_no_calls() {
        check(
            "ex:f(p=a(b), q=http://e.org/a(b))",
            r#"ex:f(p="a(b)",q="http://e.org/a(b)")"#,
        );
        for text in ["ex:f", "$(x)", "a (b)", "ex:f(p", "\"f(x)\""] {
            assert!(!is_call(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_told() {
        for text in ["ex:f(p = $(x)", "ex:f(p=\"x)", "ex:f(p=x))", "ex:f(p=x) y)"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"f(".repeat(100_000)).is_err());
    }
}
