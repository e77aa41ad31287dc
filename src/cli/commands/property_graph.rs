//! `export` to property graphs, and `import` of them.

use crate::cli::args::{DecimalStyle, ExportArgs, ImportArgs, LanguageStyle, PropertyGraphArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::progress::Interrupt;
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::Project;
use crate::property_graph::import::{self, ImportError};
use crate::property_graph::{
    Builder, Decimals, Dialect, Files, Fold, Format, MAP_FILE, NameMap, Options, PropertyGraph,
};
use crate::rdf::iri;
use crate::rdf::prefixes::Prefixes;
use crate::sink::file::{Complete, Folders, Output};
use crate::sink::graph::GraphWriter;
use crate::sink::{Origin, QuadSink, SinkError};
use crate::table::source::read_file;
use oxigraph::io::RdfFormat;
use oxrdf::QuadRef;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IntoInnerError, Seek as _, Write};
use std::path::{Path, PathBuf};

/// The format of a property graph that is asked for, by its name or that of the file.
pub(super) fn wanted(args: &ExportArgs) -> Result<Option<Format>, Failure> {
    let format = match &args.format {
        _ if args.canonical => None,
        Some(name) => Format::by_name(name),
        None => output::uncompressed(&args.output)
            .extension()
            .and_then(|extension| Format::of_extension(extension.to_str()?)),
    };
    let Some(format) = format else {
        let dialect = args.dialect.is_some().then_some("--dialect");
        return match given(&args.property_graph).or(dialect) {
            None => Ok(None),
            Some(option) => Err(Diagnostic::error(
                "export::option",
                format!("`{option}` is for property graphs"),
                Location::default(),
            )
            .with_help("leave it out, or choose one with `--format`")
            .into()),
        };
    };
    check_place(&args.output, format)?;
    if output::is_standard(&args.output) {
        let example = if format.is_folder() { "DIR" } else { "FILE" };
        let problem = Diagnostic::error(
            "export::no-output",
            "a property graph and the map of its names are several files",
            Location::default(),
        );
        return Err(problem
            .with_help(format!("add `--output {example}`"))
            .into());
    }
    if args.sorted {
        let problem = Diagnostic::error(
            "cli::sorted",
            "a property graph is written in an order of its own",
            Location::default(),
        );
        return Err(problem.with_help("leave `--sorted` out").into());
    }
    if args.dialect.is_some() && format != Format::Cypher {
        let problem = Diagnostic::error(
            "cli::dialect",
            "only `--format cypher` has dialects",
            Location::default(),
        );
        return Err(problem.with_help("leave `--dialect` out").into());
    }
    Ok(Some(format))
}

/// The least memory that quads are sorted in: with less nearly all of the time goes to temporary files.
const LEAST_MEMORY: usize = 1 << 20;

// A map stands beside a file, and files stand in a folder.
fn check_place(output: &Path, format: Format) -> Result<(), Failure> {
    let what = match (format.is_folder(), output.is_file(), output.is_dir()) {
        (true, _, false) => "no folder",
        (false, false, _) => "no file",
        _ => return Ok(()),
    };
    if output::is_standard(output) || !output.exists() {
        return Ok(());
    }
    Err(Diagnostic::error(
        "export::output",
        format!("`{}` is {what}", output.display()),
        Location::default(),
    )
    .with_help("give `--output` another name")
    .into())
}

/// The first option that is given.
pub(super) fn given(args: &PropertyGraphArgs) -> Option<&'static str> {
    let style = args.language_style;
    let given = [
        (args.decimals != DecimalStyle::Double, "--decimals"),
        (style != LanguageStyle::Underscore, "--language-style"),
        (!args.fold.is_empty(), "--fold"),
        (args.keep_graphs, "--keep-graphs"),
    ];
    given
        .into_iter()
        .find_map(|(is_given, option)| is_given.then_some(option))
}

/// What takes the quads.
pub(super) fn builder(
    args: &PropertyGraphArgs,
    dialect: Dialect,
    memory: usize,
    project: &Project,
) -> Result<Builder, Failure> {
    let folds: Vec<Fold> = args
        .fold
        .iter()
        .map(|text| fold(text, project))
        .collect::<Result<_, _>>()?;
    for (at, fold) in folds.iter().enumerate() {
        if folds[..at].iter().any(|other| other.class == fold.class) {
            let message = format!("`{}` folds a class that is folded already", args.fold[at]);
            return Err(
                Diagnostic::error("export::fold", message, Location::default())
                    .with_help("give one `--fold` for each class")
                    .into(),
            );
        }
    }
    Ok(Builder::new(Options {
        prefixes: project.prefixes.clone(),
        blank_nodes: format!("{}.well-known/genid/", project.base.as_str()),
        decimals: match args.decimals {
            DecimalStyle::Double => Decimals::Double,
            DecimalStyle::String => Decimals::String,
        },
        language_at: args.language_style == LanguageStyle::At,
        graphs: args.keep_graphs,
        folds,
        dialect,
        memory: memory.max(LEAST_MEMORY),
    }))
}

/// The dialect that is asked for.
pub(super) fn dialect(args: &ExportArgs) -> Dialect {
    let name = args.dialect.as_deref();
    name.and_then(Dialect::by_name).unwrap_or_default()
}

/// Says what was folded.
pub(super) fn tell_folded(args: &PropertyGraphArgs, graph: &PropertyGraph, context: &Context) {
    for (text, count) in args.fold.iter().zip(graph.folded()) {
        context
            .reporter
            .message(&format!("{count} folded by `{text}`"));
    }
}

fn fold(text: &str, project: &Project) -> Result<Fold, Failure> {
    let wrong = |message: String| {
        let help =
            "write a class and two properties, as in `org:Membership=org:member,org:organization`";
        Diagnostic::error("export::fold", message, Location::default()).with_help(help)
    };
    let parts = text.split_once('=');
    let parts = parts.and_then(|(class, ends)| Some((class, ends.split_once(',')?)));
    let Some((class, (from, to))) = parts else {
        return Err(wrong(format!("`{text}` does not say what to fold")).into());
    };
    let names = [class, from, to];
    let [class, from, to] = names.map(|name| project.expand(name));
    for (name, iri) in names.into_iter().zip([&class, &from, &to]) {
        // A name that nothing was made of has a prefix that nobody declares, or is an IRI.
        let is_iri = *iri != name || name.contains("://") || name.starts_with("urn:");
        if !is_iri || iri::check(iri).is_err() {
            return Err(wrong(format!(
                "`{name}` in `{text}` is no IRI and no name with a prefix"
            ))
            .into());
        }
    }
    Ok(Fold { class, from, to })
}

/// Writes the graph and its map, all files or none.
pub(super) fn write(
    builder: Builder,
    format: Format,
    args: &ExportArgs,
    context: &Context,
) -> Result<(), Failure> {
    let go_on = &mut || !context.interrupt.happened();
    let graph = builder.finish(go_on)?;
    let (folder, name) = if format.is_folder() {
        (args.output.clone(), String::new())
    } else {
        let name = args.output.file_name().unwrap_or_default();
        let folder = args.output.parent().unwrap_or(Path::new(""));
        (folder.to_owned(), name.to_string_lossy().into_owned())
    };
    let mut files = Outputs {
        folder,
        folders: if format.is_folder() {
            Folders::AreMade
        } else {
            Folders::AreThere
        },
        complete: Vec::new(),
    };
    let map = graph.write(format, &name, &mut files, go_on)?;
    if !format.is_folder() {
        let json = map
            .to_json()
            .map_err(|error| Failure::new("output::json", error.to_string()))?;
        let name = map_file(&args.output);
        files.write(&name.to_string_lossy(), &mut |out| {
            out.write_all(json.as_bytes())
        })?;
    }
    if context.interrupt.happened() {
        return Err(Failure::Interrupted);
    }
    for file in files.complete {
        file.commit()?;
    }
    tell_folded(&args.property_graph, &graph, context);
    context.reporter.message(&format!(
        "{} nodes, {} relationships",
        graph.nodes(),
        graph.relationships()
    ));
    Ok(())
}

/// The name of the map beside a file: `graph.jsonl.names.json`.
fn map_file(file: &Path) -> PathBuf {
    let file = output::uncompressed(file);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    PathBuf::from(format!("{name}.{MAP_FILE}"))
}

/// Files that are put under their names together.
struct Outputs {
    folder: PathBuf,
    folders: Folders,
    complete: Vec<Complete>,
}

impl Files for Outputs {
    fn write(
        &mut self,
        name: &str,
        content: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), SinkError> {
        let path = self.folder.join(name);
        let mut output = match self.folders {
            Folders::AreThere => Output::file(&path)?,
            Folders::AreMade => Output::compressed(&path, None, Folders::AreMade, 1)?,
        };
        content(&mut output).map_err(|error| Output::error(output.name(), error))?;
        self.complete.push(output.complete()?);
        Ok(())
    }
}

pub(crate) fn import(args: &ImportArgs, context: &mut Context) -> Result<Outcome, Failure> {
    if !args.input.exists() {
        let input = args.input.display().to_string();
        let message = format!("no file or folder `{input}`");
        let problem = Diagnostic::error("import::io", message, Location::of_source(input));
        return Err(problem.with_help("name what `export` wrote").into());
    }
    let (folder, name) = if args.input.is_dir() {
        (args.input.clone(), String::new())
    } else {
        let name = args.input.file_name().unwrap_or_default();
        let folder = args.input.parent().unwrap_or(Path::new(""));
        (folder.to_owned(), name.to_string_lossy().into_owned())
    };
    let names = match &args.names {
        Some(names) => names.clone(),
        None if name.is_empty() => folder.join(MAP_FILE),
        None => folder.join(map_file(&args.input)),
    };
    let fail = |path: &Path, message: String| {
        let location = Location::of_source(path.display().to_string());
        Diagnostic::error("import::names", message, location)
            .with_help("give the map that `export` wrote with `--names FILE`")
    };
    let text = std::fs::read_to_string(&names)
        .map_err(|error| fail(&names, format!("cannot read the map of names: {error}")))?;
    let map = NameMap::from_json(&text).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        let mut problem = fail(&names, format!("this is no map of names: {reason}"));
        problem.location.line = u64::try_from(error.line()).ok();
        problem.location.column = u64::try_from(error.column()).ok();
        problem
    })?;
    if map.format.is_folder() != name.is_empty() {
        let what = if name.is_empty() { "folder" } else { "file" };
        let format = map.format.name();
        return Err(fail(
            &names,
            format!("`{format}`, which this map is of, is no {what}"),
        )
        .into());
    }
    let format = output::rdf_format(args.format.as_deref(), &args.output, RdfFormat::NQuads)?;
    let file = output::open(&args.output)?;
    let prefixes = Prefixes::well_known();
    let output = file.name().to_owned();
    let back = Back::new(file, output::is_standard(&args.output))?;
    let writer = GraphWriter::new(&output, format, &prefixes, back)?;
    let mut sink = Quads {
        writer,
        interrupt: &context.interrupt,
    };
    let mut open = |name: &str| -> io::Result<Box<dyn BufRead>> {
        let file = read_file(&folder.join(name)).map_err(io::Error::other)?;
        Ok(Box::new(BufReader::new(file)))
    };
    let read = import::import(&map, &name, &mut open, &mut sink);
    if context.interrupt.happened() {
        return Err(Failure::Interrupted);
    }
    read.map_err(|error| refused(error, &folder, &names))?;
    let mut go_on = || !context.interrupt.happened();
    sink.writer.finish(&mut go_on)?.commit()?;
    Ok(Outcome::Done)
}

fn refused(error: ImportError, folder: &Path, names: &Path) -> Failure {
    let all = error.to_string();
    let of = |file: &str| Location::of_source(folder.join(file).display().to_string());
    let map = || Location::of_source(names.display().to_string());
    match error {
        ImportError::Sink(error) => return error.into(),
        ImportError::Io { file, error } => {
            let message = format!("this file cannot be read: {error}");
            Diagnostic::error("import::io", message, of(&file))
        }
        ImportError::Content {
            file,
            line,
            column,
            reason,
        } => {
            let mut location = of(&file);
            location.line = Some(line);
            location.column = column;
            Diagnostic::error("import::content", reason, location)
        }
        ImportError::Incomplete(_) => Diagnostic::error("import::incomplete", all, map())
            .with_help("give the export as it was written, with the map that was written with it"),
        _ => Diagnostic::error("import::names", all, map()),
    }
    .into()
}

/// What is read back; for standard output in a temporary file, since it is known at the end alone
/// whether the export is whole.
struct Back {
    output: Output,
    held: Option<BufWriter<File>>,
}

impl Back {
    fn new(output: Output, is_held: bool) -> Result<Self, SinkError> {
        let file = is_held.then(tempfile::tempfile).transpose();
        let file = file.map_err(|error| Output::error("a temporary file", error))?;
        Ok(Self {
            output,
            held: file.map(BufWriter::new),
        })
    }

    fn commit(mut self) -> Result<(), SinkError> {
        if let Some(held) = self.held {
            let copy = || -> io::Result<u64> {
                let mut file = held.into_inner().map_err(IntoInnerError::into_error)?;
                file.rewind()?;
                io::copy(&mut file, &mut self.output)
            };
            copy().map_err(|error| Output::error(self.output.name(), error))?;
        }
        self.output.commit()
    }
}

impl Write for Back {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.held {
            Some(held) => held.write(bytes),
            None => self.output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.held {
            Some(held) => held.flush(),
            None => self.output.flush(),
        }
    }
}

struct Quads<'i> {
    writer: GraphWriter<Back>,
    interrupt: &'i Interrupt,
}

impl QuadSink for Quads<'_> {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        if self.interrupt.happened() {
            let error = io::ErrorKind::Interrupted.into();
            return Err(Output::error("the graph", error));
        }
        self.writer.write(quad)
    }
}
