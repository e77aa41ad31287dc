//! `translate`: a mapping in another language.

use crate::cli::action::Actions;
use crate::cli::args::TranslateArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::mapping::{self, Document};
use crate::cli::{Context, estimate, output, places};
use crate::diagnostic::Diagnostics;
use crate::mapping::csvw::{Mode, Options, Purpose};
use crate::mapping::rml::model::{Mapping, Root, Rows};
use crate::mapping::rml::raise::{TableName, raise};
use crate::mapping::rml::write::write;
use crate::rdf::iri;
use std::path::{Component, Path, PathBuf};

pub(crate) fn run(args: &TranslateArgs, context: &mut Context) -> Result<Outcome, Failure> {
    places::check_output(&args.output, &args.files, "translated")?;
    let mut diagnostics = Diagnostics::new();
    let mapping = if !mapping::are_mappings(&args.files)? {
        of_tables(args, context, &mut diagnostics)?
    } else {
        let (mapping, documents) = mapping::read_all(&args.files, &mut diagnostics)?;
        mapping.map(|mapping| moved(mapping, &documents, args))
    };
    let text = mapping.map(|mapping| write(&mapping, &mut diagnostics));
    context.reporter.diagnostics(&diagnostics);
    match text {
        Some(text) if diagnostics.errors() == 0 => {
            output::write(&args.output, &text)?;
            Ok(Outcome::Done)
        }
        _ => Ok(Outcome::CouldNotRun),
    }
}

// The folder that paths of the new mapping are relative to.
fn folder(args: &TranslateArgs) -> PathBuf {
    let file = if output::is_standard(&args.output) {
        args.files.first().map_or(Path::new("."), Path::new)
    } else {
        &args.output
    };
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    absolute.parent().unwrap_or(&absolute).to_owned()
}

fn of_tables(
    args: &TranslateArgs,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Mapping>, Failure> {
    let options = Options {
        mode: Mode::Minimal,
        purpose: Purpose::Convert,
        lenient: args.source.lenient,
        iri_per_item: false,
        provenance: false,
    };
    let actions = Actions::new(&args.files, &args.source, context.global.base.as_deref())?;
    let Some(plan) = actions.plan(&options, diagnostics) else {
        return Ok(None);
    };
    let folder = folder(args);
    let tables: Vec<TableName> = plan
        .scans
        .iter()
        .map(|scan| {
            let name = actions.sources.display_name(&scan.source);
            TableName {
                path: if name == scan.source {
                    name
                } else {
                    relative(&folder, Path::new(&name))
                },
                header: estimate::of_table(&scan.source, &scan.dialect, &actions.sources).header,
            }
        })
        .collect();
    let document = iri::from_path(&folder.join("mapping.ttl"));
    let mut mapping = raise(&plan, &tables, &document, diagnostics);
    let prefixes = super::convert::prefixes(context);
    let prefixes = prefixes.iter();
    mapping.prefixes = prefixes
        .map(|(prefix, namespace)| (prefix.to_owned(), namespace.to_owned()))
        .collect();
    Ok(Some(mapping))
}

// The same mapping in another folder.
fn moved(mut mapping: Mapping, documents: &[Document], args: &TranslateArgs) -> Mapping {
    let folder = folder(args);
    for logical in &mut mapping.sources {
        let Rows::Source(source) = &mut logical.rows else {
            continue;
        };
        let from = documents
            .iter()
            .find(|document| *document.name == *logical.place.document)
            .or(documents.first());
        let path = source.path.value.as_str();
        let is_of_mapping = matches!(source.root, Root::Unstated | Root::MappingDirectory);
        if let Some(from) = from
            && from.folder != folder
            && is_of_mapping
            && !path.contains("://")
            && Path::new(path).is_relative()
        {
            source.path.value = relative(&folder, &from.folder.join(path));
        }
    }
    mapping
}

// A path as it is written in a folder, with `/` between its parts.
fn relative(folder: &Path, path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let common = folder
        .components()
        .zip(path.components())
        .take_while(|(one, other)| one == other)
        .count();
    // Two drives have nothing in common.
    if common == 0 {
        return path.display().to_string();
    }
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = path
        .components()
        .skip(common)
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            Component::ParentDir => Some("..".to_owned()),
            _ => None,
        });
    up.chain(down).collect::<Vec<_>>().join("/")
}
