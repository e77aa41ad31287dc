//! From a project to its graph: mapping, plan, engine, store, ontology, rules.
//!
//! In: a [`Project`]. Out: a filled store and a report. The steps are here, the work is done by
//! the modules that they call; nothing is printed.

mod stated;

use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::engine::{self, OnError, Progress, RunError, RunOptions, RunReport, Severities};
use crate::export::description::{Counts, Described, Distribution, describe_into};
use crate::mapping::csvw::{self, Mode, Options, Purpose, TableGroup};
use crate::plan::Plan;
use crate::project::{Project, ProjectError, ProjectFile};
use crate::query::QueryError;
use crate::query::rules::{Rule, RulesReport, run_rules};
use crate::sink::store::{Place, StoreSink};
use crate::sink::{Discard, QuadSink, SinkError};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::store::{StorageError, Store};
use oxrdf::{BlankNode, Graph, GraphName, GraphNameRef, NamedNode, NamedOrBlankNode, Quad, Term};
use rustc_hash::FxHashMap;
use stated::Stated;

/// Told how far a run has come; says whether to go on.
pub type Observer<'o> = &'o mut dyn FnMut(&Progress<'_>) -> bool;

/// Why there is no graph.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// The run ended early.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The store fails.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// A file of the project cannot be read.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A rule cannot be run.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Something else is wrong, such as the syntax of the ontology.
    #[error("{}", .0.message)]
    Diagnostic(Box<Diagnostic>),
}

impl From<StorageError> for PipelineError {
    fn from(error: StorageError) -> Self {
        Self::Sink(error.into())
    }
}

/// The mapping of a project, ready to run.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The metadata.
    pub group: TableGroup,
    /// The plan made of it.
    pub plan: Plan,
    /// About how many bytes the keys of its tables may take in memory.
    pub key_memory: usize,
}

/// The named graphs of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNames {
    /// What the rules derive.
    pub inferred: NamedNode,
    /// The ontology.
    pub ontology: NamedNode,
    /// The description of the dataset.
    pub description: NamedNode,
}

impl GraphNames {
    /// Those of a project.
    pub fn of(project: &Project) -> Self {
        let name = |name| NamedNode::new_unchecked(project.graph_iri(name));
        Self {
            inferred: name("inferred"),
            ontology: name("ontology"),
            description: name("description"),
        }
    }

    /// The graph of a short name.
    pub fn by_name(&self, name: &str) -> Option<&NamedNode> {
        match name {
            "inferred" => Some(&self.inferred),
            "ontology" => Some(&self.ontology),
            "description" => Some(&self.description),
            _ => None,
        }
    }
}

/// What of the graph of a project has to be in the store. Its tables are read and checked in any
/// case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Parts {
    /// All of it: what the tables state, the ontology and what the rules derive.
    #[default]
    All,
    /// What the tables state, and the ontology: no rule is run.
    Stated,
    /// The ontology and what the rules derive. What the tables state is loaded only where there
    /// are rules, which need it.
    Named,
    /// The ontology.
    Ontology,
}

/// What to load and where.
#[derive(Default)]
pub struct Load<'l> {
    /// What has to be in the store.
    pub parts: Parts,
    /// Where the store keeps it.
    pub place: Place,
    /// Counts what is stated on the way, for its description. What comes again is then left out, of
    /// the store and of `also`.
    pub counts: Option<&'l mut Counts>,
    /// Takes what is stated on the way.
    pub also: Option<&'l mut dyn QuadSink>,
}

/// What was loaded.
#[derive(Debug, Clone)]
pub struct LoadReport {
    /// The tables.
    pub run: RunReport,
    /// The quads of the tables that were handed to the store: none where it was not asked for them.
    pub stored: u64,
    /// The triples of the ontology.
    pub ontology: u64,
    /// The rules.
    pub rules: RulesReport,
}

/// Reads the metadata of a project and makes its plan.
///
/// Returns nothing where the metadata is beyond use; the diagnostics say why.
pub fn read_mapping(project: &Project, diagnostics: &mut Diagnostics) -> Option<Mapping> {
    let iri = project.metadata_iri();
    let options = Options {
        mode: Mode::Minimal,
        purpose: Purpose::Validate,
        lenient: true,
        ..Options::default()
    };
    let mut found = Diagnostics::new();
    let group = csvw::open(&iri, None, &project.sources, &options, &mut found);
    // By the letter a key of unknown columns is passed over: a project would miss it.
    found.raise("csvw::unknown-column");
    let sound = found.errors() == 0;
    diagnostics.append(found);
    let group = group.filter(|_| sound)?;
    let plan = csvw::lower(&group, &options, diagnostics)?;
    Some(Mapping {
        group,
        plan,
        key_memory: engine::KEY_MEMORY,
    })
}

/// Runs a mapping into a sink, checking the tables on the way.
///
/// A value that does not fit its datatype is an error here.
///
/// # Errors
/// When the sink fails or the observer stops the run.
pub fn run_tables(
    project: &Project,
    mapping: &Mapping,
    sink: &mut impl QuadSink,
    diagnostics: &mut Diagnostics,
    observer: Observer<'_>,
) -> Result<RunReport, RunError> {
    let mut options = RunOptions {
        severities: Severities::VALIDATE,
        key_memory: mapping.key_memory,
        shard: None,
        on_error: OnError::GoOn,
        observer,
    };
    engine::run(
        &mapping.plan,
        &project.sources,
        sink,
        diagnostics,
        &mut options,
    )
}

/// Loads the whole graph of a project into a store in memory: what the tables state into the default
/// graph, the ontology and what the rules derive into graphs of their own.
///
/// The quads of the tables go to `also` on the way. Where the tables have errors, the ontology and
/// the rules are left out.
///
/// # Errors
/// When the store or a sink fails, a file of the project cannot be read or is not valid, or the
/// observer stops the run.
pub fn load(
    project: &Project,
    mapping: &Mapping,
    store: &Store,
    also: Option<&mut dyn QuadSink>,
    diagnostics: &mut Diagnostics,
    observer: Observer<'_>,
) -> Result<LoadReport, PipelineError> {
    let load = Load {
        also,
        ..Load::default()
    };
    load_parts(project, mapping, store, load, diagnostics, observer)
}

/// Like [`load`] with a choice of what has to be in the store.
///
/// # Errors
/// Those of [`load`].
pub fn load_parts(
    project: &Project,
    mapping: &Mapping,
    store: &Store,
    load: Load<'_>,
    diagnostics: &mut Diagnostics,
    observer: Observer<'_>,
) -> Result<LoadReport, PipelineError> {
    let rules = match load.parts {
        Parts::All | Parts::Named => rules(project)?,
        Parts::Stated | Parts::Ontology => Vec::new(),
    };
    let is_stored = match load.parts {
        Parts::All | Parts::Stated => true,
        Parts::Named => !rules.is_empty(),
        Parts::Ontology => false,
    };
    let target = is_stored.then(|| StoreSink::new(store, load.place));
    let mut sink = Stated::new(load.counts, target, load.also);
    let run = run_tables(project, mapping, &mut sink, diagnostics, observer)?;
    let mut report = LoadReport {
        run,
        stored: sink.finish()?,
        ontology: 0,
        rules: RulesReport::default(),
    };
    if diagnostics.errors() == 0 {
        report.ontology = load_ontology(project, store)?;
        if !rules.is_empty() {
            report.rules = infer(project, &rules, store)?;
        }
    }
    Ok(report)
}

/// Checks the tables of a project without making a graph of them.
///
/// # Errors
/// When the observer stops the run.
pub fn check_tables(
    project: &Project,
    mapping: &Mapping,
    diagnostics: &mut Diagnostics,
    observer: Observer<'_>,
) -> Result<RunReport, RunError> {
    run_tables(project, mapping, &mut Discard, diagnostics, observer)
}

/// Loads the ontology into its graph; gives the number of triples.
///
/// # Errors
/// When a file cannot be read or is not Turtle.
pub fn load_ontology(project: &Project, store: &Store) -> Result<u64, PipelineError> {
    let graph = GraphNames::of(project).ontology;
    let mut count = 0;
    for (number, file) in project.ontology()?.into_iter().enumerate() {
        let mut quads = parse(&file.text, RdfFormat::Turtle, &project.base, &file.name)?;
        label_blank_nodes(&mut quads, &format!("ontology{number}n"));
        for quad in &mut quads {
            quad.graph_name = GraphName::NamedNode(graph.clone());
        }
        count += quads.len() as u64;
        let mut loader = store.bulk_loader();
        loader.load_quads(quads)?;
        loader.commit()?;
    }
    Ok(count)
}

// The parser labels blank nodes at random; here they are labelled in the order of the document, so
// that the same document gives the same bytes.
fn label_blank_nodes(quads: &mut [Quad], prefix: &str) {
    let mut labels: FxHashMap<BlankNode, BlankNode> = FxHashMap::default();
    let mut label = |node: &mut BlankNode| {
        let next = labels.len();
        let known = labels
            .entry(node.clone())
            .or_insert_with(|| BlankNode::new_unchecked(format!("{prefix}{next}")));
        node.clone_from(known);
    };
    for quad in quads {
        if let NamedOrBlankNode::BlankNode(node) = &mut quad.subject {
            label(node);
        }
        if let Term::BlankNode(node) = &mut quad.object {
            label(node);
        }
    }
}

/// The quads of one graph of a store, in the order of their text: a store gives them in an order
/// of its own, which differs from run to run.
///
/// Memory: the whole graph, twice.
///
/// # Errors
/// When the store cannot be read.
pub fn sorted_graph(store: &Store, graph: GraphNameRef<'_>) -> Result<Vec<Quad>, PipelineError> {
    let mut quads = store
        .quads_for_pattern(None, None, None, Some(graph))
        .collect::<Result<Vec<_>, _>>()?;
    quads.sort_by_cached_key(ToString::to_string);
    Ok(quads)
}

/// Runs the rules into the graph of what is derived.
///
/// # Errors
/// When a rule cannot be read or run.
pub fn infer(
    project: &Project,
    rules: &[Rule],
    store: &Store,
) -> Result<RulesReport, PipelineError> {
    let names = GraphNames::of(project);
    Ok(run_rules(store, rules, &names.inferred, &[names.ontology])?)
}

/// The rules of a project.
///
/// # Errors
/// When a file cannot be read.
pub fn rules(project: &Project) -> Result<Vec<Rule>, PipelineError> {
    let files = project.rules()?.into_iter();
    Ok(files
        .map(|file| Rule {
            name: file.name,
            text: file.text,
        })
        .collect())
}

/// Describes the graph of a project (VoID and DCAT) in a graph of its own; gives the description.
/// What is stated was counted on the way, the named graphs are in the store.
///
/// # Errors
/// When the store cannot be read or written.
pub fn describe(
    project: &Project,
    mapping: &Mapping,
    counts: &Counts,
    store: &Store,
    distributions: Vec<Distribution>,
) -> Result<Graph, PipelineError> {
    let names = GraphNames::of(project);
    let annotations = &mapping.group.annotations;
    let described = Described {
        base: project.base.clone(),
        annotations: annotations
            .iter()
            .flat_map(|annotation| {
                let values = annotation.values.iter();
                values.map(|value| (annotation.predicate.clone(), value.clone()))
            })
            .collect(),
        named_graphs: vec![names.inferred, names.ontology],
        distributions,
    };
    Ok(describe_into(
        counts,
        store,
        &described,
        &names.description,
    )?)
}

/// The shapes of a project, if it has any.
///
/// # Errors
/// When the file cannot be read or is not Turtle.
pub fn shapes(project: &Project) -> Result<Option<Graph>, PipelineError> {
    match project.shapes()? {
        Some(file) => Ok(Some(parse_turtle(project, &file)?)),
        None => Ok(None),
    }
}

fn parse_turtle(project: &Project, file: &ProjectFile) -> Result<Graph, PipelineError> {
    let mut graph = Graph::new();
    let mut quads = parse(&file.text, RdfFormat::Turtle, &project.base, &file.name)?;
    label_blank_nodes(&mut quads, "shape");
    for quad in quads {
        graph.insert(oxrdf::TripleRef::from(quad.as_ref()));
    }
    Ok(graph)
}

/// Parses an RDF document that is at hand.
///
/// # Errors
/// A diagnostic with line and column.
pub fn parse(
    text: &str,
    format: RdfFormat,
    base: &str,
    name: &str,
) -> Result<Vec<Quad>, PipelineError> {
    let parser = RdfParser::from_format(format)
        .with_base_iri(base)
        .map_err(|error| {
            let diagnostic =
                Diagnostic::error("rdf::base", error.to_string(), Location::of_source(name));
            PipelineError::Diagnostic(Box::new(diagnostic))
        })?;
    parser
        .for_slice(text)
        .collect::<Result<_, _>>()
        .map_err(|error| {
            let mut location = Location::of_source(name);
            if let Some(range) = error.location() {
                location.line = Some(range.start.line + 1);
                location.column = Some(range.start.column + 1);
            }
            // The place stands in the location already.
            let message = error.to_string();
            let message = match message.split_once(": ") {
                Some((place, rest)) if place.starts_with("Parser error at") => rest,
                _ => message.as_str(),
            };
            let diagnostic = Diagnostic::error("rdf::syntax", message, location)
                .with_help("mend the document here");
            PipelineError::Diagnostic(Box::new(diagnostic))
        })
}
