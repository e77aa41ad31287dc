//! `init`: a draft of metadata for tables that have none.

use crate::cli::args::InitArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, action, output};
use crate::compression::Compression;
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use crate::draft::{self, Source, TableReasons};
use crate::mapping::csvw::locate;
use crate::rdf::iri;
use crate::table::Sources;
use oxilangtag::LanguageTag;
use std::path::{Component, Path, PathBuf};
use unicode_width::UnicodeWidthStr as _;

/// The name that processors look for beside a table.
const FILE_NAME: &str = "csv-metadata.json";

pub(crate) fn run(args: &InitArgs, context: &mut Context) -> Result<Outcome, Failure> {
    if let Some(tag) = &args.lang
        && LanguageTag::parse(tag.as_str()).is_err()
    {
        return Err(Failure::new(
            "cli::language",
            format!("`{tag}` is not a language tag"),
        ));
    }
    let tables = tables(&args.files)?;
    let folder = tables[0].parent().unwrap_or(Path::new("/"));
    let target = match &args.output {
        Some(path) => path.clone(),
        // As the user would write it.
        None => args.files[0].with_file_name(FILE_NAME),
    };
    let is_standard = output::is_standard(&target);
    if !is_standard {
        check_target(&target, &tables, args.force)?;
    }
    // What goes to standard output is taken to be kept beside the first table.
    let document = if is_standard {
        folder.join(FILE_NAME)
    } else {
        absolute(&target)
    };
    let document = iri::from_path(&document);
    let inputs: Vec<Source> = tables
        .iter()
        .map(|path| {
            let table = iri::from_path(path);
            Source {
                url: iri::relative(&document, &table),
                stem: Path::new(Compression::split(&path.to_string_lossy()).0)
                    .file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned())
                    .unwrap_or_default(),
                iri: table,
            }
        })
        .collect();
    let sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let mut display = context.display();
    let drafted = draft::draft(
        &inputs,
        &sources,
        args.lang.as_deref(),
        &mut diagnostics,
        &mut |progress| display.step_reading(progress),
    );
    drop(display);
    sources.name_parts(&mut diagnostics);
    let drafted = match drafted {
        Ok(drafted) => drafted,
        Err(error) => {
            context.reporter.diagnostics(&diagnostics);
            return Err(error.into());
        }
    };
    output::write(&target, &drafted.document.to_json())?;
    for reasons in &drafted.reasons {
        context.reporter.report(&told(reasons), reasons);
    }
    context.reporter.diagnostics(&diagnostics);
    if !is_standard {
        let message = format!("wrote {}; read it before you use it", target.display());
        context.reporter.message(&message);
    }
    if diagnostics.errors() > 0 {
        return Ok(Outcome::Errors);
    }
    Ok(Outcome::Done)
}

// The tables as absolute paths.
fn tables(files: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut tables: Vec<PathBuf> = Vec::new();
    for file in files {
        let name = file.display().to_string();
        let fail = |code, message: &str, help: &str| {
            let location = Location::of_source(&name);
            Err(Diagnostic::error(code, message, location)
                .with_help(help)
                .into())
        };
        if output::is_standard(file) {
            return fail(
                "init::standard-input",
                "a table on standard input cannot be read more than once",
                "save it to a file first",
            );
        }
        if action::is_url(&name) {
            return fail(
                "table::remote",
                "the file is not a local one",
                "download it and give the file's name",
            );
        }
        if locate::is_metadata(&iri::from_path(file)) {
            return fail(
                "init::not-a-table",
                "the file is metadata already, or other JSON",
                "give the CSV files that it should describe",
            );
        }
        let path = absolute(file);
        if tables.contains(&path) {
            return fail(
                "init::given-twice",
                "the file is given twice",
                "give each file once",
            );
        }
        let is_special = std::fs::metadata(&path)
            .is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
        if is_special {
            return fail(
                "init::special-file",
                "a pipe or device cannot be read more than once",
                "save it to a file first",
            );
        }
        tables.push(path);
    }
    Ok(tables)
}

// Neither a draft that someone has mended nor a table is replaced by mistake.
fn check_target(target: &Path, tables: &[PathBuf], force: bool) -> Result<(), Failure> {
    let location = || Location::of_source(target.display().to_string());
    let real = target.canonicalize().unwrap_or_else(|_| absolute(target));
    let is_table = tables.iter().any(|table| {
        *table == absolute(target) || table.canonicalize().is_ok_and(|table| table == real)
    });
    if is_table {
        let message = "the draft would replace one of the tables";
        return Err(Diagnostic::error("init::output", message, location())
            .with_help("give another `--output`")
            .into());
    }
    if !force && target.is_file() {
        return Err(
            Diagnostic::error("init::exists", "the file is there already", location())
                .with_help("give `--force` to replace it, or another `--output`")
                .into(),
        );
    }
    Ok(())
}

// An absolute path without `.` and `..`.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

// The reasons for a table, as people read them.
fn told(reasons: &TableReasons) -> String {
    let rows = match reasons.rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    };
    let mut text = format!("{}: {rows}\n", reasons.table);
    for reason in &reasons.dialect {
        text.push_str(&format!("  {}: {}\n", reason.guess, reason.why));
    }
    let widest = |width: fn(&draft::ColumnReasons) -> usize| {
        reasons.columns.iter().map(width).max().unwrap_or(0).min(30)
    };
    let names = widest(|column| column.name.width());
    let datatypes = widest(|column| column.datatype.width());
    for column in &reasons.columns {
        text.push_str(&format!(
            "  {}{}  {}{}  {}\n",
            column.name,
            " ".repeat(names.saturating_sub(column.name.width())),
            column.datatype,
            " ".repeat(datatypes.saturating_sub(column.datatype.width())),
            column.why.join("; ")
        ));
    }
    match &reasons.primary_key {
        Some(key) => text.push_str(&format!("  primary key {}: {}\n", key.guess, key.why)),
        None if reasons.rows < 2 => text.push_str("  no primary key: too few rows to tell\n"),
        None => text.push_str("  no primary key: no column, and no two, tell the rows apart\n"),
    }
    for key in &reasons.foreign_keys {
        text.push_str(&format!("  foreign key {}: {}\n", key.guess, key.why));
    }
    for note in &reasons.notes {
        text.push_str(&format!("  {note}\n"));
    }
    text.pop();
    text
}
