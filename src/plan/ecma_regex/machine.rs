//! Runs patterns that look around or back, by trying, within a number of steps.
//!
//! In: a parsed pattern, compiled once, and texts. Out: whether a text matches in full.
//!
//! Memory: a pattern 50,000 instructions at most; a run about a million saved states at most.

use super::syntax::{Node, Parsed};
use super::{EcmaRegexError, WorkLimit};
use regex_syntax::hir::ClassUnicode;
use std::ops::Range;

/// The greatest number of instructions.
const MOST_INSTRUCTIONS: usize = 50_000;
/// How many steps every text is worth.
const STEPS_PER_TEXT: u64 = 100_000;
/// How many more each of its bytes is: the work grows no faster than the table.
const STEPS_PER_BYTE: u64 = 1000;
/// The greatest number of steps.
const MOST_STEPS: u64 = 50_000_000;
/// The greatest number of states that wait to be tried.
const MOST_SAVED: usize = 1 << 20;
/// Stands for a position that there is none of.
const NONE: usize = usize::MAX;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Machine {
    program: Vec<Instruction>,
    sets: Vec<Box<[(char, char)]>>,
    // Two positions for each group, then those of the loops.
    slots: usize,
}

#[derive(Debug, Clone)]
enum Instruction {
    /// One character of a set, read backwards within looks behind.
    Set(usize, bool),
    /// Go on at the first; at the second should that fail.
    Split(usize, usize),
    Jump(usize),
    /// Keep the position.
    Save(usize),
    /// Forget positions.
    Forget(Range<usize>),
    /// Fail where the position is still the one that was kept.
    Progress(usize),
    Start,
    End,
    Word(bool),
    /// What a group caught, read backwards within looks behind.
    Back(usize, bool),
    /// Match what follows apart, then go on at the place given.
    Look {
        negate: bool,
        next: usize,
    },
    Accept,
}

impl Machine {
    pub(super) fn compile(parsed: &Parsed) -> Result<Self, EcmaRegexError> {
        let mut machine = Self {
            program: Vec::new(),
            sets: parsed.sets.iter().map(ranges).collect(),
            slots: 2 * (parsed.groups + 1),
        };
        machine.emit(&parsed.node, false)?;
        machine.push(Instruction::End)?;
        machine.push(Instruction::Accept)?;
        Ok(machine)
    }

    fn push(&mut self, instruction: Instruction) -> Result<usize, EcmaRegexError> {
        if self.program.len() >= MOST_INSTRUCTIONS {
            return Err(EcmaRegexError::TooLarge);
        }
        self.program.push(instruction);
        Ok(self.program.len() - 1)
    }

    fn emit(&mut self, node: &Node, backward: bool) -> Result<(), EcmaRegexError> {
        match node {
            Node::Empty => {}
            Node::Set(set) => {
                self.push(Instruction::Set(*set, backward))?;
            }
            Node::Cat(nodes) if backward => {
                for node in nodes.iter().rev() {
                    self.emit(node, backward)?;
                }
            }
            Node::Cat(nodes) => {
                for node in nodes {
                    self.emit(node, backward)?;
                }
            }
            Node::Alt(nodes) => self.emit_alternatives(nodes, backward)?,
            Node::Repeat {
                body,
                min,
                max,
                greedy,
                groups,
            } => self.emit_loop(body, (*min, *max), *greedy, groups, backward)?,
            Node::Group(number, body) => {
                let (first, last) = (2 * number, 2 * number + 1);
                self.push(Instruction::Save(if backward { last } else { first }))?;
                self.emit(body, backward)?;
                self.push(Instruction::Save(if backward { first } else { last }))?;
            }
            Node::Look {
                behind,
                negate,
                body,
            } => {
                let look = self.push(Instruction::Accept)?;
                self.emit(body, *behind)?;
                self.push(Instruction::Accept)?;
                self.program[look] = Instruction::Look {
                    negate: *negate,
                    next: self.program.len(),
                };
            }
            Node::Start => {
                self.push(Instruction::Start)?;
            }
            Node::End => {
                self.push(Instruction::End)?;
            }
            Node::Word(wanted) => {
                self.push(Instruction::Word(*wanted))?;
            }
            Node::Back(number) => {
                self.push(Instruction::Back(*number, backward))?;
            }
        }
        Ok(())
    }

    fn emit_alternatives(&mut self, nodes: &[Node], backward: bool) -> Result<(), EcmaRegexError> {
        let mut ends = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if index + 1 == nodes.len() {
                self.emit(node, backward)?;
                break;
            }
            let split = self.push(Instruction::Accept)?;
            self.emit(node, backward)?;
            ends.push(self.push(Instruction::Accept)?);
            self.program[split] = Instruction::Split(split + 1, self.program.len());
        }
        for end in ends {
            self.program[end] = Instruction::Jump(self.program.len());
        }
        Ok(())
    }

    // Spec: ECMAScript §22.2.2.3.1
    fn emit_loop(
        &mut self,
        body: &Node,
        (min, max): (u32, Option<u32>),
        greedy: bool,
        groups: &Range<usize>,
        backward: bool,
    ) -> Result<(), EcmaRegexError> {
        let forget = Instruction::Forget(2 * groups.start..2 * groups.end);
        for round in 0..min {
            let before = self.program.len();
            if !groups.is_empty() {
                self.push(forget.clone())?;
            }
            self.emit(body, backward)?;
            if self.program.len() == before && round == 0 {
                // Nothing at all, however often.
                return Ok(());
            }
        }
        let kept = self.slots;
        self.slots += 1;
        let optional = max.map_or(1, |max| max - min);
        let mut splits = Vec::new();
        for _ in 0..optional {
            let split = self.push(Instruction::Accept)?;
            splits.push(split);
            if !groups.is_empty() {
                self.push(forget.clone())?;
            }
            self.push(Instruction::Save(kept))?;
            self.emit(body, backward)?;
            self.push(Instruction::Progress(kept))?;
            if max.is_none() {
                self.push(Instruction::Jump(split))?;
            }
        }
        let end = self.program.len();
        for split in splits {
            self.program[split] = if greedy {
                Instruction::Split(split + 1, end)
            } else {
                Instruction::Split(end, split + 1)
            };
        }
        Ok(())
    }

    /// Whether the whole of a text matches.
    pub(super) fn matches(&self, text: &str) -> Result<bool, WorkLimit> {
        let steps = STEPS_PER_TEXT + STEPS_PER_BYTE.saturating_mul(text.len() as u64);
        let mut run = Run {
            machine: self,
            text,
            slots: vec![NONE; self.slots],
            saved: Vec::new(),
            steps: steps.min(MOST_STEPS),
        };
        run.from(0, 0)
    }
}

fn ranges(set: &ClassUnicode) -> Box<[(char, char)]> {
    let ranges = set.ranges().iter();
    ranges.map(|range| (range.start(), range.end())).collect()
}

struct Run<'m, 't> {
    machine: &'m Machine,
    text: &'t str,
    slots: Vec<usize>,
    saved: Vec<Saved>,
    steps: u64,
}

// What to do when the present way fails.
#[derive(Debug, Clone, Copy)]
enum Saved {
    Try { at: usize, position: usize },
    Restore { slot: usize, position: usize },
}

impl Run<'_, '_> {
    // Runs until `Accept`. Positions of groups stay set; what was saved for another try is gone.
    fn from(&mut self, mut at: usize, mut position: usize) -> Result<bool, WorkLimit> {
        let base = self.saved.len();
        loop {
            self.spend(1)?;
            let machine = self.machine;
            let goes_on = match &machine.program[at] {
                Instruction::Set(set, backward) => {
                    self.character(&machine.sets[*set], *backward, &mut position)
                }
                Instruction::Split(first, second) => {
                    self.save(Saved::Try {
                        at: *second,
                        position,
                    })?;
                    at = *first;
                    continue;
                }
                Instruction::Jump(to) => {
                    at = *to;
                    continue;
                }
                Instruction::Save(slot) => {
                    self.set_slot(*slot, position)?;
                    true
                }
                Instruction::Forget(slots) => {
                    self.spend(slots.len() as u64)?;
                    for slot in slots.clone() {
                        self.set_slot(slot, NONE)?;
                    }
                    true
                }
                Instruction::Progress(slot) => self.slots[*slot] != position,
                Instruction::Start => position == 0,
                Instruction::End => position == self.text.len(),
                Instruction::Word(wanted) => self.is_word_end(position) == *wanted,
                Instruction::Back(group, backward) => {
                    self.caught(*group, *backward, &mut position)?
                }
                Instruction::Look { negate, next } => {
                    let before = self.saved.len();
                    let found = self.from(at + 1, position)?;
                    if *negate {
                        // Whatever was caught within is forgotten.
                        self.undo(before);
                    }
                    if found != *negate {
                        at = *next;
                        continue;
                    }
                    false
                }
                Instruction::Accept => {
                    let mut kept = base;
                    for index in base..self.saved.len() {
                        if matches!(self.saved[index], Saved::Restore { .. }) {
                            self.saved[kept] = self.saved[index];
                            kept += 1;
                        }
                    }
                    self.saved.truncate(kept);
                    return Ok(true);
                }
            };
            if goes_on {
                at += 1;
                continue;
            }
            loop {
                if self.saved.len() == base {
                    return Ok(false);
                }
                match self.saved.pop() {
                    Some(Saved::Try {
                        at: next,
                        position: from,
                    }) => {
                        (at, position) = (next, from);
                        break;
                    }
                    Some(Saved::Restore {
                        slot,
                        position: before,
                    }) => self.slots[slot] = before,
                    None => return Ok(false),
                }
            }
        }
    }

    fn undo(&mut self, base: usize) {
        for saved in self.saved.drain(base..).rev() {
            if let Saved::Restore { slot, position } = saved {
                self.slots[slot] = position;
            }
        }
    }

    fn spend(&mut self, steps: u64) -> Result<(), WorkLimit> {
        self.steps = self.steps.checked_sub(steps).ok_or(WorkLimit)?;
        Ok(())
    }

    fn save(&mut self, saved: Saved) -> Result<(), WorkLimit> {
        if self.saved.len() >= MOST_SAVED {
            return Err(WorkLimit);
        }
        self.saved.push(saved);
        Ok(())
    }

    fn set_slot(&mut self, slot: usize, position: usize) -> Result<(), WorkLimit> {
        let before = self.slots[slot];
        if before != position {
            self.save(Saved::Restore {
                slot,
                position: before,
            })?;
            self.slots[slot] = position;
        }
        Ok(())
    }

    fn character(&self, set: &[(char, char)], backward: bool, position: &mut usize) -> bool {
        let next = if backward {
            self.text[..*position].chars().next_back()
        } else {
            self.text[*position..].chars().next()
        };
        let Some(character) = next else {
            return false;
        };
        let found = set
            .binary_search_by(|(first, last)| {
                if *last < character {
                    std::cmp::Ordering::Less
                } else if *first > character {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok();
        if backward {
            *position -= character.len_utf8();
        } else {
            *position += character.len_utf8();
        }
        found
    }

    // A group that caught nothing is as good as an empty one.
    fn caught(
        &mut self,
        group: usize,
        backward: bool,
        position: &mut usize,
    ) -> Result<bool, WorkLimit> {
        let (first, last) = (self.slots[2 * group], self.slots[2 * group + 1]);
        if first == NONE || last == NONE {
            return Ok(true);
        }
        self.spend((last - first) as u64)?;
        let caught = &self.text.as_bytes()[first..last];
        let bytes = self.text.as_bytes();
        let found = if backward {
            bytes[..*position].ends_with(caught)
        } else {
            bytes[*position..].starts_with(caught)
        };
        if found && backward {
            *position -= caught.len();
        } else if found {
            *position += caught.len();
        }
        Ok(found)
    }

    fn is_word_end(&self, position: usize) -> bool {
        let is_word = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let bytes = self.text.as_bytes();
        is_word(bytes[..position].last()) != is_word(bytes.get(position))
    }
}
