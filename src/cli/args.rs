//! The arguments of the command line, written down once: help, completions and manual come from
//! here.

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// CSV tables to an RDF knowledge graph
#[derive(Debug, Parser)]
#[command(
    name = "coalition-kg",
    version,
    about = "Turns CSV tables into an RDF knowledge graph, answers SPARQL queries and exports Turtle",
    after_help = "Without a project folder, the graph that is compiled into the binary is used.\n\
                  `coalition-kg COMMAND --help` explains a command and gives examples.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Project folder [default: the current one, else the built-in graph]
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        help_heading = "Options of every command"
    )]
    pub project: Option<PathBuf>,
    /// Base IRI of the graph, in place of the project's
    #[arg(
        long,
        value_name = "IRI",
        global = true,
        help_heading = "Options of every command"
    )]
    pub base: Option<String>,
    /// When to use colours
    #[arg(
        long,
        value_enum,
        default_value_t,
        global = true,
        help_heading = "Options of every command",
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: ColorChoice,
    /// How messages look: full, short (a line each) or json
    #[arg(
        long,
        value_enum,
        default_value_t,
        global = true,
        help_heading = "Options of every command",
        value_name = "FORM",
        hide_possible_values = true
    )]
    pub message_format: MessageFormat,
    /// Say nothing but errors
    #[arg(short, long, global = true, help_heading = "Options of every command")]
    pub quiet: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How messages look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With the line at fault and help
    #[default]
    Full,
    /// On one line
    Short,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Build(BuildArgs),
    Convert(ConvertArgs),
    Query(QueryArgs),
    Export(ExportArgs),
    Validate(ValidateArgs),
    Explain(ExplainArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

fn rdf_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(
        crate::sink::serializer::FORMATS
            .iter()
            .map(|(name, _)| *name),
    )
}

/// Build the graph of a project and write it
///
/// Checks the tables against their metadata, converts them, runs the rules and loads the store;
/// then writes the graph and its description (VoID and DCAT). When the data has an error nothing
/// is written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg build\n  \
    coalition-kg build --output graph.trig\n  \
    coalition-kg build --project my-project --output - --format ntriples | gzip > graph.nt.gz")]
pub(crate) struct BuildArgs {
    /// File of the graph, `-` for standard output [default: build/NAME.ttl]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the graph [default: by the file's name, else turtle]
    #[arg(short, long, value_name = "FORMAT", value_parser = rdf_formats())]
    pub format: Option<String>,
    /// File of the description [default: NAME.void.ttl beside the graph]
    #[arg(long, value_name = "FILE")]
    pub description: Option<PathBuf>,
    /// Keep the graph in a store on disk too
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Memory for keys, such as 512M, before they move to a temporary file
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "1G", hide_default_value = true)]
    pub key_memory: usize,
}

/// Convert CSV files or CSVW metadata documents to RDF
///
/// Reads each table row by row and writes triples as they come, without a store. A CSV file's
/// metadata is looked for beside it: FILE-metadata.json, then csv-metadata.json; without any, its
/// header names the properties.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg convert cities.csv\n  \
    coalition-kg convert --minimal csv-metadata.json --output cities.ttl\n  \
    zcat big.csv.gz | coalition-kg convert - --format nquads > big.nq")]
pub(crate) struct ConvertArgs {
    /// CSV files or metadata documents (.json), `-` for a CSV on standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Say only what the cells say, nothing of tables and rows
    #[arg(long)]
    pub minimal: bool,
    /// Output file, `-` for standard output
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub output: PathBuf,
    /// Output format [default: by the file's name, else turtle]
    #[arg(short, long, value_name = "FORMAT", value_parser = rdf_formats())]
    pub format: Option<String>,
    /// Memory for keys, such as 512M, before they move to a temporary file
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "1G", hide_default_value = true)]
    pub key_memory: usize,
}

/// List the bundled queries, or run one
///
/// Without an argument the bundled queries are listed. NAME is a bundled query (a part of the name
/// before the first hyphen is enough), FILE a file with SPARQL, `-` standard input. Queries see
/// what the tables state; `--inferred` adds what the rules derive and the ontology.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg query\n  \
    coalition-kg query cq05\n  \
    coalition-kg query actor --set actor=id:state-ITA --set lang=ar\n  \
    echo 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }' | coalition-kg query - --format json")]
pub(crate) struct QueryArgs {
    /// Bundled query, file, or `-`
    #[arg(value_name = "NAME|FILE|-")]
    pub query: Option<String>,
    /// Bind a variable to a term: an IRI, a prefixed name, a number or a text (can be repeated)
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub bindings: Vec<String>,
    /// Output format: table, csv, tsv, json, xml, or an RDF format for graphs
    #[arg(short, long, value_name = "FORMAT", value_parser = query_formats())]
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
    /// Stop a query that lasts longer
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<f64>,
    /// Ask what the rules derive too, and the ontology
    #[arg(long)]
    pub inferred: bool,
    /// Print the query instead of running it
    #[arg(long)]
    pub show: bool,
    /// Ask a store on disk that `build --store` made
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
}

fn query_formats() -> PossibleValuesParser {
    let rdf = crate::sink::serializer::FORMATS
        .iter()
        .map(|(name, _)| *name);
    PossibleValuesParser::new(
        ["table", "csv", "tsv", "json", "xml"]
            .into_iter()
            .chain(rdf),
    )
}

/// Write the graph, one of its named graphs, or what a CONSTRUCT query makes
///
/// Graphs: `stated` (what the tables say, the default graph), `inferred` (what the rules derive),
/// `ontology`, `description`, `all`, or an IRI. TriG and N-Quads hold all of them by default; the
/// formats without named graphs hold what is stated.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg export > graph.ttl\n  \
    coalition-kg export --output graph.trig\n  \
    coalition-kg export --graph inferred --format ntriples\n  \
    coalition-kg export --canonical --output graph.nq")]
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
    #[arg(long, value_name = "NAME|FILE")]
    pub construct: Option<String>,
    /// Output format [default: by the file's name, else turtle]
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
    /// Write sorted N-Quads with canonical blank node labels (RDFC-1.0)
    #[arg(long, conflicts_with = "format")]
    pub canonical: bool,
    /// Read from a store on disk that `build --store` made
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
}

/// Check the tables against their metadata and the graph against its shapes
///
/// Reports every fault with its place. Exits with 0 when all conforms and with 1 when not.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg validate\n  \
    coalition-kg validate --format json --output report.json\n  \
    coalition-kg validate --format turtle --output report.ttl\n  \
    coalition-kg validate --data changed.ttl")]
pub(crate) struct ValidateArgs {
    /// Report: text, json, or turtle (a SHACL validation report)
    #[arg(short, long, value_name = "FORMAT", value_parser = ["text", "json", "turtle"], default_value = "text", hide_default_value = true, hide_possible_values = true)]
    pub format: String,
    /// File of the report, `-` for standard output
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub output: PathBuf,
    /// Check this RDF file against the shapes, in place of the tables
    #[arg(long, value_name = "FILE", conflicts_with = "store")]
    pub data: Option<PathBuf>,
    /// Check a store on disk that `build --store` made, in place of the tables
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Memory for keys, such as 512M, before they move to a temporary file
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "1G", hide_default_value = true)]
    pub key_memory: usize,
}

/// Say where the triples about a resource come from
///
/// Lists each triple about the resource with the file, row, column and mapping element that made
/// it, or the rule that derived it, and the statements of the source that support it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg explain id:state-ITA\n  \
    coalition-kg explain https://example.org/id/thing --format json")]
pub(crate) struct ExplainArgs {
    /// IRI or prefixed name of the resource
    #[arg(value_name = "IRI")]
    pub iri: String,
    /// Form of the answer: text or json
    #[arg(short, long, value_name = "FORMAT", value_parser = ["text", "json"], default_value = "text", hide_default_value = true, hide_possible_values = true)]
    pub format: String,
}

/// Print shell completions
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  coalition-kg completions bash > /etc/bash_completion.d/coalition-kg"
)]
pub(crate) struct CompletionsArgs {
    /// Shell
    pub shell: clap_complete::Shell,
}

/// Print the manual page, or write the pages of all commands
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  coalition-kg man | man -l -\n  coalition-kg man --output man/"
)]
pub(crate) struct ManArgs {
    /// Folder for the pages of all commands
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

// A number of bytes, or of 1024s of them: `4096`, `512M`, `2G`.
fn parse_size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "K" | "KB" | "KIB" => Some(1 << 10),
        "M" | "MB" | "MIB" => Some(1 << 20),
        "G" | "GB" | "GIB" => Some(1 << 30),
        "T" | "TB" | "TIB" => 1_usize.checked_shl(40),
        _ => None,
    };
    let number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.then(|| digits.parse::<usize>().ok()).flatten();
    factor
        .zip(number)
        .and_then(|(factor, number)| number.checked_mul(factor))
        .ok_or_else(|| "a size is a number with K, M or G after it, such as 512M".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("0", Some(0)),
            ("4096", Some(4096)),
            ("1k", Some(1024)),
            ("512M", Some(512 << 20)),
            ("2GiB", Some(2 << 30)),
            ("", None),
            ("M", None),
            ("-1", None),
            ("1.5G", None),
            ("1X", None),
            ("99999999999999999999", None),
            ("999999999999T", None),
        ] {
            assert_eq!(parse_size(text).ok(), expected, "{text}");
        }
    }
}
