//! The comment lines at the top of a query: what it asks, what comes back, what can be set.
//!
//! In: the text of a query. Out: questions by language, a description of the answer, parameters.
//!
//! ```text
//! # en: Which meetings took place in a year?
//! # ar: ما الاجتماعات التي عقدت في سنة؟
//! # returns: one row for each meeting: meeting, label
//! # param: year = 2021 — the year, four digits
//! ```
//!
//! A comment line that begins with two spaces or more goes on with the line before. Values are kept
//! as text here; `value` turns them into terms.

use super::value::value_length;

/// What the comments at the top of a query say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The question by language tag, in the order of the lines.
    pub questions: Vec<(String, String)>,
    /// What comes back.
    pub returns: Option<String>,
    /// Variables that may be set.
    pub parameters: Vec<Parameter>,
}

/// A variable of a query that may be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The variable's name, without `?`.
    pub name: String,
    /// The value used if none is given, as SPARQL or bare text; without one it has to be given.
    pub default: Option<String>,
    /// What it is; may be empty.
    pub description: String,
}

impl Header {
    /// Reads the comment lines before the first line that is neither comment nor empty. Lines that
    /// say nothing known are skipped.
    ///
    /// # Examples
    ///
    /// ```
    /// use coalition_kg::query::Header;
    ///
    /// let header = Header::parse("# en: Who?\n# param: year = 2021 — the year\nSELECT * {}");
    /// assert_eq!(header.question("en"), Some("Who?"));
    /// assert_eq!(header.parameters[0].default.as_deref(), Some("2021"));
    /// ```
    pub fn parse(text: &str) -> Self {
        let mut header = Self::default();
        for (key, value) in entries(text) {
            match key.as_str() {
                "returns" => header.returns = Some(value),
                "param" => header.parameters.extend(parse_parameter(&value)),
                _ if is_language(&key) => header.questions.push((key, value)),
                _ => {}
            }
        }
        header
    }

    /// The question in a language.
    pub fn question(&self, language: &str) -> Option<&str> {
        self.questions
            .iter()
            .find(|(tag, _)| tag.eq_ignore_ascii_case(language))
            .map(|(_, question)| question.as_str())
    }
}

/// Key and value of each comment line, continued lines joined.
fn entries(text: &str) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = Vec::new();
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = text
        .lines()
        .map(str::trim_end)
        .skip_while(|line| line.is_empty());
    for line in lines.map_while(|line| match line {
        "" => Some(""),
        _ => line.strip_prefix('#'),
    }) {
        if let Some((_, value)) = entries.last_mut()
            && line.starts_with("  ")
        {
            value.push(' ');
            value.push_str(line.trim());
        } else if let Some((key, value)) = line.split_once(':') {
            entries.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    entries
}

/// Two or three letters, then subtags.
fn is_language(key: &str) -> bool {
    let mut subtags = key.split('-');
    subtags.next().is_some_and(|tag| {
        (2..=3).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphabetic())
    }) && subtags
        .all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `name = value — description`; value and description may be missing.
fn parse_parameter(text: &str) -> Option<Parameter> {
    let name_end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if name.is_empty() {
        return None;
    }
    let rest = rest.trim_start();
    let (default, description) = match rest.strip_prefix('=').map(str::trim_start) {
        Some(rest) => {
            let (value, description) = rest.split_at(value_length(rest));
            ((!value.is_empty()).then(|| value.to_owned()), description)
        }
        None => (None, rest),
    };
    Some(Parameter {
        name: name.to_owned(),
        default,
        description: description
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '—' | '–' | '-' | ':'))
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, name: &str, default: Option<&str>, description: &str) {
        let header = Header::parse(&format!("# param: {line}"));
        let expected = Parameter {
            name: name.to_owned(),
            default: default.map(str::to_owned),
            description: description.to_owned(),
        };
        assert_eq!(header.parameters, [expected]);
    }

    #[test]
    fn parameters_have_a_value_and_a_description() {
        check(
            "actor = <https://e.org/a b>  — the actor",
            "actor",
            Some("<https://e.org/a"),
            "b>  — the actor",
        );
        check(
            "actor = <https://e.org/a>  — the actor",
            "actor",
            Some("<https://e.org/a>"),
            "the actor",
        );
        check(
            "l = \"a \\\" b\"@ar-EG - words",
            "l",
            Some("\"a \\\" b\"@ar-EG"),
            "words",
        );
        check("n = \"1\"^^xsd:int", "n", Some("\"1\"^^xsd:int"), "");
        check(
            "n = \"1\"^^<http://e.org/d> -- x",
            "n",
            Some("\"1\"^^<http://e.org/d>"),
            "x",
        );
        check("year = 2021", "year", Some("2021"), "");
        check("actor — the actor", "actor", None, "the actor");
        check("actor =", "actor", None, "");
    }

    #[test]
    fn reads_the_top_comments_only() {
        let header = Header::parse(
            "\u{FEFF}\n# A file.\n# en: Which\n#   meetings?\n\n# ar-EG: أي؟\n# returns: rows\n# other: x\nSELECT *\n# fr: non\n",
        );
        assert_eq!(header.questions.len(), 2);
        assert_eq!(header.question("EN"), Some("Which meetings?"));
        assert_eq!(header.question("ar-EG"), Some("أي؟"));
        assert_eq!(header.returns.as_deref(), Some("rows"));
        assert!(header.parameters.is_empty());
    }
}
