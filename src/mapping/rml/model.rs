//! A mapping as the RML vocabulary describes it, whatever it was written in.
//!
//! In: filled by `read` (Turtle in either vocabulary) and by `mapping::yarrrml`. Out: lowered to a plan by
//! `lower`, written as Turtle by `write`, looked through by `lint`. Names are those of the RML
//! ontology; each part knows its [`Place`].
//!
//! Memory: the mapping only, no data.

use crate::diagnostic::Location;
use oxrdf::{NamedNode, Term};
use std::ops::Range;
use std::sync::Arc;

/// A place in a mapping document.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The document, as the user would name it.
    pub document: Arc<str>,
    /// The line, counted from 1; 0 where it is not known.
    pub line: u64,
    /// The code point in the line, counted from 1; 0 where it is not known.
    pub column: u64,
    /// The bytes in the document, counted from 0; empty where they are not known.
    pub bytes: Range<usize>,
    /// The element for people, such as `<#Person> rml:subjectMap`.
    pub element: String,
}

impl Place {
    /// The place for a diagnostic.
    pub fn location(&self) -> Location {
        let is_known = self.line > 0;
        Location {
            line: is_known.then_some(self.line),
            column: (self.column > 0).then_some(self.column),
            byte_span: is_known.then(|| self.bytes.clone()),
            ..Location::of_source(&*self.document)
        }
    }
}

/// A part of a mapping with its place.
#[derive(Debug, Clone, Default)]
pub struct At<T> {
    /// The part.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// Which vocabulary a part is written in: what is left open differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vocabulary {
    /// `http://w3id.org/rml/`: an empty cell is the empty text.
    #[default]
    Rml,
    /// `http://www.w3.org/ns/r2rml#` with `http://semweb.mmlab.be/ns/rml#`, and YARRRML: an empty cell
    /// is no value.
    Legacy,
}

/// All triples maps of the documents that were read together.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// The triples maps, in the order of the documents.
    pub triples_maps: Vec<TriplesMap>,
    /// The logical sources and views, each once, in the order in which they come up.
    pub sources: Vec<LogicalSource>,
    /// The logical targets, each once.
    pub targets: Vec<LogicalTarget>,
    /// The prefixes that the documents declare, for output.
    pub prefixes: Vec<(String, String)>,
    /// The base IRI that a document declares for the data (`rml:baseIRI` of the mapping as a whole, or
    /// YARRRML's `base`).
    pub base: Option<String>,
}

impl Mapping {
    /// Adds another mapping behind this one: its indexes are moved.
    pub fn append(&mut self, mut other: Self) {
        let offsets = Offsets {
            maps: self.triples_maps.len(),
            sources: self.sources.len(),
            targets: self.targets.len(),
        };
        for source in &mut other.sources {
            if let Rows::View(view) = &mut source.rows {
                view.on += offsets.sources;
                for join in &mut view.joins {
                    join.parent += offsets.sources;
                }
            }
        }
        for map in &mut other.triples_maps {
            map.source += offsets.sources;
            // The base of a whole document is that of its triples maps.
            if map.base.is_none() {
                map.base.clone_from(&other.base);
            }
            offsets.term(&mut map.subject.term);
            map.subject
                .graphs
                .iter_mut()
                .for_each(|graph| offsets.term(graph));
            for part in &mut map.predicate_objects {
                for term in part.predicates.iter_mut().chain(&mut part.graphs) {
                    offsets.term(term);
                }
                part.objects
                    .iter_mut()
                    .for_each(|object| offsets.object(object));
            }
        }
        for (prefix, namespace) in other.prefixes {
            if !self.prefixes.iter().any(|(known, _)| *known == prefix) {
                self.prefixes.push((prefix, namespace));
            }
        }
        self.triples_maps.append(&mut other.triples_maps);
        self.sources.append(&mut other.sources);
        self.targets.append(&mut other.targets);
    }
}

/// How far the indexes of a mapping are moved.
struct Offsets {
    maps: usize,
    sources: usize,
    targets: usize,
}

impl Offsets {
    fn object(&self, object: &mut ObjectMap) {
        match object {
            ObjectMap::Term(term) => self.term(term),
            ObjectMap::Reference(reference) => {
                reference.parent += self.maps;
                self.targets(&mut reference.targets);
            }
        }
    }

    fn term(&self, term: &mut TermMap) {
        self.targets(&mut term.targets);
        match &mut term.value {
            TermValue::Quoted { triples_map, .. } => *triples_map += self.maps,
            TermValue::Gather(gather) => {
                gather.items.iter_mut().for_each(|item| self.object(item));
            }
            TermValue::Expression(_) | TermValue::Fresh => {}
        }
        for part in [&mut term.datatype, &mut term.language]
            .into_iter()
            .flatten()
        {
            self.term(part);
        }
    }

    fn targets(&self, targets: &mut [usize]) {
        for target in targets {
            *target += self.targets;
        }
    }
}

/// One triples map.
#[derive(Debug, Clone)]
pub struct TriplesMap {
    /// Its name: an IRI, or the label of a blank node.
    pub name: String,
    /// The vocabulary of its logical source.
    pub vocabulary: Vocabulary,
    /// An index into [`Mapping::sources`].
    pub source: usize,
    /// What relative IRIs are put behind, in place of the run's base (`rml:baseIRI`).
    pub base: Option<String>,
    /// Its subject map.
    pub subject: SubjectMap,
    /// What is said of subjects.
    pub predicate_objects: Vec<PredicateObjectMap>,
    /// Whether its triples are in the output; those of `rml:NonAssertedTriplesMap` are only quoted.
    pub is_asserted: bool,
    /// Its place.
    pub place: Place,
}

/// A subject map.
#[derive(Debug, Clone)]
pub struct SubjectMap {
    /// How the subject is made.
    pub term: TermMap,
    /// Classes of the subject.
    pub classes: Vec<At<NamedNode>>,
    /// The graphs of all triples of the triples map; none: the default graph.
    pub graphs: Vec<TermMap>,
}

/// A predicate-object map: each predicate with each object, in each graph of its own and of the
/// subject map.
#[derive(Debug, Clone)]
pub struct PredicateObjectMap {
    /// The predicates.
    pub predicates: Vec<TermMap>,
    /// The objects.
    pub objects: Vec<ObjectMap>,
    /// The graphs.
    pub graphs: Vec<TermMap>,
    /// The rows for which it holds (YARRRML's `condition` of a predicate-object).
    pub conditions: Vec<ExpressionMap>,
    /// Its place.
    pub place: Place,
}

/// What makes an object.
#[derive(Debug, Clone)]
pub enum ObjectMap {
    /// A term of the row.
    Term(TermMap),
    /// The subjects of another triples map.
    Reference(ReferencingObjectMap),
}

/// A referencing object map (`rml:parentTriplesMap`).
#[derive(Debug, Clone)]
pub struct ReferencingObjectMap {
    /// An index into [`Mapping::triples_maps`].
    pub parent: usize,
    /// What has to be alike; where there is nothing, rows refer to the same row of the same source, or
    /// to all rows of another.
    pub joins: Vec<JoinCondition>,
    /// A condition on the two rows (YARRRML's `condition` with functions other than `equal`), in which
    /// references are told apart by their [`Side`].
    pub conditions: Vec<ExpressionMap>,
    /// Indexes into [`Mapping::targets`].
    pub targets: Vec<usize>,
    /// Its place.
    pub place: Place,
}

/// A join condition.
#[derive(Debug, Clone)]
pub struct JoinCondition {
    /// Of the row itself.
    pub child: ExpressionMap,
    /// Of a row of the other source.
    pub parent: ExpressionMap,
    /// Its place.
    pub place: Place,
}

/// A term map.
#[derive(Debug, Clone)]
pub struct TermMap {
    /// What the term is made of.
    pub value: TermValue,
    /// The kind of term, where the mapping says so.
    pub term_type: Option<At<TermType>>,
    /// The datatype of a literal (`rml:datatype`, `rml:datatypeMap`), an IRI.
    pub datatype: Option<Box<TermMap>>,
    /// The language of a literal (`rml:language`, `rml:languageMap`).
    pub language: Option<Box<TermMap>>,
    /// The rows for which there is a term (`rml:condition`): all have to be true.
    pub conditions: Vec<ExpressionMap>,
    /// Indexes into [`Mapping::targets`]; none: the output of the run.
    pub targets: Vec<usize>,
    /// Its place.
    pub place: Place,
}

/// What a term is made of.
#[derive(Debug, Clone)]
pub enum TermValue {
    /// An expression.
    Expression(ExpressionMap),
    /// The triples of another triples map, by index, quoted (`rml:quotedTriplesMap`).
    Quoted {
        /// An index into [`Mapping::triples_maps`].
        triples_map: usize,
        /// What has to be alike.
        joins: Vec<JoinCondition>,
    },
    /// A list or container (`rml:gather`).
    Gather(Box<Gather>),
    /// A blank node of its own for each row: a subject map with a term type and no expression.
    Fresh,
}

/// A list or container (RML-CC).
#[derive(Debug, Clone)]
pub struct Gather {
    /// What is gathered, in order.
    pub items: Vec<ObjectMap>,
    /// As what.
    pub kind: GatherAs,
    /// Whether nothing gathered makes an empty list too (`rml:allowEmptyListAndContainer`).
    pub allow_empty: bool,
    /// Whether all combinations of the items' values are made, not one list of them all
    /// (`rml:strategy rml:cartesianProduct`).
    pub cartesian: bool,
    /// The head of the list, where the mapping names it; else a blank node for each row.
    pub head: Option<ExpressionMap>,
}

/// What is gathered into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatherAs {
    /// `rdf:List`
    List,
    /// `rdf:Bag`
    Bag,
    /// `rdf:Seq`
    Seq,
    /// `rdf:Alt`
    Alt,
}

/// The kind of a term (`rml:termType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermType {
    /// An IRI; values in a template are percent-encoded but for letters of all scripts.
    Iri,
    /// A URI; values in a template are percent-encoded but for ASCII.
    Uri,
    /// An IRI into which values are put as they are.
    UnsafeIri,
    /// A URI into which values are put as they are.
    UnsafeUri,
    /// A blank node.
    BlankNode,
    /// A literal.
    Literal,
}

/// An expression map: what makes texts of a row.
#[derive(Debug, Clone)]
pub struct ExpressionMap {
    /// The expression.
    pub expression: Expression,
    /// Its place.
    pub place: Place,
}

/// Which row of a join a reference is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Side {
    /// The row itself (`s` in YARRRML).
    #[default]
    Child,
    /// The row of the other source (`o` in YARRRML).
    Parent,
}

/// An expression.
#[derive(Debug, Clone)]
pub enum Expression {
    /// The same for all rows; blank nodes and literals are kept as they stand.
    Constant(Term),
    /// The value or values of a column, or of a field of a view.
    Reference(String, Side),
    /// Texts and references: `http://example.com/{id}`.
    Template(Template),
    /// The result of a function.
    Call(Box<Call>),
}

/// A template, split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// As it was written.
    pub text: String,
    /// Its parts, with backslashes taken away.
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text as it is.
    Text(String),
    /// The value of a reference.
    Reference(String, Side),
}

/// A function execution (FNML).
#[derive(Debug, Clone)]
pub struct Call {
    /// The IRI of the function; checked when the mapping is lowered.
    pub function: At<String>,
    /// Each parameter's IRI with its value; a parameter that is given several times is a list.
    pub arguments: Vec<(At<String>, ExpressionMap)>,
    /// The output that is asked for (`rml:return`); none: the function's first.
    pub output: Option<At<String>>,
}

/// A logical source or view.
#[derive(Debug, Clone)]
pub struct LogicalSource {
    /// Its name: an IRI, or the label of a blank node.
    pub name: String,
    /// The vocabulary.
    pub vocabulary: Vocabulary,
    /// Where rows come from.
    pub rows: Rows,
    /// Its place.
    pub place: Place,
}

impl LogicalSource {
    /// Whether another source gives the same rows with the same values, as far as the mapping shows it; a view
    /// is like no other.
    pub fn is_read_like(&self, other: &Self) -> bool {
        let text = |at: &Option<At<String>>| at.as_ref().map(|at| at.value.clone());
        let (Rows::Source(file), Rows::Source(known)) = (&self.rows, &other.rows) else {
            return false;
        };
        self.vocabulary == other.vocabulary
            && known.path.value == file.path.value
            && known.path.place.document == file.path.place.document
            && known.root == file.root
            && known.formulation == file.formulation
            && text(&known.iterator) == text(&file.iterator)
            && known.encoding == file.encoding
            && text(&known.compression) == text(&file.compression)
            && known.nulls == file.nulls
            && known.dialect == file.dialect
    }
}

/// Where rows come from.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there are few sources")]
pub enum Rows {
    /// A file.
    Source(Source),
    /// A logical view.
    View(LogicalView),
    /// One row without values: a triples map that has no logical source, because all that it makes is
    /// constant.
    Single,
}

/// A file with how it is read (RML-IO, RML-IO-Registry).
#[derive(Debug, Clone)]
pub struct Source {
    /// The path or URL, as the mapping has it.
    pub path: At<String>,
    /// What a relative path stands in.
    pub root: Root,
    /// How records are found.
    pub formulation: Formulation,
    /// The records of a JSON document (`rml:iterator`).
    pub iterator: Option<At<String>>,
    /// The encoding (`rml:encoding`), such as `UTF-16`; none: UTF-8.
    pub encoding: Option<String>,
    /// The compression that the mapping states (`rml:compression`): `gzip`, `zip`, `targz`, `tarxz`,
    /// `none`; nothing: by the name of the file.
    pub compression: Option<At<String>>,
    /// The texts that stand for no value (`rml:null`, `csvw:null`).
    pub nulls: Vec<String>,
    /// A CSVW description of the table (`csvw:Table`), as far as given.
    pub dialect: Option<CsvwDialect>,
}

/// What a relative path stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// Nothing is said: the folder of the mapping for sources, the current folder for targets.
    Unstated,
    /// `rml:MappingDirectory`
    MappingDirectory,
    /// `rml:CurrentWorkingDirectory`
    CurrentWorkingDirectory,
    /// A path.
    Path(String),
}

/// How references lead to values (`rml:referenceFormulation`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formulation {
    /// Columns of a table.
    Csv,
    /// `JSONPath` expressions.
    JsonPath,
    /// Another, by its IRI, which is not read here.
    Other(String),
}

/// The properties of a `csvw:Dialect` that are given.
///
/// Spec: metadata §5.9
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvwDialect {
    /// `csvw:delimiter`
    pub delimiter: Option<String>,
    /// `csvw:quoteChar`
    pub quote_char: Option<String>,
    /// `csvw:doubleQuote`
    pub double_quote: Option<bool>,
    /// `csvw:commentPrefix`
    pub comment_prefix: Option<String>,
    /// `csvw:encoding`
    pub encoding: Option<String>,
    /// `csvw:header`
    pub header: Option<bool>,
    /// `csvw:headerRowCount`
    pub header_row_count: Option<usize>,
    /// `csvw:skipRows`
    pub skip_rows: Option<usize>,
    /// `csvw:skipColumns`
    pub skip_columns: Option<usize>,
    /// `csvw:skipBlankRows`
    pub skip_blank_rows: Option<bool>,
    /// `csvw:skipInitialSpace`
    pub skip_initial_space: Option<bool>,
    /// `csvw:trim`: `true`, `false`, `start`, `end`
    pub trim: Option<String>,
    /// `csvw:lineTerminators`
    pub line_terminators: Vec<String>,
}

/// A logical view (RML-LV).
#[derive(Debug, Clone)]
pub struct LogicalView {
    /// What it is on, an index into [`Mapping::sources`].
    pub on: usize,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Its joins, in order.
    pub joins: Vec<ViewJoin>,
}

/// A field of a view.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, without those of the fields around it.
    pub name: At<String>,
    /// What it holds.
    pub kind: FieldKind,
    /// The fields inside it.
    pub fields: Vec<Field>,
    /// Its place.
    pub place: Place,
}

/// What a field holds.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// The values of an expression (`rml:ExpressionField`).
    Expression(ExpressionMap),
    /// The records in the value of the field around it (`rml:IterableField`).
    Iterable {
        /// How records are found; nothing: as in the field around it.
        formulation: Option<Formulation>,
        /// The records.
        iterator: Option<At<String>>,
    },
}

/// A join of a view with another.
#[derive(Debug, Clone)]
pub struct ViewJoin {
    /// Whether rows without a match are kept (`rml:leftJoin`).
    pub is_left: bool,
    /// The other view, an index into [`Mapping::sources`].
    pub parent: usize,
    /// What has to be alike.
    pub conditions: Vec<JoinCondition>,
    /// The fields that are taken from the other view.
    pub fields: Vec<Field>,
    /// Its place.
    pub place: Place,
}

/// A logical target (RML-IO).
#[derive(Debug, Clone)]
pub struct LogicalTarget {
    /// Its name: an IRI, or the label of a blank node.
    pub name: String,
    /// The path, as the mapping has it.
    pub path: At<String>,
    /// What a relative path stands in.
    pub root: Root,
    /// The serialization's IRI (`http://www.w3.org/ns/formats/…`); none: N-Quads.
    pub serialization: Option<At<String>>,
    /// The encoding: `UTF-8`, `UTF-16`.
    pub encoding: Option<At<String>>,
    /// The compression: `gzip`, `zip`, `targz`, `tarxz`, `none`.
    pub compression: Option<At<String>>,
    /// Its place.
    pub place: Place,
}
