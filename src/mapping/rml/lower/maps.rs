//! Triples maps, lowered to quad rules.

use super::row::{RowShape, Scope};
use super::term::{Lowered, Position};
use super::{Lowering, element};
use crate::mapping::rml::model::{ObjectMap, Place, PredicateObjectMap, TermMap};
use crate::plan::{Expression, Generator, GraphRule, QuadRule, TermRule, TripleRule};
use oxrdf::{NamedNode, NamedNodeRef, Term};

/// What stands for the default graph, in both vocabularies.
const DEFAULT_GRAPHS: [&str; 2] = [
    "http://www.w3.org/ns/r2rml#defaultGraph",
    "http://w3id.org/rml/defaultGraph",
];

/// Spec: RDF 1.2 §1.5
const REIFIES: NamedNodeRef<'_> =
    NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies");

/// A graph, with what its term asks for.
struct Graph {
    rule: GraphRule,
    lowered: Lowered,
}

impl Lowering<'_> {
    /// The base IRI of a triples map.
    pub(super) fn base_of(&self, map: usize) -> String {
        let map = &self.mapping.triples_maps[map];
        let base = map.base.as_ref().or(self.mapping.base.as_ref());
        base.unwrap_or(&self.options.base).clone()
    }

    pub(super) fn triples_map(&mut self, number: usize) -> Option<()> {
        let map = &self.mapping.triples_maps[number];
        self.map = number;
        let base = self.base_of(number);
        let source = self.reader.first(map.source);
        let resolved = self.source(source)?;
        let mut row = RowShape::new(source, resolved);
        let own = Scope::of(0);
        let subjects = self.terms(&map.subject.term, &mut row, own, &base, Position::Subject);
        if !map.is_asserted {
            return Some(());
        }
        let classes = map.subject.classes.iter().map(|class| {
            (
                Lowered {
                    rule: Some(TermRule::Constant(class.value.clone().into())),
                    ..Lowered::default()
                },
                class.place.clone(),
            )
        });
        let classes: Vec<(Lowered, Place)> = classes.collect();
        let graphs = self.graphs(&map.subject.graphs, &[], &mut row, &base);
        if let (Some(subjects), Some(graphs)) = (&subjects, &graphs) {
            let predicate = Lowered {
                rule: Some(TermRule::iri(oxrdf::vocab::rdf::TYPE)),
                ..Lowered::default()
            };
            for (class, place) in &classes {
                for subject in subjects {
                    self.quads(&row, [subject, &predicate, class], graphs, &[], place);
                }
            }
        }
        for part in &map.predicate_objects {
            // What else is wrong is told too.
            let _: Option<()> =
                self.predicate_object(part, &map.subject.graphs, subjects.as_deref(), &row, &base);
        }
        Some(())
    }

    fn predicate_object(
        &mut self,
        part: &PredicateObjectMap,
        of_subject: &[TermMap],
        subjects: Option<&[Lowered]>,
        row: &RowShape,
        base: &str,
    ) -> Option<()> {
        let own = Scope::of(0);
        let mut shared = row.clone();
        let mut conditions = Vec::new();
        for condition in &part.conditions {
            conditions.push(self.expression(condition, &shared, own)?);
        }
        let mut predicates = Vec::new();
        for predicate in &part.predicates {
            let made = self.terms(predicate, &mut shared, own, base, Position::Predicate);
            predicates.extend(made?);
        }
        let graphs = self.graphs(of_subject, &part.graphs, &mut shared, base);
        for object in &part.objects {
            let mut row = shared.clone();
            let (objects, place) = match object {
                ObjectMap::Term(term) => (
                    self.terms(term, &mut row, own, base, Position::Object),
                    &term.place,
                ),
                ObjectMap::Reference(reference) => {
                    (self.reference(reference, &mut row), &reference.place)
                }
            };
            let (Some(objects), Some(subjects), Some(graphs)) = (objects, subjects, &graphs) else {
                continue;
            };
            for subject in subjects {
                for predicate in &predicates {
                    for object in &objects {
                        let parts = [subject, predicate, object];
                        self.quads(&row, parts, graphs, &conditions, place);
                    }
                }
            }
        }
        Some(())
    }

    // The graphs of a subject map and a predicate-object map together.
    //
    // Spec: R2RML §11.1
    fn graphs(
        &mut self,
        of_subject: &[TermMap],
        of_part: &[TermMap],
        row: &mut RowShape,
        base: &str,
    ) -> Option<Vec<Graph>> {
        let mut graphs: Vec<Graph> = Vec::new();
        for map in of_subject.iter().chain(of_part) {
            for lowered in self.terms(map, row, Scope::of(0), base, Position::Graph)? {
                let rule = match lowered.rule.clone()? {
                    TermRule::Constant(Term::NamedNode(node)) => {
                        if DEFAULT_GRAPHS.contains(&node.as_str()) {
                            GraphRule::DEFAULT
                        } else {
                            node.into()
                        }
                    }
                    TermRule::Constant(Term::BlankNode(node)) => node.into(),
                    other => GraphRule::Term(other, &DEFAULT_GRAPHS),
                };
                graphs.push(Graph { rule, lowered });
            }
        }
        if graphs.is_empty() {
            graphs.push(Graph {
                rule: GraphRule::DEFAULT,
                lowered: Lowered::default(),
            });
        }
        Some(graphs)
    }

    fn quads(
        &mut self,
        row: &RowShape,
        parts: [&Lowered; 3],
        graphs: &[Graph],
        conditions: &[Expression],
        place: &Place,
    ) {
        let elements = &mut self.reader.expressions.elements;
        elements.push(element(place));
        let element = elements.len() - 1;
        let [Some(subject), Some(predicate), Some(object)] = parts.map(|part| part.rule.clone())
        else {
            return;
        };
        for graph in graphs {
            let all = || parts.into_iter().chain([&graph.lowered]);
            let mut when: Vec<usize> = all().flat_map(|part| part.when.clone()).collect();
            when.sort_unstable();
            when.dedup();
            let mut targets: Vec<usize> = all().flat_map(|part| part.targets.clone()).collect();
            targets.sort_unstable();
            targets.dedup();
            let mut all_conditions = conditions.to_vec();
            for condition in all().flat_map(|part| &part.conditions) {
                if !all_conditions.contains(condition) {
                    all_conditions.push(condition.clone());
                }
            }
            let rule = |subject: TermRule, predicate: TermRule, object: TermRule| QuadRule {
                subject,
                predicate,
                object,
                graph: graph.rule.clone(),
                conditions: all_conditions.clone(),
                destinations: targets.clone(),
                key: None,
                when: when.clone(),
                when_text: false,
                element,
            };
            let made = rule(subject.clone(), predicate.clone(), object.clone());
            let reified: Vec<QuadRule> = all()
                .flat_map(|part| &part.reified)
                .map(|triple| {
                    let of = |generator| TermRule::Generated(Box::new(generator));
                    rule(
                        of(Generator::Reifier(Box::new(triple.clone()))),
                        TermRule::iri(REIFIES),
                        of(Generator::Triple(Box::new(triple.clone()))),
                    )
                })
                .collect();
            for rule in std::iter::once(made).chain(reified) {
                let rule = QuadRule {
                    destinations: self.destinations_of(&rule.destinations),
                    ..rule
                };
                // A row whose source cannot be read was told of.
                let _: Option<()> = self.push(row, rule);
            }
        }
    }

    /// The triples of a triples map, to be quoted; each with what it asks for.
    pub(super) fn quoted(
        &mut self,
        number: usize,
        row: &mut RowShape,
        scope: Scope,
        place: &Place,
    ) -> Option<Vec<(TripleRule, Lowered)>> {
        if self.quoting.contains(&number) {
            self.diagnostics.push(crate::diagnostic::Diagnostic::error(
                "rml::cycle",
                format!("`{}` quotes itself", self.mapping.triples_maps[number].name),
                place.location(),
            ));
            return None;
        }
        self.quoting.push(number);
        let outer = std::mem::replace(&mut self.map, number);
        let made = self.quoted_triples(number, row, scope);
        self.map = outer;
        self.quoting.pop();
        made
    }

    fn quoted_triples(
        &mut self,
        number: usize,
        row: &mut RowShape,
        scope: Scope,
    ) -> Option<Vec<(TripleRule, Lowered)>> {
        let map = &self.mapping.triples_maps[number];
        let base = self.base_of(number);
        let mut all = Vec::new();
        let subjects = self.terms(&map.subject.term, row, scope, &base, Position::Subject)?;
        let mut pairs: Vec<(Lowered, Lowered)> = Vec::new();
        for class in &map.subject.classes {
            let constant = |node: NamedNode| Lowered {
                rule: Some(TermRule::Constant(node.into())),
                ..Lowered::default()
            };
            pairs.push((
                constant(oxrdf::vocab::rdf::TYPE.into_owned()),
                constant(class.value.clone()),
            ));
        }
        for part in &map.predicate_objects {
            let mut predicates = Vec::new();
            for predicate in &part.predicates {
                predicates.extend(self.terms(predicate, row, scope, &base, Position::Predicate)?);
            }
            for object in &part.objects {
                let objects = match object {
                    ObjectMap::Term(term) => {
                        self.terms(term, row, scope, &base, Position::Object)?
                    }
                    ObjectMap::Reference(reference) => self.reference_in(reference, row, scope)?,
                };
                for predicate in &predicates {
                    for object in &objects {
                        pairs.push((predicate.clone(), object.clone()));
                    }
                }
            }
        }
        for subject in &subjects {
            for (predicate, object) in &pairs {
                let parts = [subject, predicate, object];
                let [Some(one), Some(two), Some(three)] = parts.map(|part| part.rule.clone())
                else {
                    continue;
                };
                let triple = TripleRule {
                    subject: one,
                    predicate: two,
                    object: three,
                };
                let mut lowered = Lowered::default();
                for part in parts {
                    lowered.when.extend(&part.when);
                    lowered.conditions.extend(part.conditions.iter().cloned());
                    lowered.reified.extend(part.reified.iter().cloned());
                }
                all.push((triple, lowered));
            }
        }
        Some(all)
    }
}
