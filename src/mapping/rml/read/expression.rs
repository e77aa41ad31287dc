//! Expressions: constants, references, templates and calls of functions.

use super::{Read, Reader, Told, fault};
use crate::mapping::rml::graph::{Statement, node};
use crate::mapping::rml::model::{Expression, ExpressionMap, Place, Side, TemplatePart};
use crate::mapping::rml::template;
use crate::mapping::rml::vocab::Property;
use oxrdf::{NamedOrBlankNode, Term};

impl<'g> Reader<'g, '_> {
    /// The statements that say what a map is made of.
    pub(super) fn expression_statements(&self, node: &NamedOrBlankNode) -> Vec<&'g Statement> {
        let is_expression = |statement: &&Statement| {
            matches!(
                statement.property,
                Some(
                    Property::Constant
                        | Property::Reference
                        | Property::Template
                        | Property::FunctionExecution
                        | Property::Function
                )
            )
        };
        self.graph.about(node).filter(is_expression).collect()
    }

    /// The expression of a map; nothing in nothing where it has none.
    pub(super) fn expression(
        &mut self,
        node: &NamedOrBlankNode,
        place: &Place,
    ) -> Read<Option<ExpressionMap>> {
        let statements = self.expression_statements(node);
        let Some(first) = statements.first().copied() else {
            return Ok(None);
        };
        if let Some(second) = statements.get(1) {
            let graph = self.graph;
            let message = format!(
                "{} stands beside {}",
                graph.show(second.predicate.as_str()),
                graph.show(first.predicate.as_str())
            );
            let help = "a map has one constant, reference, template or function";
            let place = graph.predicate_place(second);
            return self.fail(fault("rml::several-expressions", message, &place).with_help(help));
        }
        self.expressions += 1;
        if self.expressions == super::EXPRESSIONS {
            let message = "the mapping has too many expressions";
            return self.fail(fault("rml::too-large", message, place));
        }
        if self.expressions > super::EXPRESSIONS {
            return Err(Told);
        }
        let place = self.graph.place(first);
        let expression = match first.property {
            Some(Property::Constant) => Expression::Constant(first.object.clone()),
            Some(Property::Reference) => self.reference(first)?,
            Some(Property::Template) => self.template(first)?,
            _ => self.call(node, first)?,
        };
        Ok(Some(ExpressionMap { expression, place }))
    }

    /// The expression of the map that a statement leads to, which has to have one.
    pub(super) fn expression_of(&mut self, statement: &Statement) -> Read<ExpressionMap> {
        let node = self.described(statement, "a map with an expression")?;
        let place = self.graph.place(statement);
        self.enter(&node, &place, |reader| {
            if let Some(found) = reader.of_a_side(&node)? {
                return Ok(found);
            }
            let found = reader.expression(&node, &place)?;
            found.map_or_else(|| reader.fail_without_expression(&place), Ok)
        })
    }

    // In the function of a join, whose rows the value is of.
    fn of_a_side(&mut self, node: &NamedOrBlankNode) -> Read<Option<ExpressionMap>> {
        for (property, side) in [
            (Property::ChildTermMap, Side::Child),
            (Property::ParentTermMap, Side::Parent),
        ] {
            if let Some(statement) = self.at_most_one(node, property)? {
                if !self.is_join {
                    let shown = self.graph.show(statement.predicate.as_str());
                    let message = format!("{shown} stands outside of a join condition");
                    let help = "there is only one row: write what is in its brackets in its place";
                    let place = self.graph.predicate_place(statement);
                    return self.fail(fault("rml::join-side", message, &place).with_help(help));
                }
                let mut found = self.expression_of(statement)?;
                set_side(&mut found, side);
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    pub(super) fn fail_without_expression<T>(&mut self, place: &Place) -> Read<T> {
        let message = format!("`{}` has no expression", place.element);
        let help = "add `rml:reference`, `rml:template` or `rml:constant`";
        self.fail(fault("rml::missing-expression", message, place).with_help(help))
    }

    fn reference(&mut self, statement: &Statement) -> Read<Expression> {
        let name = self.text(statement)?;
        if name.value.is_empty() {
            let message = "the reference is empty";
            return self.fail(fault("rml::empty-reference", message, &name.place));
        }
        Ok(Expression::Reference(name.value, Side::Child))
    }

    fn template(&mut self, statement: &Statement) -> Read<Expression> {
        let text = self.text(statement)?;
        match template::parse(&text.value) {
            Ok(template) => Ok(Expression::Template(template)),
            Err(found) => {
                let message = format!("`{}` is no template: {}", text.value, found.kind);
                let place =
                    self.inner_place(statement, &text.value, &text.place, found.bytes.start);
                let diagnostic = fault("rml::template", message, &place);
                let start = text.value.get(found.bytes.start.saturating_sub(1)..);
                let is_doubled = start.is_some_and(|start| start.starts_with("{{"));
                self.fail(diagnostic.with_help(if is_doubled {
                    "a reference has one brace on each side: `{name}`"
                } else {
                    found.kind.help()
                }))
            }
        }
    }

    // The place of a byte of a text, where it is written without escapes; else that of the text.
    fn inner_place(&self, statement: &Statement, text: &str, place: &Place, at: usize) -> Place {
        let written = self.graph.written(statement);
        let start = written.strip_prefix(['"', '\'']).and_then(|rest| {
            let is_plain = rest.starts_with(text) && !text.contains('\n') && !text.is_empty();
            is_plain.then_some(1)
        });
        let Some(start) = start.filter(|_| place.line > 0) else {
            return place.clone();
        };
        let first = place.bytes.start + start + at;
        let columns = text.get(..at).map_or(0, |before| before.chars().count());
        Place {
            column: place.column + (start + columns) as u64,
            bytes: first..first + 1,
            ..place.clone()
        }
    }

    /// One side of a join condition.
    pub(super) fn side(
        &mut self,
        node: &NamedOrBlankNode,
        shortcut: Property,
        map: Property,
        place: &Place,
    ) -> Read<ExpressionMap> {
        let mut statements = self.either(node, [shortcut, map]);
        let Some(statement) = statements.next() else {
            let message = format!("the join condition has no {}", shortcut.name());
            return self.fail(fault("rml::join-condition", message, place));
        };
        if let Some(second) = statements.next() {
            let message = format!("the join condition has several {}", shortcut.name());
            let help = "columns that all have to be alike need a join condition each";
            let place = self.graph.place(second);
            return self.fail(fault("rml::join-condition", message, &place).with_help(help));
        }
        if statement.property == Some(map) {
            return self.expression_of(statement);
        }
        Ok(ExpressionMap {
            expression: self.reference(statement)?,
            place: self.graph.place(statement),
        })
    }

    /// The conditions of a map.
    pub(super) fn conditions(&mut self, node: &NamedOrBlankNode) -> Read<Vec<ExpressionMap>> {
        let statements = self.graph.values(node, Property::Condition);
        statements
            .map(|statement| self.expression_of(statement))
            .collect()
    }

    /// The constant IRI that a map or its shortcut gives.
    pub(super) fn constant_iri(
        &mut self,
        statement: &Statement,
        map: Property,
    ) -> Read<super::At<String>> {
        let is_map = statement.property == Some(map);
        let inner = node(&statement.object).filter(|_| is_map);
        let Some(inner) = inner else {
            return self.iri_text(statement);
        };
        if let Some(constant) = self.graph.values(&inner, Property::Constant).next() {
            return self.iri_text(constant);
        }
        let node = self.described(statement, "a map with a constant")?;
        let place = self.graph.node_place(&node);
        let shown = self.graph.show(statement.predicate.as_str());
        let message = format!("{shown} depends on the row, where only a constant can be");
        let help = match map {
            Property::FunctionMap | Property::ObjectMap => {
                "write `rml:constant`; rows with functions of their own each need a triples map, with an `rml:condition`"
            }
            _ => "write `rml:constant`",
        };
        self.fail(fault("rml::constant-expected", message, &place).with_help(help))
    }
}

/// Makes references those to a row of one side of a join.
pub(super) fn set_side(map: &mut ExpressionMap, to: Side) {
    match &mut map.expression {
        Expression::Constant(_) => {}
        Expression::Reference(_, side) => *side = to,
        Expression::Template(template) => {
            for part in &mut template.parts {
                if let TemplatePart::Reference(_, side) = part {
                    *side = to;
                }
            }
        }
        Expression::Call(call) => {
            for (_, argument) in &mut call.arguments {
                set_side(argument, to);
            }
        }
    }
}

/// Whether all references are to a row of one side.
pub(super) fn is_of_side(map: &ExpressionMap, wanted: Side) -> bool {
    match &map.expression {
        Expression::Constant(_) => true,
        Expression::Reference(_, side) => *side == wanted,
        Expression::Template(template) => template.parts.iter().all(|part| match part {
            TemplatePart::Text(_) => true,
            TemplatePart::Reference(_, side) => *side == wanted,
        }),
        Expression::Call(call) => call
            .arguments
            .iter()
            .all(|(_, value)| is_of_side(value, wanted)),
    }
}

/// Whether a term is an absolute IRI or the text of one.
pub(super) fn as_iri(term: &Term) -> Option<&str> {
    match term {
        Term::NamedNode(node) => Some(node.as_str()),
        Term::Literal(literal) => {
            Some(literal.value()).filter(|text| crate::rdf::iri::check(text).is_ok())
        }
        Term::BlankNode(_) => None,
    }
}
