//! The streaming layout: statements in the order of arrival.
//!
//! In: quads. Out: statements on [`Blocks`] as soon as the read-ahead for prefixes is full. Memory
//! is bounded by that read-ahead.

use super::PREFIX_WINDOW;
use super::blocks::Blocks;
use super::term::{Used, write_term_marking};
use crate::rdf::prefixes::Prefixes;
use oxrdf::vocab::rdf;
use oxrdf::{GraphNameRef, QuadRef};
use std::io::{self, Write};

#[derive(Debug)]
pub(super) struct Streaming<W: Write> {
    prefixes: Prefixes,
    blocks: Blocks<W>,
    declared: Used,
    /// Statements read ahead; `None` once they were written.
    window: Option<Vec<Statement>>,
    /// The prefixes that the read-ahead uses.
    used: Used,
}

/// A statement as Turtle text.
#[derive(Debug, Default)]
struct Statement {
    graph: Option<String>,
    subject: String,
    predicate: String,
    object: String,
}

impl<W: Write> Streaming<W> {
    pub(super) fn new(prefixes: Prefixes, writer: W) -> Self {
        Self {
            prefixes,
            blocks: Blocks::new(writer),
            declared: Used::new(),
            window: Some(Vec::new()),
            used: Used::new(),
        }
    }

    pub(super) fn push(&mut self, quad: QuadRef<'_>) -> io::Result<()> {
        let statement = self.statement(quad);
        if let Some(window) = &mut self.window {
            window.push(statement);
            if window.len() >= PREFIX_WINDOW {
                self.write_window()?;
            }
            Ok(())
        } else {
            self.declare()?;
            self.write(&statement)
        }
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.write_window()?;
        self.blocks.finish()
    }

    fn statement(&mut self, quad: QuadRef<'_>) -> Statement {
        let mut statement = Statement::default();
        let (prefixes, used) = (&self.prefixes, &mut self.used);
        let mut write = |text: &mut String, term| write_term_marking(text, term, prefixes, used);
        let graph = match quad.graph_name {
            GraphNameRef::DefaultGraph => None,
            GraphNameRef::NamedNode(node) => Some(node.into()),
            GraphNameRef::BlankNode(node) => Some(node.into()),
        };
        statement.graph = graph.map(|graph| {
            let mut text = String::new();
            write(&mut text, graph);
            text
        });
        write(&mut statement.subject, quad.subject.into());
        if quad.predicate == rdf::TYPE {
            statement.predicate.push('a');
        } else {
            write(&mut statement.predicate, quad.predicate.into());
        }
        write(&mut statement.object, quad.object);
        statement
    }

    fn write_window(&mut self) -> io::Result<()> {
        let Some(window) = self.window.take() else {
            return Ok(());
        };
        self.declare()?;
        window
            .iter()
            .try_for_each(|statement| self.write(statement))
    }

    /// Declares the prefixes that were used and not declared yet.
    fn declare(&mut self) -> io::Result<()> {
        if self.used.is_subset(&self.declared) {
            return Ok(());
        }
        let (used, declared) = (&self.used, &self.declared);
        self.blocks.declare(
            self.prefixes
                .iter()
                .filter(|(prefix, _)| used.contains(*prefix) && !declared.contains(*prefix)),
        )?;
        self.declared.append(&mut self.used);
        Ok(())
    }

    fn write(&mut self, statement: &Statement) -> io::Result<()> {
        self.blocks.push(
            statement.graph.as_deref(),
            &statement.subject,
            &statement.predicate,
            &statement.object,
        )
    }
}
