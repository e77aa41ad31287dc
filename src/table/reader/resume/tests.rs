//! Tests of reading on in the midst of a table.

use super::*;
use crate::table::FaultKind;

fn texts(reader: &mut TableReader<'_>) -> Vec<(u64, u64, String)> {
    let mut rows = Vec::new();
    while let Some(row) = reader.read_row().unwrap() {
        let cells: Vec<&str> = row.cells().collect();
        rows.push((row.source_row, row.line, cells.join("|")));
    }
    rows
}

#[test]
fn rows_and_lines_are_counted_from_the_position() {
    let position = Position::default().moved_to(7, 9, 100);
    let dialect = Dialect::default();
    let bytes = b"a,\"b\nc\"\n\xFF\n";
    let mut reader = TableReader::resume_slice("t", bytes, &dialect, position).unwrap();
    let expected = [(7, 9, "a|b\nc"), (8, 11, "\u{FFFD}")];
    let expected = expected.map(|(row, line, text)| (row, line, text.to_owned()));
    assert_eq!(texts(&mut reader), expected);
    let faults = reader.take_faults();
    let places: Vec<_> = faults.iter().map(|it| (it.line, it.offset)).collect();
    assert_eq!(places, [(11, 108)]);
    assert_eq!(reader.position(), position.moved_to(9, 12, 110));
}

#[test]
fn what_was_noted_of_the_beginning_is_not_noted_again() {
    let dialect = Dialect::default();
    let input: Input<'_> = Box::new(&b"\xEF\xBB\xBFa\r\nb\r\n"[..]);
    let mut reader = TableReader::open("t", input, &dialect).unwrap();
    reader.read_row().unwrap();
    assert!(reader.has_news());
    let kinds = reader.take_faults().into_iter().map(|fault| fault.kind);
    let kinds: Vec<FaultKind> = kinds.collect();
    assert_eq!(kinds, [FaultKind::ByteOrderMark, FaultKind::CrLf]);
    assert!(!reader.has_news());
    let (position, bytes, _) = reader.into_rest().unwrap();
    assert_eq!((position.offset, &bytes[..]), (6, &b"b\r\n"[..]));
    let mut reader = TableReader::resume_slice("t", &bytes, &dialect, position).unwrap();
    assert_eq!(texts(&mut reader), [(2, 2, "b".to_owned())]);
    assert_eq!(reader.take_faults(), []);
}

#[test]
fn rows_that_end_in_cr_go_on_so() {
    let dialect = Dialect::default();
    let mut reader = TableReader::open("t", Box::new(&b"a\rb\rc"[..]), &dialect).unwrap();
    reader.read_row().unwrap();
    let (position, bytes, _) = reader.into_rest().unwrap();
    assert!(position.cr_ends_rows);
    let mut reader = TableReader::resume_slice("t", &bytes, &dialect, position).unwrap();
    let expected = [(2, 2, "b".to_owned()), (3, 3, "c".to_owned())];
    assert_eq!(texts(&mut reader), expected);
}

#[test]
fn an_error_that_is_yet_to_come_comes() {
    let input = Read::chain(&b"a\nb\n"[..], Broken(Some(Error::other("gone"))));
    let mut reader = TableReader::open("t", Box::new(input), &Dialect::default()).unwrap();
    reader.read_row().unwrap();
    let (_, bytes, mut input) = reader.into_rest().unwrap();
    assert_eq!(bytes, b"b\n");
    assert!(input.read(&mut [0; 8]).is_err());
}
