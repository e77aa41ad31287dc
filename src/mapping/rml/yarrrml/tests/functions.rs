//! Functions, conditions and external references (§10 to §12).

use super::*;

#[test]
fn functions_in_all_their_forms() {
    for object in [
        "{function: grel:f, parameters: [[grel:x, $(a)], [grel:y, 'b, c']]}",
        "{fn: grel:f, pms: [{parameter: grel:x, value: $(a)}, {pm: grel:y, v: 'b, c'}]}",
        "{f: grel:f, parameters: {grel:x: $(a), grel:y: 'b, c'}}",
        "{f: grel:f, parameters: [[x, $(a)], [y, 'b, c']]}",
        "{f: 'grel:f(grel:x = $(a), grel:y = \"b, c\")'}",
        "{f: 'grel:f(x=$(a), y=\"b, c\")'}",
        "{value: {function: grel:f, parameters: [[grel:x, $(a)], [grel:y, 'b, c']]}}",
        "[{function: 'http://users.ugent.be/~bjdmeest/function/grel.ttl#f(x=$(a), y=\"b, c\")'}]",
    ] {
        let expected = "<http://e/p> | grel:f(grel:x=$(a), grel:y=\"b, c\")~literal";
        check_po(&format!("- {{p: ex:p, o: {object}}}"), &[expected]);
        check_po(&format!("- [ex:p, {object}]"), &[expected]);
    }
}

#[test]
fn functions_inside_each_other() {
    let expected =
        "<http://e/p> | grel:f(grel:x=grel:g(grel:x=$(a), grel:y=\"2\"), grel:z=\"3\")~literal";
    for object in [
        "{f: grel:f, pms: [[grel:x, {f: grel:g, pms: [[grel:x, $(a)], [grel:y, 2]]}], [grel:z, 3]]}",
        "{f: grel:f, pms: [{parameter: grel:x, f: grel:g, pms: [[grel:x, $(a)], [grel:y, 2]]}, [grel:z, 3]]}",
        "{f: grel:f, pms: [{parameter: grel:x, value: {f: 'grel:g(x=$(a), y=2)'}}, [grel:z, 3]]}",
        "{f: 'grel:f(x=grel:g(x=$(a), y=2), z=3)'}",
    ] {
        check_po(&format!("- {{p: ex:p, o: {object}}}"), &[expected]);
    }
}

#[test]
fn values_of_parameters() {
    let check = |value: &str, expected: &str| {
        let po = format!("- {{p: ex:p, o: {{f: grel:f, pms: [[grel:x, {value}]]}}}}");
        check_po(
            &po,
            &[&format!("<http://e/p> | grel:f({expected})~literal")],
        );
    };
    check("ex:$(a)", "grel:x=`http://e/$(a)`");
    check("ex:b~iri", "grel:x=<http://e/b>");
    check("$(a)~iri", "grel:x=$(a)");
    check("[1, $(a)]", "grel:x=\"1\", grel:x=$(a)");
    check("~", "grel:x=\"\"");
    check("{value: ex:b, type: iri}", "grel:x=<http://e/b>");
    // A regular expression keeps its backslashes.
    check("'\\d+\\(\\w\\)'", "grel:x=\"\\\\d+\\\\(\\\\w\\\\)\"");
    check(
        "'{\"http://e/x\": \"0\"}'",
        "grel:x=\"{\\\"http://e/x\\\": \\\"0\\\"}\"",
    );
}

#[test]
fn results_have_types() {
    check_po(
        "- {p: ex:p, o: {f: grel:f, datatype: xsd:int}}",
        &["<http://e/p> | grel:f()~literal^^<http://www.w3.org/2001/XMLSchema#int>"],
    );
    check_po(
        "- {p: ex:p, o: {f: grel:f, type: iri}}",
        &["<http://e/p> | grel:f()~iri"],
    );
    check_po(
        "- {p: ex:p, o: {f: grel:f, language: en}}",
        &["<http://e/p> | grel:f()~literal@\"en\""],
    );
    check_po(
        "- {p: a, o: {f: grel:f}}",
        &["<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> | grel:f()~iri"],
    );
    check_po(
        "- {p: {f: grel:f}, o: $(a)}",
        &["grel:f()~iri | $(a)~literal"],
    );
}

const CONDITION: &str = "{function: idlab-fn:notEqual, parameters: [[grel:valueParameter, $(a)], [grel:valueParameter2, '']]}";
const SHOWN: &str = " if idlab-fn:notEqual(grel:valueParameter=$(a), grel:valueParameter2=\"\")";

#[test]
fn conditions_of_terms_and_of_predicate_objects() {
    for po in [
        format!("- {{p: ex:p, o: $(a), condition: {CONDITION}}}"),
        format!("- {{p: ex:p, o: {{value: $(a), condition: {CONDITION}}}}}"),
        format!("- {{p: ex:p, o: $(a), c: [{CONDITION}]}}"),
        "- {p: ex:p, o: $(a), condition: {function: notEqual, parameters: [[str1, $(a)], [str2, '']]}}".to_owned(),
        "- {p: ex:p, o: $(a), condition: 'notEqual(str1=$(a), str2=\"\")'}".to_owned(),
    ] {
        check_po(&po, &[&format!("<http://e/p> | $(a)~literal{SHOWN}")]);
    }
    check_po(
        &format!("- {{p: ex:p, o: $(a), condition: [{CONDITION}, {CONDITION}]}}"),
        &[&format!("<http://e/p> | $(a)~literal{SHOWN}{SHOWN}")],
    );
}

#[test]
fn conditions_of_mappings_are_the_subjects() {
    for subject in ["s: $(id)", "s: [$(id)]", "s: {value: $(id)}", "s: ~"] {
        let text = format!(
            "mappings: {{m: {{sources: [[d.csv~csv]], {subject}, condition: {CONDITION}}}}}"
        );
        let (mapping, _) = read_one(&text);
        let shown = show(&mapping);
        assert!(shown[0].ends_with(SHOWN), "{shown:?}");
    }
    let text = format!(
        "mappings: {{m: {{sources: [[d.csv~csv]], s: {{value: $(id), condition: {CONDITION}}}}}}}"
    );
    assert_eq!(show(&read_one(&text).0), [format!("d.csv $(id){SHOWN}")]);
}

#[test]
fn sides_mean_nothing_where_there_is_one_row() {
    check_po(
        "- {p: ex:p, o: $(a), condition: {function: equal, parameters: [[str2, $(a), s], [str1, '1', o]]}}",
        &[
            "<http://e/p> | $(a)~literal if idlab-fn:equal(grel:valueParameter2=$(a), grel:valueParameter=\"1\")",
        ],
    );
}

const EXTERNAL: &str = "prefixes: {ex: http://e/}
external: {name: John, city: Ghent}
mappings:
  m:
    sources: [[d.csv~csv]]
    s: http://e/$(_name)/$(id)
    po:
    - [ex:p, [$(_name), $(\\_name), $(_city) $(a), $(_none)]]
";

#[test]
fn external_references() {
    let (mapping, codes) = read_one(EXTERNAL);
    let head = "d.csv `http://e/John/$(id)` | <http://e/p> | ";
    let expected = [
        "\"John\"",
        "$(_name)~literal",
        "`Ghent $(a)`~literal",
        "$(_none)~literal",
    ];
    assert_eq!(show(&mapping), expected.map(|end| format!("{head}{end}")));
    assert_eq!(codes, ["yarrrml::external-value"]);
    // Without any value it is a column, which is not doubtful.
    let (mapping, codes) = read_one(&with_po("- [ex:p, $(_id)]"));
    assert!(codes.is_empty() && show(&mapping)[0].ends_with("$(_id)~literal"));
}

#[test]
fn external_values_come_from_outside() {
    let options = Options {
        external: [
            ("name".to_owned(), "Jane".to_owned()),
            ("none".to_owned(), "1".to_owned()),
        ]
        .into(),
    };
    let mut diagnostics = Diagnostics::new();
    let mapping = read_with(&[document("m.yml", EXTERNAL)], &options, &mut diagnostics).unwrap();
    assert!(diagnostics.is_empty());
    let head = "d.csv `http://e/Jane/$(id)` | <http://e/p> | ";
    let expected = [
        "\"Jane\"",
        "$(_name)~literal",
        "`Ghent $(a)`~literal",
        "\"1\"",
    ];
    assert_eq!(show(&mapping), expected.map(|end| format!("{head}{end}")));
}
