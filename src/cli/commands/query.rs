//! `query`: lists the bundled queries or runs one.

use crate::cli::args::QueryArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Location};
use crate::pipeline::{GraphNames, Parts};
use crate::project::Project;
use crate::query::results::{ResultsFormat, ResultsWriter};
use crate::query::{
    Catalogue, Dataset, QueryError, QueryKind, QueryParser, SparqlQuery, split_binding,
};
use crate::rdf::iri;
use crate::sink::SinkError;
use crate::sink::serializer::FORMATS;
use crate::table::Sources;
use oxigraph::io::RdfFormat;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;
use std::time::Duration;

pub(crate) fn run(args: &QueryArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let project = context.project()?;
    let catalogue = catalogue(&project)?;
    let Some(wanted) = &args.query else {
        list(&catalogue, &project)?;
        return Ok(Outcome::Done);
    };
    let text = find_text(wanted, &catalogue, &project, context)?;
    if args.show {
        output::print(&text.1)?;
        return Ok(Outcome::Done);
    }
    let query = prepare(args, &text, &project)?;
    let format = format_of(args, query.kind())?;
    let parts = parts_for(&query);
    let store = context.store(&project, args.store.as_deref(), parts)?;
    let answer = query
        .with_cancellation(context.interrupt.token())
        .run(&store)?;
    let mut file = output::open(&args.output)?;
    let mut writer = ResultsWriter::new(format).with_prefixes(project.prefixes.clone());
    if let Some(width) = terminal_width(args) {
        writer = writer.with_width(width);
    }
    let name = file.name().to_owned();
    writer
        .write(answer, &mut file)
        .map_err(|error| match error {
            QueryError::Write(error) => Failure::from(SinkError::Io { name, error }),
            other => other.into(),
        })?;
    file.commit()?;
    super::leave(store);
    Ok(Outcome::Done)
}

/// What has to be in the store for a query: rules are run only where it can see what they derive.
pub(crate) fn parts_for(query: &SparqlQuery) -> Parts {
    if query.sees_named_graphs() {
        Parts::All
    } else {
        Parts::Stated
    }
}

/// The bundled queries of a project.
pub(crate) fn catalogue(project: &Project) -> Result<Catalogue, Failure> {
    let files = project.queries()?;
    Ok(Catalogue::from_texts(
        files.into_iter().map(|file| (file.stem, file.text)),
    ))
}

/// The name and text of a query: a bundled one, a file, or standard input.
pub(crate) fn find_text(
    wanted: &str,
    catalogue: &Catalogue,
    project: &Project,
    context: &mut Context,
) -> Result<(String, String), Failure> {
    if wanted == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::new("query::io", format!("cannot read <stdin>: {error}")))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::new("query::invalid-utf8", "<stdin> is not UTF-8"))?;
        context.reporter.remember("<stdin>", &text);
        return Ok(("<stdin>".to_owned(), text));
    }
    if wanted.contains('{') {
        return Err(Diagnostic::error(
            "query::not-a-name",
            "this is a query, expected a name, a file or `-`",
            Location::default(),
        )
        .with_help("pipe it: `echo 'SELECT …' | coalition-kg query -`")
        .into());
    }
    let looks_like_file = wanted.contains(['/', '\\'])
        || Path::new(wanted).extension().is_some()
        || Path::new(wanted).is_file();
    if looks_like_file {
        let path = std::path::absolute(wanted).unwrap_or_else(|_| wanted.into());
        let file = iri::from_path(&path);
        let text = Sources::new().read_to_string(&file)?;
        context.reporter.remember(wanted, &text);
        return Ok((wanted.to_owned(), text));
    }
    let found = catalogue.get(wanted)?;
    let name = match project.folder() {
        Some(_) => {
            let files = project.queries()?.into_iter();
            let mut named = files.filter(|file| file.stem == found.name);
            named
                .next()
                .map_or_else(|| found.name.clone(), |file| file.name)
        }
        None => found.name.clone(),
    };
    context.reporter.remember(&name, &found.text);
    Ok((name, found.text.clone()))
}

fn prepare(
    args: &QueryArgs,
    text: &(String, String),
    project: &Project,
) -> Result<SparqlQuery, Failure> {
    let mut query = QueryParser::new()
        .with_source(text.0.as_str())
        .with_base_iri(project.base.as_str())
        .with_prefixes(project.prefixes.clone())
        .parse(&text.1)?;
    for binding in &args.bindings {
        let (name, value) = split_binding(binding)?;
        query = query.with_value(name, value)?;
    }
    if args.inferred {
        let names = GraphNames::of(project);
        // The ontology is there for questions about classes and properties.
        query = query.with_dataset(Dataset::WithInferred(vec![names.inferred, names.ontology]));
    }
    if let Some(seconds) = args.timeout {
        let timeout = Duration::try_from_secs_f64(seconds).map_err(|_| {
            Failure::from(
                Diagnostic::error(
                    "cli::timeout",
                    format!("`{seconds}` is not a number of seconds"),
                    Location::default(),
                )
                .with_help("write one such as `--timeout 10`"),
            )
        })?;
        query = query.with_timeout(timeout);
    }
    Ok(query)
}

// A table for people on a terminal; for programs what the option or the file's name says.
fn format_of(args: &QueryArgs, kind: QueryKind) -> Result<ResultsFormat, Failure> {
    let rows = !kind.gives_graph();
    if let Some(name) = &args.format {
        return ResultsFormat::by_name(name)
            .ok_or_else(|| Failure::new("cli::format", format!("unknown format `{name}`")));
    }
    if output::is_standard(&args.output) {
        let terminal = std::io::stdout().is_terminal();
        return Ok(match (rows, terminal) {
            (true, true) => ResultsFormat::Table,
            (true, false) => ResultsFormat::Csv,
            (false, _) => ResultsFormat::Rdf(RdfFormat::Turtle),
        });
    }
    let name = args.output.to_string_lossy();
    ResultsFormat::of_file(&name, rows).ok_or_else(|| {
        let rows_formats = ResultsFormat::ROWS.iter().map(|format| format.name());
        let rdf_formats = FORMATS.iter().map(|(name, _)| *name);
        if rows {
            output::unknown_format(&name, rows_formats)
        } else {
            output::unknown_format(&name, rdf_formats)
        }
    })
}

// Tables on a terminal are as wide as it is, elsewhere as wide as they need to be.
fn terminal_width(args: &QueryArgs) -> Option<usize> {
    let terminal = output::is_standard(&args.output) && std::io::stdout().is_terminal();
    let (width, _) = terminal.then(terminal_size::terminal_size)??;
    Some(usize::from(width.0))
}

fn list(catalogue: &Catalogue, project: &Project) -> Result<(), Failure> {
    let mut text = String::new();
    let languages = &project.settings.languages;
    for query in catalogue.iter() {
        text.push_str(&query.name);
        text.push('\n');
        let asked = query.header.questions.iter();
        let wanted = asked.filter(|(tag, _)| languages.is_empty() || languages.contains(tag));
        for (_, question) in wanted {
            text.push_str(&format!("    {question}\n"));
        }
        for parameter in &query.header.parameters {
            let default = parameter
                .default
                .as_ref()
                .map_or_else(String::new, |default| format!("={default}"));
            text.push_str(&format!(
                "    --set {}{default}  {}\n",
                parameter.name, parameter.description
            ));
        }
    }
    if text.is_empty() {
        text.push_str("the project has no queries\n");
    }
    output::print(&text)?;
    Ok(())
}
