//! A mapping as an RML document in the vocabulary of the W3C Community Group, for people to go on with.
//!
//! In: a [`Mapping`], whatever it was written in. Out: Turtle that means the same.
//!
//! A triples map is a block of its own, after the sources and targets that it shares with others; what is said once
//! stands where it is said. Names, order and line breaks come from the mapping alone, so that the same mapping has the
//! same bytes.
//!
//! Spec: RML-Core, RML-IO, RML-FNML, RML-LV, RML-CC, RML-star

mod names;
mod sources;
mod terms;
mod turtle;
mod vocab;

use super::model::{Mapping, Rows, Vocabulary};
use crate::diagnostic::{Diagnostic, Diagnostics};
use names::Names;
use oxrdf::BlankNode;
use rustc_hash::FxHashSet;
use turtle::{Block, Node, Value};

/// Writes a mapping as Turtle.
///
/// A source in the vocabulary before this one gets `rml:null ""`, since its empty cells are no values, and what a function
/// gives the datatype of a string; that rows are held to more now is told (`rml::stricter`). What RML has
/// elsewhere is told as a note (`rml::moved-condition`), what only some engines read (`rml::not-standard`) and what cannot be
/// said (`rml::not-expressible`) as a warning.
pub fn write(mapping: &Mapping, diagnostics: &mut Diagnostics) -> String {
    let mut taken = FxHashSet::default();
    let maps = mapping.triples_maps.iter().map(|map| map.name.as_str());
    let maps = Names::new("map", maps, &mut taken);
    let sources = mapping.sources.iter().map(|source| source.name.as_str());
    let sources = Names::new("source", sources, &mut taken);
    let targets = mapping.targets.iter().map(|target| target.name.as_str());
    let targets = Names::new("target", targets, &mut taken);
    let mut document = Document {
        mapping,
        diagnostics,
        maps,
        sources,
        targets,
        stands_alone: stands_alone(mapping),
        is_written: vec![false; mapping.sources.len()],
        is_legacy: false,
        blocks: Vec::new(),
        blank_nodes: Vec::new(),
    };
    for (index, target) in mapping.targets.iter().enumerate() {
        let name = document.targets.reference(index);
        document.push(Some(name), sources::target(target));
    }
    let mut sources = mapping.sources.iter();
    if let Some(source) = sources.find(|source| source.vocabulary == Vocabulary::Legacy) {
        let message = "in the newer vocabulary an IRI that is not valid fails the run; in this one its statement is left out";
        let place = source.place.location();
        let note = Diagnostic::note("rml::stricter", message, place);
        document.diagnostics.push(note);
    }
    let is_referred_to = referred_to(mapping);
    for (index, map) in mapping.triples_maps.iter().enumerate() {
        let node = document.triples_map(map);
        let name = match document.maps.own(index) {
            None if is_referred_to[index] => Some(document.maps.reference(index)),
            own => own,
        };
        document.push(name, node);
    }
    // What nothing uses was written by somebody all the same.
    for index in 0..mapping.sources.len() {
        let is_single = matches!(mapping.sources[index].rows, Rows::Single);
        if !document.is_written[index] && !is_single {
            document.block_of_source(index);
        }
    }
    turtle::write(&document.blocks, &vocab::prefixes(&mapping.prefixes))
}

/// A document that is being written.
struct Document<'m> {
    mapping: &'m Mapping,
    diagnostics: &'m mut Diagnostics,
    maps: Names,
    sources: Names,
    targets: Names,
    // Of each source whether it is a block of its own.
    stands_alone: Vec<bool>,
    is_written: Vec<bool>,
    // Whether the triples map that is being written was in the older vocabulary.
    is_legacy: bool,
    blocks: Vec<Block>,
    blank_nodes: Vec<BlankNode>,
}

impl Document<'_> {
    fn push(&mut self, name: Option<Value>, node: Node) {
        self.blocks.push(Block { name, node });
    }

    /// A source where it is used: in brackets, or its name, whose block then stands before.
    fn source_value(&mut self, index: usize) -> Value {
        let mapping = self.mapping;
        let Some(source) = mapping.sources.get(index) else {
            return self.sources.reference(index);
        };
        if !self.stands_alone[index] {
            self.is_written[index] = true;
            return self.source(source).into();
        }
        if !self.is_written[index] {
            self.block_of_source(index);
        }
        self.sources.reference(index)
    }

    fn block_of_source(&mut self, index: usize) {
        let mapping = self.mapping;
        // Before it is written, so that views on each other end.
        self.is_written[index] = true;
        if let Rows::View(view) = &mapping.sources[index].rows {
            for join in &view.joins {
                if self.is_written.get(join.parent) == Some(&false) {
                    self.block_of_source(join.parent);
                }
            }
        }
        let node = self.source(&mapping.sources[index]);
        let name = self.sources.reference(index);
        self.push(Some(name), node);
    }
}

// Views and what several use; a name that somebody chose stays.
fn stands_alone(mapping: &Mapping) -> Vec<bool> {
    let mut uses = vec![0_usize; mapping.sources.len()];
    let mut count = |index: usize, times| {
        if let Some(uses) = uses.get_mut(index) {
            *uses += times;
        }
    };
    for map in &mapping.triples_maps {
        count(map.source, 1);
    }
    for (index, source) in mapping.sources.iter().enumerate() {
        if let Rows::View(view) = &source.rows {
            count(index, 2);
            count(view.on, 1);
            for join in &view.joins {
                count(join.parent, 2);
            }
        }
    }
    let is_named = |name: &str| crate::rdf::iri::is_absolute(name);
    uses.into_iter()
        .zip(&mapping.sources)
        .map(|(uses, source)| uses != 1 || is_named(&source.name))
        .collect()
}

// Whether each triples map is spoken of by another.
fn referred_to(mapping: &Mapping) -> Vec<bool> {
    use super::model::{ObjectMap, TermMap, TermValue};
    fn of_object(object: &ObjectMap, found: &mut [bool]) {
        match object {
            ObjectMap::Term(term) => of_term(term, found),
            ObjectMap::Reference(reference) => mark(reference.parent, found),
        }
    }
    fn of_term(term: &TermMap, found: &mut [bool]) {
        match &term.value {
            TermValue::Quoted { triples_map, .. } => mark(*triples_map, found),
            TermValue::Gather(gather) => {
                gather.items.iter().for_each(|item| of_object(item, found));
            }
            TermValue::Expression(_) | TermValue::Fresh => {}
        }
    }
    fn mark(index: usize, found: &mut [bool]) {
        if let Some(is_referred_to) = found.get_mut(index) {
            *is_referred_to = true;
        }
    }
    let mut found = vec![false; mapping.triples_maps.len()];
    for map in &mapping.triples_maps {
        of_term(&map.subject.term, &mut found);
        for part in &map.predicate_objects {
            let terms = part.predicates.iter().chain(&part.graphs);
            terms.for_each(|term| of_term(term, &mut found));
            let objects = part.objects.iter();
            objects.for_each(|object| of_object(object, &mut found));
        }
    }
    found
}

#[cfg(test)]
mod tests;
