//! Reads ECMAScript patterns.
//!
//! In: a pattern. Out: a tree of [`Node`]s, each a plain statement of what is to be matched.

use super::EcmaRegexError;
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use std::ops::Range;

/// How deep groups may stand within each other.
const MOST_DEPTH: usize = 200;

/// What is to be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Empty,
    /// One character of a set, by its number in [`Parsed::sets`].
    Set(usize),
    Cat(Vec<Node>),
    /// The first that goes.
    Alt(Vec<Node>),
    Repeat {
        body: Box<Node>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        /// The groups within, which each round forgets.
        groups: Range<usize>,
    },
    /// A group that is remembered, by its number from 1.
    Group(usize, Box<Node>),
    Look {
        behind: bool,
        negate: bool,
        body: Box<Node>,
    },
    Start,
    End,
    /// Whether there is an end of a word here.
    Word(bool),
    /// What the group of a number caught.
    Back(usize),
}

/// A pattern, the number of its groups, and its sets of characters.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) node: Node,
    pub(super) groups: usize,
    pub(super) sets: Vec<ClassUnicode>,
}

/// Reads a pattern.
///
/// Spec: ECMAScript §22.2.1, §B.1.2
pub(super) fn parse(pattern: &str) -> Result<Parsed, EcmaRegexError> {
    let chars: Vec<char> = pattern.chars().collect();
    let names = group_names(&chars);
    let mut parser = Parser {
        has_names: names.iter().any(Option::is_some),
        names,
        chars,
        at: 0,
        groups: 0,
        sets: Vec::new(),
        depth: 0,
    };
    let node = parser.disjunction()?;
    if parser.at < parser.chars.len() {
        return Err(parser.fault("a `)` without a `(`"));
    }
    Ok(Parsed {
        node,
        groups: parser.groups,
        sets: parser.sets,
    })
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    // The names of all groups in order.
    names: Vec<Option<String>>,
    has_names: bool,
    groups: usize,
    sets: Vec<ClassUnicode>,
    depth: usize,
}

// References may stand before their groups, so the groups are found first.
fn group_names(chars: &[char]) -> Vec<Option<String>> {
    let mut names = Vec::new();
    let mut in_class = false;
    let mut at = 0;
    while let Some(character) = chars.get(at) {
        match character {
            '\\' => at += 1,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => {
                let rest = &chars[at + 1..];
                if rest.first() != Some(&'?') {
                    names.push(None);
                } else if rest.get(1) == Some(&'<') && !matches!(rest.get(2), Some('=' | '!')) {
                    let name = rest[2..].iter().take_while(|c| **c != '>').collect();
                    names.push(Some(name));
                }
            }
            _ => {}
        }
        at += 1;
    }
    names
}

impl Parser {
    fn fault(&self, reason: &'static str) -> EcmaRegexError {
        EcmaRegexError::Syntax {
            reason,
            position: self.at + 1,
        }
    }

    fn set_node(&mut self, set: ClassUnicode) -> Node {
        self.sets.push(set);
        Node::Set(self.sets.len() - 1)
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    fn eat_text(&mut self, expected: &str) -> bool {
        let length = expected.chars().count();
        let found = self.chars[self.at..]
            .iter()
            .take(length)
            .copied()
            .eq(expected.chars());
        if found {
            self.at += length;
        }
        found
    }

    fn disjunction(&mut self) -> Result<Node, EcmaRegexError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(EcmaRegexError::TooLarge);
        }
        let mut branches = vec![self.alternative()?];
        while self.eat('|') {
            branches.push(self.alternative()?);
        }
        self.depth -= 1;
        Ok(one_or(branches, Node::Alt))
    }

    fn alternative(&mut self) -> Result<Node, EcmaRegexError> {
        let mut nodes = Vec::new();
        while let Some(next) = self.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            nodes.push(self.term()?);
        }
        Ok(one_or(nodes, Node::Cat))
    }

    fn term(&mut self) -> Result<Node, EcmaRegexError> {
        let first_group = self.groups;
        let (node, repeatable) = self.atom()?;
        let before = self.at;
        let Some((min, max)) = self.quantifier() else {
            return Ok(node);
        };
        if !repeatable {
            self.at = before;
            return Err(self.fault("nothing that can be repeated stands before this"));
        }
        if max.is_some_and(|max| max < min) {
            return Err(self.fault("the least number of repetitions is above the greatest"));
        }
        Ok(Node::Repeat {
            body: Box::new(node),
            min,
            max,
            greedy: !self.eat('?'),
            groups: first_group + 1..self.groups + 1,
        })
    }

    fn quantifier(&mut self) -> Option<(u32, Option<u32>)> {
        let found = match self.peek()? {
            '*' => (0, None),
            '+' => (1, None),
            '?' => (0, Some(1)),
            '{' => return self.braces(),
            _ => return None,
        };
        self.at += 1;
        Some(found)
    }

    // `{2}`, `{2,}` or `{2,3}`; anything else in braces is text.
    fn braces(&mut self) -> Option<(u32, Option<u32>)> {
        let start = self.at;
        let mut read = || {
            self.at += 1;
            let min = self.number()?;
            let max = if self.eat(',') {
                if self.peek() == Some('}') {
                    None
                } else {
                    Some(self.number()?)
                }
            } else {
                Some(min)
            };
            self.eat('}').then_some((min, max))
        };
        let found = read();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    // Numbers that are too large are as good as any other that is.
    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        let mut number = 0_u32;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        (self.at > start).then_some(number)
    }

    // A part of an alternative without its quantifier, and whether it may have one.
    fn atom(&mut self) -> Result<(Node, bool), EcmaRegexError> {
        let Some(character) = self.peek() else {
            return Ok((Node::Empty, false));
        };
        match character {
            '*' | '+' | '?' => Err(self.fault("nothing stands before this to be repeated")),
            '{' if self.braces().is_some() => {
                Err(self.fault("nothing stands before this to be repeated"))
            }
            '(' => self.group(),
            '[' => {
                self.at += 1;
                let set = self.class()?;
                Ok((self.set_node(set), true))
            }
            '\\' => {
                self.at += 1;
                self.atom_escape()
            }
            _ => {
                self.at += 1;
                Ok(match character {
                    '^' => (Node::Start, false),
                    '$' => (Node::End, false),
                    '.' => (self.set_node(negated(line_ends())), true),
                    other => (self.set_node(set(&[(other, other)])), true),
                })
            }
        }
    }

    fn group(&mut self) -> Result<(Node, bool), EcmaRegexError> {
        let start = self.at;
        self.at += 1;
        let look = |behind, negate, body| {
            let body = Box::new(body);
            let node = Node::Look {
                behind,
                negate,
                body,
            };
            // Annex B lets looks ahead be repeated.
            (node, !behind)
        };
        let mut wrap: Box<dyn FnOnce(Node) -> (Node, bool)> = Box::new(|body| (body, true));
        if self.eat_text("?:") {
        } else if self.eat_text("?=") {
            wrap = Box::new(move |body| look(false, false, body));
        } else if self.eat_text("?!") {
            wrap = Box::new(move |body| look(false, true, body));
        } else if self.eat_text("?<=") {
            wrap = Box::new(move |body| look(true, false, body));
        } else if self.eat_text("?<!") {
            wrap = Box::new(move |body| look(true, true, body));
        } else {
            if self.eat_text("?<") {
                let name = self.group_name()?;
                let known = self.names.iter().flatten().filter(|known| **known == name);
                if known.count() > 1 {
                    return Err(self.fault("two groups have this name"));
                }
            } else if self.peek() == Some('?') {
                return Err(self.fault("no kind of group begins like this"));
            }
            self.groups += 1;
            let number = self.groups;
            wrap = Box::new(move |body| (Node::Group(number, Box::new(body)), true));
        }
        let body = self.disjunction()?;
        if !self.eat(')') {
            self.at = start;
            return Err(self.fault("the group has no `)`"));
        }
        Ok(wrap(body))
    }

    fn group_name(&mut self) -> Result<String, EcmaRegexError> {
        let mut name = String::new();
        while let Some(character) = self.peek().filter(|c| *c != '>') {
            let fits = character.is_alphabetic()
                || matches!(character, '_' | '$')
                || (!name.is_empty()
                    && (character.is_alphanumeric()
                        || matches!(character, '\u{200C}' | '\u{200D}')));
            if !fits {
                return Err(self.fault("a group's name cannot hold this"));
            }
            name.push(character);
            self.at += 1;
        }
        if name.is_empty() || !self.eat('>') {
            return Err(self.fault("a group's name stands between `<` and `>`"));
        }
        Ok(name)
    }

    // What stands after a backslash outside of a class.
    fn atom_escape(&mut self) -> Result<(Node, bool), EcmaRegexError> {
        let Some(character) = self.peek() else {
            return Err(self.fault("nothing stands after the `\\`"));
        };
        match character {
            'b' | 'B' => {
                self.at += 1;
                return Ok((Node::Word(character == 'b'), false));
            }
            '1'..='9' => {
                let start = self.at;
                let number = self.number().map_or(0, |number| number as usize);
                if number <= self.names.len() {
                    return Ok((Node::Back(number), true));
                }
                self.at = start;
            }
            'k' if self.has_names => {
                self.at += 1;
                if !self.eat('<') {
                    return Err(self.fault("after `\\k` a group's name stands in `<` and `>`"));
                }
                let name = self.group_name()?;
                let number = self
                    .names
                    .iter()
                    .position(|known| known.as_deref() == Some(&name));
                return match number {
                    Some(number) => Ok((Node::Back(number + 1), true)),
                    None => Err(self.fault("no group has this name")),
                };
            }
            _ => {}
        }
        if let Some(set) = self.set_escape() {
            return Ok((self.set_node(set), true));
        }
        let set = self.character_escape()?;
        Ok((self.set_node(set), true))
    }

    // `\d` and its like.
    fn set_escape(&mut self) -> Option<ClassUnicode> {
        let character = self.peek()?;
        let set = match character.to_ascii_lowercase() {
            'd' => set(&[('0', '9')]),
            'w' => set(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
            's' => spaces(),
            _ => return None,
        };
        self.at += 1;
        Some(if character.is_ascii_uppercase() {
            negated(set)
        } else {
            set
        })
    }

    // One character that is written with a backslash; a surrogate on its own is none that a text
    // could hold.
    fn character_escape(&mut self) -> Result<ClassUnicode, EcmaRegexError> {
        self.character_code(false)
            .map(|code| match char::from_u32(code) {
                Some(character) => set(&[(character, character)]),
                None => ClassUnicode::empty(),
            })
    }

    fn character_code(&mut self, in_class: bool) -> Result<u32, EcmaRegexError> {
        let Some(character) = self.peek() else {
            return Err(self.fault("nothing stands after the `\\`"));
        };
        self.at += 1;
        Ok(match character {
            'f' => 0xC,
            'n' => 0xA,
            'r' => 0xD,
            't' => 0x9,
            'v' => 0xB,
            'b' if in_class => 0x8,
            'c' => match self.peek() {
                Some(letter)
                    if letter.is_ascii_alphabetic()
                        || (in_class && (letter.is_ascii_digit() || letter == '_')) =>
                {
                    self.at += 1;
                    u32::from(letter) % 32
                }
                // The backslash stands for itself, and the `c` is read again.
                _ => {
                    self.at -= 1;
                    u32::from('\\')
                }
            },
            'x' => self.hex(2).unwrap_or(u32::from('x')),
            'u' => match self.hex(4) {
                None => u32::from('u'),
                Some(high) if (0xD800..0xDC00).contains(&high) => self.low_surrogate(high),
                Some(code) => code,
            },
            '0'..='7' => {
                let mut code = character.to_digit(8).unwrap_or(0);
                let most = if code < 4 { 2 } else { 1 };
                for _ in 0..most {
                    let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit;
                    self.at += 1;
                }
                code
            }
            'k' if self.has_names => {
                return Err(self.fault("`\\k` refers to a group by name"));
            }
            other => u32::from(other),
        })
    }

    fn hex(&mut self, length: usize) -> Option<u32> {
        let digits = self.chars.get(self.at..self.at + length)?;
        let code = digits.iter().try_fold(0, |code, digit| {
            digit.to_digit(16).map(|digit| code * 16 + digit)
        })?;
        self.at += length;
        Some(code)
    }

    // Two surrogates that belong together are one character.
    fn low_surrogate(&mut self, high: u32) -> u32 {
        let before = self.at;
        if self.eat_text("\\u")
            && let Some(low) = self.hex(4)
            && (0xDC00..0xE000).contains(&low)
        {
            return 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }
        self.at = before;
        high
    }

    // A class after its `[`.
    fn class(&mut self) -> Result<ClassUnicode, EcmaRegexError> {
        let start = self.at - 1;
        let negate = self.eat('^');
        let mut out = ClassUnicode::empty();
        loop {
            let Some(character) = self.peek() else {
                self.at = start;
                return Err(self.fault("the class has no `]`"));
            };
            if character == ']' {
                self.at += 1;
                break;
            }
            let first = self.class_atom()?;
            let is_range = self.peek() == Some('-')
                && self.chars.get(self.at + 1).is_some_and(|next| *next != ']');
            if !is_range {
                first.add_to(&mut out);
                continue;
            }
            self.at += 1;
            let last = self.class_atom()?;
            match (first, last) {
                (Member::One(first), Member::One(last)) if first <= last => {
                    push_range(&mut out, first, last);
                }
                (Member::One(_), Member::One(_)) => {
                    return Err(self.fault("the range ends before it begins"));
                }
                // Annex B: with a set at one end the hyphen stands for itself.
                (first, last) => {
                    first.add_to(&mut out);
                    Member::One(u32::from('-')).add_to(&mut out);
                    last.add_to(&mut out);
                }
            }
        }
        Ok(if negate { negated(out) } else { out })
    }

    fn class_atom(&mut self) -> Result<Member, EcmaRegexError> {
        let Some(character) = self.peek() else {
            return Err(self.fault("the class has no `]`"));
        };
        self.at += 1;
        if character != '\\' {
            return Ok(Member::One(u32::from(character)));
        }
        if let Some(set) = self.set_escape() {
            return Ok(Member::Set(set));
        }
        self.character_code(true).map(Member::One)
    }
}

// What stands between `[` and `]`: a code point, or a set such as `\d`.
enum Member {
    One(u32),
    Set(ClassUnicode),
}

impl Member {
    fn add_to(&self, out: &mut ClassUnicode) {
        match self {
            Self::One(code) => push_range(out, *code, *code),
            Self::Set(set) => out.union(set),
        }
    }
}

// Surrogates are code points but not characters.
fn push_range(out: &mut ClassUnicode, first: u32, last: u32) {
    for (first, last) in [(first, last.min(0xD7FF)), (first.max(0xE000), last)] {
        if first <= last
            && let (Some(first), Some(last)) = (char::from_u32(first), char::from_u32(last))
        {
            out.push(ClassUnicodeRange::new(first, last));
        }
    }
}

fn one_or(mut nodes: Vec<Node>, several: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        0 => Node::Empty,
        1 => nodes.remove(0),
        _ => several(nodes),
    }
}

fn set(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(
        ranges
            .iter()
            .map(|(first, last)| ClassUnicodeRange::new(*first, *last)),
    )
}

fn negated(mut set: ClassUnicode) -> ClassUnicode {
    set.negate();
    set
}

// Spec: ECMAScript §12.3
fn line_ends() -> ClassUnicode {
    set(&[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')])
}

// White space and line ends.
//
// Spec: ECMAScript §12.2, §12.3
fn spaces() -> ClassUnicode {
    set(&[
        ('\t', '\r'),
        (' ', ' '),
        ('\u{A0}', '\u{A0}'),
        ('\u{1680}', '\u{1680}'),
        ('\u{2000}', '\u{200A}'),
        ('\u{2028}', '\u{2029}'),
        ('\u{202F}', '\u{202F}'),
        ('\u{205F}', '\u{205F}'),
        ('\u{3000}', '\u{3000}'),
        ('\u{FEFF}', '\u{FEFF}'),
    ])
}
