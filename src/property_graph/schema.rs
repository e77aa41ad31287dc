//! What there is of a graph beside its nodes: predicates, datatypes, languages, classes and named graphs.
//! They are in memory, and so are the names that are made of them.

use super::build::Options;
use super::fold::Fold;
use super::names::{assign, fold as fold_case, local, numbered, prefixed, upper_snake};
use super::value::{Kind, datatype_name};
use super::{Column, DEFAULT_LABEL, KEY, Label, Type};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// How texts of blank nodes begin, which no IRI does.
pub(super) const BLANK: &str = "_:";

/// Texts as numbers. The empty text, for the default graph and for no language, is 0.
#[derive(Debug)]
pub(super) struct Interner {
    numbers: FxHashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Interner {
    fn new() -> Self {
        let mut texts = Self {
            numbers: FxHashMap::default(),
            texts: Vec::new(),
        };
        texts.number("");
        texts
    }

    pub(super) fn number(&mut self, text: &str) -> u32 {
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

    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// Predicates, classes and so on, by number.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) texts: Interner,
    columns: FxHashMap<[u32; 4], u32>,
    /// Predicate, datatype, language and graph of each column.
    keys: Vec<[u32; 4]>,
    /// The kind that the datatype of each column tells.
    kinds: Vec<Kind>,
    /// Whether a column has times without a time zone, and with one.
    zones: Vec<(bool, bool)>,
    type_numbers: FxHashMap<(u32, u32), u32>,
    /// Class and graph of each type.
    types: Vec<(u32, u32)>,
    graphs: BTreeSet<u32>,
}

/// The columns of a graph in the order of their names.
pub(super) struct Columns {
    pub(super) columns: Vec<Column>,
    /// Where each column stands among them, by [`place`].
    pub(super) places: Vec<usize>,
}

/// Where a column stands until there are names, and where its lexical forms do.
pub(super) fn place(column: u32, is_form: bool) -> u32 {
    2 * column + u32::from(is_form)
}

impl Schema {
    pub(super) fn new() -> Self {
        Self {
            texts: Interner::new(),
            columns: FxHashMap::default(),
            keys: Vec::new(),
            kinds: Vec::new(),
            zones: Vec::new(),
            type_numbers: FxHashMap::default(),
            types: Vec::new(),
            graphs: BTreeSet::new(),
        }
    }

    /// The number of a named graph; that of a blank node is given with [`BLANK`].
    pub(super) fn graph_number(&mut self, text: &str) -> u32 {
        let number = self.texts.number(text);
        self.graphs.insert(number);
        number
    }

    /// The number of a column.
    pub(super) fn column(&mut self, key: [u32; 4], options: &Options) -> u32 {
        if let Some(column) = self.columns.get(&key) {
            return *column;
        }
        let column = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        self.columns.insert(key, column);
        self.keys.push(key);
        let datatype = self.texts.text(key[1]);
        self.kinds
            .push(Kind::of_datatype(datatype, options.decimals));
        self.zones.push((false, false));
        column
    }

    /// Looks at a value of a column.
    pub(super) fn see(&mut self, column: u32, value: &str) {
        let at = column as usize;
        if self.kinds[at] == Kind::LocalDateTime && self.zones[at] != (true, true) {
            let datatype = self.texts.text(self.keys[at][1]);
            self.zones[at].0 |= Kind::LocalDateTime.native(datatype, value).is_some();
            self.zones[at].1 |= Kind::DateTime.native(datatype, value).is_some();
        }
    }

    /// The number of a type.
    pub(super) fn type_number(&mut self, class: u32, graph: u32) -> u32 {
        let next = u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        let number = *self.type_numbers.entry((class, graph)).or_insert(next);
        if number == next {
            self.types.push((class, graph));
        }
        number
    }

    /// Class and graph of each type.
    pub(super) fn types(&self) -> &[(u32, u32)] {
        &self.types
    }

    /// Predicate, datatype, language and graph of a column.
    pub(super) fn key(&self, column: u32) -> [u32; 4] {
        self.keys[column as usize]
    }

    /// The datatype of a column.
    pub(super) fn datatype(&self, column: u32) -> &str {
        self.texts.text(self.keys[column as usize][1])
    }

    /// The kind of the values of a column.
    pub(super) fn kind(&self, column: u32) -> Kind {
        let at = column as usize;
        // Times with and without a zone cannot be compared, so those that are mixed stay text.
        match (self.kinds[at], self.zones[at]) {
            (Kind::LocalDateTime, (true, true)) => Kind::String,
            (Kind::LocalDateTime, (false, true)) => Kind::DateTime,
            (kind, _) => kind,
        }
    }

    /// A text as the pieces of an IRI.
    pub(super) fn pieces<'t>(&'t self, number: u32, options: &'t Options) -> [&'t [u8]; 2] {
        self.parts(number, options).map(str::as_bytes)
    }

    fn parts<'t>(&'t self, number: u32, options: &'t Options) -> [&'t str; 2] {
        let text = self.texts.text(number);
        match text.strip_prefix(BLANK) {
            Some(label) => [&options.blank_nodes, label],
            None => [text, ""],
        }
    }

    /// A text as an IRI.
    fn iri(&self, number: u32, options: &Options) -> String {
        self.parts(number, options).concat()
    }

    fn graph(&self, number: u32, options: &Options) -> Option<String> {
        (number != 0).then(|| self.iri(number, options))
    }

    /// The named graphs in order, and the place of each among them by its number, counted from 1.
    pub(super) fn graphs(&self, options: &Options) -> (Vec<String>, FxHashMap<u32, u32>) {
        let named = self.graphs.iter();
        let mut graphs: Vec<(String, u32)> = named
            .map(|number| (self.iri(*number, options), *number))
            .collect();
        graphs.sort_unstable();
        let places = graphs.iter().zip(1..);
        let places = places.map(|((_, number), at)| (*number, at)).collect();
        (graphs.into_iter().map(|(iri, _)| iri).collect(), places)
    }

    /// What a name says of its graph.
    fn graph_suffix(&self, number: u32, options: &Options) -> String {
        match self.graph(number, options) {
            Some(iri) => format!("_{}", local(&iri)),
            None => String::new(),
        }
    }

    /// The labels of some types in the order of their names, and which of them each type has; at last that
    /// of nodes without a type.
    pub(super) fn labels(
        &self,
        types: &BTreeSet<u32>,
        options: &Options,
    ) -> (Vec<Label>, FxHashMap<u32, usize>, usize) {
        let mut classes: BTreeMap<(&str, String), (u32, u32)> = BTreeMap::new();
        for number in types {
            let (class, graph) = self.types[*number as usize];
            let key = (self.texts.text(class), self.iri(graph, options));
            classes.insert(key, (*number, graph));
        }
        let requests: Vec<Vec<String>> = classes
            .iter()
            .map(|((iri, _), (_, graph))| {
                let suffix = self.graph_suffix(*graph, options);
                let names = [local(iri), prefixed(iri, &options.prefixes)];
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
        for (((iri, _), (number, graph)), name) in classes.iter().zip(names) {
            let label = Label {
                name,
                class: Some((*iri).to_owned()),
                graph: self.graph(*graph, options),
            };
            labels.push((label, Some(*number)));
        }
        labels.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        let mut places = FxHashMap::default();
        let mut default = 0;
        for (at, (_, number)) in labels.iter().enumerate() {
            match number {
                Some(number) => drop(places.insert(*number, at)),
                None => default = at,
            }
        }
        let labels = labels.into_iter().map(|(label, _)| label).collect();
        (labels, places, default)
    }

    /// The columns with their names. By [`place`], `present` says which there are, `arrays` which hold
    /// arrays.
    pub(super) fn columns(&self, options: &Options, present: &[bool], arrays: &[bool]) -> Columns {
        let mut order: Vec<u32> = (0..).take(self.keys.len()).collect();
        order.sort_by_key(|at| self.keys[*at as usize].map(|number| self.iri(number, options)));
        let mut taken = reserved(options);
        let names = assign(&self.requests(&order, options), &mut taken);
        let is = |flags: &[bool], at: u32| flags.get(at as usize).copied().unwrap_or_default();
        let mut columns: Vec<(Column, u32, Option<u32>)> = Vec::new();
        for (at, name) in order.iter().zip(names) {
            let [predicate, datatype, language, graph] = self.keys[*at as usize];
            let place = place(*at, false);
            let column = Column {
                name,
                predicate: self.texts.text(predicate).to_owned(),
                datatype: self.texts.text(datatype).to_owned(),
                language: (language != 0).then(|| self.texts.text(language).to_owned()),
                graph: self.graph(graph, options),
                kind: self.kind(*at),
                array: is(arrays, place),
                lexical_forms_of: None,
            };
            columns.push((column, place, None));
        }
        let mut taken: BTreeSet<String> = columns
            .iter()
            .map(|(column, ..)| fold_case(&column.name))
            .collect();
        taken.extend(reserved(options));
        for (at, number) in order.iter().enumerate() {
            let (own, form) = (place(*number, false), place(*number, true));
            if is(present, form) {
                let column = &columns[at].0;
                let form_column = Column {
                    name: numbered(&format!("{}_lexical", column.name), &mut taken),
                    kind: Kind::String,
                    array: is(arrays, form),
                    ..column.clone()
                };
                columns.push((form_column, form, Some(own)));
            }
        }
        columns.sort_by(|(one, ..), (other, ..)| one.name.cmp(&other.name));
        let mut places = vec![0; 2 * self.keys.len()];
        for (at, (_, place, _)) in columns.iter().enumerate() {
            places[*place as usize] = at;
        }
        let columns = columns
            .into_iter()
            .map(|(mut column, _, of)| {
                column.lexical_forms_of = of.map(|of| places[of as usize]);
                column
            })
            .collect();
        Columns { columns, places }
    }

    /// The names that columns may have, the best ones first.
    fn requests(&self, order: &[u32], options: &Options) -> Vec<Vec<String>> {
        let predicates: BTreeMap<&str, u32> = self
            .keys
            .iter()
            .map(|[predicate, ..]| (self.texts.text(*predicate), *predicate))
            .collect();
        let bases: Vec<Vec<String>> = predicates
            .keys()
            .map(|iri| vec![local(iri), prefixed(iri, &options.prefixes)])
            .collect();
        let names = assign(&bases, &mut reserved(options));
        let bases: FxHashMap<u32, String> = predicates.values().copied().zip(names).collect();
        order
            .iter()
            .map(|at| {
                let [predicate, datatype, language, graph] = self.keys[*at as usize];
                let base = bases.get(&predicate).map_or("", String::as_str);
                let suffix = self.graph_suffix(graph, options);
                let language = self.texts.text(language);
                if !language.is_empty() {
                    let name = if options.language_at {
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
            .collect()
    }

    /// The types of relationships by name: which of them each of some predicates has, and each of some folds.
    pub(super) fn relationship_types(
        &self,
        predicates: impl Iterator<Item = u32>,
        folded: impl Iterator<Item = usize>,
        options: &Options,
    ) -> (Vec<Type>, FxHashMap<u32, usize>, BTreeMap<usize, usize>) {
        let predicates: BTreeMap<&str, u32> = predicates
            .map(|predicate| (self.texts.text(predicate), predicate))
            .collect();
        let folded: Vec<usize> = folded.collect();
        let folds: Vec<&Fold> = folded.iter().map(|at| &options.folds[*at]).collect();
        let classes = folds.iter().map(|fold| fold.class.as_str());
        let requests: Vec<Vec<String>> = predicates
            .keys()
            .copied()
            .chain(classes)
            .map(|iri| {
                let names = [local(iri), prefixed(iri, &options.prefixes)];
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
                fold: at.checked_sub(iris.len()).map(|at| folds[at].to_owned()),
            })
            .collect();
        let kinds = predicates.values().copied().zip(places.iter().copied());
        let of_folds = folded.into_iter().zip(places[iris.len()..].iter().copied());
        (types, kinds.collect(), of_folds.collect())
    }
}

/// The names that no property may have, in small letters.
fn reserved(options: &Options) -> BTreeSet<String> {
    let mut taken = BTreeSet::from([fold_case(KEY), "labels".to_owned()]);
    // Kuzu and Ladybug have these themselves.
    taken.extend(["_id", "_label", "_src", "_dst", "_nodes", "_rels"].map(str::to_owned));
    if !options.folds.is_empty() {
        // Relationships have these, or databases refuse them there.
        taken.extend(["id", "graph", "from", "to"].map(str::to_owned));
    }
    taken
}
