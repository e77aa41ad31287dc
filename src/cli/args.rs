//! The arguments of the command line, written down once: help, completions and manual come from
//! here.

mod export;
mod push;

pub(crate) use push::{AuthArg, MethodArg, PushArgs};

use super::part::parse_shard;
use super::size::{parse_memory, parse_seconds, parse_size};
use crate::engine::Shard;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use export::{DecimalStyle, ExportArgs, ImportArgs, LanguageStyle, PropertyGraphArgs};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

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

/// What may be fetched from the network: nothing, unless it is asked for.
#[derive(Debug, Args)]
pub(crate) struct NetworkArgs {
    /// Fetch tables and metadata that are named by http and https addresses
    #[arg(long, help_heading = "Network")]
    pub allow_network: bool,
    /// Fetch from this machine and its local network too
    #[arg(
        long,
        requires = "allow_network",
        help_heading = "Network",
        hide_short_help = true
    )]
    pub allow_private_addresses: bool,
    /// Greatest size of one download, such as 500M [default: 1G]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, help_heading = "Network", hide_short_help = true)]
    pub max_download: Option<u64>,
    /// Longest time of one download [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, help_heading = "Network", hide_short_help = true)]
    pub network_timeout: Option<Duration>,
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

/// What becomes of a row that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowErrors {
    /// The run ends
    Stop,
    /// It is left out
    Skip,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Build(BuildArgs),
    Convert(ConvertArgs),
    Plan(PlanArgs),
    Translate(TranslateArgs),
    Merge(MergeArgs),
    Query(QueryArgs),
    Export(ExportArgs),
    Import(ImportArgs),
    Push(PushArgs),
    Validate(ValidateArgs),
    Check(CheckArgs),
    Explain(ExplainArgs),
    Init(InitArgs),
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

/// The name of the format that is no RDF.
pub(crate) const JSON: &str = "json";

fn convert_formats() -> PossibleValuesParser {
    let rdf = crate::sink::serializer::FORMATS.iter();
    PossibleValuesParser::new(rdf.map(|(name, _)| *name).chain([JSON]))
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
    coalition-kg build --project my-project --output graph.nt.gz")]
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
    /// Write the graph sorted, however large: lines by their bytes, Turtle and TriG by subject
    #[arg(long)]
    pub sorted: bool,
    /// Memory for keys, and for sorting, such as 512M, before they move to a temporary file
    #[arg(long, alias = "key-memory", value_name = "SIZE", value_parser = parse_memory, default_value = "1G", hide_default_value = true)]
    pub memory: usize,
}

/// Where tables and their metadata come from.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// Metadata for the CSV files, in place of what would be found
    #[arg(long, value_name = "FILE|URL")]
    pub metadata: Option<String>,
    /// Read what is under an address from a folder or from files (can be repeated)
    #[arg(long, value_name = "IRI=PATH")]
    pub map_url: Vec<String>,
    /// Take a Link header as if it had been sent with the CSV (can be repeated)
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub link_header: Vec<String>,
    /// Let pass what many packages do against the letter: columns with a `name` but no `titles`
    #[arg(long)]
    pub lenient: bool,
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// A mapping in RML or YARRRML, and what it leaves open.
#[derive(Debug, Default, Args)]
pub(crate) struct MappingArgs {
    /// Mapping in RML or YARRRML, which names its tables (can be repeated)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "metadata", "minimal", "link_header"])]
    pub mapping: Vec<String>,
    /// Folder of the mapping's sources [default: that of the mapping]
    #[arg(long, value_name = "DIR", requires = "mapping", hide_short_help = true)]
    pub source_dir: Option<PathBuf>,
    /// Folder of the mapping's logical targets [default: the current one]
    #[arg(long, value_name = "DIR", requires = "mapping", hide_short_help = true)]
    pub target_dir: Option<PathBuf>,
    /// What an empty cell is to a mapping: no value (`null`) or the empty text (`text`)
    ///
    /// By default what the mapping's vocabulary says: no value in R2RML's and in YARRRML, the empty text
    /// in `http://w3id.org/rml/`, unless `rml:null` or `csvw:null` says otherwise.
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        requires = "mapping",
        hide_short_help = true
    )]
    pub empty_cells: Option<EmptyCellsArg>,
    /// What a reference to a column that the table lacks is: an error, or no value
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        requires = "mapping",
        hide_short_help = true
    )]
    pub missing_columns: Option<MissingColumnsArg>,
    /// What a cell is that a row is too short for: an error, or no value
    ///
    /// Cells that a row has too many are an error, or passed over with a warning.
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        requires = "mapping",
        hide_short_help = true
    )]
    pub ragged_rows: Option<MissingColumnsArg>,
    /// What becomes of relative IRIs: put behind the base as they stand, or resolved against it
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        requires = "mapping",
        hide_short_help = true
    )]
    pub relative_iris: Option<RelativeArg>,
    /// How values of a datatype are written: kept to the letter, or in their canonical form
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        requires = "mapping",
        hide_short_help = true
    )]
    pub lexical_forms: Option<LexicalArg>,
    /// Whether blank nodes of the same text are the same in all triples maps, or each has its own
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        requires = "mapping",
        hide_short_help = true
    )]
    pub blank_nodes: Option<BlankNodesArg>,
}

/// What an empty cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EmptyCellsArg {
    /// No value.
    Null,
    /// The empty text.
    Text,
}

/// What becomes of relative IRIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RelativeArg {
    /// They are put behind the base, as RML says.
    Prepend,
    /// They are resolved against it.
    Resolve,
}

/// How values of a datatype are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LexicalArg {
    /// As they stand in the table.
    Kept,
    /// In their canonical form.
    Canonical,
}

/// What a reference to a column that is not there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum MissingColumnsArg {
    /// An error.
    Error,
    /// No value.
    Null,
}

/// Which blank nodes are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum BlankNodesArg {
    /// Those of the same text.
    Shared,
    /// Those of the same text in the same triples map.
    PerMap,
}

/// Convert CSV files to RDF or JSON, by CSVW metadata or an RML mapping
///
/// Reads each table row by row and writes triples, or the objects of `--format json`, as they come,
/// without a store. A CSV file's metadata is looked for beside it: FILE-metadata.json, then csv-metadata.json; without any, its
/// header names the properties. What does not fit its metadata is a warning, and goes on as the
/// specification says; `validate` calls it an error.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[command(after_help = "Examples:\n  \
    coalition-kg convert cities.csv\n  \
    coalition-kg convert --minimal csv-metadata.json --output cities.ttl\n  \
    coalition-kg convert --mapping mapping.ttl --base https://example.org/ --format nquads\n  \
    coalition-kg convert --allow-network https://example.org/cities.csv\n  \
    coalition-kg convert 'parts/part-*.csv.gz' --on-error skip --rejects bad.csv --output all.nt.gz\n  \
    coalition-kg convert big.csv --shard 2/8 --output parts")]
pub(crate) struct ConvertArgs {
    /// CSV files or metadata documents (.json), paths or URLs; `-` for a CSV on standard input
    #[arg(required_unless_present = "mapping", value_name = "ACTION")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub mapping: MappingArgs,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Say only what the cells say, nothing of tables and rows
    #[arg(long)]
    pub minimal: bool,
    /// Leave out what tells how the graph was made
    #[arg(long, hide_short_help = true)]
    pub no_prov: bool,
    /// Make one IRI for each item of a cell with a `separator`, not one of them all
    #[arg(long, hide_short_help = true)]
    pub iri_per_item: bool,
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
    #[arg(short, long, value_name = "FORMAT", value_parser = convert_formats())]
    pub format: Option<String>,
    /// Make one of N parts, counted from 1, into the folder --output, for `merge`
    ///
    /// Each table is cut into N parts of about the same size; the part is written in N-Triples or N-Quads,
    /// and its size and digest beside it. Rows have the numbers and blank nodes that they have in the
    /// whole. Keys are not compared.
    #[arg(long, value_name = "I/N", value_parser = parse_shard, hide_short_help = true)]
    pub shard: Option<Shard>,
    /// What becomes of a row that fails: stop or skip
    ///
    /// A row fails that is longer or shorter than the header, has broken quotes or bytes, makes an IRI
    /// that is none, or has a cell that does not fit its datatype or lacks a value that is required.
    /// `stop` ends the run there and writes nothing. `skip` makes nothing of such rows, writes the rest
    /// and exits with 1. Without the option the run goes on to find all faults: a wrong value is a
    /// warning and converted as a string; under errors nothing is written.
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub on_error: Option<RowErrors>,
    /// File for the rows that `--on-error skip` leaves out
    ///
    /// CSV in UTF-8, in the table's own dialect: its header and the rows as they stand, with columns in
    /// front that say where a row was and what is wrong: _source, _row, _line, _code, _reason. Without
    /// those columns, and mended, it can be converted with the table's metadata. Several tables have a
    /// file each: bad.csv becomes bad.cities.csv for cities.csv. It is compressed by its name.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub rejects: Option<PathBuf>,
    /// Write a statement as often as rows make it, not once
    #[arg(long, hide_short_help = true)]
    pub keep_duplicates: bool,
    /// Write statements sorted and once: lines by their bytes, Turtle and TriG by subject
    ///
    /// Nothing is written before all tables were read; what --memory does not hold is in temporary files.
    #[arg(long, conflicts_with_all = ["shard", "keep_duplicates"], hide_short_help = true)]
    pub sorted: bool,
    /// How many threads work on a table [default: one for each processor]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub threads: Option<NonZeroUsize>,
    /// Memory for keys and for what was written or is sorted, such as 512M, before temporary files are used
    #[arg(long, alias = "key-memory", value_name = "SIZE", value_parser = parse_memory, default_value = "1G", hide_default_value = true)]
    pub memory: usize,
}

/// Say what a conversion would do, without doing it
///
/// Prints the plan of a conversion as a tree: each table with its size and the columns that are used,
/// what is made of a row, by subject, what is joined and compared, what is remembered so that no statement
/// is written twice, and what it will cost. Figures come from the sizes of the files and their first 64 KiB.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg plan cities.csv\n  \
    coalition-kg plan mapping.ttl\n  \
    coalition-kg plan --minimal csv-metadata.json --format json")]
pub(crate) struct PlanArgs {
    /// Mappings (.ttl, .yml), CSV files or metadata documents (.json)
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Folder of a mapping's sources [default: that of the mapping]
    #[arg(long, value_name = "DIR")]
    pub source_dir: Option<PathBuf>,
    /// As `convert --empty-cells` does it
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub empty_cells: Option<EmptyCellsArg>,
    /// As `convert --missing-columns` does it
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub missing_columns: Option<MissingColumnsArg>,
    /// As `convert --ragged-rows` does it
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub ragged_rows: Option<MissingColumnsArg>,
    /// As `convert --relative-iris` does it
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub relative_iris: Option<RelativeArg>,
    /// As `convert --lexical-forms` does it
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub lexical_forms: Option<LexicalArg>,
    /// As `convert --blank-nodes` does it
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub blank_nodes: Option<BlankNodesArg>,
    #[command(flatten)]
    pub source: SourceArgs,
    /// As `convert --minimal` does it: only what the cells say
    #[arg(long)]
    pub minimal: bool,
    /// As `convert --iri-per-item` does it
    #[arg(long, hide_short_help = true)]
    pub iri_per_item: bool,
    /// Form of the answer: text or json
    #[arg(short, long, value_name = "FORMAT", value_parser = ["text", "json"], default_value = "text", hide_default_value = true, hide_possible_values = true)]
    pub format: String,
}

/// Write a mapping in another language
///
/// Reads YARRRML, RML in the vocabulary of R2RML or in the one after it, or CSVW metadata, and writes RML in the
/// newer vocabulary that makes the same of the same tables. What it cannot say is told, with its place. Paths
/// stay relative: to the folder of --output, or to that of the first FILE.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg translate mapping.yml --output mapping.ttl\n  \
    coalition-kg translate old.r2rml > new.ttl\n  \
    coalition-kg translate csv-metadata.json --output mapping.ttl")]
pub(crate) struct TranslateArgs {
    /// Mappings (.yml, .ttl), or CSVW metadata (.json) or CSV files that have some
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Language to write: rml
    #[arg(long, value_name = "LANGUAGE", value_parser = ["rml"], default_value = "rml", hide_default_value = true, hide_possible_values = true)]
    pub to: String,
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

/// Put the parts together that `convert --shard` made
///
/// Sees first that all parts are there, of one conversion and as they were written; then writes each
/// statement once, in the order of the parts. Where one is missing or was changed nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg merge parts --output graph.nt\n  \
    coalition-kg merge parts --output - | gzip > graph.nt.gz")]
pub(crate) struct MergeArgs {
    /// Folder of the parts
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Output file, `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Memory for finding repeated statements, such as 512M, before temporary files are used
    #[arg(long, value_name = "SIZE", value_parser = parse_memory, default_value = "1G", hide_default_value = true)]
    pub memory: usize,
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

/// Check tables against their metadata, or a project's tables and the graph against its shapes
///
/// With ACTION: CSV files or metadata documents, by the letter of the CSVW specifications. Without:
/// the project, its tables, queries and shapes. Reports every fault with its place. Exits with 0 when
/// all conforms, also with warnings, and with 1 when not.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg validate\n  \
    coalition-kg validate csv-metadata.json\n  \
    coalition-kg validate --lenient table.csv --format sarif --output report.sarif\n  \
    coalition-kg validate --format json --output report.json\n  \
    coalition-kg validate --format turtle --output report.ttl\n  \
    coalition-kg validate --data changed.ttl")]
pub(crate) struct ValidateArgs {
    /// CSV files or metadata documents (.json), paths or URLs; `-` for a CSV on standard input
    #[arg(value_name = "ACTION", conflicts_with_all = ["data", "store"])]
    pub files: Vec<String>,
    #[command(flatten)]
    pub source: SourceArgs,
    /// Report: text, json, sarif, csv (a row a fault), or turtle (a SHACL validation report)
    #[arg(short, long, value_name = "FORMAT", value_parser = ["text", "json", "sarif", "csv", "turtle"], default_value = "text", hide_default_value = true, hide_possible_values = true)]
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
    #[arg(long, alias = "key-memory", value_name = "SIZE", value_parser = parse_memory, default_value = "1G", hide_default_value = true)]
    pub memory: usize,
}

/// Check a mapping in RML or YARRRML, and the tables that it is of
///
/// Finds what a conversion would stop at, and what it would not: misspelt properties, columns that are not
/// there, maps that make nothing, joins that never match, IRIs that are none, values that do not fit
/// their datatype. Several documents are read as one mapping. Each table is read once; nothing is
/// converted. Exits with 0 when there are no errors, also with warnings, and with 1 when there are.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg check mapping.ttl\n  \
    coalition-kg check people.ttl places.ttl --source-dir data --base https://example.org/\n  \
    coalition-kg check mapping.ttl --mapping-only --message-format short\n  \
    coalition-kg check mapping.ttl --format sarif --output report.sarif")]
pub(crate) struct CheckArgs {
    /// Mappings in RML (Turtle) or YARRRML, which are read together
    #[arg(required = true, value_name = "MAPPING")]
    pub files: Vec<String>,
    /// Folder of the mapping's sources [default: that of the mapping]
    #[arg(long, value_name = "DIR")]
    pub source_dir: Option<PathBuf>,
    /// Look at the mapping only and at no table
    #[arg(long)]
    pub mapping_only: bool,
    /// What an empty cell is, as for `convert`: no value (`null`) or the empty text (`text`)
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub empty_cells: Option<EmptyCellsArg>,
    /// What a reference to a column that the table lacks is: an error, or no value
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub missing_columns: Option<MissingColumnsArg>,
    /// What a cell is that a row is too short for, as for `convert`: an error, or no value
    #[arg(long, value_enum, value_name = "WHAT", hide_short_help = true)]
    pub ragged_rows: Option<MissingColumnsArg>,
    /// Read what is under an address from a folder or from files (can be repeated)
    #[arg(long, value_name = "IRI=PATH")]
    pub map_url: Vec<String>,
    /// Report: text, json, sarif, or csv (a row a fault)
    #[arg(short, long, value_name = "FORMAT", value_parser = ["text", "json", "sarif", "csv"], default_value = "text", hide_default_value = true, hide_possible_values = true)]
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
    #[command(flatten)]
    pub network: NetworkArgs,
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

/// Draft the metadata of CSV files that have none
///
/// Reads each FILE and writes a csv-metadata.json that describes it: dialect, names, datatypes,
/// keys, and references between the files. The reason for each guess is told on standard error.
/// The draft fits the files as they are; read it, mend it, then `convert` it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    coalition-kg init cities.csv\n  \
    coalition-kg init cities.csv countries.csv --lang en\n  \
    coalition-kg init data/*.csv --output - --quiet\n  \
    coalition-kg convert csv-metadata.json")]
pub(crate) struct InitArgs {
    /// CSV files; several make one group, in which references are looked for
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// File of the draft, `-` for standard output [default: csv-metadata.json beside the first]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Language of the column titles, such as `en`
    #[arg(long, value_name = "TAG")]
    pub lang: Option<String>,
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
