//! Quads to a property graph.

use super::fold::{self, Fold, Folded, RESOURCE};
use super::names::{assign, fold as fold_case, local, numbered, prefixed, upper_snake};
use super::value::{Decimals, Kind, datatype_name};
use super::{
    Column, DEFAULT_LABEL, Dialect, KEY, Label, Node, PropertyGraph, Relationship, Type, Values,
};
use crate::rdf::prefixes::Prefixes;
use crate::rdf::vocab::rdf;
use crate::sink::{Origin, QuadSink, SinkError};
use oxrdf::{GraphNameRef, NamedOrBlankNodeRef, QuadRef, TermRef};
use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::mem::take;

/// What may be chosen.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Prefixes for names that would be the same without.
    pub prefixes: Prefixes,
    /// How the IRIs begin that blank nodes get.
    pub blank_nodes: String,
    /// How `xsd:decimal` is written.
    pub decimals: Decimals,
    /// Whether languages stand behind `@`, as in `label@ar`, and not behind `_`.
    pub language_at: bool,
    /// Whether named graphs are kept apart; else all quads go into one graph.
    pub graphs: bool,
    /// Classes whose members become relationships.
    pub folds: Vec<Fold>,
    /// Whose Cypher is written.
    pub dialect: Dialect,
}

/// Takes quads and makes a property graph of them.
///
/// Memory: the terms that occur, each once, the literals, and 16 to 40 bytes a quad; some 220 bytes a
/// quad while the graph is made.
#[derive(Debug)]
pub struct Builder {
    options: Options,
    texts: Interner,
    types: Vec<(u32, u32, u32)>,
    /// Predicate, datatype, language and graph of each column.
    columns: FxHashMap<[u32; 4], u32>,
    keys: Vec<[u32; 4]>,
    values: Vec<(u32, u32, Box<str>)>,
    edges: Vec<[u32; 4]>,
    resources: BTreeSet<u32>,
}

/// How texts of blank nodes begin, which no IRI does.
const BLANK: &str = "_:";

/// Texts as numbers.
#[derive(Debug, Default)]
pub(super) struct Interner {
    numbers: FxHashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Interner {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    pub(super) fn known(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }
}

impl QuadSink for Builder {
    fn push(&mut self, quad: QuadRef<'_>, _: &Origin) -> Result<(), SinkError> {
        self.add(quad);
        Ok(())
    }
}

impl Builder {
    /// Begins a graph.
    pub fn new(options: Options) -> Self {
        let mut texts = Interner::default();
        // The default graph, and no language, are 0.
        texts.number("");
        Self {
            options,
            texts,
            types: Vec::new(),
            columns: FxHashMap::default(),
            keys: Vec::new(),
            values: Vec::new(),
            edges: Vec::new(),
            resources: BTreeSet::new(),
        }
    }

    /// Takes one quad. The same quad may come more than once.
    pub fn add(&mut self, quad: QuadRef<'_>) {
        let subject = match quad.subject {
            NamedOrBlankNodeRef::NamedNode(node) => self.texts.number(node.as_str()),
            NamedOrBlankNodeRef::BlankNode(node) => self.blank(node.as_str()),
        };
        let graph = match quad.graph_name {
            _ if !self.options.graphs => 0,
            GraphNameRef::DefaultGraph => 0,
            GraphNameRef::NamedNode(node) => self.texts.number(node.as_str()),
            GraphNameRef::BlankNode(node) => self.blank(node.as_str()),
        };
        self.resources.insert(subject);
        let predicate = self.texts.number(quad.predicate.as_str());
        let object = match quad.object {
            TermRef::NamedNode(class) if quad.predicate == rdf::TYPE => {
                let class = self.texts.number(class.as_str());
                self.types.push((subject, class, graph));
                return;
            }
            TermRef::NamedNode(node) => self.texts.number(node.as_str()),
            TermRef::BlankNode(node) => self.blank(node.as_str()),
            TermRef::Literal(literal) => {
                let datatype = self.texts.number(literal.datatype().as_str());
                let language = self.texts.number(literal.language().unwrap_or_default());
                let column = self.column([predicate, datatype, language, graph]);
                self.values.push((subject, column, literal.value().into()));
                return;
            }
        };
        self.resources.insert(object);
        self.edges.push([subject, predicate, object, graph]);
    }

    /// The number of a column.
    fn column(&mut self, key: [u32; 4]) -> u32 {
        let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        let column = *self.columns.entry(key).or_insert(next);
        if column == next {
            self.keys.push(key);
        }
        column
    }

    fn blank(&mut self, label: &str) -> u32 {
        self.texts.number(&format!("{BLANK}{label}"))
    }

    /// Makes the graph: decides names, types of values and what holds arrays.
    pub fn finish(mut self) -> PropertyGraph {
        let blank_nodes = self.blank_nodes();
        let folded = self.fold();
        let resources = self.resources();
        let mut nodes: Vec<Node> = resources
            .iter()
            .map(|(key, _)| Node {
                key: key.clone(),
                labels: Vec::new(),
                table: 0,
                values: Vec::new(),
            })
            .collect();
        let places: FxHashMap<u32, usize> = resources
            .iter()
            .enumerate()
            .map(|(at, (_, number))| (*number, at))
            .collect();
        let labels = self.label_nodes(&mut nodes, &places);
        let mut of_folded = vec![Vec::new(); folded.len()];
        let columns = self.fill(&mut nodes, &places, &folded, &mut of_folded);
        let (types, relationships) = self.relate(&nodes, &places, folded.iter().zip(of_folded));
        let mut counts = vec![0; self.options.folds.len()];
        for one in &folded {
            counts[one.fold] += 1;
        }
        PropertyGraph {
            labels,
            columns,
            types,
            nodes,
            relationships,
            blank_nodes,
            folded: counts,
            dialect: self.options.dialect,
        }
    }

    /// Takes out what becomes relationships; what else it refers to are values then.
    fn fold(&mut self) -> Vec<Folded> {
        if self.options.folds.is_empty() {
            return Vec::new();
        }
        let folds = &self.options.folds;
        let folded = fold::find(folds, &self.texts, &self.types, &self.edges);
        let subjects: BTreeSet<u32> = folded.iter().map(|one| one.subject).collect();
        self.types
            .retain(|(subject, ..)| !subjects.contains(subject));
        self.edges
            .retain(|[subject, ..]| !subjects.contains(subject));
        self.resources.retain(|number| !subjects.contains(number));
        let datatype = self.texts.number(RESOURCE);
        for one in &folded {
            for (predicate, object) in &one.others {
                let column = self.column([*predicate, datatype, 0, 0]);
                let iri = self.iri(*object);
                self.values.push((one.subject, column, iri.into()));
            }
        }
        folded
    }

    /// The names that no property may have, in small letters.
    fn reserved(&self) -> BTreeSet<String> {
        let mut taken = BTreeSet::from([fold_case(KEY), "labels".to_owned()]);
        if !self.options.folds.is_empty() {
            // Relationships have these, or databases refuse them there.
            taken.extend(["id", "graph", "from", "to"].map(str::to_owned));
        }
        taken
    }

    /// How the IRIs of blank nodes begin: as no other IRI does.
    fn blank_nodes(&mut self) -> String {
        let mut start = take(&mut self.options.blank_nodes);
        while self.texts.texts.iter().any(|text| text.starts_with(&start)) {
            start.push_str("x/");
        }
        self.options.blank_nodes.clone_from(&start);
        start
    }

    /// A node or graph as an IRI.
    fn iri(&self, number: u32) -> String {
        let text = self.texts.text(number);
        match text.strip_prefix(BLANK) {
            Some(label) => format!("{}{label}", self.options.blank_nodes),
            None => text.to_owned(),
        }
    }

    /// What becomes a node, by key.
    fn resources(&mut self) -> Vec<(String, u32)> {
        let mut found: Vec<(String, u32)> = take(&mut self.resources)
            .into_iter()
            .map(|number| (self.iri(number), number))
            .collect();
        found.sort_unstable();
        found
    }

    fn graph(&self, number: u32) -> Option<String> {
        (number != 0).then(|| self.iri(number))
    }

    /// What a name says of its graph.
    fn graph_suffix(&self, number: u32) -> String {
        match self.graph(number) {
            Some(iri) => format!("_{}", local(&iri)),
            None => String::new(),
        }
    }

    fn label_nodes(&mut self, nodes: &mut [Node], places: &FxHashMap<u32, usize>) -> Vec<Label> {
        let types = take(&mut self.types);
        let mut classes: BTreeMap<(&str, String), (u32, u32)> = BTreeMap::new();
        for (_, class, graph) in &types {
            let key = (self.texts.text(*class), self.iri(*graph));
            classes.insert(key, (*class, *graph));
        }
        let requests: Vec<Vec<String>> = classes
            .iter()
            .map(|((iri, _), (_, graph))| {
                let suffix = self.graph_suffix(*graph);
                let names = [local(iri), prefixed(iri, &self.options.prefixes)];
                names.map(|name| format!("{name}{suffix}")).to_vec()
            })
            .collect();
        let mut taken = BTreeSet::from([fold_case(DEFAULT_LABEL)]);
        let names = assign(&requests, &mut taken);
        let mut labels = vec![(
            Label {
                name: DEFAULT_LABEL.to_owned(),
                class: None,
                graph: None,
            },
            None,
        )];
        for (((iri, _), key), name) in classes.iter().zip(names) {
            let label = Label {
                name,
                class: Some((*iri).to_owned()),
                graph: self.graph(key.1),
            };
            labels.push((label, Some(*key)));
        }
        labels.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        let numbers: FxHashMap<Option<(u32, u32)>, usize> = labels
            .iter()
            .enumerate()
            .map(|(at, (_, key))| (*key, at))
            .collect();
        let of = |key| numbers.get(&key).copied().unwrap_or_default();
        for (subject, class, graph) in types {
            if let Some(at) = places.get(&subject) {
                nodes[*at].labels.push(of(Some((class, graph))));
            }
        }
        let mut members = vec![0_usize; labels.len()];
        for node in nodes.iter_mut() {
            if node.labels.is_empty() {
                node.labels.push(of(None));
            }
            node.labels.sort_unstable();
            node.labels.dedup();
            for label in &node.labels {
                members[*label] += 1;
            }
        }
        // The rarest label says most of a node.
        for node in nodes.iter_mut() {
            let rarest = node.labels.iter().min_by_key(|label| members[**label]);
            node.table = rarest.copied().unwrap_or_default();
        }
        labels.into_iter().map(|(label, _)| label).collect()
    }

    /// Names for predicates: local ones where they differ.
    fn predicate_names(
        &self,
        predicates: &BTreeMap<&str, u32>,
        taken: &mut BTreeSet<String>,
    ) -> FxHashMap<u32, String> {
        let requests: Vec<Vec<String>> = predicates
            .keys()
            .map(|iri| vec![local(iri), prefixed(iri, &self.options.prefixes)])
            .collect();
        let names = assign(&requests, taken);
        predicates.values().copied().zip(names).collect()
    }

    /// The columns, each with its number among those that were counted, in the order of their names.
    fn columns(&self, values: &[(u32, u32, Box<str>)]) -> Vec<(u32, Column)> {
        let predicates = self
            .keys
            .iter()
            .map(|[predicate, ..]| (self.texts.text(*predicate), *predicate))
            .collect();
        let mut taken = self.reserved();
        let bases = self.predicate_names(&predicates, &mut taken);
        let mut order: Vec<u32> = (0..).take(self.keys.len()).collect();
        order.sort_by_key(|at| self.keys[*at as usize].map(|number| self.iri(number)));
        let kinds = self.kinds(values);
        let requests: Vec<Vec<String>> = order
            .iter()
            .map(|at| {
                let [predicate, datatype, language, graph] = self.keys[*at as usize];
                let base = bases.get(&predicate).map_or("", String::as_str);
                let suffix = self.graph_suffix(graph);
                let language = self.texts.text(language);
                if !language.is_empty() {
                    let name = if self.options.language_at {
                        format!("{base}@{language}{suffix}")
                    } else {
                        format!("{base}_{}{suffix}", language.replace('-', "_"))
                    };
                    return vec![name];
                }
                let datatype = local(datatype_name(self.texts.text(datatype)));
                vec![
                    format!("{base}{suffix}"),
                    format!("{base}_{datatype}{suffix}"),
                ]
            })
            .collect();
        let mut taken = self.reserved();
        let names = assign(&requests, &mut taken);
        let mut columns: Vec<(u32, Column)> = order
            .into_iter()
            .zip(names)
            .map(|(at, name)| {
                let [predicate, datatype, language, graph] = self.keys[at as usize];
                let column = Column {
                    name,
                    predicate: self.texts.text(predicate).to_owned(),
                    datatype: self.texts.text(datatype).to_owned(),
                    language: (language != 0).then(|| self.texts.text(language).to_owned()),
                    graph: self.graph(graph),
                    kind: kinds[at as usize],
                    array: false,
                    lexical_forms_of: None,
                };
                (at, column)
            })
            .collect();
        columns.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        columns
    }

    /// The types of the values of each column.
    fn kinds(&self, values: &[(u32, u32, Box<str>)]) -> Vec<Kind> {
        let datatype = |key: &[u32; 4]| self.texts.text(key[1]);
        let mut kinds: Vec<Kind> = self
            .keys
            .iter()
            .map(|key| Kind::of_datatype(datatype(key), self.options.decimals))
            .collect();
        // Times with and without a zone cannot be compared, so those that are mixed stay text.
        let mut zones = vec![(false, false); kinds.len()];
        for (_, column, value) in values {
            let at = *column as usize;
            if kinds[at] == Kind::LocalDateTime {
                let datatype = datatype(&self.keys[at]);
                zones[at].0 |= Kind::LocalDateTime.native(datatype, value).is_some();
                zones[at].1 |= Kind::DateTime.native(datatype, value).is_some();
            }
        }
        for (kind, zones) in kinds.iter_mut().zip(zones) {
            if *kind == Kind::LocalDateTime {
                *kind = match zones {
                    (true, true) => Kind::String,
                    (false, true) => Kind::DateTime,
                    _ => Kind::LocalDateTime,
                };
            }
        }
        kinds
    }

    /// Gives nodes and relationships their values.
    fn fill(
        &mut self,
        nodes: &mut [Node],
        places: &FxHashMap<u32, usize>,
        folded: &[Folded],
        of_folded: &mut [Values],
    ) -> Vec<Column> {
        let mut values = take(&mut self.values);
        let named = self.columns(&values);
        let mut columns: Vec<Column> = Vec::new();
        let mut numbers = vec![0; named.len()];
        for (at, column) in named {
            numbers[at as usize] = columns.len();
            columns.push(column);
        }
        for (_, column, _) in &mut values {
            *column = u32::try_from(numbers[*column as usize]).unwrap_or(u32::MAX);
        }
        values.sort_unstable();
        values.dedup();
        let mut forms = vec![None; columns.len()];
        let mut taken: BTreeSet<String> = columns.iter().map(|one| fold_case(&one.name)).collect();
        taken.extend(self.reserved());
        for group in values.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
            let (subject, column) = (group[0].0, group[0].1 as usize);
            let owner = if let Some(at) = places.get(&subject) {
                &mut nodes[*at].values
            } else if let Ok(at) = folded.binary_search_by_key(&subject, |one| one.subject) {
                &mut of_folded[at]
            } else {
                continue;
            };
            let (kind, datatype) = (columns[column].kind, columns[column].datatype.clone());
            let mut natives = Vec::with_capacity(group.len());
            let mut odd = Vec::new();
            for (_, _, lexical) in group {
                let native = kind.native(&datatype, lexical);
                let is_usual = native
                    .as_ref()
                    .is_some_and(|native| kind.lexical(&datatype, native) == **lexical);
                natives.extend(native);
                if !is_usual {
                    odd.push(lexical.to_string());
                }
            }
            columns[column].array |= natives.len() > 1;
            if !natives.is_empty() {
                owner.push((column, natives));
            }
            if !odd.is_empty() {
                let form = *forms[column].get_or_insert_with(|| {
                    let name = numbered(&format!("{}_lexical", columns[column].name), &mut taken);
                    columns.push(Column {
                        name,
                        kind: Kind::String,
                        array: false,
                        lexical_forms_of: Some(column),
                        ..columns[column].clone()
                    });
                    columns.len() - 1
                });
                columns[form].array |= odd.len() > 1;
                owner.push((form, odd));
            }
        }
        let nodes = nodes.iter_mut().map(|node| &mut node.values);
        in_order(columns, nodes.chain(of_folded))
    }

    /// The relationships, with their types.
    fn relate<'f>(
        &mut self,
        nodes: &[Node],
        places: &FxHashMap<u32, usize>,
        folded: impl Iterator<Item = (&'f Folded, Values)>,
    ) -> (Vec<Type>, Vec<Relationship>) {
        let edges = take(&mut self.edges);
        let (types, kinds, of_folds) = self.types(&edges);
        let mut relationships: Vec<Relationship> = edges
            .iter()
            .filter_map(|[subject, predicate, object, graph]| {
                let (start, end) = (*places.get(subject)?, *places.get(object)?);
                let graph = self.graph(*graph);
                let parts = [
                    &nodes[start].key,
                    self.texts.text(*predicate),
                    &nodes[end].key,
                    graph.as_deref().unwrap_or_default(),
                ];
                Some(Relationship {
                    id: id(parts),
                    start,
                    end,
                    kind: *kinds.get(predicate)?,
                    graph,
                    key: None,
                    values: Vec::new(),
                })
            })
            .collect();
        relationships.extend(folded.filter_map(|(one, values)| {
            let key = self.iri(one.subject);
            Some(Relationship {
                id: id([&key, &self.options.folds[one.fold].class, "", ""]),
                start: *places.get(&one.start)?,
                end: *places.get(&one.end)?,
                kind: of_folds[one.fold],
                graph: None,
                key: Some(key),
                values,
            })
        }));
        relationships.sort_by(fold::order);
        relationships.dedup_by(|one, other| one.id == other.id);
        (types, relationships)
    }

    /// The types of relationships by name, and which of them each predicate and each fold has.
    fn types(&self, edges: &[[u32; 4]]) -> (Vec<Type>, FxHashMap<u32, usize>, Vec<usize>) {
        let predicates: BTreeMap<&str, u32> = edges
            .iter()
            .map(|[_, predicate, ..]| (self.texts.text(*predicate), *predicate))
            .collect();
        let folds = &self.options.folds;
        let classes = folds.iter().map(|fold| fold.class.as_str());
        let requests: Vec<Vec<String>> = predicates
            .keys()
            .copied()
            .chain(classes)
            .map(|iri| {
                let names = [local(iri), prefixed(iri, &self.options.prefixes)];
                names.map(|name| upper_snake(&name)).to_vec()
            })
            .collect();
        let names = assign(&requests, &mut BTreeSet::new());
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|one, other| names[*one].cmp(&names[*other]));
        let mut places = vec![0; names.len()];
        for (place, at) in order.iter().enumerate() {
            places[*at] = place;
        }
        let iris: Vec<&str> = predicates.keys().copied().collect();
        let types = order
            .iter()
            .map(|at| Type {
                name: names[*at].clone(),
                predicate: iris.get(*at).map(|iri| (*iri).to_owned()),
                fold: at.checked_sub(iris.len()).map(|at| folds[at].clone()),
            })
            .collect();
        let kinds = predicates.values().copied().zip(places.iter().copied());
        (types, kinds.collect(), places[iris.len()..].to_vec())
    }
}

/// Puts columns in the order of their names, and values in that of their columns.
fn in_order<'v>(columns: Vec<Column>, owners: impl Iterator<Item = &'v mut Values>) -> Vec<Column> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by(|one, other| columns[*one].name.cmp(&columns[*other].name));
    let mut places = vec![0; columns.len()];
    for (place, at) in order.iter().enumerate() {
        places[*at] = place;
    }
    for owner in owners {
        for (column, values) in owner.iter_mut() {
            *column = places[*column];
            values.shrink_to_fit();
        }
        owner.sort_unstable_by_key(|(column, _)| *column);
    }
    let mut sorted: Vec<(usize, Column)> = columns.into_iter().enumerate().collect();
    sorted.sort_by_key(|(at, _)| places[*at]);
    sorted
        .into_iter()
        .map(|(_, mut column)| {
            column.lexical_forms_of = column.lexical_forms_of.map(|at| places[at]);
            column
        })
        .collect()
}

/// The identifier of a relationship: 32 hexadecimal digits that hang on the statement alone.
fn id(parts: [&str; 4]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        // No IRI holds it.
        hash.update([0]);
    }
    let mut text = String::new();
    for byte in hash.finalize().iter().take(16) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
