//! Documents and their mappings, put together.
//!
//! In: the roots of the YAML. Out: triples maps, one for each source and subject of a mapping. How many
//! a mapping makes is known before any is made, so that mappings can refer to each other in any order.
//!
//! Spec: yarrrml §3, §4, §9

use super::super::model::{SubjectMap, TermMap, TriplesMap, Vocabulary};
use super::function::Rows;
use super::keys::{self, Fields, as_list};
use super::term::{LinkKind, Role};
use super::yaml::{Kind, Node};
use super::{LIMIT, Reader};
use crate::rdf::iri;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::btree_map;
use std::rc::Rc;

/// The base of the names of triples maps where a document has none.
const BASE: &str = "http://mapping.example.com/";

/// How many triples maps there may be.
const TRIPLES_MAPS: usize = 100_000;

/// A mapping before its triples maps are made.
struct Rule {
    name: String,
    key: Rc<Node>,
    body: Rc<Node>,
    sources: Vec<usize>,
    subjects: Vec<Subject>,
}

/// A subject before it is read.
enum Subject {
    /// A blank node for each row.
    Fresh,
    /// A text, or a map with a value or a function.
    Term(Rc<Node>),
    /// The triples of other mappings, by name.
    Quoted(Rc<Node>, Vec<String>),
}

impl Reader<'_> {
    /// Reads documents.
    pub(super) fn documents(&mut self, roots: &[Rc<Node>]) {
        let mut documents = Vec::new();
        for root in roots.iter().filter(|root| !root.is_null()) {
            if let Some(fields) = self.fields(root, &keys::DOCUMENT) {
                documents.push(fields);
            }
        }
        for fields in &documents {
            self.declarations(fields);
        }
        // What is described has to be right even where nothing refers to it.
        for fields in &documents {
            for (name, is_source) in [("sources", true), ("targets", false)] {
                let Some(named) = fields.get(name) else {
                    continue;
                };
                let Kind::Map(entries) = &named.kind else {
                    continue;
                };
                for (key, value) in entries {
                    self.element = format!("{name}.{}", key.text().unwrap_or_default());
                    if is_source {
                        self.check_source(value);
                    } else {
                        self.check_target(value);
                    }
                }
            }
        }
        let rules = self.rules(&documents);
        if rules.is_empty() && self.diagnostics.errors() == 0 {
            let message = "there is no mapping, expected some under `mappings`";
            if let Some(root) = roots.first() {
                self.error("yarrrml::no-mapping", root, message);
            } else {
                let name = self.names.first().map_or("", |name| name);
                let location = crate::diagnostic::Location::of_source(name);
                self.diagnostics.push(crate::diagnostic::Diagnostic::error(
                    "yarrrml::no-mapping",
                    message,
                    location,
                ));
            }
        }
        if self.number(&rules) {
            self.triples_maps(&rules);
        }
    }

    // Prefixes, base, values, sources and targets of a document.
    fn declarations(&mut self, fields: &Fields<'_>) {
        for (key, value) in self.entries(fields, "prefixes") {
            let (prefix, Some(namespace)) = (
                key.text().unwrap_or_default(),
                self.text_of(value, "a namespace"),
            ) else {
                continue;
            };
            if let Err(error) = iri::check(namespace) {
                let message = format!("the namespace `{namespace}` is no absolute IRI: {error}");
                self.error("yarrrml::invalid-iri", value, message);
            }
            let pair = (prefix.to_owned(), namespace.to_owned());
            if !self.prefixes.insert(key.document, prefix, namespace) {
                let message =
                    format!("the prefix `{prefix}` has another namespace in another document");
                self.warning("yarrrml::declared-twice", key, message, None);
            } else if !self.mapping.prefixes.contains(&pair) {
                self.mapping.prefixes.push(pair);
            }
        }
        if let Some(base) = fields.get("base")
            && let Some(text) = self.text_of(base, "`base`")
        {
            if let Err(error) = iri::check(text) {
                let message = format!("the base `{text}` is no absolute IRI: {error}");
                self.error("yarrrml::invalid-iri", base, message);
            }
            match &self.mapping.base {
                Some(known) if known != text => {
                    let message = format!("another document has the base `{known}`, which holds");
                    self.warning("yarrrml::declared-twice", base, message, None);
                }
                _ => self.mapping.base = Some(text.to_owned()),
            }
        }
        for (key, value) in self.entries(fields, "external") {
            let name = key.text().unwrap_or_default().to_owned();
            let text = if value.is_null() {
                Some("")
            } else {
                self.text_of(value, "the value of an external reference")
            };
            if let Some(text) = text {
                match self.external.entry(name) {
                    btree_map::Entry::Vacant(free) => {
                        free.insert(text.to_owned());
                    }
                    btree_map::Entry::Occupied(known) => {
                        let name = known.key().clone();
                        self.declared_twice(key, "external reference", &name);
                    }
                }
            }
        }
        for (key, value) in self.entries(fields, "sources") {
            let name = key.text().unwrap_or_default().to_owned();
            let first = self.sources.entry(name).or_insert_with(|| Rc::clone(value));
            if !Rc::ptr_eq(first, value) {
                self.declared_twice(key, "source", key.text().unwrap_or_default());
            }
        }
        for (key, value) in self.entries(fields, "targets") {
            let name = key.text().unwrap_or_default().to_owned();
            let first = self.targets.entry(name).or_insert_with(|| Rc::clone(value));
            if !Rc::ptr_eq(first, value) {
                self.declared_twice(key, "target", key.text().unwrap_or_default());
            }
        }
    }

    fn declared_twice(&mut self, key: &Node, what: &str, name: &str) {
        let message = format!("the {what} `{name}` is in another document too, which holds");
        self.warning("yarrrml::declared-twice", key, message, None);
    }

    // The entries of a map by name.
    fn entries<'n>(&mut self, fields: &Fields<'n>, name: &str) -> &'n [(Rc<Node>, Rc<Node>)] {
        match fields.get(name).map(|node| (node, &node.kind)) {
            None => &[],
            Some((_, Kind::Map(entries))) => entries,
            Some((node, _)) => {
                self.unexpected(node, &format!("`{name}`"), "a map of names");
                &[]
            }
        }
    }

    // The mappings with their sources and the nodes of their subjects.
    fn rules(&mut self, documents: &[Fields<'_>]) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for (key, body) in self.bodies(documents) {
            let name = key.text().unwrap_or_default().to_owned();
            self.element = format!("mappings.{name}");
            let Some(fields) = self.fields(&body, &keys::MAPPING) else {
                continue;
            };
            let sources = match fields.get("sources") {
                Some(sources) => self.sources_of(sources),
                // One row is enough for what is the same for all.
                None if !refers(&body) => vec![self.single(&key)],
                None => {
                    let message = format!("the mapping `{name}` has no source");
                    let help = "add `sources: [[data.csv~csv]]`".to_owned();
                    self.error_with_help("yarrrml::no-source", &key, message, Some(help));
                    Vec::new()
                }
            };
            let mut subjects = Vec::new();
            for subject in fields.get("subjects").map_or(&[][..], |node| as_list(node)) {
                subjects.push(Self::subject_node(subject));
            }
            if subjects.is_empty() {
                subjects.push(Subject::Fresh);
            }
            rules.push(Rule {
                name,
                key: Rc::clone(&key),
                body: Rc::clone(&body),
                sources,
                subjects,
            });
        }
        rules
    }

    // The mappings by name. Documents may each have a part of one: the source here, the objects there.
    fn bodies(&mut self, documents: &[Fields<'_>]) -> Vec<(Rc<Node>, Rc<Node>)> {
        let mut bodies: Vec<(Rc<Node>, Rc<Node>)> = Vec::new();
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        for document in documents {
            for (key, body) in self.entries(document, "mappings") {
                let name = key.text().unwrap_or_default().to_owned();
                if body.is_null() {
                    let message = format!("the mapping `{name}` says nothing");
                    self.warning("yarrrml::empty-mapping", key, message, None);
                    continue;
                }
                let Some(index) = known.get(&name) else {
                    known.insert(name, bodies.len());
                    bodies.push((Rc::clone(key), Rc::clone(body)));
                    continue;
                };
                let before = Rc::clone(&bodies[*index].1);
                let merged = if long_keys(&before).is_disjoint(&long_keys(body)) {
                    Node::merged(&before, body)
                } else {
                    None
                };
                match merged {
                    Some(merged) => bodies[*index].1 = merged,
                    None => self.declared_twice(key, "mapping", &name),
                }
            }
        }
        bodies
    }

    fn subject_node(node: &Rc<Node>) -> Subject {
        let Kind::Map(entries) = &node.kind else {
            return if node.is_null() {
                Subject::Fresh
            } else {
                Subject::Term(Rc::clone(node))
            };
        };
        let is_quoted = |key: &Node| matches!(key.text(), Some("quoted" | "quotedNonAsserted"));
        let is_join = |value: &Node| {
            let text = value.text().unwrap_or_default().trim_start();
            text.strip_prefix("join")
                .is_some_and(|rest| rest.trim_start().starts_with('('))
        };
        let is_function = |key: &Node| matches!(key.text(), Some("function" | "fn" | "f"));
        for (key, value) in entries {
            if is_quoted(key) {
                let names = as_list(value).iter().filter_map(|name| name.text());
                return Subject::Quoted(Rc::clone(node), names.map(str::to_owned).collect());
            }
            if is_function(key) && is_join(value) {
                let text = value.text().unwrap_or_default();
                let name = text.split(['(', ',', ')']).nth(1).unwrap_or_default();
                let name = name.split('=').next_back().unwrap_or_default().trim();
                return Subject::Quoted(Rc::clone(node), vec![name.to_owned()]);
            }
        }
        Subject::Term(Rc::clone(node))
    }

    // Gives each mapping the range of its triples maps.
    fn number(&mut self, rules: &[Rule]) -> bool {
        let by_name: FxHashMap<&str, &Rule> = rules
            .iter()
            .map(|rule| (rule.name.as_str(), rule))
            .collect();
        let mut counts: FxHashMap<&str, Option<usize>> = FxHashMap::default();
        let mut next = 0usize;
        for rule in rules {
            let Some(count) = count(rule, &by_name, &mut counts, 0) else {
                let message = format!("the mapping `{}` quotes itself", rule.name);
                self.error("yarrrml::quoted-cycle", &rule.key, message);
                return false;
            };
            let end = next.saturating_add(count);
            if end > TRIPLES_MAPS {
                let message = format!("the mappings come to more than {TRIPLES_MAPS} triples maps");
                self.error(LIMIT, &rule.key, message);
                return false;
            }
            self.ranges.insert(rule.name.clone(), next..end);
            next = end;
        }
        true
    }

    fn triples_maps(&mut self, rules: &[Rule]) {
        let mut names = FxHashSet::default();
        let mut quoted = Vec::new();
        let mut turned: Vec<TriplesMap> = Vec::new();
        let base = self.mapping.base.clone().unwrap_or_else(|| BASE.to_owned());
        for rule in rules {
            self.element = format!("mappings.{}", rule.name);
            // What is wrong with the keys was told when they were read first.
            let fields = self.in_silence(|reader| reader.fields(&rule.body, &keys::MAPPING));
            let Some(fields) = fields else { continue };
            let before = self.diagnostics.errors();
            let subjects = self.subjects(rule, &fields, &mut quoted);
            self.element = format!("mappings.{}", rule.name);
            let graphs = self.graphs(&fields);
            let mut inverses = Vec::new();
            let poms = self.predicate_objects(&rule.name, &fields, &mut quoted, &mut inverses);
            self.element = format!("mappings.{}", rule.name);
            if self.diagnostics.errors() > before {
                continue;
            }
            let maps = rule.sources.len() * subjects.len();
            let parts: usize = poms
                .iter()
                .map(|pom| pom.predicates.len() + pom.objects.len())
                .sum();
            if !self.charge(&rule.key, parts.saturating_mul(maps)) {
                return;
            }
            let mut number = 0;
            for source in &rule.sources {
                for subject in &subjects {
                    let numbered = (maps > 1).then_some(number);
                    number += 1;
                    let map = TriplesMap {
                        name: name(&base, &rule.name, numbered, &mut names),
                        vocabulary: Vocabulary::Legacy,
                        source: *source,
                        base: None,
                        subject: SubjectMap {
                            term: subject.clone(),
                            classes: Vec::new(),
                            graphs: graphs.clone(),
                        },
                        predicate_objects: poms.clone(),
                        is_asserted: true,
                        place: self.place(&rule.key),
                    };
                    for inverse in &inverses {
                        for object in &inverse.objects {
                            let label = format!("{}_inverse", rule.name);
                            let name = name(&base, &label, Some(turned.len()), &mut names);
                            turned.push(self.turned(&map, inverse, object, name));
                        }
                    }
                    self.mapping.triples_maps.push(map);
                }
            }
        }
        self.mapping.triples_maps.append(&mut turned);
        for index in quoted {
            if let Some(map) = self.mapping.triples_maps.get_mut(index) {
                map.is_asserted = false;
            }
        }
    }

    fn subjects(
        &mut self,
        rule: &Rule,
        fields: &Fields<'_>,
        quoted: &mut Vec<usize>,
    ) -> Vec<TermMap> {
        let mut terms = Vec::new();
        for subject in &rule.subjects {
            self.element = format!("mappings.{}.subjects", rule.name);
            match subject {
                Subject::Fresh => terms.push(self.fresh(&rule.key)),
                Subject::Term(node) => terms.extend(self.term(node, Role::Subject)),
                Subject::Quoted(node, _) => {
                    let Some(fields) = self.fields(node, &keys::SUBJECT) else {
                        continue;
                    };
                    let Some(link) = self.link(node, &fields) else {
                        continue;
                    };
                    if link.kind == LinkKind::Subjects {
                        let message = "a subject refers to the triples of a mapping, with `quoted`";
                        self.error("yarrrml::unexpected", node, message);
                        continue;
                    }
                    if link.kind == LinkKind::QuotedNonAsserted {
                        quoted.extend(self.linked_maps(&link));
                    }
                    terms.extend(self.quoted_subjects(node, &link));
                }
            }
        }
        if let Some(condition) = fields.get("condition") {
            let conditions = self.conditions(condition, Rows::One);
            for term in &mut terms {
                term.conditions.extend(conditions.iter().cloned());
            }
        }
        if let Some(targets) = fields.get("targets") {
            let targets = self.targets_of(targets);
            for term in &mut terms {
                term.targets.extend(&targets);
            }
        }
        terms
    }
}

// Whether there is a reference in a node.
fn refers(node: &Node) -> bool {
    match &node.kind {
        Kind::Null => false,
        Kind::Text(text) => text.contains("$("),
        Kind::List(nodes) => nodes.iter().any(|node| refers(node)),
        Kind::Map(entries) => entries.iter().any(|(_, value)| refers(value)),
    }
}

fn long_keys(body: &Node) -> FxHashSet<&str> {
    match &body.kind {
        Kind::Map(entries) => {
            let keys = entries.iter();
            keys.map(|(key, _)| keys::long(key, &keys::MAPPING))
                .collect()
        }
        _ => FxHashSet::default(),
    }
}

// How many triples maps a mapping makes; nothing where it quotes itself.
fn count<'r>(
    rule: &'r Rule,
    rules: &FxHashMap<&str, &'r Rule>,
    counts: &mut FxHashMap<&'r str, Option<usize>>,
    depth: usize,
) -> Option<usize> {
    if let Some(known) = counts.get(rule.name.as_str()) {
        return *known;
    }
    if depth > 64 {
        return None;
    }
    counts.insert(&rule.name, None);
    let mut subjects = 0usize;
    for subject in &rule.subjects {
        match subject {
            Subject::Fresh | Subject::Term(_) => subjects += 1,
            Subject::Quoted(_, names) => {
                for name in names {
                    if let Some(other) = rules.get(name.as_str()) {
                        subjects = subjects.saturating_add(count(other, rules, counts, depth + 1)?);
                    }
                }
            }
        }
    }
    let count = rule.sources.len().saturating_mul(subjects);
    counts.insert(&rule.name, Some(count));
    Some(count)
}

// The name of a triples map, numbered where its mapping has several.
fn name(base: &str, mapping: &str, number: Option<usize>, names: &mut FxHashSet<String>) -> String {
    let mut name = base.to_owned();
    iri::push_path_segment(&mut name, mapping);
    if number.is_none() && names.insert(name.clone()) {
        return name;
    }
    let mut number = number.unwrap_or_default();
    loop {
        let numbered = format!("{name}_{number}");
        if names.insert(numbered.clone()) {
            return numbered;
        }
        number += 1;
    }
}
