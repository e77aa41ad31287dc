//! The file in a tar archive.
//!
//! In: the bytes of an archive, decompressed. Out: those of the one file in it. Folders and links are
//! passed over, and what macOS adds to files; a second file is an error that names them all, which
//! comes at the end of the first because nothing in front tells of it.
//!
//! Memory: a block of 512 bytes, and a name of at most 64 KiB.
//!
//! Spec: tar, "ustar Interchange Format", "pax Header Block"

use super::{Broken, Kind, NAME_BYTES, NAMES};
use crate::compression::Compression;
use crate::table::reader::Input;
use std::io::{self, Read};

/// How many bytes a block has.
const BLOCK: usize = 512;

/// How many bytes of additional headers are looked at.
const MOST_HEADER: u64 = 64 << 10;

/// The one file in a tar archive, as a stream.
pub(super) struct TarFile {
    source: Input<'static>,
    compression: Compression,
    /// How many bytes of the archive are read.
    at: u64,
    /// What is left of the file, and of the zeros behind it.
    left: u64,
    padding: u64,
    names: Vec<String>,
    is_ended: bool,
}

/// What stands in front of a member.
struct Header {
    name: String,
    size: u64,
    kind: u8,
}

impl TarFile {
    pub(super) fn new(source: Input<'static>, compression: Compression) -> Self {
        Self {
            source,
            compression,
            at: 0,
            left: 0,
            padding: 0,
            names: Vec::new(),
            is_ended: false,
        }
    }

    fn broken(&self, kind: Kind) -> io::Error {
        Broken {
            compression: self.compression,
            at: self.at,
            kind,
        }
        .error()
    }

    fn damaged(&self, reason: &str) -> io::Error {
        self.broken(Kind::Damaged(format!(
            "{reason} (counted in what is decompressed)"
        )))
    }

    // Reads what has to be there; says whether there was nothing at all.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let mut length = 0;
        while length < buffer.len() {
            match self.source.read(&mut buffer[length..]) {
                Ok(0) if length == 0 => return Ok(false),
                Ok(0) => return Err(self.broken(Kind::Truncated)),
                Ok(count) => {
                    length += count;
                    self.at += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn pass_over(&mut self, count: u64) -> io::Result<()> {
        let passed = io::copy(&mut (&mut self.source).take(count), &mut io::sink())?;
        self.at += passed;
        if passed < count {
            return Err(self.broken(Kind::Truncated));
        }
        Ok(())
    }

    // The next header, with what additional headers say of its member; nothing at the end.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let (mut long_name, mut long_size) = (None, None);
        loop {
            let mut block = [0; BLOCK];
            // Some programs leave the blocks out that end an archive.
            if !self.fill(&mut block)? || block == [0; BLOCK] {
                return Ok(None);
            }
            if !has_sum(&block) {
                if self.at == BLOCK as u64 {
                    return Err(self.broken(Kind::Unsupported("no tar archive".to_owned())));
                }
                return Err(self.damaged("the sum of a header is wrong"));
            }
            let Some(size) = number(&block[124..136]) else {
                return Err(self.damaged("a size is no number"));
            };
            let kind = block[156];
            match kind {
                b'x' | b'L' if size > MOST_HEADER => {
                    return Err(self.damaged("a header has more than 64 KiB"));
                }
                b'x' | b'L' => {
                    let mut text = vec![0; usize::try_from(size).unwrap_or_default()];
                    if !self.fill(&mut text)? && !text.is_empty() {
                        return Err(self.broken(Kind::Truncated));
                    }
                    self.pass_over(padding(size))?;
                    if kind == b'L' {
                        long_name = Some(until_zero(&text));
                        continue;
                    }
                    for (key, value) in records(&text) {
                        match key {
                            b"path" => {
                                long_name = Some(String::from_utf8_lossy(value).into_owned());
                            }
                            b"size" => {
                                let size = std::str::from_utf8(value).ok();
                                let size = size.and_then(|size| size.parse().ok());
                                let Some(size) = size else {
                                    return Err(self.damaged("a size is no number"));
                                };
                                long_size = Some(size);
                            }
                            _ => {}
                        }
                    }
                }
                // For all members, and the target of a link.
                b'g' | b'K' => {
                    self.pass_over(size)?;
                    self.pass_over(padding(size))?;
                }
                kind => {
                    let name = until_zero(&block[..100]);
                    let is_posix = block[257..263] == *b"ustar\0";
                    let folder = until_zero(&block[345..500]);
                    let name = match long_name {
                        Some(name) => name,
                        None if is_posix && !folder.is_empty() => format!("{folder}/{name}"),
                        None => name,
                    };
                    return Ok(Some(Header {
                        name,
                        size: long_size.unwrap_or(size),
                        kind,
                    }));
                }
            }
        }
    }

    // Goes to the next file; says whether there is one.
    fn next_file(&mut self) -> io::Result<bool> {
        while let Some(header) = self.header()? {
            let is_file = matches!(header.kind, b'0' | 0 | b'7') && !header.name.ends_with('/');
            if header.kind == b'S' {
                return Err(self.broken(Kind::Unsupported("a file with holes".to_owned())));
            }
            if is_file && !is_addition(&header.name) {
                self.names.push(shortened(&header.name));
                if self.names.len() == 1 {
                    self.left = header.size;
                    self.padding = padding(header.size);
                    return Ok(true);
                }
                if self.names.len() > NAMES {
                    break;
                }
            }
            // Folders and links have no bytes, whatever their size says.
            if !matches!(header.kind, b'1'..=b'6') {
                self.pass_over(header.size)?;
                self.pass_over(padding(header.size))?;
            }
        }
        if self.names.len() != 1 {
            let names = std::mem::take(&mut self.names);
            return Err(self.broken(Kind::Files(names)));
        }
        // What is around the archive has to be sound to its end.
        io::copy(&mut self.source, &mut io::sink())?;
        Ok(false)
    }
}

impl Read for TarFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while !self.is_ended {
            if self.left > 0 {
                let most = usize::try_from(self.left)
                    .unwrap_or(usize::MAX)
                    .min(buffer.len());
                let count = match self.source.read(&mut buffer[..most]) {
                    Ok(0) => {
                        self.is_ended = true;
                        return Err(self.broken(Kind::Truncated));
                    }
                    Ok(count) => count,
                    Err(error) => {
                        self.is_ended = error.kind() != io::ErrorKind::Interrupted;
                        return Err(error);
                    }
                };
                self.left -= count as u64;
                self.at += count as u64;
                return Ok(count);
            }
            let padding = std::mem::take(&mut self.padding);
            let next = self.pass_over(padding).and_then(|()| self.next_file());
            // After an error nothing follows.
            self.is_ended = !matches!(next, Ok(true));
            next?;
        }
        Ok(0)
    }
}

fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// Whether a name is of what macOS adds to files.
pub(super) fn is_addition(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("__MACOSX/") || file.starts_with("._") || file == ".DS_Store"
}

/// A name that is short enough for a message.
pub(super) fn shortened(name: &str) -> String {
    let mut end = NAME_BYTES.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name[..end].to_owned()
}

// Whether the sum of a header's bytes is what it says; its own field counts as spaces.
fn has_sum(block: &[u8; BLOCK]) -> bool {
    let field = 148..156;
    let bytes = block.iter().enumerate();
    let sum = bytes
        .map(|(at, byte)| u64::from(if field.contains(&at) { b' ' } else { *byte }))
        .sum();
    number(&block[field.clone()]) == Some(sum)
}

// Octal digits, or what GNU writes where they are too few: bytes behind a 1 bit.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if *first == 0x80 {
        let (high, low) = rest.split_at(rest.len() - 8);
        return high.iter().all(|byte| *byte == 0).then(|| {
            low.iter()
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
        });
    }
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches(['\0', ' ']);
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}

fn until_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

// The records `LENGTH KEY=VALUE\n` of a pax header, until one is none.
fn records(mut text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    while let Some(space) = text.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&text[..space]).ok();
        let length = length.and_then(|length| length.parse::<usize>().ok());
        let Some(length) = length.filter(|length| *length > space + 1 && *length <= text.len())
        else {
            break;
        };
        let record = &text[space + 1..length - 1];
        if let Some(equals) = record.iter().position(|byte| *byte == b'=') {
            found.push((&record[..equals], &record[equals + 1..]));
        }
        text = &text[length..];
    }
    found
}
