//! Rows that are more than those of one table: what is made of them, whatever the limit of memory is.
//!
//! What joins have to find is told by `SQLite`, where `python3` is there.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be run has failed; the helpers are outside of test functions"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const PREFIXES: &str = "@prefix rml: <http://w3id.org/rml/> .\n@prefix : <http://example.org/> .\n";

/// Two tables and a view of their pairs; the same pairs by a join condition.
const MAPPING: &str = r#"
:l a rml:LogicalSource ; rml:referenceFormulation rml:CSV ;
  rml:source [ a rml:RelativePathSource ; rml:root rml:MappingDirectory ; rml:path "l.csv" ] .
:r a rml:LogicalSource ; rml:referenceFormulation rml:CSV ;
  rml:source [ a rml:RelativePathSource ; rml:root rml:MappingDirectory ; rml:path "r.csv" ] .
:right a rml:LogicalView ; rml:viewOn :r ;
  rml:field [ rml:fieldName "key" ; rml:reference "key" ] ,
    [ rml:fieldName "name" ; rml:reference "name" ] .
:pairs a rml:LogicalView ; rml:viewOn :l ;
  rml:field [ rml:fieldName "id" ; rml:reference "id" ] ,
    [ rml:fieldName "key" ; rml:reference "key" ] ;
  rml:JOIN [ rml:parentLogicalView :right ;
    rml:joinCondition [ rml:parent "key" ; rml:child "key" ] ;
    rml:field [ rml:fieldName "other" ; rml:reference "name" ] ] .
:viewed a rml:TriplesMap ; rml:logicalSource :pairs ;
  rml:subjectMap [ rml:template "http://example.org/l/{id}" ] ;
  rml:predicateObjectMap [ rml:predicate :has ; rml:objectMap [ rml:reference "other" ] ] .
"#;

const LOOK_UP: &str = r#"
:l a rml:LogicalSource ; rml:referenceFormulation rml:CSV ;
  rml:source [ a rml:RelativePathSource ; rml:root rml:MappingDirectory ; rml:path "l.csv" ] .
:r a rml:LogicalSource ; rml:referenceFormulation rml:CSV ;
  rml:source [ a rml:RelativePathSource ; rml:root rml:MappingDirectory ; rml:path "r.csv" ] .
:child a rml:TriplesMap ; rml:logicalSource :l ;
  rml:subjectMap [ rml:template "http://example.org/l/{id}" ] ;
  rml:predicateObjectMap [ rml:predicate :key ; rml:objectMap [ rml:reference "key" ] ] ;
  rml:predicateObjectMap [ rml:predicate :has ; rml:objectMap [ rml:parentTriplesMap :parent ;
    rml:joinCondition [ rml:parent "key" ; rml:child "key" ] ] ] .
:parent a rml:TriplesMap ; rml:logicalSource :r ;
  rml:subjectMap [ rml:template "http://example.org/r/{name}" ] ;
  rml:predicateObjectMap [ rml:predicate :key ; rml:objectMap [ rml:reference "key" ] ] .
"#;

struct Case {
    folder: TempDir,
}

// Rows of `id,key` and `name,key`; keys repeat on both sides, some are on one side only.
fn case(mapping: &str, left: u32, right: u32, keys: u32) -> Case {
    let folder = tempfile::tempdir().unwrap();
    // Numbers that look random and are the same each time.
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut table = |name: &str, column: &str, rows: u32, keys: u32| {
        let mut text = format!("{column},key\n");
        for row in 0..rows {
            let key = random() % u64::from(keys);
            writeln!(text, "{column} {row},k{key}").unwrap();
        }
        fs::write(folder.path().join(name), text).unwrap();
    };
    table("l.csv", "id", left, keys);
    table("r.csv", "name", right, keys + keys / 3);
    fs::write(folder.path().join("m.ttl"), format!("{PREFIXES}{mapping}")).unwrap();
    Case { folder }
}

impl Case {
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
            .args([
                "convert",
                "--mapping",
                "m.ttl",
                "--format",
                "ntriples",
                "--quiet",
            ])
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    fn convert(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// What `SQLite` finds: pairs of `id` and `name`, in the order of both tables.
fn sqlite(folder: &Path, keeps_left: bool) -> Option<Vec<(String, String)>> {
    let script = r"
import csv, sqlite3, sys
db = sqlite3.connect(':memory:')
for name, column in (('l', 'id'), ('r', 'name')):
    db.execute(f'create table {name} (n integer primary key, {column} text, key text)')
    with open(f'{name}.csv', newline='') as file:
        rows = list(csv.reader(file))[1:]
    db.executemany(f'insert into {name} ({column}, key) values (?, ?)', rows)
db.execute('create index i on r (key)')
join = 'left join' if sys.argv[1] == 'left' else 'join'
for pair in db.execute(f'select id, coalesce(name, \'\') from l {join} r on l.key = r.key order by l.n, r.n'):
    print('\t'.join(pair))
";
    let output = Command::new("python3")
        .args(["-c", script, if keeps_left { "left" } else { "inner" }])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let pairs = text.lines().map(|line| line.split_once('\t').unwrap());
    Some(
        pairs
            .map(|(one, other)| (one.to_owned(), other.to_owned()))
            .collect(),
    )
}

fn iri(text: &str) -> String {
    text.replace(' ', "%20")
}

#[test]
fn views_find_what_sqlite_finds_in_the_same_order() {
    for (join, keeps_left) in [("innerJoin", false), ("leftJoin", true)] {
        // Either side is the smaller one.
        for (left, right) in [(3000, 4000), (500, 6000)] {
            let case = case(&MAPPING.replace("JOIN", join), left, right, 1000);
            let found = case.convert(&["--keep-duplicates"]);
            for memory in ["1", "100k", "200k", "1g"] {
                let other = case.convert(&["--keep-duplicates", "--memory", memory]);
                assert!(other == found, "{memory}");
            }
            let once = case.convert(&["--memory", "1"]);
            assert_eq!(sorted(&once), {
                let mut all = sorted(&found);
                all.dedup();
                all
            });
            let Some(pairs) = sqlite(case.folder.path(), keeps_left) else {
                return;
            };
            let pairs = pairs.iter().filter(|(_, name)| !name.is_empty());
            let expected: Vec<String> = pairs
                .map(|(id, name)| {
                    let id = iri(id);
                    format!("<http://example.org/l/{id}> <http://example.org/has> \"{name}\" .\n")
                })
                .collect();
            assert!(found == expected.concat());
        }
    }
}

#[test]
fn look_ups_in_tables_beyond_the_memory_make_the_same_statements() {
    let case = case(LOOK_UP, 3000, 4000, 1000);
    let found = case.convert(&[]);
    let beyond = case.convert(&["--memory", "20k"]);
    assert!(
        beyond != found,
        "the order tells that it was done in another way"
    );
    assert_eq!(sorted(&beyond), sorted(&found));
    assert!(case.convert(&["--memory", "20k"]) == beyond);
    if let Some(pairs) = sqlite(case.folder.path(), false) {
        let has = |text: &str| text.matches("example.org/has>").count();
        assert_eq!(has(&found), pairs.len());
    }
}

#[test]
fn rows_that_fail_are_left_out_of_views() {
    let case = case(&MAPPING.replace("JOIN", "leftJoin"), 0, 0, 1);
    let folder = case.folder.path();
    fs::write(folder.join("l.csv"), "id,key\n1,a\n2\n3,b\n").unwrap();
    fs::write(folder.join("r.csv"), "name,key\nx,a\ny,b,c\n").unwrap();
    let output = case.run(&[]);
    assert!(!output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("table::missing-cell") && stderr.contains("table::extra-cell"));
    let output = case.run(&["--on-error", "skip"]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        stdout,
        "<http://example.org/l/1> <http://example.org/has> \"x\" .\n"
    );
    let output = case.run(&["--on-error", "stop"]);
    assert!(!output.status.success() && output.stdout.is_empty());
}

#[test]
fn views_are_in_the_first_shard() {
    let case = case(&MAPPING.replace("JOIN", "innerJoin"), 100, 100, 10);
    let whole = case.convert(&["--keep-duplicates"]);
    let mut parts = String::new();
    for shard in ["1/2", "2/2"] {
        case.convert(&["--shard", shard, "--output", "parts"]);
    }
    for entry in fs::read_dir(case.folder.path().join("parts")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "nt") {
            parts += &fs::read_to_string(path).unwrap();
        }
    }
    assert_eq!(sorted(&parts), {
        let mut all = sorted(&whole);
        all.dedup();
        all
    });
}

#[cfg(unix)]
#[test]
fn joins_beyond_the_memory_need_a_folder_for_temporary_files() {
    let case = case(&MAPPING.replace("JOIN", "innerJoin"), 3000, 4000, 1000);
    let run = |memory: &str| {
        Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
            .args(["convert", "--mapping", "m.ttl", "--format", "ntriples"])
            .args(["--keep-duplicates", "--memory", memory])
            .env("TMPDIR", case.folder.path().join("nowhere"))
            .current_dir(case.folder.path())
            .output()
            .unwrap()
    };
    assert!(run("1g").status.success());
    let output = run("1");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("run::joins"), "{stderr}");
    assert_eq!(output.status.code(), Some(2));
}
