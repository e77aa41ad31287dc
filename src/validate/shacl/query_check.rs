//! What a query with pre-bound variables must not do.
//!
//! Spec: shacl §5.2.1

use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};
use spargebra::term::Variable;

/// Gives the variables of the outermost SELECT.
pub(super) fn select_variables(pattern: &GraphPattern) -> Option<&[Variable]> {
    match pattern {
        GraphPattern::Slice { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner } => select_variables(inner),
        GraphPattern::Project { variables, .. } => Some(variables),
        _ => None,
    }
}

/// Checks a query; the error ends the sentence "the query cannot be used, as it …".
pub(super) fn check(pattern: &GraphPattern, prebound: &[&str]) -> Result<(), String> {
    Checker { prebound }.outermost(pattern)
}

/// Variables that a sub-select need not pass on.
const OPTIONAL_IN_SUBSELECTS: [&str; 2] = ["shapesGraph", "currentShape"];

struct Checker<'a> {
    prebound: &'a [&'a str],
}

impl Checker<'_> {
    /// The outermost SELECT gives the pre-bound variables on whether it names them or not.
    fn outermost(&self, pattern: &GraphPattern) -> Result<(), String> {
        match pattern {
            GraphPattern::Slice { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner } => self.outermost(inner),
            GraphPattern::Project { inner, .. } => self.pattern(inner),
            _ => self.pattern(pattern),
        }
    }

    fn pattern(&self, pattern: &GraphPattern) -> Result<(), String> {
        match pattern {
            GraphPattern::Bgp { .. } | GraphPattern::Path { .. } => Ok(()),
            GraphPattern::Minus { .. } => Err("uses MINUS".to_owned()),
            GraphPattern::Values { .. } => Err("uses VALUES".to_owned()),
            GraphPattern::Service { .. } => Err("uses SERVICE".to_owned()),
            GraphPattern::Join { left, right }
            | GraphPattern::Lateral { left, right }
            | GraphPattern::Union { left, right } => {
                self.pattern(left)?;
                self.pattern(right)
            }
            GraphPattern::LeftJoin {
                left,
                right,
                expression,
            } => {
                self.pattern(left)?;
                self.pattern(right)?;
                expression
                    .as_ref()
                    .map_or(Ok(()), |expression| self.expression(expression))
            }
            GraphPattern::Filter { expr, inner } => {
                self.expression(expr)?;
                self.pattern(inner)
            }
            GraphPattern::Extend {
                inner,
                variable,
                expression,
            } => {
                if self.prebound.contains(&variable.as_str()) {
                    return Err(format!("assigns to the pre-bound variable {variable}"));
                }
                self.expression(expression)?;
                self.pattern(inner)
            }
            GraphPattern::OrderBy { inner, expression } => {
                for OrderExpression::Asc(expression) | OrderExpression::Desc(expression) in
                    expression
                {
                    self.expression(expression)?;
                }
                self.pattern(inner)
            }
            GraphPattern::Project { inner, variables } => {
                for name in self.prebound {
                    if !OPTIONAL_IN_SUBSELECTS.contains(name)
                        && !variables.iter().any(|variable| variable.as_str() == *name)
                    {
                        return Err(format!("has a sub-select that does not select ${name}"));
                    }
                }
                self.pattern(inner)
            }
            GraphPattern::Group {
                inner, aggregates, ..
            } => {
                for (_, aggregate) in aggregates {
                    if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                        self.expression(expr)?;
                    }
                }
                self.pattern(inner)
            }
            GraphPattern::Graph { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => self.pattern(inner),
        }
    }

    fn expression(&self, expression: &Expression) -> Result<(), String> {
        match expression {
            Expression::NamedNode(_)
            | Expression::Literal(_)
            | Expression::Variable(_)
            | Expression::Bound(_) => Ok(()),
            Expression::Exists(pattern) => self.pattern(pattern),
            Expression::Not(a) | Expression::UnaryPlus(a) | Expression::UnaryMinus(a) => {
                self.expression(a)
            }
            Expression::Or(a, b)
            | Expression::And(a, b)
            | Expression::Equal(a, b)
            | Expression::SameTerm(a, b)
            | Expression::Greater(a, b)
            | Expression::GreaterOrEqual(a, b)
            | Expression::Less(a, b)
            | Expression::LessOrEqual(a, b)
            | Expression::Add(a, b)
            | Expression::Subtract(a, b)
            | Expression::Multiply(a, b)
            | Expression::Divide(a, b) => {
                self.expression(a)?;
                self.expression(b)
            }
            Expression::In(a, members) => {
                self.expression(a)?;
                self.expressions(members)
            }
            Expression::If(a, b, c) => {
                self.expression(a)?;
                self.expression(b)?;
                self.expression(c)
            }
            Expression::Coalesce(members) | Expression::FunctionCall(_, members) => {
                self.expressions(members)
            }
        }
    }

    fn expressions(&self, expressions: &[Expression]) -> Result<(), String> {
        expressions
            .iter()
            .try_for_each(|expression| self.expression(expression))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spargebra::{Query, SparqlParser};

    fn reason(text: &str) -> Option<String> {
        let query = SparqlParser::new().parse_query(text).expect("valid SPARQL");
        let (Query::Select { pattern, .. } | Query::Ask { pattern, .. }) = query else {
            return Some("is neither SELECT nor ASK".to_owned());
        };
        check(&pattern, &["this", "currentShape"]).err()
    }

    #[test]
    fn what_does_not_go_with_pre_binding_is_rejected() {
        assert_eq!(reason("SELECT $this { $this ?p ?o }"), None);
        assert_eq!(
            reason("SELECT $this { $this ?p ?o MINUS { $this ?p 1 } }").as_deref(),
            Some("uses MINUS")
        );
        assert_eq!(
            reason("SELECT $this { FILTER NOT EXISTS { VALUES ?o { 1 } } }").as_deref(),
            Some("uses VALUES")
        );
        assert_eq!(
            reason("SELECT $this { BIND(1 AS ?this) }").as_deref(),
            Some("assigns to the pre-bound variable ?this")
        );
        assert_eq!(
            reason("SELECT $this { { SELECT ?o { ?s ?p ?o } } }").as_deref(),
            Some("has a sub-select that does not select $this")
        );
        assert_eq!(
            reason("SELECT $this { { SELECT $this ?o { $this ?p ?o } } }"),
            None
        );
    }
}
