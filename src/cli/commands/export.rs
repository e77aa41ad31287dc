//! `export`: the graph, some of its graphs, or the result of a CONSTRUCT.

use super::query::{catalogue, find_text};
use crate::cli::args::ExportArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, nearest};
use crate::export::canonical::write_canonical;
use crate::pipeline::{self, GraphNames};
use crate::project::Project;
use crate::query::results::{ResultsFormat, write_answer};
use crate::query::{Answer, QueryParser};
use crate::sink::serializer::Serializer;
use crate::sink::turtle::Layout;
use crate::sink::{Origin, QuadSink, SinkError};
use oxigraph::io::RdfFormat;
use oxigraph::store::Store;
use oxrdf::{GraphName, GraphNameRef, NamedNode, Quad, QuadRef};

/// A graph to write.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    /// What the tables state.
    Stated,
    /// A named graph.
    Named(NamedNode),
}

pub(crate) fn run(args: &ExportArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let project = context.project()?;
    let format = if args.canonical {
        RdfFormat::NQuads
    } else {
        output::rdf_format(args.format.as_deref(), &args.output, RdfFormat::Turtle)?
    };
    if let Some(query) = &args.construct {
        return construct(query, format, args, &project, context);
    }
    let wanted = wanted_graphs(args, format, &project, context)?;
    let named = wanted.iter().any(|graph| *graph != Wanted::Stated);
    let file = output::open(&args.output)?;
    let name = file.name().to_owned();
    let mut diagnostics = Diagnostics::new();
    // A format that holds one graph gets the triples of all that are wanted as one.
    let merge = !format.supports_datasets() || wanted.len() == 1;
    let mut quads = Collected {
        quads: Vec::new(),
        merge,
    };
    if let Some(folder) = args.store.as_deref() {
        let store = context.store(&project, Some(folder))?;
        for graph in &wanted {
            quads.add(Some(&store), graph)?;
        }
    } else {
        let Some(mapping) = context.mapping(&project, &mut diagnostics) else {
            return Ok(Outcome::CouldNotRun);
        };
        // What the tables state comes from the engine, not out of the store, which would rewrite
        // lexical forms.
        let mut display = context.display();
        let mut observer = |progress: &crate::engine::Progress<'_>| display.step(progress);
        let stated = wanted.contains(&Wanted::Stated);
        let store = if named {
            let store = super::new_store()?;
            let also: Option<&mut dyn QuadSink> = if stated { Some(&mut quads) } else { None };
            pipeline::load(
                &project,
                &mapping,
                &store,
                also,
                &mut diagnostics,
                &mut observer,
            )?;
            Some(store)
        } else {
            pipeline::run_tables(
                &project,
                &mapping,
                &mut quads,
                &mut diagnostics,
                &mut observer,
            )?;
            None
        };
        drop(display);
        context.reporter.diagnostics(&diagnostics);
        if diagnostics.errors() > 0 {
            return Ok(Outcome::Errors);
        }
        if let Some(store) = &store {
            pipeline::describe(&project, &mapping, store, Vec::new())?;
            for graph in wanted.iter().filter(|graph| **graph != Wanted::Stated) {
                quads.add(Some(store), graph)?;
            }
        }
    }
    if args.canonical {
        let mut file = file;
        write_canonical(quads.quads, &mut file).map_err(|error| SinkError::Io { name, error })?;
        file.commit()?;
        return Ok(Outcome::Done);
    }
    let mut writer = Serializer::new(&name, format, Layout::Grouped, &project.prefixes, file)?;
    for quad in &quads.quads {
        writer.write(quad.as_ref())?;
    }
    writer.finish()?.commit()?;
    Ok(Outcome::Done)
}

/// The quads to write, in the order in which they came.
///
/// Memory: all of them; sorting needs it.
struct Collected {
    quads: Vec<Quad>,
    merge: bool,
}

impl Collected {
    fn take(&mut self, quad: QuadRef<'_>) {
        let mut quad = quad.into_owned();
        if self.merge {
            quad.graph_name = GraphName::DefaultGraph;
        }
        self.quads.push(quad);
    }

    fn add(&mut self, store: Option<&Store>, graph: &Wanted) -> Result<(), Failure> {
        let name = match graph {
            Wanted::Stated => GraphNameRef::DefaultGraph,
            Wanted::Named(name) => GraphNameRef::NamedNode(name.as_ref()),
        };
        if let Some(store) = store {
            for quad in pipeline::sorted_graph(store, name)? {
                self.take(quad.as_ref());
            }
        }
        Ok(())
    }
}

impl QuadSink for Collected {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.take(quad);
        Ok(())
    }
}

fn wanted_graphs(
    args: &ExportArgs,
    format: RdfFormat,
    project: &Project,
    context: &Context,
) -> Result<Vec<Wanted>, Failure> {
    let names = GraphNames::of(project);
    let all = || {
        let named = [&names.ontology, &names.inferred, &names.description];
        std::iter::once(Wanted::Stated)
            .chain(named.map(|name| Wanted::Named(name.clone())))
            .collect::<Vec<_>>()
    };
    if args.graphs.is_empty() {
        if format.supports_datasets() {
            return Ok(all());
        }
        context.reporter.message(
            "note: this format holds one graph: what the tables state is written; `--graph all` \
             merges all graphs, TriG and N-Quads keep them apart",
        );
        return Ok(vec![Wanted::Stated]);
    }
    let mut wanted = Vec::new();
    for graph in &args.graphs {
        let found = match graph.as_str() {
            "all" => all(),
            "stated" | "default" => vec![Wanted::Stated],
            short => match names.by_name(short) {
                Some(name) => vec![Wanted::Named(name.clone())],
                None => vec![named_graph(short, project, &names)?],
            },
        };
        for graph in found {
            if !wanted.contains(&graph) {
                wanted.push(graph);
            }
        }
    }
    Ok(wanted)
}

fn named_graph(text: &str, project: &Project, names: &GraphNames) -> Result<Wanted, Failure> {
    let expanded = project.expand(text);
    let known = [&names.ontology, &names.inferred, &names.description];
    if let Some(name) = known.into_iter().find(|name| name.as_str() == expanded) {
        return Ok(Wanted::Named(name.clone()));
    }
    let short = ["stated", "inferred", "ontology", "description", "all"];
    let help = match nearest(text, short) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the graphs are {}", short.join(", ")),
    };
    Err(Diagnostic::error(
        "export::unknown-graph",
        format!("there is no graph `{text}`"),
        Location::default(),
    )
    .with_help(help)
    .into())
}

fn construct(
    query: &str,
    format: RdfFormat,
    args: &ExportArgs,
    project: &Project,
    context: &mut Context,
) -> Result<Outcome, Failure> {
    let (name, text) = find_text(query, &catalogue(project)?, project, context)?;
    let query = QueryParser::new()
        .with_source(name)
        .with_base_iri(project.base.as_str())
        .with_prefixes(project.prefixes.clone())
        .parse(&text)?;
    if !query.kind().gives_graph() {
        return Err(not_a_graph());
    }
    let store = context.store(project, args.store.as_deref())?;
    let answer = query
        .with_cancellation(context.interrupt.token())
        .run(&store)?;
    let mut file = output::open(&args.output)?;
    if args.canonical {
        let Answer::Triples(triples) = answer else {
            return Err(not_a_graph());
        };
        let quads = triples
            .map(|triple| triple.map(|triple| triple.in_graph(GraphName::DefaultGraph)))
            .collect::<Result<Vec<_>, _>>()?;
        let name = file.name().to_owned();
        write_canonical(quads, &mut file).map_err(|error| SinkError::Io { name, error })?;
    } else {
        let format = ResultsFormat::Rdf(format);
        write_answer(answer, format, &project.prefixes, &mut file)?;
    }
    file.commit()?;
    Ok(Outcome::Done)
}

fn not_a_graph() -> Failure {
    Diagnostic::error(
        "export::not-a-graph",
        "the query gives no graph",
        Location::default(),
    )
    .with_help("write a CONSTRUCT or DESCRIBE query, or use `coalition-kg query`")
    .into()
}
