//! A folder for one test, and the program run in it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use insta::internals::SettingsBindDropGuard;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A folder that is there as long as its test; what names it is filtered out of snapshots.
pub(crate) struct Sandbox {
    folder: TempDir,
    _settings: SettingsBindDropGuard,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = insta::Settings::clone_current();
        let path = folder.path().canonicalize().unwrap();
        settings.add_filter(&regex::escape(&path.display().to_string()), "[FOLDER]");
        settings.add_filter(r"\d+\.\d\d s\b", "[TIME] s");
        settings.add_filter(r"\.coalition-kg-\w+\.partial", "[PARTIAL]");
        settings.add_filter(&regex::escape(env!("CARGO_PKG_VERSION")), "[VERSION]");
        settings.set_omit_expression(true);
        Self {
            folder,
            _settings: settings.bind_to_scope(),
        }
    }

    /// A copy of the second project: a small observatory.
    pub(crate) fn observatory() -> Self {
        let sandbox = Self::new();
        copy(&observatory(), sandbox.folder.path());
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) -> &Self {
        std::fs::remove_file(self.path(name)).unwrap();
        self
    }

    /// Replaces a text, which has to be there, in a file.
    pub(crate) fn replace(&self, name: &str, from: &str, to: &str) -> &Self {
        let text = self.read(name);
        assert!(text.contains(from), "`{name}` has no `{from}`");
        self.write(name, text.replace(from, to))
    }

    /// All files with their bytes, to see what a command left behind.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        collect(self.folder.path(), &mut found);
        found
    }

    /// The program, ready to run here, without the caller's environment.
    pub(crate) fn command(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coalition-kg"));
        command
            .args(arguments)
            .current_dir(self.folder.path().canonicalize().unwrap())
            .env_clear()
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    /// Runs the program with a text on standard input.
    pub(crate) fn run_with_input(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        input: impl AsRef<[u8]>,
    ) -> Ended {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that does not read its input closes the pipe.
        drop(stdin.write_all(input.as_ref()));
        drop(stdin);
        Ended::from(child.wait_with_output().unwrap())
    }

    /// Runs the program where a file of an earlier run stands, and sees that nothing is touched.
    pub(crate) fn refuse(&self, arguments: &[&str]) -> Ended {
        self.write("build/observatory.ttl", "an earlier graph\n");
        self.write("build/observatory.void.ttl", "an earlier description\n");
        let before = self.files();
        let ended = self.run(arguments);
        let after = self.files();
        for (path, bytes) in &before {
            assert!(
                after.get(path) == Some(bytes),
                "{} was touched\n{ended}",
                path.display()
            );
        }
        let left: Vec<_> = after
            .keys()
            .filter(|path| !before.contains_key(*path))
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}\n{ended}");
        ended
    }
}

/// How a run ended; its display is what snapshots hold.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Standard output of a run that went well.
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self}");
        self.stdout
    }

    /// The lines of standard error that hold a text.
    pub(crate) fn lines_with(&self, text: &str) -> usize {
        self.stderr
            .lines()
            .filter(|line| line.contains(text))
            .count()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit code: {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "----- {name} -----")?;
                for line in text.lines() {
                    writeln!(f, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }
}

/// The folder of the second project.
pub(crate) fn observatory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects/observatory")
}

/// A file of the repository.
pub(crate) fn repository_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a text, sorted by their bytes.
pub(crate) fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
}
