//! Sources.
//!
//! In: sources by name, as a list (`[data.csv~csv]`) or as a map. Out: indexes into
//! [`Mapping::sources`](super::Mapping::sources), in which each is once.
//!
//! Spec: yarrrml §7, §9.1

use super::super::model::{
    CsvwDialect, Formulation, LogicalSource, Root, Rows, Source, Vocabulary,
};
use super::Reader;
use super::keys::{self, as_list};
use super::yaml::{Kind, Node};
use crate::diagnostic::nearest;
use std::rc::Rc;

/// The namespace of query languages.
const QL: &str = "http://semweb.mmlab.be/ns/ql#";

/// The reference formulations that are named in YARRRML.
const FORMULATIONS: [&str; 8] = [
    "csv", "jsonpath", "json", "xpath", "xquery", "css3", "cypher", "xlsx",
];

impl Reader<'_> {
    /// The sources of a mapping.
    pub(super) fn sources_of(&mut self, node: &Rc<Node>) -> Vec<usize> {
        let mut found = Vec::new();
        if self.is_source_list(node) {
            found.extend(self.source(node));
            return found;
        }
        for one in as_list(node) {
            // A map of maps: sources with names that nothing refers to.
            if let Kind::Map(entries) = &one.kind
                && !entries.is_empty()
                && entries.iter().all(|(_, value)| value.text().is_none())
            {
                for (_, value) in entries {
                    found.extend(self.source(value));
                }
                continue;
            }
            found.extend(self.source(one));
        }
        found
    }

    /// One row without columns, for a mapping that has no source and needs none.
    pub(super) fn single(&mut self, node: &Node) -> usize {
        let index = self.mapping.sources.len();
        self.mapping.sources.push(LogicalSource {
            name: format!("source_{index}"),
            vocabulary: Vocabulary::Legacy,
            rows: Rows::Single,
            place: self.place(node),
        });
        index
    }

    /// Checks named sources that nothing may refer to.
    pub(super) fn check_source(&mut self, node: &Rc<Node>) {
        self.file(node);
    }

    // Whether a list is one source, `[data.json~jsonpath, "$.x[*]"]`, and not several.
    fn is_source_list(&self, node: &Node) -> bool {
        let Kind::List(parts) = &node.kind else {
            return false;
        };
        let is_name = |part: &Node| self.sources.contains_key(part.text().unwrap_or_default());
        match parts.as_slice() {
            [file, iterator] => {
                let is_file = file.text().is_some_and(|text| text.contains('~'));
                let is_iterator = iterator.text().is_some_and(|text| !text.contains('~'));
                is_file && is_iterator && !is_name(file) && !is_name(iterator)
            }
            _ => false,
        }
    }

    fn source(&mut self, node: &Rc<Node>) -> Option<usize> {
        let mut described = Rc::clone(node);
        if let Some(name) = node.text() {
            match self.sources.get(name) {
                Some(named) => described = Rc::clone(named),
                None if name.contains('~') || formulation_of(name).is_some() => {}
                None => {
                    let mut names: Vec<_> = self.sources.keys().map(String::as_str).collect();
                    names.sort_unstable();
                    let help = match nearest(name, names) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("for a file write `[{name}~csv]`"),
                    };
                    let message = format!("no source is called `{name}`");
                    self.error_with_help("yarrrml::unknown-source", node, message, Some(help));
                    return None;
                }
            }
        }
        // What is wrong with a named source was told where it is described.
        let source = if Rc::ptr_eq(&described, node) {
            self.file(node)?
        } else {
            self.in_silence(|reader| reader.file(&described))?
        };
        let key = format!(
            "{:?}",
            (
                &source.path.value,
                &source.formulation,
                source.iterator.as_ref().map(|iterator| &iterator.value),
                &source.encoding,
                &source.dialect,
            )
        );
        if let Some(known) = self.source_indexes.get(&key) {
            return Some(*known);
        }
        let index = self.mapping.sources.len();
        self.source_indexes.insert(key, index);
        self.mapping.sources.push(LogicalSource {
            name: format!("source_{index}"),
            vocabulary: Vocabulary::Legacy,
            rows: Rows::Source(source),
            place: self.place(&described),
        });
        Some(index)
    }

    fn file(&mut self, node: &Rc<Node>) -> Option<Source> {
        match &node.kind {
            Kind::Text(_) => self.short_source(node, None),
            Kind::List(parts) => match parts.as_slice() {
                [file] => self.short_source(file, None),
                [file, iterator] => self.short_source(file, Some(iterator)),
                _ => {
                    let message = format!(
                        "a source has {} parts, expected `[file~formulation]` or `[file~formulation, \
                         iterator]`",
                        parts.len()
                    );
                    self.error("yarrrml::source", node, message);
                    None
                }
            },
            Kind::Map(_) => self.long_source(node),
            Kind::Null => {
                self.unexpected(node, "a source", "a list or a map");
                None
            }
        }
    }

    fn short_source(&mut self, file: &Rc<Node>, iterator: Option<&Rc<Node>>) -> Option<Source> {
        let text = self.fixed(file, "the path of a source")?;
        let (path, formulation) = if let Some((path, formulation)) = text.rsplit_once('~') {
            (path.to_owned(), self.formulation(file, formulation)?)
        } else {
            let formulation = self.formulation_of_path(file, &text)?;
            (text, formulation)
        };
        let mut source = Source {
            path: self.at(file, path),
            root: Root::Unstated,
            formulation,
            iterator: None,
            encoding: None,
            compression: None,
            nulls: Vec::new(),
            dialect: None,
        };
        if let Some(iterator) = iterator.filter(|iterator| !iterator.is_null()) {
            let text = self.fixed_iterator(iterator)?;
            source.iterator = Some(self.at(iterator, text));
        }
        Some(source)
    }

    // Paths of JSON may hold `$(`, which is no reference.
    fn fixed_iterator(&mut self, node: &Node) -> Option<String> {
        self.text_of(node, "an iterator").map(str::to_owned)
    }

    fn long_source(&mut self, node: &Rc<Node>) -> Option<Source> {
        let before = self.diagnostics.errors();
        let fields = self.fields(node, &keys::SOURCE)?;
        if self.diagnostics.errors() > before {
            return None;
        }
        if let Some(kind) = fields.get("type") {
            let text = self.text_of(kind, "the type of a source")?;
            if !matches!(
                text.to_ascii_lowercase().as_str(),
                "localfile" | "remotefile"
            ) {
                let message = format!("sources of type `{text}` are not supported");
                let help = "files are read, `localfile` and `remotefile`".to_owned();
                self.error_with_help("yarrrml::unsupported", kind, message, Some(help));
                return None;
            }
        }
        let Some(access) = fields.get("access") else {
            self.error("yarrrml::source", node, "a source without `access`");
            return None;
        };
        let mut path = self.fixed(access, "the path of a source")?;
        let formulation = match fields.get("referenceFormulation") {
            Some(formulation) => {
                let text = self.text_of(formulation, "a reference formulation")?;
                self.formulation(formulation, text)?
            }
            None => match path.rsplit_once('~') {
                Some((before, formulation)) if FORMULATIONS.contains(&formulation) => {
                    let (length, formulation) =
                        (before.len(), self.formulation(access, formulation)?);
                    path.truncate(length);
                    formulation
                }
                _ => self.formulation_of_path(access, &path)?,
            },
        };
        let mut source = Source {
            path: self.at(access, path),
            root: Root::Unstated,
            formulation,
            iterator: None,
            encoding: None,
            compression: None,
            nulls: Vec::new(),
            dialect: None,
        };
        if let Some(iterator) = fields.get("iterator") {
            let text = self.fixed_iterator(iterator)?;
            source.iterator = Some(self.at(iterator, text));
        }
        if let Some(encoding) = fields.get("encoding") {
            source.encoding = Some(self.text_of(encoding, "an encoding")?.to_owned());
        }
        if let Some(delimiter) = fields.get("delimiter") {
            let text = self.text_of(delimiter, "a delimiter")?;
            // In single quotes, or in none, YAML takes a backslash for itself.
            let text = if text == "\\t" { "\t" } else { text };
            source.dialect = Some(CsvwDialect {
                delimiter: Some(text.to_owned()),
                ..CsvwDialect::default()
            });
        }
        Some(source)
    }

    fn formulation(&mut self, node: &Node, text: &str) -> Option<Formulation> {
        let other = |name: &str| Some(Formulation::Other(format!("{QL}{name}")));
        match text.trim().to_ascii_lowercase().as_str() {
            "csv" => Some(Formulation::Csv),
            "jsonpath" | "json" => Some(Formulation::JsonPath),
            "xpath" => other("XPath"),
            "xquery" => other("XQuery"),
            "css3" => other("CSS3"),
            "cypher" => other("Cypher"),
            "xlsx" => other("Spreadsheet"),
            _ => {
                let help = match nearest(text, FORMULATIONS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`csv`, `jsonpath` and `xpath` are known".to_owned(),
                };
                let message = format!("`{text}` is no reference formulation");
                let code = "yarrrml::reference-formulation";
                self.error_with_help(code, node, message, Some(help));
                None
            }
        }
    }

    fn formulation_of_path(&mut self, node: &Node, path: &str) -> Option<Formulation> {
        let found = formulation_of(path);
        if found.is_none() {
            let message = format!("nothing says how `{path}` is read");
            let help = format!("write `[{path}~csv]`, or `referenceFormulation: csv`");
            let code = "yarrrml::reference-formulation";
            self.error_with_help(code, node, message, Some(help));
        }
        found
    }
}

// What a file is by its name, where nothing else says it.
fn formulation_of(path: &str) -> Option<Formulation> {
    let lower = path.to_ascii_lowercase();
    let name = [".gz", ".bz2", ".zst", ".xz", ".zip"]
        .iter()
        .find_map(|end| lower.strip_suffix(end))
        .unwrap_or(&lower);
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv" | "tsv" | "tab") => Some(Formulation::Csv),
        Some("json" | "geojson") => Some(Formulation::JsonPath),
        Some("xml") => Some(Formulation::Other(format!("{QL}XPath"))),
        _ => None,
    }
}
