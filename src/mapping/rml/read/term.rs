//! Term maps: what a term is made of, its kind, datatype, language and targets.

use super::expression::as_iri;
use super::{At, Read, Reader, fault};
use crate::diagnostic::{Diagnostic, nearest};
use crate::mapping::rml::graph::{Statement, node};
use crate::mapping::rml::model::{
    Expression, ExpressionMap, Gather, GatherAs, ObjectMap, Place, TermMap, TermType, TermValue,
    Vocabulary,
};
use crate::mapping::rml::vocab::{self, Property};
use oxrdf::{NamedNode, NamedOrBlankNode, Term};

/// How deep lists may stand in lists: much more is on the stack for each than for other maps.
const LISTS: usize = 25;

/// Where a term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Subject,
    Predicate,
    Object,
    Graph,
    Datatype,
    Language,
}

impl Position {
    fn name(self) -> &'static str {
        match self {
            Self::Subject => "a subject",
            Self::Predicate => "a predicate",
            Self::Object => "an object",
            Self::Graph => "the name of a graph",
            Self::Datatype => "a datatype",
            Self::Language => "a language",
        }
    }

    /// Whether terms of a kind may stand there.
    ///
    /// Spec: RML-Core §8.4
    fn allows(self, kind: TermType) -> bool {
        match kind {
            TermType::Iri | TermType::Uri | TermType::UnsafeIri | TermType::UnsafeUri => {
                self != Self::Language
            }
            TermType::BlankNode => matches!(self, Self::Subject | Self::Object | Self::Graph),
            TermType::Literal => matches!(self, Self::Object | Self::Language),
        }
    }

    /// Whether a constant may stand there.
    fn allows_constant(self, term: &Term) -> bool {
        match term {
            Term::NamedNode(_) => self.allows(TermType::Iri),
            Term::BlankNode(_) => self.allows(TermType::BlankNode),
            Term::Literal(_) => self.allows(TermType::Literal),
        }
    }
}

/// The properties that a map has and a plain node has not.
const OF_MAPS: &[Property] = &[
    Property::Constant,
    Property::Reference,
    Property::Template,
    Property::FunctionExecution,
    Property::TermType,
    Property::QuotedTriplesMap,
    Property::Gather,
];

impl Reader<'_, '_> {
    /// The term map that a statement leads to, or the constant that it has.
    pub(super) fn term_of(&mut self, statement: &Statement, position: Position) -> Read<TermMap> {
        let place = self.graph.place(statement);
        let is_map = matches!(
            statement.property,
            Some(
                Property::SubjectMap
                    | Property::PredicateMap
                    | Property::ObjectMap
                    | Property::GraphMap
                    | Property::DatatypeMap
                    | Property::LanguageMap
            )
        );
        let is_map = is_map || self.is_map_in_shortcut(statement, &place);
        if !is_map {
            let term = self.iri_as_text(statement, statement.object.clone(), position);
            return self.constant(&term, place, position);
        }
        let node = self.described(statement, "a term map")?;
        self.enter(&node, &place, |reader| {
            reader.term_map(&node, &place, position)
        })
    }

    // A map where a constant belongs is what was meant.
    fn is_map_in_shortcut(&mut self, statement: &Statement, place: &Place) -> bool {
        let Term::BlankNode(node) = &statement.object else {
            return false;
        };
        let node = NamedOrBlankNode::from(node.clone());
        if !OF_MAPS
            .iter()
            .any(|property| self.graph.has(&node, *property))
        {
            return false;
        }
        let shown = self.graph.show(statement.predicate.as_str());
        let message = format!("{shown} takes a constant, and a map stands there");
        let diagnostic = Diagnostic::warning("rml::map-in-shortcut", message, place.location());
        self.diagnostics
            .push(diagnostic.with_help(format!("write {shown}Map")));
        true
    }

    fn constant(&mut self, term: &Term, place: Place, position: Position) -> Read<TermMap> {
        self.check_constant(term, &place, position)?;
        let expression = Expression::Constant(term.clone());
        Ok(TermMap {
            value: TermValue::Expression(ExpressionMap {
                expression,
                place: place.clone(),
            }),
            term_type: None,
            datatype: None,
            language: None,
            conditions: Vec::new(),
            targets: Vec::new(),
            place,
        })
    }

    // In the older vocabulary people and tools write IRIs as texts where only an IRI can be.
    fn iri_as_text(&mut self, statement: &Statement, term: Term, position: Position) -> Term {
        let is_old = super::vocabulary(Some(statement)) == Vocabulary::Legacy;
        let is_iri = matches!(term, Term::Literal(_)) && position.allows(TermType::Iri);
        if !is_old || !is_iri || position.allows(TermType::Literal) {
            return term;
        }
        let Some(iri) = as_iri(&term).filter(|iri| !self.is_prefixed(iri)) else {
            return term;
        };
        let message = format!(
            "{term} is taken as an IRI, which {} has to be",
            position.name()
        );
        let location = self.graph.place(statement).location();
        let diagnostic = Diagnostic::warning("rml::iri-as-text", message, location);
        self.diagnostics
            .push(diagnostic.with_help(format!("write `<{iri}>`")));
        NamedNode::new_unchecked(iri).into()
    }

    // Whether what may be an IRI begins with a prefix of the documents, and so was meant as a name.
    fn is_prefixed(&self, iri: &str) -> bool {
        let Some((prefix, _)) = iri.split_once(':') else {
            return false;
        };
        let prefixes = self.graph.prefixes();
        prefixes.iter().any(|(known, _)| known == prefix)
    }

    fn check_constant(&mut self, term: &Term, place: &Place, position: Position) -> Read<()> {
        if position == Position::Language
            && let Term::Literal(literal) = term
            && let Err(reason) = check_language(literal.value())
        {
            let message = format!("`{}` is no language tag: {reason}", literal.value());
            let help = "language tags look like `en` or `en-GB`";
            let diagnostic = fault("rml::language-tag", message, place).with_help(help);
            return self.fail(diagnostic.with_spec("RFC 5646 §2.1"));
        }
        if position.allows_constant(term) {
            return Ok(());
        }
        let message = format!("{term} cannot be {}", position.name());
        let diagnostic = fault("rml::term-type", message, place);
        self.fail(match as_iri(term) {
            Some(iri) if position != Position::Language => {
                diagnostic.with_help(if self.is_prefixed(iri) {
                    format!("a name with a prefix is written without quotes: `{iri}`")
                } else {
                    format!("an IRI is written `<{iri}>`")
                })
            }
            _ => diagnostic,
        })
    }

    fn term_map(
        &mut self,
        node: &NamedOrBlankNode,
        place: &Place,
        position: Position,
    ) -> Read<TermMap> {
        let term_type = self.term_type(node, position);
        let value = self.term_value(
            node,
            place,
            position,
            term_type.as_ref().map_err(|told| *told)?.as_ref(),
        );
        let datatype = self.datatype_or_language(node, Position::Datatype);
        let language = self.datatype_or_language(node, Position::Language);
        let conditions = self.conditions(node);
        let targets = self.targets_of(node);
        let (mut term_type, mut value) = (term_type?, value?);
        let (datatype, language) = (datatype?, language?);
        if let (Some(_), Some(language)) = (&datatype, &language) {
            let message = "a literal with a language has no other datatype";
            return self.fail(fault(
                "rml::datatype-and-language",
                message,
                &language.place,
            ));
        }
        if let TermValue::Expression(map) = &mut value
            && let Expression::Constant(term) = &mut map.expression
        {
            let other = self.settle_constant(node, term, &mut term_type);
            if let Some(statement) = self.graph.values(node, Property::Constant).next() {
                *term = self.iri_as_text(statement, term.clone(), position);
            }
            self.check_constant(term, &map.place, position)?;
            if let Some(kind) = other {
                self.warn_of_constant(kind, term, &map.place);
            }
        }
        let is_literal = term_type
            .as_ref()
            .is_none_or(|kind| kind.value == TermType::Literal);
        if let Some(map) = datatype
            .as_ref()
            .or(language.as_ref())
            .filter(|_| !is_literal)
        {
            let message = "only literals have a datatype or a language; it is passed over";
            let diagnostic =
                Diagnostic::warning("rml::not-a-literal", message, map.place.location());
            self.diagnostics.push(diagnostic);
        }
        Ok(TermMap {
            value,
            term_type,
            datatype: datatype.filter(|_| is_literal).map(Box::new),
            language: language.filter(|_| is_literal).map(Box::new),
            conditions: conditions?,
            targets: targets?,
            place: place.clone(),
        })
    }

    // What is constant has the kind that it has, whatever `rml:termType` says; in the older vocabulary
    // tools write IRIs as texts with the term type IRI. Gives the kind that is passed over.
    fn settle_constant(
        &mut self,
        node: &NamedOrBlankNode,
        term: &mut Term,
        term_type: &mut Option<At<TermType>>,
    ) -> Option<TermType> {
        let kind = term_type.take()?.value;
        let is_iri_kind = !matches!(kind, TermType::BlankNode | TermType::Literal);
        let is_same = match &*term {
            Term::NamedNode(_) => is_iri_kind,
            Term::BlankNode(_) => kind == TermType::BlankNode,
            Term::Literal(_) => kind == TermType::Literal,
        };
        if is_same {
            return None;
        }
        let statement = self.graph.values(node, Property::TermType).next();
        let is_old = super::vocabulary(statement) == Vocabulary::Legacy;
        if let Some(iri) = as_iri(term).filter(|_| is_old && is_iri_kind) {
            *term = NamedNode::new_unchecked(iri).into();
            return None;
        }
        Some(kind)
    }

    fn warn_of_constant(&mut self, kind: TermType, term: &Term, place: &Place) {
        let is_iri_kind = !matches!(kind, TermType::BlankNode | TermType::Literal);
        let message = format!("the constant {term} keeps its kind, whatever the term type says");
        let diagnostic =
            Diagnostic::warning("rml::term-type-of-constant", message, place.location());
        self.diagnostics
            .push(match as_iri(term).filter(|_| is_iri_kind) {
                Some(iri) => diagnostic.with_help(format!("an IRI is written `<{iri}>`")),
                None => diagnostic,
            });
    }

    fn term_type(
        &mut self,
        node: &NamedOrBlankNode,
        position: Position,
    ) -> Read<Option<At<TermType>>> {
        let Some(statement) = self.at_most_one(node, Property::TermType)? else {
            return Ok(None);
        };
        let place = self.graph.place(statement);
        let local = match &statement.object {
            Term::NamedNode(kind) => vocab::split(kind.as_str()).map(|(_, local)| local),
            _ => None,
        };
        let Some(value) = local.and_then(term_type) else {
            let message = format!("{} is no term type", statement.object);
            let near =
                local.and_then(|local| nearest(local, TERM_TYPES.iter().map(|(name, _)| *name)));
            let prefix = if super::vocabulary(Some(statement)) == Vocabulary::Rml {
                "rml"
            } else {
                "rr"
            };
            let diagnostic = fault("rml::unknown-term-type", message, &place);
            return self.fail(match near {
                Some(near) => diagnostic.with_help(format!("is `{prefix}:{near}` meant?")),
                None => diagnostic.with_help(format!(
                    "write `{prefix}:IRI`, `{prefix}:BlankNode` or `{prefix}:Literal`"
                )),
            });
        };
        if !position.allows(value) {
            let what = match value {
                TermType::Literal => "a literal",
                TermType::BlankNode => "a blank node",
                _ => "an IRI",
            };
            let message = format!("{what} cannot be {}", position.name());
            return self.fail(fault("rml::term-type", message, &place));
        }
        Ok(Some(At { value, place }))
    }

    fn term_value(
        &mut self,
        node: &NamedOrBlankNode,
        place: &Place,
        position: Position,
        term_type: Option<&At<TermType>>,
    ) -> Read<TermValue> {
        let expression = self.expression(node, place)?;
        let quoted = self.at_most_one(node, Property::QuotedTriplesMap)?;
        let gather = self.at_most_one(node, Property::Gather)?;
        if let Some(statement) = quoted {
            let predicate = self.graph.predicate_place(statement);
            if !matches!(position, Position::Subject | Position::Object) {
                let message = format!("quoted triples cannot be {}", position.name());
                return self.fail(fault("rml::quoted-position", message, &predicate));
            }
            if expression.is_some() || gather.is_some() {
                let message = "rml:quotedTriplesMap stands beside another expression";
                return self.fail(fault("rml::several-expressions", message, &predicate));
            }
            return Ok(TermValue::Quoted {
                triples_map: self.triples_map_number(statement)?,
                joins: self.joins(node)?,
            });
        }
        if let Some(statement) = gather {
            let predicate = self.graph.predicate_place(statement);
            if !matches!(position, Position::Subject | Position::Object) {
                let message = format!("a list or container cannot be {}", position.name());
                return self.fail(fault("rml::term-type", message, &predicate));
            }
            let gather = self.gather(node, statement, expression)?;
            return Ok(TermValue::Gather(Box::new(gather)));
        }
        match expression {
            Some(expression) => Ok(TermValue::Expression(expression)),
            None if term_type.is_some_and(|kind| kind.value == TermType::BlankNode) => {
                Ok(TermValue::Fresh)
            }
            None => self.fail_without_expression(place),
        }
    }

    fn datatype_or_language(
        &mut self,
        node: &NamedOrBlankNode,
        position: Position,
    ) -> Read<Option<TermMap>> {
        let properties = match position {
            Position::Language => [Property::Language, Property::LanguageMap],
            _ => [Property::Datatype, Property::DatatypeMap],
        };
        let mut statements = self.either(node, properties);
        let Some(statement) = statements.next() else {
            return Ok(None);
        };
        if let Some(second) = statements.next() {
            let message = format!("{} is there more than once", properties[0].name());
            let place = self.graph.place(second);
            return self.fail(fault("rml::several-values", message, &place));
        }
        self.term_of(statement, position).map(Some)
    }

    /// Spec: RML-CC §5
    fn gather(
        &mut self,
        node: &NamedOrBlankNode,
        statement: &Statement,
        head: Option<ExpressionMap>,
    ) -> Read<Gather> {
        let graph = self.graph;
        let place = graph.place(statement);
        let members = graph
            .list(&statement.object)
            .filter(|members| !members.is_empty());
        let Some(members) = members else {
            let message = "rml:gather has no list with members";
            let help = "write the maps of the members in parentheses: `rml:gather ( [ rml:reference \"a\" ] )`";
            return self.fail(fault("rml::gather", message, &place).with_help(help));
        };
        let mut items = Vec::new();
        for member in members {
            items.push(self.member(member)?);
        }
        let Some(kind) = self.at_most_one(node, Property::GatherAs)? else {
            let message = "rml:gather stands without rml:gatherAs";
            let help = "add `rml:gatherAs rdf:List`, `rdf:Bag`, `rdf:Seq` or `rdf:Alt`";
            return self.fail(fault("rml::gather", message, &place).with_help(help));
        };
        let Some(kind) = gather_as(&kind.object) else {
            let message = format!("{} is nothing to gather as", kind.object);
            let help = "write `rdf:List`, `rdf:Bag`, `rdf:Seq` or `rdf:Alt`";
            return self.fail(fault("rml::gather", message, &graph.place(kind)).with_help(help));
        };
        let strategy = self.at_most_one(node, Property::Strategy)?;
        let cartesian = match strategy.map(|found| local_name(&found.object)) {
            None | Some("append") => false,
            Some("cartesianProduct") => true,
            Some(_) => {
                let place = strategy.map(|found| graph.place(found)).unwrap_or_default();
                let message = "the strategy is not known";
                let help = "write `rml:append` or `rml:cartesianProduct`";
                return self.fail(fault("rml::gather", message, &place).with_help(help));
            }
        };
        let allow_empty = match self.at_most_one(node, Property::AllowEmpty)? {
            Some(found) => self.boolean(found)?,
            None => false,
        };
        Ok(Gather {
            items,
            kind,
            allow_empty,
            cartesian,
            head,
        })
    }

    fn member(&mut self, member: &Statement) -> Read<ObjectMap> {
        let place = self.graph.place(member);
        let Some(inner) = node(&member.object) else {
            let message = format!("{} is gathered, where a term map belongs", member.object);
            let help = "write `[ rml:constant … ]`";
            return self.fail(fault("rml::gather", message, &place).with_help(help));
        };
        if self.graph.has(&inner, Property::ParentTriplesMap) {
            return self.referencing(&inner, place).map(ObjectMap::Reference);
        }
        let inner = self.described(member, "a term map")?;
        if self.lists == LISTS {
            let message = format!("more than {LISTS} lists stand in one another");
            return self.fail(fault("rml::too-deep", message, &place));
        }
        self.lists += 1;
        let term = self.enter(&inner, &place, |reader| {
            reader.term_map(&inner, &place, Position::Object)
        });
        self.lists -= 1;
        term.map(ObjectMap::Term)
    }

    /// A truth value.
    pub(super) fn boolean(&mut self, statement: &Statement) -> Read<bool> {
        let text = self.text(statement)?;
        match text.value.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => {
                let message = format!("`{}` is neither true nor false", text.value);
                self.fail(fault("rml::not-a-boolean", message, &text.place))
            }
        }
    }
}

const TERM_TYPES: &[(&str, TermType)] = &[
    ("IRI", TermType::Iri),
    ("URI", TermType::Uri),
    ("UnsafeIRI", TermType::UnsafeIri),
    ("UnsafeURI", TermType::UnsafeUri),
    ("BlankNode", TermType::BlankNode),
    ("Literal", TermType::Literal),
];

fn term_type(local: &str) -> Option<TermType> {
    let found = TERM_TYPES.iter().find(|(name, _)| *name == local);
    found.map(|(_, kind)| *kind)
}

fn gather_as(term: &Term) -> Option<GatherAs> {
    match local_name(term) {
        "List" => Some(GatherAs::List),
        "Bag" => Some(GatherAs::Bag),
        "Seq" => Some(GatherAs::Seq),
        "Alt" => Some(GatherAs::Alt),
        _ => None,
    }
}

/// What stands behind the last `#` or `/` of an IRI, or a text as it is.
pub(super) fn local_name(term: &Term) -> &str {
    match term {
        Term::NamedNode(node) => {
            let iri = node.as_str();
            iri.rsplit(['#', '/']).next().unwrap_or(iri)
        }
        Term::Literal(literal) => literal.value(),
        Term::BlankNode(_) => "",
    }
}

/// Checks a language tag: its form, and that it begins with a language. The registry has none of more
/// than three letters.
///
/// Spec: RFC 5646 §2.1, §2.2.1
pub(in crate::mapping::rml) fn check_language(tag: &str) -> Result<(), String> {
    let parsed = oxilangtag::LanguageTag::parse(tag).map_err(|error| error.to_string())?;
    let language = parsed.primary_language();
    let is_private = tag
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    let is_grandfathered = tag
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("i-"));
    if language.len() > 3 && !is_private && !is_grandfathered {
        return Err(format!("there is no language `{language}`"));
    }
    Ok(())
}
