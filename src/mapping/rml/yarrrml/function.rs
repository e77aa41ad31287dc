//! Functions and conditions.
//!
//! In: maps with `function` and `parameters`, and functions on one line. Out: calls, and for conditions
//! between two rows what has to be alike.
//!
//! Spec: yarrrml §9.7, §10, §11

use super::super::model::{At, Call, Expression, ExpressionMap, JoinCondition, Side, TemplatePart};
use super::Reader;
use super::inline::{self, Inline, Value};
use super::keys::{self, Fields, as_list};
use super::text::Position;
use super::yaml::{Kind, Node};
use std::rc::Rc;

/// The namespace of the GREL functions and their parameters.
pub(super) const GREL: &str = "http://users.ugent.be/~bjdmeest/function/grel.ttl#";

/// The namespace of `IDLab`'s functions.
pub(super) const IDLAB: &str = "https://w3id.org/imec/idlab/function#";

/// How `IDLab`'s namespace ends, with `http` too.
const IDLAB_END: &str = "://w3id.org/imec/idlab/function#";

/// Functions that are named without a prefix.
const SHORT: [&str; 2] = ["equal", "notEqual"];

/// Which rows a function sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// One.
    One,
    /// That of the subject and that of the object.
    Two,
}

impl Reader<'_> {
    /// The call that a map describes.
    pub(super) fn call(&mut self, fields: &Fields<'_>, rows: Rows) -> Option<Call> {
        let function = fields.get("function")?;
        let text = self.text_of(function, "a function")?.trim();
        let parameters = fields.get("parameters");
        if inline::is_call(text) {
            if let Some(parameters) = parameters {
                let message = "a function on one line has its parameters there";
                self.error("yarrrml::function", parameters, message);
                return None;
            }
            let inline = self.inline(function, text)?;
            return self.inline_call(function, &inline, rows);
        }
        let mut call = Call {
            function: self.function(function, text)?,
            arguments: Vec::new(),
            output: None,
        };
        let Some(parameters) = parameters else {
            return Some(call);
        };
        let before = self.diagnostics.errors();
        match &parameters.kind {
            Kind::List(list) => {
                for parameter in list {
                    self.parameter(parameter, text, rows, &mut call);
                }
            }
            Kind::Map(entries) => {
                let is_one = |key: &Node| {
                    keys::PARAMETER
                        .known
                        .iter()
                        .any(|known| known.contains(&key.text().unwrap_or_default()))
                };
                if entries.iter().all(|(key, _)| is_one(key)) {
                    self.parameter(parameters, text, rows, &mut call);
                } else {
                    for (name, value) in entries {
                        self.argument(name, value, None, text, rows, &mut call);
                    }
                }
            }
            _ => self.unexpected(parameters, "`parameters`", "a list"),
        }
        (self.diagnostics.errors() == before).then_some(call)
    }

    /// Takes a function on one line apart.
    pub(super) fn inline(&mut self, node: &Node, text: &str) -> Option<Inline> {
        match inline::parse(text) {
            Ok(inline) => Some(inline),
            Err(message) => {
                self.error("yarrrml::function", node, message);
                None
            }
        }
    }

    fn function(&mut self, node: &Node, text: &str) -> Option<At<String>> {
        let value = if SHORT.contains(&text) {
            format!("{IDLAB}{text}")
        } else {
            self.iri(node, text)?
        };
        Some(self.at(node, value))
    }

    /// A value with the place of its node.
    pub(super) fn at<T>(&self, node: &Node, value: T) -> At<T> {
        At {
            value,
            place: self.place(node),
        }
    }

    // A parameter in its short form, a list, or its long form, a map.
    fn parameter(&mut self, node: &Rc<Node>, function: &str, rows: Rows, call: &mut Call) {
        match &node.kind {
            Kind::List(parts) => match parts.as_slice() {
                [name, value] => self.argument(name, value, None, function, rows, call),
                [name, value, from] => {
                    self.argument(name, value, Some(from), function, rows, call);
                }
                _ => {
                    let message = format!(
                        "a parameter has {} parts, expected its name, its value and perhaps `s` or `o`",
                        parts.len()
                    );
                    self.error("yarrrml::function", node, message);
                }
            },
            Kind::Map(_) => {
                let Some(fields) = self.fields(node, &keys::PARAMETER) else {
                    return;
                };
                let Some(name) = fields.get("parameter") else {
                    self.error("yarrrml::function", node, "a parameter without its name");
                    return;
                };
                let from = fields.get("from");
                if fields.get("function").is_some() {
                    if let Some(inner) = self.call(&fields, rows) {
                        let value = self.called(node, inner);
                        self.push_argument(name, vec![value], function, call);
                    }
                    return;
                }
                let Some(value) = fields.get("value") else {
                    self.error("yarrrml::function", node, "a parameter without a value");
                    return;
                };
                let is_iri = fields.get("type").and_then(|kind| kind.text()) == Some("iri");
                let position = if is_iri {
                    Position::Iri
                } else {
                    Position::Text
                };
                let side = self.side(name, from, rows);
                let values = self.values(value, position, side, rows);
                self.push_argument(name, values, function, call);
            }
            _ => self.unexpected(node, "a parameter", "a list or a map"),
        }
    }

    fn argument(
        &mut self,
        name: &Rc<Node>,
        value: &Rc<Node>,
        from: Option<&Rc<Node>>,
        function: &str,
        rows: Rows,
        call: &mut Call,
    ) {
        let side = self.side(name, from, rows);
        let values = self.values(value, Position::Text, side, rows);
        self.push_argument(name, values, function, call);
    }

    fn push_argument(
        &mut self,
        name: &Rc<Node>,
        values: Vec<ExpressionMap>,
        function: &str,
        call: &mut Call,
    ) {
        let Some(text) = self.text_of(name, "the name of a parameter") else {
            return;
        };
        let Some(iri) = self.parameter_iri(name, text.trim(), function) else {
            return;
        };
        if !self.charge(name, values.len()) {
            return;
        }
        let parameter = self.at(name, iri);
        let arguments = values.into_iter().map(|value| (parameter.clone(), value));
        call.arguments.extend(arguments);
    }

    // A name without a prefix has that of the function.
    fn parameter_iri(&mut self, node: &Node, name: &str, function: &str) -> Option<String> {
        match name {
            "str1" if SHORT.contains(&function) => return Some(format!("{GREL}valueParameter")),
            "str2" if SHORT.contains(&function) => return Some(format!("{GREL}valueParameter2")),
            _ if name.contains(':') => return self.iri(node, name),
            _ => {}
        }
        if SHORT.contains(&function) {
            return Some(format!("{GREL}{name}"));
        }
        let end = if function.contains("://") {
            function.rfind(['#', '/'])
        } else {
            function.find(':')
        };
        let end = end.map_or(0, |end| end + 1);
        self.iri(node, &format!("{}{name}", &function[..end]))
    }

    fn side(&mut self, name: &Node, from: Option<&Rc<Node>>, rows: Rows) -> Side {
        let side = match from.map(|from| (from, from.text().unwrap_or_default())) {
            None if name.text() == Some("str2") => Side::Parent,
            None | Some((_, "s" | "subject")) => Side::Child,
            Some((_, "o" | "object")) => Side::Parent,
            Some((from, text)) => {
                let message = format!("`{text}` is no side of a condition, expected `s` or `o`");
                self.error("yarrrml::function", from, message);
                Side::Child
            }
        };
        match rows {
            Rows::One => Side::Child,
            Rows::Two => side,
        }
    }

    // The values of an argument: those of a list are given one after the other.
    fn values(
        &mut self,
        node: &Rc<Node>,
        position: Position,
        side: Side,
        rows: Rows,
    ) -> Vec<ExpressionMap> {
        let mut values = Vec::new();
        match &node.kind {
            Kind::List(list) => {
                for value in list {
                    values.extend(self.values(value, position, side, rows));
                }
            }
            Kind::Map(_) => {
                let Some(fields) = self.fields(node, &keys::ARGUMENT) else {
                    return values;
                };
                if fields.get("function").is_some() {
                    let call = self.call(&fields, rows);
                    values.extend(call.map(|call| self.called(node, call)));
                } else if let Some(value) = fields.get("value") {
                    let is_iri = fields.get("type").and_then(|kind| kind.text()) == Some("iri");
                    let position = if is_iri { Position::Iri } else { position };
                    values = self.values(value, position, side, rows);
                } else {
                    self.error("yarrrml::function", node, "neither a value nor a function");
                }
            }
            Kind::Text(text) => values.extend(self.value(node, text, position, side)),
            // An empty text is what an empty value means to people.
            Kind::Null => values.extend(self.value(node, "", position, side)),
        }
        values
    }

    fn value(
        &mut self,
        node: &Node,
        text: &str,
        position: Position,
        side: Side,
    ) -> Option<ExpressionMap> {
        match text.strip_suffix("~iri") {
            Some(text) => self.expression(node, text, Position::Iri, side),
            None => self.expression(node, text, position, side),
        }
    }

    /// A call as an expression.
    pub(super) fn called(&self, node: &Node, call: Call) -> ExpressionMap {
        ExpressionMap {
            expression: Expression::Call(Box::new(call)),
            place: self.place(node),
        }
    }

    fn inline_call(&mut self, node: &Node, inline: &Inline, rows: Rows) -> Option<Call> {
        let name = inline.name.as_str();
        let mut call = Call {
            function: self.function(node, name)?,
            arguments: Vec::new(),
            output: None,
        };
        for (number, (parameter, value)) in inline.arguments.iter().enumerate() {
            let parameter = match (parameter, number) {
                (Some(parameter), _) => parameter.as_str(),
                (None, 0) if SHORT.contains(&name) => "str1",
                (None, 1) if SHORT.contains(&name) => "str2",
                (None, _) => {
                    let message = format!("an argument of `{name}` has no `=`");
                    self.error("yarrrml::function", node, message);
                    return None;
                }
            };
            let side = match (rows, parameter) {
                (Rows::Two, "str2") => Side::Parent,
                _ => Side::Child,
            };
            let iri = self.parameter_iri(node, parameter, name)?;
            let value = match value {
                Value::Text(text) => self.value(node, text, Position::Text, side)?,
                Value::Call(inner) => {
                    let inner = self.inline_call(node, inner, rows)?;
                    self.called(node, inner)
                }
            };
            call.arguments.push((self.at(node, iri), value));
        }
        Some(call)
    }

    /// The conditions of a node, one or a list, all of which have to hold.
    pub(super) fn conditions(&mut self, node: &Rc<Node>, rows: Rows) -> Vec<ExpressionMap> {
        let mut conditions = Vec::new();
        for condition in as_list(node) {
            let call = match &condition.kind {
                Kind::Text(text) if inline::is_call(text.trim()) => {
                    let inline = self.inline(condition, text.trim());
                    inline.and_then(|inline| self.inline_call(condition, &inline, rows))
                }
                Kind::Map(_) => {
                    let Some(fields) = self.fields(condition, &keys::CALL) else {
                        continue;
                    };
                    if fields.get("function").is_none() {
                        self.error(
                            "yarrrml::condition",
                            condition,
                            "a condition without a function",
                        );
                    }
                    self.call(&fields, rows)
                }
                _ => {
                    self.unexpected(condition, "a condition", "a function");
                    None
                }
            };
            if let Some(call) = call {
                let call = self.called(condition, call);
                push_conjuncts(call, &mut conditions);
            }
        }
        conditions
    }

    /// The conditions of `join(mapping, equal($(a), $(b)), …)`.
    pub(super) fn join_conditions(
        &mut self,
        node: &Node,
        arguments: &[(Option<String>, Value)],
    ) -> Vec<ExpressionMap> {
        let mut conditions = Vec::new();
        for (_, value) in arguments {
            match value {
                Value::Call(inline) => {
                    if let Some(call) = self.inline_call(node, inline, Rows::Two) {
                        push_conjuncts(self.called(node, call), &mut conditions);
                    }
                }
                Value::Text(text) => {
                    let message = format!("`{text}` is no condition, expected `equal(…, …)`");
                    self.error("yarrrml::condition", node, message);
                }
            }
        }
        conditions
    }

    /// Tells conditions that make two values alike, one of each row, from the others.
    pub(super) fn joins(
        &mut self,
        node: &Node,
        conditions: Vec<ExpressionMap>,
    ) -> (Vec<JoinCondition>, Vec<ExpressionMap>) {
        let mut joins = Vec::new();
        let mut others = Vec::new();
        for condition in conditions {
            if sides(&condition) == (true, false) {
                let message = "the condition looks at the row of the subject only";
                let help = "add `o` to the parameter whose value is of the other row";
                self.warning(
                    "yarrrml::condition-side",
                    node,
                    message,
                    Some(help.to_owned()),
                );
            }
            match join(condition) {
                Ok(join) => joins.push(join),
                Err(condition) => others.push(*condition),
            }
        }
        (joins, others)
    }
}

fn push_conjuncts(condition: ExpressionMap, conditions: &mut Vec<ExpressionMap>) {
    if let Expression::Call(call) = &condition.expression {
        let is_and = call.function.value.strip_prefix(GREL) == Some("boolean_and");
        let is_part = |name: &str| name.strip_prefix(GREL) == Some("param_rep_b");
        if is_and && call.arguments.iter().all(|(name, _)| is_part(&name.value)) {
            for (_, part) in &call.arguments {
                push_conjuncts(part.clone(), conditions);
            }
            return;
        }
    }
    conditions.push(condition);
}

fn join(condition: ExpressionMap) -> Result<JoinCondition, Box<ExpressionMap>> {
    let Expression::Call(call) = &condition.expression else {
        return Err(Box::new(condition));
    };
    let name = call
        .function
        .value
        .split_once(IDLAB_END)
        .map(|(_, name)| name);
    let [(first, one), (second, two)] = call.arguments.as_slice() else {
        return Err(Box::new(condition));
    };
    let names = (
        first.value.strip_prefix(GREL).unwrap_or_default(),
        second.value.strip_prefix(GREL).unwrap_or_default(),
    );
    let is_pair = matches!(
        names,
        ("valueParameter", "valueParameter2") | ("valueParameter2", "valueParameter")
    );
    let (child, parent) = match (sides(one), sides(two)) {
        _ if name != Some("equal") || !is_pair => return Err(Box::new(condition)),
        ((_, false), (false, true)) => (one, two),
        ((false, true), (_, false)) => (two, one),
        _ => return Err(Box::new(condition)),
    };
    let mut parent = parent.clone();
    forget_side(&mut parent);
    Ok(JoinCondition {
        child: child.clone(),
        parent,
        place: condition.place,
    })
}

// What a join compares is of one row each: there the other row is the row itself.
fn forget_side(map: &mut ExpressionMap) {
    match &mut map.expression {
        Expression::Constant(_) => {}
        Expression::Reference(_, side) => *side = Side::Child,
        Expression::Template(template) => {
            for part in &mut template.parts {
                if let TemplatePart::Reference(_, side) = part {
                    *side = Side::Child;
                }
            }
        }
        Expression::Call(call) => {
            for (_, argument) in &mut call.arguments {
                forget_side(argument);
            }
        }
    }
}

/// Whether an expression refers to the row itself, and to the other.
pub(super) fn sides(map: &ExpressionMap) -> (bool, bool) {
    let of = |side: Side| (side == Side::Child, side == Side::Parent);
    let both = |one: (bool, bool), other: (bool, bool)| (one.0 || other.0, one.1 || other.1);
    match &map.expression {
        Expression::Constant(_) => (false, false),
        Expression::Reference(_, side) => of(*side),
        Expression::Template(template) => {
            let parts = template.parts.iter().map(|part| match part {
                TemplatePart::Text(_) => (false, false),
                TemplatePart::Reference(_, side) => of(*side),
            });
            parts.fold((false, false), both)
        }
        Expression::Call(call) => {
            let arguments = call.arguments.iter().map(|(_, value)| sides(value));
            arguments.fold((false, false), both)
        }
    }
}
