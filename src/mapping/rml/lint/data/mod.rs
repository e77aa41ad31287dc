//! Rules on rows: each table is read once, for all of them.
//!
//! In: a mapping and its tables. Out: what is odd about values, with the first row that shows it and how often it
//! is so. `terms` looks at the values of term maps, `subjects` at which rows make the same subject, `joins` at the two
//! sides of joins.

mod joins;
mod subjects;
mod terms;

use super::maps::{base_of, each_term, named};
use super::rows::{Cells, Columns, ready};
use super::{Findings, counted, severity, share};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::mapping::rml::lower::{self, Options, Table};
use crate::mapping::rml::model::{ExpressionMap, Mapping, Place, TermValue};
use crate::plan::Expression;
use crate::rdf::iri::Safe;
use crate::table::FaultKind;
use crate::table::{Row, Sources, TableReader};
use joins::Joins;
use std::hash::{BuildHasher as _, Hash};

/// A rule that looks at each row of a table and tells in the end.
trait Probe {
    fn row(&mut self, cells: &Cells<'_>);

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>);
}

/// A table that was read.
struct Read<'t> {
    title: &'t str,
    /// The number of data rows.
    rows: u64,
    /// How bad a value is that makes no term: fails a conversion or is left out.
    severity: Severity,
}

/// A logical source with the rules on it.
struct Source {
    table: Table,
    columns: Columns,
    probes: Vec<Box<dyn Probe>>,
    place: Place,
    rows: u64,
    is_used: bool,
}

pub(super) fn check(
    mapping: &Mapping,
    sources: &mut Sources,
    options: &Options,
    findings: &mut Findings<'_>,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<u64> {
    let tables = lower::tables(mapping, sources, options);
    let mut read: Vec<Option<Source>> = tables
        .into_iter()
        .zip(&mapping.sources)
        .map(|(table, source)| {
            let table = table?;
            Some(Source {
                columns: table.columns.iter().cloned().collect(),
                table,
                probes: Vec::new(),
                place: source.place.clone(),
                rows: 0,
                is_used: false,
            })
        })
        .collect();
    add_probes(mapping, options, &mut read);
    let mut joins = Joins::new(mapping, &mut read);
    let mut rows = 0;
    for first in 0..read.len() {
        let group = same_table(&read, first);
        if group.first() == Some(&first) {
            rows += read_table(&mut read, &group, &mut joins, sources, findings, go_on)?;
        }
    }
    let severity = severity(mapping);
    for source in read.iter_mut().flatten() {
        let table = Read {
            title: &source.table.title,
            rows: source.rows,
            severity,
        };
        if source.rows == 0 && source.is_used {
            findings.warn(
                "rml::no-rows",
                &source.place,
                format!("`{}` has no rows, so nothing is made of it", table.title),
                "",
            );
            continue;
        }
        for probe in std::mem::take(&mut source.probes) {
            probe.finish(&table, findings);
        }
    }
    joins.finish(&read, findings);
    Some(rows)
}

fn add_probes(mapping: &Mapping, options: &Options, read: &mut [Option<Source>]) {
    let most = share(mapping.triples_maps.len());
    for map in &mapping.triples_maps {
        let Some(source) = &mut read[map.source] else {
            continue;
        };
        source.is_used = true;
        let base = base_of(mapping, map, options);
        let Source {
            columns, probes, ..
        } = source;
        let name = named(&map.name, "the triples map");
        probes.extend(subjects::probe(map, &name, columns, most));
        each_term(map, &mut |term, position| {
            probes.extend(terms::probes(term, position, base, columns));
            for condition in &term.conditions {
                probes.extend(condition_probe(condition, columns));
            }
            if let Some(language) = &term.language
                && let TermValue::Expression(expression) = &language.value
            {
                probes.extend(terms::language_probe(expression, columns));
            }
        });
        for condition in map
            .predicate_objects
            .iter()
            .flat_map(|part| &part.conditions)
        {
            probes.extend(condition_probe(condition, columns));
        }
    }
}

// The sources that are read from the same bytes in the same way.
fn same_table(read: &[Option<Source>], number: usize) -> Vec<usize> {
    let Some(wanted) = &read[number] else {
        return Vec::new();
    };
    let wanted = &wanted.table.read;
    let is_same = |number: &usize| {
        let other = read[*number].as_ref().map(|other| &other.table.read);
        other.is_some_and(|other| other.source == wanted.source && other.dialect == wanted.dialect)
    };
    (0..read.len()).filter(is_same).collect()
}

fn read_table(
    read: &mut [Option<Source>],
    group: &[usize],
    joins: &mut Joins<'_>,
    sources: &Sources,
    findings: &mut Findings<'_>,
    go_on: &mut dyn FnMut() -> bool,
) -> Option<u64> {
    let Some(first) = group.first().and_then(|number| read[*number].as_ref()) else {
        return Some(0);
    };
    let table = first.table.clone();
    let dialect = &table.read.dialect;
    let reader = sources
        .open(&table.read.source, dialect)
        .and_then(|input| TableReader::open(&table.title, input, dialect));
    let mut reader = match reader {
        Ok(reader) => reader,
        Err(error) => {
            findings.diagnostics.push(error.to_diagnostic());
            return Some(0);
        }
    };
    let mut headers = dialect.header_row_count;
    let mut rows = 0;
    let mut last = None;
    loop {
        let row = match reader.read_row() {
            Ok(Some(row)) => row,
            Ok(None) => break,
            Err(error) => {
                findings.diagnostics.push(error.to_diagnostic());
                break;
            }
        };
        if headers > 0 {
            headers -= 1;
            continue;
        }
        if row.is_blank() && table.read.width > 1 {
            continue;
        }
        rows += 1;
        if rows % 1000 == 0 && !go_on() {
            return None;
        }
        let is_filled = row.len() < table.read.width && dialect.fills_rows;
        let is_ragged = row.len() != table.read.width && !is_filled;
        if !row.is_blank() && is_ragged {
            let found = ragged(&table, &row);
            findings.diagnostics.push(found);
        }
        for number in group {
            let Some(source) = &mut read[*number] else {
                continue;
            };
            let cells = Cells {
                row,
                nulls: &source.table.read.nulls,
            };
            source.rows = rows;
            for probe in &mut source.probes {
                probe.row(&cells);
            }
            joins.row(*number, &cells);
        }
        if reader.has_news() {
            tell_faults(&table.title, &mut reader, &mut last, findings);
        }
    }
    // An open quote is found at the end.
    tell_faults(&table.title, &mut reader, &mut last, findings);
    Some(rows)
}

// What is wrong with the text of a table; one quote out of place makes others look so, and once a line is
// enough.
fn tell_faults(
    title: &str,
    reader: &mut TableReader<'_>,
    last: &mut Option<(&'static str, u64)>,
    findings: &mut Findings<'_>,
) {
    drop(reader.take_comments());
    for fault in reader.take_faults() {
        let (code, message) = match fault.kind {
            FaultKind::StrayQuote => (
                "table::stray-quote",
                "a quote stands within a cell that does not begin with one",
            ),
            FaultKind::TextAfterQuote(_) => (
                "table::text-after-quote",
                "after the closing quote a delimiter or the end of the line was expected",
            ),
            FaultKind::UnclosedQuote => (
                "table::unclosed-quote",
                "the quote that opens here is never closed",
            ),
            FaultKind::InvalidUtf8(_) => ("table::invalid-utf8", "bytes here are no UTF-8"),
            FaultKind::Undecodable => (
                "table::undecodable",
                "bytes here mean nothing in the encoding of the source",
            ),
            // What `convert` only warns of.
            _ => continue,
        };
        if last.replace((code, fault.line)) != Some((code, fault.line)) {
            let place = Location::of_source(title).at_line(fault.line);
            findings
                .diagnostics
                .push(Diagnostic::error(code, message, place));
        }
    }
}

// A row that is longer or shorter than the header, which a conversion stops at unless it fills rows up.
fn ragged(table: &Table, row: &Row<'_>) -> Diagnostic {
    let (length, width) = (row.len(), table.read.width);
    let code = if length < width {
        "table::missing-cell"
    } else {
        "table::extra-cell"
    };
    let location = Location {
        source_row: Some(row.source_row),
        ..Location::of_source(&table.title).at_line(row.line)
    };
    let message = format!(
        "the row has {} where {width} were expected",
        counted(length as u64, "cell")
    );
    let found = Diagnostic::error(code, message, location);
    // A conversion that fills rows up passes over what is too much.
    let severity = if table.read.dialect.fills_rows {
        Severity::Warning
    } else {
        Severity::Error
    };
    Diagnostic { severity, ..found }
}

/// The first of values that are alike in something, and how many there are.
#[derive(Debug, Default)]
struct Seen {
    count: u64,
    first: Option<(String, u64)>,
}

impl Seen {
    fn add(&mut self, value: &str, row: u64) {
        self.count += 1;
        self.first.get_or_insert_with(|| (value.to_owned(), row));
    }

    /// Such as "2 of 10 values of `t.csv` are wrong, the first `x` in row 3", with what is said of one and
    /// of several; nothing where there are none.
    fn show(&self, of: u64, table: &Read<'_>, said: [&str; 2]) -> Option<String> {
        let (value, row) = self.first.as_ref()?;
        let [of_one, of_several] = said;
        Some(format!(
            "{} of {} of `{}` {}, the first {} in row {row}",
            self.count,
            counted(of, "value"),
            table.title,
            if self.count == 1 { of_one } else { of_several },
            super::shown(value)
        ))
    }
}

/// A condition that has to be true for some row.
struct Condition {
    expression: Expression,
    place: Place,
    is_met: bool,
}

fn condition_probe(map: &ExpressionMap, columns: &Columns) -> Option<Box<dyn Probe>> {
    Some(Box::new(Condition {
        expression: ready(map, columns, Safe::Everything)?,
        place: map.place.clone(),
        is_met: false,
    }))
}

impl Probe for Condition {
    fn row(&mut self, cells: &Cells<'_>) {
        if !self.is_met {
            self.is_met = cells.value(&self.expression).is_true();
        }
    }

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>) {
        if self.is_met {
            return;
        }
        let rows = counted(table.rows, "row");
        findings.warn(
            "rml::condition-never-true",
            &self.place,
            format!(
                "the condition is true in none of the {rows} of `{}`",
                table.title
            ),
            "compare it with the values of the table: case and white space count",
        );
    }
}

/// The hash of what is compared only with others of the same run.
fn hash(value: impl Hash) -> u64 {
    rustc_hash::FxBuildHasher.hash_one(value)
}
