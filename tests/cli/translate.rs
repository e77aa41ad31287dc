//! `translate`: mappings in another language.

use super::sandbox::Sandbox;
use insta::assert_snapshot;

const OLD: &str = r#"@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .

<#Person> a rr:TriplesMap ;
  rml:logicalSource [ rml:source "people.csv" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template "http://example.org/{id}" ; rr:class foaf:Person ] ;
  rr:predicateObjectMap [
    rr:predicate foaf:name ;
    rr:objectMap [ rml:reference "name" ; rr:language "en" ]
  ] ;
  rr:predicateObjectMap [ rr:predicate foaf:knows ; rr:objectMap [
    rr:parentTriplesMap <#Person> ; rr:joinCondition [ rr:child "friend" ; rr:parent "id" ] ] ] .
"#;

const YARRRML: &str = "\
prefixes:
  ex: http://example.org/
mappings:
  person:
    sources:
      - [people.csv~csv]
    s: ex:$(id)
    po:
      - [a, ex:Person]
      - [ex:name, $(name), en~lang]
";

#[test]
fn the_older_vocabulary_becomes_the_newer() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ttl", OLD);
    assert_snapshot!(sandbox.run(["translate", "old.ttl", "--quiet"]));
}

#[test]
fn yarrrml_becomes_rml() {
    let sandbox = Sandbox::new();
    sandbox.write("mapping.yml", YARRRML);
    assert_snapshot!(sandbox.run(["translate", "mapping.yml", "--quiet"]));
}

#[test]
fn paths_lead_to_the_same_files_from_another_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("in/old.ttl", OLD).write("out/here", "");
    let arguments = ["translate", "in/old.ttl", "--output", "out/new.ttl"];
    sandbox.run(arguments).success();
    let text = sandbox.read("out/new.ttl");
    assert!(text.contains("rml:path \"../in/people.csv\""), "{text}");
}

#[test]
fn metadata_becomes_rml_with_what_it_loses() {
    let sandbox = Sandbox::observatory();
    assert_snapshot!(sandbox.run([
        "translate",
        "--lenient",
        "--base",
        "https://observatory.example/kg/data/",
        "data/csv-metadata.json",
    ]));
}

#[test]
fn columns_without_a_header_have_numbers() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "1,2\n").write(
        "t.csv-metadata.json",
        r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv", "dialect": {"header": false},
            "tableSchema": {"columns": [{"name": "a"}, {"name": "b"}]}}"#,
    );
    let ended = sandbox.run(["translate", "t.csv", "--output", "new.ttl"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stderr.contains("the table has no header"), "{ended}");
    let converted = sandbox.run(["convert", "--mapping", "new.ttl", "--format", "nquads"]);
    let text = converted.success();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("#b> \"2\" ."), "{text}");
}

#[test]
fn row_numbers_are_told_with_their_place() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\n1\n").write(
        "t.csv-metadata.json",
        r##"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv",
            "tableSchema": {"aboutUrl": "#row-{_row}", "columns": [{"titles": "a"}]}}"##,
    );
    assert_snapshot!(sandbox.run(["translate", "t.csv"]), @r#"
    exit code: 0
    ----- stdout -----
    @prefix rml: <http://w3id.org/rml/> .

    _:source1 a rml:LogicalSource ;
        rml:source [ a rml:RelativePathSource ; rml:path "t.csv" ; rml:null "" ] ;
        rml:referenceFormulation rml:CSV .
    ----- stderr -----
    warning[rml::not-expressible]: RML has no row numbers; what is said with one is left out
    --> t.csv-metadata.json
     = note: it stands at `/tableSchema/columns/0`
    "#);
}

#[test]
fn both_kinds_are_not_translated_together() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ttl", OLD).write("t.csv", "a\n1\n");
    assert_snapshot!(sandbox.run(["translate", "old.ttl", "t.csv"]), @r#"
    exit code: 2
    ----- stderr -----
    error[cli::kinds]: CSVW metadata and mappings in RML do not make one mapping
      = help: take them one by one
    "#);
}

#[test]
fn the_output_does_not_take_the_place_of_the_mapping() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ttl", OLD);
    assert_snapshot!(sandbox.run(["translate", "old.ttl", "-o", "old.ttl"]), @r#"
    exit code: 2
    ----- stderr -----
    error[cli::output-is-input]: the output would take the place of a file that is translated
    --> old.ttl
     = help: give `--output` another name
    "#);
    assert_eq!(sandbox.read("old.ttl"), OLD);
}

#[test]
fn what_is_wrong_with_a_mapping_is_told_and_nothing_written() {
    let sandbox = Sandbox::new();
    sandbox.write("old.ttl", OLD.replace("{id}\" ;", "{id\" ;"));
    let ended = sandbox.run(["translate", "old.ttl", "--output", "new.ttl"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("old.ttl:8:"), "{ended}");
    assert!(!sandbox.path("new.ttl").exists());
}
