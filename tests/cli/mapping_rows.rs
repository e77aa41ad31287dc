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
