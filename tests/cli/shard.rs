//! `convert --shard` and `merge`: the parts of a conversion are the conversion.

use super::sandbox::{Ended, Sandbox};
use insta::assert_snapshot;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::fs;

// The statements of a graph in N-Triples or N-Quads.
fn statements(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

// Makes all parts, the last first.
fn make_parts(sandbox: &Sandbox, of: u32, arguments: &[&str]) {
    for number in (1..=of).rev() {
        let shard = format!("{number}/{of}");
        let ended = sandbox.run(
            ["convert", "--quiet", "--shard", &shard, "--output", "parts"]
                .iter()
                .chain(arguments),
        );
        ended.success();
    }
}

fn merge(sandbox: &Sandbox, more: &[&str]) -> Ended {
    sandbox.run(["merge", "parts", "--output", "-"].iter().chain(more))
}

const GROUP: &str = r#"{
    "@context": "http://www.w3.org/ns/csvw",
    "tables": [
        {
            "url": "one.csv",
            "tableSchema": {
                "aboutUrl": "https://example.org/{_row}/{_sourceRow}",
                "columns": [
                    { "titles": "a", "name": "a" },
                    { "titles": "b", "name": "b", "separator": ";", "ordered": true, "datatype": { "base": "string", "format": "[^$]*" } }
                ]
            }
        },
        {
            "url": "two.csv",
            "dialect": { "header": false, "delimiter": ";" },
            "tableSchema": { "aboutUrl": "https://example.org/{c}", "columns": [{ "name": "c" }, { "name": "d" }] }
        }
    ]
}"#;

// Sound rows: with stray quotes a table is not converted at all.
fn rows(delimiter: &'static str) -> impl Strategy<Value = String> {
    let cell = select(vec![
        "",
        "#x",
        "x",
        "y z",
        "\"a\nb\"",
        "\"\"",
        "\"say \"\"it\"\"\"",
        "\"1,2\"",
        "\"\r\n\n\"",
        "é",
        "1;2",
        "\",\n;\"",
    ]);
    let end = select(vec!["\n", "\r\n"]);
    let row = (cell.clone(), cell, end).prop_map(move |(one, two, end)| {
        let one = if one.contains(delimiter) && !one.starts_with('"') {
            "x"
        } else {
            one
        };
        // A comment ends with its line.
        let two = if one.starts_with('#') { "z" } else { two };
        let two = if two.contains(delimiter) && !two.starts_with('"') {
            "y"
        } else {
            two
        };
        format!("{one}{delimiter}{two}{end}")
    });
    (vec(row, 0..25), any::<bool>()).prop_map(|(rows, is_open)| {
        let text = rows.concat();
        // The last line need not end.
        let without = text.trim_end_matches(['\r', '\n']);
        if is_open && !rows.is_empty() && !without.is_empty() {
            without.to_owned()
        } else {
            text
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn merged_parts_are_the_conversion(
        one in rows(","),
        two in rows(";"),
        of in select(vec![1_u32, 2, 3, 7, 40]),
        is_minimal in any::<bool>(),
        has_little_memory in any::<bool>(),
    ) {
        let sandbox = Sandbox::new();
        sandbox.write("group.json", GROUP);
        sandbox.write("one.csv", format!("a,b\n{one}"));
        sandbox.write("two.csv", two);
        let mut arguments = vec!["group.json", "--format", "nquads"];
        if is_minimal {
            arguments.push("--minimal");
        }
        let whole = sandbox.run(["convert", "--quiet"].iter().chain(&arguments));
        prop_assert_eq!(whole.code, Some(0), "{}", whole);
        make_parts(&sandbox, of, &arguments);
        let more: &[&str] = if has_little_memory { &["--memory", "1K"] } else { &[] };
        let merged = merge(&sandbox, more);
        prop_assert_eq!(merged.code, Some(0), "{}", merged);
        let found = statements(&merged.stdout);
        prop_assert_eq!(found.len(), merged.stdout.lines().count(), "statements are repeated");
        prop_assert_eq!(found, statements(&whole.stdout));
    }
}

fn table(sandbox: &Sandbox) {
    let mut text = "id,text\r\n".to_owned();
    for row in 0..200 {
        text.push_str(&format!("{},\"line {row}\r\nand, another\"\r\n", row % 50));
    }
    sandbox.write("table.csv", text);
}

#[test]
fn one_table_comes_in_the_order_of_its_rows() {
    let sandbox = Sandbox::new();
    table(&sandbox);
    make_parts(&sandbox, 8, &["table.csv"]);
    let merged = merge(&sandbox, &[]).success();
    let whole = sandbox
        .run(["convert", "table.csv", "--format", "ntriples"])
        .success();
    assert_eq!(merged, whole);
    // A part that is made again is the same.
    let part = sandbox.read("parts/part-00003-of-00008.nt");
    sandbox
        .run([
            "convert",
            "table.csv",
            "--shard",
            "3/8",
            "--output",
            "parts",
        ])
        .success();
    assert_eq!(sandbox.read("parts/part-00003-of-00008.nt"), part);
    assert!(!part.is_empty());
    // What a run leaves behind that was killed is no part.
    sandbox.write("parts/.coalition-kg-killed.partial", "half a li");
    assert_eq!(merge(&sandbox, &["--memory", "100"]).success(), merged);
    sandbox
        .run(["merge", "parts", "--output", "graph.nt"])
        .success();
    assert_eq!(sandbox.read("graph.nt"), merged);
}

// Parts that are themselves worked on in pieces, by several threads, with statements that are repeated
// within parts and between them, and a comment before the header.
#[test]
fn large_tables_are_cut_into_parts_and_those_into_pieces() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "metadata.json",
        r#"{
            "@context": "http://www.w3.org/ns/csvw",
            "url": "table.csv",
            "dialect": { "skipRows": 1, "header": true },
            "tableSchema": {
                "aboutUrl": "https://example.org/{id}",
                "columns": [
                    { "titles": "id", "name": "id" },
                    { "titles": "row", "name": "row", "valueUrl": "https://example.org/row/{_row}/{_sourceRow}" },
                    { "titles": "text", "name": "text" }
                ]
            }
        }"#,
    );
    let mut text = "made by hand\r\nid,row,text\r\n".to_owned();
    for row in 0..40_000 {
        text.push_str(&format!(
            "{},x,\"line {}\nand, another\"\r\n",
            row % 15_000,
            row % 7
        ));
    }
    sandbox.write("table.csv", text);
    // Rows that begin with `#` are comments unless the dialect says otherwise.
    sandbox.replace("table.csv", "\r\n14998,x", "\r\n#x,y,z\r\n14998,x");
    for (mode, prefix) in [
        (&[][..], "\"#\""),
        (&["--minimal"], "\"#\""),
        (&[], "null"),
        (&["--minimal"], "null"),
    ] {
        let known = sandbox.read("metadata.json");
        let known = known.replace("\"commentPrefix\": \"#\", ", "");
        let known = known.replace("\"commentPrefix\": null, ", "");
        let prefix = format!("\"commentPrefix\": {prefix}, \"skipRows\"");
        sandbox.write("metadata.json", known.replace("\"skipRows\"", &prefix));
        let arguments = [&["metadata.json"][..], mode].concat();
        let convert = [
            "convert",
            "--quiet",
            "--format",
            "ntriples",
            "--threads",
            "1",
        ];
        let whole = sandbox.run(convert.iter().chain(&arguments)).success();
        make_parts(&sandbox, 3, &[&arguments[..], &["--threads", "3"]].concat());
        assert!(merge(&sandbox, &[]).success() == whole);
        make_parts(
            &sandbox,
            3,
            &[&arguments[..], &["--threads", "1", "--memory", "64K"]].concat(),
        );
        let merged = merge(&sandbox, &["--memory", "64K"]).success();
        assert!(statements(&merged) == statements(&whole));
        // The plain conversion is the same in pieces.
        let convert = [
            "convert",
            "--quiet",
            "--format",
            "ntriples",
            "--threads",
            "3",
        ];
        assert!(sandbox.run(convert.iter().chain(&arguments)).success() == whole);
    }
}

#[test]
fn what_is_noted_of_a_part_can_be_checked() {
    let sandbox = Sandbox::new();
    table(&sandbox);
    sandbox
        .run([
            "convert",
            "table.csv",
            "--minimal",
            "--shard",
            "1/2",
            "--output",
            "parts",
        ])
        .success();
    let part = sandbox.read("parts/part-00001-of-00002.nt");
    let noted = sandbox.read("parts/part-00001-of-00002.json");
    let noted: serde_json::Value = serde_json::from_str(&noted).unwrap();
    assert_eq!(noted["shard"], 1);
    assert_eq!(noted["of"], 2);
    assert_eq!(noted["format"], "ntriples");
    assert_eq!(noted["statements"], part.lines().count());
    assert_eq!(noted["bytes"], part.len());
    assert_eq!(noted["tables"][0]["table"], "table.csv");
    let rows = noted["tables"][0]["rows"].as_u64().unwrap();
    assert!((90..110).contains(&rows), "{rows}");
    assert_eq!(sandbox.files().len(), 3);
}

#[test]
fn a_part_that_is_missing_or_was_changed_is_named_and_nothing_is_written() {
    let sandbox = Sandbox::new();
    table(&sandbox);
    make_parts(&sandbox, 3, &["table.csv", "--minimal"]);
    let refuse = || {
        let ended = sandbox.refuse(&["merge", "parts", "--output", "graph.nt"]);
        assert_eq!(ended.code, Some(2), "{ended}");
        ended
    };
    let name = "parts/part-00002-of-00003.nt";
    let part = sandbox.read(name);
    sandbox.remove(name);
    assert_snapshot!(refuse(), @"
    exit code: 2
    ----- stderr -----
    error[merge::missing-part]: part 2 of 3 is missing, and what describes it is there
    --> parts/part-00002-of-00003.nt
     = help: make it again with `convert --shard 2/3`
    ");
    // One digit is another: the size is the same.
    sandbox.write(name, part.replacen("line 7", "line 8", 1));
    assert_ne!(sandbox.read(name), part);
    assert_snapshot!(refuse(), @"
    exit code: 2
    ----- stderr -----
    error[merge::changed-part]: part 2 is not what was written: another SHA-256
    --> parts/part-00002-of-00003.nt
     = help: make it again with `convert --shard 2/3`
    ");
    sandbox.write(name, &part[1..]);
    assert_snapshot!(refuse(), @"
    exit code: 2
    ----- stderr -----
    error[merge::changed-part]: part 2 has 8610 bytes where 8611 were written
    --> parts/part-00002-of-00003.nt
     = help: make it again with `convert --shard 2/3`
    ");
    sandbox.write(name, &part);
    let noted = sandbox.read("parts/part-00003-of-00003.json");
    sandbox.remove("parts/part-00003-of-00003.json");
    assert_snapshot!(refuse(), @"
    exit code: 2
    ----- stderr -----
    error[merge::missing-part]: part 3 of 3 is missing
    --> parts/part-00003-of-00003.json
     = help: make it again with `convert --shard 3/3`
    ");
    sandbox.write("parts/part-00003-of-00003.json", "{}");
    assert_snapshot!(refuse(), @"
    exit code: 2
    ----- stderr -----
    error[merge::odd-part]: this does not describe a part: missing field `program` at line 1 column 2
    --> parts/part-00003-of-00003.json
     = help: make it again with `convert --shard 3/3`
    ");
    sandbox.write("parts/part-00003-of-00003.json", noted);
    sandbox
        .run(["merge", "parts", "--output", "graph.nt"])
        .success();
}

#[test]
fn parts_of_other_conversions_are_not_mixed_in() {
    let sandbox = Sandbox::new();
    table(&sandbox);
    make_parts(&sandbox, 2, &["table.csv", "--minimal"]);
    sandbox
        .run([
            "convert",
            "table.csv",
            "--shard",
            "2/2",
            "--output",
            "parts",
        ])
        .success();
    assert_snapshot!(merge(&sandbox, &[]), @"
    exit code: 2
    ----- stderr -----
    error[merge::other-conversion]: it is of another conversion than part 1: other tables, metadata or options
    --> parts/part-00002-of-00002.json
     = help: make it again with `convert --shard 2/2`
    ");
    make_parts(
        &sandbox,
        2,
        &["table.csv", "--minimal", "--format", "nquads"],
    );
    assert_snapshot!(merge(&sandbox, &[]), @"
    exit code: 2
    ----- stderr -----
    error[merge::odd-part]: part 1 is in `nquads`, and this is another file of it
    --> parts/part-00001-of-00002.nt
     = help: remove it
    error[merge::odd-part]: part 2 is in `nquads`, and this is another file of it
    --> parts/part-00002-of-00002.nt
     = help: remove it
    ");
    sandbox
        .run([
            "convert",
            "table.csv",
            "--shard",
            "1/3",
            "--output",
            "parts",
        ])
        .success();
    assert_snapshot!(merge(&sandbox, &[]), @"
    exit code: 2
    ----- stderr -----
    error[merge::several]: there are parts of several conversions: of 2 and of 3 parts
    --> parts
     = help: remove those that are not meant
    ");
}

#[test]
fn tables_of_another_size_make_another_conversion() {
    let sandbox = Sandbox::new();
    table(&sandbox);
    make_parts(&sandbox, 2, &["table.csv", "--minimal"]);
    let text = sandbox.read("table.csv");
    sandbox.write("table.csv", format!("{text}1,more\r\n"));
    sandbox
        .run([
            "convert",
            "table.csv",
            "--minimal",
            "--shard",
            "2/2",
            "--output",
            "parts",
        ])
        .success();
    let ended = merge(&sandbox, &[]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("merge::other-conversion"), "{ended}");
}

#[test]
fn a_folder_without_parts_is_refused() {
    let sandbox = Sandbox::new();
    assert_snapshot!(merge(&sandbox, &[]), @"
    exit code: 2
    ----- stderr -----
    error[merge::no-parts]: there is no such folder
    --> parts
     = help: make the parts with `convert --shard 1/N --output DIR` to `N/N`
    ");
    sandbox.write("parts", "a file");
    assert_snapshot!(merge(&sandbox, &[]), @"
    exit code: 2
    ----- stderr -----
    error[merge::io]: cannot read `parts`: not a directory
    --> parts
    ");
    sandbox.remove("parts");
    fs::create_dir(sandbox.path("parts")).unwrap();
    assert_snapshot!(merge(&sandbox, &[]), @"
    exit code: 2
    ----- stderr -----
    error[merge::no-parts]: there are no parts
    --> parts
     = help: make the parts with `convert --shard 1/N --output DIR` to `N/N`
    ");
}

#[test]
fn parts_are_statements_on_lines_in_a_folder() {
    let sandbox = Sandbox::new();
    table(&sandbox);
    let convert = |more: &[&str]| sandbox.run(["convert", "table.csv"].iter().chain(more));
    assert_snapshot!(convert(&["--shard", "1/2"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::shard]: `--shard` writes a part into a folder, and none is named
      = help: name it with `--output DIR`
    ");
    assert_snapshot!(convert(&["--shard", "1/2", "--output", "parts", "--format", "turtle"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::shard]: parts in `turtle` cannot be merged
      = help: write `--format ntriples` or `--format nquads`
    ");
    assert_snapshot!(convert(&["--shard", "1/2", "--output", "parts", "--format", "json"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::shard]: parts in `json` cannot be merged
      = help: write `--format ntriples` or `--format nquads`
    ");
    assert_snapshot!(convert(&["--shard", "3/2", "--output", "parts"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::usage]: invalid value '3/2' for '--shard <I/N>': expected a part and their number, such as `1/8`, up to 99999

    For more information, try '--help'.
    ");
    assert_snapshot!(convert(&["--shard", "1/2", "--output", "table.csv"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::output-is-input]: the output would take the place of a file that is converted
    --> table.csv
     = help: give `--output` another name
    ");
    make_parts(&sandbox, 1, &["table.csv"]);
    assert_snapshot!(sandbox.run(["merge", "parts", "--output", "graph.ttl"]), @"
    exit code: 2
    ----- stderr -----
    error[merge::format]: the parts are in `ntriples`, and the name of the output stands for `turtle`
    --> graph.ttl
     = help: give it a name that ends in `.nt`, and turn that into another format
    ");
}

#[test]
fn what_cannot_be_cut_is_in_the_first_part() {
    let sandbox = Sandbox::new();
    let text = "a,b\n1,2\n3,4\n5,6\n";
    for number in [2, 1] {
        let shard = format!("{number}/2");
        let arguments = [
            "convert",
            "-",
            "--minimal",
            "--shard",
            &shard,
            "--output",
            "parts",
        ];
        let ended = sandbox.run_with_input(arguments, text);
        if number == 1 {
            assert_snapshot!(ended, @"
            exit code: 0
            ----- stderr -----
            note[table::not-cut]: the table cannot be cut into parts: all of its rows are in the first shard
            --> <stdin>
             = help: tables in UTF-8 files can be cut whose rows end with LF or CR LF, with a delimiter, a quote and a comment prefix of one byte, doubled quotes, and no blank rows to be skipped
            ");
        } else {
            assert_snapshot!(ended, @"
            exit code: 0
            ");
        }
    }
    let whole = sandbox.run_with_input(["convert", "-", "--minimal", "--format", "ntriples"], text);
    assert_eq!(merge(&sandbox, &[]).success(), whole.success());
    // So are tables with comments among their rows.
    sandbox.write(
        "metadata.json",
        r#"{
        "@context": "http://www.w3.org/ns/csvw",
        "url": "table.csv",
        "dialect": { "commentPrefix": "//" }
    }"#,
    );
    sandbox.write("table.csv", "a,b\n1,2\n//c\n3,4\n");
    fs::remove_dir_all(sandbox.path("parts")).unwrap();
    make_parts(&sandbox, 3, &["metadata.json"]);
    let whole = sandbox
        .run(["convert", "metadata.json", "--format", "ntriples"])
        .success();
    assert_eq!(merge(&sandbox, &[]).success(), whole);
}

// An error in the data of one part leaves that part out, and with it the whole.
#[test]
fn a_part_with_errors_is_not_written() {
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", "a,b\n1,2\n3,4\n5,x\"6\"\n");
    for (shard, code) in [("1/2", 0), ("2/2", 1)] {
        let ended = sandbox.run([
            "convert",
            "table.csv",
            "--shard",
            shard,
            "--output",
            "parts",
        ]);
        assert_eq!(ended.code, Some(code), "{ended}");
    }
    let ended = merge(&sandbox, &[]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("merge::missing-part"), "{ended}");
}
