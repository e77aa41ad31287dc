//! `validate`: the tables against their metadata, the graph against its shapes.

use crate::cli::args::ValidateArgs;
use crate::cli::exit::{Failure, Outcome, query_diagnostic};
use crate::cli::{Context, output, sarif};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Suppressed};
use crate::pipeline::{self, GraphNames, Load, Parts};
use crate::project::Project;
use crate::query::QueryParser;
use crate::rdf::iri;
use crate::rdf::prefixes::Prefixes;
use crate::sink::serializer::{Serializer, format_of_file};
use crate::sink::store::{Place, StoreSink};
use crate::sink::turtle::{Layout, write_term};
use crate::sink::{Origin, QuadSink as _};
use crate::validate::shacl::{DataGraph, Path, Report, Shapes, ValidationResult, validate};
use oxigraph::io::RdfFormat;
use oxigraph::store::Store;
use oxrdf::{GraphName, GraphNameRef, TermRef};
use serde::Serialize;

pub(crate) fn run(args: &ValidateArgs, context: &mut Context) -> Result<Outcome, Failure> {
    if !args.files.is_empty() {
        return super::validate_tables::run(args, context);
    }
    args.source.refuse_without_action()?;
    let project = context.project()?;
    let mut diagnostics = Diagnostics::new();
    let mut rows = None;
    let store = if let Some(file) = &args.data {
        Some(load_file(file, &project)?)
    } else if let Some(folder) = &args.store {
        Some(context.store(&project, Some(folder), Parts::Stated)?)
    } else {
        let Some(mut mapping) = context.mapping(&project, &mut diagnostics) else {
            return Ok(Outcome::CouldNotRun);
        };
        mapping.key_memory = args.memory;
        let store = super::new_store()?;
        // Shapes see what is stated and the ontology; without shapes nobody looks at the graph.
        let has_shapes = project.shapes()?.is_some();
        let load = Load {
            parts: if has_shapes {
                Parts::Stated
            } else {
                Parts::Ontology
            },
            ..Load::default()
        };
        let mut display = context.display();
        let report = pipeline::load_parts(
            &project,
            &mapping,
            &store,
            load,
            &mut diagnostics,
            &mut |progress| display.step(progress),
        )?;
        drop(display);
        context.reporter.diagnostics(&diagnostics);
        if !report.run.is_readable() {
            return Ok(Outcome::CouldNotRun);
        }
        rows = Some(report.run.rows());
        if diagnostics.errors() == 0 {
            // Over nothing, which tells whether they are rules.
            pipeline::infer(&project, &pipeline::rules(&project)?, &super::new_store()?)?;
        }
        Some(store)
    };
    let queries_sound = check_queries(&project, context)?;
    // The graph of tables with errors would only repeat them in other words.
    let graph = match (&store, diagnostics.errors()) {
        (Some(store), 0) => check_shapes(&project, store)?,
        _ => None,
    };
    if let Some(store) = store {
        super::leave(store);
    }
    let languages: Vec<&str> = project
        .settings
        .languages
        .iter()
        .map(String::as_str)
        .collect();
    let verdict = Verdict {
        conforms: diagnostics.errors() == 0
            && queries_sound
            && graph.as_ref().is_none_or(Report::conforms),
        rows,
        diagnostics: diagnostics.iter().collect(),
        suppressed: diagnostics.suppressed(),
        shapes_checked: graph.is_some(),
        results: graph
            .iter()
            .flat_map(|report| &report.results)
            .map(|result| ResultLine::new(result, &project.prefixes, &languages))
            .collect(),
    };
    write_report(args, &project, &verdict, &diagnostics, graph.as_ref())?;
    Ok(if verdict.conforms {
        Outcome::Done
    } else {
        Outcome::Errors
    })
}

// Whether all bundled queries are SPARQL; what is wrong is shown.
fn check_queries(project: &Project, context: &mut Context) -> Result<bool, Failure> {
    let mut sound = true;
    for file in project.queries()?.into_iter().chain(project.rules()?) {
        let parsed = QueryParser::new()
            .with_source(file.name.as_str())
            .with_base_iri(project.base.as_str())
            .with_prefixes(project.prefixes.clone())
            .parse(&file.text);
        if let Err(error) = parsed {
            sound = false;
            context.reporter.remember(&file.name, &file.text);
            context.reporter.diagnostic(&query_diagnostic(&error));
        }
    }
    Ok(sound)
}

fn load_file(path: &std::path::Path, project: &Project) -> Result<Store, Failure> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = project.sources.read_to_string(&iri::from_path(&absolute))?;
    let name = path.display().to_string();
    let Some(format) = format_of_file(&name) else {
        return Err(Diagnostic::error(
            "validate::unknown-format",
            format!("the name `{name}` does not tell the format"),
            Location::of_source(&name),
        )
        .with_help("name it .ttl, .nt, .trig, .nq, .rdf or .jsonld")
        .into());
    };
    let store = super::new_store()?;
    let mut sink = StoreSink::new(&store, Place::Memory);
    for quad in pipeline::parse(&text, format, &project.base, &name)? {
        sink.push(quad.as_ref(), &Origin::default())?;
    }
    sink.finish()?;
    pipeline::load_ontology(project, &store)?;
    Ok(store)
}

fn check_shapes(project: &Project, store: &Store) -> Result<Option<Report>, Failure> {
    let Some(graph) = pipeline::shapes(project)? else {
        return Ok(None);
    };
    let shapes = Shapes::parse(&graph)?;
    // The shapes see what is stated; the ontology is there for its class hierarchy.
    let ontology = GraphNames::of(project).ontology;
    let data =
        DataGraph::new([GraphName::DefaultGraph]).with_background([GraphName::from(ontology)]);
    Ok(Some(validate(store, &shapes, &data)?))
}

/// The whole report, as it is written in JSON.
#[derive(Serialize)]
struct Verdict<'a> {
    conforms: bool,
    rows: Option<u64>,
    diagnostics: Vec<&'a Diagnostic>,
    suppressed: Vec<Suppressed>,
    shapes_checked: bool,
    results: Vec<ResultLine>,
}

/// One result of the shapes.
#[derive(Serialize)]
struct ResultLine {
    severity: String,
    focus_node: String,
    path: Option<String>,
    value: Option<String>,
    message: Option<String>,
    shape: String,
    component: String,
}

impl ResultLine {
    fn new(result: &ValidationResult, prefixes: &Prefixes, languages: &[&str]) -> Self {
        let show = |term: TermRef<'_>| {
            let mut text = String::new();
            write_term(&mut text, term, prefixes);
            text
        };
        Self {
            severity: result.severity_name().to_owned(),
            focus_node: show(result.focus_node.as_ref()),
            path: result.path.as_ref().map(|path| match path {
                Path::Predicate(predicate) => show(predicate.as_ref().into()),
                path => path.to_string(),
            }),
            value: result.value.as_ref().map(|value| show(value.as_ref())),
            message: result
                .message(languages)
                .map(|message| message.value().to_owned()),
            shape: show(result.source_shape.as_ref()),
            component: show(result.component.as_ref().into()),
        }
    }
}

impl ResultLine {
    fn in_words(&self) -> String {
        let path = self.path.as_deref().unwrap_or_default();
        let value = self.value.as_deref().unwrap_or_default();
        let message = self.message.as_deref().unwrap_or_default();
        let parts = [self.focus_node.as_str(), path, value, message];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }

    fn to_csv(&self) -> output::CsvRow {
        let mut row = [const { String::new() }; 11];
        row[0] = self.severity.to_ascii_lowercase();
        row[1].clone_from(&self.component);
        row[8] = self.in_words();
        row[10].clone_from(&self.shape);
        row
    }

    // The focus node is a thing in the graph and in no file.
    fn to_sarif(&self) -> serde_json::Value {
        let level = match self.severity.as_str() {
            "Violation" => "error",
            "Warning" => "warning",
            _ => "note",
        };
        serde_json::json!({
            "ruleId": self.component,
            "level": level,
            "message": { "text": self.in_words() },
            "locations": [{ "logicalLocations": [{ "fullyQualifiedName": self.focus_node }] }],
            "properties": { "shape": self.shape },
        })
    }
}

fn write_report(
    args: &ValidateArgs,
    project: &Project,
    verdict: &Verdict<'_>,
    diagnostics: &Diagnostics,
    graph: Option<&Report>,
) -> Result<(), Failure> {
    let text = match args.format.as_str() {
        "json" => output::json(verdict)?,
        "csv" => {
            let results: Vec<_> = verdict.results.iter().map(ResultLine::to_csv).collect();
            output::csv(diagnostics, &results)?
        }
        "sarif" => {
            let results: Vec<_> = verdict.results.iter().map(ResultLine::to_sarif).collect();
            output::json(&sarif::log(diagnostics, &results))?
        }
        "turtle" => {
            let file = output::open(&args.output)?;
            let name = file.name().to_owned();
            let report = graph.cloned().unwrap_or_default().to_graph();
            let mut writer = Serializer::new(
                &name,
                RdfFormat::Turtle,
                Layout::Grouped,
                &project.prefixes,
                file,
            )?;
            let mut triples: Vec<_> = report.iter().collect();
            triples.sort_by_cached_key(ToString::to_string);
            for triple in triples {
                writer.write(triple.in_graph(GraphNameRef::DefaultGraph))?;
            }
            writer.finish()?.commit()?;
            return Ok(());
        }
        _ => as_text(verdict, diagnostics.errors()),
    };
    output::write(&args.output, &text)
}

fn as_text(verdict: &Verdict<'_>, errors: u64) -> String {
    let mut text = String::new();
    for result in &verdict.results {
        text.push_str(&format!("{}: {}", result.severity, result.focus_node));
        if let Some(path) = &result.path {
            text.push_str(&format!(" {path}"));
        }
        if let Some(value) = &result.value {
            text.push_str(&format!(" {value}"));
        }
        text.push('\n');
        if let Some(message) = &result.message {
            text.push_str(&format!("    {message}\n"));
        }
        text.push_str(&format!(
            "    shape {}, {}\n",
            result.shape, result.component
        ));
    }
    if let Some(rows) = verdict.rows {
        let what = match (rows, errors) {
            (1, 0) => "1 row conforms".to_owned(),
            (_, 0) => format!("{rows} rows conform"),
            (_, 1) => "1 error; they do not conform".to_owned(),
            _ => format!("{errors} errors; they do not conform"),
        };
        text.push_str(&format!("tables: {what} to their metadata\n"));
    }
    text.push_str(&match (verdict.shapes_checked, verdict.results.len()) {
        (false, _) if errors > 0 => {
            "graph: not checked, because the tables have errors\n".to_owned()
        }
        (false, _) => "graph: there are no shapes\n".to_owned(),
        (true, 0) => "graph: conforms to its shapes\n".to_owned(),
        (true, 1) => "graph: 1 result\n".to_owned(),
        (true, count) => format!("graph: {count} results\n"),
    });
    text
}
