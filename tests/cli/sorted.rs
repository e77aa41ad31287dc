//! Sorted output, however little memory there is.

#![expect(
    clippy::unwrap_used,
    reason = "a program that cannot be run has failed"
)]

use super::sandbox::Sandbox;
use insta::assert_snapshot;
use std::fmt::Write as _;
use std::process::Command;

const METADATA: &str = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv",
    "tableSchema": {"aboutUrl": "http://example.org/{k}", "columns": [
        {"titles": "k", "name": "k", "propertyUrl": "http://example.org/k"},
        {"titles": "n", "name": "n", "propertyUrl": "http://example.org/n", "datatype": "integer"},
        {"titles": "text", "name": "text", "propertyUrl": "http://example.org/text", "lang": "ar"},
        {"name": "type", "virtual": true, "propertyUrl": "rdf:type", "valueUrl": "http://example.org/T"}]}}"#;

/// A table whose rows come in no order, and many of them more than once.
fn table(rows: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    let mut text = "k,n,text\n".to_owned();
    for row in 0..rows {
        let key = row * 7919 % 997;
        writeln!(text, "{key},{},\"a \"\"{}\"\" é ع{key}\"", row % 5, row % 3).unwrap();
    }
    sandbox.write("t.csv", text).write("m.json", METADATA);
    sandbox
}

fn convert(sandbox: &Sandbox, more: &[&str]) -> String {
    let arguments = ["convert", "--minimal", "m.json"];
    sandbox.run(arguments.iter().chain(more).copied()).success()
}

#[test]
fn lines_are_those_of_sort_u() {
    let sandbox = table(20_000);
    for format in ["ntriples", "nquads"] {
        let unsorted = ["--format", format, "--keep-duplicates", "--output", "all"];
        convert(&sandbox, &unsorted);
        let mut sort = Command::new("sort");
        sort.args(["-u", "all"]).env("LC_ALL", "C");
        let expected = sort.current_dir(sandbox.path("")).output().unwrap();
        assert!(expected.status.success());
        let expected = String::from_utf8(expected.stdout).unwrap();
        for memory in ["1", "100K", "1G"] {
            for threads in ["1", "3"] {
                let options = ["--sorted", "--memory", memory, "--threads", threads];
                let sorted = convert(&sandbox, &[&["--format", format][..], &options].concat());
                assert!(sorted == expected, "{format}, {memory}, {threads}");
            }
        }
    }
}

#[test]
fn turtle_is_the_same_whatever_the_memory() {
    let sandbox = table(5_000);
    for format in ["turtle", "trig"] {
        let options = ["--format", format, "--sorted", "--memory"];
        let expected = convert(&sandbox, &[&options[..], &["1G"]].concat());
        assert!(expected.starts_with("<http://example.org/0> a <http://example.org/T> ;\n"));
        assert_eq!(expected.matches(" .\n").count(), 997);
        for more in [["1", "--threads", "1"], ["200K", "--threads", "3"]] {
            assert!(convert(&sandbox, &[&options[..], &more].concat()) == expected);
        }
    }
}

#[test]
fn a_small_graph_is_what_it_is_without_the_option() {
    let sandbox = Sandbox::observatory();
    for format in ["turtle", "trig"] {
        let plain = sandbox.run(["export", "--quiet", "--format", format]);
        let more = ["--sorted", "--memory", "1"];
        let sorted = sandbox.run(
            ["export", "--quiet", "--format", format]
                .iter()
                .chain(&more),
        );
        assert_eq!(sorted.success(), plain.success());
        let name = format!("graph-{format}");
        let build = ["build", "--quiet", "--format", format, "--output", &name];
        sandbox.run(build).success();
        let plain = sandbox.read(&name);
        sandbox.run(build.iter().chain(&more)).success();
        assert_eq!(sandbox.read(&name), plain);
    }
}

#[test]
fn what_a_query_makes_is_sorted() {
    let sandbox = Sandbox::observatory();
    sandbox.write("q.rq", "CONSTRUCT WHERE { ?s a ?type }");
    let query = [
        "export",
        "--construct",
        "q.rq",
        "--format",
        "ntriples",
        "--sorted",
    ];
    let sorted = sandbox.run(query).success();
    let lines: Vec<&str> = sorted.lines().collect();
    assert!(lines.len() > 1);
    assert!(lines.is_sorted_by(|a, b| a < b), "{sorted}");
}

#[test]
fn formats_without_an_order_are_refused() {
    let sandbox = table(1);
    let convert = ["convert", "m.json", "--sorted", "--format"];
    assert_snapshot!(sandbox.run(convert.iter().chain(&["json"])), @"
    exit code: 2
    ----- stderr -----
    error[cli::sorted]: `json` cannot be written sorted
      = help: write one of turtle, trig, ntriples, nquads, or leave `--sorted` out
    ");
    for format in ["rdfxml", "jsonld"] {
        for command in [
            &convert[..],
            &["export", "--sorted", "--format"],
            &["build", "--sorted", "--format"],
        ] {
            let ended = sandbox.run(command.iter().chain(&[format]));
            let message = format!("error[cli::sorted]: `{format}` cannot be written sorted");
            assert!(ended.stderr.contains(&message), "{ended}");
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        }
    }
}

// A folder that is not there and a limit on the size of files stand in for a full disk.
#[cfg(unix)]
#[test]
fn a_temporary_file_that_cannot_be_written_leaves_everything_as_it_was() {
    let sandbox = table(20_000);
    for name in ["out.nt", "out.ttl"] {
        sandbox.write(name, "before\n");
        let arguments = [
            "convert", "m.json", "--sorted", "--memory", "1", "--output", name,
        ];
        let mut command = sandbox.command(arguments);
        let output = command
            .env("TMPDIR", sandbox.path("none"))
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("error[output::temporary]"), "{stderr}");
        assert!(
            stderr.contains("set `TMPDIR` to a folder with more space"),
            "{stderr}"
        );
        assert_eq!(sandbox.read(name), "before\n");
        let program = sandbox.command(arguments).get_program().to_owned();
        let limited = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 64 && exec \"$0\" \"$@\""])
            .arg(program)
            .args(arguments)
            .current_dir(sandbox.path(""))
            .output()
            .unwrap();
        let stderr = String::from_utf8(limited.stderr).unwrap();
        assert_eq!(limited.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("in a temporary file: "), "{stderr}");
        assert_eq!(sandbox.read(name), "before\n");
    }
    assert_eq!(sandbox.files().len(), 4);
}
