//! What the steps from tables to a graph cost: `cargo bench`.
//!
//! Not a test: nothing here fails because it is slow.

#![expect(clippy::expect_used, reason = "a bench that cannot run should say so")]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{self, Progress, RunOptions, Severities};
use coalition_kg::mapping::csvw::{self, Mode, Options};
use coalition_kg::pipeline;
use coalition_kg::project::Project;
use coalition_kg::rdf::iri;
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::sink::Discard;
use coalition_kg::sink::serializer::Serializer;
use coalition_kg::sink::turtle::Layout;
use coalition_kg::table::Sources;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use oxigraph::io::RdfFormat;
use oxigraph::store::Store;
use std::hint::black_box;
use std::io::sink;

/// The bundled graph, from its tables to a store with everything that follows.
fn bundled_graph(criterion: &mut Criterion) {
    let project = Project::embedded(None).expect("the bundled project is sound");
    criterion.bench_function("bundled graph/load", |bencher| {
        bencher.iter(|| {
            let mut diagnostics = Diagnostics::new();
            let mapping = pipeline::read_mapping(&project, &mut diagnostics).expect("a mapping");
            let store = Store::new().expect("a store");
            let mut go_on = |_: &Progress<'_>| true;
            pipeline::load(
                &project,
                &mapping,
                &store,
                None,
                &mut diagnostics,
                &mut go_on,
            )
            .expect("a graph");
            black_box(store.len().expect("a number"))
        });
    });
}

/// One table of 20,000 rows with typed columns: the engine alone, and with serializers.
fn typed_table(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rows = String::from("id,name,amount,day\n");
    for number in 0..20_000 {
        rows.push_str(&format!(
            "r{number},\"a name, {number}\",{number}.50,2021-12-{:02}\n",
            number % 28 + 1
        ));
    }
    let table = folder.path().join("t.csv");
    std::fs::write(&table, &rows).expect("a table");
    let metadata = r#"{
      "@context": "http://www.w3.org/ns/csvw",
      "url": "t.csv",
      "tableSchema": {
        "aboutUrl": "https://example.org/{id}",
        "columns": [
          { "name": "id", "propertyUrl": "dc:identifier" },
          { "name": "name", "propertyUrl": "schema:name", "lang": "en" },
          { "name": "amount", "propertyUrl": "schema:price", "datatype": "decimal" },
          { "name": "day", "propertyUrl": "dc:date", "datatype": "date" }
        ]
      }
    }"#;
    let document = folder.path().join("t.csv-metadata.json");
    std::fs::write(&document, metadata).expect("metadata");
    let sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let document = iri::from_path(&document);
    let options = Options {
        mode: Mode::Minimal,
        lenient: true,
        ..Options::default()
    };
    let group = csvw::open(&document, None, &sources, &options, &mut diagnostics);
    let plan = csvw::lower(&group.expect("a group"), &options, &mut diagnostics);
    let plan = plan.expect("a plan");
    let mut group = criterion.benchmark_group("typed table");
    group.throughput(Throughput::Elements(80_000));
    group.bench_function("engine", |bencher| {
        bencher.iter(|| run(&plan, &sources, &mut Discard));
    });
    for (name, format) in [
        ("ntriples", RdfFormat::NTriples),
        ("turtle", RdfFormat::Turtle),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let prefixes = Prefixes::well_known();
                let mut writer = Serializer::new("-", format, Layout::Streaming, &prefixes, sink())
                    .expect("a writer");
                run(&plan, &sources, &mut writer);
                writer.finish().expect("written");
            });
        });
    }
    group.finish();
}

fn run(
    plan: &coalition_kg::plan::Plan,
    sources: &Sources,
    sink: &mut impl coalition_kg::sink::QuadSink,
) {
    let mut diagnostics = Diagnostics::new();
    let mut options = RunOptions {
        severities: Severities::VALIDATE,
        key_memory: engine::KEY_MEMORY,
        observer: &mut |_| true,
    };
    engine::run(plan, sources, sink, &mut diagnostics, &mut options).expect("a run");
}

criterion_group!(benches, bundled_graph, typed_table);
criterion_main!(benches);
