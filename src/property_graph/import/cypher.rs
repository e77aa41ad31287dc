//! The Cypher script: `UNWIND [rows] AS row MERGE …;`, and constraints, which say nothing of the graph.
//!
//! Spec: openCypher, "Literals"

use super::lines::{Lines, Place};
use super::quads::{Node, Properties, Quads, Relationship, insert};
use super::{ImportError, Open};
use crate::property_graph::value::double;
use crate::property_graph::{KEY, Kind, PropertyName};

/// Reads a script; memory: the rows of one statement.
pub(super) fn read(
    name: &str,
    mut open: Open<'_>,
    quads: &mut Quads<'_, '_>,
) -> Result<(), ImportError> {
    let mut script = Script {
        lines: Lines::open(name, &mut open)?,
        line: String::new(),
        at: 0,
    };
    while script.peek()?.is_some() {
        match script.word()?.as_str() {
            "CREATE" => script.declaration(quads)?,
            "UNWIND" => script.rows(quads)?,
            word => {
                let reason = format!("`{word}` begins no statement that `export` writes");
                return Err(script.fault(reason));
            }
        }
    }
    Ok(())
}

/// A row, with the place where it begins.
struct Row<'m> {
    texts: Texts,
    properties: Properties<'m>,
    place: Place,
}

/// The texts of a row by name: of nodes `iri`, of relationships `s`, `e` and `id`, and, beside the
/// properties of these, `iri` and `graph`.
#[derive(Default)]
struct Texts {
    key: Option<String>,
    start: Option<String>,
    end: Option<String>,
    id: Option<String>,
    folded: Option<String>,
    graph: Option<String>,
}

struct Script {
    lines: Lines,
    line: String,
    /// The next byte of the line.
    at: usize,
}

impl Script {
    fn rest(&self) -> &str {
        &self.line[self.at..]
    }

    fn place(&self) -> Place {
        let mut place = self.lines.place().clone();
        place.line = place.line.max(1);
        place.of_byte(&self.line, self.at)
    }

    fn fault(&self, reason: impl Into<String>) -> ImportError {
        self.place().fault(reason)
    }

    /// The next character that is no white space; nothing at the end of the script.
    fn peek(&mut self) -> Result<Option<char>, ImportError> {
        loop {
            let rest = self.rest();
            let more = rest.trim_start_matches([' ', '\t', '\r', '\n']);
            self.at += rest.len() - more.len();
            if let Some(next) = self.rest().chars().next() {
                return Ok(Some(next));
            }
            // The last line stays, for the place of what is missing.
            let mut line = String::new();
            if !self.lines.read(&mut line)? {
                return Ok(None);
            }
            self.line = line;
            self.at = 0;
        }
    }

    /// Whether these characters come next; they are taken if so.
    fn has(&mut self, text: &str) -> Result<bool, ImportError> {
        self.peek()?;
        let has = self.rest().starts_with(text);
        if has {
            self.at += text.len();
        }
        Ok(has)
    }

    fn expect(&mut self, text: &str) -> Result<(), ImportError> {
        if self.has(text)? {
            return Ok(());
        }
        Err(self.unexpected(text))
    }

    fn unexpected(&self, expected: &str) -> ImportError {
        match self.rest().chars().next() {
            Some(found) => self.fault(format!("`{expected}` was expected, not `{found}`")),
            None => self.fault(format!("the script ends where `{expected}` was expected")),
        }
    }

    /// Takes words, each with nothing else between them than white space.
    fn words(&mut self, words: &str) -> Result<(), ImportError> {
        for word in words.split(' ') {
            if !self.has_word(word)? {
                return Err(self.unexpected(word));
            }
        }
        Ok(())
    }

    fn has_word(&mut self, word: &str) -> Result<bool, ImportError> {
        self.peek()?;
        let length = self.word_length();
        let has = &self.rest()[..length] == word;
        if has {
            self.at += length;
        }
        Ok(has)
    }

    fn word_length(&self) -> usize {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        end.unwrap_or(rest.len())
    }

    fn word(&mut self) -> Result<String, ImportError> {
        self.peek()?;
        let length = self.word_length();
        if length == 0 {
            return Err(self.unexpected("a word"));
        }
        let word = self.rest()[..length].to_owned();
        self.at += length;
        Ok(word)
    }

    /// A name, in backticks or without.
    fn name(&mut self) -> Result<String, ImportError> {
        if !self.has("`")? {
            return self.word();
        }
        let end = self.rest().find('`');
        let end = end.ok_or_else(|| self.fault("a name that is never closed"))?;
        let name = self.rest()[..end].to_owned();
        self.at += end + 1;
        Ok(name)
    }

    /// A string of one line.
    fn string(&mut self) -> Result<String, ImportError> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find(|c: char| matches!(c, '"' | '\\') || c.is_control());
            let end = end.ok_or_else(|| self.fault("the script ends within a string"))?;
            text.push_str(&rest[..end]);
            let found = rest[end..].chars().next();
            self.at += end;
            match found {
                Some('"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some('\\') => text.push(self.escape()?),
                _ => return Err(self.fault("a control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ImportError> {
        let rest = &self.rest()[1..];
        let (c, length) = match rest.chars().next() {
            Some('u') => {
                let digits = rest.get(1..5);
                let digits = digits.filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
                let code = digits.and_then(|text| u32::from_str_radix(text, 16).ok());
                (code.and_then(char::from_u32), 5)
            }
            Some('n') => (Some('\n'), 1),
            Some('r') => (Some('\r'), 1),
            Some('t') => (Some('\t'), 1),
            Some(c @ ('"' | '\\')) => (Some(c), 1),
            _ => (None, 1),
        };
        let c = c.ok_or_else(|| self.fault("no escape that `export` writes"))?;
        self.at += 1 + length;
        Ok(c)
    }

    /// A value of a property, as the text of its native value.
    fn value(&mut self, property: &PropertyName) -> Result<String, ImportError> {
        let next = self.peek()?;
        let function = match property.kind {
            Kind::String => return self.string(),
            Kind::Boolean => {
                let place = self.place();
                let word = self.word()?;
                return match word.as_str() {
                    "true" | "false" => Ok(word),
                    _ => Err(place.fault(format!("`{word}` is neither true nor false"))),
                };
            }
            Kind::Integer | Kind::Double => return self.number(property.kind),
            Kind::Date => "date",
            Kind::LocalDateTime => "localdatetime",
            Kind::DateTime => "datetime",
        };
        // Some databases have no such values, and texts instead.
        if next == Some('"') {
            return self.string();
        }
        self.words(function)?;
        self.expect("(")?;
        let text = self.string()?;
        self.expect(")")?;
        Ok(text)
    }

    fn number(&mut self, kind: Kind) -> Result<String, ImportError> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let text = &rest[..end];
        let number = if kind == Kind::Integer {
            text.parse::<i64>().ok().map(|number| number.to_string())
        } else {
            let number = text.parse::<f64>().ok();
            number.filter(|number| number.is_finite()).map(double)
        };
        // As it is written, or nothing is known of it.
        match number {
            Some(number) if number == text => {
                self.at += end;
                Ok(number)
            }
            _ => Err(self.unexpected("a number")),
        }
    }

    fn values(&mut self, property: &PropertyName) -> Result<Vec<String>, ImportError> {
        if !property.array {
            return Ok(vec![self.value(property)?]);
        }
        self.expect("[")?;
        let mut values = Vec::new();
        loop {
            values.push(self.value(property)?);
            if !self.has(",")? {
                self.expect("]")?;
                return Ok(values);
            }
        }
    }

    /// The map of properties of a row; a relationship may have two texts among them.
    fn properties<'m>(
        &mut self,
        row: &mut Row<'m>,
        quads: &Quads<'m, '_>,
    ) -> Result<(), ImportError> {
        self.expect("{")?;
        if self.has("}")? {
            return Ok(());
        }
        let is_node = row.texts.key.is_some();
        loop {
            self.peek()?;
            let place = self.place();
            let name = self.name()?;
            self.expect(":")?;
            let text = match name.as_str() {
                KEY if !is_node => Some(&mut row.texts.folded),
                "graph" if !is_node => Some(&mut row.texts.graph),
                _ => None,
            };
            if let Some(text) = text {
                if text.replace(self.string()?).is_some() {
                    return Err(place.fault(format!("`{name}` stands here twice")));
                }
            } else {
                let (name, property) = quads.property(&name, &place)?;
                let values = self.values(property)?;
                insert(&mut row.properties, name, values, &place)?;
            }
            if !self.has(",")? {
                return self.expect("}");
            }
        }
    }

    fn row<'m>(&mut self, quads: &Quads<'m, '_>) -> Result<Row<'m>, ImportError> {
        self.peek()?;
        let mut row = Row {
            texts: Texts::default(),
            properties: Properties::new(),
            place: self.place(),
        };
        self.expect("{")?;
        if self.has_word(KEY)? {
            self.expect(":")?;
            row.texts.key = Some(self.string()?);
        } else {
            self.words("s")?;
            self.expect(":")?;
            row.texts.start = Some(self.string()?);
            self.expect(",")?;
            self.words("e")?;
            self.expect(":")?;
            row.texts.end = Some(self.string()?);
            self.expect(",")?;
            self.words("id")?;
            self.expect(":")?;
            row.texts.id = Some(self.string()?);
        }
        self.expect(",")?;
        self.words("p")?;
        self.expect(":")?;
        self.properties(&mut row, quads)?;
        self.expect("}")?;
        Ok(row)
    }

    /// A statement behind `UNWIND`.
    fn rows(&mut self, quads: &mut Quads<'_, '_>) -> Result<(), ImportError> {
        self.expect("[")?;
        let mut rows = vec![self.row(quads)?];
        while self.has(",")? {
            let row = self.row(quads)?;
            if row.texts.key.is_some() != rows[0].texts.key.is_some() {
                return Err(row.place.fault("nodes and relationships in one statement"));
            }
            rows.push(row);
        }
        self.expect("]")?;
        self.words("AS row")?;
        if rows[0].texts.key.is_some() {
            self.nodes(rows, quads)
        } else {
            self.relationships(rows, quads)
        }
    }

    /// `:`, and a label or type with its place.
    fn colon_name(&mut self) -> Result<(String, Place), ImportError> {
        self.expect(":")?;
        self.peek()?;
        let place = self.place();
        Ok((self.name()?, place))
    }

    /// A map that finds by a column of the row: `{iri: row.s}`.
    fn found_by(&mut self, name: &str, column: &str) -> Result<(), ImportError> {
        self.expect("{")?;
        self.words(name)?;
        self.expect(":")?;
        self.words("row")?;
        self.expect(".")?;
        self.words(column)?;
        self.expect("}")
    }

    /// `SET n += row.p`
    fn set_all(&mut self, variable: &str) -> Result<(), ImportError> {
        self.words("SET")?;
        self.words(variable)?;
        self.expect("+=")?;
        self.words("row")?;
        self.expect(".")?;
        self.words("p")
    }

    fn nodes<'m>(
        &mut self,
        rows: Vec<Row<'m>>,
        quads: &mut Quads<'m, '_>,
    ) -> Result<(), ImportError> {
        self.words("MERGE")?;
        self.expect("(")?;
        self.words("n")?;
        let mut names = vec![self.colon_name()?];
        self.found_by(KEY, KEY)?;
        self.expect(")")?;
        self.set_all("n")?;
        if self.has_word("SET")? {
            self.words("n")?;
            names.push(self.colon_name()?);
            while self.peek()? == Some(':') {
                names.push(self.colon_name()?);
            }
        }
        self.expect(";")?;
        let mut labels = Vec::new();
        for (name, place) in names {
            labels.extend(quads.label(&name, &place)?);
        }
        for row in rows {
            let node = Node {
                key: row.texts.key.unwrap_or_default(),
                labels: labels.clone(),
                properties: row.properties,
            };
            quads.node(&node, &row.place)?;
        }
        Ok(())
    }

    fn relationships<'m>(
        &mut self,
        rows: Vec<Row<'m>>,
        quads: &mut Quads<'m, '_>,
    ) -> Result<(), ImportError> {
        for variable in ["s", "e"] {
            self.words("MATCH")?;
            self.expect("(")?;
            self.words(variable)?;
            let (name, place) = self.colon_name()?;
            quads.label(&name, &place)?;
            self.found_by(KEY, variable)?;
            self.expect(")")?;
        }
        self.words("MERGE")?;
        self.expect("(")?;
        self.words("s")?;
        self.expect(")-[")?;
        self.words("r")?;
        let (kind, place) = self.colon_name()?;
        let kind = quads.kind(&kind, &place)?;
        self.found_by("id", "id")?;
        self.expect("]->(")?;
        self.words("e")?;
        self.expect(")")?;
        self.set_all("r")?;
        self.expect(";")?;
        for row in rows {
            let one = Relationship {
                kind,
                start: row.texts.start.unwrap_or_default(),
                end: row.texts.end.unwrap_or_default(),
                graph: row.texts.graph,
                key: row.texts.folded,
                properties: row.properties,
            };
            quads.relationship(&one, &row.place)?;
        }
        Ok(())
    }

    /// What stands behind `CREATE` and declares that keys are unique or are found by an index:
    ///
    /// - `CONSTRAINT name IF NOT EXISTS FOR (n:Label) REQUIRE n.iri IS UNIQUE;`
    /// - `CONSTRAINT ON (n:Label) ASSERT n.iri IS UNIQUE;`
    /// - `INDEX name IF NOT EXISTS FOR (n:Label) ON (n.iri);`, with or without the name and the words
    ///   behind it
    /// - `INDEX ON :Label(iri);`
    fn declaration(&mut self, quads: &Quads<'_, '_>) -> Result<(), ImportError> {
        let is_constraint = self.has_word("CONSTRAINT")?;
        if !is_constraint {
            self.words("INDEX")?;
        }
        if self.has_word("ON")? {
            if is_constraint {
                self.variable(quads)?;
                self.words("ASSERT")?;
                self.key_of_variable()?;
                self.words("IS UNIQUE")?;
            } else {
                self.label(quads)?;
                self.expect("(")?;
                self.key()?;
                self.expect(")")?;
            }
            return self.expect(";");
        }
        if !self.has_word("FOR")? {
            if !self.has_word("IF")? {
                self.name()?;
                if self.has_word("IF")? {
                    self.words("NOT EXISTS")?;
                }
            } else {
                self.words("NOT EXISTS")?;
            }
            self.words("FOR")?;
        }
        self.variable(quads)?;
        if is_constraint {
            self.words("REQUIRE")?;
            self.key_of_variable()?;
            self.words("IS UNIQUE")?;
        } else {
            self.words("ON")?;
            self.expect("(")?;
            self.key_of_variable()?;
            self.expect(")")?;
        }
        self.expect(";")
    }

    fn label(&mut self, quads: &Quads<'_, '_>) -> Result<(), ImportError> {
        let (name, place) = self.colon_name()?;
        quads.label(&name, &place)?;
        Ok(())
    }

    /// `(n:Label)`
    fn variable(&mut self, quads: &Quads<'_, '_>) -> Result<(), ImportError> {
        self.expect("(")?;
        self.words("n")?;
        self.label(quads)?;
        self.expect(")")
    }

    fn key(&mut self) -> Result<(), ImportError> {
        self.peek()?;
        let place = self.place();
        let name = self.name()?;
        if name == KEY {
            return Ok(());
        }
        Err(place.fault(format!("`{KEY}` was expected, not `{name}`")))
    }

    fn key_of_variable(&mut self) -> Result<(), ImportError> {
        self.words("n")?;
        self.expect(".")?;
        self.key()
    }
}
