//! What is made of a row beyond copying its cells: expressions, and terms of what they give.
//!
//! In: made by a front end. Out: evaluated for each row. An expression gives no value, one or several;
//! a term is made of each.

use super::TermRule;
use crate::function::Function;
use crate::rdf::iri::Safe;
use oxrdf::NamedNode;
use std::hash::{Hash, Hasher};

/// Makes texts of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expression {
    /// The same text in every row.
    Constant(String),
    /// The value or values of a column, counted from 0.
    Column(usize),
    /// The number of the data row, counted from 0.
    RowNumber,
    /// The pieces side by side: a text for each combination of their values, none where one has none.
    Template(Vec<Piece>),
    /// The values of all, as one list.
    List(Vec<Expression>),
    /// What a function gives.
    Call(Box<Call>),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// A value, with what is not in this set percent-encoded.
    Value(Expression, Safe),
}

/// A call of a function.
#[derive(Debug, Clone)]
pub struct Call {
    /// The function.
    pub function: &'static Function,
    /// For each of its parameters what it is given; nothing is null.
    pub arguments: Vec<Option<Expression>>,
    /// Its place in the mapping.
    pub element: usize,
}

// A function is the one that its first IRI names.
impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.function.iris.first() == other.function.iris.first()
            && self.arguments == other.arguments
    }
}

impl Eq for Call {}

impl Hash for Call {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.iris.first().hash(state);
        self.arguments.hash(state);
    }
}

/// Makes terms of a row: one for each value of an expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Generator {
    /// IRIs.
    Iri {
        /// Their texts.
        text: Expression,
        /// What is done with a relative one.
        base: Base,
        /// What has to be true of them.
        form: IriForm,
    },
    /// Blank nodes: the same text in the same scope is the same node, in all scans.
    Blank {
        /// What tells them apart.
        text: Expression,
    },
    /// Literals.
    Literal {
        /// Their lexical forms.
        text: Expression,
        /// Of what kind they are.
        kind: LiteralKind,
    },
    /// The triples of a subject, predicate and object, as triple terms.
    ///
    /// Spec: RDF 1.2 §3.1
    Triple(Box<TripleRule>),
    /// A blank node for each of the same triples, to say something of it: the same triple has the
    /// same node, in all scans.
    Reifier(Box<TripleRule>),
    /// A list or container of what the rules make.
    Collection(Box<Collection>),
}

/// What becomes of a relative IRI.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Base {
    /// It is put behind a base, without more ado.
    ///
    /// Spec: RML-Core §"Generating RDF terms"; R2RML §7.3
    Prepended(String),
    /// It is resolved against a base.
    ///
    /// Spec: RFC 3986 §5
    Resolved(String),
}

/// What an IRI has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IriForm {
    /// An IRI.
    ///
    /// Spec: RFC 3987 §2.2
    Iri,
    /// An IRI of ASCII only: a URI.
    Uri,
    /// Anything: it is taken as it is.
    Unchecked,
}

/// Of what kind literals are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LiteralKind {
    /// Strings.
    String,
    /// With the datatype that goes with what a function gives; texts are strings.
    ///
    /// Spec: RML-Core §"Natural mapping"
    Natural,
    /// With a datatype.
    Datatype(NamedNode),
    /// With a datatype, in its canonical form where it is one of XML Schema that is known.
    Canonical(NamedNode),
    /// With a language tag.
    Language(String),
    /// With the datatype that another generator makes an IRI of; literals of each.
    DatatypeOf(Box<Generator>),
    /// With the language tag that an expression gives; literals of each.
    LanguageOf(Expression),
}

/// Makes triples of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TripleRule {
    /// The subject.
    pub subject: TermRule,
    /// The predicate.
    pub predicate: TermRule,
    /// The object.
    pub object: TermRule,
}

/// Makes a list or container of a row, with the triples that it consists of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Collection {
    /// Its members, in order.
    pub items: Vec<TermRule>,
    /// What it is.
    pub kind: CollectionKind,
    /// Whether there is one where there are no members.
    pub allow_empty: bool,
    /// Whether there is one for each combination of the items' values.
    pub cartesian: bool,
    /// Its node; without it a blank node of the row.
    pub head: Option<TermRule>,
    /// What tells it from other collections of the scan.
    pub number: usize,
}

/// What a collection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    /// `rdf:List`
    List,
    /// `rdf:Bag`
    Bag,
    /// `rdf:Seq`
    Seq,
    /// `rdf:Alt`
    Alt,
}

impl Expression {
    /// Tells each column that is used.
    pub fn each_column(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Self::Constant(_) | Self::RowNumber => {}
            Self::Column(column) => visit(*column),
            Self::Template(pieces) => {
                for piece in pieces {
                    if let Piece::Value(value, _) = piece {
                        value.each_column(visit);
                    }
                }
            }
            Self::List(items) => items.iter().for_each(|item| item.each_column(visit)),
            Self::Call(call) => {
                for argument in call.arguments.iter().flatten() {
                    argument.each_column(visit);
                }
            }
        }
    }

    /// Whether it gives at most one value, where columns hold at most one.
    pub fn is_single(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Column(_) | Self::RowNumber => true,
            Self::Template(pieces) => pieces.iter().all(|piece| match piece {
                Piece::Text(_) => true,
                Piece::Value(value, _) => value.is_single(),
            }),
            Self::List(_) | Self::Call(_) => false,
        }
    }

    /// Whether rows with the same cells may differ in it.
    pub fn uses_rows(&self) -> bool {
        match self {
            Self::RowNumber => true,
            Self::Constant(_) | Self::Column(_) => false,
            Self::Template(pieces) => pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Value(value, _) if value.uses_rows())),
            Self::List(items) => items.iter().any(Self::uses_rows),
            Self::Call(call) => call.arguments.iter().flatten().any(Self::uses_rows),
        }
    }
}

impl Generator {
    /// Whether it makes at most one term, where columns hold at most one value.
    pub fn is_single(&self) -> bool {
        match self {
            Self::Iri { text, .. } | Self::Blank { text } => text.is_single(),
            Self::Literal { text, kind } => {
                text.is_single()
                    && match kind {
                        LiteralKind::DatatypeOf(datatype) => datatype.is_single(),
                        LiteralKind::LanguageOf(language) => language.is_single(),
                        _ => true,
                    }
            }
            Self::Triple(_) | Self::Reifier(_) | Self::Collection(_) => false,
        }
    }

    /// Whether rows with the same cells may differ in it.
    pub fn uses_rows(&self) -> bool {
        match self {
            Self::Iri { text, .. } | Self::Blank { text } => text.uses_rows(),
            Self::Literal { text, kind } => {
                text.uses_rows()
                    || match kind {
                        LiteralKind::DatatypeOf(datatype) => datatype.uses_rows(),
                        LiteralKind::LanguageOf(language) => language.uses_rows(),
                        LiteralKind::String
                        | LiteralKind::Natural
                        | LiteralKind::Canonical(_)
                        | LiteralKind::Datatype(_)
                        | LiteralKind::Language(_) => false,
                    }
            }
            Self::Triple(triple) | Self::Reifier(triple) => {
                let terms = [&triple.subject, &triple.predicate, &triple.object];
                terms.into_iter().any(TermRule::uses_rows)
            }
            // Its nodes are those of the row.
            Self::Collection(_) => true,
        }
    }

    /// Tells each column that is used.
    pub fn each_column(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Self::Iri { text, .. } | Self::Blank { text } => text.each_column(visit),
            Self::Literal { text, kind } => {
                text.each_column(visit);
                match kind {
                    LiteralKind::DatatypeOf(datatype) => datatype.each_column(visit),
                    LiteralKind::LanguageOf(language) => language.each_column(visit),
                    LiteralKind::String
                    | LiteralKind::Natural
                    | LiteralKind::Canonical(_)
                    | LiteralKind::Datatype(_)
                    | LiteralKind::Language(_) => {}
                }
            }
            Self::Triple(triple) | Self::Reifier(triple) => {
                for term in [&triple.subject, &triple.predicate, &triple.object] {
                    term.each_column(visit);
                }
            }
            Self::Collection(collection) => {
                for term in collection.items.iter().chain(&collection.head) {
                    term.each_column(visit);
                }
            }
        }
    }
}
