//! What converting a table costs, and what of it is terms, serializers and duplicates: `cargo bench
//! --bench convert`.
//!
//! Not a test: nothing here fails because it is slow. The tables of a group differ in one thing
//! only, and throughput is told in triples.

#![expect(clippy::expect_used, reason = "a bench that cannot run should say so")]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{
    self, Duplicates, OnError, RunError, RunOptions, RunReport, Severities, Syntax, TextOptions,
};
use coalition_kg::mapping::csvw::{self, Mode, Options};
use coalition_kg::plan::Plan;
use coalition_kg::rdf::iri::{self, Safe};
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::sink::Discard;
use coalition_kg::table::Sources;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::io::sink;
use tempfile::TempDir;

const ROWS: usize = 20_000;

/// A table in a folder of its own, and what is made of it.
struct Table {
    plan: Plan,
    triples: u64,
    _folder: TempDir,
}

impl Table {
    /// Takes the rows without a header, and the description of the columns as JSON.
    fn new(columns: &str, row: impl Fn(usize) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let rows: String = (0..ROWS).map(row).collect();
        std::fs::write(folder.path().join("t.csv"), rows).expect("a table");
        let document = folder.path().join("csvw.json");
        let metadata = format!(
            r#"{{ "@context": "http://www.w3.org/ns/csvw", "url": "t.csv",
                  "dialect": {{ "header": false, "commentPrefix": null }},
                  "tableSchema": {{ "aboutUrl": "https://example.org/{{id}}", "columns": {columns} }} }}"#
        );
        std::fs::write(&document, metadata).expect("metadata");
        let options = Options {
            mode: Mode::Minimal,
            lenient: true,
            ..Options::default()
        };
        let mut diagnostics = Diagnostics::new();
        let document = iri::from_path(&document);
        let group = csvw::open(&document, None, &Sources::new(), &options, &mut diagnostics);
        let plan = csvw::lower(&group.expect("a group"), &options, &mut diagnostics);
        let plan = plan.expect("a plan");
        let triples = Self::quads(&plan).quads();
        assert!(triples > 0 && diagnostics.is_empty());
        Self {
            plan,
            triples,
            _folder: folder,
        }
    }

    fn convert(&self, syntax: Syntax) {
        let text = TextOptions {
            syntax,
            prefixes: &Prefixes::well_known(),
            duplicates: Duplicates::Remove,
            threads: 1,
            piece: engine::PIECE,
        };
        with_options(|sources, diagnostics, options| {
            let plan = &self.plan;
            engine::run_text(plan, sources, &mut sink(), "-", &text, diagnostics, options)
        });
    }

    /// Makes quads of the table, which nobody takes.
    fn quads(plan: &Plan) -> RunReport {
        with_options(|sources, diagnostics, options| {
            engine::run(plan, sources, &mut Discard, diagnostics, options)
        })
    }

    /// Measures the table under a name, as N-Triples.
    fn measure(&self, criterion: &mut Criterion, group: &str, name: &str) {
        let mut group = criterion.benchmark_group(group);
        group.throughput(Throughput::Elements(self.triples));
        group.bench_function(name, |bencher| {
            bencher.iter(|| self.convert(Syntax::NTriples));
        });
        group.finish();
    }
}

fn with_options(
    run: impl FnOnce(&Sources, &mut Diagnostics, &mut RunOptions<'_>) -> Result<RunReport, RunError>,
) -> RunReport {
    let mut diagnostics = Diagnostics::new();
    let mut options = RunOptions {
        severities: Severities::VALIDATE,
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut |_| true,
    };
    let report = run(&Sources::new(), &mut diagnostics, &mut options);
    assert_eq!(diagnostics.errors(), 0);
    report.expect("a run")
}

/// The same table in each format.
fn formats(criterion: &mut Criterion) {
    let columns = r#"[
        { "name": "id", "propertyUrl": "dc:identifier" },
        { "name": "name", "propertyUrl": "schema:name", "lang": "en" },
        { "name": "amount", "propertyUrl": "schema:price", "datatype": "decimal" },
        { "name": "day", "propertyUrl": "dc:date", "datatype": "date" }
    ]"#;
    let table = Table::new(columns, |row| {
        let day = row % 28 + 1;
        format!("r{row},\"a name, {row}\",{row}.50,2021-12-{day:02}\n")
    });
    let mut group = criterion.benchmark_group("formats");
    group.throughput(Throughput::Elements(table.triples));
    group.bench_function("quads", |bencher| {
        bencher.iter(|| Table::quads(&table.plan));
    });
    for (name, syntax) in [
        ("ntriples", Syntax::NTriples),
        ("nquads", Syntax::NQuads),
        ("turtle", Syntax::Turtle),
        ("trig", Syntax::TriG),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| table.convert(syntax)));
    }
    group.finish();
}

/// Literals that need escapes and that do not, IRIs that need encoding and that do not.
fn terms(criterion: &mut Criterion) {
    let literal = r#"[
        { "name": "id", "suppressOutput": true },
        { "name": "text", "propertyUrl": "schema:name" }
    ]"#;
    let iri = r#"[
        { "name": "id", "suppressOutput": true },
        { "name": "text", "propertyUrl": "schema:name", "valueUrl": "https://example.org/t/{text}" }
    ]"#;
    for (name, text) in [
        ("plain", "some-words-of-a-cell"),
        ("quotes", r#""some ""words"" of it""#),
        ("backslashes", r"C:\words\of\a\cell\x"),
        ("Arabic", "كلمات من خلية"),
    ] {
        let table = Table::new(literal, |row| format!("{row},{text}\n"));
        table.measure(criterion, "literals", name);
    }
    for (name, text) in [
        ("plain", "some-words-of-a-cell"),
        ("spaces", "some words of a cell"),
        ("Arabic", "كلمات من خلية"),
    ] {
        let table = Table::new(iri, |row| format!("{row},{text}\n"));
        table.measure(criterion, "IRIs", name);
    }
    let mut group = criterion.benchmark_group("values in IRIs");
    for (name, text) in [
        ("plain", "some-words-of-a-cell".repeat(50)),
        ("spaces", "some words of a cell".repeat(50)),
        ("Arabic", "كلمات من خلية".repeat(50)),
    ] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        for (kind, safe) in [("template", Safe::Unreserved), ("R2RML", Safe::Unicode)] {
            group.bench_function(format!("{name}/{kind}"), |bencher| {
                let mut out = Vec::new();
                bencher.iter(|| {
                    out.clear();
                    iri::push_encoded(&mut out, black_box(&text), safe);
                    out.len()
                });
            });
        }
    }
    group.finish();
}

/// Tables in which no triple can stand twice, and in which all do.
fn duplicates(criterion: &mut Criterion) {
    let columns = r#"[
        { "name": "id", "propertyUrl": "dc:identifier" },
        { "name": "name", "propertyUrl": "schema:name" },
        { "name": "more", "suppressOutput": true }
    ]"#;
    for (name, row) in [
        (
            "sorted subjects",
            (|row| format!("{row:05},name,{row}\n")) as fn(usize) -> String,
        ),
        ("no repeats, unsorted", |row| {
            let id = row * 7919 % ROWS;
            format!("{id:05},name,{row}\n")
        }),
        ("equal rows, four times", |row| {
            let id = row * 7919 % (ROWS / 4);
            format!("{id:05},name,0\n")
        }),
        ("equal triples of unequal rows, four times", |row| {
            let id = row * 7919 % (ROWS / 4);
            format!("{id:05},name,{row}\n")
        }),
    ] {
        Table::new(columns, row).measure(criterion, "duplicates", name);
    }
}

criterion_group!(benches, formats, terms, duplicates);
criterion_main!(benches);
