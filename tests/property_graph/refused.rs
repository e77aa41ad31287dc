//! What is no export, or no longer one, and where that is said to be.

use super::{Memory, SMALL, back, export, graph_of, opener, options, parse};
use coalition_kg::property_graph::import::{ImportError, import};
use coalition_kg::property_graph::{Format, NameMap};
use coalition_kg::sink::EachQuad;

fn error(files: &Memory, map: &NameMap) -> String {
    let mut sink = EachQuad(|_: oxrdf::QuadRef<'_>, _: &_| {});
    match import(map, "graph", &mut opener(files), &mut sink).unwrap_err() {
        ImportError::Content {
            line,
            column: Some(column),
            reason,
            ..
        } => format!("{line}:{column}: {reason}"),
        ImportError::Content { line, reason, .. } => format!("{line}: {reason}"),
        other => other.to_string(),
    }
}

fn small(format: Format) -> (Memory, NameMap) {
    export(&graph_of(&parse(SMALL), options()), format)
}

/// What is said of a file with this text.
fn refused(format: Format, file: &str, text: &str) -> String {
    let (mut files, map) = small(format);
    files.0.insert(file.to_owned(), text.as_bytes().to_vec());
    error(&files, &map)
}

/// What is said of a file in which the first of a text is another.
fn changed(format: Format, file: &str, old: &str, new: &str) -> String {
    let (files, _) = small(format);
    let text = files.text(file);
    assert!(text.contains(old), "{old:?} is not in {text}");
    refused(format, file, &text.replacen(old, new, 1))
}

/// What is said of a map that is another.
fn renamed(format: Format, change: impl FnOnce(&mut NameMap)) -> String {
    let (files, mut map) = small(format);
    change(&mut map);
    error(&files, &map)
}

#[test]
fn json_lines_are_what_export_writes() {
    let refused = |text| refused(Format::Jsonl, "graph", text);
    assert_eq!(refused("{\n"), "1:2: EOF while parsing an object");
    assert_eq!(refused("{\"ع\": x}\n"), "1:7: expected value");
    assert_eq!(
        refused("{\"type\":\"node\",\"id\":5}\n"),
        "1: a string was expected, not 5"
    );
    assert!(refused("\n{}").starts_with("1:"));
    assert_eq!(
        refused(r#"{"type":"node","id":"http://e.org/a","labels":[],"properties":{"what":1}}"#),
        "1: the map does not know the property `what`"
    );
    assert_eq!(
        refused(r#"{"type":"node","id":"a b","labels":["Thing"],"properties":{}}"#),
        "1: `a b` is not an IRI"
    );
    let changed = |old, new| changed(Format::Jsonl, "graph", old, new);
    assert_eq!(
        changed(r#""2014-06-29""#, r#""2014-06-31""#),
        "1: `2014-06-31` is no value of `day`"
    );
    assert_eq!(
        changed(r#""2014-06-29""#, "5"),
        "1: `day`: 5 is no value of it"
    );
    assert_eq!(
        changed(r#"["y"]"#, r#""y""#),
        r#"2: `tag`: "y" is no array"#
    );
    assert_eq!(changed(r#"["y"]"#, "[]"), "2: `tag` has 0 values");
    assert_eq!(
        changed(r#""label":"THING""#, r#""label":"THINGS""#),
        "3: the map does not know the type `THINGS`"
    );
    assert_eq!(
        changed(r#"{"id":""#, r#"{"tag":["x"],"id":""#),
        "3: relationships of this type are not folded, and have no properties"
    );
}

#[test]
fn tables_are_what_export_writes() {
    let file = "nodes-Thing.csv";
    let neo4j = |text| refused(Format::Neo4jCsv, file, text);
    assert_eq!(
        neo4j("iri:ID,:LABEL\n\"http://e.org/a\"\n"),
        "2: another number of cells than the header has"
    );
    assert_eq!(
        neo4j("iri:ID,:LABEL\n\"x"),
        "2:1: a quote that is never closed"
    );
    assert_eq!(neo4j(""), "1: there is no header");
    assert_eq!(
        neo4j("iri:ID,tag:string[]\n"),
        "1: there is no column with the labels"
    );
    assert_eq!(
        neo4j("iri:ID,:LABEL,iri:ID\n"),
        "1:15: `iri:ID` stands here twice"
    );
    assert_eq!(
        neo4j("iri:ID,:LABEL,name\n"),
        "1:15: `name` is no header here"
    );
    assert_eq!(neo4j("iri:ID,:LABEL\n,\"Thing\"\n"), "2: there is no IRI");
    assert_eq!(
        neo4j("iri:ID,:LABEL\n\"http://e.org/a\",\"Thing;Thong\"\n"),
        "2:18: the map does not know the label `Thong`"
    );
    let kuzu = |old, new| changed(Format::Kuzu, "nodes-Other.csv", old, new);
    assert_eq!(
        kuzu("=;=x", "=;x"),
        "3:4: `tag`: a value without `=` before it"
    );
    assert_eq!(kuzu("2014-06-29", "soon"), "2: `soon` is no value of `day`");
    let neptune = |old, new| changed(Format::NeptuneCsv, "rels-THING.csv", old, new);
    assert_eq!(neptune(":TYPE", ":WHAT"), "1:23: `:WHAT` is no header here");
    assert_eq!(
        neptune(",THING", ",THONG"),
        "2:68: the map does not know the type `THONG`"
    );
}

#[test]
fn scripts_are_what_export_writes() {
    let changed = |old, new| changed(Format::Cypher, "graph", old, new);
    for (old, new, expected) in [
        (
            "UNWIND",
            "unwind",
            "3:7: `unwind` begins no statement that `export` writes",
        ),
        (
            " IS UNIQUE",
            " IS NODE KEY",
            "1:80: `UNIQUE` was expected, not `N`",
        ),
        (
            "n.`iri`",
            "n.`name`",
            "1:71: `iri` was expected, not `name`",
        ),
        (
            "`day`",
            "`dey`",
            "4:29: the map does not know the property `dey`",
        ),
        ("date(", "datetime(", "4:36: `date` was expected, not `d`"),
        ("date(\"", "date(", "4:41: `\"` was expected, not `2`"),
        ("\\n'", "\\x'", "4:70: no escape that `export` writes"),
        ("\\n'", "\\uD800'", "4:70: no escape that `export` writes"),
        ("\\n'", "\n'", "4:70: a control character in a string"),
        ("[\"\", \"x\"]", "\"x\"", "4:83: `[` was expected, not `\"`"),
        (
            ", `name`: \"a",
            ", `day`: date(\"2014-06-29\"), `name`: \"a",
            "4:56: `day` stands here twice",
        ),
        (
            "SET n += row.p",
            "SET n = row.p",
            "5:49: `+=` was expected, not `=`",
        ),
        (
            "SET n:`Thing`",
            "SET n:`Thong`",
            "5:64: the map does not know the label `Thong`",
        ),
    ] {
        assert_eq!(changed(old, new), expected, "{new}");
    }
    let (files, _) = small(Format::Cypher);
    let text = files.text("graph");
    let refused = |text: &str| refused(Format::Cypher, "graph", text);
    let end = text.trim_end().strip_suffix(';').unwrap();
    assert!(refused(end).ends_with("the script ends where `;` was expected"));
    let end = text.find("date(\"2014").unwrap() + 8;
    assert_eq!(
        refused(&text[..end]),
        "4:42: the script ends within a string"
    );
    assert_eq!(
        refused(&format!("{text}MATCH (n) DETACH DELETE n;\n")),
        "12:6: `MATCH` begins no statement that `export` writes"
    );
    assert_eq!(
        refused(""),
        "0 nodes were read, but the map of names was written with 2"
    );
}

/// Databases declare that keys are unique in several ways, and some have dates as texts.
#[test]
fn scripts_of_other_dialects_are_read() {
    let (mut files, map) = small(Format::Cypher);
    let expected = back(&files, &map);
    let (_, rest) = files.text("graph").split_once("UNWIND").unwrap();
    let rest = rest.replace("date(\"2014-06-29\")", "\"2014-06-29\"");
    for head in [
        "CREATE INDEX FOR (n:Thing) ON (n.iri);\n",
        "CREATE INDEX FOR (n:`Thing`) ON (n.`iri`);\n",
        "CREATE INDEX `Thing_iri` IF NOT EXISTS FOR (n:`Thing`) ON (n.`iri`);\n",
        "CREATE INDEX ON :`Thing`(`iri`);\n",
        "CREATE CONSTRAINT ON (n:`Thing`) ASSERT n.`iri` IS UNIQUE;\n",
        "CREATE CONSTRAINT FOR (n:`Thing`) REQUIRE n.`iri` IS UNIQUE;\n",
    ] {
        let text = format!("{head}UNWIND{rest}");
        files.0.insert("graph".to_owned(), text.into_bytes());
        assert_eq!(back(&files, &map), expected, "{head}");
    }
    let text = format!("CREATE INDEX FOR (n:Thong) ON (n.iri);\nUNWIND{rest}");
    files.0.insert("graph".to_owned(), text.into_bytes());
    assert_eq!(
        error(&files, &map),
        "1:21: the map does not know the label `Thong`"
    );
}

#[test]
fn documents_are_what_export_writes() {
    let changed = |old, new| changed(Format::Graphml, "graph", old, new);
    for (old, new, expected) in [
        ("<graphml", "<html", "2:1: this is no GraphML"),
        ("for=\"node\"", "for=\"all\"", "3:1: a key for `all`"),
        (
            "id=\"iri\"",
            "id=\"labels\"",
            "4:1: a key that stands here twice",
        ),
        (
            "<data key=\"p0\"",
            "<data key=\"p9\"",
            "12:124: the key `p9` is not declared",
        ),
        (
            "2014-06-29",
            "2014-06-31",
            "12:1: `2014-06-31` is no value of `day`",
        ),
        ("2014-06-29", "<b/>", "12:139: `data` with more than a text"),
        (
            "2014-06-29",
            "&what;",
            "12:139: at 1..5: unrecognized entity `what`",
        ),
        ("[&quot;", "(&quot;", "12:192: `tag`: this is no JSON array"),
        (
            "\":Other",
            "\":Another",
            "12:51: other labels than in the attribute",
        ),
        (
            " target=\"",
            " end=\"",
            "14:1: the attribute `target` is missing",
        ),
        ("\n</graphml>\n", "", "15:9: the document ends too early"),
        ("</graph>", "<b></graph>", "15:1: neither `node` nor `edge`"),
        (
            "</graphml>",
            "</graphml><b/>",
            "16:11: more than one element",
        ),
    ] {
        assert_eq!(changed(old, new), expected, "{new}");
    }
}

#[test]
fn maps_are_of_their_exports() {
    assert_eq!(
        renamed(Format::Jsonl, |map| map.version = 2),
        "the map of names has version 2, which this program does not know"
    );
    assert_eq!(
        renamed(Format::Jsonl, |map| map.node_count = Some(3)),
        "2 nodes were read, but the map of names was written with 3"
    );
    for format in [Format::Neo4jCsv, Format::Kuzu] {
        assert_eq!(
            renamed(format, |map| map.array_delimiter = None),
            "the map of names does not say `array_delimiter`"
        );
    }
    let file = "rels-THING_REL-Other-Thing.csv";
    assert_eq!(
        renamed(Format::Ladybug, |map| map.relationships.clear()),
        format!("the map of names does not say of which type `{file}` is")
    );
    for name in ["../names.json", "/names.json", "..", ""] {
        assert_eq!(
            renamed(Format::Kuzu, |map| map.node_files.push(name.to_owned())),
            format!("`{name}` is no name of a file in the folder of an export")
        );
    }
    assert_eq!(
        renamed(Format::Kuzu, |map| map
            .node_files
            .push("more.csv".to_owned())),
        "cannot read `more.csv`: entity not found"
    );
}

/// As many nodes and relationships as there were, and yet other statements.
#[test]
fn what_was_changed_is_found_out() {
    let expected = "what was read does not say what was exported: something in it was changed, left out or \
                    doubled";
    let changed = |old, new| changed(Format::Jsonl, "graph", old, new);
    assert_eq!(changed(r#","tag":["y"]"#, ""), expected);
    assert_eq!(changed(r#"["y"]"#, r#"["z"]"#), expected);
    assert_eq!(changed(r#"["Other","Thing"]"#, r#"["Thing"]"#), expected);
    let end = r#""end":{"id":"http://e.org/"#;
    assert_eq!(changed(&format!("{end}b"), &format!("{end}c")), expected);
    let (files, _) = small(Format::Jsonl);
    let lines: Vec<&str> = files.text("graph").lines().collect();
    let doubled = format!("{0}\n{0}\n{1}\n", lines[0], lines[2]);
    assert_eq!(refused(Format::Jsonl, "graph", &doubled), expected);
    // The order says nothing.
    let (mut files, map) = small(Format::Jsonl);
    let quads = back(&files, &map);
    let turned = format!("{}\n{}\n{}\n", lines[2], lines[1], lines[0]);
    files.0.insert("graph".to_owned(), turned.into_bytes());
    assert_eq!(back(&files, &map), quads);
}
