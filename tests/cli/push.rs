//! `push`, against a store of the test on this machine.

use super::sandbox::{Ended, Sandbox};
use crate::store_server::{Fault, Graphs, Guard, Server};
use insta::assert_snapshot;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const NO_SERVER: &str = "http://127.0.0.1:9";

#[test]
fn a_dry_run_says_what_would_be_sent_and_asks_nobody() {
    let sandbox = Sandbox::observatory();
    let push = |more: &[&str]| {
        let mut arguments = vec!["push", NO_SERVER, "--dry-run"];
        arguments.extend(more);
        sandbox.run(arguments)
    };
    assert_snapshot!(
        "push-dry-run-put",
        push(&["--replace", "--inferred", "--profile", "fuseki"])
    );
    assert_snapshot!(
        "push-dry-run-staged",
        push(&[
            "--merge",
            "--profile",
            "rdf4j",
            "--max-put",
            "1K",
            "--piece",
            "1K"
        ])
    );
    assert_snapshot!(
        "push-dry-run-insert",
        push(&["--replace", "--profile", "virtuoso", "--method", "insert"])
    );
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_sent() {
    let sandbox = Sandbox::observatory();
    sandbox.write("some.ttl", "<http://e.org/a> <http://e.org/p> 1 .");
    sandbox.write("broken.ttl", "<http://e.org/a> <http://e.org/p> 1 .\n<a");
    let check = |arguments: &[&str], code: &str, word: &str| {
        let ended = sandbox.run([&["push"], arguments].concat());
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stderr.contains(code), "{ended}");
        assert!(ended.stderr.contains(word), "{ended}");
        ended
    };
    check(&[NO_SERVER], "cli::usage", "--replace");
    check(&[NO_SERVER], "cli::usage", "--merge");
    check(
        &[NO_SERVER, "--replace", "--merge"],
        "cli::usage",
        "--merge",
    );
    check(
        &[NO_SERVER, "--replace", "--graph", "http://others.org/g"],
        "push::foreign-graph",
        "--merge",
    );
    check(
        &[NO_SERVER, "--replace", "--graph", "default"],
        "push::foreign-graph",
        "the default graph",
    );
    check(
        &[NO_SERVER, "--merge", "--data", "some.ttl"],
        "push::no-graph",
        "--graph",
    );
    let broken = check(
        &[
            NO_SERVER,
            "--merge",
            "--data",
            "broken.ttl",
            "--graph",
            "http://e.org/g",
        ],
        "rdf::syntax",
        "nothing was sent",
    );
    assert!(broken.stderr.contains("broken.ttl:2"), "{broken}");
    check(
        &[NO_SERVER, "--merge", "--max-put", "1K"],
        "push::no-updates",
        "--update-url",
    );
    let insert = check(
        &[NO_SERVER, "--merge", "--method", "insert"],
        "push::no-updates",
        "--update-url",
    );
    assert!(!insert.stderr.contains("--max-put"), "{insert}");
    check(
        &[NO_SERVER, "--merge", "--user", "ann"],
        "push::secret",
        "KG_PASSWORD",
    );
    let address = check(
        &["http://ann:s3cret@127.0.0.1:9/", "--merge"],
        "push::address",
        "--user",
    );
    assert!(!address.stderr.contains("s3cret"), "{address}");
}

#[test]
fn addresses_that_would_mean_another_graph_or_server_are_refused() {
    let sandbox = Sandbox::observatory();
    for (arguments, word) in [
        (&["http://127.0.0.1:9/store#x"][..], "`#`"),
        (&[NO_SERVER, "--query-url", "http://127.0.0.1:9/q#x"], "`#`"),
        (
            &[NO_SERVER, "--update-url", "http://127.0.0.1:9/u#x"],
            "`#`",
        ),
        (&["http://127.0.0.1:9/?a=1", "--profile", "fuseki"], "`?`"),
        (&["http://127.0.0.1:9/s?graph=http://e.org/g"], "`--graph`"),
        (&["http://127.0.0.1:9/s?a=1&default"], "`--graph`"),
        (&["http://127.0.0.1:65616/store"], "65535"),
        (&["http://[::1]:0/store"], "65535"),
        (&["bolt://127.0.0.1:65616"], "65535"),
    ] {
        let ended = sandbox.run([&["push", "--replace"], arguments].concat());
        assert_eq!(ended.code, Some(2), "{arguments:?} {ended}");
        assert!(ended.stderr.contains("push::address"), "{ended}");
        assert!(ended.stderr.contains(word), "{arguments:?} {ended}");
    }
    let ended = sandbox.run(["push", "http://127.0.0.1:9/s?a=1", "--replace", "--dry-run"]);
    ended.success();
}

#[test]
fn logins_in_mistyped_addresses_are_not_repeated() {
    let sandbox = Sandbox::observatory();
    for url in [
        "http:/user:SECRET@h/s",
        "user:SECRET@h",
        "http//user:SECRET@h/s",
        "bolt:/user:SECRET@h",
        "bolt//user:SECRET@h",
        "neo4j://user:SECRET@h",
        "http:\\\\user:SECRET@h",
        "http://user:SECRET/RET@h/s",
        "http://user:SECRET#RET@h/s",
        "http://user:SECRET?RET@h/s",
        "http://user:1/SECRET@h/s",
        "bolt://user:SECRET/RET@h",
    ] {
        let here = [NO_SERVER, "--query-url", url];
        let there = [NO_SERVER, "--update-url", url];
        for arguments in [&[url][..], &here, &there] {
            let ended = sandbox.run([&["push", "--replace"], arguments].concat());
            assert_eq!(ended.code, Some(2), "{url} {ended}");
            assert!(ended.stderr.contains("push::address"), "{url} {ended}");
            assert!(ended.stderr.contains("--user"), "{url} {ended}");
            assert!(!ended.stderr.contains("SECRET"), "{url} {ended}");
            assert!(!ended.stderr.contains("RET@"), "{url} {ended}");
        }
    }
}

#[test]
fn secrets_come_from_a_file_or_the_environment_and_are_in_no_message() {
    let sandbox = Sandbox::observatory();
    sandbox
        .write("right", "s3cret\n")
        .write("wrong", "0ther-s3cret\n");
    let server = Server::new(Graphs::new());
    for guard in [Guard::Basic, Guard::Digest] {
        server.set(|state| state.guard = guard);
        let auth = if guard == Guard::Basic {
            "basic"
        } else {
            "digest"
        };
        let mut arguments = vec![
            "push",
            &server.address,
            "--profile",
            "oxigraph",
            "--replace",
            "--auth",
            auth,
            "--user",
            "ann",
        ];
        let ended = sandbox
            .command(&arguments)
            .env("KG_PASSWORD", "s3cret")
            .output();
        Ended::from(ended.unwrap()).success();
        assert_eq!(server.graphs().len(), 1);
        arguments.push("--password-file");
        sandbox.run([&arguments[..], &["right"]].concat()).success();
        let ended = sandbox.run([&arguments[..], &["wrong"]].concat());
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stderr.contains("push::not-allowed"), "{ended}");
        assert!(!ended.stderr.contains("s3cret"), "{ended}");
    }
}

#[test]
fn a_graph_of_which_a_file_has_nothing_is_as_it_was() {
    let sandbox = Sandbox::new();
    sandbox.write("empty.ttl", "# nothing").write(
        "named.trig",
        "<http://e.org/b> { <http://e.org/a> <http://e.org/p> 1 }",
    );
    let mut before = Graphs::new();
    before
        .entry("http://e.org/kg".to_owned())
        .or_default()
        .insert("<http://e.org/old> <http://e.org/p> 1 .".to_owned());
    let server = Server::new(before.clone());
    let push = |url: &str, more: &[&str]| {
        let arguments = ["push", url, "--base", "http://e.org/", "--replace"];
        sandbox.run([&arguments[..], more].concat())
    };
    let to_graph = [
        "--profile",
        "oxigraph",
        "--graph",
        "http://e.org/kg",
        "--data",
    ];
    for (url, options) in [
        (server.address.as_str(), &to_graph[..]),
        ("bolt://127.0.0.1:9", &["--data"]),
    ] {
        let ended = push(url, &[options, &["empty.ttl"]].concat());
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stderr.contains("push::empty"), "{ended}");
        assert!(ended.stderr.contains("as it was"), "{ended}");
    }
    assert_eq!(server.requests(), [""; 0]);
    push(&server.address, &[&to_graph[..], &["named.trig"]].concat()).success();
    assert_eq!(
        server.graphs()["http://e.org/kg"],
        before["http://e.org/kg"]
    );
    assert_eq!(server.graphs().len(), 2);
}

#[test]
fn tables_with_errors_are_not_sent_and_that_is_said() {
    let sandbox = Sandbox::observatory();
    sandbox.replace("data/nights.csv", "2022-01-15", "2022-13-15");
    for url in [NO_SERVER, "bolt://127.0.0.1:9"] {
        let ended = sandbox.run(["push", url, "--replace"]);
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stderr.contains("nothing was sent"), "{ended}");
    }
}

#[test]
fn that_there_is_no_graph_store_is_said_of_a_success_only() {
    let sandbox = Sandbox::observatory();
    let server = Server::new(Graphs::new());
    server.set(|state| state.has_store = false);
    let arguments = [
        "push",
        &server.address,
        "--profile",
        "oxigraph",
        "--replace",
    ];
    let ended = sandbox.run(arguments);
    assert!(ended.stderr.contains("went by INSERT DATA"), "{ended}");
    let steps = server.requests().len();
    server.set(|state| state.fault = Some((steps + 2, Fault::Status(403))));
    let ended = sandbox.run(arguments);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(!ended.stderr.contains("went by INSERT DATA"), "{ended}");
    assert!(ended.stderr.contains("DROP of a staging graph"), "{ended}");
    assert!(ended.stderr.contains("answers 404: no store"), "{ended}");
}

#[test]
fn secrets_that_cannot_be_used_say_why() {
    let sandbox = Sandbox::observatory();
    sandbox
        .write("empty", "")
        .write("blank", " \ns3cret\n")
        .write("marked", "\u{FEFF}s3cret\n");
    let run = |url: &str, more: &[&str], variable: &str, value: &OsStr| {
        let arguments = [&["push", url, "--replace"], more].concat();
        let mut command = sandbox.command(arguments);
        Ended::from(command.env(variable, value).output().unwrap())
    };
    let check = |url: &str, more: &[&str], value: &[u8], words: [&str; 2]| {
        let value = OsStr::from_bytes(value);
        let variable = if more.contains(&"--user") {
            "KG_PASSWORD"
        } else {
            "KG_TOKEN"
        };
        let ended = run(url, more, variable, value);
        assert_eq!(ended.code, Some(2), "{ended}");
        for word in words {
            assert!(ended.stderr.contains(word), "{word} {ended}");
        }
        assert!(!ended.stderr.contains("s3cret"), "{ended}");
    };
    for file in ["empty", "blank"] {
        let options = ["--user", "ann", "--password-file", file];
        check(NO_SERVER, &options, b"", ["push::secret", "is empty"]);
        check(
            "bolt://127.0.0.1:9",
            &options,
            b"",
            ["push::secret", "is empty"],
        );
    }
    let ann = ["--user", "ann"];
    check(NO_SERVER, &ann, b"\xff", ["push::secret", "UTF-8"]);
    let name = ["--user", "\u{e4}nn", "--auth", "digest"];
    check(NO_SERVER, &name, b"s3cret", ["push::secret", "ASCII"]);
    let basic = ["--auth", "basic"];
    check(
        "bolt://127.0.0.1:9",
        &basic,
        b"",
        ["push::secret", "--user"],
    );
    check(
        "bolt://127.0.0.1:9",
        &[],
        b"s3cret",
        ["push::option", "KG_TOKEN"],
    );
    let server = Server::new(Graphs::new());
    server.set(|state| state.guard = Guard::Basic);
    let marked = [
        "--profile",
        "oxigraph",
        "--user",
        "ann",
        "--password-file",
        "marked",
    ];
    run(&server.address, &marked, "KG_TOKEN", OsStr::new("")).success();
}

#[test]
fn who_is_not_there_has_got_nothing() {
    let sandbox = Sandbox::observatory();
    let ended = sandbox.run(["push", NO_SERVER, "--replace", "--attempts", "1"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("push::no-answer"), "{ended}");
    assert!(
        ended
            .stderr
            .contains("was sent, and the graph is as it was"),
        "{ended}"
    );
    assert!(!ended.stderr.contains("complete"), "{ended}");
}

#[test]
fn a_staging_graph_that_fails_leaves_the_target() {
    let sandbox = Sandbox::observatory();
    for fault in [Fault::Dies, Fault::Status(502)] {
        let server = Server::new(Graphs::new());
        server.set(|state| state.fault = Some((3, fault)));
        let ended = sandbox.run([
            "push",
            &server.address,
            "--replace",
            "--profile",
            "oxigraph",
            "--max-put",
            "1K",
            "--attempts",
            "1",
        ]);
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stderr.contains("the target is as it was;"), "{ended}");
    }
}

#[test]
fn a_push_that_is_interrupted_takes_away_what_it_sent() {
    let sandbox = Sandbox::new();
    let line = |n| format!("<http://e.org/{n}> <http://e.org/p> \"{n}\" .\n");
    let data: Vec<String> = (0..20_000).map(line).collect();
    sandbox.write("data.nt", data.concat());
    let mut before = Graphs::new();
    before
        .entry("http://e.org/kg".to_owned())
        .or_default()
        .insert("<http://e.org/old> <http://e.org/p> 1 .".to_owned());
    let server = Server::new(before.clone());
    let child = sandbox
        .command([
            "push",
            &server.address,
            "--profile",
            "oxigraph",
            "--replace",
            "--base",
            "http://e.org/",
            "--graph",
            "http://e.org/kg",
            "--data",
            "data.nt",
            "--max-put",
            "1",
            "--piece",
            "1",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while server.requests().len() < 20 {
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.graphs().len(), 2);
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(130), "{ended}");
    assert!(ended.stderr.contains("is as it was"), "{ended}");
    assert_eq!(server.graphs(), before);
}
