//! How much a metadata document may ask for.
//!
//! A short document can describe a great deal: a schema counts for each table that refers to it, and
//! what a group says is inherited by each of its columns. What it comes to is counted while it is
//! read, so that a document which nobody would write by intent ends in an error and not in want of
//! memory.

use super::json::{Document, Node};
use super::metadata::{Inherited, Table};
use super::parse::Parser;
use crate::plan::ValueFormat;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The code of what goes beyond a limit.
pub(super) const CODE: &str = "csvw::limit";

/// The size of a document in bytes.
pub(super) const DOCUMENT_BYTES: u64 = 16 << 20;

/// The tables of a group.
pub(super) const TABLES: usize = 10_000;

/// The columns of all tables of a group.
pub(super) const COLUMNS: usize = 100_000;

/// The header rows of a table: their texts are all held.
pub(super) const HEADER_ROWS: usize = 1000;

/// The length of a URI template in bytes.
pub(super) const TEMPLATE_BYTES: usize = 1 << 16;

/// The variables of a URI template.
pub(super) const TEMPLATE_VARIABLES: usize = 1000;

/// The length of a language tag in bytes.
pub(super) const LANGUAGE_TAG_BYTES: usize = 255;

/// What all texts come to in bytes, each counted as often as it is inherited, referred to or resolved.
pub(super) const DESCRIPTION_BYTES: u64 = 128 << 20;

/// What a column comes to beside its texts.
const COLUMN_BYTES: usize = 500;

/// What a variable of a URI template comes to, compiled.
const VARIABLE_BYTES: usize = 200;

/// What has been asked for so far, and the documents that were read on the way.
#[derive(Default)]
pub(super) struct Limits {
    bytes: Cell<u64>,
    columns: Cell<usize>,
    is_reached: Cell<bool>,
    documents: RefCell<FxHashMap<String, Option<Rc<Document>>>>,
}

impl Limits {
    /// Whether there was more than there may be: that was told, and what is left can be passed over.
    pub(super) fn is_reached(&self) -> bool {
        self.is_reached.get()
    }
}

impl Parser<'_> {
    /// Counts what is asked for; says so once where it is too much.
    pub(super) fn charge(&mut self, node: &Node, bytes: usize) {
        let limits = self.limits;
        let sum = limits.bytes.get().saturating_add(bytes as u64);
        limits.bytes.set(sum);
        if sum > DESCRIPTION_BYTES && !limits.is_reached.replace(true) {
            let message = too_much();
            self.error(CODE, node, message, "metadata §5");
        }
    }

    /// Counts a column; gives whether it may be.
    pub(super) fn charge_column(&mut self, node: &Node) -> bool {
        let limits = self.limits;
        let count = limits.columns.get() + 1;
        limits.columns.set(count);
        if count > COLUMNS && !limits.is_reached.replace(true) {
            let message = too_many_columns();
            self.error(CODE, node, message, "metadata §5.6");
        }
        self.charge(node, COLUMN_BYTES + self.document.name.len());
        !limits.is_reached()
    }

    /// Reads a document that this one refers to, once; nothing where it is beyond use, which is told.
    pub(super) fn read_once(&mut self, node: &Node, iri: &str) -> Option<Rc<Document>> {
        let known = self.limits.documents.borrow().get(iri).cloned();
        if let Some(known) = known {
            return known;
        }
        if self.limits.is_reached() {
            return None;
        }
        let read = match self.documents.document(iri) {
            Ok(document) => {
                self.charge(node, document.text.len() * 4);
                Some(Rc::new(document))
            }
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
        };
        let mut documents = self.limits.documents.borrow_mut();
        documents.insert(iri.to_owned(), read.clone());
        read
    }
}

fn too_much() -> String {
    format!(
        "the metadata comes to more than {} MiB, with each text counted as often as it is inherited \
         or referred to",
        DESCRIPTION_BYTES >> 20
    )
}

fn too_many_columns() -> String {
    format!("more than {COLUMNS} columns, of all tables together")
}

/// What it costs to inherit something.
pub(super) fn weight(inherited: &Inherited) -> usize {
    let templates = [
        &inherited.about_url,
        &inherited.property_url,
        &inherited.value_url,
    ];
    let templates = templates.into_iter().flatten().map(|template| {
        let expressions = template.matches(['{', ',']).count();
        template.len() + VARIABLE_BYTES * expressions
    });
    let datatype = &inherited.datatype;
    let bounds = datatype.facets.bounds.iter();
    let texts = [
        Some(&inherited.default),
        inherited.separator.as_ref(),
        datatype.format_text.as_ref(),
    ];
    let format = match datatype.format {
        ValueFormat::Regex(_) => 16 * datatype.format_text.as_ref().map_or(0, String::len),
        _ => 0,
    };
    templates.sum::<usize>()
        + texts.into_iter().flatten().map(String::len).sum::<usize>()
        + bounds.map(|bound| 2 * bound.text.len()).sum::<usize>()
        + datatype.iri.as_str().len()
        + format
}

/// Whether a table may have so many columns that only its rows tell of, counted with those of the
/// tables before it; else a code and a message.
///
/// What each column repeats of its table counts too.
pub(super) fn check_found(
    table: &Table,
    document: &str,
    cells: usize,
    so_far: &mut (usize, u64),
) -> Result<(), (&'static str, String)> {
    let described = table.schema.columns.len();
    let found = cells.saturating_sub(described);
    let inherited = table.schema.inherited.as_ref().unwrap_or(&table.inherited);
    let each = table.url.len() + document.len();
    let bytes = (described + found) * each + found * (weight(inherited) + COLUMN_BYTES);
    so_far.0 += described + found;
    so_far.1 = so_far.1.saturating_add(bytes as u64);
    if found > 0 && so_far.0 > COLUMNS {
        return Err(("table::too-many-columns", too_many_columns()));
    }
    if so_far.1 > DESCRIPTION_BYTES {
        return Err((CODE, too_much()));
    }
    Ok(())
}
