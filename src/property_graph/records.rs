//! What is kept of quads as bytes, so that sorting brings together what belongs together.
//!
//! A key is the IRI of a node; that of a blank node is what IRIs of blank nodes begin with, [`MARK`] and its
//! label. A key at the beginning of a record ends in a zero, so records are in the order of their keys.

use super::Values;
use std::io;

/// Stands in the keys of blank nodes, and in no IRI.
pub(super) const MARK: u8 = 1;

/// There is such a node.
pub(super) const NODE: u8 = 0;
/// It has a type: the number of the type.
pub(super) const TYPE: u8 = 1;
/// It refers to another: predicate, graph, key of the other.
pub(super) const OUT: u8 = 2;
/// It has a value: column, lexical form.
pub(super) const VALUE: u8 = 3;

fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::UnexpectedEof)
}

/// Takes records apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'r>(pub(super) &'r [u8]);

impl<'r> Fields<'r> {
    /// A key up to its zero.
    pub(super) fn key(&mut self) -> &'r [u8] {
        let end = memchr::memchr(0, self.0).unwrap_or(self.0.len());
        let key = &self.0[..end];
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        key
    }

    pub(super) fn byte(&mut self) -> io::Result<u8> {
        let (byte, rest) = self.0.split_first().ok_or_else(broken)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub(super) fn number(&mut self) -> io::Result<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>().ok_or_else(broken)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*number))
    }

    pub(super) fn bytes(&mut self) -> io::Result<&'r [u8]> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Values as [`put_values`] writes them, with their columns as they are numbered there.
    pub(super) fn values(&mut self) -> io::Result<Values> {
        let mut values = Values::new();
        while !self.0.is_empty() {
            let column = self.number()? as usize;
            let count = self.number()?;
            let mut texts = Vec::new();
            for _ in 0..count {
                texts.push(text(self.bytes()?)?);
            }
            values.push((column, texts));
        }
        Ok(values)
    }
}

/// The first key of a record.
pub(super) fn key_of(record: &[u8]) -> &[u8] {
    Fields(record).key()
}

/// Bytes as the text that they are.
pub(super) fn text(bytes: &[u8]) -> io::Result<String> {
    let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
    Ok(text.to_owned())
}

pub(super) fn put_key(out: &mut Vec<u8>, key: &[u8]) {
    out.extend_from_slice(key);
    out.push(0);
}

/// Writes a number so that bytes have the order of numbers.
pub(super) fn put_number(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_be_bytes());
}

/// Writes bytes behind their length.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) -> io::Result<()> {
    put_number(out, u32::try_from(bytes.len()).map_err(io::Error::other)?);
    out.extend_from_slice(bytes);
    Ok(())
}

/// Writes the values of a column; they are read to the end of the record.
pub(super) fn put_values(out: &mut Vec<u8>, column: u32, values: &[String]) -> io::Result<()> {
    put_number(out, column);
    put_number(out, u32::try_from(values.len()).map_err(io::Error::other)?);
    for value in values {
        put_bytes(out, value.as_bytes())?;
    }
    Ok(())
}

/// Numbers of a fixed width, so that few bytes have to be compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Width(usize);

impl Width {
    /// Wide enough for numbers up to this one.
    pub(super) fn of(most: u64) -> Self {
        Self(8 - most.leading_zeros() as usize / 8)
    }

    pub(super) fn put(self, out: &mut Vec<u8>, number: u64) {
        out.extend_from_slice(&number.to_be_bytes()[8 - self.0..]);
    }

    pub(super) fn bytes(self) -> usize {
        self.0
    }
}
