//! How terms look in a syntax.
//!
//! In: terms. Out: their bytes in N-Triples, N-Quads, Turtle or TriG; and the prefixes that a plan
//! uses in the latter two. The same term has the same bytes wherever it stands in an output.

use super::program::IriStart;
use crate::plan::{IriRule, Plan, TermRule};
use crate::rdf::prefixes::Prefixes;
use crate::sink::escape::push_escaped;
use crate::sink::turtle::Bare;
use oxrdf::vocab::rdf;
use oxrdf::{GraphName, LiteralRef, NamedNodeRef, NamedOrBlankNodeRef, TermRef};
use std::collections::BTreeSet;

/// A syntax that rows are written in one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// N-Triples: what is said of named graphs is said without their names.
    NTriples,
    /// N-Quads.
    NQuads,
    /// Turtle: one block for each subject of a row.
    Turtle,
    /// TriG: the same in named graphs.
    TriG,
}

impl Syntax {
    pub(super) fn has_graphs(self) -> bool {
        matches!(self, Self::NQuads | Self::TriG)
    }

    pub(super) fn is_turtle(self) -> bool {
        matches!(self, Self::Turtle | Self::TriG)
    }
}

/// Writes terms and notes the prefixes that they use.
#[derive(Debug)]
pub(super) struct Style<'s> {
    pub(super) syntax: Syntax,
    prefixes: &'s Prefixes,
    used: BTreeSet<String>,
}

impl<'s> Style<'s> {
    /// The prefixes are those of [`Style::prefixes`].
    pub(super) fn new(syntax: Syntax, prefixes: &'s Prefixes) -> Self {
        Self {
            syntax,
            prefixes,
            used: BTreeSet::new(),
        }
    }

    /// The prefixes that can be used: a namespace that begins like the IRIs of a template and goes on
    /// would be right for some of them only.
    pub(super) fn prefixes(plan: &Plan, prefixes: &Prefixes) -> Prefixes {
        let mut starts = BTreeSet::new();
        for scan in &plan.scans {
            let mut add = |rule: &IriRule| {
                if rule.base.is_none() {
                    starts.insert(rule.template.fixed_prefix().to_owned());
                }
            };
            for rule in &scan.rules {
                for term in [&rule.subject, &rule.predicate, &rule.object] {
                    if let TermRule::Iri(rule) | TermRule::EachIri(_, rule) = term {
                        add(rule);
                    }
                }
            }
            scan.joins.iter().for_each(|join| add(&join.object));
        }
        let mut kept = Prefixes::new();
        for (prefix, namespace) in prefixes {
            let goes_on = |start: &String| {
                namespace.len() > start.len() && namespace.starts_with(start.as_str())
            };
            if !starts.iter().any(goes_on) {
                // What was a prefix before is one.
                drop(kept.insert(prefix, namespace));
            }
        }
        kept
    }

    /// The prefixes that were used so far.
    pub(super) fn used(&self) -> Prefixes {
        let mut used = Prefixes::new();
        for (prefix, namespace) in self.prefixes {
            if self.used.contains(prefix) {
                drop(used.insert(prefix, namespace));
            }
        }
        used
    }

    pub(super) fn term(&mut self, term: TermRef<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        if let TermRef::NamedNode(node) = term {
            self.iri(&mut out, node.as_str());
        } else if let TermRef::Literal(literal) = term {
            let value = literal.value();
            let bare = Bare::of(literal.datatype()).filter(|_| self.syntax.is_turtle());
            if bare.is_some_and(|bare| bare.fits(value)) {
                out.extend_from_slice(value.as_bytes());
            } else {
                out.push(b'"');
                push_escaped(&mut out, value);
                out.extend(self.behind_text(literal));
            }
        } else {
            out.extend(term.to_string().into_bytes());
        }
        out
    }

    fn iri(&mut self, out: &mut Vec<u8>, iri: &str) {
        if self.syntax.is_turtle()
            && let Some(compact) = self.prefixes.compact(iri)
        {
            self.used.insert(compact.prefix.to_owned());
            out.extend(compact.to_string().into_bytes());
        } else {
            push_full(out, iri);
        }
    }

    /// A subject with the space behind it.
    pub(super) fn subject(&mut self, node: NamedOrBlankNodeRef<'_>) -> Vec<u8> {
        let mut out = self.term(node.into());
        out.push(b' ');
        out
    }

    /// A predicate with the space behind it.
    pub(super) fn predicate(&mut self, node: NamedNodeRef<'_>) -> Vec<u8> {
        let mut out = if self.syntax.is_turtle() && node == rdf::TYPE {
            b"a".to_vec()
        } else {
            self.term(node.into())
        };
        out.push(b' ');
        out
    }

    /// What follows the text of a literal: the quote, the language or the datatype.
    pub(super) fn behind_text(&mut self, literal: LiteralRef<'_>) -> Vec<u8> {
        let mut out = b"\"".to_vec();
        let datatype = literal.datatype();
        if let Some(language) = literal.language() {
            out.push(b'@');
            out.extend_from_slice(language.as_bytes());
        } else if datatype != oxrdf::vocab::xsd::STRING {
            out.extend_from_slice(b"^^");
            // These stand without quotes, so that no prefix is needed.
            if matches!(Bare::of(datatype), Some(Bare::Integer | Bare::Boolean)) {
                push_full(&mut out, datatype.as_str());
            } else {
                self.iri(&mut out, datatype.as_str());
            }
        }
        out
    }

    /// How an IRI that is made of a row begins.
    pub(super) fn iri_start(&mut self, start: &str) -> IriStart {
        let mut full = b"<".to_vec();
        full.extend_from_slice(start.as_bytes());
        // The longest namespace, as for IRIs that are known beforehand.
        let fitting = self
            .prefixes
            .iter()
            .filter(|(_, namespace)| self.syntax.is_turtle() && start.starts_with(namespace));
        let best = fitting.reduce(|best, other| {
            if other.1.len() > best.1.len() {
                other
            } else {
                best
            }
        });
        let short = best.map(|(prefix, namespace)| {
            self.used.insert(prefix.to_owned());
            (
                format!("{prefix}:{}", &start[namespace.len()..]).into_bytes(),
                prefix.len() + 1,
            )
        });
        IriStart { full, short }
    }

    /// What ends a statement.
    pub(super) fn end(&mut self, graph: &GraphName) -> Vec<u8> {
        match self.syntax {
            Syntax::Turtle | Syntax::TriG => Vec::new(),
            Syntax::NQuads if *graph != GraphName::DefaultGraph => {
                format!(" {graph} .\n").into_bytes()
            }
            Syntax::NTriples | Syntax::NQuads => b" .\n".to_vec(),
        }
    }

    /// What opens a named graph and what closes it, where that stands around statements.
    pub(super) fn open_graph(&mut self, graph: &GraphName) -> Option<(Vec<u8>, &'static [u8])> {
        let name: TermRef<'_> = match graph {
            GraphName::NamedNode(node) => node.into(),
            GraphName::BlankNode(node) => node.into(),
            GraphName::DefaultGraph => return None,
        };
        if self.syntax != Syntax::TriG {
            return None;
        }
        let mut open = self.term(name);
        open.extend_from_slice(b" {\n");
        Some((open, b"}\n"))
    }
}

/// An IRI in angle brackets.
pub(super) fn push_full(out: &mut Vec<u8>, iri: &str) {
    out.push(b'<');
    // What would end it, or the line, is in none but those that are taken as they are.
    if iri
        .bytes()
        .any(|byte| byte < b' ' || matches!(byte, b'<' | b'>' | b'\\'))
    {
        for character in iri.chars() {
            match character {
                '\0'..='\x1F' | '<' | '>' | '\\' => {
                    out.extend(format!("\\u{:04X}", u32::from(character)).into_bytes());
                }
                character => {
                    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
    } else {
        out.extend_from_slice(iri.as_bytes());
    }
    out.push(b'>');
}
