//! The check of every datatype holds what the full parser reads, and nothing else.

use super::*;
use proptest::prelude::*;

const NUMBERS: [Datatype; 17] = [
    Datatype::Decimal,
    Datatype::Integer,
    Datatype::Long,
    Datatype::Int,
    Datatype::Short,
    Datatype::Byte,
    Datatype::NonNegativeInteger,
    Datatype::PositiveInteger,
    Datatype::UnsignedLong,
    Datatype::UnsignedInt,
    Datatype::UnsignedShort,
    Datatype::UnsignedByte,
    Datatype::NonPositiveInteger,
    Datatype::NegativeInteger,
    Datatype::Double,
    Datatype::Float,
    Datatype::Boolean,
];

const MOMENTS: [Datatype; 9] = [
    Datatype::Date,
    Datatype::DateTime,
    Datatype::DateTimeStamp,
    Datatype::Time,
    Datatype::GDay,
    Datatype::GMonth,
    Datatype::GMonthDay,
    Datatype::GYear,
    Datatype::GYearMonth,
];

fn agree(datatypes: &[Datatype], text: &str) {
    for datatype in datatypes {
        let expected = Value::parse(*datatype, text).is_some();
        assert_eq!(datatype.accepts(text), expected, "{datatype:?} `{text}`");
    }
}

#[test]
fn limits_of_integers_are_those_of_their_values() {
    for bits in [7_u32, 8, 15, 16, 31, 32, 63, 64] {
        let limit = 1_i128 << bits;
        for near in [-limit - 1, -limit, 1 - limit, limit - 1, limit, limit + 1] {
            for text in [
                near.to_string(),
                format!("{near:+}"),
                format!("{near:+030}"),
            ] {
                agree(&NUMBERS, &text);
            }
        }
    }
    for text in [
        "", "+", "-", "0", "-0", "+0", "00", "-00", "1", "-1", "--1", ".", "-.",
    ] {
        agree(&NUMBERS, text);
    }
}

#[test]
fn days_are_those_of_the_calendar() {
    for year in [
        "0000", "0001", "1900", "2000", "2023", "2024", "12024", "-0004",
    ] {
        for month in 0..=13 {
            for day in 0..=32 {
                let date = format!("{year}-{month:02}-{day:02}");
                agree(&MOMENTS, &date);
                agree(&MOMENTS, &format!("{date}T24:00:00"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_are_told_as_they_are_read(text in "[+-]{0,2}[0-9]{0,21}[.]{0,2}[0-9]{0,3}([eE][+-]?[0-9]{0,3})?[ ٣x]?") {
        agree(&NUMBERS, &text);
    }

    #[test]
    fn texts_like_numbers_are_told_as_they_are_read(text in "[0-9.eE+-]{0,6}|[+-]?(INF|NaN|true|false|inf|nan)[0-9]?|\\PC{0,4}") {
        agree(&NUMBERS, &text);
        agree(&MOMENTS, &text);
    }

    #[test]
    fn moments_are_told_as_they_are_read(
        year in "-?(0{0,2}[0-9]{3,5}|[0-9]{4}|20[0-9]{2})",
        date in "-[01][0-9]-[0-3][0-9]",
        time in "T?([01][0-9]|2[0-5]):[0-6][0-9]:[0-6][0-9]([.][0-9]{0,3})?|T?24:00:00([.]0*)?",
        zone in "|Z|[+-](0[0-9]|1[0-5]):([0-6][0-9]|00)",
        at in any::<prop::sample::Index>(),
        by in "[0-9:.TZ+-]|\\PC",
    ) {
        let parts = [&year, &date, &time, &zone];
        for from in 0..4 {
            for to in from..4 {
                let text: String = parts[from..=to].iter().map(|part| part.as_str()).collect();
                agree(&MOMENTS, &text);
                let text = format!("{text}{zone}");
                agree(&MOMENTS, &text);
                // One character other than it was.
                let at = at.index(text.len() + 1);
                let broken = format!("{}{by}{}", &text[..at], text.get(at + 1..).unwrap_or_default());
                agree(&MOMENTS, &broken);
            }
        }
        for prefix in ["-", "--", "---"] {
            agree(&MOMENTS, &format!("{prefix}{}{zone}", &date[1..]));
            agree(&MOMENTS, &format!("{prefix}{}{zone}", &date[1..3]));
        }
    }

    #[test]
    fn collapsed_texts_are_those_of_single_words(text in "([ab\u{A0}\u{1}é]{0,9}[ \t\n\r]?){0,4}| ?([a-z]{1,12} ){0,4}[a-z]?") {
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        let words = text.split(is_space).filter(|word| !word.is_empty());
        let expected = words.collect::<Vec<_>>().join(" ") == text;
        prop_assert_eq!(is_collapsed(text.as_bytes()), expected);
    }
}
