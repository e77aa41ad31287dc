//! Rows as aligned columns.
//!
//! In: columns, rows, prefixes, the width of the terminal. Out: a text table. Widths are counted in
//! terminal cells code point by code point, as terminals lay text out: vowel marks take none, and
//! lam and alef take one each. (comfy-table counts a lam-alef as one cell, so its columns do not
//! line up in Arabic.)

use crate::rdf::prefixes::Prefixes;
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Term, Variable};
use std::collections::BTreeSet;
use std::io::{self, Write};
use unicode_width::UnicodeWidthChar as _;

/// Between two columns.
const SEPARATOR: &str = " │ ";
/// Between two columns in the line below the names.
const CROSSING: &str = "─┼─";
/// Cells below which no column is squeezed.
const NARROWEST: usize = 8;

/// Writes the table and a line with the number of rows.
pub(super) fn write_table(
    columns: &[Variable],
    rows: &[Vec<Option<Term>>],
    prefixes: &Prefixes,
    width: Option<usize>,
    writer: &mut impl Write,
) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(writer, "(no results)");
    }
    let columns: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let cells = || {
                rows.iter()
                    .map(move |row| row.get(index).and_then(Option::as_ref))
            };
            Column::new(name.as_str(), cells, prefixes)
        })
        .collect();
    let widths = fit(&columns, width);

    let names: Vec<_> = columns
        .iter()
        .map(|column| wrap(&column.name, usize::MAX))
        .collect();
    write_row(&columns, &widths, &names, writer)?;
    let rules: Vec<_> = widths.iter().map(|width| "─".repeat(*width)).collect();
    writeln!(writer, "{}", rules.join(CROSSING))?;
    for index in 0..rows.len() {
        let cells: Vec<_> = columns
            .iter()
            .zip(&widths)
            .map(|(column, width)| wrap(&column.cells[index], *width))
            .collect();
        write_row(&columns, &widths, &cells, writer)?;
    }
    match rows.len() {
        1 => writeln!(writer, "(1 row)"),
        count => writeln!(writer, "({count} rows)"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

struct Column {
    name: String,
    cells: Vec<String>,
    align: Align,
    /// The widest line.
    width: usize,
}

impl Column {
    fn new<'a, I: Iterator<Item = Option<&'a Term>>>(
        name: &str,
        cells: impl Fn() -> I,
        prefixes: &Prefixes,
    ) -> Self {
        // A tag is shown only in a column of several languages.
        let languages: BTreeSet<_> = cells()
            .flatten()
            .filter_map(|term| match term {
                Term::Literal(literal) => literal.language(),
                _ => None,
            })
            .collect();
        let tags = if languages.len() > 1 {
            Tags::Shown
        } else {
            Tags::Hidden
        };
        let align = if cells().flatten().all(is_number) {
            Align::Right
        } else {
            Align::Left
        };
        let cells: Vec<_> = cells()
            .map(|term| term.map_or_else(String::new, |term| show(term, tags, prefixes)))
            .collect();
        let lines = cells.iter().flat_map(|cell| cell.lines());
        Self {
            width: lines
                .map(width_of)
                .chain([width_of(name)])
                .max()
                .unwrap_or(0),
            name: name.to_owned(),
            cells,
            align,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tags {
    Shown,
    Hidden,
}

fn is_number(term: &Term) -> bool {
    const NUMBERS: [oxrdf::NamedNodeRef<'_>; 8] = [
        xsd::INTEGER,
        xsd::DECIMAL,
        xsd::DOUBLE,
        xsd::FLOAT,
        xsd::INT,
        xsd::LONG,
        xsd::NON_NEGATIVE_INTEGER,
        xsd::POSITIVE_INTEGER,
    ];
    matches!(term, Term::Literal(literal) if NUMBERS.contains(&literal.datatype()))
}

/// A term for people: a compact IRI, or a value without quotes. Datatypes are shown unless they are
/// XSD's, whose values tell them.
fn show(term: &Term, tags: Tags, prefixes: &Prefixes) -> String {
    let iri = |iri: &str| match prefixes.compact(iri) {
        Some(compact) => compact.to_string(),
        None => format!("<{iri}>"),
    };
    let text = if let Term::NamedNode(node) = term {
        iri(node.as_str())
    } else if let Term::Literal(literal) = term {
        let datatype = literal.datatype();
        match literal.language() {
            Some(language) if tags == Tags::Shown => format!("{}@{language}", literal.value()),
            None if !datatype
                .as_str()
                .starts_with("http://www.w3.org/2001/XMLSchema#")
                && datatype != rdf::LANG_STRING =>
            {
                format!("{}^^{}", literal.value(), iri(datatype.as_str()))
            }
            _ => literal.value().to_owned(),
        }
    } else {
        term.to_string()
    };
    text.chars().filter_map(printable).collect()
}

/// Keeps line breaks; shows other control characters as pictures, so that no value can command the
/// terminal.
fn printable(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        '\r' => None,
        '\t' => Some(' '),
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7F}' => Some('␡'),
        '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' => Some('\u{FFFD}'),
        _ => Some(c),
    }
}

fn width_of(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The columns' widths, the widest cut back until the table fits, as far as that is possible.
fn fit(columns: &[Column], width: Option<usize>) -> Vec<usize> {
    let widths: Vec<_> = columns.iter().map(|column| column.width).collect();
    let separators = width_of(SEPARATOR) * columns.len().saturating_sub(1);
    let Some(room) = width.map(|width| width.saturating_sub(separators)) else {
        return widths;
    };
    let total = |cap: usize| widths.iter().map(|width| (*width).min(cap)).sum::<usize>();
    let widest = widths.iter().copied().max().unwrap_or(0);
    let mut cap = NARROWEST.min(widest);
    while cap < widest && total(cap + 1) <= room {
        cap += 1;
    }
    // What a last step would have overshot goes to the first of the columns that were cut.
    let mut left = room.saturating_sub(total(cap));
    widths
        .iter()
        .map(|width| {
            let extra = usize::from(*width > cap && left > 0);
            left -= extra;
            (*width).min(cap + extra)
        })
        .collect()
}

/// Breaks a text into lines of at most `width` cells, at spaces where it can.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut rest = line;
        while width_of(rest) > width {
            let end = line_end(rest, width);
            lines.push(rest[..end].trim_end().to_owned());
            rest = rest[end..].trim_start();
        }
        lines.push(rest.to_owned());
    }
    lines
}

/// The bytes of a text that fit on a line; more than none.
fn line_end(text: &str, width: usize) -> usize {
    let mut cells = 0;
    let mut space = None;
    for (index, c) in text.char_indices() {
        cells += c.width().unwrap_or(0);
        if cells > width && index > 0 {
            return space.unwrap_or(index);
        }
        if c.is_whitespace() && index > 0 {
            space = Some(index + c.len_utf8());
        }
    }
    text.len()
}

/// Writes a row, whose cells may have several lines.
fn write_row(
    columns: &[Column],
    widths: &[usize],
    cells: &[Vec<String>],
    writer: &mut impl Write,
) -> io::Result<()> {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let parts: Vec<_> = cells
            .iter()
            .zip(widths)
            .zip(columns)
            .map(|((lines, width), column)| {
                let text = lines.get(line).map_or("", String::as_str);
                let padding = " ".repeat(width.saturating_sub(width_of(text)));
                match column.align {
                    Align::Left => format!("{text}{padding}"),
                    Align::Right => format!("{padding}{text}"),
                }
            })
            .collect();
        writeln!(writer, "{}", parts.join(SEPARATOR).trim_end())?;
    }
    Ok(())
}
