//! A draft describes the tables that it was made of: `convert` finds nothing wrong with them.

#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed")]

use coalition_kg::diagnostic::{Diagnostics, Severity};
use coalition_kg::draft::{self, Source};
use coalition_kg::engine::{self, OnError, RunOptions, Severities};
use coalition_kg::mapping::csvw::{self, Options, Purpose};
use coalition_kg::rdf::iri;
use coalition_kg::sink::{EachQuad, Origin};
use coalition_kg::table::Sources;
use oxrdf::QuadRef;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Cells of one kind, mostly: what a column may hold.
fn column() -> impl Strategy<Value = Vec<&'static str>> {
    select(vec![
        vec!["1", "2", "30", "-4", "", "+5"],
        vec!["1.5", "2", ".5", "-0.25", "NA", "1.234"],
        vec!["1,5", "1.234,5", "7", "12.345", "n/a"],
        vec!["1,234", "12,345,678", "5", "-"],
        vec!["12 345", "1 234,5", "6"],
        vec!["1E3", "NaN", "INF", "2.5"],
        vec!["95%", "4.5%", "3"],
        vec!["007", "12", "0"],
        vec!["yes", "no", ""],
        vec!["true", "false", "NULL"],
        vec!["2020-01-31", "1999-12-01", ""],
        vec!["31.12.2020", "1.2.2020", "01.02.2020", "--"],
        vec!["12/31/2020", "1/2/2020"],
        vec!["1/2/2020", "3/4/2020"],
        vec!["20200131", "20211231", "20220202"],
        vec!["2020-01-31T10:00:00Z", "2020-01-31T10:00:00.5+02:00"],
        vec!["2020-01-31 10:00", "2020-02-29 23:59"],
        vec!["10:00:00", "23:59:59.25"],
        vec!["10:00", "9:00"],
        vec!["2020", "1999"],
        vec!["2020-05", "2021-13"],
        vec!["P1D", "PT2H"],
        vec!["https://example.org/a", "http://example.org/b?c#d"],
        vec!["a;b", "b;c", "a;c", "a"],
        vec![
            "a", "b", "c d", "é", "عربي", " x ", "", "\"", ",", ";", "\t", "x\ny", "'", "#x", "{y}",
        ],
        vec![" 1", "2 ", " ", "3"],
        vec!["00001", "a|b", "a|c", "b|c"],
    ])
}

fn title() -> impl Strategy<Value = String> {
    let known = select(vec![
        "id",
        "Code",
        "name_en",
        "name_ar",
        "year",
        "Datum",
        "is_open",
        "zip",
        "",
        " ",
        "a",
        "a",
        "#",
        "Größe",
        "مدينة",
        "parent_id",
        "2020",
        "_x",
        "a,b",
        "x\"y",
        "%20",
        "t_id",
        "u",
    ]);
    known.prop_map(str::to_owned)
}

#[derive(Debug, Clone)]
struct Table {
    titles: Vec<String>,
    rows: Vec<Vec<String>>,
    delimiter: char,
}

fn table() -> impl Strategy<Value = Table> {
    let columns = vec((title(), column()), 1..5);
    let delimiter = select(vec![',', ';', '\t', '|']);
    (columns, vec(vec(any::<u32>(), 4), 0..9), delimiter).prop_map(
        |(columns, choices, delimiter)| {
            let rows = choices.iter().map(|row| {
                let cells = columns.iter().zip(row);
                cells
                    .map(|((_, cells), choice)| cells[*choice as usize % cells.len()].to_owned())
                    .collect()
            });
            Table {
                rows: rows.collect(),
                titles: columns.into_iter().map(|(title, _)| title).collect(),
                delimiter,
            }
        },
    )
}

impl Table {
    fn write(&self) -> String {
        let mut out = String::new();
        for row in std::iter::once(&self.titles).chain(&self.rows) {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| {
                    let special = [self.delimiter, '"', '\n', '\r'];
                    if cell.contains(special) || (cell.is_empty() && row.len() == 1) {
                        format!("\"{}\"", cell.replace('"', "\"\""))
                    } else {
                        cell.clone()
                    }
                })
                .collect();
            out.push_str(&cells.join(&self.delimiter.to_string()));
            out.push('\n');
        }
        out
    }
}

/// Drafts, converts, and gives what is wrong by the draft itself and by its conversion.
fn drafted(tables: &[(&str, &str)]) -> (Diagnostics, Diagnostics, String) {
    let folder = tempfile::tempdir().unwrap();
    let base = iri::from_path(&folder.path().join("m.json"));
    let inputs: Vec<Source> = tables
        .iter()
        .map(|(name, text)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let table = iri::from_path(&path);
            Source {
                url: iri::relative(&base, &table),
                iri: table,
                stem: name.trim_end_matches(".csv").to_owned(),
            }
        })
        .collect();
    let sources = Sources::new();
    let mut own = Diagnostics::new();
    let made = draft::draft(&inputs, &sources, None, &mut own, &mut |_| true).unwrap();
    let json = made.document.to_json();
    std::fs::write(folder.path().join("m.json"), &json).unwrap();
    let mut found = Diagnostics::new();
    // By the letter: a draft needs no leniency.
    let options = Options {
        purpose: Purpose::Validate,
        ..Options::default()
    };
    let group = csvw::open(&base, None, &sources, &options, &mut found).unwrap();
    let plan = csvw::lower(&group, &options, &mut found).unwrap();
    let mut sink = EachQuad(|_: QuadRef<'_>, _: &Origin| {});
    let mut options = RunOptions {
        severities: Severities::VALIDATE,
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut |_| true,
    };
    engine::run(&plan, &sources, &mut sink, &mut found, &mut options).unwrap();
    (own, found, json)
}

fn told(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics
        .iter()
        .filter(|one| one.severity != Severity::Note)
        .map(|one| format!("{}: {} {:?}", one.code, one.message, one.location))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_draft_fits_its_own_tables(one in table(), other in table()) {
        let (one, other) = (one.write(), other.write());
        let (own, found, json) = drafted(&[("ts.csv", &one), ("us.csv", &other)]);
        // Where the draft takes rows to be of another length, so does the conversion.
        if own.errors() == 0 {
            prop_assert!(
                found.is_empty(),
                "{:?}\n{}\n{}\n{}", told(&found), one, other, json
            );
        }
    }
}
