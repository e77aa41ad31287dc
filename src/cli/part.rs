//! One part of a conversion: `convert --shard`.
//!
//! In: the shard and the options of `convert`. Out: where its part goes, and a manifest beside it.

use super::args::{ConvertArgs, JSON};
use super::exit::Failure;
use super::output;
use crate::diagnostic::{Diagnostic, Location};
use crate::engine::{RunReport, Shard};
use crate::plan::Plan;
use crate::sink::SinkError;
use crate::sink::file::{Digest, Output};
use crate::sink::part::{self, MOST_PARTS, Manifest, PartOfTable};
use crate::sink::serializer::{FORMATS, format_by_name};
use crate::table::Sources;
use oxigraph::io::RdfFormat;
use std::fmt::{self, Write as _};
use std::path::PathBuf;

/// The program, as manifests name it.
const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// Parses a shard such as `2/8`.
pub(crate) fn parse_shard(text: &str) -> Result<Shard, String> {
    let number = |text: &str| text.parse().ok().filter(|number| *number <= MOST_PARTS);
    text.split_once('/')
        .and_then(|(shard, of)| Shard::new(number(shard)?, number(of)?))
        .ok_or_else(|| {
            format!("expected a part and their number, such as `1/8`, up to {MOST_PARTS}")
        })
}

/// Where a part goes.
pub(crate) struct Part {
    shard: Shard,
    folder: PathBuf,
    /// Its format.
    pub(crate) format: RdfFormat,
    ending: &'static str,
}

impl Part {
    /// The part that the options ask for, if they do.
    ///
    /// # Errors
    /// When its format has not one statement on each line, or there is no folder for it.
    pub(crate) fn of(args: &ConvertArgs) -> Result<Option<Self>, Failure> {
        let Some(shard) = args.shard else {
            return Ok(None);
        };
        let refuse = |message: &str, help: &str| {
            Failure::from(
                Diagnostic::error("cli::shard", message, Location::default()).with_help(help),
            )
        };
        if output::is_standard(&args.output) {
            return Err(refuse(
                "`--shard` writes a part into a folder, and none is named",
                "name it with `--output DIR`",
            ));
        }
        let name = args.format.as_deref().unwrap_or("ntriples");
        let format = match format_by_name(name) {
            Some(format) if name != JSON => Some(format),
            _ => None,
        };
        let found = format.and_then(|format| Some((format, part::ending(format)?)));
        let Some((format, ending)) = found else {
            return Err(refuse(
                &format!("parts in `{name}` cannot be merged"),
                "write `--format ntriples` or `--format nquads`",
            ));
        };
        Ok(Some(Self {
            shard,
            folder: args.output.clone(),
            format,
            ending,
        }))
    }

    /// Opens its file, in a folder that is made where it is not there.
    pub(crate) fn open(&self) -> Result<Output, SinkError> {
        std::fs::create_dir_all(&self.folder)
            .map_err(|error| Output::error(&self.folder.display().to_string(), error))?;
        let name = part::file_name(self.shard.number(), self.shard.of(), self.ending);
        Ok(Output::file(&self.folder.join(name))?.with_digest())
    }

    /// Puts it under its name, and a manifest beside it.
    pub(crate) fn commit(
        &self,
        file: Output,
        report: &RunReport,
        conversion: String,
    ) -> Result<(), SinkError> {
        let format = FORMATS.iter().find(|(_, format)| *format == self.format);
        let tables = report.tables.iter().map(|table| PartOfTable {
            table: table.table.clone(),
            rows: table.rows,
        });
        let manifest = Manifest {
            program: PROGRAM.to_owned(),
            shard: self.shard.number(),
            of: self.shard.of(),
            format: format.map_or("", |(name, _)| name).to_owned(),
            conversion,
            statements: 0,
            tables: tables.collect(),
            bytes: 0,
            sha256: String::new(),
        };
        let manifest = manifest.with_digest(file.digest().unwrap_or(&Digest::default()));
        file.commit()?;
        manifest.write(&self.folder)
    }
}

/// Tells conversions apart: SHA-256 over the program, the plan, whether rows that fail
/// are left out, and the sizes of the sources.
pub(crate) fn conversion(plan: &Plan, sources: &Sources, skips: bool) -> String {
    let mut text = Text(Digest::default());
    // Taking a digest does not fail.
    let _ = write!(text, "{PROGRAM}\n{plan:?}\n");
    if skips {
        let _ = writeln!(text, "rows that fail are left out");
    }
    for scan in &plan.scans {
        let _ = writeln!(text, "{} {:?}", scan.source, sources.size(&scan.source));
    }
    text.0.sha256()
}

struct Text(Digest);

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_a_number_of_how_many() {
        assert_eq!(parse_shard("2/8").ok(), Shard::new(2, 8));
        for wrong in [
            "0/8", "9/8", "1", "1/", "/2", "-1/2", "1/0", "1/100000", "1/2/3",
        ] {
            assert!(parse_shard(wrong).is_err(), "{wrong}");
        }
    }
}
