//! How diagnostics look: with the source line, on one line, or as JSON.
//!
//! In: [`Diagnostics`]. Out: text on standard error.

use super::args::{ColorChoice, Global, MessageFormat};
use super::lines::Lines;
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, Title};
use std::collections::HashMap;
use std::io::Write as _;
use std::ops::Range;

/// Writes messages to standard error.
pub(crate) struct Reporter {
    format: MessageFormat,
    quiet: bool,
    lines: Lines,
    texts: HashMap<String, String>,
}

impl Reporter {
    /// As the global options say.
    pub(crate) fn new(global: &Global) -> Self {
        match global.color {
            ColorChoice::Auto => {}
            ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
            ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self {
            format: global.message_format,
            quiet: global.quiet,
            lines: Lines::default(),
            texts: HashMap::new(),
        }
    }

    /// Keeps a text that is not in a file, such as standard input, for snippets.
    pub(crate) fn remember(&mut self, source: &str, text: &str) {
        self.texts.insert(source.to_owned(), text.to_owned());
    }

    /// Writes a line for people, unless they want quiet.
    pub(crate) fn message(&self, text: &str) {
        if self.quiet {
            return;
        }
        if self.format == MessageFormat::Json {
            let value = serde_json::json!({ "message": text });
            drop(writeln!(anstream::stderr(), "{value}"));
        } else {
            drop(writeln!(anstream::stderr(), "{text}"));
        }
    }

    /// Writes a text for people, or the same as JSON on one line, unless they want quiet.
    pub(crate) fn report(&self, text: &str, value: &impl serde::Serialize) {
        if self.quiet {
            return;
        }
        if self.format == MessageFormat::Json {
            let value = serde_json::to_string(value).unwrap_or_default();
            drop(writeln!(anstream::stderr(), "{value}"));
        } else {
            drop(writeln!(anstream::stderr(), "{text}"));
        }
    }

    /// Writes all diagnostics and how many more there are.
    pub(crate) fn diagnostics(&mut self, diagnostics: &Diagnostics) {
        self.read_lines(diagnostics.iter());
        for diagnostic in diagnostics.iter() {
            self.write(diagnostic);
        }
        for rest in diagnostics.suppressed() {
            let column = if rest.column_name.is_empty() {
                String::new()
            } else {
                format!(", column `{}`", rest.column_name)
            };
            let source = match rest.source.as_str() {
                "" => "other places",
                source => source,
            };
            let text = format!("{} more {} in {source}{column}", rest.count, rest.code);
            if self.format == MessageFormat::Json {
                let value = serde_json::to_string(&rest).unwrap_or_default();
                drop(writeln!(anstream::stderr(), "{{\"suppressed\":{value}}}"));
            } else {
                drop(writeln!(anstream::stderr(), "{text}"));
            }
        }
    }

    /// Writes one diagnostic.
    pub(crate) fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        self.read_lines(std::iter::once(diagnostic));
        self.write(diagnostic);
    }

    fn shows(&self, diagnostic: &Diagnostic) -> bool {
        !self.quiet || diagnostic.severity == Severity::Error
    }

    // Reads the lines that are to be shown, of all diagnostics at once.
    fn read_lines<'a>(&mut self, diagnostics: impl Iterator<Item = &'a Diagnostic>) {
        let mut wanted = Vec::new();
        if self.format == MessageFormat::Full {
            for diagnostic in diagnostics.filter(|diagnostic| self.shows(diagnostic)) {
                let location = &diagnostic.location;
                if let (Some(source), Some(line)) = (&location.source, location.line)
                    && !self.texts.contains_key(source)
                {
                    wanted.push((source.as_str(), line));
                }
            }
        }
        self.lines.read(wanted.into_iter());
    }

    fn write(&self, diagnostic: &Diagnostic) {
        if !self.shows(diagnostic) {
            return;
        }
        let text = match self.format {
            MessageFormat::Json => serde_json::to_string(diagnostic).unwrap_or_default(),
            MessageFormat::Short => short(diagnostic),
            MessageFormat::Full => self.full(diagnostic),
        };
        drop(writeln!(anstream::stderr(), "{text}"));
    }

    fn full(&self, diagnostic: &Diagnostic) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code);
        let location = &diagnostic.location;
        let label = place_in_table(location);
        let mut group = match self.snippet(location) {
            Some((line, text, span)) => {
                let mut annotation = AnnotationKind::Primary.span(span);
                if !label.is_empty() {
                    annotation = annotation.label(label);
                }
                title.element(
                    Snippet::source(text)
                        .path(location.source.clone())
                        .line_start(usize::try_from(line).unwrap_or(1))
                        .annotation(annotation),
                )
            }
            None => match &location.source {
                Some(source) => {
                    let mut origin = Origin::path(source.as_str());
                    if let Some(line) = location.line {
                        origin = origin.line(usize::try_from(line).unwrap_or(1));
                    }
                    let group = title.element(origin);
                    if label.is_empty() {
                        group
                    } else {
                        group.element(Level::NOTE.message(label))
                    }
                }
                None => return without_place(&title, diagnostic),
            },
        };
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let is_table = location.source_row.is_some() || location.column_name.is_some();
        let rule = location
            .json_pointer
            .as_ref()
            .filter(|pointer| !pointer.is_empty() && (is_table || location.line.is_none()))
            .map(|pointer| match (&location.document, location.line) {
                (Some(document), _) => format!("the rule stands at `{pointer}` in `{document}`"),
                (None, Some(_)) => format!("the rule stands at `{pointer}` in the metadata"),
                (None, None) => format!("it stands at `{pointer}`"),
            });
        if let Some(rule) = rule {
            group = group.element(Level::NOTE.message(rule));
        }
        if let Some(spec) = diagnostic.spec {
            group = group.element(Level::NOTE.message(spec));
        }
        Renderer::styled().render(&[group])
    }

    // The line at fault, its number, and the bytes of it to mark.
    fn snippet(&self, location: &Location) -> Option<(u64, String, Range<usize>)> {
        let source = location.source.as_ref()?;
        let number = location.line?;
        let text = match self.texts.get(source) {
            Some(text) => {
                let index = usize::try_from(number.checked_sub(1)?).ok()?;
                text.lines().nth(index)?.to_owned()
            }
            None => self.lines.get(source, number)?.to_owned(),
        };
        // In a table a column is a cell, unless a byte is named.
        let in_table = (location.source_row.is_some() || location.column_name.is_some())
            && location.byte_span.is_none();
        let span = match (location.column, &location.byte_span) {
            (Some(column), _) if in_table => cell_span(&text, usize::try_from(column).ok()?),
            (Some(column), span) => {
                let start = text
                    .char_indices()
                    .nth(usize::try_from(column).ok()?.saturating_sub(1))
                    .map_or(text.len(), |(at, _)| at);
                let length = span
                    .as_ref()
                    .map_or(1, |span| span.end.saturating_sub(span.start));
                let end = (start + length).min(text.len());
                Some(start..end)
            }
            _ => None,
        };
        let span = span
            .filter(|span| text.is_char_boundary(span.start) && text.is_char_boundary(span.end))
            .unwrap_or(0..text.len());
        Some((number, text, span))
    }
}

// The renderer draws a margin even where there is no source to show.
fn without_place(title: &Title<'_>, diagnostic: &Diagnostic) -> String {
    let mut text = Renderer::styled().render(&[Group::with_title(title.clone())]);
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("\n  = help: {help}"));
    }
    text
}

fn short(diagnostic: &Diagnostic) -> String {
    let location = &diagnostic.location;
    let mut place = location.source.clone().unwrap_or_default();
    for number in [location.line, location.text_column()]
        .into_iter()
        .flatten()
    {
        place.push_str(&format!(":{number}"));
    }
    let separator = if place.is_empty() { "" } else { " " };
    format!(
        "{}[{}] {place}{separator}{}",
        diagnostic.severity.as_str(),
        diagnostic.code,
        diagnostic.message
    )
}

fn place_in_table(location: &Location) -> String {
    let mut parts = Vec::new();
    if let Some(row) = location.source_row {
        parts.push(format!("row {row}"));
    }
    if let Some(name) = &location.column_name {
        parts.push(match location.column {
            Some(number) if location.byte_span.is_none() => format!("column {number} `{name}`"),
            _ => format!("column `{name}`"),
        });
    }
    parts.join(", ")
}

// The bytes of a cell in a line, with its quotes; good enough to point at.
fn cell_span(line: &str, column: usize) -> Option<Range<usize>> {
    let mut start = 0;
    let mut number = 1;
    let mut quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' | b';' | b'\t' if !quoted => {
                if number == column {
                    return Some(start..at);
                }
                number += 1;
                start = at + 1;
            }
            _ => {}
        }
    }
    (number == column).then_some(start..line.len())
}
