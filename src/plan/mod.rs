//! The plan: what to read and which quads to make of it, in words of neither mapping language.
//!
//! In: built by a mapping front end (`mapping::csvw`). Out: run by the engine. A plan is plain
//! data: it can be printed, compared and explained.
//!
//! **Invariant:** nothing here knows where a plan came from but its [`Element`]s, which are only
//! shown to people.

pub mod date_pattern;
pub mod ecma_regex;
mod expression;
mod nulls;
pub mod number_pattern;
mod objects;
pub mod show;
pub mod template;
pub mod value;
mod view;

use crate::rdf::xsd::Datatype;
use crate::table::Dialect;
pub use expression::{
    Base, Call, Collection, CollectionKind, Expression, Generator, IriForm, LiteralKind, Piece,
    TripleRule,
};
pub use nulls::Nulls;
pub use objects::{Frame, GroupFrame, Key, Objects, ShortNames, TableFrame};
use oxrdf::{BlankNode, GraphName, NamedNode, NamedOrBlankNode, Quad, Term};
pub use template::{Part, Template, TemplateError, TooLong, Variable, VariableValue};
pub use value::{Bound, Facets, Side, ValueFault, ValueFormat, ValueType};
pub use view::{JsonRead, Records, Relation, TableRead};

/// What to read and which quads to make.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Quads that hang on no row, made before the first.
    pub constants: Vec<Quad>,
    /// The tables in order.
    pub scans: Vec<TableScan>,
    /// What stands around the objects of the rows, where a run makes objects.
    pub objects: Objects,
    /// Where statements go that do not go to the output of the run; rules point here by index.
    pub destinations: Vec<Destination>,
}

/// A file that some of the statements go to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Destination {
    /// The path, relative to the folder for targets.
    pub path: String,
    /// The serialization: a name as on the command line, such as `nquads` or `rdf-json`.
    pub format: String,
    /// The character encoding, such as `utf-8`.
    pub encoding: String,
    /// The compression: an ending such as `gz` or `tar.xz`, `none`, or nothing where the name of the file
    /// tells it.
    pub compression: Option<String>,
    /// Where it stands in the mapping.
    pub element: Element,
}

/// One table, read once from its first row to its last.
#[derive(Debug, Clone)]
pub struct TableScan {
    /// The IRI of the source.
    pub source: String,
    /// How it is written down.
    pub dialect: Dialect,
    /// The rows, where they are not those of the source as it stands; its columns are then those of the
    /// scan, and the source is what messages speak of.
    pub view: Option<Relation>,
    /// Its columns in order.
    pub columns: Vec<ColumnRead>,
    /// Columns without cells in the source, whose values are made up (by a default).
    pub computed: Vec<ColumnRead>,
    /// Which quads a row makes, in order.
    pub rules: Vec<QuadRule>,
    /// Rules that make nothing here, as their statements go elsewhere, but whose failures are failures of the
    /// row: one that is left out in one place is left out in all.
    pub watched: Vec<QuadRule>,
    /// What stands around the objects of a row, if anything.
    pub frame: Option<TableFrame>,
    /// What has to hold between rows.
    pub checks: Vec<Check>,
    /// The rows of other tables that rules look up.
    pub joins: Vec<Join>,
    /// Where the parts of this scan stand in the mapping; others point here by index.
    pub elements: Vec<Element>,
    /// Whether the header is compared.
    pub header: HeaderRule,
    /// What the comments in the source are said of, and by which predicate.
    pub comments: Option<(NamedOrBlankNode, NamedNode)>,
}

/// A place in a mapping document, for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Element {
    /// The document, as the user would name it.
    pub document: String,
    /// The place in it, such as a JSON pointer.
    pub pointer: String,
}

/// How the header row is compared with the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderRule {
    /// There is no header, or nothing to compare it with.
    Ignore,
    /// Each header cell has to be one of its column's titles.
    Match,
}

/// The texts that the header cell of a column may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Titles {
    /// Any text; it is not compared.
    Any,
    /// One of these, and none where the list is empty.
    OneOf(Vec<String>),
}

impl Titles {
    /// Whether a header cell may have a text.
    pub fn fits(&self, cell: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(titles) => titles.iter().any(|title| title == cell),
        }
    }

    /// The texts, if not any will do.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let titles: &[String] = match self {
            Self::Any => &[],
            Self::OneOf(titles) => titles,
        };
        titles.iter().map(String::as_str)
    }

    /// The first of the texts.
    pub fn first(&self) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::OneOf(titles) => titles.first().map(String::as_str),
        }
    }
}

/// How the cells of a column are read.
#[derive(Debug, Clone)]
pub struct ColumnRead {
    /// Its name.
    pub name: String,
    /// The texts that its header cell may have.
    pub titles: Titles,
    /// How a cell becomes values.
    pub cell: CellRule,
    /// Its place in the mapping.
    pub element: usize,
}

/// How a cell becomes values.
///
/// Spec: tabular-data-model §6.4
#[derive(Debug, Clone)]
pub struct CellRule {
    /// The texts that stand for no value.
    pub null: Nulls,
    /// The text that stands in for an empty one.
    pub default: String,
    /// The text between the items of a cell that holds a list.
    pub separator: Option<String>,
    /// Whether there has to be a value.
    pub required: bool,
    /// The language tag of its strings.
    pub language: Option<String>,
    /// What each value has to look like.
    pub value: ValueType,
}

impl CellRule {
    /// Whether there are texts that it finds fault with.
    pub fn can_be_wrong(&self) -> bool {
        let value = &self.value;
        self.required
            || value.datatype != Datatype::String
            || !matches!(value.format, ValueFormat::Plain)
            || !value.facets.is_empty()
    }
}

impl Default for CellRule {
    fn default() -> Self {
        Self {
            null: Nulls::default(),
            default: String::new(),
            separator: None,
            required: false,
            language: None,
            value: ValueType::string(),
        }
    }
}

/// Makes quads of a row.
#[derive(Debug, Clone)]
pub struct QuadRule {
    /// The subject.
    pub subject: TermRule,
    /// The predicate.
    pub predicate: TermRule,
    /// The object or objects.
    pub object: TermRule,
    /// The graph.
    pub graph: GraphRule,
    /// What else has to be true for the rule to apply.
    pub conditions: Vec<Expression>,
    /// Where its quads go, as indexes into the destinations of the plan; none: to the output of the run.
    pub destinations: Vec<usize>,
    /// What the predicate is called in an object; without a key the rule makes quads only.
    pub key: Option<Key>,
    /// Columns, counted from 0, that have to have a value for the rule to apply.
    pub when: Vec<usize>,
    /// Whether an empty text is not enough of a value there.
    pub when_text: bool,
    /// Its place in the mapping.
    pub element: usize,
}

/// Makes the name of a graph of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GraphRule {
    /// The same in every row.
    Constant(GraphName),
    /// One for each term, which has to be an IRI or a blank node; IRIs of the list stand for the default
    /// graph.
    Term(TermRule, &'static [&'static str]),
}

impl GraphRule {
    /// The default graph.
    pub const DEFAULT: Self = Self::Constant(GraphName::DefaultGraph);

    /// The name that it has in every row.
    pub fn constant(&self) -> Option<&GraphName> {
        match self {
            Self::Constant(graph) => Some(graph),
            Self::Term(..) => None,
        }
    }
}

impl<N: Into<GraphName>> From<N> for GraphRule {
    fn from(name: N) -> Self {
        Self::Constant(name.into())
    }
}

/// Makes a term of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TermRule {
    /// The same in every row.
    Constant(Term),
    /// An IRI.
    Iri(IriRule),
    /// A blank node that each row has one of; the text tells kinds apart.
    RowBlank(String),
    /// The literals of a column, one quad each.
    Values(usize),
    /// The literals of a column as strings, whatever their datatype; those that have a language keep
    /// it.
    Texts(usize),
    /// For each value of a column an IRI, in which the column stands for that value alone; one quad
    /// each.
    EachIri(usize, IriRule),
    /// The literals of a column as one RDF list.
    List(usize),
    /// The number of the data row, as an integer.
    RowNumber,
    /// What a join of the scan finds, counted from 0; one quad each.
    Joined(usize),
    /// The texts of a column as literals of this kind, one quad each; the kind is the same in all rows.
    Literals(usize, LiteralKind),
    /// What a generator makes, one quad each.
    Generated(Box<Generator>),
}

/// Makes an IRI of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IriRule {
    /// The text of the IRI.
    pub template: Template,
    /// What a relative result is resolved against; `None` where the template is absolute and no
    /// value can change its shape.
    pub base: Option<String>,
    /// Whether a value that is `.` or `..` is a step of the path, although the template is absolute.
    pub steps: bool,
    /// Namespaces by prefix that a result such as `schema:name` may use.
    pub prefixes: &'static [(&'static str, &'static str)],
}

/// The rows of another table that have the same values as a row of this one, and the terms that
/// are made of them.
///
/// Values are compared as texts, after they were read by the rules of their columns; a row without a
/// value in one of the columns is like no other.
///
/// Memory: a fingerprint and the distinct terms of each key of the other table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Join {
    /// The other table, as an index into the scans; it is read whatever rules it has itself.
    pub scan: usize,
    /// Columns that have to be alike: of this table and of the other.
    pub on: Vec<(usize, usize)>,
    /// What is made of a row of the other table; its columns are those of that table.
    pub object: IriRule,
    /// Columns of the other table that have to have a value for it.
    pub when: Vec<usize>,
}

/// What has to hold between rows.
///
/// Memory: the keys that are compared.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Check {
    /// No two rows have the same values in these columns.
    Unique {
        /// Column numbers from 0.
        columns: Vec<usize>,
        /// Its place in the mapping.
        element: usize,
    },
    /// The values of these columns stand in other columns of a row of a table.
    Reference {
        /// Column numbers from 0.
        columns: Vec<usize>,
        /// The table looked up, as an index into the scans.
        scan: usize,
        /// Its column numbers.
        to: Vec<usize>,
        /// What a text that stands for no value refers to.
        null_texts: NullTexts,
        /// Its place in the mapping.
        element: usize,
    },
}

/// What a text that stands for no value refers to; an empty cell is no reference in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullTexts {
    /// To nothing, and it has not to.
    ReferToNothing,
    /// To a row that is not there.
    Dangle,
}

impl Plan {
    /// The part of the plan whose statements go to some destinations, or to the output of the run (nothing).
    /// Scans of which nothing is made are left out, but for those that others look up. Where rows may be left
    /// out (`skips`), the rules of the others are [watched](TableScan::watched), and the output of the run has
    /// all scans, for their faults.
    #[must_use]
    pub fn part_for(&self, destinations: Option<&[usize]>, skips: bool) -> Self {
        let mut part = self.clone();
        part.destinations.clear();
        if destinations.is_some() {
            part.constants.clear();
        }
        let mut is_kept = Vec::new();
        for scan in &mut part.scans {
            let rules = std::mem::take(&mut scan.rules).into_iter();
            let (here, elsewhere) = rules.partition(|rule| match destinations {
                None => rule.destinations.is_empty(),
                Some(numbers) => numbers.iter().any(|one| rule.destinations.contains(one)),
            });
            scan.rules = here;
            if skips {
                scan.watched = elsewhere;
            }
            let is_whole = self.destinations.is_empty() || (skips && destinations.is_none());
            is_kept.push(!scan.rules.is_empty() || is_whole);
        }
        for (number, scan) in part.scans.iter().enumerate() {
            // What is looked up has no rules of its own that would look up more.
            if is_kept[number] {
                scan.joins.iter().for_each(|join| is_kept[join.scan] = true);
            }
        }
        let mut numbers = Vec::new();
        let mut next = 0;
        for kept in &is_kept {
            numbers.push(next);
            next += usize::from(*kept);
        }
        let mut number = 0;
        part.scans.retain(|_| {
            number += 1;
            is_kept[number - 1]
        });
        for scan in &mut part.scans {
            for join in &mut scan.joins {
                join.scan = numbers[join.scan];
            }
            for check in &mut scan.checks {
                if let Check::Reference { scan, .. } = check {
                    *scan = numbers[*scan];
                }
            }
        }
        part
    }

    /// Puts all statements into the default graph, for formats that know no other.
    pub fn without_graphs(&mut self) {
        for scan in &mut self.scans {
            for rule in &mut scan.rules {
                rule.graph = GraphRule::DEFAULT;
            }
        }
    }

    /// Whether statements of it are in named graphs.
    pub fn has_graphs(&self) -> bool {
        let constants = self.constants.iter().map(|quad| &quad.graph_name);
        let rules = self.scans.iter().flat_map(|scan| &scan.rules);
        constants
            .map(Some)
            .chain(rules.map(|rule| rule.graph.constant()))
            .any(|graph| graph != Some(&GraphName::DefaultGraph))
    }

    /// Adds the tables of another plan after those of this one.
    pub fn append(&mut self, mut other: Self) {
        let offset = self.scans.len();
        // Blank nodes of the two plans are not the same, whatever their labels.
        let rename =
            |node: &BlankNode| BlankNode::new_unchecked(format!("{}p{offset}", node.as_str()));
        if offset > 0 {
            for quad in &mut other.constants {
                if let NamedOrBlankNode::BlankNode(node) = &mut quad.subject {
                    *node = rename(node);
                }
                if let Term::BlankNode(node) = &mut quad.object {
                    *node = rename(node);
                }
            }
        }
        for scan in &mut other.scans {
            for check in &mut scan.checks {
                if let Check::Reference { scan, .. } = check {
                    *scan += offset;
                }
            }
            for join in &mut scan.joins {
                join.scan += offset;
            }
            if let Some((NamedOrBlankNode::BlankNode(node), _)) = &mut scan.comments
                && offset > 0
            {
                *node = rename(node);
            }
            for rule in scan.rules.iter_mut().filter(|_| offset > 0) {
                for term in [&mut rule.subject, &mut rule.predicate, &mut rule.object] {
                    if let TermRule::Constant(Term::BlankNode(node)) = term {
                        *node = rename(node);
                    }
                }
            }
        }
        for group in &mut other.objects.groups {
            group.scans.start += offset;
            group.scans.end += offset;
        }
        self.objects.names = other.objects.names;
        self.objects.groups.append(&mut other.objects.groups);
        let destinations = self.destinations.len();
        let rules = other.scans.iter_mut().flat_map(|scan| &mut scan.rules);
        for destination in rules.flat_map(|rule| &mut rule.destinations) {
            *destination += destinations;
        }
        self.destinations.append(&mut other.destinations);
        self.constants.append(&mut other.constants);
        self.scans.append(&mut other.scans);
    }
}

impl QuadRule {
    /// Tells each column of its terms and conditions.
    pub fn each_column(&self, visit: &mut dyn FnMut(usize)) {
        for term in [&self.subject, &self.predicate, &self.object] {
            term.each_column(visit);
        }
        if let GraphRule::Term(term, _) = &self.graph {
            term.each_column(visit);
        }
        for condition in &self.conditions {
            condition.each_column(visit);
        }
    }

    /// Whether a row may make any number of quads of it, with any terms: what tells a scan's statements
    /// apart by their subject does not hold for it.
    pub fn is_general(&self) -> bool {
        let is_generated = |term: &TermRule| matches!(term, TermRule::Generated(_));
        let is_collection = |term: &TermRule| {
            matches!(term, TermRule::Generated(generator)
                if matches!(**generator, Generator::Collection(_)))
        };
        self.graph.constant().is_none()
            || is_generated(&self.subject)
            || is_generated(&self.predicate)
            || is_collection(&self.object)
    }
}

impl TermRule {
    /// Tells each column that is used, but those that joins compare.
    pub fn each_column(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Self::Iri(rule) => rule.template.columns().for_each(visit),
            Self::EachIri(column, rule) => {
                rule.template.columns().chain([*column]).for_each(visit);
            }
            Self::Values(column)
            | Self::Texts(column)
            | Self::List(column)
            | Self::Literals(column, _) => visit(*column),
            Self::Generated(generator) => generator.each_column(visit),
            Self::Constant(_) | Self::RowBlank(_) | Self::RowNumber | Self::Joined(_) => {}
        }
    }

    /// Whether rows with the same cells may differ in it.
    pub fn uses_rows(&self) -> bool {
        match self {
            Self::Iri(rule) | Self::EachIri(_, rule) => rule.template.uses_rows(),
            Self::Generated(generator) => generator.uses_rows(),
            // The nodes of a list are those of the row.
            Self::RowBlank(_) | Self::RowNumber | Self::List(_) => true,
            Self::Constant(_)
            | Self::Values(_)
            | Self::Texts(_)
            | Self::Literals(..)
            | Self::Joined(_) => false,
        }
    }

    /// The same IRI in every row.
    pub fn iri(iri: impl Into<NamedNode>) -> Self {
        Self::Constant(Term::NamedNode(iri.into()))
    }

    /// The same subject in every row.
    pub fn node(node: NamedOrBlankNode) -> Self {
        Self::Constant(node.into())
    }
}

impl TableScan {
    /// All columns, those of the source first; rules and checks count in this order.
    pub fn all_columns(&self) -> impl Iterator<Item = &ColumnRead> {
        self.columns.iter().chain(&self.computed)
    }

    /// Of each column whether its values make a difference: to a quad, a check, or because they may be
    /// wrong. Counted as in [`TableScan::all_columns`].
    pub fn columns_in_use(&self) -> Vec<bool> {
        let mut used: Vec<bool> = self
            .all_columns()
            .map(|column| column.cell.can_be_wrong())
            .collect();
        let mut mark = |columns: &mut dyn Iterator<Item = usize>| {
            for column in columns {
                used[column] = true;
            }
        };
        for rule in self.rules.iter().chain(&self.watched) {
            mark(&mut rule.when.iter().copied());
            rule.each_column(&mut |column| mark(&mut std::iter::once(column)));
        }
        for check in &self.checks {
            match check {
                Check::Unique { columns, .. } | Check::Reference { columns, .. } => {
                    mark(&mut columns.iter().copied());
                }
            }
        }
        for join in &self.joins {
            mark(&mut join.on.iter().map(|(own, _)| *own));
        }
        used
    }

    /// A column, counted as in [`TableScan::all_columns`].
    pub fn column(&self, number: usize) -> &ColumnRead {
        match self.columns.get(number) {
            Some(column) => column,
            None => &self.computed[number - self.columns.len()],
        }
    }
}
