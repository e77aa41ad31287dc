//! What reading a source will cost, guessed from its size and its beginning.
//!
//! In: a source and how it is written down. Out: an [`Estimate`]. At most 64 KiB of a source are read.

use crate::compression::Compression;
use crate::table::{Dialect, Sources, TableReader};
use serde::Serialize;
use std::io::Read as _;

/// How much of a source is looked at, in bytes.
const SAMPLE: u64 = 64 << 10;

/// How large a source is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Estimate {
    /// Its size in bytes as it stands, where it has one.
    pub bytes: Option<u64>,
    /// How many rows it has, behind the header.
    pub rows: Option<u64>,
    /// Whether the number of rows is a guess.
    pub is_guess: bool,
    /// The average length of the rows that were looked at, in bytes.
    pub row_bytes: Option<u64>,
    /// The header, as far as there is one.
    pub header: Vec<String>,
}

/// Looks at the beginning of a table; what cannot be read has no figures.
pub(crate) fn of_table(source: &str, dialect: &Dialect, sources: &Sources) -> Estimate {
    let mut estimate = Estimate {
        bytes: sources.size(source),
        ..Estimate::default()
    };
    // A pipe is not held up for a guess.
    if sources.is_read_once(source) {
        return estimate;
    }
    let Ok(input) = sources.peek(source, dialect) else {
        return estimate;
    };
    let mut sample = Vec::new();
    if input.take(SAMPLE).read_to_end(&mut sample).is_err() {
        return estimate;
    }
    let is_whole = (sample.len() as u64) < SAMPLE;
    let Ok(mut reader) = TableReader::open("", Box::new(sample.as_slice()), dialect) else {
        return estimate;
    };
    let mut header_bytes = 0;
    for index in 0..dialect.header_row_count {
        let Ok(Some(row)) = reader.read_row() else {
            return estimate;
        };
        if index == 0 {
            estimate.header = row.source_cells().map(str::to_owned).collect();
        }
        header_bytes = reader.bytes_read();
    }
    let (mut rows, mut end) = (0_u64, header_bytes);
    while let Ok(Some(_)) = reader.read_row() {
        // The last row of a sample is a part of one.
        if !is_whole && reader.bytes_read() >= sample.len() as u64 {
            break;
        }
        rows += 1;
        end = reader.bytes_read();
    }
    estimate.row_bytes = (end - header_bytes).checked_div(rows);
    // How much a compressed file holds is known at its end.
    let is_compressed = Compression::of_name(source).is_some();
    if is_whole {
        estimate.rows = Some(rows);
    } else if let Some(bytes) = estimate.bytes.filter(|_| !is_compressed) {
        let rest = u128::from(bytes.saturating_sub(header_bytes));
        let guess = rest * u128::from(rows) / u128::from((end - header_bytes).max(1));
        estimate.rows = (rows > 0).then(|| u64::try_from(guess).unwrap_or(u64::MAX));
        estimate.is_guess = true;
    }
    estimate
}

impl Estimate {
    /// The figures in words.
    pub(crate) fn words(&self) -> String {
        let size = match self.bytes {
            Some(bytes) => bytes_in_words(bytes),
            None => "size not known".to_owned(),
        };
        let rows = match self.rows {
            Some(rows) if self.is_guess => format!("about {} rows", grouped(rows)),
            Some(1) => "1 row".to_owned(),
            Some(rows) => format!("{} rows", grouped(rows)),
            None => "number of rows not known".to_owned(),
        };
        match self.row_bytes {
            Some(average) if self.is_guess => {
                format!("{size}, {rows} (a row of the first 64 KiB has {average} bytes)")
            }
            _ => format!("{size}, {rows}"),
        }
    }
}

/// A number of bytes for people.
pub(crate) fn bytes_in_words(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let (mut tenths, mut unit) = (u128::from(bytes) * 10 / 1024, 0);
    while tenths >= 10240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// A number with commas between its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(bytes_in_words(1023), "1023 bytes");
        assert_eq!(bytes_in_words(1536), "1.5 KiB");
        assert_eq!(bytes_in_words(5 << 30), "5.0 GiB");
    }
}
