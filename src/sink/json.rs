//! Writes JSON as it comes, with no tree of it in memory.
//!
//! In: beginnings and ends of objects and arrays, names and values. Out: bytes, UTF-8. Commas are
//! set here; that names and values follow each other rightly is left to the caller.
//!
//! Spec: RFC 8259

use super::SinkError;
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes JSON to a writer.
///
/// Memory: a byte for each open object or array.
pub struct JsonWriter<W: Write> {
    name: String,
    writer: W,
    open: Vec<Open>,
    // Whether a value follows its name.
    named: bool,
}

// An object or array that is open.
struct Open {
    close: &'static [u8],
    lines: bool,
    empty: bool,
}

impl<W: Write> JsonWriter<W> {
    /// Prepares to write; `name` is what errors call the output.
    pub fn new(name: &str, writer: W) -> Self {
        Self {
            name: name.to_owned(),
            writer,
            open: Vec::new(),
            named: false,
        }
    }

    /// Begins an object.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn begin_object(&mut self) -> Result<(), SinkError> {
        self.begin(b"{", b"}", false)
    }

    /// Begins an array, with each item on a line of its own if `lines`.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn begin_array(&mut self, lines: bool) -> Result<(), SinkError> {
        self.begin(b"[", b"]", lines)
    }

    /// Ends the innermost object or array.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn end(&mut self) -> Result<(), SinkError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        if open.lines && !open.empty {
            self.put(b"\n")?;
        }
        self.put(open.close)
    }

    /// Writes the name of a member.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn key(&mut self, name: &str) -> Result<(), SinkError> {
        self.string(name)?;
        self.named = true;
        self.put(b":")
    }

    /// Writes a string.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn string(&mut self, text: &str) -> Result<(), SinkError> {
        self.separate()?;
        let result = serde_json::to_writer(&mut self.writer, text);
        result.map_err(|error| self.error(error.into()))
    }

    /// Writes a value that is JSON already.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn json(&mut self, json: &str) -> Result<(), SinkError> {
        self.separate()?;
        self.put(json.as_bytes())
    }

    /// Ends what is open and the last line, and gives the writer back.
    ///
    /// # Errors
    /// When the bytes cannot be written.
    pub fn finish(mut self) -> Result<W, SinkError> {
        while !self.open.is_empty() {
            self.end()?;
        }
        self.put(b"\n")?;
        Ok(self.writer)
    }

    fn begin(&mut self, begin: &[u8], close: &'static [u8], lines: bool) -> Result<(), SinkError> {
        self.separate()?;
        self.open.push(Open {
            close,
            lines,
            empty: true,
        });
        self.put(begin)
    }

    // What stands between a value or name and what is before it.
    fn separate(&mut self) -> Result<(), SinkError> {
        if std::mem::take(&mut self.named) {
            return Ok(());
        }
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        let first = std::mem::replace(&mut open.empty, false);
        let separator: &[u8] = match (first, open.lines) {
            (true, true) => b"\n",
            (true, false) => b"",
            (false, true) => b",\n",
            (false, false) => b",",
        };
        self.put(separator)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let result = self.writer.write_all(bytes);
        result.map_err(|error| self.error(error))
    }

    fn error(&self, error: io::Error) -> SinkError {
        SinkError::Io {
            name: self.name.clone(),
            error,
        }
    }
}

/// The JSON number for a number as XML Schema writes it, with all its digits; nothing for what
/// JSON has no number for, such as `INF`.
///
/// Spec: RFC 8259 §6; XSD 1.1 part 2 §3.3.3, §3.3.5
pub fn number(lexical: &str) -> Option<Cow<'_, str>> {
    let end = lexical.find(['e', 'E']).unwrap_or(lexical.len());
    let (mantissa, exponent) = lexical.split_at(end);
    let (sign, digits) = match mantissa.as_bytes().first()? {
        b'+' => ("", &mantissa[1..]),
        b'-' => ("-", &mantissa[1..]),
        _ => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let short = match whole.trim_start_matches('0') {
        "" => "0",
        short => short,
    };
    // Most numbers are right as they are.
    if short.len() == whole.len()
        && !mantissa.starts_with('+')
        && fraction.is_empty() != digits.contains('.')
    {
        return Some(Cow::Borrowed(lexical));
    }
    let point = if fraction.is_empty() { "" } else { "." };
    Some(Cow::Owned(format!(
        "{sign}{short}{point}{fraction}{exponent}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_lines_stand_where_they_belong() {
        let mut writer = JsonWriter::new("test", Vec::new());
        writer.begin_object().unwrap();
        writer.key("a\"b").unwrap();
        writer.begin_array(true).unwrap();
        writer.json("1").unwrap();
        writer.begin_object().unwrap();
        writer.end().unwrap();
        writer.end().unwrap();
        writer.key("c").unwrap();
        writer.begin_array(true).unwrap();
        writer.end().unwrap();
        writer.key("d").unwrap();
        writer.begin_array(false).unwrap();
        writer.string("\u{1}\n").unwrap();
        writer.string("ع").unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        assert_eq!(
            text,
            "{\"a\\\"b\":[\n1,\n{}\n],\"c\":[],\"d\":[\"\\u0001\\n\",\"ع\"]}\n"
        );
    }

    #[test]
    fn numbers_are_written_as_json_has_them() {
        for (lexical, expected) in [
            ("0", Some("0")),
            ("-0", Some("-0")),
            ("+1", Some("1")),
            ("01", Some("1")),
            ("-007.50", Some("-7.50")),
            ("1.", Some("1")),
            (".5", Some("0.5")),
            ("-.5E3", Some("-0.5E3")),
            ("1.E+3", Some("1E+3")),
            ("1e05", Some("1e05")),
            ("00", Some("0")),
            (
                "123456789012345678901234567890",
                Some("123456789012345678901234567890"),
            ),
            ("INF", None),
            ("-INF", None),
            ("NaN", None),
            (".", None),
            ("", None),
        ] {
            assert_eq!(number(lexical).as_deref(), expected, "{lexical}");
            if let Some(expected) = expected {
                assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok());
            }
        }
    }
}
