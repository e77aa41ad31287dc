//! Subjects, predicates, objects, graphs, references to other mappings (§9.3 to §9.8).

use super::*;

#[test]
fn short_and_long_forms_say_the_same() {
    for po in [
        "- [ex:p, $(a)]",
        "- predicates: ex:p\n  objects: $(a)",
        "- predicate: ex:p\n  object: {value: $(a)}",
        "- {p: [ex:p], o: [{v: $(a), type: literal}]}",
        "- [[ex:p], [[$(a)]]]",
        "- [ex:p, $(a)~literal]",
    ] {
        check_po(po, &["<http://e/p> | $(a)~literal"]);
    }
}

#[test]
fn several_predicates_and_objects_make_all_pairs() {
    let expected = [
        "<http://e/p> | $(a)~literal",
        "<http://e/p> | `$(b) $(c)`~literal",
        "<http://e/q> | $(a)~literal",
        "<http://e/q> | `$(b) $(c)`~literal",
    ];
    check_po("- [[ex:p, ex:q], [$(a), $(b) $(c)]]", &expected);
    check_po("- p: [ex:p, ex:q]\n  o: [$(a), $(b) $(c)]", &expected);
}

#[test]
fn classes_are_iris() {
    let class =
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> | <http://xmlns.com/foaf/0.1/Person>";
    for po in [
        "- [a, foaf:Person]",
        "- [a, foaf:Person~iri]",
        "- [rdf:type, foaf:Person]",
        "- [http://www.w3.org/1999/02/22-rdf-syntax-ns#type, http://xmlns.com/foaf/0.1/Person]",
        "- p: a\n  o: {value: foaf:Person}",
        // A list of one pair, of which the outer brackets were left out.
        "  [a, foaf:Person]",
    ] {
        check_po(po, &[class]);
    }
    check_po(
        "- [a, ex:$(kind)]",
        &["<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> | `http://e/$(kind)`~iri"],
    );
}

#[test]
fn iris_and_blank_nodes() {
    check_po(
        "- [ex:p, ex:$(a)~iri]",
        &["<http://e/p> | `http://e/$(a)`~iri"],
    );
    check_po("- [ex:p, $(a)~iri]", &["<http://e/p> | $(a)~iri"]);
    check_po("- [ex:p, ex:o~iri]", &["<http://e/p> | <http://e/o>"]);
    check_po("- [ex:p, rel/$(a)~iri]", &["<http://e/p> | `rel/$(a)`~iri"]);
    check_po("- [ex:p, rel~iri]", &["<http://e/p> | `rel`~iri"]);
    check_po(
        "- {p: ex:p, o: {value: $(a), type: iri}}",
        &["<http://e/p> | $(a)~iri"],
    );
    check_po(
        "- {p: ex:p, o: $(a), type: iri}",
        &["<http://e/p> | $(a)~iri"],
    );
    check_po(
        "- {p: ex:p, o: {value: b$(a), type: blank}}",
        &["<http://e/p> | `b$(a)`~blank"],
    );
    check_po("- [ex:p, $(a)~blank]", &["<http://e/p> | $(a)~blank"]);
    check_po(
        "- {p: ex:p, o: {value: b, type: blanknode}}",
        &["<http://e/p> | `b`~blank"],
    );
    check_po(
        "- {p: ex:p, o: {type: blank}}",
        &["<http://e/p> | fresh~blank"],
    );
}

#[test]
fn numbers_and_truth_are_texts() {
    check_po(
        "- [ex:p, [2, 2.10, true, 'null', '']]",
        &[
            "<http://e/p> | \"2\"",
            "<http://e/p> | \"2.10\"",
            "<http://e/p> | \"true\"",
            "<http://e/p> | \"null\"",
            "<http://e/p> | \"\"",
        ],
    );
}

#[test]
fn datatypes() {
    let integer = "<http://e/p> | $(a)~literal^^<http://www.w3.org/2001/XMLSchema#integer>";
    for po in [
        "- [ex:p, $(a), xsd:integer]",
        "- [ex:p, [[$(a), xsd:integer]]]",
        "- {p: ex:p, o: {value: $(a), datatype: xsd:integer}}",
        "- {p: ex:p, o: $(a), datatype: xsd:integer}",
        "- {p: ex:p, o: [[$(a), xsd:integer]], datatype: xsd:string}",
    ] {
        check_po(po, &[integer]);
    }
    check_po(
        "- [ex:p, $(a), $(t)]",
        &["<http://e/p> | $(a)~literal^^$(t)"],
    );
    check_po(
        "- [ex:p, $(a), 'xsd:$(t)']",
        &["<http://e/p> | $(a)~literal^^`http://www.w3.org/2001/XMLSchema#$(t)`"],
    );
}

#[test]
fn languages() {
    for po in [
        "- [ex:p, $(a), en~lang]",
        "- [ex:p, [[$(a), en~lang]]]",
        "- {p: ex:p, o: {value: $(a), language: en}}",
        "- {p: ex:p, o: {value: $(a), language: en~lang}}",
        "- {p: ex:p, o: {value: $(a), language: {value: en}}}",
        "- {p: ex:p, o: $(a), language: en}",
        "- {p: ex:p, o: {value: $(a), language: en, datatype: rdf:langString}}",
    ] {
        check_po(po, &["<http://e/p> | $(a)~literal@\"en\""]);
    }
    check_po(
        "- [ex:p, $(a), $(l)~lang]",
        &["<http://e/p> | $(a)~literal@$(l)"],
    );
    check_po(
        "- [ex:p, $(a), en-$(l)~lang]",
        &["<http://e/p> | $(a)~literal@`en-$(l)`"],
    );
    check_po(
        "- [ex:p, [[$(a), en~lang], [$(b), nl~lang]]]",
        &[
            "<http://e/p> | $(a)~literal@\"en\"",
            "<http://e/p> | $(b)~literal@\"nl\"",
        ],
    );
}

#[test]
fn prefixes_are_those_of_the_text() {
    check_po(
        "- [ex:p, 'ex:$(a)/b:c']",
        &["<http://e/p> | `http://e/$(a)/b:c`~literal"],
    );
    check_po(
        "- [ex:p, 'ex: $(a)']",
        &["<http://e/p> | `ex: $(a)`~literal"],
    );
    check_po(
        "- [ex:p, 'ex\\:$(a)']",
        &["<http://e/p> | `ex:$(a)`~literal"],
    );
    check_po("- [ex:p, 'Note: x']", &["<http://e/p> | \"Note: x\""]);
    check_po(
        "- [ex:p, 'nope:$(a)']",
        &["<http://e/p> | `nope:$(a)`~literal"],
    );
    check_po(
        "- [ex:p, '$(a):$(b)']",
        &["<http://e/p> | `$(a):$(b)`~literal"],
    );
    check_po(
        "- [ex:p, urn:x:$(a)~iri]",
        &["<http://e/p> | `urn:x:$(a)`~iri"],
    );
    check_po("- ['ex:$(q)', $(a)]", &["`http://e/$(q)` | $(a)~literal"]);
}

#[test]
fn what_looks_like_an_iri_is_warned_about() {
    let warns = |object: &str| {
        let (_, codes) = read_one(&with_po(&format!("- [ex:p, {object}]")));
        codes == ["yarrrml::iri-as-literal"]
    };
    for object in ["ex:o", "http://e/x", "ex:$(a)", "https://e/$(a)"] {
        assert!(warns(object), "{object}");
    }
    for object in ["$(a)", "ex:o~iri", "ex:o~literal", "'ex:o and more'", "x"] {
        assert!(!warns(object), "{object}");
    }
    let (_, codes) = read_one(&with_po("- [ex:p, http://e/x, xsd:anyURI]"));
    assert!(codes.is_empty());
}

#[test]
fn subjects_of_all_kinds() {
    let check = |subject: &str, expected: &[&str]| {
        let text = format!("mappings:\n  m:\n    sources: [[d.csv~csv]]\n{subject}");
        let (mapping, _) = read_one(&text);
        assert_eq!(show(&mapping), expected, "{subject}");
    };
    check("    s: http://e/$(a)", &["d.csv `http://e/$(a)`"]);
    check("    subject: $(a)", &["d.csv $(a)"]);
    check(
        "    subjects: [$(a), $(b)~iri]",
        &["d.csv $(a)", "d.csv $(b)~iri"],
    );
    check(
        "    subjects: {value: $(a), type: blank}",
        &["d.csv $(a)~blank"],
    );
    check("    subjects:\n    - value: $(a)", &["d.csv $(a)"]);
    check("    po: []", &["d.csv fresh~blank"]);
    check("    s: ~", &["d.csv fresh~blank"]);
    check("    s: {type: blank}", &["d.csv fresh~blank"]);
    check("    s: schema:thing", &["d.csv <http://schema.org/thing>"]);
    check("    s: {function: grel:f}", &["d.csv grel:f()~iri"]);
    check(
        "    s: [$(a), {f: 'grel:f(x = $(b))'}]",
        &["d.csv $(a)", "d.csv grel:f(grel:x=$(b))~iri"],
    );
}

#[test]
fn graphs_of_mappings_and_of_predicate_objects() {
    let text = "prefixes: {ex: http://e/}
mappings:
  m:
    sources: [[d.csv~csv]]
    s: http://e/$(id)
    graphs: [ex:g, 'ex:$(h)']
    po:
    - [ex:p, $(a)]
    - {p: ex:q, o: $(b), g: $(i)}
    - {p: ex:r, o: $(c), graph: {function: grel:f}}
";
    let (mapping, _) = read_one(text);
    let own = "<http://e/g> | `http://e/$(h)`";
    assert_eq!(
        show(&mapping),
        [
            format!("d.csv `http://e/$(id)` | <http://e/p> | $(a)~literal | {own}"),
            format!("d.csv `http://e/$(id)` | <http://e/q> | $(b)~literal | {own} | $(i)"),
            format!("d.csv `http://e/$(id)` | <http://e/r> | $(c)~literal | {own} | grel:f()~iri"),
        ]
    );
}

const LINKED: &str = "prefixes: {ex: http://e/}
sources: {a: [a.csv~csv], b: [b.csv~csv], c: [c.csv~csv]}
mappings:
  m:
    sources: a
    s: http://e/$(id)
    po: PO
  n:
    sources: [b, c]
    s: http://e/n/$(id)
";

fn check_link(object: &str, ends: &str) {
    let po = format!("[{{p: ex:p, o: {object}}}]");
    let (mapping, codes) = read_one(&LINKED.replace("PO", &po));
    assert!(codes.is_empty(), "{object}: {codes:?}");
    let expected = ["b", "c"].map(|file| {
        format!("a.csv `http://e/$(id)` | <http://e/p> | [{file}.csv `http://e/n/$(id)`]{ends}")
    });
    assert_eq!(show(&mapping)[..2], expected, "{object}");
}

#[test]
fn references_to_mappings() {
    check_link("{mapping: n}", "");
    check_link("[{m: n}]", "");
    check_link("{mapping: [n]}", "");
    let join = " on $(x)=$(y)";
    check_link(
        "{mapping: n, condition: {function: equal, parameters: [[str1, $(x), s], [str2, $(y), o]]}}",
        join,
    );
    check_link(
        "{mapping: n, condition: {function: equal, parameters: [[str1, $(x)], [str2, $(y)]]}}",
        join,
    );
    check_link(
        "{mapping: n, condition: {f: equal, pms: [[str2, $(x), s], [str1, $(y), o]]}}",
        join,
    );
    check_link(
        "{mapping: n, condition: {function: idlab-fn:equal, parameters: [[grel:valueParameter, $(x)], \
         [grel:valueParameter2, $(y), o]]}}",
        join,
    );
    check_link(
        "{mapping: n, condition: {function: equal, parameters: [{parameter: str1, value: $(x)}, \
         {parameter: str2, value: $(y), from: object}]}}",
        join,
    );
    check_link("{function: 'join(n, equal($(x), $(y)))'}", join);
    check_link(
        "{mapping: n, condition: 'equal(str1=$(x), str2=$(y))'}",
        join,
    );
}

#[test]
fn joins_compare_what_is_made_of_each_row() {
    check_link(
        "{mapping: n, condition: [{function: equal, parameters: [[str1, $(x)], [str2, $(y)]]}, \
         {function: equal, parameters: [[str1, '0'], [str2, 'n$(z)']]}]}",
        " on $(x)=$(y) on \"0\"=`n$(z)`",
    );
    check_link(
        "{mapping: n, condition: {function: grel:boolean_and, parameters: [\
         {parameter: grel:param_rep_b, value: {function: equal, parameters: [[str1, $(x)], [str2, $(y)]]}}, \
         {parameter: grel:param_rep_b, value: {function: ex:lt, parameters: [[ex:a, $(v)], [ex:b, $(w), o]]}}]}}",
        " on $(x)=$(y) if http://e/lt(http://e/a=$(v), http://e/b=$(o: w))",
    );
    check_link(
        "{mapping: n, condition: {function: equal, parameters: [[str1, $(x)], {parameter: str2, value: \
         {function: grel:toLowerCase, parameters: [[grel:valueParameter, $(y), o]]}}]}}",
        " on $(x)=grel:toLowerCase(grel:valueParameter=$(y))",
    );
}

#[test]
fn a_condition_of_a_predicate_object_may_be_between_two_rows() {
    let po = "[{p: ex:p, o: {mapping: n}, condition: {function: equal, parameters: [[str1, $(x)], [str2, \
              $(y), o]]}}]";
    let (mapping, _) = read_one(&LINKED.replace("PO", po));
    assert!(show(&mapping)[0].ends_with("[b.csv `http://e/n/$(id)`] on $(x)=$(y)"));
    let po = "[{p: ex:p, o: {mapping: n}, condition: {function: equal, parameters: [[str1, $(x)], [str2, y]]}}]";
    let (mapping, _) = read_one(&LINKED.replace("PO", po));
    let end = "[b.csv `http://e/n/$(id)`] if idlab-fn:equal(grel:valueParameter=$(x), grel:valueParameter2=\"y\")";
    assert!(show(&mapping)[0].ends_with(end), "{:?}", show(&mapping));
}

#[test]
fn a_join_that_looks_at_one_row_is_warned_about() {
    let po = "[{p: ex:p, o: {mapping: n, condition: {function: idlab-fn:equal, parameters: \
              [[grel:valueParameter, $(x)], [grel:valueParameter2, $(y)]]}}}]";
    let (_, codes) = read_one(&LINKED.replace("PO", po));
    assert_eq!(codes, ["yarrrml::condition-side"]);
}

#[test]
fn triples_are_quoted() {
    let text = "prefixes: {ex: http://e/}
mappings:
  m:
    sources: [[a.csv~csv]]
    s: {quotedNonAsserted: n, condition: {function: equal, parameters: [[str1, $(x)], [str2, $(y)]]}}
    po:
    - {p: ex:p, o: {quoted: k}}
  n:
    sources: [[b.csv~csv]]
    s: http://e/$(id)
    po: [[ex:q, $(c)]]
  k:
    sources: [[a.csv~csv]]
    s: http://e/$(id)
";
    let (mapping, _) = read_one(text);
    assert_eq!(
        show(&mapping),
        [
            "a.csv <<b.csv `http://e/$(id)`>> on $(x)=$(y) | <http://e/p> | <<a.csv `http://e/$(id)`>>",
            "b.csv `http://e/$(id)` (quoted only) | <http://e/q> | $(c)~literal",
            "a.csv `http://e/$(id)`",
        ]
    );
}

#[test]
fn inverse_predicates_turn_the_triple() {
    let (mapping, _) = read_one(&with_po(
        "- {predicates: ex:p, inversepredicates: ex:q, objects: $(a), type: iri}",
    ));
    assert_eq!(
        show(&mapping),
        [
            "d.csv `http://e/$(id)` | <http://e/p> | $(a)~iri",
            "d.csv $(a)~iri | <http://e/q> | `http://e/$(id)`~iri",
        ]
    );
}
