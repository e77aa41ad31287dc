//! YARRRML: RML mappings as people write them by hand, in YAML.
//!
//! In: documents. Out: a [`Mapping`], whose vocabulary is `Vocabulary::Legacy`, because the engines
//! that people run YARRRML with drop empty cells. `yaml` reads the syntax, `source` where data comes
//! from, `target` where statements go, `text` references and prefixes, `function` calls and conditions,
//! `term` subjects, predicates, objects and graphs, `rule` puts them together.
//!
//! The specification leaves much open, and its readers differ. What holds here:
//!
//! | | yarrrml-parser | yatter, morph-kgc | here |
//! | --- | --- | --- | --- |
//! | an object without a type | a literal | an IRI where it looks like one, or is a template | a literal; a warning where the constant looks like an IRI |
//! | the object of `rdf:type` | an IRI for `a` only | as above | an IRI for `a` and all spellings of `rdf:type` |
//! | `$(a (b))` | the column `a (b` and `)` | the column `a (b)` | the column `a (b)`; with `\(` or `\)` in it as yarrrml-parser |
//! | backslashes in a text without `$(` | `\(` is `(`, `\\` is `/` | kept | kept but for `\:` |
//! | `\\` in a text with `$(` | `/` | kept | `\` |
//! | several subjects | one triples map with several subject maps | a triples map each | a triples map for each pair of source and subject |
//! | a condition | `idlab-fn:trueCondition` around the value | joins only | a condition of the term, the predicate-object or the join |
//! | `equal` and `idlab-fn:equal` between two rows | a join where both are columns and it is called `equal` | a join | a join, whatever is compared; so are the parts of `grel:boolean_and` |
//! | several conditions | the first, or all of a mapping reference | joins only | all have to hold |
//! | `datatype` with `$(…)` | not read | a datatype map | a datatype map |
//! | `str2` of a condition between two rows | the other row in short lists | the other row | the other row |
//! | one-line functions inside each other | not read | read | read, with quotes and commas inside values |
//! | parameters without a prefix | the function's in the one-line form | as they are | the function's everywhere |
//! | keys twice | the last | an error | an error |
//! | `$(_x)` without a value | the column `_x` | the column `_x` | the column `_x`; a warning where there are other values |
//!
//! yatter's `join(…)` and its `[value, target]` are read, and so is the YARRRML-star that both it and
//! morph-kgc know. The spec's `base` becomes the base of the data too.
//!
//! Spec: yarrrml

mod function;
mod inline;
mod keys;
mod predicate_object;
mod prefix;
mod rule;
mod source;
mod target;
mod term;
mod text;
mod yaml;

#[cfg(test)]
mod tests;

use super::graph::Document;
use super::model::{Mapping, Place};
use crate::diagnostic::{Diagnostic, Diagnostics, Location};
use prefix::Prefixes;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use yaml::Node;

/// The code of what goes beyond a limit.
const LIMIT: &str = "yarrrml::limit";

/// How many term maps and references a mapping may come to: sources and subjects multiply them.
const PARTS: usize = 1_000_000;

/// What is known beside the documents.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Values of external references, by their names without `_`: they take the place of those that
    /// the documents give.
    ///
    /// Spec: yarrrml §12
    pub external: BTreeMap<String, String>,
}

/// Reads documents as one mapping; nothing where one of them has an error, all of which are told.
///
/// Mappings, sources and targets of all documents are known in each of them.
pub fn read(documents: &[Document], diagnostics: &mut Diagnostics) -> Option<Mapping> {
    read_with(documents, &Options::default(), diagnostics)
}

/// [`read`], with options.
pub fn read_with(
    documents: &[Document],
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Mapping> {
    let before = diagnostics.errors();
    let mut roots = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        roots.extend(yaml::parse(document, index, diagnostics).unwrap_or_default());
    }
    if diagnostics.errors() > before {
        return None;
    }
    let mut reader = Reader {
        names: documents
            .iter()
            .map(|one| one.name.as_str().into())
            .collect(),
        diagnostics,
        options,
        prefixes: Prefixes::default(),
        external: BTreeMap::new(),
        sources: FxHashMap::default(),
        source_indexes: FxHashMap::default(),
        targets: FxHashMap::default(),
        target_indexes: FxHashMap::default(),
        ranges: FxHashMap::default(),
        mapping: Mapping::default(),
        element: String::new(),
        parts: PARTS,
    };
    reader.documents(&roots);
    let mapping = reader.mapping;
    (diagnostics.errors() == before).then_some(mapping)
}

/// What is known while documents are read.
struct Reader<'a> {
    names: Vec<Arc<str>>,
    diagnostics: &'a mut Diagnostics,
    options: &'a Options,
    prefixes: Prefixes,
    external: BTreeMap<String, String>,
    /// The named sources.
    sources: FxHashMap<String, Rc<Node>>,
    /// Where sources stand in the mapping, by what they say.
    source_indexes: FxHashMap<String, usize>,
    /// The named targets.
    targets: FxHashMap<String, Rc<Node>>,
    /// Where targets stand in the mapping, by what they say.
    target_indexes: FxHashMap<String, usize>,
    /// The triples maps of each mapping.
    ranges: FxHashMap<String, Range<usize>>,
    mapping: Mapping,
    /// What is being read, for people.
    element: String,
    /// How many parts there may still be.
    parts: usize,
}

impl Reader<'_> {
    /// The place of a node.
    fn place(&self, node: &Node) -> Place {
        Place {
            document: self.names[node.document].clone(),
            line: node.line,
            column: node.column,
            bytes: node.bytes.clone(),
            element: self.element.clone(),
        }
    }

    fn location(&self, node: &Node) -> Location {
        self.place(node).location()
    }

    fn error(&mut self, code: &'static str, node: &Node, message: impl Into<String>) {
        let location = self.location(node);
        self.diagnostics
            .push(Diagnostic::error(code, message, location));
    }

    fn error_with_help(
        &mut self,
        code: &'static str,
        node: &Node,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::error(code, message, self.location(node));
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    fn warning(
        &mut self,
        code: &'static str,
        node: &Node,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::warning(code, message, self.location(node));
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    // What is something else than it should be.
    fn unexpected(&mut self, node: &Node, what: &str, expected: &str) {
        let message = format!("{what} is {}, expected {expected}", node.what());
        self.error("yarrrml::unexpected", node, message);
    }

    /// The text of a node, or that it should be one.
    fn text_of<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = node.text();
        if text.is_none() {
            self.unexpected(node, what, "a text");
        }
        text
    }

    /// Does something without a word about what is wrong.
    fn in_silence<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let told = std::mem::take(self.diagnostics);
        let done = work(self);
        *self.diagnostics = told;
        done
    }

    /// Counts parts of the mapping; gives whether there may be so many, and tells once if not.
    fn charge(&mut self, node: &Node, parts: usize) -> bool {
        if parts > self.parts {
            if self.parts > 0 {
                self.parts = 0;
                let message = format!(
                    "the mapping comes to more than {PARTS} term maps, with each source and subject of a \
                     list counted"
                );
                self.error(LIMIT, node, message);
            }
            return false;
        }
        self.parts -= parts;
        true
    }
}
