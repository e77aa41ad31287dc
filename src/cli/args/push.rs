//! The arguments of `push`.

use super::{PropertyGraphArgs, parse_memory, parse_seconds};
use crate::property_graph::{DIALECTS, Dialect};
use crate::push::Profile;
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

fn profiles() -> PossibleValuesParser {
    let stores = Profile::ALL.iter().map(|(name, _)| *name);
    // FalkorDB does not speak the versions of Bolt that are spoken here.
    let databases = DIALECTS.iter();
    let databases = databases.filter(|(_, dialect)| *dialect != Dialect::Falkordb);
    PossibleValuesParser::new(stores.chain(databases.map(|(name, _)| *name)))
}

/// Put the graph into a running RDF store or property-graph database
///
/// Sends what the tables state (`--inferred`: and what the rules derive), or an RDF file, to the named graphs of a
/// server. A graph is there in full or as it was: up to --max-put it is one request, above that it goes to a staging
/// graph, is counted, and takes its place in one step. Blank nodes become IRIs under /.well-known/genid/. Secrets come
/// from a file, or from `KG_PASSWORD` or `KG_TOKEN` in the environment.
///
/// Databases that speak Bolt (bolt://, bolt+s://) get what `export --format cypher` writes, up to --max-transaction in
/// one transaction. Nodes and relationships are marked as the project's, so that --replace takes no others away.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[command(group = ArgGroup::new("mode").required(true).args(["replace", "merge"]))]
#[command(after_help = "Examples:\n  \
    coalition-kg push http://localhost:7878 --profile oxigraph --replace\n  \
    coalition-kg push http://localhost:3030/kg --profile fuseki --merge --inferred --dry-run\n  \
    coalition-kg push http://localhost:8890 --profile virtuoso --user dba --password-file pw --replace\n  \
    coalition-kg push http://localhost:7200/repositories/kg --profile graphdb --replace \\\n      \
    --data big.nq.gz --base https://example.org/\n  \
    coalition-kg push bolt://localhost:7687 --user neo4j --password-file pw --replace")]
pub(crate) struct PushArgs {
    /// Address of the server: of its graph store, or what --profile says
    #[arg(value_name = "URL")]
    pub url: String,
    /// Make each graph what is pushed; takes away only what is the project's
    #[arg(long)]
    pub replace: bool,
    /// Add to what the graphs have
    #[arg(long)]
    pub merge: bool,
    /// Kind of server [default: gsp; neo4j for bolt://]
    ///
    /// For `gsp` URL is that of the graph store; for `rdf4j` and `graphdb` that of a repository, for `fuseki` of a dataset,
    /// for `stardog` of a database, else that of the server.
    #[arg(long, value_name = "KIND", value_parser = profiles())]
    pub profile: Option<String>,
    /// Push this RDF file in place of the project's graph
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inferred", "inferred_graph"])]
    pub data: Option<PathBuf>,
    /// Push what the rules derive too
    #[arg(long)]
    pub inferred: bool,
    /// Graph for what is stated, an IRI or `default` [default: BASE/graph/stated]
    ///
    /// With --data it is the graph for triples of the default graph, and has no default; named graphs keep
    /// their names.
    #[arg(short, long, value_name = "IRI")]
    pub graph: Option<String>,
    /// Graph for what the rules derive [default: BASE/graph/inferred]
    #[arg(
        long,
        value_name = "IRI",
        requires = "inferred",
        hide_short_help = true
    )]
    pub inferred_graph: Option<String>,
    /// Say what would be sent and ask no server
    #[arg(long)]
    pub dry_run: bool,
    /// How to authenticate [default: by what there is of secrets; digest for virtuoso]
    #[arg(long, value_enum, value_name = "HOW", hide_short_help = true)]
    pub auth: Option<AuthArg>,
    /// Name of the user; the password is in --password-file or in `KG_PASSWORD`
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// File whose first line is the password
    #[arg(long, value_name = "FILE", requires = "user")]
    pub password_file: Option<PathBuf>,
    /// File whose first line is a token; else it may be in `KG_TOKEN`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "password_file"], hide_short_help = true)]
    pub token_file: Option<PathBuf>,
    /// Greatest size of a graph in one request, as N-Triples [default: 32M]
    #[arg(long, value_name = "SIZE", value_parser = parse_memory)]
    pub max_put: Option<usize>,
    /// Size of a piece for a staging graph [default: 8M]
    #[arg(long, value_name = "SIZE", value_parser = parse_memory, hide_short_help = true)]
    pub piece: Option<usize>,
    /// By the graph store, by INSERT DATA, or whichever there is [default: auto]
    #[arg(long, value_enum, value_name = "HOW", hide_short_help = true)]
    pub method: Option<MethodArg>,
    /// Address for queries, where the profile has none or another
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub query_url: Option<String>,
    /// Address for updates, where the profile has none or another
    #[arg(long, value_name = "URL", hide_short_help = true)]
    pub update_url: Option<String>,
    /// Longest time of one request
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, default_value = "600", hide_short_help = true)]
    pub timeout: Duration,
    /// How often to try what may be done again
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20), default_value = "4", hide_short_help = true)]
    pub attempts: u32,
    /// Memory for sorting, such as 512M, before temporary files are used
    #[arg(long, value_name = "SIZE", value_parser = parse_memory, default_value = "1G", hide_default_value = true, hide_short_help = true)]
    pub memory: usize,
    /// Bolt: database, where the server has several
    #[arg(long, value_name = "NAME")]
    pub database: Option<String>,
    /// Bolt: most nodes and relationships that go in one transaction [default: 100000]
    ///
    /// More go in a transaction for each batch; a push that breaks off then goes on where it was when it is
    /// made again.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub max_transaction: Option<u64>,
    #[command(flatten)]
    pub property_graph: PropertyGraphArgs,
}

/// How to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuthArg {
    /// Not at all.
    None,
    /// By name and password.
    Basic,
    /// By a digest of name and password.
    Digest,
    /// By a token.
    Bearer,
}

/// How triples go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodArg {
    /// By the graph store, by updates where there is none.
    Auto,
    /// By the graph store.
    Gsp,
    /// By INSERT DATA.
    Insert,
}
