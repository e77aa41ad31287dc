//! What joins cost, in memory and beyond it: `cargo bench --bench join`.
//!
//! Not a test: nothing here fails because it is slow. Two tables in which every key stands in ten rows of
//! each, as in the workload `joins` of `benches/peers`: ten pairs a row. Throughput is told in pairs.
//! `JOIN_ROWS` makes other tables, `-- --test NAME` runs one way once, to see what memory it takes.

#![expect(clippy::expect_used, reason = "a bench that cannot run should say so")]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{
    self, Duplicates, OnError, RunOptions, Severities, Syntax, TextOptions,
};
use coalition_kg::plan::{
    CellRule, ColumnRead, Element, Expression, GraphRule, HeaderRule, IriRule, Join, Nulls, Part,
    Plan, QuadRule, Relation, TableRead, TableScan, Template, TermRule, Titles, Variable,
};
use coalition_kg::rdf::iri::Safe;
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::table::{Dialect, Mount, Sources};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use oxrdf::NamedNode;
use std::io::{Write as _, sink};
use tempfile::TempDir;

/// How many rows of a table have the same key.
const ALIKE: usize = 10;
const BASE: &str = "https://example.org/";

// As many as `JOIN_ROWS` says.
fn rows() -> usize {
    let asked = std::env::var("JOIN_ROWS").ok();
    asked.and_then(|rows| rows.parse().ok()).unwrap_or(100_000)
}

struct Tables {
    sources: Sources,
    _folder: TempDir,
}

impl Tables {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, step) in [("child.csv", 7919), ("parent.csv", 104_729)] {
            let file = std::fs::File::create(folder.path().join(name)).expect("a table");
            let mut file = std::io::BufWriter::new(file);
            writeln!(file, "id,key,more").expect("a header");
            let rows = rows();
            for row in 0..rows {
                // Rows with the same key are far apart.
                let key = row * step % rows / ALIKE;
                writeln!(file, "{row},key {key},text that nobody asks for").expect("a row");
            }
            file.flush().expect("a table");
        }
        let mount = Mount::Folder(folder.path().to_owned());
        Self {
            sources: Sources::new().with_mount(BASE, mount),
            _folder: folder,
        }
    }

    fn convert(&self, plan: &Plan, memory: usize) -> u64 {
        let text = TextOptions {
            syntax: Syntax::NTriples,
            prefixes: &Prefixes::well_known(),
            duplicates: Duplicates::Keep,
            threads: 1,
            piece: engine::PIECE,
        };
        let mut diagnostics = Diagnostics::new();
        let mut options = RunOptions {
            severities: Severities::CONVERT,
            key_memory: memory,
            shard: None,
            on_error: OnError::GoOn,
            observer: &mut |_| true,
        };
        let report = engine::run_text(
            plan,
            &self.sources,
            &mut sink(),
            "-",
            &text,
            &mut diagnostics,
            &mut options,
        );
        assert!(diagnostics.is_empty());
        report.expect("a run").quads()
    }
}

fn column(name: &str) -> ColumnRead {
    ColumnRead {
        name: name.to_owned(),
        titles: Titles::Any,
        cell: CellRule::default(),
        element: 0,
    }
}

fn table(name: &str) -> TableScan {
    TableScan {
        source: format!("{BASE}{name}"),
        dialect: Dialect::default(),
        view: None,
        columns: ["id", "key", "more"].map(column).to_vec(),
        computed: Vec::new(),
        rules: Vec::new(),
        watched: Vec::new(),
        frame: None,
        checks: Vec::new(),
        joins: Vec::new(),
        elements: vec![Element::default()],
        header: HeaderRule::Ignore,
        comments: None,
    }
}

fn read(name: &str) -> Box<Relation> {
    Box::new(Relation::Table(TableRead {
        source: format!("{BASE}{name}"),
        dialect: Dialect::default(),
        nulls: Nulls::default(),
        columns: vec![0, 1, 2],
        width: 3,
    }))
}

fn iri(text: &str, column: usize) -> IriRule {
    IriRule {
        template: Template {
            parts: vec![
                Part::Text(format!("{BASE}{text}")),
                Part::value(Variable::Column(column), Safe::Unreserved),
            ],
        },
        base: None,
        steps: false,
        prefixes: &[],
    }
}

fn rule(object: TermRule) -> QuadRule {
    QuadRule {
        subject: TermRule::Iri(iri("child/", 0)),
        predicate: TermRule::iri(NamedNode::new_unchecked("https://example.org/linked")),
        object,
        graph: GraphRule::DEFAULT,
        conditions: Vec::new(),
        destinations: Vec::new(),
        key: None,
        when: Vec::new(),
        when_text: false,
        element: 0,
    }
}

/// An index of the other table's subjects.
fn look_up() -> Plan {
    let mut child = table("child.csv");
    child.joins.push(Join {
        scan: 1,
        on: vec![(1, 1)],
        object: iri("parent/", 0),
        when: Vec::new(),
    });
    child.rules.push(rule(TermRule::Joined(0)));
    Plan {
        scans: vec![child, table("parent.csv")],
        ..Plan::default()
    }
}

/// The pairs of rows.
fn view() -> Plan {
    let mut pairs = table("child.csv");
    pairs.columns.extend(["id", "key", "more"].map(column));
    pairs.view = Some(Relation::Join {
        left: read("child.csv"),
        right: read("parent.csv"),
        on: vec![(Expression::Column(1), Expression::Column(1))],
        keeps_left: false,
    });
    pairs.rules.push(rule(TermRule::Iri(iri("parent/", 3))));
    Plan {
        scans: vec![pairs],
        ..Plan::default()
    }
}

fn joins(criterion: &mut Criterion) {
    let tables = Tables::new();
    let pairs = (rows() * ALIKE) as u64;
    let mut group = criterion.benchmark_group("joins");
    group.sample_size(10);
    group.throughput(Throughput::Elements(pairs));
    for (name, plan, memory) in [
        ("look-up in memory", look_up(), engine::KEY_MEMORY),
        ("view in memory", view(), engine::KEY_MEMORY),
        ("view on disk, 2 MiB", view(), 2 << 20),
        ("look-up as a view on disk, 2 MiB", look_up(), 2 << 20),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(tables.convert(&plan, memory), pairs));
        });
    }
    group.finish();
}

criterion_group!(benches, joins);
criterion_main!(benches);
