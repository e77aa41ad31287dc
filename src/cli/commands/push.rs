//! `push`: the graph, or an RDF file, into a running RDF store; what is for a property-graph database goes to
//! `push_bolt`.

use super::{push_address, push_bolt};
use crate::cli::args::{MethodArg, PushArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, estimate, output, secrets};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::pipeline::{self, GraphNames, Load, Parts};
use crate::project::Project;
use crate::push::{
    self, Gathered, Gatherer, Method, Mode, Options, Profile, PushError, Skolemizer, Target,
};
use crate::rdf::iri;
use crate::sink::serializer::format_of_file;
use crate::sink::{QuadSink, SinkError};
use oxigraph::io::RdfParser;
use oxrdf::{Quad, QuadRef};
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;
use tempfile::NamedTempFile;

/// How long a staging graph may take to be dropped after Ctrl-C.
pub(super) const GRACE: Duration = Duration::from_secs(30);

/// The time before the second attempt.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

const MAX_PUT: usize = 32 << 20;

const PIECE: usize = 8 << 20;

pub(crate) fn run(args: &PushArgs, context: &mut Context) -> Result<Outcome, Failure> {
    if push_bolt::is_meant(&args.url) {
        return push_bolt::run(args, context);
    }
    push_bolt::refuse_options(args)?;
    let project = context.project()?;
    let options = options(args, &project)?;
    // A graph that may not be replaced is refused before tables are read.
    let default = match &args.graph {
        Some(name) => Some(target(name, &project)?),
        None if args.data.is_some() => None,
        None => Some(Target::Named(project.graph_iri("stated"))),
    };
    if let Some(default) = &default {
        check_owned(default, &options, &project)?;
    }
    let gathered = match &args.data {
        Some(file) => gather_file(file, default.as_ref(), args, &project, context)?,
        None => match gather_project(default.as_ref(), args, &project, context)? {
            Some(gathered) => gathered,
            None => return Err(nothing_sent(context)),
        },
    };
    if gathered.is_without_target {
        return Err(Diagnostic::error(
            "push::no-graph",
            "the file has triples in its default graph",
            Location::default(),
        )
        .with_help("say where they go with `--graph IRI`, or `--graph default`")
        .into());
    }
    for graph in &gathered.graphs {
        check_owned(&graph.target, &options, &project)?;
    }
    if args.dry_run {
        output::print(&told(&gathered, &options)?)?;
        return Ok(Outcome::Done);
    }
    let endpoints = &options.endpoints;
    let mut addresses = [
        Some(&endpoints.store),
        endpoints.query.as_ref(),
        endpoints.update.as_ref(),
    ]
    .into_iter()
    .flatten();
    if options.credentials.are_readable_on_the_way()
        && addresses.any(|address| push_address::is_open(address))
    {
        warn_of_secret(context);
    }
    context.interrupt.set_grace(GRACE);
    let mut display = context.display();
    let report = push::push(gathered, &options, &mut |sent| display.step_sent(sent));
    drop(display);
    let (report, ended) = match report {
        Ok(report) => (report, None),
        Err(ended) => (ended.report, Some(ended.error)),
    };
    if report.is_without_store && ended.is_none() {
        context
            .reporter
            .message("note: the server has no graph store; the triples went by INSERT DATA");
    }
    for note in &report.notes {
        context.reporter.message(&format!("note: {note}"));
    }
    if report.graphs.is_empty() && ended.is_none() {
        context
            .reporter
            .message("note: there are no triples and no graphs, so nothing was sent");
    }
    for graph in &report.graphs {
        let verb = match options.mode {
            _ if !graph.is_counted => "were sent to",
            Mode::Replace => "are now",
            Mode::Merge => "are in",
        };
        let (triples, target) = (estimate::grouped(graph.triples), &graph.target);
        context
            .reporter
            .message(&format!("{triples} triples {verb} {target}"));
    }
    match ended {
        Some(error) => Err(failure(&error)),
        None => Ok(Outcome::Done),
    }
}

fn options(args: &PushArgs, project: &Project) -> Result<Options, Failure> {
    let profile = args.profile.as_deref().and_then(Profile::by_name);
    let profile = profile.unwrap_or(Profile::Gsp);
    push_address::check(args, profile)?;
    let mut endpoints = profile.endpoints(&args.url);
    if let Some(url) = &args.query_url {
        endpoints.query = Some(url.clone());
    }
    if let Some(url) = &args.update_url {
        endpoints.update = Some(url.clone());
    }
    Ok(Options {
        profile,
        endpoints,
        credentials: secrets::credentials(args, profile)?,
        mode: if args.replace {
            Mode::Replace
        } else {
            Mode::Merge
        },
        method: match args.method {
            Some(MethodArg::Auto) | None => Method::Auto,
            Some(MethodArg::Gsp) => Method::GraphStore,
            Some(MethodArg::Insert) => Method::Insert,
        },
        max_put: args.max_put.unwrap_or(MAX_PUT),
        piece: args.piece.unwrap_or(PIECE).max(1),
        staging: project.graph_iri("staging/"),
        // Nothing is sent under its name by a dry run.
        run: if args.dry_run {
            "RUN".to_owned()
        } else {
            push::run_name()
        },
        timeout: args.timeout,
        attempts: args.attempts,
        pause: PAUSE,
    })
}

/// Says that the secret can be read on the way.
pub(super) fn warn_of_secret(context: &mut Context) {
    let warning = Diagnostic::warning(
        "push::readable-secret",
        "the secret goes over the network as it is: the address does not begin with `https` or `bolt+s`",
        Location::default(),
    );
    context.reporter.diagnostic(&warning);
}

fn target(name: &str, project: &Project) -> Result<Target, Failure> {
    if name == "default" {
        return Ok(Target::Default);
    }
    let name = project.expand(name);
    if iri::check(&name).is_err() {
        return Err(Diagnostic::error(
            "push::graph",
            format!("`{name}` is no IRI of a graph"),
            Location::default(),
        )
        .with_help("give an absolute IRI, or `default`")
        .into());
    }
    Ok(Target::Named(name))
}

// What is replaced is lost, so only graphs are that are the project's by their name.
fn check_owned(target: &Target, options: &Options, project: &Project) -> Result<(), Failure> {
    let is_owned = matches!(target, Target::Named(name) if name.starts_with(project.base.as_str()));
    if is_owned || options.mode == Mode::Merge {
        return Ok(());
    }
    let help = if *target == Target::Default {
        "use `--merge`, or choose a `--graph` under the base IRI"
    } else {
        "use `--merge`, choose a `--graph` under the base IRI, or say with `--base` what is yours"
    };
    Err(Diagnostic::error(
        "push::foreign-graph",
        format!(
            "{target} is not under `{}`, so what it has may be of others",
            project.base
        ),
        Location::default(),
    )
    .with_help(help)
    .into())
}

fn gather_project(
    default: Option<&Target>,
    args: &PushArgs,
    project: &Project,
    context: &mut Context,
) -> Result<Option<Gathered>, Failure> {
    let names = GraphNames::of(project);
    let inferred = match &args.inferred_graph {
        Some(name) => target(name, project)?,
        None => Target::Named(names.inferred.as_str().to_owned()),
    };
    let skolemizer = Skolemizer::new(&project.base, project.base.as_bytes());
    let mut gatherer = Gatherer::new(default.cloned(), skolemizer, args.memory);
    if let Some(default) = default {
        gatherer.expect(default);
    }
    let Some(quads) = load(args.inferred, &mut gatherer, project, context)? else {
        return Ok(None);
    };
    if args.inferred {
        gatherer.send_default_to(inferred);
    }
    for mut quad in quads {
        quad.graph_name = oxrdf::GraphName::DefaultGraph;
        gatherer.add(quad.as_ref())?;
    }
    Ok(Some(
        gatherer.finish(&mut || !context.interrupt.happened())?,
    ))
}

/// Says that tables with errors are not sent.
pub(super) fn nothing_sent(context: &mut Context) -> Failure {
    context.reporter.message("nothing was sent");
    Failure::Reported(Outcome::CouldNotRun)
}

/// A file without triples is more often a mistake than what a graph should become.
pub(super) fn empty_file(file: &Path) -> Failure {
    let location = Location::of_source(file.display().to_string());
    Diagnostic::error("push::empty", "the file has no triples", location)
        .with_help("nothing was sent, and every graph is as it was; a graph is emptied by an update, `CLEAR GRAPH`")
        .into()
}

/// Hands out what the tables state and gives back what the rules derive, if that is asked for.
///
/// Gives nothing where the tables have errors, which are told.
pub(super) fn load(
    inferred: bool,
    sink: &mut dyn QuadSink,
    project: &Project,
    context: &mut Context,
) -> Result<Option<Vec<Quad>>, Failure> {
    let mut diagnostics = Diagnostics::new();
    let Some(mapping) = context.mapping(project, &mut diagnostics) else {
        return Err(Failure::Reported(Outcome::CouldNotRun));
    };
    let store = super::new_store()?;
    let load = Load {
        parts: if inferred {
            Parts::Named
        } else {
            Parts::Ontology
        },
        also: Some(sink),
        ..Load::default()
    };
    let mut display = context.display();
    pipeline::load_parts(
        project,
        &mapping,
        &store,
        load,
        &mut diagnostics,
        &mut |progress| display.step(progress),
    )?;
    drop(display);
    context.reporter.diagnostics(&diagnostics);
    if diagnostics.errors() > 0 {
        return Ok(None);
    }
    let quads = if inferred {
        let names = GraphNames::of(project);
        pipeline::sorted_graph(&store, names.inferred.as_ref().into())?
    } else {
        Vec::new()
    };
    super::leave(store);
    Ok(Some(quads))
}

fn gather_file(
    file: &Path,
    default: Option<&Target>,
    args: &PushArgs,
    project: &Project,
    context: &Context,
) -> Result<Gathered, Failure> {
    let begin = |skolemizer| Gatherer::new(default.cloned(), skolemizer, args.memory);
    let gatherer = read_data(file, project, context, begin, |gatherer, quad| {
        gatherer.add(quad)
    })?;
    let gathered = gatherer.finish(&mut || !context.interrupt.happened())?;
    if gathered.graphs.is_empty() && !gathered.is_without_target {
        return Err(empty_file(file));
    }
    Ok(gathered)
}

// What is in a pipe, under a name that ends in the same way; nothing for other files.
fn copy_of_pipe(file: &Path) -> std::io::Result<Option<NamedTempFile>> {
    if !file.exists() || file.is_file() || file.is_dir() {
        return Ok(None);
    }
    let name = file.file_name().unwrap_or_default().to_os_string();
    let mut suffix = OsString::from("-");
    suffix.push(name);
    let mut copy = tempfile::Builder::new().suffix(&suffix).tempfile()?;
    std::io::copy(&mut File::open(file)?, &mut copy)?;
    Ok(Some(copy))
}

/// Reads an RDF file into what `begin` makes.
pub(super) fn read_data<S>(
    file: &Path,
    project: &Project,
    context: &Context,
    begin: impl FnOnce(Skolemizer) -> S,
    take: impl Fn(&mut S, QuadRef<'_>) -> Result<(), SinkError>,
) -> Result<S, Failure> {
    let name = file.display().to_string();
    let fail =
        |message: String| Diagnostic::error("push::data", message, Location::of_source(&name));
    let Some(format) = format_of_file(&name) else {
        return Err(fail(format!("the name `{name}` does not tell the format"))
            .with_help("name it .ttl, .nt, .trig, .nq, .rdf or .jsonld, compressed or not")
            .into());
    };
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    // It is read twice, which a pipe cannot be.
    let copy = copy_of_pipe(&absolute).map_err(|error| fail(error.to_string()))?;
    let source = iri::from_path(copy.as_ref().map_or(&absolute, |copy| copy.path()));
    let go_on = || !context.interrupt.happened();
    // The same label in another file is another node.
    let mut digest = Sha256::new();
    let mut input = project.sources.fetch(&source)?.input;
    let mut buffer = vec![0; 256 << 10];
    loop {
        let length = input
            .read(&mut buffer)
            .map_err(|error| fail(error.to_string()))?;
        if length == 0 {
            break;
        }
        digest.update(&buffer[..length]);
        if !go_on() {
            return Err(Failure::Interrupted);
        }
    }
    let skolemizer = Skolemizer::new(&project.base, &digest.finalize());
    let mut into = begin(skolemizer);
    let input = project.sources.fetch(&source)?.input;
    let parser = RdfParser::from_format(format)
        .with_base_iri(project.base.as_str())
        .map_err(|error| fail(error.to_string()))?;
    for (number, quad) in parser.for_reader(input).enumerate() {
        let quad = quad.map_err(|error| syntax(&name, &error))?;
        take(&mut into, quad.as_ref())?;
        if number % 4096 == 0 && !go_on() {
            return Err(Failure::Interrupted);
        }
    }
    Ok(into)
}

fn syntax(name: &str, error: &oxigraph::io::RdfParseError) -> Failure {
    let mut location = Location::of_source(name);
    if let oxigraph::io::RdfParseError::Syntax(error) = error
        && let Some(range) = error.location()
    {
        location.line = Some(range.start.line + 1);
        location.column = Some(range.start.column + 1);
    }
    let message = error.to_string();
    let message = match message.split_once(": ") {
        Some((place, rest)) if place.starts_with("Parser error at") => rest,
        _ => message.as_str(),
    };
    Diagnostic::error("rdf::syntax", message, location)
        .with_help("mend the file here; nothing was sent")
        .into()
}

// What would be sent, for people.
fn told(gathered: &Gathered, options: &Options) -> Result<String, Failure> {
    let planned = push::plan(gathered, options).map_err(|error| failure(&error))?;
    let mut text = String::new();
    for graph in &gathered.graphs {
        text.push_str(&format!(
            "{}: {} triples, {} bytes\n",
            graph.target,
            estimate::grouped(graph.triples),
            estimate::grouped(graph.bytes)
        ));
    }
    for request in planned {
        text.push_str(&format!(
            "\n{} {}\n  {}",
            request.method, request.url, request.what
        ));
        if request.times != 1 {
            let about = if options.method == Method::Insert {
                ""
            } else {
                "about "
            };
            text.push_str(&format!(
                ", {about}{} requests",
                estimate::grouped(request.times)
            ));
        }
        if request.triples > 0 {
            text.push_str(&format!(
                ": {} triples, {} bytes",
                estimate::grouped(request.triples),
                estimate::grouped(request.bytes)
            ));
        }
    }
    text.push_str("\n\nnothing was sent\n");
    Ok(text)
}

fn failure(error: &PushError) -> Failure {
    let (code, help) = match error {
        PushError::Cancelled => return Failure::InterruptedPush { is_known: true },
        PushError::CancelledAfter(_) => return Failure::InterruptedPush { is_known: false },
        PushError::Sink(_) => ("push::io", "set `TMPDIR` to a folder with more space"),
        PushError::Refused {
            status: 401 | 403, ..
        } => (
            "push::not-allowed",
            "give `--user` with `--password-file` or `KG_PASSWORD`, or `--token-file`, and see `--auth`",
        ),
        PushError::Refused { status: 413, .. } => (
            "push::refused",
            "the graph is as it was; give a smaller `--max-put`, and `--query-url` and `--update-url` or a `--profile`",
        ),
        // Who fails may have done it first.
        PushError::Refused {
            status: 202 | 408 | 500..,
            ..
        } => (
            "push::refused",
            "the graph is as it was or complete; see `--profile` and what the server says",
        ),
        PushError::Refused { .. } => (
            "push::refused",
            "the graph is as it was; see `--profile` and what the server says",
        ),
        PushError::Broken { .. } => (
            "push::no-answer",
            "the graph is as it was or complete; push it once more when the server answers",
        ),
        PushError::Unreachable { .. } => (
            "push::no-answer",
            "nothing of it was sent, and the graph is as it was; look at the address, and whether the server runs",
        ),
        PushError::Untrusted { .. } => (
            "push::certificate",
            "nothing was sent, and the graph is as it was; name certificates of your own with `SSL_CERT_FILE`",
        ),
        PushError::Before(error) => (
            match **error {
                PushError::Refused { .. } => "push::refused",
                _ => "push::no-answer",
            },
            "the target is as it was; push it once more when the server answers",
        ),
        PushError::Address { .. } => ("push::address", "look at the address and the secret"),
        PushError::Count { .. } => (
            "push::count",
            "the graph is as it was; the server has lost triples or rewrites what they say",
        ),
        PushError::Unconfirmed { .. } => (
            "push::unconfirmed",
            "they may be in another graph, or nowhere: look at URL, `--query-url` and `--profile`, and push once more",
        ),
        PushError::Disturbed { .. } => (
            "push::disturbed",
            "let one push at a time write to the graph, and push once more",
        ),
        PushError::NoUpdates { is_too_large, .. } => (
            "push::no-updates",
            if *is_too_large {
                "give `--query-url` and `--update-url`, or a `--profile`, or a greater `--max-put`"
            } else {
                "give `--query-url` and `--update-url`, or a `--profile`"
            },
        ),
        PushError::NoDefaultGraph => ("push::default-graph", "give `--graph` an IRI"),
        PushError::Unknown { .. } => (
            "push::unknown",
            "wait until the server answers and push once more",
        ),
        PushError::Kept { .. } => (
            "push::left",
            "the target is complete; the next push drops the staging graph",
        ),
        PushError::Left { error, .. } => {
            let is_stopped = matches!(**error, PushError::Cancelled | PushError::CancelledAfter(_));
            (
                if is_stopped {
                    "push::interrupted"
                } else {
                    "push::left"
                },
                if error.may_be_done() {
                    "the target is as it was or complete; the next push drops the staging graph"
                } else {
                    "the target is as it was; the next push drops the staging graph"
                },
            )
        }
    };
    Diagnostic::error(code, error.to_string(), Location::default())
        .with_help(help)
        .into()
}
