//! Reads a metadata document into a [`TableGroup`].
//!
//! In: a JSON [`Document`] and the IRI that it is under. Out: the group, with inherited properties
//! resolved, and a diagnostic for everything that had to be put right. What the specification
//! lets pass with a default is a warning here, what it refuses is an error.

use super::annotation;
use super::dialect;
use super::json::{Document, Json, Member, Node};
use super::limits::{self, Limits};
use super::locate::{is_local, is_on_the_web};
use super::metadata::{Annotation, Inherited, Table, TableGroup};
use super::names;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, nearest};
use crate::rdf::iri;
use crate::table::Dialect;
use oxilangtag::LanguageTag;
use oxrdf::NamedNode;
use rustc_hash::FxHashSet;

/// The context that every metadata document names.
const CONTEXT: &str = "http://www.w3.org/ns/csvw";

/// How long a number may be to be shown, in bytes.
const SHORT_NUMBER: usize = 40;

/// Reads other documents that a metadata document refers to: schemas and dialects.
pub trait Documents {
    /// The document under an IRI, or the diagnostic to show.
    ///
    /// # Errors
    /// When it cannot be read.
    fn document(&self, iri: &str) -> Result<Document, Box<Diagnostic>>;
}

/// Reads the table group, or the one table, of a document.
///
/// Returns nothing where the document is beyond use; the diagnostics say why.
pub fn parse(
    document: &Document,
    document_iri: &str,
    documents: &dyn Documents,
    diagnostics: &mut Diagnostics,
) -> Option<TableGroup> {
    let errors_before = diagnostics.errors();
    let mut parser = Parser {
        document,
        document_iri: document_iri.to_owned(),
        base: document_iri.to_owned(),
        language: "und".to_owned(),
        documents,
        diagnostics,
        limits: &Limits::default(),
    };
    let group = parser.parse_root();
    (parser.diagnostics.errors() == errors_before)
        .then_some(group)
        .flatten()
}

/// A document being read.
pub(super) struct Parser<'a> {
    pub(super) document: &'a Document,
    pub(super) document_iri: String,
    /// What relative references in the document are resolved against.
    pub(super) base: String,
    /// The default language of the context.
    pub(super) language: String,
    pub(super) documents: &'a dyn Documents,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) limits: &'a Limits,
}

impl Parser<'_> {
    pub(super) fn report(
        &mut self,
        severity: Severity,
        code: &'static str,
        node: &Node,
        message: impl Into<String>,
        help: Option<String>,
        spec: &'static str,
    ) {
        if !self.diagnostics.wants(code, &self.document.name, "") {
            self.diagnostics
                .count_one(severity, code, &self.document.name, "");
            return;
        }
        let location = self.document.location(&node.range);
        let mut diagnostic = Diagnostic::error(code, message, location).with_spec(spec);
        diagnostic.severity = severity;
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        node: &Node,
        message: String,
        spec: &'static str,
    ) {
        self.report(Severity::Error, code, node, message, None, spec);
    }

    /// A property has a value of the wrong kind: its default is used.
    pub(super) fn invalid(&mut self, property: &str, node: &Node, expected: &str) {
        self.report(
            Severity::Warning,
            "csvw::invalid-value",
            node,
            match &node.value {
                Json::Number(text) if text.len() <= SHORT_NUMBER => {
                    format!("`{property}` has to be {expected}, not `{text}`")
                }
                _ => format!("`{property}` has to be {expected}, not {}", node.kind()),
            },
            Some("its default is used instead".to_owned()),
            "metadata §4",
        );
    }

    fn parse_root(&mut self) -> Option<TableGroup> {
        let document = self.document;
        let root = &document.root;
        if !matches!(root.value, Json::Object(_)) {
            self.error(
                "csvw::not-an-object",
                root,
                format!(
                    "a metadata document has to be an object, not {}",
                    root.kind()
                ),
                "metadata §5.3",
            );
            return None;
        }
        self.warn_of_duplicates(root);
        self.parse_context(root)?;
        let inherited = Inherited::default();
        if root.get("tables").is_some() {
            return self.parse_group(root, &inherited);
        }
        if root.get("url").is_some() {
            let table = self.parse_table(root, &inherited, None, None)?;
            return Some(TableGroup {
                document: document.name.clone(),
                document_iri: Some(self.document_iri.clone()),
                tables: vec![table],
                ..TableGroup::default()
            });
        }
        self.report(
            Severity::Error,
            "csvw::missing-property",
            root,
            "a metadata document needs `tables` (a group) or `url` (one table)",
            Some("add `\"tables\": [{ \"url\": \"…\" }]`".to_owned()),
            "metadata §5.3",
        );
        None
    }

    // Of members of one name the last counts, which is hardly what was meant.
    //
    // Spec: RFC 8259 §4
    fn warn_of_duplicates(&mut self, root: &Node) {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            let mut names = FxHashSet::default();
            for member in node.members() {
                if !names.insert(member.key.as_str()) {
                    let message = format!("`{}` stands twice here; the last counts", member.key);
                    let (code, spec) = ("csvw::duplicate-member", "RFC 8259 §4");
                    self.report(Severity::Warning, code, &member.value, message, None, spec);
                }
                open.push(&member.value);
            }
            open.extend(node.items());
        }
    }

    // Spec: metadata §5.2
    fn parse_context(&mut self, root: &Node) -> Option<()> {
        let Some(context) = root.get("@context") else {
            self.report(
                Severity::Error,
                "csvw::context",
                root,
                "the document has no `@context`",
                Some(format!("add `\"@context\": \"{CONTEXT}\"`")),
                "metadata §5.2",
            );
            return None;
        };
        let parts: Vec<&Node> = match &context.value {
            Json::Array(items) => items.iter().collect(),
            _ => vec![context],
        };
        let named = parts.first().and_then(|part| part.as_str()) == Some(CONTEXT);
        if !named || parts.len() > 2 {
            self.error(
                "csvw::context",
                context,
                format!("`@context` has to be `\"{CONTEXT}\"` or begin with it"),
                "metadata §5.2",
            );
            return None;
        }
        let settings = parts.get(1).map_or(&[][..], |settings| settings.members());
        for member in settings {
            match (member.key.as_str(), member.value.as_str()) {
                ("@base", Some(base)) => match self.resolve(&member.value, base) {
                    Some(base) => self.base = base,
                    None => self.invalid("@base", &member.value, "an IRI"),
                },
                ("@language", Some(language)) if is_language_tag(language) => {
                    language.clone_into(&mut self.language);
                }
                ("@language", _) => self.invalid("@language", &member.value, "a language tag"),
                (key, _) => {
                    let message = format!("`@context` cannot hold `{key}`");
                    self.error("csvw::context", &member.value, message, "metadata §5.2");
                }
            }
        }
        Some(())
    }

    /// Reads an object that an IRI leads to, in the context of its own document. Only an object ends
    /// the search: another IRI could lead back here.
    ///
    /// Spec: metadata §5.1.5, §6.1
    pub(super) fn referenced<T>(
        &mut self,
        property: &str,
        node: &Node,
        reference: &str,
        read: impl FnOnce(&mut Parser<'_>, &Node) -> T,
    ) -> Option<T> {
        let Some(document_iri) = self.resolve(node, reference) else {
            self.invalid(property, node, "an object or an IRI");
            return None;
        };
        if is_on_the_web(&self.document_iri) && is_local(&document_iri) {
            self.error(
                "csvw::local-reference",
                node,
                format!("metadata from the web names a file of this machine, `{document_iri}`"),
                "metadata §5.1.5",
            );
            return None;
        }
        let other = self.read_once(node, &document_iri)?;
        let mut parser = Parser {
            document: &other,
            base: document_iri.clone(),
            document_iri,
            language: "und".to_owned(),
            documents: self.documents,
            diagnostics: &mut *self.diagnostics,
            limits: self.limits,
        };
        if !matches!(other.root.value, Json::Object(_)) {
            parser.invalid(property, &other.root, "an object");
            return None;
        }
        if other.root.get("@context").is_some() {
            parser.parse_context(&other.root)?;
        }
        Some(read(&mut parser, &other.root))
    }

    fn parse_group(&mut self, node: &Node, parent: &Inherited) -> Option<TableGroup> {
        self.check_type(node, "TableGroup");
        self.check_transformations(node);
        self.check_direction(node);
        let inherited = self.parse_inherited(node, parent);
        let (annotations, notes) = self.parse_others(
            node,
            &[names::TABLE_GROUP, names::INHERITED],
            "a table group",
        );
        let dialect = node
            .get("dialect")
            .map(|dialect| dialect::parse(self, dialect));
        let tables_node = node.get("tables")?;
        let Json::Array(items) = &tables_node.value else {
            let message = format!("`tables` has to be an array, not {}", tables_node.kind());
            self.error(
                "csvw::invalid-tables",
                tables_node,
                message,
                "metadata §5.3.1",
            );
            return None;
        };
        if items.is_empty() {
            let message = "`tables` has to name a table".to_owned();
            self.error(
                "csvw::invalid-tables",
                tables_node,
                message,
                "metadata §5.3.1",
            );
            return None;
        }
        if items.len() > limits::TABLES {
            let message = format!(
                "{} tables, of which a group may have {}",
                items.len(),
                limits::TABLES
            );
            self.error(limits::CODE, tables_node, message, "metadata §5.3.1");
            return None;
        }
        // A schema given for the group is that of each table without one.
        let group_schema = node.get("tableSchema");
        let mut tables = Vec::new();
        for item in items {
            if !matches!(item.value, Json::Object(_)) {
                self.invalid("tables", item, "an array of objects");
                continue;
            }
            if self.limits.is_reached() {
                break;
            }
            let table = self.parse_table(item, &inherited, dialect.as_ref(), group_schema);
            tables.extend(table);
        }
        if tables.is_empty() {
            let message = "`tables` describes no table".to_owned();
            self.error(
                "csvw::invalid-tables",
                tables_node,
                message,
                "metadata §5.3.1",
            );
            return None;
        }
        Some(TableGroup {
            document: self.document.name.clone(),
            document_iri: Some(self.document_iri.clone()),
            id: self.parse_id(node),
            tables,
            annotations,
            notes,
        })
    }

    fn parse_table(
        &mut self,
        node: &Node,
        parent: &Inherited,
        group_dialect: Option<&Dialect>,
        group_schema: Option<&Node>,
    ) -> Option<Table> {
        self.check_type(node, "Table");
        self.check_transformations(node);
        self.check_direction(node);
        let Some(url) = node.get("url") else {
            self.report(
                Severity::Error,
                "csvw::missing-property",
                node,
                "a table needs `url`",
                Some("add `\"url\": \"FILE.csv\"`".to_owned()),
                "metadata §5.4.1",
            );
            return None;
        };
        let resolved = if let Some(text) = url.as_str() {
            self.charge(url, self.base.len() + text.len());
            iri::resolve(&self.base, &encode_spaces(text))
        } else {
            let message = format!("`url` has to be a string, not {}", url.kind());
            self.error("csvw::invalid-url", url, message, "metadata §5.4.1");
            return None;
        };
        let table_url = match resolved {
            // Spec: metadata §6.1; tabular-data-model §6.3
            // A fragment is no part of what is fetched: RFC 3986 §3.5.
            Ok(resolved) => iri::normalize(resolved.split('#').next().unwrap_or_default()),
            Err(error) => {
                let message = format!("`url` is not an IRI: {error}");
                self.error("csvw::invalid-url", url, message, "metadata §5.4.1");
                return None;
            }
        };
        let inherited = self.parse_inherited(node, parent);
        let (annotations, notes) =
            self.parse_others(node, &[names::TABLE, names::INHERITED], "a table");
        let dialect = match node.get("dialect") {
            Some(dialect) => Some(dialect::parse(self, dialect)),
            None => group_dialect.cloned(),
        };
        let schema_node = node.get("tableSchema").or(group_schema);
        let schema = schema_node
            .map(|schema| self.parse_schema(schema, &inherited))
            .unwrap_or_default();
        Some(Table {
            id: self.parse_id(node),
            schema_unknown: schema_node.is_none(),
            schema,
            dialect_given: dialect.is_some(),
            dialect: dialect.unwrap_or_default(),
            suppress_output: self.boolean(node, "suppressOutput", false),
            annotations,
            notes,
            inherited,
            pointer: self.document.pointer(&node.range),
            url: table_url,
        })
    }

    // Spec: metadata §5.10
    fn check_transformations(&mut self, node: &Node) {
        let Some(list) = node.get("transformations") else {
            return;
        };
        let Json::Array(items) = &list.value else {
            self.invalid("transformations", list, "an array of objects");
            return;
        };
        for item in items {
            if !matches!(item.value, Json::Object(_)) {
                self.invalid("transformations", item, "an array of objects");
                continue;
            }
            self.check_type(item, "Template");
            self.parse_id(item);
            if let Some(source) = item.get("source")
                && !matches!(source.as_str(), Some("json" | "rdf"))
                && source.value != Json::Null
            {
                self.invalid("source", source, "`json` or `rdf`");
            }
            if let Some(titles) = item.get("titles") {
                self.parse_titles(titles);
            }
            self.parse_others(item, &[names::TRANSFORMATION], "a transformation");
            for required in ["url", "targetFormat", "scriptFormat"] {
                if let Some(link) = item.get(required) {
                    if link.as_str().is_none() {
                        self.invalid(required, link, "an IRI");
                    }
                } else {
                    let message = format!("a transformation needs `{required}`");
                    self.error("csvw::missing-property", item, message, "metadata §5.10.1");
                }
            }
        }
    }

    fn check_direction(&mut self, node: &Node) {
        if let Some(direction) = node.get("tableDirection") {
            let known = ["rtl", "ltr", "auto"];
            if !direction.as_str().is_some_and(|text| known.contains(&text)) {
                self.invalid("tableDirection", direction, "`rtl`, `ltr` or `auto`");
            }
        }
    }

    // Common properties and notes; what is neither those nor known is warned of.
    pub(super) fn parse_others(
        &mut self,
        node: &Node,
        known: &[&[&str]],
        what: &str,
    ) -> (Vec<Annotation>, Vec<Annotation>) {
        let mut annotations = Vec::new();
        let mut notes = Vec::new();
        for member in node.members() {
            let is_known = |name: &str| known.iter().any(|names| names.contains(&name));
            if member.key == "notes" && is_known("notes") {
                notes.extend(annotation::notes(self, &member.value));
            } else if is_known(&member.key) {
                // Read where its element is.
            } else if self.limits.is_reached() {
                break;
            } else if let Some(predicate) = annotation::predicate(&member.key) {
                annotations.extend(annotation::values(self, &predicate, &member.value));
            } else {
                self.unknown_property(member, known, what);
            }
        }
        (annotations, notes)
    }

    pub(super) fn only_known(&mut self, node: &Node, known: &[&str], what: &str) {
        for member in node.members() {
            if !known.contains(&member.key.as_str()) {
                self.unknown_property(member, &[known], what);
            }
        }
    }

    // Keys may hold nothing else, not even common properties.
    pub(super) fn refuse_unknown(&mut self, node: &Node, known: &[&str], what: &str) {
        for member in node.members() {
            if !known.contains(&member.key.as_str()) {
                let message = format!("`{}` is not a property of {what}", member.key);
                self.error(
                    "csvw::unknown-property",
                    &member.value,
                    message,
                    "metadata §5.5",
                );
            }
        }
    }

    pub(super) fn unknown_property(&mut self, member: &Member, known: &[&[&str]], what: &str) {
        let code = "csvw::unknown-property";
        if !self.diagnostics.wants(code, &self.document.name, "") {
            let source = &self.document.name;
            self.diagnostics
                .count_one(Severity::Warning, code, source, "");
            return;
        }
        let candidates = known.iter().flat_map(|names| names.iter().copied());
        let help = match nearest(&member.key, candidates) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a property of your own needs a prefix, such as `dc:` or `schema:`".to_owned(),
        };
        let location = self.document.location(&member.key_range);
        self.diagnostics.push(
            Diagnostic::warning(
                code,
                format!("`{}` is not a property of {what}", member.key),
                location,
            )
            .with_help(help)
            .with_spec("metadata §5"),
        );
    }

    // What every description may hold: its kind, and at the top of a document a context.
    //
    // Spec: metadata §5.3, appendix A
    pub(super) fn check_type(&mut self, node: &Node, expected: &str) {
        if let Some(context) = node.get("@context")
            && node.range != self.document.root.range
        {
            let message = "`@context` stands at the top of a document only; it is not used";
            let (code, spec) = ("csvw::context", "metadata appendix A");
            self.report(Severity::Warning, code, context, message, None, spec);
        }
        if let Some(found) = node.get("@type")
            && found.as_str() != Some(expected)
        {
            let message = format!("`@type` has to be `{expected}` here");
            self.error("csvw::type", found, message, "metadata §5.3");
        }
    }

    pub(super) fn parse_id(&mut self, node: &Node) -> Option<NamedNode> {
        let id = node.get("@id")?;
        if id.as_str().is_none() {
            // An empty reference is the document itself.
            self.invalid("@id", id, "an IRI");
            return Some(NamedNode::new_unchecked(&self.base));
        }
        let resolved = id
            .as_str()
            .filter(|text| !text.starts_with("_:"))
            .and_then(|text| self.resolve(id, text));
        if let Some(resolved) = resolved {
            Some(NamedNode::new_unchecked(resolved))
        } else {
            let message = "`@id` has to be an IRI".to_owned();
            self.error("csvw::invalid-id", id, message, "metadata §5.3");
            None
        }
    }

    /// Resolves a reference against the base of the document.
    pub(super) fn resolve(&mut self, node: &Node, reference: &str) -> Option<String> {
        self.charge(node, self.base.len() + reference.len());
        iri::resolve(&self.base, reference).ok()
    }

    pub(super) fn boolean(&mut self, node: &Node, property: &str, default: bool) -> bool {
        match node.get(property).map(|value| (value, &value.value)) {
            None => default,
            Some((_, Json::Bool(value))) => *value,
            Some((value, _)) => {
                self.invalid(property, value, "true or false");
                default
            }
        }
    }
}

/// Whether a text is a language tag, of a length that is one.
///
/// Spec: RFC 5646 §2.1, §4.4.1
pub(super) fn is_language_tag(text: &str) -> bool {
    text.len() <= limits::LANGUAGE_TAG_BYTES && LanguageTag::parse(text).is_ok()
}

/// The strings of a string or an array of strings.
pub(super) fn strings(node: Option<&Node>) -> Vec<String> {
    match node.map(|node| &node.value) {
        Some(Json::String(text)) => vec![text.clone()],
        Some(Json::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

// A file name with spaces is what people write for a URL.
fn encode_spaces(url: &str) -> String {
    url.replace(' ', "%20")
}

/// The column name that a title makes: what a variable of a URI template cannot hold is
/// percent-encoded.
///
/// Spec: metadata §5.6, "name"; RFC 6570 §2.3
pub(super) fn encode_name(title: &str) -> String {
    let mut out = String::new();
    for character in title.chars() {
        match character {
            // Names that begin with `_` are reserved, and none begins with a dot.
            '.' if out.is_empty() => out.push_str("%2E"),
            '_' if out.is_empty() => out.push_str("%5F"),
            '-' => out.push_str("%2D"),
            '~' => out.push_str("%7E"),
            _ => iri::push_encoded(
                &mut out,
                character.encode_utf8(&mut [0; 4]),
                iri::Safe::Unreserved,
            ),
        }
    }
    out
}

// Letters are those of ASCII; others are percent-encoded.
//
// Spec: metadata §5.6, "name"; RFC 6570 §2.3
pub(super) fn is_variable_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '%' if is_hexadecimal(rest.get(1..3)) => 3,
                '_' => 1,
                _ if first.is_ascii_alphanumeric() => 1,
                _ => return false,
            };
            rest = &rest[length..];
        }
        !part.is_empty()
    };
    !name.starts_with('_') && name.split('.').all(is_part)
}

fn is_hexadecimal(digits: Option<&str>) -> bool {
    digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}
