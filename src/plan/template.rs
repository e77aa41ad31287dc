//! URI templates, compiled: what is fixed and which values stand between.
//!
//! In: the text of a template (RFC 6570, levels 1 to 4) and a way to tell what its variables are.
//! Out: a [`Template`] that is expanded for each row without being parsed again.

use crate::rdf::iri::{Safe, push_encoded};
use std::borrow::Cow;

/// How long an expansion may be in bytes.
pub const EXPANSION_BYTES: usize = 1 << 20;

/// An expansion that is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("longer than {} KiB", EXPANSION_BYTES >> 10)]
pub struct TooLong;

/// A compiled template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text that is copied, already encoded.
    Text(String),
    /// Values.
    Expression(Expression),
}

/// One `{…}` of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Expression {
    operator: Operator,
    variables: Vec<VariableUse>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Operator {
    first: &'static str,
    separator: &'static str,
    named: bool,
    if_empty: &'static str,
    safe: Safe,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct VariableUse {
    variable: Variable,
    name: String,
    modifier: Modifier,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Modifier {
    None,
    Explode,
    Prefix(usize),
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Variable {
    /// The cell of a column, counted from 0.
    Column(usize),
    /// The number of the data row, counted from 1.
    RowNumber,
    /// The number of the row in the source, counted from 1.
    SourceRow,
    /// The same in every row.
    Constant(String),
    /// Never defined.
    Undefined,
}

/// The value of a variable in a row.
#[derive(Debug, Clone)]
pub enum VariableValue<'a> {
    /// One text.
    One(Cow<'a, str>),
    /// A list of texts; an empty one counts as undefined.
    Many(Vec<Cow<'a, str>>),
}

/// A template that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{template}` is not a URI template: {reason}")]
pub struct TemplateError {
    /// The template.
    pub template: String,
    /// What is wrong with it.
    pub reason: String,
}

const SIMPLE: Operator = Operator {
    first: "",
    separator: ",",
    named: false,
    if_empty: "",
    safe: Safe::Unreserved,
};

// Spec: RFC 6570 appendix A
fn operator(character: char) -> Option<Operator> {
    let fragment = Operator {
        safe: Safe::Reserved,
        ..SIMPLE
    };
    Some(match character {
        '+' => fragment,
        '#' => Operator {
            first: "#",
            ..fragment
        },
        '.' => Operator {
            first: ".",
            separator: ".",
            ..SIMPLE
        },
        '/' => Operator {
            first: "/",
            separator: "/",
            ..SIMPLE
        },
        ';' => Operator {
            first: ";",
            separator: ";",
            named: true,
            ..SIMPLE
        },
        '?' => Operator {
            first: "?",
            separator: "&",
            named: true,
            if_empty: "=",
            ..SIMPLE
        },
        '&' => Operator {
            first: "&",
            separator: "&",
            named: true,
            if_empty: "=",
            ..SIMPLE
        },
        _ => return None,
    })
}

impl Template {
    /// Compiles a template; `lookup` tells what a variable is.
    ///
    /// # Errors
    /// When braces do not pair up or an expression is malformed.
    ///
    /// Spec: RFC 6570 §2
    pub fn parse(
        text: &str,
        mut lookup: impl FnMut(&str) -> Variable,
    ) -> Result<Self, TemplateError> {
        let fail = |reason: String| TemplateError {
            template: text.to_owned(),
            reason,
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(['{', '}']).unwrap_or(rest.len());
            if end > 0 {
                let mut literal = String::new();
                push_literal(&mut literal, &rest[..end]);
                parts.push(Part::Text(literal));
            }
            rest = &rest[end..];
            if rest.starts_with('}') {
                return Err(fail("`}` without `{` before it".to_owned()));
            }
            let Some(inside) = rest.strip_prefix('{') else {
                break;
            };
            let Some((body, after)) = inside.split_once('}') else {
                return Err(fail("`{` without `}` after it".to_owned()));
            };
            parts.push(parse_expression(body, &mut lookup).map_err(fail)?);
            rest = after;
        }
        Ok(Self { parts })
    }

    /// The text before the first variable.
    pub fn fixed_prefix(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// The whole text, if no variable stands in it.
    pub fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a value could begin the text or bring in characters that shape an IRI.
    pub fn has_reserved_expansion(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Text(_) => false,
            Part::Expression(expression) => {
                matches!(expression.operator.safe, Safe::Reserved | Safe::Everything)
                    || !expression.operator.first.is_empty()
            }
        })
    }

    /// The columns whose cells it uses.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(_) => None,
                Part::Expression(expression) => Some(&expression.variables),
            })
            .flatten()
            .filter_map(|used| match used.variable {
                Variable::Column(column) => Some(column),
                _ => None,
            })
    }

    /// The same template for rows in which the cells stand elsewhere.
    #[must_use]
    pub fn with_columns(mut self, place: impl Fn(usize) -> usize) -> Self {
        for part in &mut self.parts {
            if let Part::Expression(expression) = part {
                for used in &mut expression.variables {
                    if let Variable::Column(column) = &mut used.variable {
                        *column = place(*column);
                    }
                }
            }
        }
        self
    }

    /// Whether it differs from row to row even where the cells are alike.
    pub fn uses_rows(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Text(_) => false,
            Part::Expression(expression) => {
                let mut used = expression.variables.iter();
                used.any(|used| matches!(used.variable, Variable::RowNumber | Variable::SourceRow))
            }
        })
    }

    /// Appends the expansion for a row; `value` gives a variable's value.
    ///
    /// # Errors
    /// When it would be longer than [`EXPANSION_BYTES`]; its beginning is appended then.
    ///
    /// Spec: RFC 6570 §3
    pub fn expand<'v>(
        &'v self,
        out: &mut String,
        mut value: impl FnMut(&'v Variable) -> Option<VariableValue<'v>>,
    ) -> Result<(), TooLong> {
        let most = out.len() + EXPANSION_BYTES;
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expression(expression) => expression.expand(out, most, &mut value)?,
            }
        }
        if out.len() > most {
            return Err(TooLong);
        }
        Ok(())
    }
}

impl Part {
    /// The value of one variable, encoded; nothing where it has none.
    ///
    /// Mapping languages whose templates are not those of RFC 6570 build theirs of these.
    pub fn value(variable: Variable, safe: Safe) -> Self {
        Self::Expression(Expression {
            operator: Operator { safe, ..SIMPLE },
            variables: vec![VariableUse {
                variable,
                name: String::new(),
                modifier: Modifier::None,
            }],
        })
    }
}

impl Expression {
    /// The variable and the way that it is encoded, where the expression is nothing more.
    pub fn simple(&self) -> Option<(&Variable, Safe)> {
        match self.variables.as_slice() {
            [
                VariableUse {
                    variable,
                    modifier: Modifier::None,
                    ..
                },
            ] if self.operator.first.is_empty() => Some((variable, self.operator.safe)),
            _ => None,
        }
    }

    /// The sign in front of the variables, or nothing.
    pub fn operator(&self) -> &'static str {
        match (self.operator.first, self.operator.safe) {
            ("", Safe::Reserved | Safe::Everything) => "+",
            (first, _) => first,
        }
    }

    /// The variables in order, without their modifiers.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.variables.iter().map(|used| &used.variable)
    }

    fn expand<'v>(
        &'v self,
        out: &mut String,
        most: usize,
        value: &mut impl FnMut(&'v Variable) -> Option<VariableValue<'v>>,
    ) -> Result<(), TooLong> {
        let operator = self.operator;
        let mut first = true;
        let mut begin = |out: &mut String| {
            out.push_str(if first {
                operator.first
            } else {
                operator.separator
            });
            first = false;
        };
        let push = |out: &mut String, text: &str| {
            if out.len() + text.len() > most {
                return Err(TooLong);
            }
            push_encoded(out, text, operator.safe);
            Ok(())
        };
        for used in &self.variables {
            let name = |out: &mut String, empty: bool| {
                if operator.named {
                    out.push_str(&used.name);
                    out.push_str(if empty { operator.if_empty } else { "=" });
                }
            };
            match value(&used.variable) {
                None => {}
                Some(VariableValue::One(text)) => {
                    begin(out);
                    name(out, text.is_empty());
                    let text = match used.modifier {
                        Modifier::Prefix(length) => {
                            let end = text
                                .char_indices()
                                .nth(length)
                                .map_or(text.len(), |(index, _)| index);
                            &text[..end]
                        }
                        _ => text.as_ref(),
                    };
                    push(out, text)?;
                }
                Some(VariableValue::Many(items)) => {
                    let explode = used.modifier == Modifier::Explode;
                    for (index, item) in items.iter().enumerate() {
                        if index == 0 || explode {
                            begin(out);
                            name(out, explode && item.is_empty());
                        } else {
                            out.push(',');
                        }
                        push(out, item)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn parse_expression(body: &str, lookup: &mut impl FnMut(&str) -> Variable) -> Result<Part, String> {
    let first = body.chars().next().ok_or("`{}` names no variable")?;
    let (operator, list) = match operator(first) {
        Some(operator) => (operator, &body[1..]),
        None if matches!(first, '=' | ',' | '!' | '@' | '|') => {
            return Err(format!("`{first}` is reserved for operators to come"));
        }
        None => (SIMPLE, body),
    };
    let mut variables = Vec::new();
    for specification in list.split(',') {
        let (name, modifier) = if let Some(name) = specification.strip_suffix('*') {
            (name, Modifier::Explode)
        } else if let Some((name, length)) = specification.split_once(':') {
            let length = length
                .parse()
                .ok()
                .filter(|length| (1..10_000).contains(length))
                .ok_or_else(|| format!("`{length}` is not a length from 1 to 9999"))?;
            (name, Modifier::Prefix(length))
        } else {
            (specification, Modifier::None)
        };
        let is_name = !name.is_empty()
            && !name.starts_with('.')
            && !name.ends_with('.')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '%' | '-'));
        if !is_name {
            return Err(format!("`{name}` is not a variable name"));
        }
        variables.push(VariableUse {
            variable: lookup(name),
            name: name.to_owned(),
            modifier,
        });
    }
    Ok(Part::Expression(Expression {
        operator,
        variables,
    }))
}

// Literal text may hold letters of all scripts; what no IRI may hold is percent-encoded.
fn push_literal(out: &mut String, text: &str) {
    let mut ascii_start = 0;
    for (index, character) in text.char_indices() {
        if !character.is_ascii() {
            push_encoded(out, &text[ascii_start..index], Safe::Reserved);
            out.push(character);
            ascii_start = index + character.len_utf8();
        }
    }
    push_encoded(out, &text[ascii_start..], Safe::Reserved);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(template: &str) -> String {
        let list: Vec<Cow<'static, str>> = vec!["red".into(), "green".into(), "blue".into()];
        let template =
            Template::parse(template, |name| Variable::Constant(name.to_owned())).unwrap();
        let mut out = String::new();
        let done = template.expand(&mut out, |variable| {
            let Variable::Constant(name) = variable else {
                return None;
            };
            Some(VariableValue::One(match name.as_str() {
                "var" => "value".into(),
                "hello" => "Hello World!".into(),
                "path" => "/foo/bar".into(),
                "empty" => "".into(),
                "x" => "1024".into(),
                "y" => "768".into(),
                "semi" => ";".into(),
                "list" => return Some(VariableValue::Many(list.clone())),
                _ => return None,
            }))
        });
        assert_eq!(done, Ok(()));
        out
    }

    #[test]
    fn expansions_end() {
        let text = "{x}".repeat(1000);
        let template = Template::parse(&text, |_| Variable::RowNumber).unwrap();
        let cell = "ع".repeat(10_000);
        let mut out = String::new();
        let done = template.expand(&mut out, |_| Some(VariableValue::One(cell.as_str().into())));
        assert_eq!(done, Err(TooLong));
        assert!(out.len() < 2 * EXPANSION_BYTES, "{}", out.len());
        let items: Vec<Cow<'_, str>> = vec!["".into(); EXPANSION_BYTES + 2];
        let template = Template::parse("{x*}", |_| Variable::RowNumber).unwrap();
        let done = template.expand(&mut out, |_| Some(VariableValue::Many(items.clone())));
        assert_eq!(done, Err(TooLong));
    }

    // The examples of RFC 6570 §3.2.
    #[test]
    fn examples_of_the_specification() {
        for (template, expected) in [
            ("{var}", "value"),
            ("{hello}", "Hello%20World%21"),
            ("{x,y}", "1024,768"),
            ("{x,empty}", "1024,"),
            ("?{x,undef}", "?1024"),
            ("{var:3}", "val"),
            ("{list}", "red,green,blue"),
            ("{list*}", "red,green,blue"),
            ("{+hello}", "Hello%20World!"),
            ("{+path}here", "/foo/barhere"),
            ("{+path:6}here", "/foo/bhere"),
            ("{#x,hello,y}", "#1024,Hello%20World!,768"),
            ("{#undef}", ""),
            ("X{.var}", "X.value"),
            ("X{.list*}", "X.red.green.blue"),
            ("{/var,empty}", "/value/"),
            ("{/list*}", "/red/green/blue"),
            ("{;x,y,empty}", ";x=1024;y=768;empty"),
            ("{;list*}", ";list=red;list=green;list=blue"),
            ("{?x,y,empty}", "?x=1024&y=768&empty="),
            ("{?x,y,undef}", "?x=1024&y=768"),
            ("{?list}", "?list=red,green,blue"),
            ("{&x,semi:2}", "&x=1024&semi=%3B"),
        ] {
            assert_eq!(expand(template), expected, "{template}");
        }
    }

    #[test]
    fn literals_keep_letters_and_triplets() {
        assert_eq!(expand("http://x/ع/%20/a b%"), "http://x/ع/%20/a%20b%25");
    }

    #[test]
    fn malformed_templates_are_refused() {
        for text in [
            "{", "}", "{}", "{a", "{a b}", "{!a}", "{a:0}", "{a:x}", "{.}",
        ] {
            assert!(
                Template::parse(text, |_| Variable::Undefined).is_err(),
                "`{text}`"
            );
        }
    }
}
