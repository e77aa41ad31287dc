//! `convert`: tables to RDF without a project.

use super::sandbox::{Sandbox, repository_file, sorted};
use insta::assert_snapshot;

#[test]
fn a_table_without_metadata_is_described_by_its_header() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city,people\nالرياض,7000000\nRoma,\n");
    assert_snapshot!(sandbox.run(["convert", "--minimal", "cities.csv"]), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/cities.csv#city> "الرياض" ;
        <file://[FOLDER]/cities.csv#people> "7000000" .

    _:t0r2 <file://[FOLDER]/cities.csv#city> "Roma" .
    "#);
}

#[test]
fn standard_mode_tells_of_tables_and_rows() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city\nRoma\n");
    assert_snapshot!(sandbox.run(["convert", "cities.csv"]));
}

#[test]
fn metadata_beside_a_table_is_found() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city,people\nRoma,2.800\n");
    sandbox.write(
        "cities.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.csv",
            "tableSchema": {"aboutUrl": "http://example.org/{city}", "columns": [
                {"titles": "city", "name": "city", "suppressOutput": true},
                {"titles": "people", "propertyUrl": "http://example.org/people", "datatype":
                    {"base": "integer", "format": {"decimalChar": ",", "groupChar": ".", "pattern": "0.000"}}}]}}"#,
    );
    assert_snapshot!(sandbox.run(["convert", "--minimal", "cities.csv"]), @r#"
    exit code: 0
    ----- stdout -----
    <http://example.org/Roma> <http://example.org/people> 2800 .
    "#);
}

#[test]
fn standard_input_is_a_table() {
    let sandbox = Sandbox::new();
    let arguments = ["convert", "--minimal", "-", "--format", "ntriples"];
    assert_snapshot!(sandbox.run_with_input(arguments, "a\nx\n"), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <urn:stdin#a> "x" .
    "#);
}

#[test]
fn blank_nodes_of_several_tables_are_kept_apart() {
    let sandbox = Sandbox::new();
    sandbox
        .write("one.csv", "a\n1\n")
        .write("two.csv", "a\n2\n");
    let arguments = [
        "convert",
        "--minimal",
        "--format",
        "ntriples",
        "one.csv",
        "two.csv",
    ];
    let text = sandbox.run(arguments).success();
    let subjects: Vec<_> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(subjects.len(), 2, "{text}");
    assert_ne!(subjects[0], subjects[1], "{text}");
}

// csv2rdf goes on with the text of a value that does not fit, and warns.
#[test]
fn a_value_of_the_wrong_datatype_stays_a_text_with_a_warning() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "n\nmany\n");
    sandbox.write(
        "t.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema":
            {"columns": [{"titles": "n", "datatype": "integer"}]}}"#,
    );
    let arguments = ["convert", "--minimal", "--format", "ntriples", "t.csv"];
    assert_snapshot!(sandbox.run(arguments), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/t.csv#n> "many" .
    ----- stderr -----
    warning[table::datatype]: `many` is not a valid `integer`
     --> t.csv:2:1
      |
    2 | many
      | ^^^^ row 2, column 1 `n`
      |
      = help: write it as XML Schema's `integer` has it, such as `42`
      = note: the rule stands at `/tableSchema/columns/0` in `t.csv-metadata.json`
      = note: tabular-data-model §6.4
    "#);
}

#[test]
fn broken_tables_are_refused_and_an_output_stays() {
    let sandbox = Sandbox::new();
    sandbox.write("out.nt", "before\n");
    for (content, code, exit) in [
        (&b"a,b\n1,\"2\n"[..], "table::unclosed-quote", 1),
        (b"a,b\n1,2\"\n", "table::stray-quote", 1),
        (b"a,b\n1,\"2\"3\n", "table::text-after-quote", 1),
        (b"a,b\n1,\xFF\n", "table::invalid-utf8", 1),
        (b"a,b\n1\n", "table::missing-cell", 1),
        (b"a,b\n1,2,3\n", "table::extra-cell", 1),
        (b"", "table::empty", 2),
    ] {
        sandbox.write("t.csv", content);
        let ended = sandbox.refuse(&[
            "convert",
            "t.csv",
            "--output",
            "out.nt",
            "--message-format",
            "short",
        ]);
        assert_eq!(ended.code, Some(exit), "{ended}");
        assert_eq!(
            ended.lines_with(&format!("error[{code}] t.csv:")),
            1,
            "{ended}"
        );
    }
    let ended = sandbox.refuse(&["convert", "absent.csv", "--output", "out.nt"]);
    assert_eq!(ended.code, Some(2), "{ended}");
}

#[test]
fn the_network_is_not_used() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.run(["convert", "https://example.org/t.csv"]), @"
    exit code: 2
    ----- stderr -----
    error[table::remote]: `https://example.org/t.csv` is not a local file, and the network is not used
    --> https://example.org/t.csv
     = help: add `--allow-network`, or download it and give the file's name
    ");
}

#[test]
fn a_folder_converts_to_the_same_graph_wherever_it_lies() {
    let sandbox = Sandbox::observatory();
    let metadata = "data/csv-metadata.json";
    let here = ["convert", "--minimal", "--format", "ntriples", metadata];
    let text = sandbox.run(here).success();
    let folder = sandbox.path("").canonicalize().unwrap();
    let folder = format!("file://{}/", folder.display());
    assert_eq!(
        sorted(&text.replace(&folder, "https://observatory.example/kg/")),
        repository_file("tests/projects/observatory/expected/stated.nt")
    );
    let base = [
        "convert",
        "--minimal",
        "--format",
        "ntriples",
        metadata,
        "--base",
        "https://observatory.example/kg/data/",
    ];
    assert_eq!(
        sorted(&sandbox.run(base).success()),
        repository_file("tests/projects/observatory/expected/stated.nt")
    );
}

#[test]
fn objects_are_written_a_row_a_line() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city,people\nالرياض,7000000\nRoma,\n");
    let arguments = ["convert", "--minimal", "--format", "json", "cities.csv"];
    assert_snapshot!(sandbox.run(arguments), @r#"
    exit code: 0
    ----- stdout -----
    [
    {"city":"الرياض","people":"7000000"},
    {"city":"Roma"}
    ]
    "#);
    // The name of the output tells it too.
    sandbox
        .run(["convert", "cities.csv", "--output", "cities.json"])
        .success();
    assert!(sandbox.read("cities.json").starts_with("{\"tables\":[\n"));
}

#[test]
fn tables_of_several_files_are_objects_of_their_own() {
    let sandbox = Sandbox::new();
    sandbox
        .write("one.csv", "a\n1\n")
        .write("two.csv", "a\n2\n");
    assert_snapshot!(sandbox.run(["convert", "--format", "json", "one.csv", "two.csv"]), @r#"
    exit code: 0
    ----- stdout -----
    [
    {"tables":[
    {"url":"file://[FOLDER]/one.csv","row":[
    {"rownum":1,"url":"file://[FOLDER]/one.csv#row=2","describes":[{"a":"1"}]}
    ]}
    ]},
    {"tables":[
    {"url":"file://[FOLDER]/two.csv","row":[
    {"rownum":1,"url":"file://[FOLDER]/two.csv#row=2","describes":[{"a":"2"}]}
    ]}
    ]}
    ]
    "#);
}

#[test]
fn a_blank_line_is_a_row_without_values() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city,people\nRoma,\n\nParis,2\n");
    assert_snapshot!(sandbox.run(["convert", "--minimal", "cities.csv"]), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/cities.csv#city> "Roma" .

    _:t0r3 <file://[FOLDER]/cities.csv#city> "Paris" ;
        <file://[FOLDER]/cities.csv#people> "2" .
    ----- stderr -----
    warning[table::blank-line]: the line is blank: it is a row without values
     --> cities.csv:3:1
      |
    3 |
      | ^ row 3
      |
      = help: take it out, or set `skipBlankRows` in the metadata's dialect
      = note: RFC 4180 §2
    "#);
}

#[test]
fn a_blank_line_lacks_what_is_required() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city,people\n\nRoma,3\n");
    sandbox.write(
        "cities.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.csv",
            "tableSchema": {"columns": [
                {"titles": "city", "name": "city", "null": "-"},
                {"titles": "people", "name": "people", "required": true}]}}"#,
    );
    let arguments = [
        "convert",
        "--minimal",
        "cities.csv",
        "--message-format",
        "short",
    ];
    assert_snapshot!(sandbox.run(arguments), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r2 <file://[FOLDER]/cities.csv#city> "Roma" ;
        <file://[FOLDER]/cities.csv#people> "3" .
    ----- stderr -----
    warning[table::required] cities.csv:2 `people` has to have a value
    warning[table::blank-line] cities.csv:2:1 the line is blank: it is a row without values
    "#);
}

#[test]
fn a_dialect_may_have_any_delimiter_quote_and_line_end() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "cities.txt",
        "% of 2021\rcity::people\r´Ro::ma´::´´´3´\r%x\rParis::2",
    );
    sandbox.write(
        "cities.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.txt",
            "dialect": {"delimiter": "::", "quoteChar": "´", "lineTerminators": ["\r"],
                "commentPrefix": "%"},
            "tableSchema": {"columns": [{"titles": "city"}, {"titles": "people"}]}}"#,
    );
    assert_snapshot!(sandbox.run(["convert", "--minimal", "cities.json"]), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/cities.txt#city> "Ro::ma" ;
        <file://[FOLDER]/cities.txt#people> "´3" .

    _:t0r2 <file://[FOLDER]/cities.txt#city> "Paris" ;
        <file://[FOLDER]/cities.txt#people> "2" .
    ----- stderr -----
    note[table::comment]: 2 rows are comments and make nothing; the first is `of 2021`
    --> cities.txt
     = note: row 1
     = help: if it is data, set `commentPrefix` and `skipRows` in the metadata's dialect
     = note: tabular-data-model §8
    "#);
}

#[test]
fn an_output_does_not_take_the_place_of_an_input() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\n1\n").write(
        "t.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv"}"#,
    );
    assert_snapshot!(sandbox.run(["convert", "t.json", "--output", "./t.json"]), @r#"
    exit code: 2
    ----- stderr -----
    error[cli::output-is-input]: the output would take the place of a file that is converted
    --> t.json
     = help: give `--output` another name
    "#);
    assert!(sandbox.read("t.json").contains("@context"));
}

#[test]
fn an_empty_delimiter_or_line_end_is_told_and_not_used() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city,people\nRoma,3\n");
    sandbox.write(
        "cities.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.csv",
            "dialect": {"delimiter": "", "lineTerminators": ["\n", ""]},
            "tableSchema": {"columns": [{"titles": "city"}, {"titles": "people"}]}}"#,
    );
    let arguments = [
        "convert",
        "--minimal",
        "cities.json",
        "--message-format",
        "short",
    ];
    assert_snapshot!(sandbox.run(arguments), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/cities.csv#city> "Roma" ;
        <file://[FOLDER]/cities.csv#people> "3" .
    ----- stderr -----
    warning[csvw::invalid-value] cities.json:2:38 `delimiter` has to be at least one character, not a string
    warning[csvw::invalid-value] cities.json:2:61 `lineTerminators` has to be a string or an array of strings, none of them empty, not an array
    "#);
}

#[test]
fn a_table_whose_lines_end_in_cr_alone_is_read_as_meant_with_a_word_on_it() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "city\rRoma\r");
    sandbox.write(
        "cities.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.csv",
            "tableSchema": {"columns": [{"titles": "city"}]}}"#,
    );
    let arguments = [
        "convert",
        "--minimal",
        "cities.json",
        "--message-format",
        "short",
    ];
    assert_snapshot!(sandbox.run(arguments), @r#"
    exit code: 0
    ----- stdout -----
    _:t0r1 <file://[FOLDER]/cities.csv#city> "Roma" .
    ----- stderr -----
    warning[table::lone-cr] cities.csv:1:5 rows end in CR alone, which is read as meant
    "#);
}

#[test]
fn keys_in_a_temporary_file_give_the_same_messages() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "id,next\n1,02\n02,3\n01,4\n3,\n3,1\n");
    sandbox.write(
        "cities.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.csv",
            "tableSchema": {"primaryKey": "id", "columns": [
                {"name": "id", "titles": "id", "datatype": "integer"},
                {"name": "next", "titles": "next", "datatype": "integer"}],
              "foreignKeys": [{"columnReference": "next",
                "reference": {"resource": "cities.csv", "columnReference": "id"}}]}}"#,
    );
    let validate = |memory| {
        sandbox.run([
            "validate",
            "cities.csv-metadata.json",
            "--message-format",
            "short",
            "--key-memory",
            memory,
        ])
    };
    assert_snapshot!(validate("1G"));
    assert_eq!(validate("1G").to_string(), validate("0").to_string());
}

// Spec: tabular-data-model §8
#[test]
fn a_reference_to_several_rows_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("cities.csv", "id,next\n1,2\n2,1\n2,\n");
    sandbox.write(
        "cities.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.csv",
            "tableSchema": {"columns": [
                {"name": "id", "titles": "id"}, {"name": "next", "titles": "next"}],
              "foreignKeys": [{"columnReference": "next",
                "reference": {"resource": "cities.csv", "columnReference": "id"}}]}}"#,
    );
    assert_snapshot!(sandbox.run(["validate", "cities.csv-metadata.json"]));
    // A converter says it and goes on.
    sandbox
        .run(["convert", "--minimal", "cities.csv-metadata.json"])
        .success();
}

// Spec: tabular-data-model §6.4.6
#[test]
fn a_format_that_takes_too_long_is_said_to() {
    let sandbox = Sandbox::new();
    sandbox.write("words.csv", format!("word\n{}!\nab\n", "a".repeat(40)));
    sandbox.write(
        "words.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "words.csv",
            "tableSchema": {"columns": [{"name": "word", "titles": "word",
                "datatype": {"format": "(a+)+(?=b)b"}}]}}"#,
    );
    assert_snapshot!(sandbox.run(["convert", "--minimal", "words.csv"]));
}

// Spec: tabular-data-model §6.4.6
#[test]
fn a_format_that_is_too_large_is_not_used() {
    let sandbox = Sandbox::new();
    sandbox.write("words.csv", "word\nab\n");
    sandbox.write(
        "words.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "words.csv",
            "tableSchema": {"columns": [{"name": "word", "titles": "word",
                "datatype": {"format": "a{1000000}"}}]}}"#,
    );
    assert_snapshot!(sandbox.run(["convert", "--minimal", "words.csv"]));
}

// Spec: tabular-data-model §6.4.2 to §6.4.4
#[test]
fn formats_that_are_none_are_not_used() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "t.csv",
        "a,b,c,d,e,f\n1.5,\"1.234,5\",1,1,2020-01-02,1000\n",
    );
    sandbox.write(
        "t.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {"columns": [
            {"name": "a", "datatype": {"base": "decimal", "format": {"decimalChar": 1, "groupChar": ""}}},
            {"name": "b", "datatype": {"base": "decimal",
                "format": {"decimalChar": ",", "groupChar": ".", "pattern": "@@"}}},
            {"name": "c", "datatype": {"base": "integer", "format": {"decimalChar": ",", "groupChar": ","}}},
            {"name": "d", "datatype": {"base": "boolean", "format": "Y|N|?"}},
            {"name": "e", "datatype": {"base": "date", "format": "d MMM yyyy"}},
            {"name": "f", "datatype": {"base": "integer", "minimum": 1e3, "maximum": 1E999999999}}]}}"#,
    );
    assert_snapshot!(sandbox.run(["convert", "--minimal", "t.csv", "--message-format", "short"]));
}

#[test]
fn metadata_from_the_web_names_no_files_of_this_machine() {
    let sandbox = Sandbox::new();
    let secret = format!("file://{}", sandbox.path("secret.csv").display());
    sandbox.write("secret.csv", "a\nsecret\n");
    sandbox.write("t.csv", "a\n1\n");
    let map = format!("http://example.org/={}", sandbox.path("").display());
    for (document, code) in [
        (
            format!(r#"{{"@context": "http://www.w3.org/ns/csvw", "url": "{secret}"}}"#),
            "csvw::local-table",
        ),
        (
            format!(
                r#"{{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": "{secret}"}}"#
            ),
            "csvw::local-reference",
        ),
        (
            format!(
                r#"{{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "dialect": "{secret}"}}"#
            ),
            "csvw::local-reference",
        ),
    ] {
        sandbox.write("m.json", document);
        // The scheme may be written in any case.
        for scheme in ["http", "HTTP"] {
            let action = format!("{scheme}://example.org/m.json");
            let map = map.replace("http:", &format!("{scheme}:"));
            let ended = sandbox.run(["convert", &action, "--map-url", &map]);
            assert_eq!(ended.code, Some(2), "{ended}");
            assert_eq!(ended.lines_with(&format!("error[{code}]")), 1, "{ended}");
            assert!(!ended.to_string().contains("secret\""), "{ended}");
        }
    }
}

#[test]
fn comments_of_several_tables_are_told_of_their_own() {
    let sandbox = Sandbox::new();
    let mut arguments = vec!["convert", "--no-prov", "--format", "ntriples"];
    for (name, file) in [("one", "one.json"), ("two", "two.json")] {
        sandbox.write(&format!("{name}.csv"), format!("#{name}\na\n1\n"));
        sandbox.write(
            file,
            format!(
                r#"{{"@context": "http://www.w3.org/ns/csvw", "url": "{name}.csv", "dialect": {{}}}}"#
            ),
        );
        arguments.push(file);
    }
    let graph = sandbox.run(&arguments).success();
    let subject_of = |object: &str| {
        let line = graph.lines().find(|line| line.contains(object)).unwrap();
        line.split(' ').next().unwrap().to_owned()
    };
    for name in ["one", "two"] {
        let table = subject_of(&format!(
            "<http://www.w3.org/ns/csvw#url> <file://{}",
            sandbox.path(&format!("{name}.csv>")).display()
        ));
        assert_eq!(subject_of(&format!("\"{name}\"")), table, "{graph}");
    }
}

#[test]
fn keys_of_columns_that_the_header_lacks_are_told() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "ID,b\n1,2\n1,3\n");
    sandbox.write(
        "m.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {"primaryKey": ["ID", "c"]}}"#,
    );
    let ended = sandbox.run(["validate", "--lenient", "m.json"]);
    assert_eq!(
        ended.lines_with("warning[csvw::unknown-column]"),
        1,
        "{ended}"
    );
    assert_eq!(ended.lines_with("table::duplicate-key"), 0, "{ended}");
    sandbox.replace("m.json", "[\"ID\", \"c\"]", "\"ID\"");
    let ended = sandbox.run(["validate", "--lenient", "m.json"]);
    assert_eq!(
        ended.lines_with("error[table::duplicate-key]"),
        1,
        "{ended}"
    );
}
