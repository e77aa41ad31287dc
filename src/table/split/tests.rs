//! The reader tells where records begin; however the bytes are cut, they have to begin there.

use super::*;
use crate::table::TableReader;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

// Without this line CR might end the rows.
const FIRST: &str = "h\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    byte: usize,
    records: u64,
    lines: u64,
}

// Where rows end, as the reader has it; one that ends with the source is left out.
fn by_reader(text: &str, dialect: &Dialect) -> Vec<End> {
    let more = format!("{text}\nx");
    let mut reader = TableReader::open("t", Box::new(more.as_bytes()), dialect).unwrap();
    let mut ends = Vec::new();
    while reader.read_row().unwrap().is_some() {
        let position = reader.position();
        ends.push(End {
            byte: usize::try_from(position.offset).unwrap(),
            records: position.source_row - 1,
            lines: position.line - 1,
        });
    }
    assert!(!reader.position().cr_ends_rows);
    ends.retain(|end| end.byte <= text.len());
    ends
}

fn by_pieces(splitter: Splitter, text: &str, sizes: &[usize]) -> Vec<(usize, Cut)> {
    let mut state = State::START;
    let mut at = 0;
    let mut sizes = sizes.iter().cycle();
    let mut cuts = Vec::new();
    while at < text.len() {
        let size = sizes.next().unwrap();
        let piece = &text.as_bytes()[at..text.len().min(at + size)];
        let cut = splitter.survey(piece).resolve(state);
        state = cut.end;
        cuts.push((at, cut));
        at += piece.len();
    }
    cuts
}

fn splitter(has_comments: bool) -> Splitter {
    let dialect = Dialect {
        comment_prefix: has_comments.then(|| "#".to_owned()),
        ..Dialect::default()
    };
    Splitter::with_comments(&dialect).unwrap()
}

// Those in which bytes can be entered.
fn states(has_comments: bool) -> Vec<State> {
    let states = STATES
        .iter()
        .filter(|state| has_comments || **state != Inside::Comment);
    states.copied().map(State).collect()
}

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        ",",
        "\"",
        "\n",
        "\r",
        "\r\n",
        "é",
        "\"\"",
        ",\"",
        "\",",
        "\"\n",
        "a,b,c\n",
        "\"x\ny\"",
        "some longer text without anything, then a comma",
        "\n\"",
        "#",
        "\n#",
    ]);
    vec(piece, 0..120).prop_map(|pieces| FIRST.to_owned() + &pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn records_end_where_the_reader_says(
        text in text(),
        sizes in vec(prop_oneof![1_usize..4, 1_usize..200, Just(1 << 20)], 1..5),
        has_quotes in any::<bool>(),
        has_comments in any::<bool>(),
    ) {
        let dialect = Dialect {
            quote_char: has_quotes.then_some('"'),
            comment_prefix: has_comments.then(|| "#".to_owned()),
            ..Dialect::default()
        };
        let splitter = Splitter::with_comments(&dialect).unwrap();
        let ends = by_reader(&text, &dialect);
        // One byte at a time shows each end.
        let mut single = Vec::new();
        let (mut all, mut rows) = (Vec::new(), 0);
        for (sizes, is_single) in [(&[1][..], true), (&sizes, false)] {
            let (mut records, mut comments, mut lines) = (0, 0, 0);
            for (at, cut) in by_pieces(splitter, &text, sizes) {
                if let Some(end) = cut.last_end {
                    let place = End {
                        byte: at + end,
                        records: records + cut.records,
                        lines: lines + cut.lines,
                    };
                    if is_single {
                        all.push(place);
                        single.extend((cut.comments == 0).then_some(place));
                    } else {
                        prop_assert!(all.contains(&place), "{text:?}: {place:?} of {all:?}");
                    }
                }
                records += cut.records;
                comments += cut.comments;
                lines += cut.lines_total;
            }
            prop_assert_eq!(records, all.len() as u64, "{:?}", text);
            prop_assert_eq!(lines, count_lines(text.as_bytes()));
            rows = records - comments;
        }
        prop_assert_eq!(rows, ends.len() as u64, "{:?}", text);
        prop_assert_eq!(single, ends, "{:?}", text);
    }

    #[test]
    fn pieces_together_are_as_the_whole(
        text in text(),
        at in any::<prop::sample::Index>(),
        has_comments in any::<bool>(),
    ) {
        let splitter = splitter(has_comments);
        let bytes = text.as_bytes();
        let (before, behind) = bytes.split_at(at.index(bytes.len() + 1));
        let both = splitter.survey(before).then(&splitter.survey(behind));
        let whole = splitter.survey(bytes);
        for entered in states(has_comments) {
            prop_assert_eq!(both.resolve(entered), whole.resolve(entered));
        }
    }

    #[test]
    fn pieces_are_as_their_bytes_one_by_one_whatever_they_are_entered_in(
        text in text(),
        has_comments in any::<bool>(),
    ) {
        let splitter = splitter(has_comments);
        let bytes = &text.as_bytes()[FIRST.len()..];
        let survey = splitter.survey(bytes);
        for entered in states(has_comments) {
            let (mut state, mut records, mut comments) = (entered, 0, 0);
            let (mut first, mut last) = (None, None);
            for (at, byte) in bytes.iter().enumerate() {
                let cut = splitter.survey(&[*byte]).resolve(state);
                (state, records) = (cut.end, records + cut.records);
                comments += cut.comments;
                if cut.records > 0 {
                    first.get_or_insert(at + 1);
                    last = Some(at + 1);
                }
            }
            prop_assert_eq!(survey.resolve(entered), Cut {
                records,
                comments,
                lines: last.map_or(0, |last| count_lines(&bytes[..last])),
                lines_total: count_lines(bytes),
                last_end: last,
                end: state,
            });
            prop_assert_eq!(splitter.first_end(bytes, entered), first);
        }
    }
}

#[test]
fn dialects_that_cannot_be_cut_are_known() {
    let default = Dialect::default;
    let known = [
        default(),
        Dialect {
            encoding: "UTF8".to_owned(),
            ..default()
        },
        Dialect {
            delimiter: "\t".to_owned(),
            quote_char: None,
            ..default()
        },
        Dialect {
            quote_char: None,
            double_quote: false,
            ..default()
        },
        Dialect {
            skip_rows: 3,
            header_row_count: 0,
            ..default()
        },
        Dialect {
            comment_prefix: Some(String::new()),
            ..default()
        },
    ];
    for dialect in known {
        assert!(Splitter::new(&dialect).is_some(), "{dialect:?}");
    }
    let unknown = [
        Dialect {
            encoding: "utf-16le".to_owned(),
            ..default()
        },
        Dialect {
            encoding: "nonsense".to_owned(),
            ..default()
        },
        Dialect {
            delimiter: "::".to_owned(),
            ..default()
        },
        Dialect {
            delimiter: "é".to_owned(),
            ..default()
        },
        Dialect {
            delimiter: "\n".to_owned(),
            ..default()
        },
        Dialect {
            delimiter: String::new(),
            ..default()
        },
        Dialect {
            delimiter: "\"".to_owned(),
            ..default()
        },
        Dialect {
            quote_char: Some('«'),
            ..default()
        },
        Dialect {
            quote_char: Some('\r'),
            ..default()
        },
        Dialect {
            double_quote: false,
            ..default()
        },
        Dialect {
            comment_prefix: Some("#".to_owned()),
            ..default()
        },
        Dialect {
            skip_blank_rows: true,
            ..default()
        },
        Dialect {
            line_terminators: vec!["\n".to_owned()],
            ..default()
        },
        Dialect {
            line_terminators: vec!["\r".to_owned()],
            ..default()
        },
    ];
    for dialect in unknown {
        assert_eq!(Splitter::new(&dialect), None, "{dialect:?}");
    }
}

#[test]
fn no_bytes_change_nothing() {
    let splitter = Splitter::new(&Dialect::default()).unwrap();
    for entered in states(false) {
        let cut = splitter.survey(b"").resolve(entered);
        assert_eq!((cut.end, cut.records, cut.last_end), (entered, 0, None));
    }
}
