//! Names that the vocabularies do not have: most often they are misspelt.

use super::Reader;
use crate::diagnostic::Diagnostic;
use crate::mapping::rml::vocab;
use crate::rdf::vocab::rdf;
use oxrdf::Term;

impl Reader<'_, '_> {
    /// Warns of properties and classes that are in the namespaces of the vocabularies and unknown.
    pub(super) fn warn_of_unknown(&mut self) {
        let graph = self.graph;
        for statement in graph.statements() {
            let predicate = statement.predicate.as_str();
            if !vocab::is_known_property(predicate) {
                let message = format!("there is no property {}", graph.show(predicate));
                let near = vocab::nearest_property(predicate).map(|(name, iri)| {
                    // As the document would write it, where it has the prefix.
                    let shown = graph.show(&iri);
                    if shown.starts_with('<') { name } else { shown }
                });
                let location = graph.predicate_place(statement).location();
                self.warn("rml::unknown-property", message, location, near);
            }
            if statement.predicate == rdf::TYPE
                && let Term::NamedNode(class) = &statement.object
                && !vocab::is_known_class(class.as_str())
            {
                let message = format!("there is no class {}", graph.show(class.as_str()));
                let near = vocab::nearest_class(class.as_str());
                let location = graph.place(statement).location();
                self.warn("rml::unknown-class", message, location, near);
            }
        }
    }

    fn warn(
        &mut self,
        code: &'static str,
        message: String,
        location: crate::diagnostic::Location,
        near: Option<String>,
    ) {
        let diagnostic = Diagnostic::warning(code, message, location);
        self.diagnostics.push(match near {
            Some(near) => diagnostic.with_help(format!("is `{near}` meant?")),
            None => diagnostic,
        });
    }
}
