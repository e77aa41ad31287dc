//! `query`: names, bindings, formats, and what is said of SPARQL that is not.

use super::sandbox::{Sandbox, sorted};
use insta::assert_snapshot;

#[test]
fn a_syntax_error_is_shown_with_line_column_and_caret() {
    let sandbox = Sandbox::observatory();
    sandbox.write("bad.rq", "SELECT ?star\nWHERE { ?star a ob:Star ; }}\n");
    assert_snapshot!(sandbox.refuse(&["query", "bad.rq"]), @"
    exit code: 2
    ----- stderr -----
    error[query::syntax]: invalid SPARQL: unexpected `}`, expected `GROUP`, `ORDER`, `HAVING`, `LIMIT`, `OFFSET` or `VALUES`
     --> bad.rq:2:28
      |
    2 | WHERE { ?star a ob:Star ; }}
      |                            ^
    ");
}

#[test]
fn a_syntax_error_on_standard_input_is_shown_too() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run_with_input(["query", "-"], "SELECT ?x WHERE { ?x ?y }"), @"
    exit code: 2
    ----- stderr -----
    error[query::syntax]: invalid SPARQL: unexpected `}`, expected a variable, an IRI or a literal
     --> <stdin>:1:25
      |
    1 | SELECT ?x WHERE { ?x ?y }
      |                         ^
    ");
}

#[test]
fn an_unknown_prefix_gets_the_nearest() {
    let sandbox = Sandbox::observatory();
    let query = "SELECT ?x WHERE { ?x rdsf:label ?y }";
    assert_snapshot!(sandbox.run_with_input(["query", "-"], query), @"
    exit code: 2
    ----- stderr -----
    error[query::undeclared-prefix]: the prefix `rdsf:` is not declared
     --> <stdin>:1:22
      |
    1 | SELECT ?x WHERE { ?x rdsf:label ?y }
      |                      ^^^^^^^^^^
      |
      = help: did you mean `rdf:`?
    ");
}

#[test]
fn an_update_is_refused() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run_with_input(["query", "-"], "CLEAR ALL"), @"
    exit code: 2
    ----- stderr -----
    error[query::update]: this is an update, expected a query: the graph is only read
     --> <stdin>:1:1
      |
    1 | CLEAR ALL
      | ^^^^^
      |
      = help: change the tables and build again, or ask with `SELECT` or `CONSTRUCT`
    ");
}

#[test]
fn an_unknown_query_gets_the_nearest_names() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["query", "q1-telescope"]), @"
    exit code: 2
    ----- stderr -----
    error[query::unknown-query]: no query is named `q1-telescope`
      = help: did you mean `q1-telescopes`?
    ");
}

#[test]
fn a_query_file_that_is_not_there_is_named() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["query", "queries/q1.rq"]), @"
    exit code: 2
    ----- stderr -----
    error[table::not-found]: no file `queries/q1.rq`
    --> queries/q1.rq
    ");
}

#[test]
fn queries_are_listed_with_their_questions_in_all_languages() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["query"]), @"
    exit code: 0
    ----- stdout -----
    q1-telescopes
        Which telescopes are there, and since when?
        ما التلسكوبات الموجودة ومنذ متى؟
        有哪些望远镜，从何时开始使用？
    q2-nights-of-star
        On which nights was a star watched?
        في أي الليالي رُصد نجم؟
        --set star=<https://observatory.example/kg/thing/vega>  the star asked about
    q3-sky
        Which star has which names?
        ما أسماء كل نجم؟
    ");
}

#[test]
fn rows_are_written_in_all_formats() {
    let sandbox = Sandbox::observatory();
    for format in ["table", "csv", "tsv", "json", "xml"] {
        let ended = sandbox.run(["query", "q1", "--format", format]);
        assert_snapshot!(format!("query-q1-{format}"), ended);
    }
}

#[test]
fn the_format_follows_the_name_of_the_output() {
    let sandbox = Sandbox::observatory();
    for format in ["csv", "tsv", "json", "xml"] {
        let name = format!("rows.{format}");
        sandbox.run(["query", "q1", "--output", &name]).success();
        let expected = sandbox.run(["query", "q1", "--format", format]).success();
        assert_eq!(sandbox.read(&name), expected, "{name}");
    }
}

#[test]
fn a_graph_is_written_in_rdf_formats() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["query", "q3"]), @r#"
    exit code: 0
    ----- stdout -----
    @prefix obs: <https://observatory.example/kg/thing/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

    obs:deneb rdfs:label
            "ذنب الدجاجة"@ar,
            "Deneb"@en .

    obs:rigel rdfs:label
            "رجل الجبار"@ar,
            "Rigel"@en .

    obs:vega rdfs:label
            "النسر الواقع"@ar,
            "Vega"@en .
    "#);
    let triples = sandbox
        .run(["query", "q3", "--format", "ntriples"])
        .success();
    assert_eq!(triples.lines().count(), 6, "{triples}");
}

#[test]
fn rows_cannot_be_written_as_a_graph_nor_a_graph_as_rows() {
    let sandbox = Sandbox::observatory();
    for (query, format) in [("q1", "turtle"), ("q3", "csv")] {
        let ended = sandbox.refuse(&["query", query, "--format", format]);
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stdout.is_empty(), "{ended}");
        assert!(ended.stderr.starts_with("error["), "{ended}");
    }
}

#[test]
fn a_question_is_answered_with_yes_or_no() {
    let sandbox = Sandbox::observatory();
    let ask = |query: &str| {
        sandbox
            .run_with_input(["query", "-", "--format", "json"], query)
            .success()
    };
    assert!(ask("ASK { ?x a ob:Star }").contains("true"));
    assert!(ask("ASK { ?x a ob:Planet }").contains("false"));
}

#[test]
fn a_variable_is_bound_by_its_default_or_as_told() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run(["query", "q2"]), @"
    exit code: 0
    ----- stdout -----
    night,began
    https://observatory.example/kg/thing/night-a,2021-12-02
    https://observatory.example/kg/thing/night-c,2022-01-15
    ");
    assert_snapshot!(sandbox.run(["query", "q2", "--set", "star=obs:rigel"]), @"
    exit code: 0
    ----- stdout -----
    night,began
    https://observatory.example/kg/thing/night-d,2022-01-16
    ");
    let whole = [
        "query",
        "q2",
        "--set",
        "star=<https://observatory.example/kg/thing/rigel>",
    ];
    let compact = ["query", "q2", "--set", "star=obs:rigel"];
    assert_eq!(sandbox.run(whole).success(), sandbox.run(compact).success());
}

#[test]
fn a_binding_of_a_variable_that_is_not_there_is_refused() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["query", "q2", "--set", "stra=obs:rigel"]), @"
    exit code: 2
    ----- stderr -----
    error[query::value]: the query has no variable `?stra`
      = help: did you mean `star`?
    ");
}

#[test]
fn a_binding_without_a_value_is_refused() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["query", "q2", "--set", "star"]), @"
    exit code: 2
    ----- stderr -----
    error[query::value]: invalid binding `star`: expected `name=value`
      = help: write `name=value`, such as `year=2021`
    ");
}

#[test]
fn a_query_that_lasts_too_long_is_stopped() {
    let sandbox = Sandbox::observatory();
    sandbox.write(
        "long.rq",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }",
    );
    let arguments = [
        "query",
        "long.rq",
        "--timeout",
        "0.2",
        "--output",
        "out.csv",
    ];
    assert_snapshot!(sandbox.refuse(&arguments), @"
    exit code: 2
    ----- stderr -----
    error[query::timed-out]: the query was stopped after 0.2 s
      = help: give it more time with `--timeout`, or narrow it with `LIMIT`
    ");
}

// Stated and inferred never mix unless they are asked for together.
#[test]
fn what_is_inferred_is_seen_only_when_asked_for() {
    let sandbox = Sandbox::observatory();
    let query = "SELECT ?x WHERE { obs:guo ob:pointedAt ?x }";
    let rows = |arguments: &[&str]| {
        sandbox
            .run_with_input(arguments, query)
            .success()
            .lines()
            .count()
            - 1
    };
    assert_eq!(rows(&["query", "-"]), 0);
    assert_eq!(rows(&["query", "-", "--inferred"]), 3);
}

#[test]
fn a_query_may_name_a_graph() {
    let sandbox = Sandbox::observatory();
    let query = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }";
    let graphs = sandbox
        .run_with_input(["query", "-", "--format", "tsv"], query)
        .success();
    assert!(
        graphs.contains("<https://observatory.example/kg/graph/inferred>"),
        "{graphs}"
    );
    assert!(
        graphs.contains("<https://observatory.example/kg/graph/ontology>"),
        "{graphs}"
    );
}

#[test]
fn the_text_of_a_query_can_be_shown() {
    let sandbox = Sandbox::observatory();
    let shown = sandbox.run(["query", "q1", "--show"]).success();
    assert_eq!(shown, sandbox.read("queries/q1-telescopes.rq"));
    let moved = sandbox
        .run(["query", "q1", "--show", "--base", "https://example.org/"])
        .success();
    assert_eq!(
        sorted(&moved),
        sorted(&shown.replace("https://observatory.example/kg/", "https://example.org/"))
    );
}
