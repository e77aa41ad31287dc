//! Lines as records.

use super::runs::CHUNK;
use super::{SortError, Sorter, ended};
use memchr::memchr;
use std::io::{self, Write};

/// Sorts the lines that are written to it, as `LC_ALL=C sort -u` does.
#[derive(Debug)]
pub struct LineSorter {
    sorter: Sorter,
    /// A line that has not ended.
    rest: Vec<u8>,
}

impl LineSorter {
    /// No lines yet; `memory` is how many bytes are held at most before a temporary file is used.
    pub fn new(memory: usize) -> Self {
        Self {
            sorter: Sorter::new(memory),
            rest: Vec::new(),
        }
    }

    /// Writes the lines, each once and with its end; `name` is what errors call the output, `go_on` is
    /// asked from time to time.
    ///
    /// # Errors
    /// When the output or the temporary file fails, or `go_on` says no.
    pub fn finish(
        mut self,
        writer: &mut dyn Write,
        name: &str,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<(), SortError> {
        let mut blocks = Blocks::new(writer);
        let sort = || {
            if !self.rest.is_empty() {
                self.sorter.push(&self.rest)?;
            }
            self.sorter.finish(go_on, &mut |line| blocks.line(line))
        };
        let done = sort().and_then(|done| blocks.finish().map(|()| done));
        ended(done, name)
    }
}

/// Puts lines together, since what follows takes blocks faster.
struct Blocks<'w> {
    writer: &'w mut dyn Write,
    block: Vec<u8>,
}

impl<'w> Blocks<'w> {
    fn new(writer: &'w mut dyn Write) -> Self {
        let block = Vec::with_capacity(2 * CHUNK);
        Self { writer, block }
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.block.extend_from_slice(line);
        self.block.push(b'\n');
        if self.block.len() >= CHUNK {
            self.finish()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

impl Write for LineSorter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            let line = &rest[..end];
            if self.rest.is_empty() {
                self.sorter.push(line)?;
            } else {
                self.rest.extend_from_slice(line);
                self.sorter.push(&self.rest)?;
                self.rest.clear();
            }
            rest = &rest[end + 1..];
        }
        self.rest.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::LEAST;
    use super::*;

    #[test]
    fn it_ends_when_it_is_asked_to() {
        for memory in [LEAST, 1 << 30] {
            let mut lines = LineSorter::new(memory);
            for number in 0..10_000 {
                writeln!(lines, "{number}").unwrap();
            }
            let ended = lines.finish(&mut Vec::new(), "test", &mut || false);
            assert!(matches!(ended, Err(SortError::Cancelled)), "{memory}");
        }
    }

    #[test]
    fn lines_may_come_in_any_pieces() {
        let text = "b\n\nab\na\nb\na!\nlast";
        for size in 1..text.len() {
            let mut lines = LineSorter::new(0);
            for piece in text.as_bytes().chunks(size) {
                lines.write_all(piece).unwrap();
            }
            let mut sorted = Vec::new();
            lines.finish(&mut sorted, "test", &mut || true).unwrap();
            assert_eq!(sorted, b"\na\na!\nab\nb\nlast\n", "{size}");
        }
    }
}
