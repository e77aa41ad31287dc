//! Properties that stand where they say nothing, nodes that nothing leads to, names that are nearly right.

use super::Findings;
use crate::mapping::rml::graph::{MappingGraph, Statement, node};
use crate::mapping::rml::vocab::{self, Property};
use crate::rdf::vocab::rdf;
use oxrdf::{NamedOrBlankNode, Term};
use rustc_hash::FxHashMap;

/// What a node is, by the property that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    TriplesMap,
    Subject,
    Term,
    PredicateObject,
    Source,
    Join,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::TriplesMap => "a triples map",
            Self::Subject => "a subject map",
            Self::Term => "a term map",
            Self::PredicateObject => "a predicate-object map",
            Self::Source => "a logical source",
            Self::Join => "a join condition",
        }
    }
}

pub(super) fn check(graph: &MappingGraph, findings: &mut Findings<'_>) {
    let mut roles: FxHashMap<NamedOrBlankNode, Vec<Role>> = FxHashMap::default();
    for statement in graph.statements() {
        if let (Some(role), Some(node)) = (role_of_object(statement), node(&statement.object)) {
            roles.entry(node).or_default().push(role);
        }
        if is_triples_map(graph, &statement.subject) {
            let known = roles.entry(statement.subject.clone()).or_default();
            if !known.contains(&Role::TriplesMap) {
                known.push(Role::TriplesMap);
            }
        }
    }
    for statement in graph.statements() {
        let Some(property) = statement.property else {
            continue;
        };
        if property == Property::ReferenceFormulation {
            check_formulation(graph, statement, findings);
        }
        match roles.get(&statement.subject) {
            Some(roles) => check_role(graph, statement, property, roles, findings),
            None => check_use(graph, statement, property, findings),
        }
    }
}

fn role_of_object(statement: &Statement) -> Option<Role> {
    Some(match statement.property? {
        Property::SubjectMap => Role::Subject,
        Property::PredicateMap
        | Property::ObjectMap
        | Property::GraphMap
        | Property::DatatypeMap
        | Property::LanguageMap => Role::Term,
        Property::PredicateObjectMap => Role::PredicateObject,
        Property::LogicalSource => Role::Source,
        Property::JoinCondition => Role::Join,
        Property::ParentTriplesMap | Property::QuotedTriplesMap => Role::TriplesMap,
        _ => return None,
    })
}

// Function executions of the older vocabulary have properties of triples maps.
fn is_triples_map(graph: &MappingGraph, node: &NamedOrBlankNode) -> bool {
    let marks = [
        Property::SubjectMap,
        Property::Subject,
        Property::LogicalSource,
    ];
    marks.iter().any(|property| graph.has(node, *property)) && !is_execution(graph, node)
}

fn is_execution(graph: &MappingGraph, node: &NamedOrBlankNode) -> bool {
    let mut leading = graph.leading_to(node);
    leading.any(|statement| statement.property == Some(Property::FunctionExecution))
}

// Where a property belongs; nothing where it may stand in several other places too.
fn places_of(property: Property) -> Option<&'static [Role]> {
    use Property as P;
    use Role as R;
    Some(match property {
        P::LogicalSource | P::SubjectMap | P::Subject | P::PredicateObjectMap => &[R::TriplesMap],
        P::PredicateMap | P::Predicate | P::ObjectMap | P::Object => &[R::PredicateObject],
        P::GraphMap | P::Graph => &[R::Subject, R::PredicateObject],
        P::Class => &[R::Subject],
        P::BaseIri => &[R::TriplesMap],
        P::Constant
        | P::Reference
        | P::Template
        | P::TermType
        | P::FunctionExecution
        | P::LogicalTarget => &[R::Subject, R::Term],
        P::Datatype
        | P::DatatypeMap
        | P::Language
        | P::LanguageMap
        | P::ParentTriplesMap
        | P::JoinCondition => &[R::Term],
        P::Child | P::Parent | P::ChildMap | P::ParentMap => &[R::Join],
        P::ReferenceFormulation | P::Iterator | P::TableName | P::SqlVersion | P::ViewOn => {
            &[R::Source]
        }
        _ => return None,
    })
}

fn check_role(
    graph: &MappingGraph,
    statement: &Statement,
    property: Property,
    roles: &[Role],
    findings: &mut Findings<'_>,
) {
    let Some(allowed) = places_of(property) else {
        return;
    };
    if roles.iter().any(|role| allowed.contains(role)) || is_execution(graph, &statement.subject) {
        return;
    }
    // A quoted triple has join conditions where it is a subject too.
    let is_join = matches!(property, Property::JoinCondition);
    if is_join && graph.has(&statement.subject, Property::QuotedTriplesMap) {
        return;
    }
    let shown = graph.show(statement.predicate.as_str());
    let here = roles.first().map_or("a map", |role| role.name());
    let allowed: Vec<&str> = allowed.iter().map(|role| role.name()).collect();
    let message = format!("{shown} says nothing in {here}");
    let help = match property {
        Property::Class => {
            "a class stands in the subject map; that of an object is stated by the triples map that makes it"
                .to_owned()
        }
        Property::Datatype | Property::Language | Property::TermType
            if roles.contains(&Role::PredicateObject) =>
        {
            format!("put it into the object map: `rml:objectMap [ rml:reference \"…\" ; {shown} … ]`")
        }
        _ => format!("put it into {}", allowed.join(" or ")),
    };
    let place = graph.predicate_place(statement);
    findings.warn("rml::misplaced-property", &place, message, help);
}

// What has the properties of a part of a mapping and belongs to nothing.
fn check_use(
    graph: &MappingGraph,
    statement: &Statement,
    property: Property,
    findings: &mut Findings<'_>,
) {
    let subject = &statement.subject;
    if graph.leading_to(subject).next().is_some() || is_triples_map(graph, subject) {
        return;
    }
    let (what, leads) = match property {
        Property::Source | Property::TableName | Property::ViewOn => {
            ("a logical source", "rml:logicalSource")
        }
        Property::Target | Property::Serialization => ("a logical target", "rml:logicalTarget"),
        Property::Predicate | Property::PredicateMap | Property::Object | Property::ObjectMap
            if !is_typed_triples_map(graph, subject) =>
        {
            ("a predicate-object map", "rml:predicateObjectMap")
        }
        Property::Child | Property::Parent | Property::ChildMap | Property::ParentMap => {
            ("a join condition", "rml:joinCondition")
        }
        Property::Function => ("a function execution", "rml:functionExecution"),
        Property::Constant
        | Property::Reference
        | Property::Template
        | Property::TermType
        | Property::ParentTriplesMap
        | Property::QuotedTriplesMap
        | Property::FunctionExecution
        | Property::Gather => (
            "a term map",
            "rml:subjectMap`, `rml:predicateMap` or `rml:objectMap",
        ),
        _ => return,
    };
    // Once for each node: where its first such property stands.
    let first = graph.about(subject).find(|other| {
        other.property.is_some_and(|other| other == property) || std::ptr::eq(*other, statement)
    });
    if !first.is_some_and(|first| std::ptr::eq(first, statement)) {
        return;
    }
    let shown = graph.show_node(subject);
    findings.warn(
        "rml::unused",
        &graph.node_place(subject),
        format!("nothing leads to {shown}, {what}"),
        format!("refer to it by `{leads}`, or take it out"),
    );
}

fn is_typed_triples_map(graph: &MappingGraph, node: &NamedOrBlankNode) -> bool {
    let mut classes = graph
        .about(node)
        .filter(|found| found.predicate == rdf::TYPE);
    classes.any(|found| match &found.object {
        Term::NamedNode(class) => class.as_str().ends_with("TriplesMap"),
        _ => false,
    })
}

// Case counts in IRIs, though it is overlooked here.
fn check_formulation(graph: &MappingGraph, statement: &Statement, findings: &mut Findings<'_>) {
    let Term::NamedNode(iri) = &statement.object else {
        return;
    };
    let iri = iri.as_str();
    let (namespace, local) = iri.split_at(iri.rfind(['#', '/']).map_or(0, |at| at + 1));
    for right in ["CSV", "JSONPath"] {
        if !local.eq_ignore_ascii_case(right) {
            continue;
        }
        let is_known = [vocab::RML, vocab::QL, vocab::OLD_RML].contains(&namespace);
        let (prefix, code) = if statement.predicate.as_str().starts_with(vocab::RML) {
            ("rml", "rml::unknown-formulation")
        } else {
            ("ql", "rml::unknown-formulation")
        };
        if local != right || !is_known {
            let message = format!("there is no reference formulation {}", graph.show(iri));
            let help = format!("is `{prefix}:{right}` meant?");
            findings.warn(code, &graph.place(statement), message, help);
        }
    }
}
