//! Where bytes come from: files, folders mounted under an IRI prefix, folders in the binary.
//!
//! In: the IRI of a source. Out: its bytes, and the name by which a user knows it.

use super::TableError;
use super::reader::Input;
use crate::diagnostic::nearest;
use crate::rdf::iri;
use include_dir::Dir;
use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
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

/// Finds sources by their IRI: mounted prefixes first (the longest), then `file:` IRIs.
///
/// Nothing is ever fetched from a network.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    mounts: Vec<(String, Mount)>,
    // What was read of standard input ahead of its turn.
    peeked: Arc<Mutex<Vec<u8>>>,
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

    /// The name of a source for messages: a path where there is one.
    pub fn display_name(&self, iri: &str) -> String {
        match self.find(iri) {
            Some(Found::Path(path)) => relative_to_current(&path).display().to_string(),
            Some(Found::Embedded(_, path)) => path,
            Some(Found::StandardInput) => "<stdin>".to_owned(),
            None => iri.to_owned(),
        }
    }

    /// The size of a source in bytes, if it is known beforehand.
    pub fn size(&self, iri: &str) -> Option<u64> {
        match self.find(iri)? {
            Found::Path(path) => Some(path.metadata().ok()?.len()),
            Found::Embedded(folder, path) => Some(folder.get_file(&path)?.contents().len() as u64),
            Found::StandardInput => None,
        }
    }

    /// Opens a source to look at its beginning: what is read of standard input is read again by
    /// [`Sources::open`].
    ///
    /// # Errors
    /// As for [`Sources::open`].
    pub fn peek(&self, iri: &str) -> Result<Input<'static>, TableError> {
        match self.find(iri) {
            Some(Found::StandardInput) => Ok(Box::new(Peek(Arc::clone(&self.peeked)))),
            _ => self.open(iri),
        }
    }

    /// Opens a source.
    ///
    /// # Errors
    /// When it is not there, not readable or not local.
    pub fn open(&self, iri: &str) -> Result<Input<'static>, TableError> {
        match self.find(iri) {
            None => Err(TableError::Remote {
                iri: iri.to_owned(),
            }),
            Some(Found::StandardInput) => {
                let peeked = std::mem::take(&mut *lock(&self.peeked));
                Ok(Box::new(Cursor::new(peeked).chain(std::io::stdin())))
            }
            Some(Found::Embedded(folder, path)) => match folder.get_file(&path) {
                Some(file) => Ok(Box::new(file.contents())),
                None => Err(TableError::NotFound {
                    path: path.into(),
                    nearest: None,
                }),
            },
            Some(Found::Path(path)) => match File::open(&path) {
                Ok(file) if file.metadata().is_ok_and(|metadata| metadata.is_dir()) => {
                    Err(TableError::Io {
                        source_name: relative_to_current(&path).display().to_string(),
                        error: ErrorKind::IsADirectory.into(),
                    })
                }
                Ok(file) => Ok(Box::new(file)),
                Err(error) if error.kind() == ErrorKind::NotFound => Err(not_found(&path)),
                Err(error) => Err(TableError::Io {
                    source_name: relative_to_current(&path).display().to_string(),
                    error,
                }),
            },
        }
    }

    /// Reads a whole source as UTF-8, without a byte order mark.
    ///
    /// # Errors
    /// As for [`Sources::open`], or when the bytes are not UTF-8.
    pub fn read_to_string(&self, iri: &str) -> Result<String, TableError> {
        let mut bytes = Vec::new();
        self.open(iri)?
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
            let end = rest.find(['?', '#']).unwrap_or(rest.len());
            // No absolute path: it would leave the folder.
            let relative = iri::percent_decode(rest[..end].trim_start_matches('/'));
            return match mount {
                Mount::Folder(folder) => Some(Found::Path(folder.join(relative))),
                Mount::Embedded(folder) => Some(Found::Embedded(folder, relative)),
                Mount::File(None) if rest.is_empty() => Some(Found::StandardInput),
                Mount::File(Some(path)) if rest.is_empty() => Some(Found::Path(path.clone())),
                Mount::File(_) => continue,
            };
        }
        iri::to_path(iri).map(Found::Path)
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
