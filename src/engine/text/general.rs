//! Rows as text, quad by quad: what rules make whose subject or graph is not one for each row.
//!
//! In: a row. Out: bytes, each quad a [`Unit`] of its own, so that duplicates are told by their hash.

use super::emit::{BLOCK_END, Mark, TextRows, Track, Unit, place, statement_hash};
use super::memo::Memo;
use super::program::Group;
use super::terms::{push_iri, push_made};
use crate::engine::made::{MadeQuad, MadeTerm};
use crate::engine::row::{InvalidIri, IriFault, RowContext};
use oxrdf::GraphName;

impl TextRows<'_> {
    /// Writes the quads of a group that consists of one general rule; gives how many there are.
    pub(super) fn general(
        &mut self,
        number: usize,
        group: &Group<'_>,
        row: &RowContext<'_, '_>,
        invalid: &mut impl FnMut(InvalidIri),
    ) -> u64 {
        let mut made = 0;
        for statement in &group.statements {
            let rule = statement.source;
            if !row.applies(rule) {
                continue;
            }
            let mut fault = |text: String, fault: IriFault| {
                invalid(InvalidIri {
                    rule: statement.rule,
                    text,
                    fault,
                });
            };
            let Memo {
                conditions,
                subjects,
                graphs,
            } = &mut self.memo;
            let shared = statement.shared;
            if !conditions.get(shared.conditions, &mut fault, |fault| {
                row.holds(&rule.conditions, fault)
            }) {
                continue;
            }
            let subjects = subjects.get(shared.subject, &mut fault, |fault| {
                row.made_nodes(&rule.subject, fault)
            });
            let mut quads = Vec::new();
            row.made_statements(
                rule,
                subjects,
                |fault| {
                    graphs.get(shared.graph, fault, |fault| {
                        row.made_graphs(&rule.graph, fault)
                    })
                },
                &mut fault,
                &mut |quad| quads.push(quad),
            );
            made += quads.len() as u64;
            for quad in quads {
                self.quad(number, group, statement.is_shared, row, quad);
            }
        }
        made
    }

    fn quad(
        &mut self,
        number: usize,
        group: &Group<'_>,
        is_shared: bool,
        row: &RowContext<'_, '_>,
        quad: MadeQuad,
    ) {
        let (program, prefixes) = (self.program, self.prefixes);
        let track = self.track[number];
        let is_turtle = program.syntax.is_turtle();
        let graph = if program.syntax.has_graphs() {
            quad.graph
        } else {
            GraphName::DefaultGraph
        };
        let graph = match graph {
            GraphName::NamedNode(node) => Some(MadeTerm::Term(node.into())),
            GraphName::BlankNode(node) => Some(MadeTerm::Term(node.into())),
            GraphName::DefaultGraph => None,
        };
        let out = &mut self.text.out;
        let start = out.len();
        if is_turtle {
            out.push(b'\n');
            if group.graph.is_some() {
                if let Some(graph) = &graph {
                    push_made(out, graph, program, prefixes);
                    out.push(b' ');
                }
                out.extend_from_slice(b"{\n");
            }
        }
        let at = out.len();
        push_made(out, &MadeTerm::Term(quad.subject.into()), program, prefixes);
        out.push(b' ');
        let subject = (at, out.len());
        let begin = out.len();
        if is_turtle && quad.predicate == oxrdf::vocab::rdf::TYPE {
            out.push(b'a');
        } else {
            push_iri(out, quad.predicate.as_str(), program, prefixes);
        }
        out.push(b' ');
        push_made(out, &quad.object, program, prefixes);
        if !is_turtle {
            if let Some(graph) = &graph {
                out.push(b' ');
                push_made(out, graph, program, prefixes);
            }
            out.extend_from_slice(b" .\n");
        }
        let end = out.len();
        let first_mark = self.text.marks.len();
        let (mut subject_hash, mut hash) = (0, 0);
        if track != Track::Nothing {
            let of_statement = statement_hash(
                self.hash,
                &self.text.out,
                start..subject.1,
                begin..end,
                &mut self.key,
            );
            self.text.hashes.push(of_statement);
            self.text.marks.push(Mark {
                start: place(begin),
                end: place(end),
                is_shared,
                hash: place(self.text.hashes.len()),
            });
            if track == Track::Units {
                subject_hash = self.hash.of(&self.text.out[subject.0..subject.1]);
                hash = of_statement;
            }
        }
        let out = &mut self.text.out;
        if is_turtle {
            out.extend_from_slice(BLOCK_END);
            if let Some((_, close)) = &group.graph {
                out.extend_from_slice(close);
            }
        }
        if track == Track::Nothing {
            return;
        }
        self.text.units.push(Unit {
            group: place(number),
            start: place(start),
            end: place(self.text.out.len()),
            subject: (place(subject.0), place(subject.1)),
            marks: (place(first_mark), place(self.text.marks.len())),
            row_number: row.row_number,
            subject_hash,
            hash,
        });
        self.check_length();
    }
}
