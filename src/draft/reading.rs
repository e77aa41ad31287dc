//! The readings of a table: how it is written down, what its cells have in common, whether that
//! holds for each of them.
//!
//! In: a source. Out: a [`Table`] with its columns and guesses, and the candidates for keys.

use super::column::{Column, Guess, Hints};
use super::keys::{self, Candidate, Cell, Reader, Subject};
use super::names;
use super::sniff::{self, Sniffed, Unfit};
use super::{DraftError, Observer, Progress, Reason, Source, counted, few};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::table::{Dialect, FaultKind, Row, Sources, TableError, TableReader};

/// After how many rows progress is told.
const ROWS_PER_PROGRESS: u64 = 4096;

/// A table between the readings.
pub(super) struct Table<'a> {
    pub(super) input: &'a Source,
    pub(super) name: String,
    pub(super) sniffed: Sniffed,
    pub(super) titles: Vec<Option<String>>,
    pub(super) names: Vec<String>,
    pub(super) thing: Vec<String>,
    pub(super) columns: Vec<Column>,
    pub(super) guesses: Vec<Guess>,
    pub(super) rows: u64,
}

impl Table<'_> {
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            columns: &self.columns,
            guesses: &self.guesses,
            names: &self.names,
            thing: &self.thing,
            rows: self.rows,
        }
    }
}

/// What all readings of the tables share.
pub(super) struct Reading<'a, 'o> {
    pub(super) sources: &'a Sources,
    pub(super) observer: &'a mut Observer<'o>,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl Reading<'_, '_> {
    // How the table is written down, and what the cells of its columns have in common.
    pub(super) fn first<'i>(&mut self, input: &'i Source) -> Result<Table<'i>, DraftError> {
        let name = self.sources.display_name(&input.iri);
        let size = self.sources.size(&input.iri);
        let bytes = self.sources.open(&input.iri, &Dialect::default())?;
        let mut told = |bytes| {
            (self.observer)(&Progress {
                table: &name,
                size,
                bytes,
                rows: 0,
            })
        };
        let sniffed = sniff::sniff(bytes, &mut told).map_err(|unfit| match unfit {
            Unfit::Io(error) => TableError::Io {
                source_name: name.clone(),
                error,
            }
            .into(),
            Unfit::NotText(hint) => DraftError::NotText {
                source_name: name.clone(),
                hint,
            },
            Unfit::Cancelled => DraftError::Cancelled,
        })?;
        let mut table = Table {
            input,
            name,
            titles: Vec::new(),
            names: Vec::new(),
            thing: names::thing(&input.stem),
            columns: Vec::new(),
            guesses: Vec::new(),
            rows: 0,
            sniffed,
        };
        self.gather(&mut table)?;
        let mut hints = Hints::default();
        let marks: Vec<char> = table
            .columns
            .iter()
            .filter_map(Column::certain_decimal)
            .collect();
        hints.decimal = marks
            .first()
            .copied()
            .filter(|first| marks.iter().all(|mark| mark == first));
        if marks.is_empty() && table.sniffed.dialect.delimiter == ";" {
            // Where commas are decimal marks, semicolons part the cells.
            hints.decimal = Some(',');
        }
        let orders: Vec<_> = table
            .columns
            .iter()
            .filter_map(Column::certain_order)
            .collect();
        hints.order = orders
            .first()
            .copied()
            .filter(|first| orders.iter().all(|order| order == first));
        table.guesses = table
            .columns
            .iter()
            .map(|column| column.guess(hints))
            .collect();
        Ok(table)
    }

    fn gather(&mut self, table: &mut Table<'_>) -> Result<(), DraftError> {
        let mut blank_rows = 0;
        let mut found: Vec<Diagnostic> = Vec::new();
        let name = table.name.clone();
        let delimiter = table.sniffed.dialect.delimiter.clone();
        let has_header = table.sniffed.dialect.header_row_count > 0;
        let (input, dialect) = (table.input, table.sniffed.dialect.clone());
        let width = table.sniffed.width;
        let mut is_first = true;
        let mut titles: Vec<Option<String>> = vec![None; width];
        let (columns, rows) = (&mut table.columns, &mut table.rows);
        let text = self.each_row(
            input,
            &name,
            &dialect,
            &mut |row, diagnostics| {
                if std::mem::take(&mut is_first) && has_header {
                    titles = row.cells().map(|cell| Some(cell.to_owned())).collect();
                }
                if columns.is_empty() {
                    let words = titles
                        .iter()
                        .map(|title| names::words(title.as_deref().unwrap_or_default()));
                    columns.extend(words.map(|words| Column::new(words, &delimiter)));
                    if has_header {
                        return;
                    }
                }
                if row.len() == 1 && width > 1 && row.get(0).is_none_or(str::is_empty) {
                    blank_rows += 1;
                    return;
                }
                *rows += 1;
                if row.len() != columns.len() {
                    diagnostics.push(ragged(&name, row, columns.len()));
                }
                for (index, column) in columns.iter_mut().enumerate() {
                    column.accept(row.get(index).unwrap_or_default());
                }
            },
            Some(&mut found),
        )?;
        if table.columns.is_empty() {
            return Err(DraftError::Empty { source_name: name });
        }
        blank_rows += text.blank_lines;
        for diagnostic in found {
            self.diagnostics.push(diagnostic);
        }
        table.titles = titles;
        let titles = table
            .titles
            .iter()
            .map(|title| title.as_deref().unwrap_or_default());
        table.names = names::column_names(titles);
        if blank_rows > 0 {
            table.sniffed.dialect.skip_blank_rows = true;
            table.sniffed.written.skip_blank_rows = Some(true);
            table.sniffed.reasons.push(Reason::new(
                "blank rows passed over".to_owned(),
                format!("there are {} of them", counted(blank_rows)),
            ));
        }
        Ok(())
    }

    // Tries the datatypes on every cell, and finds the columns that tell rows apart.
    pub(super) fn second(
        &mut self,
        table: &mut Table<'_>,
        left: &mut usize,
    ) -> Result<Vec<Candidate>, DraftError> {
        let mut candidates = keys::candidates(&table.subject());
        let readers: Vec<Reader> = table.guesses.iter().map(Reader::new).collect();
        // Strings are read only where they may be keys.
        let wanted: Vec<(usize, Option<usize>)> = (0..readers.len())
            .filter_map(|index| {
                let number = candidates.iter().position(|one| one.column == index);
                let is_typed = !table.guesses[index].datatype.is_string();
                (is_typed || number.is_some()).then_some((index, number))
            })
            .collect();
        let mut wrong: Vec<(usize, String)> = Vec::new();
        self.each_data_row(table, &mut |row| {
            for (index, number) in &wanted {
                let text = row.get(*index).unwrap_or_default();
                match (readers[*index].read(text), number) {
                    (Cell::Value(hash), Some(number)) => {
                        keys::take(&mut candidates, *number, hash, text, left);
                    }
                    (Cell::Wrong, _) if wrong.iter().all(|(known, _)| known != index) => {
                        wrong.push((*index, text.to_owned()));
                    }
                    _ => {}
                }
            }
        })?;
        for (index, text) in wrong {
            let why = format!(
                "`{}` is no `{}`, as which all values looked",
                few(&text),
                table.guesses[index].datatype.base()
            );
            table.guesses[index] = Guess::string(vec![why]);
            if let Some(at) = candidates.iter().position(|one| one.column == index) {
                candidates[at].give_up(keys::Broken::TooMany, left);
                candidates.remove(at);
            }
        }
        Ok(candidates)
    }

    // Tries pairs of columns and references to other tables.
    pub(super) fn third(
        &mut self,
        table: &Table<'_>,
        found: &[Vec<Candidate>],
        pairs: &mut Vec<keys::Pair>,
        references: &mut Vec<keys::Reference>,
        left: &mut usize,
    ) -> Result<(), DraftError> {
        let readers: Vec<Reader> = table.guesses.iter().map(Reader::new).collect();
        let mut wanted = vec![false; readers.len()];
        for column in pairs.iter().flat_map(|pair| pair.columns) {
            wanted[column] = true;
        }
        for reference in references.iter() {
            wanted[reference.column] = true;
        }
        let mut values: Vec<Option<u64>> = vec![None; readers.len()];
        self.each_data_row(table, &mut |row| {
            for index in (0..readers.len()).filter(|index| wanted[*index]) {
                let text = row.get(index).unwrap_or_default();
                values[index] = match readers[index].read(text) {
                    Cell::Value(hash) => Some(hash),
                    Cell::Null | Cell::Wrong => None,
                };
            }
            keys::take_pairs(pairs, &values, left);
            keys::take_references(references, found, &values, |index| {
                row.get(index).unwrap_or_default().to_owned()
            });
        })
    }

    fn each_data_row(
        &mut self,
        table: &Table<'_>,
        take: &mut dyn FnMut(&Row<'_>),
    ) -> Result<(), DraftError> {
        let mut headers = table.sniffed.dialect.header_row_count;
        let dialect = &table.sniffed.dialect;
        self.each_row(
            table.input,
            &table.name,
            dialect,
            &mut |row, _| {
                if headers > 0 {
                    headers -= 1;
                } else {
                    take(row);
                }
            },
            None,
        )?;
        Ok(())
    }

    // Reads all rows, header included; faults of the text are told where they are asked for.
    fn each_row(
        &mut self,
        input: &Source,
        name: &str,
        dialect: &Dialect,
        take: &mut dyn FnMut(&Row<'_>, &mut Diagnostics),
        mut faults: Option<&mut Vec<Diagnostic>>,
    ) -> Result<Text, DraftError> {
        let size = self.sources.size(&input.iri);
        let mut reader = TableReader::open(name, self.sources.open(&input.iri, dialect)?, dialect)?;
        let mut text = Text::default();
        let mut rows = 0;
        loop {
            let more = match reader.read_row()? {
                Some(row) => {
                    take(&row, self.diagnostics);
                    true
                }
                None => false,
            };
            for fault in reader.take_faults() {
                match fault.kind {
                    FaultKind::ByteOrderMark | FaultKind::CrLf | FaultKind::CrOnly => {}
                    FaultKind::BlankLine => text.blank_lines += 1,
                    _ => {
                        text.faults += 1;
                        text.first_fault.get_or_insert(fault.line);
                    }
                }
            }
            rows += 1;
            if !more || rows % ROWS_PER_PROGRESS == 0 {
                let go_on = (self.observer)(&Progress {
                    table: name,
                    size,
                    bytes: reader.bytes_read(),
                    rows,
                });
                if !go_on {
                    return Err(DraftError::Cancelled);
                }
            }
            if !more {
                break;
            }
        }
        if let (Some(found), Some(line)) = (&mut faults, text.first_fault) {
            found.push(
                Diagnostic::error(
                    "table::faulty-text",
                    format!(
                        "quotes or bytes are out of order, {} in all, the first here",
                        counted(text.faults)
                    ),
                    Location::of_source(name).at_line(line),
                )
                .with_help("`coalition-kg convert` with the draft names each"),
            );
        }
        Ok(text)
    }
}

/// What the text of a table is like.
#[derive(Default)]
struct Text {
    blank_lines: u64,
    faults: u64,
    first_fault: Option<u64>,
}

fn ragged(name: &str, row: &Row<'_>, expected: usize) -> Diagnostic {
    let (code, help) = if row.len() < expected {
        (
            "table::missing-cell",
            "write a delimiter for each empty cell",
        )
    } else {
        (
            "table::extra-cell",
            "a cell with a delimiter in it has to stand in quotes",
        )
    };
    let location = Location {
        source_row: Some(row.source_row),
        ..Location::of_source(name).at_line(row.line)
    };
    let message = format!(
        "the row has {} cells where {expected} were expected",
        row.len()
    );
    Diagnostic::error(code, message, location)
        .with_help(help)
        .with_spec("tabular-data-model §8")
}
