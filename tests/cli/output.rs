//! Where output goes, and what is left when it cannot go there.

#![expect(
    clippy::unwrap_used,
    reason = "a program that cannot be run has failed"
)]

use super::sandbox::{Ended, Sandbox};
use insta::assert_snapshot;
use std::fs;
use std::io::Read as _;
use std::process::Stdio;

#[test]
fn an_output_in_a_folder_that_is_not_there_is_named() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["build", "--output", "no/such/graph.ttl"]), @"
    exit code: 2
    ----- stderr -----
    error[output::io]: cannot write `no/such/graph.ttl`: the folder is not there
    --> no/such/graph.ttl
     = help: make the folder first
    ");
}

#[test]
fn an_output_that_is_a_folder_is_named() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["export", "--output", "data"]), @"
    exit code: 2
    ----- stderr -----
    note: this format holds one graph: what the tables state is written; `--graph all` merges all graphs, TriG and N-Quads keep them apart
    error[output::io]: cannot write `data`: is a directory
    --> data
     = help: give the name of a file
    ");
}

#[test]
fn an_output_that_may_not_be_written_is_named_and_stays() {
    let sandbox = Sandbox::observatory();
    sandbox.write("graph.ttl", "before\n");
    let mut permissions = fs::metadata(sandbox.path("graph.ttl"))
        .unwrap()
        .permissions();
    permissions.set_readonly(true);
    fs::set_permissions(sandbox.path("graph.ttl"), permissions).unwrap();
    assert_snapshot!(sandbox.refuse(&["build", "--output", "graph.ttl"]), @"
    exit code: 2
    ----- stderr -----
    error[output::io]: cannot write `graph.ttl`: permission denied
    --> graph.ttl
     = help: choose a place that you may write to
    ");
}

#[test]
fn a_name_that_tells_no_format_is_refused_with_the_formats() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.refuse(&["export", "--output", "graph.xyz"]), @"
    exit code: 2
    ----- stderr -----
    error[output::unknown-format]: the name `graph.xyz` does not tell the format
    --> graph.xyz
     = help: add `--format` with one of turtle, trig, ntriples, nquads, rdfxml, jsonld
    ");
}

// The graph is not written when its description cannot be.
#[test]
fn two_outputs_are_written_both_or_neither() {
    let sandbox = Sandbox::observatory();
    let ended = sandbox.refuse(&["build", "--description", "no/such/description.ttl"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    let ended = sandbox.refuse(&["build", "--description", "data"]);
    assert_eq!(ended.code, Some(2), "{ended}");
}

#[test]
fn a_build_replaces_what_stood_there_and_leaves_nothing_else() {
    let sandbox = Sandbox::observatory();
    let before = sandbox.files().len();
    sandbox.write("graph.nt", "before\n");
    sandbox.run(["build", "--output", "graph.nt"]).success();
    assert!(sandbox.read("graph.nt").contains("/thing/vega>"));
    let after: Vec<_> = sandbox.files().into_keys().collect();
    assert_eq!(after.len(), before + 2, "{after:?}");
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{Sandbox, Stdio, assert_snapshot, ended_by, fs};

    #[test]
    fn a_full_disk_is_named() {
        let sandbox = Sandbox::observatory();
        assert_snapshot!(sandbox.refuse(&["export", "--output", "/dev/full"]), @"
        exit code: 2
        ----- stderr -----
        note: this format holds one graph: what the tables state is written; `--graph all` merges all graphs, TriG and N-Quads keep them apart
        error[output::io]: cannot write `/dev/full`: No space left on device (os error 28)
        --> /dev/full
         = help: free some space; what stood there before is as it was
        ");
    }

    #[test]
    fn a_full_disk_behind_standard_output_is_named() {
        let sandbox = Sandbox::observatory();
        for arguments in [
            &["export"][..],
            &["build", "--output", "-"],
            &["query", "q1"],
            &["query"],
            &["convert", "data/csv-metadata.json"],
            &["validate"],
            &["explain", "obs:vega"],
        ] {
            let full = fs::File::options().write(true).open("/dev/full").unwrap();
            let mut command = sandbox.command(arguments);
            let ended = ended_by(command.stdout(full).stderr(Stdio::piped()));
            assert_eq!(ended.code, Some(2), "{arguments:?}\n{ended}");
            assert!(ended.stderr.contains("<stdout>"), "{arguments:?}\n{ended}");
            assert!(
                ended.stderr.contains("No space left"),
                "{arguments:?}\n{ended}"
            );
        }
    }
}

#[cfg(unix)]
fn ended_by(command: &mut std::process::Command) -> Ended {
    Ended::from(command.spawn().unwrap().wait_with_output().unwrap())
}

// What `| head -1` does.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_a_quiet_success() {
    let sandbox = Sandbox::observatory();
    sandbox.write("long.csv", format!("a,b\n{}", "1,2\n".repeat(20_000)));
    for arguments in [
        &["convert", "long.csv"][..],
        &["export", "--quiet"],
        &["build", "--quiet", "--output", "-"],
        &["query", "q1"],
        &["query"],
        &["validate"],
        &["explain", "obs:vega"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let mut command = sandbox.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        if arguments.contains(&"convert") {
            let mut first = [0; 10];
            stdout.read_exact(&mut first).unwrap();
        }
        drop(stdout);
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(0), "{arguments:?}\n{ended}");
        assert_eq!(ended.stderr, "", "{arguments:?}");
    }
}

#[cfg(unix)]
mod ctrl_c {
    use super::{Ended, Sandbox, Stdio};
    use std::io::Write as _;
    use std::process::{Child, Command};
    use std::time::{Duration, Instant};

    /// Waits for a condition, at most ten seconds.
    fn wait_until(mut condition: impl FnMut() -> bool) {
        let started = Instant::now();
        while !condition() {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "waited for too long"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn interrupt(child: &Child) {
        let sent = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Sends Ctrl-C once the program is at work; it has to end soon and leave the folder as it was.
    fn check(sandbox: &Sandbox, arguments: &[&str]) {
        sandbox.write("out.csv", "before\n");
        let before = sandbox.files();
        let mut command = sandbox.command(arguments);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Some commands open their output early and some late.
        let started = Instant::now();
        wait_until(|| {
            sandbox.files().len() > before.len() || started.elapsed() > Duration::from_millis(800)
        });
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it was interrupted"
        );
        interrupt(&child);
        wait_until(|| child.try_wait().unwrap().is_some());
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(130), "{ended}");
        assert!(ended.stderr.contains("interrupted"), "{ended}");
        assert_eq!(sandbox.files(), before, "{ended}");
    }

    #[test]
    fn a_long_query_ends_without_a_trace() {
        let sandbox = Sandbox::observatory();
        sandbox.write(
            "long.rq",
            "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }",
        );
        check(&sandbox, &["query", "long.rq", "--output", "out.csv"]);
    }

    #[test]
    fn a_long_conversion_ends_without_a_trace() {
        let sandbox = Sandbox::new();
        let row = "1,a text of some length,2.5,another text\n";
        sandbox.write("long.csv", format!("a,b,c,d\n{}", row.repeat(400_000)));
        check(
            &sandbox,
            &[
                "convert", "long.csv", "--format", "turtle", "--output", "out.csv",
            ],
        );
    }

    // Nothing comes any more, but the pipe stays open.
    #[test]
    fn a_conversion_that_waits_for_its_input_ends_without_a_trace() {
        let sandbox = Sandbox::new();
        sandbox.write("out.nt", "before\n");
        let before = sandbox.files();
        let mut command = sandbox.command(["convert", "-", "--output", "out.nt"]);
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"a,b\n1,2\n").unwrap();
        stdin.flush().unwrap();
        std::thread::sleep(Duration::from_millis(300));
        interrupt(&child);
        let started = Instant::now();
        while child.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let ended_alone = child.try_wait().unwrap().is_some();
        drop(stdin);
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert!(ended_alone, "it went on waiting\n{ended}");
        assert_eq!(ended.code, Some(130), "{ended}");
        assert_eq!(sandbox.files(), before);
    }
}
