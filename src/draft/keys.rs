//! Keys: which columns tell rows apart, and which columns refer to others.
//!
//! In: the cells of all tables, once more, now that their datatypes are known. Out: columns in
//! which no value comes twice, pairs of columns, and references between tables.
//!
//! Memory: a fingerprint of eight bytes for each value of a column in which none has come twice so
//! far, up to [`MOST_FINGERPRINTS`] in a run; past it the least likely candidate is given up. Two
//! values with one fingerprint could only cost a key that is one; a reference could be proposed by
//! one in 2^64 pairs of values, and `convert` would say so.

use super::Reason;
use super::column::{Column, Guess, fingerprint, stands_for_nothing};
use super::names::singular;
use super::{counted, few};
use crate::plan::ValueType;
use crate::rdf::xsd::Value;
use rustc_hash::FxHashSet;
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many fingerprints are held at once: about 40 MB, twice as much while a set grows.
pub(super) const MOST_FINGERPRINTS: usize = 3_500_000;

/// How many columns are tried in pairs.
const MOST_IN_PAIRS: usize = 8;

/// Texts longer than this, in characters, are no keys.
const LONGEST_KEY: usize = 200;

/// Columns whose texts are longer than this on average hold prose.
const PROSE: u64 = 60;

/// Words that name the keys of any table.
const ANY_KEY_WORDS: [&str; 15] = [
    "id",
    "key",
    "code",
    "uuid",
    "guid",
    "identifier",
    "slug",
    "iri",
    "uri",
    "nr",
    "no",
    "num",
    "number",
    "kennung",
    "cle",
];

/// Words that name keys of some kind.
const KEY_WORDS: [&str; 7] = [
    "abbreviation",
    "abbr",
    "isbn",
    "issn",
    "ean",
    "iso2",
    "iso3",
];

/// Other words that name columns of many tables: two of them alike say nothing, nor do two of the keys of
/// any table.
const GENERIC_WORDS: [&str; 15] = [
    "name",
    "title",
    "label",
    "date",
    "year",
    "type",
    "value",
    "status",
    "note",
    "notes",
    "description",
    "url",
    "rank",
    "order",
    "position",
];
/// Words for another row of the same table.
const PARENT_WORDS: [&str; 14] = [
    "parent",
    "manager",
    "boss",
    "supervisor",
    "broader",
    "superior",
    "predecessor",
    "successor",
    "previous",
    "next",
    "parentid",
    "replaces",
    "mother",
    "father",
];

/// A table as far as keys go.
pub(super) struct Subject<'a> {
    pub(super) columns: &'a [Column],
    pub(super) guesses: &'a [Guess],
    pub(super) names: &'a [String],
    /// What a row is called.
    pub(super) thing: &'a [String],
    pub(super) rows: u64,
}

/// A column that may tell rows apart.
pub(super) struct Candidate {
    pub(super) column: usize,
    score: u32,
    hashes: FxHashSet<u64>,
    pub(super) broken: Option<Broken>,
}

/// Why a column does not tell rows apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// A value that comes twice.
    Twice(String),
    /// There are more values than fingerprints.
    TooMany,
}

/// How a cell reads under a guess.
pub(super) enum Cell {
    Null,
    Value(u64),
    /// The guess does not hold for it.
    Wrong,
}

/// Reads the cells of a column.
pub(super) struct Reader {
    value: ValueType,
    nulls: Vec<String>,
}

impl Reader {
    pub(super) fn new(guess: &Guess) -> Self {
        Self {
            value: guess.value_type(),
            nulls: guess.nulls.clone(),
        }
    }

    // Keys are compared by value, as the engine does.
    pub(super) fn read(&self, cell: &str) -> Cell {
        let text = self.value.normalize(cell);
        if text.is_empty() || self.nulls.iter().any(|null| *null == text) {
            return Cell::Null;
        }
        let Ok(lexical) = self.value.read(&text) else {
            return Cell::Wrong;
        };
        let datatype = self.value.datatype;
        let is_plain = lexical.bytes().all(|byte| byte.is_ascii_digit())
            && (lexical == "0" || !lexical.starts_with('0'));
        if is_plain || !datatype.is_ordered() {
            return Cell::Value(fingerprint(&lexical));
        }
        Cell::Value(match Value::parse(datatype, &lexical) {
            Some(Value::Decimal(number)) => fingerprint(&number.to_lexical()),
            Some(value) => {
                let mut text = String::new();
                let _ = write!(text, "{value:?}");
                fingerprint(&text)
            }
            None => return Cell::Wrong,
        })
    }
}

fn score(words: &[String], thing: &[String]) -> u32 {
    let is_key = |word: &String| {
        ANY_KEY_WORDS.contains(&word.as_str()) || KEY_WORDS.contains(&word.as_str())
    };
    let of_thing = |rest: &[String]| rest.last() == thing.last();
    match words {
        [] => 0,
        [one] if is_key(one) => 3,
        [rest @ .., last] if is_key(last) => 2 + u32::from(of_thing(rest)),
        [first, ..] if is_key(first) => 2,
        all if all == thing => 2,
        [one] if matches!(one.as_str(), "name" | "title" | "label" | "titel" | "nom") => 1,
        _ => 0,
    }
}

fn may_be_key(guess: &Guess, column: &Column) -> bool {
    let is_exact = matches!(
        guess.datatype.base(),
        "string" | "integer" | "anyURI" | "date" | "dateTime" | "gYear" | "gYearMonth"
    );
    is_exact
        && guess.separator.is_none()
        && column.missing(guess) == 0
        && column.longest <= LONGEST_KEY
        && !column.has_line_breaks
}

/// The columns that may tell rows apart by themselves, the likelier first.
pub(super) fn candidates(subject: &Subject<'_>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (index, (column, guess)) in subject.columns.iter().zip(subject.guesses).enumerate() {
        let score = score(&column.words, subject.thing);
        let is_text = guess.datatype.is_string() && column.mean_length() <= PROSE;
        // In a single row every value is unique.
        let is_likely = match subject.rows {
            0 => false,
            1 => score == 3,
            _ => score > 0 || index == 0 || is_text,
        };
        if is_likely && may_be_key(guess, column) {
            found.push(Candidate {
                column: index,
                score,
                hashes: FxHashSet::default(),
                broken: None,
            });
        }
    }
    found.sort_by_key(|one| {
        let is_string = subject.guesses[one.column].datatype.is_string();
        (Reverse(one.score), one.column != 0, !is_string, one.column)
    });
    found
}

/// Takes a value of a candidate; `left` is how many fingerprints there is room for.
pub(super) fn take(
    candidates: &mut [Candidate],
    number: usize,
    hash: u64,
    cell: &str,
    left: &mut usize,
) {
    let one = &mut candidates[number];
    if one.broken.is_some() {
        return;
    }
    if one.hashes.contains(&hash) {
        one.give_up(Broken::Twice(cell.to_owned()), left);
        return;
    }
    if *left == 0 {
        let worst = candidates.iter_mut().rev().find(|one| one.is_unique());
        if let Some(worst) = worst {
            worst.give_up(Broken::TooMany, left);
        }
    }
    let one = &mut candidates[number];
    if *left == 0 {
        one.broken = Some(Broken::TooMany);
    } else if one.broken.is_none() && one.hashes.insert(hash) {
        *left -= 1;
    }
}

impl Candidate {
    pub(super) fn give_up(&mut self, broken: Broken, left: &mut usize) {
        *left += self.hashes.len();
        self.hashes = FxHashSet::default();
        self.broken = Some(broken);
    }

    /// Whether every value came once.
    pub(super) fn is_unique(&self) -> bool {
        self.broken.is_none() && !self.hashes.is_empty()
    }
}

/// The best column that tells rows apart, and why.
///
/// Spec: metadata §5.5, "primaryKey"
pub(super) fn primary(subject: &Subject<'_>, found: &[Candidate]) -> Option<(usize, Reason)> {
    let mut unique = found.iter().filter(|one| one.is_unique());
    let best = unique.next()?;
    let mut why = format!(
        "{} and none comes twice",
        match subject.rows {
            1 => "the only row has a value".to_owned(),
            rows => format!("all {} rows have a value", counted(rows)),
        }
    );
    if best.score > 0 {
        why.push_str(", and the name suits a key");
    }
    let others: Vec<String> = unique
        .map(|one| format!("`{}`", subject.names[one.column]))
        .collect();
    if !others.is_empty() {
        let _ = write!(why, "; {} would do too", others.join(", "));
    }
    let guess = format!("`{}`", subject.names[best.column]);
    Some((best.column, Reason::new(guess, why)))
}

/// What came in the way of the likeliest key, where there is none.
pub(super) fn no_primary(subject: &Subject<'_>, found: &[Candidate]) -> Option<String> {
    let one = found.iter().find(|one| one.score == 3)?;
    let name = &subject.names[one.column];
    Some(match one.broken.as_ref()? {
        Broken::Twice(value) => format!("`{name}` is no key: `{}` comes twice", few(value)),
        Broken::TooMany => format!(
            "whether `{name}` is a key is not known: it has more than {} values",
            counted(MOST_FINGERPRINTS as u64)
        ),
    })
}

/// Two columns that may tell rows apart together.
pub(super) struct Pair {
    pub(super) columns: [usize; 2],
    hashes: FxHashSet<u64>,
}

/// The pairs of columns that are tried where no column tells rows apart, the likelier first.
pub(super) fn pairs(subject: &Subject<'_>) -> Vec<Pair> {
    if subject.rows < 3 {
        return Vec::new();
    }
    let mut fitting: Vec<(usize, u32)> = Vec::new();
    for (index, (column, guess)) in subject.columns.iter().zip(subject.guesses).enumerate() {
        let score = score(&column.words, subject.thing);
        let is_likely = match guess.datatype.base() {
            "string" => column.mean_length() <= PROSE,
            "integer" => score > 0 || index < 3,
            _ => true,
        };
        if is_likely && may_be_key(guess, column) && column.distinct() != Some(1) {
            fitting.push((index, score));
        }
    }
    fitting.sort_by_key(|(index, score)| (Reverse(*score), *index));
    fitting.truncate(MOST_IN_PAIRS);
    let mut pairs: Vec<(u32, Pair)> = Vec::new();
    for (number, (one, one_score)) in fitting.iter().enumerate() {
        for (other, other_score) in &fitting[number + 1..] {
            let most = subject.columns[*one]
                .distinct()
                .zip(subject.columns[*other].distinct())
                .map(|(one, other)| one as u64 * other as u64);
            if most.is_none_or(|most| most >= subject.rows) {
                let columns = [*one.min(other), *one.max(other)];
                pairs.push((
                    one_score + other_score,
                    Pair {
                        columns,
                        hashes: FxHashSet::default(),
                    },
                ));
            }
        }
    }
    pairs.sort_by_key(|(score, pair)| (Reverse(*score), pair.columns[0] + pair.columns[1]));
    pairs.into_iter().map(|(_, pair)| pair).collect()
}

impl Pair {
    /// How many fingerprints it holds.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }
}

/// Takes the values of a row.
pub(super) fn take_pairs(pairs: &mut Vec<Pair>, values: &[Option<u64>], left: &mut usize) {
    pairs.retain_mut(|pair| {
        let [Some(one), Some(other)] = pair.columns.map(|column| values[column]) else {
            *left += pair.hashes.len();
            return false;
        };
        let mut hasher = DefaultHasher::new();
        (one, other).hash(&mut hasher);
        let is_unique = *left > 0 && pair.hashes.insert(hasher.finish());
        if is_unique {
            *left -= 1;
        } else {
            *left += pair.hashes.len();
        }
        is_unique
    });
}

/// A column that may refer to another.
pub(super) struct Reference {
    pub(super) column: usize,
    /// The table and the column that it refers to.
    pub(super) to: (usize, usize),
    likeness: Option<Likeness>,
    misses: u64,
    miss: Option<String>,
    /// Values that stand for nothing and lead nowhere.
    pub(super) nulls: Vec<String>,
}

/// The references that a table may have.
///
/// Spec: metadata §5.5
pub(super) fn references(
    subjects: &[Subject<'_>],
    keys: &[Vec<Candidate>],
    primary: &[Option<usize>],
    table: usize,
) -> Vec<Reference> {
    let subject = &subjects[table];
    let mut found = Vec::new();
    for (column, guess) in subject.guesses.iter().enumerate() {
        let base = guess.datatype.base();
        let may_refer = matches!(base, "string" | "integer" | "anyURI")
            && guess.separator.is_none()
            && subject.columns[column].values > 0;
        if !may_refer {
            continue;
        }
        for (other, candidates) in keys.iter().enumerate() {
            for target in candidates.iter().filter(|target| target.is_unique()) {
                let same_type = subjects[other].guesses[target.column].datatype.base() == base;
                if !same_type || (other == table && column == target.column) {
                    continue;
                }
                let likeness = likeness(
                    &subject.columns[column].words,
                    &subjects[other].columns[target.column].words,
                    subjects[other].thing,
                    other == table,
                );
                // Without likeness the values have to speak for themselves.
                let distinct = subject.columns[column].distinct();
                let alone = other != table
                    && base != "integer"
                    && primary[table] != Some(column)
                    && (target.score > 0 || primary[other] == Some(target.column))
                    && distinct.is_none_or(|count| count >= 3);
                if likeness.is_some() || alone {
                    found.push(Reference {
                        column,
                        to: (other, target.column),
                        likeness,
                        misses: 0,
                        miss: None,
                        nulls: Vec::new(),
                    });
                }
            }
        }
    }
    found
}

/// Takes the values of a row: `values` by column, with their texts.
pub(super) fn take_references(
    references: &mut Vec<Reference>,
    keys: &[Vec<Candidate>],
    values: &[Option<u64>],
    text: impl Fn(usize) -> String,
) {
    references.retain_mut(|reference| {
        let Some(hash) = values[reference.column] else {
            return true;
        };
        let (table, column) = reference.to;
        let target = keys[table].iter().find(|one| one.column == column);
        if target.is_some_and(|target| target.hashes.contains(&hash)) {
            return true;
        }
        let text = text(reference.column);
        if stands_for_nothing(&text) {
            if !reference.nulls.contains(&text) {
                reference.nulls.push(text);
            }
            return true;
        }
        reference.misses += 1;
        reference.miss.get_or_insert(text);
        reference.likeness.is_some()
    });
}

/// The references of a table that hold, the best for each column, and what nearly did.
pub(super) fn chosen(
    subjects: &[Subject<'_>],
    keys: &[Vec<Candidate>],
    primary: &[Option<usize>],
    table: usize,
    references: Vec<Reference>,
) -> (Vec<(Reference, String)>, Vec<String>) {
    let subject = &subjects[table];
    let mut best: Vec<(Reference, String)> = Vec::new();
    let mut notes = Vec::new();
    let mut sorted = references;
    sorted.sort_by_key(|one| {
        let (other, column) = one.to;
        (
            one.column,
            one.misses > 0,
            Reverse(one.likeness.as_ref().map(|likeness| likeness.strength)),
            primary[other] != Some(column),
            one.to,
        )
    });
    for reference in sorted {
        let column = &subject.columns[reference.column];
        let known = best.last().map(|(known, _)| known.column);
        if known == Some(reference.column) {
            continue;
        }
        let (other, to) = reference.to;
        let target = keys[other].iter().find(|one| one.column == to);
        let size = target.map_or(0, |target| target.hashes.len());
        let name = &subject.names[reference.column];
        let to_name = &subjects[other].names[to];
        if let Some(miss) = &reference.miss {
            if reference.misses * 10 <= column.values {
                notes.push(format!(
                    "`{name}` is no foreign key: {} of its {} values, such as `{}`, {} missing \
                     from `{to_name}`",
                    counted(reference.misses),
                    counted(column.values),
                    few(miss),
                    if reference.misses == 1 { "is" } else { "are" },
                ));
            }
            continue;
        }
        // Two keys with the same values: the later table refers to the earlier.
        let own = keys[table]
            .iter()
            .find(|one| one.column == reference.column);
        let is_same = own.is_some_and(|own| own.is_unique() && own.hashes.len() == size);
        if is_same && table < other {
            continue;
        }
        if !reference.nulls.is_empty() && primary[table] == Some(reference.column) {
            continue;
        }
        let values = match (column.values, column.distinct()) {
            (1, _) => "the only value is".to_owned(),
            (all, Some(count)) => format!(
                "all {} values ({} different) are",
                counted(all),
                counted(count as u64)
            ),
            (all, None) => format!("all {} values are", counted(all)),
        };
        let likeness = match &reference.likeness {
            Some(likeness) => format!(", and {}", likeness.why),
            None => "; nothing but the values says so".to_owned(),
        };
        let why = format!(
            "{values} among the {} of `{to_name}`{likeness}",
            counted(size as u64),
        );
        best.push((reference, why));
    }
    (best, notes)
}

/// What in the names suits a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Likeness {
    /// The greater the better.
    strength: u8,
    why: String,
}

fn likeness(
    words: &[String],
    to_words: &[String],
    thing: &[String],
    same_table: bool,
) -> Option<Likeness> {
    let (own, to) = (words.join("_"), to_words.join("_"));
    let found = |strength, why| Some(Likeness { strength, why });
    if same_table {
        let is_parent = words
            .iter()
            .any(|word| PARENT_WORDS.contains(&word.as_str()));
        let why = format!("the name `{own}` suits another row of the same table");
        return is_parent.then_some(Likeness { strength: 3, why });
    }
    let ends = |text: &str| own == text || own.ends_with(&format!("_{text}"));
    let last = thing.last().cloned().unwrap_or_default();
    let full = thing.join("_");
    for (strength, thing) in [(3, full.as_str()), (2, last.as_str())] {
        let named = ends(&format!("{thing}_{to}"))
            || own == format!("{to}_{thing}")
            || ends(thing)
            || singular(&own) == thing;
        if named && !thing.is_empty() {
            return found(strength, format!("the name `{own}` suits the other table"));
        }
    }
    let generic = to_words.len() == 1
        && (ANY_KEY_WORDS.contains(&to.as_str()) || GENERIC_WORDS.contains(&to.as_str()));
    if !generic && ends(&to) && !to.is_empty() {
        return found(1, "the names are alike".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::names::words;

    #[test]
    fn names_that_suit_keys() {
        let check = |name: &str, expected: u32| {
            assert_eq!(score(&words(name), &words("city")), expected, "{name}");
        };
        check("id", 3);
        check("city_id", 3);
        check("country_code", 2);
        check("city", 2);
        check("name", 1);
        check("population", 0);
    }

    #[test]
    fn names_that_suit_references() {
        let check = |own: &str, to: &str, thing: &str, expected: bool| {
            let found = likeness(&words(own), &words(to), &words(thing), false);
            assert_eq!(found.is_some(), expected, "{own} → {thing}.{to}");
        };
        check("country_code", "code", "country", true);
        check("country", "code", "country", true);
        check("birth_country_code", "code", "country", true);
        check("countries", "code", "country", true);
        check("iso_alpha", "iso_alpha", "country", true);
        check("id_country", "id", "country", true);
        check("id", "id", "country", false);
        check("code", "code", "country", false);
        check("population", "code", "country", false);
    }

    #[test]
    fn past_the_bound_the_least_likely_candidate_is_given_up() {
        let one = |column, score| Candidate {
            column,
            score,
            hashes: FxHashSet::default(),
            broken: None,
        };
        let mut all = [one(0, 3), one(1, 0)];
        let mut left = 3;
        for (number, hash) in [(0, 1), (1, 1), (0, 2), (1, 2), (0, 3)] {
            take(&mut all, number, hash, "x", &mut left);
        }
        assert!(all[0].is_unique());
        assert_eq!(all[1].broken, Some(Broken::TooMany));
        take(&mut all, 0, 1, "x", &mut left);
        assert_eq!(all[0].broken, Some(Broken::Twice("x".to_owned())));
        assert_eq!(left, 3);
    }
}
