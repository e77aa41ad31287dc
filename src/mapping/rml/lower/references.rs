//! Which references a mapping makes to each logical source: of a document that is no table these are its
//! columns.

use crate::mapping::rml::model::{
    Expression, ExpressionMap, Field, FieldKind, Gather, JoinCondition, Mapping, ObjectMap, Rows,
    Side, TemplatePart, TermMap, TermValue,
};

/// Gives for each source the references to it, each once, in the order in which they come up.
///
/// What is said of a source is said of the first that is read the same way.
pub(super) fn of(mapping: &Mapping, first: &[usize]) -> Vec<Vec<String>> {
    let mut found = References {
        of: vec![Vec::new(); mapping.sources.len()],
        mapping,
        first,
    };
    for map in &mapping.triples_maps {
        found.term(&map.subject.term, map.source);
        for graph in &map.subject.graphs {
            found.term(graph, map.source);
        }
        for part in &map.predicate_objects {
            for term in part.predicates.iter().chain(&part.graphs) {
                found.term(term, map.source);
            }
            for condition in &part.conditions {
                found.expression(condition, map.source, map.source);
            }
            for object in &part.objects {
                found.object(object, map.source);
            }
        }
    }
    for (number, source) in mapping.sources.iter().enumerate() {
        if let Rows::View(view) = &source.rows {
            found.fields(&view.fields, view.on);
            for join in &view.joins {
                found.joins(&join.conditions, number, join.parent);
                found.fields(&join.fields, join.parent);
            }
        }
    }
    found.of
}

struct References<'m> {
    of: Vec<Vec<String>>,
    mapping: &'m Mapping,
    first: &'m [usize],
}

impl References<'_> {
    fn add(&mut self, source: usize, reference: &str) {
        let known = &mut self.of[self.first[source]];
        if !known.iter().any(|known| known == reference) {
            known.push(reference.to_owned());
        }
    }

    fn object(&mut self, object: &ObjectMap, source: usize) {
        match object {
            ObjectMap::Term(term) => self.term(term, source),
            ObjectMap::Reference(reference) => {
                let parent = &self.mapping.triples_maps[reference.parent];
                self.joins(&reference.joins, source, parent.source);
                for condition in &reference.conditions {
                    self.expression(condition, source, parent.source);
                }
            }
        }
    }

    fn joins(&mut self, joins: &[JoinCondition], child: usize, parent: usize) {
        for join in joins {
            self.expression(&join.child, child, parent);
            self.expression(&join.parent, parent, parent);
        }
    }

    fn term(&mut self, term: &TermMap, source: usize) {
        match &term.value {
            TermValue::Expression(expression) => self.expression(expression, source, source),
            TermValue::Quoted { triples_map, joins } => {
                let parent = self.mapping.triples_maps[*triples_map].source;
                self.joins(joins, source, parent);
            }
            TermValue::Gather(gather) => {
                let Gather { items, head, .. } = &**gather;
                for item in items {
                    self.object(item, source);
                }
                if let Some(head) = head {
                    self.expression(head, source, source);
                }
            }
            TermValue::Fresh => {}
        }
        for part in [&term.datatype, &term.language].into_iter().flatten() {
            self.term(part, source);
        }
        for condition in &term.conditions {
            self.expression(condition, source, source);
        }
    }

    fn expression(&mut self, expression: &ExpressionMap, child: usize, parent: usize) {
        let of = |side: &Side| match side {
            Side::Child => child,
            Side::Parent => parent,
        };
        match &expression.expression {
            Expression::Constant(_) => {}
            Expression::Reference(name, side) => self.add(of(side), name),
            Expression::Template(template) => {
                for part in &template.parts {
                    if let TemplatePart::Reference(name, side) = part {
                        self.add(of(side), name);
                    }
                }
            }
            Expression::Call(call) => {
                for (_, argument) in &call.arguments {
                    self.expression(argument, child, parent);
                }
            }
        }
    }

    fn fields(&mut self, fields: &[Field], source: usize) {
        for field in fields {
            match &field.kind {
                FieldKind::Expression(expression) => self.expression(expression, source, source),
                // Its fields are those of the record itself.
                FieldKind::Iterable { .. } => self.add(source, "$"),
            }
        }
    }
}
