//! The part of a source that is in memory: the record being read and what was read ahead of it.
//!
//! In: the bytes of a source, in pieces of any size, or all of them. Out: one slice that begins
//! where the record does. The buffer grows to hold a whole record and is used again for the next;
//! bytes that are in memory already are not copied.

use std::borrow::Cow;
use std::io::{Error, ErrorKind, Read};

/// How many bytes are read ahead; the buffer doubles from here.
const FIRST_SIZE: usize = 128 * 1024;

/// The bytes from the beginning of a record on, as far as they were read.
pub(super) struct Window<'a, R> {
    source: R,
    buffer: Cow<'a, [u8]>,
    begin: usize,
    end: usize,
    offset: u64,
    // As much of bytes in memory as is UTF-8, told once for all records.
    text: &'a str,
    ended: bool,
    // Bytes read before an error are served first, so that pieces make no difference.
    failed: Option<Error>,
}

impl<'a, R: Read> Window<'a, R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: Cow::Owned(Vec::new()),
            begin: 0,
            end: 0,
            offset: 0,
            text: "",
            ended: false,
            failed: None,
        }
    }

    /// All bytes that there are; the source is not read.
    pub(super) fn of_slice(bytes: &'a [u8], source: R) -> Self {
        Self {
            end: bytes.len(),
            text: valid_utf8(bytes),
            buffer: Cow::Borrowed(bytes),
            ended: true,
            ..Self::new(source)
        }
    }

    /// Counts bytes from elsewhere than the beginning of the source.
    pub(super) fn at_offset(mut self, offset: u64) -> Self {
        self.offset = offset;
        self
    }

    /// Gives what was read and not consumed, and the source unless it has ended; then the error
    /// that is yet to come, if any.
    pub(super) fn into_parts(self) -> (Vec<u8>, Option<R>, Option<Error>) {
        let mut bytes = self.buffer.into_owned();
        bytes.truncate(self.end);
        bytes.drain(..self.begin);
        (bytes, (!self.ended).then_some(self.source), self.failed)
    }

    /// What was read and not consumed.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        &self.buffer[self.begin..self.end]
    }

    /// As many bytes of it as text, where they are known to be.
    #[inline]
    pub(super) fn text(&self, length: usize) -> Option<&str> {
        self.text.get(self.begin..self.begin + length)
    }

    /// Whether nothing follows what was read.
    pub(super) fn is_last(&self) -> bool {
        self.ended
    }

    /// Where the rest begins in the source, in bytes from 0.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Leaves bytes behind.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        self.begin += count;
        self.offset += count as u64;
    }

    /// Reads on until a rest of this length is there, or everything.
    pub(super) fn need(&mut self, count: usize) -> Result<(), Error> {
        while self.end - self.begin < count && !self.ended {
            self.more()?;
        }
        Ok(())
    }

    /// Reads on until the buffer is full: what is parsed anew after it then doubles each time.
    pub(super) fn more(&mut self) -> Result<(), Error> {
        if let Some(error) = self.failed.take() {
            self.ended = true;
            self.begin = self.end;
            return Err(error);
        }
        if self.ended {
            return Ok(());
        }
        let buffer = self.buffer.to_mut();
        buffer.copy_within(self.begin..self.end, 0);
        self.end -= self.begin;
        self.begin = 0;
        if self.end == buffer.len() {
            let size = (buffer.len() * 2).max(FIRST_SIZE);
            buffer.resize(size, 0);
        }
        while self.end < buffer.len() {
            match self.source.read(&mut buffer[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        Ok(())
    }
}

fn valid_utf8(bytes: &[u8]) -> &str {
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}
