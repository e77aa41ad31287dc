//! The pieces of all shards are the table, whatever stands in it and however many there are.

use super::*;
use crate::plan::HeaderRule;
use crate::rdf::iri;
use crate::table::Dialect;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn scan(source: &str, dialect: Dialect) -> TableScan {
    TableScan {
        view: None,
        source: source.to_owned(),
        dialect,
        columns: Vec::new(),
        computed: Vec::new(),
        rules: Vec::new(),
        watched: Vec::new(),
        frame: None,
        checks: Vec::new(),
        joins: Vec::new(),
        elements: Vec::new(),
        header: HeaderRule::Ignore,
        comments: None,
    }
}

// Row of the data and of the source, line and cells.
type Found = (u64, u64, u64, Vec<String>);

fn rows(reader: &mut TableReader<'_>, before: u64) -> Vec<Found> {
    let mut found = Vec::new();
    while let Some(row) = reader.read_row().unwrap() {
        let cells = row.cells().map(str::to_owned).collect();
        let number = before + found.len() as u64 + 1;
        found.push((number, row.source_row, row.line, cells));
    }
    found
}

fn behind_header<'a>(bytes: &'a [u8], dialect: &Dialect) -> TableReader<'a> {
    let mut reader = TableReader::open("t", Box::new(bytes), dialect).unwrap();
    for _ in 0..dialect.header_row_count {
        reader.read_row().unwrap();
    }
    reader.prepare().unwrap();
    reader
}

fn check(text: &str, dialect: &Dialect, of: u32) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let scan = scan(&iri::from_path(file.path()), dialect.clone());
    let sources = Sources::new();
    let mut whole = behind_header(text.as_bytes(), dialect);
    let header = whole.position();
    let expected = rows(&mut whole, 0);
    let mut found = Vec::new();
    let mut at = header.offset;
    for number in 1..=of {
        let shard = Shard::new(number, of).unwrap();
        let piece = piece(&sources, &scan, header, shard).unwrap().unwrap();
        assert_eq!(piece.start.offset, at, "{text:?}");
        let input = piece.open(&sources, &scan).unwrap();
        let mut reader = TableReader::resume("t", input, dialect, piece.start).unwrap();
        found.extend(rows(&mut reader, piece.rows_before));
        at = piece.end;
    }
    assert_eq!(at, text.len() as u64, "{text:?}");
    assert_eq!(found, expected, "{text:?}");
}

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        ",",
        "\"",
        "\n",
        "\r\n",
        "é",
        "\"\"",
        ",\"",
        "\",",
        "\"\n",
        "a,b\n",
        "\"x\ny\"\n",
        "#c\n",
        "\n#",
    ]);
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn pieces_are_the_whole(text in text(), of in 1_u32..12, has_header in any::<bool>(), has_comments in any::<bool>()) {
        let dialect = Dialect {
            comment_prefix: has_comments.then(|| "#".to_owned()),
            header_row_count: usize::from(has_header),
            skip_rows: usize::from(has_header),
            ..Dialect::default()
        };
        check(&format!("\u{FEFF}skipped\n{text}"), &dialect, of);
    }
}

// Threads look through it, and a record lies over several of their chunks and shards.
#[test]
fn large_tables_are_cut_too() {
    let row = "\"one, \"\"two\"\"\nthree\",four\r\n";
    let mut text = format!("a,b\n{}", row.repeat(400_000));
    text.push_str(&format!("\"{}\"\n", "long\n".repeat(800_000)));
    text.push_str(&row.repeat(100_000));
    check(&text, &Dialect::default(), 5);
}

#[test]
fn tables_that_cannot_be_cut_are_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a\rb\rc\r").unwrap();
    let shard = Shard::new(1, 2).unwrap();
    let is_cut = |source: &str, dialect: Dialect, text: &str| {
        let header = behind_header(text.as_bytes(), &dialect).position();
        let scan = scan(source, dialect);
        piece(&Sources::new(), &scan, header, shard)
            .unwrap()
            .is_some()
    };
    let path = iri::from_path(file.path());
    assert!(is_cut(&path, Dialect::default(), "a\nb\n"));
    assert!(!is_cut(&path, Dialect::default(), "a\rb\rc\r"));
    assert!(!is_cut(
        "https://example.org/t.csv",
        Dialect::default(),
        "a\n"
    ));
    let commented = Dialect {
        comment_prefix: Some("//".to_owned()),
        ..Dialect::default()
    };
    assert!(!is_cut(&path, commented, "a\nb\n"));
    let skipping = Dialect {
        skip_rows: 1,
        header_row_count: 0,
        ..Dialect::default()
    };
    assert!(!is_cut(&path, skipping, "a\nb\n"));
}

#[test]
fn shards_are_counted_from_one() {
    assert_eq!(Shard::new(0, 3), None);
    assert_eq!(Shard::new(4, 3), None);
    assert_eq!(Shard::new(1, 0), None);
    assert!(Shard::new(3, 3).is_some_and(|shard| !shard.is_first()));
}
