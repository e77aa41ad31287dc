//! Reads number patterns of UAX 35.
//!
//! In: a pattern such as `#,##0.00;(#,##0.00)` and the separators it is written with. Out: a
//! [`Shape`], which says what a number has to have.

/// What an explicit pattern asks of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) prefix: Affix,
    pub(super) suffix: Affix,
    /// Prefix and suffix of numbers below zero, if the pattern has some.
    pub(super) negative: Option<(Affix, Affix)>,
    pub(super) padding: Option<Padding>,
    pub(super) minimum_whole: usize,
    /// Only with an exponent.
    pub(super) maximum_whole: Option<usize>,
    /// Whether the pattern has a decimal sign.
    pub(super) point: bool,
    pub(super) minimum_fraction: usize,
    pub(super) maximum_fraction: usize,
    /// Sizes of the last group before the point and of those before it.
    pub(super) grouping: Option<(usize, usize)>,
    pub(super) fraction_grouping: Option<usize>,
    pub(super) exponent: Option<Exponent>,
    /// Two places for per cent, three for per mille.
    pub(super) shift: usize,
}

/// The exponent: its least number of digits, and whether it always has a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exponent {
    pub(super) digits: usize,
    pub(super) plus: bool,
}

/// What stands before or after the digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Affix {
    pub(super) parts: Vec<AffixPart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AffixPart {
    /// A character to the letter, percent signs among them.
    Text(char),
    Plus,
    Minus,
}

/// What fills numbers up to a width, in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Padding {
    pub(super) character: char,
    pub(super) position: PadPosition,
    pub(super) width: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PadPosition {
    Start,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Zero,
    Hash,
    Point,
    Group,
    Exponent,
    Plus,
    Minus,
    Percent,
    PerMille,
    Pad(char),
    Text(char),
}

impl Affix {
    pub(super) fn has_sign(&self) -> bool {
        let is_sign = |part: &AffixPart| matches!(part, AffixPart::Plus | AffixPart::Minus);
        self.parts.iter().any(is_sign)
    }
}

impl Token {
    fn is_digit(self) -> bool {
        matches!(self, Self::Zero | Self::Hash)
    }

    fn is_number(self) -> bool {
        self.is_digit() || matches!(self, Self::Point | Self::Group)
    }
}

/// Reads a pattern.
///
/// Spec: UAX 35 part 3 §3.2 to §3.4
pub(super) fn parse(pattern: &str, point: &str, group: &str) -> Result<Shape, &'static str> {
    let mut patterns = tokens(pattern, point, group)?.into_iter();
    let positive = patterns.next().unwrap_or_default();
    let negative = patterns.next();
    if patterns.next().is_some() {
        return Err("it has more than two parts between `;`");
    }
    let mut shape = parse_one(&positive)?;
    if let Some(negative) = negative {
        // Only what stands around the digits counts.
        let negative = parse_one(&negative)?;
        if (&negative.prefix, &negative.suffix) == (&shape.prefix, &shape.suffix) {
            return Err("its two parts do not differ around the digits");
        }
        shape.negative = Some((negative.prefix, negative.suffix));
    }
    Ok(shape)
}

// The tokens of each part between `;`. In quotes all characters are text.
fn tokens(pattern: &str, point: &str, group: &str) -> Result<Vec<Vec<Token>>, &'static str> {
    let mut parts = vec![Vec::new()];
    let mut rest = pattern;
    let mut in_quotes = false;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        let token = if character == '\'' {
            if rest[1..].starts_with('\'') {
                length = 2;
                Some(Token::Text('\''))
            } else {
                in_quotes = !in_quotes;
                None
            }
        } else if in_quotes {
            Some(Token::Text(character))
        } else if rest.starts_with(point) {
            length = point.len();
            Some(Token::Point)
        } else if rest.starts_with(group) {
            length = group.len();
            Some(Token::Group)
        } else {
            match character {
                ';' => {
                    parts.push(Vec::new());
                    None
                }
                '0' => Some(Token::Zero),
                '#' => Some(Token::Hash),
                'E' => Some(Token::Exponent),
                '+' => Some(Token::Plus),
                '-' => Some(Token::Minus),
                '%' => Some(Token::Percent),
                '‰' => Some(Token::PerMille),
                '*' => {
                    let pad = rest[1..].chars().next().ok_or("nothing stands after `*`")?;
                    if pad.is_ascii_digit() || matches!(pad, '\'' | '+' | '-') {
                        return Err("numbers cannot be filled up with this character");
                    }
                    length += pad.len_utf8();
                    Some(Token::Pad(pad))
                }
                '1'..='9' => return Err("rounding is not supported"),
                '@' => return Err("significant digits (`@`) are not supported"),
                '¤' => return Err("currencies (`¤`) are not supported"),
                other => Some(Token::Text(other)),
            }
        };
        if let (Some(token), Some(part)) = (token, parts.last_mut()) {
            part.push(token);
        }
        rest = &rest[length..];
    }
    if in_quotes {
        return Err("a quote is not closed");
    }
    Ok(parts)
}

fn parse_one(tokens: &[Token]) -> Result<Shape, &'static str> {
    let start = tokens
        .iter()
        .position(|token| token.is_number())
        .ok_or("it has neither `#` nor `0`")?;
    let length = |from: usize, fits: fn(Token) -> bool| {
        let rest = tokens[from..].iter();
        rest.take_while(|token| fits(**token)).count()
    };
    let mantissa = &tokens[start..start + length(start, Token::is_number)];
    let mut end = start + mantissa.len();
    let mut exponent = None;
    if tokens.get(end) == Some(&Token::Exponent) {
        let plus = tokens.get(end + 1) == Some(&Token::Plus);
        let from = end + 1 + usize::from(plus);
        end = from + length(from, Token::is_digit);
        let digits = &tokens[from..end];
        if digits.is_empty() {
            return Err("after `E` there have to be zeros");
        }
        if is_out_of_order(digits.iter().copied()) {
            return Err("`#` cannot follow `0` after `E`");
        }
        exponent = Some(Exponent {
            digits: zeros(digits).max(1),
            plus,
        });
    }
    let (prefix, suffix) = (&tokens[..start], &tokens[end..]);
    if suffix.iter().any(|token| token.is_number()) {
        return Err("there is text between its digits");
    }
    let mut points = mantissa.split(|token| *token == Token::Point);
    let whole = points.next().unwrap_or_default();
    let fraction = points.next();
    if points.next().is_some() {
        return Err("it has two decimal signs");
    }
    let point = fraction.is_some();
    let fraction = fraction.unwrap_or_default();
    let count = |part: &[Token]| part.iter().filter(|token| token.is_digit()).count();
    if count(whole) + count(fraction) == 0 {
        return Err("it has neither `#` nor `0`");
    }
    if is_out_of_order(whole.iter().copied()) {
        return Err("`#` cannot follow `0` before the decimal sign");
    }
    if is_out_of_order(fraction.iter().rev().copied()) {
        return Err("`0` cannot follow `#` after the decimal sign");
    }
    let signs = |wanted| tokens.iter().filter(|token| **token == wanted).count();
    let shift = match (signs(Token::Percent), signs(Token::PerMille)) {
        (0, 0) => 0,
        (1, 0) => 2,
        (0, 1) => 3,
        _ => return Err("it has more than one per cent or per mille sign"),
    };
    // Without an exponent numbers may have any number of digits before the point.
    let maximum_whole = exponent.is_some().then(|| count(whole));
    Ok(Shape {
        prefix: affix(prefix),
        suffix: affix(suffix),
        negative: None,
        padding: padding(prefix, suffix, tokens)?,
        minimum_whole: zeros(whole),
        maximum_whole,
        point,
        minimum_fraction: zeros(fraction),
        maximum_fraction: count(fraction),
        grouping: grouping(whole)?,
        fraction_grouping: fraction_grouping(fraction)?,
        exponent,
        shift,
    })
}

fn zeros(part: &[Token]) -> usize {
    part.iter().filter(|token| **token == Token::Zero).count()
}

// Whether a `#` comes after a `0`.
fn is_out_of_order(part: impl Iterator<Item = Token>) -> bool {
    part.filter(|token| token.is_digit())
        .skip_while(|token| *token == Token::Hash)
        .any(|token| token == Token::Hash)
}

// Spec: UAX 35 part 3 §3.2, "primary and secondary grouping"
fn grouping(whole: &[Token]) -> Result<Option<(usize, usize)>, &'static str> {
    let sizes: Vec<usize> = whole
        .split(|token| *token == Token::Group)
        .map(<[_]>::len)
        .collect();
    let [.., secondary, primary] = sizes[..] else {
        return Ok(None);
    };
    if primary == 0 || (secondary == 0 && sizes.len() > 2) {
        return Err("a group has no digits");
    }
    Ok(Some((
        primary,
        if sizes.len() > 2 { secondary } else { primary },
    )))
}

fn fraction_grouping(fraction: &[Token]) -> Result<Option<usize>, &'static str> {
    let mut groups = fraction.split(|token| *token == Token::Group);
    let first = groups.next().map_or(0, <[_]>::len);
    let others: Vec<usize> = groups.map(<[_]>::len).collect();
    if others.is_empty() {
        return Ok(None);
    }
    if first == 0 || others.contains(&0) {
        return Err("a group has no digits");
    }
    Ok(Some(first))
}

fn affix(tokens: &[Token]) -> Affix {
    let parts = tokens.iter().filter_map(|token| {
        Some(match token {
            Token::Plus => AffixPart::Plus,
            Token::Minus => AffixPart::Minus,
            Token::Percent => AffixPart::Text('%'),
            Token::PerMille => AffixPart::Text('‰'),
            Token::Exponent => AffixPart::Text('E'),
            Token::Text(character) => AffixPart::Text(*character),
            _ => return None,
        })
    });
    Affix {
        parts: parts.collect(),
    }
}

// Between text and digits padding could not be told from either, so it stands at one end.
fn padding(
    prefix: &[Token],
    suffix: &[Token],
    all: &[Token],
) -> Result<Option<Padding>, &'static str> {
    let is_pad = |token: &&Token| matches!(token, Token::Pad(_));
    if all.iter().filter(is_pad).count() > 1 {
        return Err("it has two `*`");
    }
    let found = match (prefix, suffix) {
        ([Token::Pad(character), ..], _) => Some((*character, PadPosition::Start)),
        (_, [.., Token::Pad(character)]) => Some((*character, PadPosition::End)),
        _ if all.iter().any(|token| is_pad(&token)) => {
            return Err("`*` is supported at either end only");
        }
        _ => None,
    };
    Ok(found.map(|(character, position)| Padding {
        character,
        position,
        width: all.len() - 1,
    }))
}
