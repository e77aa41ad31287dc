//! The rows of a table in a view.
//!
//! In: a [`TableRead`]. Out: rows of the columns that are asked for; rows of another length than the header
//! and faults of the text are told as where a table is run for itself.

use super::super::keys::Place;
use super::super::reject::Failing;
use super::super::report::{describe_comments, describe_fault, describe_length};
use super::super::run::ScanError;
use super::{Reports, Side, ViewRow, location};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::plan::TableRead;
use crate::table::{Sources, TableError, TableReader};

/// Reads a table.
pub(super) struct TableRows<'p> {
    read: &'p TableRead,
    name: String,
    reader: TableReader<'static>,
    /// Of each column whether it is asked for.
    needed: Vec<bool>,
    /// The first row of the header, once it was read.
    header: Option<Vec<String>>,
    /// Whether what is wrong is told where the same table is read for the first time.
    is_known: bool,
    side: Side,
    /// How many comments there are, and the first with its row.
    comments: (u64, Option<(u64, String)>),
}

impl<'p> TableRows<'p> {
    /// Opens the table.
    ///
    /// # Errors
    /// When it is not there or its dialect cannot be read.
    pub(super) fn open(
        read: &'p TableRead,
        needed: &[bool],
        sources: &Sources,
        is_known: bool,
        side: Side,
    ) -> Result<Self, TableError> {
        let name = sources.display_name(&read.source);
        let input = sources.open(&read.source, &read.dialect)?;
        let reader = TableReader::open(&name, input, &read.dialect)?.without_comments();
        Ok(Self {
            read,
            name,
            reader,
            needed: needed.to_vec(),
            header: None,
            is_known,
            side,
            comments: (0, None),
        })
    }

    /// Reads the next row that stays.
    pub(super) fn next(
        &mut self,
        out: &mut ViewRow,
        reports: &mut Reports<'_>,
    ) -> Result<bool, ScanError> {
        if self.header.is_none() && !self.read_header(reports)? {
            return Ok(false);
        }
        loop {
            let Some(row) = self.reader.read_row()? else {
                self.end(reports);
                return Ok(false);
            };
            out.clear();
            (out.source_row, out.line) = (row.source_row, row.line);
            let (begin, length) = (row.offset, row.len());
            let is_blank = row.is_blank();
            for (column, is_needed) in self.read.columns.iter().zip(&self.needed) {
                let text = row.get(*column).filter(|_| *is_needed && !is_blank);
                match text.filter(|text| !self.read.nulls.contains(text)) {
                    Some(text) => out.push_text(text),
                    None => out.push_nulls(1),
                }
            }
            if self.side == Side::Leftmost {
                reports.bytes = self.reader.bytes_read();
            }
            let is_ragged = !is_blank && length != self.read.width;
            if !is_ragged && !self.reader.has_news() {
                return Ok(true);
            }
            let fills = self.read.dialect.fills_rows;
            let mut errors = u64::from(is_ragged && !fills);
            if is_ragged {
                let names = self.header.as_ref();
                let missing = names.and_then(|names| names.get(length));
                let missing = missing.map_or("", String::as_str);
                let mut found =
                    describe_length(length, self.read.width, missing, location(&self.name, out));
                if fills {
                    found.severity = Severity::Warning;
                }
                self.tell(found, reports);
            }
            errors += self.tell_news(Some((out, begin)), reports);
            let told = if self.tells(reports) { errors } else { 0 };
            if reports.keeps(errors > 0, told)? {
                return Ok(true);
            }
        }
    }

    fn read_header(&mut self, reports: &mut Reports<'_>) -> Result<bool, ScanError> {
        let mut header = Vec::new();
        for number in 0..self.read.dialect.header_row_count {
            let Some(row) = self.reader.read_row()? else {
                self.tell_news(None, reports);
                let place = Location::of_source(&self.name).at_line(1);
                let found = Diagnostic::error(
                    "table::empty",
                    "the table is empty: a header row was expected",
                    place,
                );
                self.tell(found, reports);
                return Ok(false);
            };
            if number == 0 {
                header = row.cells().map(str::to_owned).collect();
            }
        }
        self.tell_news(None, reports);
        self.header = Some(header);
        Ok(true)
    }

    fn end(&mut self, reports: &mut Reports<'_>) {
        self.tell_news(None, reports);
        if let (count, Some((source_row, text))) = std::mem::take(&mut self.comments) {
            let found = describe_comments(&self.name, count, source_row, &text);
            self.tell(found, reports);
        }
    }

    // Tells the faults of the text up to here, and counts comments. Gives how many errors are those of the
    // row, which begins at a byte.
    fn tell_news(&mut self, row: Option<(&ViewRow, u64)>, reports: &mut Reports<'_>) -> u64 {
        let place = row.map(|(row, _)| Place {
            source_row: row.source_row,
            line: row.line,
        });
        let (mut errors, mut last) = (0, None);
        for fault in self.reader.take_faults() {
            // One quote out of place makes others look so: once a line is enough.
            let kind = std::mem::discriminant(&fault.kind);
            if last.replace((kind, fault.line)) == Some((kind, fault.line)) {
                continue;
            }
            let encoding = &self.read.dialect.encoding;
            let found = describe_fault(&fault, &self.name, encoding, place);
            let is_of_row = row.is_some_and(|(_, begin)| fault.offset >= begin);
            errors += u64::from(is_of_row && found.severity == Severity::Error);
            self.tell(found, reports);
        }
        let mut comments = self.reader.take_comments().into_iter();
        self.comments.0 += comments.len() as u64 + self.reader.take_more_comments();
        if self.comments.1.is_none() {
            self.comments.1 = comments.next();
        }
        errors
    }

    // A run that ends says why.
    fn tells(&self, reports: &Reports<'_>) -> bool {
        !self.is_known || reports.failing == Failing::Stops
    }

    fn tell(&self, found: Diagnostic, reports: &mut Reports<'_>) {
        if self.tells(reports) {
            reports.diagnostics.push(found);
        }
    }
}
