//! Rows that fail under a mapping, and what a newcomer writes in place of `--mapping`.

use super::sandbox::Sandbox;

const PREFIXES: &str = "@prefix rml: <http://w3id.org/rml/> .\n@prefix e: <http://e/> .\n";

/// A mapping of `t.csv` with one object map.
fn mapping(subject: &str, object: &str) -> String {
    format!(
        "{PREFIXES}<#M> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ {subject} ] ;
  rml:predicateObjectMap [ rml:predicate e:p ; rml:objectMap [ {object} ] ] .\n"
    )
}

// What `--on-error skip` says of itself: nothing is made of a row that fails, and the row is kept.
#[test]
fn rows_whose_terms_cannot_be_made_are_left_out_and_kept() {
    let id = "rml:template \"http://e/{id}\"";
    let plain = "rml:reference \"n\"";
    let cases = [
        (id, "rml:reference \"n\" ; rml:termType rml:IRI"),
        ("rml:reference \"n\"", "rml:reference \"id\""),
        (
            "rml:template \"http://e/{id}\" ; rml:graphMap [ rml:reference \"n\" ]",
            plain,
        ),
        (
            id,
            "rml:constant \"x\" ; rml:languageMap [ rml:reference \"l\" ]",
        ),
        (
            id,
            "rml:constant \"x\" ; rml:datatypeMap [ rml:reference \"n\" ]",
        ),
    ];
    for (subject, object) in cases {
        let sandbox = Sandbox::new();
        sandbox.write("m.ttl", mapping(subject, object));
        sandbox.write(
            "t.csv",
            "id,n,l\n1,http://x/1,en\n2,http://x/a b,x y\n3,http://x/3,ar\n",
        );
        for threads in ["1", "2"] {
            let ended = sandbox.run([
                "convert",
                "--mapping",
                "m.ttl",
                "--on-error",
                "skip",
                "--rejects",
                "bad.csv",
                "--output",
                "o.nq",
                "--threads",
                threads,
            ]);
            assert_eq!(ended.code, Some(1), "{object}: {ended}");
            assert_eq!(sandbox.read("o.nq").lines().count(), 2, "{object}");
            let kept = sandbox.read("bad.csv");
            let kept: Vec<_> = kept.lines().collect();
            assert_eq!(kept.len(), 2, "{object}: {kept:?}");
            assert!(
                kept[1].ends_with(",2,http://x/a b,x y"),
                "{object}: {kept:?}"
            );
        }
        let ended = sandbox.run([
            "convert",
            "--mapping",
            "m.ttl",
            "--on-error",
            "stop",
            "--output",
            "stopped.nq",
        ]);
        assert_eq!(ended.code, Some(1), "{object}: {ended}");
        assert!(!sandbox.path("stopped.nq").exists(), "{object}");
    }
}

#[test]
fn a_mapping_without_its_option_is_not_read_as_a_table() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "m.ttl",
        mapping("rml:template \"http://e/{id}\"", "rml:reference \"n\""),
    );
    sandbox.write("t.csv", "id,n\n1,a\n");
    for files in [&["m.ttl"][..], &["t.csv", "m.ttl"]] {
        let ended = sandbox.run([&["convert"], files].concat());
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stderr.contains("--mapping m.ttl"), "{ended}");
    }
}

// A mapping that sends all to a target and names graphs.
fn with_target(object: &str) -> String {
    mapping(
        "rml:template \"http://e/{id}\" ; rml:graph e:g ; rml:logicalTarget <#T>",
        object,
    ) + "<#T> a rml:LogicalTarget ; rml:target [ a rml:FilePath ; rml:path \"target.nq\" ] .\n"
}

#[test]
fn rows_that_are_left_out_are_so_in_targets_and_in_the_output() {
    let sandbox = Sandbox::new();
    let text = with_target("rml:reference \"n\" ; rml:termType rml:IRI")
        + "<#N> rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template \"http://f/{id}\" ; rml:class e:C ] .\n";
    sandbox.write("m.ttl", text);
    let mut table = "id,n\n1,http://x/1\n2\n".to_owned();
    (3..60).for_each(|id| table.push_str(&format!("{id},no iri\n")));
    sandbox.write("t.csv", table + "60,http://x/60\n");
    let ended = sandbox.run([
        "convert",
        "--mapping",
        "m.ttl",
        "--on-error",
        "skip",
        "--rejects",
        "bad.csv",
        "--output",
        "o.nq",
    ]);
    assert_eq!(ended.code, Some(1), "{ended}");
    assert_eq!(sandbox.read("target.nq").lines().count(), 2, "{ended}");
    let kept: Vec<String> = sandbox.read("bad.csv").lines().map(str::to_owned).collect();
    assert_eq!(kept.len(), 1 + 58, "{ended}");
    for (output, row) in sandbox.read("o.nq").lines().zip(["1", "60"]) {
        assert!(
            output.starts_with(&format!("<http://f/{row}> ")),
            "{output}"
        );
    }
}

#[test]
fn targets_are_no_matter_of_parts_and_no_place_for_rejects() {
    let sandbox = Sandbox::new();
    sandbox.write("m.ttl", with_target("rml:reference \"n\""));
    sandbox.write("t.csv", "id,n\n1,a\n");
    let convert = ["convert", "--mapping", "m.ttl", "--output"];
    for (options, code) in [
        (&["parts", "--shard", "1/2"][..], "cli::shard"),
        (
            &["o.nq", "--on-error", "skip", "--rejects", "target.nq"],
            "cli::rejects",
        ),
        (
            &["o.nq", "--on-error", "skip", "--rejects", "m.ttl"],
            "cli::rejects",
        ),
    ] {
        let ended = sandbox.run([&convert[..], options].concat());
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(ended.stderr.contains(code), "{ended}");
    }
    assert!(!sandbox.path("target.nq").exists());
}

// What neither format can say is not lost unseen.
#[test]
fn graphs_that_a_format_cannot_name_are_told() {
    let sandbox = Sandbox::new();
    let subject = "rml:template \"http://e/{id}\" ; rml:graph e:g";
    sandbox.write("m.ttl", mapping(subject, "rml:reference \"n\""));
    sandbox.write("t.csv", "id,n\n1,a\n");
    for (format, is_told) in [
        ("ntriples", true),
        ("rdfxml", true),
        ("trig", false),
        ("nquads", false),
    ] {
        let ended = sandbox.run(["convert", "--mapping", "m.ttl", "--format", format]);
        assert_eq!(ended.code, Some(0), "{ended}");
        assert_eq!(ended.stderr.contains("output::graphs"), is_told, "{ended}");
    }
}

// What is planned is what `convert` would do with the same switches.
#[test]
fn a_plan_takes_the_switches_of_a_conversion() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "m.ttl",
        mapping("rml:template \"http://e/{id}\"", "rml:reference \"gone\""),
    );
    sandbox.write("t.csv", "id,n\n1,a\n");
    assert_ne!(sandbox.run(["plan", "m.ttl"]).code, Some(0));
    let switches = [
        "--empty-cells=null",
        "--missing-columns=null",
        "--ragged-rows=null",
        "--relative-iris=resolve",
        "--lexical-forms=canonical",
        "--blank-nodes=per-map",
    ];
    let plan = [&["plan", "m.ttl"][..], &switches].concat();
    sandbox.run(plan).success();
    let convert = [&["convert", "--mapping", "m.ttl"][..], &switches].concat();
    sandbox.run(convert).success();
}

// RML-IO: a logical target is one of a term map.
#[test]
fn a_target_where_none_is_looked_for_is_told() {
    let sandbox = Sandbox::new();
    let text = mapping("rml:template \"http://e/{id}\"", "rml:reference \"n\"").replace(
        "rml:predicate e:p ;",
        "rml:predicate e:p ; rml:logicalTarget <#T> ;",
    );
    let target = "<#T> a rml:LogicalTarget ; rml:target [ a rml:FilePath ; rml:path \"x.nq\" ] .\n";
    sandbox.write("m.ttl", text + target);
    sandbox.write("t.csv", "id,n\n1,a\n");
    let ended = sandbox.run(["check", "m.ttl"]);
    assert!(ended.stderr.contains("rml::misplaced-property"), "{ended}");
}

// A link leads to a node that is there, whether blank nodes are shared or not.
#[test]
fn references_lead_to_the_blank_nodes_of_the_other_map() {
    let blank = "rml:template \"{id}\" ; rml:termType rml:BlankNode";
    let source = "rml:logicalSource [ rml:source \"t.csv\" ; rml:referenceFormulation rml:CSV ]";
    let other = "rml:logicalSource [ rml:source \"o.csv\" ; rml:referenceFormulation rml:CSV ]";
    let on = " ; rml:joinCondition [ rml:child \"n\" ; rml:parent \"n\" ]";
    for (other, on) in [(source, ""), (source, on), (other, on)] {
        for shared in ["shared", "per-map"] {
            let sandbox = Sandbox::new();
            let object = format!("rml:parentTriplesMap <#N>{on}");
            let text = mapping(blank, &object)
                + &format!("<#N> {other} ; rml:subjectMap [ {blank} ; rml:class e:C ] .\n");
            sandbox.write("m.ttl", text);
            sandbox.write("t.csv", "id,n\n1,a\n2,b\n");
            sandbox.write("o.csv", "id,n\n3,a\n4,b\n");
            let output = sandbox
                .run([
                    "convert",
                    "--mapping",
                    "m.ttl",
                    "--format",
                    "nquads",
                    "--blank-nodes",
                    shared,
                ])
                .success();
            let (links, nodes): (Vec<_>, Vec<_>) = output
                .lines()
                .partition(|line| line.contains("<http://e/p>"));
            assert_eq!((links.len(), nodes.len()), (2, 2), "{output}");
            for link in links {
                let object = link.split(' ').nth(2).unwrap_or_default();
                let is_there = |node: &&str| node.starts_with(&format!("{object} "));
                assert!(nodes.iter().any(is_there), "{output}");
            }
        }
    }
}

#[test]
fn blank_nodes_that_nothing_names_are_joined() {
    let other = "rml:logicalSource [ rml:source \"o.csv\" ; rml:referenceFormulation rml:CSV ]";
    let (fresh, named) = (
        "rml:termType rml:BlankNode",
        "rml:reference \"id\" ; rml:termType rml:BlankNode",
    );
    for (child, parent) in [(fresh, named), (named, fresh)] {
        let sandbox = Sandbox::new();
        let object =
            "rml:parentTriplesMap <#N> ; rml:joinCondition [ rml:child \"n\" ; rml:parent \"n\" ]";
        let text = mapping(child, object)
            + &format!("<#N> {other} ; rml:subjectMap [ {parent} ; rml:class e:C ] .\n");
        sandbox.write("m.ttl", text);
        sandbox.write("t.csv", "id,n\n1,a\n2,b\n");
        sandbox.write("o.csv", "id,n\n3,a\n4,b\n");
        let convert = ["convert", "--mapping", "m.ttl", "--format", "nquads"];
        let output = sandbox.run(convert).success();
        let (links, nodes): (Vec<_>, Vec<_>) = output
            .lines()
            .partition(|line| line.contains("<http://e/p>"));
        assert_eq!((links.len(), nodes.len()), (2, 2), "{output}");
        for (link, node) in links.iter().zip(nodes) {
            let node = node.split(' ').next();
            assert_eq!(link.split(' ').nth(2), node, "{output}");
        }
    }
}

// RFC 8089: a file is named by an IRI with its path percent-encoded; other addresses are no files.
#[test]
fn targets_are_files_by_path_or_iri() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "id,n\n1,a\n");
    let text = with_target("rml:reference \"n\"");
    let iri = format!("file://{}", sandbox.path("a b.nq").display()).replace(' ', "%20");
    sandbox.write("m.ttl", text.replace("target.nq", &iri));
    sandbox.run(["convert", "--mapping", "m.ttl"]).success();
    assert_eq!(sandbox.read("a b.nq").lines().count(), 1);
    sandbox.write("m.ttl", text.replace("target.nq", "https://e.example/x.nq"));
    let ended = sandbox.run(["convert", "--mapping", "m.ttl"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(
        ended.stderr.contains("error[rml::unsupported-target]"),
        "{ended}"
    );
    assert!(!sandbox.path("https:").exists());
}
