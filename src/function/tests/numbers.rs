//! Functions on numbers and dates.

use super::super::{Value, find};
use super::{GREL, IDLAB, call, grel, grel_list, idlab, texts};
use proptest::prelude::*;

#[test]
fn numbers_as_grel_has_them() {
    grel("math_floor", &["5.4"], &["5"]);
    grel("math_ceil", &["5.6"], &["6"]);
    grel("math_round", &["5.4"], &["5"]);
    grel("math_round", &["5.6"], &["6"]);
    grel("math_min", &["70", "5"], &["5"]);
    grel("math_max", &["70", "5"], &["70"]);
    grel("math_mod", &["74", "9"], &["2"]);
    grel("math_pow", &["2", "8"], &["256"]);
    grel("math_pow", &["2.0", "8"], &["256.0"]);
    grel("math_abs", &["-6"], &["6"]);
    for (number, even) in [
        ("2.1", "4"),
        ("2.6", "4"),
        ("3.1", "4"),
        ("4", "4"),
        ("-5", "-4"),
        ("-4.9", "-4"),
        ("-4", "-4"),
    ] {
        grel("math_even", &[number], &[even]);
    }
    for (number, odd) in [
        ("2.6", "3"),
        ("3.1", "5"),
        ("5", "5"),
        ("0", "1"),
        ("-5", "-5"),
        ("-4.9", "-3"),
    ] {
        grel("math_odd", &[number], &[odd]);
    }
    for (number, product) in [("5", "120"), ("0", "1"), ("1", "1"), ("-1", "0")] {
        grel("math_fact", &[number], &[product]);
    }
    grel("math_factn", &["10", "3"], &["280"]);
    grel("math_combin", &["20", "2"], &["190"]);
    grel("math_combin", &["25", "3"], &["2300"]);
    grel("math_combin", &["2", "3"], &["0"]);
    grel("math_gcd", &["3", "5"], &["1"]);
    grel("math_gcd", &["16", "28"], &["4"]);
    grel("math_lcm", &["3", "5"], &["15"]);
    grel("math_lcm", &["21", "6"], &["42"]);
    grel("math_quotient", &["9", "2"], &["4"]);
    grel_list("math_multinomial", &["2", "3"], &[], &["10"]);
    for (name, number, expected) in [
        ("math_ln", 5.0, 1.609_437_912_434_100_3),
        ("math_log", 5.0, 0.698_970_004_336_018_9),
        ("math_exp", 5.0, 148.413_159_102_576_6),
        ("math_acos", 0.345, 1.218_557_541_697_832),
        ("math_asin", 0.345, 0.352_238_785_097_064_74),
        ("math_atan", 0.345, 0.332_213_550_746_596_7),
        ("math_cos", 5.0, 0.283_662_185_463_226_25),
        ("math_cosh", 5.0, 74.209_948_524_787_85),
        ("math_sin", 10.0, -0.544_021_110_889_369_8),
        ("math_sinh", 10.0, 11_013.232_874_703_393),
        ("math_tan", 10.0, 0.648_360_827_459_086_6),
        ("math_tanh", 10.0, 0.999_999_995_877_692_7),
        ("math_degrees", 5.0, 286.478_897_565_411_6),
        ("math_radians", 10.0, 0.174_532_925_199_432_95),
    ] {
        let value: Result<Value<'_>, String> =
            call(&format!("{GREL}{name}"), &[Value::Double(number)]);
        let Ok(Value::Double(value)) = value else {
            panic!("{name}: {value:?}")
        };
        let (value, expected): (f64, f64) = (value, expected);
        assert!(
            (value - expected).abs() <= expected.abs() * 1e-15,
            "{name}: {value}"
        );
    }
}

#[test]
fn numbers_that_are_none_are_faults() {
    let check = |name: &str, arguments: &[&str], message: &str| {
        let values: Vec<_> = arguments.iter().map(|text| Value::from(*text)).collect();
        assert_eq!(
            call(&format!("{GREL}{name}"), &values).unwrap_err(),
            message
        );
    };
    check(
        "math_floor",
        &["five"],
        "`p_dec_n` of `math_floor`: expected a number, found a text `five`",
    );
    check(
        "math_gcd",
        &["1.5", "2"],
        "`p_int_i` of `math_gcd`: expected a whole number, found a text `1.5`",
    );
    check(
        "boolean_not",
        &["maybe"],
        "`bool_b` of `boolean_not`: expected `true` or `false`, found a text `maybe`",
    );
    check(
        "math_mod",
        &["1", "0"],
        "`math_mod`: 1 cannot be divided by 0",
    );
    check(
        "math_fact",
        &["21"],
        "`math_fact`: its value does not fit 64 bits",
    );
}

#[test]
fn dates_as_others_have_them() {
    grel(
        "date_toDate",
        &["2022-11-28", "yyyy-MM-dd"],
        &["2022-11-28"],
    );
    // MORPH-date_to_date
    grel(
        "date_toDate",
        &["2017-06-30 01:43:22", "%Y-%m-%d %H:%M:%S"],
        &["2017-06-30"],
    );
    idlab("normalizeDate", &["20220121", "yyyyMMdd"], &["2022-01-21"]);
    idlab("normalizeDate", &["rubbish", "yyyyMMdd"], &[]);
    idlab(
        "normalizeDateWithLang",
        &["01 April 22", "dd MMMM uu", "en"],
        &["2022-04-01"],
    );
    idlab(
        "normalizeDateWithLang",
        &["01 April 22", "dd MMMM uu", "fr"],
        &[],
    );
    idlab(
        "normalizeDateWithLang",
        &["01-avr.-22", "dd-MMM-yy", "fr"],
        &["2022-04-01"],
    );
    idlab(
        "normalizeDateTimeWithLang",
        &["20220121 7 14 33", "yyyyMMdd H m s", "en"],
        &["2022-01-21T07:14:33"],
    );
    idlab(
        "normalizeDateTime",
        &["20200521 17 14 33", "yyyyMMdd H m s"],
        &["2020-05-21T17:14:33"],
    );
    idlab(
        "normalizeDateTime",
        &["20220124T09:36:04", "yyyyMMdd'T'HH:mm:ss"],
        &["2022-01-24T09:36:04"],
    );
    idlab(
        "normalizeDateTime",
        &["01-Apr-20 9u4", "dd-MMM-yy H'u'm"],
        &["2020-04-01T09:04:00"],
    );
    let fault = call(
        &format!("{IDLAB}normalizeDate"),
        &["rubbish".into(), "yodelahiti".into()],
    );
    assert!(fault.unwrap_err().contains("no field"));
    let fault = call(
        &format!("{GREL}date_toDate"),
        &["31/31/2020".into(), "dd/MM/yyyy".into()],
    );
    assert!(
        fault
            .unwrap_err()
            .contains("expected a date as `dd/MM/yyyy`")
    );

    let read = |text: &str, pattern: &str| {
        call(
            &format!("{GREL}date_toDate"),
            &[text.to_owned().into(), pattern.to_owned().into()],
        )
        .unwrap()
    };
    let first = read("2000-01-01 UTC", "yyyy-MM-dd z");
    let last = read("2002-10-20 UTC", "yyyy-MM-dd z");
    for (unit, count) in [
        ("years", "2"),
        ("months", "33"),
        ("weeks", "146"),
        ("days", "1023"),
        ("hours", "24552"),
        ("minutes", "1473120"),
        ("seconds", "88387200"),
        ("milliseconds", "88387200000"),
        ("nanoseconds", "88387200000000000"),
    ] {
        let difference = format!("{GREL}date_diff");
        assert_eq!(
            texts(&difference, &[first.clone(), last.clone(), unit.into()]),
            [count],
            "{unit}"
        );
    }
    let increase = format!("{GREL}date_inc");
    let by = 88_387_200_000;
    assert_eq!(
        call(
            &increase,
            &[first.clone(), Value::Integer(by), "millis".into()]
        ),
        Ok(last.clone())
    );
    assert_eq!(
        call(&increase, &[last, Value::Integer(-by), "millis".into()]),
        Ok(first)
    );
    let date = read("2000-10-25 23:56:20:987 +02", "yyyy-MM-dd HH:mm:ss:S X");
    for (part, value) in [
        ("years", "2000"),
        ("months", "10"),
        ("hours", "21"),
        ("minutes", "56"),
        ("seconds", "20"),
        ("milliseconds", "987"),
        // The Java code says Thursday, which is a day late.
        ("weekday", "Wednesday"),
    ] {
        assert_eq!(
            texts(
                &format!("{GREL}date_datePart"),
                &[date.clone(), part.into()]
            ),
            [value],
            "{part}"
        );
    }
    grel("date_inc", &["2024-01-31", "1", "months"], &["2024-02-29"]);
    grel(
        "date_datePart",
        &["2014-03-14T05:30:04.000789", "minutes"],
        &["30"],
    );
}

#[test]
fn numbers_are_written_as_lexical_forms() {
    let check = |number: f64, expected: &str| {
        assert_eq!(Value::Double(number).as_text().unwrap(), expected);
        assert!(crate::rdf::xsd::parse_double(expected).is_some());
    };
    check(256.0, "256.0");
    check(-0.5, "-0.5");
    check(1e21, "1E21");
    check(1.5e-9, "1.5E-9");
    check(f64::INFINITY, "INF");
    check(f64::NAN, "NaN");
}

proptest! {
    // Any date, moved by anything, is a date or a fault, and every part of it is a number or a name.
    #[test]
    fn dates_do_not_overflow(
        year in -99_999..99_999_i64,
        month in 1..13,
        day in 1..32,
        zone in prop_oneof![Just(""), Just("Z"), Just("+14:00"), Just("-14:00")],
        by in any::<i64>(),
        unit in prop_oneof![Just("centuries"), Just("months"), Just("weeks"), Just("seconds"), Just("nanos"), Just("time"), Just("weekday")],
    ) {
        let sign = if year < 0 { "-" } else { "" };
        let date = format!("{sign}{:04}-{month:02}-{day:02}T24:00:00{zone}", year.abs());
        let run = |name: &str, arguments: &[Value<'_>]| {
            find(&format!("{GREL}{name}")).unwrap().call(arguments)
        };
        for by in [by, by % 1000] {
            if let Ok(later) = run("date_inc", &[date.as_str().into(), Value::Integer(by), unit.into()]) {
                let written = later.as_text().unwrap().into_owned();
                prop_assert!(super::super::Moment::parse(&written) == Some(later), "{written}");
            }
        }
        let difference = run("date_diff", &[date.as_str().into(), "1970-01-01".into(), unit.into()]);
        prop_assert!(difference.is_err() || matches!(difference, Ok(Value::Integer(0..))));
        let part = run("date_datePart", &[date.as_str().into(), unit.into()]);
        prop_assert!(part.is_err() || matches!(part, Ok(Value::Integer(_) | Value::Text(_))));
    }

    // A date that is written in a pattern is read again.
    #[test]
    fn written_dates_are_read(year in 1000..9999_i64, month in 1..13_i64, day in 1..29_i64) {
        let expected = format!("{year}-{month:02}-{day:02}");
        for (pattern, text) in [
            ("d/M/yyyy", format!("{day}/{month}/{year}")),
            ("ddMMyyyy", format!("{day:02}{month:02}{year}")),
            ("%d.%m.%Y", format!("{day:02}.{month:02}.{year}")),
            ("yyyyMMdd", format!("{year}{month:02}{day:02}")),
        ] {
            grel("date_toDate", &[&text, pattern], &[&expected]);
        }
    }
}
