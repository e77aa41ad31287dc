//! A row of a view, and rows as bytes.
//!
//! In: texts, cell by cell. Out: [`ViewRow`]s in memory that is used again, and a short form of them that
//! joins keep and put on disk: for each cell how many texts it has and how long they are, then the texts
//! side by side. A cell without a value takes one byte, another one byte and one for each text, beside the
//! text.

use super::super::cell::{CellValue, Item};
use std::borrow::Cow;

/// A row: for each column no text, one or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::engine) struct ViewRow {
    text: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// How many texts there are up to the end of each cell.
    cells: Vec<usize>,
    /// The row of the leftmost source, counted from 1 with its header rows.
    pub(in crate::engine) source_row: u64,
    /// Its line, counted from 1.
    pub(in crate::engine) line: u64,
}

impl ViewRow {
    /// Takes everything out.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.cells.clear();
    }

    /// Becomes another row, in its own memory.
    pub(super) fn copy(&mut self, other: &Self) {
        self.clear();
        self.text.push_str(&other.text);
        self.ends.extend_from_slice(&other.ends);
        self.cells.extend_from_slice(&other.cells);
        (self.source_row, self.line) = (other.source_row, other.line);
    }

    /// Takes the cells behind a number of them out.
    pub(super) fn truncate(&mut self, width: usize) {
        self.cells.truncate(width);
        self.ends
            .truncate(self.cells.last().copied().unwrap_or_default());
        self.text
            .truncate(self.ends.last().copied().unwrap_or_default());
    }

    /// How many cells there are.
    pub(super) fn width(&self) -> usize {
        self.cells.len()
    }

    /// Adds a text to the cell that [`ViewRow::end_cell`] will end.
    pub(super) fn push_item(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// Ends a cell, behind its texts.
    pub(super) fn end_cell(&mut self) {
        self.cells.push(self.ends.len());
    }

    /// Adds a cell with one text.
    pub(super) fn push_text(&mut self, text: &str) {
        self.push_item(text);
        self.end_cell();
    }

    /// Adds a cell with a number.
    pub(super) fn push_number(&mut self, number: u64) {
        self.push_text(itoa::Buffer::new().format(number));
    }

    /// Adds cells without a value.
    pub(super) fn push_nulls(&mut self, count: usize) {
        self.cells
            .extend(std::iter::repeat_n(self.ends.len(), count));
    }

    /// The texts of a cell, counted from 0.
    pub(in crate::engine) fn texts(&self, column: usize) -> impl ExactSizeIterator<Item = &str> {
        let start = column.checked_sub(1).map_or(0, |before| self.cells[before]);
        (start..self.cells[column]).map(|text| self.text_at(text))
    }

    fn text_at(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[number]]
    }

    /// Adds its cells, as the engine has them.
    pub(in crate::engine) fn cells<'r>(&'r self, out: &mut Vec<CellValue<'r>>) {
        let item = |text: &'r str| Item {
            text: Cow::Borrowed(text),
            valid: true,
        };
        for column in 0..self.width() {
            let mut texts = self.texts(column);
            out.push(match texts.len() {
                0 => CellValue::Null,
                1 => texts
                    .next()
                    .map_or(CellValue::Null, |text| CellValue::One(item(text))),
                _ => CellValue::Many(texts.map(item).collect()),
            });
        }
    }

    /// Adds the bytes of some cells; of the others, that they have no value.
    pub(super) fn write(&self, keep: &[bool], out: &mut Vec<u8>) {
        for (column, keep) in keep.iter().enumerate() {
            let texts = self.texts(column);
            if !keep {
                out.push(0);
                continue;
            }
            push_number(out, texts.len() as u64);
            for text in texts {
                push_number(out, text.len() as u64);
            }
        }
        for (column, _) in keep.iter().enumerate().filter(|(_, keep)| **keep) {
            for text in self.texts(column) {
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// Adds the bytes of its place, and of some cells.
    pub(super) fn write_with_place(&self, keep: &[bool], out: &mut Vec<u8>) {
        push_number(out, self.source_row);
        push_number(out, self.line);
        self.write(keep, out);
    }

    /// Adds a number of cells that were written, and gives the bytes behind them; nothing where the bytes are
    /// no cells.
    pub(super) fn read<'b>(&mut self, width: usize, mut bytes: &'b [u8]) -> Option<&'b [u8]> {
        let start = self.text.len();
        let mut end = start;
        for _ in 0..width {
            for _ in 0..take_number(&mut bytes)? {
                end += usize::try_from(take_number(&mut bytes)?).ok()?;
                self.ends.push(end);
            }
            self.end_cell();
        }
        let (text, rest) = bytes.split_at_checked(end - start)?;
        self.text.push_str(std::str::from_utf8(text).ok()?);
        Some(rest)
    }

    /// Becomes a row that was written with its place, and gives the bytes behind it.
    pub(super) fn read_with_place<'b>(
        &mut self,
        width: usize,
        mut bytes: &'b [u8],
    ) -> Option<&'b [u8]> {
        self.clear();
        self.source_row = take_number(&mut bytes)?;
        self.line = take_number(&mut bytes)?;
        self.read(width, bytes)
    }
}

// Seven bits a byte, the lowest first; the highest bit says that more follow.
#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn push_number(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7F {
        out.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

/// The bytes that a chunk of [`Rows`] has room for, unless a row is longer.
const CHUNK: usize = 1 << 18;

/// Rows as bytes, in memory that grows without being copied.
#[derive(Debug, Default)]
pub(super) struct Rows {
    chunks: Vec<Vec<u8>>,
    /// In which chunk each row is, and where it begins there.
    starts: Vec<(u32, u32)>,
    bytes: usize,
}

impl Rows {
    pub(super) fn clear(&mut self) {
        self.chunks.truncate(1);
        if let Some(first) = self.chunks.first_mut() {
            first.clear();
        }
        self.starts.clear();
        self.bytes = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// About how many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes + self.starts.len() * size_of::<(u32, u32)>()
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &[u8]) {
        let fits = |chunk: &Vec<u8>| chunk.is_empty() || chunk.len() + row.len() <= CHUNK;
        if !self.chunks.last().is_some_and(fits) {
            // What few rows need is not much.
            let room = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(Vec::with_capacity(room.max(row.len())));
        }
        let number = u32::try_from(self.chunks.len() - 1).unwrap_or(u32::MAX);
        if let Some(chunk) = self.chunks.last_mut() {
            let start = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            self.starts.push((number, start));
            chunk.extend_from_slice(row);
            self.bytes += row.len();
        }
    }

    /// A row, counted from 0.
    pub(super) fn get(&self, number: usize) -> &[u8] {
        let (chunk, start) = self.starts[number];
        let row = &self.chunks[chunk as usize][start as usize..];
        match self.starts.get(number + 1) {
            Some((next, end)) if *next == chunk => &row[..(end - start) as usize],
            _ => row,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_are_read_as_they_were_written(
            rows in prop::collection::vec(
                (prop::collection::vec(prop::collection::vec("[a-zä]{0,300}", 0..3), 3..4), 0..u64::MAX),
                0..20,
            ),
        ) {
            let mut stored = Rows::default();
            let mut written = Vec::new();
            for (cells, place) in &rows {
                let mut row = ViewRow { source_row: *place, line: place / 2, ..ViewRow::default() };
                for cell in cells {
                    for text in cell {
                        row.push_item(text);
                    }
                    row.end_cell();
                }
                let mut bytes = Vec::new();
                row.write_with_place(&[true; 3], &mut bytes);
                stored.push(&bytes);
                written.push(row);
            }
            for (number, row) in written.iter().enumerate() {
                let mut read = ViewRow::default();
                prop_assert!(read.read_with_place(3, stored.get(number)).is_some());
                prop_assert_eq!(&read, row);
            }
        }
    }
}
