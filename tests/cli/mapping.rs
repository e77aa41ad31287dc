//! Mappings as people write and name them: odd headers and files, paths of all kinds, and what must not be written over.

#![expect(
    clippy::unwrap_used,
    reason = "a program that cannot be run has failed"
)]

use super::sandbox::{Ended, Sandbox};
use std::fmt::Write as _;
use std::io::Read as _;
use std::process::Stdio;

const PREFIXES: &str = "@prefix rml: <http://w3id.org/rml/> .
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix old: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix fnml: <http://semweb.mmlab.be/ns/fnml#> .
@prefix fno: <https://w3id.org/function/ontology#> .
@prefix grel: <http://users.ugent.be/~bjdmeest/function/grel.ttl#> .
@prefix idlab: <https://w3id.org/imec/idlab/function#> .
@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix e: <http://e/> .
";

/// A mapping of `<http://e/{id}>` with one property for each object map.
fn mapping(source: &str, objects: &[&str]) -> String {
    let mut text = format!(
        "{PREFIXES}<#M> rml:logicalSource [ rml:source {source} ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template \"http://e/{{id}}\" ]"
    );
    for (number, object) in objects.iter().enumerate() {
        write!(
            text,
            " ;\n  rml:predicateObjectMap [ rml:predicate e:p{number} ; rml:objectMap [ {object} ] ]"
        )
        .unwrap();
    }
    text + " .\n"
}

/// The same in the older vocabulary, with one object map.
fn old_mapping(object: &str) -> String {
    format!(
        "{PREFIXES}<#M> old:logicalSource [ old:source \"t.csv\" ; old:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template \"http://e/{{id}}\" ] ;
  rr:predicateObjectMap [ rr:predicate e:p0 ; rr:objectMap [ {object} ] ] .\n"
    )
}

/// A function of the older vocabulary with two parameters.
fn comparison(function: &str, one: &str, other: &str) -> String {
    format!(
        "fnml:functionValue [
    rr:predicateObjectMap [ rr:predicate fno:executes ; rr:objectMap [ rr:constant {function} ] ] ;
    rr:predicateObjectMap [ rr:predicate grel:valueParameter ; rr:objectMap [ {one} ] ] ;
    rr:predicateObjectMap [ rr:predicate grel:valueParameter2 ; rr:objectMap [ {other} ] ] ]"
    )
}

fn convert(sandbox: &Sandbox, mapping: &str) -> Ended {
    sandbox.write("m.ttl", mapping);
    sandbox.run(["convert", "--mapping", "m.ttl", "--format", "nquads"])
}

#[track_caller]
fn refused(ended: &Ended, texts: &[&str]) {
    assert_eq!(ended.code, Some(2), "{ended}");
    for text in texts {
        assert!(ended.stderr.contains(text), "no `{text}` in\n{ended}");
    }
}

#[test]
fn names_of_columns_may_hold_anything() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "t.csv",
        "id,first name,الاسم,a/b,{x},back\\slash,100%\r\n1,\"line\r\nbreak\",علي,x/y,\"q\"\"q\",b\\s,50%\r\n",
    );
    let text = mapping(
        "\"t.csv\"",
        &[
            "rml:reference \"first name\"",
            "rml:reference \"الاسم\"",
            "rml:reference \"a/b\"",
            "rml:reference \"{x}\"",
            "rml:reference \"back\\\\slash\"",
            "rml:reference \"100%\"",
            "rml:template \"http://e/{a/b}/{\\\\{x\\\\}}/{back\\\\\\\\slash}/{100%}/{الاسم}\"",
            "rml:template \"\\\\{{100%}\\\\}\" ; rml:termType rml:Literal",
        ],
    );
    let expected = [
        "<http://e/1> <http://e/p0> \"line\\r\\nbreak\" .",
        "<http://e/1> <http://e/p1> \"علي\" .",
        "<http://e/1> <http://e/p2> \"x/y\" .",
        "<http://e/1> <http://e/p3> \"q\\\"q\" .",
        "<http://e/1> <http://e/p4> \"b\\\\s\" .",
        "<http://e/1> <http://e/p5> \"50%\" .",
        "<http://e/1> <http://e/p6> <http://e/x%2Fy/q%22q/b%5Cs/50%25/علي> .",
        "<http://e/1> <http://e/p7> \"{50%}\" .",
    ];
    let output = convert(&sandbox, &text).success();
    assert_eq!(output.lines().collect::<Vec<_>>(), expected);
}

// R2RML §11 has no terms for nulls; RML-IO has no nulls but those that are stated.
#[test]
fn an_empty_cell_is_null_in_the_older_vocabulary_and_a_text_in_the_newer() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,\n2,b\n");
    let new = convert(&sandbox, &mapping("\"t.csv\"", &["rml:reference \"n\""])).success();
    assert_eq!(new.lines().count(), 2);
    assert!(new.contains("<http://e/1> <http://e/p0> \"\" ."));
    let old = convert(&sandbox, &old_mapping("old:reference \"n\"")).success();
    assert_eq!(old, "<http://e/2> <http://e/p0> \"b\" .\n");
}

#[test]
fn rows_with_empty_cells_are_left_out_by_not_equal() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,\n2,b\n");
    let test = comparison("idlab:notEqual", "old:reference \"n\"", "rr:constant \"\"");
    let output = convert(&sandbox, &old_mapping(&test)).success();
    let expected = [("1", "false"), ("2", "true")];
    for (line, (id, is)) in output.lines().zip(expected) {
        let start = format!("<http://e/{id}> <http://e/p0> \"{is}\"");
        assert!(line.starts_with(&start), "{line}");
    }
    assert_eq!(output.lines().count(), 2);
}

#[test]
fn a_table_may_be_joined_with_itself_by_a_function() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n2,b\n");
    let parent = "old:parentTermMap [ old:reference \"id\" ]";
    for (function, expected) in [
        (
            "idlab:equal",
            [
                "1> <http://e/p0> <http://e/1",
                "2> <http://e/p0> <http://e/2",
            ],
        ),
        (
            "idlab:notEqual",
            [
                "1> <http://e/p0> <http://e/2",
                "2> <http://e/p0> <http://e/1",
            ],
        ),
    ] {
        let test = comparison(function, "old:reference \"id\"", parent);
        let object = format!("rr:parentTriplesMap <#M> ; old:joinCondition [ {test} ]");
        let output = convert(&sandbox, &old_mapping(&object)).success();
        let expected = expected.map(|line| format!("<http://e/{line}> ."));
        assert_eq!(output.lines().collect::<Vec<_>>(), expected, "{function}");
    }
    let outside = comparison("idlab:equal", "old:reference \"id\"", parent);
    refused(
        &convert(&sandbox, &old_mapping(&outside)),
        &["error[rml::join-side]"],
    );
}

#[test]
fn other_delimiters_and_names_that_look_the_same_are_told() {
    let sandbox = Sandbox::new();
    let text = mapping("\"t.csv\"", &["rml:reference \"Re\u{301}gion\""]);
    sandbox.write("t.csv", "id;R\u{e9}gion\n1;a\n");
    let ended = convert(&sandbox, &text);
    refused(
        &ended,
        &["error[rml::missing-column]", "csvw:delimiter \";\""],
    );
    assert_eq!(ended.lines_with("error["), 1, "{ended}");
    // As the help says.
    let stated = "[ a csvw:Table ; csvw:url \"t.csv\" ; csvw:dialect [ csvw:delimiter \";\" ] ]";
    let ended = convert(&sandbox, &text.replace("\"t.csv\"", stated));
    refused(
        &ended,
        &["looks the same", "`R\u{e9}gion`", "`Re\\u{301}gion`"],
    );
    let mended = text
        .replace("\"t.csv\"", stated)
        .replace("e\u{301}", "\u{e9}");
    assert_eq!(
        convert(&sandbox, &mended).success(),
        "<http://e/1> <http://e/p0> \"a\" .\n"
    );
}

#[test]
fn paths_begin_in_the_folder_of_the_mapping() {
    let sandbox = Sandbox::new();
    sandbox.write("data/t.csv", "\u{feff}id,n\r\n1,a\r\n");
    let whole = sandbox.path("data/t.csv").canonicalize().unwrap();
    let whole = whole.display();
    for path in [
        "\"../data/t.csv\"",
        "\"./../data/t.csv\"",
        "<../data/t.csv>",
        "\"file://../data/t.csv\"",
        &format!("\"{whole}\""),
        &format!("\"file://{whole}\""),
    ] {
        let text = mapping(path, &["rml:reference \"n\""]);
        sandbox.write("maps/m.ttl", text);
        let ended = sandbox.run(["convert", "--mapping", "maps/m.ttl", "--format", "nquads"]);
        assert_eq!(
            ended.success(),
            "<http://e/1> <http://e/p0> \"a\" .\n",
            "{path}"
        );
    }
    sandbox.write("maps/m.ttl", mapping("\"data/t.csv\"", &[]));
    let ended = sandbox.run(["convert", "--mapping", "maps/m.ttl", "--format", "nquads"]);
    refused(&ended, &["error[table::not-found]", "--source-dir ."]);
}

#[test]
fn documents_that_are_none_are_told() {
    let sandbox = Sandbox::new();
    let name = "m.ttl";
    sandbox.write("folder/x", "");
    for (text, expected) in [
        ("", "error[rml::no-triples-map]"),
        (PREFIXES, "error[rml::no-triples-map]"),
        ("a,b\n1,2\n", "error[rml::syntax]"),
    ] {
        refused(&convert(&sandbox, text), &[expected, "--> m.ttl"]);
    }
    let utf16: Vec<u8> = PREFIXES.encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.write(name, [&[0xFF, 0xFE][..], &utf16].concat());
    let run = |name| sandbox.run(["convert", "--mapping", name]);
    refused(&run(name), &["error[rml::encoding]", "save it in UTF-8"]);
    refused(&run("folder"), &["error[rml::io]", "is a folder"]);
    refused(&run("none.ttl"), &["error[rml::io]"]);
}

#[test]
fn a_mapping_that_is_named_twice_is_read_once() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n");
    sandbox.write("m.ttl", mapping("\"t.csv\"", &["rml:reference \"n\""]));
    let files = ["--mapping", "m.ttl", "--mapping", "./m.ttl"];
    let ended = sandbox.run(["convert", "--format", "nquads"].iter().chain(&files));
    assert_eq!(
        ended.lines_with("warning[rml::mapping-twice]"),
        1,
        "{ended}"
    );
    assert_eq!(ended.success(), "<http://e/1> <http://e/p0> \"a\" .\n");
}

#[cfg(unix)]
#[test]
fn mappings_may_be_piped_in() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n");
    let turtle = mapping("\"t.csv\"", &["rml:reference \"n\""]);
    let yarrrml = "mappings:\n  m:\n    sources: [[t.csv~csv]]\n    s: http://e/$(id)\n    po: [[http://e/p0, $(n)]]\n";
    for (name, text) in [("-", &*turtle), ("/dev/stdin", &turtle), ("-", yarrrml)] {
        let args = ["convert", "--mapping", name, "--format", "nquads"];
        let output = sandbox.run_with_input(args, text).success();
        assert_eq!(output, "<http://e/1> <http://e/p0> \"a\" .\n", "{name}");
    }
}

#[test]
fn what_cannot_be_asked_of_mappings_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n");
    sandbox.write("m.ttl", mapping("\"t.csv\"", &["rml:reference \"n\""]));
    let run = |more: [&str; 2]| sandbox.run(["convert", "--mapping", "m.ttl"].iter().chain(&more));
    refused(
        &run(["--format", "json"]),
        &["error[cli::usage]", "--format jsonld"],
    );
    refused(&run(["--base", "foo"]), &["error[cli::base]"]);
    for source in ["m.ttl", "t.csv", "./t.csv"] {
        let before = sandbox.files();
        let ended = sandbox.run([
            "convert",
            "--mapping",
            "m.ttl",
            "--format",
            "nquads",
            "-o",
            source,
        ]);
        refused(&ended, &["error[cli::output-is-input]"]);
        assert!(sandbox.files() == before, "{source}");
    }
}

/// A mapping with two targets.
fn targets(first: &str, second: &str, format: &str) -> String {
    let target = |name: &str, path: &str, format: &str| {
        format!(
            "<#{name}> a rml:LogicalTarget ; rml:target [ a rml:FilePath ; rml:path \"{path}\" ] ;
  rml:serialization <http://www.w3.org/ns/formats/{format}> .\n"
        )
    };
    let text = mapping(
        "\"t.csv\"",
        &["rml:reference \"n\" ; rml:logicalTarget <#T2>"],
    );
    let text = text.replace("/{id}\"", "/{id}\" ; rml:logicalTarget <#T1>");
    text + &target("T1", first, "N-Quads") + &target("T2", second, format)
}

#[test]
fn targets_stand_apart_from_all_else() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n").write("folder/x", "");
    let args = [
        "convert",
        "--mapping",
        "m.ttl",
        "--format",
        "nquads",
        "-o",
        "out.nq",
    ];
    for (second, format, expected) in [
        ("t.csv", "N-Quads", "error[rml::target]"),
        ("folder/../t.csv", "N-Quads", "error[rml::target]"),
        ("m.ttl", "N-Quads", "error[rml::target]"),
        ("out.nq", "N-Quads", "error[rml::target]"),
        ("folder/../one.nq", "Turtle", "error[rml::target]"),
        ("folder", "N-Quads", "error[output::io]"),
        ("t.csv/x.nq", "N-Quads", "error[output::io]"),
    ] {
        sandbox.write("m.ttl", targets("one.nq", second, format));
        let before = sandbox.files();
        let ended = sandbox.run(args);
        refused(&ended, &[expected]);
        assert!(sandbox.files() == before, "{second}: {ended}");
    }
    // Two names of one file, written in the same way: all is in it.
    sandbox.write("m.ttl", targets("one.nq", "folder/../one.nq", "N-Quads"));
    sandbox.run(args).success();
    assert_eq!(
        sandbox.read("one.nq"),
        "<http://e/1> <http://e/p0> \"a\" .\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n");
    sandbox.write("m.ttl", targets("one.nq", "/dev/full", "N-Quads"));
    let before = sandbox.files();
    let ended = sandbox.run(["convert", "--mapping", "m.ttl", "-o", "out.nq"]);
    refused(&ended, &["error[output::io]", "No space left"]);
    assert!(sandbox.files() == before, "{ended}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::new();
    let rows: String = (0..100_000).fold("id,n\n".to_owned(), |mut text, row| {
        writeln!(text, "{row},a").unwrap();
        text
    });
    sandbox.write("t.csv", rows);
    sandbox.write("m.ttl", mapping("\"t.csv\"", &["rml:reference \"n\""]));
    let mut command = sandbox.command(["convert", "--mapping", "m.ttl", "--format", "nquads"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn functions_in_functions_end_somewhere() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n");
    let call = |value: &str| {
        format!(
            "rml:functionExecution [ rml:function grel:toUpperCase ; rml:input [ rml:parameter grel:valueParam ; rml:inputValueMap [ {value} ] ] ]"
        )
    };
    let nested = |depth: usize| {
        let value = (0..depth).fold("rml:reference \"n\"".to_owned(), |value, _| call(&value));
        mapping("\"t.csv\"", &[&value])
    };
    assert_eq!(
        convert(&sandbox, &nested(40)).success(),
        "<http://e/1> <http://e/p0> \"A\" .\n"
    );
    for depth in [200, 2_000] {
        refused(
            &convert(&sandbox, &nested(depth)),
            &["error[rml::too-deep]"],
        );
    }
    let cycle = mapping("\"t.csv\"", &["rml:functionExecution <#F>"])
        + "<#F> rml:function grel:toUpperCase ; rml:input [ rml:parameter grel:valueParam ; rml:inputValueMap [ rml:functionExecution <#F> ] ] .";
    refused(&convert(&sandbox, &cycle), &["error[rml::cycle]"]);
}

#[test]
fn many_maps_and_references_are_no_matter() {
    let sandbox = Sandbox::new();
    let columns: Vec<String> = (0..1000).map(|column| format!("c{column}")).collect();
    let header = columns.join(",");
    let row = vec!["v"; columns.len()].join(",");
    sandbox.write("t.csv", format!("id,{header}\n1,{row}\n"));
    let template = columns.iter().fold(String::new(), |mut text, column| {
        write!(text, "{{{column}}}").unwrap();
        text
    });
    let object = format!("rml:template \"{template}\" ; rml:termType rml:Literal");
    let output = convert(&sandbox, &mapping("\"t.csv\"", &[&object])).success();
    let value = "v".repeat(columns.len());
    assert_eq!(
        output,
        format!("<http://e/1> <http://e/p0> \"{value}\" .\n")
    );
    let maps = (0..2000).fold(PREFIXES.to_owned(), |mut text, number| {
        let one = mapping("\"t.csv\"", &["rml:reference \"c1\""]);
        let one = one.strip_prefix(PREFIXES).unwrap();
        let one = one.replace("<#M>", &format!("<#M{number}>"));
        text.push_str(&one.replace("http://e/{id}", &format!("http://e/{number}/{{id}}")));
        text
    });
    let output = convert(&sandbox, &maps).success();
    assert_eq!(output.lines().count(), 2000);
}

// RML-FNML §5: an input has one value; where RML-CC gathers several, it is a list.
#[test]
fn inputs_may_be_gathered_and_have_their_own_rows() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n");
    let call = "rml:functionExecution [ rml:function grel:array_join ;
    rml:input [ rml:parameter grel:p_array_a ; rml:inputValueMap [ rml:gather ( [ rml:reference \"n\" ] [ rml:constant \"b\" ] ) ; rml:gatherAs <http://www.w3.org/1999/02/22-rdf-syntax-ns#List> ] ] ,
      [ rml:parameter grel:p_string_sep ; rml:inputValue \"-\" ] ]";
    let output = convert(&sandbox, &mapping("\"t.csv\"", &[call])).success();
    assert_eq!(output, "<http://e/1> <http://e/p0> \"a-b\" .\n");
    let call = |source: &str| {
        let same = comparison("idlab:equal", "old:reference \"n\"", "rr:constant \"a\"");
        let source = format!(
            "fnml:functionValue [ old:logicalSource [ old:source \"{source}\" ; old:referenceFormulation ql:CSV ] ;"
        );
        old_mapping(&same.replacen("fnml:functionValue [", &source, 1))
    };
    sandbox.write("other.csv", "n\na\n");
    let output = convert(&sandbox, &call("t.csv")).success();
    assert!(output.contains("\"true\""), "{output}");
    refused(
        &convert(&sandbox, &call("other.csv")),
        &["error[rml::function-source]"],
    );
}
