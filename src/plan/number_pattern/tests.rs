//! Tests of number patterns, by the sections of the specifications.

use super::*;
use std::time::{Duration, Instant};

fn check(pattern: &NumberPattern, datatype: Datatype, cases: &[(&str, &str)], bad: &[&str]) {
    for (text, expected) in cases {
        assert_eq!(
            pattern.read(datatype, text).as_deref(),
            Some(*expected),
            "`{text}`"
        );
    }
    for text in bad {
        assert_eq!(pattern.read(datatype, text), None, "`{text}`");
    }
}

fn pattern(text: &str) -> NumberPattern {
    NumberPattern::new(None, None).with_pattern(text).unwrap()
}

fn with(decimal: &str, group: &str, text: &str) -> NumberPattern {
    let free = NumberPattern::new(Some(decimal), Some(group));
    free.with_pattern(text).unwrap()
}

// Spec: tabular-data-model §6.4.2
#[test]
fn without_a_pattern() {
    check(
        &NumberPattern::new(None, None),
        Datatype::Double,
        &[
            ("1", "1"),
            ("-1.50", "-1.50"),
            ("1E3", "1e3"),
            ("1e+03", "1e+03"),
            ("1.", "1."),
            (".5", ".5"),
            ("INF", "INF"),
            ("-INF", "-INF"),
            ("NaN", "NaN"),
            ("50%", "0.5"),
            ("-25%", "-0.25"),
            ("5‰", "0.005"),
        ],
        &[
            "1,000", "", "1 2", ".", "+", "%", "1E", "E1", "1E5%", "50%%", "5%‰", "--1", "+INF",
            "inf", "1E+", "٣", "0x10",
        ],
    );
    check(
        &NumberPattern::new(Some(","), Some(".")),
        Datatype::Decimal,
        &[
            ("1.234,5", "1234.5"),
            ("1.2.3", "123"),
            ("+1.234.567", "+1234567"),
            ("1.", "1"),
            ("12,5%", "0.125"),
        ],
        &[
            "1..2", "1E3", "NaN", "INF", "-INF", ".1", "1,", ",5", "1,2.3", "1,2,3", "",
        ],
    );
}

// Spec: tabular-data-model §6.4.2, "decimalChar", "groupChar"
#[test]
fn separators_are_any_texts() {
    check(
        &NumberPattern::new(Some("٫"), Some("٬")),
        Datatype::Decimal,
        &[("1٬234٫5", "1234.5")],
        &["1٬٬234", "1.5"],
    );
    check(
        &NumberPattern::new(Some(" dot "), Some("--")),
        Datatype::Decimal,
        &[("-1--234 dot 5", "-1234.5")],
        &["1----2", "1-2"],
    );
    check(
        &NumberPattern::new(Some("e"), Some("\u{A0}")),
        Datatype::Decimal,
        &[("1\u{A0}000", "1000")],
        &[],
    );
    check(
        &with(",", ".", "#.##0,00"),
        Datatype::Decimal,
        &[("1.234,50", "1234.50")],
        &["1,234.50", "1234,50"],
    );
    check(
        &with("::", "aa", "#aa##0::0#"),
        Datatype::Decimal,
        &[("1aa234::5", "1234.5"), ("0::55", "0.55")],
        &["1a234::5"],
    );
}

// Spec: UAX 35 part 3 §3.2
#[test]
fn digits_and_groups() {
    let decimal = Datatype::Decimal;
    check(
        &pattern("#,##0.00"),
        decimal,
        &[
            ("1,234.50", "1234.50"),
            ("0.00", "0.00"),
            ("-1.00", "-1.00"),
        ],
        &[
            "1234.50",
            "12,34.50",
            "1.5",
            "1.500",
            "1",
            ",123.00",
            "1,,234.00",
            "1,234.5,0",
            "1.00%",
        ],
    );
    check(
        &pattern("#,##,##0"),
        Datatype::Integer,
        &[("12,34,567", "1234567"), ("123", "123")],
        &["1,234,567", "1.0", "1."],
    );
    check(
        &pattern("000"),
        Datatype::Integer,
        &[("007", "007"), ("1234", "1234")],
        &["7", "1,234"],
    );
    check(
        &pattern("#"),
        decimal,
        &[("0", "0"), ("12", "12")],
        &["", "1.5"],
    );
    check(
        &pattern("#.0"),
        decimal,
        &[(".5", ".5"), ("1.5", "1.5")],
        &["1"],
    );
    check(
        &pattern("0.#"),
        decimal,
        &[("1", "1"), ("1.5", "1.5")],
        &["1.", "1.55"],
    );
    check(&pattern("0."), decimal, &[("1.", "1")], &["1", "1.5"]);
    check(
        &pattern("0.0##,###"),
        decimal,
        &[
            ("1.1", "1.1"),
            ("1.199,9", "1.1999"),
            ("1.199,999", "1.199999"),
        ],
        &["1.1999", "1.199,", "1.19,9", "1.199,999,9", "1"],
    );
    check(
        &pattern("#0.0#,#"),
        decimal,
        &[("12.24,5", "12.245")],
        &["1", "12.345", "12.34,567"],
    );
}

// Spec: UAX 35 part 3 §3.2; tabular-data-model §6.4.2
#[test]
fn signs_and_percent() {
    let decimal = Datatype::Decimal;
    check(
        &pattern("+0"),
        decimal,
        &[("+1", "+1"), ("-1", "-1")],
        &["1", "+-1"],
    );
    check(
        &pattern("-0"),
        decimal,
        &[("-1", "-1")],
        &["1", "+1", "--1"],
    );
    check(
        &pattern("%000"),
        decimal,
        &[
            ("%123", "1.23"),
            ("%+123", "1.23"),
            ("%-123", "-1.23"),
            ("-%123", "-1.23"),
        ],
        &["123", "123%", "-%-123"],
    );
    check(
        &pattern("0.0#%"),
        decimal,
        &[("12.5%", "0.125"), ("-0.0%", "0"), ("+1.0%", "0.01")],
        &["12.5", "12.5‰"],
    );
    check(
        &pattern("#,##0‰"),
        decimal,
        &[("1,234‰", "1.234")],
        &["1234‰"],
    );
    check(&pattern("0 %"), decimal, &[("5 %", "0.05")], &["5%"]);
    check(&pattern("0'%'"), decimal, &[("5%", "5")], &["5"]);
    check(
        &pattern("0+"),
        decimal,
        &[("5+", "+5"), ("5-", "-5")],
        &["5", "-5"],
    );
}

// Spec: UAX 35 part 3 §3.2, §3.3
#[test]
fn subpatterns_quotes_and_affixes() {
    let decimal = Datatype::Decimal;
    check(
        &pattern("#,##0.00;(#,##0.00)"),
        decimal,
        &[("1,234.00", "1234.00"), ("(1.50)", "-1.50")],
        &["-1.50", "(1.50", "1.50)", "+1.00"],
    );
    check(
        &pattern("0;'minus '0"),
        decimal,
        &[("1", "1"), ("minus 1", "-1")],
        &["-1"],
    );
    check(
        &pattern("0%;0-%"),
        decimal,
        &[("5%", "0.05"), ("5-%", "-0.05")],
        &[],
    );
    check(
        &pattern("$0"),
        decimal,
        &[("$5", "5"), ("-$5", "-5"), ("$-5", "-5")],
        &["5"],
    );
    check(
        &pattern("'#'0' o''clock'"),
        decimal,
        &[("#5 o'clock", "5")],
        &["5 o'clock", "#5"],
    );
    check(&pattern("0 km"), decimal, &[("5 km", "5")], &["5km", "5 m"]);
    check(&pattern("''0"), decimal, &[("'5", "5")], &[]);
    check(&pattern("EUR 0"), decimal, &[("EUR 5", "5")], &["5"]);
}

// Spec: UAX 35 part 3 §3.5
#[test]
fn exponents() {
    let double = Datatype::Double;
    check(
        &pattern("0.0E00"),
        double,
        &[
            ("1.5E03", "1.5e03"),
            ("-1.5E-103", "-1.5e-103"),
            ("NaN", "NaN"),
            ("INF", "INF"),
        ],
        &["1.5E3", "1.5", "1.5E+03", "10.5e03", "1.5E", "1.5E0x"],
    );
    check(
        &pattern("0.###E+0"),
        double,
        &[("1E+5", "1e+5"), ("1.5E-5", "1.5e-5")],
        &["1E5"],
    );
    check(
        &pattern("##0.##E0"),
        double,
        &[("123.4E5", "123.4e5"), ("1E0", "1e0")],
        &["1234E5", "E5"],
    );
    check(
        &pattern("00.#E0"),
        double,
        &[("12E1", "12e1")],
        &["1E1", "123e1"],
    );
    check(
        &pattern("#0.###E#0"),
        double,
        &[("10.10E1", "10.10e1")],
        &["100.1E1"],
    );
    check(&pattern("0E0%"), double, &[("5E1%", "0.05e1")], &[]);
    check(
        &pattern("0E0"),
        Datatype::Decimal,
        &[],
        &["1E0", "1", "NaN"],
    );
    check(&pattern("0"), double, &[("1", "1")], &["1E0", "1e0"]);
}

// Spec: UAX 35 part 3 §3.4
#[test]
fn padding() {
    let decimal = Datatype::Decimal;
    check(
        &pattern("*x#,##0"),
        decimal,
        &[
            ("xxxx1", "1"),
            ("x-123", "-123"),
            ("1,234", "1234"),
            ("12,345", "12345"),
        ],
        &["x1", "1", "xxxxxx1", "x12,345"],
    );
    check(
        &pattern("##0* "),
        decimal,
        &[("1  ", "1"), ("123", "123")],
        &["1", "1 "],
    );
}

#[test]
fn patterns_that_are_none() {
    for text in [
        "", "x", "[", "0#", "0.#0", "0.0.0", "#,", "0,,0", "0.0,", "0.,0", "0.0,,0", "#0x0", "0E",
        "0E+", "0Ex", "0E0#", "0;1;2", "0;0", "'0", "0.0%‰", "%0%", "@@#", "1", "0.05", "¤0", "*",
        "*00", "a*x0", "*x0*x", "0;", "0E0.0",
    ] {
        assert!(
            NumberPattern::new(None, None).with_pattern(text).is_err(),
            "`{text}`"
        );
    }
}

#[test]
fn long_numbers_take_no_long_time() {
    let start = Instant::now();
    let digits = "9".repeat(1_000_000);
    let groups = format!("9{}", ",999".repeat(300_000));
    for (text, pattern) in [
        (&digits, pattern("0")),
        (&groups, pattern("#,##0")),
        (&digits, NumberPattern::new(None, Some(","))),
        (&format!("0.{digits}%"), pattern("0.#%")),
        (&format!("{digits}%"), NumberPattern::new(None, None)),
        (&format!("1E{digits}"), pattern("0E0")),
        (&format!("1E{digits}"), NumberPattern::new(None, None)),
        (&",".repeat(1_000_000), NumberPattern::new(None, Some(","))),
        (&"E1".repeat(500_000), NumberPattern::new(None, None)),
    ] {
        drop(pattern.read(Datatype::Double, text));
        drop(pattern.read(Datatype::Decimal, text));
    }
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}
