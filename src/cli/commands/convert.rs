//! `convert`: tables to RDF, without a store.

use crate::cli::args::ConvertArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::engine::{self, RunOptions};
use crate::mapping::csvw::{self, Mode};
use crate::plan::Plan;
use crate::rdf::iri;
use crate::rdf::prefixes::Prefixes;
use crate::sink::serializer::Serializer;
use crate::sink::turtle::Layout;
use crate::table::{Mount, Sources};
use oxigraph::io::RdfFormat;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &ConvertArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let format = output::rdf_format(args.format.as_deref(), &args.output, RdfFormat::Turtle)?;
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
    let prefixes = prefixes(context);
    let file = output::open(&args.output)?;
    let name = file.name().to_owned();
    let mut sink = Serializer::new(&name, format, Layout::Streaming, &prefixes, file)?;
    let mut display = context.display();
    let mut options = RunOptions {
        cell_faults: Severity::Warning,
        key_memory: args.key_memory,
        observer: &mut |progress| display.step(progress),
    };
    let result = engine::run(&plan, &sources, &mut sink, &mut diagnostics, &mut options);
    drop(display);
    context.reporter.diagnostics(&diagnostics);
    let report = result?;
    if !report.is_readable() {
        return Ok(Outcome::CouldNotRun);
    }
    if diagnostics.errors() > 0 {
        return Ok(Outcome::Errors);
    }
    sink.finish()?.commit()?;
    Ok(Outcome::Done)
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
