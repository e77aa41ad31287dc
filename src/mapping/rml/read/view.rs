//! Logical views: fields and joins.
//!
//! Spec: RML-LV §3, §4, §5

use super::{Read, Reader, fault};
use crate::mapping::rml::graph::Statement;
use crate::mapping::rml::model::{Field, FieldKind, LogicalView, Place, ViewJoin};
use crate::mapping::rml::vocab::Property;
use oxrdf::NamedOrBlankNode;
use rustc_hash::FxHashSet;

impl Reader<'_, '_> {
    pub(super) fn view(&mut self, node: &NamedOrBlankNode, on: &Statement) -> Read<LogicalView> {
        let on = self.logical_source(on)?;
        let fields = self.fields(node)?;
        let mut names = FxHashSet::default();
        absolute_names(&fields, "", &mut names);
        let mut joins = Vec::new();
        for statement in self.either(node, [Property::LeftJoin, Property::InnerJoin]) {
            let join = self.view_join(statement)?;
            for field in &join.fields {
                if !names.insert(field.name.value.clone()) {
                    return self.fail_by_name(&field.name.value, &field.name.place);
                }
            }
            joins.push(join);
        }
        Ok(LogicalView { on, fields, joins })
    }

    fn view_join(&mut self, statement: &Statement) -> Read<ViewJoin> {
        let node = self.described(statement, "a join of views")?;
        let place = self.graph.place(statement);
        let Some(parent) = self.at_most_one(&node, Property::ParentLogicalView)? else {
            let message = "the join has no rml:parentLogicalView";
            return self.fail(fault("rml::join", message, &place));
        };
        let parent = self.logical_source(parent)?;
        let conditions = self.joins(&node)?;
        let fields = self.fields(&node)?;
        for (is_missing, what) in [
            (conditions.is_empty(), "rml:joinCondition"),
            (fields.is_empty(), "rml:field"),
        ] {
            if is_missing {
                let message = format!("the join of views has no {what}");
                return self.fail(fault("rml::join", message, &place));
            }
        }
        Ok(ViewJoin {
            is_left: statement.property == Some(Property::LeftJoin),
            parent,
            conditions,
            fields,
            place,
        })
    }

    // Fields with one parent, whose names have to differ.
    fn fields(&mut self, node: &NamedOrBlankNode) -> Read<Vec<Field>> {
        let mut names = FxHashSet::default();
        let mut fields = Vec::new();
        for statement in self.graph.values(node, Property::Field) {
            let inner = self.described(statement, "a field")?;
            let place = self.graph.place(statement);
            let field = self.enter(&inner, &place, |reader| reader.field(&inner, &place))?;
            if !names.insert(field.name.value.clone()) {
                return self.fail_by_name(&field.name.value, &field.name.place);
            }
            fields.push(field);
        }
        Ok(fields)
    }

    fn fail_by_name<T>(&mut self, name: &str, place: &Place) -> Read<T> {
        let message = format!("the view has another field `{name}`");
        let diagnostic = fault("rml::name-collision", message, place);
        self.fail(diagnostic.with_help("give one of them another `rml:fieldName`"))
    }

    fn field(&mut self, node: &NamedOrBlankNode, place: &Place) -> Read<Field> {
        let Some(name) = self.at_most_one(node, Property::FieldName)? else {
            let message = "the field has no rml:fieldName";
            return self.fail(fault("rml::field", message, place));
        };
        let name = self.text(name)?;
        let iterator = match self.at_most_one(node, Property::Iterator)? {
            Some(iterator) => Some(self.text(iterator)?),
            None => None,
        };
        let formulation = self.formulation(node)?;
        let is_iterable = iterator.is_some()
            || formulation.is_some()
            || self
                .graph
                .classes(node)
                .any(|class| class.as_str().ends_with("/IterableField"));
        let kind = match self.expression(node, place)? {
            Some(_) if is_iterable => {
                let message = format!(
                    "the field `{}` has an expression and an iterator",
                    name.value
                );
                let help = "an `rml:ExpressionField` has an expression, an `rml:IterableField` an iterator";
                return self.fail(fault("rml::field", message, place).with_help(help));
            }
            Some(expression) => FieldKind::Expression(expression),
            None if is_iterable => FieldKind::Iterable {
                formulation,
                iterator,
            },
            None => return self.fail_without_expression(place),
        };
        Ok(Field {
            name,
            kind,
            fields: self.fields(node)?,
            place: place.clone(),
        })
    }
}

fn absolute_names(fields: &[Field], parent: &str, names: &mut FxHashSet<String>) {
    for field in fields {
        let name = format!("{parent}{}", field.name.value);
        absolute_names(&field.fields, &format!("{name}."), names);
        names.insert(name);
    }
}
