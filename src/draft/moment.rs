//! How the dates and times of a column are written: which of CSVW's patterns every text allows.
//!
//! In: the texts of a column, one by one. Out: the pattern, and what ruled the others out.
//!
//! The first text is tried with every pattern, the others only with those that are left.

use crate::plan::date_pattern::{DatePattern, known_date_patterns};
use crate::rdf::xsd::Datatype;

/// Digits that a fraction of a second may have.
const MOST_FRACTION_DIGITS: usize = 9;

const TIMES: [&str; 4] = ["HH:mm:ss", "HH:mm", "HHmmss", "HHmm"];
const ZONES: [&str; 5] = ["", "X", "XXX", " X", " XXX"];

/// A way to read all texts so far.
#[derive(Debug, Clone)]
struct Candidate {
    datatype: Datatype,
    // `None`: as XML Schema has it.
    pattern: Option<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    date: &'static str,
    time: &'static str,
    zone: &'static str,
    between: &'static str,
    compiled: DatePattern,
}

/// Whether the day or the month comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// The dates or times of a column.
///
/// Spec: tabular-data-model §6.4.4
#[derive(Debug, Clone)]
pub(super) struct Moments {
    candidates: Option<Vec<Candidate>>,
    first: String,
    // Patterns that fitted at first, and the text that ruled each out.
    ruled_out: Vec<(String, String)>,
    fraction: usize,
    padded: bool,
    seen: u64,
}

/// What the texts of a column are as dates or times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) datatype: Datatype,
    pub(super) pattern: Option<String>,
    /// Why not another pattern.
    pub(super) why: String,
    /// Whether day and month could be exchanged.
    pub(super) ambiguous: bool,
    /// Only digits, which could be a number too.
    pub(super) only_digits: bool,
}

impl Moments {
    pub(super) fn new() -> Self {
        Self {
            candidates: None,
            first: String::new(),
            ruled_out: Vec::new(),
            fraction: 0,
            padded: false,
            seen: 0,
        }
    }

    /// Takes a text, white space already off.
    pub(super) fn accept(&mut self, text: &str) {
        if self.candidates.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        self.seen += 1;
        let candidates = self.candidates.get_or_insert_with(|| {
            text.clone_into(&mut self.first);
            all_candidates(text)
        });
        let ruled_out = &mut self.ruled_out;
        candidates.retain(|candidate| {
            let fits = candidate.fits(text);
            if !fits && let Some(pattern) = &candidate.pattern {
                ruled_out.push((pattern.date.to_owned(), text.to_owned()));
            }
            fits
        });
        if candidates.is_empty() {
            // Nothing will be asked of them any more.
            self.ruled_out = Vec::new();
            return;
        }
        let mut parts = text.split(|c: char| !c.is_ascii_digit()).take(2);
        self.padded |= parts.any(|part| part.len() == 2 && part.starts_with('0'));
        if let Some((_, seconds)) = text.rsplit_once(':')
            && let Some((_, fraction)) = seconds.split_once('.')
        {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            self.fraction = self.fraction.max(digits);
        }
    }

    /// Whether every text so far has one order of day and month only.
    pub(super) fn certain_order(&self) -> Option<Order> {
        let patterns = || self.patterns().filter_map(|pattern| order(pattern.date));
        let first = patterns().next()?;
        (self.seen > 0 && patterns().all(|other| other == first)).then_some(first)
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let candidates = self.candidates.iter().flatten();
        candidates.filter_map(|candidate| candidate.pattern.as_ref())
    }

    /// How to read all texts; `hint` is the order that other columns have.
    pub(super) fn reading(&self, hint: Option<Order>) -> Option<Reading> {
        let candidates = self.candidates.as_ref()?;
        let plain = candidates.iter().find(|one| one.pattern.is_none());
        if let Some(plain) = plain {
            return Some(Reading {
                datatype: plain.datatype,
                pattern: None,
                why: "as XML Schema writes it".to_owned(),
                ambiguous: false,
                only_digits: false,
            });
        }
        let has = |wanted| self.patterns().any(|one| order(one.date) == Some(wanted));
        let ambiguous = has(Order::DayFirst) && has(Order::MonthFirst);
        let wanted = match hint {
            Some(hint) if ambiguous => hint,
            _ if has(Order::DayFirst) => Order::DayFirst,
            _ => Order::MonthFirst,
        };
        let fitting = candidates.iter().filter(|one| {
            one.pattern
                .as_ref()
                .is_some_and(|pattern| order(pattern.date).is_none_or(|order| order == wanted))
        });
        // Two digits where a zero was seen to fill them, else one or two.
        let chosen = fitting.min_by_key(|one| {
            let two_digits = one
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.date.contains("dd"));
            two_digits != self.padded
        })?;
        let pattern = chosen.pattern.as_ref()?;
        let why = if ambiguous {
            let other = exchanged(pattern.date);
            match hint {
                Some(_) => format!("`{other}` fits too, but another column has this order"),
                None => format!("a guess: no day is beyond 12, so `{other}` fits too"),
            }
        } else if order(pattern.date).is_some() {
            let other = exchanged(pattern.date);
            let rule = self.ruled_out.iter().find(|(ruled, _)| *ruled == other);
            let text = rule.map_or(self.first.as_str(), |(_, text)| text);
            format!("`{text}` rules out `{other}`")
        } else {
            format!("the pattern of `{}`", self.first)
        };
        Some(Reading {
            datatype: chosen.datatype,
            pattern: Some(pattern.written(self.fraction)),
            why,
            ambiguous: ambiguous && hint.is_none(),
            only_digits: pattern.date == "yyyyMMdd" && pattern.time.is_empty(),
        })
    }

    pub(super) fn seen(&self) -> u64 {
        self.seen
    }
}

impl Candidate {
    fn fits(&self, text: &str) -> bool {
        match &self.pattern {
            None => self.datatype.accepts(text),
            Some(pattern) => pattern
                .compiled
                .read(self.datatype, text)
                .is_some_and(|lexical| {
                    // Eight digits are a date only in our times.
                    let recent = matches!(lexical.get(..2), Some("19" | "20"));
                    self.datatype.accepts(&lexical) && (pattern.date != "yyyyMMdd" || recent)
                }),
        }
    }
}

impl Pattern {
    fn written(&self, fraction: usize) -> String {
        let mut out = format!("{}{}{}", self.date, self.between, self.time);
        if fraction > 0 && self.time == "HH:mm:ss" {
            out.push('.');
            out.push_str(&"S".repeat(fraction));
        }
        out.push_str(self.zone);
        out
    }
}

fn all_candidates(text: &str) -> Vec<Candidate> {
    let could_be = (4..=45).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b":./-+TZ ".contains(&byte))
        && (text.len() == 8 || text.bytes().any(|byte| !byte.is_ascii_digit()));
    if !could_be {
        return Vec::new();
    }
    let mut all: Vec<Candidate> = [Datatype::Date, Datatype::DateTime, Datatype::Time]
        .into_iter()
        .map(|datatype| Candidate {
            datatype,
            pattern: None,
        })
        .collect();
    let mut push = |datatype, date, between, time, zone| {
        let fraction = if time == "HH:mm:ss" {
            MOST_FRACTION_DIGITS
        } else {
            0
        };
        let mut written = format!("{date}{between}{time}");
        if fraction > 0 {
            written.push('.');
            written.push_str(&"S".repeat(fraction));
        }
        written.push_str(zone);
        if let Some(compiled) = DatePattern::parse(datatype, &written) {
            all.push(Candidate {
                datatype,
                pattern: Some(Pattern {
                    date,
                    time,
                    zone,
                    between,
                    compiled,
                }),
            });
        }
    };
    let has_time = text.contains(['T', ' ', ':']);
    for date in known_date_patterns().iter().copied() {
        push(Datatype::Date, date, "", "", "");
        for time in TIMES.into_iter().filter(|_| has_time) {
            for between in ["T", " "] {
                for zone in ZONES {
                    push(Datatype::DateTime, date, between, time, zone);
                }
            }
        }
    }
    for time in TIMES.into_iter().filter(|time| time.contains(':')) {
        for zone in ZONES {
            push(Datatype::Time, "", "", time, zone);
        }
    }
    all.retain(|candidate| candidate.fits(text));
    all
}

fn order(date: &str) -> Option<Order> {
    match date.chars().next()? {
        'd' => Some(Order::DayFirst),
        'M' => Some(Order::MonthFirst),
        _ => None,
    }
}

// The pattern with day and month in the other order.
fn exchanged(date: &str) -> String {
    let swap = |c| match c {
        'd' => 'M',
        'M' => 'd',
        other => other,
    };
    date.chars().map(swap).collect()
}

/// Whether a text is a date or a time by itself.
pub(super) fn is_moment(text: &str) -> bool {
    !text.bytes().all(|byte| byte.is_ascii_digit()) && !all_candidates(text).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(texts: &[&str], hint: Option<Order>) -> Option<Reading> {
        let mut moments = Moments::new();
        for text in texts {
            moments.accept(text);
        }
        moments.reading(hint)
    }

    fn check(texts: &[&str], datatype: Datatype, pattern: Option<&str>) {
        let found = reading(texts, None).unwrap();
        assert_eq!(
            (found.datatype, found.pattern.as_deref()),
            (datatype, pattern),
            "{texts:?}"
        );
    }

    #[test]
    fn patterns_are_found() {
        check(&["2020-01-31"], Datatype::Date, None);
        check(&["2020-01-31T10:00:00Z"], Datatype::DateTime, None);
        check(&["10:00:00"], Datatype::Time, None);
        check(&["10:00"], Datatype::Time, Some("HH:mm"));
        check(
            &["1.2.2020", "31.12.2020"],
            Datatype::Date,
            Some("d.M.yyyy"),
        );
        check(
            &["01.02.2020", "31.12.2020"],
            Datatype::Date,
            Some("dd.MM.yyyy"),
        );
        check(
            &["01/02/2020", "12/31/2020"],
            Datatype::Date,
            Some("MM/dd/yyyy"),
        );
        check(&["20200131"], Datatype::Date, Some("yyyyMMdd"));
        check(
            &["2020-01-31 10:00:00", "2020-01-31 10:00:00.25"],
            Datatype::DateTime,
            Some("yyyy-MM-dd HH:mm:ss.SS"),
        );
        check(
            &["2020-01-31 10:00 +02:00"],
            Datatype::DateTime,
            Some("yyyy-MM-dd HH:mm XXX"),
        );
    }

    #[test]
    fn what_is_no_date_has_no_pattern() {
        for texts in [
            &["2020-01-31", "x"][..],
            &["31.2.2020"],
            &["12345678"],
            &["2020-01-31", "31.12.2020"],
            &["1.2.3"],
        ] {
            assert_eq!(reading(texts, None), None, "{texts:?}");
        }
    }

    #[test]
    fn day_and_month_are_told_apart_where_a_text_tells() {
        let why = |texts: &[&str], hint| reading(texts, hint).unwrap();
        let sure = why(&["1.2.2020", "31.12.2020"], None);
        assert_eq!(sure.why, "`31.12.2020` rules out `M.d.yyyy`");
        assert!(!sure.ambiguous);
        let unsure = why(&["1/2/2020"], None);
        assert!(unsure.ambiguous);
        assert_eq!(unsure.pattern.as_deref(), Some("d/M/yyyy"));
        let hinted = why(&["1/2/2020"], Some(Order::MonthFirst));
        assert_eq!(hinted.pattern.as_deref(), Some("M/d/yyyy"));
    }
}
