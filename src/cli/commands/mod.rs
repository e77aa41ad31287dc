//! One file for each subcommand.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod merge;
pub(crate) mod plan;
pub(crate) mod property_graph;
pub(crate) mod push;
mod push_address;
mod push_bolt;
pub(crate) mod query;
pub(crate) mod translate;
pub(crate) mod validate;
mod validate_tables;

use super::Context;
use super::exit::{Failure, Outcome};
use super::progress::Display;
use crate::diagnostic::Diagnostics;
use crate::pipeline::{self, Load, Mapping, Parts};
use crate::project::Project;
use oxigraph::store::Store;
use std::path::Path;

impl Context {
    /// The project that the global options name.
    fn project(&self) -> Result<Project, Failure> {
        let folder = self.global.project.as_deref();
        Ok(Project::find(folder, self.global.base.as_deref())?)
    }

    /// A progress display.
    fn display(&self) -> Display {
        Display::new(&self.global, &self.interrupt)
    }

    /// The mapping of a project; without one, what is wrong is shown and the command ends.
    fn mapping(&mut self, project: &Project, diagnostics: &mut Diagnostics) -> Option<Mapping> {
        let mapping = pipeline::read_mapping(project, diagnostics);
        if mapping.is_none() {
            self.reporter.diagnostics(diagnostics);
        }
        mapping
    }

    /// The graph of a project in memory; where its data has errors, they are shown.
    fn load(&mut self, project: &Project, parts: Parts) -> Result<Store, Failure> {
        let mut diagnostics = Diagnostics::new();
        let Some(mapping) = self.mapping(project, &mut diagnostics) else {
            return Err(Failure::Reported(Outcome::CouldNotRun));
        };
        let store = new_store()?;
        let mut display = self.display();
        let load = Load {
            parts,
            ..Load::default()
        };
        let report = pipeline::load_parts(
            project,
            &mapping,
            &store,
            load,
            &mut diagnostics,
            &mut |progress| display.step(progress),
        )?;
        drop(display);
        self.reporter.diagnostics(&diagnostics);
        if diagnostics.errors() == 0 {
            Ok(store)
        } else if report.run.is_readable() {
            Err(Failure::Reported(Outcome::Errors))
        } else {
            Err(Failure::Reported(Outcome::CouldNotRun))
        }
    }

    /// The store on disk, or as much of the project's graph in memory as is asked for.
    fn store(
        &mut self,
        project: &Project,
        folder: Option<&Path>,
        parts: Parts,
    ) -> Result<Store, Failure> {
        match folder {
            Some(folder) => open_store(folder),
            None => self.load(project, parts),
        }
    }
}

fn new_store() -> Result<Store, Failure> {
    Store::new().map_err(|error| Failure::from(crate::sink::SinkError::Store(error)))
}

/// Leaves a store in memory as it is at the end of a command: the system takes back its memory at
/// once, piece by piece it takes a tenth of the time of loading.
fn leave(store: Store) {
    std::mem::forget(store);
}

/// Opens a store on disk that is there, to be read.
#[cfg(feature = "rocksdb")]
fn open_store(folder: &Path) -> Result<Store, Failure> {
    if !folder.is_dir() {
        return Err(crate::diagnostic::Diagnostic::error(
            "store::not-found",
            format!("no store `{}`", folder.display()),
            crate::diagnostic::Location::of_source(folder.display().to_string()),
        )
        .with_help("make it with `coalition-kg build --store DIR`")
        .into());
    }
    Store::open_read_only(folder)
        .map_err(|error| Failure::from(crate::sink::SinkError::Store(error)))
}

/// Says how to get stores on disk.
#[cfg(not(feature = "rocksdb"))]
fn open_store(folder: &Path) -> Result<Store, Failure> {
    Err(no_rocksdb(folder))
}

/// The program was built without stores on disk.
#[cfg(not(feature = "rocksdb"))]
fn no_rocksdb(folder: &Path) -> Failure {
    use crate::diagnostic::{Diagnostic, Location};
    Diagnostic::error(
        "store::not-built-in",
        "this program was built without stores on disk",
        Location::of_source(folder.display().to_string()),
    )
    .with_help(
        "build it with `cargo build --release --features rocksdb` (needs libclang), or leave \
         `--store` out",
    )
    .into()
}
