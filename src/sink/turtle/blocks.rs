//! The text layout of Turtle: blocks, indents, separators.
//!
//! In: prefixes to declare and statements as ready text, neighbours first. Out: the same on a
//! writer. Order, compact IRIs and escapes are decided elsewhere.

use std::io::{self, Write};

/// How deep a predicate stands below its subject; an object below its predicate twice that.
const INDENT: &str = "    ";

/// Writes statements, joining neighbours that share a subject, or a subject and a predicate.
#[derive(Debug)]
pub(super) struct Blocks<W: Write> {
    writer: W,
    /// The named graph whose braces are open.
    graph: Option<String>,
    /// The subject whose block is open.
    subject: Option<String>,
    predicate: String,
    /// The last object: whether it stands on its predicate's line shows only when no other follows.
    object: String,
    objects: Objects,
    /// Whether the next block needs an empty line before it.
    needs_gap: bool,
}

/// What was written of the objects of the current predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Objects {
    /// One waits.
    Single,
    /// Some stand on lines of their own, one waits.
    Several,
}

impl<W: Write> Blocks<W> {
    pub(super) fn new(writer: W) -> Self {
        Self {
            writer,
            graph: None,
            subject: None,
            predicate: String::new(),
            object: String::new(),
            objects: Objects::Single,
            needs_gap: false,
        }
    }

    /// Declares prefixes, closing what is open.
    pub(super) fn declare<'a>(
        &mut self,
        prefixes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> io::Result<()> {
        self.close_graph()?;
        let mut prefixes = prefixes.into_iter().peekable();
        if prefixes.peek().is_some() {
            self.write_gap()?;
        }
        for (prefix, namespace) in prefixes {
            writeln!(self.writer, "@prefix {prefix}: <{namespace}> .")?;
            self.needs_gap = true;
        }
        Ok(())
    }

    /// Adds a statement; `graph` is `None` for the default graph.
    pub(super) fn push(
        &mut self,
        graph: Option<&str>,
        subject: &str,
        predicate: &str,
        object: &str,
    ) -> io::Result<()> {
        if self.graph.as_deref() != graph {
            self.close_graph()?;
            if let Some(graph) = graph {
                self.write_gap()?;
                writeln!(self.writer, "{graph} {{")?;
                self.graph = Some(graph.to_owned());
            }
        }
        if self.subject.as_deref() != Some(subject) {
            self.close_subject()?;
            self.write_gap()?;
            self.write_indent(0)?;
            write!(self.writer, "{subject} {predicate}")?;
            self.subject = Some(subject.to_owned());
        } else if self.predicate != predicate {
            self.write_last_object()?;
            self.writer.write_all(b" ;\n")?;
            self.write_indent(1)?;
            self.writer.write_all(predicate.as_bytes())?;
        } else {
            self.write_object_of_several()?;
            self.writer.write_all(b",")?;
            self.objects = Objects::Several;
            object.clone_into(&mut self.object);
            return Ok(());
        }
        predicate.clone_into(&mut self.predicate);
        object.clone_into(&mut self.object);
        self.objects = Objects::Single;
        Ok(())
    }

    /// Closes what is open and gives the writer back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.close_graph()?;
        Ok(self.writer)
    }

    fn close_graph(&mut self) -> io::Result<()> {
        self.close_subject()?;
        if self.graph.take().is_some() {
            self.writer.write_all(b"}\n")?;
            self.needs_gap = true;
        }
        Ok(())
    }

    fn close_subject(&mut self) -> io::Result<()> {
        if self.subject.take().is_some() {
            self.write_last_object()?;
            self.writer.write_all(b" .\n")?;
            self.needs_gap = true;
        }
        Ok(())
    }

    fn write_last_object(&mut self) -> io::Result<()> {
        match self.objects {
            Objects::Single => {
                self.writer.write_all(b" ")?;
                self.writer.write_all(self.object.as_bytes())
            }
            Objects::Several => self.write_object_of_several(),
        }
    }

    /// Types share a line, other objects get one each: a new label is a new line in a diff.
    fn write_object_of_several(&mut self) -> io::Result<()> {
        if self.predicate == "a" {
            self.writer.write_all(b" ")?;
        } else {
            self.writer.write_all(b"\n")?;
            self.write_indent(2)?;
        }
        self.writer.write_all(self.object.as_bytes())
    }

    fn write_indent(&mut self, depth: usize) -> io::Result<()> {
        for _ in 0..depth + usize::from(self.graph.is_some()) {
            self.writer.write_all(INDENT.as_bytes())?;
        }
        Ok(())
    }

    fn write_gap(&mut self) -> io::Result<()> {
        if self.needs_gap {
            self.writer.write_all(b"\n")?;
            self.needs_gap = false;
        }
        Ok(())
    }
}
