//! What is loaded into the store, and how a load ends early.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a project that cannot be made has failed"
)]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{Progress, RunError};
use coalition_kg::export::description::{Counts, Described, describe, describe_counted};
use coalition_kg::pipeline::{
    self, GraphNames, Load, LoadReport, Mapping, Parts, PipelineError, load_parts,
};
use coalition_kg::project::Project;
use coalition_kg::sink::store::Place;
use coalition_kg::sink::{Origin, QuadSink, SinkError};
use oxigraph::store::Store;
use oxrdf::{GraphNameRef, QuadRef};
use std::path::Path;
use tempfile::TempDir;

const ROWS: usize = 16_000;
const METADATA: &str = r#"{
  "@context": "http://www.w3.org/ns/csvw",
  "url": "t.csv",
  "tableSchema": {
    "aboutUrl": "../id/{id}",
    "columns": [
      { "name": "id", "propertyUrl": "http://e.org/number", "datatype": "integer" },
      { "name": "kind", "propertyUrl": "rdf:type", "valueUrl": "../kind/{kind}" },
      { "name": "name", "propertyUrl": "http://e.org/name", "lang": "en" }
    ]
  }
}"#;
const ONTOLOGY: &str = "<http://e.org/A> <http://e.org/p> <http://e.org/B> .";
const RULE: &str = "CONSTRUCT { ?s <http://e.org/is> 17 } WHERE { ?s <http://e.org/number> 17 }";

/// A project of one table, in which every row stands twice: two rows of three triples each.
fn folder(rows: usize, with_rule: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let mut table = String::from("id,kind,name\n");
    for row in 0..rows {
        let number = row / 2;
        table.push_str(&format!("{number},k{},name {}\n", number % 3, number % 100));
    }
    write("kg.toml", "name = \"t\"\nbase = \"http://e.org/t/\"\n");
    write("data/t.csv", &table);
    write("data/csv-metadata.json", METADATA);
    write("ontology/t.ttl", ONTOLOGY);
    write("queries/q.rq", "ASK {}");
    if with_rule {
        write("ontology/rules/r.rq", RULE);
    }
    folder
}

fn open(folder: &Path) -> (Project, Mapping) {
    let project = Project::open(folder, None).unwrap();
    let mut diagnostics = Diagnostics::new();
    let mapping = pipeline::read_mapping(&project, &mut diagnostics).expect("the metadata is read");
    (project, mapping)
}

fn run(folder: &Path, load: Load<'_>) -> (Store, LoadReport) {
    let (project, mapping) = open(folder);
    let store = Store::new().unwrap();
    let mut diagnostics = Diagnostics::new();
    let go_on = &mut |_: &Progress<'_>| true;
    let report = load_parts(&project, &mapping, &store, load, &mut diagnostics, go_on).unwrap();
    assert_eq!(diagnostics.errors(), 0);
    (store, report)
}

fn count(store: &Store, graph: GraphNameRef<'_>) -> usize {
    store
        .quads_for_pattern(None, None, None, Some(graph))
        .count()
}

#[test]
fn only_what_is_needed_is_in_the_store() {
    // More than one batch.
    let rows = 2_000;
    let distinct = rows / 2 * 3;
    for (with_rule, parts, stated, inferred) in [
        (false, Parts::Ontology, 0, 0),
        (false, Parts::Named, 0, 0),
        (false, Parts::Stated, distinct, 0),
        (false, Parts::All, distinct, 0),
        (true, Parts::Ontology, 0, 0),
        (true, Parts::Named, distinct, 1),
        (true, Parts::Stated, distinct, 0),
        (true, Parts::All, distinct, 1),
    ] {
        for place in [Place::Memory, Place::Disk] {
            let folder = folder(rows, with_rule);
            let load = Load {
                parts,
                place,
                ..Load::default()
            };
            let (store, report) = run(folder.path(), load);
            let names = GraphNames::of(&open(folder.path()).0);
            let found = (
                count(&store, GraphNameRef::DefaultGraph),
                count(&store, names.inferred.as_ref().into()),
                count(&store, names.ontology.as_ref().into()),
            );
            assert_eq!(
                found,
                (stated, inferred, 1),
                "{with_rule} {parts:?} {place:?}"
            );
            assert_eq!(report.run.quads(), rows as u64 * 3);
            // Without counts what comes again is handed over again.
            assert_eq!(report.stored, stated as u64 * 2);
        }
    }
}

/// Takes some quads, then fails.
struct Few(usize);

impl QuadSink for Few {
    fn push(&mut self, _: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.0 = self.0.checked_sub(1).ok_or(SinkError::NotRepresentable {
            format: "this",
            what: "more".to_owned(),
        })?;
        Ok(())
    }
}

#[test]
fn what_comes_again_is_stored_and_handed_on_once() {
    let folder = folder(ROWS, false);
    let distinct = ROWS / 2 * 3;
    let mut counts = Counts::default();
    let mut few = Few(distinct);
    let load = Load {
        counts: Some(&mut counts),
        also: Some(&mut few),
        ..Load::default()
    };
    let (_, report) = run(folder.path(), load);
    assert_eq!(few.0, 0);
    assert_eq!(counts.triples(), distinct as u64);
    assert_eq!(report.stored, distinct as u64);
}

// The store is the judge of what was counted on the way.
#[test]
fn a_description_is_the_same_from_the_run_and_from_the_store() {
    let folder = folder(ROWS, true);
    let mut counts = Counts::default();
    let load = Load {
        counts: Some(&mut counts),
        ..Load::default()
    };
    let (store, _) = run(folder.path(), load);
    let described = Described {
        base: "http://e.org/t/".to_owned(),
        ..Described::default()
    };
    let expected = describe(&store, &described).unwrap();
    let found = describe_counted(&counts, &Store::new().unwrap(), &described).unwrap();
    assert_eq!(found, expected);
    assert!(expected.len() > 20);
}

#[test]
fn a_run_that_ends_early_leaves_nobody_behind() {
    let folder = folder(ROWS, false);
    let (project, mapping) = open(folder.path());
    for place in [Place::Memory, Place::Disk] {
        for fails in [false, true] {
            let store = Store::new().unwrap();
            let mut few = Few(if fails { ROWS } else { usize::MAX });
            let load = Load {
                place,
                also: Some(&mut few),
                ..Load::default()
            };
            let mut diagnostics = Diagnostics::new();
            let error = load_parts(
                &project,
                &mapping,
                &store,
                load,
                &mut diagnostics,
                &mut |progress| fails || progress.rows < 3 * 4096,
            )
            .unwrap_err();
            let expected = match &error {
                PipelineError::Run(RunError::Cancelled) => !fails,
                PipelineError::Run(RunError::Sink(SinkError::NotRepresentable { .. })) => fails,
                _ => false,
            };
            assert!(expected, "{error}");
            // The loader is gone: a transaction can begin, and no quad comes any more.
            let there = store.len().unwrap();
            store.start_transaction().unwrap().commit().unwrap();
            assert_eq!(store.len().unwrap(), there);
            assert!(place == Place::Memory || there == 0);
        }
    }
}
