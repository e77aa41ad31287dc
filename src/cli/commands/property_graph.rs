//! `export` to property graphs, and `import` of them.

use crate::cli::args::{DecimalStyle, ExportArgs, ImportArgs, LanguageStyle};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::Project;
use crate::property_graph::import::{self, ImportError};
use crate::property_graph::{Builder, Decimals, Files, Fold, Format, MAP_FILE, NameMap, Options};
use crate::rdf::prefixes::Prefixes;
use crate::sink::file::{Complete, Folders, Output};
use crate::sink::graph::GraphWriter;
use crate::sink::{Origin, QuadSink, SinkError};
use crate::table::source::read_file;
use oxigraph::io::RdfFormat;
use oxrdf::QuadRef;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// The format of a property graph that is asked for, by its name or that of the file.
pub(super) fn wanted(args: &ExportArgs) -> Result<Option<Format>, Failure> {
    if args.canonical {
        return Ok(None);
    }
    let format = match &args.format {
        Some(name) => Format::by_name(name),
        None => output::uncompressed(&args.output)
            .extension()
            .and_then(|extension| Format::of_extension(extension.to_str()?)),
    };
    let Some(format) = format else {
        return Ok(None);
    };
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
    Ok(Some(format))
}

/// The least memory that quads are sorted in: with less nearly all of the time goes to temporary files.
const LEAST_MEMORY: usize = 1 << 20;

/// What takes the quads.
pub(super) fn builder(args: &ExportArgs, project: &Project) -> Result<Builder, Failure> {
    Ok(Builder::new(Options {
        prefixes: project.prefixes.clone(),
        blank_nodes: format!("{}.well-known/genid/", project.base.as_str()),
        decimals: match args.decimals {
            DecimalStyle::Double => Decimals::Double,
            DecimalStyle::String => Decimals::String,
        },
        language_at: args.language_style == LanguageStyle::At,
        graphs: args.keep_graphs,
        folds: args
            .fold
            .iter()
            .map(|text| fold(text, project))
            .collect::<Result<_, _>>()?,
        memory: args.memory.max(LEAST_MEMORY),
    }))
}

fn fold(text: &str, project: &Project) -> Result<Fold, Failure> {
    let parts = text.split_once('=');
    let parts = parts.and_then(|(class, ends)| Some((class, ends.split_once(',')?)));
    let Some((class, (from, to))) = parts else {
        let problem = Diagnostic::error(
            "export::fold",
            format!("`{text}` does not say what to fold"),
            Location::default(),
        );
        let help =
            "write a class and two properties, as in `org:Membership=org:member,org:organization`";
        return Err(problem.with_help(help).into());
    };
    let [class, from, to] = [class, from, to].map(|name| project.expand(name));
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
    for (text, count) in args.fold.iter().zip(graph.folded()) {
        context
            .reporter
            .message(&format!("{count} folded by `{text}`"));
    }
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
    let map = NameMap::from_json(&text)
        .map_err(|error| fail(&names, format!("this is no map of names: {error}")))?;
    let format = output::rdf_format(args.format.as_deref(), &args.output, RdfFormat::NQuads)?;
    let file = output::open(&args.output)?;
    let prefixes = Prefixes::well_known();
    let output = file.name().to_owned();
    let writer = GraphWriter::new(&output, format, &prefixes, file)?;
    let mut sink = Quads(writer);
    let mut open = |name: &str| -> io::Result<Box<dyn BufRead>> {
        let file = read_file(&folder.join(name)).map_err(io::Error::other)?;
        Ok(Box::new(BufReader::new(file)))
    };
    import::import(&map, &name, &mut open, &mut sink).map_err(refused)?;
    let mut go_on = || !context.interrupt.happened();
    sink.0.finish(&mut go_on)?.commit()?;
    Ok(Outcome::Done)
}

fn refused(error: ImportError) -> Failure {
    let all = error.to_string();
    let (code, message, location) = match error {
        ImportError::Sink(error) => return error.into(),
        ImportError::Io { file, .. } => ("import::io", all, Location::of_source(file)),
        ImportError::Content { file, line, reason } => {
            let mut location = Location::of_source(file);
            location.line = Some(line);
            ("import::content", reason, location)
        }
        ImportError::Version(_) => ("import::names", all, Location::default()),
        ImportError::Format => ("import::format", all, Location::default()),
    };
    Diagnostic::error(code, message, location).into()
}

struct Quads(GraphWriter<Output>);

impl QuadSink for Quads {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.0.write(quad)
    }
}
