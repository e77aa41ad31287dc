//! Tests of lexical forms and values, by the sections of XML Schema.

use super::*;

fn check(datatype: Datatype, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(datatype.accepts(text), "{datatype:?} `{text}`");
    }
    for text in bad {
        assert!(!datatype.accepts(text), "{datatype:?} `{text}`");
    }
}

#[test]
fn lexical_forms_of_numbers() {
    check(
        Datatype::Integer,
        &["0", "-01", "+12"],
        &["", "-", "1.0", "1e3", " 1"],
    );
    check(
        Datatype::Byte,
        &["-128", "127"],
        &["128", "-129", "1000000000000000000000"],
    );
    check(Datatype::PositiveInteger, &["1"], &["0", "-1"]);
    check(Datatype::NegativeInteger, &["-1"], &["0"]);
    check(
        Datatype::Decimal,
        &["1.", ".5", "-1000.50"],
        &["1e3", ".", "INF"],
    );
    check(
        Datatype::Double,
        &["1e3", "-1.5E-3", "INF", "NaN"],
        &["inf", "1e", "e1", "+NaN"],
    );
    check(Datatype::Boolean, &["true", "0"], &["TRUE", "yes"]);
}

#[test]
fn lexical_forms_of_dates() {
    check(
        Datatype::Date,
        &[
            "2020-02-29",
            "-0044-03-15",
            "12020-01-01",
            "2020-01-01Z",
            "2020-01-01+14:00",
        ],
        &[
            "2021-02-29",
            "20-01-01",
            "2020-1-1",
            "2020-01-01+15:00",
            "02020-01-01",
        ],
    );
    check(
        Datatype::DateTime,
        &["2020-01-01T24:00:00", "2020-01-01T00:00:00.123-05:00"],
        &[
            "2020-01-01",
            "2020-01-01T24:00:01",
            "2020-01-01T00:60:00",
            "2020-01-01T00:00:00.",
        ],
    );
    check(
        Datatype::DateTimeStamp,
        &["2020-01-01T00:00:00Z"],
        &["2020-01-01T00:00:00"],
    );
    check(
        Datatype::GYear,
        &["2014", "-0001", "2014Z"],
        &["14", "2014-01", "twenty"],
    );
    check(Datatype::GMonthDay, &["--02-29"], &["--02-30", "02-01"]);
    check(Datatype::GDay, &["---31"], &["---32", "--31"]);
    check(Datatype::GMonth, &["--12"], &["--13", "12"]);
}

#[test]
fn lexical_forms_of_durations() {
    check(
        Datatype::Duration,
        &["P1Y2M3DT4H5M6.7S", "-P1D", "PT0S"],
        &["P", "PT", "P1S", "1Y", "P1M1Y", "P1.5D"],
    );
    check(Datatype::DayTimeDuration, &["P1DT1H"], &["P1M"]);
    check(Datatype::YearMonthDuration, &["P1Y1M"], &["P1D", "PT1M"]);
}

// Spec: XSD 1.1 part 2 §3.3.15 to §3.3.17, §3.4.3 to §3.4.7; XML 1.0 §2.3
#[test]
fn lexical_forms_of_texts() {
    check(
        Datatype::Name,
        &[
            "a",
            "_x",
            ":",
            "é",
            "a\u{B7}",
            "a\u{203F}",
            "\u{10000}b",
            "a-1.2",
        ],
        &[
            "", "1a", "-a", "\u{300}a", "a b", "\u{D7}", "\u{F7}", "a\u{37E}", "←",
        ],
    );
    check(
        Datatype::NmToken,
        &["1a", "-", "\u{300}"],
        &["", "a b", "a,b"],
    );
    check(
        Datatype::QName,
        &["a", "a:b"],
        &["a:b:c", ":a", "a:", ":", "1:a"],
    );
    check(
        Datatype::Language,
        &["en", "en-GB", "x-klingon", "de-1996"],
        &["", "e1", "en-", "en_GB", "abcdefghi", "en-abcdefghi"],
    );
    check(Datatype::AnyUri, &["", "http://a/ b", "<>", "é"], &[]);
    check(
        Datatype::Base64Binary,
        &["", "AQID", "AQI=", "AQ==", "A Q I D", "AQ = ="],
        &[
            "A", "AQI", "AQJ=", "AR==", "A===", "====", "AQ=A", "AQ  ID", " AQID", "AQ_D",
        ],
    );
    check(Datatype::HexBinary, &["", "0aFF"], &["0", "0g", "0 0A"]);
    for (datatype, text, length) in [
        (Datatype::HexBinary, "0FB7", 2),
        (Datatype::Base64Binary, "U2VuZCByZWluZm9yY2VtZW50cw==", 19),
        (Datatype::Base64Binary, "A Q I D", 3),
        (Datatype::Base64Binary, "", 0),
        (Datatype::String, "é😀e\u{301}", 4),
    ] {
        assert_eq!(datatype.length(text), length, "{text}");
    }
}

// Spec: XSD 1.1 part 2 §3.4.13 to §3.4.25
#[test]
fn integers_have_ranges() {
    let long = "9".repeat(100_000);
    for (datatype, least, most) in [
        (
            Datatype::Long,
            "-9223372036854775808",
            "9223372036854775807",
        ),
        (Datatype::Int, "-2147483648", "2147483647"),
        (Datatype::Short, "-32768", "32767"),
        (Datatype::Byte, "-128", "127"),
        (Datatype::UnsignedLong, "0", "18446744073709551615"),
        (Datatype::UnsignedInt, "-0", "4294967295"),
        (Datatype::UnsignedShort, "0", "+65535"),
        (Datatype::UnsignedByte, "0", "0000255"),
    ] {
        let beyond = |text: &str, by: i128| {
            let number: i128 = text.parse().unwrap();
            (number + by).to_string()
        };
        check(
            datatype,
            &[least, most],
            &[
                &beyond(least, -1),
                &beyond(most, 1),
                &long,
                &format!("-{long}"),
            ],
        );
    }
    check(Datatype::NonNegativeInteger, &["0", "-0", &long], &["-1"]);
    check(Datatype::PositiveInteger, &["1", &long], &["0", "-0", "+0"]);
    check(Datatype::NonPositiveInteger, &["0", "-1"], &["1"]);
    check(Datatype::NegativeInteger, &["-1"], &["0", "-0", "1"]);
}

// Spec: XSD 1.1 part 2 §3.3.7, §3.3.8
#[test]
fn dates_at_the_edges() {
    check(
        Datatype::DateTime,
        &[
            "0000-02-29T00:00:00",
            "-0004-02-29T00:00:00",
            "999999999999-12-31T23:59:59.999999999999999999999999999Z",
            "2020-01-01T24:00:00.000",
            "2020-01-01T00:00:00+14:00",
            "2020-01-01T00:00:00-14:00",
        ],
        &[
            "2020-01-01T24:00:00.001",
            "2020-01-01T23:59:60",
            "2020-01-01T00:00:00+14:01",
            "2020-01-01T00:00:00+13:60",
            "2020-01-01t00:00:00",
            "+2020-01-01T00:00:00",
            "2020-01-01T00:00",
            "2020-00-01T00:00:00",
        ],
    );
    check(
        Datatype::Time,
        &["24:00:00", "00:00:00Z"],
        &["24:00:01", "25:00:00", "0:00:00"],
    );
}

// Spec: XSD 1.1 part 2 §3.3.6.2, §D.2.1
#[test]
fn some_values_have_no_order() {
    use Ordering::{Equal, Greater, Less};
    for (datatype, one, other, order) in [
        (Datatype::Duration, "P1M", "P30D", None),
        (Datatype::Duration, "P1M", "P27D", Some(Greater)),
        (Datatype::Duration, "P1M", "P32D", Some(Less)),
        (Datatype::Duration, "P1Y", "P365D", None),
        (Datatype::Duration, "P1Y", "P12M", Some(Equal)),
        (Datatype::Duration, "-P1D", "PT0S", Some(Less)),
        (Datatype::Duration, "-PT0.5S", "-PT0.25S", Some(Less)),
        (Datatype::Duration, "-PT1.5S", "-PT1S", Some(Less)),
        (Datatype::Duration, "PT0.5S", "-PT0.5S", Some(Greater)),
        (Datatype::DayTimeDuration, "P1D", "PT24H", Some(Equal)),
        (Datatype::YearMonthDuration, "P1Y1M", "P13M", Some(Equal)),
        (
            Datatype::Duration,
            "P99999999999999999999Y",
            "P1Y",
            Some(Greater),
        ),
        (Datatype::Date, "2020-01-01", "2020-01-01Z", None),
        (Datatype::Date, "2020-01-01", "2020-01-03Z", Some(Less)),
        (
            Datatype::DateTime,
            "2020-01-01T00:00:00",
            "2020-01-01T14:00:00Z",
            None,
        ),
        (
            Datatype::DateTime,
            "2020-01-01T00:00:00",
            "2020-01-01T14:00:01Z",
            Some(Less),
        ),
        (
            Datatype::DateTime,
            "2020-01-01T24:00:00Z",
            "2020-01-02T00:00:00Z",
            Some(Equal),
        ),
        (
            Datatype::DateTime,
            "2020-01-01T00:00:00.5Z",
            "2020-01-01T00:00:00.50Z",
            Some(Equal),
        ),
        (
            Datatype::DateTime,
            "-0001-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            Some(Less),
        ),
        (Datatype::Time, "24:00:00", "00:00:00", Some(Equal)),
        (Datatype::GMonthDay, "--02-29", "--03-01", Some(Less)),
        (Datatype::Double, "NaN", "1", None),
        (Datatype::Double, "-INF", "-1E308", Some(Less)),
        (Datatype::Double, "1E999999999", "INF", Some(Equal)),
        (Datatype::Double, "-0", "0", Some(Equal)),
        (Datatype::Float, "16777216", "16777217", Some(Equal)),
    ] {
        let value = |text| Value::parse(datatype, text).unwrap();
        assert_eq!(
            value(one).partial_cmp(&value(other)),
            order,
            "{one} {other}"
        );
    }
}

#[test]
fn huge_numbers_take_no_long_time() {
    let start = std::time::Instant::now();
    let digits = "9".repeat(1_000_000);
    let one = Value::parse(Datatype::Decimal, &format!("{digits}.{digits}")).unwrap();
    let other = Value::parse(Datatype::Decimal, &format!("{digits}.{digits}1")).unwrap();
    assert!(one < other);
    let double = Value::parse(
        Datatype::Double,
        &format!("{digits}E-999999999999999999999"),
    );
    assert_eq!(double, Some(Value::Double(0.0)));
    for (text, expected) in [
        (format!("0.{}1e1000001", "0".repeat(1_000_000)), 1.0),
        (format!("1{}E-1000000", "0".repeat(1_000_000)), 1.0),
        (format!("-0.{}", "0".repeat(1000)), 0.0),
        (
            format!("0.1{}E{}1", "0".repeat(1000), "0".repeat(1000)),
            1.0,
        ),
        (format!("1{}", "0".repeat(1000)), f64::INFINITY),
        (format!("1.{}1", "0".repeat(1000)), 1.0),
        // Half of the last place of 1, and a little more.
        (
            format!(
                "1.{:0>53}{}1",
                "11102230246251565404236316680908203125",
                "0".repeat(1000)
            ),
            1.0 + f64::EPSILON,
        ),
    ] {
        let value = Value::parse(Datatype::Double, &text);
        assert_eq!(value, Some(Value::Double(expected)), "{}", &text[..20]);
    }
    assert!(Datatype::Double.accepts(&format!("1E{digits}")));
    assert!(!Datatype::Duration.accepts(&format!("P{digits}Y")));
    assert!(Datatype::Duration.accepts(&format!("PT0.{digits}S")));
    assert!(!Datatype::Date.accepts(&format!("{digits}-01-01")));
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn values_compare_by_value() {
    let value = |datatype, text| Value::parse(datatype, text).unwrap();
    assert_eq!(
        value(Datatype::Decimal, "6.45"),
        value(Datatype::Decimal, "06.45000")
    );
    assert!(value(Datatype::Integer, "-10") < value(Datatype::Integer, "9"));
    assert!(
        value(Datatype::Decimal, "123456789012345678901234567890.1")
            > value(Datatype::Decimal, "99999999999999999999")
    );
    assert!(
        value(Datatype::DateTime, "2020-01-01T00:00:00+01:00")
            < value(Datatype::DateTime, "2020-01-01T00:00:00Z")
    );
    assert!(value(Datatype::Date, "1969-12-31") < value(Datatype::Date, "1970-01-01"));
}
