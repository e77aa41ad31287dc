//! One column: what its cells have in common, and the datatype that follows.
//!
//! In: the cells of a column, one by one. Out: a [`Guess`] with its reasons.
//!
//! Memory: fingerprints of up to [`MOST_DISTINCT`] values and a handful of texts, whatever the
//! number of rows.

use super::document::{Datatype, Format};
use super::lists::Lists;
use super::moment::{Moments, Order};
use super::number::{self, Numbers};
use super::{counted, few};
use crate::plan::date_pattern::DatePattern;
use crate::plan::number_pattern::NumberPattern;
use crate::plan::{ValueFormat, ValueType};
use crate::rdf::iri;
use crate::rdf::xsd;
use rustc_hash::FxHashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many distinct values are counted; beyond it their number is not known.
pub(super) const MOST_DISTINCT: usize = 10_000;

/// Texts that stand for nothing, where a column otherwise has a datatype.
const NULLS: [&str; 24] = [
    "NA", "N/A", "n/a", "na", "N.A.", "n.a.", "#N/A", "NULL", "Null", "null", "NIL", "nil", "None",
    "none", "-", "--", "—", "–", "?", ".", "..", "...", "unknown", "missing",
];

/// Pairs of words for true and false.
const BOOLEANS: [(&str, &str); 27] = [
    ("true", "false"),
    ("True", "False"),
    ("TRUE", "FALSE"),
    ("yes", "no"),
    ("Yes", "No"),
    ("YES", "NO"),
    ("Y", "N"),
    ("y", "n"),
    ("T", "F"),
    ("t", "f"),
    ("on", "off"),
    ("ja", "nein"),
    ("Ja", "Nein"),
    ("J", "N"),
    ("ja", "nee"),
    ("Ja", "Nee"),
    ("ja", "nej"),
    ("oui", "non"),
    ("Oui", "Non"),
    ("vrai", "faux"),
    ("VRAI", "FAUX"),
    ("sí", "no"),
    ("Sí", "No"),
    ("si", "no"),
    ("wahr", "falsch"),
    ("WAHR", "FALSCH"),
    ("نعم", "لا"),
];

const YEAR_WORDS: [&str; 12] = [
    "year", "yr", "jahr", "baujahr", "annee", "ano", "anno", "jaar", "aar", "rok", "vuosi", "سنة",
];
const DATE_WORDS: [&str; 8] = [
    "date",
    "day",
    "datum",
    "fecha",
    "data",
    "dato",
    "tag",
    "تاريخ",
];
/// Words of titles whose digits are no quantities.
const IDENTIFIER_WORDS: [&str; 24] = [
    "zip",
    "zipcode",
    "postcode",
    "postal",
    "plz",
    "cap",
    "phone",
    "telephone",
    "tel",
    "telefon",
    "mobile",
    "fax",
    "isbn",
    "issn",
    "ean",
    "gtin",
    "upc",
    "iban",
    "bic",
    "vat",
    "ssn",
    "orcid",
    "barcode",
    "imei",
];
const FLAG_WORDS: [&str; 6] = ["is", "has", "was", "flag", "ist", "hat"];

/// What the cells of a column have in common.
#[expect(clippy::struct_excessive_bools, reason = "each is a shape of its own")]
pub(super) struct Column {
    /// The words of its title.
    pub(super) words: Vec<String>,
    /// Cells without a character.
    pub(super) empty: u64,
    /// Cells with white space only.
    blank: u64,
    nulls: Vec<(String, u64)>,
    /// Cells with any other text.
    pub(super) values: u64,
    distinct: Option<FxHashSet<u64>>,
    few: Option<Vec<String>>,
    numbers: Numbers,
    moments: Moments,
    lists: Lists,
    // Shapes that every text so far has.
    is_iri: bool,
    is_year: bool,
    is_year_month: bool,
    is_duration: bool,
    pub(super) longest: usize,
    characters: u64,
    pub(super) has_line_breaks: bool,
}

/// What the columns of a table say of each other.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hints {
    /// The decimal mark of numbers that can be read in one way only.
    pub(super) decimal: Option<char>,
    pub(super) order: Option<Order>,
}

/// The datatype of a column and why.
#[derive(Debug, Clone)]
pub(super) struct Guess {
    pub(super) datatype: Datatype,
    pub(super) nulls: Vec<String>,
    pub(super) separator: Option<String>,
    pub(super) why: Vec<String>,
}

/// A fingerprint of a text: two texts with the same one are rarer than one in 2^32 columns.
pub(super) fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Whether a text is one of those that stand for no value.
pub(super) fn stands_for_nothing(text: &str) -> bool {
    NULLS.contains(&text.trim())
}

impl Column {
    pub(super) fn new(words: Vec<String>, delimiter: &str) -> Self {
        Self {
            words,
            empty: 0,
            blank: 0,
            nulls: Vec::new(),
            values: 0,
            distinct: Some(FxHashSet::default()),
            few: Some(Vec::new()),
            numbers: Numbers::new(),
            moments: Moments::new(),
            lists: Lists::new(delimiter),
            is_iri: true,
            is_year: true,
            is_year_month: true,
            is_duration: true,
            longest: 0,
            characters: 0,
            has_line_breaks: false,
        }
    }

    /// Takes a cell.
    pub(super) fn accept(&mut self, cell: &str) {
        if cell.is_empty() {
            self.empty += 1;
            return;
        }
        if let Some(distinct) = &mut self.distinct {
            distinct.insert(fingerprint(cell));
            if distinct.len() > MOST_DISTINCT {
                self.distinct = None;
            }
        }
        let characters = cell.chars().count();
        self.longest = self.longest.max(characters);
        self.characters += characters as u64;
        self.has_line_breaks |= cell.contains(['\n', '\r']);
        let normalized = token().normalize(cell);
        let text = normalized.as_ref();
        if text.is_empty() {
            self.blank += 1;
            return;
        }
        if NULLS.contains(&text) {
            match self.nulls.iter_mut().find(|(known, _)| known == text) {
                Some((_, count)) => *count += 1,
                None => self.nulls.push((text.to_owned(), 1)),
            }
            return;
        }
        self.values += 1;
        if let Some(few) = &mut self.few
            && !few.iter().any(|known| known == text)
        {
            if few.len() == 2 {
                self.few = None;
            } else {
                few.push(text.to_owned());
            }
        }
        self.numbers.accept(text);
        self.moments.accept(text);
        self.lists.accept(cell);
        self.is_iri = self.is_iri && is_iri(text);
        self.is_year = self.is_year && is_year(text);
        self.is_year_month = self.is_year_month
            && text.len() == 7
            && text.get(..4).is_some_and(is_year)
            && xsd::Datatype::GYearMonth.accepts(text);
        self.is_duration =
            self.is_duration && text.starts_with('P') && xsd::Datatype::Duration.accepts(text);
    }

    /// How many distinct texts there are, if they could be counted.
    pub(super) fn distinct(&self) -> Option<usize> {
        self.distinct.as_ref().map(FxHashSet::len)
    }

    /// The mean length of a text in characters.
    pub(super) fn mean_length(&self) -> u64 {
        self.characters / self.values.max(1)
    }

    /// Cells without a value under a guess.
    pub(super) fn missing(&self, guess: &Guess) -> u64 {
        let nulls: u64 = self.nulls.iter().map(|(_, count)| count).sum();
        if guess.datatype.is_string() {
            self.empty
        } else {
            self.empty + self.blank + nulls
        }
    }

    /// The decimal mark, where the numbers can be read in one way only and have one.
    pub(super) fn certain_decimal(&self) -> Option<char> {
        match self.numbers.readings().as_slice() {
            [one] if one.fraction || one.notation.decimal == ',' => Some(one.notation.decimal),
            _ => None,
        }
    }

    /// The order of day and month, where only one fits.
    pub(super) fn certain_order(&self) -> Option<Order> {
        self.moments.certain_order()
    }

    /// The datatype that all cells allow.
    pub(super) fn guess(&self, hints: Hints) -> Guess {
        if self.values == 0 {
            let why = if self.nulls.is_empty() {
                "there is no value"
            } else {
                "there is no value but texts that stand for none"
            };
            return Guess::string(vec![why.to_owned()]);
        }
        let typed = self
            .boolean()
            .or_else(|| self.number(hints))
            .or_else(|| self.moment(hints))
            .or_else(|| self.other());
        let Some((datatype, mut why)) = typed else {
            return self.string();
        };
        let mut nulls: Vec<String> = Vec::new();
        if !self.nulls.is_empty() {
            nulls.push(String::new());
            nulls.extend(self.nulls.iter().map(|(text, _)| text.clone()));
            let texts: Vec<String> = self
                .nulls
                .iter()
                .map(|(text, count)| format!("`{text}` ({})", counted(*count)))
                .collect();
            why.push(format!("no value: {}", texts.join(", ")));
        }
        Guess {
            datatype,
            nulls,
            separator: None,
            why,
        }
    }

    fn has_word(&self, known: &[&str]) -> bool {
        self.words.iter().any(|word| known.contains(&word.as_str()))
    }

    fn all(&self, one: &str, many: &str) -> String {
        match self.values {
            1 => format!("the only value is {one}"),
            count => format!("all {} values are {many}", counted(count)),
        }
    }

    fn boolean(&self) -> Option<(Datatype, Vec<String>)> {
        let few = self.few.as_ref()?;
        if few.iter().all(|text| text == "0" || text == "1") {
            let flag = self.has_word(&FLAG_WORDS) && few.len() == 2;
            let why = "`0` or `1`, and the title asks yes or no".to_owned();
            return flag.then(|| (Datatype::plain("boolean"), vec![why]));
        }
        let (yes, no) = BOOLEANS
            .iter()
            .find(|(yes, no)| few.iter().all(|text| text == yes || text == no))?;
        // One word alone says little, but `true` is no other word.
        let is_sure = matches!(*yes, "true" | "True" | "TRUE");
        if !is_sure && few.len() < 2 {
            return None;
        }
        let words: Vec<String> = few.iter().map(|text| format!("`{text}`")).collect();
        let words = words.join(" or ");
        let why = self.all(&words, &words);
        let datatype = if *yes == "true" {
            Datatype::plain("boolean")
        } else {
            Datatype::with_format("boolean", Format::Text(format!("{yes}|{no}")))
        };
        Some((datatype, vec![why]))
    }

    fn number(&self, hints: Hints) -> Option<(Datatype, Vec<String>)> {
        let readings = self.numbers.readings();
        let first = readings.first()?;
        if self.numbers.objection().is_some() {
            return None;
        }
        let only_digits = !first.fraction && !first.exponent && !first.special && !first.percent;
        let is_plain = first.notation.decimal == '.' && first.notation.group.is_none();
        if only_digits && is_plain && readings.len() == 1 {
            if self.has_word(&IDENTIFIER_WORDS) {
                return None;
            }
            if self.is_year && self.has_word(&YEAR_WORDS) {
                let why = format!(
                    "{}{}, and the title says a year",
                    self.all("four digits", "four digits"),
                    range(&first.low, &first.high)
                );
                return Some((Datatype::plain("gYear"), vec![why]));
            }
            if let Some(date) = self.moments.reading(None)
                && date.only_digits
                && (self.moments.seen() >= 3 || self.has_word(&DATE_WORDS))
            {
                let digits = "eight digits that name a day";
                let why = self.all(digits, digits);
                let format = Format::Text(date.pattern.unwrap_or_default());
                return Some((Datatype::with_format("date", format), vec![why]));
            }
        }
        let mut why = Vec::new();
        let other = |one: &&number::Reading| match hints.decimal {
            Some(decimal) => one.notation.decimal == decimal,
            None => one.notation.decimal == '.',
        };
        let chosen = readings.iter().find(other).unwrap_or(first);
        let base = if chosen.exponent || chosen.special {
            "double"
        } else if chosen.fraction || chosen.percent {
            "decimal"
        } else {
            "integer"
        };
        let (one, many) = match base {
            "integer" => ("a whole number", "whole numbers"),
            "decimal" if chosen.percent => ("a number per cent", "numbers, some per cent"),
            "decimal" => ("a decimal number", "decimal numbers"),
            _ if chosen.special => ("no finite number", "numbers, some not finite"),
            _ => ("a number with an exponent", "numbers, some with exponents"),
        };
        let range = range(&shown(base, &chosen.low), &shown(base, &chosen.high));
        why.push(format!("{}{range}", self.all(one, many)));
        let notation = chosen.notation;
        let format = match (notation.decimal, notation.group) {
            ('.', None) => None,
            (decimal, group) => Some(Format::Number {
                decimal: (decimal != '.').then_some(decimal),
                group,
            }),
        };
        if let Some(Format::Number { decimal, group }) = &format {
            let mut marks = Vec::new();
            marks.extend(decimal.map(|mark| format!("`{mark}` before the fraction")));
            marks.extend(group.map(|mark| format!("`{mark}` between groups of three digits")));
            why.push(marks.join(", "));
        }
        if readings.len() > 1 {
            why.push(match hints.decimal {
                Some(_) => "the marks could be read the other way too; other columns or the \
                            delimiter decide"
                    .to_owned(),
                None => format!(
                    "a guess: in `{}` the mark could also {}",
                    chosen.high,
                    if chosen.fraction {
                        "part groups of three digits"
                    } else {
                        "stand before a fraction"
                    }
                ),
            });
        }
        let datatype = match format {
            None => Datatype::plain(base),
            Some(format) => Datatype::with_format(base, format),
        };
        Some((datatype, why))
    }

    fn moment(&self, hints: Hints) -> Option<(Datatype, Vec<String>)> {
        let reading = self.moments.reading(hints.order)?;
        if reading.only_digits {
            return None;
        }
        let (base, one, many) = match reading.datatype {
            xsd::Datatype::Date => ("date", "a date", "dates"),
            xsd::Datatype::Time => ("time", "a time", "times"),
            _ => ("dateTime", "a date with a time", "dates with times"),
        };
        let why = vec![self.all(one, many), reading.why];
        Some(match reading.pattern {
            None => (Datatype::plain(base), why),
            Some(pattern) => (Datatype::with_format(base, Format::Text(pattern)), why),
        })
    }

    fn other(&self) -> Option<(Datatype, Vec<String>)> {
        let (base, one, many) = if self.is_year_month {
            ("gYearMonth", "a year with a month", "years with months")
        } else if self.is_duration {
            ("duration", "a duration", "durations")
        } else if self.is_iri {
            ("anyURI", "an address", "addresses")
        } else {
            return None;
        };
        Some((Datatype::plain(base), vec![self.all(one, many)]))
    }

    fn string(&self) -> Guess {
        let mut why = Vec::new();
        if !self.numbers.readings().is_empty() {
            why.push(match self.numbers.objection() {
                Some(objection) => objection,
                None => "digits, but the title says that they are no quantity".to_owned(),
            });
        } else if let Some((count, text)) = self.numbers.few_misses() {
            let (of, are) = (counted(self.values), if count == 1 { "is" } else { "are" });
            why.push(format!(
                "{} of {of} values {are} no number, such as `{}`",
                counted(count),
                few(text)
            ));
        }
        let separator = self.lists.separator(self.values);
        if let Some(separator) = &separator {
            why.push(separator.why.clone());
        } else if why.is_empty() {
            why.push(match self.distinct() {
                Some(1) => "one text".to_owned(),
                Some(count) => format!("{} different texts", counted(count as u64)),
                None => format!(
                    "more than {} different texts",
                    counted(MOST_DISTINCT as u64)
                ),
            });
        }
        Guess {
            separator: separator.map(|separator| separator.text.to_owned()),
            ..Guess::string(why)
        }
    }
}

impl Guess {
    pub(super) fn string(why: Vec<String>) -> Self {
        Self {
            datatype: Datatype::plain("string"),
            nulls: Vec::new(),
            separator: None,
            why,
        }
    }

    /// The datatype as the engine reads it, so that a guess can be tried on every cell.
    pub(super) fn value_type(&self) -> ValueType {
        use xsd::Datatype as D;
        let base = self.datatype.base();
        let datatype = match base {
            "boolean" => D::Boolean,
            "integer" => D::Integer,
            "decimal" => D::Decimal,
            "double" => D::Double,
            "date" => D::Date,
            "time" => D::Time,
            "dateTime" => D::DateTime,
            "gYear" => D::GYear,
            "gYearMonth" => D::GYearMonth,
            "duration" => D::Duration,
            "anyURI" => D::AnyUri,
            _ => D::String,
        };
        let mark = |mark: Option<char>| mark.map(String::from);
        let format = match self.datatype.format() {
            None => ValueFormat::Plain,
            Some(Format::Number { decimal, group }) => {
                let (decimal, group) = (mark(*decimal), mark(*group));
                let pattern = NumberPattern::new(decimal.as_deref(), group.as_deref());
                ValueFormat::Number(Box::new(pattern))
            }
            Some(Format::Text(text)) => match (text.split_once('|'), datatype) {
                (Some((yes, no)), D::Boolean) => {
                    ValueFormat::Boolean(yes.to_owned(), no.to_owned())
                }
                _ => {
                    DatePattern::parse(datatype, text).map_or(ValueFormat::Plain, ValueFormat::Date)
                }
            },
        };
        ValueType {
            name: base.to_owned(),
            datatype,
            format,
            ..ValueType::string()
        }
    }
}

fn token() -> &'static ValueType {
    static TOKEN: std::sync::LazyLock<ValueType> = std::sync::LazyLock::new(|| ValueType {
        datatype: xsd::Datatype::Token,
        ..ValueType::string()
    });
    &TOKEN
}

fn is_iri(text: &str) -> bool {
    let known = ["http://", "https://", "ftp://", "urn:", "mailto:", "doi:"];
    known.iter().any(|scheme| text.starts_with(scheme))
        && iri::check(text).is_ok()
        && xsd::Datatype::AnyUri.accepts(text)
}

fn is_year(text: &str) -> bool {
    text.len() == 4
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(text.as_bytes()[0], b'1' | b'2')
}

fn range(low: &str, high: &str) -> String {
    match (low, high) {
        ("", _) => String::new(),
        (low, high) if low == high => format!(", {low}"),
        (low, high) => format!(", {low}…{high}"),
    }
}

// A bound of whole numbers with its digits in groups, where the table has none.
fn shown(base: &str, text: &str) -> String {
    match text.parse::<u64>() {
        Ok(number) if base == "integer" => counted(number),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(title: &str, cells: &[&str]) -> Guess {
        let mut column = Column::new(crate::draft::names::words(title), ",");
        for cell in cells {
            column.accept(cell);
        }
        column.guess(Hints::default())
    }

    fn check(title: &str, cells: &[&str], expected: &str) {
        let found = guess(title, cells);
        let datatype = serde_json::to_string(&found.datatype).unwrap();
        assert_eq!(datatype, expected, "{title}: {cells:?} {:?}", found.why);
        for cell in cells {
            let value_type = found.value_type();
            let text = value_type.normalize(cell);
            let is_null = text.is_empty() || found.nulls.iter().any(|null| *null == text);
            assert!(is_null || value_type.read(&text).is_ok(), "{title}: {cell}");
        }
    }

    #[test]
    fn datatypes_follow_from_cells() {
        check("n", &["1", "20", ""], r#""integer""#);
        check("n", &["1.5", "20"], r#""decimal""#);
        check("n", &["1.5E3", "20"], r#""double""#);
        check("n", &["95%", "4.5%"], r#""decimal""#);
        check(
            "n",
            &["1,5", "20"],
            r#"{"base":"decimal","format":{"decimalChar":","}}"#,
        );
        check(
            "n",
            &["1,234,567", "20"],
            r#"{"base":"integer","format":{"groupChar":","}}"#,
        );
        check(
            "n",
            &["yes", "no"],
            r#"{"base":"boolean","format":"yes|no"}"#,
        );
        check("n", &["true"], r#""boolean""#);
        check("n", &["no"], r#""string""#);
        check("is_open", &["1", "0"], r#""boolean""#);
        check("open", &["1", "0"], r#""integer""#);
        check("Year", &["2020", "1999"], r#""gYear""#);
        check("people", &["2020", "1999"], r#""integer""#);
        check("n", &["2020-05"], r#""gYearMonth""#);
        check("n", &["P1D"], r#""duration""#);
        check("n", &["https://example.org/x"], r#""anyURI""#);
        check("n", &["https://example.org/ x"], r#""string""#);
        check(
            "n",
            &["1.12.2020"],
            r#"{"base":"date","format":"d.M.yyyy"}"#,
        );
        check(
            "day",
            &["20201231"],
            r#"{"base":"date","format":"yyyyMMdd"}"#,
        );
        check("n", &["20201231"], r#""integer""#);
        check("n", &["007", "12"], r#""string""#);
        check("zip", &["12345"], r#""string""#);
        check("n", &["1", "x"], r#""string""#);
        check("n", &["NA", ""], r#""string""#);
    }

    #[test]
    fn texts_for_nothing_are_null_in_typed_columns_only() {
        assert_eq!(guess("n", &["1", "NA", "-"]).nulls, ["", "NA", "-"]);
        assert!(guess("n", &["x", "NA"]).nulls.is_empty());
    }

    #[test]
    fn few_texts_among_numbers_are_named() {
        let found = guess("n", &["1", "2", "3", "4", "5", "about 6"]);
        assert_eq!(found.why, ["1 of 6 values is no number, such as `about 6`"]);
    }
}
