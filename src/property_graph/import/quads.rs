//! Nodes and relationships as statements, through the map of names.

use super::super::digest::Digest;
use super::super::fold::RESOURCE;
use super::super::{NameMap, PropertyName, RelationshipName};
use super::ImportError;
use super::lines::Place;
use crate::property_graph::LabelName;
use crate::rdf::vocab::rdf;
use crate::sink::{Origin, QuadSink};
use oxilangtag::LanguageTag;
use oxrdf::{
    BlankNode, GraphName, GraphNameRef, Literal, NamedNode, NamedOrBlankNode, NamedOrBlankNodeRef,
    Quad, QuadRef, Term, TermRef,
};
use std::collections::BTreeMap;

/// Properties by name, with the texts of their native values.
pub(super) type Properties<'m> = BTreeMap<&'m str, Vec<String>>;

/// A node as it was read.
#[derive(Debug, Default)]
pub(super) struct Node<'m> {
    pub(super) key: String,
    /// What its labels stand for, without the one of nodes that have no type.
    pub(super) labels: Vec<&'m LabelName>,
    pub(super) properties: Properties<'m>,
}

/// A relationship as it was read.
#[derive(Debug)]
pub(super) struct Relationship<'m> {
    pub(super) kind: &'m RelationshipName,
    pub(super) start: String,
    pub(super) end: String,
    pub(super) graph: Option<String>,
    /// The IRI of what was folded.
    pub(super) key: Option<String>,
    pub(super) properties: Properties<'m>,
}

/// Makes quads of what is read.
pub(super) struct Quads<'m, 's> {
    pub(super) map: &'m NameMap,
    /// The property with the lexical forms of another, by the name of the other.
    forms: BTreeMap<&'m str, &'m str>,
    sink: &'s mut dyn QuadSink,
    nodes: u64,
    relationships: u64,
    digest: Digest,
}

impl<'m, 's> Quads<'m, 's> {
    pub(super) fn new(map: &'m NameMap, sink: &'s mut dyn QuadSink) -> Self {
        let forms = map.properties.iter();
        let forms = forms.filter_map(|(name, property)| {
            let of = property.lexical_forms_of.as_deref()?;
            Some((of, name.as_str()))
        });
        Self {
            map,
            forms: forms.collect(),
            sink,
            nodes: 0,
            relationships: 0,
            digest: Digest::default(),
        }
    }

    /// Says what is missing, or is too much.
    pub(super) fn finish(self) -> Result<(), ImportError> {
        let counts = [
            ("nodes", self.nodes, self.map.node_count),
            (
                "relationships",
                self.relationships,
                self.map.relationship_count,
            ),
        ];
        for (what, found, expected) in counts {
            if expected.is_some_and(|expected| expected != found) {
                return Err(ImportError::Incomplete(format!(
                    "{found} {what} were read, but the map of names was written with {}",
                    expected.unwrap_or_default()
                )));
            }
        }
        let digest = self.map.digest.as_ref();
        if digest.is_some_and(|digest| *digest != self.digest.text()) {
            return Err(ImportError::Incomplete(
                "what was read does not say what was exported: something in it was changed, left out or \
                 doubled"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// What a label stands for; nothing for the one of nodes that have no type.
    pub(super) fn label(
        &self,
        name: &str,
        place: &Place,
    ) -> Result<Option<&'m LabelName>, ImportError> {
        match self.map.labels.get(name) {
            Some(label) => Ok(Some(label)),
            None if name == self.map.default_label => Ok(None),
            None => Err(place.fault(format!("the map does not know the label `{name}`"))),
        }
    }

    /// What a property stands for, with its name as the map has it.
    pub(super) fn property(
        &self,
        name: &str,
        place: &Place,
    ) -> Result<(&'m str, &'m PropertyName), ImportError> {
        let known = self.map.properties.get_key_value(name);
        let (name, property) = known
            .ok_or_else(|| place.fault(format!("the map does not know the property `{name}`")))?;
        Ok((name, property))
    }

    /// What a type of relationships stands for.
    pub(super) fn kind(
        &self,
        name: &str,
        place: &Place,
    ) -> Result<&'m RelationshipName, ImportError> {
        let known = self.map.relationships.get(name);
        known.ok_or_else(|| place.fault(format!("the map does not know the type `{name}`")))
    }

    /// Makes the statements of a node.
    pub(super) fn node(&mut self, node: &Node<'m>, place: &Place) -> Result<(), ImportError> {
        self.nodes += 1;
        let subject = self.resource(&node.key, place)?;
        for label in &node.labels {
            let class = iri(&label.iri, place)?;
            let graph = self.graph(label.graph.as_deref(), place)?;
            self.push(&subject, rdf::TYPE.into_owned(), class, graph)?;
        }
        self.properties(&subject, &node.properties, place)
    }

    /// Makes the statement of a relationship, or those of what was folded.
    pub(super) fn relationship(
        &mut self,
        one: &Relationship<'m>,
        place: &Place,
    ) -> Result<(), ImportError> {
        self.relationships += 1;
        let predicate = iri(&one.kind.iri, place)?;
        let start = self.resource(&one.start, place)?;
        let end = self.resource(&one.end, place)?;
        let graph = self.graph(one.graph.as_deref(), place)?;
        let key = &self.map.key;
        let (fold, subject) = match (&one.kind.fold, &one.key) {
            (Some(fold), Some(key)) => (fold, self.resource(key, place)?),
            (Some(_), None) => return Err(place.fault(format!("`{key}` is missing"))),
            (None, None) if one.properties.is_empty() => {
                return self.push(&start, predicate, end, graph);
            }
            (None, _) => {
                let reason = "relationships of this type are not folded, and have no properties";
                return Err(place.fault(reason));
            }
        };
        let (from, to) = (iri(&fold.from, place)?, iri(&fold.to, place)?);
        self.push(&subject, rdf::TYPE.into_owned(), predicate, graph.clone())?;
        self.push(&subject, from, start, graph.clone())?;
        self.push(&subject, to, end, graph)?;
        self.properties(&subject, &one.properties, place)
    }

    /// The statements that properties stand for.
    fn properties(
        &mut self,
        subject: &NamedOrBlankNode,
        properties: &Properties<'m>,
        place: &Place,
    ) -> Result<(), ImportError> {
        for (name, natives) in properties {
            let (_, property) = self.property(name, place)?;
            if natives.len() != 1 && (natives.is_empty() || !property.array) {
                return Err(place.fault(format!("`{name}` has {} values", natives.len())));
            }
            // Lexical forms come with the values that they belong to, where there are any.
            let of = property.lexical_forms_of.as_deref();
            if of.is_some_and(|of| properties.contains_key(of)) {
                continue;
            }
            let form = self.forms.get(name);
            let odd = form.and_then(|form| properties.get(form));
            if of.is_some() {
                for lexical in natives {
                    self.literal(subject, property, lexical, place)?;
                }
            } else {
                self.literals(subject, (name, property), natives, odd, place)?;
            }
        }
        Ok(())
    }

    /// The lexical forms of a property's values: those that are kept, and for values that none of those
    /// stands for the usual one.
    fn literals(
        &mut self,
        subject: &NamedOrBlankNode,
        (name, property): (&str, &PropertyName),
        natives: &[String],
        odd: Option<&Vec<String>>,
        place: &Place,
    ) -> Result<(), ImportError> {
        let (kind, datatype) = (property.kind, &property.datatype);
        let mut left: Vec<&str> = natives.iter().map(String::as_str).collect();
        for lexical in odd.into_iter().flatten() {
            if let Some(native) = kind.native(datatype, lexical) {
                let at = left.iter().position(|one| *one == native).ok_or_else(|| {
                    place.fault(format!("`{lexical}` is no form of a value of `{name}`"))
                })?;
                left.swap_remove(at);
            }
            self.literal(subject, property, lexical, place)?;
        }
        for native in left {
            let lexical = kind.lexical(datatype, native);
            if kind.native(datatype, &lexical).as_deref() != Some(native) {
                return Err(place.fault(format!("`{native}` is no value of `{name}`")));
            }
            self.literal(subject, property, &lexical, place)?;
        }
        Ok(())
    }

    fn literal(
        &mut self,
        subject: &NamedOrBlankNode,
        property: &PropertyName,
        lexical: &str,
        place: &Place,
    ) -> Result<(), ImportError> {
        let predicate = iri(&property.iri, place)?;
        let graph = self.graph(property.graph.as_deref(), place)?;
        if property.datatype == RESOURCE {
            let object: Term = self.resource(lexical, place)?.into();
            return self.push(subject, predicate, object, graph);
        }
        let literal = match &property.language {
            Some(language) => {
                LanguageTag::parse(language.as_str())
                    .map_err(|_| place.fault(format!("`{language}` is no language")))?;
                // As it is written: the other function puts it in small letters.
                Literal::new_language_tagged_literal_unchecked(lexical, language)
            }
            None => Literal::new_typed_literal(lexical, iri(&property.datatype, place)?),
        };
        self.push(subject, predicate, literal, graph)
    }

    fn resource(&self, text: &str, place: &Place) -> Result<NamedOrBlankNode, ImportError> {
        let Some(label) = text.strip_prefix(&self.map.blank_nodes) else {
            return Ok(iri(text, place)?.into());
        };
        let node = BlankNode::new(label);
        let node = node.map_err(|_| place.fault(format!("`{label}` labels no blank node")))?;
        Ok(node.into())
    }

    fn graph(&self, text: Option<&str>, place: &Place) -> Result<GraphName, ImportError> {
        Ok(match text {
            None => GraphName::DefaultGraph,
            Some(text) => self.resource(text, place)?.into(),
        })
    }

    fn push(
        &mut self,
        subject: &NamedOrBlankNode,
        predicate: NamedNode,
        object: impl Into<Term>,
        graph: GraphName,
    ) -> Result<(), ImportError> {
        let quad = Quad::new(subject.clone(), predicate, object, graph);
        self.digest(quad.as_ref());
        Ok(self.sink.push(quad.as_ref(), &Origin::default())?)
    }
}

impl Quads<'_, '_> {
    /// Adds a statement to what all of them are told by.
    fn digest(&mut self, quad: QuadRef<'_>) {
        let blank_nodes = self.map.blank_nodes.as_str();
        let subject = match quad.subject {
            NamedOrBlankNodeRef::NamedNode(node) => [node.as_str(), ""],
            NamedOrBlankNodeRef::BlankNode(node) => [blank_nodes, node.as_str()],
        };
        let graph = match quad.graph_name {
            GraphNameRef::DefaultGraph => ["", ""],
            GraphNameRef::NamedNode(node) => [node.as_str(), ""],
            GraphNameRef::BlankNode(node) => [blank_nodes, node.as_str()],
        };
        let (object, datatype, language) = match quad.object {
            TermRef::NamedNode(node) => ([node.as_str(), ""], "", None),
            TermRef::BlankNode(node) => ([blank_nodes, node.as_str()], "", None),
            TermRef::Literal(literal) => {
                let datatype = literal.datatype().as_str();
                ([literal.value(), ""], datatype, literal.language())
            }
        };
        let predicate = [quad.predicate.as_str(), ""];
        let of_object = [[datatype, ""], [language.unwrap_or_default(), ""]];
        for part in [subject, predicate, object, graph]
            .into_iter()
            .chain(of_object)
        {
            self.digest.part(part.map(str::as_bytes));
        }
        self.digest.end();
    }
}

fn iri(text: &str, place: &Place) -> Result<NamedNode, ImportError> {
    NamedNode::new(text).map_err(|_| place.fault(format!("`{text}` is not an IRI")))
}

/// Adds a property, once.
pub(super) fn insert<'m>(
    properties: &mut Properties<'m>,
    name: &'m str,
    values: Vec<String>,
    place: &Place,
) -> Result<(), ImportError> {
    match properties.insert(name, values) {
        None => Ok(()),
        Some(_) => Err(place.fault(format!("`{name}` stands here twice"))),
    }
}
