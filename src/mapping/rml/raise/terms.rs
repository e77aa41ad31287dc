//! The terms of a scan.

use super::Raiser;
use super::build::{self, Builder, DATE, DATE_TIME, EQUAL, IF, IS_NOT_NULL, NOT_EQUAL};
use crate::diagnostic::Severity;
use crate::mapping::rml::model::{
    Expression, ExpressionMap, Gather, GatherAs, ObjectMap, Side, Template, TemplatePart, TermMap,
    TermType, TermValue,
};
use crate::plan::{IriRule, Part, QuadRule, TermRule, ValueFormat, Variable};
use crate::rdf::iri::{self, Safe};
use crate::rdf::xsd::Datatype;
use oxrdf::vocab::xsd;
use oxrdf::{Literal, Term};

/// What the values of a template are let through.
#[derive(Debug, Default)]
struct Encodings {
    has_unreserved: bool,
    has_reserved: bool,
}

impl Raiser<'_> {
    /// The objects of a rule; none where RML has no such, which is told.
    pub(super) fn objects(&mut self, rule: &QuadRule) -> Vec<TermMap> {
        let builder = self.builder(rule.element);
        if !rule.conditions.is_empty() || !rule.destinations.is_empty() {
            let message = "conditions and destinations of a plan are left out";
            self.tell(Severity::Warning, rule.element, None, message.to_owned());
        }
        let mut objects = match &rule.object {
            TermRule::Constant(term) => vec![builder.constant(term.clone())],
            TermRule::Iri(iri) => self.iri(iri, rule.element, None).into_iter().collect(),
            TermRule::EachIri(column, iri) => {
                if self.scan.column(*column).cell.separator.is_some() {
                    let message = "an IRI for each item of a list is one of the whole cell in RML";
                    self.tell(
                        Severity::Warning,
                        rule.element,
                        Some(*column),
                        message.into(),
                    );
                }
                let made = self.iri(iri, rule.element, Some(*column));
                made.into_iter().collect()
            }
            TermRule::Values(column) if *column >= self.scan.columns.len() => {
                self.made_up(*column, &builder)
            }
            TermRule::Values(column) => vec![self.literal(*column, &builder)],
            TermRule::List(column) => {
                let item = self.literal(*column, &builder);
                let gather = Gather {
                    items: vec![ObjectMap::Term(item)],
                    kind: GatherAs::List,
                    allow_empty: true,
                    cartesian: false,
                    head: None,
                };
                vec![builder.term(TermValue::Gather(Box::new(gather)), None)]
            }
            _ => {
                let message = "RML makes no such object; the statement is left out";
                self.tell(Severity::Warning, rule.element, None, message.to_owned());
                Vec::new()
            }
        };
        for condition in self.conditions(rule, &builder) {
            for object in &mut objects {
                object.conditions.push(condition.clone());
            }
        }
        objects
    }

    // What has to be there although the object is not made of it, and texts that are no values in one
    // column only; the subject has conditions of its own.
    fn conditions(&self, rule: &QuadRule, builder: &Builder) -> Vec<ExpressionMap> {
        let mut of_object = Vec::new();
        rule.object
            .each_column(&mut |column| of_object.push(column));
        let mut conditions = Vec::new();
        for column in &rule.when {
            if *column >= self.scan.columns.len() {
                continue;
            }
            let reference = || builder.reference(&self.reference(*column));
            if !of_object.contains(column) {
                conditions.push(builder.call(IS_NOT_NULL, [reference()]));
            }
            let drops_empty = self.nulls.iter().any(String::is_empty);
            if rule.when_text && !drops_empty {
                conditions.push(builder.call(NOT_EQUAL, [reference(), builder.text("")]));
            }
        }
        of_object.extend(&rule.when);
        conditions.extend(self.null_conditions(of_object, builder));
        conditions
    }

    /// That none of these columns has a text that stands for no value in it and not in all others.
    pub(super) fn null_conditions(
        &self,
        mut columns: Vec<usize>,
        builder: &Builder,
    ) -> Vec<ExpressionMap> {
        columns.sort_unstable();
        columns.dedup();
        let mut conditions = Vec::new();
        for column in columns {
            let Some(read) = self.scan.columns.get(column) else {
                continue;
            };
            // What has a default is no value only after it.
            if !read.cell.default.is_empty() {
                continue;
            }
            for null in read.cell.null.texts() {
                if !self.nulls.contains(null) {
                    let reference = builder.reference(&self.reference(column));
                    conditions.push(builder.call(NOT_EQUAL, [reference, builder.text(null)]));
                }
            }
        }
        conditions
    }

    /// What a column is called in the header.
    pub(super) fn reference(&self, column: usize) -> String {
        // Spec: tabular-data-model §5.6, "name"
        if self.scan.dialect.header_row_count == 0 {
            return format!("_col.{}", column + 1);
        }
        let header = self
            .table
            .header
            .get(column + self.scan.dialect.skip_columns);
        let read = self.scan.column(column);
        match header.map(String::as_str).or(read.titles.first()) {
            Some(title) if !title.is_empty() => title.to_owned(),
            _ => iri::percent_decode(&read.name),
        }
    }

    // The values of a column that has no cells: the same in all rows.
    fn made_up(&mut self, column: usize, builder: &Builder) -> Vec<TermMap> {
        let cell = &self.scan.column(column).cell;
        let items: Vec<&str> = match &cell.separator {
            Some(separator) if !separator.is_empty() => {
                cell.default.split(separator.as_str()).collect()
            }
            _ => vec![cell.default.as_str()],
        };
        let items = items.into_iter().filter(|item| !cell.null.contains(item));
        items
            .map(|item| {
                let text = cell.value.normalize(item);
                let literal = match (cell.value.read(&text), &cell.language) {
                    (Ok(lexical), Some(language)) => {
                        Literal::new_language_tagged_literal_unchecked(lexical, language)
                    }
                    (Ok(lexical), None) => {
                        Literal::new_typed_literal(lexical, cell.value.iri.clone())
                    }
                    // What does not fit is a string.
                    (Err(_), _) => Literal::new_simple_literal(&*text),
                };
                builder.constant(literal)
            })
            .collect()
    }

    // The literals of a column.
    fn literal(&mut self, column: usize, builder: &Builder) -> TermMap {
        let scan = self.scan;
        let read = scan.column(column);
        let cell = &read.cell;
        let mut value = builder.reference(&self.reference(column));
        value = self.with_default(value, column, builder);
        if let Some(separator) = &cell.separator {
            value = builder.call(build::SPLIT, [value, builder.text(separator)]);
            let message =
                "empty items at the end of a list are left out, others are kept as they are";
            self.tell(
                Severity::Note,
                read.element,
                Some(column),
                message.to_owned(),
            );
        }
        value = self.with_format(value, column, builder);
        if cell.can_be_wrong() {
            self.unchecked.insert(column);
        }
        let mut term = builder.term(TermValue::Expression(value), None);
        if let Some(language) = &cell.language {
            let tag = Literal::new_simple_literal(language);
            term.language = Some(Box::new(builder.constant(tag)));
        } else if cell.value.iri.as_ref() != xsd::STRING {
            let datatype = Term::from(cell.value.iri.clone());
            term.datatype = Some(Box::new(builder.constant(datatype)));
        }
        let is_plain = term.datatype.is_none() && term.language.is_none();
        if is_plain && matches!(&term.value, TermValue::Expression(made) if is_call(made)) {
            term.term_type = Some(builder.at(TermType::Literal));
        }
        term
    }

    fn with_default(
        &mut self,
        value: ExpressionMap,
        column: usize,
        builder: &Builder,
    ) -> ExpressionMap {
        let read = self.scan.column(column);
        let default = read.cell.default.as_str();
        if default.is_empty() {
            return value;
        }
        let default = builder.text(default);
        if !self.nulls.iter().any(String::is_empty) {
            let is_empty = builder.call(EQUAL, [value.clone(), builder.text("")]);
            return builder.call(IF, [is_empty, default, value]);
        }
        if self.nulls.len() > 1 {
            let message = "in RML the default stands in for all texts that are no value, not for empty cells alone";
            self.tell(
                Severity::Warning,
                read.element,
                Some(column),
                message.to_owned(),
            );
        }
        builder.call(build::COALESCE, [value, default])
    }

    fn with_format(
        &mut self,
        value: ExpressionMap,
        column: usize,
        builder: &Builder,
    ) -> ExpressionMap {
        let read = self.scan.column(column);
        let format = read.cell.value.format_text.as_deref().unwrap_or_default();
        let datatype = read.cell.value.datatype;
        match &read.cell.value.format {
            // What is only checked does not change.
            ValueFormat::Plain | ValueFormat::Regex(_) => value,
            ValueFormat::Boolean(yes, no) => {
                let is = |word: &String| builder.call(EQUAL, [value.clone(), builder.text(word)]);
                let other = builder.call(IF, [is(no), builder.text("false"), value.clone()]);
                builder.call(IF, [is(yes), builder.text("true"), other])
            }
            // Java's letters are those of UAX 35, but that text stands in quotes.
            ValueFormat::Date(_) if datatype == Datatype::Date && !has_zone(format) => {
                builder.call(DATE, [value, builder.text(format)])
            }
            ValueFormat::Date(_) if datatype == Datatype::DateTime && !has_zone(format) => {
                let pattern = format.replace("'T'", "T").replace('T', "'T'");
                builder.call(DATE_TIME, [value, builder.text(&pattern)])
            }
            ValueFormat::Number(_) | ValueFormat::Date(_) => {
                let message = match format {
                    "" => "values stand in RML as they are in the cells, with their separators"
                        .to_owned(),
                    format => format!(
                        "values in the format `{format}` stand in RML as they are in the cells"
                    ),
                };
                self.tell(Severity::Warning, read.element, Some(column), message);
                value
            }
        }
    }

    // Where a template lacks a value, RML makes no term; here one without it.
    pub(super) fn tell_of_empty_keys(&mut self, rule: &IriRule, of: &QuadRule) {
        for column in rule.template.columns() {
            let read = self.scan.column(column);
            if column < self.scan.columns.len() && !read.cell.required {
                let message = format!(
                    "a row without `{}` has a subject without it here, and none in RML",
                    read.name
                );
                self.tell(Severity::Note, of.element, Some(column), message);
            }
        }
    }

    /// IRIs of a template; `each` is the column that stands for one value alone.
    pub(super) fn iri(
        &mut self,
        rule: &IriRule,
        element: usize,
        each: Option<usize>,
    ) -> Option<TermMap> {
        let builder = self.builder(element);
        let mut parts: Vec<TemplatePart> = Vec::new();
        let mut encodings = Encodings::default();
        for part in &rule.template.parts {
            match part {
                Part::Text(text) => push_text(&mut parts, text),
                Part::Expression(expression) => {
                    let Some((variable, safe)) = expression.simple() else {
                        let message = format!(
                            "RML has no template with `{{{}…}}` or several variables; what is said with it is left out",
                            expression.operator()
                        );
                        self.tell(Severity::Warning, element, None, message);
                        return None;
                    };
                    self.push_variable(&mut parts, variable, safe, element, each, &mut encodings)?;
                }
            }
        }
        let has_reference = |part: &TemplatePart| matches!(part, TemplatePart::Reference(..));
        let is_one = matches!(parts.as_slice(), [TemplatePart::Reference(..)]);
        let begins_with_reference = parts.first().is_some_and(has_reference);
        if let Some(base) = rule.base.as_deref() {
            if begins_with_reference && encodings.has_reserved {
                let message = "a relative or prefixed value is resolved here, and put behind the base as it is in RML";
                self.tell(Severity::Note, element, None, message.to_owned());
            } else if !iri::is_absolute(rule.template.fixed_prefix()) {
                let folder = base.rfind('/').map_or(base, |at| &base[..=at]);
                parts.insert(0, TemplatePart::Text(folder.to_owned()));
            }
        }
        if !parts.iter().any(has_reference) {
            let text = parts.iter().map(|part| match part {
                TemplatePart::Text(text) | TemplatePart::Reference(text, _) => text.as_str(),
            });
            let node = oxrdf::NamedNode::new_unchecked(text.collect::<String>());
            return Some(builder.constant(node));
        }
        let is_ascii = parts.iter().all(|part| match part {
            TemplatePart::Text(text) => text.is_ascii(),
            TemplatePart::Reference(..) => true,
        });
        let term_type = match (encodings.has_unreserved, encodings.has_reserved) {
            (_, true) if is_one => TermType::Iri,
            (true, true) => {
                let message = "values that are encoded and values that are not cannot stand in one template in RML: none are";
                self.tell(Severity::Warning, element, None, message.to_owned());
                TermType::UnsafeIri
            }
            (false, true) => TermType::UnsafeIri,
            (_, false) if is_ascii => TermType::Uri,
            (_, false) => {
                let message = "letters that are not ASCII stay as they are in RML, since the template has some";
                self.tell(Severity::Warning, element, None, message.to_owned());
                TermType::Iri
            }
        };
        let expression = match parts.as_slice() {
            [TemplatePart::Reference(name, side)] if encodings.has_reserved => {
                Expression::Reference(name.clone(), *side)
            }
            _ => Expression::Template(Template {
                text: String::new(),
                parts,
            }),
        };
        let value = TermValue::Expression(builder.expression(expression));
        Some(builder.term(value, Some(term_type)))
    }

    fn push_variable(
        &mut self,
        parts: &mut Vec<TemplatePart>,
        variable: &Variable,
        safe: Safe,
        element: usize,
        each: Option<usize>,
        encodings: &mut Encodings,
    ) -> Option<()> {
        let mut constant = |text: &str| {
            let mut encoded = String::new();
            iri::push_encoded(&mut encoded, text, safe);
            push_text(parts, &encoded);
        };
        match variable {
            Variable::Constant(text) => constant(text),
            Variable::Undefined => {}
            Variable::RowNumber | Variable::SourceRow => {
                let message = "RML has no row numbers; what is said with one is left out";
                self.tell(Severity::Warning, element, None, message.to_owned());
                return None;
            }
            Variable::Column(column) if *column >= self.scan.columns.len() => {
                let cell = &self.scan.column(*column).cell;
                if !cell.null.contains(&cell.default) {
                    constant(&cell.default);
                }
            }
            Variable::Column(column) => {
                let cell = &self.scan.column(*column).cell;
                let is_list = cell.separator.is_some() && each != Some(*column);
                let is_plain = matches!(
                    cell.value.format,
                    ValueFormat::Plain | ValueFormat::Regex(_)
                );
                if is_list || !is_plain || !cell.default.is_empty() {
                    let message = "the text of the cell stands in the IRI in RML, whatever its list, format or default";
                    self.tell(
                        Severity::Warning,
                        element,
                        Some(*column),
                        message.to_owned(),
                    );
                }
                match safe {
                    Safe::Reserved | Safe::Everything => encodings.has_reserved = true,
                    Safe::Unreserved | Safe::Unicode => encodings.has_unreserved = true,
                }
                parts.push(TemplatePart::Reference(
                    self.reference(*column),
                    Side::Child,
                ));
            }
        }
        Some(())
    }
}

fn push_text(parts: &mut Vec<TemplatePart>, text: &str) {
    match parts.last_mut() {
        Some(TemplatePart::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(TemplatePart::Text(text.to_owned())),
    }
}

fn is_call(expression: &ExpressionMap) -> bool {
    matches!(expression.expression, Expression::Call(_))
}

// Spec: UAX 35, `X` and `x`
fn has_zone(format: &str) -> bool {
    format.ends_with(['X', 'x'])
}
