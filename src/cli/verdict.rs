//! What is wrong with tables or a mapping, as a report.
//!
//! In: diagnostics. Out: text, JSON, CSV or SARIF.

use super::exit::Failure;
use super::{output, sarif};
use crate::diagnostic::{Diagnostic, Diagnostics, Suppressed};
use serde::Serialize;
use std::path::Path;

/// The report, as it is written in JSON.
#[derive(Serialize)]
struct Verdict<'a> {
    conforms: bool,
    errors: u64,
    warnings: u64,
    rows: Option<u64>,
    diagnostics: Vec<&'a Diagnostic>,
    suppressed: Vec<Suppressed>,
}

/// Writes the report to a file or standard output.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(
    format: &str,
    output: &Path,
    diagnostics: &Diagnostics,
    rows: Option<u64>,
) -> Result<(), Failure> {
    let text = match format {
        "json" => output::json(&Verdict {
            conforms: diagnostics.errors() == 0,
            errors: diagnostics.errors(),
            warnings: diagnostics.warnings(),
            rows,
            diagnostics: diagnostics.iter().collect(),
            suppressed: diagnostics.suppressed(),
        })?,
        "csv" => output::csv(diagnostics, &[])?,
        "sarif" => output::json(&sarif::log(diagnostics, &[]))?,
        _ => as_text(diagnostics, rows.unwrap_or_default()),
    };
    output::write(output, &text)
}

fn as_text(diagnostics: &Diagnostics, rows: u64) -> String {
    let count = |number: u64, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    let verdict = match (diagnostics.errors(), diagnostics.warnings()) {
        (0, 0) => "valid".to_owned(),
        (0, warnings) => format!("valid, with {}", count(warnings, "warning")),
        (errors, 0) => format!("not valid: {}", count(errors, "error")),
        (errors, warnings) => format!(
            "not valid: {}, {}",
            count(errors, "error"),
            count(warnings, "warning")
        ),
    };
    format!("{verdict} ({} read)\n", count(rows, "row"))
}
