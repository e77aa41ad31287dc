//! References to other triples maps, lowered by what is enough.

use super::Lowering;
use super::row::{RowShape, Scope};
use super::source::ResolvedRows;
use super::term::{Lowered, Position};
use crate::diagnostic::Diagnostic;
use crate::mapping::rml::model::{
    Expression as ExpressionKind, ExpressionMap, JoinCondition, ReferencingObjectMap, Side,
    TemplatePart,
};
use crate::plan::{Expression, Join, TermRule};

impl Lowering<'_> {
    /// The subjects that an object map refers to.
    pub(super) fn reference(
        &mut self,
        reference: &ReferencingObjectMap,
        row: &mut RowShape,
    ) -> Option<Vec<Lowered>> {
        if let Some(lowered) = self.looked_up(reference, row)? {
            return Some(vec![lowered]);
        }
        self.reference_in(reference, row, Scope::of(0))
    }

    // The subjects of another triples map, in its own scope of blank nodes and with its base.
    fn subjects(&mut self, map: usize, row: &mut RowShape, scope: Scope) -> Option<Vec<Lowered>> {
        let base = self.base_of(map);
        let subject = &self.mapping.triples_maps[map].subject.term;
        let outer = std::mem::replace(&mut self.map, map);
        let made = self.terms(subject, row, scope, &base, Position::Subject);
        self.map = outer;
        made
    }

    /// The subjects, of the same row or by joining their source to it.
    pub(super) fn reference_in(
        &mut self,
        reference: &ReferencingObjectMap,
        row: &mut RowShape,
        scope: Scope,
    ) -> Option<Vec<Lowered>> {
        let parent = &self.mapping.triples_maps[reference.parent];
        if let Some(own) = self.own_row(reference, row, scope)? {
            return Some(own);
        }
        let is_conditional = speaks_of_parent(&reference.conditions);
        if !is_conditional && reference.joins.is_empty() {
            self.diagnostics.push(
                Diagnostic::warning(
                    "rml::no-join-condition",
                    format!(
                        "every row is combined with every row of the source of `{}`",
                        parent.name
                    ),
                    reference.place.location(),
                )
                .with_help("add a `rml:joinCondition`"),
            );
        }
        let source = self.reader.first(parent.source);
        let part = if is_conditional {
            self.join_always(row, scope, source, &reference.joins)?
        } else {
            self.join(row, scope, source, &reference.joins)?
        };
        let made = self.subjects(reference.parent, row, Scope::of(part))?;
        let both = Scope {
            child: scope.child,
            parent: part,
        };
        self.with_conditions(made, reference, row, both)
    }

    fn with_conditions(
        &mut self,
        mut made: Vec<Lowered>,
        reference: &ReferencingObjectMap,
        row: &RowShape,
        scope: Scope,
    ) -> Option<Vec<Lowered>> {
        for lowered in &mut made {
            // The targets are those of the reference, not of the other subject.
            lowered.targets.clone_from(&reference.targets);
            for condition in &reference.conditions {
                let condition = self.expression(condition, row, scope)?;
                lowered.conditions.push(condition);
            }
        }
        Some(made)
    }

    // The terms, where they are those of the same row: nothing is joined, or rows that are alike make the
    // same subject.
    #[expect(clippy::option_option, reason = "failed, not so, so")]
    fn own_row(
        &mut self,
        reference: &ReferencingObjectMap,
        row: &mut RowShape,
        scope: Scope,
    ) -> Option<Option<Vec<Lowered>>> {
        let parent = &self.mapping.triples_maps[reference.parent];
        let is_same = row.source_of(scope.child) == self.reader.first(parent.source);
        if !is_same || speaks_of_parent(&reference.conditions) {
            return Some(None);
        }
        let Some(keys) = self.same_columns(&reference.joins, row, scope)? else {
            return Some(None);
        };
        let mut own = row.clone();
        let made = self.subjects(reference.parent, &mut own, scope)?;
        if !reference.joins.is_empty() {
            let depends = |lowered: &Lowered| {
                let mut is_key = true;
                let mut check = |column: usize| is_key &= keys.contains(&column);
                if let Some(rule) = &lowered.rule {
                    rule.each_column(&mut check);
                }
                for condition in &lowered.conditions {
                    condition.each_column(&mut check);
                }
                is_key && !matches!(lowered.rule, Some(TermRule::RowBlank(_)))
            };
            if !made.iter().all(depends) || !reference.conditions.is_empty() {
                return Some(None);
            }
        }
        *row = own;
        let mut made = self.with_conditions(made, reference, row, scope)?;
        for lowered in &mut made {
            lowered.when.extend(&keys);
        }
        Some(Some(made))
    }

    // The columns that are compared with themselves, where nothing else is compared.
    #[expect(clippy::option_option, reason = "failed, not so, so")]
    fn same_columns(
        &mut self,
        joins: &[JoinCondition],
        row: &RowShape,
        scope: Scope,
    ) -> Option<Option<Vec<usize>>> {
        let mut columns = Vec::new();
        for join in joins {
            let child = self.expression(&join.child, row, scope)?;
            let parent = self.expression(&join.parent, row, scope)?;
            match child {
                Expression::Column(column) if child == parent => columns.push(column),
                _ => return Some(None),
            }
        }
        Some(Some(columns))
    }

    /// A look-up in an index of the other triples map's subjects, where that is enough.
    #[expect(clippy::option_option, reason = "failed, not so, so")]
    fn looked_up(
        &mut self,
        reference: &ReferencingObjectMap,
        row: &RowShape,
    ) -> Option<Option<Lowered>> {
        let parent = &self.mapping.triples_maps[reference.parent];
        let is_table = matches!(row.resolved(0).rows, ResolvedRows::Table(_));
        if !row.is_single()
            || !is_table
            || reference.joins.is_empty()
            || !reference.conditions.is_empty()
        {
            return Some(None);
        }
        let resolved = self.source(parent.source)?;
        if !matches!(resolved.rows, ResolvedRows::Table(_)) {
            return Some(None);
        }
        // One that is of the same row needs no look-up.
        let source = self.reader.first(parent.source);
        if row.source() == source {
            let mut own = row.clone();
            if self.own_row(reference, &mut own, Scope::of(0))?.is_some() {
                return Some(None);
            }
        }
        let mut other = RowShape::new(source, resolved);
        let mut on = Vec::new();
        for join in &reference.joins {
            let child = self.expression(&join.child, row, Scope::of(0))?;
            let parent = self.expression(&join.parent, &other, Scope::of(0))?;
            let (Expression::Column(child), Expression::Column(parent)) = (child, parent) else {
                return Some(None);
            };
            on.push((child, parent));
        }
        let mut made = self.subjects(reference.parent, &mut other, Scope::of(0))?;
        let (Some(lowered), true) = (made.pop(), made.is_empty()) else {
            return Some(None);
        };
        let Some(TermRule::Iri(object)) = lowered.rule else {
            return Some(None);
        };
        if !lowered.conditions.is_empty() || !other.is_single() {
            return Some(None);
        }
        let scan = self.scan(&other)?;
        let own = self.scan(row)?;
        let when: Vec<usize> = on.iter().map(|(child, _)| *child).collect();
        let join = Join {
            scan,
            on,
            object,
            when: lowered.when,
        };
        let joins = &mut self.scans[own].joins;
        let known = joins.iter().position(|known| *known == join);
        let number = known.unwrap_or_else(|| {
            joins.push(join);
            joins.len() - 1
        });
        Some(Some(Lowered {
            rule: Some(TermRule::Joined(number)),
            when,
            targets: reference.targets.clone(),
            ..Lowered::default()
        }))
    }

    /// The subjects that a list is gathered of: what is found has to be of one row.
    pub(super) fn gathered_reference(
        &mut self,
        reference: &ReferencingObjectMap,
        row: &mut RowShape,
        scope: Scope,
    ) -> Option<TermRule> {
        if let Some(mut own) = self.own_row(reference, row, scope)?
            && let Some(lowered) = own.pop()
        {
            return lowered.rule;
        }
        if let Some(lowered) = self.looked_up(reference, row)? {
            return lowered.rule;
        }
        self.diagnostics.push(
            Diagnostic::error(
                "rml::unsupported",
                "lists are gathered of references only where these are joined by columns and the other \
                 subject is an IRI template",
                reference.place.location(),
            )
            .with_help("gather values of the row, or give the other subject an IRI template"),
        );
        None
    }
}

// Whether conditions are on the rows of both sides.
fn speaks_of_parent(conditions: &[ExpressionMap]) -> bool {
    conditions.iter().any(|map| match &map.expression {
        ExpressionKind::Constant(_) => false,
        ExpressionKind::Reference(_, side) => *side == Side::Parent,
        ExpressionKind::Template(template) => {
            let is_of_parent =
                |part: &TemplatePart| matches!(part, TemplatePart::Reference(_, Side::Parent));
            template.parts.iter().any(is_of_parent)
        }
        ExpressionKind::Call(call) => {
            let arguments = call.arguments.iter();
            arguments
                .map(|(_, argument)| argument)
                .any(|argument| speaks_of_parent(std::slice::from_ref(argument)))
        }
    })
}
