//! What a plan writes straight into text is what it says: the statements that the same plan hands to
//! a sink one by one, each once, in any syntax, for any number of threads, size of pieces and memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should say so"
)]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{
    self, Duplicates, OnError, Progress, RunOptions, Severities, Syntax, TextOptions,
};
use coalition_kg::mapping::csvw::{self, Mode, Options};
use coalition_kg::plan::{
    GraphRule, IriRule, Join, Part, Plan, QuadRule, Template, TermRule, Variable,
};
use coalition_kg::rdf::iri::Safe;
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::sink::EachQuad;
use coalition_kg::table::{Mount, Sources};
use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::{GraphName, NamedNode, Quad, QuadRef, Term};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

const BASE: &str = "https://example.org/";

// Columns with the same property, a list, links, a property that rows make, subjects that repeat,
// blank ones, and two tables that say the same of the same.
const METADATA: &str = r#"{
  "@context": "http://www.w3.org/ns/csvw",
  "tables": [
    {
      "url": "a.csv",
      "tableSchema": {
        "aboutUrl": "https://example.org/id/{id}",
        "columns": [
          { "titles": "id", "name": "id", "propertyUrl": "https://example.org/p" },
          { "titles": "x", "name": "x", "propertyUrl": "https://example.org/p" },
          { "titles": "y", "name": "y", "propertyUrl": "https://example.org/n", "datatype": "decimal" },
          { "titles": "z", "name": "z", "propertyUrl": "https://example.org/z", "separator": ";" },
          { "name": "t", "virtual": true, "propertyUrl": "rdf:type", "valueUrl": "https://example.org/T" },
          { "name": "l", "virtual": true, "propertyUrl": "https://example.org/l",
            "valueUrl": "https://example.org/id/{x}" },
          { "name": "o", "virtual": true, "aboutUrl": "https://example.org/of/{x}",
            "propertyUrl": "https://example.org/o/{y}", "valueUrl": "{+z}" }
        ]
      }
    },
    {
      "url": "b.csv",
      "tableSchema": {
        "columns": [
          { "titles": "id", "name": "id", "aboutUrl": "https://example.org/id/{id}",
            "propertyUrl": "https://example.org/p" },
          { "titles": "x", "name": "x", "propertyUrl": "https://example.org/x", "lang": "en" },
          { "titles": "y", "name": "y", "aboutUrl": "https://example.org/y/{_row}",
            "propertyUrl": "https://example.org/y", "datatype": "integer" },
          { "titles": "z", "name": "z", "aboutUrl": "https://example.org/id/{id}",
            "propertyUrl": "https://example.org/list", "separator": ";", "ordered": true }
        ]
      }
    }
  ]
}"#;

struct Case {
    _folder: tempfile::TempDir,
    sources: Sources,
    plan: Plan,
}

fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "x", "y", "z"]).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

fn case(first: &[Vec<String>], second: &[Vec<String>], mode: Mode) -> Case {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.csv"), csv(first)).unwrap();
    std::fs::write(folder.path().join("b.csv"), csv(second)).unwrap();
    std::fs::write(folder.path().join("m.json"), METADATA).unwrap();
    let sources = Sources::new().with_mount(BASE, Mount::Folder(folder.path().to_owned()));
    let mut diagnostics = Diagnostics::new();
    let options = Options {
        mode,
        ..Options::default()
    };
    let document = format!("{BASE}m.json");
    let group = csvw::open(&document, None, &sources, &options, &mut diagnostics).unwrap();
    let mut plan = csvw::lower(&group, &options, &mut diagnostics).unwrap();
    look_up(&mut plan);
    Case {
        _folder: folder,
        sources,
        plan,
    }
}

// CSVW has no joins: the first table looks up the second.
fn look_up(plan: &mut Plan) {
    let text = |text: &str| Part::Text(text.to_owned());
    let iri = |parts: Vec<Part>| IriRule {
        template: Template { parts },
        base: None,
        steps: false,
        prefixes: &[],
    };
    let id = || Part::value(Variable::Column(0), Safe::Unicode);
    let scan = &mut plan.scans[0];
    scan.joins.push(Join {
        scan: 1,
        on: vec![(1, 1)],
        object: iri(vec![text("https://example.org/id/"), id()]),
        when: vec![0],
    });
    scan.rules.push(QuadRule {
        subject: TermRule::Iri(iri(vec![text("https://example.org/id/"), id()])),
        predicate: TermRule::iri(NamedNode::new_unchecked("https://example.org/l")),
        object: TermRule::Joined(0),
        graph: GraphRule::DEFAULT,
        conditions: Vec::new(),
        destinations: Vec::new(),
        key: None,
        when: vec![0],
        when_text: false,
        element: 0,
    });
}

fn options(memory: usize, observer: &mut dyn FnMut(&Progress<'_>) -> bool) -> RunOptions<'_> {
    RunOptions {
        severities: Severities::CONVERT,
        key_memory: memory,
        shard: None,
        on_error: OnError::GoOn,
        observer,
    }
}

// How often each statement is made.
fn made(case: &Case) -> (BTreeMap<String, usize>, u64) {
    let mut quads: BTreeMap<String, usize> = BTreeMap::new();
    let mut sink = EachQuad(|quad: QuadRef<'_>, _: &_| {
        *quads.entry(quad.to_string()).or_default() += 1;
    });
    let mut observer = |_: &Progress<'_>| true;
    let report = engine::run(
        &case.plan,
        &case.sources,
        &mut sink,
        &mut Diagnostics::new(),
        &mut options(engine::KEY_MEMORY, &mut observer),
    );
    (quads, report.unwrap().quads())
}

struct Way {
    syntax: Syntax,
    duplicates: Duplicates,
    threads: usize,
    piece: usize,
    memory: usize,
}

impl Way {
    fn write(&self, case: &Case) -> (Vec<u8>, engine::RunReport, Diagnostics) {
        let prefixes = Prefixes::well_known();
        let text = TextOptions {
            syntax: self.syntax,
            prefixes: &prefixes,
            duplicates: self.duplicates,
            threads: self.threads,
            piece: self.piece,
        };
        let mut out = Vec::new();
        let mut diagnostics = Diagnostics::new();
        let mut observer = |_: &Progress<'_>| true;
        let report = engine::run_text(
            &case.plan,
            &case.sources,
            &mut out,
            "test",
            &text,
            &mut diagnostics,
            &mut options(self.memory, &mut observer),
        );
        (out, report.unwrap(), diagnostics)
    }
}

const PLAIN: Way = Way {
    syntax: Syntax::NQuads,
    duplicates: Duplicates::Remove,
    threads: 1,
    piece: engine::PIECE,
    memory: engine::KEY_MEMORY,
};

// How often each statement stands in a text; blank nodes keep their labels.
fn read(bytes: &[u8], syntax: Syntax) -> BTreeMap<String, usize> {
    let format = match syntax {
        Syntax::NTriples => RdfFormat::NTriples,
        Syntax::NQuads => RdfFormat::NQuads,
        Syntax::Turtle => RdfFormat::Turtle,
        Syntax::TriG => RdfFormat::TriG,
    };
    let mut quads: BTreeMap<String, usize> = BTreeMap::new();
    for quad in RdfParser::from_format(format).for_slice(bytes) {
        let quad: Quad = quad.unwrap_or_else(|error| {
            panic!("{error}\n{}", String::from_utf8_lossy(bytes));
        });
        *quads.entry(quad.to_string()).or_default() += 1;
    }
    quads
}

// Lists are written with brackets in Turtle: their nodes have other labels there.
fn without_lists(quads: &BTreeMap<String, usize>) -> BTreeMap<&str, usize> {
    let is_of_list = |quad: &str| {
        quad.contains("-rdf-syntax-ns#first>")
            || quad.contains("-rdf-syntax-ns#rest>")
            || quad.contains("> _:")
            || quad.contains("-rdf-syntax-ns#nil>")
    };
    quads
        .iter()
        .filter(|(quad, _)| !is_of_list(quad))
        .map(|(quad, count)| (quad.as_str(), *count))
        .collect()
}

fn without_graphs(quads: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let graph = " <https://example.org/g>";
    let triples = quads
        .keys()
        .map(|quad| quad.strip_suffix(graph).unwrap_or(quad));
    triples.map(|triple| (triple.to_owned(), 1)).collect()
}

fn check(case: &Case) {
    let (expected, total) = made(case);
    let once: BTreeMap<String, usize> = expected.keys().map(|quad| (quad.clone(), 1)).collect();
    let (plain, report, diagnostics) = PLAIN.write(case);
    let found = read(&plain, Syntax::NQuads);
    assert_eq!(found, once);
    // A statement that is seen to have come before need not be made to be left out.
    assert!(report.quads() <= total);
    assert_eq!(report.quads() - report.duplicates, once.len() as u64);
    let said: Vec<String> = diagnostics.iter().map(|one| format!("{one:?}")).collect();
    for (threads, piece) in [(2, 7), (3, 40), (2, 300)] {
        let way = Way {
            threads,
            piece,
            ..PLAIN
        };
        let (bytes, other, diagnostics) = way.write(case);
        assert!(bytes == plain);
        assert_eq!(other.rows(), report.rows());
        assert_eq!(other.quads() - other.duplicates, once.len() as u64);
        let mut here: Vec<String> = diagnostics.iter().map(|one| format!("{one:?}")).collect();
        let mut there = said.clone();
        here.sort();
        there.sort();
        assert_eq!(here, there);
    }
    for memory in [0, 2000] {
        let (bytes, _, _) = Way { memory, ..PLAIN }.write(case);
        assert_eq!(read(&bytes, Syntax::NQuads), once, "{memory}");
        let (threads, piece) = (2, 50);
        let way = Way {
            threads,
            piece,
            memory,
            ..PLAIN
        };
        assert_eq!(read(&way.write(case).0, Syntax::NQuads), once, "{memory}");
    }
    let (bytes, _, _) = Way {
        syntax: Syntax::NTriples,
        ..PLAIN
    }
    .write(case);
    assert_eq!(read(&bytes, Syntax::NTriples), without_graphs(&expected));
    let (bytes, kept, _) = Way {
        duplicates: Duplicates::Keep,
        ..PLAIN
    }
    .write(case);
    assert_eq!(kept.duplicates, 0);
    let all = read(&bytes, Syntax::NQuads);
    // Statements that one row makes twice are not made again for being kept.
    assert_eq!(
        all.keys().collect::<Vec<_>>(),
        once.keys().collect::<Vec<_>>()
    );
    for (syntax, memory) in [
        (Syntax::Turtle, engine::KEY_MEMORY),
        (Syntax::TriG, engine::KEY_MEMORY),
        (Syntax::Turtle, 0),
    ] {
        let has_graphs = case.plan.scans.iter().flat_map(|scan| &scan.rules);
        let mut has_graphs = has_graphs.map(|rule| rule.graph != GraphRule::DEFAULT);
        if syntax == Syntax::Turtle && has_graphs.any(|has| has) {
            continue;
        }
        let way = Way {
            syntax,
            memory,
            ..PLAIN
        };
        let (bytes, _, _) = way.write(case);
        let found = read(&bytes, syntax);
        assert_eq!(
            without_lists(&found),
            without_lists(&once),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
        assert_eq!(found.len(), once.len());
        let (again, _, _) = Way {
            threads: 2,
            piece: 30,
            ..way
        }
        .write(case);
        assert!(bytes == again);
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]",
        4 => "[0-9]{1,2}",
        2 => Just(String::new()),
        1 => Just("a;b;a;".to_owned()),
        1 => Just("1.50".to_owned()),
        1 => Just("two\nlines, \"quoted\"\\\t".to_owned()),
        1 => Just("https://example.org/id/a".to_owned()),
        1 => Just("مكتبة ../x".to_owned()),
        1 => Just("..".to_owned()),
    ]
}

// Rows as they come, sorted by their first cell, numbered, or with each cell again.
fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    (vec(vec(cell(), 4), 0..40), 0..4_usize).prop_map(|(mut rows, order)| {
        match order {
            0 => {}
            1 => rows.sort(),
            2 => {
                for (number, row) in rows.iter_mut().enumerate() {
                    row[0] = (number + 5).to_string();
                }
                // One that comes late.
                if let Some(row) = rows.last().cloned() {
                    rows.push(vec![
                        "9".to_owned(),
                        row[1].clone(),
                        row[2].clone(),
                        String::new(),
                    ]);
                    rows.push(row);
                }
            }
            _ => rows.extend(rows.clone()),
        }
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_says_what_quads_say(first in rows(), second in rows(), standard in any::<bool>()) {
        let mode = if standard { Mode::Standard } else { Mode::Minimal };
        check(&case(&first, &second, mode));
    }
}

// A table's metadata: columns of many kinds, whose subjects and properties may be the same.
fn schema(kinds: &[(usize, usize, usize)]) -> String {
    let subjects = [
        "https://example.org/id/{a}",
        "https://example.org/id/{_row}",
        "https://example.org/{a}",
        "id/{b}",
        "https://example.org/id/{a}{b}",
        "#{c}",
    ];
    let properties = ["p", "p", "q", "{a}", "r"].map(|one| format!("https://example.org/{one}"));
    let values = [
        r#""separator": ";""#,
        r#""separator": ";", "ordered": true"#,
        r#""datatype": "integer""#,
        r##""datatype": { "base": "decimal", "format": "#,##0.0" }"##,
        r#""lang": "en""#,
        r#""valueUrl": "https://example.org/id/{b}""#,
        r#""datatype": "boolean", "default": "true""#,
        r#""null": "a""#,
        r#""separator": ";", "valueUrl": "{+b}""#,
        r#""separator": ";", "datatype": "double", "ordered": true"#,
    ];
    let columns = kinds.iter().enumerate().map(|(number, (subject, property, value))| {
        let name = ["a", "b", "c", "d", "e", "f", "g", "h"].get(number);
        let name = name.map_or_else(|| format!("n{number}"), |name| (*name).to_owned());
        let subject = subjects[subject % subjects.len()];
        let property = match property % 12 {
            known @ 0..5 => properties[known].clone(),
            _ => format!("https://example.org/n{number}"),
        };
        let value = values.get(value % 16).map_or_else(String::new, |value| format!(", {value}"));
        format!(
            r#"{{ "name": "{name}", "titles": "{name}", "aboutUrl": "{subject}", "propertyUrl": "{property}"{value} }}"#
        )
    });
    columns.collect::<Vec<_>>().join(",\n")
}

type Kinds = Vec<(usize, usize, usize)>;

fn any_case(tables: &[(Kinds, Vec<Vec<String>>)], same_subject: bool, mode: Mode) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let mut described = Vec::new();
    for (number, (kinds, rows)) in tables.iter().enumerate() {
        let mut kinds = kinds.clone();
        if same_subject {
            for kind in &mut kinds {
                kind.0 = 0;
            }
        }
        let mut writer = csv::WriterBuilder::new()
            .flexible(true)
            .from_writer(Vec::new());
        let names = (0..kinds.len()).map(|number| match number {
            0..8 => char::from(b'a' + u8::try_from(number).unwrap()).to_string(),
            _ => format!("n{number}"),
        });
        writer.write_record(names).unwrap();
        for row in rows {
            let row: Vec<&str> = row
                .iter()
                .map(String::as_str)
                .cycle()
                .take(kinds.len())
                .collect();
            writer.write_record(row).unwrap();
        }
        std::fs::write(
            folder.path().join(format!("{number}.csv")),
            writer.into_inner().unwrap(),
        )
        .unwrap();
        described.push(format!(
            r#"{{ "url": "{number}.csv", "tableSchema": {{ "columns": [{}] }} }}"#,
            schema(&kinds)
        ));
    }
    let text = format!(
        r#"{{ "@context": "http://www.w3.org/ns/csvw", "tables": [{}] }}"#,
        described.join(",\n")
    );
    std::fs::write(folder.path().join("m.json"), text).unwrap();
    let sources = Sources::new().with_mount(BASE, Mount::Folder(folder.path().to_owned()));
    let mut diagnostics = Diagnostics::new();
    let options = Options {
        mode,
        ..Options::default()
    };
    let document = format!("{BASE}m.json");
    let group = csvw::open(&document, None, &sources, &options, &mut diagnostics).unwrap();
    let plan = csvw::lower(&group, &options, &mut diagnostics).unwrap();
    Case {
        _folder: folder,
        sources,
        plan,
    }
}

fn any_table() -> impl Strategy<Value = (Kinds, Vec<Vec<String>>)> {
    let kinds = prop_oneof![2 => 3..8_usize, 1 => 34..45_usize]
        .prop_flat_map(|count| vec((any::<usize>(), any::<usize>(), any::<usize>()), count));
    let rows = (vec(vec(cell(), 3..7), 0..12), any::<bool>()).prop_map(|(mut rows, sorts)| {
        if sorts {
            rows.sort();
        }
        rows
    });
    (kinds, rows)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    // Every kind of column with every other, up to more than are compared one by one.
    #[test]
    fn text_says_what_quads_say_of_any_columns(
        tables in vec(any_table(), 1..3),
        same_subject in any::<bool>(),
        graphs in any::<bool>(),
    ) {
        let mut case = any_case(&tables, same_subject, Mode::Minimal);
        if graphs {
            // Each rule in two graphs.
            for scan in &mut case.plan.scans {
                let mut again = scan.rules.clone();
                for rule in &mut again {
                    rule.graph = NamedNode::new_unchecked("https://example.org/g").into();
                }
                scan.rules.extend(again);
            }
        }
        check(&case);
    }
}

#[test]
fn constants_that_rows_repeat_stand_once() {
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    let mut case = case(
        &[row(["a", "", "", ""]), row(["b", "", "", ""])],
        &[],
        Mode::Minimal,
    );
    let constant = Quad::new(
        NamedNode::new_unchecked("https://example.org/id/a"),
        NamedNode::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        Term::from(NamedNode::new_unchecked("https://example.org/T")),
        GraphName::DefaultGraph,
    );
    case.plan.constants.push(constant.clone());
    case.plan.constants.push(constant);
    check(&case);
}

#[test]
fn named_graphs_are_kept_where_there_are_any() {
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    let mut case = case(
        &[row(["a", "x", "", "1;2"]), row(["a", "x", "", "1;2"])],
        &[],
        Mode::Minimal,
    );
    let graph = NamedNode::new_unchecked("https://example.org/g");
    for rule in case.plan.scans[0].rules.iter_mut().skip(1) {
        rule.graph = graph.clone().into();
    }
    let (expected, _) = made(&case);
    for syntax in [Syntax::NQuads, Syntax::TriG] {
        for memory in [0, engine::KEY_MEMORY] {
            let way = Way {
                syntax,
                memory,
                ..PLAIN
            };
            let found = read(&way.write(&case).0, syntax);
            assert_eq!(
                found.keys().collect::<Vec<_>>(),
                expected.keys().collect::<Vec<_>>()
            );
            assert!(found.values().all(|count| *count == 1));
        }
    }
    let prefixes = Prefixes::well_known();
    let text = TextOptions {
        syntax: Syntax::Turtle,
        prefixes: &prefixes,
        duplicates: Duplicates::Remove,
        threads: 1,
        piece: engine::PIECE,
    };
    let mut observer = |_: &Progress<'_>| true;
    let refused = engine::run_text(
        &case.plan,
        &case.sources,
        &mut Vec::new(),
        "test",
        &text,
        &mut Diagnostics::new(),
        &mut options(engine::KEY_MEMORY, &mut observer),
    );
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("named graph"), "{error}");
}
