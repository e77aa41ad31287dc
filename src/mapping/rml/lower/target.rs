//! Logical targets as destinations of a plan.

use super::{Lowering, element};
use crate::diagnostic::Diagnostic;
use crate::mapping::rml::model::Root;
use crate::plan::Destination;
use crate::rdf::iri::percent_decode;
use std::path::{Path, PathBuf};

/// The serializations by the local names of their IRIs.
///
/// Spec: RML-IO §Serialization
const SERIALIZATIONS: &[(&str, &str)] = &[
    ("N-Triples", "ntriples"),
    ("N-Quads", "nquads"),
    ("Turtle", "turtle"),
    ("TriG", "trig"),
    ("N3", "n3"),
    ("JSON-LD", "jsonld"),
    ("RDF_XML", "rdfxml"),
    ("RDF_JSON", "rdfjson"),
];

impl Lowering<'_> {
    /// The destinations of targets.
    pub(super) fn destinations_of(&mut self, targets: &[usize]) -> Vec<usize> {
        let mut found = Vec::new();
        for target in targets {
            let known = self.destinations.iter().position(|known| known == target);
            found.push(known.unwrap_or_else(|| {
                self.destinations.push(*target);
                self.destinations.len() - 1
            }));
        }
        found
    }

    /// The destinations that are used, in their order.
    pub(super) fn destinations(&mut self) -> Vec<Destination> {
        let targets = self.destinations.clone();
        let mut all = Vec::new();
        for number in targets {
            let target = &self.mapping.targets[number];
            let path = self.target_path(&target.root, &target.path.value);
            if ["http://", "https://", "ftp://"]
                .iter()
                .any(|scheme| target.path.value.starts_with(scheme))
            {
                self.diagnostics.push(
                    Diagnostic::error(
                        "rml::unsupported-target",
                        format!(
                            "`{}` is an address, and targets are files",
                            target.path.value
                        ),
                        target.path.place.location(),
                    )
                    .with_help("give the target the path of a file"),
                );
            }
            let format = match &target.serialization {
                None => Some("nquads"),
                Some(at) => {
                    let local = at.value.rsplit(['/', '#']).next().unwrap_or_default();
                    let mut known = SERIALIZATIONS.iter();
                    let found = known.find(|(name, _)| name.eq_ignore_ascii_case(local));
                    if found.is_none() {
                        let names: Vec<&str> =
                            SERIALIZATIONS.iter().map(|(name, _)| *name).collect();
                        self.diagnostics.push(
                            Diagnostic::error(
                                "rml::serialization",
                                format!("<{}> is not a serialization that is known", at.value),
                                at.place.location(),
                            )
                            .with_help(format!("known are {}", names.join(", "))),
                        );
                    }
                    found.map(|(_, name)| *name)
                }
            };
            if let Some(at) = &target.encoding
                && !matches!(
                    at.value.to_ascii_lowercase().as_str(),
                    "utf-8" | "utf8" | "utf-16" | "utf16"
                )
            {
                self.diagnostics.push(
                    Diagnostic::error(
                        "rml::encoding",
                        format!("targets are not written in `{}`", at.value),
                        at.place.location(),
                    )
                    .with_help("UTF-8 and UTF-16 are"),
                );
            }
            all.push(Destination {
                path: path.to_string_lossy().into_owned(),
                format: format.unwrap_or("nquads").to_owned(),
                encoding: target
                    .encoding
                    .as_ref()
                    .map_or_else(|| "utf-8".to_owned(), |at| at.value.to_ascii_lowercase()),
                compression: target.compression.as_ref().map(|at| at.value.clone()),
                element: element(&target.place),
            });
        }
        all
    }

    fn target_path(&self, root: &Root, path: &str) -> PathBuf {
        let decoded = path.strip_prefix("file://").map(percent_decode);
        let path = decoded.as_deref().unwrap_or(path);
        let path = path.strip_prefix("./").unwrap_or(path);
        if Path::new(path).is_absolute() {
            return PathBuf::from(path);
        }
        let current = || self.options.target_dir.clone().unwrap_or_default();
        match root {
            Root::Unstated | Root::CurrentWorkingDirectory => current().join(path),
            Root::MappingDirectory => {
                let folder = self.options.folders.first();
                let folder = self
                    .options
                    .target_dir
                    .clone()
                    .or_else(|| folder.map(|(_, folder)| folder.clone()));
                folder.unwrap_or_default().join(path)
            }
            Root::Path(root) => current().join(root).join(path),
        }
    }
}
