//! Compressed output, by several threads.
//!
//! In: bytes. Out: gzip members, zstd frames or xz streams, one after another, each of [`BLOCK_BYTES`] of the
//! bytes that came in; readers of these formats take them as one text. Where a block begins depends on
//! nothing but the bytes before it, and a member has no time stamp, so that any number of threads
//! makes the same bytes.
//!
//! Memory: a block and what becomes of it for each thread, and twice that while the output waits.

use crate::compression::Compression;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use zstd::bulk::Compressor as ZstdCompressor;
use zstd::zstd_safe::CParameter;

/// How many bytes make a member or frame: enough for both formats to find what repeats.
pub const BLOCK_BYTES: usize = 1 << 20;

/// Between speed and size for text of this kind; ARCHITECTURE.md has the figures.
pub(super) const GZIP_LEVEL: u32 = 4;
const ZSTD_LEVEL: i32 = 3;
const XZ_LEVEL: u32 = 1;

/// How much is written at once.
const WRITE_BYTES: usize = 64 << 10;

/// A block, and what becomes of it; both are used again.
#[derive(Default)]
struct Buffers {
    block: Vec<u8>,
    compressed: Vec<u8>,
}

struct Job {
    buffers: Buffers,
    reply: SyncSender<Done>,
}

type Done = io::Result<Buffers>;

/// Compresses what it is given, block by block.
pub(super) struct Compressor {
    buffers: Buffers,
    is_begun: bool,
    encoder: Encoder,
    // Nothing where one thread does all.
    jobs: Option<Sender<Job>>,
    threads: usize,
    pending: VecDeque<Receiver<Done>>,
    spare: Vec<Buffers>,
}

impl Compressor {
    /// Prepares to compress, an archive what is around it, with a number of threads, which begin with the first full block; with one,
    /// where it is written.
    pub(super) fn new(compression: Compression, threads: usize) -> Self {
        Self {
            buffers: Buffers::default(),
            is_begun: false,
            encoder: Encoder::new(compression.outside()),
            jobs: None,
            threads,
            pending: VecDeque::new(),
            spare: Vec::new(),
        }
    }

    fn start_threads(&mut self) {
        let compression = self.encoder.compression;
        let (jobs, receiver) = channel::<Job>();
        let receiver = Arc::new(Mutex::new(receiver));
        let wanted = std::mem::take(&mut self.threads);
        for _ in 0..wanted {
            let receiver = Arc::clone(&receiver);
            let thread = std::thread::Builder::new().name("compress".to_owned());
            // With fewer threads it is done too.
            if thread.spawn(move || work(compression, &receiver)).is_ok() {
                self.threads += 1;
            }
        }
        self.jobs = (self.threads > 0).then_some(jobs);
    }

    /// Takes bytes, and writes what is compressed by now.
    pub(super) fn write(&mut self, mut bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        while !bytes.is_empty() {
            let block = &mut self.buffers.block;
            let count = bytes.len().min(BLOCK_BYTES - block.len());
            block.extend_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            if block.len() == BLOCK_BYTES {
                if self.threads > 1 && self.jobs.is_none() {
                    self.start_threads();
                }
                self.end_block(out)?;
            }
        }
        Ok(())
    }

    /// Writes what is left; of nothing a member or frame that holds nothing.
    pub(super) fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        if !self.buffers.block.is_empty() || !self.is_begun {
            self.end_block(out)?;
        }
        while !self.pending.is_empty() {
            self.hand_over(out)?;
        }
        Ok(())
    }

    fn end_block(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.is_begun = true;
        let Some(jobs) = &self.jobs else {
            self.encoder.encode(&mut self.buffers)?;
            self.buffers.block.clear();
            return put(&self.buffers.compressed, out);
        };
        let next = self.spare.pop().unwrap_or_default();
        let (reply, done) = sync_channel(1);
        let buffers = std::mem::replace(&mut self.buffers, next);
        jobs.send(Job { buffers, reply }).map_err(|_| gone())?;
        self.pending.push_back(done);
        // One block more than there are threads, so that none of them waits for this one.
        while self.pending.len() > self.threads + 1 {
            self.hand_over(out)?;
        }
        Ok(())
    }

    // Writes the first of the blocks that are under way.
    fn hand_over(&mut self, out: &mut impl Write) -> io::Result<()> {
        let Some(done) = self.pending.pop_front() else {
            return Ok(());
        };
        let mut buffers = done.recv().map_err(|_| gone())??;
        put(&buffers.compressed, out)?;
        buffers.block.clear();
        self.spare.push(buffers);
        Ok(())
    }
}

fn gone() -> io::Error {
    io::Error::other("a thread that compresses it has ended")
}

fn put(bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
    bytes
        .chunks(WRITE_BYTES)
        .try_for_each(|piece| out.write_all(piece))
}

// Compresses blocks until no more can come.
fn work(compression: Compression, jobs: &Mutex<Receiver<Job>>) {
    let mut encoder = Encoder::new(compression);
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { mut buffers, reply }) = next else {
            return;
        };
        let done = encoder.encode(&mut buffers);
        // Where the output has failed nobody asks any more.
        drop(reply.send(done.map(|()| buffers)));
    }
}

// What a thread keeps from block to block.
struct Encoder {
    compression: Compression,
    zstd: Option<ZstdCompressor<'static>>,
}

impl Encoder {
    fn new(compression: Compression) -> Self {
        Self {
            compression,
            zstd: None,
        }
    }

    // Makes one member, frame or stream.
    //
    // Spec: RFC 1952 §2.2; RFC 8878 §3; XZ §2
    fn encode(&mut self, buffers: &mut Buffers) -> io::Result<()> {
        let (block, out) = (&buffers.block, &mut buffers.compressed);
        out.clear();
        match self.compression {
            Compression::Gzip => {
                let level = flate2::Compression::new(GZIP_LEVEL);
                let mut encoder = GzEncoder::new(std::mem::take(out), level);
                encoder.write_all(block)?;
                *out = encoder.finish()?;
            }
            Compression::Zstd => {
                let encoder = match &mut self.zstd {
                    Some(encoder) => encoder,
                    none => {
                        let mut new = ZstdCompressor::new(ZSTD_LEVEL)?;
                        // So that damage is seen.
                        new.set_parameter(CParameter::ChecksumFlag(true))?;
                        none.insert(new)
                    }
                };
                out.reserve(zstd::zstd_safe::compress_bound(block.len()));
                encoder.compress_to_buffer(block, out)?;
            }
            Compression::Xz => {
                let mut options = XzOptions::with_preset(XZ_LEVEL);
                // What is farther away is in another block.
                let window = u32::try_from(BLOCK_BYTES).unwrap_or(u32::MAX);
                options.lzma_options.dict_size = window;
                let mut encoder = XzWriter::new(std::mem::take(out), options)?;
                encoder.write_all(block)?;
                *out = encoder.finish()?;
            }
            Compression::Zip | Compression::TarGzip | Compression::TarXz => {
                return Err(io::Error::other("an archive is not made block by block"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    // Text that repeats, and bytes that do not.
    fn sample(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut bytes = Vec::with_capacity(length + 64);
        while bytes.len() < length {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.extend_from_slice(b"<http://example.org/thing/");
            bytes.extend_from_slice(format!("{}> \"", state >> 8).as_bytes());
            bytes.extend_from_slice(&state.to_le_bytes());
        }
        bytes.truncate(length);
        bytes
    }

    fn compress(bytes: &[u8], compression: Compression, threads: usize, piece: usize) -> Vec<u8> {
        let mut compressor = Compressor::new(compression, threads);
        let mut out = Vec::new();
        for piece in bytes.chunks(piece) {
            compressor.write(piece, &mut out).unwrap();
        }
        compressor.finish(&mut out).unwrap();
        out
    }

    #[test]
    fn threads_and_pieces_make_no_difference() {
        for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz] {
            for length in [0, 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 17] {
                let bytes = sample(length);
                let expected = compress(&bytes, compression, 1, usize::MAX);
                for (threads, piece) in [(1, 4099), (2, usize::MAX), (3, 100_003), (9, 4099)] {
                    let found = compress(&bytes, compression, threads, piece);
                    assert!(
                        found == expected,
                        "{compression:?} {length} {threads} {piece}"
                    );
                }
                let mut back = Vec::new();
                match compression {
                    Compression::Gzip => flate2::read::MultiGzDecoder::new(&expected[..])
                        .read_to_end(&mut back)
                        .unwrap(),
                    Compression::Zstd => zstd::stream::read::Decoder::new(&expected[..])
                        .unwrap()
                        .read_to_end(&mut back)
                        .unwrap(),
                    _ => lzma_rust2::XzReader::new(&expected[..], true)
                        .read_to_end(&mut back)
                        .unwrap(),
                };
                assert!(back == bytes, "{compression:?} {length}");
            }
        }
    }

    #[test]
    fn a_member_has_no_time_stamp() {
        let bytes = compress(b"x", Compression::Gzip, 1, 1);
        assert_eq!(bytes[..8], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]);
    }

    // A disk that is full after some bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let count = bytes.len().min(self.0);
            self.0 -= count;
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_output_that_fails_ends_it() {
        for threads in [1, 4] {
            let mut compressor = Compressor::new(Compression::Gzip, threads);
            let mut out = Full(1000);
            let bytes = sample(BLOCK_BYTES);
            let written = (0..20).try_for_each(|_| compressor.write(&bytes, &mut out));
            assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
        }
    }
}
