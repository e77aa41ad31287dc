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
        ("graph.cypher", &[]),
        ("kuzu", &["--format", "kuzu", "--language-style", "at"]),
        (
            "neptune",
            &["--format", "neptune-csv", "--decimals", "string"],
        ),
        ("graph.graphml.gz", &["--format", "graphml"]),
        ("folded.cypher", &["--fold", fold]),
        (
            "folded-neptune",
            &["--format", "neptune-csv", "--fold", fold],
        ),
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

/// Replaces the first of a text in a file.
fn replaced(sandbox: &Sandbox, name: &str, old: &str, new: &str) {
    let text = sandbox.read(name);
    let changed = text.replacen(old, new, 1);
    assert!(changed != text, "{old}");
    sandbox.write(name, changed);
}

#[test]
fn what_is_not_as_it_was_written_is_refused() {
    let sandbox = Sandbox::new();
    for (output, format) in [
        ("g.cypher", "cypher"),
        ("g.graphml", "graphml"),
        ("kuzu", "kuzu"),
    ] {
        sandbox
            .run(["export", "--output", output, "--format", format])
            .success();
    }
    replaced(&sandbox, "g.cypher", "date(\"", "day(\"");
    assert_snapshot!(sandbox.run(["import", "g.cypher"]), @r#"
    exit code: 2
    ----- stderr -----
    error[import::content]: `date` was expected, not `d`
      --> g.cypher:34:83
       |
    34 | {iri: "https://w3id.org/coalition-kg/id/announcement-coalition-2014", p: {`date`: day("2014-09-10"), `prefLabel_ar`: "إعلان تشكيل ال...
       |                                                                                   ^
    "#);
    replaced(&sandbox, "g.graphml", "<data key=\"p", "<data key=\"x");
    assert_snapshot!(sandbox.run(["import", "g.graphml"]), @r#"
    exit code: 2
    ----- stderr -----
    error[import::content]: the key `x5` is not declared
       --> g.graphml:135:178
        |
    135 | ...ta><data key="iri">https://w3id.org/coalition-kg/id/F101</data><data key="x5">أُعلن عن تشكيل تحالف دولي في 10 سبتمبر 2014.</data>...
        |                                                                   ^
    "#);
    // Nothing of the files before goes out.
    let file = "kuzu/rels-MEMBER-Membership-State.csv";
    replaced(&sandbox, file, "\n\"http", "\n\"h ttp");
    assert_snapshot!(sandbox.run(["import", "kuzu"]), @r#"
    exit code: 2
    ----- stderr -----
    error[import::content]: `h ttps://w3id.org/coalition-kg/id/mem-africa-focus-group-ITA-co-chair` is not an IRI
     --> kuzu/rels-MEMBER-Membership-State.csv:2:1
      |
    2 | "h ttps://w3id.org/coalition-kg/id/mem-africa-focus-group-ITA-co-chair","https://w3id.org/coalition-kg/id/state-ITA","93b36cb3dc0a47df42f32e241278cc9c"
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    replaced(&sandbox, file, "h ttp", "http");
    replaced(
        &sandbox,
        "kuzu/nodes-Announcement.csv",
        "2014-09-10",
        "2014-09-31",
    );
    assert_snapshot!(sandbox.run(["import", "kuzu", "--output", "back.nq"]), @r#"
    exit code: 2
    ----- stderr -----
    error[import::content]: `2014-09-31` is no value of `date`
     --> kuzu/nodes-Announcement.csv:3:1
      |
    3 | "https://w3id.org/coalition-kg/id/announcement-coalition-2014","Announcement;Event",2014-09-31,"إعلان تشكيل التحالف، 2014","Announcement of the coalition, 2014",
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    replaced(&sandbox, "kuzu/names.json", "\"kuzu\"", "\"neptune-csv\"");
    assert_snapshot!(sandbox.run(["import", "kuzu", "--output", "back.nq"]), @"
    exit code: 2
    ----- stderr -----
    error[import::content]: `iri` is no header here
     --> kuzu/nodes-Announcement.csv:1:1
      |
    1 | iri,labels,date,prefLabel_ar,prefLabel_en,year
      | ^
    ");
    assert!(!sandbox.path("back.nq").exists());
}

#[test]
fn exports_that_are_incomplete_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.run(["export", "--output", "g.jsonl"]).success();
    let text = sandbox.read("g.jsonl");
    let end = text.trim_end().rfind('\n').unwrap();
    sandbox.write("g.jsonl", &text[..=end]);
    let import = ["import", "g.jsonl", "--output", "back.nq"];
    assert_snapshot!(sandbox.run(import), @"
    exit code: 2
    ----- stderr -----
    error[import::incomplete]: 2150 relationships were read, but the map of names was written with 2151
    --> g.jsonl.names.json
     = help: give the export as it was written, with the map that was written with it
    ");
    sandbox.write("g.jsonl", &text[..end - 1]);
    assert_eq!(sandbox.run(import).lines_with("import::content"), 1);
    let format = ["--format", "neptune-csv"];
    sandbox
        .run(["export", "--output", "n"].into_iter().chain(format))
        .success();
    let import = ["import", "n", "--output", "back.nq"];
    sandbox.remove("n/nodes-Membership.csv");
    assert_snapshot!(sandbox.run(import), @"
    exit code: 2
    ----- stderr -----
    error[import::io]: this file cannot be read: no file `n/nodes-Membership.csv`
    --> n/nodes-Membership.csv
    ");
    let file = "nodes-Membership.csv";
    replaced(&sandbox, "n/names.json", file, &format!("../{file}"));
    assert_snapshot!(sandbox.run(import), @"
    exit code: 2
    ----- stderr -----
    error[import::names]: `../nodes-Membership.csv` is no name of a file in the folder of an export
    --> n/names.json
    ");
    assert!(!sandbox.path("back.nq").exists());
    sandbox.write("n/names.json", "{\n  \"version\": 1,\n}\n");
    assert_snapshot!(sandbox.run(import), @"
    exit code: 2
    ----- stderr -----
    error[import::names]: this is no map of names: trailing comma
     --> n/names.json:3:1
      |
    3 | }
      | ^
      |
      = help: give the map that `export` wrote with `--names FILE`
    ");
    let names = ["--names", "g.jsonl.names.json"];
    assert_snapshot!(sandbox.run(["import", "n"].into_iter().chain(names)), @"
    exit code: 2
    ----- stderr -----
    error[import::names]: `jsonl`, which this map is of, is no folder
    --> g.jsonl.names.json
     = help: give the map that `export` wrote with `--names FILE`
    ");
}

#[test]
fn what_says_nothing_to_a_format_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("file", "");
    sandbox
        .run(["export", "--format", "kuzu", "--output", "kuzu"])
        .success();
    let membership = "org:Membership=org:member,org:organization";
    for (code, words) in [
        (
            "export::option",
            &["--format", "turtle", "--fold", membership][..],
        ),
        ("export::option", &["--canonical", "--keep-graphs"]),
        (
            "export::option",
            &["--output", "g.nt", "--dialect", "memgraph"],
        ),
        (
            "export::fold",
            &[
                "--output",
                "g.jsonl",
                "--fold",
                "nope:A=org:member,org:organization",
            ],
        ),
        (
            "export::fold",
            &[
                "--output",
                "g.jsonl",
                "--fold",
                "org:Membership=org:member,",
            ],
        ),
        ("export::output", &["--format", "kuzu", "--output", "file"]),
        ("export::output", &["--format", "jsonl", "--output", "kuzu"]),
    ] {
        let ended = sandbox.run(["export"].iter().chain(words));
        assert_eq!(ended.code, Some(2), "{words:?} {ended}");
        assert_eq!(ended.lines_with(code), 1, "{words:?} {ended}");
    }
    #[cfg(unix)]
    {
        let ended = sandbox.run(["export", "--format", "jsonl", "--output", "/dev/null"]);
        assert_eq!(ended.lines_with("export::output"), 1, "{ended}");
        assert!(!std::path::Path::new("/dev/null.names.json").exists());
    }
    let ended = sandbox.run(["import", "nowhere"]);
    assert_eq!(ended.lines_with("import::io"), 1, "{ended}");
}
