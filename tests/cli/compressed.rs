//! Compressed tables and outputs, held against other programs: `gzip`, which every machine with a
//! shell has, and `zstd` where it is installed.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a program that cannot be run has failed"
)]

use super::sandbox::Sandbox;
use insta::assert_snapshot;
use std::process::{Command, Stdio};

/// Runs another program in the folder; says whether it is installed.
fn by(sandbox: &Sandbox, command: &str) -> bool {
    let status = Command::new("sh")
        .args(["-c", command])
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success() || status.code() == Some(127), "{command}");
    status.success()
}

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output();
    found.is_ok_and(|output| output.status.success())
}

/// The endings, and the programs that make and read such files.
fn programs() -> Vec<(&'static str, &'static str)> {
    let all = [
        ("gz", "gzip"),
        ("gzip", "gzip"),
        ("bgz", "gzip"),
        ("zst", "zstd"),
        ("zstd", "zstd"),
    ];
    assert!(has("gzip"));
    all.into_iter()
        .filter(|(_, program)| has(program))
        .collect()
}

const METADATA: &str = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "URL",
    "tableSchema": {"aboutUrl": "http://example.org/{city}", "columns": [
        {"titles": "city", "name": "city", "propertyUrl": "http://example.org/name"},
        {"titles": "people", "name": "people", "propertyUrl": "http://example.org/people",
            "datatype": "integer"}]}}"#;

const CITIES: &str = "city,people\nRoma,2800000\nParis,2100000\n";

#[test]
fn a_compressed_table_makes_the_same_graph_by_name_by_url_and_on_standard_input() {
    for (ending, program) in programs() {
        let sandbox = Sandbox::new();
        let arguments = ["convert", "--minimal", "--format", "ntriples"];
        sandbox.write("cities.csv", CITIES);
        sandbox.write(
            "cities.csv-metadata.json",
            METADATA.replace("URL", "cities.csv"),
        );
        let expected = sandbox
            .run(arguments.iter().chain(&["cities.csv"]))
            .success();
        assert!(expected.contains("integer"), "{expected}");
        let name = format!("cities.csv.{ending}");
        by(
            &sandbox,
            &format!("{program} -c < cities.csv > {name} && rm cities.csv"),
        );
        // The metadata that was written before it was compressed.
        let found = sandbox
            .run(arguments.iter().chain(&[name.as_str()]))
            .success();
        assert_eq!(found, expected, "{name}");
        // Metadata of its own comes first, and speaks of it by its name.
        let own = METADATA
            .replace("URL", &name)
            .replace("/people", "/inhabitants");
        sandbox.write(&format!("{name}-metadata.json"), own);
        let found = sandbox
            .run(arguments.iter().chain(&[name.as_str()]))
            .success();
        assert_eq!(found, expected.replace("/people", "/inhabitants"));
        sandbox.write("group.json", METADATA.replace("URL", &name));
        let found = sandbox
            .run(arguments.iter().chain(&["group.json"]))
            .success();
        assert_eq!(found, expected);
        let ended = sandbox.run(["validate", "group.json"]);
        assert_eq!(ended.code, Some(0), "{ended}");
        let bytes = std::fs::read(sandbox.path(&name)).unwrap();
        let metadata = ["--metadata", "stdin.json", "-"];
        sandbox.write("stdin.json", METADATA.replace("URL", "urn:stdin"));
        let ended = sandbox.run_with_input(arguments.iter().chain(&metadata), bytes);
        assert_eq!(ended.success(), expected, "{name}");
    }
}

// IRIs come from the name of the file as it is given.
#[test]
fn the_iri_of_a_compressed_table_is_that_of_its_file() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\nx\n");
    by(&sandbox, "gzip t.csv");
    assert_snapshot!(sandbox.run(["convert", "--minimal", "t.csv.gz"]), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/t.csv.gz#a> "x" .
    "#);
}

#[test]
fn the_ending_below_the_compression_tells_the_delimiter() {
    let sandbox = Sandbox::new();
    sandbox.write("t.tsv", "a\tb\nx\ty\n");
    by(&sandbox, "gzip t.tsv");
    let found = sandbox.run(["convert", "--minimal", "t.tsv.gz"]).success();
    assert!(found.contains("#b> \"y\""), "{found}");
}

#[test]
fn a_draft_of_a_compressed_table_converts_it() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", CITIES);
    by(&sandbox, "gzip cities.csv");
    let ended = sandbox.run(["init", "cities.csv.gz"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let draft = sandbox.read("csv-metadata.json");
    assert!(
        draft.contains("\"cities.csv.gz\"") && draft.contains("#city-{city}"),
        "{draft}"
    );
    let ended = sandbox.run(["convert", "csv-metadata.json", "--minimal"]);
    assert_eq!(ended.stderr, "");
    assert!(ended.success().contains("2800000"));
}

#[test]
fn a_project_may_have_compressed_tables() {
    let sandbox = Sandbox::observatory();
    let build = [
        "build", "--format", "ntriples", "--output", "graph.nt", "--quiet",
    ];
    sandbox.run(build).success();
    let expected = sandbox.read("graph.nt");
    by(&sandbox, "gzip data/*.csv");
    let metadata = sandbox
        .read("data/csv-metadata.json")
        .replace(".csv\"", ".csv.gz\"");
    sandbox.write("data/csv-metadata.json", metadata);
    sandbox.run(build).success();
    // Whatever is relative to a table keeps its folder.
    assert_eq!(sandbox.read("graph.nt"), expected);
}

// The line at fault is shown though it is compressed.
#[test]
fn faults_have_their_places_in_what_was_compressed() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city,people\nRoma,many\n");
    sandbox.write(
        "cities.csv-metadata.json",
        METADATA.replace("URL", "cities.csv"),
    );
    by(&sandbox, "gzip cities.csv");
    assert_snapshot!(sandbox.run(["validate", "cities.csv.gz"]), @"
    exit code: 1
    ----- stdout -----
    not valid: 1 error (1 row read)
    ----- stderr -----
    error[table::datatype]: `many` is not a valid `integer`
     --> cities.csv.gz:2:6
      |
    2 | Roma,many
      |      ^^^^ row 2, column 2 `people`
      |
      = help: write it as XML Schema's `integer` has it, such as `42`
      = note: the rule stands at `/tableSchema/columns/1` in `cities.csv-metadata.json`
      = note: tabular-data-model §6.4
    ");
}

#[test]
fn what_is_no_sound_compressed_file_is_told_with_its_byte() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\nx\n");
    by(
        &sandbox,
        "gzip -nk t.csv && head -c 15 t.csv.gz > cut.csv.gz",
    );
    by(
        &sandbox,
        "(cat t.csv.gz; echo more) > more.csv.gz; mv t.csv plain.csv.gz",
    );
    assert_snapshot!(sandbox.refuse(&["convert", "cut.csv.gz", "--output", "out.nt"]), @"
    exit code: 2
    ----- stderr -----
    error[table::compression]: cannot read `cut.csv.gz`: its gzip data break off at byte 15
    --> cut.csv.gz
     = help: copy it anew: its end is missing, as `gzip -t` says too
    ");
    assert_snapshot!(sandbox.refuse(&["convert", "more.csv.gz", "--output", "out.nt"]), @"
    exit code: 2
    ----- stderr -----
    error[table::compression]: cannot read `more.csv.gz`: its gzip data end at byte 24, and more follows
    --> more.csv.gz
     = help: keep the first 24 bytes of it, or copy it anew
    ");
    assert_snapshot!(sandbox.refuse(&["convert", "plain.csv.gz", "--output", "out.nt"]), @"
    exit code: 2
    ----- stderr -----
    error[table::compression]: cannot read `plain.csv.gz`: it holds no gzip data, which its name tells
    --> plain.csv.gz
     = help: give it a name without the ending of compressed files
    ");
}

// 20 MiB of white space, which are 20 KiB compressed.
#[test]
fn metadata_that_grow_when_they_are_decompressed_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\nx\n");
    by(
        &sandbox,
        "head -c 20971520 /dev/zero | tr '\\0' ' ' | gzip > bomb.json.gz",
    );
    assert_snapshot!(sandbox.refuse(&["convert", "t.csv", "--metadata", "bomb.json.gz"]), @"
    exit code: 2
    ----- stderr -----
    error[csvw::limit]: a metadata document may have 16 MiB, and this one has more
    --> bomb.json.gz
    ");
}

#[test]
fn outputs_are_compressed_by_their_names_as_other_programs_read_them() {
    let sandbox = Sandbox::observatory();
    let row = |n: usize| {
        [
            n.to_string(),
            ",a text ".to_owned(),
            (n * 31 % 977).to_string(),
        ]
        .concat()
    };
    let rows: Vec<String> = (0..40_000).map(row).collect();
    sandbox.write("long.csv", format!("n,text\n{}\n", rows.join("\n")));
    for (ending, program) in programs() {
        for format in ["nt", "nq", "ttl", "trig", "json"] {
            let (plain, packed) = (format!("out.{format}"), format!("packed.{format}.{ending}"));
            for name in [&plain, &packed] {
                let arguments = [
                    "convert",
                    "--minimal",
                    "long.csv",
                    "--output",
                    name.as_str(),
                ];
                sandbox.run(arguments).success();
            }
            let unpack = format!("{program} -dc < {packed} | cmp - {plain}");
            assert!(by(&sandbox, &unpack), "{unpack}");
        }
        let name = format!("graph.ttl.{ending}");
        sandbox
            .run(["export", "--quiet", "--output", "graph.ttl"])
            .success();
        sandbox
            .run(["export", "--quiet", "--output", name.as_str()])
            .success();
        assert!(by(
            &sandbox,
            &format!("{program} -dc < {name} | cmp - graph.ttl")
        ));
        let canonical = format!("graph.nq.{ending}");
        for name in ["graph.nq", canonical.as_str()] {
            sandbox
                .run(["export", "--canonical", "--output", name])
                .success();
        }
        assert!(by(
            &sandbox,
            &format!("{program} -dc < {canonical} | cmp - graph.nq")
        ));
    }
    // Python's module reads several members.
    let python =
        "python3 -c \"import gzip,sys; sys.stdout.buffer.write(gzip.open('packed.nt.gz').read())\"";
    if has("python3") {
        assert!(by(&sandbox, &format!("{python} | cmp - out.nt")));
    }
}

// One thread compresses where it is written, several in an order of their own.
#[test]
fn any_number_of_threads_makes_the_same_file() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "long.csv",
        format!("n,text\n{}", "1,a text\n".repeat(30_000)),
    );
    for name in ["one.nt.gz", "one.ttl.zst"] {
        let mut found = Vec::new();
        for threads in ["1", "2", "7"] {
            let arguments = [
                "convert",
                "--minimal",
                "long.csv",
                "--output",
                name,
                "--threads",
                threads,
            ];
            sandbox.run(arguments).success();
            found.push(std::fs::read(sandbox.path(name)).unwrap());
        }
        assert!(found[0] == found[1] && found[0] == found[2], "{name}");
    }
}

#[test]
fn a_build_tells_how_its_graph_is_compressed() {
    let sandbox = Sandbox::observatory();
    sandbox.run(["build", "--output", "graph.ttl"]).success();
    sandbox
        .run(["build", "--output", "packed.ttl.gz"])
        .success();
    assert!(by(&sandbox, "gzip -dc packed.ttl.gz | cmp - graph.ttl"));
    let description = sandbox.read("packed.void.ttl");
    let format =
        "dcat:compressFormat <https://www.iana.org/assignments/media-types/application/gzip>";
    assert!(description.contains(format), "{description}");
    assert!(!sandbox.read("graph.void.ttl").contains("compressFormat"));
}

#[test]
fn standard_output_is_not_compressed() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\nx\n");
    by(&sandbox, "gzip t.csv");
    let found = sandbox
        .run(["convert", "--minimal", "t.csv.gz", "--output", "-"])
        .success();
    assert!(found.contains("\"x\""), "{found}");
}

// A named pipe cannot be renamed to, but compressed into.
#[test]
fn a_pipe_is_compressed_by_its_name() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\nx\n");
    assert!(by(&sandbox, "mkfifo pipe.nt.gz"));
    let reader = Command::new("sh")
        .args(["-c", "gzip -dc < pipe.nt.gz"])
        .current_dir(sandbox.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    sandbox
        .run(["convert", "--minimal", "t.csv", "--output", "pipe.nt.gz"])
        .success();
    let output = reader.wait_with_output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"x\""));
}
