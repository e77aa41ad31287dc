//! A plan in words, for people.
//!
//! In: a plan's parts, and what the columns of its sources are called. Out: [`Tree`]s of short lines. What a run will cost is not
//! known here.

use super::{
    Base, Expression, Generator, GraphRule, IriForm, IriRule, LiteralKind, Part, Piece, QuadRule,
    Records, Relation, TableScan, Template, TermRule, TripleRule, Variable,
};
use crate::rdf::iri::Safe;
use crate::rdf::prefixes::Prefixes;
use crate::table::Dialect;
use oxrdf::{GraphName, NamedNode, Term};
use serde::Serialize;

/// A line with lines under it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// The line.
    pub text: String,
    /// What belongs to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Tree>,
}

impl Tree {
    /// A line.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            parts: Vec::new(),
        }
    }

    /// The same with a line under it.
    #[must_use]
    pub fn with(mut self, part: impl Into<Self>) -> Self {
        self.parts.push(part.into());
        self
    }

    /// Appends the line and those under it, two spaces further in for each level.
    pub fn write(&self, out: &mut String, depth: usize) {
        for _ in 0..depth {
            out.push_str("  ");
        }
        out.push_str(&self.text);
        out.push('\n');
        for part in &self.parts {
            part.write(out, depth + 1);
        }
    }
}

impl<T: Into<String>> From<T> for Tree {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// Tells what a source is to be called, and its header, where it is a table with one.
pub type Catalogue<'c> = dyn Fn(&str, Option<&Dialect>) -> (String, Vec<String>) + 'c;

/// Puts the parts of one scan into words.
#[derive(Debug)]
pub struct Words<'w> {
    names: Vec<String>,
    scan: &'w TableScan,
    prefixes: &'w Prefixes,
}

impl<'w> Words<'w> {
    /// Words for a scan, whose IRIs are shortened.
    pub fn new(scan: &'w TableScan, prefixes: &'w Prefixes) -> Self {
        let names = scan.all_columns();
        Self {
            names: names.map(|column| column.name.clone()).collect(),
            scan,
            prefixes,
        }
    }

    /// What the rules make, each subject once, in their order; `note` tells what else is to say of a
    /// rule by its number.
    pub fn rules(&self, note: &dyn Fn(usize) -> Option<String>) -> Vec<Tree> {
        let mut subjects: Vec<(&TermRule, Tree)> = Vec::new();
        for (number, rule) in self.scan.rules.iter().enumerate() {
            let mut line = self.rule(rule);
            if let Some(note) = note(number) {
                line.parts.push(note.into());
            }
            let mut known = subjects.iter_mut();
            if let Some((_, tree)) = known.find(|(known, _)| **known == rule.subject) {
                tree.parts.push(line);
            } else {
                let tree = Tree::new(format!("subject {}", self.term(&rule.subject)));
                subjects.push((&rule.subject, tree.with(line)));
            }
        }
        subjects.into_iter().map(|(_, tree)| tree).collect()
    }

    fn rule(&self, rule: &QuadRule) -> Tree {
        let predicate = self.term(&rule.predicate);
        let mut tree = Tree::new(format!("{predicate} {}", self.term(&rule.object)));
        match &rule.graph {
            GraphRule::Constant(GraphName::DefaultGraph) => {}
            GraphRule::Constant(GraphName::NamedNode(graph)) => {
                tree.parts
                    .push(format!("in graph {}", self.iri(graph)).into());
            }
            GraphRule::Constant(GraphName::BlankNode(graph)) => {
                tree.parts.push(format!("in graph {graph}").into());
            }
            GraphRule::Term(term, _) => {
                tree.parts
                    .push(format!("in graph {}", self.term(term)).into());
            }
        }
        // What terms are made of has to be there anyway.
        let mut of_terms = Vec::new();
        for term in [&rule.subject, &rule.predicate, &rule.object] {
            term.each_column(&mut |column| of_terms.push(column));
        }
        let when = rule.when.iter().filter(|column| !of_terms.contains(column));
        let when: Vec<_> = when.map(|column| self.column(*column)).collect();
        if !when.is_empty() {
            tree.parts
                .push(format!("where there is {}", when.join(" and ")).into());
        }
        for condition in &rule.conditions {
            tree.parts
                .push(format!("if {}", self.expression(condition)).into());
        }
        for destination in &rule.destinations {
            tree.parts
                .push(format!("to destination {}", destination + 1).into());
        }
        tree
    }

    /// A term.
    pub fn term(&self, rule: &TermRule) -> String {
        match rule {
            TermRule::Constant(term) => self.constant(term),
            TermRule::Iri(rule) => self.iri_rule(rule),
            TermRule::RowBlank(kind) if kind.is_empty() => "a blank node of the row".to_owned(),
            TermRule::RowBlank(kind) => format!("a blank node of the row ({kind})"),
            TermRule::Values(column) => {
                let cell = &self.scan.column(*column).cell;
                let kind = match &cell.language {
                    Some(language) => format!(" @{language}"),
                    None => self.datatype(&cell.value.iri),
                };
                let each = self.each(*column);
                format!("{each}{}{kind}", self.column(*column))
            }
            TermRule::Texts(column) => {
                format!("{}{} as text", self.each(*column), self.column(*column))
            }
            TermRule::EachIri(column, rule) => {
                format!("each {} as {}", self.column(*column), self.iri_rule(rule))
            }
            TermRule::List(column) => format!("list of {}", self.column(*column)),
            TermRule::RowNumber => "the number of the row".to_owned(),
            TermRule::Joined(join) => format!("join {}", join + 1),
            TermRule::Literals(column, kind) => {
                let each = self.each(*column);
                format!("{each}{}{}", self.column(*column), self.kind(kind))
            }
            TermRule::Generated(generator) => self.generator(generator),
        }
    }

    fn each(&self, column: usize) -> &'static str {
        match self.scan.column(column).cell.separator {
            Some(_) => "each ",
            None => "",
        }
    }

    fn generator(&self, generator: &Generator) -> String {
        match generator {
            Generator::Iri { text, base, form } => {
                let form = match form {
                    IriForm::Iri => "IRI",
                    IriForm::Uri => "URI",
                    IriForm::Unchecked => "unchecked IRI",
                };
                let text = self.expression(text);
                match base {
                    Base::Prepended(base) if base.is_empty() => format!("{form} {text}"),
                    Base::Prepended(base) => format!("{form} {text}, behind <{base}> if relative"),
                    Base::Resolved(base) => format!("{form} {text}, resolved against <{base}>"),
                }
            }
            Generator::Blank { text } => format!("blank node of {}", self.expression(text)),
            Generator::Literal { text, kind } => {
                format!("{}{}", self.expression(text), self.kind(kind))
            }
            Generator::Triple(triple) => format!("triple {}", self.triple(triple)),
            Generator::Reifier(triple) => format!("reifier of {}", self.triple(triple)),
            Generator::Collection(collection) => {
                let items: Vec<_> = collection
                    .items
                    .iter()
                    .map(|item| self.term(item))
                    .collect();
                let kind = format!("{:?}", collection.kind).to_lowercase();
                let all = if collection.cartesian {
                    "each combination of "
                } else {
                    ""
                };
                format!("{kind} of {all}({})", items.join(", "))
            }
        }
    }

    fn triple(&self, triple: &TripleRule) -> String {
        format!(
            "({} {} {})",
            self.term(&triple.subject),
            self.term(&triple.predicate),
            self.term(&triple.object)
        )
    }

    fn kind(&self, kind: &LiteralKind) -> String {
        match kind {
            LiteralKind::String => String::new(),
            LiteralKind::Natural => " ^^ by its value".to_owned(),
            LiteralKind::Datatype(datatype) => self.datatype(datatype),
            LiteralKind::Canonical(datatype) => {
                format!("{}, canonical", self.datatype(datatype))
            }
            LiteralKind::Language(language) => format!(" @{language}"),
            LiteralKind::DatatypeOf(datatype) => format!(" ^^({})", self.generator(datatype)),
            LiteralKind::LanguageOf(language) => format!(" @({})", self.expression(language)),
        }
    }

    fn datatype(&self, datatype: &NamedNode) -> String {
        if datatype.as_ref() == oxrdf::vocab::xsd::STRING {
            String::new()
        } else {
            format!(" ^^{}", self.iri(datatype))
        }
    }

    fn constant(&self, term: &Term) -> String {
        match term {
            Term::NamedNode(node) => self.iri(node),
            other => other.to_string(),
        }
    }

    fn iri(&self, node: &NamedNode) -> String {
        match self.prefixes.compact(node.as_str()) {
            Some(compact) => compact.to_string(),
            None => node.to_string(),
        }
    }

    fn iri_rule(&self, rule: &IriRule) -> String {
        let text = format!("template \"{}\"", self.template(&rule.template));
        match &rule.base {
            Some(base) => format!("{text}, resolved against <{base}>"),
            None => text,
        }
    }

    fn template(&self, template: &Template) -> String {
        let parts = template.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Expression(expression) => {
                let sign = match expression.simple() {
                    Some((_, safe)) => sign(safe),
                    None => expression.operator(),
                };
                let variables = expression.variables();
                let variables: Vec<_> = variables.map(|one| self.variable(one)).collect();
                format!("{{{sign}{}}}", variables.join(","))
            }
        });
        parts.collect()
    }

    fn variable(&self, variable: &Variable) -> String {
        match variable {
            Variable::Column(column) => self.column(*column),
            Variable::RowNumber => "_row".to_owned(),
            Variable::SourceRow => "_sourceRow".to_owned(),
            Variable::Constant(text) => format!("{text:?}"),
            Variable::Undefined => String::new(),
        }
    }

    fn column(&self, column: usize) -> String {
        name(&self.names, column)
    }

    fn expression(&self, text: &Expression) -> String {
        expression(text, &self.names)
    }

    /// A join that rules look up: with which other scan, counted from 1, and on what.
    pub fn join(&self, number: usize, other: &TableScan) -> String {
        let join = &self.scan.joins[number];
        let theirs = Words::new(other, self.prefixes);
        let pairs: Vec<_> = join
            .on
            .iter()
            .map(|(own, their)| format!("{} = {}", self.column(*own), theirs.column(*their)))
            .collect();
        format!(
            "join {} with table {} on {}: {}",
            number + 1,
            join.scan + 1,
            pairs.join(" and "),
            theirs.iri_rule(&join.object)
        )
    }
}

fn sign(safe: Safe) -> &'static str {
    match safe {
        Safe::Reserved | Safe::Everything => "+",
        Safe::Unreserved | Safe::Unicode => "",
    }
}

fn name(names: &[String], column: usize) -> String {
    match names.get(column) {
        Some(name) if !name.is_empty() => name.clone(),
        _ => format!("column {}", column + 1),
    }
}

/// An expression over columns with these names, such as `toUpperCase(name)`.
pub fn expression(text: &Expression, names: &[String]) -> String {
    let list = |items: &[Expression]| {
        let items: Vec<_> = items.iter().map(|item| expression(item, names)).collect();
        items.join(", ")
    };
    match text {
        Expression::Constant(text) => format!("{text:?}"),
        Expression::Column(column) => name(names, *column),
        Expression::RowNumber => "#".to_owned(),
        Expression::Template(pieces) => {
            let pieces = pieces.iter().map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Value(value, safe) => {
                    format!("{{{}{}}}", sign(*safe), expression(value, names))
                }
            });
            format!("template \"{}\"", pieces.collect::<String>())
        }
        Expression::List(items) => format!("[{}]", list(items)),
        Expression::Call(call) => {
            let given = call.arguments.iter().rposition(Option::is_some);
            let given = &call.arguments[..given.map_or(0, |last| last + 1)];
            let arguments: Vec<_> = given
                .iter()
                .map(|argument| match argument {
                    Some(argument) => expression(argument, names),
                    None => "null".to_owned(),
                })
                .collect();
            format!("{}({})", call.function.name, arguments.join(", "))
        }
    }
}

/// A view as a tree, and the names of its columns as far as the headers tell them.
pub fn relation(view: &Relation, sources: &Catalogue<'_>) -> (Tree, Vec<String>) {
    match view {
        Relation::Single => ("one row without columns".into(), Vec::new()),
        Relation::Table(table) => {
            let (source, all) = sources(&table.source, Some(&table.dialect));
            let columns = table.columns.iter().map(|column| name(&all, *column));
            let columns: Vec<_> = columns.collect();
            let text = format!(
                "table {source}: {} of {} columns: {}",
                columns.len(),
                table.width,
                columns.join(", ")
            );
            (text.into(), columns)
        }
        Relation::Json(json) => {
            let (source, _) = sources(&json.source, None);
            let references = json.references.join(", ");
            let text = format!("JSON {source} {}: {references}", json.iterator);
            (text.into(), json.references.clone())
        }
        Relation::Numbered(input) => {
            let (tree, mut names) = relation(input, sources);
            names.push("#".to_owned());
            (Tree::new("number rows: #").with(tree), names)
        }
        Relation::Each { input, values } => {
            let (tree, mut names) = relation(input, sources);
            let values = expression(values, &names);
            names.extend([format!("{values}.#"), values.clone()]);
            (Tree::new(format!("each of {values}")).with(tree), names)
        }
        Relation::Unnest {
            input,
            column,
            records,
        } => {
            let (tree, mut names) = relation(input, sources);
            let column = name(&names, *column);
            let (kind, references) = match records {
                Records::Json {
                    iterator,
                    references,
                } => (format!("JSON {iterator}"), references),
                Records::Csv { references } => ("CSV".to_owned(), references),
            };
            names.push(format!("{column}.#"));
            names.extend(references.iter().map(|name| format!("{column}.{name}")));
            let text = format!("unnest {column} as {kind}: {}", references.join(", "));
            (Tree::new(text).with(tree), names)
        }
        Relation::Filter { input, conditions } => {
            let (tree, names) = relation(input, sources);
            let conditions = conditions.iter().map(|one| expression(one, &names));
            let conditions: Vec<_> = conditions.collect();
            let text = format!("where {}", conditions.join(" and "));
            (Tree::new(text).with(tree), names)
        }
        Relation::Project { input, columns } => {
            let (tree, names) = relation(input, sources);
            let columns = columns.iter().map(|column| name(&names, *column));
            let names: Vec<_> = columns.collect();
            let text = format!("columns {}", names.join(", "));
            (Tree::new(text).with(tree), names)
        }
        Relation::Join {
            left,
            right,
            on,
            keeps_left,
        } => {
            let (left, mut names) = relation(left, sources);
            let (right, right_names) = relation(right, sources);
            let on: Vec<_> = on
                .iter()
                .map(|(one, other)| {
                    let one = expression(one, &names);
                    format!("{one} = {}", expression(other, &right_names))
                })
                .collect();
            let kind = if *keeps_left { "left join" } else { "join" };
            let text = match on.as_slice() {
                [] => "all pairs of".to_owned(),
                on => format!("{kind} on {}", on.join(" and ")),
            };
            names.extend(right_names);
            let build = Tree {
                text: format!("build side: {}", right.text),
                parts: right.parts,
            };
            (Tree::new(text).with(left).with(build), names)
        }
    }
}
