//! Targets.
//!
//! In: targets by name, as a list (`[out.ttl~void, turtle, gzip]`) or as a map. Out: indexes into
//! [`Mapping::targets`](super::Mapping::targets), in which each is once.
//!
//! Spec: yarrrml §8, §9.2

use super::super::model::{LogicalTarget, Root};
use super::Reader;
use super::keys::{self, as_list};
use super::yaml::{Kind, Node};
use crate::diagnostic::nearest;
use std::rc::Rc;

/// The namespace of formats.
const FORMATS: &str = "http://www.w3.org/ns/formats/";

/// Serializations as YARRRML and the W3C's formats call them.
const SERIALIZATIONS: [(&str, &str); 23] = [
    ("jsonld", "JSON-LD"),
    ("n3", "N3"),
    ("ntriples", "N-Triples"),
    ("nquads", "N-Quads"),
    ("ldpatch", "LD_Patch"),
    ("microdata", "microdata"),
    ("owlxml", "OWL_XML"),
    ("owlfunctional", "OWL_Functional"),
    ("owlmanchester", "OWL_Manchester"),
    ("powder", "POWDER"),
    ("powder-s", "POWDER-S"),
    ("prov-n", "PROV-N"),
    ("prov-xml", "PROV-XML"),
    ("rdfa", "RDFa"),
    ("rdfjson", "RDF_JSON"),
    ("rdfxml", "RDF_XML"),
    ("rifxml", "RIF_XML"),
    ("sparqlxml", "SPARQL_Results_XML"),
    ("sparqljson", "SPARQL_Results_JSON"),
    ("sparqlcsv", "SPARQL_Results_CSV"),
    ("sparqltsv", "SPARQL_Results_TSV"),
    ("turtle", "Turtle"),
    ("trig", "TriG"),
];

/// Compressions as YARRRML and RML call them.
const COMPRESSIONS: [(&str, &str); 6] = [
    ("gzip", "gzip"),
    ("zip", "zip"),
    ("targzip", "targz"),
    ("targz", "targz"),
    ("tarxz", "tarxz"),
    ("none", "none"),
];

impl Reader<'_> {
    /// The targets of a term.
    pub(super) fn targets_of(&mut self, node: &Rc<Node>) -> Vec<usize> {
        let mut found = Vec::new();
        if self.is_target_list(node) {
            found.extend(self.target(node));
            return found;
        }
        for one in as_list(node) {
            found.extend(self.target(one));
        }
        found
    }

    /// Checks named targets that nothing may refer to.
    pub(super) fn check_target(&mut self, node: &Rc<Node>) {
        self.file_target(node);
    }

    /// Whether a target of that name is described in the documents.
    pub(super) fn is_target(&self, name: &str) -> bool {
        self.targets.contains_key(name)
    }

    // Whether a list is one target, `[out.nq~void, nquads]`, and not several.
    fn is_target_list(&self, node: &Node) -> bool {
        let Kind::List(parts) = &node.kind else {
            return false;
        };
        let texts: Option<Vec<_>> = parts.iter().map(|part| part.text()).collect();
        match texts.as_deref() {
            Some([path, rest @ ..]) => {
                let is_format = |text: &str| SERIALIZATIONS.iter().any(|(name, _)| *name == text);
                let is_one = path.contains('~') || rest.first().is_some_and(|text| is_format(text));
                is_one && !self.is_target(path) && !rest.iter().any(|text| self.is_target(text))
            }
            _ => false,
        }
    }

    fn target(&mut self, node: &Rc<Node>) -> Option<usize> {
        let mut described = Rc::clone(node);
        let mut name = None;
        if let Some(text) = node.text() {
            match self.targets.get(text) {
                Some(named) => {
                    name = Some(text);
                    described = Rc::clone(named);
                }
                None if text.contains(['~', '/', '.']) => {}
                None => {
                    let mut names: Vec<_> = self.targets.keys().map(String::as_str).collect();
                    names.sort_unstable();
                    let help = match nearest(text, names) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("describe `{text}` under `targets`"),
                    };
                    let message = format!("no target is called `{text}`");
                    self.error_with_help("yarrrml::unknown-target", node, message, Some(help));
                    return None;
                }
            }
        }
        // What is wrong with a named target was told where it is described.
        let mut target = match name {
            None => self.file_target(node)?,
            Some(_) => self.in_silence(|reader| reader.file_target(&described))?,
        };
        let value =
            |at: &Option<super::super::model::At<String>>| at.as_ref().map(|at| at.value.clone());
        let key = format!(
            "{:?}",
            (
                &target.path.value,
                value(&target.serialization),
                value(&target.compression),
            )
        );
        if let Some(known) = self.target_indexes.get(&key) {
            return Some(*known);
        }
        let index = self.mapping.targets.len();
        self.target_indexes.insert(key, index);
        target.name = name.map_or_else(|| format!("target_{index}"), str::to_owned);
        self.mapping.targets.push(target);
        Some(index)
    }

    fn file_target(&mut self, node: &Rc<Node>) -> Option<LogicalTarget> {
        match &node.kind {
            Kind::Text(_) => self.short_target(node, None, None, node),
            Kind::List(parts) => match parts.as_slice() {
                [path] => self.short_target(path, None, None, node),
                [path, format] => self.short_target(path, Some(format), None, node),
                [path, format, compression] => {
                    self.short_target(path, Some(format), Some(compression), node)
                }
                _ => {
                    let message = format!(
                        "a target has {} parts, expected `[path~void, serialization, compression]`",
                        parts.len()
                    );
                    self.error("yarrrml::target", node, message);
                    None
                }
            },
            Kind::Map(_) => self.long_target(node),
            Kind::Null => {
                self.unexpected(node, "a target", "a list or a map");
                None
            }
        }
    }

    fn short_target(
        &mut self,
        path: &Rc<Node>,
        format: Option<&Rc<Node>>,
        compression: Option<&Rc<Node>>,
        node: &Node,
    ) -> Option<LogicalTarget> {
        let text = self.fixed(path, "the path of a target")?;
        let (text, kind) = match text.rsplit_once('~') {
            Some((text, kind)) => (text, kind),
            None => (text.as_str(), "void"),
        };
        self.check_target_type(path, kind)?;
        self.logical_target(path, text, format, compression, node)
    }

    fn long_target(&mut self, node: &Rc<Node>) -> Option<LogicalTarget> {
        let before = self.diagnostics.errors();
        let fields = self.fields(node, &keys::TARGET)?;
        if self.diagnostics.errors() > before {
            return None;
        }
        if let Some(kind) = fields.get("type") {
            let text = self.text_of(kind, "the type of a target")?;
            self.check_target_type(kind, text)?;
        }
        let Some(access) = fields.get("access") else {
            self.error("yarrrml::target", node, "a target without `access`");
            return None;
        };
        let path = self.fixed(access, "the path of a target")?;
        let (format, compression) = (fields.get("serialization"), fields.get("compression"));
        self.logical_target(access, &path, format, compression, node)
    }

    fn check_target_type(&mut self, node: &Node, kind: &str) -> Option<()> {
        if matches!(kind, "void" | "dcat" | "localfile") {
            return Some(());
        }
        let message = format!("targets of type `{kind}` are not supported");
        let help = "files are written, `void`, `dcat` and `localfile`".to_owned();
        self.error_with_help("yarrrml::unsupported", node, message, Some(help));
        None
    }

    fn logical_target(
        &mut self,
        at: &Node,
        path: &str,
        format: Option<&Rc<Node>>,
        compression: Option<&Rc<Node>>,
        node: &Node,
    ) -> Option<LogicalTarget> {
        let format = format.filter(|format| !format.is_null());
        let compression = compression.filter(|compression| !compression.is_null());
        let serialization = match format {
            Some(format) => {
                let name = self.named(format, "a serialization", &SERIALIZATIONS)?;
                Some(self.at(format, format!("{FORMATS}{name}")))
            }
            None => None,
        };
        let compression = match compression {
            Some(compression) => {
                let name = self.named(compression, "a compression", &COMPRESSIONS)?;
                Some(self.at(compression, name.to_owned()))
            }
            None => None,
        };
        let path = path.to_owned();
        Some(LogicalTarget {
            name: String::new(),
            path: self.at(at, path),
            root: Root::Unstated,
            serialization,
            encoding: None,
            compression,
            place: self.place(node),
        })
    }

    // One of some names.
    fn named(
        &mut self,
        node: &Node,
        what: &str,
        names: &[(&'static str, &'static str)],
    ) -> Option<&'static str> {
        let text = self.text_of(node, what)?;
        let found = names
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        if let Some((_, meant)) = found {
            return Some(meant);
        }
        let near = nearest(text, names.iter().map(|(name, _)| *name));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let message = format!("`{text}` is no known name of {what}");
        self.error_with_help("yarrrml::target", node, message, help);
        None
    }
}
