//! `export` and `import`.

use super::{parse_memory, rdf_formats};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

fn export_formats() -> PossibleValuesParser {
    let rdf = crate::sink::serializer::FORMATS.iter();
    let graphs = crate::property_graph::FORMATS.iter();
    PossibleValuesParser::new(
        rdf.map(|(name, _)| *name)
            .chain(graphs.map(|(name, _)| *name)),
    )
}

fn dialects() -> PossibleValuesParser {
    let names = crate::property_graph::DIALECTS.iter();
    PossibleValuesParser::new(names.map(|(name, _)| *name))
}

/// Write the graph, one of its named graphs, or what a CONSTRUCT query makes
///
/// Graphs: `stated` (what the tables say, the default graph), `inferred` (what the rules derive),
/// `ontology`, `description`, `all`, or an IRI. TriG and N-Quads hold all of them by default; the
/// formats without named graphs hold what is stated. Property graphs (`neo4j-csv`, `cypher`, `kuzu`,
/// `ladybug`, `jsonl`, `neptune-csv`, `falkordb-csv`, `graphml`) are written with a map of their
/// names.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg export > graph.ttl\n  \
    coalition-kg export --output graph.trig\n  \
    coalition-kg export --graph inferred --format ntriples\n  \
    coalition-kg export --canonical --output graph.nq\n  \
    coalition-kg export --format neo4j-csv --output neo4j/")]
pub(crate) struct ExportArgs {
    /// Graph to write (can be repeated)
    #[arg(
        short,
        long = "graph",
        value_name = "GRAPH",
        conflicts_with = "construct"
    )]
    pub graphs: Vec<String>,
    /// Bundled query or file with a CONSTRUCT or DESCRIBE query whose result is written
    #[arg(long, value_name = "NAME|FILE", conflicts_with = "keep_graphs")]
    pub construct: Option<String>,
    /// Output format [default: by the file's name, else turtle]
    #[arg(short, long, value_name = "FORMAT", value_parser = export_formats())]
    pub format: Option<String>,
    /// Output file, `-` for standard output; a folder for `neo4j-csv`, `kuzu`, `ladybug`, `neptune-csv`,
    /// `falkordb-csv`
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub output: PathBuf,
    /// Write sorted N-Quads with canonical blank node labels (RDFC-1.0)
    #[arg(long, conflicts_with = "format")]
    pub canonical: bool,
    /// Write sorted, however large: lines by their bytes, Turtle and TriG by subject
    #[arg(long, conflicts_with = "canonical")]
    pub sorted: bool,
    /// Memory for sorting and property graphs, such as 512M, before temporary files are used
    #[arg(long, value_name = "SIZE", value_parser = parse_memory, default_value = "1G", hide_default_value = true)]
    pub memory: usize,
    /// Read from a store on disk that `build --store` made
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Property graphs: whose Cypher is written [default: neo4j]
    #[arg(long, value_name = "NAME", value_parser = dialects(), hide_possible_values = true)]
    pub dialect: Option<String>,
    #[command(flatten)]
    pub property_graph: PropertyGraphArgs,
}

/// How RDF becomes a property graph.
#[derive(Debug, Args)]
pub(crate) struct PropertyGraphArgs {
    /// Property graphs: xsd:decimal as `double`, exact digits beside, or as `string`
    #[arg(
        long,
        value_name = "TYPE",
        value_enum,
        default_value_t,
        hide_default_value = true,
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub decimals: DecimalStyle,
    /// Property graphs: `label_ar` (`underscore`) or `label@ar` (`at`)
    #[arg(
        long,
        value_name = "STYLE",
        value_enum,
        default_value_t,
        hide_default_value = true,
        hide_possible_values = true,
        hide_short_help = true
    )]
    pub language_style: LanguageStyle,
    /// Property graphs: members of a class as relationships (can be repeated)
    ///
    /// FROM and TO are the properties that lead to where a relationship begins and ends. Members
    /// that would lose something stay nodes.
    #[arg(long, value_name = "CLASS=FROM,TO", hide_short_help = true)]
    pub fold: Vec<String>,
    /// Property graphs: keep named graphs apart, in names and relationships
    #[arg(long, hide_short_help = true)]
    pub keep_graphs: bool,
}

/// What decimals are in a property graph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecimalStyle {
    /// Floating point numbers
    #[default]
    Double,
    /// Text
    String,
}

/// How names in a property graph say their language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageStyle {
    /// `label_ar`
    #[default]
    Underscore,
    /// `label@ar`
    At,
}

/// Read a property graph that `export` wrote back as RDF
///
/// Reads every format through the map of names that stands beside it, which also says what the format
/// is; nothing is lost on the way. What is not as `export` wrote it is an error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg import graph.cypher > graph.nq\n  \
    coalition-kg import neo4j/ --output graph.trig")]
pub(crate) struct ImportArgs {
    /// File or folder that `export` wrote
    #[arg(value_name = "FILE|DIR")]
    pub input: PathBuf,
    /// Map of names [default: FILE.names.json beside the file, names.json in the folder]
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,
    /// Output format [default: by the file's name, else nquads]
    #[arg(short, long, value_name = "FORMAT", value_parser = rdf_formats())]
    pub format: Option<String>,
    /// Output file, `-` for standard output
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub output: PathBuf,
}
