//! Compressed files: how their names end and how their bytes begin.
//!
//! In: a file name, or the first bytes of a source. Out: the [`Compression`]. What is compressed is
//! read by `table::decompress` and written by `sink::compress`.

/// How bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip, in one or several members.
    Gzip,
    /// Zstandard, in one or several frames.
    Zstd,
}

/// The endings of file names.
const ENDINGS: &[(&str, Compression)] = &[
    ("gz", Compression::Gzip),
    ("gzip", Compression::Gzip),
    ("bgz", Compression::Gzip),
    ("zst", Compression::Zstd),
    ("zstd", Compression::Zstd),
];

impl Compression {
    /// How many bytes [`Compression::of_bytes`] looks at.
    pub const MAGIC_BYTES: usize = 4;

    /// Takes the ending that tells a compression off a name, which may be an IRI without query and
    /// fragment: `cities.csv` and gzip for `cities.csv.gz`.
    ///
    /// Upper and lower case are counted the same.
    pub fn split(name: &str) -> (&str, Option<Self>) {
        let file = name.rfind(['/', '\\']).map_or(0, |at| at + 1);
        let Some(dot) = name[file..].rfind('.').map(|dot| file + dot) else {
            return (name, None);
        };
        let found = ENDINGS
            .iter()
            .find(|(ending, _)| name[dot + 1..].eq_ignore_ascii_case(ending));
        match found {
            Some((_, compression)) if dot > file => (&name[..dot], Some(*compression)),
            _ => (name, None),
        }
    }

    /// The compression that a name tells.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::split(name).1
    }

    /// The compression that the first bytes of a source tell.
    ///
    /// Spec: RFC 1952 §2.3.1; RFC 8878 §3.1
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstd),
            // A frame that is to be skipped, with which some tools begin.
            [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Its name for people, which is that of the command that reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
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
        check("a.csv", "a.csv", None);
        check(".gz", ".gz", None);
        check("gz", "gz", None);
    }
}
