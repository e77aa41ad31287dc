//! Metadata and tables that nobody would write by intent: each limit of `ARCHITECTURE.md`, and what
//! once took the square of its size, waited for ever or ended in a panic.

use super::sandbox::{Ended, Sandbox};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// What none of these inputs may take; most take a hundredth of it.
const MOST_TIME: Duration = Duration::from_secs(30);

const TWO_ROWS: &str = "a,b\n1,2\n3,4\n";

/// A document that describes `t.csv`, with more members.
fn document(members: &str) -> String {
    format!("{{\"@context\": \"http://www.w3.org/ns/csvw\", \"url\": \"t.csv\", {members}}}")
}

/// A document with these columns.
fn columns(columns: impl Iterator<Item = String>) -> String {
    let columns: Vec<String> = columns.collect();
    document(&format!(
        "\"tableSchema\": {{\"columns\": [{}]}}",
        columns.join(",")
    ))
}

fn run(metadata: &str, table: &str, arguments: &[&str]) -> Ended {
    let sandbox = Sandbox::new();
    sandbox.write("m.json", metadata).write("t.csv", table);
    run_in(&sandbox, arguments)
}

fn run_in(sandbox: &Sandbox, arguments: &[&str]) -> Ended {
    let start = Instant::now();
    let ended = sandbox.run(arguments);
    let took = start.elapsed();
    assert!(ended.code.is_some(), "{ended}");
    assert!(took < MOST_TIME, "{took:?}\n{ended}");
    ended
}

fn convert(metadata: &str, table: &str) -> Ended {
    run(metadata, table, &["convert", "m.json", "-f", "ntriples"])
}

/// Sees that an error of this code, once, ends the run.
fn refused(ended: &Ended, code: &str) {
    assert_ne!(ended.code, Some(0), "{ended}");
    assert_eq!(
        ended.lines_with(&format!("error[{code}]")),
        1,
        "{code}\n{ended}"
    );
}

// ---------------------------------------------------------------- Limits of documents

#[test]
fn a_document_has_a_size() {
    let space = " ".repeat(16 << 20);
    refused(&convert(&document(&space), TWO_ROWS), "csvw::limit");
}

#[test]
fn a_referenced_document_has_a_size() {
    let sandbox = Sandbox::new();
    let reference = document("\"tableSchema\": \"big.json\"");
    sandbox.write("m.json", reference).write("t.csv", TWO_ROWS);
    sandbox.write("big.json", " ".repeat((16 << 20) + 1));
    refused(&run_in(&sandbox, &["convert", "m.json"]), "csvw::limit");
}

#[test]
fn documents_are_not_nested_without_end() {
    for (open, close) in [("[", "]"), ("{\"dc:x\": ", "}")] {
        let nested = |levels| {
            let value = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            document(&format!("\"dc:x\": {value}"))
        };
        assert_eq!(convert(&nested(190), TWO_ROWS).code, Some(0));
        let ended = convert(&nested(100_000), TWO_ROWS);
        refused(&ended, "csvw::json-syntax");
    }
}

#[test]
fn a_group_has_so_many_tables() {
    let tables = vec!["{\"url\": \"t.csv\"}"; 10_001].join(",");
    let group = format!("{{\"@context\": \"http://www.w3.org/ns/csvw\", \"tables\": [{tables}]}}");
    refused(&convert(&group, TWO_ROWS), "csvw::limit");
}

#[test]
fn a_group_has_so_many_columns() {
    let described = columns((0..=100_000).map(|_| "{}".to_owned()));
    refused(&convert(&described, TWO_ROWS), "csvw::limit");
}

#[test]
fn a_header_has_so_many_columns() {
    let header = vec!["x"; 100_001].join(",");
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", format!("{header}\n{header}\n"));
    let ended = run_in(&sandbox, &["convert", "t.csv"]);
    refused(&ended, "table::too-many-columns");
}

#[test]
fn a_schema_counts_for_each_table_that_has_it() {
    let columns = vec!["{}"; 1000].join(",");
    let tables = vec!["{\"url\": \"t.csv\"}"; 1000].join(",");
    let group = format!(
        "{{\"@context\": \"http://www.w3.org/ns/csvw\", \"tableSchema\": {{\"columns\": \
         [{columns}]}}, \"tables\": [{tables}]}}"
    );
    refused(&convert(&group, TWO_ROWS), "csvw::limit");
}

#[test]
fn there_are_so_many_header_rows() {
    let rows = |count| document(&format!("\"dialect\": {{\"headerRowCount\": {count}}}"));
    refused(&convert(&rows("1001"), TWO_ROWS), "csvw::limit");
    refused(&convert(&rows("1000000000"), TWO_ROWS), "csvw::limit");
    let ended = convert(&rows("1000000000000000000000"), TWO_ROWS);
    assert_eq!(ended.lines_with("csvw::invalid-value"), 1, "{ended}");
}

#[test]
fn numbers_that_nobody_counts_to_are_not_used() {
    for number in ["-1", "1.5", "1e400", "18446744073709551615"] {
        let dialect = format!("\"dialect\": {{\"skipColumns\": {number}, \"skipRows\": {number}}}");
        let ended = convert(&document(&dialect), TWO_ROWS);
        assert_eq!(ended.lines_with("csvw::invalid-value"), 2, "{ended}");
    }
}

#[test]
fn lengths_that_nobody_counts_to_are_not_used() {
    for number in ["-1", "1.5", "1e400", "1000000000000000000000000000000"] {
        let datatype = format!("{{\"base\": \"string\", \"minLength\": {number}}}");
        let ended = convert(&document(&format!("\"datatype\": {datatype}")), TWO_ROWS);
        assert_eq!(ended.lines_with("csvw::invalid-value"), 1, "{ended}");
    }
}

#[test]
fn a_template_has_a_length_and_so_many_variables() {
    let about = |template: &str| document(&format!("\"aboutUrl\": \"{template}\""));
    let long = about(&"x".repeat((64 << 10) + 1));
    refused(&convert(&long, TWO_ROWS), "csvw::limit");
    let many = about(&"{a}".repeat(1001));
    refused(&convert(&many, TWO_ROWS), "csvw::limit");
    let fits = about(&"{a}".repeat(1000));
    assert_eq!(convert(&fits, TWO_ROWS).code, Some(0));
}

#[test]
fn what_columns_inherit_counts_for_each() {
    let template = "x".repeat(60_000);
    let schema = vec!["{}"; 3000].join(",");
    let inherited = document(&format!(
        "\"aboutUrl\": \"{template}\", \"tableSchema\": {{\"columns\": [{schema}]}}"
    ));
    refused(&convert(&inherited, TWO_ROWS), "csvw::limit");
}

#[test]
fn what_references_resolve_to_counts_for_each() {
    let key = "{\"columnReference\": \"a\", \"reference\": {\"resource\": \"t.csv\", \
               \"columnReference\": \"a\"}}";
    let keys = vec![key; 2000].join(",");
    let metadata = format!(
        "{{\"@context\": [\"http://www.w3.org/ns/csvw\", {{\"@base\": \"http://x/{}/\"}}], \
         \"url\": \"t.csv\", \"tableSchema\": {{\"columns\": [{{\"name\": \"a\"}}], \
         \"foreignKeys\": [{keys}]}}}}",
        "y".repeat(100_000)
    );
    refused(&convert(&metadata, TWO_ROWS), "csvw::limit");
}

#[test]
fn long_names_are_not_repeated_for_each_value() {
    let values = vec!["{\"dc:x\": 1}"; 10_000].join(",");
    let long = format!("\"dc:{}\": [{values}]", "x".repeat(100_000));
    refused(&convert(&document(&long), TWO_ROWS), "csvw::limit");
    // What is not used is no more than a warning.
    let long = format!("\"{}\": [{values}]", "x".repeat(100_000));
    assert_eq!(convert(&document(&long), TWO_ROWS).code, Some(0));
}

#[test]
fn a_language_tag_has_a_length() {
    let tag = format!("en{}", "-abcdefgh".repeat(40));
    let ended = convert(&document(&format!("\"lang\": \"{tag}\"")), TWO_ROWS);
    assert_eq!(ended.lines_with("csvw::invalid-value"), 1, "{ended}");
}

// ---------------------------------------------------------------- Limits of rows

#[test]
fn an_iri_has_a_length() {
    let column = |about: &str| format!("{{\"name\": \"a\", \"separator\": \";\", {about}}}");
    let item = "x".repeat(100_000);
    let items = "x;".repeat(600_000);
    for (property, cell) in [
        (format!("\"aboutUrl\": \"{}\"", "{a}".repeat(1000)), item),
        ("\"valueUrl\": \"http://x/{a*}\"".to_owned(), items.clone()),
        ("\"valueUrl\": \"{+a*}\"".to_owned(), items),
    ] {
        let metadata = columns(std::iter::once(column(&property)));
        let table = format!("a\n{cell}\n");
        let arguments = ["convert", "m.json", "-f", "ntriples", "--minimal"];
        refused(&run(&metadata, &table, &arguments), "table::iri-too-long");
    }
}

#[test]
fn the_objects_of_a_row_have_a_size() {
    let column = format!(
        "{{\"name\": \"a\", \"separator\": \";\", \"valueUrl\": \"http://x/{}{{a}}\"}}",
        "y".repeat(60_000)
    );
    let sandbox = Sandbox::new();
    let table = format!("a\n{}\n", "x;".repeat(4500));
    let metadata = columns(std::iter::once(column));
    sandbox.write("m.json", metadata).write("t.csv", table);
    let arguments = [
        "convert",
        "m.json",
        "-f",
        "json",
        "--iri-per-item",
        "-o",
        "o.json",
    ];
    let ended = run_in(&sandbox, &arguments);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(
        ended.lines_with("error[table::row-too-large]") > 0,
        "{ended}"
    );
}

#[test]
fn objects_stand_in_one_another_so_deep() {
    let count = 3000;
    let metadata = columns((0..count).map(|number| {
        format!(
            "{{\"name\": \"c{number}\", \"aboutUrl\": \"http://x/{number}\", \"propertyUrl\": \
             \"http://x/p\", \"valueUrl\": \"http://x/{}\"}}",
            number + 1
        )
    }));
    let row = vec!["1"; count].join(",");
    let header: Vec<String> = (0..count).map(|number| format!("c{number}")).collect();
    let table = format!("{}\n{row}\n", header.join(","));
    let ended = run(
        &metadata,
        &table,
        &["convert", "m.json", "-f", "json", "--minimal"],
    );
    let (mut level, mut deepest) = (0, 0);
    for character in ended.success().chars() {
        match character {
            '{' => level += 1,
            '}' => level -= 1,
            _ => {}
        }
        deepest = deepest.max(level);
    }
    assert_eq!((level, deepest), (0, 100));
}

// ---------------------------------------------------------------- What metadata leads to

#[test]
fn metadata_does_not_lead_to_devices_and_pipes() {
    let sandbox = Sandbox::new();
    let made = std::process::Command::new("mkfifo")
        .arg(sandbox.path("pipe"))
        .status();
    let pipe = made.is_ok_and(|status| status.success()).then_some("pipe");
    sandbox.write("t.csv", TWO_ROWS);
    for place in ["file:///dev/zero", "file:///dev/stdin"]
        .into_iter()
        .chain(pipe)
    {
        for members in [
            format!("\"tableSchema\": \"{place}\""),
            format!("\"dialect\": \"{place}\""),
            format!("\"url\": \"{place}\""),
        ] {
            sandbox.write("m.json", document(&members));
            let ended = run_in(&sandbox, &["convert", "m.json"]);
            refused(&ended, "csvw::not-a-file");
        }
    }
    if pipe.is_some() {
        std::fs::rename(sandbox.path("pipe"), sandbox.path("t.csv-metadata.json")).unwrap();
        let ended = run_in(&sandbox, &["validate", "t.csv"]);
        refused(&ended, "csvw::not-a-file");
    }
}

#[test]
fn references_in_a_circle_come_to_an_end() {
    let sandbox = Sandbox::new();
    sandbox
        .write("t.csv", TWO_ROWS)
        .write("s.json", "\"s.json\"");
    for place in ["m.json", "s.json", "t.csv", "."] {
        for property in ["tableSchema", "dialect"] {
            sandbox.write("m.json", document(&format!("\"{property}\": \"{place}\"")));
            run_in(&sandbox, &["convert", "m.json"]);
        }
    }
}

#[test]
fn a_referenced_schema_is_read_once() {
    let sandbox = Sandbox::new();
    let tables = vec!["{\"url\": \"t.csv\", \"tableSchema\": \"s.json\"}"; 3000].join(",");
    let group = format!("{{\"@context\": \"http://www.w3.org/ns/csvw\", \"tables\": [{tables}]}}");
    let schema = format!("{}{{\"columns\": []}}", " ".repeat(4 << 20));
    sandbox.write("t.csv", TWO_ROWS).write("m.json", group);
    sandbox.write("s.json", schema);
    let ended = run_in(&sandbox, &["convert", "m.json", "--minimal"]);
    assert_eq!(ended.code, Some(0), "{ended}");
}

#[test]
fn faults_of_a_referenced_dialect_are_placed_in_it() {
    let sandbox = Sandbox::new();
    sandbox
        .write("t.csv", TWO_ROWS)
        .write("m.json", document("\"dialect\": \"d.json\""))
        .write("d.json", "\n\n{\"header\": 7}");
    let ended = sandbox.run(["convert", "m.json", "--message-format", "short"]);
    assert_eq!(ended.lines_with("d.json:3:12"), 1, "{ended}");
}

#[test]
fn the_parts_of_a_table_whose_url_has_a_fragment_have_one_fragment() {
    let metadata = document("\"@type\": \"Table\"").replace("t.csv", "t.csv#row=1");
    let graph = convert(&metadata, TWO_ROWS).success();
    assert!(graph.contains("/t.csv#a>"), "{graph}");
    assert!(
        graph.lines().all(|line| line.matches('#').count() < 9),
        "{graph}"
    );
    assert!(!graph.contains("#row=1#"), "{graph}");
}

// ---------------------------------------------------------------- What took the square of its size

#[test]
fn headers_of_many_columns_are_compared_in_time() {
    let count = 20_000;
    let metadata =
        columns((0..count).map(|n| format!("{{\"name\": \"c{n}\", \"titles\": \"c{n}\"}}")));
    let header: Vec<String> = (0..count).map(|number| format!("d{number}")).collect();
    let ended = convert(&metadata, &format!("{}\n", header.join(",")));
    assert!(ended.stderr.len() < 4 << 20, "{} bytes", ended.stderr.len());
    let rest = "more table::missing-column in other places";
    assert_eq!(ended.lines_with(rest), 1);
}

#[test]
fn many_unknown_variables_are_told_in_time() {
    let count = 20_000;
    let metadata =
        columns((0..count).map(|n| format!("{{\"name\": \"c{n}\", \"aboutUrl\": \"{{d{n}}}\"}}")));
    let ended = convert(&metadata, TWO_ROWS);
    assert!(ended.lines_with("csvw::unknown-variable") > 200);
}

#[test]
fn many_keys_are_looked_up_in_time() {
    let count = 10_000;
    let described: Vec<String> = (0..count)
        .map(|n| format!("{{\"name\": \"c{n}\"}}"))
        .collect();
    let names: Vec<String> = (0..count).rev().map(|n| format!("\"c{n}\"")).collect();
    let keys: Vec<String> = (0..count)
        .map(|n| {
            format!(
                "{{\"columnReference\": \"c{n}\", \"reference\": {{\"resource\": \"t.csv\", \
                 \"columnReference\": \"c{n}\"}}}}"
            )
        })
        .collect();
    let metadata = document(&format!(
        "\"tableSchema\": {{\"columns\": [{}], \"primaryKey\": [{}], \"foreignKeys\": [{}]}}",
        described.join(","),
        names.join(","),
        keys.join(",")
    ));
    let row = vec!["1"; count].join(",");
    let ended = convert(&metadata, &format!("{row}\n{row}\n"));
    assert_eq!(ended.code, Some(0), "{ended}");
}

#[test]
fn many_tables_that_refer_to_each_other_are_looked_up_in_time() {
    let count = 5000;
    let tables: Vec<String> = (0..count)
        .map(|n| {
            format!(
                "{{\"url\": \"t{n}.csv\", \"tableSchema\": {{\"columns\": [{{\"name\": \"a\"}}], \
                 \"foreignKeys\": [{{\"columnReference\": \"a\", \"reference\": {{\"resource\": \
                 \"t{}.csv\", \"columnReference\": \"a\"}}}}]}}}}",
                (n + 1) % count
            )
        })
        .collect();
    let group = format!(
        "{{\"@context\": \"http://www.w3.org/ns/csvw\", \"tables\": [{}]}}",
        tables.join(",")
    );
    let ended = convert(&group, TWO_ROWS);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr.len());
}

#[test]
fn many_properties_are_read_in_time() {
    let mut common = String::new();
    let mut unknown = String::new();
    for number in 0..50_000 {
        write!(common, "\"dc:p{number}\": {number}, ").unwrap();
        write!(unknown, "\"p{number}\":\n{number}, ").unwrap();
    }
    let ended = convert(&document(&format!("{common}\"null\": \"-\"")), TWO_ROWS);
    assert_eq!(ended.code, Some(0), "{ended}");
    let ended = convert(&document(&format!("{unknown}\"null\": \"-\"")), TWO_ROWS);
    assert_eq!(ended.lines_with("warning[csvw::unknown-property]"), 20);
}

#[test]
fn many_texts_for_null_are_looked_up_in_time() {
    let texts: Vec<String> = (0..100_000)
        .map(|number| format!("\"n{number}\""))
        .collect();
    let metadata = document(&format!(
        "\"null\": [{}], \"tableSchema\": {{\"columns\": [{{\"name\": \"a\"}}, {{\"name\": \
         \"b\"}}]}}",
        texts.join(",")
    ));
    let table = format!("a,b\n{}", "1,n7\n".repeat(20_000));
    let graph = run(
        &metadata,
        &table,
        &["convert", "m.json", "-f", "ntriples", "--minimal"],
    );
    assert_eq!(graph.success().lines().count(), 20_000);
}

#[test]
fn rows_of_many_subjects_and_faults_are_read_in_time() {
    let count = 10_000;
    let header: Vec<String> = (0..count).map(|number| format!("c{number}")).collect();
    let table = format!("{}\n{}\n", header.join(","), vec!["x y"; count].join(","));
    for more in [
        "\"aboutUrl\": \"http://x/N/{_row}\"",
        "\"propertyUrl\": \"http://x/N/{_row}\"",
        "\"valueUrl\": \"{+cN}\"",
        "\"datatype\": \"integer\"",
    ] {
        let metadata = columns((0..count).map(|number| {
            let more = more.replace('N', &number.to_string());
            format!("{{\"name\": \"c{number}\", {more}}}")
        }));
        for format in ["json", "ntriples"] {
            let ended = run(&metadata, &table, &["convert", "m.json", "-f", format]);
            assert!(ended.code < Some(2), "{}", ended.stderr.len());
        }
    }
}

// ---------------------------------------------------------------- What is no text

#[test]
fn documents_that_are_no_text_are_refused() {
    let good = document("\"null\": \"-\"");
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let broken = [good.as_bytes(), b"\xFF"].concat();
    let surrogate = document("\"dc:x\": \"\\ud800\"").into_bytes();
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", TWO_ROWS);
    for (bytes, code) in [
        (utf16, "csvw::json-syntax"),
        (broken, "table::invalid-utf8"),
        (surrogate, "csvw::json-syntax"),
        (vec![0; 1000], "csvw::json-syntax"),
        (Vec::new(), "csvw::json-syntax"),
    ] {
        sandbox.write("m.json", bytes);
        refused(&run_in(&sandbox, &["convert", "m.json"]), code);
    }
    sandbox.write("m.json", [b"\xEF\xBB\xBF", good.as_bytes()].concat());
    assert_eq!(run_in(&sandbox, &["convert", "m.json"]).code, Some(0));
}
