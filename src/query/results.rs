//! Writes answers: rows as a table for people or in SPARQL's result formats, triples as RDF.
//!
//! In: an [`Answer`] and a format. Out: UTF-8 text on a writer, with a newline at its end. Which
//! format and which file are decided by the caller.

mod table;

use super::error::QueryError;
use super::run::{Answer, Solutions};
use crate::compression::Compression;
use crate::rdf::prefixes::Prefixes;
use crate::sink::SinkError;
use crate::sink::serializer::{FORMATS, Serializer, format_by_name, format_of_file};
use crate::sink::turtle::Layout;
use oxigraph::io::RdfFormat;
use oxigraph::sparql::results::{QueryResultsFormat, QueryResultsSerializer};
use oxrdf::{GraphNameRef, Term, Triple};
use std::io::{self, Write};
use table::write_table;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultsFormat {
    /// Rows as aligned columns for a terminal.
    Table,
    /// Rows as SPARQL 1.1 CSV: plain values.
    Csv,
    /// Rows as SPARQL 1.1 TSV: terms as in Turtle.
    Tsv,
    /// Rows as SPARQL 1.1 JSON.
    Json,
    /// Rows as SPARQL XML.
    Xml,
    /// A graph in an RDF format.
    Rdf(RdfFormat),
}

impl ResultsFormat {
    /// The formats for rows.
    pub const ROWS: [Self; 5] = [Self::Table, Self::Csv, Self::Tsv, Self::Json, Self::Xml];

    /// The name to select it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Rdf(format) => FORMATS
                .iter()
                .find(|(_, known)| *known == format)
                .map_or(format.name(), |(name, _)| *name),
        }
    }

    /// The format of a name: `table`, `csv`, `tsv`, `json`, `xml`, or an RDF format's, such as
    /// `turtle`. Upper and lower case are counted the same.
    pub fn by_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::ROWS
            .into_iter()
            .find(|format| format.name() == name)
            .or_else(|| format_by_name(&name).map(Self::Rdf))
    }

    /// The format that a file name's ending stands for, for an answer that is rows or a graph: for
    /// rows `txt`, `csv`, `tsv`, `json`, `srj`, `xml` and `srx`.
    pub fn of_file(name: &str, rows: bool) -> Option<Self> {
        if !rows {
            return format_of_file(name).map(Self::Rdf);
        }
        let (_, extension) = Compression::split(name).0.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Table),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "json" | "srj" => Some(Self::Json),
            "xml" | "srx" => Some(Self::Xml),
            _ => None,
        }
    }
}

/// Writes any answer, tables as wide as they need to be; returns the number of rows or triples.
///
/// # Errors
///
/// As [`ResultsWriter::write`].
pub fn write_answer(
    answer: Answer,
    format: ResultsFormat,
    prefixes: &Prefixes,
    writer: impl Write,
) -> Result<u64, QueryError> {
    ResultsWriter::new(format)
        .with_prefixes(prefixes.clone())
        .write(answer, writer)
}

/// Configures how answers are written.
///
/// # Examples
///
/// ```
/// use coalition_kg::query::QueryParser;
/// use coalition_kg::query::results::{ResultsFormat, ResultsWriter};
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

    /// Sets the prefixes that shorten IRIs in tables, Turtle, TriG and RDF/XML; the other formats
    /// hold whole IRIs.
    pub fn with_prefixes(mut self, prefixes: Prefixes) -> Self {
        self.prefixes = prefixes;
        self
    }

    /// Sets the width of tables in terminal cells; longer texts are wrapped.
    pub fn with_width(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    /// Writes an answer and returns the number of rows or triples; ASK counts as one row.
    ///
    /// A table holds all rows in memory and a graph all triples, which are sorted and written once;
    /// the other formats for rows hold one row at a time.
    ///
    /// # Errors
    ///
    /// If the answer is rows and the format for graphs or the other way round, if the evaluation
    /// fails or is stopped on the way, or if writing fails.
    pub fn write(self, answer: Answer, mut writer: impl Write) -> Result<u64, QueryError> {
        let mismatch = |answer| QueryError::Format {
            answer,
            format: self.format.name(),
        };
        let count = match (answer, self.format) {
            (Answer::Triples(triples), ResultsFormat::Rdf(format)) => {
                return write_graph(triples, format, &self.prefixes, writer);
            }
            (Answer::Triples(_), _) => return Err(mismatch("a graph")),
            (Answer::Boolean(_), ResultsFormat::Rdf(_)) => {
                return Err(mismatch("true or false"));
            }
            (Answer::Solutions(_), ResultsFormat::Rdf(_)) => return Err(mismatch("a table")),
            (Answer::Boolean(value), _) => {
                self.write_boolean(value, &mut writer)
                    .map_err(QueryError::Write)?;
                1
            }
            (Answer::Solutions(solutions), _) => self.write_solutions(solutions, &mut writer)?,
        };
        writer.flush().map_err(QueryError::Write)?;
        Ok(count)
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
            ResultsFormat::Table | ResultsFormat::Rdf(_) => return None,
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
/// Holds all triples in memory.
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
    write_triples(
        triples.iter().map(|(_, triple)| triple),
        format,
        prefixes,
        writer,
    )
    .map_err(|error| match error {
        SinkError::Io { error, .. } => QueryError::Write(error),
        SinkError::Store(error) => QueryError::Storage(error),
        other @ (SinkError::NotRepresentable { .. } | SinkError::Read { .. }) => {
            let kind = io::ErrorKind::InvalidData;
            QueryError::Write(io::Error::new(kind, other))
        }
    })?;
    Ok(triples.len() as u64)
}

fn write_triples<'a>(
    triples: impl Iterator<Item = &'a Triple>,
    format: RdfFormat,
    prefixes: &Prefixes,
    writer: impl Write,
) -> Result<(), SinkError> {
    let mut serializer = Serializer::new("", format, Layout::Grouped, prefixes, writer)?;
    for triple in triples {
        serializer.write(triple.as_ref().in_graph(GraphNameRef::DefaultGraph))?;
    }
    let mut writer = serializer.finish()?;
    let io = |error| SinkError::Io {
        name: String::new(),
        error,
    };
    // These two do not end their last line.
    if matches!(format, RdfFormat::RdfXml | RdfFormat::JsonLd { .. }) {
        writeln!(writer).map_err(io)?;
    }
    writer.flush().map_err(io)
}

#[cfg(test)]
mod tests;
