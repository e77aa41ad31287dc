//! Compressed sources.
//!
//! In: the bytes of a source that is compressed. Out: what they hold, as a stream: several gzip
//! members, zstd frames or xz streams one after another are one text; of an archive ([`tar`], [`zip`])
//! the one file in it. Where a whole table is read, a thread of its own decompresses ahead of the
//! reader.
//!
//! Memory: four blocks of 256 KiB ahead of the reader, and the window of the format: 32 KiB for gzip
//! and zip, what the file asks for up to 128 MiB for zstd (8 MiB at most unless it was made with
//! `--long` or `--ultra`) and xz.

mod tar;
mod zip;

use super::reader::Input;
use crate::compression::Compression;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use std::fs::File;
use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use zstd::stream::raw::{Decoder as ZstdDecoder, InBuffer, Operation as _, OutBuffer};

/// How many bytes of the source are read at once.
const READ_BYTES: usize = 128 * 1024;

/// How many bytes are handed over at once.
const BLOCK_BYTES: usize = 256 * 1024;

/// How much memory the window of xz may take, in KiB.
const XZ_MEMORY_KIB: u32 = (128 << 10) + 256;

/// How many names of an archive are told, and how many bytes of each.
const NAMES: usize = 5;
const NAME_BYTES: usize = 200;

/// How many blocks wait to be read.
const BLOCKS: usize = 4;

/// What is wrong with a compressed source.
///
/// It is inside of the `std::io::Error` that a reader gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    compression: Compression,
    /// The byte of the compressed source, counted from 0.
    pub(super) at: u64,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// It does not begin as such data do.
    Other,
    /// It ends in the middle.
    Truncated,
    /// Something else follows what is complete.
    Garbage,
    /// It cannot be decompressed.
    Damaged(String),
    /// It holds what is not known how to read.
    Unsupported(String),
    /// It is an archive with no file in it, or with several.
    Files(Vec<String>),
}

impl std::error::Error for Broken {}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, at) = (self.compression.name(), self.at);
        match &self.kind {
            Kind::Other => write!(f, "it holds no {name} data, which its name tells"),
            Kind::Truncated => write!(f, "its {name} data break off at byte {at}"),
            Kind::Garbage => write!(f, "its {name} data end at byte {at}, and more follows"),
            Kind::Damaged(reason) => {
                write!(f, "its {name} data are damaged before byte {at}: {reason}")
            }
            Kind::Unsupported(what) => write!(f, "its {name} data hold {what}, which is not read"),
            Kind::Files(names) if names.is_empty() => write!(f, "there is no file in the archive"),
            Kind::Files(names) => {
                let (named, rest) = names.split_at(names.len().min(NAMES));
                let named: Vec<String> = named.iter().map(|name| format!("`{name}`")).collect();
                write!(
                    f,
                    "there are several files in the archive: {}",
                    named.join(", ")
                )?;
                let more = if rest.is_empty() { "" } else { " and more" };
                f.write_str(more)
            }
        }
    }
}

impl Broken {
    /// The fault inside of an error, if it is one.
    pub(super) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> String {
        let command = self.compression.test_command();
        match &self.kind {
            Kind::Other => "give it a name without the ending of compressed files".to_owned(),
            Kind::Truncated => {
                format!("copy it anew: its end is missing, as `{command}` says too")
            }
            Kind::Garbage => format!("keep the first {} bytes of it, or copy it anew", self.at),
            Kind::Damaged(reason) if reason.contains("too much memory") => {
                "compress it anew without `--ultra` and with at most `--long=27`".to_owned()
            }
            Kind::Damaged(_) => format!("copy it anew, and try it with `{command}`"),
            Kind::Unsupported(_) => "unpack it and give the name of the file in it".to_owned(),
            Kind::Files(names) if names.is_empty() => "put a file into it".to_owned(),
            Kind::Files(_) => "unpack it and give the names of the files".to_owned(),
        }
    }

    fn error(self) -> io::Error {
        io::Error::new(ErrorKind::InvalidData, self)
    }
}

/// What holds compressed data.
pub(super) enum Packed {
    /// A file, which can be read at any place.
    File(File),
    /// What can be read once.
    Stream(Input<'static>),
}

impl Packed {
    fn into_input(self) -> Input<'static> {
        match self {
            Self::File(file) => Box::new(file),
            Self::Stream(input) => input,
        }
    }
}

/// Decompresses where it is read.
pub(super) fn in_place(packed: Packed, compression: Compression) -> Input<'static> {
    match compression {
        Compression::Zip => Box::new(zip::ZipFile::new(packed)),
        Compression::Gzip | Compression::Zstd | Compression::Xz => {
            Box::new(Decompressor::new(packed.into_input(), compression))
        }
        Compression::TarGzip | Compression::TarXz => {
            let inside = Decompressor::new(packed.into_input(), compression.outside());
            Box::new(tar::TarFile::new(Box::new(inside), compression))
        }
    }
}

/// Decompresses in a thread of its own, which begins with the first read and ends with the reader.
pub(super) fn ahead(packed: Packed, compression: Compression) -> Input<'static> {
    Box::new(Ahead::Fresh(in_place(packed, compression)))
}

/// Decompresses what begins like compressed data, and gives everything else as it is; where the name
/// tells an archive, the file in it.
///
/// Nothing is read before the first read.
pub(super) fn sniffed(
    input: Input<'static>,
    named: Option<Compression>,
    decompress: Way,
) -> Input<'static> {
    Box::new(Sniffed {
        fresh: Some((input, decompress)),
        named,
        input: Box::new(io::empty()),
    })
}

/// [`in_place`] or [`ahead`].
type Way = fn(Packed, Compression) -> Input<'static>;

struct Sniffed {
    fresh: Option<(Input<'static>, Way)>,
    named: Option<Compression>,
    input: Input<'static>,
}

impl Read for Sniffed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some((mut input, decompress)) = self.fresh.take() {
            let mut magic = Vec::new();
            (&mut input)
                .take(Compression::MAGIC_BYTES as u64)
                .read_to_end(&mut magic)?;
            let found = Compression::of_bytes(&magic);
            let whole = Box::new(io::Cursor::new(magic).chain(input));
            let archive = self.named.filter(|named| named.is_tar());
            self.input = match (found, archive) {
                (Some(found), Some(archive)) if archive.outside() == found => {
                    decompress(Packed::Stream(whole), archive)
                }
                (Some(found), _) => decompress(Packed::Stream(whole), found),
                (None, Some(archive)) => Box::new(tar::TarFile::new(whole, archive)),
                (None, None) => whole,
            };
        }
        self.input.read(buffer)
    }
}

/// A buffer over a source that knows how far it is read.
struct Counted {
    source: Input<'static>,
    buffer: Vec<u8>,
    begin: usize,
    end: usize,
    /// Where the buffer's rest begins in the source.
    offset: u64,
    /// Whether the source itself failed.
    failed: bool,
}

impl Counted {
    fn new(source: Input<'static>) -> Self {
        Self {
            source,
            buffer: vec![0; READ_BYTES],
            begin: 0,
            end: 0,
            offset: 0,
            failed: false,
        }
    }

    // The next bytes, fewer than asked for only at the end; at most a few.
    fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.begin > 0 && self.end - self.begin < count {
            self.buffer.copy_within(self.begin..self.end, 0);
            self.end -= self.begin;
            self.begin = 0;
        }
        while self.end - self.begin < count && self.more()? > 0 {}
        let end = self.end.min(self.begin + count);
        Ok(&self.buffer[self.begin..end])
    }

    fn more(&mut self) -> io::Result<usize> {
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = true;
                    return Err(error);
                }
            }
        }
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.fill_buf()?;
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
            self.more()?;
        }
        Ok(&self.buffer[self.begin..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.begin += count;
        self.offset += count as u64;
    }
}

struct Decompressor {
    compression: Compression,
    state: State,
    is_first: bool,
}

enum State {
    // Before a member or frame.
    Between(Counted),
    Gzip(Box<GzDecoder<Counted>>),
    Zstd(ZstdDecoder<'static>, Counted),
    Xz(Box<XzReader<Counted>>),
    Ended,
}

impl Decompressor {
    fn new(input: Input<'static>, compression: Compression) -> Self {
        Self {
            compression,
            state: State::Between(Counted::new(input)),
            is_first: true,
        }
    }

    fn broken(&self, at: u64, kind: Kind) -> io::Error {
        Broken {
            compression: self.compression,
            at,
            kind,
        }
        .error()
    }

    // Looks at what comes next: another member or frame, or the end.
    fn begin(&mut self, mut source: Counted) -> io::Result<State> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.compression != Compression::Zstd && !is_first {
            // What tapes and disks are filled up with, as `gzip` and `xz` take it.
            while source.peek(1)? == [0] {
                source.consume(1);
            }
        }
        let at = source.offset;
        let magic = source.peek(Compression::MAGIC_BYTES)?;
        if magic.is_empty() && !is_first {
            return Ok(State::Ended);
        }
        if Compression::of_bytes(magic) != Some(self.compression) {
            let kind = match (is_first, magic.len()) {
                (true, 0) => Kind::Truncated,
                (true, _) => Kind::Other,
                (false, _) => Kind::Garbage,
            };
            return Err(self.broken(at, kind));
        }
        Ok(match self.compression {
            Compression::Gzip => State::Gzip(Box::new(GzDecoder::new(source))),
            Compression::Zstd => State::Zstd(ZstdDecoder::new()?, source),
            // What is in an archive comes here as what is around it.
            _ => State::Xz(Box::new(XzReader::new_mem_limit(
                source,
                false,
                XZ_MEMORY_KIB,
            ))),
        })
    }

    // What is wrong, unless it is the source itself that fails.
    fn explain(&self, error: io::Error, source: &Counted) -> io::Error {
        if source.failed {
            return error;
        }
        let kind = if error.kind() == ErrorKind::OutOfMemory {
            Kind::Unsupported("a window of more than 128 MiB".to_owned())
        } else if error.kind() == ErrorKind::UnexpectedEof {
            Kind::Truncated
        } else {
            Kind::Damaged(error.to_string())
        };
        self.broken(source.offset, kind)
    }
}

impl Read for Decompressor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            // After an error nothing follows.
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(0),
                State::Between(source) => self.state = self.begin(source)?,
                State::Gzip(mut decoder) => match decoder.read(buffer) {
                    Ok(0) => self.state = State::Between(decoder.into_inner()),
                    Ok(count) => {
                        self.state = State::Gzip(decoder);
                        return Ok(count);
                    }
                    Err(error) => return Err(self.explain(error, decoder.get_ref())),
                },
                State::Xz(mut decoder) => match decoder.read(buffer) {
                    Ok(0) => self.state = State::Between(decoder.into_inner()),
                    Ok(count) => {
                        self.state = State::Xz(decoder);
                        return Ok(count);
                    }
                    Err(error) => return Err(self.explain(error, decoder.inner())),
                },
                State::Zstd(mut decoder, mut source) => {
                    let (is_end, count) = match zstd_step(&mut decoder, &mut source, buffer) {
                        Ok(step) => step,
                        Err(error) => return Err(self.explain(error, &source)),
                    };
                    self.state = if is_end {
                        State::Between(source)
                    } else {
                        State::Zstd(decoder, source)
                    };
                    if count > 0 {
                        return Ok(count);
                    }
                }
            }
        }
    }
}

// Gives whether the frame is at its end, and how many bytes there are.
fn zstd_step(
    decoder: &mut ZstdDecoder<'static>,
    source: &mut Counted,
    buffer: &mut [u8],
) -> io::Result<(bool, usize)> {
    let bytes = source.fill_buf()?;
    let is_last = bytes.is_empty();
    let mut input = InBuffer::around(bytes);
    let mut output = OutBuffer::around(buffer);
    let left = decoder.run(&mut input, &mut output);
    let (taken, count) = (input.pos(), output.pos());
    source.consume(taken);
    if left? == 0 {
        return Ok((true, count));
    }
    if is_last && count == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok((false, count))
}

enum Ahead {
    Fresh(Input<'static>),
    Running {
        full: Receiver<io::Result<Vec<u8>>>,
        empty: Sender<Vec<u8>>,
        block: Vec<u8>,
        at: usize,
    },
    Ended,
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Self::Fresh(_) = self
            && let Self::Fresh(decompressor) = std::mem::replace(self, Self::Ended)
        {
            let (full_sender, full) = sync_channel(BLOCKS);
            let (empty, empty_receiver) = channel();
            std::thread::Builder::new()
                .name("decompress".to_owned())
                .spawn(move || run(decompressor, &full_sender, &empty_receiver))?;
            *self = Self::Running {
                full,
                empty,
                block: Vec::new(),
                at: 0,
            };
        }
        let Self::Running {
            full,
            empty,
            block,
            at,
        } = self
        else {
            return Ok(0);
        };
        if *at == block.len() {
            // A thread that is gone without a last block has not told the end.
            let gone = || {
                Err(io::Error::other(
                    "the thread that decompresses it has ended",
                ))
            };
            match full.recv().unwrap_or_else(|_| gone()) {
                Ok(next) if next.is_empty() => {
                    *self = Self::Ended;
                    return Ok(0);
                }
                Ok(next) => {
                    // Without a thread there is no use for it.
                    drop(empty.send(std::mem::replace(block, next)));
                    *at = 0;
                }
                Err(error) => {
                    *self = Self::Ended;
                    return Err(error);
                }
            }
        }
        let count = buffer.len().min(block.len() - *at);
        buffer[..count].copy_from_slice(&block[*at..*at + count]);
        *at += count;
        Ok(count)
    }
}

// Decompresses block by block until the end, an error, or nobody wants more; an empty block is the end.
fn run(
    mut decompressor: Input<'static>,
    full: &SyncSender<io::Result<Vec<u8>>>,
    empty: &Receiver<Vec<u8>>,
) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.resize(BLOCK_BYTES, 0);
        let mut length = 0;
        let mut failed = None;
        while length < BLOCK_BYTES {
            match decompressor.read(&mut block[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        block.truncate(length);
        let is_end = length == 0;
        if (!is_end || failed.is_none()) && full.send(Ok(block)).is_err() {
            return;
        }
        if let Some(error) = failed {
            // Whoever does not want it has left.
            drop(full.send(Err(error)));
            return;
        }
        if is_end {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
