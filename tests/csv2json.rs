//! Corners of "Generating JSON from Tabular Data on the Web" that the W3C suite leaves out.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{self, OnError, RunOptions, Severities};
use coalition_kg::mapping::csvw::{self, Mode, Options};
use coalition_kg::plan::{Frame, GroupFrame, Plan};
use coalition_kg::sink::json::JsonWriter;
use coalition_kg::table::{Mount, Sources};

const BASE: &str = "http://example.org/";

/// Runs a plan; gives the JSON without line breaks.
fn run(plan: &Plan, sources: &Sources) -> String {
    let mut diagnostics = Diagnostics::new();
    let mut writer = JsonWriter::new("test", Vec::new());
    let mut options = RunOptions {
        severities: Severities::CONVERT,
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut |_| true,
    };
    engine::run_objects(plan, sources, &mut writer, &mut diagnostics, &mut options).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert!(
        serde_json::from_str::<serde_json::Value>(&text).is_ok(),
        "{text}"
    );
    text.replace('\n', "")
}

/// Converts a table `t.csv` with the metadata of its group, or of the table alone.
fn convert(mode: Mode, table: &str, metadata: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), table).unwrap();
    let document = format!(r#"{{"@context": "http://www.w3.org/ns/csvw", {metadata}}}"#);
    std::fs::write(folder.path().join("m.json"), document).unwrap();
    let mount = Mount::Folder(folder.path().to_owned());
    let sources = Sources::new().with_mount(BASE, mount);
    let mut diagnostics = Diagnostics::new();
    let iri = format!("{BASE}m.json");
    let options = Options {
        mode,
        ..Options::default()
    };
    let group = csvw::open(&iri, None, &sources, &options, &mut diagnostics).unwrap();
    let plan = csvw::lower(&group, &options, &mut diagnostics).unwrap();
    run(&plan, &sources)
}

/// Checks the objects of the rows under some columns.
fn check(table: &str, columns: &str, expected: &str) {
    let metadata = format!(r#""url": "t.csv", "tableSchema": {{"columns": [{columns}]}}"#);
    let found = convert(Mode::Minimal, table, &metadata);
    assert_eq!(found, format!("[{expected}]"), "{columns}");
}

// Spec: csv2json §4.4, "Generating Nested Objects"
#[test]
fn objects_nest_over_several_levels() {
    check(
        "a,b,c\n1,2,3\n",
        r##"{"name": "a", "titles": "a", "aboutUrl": "#a"},
            {"name": "b", "titles": "b", "aboutUrl": "#b"},
            {"name": "c", "titles": "c", "aboutUrl": "#c"},
            {"name": "toC", "virtual": true, "aboutUrl": "#b", "valueUrl": "#c"},
            {"name": "toB", "virtual": true, "aboutUrl": "#a", "valueUrl": "#b"}"##,
        r#"{"@id":"http://example.org/t.csv#a","a":"1","toB":{"@id":"http://example.org/t.csv#b","b":"2","toC":{"@id":"http://example.org/t.csv#c","c":"3"}}}"#,
    );
}

#[test]
fn circles_are_left_open() {
    let columns = |a: &str, b: &str| {
        format!(
            r##"{{"name": "a", "titles": "a", "aboutUrl": "#a", "valueUrl": "{a}"}},
                {{"name": "b", "titles": "b", "aboutUrl": "#b", "valueUrl": "{b}"}}"##
        )
    };
    check(
        "a,b\n1,2\n",
        &columns("#b", "#a"),
        r#"{"@id":"http://example.org/t.csv#a","a":{"@id":"http://example.org/t.csv#b","b":"http://example.org/t.csv#a"}}"#,
    );
    check(
        "a,b\n1,2\n",
        &columns("#a", "#x"),
        r#"{"@id":"http://example.org/t.csv#a","a":"http://example.org/t.csv#a"},{"@id":"http://example.org/t.csv#b","b":"http://example.org/t.csv#x"}"#,
    );
}

#[test]
fn what_is_referred_to_twice_is_nested_nowhere() {
    check(
        "a,b\n1,2\n",
        r##"{"name": "a", "titles": "a", "aboutUrl": "#a"},
            {"name": "b", "titles": "b", "aboutUrl": "#b"},
            {"name": "one", "virtual": true, "aboutUrl": "#a", "valueUrl": "#b"},
            {"name": "two", "virtual": true, "aboutUrl": "#a", "valueUrl": "#b"}"##,
        r#"{"@id":"http://example.org/t.csv#a","a":"1","one":"http://example.org/t.csv#b","two":"http://example.org/t.csv#b"},{"@id":"http://example.org/t.csv#b","b":"2"}"#,
    );
}

#[test]
fn nested_objects_stand_in_arrays_too() {
    check(
        "a,b\n1,2\n",
        r##"{"name": "a", "titles": "a", "aboutUrl": "#a", "propertyUrl": "schema:about"},
            {"name": "b", "titles": "b", "aboutUrl": "#b"},
            {"name": "l", "virtual": true, "aboutUrl": "#a", "propertyUrl": "schema:about", "valueUrl": "#b"}"##,
        r#"{"@id":"http://example.org/t.csv#a","schema:about":["1",{"@id":"http://example.org/t.csv#b","b":"2"}]}"#,
    );
}

// Spec: csv2json §4.3, "Generating Objects", step 1
#[test]
fn subjects_come_in_the_order_of_columns_and_without_values_not_at_all() {
    let columns = r#"{"name": "a", "titles": "a", "aboutUrl": "one/{a}"},
                     {"name": "b", "titles": "b"},
                     {"name": "c", "titles": "c", "aboutUrl": "{+c}"}"#;
    check(
        "a,b,c\n1,2,3\n,2,\n1,,one/1\n",
        columns,
        r#"{"@id":"http://example.org/one/1","a":"1"},{"b":"2"},{"@id":"http://example.org/3","c":"3"},{"b":"2"},{"@id":"http://example.org/one/1","a":"1","c":"one/1"}"#,
    );
}

// Spec: csv2json §4.3, "Generating Objects", steps 4 and 5
#[test]
fn lists_are_arrays_and_flattened_whether_ordered_or_not() {
    check(
        "a,b\n1;2,3\n1,\n,\n",
        r#"{"name": "a", "titles": "a", "separator": ";", "ordered": true, "propertyUrl": "schema:x"},
           {"name": "b", "titles": "b", "propertyUrl": "schema:x"},
           {"name": "c", "virtual": true, "separator": ";", "default": "4;5"}"#,
        r#"{"schema:x":["1","2","3"],"c":["4","5"]},{"schema:x":["1"],"c":["4","5"]},{"c":["4","5"]}"#,
    );
}

// Spec: csv2json §4.3, "Generating Objects"; metadata appendix A, "URL Compaction"
#[test]
fn names_are_shortened_where_the_prefix_is_known() {
    check(
        "k\nname\n",
        r##"{"name": "k", "titles": "k", "suppressOutput": true},
            {"name": "a", "virtual": true, "propertyUrl": "rdf:type", "valueUrl": "schema:Person"},
            {"name": "b", "virtual": true, "propertyUrl": "schema:{k}", "default": "1"},
            {"name": "c", "virtual": true, "propertyUrl": "nobody:knows", "default": "2"},
            {"name": "d", "virtual": true, "propertyUrl": "http://example.com/{k}", "default": "3"},
            {"name": "e", "virtual": true, "propertyUrl": "dcterms:title", "default": "4"},
            {"name": "f", "virtual": true, "propertyUrl": "csvw:note", "default": "5"},
            {"name": "g", "virtual": true, "propertyUrl": "#{k}", "default": "6"}"##,
        r#"{"@type":"schema:Person","schema:name":"1","nobody:knows":"2","http://example.com/name":"3","dc:title":"4","notes":"5","http://example.org/t.csv#name":"6"}"#,
    );
}

#[test]
fn names_of_columns_are_written_as_they_are_read() {
    let metadata = r#""url": "t.csv", "aboutUrl": "x""#;
    let found = convert(
        Mode::Minimal,
        "@id,@type,a b,\"q\"\"\",ع\n1,2,3,4,5\n",
        metadata,
    );
    assert_eq!(
        found,
        r#"[{"@id":["http://example.org/x","1"],"@type":"2","a b":"3","q\"":"4","ع":"5"}]"#
    );
}

// Spec: csv2json §4.5, "Interpreting datatypes"
#[test]
fn values_go_by_their_datatype() {
    let cases = [
        ("integer", "123456789012345678901234567890"),
        ("integer", "+1"),
        ("integer", "007"),
        ("integer", "x"),
        ("decimal", "1."),
        ("decimal", "-.50"),
        ("double", "1.E3"),
        ("double", "INF"),
        ("float", "NaN"),
        ("boolean", "1"),
        ("boolean", "false"),
        ("boolean", "yes"),
        ("gYear", "2021"),
        ("anyURI", "a/b"),
        ("json", "{}"),
    ];
    let columns: Vec<String> = cases
        .iter()
        .enumerate()
        .map(|(number, (datatype, _))| {
            format!(r#"{{"name": "c{number}", "datatype": "{datatype}"}}"#)
        })
        .collect();
    let names: Vec<String> = (0..cases.len())
        .map(|number| format!("c{number}"))
        .collect();
    let values: Vec<&str> = cases.iter().map(|(_, text)| *text).collect();
    check(
        &format!("{}\n{}\n", names.join(","), values.join(",")),
        &columns.join(","),
        r#"{"c0":123456789012345678901234567890,"c1":1,"c2":7,"c3":"x","c4":1,"c5":-0.50,"c6":1E3,"c7":"INF","c8":"NaN","c9":true,"c10":false,"c11":"yes","c12":"2021","c13":"a/b","c14":"{}"}"#,
    );
}

// Spec: csv2json §4.2, "Standard mode"
#[test]
fn tables_without_output_leave_their_group() {
    let table = r#"{"url": "t.csv", "suppressOutput": true}"#;
    let metadata = format!(r#""@id": "g", "tables": [{table}]"#);
    assert_eq!(
        convert(Mode::Standard, "a\n1\n", &metadata),
        r#"{"@id":"http://example.org/g","tables":[]}"#
    );
    assert_eq!(convert(Mode::Minimal, "a\n1\n", &metadata), "[]");
}

#[test]
fn rows_have_numbers_titles_and_what_they_describe() {
    let metadata = r#""url": "t.csv", "@id": "t", "tableSchema": {"rowTitles": ["a", "b"],
        "columns": [{"name": "a", "titles": "a", "suppressOutput": true}, {"name": "b", "titles": "b"}]}"#;
    assert_eq!(
        convert(Mode::Standard, "a,b\n1,2\n3,\n,\n", metadata),
        concat!(
            r#"{"tables":[{"@id":"http://example.org/t","url":"http://example.org/t.csv","row":["#,
            r#"{"rownum":1,"url":"http://example.org/t.csv#row=2","titles":["1","2"],"describes":[{"b":"2"}]},"#,
            r#"{"rownum":2,"url":"http://example.org/t.csv#row=3","titles":"3","describes":[]},"#,
            r#"{"rownum":3,"url":"http://example.org/t.csv#row=4","describes":[]}]}]}"#
        )
    );
}

// Spec: csv2json §5, "JSON-LD to JSON"
#[test]
fn annotations_become_plain_json() {
    let metadata = r#""@id": "g", "dc:title": {"@value": "T", "@language": "en"},
        "dc:extent": [1.50],
        "dcterms:subject": ["a", {"@id": "schema:b"}],
        "http://purl.org/dc/terms/subject": true,
        "csvw:table": "own",
        "notes": [{"@type": "oa:Annotation", "oa:hasBody": {"@id": "body", "schema:name": null,
            "dc:date": {"@value": "2010", "@type": "xsd:gYear"}}}],
        "tables": [{"url": "t.csv", "suppressOutput": true}]"#;
    assert_eq!(
        convert(Mode::Standard, "a\n1\n", metadata),
        concat!(
            r#"{"@id":"http://example.org/g","dc:title":"T","dc:extent":[1.50],"#,
            r#""dc:subject":["a","http://schema.org/b",true],"csvw:table":"own","#,
            r#""notes":[{"@type":"oa:Annotation","oa:hasBody":{"@id":"http://example.org/body","dc:date":"2010"}}],"#,
            r#""tables":[]}"#
        )
    );
}

#[test]
fn groups_without_tables_and_several_groups_are_json_too() {
    let group = |start: usize, end: usize| GroupFrame {
        frame: Frame {
            members: vec![("n".to_owned(), start.to_string())],
            inside: "in",
        },
        scans: start..end,
    };
    let mut plan = Plan::default();
    assert_eq!(run(&plan, &Sources::new()), "[]");
    plan.objects.groups = vec![group(0, 0)];
    assert_eq!(run(&plan, &Sources::new()), r#"{"n":0,"in":[]}"#);
    plan.append(plan.clone());
    assert_eq!(
        run(&plan, &Sources::new()),
        r#"[{"n":0,"in":[]},{"n":0,"in":[]}]"#
    );
}
