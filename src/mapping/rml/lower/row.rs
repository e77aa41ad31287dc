//! The rows that triples are made of: those of a logical source, or of several that are joined.
//!
//! In: a triples map's source, and what is joined to it as its terms ask for it. Out: a relation, and what
//! names stand for in it.

use super::Lowering;
use super::source::Resolved;
use crate::mapping::rml::model::{JoinCondition, Side};
use crate::plan::{Expression, Piece, Relation};

/// A source that stands in a row, with the number of its first column.
#[derive(Debug, Clone)]
struct RowPart {
    source: usize,
    offset: usize,
    resolved: Resolved,
}

/// The rows that a quad rule is made of, as far as they are known.
#[derive(Debug, Clone)]
pub(super) struct RowShape {
    parts: Vec<RowPart>,
    /// For each part behind the first, what it is joined by.
    joins: Vec<Vec<(Expression, Expression)>>,
    width: usize,
}

/// Which parts of a row references are to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope {
    /// Of the triples map itself.
    pub(super) child: usize,
    /// Of the other triples map, in a condition on both.
    pub(super) parent: usize,
}

impl Scope {
    /// The one part.
    pub(super) const fn of(part: usize) -> Self {
        Self {
            child: part,
            parent: part,
        }
    }
}

impl RowShape {
    /// The rows of a source.
    pub(super) fn new(source: usize, resolved: Resolved) -> Self {
        let width = resolved.rows.relation().width();
        Self {
            parts: vec![RowPart {
                source,
                offset: 0,
                resolved,
            }],
            joins: Vec::new(),
            width,
        }
    }

    /// The source of the first part.
    pub(super) fn source(&self) -> usize {
        self.parts.first().map_or(0, |part| part.source)
    }

    /// The source of a part.
    pub(super) fn source_of(&self, part: usize) -> usize {
        self.parts[part].source
    }

    /// Whether nothing is joined.
    pub(super) fn is_single(&self) -> bool {
        self.parts.len() == 1
    }

    /// What a part's names stand for.
    pub(super) fn resolved(&self, part: usize) -> &Resolved {
        &self.parts[part].resolved
    }

    /// What a name stands for.
    pub(super) fn name(&self, name: &str, scope: Scope, side: Side) -> Option<Expression> {
        let part = &self.parts[match side {
            Side::Child => scope.child,
            Side::Parent => scope.parent,
        }];
        let value = part.resolved.names.get(name)?.clone();
        Some(moved(value, part.offset))
    }

    /// Joins another source and gives the number of the part; what is joined already is not joined
    /// again.
    pub(super) fn join(
        &mut self,
        source: usize,
        resolved: Resolved,
        on: Vec<(Expression, Expression)>,
    ) -> usize {
        for (number, part) in self.parts.iter().enumerate().skip(1) {
            if part.source == source && self.joins[number - 1] == on {
                return number;
            }
        }
        let width = resolved.rows.relation().width();
        self.parts.push(RowPart {
            source,
            offset: self.width,
            resolved,
        });
        self.joins.push(on);
        self.width += width;
        self.parts.len() - 1
    }

    /// The relation of the whole.
    pub(super) fn relation(&self) -> Option<Relation> {
        let mut parts = self.parts.iter();
        let mut whole = parts.next()?.resolved.rows.relation();
        for (part, on) in parts.zip(&self.joins) {
            whole = Relation::Join {
                left: Box::new(whole),
                right: Box::new(part.resolved.rows.relation()),
                on: on.clone(),
                keeps_left: false,
            };
        }
        Some(whole)
    }

    /// The names of all columns, for people.
    pub(super) fn column_names(&self) -> Vec<String> {
        let mut names = vec![String::new(); self.width];
        for part in &self.parts {
            for name in &part.resolved.names.all {
                if let Some(Expression::Column(column)) = part.resolved.names.get(name) {
                    name.clone_into(&mut names[part.offset + column]);
                }
            }
        }
        names
    }
}

/// The expression where its columns begin later.
pub(super) fn moved(expression: Expression, offset: usize) -> Expression {
    match expression {
        Expression::Column(column) => Expression::Column(column + offset),
        Expression::Template(pieces) => Expression::Template(
            pieces
                .into_iter()
                .map(|piece| match piece {
                    Piece::Value(value, safe) => Piece::Value(moved(value, offset), safe),
                    text @ Piece::Text(_) => text,
                })
                .collect(),
        ),
        Expression::List(items) => {
            Expression::List(items.into_iter().map(|item| moved(item, offset)).collect())
        }
        Expression::Call(mut call) => {
            for argument in call.arguments.iter_mut().flatten() {
                *argument = moved(std::mem::replace(argument, Expression::RowNumber), offset);
            }
            Expression::Call(call)
        }
        other => other,
    }
}

impl Lowering<'_> {
    /// Joins the source of another triples map to a row; gives its part.
    pub(super) fn join(
        &mut self,
        row: &mut RowShape,
        scope: Scope,
        source: usize,
        conditions: &[JoinCondition],
    ) -> Option<usize> {
        if conditions.is_empty() && row.source_of(scope.child) == source {
            return Some(scope.child);
        }
        self.join_always(row, scope, source, conditions)
    }

    /// The same, but rows of one source are joined too where there is nothing to join them by: a condition
    /// tells which of them belong together.
    pub(super) fn join_always(
        &mut self,
        row: &mut RowShape,
        scope: Scope,
        source: usize,
        conditions: &[JoinCondition],
    ) -> Option<usize> {
        let resolved = self.source(source)?;
        let mut on = Vec::new();
        for condition in conditions {
            let child = self.expression(&condition.child, row, scope)?;
            let alone = RowShape::new(source, resolved.clone());
            let parent = self.expression(&condition.parent, &alone, Scope::of(0))?;
            on.push((child, parent));
        }
        Some(row.join(source, resolved, on))
    }
}
