//! `convert`: tables to RDF or JSON, without a store.

use crate::cli::action::Actions;
use crate::cli::args::{ConvertArgs, JSON, RowErrors};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::part::{self, Part};
use crate::cli::rejects::{self, Rejects};
use crate::cli::targets::{self, TargetOptions};
use crate::cli::{Context, mapping, output, places};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::engine::{
    self, Duplicates, RunError, RunOptions, RunReport, Severities, Syntax, TextOptions,
};
use crate::mapping::csvw::{self, Mode, Options, Purpose};
use crate::plan::Plan;
use crate::rdf::iri;
use crate::rdf::prefixes::Prefixes;
use crate::sink::file::Output;
use crate::sink::json::JsonWriter;
use crate::sink::serializer::{FORMATS, Serializer};
use crate::sink::sort::LineSorter;
use crate::sink::sorted::SortedWriter;
use crate::sink::target::commit_all;
use crate::sink::turtle::Layout;
use crate::table::Sources;
use oxigraph::io::RdfFormat;
use std::io::Write;
use std::num::NonZeroUsize;

pub(crate) fn run(args: &ConvertArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let part = Part::of(args)?;
    let mut format = match &part {
        Some(part) => Format::Rdf(part.format),
        None => format(args)?,
    };
    if matches!(format, Format::Json) && !args.mapping.mapping.is_empty() {
        return Err(Diagnostic::error(
            "cli::usage",
            "JSON by the name of columns is made of tables and their metadata, not of RML mappings",
            Location::default(),
        )
        .with_help("`--format jsonld` writes the graph as JSON-LD")
        .into());
    }
    if args.sorted {
        output::check_sortable(match format {
            Format::Rdf(format) => Some(format),
            Format::Json => None,
        })?;
    }
    // Metadata documents end in `.json` too, and are soon named twice by mistake.
    places::check_output(&args.output, &args.files, "converted")?;
    let mut diagnostics = Diagnostics::new();
    let Some(Input {
        plan: whole,
        sources,
        severities,
    }) = input(args, context, &mut diagnostics)?
    else {
        context.reporter.diagnostics(&diagnostics);
        return Ok(Outcome::CouldNotRun);
    };
    places::check_apart(&args.output, &args.mapping.mapping, &whole)?;
    if args.shard.is_some() && !whole.destinations.is_empty() {
        return Err(Diagnostic::error(
            "cli::shard",
            "the mapping has logical targets, which each part would write over",
            Location::default(),
        )
        .with_help("leave out `--shard`, or the targets")
        .into());
    }
    let plan = if whole.destinations.is_empty() {
        whole.clone()
    } else {
        whole.part_for(None, args.on_error == Some(RowErrors::Skip))
    };
    // What Turtle cannot hold is in TriG unless something else is asked for.
    if matches!(format, Format::Rdf(RdfFormat::Turtle))
        && args.format.is_none()
        && output::is_standard(&args.output)
        && plan.has_graphs()
    {
        format = Format::Rdf(RdfFormat::TriG);
    }
    tell_lost_graphs(format, &plan, &mut diagnostics);
    let mut kept = Rejects::of(args, &plan, &whole.destinations, &sources)?;
    let file = match &part {
        Some(part) => part.open()?,
        None => output::open_with_threads(&args.output, threads(args))?,
    };
    let prefixes = prefixes(context);
    let mut writer = if args.sorted {
        Writer::sorted(file, format, &prefixes, args.memory)?
    } else {
        Writer::new(file, format, &prefixes)?
    };
    let mut display = context.display().with_unit(match format {
        Format::Rdf(_) => "triples",
        Format::Json => "values",
    });
    let mut options = RunOptions {
        severities,
        key_memory: args.memory,
        shard: args.shard.map(|shard| match args.threads {
            Some(threads) => shard.with_threads(threads),
            None => shard,
        }),
        on_error: rejects::on_error(args, kept.as_mut()),
        observer: &mut |progress| display.step(progress),
    };
    let sources = &sources;
    let mut run_text = |syntax, output: &mut dyn Write, name: &str| {
        let text = TextOptions {
            syntax,
            prefixes: &prefixes,
            // What is sorted loses them on the way.
            duplicates: if args.keep_duplicates || args.sorted {
                Duplicates::Keep
            } else {
                Duplicates::Remove
            },
            threads: threads(args),
            piece: engine::PIECE,
        };
        engine::run_text(
            &plan,
            sources,
            output,
            name,
            &text,
            &mut diagnostics,
            &mut options,
        )
    };
    let result = match &mut writer {
        Writer::Text(syntax, output) => {
            let name = output.name().to_owned();
            run_text(*syntax, output, &name)
        }
        Writer::Lines(syntax, lines, output) => run_text(*syntax, lines, output.name()),
        Writer::Sorted(sink) => engine::run(&plan, sources, sink, &mut diagnostics, &mut options),
        Writer::Rdf(sink) => engine::run(&plan, sources, sink, &mut diagnostics, &mut options),
        Writer::Json(writer) => {
            engine::run_objects(&plan, sources, writer, &mut diagnostics, &mut options)
        }
    };
    let mut go_on = || !context.interrupt.happened();
    let is_sound = |result: &Result<RunReport, RunError>| {
        let Ok(report) = result else {
            return false;
        };
        report.is_readable()
    };
    let mut targets = Vec::new();
    if is_sound(&result) && !whole.destinations.is_empty() {
        let target_options = TargetOptions {
            prefixes: &prefixes,
            threads: threads(args),
            memory: args.memory,
            duplicates: Duplicates::Remove,
        };
        targets = targets::write(
            &whole,
            sources,
            &target_options,
            &mut diagnostics,
            &mut options,
            &mut go_on,
        )?;
    }
    drop(display);
    context.reporter.diagnostics(&diagnostics);
    if matches!(result, Err(RunError::Stopped)) {
        context
            .reporter
            .message("stopped at the first row that fails");
        return Ok(Outcome::Errors);
    }
    let report = result?;
    if !report.is_readable() {
        return Ok(Outcome::CouldNotRun);
    }
    // What is wrong elsewhere than in rows that are left out spoils the whole.
    if diagnostics.errors() > report.rejected_errors() {
        return Ok(Outcome::Errors);
    }
    let file = match writer {
        Writer::Text(_, output) => output,
        Writer::Lines(_, lines, mut output) => {
            let name = output.name().to_owned();
            lines.finish(&mut output, &name, &mut go_on)?;
            output
        }
        Writer::Sorted(sink) => sink.finish(&mut go_on)?,
        Writer::Rdf(sink) => sink.finish()?,
        Writer::Json(writer) => writer.finish()?,
    };
    // What is left out is known before the rest is there.
    if let Some(kept) = kept {
        kept.commit()?;
    }
    match part {
        Some(part) => {
            let skips = args.on_error == Some(RowErrors::Skip);
            let conversion = part::conversion(&plan, sources, skips);
            part.commit(file, &report, conversion)?;
        }
        None => file.commit()?,
    }
    commit_all(targets)?;
    match report.rejected() {
        0 => Ok(Outcome::Done),
        rejected => {
            let rows = match rejected {
                1 => "1 row".to_owned(),
                _ => format!("{rejected} rows"),
            };
            let all = report.rows();
            let message = format!("{rows} rejected, of {all}; the rest is written");
            context.reporter.message(&message);
            Ok(Outcome::Errors)
        }
    }
}

// Turtle refuses named graphs; what the others cannot say would be lost unseen.
fn tell_lost_graphs(format: Format, plan: &Plan, diagnostics: &mut Diagnostics) {
    let name = match format {
        Format::Rdf(RdfFormat::NTriples) => "N-Triples",
        Format::Rdf(RdfFormat::RdfXml) => "RDF/XML",
        _ => return,
    };
    if plan.has_graphs() {
        diagnostics.push(
            Diagnostic::warning(
                "output::graphs",
                format!("{name} has no named graphs: the statements of all graphs are one"),
                Location::default(),
            )
            .with_help("`--format nquads` or `trig` keeps them apart"),
        );
    }
}

/// What is converted.
struct Input {
    plan: Plan,
    sources: Sources,
    severities: Severities,
}

// The plan of the actions or of the mapping; nothing where there is none, which was told.
fn input(
    args: &ConvertArgs,
    context: &mut Context,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Input>, Failure> {
    let base = context.global.base.as_deref();
    mapping::refuse_mappings(&args.files)?;
    let mut actions = Actions::new(&args.files, &args.source, base)?;
    if args.mapping.mapping.is_empty() {
        let options = Options {
            mode: if args.minimal {
                Mode::Minimal
            } else {
                Mode::Standard
            },
            purpose: Purpose::Convert,
            lenient: args.source.lenient,
            iri_per_item: args.iri_per_item,
            provenance: !args.no_prov,
        };
        return Ok(actions.plan(&options, diagnostics).map(|plan| Input {
            plan,
            sources: actions.sources,
            severities: Severities::CONVERT,
        }));
    }
    if let Some(base) = base
        && iri::check(base).is_err()
    {
        return Err(Diagnostic::error(
            "cli::base",
            format!("the base `{base}` is not an absolute IRI"),
            Location::default(),
        )
        .into());
    }
    let (mapping, documents) = mapping::read_all(&args.mapping.mapping, diagnostics)?;
    let Some(mapping) = mapping else {
        return Ok(None);
    };
    let sources = &mut actions.sources;
    let plan = mapping::lower(
        &mapping,
        &documents,
        &args.mapping,
        base,
        sources,
        diagnostics,
    );
    Ok(plan.map(|plan| Input {
        plan,
        sources: actions.sources,
        severities: mapping::severities(&mapping),
    }))
}

#[derive(Clone, Copy)]
enum Format {
    Rdf(RdfFormat),
    Json,
}

fn format(args: &ConvertArgs) -> Result<Format, Failure> {
    let is_json = match &args.format {
        Some(name) => name == JSON,
        None => output::uncompressed(&args.output)
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

enum Writer {
    Text(Syntax, Output),
    Lines(Syntax, LineSorter, Output),
    Sorted(SortedWriter<Output>),
    Rdf(Serializer<Output>),
    Json(JsonWriter<Output>),
}

impl Writer {
    fn new(file: Output, format: Format, prefixes: &Prefixes) -> Result<Self, Failure> {
        let name = file.name().to_owned();
        Ok(match format {
            Format::Rdf(RdfFormat::NTriples) => Self::Text(Syntax::NTriples, file),
            Format::Rdf(RdfFormat::NQuads) => Self::Text(Syntax::NQuads, file),
            Format::Rdf(RdfFormat::Turtle) => Self::Text(Syntax::Turtle, file),
            Format::Rdf(RdfFormat::TriG) => Self::Text(Syntax::TriG, file),
            Format::Rdf(format) => {
                let layout = Layout::Streaming;
                Self::Rdf(Serializer::new(&name, format, layout, prefixes, file)?)
            }
            Format::Json => Self::Json(JsonWriter::new(&name, file)),
        })
    }

    // Lines are sorted as they are written; Turtle by terms.
    fn sorted(
        file: Output,
        format: Format,
        prefixes: &Prefixes,
        memory: usize,
    ) -> Result<Self, Failure> {
        let name = file.name().to_owned();
        let lines = |syntax, file| Self::Lines(syntax, LineSorter::new(memory), file);
        Ok(match format {
            Format::Rdf(RdfFormat::NTriples) => lines(Syntax::NTriples, file),
            Format::Rdf(RdfFormat::NQuads) => lines(Syntax::NQuads, file),
            Format::Rdf(format) => {
                Self::Sorted(SortedWriter::new(&name, format, prefixes, memory, file)?)
            }
            Format::Json => return Self::new(file, format, prefixes),
        })
    }
}

fn threads(args: &ConvertArgs) -> usize {
    match args.threads {
        Some(threads) => threads.get(),
        None => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
    }
}

/// The prefixes of the project that the command is run in, else those of CSVW.
pub(super) fn prefixes(context: &Context) -> Prefixes {
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
