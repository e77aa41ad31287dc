//! RDF terms as Turtle text, and the order in which they are listed.
//!
//! In: terms and prefixes. Out: text that a Turtle reader turns back into the same term, lexical
//! form and language tag included.

use crate::rdf::prefixes::Prefixes;
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{LiteralRef, NamedNodeRef, TermRef};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Prefixes that were written and have to be declared.
pub(super) type Used = BTreeSet<String>;

/// Appends a term as Turtle: compact IRI, short number or boolean, quoted string.
///
/// # Examples
///
/// ```
/// use coalition_kg::rdf::prefixes::Prefixes;
/// use coalition_kg::sink::turtle::write_term;
/// use oxrdf::{Literal, Term};
///
/// let mut text = String::new();
/// write_term(&mut text, Term::from(Literal::from(42)).as_ref(), &Prefixes::well_known());
/// assert_eq!(text, "42");
/// ```
pub fn write_term(text: &mut String, term: TermRef<'_>, prefixes: &Prefixes) {
    write_term_marking(text, term, prefixes, &mut Used::new());
}

/// Appends a term and marks the prefixes it uses.
pub(super) fn write_term_marking(
    text: &mut String,
    term: TermRef<'_>,
    prefixes: &Prefixes,
    used: &mut Used,
) {
    if let TermRef::NamedNode(node) = term {
        write_iri(text, node.as_str(), prefixes, used);
    } else if let TermRef::Literal(literal) = term {
        write_literal(text, literal, prefixes, used);
    } else {
        // A blank node, or a triple term if oxrdf was built with RDF 1.2.
        push_display(text, term);
    }
}

/// Where a term stands in a list: IRIs as written, then literals by language, value and
/// datatype, then blank nodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SortKey<'a> {
    Iri(&'a str),
    Literal(&'a str, &'a str, &'a str),
    Other(&'a str),
}

impl<'a> SortKey<'a> {
    /// The key of a term whose Turtle text is given.
    pub(super) fn new(term: TermRef<'a>, text: &'a str) -> Self {
        if let TermRef::NamedNode(_) = term {
            // Without the bracket, so that an IRI comes before those that it begins.
            Self::Iri(text.trim_end_matches('>'))
        } else if let TermRef::Literal(literal) = term {
            Self::Literal(
                literal.language().unwrap_or_default(),
                literal.value(),
                // The text ends with the datatype or direction.
                text,
            )
        } else {
            Self::Other(text)
        }
    }
}

fn push_display(text: &mut String, value: impl std::fmt::Display) {
    // Formatting into a `String` cannot fail.
    let _ignored = write!(text, "{value}");
}

fn write_iri(text: &mut String, iri: &str, prefixes: &Prefixes, used: &mut Used) {
    if let Some(compact) = prefixes.compact(iri) {
        if !used.contains(compact.prefix) {
            used.insert(compact.prefix.to_owned());
        }
        push_display(text, compact);
        return;
    }
    text.push('<');
    for c in iri.chars() {
        match c {
            // Only an IRI that nobody checked can hold these.
            '\0'..=' ' | '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\' => {
                push_display(text, format_args!("\\u{:04X}", u32::from(c)));
            }
            _ => text.push(c),
        }
    }
    text.push('>');
}

/// A datatype whose values may stand without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// `true` and `false`.
    Boolean,
    /// Digits.
    Integer,
    /// Digits with a dot among them.
    Decimal,
    /// A number with an exponent.
    Double,
}

impl Bare {
    /// That of a datatype IRI.
    pub fn of(datatype: NamedNodeRef<'_>) -> Option<Self> {
        match datatype {
            xsd::BOOLEAN => Some(Self::Boolean),
            xsd::INTEGER => Some(Self::Integer),
            xsd::DECIMAL => Some(Self::Decimal),
            xsd::DOUBLE => Some(Self::Double),
            _ => None,
        }
    }

    /// Whether a lexical form is the same without quotes.
    pub fn fits(self, value: &str) -> bool {
        match self {
            Self::Boolean => matches!(value, "true" | "false"),
            Self::Integer => is_integer(value),
            Self::Decimal => is_decimal(value),
            Self::Double => is_double(value),
        }
    }
}

fn write_literal(text: &mut String, literal: LiteralRef<'_>, prefixes: &Prefixes, used: &mut Used) {
    if is_bare(literal) {
        text.push_str(literal.value());
        return;
    }
    write_quoted(text, literal.value());
    write_behind_quotes(text, literal, prefixes, used);
}

/// Whether a literal stands without quotes.
pub(super) fn is_bare(literal: LiteralRef<'_>) -> bool {
    Bare::of(literal.datatype()).is_some_and(|bare| bare.fits(literal.value()))
}

/// Appends what follows the quotes: a datatype, a language tag, or nothing.
pub(super) fn write_behind_quotes(
    text: &mut String,
    literal: LiteralRef<'_>,
    prefixes: &Prefixes,
    used: &mut Used,
) {
    let datatype = literal.datatype();
    if datatype == rdf::LANG_STRING {
        text.push('@');
        text.push_str(literal.language().unwrap_or_default());
    } else if literal.language().is_some() {
        // A direction too (RDF 1.2); no tag holds an `@`.
        let whole = literal.to_string();
        text.push_str(whole.rfind('@').map_or("", |at| &whole[at..]));
    } else if datatype != xsd::STRING {
        text.push_str("^^");
        write_iri(text, datatype.as_str(), prefixes, used);
    }
}

/// Spec: turtle §6.5, `INTEGER`
fn is_integer(value: &str) -> bool {
    is_digits(value.strip_prefix(['+', '-']).unwrap_or(value))
}

/// Spec: turtle §6.5, `DECIMAL`, only with a digit before the dot
fn is_decimal(value: &str) -> bool {
    value
        .split_once('.')
        .is_some_and(|(whole, fraction)| is_integer(whole) && is_digits(fraction))
}

/// Spec: turtle §6.5, `DOUBLE`, only with digits on both sides of a dot
fn is_double(value: &str) -> bool {
    value
        .split_once(['e', 'E'])
        .is_some_and(|(number, exponent)| {
            (is_integer(number) || is_decimal(number)) && is_integer(exponent)
        })
}

fn is_digits(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Writes a string in quotes; with line breaks in triple quotes, so that a diff shows the lines.
pub(super) fn write_quoted(text: &mut String, value: &str) {
    let is_long = value.contains('\n');
    text.push_str(if is_long { "\"\"\"" } else { "\"" });
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' if is_long => text.push('\n'),
            // Inside long quotes a lone quote is plain; one before another or the end is not.
            '"' if is_long && chars.peek().is_some_and(|next| *next != '"') => text.push('"'),
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{C}' => text.push_str("\\f"),
            '\0'..='\u{1F}' | '\u{7F}' | '\u{FFFE}' | '\u{FFFF}' => {
                push_display(text, format_args!("\\u{:04X}", u32::from(c)));
            }
            _ => text.push(c),
        }
    }
    text.push_str(if is_long { "\"\"\"" } else { "\"" });
}
