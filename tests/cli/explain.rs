//! `explain`: where triples come from.

use super::sandbox::Sandbox;
use insta::assert_snapshot;

#[test]
fn each_triple_has_its_file_row_column_and_mapping_element() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!("explain-vega", sandbox.run(["explain", "obs:vega"]));
}

#[test]
fn whole_and_compact_iris_are_the_same() {
    let sandbox = Sandbox::observatory();
    let whole = sandbox
        .run(["explain", "https://observatory.example/kg/thing/vega"])
        .success();
    assert_eq!(whole, sandbox.run(["explain", "obs:vega"]).success());
}

#[test]
fn what_a_rule_derived_names_the_rule() {
    let sandbox = Sandbox::observatory();
    let text = sandbox.run(["explain", "obs:deneb"]).success();
    let lines: Vec<_> = text.lines().collect();
    let at = lines
        .iter()
        .position(|line| *line == "obs:guo ob:pointedAt obs:deneb")
        .unwrap();
    assert_eq!(
        lines[at + 1].trim(),
        "inferred by ontology/rules/10-pointed-at.rq",
        "{text}"
    );
}

#[test]
fn the_explanation_can_be_had_as_json() {
    let sandbox = Sandbox::observatory();
    let text = sandbox
        .run(["explain", "obs:dunes", "--format", "json"])
        .success();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(
        value["triples"]
            .as_array()
            .is_some_and(|triples| triples.len() >= 7),
        "{text}"
    );
}

#[test]
fn an_unknown_resource_gets_the_nearest() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["explain", "obs:vgea"]), @"
    exit code: 2
    ----- stderr -----
    error[explain::unknown-resource]: the graph says nothing about `obs:vgea`
      = help: did you mean `<https://observatory.example/kg/thing/vega>`?
    ");
}

#[test]
fn what_is_no_iri_is_refused() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["explain", "not an iri"]), @"
    exit code: 2
    ----- stderr -----
    error[explain::iri]: `not an iri` is not an IRI: Invalid IRI code point ' '
      = help: write an IRI or a prefixed name such as `id:…`
    ");
}
