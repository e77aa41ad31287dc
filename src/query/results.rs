//! Writes answers: rows as a table for people or in SPARQL's result formats, triples as RDF.
//!
//! In: an [`Answer`] and a format. Out: UTF-8 text on a writer, with a newline at its end. Which
//! format and which file are decided by the caller.

mod table;

use super::error::QueryError;
use super::run::{Answer, Solutions};
use crate::rdf::prefixes::Prefixes;
use crate::sink::turtle::{Syntax, TurtleWriter};
use oxigraph::io::{RdfFormat, RdfSerializer};
use oxigraph::sparql::results::{QueryResultsFormat, QueryResultsSerializer};
use oxrdf::{Term, Triple};
use std::io::{self, Write};
use table::write_table;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultsFormat {
    /// Aligned columns for a terminal.
    Table,
    /// SPARQL 1.1 CSV: plain values.
    Csv,
    /// SPARQL 1.1 TSV: terms as in Turtle.
    Tsv,
    /// SPARQL 1.1 JSON.
    Json,
    /// SPARQL XML.
    Xml,
}

impl ResultsFormat {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Table, Self::Csv, Self::Tsv, Self::Json, Self::Xml];

    /// The name to select it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// The format of a name, upper and lower case counted the same.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// The format of a file name's extension: `csv`, `tsv`, `json`, `srj`, `xml`, `srx`, `txt`.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Table),
            "srj" => Some(Self::Json),
            "srx" => Some(Self::Xml),
            "table" => None,
            other => Self::from_name(other),
        }
    }
}

/// Writes the rows of a SELECT or the value of an ASK.
///
/// # Examples
///
/// ```
/// use coalition_kg::query::{QueryParser, ResultsFormat, ResultsWriter};
/// use oxigraph::store::Store;
///
/// let query = QueryParser::new().parse("SELECT ?n ?name { VALUES (?n ?name) { (1 'العراق'@ar) } }")?;
/// let mut text = Vec::new();
/// ResultsWriter::new(ResultsFormat::Table).write(query.run(&Store::new()?)?, &mut text)?;
/// assert_eq!(String::from_utf8(text)?, "n │ name\n──┼───────\n1 │ العراق\n(1 row)\n");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ResultsWriter {
    format: ResultsFormat,
    prefixes: Prefixes,
    width: Option<usize>,
}

impl ResultsWriter {
    /// A writer without prefixes whose tables are as wide as they need to be.
    pub fn new(format: ResultsFormat) -> Self {
        Self {
            format,
            prefixes: Prefixes::new(),
            width: None,
        }
    }

    /// Sets the prefixes that shorten IRIs in tables; the other formats hold whole IRIs.
    pub fn with_prefixes(mut self, prefixes: Prefixes) -> Self {
        self.prefixes = prefixes;
        self
    }

    /// Sets the width of tables in terminal cells; longer texts are wrapped.
    pub fn with_width(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    /// Writes an answer and returns the number of rows; ASK counts as one.
    ///
    /// A table holds all rows in memory, the other formats one at a time.
    ///
    /// # Errors
    ///
    /// If the answer is a graph, if the evaluation fails or is stopped on the way, or if writing
    /// fails.
    pub fn write(self, answer: Answer, mut writer: impl Write) -> Result<u64, QueryError> {
        let rows = match answer {
            Answer::Boolean(value) => {
                self.write_boolean(value, &mut writer)
                    .map_err(QueryError::Write)?;
                1
            }
            Answer::Solutions(solutions) => self.write_solutions(solutions, &mut writer)?,
            Answer::Triples(_) => {
                return Err(QueryError::Format {
                    answer: "a graph",
                    format: self.format.name(),
                });
            }
        };
        writer.flush().map_err(QueryError::Write)?;
        Ok(rows)
    }

    /// The formats for tables have no form for ASK: the bare word, on a line of its own.
    fn write_boolean(&self, value: bool, writer: &mut impl Write) -> io::Result<()> {
        match self.serializer() {
            Some(serializer) if matches!(self.format, ResultsFormat::Json | ResultsFormat::Xml) => {
                serializer.serialize_boolean_to_writer(&mut *writer, value)?;
                writeln!(writer)
            }
            _ => writeln!(writer, "{value}"),
        }
    }

    fn write_solutions(
        &self,
        solutions: Solutions,
        writer: &mut impl Write,
    ) -> Result<u64, QueryError> {
        let columns = solutions.columns().to_vec();
        let Some(serializer) = self.serializer() else {
            let rows = solutions
                .map(|row| {
                    let row = row?;
                    Ok(columns
                        .iter()
                        .map(|column| row.get(column).cloned())
                        .collect())
                })
                .collect::<Result<Vec<Vec<Option<Term>>>, QueryError>>()?;
            write_table(&columns, &rows, &self.prefixes, self.width, writer)
                .map_err(QueryError::Write)?;
            return Ok(rows.len() as u64);
        };
        let mut serializer = serializer
            .serialize_solutions_to_writer(&mut *writer, columns)
            .map_err(QueryError::Write)?;
        let mut rows = 0;
        for row in solutions {
            serializer.serialize(&row?).map_err(QueryError::Write)?;
            rows += 1;
        }
        serializer.finish().map_err(QueryError::Write)?;
        if matches!(self.format, ResultsFormat::Json | ResultsFormat::Xml) {
            writeln!(writer).map_err(QueryError::Write)?;
        }
        Ok(rows)
    }

    fn serializer(&self) -> Option<QueryResultsSerializer> {
        let format = match self.format {
            ResultsFormat::Table => return None,
            ResultsFormat::Csv => QueryResultsFormat::Csv,
            ResultsFormat::Tsv => QueryResultsFormat::Tsv,
            ResultsFormat::Json => QueryResultsFormat::Json,
            ResultsFormat::Xml => QueryResultsFormat::Xml,
        };
        Some(QueryResultsSerializer::from_format(format))
    }
}

/// Writes triples in an RDF format, sorted and without doubles, and returns their number.
///
/// Turtle and TriG are written by [`TurtleWriter`] with the prefixes, the other formats by
/// oxigraph. Holds all triples in memory.
///
/// # Errors
///
/// If a triple is an error (the evaluation failed or was stopped), or if writing fails.
pub fn write_graph(
    triples: impl IntoIterator<Item = Result<Triple, QueryError>>,
    format: RdfFormat,
    prefixes: &Prefixes,
    writer: impl Write,
) -> Result<u64, QueryError> {
    let mut triples = triples
        .into_iter()
        .map(|triple| triple.map(|triple| (triple.to_string(), triple)))
        .collect::<Result<Vec<_>, _>>()?;
    triples.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    triples.dedup_by(|a, b| a.0 == b.0);
    let triples = triples.iter().map(|(_, triple)| triple);
    let count = triples.len() as u64;
    write_triples(triples, format, prefixes, writer).map_err(QueryError::Write)?;
    Ok(count)
}

fn write_triples<'a>(
    triples: impl Iterator<Item = &'a Triple>,
    format: RdfFormat,
    prefixes: &Prefixes,
    writer: impl Write,
) -> io::Result<()> {
    let syntax = match format {
        RdfFormat::Turtle => Some(Syntax::Turtle),
        RdfFormat::TriG => Some(Syntax::TriG),
        _ => None,
    };
    if let Some(syntax) = syntax {
        let mut turtle = TurtleWriter::new(prefixes.clone())
            .with_syntax(syntax)
            .for_writer(writer);
        for triple in triples {
            turtle.push_triple(triple)?;
        }
        turtle.finish()?;
        return Ok(());
    }
    let mut serializer = RdfSerializer::from_format(format);
    for (prefix, namespace) in prefixes {
        serializer = serializer
            .with_prefix(prefix, namespace)
            .map_err(io::Error::other)?;
    }
    let mut serializer = serializer.for_writer(writer);
    for triple in triples {
        serializer.serialize_triple(triple)?;
    }
    let mut writer = serializer.finish()?;
    // The formats that are one statement a line end with one; the others do not.
    if !matches!(format, RdfFormat::NTriples | RdfFormat::NQuads) {
        writeln!(writer)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests;
