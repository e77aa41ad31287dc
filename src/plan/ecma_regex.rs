//! Regular expressions in ECMAScript syntax that match whole values, with a bound on their work.
//!
//! In: a pattern and texts. Out: whether a text matches in full, or that telling would take too
//! long. `syntax` reads the pattern. What is regular in the strict sense runs on finite automata
//! in time linear in the text; patterns that look around or back run on `machine`, which counts
//! its steps.

mod machine;
mod syntax;
#[cfg(test)]
mod tests;

use machine::Machine;
use regex_automata::meta;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Capture, Class, Hir, Look, Repetition};
use std::fmt;
use std::sync::Arc;
use syntax::{Node, Parsed};

/// The greatest length of a pattern in bytes.
const MOST_BYTES: usize = 1 << 16;
/// The greatest size of a finite automaton in bytes.
const MOST_AUTOMATON_BYTES: usize = 10 << 20;
/// The greatest product of an automaton's size and a text's length, both in bytes.
///
/// The slowest automata take some seconds for it, and most no measurable time.
const MOST_WORK: usize = 1 << 36;

/// A pattern that matches whole values.
///
/// Characters are code points, as under ECMAScript's flag `u`; everything else is as without
/// flags, with what its Annex B allows for the Web.
///
/// Spec: tabular-data-model §6.4.5, §6.4.6; ECMAScript §22.2, §B.1.2
#[derive(Clone)]
pub struct EcmaRegex {
    pattern: Arc<str>,
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Automaton(Box<meta::Regex>),
    Machine(Arc<Machine>),
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EcmaRegexError {
    /// It is not an ECMAScript regular expression.
    #[error("{reason} (character {position})")]
    Syntax {
        /// What is wrong.
        reason: &'static str,
        /// Where, in code points from 1.
        position: usize,
    },
    /// It is too long, nested too deeply, or repeats too much.
    #[error("it is too large, or nested too deeply")]
    TooLarge,
}

/// Telling whether a text matches would take too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLimit;

impl EcmaRegex {
    /// Reads a pattern.
    ///
    /// Takes time and memory within fixed bounds, whatever the pattern.
    ///
    /// # Errors
    /// When it is not a regular expression, or too large a one.
    pub fn new(pattern: &str) -> Result<Self, EcmaRegexError> {
        if pattern.len() > MOST_BYTES {
            return Err(EcmaRegexError::TooLarge);
        }
        let parsed = syntax::parse(pattern)?;
        let engine = match to_hir(&parsed, &parsed.node) {
            Some(hir) => Engine::Automaton(Box::new(automaton(hir)?)),
            None => Engine::Machine(Arc::new(Machine::compile(&parsed)?)),
        };
        Ok(Self {
            pattern: pattern.into(),
            engine,
        })
    }

    /// The pattern to the letter.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Whether the whole of a text matches.
    ///
    /// # Errors
    /// When the bound on the work is met first. Whether it is depends on nothing but the pattern
    /// and the text.
    pub fn matches(&self, text: &str) -> Result<bool, WorkLimit> {
        match &self.engine {
            Engine::Automaton(regex) => {
                if regex.memory_usage().saturating_mul(text.len()) > MOST_WORK {
                    return Err(WorkLimit);
                }
                Ok(regex.is_match(Input::new(text).anchored(Anchored::Yes)))
            }
            Engine::Machine(machine) => machine.matches(text),
        }
    }
}

impl fmt::Debug for EcmaRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EcmaRegex").field(&self.pattern).finish()
    }
}

fn automaton(hir: Hir) -> Result<meta::Regex, EcmaRegexError> {
    let whole = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
    meta::Regex::builder()
        .configure(
            meta::Config::new()
                .nfa_size_limit(Some(MOST_AUTOMATON_BYTES))
                .which_captures(regex_automata::nfa::thompson::WhichCaptures::None),
        )
        .build_from_hir(&whole)
        .map_err(|_| EcmaRegexError::TooLarge)
}

// The pattern as a regular language; nothing where it looks around or back.
//
// ECMAScript gives up an iteration that takes nothing, and forgets the groups of earlier ones: for
// whether the whole of a text matches neither makes a difference here.
fn to_hir(parsed: &Parsed, node: &Node) -> Option<Hir> {
    let all = |nodes: &[Node]| -> Option<Vec<Hir>> {
        nodes.iter().map(|node| to_hir(parsed, node)).collect()
    };
    Some(match node {
        Node::Empty => Hir::empty(),
        Node::Set(set) => Hir::class(Class::Unicode(parsed.sets[*set].clone())),
        Node::Cat(nodes) => Hir::concat(all(nodes)?),
        Node::Alt(nodes) => Hir::alternation(all(nodes)?),
        Node::Repeat {
            body,
            min,
            max,
            greedy,
            ..
        } => Hir::repetition(Repetition {
            min: *min,
            max: *max,
            greedy: *greedy,
            sub: Box::new(to_hir(parsed, body)?),
        }),
        // The group keeps its parts together; nobody asks what it caught.
        Node::Group(number, body) => Hir::capture(Capture {
            index: u32::try_from(*number).ok()?,
            name: None,
            sub: Box::new(to_hir(parsed, body)?),
        }),
        Node::Start => Hir::look(Look::Start),
        Node::End => Hir::look(Look::End),
        Node::Word(true) => Hir::look(Look::WordAscii),
        Node::Word(false) => Hir::look(Look::WordAsciiNegate),
        Node::Look { .. } | Node::Back(_) => return None,
    })
}
