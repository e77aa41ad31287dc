//! Compressed files and archives: how their names end and how their bytes begin.
//!
//! In: a file name, or the first bytes of a source. Out: the [`Compression`]. What is compressed is
//! read by `table::decompress` and written by `sink::pack`. An archive is a way to compress one file.

/// How bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compression {
    /// gzip, in one or several members.
    Gzip,
    /// Zstandard, in one or several frames.
    Zstd,
    /// xz, in one or several streams.
    Xz,
    /// A zip archive that holds one file.
    Zip,
    /// A tar archive that holds one file, compressed with gzip.
    TarGzip,
    /// A tar archive that holds one file, compressed with xz.
    TarXz,
}

/// The endings of file names; longer ones before those that they end in.
const ENDINGS: &[(&str, Compression)] = &[
    ("tar.gz", Compression::TarGzip),
    ("tgz", Compression::TarGzip),
    ("tar.xz", Compression::TarXz),
    ("txz", Compression::TarXz),
    ("zip", Compression::Zip),
    ("xz", Compression::Xz),
    ("gz", Compression::Gzip),
    ("gzip", Compression::Gzip),
    ("bgz", Compression::Gzip),
    ("zst", Compression::Zstd),
    ("zstd", Compression::Zstd),
];

impl Compression {
    /// The compression of a name such as `gzip` or `tarxz`; `none` is none, and nothing is given for what is
    /// no name of one.
    ///
    /// Spec: RML-IO §Compression
    pub fn named(name: &str) -> Option<Option<Self>> {
        Some(match name.to_ascii_lowercase().as_str() {
            "none" => None,
            "gzip" => Some(Self::Gzip),
            "zip" => Some(Self::Zip),
            "targz" | "targzip" => Some(Self::TarGzip),
            "tarxz" => Some(Self::TarXz),
            "xz" => Some(Self::Xz),
            "zstd" => Some(Self::Zstd),
            _ => return None,
        })
    }

    /// How many bytes [`Compression::of_bytes`] looks at.
    pub const MAGIC_BYTES: usize = 6;

    /// Takes the ending that tells a compression off a name, which may be an IRI without query and
    /// fragment: `cities.csv` and gzip for `cities.csv.gz`.
    ///
    /// Upper and lower case are counted the same.
    pub fn split(name: &str) -> (&str, Option<Self>) {
        let file = name.rfind(['/', '\\']).map_or(0, |at| at + 1);
        for (ending, compression) in ENDINGS {
            let Some(dot) = name.len().checked_sub(ending.len() + 1) else {
                continue;
            };
            // A name that is nothing but an ending is a name.
            if dot > file
                && name.is_char_boundary(dot)
                && name.as_bytes()[dot] == b'.'
                && name[dot + 1..].eq_ignore_ascii_case(ending)
            {
                return (&name[..dot], Some(*compression));
            }
        }
        (name, None)
    }

    /// The compression that a name tells.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::split(name).1
    }

    /// The compression that the first bytes of a source tell; whether it holds an archive they do
    /// not, but for zip.
    ///
    /// Spec: RFC 1952 §2.3.1; RFC 8878 §3.1; XZ §2.1.1.1; ZIP §4.3.7, §4.3.16
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            // A frame that is to be skipped, with which some tools begin.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            _ => None,
        }
    }

    /// What is around an archive: gzip for [`Compression::TarGzip`]; the others are their own.
    #[must_use]
    pub fn outside(self) -> Self {
        match self {
            Self::TarGzip => Self::Gzip,
            Self::TarXz => Self::Xz,
            other => other,
        }
    }

    /// Whether what it holds is in a tar archive.
    pub fn is_tar(self) -> bool {
        matches!(self, Self::TarGzip | Self::TarXz)
    }

    /// The media type of such files.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Gzip | Self::TarGzip => "application/gzip",
            Self::Zstd => "application/zstd",
            Self::Xz | Self::TarXz => "application/x-xz",
            Self::Zip => "application/zip",
        }
    }

    /// Its name for people, which is that of the command that reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Zip => "zip",
            Self::TarGzip => "tar.gz",
            Self::TarXz => "tar.xz",
        }
    }

    /// The command that tells whether such a file is sound, without the file.
    pub fn test_command(self) -> &'static str {
        match self {
            Self::Gzip => "gzip -t",
            Self::Zstd => "zstd -t",
            Self::Xz => "xz -t",
            Self::Zip => "unzip -t",
            Self::TarGzip => "tar -tzf",
            Self::TarXz => "tar -tJf",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_name_tells_the_compression() {
        let check = |name: &str, bare: &str, compression: Option<Compression>| {
            assert_eq!(Compression::split(name), (bare, compression), "{name}");
        };
        check("a.csv.gz", "a.csv", Some(Compression::Gzip));
        check("b/a.csv.GZIP", "b/a.csv", Some(Compression::Gzip));
        check("a.csv.bgz", "a.csv", Some(Compression::Gzip));
        check("a.zst", "a", Some(Compression::Zstd));
        check(
            "http://x.gz/a.zstd",
            "http://x.gz/a",
            Some(Compression::Zstd),
        );
        check("http://x.gz/a", "http://x.gz/a", None);
        check("a.csv.xz", "a.csv", Some(Compression::Xz));
        check("a.csv.Zip", "a.csv", Some(Compression::Zip));
        check("a.csv.tar.gz", "a.csv", Some(Compression::TarGzip));
        check("b/a.csv.tgz", "b/a.csv", Some(Compression::TarGzip));
        check("a.csv.TAR.XZ", "a.csv", Some(Compression::TarXz));
        check("é.txz", "é", Some(Compression::TarXz));
        check("tar.gz", "tar", Some(Compression::Gzip));
        check("a.csv", "a.csv", None);
        check(".gz", ".gz", None);
        check("gz", "gz", None);
    }
}
