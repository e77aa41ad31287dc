//! `check MAPPING…`: what is wrong with a mapping, and what is odd.

use super::sandbox::{Ended, Sandbox};
use insta::assert_snapshot;

const PREFIXES: &str = "@prefix rml: <http://w3id.org/rml/> .
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix old: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix fnml: <http://semweb.mmlab.be/ns/fnml#> .
@prefix grel: <http://users.ugent.be/~bjdmeest/function/grel.ttl#> .
@prefix idlab: <https://w3id.org/imec/idlab/function#> .
@prefix ex: <http://example.com/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
";

/// A mapping with the usual prefixes, and the table `t.csv` beside it.
fn mapping(csv: &str, text: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", csv);
    sandbox.write("mapping.ttl", format!("{PREFIXES}{text}"));
    sandbox
}

/// A triples map over `t.csv` with these objects of `ex:p`.
fn with_objects(csv: &str, objects: &[&str]) -> Sandbox {
    let objects: Vec<String> = objects
        .iter()
        .enumerate()
        .map(|(number, object)| {
            format!(
                "  rml:predicateObjectMap [ rml:predicate ex:p{number} ;\n    rml:objectMap [ {object} ] ]"
            )
        })
        .collect();
    mapping(
        csv,
        &format!(
            "<#Map> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template \"http://example.com/{{id}}\" ] ;
{} .
",
            objects.join(" ;\n")
        ),
    )
}

/// A triples map over `t.csv` with this subject map.
fn with_subject(csv: &str, subject: &str) -> Sandbox {
    mapping(
        csv,
        &format!(
            "<#Map> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ {subject} ] ;
  rml:predicateObjectMap [ rml:predicate ex:name ; rml:objectMap [ rml:reference \"name\" ] ] .
"
        ),
    )
}

fn check(sandbox: &Sandbox) -> Ended {
    sandbox.run(["check", "mapping.ttl"])
}

#[test]
fn a_clean_mapping_gives_a_line() {
    let sandbox = with_objects("id,name\n1,a\n2,b\n", &["rml:reference \"name\""]);
    assert_snapshot!(check(&sandbox), @r"
    exit code: 0
    ----- stdout -----
    valid (2 rows read)
    ");
}

#[test]
fn misspelt_names_have_the_right_one_beside_them() {
    let sandbox = mapping(
        "id\n1\n",
        "<#Map> a rr:TriplesMapp ;
  old:logicalSource [ old:source \"t.csv\" ; old:referenceFormulation ql:Csv ] ;
  rr:subjectMap [ rr:template \"http://example.com/{id}\" ; rr:termtype rr:IRI ] ;
  rr:predicateObjectMap [ rr:predicate ex:p ; rr:objectMap [ old:reference \"id\" ; rr:dataType xsd:integer ] ] ;
  rr:predicateObjectMap [ rr:predicate ex:q ; rr:objectMap [ rr:template \"{id}\" ; rr:termType rr:Iri ] ] ;
  rr:predicateObjectMap [ rr:predicate ex:r ; rr:objectMap [ old:refrence \"id\" ; old:reference \"id\" ] ] .
",
    );
    assert_snapshot!("check-misspelt", check(&sandbox));
}

#[test]
fn a_source_that_is_read_otherwise_has_the_right_formulation_beside_it() {
    let sandbox = mapping(
        "id\n1\n",
        "<#Map> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSVV ] ;
  rml:subjectMap [ rml:template \"http://example.com/{id}\" ; rml:class ex:C ] .
",
    );
    assert_snapshot!("check-formulation", check(&sandbox));
}

#[test]
fn columns_that_nearly_are_there() {
    let sandbox = with_objects(
        "id,Name ,Größe,first_name\n1,a,b,c\n",
        &[
            "rml:reference \"Name\"",
            "rml:reference \"größe\"",
            "rml:reference \"{id}\"",
            "rml:reference \"First Name\"",
            "rml:reference \"weight\"",
        ],
    );
    assert_snapshot!("check-columns", check(&sandbox));
}

#[test]
fn templates_of_other_notations() {
    let sandbox = with_objects(
        "id,name\n1,a\n",
        &[
            "rml:template \"$(name) of ${id}\" ; rml:termType rml:Literal",
            "rml:template \"http://example.com/%7Bname%7D/{id}\"",
            "rml:template \"no reference\" ; rml:termType rml:Literal",
            "rml:template \"\\\\{name\\\\} {id}\" ; rml:termType rml:Literal",
            "rml:constant \"the {name}\"",
            "rml:template \"things/{id}\"",
        ],
    );
    assert_snapshot!("check-templates", check(&sandbox));
}

#[test]
fn braces_that_are_not_balanced() {
    let sandbox = with_objects(
        "id,name\n1,a\n",
        &[
            "rml:template \"{{name}}\"",
            "rml:template \"http://example.com/{name\"",
            "rml:template \"http://example.com/name}\"",
            "rml:template \"http://example.com/{}\"",
        ],
    );
    assert_snapshot!("check-braces", check(&sandbox));
}

#[test]
fn what_makes_nothing_or_is_used_nowhere() {
    let sandbox = mapping(
        "id\n1\n",
        "<#Source> rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV .
<#Other> rml:source \"u.csv\" ; rml:referenceFormulation rml:CSV .
<#Subject> rml:template \"http://example.com/{id}\" .
<#Target> a rml:LogicalTarget ; rml:target [ a rml:FilePath ; rml:path \"x.nq\" ] .
<#Empty> rml:logicalSource <#Source> ; rml:subjectMap [ rml:template \"http://example.com/{id}\" ] .
<#Quoted> a rml:NonAssertedTriplesMap ; rml:logicalSource <#Source> ;
  rml:subjectMap [ rml:template \"http://example.com/{id}\" ; rml:class ex:C ] .
<#Map> rml:logicalSource <#Source> ;
  rml:subjectMap [ rml:template \"http://example.com/{id}\" ; rml:class ex:C, ex:D ] ;
  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference \"id\" ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:q, ex:p ; rml:objectMap [ rml:reference \"id\" ] ] .
",
    );
    assert_snapshot!("check-unused", check(&sandbox));
}

#[test]
fn properties_where_they_say_nothing() {
    let sandbox = mapping(
        "id\n1\n",
        "<#Map> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:class ex:C ;
  rml:subjectMap [ rml:template \"http://example.com/{id}\" ] ;
  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference \"id\" ; rml:class ex:D ] ;
    rml:datatype xsd:integer ] .
",
    );
    assert_snapshot!("check-misplaced", check(&sandbox));
}

#[test]
fn two_vocabularies_in_one_map() {
    let sandbox = mapping(
        "id\n1\n",
        "<#Map> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rr:template \"http://example.com/{id}\" ] ;
  rr:predicateObjectMap [ rr:predicate ex:p ; rr:objectMap [ rml:reference \"id\" ] ] .
<#Old> old:logicalSource [ old:source \"t.csv\" ; old:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template \"http://example.com/{id}\" ] ;
  rr:predicateObjectMap [ rr:predicate ex:p ; rr:objectMap [ rml:reference \"id\" ; rml:datatype xsd:integer ] ] .
",
    );
    assert_snapshot!("check-vocabularies", check(&sandbox));
}

/// Two triples maps that are joined.
fn joined(staff: &str, teams: &str) -> Sandbox {
    let sandbox = mapping(
        staff,
        "<#Staff> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template \"http://example.com/staff/{id}\" ] ;
  rml:predicateObjectMap [ rml:predicate ex:team ; rml:objectMap [ rml:parentTriplesMap <#Team> ;
    rml:joinCondition [ rml:child \"team\" ; rml:parent \"code\" ] ] ] .
<#Team> rml:logicalSource [ rml:source \"teams.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template \"http://example.com/team/{code}\" ] .
",
    );
    sandbox.write("teams.csv", teams);
    sandbox
}

#[test]
fn joins_that_never_match_say_why() {
    for (name, staff, teams) in [
        ("other", "id,team\n1,red\n2,blue\n", "code\n1\n2\n"),
        ("zeros", "id,team\n1,007\n", "code\n7\n8\n"),
        ("case", "id,team\n1,Red\n", "code\nRED\n"),
        ("space", "id,team\n1,red \n", "code\nred\n"),
        ("some", "id,team\n1,red\n2,Blue\n", "code\nred\nblue\n"),
        (
            "many",
            "id,team\n1,red\n2,red\n3,blue\n",
            "code\nred\nred\nblue\n",
        ),
        ("empty", "id,team\n1,red\n", "code\n"),
        ("good", "id,team\n1,red\n2,red\n", "code\nred\nblue\n"),
    ] {
        assert_snapshot!(format!("check-join-{name}"), check(&joined(staff, teams)));
    }
}

#[test]
fn rows_that_do_not_make_what_was_meant() {
    let sandbox = with_objects(
        "id,url,path,num,when,lang,name\n\
         1,http://example.org/a,a b,12,2024-01-01,en,x\n\
         2,http://example.org/b,c%20d,\"1,5\",01.02.2024,english,y\n\
         3,not an iri,e, 7,2024-13-01,de-AT,\n",
        &[
            "rml:reference \"url\" ; rml:termType rml:IRI",
            "rml:template \"{url}\"",
            "rml:template \"http://example.com/{path}\"",
            "rml:reference \"num\" ; rml:datatype xsd:integer",
            "rml:reference \"when\" ; rml:datatype xsd:date",
            "rml:reference \"name\" ; rml:languageMap [ rml:reference \"lang\" ]",
        ],
    );
    assert_snapshot!("check-rows", check(&sandbox));
}

#[test]
fn iris_of_values_need_a_base() {
    let sandbox = with_subject("id,name\na,x\nb,y\n", "rml:reference \"id\"");
    assert_snapshot!("check-relative", check(&sandbox));
    let with_base = sandbox.run(["check", "mapping.ttl", "--base", "http://example.com/"]);
    assert_eq!(with_base.success(), "valid (2 rows read)\n");
}

#[test]
fn subjects_that_meet() {
    let sandbox = with_subject(
        "a,b,name\nx-y,z,1\nx,y-z,2\n",
        "rml:template \"http://example.com/{a}-{b}\"",
    );
    assert_snapshot!("check-collision", check(&sandbox));
    let sandbox = with_subject(
        "a,b,name\nx-y,z,1\nx,z,2\n",
        "rml:template \"http://example.com/{a}-{b}\"",
    );
    assert_snapshot!("check-ambiguous", check(&sandbox));
    let sandbox = with_subject(
        "a,b,name\nx,z,1\ny,w,2\n",
        "rml:template \"http://example.com/{a}-{b}\"",
    );
    assert_eq!(check(&sandbox).stderr, "");
    let sandbox = with_objects(
        "id,name,age\n1,x,7\n1,y,8\n2,z,9\n2,z,9\n",
        &["rml:reference \"name\"", "rml:reference \"age\""],
    );
    assert_snapshot!("check-same-subject", check(&sandbox));
}

#[test]
fn results_that_are_empty() {
    let sandbox = with_subject("id,name\n", "rml:template \"http://example.com/{id}\"");
    assert_snapshot!("check-no-rows", check(&sandbox));
    let sandbox = mapping(
        "id,name,kind\n1,,City\n2,,city \n",
        "<#Map> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ; rml:null \"\" ] ;
  rml:subjectMap [ rml:template \"http://example.com/{name}\" ;
    rml:condition [ rml:functionExecution <#IsCity> ] ] ;
  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference \"name\" ] ] .
<#IsCity> rml:function idlab:equal ;
  rml:input [ rml:parameter grel:valueParameter ; rml:inputValueMap [ rml:reference \"kind\" ] ] ;
  rml:input [ rml:parameter grel:valueParameter2 ; rml:inputValue \"city\" ] .
",
    );
    assert_snapshot!("check-empty", check(&sandbox));
}

#[test]
fn tables_that_are_broken() {
    let sandbox = with_objects("id,name\n1\n2,a\"b\n3,c,d\n", &["rml:reference \"name\""]);
    assert_snapshot!("check-broken-table", check(&sandbox));
    // As a conversion that is told to fill rows up.
    let sandbox = with_objects("id,name\n1\n2,a\n", &["rml:reference \"name\""]);
    let filled = sandbox.run(["check", "mapping.ttl", "--ragged-rows", "null"]);
    assert_eq!(filled.success(), "valid (2 rows read)\n");
}

#[test]
fn several_documents_are_one_mapping_and_reports_have_forms() {
    let sandbox = Sandbox::new();
    sandbox.write("data/t.csv", "id,name\n1,x\n");
    sandbox.write(
        "one.ttl",
        format!(
            "{PREFIXES}<http://example.com/Map> rml:logicalSource <http://example.com/Source> ;
  rml:subjectMap [ rml:template \"http://example.com/{{id}}\" ; rml:class ex:C ] ;
  rml:predicateObjectMap [ rml:predicate ex:p ; rml:objectMap [ rml:reference \"nam\" ] ] .
"
        ),
    );
    sandbox.write(
        "two.ttl",
        format!(
            "{PREFIXES}<http://example.com/Source> rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV .\n"
        ),
    );
    let of = ["check", "one.ttl", "two.ttl", "--source-dir", "data"];
    assert_snapshot!("check-several", sandbox.run(of));
    for format in ["json", "sarif", "csv"] {
        let form = ["--quiet", "--format", format];
        let report = sandbox.run(of.iter().chain(&form)).stdout;
        assert_snapshot!(format!("check-report-{format}"), report);
    }
    // Without the tables nobody knows their columns.
    let only = sandbox.run(["check", "one.ttl", "two.ttl", "--mapping-only"]);
    assert_eq!(only.success(), "valid (0 rows read)\n");
}

#[test]
fn mappings_in_yarrrml_are_looked_at_too() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,name\n1,x\n");
    sandbox.write(
        "mapping.yml",
        "prefixes:
  ex: http://example.com/
mappings:
  person:
    sources:
      - [t.csv~csv]
    s: ex:$(id)
    po:
      - [ex:name, $(Name)]
      - [ex:age, $(name), xsd:integer]
      - [ex:says, 'a {name}']
      - p: ex:knows
        o:
          - mapping: other
            condition:
              function: equal
              parameters:
                - [str1, $(name)]
                - [str2, $(id)]
  other:
    sources:
      - [t.csv~csv]
    s: ex:o-$(id)
",
    );
    assert_snapshot!("check-yarrrml", sandbox.run(["check", "mapping.yml"]));
}

#[test]
fn what_is_no_mapping_is_told() {
    let sandbox = mapping("id\n1\n", "<#Map> rml:subjectMap [ ");
    let ended = check(&sandbox);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert!(ended.stderr.contains("error[rml::syntax]"), "{ended}");
    assert_eq!(sandbox.run(["check", "missing.ttl"]).code, Some(2));
}
