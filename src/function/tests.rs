//! Functions against what others say of them: the tests of the Java implementations of GREL and of the `IDLab` functions, the RML-FNML test
//! cases, and the built-in functions of `morph-kgc`.

mod numbers;

use super::{Kind, Value, all, find, nearest, nearest_parameter, refused};
use proptest::prelude::*;

const GREL: &str = "http://users.ugent.be/~bjdmeest/function/grel.ttl#";
const IDLAB: &str = "https://w3id.org/imec/idlab/function#";
const MORPH: &str = "https://github.com/morph-kgc/morph-kgc/function/built-in.ttl#";

fn call(iri: &str, arguments: &[Value<'_>]) -> Result<Value<'static>, String> {
    let function = find(iri).unwrap_or_else(|| panic!("no {iri}"));
    function.call(arguments).map_err(|fault| fault.to_string())
}

fn texts(iri: &str, arguments: &[Value<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    call(iri, arguments).unwrap().texts(&mut out);
    out
}

fn grel(name: &str, arguments: &[&str], expected: &[&str]) {
    let values: Vec<_> = arguments.iter().map(|text| Value::from(*text)).collect();
    assert_eq!(
        texts(&format!("{GREL}{name}"), &values),
        expected,
        "{name} {arguments:?}"
    );
}

fn idlab(name: &str, arguments: &[&str], expected: &[&str]) {
    let values: Vec<_> = arguments.iter().map(|text| Value::from(*text)).collect();
    assert_eq!(
        texts(&format!("{IDLAB}{name}"), &values),
        expected,
        "{name} {arguments:?}"
    );
}

fn list<'a>(items: &[&'a str]) -> Value<'a> {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn grel_list(name: &str, items: &[&str], more: &[&str], expected: &[&str]) {
    let mut values = vec![list(items)];
    values.extend(more.iter().map(|text| Value::from(*text)));
    assert_eq!(
        texts(&format!("{GREL}{name}"), &values),
        expected,
        "{name} {items:?}"
    );
}

#[test]
fn texts_as_grel_has_them() {
    grel("string_length", &["one"], &["3"]);
    grel("string_startsWith", &["one", "on"], &["true"]);
    grel("string_endsWith", &["one", "ne"], &["true"]);
    grel("string_contains", &["ones", "ne"], &["true"]);
    grel("toLowerCase", &["Ones"], &["ones"]);
    grel("toUpperCase", &["Ones"], &["ONES"]);
    grel(
        "string_toTitlecase",
        &["Once upon a midnight DREARY"],
        &["Once Upon A Midnight Dreary"],
    );
    grel("string_trim", &[" Ones "], &["Ones"]);
    grel("string_chomp", &["hardly", "ly"], &["hard"]);
    grel("string_chomp", &["hard", "ly"], &["hard"]);
    grel("string_substring", &["Ones", "1"], &["nes"]);
    grel("string_substring", &["Ones", "1", "3"], &["ne"]);
    grel(
        "string_indexOf",
        &["internationalization", "nation"],
        &["5"],
    );
    grel("string_lastIndexOf", &["Ononones", "on"], &["4"]);
    grel("string_diff", &["cacti", "cactus"], &["us"]);
    grel("string_unicode", &["Be"], &["66", "101"]);
    grel("string_toNumber", &["5.25448574558"], &["5.25448574558"]);
}

#[test]
fn texts_as_the_cases_of_fnml_and_morph_kgc_have_them() {
    // RMLFNMLTC0007 and 0008: the end is a place in the text, beyond is none.
    grel("string_substring", &["Venus", "5"], &[""]);
    grel("string_substring", &["Venus", "1000"], &[]);
    grel(
        "string_substring",
        &["A red car with 4 seats", "3", "5"],
        &["ed"],
    );
    grel(
        "string_diff",
        &["C", "Chevrolet Camaro"],
        &["hevrolet Camaro"],
    );
    grel("string_diff", &["C", "Toyota Corolla"], &["Toyota Corolla"]);
    grel("string_indexOf", &["Toyota Corolla", "l"], &["11"]);
    grel("string_lastIndexOf", &["Toyota Corolla", "l"], &["12"]);
    grel("string_indexOf", &["Honda Civic", "l"], &["-1"]);
    grel(
        "string_md5",
        &["Toyota Corolla"],
        &["d86d32eb99df82da2b872b9f6e0d7253"],
    );
    grel(
        "string_sha1",
        &["Toyota Corolla"],
        &["51e1477917625de6a0e42567fb6118a2ffc1b33c"],
    );
    grel(
        "string_match",
        &["A red car with 4 seats", r"/.*?(\d+).*?/"],
        &["4"],
    );
    grel("string_split", &[" BMW X5", " "], &["", "BMW", "X5"]);
    grel(
        "string_split",
        &["Hyundai Santa Few ", " "],
        &["Hyundai", "Santa", "Few"],
    );
    grel(
        "string_replace",
        &["Toyota Corolla", "Co", "li"],
        &["Toyota lirolla"],
    );
    idlab(
        "toUpperCaseURL",
        &["http://example.com/venus"],
        &["HTTP://EXAMPLE.COM/VENUS"],
    );
    idlab(
        "toUpperCaseURL",
        &["www.example.com"],
        &["http://WWW.EXAMPLE.COM"],
    );
    idlab("toUpperCaseURL", &["Venus"], &["http://VENUS"]);
    idlab("alwaysReturnsABC", &[], &["ABC"]);
    let explode = format!("{MORPH}string_split_explode");
    assert_eq!(
        texts(&explode, &["b;c;d".into(), ";".into()]),
        ["b", "c", "d"]
    );
    assert!(texts(&explode, &["".into(), ";".into()]).is_empty());
}

#[test]
fn patterns_as_grel_has_them() {
    grel("string_split", &["Ones", "ne"], &["O", "s"]);
    grel("string_smartSplit", &["Hello, world"], &["Hello", " world"]);
    grel("string_smartSplit", &["Hello\tworld"], &["Hello", "world"]);
    grel(
        "string_smartSplit",
        &["Hello__world", "__"],
        &["Hello", "world"],
    );
    grel(
        "string_smartSplit",
        &["Hello world", "/l+/"],
        &["He", "o wor", "d"],
    );
    grel(
        "string_splitByCharType",
        &["HenryCTaylor"],
        &["H", "enry", "CT", "aylor"],
    );
    grel(
        "string_splitByCharType",
        &["BE1A3E"],
        &["BE", "1", "A", "3", "E"],
    );
    grel(
        "string_splitByLengths",
        &["internationalization", "5", "6", "3"],
        &["inter", "nation", "ali"],
    );
    grel(
        "string_partition",
        &["internationalization", "nation"],
        &["inter", "nation", "alization"],
    );
    grel(
        "string_rpartition",
        &["parallel", "a"],
        &["par", "a", "llel"],
    );
    grel(
        "string_rpartition",
        &["lollipop", "a"],
        &["lollipop", "", ""],
    );
    let moon = "The cow jumps over the moon and moos";
    grel(
        "string_replace",
        &[moon, "oo", "ee"],
        &["The cow jumps over the meen and mees"],
    );
    grel(
        "string_replace",
        &[moon, r"/\s+/", "_"],
        &["The_cow_jumps_over_the_moon_and_moos"],
    );
    grel(
        "string_replaceChars",
        &["Téxt thát was optícálly recógnízéd", "áéíóú", "aeiou"],
        &["Text that was optically recognized"],
    );
    grel(
        "string_match",
        &["230.22398, 12.3480", r"/.*(\d\d\d\d)/"],
        &["3480"],
    );
    grel(
        "string_match",
        &["230.22398, 12.3480", r"/(.*)(\d\d\d\d)/"],
        &["230.22398, 12.", "3480"],
    );
    grel("string_match", &["hello 123456 goodbye", r"/\d{6}/"], &[]);
    grel(
        "string_match",
        &["hello 123456 goodbye", r"/.*\d{6}.*/"],
        &[],
    );
    grel(
        "string_match",
        &["hello 123456 goodbye", r"/(.*)(\d{6})(.*)/"],
        &["hello ", "123456", " goodbye"],
    );
    // Java's replacements: `$1x` is group 1 and an x.
    grel("string_replace", &["ab", "/(a)b/", r"$1x\$"], &["ax$"]);
}

#[test]
fn patterns_are_bounded() {
    let replace = format!("{GREL}string_replace");
    let long = "a".repeat(100_000);
    for find in ["a", "/a/", ""] {
        let fault = call(
            &replace,
            &[long.as_str().into(), find.into(), long.as_str().into()],
        );
        assert!(fault.unwrap_err().contains("1048576 bytes"), "{find}");
    }
    for pattern in ["/(/", r"/(a)\1/", "/(?=a)/", "/(a{1000}){1000}/", "/a)|(b/"] {
        let fault = call(
            &format!("{GREL}string_match"),
            &["a".into(), pattern.into()],
        );
        assert!(
            fault.unwrap_err().contains("no regular expression"),
            "{pattern}"
        );
    }
}

#[test]
fn escapes_and_hashes_as_others_have_them() {
    grel("escape", &["A&B", "html"], &["A&amp;B"]);
    grel("escape", &["On&es", "html"], &["On&amp;es"]);
    grel("escape", &["On es", "url"], &["On%20es"]);
    grel("escape", &["a\"b,c", "csv"], &["\"a\"\"b,c\""]);
    grel("escape", &["a'\u{e9}\n", "javascript"], &["a\\'\\u00E9\\n"]);
    let twice = texts(
        &format!("{GREL}string_unescape"),
        &["AT&amp;amp;T".into(), "html".into()],
    );
    grel("string_unescape", &[&twice[0], "xml"], &["AT&T"]);
    grel(
        "string_unescape",
        &["&Eacute;t&#233;&yuml;&what;", "html"],
        &["Été\u{ff}&what;"],
    );
    grel(
        "string_md5",
        &["One"],
        &["06c2cea18679d64399783748fa367bdd"],
    );
    grel(
        "string_sha1",
        &["One"],
        &["b58b5a8ced9db48b30e008b148004c1065ce53b1"],
    );
    // FIPS 180-2, appendix B.1.
    idlab(
        "hash",
        &["abc"],
        &["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    );
    let fault = call(&format!("{GREL}escape"), &["a".into(), "latex".into()]);
    assert!(fault.unwrap_err().contains("found `latex`"));
}

#[test]
fn lists_as_grel_has_them() {
    let three = ["testValue1", "testValue2", "testValue3"];
    grel_list("array_get", &three, &["1"], &["testValue2"]);
    grel_list(
        "array_get",
        &three,
        &["1", "3"],
        &["testValue2", "testValue3"],
    );
    grel_list("array_join", &["one", "two"], &[" "], &["one two"]);
    grel_list("array_length", &["one", "two", "three"], &[], &["3"]);
    grel_list(
        "array_uniques",
        &["1", "2", "2", "3"],
        &[],
        &["1", "2", "3"],
    );
    grel_list(
        "array_slice",
        &["1", "2", "3", "4", "5"],
        &["1", "4"],
        &["2", "3", "4"],
    );
    grel_list(
        "array_slice",
        &["1", "2", "3", "4", "5"],
        &["1"],
        &["2", "3", "4", "5"],
    );
    grel_list(
        "array_reverse",
        &["one", "two", "three"],
        &[],
        &["three", "two", "one"],
    );
    grel_list(
        "array_sort",
        &["al", "Joe", "Bob", "jim"],
        &[],
        &["Bob", "Joe", "al", "jim"],
    );
    grel_list("array_sum", &["1", "2", "3", "4", "5"], &[], &["15"]);
    // MORPH-array_get, array_uniques and array_sum.
    grel_list(
        "array_get",
        &["Toyota", "Corolla"],
        &["0", "1"],
        &["Toyota"],
    );
    grel_list(
        "array_uniques",
        &["34", "22", "21", "21"],
        &[],
        &["34", "22", "21"],
    );
    grel_list("array_sum", &["4", "3"], &[], &["7"]);
    let cross = format!("{IDLAB}crossConcatSequence");
    let weather = Value::List(vec![list(&["sunny", "rainy"]), list(&["day", "night"])]);
    assert_eq!(
        texts(&cross, &[weather]),
        ["sunnyday", "sunnynight", "rainyday", "rainynight"]
    );
    let sequence = format!("{IDLAB}concatSequence");
    assert_eq!(
        texts(&sequence, &[list(&["een", "twee"]), ",".into()]),
        ["een,twee"]
    );
    assert_eq!(texts(&sequence, &[list(&["een", "twee"])]), ["eentwee"]);
    let contains = format!("{IDLAB}listContainsElement");
    let fruits = list(&["apple", "lemon"]);
    assert_eq!(
        texts(&contains, &[fruits.clone(), "lemon".into()]),
        ["true"]
    );
    assert_eq!(texts(&contains, &[fruits, "pear".into()]), ["false"]);
}

#[test]
fn conditions_as_others_have_them() {
    // MORPH-controls_if
    grel("controls_if", &["'1' == '1'", "true", "false"], &["true"]);
    grel("controls_if", &["'1' == '0'", "true", "false"], &["false"]);
    grel("controls_if", &["'1' == '0'", "true"], &[]);
    grel("controls_if", &["2.5 >= 2", "yes", "no"], &["yes"]);
    grel("controls_if", &["true", "one", "two"], &["one"]);
    grel("controls_if", &["false", "one", "two"], &["two"]);
    let cast = format!("{MORPH}controls_if_cast");
    assert_eq!(texts(&cast, &["1".into(), "a".into(), "b".into()]), ["a"]);
    assert_eq!(texts(&cast, &["".into(), "a".into(), "b".into()]), ["b"]);
    let fault = call(
        &format!("{GREL}controls_if"),
        &["'1' == 'it's'".into(), "a".into()],
    );
    assert!(fault.unwrap_err().contains("expected `true`, `false`"));
    grel_list("boolean_and", &["true", "True"], &[], &["true"]);
    grel_list("boolean_or", &["true", "false"], &[], &["true"]);
    grel_list("boolean_xor", &["True", "False"], &[], &["true"]);
    grel("boolean_not", &["true"], &["false"]);
    idlab("trueCondition", &["true", "hello"], &["hello"]);
    idlab("trueCondition", &["false", "hello"], &[]);
    idlab("trueCondition", &["test", "hello"], &[]);
    idlab("decide", &["foo", "foo", "success!"], &["success!"]);
    idlab("decide", &["foo", "bar", "success!"], &[]);
    idlab("equal", &["A", "A"], &["true"]);
    idlab("equal", &["B", "A"], &["false"]);
    idlab("notEqual", &["B", "A"], &["true"]);
    idlab("isNull", &["Hello"], &["false"]);
    idlab("getMIMEType", &["test.csv"], &["text/csv"]);
    idlab("getMIMEType", &["test.json"], &["application/json"]);
    idlab("inRange", &["3", "1", "5"], &["true"]);
    idlab("inRange", &["3", "1", "3"], &["false"]);
    idlab("inRange", &["3.0", "1.0"], &["true"]);
    idlab(
        "stringContainsOtherString",
        &["Finding a needle in a haystack", "needle", " "],
        &["true"],
    );
    idlab(
        "stringContainsOtherString",
        &["it is not here", "needle", " "],
        &["false"],
    );
    idlab("slugify", &["Ben De Mééster"], &["ben-de-meester"]);
    grel_list("other_coalesce", &["a", "b"], &[], &["a"]);
}

#[test]
fn nulls_end_most_functions() {
    let null = || Value::Null;
    let check = |iri: &str, arguments: &[Value<'_>], expected: Value<'static>| {
        assert_eq!(call(iri, arguments), Ok(expected), "{iri}");
    };
    check(&format!("{GREL}toUpperCase"), &[null()], Value::Null);
    check(&format!("{GREL}toUpperCase"), &[], Value::Null);
    check(
        &format!("{GREL}string_replace"),
        &["a".into(), null(), "b".into()],
        Value::Null,
    );
    // The tests of the IDLab functions.
    check(&format!("{IDLAB}isNull"), &[null()], Value::Boolean(true));
    check(
        &format!("{IDLAB}equal"),
        &[null(), null()],
        Value::Boolean(false),
    );
    check(
        &format!("{IDLAB}notEqual"),
        &[null(), "a".into()],
        Value::Boolean(true),
    );
    // How mappings leave rows with empty cells out.
    check(
        &format!("{IDLAB}notEqual"),
        &[null(), "".into()],
        Value::Boolean(false),
    );
    check(
        &format!("{IDLAB}inRange"),
        &[null(), null(), null()],
        Value::Boolean(false),
    );
    check(
        &format!("{IDLAB}inRange"),
        &["3".into(), null(), "5".into()],
        Value::Boolean(true),
    );
    check(
        &format!("{GREL}other_coalesce"),
        &[Value::List(vec![null(), Value::Integer(5), "Shrek".into()])],
        Value::Integer(5),
    );
}

#[test]
fn lists_in_place_of_one_value_call_for_each() {
    let upper = format!("{GREL}toUpperCase");
    assert_eq!(texts(&upper, &[list(&["a", "b"])]), ["A", "B"]);
    assert_eq!(texts(&upper, &[list(&[])]), Vec::<String>::new());
    let concat = format!("{IDLAB}concat");
    assert_eq!(
        texts(&concat, &[list(&["a", "b"]), list(&["1", "2"])]),
        ["a1", "a2", "b1", "b2"]
    );
    let many = list(&["a"; 1000]);
    let fault = call(&concat, &[many.clone(), many]);
    assert!(fault.unwrap_err().contains("combinations"));
}

#[test]
fn names_are_found_in_every_namespace() {
    let name = |iri: &str| find(iri).map(|function| function.name);
    assert_eq!(
        name("https://users.ugent.be/~bjdmeest/function/grel.ttl#toUpperCase"),
        Some("toUpperCase")
    );
    assert_eq!(
        name("http://example.com/idlab/function/trueCondition"),
        Some("trueCondition")
    );
    assert_eq!(
        name("http://w3id.org/imec/idlab/function#trueCondition"),
        Some("trueCondition")
    );
    let replace = find(&format!("{GREL}string_replace")).unwrap();
    for (spelling, index) in [
        ("valueParam", 0),
        ("valueParameter", 0),
        ("param_find", 1),
        ("p_string_find", 1),
        ("param_replace", 2),
    ] {
        assert_eq!(
            replace.parameter(&format!("{GREL}{spelling}")),
            Some(index),
            "{spelling}"
        );
    }
    assert_eq!(replace.parameter(&format!("{GREL}unknownParam")), None);
    assert!(replace.has_output(&format!("{GREL}stringOut")));
    assert!(!replace.has_output(&format!("{GREL}unknownOut")));
    let sequence = find(&format!("{IDLAB}concatSequence")).unwrap();
    assert_eq!(
        sequence.parameter("http://www.w3.org/1999/02/22-rdf-syntax-ns#_12"),
        Some(0)
    );
    assert_eq!(
        sequence.parameter("http://www.w3.org/1999/02/22-rdf-syntax-ns#_0"),
        None
    );
}

#[test]
fn unknown_names_have_a_nearest_one() {
    let check = |iri: &str, expected: Option<&str>| assert_eq!(nearest(iri), expected, "{iri}");
    check(
        &format!("{GREL}toUppercas"),
        Some(&format!("{GREL}toUpperCase")),
    );
    check(
        &format!("{GREL}string_repalce"),
        Some(&format!("{GREL}string_replace")),
    );
    check(
        &format!("{GREL}trueCondition"),
        Some(&format!("{IDLAB}trueCondition")),
    );
    check(
        "http://example.org/fn#slugfy",
        Some(&format!("{IDLAB}slugify")),
    );
    check(&format!("{GREL}unknown_func"), None);
    let upper = find(&format!("{GREL}toUpperCase")).unwrap();
    let nearest = nearest_parameter(upper, &format!("{GREL}valueParm"));
    assert_eq!(nearest, Some(&*format!("{GREL}valueParam")));
    for name in ["date_now", "math_randomNumber"] {
        assert!(
            find(&format!("{GREL}{name}")).is_none() && refused(&format!("{GREL}{name}")).is_some()
        );
    }
    assert!(refused(&format!("{IDLAB}lookup")).is_some());
}

// An IRI names one function, one parameter of it, and nothing that is refused.
#[test]
fn the_table_is_sound() {
    let mut iris = std::collections::BTreeSet::new();
    for function in all() {
        assert!(
            !function.description.is_empty() && !function.outputs.is_empty(),
            "{}",
            function.name
        );
        for iri in function.iris {
            assert!(iris.insert(*iri), "{iri} twice");
            assert_eq!(refused(iri), None);
            assert!(crate::rdf::iri::check(iri).is_ok(), "{iri}");
        }
        let mut parameters = std::collections::BTreeSet::new();
        for iri in function
            .parameters
            .iter()
            .flat_map(|parameter| parameter.iris)
        {
            assert!(parameters.insert(*iri), "{}: {iri} twice", function.name);
        }
    }
}

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        ".{0,8}".prop_map(Value::from),
        prop_oneof![
            Just("true"),
            Just("/(a|b)*/"),
            Just("yyyy-MM-dd'T'HH"),
            Just("2024-02-29"),
            Just("-1"),
            Just("html"),
            Just("javascript"),
            Just("months"),
            Just("'a' < 'é'"),
            Just("9223372036854775807"),
            Just("-9223372036854775808"),
            Just("1e308"),
            Just("&#x110000;"),
            Just("%"),
            Just("é"),
            Just("\\u12"),
        ]
        .prop_map(Value::from),
        any::<bool>().prop_map(Value::Boolean),
        prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -3..3_i64]
            .prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Double),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Value::List)
    })
}

proptest! {
    // Whatever a table holds, a function has a value or a fault, the same each time, and of the kind that it says.
    #[test]
    fn no_function_panics(arguments in prop::collection::vec(any_value(), 0..6)) {
        for function in all() {
            let value = function.call(&arguments);
            prop_assert_eq!(format!("{value:?}"), format!("{:?}", function.call(&arguments)));
            let Ok(value) = value else { continue };
            let is_of_kind = match (&value, function.returns) {
                (Value::Null | Value::List(_), _) | (_, Kind::Any) => true,
                (value, Kind::Text) => matches!(value, Value::Text(_)),
                (value, Kind::Boolean) => matches!(value, Value::Boolean(_)),
                (value, Kind::Integer) => matches!(value, Value::Integer(_) | Value::Double(_)),
                (value, Kind::Number) => matches!(value, Value::Integer(_) | Value::Double(_)),
                (value, Kind::Date | Kind::DateTime) => matches!(value, Value::Date(_) | Value::DateTime(_)),
                // One item of a list.
                (_, Kind::List) => function.name == "array_get",
            };
            prop_assert!(is_of_kind, "{}: {:?}", function.name, value);
        }
    }

    // Numbers that are written are read again.
    #[test]
    fn doubles_survive(number in any::<f64>()) {
        let value = Value::Double(number);
        let text = value.as_text().unwrap().into_owned();
        let read = crate::rdf::xsd::parse_double(&text).unwrap();
        prop_assert!(read.to_bits() == number.to_bits() || (read.is_nan() && number.is_nan()));
    }

    // What is escaped is what it was when it is unescaped.
    #[test]
    fn escapes_are_undone(text in ".{0,20}") {
        for mode in ["html", "xml", "javascript", "url"] {
            let escaped = call(&format!("{GREL}escape"), &[text.as_str().into(), mode.into()]).unwrap();
            let plain = call(&format!("{GREL}string_unescape"), &[escaped, mode.into()]).unwrap();
            prop_assert_eq!(plain, Value::from(text.clone()), "{}", mode);
        }
    }
}
