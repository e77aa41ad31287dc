//! Logical views, lowered to relations.
//!
//! In: a view of the mapping. Out: its rows as a relation, and its fields as names: `item`, `item.type` for a field
//! inside `item`, `#` for the number of a record and `item.#` for that of a value, counted from 0.
//!
//! A view that only names columns of a table is that table under other names.
//!
//! Spec: RML-LV §"Logical view"

use super::row::{RowShape, Scope, moved};
use super::source::{Names, Resolved, ResolvedRows, SourceReader};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::mapping::rml::model::{
    Expression as ExpressionKind, Field, FieldKind, Formulation, LogicalView, Rows, Side,
};
use crate::plan::{Expression, Records, Relation};

/// The rows and names of a view.
pub(super) fn resolve(
    reader: &mut SourceReader<'_>,
    number: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Resolved> {
    let source = &reader.mapping.sources[number];
    let Rows::View(view) = &source.rows else {
        return None;
    };
    let base = reader.get(view.on, diagnostics)?;
    let title = source.name.clone();
    let asks_for_numbers = reader.references(number).any(is_number);
    if !asks_for_numbers && let Some(plain) = plain(view, &base, &title) {
        return Some(plain);
    }
    let formulation = match &reader.mapping.sources[view.on].rows {
        Rows::Source(file) => file.formulation.clone(),
        Rows::View(_) | Rows::Single => Formulation::Csv,
    };
    let mut building = Building {
        width: base.rows.relation().width(),
        relation: base.rows.relation(),
        names: Names::default(),
    };
    // The number of the record is that of the view below, where there is one.
    if let Some(number) = base.names.get("#") {
        building.names.insert("#", number.clone());
    } else {
        building.relation = Relation::Numbered(Box::new(building.relation));
        building
            .names
            .insert("#", Expression::Column(building.width));
        building.width += 1;
    }
    for field in &view.fields {
        let below = RowShape::new(view.on, base.clone());
        building.field(reader, field, "", &below, 0, &formulation, diagnostics)?;
    }
    for join in &view.joins {
        let other = reader.get(join.parent, diagnostics)?;
        let left = RowShape::new(
            number,
            Resolved {
                rows: ResolvedRows::View(building.relation.clone()),
                names: building.names.clone(),
                title: title.clone(),
            },
        );
        let right = RowShape::new(join.parent, other.clone());
        let mut on = Vec::new();
        for condition in &join.conditions {
            let child = expression(reader, &condition.child, &left, diagnostics)?;
            let parent = expression(reader, &condition.parent, &right, diagnostics)?;
            on.push((child, parent));
        }
        let offset = building.width;
        building.width += other.rows.relation().width();
        building.relation = Relation::Join {
            left: Box::new(building.relation),
            right: Box::new(other.rows.relation()),
            on,
            keeps_left: join.is_left,
        };
        for field in &join.fields {
            building.field(
                reader,
                field,
                "",
                &right,
                offset,
                &Formulation::Csv,
                diagnostics,
            )?;
        }
    }
    Some(Resolved {
        rows: ResolvedRows::View(building.relation),
        names: building.names,
        title,
    })
}

// Whether a name is that of the number of a record or value.
fn is_number(name: &str) -> bool {
    name == "#" || name.ends_with(".#")
}

// A view whose fields are columns of a table, and of which nobody asks for numbers: those of records would be
// others once it is joined or its rows become several, and a value that is not there has none.
fn plain(view: &LogicalView, base: &Resolved, title: &str) -> Option<Resolved> {
    if !view.joins.is_empty() || !matches!(base.rows, ResolvedRows::Table(_)) {
        return None;
    }
    let mut names = Names::default();
    for field in &view.fields {
        let FieldKind::Expression(map) = &field.kind else {
            return None;
        };
        let ExpressionKind::Reference(name, Side::Child) = &map.expression else {
            return None;
        };
        if !field.fields.is_empty() {
            return None;
        }
        let value = base.names.get(name)?;
        names.insert(&field.name.value, value.clone());
    }
    Some(Resolved {
        rows: base.rows.clone(),
        names,
        title: title.to_owned(),
    })
}

// A relation to which columns are added.
struct Building {
    relation: Relation,
    width: usize,
    names: Names,
}

impl Building {
    // Adds a field: its expression is of `below`, whose columns begin at `offset`.
    #[expect(clippy::too_many_arguments, reason = "all that a field depends on")]
    fn field(
        &mut self,
        reader: &mut SourceReader<'_>,
        field: &Field,
        around: &str,
        below: &RowShape,
        offset: usize,
        formulation: &Formulation,
        diagnostics: &mut Diagnostics,
    ) -> Option<()> {
        let name = format!("{around}{}", field.name.value);
        match &field.kind {
            FieldKind::Expression(map) => {
                let value = expression(reader, map, below, diagnostics)?;
                let value = moved(value, offset);
                let index = Self::index_of(map, below, offset);
                self.relation = Relation::Each {
                    input: Box::new(std::mem::replace(&mut self.relation, empty())),
                    values: value,
                };
                let number = index.unwrap_or(Expression::Column(self.width));
                self.names.insert(&format!("{name}.#"), number);
                self.names.insert(&name, Expression::Column(self.width + 1));
                let column = self.width + 1;
                self.width += 2;
                for inner in &field.fields {
                    self.inner(inner, &name, column, formulation, diagnostics)?;
                }
                Some(())
            }
            FieldKind::Iterable { .. } => {
                // Of the record itself, which a document gives as its `$`.
                if let Some(Expression::Column(column)) = below.resolved(0).names.get("$") {
                    let column = column + offset;
                    self.iterable(field, &name, column, formulation, diagnostics)
                } else {
                    unsupported(field, diagnostics);
                    None
                }
            }
        }
    }

    // What is taken over from a field of another view has that one's numbers.
    fn index_of(
        map: &crate::mapping::rml::model::ExpressionMap,
        below: &RowShape,
        offset: usize,
    ) -> Option<Expression> {
        let ExpressionKind::Reference(name, side) = &map.expression else {
            return None;
        };
        let number = below.name(&format!("{name}.#"), Scope::of(0), *side)?;
        Some(moved(number, offset))
    }

    fn inner(
        &mut self,
        field: &Field,
        around: &str,
        column: usize,
        formulation: &Formulation,
        diagnostics: &mut Diagnostics,
    ) -> Option<()> {
        let name = format!("{around}.{}", field.name.value);
        match &field.kind {
            FieldKind::Iterable { .. } => {
                self.iterable(field, &name, column, formulation, diagnostics)
            }
            FieldKind::Expression(_) => {
                unsupported(field, diagnostics);
                None
            }
        }
    }

    // Adds the records in a column, with the fields inside.
    fn iterable(
        &mut self,
        field: &Field,
        name: &str,
        column: usize,
        around: &Formulation,
        diagnostics: &mut Diagnostics,
    ) -> Option<()> {
        let FieldKind::Iterable {
            formulation,
            iterator,
        } = &field.kind
        else {
            return None;
        };
        let formulation = formulation.as_ref().unwrap_or(around);
        let mut references = Vec::new();
        for inner in &field.fields {
            match &inner.kind {
                FieldKind::Expression(map) => {
                    let ExpressionKind::Reference(reference, _) = &map.expression else {
                        unsupported(inner, diagnostics);
                        return None;
                    };
                    references.push(reference.clone());
                }
                FieldKind::Iterable { .. } => references.push("$".to_owned()),
            }
        }
        let records = match formulation {
            Formulation::JsonPath => Records::Json {
                iterator: iterator
                    .as_ref()
                    .map_or_else(|| "$".to_owned(), |at| at.value.clone()),
                references,
            },
            Formulation::Csv => Records::Csv { references },
            Formulation::Other(_) => {
                unsupported(field, diagnostics);
                return None;
            }
        };
        self.relation = Relation::Unnest {
            input: Box::new(std::mem::replace(&mut self.relation, empty())),
            column,
            records,
        };
        let first = self.width;
        self.names
            .insert(&format!("{name}.#"), Expression::Column(first));
        self.width += 1 + field.fields.len();
        for (number, inner) in field.fields.iter().enumerate() {
            let column = first + 1 + number;
            let inner_name = format!("{name}.{}", inner.name.value);
            match &inner.kind {
                FieldKind::Iterable { .. } => {
                    self.iterable(inner, &inner_name, column, formulation, diagnostics)?;
                }
                FieldKind::Expression(_) => {
                    self.relation = Relation::Each {
                        input: Box::new(std::mem::replace(&mut self.relation, empty())),
                        values: Expression::Column(column),
                    };
                    self.names
                        .insert(&format!("{inner_name}.#"), Expression::Column(self.width));
                    self.names
                        .insert(&inner_name, Expression::Column(self.width + 1));
                    let column = self.width + 1;
                    self.width += 2;
                    for deeper in &inner.fields {
                        self.inner(deeper, &inner_name, column, formulation, diagnostics)?;
                    }
                }
            }
        }
        Some(())
    }
}

fn empty() -> Relation {
    Relation::Project {
        input: Box::new(Relation::Table(crate::plan::TableRead {
            source: String::new(),
            dialect: crate::table::Dialect::default(),
            nulls: crate::plan::Nulls::new(Vec::new()),
            columns: Vec::new(),
            width: 0,
        })),
        columns: Vec::new(),
    }
}

fn unsupported(field: &Field, diagnostics: &mut Diagnostics) {
    diagnostics.push(
        Diagnostic::error(
            "rml::unsupported",
            format!("the field `{}` cannot be made", field.name.value),
            field.place.location(),
        )
        .with_help(
            "fields inside a field are records in it (`rml:IterableField`), and fields in those are \
             references",
        ),
    );
}

// An expression of a view's rows, for which the rest of a lowering is not needed.
fn expression(
    reader: &mut SourceReader<'_>,
    map: &crate::mapping::rml::model::ExpressionMap,
    row: &RowShape,
    diagnostics: &mut Diagnostics,
) -> Option<Expression> {
    reader
        .expressions
        .expression(map, row, Scope::of(0), diagnostics)
}
