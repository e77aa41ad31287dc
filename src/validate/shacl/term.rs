//! An order of RDF terms, so that reports come out the same each time.

use oxrdf::{NamedOrBlankNode, NamedOrBlankNodeRef, Term};
use std::cmp::Ordering;

/// Orders terms: IRIs, then literals (lexical form, language, datatype), then blank nodes.
pub(super) fn compare_terms(a: &Term, b: &Term) -> Ordering {
    match (a, b) {
        (Term::NamedNode(a), Term::NamedNode(b)) => a.cmp(b),
        (Term::Literal(a), Term::Literal(b)) => a
            .value()
            .cmp(b.value())
            .then_with(|| a.language().cmp(&b.language()))
            .then_with(|| a.datatype().cmp(&b.datatype())),
        (Term::BlankNode(a), Term::BlankNode(b)) => a.as_str().cmp(b.as_str()),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(term: &Term) -> u8 {
    match term {
        Term::NamedNode(_) => 0,
        Term::Literal(_) => 1,
        Term::BlankNode(_) => 2,
    }
}

/// Sorts terms and takes out what occurs twice.
pub(super) fn sort_distinct(terms: &mut Vec<Term>) {
    terms.sort_unstable_by(compare_terms);
    terms.dedup();
}

/// Gives a term as a subject: nothing for a literal.
pub(super) fn as_subject(term: &Term) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        Term::NamedNode(node) => Some(node.as_ref().into()),
        Term::BlankNode(node) => Some(node.as_ref().into()),
        Term::Literal(_) => None,
    }
}

/// Gives a subject as a term.
pub(super) fn subject_term(subject: NamedOrBlankNode) -> Term {
    match subject {
        NamedOrBlankNode::NamedNode(node) => node.into(),
        NamedOrBlankNode::BlankNode(node) => node.into(),
    }
}

/// Gives the text of a term for a message: lexical form, IRI or blank node label.
pub(super) fn plain_text(term: &Term) -> &str {
    match term {
        Term::NamedNode(node) => node.as_str(),
        Term::Literal(literal) => literal.value(),
        Term::BlankNode(node) => node.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::{BlankNode, Literal, NamedNode};

    #[test]
    fn terms_have_one_order() {
        let mut terms: Vec<Term> = vec![
            BlankNode::new_unchecked("a").into(),
            Literal::new_language_tagged_literal_unchecked("x", "en").into(),
            Literal::new_language_tagged_literal_unchecked("x", "ar").into(),
            Literal::from("a").into(),
            NamedNode::new_unchecked("http://example.com/z").into(),
            Literal::from("a").into(),
        ];
        sort_distinct(&mut terms);
        let texts: Vec<_> = terms.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "<http://example.com/z>",
                "\"a\"",
                "\"x\"@ar",
                "\"x\"@en",
                "_:a"
            ]
        );
    }
}
