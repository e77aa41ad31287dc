//! The file in a zip archive.
//!
//! In: an archive, which is read from its end: a stream goes to a temporary file first. Out: the
//! bytes of the one file in it, stored or deflated. Folders are passed over, and what macOS adds to
//! files. The directory is read entry by entry and not kept.
//!
//! Memory: the window of deflate, and some 100 KiB.
//!
//! Spec: ZIP §4.3, §4.4, §4.5.3

use super::tar::{is_addition, shortened};
use super::{Broken, Kind, NAMES, Packed, READ_BYTES};
use crate::compression::Compression;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek as _, SeekFrom, Take};

/// How many bytes stand at the end of an archive, without its comment.
const END: usize = 22;
/// The longest comment.
const COMMENT: usize = 65_535;
/// What stands in a field whose value is in an additional one.
const LARGE: u32 = u32::MAX;

/// The one file in a zip archive, as a stream.
pub(super) struct ZipFile {
    packed: Option<Packed>,
    member: Option<Member>,
}

struct Member {
    bytes: Bytes,
    start: u64,
    crc: Crc,
    expected: Entry,
}

enum Bytes {
    Stored(Take<BufReader<File>>),
    Deflated(Box<DeflateDecoder<Take<BufReader<File>>>>),
}

/// What the directory says of a file.
#[derive(Clone, Copy)]
struct Entry {
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
    offset: u64,
}

fn broken(at: u64, kind: Kind) -> io::Error {
    Broken {
        compression: Compression::Zip,
        at,
        kind,
    }
    .error()
}

fn damaged(at: u64, reason: &str) -> io::Error {
    broken(at, Kind::Damaged(reason.to_owned()))
}

impl ZipFile {
    /// Nothing is read before the first read.
    pub(super) fn new(packed: Packed) -> Self {
        Self {
            packed: Some(packed),
            member: None,
        }
    }
}

impl Read for ZipFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(packed) = self.packed.take() {
            let file = match packed {
                Packed::File(file) => file,
                Packed::Stream(mut input) => {
                    let mut file = tempfile::tempfile()?;
                    io::copy(&mut input, &mut file)?;
                    file
                }
            };
            self.member = Some(Member::open(file)?);
        }
        // After the end, or an error, nothing follows.
        let Some(mut member) = self.member.take() else {
            return Ok(0);
        };
        let count = member.read(buffer)?;
        if count > 0 {
            self.member = Some(member);
        }
        Ok(count)
    }
}

impl Member {
    fn open(file: File) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(READ_BYTES, file);
        let (entry, shift) = only_entry(&mut file)?;
        if entry.flags & 1 != 0 {
            return Err(broken(
                entry.offset,
                Kind::Unsupported("an encrypted file".to_owned()),
            ));
        }
        let at = entry.offset.saturating_add(shift);
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 30];
        exactly(&mut file, &mut header, at)?;
        if header[..4] != *b"PK\x03\x04" {
            return Err(damaged(at, "no file begins where the directory says"));
        }
        let names = u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
        let start = at + 30 + names;
        file.seek(SeekFrom::Start(start))?;
        let bytes = file.take(entry.compressed);
        let bytes = match entry.method {
            0 => Bytes::Stored(bytes),
            8 => Bytes::Deflated(Box::new(DeflateDecoder::new(bytes))),
            other => {
                let what = format!("a file compressed by method {other}");
                return Err(broken(at, Kind::Unsupported(what)));
            }
        };
        Ok(Self {
            bytes,
            start,
            crc: Crc::new(),
            expected: entry,
        })
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (result, taken) = match &mut self.bytes {
            Bytes::Stored(bytes) => {
                let result = bytes.read(buffer);
                (result, self.expected.compressed - bytes.limit())
            }
            Bytes::Deflated(decoder) => (decoder.read(buffer), decoder.total_in()),
        };
        let at = self.start + taken;
        let count = match result {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => return self.read(buffer),
            // zlib says so of what breaks off within the file.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(broken(at, Kind::Truncated));
            }
            Err(error) if error.raw_os_error().is_some() => return Err(error),
            Err(error) => return Err(damaged(at, &error.to_string())),
        };
        if count > 0 {
            self.crc.update(&buffer[..count]);
            return Ok(count);
        }
        let Entry {
            compressed,
            size,
            crc,
            ..
        } = self.expected;
        // The checksum counts bytes up to 2³² only.
        if taken != compressed || self.crc.amount() != low(size) {
            return Err(damaged(
                at,
                "its size is not the one that the directory says",
            ));
        }
        if self.crc.sum() != crc {
            return Err(damaged(at, "its checksum is wrong"));
        }
        Ok(0)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is compared"
)]
fn low(size: u64) -> u32 {
    size as u32
}

// The entry of the only file, and how many bytes stand in front of the archive.
fn only_entry(file: &mut BufReader<File>) -> io::Result<(Entry, u64)> {
    let directory = Directory::find(file)?;
    file.seek(SeekFrom::Start(directory.start))?;
    let (mut only, mut names) = (None, Vec::new());
    let mut at = directory.start;
    for _ in 0..directory.entries {
        let mut header = [0; 46];
        exactly(file, &mut header, at)?;
        if header[..4] != *b"PK\x01\x02" {
            return Err(damaged(at, "its directory has no such number of entries"));
        }
        let mut name = vec![0; usize::from(u16_at(&header, 28))];
        exactly(file, &mut name, at)?;
        let mut extra = vec![0; usize::from(u16_at(&header, 30))];
        exactly(file, &mut extra, at)?;
        let comment = u16_at(&header, 32);
        file.seek_relative(i64::from(comment))?;
        at += (46 + name.len() + extra.len()) as u64 + u64::from(comment);
        let name = String::from_utf8_lossy(&name);
        if name.ends_with('/') || is_addition(&name) {
            continue;
        }
        names.push(shortened(&name));
        if names.len() > NAMES {
            break;
        }
        only = Some(
            Entry::read(&header, &extra)
                .ok_or_else(|| damaged(at, "its directory leaves out the size of a file"))?,
        );
    }
    match only {
        Some(only) if names.len() == 1 => Ok((only, directory.shift)),
        _ => Err(broken(directory.start, Kind::Files(names))),
    }
}

impl Entry {
    // Sizes that are too large for their fields stand in the additional field, in this order.
    fn read(header: &[u8; 46], extra: &[u8]) -> Option<Self> {
        let mut large = additional(extra, 1).unwrap_or_default().chunks_exact(8);
        let mut field = |at: usize| match u32_at(header, at) {
            LARGE => large.next().map(|bytes| u64_at(bytes, 0)),
            small => Some(u64::from(small)),
        };
        let size = field(24)?;
        let compressed = field(20)?;
        let offset = field(42)?;
        Some(Self {
            flags: u16_at(header, 8),
            method: u16_at(header, 10),
            crc: u32_at(header, 16),
            compressed,
            size,
            offset,
        })
    }
}

// The additional field with a number.
fn additional(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let (number, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let field = extra.get(4..4 + length)?;
        if number == wanted {
            return Some(field);
        }
        extra = &extra[4 + length..];
    }
    None
}

struct Directory {
    start: u64,
    entries: u64,
    shift: u64,
}

impl Directory {
    fn find(file: &mut BufReader<File>) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        let most = length.min((END + COMMENT) as u64);
        let from = length - most;
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.take(most).read_to_end(&mut tail)?;
        let last = tail.len().saturating_sub(END);
        let is_end = |at: &usize| {
            tail[*at..].starts_with(b"PK\x05\x06")
                && tail.len() >= at + END
                && at + END + usize::from(u16_at(&tail, at + 20)) <= tail.len()
        };
        let Some(at) = (0..=last).rev().find(is_end) else {
            file.seek(SeekFrom::Start(0))?;
            let mut magic = [0; 4];
            let begins = file.read_exact(&mut magic).is_ok() && magic == *b"PK\x03\x04";
            let kind = if begins || length == 0 {
                Kind::Truncated
            } else {
                Kind::Other
            };
            return Err(broken(if begins { length } else { 0 }, kind));
        };
        let end = &tail[at..];
        let position = from + at as u64;
        let (entries, size) = (u64::from(u16_at(end, 10)), u64::from(u32_at(end, 12)));
        let (offset, before) = (u64::from(u32_at(end, 16)), position);
        let locator = at.checked_sub(20).map(|at| &tail[at..at + 20]);
        let locator = locator.filter(|locator| locator.starts_with(b"PK\x06\x07"));
        if let Some(locator) = locator {
            let at = u64_at(locator, 8);
            let mut end = [0; 56];
            file.seek(SeekFrom::Start(at))?;
            exactly(file, &mut end, at)?;
            if end[..4] != *b"PK\x06\x06" {
                return Err(damaged(at, "its directory is not where its end says"));
            }
            let start = u64_at(&end, 48);
            return Self::within(start, u64_at(&end, 40), u64_at(&end, 32), 0, at);
        }
        // What stands in front of an archive, such as a program that unpacks it.
        let shift = before
            .checked_sub(size)
            .and_then(|start| start.checked_sub(offset))
            .ok_or_else(|| damaged(position, "its directory is not where its end says"))?;
        Self::within(offset + shift, size, entries, shift, before)
    }

    fn within(start: u64, size: u64, entries: u64, shift: u64, end: u64) -> io::Result<Self> {
        if start.checked_add(size).is_none_or(|behind| behind > end) {
            return Err(damaged(end, "its directory is not where its end says"));
        }
        Ok(Self {
            start,
            entries,
            shift,
        })
    }
}

fn exactly(file: &mut impl Read, buffer: &mut [u8], at: u64) -> io::Result<()> {
    file.read_exact(buffer).map_err(|error| {
        if error.kind() == ErrorKind::UnexpectedEof {
            broken(at, Kind::Truncated)
        } else {
            error
        }
    })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
