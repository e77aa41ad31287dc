//! CSV in which an empty text is told from no value: texts stand in quotes, no value is an empty cell.
//!
//! Spec: RFC 4180 §2

use std::io::{self, Write};

/// Writes a text in quotes.
pub(super) fn quoted(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    let mut parts = text.split('"');
    if let Some(first) = parts.next() {
        out.write_all(first.as_bytes())?;
    }
    for part in parts {
        out.write_all(b"\"\"")?;
        out.write_all(part.as_bytes())?;
    }
    out.write_all(b"\"")
}

/// Writes a row of names, in quotes where they need them.
pub(super) fn header(out: &mut dyn Write, names: &[String]) -> io::Result<()> {
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(name.as_bytes())?;
    }
    out.write_all(b"\n")
}

/// What is wrong with a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, counted from 1.
    pub(super) line: u64,
    /// The reason.
    pub(super) reason: &'static str,
}

/// Reads records one after another.
pub(super) struct Records<'t> {
    rest: &'t str,
    line: u64,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            rest: text,
            line: 1,
        }
    }

    /// The line on which the next record begins, counted from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    fn fault(&self, reason: &'static str) -> Fault {
        Fault {
            line: self.line,
            reason,
        }
    }

    fn cell(&mut self) -> Result<Option<String>, Fault> {
        let Some(mut rest) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
            let (cell, rest) = self.rest.split_at(end);
            if cell.contains('"') {
                return Err(self.fault("a quote in a cell without quotes"));
            }
            self.rest = rest;
            return Ok((!cell.is_empty()).then(|| cell.to_owned()));
        };
        let mut text = String::new();
        loop {
            let end = rest
                .find('"')
                .ok_or_else(|| self.fault("a quote that is never closed"))?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(more) => {
                    text.push('"');
                    rest = more;
                }
                None => break,
            }
        }
        self.line += memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        self.rest = rest;
        Ok(Some(text))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<Option<String>>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut cells = Vec::new();
        loop {
            match self.cell() {
                Ok(cell) => cells.push(cell),
                Err(fault) => {
                    self.rest = "";
                    return Some(Err(fault));
                }
            }
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix('\n') {
                self.rest = rest;
                self.line += 1;
            } else if !self.rest.is_empty() {
                let fault = self.fault("text behind a closing quote");
                self.rest = "";
                return Some(Err(fault));
            }
            return Some(Ok(cells));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_no_empty_cell() {
        let rows: Vec<_> = Records::new("a,\"\",\n\"b\n\"\"c\"\"\"\n")
            .map(Result::unwrap)
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows,
            [vec![some("a"), some(""), None], vec![some("b\n\"c\"")]]
        );
    }

    #[test]
    fn broken_records_are_faults() {
        let fault = |text| Records::new(text).find_map(Result::err).unwrap();
        assert_eq!(fault("a\n\"b").line, 2);
        assert_eq!(fault("\"a\"b\n").reason, "text behind a closing quote");
        assert_eq!(fault("a\"b\n").reason, "a quote in a cell without quotes");
    }
}
