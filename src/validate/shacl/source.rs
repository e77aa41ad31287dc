//! The shapes graph as it is read: values of properties, lists, and an order for blank nodes.

use super::error::ShapeError;
use super::term::{as_subject, compare_terms, sort_distinct, subject_term};
use super::vocab as sh;
use oxigraph::store::Store;
use oxrdf::vocab::{rdf, rdfs, xsd};
use oxrdf::{Graph, GraphNameRef, Literal, NamedNode, NamedNodeRef, QuadRef, Term, TermRef};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

/// How deep descriptions of blank nodes are followed to find an order for them.
const DESCRIPTION_DEPTH: usize = 32;

/// A shapes graph, to be asked for the properties of its nodes.
pub(super) struct Source<'a> {
    graph: &'a Graph,
    /// The literals that the store writes in another form.
    stored: FxHashMap<Literal, Term>,
    descriptions: RefCell<FxHashMap<Term, Rc<str>>>,
}

impl<'a> Source<'a> {
    /// Takes a shapes graph.
    pub(super) fn new(graph: &'a Graph) -> Result<Self, ShapeError> {
        Ok(Self {
            graph,
            stored: stored_forms(graph)?,
            descriptions: RefCell::default(),
        })
    }

    /// Gives a term in the form in which the store gives it back, to be compared with data.
    pub(super) fn stored(&self, term: Term) -> Term {
        match &term {
            Term::Literal(literal) => self.stored.get(literal).cloned().unwrap_or(term),
            Term::NamedNode(_) | Term::BlankNode(_) => term,
        }
    }

    /// Gives the values of a property, in the order of [`Source::compare`].
    pub(super) fn all(&self, node: &Term, property: NamedNodeRef<'_>) -> Vec<Term> {
        let Some(subject) = as_subject(node) else {
            return Vec::new();
        };
        let mut values: Vec<Term> = self
            .graph
            .objects_for_subject_predicate(subject, property)
            .map(TermRef::into_owned)
            .collect();
        values.sort_by(|a, b| self.compare(a, b));
        values
    }

    /// Gives the value of a property that may have one.
    pub(super) fn one(
        &self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Option<Term>, ShapeError> {
        let mut values = self.all(node, property);
        if values.len() > 1 {
            return Err(ShapeError::TooManyValues {
                shape: node.clone().into(),
                property: property.into_owned(),
                count: values.len(),
            });
        }
        Ok(values.pop())
    }

    /// Gives the value of a property that must have one.
    pub(super) fn required(
        &self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Term, ShapeError> {
        self.one(node, property)?
            .ok_or_else(|| ShapeError::MissingValue {
                shape: node.clone().into(),
                property: property.into_owned(),
            })
    }

    /// Gives the subjects that have a property.
    pub(super) fn subjects_with(&self, property: NamedNodeRef<'_>) -> Vec<Term> {
        let mut subjects: Vec<Term> = self
            .graph
            .triples_for_predicate(property)
            .map(|triple| subject_term(triple.subject.into_owned()))
            .collect();
        sort_distinct(&mut subjects);
        subjects
    }

    /// Gives the subjects that have a value for a property.
    pub(super) fn subjects(&self, property: NamedNodeRef<'_>, value: &Term) -> Vec<Term> {
        let mut subjects: Vec<Term> = self
            .graph
            .subjects_for_predicate_object(property, value)
            .map(|subject| subject_term(subject.into_owned()))
            .collect();
        sort_distinct(&mut subjects);
        subjects
    }

    /// Gives the instances of a class or of a subclass of it, by the shapes graph.
    pub(super) fn instances(&self, class: NamedNodeRef<'_>) -> Vec<Term> {
        let mut instances = Vec::new();
        let mut seen: Vec<Term> = Vec::new();
        let mut open = vec![Term::from(class.into_owned())];
        while let Some(class) = open.pop() {
            if !seen.contains(&class) {
                instances.extend(self.subjects(rdf::TYPE, &class));
                open.extend(self.subjects(rdfs::SUB_CLASS_OF, &class));
                seen.push(class);
            }
        }
        sort_distinct(&mut instances);
        instances
    }

    /// Whether a node is an instance of a class or of a subclass of it, by the shapes graph.
    pub(super) fn is_instance(&self, node: &Term, class: NamedNodeRef<'_>) -> bool {
        let mut seen: Vec<Term> = Vec::new();
        let mut open = self.all(node, rdf::TYPE);
        while let Some(found) = open.pop() {
            if found.as_ref() == class.into() {
                return true;
            }
            if !seen.contains(&found) {
                open.extend(self.all(&found, rdfs::SUB_CLASS_OF));
                seen.push(found);
            }
        }
        false
    }

    /// Gives the members of a list that is the value of a property of a shape.
    pub(super) fn list(
        &self,
        shape: &Term,
        property: NamedNodeRef<'_>,
        list: &Term,
    ) -> Result<Vec<Term>, ShapeError> {
        let malformed = || ShapeError::MalformedList {
            shape: shape.clone().into(),
            property: property.into_owned(),
        };
        let mut members = Vec::new();
        let mut node = list.clone();
        while node.as_ref() != rdf::NIL.into() {
            let [first] =
                <[Term; 1]>::try_from(self.all(&node, rdf::FIRST)).map_err(|_| malformed())?;
            let [rest] =
                <[Term; 1]>::try_from(self.all(&node, rdf::REST)).map_err(|_| malformed())?;
            members.push(first);
            // A list that is longer than the graph has triples runs in a circle.
            if members.len() > self.graph.len() {
                return Err(malformed());
            }
            node = rest;
        }
        Ok(members)
    }

    /// Gives the IRI that is the value of a property.
    pub(super) fn iri(
        &self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Option<NamedNode>, ShapeError> {
        self.one(node, property)?
            .map(|value| expect_iri(node, property, value))
            .transpose()
    }

    /// Gives the literal that is the value of a property.
    pub(super) fn literal(
        &self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Option<Literal>, ShapeError> {
        self.one(node, property)?
            .map(|value| expect_literal(node, property, value))
            .transpose()
    }

    /// Gives the plain string that is the value of a property.
    pub(super) fn string(
        &self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Option<String>, ShapeError> {
        self.one(node, property)?
            .map(|value| expect_string(node, property, value))
            .transpose()
    }

    /// Gives the boolean that is the value of a property.
    pub(super) fn boolean(
        &self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Option<bool>, ShapeError> {
        let Some(value) = self.one(node, property)? else {
            return Ok(None);
        };
        if let Term::Literal(literal) = &value
            && literal.datatype() == xsd::BOOLEAN
            && let Ok(boolean) = literal.value().parse::<oxsdatatypes::Boolean>()
        {
            return Ok(Some(boolean.into()));
        }
        Err(invalid(node, property, value, "true or false"))
    }

    /// Gives the count that is the value of a property.
    pub(super) fn count(
        &self,
        node: &Term,
        property: NamedNodeRef<'_>,
    ) -> Result<Option<usize>, ShapeError> {
        let Some(value) = self.one(node, property)? else {
            return Ok(None);
        };
        if let Term::Literal(literal) = &value
            && literal.datatype() == xsd::INTEGER
            && let Ok(count) = literal.value().parse()
        {
            return Ok(Some(count));
        }
        Err(invalid(
            node,
            property,
            value,
            "an integer that is not negative",
        ))
    }

    /// Orders nodes: as terms, but blank nodes by what is said of them.
    ///
    /// Labels of blank nodes differ from one parse of the same file to the next; `sh:order` and the
    /// description do not.
    pub(super) fn compare(&self, a: &Term, b: &Term) -> Ordering {
        match (a, b) {
            (Term::BlankNode(_), Term::BlankNode(_)) if a != b => self
                .order(a)
                .total_cmp(&self.order(b))
                .then_with(|| self.description(a, 0).cmp(&self.description(b, 0)))
                .then_with(|| compare_terms(a, b)),
            _ => compare_terms(a, b),
        }
    }

    fn order(&self, node: &Term) -> f64 {
        match self.all_unsorted(node, sh::ORDER).as_slice() {
            [Term::Literal(order)] => order.value().parse().unwrap_or(0.0),
            _ => 0.0,
        }
    }

    fn all_unsorted(&self, node: &Term, property: NamedNodeRef<'_>) -> Vec<Term> {
        as_subject(node).map_or_else(Vec::new, |subject| {
            self.graph
                .objects_for_subject_predicate(subject, property)
                .map(TermRef::into_owned)
                .collect()
        })
    }

    /// Writes what is said of a blank node, without labels; the path of a shape comes first.
    fn description(&self, node: &Term, depth: usize) -> Rc<str> {
        let Term::BlankNode(blank) = node else {
            return node.to_string().into();
        };
        if let Some(known) = self.descriptions.borrow().get(node) {
            return Rc::clone(known);
        }
        if depth >= DESCRIPTION_DEPTH {
            return "[…]".into();
        }
        // While it is being described, a node that refers to itself is cut off here.
        self.descriptions
            .borrow_mut()
            .insert(node.clone(), "[…]".into());
        let mut parts: Vec<(bool, String)> = self
            .graph
            .triples_for_subject(blank)
            .map(|triple| {
                let object = self.description(&triple.object.into_owned(), depth + 1);
                (
                    triple.predicate != sh::PATH,
                    format!("{} {object}", triple.predicate),
                )
            })
            .collect();
        parts.sort_unstable();
        let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
        let description: Rc<str> = format!("[{}]", parts.join(" ; ")).into();
        self.descriptions
            .borrow_mut()
            .insert(node.clone(), Rc::clone(&description));
        description
    }
}

/// Gives the literals of a graph that the store gives back in another form: `1.0` as `1`.
///
/// `sh:in`, `sh:hasValue` and `sh:targetNode` compare terms, so their values need the form that the
/// data has. Everything else is taken as it was written.
fn stored_forms(graph: &Graph) -> Result<FxHashMap<Literal, Term>, ShapeError> {
    let store = Store::new()?;
    let mut forms = FxHashMap::default();
    let node = NamedNodeRef::new_unchecked("urn:x-shacl:literal");
    for triple in graph {
        let TermRef::Literal(literal) = triple.object else {
            continue;
        };
        if literal.datatype() == xsd::STRING {
            continue;
        }
        let quad = QuadRef::new(node, node, literal, GraphNameRef::DefaultGraph);
        store.insert(quad)?;
        for stored in &store {
            let stored = stored?.object;
            if stored.as_ref() != literal.into() {
                forms.insert(literal.into_owned(), stored);
            }
        }
        store.remove(quad)?;
    }
    Ok(forms)
}

/// Says that a property has a value of the wrong kind.
pub(super) fn invalid(
    shape: &Term,
    property: NamedNodeRef<'_>,
    value: Term,
    expected: &'static str,
) -> ShapeError {
    ShapeError::InvalidValue {
        shape: shape.clone().into(),
        property: property.into_owned(),
        value: value.into(),
        expected,
    }
}

/// Takes a value as an IRI.
pub(super) fn expect_iri(
    shape: &Term,
    property: NamedNodeRef<'_>,
    value: Term,
) -> Result<NamedNode, ShapeError> {
    match value {
        Term::NamedNode(iri) => Ok(iri),
        _ => Err(invalid(shape, property, value, "an IRI")),
    }
}

/// Takes a value as a literal.
pub(super) fn expect_literal(
    shape: &Term,
    property: NamedNodeRef<'_>,
    value: Term,
) -> Result<Literal, ShapeError> {
    match value {
        Term::Literal(literal) => Ok(literal),
        _ => Err(invalid(shape, property, value, "a literal")),
    }
}

/// Takes a value as a string without language.
pub(super) fn expect_string(
    shape: &Term,
    property: NamedNodeRef<'_>,
    value: Term,
) -> Result<String, ShapeError> {
    match value {
        Term::Literal(literal) if literal.datatype() == xsd::STRING => Ok(literal.destruct().0),
        _ => Err(invalid(shape, property, value, "a string")),
    }
}
