//! Splits the beginning of a text into records, for a delimiter that is only tried.
//!
//! In: a text that is at hand, a delimiter, a quote. Out: records with their cells as they are
//! written. Tables themselves are read by [`TableReader`](crate::table::TableReader).

/// A record of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) cells: Vec<Cell>,
    /// The line on which it begins, counted from 0.
    pub(super) line: usize,
    /// How many lines it has.
    pub(super) lines: usize,
}

/// A cell as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// What stands between the delimiters, without the quotes around it.
    pub(super) raw: String,
    pub(super) quoted: bool,
}

impl Record {
    /// The text of a cell; nothing where it is missing.
    pub(super) fn text(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.raw.as_str())
    }
}

/// The first records of a text; blank lines are none.
pub(super) fn records(
    text: &str,
    delimiter: char,
    quote: Option<char>,
    most: usize,
) -> Vec<Record> {
    let mut out = Vec::new();
    let mut cells: Vec<Cell> = Vec::new();
    let mut cell = Cell::default();
    let (mut begin, mut line) = (0, 0);
    let mut in_quotes = false;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let ends_line = character == '\n' || (character == '\r' && rest.peek() != Some(&'\n'));
        line += usize::from(ends_line);
        if in_quotes {
            if character == '\\' && rest.peek().copied() == quote {
                // An escaped quote, unless the cell ends in a backslash.
                let mut after = rest.clone();
                after.next();
                let ends = after
                    .peek()
                    .is_none_or(|c| *c == delimiter || matches!(c, '\n' | '\r'));
                cell.raw.push('\\');
                if !ends {
                    cell.raw.extend(rest.next());
                }
            } else if Some(character) == quote {
                if rest.peek().copied() == quote {
                    cell.raw.push(character);
                    cell.raw.extend(rest.next());
                } else {
                    in_quotes = false;
                }
            } else {
                cell.raw.push(character);
            }
        } else if Some(character) == quote && cell.raw.is_empty() && !cell.quoted {
            in_quotes = true;
            cell.quoted = true;
        } else if character == delimiter {
            cells.push(std::mem::take(&mut cell));
        } else if ends_line {
            let is_blank = cells.is_empty() && cell.raw.is_empty() && !cell.quoted;
            if !is_blank {
                cells.push(std::mem::take(&mut cell));
                out.push(Record {
                    cells: std::mem::take(&mut cells),
                    line: begin,
                    lines: line - begin,
                });
                if out.len() == most {
                    return out;
                }
            }
            begin = line;
        } else if character != '\r' {
            cell.raw.push(character);
        }
    }
    if !cells.is_empty() || !cell.raw.is_empty() || cell.quoted {
        cells.push(cell);
        out.push(Record {
            cells,
            line: begin,
            lines: line - begin + 1,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(usize, &[&str])]) {
        let found: Vec<(usize, Vec<String>)> = records(text, ',', Some('"'), 10)
            .into_iter()
            .map(|record| {
                let cells = record.cells.into_iter().map(|cell| cell.raw);
                (record.line, cells.collect())
            })
            .collect();
        let expected: Vec<(usize, Vec<String>)> = expected
            .iter()
            .map(|(line, cells)| (*line, cells.iter().map(|cell| (*cell).to_owned()).collect()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn records_are_split() {
        check("a,b\n1,2", &[(0, &["a", "b"]), (1, &["1", "2"])]);
        check(
            "a\r\n\r\n\"b\nc\",d\r\ne",
            &[(0, &["a"]), (2, &["b\nc", "d"]), (4, &["e"])],
        );
        check("\"a\"\"b\",\"\"", &[(0, &["a\"\"b", ""])]);
        check("", &[]);
    }
}
