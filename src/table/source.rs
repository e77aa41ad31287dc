//! Where bytes come from: files, folders mounted under an IRI prefix, folders in the binary, and
//! what `remote` fetches.
//!
//! In: the IRI of a source. Out: its bytes, what was sent along with them, and the name by which a
//! user knows it. Compressed files are told by their names and standard input by its first bytes
//! (`decompress`); a path that is not there and is a pattern (`glob`) stands for several files
//! (`parts`).

use super::decompress::{self, Packed};
use super::glob;
use super::link::Link;
use super::parts::{Parts, Start, Starts};
use super::reader::Input;
use super::remote::{self, NetworkPolicy, Purpose, Remote};
use super::{Dialect, TableError};
use crate::compression::Compression;
use crate::diagnostic::{Diagnostics, nearest};
use crate::rdf::iri;
use include_dir::Dir;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, ErrorKind, Read, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What stands under an IRI prefix.
#[derive(Debug, Clone)]
pub enum Mount {
    /// A folder on disk.
    Folder(PathBuf),
    /// A folder compiled into the binary.
    Embedded(&'static Dir<'static>),
    /// One file, or standard input (`None`), under exactly this IRI.
    File(Option<PathBuf>),
}

/// Finds sources by their IRI: mounted prefixes first (the longest), then `file:` IRIs, then the
/// network, where [`Sources::with_network`] allows it.
///
/// What stands under a mounted prefix is in its folder or nowhere; a longer prefix takes its part
/// away from a shorter one. Clones share what was fetched.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    mounts: Vec<(String, Mount)>,
    links: Vec<(String, Vec<Link>)>,
    remote: Arc<Remote>,
    // What was read of standard input ahead of its turn.
    peeked: Arc<Mutex<Vec<u8>>>,
    // The pipes that were looked into, and what was read of them.
    pipes: Arc<Mutex<BTreeMap<PathBuf, Pipe>>>,
    // How sources are compressed, whatever their names tell.
    compressions: Vec<(String, Option<Compression>)>,
    // Where the files begin of tables that are several, by the name of the table.
    starts: Arc<Mutex<BTreeMap<String, Starts>>>,
}

/// How much of a source is wanted, which tells where it is best decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Its beginning, or a small one: here.
    Beginning,
    /// All of it: in a thread of its own.
    Whole,
}

/// What tells how a source is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Its name.
    ByName,
    /// Whoever reads it: that it is not compressed, or how.
    As(Option<Compression>),
}

impl Told {
    fn compression(self, name: &str) -> Option<Compression> {
        match self {
            Self::ByName => Compression::of_name(name),
            Self::As(compression) => compression,
        }
    }

    fn of_path(self, path: &Path) -> Option<Compression> {
        self.compression(&path.file_name().unwrap_or_default().to_string_lossy())
    }
}

impl Reading {
    fn decompress(self, packed: Packed, compression: Compression) -> Input<'static> {
        match self {
            Self::Beginning => decompress::in_place(packed, compression),
            Self::Whole => decompress::ahead(packed, compression),
        }
    }

    fn decompress_stream(
        self,
        input: Input<'static>,
        compression: Option<Compression>,
    ) -> Input<'static> {
        match compression {
            Some(compression) => self.decompress(Packed::Stream(input), compression),
            None => input,
        }
    }

    // Standard input has no name that could tell.
    fn sniff(self, input: Input<'static>, named: Option<Compression>) -> Input<'static> {
        decompress::sniffed(
            input,
            named,
            match self {
                Self::Beginning => decompress::in_place,
                Self::Whole => decompress::ahead,
            },
        )
    }
}

/// A source, open for reading, and what came with it.
pub struct Fetched {
    /// Its bytes, decompressed.
    pub input: Input<'static>,
    /// The links in its `Link` headers, then those of [`Sources::with_links`].
    pub links: Vec<Link>,
    /// Its `Content-Type` as it was sent, such as `text/csv; header=absent`.
    pub content_type: Option<String>,
    /// Its `Content-Language` as it was sent.
    pub content_language: Option<String>,
    /// Its IRI after redirects, against which links resolve.
    pub location: String,
}

/// Standard input, keeping what is read of it.
struct Peek(Arc<Mutex<Vec<u8>>>);

impl Read for Peek {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = std::io::stdin().read(buffer)?;
        lock(&self.0).extend_from_slice(&buffer[..length]);
        Ok(length)
    }
}

/// A named pipe or a device, which gives its bytes once.
#[derive(Debug)]
struct Pipe {
    file: File,
    peeked: Arc<Mutex<Vec<u8>>>,
}

/// A pipe, keeping what is read of it.
struct PeekPipe(File, Arc<Mutex<Vec<u8>>>);

impl Read for PeekPipe {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.0.read(buffer)?;
        lock(&self.1).extend_from_slice(&buffer[..length]);
        Ok(length)
    }
}

fn is_pipe(path: &Path) -> bool {
    let metadata = path.metadata();
    metadata.is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Found {
    Path(PathBuf),
    Embedded(&'static Dir<'static>, String),
    StandardInput,
    // Under a mounted prefix, but not in the folder.
    Outside(PathBuf),
    Remote,
}

impl Sources {
    /// Knows `file:` IRIs only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what stands under a prefix.
    #[must_use]
    pub fn with_mount(mut self, prefix: impl Into<String>, mount: Mount) -> Self {
        self.mounts.push((prefix.into(), mount));
        self.mounts
            .sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        self
    }

    /// Adds links to a source, as if they had been sent with it.
    #[must_use]
    pub fn with_links(mut self, iri: impl Into<String>, links: Vec<Link>) -> Self {
        self.links.push((iri.into(), links));
        self
    }

    /// Says what may be fetched from the network, in place of nothing.
    #[must_use]
    pub fn with_network(mut self, policy: NetworkPolicy) -> Self {
        self.remote = Arc::new(Remote::new(policy));
        self
    }

    /// Whether an IRI is under a mounted prefix.
    pub fn is_known(&self, iri: &str) -> bool {
        self.mounts
            .iter()
            .any(|(prefix, _)| iri.starts_with(prefix.as_str()))
    }

    /// Says how a source is compressed, or that it is not, whatever its name and its first bytes
    /// tell. A pattern's files are all compressed so.
    pub fn set_compression(&mut self, iri: impl Into<String>, compression: Option<Compression>) {
        let iri = iri.into();
        self.compressions.retain(|(known, _)| *known != iri);
        self.compressions.push((iri, compression));
    }

    fn told(&self, iri: &str) -> Told {
        let mut known = self.compressions.iter();
        let found = known.find(|(known, _)| known == iri);
        found.map_or(Told::ByName, |(_, compression)| Told::As(*compression))
    }

    /// The name of a source for messages: a path where there is one.
    pub fn display_name(&self, iri: &str) -> String {
        match self.find(iri) {
            Some(Found::Path(path) | Found::Outside(path)) => {
                relative_to_current(&path).display().to_string()
            }
            Some(Found::Embedded(_, path)) => path,
            Some(Found::StandardInput) => "<stdin>".to_owned(),
            Some(Found::Remote) | None => iri.to_owned(),
        }
    }

    /// Whether a source is standard input, beside which nothing lies.
    pub fn is_standard_input(&self, iri: &str) -> bool {
        matches!(self.find(iri), Some(Found::StandardInput))
    }

    /// Whether a source can be read only once: standard input, a named pipe or a device.
    pub fn is_read_once(&self, iri: &str) -> bool {
        match self.find(iri) {
            Some(Found::StandardInput) => true,
            Some(Found::Path(path)) => is_pipe(&path),
            _ => false,
        }
    }

    /// The size of a source in bytes, decompressed, if it is known beforehand.
    pub fn size(&self, iri: &str) -> Option<u64> {
        let told = self.told(iri);
        match self.find(iri)? {
            Found::Path(path) => {
                let files = match pattern(&path) {
                    Some(pattern) => glob::expand(pattern),
                    None => vec![path],
                };
                let size = |path: &PathBuf| match told.of_path(path) {
                    _ if is_pipe(path) => None,
                    Some(_) => None,
                    None => Some(path.metadata().ok()?.len()),
                };
                files.iter().map(size).sum()
            }
            _ if matches!(told, Told::As(Some(_))) => None,
            Found::Embedded(folder, path) => Some(folder.get_file(&path)?.contents().len() as u64),
            Found::StandardInput | Found::Outside(_) => None,
            Found::Remote if told.compression(without_query(iri)).is_some() => None,
            Found::Remote => self.remote.size(iri),
        }
    }

    /// Opens a table to look at its beginning: what is read of standard input is read again by
    /// [`Sources::open`].
    ///
    /// # Errors
    /// As for [`Sources::fetch`].
    pub fn peek(&self, iri: &str, dialect: &Dialect) -> Result<Input<'static>, TableError> {
        Ok(self.fetch_table(iri, dialect, Reading::Beginning)?.input)
    }

    /// Opens a table. The dialect tells where the headers end of one that is in several files.
    ///
    /// # Errors
    /// As for [`Sources::fetch`], or when no file matches a pattern, or the files cannot be one table.
    pub fn open(&self, iri: &str, dialect: &Dialect) -> Result<Input<'static>, TableError> {
        Ok(self.fetch_table(iri, dialect, Reading::Whole)?.input)
    }

    /// Whether a source can be opened at any byte, again and again: one file that is no pipe or device
    /// and not compressed, or one in the binary.
    pub fn can_open_at(&self, iri: &str) -> bool {
        let told = self.told(iri);
        match self.find(iri) {
            Some(Found::Path(path)) => {
                told.of_path(&path).is_none()
                    && path.metadata().is_ok_and(|metadata| metadata.is_file())
            }
            Some(Found::Embedded(_, path)) => told.compression(&path).is_none(),
            _ => false,
        }
    }

    /// Opens a source from a byte on, counted from 0, if [it can be](Self::can_open_at).
    ///
    /// # Errors
    /// As for [`Sources::fetch`], and for a source that can only be read from its beginning.
    pub fn open_at(&self, iri: &str, offset: u64) -> Result<Input<'static>, TableError> {
        let failed = |error| TableError::Io {
            source_name: self.display_name(iri),
            error,
        };
        match self.find(iri) {
            Some(Found::Path(path)) => {
                let mut file = File::open(&path).map_err(failed)?;
                file.seek(SeekFrom::Start(offset)).map_err(failed)?;
                Ok(Box::new(file))
            }
            Some(Found::Embedded(folder, path)) if folder.get_file(&path).is_some() => {
                let bytes = folder
                    .get_file(&path)
                    .map_or(&[][..], include_dir::File::contents);
                let offset = usize::try_from(offset).unwrap_or(bytes.len());
                Ok(Box::new(bytes.get(offset..).unwrap_or_default()))
            }
            _ => Err(failed(ErrorKind::NotSeekable.into())),
        }
    }

    /// Opens a table that is in one file, with what came along with it.
    ///
    /// A document of the network is fetched in full when it is first asked for, and kept.
    ///
    /// # Errors
    /// When it is not there, not readable, or may not be fetched.
    pub fn fetch(&self, iri: &str) -> Result<Fetched, TableError> {
        self.fetch_table(iri, &Dialect::default(), Reading::Whole)
    }

    /// Does the same as [`Sources::fetch`], but what is read of standard input is read again by it.
    ///
    /// # Errors
    /// As for [`Sources::fetch`].
    pub fn fetch_ahead(&self, iri: &str) -> Result<Fetched, TableError> {
        self.fetch_table(iri, &Dialect::default(), Reading::Beginning)
    }

    /// Opens a metadata document, or another small text: one of the network may not be large. How much
    /// is read of one that is compressed is for the reader to bound.
    ///
    /// # Errors
    /// As for [`Sources::fetch`].
    pub fn fetch_metadata(&self, iri: &str) -> Result<Fetched, TableError> {
        self.fetch_found(iri, self.find(iri), Purpose::Metadata, Reading::Beginning)
    }

    fn fetch_table(
        &self,
        iri: &str,
        dialect: &Dialect,
        reading: Reading,
    ) -> Result<Fetched, TableError> {
        let told = self.told(iri);
        match self.find(iri) {
            Some(Found::Path(path)) => {
                let input = match pattern(&path) {
                    None if is_pipe(&path) => self.open_pipe(&path, reading, told)?,
                    None => open_file(&path, reading, told)?,
                    Some(pattern) => {
                        let name = relative_to_current(pattern).display().to_string();
                        let starts = Arc::clone(lock(&self.starts).entry(name).or_default());
                        Box::new(Parts::open(pattern, dialect, (reading, told), starts)?)
                    }
                };
                Ok(self.local(iri, input))
            }
            found => self.fetch_found(iri, found, Purpose::Table, reading),
        }
    }

    // What was read of a pipe to look at its beginning is read again, as for standard input.
    fn open_pipe(
        &self,
        path: &Path,
        reading: Reading,
        told: Told,
    ) -> Result<Input<'static>, TableError> {
        let failed = |error| TableError::Io {
            source_name: relative_to_current(path).display().to_string(),
            error,
        };
        let mut pipes = lock(&self.pipes);
        if !pipes.contains_key(path) {
            let pipe = Pipe {
                file: File::open(path).map_err(failed)?,
                peeked: Arc::default(),
            };
            pipes.insert(path.to_owned(), pipe);
        }
        let pipe = &pipes[path];
        let file = pipe.file.try_clone().map_err(failed)?;
        let peeked = Arc::clone(&pipe.peeked);
        let input: Input<'static> = match reading {
            Reading::Beginning => {
                let known = lock(&peeked).clone();
                Box::new(Cursor::new(known).chain(PeekPipe(file, peeked)))
            }
            Reading::Whole => {
                let known = std::mem::take(&mut *lock(&peeked));
                Box::new(Cursor::new(known).chain(file))
            }
        };
        Ok(reading.decompress_stream(input, told.of_path(path)))
    }

    fn fetch_found(
        &self,
        iri: &str,
        found: Option<Found>,
        purpose: Purpose,
        reading: Reading,
    ) -> Result<Fetched, TableError> {
        let told = self.told(iri);
        match found {
            None => Err(TableError::Scheme {
                iri: iri.to_owned(),
            }),
            Some(Found::Remote) => {
                let mut fetched = self.remote.fetch(iri, purpose)?;
                fetched.links.extend(self.extra_links(iri));
                if let Told::As(compression) = told {
                    fetched.input = reading.decompress_stream(fetched.input, compression);
                    return Ok(fetched);
                }
                // A server may have decompressed it on the way.
                let of_name = |name| Compression::of_name(without_query(name));
                let named = of_name(iri).or_else(|| of_name(&fetched.location));
                if named.is_some() {
                    fetched.input = reading.sniff(fetched.input, named);
                }
                Ok(fetched)
            }
            Some(Found::StandardInput) => {
                let input: Input<'static> = match reading {
                    // No thread: it would read on when nobody wants more.
                    Reading::Beginning => {
                        let peeked = lock(&self.peeked).clone();
                        let peek = Peek(Arc::clone(&self.peeked));
                        Box::new(Cursor::new(peeked).chain(peek))
                    }
                    Reading::Whole => {
                        let peeked = std::mem::take(&mut *lock(&self.peeked));
                        Box::new(Cursor::new(peeked).chain(std::io::stdin()))
                    }
                };
                let input = match told {
                    Told::ByName => reading.sniff(input, None),
                    Told::As(compression) => reading.decompress_stream(input, compression),
                };
                Ok(self.local(iri, input))
            }
            Some(Found::Embedded(folder, path)) => match folder.get_file(&path) {
                Some(file) => {
                    let compression = match told {
                        Told::ByName => None,
                        Told::As(compression) => compression,
                    };
                    let input = Box::new(file.contents());
                    Ok(self.local(iri, reading.decompress_stream(input, compression)))
                }
                None => Err(TableError::NotFound {
                    path: path.into(),
                    nearest: None,
                }),
            },
            Some(Found::Outside(path)) => Err(TableError::NotFound {
                path,
                nearest: None,
            }),
            Some(Found::Path(path)) => Ok(self.local(iri, open_file(&path, reading, told)?)),
        }
    }

    /// Gives the diagnostics of tables that are in several files the file, and the line in it; rows
    /// are counted over all files.
    pub fn name_parts(&self, diagnostics: &mut Diagnostics) {
        let tables = lock(&self.starts);
        if tables.is_empty() {
            return;
        }
        diagnostics.amend(&mut |diagnostic| {
            let location = &mut diagnostic.location;
            let starts = location.source.as_ref().and_then(|name| tables.get(name));
            let (Some(starts), Some(line)) = (starts, location.line) else {
                return;
            };
            let starts = lock(starts);
            let Some((start, line)) = Start::place(&starts, line) else {
                return;
            };
            location.source = Some(start.name().to_owned());
            location.line = Some(line);
            if let Some(span) = &mut location.byte_span {
                *span = start.byte(span.start)..start.byte(span.end);
            }
            // Where what is at fault begins on another line, the message ends with that.
            if let Some((text, other)) = diagnostic.message.rsplit_once(" on line ")
                && let Ok(other) = other.parse()
                && let Some((_, line)) = Start::place(&starts, other)
            {
                diagnostic.message = format!("{text} on line {line}");
            }
        });
    }

    /// The file, and the line in it, of a line of a table that is in several files, which goes by the
    /// name that [`Sources::display_name`] gives it.
    pub fn part(&self, table: &str, line: u64) -> Option<(String, u64)> {
        let starts = Arc::clone(lock(&self.starts).get(table)?);
        let starts = lock(&starts);
        Start::place(&starts, line).map(|(start, line)| (start.name().to_owned(), line))
    }

    fn local(&self, iri: &str, input: Input<'static>) -> Fetched {
        Fetched {
            input,
            links: self.extra_links(iri).collect(),
            content_type: None,
            content_language: None,
            location: iri.to_owned(),
        }
    }

    fn extra_links(&self, iri: &str) -> impl Iterator<Item = Link> {
        self.links
            .iter()
            .filter(move |(known, _)| known == iri)
            .flat_map(|(_, links)| links.iter().cloned())
    }

    /// Reads a whole source as UTF-8, without a byte order mark.
    ///
    /// # Errors
    /// As for [`Sources::fetch_metadata`], or when the bytes are not UTF-8.
    pub fn read_to_string(&self, iri: &str) -> Result<String, TableError> {
        let mut bytes = Vec::new();
        self.fetch_metadata(iri)?
            .input
            .read_to_end(&mut bytes)
            .map_err(|error| TableError::Io {
                source_name: self.display_name(iri),
                error,
            })?;
        let text = String::from_utf8(bytes).map_err(|error| TableError::NotUtf8 {
            source_name: self.display_name(iri),
            offset: error.utf8_error().valid_up_to(),
        })?;
        Ok(match text.strip_prefix('\u{FEFF}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })
    }

    fn find(&self, iri: &str) -> Option<Found> {
        for (prefix, mount) in &self.mounts {
            let Some(rest) = iri.strip_prefix(prefix.as_str()) else {
                continue;
            };
            // `…/data` is no prefix of `…/database`.
            let is_below =
                prefix.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?', '#']);
            let relative = || {
                let end = rest.find(['?', '#']).unwrap_or(rest.len());
                iri::percent_decode(rest[..end].trim_start_matches('/'))
            };
            return Some(match mount {
                Mount::Folder(folder) if is_below => {
                    let relative = relative();
                    let path = folder.join(&relative);
                    if stays_below(&relative) {
                        Found::Path(path)
                    } else {
                        Found::Outside(path)
                    }
                }
                Mount::Embedded(folder) if is_below => Found::Embedded(folder, relative()),
                Mount::File(None) if rest.is_empty() => Found::StandardInput,
                Mount::File(Some(path)) if rest.is_empty() => Found::Path(path.clone()),
                _ => continue,
            });
        }
        match iri::to_path(iri) {
            Some(path) => Some(Found::Path(path)),
            None => remote::is_remote(iri).then_some(Found::Remote),
        }
    }
}

// Whether a relative path, percent-decoded, leads to no other folder than the one it is in.
fn stays_below(relative: &str) -> bool {
    !relative.contains('\0')
        && Path::new(relative)
            .components()
            .all(|component| matches!(component, Component::Normal(_) | Component::CurDir))
}

// The path as a pattern, where no file has it as its name.
fn pattern(path: &Path) -> Option<&Path> {
    (glob::is_pattern(path) && !path.exists()).then_some(path)
}

/// Whether a path that is not there is a pattern, such as `part-*.csv`.
pub fn is_pattern(path: &Path) -> bool {
    pattern(path).is_some()
}

/// Whether a path names no file, and files match it as a pattern such as `part-*.csv`.
pub fn matches_files(path: &Path) -> bool {
    pattern(path).is_some_and(|pattern| !glob::expand(pattern).is_empty())
}

fn without_query(iri: &str) -> &str {
    iri.split(['?', '#']).next().unwrap_or_default()
}

/// Opens a file, to read what it holds when its name says that it is compressed.
///
/// # Errors
/// When it is not there or not readable.
pub fn read_file(path: &Path) -> Result<Input<'static>, TableError> {
    open_file(path, Reading::Beginning, Told::ByName)
}

pub(super) fn open_file(
    path: &Path,
    reading: Reading,
    told: Told,
) -> Result<Input<'static>, TableError> {
    let failed = |error| TableError::Io {
        source_name: relative_to_current(path).display().to_string(),
        error,
    };
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_dir()) => {
            Err(failed(ErrorKind::IsADirectory.into()))
        }
        Ok(file) => Ok(match told.of_path(path) {
            Some(compression) => reading.decompress(Packed::File(file), compression),
            None => Box::new(file),
        }),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(not_found(path))
        }
        Err(error) => Err(failed(error)),
    }
}

/// A path as a person in the current folder would write it.
pub fn relative_to_current(path: &Path) -> PathBuf {
    let Ok(current) = std::env::current_dir() else {
        return path.to_owned();
    };
    match path.strip_prefix(&current) {
        Ok(relative) if !relative.as_os_str().is_empty() => relative.to_owned(),
        _ => path.to_owned(),
    }
}

pub(super) fn not_found(path: &Path) -> TableError {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let near = if glob::is_pattern(path) {
        // What has most of its beginning in common, the first of several.
        let common = |other: &String| {
            let pairs = name.chars().zip(other.chars());
            pairs.take_while(|(one, two)| one == two).count()
        };
        let found = names.iter().rev().max_by_key(|other| common(other));
        found.filter(|found| common(found) > 0).map(String::as_str)
    } else {
        nearest(&name, names.iter().map(String::as_str))
    };
    TableError::NotFound {
        nearest: near.map(str::to_owned),
        path: relative_to_current(path),
    }
}
