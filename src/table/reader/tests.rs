//! Each feature of a dialect, and each fault with its place.

use super::*;
use std::io::{Error, ErrorKind};

type Read = (u64, u64, Vec<String>);

fn read(bytes: &[u8], dialect: &Dialect) -> (Vec<Read>, Vec<Fault>, Vec<(u64, String)>) {
    let mut reader = TableReader::open("t.csv", Box::new(bytes), dialect).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = reader.read_row().unwrap() {
        let cells = row.cells().map(str::to_owned).collect();
        rows.push((row.source_row, row.line, cells));
    }
    (rows, reader.take_faults(), reader.take_comments())
}

fn rows(text: &str, dialect: &Dialect) -> Vec<Read> {
    read(text.as_bytes(), dialect).0
}

// The cells of each row, with `|` between them.
fn cells(text: &str, dialect: &Dialect) -> Vec<String> {
    let rows = rows(text, dialect);
    rows.into_iter().map(|row| row.2.join("|")).collect()
}

fn faults(bytes: &[u8], dialect: &Dialect) -> Vec<(FaultKind, u64, u64, u64)> {
    let faults = read(bytes, dialect).1.into_iter();
    faults
        .map(|fault| (fault.kind, fault.line, fault.column, fault.offset))
        .collect()
}

fn row(source_row: u64, line: u64, cells: &[&str]) -> Read {
    let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
    (source_row, line, cells)
}

fn plain() -> Dialect {
    Dialect {
        trim: Trim::None,
        ..Dialect::default()
    }
}

#[test]
fn rows_carry_their_number_and_line() {
    assert_eq!(
        rows("a,b\n\"x\ny\",z\n1,2\n", &plain()),
        [
            row(1, 1, &["a", "b"]),
            row(2, 2, &["x\ny", "z"]),
            row(3, 4, &["1", "2"]),
        ]
    );
}

#[test]
fn the_end_of_the_source_ends_a_row_and_begins_none() {
    assert_eq!(cells("a,b", &plain()), ["a|b"]);
    assert_eq!(cells("a,b\n", &plain()), ["a|b"]);
    assert_eq!(cells("a,", &plain()), ["a|"]);
    assert_eq!(cells("\"\"", &plain()), [""]);
    assert_eq!(cells("", &plain()), [] as [&str; 0]);
}

// Spec: tabular-data-model §8, "skip blank rows"
#[test]
fn blank_lines_are_rows_with_one_empty_cell() {
    assert_eq!(
        rows("a\n\n\r\nb\n", &plain()),
        [
            row(1, 1, &["a"]),
            row(2, 2, &[""]),
            row(3, 3, &[""]),
            row(4, 4, &["b"]),
        ]
    );
    let mut reader = TableReader::open("t", Box::new(&b"\n\"\"\n,\n"[..]), &plain()).unwrap();
    let mut blank = Vec::new();
    while let Some(row) = reader.read_row().unwrap() {
        blank.push((row.is_blank(), row.len()));
    }
    assert_eq!(blank, [(true, 1), (false, 1), (false, 2)]);
}

// Spec: tabular-data-model §8, "skip blank rows"
#[test]
fn rows_of_empty_cells_are_skipped_where_the_dialect_says_so() {
    let dialect = Dialect {
        skip_blank_rows: true,
        ..plain()
    };
    let text = "a,b\n\n,\n\"\",\"\"\n , \nc,d\n";
    assert_eq!(
        rows(text, &dialect),
        [
            row(1, 1, &["a", "b"]),
            row(5, 5, &[" ", " "]),
            row(6, 6, &["c", "d"]),
        ]
    );
    let trimmed = Dialect {
        trim: Trim::Both,
        ..dialect
    };
    assert_eq!(cells(text, &trimmed), ["a|b", "c|d"]);
    assert_eq!(faults(text.as_bytes(), &trimmed), []);
}

// Spec: tabular-data-model §8, "comment prefix"
#[test]
fn comments_stand_anywhere_and_end_with_their_line() {
    let dialect = Dialect {
        comment_prefix: Some("#!".to_owned()),
        ..plain()
    };
    let (rows, faults, comments) = read(
        b"#! it's \"so\na,b\n#!\n#x,\"#! no\n#! no\"\n #! y,\r\n#!end",
        &dialect,
    );
    assert_eq!(
        rows,
        [
            row(2, 2, &["a", "b"]),
            row(4, 4, &["#x", "#! no\n#! no"]),
            row(5, 6, &[" #! y", ""]),
        ]
    );
    assert_eq!(faults.len(), 1, "{faults:?}");
    let expected = [(1, "it's \"so"), (3, ""), (6, "end")];
    assert_eq!(comments, expected.map(|(row, text)| (row, text.to_owned())));
}

// Spec: tabular-data-model §8, "skip rows"
#[test]
fn skipped_rows_are_comments_with_or_without_a_prefix() {
    let dialect = Dialect {
        comment_prefix: Some("#".to_owned()),
        skip_rows: 4,
        ..plain()
    };
    let (rows, faults, comments) = read(
        b"a \"title\", x \n\n# one\n\"two\nlines\",y\na\n#two\nb\n",
        &dialect,
    );
    assert_eq!(rows, [row(5, 6, &["a"]), row(7, 8, &["b"])]);
    assert_eq!(faults, []);
    let expected = [
        (1, "a \"title\", x"),
        (3, "one"),
        (4, "\"two\nlines\",y"),
        (6, "two"),
    ];
    assert_eq!(comments, expected.map(|(row, text)| (row, text.to_owned())));
}

#[test]
fn a_quote_that_swallows_the_source_is_told_in_skipped_rows_too() {
    let dialect = Dialect {
        skip_rows: 1,
        ..plain()
    };
    let expected = [(FaultKind::UnclosedQuote, 1, 3, 2)];
    assert_eq!(faults(b"a,\"b\nc\n", &dialect), expected);
}

// Spec: tabular-data-model §8, "skip columns", "trim"
#[test]
fn columns_are_skipped_and_cells_trimmed() {
    let check = |trim: Trim, expected: &str| {
        let dialect = Dialect {
            skip_columns: 1,
            trim,
            ..plain()
        };
        assert_eq!(cells("x, a ,\" b \"\n", &dialect), [expected]);
    };
    check(Trim::None, " a | b ");
    check(Trim::Start, "a |b ");
    check(Trim::End, " a| b");
    check(Trim::Both, "a|b");
    let dialect = Dialect {
        skip_columns: 3,
        ..plain()
    };
    assert_eq!(rows("a,b\n", &dialect), [row(1, 1, &[])]);
}

// Spec: tabular-data-model §8, "delimiter"
#[test]
fn a_delimiter_may_be_any_text() {
    let check = |delimiter: &str, text: &str, expected: &str| {
        let dialect = Dialect {
            delimiter: delimiter.to_owned(),
            ..plain()
        };
        assert_eq!(cells(text, &dialect), [expected], "{delimiter}");
    };
    check("\t", "a\tb,c\n", "a|b,c");
    check("::", "a:b::\"c::d\"::::e:", "a:b|c::d||e:");
    check("،", "ا،ب، \"ج\n", "ا|ب| \"ج");
    check("→→", "a→b→→→c→→", "a→b|→c|");
}

// Spec: tabular-data-model §8, "quote character"
#[test]
fn a_quote_may_be_any_character_or_none() {
    let check = |quote_char: Option<char>, text: &str, expected: &str| {
        let dialect = Dialect {
            quote_char,
            ..plain()
        };
        assert_eq!(cells(text, &dialect), [expected], "{quote_char:?}");
    };
    check(Some('"'), "\"a,\"\"b\",\"\"\"\",\"\"\n", "a,\"b|\"|");
    check(Some('\''), "'a,''b',\"c\"\n", "a,'b|\"c\"");
    check(Some('´'), "´a,´´b\n´,´ع´\n", "a,´b\n|ع");
    check(None, "\"a,b\"\n", "\"a|b\"");
}

// Spec: tabular-data-model §8, "escape character"
#[test]
fn a_backslash_escapes_within_quotes_where_quotes_are_not_doubled() {
    let dialect = Dialect {
        double_quote: false,
        ..plain()
    };
    let check = |text: &str, expected: &str| assert_eq!(cells(text, &dialect), [expected]);
    check(r#""a\"b","c\\","\ع\n",d\e"#, r#"a"b|c\|عn|d\e"#);
    check("\"a\\\nb\"", "a\nb");
    let without = Dialect {
        quote_char: None,
        ..dialect.clone()
    };
    assert_eq!(cells(r"a\,b", &without), [r"a\|b"]);
    assert_eq!(cells(r#""a\",b"#, &plain()), [r"a\|b"]);
}

// Spec: tabular-data-model §8, "line terminators"
#[test]
fn rows_end_in_what_the_dialect_names() {
    let check = |ends: &[&str], text: &str, expected: &[(u64, &str)]| {
        let dialect = Dialect {
            line_terminators: ends.iter().map(|end| (*end).to_owned()).collect(),
            ..plain()
        };
        let found: Vec<_> = rows(text, &dialect)
            .into_iter()
            .map(|row| (row.1, row.2.join("|")))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, cells)| (*line, (*cells).to_owned()))
            .collect();
        assert_eq!(found, expected, "{ends:?}");
    };
    check(
        &["\r\n", "\n"],
        "a\r\nb\nc\rd",
        &[(1, "a"), (2, "b"), (3, "c\rd")],
    );
    check(&["\n"], "a\r\nb", &[(1, "a\r"), (2, "b")]);
    check(
        &["\r\n"],
        "a\nb\r\n\"c\"\r\nd\re",
        &[(1, "a\nb"), (3, "c"), (4, "d\re")],
    );
    check(&["\r"], "a\r\rb", &[(1, "a"), (2, ""), (3, "b")]);
    check(
        &["\r", "\n", "\r\n"],
        "a\r\n\"b\r\"\rc\n\r",
        &[(1, "a"), (2, "b\r"), (4, "c"), (5, "")],
    );
    check(&[";"], "a,\n;\"b;\";c", &[(1, "a|\n"), (2, "b;"), (2, "c")]);
    check(
        &["--", "-"],
        "a--b-c---d",
        &[(1, "a"), (1, "b"), (1, "c"), (1, ""), (1, "d")],
    );
    check(
        &["\u{2028}"],
        "a\u{2028}\"b\u{2028}\"",
        &[(1, "a"), (1, "b\u{2028}")],
    );
}

#[test]
fn columns_count_from_the_line_where_rows_share_one() {
    let dialect = Dialect {
        line_terminators: vec![";".to_owned()],
        ..plain()
    };
    let expected = [
        (FaultKind::StrayQuote, 1, 5, 6),
        (FaultKind::StrayQuote, 2, 3, 10),
    ];
    assert_eq!(
        faults("ع1;b\"\n;c\";".as_bytes(), &dialect)[..1],
        [(FaultKind::StrayQuote, 1, 5, 5)]
    );
    assert_eq!(
        faults("ع؟;b\"\nd;\"\"c\"".as_bytes(), &dialect)[0],
        expected[0]
    );
    assert_eq!(
        faults("ab;\n;c\"".as_bytes(), &dialect),
        [(FaultKind::StrayQuote, 2, 3, 6)]
    );
}

#[test]
fn a_cr_in_the_first_row_is_told_where_it_ends_none() {
    let expected = [(FaultKind::LoneCr, 1, 6, 5)];
    assert_eq!(
        faults(b"\"\r\",b\rc,\"d\"\re\n", &plain())[..1],
        [(FaultKind::LoneCr, 1, 6, 5)]
    );
    assert_eq!(
        faults(b"a,\"b\"\rc\n\re\n", &plain())[0].0,
        FaultKind::TextAfterQuote(1)
    );
    assert_eq!(faults(b"a,bcd\re\n\rf\n", &plain()), expected);
}

#[test]
fn rows_may_end_in_cr_alone_where_no_lf_stands() {
    let (rows, faults, _) = read(b"a,b\r\"c\rd\",e\r", &plain());
    assert_eq!(rows, [row(1, 1, &["a", "b"]), row(2, 2, &["c\rd", "e"])]);
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].kind, FaultKind::CrOnly);
    // Within quotes a CR ends nothing.
    assert_eq!(cells("\"a\rb\",c", &plain()), ["a\rb|c"]);
    assert_eq!(read(b"\"a\rb\",c", &plain()).1, []);
}

// Spec: tabular-data-model §8, "encoding"
#[test]
fn encodings_are_decoded() {
    let check = |encoding: &str, bytes: &[u8], expected: &str, with_mark: bool| {
        let dialect = Dialect {
            encoding: encoding.to_owned(),
            ..plain()
        };
        let (rows, faults, _) = read(bytes, &dialect);
        assert_eq!(rows, [row(1, 1, &[expected])], "{encoding}");
        assert_eq!(faults.len(), usize::from(with_mark), "{faults:?}");
    };
    check(" windows-1256 ", b"\xE3\xD5\xD1\n", "مصر", false);
    check("UTF-8", b"\xEF\xBB\xBFa\n", "a", true);
    check("utf-16le", b"a\0\x39\x06\n\0", "aع", false);
    check("utf-16be", b"\xFE\xFF\0a\x06\x39\0\n", "aع", false);
    check("utf-16", b"\xFF\xFEa\0\x39\x06\n\0", "aع", false);
}

#[test]
fn bytes_without_meaning_are_told_and_replaced() {
    let dialect = Dialect {
        encoding: "utf-16le".to_owned(),
        ..plain()
    };
    assert_eq!(
        faults(b"a\0\n\0b\0\0\xD8,\0", &dialect),
        [(FaultKind::Undecodable, 2, 2, 3)]
    );
    let bytes = b"a\n\"b\"\"\xFF\",\xE9c,d\n";
    assert_eq!(
        read(bytes, &plain()).0[1],
        row(2, 2, &["b\"\u{FFFD}", "\u{FFFD}c", "d"])
    );
    assert_eq!(
        faults(bytes, &plain()),
        [
            (FaultKind::InvalidUtf8(0xFF), 2, 5, 6),
            (FaultKind::InvalidUtf8(0xE9), 2, 8, 9),
        ]
    );
    let dialect = Dialect {
        comment_prefix: Some("#".to_owned()),
        ..plain()
    };
    let expected = [(FaultKind::InvalidUtf8(0xC3), 1, 2, 1)];
    assert_eq!(faults(b"#\xC3\na\n", &dialect), expected);
}

#[test]
fn a_byte_order_mark_is_dropped_once() {
    assert_eq!(
        faults(b"\xEF\xBB\xBFa\"\n", &plain()),
        [
            (FaultKind::ByteOrderMark, 1, 1, 0),
            (FaultKind::StrayQuote, 1, 2, 4),
        ]
    );
    let text = "\u{FEFF}\u{FEFF}a\n";
    assert_eq!(cells(text, &plain()), ["\u{FEFF}a"]);
}

#[test]
fn broken_quotes_are_told_and_read_as_text() {
    let check = |text: &str, expected: &[&str], kinds: &[(FaultKind, u64, u64, u64)]| {
        assert_eq!(cells(text, &plain()), expected, "{text}");
        assert_eq!(faults(text.as_bytes(), &plain()), kinds, "{text}");
    };
    check(
        "a\nb\"c,d\n",
        &["a", "b\"c|d"],
        &[(FaultKind::StrayQuote, 2, 2, 3)],
    );
    check(
        "\"b\nx\"c\"d\",\"e\"\n",
        &["b\nxc\"d\"|e"],
        &[
            (FaultKind::TextAfterQuote(1), 2, 3, 5),
            (FaultKind::StrayQuote, 2, 4, 6),
            (FaultKind::StrayQuote, 2, 6, 8),
        ],
    );
    check(
        "x\n\"b\n\nc",
        &["x", "b\n\nc"],
        &[(FaultKind::UnclosedQuote, 2, 1, 2)],
    );
    check("\"a\"\"", &["a\""], &[(FaultKind::UnclosedQuote, 1, 1, 0)]);
    check("\"\"\"", &["\""], &[(FaultKind::UnclosedQuote, 1, 1, 0)]);
}

#[test]
fn blank_lines_and_line_ends_are_told() {
    assert_eq!(
        faults(b"a\n\nb\n", &plain()),
        [(FaultKind::BlankLine, 2, 1, 2)]
    );
    assert_eq!(
        faults(b"a\r\n\r\nb\r\n", &plain()),
        [(FaultKind::CrLf, 1, 3, 2), (FaultKind::BlankLine, 2, 1, 3)]
    );
}

#[test]
fn faults_come_with_the_row_they_belong_to() {
    let mut reader = TableReader::open("t", Box::new(&b"a\"\n\nb\"\n\"c"[..]), &plain()).unwrap();
    let mut found = Vec::new();
    while let Some(row) = reader.read_row().unwrap() {
        let row = row.source_row;
        found.extend(reader.take_faults().iter().map(|fault| (row, fault.line)));
    }
    assert_eq!(found, [(1, 1), (2, 2), (3, 3), (4, 4)]);
}

#[test]
fn an_empty_delimiter_or_list_of_line_ends_is_refused() {
    let dialects = [
        Dialect {
            delimiter: String::new(),
            ..plain()
        },
        Dialect {
            line_terminators: vec![String::new()],
            ..plain()
        },
    ];
    for dialect in dialects {
        let error = TableReader::open("t", Box::new(&b"a"[..]), &dialect).err();
        assert!(
            matches!(error, Some(TableError::Dialect { .. })),
            "{error:?}"
        );
    }
}

// A cell of so many bytes; the buffer has to grow for it.
fn long(length: usize, before: &str, after: &str) -> String {
    format!("a\n{before}{}{after}\n\"z\"\n", "x".repeat(length))
}

#[test]
fn a_row_may_be_longer_than_the_buffer() {
    for length in [131_060, 131_070, 131_071, 131_072, 300_000] {
        let found = cells(&long(length, "\"", "\"\"\""), &plain());
        assert_eq!(found[1].len(), length + 1);
        assert_eq!(found[2], "z");
    }
}

#[test]
fn a_row_that_does_not_end_is_refused() {
    let check = |text: &str, expected: &str, code: &str| {
        let mut reader = TableReader::open("t.csv", Box::new(text.as_bytes()), &plain())
            .unwrap()
            .with_most_of_a_row(1000);
        assert!(reader.read_row().unwrap().is_some());
        let error = reader.read_row().unwrap_err();
        assert_eq!(error.to_string(), expected);
        let diagnostic = error.to_diagnostic();
        assert_eq!(diagnostic.code, code);
        assert_eq!(diagnostic.location.line, Some(2));
        assert!(diagnostic.help.is_some());
    };
    check(
        &long(300_000, "b,\"", ""),
        "the quote that opens on line 2 is not closed within 1000 bytes",
        "table::unclosed-quote",
    );
    check(
        &long(300_000, "", ""),
        "the row that begins on line 2 does not end within 1000 bytes",
        "table::row-too-long",
    );
    check(
        &long(1001, "", ""),
        "the row that begins on line 2 does not end within 1000 bytes",
        "table::row-too-long",
    );
}

struct Fails;

impl std::io::Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Error> {
        Err(ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn what_was_read_before_an_error_is_served_before_it() {
    let input = std::io::Read::chain(&b"a\nb\nc"[..], Fails);
    let mut reader = TableReader::open("t.csv", Box::new(input), &plain()).unwrap();
    for expected in ["a", "b"] {
        let row = reader.read_row().unwrap().unwrap();
        assert_eq!(row.get(0), Some(expected));
    }
    assert!(matches!(reader.read_row(), Err(TableError::Io { .. })));
    assert!(reader.read_row().unwrap().is_none());
}

#[test]
fn a_row_of_too_many_cells_is_refused_before_it_takes_all_memory() {
    let text = ",".repeat(MOST_CELLS + 10);
    let mut reader = TableReader::open("t.csv", Box::new(text.as_bytes()), &plain()).unwrap();
    assert!(matches!(
        reader.read_row(),
        Err(TableError::TooManyCells { line: 1, .. })
    ));
}
