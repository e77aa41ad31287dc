//! Compares the header of a table with its columns.
//!
//! In: the header rows. Out: whether rows can be read under them, and what is wrong.
//!
//! Spec: metadata §5.5.1

use super::keys::Place;
use super::run::ScanRun;
use crate::diagnostic::{Diagnostic, Location, Severity, nearest};
use crate::plan::{ColumnRead, HeaderRule, Titles};
use crate::rdf::iri;
use crate::table::{TableError, TableReader};
use rustc_hash::{FxHashMap, FxHashSet};

/// After how many bytes of a header the rest of it is not shown.
const MOST_OF_A_HEADER: usize = 1000;

impl ScanRun<'_> {
    // Compares the header; gives whether rows can be read under it.
    pub(super) fn read_header(&mut self, reader: &mut TableReader<'_>) -> Result<bool, TableError> {
        let mut sound = true;
        for number in 0..self.scan.dialect.header_row_count {
            let Some(row) = reader.read_row()? else {
                for fault in reader.take_faults() {
                    self.report_fault(&fault, None);
                }
                let location = Location::of_source(&self.name).at_line(1);
                self.diagnostics.push(
                    Diagnostic::error(
                        "table::empty",
                        "the table is empty: a header row was expected",
                        location,
                    )
                    .with_help(format!("write the header `{}`", self.expected_header())),
                );
                return Ok(false);
            };
            let place = Place {
                source_row: row.source_row,
                line: row.line,
            };
            if let Some(rejecting) = &mut self.rejecting {
                rejecting.header(row.source_cells(), number == 0);
            }
            if number == 0 && self.scan.header == HeaderRule::Match {
                // White space around a title is no part of it.
                let cells: Vec<&str> = row.cells().map(str::trim).collect();
                sound = self.check_header(&cells, place);
                // A warning is enough: the rows are as the header is.
                self.cells_expected = cells.len();
            }
        }
        for fault in reader.take_faults() {
            self.report_fault(&fault, None);
        }
        Ok(sound)
    }

    fn expected_header(&self) -> String {
        shortened(
            self.scan.columns.iter().map(title),
            &self.scan.dialect.delimiter,
        )
    }

    fn report_header(&mut self, diagnostic: Diagnostic) {
        let mut diagnostic = diagnostic.with_spec("metadata §5.5.1");
        diagnostic.severity = self.severities.header;
        self.diagnostics.push(diagnostic);
    }

    // A column that has only a name goes by its place, which may not be what was meant.
    fn note_other_names(&mut self, cells: &[&str], place: Place) {
        let columns = self.scan.columns.iter();
        let mut others = columns.zip(cells).filter(|(column, cell)| {
            column.titles == Titles::Any
                && !column.name.starts_with("_col.")
                && column.name != **cell
                && iri::percent_decode(&column.name) != **cell
        });
        let Some((column, cell)) = others.next() else {
            return;
        };
        let more = match others.count() {
            0 => String::new(),
            more => format!(", and {more} more are others too"),
        };
        self.diagnostics.push(
            Diagnostic::note(
                "table::other-name",
                format!(
                    "the header says `{cell}` where the metadata has `{}`{more}",
                    column.name
                ),
                self.location(place),
            )
            .with_help(
                "columns without `titles` go by their place: add `titles` to have them compared",
            )
            .with_spec("metadata §5.5.1"),
        );
    }

    // Compares the header with the columns; gives whether rows can be read under it.
    //
    // Spec: metadata §5.5.1
    fn check_header(&mut self, cells: &[&str], place: Place) -> bool {
        let scan = self.scan;
        let columns = &scan.columns;
        let all_fit = cells.len() == columns.len()
            && columns
                .iter()
                .zip(cells)
                .all(|(column, cell)| column.titles.fits(cell));
        if all_fit {
            self.note_other_names(cells, place);
            return true;
        }
        let (errors, warnings) = (self.diagnostics.errors(), self.diagnostics.warnings());
        let help = format!("the header has to be `{}`", self.expected_header());
        let present: FxHashSet<&str> = cells.iter().copied().collect();
        let known = columns.iter().flat_map(|column| column.titles.iter());
        let known: FxHashSet<&str> = known.collect();
        // What is another column's title is not meant for this one.
        let free = || cells.iter().copied().filter(|cell| !known.contains(cell));
        for (number, column) in columns.iter().enumerate() {
            let Titles::OneOf(titles) = &column.titles else {
                continue;
            };
            if titles.is_empty() {
                // Either nothing describes the column, or only its name does.
                if cells.get(number).is_some_and(|cell| *cell == column.name) {
                    let name = &column.name;
                    self.report_header(
                        Diagnostic::error(
                            "table::no-titles",
                            format!(
                                "the column `{name}` has a `name` and no `titles`, so by the \
                                 letter its header does not count"
                            ),
                            self.cell_location(column, number, place),
                        )
                        .with_help(format!(
                            "add `\"titles\": \"{name}\"` to the column, or use `--lenient`"
                        )),
                    );
                }
                continue;
            }
            if titles.iter().any(|title| present.contains(title.as_str())) {
                continue;
            }
            let code = "table::missing-column";
            let near = if self.diagnostics.wants(code, &self.name, &column.name) {
                nearest(title(column), free())
            } else {
                None
            };
            let help = match near {
                Some(near) => format!("is `{near}` meant? {help}"),
                None => help.clone(),
            };
            self.report_header(
                Diagnostic::error(
                    code,
                    format!("the column `{}` is missing", title(column)),
                    self.cell_location(column, number, place),
                )
                .with_help(help),
            );
        }
        let any_fits = columns.iter().any(|column| column.titles == Titles::Any);
        for (number, cell) in cells.iter().enumerate() {
            let is_named = columns
                .get(number)
                .is_some_and(|column| column.name == *cell && !is_title(column, cell));
            let is_expected = any_fits || known.contains(cell);
            if is_named || (is_expected && number < columns.len()) {
                continue;
            }
            let code = "table::extra-column";
            let near = if self.diagnostics.wants(code, &self.name, cell) {
                nearest(cell, scan.columns.iter().map(title))
            } else {
                None
            };
            let help = match near.filter(|near| near != cell) {
                Some(near) => format!("is `{near}` meant? {help}"),
                None => format!("take it out or describe it in the metadata; {help}"),
            };
            let location = Location {
                column: Some(number as u64 + 1),
                column_name: Some((*cell).to_owned()),
                ..self.location(place)
            };
            self.report_header(
                Diagnostic::error(
                    code,
                    format!("the column `{cell}` is not expected"),
                    location,
                )
                .with_help(help),
            );
        }
        if (errors, warnings) == (self.diagnostics.errors(), self.diagnostics.warnings()) {
            self.report_header(
                Diagnostic::error(
                    "table::header-mismatch",
                    format!(
                        "the columns are in another order than expected: `{}`",
                        shortened(cells.iter().copied(), &scan.dialect.delimiter)
                    ),
                    self.location(place),
                )
                .with_help(help),
            );
        }
        // Where a title is wrong and the columns stand where they should, the rows can be checked too.
        let places: FxHashMap<&str, usize> = cells.iter().copied().zip(0..).collect();
        let misplaced = columns.iter().enumerate().any(|(number, column)| {
            let mut titles = column.titles.iter();
            titles.any(|title| places.get(title).is_some_and(|at| *at != number))
        });
        self.severities.header != Severity::Error || (cells.len() == columns.len() && !misplaced)
    }
}

// Some cells of a header: so many that it can be told which header it is.
fn shortened<'t>(mut cells: impl Iterator<Item = &'t str>, delimiter: &str) -> String {
    let mut out = cells.next().unwrap_or_default().to_owned();
    for cell in cells {
        out.push_str(delimiter);
        if out.len() > MOST_OF_A_HEADER {
            out.push('…');
            break;
        }
        out.push_str(cell);
    }
    out
}

pub(super) fn title(column: &ColumnRead) -> &str {
    column.titles.first().unwrap_or(&column.name)
}

// Whether a text is a title that the column is known to have.
fn is_title(column: &ColumnRead, text: &str) -> bool {
    column.titles != Titles::Any && column.titles.fits(text)
}
