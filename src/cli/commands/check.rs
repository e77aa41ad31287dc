//! `check MAPPING…`: what is wrong with a mapping, and what is odd.

use crate::cli::args::{CheckArgs, MappingArgs};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, action, mapping, verdict};
use crate::diagnostic::Diagnostics;
use crate::mapping::rml::lint;

pub(crate) fn run(args: &CheckArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let mut diagnostics = Diagnostics::new();
    let mut watch = lint::check_statements;
    let (found, documents) = mapping::read_watched(&args.files, &mut diagnostics, &mut watch)?;
    let mut rows = None;
    let is_read = found.is_some();
    if let Some(found) = found {
        let base = context.global.base.as_deref();
        let mapping_args = MappingArgs {
            mapping: args.files.clone(),
            source_dir: args.source_dir.clone(),
            empty_cells: args.empty_cells,
            missing_columns: args.missing_columns,
            ragged_rows: args.ragged_rows,
            ..MappingArgs::default()
        };
        let options = mapping::options(&documents, &mapping_args, base);
        lint::check_mapping(&found, &options, &mut diagnostics);
        if !args.mapping_only {
            let mut sources = action::sources(&args.map_url, &args.network)?;
            let plan = mapping::lower(
                &found,
                &documents,
                &mapping_args,
                base,
                &mut sources,
                &mut diagnostics,
            );
            drop(plan);
            // What can be read is looked at, whatever is wrong elsewhere.
            let mut go_on = || !context.interrupt.happened();
            rows = lint::check_rows(&found, &mut sources, &options, &mut diagnostics, &mut go_on);
            if rows.is_none() {
                return Err(Failure::Interrupted);
            }
        }
    }
    context.reporter.diagnostics(&diagnostics);
    verdict::write(&args.format, &args.output, &diagnostics, rows)?;
    if !is_read && diagnostics.errors() == 0 {
        return Ok(Outcome::CouldNotRun);
    }
    Ok(match diagnostics.errors() {
        0 => Outcome::Done,
        _ => Outcome::Errors,
    })
}
