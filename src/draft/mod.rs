//! A draft of metadata for tables that have none.
//!
//! In: CSV files among the sources. Out: a [`Draft`]: a metadata [`document`] as plain data, and
//! the reasons for each guess. Where the draft goes and how reasons look is for the command line.
//!
//! The way through: `sniff` tells how a table is written down; a first reading of all rows gathers
//! what the cells of each `column` have in common (`number`, `moment`, `lists`); a second tries the
//! datatypes on every cell and finds the columns that tell rows apart (`keys`); a third, where it
//! is needed, pairs of columns and references between tables.
//!
//! Memory: the first 256 KiB of a table, 10,000 fingerprints for each column, and 3.5 million
//! fingerprints in all for keys; never the rows.

mod column;
pub mod document;
mod keys;
mod lists;
mod moment;
mod names;
mod number;
mod reading;
mod records;
mod sniff;

use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::rdf::iri;
use crate::table::{Sources, TableError};
use document::{Document, ForeignKey, Reference};
use keys::{Candidate, Subject};
use reading::{Reading, Table};
use serde::Serialize;

/// A table to describe.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its IRI among the sources.
    pub iri: String,
    /// Its address as the draft writes it, relative to where the draft will stand.
    pub url: String,
    /// The name of its file without the ending.
    pub stem: String,
}

/// How far the work has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The table, as the user would name it.
    pub table: &'a str,
    /// Its size in bytes, if known.
    pub size: Option<u64>,
    /// The bytes of it read so far in this reading.
    pub bytes: u64,
    /// The rows of it read so far in this reading.
    pub rows: u64,
}

/// Told every few thousand rows; the work ends with [`DraftError::Cancelled`] when it says no.
pub type Observer<'o> = dyn FnMut(&Progress<'_>) -> bool + 'o;

/// A draft and why it is so.
#[derive(Debug)]
pub struct Draft {
    /// The metadata.
    pub document: Document,
    /// The reasons, table by table.
    pub reasons: Vec<TableReasons>,
}

/// A guess and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What was guessed.
    pub guess: String,
    /// Why.
    pub why: String,
}

impl Reason {
    fn new(guess: String, why: String) -> Self {
        Self { guess, why }
    }
}

/// The reasons for what is said of a table.
#[derive(Debug, Clone, Serialize)]
pub struct TableReasons {
    /// The table, as the user would name it.
    pub table: String,
    /// Its data rows.
    pub rows: u64,
    /// How it is written down.
    pub dialect: Vec<Reason>,
    /// Its columns.
    pub columns: Vec<ColumnReasons>,
    /// Its primary key.
    pub primary_key: Option<Reason>,
    /// Its references to other tables.
    pub foreign_keys: Vec<Reason>,
    /// What was not said, and why.
    pub notes: Vec<String>,
}

/// The reasons for what is said of a column.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnReasons {
    /// Its name.
    pub name: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Its datatype in words.
    pub datatype: String,
    /// Why.
    pub why: Vec<String>,
}

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// A table cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A table has no row at all.
    #[error("the table is empty: a header row was expected")]
    Empty {
        /// The table.
        source_name: String,
    },
    /// A file is no table but something else.
    #[error("`{source_name}` is no text")]
    NotText {
        /// The file.
        source_name: String,
        /// What to do.
        hint: &'static str,
    },
    /// The observer said no.
    #[error("interrupted")]
    Cancelled,
}

impl DraftError {
    /// The same as a diagnostic.
    pub fn to_diagnostic(&self) -> Diagnostic {
        match self {
            Self::Table(error) => error.to_diagnostic(),
            Self::Empty { source_name } => Diagnostic::error(
                "table::empty",
                self.to_string(),
                Location::of_source(source_name).at_line(1),
            )
            .with_help("write the column names in the first line"),
            Self::NotText { source_name, hint } => Diagnostic::error(
                "table::not-text",
                self.to_string(),
                Location::of_source(source_name),
            )
            .with_help(*hint),
            Self::Cancelled => {
                Diagnostic::error("cli::interrupted", self.to_string(), Location::default())
            }
        }
    }
}

/// Describes tables.
///
/// What is wrong with their rows goes to the diagnostics; the draft is made all the same.
///
/// # Errors
/// When a table cannot be read or is none, or the observer stops the work.
pub fn draft(
    inputs: &[Source],
    sources: &Sources,
    language: Option<&str>,
    diagnostics: &mut Diagnostics,
    observer: &mut Observer<'_>,
) -> Result<Draft, DraftError> {
    let mut reading = Reading {
        sources,
        observer,
        diagnostics,
    };
    let mut tables = Vec::new();
    for input in inputs {
        tables.push(reading.first(input)?);
    }
    let mut left = keys::MOST_FINGERPRINTS;
    let mut found: Vec<Vec<Candidate>> = Vec::new();
    for table in &mut tables {
        found.push(reading.second(table, &mut left)?);
    }
    let subjects: Vec<Subject<'_>> = tables.iter().map(Table::subject).collect();
    let mut decided: Vec<Decided> = subjects
        .iter()
        .zip(&found)
        .map(|(subject, found)| Decided::alone(subject, found))
        .collect();
    let primary: Vec<Option<usize>> = decided.iter().map(Decided::single_key).collect();
    for (index, table) in tables.iter().enumerate() {
        let mut pairs = match primary[index] {
            None => keys::pairs(&subjects[index]),
            Some(_) => Vec::new(),
        };
        let mut references = keys::references(&subjects, &found, &primary, index);
        if pairs.is_empty() && references.is_empty() {
            continue;
        }
        reading.third(table, &found, &mut pairs, &mut references, &mut left)?;
        decided[index].pair(&subjects[index], &pairs);
        for pair in pairs {
            left += pair.len();
        }
        let (chosen, notes) = keys::chosen(&subjects, &found, &primary, index, references);
        decided[index].references = chosen;
        decided[index].notes.extend(notes);
    }
    let about: Vec<Option<String>> = tables
        .iter()
        .zip(&decided)
        .map(|(table, decided)| decided.about(table))
        .collect();
    let mut out = Draft {
        document: Document {
            context: document::Context {
                language: language.map(str::to_owned),
            },
            tables: Vec::new(),
        },
        reasons: Vec::new(),
    };
    for (index, decided) in decided.into_iter().enumerate() {
        let (table, reasons) = describe(&tables, index, decided, &about);
        out.document.tables.push(table);
        out.reasons.push(reasons);
    }
    Ok(out)
}

/// What is decided of keys.
#[derive(Default)]
struct Decided {
    primary: Vec<usize>,
    why: Option<Reason>,
    references: Vec<(keys::Reference, String)>,
    notes: Vec<String>,
}

impl Decided {
    fn alone(subject: &Subject<'_>, found: &[Candidate]) -> Self {
        let mut decided = Self::default();
        match keys::primary(subject, found) {
            Some((column, why)) => {
                decided.primary = vec![column];
                decided.why = Some(why);
            }
            None => decided.notes.extend(keys::no_primary(subject, found)),
        }
        decided
    }

    fn single_key(&self) -> Option<usize> {
        match self.primary.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    fn pair(&mut self, subject: &Subject<'_>, pairs: &[keys::Pair]) {
        let Some(pair) = pairs.first() else {
            return;
        };
        self.primary = pair.columns.to_vec();
        let [one, other] = pair.columns.map(|column| &subject.names[column]);
        self.why = Some(Reason::new(
            format!("`{one}` and `{other}`"),
            format!(
                "no two of {} rows are alike in both, and no likely column is unique alone",
                counted(subject.rows)
            ),
        ));
    }

    // The template for the things that rows are about.
    fn about(&self, table: &Table<'_>) -> Option<String> {
        if self.primary.is_empty() {
            return None;
        }
        let keys: Vec<String> = self
            .primary
            .iter()
            .map(|column| format!("{{{}}}", table.names[*column]))
            .collect();
        // No value brings a slash in: `{a}/{b}` is never the same for other values.
        let thing = names::encoded(&table.thing, "-");
        Some(format!("#{thing}-{}", keys.join("/")))
    }
}

fn describe(
    tables: &[Table<'_>],
    index: usize,
    decided: Decided,
    about: &[Option<String>],
) -> (document::Table, TableReasons) {
    let table = &tables[index];
    let titles: Vec<&str> = table
        .titles
        .iter()
        .map(|title| title.as_deref().unwrap_or_default())
        .collect();
    let languages = names::languages(&titles);
    let mut columns = Vec::new();
    let mut reasons = Vec::new();
    for (number, guess) in table.guesses.iter().enumerate() {
        let is_key = decided.primary.contains(&number);
        let mut why = guess.why.clone();
        let mut column = document::Column {
            name: table.names[number].clone(),
            titles: table.titles[number].clone(),
            datatype: guess.datatype.clone(),
            lang: None,
            null: guess.nulls.clone(),
            separator: guess.separator.clone(),
            required: is_key,
            property_url: None,
            value_url: None,
        };
        if let Some(tagged) = &languages[number]
            && guess.datatype.is_string()
        {
            column.lang = Some(tagged.tag.clone());
            why.push(format!("the title ends in the language `{}`", tagged.tag));
            let property = names::words(&tagged.stem);
            if !property.is_empty() {
                column.property_url = Some(format!("#{}", names::encoded(&property, "_")));
            }
        }
        reasons.push(ColumnReasons {
            name: column.name.clone(),
            title: column.titles.clone(),
            datatype: guess.datatype.describe(),
            why,
        });
        columns.push(column);
    }
    let mut foreign_keys = Vec::new();
    let mut reference_reasons = Vec::new();
    for (reference, mut why) in decided.references {
        let (other, to) = reference.to;
        let target = &tables[other];
        let column = &mut columns[reference.column];
        if !reference.nulls.is_empty() {
            column.null = std::iter::once(String::new())
                .chain(reference.nulls)
                .collect();
            let texts: Vec<String> = column.null[1..]
                .iter()
                .map(|text| format!("`{text}`"))
                .collect();
            why.push_str(&format!("; no value: {}", texts.join(", ")));
        }
        // Values become the same IRIs as the rows that they refer to.
        if let Some(template) = &about[other]
            && template.ends_with(&format!("-{{{}}}", target.names[to]))
        {
            let template = template.replace(
                &format!("{{{}}}", target.names[to]),
                &format!("{{{}}}", column.name),
            );
            let address = if other == index {
                String::new()
            } else {
                iri::relative(&table.input.iri, &target.input.iri)
            };
            column.value_url = Some(format!("{address}{template}"));
        }
        reference_reasons.push(Reason::new(
            format!(
                "`{}` to `{}` of {}",
                column.name, target.names[to], target.name
            ),
            why,
        ));
        foreign_keys.push(ForeignKey {
            column_reference: column.name.clone(),
            reference: Reference {
                resource: target.input.url.clone(),
                column_reference: target.names[to].clone(),
            },
        });
    }
    let primary_key = decided
        .primary
        .iter()
        .map(|column| table.names[*column].clone());
    let described = document::Table {
        url: table.input.url.clone(),
        dialect: table.sniffed.written.clone().in_full(),
        schema: document::Schema {
            about_url: about[index].clone(),
            columns,
            primary_key: primary_key.collect(),
            foreign_keys,
        },
    };
    let reasons = TableReasons {
        table: table.name.clone(),
        rows: table.rows,
        dialect: table.sniffed.reasons.clone(),
        columns: reasons,
        primary_key: decided.why,
        foreign_keys: reference_reasons,
        notes: decided.notes,
    };
    (described, reasons)
}

/// A number with its digits in groups of three, for people.
fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The beginning of a text, for people.
fn few(text: &str) -> String {
    const MOST: usize = 40;
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
