//! `validate ACTION`: tables against their metadata.

use super::sandbox::Sandbox;
use insta::assert_snapshot;

/// A table with a metadata document beside it, whose schema has these columns.
fn table(csv: &str, columns: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", csv);
    sandbox.write(
        "t.csv-metadata.json",
        format!(
            r#"{{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {{
                "columns": [{columns}]}}}}"#
        ),
    );
    sandbox
}

#[test]
fn a_valid_table_is_told_in_a_line() {
    let sandbox = table(
        "a,b\n1,x\n",
        r#"{"titles": "a", "datatype": "integer"}, {"titles": "b"}"#,
    );
    for action in ["t.csv", "t.csv-metadata.json"] {
        let report = sandbox.run(["validate", action]).success();
        assert_eq!(report, "valid (1 row read)\n");
    }
}

#[test]
fn each_fault_has_its_place_its_rule_and_what_to_do() {
    let sandbox = table(
        "a,b\n1,x\ny,\n",
        r#"{"titles": "a", "datatype": {"base": "integer", "maximum": 0}}, {"titles": "b", "required": true}"#,
    );
    assert_snapshot!(sandbox.run(["validate", "t.csv"]));
}

#[test]
fn warnings_do_not_make_a_table_invalid() {
    let sandbox = table("a\n1\n", r#"{"titles": "a", "colour": "red"}"#);
    assert_snapshot!(sandbox.run(["validate", "t.csv", "--message-format", "short"]), @r"
    exit code: 0
    ----- stdout -----
    valid, with 1 warning (1 row read)
    ----- stderr -----
    warning[csvw::unknown-property] t.csv-metadata.json:2:45 `colour` is not a property of a column
    ");
}

// Spec: metadata §5.5.1
#[test]
fn names_without_titles_do_not_fit_a_header_by_the_letter() {
    let sandbox = table("a,b\n1,2\n", r#"{"name": "a"}, {"name": "b"}"#);
    assert_snapshot!(sandbox.run(["validate", "t.csv", "--message-format", "short"]), @"
    exit code: 1
    ----- stdout -----
    not valid: 2 errors (1 row read)
    ----- stderr -----
    error[table::no-titles] t.csv:1 the column `a` has a `name` and no `titles`, so by the letter its header does not count
    error[table::no-titles] t.csv:1 the column `b` has a `name` and no `titles`, so by the letter its header does not count
    ");
    assert_snapshot!(sandbox.run(["validate", "--lenient", "t.csv"]), @r"
    exit code: 0
    ----- stdout -----
    valid (1 row read)
    ");
    let sandbox = table("a,c\n1,2\n", r#"{"name": "a"}, {"name": "b"}"#);
    assert_eq!(
        sandbox.run(["validate", "--lenient", "t.csv"]).code,
        Some(1)
    );
    // A converter takes the columns by their place, and says so.
    assert_snapshot!(sandbox.run(["convert", "--minimal", "t.csv", "--message-format", "short"]), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/t.csv#a> "1" ;
        <file://[FOLDER]/t.csv#b> "2" .
    ----- stderr -----
    note[table::other-name] t.csv:1 the header says `c` where the metadata has `b`
    "#);
}

#[test]
fn a_flood_of_faults_is_counted() {
    let rows: String = (0..1000).map(|_| "x,y\n").collect();
    let sandbox = table(
        &format!("a,b\n{rows}"),
        r#"{"titles": "a", "datatype": "integer"}, {"titles": "b", "datatype": "date"}"#,
    );
    let ended = sandbox.run(["validate", "t.csv", "--message-format", "short"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.lines_with("error[table::datatype]"), 40, "{ended}");
    assert_eq!(
        ended.lines_with("980 more table::datatype in t.csv, column `a`"),
        1
    );
    assert!(
        ended
            .to_string()
            .contains("not valid: 2000 errors (1000 rows read)"),
        "{ended}"
    );
}

#[test]
fn reports_are_for_programs_too() {
    let sandbox = table(
        "a,b\nx,\"1,\n2\"\n",
        r#"{"titles": "a", "datatype": "integer"}, {"titles": "b", "datatype": {"base": "string", "maxLength": 2}}"#,
    );
    for format in ["json", "sarif", "csv"] {
        let report = format!("report.{format}");
        let ended = sandbox.run(["validate", "t.csv", "-q", "-f", format, "-o", &report]);
        assert_eq!(ended.code, Some(1), "{ended}");
        assert_snapshot!(format!("report-{format}"), sandbox.read(&report));
    }
    let ended = sandbox.run(["validate", "t.csv", "--format", "turtle"]);
    assert_eq!(ended.code, Some(2), "{ended}");
}

#[test]
fn what_is_not_there_cannot_be_validated() {
    let sandbox = Sandbox::new();
    sandbox.write("table.csv", "a\n");
    assert_snapshot!(sandbox.run(["validate", "tabel.csv"]), @r"
    exit code: 2
    ----- stdout -----
    not valid: 1 error (0 rows read)
    ----- stderr -----
    error[table::not-found]: no file `tabel.csv`
    --> tabel.csv
     = help: there is a file `table.csv` in the same folder
    ");
}

#[test]
fn addresses_are_read_from_folders() {
    let sandbox = table("a\nx\n", r#"{"titles": "a", "datatype": "integer"}"#);
    sandbox.write(
        "other.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv"}"#,
    );
    let map = format!("https://example.org/data/={}", sandbox.path("").display());
    let address = "https://example.org/data/t.csv";
    let run = |arguments: &[&str]| {
        let mut all = vec!["validate", "--message-format", "short", "--map-url", &map];
        all.extend(arguments);
        sandbox.run(all)
    };
    // The metadata beside it is found under the address too.
    assert_eq!(run(&[address]).lines_with("error[table::datatype]"), 1);
    // A file in a mapped folder goes by its address.
    assert_eq!(run(&["t.csv"]).lines_with("error[table::datatype]"), 1);
    // Metadata of the user, and a Link header, come before what is found.
    assert_eq!(run(&[address, "--metadata", "other.json"]).code, Some(0));
    let link = "<other.json>; rel=\"describedby\"; type=\"application/csvm+json\"";
    assert_eq!(run(&[address, "--link-header", link]).code, Some(0));
    // What is not in the folder is not there, and no network is asked.
    let ended = run(&["https://example.org/data/none.csv"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert_eq!(ended.lines_with("error[table::not-found]"), 1, "{ended}");
}

#[test]
fn options_that_lead_nowhere_are_refused() {
    let sandbox = table("a\n1\n", r#"{"titles": "a"}"#);
    for (arguments, code) in [
        (&["validate", "--lenient"][..], "cli::no-action"),
        (
            &[
                "validate",
                "t.csv-metadata.json",
                "--metadata",
                "t.csv-metadata.json",
            ],
            "cli::metadata",
        ),
        (
            &["validate", "t.csv", "--map-url", "nowhere"],
            "cli::map-url",
        ),
        (
            &["validate", "t.csv", "--map-url", "nowhere=."],
            "cli::map-url",
        ),
        (
            &[
                "validate",
                "t.csv",
                "--map-url",
                "http://example.org/=missing",
            ],
            "cli::map-url",
        ),
        (
            &["validate", "t.csv", "--link-header", "x"],
            "cli::link-header",
        ),
    ] {
        let ended = sandbox.run(arguments.iter().copied());
        assert_eq!(ended.code, Some(2), "{arguments:?} {ended}");
        assert_eq!(
            ended.lines_with(&format!("error[{code}]")),
            1,
            "{arguments:?} {ended}"
        );
    }
}
