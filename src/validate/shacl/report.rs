//! The outcome of a validation, as values and as a graph.
//!
//! Spec: shacl §3.6

use super::path::Path;
use super::vocab as sh;
use oxrdf::vocab::rdf;
use oxrdf::{BlankNode, Graph, Literal, NamedNode, NamedNodeRef, Term, TermRef, TripleRef};

/// What a validation found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The results, ordered by shape, focus node, property shape, path and value.
    pub results: Vec<ValidationResult>,
}

/// One thing in the data that a shape does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationResult {
    /// The node that was checked.
    pub focus_node: Term,
    /// The path from the focus node to the value, for property shapes.
    pub path: Option<Path>,
    /// The value at fault, unless it is their number that is wrong.
    pub value: Option<Term>,
    /// The shape: an IRI, or a blank node of the shapes graph.
    pub source_shape: Term,
    /// The SPARQL-based constraint, if it is one.
    pub source_constraint: Option<Term>,
    /// The constraint component, for example `sh:MinCountConstraintComponent`.
    pub component: NamedNode,
    /// The severity, `sh:Violation` if the shape says nothing.
    pub severity: NamedNode,
    /// The messages of the shape, one or more in each language; else one in English.
    pub messages: Vec<Literal>,
    /// For `sh:node`: the results that make the value fail.
    pub details: Vec<ValidationResult>,
}

impl ValidationResult {
    /// Gives the message in the first language that there is one in, else any.
    ///
    /// A message without a language answers to the tag "".
    pub fn message(&self, languages: &[&str]) -> Option<&Literal> {
        languages
            .iter()
            .find_map(|language| {
                self.messages.iter().find(|message| {
                    message
                        .language()
                        .unwrap_or_default()
                        .eq_ignore_ascii_case(language)
                })
            })
            .or_else(|| self.messages.first())
    }

    /// Gives the local name of the severity if it is one of SHACL's own, else its IRI.
    pub fn severity_name(&self) -> &str {
        let iri = self.severity.as_str();
        if [sh::VIOLATION, sh::WARNING, sh::INFO].contains(&self.severity.as_ref()) {
            &iri[sh::NAMESPACE.len()..]
        } else {
            iri
        }
    }
}

impl Report {
    /// Whether the data conforms to the shapes: there is no result of any severity.
    pub fn conforms(&self) -> bool {
        self.results.is_empty()
    }

    /// Writes the report as a graph with one `sh:ValidationReport`.
    ///
    /// Blank nodes of shapes and data keep their labels; those of the report are `shacl-report`,
    /// `shacl-result-1` and so on, in the order of the results.
    pub fn to_graph(&self) -> Graph {
        let mut writer = Writer {
            graph: Graph::new(),
            results: 0,
            paths: 0,
        };
        let report = BlankNode::new_unchecked("shacl-report");
        writer
            .graph
            .insert(TripleRef::new(&report, rdf::TYPE, sh::VALIDATION_REPORT));
        let conforms = Literal::from(self.conforms());
        writer
            .graph
            .insert(TripleRef::new(&report, sh::CONFORMS, &conforms));
        for result in &self.results {
            writer.result(&report, sh::RESULT, result);
        }
        writer.graph
    }
}

struct Writer {
    graph: Graph,
    results: usize,
    paths: usize,
}

impl Writer {
    fn result(
        &mut self,
        parent: &BlankNode,
        property: NamedNodeRef<'_>,
        result: &ValidationResult,
    ) {
        self.results += 1;
        let node = BlankNode::new_unchecked(format!("shacl-result-{}", self.results));
        self.graph.insert(TripleRef::new(parent, property, &node));
        self.add(&node, rdf::TYPE, sh::VALIDATION_RESULT);
        self.add(&node, sh::FOCUS_NODE, &result.focus_node);
        self.add(&node, sh::SOURCE_SHAPE, &result.source_shape);
        self.add(&node, sh::SOURCE_CONSTRAINT_COMPONENT, &result.component);
        self.add(&node, sh::RESULT_SEVERITY, &result.severity);
        if let Some(path) = &result.path {
            let paths = &mut self.paths;
            let path = path.write(&mut self.graph, &mut || {
                *paths += 1;
                BlankNode::new_unchecked(format!("shacl-path-{paths}"))
            });
            self.add(&node, sh::RESULT_PATH, &path);
        }
        if let Some(value) = &result.value {
            self.add(&node, sh::VALUE, value);
        }
        if let Some(constraint) = &result.source_constraint {
            self.add(&node, sh::SOURCE_CONSTRAINT, constraint);
        }
        for message in &result.messages {
            self.add(&node, sh::RESULT_MESSAGE, message);
        }
        for detail in &result.details {
            self.result(&node, sh::DETAIL, detail);
        }
    }

    fn add<'a>(
        &mut self,
        node: &'a BlankNode,
        property: NamedNodeRef<'a>,
        value: impl Into<TermRef<'a>>,
    ) {
        self.graph.insert(TripleRef::new(node, property, value));
    }
}
