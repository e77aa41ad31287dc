//! Runs that are stopped, killed, or find no space: nothing stands under the final name, and the next
//! run begins as if they had not been.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a program that cannot be run has failed"
)]

use super::sandbox::{Ended, Sandbox};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const OUTPUTS: [&str; 4] = ["out.nt", "out.ttl", "out.nt.gz", "out.nt.zst"];

/// Each command that writes graphs, to a file.
fn commands(output: &str) -> [Vec<&str>; 3] {
    [
        vec!["convert", "data/csv-metadata.json", "--output", output],
        vec!["build", "--output", output, "--description", "out.void.ttl"],
        vec!["export", "--output", output],
    ]
}

/// A project whose table takes a while, with outputs of an earlier run.
fn project(rows: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    let metadata = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "long.csv", "tableSchema":
        {"aboutUrl": "http://example.org/{n}", "columns": [
            {"titles": "n", "name": "n", "datatype": "integer"}, {"titles": "a", "name": "a"},
            {"titles": "b", "name": "b"}, {"titles": "c", "name": "c"}]}}"#;
    sandbox.write("data/csv-metadata.json", metadata);
    // Texts that hardly compress.
    let text = |n: usize, seed: u64| (n as u64 + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let row = |n: usize| {
        format!(
            "{n},{:016x},{:016x},{}\n",
            text(n, 1),
            text(n, 1 << 32),
            n % 7
        )
    };
    let table: String = (0..rows).map(row).collect();
    sandbox.write("data/long.csv", format!("n,a,b,c\n{table}"));
    for output in OUTPUTS.into_iter().chain(["out.void.ttl"]) {
        sandbox.write(output, "of an earlier run\n");
    }
    sandbox
}

fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    while !condition() {
        if started.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

fn partial_files(sandbox: &Sandbox) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(sandbox.path("")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == "partial"))
        .collect()
}

/// Starts a command and waits until it has opened its output and worked for a moment.
fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    let mut command = sandbox.command(arguments);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = wait_until(Duration::from_secs(20), || {
        !partial_files(sandbox).is_empty()
    });
    assert!(begun, "{arguments:?} writes nothing");
    std::thread::sleep(Duration::from_millis(50));
    assert!(
        child.try_wait().unwrap().is_none(),
        "{arguments:?} is done too soon"
    );
    child
}

fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &id])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn who_asks_it_to_end_finds_everything_as_it_was() {
    let sandbox = project(200_000);
    let before = sandbox.files();
    for (number, output) in OUTPUTS.into_iter().enumerate() {
        for arguments in commands(output) {
            let signal = ["-INT", "-TERM"][number % 2];
            let mut child = start(&sandbox, &arguments);
            send(signal, &child);
            assert!(wait_until(Duration::from_secs(20), || child
                .try_wait()
                .unwrap()
                .is_some()));
            let ended = Ended::from(child.wait_with_output().unwrap());
            assert_eq!(ended.code, Some(130), "{arguments:?} {signal}\n{ended}");
            assert!(sandbox.files() == before, "{arguments:?} {signal}\n{ended}");
        }
    }
}

// What the killed run left is taken away by the next that writes into the folder.
#[test]
fn a_run_after_one_that_was_killed_begins_clean() {
    let sandbox = project(200_000);
    let before: Vec<PathBuf> = sandbox.files().into_keys().collect();
    for output in OUTPUTS {
        for arguments in commands(output) {
            let mut child = start(&sandbox, &arguments);
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(sandbox.read(output), "of an earlier run\n", "{arguments:?}");
            assert!(!partial_files(&sandbox).is_empty(), "{arguments:?}");
            sandbox.write("small.csv", "a\nx\n");
            sandbox
                .run(["convert", "small.csv", "--output", "small.ttl"])
                .success();
            sandbox.remove("small.csv").remove("small.ttl");
            let after: Vec<PathBuf> = sandbox.files().into_keys().collect();
            assert_eq!(after, before, "{arguments:?}");
        }
    }
}

#[test]
fn the_file_of_a_run_that_is_under_way_is_let_be() {
    let sandbox = Sandbox::new();
    sandbox.write("small.csv", "a\nx\n");
    let mut command = sandbox.command(["convert", "--minimal", "-", "--output", "slow.nt.gz"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, "a\n".repeat(200_000).as_bytes()).unwrap();
    assert!(wait_until(Duration::from_secs(20), || !partial_files(
        &sandbox
    )
    .is_empty()));
    for _ in 0..5 {
        sandbox
            .run(["convert", "small.csv", "--output", "small.ttl"])
            .success();
        assert_eq!(partial_files(&sandbox).len(), 1);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert!(sandbox.path("slow.nt.gz").is_file());
    assert!(partial_files(&sandbox).is_empty());
}

/// Runs the program by way of a shell that sets something up first.
fn within(sandbox: &Sandbox, setup: &str, arguments: &[&str]) -> Ended {
    let program = sandbox.command(arguments).get_program().to_owned();
    let output = Command::new("sh")
        .args(["-c", &format!("{setup} && exec \"$0\" \"$@\"")])
        .arg(program)
        .args(arguments)
        .current_dir(sandbox.path(""))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ended::from(output)
}

fn check_unwritten(before: &BTreeMap<PathBuf, Vec<u8>>, sandbox: &Sandbox, ended: &Ended) {
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("error[output::io]"), "{ended}");
    assert!(
        ended
            .stderr
            .contains("what stood there before is as it was"),
        "{ended}"
    );
    assert!(sandbox.files() == *before, "{ended}");
}

// A limit on the size of files stands in for a full disk: it fails in the same place.
#[test]
fn an_output_that_grows_too_large_leaves_everything_as_it_was() {
    let sandbox = project(5_000);
    let before = sandbox.files();
    for output in OUTPUTS {
        for arguments in commands(output) {
            let ended = within(&sandbox, "trap '' XFSZ; ulimit -f 16", &arguments);
            assert!(ended.stderr.contains(output), "{ended}");
            check_unwritten(&before, &sandbox, &ended);
        }
    }
}

// A file system of 64 KiB, where one may be made without being asked.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    let sandbox = project(5_000);
    std::fs::create_dir(sandbox.path("small")).unwrap();
    let mount = "mount -t tmpfs -o size=64k none small";
    let is_allowed = Command::new("unshare")
        .args(["-rm", "sh", "-c", mount])
        .current_dir(sandbox.path(""))
        .output()
        .is_ok_and(|output| output.status.success());
    if !is_allowed {
        return;
    }
    for output in OUTPUTS {
        let target = format!("small/{output}");
        for arguments in commands(&target) {
            let program = sandbox.command(&arguments).get_program().to_owned();
            let script = format!(
                "{mount} && echo before > {target} && \"$0\" \"$@\"; code=$?; \
                 cat {target}; ls -A small | wc -l; exit $code"
            );
            let output = Command::new("unshare")
                .args(["-rm", "sh", "-c", &script])
                .arg(program)
                .args(&arguments)
                .current_dir(sandbox.path(""))
                .env("NO_COLOR", "1")
                .output()
                .unwrap();
            let ended = Ended::from(output);
            assert_eq!(ended.code, Some(2), "{arguments:?}\n{ended}");
            assert!(ended.stderr.contains("No space left"), "{ended}");
            assert!(ended.stderr.contains("free some space"), "{ended}");
            let left: Vec<&str> = ended.stdout.split_whitespace().collect();
            assert_eq!(left, ["before", "1"], "{ended}");
        }
    }
}
