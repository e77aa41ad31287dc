//! Property graphs out and in.

use super::sandbox::{Sandbox, sorted};
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[test]
fn all_graphs_come_back() {
    let sandbox = Sandbox::new();
    sandbox.run(["export", "--output", "all.nq"]).success();
    let expected = sorted(&sandbox.read("all.nq"));
    let fold = "org:Membership=org:member,org:organization";
    for (output, more) in [
        ("graph.jsonl", &[][..]),
        ("neo4j", &["--format", "neo4j-csv"]),
        ("folded.jsonl", &["--fold", fold]),
    ] {
        let export = ["export", "--keep-graphs", "--output", output];
        sandbox.run(export.iter().chain(more).copied()).success();
        let back = sandbox.run(["import", output]).success();
        assert!(sorted(&back) == expected, "{output}");
    }
}

#[test]
fn exports_are_the_same_each_time() {
    let (one, other) = (Sandbox::new(), Sandbox::new());
    for sandbox in [&one, &other] {
        for format in [
            "neo4j-csv",
            "kuzu",
            "ladybug",
            "neptune-csv",
            "falkordb-csv",
        ] {
            sandbox
                .run(["export", "--format", format, "--output", format])
                .success();
        }
        for output in ["g.cypher", "g.jsonl", "g.graphml"] {
            sandbox.run(["export", "--output", output]).success();
        }
    }
    let files = |sandbox: &Sandbox| -> BTreeMap<PathBuf, Vec<u8>> {
        let root = sandbox.path("");
        let files = sandbox.files().into_iter();
        files
            .map(|(path, bytes)| (path.strip_prefix(&root).unwrap().to_owned(), bytes))
            .collect()
    };
    let (files, others) = (files(&one), files(&other));
    assert!(files == others);
    for name in [
        "g.cypher.names.json",
        "g.jsonl.names.json",
        "kuzu/names.json",
    ] {
        assert!(files.keys().any(|path| path.ends_with(name)), "{name}");
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run(["export", "--format", "jsonl"]), @"
    exit code: 2
    ----- stderr -----
    error[export::no-output]: a property graph and the map of its names are several files
      = help: add `--output FILE`
    ");
    assert_snapshot!(sandbox.run(["export", "--sorted", "--output", "g.jsonl"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::sorted]: a property graph is written in an order of its own
      = help: leave `--sorted` out
    ");
    sandbox.write("g.jsonl", "{}\n");
    assert_snapshot!(sandbox.run(["import", "g.jsonl"]), @"
    exit code: 2
    ----- stderr -----
    error[import::names]: cannot read the map of names: No such file or directory (os error 2)
    --> g.jsonl.names.json
     = help: give the map that `export` wrote with `--names FILE`
    ");
    sandbox.run(["export", "--output", "g.jsonl"]).success();
    let line = r#"{"type":"node","id":"http://e.org/a","labels":["Other"]}"#;
    sandbox.write("g.jsonl", format!("{line}\n"));
    assert_snapshot!(sandbox.run(["import", "g.jsonl"]), @r#"
    exit code: 2
    ----- stderr -----
    error[import::content]: the map does not know the label `Other`
     --> g.jsonl:1:1
      |
    1 | {"type":"node","id":"http://e.org/a","labels":["Other"]}
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}
