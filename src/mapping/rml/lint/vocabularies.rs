//! Both vocabularies in one map: engines that know one of them pass over what is in the other.

use super::Findings;
use crate::mapping::rml::graph::{MappingGraph, Statement};
use crate::mapping::rml::vocab::{FNML, OLD_RML, Property, RML, RMLT, RR};
use oxrdf::NamedOrBlankNode;
use rustc_hash::FxHashSet;

/// A vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era {
    New,
    Old,
}

fn era(iri: &str) -> Option<Era> {
    let is_in = |namespace: &&str| iri.starts_with(*namespace);
    if is_in(&RML) {
        Some(Era::New)
    } else {
        [RR, OLD_RML, FNML, RMLT]
            .iter()
            .any(is_in)
            .then_some(Era::Old)
    }
}

pub(super) fn check(graph: &MappingGraph, findings: &mut Findings<'_>) {
    let mut seen: FxHashSet<&NamedOrBlankNode> = FxHashSet::default();
    for statement in graph.statements() {
        if !seen.insert(&statement.subject) {
            continue;
        }
        check_node(graph, &statement.subject, findings);
    }
}

// A map is in the vocabulary of what leads to it, else of its first property.
fn check_node(graph: &MappingGraph, subject: &NamedOrBlankNode, findings: &mut Findings<'_>) {
    let of = |statement: &Statement| {
        statement.property?;
        era(statement.predicate.as_str())
    };
    let leading = graph.leading_to(subject).filter(|statement| {
        // These lead from one triples map to another, which may be of another document.
        !matches!(
            statement.property,
            Some(Property::ParentTriplesMap | Property::QuotedTriplesMap)
        )
    });
    let mut leading: Vec<Era> = leading.filter_map(of).collect();
    leading.dedup();
    if leading.len() > 1 {
        return;
    }
    let own = graph.about(subject);
    let own: Vec<(&Statement, Era)> = own.filter_map(|found| Some((found, of(found)?))).collect();
    let first = own.first().map(|(_, era)| *era);
    let Some(expected) = leading.first().copied().or(first) else {
        return;
    };
    let Some((found, _)) = own.iter().find(|(_, era)| *era != expected) else {
        return;
    };
    let shown = graph.show(found.predicate.as_str());
    let (here, there) = match expected {
        Era::New => (
            "`http://w3id.org/rml/`",
            "the older vocabulary (R2RML and what was added to it)",
        ),
        Era::Old => (
            "the older vocabulary (R2RML and what was added to it)",
            "`http://w3id.org/rml/`",
        ),
    };
    let help = counterpart(found, expected).map_or_else(String::new, |iri| {
        format!("write {}", shown_as(graph, &iri))
    });
    let message = format!(
        "{shown} is of {there} and stands in a map of {here}: engines for the one pass over the other"
    );
    findings.warn(
        "rml::mixed-vocabulary",
        &graph.predicate_place(found),
        message,
        help,
    );
}

// The same property in the other vocabulary.
fn counterpart(statement: &Statement, wanted: Era) -> Option<String> {
    let spellings = statement.property?.spellings();
    let found = spellings
        .iter()
        .map(|(namespace, local)| format!("{namespace}{local}"))
        .filter(|iri| era(iri) == Some(wanted));
    // The same name comes first, of R2RML where it has it, for it is of the older vocabulary's core.
    let local = |iri: &str| iri.rsplit(['#', '/']).next().map(str::to_owned);
    let own = local(statement.predicate.as_str());
    found.min_by_key(|iri| (local(iri) != own, !iri.starts_with(RR)))
}

fn shown_as(graph: &MappingGraph, iri: &str) -> String {
    let shown = graph.show(iri);
    if shown.starts_with('<') {
        shown
    } else {
        format!("`{shown}`")
    }
}

#[cfg(test)]
mod tests {
    use super::{Era, era};

    #[test]
    fn the_older_vocabulary_is_in_several_namespaces() {
        for (iri, expected) in [
            ("http://w3id.org/rml/template", Some(Era::New)),
            ("http://www.w3.org/ns/r2rml#template", Some(Era::Old)),
            (
                "http://semweb.mmlab.be/ns/fnml#functionValue",
                Some(Era::Old),
            ),
            ("http://example.com/template", None),
        ] {
            assert_eq!(era(iri), expected, "{iri}");
        }
    }
}
