//! Where the triples of a Turtle document stand.
//!
//! In: a document that a parser has taken for right. Out: for each triple the bytes of its subject,
//! predicate and object. The parser's triples carry no positions, so the document is walked a second
//! time, only for its shape: a triple is made where its object ends, that of a collection where it
//! begins. The parser gives those that become certain with the same token last first, which
//! [`Walked::order`] undoes.
//!
//! Spec: turtle §6.5

use std::ops::Range;

/// The bytes of a triple, counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// The subject; of a blank node in brackets or a list, the opening bracket.
    pub(super) subject: Range<usize>,
    /// The predicate; in a list, that which has the list.
    pub(super) predicate: Range<usize>,
    /// The object; of a blank node in brackets or a list, the opening bracket.
    pub(super) object: Range<usize>,
}

/// The triples of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Walked {
    /// Where they stand, in the order of their objects.
    pub(super) spots: Vec<Spot>,
    /// For each triple of the parser, in its order, which of `spots` is its own.
    pub(super) order: Vec<usize>,
}

/// Walks a document; nothing where its shape is another than that of Turtle 1.1.
pub(super) fn of_triples(text: &str) -> Option<Walked> {
    let mut walk = Walk {
        tokens: Tokens { text, at: 0 },
        peeked: None,
        taken: 0,
        open: Vec::new(),
        spots: Vec::new(),
        certain: Vec::new(),
    };
    while let Some(token) = walk.next() {
        walk.take(token)?;
    }
    if !walk.open.is_empty() {
        return None;
    }
    let Walk { spots, certain, .. } = walk;
    let mut order: Vec<_> = (0..spots.len()).collect();
    order.sort_by_key(|number| (certain[*number], std::cmp::Reverse(*number)));
    Some(Walked { spots, order })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Iri,
    Name,
    /// A word without a colon: `a`, `true`, `PREFIX`.
    Word,
    Text,
    Tag,
    /// `^^`
    Carets,
    Number,
    Sign(u8),
    Unknown,
}

type Token = (Kind, Range<usize>);

/// What has been opened and not yet closed.
enum Open {
    /// Predicates and objects of a subject, up to a sign.
    Properties {
        subject: Range<usize>,
        predicate: Option<Range<usize>>,
        end: u8,
        /// Whether it stands for a subject, so that nothing points to it.
        is_subject: bool,
    },
    /// The members of a list.
    Members {
        open: Range<usize>,
        predicate: Range<usize>,
    },
}

/// With which token the parser is sure of a triple.
#[derive(Debug, Clone, Copy)]
enum Certain {
    Now,
    WithNext,
}

struct Walk<'a> {
    tokens: Tokens<'a>,
    peeked: Option<Token>,
    /// How many tokens have been taken.
    taken: usize,
    open: Vec<Open>,
    spots: Vec<Spot>,
    /// For each spot, with which token its triple becomes certain.
    certain: Vec<usize>,
}

impl Walk<'_> {
    fn next(&mut self) -> Option<Token> {
        let token = self.peeked.take().or_else(|| self.tokens.next());
        self.taken += usize::from(token.is_some());
        token
    }

    fn next_if(&mut self, kind: Kind) -> Option<Token> {
        if self.peeked.is_none() {
            self.peeked = self.tokens.next();
        }
        let is_wanted = self.peeked.as_ref().is_some_and(|(next, _)| *next == kind);
        if is_wanted { self.next() } else { None }
    }

    fn take(&mut self, (kind, bytes): Token) -> Option<()> {
        match self.open.last_mut() {
            None => self.take_subject(kind, bytes),
            Some(Open::Members { .. }) if kind == Kind::Sign(b')') => {
                self.open.pop();
                self.pass_member();
                Some(())
            }
            Some(Open::Properties {
                predicate,
                end,
                is_subject,
                ..
            }) => match kind {
                Kind::Sign(sign) if sign == *end => {
                    let points = sign == b']' && !*is_subject;
                    let Some(Open::Properties { subject, .. }) = self.open.pop() else {
                        return None;
                    };
                    if points {
                        self.make(subject, Certain::Now)?;
                        self.pass_member();
                    }
                    Some(())
                }
                Kind::Sign(b';') => {
                    *predicate = None;
                    Some(())
                }
                Kind::Sign(b',') => Some(()),
                Kind::Iri | Kind::Name | Kind::Word if predicate.is_none() => {
                    *predicate = Some(bytes);
                    Some(())
                }
                _ if predicate.is_none() => None,
                _ => self.take_object(kind, bytes),
            },
            Some(Open::Members { .. }) => self.take_object(kind, bytes),
        }
    }

    fn take_subject(&mut self, kind: Kind, bytes: Range<usize>) -> Option<()> {
        let word = &self.tokens.text[bytes.clone()];
        let is = |wanted: &str| word.trim_start_matches('@').eq_ignore_ascii_case(wanted);
        match kind {
            Kind::Tag | Kind::Word if is("prefix") => {
                self.next_if(Kind::Name)?;
                self.end_declaration(kind)
            }
            Kind::Tag | Kind::Word if is("base") => self.end_declaration(kind),
            Kind::Iri | Kind::Name => {
                self.open.push(properties(bytes, b'.', false));
                Some(())
            }
            Kind::Sign(b'[') => {
                self.open.push(properties(bytes.clone(), b'.', false));
                if self.next_if(Kind::Sign(b']')).is_none() {
                    self.open.push(properties(bytes, b']', true));
                }
                Some(())
            }
            Kind::Sign(b'(') => {
                self.open.push(properties(bytes.clone(), b'.', false));
                if self.next_if(Kind::Sign(b')')).is_none() {
                    self.open.push(Open::Members {
                        open: bytes.clone(),
                        predicate: bytes,
                    });
                }
                Some(())
            }
            _ => None,
        }
    }

    fn end_declaration(&mut self, kind: Kind) -> Option<()> {
        self.next_if(Kind::Iri)?;
        if kind == Kind::Tag {
            self.next_if(Kind::Sign(b'.'))?;
        }
        Some(())
    }

    fn take_object(&mut self, kind: Kind, bytes: Range<usize>) -> Option<()> {
        match kind {
            Kind::Iri | Kind::Name | Kind::Word | Kind::Number => {
                self.make(bytes, Certain::Now)?;
            }
            Kind::Text => {
                let mut end = bytes.end;
                let mut certain = Certain::Now;
                if let Some((_, tag)) = self.next_if(Kind::Tag) {
                    end = tag.end;
                } else if self.next_if(Kind::Carets).is_some() {
                    let datatype = self.next_if(Kind::Iri);
                    end = datatype.or_else(|| self.next_if(Kind::Name))?.1.end;
                } else {
                    certain = Certain::WithNext;
                }
                self.make(bytes.start..end, certain)?;
            }
            Kind::Sign(b'[') => {
                if let Some((_, close)) = self.next_if(Kind::Sign(b']')) {
                    self.make(bytes.start..close.end, Certain::Now)?;
                } else {
                    self.open.push(properties(bytes, b']', false));
                    return Some(());
                }
            }
            Kind::Sign(b'(') => {
                if let Some((_, close)) = self.next_if(Kind::Sign(b')')) {
                    self.make(bytes.start..close.end, Certain::Now)?;
                } else {
                    self.make(bytes.clone(), Certain::WithNext)?;
                    let predicate = match self.open.last()? {
                        Open::Properties { predicate, .. } => predicate.clone()?,
                        Open::Members { predicate, .. } => predicate.clone(),
                    };
                    self.open.push(Open::Members {
                        open: bytes,
                        predicate,
                    });
                    return Some(());
                }
            }
            _ => return None,
        }
        self.pass_member();
        Some(())
    }

    // A triple of what is open with an object.
    fn make(&mut self, object: Range<usize>, certain: Certain) -> Option<()> {
        let (subject, predicate) = match self.open.last()? {
            Open::Properties {
                subject, predicate, ..
            } => (subject.clone(), predicate.clone()?),
            Open::Members { open, predicate } => (open.clone(), predicate.clone()),
        };
        self.push(subject, predicate, object, certain);
        Some(())
    }

    // The triple that goes on behind the member of a list.
    fn pass_member(&mut self) {
        if let Some(Open::Members { open, predicate }) = self.open.last() {
            let (open, predicate) = (open.clone(), predicate.clone());
            self.push(open.clone(), predicate, open, Certain::WithNext);
        }
    }

    fn push(
        &mut self,
        subject: Range<usize>,
        predicate: Range<usize>,
        object: Range<usize>,
        certain: Certain,
    ) {
        self.spots.push(Spot {
            subject,
            predicate,
            object,
        });
        self.certain.push(match certain {
            Certain::Now => self.taken,
            Certain::WithNext => self.taken + 1,
        });
    }
}

fn properties(subject: Range<usize>, end: u8, is_subject: bool) -> Open {
    Open::Properties {
        subject,
        predicate: None,
        end,
        is_subject,
    }
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.pass_space();
        let bytes = self.text.as_bytes();
        let start = self.at;
        let rest = &bytes[start..];
        let first = *rest.first()?;
        let is_number = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        let (kind, length) = match first {
            b'<' => (Kind::Iri, end_of(rest, 1, b'>')),
            b'"' | b'\'' => (Kind::Text, text_length(rest, first)),
            b'@' => {
                let is_tag = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-';
                (Kind::Tag, 1 + rest[1..].iter().take_while(is_tag).count())
            }
            b'^' if rest.get(1) == Some(&b'^') => (Kind::Carets, 2),
            b'[' | b']' | b'(' | b')' | b';' | b',' => (Kind::Sign(first), 1),
            b'+' | b'-' => (Kind::Number, number_length(rest)),
            b'.' if is_number(rest.get(1)) => (Kind::Number, number_length(rest)),
            b'.' => (Kind::Sign(b'.'), 1),
            b'0'..=b'9' => (Kind::Number, number_length(rest)),
            _ => {
                let length = name_length(rest);
                let has_colon = rest[..length].contains(&b':');
                match length {
                    0 => (Kind::Unknown, self.text[start..].chars().next()?.len_utf8()),
                    _ if has_colon => (Kind::Name, length),
                    _ => (Kind::Word, length),
                }
            }
        };
        self.at = (start + length).min(bytes.len());
        Some((kind, start..self.at))
    }
}

impl Tokens<'_> {
    fn pass_space(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => {
                    let rest = bytes[self.at..].iter();
                    self.at += rest
                        .take_while(|byte| !matches!(byte, b'\n' | b'\r'))
                        .count();
                }
                _ => break,
            }
        }
    }
}

fn end_of(rest: &[u8], from: usize, end: u8) -> usize {
    let found = rest[from..].iter().position(|byte| *byte == end);
    found.map_or(rest.len(), |at| from + at + 1)
}

fn text_length(rest: &[u8], quote: u8) -> usize {
    let is_long = rest.get(1) == Some(&quote) && rest.get(2) == Some(&quote);
    let quotes = if is_long { 3 } else { 1 };
    let mut at = quotes;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            _ if rest[at..].len() >= quotes
                && rest[at..at + quotes].iter().all(|b| *b == quote) =>
            {
                // A long text may end in quotes of its own.
                let more = rest[at..].iter().take_while(|byte| **byte == quote).count();
                return if is_long { at + more.min(5) } else { at + 1 };
            }
            _ => at += 1,
        }
    }
    rest.len()
}

fn number_length(rest: &[u8]) -> usize {
    let mut length = 0;
    while let Some(byte) = rest.get(length) {
        let is_exponent = length > 0 && matches!(rest[length - 1], b'e' | b'E');
        match byte {
            b'0'..=b'9' | b'.' | b'e' | b'E' => length += 1,
            b'+' | b'-' if length == 0 || is_exponent => length += 1,
            _ => break,
        }
    }
    // A dot at the end is that of the statement.
    let number = &rest[..length];
    length
        - number
            .iter()
            .rev()
            .take_while(|byte| **byte == b'.')
            .count()
}

fn name_length(rest: &[u8]) -> usize {
    let mut length = 0;
    let mut kept = 0;
    while let Some(byte) = rest.get(length) {
        match byte {
            b'\\' => {
                length = (length + 2).min(rest.len());
                kept = length;
            }
            b'.' => length += 1,
            0..=b' '
            | b'<'
            | b'>'
            | b'"'
            | b'\''
            | b'['
            | b']'
            | b'('
            | b')'
            | b';'
            | b','
            | b'#'
            | b'@'
            | b'^'
            | b'{'
            | b'}'
            | b'|'
            | b'`' => break,
            _ => {
                length += 1;
                kept = length;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let spots = of_triples(text).unwrap().spots;
        let shown: Vec<_> = spots
            .iter()
            .map(|spot| {
                (
                    &text[spot.subject.clone()],
                    &text[spot.predicate.clone()],
                    &text[spot.object.clone()],
                )
            })
            .collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn signs_in_texts_and_comments_are_no_signs() {
        check(
            "@prefix : <http://e/#> . # [ ; \nPREFIX b: <http://b/>\n<#a> :p \"a ; \\\" [\"@en-GB , '''x\n''y'''^^:t ; b:q 1.5 , -2. :s.t a :o\\,.\n",
            &[
                ("<#a>", ":p", "\"a ; \\\" [\"@en-GB"),
                ("<#a>", ":p", "'''x\n''y'''^^:t"),
                ("<#a>", "b:q", "1.5"),
                ("<#a>", "b:q", "-2"),
                (":s.t", "a", ":o\\,"),
            ],
        );
    }

    #[test]
    fn brackets_come_behind_what_they_hold() {
        check(
            ":a :b [ :c true ; ], [] . [ :d :e ] :f :g . [] :h _:x.",
            &[
                ("[", ":c", "true"),
                (":a", ":b", "["),
                (":a", ":b", "[]"),
                ("[", ":d", ":e"),
                ("[", ":f", ":g"),
                ("[", ":h", "_:x"),
            ],
        );
    }

    #[test]
    fn lists_come_before_their_members() {
        check(
            ":a :b ( [ :c :d ] (1) ) . () :e ().",
            &[
                (":a", ":b", "("),
                ("[", ":c", ":d"),
                ("(", ":b", "["),
                ("(", ":b", "("),
                ("(", ":b", "("),
                ("(", ":b", "1"),
                ("(", ":b", "("),
                ("(", ":b", "("),
                ("(", ":e", "()"),
            ],
        );
    }

    #[test]
    fn what_is_no_turtle_has_no_positions() {
        for text in [
            ":a :b",
            ":a :b [ :c :d .",
            "\"a\" :b :c .",
            ":a ; . }",
            "\\",
            "'",
        ] {
            assert_eq!(of_triples(text), None, "{text}");
        }
    }
}
