//! The destinations of a plan beside its output: the logical targets of mappings.
//!
//! In: a plan with destinations. Out: a file for each, written by a run of the part of the plan that goes there;
//! all are put under their names together, once all were written.

use super::exit::Failure;
use super::places::{self, refuse};
use crate::compression::Compression;
use crate::diagnostic::Diagnostics;
use crate::engine::{self, Duplicates, OnError, RunError, RunOptions, Syntax, TextOptions};
use crate::plan::{Destination, Plan};
use crate::rdf::prefixes::Prefixes;
use crate::sink::file::Complete;
use crate::sink::target::{Target, TargetFile, TargetFormat, TargetSink, TextEncoding};
use crate::table::Sources;
use std::path::PathBuf;

/// How targets are written.
pub(crate) struct TargetOptions<'o> {
    pub prefixes: &'o Prefixes,
    pub threads: usize,
    pub memory: usize,
    pub duplicates: Duplicates,
}

/// Writes the destinations of a plan; they are complete, but not in their places.
///
/// # Errors
/// When a destination is not sound, cannot be written, or the run ends early.
pub(crate) fn write(
    plan: &Plan,
    sources: &Sources,
    options: &TargetOptions<'_>,
    diagnostics: &mut Diagnostics,
    run: &mut RunOptions<'_>,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<Complete>, Failure> {
    let mut targets: Vec<(Target, Vec<usize>)> = Vec::new();
    for (number, destination) in plan.destinations.iter().enumerate() {
        let target = target(destination)?;
        // Two names for one file.
        match targets
            .iter_mut()
            .find(|(known, _)| places::identity(&known.path) == places::identity(&target.path))
        {
            Some((known, numbers)) if is_alike(known, &target) => numbers.push(number),
            Some(_) => {
                return Err(refuse(
                    destination,
                    format!(
                        "two logical targets write `{}` in two ways",
                        target.path.display()
                    ),
                    "give one of them another path",
                ));
            }
            None => targets.push((target, vec![number])),
        }
    }
    // Rows are kept once.
    let skips = matches!(run.on_error, OnError::Skip(_));
    if skips {
        run.on_error = OnError::Skip(None);
    }
    let mut complete = Vec::new();
    for (target, numbers) in targets {
        let mut part = plan.part_for(Some(&numbers), skips);
        if !has_graphs(target.format) {
            part.without_graphs();
        }
        // What is wrong was told by the run before, as a rule.
        let mut found = Diagnostics::new();
        let done = write_one(&part, &target, sources, options, &mut found, run, go_on);
        let rejected = done.as_ref().map_or(0, |(_, rejected)| *rejected);
        // Rows that are left out were told in full, whichever of their faults was found first here.
        if !skips || found.errors() > rejected {
            diagnostics.append_new(&found);
        }
        complete.push(done?.0);
    }
    Ok(complete)
}

// Whether two targets are written in the same way.
fn is_alike(one: &Target, other: &Target) -> bool {
    let path = one.path.clone();
    *one == Target {
        path,
        ..other.clone()
    }
}

fn has_graphs(format: TargetFormat) -> bool {
    matches!(
        format,
        TargetFormat::NQuads | TargetFormat::TriG | TargetFormat::JsonLd
    )
}

// Writes a target; gives how many errors there were in rows that are left out, too.
fn write_one(
    part: &Plan,
    target: &Target,
    sources: &Sources,
    options: &TargetOptions<'_>,
    diagnostics: &mut Diagnostics,
    run: &mut RunOptions<'_>,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<(Complete, u64), Failure> {
    let syntax = match target.format {
        TargetFormat::NTriples => Syntax::NTriples,
        TargetFormat::NQuads => Syntax::NQuads,
        TargetFormat::Turtle | TargetFormat::N3 => Syntax::Turtle,
        TargetFormat::TriG => Syntax::TriG,
        TargetFormat::JsonLd | TargetFormat::RdfXml | TargetFormat::RdfJson => {
            let mut sink =
                TargetSink::create(target, options.prefixes, options.memory, options.threads)?;
            let report = engine::run(part, sources, &mut sink, diagnostics, run)?;
            return Ok((sink.finish(go_on)?, report.rejected_errors()));
        }
    };
    let mut file = TargetFile::create(target, options.threads)?;
    let text = TextOptions {
        syntax,
        prefixes: options.prefixes,
        duplicates: options.duplicates,
        threads: options.threads,
        piece: engine::PIECE,
    };
    let name = file.name().to_owned();
    let result = engine::run_text(part, sources, &mut file, &name, &text, diagnostics, run);
    let rejected = match result {
        Ok(report) => report.rejected_errors(),
        Err(RunError::Stopped) => 0,
        Err(error) => return Err(error.into()),
    };
    Ok((file.complete()?, rejected))
}

fn target(destination: &Destination) -> Result<Target, Failure> {
    let Some(format) = TargetFormat::by_name(&destination.format) else {
        return Err(refuse(
            destination,
            format!("`{}` is no serialization", destination.format),
            "use one such as N-Quads or Turtle",
        ));
    };
    let compression = match destination.compression.as_deref() {
        // Not what the name tells: a mapping says it or it is not.
        None => None,
        Some(name) => match Compression::named(name) {
            Some(known) => known,
            None => {
                return Err(refuse(
                    destination,
                    format!("`{name}` is not a compression that is known"),
                    "rml:none, rml:gzip, rml:zip, rml:targz and rml:tarxz are",
                ));
            }
        },
    };
    Ok(Target {
        path: PathBuf::from(&destination.path),
        format,
        compression,
        encoding: if destination.encoding.contains("16") {
            TextEncoding::Utf16
        } else {
            TextEncoding::Utf8
        },
    })
}
