//! From a plan back to a mapping, so that people can move from another mapping language.
//!
//! In: a [`Plan`] whose cells are read by datatypes, and what its tables are called. Out: a [`Mapping`] that makes
//! the same of the same tables. What RML cannot say of a cell is told with its place, never left out in silence.
//!
//! RML keeps cells to the letter, where the plan may have formats, and knows one set of texts that stand for no value for a
//! whole table: the first become functions where one does the same, the second conditions.

mod build;
mod source;
mod terms;

use super::model::{
    At, LogicalSource, Mapping, ObjectMap, Place, PredicateObjectMap, Rows, SubjectMap, TermMap,
    TermValue, TriplesMap, Vocabulary,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use crate::plan::{Element, GraphRule, Plan, QuadRule, TableScan, TermRule};
use crate::rdf::iri;
use build::Builder;
use oxrdf::vocab::rdf;
use oxrdf::{GraphName, NamedNode, Term};
use rustc_hash::FxHashSet;

/// What a table is called in the mapping.
#[derive(Debug, Clone, Default)]
pub struct TableName {
    /// Its path, relative to the mapping, or its address.
    pub path: String,
    /// The cells of its first header row, those of skipped columns among them; empty where they are not known.
    pub header: Vec<String>,
}

/// Makes a mapping of a plan; `tables` are those of its scans, and `document` is the IRI of the mapping to be.
///
/// What is not the same in RML is a warning (`rml::not-expressible`); what is the same in all but odd
/// cells is a note, and so is, once, that RML checks no values (`rml::not-checked`).
pub fn raise(
    plan: &Plan,
    tables: &[TableName],
    document: &str,
    diagnostics: &mut Diagnostics,
) -> Mapping {
    let mut mapping = Mapping::default();
    if !plan.constants.is_empty() {
        diagnostics.push(Diagnostic::warning(
            "rml::not-expressible",
            "statements that hang on no row are left out",
            Location::default(),
        ));
    }
    let unnamed = TableName::default();
    let mut unchecked = Unchecked::default();
    let mut names = FxHashSet::default();
    for (number, scan) in plan.scans.iter().enumerate() {
        if scan.rules.is_empty() {
            continue;
        }
        let table = tables.get(number).unwrap_or(&unnamed);
        let mut raiser = Raiser {
            scan,
            table,
            nulls: source::common_nulls(scan),
            diagnostics,
            told: FxHashSet::default(),
            unchecked: FxHashSet::default(),
        };
        let builder = raiser.builder(0);
        mapping.sources.push(LogicalSource {
            name: format!("source{}", number + 1),
            vocabulary: Vocabulary::Rml,
            rows: Rows::Source(raiser.source(&builder)),
            place: builder.place,
        });
        let source = mapping.sources.len() - 1;
        for map in raiser.triples_maps(source) {
            let name = name_of(table, document, &mut names);
            mapping.triples_maps.push(TriplesMap { name, ..map });
        }
        unchecked.columns += raiser.unchecked.len();
        unchecked.keys += scan.checks.len();
    }
    unchecked.tell(plan, diagnostics);
    mapping
}

/// What is checked of the tables and not by RML: how many.
#[derive(Debug, Default)]
struct Unchecked {
    columns: usize,
    keys: usize,
}

impl Unchecked {
    fn tell(&self, plan: &Plan, diagnostics: &mut Diagnostics) {
        let (columns, keys) = (self.columns, self.keys);
        if columns + keys == 0 {
            return;
        }
        let count = |number, one: &str, many: &str| match number {
            1 => format!("1 {one}"),
            _ => format!("{number} {many}"),
        };
        let message = format!(
            "RML checks no values: not those of {}, nor {}",
            count(columns, "column", "columns"),
            count(keys, "key", "keys"),
        );
        let document = plan.scans.iter().find_map(|scan| scan.elements.first());
        let location = document.map(|element| Location::of_source(&element.document));
        diagnostics.push(
            Diagnostic::note("rml::not-checked", message, location.unwrap_or_default()).with_help(
                "check the tables by their own metadata: there a text that does not fit its datatype becomes a \
                 string, and white space around a number is no part of it",
            ),
        );
    }
}

// `#cities` for `data/cities.csv`, and `#cities-2` for what else is said of it.
fn name_of(table: &TableName, document: &str, names: &mut FxHashSet<String>) -> String {
    let file = table.path.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.split('.').next().filter(|stem| !stem.is_empty());
    let mut fragment = String::new();
    iri::push_path_segment(&mut fragment, stem.unwrap_or("table"));
    let mut name = format!("{document}#{fragment}");
    let mut number = 1;
    while !names.insert(name.clone()) {
        number += 1;
        name = format!("{document}#{fragment}-{number}");
    }
    name
}

/// Raises one scan.
struct Raiser<'r> {
    scan: &'r TableScan,
    table: &'r TableName,
    // The texts that stand for no value in all columns that are used.
    nulls: Vec<String>,
    diagnostics: &'r mut Diagnostics,
    // What was said of an element.
    told: FxHashSet<(usize, String)>,
    // The columns whose values are checked.
    unchecked: FxHashSet<usize>,
}

impl Raiser<'_> {
    fn builder(&self, element: usize) -> Builder {
        let place = match self.scan.elements.get(element) {
            Some(Element { document, pointer }) => Place {
                document: document.as_str().into(),
                element: pointer.clone(),
                ..Place::default()
            },
            None => Place::default(),
        };
        Builder { place }
    }

    /// Says what is not the same, once for each element.
    fn tell(&mut self, severity: Severity, element: usize, column: Option<usize>, message: String) {
        if !self.told.insert((element, message.clone())) {
            return;
        }
        let mut location = Location::default();
        if let Some(Element { document, pointer }) = self.scan.elements.get(element) {
            location = Location::of_source(document);
            location.json_pointer = Some(pointer.clone());
        }
        location.column_name = column.map(|column| self.scan.column(column).name.clone());
        self.diagnostics.push(Diagnostic {
            severity,
            ..Diagnostic::error("rml::not-expressible", message, location)
        });
    }

    // One for each subject, in the order of the rules.
    fn triples_maps(&mut self, source: usize) -> Vec<TriplesMap> {
        let mut subjects: Vec<(&TermRule, Option<TriplesMap>)> = Vec::new();
        for rule in &self.scan.rules {
            let known = subjects
                .iter()
                .position(|(known, _)| **known == rule.subject);
            let place = known.unwrap_or_else(|| {
                let map = self.triples_map(rule, source);
                subjects.push((&rule.subject, map));
                subjects.len() - 1
            });
            if let Some(map) = &mut subjects[place].1 {
                self.add(map, rule);
            }
        }
        let maps = subjects.into_iter().filter_map(|(_, map)| map);
        maps.collect()
    }

    fn triples_map(&mut self, rule: &QuadRule, source: usize) -> Option<TriplesMap> {
        let builder = self.builder(rule.element);
        let mut term = match &rule.subject {
            TermRule::RowBlank(_) => builder.term(TermValue::Fresh, None),
            other => self.node(other, rule, "subject")?,
        };
        let mut columns = Vec::new();
        rule.subject.each_column(&mut |column| columns.push(column));
        term.conditions = self.null_conditions(columns, &builder);
        if let TermRule::Iri(subject) = &rule.subject {
            self.tell_of_empty_keys(subject, rule);
        }
        Some(TriplesMap {
            name: String::new(),
            vocabulary: Vocabulary::Rml,
            source,
            base: None,
            subject: SubjectMap {
                term,
                classes: Vec::new(),
                graphs: Vec::new(),
            },
            predicate_objects: Vec::new(),
            is_asserted: true,
            place: builder.place,
        })
    }

    fn add(&mut self, map: &mut TriplesMap, rule: &QuadRule) {
        let builder = self.builder(rule.element);
        if let Some(class) = class_of(rule) {
            map.subject.classes.push(At {
                value: class,
                place: builder.place,
            });
            return;
        }
        let Some(predicate) = self.node(&rule.predicate, rule, "predicate") else {
            return;
        };
        let graphs = match &rule.graph {
            GraphRule::Constant(GraphName::DefaultGraph) => Vec::new(),
            GraphRule::Constant(GraphName::NamedNode(graph)) => {
                vec![builder.constant(graph.clone())]
            }
            GraphRule::Constant(GraphName::BlankNode(graph)) => {
                vec![builder.constant(graph.clone())]
            }
            GraphRule::Term(term, _) => match self.node(term, rule, "graph") {
                Some(graph) => vec![graph],
                None => return,
            },
        };
        let objects = self.objects(rule);
        if objects.is_empty() {
            return;
        }
        map.predicate_objects.push(PredicateObjectMap {
            predicates: vec![predicate],
            objects: objects.into_iter().map(ObjectMap::Term).collect(),
            graphs,
            conditions: Vec::new(),
            place: builder.place,
        });
    }

    // A node: the same in all rows, or an IRI of the row.
    fn node(&mut self, term: &TermRule, rule: &QuadRule, what: &str) -> Option<TermMap> {
        let builder = self.builder(rule.element);
        match term {
            TermRule::Constant(term) => Some(builder.constant(term.clone())),
            TermRule::Iri(iri) => self.iri(iri, rule.element, None),
            _ => {
                let message = format!("RML makes no such {what}; what is said with it is left out");
                self.tell(Severity::Warning, rule.element, None, message);
                None
            }
        }
    }
}

// What a rule says where it says the same class of every subject.
fn class_of(rule: &QuadRule) -> Option<NamedNode> {
    let is_plain = rule.when.is_empty()
        && rule.conditions.is_empty()
        && rule.destinations.is_empty()
        && rule.graph == GraphRule::DEFAULT;
    match (&rule.predicate, &rule.object) {
        (
            TermRule::Constant(Term::NamedNode(predicate)),
            TermRule::Constant(Term::NamedNode(class)),
        ) if is_plain && predicate.as_ref() == rdf::TYPE => Some(class.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::build::ALL;
    use crate::function;

    #[test]
    fn functions_are_in_the_table() {
        for known in ALL {
            let (namespace, name) = known.function;
            let found = function::find(&format!("{namespace}{name}"));
            let found = found.unwrap_or_else(|| panic!("{name}"));
            for (namespace, name) in known.parameters {
                let parameter = format!("{namespace}{name}");
                assert!(found.parameter(&parameter).is_some(), "{parameter}");
            }
        }
    }
}
