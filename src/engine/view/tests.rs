//! Tests of views: each operator by hand, joins against two loops and against `SQLite`.

use super::*;
use crate::plan::{Call, JsonRead, Nulls, Piece, Records, TableRead};
use crate::rdf::iri::Safe;
use crate::table::{Dialect, Mount};
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

/// Files in a folder.
struct Files {
    /// Removed in the end.
    _folder: TempDir,
    sources: Sources,
}

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let mount = Mount::Folder(folder.path().to_owned());
        Self {
            sources: Sources::new().with_mount("http://x/", mount),
            _folder: folder,
        }
    }
}

/// A row as text: values of a cell with `+` between them, `-` for none, cells with spaces.
type Shown = Vec<String>;

fn shown(row: &ViewRow) -> String {
    let cell = |column| {
        let texts: Vec<&str> = row.texts(column).collect();
        if texts.is_empty() {
            "-".to_owned()
        } else {
            texts.join("+")
        }
    };
    let cells: Vec<String> = (0..row.width()).map(cell).collect();
    cells.join(" ")
}

struct Found {
    rows: Shown,
    places: Vec<(u64, u64)>,
    codes: Vec<&'static str>,
    left_out: u64,
}

fn run(files: &Files, relation: &Relation, memory: usize, failing: Failing) -> Result<Found, ()> {
    let mut diagnostics = Diagnostics::new();
    let needed = vec![true; relation.width()];
    let mut view =
        View::open(relation, &needed, memory, &files.sources, Vec::new()).map_err(|_| ())?;
    let mut go_on = |_| true;
    let mut reports = Reports::new(&mut diagnostics, failing, &mut go_on);
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    while let Some(row) = view.next(&mut reports).map_err(|_| ())? {
        assert_eq!(row.width(), relation.width());
        rows.push(shown(row));
        places.push((row.source_row, row.line));
    }
    let left_out = reports.left_out;
    let codes = diagnostics.iter().map(|found| found.code).collect();
    Ok(Found {
        rows,
        places,
        codes,
        left_out,
    })
}

fn check(files: &[(&str, &str)], relation: &Relation, expected: &[&str]) {
    let files = Files::new(files);
    let found = run(&files, relation, 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!(found.rows, expected);
    assert_eq!(found.codes, [""; 0]);
}

fn table(name: &str, width: usize) -> Relation {
    Relation::Table(TableRead {
        source: format!("http://x/{name}"),
        dialect: Dialect::default(),
        nulls: Nulls::new(vec!["NULL".to_owned()]),
        columns: (0..width).collect(),
        width,
    })
}

fn json(iterator: &str, references: &[&str]) -> Relation {
    Relation::Json(JsonRead {
        source: "http://x/d.json".to_owned(),
        iterator: iterator.to_owned(),
        references: references.iter().map(|&path| path.to_owned()).collect(),
        nulls: Nulls::new(Vec::new()),
    })
}

fn join(left: Relation, right: Relation, on: &[(usize, usize)], keeps_left: bool) -> Relation {
    let column =
        |(one, other): &(usize, usize)| (Expression::Column(*one), Expression::Column(*other));
    Relation::Join {
        left: Box::new(left),
        right: Box::new(right),
        on: on.iter().map(column).collect(),
        keeps_left,
    }
}

const CITIES: &str = "city,country\nparis,fr\nlyon,fr\nrome,it\nNULL,\n";
const COUNTRIES: &str = "code,name\nit,Italy\nfr,France\nfr,Gaul\nde,Germany\n";

#[test]
fn tables_have_the_columns_that_are_kept() {
    let relation = Relation::Table(TableRead {
        source: "http://x/c.csv".to_owned(),
        dialect: Dialect::default(),
        nulls: Nulls::new(vec!["NULL".to_owned(), String::new()]),
        columns: vec![1, 0],
        width: 2,
    });
    check(
        &[("c.csv", CITIES)],
        &relation,
        &["fr paris", "fr lyon", "it rome", "- -"],
    );
}

#[test]
fn rows_keep_the_place_of_the_leftmost_table() {
    let files = Files::new(&[
        ("c.csv", "a,b\n\"x\ny\",1\nz,2\n"),
        ("d.csv", "c\n2\n1\n1\n"),
    ]);
    let relation = join(table("c.csv", 2), table("d.csv", 1), &[(1, 0)], false);
    let found = run(&files, &relation, 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!(found.rows, ["x\ny 1 1", "x\ny 1 1", "z 2 2"]);
    assert_eq!(found.places, [(2, 2), (2, 2), (3, 4)]);
}

#[test]
fn ragged_rows_and_faults_are_told_and_may_be_left_out() {
    let files = Files::new(&[("c.csv", "a,b\n1,2\n3\n4,5,6\n7,8\"\n9,10\n")]);
    let relation = table("c.csv", 2);
    let found = run(&files, &relation, 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!(found.rows, ["1 2", "3 -", "4 5", "7 8\"", "9 10"]);
    assert_eq!(
        found.codes,
        [
            "table::missing-cell",
            "table::extra-cell",
            "table::stray-quote"
        ]
    );
    let skip = Failing::IsLeftOut { kept: false };
    let found = run(&files, &relation, 1 << 20, skip).unwrap();
    assert_eq!(found.rows, ["1 2", "9 10"]);
    assert_eq!((found.codes.len(), found.left_out), (3, 3));
    assert!(run(&files, &relation, 1 << 20, Failing::Stops).is_err());
    // What is wrong with a table is told once, however often a view reads it.
    let twice = join(table("c.csv", 2), table("c.csv", 2), &[(0, 0)], false);
    let found = run(&files, &twice, 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!((found.rows.len(), found.codes.len()), (5, 3));
}

#[test]
fn an_empty_table_has_no_header() {
    let files = Files::new(&[("c.csv", "")]);
    let found = run(&files, &table("c.csv", 2), 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!((found.rows.len(), found.codes), (0, vec!["table::empty"]));
}

#[test]
fn json_records_have_values_where_paths_lead() {
    let people = r#"{"people": [
        {"name": "ann", "items": ["a", 2, null, true], "o": {"k": [1, {"z": "é"}]}},
        {"name": null, "items": []},
        {"items": "b", "name": "x y"}
    ]}"#;
    check(
        &[("d.json", people)],
        &json(
            "$.people[*]",
            &["$.name", "$.items[*]", "items", "o.k[1].z"],
        ),
        &[
            "ann a+2+true [\"a\",2,null,true] é",
            "- - [] -",
            "x y - b -",
        ],
    );
    check(
        &[("d.json", "[[1,2],[3]]")],
        &json("$[*]", &["$[*]", "$"]),
        &["1+2 [1,2]", "3 [3]"],
    );
    let broken = Files::new(&[("d.json", "{\"a\": }")]);
    let relation = json("$", &["a"]);
    let mut view = View::open(&relation, &[true], 1 << 20, &broken.sources, Vec::new()).unwrap();
    let (mut diagnostics, mut go_on) = (Diagnostics::new(), |_| true);
    let mut reports = Reports::new(&mut diagnostics, Failing::GoesOn, &mut go_on);
    let Err(ScanError::Table(error)) = view.next(&mut reports) else {
        panic!("it is not JSON");
    };
    let found = error.to_diagnostic();
    assert_eq!((found.code, found.location.line), ("table::json", Some(1)));
    let relation = json("$[", &[]);
    let error = View::open(&relation, &[], 1 << 20, &broken.sources, Vec::new()).err();
    assert_eq!(error.unwrap().to_diagnostic().code, "table::json-path");
}

#[test]
fn rows_are_numbered_from_0() {
    let relation = Relation::Numbered(Box::new(table("c.csv", 2)));
    check(
        &[("c.csv", CITIES)],
        &relation,
        &["paris fr 0", "lyon fr 1", "rome it 2", "-  3"],
    );
}

#[test]
fn each_value_has_a_row() {
    let relation = Relation::Each {
        input: Box::new(json("$[*]", &["n", "$.v[*]"])),
        values: Expression::Column(1),
    };
    check(
        &[(
            "d.json",
            r#"[{"n": 1, "v": ["a", "b"]}, {"n": 2}, {"n": 3, "v": ["c"]}]"#,
        )],
        &relation,
        &["1 a+b 0 a", "1 a+b 1 b", "2 - - -", "3 c 0 c"],
    );
    let template = Expression::Template(vec![
        Piece::Text("<".to_owned()),
        Piece::Value(Expression::Column(0), Safe::Everything),
        Piece::Value(Expression::RowNumber, Safe::Everything),
    ]);
    let relation = Relation::Each {
        input: Box::new(table("c.csv", 2)),
        values: Expression::List(vec![template, Expression::Constant("k".to_owned())]),
    };
    check(
        &[("c.csv", "a,b\nx,1\nNULL,2\n")],
        &relation,
        &["x 1 0 <x0", "x 1 1 k", "- 2 0 k"],
    );
}

#[test]
fn records_in_a_cell_have_a_row() {
    let records = Records::Json {
        iterator: "$[*]".to_owned(),
        references: vec!["$.type".to_owned(), "weight".to_owned()],
    };
    let relation = Relation::Unnest {
        input: Box::new(table("c.csv", 2)),
        column: 1,
        records,
    };
    let text = "name,items\nann,\"[{\"\"type\"\":\"\"sword\"\",\"\"weight\"\":1500},{\"\"weight\"\":1}]\"\nbob,[]\neve,\n";
    check(
        &[("c.csv", text)],
        &relation,
        &[
            "ann [{\"type\":\"sword\",\"weight\":1500},{\"weight\":1}] 0 sword 1500",
            "ann [{\"type\":\"sword\",\"weight\":1500},{\"weight\":1}] 1 - 1",
            "bob [] - - -",
            "eve  - - -",
        ],
    );
    let files = Files::new(&[("c.csv", "name,items\nann,[\n")]);
    let found = run(&files, &relation, 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!(found.rows, ["ann [ - - -"]);
    assert_eq!(found.codes, ["table::json"]);

    let records = |names: &[&str]| Records::Csv {
        references: names.iter().map(|&name| name.to_owned()).collect(),
    };
    let unnest = |names: &[&str]| Relation::Unnest {
        input: Box::new(json("$[*]", &["$.items[*]"])),
        column: 0,
        records: records(names),
    };
    let document = r#"[{"items": ["a,b\n1,\"2,\"\n3,4\n", "b\n5\n"]}, {}]"#;
    let files = Files::new(&[("d.json", document)]);
    let relation = Relation::Project {
        input: Box::new(unnest(&["b", "a"])),
        columns: vec![1, 2, 3],
    };
    let found = run(&files, &relation, 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!(found.rows, ["0 2, 1", "1 4 3", "2 5 -", "- - -"]);
    // The second table has no `a`.
    assert_eq!(found.codes, ["table::missing-column"]);
}

#[test]
fn conditions_choose_rows() {
    let controls_if =
        crate::function::find("http://users.ugent.be/~bjdmeest/function/grel.ttl#controls_if");
    let arguments = [
        Expression::Column(0),
        Expression::Constant("true".to_owned()),
        Expression::Constant("false".to_owned()),
    ];
    let relation = Relation::Filter {
        input: Box::new(table("c.csv", 1)),
        conditions: vec![Expression::Call(Box::new(Call {
            function: controls_if.unwrap(),
            arguments: arguments.map(Some).to_vec(),
            element: 0,
        }))],
    };
    let files = Files::new(&[("c.csv", "a\ntrue\nfalse\nNULL\nbad\ntrue\n")]);
    let found = run(&files, &relation, 1 << 20, Failing::GoesOn).unwrap();
    assert_eq!(found.rows, ["true", "true"]);
    assert_eq!(found.codes, ["table::function"]);
    let skip = Failing::IsLeftOut { kept: false };
    assert_eq!(run(&files, &relation, 1 << 20, skip).unwrap().left_out, 1);
}

#[test]
fn columns_are_put_in_order() {
    let relation = Relation::Project {
        input: Box::new(table("c.csv", 2)),
        columns: vec![1, 0, 1],
    };
    check(&[("c.csv", "a,b\n1,2\n")], &relation, &["2 1 2"]);
}

#[test]
fn joins_give_pairs_in_order() {
    let files = [("c.csv", CITIES), ("d.csv", COUNTRIES)];
    let (left, right) = (|| table("c.csv", 2), || table("d.csv", 2));
    let inner = [
        "paris fr fr France",
        "paris fr fr Gaul",
        "lyon fr fr France",
        "lyon fr fr Gaul",
        "rome it it Italy",
    ];
    check(&files, &join(left(), right(), &[(1, 0)], false), &inner);
    let outer = [inner.as_slice(), &["-  - -"]].concat();
    check(&files, &join(left(), right(), &[(1, 0)], true), &outer);
    // No value is like no value.
    check(
        &files,
        &join(left(), left(), &[(0, 0)], false),
        &["paris fr paris fr", "lyon fr lyon fr", "rome it rome it"],
    );
    let all = join(table("a.csv", 1), table("a.csv", 1), &[], false);
    check(
        &[("a.csv", "a\n1\n2\n")],
        &all,
        &["1 1", "1 2", "2 1", "2 2"],
    );
}

#[test]
fn joins_of_joins_share_the_memory() {
    let inner = join(table("c.csv", 2), table("d.csv", 2), &[(1, 0)], false);
    let relation = join(table("d.csv", 2), inner, &[(0, 3)], true);
    let files = Files::new(&[("c.csv", CITIES), ("d.csv", "a,b\nfr,fr\nit,fr\n")]);
    for memory in [0, 1 << 20] {
        let found = run(&files, &relation, memory, Failing::GoesOn).unwrap();
        assert_eq!(
            found.rows,
            [
                "fr fr paris fr fr fr",
                "fr fr lyon fr fr fr",
                "fr fr rome it it fr",
                "it fr - - - -"
            ]
        );
    }
}

#[test]
fn many_runs_are_merged_on_the_way() {
    let numbers = |count: u32| {
        let lines: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        format!("n\n{}\n", lines.join("\n"))
    };
    let files = Files::new(&[("l.csv", &numbers(3)), ("r.csv", &numbers(300))]);
    let all = join(table("l.csv", 1), table("r.csv", 1), &[], false);
    let found = run(&files, &all, 0, Failing::GoesOn).unwrap().rows;
    let expected: Vec<String> = (0..3)
        .flat_map(|one| (0..300).map(move |other| format!("{one} {other}")))
        .collect();
    assert_eq!(found, expected);
}

type Like = fn(&(u8, u8, String), &(u8, u8, String)) -> bool;

fn csv_of(rows: &[(u8, u8, String)]) -> String {
    let mut text = "a,b,c\n".to_owned();
    for (one, two, three) in rows {
        // No value for one of them.
        let cell = |number: &u8| match number {
            0 => "NULL".to_owned(),
            number => number.to_string(),
        };
        text.push_str(&format!("{},{},{three}\n", cell(one), cell(two)));
    }
    text
}

fn rows_of(keys: u8) -> impl Strategy<Value = Vec<(u8, u8, String)>> {
    prop::collection::vec((0..keys, 0..keys, "[a-z]{0,9}"), 0..60)
}

/// What two loops find.
fn naive(
    left: &[(u8, u8, String)],
    right: &[(u8, u8, String)],
    is_like: impl Fn(&(u8, u8, String), &(u8, u8, String)) -> bool,
    keeps_left: bool,
) -> Shown {
    let cells = |(one, two, three): &(u8, u8, String)| {
        let cell = |number: &u8| match number {
            0 => "-".to_owned(),
            number => number.to_string(),
        };
        format!("{} {} {three}", cell(one), cell(two))
    };
    let mut found = Vec::new();
    for one in left {
        let before = found.len();
        for other in right.iter().filter(|other| is_like(one, other)) {
            found.push(format!("{} {}", cells(one), cells(other)));
        }
        if keeps_left && found.len() == before {
            found.push(format!("{} - - -", cells(one)));
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn joins_find_what_two_loops_find_whatever_the_memory(
        (left, right) in (2_u8..40).prop_flat_map(|keys| (rows_of(keys), rows_of(keys))),
        keeps_left: bool,
        // With more text on one side, that side is read first.
        padding in 0..3_usize,
    ) {
        let pad = |text: String, is_padded| {
            let header = if is_padded { "x".repeat(5000) } else { "c".to_owned() };
            text.replacen("a,b,c", &format!("a,b,{header}"), 1)
        };
        let files = Files::new(&[
            ("l.csv", &pad(csv_of(&left), padding == 1)),
            ("r.csv", &pad(csv_of(&right), padding == 2)),
        ]);
        let tables = || (Box::new(table("l.csv", 3)), Box::new(table("r.csv", 3)));
        let column = Expression::Column;
        let list = || Expression::List(vec![column(0), column(1)]);
        let cases: [(Vec<(Expression, Expression)>, Like); 5] = [
            (vec![(column(0), column(0))], |l, r| l.0 != 0 && l.0 == r.0),
            (
                vec![(column(0), column(1)), (column(1), column(0))],
                |l, r| l.0 != 0 && l.0 == r.1 && l.1 != 0 && l.1 == r.0,
            ),
            // Several values: one has to be the same.
            (vec![(list(), list())], |l, r| {
                [l.0, l.1].iter().any(|key| *key != 0 && (*key == r.0 || *key == r.1))
            }),
            (vec![(list(), column(0))], |l, r| r.0 != 0 && (l.0 == r.0 || l.1 == r.0)),
            (Vec::new(), |_, _| true),
        ];
        for (on, is_like) in cases {
            let (left_table, right_table) = tables();
            let relation = Relation::Join { left: left_table, right: right_table, on, keeps_left };
            let expected = naive(&left, &right, is_like, keeps_left);
            for memory in [0, 200, 1000, 4000, 1 << 20] {
                let found = run(&files, &relation, memory, Failing::GoesOn).unwrap();
                prop_assert_eq!(&found.rows, &expected, "{} bytes", memory);
            }
        }
    }
}
