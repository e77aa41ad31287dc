//! Parameters of queries: a variable is replaced by a term all over the query.
//!
//! In: a parsed query and bindings. Out: the query with the terms in place of the variables, and
//! what was met on the way. oxigraph's own substitution only reaches variables that the outermost
//! SELECT names; a parameter has to reach subqueries, EXISTS and aggregates as well, so the algebra
//! is rewritten before it is evaluated. Reading values from text is done in `value`.

use oxrdf::{Literal, Variable};
use spargebra::Query;
use spargebra::algebra::{
    AggregateExpression, Expression, Function, GraphPattern, OrderExpression,
};
use spargebra::term::{
    GroundTerm, GroundTermPattern, NamedNodePattern, TermPattern, TriplePattern,
};
use std::collections::{BTreeMap, BTreeSet};

/// Terms by variable name.
pub(super) type Bindings = BTreeMap<String, GroundTerm>;

/// What a query is made of, as far as callers ask.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    /// The names of all variables.
    pub(super) variables: BTreeSet<String>,
    /// The names of variables that the query assigns with `BIND` or `AS`.
    pub(super) computed: BTreeSet<String>,
    pub(super) has_service: bool,
    /// Whether it calls `BNODE`.
    pub(super) calls_bnode: bool,
}

/// Replaces variables by terms and reports what the query is made of.
pub(super) fn bind(query: Query, bindings: &Bindings) -> (Query, Parts) {
    let mut rewriter = Rewriter {
        bindings,
        parts: Parts::default(),
    };
    let query = rewriter.query(query);
    (query, rewriter.parts)
}

/// Replaces variables by terms in a pattern of its own.
pub(super) fn bind_pattern(pattern: GraphPattern, bindings: &Bindings) -> GraphPattern {
    let mut rewriter = Rewriter {
        bindings,
        parts: Parts::default(),
    };
    rewriter.pattern(pattern, Place::Inside)
}

struct Rewriter<'a> {
    bindings: &'a Bindings,
    parts: Parts,
}

/// Whether a pattern gives the rows of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The next projection is the outermost SELECT: its columns stay.
    Outermost,
    Inside,
}

impl Rewriter<'_> {
    fn query(&mut self, query: Query) -> Query {
        match query {
            Query::Select {
                dataset,
                pattern,
                base_iri,
            } => Query::Select {
                dataset,
                pattern: self.pattern(pattern, Place::Outermost),
                base_iri,
            },
            Query::Construct {
                template,
                dataset,
                pattern,
                base_iri,
            } => Query::Construct {
                template: template
                    .into_iter()
                    .filter_map(|triple| self.triple(triple))
                    .collect(),
                dataset,
                pattern: self.pattern(pattern, Place::Outermost),
                base_iri,
            },
            Query::Describe {
                dataset,
                pattern,
                base_iri,
            } => Query::Describe {
                dataset,
                pattern: self.pattern(pattern, Place::Outermost),
                base_iri,
            },
            Query::Ask {
                dataset,
                pattern,
                base_iri,
            } => Query::Ask {
                dataset,
                pattern: self.pattern(pattern, Place::Outermost),
                base_iri,
            },
        }
    }

    fn value(&mut self, variable: &Variable) -> Option<GroundTerm> {
        if !self.parts.variables.contains(variable.as_str()) {
            self.parts.variables.insert(variable.as_str().to_owned());
        }
        self.bindings.get(variable.as_str()).cloned()
    }

    fn is_bound(&mut self, variable: &Variable) -> bool {
        self.value(variable).is_some()
    }

    fn pattern(&mut self, pattern: GraphPattern, place: Place) -> GraphPattern {
        let inside = |this: &mut Self, inner: Box<GraphPattern>| {
            Box::new(this.pattern(*inner, Place::Inside))
        };
        match pattern {
            GraphPattern::Bgp { patterns } => {
                let length = patterns.len();
                let patterns: Vec<_> = patterns
                    .into_iter()
                    .filter_map(|triple| self.triple(triple))
                    .collect();
                if patterns.len() == length {
                    GraphPattern::Bgp { patterns }
                } else {
                    nothing()
                }
            }
            GraphPattern::Path {
                subject,
                path,
                object,
            } => GraphPattern::Path {
                subject: self.term(subject),
                path,
                object: self.term(object),
            },
            GraphPattern::Join { left, right } => GraphPattern::Join {
                left: inside(self, left),
                right: inside(self, right),
            },
            GraphPattern::LeftJoin {
                left,
                right,
                expression,
            } => GraphPattern::LeftJoin {
                left: inside(self, left),
                right: inside(self, right),
                expression: expression.map(|expression| self.expression(expression)),
            },
            GraphPattern::Lateral { left, right } => GraphPattern::Lateral {
                left: inside(self, left),
                right: inside(self, right),
            },
            GraphPattern::Filter { expr, inner } => GraphPattern::Filter {
                expr: self.expression(expr),
                inner: Box::new(self.pattern(*inner, place)),
            },
            GraphPattern::Union { left, right } => GraphPattern::Union {
                left: inside(self, left),
                right: inside(self, right),
            },
            GraphPattern::Graph { name, inner } => {
                let inner = inside(self, inner);
                match self.name(name) {
                    Some(name) => GraphPattern::Graph { name, inner },
                    None => nothing(),
                }
            }
            GraphPattern::Extend {
                inner,
                variable,
                expression,
            } => {
                self.value(&variable);
                self.parts.computed.insert(variable.as_str().to_owned());
                GraphPattern::Extend {
                    inner: Box::new(self.pattern(*inner, place)),
                    variable,
                    expression: self.expression(expression),
                }
            }
            GraphPattern::Minus { left, right } => GraphPattern::Minus {
                left: inside(self, left),
                right: inside(self, right),
            },
            GraphPattern::Values {
                variables,
                bindings,
            } => self.values(variables, bindings),
            GraphPattern::OrderBy { inner, expression } => GraphPattern::OrderBy {
                inner: Box::new(self.pattern(*inner, place)),
                expression: expression
                    .into_iter()
                    .map(|expression| match expression {
                        OrderExpression::Asc(inner) => OrderExpression::Asc(self.expression(inner)),
                        OrderExpression::Desc(inner) => {
                            OrderExpression::Desc(self.expression(inner))
                        }
                    })
                    .collect(),
            },
            GraphPattern::Project { inner, variables } => self.project(*inner, variables, place),
            GraphPattern::Distinct { inner } => GraphPattern::Distinct {
                inner: Box::new(self.pattern(*inner, place)),
            },
            GraphPattern::Reduced { inner } => GraphPattern::Reduced {
                inner: Box::new(self.pattern(*inner, place)),
            },
            GraphPattern::Slice {
                inner,
                start,
                length,
            } => GraphPattern::Slice {
                inner: Box::new(self.pattern(*inner, place)),
                start,
                length,
            },
            GraphPattern::Group {
                inner,
                variables,
                aggregates,
            } => self.group(*inner, variables, aggregates),
            GraphPattern::Service {
                name,
                inner,
                silent,
            } => {
                self.parts.has_service = true;
                GraphPattern::Service {
                    name,
                    inner: inside(self, inner),
                    silent,
                }
            }
        }
    }

    /// The outermost SELECT still shows a bound variable; inner ones have no use for it.
    fn project(
        &mut self,
        inner: GraphPattern,
        variables: Vec<Variable>,
        place: Place,
    ) -> GraphPattern {
        let mut inner = self.pattern(inner, Place::Inside);
        let mut shown = Vec::new();
        for variable in variables {
            match (self.value(&variable), place) {
                (Some(value), Place::Outermost) => {
                    inner = extend(inner, variable.clone(), value);
                    shown.push(variable);
                }
                (Some(_), Place::Inside) => {}
                (None, _) => shown.push(variable),
            }
        }
        GraphPattern::Project {
            inner: Box::new(inner),
            variables: shown,
        }
    }

    /// A bound grouping variable is kept under another name: without it, a group by nothing would
    /// give one row even where there is no solution.
    fn group(
        &mut self,
        inner: GraphPattern,
        variables: Vec<Variable>,
        aggregates: Vec<(Variable, AggregateExpression)>,
    ) -> GraphPattern {
        let mut inner = self.pattern(inner, Place::Inside);
        let variables = variables
            .into_iter()
            .map(|variable| match self.value(&variable) {
                Some(value) => {
                    let kept = Variable::new_unchecked(format!("_set_{}", variable.as_str()));
                    let unchanged = std::mem::replace(&mut inner, nothing());
                    inner = extend(unchanged, kept.clone(), value);
                    kept
                }
                None => variable,
            })
            .collect();
        let aggregates = aggregates
            .into_iter()
            .map(|(variable, aggregate)| {
                let aggregate = match aggregate {
                    AggregateExpression::CountSolutions { .. } => aggregate,
                    AggregateExpression::FunctionCall {
                        name,
                        expr,
                        distinct,
                    } => AggregateExpression::FunctionCall {
                        name,
                        expr: self.expression(expr),
                        distinct,
                    },
                };
                (variable, aggregate)
            })
            .collect();
        GraphPattern::Group {
            inner: Box::new(inner),
            variables,
            aggregates,
        }
    }

    /// Keeps the rows that agree with the bindings, without the bound columns.
    fn values(
        &mut self,
        variables: Vec<Variable>,
        rows: Vec<Vec<Option<GroundTerm>>>,
    ) -> GraphPattern {
        let bound: Vec<_> = variables
            .iter()
            .map(|variable| self.value(variable))
            .collect();
        let bindings = rows
            .into_iter()
            .filter(|row| {
                row.iter()
                    .zip(&bound)
                    .all(|(cell, bound)| match (cell, bound) {
                        (Some(cell), Some(bound)) => cell == bound,
                        _ => true,
                    })
            })
            .map(|row| keep_unbound(row, &bound))
            .collect();
        GraphPattern::Values {
            variables: keep_unbound(variables, &bound),
            bindings,
        }
    }

    /// `None` if no triple can be like this.
    fn triple(&mut self, triple: TriplePattern) -> Option<TriplePattern> {
        let subject = self.term(triple.subject);
        let predicate = self.name(triple.predicate)?;
        let object = self.term(triple.object);
        if let TermPattern::Literal(_) = subject {
            return None;
        }
        Some(TriplePattern {
            subject,
            predicate,
            object,
        })
    }

    fn term(&mut self, term: TermPattern) -> TermPattern {
        let TermPattern::Variable(variable) = term else {
            return term;
        };
        match self.value(&variable) {
            Some(value) => GroundTermPattern::from(value).into(),
            None => TermPattern::Variable(variable),
        }
    }

    fn name(&mut self, name: NamedNodePattern) -> Option<NamedNodePattern> {
        let NamedNodePattern::Variable(variable) = name else {
            return Some(name);
        };
        match self.value(&variable) {
            Some(GroundTerm::NamedNode(node)) => Some(node.into()),
            Some(_) => None,
            None => Some(variable.into()),
        }
    }

    fn expression(&mut self, expression: Expression) -> Expression {
        let one = |this: &mut Self, inner: Box<Expression>| Box::new(this.expression(*inner));
        let many = |this: &mut Self, inner: Vec<Expression>| {
            inner
                .into_iter()
                .map(|inner| this.expression(inner))
                .collect::<Vec<_>>()
        };
        match expression {
            Expression::Variable(variable) => match self.value(&variable) {
                Some(value) => constant(value),
                None => Expression::Variable(variable),
            },
            Expression::Bound(variable) => {
                if self.is_bound(&variable) {
                    Literal::from(true).into()
                } else {
                    Expression::Bound(variable)
                }
            }
            Expression::Or(a, b) => Expression::Or(one(self, a), one(self, b)),
            Expression::And(a, b) => Expression::And(one(self, a), one(self, b)),
            Expression::Equal(a, b) => Expression::Equal(one(self, a), one(self, b)),
            Expression::SameTerm(a, b) => Expression::SameTerm(one(self, a), one(self, b)),
            Expression::Greater(a, b) => Expression::Greater(one(self, a), one(self, b)),
            Expression::GreaterOrEqual(a, b) => {
                Expression::GreaterOrEqual(one(self, a), one(self, b))
            }
            Expression::Less(a, b) => Expression::Less(one(self, a), one(self, b)),
            Expression::LessOrEqual(a, b) => Expression::LessOrEqual(one(self, a), one(self, b)),
            Expression::In(a, list) => Expression::In(one(self, a), many(self, list)),
            Expression::Add(a, b) => Expression::Add(one(self, a), one(self, b)),
            Expression::Subtract(a, b) => Expression::Subtract(one(self, a), one(self, b)),
            Expression::Multiply(a, b) => Expression::Multiply(one(self, a), one(self, b)),
            Expression::Divide(a, b) => Expression::Divide(one(self, a), one(self, b)),
            Expression::UnaryPlus(a) => Expression::UnaryPlus(one(self, a)),
            Expression::UnaryMinus(a) => Expression::UnaryMinus(one(self, a)),
            Expression::Not(a) => Expression::Not(one(self, a)),
            Expression::Exists(pattern) => {
                Expression::Exists(Box::new(self.pattern(*pattern, Place::Inside)))
            }
            Expression::If(a, b, c) => Expression::If(one(self, a), one(self, b), one(self, c)),
            Expression::Coalesce(list) => Expression::Coalesce(many(self, list)),
            Expression::FunctionCall(function, list) => {
                self.parts.calls_bnode |= function == Function::BNode;
                Expression::FunctionCall(function, many(self, list))
            }
            Expression::NamedNode(_) | Expression::Literal(_) => expression,
        }
    }
}

/// The pattern without solutions.
fn nothing() -> GraphPattern {
    GraphPattern::Values {
        variables: Vec::new(),
        bindings: Vec::new(),
    }
}

/// `BIND(value AS variable)`, under the ORDER BY if there is one: it has to stay outermost.
fn extend(inner: GraphPattern, variable: Variable, value: GroundTerm) -> GraphPattern {
    match inner {
        GraphPattern::OrderBy { inner, expression } => GraphPattern::OrderBy {
            inner: Box::new(extend(*inner, variable, value)),
            expression,
        },
        _ => GraphPattern::Extend {
            inner: Box::new(inner),
            variable,
            expression: constant(value),
        },
    }
}

fn constant(value: GroundTerm) -> Expression {
    if let GroundTerm::Literal(literal) = value {
        literal.into()
    } else if let GroundTerm::NamedNode(node) = value {
        node.into()
    } else {
        // A triple term (RDF 1.2), which no binding holds: an expression without a value.
        Expression::Coalesce(Vec::new())
    }
}

fn keep_unbound<T>(items: Vec<T>, bound: &[Option<GroundTerm>]) -> Vec<T> {
    items
        .into_iter()
        .zip(bound)
        .filter(|(_, bound)| bound.is_none())
        .map(|(item, _)| item)
        .collect()
}
