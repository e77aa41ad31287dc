//! Where bytes come from: files, folders mounted under an IRI prefix, folders in the binary, and
//! what `remote` fetches.
//!
//! In: the IRI of a source. Out: its bytes, what was sent along with them, and the name by which a
//! user knows it.

use super::TableError;
use super::link::Link;
use super::reader::Input;
use super::remote::{self, NetworkPolicy, Purpose, Remote};
use crate::diagnostic::nearest;
use crate::rdf::iri;
use include_dir::Dir;
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

fn lock(bytes: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// The size of a source in bytes, if it is known beforehand.
    pub fn size(&self, iri: &str) -> Option<u64> {
        match self.find(iri)? {
            Found::Path(path) => Some(path.metadata().ok()?.len()),
            Found::Embedded(folder, path) => Some(folder.get_file(&path)?.contents().len() as u64),
            Found::StandardInput | Found::Outside(_) => None,
            Found::Remote => self.remote.size(iri),
        }
    }

    /// Opens a source to look at its beginning: what is read of standard input is read again by
    /// [`Sources::open`].
    ///
    /// # Errors
    /// As for [`Sources::fetch`].
    pub fn peek(&self, iri: &str) -> Result<Input<'static>, TableError> {
        Ok(self.fetch_ahead(iri)?.input)
    }

    /// Opens a table.
    ///
    /// # Errors
    /// As for [`Sources::fetch`].
    pub fn open(&self, iri: &str) -> Result<Input<'static>, TableError> {
        Ok(self.fetch(iri)?.input)
    }

    /// Whether a source can be opened at any byte, again and again: a file that is no pipe or device,
    /// or one in the binary.
    pub fn can_open_at(&self, iri: &str) -> bool {
        match self.find(iri) {
            Some(Found::Path(path)) => path.metadata().is_ok_and(|metadata| metadata.is_file()),
            Some(Found::Embedded(..)) => true,
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
                let mut file = open_file(&path)?;
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

    /// Opens a table, with what came along with it.
    ///
    /// A document of the network is fetched in full when it is first asked for, and kept.
    ///
    /// # Errors
    /// When it is not there, not readable, or may not be fetched.
    pub fn fetch(&self, iri: &str) -> Result<Fetched, TableError> {
        self.fetch_for(iri, Purpose::Table)
    }

    /// Does the same as [`Sources::fetch`], but what is read of standard input is read again by it.
    ///
    /// # Errors
    /// As for [`Sources::fetch`].
    pub fn fetch_ahead(&self, iri: &str) -> Result<Fetched, TableError> {
        match self.find(iri) {
            Some(Found::StandardInput) => {
                Ok(self.local(iri, Box::new(Peek(Arc::clone(&self.peeked)))))
            }
            _ => self.fetch(iri),
        }
    }

    /// Opens a metadata document, or another small text: one of the network may not be large.
    ///
    /// # Errors
    /// As for [`Sources::fetch`].
    pub fn fetch_metadata(&self, iri: &str) -> Result<Fetched, TableError> {
        self.fetch_for(iri, Purpose::Metadata)
    }

    fn fetch_for(&self, iri: &str, purpose: Purpose) -> Result<Fetched, TableError> {
        match self.find(iri) {
            None => Err(TableError::Scheme {
                iri: iri.to_owned(),
            }),
            Some(Found::Remote) => {
                let mut fetched = self.remote.fetch(iri, purpose)?;
                fetched.links.extend(self.extra_links(iri));
                Ok(fetched)
            }
            Some(Found::StandardInput) => {
                let peeked = std::mem::take(&mut *lock(&self.peeked));
                Ok(self.local(iri, Box::new(Cursor::new(peeked).chain(std::io::stdin()))))
            }
            Some(Found::Embedded(folder, path)) => match folder.get_file(&path) {
                Some(file) => Ok(self.local(iri, Box::new(file.contents()))),
                None => Err(TableError::NotFound {
                    path: path.into(),
                    nearest: None,
                }),
            },
            Some(Found::Outside(path)) => Err(TableError::NotFound {
                path,
                nearest: None,
            }),
            Some(Found::Path(path)) => Ok(self.local(iri, Box::new(open_file(&path)?))),
        }
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

fn open_file(path: &Path) -> Result<File, TableError> {
    let failed = |error| TableError::Io {
        source_name: relative_to_current(path).display().to_string(),
        error,
    };
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_dir()) => {
            Err(failed(ErrorKind::IsADirectory.into()))
        }
        Ok(file) => Ok(file),
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

fn not_found(path: &Path) -> TableError {
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
    TableError::NotFound {
        nearest: nearest(&name, names.iter().map(String::as_str)).map(str::to_owned),
        path: relative_to_current(path),
    }
}
