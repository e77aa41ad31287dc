//! `convert`: tables to RDF, without a store.

use crate::cli::action::Actions;
use crate::cli::args::ConvertArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::Diagnostics;
use crate::engine::{self, RunOptions, Severities};
use crate::mapping::csvw::{self, Mode, Options, Purpose};
use crate::rdf::prefixes::Prefixes;
use crate::sink::serializer::Serializer;
use crate::sink::turtle::Layout;
use oxigraph::io::RdfFormat;

pub(crate) fn run(args: &ConvertArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let format = output::rdf_format(args.format.as_deref(), &args.output, RdfFormat::Turtle)?;
    let options = Options {
        mode: if args.minimal {
            Mode::Minimal
        } else {
            Mode::Standard
        },
        purpose: Purpose::Convert,
        lenient: args.source.lenient,
        iri_per_item: args.iri_per_item,
        provenance: !args.no_prov,
    };
    let actions = Actions::new(&args.files, &args.source, context.global.base.as_deref())?;
    let mut diagnostics = Diagnostics::new();
    let Some(plan) = actions.plan(&options, &mut diagnostics) else {
        context.reporter.diagnostics(&diagnostics);
        return Ok(Outcome::CouldNotRun);
    };
    let prefixes = prefixes(context);
    let file = output::open(&args.output)?;
    let name = file.name().to_owned();
    let mut sink = Serializer::new(&name, format, Layout::Streaming, &prefixes, file)?;
    let mut display = context.display();
    let mut options = RunOptions {
        severities: Severities::CONVERT,
        observer: &mut |progress| display.step(progress),
    };
    let result = engine::run(
        &plan,
        &actions.sources,
        &mut sink,
        &mut diagnostics,
        &mut options,
    );
    drop(display);
    context.reporter.diagnostics(&diagnostics);
    let report = result?;
    if !report.is_readable() {
        return Ok(Outcome::CouldNotRun);
    }
    if diagnostics.errors() > 0 {
        return Ok(Outcome::Errors);
    }
    sink.finish()?.commit()?;
    Ok(Outcome::Done)
}

// The prefixes of the project that the command is run in, else those of CSVW.
fn prefixes(context: &Context) -> Prefixes {
    // A folder that is no sound project does not concern a conversion.
    if let Ok(project) = context.project()
        && project.folder().is_some()
    {
        return project.prefixes;
    }
    let mut prefixes = Prefixes::well_known();
    for (prefix, namespace) in csvw::names::PREFIXES {
        let known = prefixes.iter().any(|(_, known)| known == *namespace);
        if !known {
            // What cannot be a prefix is written in full.
            drop(prefixes.insert(*prefix, *namespace));
        }
    }
    prefixes
}
