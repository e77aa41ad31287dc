//! Where output goes and in which format.
//!
//! In: `--output` and `--format`. Out: an open [`Output`] and a format, or what to type instead.

use super::args::JSON;
use super::exit::Failure;
use crate::compression::Compression;
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::sink::SinkError;
use crate::sink::file::Output;
use crate::sink::serializer::{FORMATS, format_by_name, format_of_file};
use crate::sink::sorted::is_sortable;
use oxigraph::io::RdfFormat;
use serde::Serialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Opens an output file, or standard output for `-`; a file whose name says so is compressed with as
/// many threads as the machine has.
pub(crate) fn open(path: &Path) -> Result<Output, SinkError> {
    if is_standard(path) {
        Ok(Output::standard())
    } else {
        Output::file(path)
    }
}

/// Does the same with another number of threads.
pub(crate) fn open_with_threads(path: &Path, threads: usize) -> Result<Output, SinkError> {
    if is_standard(path) {
        Ok(Output::standard())
    } else {
        Output::file_with_threads(path, threads)
    }
}

/// Writes a text to standard output.
pub(crate) fn print(text: &str) -> Result<(), SinkError> {
    write_to(Output::standard(), text)
}

/// Writes a text to a file in full, or to standard output for `-`.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(write_to(open(path)?, text)?)
}

fn write_to(mut output: Output, text: &str) -> Result<(), SinkError> {
    output
        .write_all(text.as_bytes())
        .map_err(|error| Output::error(output.name(), error))?;
    output.commit()
}

/// A value as JSON for people and programs, with a line end.
pub(crate) fn json(value: &impl Serialize) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new("output::json", error.to_string()))?;
    text.push('\n');
    Ok(text)
}

/// A row of [`csv`]: severity, code, file, row, line, column, its name, value, message, help, rule.
pub(crate) type CsvRow = [String; 11];

/// Diagnostics and what else there is as CSV, a row each, for people who mend tables in a spreadsheet.
pub(crate) fn csv(diagnostics: &Diagnostics, more: &[CsvRow]) -> Result<String, Failure> {
    let fail = |error: String| Failure::new("output::csv", error);
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "severity",
        "code",
        "file",
        "row",
        "line",
        "column",
        "column_name",
        "value",
        "message",
        "help",
        "rule",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    for found in diagnostics.iter() {
        let place = &found.location;
        rows.push([
            found.severity.as_str().to_owned(),
            found.code.to_owned(),
            place.source.clone().unwrap_or_default(),
            number(place.source_row),
            number(place.line),
            number(place.column),
            place.column_name.clone().unwrap_or_default(),
            found.value.clone().unwrap_or_default(),
            found.message.clone(),
            found.help.clone().unwrap_or_default(),
            match (&place.document, &place.json_pointer) {
                (Some(document), Some(pointer)) => format!("{document}#{pointer}"),
                (_, pointer) => pointer.clone().unwrap_or_default(),
            },
        ]);
    }
    for rest in diagnostics.suppressed() {
        let mut row = [const { String::new() }; 11];
        "note".clone_into(&mut row[0]);
        rest.code.clone_into(&mut row[1]);
        row[2] = rest.source;
        row[6] = rest.column_name;
        row[8] = format!("{} more like these", rest.count);
        rows.push(row);
    }
    rows.extend_from_slice(more);
    for row in rows {
        writer
            .write_record(row)
            .map_err(|error| fail(error.to_string()))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| fail(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a path stands for standard output.
pub(crate) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A path without the ending of a compression, which tells nothing of the format.
pub(crate) fn uncompressed(path: &Path) -> PathBuf {
    match path.to_str() {
        Some(name) => PathBuf::from(Compression::split(name).0),
        None => path.to_owned(),
    }
}

/// The format named, else the one that the file's name stands for, else the default.
pub(crate) fn rdf_format(
    named: Option<&str>,
    path: &Path,
    default: RdfFormat,
) -> Result<RdfFormat, Failure> {
    if let Some(format) = named.and_then(format_by_name) {
        return Ok(format);
    }
    if is_standard(path) {
        return Ok(default);
    }
    let name = path.to_string_lossy();
    match format_of_file(&name) {
        Some(format) => Ok(format),
        None if uncompressed(path).extension().is_none() => Ok(default),
        None => Err(unknown_format(&name, FORMATS.iter().map(|(name, _)| *name))),
    }
}

/// Refuses to sort what has no order.
pub(crate) fn check_sortable(format: Option<RdfFormat>) -> Result<(), Failure> {
    if format.is_some_and(is_sortable) {
        return Ok(());
    }
    let known = FORMATS.iter().find(|(_, known)| Some(*known) == format);
    let name = known.map_or(JSON, |(name, _)| *name);
    let sortable = FORMATS.iter().filter(|(_, format)| is_sortable(*format));
    let sortable: Vec<&str> = sortable.map(|(name, _)| *name).collect();
    Err(Diagnostic::error(
        "cli::sorted",
        format!("`{name}` cannot be written sorted"),
        Location::default(),
    )
    .with_help(format!(
        "write one of {}, or leave `--sorted` out",
        sortable.join(", ")
    ))
    .into())
}

/// The name of a file tells no format.
pub(crate) fn unknown_format<'a>(file: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let known: Vec<&str> = known.collect();
    Failure::from(
        Diagnostic::error(
            "output::unknown-format",
            format!("the name `{file}` does not tell the format"),
            Location::of_source(file),
        )
        .with_help(format!("add `--format` with one of {}", known.join(", "))),
    )
}
