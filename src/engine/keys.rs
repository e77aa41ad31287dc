//! Keys between rows: no two alike, and references that lead somewhere.
//!
//! In: the values of key columns, row by row. Out: the rows that break a rule.
//!
//! Memory: for each unique key its text and a position, about 60 bytes and the text; for each
//! reference that cannot be looked up yet the same.

use super::cell::CellValue;
use crate::plan::{Check, ColumnRead, Plan};
use crate::rdf::xsd::{Datatype, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fmt::Write as _;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source_row: u64,
    pub(super) line: u64,
}

/// A row that breaks a check.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    pub(super) scan: usize,
    pub(super) check: usize,
    pub(super) place: Place,
    /// The values as they stand in the row.
    pub(super) shown: String,
    /// For a double key, where it stood before.
    pub(super) first: Option<Place>,
}

type Key = Box<str>;

/// The keys of a run.
#[derive(Debug, Default)]
pub(super) struct Keys {
    // By scan and check.
    unique: FxHashMap<(usize, usize), FxHashMap<Key, Place>>,
    targets: Vec<Target>,
    pending: Vec<(Broken, Key)>,
    // The scans whose rows were not all read: nothing can be said of references to them.
    unknown: FxHashSet<usize>,
}

/// The keys that references to some columns of a table may lead to.
#[derive(Debug)]
struct Target {
    scan: usize,
    columns: Vec<usize>,
    keys: FxHashSet<Key>,
}

impl Keys {
    /// Prepares for a plan.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut keys = Self::default();
        for check in plan.scans.iter().flat_map(|scan| &scan.checks) {
            if let Check::Reference { scan, to, .. } = check
                && keys.target(*scan, to).is_none()
            {
                keys.targets.push(Target {
                    scan: *scan,
                    columns: to.clone(),
                    keys: FxHashSet::default(),
                });
            }
        }
        keys
    }

    fn target(&self, scan: usize, columns: &[usize]) -> Option<&Target> {
        self.targets
            .iter()
            .find(|target| target.scan == scan && target.columns == columns)
    }

    /// Whether the rows of a scan are of interest at all.
    pub(super) fn watch(&self, plan: &Plan, scan: usize) -> bool {
        !plan.scans[scan].checks.is_empty() || self.targets.iter().any(|target| target.scan == scan)
    }

    /// Notes that not all rows of a scan can be read.
    pub(super) fn give_up(&mut self, scan: usize) {
        self.unknown.insert(scan);
    }

    /// Takes a row; gives the checks that it breaks by itself.
    pub(super) fn row(
        &mut self,
        plan: &Plan,
        scan: usize,
        cells: &[CellValue<'_>],
        place: Place,
    ) -> Vec<Broken> {
        let columns: Vec<&ColumnRead> = plan.scans[scan].all_columns().collect();
        let mut broken = Vec::new();
        for target in self.targets.iter_mut().filter(|target| target.scan == scan) {
            if let Some(key) = key_of(&columns, cells, &target.columns) {
                target.keys.insert(key);
            }
        }
        for (index, check) in plan.scans[scan].checks.iter().enumerate() {
            match check {
                Check::Unique {
                    columns: numbers, ..
                } => {
                    // Empty cells are values here: a primary key cannot be left out twice.
                    let key = full_key_of(&columns, cells, numbers);
                    let seen = self.unique.entry((scan, index)).or_default();
                    if let Some(first) = seen.get(&key) {
                        broken.push(Broken {
                            scan,
                            check: index,
                            place,
                            shown: shown(cells, numbers),
                            first: Some(*first),
                        });
                    } else {
                        seen.insert(key, place);
                    }
                }
                Check::Reference {
                    columns: numbers,
                    scan: target,
                    to,
                    ..
                } => {
                    let Some(key) = key_of(&columns, cells, numbers) else {
                        continue;
                    };
                    let known = self
                        .target(*target, to)
                        .is_some_and(|target| target.keys.contains(&key));
                    if !known {
                        let reference = Broken {
                            scan,
                            check: index,
                            place,
                            shown: shown(cells, numbers),
                            first: None,
                        };
                        self.pending.push((reference, key));
                    }
                }
            }
        }
        broken
    }

    /// Ends the run; gives the references that lead nowhere, in the order of their rows.
    pub(super) fn finish(&self, plan: &Plan) -> Vec<Broken> {
        let leads_nowhere =
            |broken: &Broken, key: &Key| match &plan.scans[broken.scan].checks[broken.check] {
                Check::Reference { scan, to, .. } => {
                    let target = self.target(*scan, to);
                    !self.unknown.contains(scan)
                        && !target.is_some_and(|target| target.keys.contains(key))
                }
                Check::Unique { .. } => true,
            };
        self.pending
            .iter()
            .filter(|(broken, key)| leads_nowhere(broken, key))
            .map(|(broken, _)| broken.clone())
            .collect()
    }
}

// The key of a row, unless one of its cells is empty.
fn key_of(columns: &[&ColumnRead], cells: &[CellValue<'_>], numbers: &[usize]) -> Option<Key> {
    numbers
        .iter()
        .all(|number| !cells[*number].is_null())
        .then(|| full_key_of(columns, cells, numbers))
}

fn full_key_of(columns: &[&ColumnRead], cells: &[CellValue<'_>], numbers: &[usize]) -> Key {
    let mut key = String::new();
    for number in numbers {
        for item in cells[*number].items() {
            push_value(&mut key, columns[*number].cell.value.datatype, &item.text);
            key.push('\u{1F}');
        }
        key.push('\u{1E}');
    }
    key.into_boxed_str()
}

// Keys are compared by value, not by lexical form.
fn push_value(key: &mut String, datatype: Datatype, text: &str) {
    if !datatype.is_ordered() && datatype != Datatype::Boolean {
        key.push_str(text);
        return;
    }
    match Value::parse(datatype, text) {
        Some(Value::Decimal(number)) => key.push_str(&number.to_lexical()),
        Some(value) => {
            let _ = write!(key, "{value:?}");
        }
        None => key.push_str(text),
    }
}

fn shown(cells: &[CellValue<'_>], numbers: &[usize]) -> String {
    let texts: Vec<String> = numbers
        .iter()
        .map(|number| {
            let items: Vec<&str> = cells[*number]
                .items()
                .iter()
                .map(|item| item.text.as_ref())
                .collect();
            items.join(" ")
        })
        .collect();
    texts.join(", ")
}
