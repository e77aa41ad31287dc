//! `plan`: what a conversion would do.

use super::sandbox::Sandbox;
use insta::assert_snapshot;

const MAPPING: &str = r#"@prefix rml: <http://w3id.org/rml/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix grel: <http://users.ugent.be/~bjdmeest/function/grel.ttl#> .
@prefix formats: <http://www.w3.org/ns/formats/> .

<#People> rml:source [ a rml:RelativePathSource ; rml:path "people.csv" ] ;
  rml:referenceFormulation rml:CSV .

<#Person> a rml:TriplesMap ;
  rml:logicalSource <#People> ;
  rml:subjectMap [ rml:template "http://example.org/{id}" ; rml:class foaf:Person ] ;
  rml:predicateObjectMap [
    rml:predicate foaf:name ;
    rml:objectMap [ rml:functionExecution [ rml:function grel:toUpperCase ;
      rml:input [ rml:parameter grel:valueParam ; rml:inputValueMap [ rml:reference "name" ] ] ] ]
  ] ;
  rml:predicateObjectMap [
    rml:predicate foaf:based_near ;
    rml:objectMap [ rml:parentTriplesMap <#City> ; rml:joinCondition [ rml:child "city" ; rml:parent "key" ] ]
  ] .

<#City> a rml:TriplesMap ;
  rml:logicalSource [ rml:source [ a rml:RelativePathSource ; rml:path "cities.csv" ] ;
    rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.org/city/{key}" ] ;
  rml:predicateObjectMap [
    rml:predicate foaf:name ;
    rml:objectMap [ rml:reference "label" ; rml:logicalTarget [
      rml:target [ a rml:RelativePathTarget ; rml:path "cities.nq" ] ; rml:serialization formats:N-Quads ] ]
  ] .
"#;

fn people() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("mapping.ttl", MAPPING)
        .write("people.csv", "id,name,city,age\n1,Ann,a,30\n2,Bo,b,40\n")
        .write("cities.csv", "key,label\na,Aarhus\n");
    sandbox
}

#[test]
fn a_mapping_is_shown_with_its_joins_functions_and_targets() {
    assert_snapshot!(people().run(["plan", "mapping.ttl"]));
}

#[test]
fn metadata_is_shown_with_its_checks() {
    let sandbox = Sandbox::observatory();
    let base = "https://observatory.example/kg/data/";
    let arguments = ["plan", "--minimal", "--lenient", "--base", base];
    let arguments = [&arguments[..], &["data/csv-metadata.json"]].concat();
    assert_snapshot!(sandbox.run(arguments));
}

#[test]
fn rows_are_guessed_from_the_beginning_of_a_large_table() {
    let sandbox = Sandbox::new();
    let rows = "1234567890,abcdefgh\n".repeat(50_000);
    sandbox.write("t.csv", format!("id,name\n{rows}"));
    let text = sandbox.run(["plan", "t.csv"]).success();
    assert!(
        text.contains("976.5 KiB, about 50,000 rows (a row of the first 64 KiB has 20 bytes)"),
        "{text}"
    );
}

#[test]
fn programs_get_json() {
    let text = people()
        .run(["plan", "mapping.ttl", "--format", "json"])
        .success();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["tables"].as_array().map(Vec::len), Some(2), "{text}");
    assert_eq!(value["tables"][0]["estimate"]["rows"], 2, "{text}");
    assert_eq!(value["cost"]["build_side_bytes"], 19, "{text}");
}

#[test]
fn what_cannot_be_planned_is_told() {
    let sandbox = people();
    sandbox.replace("mapping.ttl", "\"label\"", "\"lable\"");
    let ended = sandbox.run(["plan", "mapping.ttl"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("lable"), "{ended}");
    assert!(ended.stdout.is_empty(), "{ended}");
}
