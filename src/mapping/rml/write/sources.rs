//! Logical sources, views and targets as Turtle.

use super::Document;
use super::turtle::{Node, Value};
use super::vocab::{self, csvw, dcat, rml};
use crate::mapping::rml::model::{
    CsvwDialect, Field, FieldKind, Formulation, LogicalSource, LogicalTarget, LogicalView, Root,
    Rows, Source, ViewJoin, Vocabulary,
};
use oxrdf::{Literal, NamedNode, Term};

/// The encodings that RML has names for.
const ENCODINGS: [&str; 2] = ["UTF-8", "UTF-16"];

impl Document<'_> {
    /// What is said of a logical source or view.
    pub(super) fn source(&mut self, logical: &LogicalSource) -> Node {
        match &logical.rows {
            Rows::Source(source) => file(logical, source),
            Rows::View(view) => self.view(view),
            // A triples map without a source is written without one.
            Rows::Single => Node::default(),
        }
    }

    fn view(&mut self, view: &LogicalView) -> Node {
        let on = self.source_value(view.on);
        let mut node = Node::default()
            .of_type(rml("LogicalView"))
            .with(rml("viewOn"), on);
        for field in &view.fields {
            let field = self.field(field);
            node.push(rml("field"), field);
        }
        // In the order of the joins, of both kinds.
        for join in &view.joins {
            let name = if join.is_left {
                "leftJoin"
            } else {
                "innerJoin"
            };
            let join = self.view_join(join);
            node.push(rml(name), join);
        }
        node
    }

    fn view_join(&mut self, join: &ViewJoin) -> Node {
        let parent = self.sources.reference(join.parent);
        let mut node = Node::default().with(rml("parentLogicalView"), parent);
        self.push_joins(&mut node, &join.conditions);
        for field in &join.fields {
            let field = self.field(field);
            node.push(rml("field"), field);
        }
        node
    }

    fn field(&mut self, field: &Field) -> Node {
        let class = match &field.kind {
            FieldKind::Expression(_) => "ExpressionField",
            FieldKind::Iterable { .. } => "IterableField",
        };
        let mut node = Node::default()
            .of_type(rml(class))
            .with(rml("fieldName"), Value::text(&field.name.value));
        match &field.kind {
            FieldKind::Expression(expression) => self.push_expression(&mut node, expression),
            FieldKind::Iterable {
                formulation,
                iterator,
            } => {
                if let Some(formulation) = formulation {
                    node.push(rml("referenceFormulation"), vocab::formulation(formulation));
                }
                if let Some(iterator) = iterator {
                    node.push(rml("iterator"), Value::text(&iterator.value));
                }
            }
        }
        for inner in &field.fields {
            let inner = self.field(inner);
            node.push(rml("field"), inner);
        }
        node
    }
}

fn file(logical: &LogicalSource, source: &Source) -> Node {
    let is_legacy = logical.vocabulary == Vocabulary::Legacy;
    let mut nulls: Vec<&str> = source.nulls.iter().map(String::as_str).collect();
    // An empty cell was no value there, and is the empty text here.
    if is_legacy && source.formulation == Formulation::Csv && !nulls.contains(&"") {
        nulls.insert(0, "");
    }
    let mut node = Node::default()
        .of_type(rml("LogicalSource"))
        .with(rml("source"), access(source, &nulls))
        .with(
            rml("referenceFormulation"),
            vocab::formulation(&source.formulation),
        );
    if let Some(iterator) = &source.iterator {
        node.push(rml("iterator"), Value::text(&iterator.value));
    }
    node
}

/// What is said of a logical target.
pub(super) fn target(target: &LogicalTarget) -> Node {
    let mut file = Node::default().of_type(rml("RelativePathTarget"));
    if let Some(root) = vocab::root(&target.root) {
        file.push(rml("root"), root);
    }
    file.push(rml("path"), Value::text(&target.path.value));
    let mut node = Node::default()
        .of_type(rml("LogicalTarget"))
        .with(rml("target"), file);
    if let Some(serialization) = &target.serialization {
        node.push(
            rml("serialization"),
            NamedNode::new_unchecked(&serialization.value),
        );
    }
    if let Some(encoding) = &target.encoding {
        node.push(rml("encoding"), name_or_text(&encoding.value));
    }
    if let Some(compression) = &target.compression {
        node.push(rml("compression"), rml(&compression.value));
    }
    node
}

// A name of RML, or what else it is.
fn name_or_text(encoding: &str) -> Value {
    match ENCODINGS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(encoding))
    {
        Some(known) => rml(known).into(),
        None => Value::text(encoding),
    }
}

fn access(source: &Source, nulls: &[&str]) -> Node {
    let path = source.path.value.as_str();
    let is_address = path.contains("://");
    // An encoding without a name in RML is one of a CSVW dialect.
    let has_name = |encoding: &String| {
        let mut known = ENCODINGS.iter();
        known.any(|known| known.eq_ignore_ascii_case(encoding))
    };
    let (named, unnamed) = match &source.encoding {
        Some(encoding) if has_name(encoding) => (Some(encoding), None),
        other => (None, other.clone()),
    };
    let mut dialect = source.dialect.clone();
    if let Some(encoding) = unnamed {
        let dialect = dialect.get_or_insert_with(CsvwDialect::default);
        dialect.encoding.get_or_insert(encoding);
    }
    let mut node = Node::default();
    if let (Some(dialect), Root::Unstated) = (&dialect, &source.root) {
        let url = if is_address {
            Term::from(NamedNode::new_unchecked(path))
        } else {
            Literal::new_simple_literal(path).into()
        };
        node = node
            .of_type(csvw("Table"))
            .with(csvw("url"), Value::Term(url))
            .with(csvw("dialect"), dialect_node(dialect));
        for null in nulls {
            node.push(csvw("null"), Value::text(*null));
        }
    } else {
        if is_address {
            node = node
                .of_type(dcat("Distribution"))
                .with(dcat("downloadURL"), NamedNode::new_unchecked(path));
        } else {
            node = node.of_type(rml("RelativePathSource"));
            if let Some(root) = vocab::root(&source.root) {
                node.push(rml("root"), root);
            }
            node.push(rml("path"), Value::text(path));
        }
        if let Some(dialect) = &dialect {
            node.push(csvw("dialect"), dialect_node(dialect));
        }
        for null in nulls {
            node.push(rml("null"), Value::text(*null));
        }
    }
    if let Some(encoding) = named {
        node.push(rml("encoding"), name_or_text(encoding));
    }
    if let Some(compression) = &source.compression {
        node.push(rml("compression"), rml(&compression.value));
    }
    node
}

fn dialect_node(dialect: &CsvwDialect) -> Node {
    let CsvwDialect {
        delimiter,
        quote_char,
        double_quote,
        comment_prefix,
        encoding,
        header,
        header_row_count,
        skip_rows,
        skip_columns,
        skip_blank_rows,
        skip_initial_space,
        trim,
        line_terminators,
    } = dialect;
    let text = |text: &Option<String>| text.as_ref().map(Value::text);
    let boolean = |value: &Option<bool>| value.map(Value::boolean);
    let number = |value: &Option<usize>| value.map(Value::number);
    let given = [
        ("delimiter", text(delimiter)),
        ("quoteChar", text(quote_char)),
        ("doubleQuote", boolean(double_quote)),
        ("commentPrefix", text(comment_prefix)),
        ("encoding", text(encoding)),
        ("header", boolean(header)),
        ("headerRowCount", number(header_row_count)),
        ("skipRows", number(skip_rows)),
        ("skipColumns", number(skip_columns)),
        ("skipBlankRows", boolean(skip_blank_rows)),
        ("skipInitialSpace", boolean(skip_initial_space)),
        ("trim", text(trim)),
    ];
    let mut node = Node::default().of_type(csvw("Dialect"));
    for (name, value) in given {
        if let Some(value) = value {
            node.push(csvw(name), value);
        }
    }
    for terminator in line_terminators {
        node.push(csvw("lineTerminators"), Value::text(terminator));
    }
    node
}
