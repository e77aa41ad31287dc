//! What the steps from a project to its graph cost: `cargo bench --bench pipeline`.
//!
//! Not a test: nothing here fails because it is slow.

#![expect(clippy::expect_used, reason = "a bench that cannot run should say so")]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::Progress;
use coalition_kg::pipeline;
use coalition_kg::project::Project;
use criterion::{Criterion, criterion_group, criterion_main};
use oxigraph::store::Store;
use std::hint::black_box;

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

criterion_group!(benches, bundled_graph);
criterion_main!(benches);
