//! The project folder and its settings.

use super::sandbox::Sandbox;
use insta::assert_snapshot;

#[test]
fn a_folder_that_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run(["build", "--project", "nowhere"]), @"
    exit code: 2
    ----- stderr -----
    error[project::no-folder]: no folder `nowhere`
    --> nowhere
     = help: give an existing folder to `--project`
    ");
}

#[test]
fn a_folder_that_is_not_a_project_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("some/file", "");
    assert_snapshot!(sandbox.run(["build", "--project", "some"]), @"
    exit code: 2
    ----- stderr -----
    error[project::not-a-project]: `some` is not a project folder: it has neither `kg.toml` nor `data/csv-metadata.json`
    --> some
     = help: give a folder with `data/`, `ontology/` and `queries/` to `--project`
    ");
}

#[test]
fn an_unknown_setting_is_named_with_line_and_column() {
    let sandbox = Sandbox::observatory();
    sandbox.replace("kg.toml", "languages", "langauges");
    assert_snapshot!(sandbox.run(["build"]), @r#"
    exit code: 2
    ----- stderr -----
    error[project::settings]: unknown field `langauges`, expected one of `name`, `base`, `source-base`, `languages`, `prefixes`, `evidence`, `paths`
     --> kg.toml:4:1
      |
    4 | langauges = ["en", "ar", "zh"]
      | ^^^^^^^^^
      |
      = help: the settings are described in the README, under "A project of your own"
    "#);
}

#[test]
fn settings_that_are_not_toml_are_named() {
    let sandbox = Sandbox::observatory();
    sandbox.replace("kg.toml", "name = \"observatory\"", "name = observatory");
    assert_snapshot!(sandbox.run(["build"]), @r#"
    exit code: 2
    ----- stderr -----
    error[project::settings]: string values must be quoted, expected literal string
     --> kg.toml:1:8
      |
    1 | name = observatory
      |        ^^^^^^^^^^^
      |
      = help: the settings are described in the README, under "A project of your own"
    "#);
}

#[test]
fn a_base_that_is_not_an_iri_is_refused() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["build", "--base", "observatory"]), @"
    exit code: 2
    ----- stderr -----
    error[project::settings]: the base `observatory` is not an absolute IRI: No scheme found in an absolute IRI
    --> --base
     = help: write one such as `https://example.org/`
    ");
}

#[test]
fn an_ontology_that_is_not_turtle_is_named_with_line_and_column() {
    let sandbox = Sandbox::observatory();
    sandbox.replace(
        "ontology/observatory.ttl",
        "ob:Star a owl:Class ;",
        "ob:Star a owl:Class",
    );
    assert_snapshot!(sandbox.refuse(&["build"]), @r#"
    exit code: 2
    ----- stderr -----
    error[rdf::syntax]: A dot is expected at the end of statements
     --> ontology/observatory.ttl:9:21
      |
    9 | ob:Star a owl:Class rdfs:label "star"@en .
      |                     ^
      |
      = help: mend the document here
    "#);
}

#[test]
fn a_rule_that_is_not_sparql_is_named_with_line_and_column() {
    let sandbox = Sandbox::observatory();
    sandbox.replace("ontology/rules/10-pointed-at.rq", "WHERE {", "WHERE (");
    assert_snapshot!(sandbox.refuse(&["build"]), @"
    exit code: 2
    ----- stderr -----
    error[query::syntax]: invalid SPARQL: unexpected `(`, expected `{`
     --> ontology/rules/10-pointed-at.rq:4:7
      |
    4 | WHERE ( ?night ob:telescope ?telescope ; ob:star ?star }
      |       ^
    ");
}

#[test]
fn shapes_that_are_not_turtle_are_named_with_line_and_column() {
    let sandbox = Sandbox::observatory();
    sandbox.replace(
        "ontology/shapes.ttl",
        "sh:targetClass ob:Star ;",
        "sh:targetClass ob:Star",
    );
    assert_snapshot!(sandbox.refuse(&["validate"]), @"
    exit code: 2
    ----- stderr -----
    error[rdf::syntax]: A dot is expected at the end of statements
      --> ontology/shapes.ttl:20:5
       |
    20 |     sh:property [ sh:path rdfs:label ; sh:minCount 2 ; sh:uniqueLang true ] ;
       |     ^
       |
       = help: mend the document here
    ");
}

// An installed program answers from anywhere.
#[test]
fn without_a_project_the_built_in_graph_is_used() {
    let sandbox = Sandbox::new();
    let found = sandbox.run(["query"]).success();
    assert!(found.contains("cq01"), "{found}");
}

#[test]
fn the_current_folder_is_the_project_if_it_is_one() {
    let sandbox = Sandbox::observatory();
    let found = sandbox.run(["query"]).success();
    assert!(
        found.contains("q1-telescopes") && !found.contains("cq01"),
        "{found}"
    );
}

#[test]
fn a_store_on_disk_says_how_to_get_it() {
    if cfg!(feature = "rocksdb") {
        return;
    }
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["build", "--store", "store"]), @"
    exit code: 2
    ----- stderr -----
    error[store::not-built-in]: this program was built without stores on disk
    --> store
     = help: build it with `cargo build --release --features rocksdb` (needs libclang), or leave `--store` out
    ");
}
