//! `convert`: tables to RDF or JSON, without a store.

use crate::cli::args::{ConvertArgs, JSON};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::engine::{self, RunOptions};
use crate::mapping::csvw::{self, Mode};
use crate::plan::Plan;
use crate::rdf::iri;
use crate::rdf::prefixes::Prefixes;
use crate::sink::file::Output;
use crate::sink::json::JsonWriter;
use crate::sink::serializer::{FORMATS, Serializer};
use crate::sink::turtle::Layout;
use crate::table::{Mount, Sources};
use oxigraph::io::RdfFormat;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &ConvertArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let format = format(args)?;
    check_output(args)?;
    let mode = if args.minimal {
        Mode::Minimal
    } else {
        Mode::Standard
    };
    let mut sources = Sources::new();
    let mut actions = Vec::new();
    let mut folders: Vec<(String, PathBuf)> = Vec::new();
    for file in &args.files {
        let (action, mount) = locate(file, context.global.base.as_deref())?;
        if let Some((prefix, Mount::Folder(folder))) = &mount {
            let taken = folders.iter().find(|(known, _)| known == prefix);
            if taken.is_some_and(|(_, known)| known != folder) {
                return Err(Diagnostic::error(
                    "cli::base",
                    "files of two folders cannot stand under one base",
                    Location::of_source(file),
                )
                .with_help("convert them one by one, or leave `--base` out")
                .into());
            }
            folders.push((prefix.clone(), folder.clone()));
        }
        if let Some((prefix, mount)) = mount {
            sources = sources.with_mount(prefix, mount);
        }
        actions.push(action);
    }
    let mut diagnostics = Diagnostics::new();
    let mut plan = Plan::default();
    for (file, action) in args.files.iter().zip(&actions) {
        let is_metadata = Path::new(file)
            .extension()
            .is_some_and(|ending| ending == "json" || ending == "jsonld");
        let group = if is_metadata {
            csvw::locate::from_metadata(action, &sources, &mut diagnostics)
        } else {
            csvw::locate::from_table(action, &sources, &mut diagnostics)
        };
        let lowered = group.and_then(|group| csvw::lower(&group, mode, &mut diagnostics));
        if let Some(lowered) = lowered {
            plan.append(lowered);
        } else {
            context.reporter.diagnostics(&diagnostics);
            return Ok(Outcome::CouldNotRun);
        }
    }
    let mut writer = Writer::open(args, format, context)?;
    let mut display = context.display().with_unit(match format {
        Format::Rdf(_) => "triples",
        Format::Json => "values",
    });
    let mut options = RunOptions {
        cell_faults: Severity::Warning,
        observer: &mut |progress| display.step(progress),
    };
    let result = match &mut writer {
        Writer::Rdf(sink) => engine::run(&plan, &sources, sink, &mut diagnostics, &mut options),
        Writer::Json(writer) => {
            engine::run_objects(&plan, &sources, writer, &mut diagnostics, &mut options)
        }
    };
    drop(display);
    context.reporter.diagnostics(&diagnostics);
    let report = result?;
    if !report.is_readable() {
        return Ok(Outcome::CouldNotRun);
    }
    if diagnostics.errors() > 0 {
        return Ok(Outcome::Errors);
    }
    let file = match writer {
        Writer::Rdf(sink) => sink.finish()?,
        Writer::Json(writer) => writer.finish()?,
    };
    file.commit()?;
    Ok(Outcome::Done)
}

#[derive(Clone, Copy)]
enum Format {
    Rdf(RdfFormat),
    Json,
}

fn format(args: &ConvertArgs) -> Result<Format, Failure> {
    let is_json = match &args.format {
        Some(name) => name == JSON,
        None => args
            .output
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case(JSON)),
    };
    if is_json {
        return Ok(Format::Json);
    }
    let format = output::rdf_format(args.format.as_deref(), &args.output, RdfFormat::Turtle);
    format.map(Format::Rdf).map_err(|_| {
        let known = FORMATS.iter().map(|(name, _)| *name);
        output::unknown_format(&args.output.to_string_lossy(), known.chain([JSON]))
    })
}

// Metadata documents end in `.json` too, and are soon named twice by mistake.
fn check_output(args: &ConvertArgs) -> Result<(), Failure> {
    let Ok(output) = args.output.canonicalize() else {
        return Ok(());
    };
    let same = |file: &&String| {
        let input = Path::new(file).canonicalize();
        input.is_ok_and(|input| input == output && input.is_file())
    };
    match args.files.iter().find(same) {
        Some(file) if !output::is_standard(&args.output) => Err(Diagnostic::error(
            "cli::output-is-input",
            "the output would take the place of a file that is converted",
            Location::of_source(file),
        )
        .with_help("give `--output` another name")
        .into()),
        _ => Ok(()),
    }
}

enum Writer {
    Rdf(Serializer<Output>),
    Json(JsonWriter<Output>),
}

impl Writer {
    fn open(args: &ConvertArgs, format: Format, context: &Context) -> Result<Self, Failure> {
        let file = output::open(&args.output)?;
        let name = file.name().to_owned();
        Ok(match format {
            Format::Rdf(format) => {
                let prefixes = prefixes(context);
                let layout = Layout::Streaming;
                Self::Rdf(Serializer::new(&name, format, layout, &prefixes, file)?)
            }
            Format::Json => Self::Json(JsonWriter::new(&name, file)),
        })
    }
}

// The prefixes of the project that the command is run in, else those of CSVW.
fn prefixes(context: &Context) -> Prefixes {
    // A folder that is no sound project does not concern a conversion.
    if let Ok(project) = context.project()
        && project.folder().is_some()
    {
        return project.prefixes;
    }
    let mut prefixes = Prefixes::well_known();
    for (prefix, namespace) in csvw::names::PREFIXES {
        let known = prefixes.iter().any(|(_, known)| known == *namespace);
        if !known {
            // What cannot be a prefix is written in full.
            drop(prefixes.insert(*prefix, *namespace));
        }
    }
    prefixes
}

type Located = (String, Option<(String, Mount)>);

// The IRI of a file, and what has to be mounted for it.
fn locate(file: &str, base: Option<&str>) -> Result<Located, Failure> {
    let invalid = |base: &str| {
        Failure::from(Diagnostic::error(
            "cli::base",
            format!("the base `{base}` is not an absolute IRI"),
            Location::default(),
        ))
    };
    if file == "-" {
        let action = match base {
            Some(base) => iri::resolve(base, "stdin").map_err(|_| invalid(base))?,
            None => "urn:stdin".to_owned(),
        };
        return Ok((action.clone(), Some((action, Mount::File(None)))));
    }
    if file.starts_with("http://") || file.starts_with("https://") {
        return Ok((file.to_owned(), None));
    }
    let path = std::path::absolute(Path::new(file)).unwrap_or_else(|_| PathBuf::from(file));
    match (base, path.parent(), path.file_name()) {
        (Some(base), Some(folder), Some(name)) => {
            let mut segment = String::new();
            iri::push_path_segment(&mut segment, &name.to_string_lossy());
            // A name with a colon would look like a scheme.
            let reference = format!("./{segment}");
            let action = iri::resolve(base, &reference).map_err(|_| invalid(base))?;
            let prefix = action[..action.len() - segment.len()].to_owned();
            Ok((action, Some((prefix, Mount::Folder(folder.to_owned())))))
        }
        _ => Ok((iri::from_path(&path), None)),
    }
}
