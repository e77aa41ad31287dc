//! `merge`: the parts of a conversion put together.

use crate::cli::args::MergeArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::sink::merge::MergeError;
use crate::sink::part::Parts;
use crate::sink::serializer::{FORMATS, format_of_file};
use oxigraph::io::RdfFormat;

pub(crate) fn run(args: &MergeArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let mut diagnostics = Diagnostics::new();
    let Some(parts) = Parts::find(&args.folder, &mut diagnostics)? else {
        context.reporter.diagnostics(&diagnostics);
        return Ok(Outcome::CouldNotRun);
    };
    check_format(args, parts.format)?;
    if parts
        .parts
        .iter()
        .any(|part| is_same(&part.path, &args.output))
    {
        return Err(Diagnostic::error(
            "cli::output-is-input",
            "the output would take the place of a part",
            Location::of_source(args.output.display().to_string()),
        )
        .with_help("give `--output` another name")
        .into());
    }
    let mut file = output::open(&args.output)?;
    let interrupt = context.interrupt.clone();
    let mut go_on = || !interrupt.happened();
    let merged = parts
        .check(args.memory, &mut diagnostics, &mut go_on)
        .and_then(|checked| checked.write(&mut file, &mut go_on));
    context.reporter.diagnostics(&diagnostics);
    match merged {
        Ok(merged) => {
            file.commit()?;
            context.reporter.message(&format!(
                "{} parts, {} statements, {} repeated ones left out",
                parts.parts.len(),
                merged.statements,
                merged.repeated
            ));
            Ok(Outcome::Done)
        }
        Err(MergeError::Changed) => Ok(Outcome::CouldNotRun),
        Err(error) => Err(error.into()),
    }
}

fn is_same(one: &std::path::Path, other: &std::path::Path) -> bool {
    one.canonicalize()
        .is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

// Nothing is turned into another format on the way; N-Triples are N-Quads too.
fn check_format(args: &MergeArgs, format: RdfFormat) -> Result<(), Failure> {
    let asked = match format_of_file(&args.output.to_string_lossy()) {
        Some(asked) if !output::is_standard(&args.output) => asked,
        _ => return Ok(()),
    };
    if asked == format || (asked == RdfFormat::NQuads && format == RdfFormat::NTriples) {
        return Ok(());
    }
    let name = |format| {
        let known = FORMATS.iter().find(|(_, known)| *known == format);
        known.map_or("another format", |(name, _)| name)
    };
    let (of_parts, ending) = if format == RdfFormat::NQuads {
        ("nquads", "nq")
    } else {
        ("ntriples", "nt")
    };
    Err(Diagnostic::error(
        "merge::format",
        format!(
            "the parts are in `{of_parts}`, and the name of the output stands for `{}`",
            name(asked)
        ),
        Location::of_source(args.output.display().to_string()),
    )
    .with_help(format!(
        "give it a name that ends in `.{ending}`, and turn that into another format"
    ))
    .into())
}
