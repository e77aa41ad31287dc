//! Texts with references: `ex:person/$(id)`.
//!
//! In: the text of a scalar. Out: an expression, with prefixes and external references replaced.
//!
//! Spec: yarrrml §6, §12

use super::super::model::{Expression, ExpressionMap, Side, Template, TemplatePart};
use super::Reader;
use super::prefix::Start;
use super::yaml::Node;
use crate::diagnostic::nearest;
use crate::rdf::iri;
use oxrdf::{Literal, NamedNode, Term};

/// What a text stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// An IRI: prefixes have to be known.
    Iri,
    /// Anything: a colon may be a colon.
    Text,
}

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Text(String),
    /// A reference: `$(id)`, and `$(\_id)`.
    Reference(String),
    /// An external reference: `$(_name)`, without `_`.
    External(String),
}

/// Splits a text; gives the byte of a `$(` that is not closed as the error.
///
/// Backslashes stand for themselves where there is no reference. Else they take their meaning from
/// `$`, `(`, `)`, `\` and `:` after them, and stand for themselves before other characters.
pub(super) fn split(text: &str) -> Result<Vec<Piece>, usize> {
    if !text.contains("$(") && !text.contains("$\\(") {
        return Ok(vec![Piece::Text(text.replace("\\:", ":"))]);
    }
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(inside) = rest.strip_prefix("$(") {
            let end = end_of_reference(inside).ok_or(at)?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(reference(&inside[..end]));
            at += 2 + end + 1;
            continue;
        }
        let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
        if let Some(c @ ('$' | '(' | ')' | '\\' | ':')) = escaped {
            plain.push(c);
            at += 2;
        } else {
            plain.push(first);
            at += first.len_utf8();
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

// Where a reference ends. Brackets in it need no backslash where they come in pairs.
fn end_of_reference(inside: &str) -> Option<usize> {
    let mut depth = 0;
    let mut first = None;
    let mut balanced = None;
    let mut escaped = None;
    let mut is_escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        if is_escaped {
            is_escaped = false;
            if matches!(byte, b'(' | b')') {
                escaped.get_or_insert(at);
            }
            continue;
        }
        match byte {
            b'\\' => is_escaped = true,
            b'(' => depth += 1,
            b')' => {
                first.get_or_insert(at);
                if depth == 0 {
                    balanced = Some(at);
                    break;
                }
                depth -= 1;
            }
            _ => {}
        }
    }
    match (balanced, escaped) {
        (Some(end), None) => Some(end),
        (Some(end), Some(escape)) if escape > end => Some(end),
        _ => first,
    }
}

fn reference(inside: &str) -> Piece {
    let mut name = String::with_capacity(inside.len());
    let mut characters = inside.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some('(' | ')' | '\\' | ':')) => name.extend(characters.next()),
            ('\\', Some('_')) if name.is_empty() => name.extend(characters.next()),
            _ => name.push(c),
        }
    }
    match inside.strip_prefix('_') {
        Some(_) => Piece::External(name[1..].to_owned()),
        None => Piece::Reference(name),
    }
}

impl Reader<'_> {
    /// The value of an external reference.
    pub(super) fn external(&self, name: &str) -> Option<String> {
        let given = self.options.external.get(name);
        given.or_else(|| self.external.get(name)).cloned()
    }

    /// The pieces of a text with external references replaced, one text after the other joined.
    fn pieces(&mut self, node: &Node, text: &str) -> Option<Vec<Piece>> {
        let Ok(pieces) = split(text) else {
            let message = format!("a `$(` is not closed in `{text}`");
            let help = "close it with `)`, or write `$\\(` for the characters themselves";
            self.error_with_help("yarrrml::reference", node, message, Some(help.to_owned()));
            return None;
        };
        let mut filled: Vec<Piece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let piece = match piece {
                Piece::External(name) => {
                    if let Some(value) = self.external(&name) {
                        Piece::Text(value)
                    } else {
                        self.missing_external(node, &name);
                        Piece::Reference(format!("_{name}"))
                    }
                }
                piece => piece,
            };
            if let Piece::Reference(name) = &piece
                && name.is_empty()
            {
                self.error("yarrrml::reference", node, "a reference without a name");
                return None;
            }
            match (filled.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => filled.push(piece),
            }
        }
        Some(filled)
    }

    // Only a column that is called so can be meant; where values are given, a name may be mistaken.
    fn missing_external(&mut self, node: &Node, name: &str) {
        let known = self.external.keys().chain(self.options.external.keys());
        let known: Vec<String> = known.cloned().collect();
        if known.is_empty() {
            return;
        }
        let near = nearest(name, known.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `$(_{near})`?"),
            None => format!("give it a value under `external`, or write `$(\\_{name})`"),
        };
        let message = format!("`$(_{name})` has no value, so it is the column `_{name}`");
        self.warning("yarrrml::external-value", node, message, Some(help));
    }

    /// A text that refers to nothing but external values, such as a path.
    pub(super) fn fixed(&mut self, node: &Node, what: &str) -> Option<String> {
        let text = self.text_of(node, what)?;
        if !text.contains("$(") {
            return Some(text.to_owned());
        }
        let pieces = self.pieces(node, text)?;
        match pieces.as_slice() {
            [] => Some(String::new()),
            [Piece::Text(text)] => Some(text.clone()),
            _ => {
                let message = format!("{what} refers to a column, which is not supported");
                self.error("yarrrml::unsupported", node, message);
                None
            }
        }
    }

    /// An IRI that is the same for all rows, such as that of a function.
    pub(super) fn iri(&mut self, node: &Node, text: &str) -> Option<String> {
        let iri = match self.prefixes.start(node.document, text) {
            Start::Namespace(namespace, rest) => format!("{namespace}{rest}"),
            Start::None => text.to_owned(),
            Start::Unknown(prefix) => {
                self.unknown_prefix(node, prefix);
                return None;
            }
        };
        if let Err(error) = iri::check(&iri) {
            let message = format!("`{iri}` is no absolute IRI: {error}");
            self.error("yarrrml::invalid-iri", node, message);
            return None;
        }
        Some(iri)
    }

    fn unknown_prefix(&mut self, node: &Node, prefix: &str) {
        let names = self.prefixes.names();
        let near = nearest(prefix, names);
        let help = match near {
            Some(near) => {
                format!("did you mean `{near}`? else declare `{prefix}` under `prefixes`")
            }
            None => format!("declare `{prefix}` under `prefixes`"),
        };
        let message = format!("the prefix `{prefix}` is not known");
        self.error_with_help("yarrrml::unknown-prefix", node, message, Some(help));
    }

    /// A text as an expression; nothing where it is wrong, which is told.
    pub(super) fn expression(
        &mut self,
        node: &Node,
        text: &str,
        position: Position,
        side: Side,
    ) -> Option<ExpressionMap> {
        // Prefixes come before escapes: `ex\:a` has none. What an external value begins with is none.
        let (namespace, rest) = match self.prefixes.start(node.document, text) {
            Start::Namespace(namespace, rest) => (namespace, rest),
            Start::Unknown(prefix) if position == Position::Iri => {
                self.unknown_prefix(node, prefix);
                return None;
            }
            Start::None | Start::Unknown(_) => (String::new(), text),
        };
        let mut pieces = self.pieces(node, rest)?;
        if !namespace.is_empty() {
            match pieces.first_mut() {
                Some(Piece::Text(text)) => text.insert_str(0, &namespace),
                _ => pieces.insert(0, Piece::Text(namespace)),
            }
        }
        let expression = match pieces.as_mut_slice() {
            [] => self.constant(node, String::new(), position)?,
            [Piece::Text(text)] => self.constant(node, std::mem::take(text), position)?,
            [Piece::Reference(name)] => Expression::Reference(std::mem::take(name), side),
            _ => Expression::Template(template(pieces, side)),
        };
        Some(ExpressionMap {
            expression,
            place: self.place(node),
        })
    }

    fn constant(&mut self, node: &Node, text: String, position: Position) -> Option<Expression> {
        if position == Position::Text {
            return Some(Expression::Constant(
                Literal::new_simple_literal(text).into(),
            ));
        }
        if iri::is_absolute(&text) {
            return match NamedNode::new(text.as_str()) {
                Ok(iri) => Some(Expression::Constant(Term::NamedNode(iri))),
                Err(error) => {
                    let message = format!("`{text}` is no IRI: {error}");
                    let has_braces = text.contains('{') && text.contains('}');
                    let help = has_braces.then(|| "a reference is written `$(column)`".to_owned());
                    self.error_with_help("yarrrml::invalid-iri", node, message, help);
                    None
                }
            };
        }
        // Relative to the base of the data, which is not known here.
        Some(Expression::Template(template(
            vec![Piece::Text(text)],
            Side::Child,
        )))
    }
}

/// A template, as RML writes it.
pub(super) fn template(pieces: Vec<Piece>, side: Side) -> Template {
    let mut template = Template::default();
    let escape = |text: &mut String, piece: &str| {
        for c in piece.chars() {
            if matches!(c, '{' | '}' | '\\') {
                text.push('\\');
            }
            text.push(c);
        }
    };
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                escape(&mut template.text, &text);
                template.parts.push(TemplatePart::Text(text));
            }
            Piece::Reference(name) | Piece::External(name) => {
                template.text.push('{');
                escape(&mut template.text, &name);
                template.text.push('}');
                template.parts.push(TemplatePart::Reference(name, side));
            }
        }
    }
    template
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Piece]) {
        assert_eq!(split(text).as_deref(), Ok(expected), "{text}");
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn column(name: &str) -> Piece {
        Piece::Reference(name.to_owned())
    }

    #[test]
    fn references() {
        check("$(id)", &[column("id")]);
        check(
            "a $(b c) d$(é)",
            &[text("a "), column("b c"), text(" d"), column("é")],
        );
        check("$($.a['b'])", &[column("$.a['b']")]);
        check("$(_name)", &[Piece::External("name".to_owned())]);
        check("$(\\_name)", &[column("_name")]);
        check("a$b", &[text("a$b")]);
    }

    #[test]
    fn brackets_in_references() {
        check("$(a (b))", &[column("a (b)")]);
        check(
            "$(a (b)) ($(c))",
            &[column("a (b)"), text(" ("), column("c"), text(")")],
        );
        // As yarrrml-parser has them.
        check("$((test\\))", &[column("(test)")]);
        check("$(a \\(b\\))", &[column("a (b)")]);
        check("$(a ( b)", &[column("a ( b")]);
        check("$(a)\\(b\\)", &[column("a"), text("(b)")]);
        assert_eq!(split("a $(b"), Err(2));
    }

    #[test]
    fn backslashes() {
        check("$(id)\\:\\:number", &[column("id"), text("::number")]);
        check("\\$(a)$(b)", &[text("$(a)"), column("b")]);
        check("$\\(a\\)", &[text("$(a)")]);
        check("\\d+\\(\\w\\\\", &[text("\\d+\\(\\w\\\\")]);
        check("\\d$(a)\\\\", &[text("\\d"), column("a"), text("\\")]);
        check("a\\:b", &[text("a:b")]);
    }

    #[test]
    fn templates_are_written_as_rml_has_them() {
        let pieces = split("{$(a{b})\\\\").unwrap();
        assert_eq!(template(pieces, Side::Child).text, "\\{{a\\{b\\}}\\\\");
    }
}
