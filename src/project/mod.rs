//! A project folder: tables with their metadata, an ontology, queries, settings.
//!
//! In: a folder, or the one that is compiled into the binary. Out: its settings and the texts of
//! its files, with the base IRI that is wanted. Nothing here knows what a project is about.

mod embedded;
mod settings;

pub use settings::{Paths, Settings};

use crate::diagnostic::{Diagnostic, Location};
use crate::rdf::iri;
use crate::rdf::prefixes::{PrefixError, Prefixes};
use crate::table::{Mount, Sources, TableError};
use std::path::{Path, PathBuf};

/// The name of the settings file.
const SETTINGS_FILE: &str = "kg.toml";

/// A project that is open.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its settings.
    pub settings: Settings,
    /// The IRI that the folder is published under; ends in a slash.
    pub base: String,
    /// Where its sources are found.
    pub sources: Sources,
    /// The prefixes of its output.
    pub prefixes: Prefixes,
    written_base: String,
    files: Files,
}

#[derive(Debug, Clone)]
enum Files {
    Folder(PathBuf),
    Embedded,
}

/// A text file of a project, with the base IRI replaced where another is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile {
    /// The name without its ending.
    pub stem: String,
    /// The file, as the user would name it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Why a project cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// The folder is not a project.
    #[error("`{}` is not a project folder: it has neither `{SETTINGS_FILE}` nor `data/csv-metadata.json`", .0.display())]
    NotAProject(PathBuf),
    /// The folder is not there.
    #[error("no folder `{}`", .0.display())]
    NoFolder(PathBuf),
    /// The settings are wrong.
    #[error("{}", .0.message)]
    Settings(Box<Diagnostic>),
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] TableError),
}

impl ProjectError {
    /// The same as a diagnostic.
    pub fn to_diagnostic(&self) -> Diagnostic {
        match self {
            Self::Settings(diagnostic) => (**diagnostic).clone(),
            Self::File(error) => error.to_diagnostic(),
            Self::NotAProject(folder) => Diagnostic::error(
                "project::not-a-project",
                self.to_string(),
                Location::of_source(folder.display().to_string()),
            )
            .with_help("give a folder with `data/`, `ontology/` and `queries/` to `--project`"),
            Self::NoFolder(folder) => Diagnostic::error(
                "project::no-folder",
                self.to_string(),
                Location::of_source(folder.display().to_string()),
            )
            .with_help("give an existing folder to `--project`"),
        }
    }
}

impl Project {
    /// Opens the folder given, else the current one if it is a project, else the embedded one.
    ///
    /// `base` is the IRI to publish under instead of the one in the settings.
    ///
    /// # Errors
    /// When the folder is not a project or its settings are wrong.
    pub fn find(folder: Option<&Path>, base: Option<&str>) -> Result<Self, ProjectError> {
        match folder {
            Some(folder) if !folder.is_dir() => Err(ProjectError::NoFolder(folder.to_owned())),
            Some(folder) if !is_project(folder) => {
                Err(ProjectError::NotAProject(folder.to_owned()))
            }
            Some(folder) => Self::open(folder, base),
            None if is_project(Path::new(".")) => Self::open(Path::new("."), base),
            None => Self::embedded(base),
        }
    }

    /// Opens a folder.
    ///
    /// # Errors
    /// When its settings are wrong.
    pub fn open(folder: &Path, base: Option<&str>) -> Result<Self, ProjectError> {
        let folder = folder.canonicalize().map_err(|error| TableError::Io {
            source_name: folder.display().to_string(),
            error,
        })?;
        let settings_path = folder.join(SETTINGS_FILE);
        let settings = if settings_path.exists() {
            let sources = Sources::new();
            let settings_iri = iri::from_path(&settings_path);
            let text = sources.read_to_string(&settings_iri)?;
            parse_settings(&sources.display_name(&settings_iri), &text)?
        } else {
            Settings::default()
        };
        let own = iri::from_path(&folder.join(""));
        let name = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        Self::assemble(settings, base, own, name, Files::Folder(folder))
    }

    /// Opens the project that is compiled into the binary.
    ///
    /// # Errors
    /// When its settings are wrong, or the base wanted is.
    pub fn embedded(base: Option<&str>) -> Result<Self, ProjectError> {
        let settings = parse_settings(SETTINGS_FILE, embedded::SETTINGS)?;
        Self::assemble(
            settings,
            base,
            "urn:project:".to_owned(),
            None,
            Files::Embedded,
        )
    }

    fn assemble(
        mut settings: Settings,
        base: Option<&str>,
        own: String,
        name: Option<String>,
        files: Files,
    ) -> Result<Self, ProjectError> {
        let configured = settings.base.clone().unwrap_or(own);
        let written_base = settings
            .source_base
            .clone()
            .unwrap_or_else(|| configured.clone());
        let place = if base.is_some() {
            "--base"
        } else {
            SETTINGS_FILE
        };
        let base = base.map_or(configured, str::to_owned);
        let wrong = |message: String, help: &str| {
            let location = Location::of_source(place);
            let diagnostic =
                Diagnostic::error("project::settings", message, location).with_help(help);
            ProjectError::Settings(Box::new(diagnostic))
        };
        if let Err(error) = iri::check(&base) {
            return Err(wrong(
                format!("the base `{base}` is not an absolute IRI: {error}"),
                "write one such as `https://example.org/`",
            ));
        }
        // What is relative has to stay under it.
        let is_folder = iri::resolve(&base, "x").is_ok_and(|under| under == format!("{base}x"));
        if !is_folder {
            return Err(wrong(
                format!("the base `{base}` is not the IRI of a folder, which ends in `/`"),
                "write one such as `https://example.org/`",
            ));
        }
        if settings.name.is_none() {
            settings.name = Some(name.unwrap_or_else(|| "graph".to_owned()));
        }
        let mut prefixes = Prefixes::well_known();
        for (prefix, namespace) in &settings.prefixes {
            let resolved = match namespace.strip_prefix(&written_base) {
                Some(rest) => format!("{base}{rest}"),
                None => iri::resolve(&base, namespace).map_err(|error| {
                    wrong(
                        format!("the namespace `{namespace}` is not an IRI: {error}"),
                        "write an IRI, or one relative to the base such as `id/`",
                    )
                })?,
            };
            prefixes
                .insert(prefix.as_str(), resolved)
                .map_err(|error: PrefixError| {
                    wrong(error.to_string(), "write prefixes such as `ex = \"id/\"`")
                })?;
        }
        let mut sources = Sources::new();
        sources = match &files {
            Files::Folder(folder) => sources.with_mount(&base, Mount::Folder(folder.clone())),
            Files::Embedded => {
                sources.with_mount(format!("{base}data/"), Mount::Embedded(&embedded::DATA))
            }
        };
        Ok(Self {
            settings,
            base,
            sources,
            prefixes,
            written_base,
            files,
        })
    }

    /// The short name, which names output files.
    pub fn name(&self) -> &str {
        self.settings.name.as_deref().unwrap_or("graph")
    }

    /// The folder, unless the project is the embedded one.
    pub fn folder(&self) -> Option<&Path> {
        match &self.files {
            Files::Folder(folder) => Some(folder),
            Files::Embedded => None,
        }
    }

    /// The IRI of the metadata document.
    pub fn metadata_iri(&self) -> String {
        format!("{}{}", self.base, self.settings.paths.metadata)
    }

    /// The IRI of a graph of the project, such as `inferred`.
    pub fn graph_iri(&self, name: &str) -> String {
        format!("{}graph/{name}", self.base)
    }

    /// A property named in the settings: a prefixed name or an IRI.
    pub fn expand(&self, name: &str) -> String {
        match self.prefixes.expand(name) {
            Some(iri) => iri,
            None => self.rebased(name),
        }
    }

    /// The ontology files: Turtle, without the shapes, in the order of their names.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn ontology(&self) -> Result<Vec<ProjectFile>, ProjectError> {
        let paths = &self.settings.paths;
        let files = self.texts(&paths.ontology, "ttl")?;
        let shapes = Path::new(&paths.shapes).file_stem().unwrap_or_default();
        Ok(files
            .into_iter()
            .filter(|file| *file.stem != *shapes)
            .collect())
    }

    /// The shapes, if there are any.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn shapes(&self) -> Result<Option<ProjectFile>, ProjectError> {
        let path = Path::new(&self.settings.paths.shapes);
        let folder = path
            .parent()
            .unwrap_or(Path::new(""))
            .to_string_lossy()
            .into_owned();
        let stem = path.file_stem().unwrap_or_default();
        Ok(self
            .texts(&folder, "ttl")?
            .into_iter()
            .find(|file| *file.stem == *stem))
    }

    /// The rules, in the order of their names.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn rules(&self) -> Result<Vec<ProjectFile>, ProjectError> {
        self.texts(&self.settings.paths.rules, "rq")
    }

    /// The queries, in the order of their names.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn queries(&self) -> Result<Vec<ProjectFile>, ProjectError> {
        self.texts(&self.settings.paths.queries, "rq")
    }

    /// A text with the base IRI that is wanted in place of the one it is written with.
    pub fn rebased(&self, text: &str) -> String {
        if self.base == self.written_base {
            text.to_owned()
        } else {
            text.replace(&self.written_base, &self.base)
        }
    }

    // The files of a folder with an ending, by name; a folder that is not there has none.
    fn texts(&self, folder: &str, ending: &str) -> Result<Vec<ProjectFile>, ProjectError> {
        let mut found = match &self.files {
            Files::Folder(root) => read_folder(&root.join(folder), ending)?,
            Files::Embedded => embedded::read_folder(folder, ending),
        };
        found.sort_by(|a, b| a.name.cmp(&b.name));
        for file in &mut found {
            file.text = self.rebased(&file.text);
        }
        Ok(found)
    }
}

fn is_project(folder: &Path) -> bool {
    folder.join(SETTINGS_FILE).is_file() || folder.join("data/csv-metadata.json").is_file()
}

fn parse_settings(name: &str, text: &str) -> Result<Settings, ProjectError> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let location = Location::in_text(name, text, span);
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let diagnostic = Diagnostic::error("project::settings", message, location)
            .with_help("the settings are described in the README, under \"A project of your own\"");
        ProjectError::Settings(Box::new(diagnostic))
    })
}

fn read_folder(folder: &Path, ending: &str) -> Result<Vec<ProjectFile>, ProjectError> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let sources = Sources::new();
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || !path.is_file() || path.extension().is_none_or(|found| found != ending) {
            continue;
        }
        let file_iri = iri::from_path(&path);
        files.push(ProjectFile {
            stem: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            name: sources.display_name(&file_iri),
            text: sources.read_to_string(&file_iri)?,
        });
    }
    Ok(files)
}
