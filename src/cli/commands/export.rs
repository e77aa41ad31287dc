//! `export`: the graph, some of its graphs, or the result of a CONSTRUCT, as RDF or as a property graph.

use super::property_graph;
use super::query::{catalogue, find_text, parts_for};
use crate::cli::args::ExportArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, nearest};
use crate::export::canonical::write_canonical;
use crate::export::description::Counts;
use crate::pipeline::{self, GraphNames, Load, Parts};
use crate::project::Project;
use crate::property_graph::{Builder, Format};
use crate::query::results::{ResultsFormat, write_answer};
use crate::query::{Answer, QueryParser};
use crate::sink::file::Output;
use crate::sink::graph::GraphWriter;
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
    let graph_format = property_graph::wanted(args)?;
    let format = if args.canonical || graph_format.is_some() {
        RdfFormat::NQuads
    } else {
        output::rdf_format(args.format.as_deref(), &args.output, RdfFormat::Turtle)?
    };
    if args.sorted {
        output::check_sortable(Some(format))?;
    }
    if let Some(query) = &args.construct {
        return construct(query, format, graph_format, args, &project, context);
    }
    // A format that holds one graph gets the triples of all that are wanted as one.
    let has_graphs = match graph_format {
        Some(_) => args.property_graph.keep_graphs,
        None => format.supports_datasets(),
    };
    let wanted = wanted_graphs(args, has_graphs, graph_format.is_some(), &project, context)?;
    let merge = !has_graphs || wanted.len() == 1;
    let mut diagnostics = Diagnostics::new();
    let to = if let Some(format) = graph_format {
        To::Graph(
            Box::new(property_graph::builder(
                &args.property_graph,
                property_graph::dialect(args),
                args.memory,
                &project,
            )?),
            format,
        )
    } else if args.canonical {
        To::Canonical(output::open(&args.output)?, Vec::new())
    } else {
        To::Writer(writer(args, format, &project, output::open(&args.output)?)?)
    };
    let mut quads = Chosen { to, merge };
    if let Some(folder) = args.store.as_deref() {
        let store = context.store(&project, Some(folder), Parts::All)?;
        for graph in &wanted {
            quads.add(&store, graph)?;
        }
    } else {
        let Some(mapping) = context.mapping(&project, &mut diagnostics) else {
            return Ok(Outcome::CouldNotRun);
        };
        // What the tables state comes from the engine, not out of the store, which would rewrite
        // lexical forms.
        let names = GraphNames::of(&project);
        let is_wanted = |name: &NamedNode| wanted.contains(&Wanted::Named(name.clone()));
        let is_described = is_wanted(&names.description);
        let stated = wanted.contains(&Wanted::Stated);
        let store = super::new_store()?;
        let mut counts = Counts::default();
        let load = Load {
            // The description says how many triples the rules derive.
            parts: if is_described || is_wanted(&names.inferred) {
                Parts::Named
            } else {
                Parts::Ontology
            },
            // What is stated more than once is written once; a property graph sees to that itself.
            counts: (is_described || stated && graph_format.is_none()).then_some(&mut counts),
            also: if stated { Some(&mut quads) } else { None },
            ..Load::default()
        };
        let mut display = context.display();
        pipeline::load_parts(
            &project,
            &mapping,
            &store,
            load,
            &mut diagnostics,
            &mut |progress| display.step(progress),
        )?;
        drop(display);
        context.reporter.diagnostics(&diagnostics);
        if diagnostics.errors() > 0 {
            return Ok(Outcome::Errors);
        }
        if is_described {
            pipeline::describe(&project, &mapping, &counts, &store, Vec::new())?;
        }
        for graph in wanted.iter().filter(|graph| **graph != Wanted::Stated) {
            quads.add(&store, graph)?;
        }
        super::leave(store);
    }
    match quads.to {
        To::Graph(builder, format) => property_graph::write(*builder, format, args, context)?,
        To::Canonical(mut file, quads) => {
            let name = file.name().to_owned();
            write_canonical(quads, &mut file).map_err(|error| SinkError::Io { name, error })?;
            file.commit()?;
        }
        To::Writer(writer) => writer
            .finish(&mut || !context.interrupt.happened())?
            .commit()?,
    }
    Ok(Outcome::Done)
}

fn writer(
    args: &ExportArgs,
    format: RdfFormat,
    project: &Project,
    file: Output,
) -> Result<GraphWriter<Output>, SinkError> {
    let name = file.name().to_owned();
    if args.sorted {
        GraphWriter::sorted(&name, format, &project.prefixes, args.memory, file)
    } else {
        GraphWriter::new(&name, format, &project.prefixes, file)
    }
}

/// Writes what is chosen in the order in which it comes.
struct Chosen {
    to: To,
    merge: bool,
}

enum To {
    /// Memory: all quads; labelling blank nodes needs them.
    Canonical(Output, Vec<Quad>),
    Writer(GraphWriter<Output>),
    Graph(Box<Builder>, Format),
}

impl Chosen {
    fn take(&mut self, mut quad: QuadRef<'_>) -> Result<(), SinkError> {
        if self.merge {
            quad.graph_name = GraphNameRef::DefaultGraph;
        }
        match &mut self.to {
            To::Canonical(_, quads) => quads.push(quad.into_owned()),
            To::Writer(writer) => writer.write(quad)?,
            To::Graph(builder, _) => builder.add(quad)?,
        }
        Ok(())
    }

    fn add(&mut self, store: &Store, graph: &Wanted) -> Result<(), Failure> {
        let name = match graph {
            Wanted::Stated => GraphNameRef::DefaultGraph,
            Wanted::Named(name) => GraphNameRef::NamedNode(name.as_ref()),
        };
        for quad in pipeline::sorted_graph(store, name)? {
            self.take(quad.as_ref())?;
        }
        Ok(())
    }
}

impl QuadSink for Chosen {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.take(quad)
    }
}

fn wanted_graphs(
    args: &ExportArgs,
    has_graphs: bool,
    is_property_graph: bool,
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
        if has_graphs {
            return Ok(all());
        }
        let apart = if is_property_graph {
            "`--keep-graphs` keeps"
        } else {
            "TriG and N-Quads keep"
        };
        context.reporter.message(&format!(
            "note: this format holds one graph: what the tables state is written; `--graph all` \
             merges all graphs, {apart} them apart",
        ));
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
    graph_format: Option<Format>,
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
    let store = context.store(project, args.store.as_deref(), parts_for(&query))?;
    let answer = query
        .with_cancellation(context.interrupt.token())
        .run(&store)?;
    if let Some(format) = graph_format {
        let Answer::Triples(triples) = answer else {
            return Err(not_a_graph());
        };
        let mut builder = property_graph::builder(
            &args.property_graph,
            property_graph::dialect(args),
            args.memory,
            project,
        )?;
        for triple in triples {
            builder.add(triple?.as_ref().in_graph(GraphNameRef::DefaultGraph))?;
        }
        property_graph::write(builder, format, args, context)?;
        super::leave(store);
        return Ok(Outcome::Done);
    }
    let mut file = output::open(&args.output)?;
    if args.sorted {
        let Answer::Triples(triples) = answer else {
            return Err(not_a_graph());
        };
        let mut writer = writer(args, format, project, file)?;
        for triple in triples {
            writer.write(triple?.as_ref().in_graph(GraphNameRef::DefaultGraph))?;
        }
        writer
            .finish(&mut || !context.interrupt.happened())?
            .commit()?;
        super::leave(store);
        return Ok(Outcome::Done);
    }
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
    super::leave(store);
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
