//! Several files as one table.

use super::sandbox::Sandbox;
use insta::assert_snapshot;
use std::process::Command;

const CONVERT: [&str; 4] = ["convert", "--minimal", "--format", "ntriples"];

const METADATA: &str = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "URL",
    "tableSchema": {"aboutUrl": "http://example.org/{_row}", "primaryKey": "n", "columns": [
        {"titles": "n", "name": "n", "propertyUrl": "http://example.org/n", "datatype": "integer"},
        {"titles": "text", "name": "text", "propertyUrl": "http://example.org/text"}]}}"#;

/// Three files, and what they are as one.
fn parts() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    let header = "n,text\n";
    let parts = ["1,\"a\n,b\"\n2,c", "3,d\n", "4,\"e\"\"\"\n5,f"];
    for (number, part) in parts.iter().enumerate() {
        sandbox.write(
            &format!("parts/part-{number}.csv"),
            format!("{header}{part}"),
        );
    }
    sandbox
        .write("parts/_SUCCESS", "")
        .write("parts/.part-9.csv", "hidden\n");
    let whole = format!("{header}{}\n", parts.map(str::trim_end).join("\n"));
    (sandbox, whole)
}

fn convert(sandbox: &Sandbox, arguments: &[&str]) -> String {
    sandbox.run(CONVERT.iter().chain(arguments)).success()
}

#[test]
fn a_pattern_is_one_table_as_if_the_files_were_one() {
    let (sandbox, whole) = parts();
    sandbox.write("whole.csv", whole);
    for name in ["whole.csv", "parts/part-*.csv"] {
        sandbox.write(
            &format!("{}.json", name.len()),
            METADATA.replace("URL", name),
        );
    }
    let expected = convert(&sandbox, &["9.json"]);
    assert!(
        expected.contains("/5> <http://example.org/n> \"5\""),
        "{expected}"
    );
    // By the `url` in the metadata, in any place of the path.
    assert_eq!(convert(&sandbox, &["16.json"]), expected);
    sandbox.write(
        "folder.json",
        METADATA.replace("URL", "par%3Fs/part-%5B0-9%5D.c*"),
    );
    assert_eq!(convert(&sandbox, &["folder.json"]), expected);
    // By a mapped address.
    sandbox.write(
        "mapped.json",
        METADATA.replace("URL", "http://example.org/all.csv"),
    );
    let map = "http://example.org/all.csv=parts/part-*.csv";
    assert_eq!(
        convert(&sandbox, &["mapped.json", "--map-url", map]),
        expected
    );
    assert_eq!(
        convert(
            &sandbox,
            &[
                "--metadata",
                "mapped.json",
                "http://example.org/all.csv",
                "--map-url",
                map
            ]
        ),
        expected
    );
    // By name, quoted so that the shell lets it be.
    let by_name = convert(&sandbox, &["parts/part-*.csv"]);
    let of_whole = convert(&sandbox, &["whole.csv"]);
    assert_eq!(by_name.replace("parts/part-*.csv", "whole.csv"), of_whole);
}

// As without a pattern: a shell that expands it names each file.
#[test]
fn files_that_are_named_one_by_one_stay_tables_of_their_own() {
    let (sandbox, _) = parts();
    let found = convert(&sandbox, &["parts/part-0.csv", "parts/part-1.csv"]);
    assert!(
        found.contains("part-0.csv#n>") && found.contains("part-1.csv#n>"),
        "{found}"
    );
}

#[test]
fn a_file_of_that_very_name_is_not_a_pattern() {
    let (sandbox, _) = parts();
    sandbox.write("parts/part-[1].csv", "a\nx\n");
    let found = convert(&sandbox, &["parts/part-[1].csv"]);
    assert!(
        found.contains("#a> \"x\"") && !found.contains("#n>"),
        "{found}"
    );
}

#[cfg(unix)]
#[test]
fn parts_may_be_compressed() {
    let (sandbox, whole) = parts();
    sandbox.write("whole.csv", whole);
    let packed = Command::new("gzip")
        .arg(sandbox.path("parts/part-1.csv"))
        .status();
    assert!(packed.unwrap().success());
    let found = convert(&sandbox, &["parts/part-*"]);
    let expected = convert(&sandbox, &["whole.csv"]);
    assert_eq!(found.replace("parts/part-*", "whole.csv"), expected);
}

// Mark of the byte order, comments, skipped rows, two header rows, quotes and line breaks in them.
#[test]
fn where_a_header_ends_is_for_the_dialect_to_tell() {
    let sandbox = Sandbox::new();
    let header = "\u{FEFF}made by \"hand\n# 'not a header\n'a\nx',b\n# another\n'c',d\n";
    sandbox.write("p1.csv", format!("{header}1,'2\n#3'\n"));
    sandbox.write(
        "p2.csv",
        header.replace("hand", "machine").replace("'c'", "c") + "4,5\r\n",
    );
    sandbox.write("p3.csv", "").write("p4.csv", header);
    sandbox.write("p5.csv", format!("{header}6,7\n"));
    sandbox.write(
        "m.json",
        r##"{"@context": "http://www.w3.org/ns/csvw", "url": "p*.csv",
        "dialect": {"quoteChar": "'", "commentPrefix": "#", "skipRows": 1, "headerRowCount": 2},
        "tableSchema": {"columns": [{"name": "a", "titles": ["a\nx", "c"]},
            {"name": "b", "titles": ["b", "d"]}]}}"##,
    );
    let found = convert(&sandbox, &["m.json"]);
    let values: Vec<&str> = found
        .lines()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert_eq!(values, ["1", "2\\n#3", "4", "5", "6", "7"], "{found}");
}

#[test]
fn a_table_without_a_header_is_put_together_too() {
    let sandbox = Sandbox::new();
    sandbox
        .write("p1.csv", "1,2")
        .write("p2.csv", "\u{FEFF}3,4")
        .write("p3.csv", "5,6\n");
    sandbox.write(
        "m.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "p*.csv",
        "dialect": {"header": false}, "tableSchema": {"columns": [{"name": "a"}, {"name": "b"}]}}"#,
    );
    let found = convert(&sandbox, &["m.json"]);
    let values: Vec<&str> = found
        .lines()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert_eq!(values, ["1", "2", "3", "4", "5", "6"], "{found}");
}

#[test]
fn faults_are_told_by_file_and_line() {
    let (sandbox, _) = parts();
    sandbox.write("parts/part-1.csv", "n,text\n3,d\nfour,\"x\ny\"\n");
    sandbox.write("parts/part-2.csv", "n,text\n3,f\n5,\"g\n\"h\n");
    sandbox.write("m.json", METADATA.replace("URL", "parts/part-*.csv"));
    assert_snapshot!(sandbox.run(["validate", "m.json"]), @r#"
    exit code: 1
    ----- stdout -----
    not valid: 3 errors (6 rows read)
    ----- stderr -----
    error[table::datatype]: `four` is not a valid `integer`
     --> parts/part-1.csv:3:1
      |
    3 | four,"x
      | ^^^^ row 5, column 1 `n`
      |
      = help: write it as XML Schema's `integer` has it, such as `42`
      = note: the rule stands at `/tableSchema/columns/0` in `m.json`
      = note: tabular-data-model §6.4
    error[table::duplicate-key]: the key `3` stands already in row 4 (line 2 of `parts/part-1.csv`)
     --> parts/part-2.csv:2:1
      |
    2 | 3,f
      | ^ row 6, column 1 `n`
      |
      = help: give one of the two rows another `n`
      = note: the rule stands at `/tableSchema/primaryKey` in `m.json`
      = note: metadata §5.5
    error[table::text-after-quote]: after the closing quote a delimiter or the end of the line was expected; the cell opened on line 3
     --> parts/part-2.csv:4:2
      |
    4 | "h
      |  ^ row 7
      |
      = help: double the quotes within the cell, or close it where it should end
      = note: RFC 4180 §2
    "#);
}

#[test]
fn files_with_another_header_are_refused() {
    let (sandbox, _) = parts();
    sandbox.write("parts/part-1.csv", "n,Text\n3,d\n");
    assert_snapshot!(sandbox.refuse(&["convert", "parts/part-*.csv", "--output", "out.nt"]), @"
    exit code: 2
    ----- stderr -----
    error[table::other-header]: cannot read `parts/part-*.csv`: `parts/part-1.csv` has another header than `parts/part-0.csv`: column 2 is `Text` and not `text`
    --> parts/part-1.csv
     = help: give the files the same header, or convert them as tables of their own
    ");
    sandbox.write("parts/part-1.csv", "n\n3\n");
    assert_snapshot!(sandbox.refuse(&["convert", "parts/part-*.csv", "--output", "out.nt"]), @"
    exit code: 2
    ----- stderr -----
    error[table::other-header]: cannot read `parts/part-*.csv`: `parts/part-1.csv` has another header than `parts/part-0.csv`: it ends with column 1 and not 2
    --> parts/part-1.csv
     = help: give the files the same header, or convert them as tables of their own
    ");
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error() {
    let (sandbox, _) = parts();
    assert_snapshot!(sandbox.refuse(&["convert", "parts/prt-*.csv", "--output", "out.nt"]), @"
    exit code: 2
    ----- stderr -----
    error[table::not-found]: no file matches `parts/prt-*.csv`
    --> parts/prt-*.csv
     = help: there is a file `part-0.csv` in the same folder
    ");
    let map = "http://example.org/all.csv=parts/part-*.tsv";
    let arguments = ["convert", "http://example.org/all.csv", "--map-url", map];
    assert_snapshot!(sandbox.refuse(&arguments), @"
    exit code: 2
    ----- stderr -----
    error[cli::map-url]: no file matches `[FOLDER]/parts/part-*.tsv`
      = help: there is a file `part-0.csv` in the same folder
    ");
}

#[test]
fn an_encoding_without_ascii_is_refused() {
    let (sandbox, _) = parts();
    let metadata = METADATA.replace("URL", "parts/part-*.csv");
    let dialect = r#""dialect": {"encoding": "utf-16le"}, "tableSchema""#;
    sandbox.write("m.json", metadata.replace("\"tableSchema\"", dialect));
    assert_snapshot!(sandbox.refuse(&["convert", "m.json", "--output", "out.nt"]), @"
    exit code: 2
    ----- stderr -----
    error[table::part-encoding]: the files of `parts/part-*.csv` cannot be one table in the encoding `utf-16le`
    --> parts/part-*.csv
     = help: save the files as UTF-8
    ");
}
