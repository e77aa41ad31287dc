//! Reads dialect descriptions.
//!
//! In: the value of a `dialect` property. Out: a [`Dialect`]; what is wrong with it is reported
//! and the defaults are used.
//!
//! Spec: metadata §5.9

use super::json::{Json, Node};
use super::limits;
use super::names;
use super::parse::Parser;
use crate::diagnostic::{Severity, nearest};
use crate::table::{Dialect, ENCODINGS, Trim};

/// Reads a dialect, or the one that an IRI leads to.
pub(super) fn parse(parser: &mut Parser<'_>, node: &Node) -> Dialect {
    let Json::String(reference) = &node.value else {
        return parse_object(parser, node);
    };
    let read = |parser: &mut Parser<'_>, root: &Node| parse_object(parser, root);
    parser
        .referenced("dialect", node, reference, read)
        .unwrap_or_default()
}

fn parse_object(parser: &mut Parser<'_>, node: &Node) -> Dialect {
    if !matches!(node.value, Json::Object(_)) {
        parser.invalid("dialect", node, "an object or an IRI");
        return Dialect::default();
    }
    parser.parse_id(node);
    parser.only_known(node, names::DIALECT, "a dialect");
    parser.check_type(node, "Dialect");
    let mut out = Dialect::default();
    if let Some(header) = node.get("header") {
        match header.value {
            Json::Bool(header) => out.header_row_count = usize::from(header),
            _ => parser.invalid("header", header, "true or false"),
        }
    }
    let count = |parser: &mut Parser<'_>, property: &str, slot: &mut usize| {
        if let Some(value) = node.get(property) {
            // What has more digits than there are rows is not meant.
            let number = match &value.value {
                Json::Number(text) => text.parse().ok().and_then(|n: u32| n.try_into().ok()),
                _ => None,
            };
            match number {
                Some(number) => *slot = number,
                None => parser.invalid(property, value, "a whole number from 0 to 4294967295"),
            }
        }
    };
    count(parser, "headerRowCount", &mut out.header_row_count);
    if out.header_row_count > limits::HEADER_ROWS {
        let most = limits::HEADER_ROWS;
        let message = format!("`headerRowCount` may be at most {most}");
        parser.error(limits::CODE, node, message, "metadata §5.9");
    }
    count(parser, "skipRows", &mut out.skip_rows);
    count(parser, "skipColumns", &mut out.skip_columns);
    let text = |parser: &mut Parser<'_>, property: &str| {
        let value = node.get(property)?;
        if value.as_str().is_none() && value.value != Json::Null {
            parser.invalid(property, value, "a string");
        }
        value.as_str().map(str::to_owned)
    };
    if let Some(encoding) = text(parser, "encoding") {
        if Dialect::knows_encoding(&encoding) {
            out.encoding = encoding;
        } else if let Some(node) = node.get("encoding") {
            let message = format!("no encoding is called `{encoding}`; `utf-8` is used");
            let near = nearest(&encoding, ENCODINGS);
            parser.report(
                Severity::Warning,
                "csvw::unknown-encoding",
                node,
                message,
                near.map(|near| format!("did you mean `{near}`?")),
                "metadata §5.9",
            );
        }
    }
    if let Some(delimiter) = text(parser, "delimiter") {
        match node.get("delimiter") {
            Some(value) if delimiter.is_empty() => {
                parser.invalid("delimiter", value, "at least one character");
            }
            _ => out.delimiter = delimiter,
        }
    }
    // Unlike a table without any description of its dialect, one with it has comments by default.
    out.comment_prefix = match node.get("commentPrefix").map(|prefix| &prefix.value) {
        Some(Json::Null) => None,
        _ => text(parser, "commentPrefix").or_else(|| Some("#".to_owned())),
    };
    match node.get("quoteChar").map(|quote| (quote, &quote.value)) {
        None => {}
        Some((_, Json::Null)) => out.quote_char = None,
        Some((_, Json::String(text))) if text.chars().count() == 1 => {
            out.quote_char = text.chars().next();
        }
        Some((quote, _)) => parser.invalid("quoteChar", quote, "one character or null"),
    }
    if let Some(terminators) = node.get("lineTerminators") {
        match line_terminators(terminators) {
            Some(found) => out.line_terminators = found,
            None => parser.invalid(
                "lineTerminators",
                terminators,
                "a string or an array of strings, none of them empty",
            ),
        }
    }
    let clashes = out
        .quote_char
        .is_some_and(|quote| out.delimiter.contains(quote))
        || out
            .line_terminators
            .iter()
            .any(|end| out.delimiter.contains(end.as_str()))
        || out
            .comment_prefix
            .as_ref()
            .is_some_and(|prefix| *prefix == out.delimiter);
    if clashes {
        parser.report(
            Severity::Warning,
            "csvw::dialect",
            node,
            "the delimiter is also a quote, an end of lines or what begins comments",
            Some("choose texts that can be told apart".to_owned()),
            "metadata §5.9",
        );
    }
    out.double_quote = parser.boolean(node, "doubleQuote", true);
    out.skip_blank_rows = parser.boolean(node, "skipBlankRows", false);
    if node.get("skipInitialSpace").is_some() {
        out.trim = if parser.boolean(node, "skipInitialSpace", false) {
            Trim::Start
        } else {
            Trim::None
        };
    }
    if let Some(trim) = node.get("trim") {
        out.trim = match (&trim.value, trim.as_str()) {
            (Json::Bool(true), _) | (_, Some("true")) => Trim::Both,
            (Json::Bool(false), _) | (_, Some("false")) => Trim::None,
            (_, Some("start")) => Trim::Start,
            (_, Some("end")) => Trim::End,
            _ => {
                parser.invalid("trim", trim, "`true`, `false`, `start` or `end`");
                out.trim
            }
        };
    }
    out
}

// Spec: metadata §5.9, "lineTerminators"
fn line_terminators(node: &Node) -> Option<Vec<String>> {
    let one = |node: &Node| {
        let text = node.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    match &node.value {
        Json::Array(items) if !items.is_empty() => items.iter().map(one).collect(),
        _ => one(node).map(|text| vec![text]),
    }
}
