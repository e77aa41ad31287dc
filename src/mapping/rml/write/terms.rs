//! Triples maps, term maps and expressions as Turtle.

use super::Document;
use super::turtle::{Node, Value};
use super::vocab::{self, rml};
use crate::diagnostic::Diagnostic;
use crate::function::{self, Function, Kind};
use crate::mapping::rml::model::{
    Call, Expression, ExpressionMap, Gather, JoinCondition, ObjectMap, PredicateObjectMap,
    ReferencingObjectMap, Rows, Side, SubjectMap, Template, TemplatePart, TermMap, TermType,
    TermValue, TriplesMap, Vocabulary,
};
use oxrdf::vocab::xsd;
use oxrdf::{BlankNode, NamedNode, Term};

impl Document<'_> {
    /// What is said of a triples map.
    pub(super) fn triples_map(&mut self, map: &TriplesMap) -> Node {
        let class = if map.is_asserted {
            "TriplesMap"
        } else {
            "NonAssertedTriplesMap"
        };
        let source = self.mapping.sources.get(map.source);
        self.is_legacy = source.is_some_and(|source| source.vocabulary == Vocabulary::Legacy);
        let mut node = Node::default().of_type(rml(class));
        if let Some(base) = map.base.as_ref().or(self.mapping.base.as_ref()) {
            node.push(rml("baseIRI"), NamedNode::new_unchecked(base));
        }
        // What has no rows of its own has no source.
        let is_single = source.is_some_and(|source| matches!(source.rows, Rows::Single));
        if !is_single {
            let source = self.source_value(map.source);
            node.push(rml("logicalSource"), source);
        }
        self.push_subject(&mut node, &map.subject);
        for part in &map.predicate_objects {
            let part = self.predicate_object(part);
            node.push(rml("predicateObjectMap"), part);
        }
        node
    }

    fn push_subject(&mut self, node: &mut Node, subject: &SubjectMap) {
        if subject.classes.is_empty()
            && subject.graphs.is_empty()
            && let Some(constant) = self.plain_constant(&subject.term)
        {
            node.push(rml("subject"), constant);
            return;
        }
        let mut inside = self.term_map(&subject.term, &[]);
        for class in &subject.classes {
            inside.push(rml("class"), class.value.clone());
        }
        self.push_terms(&mut inside, "graph", &subject.graphs);
        node.push(rml("subjectMap"), inside);
    }

    fn predicate_object(&mut self, part: &PredicateObjectMap) -> Node {
        let mut node = Node::default();
        if !part.conditions.is_empty() {
            let message = "the condition of a predicate-object map stands in its object maps, since RML has it there";
            let place = part.place.location();
            self.diagnostics
                .push(Diagnostic::note("rml::moved-condition", message, place));
        }
        self.push_terms(&mut node, "predicate", &part.predicates);
        for object in &part.objects {
            let (name, value) = match object {
                ObjectMap::Term(term) if part.conditions.is_empty() => {
                    match self.plain_constant(term) {
                        Some(constant) => ("object", constant),
                        None => ("objectMap", self.object(object, &[]).into()),
                    }
                }
                other => ("objectMap", self.object(other, &part.conditions).into()),
            };
            node.push(rml(name), value);
        }
        self.push_terms(&mut node, "graph", &part.graphs);
        node
    }

    // `rml:predicate` where the term is the same in all rows, else `rml:predicateMap`.
    fn push_terms(&mut self, node: &mut Node, name: &str, terms: &[TermMap]) {
        for term in terms {
            if let Some(constant) = self.plain_constant(term) {
                node.push(rml(name), constant);
            } else {
                let map = self.term_map(term, &[]);
                node.push(rml(&format!("{name}Map")), map);
            }
        }
    }

    fn object(&mut self, object: &ObjectMap, conditions: &[ExpressionMap]) -> Node {
        match object {
            ObjectMap::Term(term) => {
                let mut node = self.term_map(term, conditions);
                if self.is_legacy && has_natural_datatype(term) {
                    node.push(rml("datatype"), xsd::STRING.into_owned());
                }
                node
            }
            ObjectMap::Reference(reference) => self.referencing(reference, conditions),
        }
    }

    fn referencing(
        &mut self,
        reference: &ReferencingObjectMap,
        conditions: &[ExpressionMap],
    ) -> Node {
        let parent = self.maps.reference(reference.parent);
        let mut node = Node::default().with(rml("parentTriplesMap"), parent);
        self.push_joins(&mut node, &reference.joins);
        for condition in conditions.iter().chain(&reference.conditions) {
            if uses(&condition.expression, Side::Parent) {
                self.push_condition_on_both(&mut node, condition);
            } else {
                self.push_condition(&mut node, condition);
            }
        }
        self.push_targets(&mut node, &reference.targets);
        node
    }

    // RML only has joins of what is alike; RMLMapper has functions, whose values are told apart by
    // `rml:parentTermMap`.
    fn push_condition_on_both(&mut self, node: &mut Node, condition: &ExpressionMap) {
        let place = condition.place.location();
        let help = "join the two in a logical view and put the condition on its rows";
        if is_of_one_row_each(&condition.expression) {
            let message = "a condition on both rows of a join that is not an equality is no part of RML: it is written as other engines have it, by `rml:parentTermMap`";
            let warning = Diagnostic::warning("rml::not-standard", message, place);
            self.diagnostics.push(warning.with_help(help));
            let condition = self.of_a_side(condition);
            node.push(rml("joinCondition"), condition);
        } else {
            let message = "a text made of both rows of a join cannot be written in RML; the condition is left out";
            let warning = Diagnostic::warning("rml::not-expressible", message, place);
            self.diagnostics.push(warning.with_help(help));
        }
    }

    // An expression of one row of a join, or a function of several.
    fn of_a_side(&mut self, expression: &ExpressionMap) -> Node {
        let node = self.expression(expression);
        let is_call = matches!(expression.expression, Expression::Call(_));
        if is_call || !uses(&expression.expression, Side::Parent) {
            return node;
        }
        Node::default().with(rml("parentTermMap"), node)
    }

    /// The join conditions of a node.
    pub(super) fn push_joins(&mut self, node: &mut Node, joins: &[JoinCondition]) {
        for join in joins {
            let mut condition = Node::default();
            for (name, side) in [("child", &join.child), ("parent", &join.parent)] {
                if let Expression::Reference(reference, _) = &side.expression {
                    condition.push(rml(name), Value::text(reference));
                } else {
                    let map = self.expression(side);
                    condition.push(rml(&format!("{name}Map")), map);
                }
            }
            node.push(rml("joinCondition"), condition);
        }
    }

    fn push_targets(&mut self, node: &mut Node, targets: &[usize]) {
        for target in targets {
            let target = self.targets.reference(*target);
            node.push(rml("logicalTarget"), target);
        }
    }

    fn push_condition(&mut self, node: &mut Node, condition: &ExpressionMap) {
        let condition = self.expression(condition);
        node.push(rml("condition"), condition);
    }

    // The term of a map that says nothing but a constant.
    fn plain_constant(&mut self, map: &TermMap) -> Option<Value> {
        let TermMap {
            value,
            term_type,
            datatype,
            language,
            conditions,
            targets,
            place: _,
        } = map;
        let is_plain = datatype.is_none()
            && language.is_none()
            && term_type.is_none()
            && conditions.is_empty()
            && targets.is_empty();
        match value {
            TermValue::Expression(ExpressionMap {
                expression: Expression::Constant(term),
                ..
            }) if is_plain => Some(self.constant(term)),
            _ => None,
        }
    }

    fn term_map(&mut self, map: &TermMap, more: &[ExpressionMap]) -> Node {
        let mut node = Node::default();
        match &map.value {
            TermValue::Expression(expression) => self.push_expression(&mut node, expression),
            TermValue::Quoted { triples_map, joins } => {
                let quoted = self.maps.reference(*triples_map);
                node.push(rml("quotedTriplesMap"), quoted);
                self.push_joins(&mut node, joins);
            }
            TermValue::Gather(gather) => self.push_gather(&mut node, gather),
            TermValue::Fresh => {}
        }
        match (&map.term_type, &map.value) {
            (Some(term_type), _) => {
                node.push(rml("termType"), vocab::term_type(term_type.value));
            }
            // Without it the map would say nothing.
            (None, TermValue::Fresh) => {
                node.push(rml("termType"), vocab::term_type(TermType::BlankNode));
            }
            (None, _) => {}
        }
        for (name, map) in [("datatype", &map.datatype), ("language", &map.language)] {
            if let Some(map) = map {
                self.push_terms(&mut node, name, std::slice::from_ref(map));
            }
        }
        for condition in map.conditions.iter().chain(more) {
            self.push_condition(&mut node, condition);
        }
        self.push_targets(&mut node, &map.targets);
        node
    }

    fn push_gather(&mut self, node: &mut Node, gather: &Gather) {
        if let Some(head) = &gather.head {
            self.push_expression(node, head);
        }
        let items = gather.items.iter();
        let items = items.map(|item| self.object(item, &[]).into()).collect();
        node.push(rml("gather"), Value::List(items));
        node.push(rml("gatherAs"), vocab::gather_as(gather.kind));
        if gather.allow_empty {
            node.push(rml("allowEmptyListAndContainer"), Value::boolean(true));
        }
        if gather.cartesian {
            node.push(rml("strategy"), rml("cartesianProduct"));
        }
    }

    fn expression(&mut self, expression: &ExpressionMap) -> Node {
        let mut node = Node::default();
        self.push_expression(&mut node, expression);
        node
    }

    /// Says what makes the texts of a map.
    pub(super) fn push_expression(&mut self, node: &mut Node, expression: &ExpressionMap) {
        match &expression.expression {
            Expression::Constant(term) => {
                let term = self.constant(term);
                node.push(rml("constant"), term);
            }
            Expression::Reference(name, _) => node.push(rml("reference"), Value::text(name)),
            Expression::Template(template) => {
                node.push(rml("template"), Value::text(template_text(template)));
            }
            Expression::Call(call) => self.push_call(node, call),
        }
    }

    fn push_call(&mut self, node: &mut Node, call: &Call) {
        let function = NamedNode::new_unchecked(&call.function.value);
        let mut execution = Node::default().with(rml("function"), function);
        for (parameter, value) in &call.arguments {
            let parameter = NamedNode::new_unchecked(&parameter.value);
            let mut input = Node::default().with(rml("parameter"), parameter);
            if let Expression::Constant(term) = &value.expression {
                let term = self.constant(term);
                input.push(rml("inputValue"), term);
            } else {
                let map = self.of_a_side(value);
                input.push(rml("inputValueMap"), map);
            }
            execution.push(rml("input"), input);
        }
        node.push(rml("functionExecution"), execution);
        if let Some(output) = &call.output {
            node.push(rml("return"), NamedNode::new_unchecked(&output.value));
        }
    }

    // Blank nodes are counted, so that the labels of a parser make no difference.
    fn constant(&mut self, term: &Term) -> Value {
        let Term::BlankNode(node) = term else {
            return Value::Term(term.clone());
        };
        let known = self.blank_nodes.iter().position(|known| known == node);
        let number = known.unwrap_or_else(|| {
            self.blank_nodes.push(node.clone());
            self.blank_nodes.len() - 1
        });
        Value::Term(BlankNode::new_unchecked(format!("node{}", number + 1)).into())
    }
}

/// A template with backslashes where braces and backslashes are text.
fn template_text(template: &Template) -> String {
    fn push(text: &mut String, part: &str) {
        for sign in part.chars() {
            if matches!(sign, '{' | '}' | '\\') {
                text.push('\\');
            }
            text.push(sign);
        }
    }
    let mut text = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Text(part) => push(&mut text, part),
            TemplatePart::Reference(name, _) => {
                text.push('{');
                push(&mut text, name);
                text.push('}');
            }
        }
    }
    text
}

// Whether an object has the datatype of what a function gives; in the older vocabulary it is a string.
fn has_natural_datatype(map: &TermMap) -> bool {
    let is_literal = map
        .term_type
        .as_ref()
        .is_none_or(|term_type| term_type.value == TermType::Literal);
    let TermValue::Expression(ExpressionMap {
        expression: Expression::Call(call),
        ..
    }) = &map.value
    else {
        return false;
    };
    // Parts of a text are texts.
    let makes_others = |function: &Function| {
        function.returns != Kind::Text && !function.name.starts_with("string_split")
    };
    is_literal
        && map.datatype.is_none()
        && map.language.is_none()
        && function::find(&call.function.value).is_some_and(makes_others)
}

// Whether an expression is of a row of a join.
fn uses(expression: &Expression, wanted: Side) -> bool {
    match expression {
        Expression::Constant(_) => false,
        Expression::Reference(_, side) => *side == wanted,
        Expression::Template(template) => template
            .parts
            .iter()
            .any(|part| matches!(part, TemplatePart::Reference(_, side) if *side == wanted)),
        Expression::Call(call) => call
            .arguments
            .iter()
            .any(|(_, value)| uses(&value.expression, wanted)),
    }
}

// Whether functions alone bring values of two rows together.
fn is_of_one_row_each(expression: &Expression) -> bool {
    match expression {
        Expression::Call(call) => {
            let mut arguments = call.arguments.iter();
            arguments.all(|(_, value)| is_of_one_row_each(&value.expression))
        }
        other => !(uses(other, Side::Child) && uses(other, Side::Parent)),
    }
}
