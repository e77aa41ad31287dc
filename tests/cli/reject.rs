//! `convert --on-error`: rows that fail are left out, and kept in a file.

#![expect(clippy::unwrap_used, reason = "what was written is CSV")]

use super::sandbox::Sandbox;
use insta::assert_snapshot;
use std::fmt::Write as _;

const METADATA: &str = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {
    "aboutUrl": "http://example.org/id/{id}", "columns": [
    {"name": "id", "titles": "id", "suppressOutput": true},
    {"name": "n", "titles": "n", "datatype": "integer", "required": true, "propertyUrl": "http://example.org/n"},
    {"name": "link", "titles": "link", "propertyUrl": "http://example.org/link", "valueUrl": "{+link}"},
    {"name": "city", "titles": "city", "aboutUrl": "http://example.org/city/{city}",
        "propertyUrl": "http://example.org/name"}]}}"#;

const TABLE: &str = "id,n,link,city\n\
    a,1,http://e.org/a,Roma\n\
    b,x,http://e.org/b,Oslo\n\
    c,3\n\
    d,4,http://e.org/d,Bonn,5\n\
    e,,http://e.org/e,Riga\n\
    f,6,http://[f,Lima\n\
    \"g\nh\",7,http://e.org/g,\"Bad \"\"Ems\"\", a\ntown\"\n\
    \"i\nj\",\"y\nz\",http://[i,\"Bad \"\"Ems\"\", a\ntown\"\n\
    k\"l,8,http://e.org/k,Rom\n\
    m,9,http://e.org/m,Wien\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("t.csv", TABLE)
        .write("t.csv-metadata.json", METADATA);
    sandbox
}

const SKIP: [&str; 8] = [
    "convert",
    "--minimal",
    "--message-format",
    "short",
    "--on-error",
    "skip",
    "--rejects",
    "bad.csv",
];

fn records(text: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

// As a person would do it: the added columns taken off.
fn stripped(rejects: &str) -> String {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    for record in records(rejects) {
        writer.write_record(&record[5..]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn rows_that_fail_are_left_out_and_kept_as_they_stand() {
    let sandbox = sandbox();
    assert_snapshot!(sandbox.run([&SKIP[..], &["t.csv", "--output", "o.nt"]].concat()), @"
    exit code: 1
    ----- stderr -----
    error[table::datatype] t.csv:3 `x` is not a valid `integer`
    error[table::missing-cell] t.csv:4 the row has 2 cells where 4 were expected
    error[table::extra-cell] t.csv:5 the row has 5 cells where 4 were expected
    error[table::required] t.csv:6 `n` has to have a value
    error[table::invalid-iri] t.csv:7 `http://[f` is not an IRI: '[' bracket must be paired with a closing one in host
    error[table::datatype] t.csv:11 `y z` is not a valid `integer`
    error[table::invalid-iri] t.csv:11 `http://[i` is not an IRI: '[' bracket must be paired with a closing one in host
    error[table::stray-quote] t.csv:15:2 a quote stands within a cell that does not begin with one
    7 rows rejected, of 10; the rest is written
    ");
    assert_snapshot!(sandbox.read("o.nt"), @r#"
    <http://example.org/id/a> <http://example.org/n> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
    <http://example.org/id/a> <http://example.org/link> <http://e.org/a> .
    <http://example.org/city/Roma> <http://example.org/name> "Roma" .
    <http://example.org/id/g%0Ah> <http://example.org/n> "7"^^<http://www.w3.org/2001/XMLSchema#integer> .
    <http://example.org/id/g%0Ah> <http://example.org/link> <http://e.org/g> .
    <http://example.org/city/Bad%20%22Ems%22%2C%20a%0Atown> <http://example.org/name> "Bad \"Ems\", a\ntown" .
    <http://example.org/id/m> <http://example.org/n> "9"^^<http://www.w3.org/2001/XMLSchema#integer> .
    <http://example.org/id/m> <http://example.org/link> <http://e.org/m> .
    <http://example.org/city/Wien> <http://example.org/name> "Wien" .
    "#);
    assert_snapshot!(sandbox.read("bad.csv"), @r#"
    _source,_row,_line,_code,_reason,id,n,link,city
    t.csv,3,3,table::datatype,n: `x` is not a valid `integer`,b,x,http://e.org/b,Oslo
    t.csv,4,4,table::missing-cell,the row has 2 cells where 4 were expected,c,3
    t.csv,5,5,table::extra-cell,the row has 5 cells where 4 were expected,d,4,http://e.org/d,Bonn,5
    t.csv,6,6,table::required,`n` has to have a value,e,,http://e.org/e,Riga
    t.csv,7,7,table::invalid-iri,link: `http://[f` is not an IRI: '[' bracket must be paired with a closing one in host,f,6,http://[f,Lima
    t.csv,9,11,table::datatype; table::invalid-iri,n: `y z` is not a valid `integer`; link: `http://[i` is not an IRI: '[' bracket must be paired with a closing one in host,"i
    j","y
    z",http://[i,"Bad ""Ems"", a
    town"
    t.csv,10,15,table::stray-quote,a quote stands within a cell that does not begin with one,"k""l",8,http://e.org/k,Rom
    "#);
}

#[test]
fn every_format_leaves_out_the_same_rows() {
    let sandbox = sandbox();
    let mut seen = Vec::new();
    for output in ["o.nt", "o.ttl", "o.rdf", "o.jsonld", "o.json"] {
        let ended = sandbox.run([&SKIP[..], &["t.csv", "--output", output]].concat());
        assert_eq!(ended.code, Some(1), "{output}");
        let text = sandbox.read(output);
        for kept in ["/id/a", "/id/g%0Ah", "/id/m", "e.org/m", "Roma", "Wien"] {
            assert!(text.contains(kept), "{output}: {kept}\n{text}");
        }
        for id in ["b", "c", "d", "e", "f", "i", "k"] {
            assert!(
                !text.contains(&format!("/id/{id}")),
                "{output}: {id}\n{text}"
            );
        }
        for city in ["Oslo", "Bonn", "Riga", "Lima"] {
            assert!(!text.contains(city), "{output}: {city}\n{text}");
        }
        seen.push(sandbox.read("bad.csv"));
    }
    assert!(seen.iter().all(|rejects| *rejects == seen[0]));
}

#[test]
fn mended_rows_convert_to_what_was_missing() {
    let sandbox = sandbox();
    sandbox.run([&SKIP[..], &["t.csv", "--output", "o.nt"]].concat());
    let rejects = sandbox.read("bad.csv");
    let mended = stripped(&rejects)
        .replace("b,x,", "b,2,")
        .replace("c,3\n", "c,3,http://e.org/c,Kyiv\n")
        .replace("Bonn,5", "Bonn")
        .replace("e,,", "e,5,")
        .replace("http://[", "http://e.org/")
        .replace("\"y\nz\"", "10");
    let sound = "id,n,link,city\n\
        a,1,http://e.org/a,Roma\n\
        b,2,http://e.org/b,Oslo\n\
        c,3,http://e.org/c,Kyiv\n\
        d,4,http://e.org/d,Bonn\n\
        e,5,http://e.org/e,Riga\n\
        f,6,http://e.org/f,Lima\n\
        \"g\nh\",7,http://e.org/g,\"Bad \"\"Ems\"\", a\ntown\"\n\
        \"i\nj\",10,http://e.org/i,\"Bad \"\"Ems\"\", a\ntown\"\n\
        \"k\"\"l\",8,http://e.org/k,Rom\n\
        m,9,http://e.org/m,Wien\n";
    let convert = |table: &str| {
        sandbox.write("t.csv", table);
        let arguments = ["convert", "--minimal", "t.csv", "--format", "ntriples"];
        sandbox.run(arguments).success()
    };
    let all = format!("{}{}", sandbox.read("o.nt"), convert(&mended));
    let expected = convert(sound);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines.dedup();
        lines
    };
    assert_eq!(sorted(&all), sorted(&expected));
}

#[test]
fn stop_ends_at_the_first_row_that_fails() {
    let sandbox = sandbox();
    let arguments = [
        "convert",
        "--minimal",
        "--message-format",
        "short",
        "--on-error",
        "stop",
        "t.csv",
        "--output",
        "o.nt",
    ];
    assert_snapshot!(sandbox.run(arguments), @"
    exit code: 1
    ----- stderr -----
    error[table::datatype] t.csv:3 `x` is not a valid `integer`
    stopped at the first row that fails
    ");
    assert!(!sandbox.path("o.nt").exists());
    // Nothing stands in the way where no row fails.
    sandbox.write("t.csv", "id,n,link,city\na,1,http://e.org/a,Roma\n");
    sandbox.run(arguments).success();
    assert_eq!(sandbox.read("o.nt").lines().count(), 3);
}

#[test]
fn without_the_option_wrong_values_are_warnings() {
    let sandbox = sandbox();
    sandbox.write("t.csv", "id,n,link,city\na,x,http://[f,Roma\n");
    let arguments = ["convert", "--minimal", "t.csv", "--format", "ntriples"];
    let text = sandbox.run(arguments).success();
    assert!(text.contains("<http://example.org/n> \"x\" ."), "{text}");
}

#[test]
fn a_file_is_there_when_no_row_fails() {
    let sandbox = sandbox();
    sandbox.write("t.csv", "id,n,link,city\na,1,http://e.org/a,Roma\n");
    let arguments = [&SKIP[..], &["t.csv", "--output", "o.nt"]].concat();
    sandbox.run(arguments).success();
    assert_eq!(
        sandbox.read("bad.csv"),
        "_source,_row,_line,_code,_reason,id,n,link,city\n"
    );
}

#[test]
fn each_table_has_a_file_in_its_own_dialect() {
    let sandbox = Sandbox::new();
    sandbox
        .write("one.csv", "a,b\n1,2\n3\n")
        .write("two.csv", "# of two\nx;a;'b;c'\ny;1;2;3\nz;1;'2;'\n")
        .write(
            "m.json",
            r##"{"@context": "http://www.w3.org/ns/csvw", "tables": [{"url": "one.csv"}, {"url": "two.csv",
                "dialect": {"delimiter": ";", "quoteChar": "'", "skipColumns": 1, "commentPrefix": "#"}}]}"##,
        );
    let ended = sandbox.run([&SKIP[..], &["m.json", "--output", "o.nt"]].concat());
    assert_eq!(ended.code, Some(1));
    assert!(!sandbox.path("bad.csv").exists());
    assert_eq!(
        sandbox.read("bad.one.csv"),
        "_source,_row,_line,_code,_reason,a,b\n\
         one.csv,3,3,table::missing-cell,the row has 1 cell where 2 were expected,3\n"
    );
    assert_eq!(
        sandbox.read("bad.two.csv"),
        "_source;_row;_line;_code;_reason;x;a;'b;c'\n\
         two.csv;3;3;table::extra-cell;the row has 3 cells where 2 were expected;y;1;2;3\n"
    );
}

#[test]
fn several_files_of_a_table_and_compression() {
    let sandbox = Sandbox::new();
    sandbox
        .write("p-1.csv", "a,b\n1,2\n")
        .write("p-2.csv", "a,b\n3,4\n5\n");
    let arguments = [
        "convert",
        "--minimal",
        "p-*.csv",
        "--on-error",
        "skip",
        "--rejects",
        "bad.csv.gz",
        "--output",
        "o.nt",
    ];
    assert_eq!(sandbox.run(arguments).code, Some(1));
    // A compressed table is read like another; its row is as short as it was.
    let arguments = ["convert", "--minimal", "bad.csv.gz", "--format", "ntriples"];
    let ended = sandbox.run(arguments);
    assert_eq!(ended.code, Some(1));
    let values = ["\"p-2.csv\"", "\"4\"", "\"3\"", "\"5\""];
    assert!(
        values.iter().all(|value| ended.stdout.contains(value)),
        "{ended}"
    );
}

#[test]
fn what_is_wrong_elsewhere_spoils_the_whole() {
    let sandbox = Sandbox::new();
    // The bytes are in a comment, which is no row.
    let metadata = METADATA.replace(
        "\"tableSchema\"",
        "\"dialect\": {\"commentPrefix\": \"#\"}, \"tableSchema\"",
    );
    let mut table = TABLE.as_bytes().to_vec();
    table.extend(b"#\xFF\nn,1,http://e.org/n,Graz\n");
    sandbox
        .write("t.csv", table)
        .write("t.csv-metadata.json", metadata);
    let ended = sandbox.run([&SKIP[..], &["t.csv", "--output", "o.nt"]].concat());
    assert_eq!(ended.code, Some(1));
    assert!(!sandbox.path("o.nt").exists() && !sandbox.path("bad.csv").exists());
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let sandbox = sandbox();
    for arguments in [
        &["convert", "t.csv", "--rejects", "bad.csv"][..],
        &[
            "convert",
            "t.csv",
            "--on-error",
            "stop",
            "--rejects",
            "bad.csv",
        ],
        &["convert", "t.csv", "--on-error", "skip", "--rejects", "-"],
        &[
            "convert",
            "t.csv",
            "--on-error",
            "skip",
            "--rejects",
            "./t.csv",
        ],
        &[
            "convert",
            "t.csv",
            "--on-error",
            "skip",
            "--rejects",
            "o.nt",
            "--output",
            "o.nt",
        ],
        &["convert", "t.csv", "--on-error", "never"],
    ] {
        let before = sandbox.files();
        assert_eq!(sandbox.run(arguments).code, Some(2), "{arguments:?}");
        assert_eq!(sandbox.files(), before);
    }
}

// Rows of all kinds, more than one piece of them; each with whether it is sound.
fn many_rows(count: u64) -> Vec<(String, bool)> {
    let mut state = 7_u64;
    (0..count)
        .map(|number| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let kind = (state >> 33) % 40;
            // Ids come again, far away and with the same values.
            let id = number % (count / 2);
            let city = id % 97;
            match kind {
                0 => (format!("{id},x{id},http://e.org/{id},C{city}"), false),
                1 => (format!("{id},{id}"), false),
                2 => (format!("{id},{id},http://e.org/{id},C{city},more"), false),
                3 => (format!("{id},,http://e.org/{id},C{city}"), false),
                4 => (format!("{id},{id},http://[{id},C{city}"), false),
                5 => (format!("{id},{id},http://e.org/{id},C\"{city}"), false),
                6 => (
                    format!("{id},\"{id}\nz\",http://e.org/{id},\"C\n{city}\""),
                    false,
                ),
                7 => (
                    format!("\"i\n{id}\",{id},http://e.org/{id},\"C\n{city}\""),
                    true,
                ),
                _ => (format!("{id},{id},http://e.org/{id},C{city}"), true),
            }
        })
        .collect()
}

#[test]
fn kept_and_rejected_rows_are_all_rows_whatever_the_threads() {
    let sandbox = sandbox();
    let rows = many_rows(24_000);
    let table = |is_in: &dyn Fn(bool) -> bool| {
        let mut text = "id,n,link,city\n".to_owned();
        for (row, _) in rows.iter().filter(|(_, is_sound)| is_in(*is_sound)) {
            let _ = writeln!(text, "{row}");
        }
        text
    };
    for format in ["ntriples", "turtle"] {
        for more in [&["--memory", "64K"][..], &["--keep-duplicates"]] {
            let run = |arguments: &[&str]| {
                let all = [
                    arguments,
                    &["t.csv", "--format", format, "--output", "o"],
                    more,
                ];
                let ended = sandbox.run(all.concat());
                (ended.code, sandbox.read("o"))
            };
            // What is expected comes of a run in which no row fails.
            sandbox.write("t.csv", table(&|is_sound| is_sound));
            let (code, expected) = run(&["convert", "--minimal", "--threads", "1"]);
            assert_eq!(code, Some(0));
            sandbox.write("t.csv", table(&|_| true));
            for threads in ["1", "3"] {
                let (code, made) = run(&[&SKIP[..], &["--threads", threads]].concat());
                assert_eq!(code, Some(1));
                assert!(made == expected, "{format}, {more:?}, {threads} threads");
                let rejects = sandbox.read("bad.csv");
                let expected = records(&table(&|is_sound| !is_sound));
                let found: Vec<_> = records(&rejects)
                    .iter()
                    .map(|row| row[5..].to_vec())
                    .collect();
                assert!(found == expected, "{format}, {more:?}, {threads} threads");
            }
        }
    }
}

#[test]
fn rejects_of_shards_are_those_of_the_whole() {
    let sandbox = sandbox();
    let mut text = "id,n,link,city\n".to_owned();
    for (row, _) in many_rows(2_000) {
        let _ = writeln!(text, "{row}");
    }
    sandbox.write("t.csv", text);
    sandbox.run([&SKIP[..], &["t.csv", "--output", "whole.nt"]].concat());
    let whole = sandbox.read("bad.csv");
    let mut rows = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let arguments = ["t.csv", "--shard", shard, "--output", "parts"];
        assert_eq!(sandbox.run([&SKIP[..], &arguments].concat()).code, Some(1));
        let part = records(&sandbox.read("bad.csv"));
        rows.extend(part.into_iter().skip(usize::from(shard != "1/3")));
    }
    assert_eq!(rows, records(&whole));
    sandbox
        .run(["merge", "parts", "--output", "merged.nt"])
        .success();
    assert_eq!(sandbox.read("merged.nt"), sandbox.read("whole.nt"));
}

#[test]
fn a_row_with_very_many_faults_takes_no_time() {
    let sandbox = Sandbox::new();
    let items: Vec<String> = (0..50_000).map(|number| format!("x{number}")).collect();
    let items = items.join(";");
    sandbox.write("t.csv", format!("a\n{items}\n1\n")).write(
        "t.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "tableSchema": {"columns": [
            {"titles": "a", "datatype": "integer", "separator": ";", "propertyUrl": "http://e.org/a",
             "valueUrl": "http://[{+a}"}]}}"#,
    );
    let arguments = ["t.csv", "--iri-per-item", "--output", "o.nt"];
    let ended = sandbox.run([&SKIP[..], &arguments].concat());
    assert_eq!(ended.code, Some(1), "{ended}");
    let rejects = records(&sandbox.read("bad.csv"));
    assert_eq!(rejects.len(), 3);
    assert!(rejects[1][4].len() < 1000 && rejects[1][4].ends_with(" more"));
    assert_eq!(rejects[1][5], items);
}
