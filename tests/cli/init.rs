//! `init`: a draft of metadata, why it is so, and that `convert` takes it.

#![expect(
    clippy::unwrap_used,
    reason = "a draft of another form has failed the test"
)]

use super::sandbox::Sandbox;
use insta::assert_snapshot;
use serde_json::Value;

const DRAFT: &str = "csv-metadata.json";

/// Drafts the metadata of a table, converts it, and gives the draft's only table.
fn drafted(content: impl AsRef<[u8]>) -> Value {
    let sandbox = Sandbox::new();
    sandbox.write("things.csv", content);
    let ended = sandbox.run(["init", "things.csv"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    converts(&sandbox);
    let mut draft: Value = serde_json::from_str(&sandbox.read(DRAFT)).unwrap();
    draft["tables"][0].take()
}

/// A draft is taken without an error or a warning.
fn converts(sandbox: &Sandbox) {
    let ended = sandbox.run(["convert", DRAFT, "--message-format", "short"]);
    assert_eq!(ended.code, Some(0), "{ended}\n{}", sandbox.read(DRAFT));
    let faults = ended.lines_with("warning[") + ended.lines_with("error[");
    assert_eq!(faults, 0, "{ended}\n{}", sandbox.read(DRAFT));
}

/// The columns in short: name and datatype.
fn columns(table: &Value) -> Vec<String> {
    let columns = table["tableSchema"]["columns"].as_array().unwrap();
    let columns = columns.iter().map(|column| {
        let datatype = match &column["datatype"] {
            Value::String(name) => name.clone(),
            other => format!("{} {}", other["base"].as_str().unwrap(), other["format"]),
        };
        format!("{}: {datatype}", column["name"].as_str().unwrap())
    });
    columns.collect()
}

#[test]
fn tables_are_described_with_reasons() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "cities.csv",
        "id;name_en;name_ar;country;area;founded;capital;zip\n\
         1;Rome;روما;ITA;1.287,36;21.4.1953;ja;00118\n\
         2;Paris;باريس;FRA;105,40;1.2.2020;nein;75001\n\
         3;Milan;ميلان;ITA;NA;31.12.2020;ja;20121\n",
    );
    sandbox.write(
        "countries.csv",
        "code,name\nITA,Italy\nFRA,France\nDEU,Germany\n",
    );
    assert_snapshot!(
        "init-reasons",
        sandbox.run(["init", "cities.csv", "countries.csv", "--lang", "en"])
    );
    assert_snapshot!("init-draft", sandbox.read(DRAFT));
    converts(&sandbox);
    let graph = sandbox
        .run(["convert", "--minimal", "--format", "ntriples", DRAFT])
        .success();
    let link = "cities.csv#country> <file://";
    assert!(graph.contains(link), "{graph}");
    assert!(graph.contains("countries.csv#country-ITA> ."), "{graph}");
}

#[test]
fn rows_may_end_in_cr_alone() {
    let table = drafted("# cities\rcode;name\rrom;Rome\rpar;Paris\r");
    assert_eq!(table["dialect"]["lineTerminators"], "\r");
    assert_eq!(table["dialect"]["delimiter"], ";");
    assert_eq!(columns(&table), ["code: string", "name: string"]);

    // More rows than are looked at closely.
    let rows = (0..40_000).map(|row| format!("{row},row {row}\r"));
    let table = drafted(format!("id,name\r{}", rows.collect::<String>()));
    assert_eq!(table["dialect"]["lineTerminators"], "\r");
    assert_eq!(columns(&table), ["id: integer", "name: string"]);
}

#[test]
fn semicolons_leave_commas_to_decimals() {
    let table = drafted("a;b\n1,5;2\n2,500;3\n");
    assert_eq!(table["dialect"]["delimiter"], ";");
    assert_eq!(
        columns(&table),
        [r#"a: decimal {"decimalChar":","}"#, "b: integer"]
    );
}

#[test]
fn tabs_are_found() {
    let table = drafted("key\tsize\nx\t5\"\ny\t6\"\n");
    assert_eq!(table["dialect"]["delimiter"], "\t");
    assert_eq!(table["dialect"]["quoteChar"], Value::Null);
    assert_eq!(columns(&table), ["key: string", "size: string"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_title() {
    let table = drafted("\u{FEFF}id,n\nx,1\n");
    assert_eq!(columns(&table), ["id: string", "n: integer"]);
    assert!(table.get("dialect").is_none());
}

#[test]
fn utf_16_is_read() {
    let text = "\u{FEFF}id,name\n1,Zoë\n2,Ana\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table = drafted(bytes);
    assert_eq!(table["dialect"]["encoding"], "utf-16le");
    assert_eq!(columns(&table), ["id: integer", "name: string"]);
}

#[test]
fn bytes_that_are_not_utf_8_are_taken_for_windows_1252() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", b"id,name\n1,Zo\xEB\n2,Ana\n");
    let ended = sandbox.run(["init", "t.csv"]);
    assert!(ended.stderr.contains("byte 0xEB at offset 12"), "{ended}");
    converts(&sandbox);
    let graph = sandbox.run(["convert", "--minimal", DRAFT]).success();
    assert!(graph.contains("Zoë"), "{graph}");
}

#[test]
fn a_table_without_a_header_gets_names() {
    let table = drafted("1,x\n2,y\n");
    assert_eq!(table["dialect"]["header"], false);
    assert_eq!(columns(&table), ["column_1: integer", "column_2: string"]);
    assert!(table["tableSchema"]["columns"][0].get("titles").is_none());
    assert_eq!(table["tableSchema"]["primaryKey"], "column_1");
}

#[test]
fn titles_are_kept_to_the_letter_and_names_are_made_of_them() {
    let table = drafted("Größe (m),, Größe,مدينة,a,a\n1,2,3,4,5,6\n");
    assert_eq!(
        columns(&table),
        [
            "grosse_m: integer",
            "column_2: integer",
            "grosse: integer",
            "%D9%85%D8%AF%D9%8A%D9%86%D8%A9: integer",
            "a: integer",
            "a_2: integer",
        ]
    );
    let columns = table["tableSchema"]["columns"].as_array().unwrap();
    let titles: Vec<_> = columns.iter().map(|column| &column["titles"]).collect();
    assert_eq!(titles, ["Größe (m)", "", " Größe", "مدينة", "a", "a"]);
}

#[test]
fn a_name_that_is_not_ascii_can_be_a_key() {
    let table = drafted("رمز,n\nx,1\ny,2\n");
    assert_eq!(table["tableSchema"]["primaryKey"], "%D8%B1%D9%85%D8%B2");
}

#[test]
fn quoted_line_breaks_stay_in_their_cells() {
    let table = drafted("id,note\n1,\"x\ny, z\"\n2,\"a \"\"b\"\"\"\n");
    assert_eq!(columns(&table), ["id: integer", "note: string"]);
    assert_eq!(table["tableSchema"]["primaryKey"], "id");
}

#[test]
fn a_header_alone_makes_strings_without_a_key() {
    let table = drafted("id,name\n");
    assert_eq!(columns(&table), ["id: string", "name: string"]);
    assert!(table["tableSchema"].get("primaryKey").is_none());
}

#[test]
fn blank_lines_and_what_stands_above_are_passed_over() {
    let table = drafted("Report of 2020\n\nid,name\n1,x\n\n2,y\n");
    assert_eq!(table["dialect"]["skipRows"], 2);
    assert_eq!(table["dialect"]["skipBlankRows"], true);
    assert_eq!(columns(&table), ["id: integer", "name: string"]);
    let table = drafted("# a comment\n# another\nid,name\n1,x\n2,y\n");
    assert_eq!(table["dialect"]["skipRows"], 2);
}

#[test]
fn two_columns_are_a_key_where_one_is_not() {
    let table = drafted("station,day,value\nx,2020-01-01,1\nx,2020-01-02,1\ny,2020-01-01,2\n");
    assert_eq!(
        table["tableSchema"]["primaryKey"],
        serde_json::json!(["station", "day"])
    );
    assert_eq!(table["tableSchema"]["aboutUrl"], "#thing-{station}/{day}");
}

#[test]
fn lists_are_found_where_items_come_again() {
    let table = drafted("id,colours\n1,red; blue\n2,blue; green\n3,red; green\n");
    assert_eq!(table["tableSchema"]["columns"][1]["separator"], "; ");
}

#[test]
fn a_reference_nearly_there_is_told_and_not_written() {
    let sandbox = Sandbox::new();
    let rows: Vec<String> = (0..20).map(|n| format!("{n},c{}\n", n % 5)).collect();
    sandbox.write("towns.csv", format!("id,country\n{}99,c9\n", rows.concat()));
    sandbox.write("countries.csv", "code,x\nc0,1\nc1,1\nc2,1\nc3,1\nc4,2\n");
    let ended = sandbox.run(["init", "towns.csv", "countries.csv"]);
    let told = "`country` is no foreign key: 1 of its 21 values, such as `c9`, is missing";
    assert!(ended.stderr.contains(told), "{ended}");
    assert!(!sandbox.read(DRAFT).contains("foreignKeys"));
    converts(&sandbox);
}

#[test]
fn numbers_alone_do_not_make_a_reference() {
    let sandbox = Sandbox::new();
    sandbox.write("a.csv", "id,size\n1,1\n2,1\n3,2\n");
    sandbox.write("b.csv", "id,size\n1,x\n2,y\n3,z\n");
    assert_eq!(sandbox.run(["init", "a.csv", "b.csv"]).code, Some(0));
    assert!(!sandbox.read(DRAFT).contains("foreignKeys"));
    converts(&sandbox);
}

#[test]
fn names_of_files_are_encoded_and_folders_kept() {
    let sandbox = Sandbox::new();
    sandbox.write("in put/star names.csv", "id,name\n1,Vega\n2,Deneb\n");
    sandbox.write("a:b.csv", "id,star_name\nx,1\ny,2\n");
    let ended = sandbox.run(["init", "a:b.csv", "in put/star names.csv"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let draft: Value = serde_json::from_str(&sandbox.read(DRAFT)).unwrap();
    assert_eq!(draft["tables"][0]["url"], "./a:b.csv");
    assert_eq!(draft["tables"][1]["url"], "in%20put/star%20names.csv");
    assert_eq!(
        draft["tables"][0]["tableSchema"]["columns"][1]["valueUrl"],
        "in%20put/star%20names.csv#star-name-{star_name}"
    );
    converts(&sandbox);
}

#[test]
fn rows_of_another_length_are_errors_beside_the_draft() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a,b\nx,1\ny\nz,3,4\n");
    assert_snapshot!(sandbox.run(["init", "t.csv"]));
    assert!(sandbox.read(DRAFT).contains("\"integer\""));
}

#[test]
fn an_empty_file_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "");
    assert_snapshot!(sandbox.run(["init", "t.csv"]), @"
    exit code: 2
    ----- stderr -----
    error[table::empty]: the table is empty: a header row was expected
     --> t.csv:1:1
      |
    1 |
      | ^
      |
      = help: write the column names in the first line
    ");
    assert!(!sandbox.path(DRAFT).exists());
}

#[test]
fn what_is_no_table_is_refused() {
    let sandbox = Sandbox::new();
    sandbox
        .write("cities.csv", "a\n1\n")
        .write("sheet.xlsx", b"PK\x03\x04rest")
        .write("m.json", "{}")
        .write("folder/x", "");
    for (arguments, code) in [
        (&["citys.csv"][..], "table::not-found"),
        (&["folder"], "table::io"),
        (&["sheet.xlsx"], "table::not-text"),
        (&["m.json"], "init::not-a-table"),
        (&["-"], "init::standard-input"),
        (&["cities.csv", "./cities.csv"], "init::given-twice"),
        (&["https://example.org/t.csv"], "table::remote"),
        (&["cities.csv", "--lang", "x y"], "cli::language"),
        (
            &["cities.csv", "-o", "cities.csv", "--force"],
            "init::output",
        ),
        (&["cities.csv", "-o", "no/such/folder.json"], "output::io"),
    ] {
        let arguments: Vec<&str> = ["init", "--message-format", "short"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let ended = sandbox.refuse(&arguments);
        assert_eq!(ended.code, Some(2), "{ended}");
        assert_eq!(ended.lines_with(&format!("error[{code}]")), 1, "{ended}");
    }
    let ended = sandbox.run(["init", "citys.csv"]);
    assert!(ended.stderr.contains("`cities.csv`"), "{ended}");
}

#[test]
fn a_draft_is_replaced_only_by_force() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\n1\n").write(DRAFT, "mine\n");
    assert_snapshot!(sandbox.refuse(&["init", "t.csv"]), @"
    exit code: 2
    ----- stderr -----
    error[init::exists]: the file is there already
    --> csv-metadata.json
     = help: give `--force` to replace it, or another `--output`
    ");
    assert_eq!(sandbox.run(["init", "t.csv", "--force"]).code, Some(0));
    assert_ne!(sandbox.read(DRAFT), "mine\n");
}

#[test]
fn a_draft_goes_to_standard_output_and_reasons_are_kept_back() {
    let sandbox = Sandbox::new();
    sandbox.write("data/t.csv", "id\nx\n");
    let ended = sandbox.run(["init", "data/t.csv", "--output", "-", "--quiet"]);
    assert!(ended.stderr.is_empty(), "{ended}");
    let draft: Value = serde_json::from_str(&ended.success()).unwrap();
    assert_eq!(draft["tables"][0]["url"], "t.csv");
}

#[test]
fn reasons_are_json_where_they_are_asked_for_so() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\nx,1\ny,2\n");
    let ended = sandbox.run(["init", "t.csv", "--message-format", "json"]);
    let reasons: Value = serde_json::from_str(ended.stderr.lines().next().unwrap()).unwrap();
    assert_eq!(reasons["rows"], 2);
    assert_eq!(reasons["columns"][1]["datatype"], "integer");
    assert_eq!(reasons["primary_key"]["guess"], "`id`");
}

// The rows go through memory and do not stay there: 40 MB of table in less address space than a
// table in memory would take.
#[cfg(target_os = "linux")]
#[test]
fn a_table_of_a_million_rows_is_not_held_in_memory() {
    use std::fmt::Write as _;
    let sandbox = Sandbox::new();
    let mut table = String::from("id,station,note\n");
    for n in 0..1_000_000 {
        writeln!(table, "{n},s{},this is row number {n} of all", n % 700).unwrap();
    }
    sandbox.write("big.csv", table);
    let mut child = sandbox.command(["init", "big.csv"]).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        most = most.max(kilobytes.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(child.wait().unwrap().success());
    assert!(most < 120_000, "{most} kB");
    assert!(sandbox.read(DRAFT).contains("\"primaryKey\": \"id\""));
}
