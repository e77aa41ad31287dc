//! Templates: `http://example.com/{id}`.
//!
//! In: the text of a template. Out: its parts, or why it is none.

use super::model::{Side, Template, TemplatePart};
use std::ops::Range;

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// What is wrong.
    pub kind: TemplateFaultKind,
    /// The bytes at fault, counted from 0 in the text of the template.
    pub bytes: Range<usize>,
}

/// What can be wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFaultKind {
    /// A reference that has no end.
    #[error("a `{{` has no `}}`")]
    Unclosed,
    /// A brace that ends nothing.
    #[error("a `}}` has no `{{`")]
    Unopened,
    /// A brace in a reference.
    #[error("a `{{` stands in a reference")]
    Nested,
    /// A reference without a name.
    #[error("a reference `{{}}` has no name")]
    Empty,
    /// A backslash before what needs none.
    #[error("a backslash stands before what is neither a brace nor a backslash")]
    Escape,
}

impl TemplateFaultKind {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Unclosed | Self::Unopened | Self::Nested => {
                "a brace that belongs to the text or to a name is written `\\{` or `\\}`, in Turtle `\\\\{` or `\\\\}`"
            }
            Self::Empty => "write the name of a column between the braces",
            Self::Escape => "a backslash is written `\\\\`, in Turtle `\\\\\\\\`",
        }
    }
}

/// Takes a template apart; backslashes are taken away.
///
/// # Errors
/// Where braces are not balanced, a reference has no name or a backslash stands before anything but a
/// brace or a backslash.
///
/// Spec: RML-Core §7.1.3
pub fn parse(text: &str) -> Result<Template, TemplateFault> {
    let fault = |kind, bytes| Err(TemplateFault { kind, bytes });
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut opened = None;
    let mut chars = text.char_indices();
    while let Some((at, sign)) = chars.next() {
        match (sign, opened) {
            ('\\', _) => match chars.next() {
                Some((_, escaped @ ('{' | '}' | '\\'))) => part.push(escaped),
                other => {
                    let end = other.map_or(text.len(), |(at, sign)| at + sign.len_utf8());
                    return fault(TemplateFaultKind::Escape, at..end);
                }
            },
            ('{', Some(_)) => return fault(TemplateFaultKind::Nested, at..at + 1),
            ('{', None) => {
                if !part.is_empty() {
                    parts.push(TemplatePart::Text(std::mem::take(&mut part)));
                }
                opened = Some(at);
            }
            ('}', None) => return fault(TemplateFaultKind::Unopened, at..at + 1),
            ('}', Some(start)) => {
                if part.is_empty() {
                    return fault(TemplateFaultKind::Empty, start..at + 1);
                }
                let name = std::mem::take(&mut part);
                parts.push(TemplatePart::Reference(name, Side::Child));
                opened = None;
            }
            _ => part.push(sign),
        }
    }
    if let Some(start) = opened {
        return fault(TemplateFaultKind::Unclosed, start..start + 1);
    }
    if !part.is_empty() {
        parts.push(TemplatePart::Text(part));
    }
    Ok(Template {
        text: text.to_owned(),
        parts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let parts = parse(text).unwrap().parts;
        let shown: Vec<_> = parts
            .iter()
            .map(|part| match part {
                TemplatePart::Text(text) => format!("={text}"),
                TemplatePart::Reference(name, _) => format!("@{name}"),
            })
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn parts_are_told_apart() {
        check("http://example.com/{id}", &["=http://example.com/", "@id"]);
        check("{a}{b c}", &["@a", "@b c"]);
        check(r"{\{Name\}}", &["@{Name}"]);
        check(r"\{\{ \\o/ {Title} \}\}", &[r"={{ \o/ ", "@Title", "= }}"]);
        check("no reference", &["=no reference"]);
        check("", &[]);
        check("{größe}/ß", &["@größe", "=/ß"]);
    }

    #[test]
    fn what_is_no_template_is_told() {
        use TemplateFaultKind as Kind;
        for (text, kind, bytes) in [
            ("a/{{Name}}", Kind::Nested, 3..4),
            (r"a/{\\{Name\\}}", Kind::Nested, 5..6),
            (r"a/{Name\}", Kind::Unclosed, 2..3),
            ("a}", Kind::Unopened, 1..2),
            ("a{}b", Kind::Empty, 1..3),
            (r"{N\ame}", Kind::Escape, 2..4),
            (r"ends with \", Kind::Escape, 10..11),
        ] {
            assert_eq!(parse(text), Err(TemplateFault { kind, bytes }), "{text}");
        }
    }
}
