//! Terms of a row as bytes.
//!
//! In: cells, and how a [`Program`] writes them. Out: bytes behind those of a text.

use super::program::{IriPart, IriStart, LiteralText, Program};
use super::style::push_full;
use crate::engine::cell::{CellValue, Item};
use crate::engine::made::MadeTerm;
use crate::engine::row::RowContext;
use crate::rdf::canonical::canonical;
use crate::rdf::iri::push_encoded;
use crate::rdf::prefixes::{Prefixes, is_local_name};
use crate::sink::escape::push_escaped;
use crate::sink::turtle::Bare;
use oxrdf::Term;

#[inline]
pub(super) fn push_literal(out: &mut Vec<u8>, item: &Item<'_>, literal: &LiteralText) {
    let text = item.text.as_ref();
    if item.valid && literal.bare.is_some_and(|bare| bare.fits(text)) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    if !literal.is_opened {
        out.push(b'"');
    }
    if item.valid {
        if literal.escapes {
            push_escaped(out, text);
        } else {
            out.extend_from_slice(text.as_bytes());
        }
        literal.valid.push_to(out);
    } else {
        push_escaped(out, text);
        literal.invalid.push_to(out);
    }
}

// An IRI that begins in a known way: with a prefix where it can.
#[inline]
pub(super) fn push_started(
    out: &mut Vec<u8>,
    start: &IriStart,
    mut rest: impl FnMut(&mut Vec<u8>),
) {
    let at = out.len();
    if let Some((short, local)) = &start.short {
        out.extend_from_slice(short);
        rest(out);
        let name = &out[at + local..];
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let is_simple = !name.is_empty() && name.iter().all(is_word);
        if is_simple || std::str::from_utf8(name).is_ok_and(is_local_name) {
            return;
        }
        out.truncate(at);
    }
    out.extend_from_slice(&start.full);
    rest(out);
    out.push(b'>');
}

// Gives whether the parts are all that is needed; else the row has to make the IRI.
#[inline]
pub(super) fn push_parts(
    out: &mut Vec<u8>,
    parts: &[IriPart],
    steps: bool,
    row: &RowContext<'_, '_>,
) -> bool {
    for part in parts {
        match part {
            IriPart::Text(text) => out.extend_from_slice(text.as_bytes()),
            IriPart::Cell(column, safe, datatype) => match &row.cells[*column] {
                CellValue::One(item) => {
                    if steps && item.text.starts_with('.') {
                        return false;
                    }
                    match datatype {
                        Some(datatype) if item.valid => {
                            push_encoded(out, &canonical(*datatype, &item.text), *safe);
                        }
                        _ => push_encoded(out, &item.text, *safe),
                    }
                }
                CellValue::Null => {}
                CellValue::Many(_) => return false,
            },
            IriPart::RowNumber => push_number(out, row.row_number),
            IriPart::SourceRow => push_number(out, row.source_row),
        }
    }
    true
}

pub(super) fn push_iri(out: &mut Vec<u8>, iri: &str, program: &Program<'_>, prefixes: &Prefixes) {
    let compact = prefixes.compact(iri).filter(|_| program.syntax.is_turtle());
    match compact {
        Some(compact) => {
            out.extend_from_slice(compact.prefix.as_bytes());
            out.push(b':');
            out.extend_from_slice(compact.local.as_bytes());
        }
        None => push_full(out, iri),
    }
}

/// A term that was made for itself, as it looks wherever else it stands.
pub(super) fn push_made(
    out: &mut Vec<u8>,
    term: &MadeTerm,
    program: &Program<'_>,
    prefixes: &Prefixes,
) {
    match term {
        MadeTerm::Term(Term::NamedNode(node)) => push_iri(out, node.as_str(), program, prefixes),
        MadeTerm::Term(Term::Literal(literal)) => {
            let value = literal.value();
            let datatype = literal.datatype();
            let bare = Bare::of(datatype).filter(|_| program.syntax.is_turtle());
            if bare.is_some_and(|bare| bare.fits(value)) {
                out.extend_from_slice(value.as_bytes());
                return;
            }
            out.push(b'"');
            push_escaped(out, value);
            out.push(b'"');
            if let Some(language) = literal.language() {
                out.push(b'@');
                out.extend_from_slice(language.as_bytes());
            } else if datatype != oxrdf::vocab::xsd::STRING {
                out.extend_from_slice(b"^^");
                if matches!(Bare::of(datatype), Some(Bare::Integer | Bare::Boolean)) {
                    push_full(out, datatype.as_str());
                } else {
                    push_iri(out, datatype.as_str(), program, prefixes);
                }
            }
        }
        MadeTerm::Term(other) => out.extend_from_slice(other.to_string().as_bytes()),
        MadeTerm::Triple(triple) => {
            out.extend_from_slice(b"<<( ");
            for part in &**triple {
                push_made(out, part, program, prefixes);
                out.push(b' ');
            }
            out.extend_from_slice(b")>>");
        }
    }
}

pub(super) fn push_numbered(out: &mut Vec<u8>, before: &[u8], number: u64, behind: &[u8]) {
    out.extend_from_slice(before);
    push_number(out, number);
    out.extend_from_slice(behind);
}

pub(super) fn push_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}
