//! Compressed files and archives.
//!
//! In: bytes. Out: a compressed file, or an archive that holds them as its one file. Archives have no
//! times and the same owner and modes everywhere, so that the same bytes make the same archive.
//!
//! Both archives tell the size of a file in front of it, so what comes in waits in a temporary file
//! without a name: for zip deflated, for tar as it is. Memory: that of `compress`, or 200 KiB for zip.
//!
//! Spec: tar, "ustar Interchange Format", "pax Header Block"; ZIP §4.3, §4.4, §4.5.3

use super::compress::{Compressor, GZIP_LEVEL};
use crate::compression::Compression;
use flate2::Crc;
use flate2::write::DeflateEncoder;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write};

/// How many bytes are copied at once.
const CHUNK: usize = 64 << 10;

/// How many bytes a block of tar has, and how many blocks are written at once.
const BLOCK: usize = 512;
const RECORD: u64 = 20 * BLOCK as u64;

/// Compresses what it is given.
pub(super) enum Packer {
    /// Block by block.
    Blocks(Compressor),
    /// A tar archive, compressed.
    Tar(Tar),
    /// A zip archive.
    Zip(Box<Zip>),
}

impl Packer {
    /// Prepares to compress with a number of threads; `name` is that of the file in an archive.
    ///
    /// # Errors
    /// When there is no place for temporary files.
    pub(super) fn new(compression: Compression, name: &str, threads: usize) -> io::Result<Self> {
        Ok(match compression {
            Compression::Gzip | Compression::Zstd | Compression::Xz => {
                Self::Blocks(Compressor::new(compression, threads))
            }
            Compression::TarGzip | Compression::TarXz => Self::Tar(Tar {
                name: name.to_owned(),
                spool: spool()?,
                size: 0,
                compressor: Compressor::new(compression, threads),
            }),
            Compression::Zip => Self::Zip(Box::new(Zip {
                name: name.to_owned(),
                encoder: DeflateEncoder::new(spool()?, flate2::Compression::new(GZIP_LEVEL)),
                crc: Crc::new(),
                size: 0,
            })),
        })
    }

    /// Takes bytes, and writes what is compressed by now.
    pub(super) fn write(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Blocks(compressor) => compressor.write(bytes, out),
            Self::Tar(tar) => {
                tar.size += bytes.len() as u64;
                tar.spool.write_all(bytes)
            }
            Self::Zip(zip) => {
                zip.size += bytes.len() as u64;
                zip.crc.update(bytes);
                zip.encoder.write_all(bytes)
            }
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Blocks(compressor) => compressor.finish(out),
            Self::Tar(tar) => tar.finish(out),
            Self::Zip(zip) => zip.finish(out),
        }
    }
}

fn spool() -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(CHUNK, tempfile::tempfile()?))
}

// What was written into a temporary file, from its beginning.
fn rewound(spool: BufWriter<File>) -> io::Result<File> {
    let mut file = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

pub(super) struct Tar {
    name: String,
    spool: BufWriter<File>,
    size: u64,
    compressor: Compressor,
}

impl Tar {
    fn finish(self, out: &mut impl Write) -> io::Result<()> {
        let mut compressor = self.compressor;
        let mut file = rewound(self.spool)?;
        let mut head = Vec::new();
        // What a header has no room for stands in one before it.
        let mut records = Vec::new();
        if self.name.len() > 100 {
            records.extend(record("path", &self.name));
        }
        if self.size > MOST_OCTAL {
            records.extend(record("size", &self.size.to_string()));
        }
        if !records.is_empty() {
            head.extend(header("pax", records.len() as u64, b'x'));
            head.extend(&records);
            head.resize(head.len().next_multiple_of(BLOCK), 0);
        }
        head.extend(header(&self.name, self.size, b'0'));
        compressor.write(&head, out)?;
        let mut buffer = vec![0; CHUNK];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            compressor.write(&buffer[..count], out)?;
        }
        // To the end of the block, two blocks of zeros, and to the end of the record.
        let written = head.len() as u64 + self.size;
        let ended = written.next_multiple_of(BLOCK as u64) + 2 * BLOCK as u64;
        let zeros = ended.next_multiple_of(RECORD) - written;
        compressor.write(&vec![0; usize::try_from(zeros).unwrap_or_default()], out)?;
        compressor.finish(out)
    }
}

/// The largest size that eleven octal digits tell.
const MOST_OCTAL: u64 = 0o777_7777_7777;

fn header(name: &str, size: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &name.as_bytes()[..name.len().min(100)]);
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", size.min(MOST_OCTAL)).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

// A record whose length counts itself.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n").into_bytes()
}

pub(super) struct Zip {
    name: String,
    encoder: DeflateEncoder<BufWriter<File>>,
    crc: Crc,
    size: u64,
}

impl Zip {
    fn finish(self, out: &mut impl Write) -> io::Result<()> {
        let mut file = rewound(self.encoder.finish()?)?;
        let compressed = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let most = usize::from(u16::MAX);
        let name = &self.name.as_bytes()[..self.name.len().min(most)];
        let is_large = self.size.max(compressed) >= u64::from(u32::MAX);
        let small = |size: u64| u32::try_from(size).unwrap_or(u32::MAX);
        let (short, shown) = if is_large {
            (u32::MAX, u32::MAX)
        } else {
            (small(compressed), small(self.size))
        };
        let mut extra = Vec::new();
        if is_large {
            extra.extend([1, 0, 16, 0]);
            extra.extend(self.size.to_le_bytes());
            extra.extend(compressed.to_le_bytes());
        }
        // Version, whether the name is UTF-8, deflate, midnight of 1980-01-01.
        let version = if is_large { 45_u16 } else { 20 };
        let mut common = Vec::new();
        common.extend(version.to_le_bytes());
        common.extend(if name.is_ascii() { [0, 0] } else { [0, 8] });
        common.extend([8, 0, 0, 0, 0x21, 0]);
        common.extend(self.crc.sum().to_le_bytes());
        common.extend(short.to_le_bytes());
        common.extend(shown.to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        common.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());

        let mut head = b"PK\x03\x04".to_vec();
        head.extend(&common);
        head.extend(name);
        head.extend(&extra);
        out.write_all(&head)?;
        io::copy(&mut file, out)?;

        let mut directory = b"PK\x01\x02".to_vec();
        // Made where modes are those of Unix.
        directory.extend([45, 3]);
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((0o100_644_u32 << 16).to_le_bytes());
        directory.extend([0; 4]);
        directory.extend(name);
        directory.extend(&extra);

        let start = head.len() as u64 + compressed;
        let length = directory.len() as u64;
        let mut end = Vec::new();
        if start >= u64::from(u32::MAX) {
            end.extend(b"PK\x06\x06");
            end.extend(44_u64.to_le_bytes());
            end.extend([45, 3, 45, 0]);
            end.extend([0; 8]);
            end.extend(1_u64.to_le_bytes());
            end.extend(1_u64.to_le_bytes());
            end.extend(length.to_le_bytes());
            end.extend(start.to_le_bytes());
            end.extend(b"PK\x06\x07");
            end.extend([0; 4]);
            end.extend((start + length).to_le_bytes());
            end.extend(1_u32.to_le_bytes());
        }
        end.extend(b"PK\x05\x06");
        end.extend([0, 0, 0, 0, 1, 0, 1, 0]);
        end.extend(small(length).to_le_bytes());
        end.extend(small(start).to_le_bytes());
        end.extend([0, 0]);
        out.write_all(&directory)?;
        out.write_all(&end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // As POSIX shows the length of a record, which counts itself.
    #[test]
    fn the_length_of_a_record_counts_itself() {
        assert_eq!(record("a", "b"), b"6 a=b\n");
        assert_eq!(record("path", "01"), b"11 path=01\n");
        assert_eq!(record("path", "0123"), b"13 path=0123\n");
        assert_eq!(record("path", "0"), b"9 path=0\n");
    }
}
