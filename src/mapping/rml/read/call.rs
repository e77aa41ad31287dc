//! Calls of functions, in three spellings: executions with inputs, executions that look like triples
//! maps (the older vocabulary), and inputs that stand in the map itself.
//!
//! Spec: RML-FNML §5

use super::{At, Read, Reader, fault};
use crate::mapping::rml::graph::Statement;
use crate::mapping::rml::model::{Call, Expression, ExpressionMap, Place};
use crate::mapping::rml::vocab::{self, Property};
use oxrdf::NamedOrBlankNode;

impl Reader<'_, '_> {
    /// The call that a map makes, by the statement that says so.
    pub(super) fn call(
        &mut self,
        map: &NamedOrBlankNode,
        statement: &Statement,
    ) -> Read<Expression> {
        let place = self.graph.place(statement);
        if statement.property == Some(Property::Function) {
            let call = self.execution(map, map, &place)?;
            return Ok(Expression::Call(Box::new(call)));
        }
        let execution = self.described(statement, "a function execution")?;
        let call = self.enter(&execution, &place, |reader| {
            reader.execution(map, &execution, &place)
        })?;
        Ok(Expression::Call(Box::new(call)))
    }

    fn execution(
        &mut self,
        map: &NamedOrBlankNode,
        execution: &NamedOrBlankNode,
        place: &Place,
    ) -> Read<Call> {
        let graph = self.graph;
        self.same_source(execution)?;
        let mut functions = Vec::new();
        let mut arguments = Vec::new();
        for statement in graph.about(execution) {
            match statement.property {
                Some(Property::Function | Property::FunctionMap) => {
                    functions.push(self.constant_iri(statement, Property::FunctionMap)?);
                }
                Some(Property::Input) => arguments.extend(self.input(statement)?),
                Some(Property::PredicateObjectMap) => {
                    self.old_input(statement, &mut functions, &mut arguments)?;
                }
                _ => {}
            }
        }
        let mut functions = functions.into_iter();
        let Some(function) = functions.next() else {
            let message = "the function execution names no function";
            let help = "add `rml:function`, or in the older vocabulary a predicate-object map with `fno:executes`";
            return self.fail(fault("rml::missing-function", message, place).with_help(help));
        };
        if let Some(second) = functions.next() {
            let message = "the function execution names several functions";
            return self.fail(fault("rml::several-functions", message, &second.place));
        }
        let output = match self.output(map)? {
            None if map != execution => self.output(execution)?,
            found => found,
        };
        Ok(Call {
            function,
            arguments,
            output,
        })
    }

    // In the older vocabulary an execution looks like a triples map, with a source that has to be that of
    // the map around it: there is nothing by which rows of another could be found.
    fn same_source(&mut self, execution: &NamedOrBlankNode) -> Read<()> {
        let graph = self.graph;
        let Some(statement) = graph.values(execution, Property::LogicalSource).next() else {
            return Ok(());
        };
        // A source of which nothing is said is no other one.
        let node = crate::mapping::rml::graph::node(&statement.object);
        if !node.is_some_and(|node| graph.is_described(&node)) {
            return Ok(());
        }
        let own = self.logical_source(statement)?;
        let Some(outer) = self.source else {
            return Ok(());
        };
        let sources = &self.mapping.sources;
        if own == outer || sources[own].is_read_like(&sources[outer]) {
            return Ok(());
        }
        let message = "the function has another logical source than its triples map";
        let help = "join the tables in an `rml:LogicalView` and give the function its fields";
        let place = graph.place(statement);
        self.fail(fault("rml::function-source", message, &place).with_help(help))
    }

    fn output(&mut self, node: &NamedOrBlankNode) -> Read<Option<At<String>>> {
        let mut statements = self.either(node, [Property::Return, Property::ReturnMap]);
        let Some(statement) = statements.next() else {
            return Ok(None);
        };
        if let Some(second) = statements.next() {
            let message = "the map asks for several results of the function";
            let place = self.graph.place(second);
            return self.fail(fault("rml::several-values", message, &place));
        }
        self.constant_iri(statement, Property::ReturnMap).map(Some)
    }

    fn input(&mut self, statement: &Statement) -> Read<Vec<(At<String>, ExpressionMap)>> {
        let node = self.described(statement, "an input of a function")?;
        let place = self.graph.place(statement);
        let parameters: Vec<_> = self
            .either(&node, [Property::Parameter, Property::ParameterMap])
            .collect();
        let [parameter] = parameters[..] else {
            let what = if parameters.is_empty() {
                "no parameter"
            } else {
                "several parameters"
            };
            let message = format!("the input has {what}");
            return self
                .fail(fault("rml::input", message, &place).with_help("write one `rml:parameter`"));
        };
        let parameter = self.constant_iri(parameter, Property::ParameterMap)?;
        let mut arguments = Vec::new();
        for statement in self.either(&node, [Property::InputValue, Property::InputValueMap]) {
            if let Some(members) = self.gathered_input(statement)? {
                arguments.extend(members.into_iter().map(|map| (parameter.clone(), map)));
                continue;
            }
            let value = if statement.property == Some(Property::InputValueMap) {
                self.expression_of(statement)?
            } else {
                ExpressionMap {
                    expression: Expression::Constant(statement.object.clone()),
                    place: self.graph.place(statement),
                }
            };
            arguments.push((parameter.clone(), value));
        }
        if arguments.is_empty() {
            let message = "the input has no value";
            let help = "add `rml:inputValueMap` or `rml:inputValue`";
            return self.fail(fault("rml::input", message, &place).with_help(help));
        }
        Ok(arguments)
    }

    // The members of a list that is gathered for a parameter: it is given once for each.
    fn gathered_input(&mut self, statement: &Statement) -> Read<Option<Vec<ExpressionMap>>> {
        let graph = self.graph;
        let map = crate::mapping::rml::graph::node(&statement.object)
            .filter(|_| statement.property == Some(Property::InputValueMap));
        let Some(gather) = map.and_then(|map| graph.values(&map, Property::Gather).next()) else {
            return Ok(None);
        };
        let Some(members) = graph.list(&gather.object) else {
            let message = "rml:gather has no list";
            let place = graph.place(gather);
            return self.fail(fault("rml::gather", message, &place));
        };
        let members = members.into_iter().map(|member| self.expression_of(member));
        members.collect::<Read<Vec<_>>>().map(Some)
    }

    // An input, or the function, as a predicate-object map.
    fn old_input(
        &mut self,
        statement: &Statement,
        functions: &mut Vec<At<String>>,
        arguments: &mut Vec<(At<String>, ExpressionMap)>,
    ) -> Read<()> {
        let graph = self.graph;
        let node = self.described(statement, "a predicate-object map")?;
        let place = graph.place(statement);
        let mut parameters = Vec::new();
        for statement in self.either(&node, [Property::Predicate, Property::PredicateMap]) {
            parameters.push(self.constant_iri(statement, Property::PredicateMap)?);
        }
        if parameters.is_empty() {
            let message = "the input of the function has no parameter";
            return self.fail(fault("rml::input", message, &place).with_help("add `rr:predicate`"));
        }
        let objects: Vec<_> = self
            .either(&node, [Property::Object, Property::ObjectMap])
            .collect();
        if objects.is_empty() {
            let message = "the input of the function has no value";
            return self.fail(fault("rml::input", message, &place).with_help("add `rr:objectMap`"));
        }
        for parameter in parameters {
            if is_executes(&parameter.value) {
                for statement in &objects {
                    functions.push(self.constant_iri(statement, Property::ObjectMap)?);
                }
                continue;
            }
            for statement in &objects {
                let value = if statement.property == Some(Property::ObjectMap) {
                    self.old_value(statement)?
                } else {
                    ExpressionMap {
                        expression: Expression::Constant(statement.object.clone()),
                        place: graph.place(statement),
                    }
                };
                arguments.push((parameter.clone(), value));
            }
        }
        Ok(())
    }

    fn old_value(&mut self, statement: &Statement) -> Read<ExpressionMap> {
        let inner = crate::mapping::rml::graph::node(&statement.object);
        let is_join = |node: NamedOrBlankNode| self.graph.has(&node, Property::ParentTriplesMap);
        if inner.is_some_and(is_join) {
            let message = "the input of a function is the subject of another triples map";
            let help = "join the tables in an `rml:LogicalView` and refer to its fields";
            let place = self.graph.place(statement);
            return self.fail(fault("rml::input", message, &place).with_help(help));
        }
        self.expression_of(statement)
    }
}

fn is_executes(iri: &str) -> bool {
    Property::of(iri) == Some(Property::Function) && vocab::split(iri).is_none()
}
