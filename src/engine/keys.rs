//! Keys between rows: no two alike, and references that lead to one row each.
//!
//! In: the values of key columns, row by row. Out: the rows that break a rule.
//!
//! Of a key only a fingerprint of 16 bytes is remembered, and for keys that have to be unique the
//! place of its row (12 bytes): two different keys are taken for the same once in 2⁶⁵ tables of
//! four thousand million keys each. References that cannot be looked up yet are remembered with
//! their text.
//!
//! Memory: a hash table of these keeps between a half and an eighth of it free, so 33 to 66 bytes
//! a unique key and 24 to 48 bytes another key that is referred to. Beyond the limit the largest
//! table moves to a temporary file, parted by fingerprint, and is checked part by part at the end.

mod fingerprint;
mod spill;
#[cfg(test)]
mod tests;

use super::cell::CellValue;
use super::run::RunOptions;
use crate::diagnostic::SHOWN_PER_CODE_AND_COLUMN;
use crate::plan::{Check, Plan};
use crate::rdf::xsd::Datatype;
use crate::sink::spill::{Part, Partitions, SpillFile};
use fingerprint::{ByFingerprint, Fingerprint, Fingerprinter};
use rustc_hash::FxHashMap;
use spill::{Record, for_each, part_again, push};
use std::collections::{BTreeMap, HashMap};
use std::io;

/// How often a part that is too large is parted again.
const MOST_LEVELS: u32 = 3;
/// The memory that a part may take at the end whatever the limit is.
const LEAST_PART: usize = 4096;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source_row: u64,
    pub(super) line: u64,
}

/// A row that breaks a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) scan: usize,
    pub(super) check: usize,
    pub(super) place: Place,
    /// The values as they stand in the row.
    pub(super) shown: String,
    pub(super) how: How,
}

/// How a row breaks a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Its key stood before, at this place.
    Duplicate(Place),
    /// It refers to no row.
    Dangling,
    /// It refers to several rows.
    Ambiguous,
}

/// What is found at the end of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// In the order of their kinds and rows; of each check and kind the first few.
    pub(super) broken: Vec<Broken>,
    /// One of each check and kind, and how many more there are.
    pub(super) more: Vec<(Broken, u64)>,
}

// A place in 12 bytes; no table has 2⁴⁸ rows.
#[derive(Debug, Clone, Copy)]
struct Packed([u16; 6]);

impl From<Place> for Packed {
    #[expect(clippy::cast_possible_truncation, reason = "each part is cut to size")]
    fn from(place: Place) -> Self {
        let part = |at: usize| {
            let number = if at < 3 { place.source_row } else { place.line };
            (number >> (16 * (at % 3))) as u16
        };
        Self([0, 1, 2, 3, 4, 5].map(part))
    }
}

impl From<Packed> for Place {
    fn from(packed: Packed) -> Self {
        let (source_row, line) = packed.0.split_at(3);
        let join = |parts: &[u16]| {
            let parts = parts.iter().rev();
            parts.fold(0, |number, part| (number << 16) | u64::from(*part))
        };
        Self {
            source_row: join(source_row),
            line: join(line),
        }
    }
}

// The keys that were seen.
#[derive(Debug)]
enum Seen {
    /// Each with the place of its first row.
    Places(HashMap<Fingerprint, Packed, ByFingerprint>),
    /// Each with whether it stood more than once.
    Repeats(HashMap<Fingerprint, bool, ByFingerprint>),
}

// What a table takes with one byte more for each slot, an eighth of which stay free.
fn table_bytes<V>(capacity: usize) -> usize {
    let slots = (capacity * 8).div_ceil(7).next_power_of_two();
    if capacity == 0 {
        0
    } else {
        slots * (size_of::<(Fingerprint, V)>() + 1)
    }
}

impl Seen {
    fn bytes(&self) -> usize {
        match self {
            Self::Places(seen) => table_bytes::<Packed>(seen.capacity()),
            Self::Repeats(seen) => table_bytes::<bool>(seen.capacity()),
        }
    }

    // How much more memory one more key takes; while a table grows it is there twice.
    fn growth(&self) -> usize {
        match self {
            Self::Places(seen) if seen.len() == seen.capacity() => {
                table_bytes::<Packed>(seen.capacity() + 1)
            }
            Self::Repeats(seen) if seen.len() == seen.capacity() => {
                table_bytes::<bool>(seen.capacity() + 1)
            }
            _ => 0,
        }
    }
}

// The keys of some columns of a table, and the references to them.
#[derive(Debug)]
struct Store {
    scan: usize,
    columns: Vec<usize>,
    datatypes: Vec<Datatype>,
    /// The check, if no two keys may be alike.
    unique: Option<usize>,
    is_target: bool,
    seen: Seen,
    /// References that could not be looked up yet.
    pending: Vec<u8>,
    spilled: Option<Box<Spilled>>,
    /// Whether all rows of the scan were read.
    complete: bool,
    /// Whether not all can be read: nothing can be said of references then.
    unknown: bool,
}

#[derive(Debug)]
struct Spilled {
    keys: Partitions,
    references: Partitions,
}

// A check of references: whose columns, and the store that they lead to.
#[derive(Debug)]
struct Reference {
    check: usize,
    columns: Vec<usize>,
    datatypes: Vec<Datatype>,
    store: usize,
}

/// The keys of a run.
#[derive(Debug)]
pub(super) struct Keys {
    stores: Vec<Store>,
    /// The numbers of the stores, by scan.
    stores_of: Vec<Vec<usize>>,
    /// By scan.
    references: Vec<Vec<Reference>>,
    fingerprinter: Fingerprinter,
    file: SpillFile,
    limit: usize,
    held: Held,
    /// Counts what is remembered, so that findings can be put in order.
    sequence: u64,
}

impl Keys {
    /// Prepares for a run. The keys of a shard are not compared: it does not see the rows of others.
    pub(super) fn of_run(plan: &Plan, options: &RunOptions<'_>) -> Self {
        match options.shard {
            None => Self::new(plan, options.key_memory),
            Some(_) => Self::none(plan, options.key_memory),
        }
    }

    // Compares nothing.
    fn none(plan: &Plan, limit: usize) -> Self {
        Self {
            stores: Vec::new(),
            stores_of: plan.scans.iter().map(|_| Vec::new()).collect(),
            references: plan.scans.iter().map(|_| Vec::new()).collect(),
            fingerprinter: Fingerprinter::default(),
            file: SpillFile::default(),
            limit,
            held: Held::default(),
            sequence: 0,
        }
    }

    /// Prepares for a plan; about as many bytes as the limit says are used.
    pub(super) fn new(plan: &Plan, limit: usize) -> Self {
        let mut keys = Self::none(plan, limit);
        // By scan and columns; of two alike, the first.
        let mut known: FxHashMap<(usize, &[usize]), usize> = FxHashMap::default();
        for (scan, table) in plan.scans.iter().enumerate() {
            for (check, what) in table.checks.iter().enumerate() {
                if let Check::Unique { columns, .. } = what {
                    let store = keys.add_store(plan, scan, columns, Some(check));
                    known.entry((scan, columns)).or_insert(store);
                }
            }
        }
        for (from, table) in plan.scans.iter().enumerate() {
            for (check, what) in table.checks.iter().enumerate() {
                if let Check::Reference {
                    columns, scan, to, ..
                } = what
                {
                    let store = *known
                        .entry((*scan, to))
                        .or_insert_with(|| keys.add_store(plan, *scan, to, None));
                    keys.stores[store].is_target = true;
                    keys.references[from].push(Reference {
                        check,
                        columns: columns.clone(),
                        datatypes: datatypes(plan, from, columns),
                        store,
                    });
                }
            }
        }
        keys
    }

    fn add_store(
        &mut self,
        plan: &Plan,
        scan: usize,
        columns: &[usize],
        unique: Option<usize>,
    ) -> usize {
        self.stores_of[scan].push(self.stores.len());
        self.stores.push(Store {
            scan,
            columns: columns.to_vec(),
            datatypes: datatypes(plan, scan, columns),
            unique,
            is_target: false,
            seen: match unique {
                Some(_) => Seen::Places(HashMap::default()),
                None => Seen::Repeats(HashMap::default()),
            },
            pending: Vec::new(),
            spilled: None,
            complete: false,
            unknown: false,
        });
        self.stores.len() - 1
    }

    /// Whether the rows of a scan are of interest at all.
    pub(super) fn watch(&self, scan: usize) -> bool {
        !self.references[scan].is_empty() || !self.stores_of[scan].is_empty()
    }

    /// Notes that all rows of a scan were read.
    pub(super) fn complete(&mut self, scan: usize) {
        for number in &self.stores_of[scan] {
            let store = &mut self.stores[*number];
            store.complete = true;
            // Nobody asks for the keys again.
            if !store.is_target {
                store.forget();
            }
        }
    }

    /// Notes that not all rows of a scan can be read.
    pub(super) fn give_up(&mut self, scan: usize) {
        for number in &self.stores_of[scan] {
            let store = &mut self.stores[*number];
            store.unknown = true;
            store.pending = Vec::new();
            store.forget();
        }
    }

    /// Takes a row; gives the checks that it is known to break.
    ///
    /// # Errors
    /// When a temporary file cannot be written.
    pub(super) fn row(
        &mut self,
        scan: usize,
        cells: &[CellValue<'_>],
        place: Place,
    ) -> io::Result<Vec<Broken>> {
        let mut broken = Vec::new();
        for at in 0..self.stores_of[scan].len() {
            let store = self.stores_of[scan][at];
            broken.extend(self.take_key(store, cells, place)?);
        }
        for index in 0..self.references[scan].len() {
            self.take_reference(scan, index, cells, place)?;
        }
        // What is found later has to come after what is found before.
        if self.file.is_used() {
            for found in broken.drain(..) {
                self.sequence += 1;
                self.held.push(self.sequence, found);
            }
        }
        Ok(broken)
    }

    /// Takes what another check found of a row; gives it back unless it has to wait for its turn.
    pub(super) fn in_turn(&mut self, found: Broken) -> Option<Broken> {
        if !self.file.is_used() {
            return Some(found);
        }
        self.sequence += 1;
        self.held.push(self.sequence, found);
        None
    }

    fn take_key(
        &mut self,
        index: usize,
        cells: &[CellValue<'_>],
        place: Place,
    ) -> io::Result<Option<Broken>> {
        let store = &self.stores[index];
        // Empty cells are values here: a primary key cannot be left out twice. No reference leads
        // to them.
        if store.unique.is_none() && has_null(cells, &store.columns) {
            return Ok(None);
        }
        let key = self
            .fingerprinter
            .of_row(cells, &store.columns, &store.datatypes);
        let is_known = || match &store.seen {
            Seen::Places(seen) => seen.contains_key(&key),
            Seen::Repeats(seen) => seen.contains_key(&key),
        };
        let growth = store.seen.growth();
        if growth > 0 && store.spilled.is_none() && !is_known() {
            self.make_room(index, growth)?;
        }
        let store = &mut self.stores[index];
        if let Some(spilled) = &mut store.spilled {
            self.sequence += 1;
            let record = Record {
                key,
                sequence: self.sequence,
                place,
                scan: store.scan,
                check: store.unique.unwrap_or_default(),
                shown: match store.unique {
                    Some(_) => shown(cells, &store.columns).into(),
                    None => "".into(),
                },
            };
            push(&mut spilled.keys, 0, &mut self.file, &record)?;
            return Ok(None);
        }
        match &mut store.seen {
            Seen::Places(seen) => {
                if let Some(first) = seen.get(&key) {
                    return Ok(Some(Broken {
                        scan: store.scan,
                        check: store.unique.unwrap_or_default(),
                        place,
                        shown: shown(cells, &store.columns),
                        how: How::Duplicate((*first).into()),
                    }));
                }
                seen.insert(key, place.into());
            }
            Seen::Repeats(seen) => {
                seen.entry(key)
                    .and_modify(|repeated| *repeated = true)
                    .or_insert(false);
            }
        }
        Ok(None)
    }

    fn take_reference(
        &mut self,
        scan: usize,
        index: usize,
        cells: &[CellValue<'_>],
        place: Place,
    ) -> io::Result<()> {
        let reference = &self.references[scan][index];
        let store = &self.stores[reference.store];
        // A reference with an empty cell leads nowhere and has not to.
        if store.unknown || has_null(cells, &reference.columns) {
            return Ok(());
        }
        let key = self
            .fingerprinter
            .of_row(cells, &reference.columns, &reference.datatypes);
        let is_sound = match &store.seen {
            // A key that stands twice is found by its own check.
            Seen::Places(seen) => seen.contains_key(&key),
            Seen::Repeats(seen) => store.complete && seen.get(&key) == Some(&false),
        };
        if is_sound {
            return Ok(());
        }
        self.sequence += 1;
        let record = Record {
            key,
            sequence: self.sequence,
            place,
            scan,
            check: reference.check,
            shown: shown(cells, &reference.columns).into(),
        };
        let number = reference.store;
        let (length, free) = (
            record.length(),
            store.pending.capacity() - store.pending.len(),
        );
        let grown = (2 * store.pending.capacity()).max(store.pending.len() + length);
        if store.spilled.is_none() && length > free {
            self.make_room(number, grown)?;
        }
        let store = &mut self.stores[number];
        if let Some(spilled) = &mut store.spilled {
            return push(&mut spilled.references, 0, &mut self.file, &record);
        }
        if length > free {
            store.pending.reserve_exact(grown - store.pending.len());
        }
        record.write(&mut store.pending);
        Ok(())
    }

    // Moves tables to the file, the largest first, until a store may grow or has moved itself.
    fn make_room(&mut self, index: usize, growth: usize) -> io::Result<()> {
        if growth == 0 {
            return Ok(());
        }
        loop {
            let used: usize = self.stores.iter().map(Store::bytes).sum();
            if used + growth <= self.limit || self.stores[index].spilled.is_some() {
                return Ok(());
            }
            let largest = (0..self.stores.len())
                .filter(|number| self.stores[*number].spilled.is_none())
                .max_by_key(|number| {
                    let grows = if *number == index { growth } else { 0 };
                    self.stores[*number].bytes() + grows
                });
            match largest {
                Some(largest) => self.spill(largest)?,
                None => return Ok(()),
            }
        }
    }

    fn spill(&mut self, index: usize) -> io::Result<()> {
        let store = &mut self.stores[index];
        let mut spilled = Box::new(Spilled {
            keys: Partitions::new(),
            references: Partitions::new(),
        });
        let mut record = Record {
            key: Fingerprint::default(),
            sequence: 0,
            place: Packed([0; 6]).into(),
            scan: store.scan,
            check: 0,
            shown: "".into(),
        };
        self.file.open()?;
        match &mut store.seen {
            Seen::Places(seen) =>
            {
                #[expect(clippy::iter_over_hash_type, reason = "they are looked up, not listed")]
                for (key, place) in std::mem::take(seen) {
                    record.key = key;
                    record.place = place.into();
                    push(&mut spilled.keys, 0, &mut self.file, &record)?;
                }
            }
            Seen::Repeats(seen) =>
            {
                #[expect(clippy::iter_over_hash_type, reason = "they are looked up, not listed")]
                for (key, repeated) in std::mem::take(seen) {
                    record.key = key;
                    push(&mut spilled.keys, 0, &mut self.file, &record)?;
                    if repeated {
                        push(&mut spilled.keys, 0, &mut self.file, &record)?;
                    }
                }
            }
        }
        let pending = std::mem::take(&mut store.pending);
        for record in Record::read_all(&pending) {
            push(&mut spilled.references, 0, &mut self.file, &record)?;
        }
        store.spilled = Some(spilled);
        Ok(())
    }

    /// Ends the run; gives what was not known before.
    ///
    /// # Errors
    /// When a temporary file cannot be read or written.
    pub(super) fn finish(mut self) -> io::Result<Findings> {
        let budget = self.limit.max(LEAST_PART);
        let (spilled, whole): (Vec<Store>, Vec<Store>) = self
            .stores
            .into_iter()
            .partition(|store| store.spilled.is_some());
        for store in whole {
            for record in Record::read_all(&store.pending) {
                let repeated = match &store.seen {
                    Seen::Places(seen) => seen.get(&record.key).map(|_| false),
                    Seen::Repeats(seen) => seen.get(&record.key).copied(),
                };
                self.held.take_reference(&record, repeated);
            }
        }
        for mut store in spilled {
            let Some(spilled) = store.spilled.take() else {
                continue;
            };
            let parts = spilled.keys.into_parts();
            for (keys, references) in parts.into_iter().zip(spilled.references.into_parts()) {
                settle(
                    &store,
                    (keys, references),
                    1,
                    budget,
                    &mut self.file,
                    &mut self.held,
                )?;
            }
        }
        Ok(self.held.into_findings())
    }
}

impl Store {
    fn bytes(&self) -> usize {
        self.seen.bytes() + self.pending.capacity()
    }

    // Lets go of the keys that are in memory.
    fn forget(&mut self) {
        self.seen = match self.unique {
            Some(_) => Seen::Places(HashMap::default()),
            None => Seen::Repeats(HashMap::default()),
        };
    }
}

// Checks the keys and references of one part.
fn settle(
    store: &Store,
    (keys, references): (Part, Part),
    level: u32,
    budget: usize,
    file: &mut SpillFile,
    held: &mut Held,
) -> io::Result<()> {
    let entries = usize::try_from(keys.records()).unwrap_or(usize::MAX);
    let too_large = entries.saturating_mul(2 * size_of::<(Fingerprint, (Packed, bool))>()) > budget;
    if too_large && level < MOST_LEVELS {
        let keys = part_again(keys, level, file)?;
        let references = part_again(references, level, file)?;
        for parts in keys.into_parts().into_iter().zip(references.into_parts()) {
            settle(store, parts, level + 1, budget, file, held)?;
        }
        return Ok(());
    }
    let mut seen: HashMap<Fingerprint, (Packed, bool), ByFingerprint> = HashMap::default();
    for_each(keys, file, |record| {
        let entry = seen.entry(record.key);
        if let std::collections::hash_map::Entry::Occupied(mut entry) = entry {
            if let Some(check) = store.unique {
                let broken = Broken {
                    scan: record.scan,
                    check,
                    place: record.place,
                    shown: record.shown.to_string(),
                    how: How::Duplicate(entry.get().0.into()),
                };
                held.push(record.sequence, broken);
            } else {
                entry.get_mut().1 = true;
            }
        } else {
            entry.or_insert((record.place.into(), false));
        }
        Ok(())
    })?;
    for_each(references, file, |record| {
        if !store.unknown {
            held.take_reference(record, seen.get(&record.key).map(|(_, repeated)| *repeated));
        }
        Ok(())
    })
}

// What was found, in bounded memory: no more is kept than is shown.
#[derive(Debug, Default)]
struct Held {
    /// By kind, scan and check: those that are kept, and how many more there are.
    kinds: BTreeMap<(u8, usize, usize), (Kept, u64)>,
}

// Each with its place in the order of what was found.
type Kept = Vec<(u64, Broken)>;

impl Held {
    fn push(&mut self, sequence: u64, broken: Broken) {
        let kind = match broken.how {
            How::Duplicate(_) => 0,
            How::Dangling => 1,
            How::Ambiguous => 2,
        };
        let key = (kind, broken.scan, broken.check);
        let (kept, more) = self.kinds.entry(key).or_default();
        kept.push((sequence, broken));
        if kept.len() == 2 * SHOWN_PER_CODE_AND_COLUMN {
            cut(kept, more);
        }
    }

    // A reference, and whether the key it leads to stood more than once, if there is one.
    fn take_reference(&mut self, record: &Record<'_>, repeated: Option<bool>) {
        let how = match repeated {
            Some(false) => return,
            Some(true) => How::Ambiguous,
            None => How::Dangling,
        };
        let broken = Broken {
            scan: record.scan,
            check: record.check,
            place: record.place,
            shown: record.shown.to_string(),
            how,
        };
        self.push(record.sequence, broken);
    }

    fn into_findings(self) -> Findings {
        let mut findings = Findings::default();
        let mut kept_of_all = Vec::new();
        for ((kind, ..), (mut kept, mut more)) in self.kinds {
            cut(&mut kept, &mut more);
            if more > 0
                && let Some((_, broken)) = kept.first()
            {
                findings.more.push((broken.clone(), more));
            }
            kept_of_all.extend(kept.into_iter().map(|(at, broken)| (kind, at, broken)));
        }
        kept_of_all.sort_by_key(|(kind, at, _)| (*kind, *at));
        findings.broken = kept_of_all.into_iter().map(|(.., broken)| broken).collect();
        findings
    }
}

fn cut(kept: &mut Kept, more: &mut u64) {
    kept.sort_by_key(|(sequence, _)| *sequence);
    *more += kept.len().saturating_sub(SHOWN_PER_CODE_AND_COLUMN) as u64;
    kept.truncate(SHOWN_PER_CODE_AND_COLUMN);
}

fn datatypes(plan: &Plan, scan: usize, columns: &[usize]) -> Vec<Datatype> {
    let scan = &plan.scans[scan];
    let columns = columns.iter().map(|number| scan.column(*number));
    columns.map(|column| column.cell.value.datatype).collect()
}

fn has_null(cells: &[CellValue<'_>], columns: &[usize]) -> bool {
    columns.iter().any(|column| cells[*column].is_null())
}

fn shown(cells: &[CellValue<'_>], columns: &[usize]) -> String {
    let texts: Vec<String> = columns
        .iter()
        .map(|column| {
            let items: Vec<&str> = cells[*column]
                .items()
                .iter()
                .map(|item| item.text.as_ref())
                .collect();
            items.join(" ")
        })
        .collect();
    texts.join(", ")
}
