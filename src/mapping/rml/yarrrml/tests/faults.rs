//! What is wrong is told with its place, and what was meant.

use super::*;

/// The first fault of a document, which is where `§` stands: its code, and what its help has in it.
fn check(marked: &str, code: &str, help: &str) {
    let text = marked.replacen('§', "", 1);
    let mut diagnostics = Diagnostics::new();
    let mapping = read(&[document("m.yml", &text)], &mut diagnostics);
    assert!(mapping.is_none(), "{text}");
    let faults = diagnostics.iter();
    let faults: Vec<_> = faults
        .filter(|one| one.severity == Severity::Error)
        .collect();
    let fault = faults[0];
    let at = marked.find('§').unwrap();
    let expected = Location::in_text("m.yml", &text, at..at);
    assert_eq!(
        (fault.code, fault.location.line, fault.location.column),
        (code, expected.line, expected.column),
        "{text}\n{faults:#?}"
    );
    let found = fault.help.as_deref().unwrap_or_default();
    assert!(found.contains(help), "{text}: {found}");
}

fn check_po_fault(po: &str, code: &str, help: &str) {
    check(&with_po(po), code, help);
}

#[test]
fn keys() {
    let unknown = "yarrrml::unknown-key";
    check("§mapings: {}", unknown, "`mappings`");
    check(
        "mappings:\n  m:\n    §subjetcs: $(a)",
        unknown,
        "`subjects`",
    );
    check_po_fault("- {p: ex:p, o: {§vaule: $(a)}}", unknown, "`value`");
    check_po_fault(
        "- {p: ex:p, o: $(a), §condtion: {}}",
        unknown,
        "`condition`",
    );
    check_po_fault(
        "- {p: ex:p, o: {f: ex:f, §paramters: []}}",
        unknown,
        "`parameters`",
    );
    check_po_fault("- {p: ex:p, §x: $(a)}", unknown, "known keys");
    let twice = "yarrrml::duplicate-key";
    check(
        "mappings:\n  m:\n    po: []\n    §po: []",
        twice,
        "as a list",
    );
    check(
        "mappings:\n  m:\n    po: []\n    §predicateobjects: []",
        twice,
        "as a list",
    );
    check("mappings:\n  m: {}\n  §m: {}", twice, "");
}

#[test]
fn a_misspelt_key_is_one_fault() {
    for po in [
        "- {p: ex:p, o: {maping: m}}",
        "- {p: {vaule: ex:p}, o: $(a)}",
    ] {
        let mut diagnostics = Diagnostics::new();
        assert!(read(&[document("m.yml", &with_po(po))], &mut diagnostics).is_none());
        assert_eq!(diagnostics.errors(), 1, "{po}");
    }
}

#[test]
fn other_keys_at_the_top_are_doubtful_only() {
    let text = "title: x\nx-common: y\n_z: 1\nmappings: {m: {s: http://e/a}}";
    assert_eq!(read_one(text).1, ["yarrrml::unknown-key"]);
}

#[test]
fn names() {
    let text = "sources: {persons: [p.csv~csv]}\nmappings: {m: {s: $(a), sources: §person}}";
    check(text, "yarrrml::unknown-source", "`persons`");
    let text = "targets: {dump: [p.nq~void]}\nmappings: {m: {sources: [[d.csv~csv]], s: {value: $(a), targets: §dmup}}}";
    check(text, "yarrrml::unknown-target", "`dump`");
    check_po_fault(
        "- {p: ex:p, o: {mapping: §n}}",
        "yarrrml::unknown-mapping",
        "`m`",
    );
    let prefix = "yarrrml::unknown-prefix";
    check_po_fault("- [§exx:p, $(a)]", prefix, "`ex`");
    check_po_fault("- [§thing:p, $(a)]", prefix, "`thing`");
    check_po_fault("- {p: ex:p, o: {f: §grell:f}}", prefix, "`grel`");
    check_po_fault("- [a, §thing:p]", prefix, "`thing`");
}

#[test]
fn sources_and_targets() {
    let source = |source: &str| format!("mappings: {{m: {{s: $(a), sources: [{source}]}}}}");
    let formulation = "yarrrml::reference-formulation";
    check(&source("[§d.csv~cvs]"), formulation, "`csv`");
    check(&source("[§d.dat]"), formulation, "[d.dat~csv]");
    let unsupported = "yarrrml::unsupported";
    check(&source("{type: §mysql, access: x}"), unsupported, "files");
    check(&source("{access: d.csv, §query: x}"), unsupported, "");
    check(&source("[§$(x)~csv]"), unsupported, "");
    check(&source("§{delimiter: ;}"), "yarrrml::source", "");
    check(&source("§[a~csv, b, c]"), "yarrrml::source", "");
    check(
        "mappings:\n  §m: {s: $(a)}",
        "yarrrml::no-source",
        "sources",
    );
    let target = |target: &str| {
        format!(
            "mappings: {{m: {{sources: [[d.csv~csv]], s: {{value: $(a), targets: [{target}]}}}}}}"
        )
    };
    check(&target("[§o~sparql]"), unsupported, "files");
    check(&target("{access: 'o', §ldes: x}"), unsupported, "");
    check(&target("[o~void, §tutle]"), "yarrrml::target", "`turtle`");
    check(&target("§{type: void}"), "yarrrml::target", "");
}

#[test]
fn a_named_source_is_told_of_once() {
    let text =
        "sources: {n: [d.csv~cvs]}\nmappings: {m: {sources: n, s: $(a)}, k: {sources: n, s: $(a)}}";
    let mut diagnostics = Diagnostics::new();
    assert!(read(&[document("m.yml", text)], &mut diagnostics).is_none());
    assert_eq!(diagnostics.errors(), 1);
}

#[test]
fn terms() {
    check_po_fault("- [ex:p, §a $(b]", "yarrrml::reference", "`)`");
    check_po_fault("- [ex:p, §$()]", "yarrrml::reference", "");
    check_po_fault(
        "- [ex:p, §'http://e/{a}~iri']",
        "yarrrml::invalid-iri",
        "$(column)",
    );
    check_po_fault("- [ex:p, §'http://e/ x~iri']", "yarrrml::invalid-iri", "");
    check_po_fault(
        "- {p: ex:p, o: {value: $(a), type: §litral}}",
        "yarrrml::term-type",
        "`literal`",
    );
    let datatype = "yarrrml::datatype";
    check_po_fault("- [ex:p, $(a), §integr]", datatype, "`xsd:integer`");
    check_po_fault("- [ex:p, $(a)~iri, §xsd:int]", datatype, "~iri");
    check_po_fault(
        "- {p: ex:p, o: {value: $(a), datatype: §xsd:int, language: en}}",
        datatype,
        "",
    );
    check_po_fault("- [ex:p, $(a), §en_GB~lang]", "yarrrml::language", "");
    check_po_fault("- §[ex:p]", "yarrrml::predicate-object", "");
    check_po_fault("- §{p: ex:p}", "yarrrml::predicate-object", "");
    check_po_fault(
        "- {p: ex:p, o: §{datatype: xsd:int}}",
        "yarrrml::no-value",
        "",
    );
    check_po_fault("- [ex:p, [§[$(a), xsd:int, x]]]", "yarrrml::object", "");
    check_po_fault(
        "- {p: ex:p, inversepredicates: §ex:q, o: $(a)}",
        "yarrrml::inverse",
        "~iri",
    );
    check_po_fault(
        "- {p: ex:p, o: {mapping: m, §value: $(a)}}",
        "yarrrml::unexpected",
        "",
    );
    check_po_fault("- [ex:p, [§~]]", "yarrrml::unexpected", "");
}

#[test]
fn functions() {
    let function = "yarrrml::function";
    check_po_fault("- {p: ex:p, o: {f: §'ex:f(x = $(a)'}}", function, "");
    check_po_fault("- {p: ex:p, o: {f: §'ex:f(x = \"a)'}}", function, "");
    check_po_fault("- {p: ex:p, o: {f: §'ex:f($(a))'}}", function, "");
    check_po_fault("- {p: ex:p, o: {f: ex:f, pms: [§[x]]}}", function, "");
    check_po_fault(
        "- {p: ex:p, o: {f: ex:f, pms: [§{value: 1}]}}",
        function,
        "",
    );
    check_po_fault(
        "- {p: ex:p, o: {f: 'ex:f(x=1)', pms: §[[x, 1]]}}",
        function,
        "",
    );
    check_po_fault(
        "- {p: ex:p, o: {mapping: m, condition: {f: equal, pms: [[str1, $(a), §x]]}}}",
        function,
        "",
    );
    check_po_fault(
        "- {p: ex:p, o: $(a), condition: §{parameters: []}}",
        "yarrrml::condition",
        "",
    );
}

#[test]
fn documents() {
    let mut diagnostics = Diagnostics::new();
    assert!(read(&[document("m.yml", "# nothing")], &mut diagnostics).is_none());
    assert_eq!(
        diagnostics.iter().next().unwrap().code,
        "yarrrml::no-mapping"
    );
    check("§prefixes: {}", "yarrrml::no-mapping", "");
    check("§- a", "yarrrml::unexpected", "");
    check("mappings: §[a]", "yarrrml::unexpected", "");
    let ends = "mappings: {m: {s: http://e/a}}";
    check(
        &format!("prefixes: {{ex: §e}}\n{ends}"),
        "yarrrml::invalid-iri",
        "",
    );
    check(&format!("base: §x\n{ends}"), "yarrrml::invalid-iri", "");
    check(
        "mappings: {m: {s: http://e/a, §changeDetection: {}}}",
        "yarrrml::unsupported",
        "",
    );
    let text = "mappings:\n  §m: {sources: [[d.csv~csv]], s: {quoted: n}}\n  n: {sources: [[d.csv~csv]], s: {quoted: m}}";
    check(text, "yarrrml::quoted-cycle", "");
    check(
        "mappings: {m: {s: {quoted: §k}}}",
        "yarrrml::unknown-mapping",
        "",
    );
    check("mappings:\n\t§- a", "yarrrml::syntax", "spaces");
}

#[test]
fn a_mapping_that_says_nothing_is_left_out() {
    let (mapping, codes) = read_one("mappings: {m: ~, n: {s: http://e/a}}");
    assert_eq!(
        (mapping.triples_maps.len(), codes),
        (1, vec!["yarrrml::empty-mapping"])
    );
}

#[test]
fn what_multiplies_is_bounded() {
    let list = |text: &str, count: usize| format!("[{}]", vec![text; count].join(","));
    let text = format!(
        "mappings: {{§m: {{sources: {}, s: {}}}}}",
        list("[d.csv~csv]", 400),
        list("$(a)", 400)
    );
    check(&text, "yarrrml::limit", "");
    let text = format!(
        "mappings: {{§m: {{sources: {}, s: {}, po: {}}}}}",
        list("[d.csv~csv]", 100),
        list("$(a)", 100),
        list("[rdfs:label, $(b)]", 100)
    );
    check(&text, "yarrrml::limit", "");
}
