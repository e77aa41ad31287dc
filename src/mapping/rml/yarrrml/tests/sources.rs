//! Documents, sources and targets (§3, §4, §7, §8, §9.1, §9.2).

use super::*;

fn check_sources(sources: &str, expected: &[&str]) {
    let text = format!(
        "sources:\n  n: [n.csv~csv]\n  k: {{access: k.json, referenceFormulation: jsonpath, iterator: '$'}}\n\
         mappings:\n  m:\n    {sources}\n    s: $(id)\n"
    );
    let (mapping, codes) = read_one(&text);
    assert!(codes.is_empty(), "{sources}: {codes:?}");
    let maps = mapping.triples_maps.iter();
    let shown: Vec<_> = maps.map(|map| show_source(&mapping, map.source)).collect();
    assert_eq!(shown, expected, "{sources}");
}

#[test]
fn sources_in_all_their_forms() {
    check_sources("sources: [[d.csv~csv]]", &["d.csv"]);
    check_sources("source: [[d.csv~csv]]", &["d.csv"]);
    check_sources("sources: [d.csv~csv]", &["d.csv"]);
    check_sources("sources: d.csv~csv", &["d.csv"]);
    check_sources("sources: d.csv", &["d.csv"]);
    check_sources("sources: [['data (2).csv~csv']]", &["data (2).csv"]);
    check_sources(
        "sources: [[d.json~jsonpath, '$.x[*]']]",
        &["d.json~jsonpath $.x[*]"],
    );
    check_sources(
        "sources: [d.json~jsonpath, '$.x[*]']",
        &["d.json~jsonpath $.x[*]"],
    );
    check_sources(
        "sources: [[d.xml~xpath, /a/b]]",
        &["d.xml~http://semweb.mmlab.be/ns/ql#XPath /a/b"],
    );
    check_sources("sources: {access: d.csv}", &["d.csv"]);
    check_sources(
        "sources: {access: d.txt, referenceFormulation: CSV}",
        &["d.txt"],
    );
    check_sources(
        "sources: [{access: http://e/d.csv, type: remotefile}]",
        &["http://e/d.csv"],
    );
    check_sources(
        "sources: {access: d.csv, delimiter: ;, encoding: utf-16}",
        &["d.csv \";\" utf-16"],
    );
    check_sources(
        "sources: {access: d.csv, delimiter: '\\t'}",
        &["d.csv \"\\t\""],
    );
    check_sources(
        "sources: {access: d.csv, delimiter: \"\\t\"}",
        &["d.csv \"\\t\""],
    );
    check_sources("sources: {access: d.csv.gz}", &["d.csv.gz"]);
    check_sources("sources: n", &["n.csv"]);
    check_sources(
        "sources: [n, k, [d.csv~csv]]",
        &["n.csv", "k.json~jsonpath $", "d.csv"],
    );
    check_sources("sources: [[d.csv~csv], [e.csv~csv]]", &["d.csv", "e.csv"]);
}

#[test]
fn a_source_is_one_however_it_is_written() {
    let text = "sources: {n: [d.csv~csv]}
mappings:
  m: {sources: [n, [d.csv~csv]], s: $(a)}
  k: {sources: {access: d.csv, referenceFormulation: csv}, s: $(a)}
";
    let (mapping, _) = read_one(text);
    assert_eq!(mapping.sources.len(), 1);
    assert_eq!(mapping.triples_maps.len(), 3);
}

#[test]
fn each_source_with_each_subject_is_a_triples_map() {
    let text = "base: http://base/\nmappings: {m x: {sources: [[a.csv~csv], [b.csv~csv]], s: [$(a), $(b)]}, k: {sources: [[a.csv~csv]]}}";
    let (mapping, _) = read_one(text);
    assert_eq!(
        show(&mapping),
        [
            "a.csv $(a)",
            "a.csv $(b)",
            "b.csv $(a)",
            "b.csv $(b)",
            "a.csv fresh~blank"
        ]
    );
    let names: Vec<_> = mapping
        .triples_maps
        .iter()
        .map(|map| map.name.as_str())
        .collect();
    let numbered: Vec<_> = (0..4)
        .map(|number| format!("http://base/m%20x_{number}"))
        .collect();
    assert_eq!(names[..4], numbered);
    assert_eq!(names[4], "http://base/k");
    assert_eq!(mapping.base.as_deref(), Some("http://base/"));
    assert!(
        mapping
            .triples_maps
            .iter()
            .all(|map| map.vocabulary == super::super::super::model::Vocabulary::Legacy)
    );
}

#[test]
fn what_is_the_same_for_all_rows_needs_no_source() {
    let (mapping, _) = read_one("mappings: {m: {s: http://e/a, po: [[rdfs:label, A]]}}");
    assert_eq!(
        show(&mapping),
        ["- <http://e/a> | <http://www.w3.org/2000/01/rdf-schema#label> | \"A\""]
    );
}

fn check_targets(targets: &str, expected: &str) {
    let text = format!(
        "targets:\n  n: [n.nq.gz~void, nquads, gzip]\n  k: {{access: k.ttl, type: localfile, serialization: turtle}}\n\
         mappings: {{m: {{sources: [[d.csv~csv]], s: {{value: $(id), targets: {targets}}}}}}}\n"
    );
    let (mapping, codes) = read_one(&text);
    assert!(codes.is_empty(), "{targets}: {codes:?}");
    assert_eq!(
        show(&mapping),
        [format!("d.csv $(id){expected}")],
        "{targets}"
    );
}

#[test]
fn targets_in_all_their_forms() {
    check_targets("n", " > n.nq.gz N-Quads gzip");
    check_targets("[n, k]", " > n.nq.gz N-Quads gzip > k.ttl Turtle");
    check_targets("[[o.ttl~void, turtle]]", " > o.ttl Turtle");
    check_targets("[o.ttl~void, turtle, targzip]", " > o.ttl Turtle targz");
    check_targets("[[o.nq~dcat]]", " > o.nq");
    check_targets("[o.nt, ntriples]", " > o.nt N-Triples");
    check_targets("/tmp/o.nq", " > /tmp/o.nq");
    check_targets(
        "{access: o.jsonld, serialization: jsonld, compression: zip}",
        " > o.jsonld JSON-LD zip",
    );
    check_targets("[n, {access: o.nq}]", " > n.nq.gz N-Quads gzip > o.nq");
    check_targets("[{access: o.nq, type: void}]", " > o.nq");
}

#[test]
fn every_term_may_have_targets() {
    let text = "targets: {t: [t.nq~void]}
prefixes: {ex: http://e/}
mappings:
  m:
    sources: [[d.csv~csv]]
    s: $(id)
    graphs: {value: ex:g, targets: t}
    po:
    - {p: {value: ex:p, targets: t}, o: {value: $(a), targets: t, language: {value: en, targets: t}}}
    - [ex:q, [[$(b), t]]]
    - {p: ex:r, o: {mapping: m, targets: t}}
";
    let (mapping, _) = read_one(text);
    assert_eq!(
        show(&mapping),
        [
            "d.csv $(id) | <http://e/p> > t.nq | $(a)~literal@\"en\" > t.nq > t.nq | <http://e/g> > t.nq",
            "d.csv $(id) | <http://e/q> | $(b)~literal > t.nq | <http://e/g> > t.nq",
            "d.csv $(id) | <http://e/r> | [d.csv $(id)] > t.nq | <http://e/g> > t.nq",
        ]
    );
    assert_eq!(mapping.targets.len(), 1);
}

#[test]
fn documents_are_read_together() {
    let one = "prefixes: {ex: http://e/}
sources: {d: [d.csv~csv]}
mappings:
  m: {sources: d, s: $(a)}
  n: {po: [[ex:p, $(b)]]}
";
    let two = "prefixes: {ex: http://other/}
mappings:
  n: {sources: d, s: ex:$(a)}
---
mappings:
  k: {sources: d, s: ex:k, po: [{p: ex:p, o: {mapping: m}}]}
";
    let mut diagnostics = Diagnostics::new();
    let documents = [document("1.yml", one), document("2.yml", two)];
    let mapping = read(&documents, &mut diagnostics).unwrap();
    assert_eq!(
        show(&mapping),
        [
            "d.csv $(a)",
            "d.csv `http://other/$(a)` | <http://e/p> | $(b)~literal",
            "d.csv <http://other/k> | <http://other/p> | [d.csv $(a)]",
        ]
    );
    let codes: Vec<_> = diagnostics
        .iter()
        .map(|one| (one.code, one.location.line))
        .collect();
    assert_eq!(codes, [("yarrrml::declared-twice", Some(1))]);
    assert_eq!(
        mapping.prefixes,
        [("ex".to_owned(), "http://e/".to_owned())]
    );
    assert_eq!(&*mapping.triples_maps[2].place.document, "2.yml");
}

#[test]
fn aliases_save_writing() {
    let text = ".common: &common
  sources: [[d.csv~csv]]
  po: &po
  - [rdfs:label, $(b)]
mappings:
  m: {<<: *common, s: $(a)}
  n: {sources: [[e.csv~csv]], s: $(a), po: *po}
";
    let (mapping, codes) = read_one(text);
    assert!(codes.is_empty(), "{codes:?}");
    let label = "<http://www.w3.org/2000/01/rdf-schema#label> | $(b)~literal";
    assert_eq!(
        show(&mapping),
        [
            format!("d.csv $(a) | {label}"),
            format!("e.csv $(a) | {label}")
        ]
    );
}

#[test]
fn people_and_places_are_known() {
    let text = "authors: [John Doe <john@doe.com>]\nmappings:\n  m:\n    sources: [[d.csv~csv]]\n    s: ok$(a)\n    po:\n    - [rdfs:label, $(b)]\n";
    let (mapping, _) = read_one(text);
    let place = &mapping.triples_maps[0].predicate_objects[0].place;
    assert_eq!((place.line, place.column), (7, 7));
    assert_eq!(place.element, "mappings.m.po[0]");
    let place = &mapping.triples_maps[0].subject.term.place;
    assert_eq!(&text[place.bytes.clone()], "ok$(a)");
}
