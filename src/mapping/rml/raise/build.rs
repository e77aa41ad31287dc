//! Parts of a mapping, built by a few words.

use crate::mapping::rml::model::{
    At, Call, Expression, ExpressionMap, Place, Side, TermMap, TermType, TermValue,
};
use oxrdf::{Literal, Term};

/// GREL.
pub(super) const GREL: &str = "http://users.ugent.be/~bjdmeest/function/grel.ttl#";
/// The functions of `IDLab`.
pub(super) const IDLAB: &str = "https://w3id.org/imec/idlab/function#";

/// A function with the parameters that are given to it: namespaces and names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) function: (&'static str, &'static str),
    pub(super) parameters: &'static [(&'static str, &'static str)],
}

/// Whether there is a value.
pub(super) const IS_NOT_NULL: Known = Known {
    function: (GREL, "isNotNull"),
    parameters: &[(GREL, "valueParameter")],
};
/// Whether two texts are the same.
pub(super) const EQUAL: Known = Known {
    function: (IDLAB, "equal"),
    parameters: &[(GREL, "valueParameter"), (GREL, "valueParameter2")],
};
/// Whether two texts are not.
pub(super) const NOT_EQUAL: Known = Known {
    function: (IDLAB, "notEqual"),
    parameters: &[(GREL, "valueParameter"), (GREL, "valueParameter2")],
};
/// One text or another.
pub(super) const IF: Known = Known {
    function: (GREL, "controls_if"),
    parameters: &[(GREL, "bool_b"), (GREL, "any_true"), (GREL, "any_false")],
};
/// The first text that is there.
pub(super) const COALESCE: Known = Known {
    function: (GREL, "coalesce"),
    parameters: &[(GREL, "p_any_rep_e"), (GREL, "p_any_rep_e")],
};
/// The items of a list.
pub(super) const SPLIT: Known = Known {
    function: (GREL, "string_split"),
    parameters: &[(GREL, "valueParameter"), (GREL, "p_string_sep")],
};
/// A date in a pattern.
pub(super) const DATE: Known = Known {
    function: (IDLAB, "normalizeDate"),
    parameters: &[(IDLAB, "strDate"), (IDLAB, "pattern")],
};
/// A date and time in a pattern.
pub(super) const DATE_TIME: Known = Known {
    function: (IDLAB, "normalizeDateTime"),
    parameters: &[(IDLAB, "strDate"), (IDLAB, "pattern")],
};

/// All of them.
#[cfg(test)]
pub(super) const ALL: [Known; 8] = [
    IS_NOT_NULL,
    EQUAL,
    NOT_EQUAL,
    IF,
    COALESCE,
    SPLIT,
    DATE,
    DATE_TIME,
];

/// Builds parts that stand at one place.
#[derive(Debug, Clone)]
pub(super) struct Builder {
    pub(super) place: Place,
}

impl Builder {
    pub(super) fn at<T>(&self, value: T) -> At<T> {
        At {
            value,
            place: self.place.clone(),
        }
    }

    pub(super) fn expression(&self, expression: Expression) -> ExpressionMap {
        ExpressionMap {
            expression,
            place: self.place.clone(),
        }
    }

    pub(super) fn text(&self, text: &str) -> ExpressionMap {
        let literal = Literal::new_simple_literal(text);
        self.expression(Expression::Constant(literal.into()))
    }

    pub(super) fn reference(&self, name: &str) -> ExpressionMap {
        self.expression(Expression::Reference(name.to_owned(), Side::Child))
    }

    pub(super) fn call(
        &self,
        known: Known,
        arguments: impl IntoIterator<Item = ExpressionMap>,
    ) -> ExpressionMap {
        let iri = |(namespace, name)| format!("{namespace}{name}");
        let arguments = known.parameters.iter().zip(arguments);
        self.expression(Expression::Call(Box::new(Call {
            function: self.at(iri(known.function)),
            arguments: arguments
                .map(|(parameter, value)| (self.at(iri(*parameter)), value))
                .collect(),
            output: None,
        })))
    }

    pub(super) fn term(&self, value: TermValue, term_type: Option<TermType>) -> TermMap {
        TermMap {
            value,
            term_type: term_type.map(|term_type| self.at(term_type)),
            datatype: None,
            language: None,
            conditions: Vec::new(),
            targets: Vec::new(),
            place: self.place.clone(),
        }
    }

    pub(super) fn constant(&self, term: impl Into<Term>) -> TermMap {
        let expression = self.expression(Expression::Constant(term.into()));
        self.term(TermValue::Expression(expression), None)
    }
}
