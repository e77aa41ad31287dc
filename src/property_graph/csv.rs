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
