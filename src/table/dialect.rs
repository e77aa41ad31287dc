//! How a table is written down: delimiters, quotes, header rows, encoding.

/// Encodings that tables often have, for messages.
pub(crate) const ENCODINGS: [&str; 6] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1252",
    "windows-1256",
    "iso-8859-1",
];

/// Which ends of a cell's text lose their white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Trim {
    /// Neither.
    #[default]
    None,
    /// The start.
    Start,
    /// The end.
    End,
    /// Both.
    Both,
}

impl Trim {
    /// Takes white space off.
    pub fn apply(self, text: &str) -> &str {
        match self {
            Self::None => text,
            Self::Start => text.trim_start(),
            Self::End => text.trim_end(),
            Self::Both => text.trim(),
        }
    }
}

/// The parsing flags of a table.
///
/// Spec: tabular-data-model §8
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// The name of the character encoding.
    pub encoding: String,
    /// The text between two cells.
    pub delimiter: String,
    /// The quote character, if there are quoted cells.
    pub quote_char: Option<char>,
    /// Whether a quote inside a quoted cell is doubled (else a backslash stands before it, or
    /// before any other character that is meant as it stands; outside quotes it is text).
    pub double_quote: bool,
    /// Rows that begin with it are comments.
    pub comment_prefix: Option<String>,
    /// How many header rows there are.
    pub header_row_count: usize,
    /// How many rows stand before the header, comments among them.
    pub skip_rows: usize,
    /// How many columns stand before the first.
    pub skip_columns: usize,
    /// Whether rows without any text are passed over.
    pub skip_blank_rows: bool,
    /// Which white space of cells is not part of their value.
    pub trim: Trim,
    /// Whether rows may have more or fewer cells than the header: cells that are missing have no value, those too
    /// many are passed over, both with a warning. No flag of CSVW.
    pub fills_rows: bool,
    /// The texts that end a row; where several fit, the longest does.
    pub line_terminators: Vec<String>,
}

impl Dialect {
    /// Whether there is a decoder of this name.
    pub fn knows_encoding(name: &str) -> bool {
        encoding_rs::Encoding::for_label(name.trim().as_bytes()).is_some()
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            encoding: "utf-8".to_owned(),
            delimiter: ",".to_owned(),
            quote_char: Some('"'),
            double_quote: true,
            comment_prefix: None,
            header_row_count: 1,
            skip_rows: 0,
            skip_columns: 0,
            skip_blank_rows: false,
            trim: Trim::None,
            fills_rows: false,
            line_terminators: vec!["\r\n".to_owned(), "\n".to_owned()],
        }
    }
}
