//! A second project of another domain through the same commands.

#![expect(
    clippy::unwrap_used,
    reason = "a document that cannot be read has failed"
)]

use super::sandbox::{Sandbox, repository_file, sorted};
use insta::assert_snapshot;

fn expected(name: &str) -> String {
    repository_file(&format!("tests/projects/observatory/expected/{name}"))
}

#[test]
fn a_build_writes_the_graph_its_description_and_a_summary() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["build"]), @"
    exit code: 0
    ----- stderr -----
    table                     rows    triples
    data/telescopes.csv          2         16
    data/stars.csv               3         15
    data/nights.csv              4         29

    9 rows made 60 triples; 10 were inferred by 2 rules in 3 rounds, 35 are the ontology; 0 warnings; [TIME] s
    wrote build/observatory.ttl
    wrote build/observatory.void.ttl
    ");
    assert_snapshot!("observatory-graph", sandbox.read("build/observatory.ttl"));
    assert_snapshot!(
        "observatory-description",
        sandbox.read("build/observatory.void.ttl")
    );
}

// Lexical forms such as `1000.50`, `007` and `.13` are those of the cells.
#[test]
fn the_tables_become_the_expected_triples_in_each_format() {
    let sandbox = Sandbox::observatory();
    for format in ["ntriples", "turtle", "trig", "nquads", "rdfxml", "jsonld"] {
        let arguments = ["export", "--graph", "stated", "--quiet", "--format", format];
        let text = sandbox.run(arguments).success();
        assert_eq!(parse(format, &text), expected("stated.nt"), "{format}");
    }
}

#[test]
fn the_rules_derive_the_expected_triples() {
    let sandbox = Sandbox::observatory();
    let arguments = ["export", "--graph", "inferred", "--format", "ntriples"];
    assert_eq!(
        sorted(&sandbox.run(arguments).success()),
        expected("inferred.nt")
    );
}

#[test]
fn all_graphs_stand_in_one_file_of_quads_each_under_its_name() {
    let sandbox = Sandbox::observatory();
    let text = sandbox.run(["export", "--format", "nquads"]).success();
    for (graph, count) in [("inferred", 10), ("ontology", 35)] {
        let name = format!(" <https://observatory.example/kg/graph/{graph}> .");
        assert_eq!(
            text.lines().filter(|line| line.ends_with(&name)).count(),
            count,
            "{graph}"
        );
    }
    let named = |line: &&str| line.contains("> <https://observatory.example/kg/graph/");
    let stated: Vec<_> = text
        .lines()
        .filter(|line| !line.contains("/kg/graph/"))
        .collect();
    assert_eq!(sorted(&stated.join("\n")), expected("stated.nt"));
    assert!(
        text.lines()
            .filter(named)
            .all(|line| !stated.contains(&line))
    );
}

#[test]
fn the_canonical_form_is_sorted_and_stable() {
    let sandbox = Sandbox::observatory();
    let text = sandbox
        .run(["export", "--canonical", "--graph", "stated"])
        .success();
    assert_eq!(text, expected("stated.nt"));
}

#[test]
fn a_construct_query_is_exported() {
    let sandbox = Sandbox::observatory();
    let arguments = ["export", "--construct", "q3", "--format", "ntriples"];
    let text = sandbox.run(arguments).success();
    assert_eq!(text.lines().count(), 6, "{text}");
    assert!(expected("stated.nt").contains(sorted(&text).lines().next().unwrap_or("none")));
}

#[test]
fn an_unknown_graph_gets_the_nearest_name() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["export", "--graph", "infered"]), @"
    exit code: 2
    ----- stderr -----
    error[export::unknown-graph]: there is no graph `infered`
      = help: did you mean `inferred`?
    ");
}

#[test]
fn tables_and_graph_are_valid() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["validate"]), @"
    exit code: 0
    ----- stdout -----
    tables: 9 rows conform to their metadata
    graph: conforms to its shapes
    ");
    let report = sandbox.run(["validate", "--format", "json"]).success();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["conforms"], true);
    assert_snapshot!(sandbox.run(["validate", "--format", "turtle"]), @"
    exit code: 0
    ----- stdout -----
    @prefix sh: <http://www.w3.org/ns/shacl#> .

    _:shacl-report a sh:ValidationReport ;
        sh:conforms true .
    ");
}

#[test]
fn a_changed_graph_is_checked_against_the_shapes() {
    let sandbox = Sandbox::observatory();
    sandbox.run(["build", "--output", "graph.ttl"]).success();
    let verdict = |sandbox: &Sandbox| sandbox.run(["validate", "--data", "graph.ttl"]).code;
    assert_eq!(verdict(&sandbox), Some(0));
    sandbox.replace("graph.ttl", "1000.50", "1000.51");
    assert_eq!(verdict(&sandbox), Some(1));
}

#[test]
fn another_base_is_used_everywhere() {
    let sandbox = Sandbox::observatory();
    let move_to = |text: &str| {
        sorted(&text.replace("https://observatory.example/kg/", "https://example.org/"))
    };
    let all = ["export", "--graph", "all", "--format", "nquads"];
    let here = sandbox.run(all).success();
    let moved = sandbox
        .run(all.iter().chain(&["--base", "https://example.org/"]))
        .success();
    assert!(!moved.contains("observatory.example"), "{moved}");
    assert_eq!(sorted(&moved), move_to(&here));
    // The same by changing the one line of the settings.
    sandbox.replace(
        "kg.toml",
        "\nbase = \"https://observatory.example/kg/\"",
        "\nbase = \"https://example.org/\"",
    );
    assert_eq!(sorted(&sandbox.run(all).success()), move_to(&here));
}

#[test]
fn the_same_project_gives_the_same_bytes() {
    let one = Sandbox::observatory();
    let other = Sandbox::observatory();
    for format in ["turtle", "trig", "nquads", "jsonld", "rdfxml"] {
        let arguments = ["export", "--graph", "all", "--format", format];
        assert_eq!(
            one.run(arguments).success(),
            other.run(arguments).success(),
            "{format}"
        );
    }
}

/// Parses a document to sorted N-Triples.
fn parse(format: &str, text: &str) -> String {
    let format = coalition_kg::sink::serializer::format_by_name(format).unwrap();
    let quads = coalition_kg::pipeline::parse(text, format, "https://e.org/", "test").unwrap();
    let lines: Vec<_> = quads.iter().map(|quad| format!("{quad} .")).collect();
    sorted(&lines.join("\n"))
}
