//! Reads datatype descriptions: base, format, facets.
//!
//! In: the value of a `datatype` property. Out: a compiled
//! [`ValueType`](crate::plan::ValueType).
//!
//! Spec: metadata §5.11.2, tabular-data-model §6.4

use super::json::{Json, Node};
use super::names;
use super::parse::Parser;
use crate::diagnostic::{Severity, nearest};
use crate::plan::date_pattern::{DatePattern, known_date_patterns};
use crate::plan::ecma_regex::{EcmaRegex, EcmaRegexError};
use crate::plan::number_pattern::NumberPattern;
use crate::plan::{Bound, Facets, Side, ValueFormat, ValueType};
use crate::rdf::xsd::{Datatype, Decimal, Value};
use oxrdf::NamedNode;

const SPEC: &str = "metadata §5.11.2";

/// Reads a datatype; what is wrong with it is reported, and strings are its default.
pub(super) fn parse(parser: &mut Parser<'_>, node: &Node) -> ValueType {
    match &node.value {
        Json::String(name) => by_name(parser, node, name),
        Json::Object(_) => by_description(parser, node),
        _ => {
            parser.invalid("datatype", node, "a datatype's name or an object");
            ValueType::string()
        }
    }
}

fn by_name(parser: &mut Parser<'_>, node: &Node, name: &str) -> ValueType {
    if let Some((datatype, iri)) = names::datatype(name) {
        ValueType {
            name: name.to_owned(),
            datatype,
            iri: NamedNode::new_unchecked(iri),
            ..ValueType::string()
        }
    } else {
        let near = nearest(name, names::datatype_names());
        parser.report(
            Severity::Warning,
            "csvw::unknown-datatype",
            node,
            format!("`{name}` is not a datatype; `string` is used"),
            near.map(|near| format!("did you mean `{near}`?")),
            SPEC,
        );
        ValueType::string()
    }
}

fn by_description(parser: &mut Parser<'_>, node: &Node) -> ValueType {
    for member in node.members() {
        let common = super::annotation::predicate(&member.key).is_some();
        if !common && !names::DATATYPE.contains(&member.key.as_str()) {
            parser.unknown_property(member, &[names::DATATYPE], "a datatype");
        }
    }
    let mut out = match node.get("base") {
        None => ValueType::string(),
        Some(base) => {
            if let Some(name) = base.as_str() {
                by_name(parser, base, name)
            } else {
                parser.invalid("base", base, "a datatype's name");
                ValueType::string()
            }
        }
    };
    if let Some(id) = node.get("@id") {
        let resolved = id.as_str().and_then(|text| parser.resolve(id, text));
        match resolved {
            Some(resolved) if names::datatype_of_iri(&resolved) => {
                error(
                    parser,
                    id,
                    "`@id` cannot be the IRI of a datatype of the specification",
                );
            }
            Some(resolved) => out.iri = NamedNode::new_unchecked(resolved),
            None => error(parser, id, "`@id` has to be an IRI"),
        }
    }
    if let Some(format) = node.get("format") {
        parse_format(parser, format, &mut out);
    }
    out.facets = parse_facets(parser, node, &out);
    out
}

fn error(parser: &mut Parser<'_>, node: &Node, message: &str) {
    parser.report(Severity::Error, "csvw::datatype", node, message, None, SPEC);
}

fn parse_format(parser: &mut Parser<'_>, node: &Node, out: &mut ValueType) {
    let ignored = |parser: &mut Parser<'_>, code, message: String, help: Option<String>, spec| {
        parser.report(Severity::Warning, code, node, message, help, spec);
    };
    if out.datatype.is_numeric() {
        parse_number_format(parser, node, out);
        return;
    }
    let Some(text) = node.as_str() else {
        parser.invalid("format", node, "a string");
        return;
    };
    out.format_text = Some(text.to_owned());
    if out.datatype == Datatype::Boolean {
        match text.split_once('|') {
            Some((yes, no))
                if !yes.is_empty() && !no.is_empty() && yes != no && !no.contains('|') =>
            {
                out.format = ValueFormat::Boolean(yes.to_owned(), no.to_owned());
            }
            _ => ignored(
                parser,
                "csvw::boolean-format",
                format!("`{text}` is not a boolean format"),
                Some("the format is not used; write one such as `Y|N`".to_owned()),
                "tabular-data-model §6.4.3",
            ),
        }
    } else if out.datatype.is_date_or_time() {
        if let Some(pattern) = DatePattern::parse(out.datatype, text) {
            out.format = ValueFormat::Date(pattern);
        } else {
            let near = nearest(text, known_date_patterns().iter().copied());
            ignored(
                parser,
                "csvw::date-format",
                format!("`{text}` is not a date pattern of the specification; it is not used"),
                near.map(|near| format!("did you mean `{near}`?")),
                "tabular-data-model §6.4.4",
            );
        }
    } else {
        match EcmaRegex::new(text) {
            Ok(regex) => out.format = ValueFormat::Regex(regex),
            Err(EcmaRegexError::TooLarge) => ignored(
                parser,
                "csvw::regex-format",
                format!(
                    "`{}` takes too much memory; it is not used",
                    shortened(text)
                ),
                Some("use fewer or smaller repetitions, or a length facet".to_owned()),
                "tabular-data-model §6.4.6",
            ),
            Err(reason) => ignored(
                parser,
                "csvw::regex-format",
                format!(
                    "`{}` is not a regular expression: {reason}; it is not used",
                    shortened(text)
                ),
                None,
                "tabular-data-model §6.4.6",
            ),
        }
    }
}

// The beginning of a text that may be of any length.
fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

// What is wrong with a part of a number's format is as if it were not there.
//
// Spec: tabular-data-model §6.4.2
fn parse_number_format(parser: &mut Parser<'_>, node: &Node, out: &mut ValueType) {
    let (pattern, decimal, group) = match &node.value {
        Json::String(_) => (Some(node), None, None),
        Json::Object(_) => {
            for member in node.members() {
                if !["decimalChar", "groupChar", "pattern"].contains(&member.key.as_str()) {
                    parser.unknown_property(
                        member,
                        &[&["decimalChar", "groupChar", "pattern"]],
                        "a number's format",
                    );
                }
            }
            (
                node.get("pattern"),
                separator(parser, node, "decimalChar"),
                separator(parser, node, "groupChar"),
            )
        }
        _ => {
            parser.invalid("format", node, "a string or an object");
            return;
        }
    };
    let mut group = group;
    if group.is_some() && group == Some(decimal.unwrap_or(".")) {
        if let Some(node) = node.get("groupChar") {
            unused(
                parser,
                node,
                "`groupChar` is the decimal sign; it is not used",
            );
        }
        group = None;
    }
    let mut numbers = NumberPattern::new(decimal, group);
    let mut is_used = decimal.is_some() || group.is_some();
    if let Some(pattern) = pattern {
        match pattern
            .as_str()
            .map(|text| numbers.clone().with_pattern(text))
        {
            Some(Ok(with_pattern)) => {
                numbers = with_pattern;
                is_used = true;
                out.format_text = pattern.as_str().map(str::to_owned);
            }
            Some(Err(error)) => parser.report(
                Severity::Warning,
                "csvw::number-format",
                pattern,
                error.to_string(),
                Some("the pattern is not used; write one such as `#,##0.00`".to_owned()),
                "tabular-data-model §6.4.2",
            ),
            None => parser.invalid("pattern", pattern, "a string"),
        }
    }
    if is_used {
        out.format = ValueFormat::Number(Box::new(numbers));
    }
}

fn separator<'n>(parser: &mut Parser<'_>, node: &'n Node, property: &str) -> Option<&'n str> {
    let value = node.get(property)?;
    match value.as_str() {
        None => parser.invalid(property, value, "a string"),
        Some("") => unused(
            parser,
            value,
            &format!("`{property}` is empty; it is not used"),
        ),
        Some(text) => return Some(text),
    }
    None
}

fn unused(parser: &mut Parser<'_>, node: &Node, message: &str) {
    parser.report(
        Severity::Warning,
        "csvw::number-format",
        node,
        message,
        None,
        "tabular-data-model §6.4.2",
    );
}

fn parse_facets(parser: &mut Parser<'_>, node: &Node, out: &ValueType) -> Facets {
    let mut facets = Facets::default();
    for (property, slot) in [
        ("length", &mut facets.length),
        ("minLength", &mut facets.min_length),
        ("maxLength", &mut facets.max_length),
    ] {
        let Some(value) = node.get(property) else {
            continue;
        };
        let number = match &value.value {
            Json::Number(text) => text.parse().ok(),
            _ => None,
        };
        match number {
            _ if !out.datatype.has_length() => {
                let message = format!("`{property}` cannot be used with `{}`", out.name);
                error(parser, value, &message);
            }
            Some(number) => *slot = Some(number),
            None => parser.invalid(property, value, "a whole number from 0"),
        }
    }
    if let (Some(least), Some(most)) = (
        facets.length.or(facets.min_length),
        facets.max_length.or(facets.length),
    ) && (least > most
        || facets
            .length
            .is_some_and(|length| facets.min_length > Some(length)))
    {
        error(parser, node, "the length facets contradict each other");
    }
    for (property, name, side, inclusive) in [
        ("minimum", "minimum", Side::Above, true),
        ("minInclusive", "minimum", Side::Above, true),
        ("minExclusive", "exclusive minimum", Side::Above, false),
        ("maximum", "maximum", Side::Below, true),
        ("maxInclusive", "maximum", Side::Below, true),
        ("maxExclusive", "exclusive maximum", Side::Below, false),
    ] {
        let Some(value) = node.get(property) else {
            continue;
        };
        if !out.datatype.is_ordered() {
            let message = format!("`{property}` cannot be used with `{}`", out.name);
            error(parser, value, &message);
            continue;
        }
        // Bounds are written as XML Schema has them, whatever the format of the cells.
        let (text, parsed) = match &value.value {
            Json::String(text) => (text.clone(), Value::parse(out.datatype, text)),
            Json::Number(text) => {
                let plain = without_exponent(text);
                let text = plain.filter(|_| out.datatype.is_decimal());
                let text = text.unwrap_or_else(|| text_of(value));
                let parsed = Value::parse(out.datatype, &text);
                (text, parsed)
            }
            _ => {
                parser.invalid(property, value, "a value of the datatype");
                continue;
            }
        };
        if let Some(parsed) = parsed {
            facets.bounds.push(Bound {
                name,
                text,
                value: parsed,
                side,
                inclusive,
            });
        } else {
            let message = format!("`{property}` is `{text}`, which is not a `{}`", out.name);
            error(parser, value, &message);
        }
    }
    check_bounds(parser, node, &facets);
    facets
}

fn text_of(node: &Node) -> String {
    match &node.value {
        Json::Number(text) | Json::String(text) => text.clone(),
        _ => String::new(),
    }
}

// A number of JSON in decimal digits, if they are not too many.
//
// Spec: RFC 8259 §6
fn without_exponent(text: &str) -> Option<String> {
    const MOST_ZEROS: usize = 1000;
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let places: isize = exponent.parse().ok()?;
    if places.unsigned_abs() > MOST_ZEROS {
        return None;
    }
    if places < 0 {
        let number = Decimal::parse(mantissa)?;
        return Some(number.shifted_left(places.unsigned_abs()).to_lexical());
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let moved = places.unsigned_abs();
    let zeros = "0".repeat(moved.saturating_sub(fraction.len()));
    let (before, after) = fraction.split_at(moved.min(fraction.len()));
    let number = Decimal::parse(&format!("{whole}{before}{zeros}.{after}"))?;
    Some(number.to_lexical())
}

fn check_bounds(parser: &mut Parser<'_>, node: &Node, facets: &Facets) {
    let both = |inclusive: &str, exclusive: &str| {
        node.get(inclusive).is_some() && node.get(exclusive).is_some()
    };
    if both("minInclusive", "minExclusive") || both("maxInclusive", "maxExclusive") {
        error(
            parser,
            node,
            "a bound cannot be both inclusive and exclusive",
        );
    }
    // Two names of one bound may both stand there when they agree.
    for side in [Side::Above, Side::Below] {
        let mut same = facets
            .bounds
            .iter()
            .filter(|bound| bound.side == side && bound.inclusive);
        if let (Some(one), Some(other)) = (same.next(), same.next())
            && one.value != other.value
        {
            error(parser, node, "a bound is given twice with different values");
        }
    }
    let empty = facets.bounds.iter().any(|low| {
        low.side == Side::Above
            && facets.bounds.iter().any(|high| {
                high.side == Side::Below
                    && (low.value > high.value
                        || (low.value == high.value && low.inclusive != high.inclusive))
            })
    });
    if empty {
        error(parser, node, "no value lies between the bounds");
    }
}
