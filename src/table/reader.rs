//! Reads a table row by row with the `csv` crate.
//!
//! In: bytes and a [`Dialect`]. Out: [`Row`]s with line and row numbers; the faults of the text on
//! the way. One row is held at a time.
//!
//! The `csv` crate skips blank lines, forgives broken quotes and knows one-byte delimiters only:
//! `inspect` sees the first two, the third is refused.

use super::inspect::{Fault, FaultKind, Inspect, Shape};
use super::{Dialect, TableError};
use csv::{ByteRecord, ReaderBuilder, StringRecord};
use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::io::Read;

/// A source of bytes, open for reading.
pub type Input<'a> = Box<dyn Read + Send + 'a>;

/// Reads the rows of one table.
pub struct TableReader<'a> {
    source_name: String,
    reader: csv::Reader<Inspect<Input<'a>>>,
    dialect: Dialect,
    record: StringRecord,
    dropped_lines: u64,
    faults: Vec<Fault>,
    records: u64,
    line: u64,
}

/// One row of the source.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    record: &'a StringRecord,
    dialect: &'a Dialect,
    /// The row of the source, counted from 1 with header, comment and blank rows.
    pub source_row: u64,
    /// The line on which it begins, counted from 1.
    pub line: u64,
}

impl<'a> Row<'a> {
    /// The number of cells, without the columns that the dialect skips.
    pub fn len(&self) -> usize {
        self.record.len().saturating_sub(self.dialect.skip_columns)
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a cell, counted from 0, trimmed as the dialect says.
    pub fn get(&self, index: usize) -> Option<&'a str> {
        let text = self.record.get(index + self.dialect.skip_columns)?;
        Some(self.dialect.trim.apply(text))
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let row = *self;
        (0..self.len()).filter_map(move |index| row.get(index))
    }
}

impl<'a> TableReader<'a> {
    /// Prepares to read.
    ///
    /// `source_name` is what errors call the source.
    ///
    /// # Errors
    /// When the encoding is unknown, the dialect is beyond the reader or the bytes cannot be read.
    pub fn open(
        source_name: &str,
        input: Input<'a>,
        dialect: &Dialect,
    ) -> Result<Self, TableError> {
        let input = decode(source_name, input, &dialect.encoding)?;
        let one_byte = |property, value: &str| match value.as_bytes() {
            [byte] if byte.is_ascii() => Ok(*byte),
            _ => Err(TableError::Dialect {
                source_name: source_name.to_owned(),
                property,
                value: value.to_owned(),
            }),
        };
        let delimiter = one_byte("delimiter", &dialect.delimiter)?;
        let quote = dialect
            .quote_char
            .map(|quote| one_byte("quoteChar", quote.encode_utf8(&mut [0; 4])))
            .transpose()?;
        let escape = (quote.is_some() && !dialect.double_quote).then_some(b'\\');
        let mut builder = ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .quoting(quote.is_some())
            .quote(quote.unwrap_or(b'"'))
            .double_quote(dialect.double_quote)
            .escape(escape);
        let prefix = dialect.comment_prefix.as_ref();
        let shape = Shape {
            delimiter,
            quote,
            escape,
            comment_prefix: prefix
                .filter(|prefix| !prefix.is_empty())
                .map(|prefix| prefix.as_bytes().to_vec()),
            skip_lines: dialect.skip_rows,
            decoded: Encoding::for_label(dialect.encoding.as_bytes())
                .is_some_and(|known| known != encoding_rs::UTF_8),
        };
        Ok(Self {
            source_name: source_name.to_owned(),
            reader: builder.from_reader(Inspect::new(input, shape)),
            dialect: dialect.clone(),
            record: StringRecord::new(),
            dropped_lines: 0,
            faults: Vec::new(),
            records: 0,
            line: 0,
        })
    }

    /// Reads the next row that is neither a comment nor to be skipped.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn read_row(&mut self) -> Result<Option<Row<'_>>, TableError> {
        loop {
            if !self.advance()? {
                return Ok(None);
            }
            if self.dialect.skip_blank_rows && self.record.iter().all(|cell| cell.trim().is_empty())
            {
                continue;
            }
            return Ok(Some(Row {
                record: &self.record,
                dialect: &self.dialect,
                source_row: self.records + self.dropped_lines,
                line: self.line,
            }));
        }
    }

    /// Takes the faults of the text found since the last call, up to the last row read.
    pub fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    /// Takes the texts of comments and skipped lines found since the last call.
    pub fn take_comments(&mut self) -> Vec<String> {
        self.reader.get_mut().take_comments()
    }

    /// How many bytes of the source were read so far.
    pub fn bytes_read(&self) -> u64 {
        self.reader.get_ref().bytes()
    }

    fn advance(&mut self) -> Result<bool, TableError> {
        // Records go back and forth between bytes and text so that their memory is used again.
        let mut bytes = std::mem::take(&mut self.record).into_byte_record();
        let more = self
            .reader
            .read_byte_record(&mut bytes)
            .map_err(|error| TableError::Io {
                source_name: self.source_name.clone(),
                error: into_io(error),
            })?;
        if more {
            self.records += 1;
            if let Some(start) = self.reader.get_mut().next_start() {
                self.line = start.line;
                self.dropped_lines = start.dropped_lines;
            }
        }
        self.collect_faults(more);
        self.record = to_text(bytes);
        Ok(more)
    }

    // Takes over the faults that lie before the record after the one just read.
    fn collect_faults(&mut self, more: bool) {
        let inspect = self.reader.get_mut();
        let end = match inspect.line_of_next_start() {
            Some(next) if more => next - 1,
            _ => u64::MAX,
        };
        let begin = if more { self.line } else { u64::MAX };
        while let Some(fault) = inspect.next_fault(begin, end) {
            if fault.kind != FaultKind::BlankLine || !self.dialect.skip_blank_rows {
                self.faults.push(fault);
            }
        }
    }
}

fn to_text(bytes: ByteRecord) -> StringRecord {
    // Bytes that are not UTF-8 were reported by `inspect`; U+FFFD stands for them.
    StringRecord::from_byte_record(bytes)
        .unwrap_or_else(|error| StringRecord::from_byte_record_lossy(error.into_byte_record()))
}

fn into_io(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

fn decode<'a>(
    source_name: &str,
    input: Input<'a>,
    encoding: &str,
) -> Result<Input<'a>, TableError> {
    let Some(known) = Encoding::for_label(encoding.trim().as_bytes()) else {
        return Err(TableError::UnknownEncoding {
            source_name: source_name.to_owned(),
            encoding: encoding.to_owned(),
        });
    };
    if known == encoding_rs::UTF_8 {
        return Ok(input);
    }
    Ok(Box::new(
        DecodeReaderBytesBuilder::new()
            .encoding(Some(known))
            .bom_override(true)
            .build(input),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, dialect: &Dialect) -> Vec<(u64, u64, Vec<String>)> {
        let mut reader = TableReader::open("t.csv", Box::new(text.as_bytes()), dialect).unwrap();
        let mut out = Vec::new();
        while let Some(row) = reader.read_row().unwrap() {
            let cells = row.cells().map(str::to_owned).collect();
            out.push((row.source_row, row.line, cells));
        }
        out
    }

    #[test]
    fn rows_carry_their_number_and_line() {
        assert_eq!(
            rows("a,b\n\"x\ny\",z\n1,2\n", &Dialect::default()),
            [
                (1, 1, vec!["a".to_owned(), "b".to_owned()]),
                (2, 2, vec!["x\ny".to_owned(), "z".to_owned()]),
                (3, 4, vec!["1".to_owned(), "2".to_owned()]),
            ]
        );
    }

    #[test]
    fn blank_lines_count_as_rows_of_the_source() {
        let found = rows("a\n\n\nb\n", &Dialect::default());
        assert_eq!(found[1], (4, 4, vec!["b".to_owned()]));
    }

    #[test]
    fn comments_and_skipped_rows_and_columns_are_left_out() {
        let dialect = Dialect {
            comment_prefix: Some("#".to_owned()),
            skip_rows: 1,
            skip_columns: 1,
            trim: super::super::Trim::Both,
            ..Dialect::default()
        };
        assert_eq!(
            rows("title\nx, a \n# no\ny,b\n", &dialect),
            [(2, 2, vec!["a".to_owned()]), (4, 4, vec!["b".to_owned()])]
        );
    }

    #[test]
    fn other_encodings_are_decoded() {
        let dialect = Dialect {
            encoding: "windows-1256".to_owned(),
            ..Dialect::default()
        };
        let bytes: &[u8] = &[0xE3, 0xD5, 0xD1, b'\n'];
        let mut reader = TableReader::open("t.csv", Box::new(bytes), &dialect).unwrap();
        assert_eq!(reader.read_row().unwrap().unwrap().get(0), Some("مصر"));
    }
}
