//! Bad input: what is said of it, the exit code, and that nothing on disk is touched.

use super::sandbox::{Ended, Sandbox};
use insta::assert_snapshot;

/// Builds the observatory after some damage.
fn build(damage: impl FnOnce(&Sandbox)) -> (Sandbox, Ended) {
    let sandbox = Sandbox::observatory();
    damage(&sandbox);
    let ended = sandbox.refuse(&["build"]);
    (sandbox, ended)
}

const STARS: &str = "data/stars.csv";
const NIGHTS: &str = "data/nights.csv";
const METADATA: &str = "data/csv-metadata.json";

#[test]
fn a_missing_table_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.remove(STARS);
    });
    assert_snapshot!(ended, @"
    exit code: 2
    ----- stderr -----
    error[table::not-found]: no file `data/stars.csv`
    --> data/stars.csv
    1 error; nothing was written
    ");
}

#[test]
fn a_missing_table_with_a_similar_name_beside_it_is_suggested() {
    let (_sandbox, ended) = build(|sandbox| {
        let text = sandbox.read(STARS);
        sandbox.remove(STARS).write("data/start.csv", text);
    });
    assert_snapshot!(ended, @"
    exit code: 2
    ----- stderr -----
    error[table::not-found]: no file `data/stars.csv`
    --> data/stars.csv
     = help: there is a file `start.csv` in the same folder
    1 error; nothing was written
    ");
}

#[test]
fn a_missing_column_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.write(
            STARS,
            "key,label_en,magnitude,first_seen\nvega,Vega,0.030,night-a\n",
        );
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::missing-column]: the column `label_ar` is missing
     --> data/stars.csv:1:14
      |
    1 | key,label_en,magnitude,first_seen
      |              ^^^^^^^^^ row 1, column 3 `label_ar`
      |
      = help: the header has to be `key,label_en,label_ar,magnitude,first_seen`
      = note: the rule stands at `/tables/1/tableSchema/columns/2` in `data/csv-metadata.json`
      = note: metadata §5.5.1
    1 error; nothing was written
    ");
}

#[test]
fn an_extra_column_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.write(
            STARS,
            "key,label_en,label_ar,magnitude,first_seen,colour\nvega,Vega,نسر,0.030,night-a,blue\n",
        );
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::extra-column]: the column `colour` is not expected
     --> data/stars.csv:1:44
      |
    1 | key,label_en,label_ar,magnitude,first_seen,colour
      |                                            ^^^^^^ row 1, column 6 `colour`
      |
      = help: take it out or describe it in the metadata; the header has to be `key,label_en,label_ar,magnitude,first_seen`
      = note: metadata §5.5.1
    1 error; nothing was written
    ");
}

#[test]
fn a_misspelt_header_gets_the_nearest_name() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "magnitude", "magnitud");
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::missing-column]: the column `magnitude` is missing
     --> data/stars.csv:1:23
      |
    1 | key,label_en,label_ar,magnitud,first_seen
      |                       ^^^^^^^^ row 1, column 4 `magnitude`
      |
      = help: is `magnitud` meant? the header has to be `key,label_en,label_ar,magnitude,first_seen`
      = note: the rule stands at `/tables/1/tableSchema/columns/3` in `data/csv-metadata.json`
      = note: metadata §5.5.1
    error[table::extra-column]: the column `magnitud` is not expected
     --> data/stars.csv:1:23
      |
    1 | key,label_en,label_ar,magnitud,first_seen
      |                       ^^^^^^^^ row 1, column 4 `magnitud`
      |
      = help: is `magnitude` meant? the header has to be `key,label_en,label_ar,magnitude,first_seen`
      = note: metadata §5.5.1
    2 errors; nothing was written
    ");
}

#[test]
fn columns_in_another_order_are_a_header_mismatch() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "label_en,label_ar", "label_ar,label_en");
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::header-mismatch]: the columns are in another order than expected: `key,label_ar,label_en,magnitude,first_seen`
     --> data/stars.csv:1:1
      |
    1 | key,label_ar,label_en,magnitude,first_seen
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ row 1
      |
      = help: the header has to be `key,label_en,label_ar,magnitude,first_seen`
      = note: metadata §5.5.1
    1 error; nothing was written
    ");
}

#[test]
fn a_row_with_too_few_or_too_many_cells_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, ",+1.25,night-b", ",+1.25");
        sandbox.replace(STARS, ",.13,night-d", ",.13,night-d,more");
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::missing-cell]: the row has 4 cells where 5 were expected
     --> data/stars.csv:3:1
      |
    3 | deneb,Deneb,ذنب الدجاجة,+1.25
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ row 3
      |
      = help: the first cell that is missing is `first_seen`
      = note: tabular-data-model §8
    error[table::extra-cell]: the row has 6 cells where 5 were expected
     --> data/stars.csv:4:1
      |
    4 | rigel,Rigel,رجل الجبار,.13,night-d,more
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ row 4
      |
      = help: a cell with a delimiter in it has to stand in quotes
      = note: tabular-data-model §8
    2 errors; nothing was written
    ");
}

#[test]
fn a_value_of_the_wrong_datatype_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "+1.25", "bright");
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::datatype]: `bright` is not a valid `decimal`
     --> data/stars.csv:3:25
      |
    3 | deneb,Deneb,ذنب الدجاجة,bright,night-b
      |                         ^^^^^^ row 3, column 4 `magnitude`
      |
      = help: write it as XML Schema's `decimal` has it, such as `1000.5`
      = note: the rule stands at `/tables/1/tableSchema/columns/3` in `data/csv-metadata.json`
      = note: tabular-data-model §6.4
    1 error; nothing was written
    ");
}

#[test]
fn values_without_the_format_of_their_column_are_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace("data/telescopes.csv", "3.9.1998", "31.2.1998");
        sandbox.replace(NIGHTS, "0.80,no", "0.80,maybe");
    });
    assert_snapshot!(ended, @r#"
    exit code: 1
    ----- stderr -----
    error[table::format]: `31.2.1998` does not have the format of `opened`
     --> data/telescopes.csv:2:36
      |
    2 | guo,Guo refractor,郭守敬折射望远镜,1000.50,31.2.1998,U;B;V
      |                                            ^^^^^^^^^ row 2, column 5 `opened`
      |
      = help: the format is `d.M.yyyy`
      = note: the rule stands at `/tables/0/tableSchema/columns/4` in `data/csv-metadata.json`
      = note: tabular-data-model §6.4
    error[table::format]: `maybe` does not have the format of `cloudy`
     --> data/nights.csv:2:38
      |
    2 | night-a,007,guo,vega,2021-12-02,0.80,maybe,"clear, then ""haze"""
      |                                      ^^^^^ row 2, column 7 `cloudy`
      |
      = help: the format is `yes|no`
      = note: the rule stands at `/tables/2/tableSchema/columns/6` in `data/csv-metadata.json`
      = note: tabular-data-model §6.4
    2 errors; nothing was written
    "#);
}

#[test]
fn a_value_beyond_a_bound_and_a_missing_value_are_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace("data/telescopes.csv", "1000.50", "0.0");
        sandbox.replace("data/telescopes.csv", "guo,", ",");
    });
    assert_snapshot!(ended);
}

#[test]
fn a_quote_within_a_bare_cell_is_an_error() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "Deneb", "Den\"eb");
    });
    assert_snapshot!(ended, @r#"
    exit code: 1
    ----- stderr -----
    error[table::stray-quote]: a quote stands within a cell that does not begin with one
     --> data/stars.csv:3:10
      |
    3 | deneb,Den"eb,ذنب الدجاجة,+1.25,night-b
      |          ^ row 3
      |
      = help: put the whole cell in quotes and double the quotes within it
      = note: RFC 4180 §2
    1 error; nothing was written
    "#);
}

#[test]
fn text_after_a_closing_quote_is_an_error() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "Deneb", "\"Den\"eb");
    });
    assert_snapshot!(ended, @r#"
    exit code: 1
    ----- stderr -----
    error[table::text-after-quote]: after the closing quote a delimiter or the end of the line was expected; the cell opened on line 3
     --> data/stars.csv:3:12
      |
    3 | deneb,"Den"eb,ذنب الدجاجة,+1.25,night-b
      |            ^ row 3
      |
      = help: double the quotes within the cell, or close it where it should end
      = note: RFC 4180 §2
    1 error; nothing was written
    "#);
}

#[test]
fn a_quote_that_is_never_closed_is_an_error_where_it_opens() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "Deneb", "\"Deneb");
    });
    assert_snapshot!(ended);
}

#[test]
fn bytes_that_are_not_utf8_are_named_with_their_offset() {
    let (_sandbox, ended) = build(|sandbox| {
        let text = std::fs::read(sandbox.path(STARS)).unwrap();
        let at = text
            .windows(5)
            .position(|window| window == b"Deneb")
            .unwrap();
        let mut bytes = text[..at].to_vec();
        bytes.extend_from_slice(b"D\xE9neb");
        bytes.extend_from_slice(&text[at + 5..]);
        sandbox.write(STARS, bytes);
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::invalid-utf8]: byte 0xE9 at offset 98 is not UTF-8
     --> data/stars.csv:3:1
      |
    3 | deneb,D�neb,ذنب الدجاجة,+1.25,night-b
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ row 3
      |
      = help: save the file as UTF-8, or name its `encoding` in the metadata's dialect
      = note: RFC 4180 §2
    1 error; nothing was written
    ");
}

#[test]
fn an_empty_table_is_an_error() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.write(STARS, "");
    });
    assert_snapshot!(ended);
}

#[test]
fn a_duplicate_primary_key_names_both_rows() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "rigel,", "vega,");
        sandbox.replace(NIGHTS, ",rigel,", ",vega,");
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::duplicate-key]: the key `vega` stands already in row 2 (line 2)
     --> data/stars.csv:4:1
      |
    4 | vega,Rigel,رجل الجبار,.13,night-d
      | ^^^^ row 4, column 1 `key`
      |
      = help: give one of the two rows another `key`
      = note: the rule stands at `/tables/1/tableSchema/primaryKey` in `data/csv-metadata.json`
      = note: metadata §5.5
    1 error; nothing was written
    ");
}

#[test]
fn a_foreign_key_without_its_row_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(NIGHTS, ",rigel,", ",sirius,");
    });
    assert_snapshot!(ended, @"
    exit code: 1
    ----- stderr -----
    error[table::dangling-reference]: `sirius` is not among the values of `key` in `data/stars.csv`
     --> data/nights.csv:6:17
      |
    6 | night-d,010,guo,sirius,2022-01-16,0.95,no,
      |                 ^^^^^^ row 5, column 4 `star`
      |
      = help: add a row to `data/stars.csv`, or mend the value
      = note: the rule stands at `/tables/2/tableSchema/foreignKeys/1` in `data/csv-metadata.json`
      = note: metadata §5.5
    1 error; nothing was written
    ");
}

#[test]
fn a_value_that_makes_an_invalid_iri_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(
            METADATA,
            "\"lang\": \"en\", \"propertyUrl\": \"rdfs:comment\"",
            "\"propertyUrl\": \"rdfs:seeAlso\", \"valueUrl\": \"http://[{+remark}\"",
        );
    });
    assert_snapshot!(ended);
}

#[test]
fn metadata_that_is_not_json_is_named_with_line_and_column() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(
            METADATA,
            "\"url\": \"stars.csv\",",
            "\"url\": \"stars.csv\"",
        );
    });
    assert_snapshot!(ended, @r#"
    exit code: 2
    ----- stderr -----
    error[csvw::json-syntax]: not valid JSON: expected comma
      --> data/csv-metadata.json:31:25
       |
    31 |       "url": "stars.csv"
       |                         ^
       |
       = help: the document has to be JSON: mend it here
       = note: metadata §4
    "#);
}

#[test]
fn metadata_that_is_not_utf8_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.write(
            METADATA,
            b"{\"@context\": \"http://www.w3.org/ns/csvw\", \"\xFF\"}",
        );
    });
    assert_snapshot!(ended, @"
    exit code: 2
    ----- stderr -----
    error[table::invalid-utf8]: `data/csv-metadata.json` is not valid UTF-8 at byte 43
    --> data/csv-metadata.json
     = help: save the file as UTF-8
    ");
}

#[test]
fn missing_metadata_is_named() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.remove(METADATA);
    });
    assert_snapshot!(ended, @"
    exit code: 2
    ----- stderr -----
    error[table::not-found]: no file `data/csv-metadata.json`
    --> data/csv-metadata.json
    ");
}

#[test]
fn metadata_without_tables_is_an_error() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.write(METADATA, "{\"@context\": \"http://www.w3.org/ns/csvw\"}");
    });
    assert_snapshot!(ended, @r#"
    exit code: 2
    ----- stderr -----
    error[csvw::missing-property]: a metadata document needs `tables` (a group) or `url` (one table)
     --> data/csv-metadata.json:1:1
      |
    1 | {"@context": "http://www.w3.org/ns/csvw"}
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: add `"tables": [{ "url": "…" }]`
      = note: metadata §5.3
    "#);
}

#[test]
fn a_key_of_a_column_that_is_not_there_is_an_error() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(
            METADATA,
            "\"primaryKey\": \"code\"",
            "\"primaryKey\": \"cod\"",
        );
    });
    assert_snapshot!(ended, @r#"
    exit code: 2
    ----- stderr -----
    error[csvw::unknown-column]: `primaryKey` names a column `cod`, which the schema lacks
      --> data/csv-metadata.json:27:23
       |
    27 |         "primaryKey": "cod"
       |                       ^^^^^
       |
       = help: did you mean `code`?
       = note: metadata §5.1.4
    "#);
}

#[test]
fn a_foreign_key_to_a_table_that_is_not_there_is_an_error() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(
            METADATA,
            "\"resource\": \"stars.csv\"",
            "\"resource\": \"star.csv\"",
        );
    });
    assert_snapshot!(ended, @"
    exit code: 2
    ----- stderr -----
    error[csvw::foreign-key]: the foreign key refers to `https://observatory.example/kg/data/star.csv`, which is not in the group
    --> data/csv-metadata.json
     = help: did you mean `https://observatory.example/kg/data/stars.csv`?
     = note: it stands at `/tables/2/tableSchema/foreignKeys/1`
     = note: metadata §5.5
    ");
}

// A warning only: the graph is built.
#[test]
fn an_unknown_property_of_the_metadata_gets_a_warning_with_the_nearest_name() {
    let sandbox = Sandbox::observatory();
    sandbox.replace(
        METADATA,
        "\"url\": \"stars.csv\",",
        "\"url\": \"stars.csv\", \"notess\": [],",
    );
    assert_snapshot!(sandbox.run(["build", "--output", "graph.nt"]));
    assert!(sandbox.path("graph.nt").is_file());
}

// As the specification has it, a property that is not valid is passed over.
#[test]
fn a_template_that_is_not_one_gets_a_warning() {
    let sandbox = Sandbox::observatory();
    sandbox.replace(METADATA, "../thing/{first_seen}", "../thing/{first_seen");
    let ended = sandbox.run(["build", "--message-format", "short", "--output", "graph.nt"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let place = "warning[csvw::invalid-template] data/csv-metadata.json:41:64 ";
    assert_eq!(ended.lines_with(place), 1, "{ended}");
}

#[test]
fn an_unknown_datatype_gets_a_warning_with_the_nearest_name() {
    let sandbox = Sandbox::observatory();
    sandbox.replace(
        METADATA,
        "\"datatype\": \"integer\"",
        "\"datatype\": \"interger\"",
    );
    let ended = sandbox.run(["build", "--message-format", "short", "--output", "graph.nt"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(
        ended.lines_with("warning[csvw::unknown-datatype]"),
        1,
        "{ended}"
    );
}

#[test]
fn a_byte_order_mark_changes_nothing_but_gets_a_note() {
    let sandbox = Sandbox::observatory();
    let before = sandbox
        .run(["export", "--format", "ntriples", "--quiet"])
        .success();
    sandbox.write(STARS, format!("\u{FEFF}{}", sandbox.read(STARS)));
    let ended = sandbox.run([
        "export",
        "--format",
        "ntriples",
        "--message-format",
        "short",
    ]);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(ended.stdout, before);
    assert_eq!(
        ended.lines_with("note[table::byte-order-mark] data/stars.csv:1"),
        1,
        "{ended}"
    );
}

#[test]
fn lines_that_end_in_cr_lf_change_nothing_but_get_one_note() {
    let sandbox = Sandbox::observatory();
    let before = sandbox
        .run(["export", "--format", "ntriples", "--quiet"])
        .success();
    sandbox.write(STARS, sandbox.read(STARS).replace('\n', "\r\n"));
    let ended = sandbox.run([
        "export",
        "--format",
        "ntriples",
        "--message-format",
        "short",
    ]);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(ended.stdout, before);
    assert_eq!(
        ended.lines_with("note[table::crlf] data/stars.csv:1"),
        1,
        "{ended}"
    );
}

#[test]
fn a_table_with_a_header_only_has_no_rows_and_is_no_error() {
    let sandbox = Sandbox::new();
    sandbox.write("empty.csv", "a,b\n");
    let ended = sandbox.run(["convert", "--minimal", "empty.csv"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), ""),
        "{ended}"
    );
}

// The faults of all tables are told at once, not those of the first only.
#[test]
fn errors_are_collected_over_rows_and_tables() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(STARS, "0.030", "dim");
        sandbox.replace(STARS, "+1.25", "bright");
        sandbox.replace(NIGHTS, "2022-01-15", "2022-13-15");
        sandbox.replace(NIGHTS, ",rigel,", ",sirius,");
    });
    assert_eq!(ended.code, Some(1), "{ended}");
    assert_eq!(ended.lines_with("error[table::datatype]"), 3, "{ended}");
    assert_eq!(
        ended.lines_with("error[table::dangling-reference]"),
        1,
        "{ended}"
    );
    assert!(ended.stderr.contains("4 errors"), "{ended}");
}

#[test]
fn a_flood_of_errors_is_cut_off_and_counted() {
    let (_sandbox, ended) = build(|sandbox| {
        let mut text = sandbox.read(STARS);
        for number in 0..1000 {
            text.push_str(&format!("star-{number},Star,نجم,dark,night-a\n"));
        }
        sandbox.write(STARS, text);
    });
    assert_eq!(ended.code, Some(1), "{ended}");
    assert_eq!(ended.lines_with("error[table::datatype]"), 20, "{ended}");
    assert_eq!(
        ended.lines_with("980 more table::datatype in data/stars.csv"),
        1,
        "{ended}"
    );
    assert!(ended.stderr.contains("1000 errors"), "{ended}");
}

#[test]
fn messages_can_be_had_on_one_line() {
    let sandbox = Sandbox::observatory();
    sandbox
        .replace(STARS, "+1.25", "bright")
        .replace(NIGHTS, ",rigel,", ",sirius,");
    assert_snapshot!(sandbox.refuse(&["build", "--message-format", "short"]), @"
    exit code: 1
    ----- stderr -----
    error[table::datatype] data/stars.csv:3 `bright` is not a valid `decimal`
    error[table::dangling-reference] data/nights.csv:6 `sirius` is not among the values of `key` in `data/stars.csv`
    2 errors; nothing was written
    ");
}

#[test]
fn messages_can_be_had_as_json() {
    let sandbox = Sandbox::observatory();
    sandbox.replace(STARS, "+1.25", "bright");
    let ended = sandbox.refuse(&["build", "--quiet", "--message-format", "json"]);
    let message: serde_json::Value = serde_json::from_str(&ended.stderr).unwrap();
    assert_eq!(message["code"], "table::datatype");
    assert_eq!(message["severity"], "error");
    let location = &message["location"];
    assert_eq!(location["source"], STARS);
    assert_eq!(location["line"], 3);
    assert_eq!(location["source_row"], 3);
    assert_eq!(location["column"], 4);
    assert_eq!(location["column_name"], "magnitude");
    assert_eq!(location["json_pointer"], "/tables/1/tableSchema/columns/3");
}

#[test]
fn faults_of_the_text_name_line_row_and_column() {
    // The column counts characters, as the fault is in the text and not in a cell.
    for (cell, code, column) in [
        (&b"Den\"eb"[..], "table::stray-quote", 10),
        (b"\"Den\"eb", "table::text-after-quote", 12),
        (b"\"Deneb", "table::unclosed-quote", 7),
        (b"Den\xE9b", "table::invalid-utf8", 10),
    ] {
        let sandbox = Sandbox::observatory();
        let mut bytes =
            b"key,label_en,label_ar,magnitude,first_seen\nvega,Vega,,1,night-a\ndeneb,".to_vec();
        bytes.extend_from_slice(cell);
        bytes.extend_from_slice(b",,1,night-b\n");
        sandbox.write(STARS, bytes);
        let ended = sandbox.refuse(&["build", "--quiet", "--message-format", "json"]);
        let mut messages = ended
            .stderr
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let message = messages.find(|message| message["code"] == code).unwrap();
        let location = &message["location"];
        assert_eq!(location["source"], STARS, "{ended}");
        assert_eq!(location["line"], 3, "{ended}");
        assert_eq!(location["source_row"], 3, "{ended}");
        assert_eq!(location["column"], column, "{ended}");
    }
}

// A quoted line break makes lines and rows differ; messages have to name both.
#[test]
fn lines_and_rows_are_told_apart() {
    let (_sandbox, ended) = build(|sandbox| {
        sandbox.replace(NIGHTS, "0.95,no", "far,no");
    });
    assert!(ended.stderr.contains("data/nights.csv:6"), "{ended}");
    assert!(ended.stderr.contains("row 5"), "{ended}");
}

#[test]
fn every_command_that_needs_the_graph_refuses_bad_tables() {
    let sandbox = Sandbox::observatory();
    sandbox.replace(STARS, "+1.25", "bright");
    for arguments in [
        &["build"][..],
        &["export", "--output", "build/observatory.ttl"],
        &[
            "export",
            "--graph",
            "all",
            "--output",
            "build/observatory.ttl",
        ],
        &[
            "query",
            "q1",
            "--output",
            "build/observatory.ttl",
            "--format",
            "csv",
        ],
        &["validate"],
        &["explain", "obs:vega"],
    ] {
        let ended = sandbox.refuse(arguments);
        assert_eq!(ended.code, Some(1), "{arguments:?}\n{ended}");
        assert_eq!(
            ended.lines_with("error[table::datatype]"),
            1,
            "{arguments:?}\n{ended}"
        );
    }
}

#[test]
fn a_graph_that_breaks_its_shapes_does_not_conform() {
    let sandbox = Sandbox::observatory();
    sandbox.replace("data/telescopes.csv", "1000.50", "1000.51");
    let ended = sandbox.refuse(&["validate"]);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"_:\w+", "[BLANK NODE]");
    settings.bind(|| {
        assert_snapshot!(&ended, @"
        exit code: 1
        ----- stdout -----
        Violation: obs:guo ob:apertureMm 1000.51
            an aperture is at most 1000.5 mm
            shape [BLANK NODE], sh:MaxInclusiveConstraintComponent
        tables: 9 rows conform to their metadata
        graph: 1 result
        ");
    });
    assert_eq!(
        sandbox.run(["validate"]).stdout,
        ended.stdout,
        "the same each time"
    );
}

// The lines of a file are read all at once; each message still has its own, of its own file.
#[test]
fn each_of_many_faults_is_shown_with_its_line() {
    let sandbox = Sandbox::new();
    let schema = r#"{"columns": [{"name": "note"}, {"name": "n", "datatype": "integer"}]}"#;
    let mut tables = Vec::new();
    for (name, rows) in [("a.csv", 400_u32), ("b.csv", 250)] {
        // Lines of different lengths, and line breaks in quotes.
        let row = |row: u32| match row % 20 {
            0 => format!("at fault,{name} {row}\n"),
            7 => format!("\"long\n{}\r\n\n\",{row}\n", "é".repeat(3000)),
            _ => format!("{},{row}\n", "x".repeat(row as usize)),
        };
        let text: String = (1..=rows).map(row).collect();
        sandbox.write(name, format!("note,n\n{text}"));
        tables.push(format!(r#"{{"url": "{name}", "tableSchema": {schema}}}"#));
    }
    sandbox.write(
        "m.json",
        format!(
            r#"{{"@context": "http://www.w3.org/ns/csvw", "tables": [{}]}}"#,
            tables.join(", ")
        ),
    );
    let ended = sandbox.run(["convert", "m.json", "--output", "out.nt"]);
    let mut shown = Vec::new();
    let mut messages = ended.stderr.lines();
    while let Some(line) = messages.next() {
        let Some((_, place)) = line.split_once("--> ") else {
            continue;
        };
        let mut parts = place.split(':');
        let (file, number) = (parts.next().unwrap(), parts.next().unwrap());
        let text = messages.nth(1).unwrap().trim_start();
        let expected = sandbox.read(file);
        let index = number.parse::<usize>().unwrap() - 1;
        let expected = expected.split('\n').nth(index).unwrap();
        assert_eq!(text, format!("{number} | {expected}"));
        shown.push(file.to_owned());
    }
    let count = |file| shown.iter().filter(|shown| *shown == file).count();
    assert_eq!((count("a.csv"), count("b.csv")), (20, 12), "{ended}");
}
