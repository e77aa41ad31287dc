//! The parts of a conversion that was made shard by shard: their names, and what is noted of each.
//!
//! In: a folder. Out: the [`Part`]s in it, or what is missing or odd about them. A part is a file of
//! statements, one on each line, and a [`Manifest`] beside it.

use super::SinkError;
use super::file::{Digest, Output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use oxigraph::io::RdfFormat;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The greatest number of parts, which have five digits in their names.
pub const MOST_PARTS: u32 = 99_999;

/// The formats of parts, which have one statement on each line: name in a manifest, ending of files.
const FORMATS: [(&str, &str, RdfFormat); 2] = [
    ("ntriples", "nt", RdfFormat::NTriples),
    ("nquads", "nq", RdfFormat::NQuads),
];

/// The ending of files of a format that parts can have.
pub fn ending(format: RdfFormat) -> Option<&'static str> {
    let known = FORMATS.iter().find(|(_, _, known)| *known == format)?;
    Some(known.1)
}

/// What is noted of a part, as JSON beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What made it, with its version.
    pub program: String,
    /// Which shard it is, counted from 1.
    pub shard: u32,
    /// How many shards there are.
    pub of: u32,
    /// `ntriples` or `nquads`.
    pub format: String,
    /// SHA-256 over what was asked for: the same in all parts of one conversion.
    pub conversion: String,
    /// How many statements are in it; the same one may be counted more than once.
    pub statements: u64,
    /// Its tables in order.
    pub tables: Vec<PartOfTable>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// What a part has of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartOfTable {
    /// The table, as the user named it.
    pub table: String,
    /// Its data rows that are in the part.
    pub rows: u64,
}

impl Manifest {
    /// Notes the size and digest of the statements.
    #[must_use]
    pub fn with_digest(mut self, digest: &Digest) -> Self {
        self.statements = digest.lines;
        self.bytes = digest.bytes;
        self.sha256 = digest.sha256();
        self
    }

    /// Writes it into a folder, in place of what was noted of the part before.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), SinkError> {
        let path = folder.join(file_name(self.shard, self.of, "json"));
        let mut output = Output::file(&path)?;
        let written = serde_json::to_vec_pretty(self)
            .map_err(Error::from)
            .and_then(|text| output.write_all(&text))
            .and_then(|()| output.write_all(b"\n"));
        written.map_err(|error| Output::error(output.name(), error))?;
        output.commit()
    }
}

/// The name of a file of a part.
pub fn file_name(shard: u32, of: u32, ending: &str) -> String {
    format!("part-{shard:05}-of-{of:05}.{ending}")
}

const NO_PARTS: &str = "make the parts with `convert --shard 1/N --output DIR` to `N/N`";

// The shard, how many there are, and the ending.
fn parse_name(name: &str) -> Option<(u32, u32, &str)> {
    let (numbers, ending) = name.strip_prefix("part-")?.split_once('.')?;
    let (shard, of) = numbers.split_once("-of-")?;
    let number = |text: &str| text.parse().ok();
    let (shard, of) = (number(shard)?, number(of)?);
    (name == file_name(shard, of, ending)).then_some((shard, of, ending))
}

/// A part that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its file.
    pub path: PathBuf,
    /// What is noted of it.
    pub manifest: Manifest,
}

/// All parts of a conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Their format.
    pub format: RdfFormat,
    /// The parts in order.
    pub parts: Vec<Part>,
}

impl Parts {
    /// Looks for the parts in a folder; gives nothing where they are not all there or do not belong
    /// together, which the diagnostics say. The statements are not read.
    ///
    /// # Errors
    /// When the folder or a manifest cannot be read.
    pub fn find(folder: &Path, diagnostics: &mut Diagnostics) -> Result<Option<Self>, SinkError> {
        let mut look = Look {
            folder,
            diagnostics,
            sound: true,
        };
        let Some((of, files)) = look.names()? else {
            return Ok(None);
        };
        let mut parts: Vec<Part> = Vec::new();
        for shard in 1..=of {
            let endings = files.get(&shard).map_or(&[][..], Vec::as_slice);
            if let Some(part) = look.part(shard, of, endings, parts.first())? {
                parts.push(part);
            }
        }
        let format = parts.first().and_then(|part| {
            let name = &part.manifest.format;
            let known = FORMATS.iter().find(|(known, _, _)| known == name);
            known.map(|(_, _, format)| *format)
        });
        Ok(match format {
            Some(format) if look.sound => Some(Self { format, parts }),
            _ => None,
        })
    }
}

// The endings of the files that are there, by the number of their part.
type Endings = BTreeMap<u32, Vec<String>>;

struct Look<'a> {
    folder: &'a Path,
    diagnostics: &'a mut Diagnostics,
    sound: bool,
}

impl Look<'_> {
    fn refuse(&mut self, code: &'static str, message: String, path: &Path, help: &str) {
        self.sound = false;
        let location = Location::of_source(path.display().to_string());
        let found = Diagnostic::error(code, message, location);
        self.diagnostics.push(if help.is_empty() {
            found
        } else {
            found.with_help(help)
        });
    }

    // How many parts there have to be, and the endings of what is there by number.
    fn names(&mut self) -> Result<Option<(u32, Endings)>, SinkError> {
        let folder = self.folder;
        let failed = |error| cannot_read(folder, error);
        let mut files: BTreeMap<u32, Endings> = BTreeMap::new();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message = "there is no such folder".to_owned();
                self.refuse("merge::no-parts", message, folder, NO_PARTS);
                return Ok(None);
            }
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            if let Some((shard, of, ending)) = name.to_str().and_then(parse_name) {
                let of_all = files.entry(of).or_default();
                of_all.entry(shard).or_default().push(ending.to_owned());
            }
        }
        if files.len() > 1 {
            let counts: Vec<String> = files.keys().map(u32::to_string).collect();
            self.refuse(
                "merge::several",
                format!(
                    "there are parts of several conversions: of {} parts",
                    counts.join(" and of ")
                ),
                folder,
                "remove those that are not meant",
            );
            return Ok(None);
        }
        let Some((of, files)) = files.into_iter().next() else {
            self.refuse(
                "merge::no-parts",
                "there are no parts".to_owned(),
                folder,
                NO_PARTS,
            );
            return Ok(None);
        };
        for shard in files.keys().filter(|shard| !(1..=of).contains(*shard)) {
            self.refuse(
                "merge::odd-part",
                format!("there is no part {shard} of {of}"),
                folder,
                "remove it",
            );
        }
        Ok(Some((of, files)))
    }

    fn part(
        &mut self,
        shard: u32,
        of: u32,
        endings: &[String],
        first: Option<&Part>,
    ) -> Result<Option<Part>, SinkError> {
        let again = format!("make it again with `convert --shard {shard}/{of}`");
        let path = self.folder.join(file_name(shard, of, "json"));
        let manifest = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.refuse(
                    "merge::missing-part",
                    format!("part {shard} of {of} is missing"),
                    &path,
                    &again,
                );
                return Ok(None);
            }
            Err(error) => return Err(cannot_read(&path, error)),
        };
        let manifest: Manifest = match serde_json::from_slice(&manifest) {
            Ok(manifest) => manifest,
            Err(error) => {
                let message = format!("this does not describe a part: {error}");
                self.refuse("merge::odd-part", message, &path, &again);
                return Ok(None);
            }
        };
        let format = FORMATS.iter().find(|(name, _, _)| *name == manifest.format);
        let (Some((_, ending, _)), true) = (format, (manifest.shard, manifest.of) == (shard, of))
        else {
            let message = format!(
                "this describes part {} of {} in `{}`",
                manifest.shard, manifest.of, manifest.format
            );
            self.refuse("merge::odd-part", message, &path, &again);
            return Ok(None);
        };
        if let Some(first) = first.map(|first| &first.manifest) {
            let differs = if first.program != manifest.program {
                Some(format!(
                    "`{}` made it, and `{}` part {}",
                    manifest.program, first.program, first.shard
                ))
            } else if first.format != manifest.format {
                Some(format!(
                    "it is in `{}`, and part {} in `{}`",
                    manifest.format, first.shard, first.format
                ))
            } else if first.conversion != manifest.conversion {
                Some(format!(
                    "it is of another conversion than part {}: other tables, metadata or options",
                    first.shard
                ))
            } else {
                None
            };
            if let Some(message) = differs {
                self.refuse("merge::other-conversion", message, &path, &again);
            }
        }
        for other in endings {
            if other != "json" && other != ending {
                let path = self.folder.join(file_name(shard, of, other));
                let message = format!(
                    "part {shard} is in `{}`, and this is another file of it",
                    manifest.format
                );
                self.refuse("merge::odd-part", message, &path, "remove it");
            }
        }
        let path = self.folder.join(file_name(shard, of, ending));
        match std::fs::metadata(&path) {
            Ok(found) if found.len() == manifest.bytes => {}
            Ok(found) => {
                let message = format!(
                    "part {shard} has {} bytes where {} were written",
                    found.len(),
                    manifest.bytes
                );
                self.refuse("merge::changed-part", message, &path, &again);
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message =
                    format!("part {shard} of {of} is missing, and what describes it is there");
                self.refuse("merge::missing-part", message, &path, &again);
            }
            Err(error) => return Err(cannot_read(&path, error)),
        }
        Ok(Some(Part { path, manifest }))
    }
}

pub(super) fn cannot_read(path: &Path, error: Error) -> SinkError {
    SinkError::Read {
        name: path.display().to_string(),
        // In words, without the number of the system.
        error: match error.raw_os_error() {
            Some(_) => error.kind().into(),
            None => error,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_from_others() {
        assert_eq!(file_name(2, 8, "nt"), "part-00002-of-00008.nt");
        assert_eq!(parse_name("part-00002-of-00008.nt"), Some((2, 8, "nt")));
        for other in [
            "part-2-of-8.nt",
            "part-00002-of-00008",
            "part-00002-of-00008.nt.gz~",
            "x",
        ] {
            let is_part = parse_name(other).is_some_and(|(_, _, ending)| ending == "nt");
            assert!(!is_part, "{other}");
        }
    }
}
