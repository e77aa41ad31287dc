//! Output that is there in full or not at all.
//!
//! In: bytes. Out: a file under its final name once [`Output::commit`] is called, else nothing: a
//! file that stood there before stays as it was. A name that ends like that of a compressed file or
//! archive makes one. Folders that are not there are an error, or made together with the file
//! ([`Folders`]).
//!
//! Until then the bytes are in a temporary file beside it, which is locked as long as the program
//! lives. Where it is killed the file stays, and the next output into the folder takes it away.

use super::SinkError;
use super::pack::Packer;
use crate::compression::Compression;
use crate::rdf::hexadecimal;
use sha2::{Digest as _, Sha256};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// The temporary files that are being written.
static PARTIAL: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Takes away the temporary files that are being written: for a program that is about to end
/// without unwinding.
pub fn discard_partial_files() {
    for path in partial_files().drain(..) {
        // Nothing is left to do where that fails.
        drop(std::fs::remove_file(path));
    }
}

fn partial_files() -> MutexGuard<'static, Vec<PathBuf>> {
    PARTIAL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the names of temporary files begin and end.
const PREFIX: &str = ".coalition-kg-";
const SUFFIX: &str = ".partial";

/// How many bytes are gathered before they are written.
const BUFFER: usize = 128 * 1024;

/// Standard output, or a file that is renamed into place at the end.
pub struct Output {
    name: String,
    writer: Writer,
    packer: Option<Box<Packer>>,
    digest: Option<Box<Digest>>,
}

/// What bytes add up to.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    /// Their number.
    pub bytes: u64,
    /// How many of them are LF.
    pub lines: u64,
    /// Whether the last of them is LF.
    pub ends_with_line: bool,
    hash: Sha256,
}

impl Digest {
    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else {
            return;
        };
        self.bytes += bytes.len() as u64;
        self.lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.ends_with_line = *last == b'\n';
        self.hash.update(bytes);
    }

    /// Their SHA-256 in hexadecimal digits.
    pub fn sha256(&self) -> String {
        hexadecimal(&self.hash.clone().finalize())
    }
}

enum Writer {
    Standard(BufWriter<io::Stdout>),
    File(BufWriter<NamedTempFile>, PathBuf),
    // A pipe or device, which nothing can be renamed to.
    Special(BufWriter<std::fs::File>),
}

/// The folders in which an output stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folders {
    /// They have to be there.
    AreThere,
    /// Those that are not there are made when the output is put under its name, not before.
    AreMade,
}

/// An output that is written in full, and not yet under its name.
#[must_use = "it is under its name only after `commit`"]
pub struct Complete {
    name: String,
    file: Option<(NamedTempFile, PathBuf)>,
}

impl Complete {
    /// Puts a file under its name; its folders are made if they are not there.
    ///
    /// # Errors
    /// When the file cannot be renamed or its folder cannot be made.
    pub fn commit(self) -> Result<(), SinkError> {
        let Some((file, path)) = self.file else {
            return Ok(());
        };
        let fail = |error| Output::error(&self.name, error);
        let folder = parent(&path);
        if !folder.is_dir() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        let partial = file.path().to_owned();
        file.persist(&path).map_err(|error| fail(error.error))?;
        partial_files().retain(|known| *known != partial);
        Ok(())
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

impl Output {
    /// Writes to standard output.
    pub fn standard() -> Self {
        Self {
            name: "<stdout>".to_owned(),
            writer: Writer::Standard(BufWriter::with_capacity(BUFFER, io::stdout())),
            packer: None,
            digest: None,
        }
    }

    /// Writes to a file, by way of a temporary one in the same folder, and compresses where the name
    /// says so (`graph.nt.gz`, `graph.nt.zst`, `graph.nt.tar.xz`), with as many threads as the machine has.
    ///
    /// # Errors
    /// When the folder is not there or cannot be written to.
    pub fn file(path: &Path) -> Result<Self, SinkError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self::file_with_threads(path, threads)
    }

    /// Does the same as [`Output::file`] with another number of threads, which makes no difference to
    /// the bytes.
    ///
    /// # Errors
    /// As for [`Output::file`].
    pub fn file_with_threads(path: &Path, threads: usize) -> Result<Self, SinkError> {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        let compression = Compression::of_name(&file_name);
        Self::compressed(path, compression, Folders::AreThere, threads)
    }

    /// Does the same with the compression named, whatever the name of the file tells. What is in an
    /// archive has the name of the file without the archive's ending.
    ///
    /// # Errors
    /// As for [`Output::file`].
    pub fn compressed(
        path: &Path,
        compression: Option<Compression>,
        folders: Folders,
        threads: usize,
    ) -> Result<Self, SinkError> {
        // Opened first: without an output no thread is begun.
        let mut output = Self::uncompressed(path, folders)?;
        if let Some(compression) = compression {
            let file_name = path.file_name().unwrap_or_default().to_string_lossy();
            let packer = Packer::new(compression, Compression::split(&file_name).0, threads);
            let packer = packer.map_err(|error| Self::error(&output.name, error))?;
            output.packer = Some(Box::new(packer));
        }
        Ok(output)
    }

    fn uncompressed(path: &Path, folders: Folders) -> Result<Self, SinkError> {
        let name = path.display().to_string();
        let fail = |error| SinkError::Io {
            name: name.clone(),
            error,
        };
        let metadata = std::fs::metadata(path).ok();
        if metadata.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(fail(io::ErrorKind::IsADirectory.into()));
        }
        if metadata
            .as_ref()
            .is_some_and(|metadata| metadata.permissions().readonly())
        {
            return Err(fail(io::ErrorKind::PermissionDenied.into()));
        }
        if metadata
            .as_ref()
            .is_some_and(|metadata| !metadata.is_file())
        {
            let file = std::fs::File::options()
                .write(true)
                .open(path)
                .map_err(fail)?;
            return Ok(Self {
                name,
                writer: Writer::Special(BufWriter::with_capacity(BUFFER, file)),
                packer: None,
                digest: None,
            });
        }
        // A symbolic link stays one: what it points to is replaced.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = match folders {
            Folders::AreThere => parent(&target),
            // The nearest one that is there: the others are made at the end.
            Folders::AreMade => {
                let mut folder = parent(&target);
                while !folder.exists() && folder != Path::new(".") {
                    folder = parent(folder);
                }
                folder
            }
        };
        if !folder.is_dir() {
            let reason = "the folder is not there";
            return Err(fail(io::Error::new(io::ErrorKind::NotFound, reason)));
        }
        lock::remove_abandoned(folder);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        #[cfg(unix)]
        {
            // As the shell would make it; the umask takes away what the user does not want.
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let old_permissions = metadata.map(|metadata| metadata.permissions());
        // The name of the temporary file would only confuse.
        let file = lock::temporary(&builder, folder).map_err(|error| fail(error.kind().into()))?;
        partial_files().push(file.path().to_owned());
        if let Some(permissions) = old_permissions {
            // Who could read the old file can read the new one, and nobody else.
            file.as_file().set_permissions(permissions).map_err(fail)?;
        }
        Ok(Self {
            name,
            writer: Writer::File(BufWriter::with_capacity(BUFFER, file), target),
            packer: None,
            digest: None,
        })
    }

    /// Adds up what is written from here on.
    #[must_use]
    pub fn with_digest(mut self) -> Self {
        self.digest = Some(Box::default());
        self
    }

    /// What the bytes written so far add up to, where [`Output::with_digest`] asked for it.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_deref()
    }

    /// The output, as the user would name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Wraps an error of a writer over this output.
    pub fn error(name: &str, error: io::Error) -> SinkError {
        SinkError::Io {
            name: name.to_owned(),
            error,
        }
    }

    /// Ends the output: flushes it and puts a file under its name.
    ///
    /// # Errors
    /// When the last bytes cannot be written or the file cannot be renamed.
    pub fn commit(self) -> Result<(), SinkError> {
        self.complete()?.commit()
    }

    /// Ends the output and flushes it, so that nothing is left to do but to put a file under its name:
    /// for several that should be there together.
    ///
    /// # Errors
    /// When the last bytes cannot be written.
    pub fn complete(self) -> Result<Complete, SinkError> {
        let Self {
            name,
            mut writer,
            packer,
            ..
        } = self;
        if let Some(packer) = packer {
            let finished = packer.finish(&mut writer);
            finished.map_err(|error| Self::error(&name, error))?;
        }
        let file = match writer {
            Writer::Standard(mut writer) => writer.flush().map(|()| None),
            Writer::Special(mut writer) => writer.flush().map(|()| None),
            Writer::File(writer, path) => writer
                .into_inner()
                .map_err(io::IntoInnerError::into_error)
                .map(|file| Some((file, path))),
        };
        match file {
            Ok(file) => Ok(Complete { name, file }),
            Err(error) => Err(Self::error(&name, error)),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = match &mut self.packer {
            Some(packer) => {
                packer.write(bytes, &mut self.writer)?;
                bytes.len()
            }
            None => self.writer.write(bytes)?,
        };
        if let Some(digest) = &mut self.digest {
            digest.update(&bytes[..length]);
        }
        Ok(length)
    }

    // What is compressed is not flushed: blocks end where they do.
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(writer) => writer.write(bytes),
            Self::File(writer, _) => writer.write(bytes),
            Self::Special(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(writer) => writer.flush(),
            Self::File(writer, _) => writer.flush(),
            Self::Special(writer) => writer.flush(),
        }
    }
}

/// Temporary files of programs that were killed: what nobody holds a lock on.
#[cfg(unix)]
mod lock {
    use super::{PREFIX, SUFFIX};
    use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
    use std::io;
    use std::path::Path;
    use tempfile::{Builder, NamedTempFile};

    /// How often a new file may be taken away before it is locked.
    const ATTEMPTS: usize = 16;

    /// Makes a temporary file that is locked. Without locks, as some file systems have none, it is made
    /// all the same, and stays where the program is killed.
    pub(super) fn temporary(builder: &Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
        let mut file = builder.tempfile_in(folder)?;
        for _ in 0..ATTEMPTS {
            let locked = flock(file.as_file(), FlockOperation::NonBlockingLockExclusive);
            // Another program may have taken it for abandoned in between.
            let is_lost = match locked {
                Ok(()) => !file.path().exists(),
                Err(error) => error == rustix::io::Errno::WOULDBLOCK,
            };
            if !is_lost {
                break;
            }
            file = builder.tempfile_in(folder)?;
        }
        Ok(file)
    }

    /// Takes away the temporary files in a folder that no program writes any more.
    pub(super) fn remove_abandoned(folder: &Path) {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_ours = name
                .to_str()
                .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
            if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                continue;
            }
            let path = entry.path();
            // What cannot be opened or locked is not ours to remove; a pipe that somebody put in its place
            // since is not waited for.
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            if let Ok(file) = open(&path, flags, Mode::empty())
                && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
            {
                drop(std::fs::remove_file(path));
            }
        }
    }
}

#[cfg(not(unix))]
mod lock {
    use std::io;
    use std::path::Path;
    use tempfile::{Builder, NamedTempFile};

    pub(super) fn temporary(builder: &Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
        builder.tempfile_in(folder)
    }

    // A file that is open cannot be removed there, but neither is it known whether one is abandoned.
    pub(super) fn remove_abandoned(_: &Path) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_at_the_end_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.nt");
        std::fs::write(&path, "before").unwrap();
        let mut output = Output::file(&path).unwrap();
        output.write_all(b"after").unwrap();
        drop(output);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
        let mut output = Output::file(&path).unwrap();
        output.write_all(b"after").unwrap();
        output.commit().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let Err(error) = Output::file(Path::new("no/such/folder/out.nt")) else {
            panic!("there is no such folder");
        };
        assert!(
            error.to_string().contains("no/such/folder/out.nt"),
            "{error}"
        );
    }
}
