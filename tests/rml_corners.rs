//! Corners of RML in which what a mapping makes hangs on more than one rule: each is held against what the
//! specifications say, written out by hand.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be run has failed; the helpers are outside of test functions"
)]

use std::fs;
use std::process::{Command, Stdio};

const PREFIXES: &str = "@prefix rml: <http://w3id.org/rml/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix grel: <http://users.ugent.be/~bjdmeest/function/grel.ttl#> .
@prefix : <http://example.org/> .
:s a rml:LogicalSource ; rml:referenceFormulation rml:CSV ; rml:null \"-\" ;
  rml:source [ a rml:RelativePathSource ; rml:root rml:MappingDirectory ; rml:path \"t.csv\" ] .
";

// The statements, sorted, each as often as it is written.
fn convert(table: &str, mapping: &str, arguments: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.csv"), table).unwrap();
    fs::write(folder.path().join("m.ttl"), format!("{PREFIXES}{mapping}")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
        .current_dir(folder.path())
        .args(["-q", "convert", "--mapping", "m.ttl", "--format", "nquads"])
        .args(["--base", "http://example.org/"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

// Short for statements of `http://example.org/`: `s p o` and perhaps a graph.
fn expect(lines: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| {
            let terms = line.split(' ').map(|term| match term.chars().next() {
                Some('"' | '_' | '<') => term.to_owned(),
                _ => format!("<http://example.org/{term}>"),
            });
            format!("{} .", terms.collect::<Vec<_>>().join(" "))
        })
        .collect();
    lines.sort_unstable();
    lines
}

/// A view that only names columns, and numbers its records.
const NUMBERED: &str = r#"
:v a rml:LogicalView ; rml:viewOn :s ;
  rml:field [ rml:fieldName "key" ; rml:reference "k" ] ,
    [ rml:fieldName "tag" ; rml:reference "t" ] .
"#;

// RML-LV §"Implicit keys": `#` is the number of the record, whatever is made of it afterwards.
#[test]
fn numbers_of_records_stay_theirs_when_rows_are_joined() {
    let mapping = format!(
        r#"{NUMBERED}
:m a rml:TriplesMap ; rml:logicalSource :v ; rml:subjectMap [ rml:template "r{{#}}" ] ;
  rml:predicateObjectMap [ rml:predicate :like ; rml:objectMap [ rml:parentTriplesMap :m ;
    rml:joinCondition [ rml:child "key" ; rml:parent "key" ] ] ] .
"#
    );
    let found = convert("k,t\na,x\nb,y\na,z\n", &mapping, &[]);
    let expected = expect(&[
        "r0 like r0",
        "r0 like r2",
        "r1 like r1",
        "r2 like r0",
        "r2 like r2",
    ]);
    assert_eq!(found, expected);
}

#[test]
fn numbers_of_records_stay_theirs_when_rows_become_several() {
    let mapping = format!(
        r#"{NUMBERED}
:parts a rml:LogicalView ; rml:viewOn :v ;
  rml:field [ rml:fieldName "part" ; rml:functionExecution [ rml:function grel:string_split ;
    rml:input [ rml:parameter grel:valueParameter ; rml:inputValueMap [ rml:reference "tag" ] ] ,
      [ rml:parameter grel:p_string_sep ; rml:inputValue ";" ] ] ] .
:m a rml:TriplesMap ; rml:logicalSource :parts ; rml:subjectMap [ rml:template "r{{#}}" ] ;
  rml:predicateObjectMap [ rml:predicate :part ; rml:objectMap [ rml:reference "part" ] ] .
"#
    );
    let found = convert("k,t\na,x;y\nb,z\n", &mapping, &[]);
    let expected = expect(&["r0 part \"x\"", "r0 part \"y\"", "r1 part \"z\""]);
    assert_eq!(found, expected);
}

#[test]
fn a_value_that_is_not_there_has_no_number() {
    let mapping = format!(
        r#"{NUMBERED}
:m a rml:TriplesMap ; rml:logicalSource :v ; rml:subjectMap [ rml:template "{{key}}" ] ;
  rml:predicateObjectMap [ rml:predicate :number ; rml:objectMap [ rml:reference "tag.#" ] ] .
"#
    );
    let found = convert("k,t\na,x\nb,-\n", &mapping, &[]);
    assert_eq!(found, expect(&["a number \"0\""]));
}

// The node of another triples map's subject is the one that it has there.
#[test]
fn blank_nodes_of_another_triples_map_are_its_own() {
    let mapping = r#"
:parent a rml:TriplesMap ; rml:logicalSource :s ;
  rml:subjectMap [ rml:reference "t" ; rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate :name ; rml:objectMap [ rml:reference "t" ] ] .
:child a rml:TriplesMap ; rml:logicalSource :s ; rml:subjectMap [ rml:template "{k}" ] ;
  rml:predicateObjectMap [ rml:predicate :of ; rml:objectMap [ rml:parentTriplesMap :parent ] ,
    [ rml:parentTriplesMap :parent ; rml:joinCondition [ rml:child "k" ; rml:parent "k" ] ] ] .
"#;
    for arguments in [&[][..], &["--blank-nodes", "per-map"]] {
        let found = convert("k,t\na,x\n", mapping, arguments);
        let [of, name] = found.as_slice() else {
            panic!("{found:?}");
        };
        let subject = name.split(' ').next().unwrap();
        assert_eq!(
            of,
            &format!("<http://example.org/a> <http://example.org/of> {subject} ."),
            "{arguments:?}"
        );
    }
}

// A term map without an expression is a node for each row: one, whatever the row is joined with.
#[test]
fn blank_nodes_of_rows_are_the_same_in_joins() {
    let mapping = r#"
:parent a rml:TriplesMap ; rml:logicalSource :s ; rml:subjectMap [ rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate :name ; rml:objectMap [ rml:reference "t" ] ] .
:child a rml:TriplesMap ; rml:logicalSource :s ; rml:subjectMap [ rml:template "{k}" ] ;
  rml:predicateObjectMap [ rml:predicate :of ; rml:objectMap [ rml:parentTriplesMap :parent ;
    rml:joinCondition [ rml:child "k" ; rml:parent "k" ] ] ] ;
  rml:predicateObjectMap [ rml:predicate :own ; rml:objectMap [ rml:parentTriplesMap :parent ] ] .
:other a rml:TriplesMap ; rml:logicalSource :s ; rml:subjectMap [ rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate :tag ; rml:objectMap [ rml:reference "t" ] ] ;
  rml:predicateObjectMap [ rml:predicate :like ; rml:objectMap [ rml:parentTriplesMap :child ;
    rml:joinCondition [ rml:child "t" ; rml:parent "k" ] ] ] .
"#;
    let found = convert("k,t\na,x\na,y\nx,a\n", mapping, &[]);
    let node = |predicate: &str, value: &str| {
        let end = format!(" <http://example.org/{predicate}> \"{value}\" .");
        let line = found.iter().find_map(|line| line.strip_suffix(&end));
        line.unwrap().to_owned()
    };
    let [x, y, a] = ["x", "y", "a"].map(|text| node("name", text));
    let [other_x, other_a] = ["x", "a"].map(|text| node("tag", text));
    let mut expected = expect(&[
        &format!("{x} name \"x\""),
        &format!("{y} name \"y\""),
        &format!("{a} name \"a\""),
        &format!("a of {x}"),
        &format!("a of {y}"),
        &format!("x of {a}"),
        &format!("a own {x}"),
        &format!("a own {y}"),
        &format!("x own {a}"),
        &format!("{other_x} tag \"x\""),
        &format!("{other_a} tag \"a\""),
        &format!("{} tag \"y\"", node("tag", "y")),
        &format!("{other_x} like x"),
        &format!("{other_a} like a"),
    ]);
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn blank_nodes_of_the_mapping_are_none_of_the_rows() {
    let mapping = r#"
:m a rml:TriplesMap ; rml:logicalSource :s ;
  rml:subjectMap [ rml:reference "k" ; rml:termType rml:BlankNode ] ;
  rml:predicateObjectMap [ rml:predicate :p ; rml:object _:b1 , _:b2 , _:b3 , _:b4 ] .
"#;
    let rows: String = (0..20).fold("k,t\n".to_owned(), |rows, row| rows + &format!("{row},x\n"));
    let found = convert(&rows, mapping, &[]);
    assert_eq!(found.len(), 80);
    for line in &found {
        let object = line.split(' ').nth(2).unwrap();
        assert!(
            !found
                .iter()
                .any(|line| line.starts_with(&format!("{object} "))),
            "{object}"
        );
    }
}

#[test]
fn triples_of_lists_are_written_once() {
    let mapping = r#"
:m a rml:TriplesMap ; rml:logicalSource :s ; rml:subjectMap [ rml:template "{k}" ] ;
  rml:predicateObjectMap [ rml:predicate :list , :same ; rml:objectMap [ rml:template "l{k}" ;
    rml:gather ( [ rml:reference "t" ] ) ; rml:gatherAs rdf:List ] ] .
:first a rml:TriplesMap ; rml:logicalSource :s ; rml:subjectMap [ rml:template "l{k}" ] ;
  rml:predicateObjectMap [ rml:predicate rdf:first ; rml:objectMap [ rml:reference "t" ] ] .
"#;
    let mut found = convert("k,t\na,x\nb,y\n", mapping, &[]);
    let all = found.len();
    found.dedup();
    assert_eq!(found.len(), all);
    assert_eq!(all, 8);
}

#[test]
fn what_rules_share_is_made_for_each_row_anew() {
    let mapping = r#"@prefix idlab: <https://w3id.org/imec/idlab/function#> .
:m a rml:TriplesMap ; rml:logicalSource :s ;
  rml:subjectMap [
    rml:condition [ rml:functionExecution [ rml:function idlab:equal ;
      rml:input [ rml:parameter grel:valueParam ; rml:inputValueMap [ rml:reference "c" ] ] ,
        [ rml:parameter grel:valueParam2 ; rml:inputValue "yes" ] ] ] ;
    rml:functionExecution [ rml:function grel:toUpperCase ;
      rml:input [ rml:parameter grel:valueParam ; rml:inputValueMap [ rml:reference "k" ] ] ] ;
    rml:graphMap [ rml:template "http://example.org/g{g}" ] ] ;
  rml:predicateObjectMap [ rml:predicate :p ; rml:objectMap [ rml:reference "k" ] ] ,
    [ rml:predicate :q ; rml:objectMap [ rml:reference "v" ] ] ,
    [ rml:predicate :r ; rml:object :o ; rml:graph :h ] .
"#;
    let table = "k,c,g,v\na,yes,1,x\nb,no,1,x\nc,yes,2,-\na,yes,2,y\n";
    let expected = expect(&[
        "A p \"a\" g1",
        "A q \"x\" g1",
        "A r o g1",
        "A r o h",
        "C p \"c\" g2",
        "C r o g2",
        "C r o h",
        "A p \"a\" g2",
        "A q \"y\" g2",
        "A r o g2",
    ]);
    for threads in ["1", "3"] {
        assert_eq!(convert(table, mapping, &["--threads", threads]), expected);
    }
}
