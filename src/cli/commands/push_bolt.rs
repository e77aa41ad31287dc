//! `push` to a property-graph database, over Bolt.

use super::{property_graph, push, push_address};
use crate::bolt::{self, BATCH, BoltError, Options, Planned, Report};
use crate::cli::args::{AuthArg, PushArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, estimate, output, secrets};
use crate::diagnostic::{Diagnostic, Location};
use crate::project::Project;
use crate::property_graph::{Dialect, PropertyGraph};
use crate::push::{Mode, Profile, Skolemizer};
use oxrdf::{GraphNameRef, NamedNode, NamedOrBlankNodeRef, QuadRef, TermRef};

const MAX_TRANSACTION: u64 = 100_000;

/// The schemes of addresses that are meant for Bolt.
const SCHEMES: &[&str] = &[
    "bolt",
    "bolt+s",
    "bolt+ssc",
    "neo4j",
    "neo4j+s",
    "neo4j+ssc",
];

/// Whether an address is that of a property-graph database.
pub(super) fn is_meant(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        SCHEMES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme))
    })
}

/// Refuses what only such databases have where the address is another.
pub(super) fn refuse_options(args: &PushArgs) -> Result<(), Failure> {
    let profile = args
        .profile
        .as_deref()
        .filter(|name| Profile::by_name(name).is_none());
    let given = [
        (args.database.is_some(), "--database"),
        (args.max_transaction.is_some(), "--max-transaction"),
    ];
    let given = given
        .into_iter()
        .find_map(|(is_given, option)| is_given.then_some(option));
    let given = given.or(property_graph::given(&args.property_graph));
    let option = match (profile, given) {
        (Some(profile), _) => format!("--profile {profile}"),
        (None, Some(option)) => option.to_owned(),
        (None, None) => return Ok(()),
    };
    Err(Diagnostic::error(
        "push::option",
        format!("`{option}` is for property-graph databases"),
        Location::default(),
    )
    .with_help("leave it out, or begin the address with `bolt://` or `bolt+s://`")
    .into())
}

pub(crate) fn run(args: &PushArgs, context: &mut Context) -> Result<Outcome, Failure> {
    refuse_others(args)?;
    check_address(&args.url)?;
    let project = context.project()?;
    let options = options(args, &project)?;
    let Some(graph) = gather(args, &options, &project, context)? else {
        return Err(push::nothing_sent(context));
    };
    property_graph::tell_folded(&args.property_graph, &graph, context);
    if args.dry_run {
        let planned = bolt::plan(&graph, &options).map_err(|error| failure(&error, false))?;
        output::print(&told(&graph, &options, &planned))?;
        return Ok(Outcome::Done);
    }
    if options.credentials.are_readable_on_the_way() && push_address::is_open(&args.url) {
        push::warn_of_secret(context);
    }
    context.interrupt.set_grace(push::GRACE);
    let mut display = context.display();
    let pushed = bolt::push(&graph, &options, &mut |sent| display.step_batch(sent));
    drop(display);
    let total = (graph.nodes() + graph.relationships()) as u64;
    let report = pushed.map_err(|error| failure(&error, total > options.max_transaction))?;
    for line in report_lines(&report, &options) {
        context.reporter.message(&line);
    }
    Ok(Outcome::Done)
}

// What only RDF stores have.
fn refuse_others(args: &PushArgs) -> Result<(), Failure> {
    let is_store = |name: &str| Dialect::by_name(name).is_none();
    let auth = args
        .auth
        .is_some_and(|auth| !matches!(auth, AuthArg::None | AuthArg::Basic));
    // It would be sent to a store.
    let has_token = args.auth.is_none() && args.user.is_none() && secrets::has_token();
    let given = [
        (args.profile.as_deref().is_some_and(is_store), "--profile"),
        (args.graph.is_some(), "--graph"),
        (args.inferred_graph.is_some(), "--inferred-graph"),
        (auth, "--auth"),
        (args.token_file.is_some(), "--token-file"),
        (has_token, "KG_TOKEN"),
        (args.max_put.is_some(), "--max-put"),
        (args.piece.is_some(), "--piece"),
        (args.method.is_some(), "--method"),
        (args.query_url.is_some(), "--query-url"),
        (args.update_url.is_some(), "--update-url"),
    ];
    let Some((_, option)) = given.into_iter().find(|(is_given, _)| *is_given) else {
        return Ok(());
    };
    let help = match option {
        "--profile" => "the property-graph databases are `neo4j`, `memgraph` and `arcadedb`",
        "--graph" | "--inferred-graph" => {
            "a property graph has no named graphs; `--keep-graphs` keeps them apart in names"
        }
        "--auth" | "--token-file" | "KG_TOKEN" => {
            "use `--user` with `--password-file` or `KG_PASSWORD`"
        }
        _ => "leave it out; `--max-transaction` says what goes in one transaction",
    };
    Err(Diagnostic::error(
        "push::option",
        format!("`{option}` says nothing to a property-graph database"),
        Location::default(),
    )
    .with_help(help)
    .into())
}

// An address that holds a password is not repeated.
fn check_address(url: &str) -> Result<(), Failure> {
    let wrong = |message: String, help: String| -> Result<(), Failure> {
        Err(
            Diagnostic::error("push::address", message, Location::default())
                .with_help(help)
                .into(),
        )
    };
    push_address::refuse_login(url)?;
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.is_empty() || authority.contains(['/', '?', '#']) || !authority.is_ascii() {
        return wrong(
            format!("`{url}` is no address of a database"),
            "it looks like `bolt://localhost:7687`; name a database with `--database`".to_owned(),
        );
    }
    push_address::check_port(authority, url)?;
    match scheme.to_ascii_lowercase().as_str() {
        "bolt" | "bolt+s" => Ok(()),
        "neo4j" | "neo4j+s" => wrong(
            format!(
                "`{scheme}://` asks a cluster for the server that writes, which is not done here"
            ),
            format!(
                "give the address of that server with `{}://`",
                scheme.replace("neo4j", "bolt")
            ),
        ),
        _ => wrong(
            format!("`{scheme}://` does not look at the server's certificate"),
            "use `bolt+s://`, and `SSL_CERT_FILE` for a certificate of your own".to_owned(),
        ),
    }
}

fn options(args: &PushArgs, project: &Project) -> Result<Options, Failure> {
    let dialect = args.profile.as_deref().and_then(Dialect::by_name);
    Ok(Options {
        url: args.url.clone(),
        database: args.database.clone(),
        credentials: if args.auth == Some(AuthArg::None) {
            crate::push::Credentials::None
        } else {
            secrets::login(args)?
        },
        dialect: dialect.unwrap_or_default(),
        mode: if args.replace {
            Mode::Replace
        } else {
            Mode::Merge
        },
        project: project.base.as_str().to_owned(),
        max_transaction: args.max_transaction.unwrap_or(MAX_TRANSACTION),
        batch: BATCH,
        timeout: args.timeout,
        attempts: args.attempts,
        pause: push::PAUSE,
    })
}

/// Memory: what is asked for.
fn gather(
    args: &PushArgs,
    options: &Options,
    project: &Project,
    context: &mut Context,
) -> Result<Option<PropertyGraph>, Failure> {
    let mut builder =
        property_graph::builder(&args.property_graph, options.dialect, args.memory, project)?;
    let Some(file) = &args.data else {
        let Some(quads) = push::load(args.inferred, &mut builder, project, context)? else {
            return Ok(None);
        };
        for quad in quads {
            builder.add(quad.as_ref())?;
        }
        return Ok(Some(builder.finish(&mut || !context.interrupt.happened())?));
    };
    let begin = |skolemizer| (skolemizer, builder);
    let read = push::read_data(
        file,
        project,
        context,
        begin,
        |(skolemizer, builder), quad| {
            let nodes = Named::of(quad, skolemizer);
            builder.add(nodes.in_place_of(quad))
        },
    );
    let (_, builder) = read?;
    let graph = builder.finish(&mut || !context.interrupt.happened())?;
    if graph.nodes() == 0 {
        return Err(push::empty_file(file));
    }
    Ok(Some(graph))
}

/// The IRIs of the blank nodes of a quad: those of a file have other labels each time.
struct Named {
    subject: Option<NamedNode>,
    object: Option<NamedNode>,
    graph: Option<NamedNode>,
}

impl Named {
    fn of(quad: QuadRef<'_>, skolemizer: &mut Skolemizer) -> Self {
        let subject = match quad.subject {
            NamedOrBlankNodeRef::BlankNode(node) => Some(skolemizer.node(node)),
            NamedOrBlankNodeRef::NamedNode(_) => None,
        };
        let object = match quad.object {
            TermRef::BlankNode(node) => Some(skolemizer.node(node)),
            _ => None,
        };
        let graph = match quad.graph_name {
            GraphNameRef::BlankNode(node) => Some(skolemizer.node(node)),
            _ => None,
        };
        Self {
            subject,
            object,
            graph,
        }
    }

    fn in_place_of<'q>(&'q self, mut quad: QuadRef<'q>) -> QuadRef<'q> {
        if let Some(subject) = &self.subject {
            quad.subject = subject.as_ref().into();
        }
        if let Some(object) = &self.object {
            quad.object = object.as_ref().into();
        }
        if let Some(graph) = &self.graph {
            quad.graph_name = graph.as_ref().into();
        }
        quad
    }
}

// What would be sent, for people.
fn told(graph: &PropertyGraph, options: &Options, planned: &[Planned]) -> String {
    let total = (graph.nodes() + graph.relationships()) as u64;
    let transactions = if total <= options.max_transaction {
        "in one transaction"
    } else {
        "in a transaction for each batch"
    };
    let mut text = format!(
        "{} nodes, {} relationships, {transactions}\n",
        estimate::grouped(graph.nodes() as u64),
        estimate::grouped(graph.relationships() as u64),
    );
    for one in planned {
        text.push_str(&format!("\n{};\n", one.statement));
        if one.rows > 0 {
            text.push_str(&format!(
                "  {} rows, sent {}\n",
                estimate::grouped(one.rows),
                times(one.times)
            ));
        } else if one.times == 0 {
            text.push_str("  until nothing is left\n");
        }
    }
    text.push_str("\nnothing was sent\n");
    text
}

fn times(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        more => format!("{} times", estimate::grouped(more)),
    }
}

fn report_lines(report: &Report, options: &Options) -> Vec<String> {
    let count = estimate::grouped;
    let mut lines = Vec::new();
    if report.skipped > 0 {
        lines.push(format!(
            "{} of {} batches had come before",
            count(report.skipped),
            count(report.batches)
        ));
    }
    let verb = match options.mode {
        Mode::Replace => format!("are now what <{}> has", options.project),
        Mode::Merge => "are".to_owned(),
    };
    lines.push(format!(
        "{} nodes and {} relationships {verb} in {}",
        count(report.nodes),
        count(report.relationships),
        options.url
    ));
    if report.deleted_nodes + report.deleted_relationships > 0 {
        lines.push(format!(
            "{} nodes and {} relationships of earlier pushes were taken away",
            count(report.deleted_nodes),
            count(report.deleted_relationships)
        ));
    }
    if report.kept > 0 {
        lines.push(format!(
            "note: {} nodes of earlier pushes stay, because relationships of others lead to or from them",
            count(report.kept)
        ));
    }
    lines
}

fn failure(error: &BoltError, is_by_batches: bool) -> Failure {
    let after = if is_by_batches {
        "the same push goes on from the last batch that arrived"
    } else {
        "the database is as it was or complete; push once more"
    };
    let (code, help) = match error {
        BoltError::Cancelled if is_by_batches => return Failure::InterruptedBatches,
        BoltError::Cancelled => return Failure::InterruptedPush { is_known: true },
        BoltError::Io(_) => ("push::io", "set `TMPDIR` to a folder with more space"),
        BoltError::NotAllowed { .. } => (
            "push::not-allowed",
            "give `--user` with `--password-file` or `KG_PASSWORD`; the user has to be allowed to write and to \
             declare constraints",
        ),
        BoltError::Database { .. } => (
            "push::no-database",
            "say with `--database` which one, or make it first",
        ),
        BoltError::Refused { .. } => (
            "push::refused",
            "see `--profile`, what the server says, and `--dry-run` for the statements",
        ),
        BoltError::Broken { .. } => ("push::no-answer", after),
        BoltError::Unreachable { .. } => (
            "push::no-answer",
            "look at the address, and whether the database runs; nothing was sent",
        ),
        BoltError::Protocol { .. } => (
            "push::protocol",
            "give the port for Bolt (7687 by default), and `bolt+s://` if the server asks for TLS",
        ),
        BoltError::Address { .. } => (
            "push::address",
            "look at the address, which is like `bolt://localhost:7687`; `SSL_CERT_FILE` names certificates of your own",
        ),
        BoltError::Count { .. } => (
            "push::count",
            "nobody else may take nodes away meanwhile; push once more",
        ),
        BoltError::Name(_) => ("push::name", "give the property another name"),
        BoltError::Label(_) => ("push::name", "give the class another name"),
    };
    Diagnostic::error(code, error.to_string(), Location::default())
        .with_help(help)
        .into()
}
