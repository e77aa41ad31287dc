//! `build`: the graph of a project, its description, and a summary.

use crate::cli::args::BuildArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::export::description::{Counts, Distribution};
use crate::pipeline::{self, GraphNames, Load, LoadReport, Parts};
use crate::project::Project;
use crate::sink::SinkError;
use crate::sink::graph::GraphWriter;
use crate::sink::serializer::Serializer;
use crate::sink::store::Place;
use crate::sink::turtle::Layout;
use oxigraph::io::RdfFormat;
use oxigraph::store::Store;
use oxrdf::{Graph, GraphNameRef};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) fn run(args: &BuildArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let project = context.project()?;
    let graph_path = args
        .output
        .clone()
        .unwrap_or_else(|| Path::new("build").join(format!("{}.ttl", project.name())));
    let format = output::rdf_format(args.format.as_deref(), &graph_path, RdfFormat::Turtle)?;
    if args.sorted {
        output::check_sortable(Some(format))?;
    }
    // Beside standard output, a pipe or a device there is no place for the description.
    let special = graph_path.exists() && !graph_path.is_file();
    let no_place = output::is_standard(&graph_path) || special;
    let description_path = match (&args.description, no_place) {
        (Some(path), _) => Some(path.clone()),
        (None, true) => None,
        (None, false) => Some(output::uncompressed(&graph_path).with_extension("void.ttl")),
    };
    if description_path
        .as_ref()
        .is_some_and(|path| same_file(path, &graph_path))
    {
        return Err(Diagnostic::error(
            "cli::same-output",
            "the graph and its description cannot go to the same file",
            Location::of_source(graph_path.display().to_string()),
        )
        .with_help("give another name to `--description`")
        .into());
    }
    let mut diagnostics = Diagnostics::new();
    let Some(mut mapping) = context.mapping(&project, &mut diagnostics) else {
        return Ok(Outcome::CouldNotRun);
    };
    mapping.key_memory = args.memory;
    if args.output.is_none() {
        make_folder(&graph_path)?;
    }
    let target = StoreTarget::new(args.store.as_deref())?;
    let file = output::open(&graph_path)?;
    let name = file.name().to_owned();
    let prefixes = &project.prefixes;
    let mut writer = if args.sorted {
        GraphWriter::sorted(&name, format, prefixes, args.memory, file)?
    } else {
        GraphWriter::new(&name, format, prefixes, file)?
    };
    let mut counts = Counts::default();
    let mut display = context.display();
    // Only rules and a store that is kept need what is stated in a store.
    let (parts, place) = match args.store {
        Some(_) => (Parts::All, Place::Disk),
        None => (Parts::Named, Place::Memory),
    };
    let load = Load {
        parts,
        place,
        counts: Some(&mut counts),
        also: Some(&mut writer),
    };
    let report = pipeline::load_parts(
        &project,
        &mapping,
        target.store(),
        load,
        &mut diagnostics,
        &mut |progress| display.step(progress),
    );
    drop(display);
    context.reporter.diagnostics(&diagnostics);
    let report = report?;
    if diagnostics.errors() > 0 {
        let errors = diagnostics.errors();
        let plural = if errors == 1 { "" } else { "s" };
        context
            .reporter
            .message(&format!("{errors} error{plural}; nothing was written"));
        return Ok(if report.run.is_readable() {
            Outcome::Errors
        } else {
            Outcome::CouldNotRun
        });
    }
    let file = graph_path
        .file_name()
        .filter(|_| !output::is_standard(&graph_path));
    let distributions = file.map(|file| Distribution {
        file: file.to_string_lossy().into_owned(),
        format,
    });
    let graph = pipeline::describe(
        &project,
        &mapping,
        &counts,
        target.store(),
        distributions.into_iter().collect(),
    )?;
    if format.supports_datasets() {
        write_named_graphs(&project, target.store(), &mut writer)?;
    }
    let description_file = match &description_path {
        Some(path) => Some(write_graph(&project, &graph, path)?),
        None => None,
    };
    let file = writer.finish(&mut || !context.interrupt.happened())?;
    // Everything is ready: only renaming is left.
    file.commit()?;
    if let Some(file) = description_file {
        file.commit()?;
    }
    target.commit()?;
    if !context.global.quiet {
        let written = [Some(graph_path), description_path, args.store.clone()];
        let text = summary(&report, &diagnostics, &written, started.elapsed());
        context.reporter.message(&text);
    }
    Ok(Outcome::Done)
}

fn same_file(one: &Path, other: &Path) -> bool {
    let resolved = |path: &Path| {
        path.canonicalize()
            .or_else(|_| std::path::absolute(path))
            .unwrap_or_else(|_| path.to_owned())
    };
    resolved(one) == resolved(other)
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| SinkError::Io {
            name: folder.display().to_string(),
            error,
        })?;
    }
    Ok(())
}

fn write_named_graphs<W: std::io::Write>(
    project: &Project,
    store: &Store,
    writer: &mut GraphWriter<W>,
) -> Result<(), Failure> {
    let names = GraphNames::of(project);
    for name in [&names.ontology, &names.inferred, &names.description] {
        let graph = GraphNameRef::NamedNode(name.as_ref());
        for quad in pipeline::sorted_graph(store, graph)? {
            writer.write(quad.as_ref())?;
        }
    }
    Ok(())
}

fn write_graph(
    project: &Project,
    graph: &Graph,
    path: &Path,
) -> Result<crate::sink::file::Output, Failure> {
    let format = output::rdf_format(None, path, RdfFormat::Turtle)?;
    let file = output::open(path)?;
    let name = file.name().to_owned();
    let mut writer = Serializer::new(&name, format, Layout::Grouped, &project.prefixes, file)?;
    // A graph gives its triples in an order that differs from run to run.
    let mut triples: Vec<_> = graph.iter().collect();
    triples.sort_by_cached_key(ToString::to_string);
    for triple in triples {
        writer.write(triple.in_graph(GraphNameRef::DefaultGraph))?;
    }
    Ok(writer.finish()?)
}

fn summary(
    report: &LoadReport,
    diagnostics: &Diagnostics,
    written: &[Option<PathBuf>],
    time: Duration,
) -> String {
    let tables = &report.run.tables;
    let width = tables.iter().map(|found| found.table.chars().count()).max();
    let width = width.unwrap_or_default().max(5);
    let mut text = format!("{:width$}  {:>9}  {:>9}\n", "table", "rows", "triples");
    for found in tables {
        text.push_str(&format!(
            "{:width$}  {:>9}  {:>9}\n",
            found.table, found.rows, found.quads
        ));
    }
    text.push_str(&format!(
        "\n{} rows made {} triples; {} were inferred by {} rules in {} rounds, {} are the \
         ontology; {} warning{}; {:.2} s\n",
        report.run.rows(),
        report.run.quads(),
        report.rules.total(),
        report.rules.new_triples.len(),
        report.rules.rounds,
        report.ontology,
        diagnostics.warnings(),
        if diagnostics.warnings() == 1 { "" } else { "s" },
        time.as_secs_f64()
    ));
    for path in written.iter().flatten() {
        if !output::is_standard(path) {
            text.push_str(&format!("wrote {}\n", path.display()));
        }
    }
    text.trim_end().to_owned()
}

/// The store to load: in memory, or on disk, where it takes its place at the end.
struct StoreTarget {
    store: Store,
    #[cfg(feature = "rocksdb")]
    folders: Option<(tempfile::TempDir, PathBuf)>,
}

impl StoreTarget {
    #[cfg(not(feature = "rocksdb"))]
    fn new(folder: Option<&Path>) -> Result<Self, Failure> {
        match folder {
            Some(folder) => Err(super::no_rocksdb(folder)),
            None => Ok(Self {
                store: super::new_store()?,
            }),
        }
    }

    #[cfg(feature = "rocksdb")]
    fn new(folder: Option<&Path>) -> Result<Self, Failure> {
        let Some(folder) = folder else {
            return Ok(Self {
                store: super::new_store()?,
                folders: None,
            });
        };
        let fail = |error| SinkError::Io {
            name: folder.display().to_string(),
            error,
        };
        let target = std::path::absolute(folder).map_err(fail)?;
        let parent = target.parent().unwrap_or(Path::new("."));
        let partial = tempfile::Builder::new()
            .prefix(".coalition-kg-")
            .suffix(".partial")
            .tempdir_in(parent)
            .map_err(fail)?;
        Ok(Self {
            store: Store::open(partial.path()).map_err(SinkError::Store)?,
            folders: Some((partial, target)),
        })
    }

    fn store(&self) -> &Store {
        &self.store
    }

    /// Puts a store on disk in the place of the old one; one in memory has done its work.
    #[cfg(not(feature = "rocksdb"))]
    #[expect(clippy::unnecessary_wraps, reason = "a store on disk can fail")]
    fn commit(self) -> Result<(), Failure> {
        super::leave(self.store);
        Ok(())
    }

    /// Puts a store on disk in the place of the old one; one in memory has done its work.
    #[cfg(feature = "rocksdb")]
    fn commit(self) -> Result<(), Failure> {
        let Some((partial, target)) = self.folders else {
            super::leave(self.store);
            return Ok(());
        };
        self.store.flush().map_err(SinkError::Store)?;
        drop(self.store);
        let fail = |error| SinkError::Io {
            name: target.display().to_string(),
            error,
        };
        let old = target
            .exists()
            .then(|| partial.path().with_extension("old"));
        if let Some(old) = &old {
            std::fs::rename(&target, old).map_err(fail)?;
        }
        std::fs::rename(partial.keep(), &target).map_err(fail)?;
        if let Some(old) = old {
            std::fs::remove_dir_all(old).map_err(fail)?;
        }
        Ok(())
    }
}
