//! N-Quads with triples in them, in the syntax of 2021 (`<< s p o >>`) and in that of RDF 1.2
//! (`<<( s p o )>>`), as datasets that have none.
//!
//! A quoted triple of 2021 becomes a blank node that reifies it, one for each distinct triple. A triple
//! term becomes a blank node with its subject, predicate and object, one for each distinct triple.
//! `README.md` beside this file says why that keeps apart what is not the same.

use oxrdf::{BlankNode, Dataset, GraphName, NamedNode, NamedOrBlankNode, Quad, Term};
use std::collections::BTreeMap;
use std::str::FromStr as _;

const REIFIES: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies";

/// Where the parts of a triple term go. Nothing else has these IRIs.
const PARTS: [&str; 3] = [
    "tag:triple-term:subject",
    "tag:triple-term:predicate",
    "tag:triple-term:object",
];

/// Reads a document.
pub(crate) fn dataset(text: &str) -> Result<Dataset, String> {
    let mut reader = Reader {
        rest: text,
        dataset: Dataset::new(),
        names: BTreeMap::new(),
    };
    reader.skip();
    while !reader.rest.is_empty() {
        reader.statement().map_err(|error| {
            let line = text[..text.len() - reader.rest.len()].lines().count();
            format!("line {line}: {error}")
        })?;
    }
    Ok(reader.dataset)
}

struct Reader<'a> {
    rest: &'a str,
    dataset: Dataset,
    /// The blank nodes that stand for triples, by what they stand for.
    names: BTreeMap<String, BlankNode>,
}

impl Reader<'_> {
    fn statement(&mut self) -> Result<(), String> {
        let [subject, predicate, object] = self.triple()?;
        let graph = if self.rest.starts_with('.') {
            GraphName::DefaultGraph
        } else {
            match self.term()? {
                Term::NamedNode(node) => node.into(),
                Term::BlankNode(node) => node.into(),
                Term::Literal(literal) => return Err(format!("{literal} names no graph")),
            }
        };
        self.take(".")?;
        self.insert(subject, predicate, object, graph)
    }

    fn triple(&mut self) -> Result<[Term; 3], String> {
        Ok([self.term()?, self.term()?, self.term()?])
    }

    fn insert(&mut self, s: Term, p: Term, o: Term, graph: GraphName) -> Result<(), String> {
        let subject: NamedOrBlankNode = match s {
            Term::NamedNode(node) => node.into(),
            Term::BlankNode(node) => node.into(),
            Term::Literal(literal) => return Err(format!("{literal} is no subject")),
        };
        let Term::NamedNode(predicate) = p else {
            return Err(format!("{p} is no predicate"));
        };
        self.dataset
            .insert(&Quad::new(subject, predicate, o, graph));
        Ok(())
    }

    fn term(&mut self) -> Result<Term, String> {
        if self.rest.starts_with("<<(") {
            self.take("<<(")?;
            let triple = self.triple()?;
            self.take(")>>")?;
            return Ok(self.triple_term(triple));
        }
        if self.rest.starts_with("<<") {
            self.take("<<")?;
            let triple = self.triple()?;
            self.take(">>")?;
            return self.reifier(triple);
        }
        let end = match self.rest.chars().next() {
            Some('<') => self.rest.find('>').map(|at| at + 1),
            Some('"') => Some(self.literal_end()?),
            Some('_') => self
                .rest
                .find(|c: char| c.is_whitespace() || c == '<' || c == '>'),
            _ => None,
        };
        let (text, rest) = end
            .and_then(|end| self.rest.split_at_checked(end))
            .ok_or_else(|| format!("no term: {}", self.rest.lines().next().unwrap_or("")))?;
        self.rest = rest;
        self.skip();
        if let Some(label) = text.strip_prefix("_:") {
            // So that it is none of those that stand for triples.
            return Ok(BlankNode::new_unchecked(format!("in-{label}")).into());
        }
        Term::from_str(text).map_err(|error| format!("{text}: {error}"))
    }

    fn literal_end(&self) -> Result<usize, String> {
        let mut escaped = false;
        let closing = self.rest[1..]
            .find(|c| {
                let closes = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                closes
            })
            .ok_or("a literal does not end")?
            + 2;
        let after = &self.rest[closing..];
        let tail = if after.starts_with("^^<") {
            after.find('>').map(|at| at + 1)
        } else if after.starts_with('@') {
            after.find(|c: char| c != '@' && c != '-' && !c.is_ascii_alphanumeric())
        } else {
            Some(0)
        };
        Ok(closing + tail.ok_or("a literal does not end")?)
    }

    /// Gives the blank node for a triple term, with its description.
    fn triple_term(&mut self, triple: [Term; 3]) -> Term {
        let (node, new) = self.name('t', &triple);
        if new {
            for (part, value) in PARTS.into_iter().zip(triple) {
                self.dataset.insert(&Quad::new(
                    node.clone(),
                    NamedNode::new_unchecked(part),
                    value,
                    GraphName::DefaultGraph,
                ));
            }
        }
        node.into()
    }

    /// Gives the blank node that reifies a quoted triple, with the statement that it does.
    fn reifier(&mut self, triple: [Term; 3]) -> Result<Term, String> {
        let (node, new) = self.name('r', &triple);
        if new {
            let term = self.triple_term(triple);
            let reifies = NamedNode::new_unchecked(REIFIES);
            self.insert(
                node.clone().into(),
                reifies.into(),
                term,
                GraphName::DefaultGraph,
            )?;
        }
        Ok(node.into())
    }

    fn name(&mut self, kind: char, triple: &[Term; 3]) -> (BlankNode, bool) {
        let [s, p, o] = triple;
        let key = format!("{kind} {s} {p} {o}");
        if let Some(node) = self.names.get(&key) {
            return (node.clone(), false);
        }
        let node = BlankNode::new_unchecked(format!("{kind}{}", self.names.len()));
        self.names.insert(key, node.clone());
        (node, true)
    }

    fn take(&mut self, text: &str) -> Result<(), String> {
        self.rest = self
            .rest
            .strip_prefix(text)
            .ok_or_else(|| format!("no `{text}`: {}", self.rest.lines().next().unwrap_or("")))?;
        self.skip();
        Ok(())
    }

    /// Passes over white space and comments.
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with('#') {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.rest = self.rest[end..].trim_start();
        }
    }
}
