//! Tests of keys: what is alike, what leads where, and that the limit changes nothing.

use super::super::cell::Item;
use super::*;
use crate::plan::{
    CellRule, ColumnRead, Element, HeaderRule, NullTexts, TableScan, Titles, ValueType,
};
use crate::table::Dialect;
use proptest::prelude::*;

fn scan(datatypes: &[Datatype], checks: Vec<Check>) -> TableScan {
    let columns = datatypes.iter().map(|datatype| ColumnRead {
        name: "c".to_owned(),
        titles: Titles::Any,
        cell: CellRule {
            value: ValueType {
                datatype: *datatype,
                ..ValueType::string()
            },
            ..CellRule::default()
        },
        element: 0,
    });
    TableScan {
        view: None,
        source: String::new(),
        dialect: Dialect::default(),
        columns: columns.collect(),
        computed: Vec::new(),
        rules: Vec::new(),
        checks,
        joins: Vec::new(),
        elements: vec![Element::default()],
        header: HeaderRule::Ignore,
        comments: None,
        watched: Vec::new(),
        frame: None,
    }
}

fn unique(columns: &[usize]) -> Check {
    Check::Unique {
        columns: columns.to_vec(),
        element: 0,
    }
}

fn reference(columns: &[usize], scan: usize, to: &[usize]) -> Check {
    Check::Reference {
        columns: columns.to_vec(),
        scan,
        to: to.to_vec(),
        null_texts: NullTexts::ReferToNothing,
        element: 0,
    }
}

/// By kind, scan and check: the rows that are shown, in order, and the number of all.
type Outcome = BTreeMap<(u8, usize, usize), (Vec<(u64, String, Option<u64>)>, u64)>;

fn run<T: AsRef<str>>(plan: &Plan, tables: &[Vec<Vec<T>>], limit: usize) -> (Outcome, bool) {
    let mut keys = Keys::new(plan, limit);
    let mut outcome = Outcome::new();
    let mut note = |broken: &Broken| {
        let (kind, first) = match broken.how {
            How::Duplicate(first) => (0, Some(first.source_row)),
            How::Dangling => (1, None),
            How::Ambiguous => (2, None),
        };
        let (shown, count) = outcome
            .entry((kind, broken.scan, broken.check))
            .or_default();
        *count += 1;
        if shown.len() < SHOWN_PER_CODE_AND_COLUMN {
            assert_eq!(broken.place.line, broken.place.source_row + 7);
            shown.push((broken.place.source_row, broken.shown.clone(), first));
        }
    };
    for (scan, rows) in tables.iter().enumerate() {
        for (row, texts) in rows.iter().enumerate() {
            let cells: Vec<CellValue<'_>> = texts
                .iter()
                .map(|text| match text.as_ref() {
                    "" => CellValue::Null,
                    text => CellValue::One(Item {
                        text: text.into(),
                        valid: true,
                    }),
                })
                .collect();
            let source_row = row as u64 + 2;
            let place = Place {
                source_row,
                line: source_row + 7,
            };
            for broken in keys.row(scan, &cells, place).unwrap() {
                note(&broken);
            }
        }
        keys.complete(scan);
    }
    let spilled = keys.file.is_used();
    let findings = keys.finish().unwrap();
    for broken in &findings.broken {
        note(broken);
    }
    for (broken, more) in &findings.more {
        let kind = match broken.how {
            How::Duplicate(_) => 0,
            How::Dangling => 1,
            How::Ambiguous => 2,
        };
        outcome
            .get_mut(&(kind, broken.scan, broken.check))
            .unwrap()
            .1 += more;
    }
    (outcome, spilled)
}

fn rows(outcome: &Outcome, kind: u8, scan: usize) -> Vec<u64> {
    outcome
        .iter()
        .filter(|((found, of, _), _)| (*found, *of) == (kind, scan))
        .flat_map(|(_, (shown, _))| shown.iter().map(|(row, ..)| *row))
        .collect()
}

// Spec: tabular-data-model §8; metadata §5.5
#[test]
fn primary_keys_are_compared_by_value_with_their_empty_cells() {
    let plan = Plan {
        scans: vec![scan(
            &[Datatype::Decimal, Datatype::String],
            vec![unique(&[0, 1])],
        )],
        ..Plan::default()
    };
    let table = [
        ["6.45", "a"],
        ["6.450", "b"],
        ["6.4500", "a"],
        ["", "a"],
        ["", "a"],
        ["", ""],
        ["", ""],
    ];
    let (outcome, _) = run(&plan, &[table.map(Vec::from).to_vec()], usize::MAX);
    assert_eq!(rows(&outcome, 0, 0), [4, 6, 8]);
}

// Spec: metadata §5.5; tabular-data-model §8
#[test]
fn references_lead_to_one_row() {
    let plan = Plan {
        scans: vec![
            scan(&[Datatype::Integer], vec![reference(&[0], 1, &[0])]),
            scan(&[Datatype::Integer], vec![reference(&[0], 0, &[0])]),
        ],
        ..Plan::default()
    };
    let one = ["1", "2", "", "3", "3"].map(|text| vec![text]).to_vec();
    let other = ["01", "+1", "3", "", ""].map(|text| vec![text]).to_vec();
    for limit in [usize::MAX, 0] {
        let (outcome, spilled) = run(&plan, &[one.clone(), other.clone()], limit);
        assert_eq!(rows(&outcome, 1, 0), [3], "2 stands nowhere");
        assert_eq!(rows(&outcome, 2, 0), [2], "1 stands twice");
        assert_eq!(rows(&outcome, 2, 1), [4], "3 stands twice");
        assert_eq!(spilled, limit == 0);
    }
}

#[test]
fn many_keys_are_parted_more_than_once() {
    let plan = Plan {
        scans: vec![
            scan(&[Datatype::Integer], vec![unique(&[0])]),
            scan(&[Datatype::Integer], vec![reference(&[0], 0, &[0])]),
        ],
        ..Plan::default()
    };
    let mut keys: Vec<Vec<String>> = (0..10_000).map(|key| vec![key.to_string()]).collect();
    keys.extend([vec!["0077".to_owned()], vec!["9999".to_owned()]]);
    let references: Vec<Vec<String>> = (9_990..10_040).map(|key| vec![key.to_string()]).collect();
    let tables = [keys, references];
    let (all, _) = run(&plan, &tables, usize::MAX);
    assert_eq!(rows(&all, 0, 0), [10_002, 10_003]);
    assert_eq!(all[&(1, 1, 0)].1, 40);
    for limit in [0, 5_000, 300_000] {
        let (some, spilled) = run(&plan, &tables, limit);
        assert!(spilled, "{limit}");
        assert_eq!(some, all, "{limit}");
    }
}

#[test]
fn the_memory_of_keys_is_what_is_said() {
    let mut seen: HashMap<Fingerprint, Packed, ByFingerprint> = HashMap::default();
    assert_eq!(table_bytes::<Packed>(seen.capacity()), 0);
    seen.reserve(1_000_000);
    let slots = 1 << 21;
    assert_eq!(table_bytes::<Packed>(seen.capacity()), slots * 29);
    assert_eq!(size_of::<(Fingerprint, bool)>(), 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_limit_changes_nothing(
        tables in proptest::collection::vec(
            proptest::collection::vec(
                proptest::collection::vec("[0-3]?[0-9]?", 2), 0..60
            ),
            3
        ),
        limit in prop_oneof![Just(0_usize), 100_usize..4000],
    ) {
        let types = [Datatype::Integer, Datatype::String];
        let plan = Plan {
            scans: vec![
                scan(&types, vec![unique(&[0]), reference(&[1], 1, &[1])]),
                scan(&types, vec![unique(&[0, 1]), reference(&[0], 0, &[0]), reference(&[0], 2, &[0])]),
                scan(&types, vec![reference(&[0, 1], 1, &[0, 1]), reference(&[1], 2, &[1])]),
            ],
            ..Plan::default()
        };
        let (all, _) = run(&plan, &tables, usize::MAX);
        let (some, _) = run(&plan, &tables, limit);
        prop_assert_eq!(all, some);
    }
}
