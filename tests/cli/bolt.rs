//! `push` to property-graph databases, as far as it goes without one.

use super::sandbox::Sandbox;
use insta::assert_snapshot;

const NO_SERVER: &str = "bolt://127.0.0.1:9";

#[test]
fn a_dry_run_shows_the_statements_and_asks_nobody() {
    let sandbox = Sandbox::observatory();
    let push = |more: &[&str]| {
        let arguments = [&["push", NO_SERVER, "--dry-run"], more].concat();
        sandbox.run(arguments)
    };
    assert_snapshot!("bolt-dry-run-replace", push(&["--replace"]));
    assert_snapshot!(
        "bolt-dry-run-merge",
        push(&[
            "--merge",
            "--inferred",
            "--profile",
            "arcadedb",
            "--max-transaction",
            "10"
        ])
    );
}

#[test]
fn options_of_another_kind_of_server_are_refused() {
    let sandbox = Sandbox::observatory();
    sandbox.write("token", "hidden");
    for (url, more) in [
        (NO_SERVER, &["--graph", "default"][..]),
        (NO_SERVER, &["--profile", "fuseki"]),
        (NO_SERVER, &["--auth", "digest", "--user", "u"]),
        (NO_SERVER, &["--token-file", "token"]),
        (NO_SERVER, &["--max-put", "1M"]),
        (NO_SERVER, &["--piece", "1M"]),
        (NO_SERVER, &["--method", "gsp"]),
        (NO_SERVER, &["--query-url", "http://127.0.0.1:9"]),
        ("http://127.0.0.1:9", &["--database", "kg"]),
        ("http://127.0.0.1:9", &["--max-transaction", "1"]),
        ("http://127.0.0.1:9", &["--profile", "neo4j"]),
        ("http://127.0.0.1:9", &["--decimals", "string"]),
        ("http://127.0.0.1:9", &["--keep-graphs"]),
    ] {
        let ended = sandbox.run([&["push", url, "--merge"], more].concat());
        assert_eq!(ended.code, Some(2), "{more:?} {ended}");
        assert!(ended.stderr.contains("push::option"), "{more:?} {ended}");
        assert!(ended.stderr.contains(more[0]), "{more:?} {ended}");
    }
}

#[test]
fn addresses_that_cannot_be_used_say_what_can() {
    let sandbox = Sandbox::observatory();
    for (url, word) in [
        ("neo4j://127.0.0.1:9", "bolt://"),
        ("neo4j+s://127.0.0.1:9", "bolt+s://"),
        ("bolt+ssc://127.0.0.1:9", "SSL_CERT_FILE"),
        ("bolt://u:hidden@127.0.0.1:9", "--user"),
        ("bolt://127.0.0.1:9/kg", "--database"),
        ("bolt://", "bolt://localhost:7687"),
    ] {
        let ended = sandbox.run(["push", url, "--merge"]);
        assert_eq!(ended.code, Some(2), "{url} {ended}");
        assert!(ended.stderr.contains("push::address"), "{url} {ended}");
        assert!(ended.stderr.contains(word), "{url} {ended}");
        assert!(!ended.stderr.contains("hidden"), "{url} {ended}");
    }
    let ended = sandbox.run(["push", NO_SERVER, "--merge", "--attempts", "1"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("push::no-answer"), "{ended}");
}
