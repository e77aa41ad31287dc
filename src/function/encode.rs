//! Functions that write texts for somewhere else: escapes, hashes, code points.

use super::argument::text;
use super::names::{grel, idlab, morph};
use super::text::{TEXT, VALUE, on_text};
use super::{Function, Kind, Parameter, Value};
use crate::rdf::{hexadecimal, iri};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const MODE: Parameter = Parameter {
    name: "modeParameter",
    iris: grel!("modeParameter", "modeParam"),
    required: true,
    kind: Kind::Text,
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "escape",
        iris: grel!("escape", "string_escape"),
        parameters: &[VALUE, MODE],
        description: "the text written for `html`, `xml`, `csv`, `url` or `javascript`",
        call: escape,
        ..TEXT
    },
    Function {
        name: "string_unescape",
        iris: grel!("string_unescape", "unescape"),
        parameters: &[VALUE, MODE],
        description: "the text that was written for `html`, `xml`, `csv`, `url` or `javascript`",
        call: unescape,
        ..TEXT
    },
    Function {
        name: "string_md5",
        iris: grel!("string_md5", "md5"),
        description: "the MD5 of the text in UTF-8, in hexadecimal digits",
        call: |values| on_text(values, |text| hexadecimal(&Md5::digest(text))),
        ..TEXT
    },
    Function {
        name: "string_sha1",
        iris: grel!("string_sha1", "sha1"),
        description: "the SHA-1 of the text in UTF-8, in hexadecimal digits",
        call: |values| on_text(values, |text| hexadecimal(&Sha1::digest(text))),
        ..TEXT
    },
    Function {
        name: "hash",
        iris: idlab!("hash", "sha256"; grel "string_sha256", "sha256", "hash"; morph "hash"),
        description: "the SHA-256 of the text in UTF-8, in hexadecimal digits",
        call: |values| on_text(values, |text| hexadecimal(&Sha256::digest(text))),
        ..TEXT
    },
    Function {
        name: "hash_iri",
        iris: morph!("hash_iri"),
        description: "an IRI in `http://example.com/ns#` whose name is the SHA-256 of the text",
        call: |values| {
            on_text(values, |text| {
                format!(
                    "http://example.com/ns#{}",
                    hexadecimal(&Sha256::digest(text))
                )
            })
        },
        ..TEXT
    },
    Function {
        name: "string_unicode",
        iris: grel!("string_unicode", "unicodestring-s", "unicode"),
        returns: Kind::List,
        description: "the code points of the text",
        call: |values| {
            let letters = text(values, 0).unwrap_or_default().chars();
            Ok(Value::List(
                letters
                    .map(|letter| Value::Integer(i64::from(u32::from(letter))))
                    .collect(),
            ))
        },
        ..TEXT
    },
];

fn unknown(mode: &str) -> String {
    format!("expected the mode `html`, `xml`, `csv`, `url` or `javascript`, found `{mode}`")
}

fn escape(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    let mode = text(values, 1).unwrap_or_default();
    let mut out = String::with_capacity(whole.len());
    match mode.to_ascii_lowercase().as_str() {
        // Characters beyond ASCII need no entity, and RDF keeps them.
        kind @ ("html" | "xml") => {
            for letter in whole.chars() {
                match letter {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '"' => out.push_str("&quot;"),
                    '\'' if kind == "xml" => out.push_str("&apos;"),
                    other => out.push(other),
                }
            }
        }
        "csv" if whole.contains(['"', ',', '\n', '\r']) => {
            out = format!("\"{}\"", whole.replace('"', "\"\""));
        }
        "csv" => out.push_str(whole),
        "url" => {
            for byte in whole.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    write!(out, "%{byte:02X}").unwrap_or_default();
                }
            }
        }
        "javascript" => {
            for unit in whole.encode_utf16() {
                match u8::try_from(unit) {
                    Ok(b'\n') => out.push_str("\\n"),
                    Ok(b'\r') => out.push_str("\\r"),
                    Ok(b'\t') => out.push_str("\\t"),
                    Ok(8) => out.push_str("\\b"),
                    Ok(12) => out.push_str("\\f"),
                    Ok(byte @ (b'"' | b'\'' | b'\\' | b'/')) => {
                        out.push('\\');
                        out.push(char::from(byte));
                    }
                    Ok(byte @ 0x20..0x7F) => out.push(char::from(byte)),
                    _ => write!(out, "\\u{unit:04X}").unwrap_or_default(),
                }
            }
        }
        _ => return Err(unknown(mode)),
    }
    Ok(out.into())
}

fn unescape(values: &[Value<'_>]) -> Result<Value<'static>, String> {
    let whole = text(values, 0).unwrap_or_default();
    let mode = text(values, 1).unwrap_or_default();
    let plain = match mode.to_ascii_lowercase().as_str() {
        "html" => entities(whole, true),
        "xml" => entities(whole, false),
        "csv" => match whole
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
        {
            Some(inside) => inside.replace("\"\"", "\""),
            None => whole.to_owned(),
        },
        "url" => iri::percent_decode(&whole.replace('+', " ")),
        "javascript" => unescape_script(whole),
        _ => return Err(unknown(mode)),
    };
    Ok(plain.into())
}

/// The names of U+00A0 to U+00FF in HTML 4.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
    sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml \
    Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml \
    times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil \
    egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash \
    ugrave uacute ucirc uuml yacute thorn yuml";

/// Puts characters in place of `&name;` and `&#number;`; what is neither stays.
fn entities(text: &str, is_html: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, entity) = rest.split_at(at);
        out.push_str(before);
        // The longest name is short; a `;` far behind is another's.
        let end = entity.bytes().take(12).position(|byte| byte == b';');
        let letter = end
            .and_then(|end| entity.get(1..end))
            .and_then(|name| entity_letter(name, is_html));
        let length = if let (Some(letter), Some(end)) = (letter, end) {
            out.push(letter);
            end + 1
        } else {
            out.push('&');
            1
        };
        rest = entity.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn entity_letter(name: &str, is_html: bool) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ if is_html => ('\u{A0}'..='\u{FF}')
            .zip(LATIN.split_whitespace())
            .find(|(_, known)| *known == name)
            .map(|(letter, _)| letter),
        _ => None,
    }
}

fn unescape_script(text: &str) -> String {
    let mut units = Vec::with_capacity(text.len());
    let mut letters = text.chars();
    let mut buffer = [0; 2];
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some('f') => '\u{C}',
                Some('u') => {
                    let digits: String = letters.clone().take(4).collect();
                    let code = u16::from_str_radix(&digits, 16);
                    if let (4, Ok(code)) = (digits.len(), code) {
                        units.push(code);
                        letters.nth(3);
                        continue;
                    }
                    'u'
                }
                Some(other) => other,
                None => '\\',
            },
            other => other,
        };
        units.extend_from_slice(letter.encode_utf16(&mut buffer));
    }
    String::from_utf16_lossy(&units)
}
