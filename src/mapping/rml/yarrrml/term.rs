//! Subjects, predicates, objects and graphs.
//!
//! In: texts, lists and maps. Out: term maps, and references to other mappings.
//!
//! Spec: yarrrml §9.3, §9.4, §9.5, §9.6, §9.7, §9.8

use super::super::model::{
    At, Expression, ExpressionMap, ObjectMap, ReferencingObjectMap, Side, TemplatePart, TermMap,
    TermType, TermValue,
};
use super::Reader;
use super::function::{Rows, sides};
use super::inline;
use super::keys::{self, Fields, Keys, as_list};
use super::prefix::Start;
use super::text::{self, Piece, Position};
use super::yaml::{Kind, Node};
use crate::diagnostic::nearest;
use crate::rdf::vocab::rdf;
use oxilangtag::LanguageTag;
use oxrdf::Term;
use std::rc::Rc;

/// The language-tagged string, which a language makes by itself.
const LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

/// The names of XSD's datatypes that people leave the prefix out of.
const XSD_NAMES: [&str; 12] = [
    "string", "integer", "int", "decimal", "double", "float", "boolean", "date", "dateTime",
    "time", "gYear", "anyURI",
];

/// What a term is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A subject.
    Subject,
    /// A predicate.
    Predicate,
    /// An object.
    Object,
    /// A graph.
    Graph,
}

/// What is said of all objects of a predicate-object.
#[derive(Default, Clone)]
pub(super) struct Defaults {
    /// Their datatype.
    pub(super) datatype: Option<Rc<Node>>,
    /// Their language.
    pub(super) language: Option<Rc<Node>>,
    /// Their kind.
    pub(super) kind: Option<Rc<Node>>,
    /// Whether they are classes.
    pub(super) is_class: bool,
}

/// A reference to another mapping.
pub(super) struct Link {
    /// What is taken of it.
    pub(super) kind: LinkKind,
    /// The mappings, by name.
    pub(super) names: Vec<(Rc<Node>, String)>,
    /// When rows belong together.
    pub(super) conditions: Vec<ExpressionMap>,
    /// Where statements go.
    targets: Vec<usize>,
}

/// What is taken of another mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkKind {
    /// Its subjects.
    Subjects,
    /// Its triples, quoted.
    Quoted,
    /// Its triples, quoted and not stated.
    QuotedNonAsserted,
}

const LINKS: [(&str, LinkKind); 3] = [
    ("mappings", LinkKind::Subjects),
    ("quoted", LinkKind::Quoted),
    ("quotedNonAsserted", LinkKind::QuotedNonAsserted),
];

impl Reader<'_> {
    /// A term that is no object: a text or a map.
    pub(super) fn term(&mut self, node: &Rc<Node>, role: Role) -> Option<TermMap> {
        if !self.charge(node, 1) {
            return None;
        }
        let keys = match role {
            Role::Subject => &keys::SUBJECT,
            Role::Object => &keys::OBJECT,
            Role::Predicate | Role::Graph => &keys::TERM,
        };
        match &node.kind {
            Kind::Text(text) if role == Role::Predicate && text == "a" => {
                Some(self.plain_term(node, constant(self.place(node))))
            }
            Kind::Text(text) => self.text_term(node, text, role, None, &Defaults::default()),
            Kind::Map(_) => self.map_term(node, role, keys),
            _ => {
                self.unexpected(node, keys.what, "a text or a map");
                None
            }
        }
    }

    fn map_term(&mut self, node: &Rc<Node>, role: Role, keys: &Keys) -> Option<TermMap> {
        let before = self.diagnostics.errors();
        let fields = self.fields(node, keys)?;
        if self.diagnostics.errors() > before {
            return None;
        }
        let mut terms = self.described(node, &fields, role, &Defaults::default());
        if terms.len() > 1 {
            let message = format!("`value` of {} is a list, expected one text", keys.what);
            self.error("yarrrml::unexpected", node, message);
        }
        terms.pop()
    }

    fn plain_term(&self, node: &Node, expression: ExpressionMap) -> TermMap {
        TermMap {
            value: TermValue::Expression(expression),
            term_type: None,
            datatype: None,
            language: None,
            conditions: Vec::new(),
            targets: Vec::new(),
            place: self.place(node),
        }
    }

    /// A blank node for each row.
    pub(super) fn fresh(&self, node: &Node) -> TermMap {
        TermMap {
            value: TermValue::Fresh,
            term_type: Some(At {
                value: TermType::BlankNode,
                place: self.place(node),
            }),
            ..self.plain_term(node, constant(self.place(node)))
        }
    }

    // The terms of a map with `value` or `function`; a list of values makes several.
    fn described(
        &mut self,
        node: &Rc<Node>,
        fields: &Fields<'_>,
        role: Role,
        defaults: &Defaults,
    ) -> Vec<TermMap> {
        let mut terms = Vec::new();
        let kind = fields.get("type").or(defaults.kind.as_ref());
        let kind = match kind.map(|kind| self.term_type(kind)) {
            Some(None) => return terms,
            Some(Some(kind)) => Some(kind),
            None => None,
        };
        let value = fields.get("value");
        let mut function = None;
        if fields.get("function").is_some() {
            if value.is_some() {
                let message = "`value` and `function` together";
                self.error("yarrrml::unexpected", node, message);
            }
            function = self.call(fields, Rows::One);
            if function.is_none() {
                return terms;
            }
        } else if let Some(value) = value
            && let Kind::Map(_) = &value.kind
        {
            let Some(inside) = self.fields(value, &keys::CALL) else {
                return terms;
            };
            function = self.call(&inside, Rows::One);
            if function.is_none() {
                return terms;
            }
        }
        if let Some(call) = function {
            let mut term = self.plain_term(node, self.called(node, call));
            let default = default_type(role, defaults);
            term.term_type = Some(kind.unwrap_or_else(|| self.at(node, default)));
            terms.push(term);
        } else if let Some(value) = value {
            for one in as_list(value) {
                let Some(text) = self.text_of(one, "a value") else {
                    continue;
                };
                let text = text.to_owned();
                let settings = Defaults {
                    datatype: fields
                        .get("datatype")
                        .cloned()
                        .or(defaults.datatype.clone()),
                    language: fields
                        .get("language")
                        .cloned()
                        .or(defaults.language.clone()),
                    kind: None,
                    is_class: defaults.is_class,
                };
                terms.extend(self.text_term(one, &text, role, kind.clone(), &settings));
            }
        } else if kind
            .as_ref()
            .is_some_and(|kind| kind.value == TermType::BlankNode)
        {
            terms.push(self.fresh(node));
        } else {
            self.error("yarrrml::no-value", node, "neither a value nor a function");
            return terms;
        }
        let targets = fields
            .get("targets")
            .map(|targets| self.targets_of(targets));
        let conditions = fields
            .get("condition")
            .map(|one| self.conditions(one, Rows::One));
        for term in &mut terms {
            term.targets = targets.clone().unwrap_or_default();
            term.conditions = conditions.clone().unwrap_or_default();
            let is_call = matches!(
                &term.value,
                TermValue::Expression(ExpressionMap {
                    expression: Expression::Call(_),
                    ..
                })
            );
            if role == Role::Object && is_call {
                let datatype = fields.get("datatype").or(defaults.datatype.as_ref());
                let language = fields.get("language").or(defaults.language.as_ref());
                self.qualify(term, datatype, language);
            }
        }
        terms
    }

    fn term_type(&mut self, node: &Node) -> Option<At<TermType>> {
        let text = self.text_of(node, "a type")?;
        if let Some(kind) = term_type(text) {
            Some(self.at(node, kind))
        } else {
            let near = nearest(text, ["iri", "literal", "blank"]);
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "known types: `iri`, `literal`, `blank`".to_owned(),
            };
            let message = format!("`{text}` is no type of term");
            self.error_with_help("yarrrml::term-type", node, message, Some(help));
            None
        }
    }

    // A term of a text, which may end in `~iri`.
    fn text_term(
        &mut self,
        node: &Rc<Node>,
        text: &str,
        role: Role,
        kind: Option<At<TermType>>,
        defaults: &Defaults,
    ) -> Option<TermMap> {
        let (text, suffix) = suffix(text);
        let explicit = kind.or_else(|| suffix.map(|kind| self.at(node, kind)));
        let default = default_type(role, defaults);
        let kind = explicit.as_ref().map_or(default, |kind| kind.value);
        let position = match kind {
            TermType::Literal | TermType::BlankNode => Position::Text,
            _ => Position::Iri,
        };
        let mut expression = self.expression(node, text, position, Side::Child)?;
        if kind == TermType::BlankNode
            && let Expression::Constant(Term::Literal(label)) = &expression.expression
        {
            let label = vec![Piece::Text(label.value().to_owned())];
            expression.expression = Expression::Template(text::template(label, Side::Child));
        }
        let is_bare =
            explicit.is_none() && defaults.datatype.is_none() && defaults.language.is_none();
        if kind == TermType::Literal && is_bare {
            self.warn_of_literal(node, text, &expression.expression);
        }
        let mut term = self.plain_term(node, expression);
        // What a role makes of a text anyway need not be said.
        term.term_type = match role {
            Role::Object => Some(explicit.unwrap_or_else(|| self.at(node, default))),
            _ => explicit,
        };
        if role == Role::Object {
            let (datatype, language) = (defaults.datatype.as_ref(), defaults.language.as_ref());
            self.qualify(&mut term, datatype, language);
        }
        if let TermValue::Expression(map) = &term.value
            && let Expression::Constant(_) = &map.expression
        {
            // A constant has its kind anyway.
            term.term_type = None;
        }
        Some(term)
    }

    fn warn_of_literal(&mut self, node: &Node, text: &str, expression: &Expression) {
        if matches!(expression, Expression::Reference(..)) {
            return;
        }
        let has_prefix = matches!(
            self.prefixes.start(node.document, text),
            Start::Namespace(..)
        );
        let is_iri = has_prefix || text.starts_with("http://") || text.starts_with("https://");
        if is_iri && !text.contains(char::is_whitespace) {
            let message = format!("`{text}` makes a literal, though it looks like an IRI");
            let help = format!("write `{text}~iri` for an IRI, `{text}~literal` if it is meant");
            self.warning("yarrrml::iri-as-literal", node, message, Some(help));
        }
    }

    // Adds datatype and language.
    fn qualify(
        &mut self,
        term: &mut TermMap,
        datatype: Option<&Rc<Node>>,
        language: Option<&Rc<Node>>,
    ) {
        let is_literal = term
            .term_type
            .as_ref()
            .is_none_or(|kind| kind.value == TermType::Literal);
        if let Some(node) = datatype.or(language).filter(|_| !is_literal) {
            let message = "only literals have a datatype or a language";
            let help = "take `~iri` and `type` away, or the datatype".to_owned();
            self.error_with_help("yarrrml::datatype", node, message, Some(help));
            return;
        }
        let mut datatype = match datatype {
            Some(node) => match self.datatype(node) {
                Some(map) => Some((node, map)),
                None => return,
            },
            None => None,
        };
        let language = language.and_then(|node| self.language(node));
        if language.is_some() {
            datatype = datatype.filter(|(_, map)| constant_iri(map) != Some(LANG_STRING));
            if let Some((node, _)) = datatype {
                let message =
                    "a literal with a language has no other datatype than `rdf:langString`";
                self.error("yarrrml::datatype", node, message);
                return;
            }
        }
        term.datatype = datatype.map(|(_, map)| Box::new(map));
        term.language = language.map(Box::new);
    }

    fn datatype(&mut self, node: &Rc<Node>) -> Option<TermMap> {
        let term = self.term(node, Role::Graph)?;
        if let TermValue::Expression(map) = &term.value
            && let Expression::Template(template) = &map.expression
            && let [TemplatePart::Text(text)] = template.parts.as_slice()
        {
            let near = nearest(text, XSD_NAMES);
            let help = near.map(|near| format!("did you mean `xsd:{near}`?"));
            let message = format!("the datatype `{text}` is no IRI");
            self.error_with_help("yarrrml::datatype", node, message, help);
            return None;
        }
        Some(term)
    }

    fn language(&mut self, node: &Rc<Node>) -> Option<TermMap> {
        let (value, targets) = match &node.kind {
            Kind::Map(_) => {
                let fields = self.fields(node, &keys::TERM)?;
                if fields.get("function").is_some() {
                    let call = self.call(&fields, Rows::One)?;
                    let mut term = self.plain_term(node, self.called(node, call));
                    let targets = fields.get("targets").map(|one| self.targets_of(one));
                    term.targets = targets.unwrap_or_default();
                    return Some(term);
                }
                let Some(value) = fields.get("value") else {
                    self.error("yarrrml::no-value", node, "a language without a value");
                    return None;
                };
                let targets = fields.get("targets").map(|one| self.targets_of(one));
                (value, targets.unwrap_or_default())
            }
            _ => (node, Vec::new()),
        };
        let text = self.text_of(value, "a language")?;
        let text = text.strip_suffix("~lang").unwrap_or(text);
        let expression = self.expression(value, text, Position::Text, Side::Child)?;
        if let Expression::Constant(Term::Literal(tag)) = &expression.expression
            && let Err(error) = LanguageTag::parse(tag.value())
        {
            let message = format!("`{}` is no language tag: {error}", tag.value());
            self.error("yarrrml::language", value, message);
            return None;
        }
        let mut term = self.plain_term(node, expression);
        term.targets = targets;
        Some(term)
    }

    /// The objects of a predicate-object: one, or a list.
    pub(super) fn objects(&mut self, node: &Rc<Node>, defaults: &Defaults) -> Vec<ObjectMap> {
        let mut objects = Vec::new();
        for one in as_list(node) {
            if !self.charge(one, 1) {
                break;
            }
            match &one.kind {
                Kind::Text(text) => {
                    let kind = match defaults.kind.as_ref().map(|kind| self.term_type(kind)) {
                        Some(None) => continue,
                        Some(kind) => kind,
                        None => None,
                    };
                    let term = self.text_term(one, text, Role::Object, kind, defaults);
                    objects.extend(term.map(ObjectMap::Term));
                }
                Kind::List(parts) => self.short_object(one, parts, defaults, &mut objects),
                Kind::Map(_) => self.long_object(one, defaults, &mut objects),
                Kind::Null => self.unexpected(one, "an object", "a text, a list or a map"),
            }
        }
        objects
    }

    // `[value]`, `[value, datatype]`, `[value, language~lang]`, and yatter's `[value, target]`.
    fn short_object(
        &mut self,
        node: &Rc<Node>,
        parts: &[Rc<Node>],
        defaults: &Defaults,
        objects: &mut Vec<ObjectMap>,
    ) {
        let (value, qualifier) = match parts {
            [value] => (value, None),
            [value, qualifier] => (value, Some(qualifier).filter(|one| !one.is_null())),
            _ => {
                let message = format!(
                    "an object has {} parts, expected its value and perhaps a datatype or `…~lang`",
                    parts.len()
                );
                self.error("yarrrml::object", node, message);
                return;
            }
        };
        let mut settings = defaults.clone();
        let mut targets = Vec::new();
        if let Some(qualifier) = qualifier {
            let name = qualifier.text().unwrap_or_default();
            if name.ends_with("~lang") {
                settings.language = Some(Rc::clone(qualifier));
                settings.datatype = None;
            } else if !name.contains(':') && self.is_target(name) {
                targets = self.targets_of(qualifier);
            } else {
                settings.datatype = Some(Rc::clone(qualifier));
                settings.language = None;
            }
        }
        let mut made = match &value.kind {
            Kind::List(_) | Kind::Null => {
                self.unexpected(value, "a value", "a text or a map");
                return;
            }
            _ => self.objects(value, &settings),
        };
        for object in &mut made {
            match object {
                ObjectMap::Term(term) => term.targets.extend(&targets),
                ObjectMap::Reference(reference) => reference.targets.extend(&targets),
            }
        }
        objects.append(&mut made);
    }

    fn long_object(&mut self, node: &Rc<Node>, defaults: &Defaults, objects: &mut Vec<ObjectMap>) {
        let before = self.diagnostics.errors();
        let Some(fields) = self.fields(node, &keys::OBJECT) else {
            return;
        };
        if let Some(link) = self.link(node, &fields) {
            self.linked(node, &link, objects);
        } else if self.diagnostics.errors() == before {
            let terms = self.described(node, &fields, Role::Object, defaults);
            objects.extend(terms.into_iter().map(ObjectMap::Term));
        }
    }

    /// The reference to other mappings that a map holds; nothing where it holds none.
    pub(super) fn link(&mut self, node: &Rc<Node>, fields: &Fields<'_>) -> Option<Link> {
        let targets = fields.get("targets");
        if let Some(function) = fields.get("function") {
            let text = function.text().unwrap_or_default().trim();
            let is_join = text.strip_prefix("join").map(str::trim_start);
            if !is_join.is_some_and(|rest| rest.starts_with('(')) || !inline::is_call(text) {
                return None;
            }
            let inline = self.inline(function, text)?;
            let Some(((kind, inline::Value::Text(name)), rest)) = inline.arguments.split_first()
            else {
                self.error("yarrrml::function", function, "`join` without a mapping");
                return None;
            };
            let kind = match kind.as_deref() {
                None | Some("mapping") => LinkKind::Subjects,
                Some("quoted") => LinkKind::Quoted,
                Some("quotedNonAsserted") => LinkKind::QuotedNonAsserted,
                Some(kind) => {
                    let message = format!("`{kind}` is no part of `join`, expected `mapping`");
                    self.error("yarrrml::function", function, message);
                    return None;
                }
            };
            let conditions = self.join_conditions(function, rest);
            return Some(Link {
                kind,
                names: vec![(Rc::clone(function), name.clone())],
                conditions,
                targets: targets.map(|one| self.targets_of(one)).unwrap_or_default(),
            });
        }
        let (value, kind) = LINKS
            .iter()
            .find_map(|(key, kind)| fields.get(key).map(|value| (value, *kind)))?;
        let mut names = Vec::new();
        for name in as_list(value) {
            let text = self.text_of(name, "the name of a mapping")?;
            names.push((Rc::clone(name), text.to_owned()));
        }
        for other in ["value", "datatype", "language"] {
            if let Some(other) = fields.key(other) {
                let message =
                    "a reference to a mapping has no value, datatype or language of its own";
                self.error("yarrrml::unexpected", other, message);
            }
        }
        let conditions = fields
            .get("condition")
            .map(|one| self.conditions(one, Rows::Two));
        let _ = node;
        Some(Link {
            kind,
            names,
            conditions: conditions.unwrap_or_default(),
            targets: targets.map(|one| self.targets_of(one)).unwrap_or_default(),
        })
    }

    /// The triples maps of the mappings that a link names.
    pub(super) fn linked_maps(&mut self, link: &Link) -> Vec<usize> {
        let mut maps = Vec::new();
        for (node, name) in &link.names {
            match self.ranges.get(name.as_str()) {
                Some(range) => maps.extend(range.clone()),
                None => self.unknown_mapping(node, name),
            }
        }
        maps
    }

    /// Tells that a mapping is not there.
    pub(super) fn unknown_mapping(&mut self, node: &Node, name: &str) {
        let mut names: Vec<_> = self.ranges.keys().map(String::as_str).collect();
        names.sort_unstable();
        let near = nearest(name, names);
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let message = format!("no mapping is called `{name}`");
        self.error_with_help("yarrrml::unknown-mapping", node, message, help);
    }

    fn linked(&mut self, node: &Rc<Node>, link: &Link, objects: &mut Vec<ObjectMap>) {
        let maps = self.linked_maps(link);
        if !self.charge(node, maps.len()) {
            return;
        }
        let (joins, conditions) = self.joins(node, link.conditions.clone());
        if link.kind != LinkKind::Subjects && conditions.iter().any(|one| sides(one).1) {
            let message = "quoted triples are found by `equal` between the two rows only";
            self.error("yarrrml::unsupported", node, message);
            return;
        }
        for parent in maps {
            objects.push(match link.kind {
                LinkKind::Subjects => ObjectMap::Reference(ReferencingObjectMap {
                    parent,
                    joins: joins.clone(),
                    conditions: conditions.clone(),
                    targets: link.targets.clone(),
                    place: self.place(node),
                }),
                LinkKind::Quoted | LinkKind::QuotedNonAsserted => ObjectMap::Term(TermMap {
                    value: TermValue::Quoted {
                        triples_map: parent,
                        joins: joins.clone(),
                    },
                    conditions: conditions.clone(),
                    targets: link.targets.clone(),
                    ..self.plain_term(node, constant(self.place(node)))
                }),
            });
        }
    }

    /// Quoted triples as a subject, a term for each triples map of the mappings that a link names.
    pub(super) fn quoted_subjects(&mut self, node: &Rc<Node>, link: &Link) -> Vec<TermMap> {
        let mut objects = Vec::new();
        self.linked(node, link, &mut objects);
        let terms = objects.into_iter().filter_map(|object| match object {
            ObjectMap::Term(term) => Some(term),
            ObjectMap::Reference(_) => None,
        });
        terms.collect()
    }
}

/// Whether a predicate is `rdf:type`.
pub(super) fn is_class_predicate(term: &TermMap) -> bool {
    constant_iri(term) == Some(rdf::TYPE.as_str())
}

/// Whether a term is an IRI or a blank node, in any row.
pub(super) fn is_resource(term: &TermMap) -> bool {
    match (&term.term_type, &term.value) {
        (Some(kind), _) => kind.value != TermType::Literal,
        (None, TermValue::Quoted { .. }) => true,
        (None, _) => constant_iri(term).is_some(),
    }
}

fn constant_iri(term: &TermMap) -> Option<&str> {
    match &term.value {
        TermValue::Expression(map) => match &map.expression {
            Expression::Constant(Term::NamedNode(iri)) => Some(iri.as_str()),
            _ => None,
        },
        _ => None,
    }
}

fn constant(place: super::Place) -> ExpressionMap {
    ExpressionMap {
        expression: Expression::Constant(rdf::TYPE.into_owned().into()),
        place,
    }
}

fn default_type(role: Role, defaults: &Defaults) -> TermType {
    match role {
        Role::Object if !defaults.is_class => TermType::Literal,
        _ => TermType::Iri,
    }
}

fn term_type(text: &str) -> Option<TermType> {
    match text.to_ascii_lowercase().as_str() {
        "iri" | "uri" => Some(TermType::Iri),
        "literal" => Some(TermType::Literal),
        "blank" | "blanknode" => Some(TermType::BlankNode),
        _ => None,
    }
}

// Takes `~iri` and the like off the end of a text.
fn suffix(text: &str) -> (&str, Option<TermType>) {
    match text.rsplit_once('~') {
        Some((before, kind)) => match term_type(kind) {
            Some(kind) => (before, Some(kind)),
            None => (text, None),
        },
        None => (text, None),
    }
}
