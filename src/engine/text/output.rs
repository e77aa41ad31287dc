//! The way of texts to the output: what was written before is left out, the rest is written.
//!
//! In: [`Text`]s in the order of their rows. Out: bytes in blocks that suit a disk.

use super::distinct::{Again, Distinct, Settled};
use super::emit::{Text, Track};
use super::program::Program;
use crate::engine::run::RunError;
use crate::sink::SinkError;
use std::io::{self, Write};

/// File systems take blocks of this size, at multiples of it, faster than smaller and larger ones.
const BLOCK: usize = 128 * 1024;

/// Writes texts.
pub(super) struct Output<'w> {
    name: &'w str,
    writer: &'w mut dyn Write,
    /// What does not fill a block yet.
    rest: Vec<u8>,
    is_begun: bool,
    /// Nothing where duplicates are kept.
    pub(super) distinct: Option<Distinct>,
    settled: Settled,
    /// How many statements were left out because they were written before.
    pub(super) duplicates: u64,
}

impl<'w> Output<'w> {
    pub(super) fn new(
        name: &'w str,
        writer: &'w mut dyn Write,
        distinct: Option<Distinct>,
    ) -> Self {
        Self {
            name,
            writer,
            rest: Vec::with_capacity(BLOCK),
            is_begun: false,
            distinct,
            settled: Settled::default(),
            duplicates: 0,
        }
    }

    /// What is to be known of the units of the groups now.
    pub(super) fn track(&self, program: &Program<'_>) -> Vec<Track> {
        match &self.distinct {
            Some(distinct) => distinct.track(program),
            None => vec![Track::Nothing; program.groups.len()],
        }
    }

    /// Writes what is new of a text.
    ///
    /// # Errors
    /// When the bytes cannot be written, or what was written cannot be remembered.
    pub(super) fn text(
        &mut self,
        text: &Text,
        program: &Program<'_>,
        again: &mut impl Again,
    ) -> Result<(), RunError> {
        let Some(distinct) = self.distinct.as_mut().filter(|_| !text.units.is_empty()) else {
            return Ok(self.bytes(&text.out)?);
        };
        let mut settled = std::mem::take(&mut self.settled);
        let done = distinct.settle(text, program, again, &mut settled);
        done.map_err(RunError::Memory)?;
        self.duplicates += settled.left_out - settled.waiting;
        let mut written = 0;
        for edit in &settled.edits {
            self.bytes(&text.out[written..edit.start])?;
            self.bytes(&settled.bytes[edit.with.0..edit.with.1])?;
            written = edit.end;
        }
        self.bytes(&text.out[written..])?;
        self.settled = settled;
        Ok(())
    }

    /// Writes bytes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn bytes(&mut self, mut bytes: &[u8]) -> Result<(), SinkError> {
        if !self.is_begun && !bytes.is_empty() {
            self.is_begun = true;
            // The empty line in front of a block is between blocks only.
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while !bytes.is_empty() {
            if self.rest.is_empty() && bytes.len() >= BLOCK {
                let (block, behind) = bytes.split_at(BLOCK);
                self.write(block)?;
                bytes = behind;
                continue;
            }
            let (part, behind) = bytes.split_at(bytes.len().min(BLOCK - self.rest.len()));
            self.rest.extend_from_slice(part);
            bytes = behind;
            if self.rest.len() == BLOCK {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Ends the output; gives how many statements were left out.
    ///
    /// # Errors
    /// When the rest cannot be written, or a temporary file cannot be read.
    pub(super) fn finish(mut self) -> Result<u64, RunError> {
        if let Some(distinct) = self.distinct.take() {
            let mut failed = None;
            let left_out = distinct.finish(&mut |bytes| {
                self.bytes(bytes).map_err(|error| {
                    failed = Some(error);
                    io::Error::other("the output failed")
                })
            });
            if let Some(error) = failed {
                return Err(error.into());
            }
            self.duplicates += left_out.map_err(RunError::Memory)?;
        }
        self.flush()?;
        Ok(self.duplicates)
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let rest = std::mem::take(&mut self.rest);
        let written = self.write(&rest);
        self.rest = rest;
        self.rest.clear();
        written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        self.writer.write_all(bytes).map_err(|error| SinkError::Io {
            name: self.name.to_owned(),
            error,
        })
    }
}
