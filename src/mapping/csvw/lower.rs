//! Turns a table group into a plan.
//!
//! In: a [`TableGroup`] whose columns are known, and [`Options`]. Out: a [`Plan`] that makes the
//! triples of csv2rdf or the objects of csv2json, in minimal or standard mode.
//!
//! Spec: csv2rdf §4, csv2json §4

use super::metadata::{Annotation, Column, ColumnOrigin, Table, TableGroup, Target};
use super::names;
use super::objects;
use super::terms::SHORT_NAMES;
use super::{Options, Purpose};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity, nearest};
use crate::plan::{
    CellRule, Check, ColumnRead, Element, GraphRule, HeaderRule, IriRule, NullTexts, Part, Plan,
    QuadRule, TableScan, Template, TermRule, Titles, Variable,
};
use crate::rdf::iri;
use crate::rdf::vocab::{csvw, prov, rdf, rdfs};
use crate::rdf::xsd::Datatype;
use oxrdf::{BlankNode, GraphName, NamedNode, NamedOrBlankNode, Quad, Term};
use rustc_hash::{FxHashMap, FxHashSet};

/// How much is said of the tables themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Only what the cells say.
    Minimal,
    /// Tables and rows too.
    #[default]
    Standard,
}

/// Turns a table group into a plan.
///
/// Returns nothing where a key refers to what is not there; the diagnostics say what.
pub fn lower(group: &TableGroup, options: &Options, diagnostics: &mut Diagnostics) -> Option<Plan> {
    let mode = options.mode;
    let errors_before = diagnostics.errors();
    let mut plan = Plan::default();
    plan.objects.names = SHORT_NAMES;
    let group_node: NamedOrBlankNode = match &group.id {
        Some(id) => id.clone().into(),
        None => BlankNode::new_unchecked("group").into(),
    };
    if mode == Mode::Standard {
        plan.objects.groups.push(objects::group_frame(group));
        let quads = &mut plan.constants;
        push(
            quads,
            &group_node,
            rdf::TYPE,
            csvw::TABLE_GROUP.into_owned(),
        );
        annotate(
            quads,
            &group_node,
            group.annotations.iter().chain(&group.notes),
        );
    }
    let scopes: Vec<Scope<'_>> = group.tables.iter().map(Scope::new).collect();
    for (index, scope) in scopes.iter().enumerate() {
        let table = scope.table;
        let mut scan = lower_table(group, table, options);
        check_variables(group, scope, diagnostics);
        if !table.suppress_output {
            if mode == Mode::Standard {
                describe_table(&mut plan, &mut scan, &group_node, scope, index);
            }
            scan.rules.extend(
                table
                    .schema
                    .columns
                    .iter()
                    .enumerate()
                    .filter_map(|(number, column)| column_rule(scope, column, number, options)),
            );
        }
        plan.scans.push(scan);
    }
    if mode == Mode::Standard && options.provenance {
        tell_provenance(&mut plan.constants, &group_node, group);
    }
    let targets = Targets::new(group);
    for index in 0..group.tables.len() {
        lower_keys(
            group,
            &scopes,
            &targets,
            index,
            options,
            &mut plan,
            diagnostics,
        );
    }
    (diagnostics.errors() == errors_before).then_some(plan)
}

/// A table and the numbers of its columns by name; of two with one name, the first.
struct Scope<'g> {
    table: &'g Table,
    numbers: FxHashMap<&'g str, usize>,
}

impl<'g> Scope<'g> {
    fn new(table: &'g Table) -> Self {
        let mut numbers = FxHashMap::default();
        for (number, column) in table.schema.columns.iter().enumerate() {
            numbers.entry(column.name.as_str()).or_insert(number);
        }
        Self { table, numbers }
    }

    // What a variable in a template of a column stands for.
    //
    // Spec: metadata §5.1.3
    fn variable(&self, number: usize, name: &str) -> Variable {
        if let Some(index) = self.numbers.get(name) {
            return Variable::Column(*index);
        }
        let table = self.table;
        match name {
            "_row" => Variable::RowNumber,
            "_sourceRow" => Variable::SourceRow,
            "_name" => Variable::Constant(iri::percent_decode(&table.schema.columns[number].name)),
            "_column" => Variable::Constant((number + 1).to_string()),
            // A virtual column stands nowhere in the source.
            "_sourceColumn" if !table.schema.columns[number].is_virtual => {
                Variable::Constant((number + 1 + table.dialect.skip_columns).to_string())
            }
            _ => Variable::Undefined,
        }
    }
}

// A variable that no column has is never defined, which is hardly what was meant.
fn check_variables(group: &TableGroup, scope: &Scope<'_>, diagnostics: &mut Diagnostics) {
    let document = document_of(group, scope.table);
    let columns = &scope.table.schema.columns;
    let mut reported: FxHashSet<(&str, String)> = FxHashSet::default();
    for (number, column) in columns.iter().enumerate() {
        let inherited = &column.inherited;
        for template in [
            &inherited.about_url,
            &inherited.property_url,
            &inherited.value_url,
        ]
        .into_iter()
        .flatten()
        {
            let mut unknown = Vec::new();
            let parsed = Template::parse(template, |name| {
                let found = scope.variable(number, name);
                if found == Variable::Undefined && name != "_sourceColumn" {
                    unknown.push(name.to_owned());
                }
                found
            });
            if parsed.is_err() {
                continue;
            }
            for name in unknown {
                if !reported.insert((template.as_str(), name.clone())) {
                    continue;
                }
                let code = "csvw::unknown-variable";
                if !diagnostics.wants(code, document, &column.name) {
                    diagnostics.count_one(Severity::Warning, code, document, &column.name);
                    continue;
                }
                let near = nearest(&name, columns.iter().map(|column| column.name.as_str()));
                let location = Location {
                    json_pointer: Some(column.pointer.clone()),
                    column_name: Some(column.name.clone()),
                    ..Location::of_source(document)
                };
                let mut diagnostic = Diagnostic::warning(
                    code,
                    format!("`{template}` uses a column `{name}`, which the table lacks"),
                    location,
                )
                .with_spec("metadata §5.1.3");
                diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
                diagnostics.push(diagnostic);
            }
        }
    }
}

// What the metadata says of a group or table beside its structure.
fn annotate<'a>(
    quads: &mut Vec<Quad>,
    subject: &NamedOrBlankNode,
    annotations: impl Iterator<Item = &'a Annotation>,
) {
    for annotation in annotations {
        let predicate = annotation.predicate.as_ref();
        for value in &annotation.values {
            push(quads, subject, predicate, value.clone());
        }
        let details = annotation.details.iter();
        quads.extend(details.map(|triple| triple.clone().in_graph(GraphName::DefaultGraph)));
    }
}

fn push(
    quads: &mut Vec<Quad>,
    subject: &NamedOrBlankNode,
    predicate: oxrdf::NamedNodeRef<'_>,
    object: impl Into<Term>,
) {
    quads.push(Quad::new(
        subject.clone(),
        predicate,
        object,
        GraphName::DefaultGraph,
    ));
}

// The activity that made the graph, and what it used. No times: the same input gives the same
// output.
//
// Spec: csv2rdf §5
fn tell_provenance(quads: &mut Vec<Quad>, group_node: &NamedOrBlankNode, group: &TableGroup) {
    let blank = |label: &str| NamedOrBlankNode::from(BlankNode::new_unchecked(label));
    let activity = blank("activity");
    push(
        quads,
        group_node,
        prov::WAS_GENERATED_BY,
        Term::from(activity.clone()),
    );
    push(quads, &activity, rdf::TYPE, prov::ACTIVITY.into_owned());
    let tables = group.tables.iter().map(|table| &table.url);
    let uses = [
        ("tables", csvw::CSV_ENCODED, tables.collect::<Vec<_>>()),
        (
            "metadata",
            csvw::TABULAR_METADATA,
            group.document_iri.iter().collect(),
        ),
    ];
    let uses = uses
        .into_iter()
        .filter(|(_, _, entities)| !entities.is_empty());
    let uses: Vec<_> = uses
        .map(|(label, role, entities)| (blank(&format!("usage_{label}")), role, entities))
        .collect();
    for (usage, _, _) in &uses {
        let node = Term::from(usage.clone());
        push(quads, &activity, prov::QUALIFIED_USAGE, node);
    }
    for (usage, role, entities) in uses {
        push(quads, &usage, rdf::TYPE, prov::USAGE.into_owned());
        for entity in entities {
            let entity = NamedNode::new_unchecked(entity);
            push(quads, &usage, prov::ENTITY, entity);
        }
        push(quads, &usage, prov::HAD_ROLE, role.into_owned());
    }
}

// The texts that the header of a column may have: by the letter its titles and nothing else, but
// a converter takes a column that has only a name as it comes.
//
// Spec: metadata §5.5.1
fn titles_of(table: &Table, column: &Column, options: &Options) -> Titles {
    // The header is in the language of the table.
    let header = table.inherited.lang.as_str();
    let titles = || {
        let titles = column.titles.iter();
        titles
            .filter(|(language, _)| same_language(language, header))
            .map(|(_, title)| title.trim().to_owned())
    };
    match column.origin {
        ColumnOrigin::Found => Titles::OneOf(Vec::new()),
        _ if !column.titles.is_empty() => Titles::OneOf(titles().collect()),
        ColumnOrigin::Described => Titles::Any,
        ColumnOrigin::Named if options.lenient => {
            Titles::OneOf(vec![column.name.clone(), iri::percent_decode(&column.name)])
        }
        ColumnOrigin::Named if options.purpose == Purpose::Convert => Titles::Any,
        ColumnOrigin::Named => Titles::OneOf(Vec::new()),
    }
}

// Whether two language tags match: when the longer one loses the subtags that the other lacks; `und`
// matches any.
//
// Spec: metadata §5.5.1
fn same_language(one: &str, other: &str) -> bool {
    let mut pairs = one.split('-').zip(other.split('-'));
    one == "und" || other == "und" || pairs.all(|(one, other)| one.eq_ignore_ascii_case(other))
}

// The document that the pointers of a table's schema lead into: its own where there is one.
fn document_of<'g>(group: &'g TableGroup, table: &'g Table) -> &'g str {
    table.schema.document.as_ref().unwrap_or(&group.document)
}

fn lower_table(group: &TableGroup, table: &Table, options: &Options) -> TableScan {
    let mut elements = vec![Element {
        document: group.document.clone(),
        pointer: table.pointer.clone(),
    }];
    let document = document_of(group, table);
    let mut read = |column: &Column| {
        elements.push(Element {
            document: document.to_owned(),
            pointer: column.pointer.clone(),
        });
        let inherited = &column.inherited;
        let is_string = inherited.datatype.datatype == Datatype::String;
        ColumnRead {
            name: column.name.clone(),
            titles: titles_of(table, column, options),
            cell: CellRule {
                null: inherited.null.clone(),
                default: inherited.default.clone(),
                separator: inherited.separator.clone(),
                // Virtual columns have no cells that could be filled, but many are said to be required.
                required: inherited.required && !(options.lenient && column.is_virtual),
                language: (is_string && inherited.lang != "und").then(|| inherited.lang.clone()),
                value: inherited.datatype.clone(),
            },
            element: elements.len() - 1,
        }
    };
    let columns: Vec<ColumnRead> = table
        .schema
        .columns
        .iter()
        .filter(|column| !column.is_virtual)
        .map(&mut read)
        .collect();
    let computed: Vec<ColumnRead> = table
        .schema
        .columns
        .iter()
        .filter(|column| column.is_virtual)
        .map(&mut read)
        .collect();
    TableScan {
        view: None,
        source: table.url.clone(),
        comments: None,
        header: if table.dialect.header_row_count == 0 || table.schema_unknown {
            HeaderRule::Ignore
        } else {
            HeaderRule::Match
        },
        dialect: table.dialect.clone(),
        columns,
        computed,
        rules: Vec::new(),
        watched: Vec::new(),
        frame: None,
        checks: Vec::new(),
        joins: Vec::new(),
        elements,
    }
}

// Spec: csv2rdf §4.2, steps 3 and 4
fn describe_table(
    plan: &mut Plan,
    scan: &mut TableScan,
    group_node: &NamedOrBlankNode,
    scope: &Scope<'_>,
    index: usize,
) {
    let table = scope.table;
    let table_node: NamedOrBlankNode = match &table.id {
        Some(id) => id.clone().into(),
        None => BlankNode::new_unchecked(format!("table{index}")).into(),
    };
    scan.comments = Some((table_node.clone(), rdfs::COMMENT.into_owned()));
    let quads = &mut plan.constants;
    push(
        quads,
        group_node,
        csvw::HAS_TABLE,
        Term::from(table_node.clone()),
    );
    push(quads, &table_node, rdf::TYPE, csvw::TABLE.into_owned());
    push(
        quads,
        &table_node,
        csvw::URL,
        NamedNode::new_unchecked(&table.url),
    );
    annotate(
        quads,
        &table_node,
        table.annotations.iter().chain(&table.notes),
    );
    let row = || TermRule::RowBlank("row".to_owned());
    let mut rule = |subject, predicate: oxrdf::NamedNodeRef<'_>, object, when: Vec<usize>| {
        scan.rules.push(QuadRule {
            subject,
            predicate: TermRule::iri(predicate),
            object,
            graph: GraphRule::DEFAULT,
            conditions: Vec::new(),
            destinations: Vec::new(),
            key: None,
            when,
            when_text: false,
            element: 0,
        });
    };
    rule(TermRule::node(table_node), csvw::HAS_ROW, row(), vec![]);
    rule(row(), rdf::TYPE, TermRule::iri(csvw::ROW), vec![]);
    rule(row(), csvw::ROWNUM, TermRule::RowNumber, vec![]);
    let fragment = Template::parse("{_sourceRow}", |_| Variable::SourceRow);
    let mut parts = vec![Part::Text(fragment_of(table, "row="))];
    parts.extend(fragment.into_iter().flat_map(|template| template.parts));
    let row_url = TermRule::Iri(IriRule {
        template: Template { parts },
        base: None,
        steps: false,
        prefixes: &[],
    });
    rule(row(), csvw::URL, row_url, vec![]);
    // What has no language is a string all the same.
    //
    // Spec: metadata §5.5, "rowTitles"
    for column in &table.schema.row_titles {
        rule(row(), csvw::TITLE, TermRule::Texts(*column), vec![*column]);
    }
    let mut described: FxHashSet<Option<&str>> = FxHashSet::default();
    for (number, column) in table.schema.columns.iter().enumerate() {
        let about = column.inherited.about_url.as_deref();
        if !column.suppress_output && described.insert(about) {
            let subject = subject_of(scope, column, number);
            rule(row(), csvw::DESCRIBES, subject, vec![]);
        }
    }
    scan.frame = Some(objects::table_frame(table, &mut scan.rules));
}

// The IRI of a part of a table, whose own IRI can lead to a part of something already.
fn fragment_of(table: &Table, fragment: &str) -> String {
    let document = table.url.split('#').next().unwrap_or_default();
    format!("{document}#{fragment}")
}

fn subject_of(scope: &Scope<'_>, column: &Column, number: usize) -> TermRule {
    match &column.inherited.about_url {
        Some(template) => iri_rule(scope, number, template),
        None => TermRule::RowBlank(String::new()),
    }
}

fn column_rule(
    scope: &Scope<'_>,
    column: &Column,
    number: usize,
    options: &Options,
) -> Option<QuadRule> {
    if column.suppress_output {
        return None;
    }
    let inherited = &column.inherited;
    let property = inherited.property_url.as_ref();
    let property = property.map(|template| iri_rule(scope, number, template));
    let name = iri::percent_decode(&column.name);
    let own = || NamedNode::new_unchecked(fragment_of(scope.table, &column.name));
    let predicate = property.clone().unwrap_or_else(|| TermRule::iri(own()));
    // A column with cells says nothing where its cell is empty; a virtual one always speaks.
    let is_list = inherited.separator.is_some();
    let (object, when) = match &inherited.value_url {
        Some(template) => {
            let when = if column.is_virtual {
                vec![]
            } else {
                vec![number]
            };
            let object = match iri_rule(scope, number, template) {
                TermRule::Iri(rule) if is_list && options.iri_per_item => {
                    TermRule::EachIri(number, rule)
                }
                object => object,
            };
            (object, when)
        }
        // An empty cell is an empty list, which is there to be told.
        None if is_list && inherited.ordered => (TermRule::List(number), vec![]),
        None => (TermRule::Values(number), vec![number]),
    };
    Some(QuadRule {
        subject: subject_of(scope, column, number),
        predicate,
        object,
        graph: GraphRule::DEFAULT,
        conditions: Vec::new(),
        destinations: Vec::new(),
        key: Some(objects::column_key(name, property.as_ref())),
        when,
        when_text: inherited.value_url.is_some(),
        element: number + 1,
    })
}

// Spec: metadata §5.1.3
fn iri_rule(scope: &Scope<'_>, number: usize, text: &str) -> TermRule {
    let table = scope.table;
    let lookup = |name: &str| scope.variable(number, name);
    let Ok(template) = Template::parse(text, lookup) else {
        // The parser of the metadata has refused it before.
        return TermRule::iri(NamedNode::new_unchecked(&table.url));
    };
    let base = table.url.as_str();
    if let Some(constant) = template.constant() {
        let expanded = names::expand_prefix(constant).unwrap_or_else(|| constant.to_owned());
        if let Ok(resolved) = iri::resolve(base, &expanded) {
            return TermRule::iri(NamedNode::new_unchecked(resolved));
        }
    }
    TermRule::Iri(resolve_early(template, base))
}

// Resolves what stands before the first value, where no value can change the outcome.
fn resolve_early(mut template: Template, base: &str) -> IriRule {
    let prefix = template.fixed_prefix().to_owned();
    let fixed = match prefix.rfind(['/', '#', '?']) {
        _ if template.has_reserved_expansion() => None,
        Some(at) => {
            let (head, tail) = prefix.split_at(at + 1);
            let head = names::expand_prefix(head).unwrap_or_else(|| head.to_owned());
            iri::resolve(base, &head)
                .ok()
                .map(|resolved| format!("{resolved}{tail}"))
        }
        None => names::expand_prefix(&prefix),
    };
    let fixed = fixed.filter(|fixed| is_sound(fixed, &template));
    // An absolute reference is kept to the letter, as `iri::resolve` does.
    let steps = !iri::is_absolute(&prefix);
    match (fixed, template.parts.first_mut()) {
        (Some(fixed), Some(Part::Text(text))) => {
            *text = fixed;
            IriRule {
                template,
                base: None,
                steps,
                prefixes: &[],
            }
        }
        _ => IriRule {
            template,
            base: Some(base.to_owned()),
            steps: false,
            prefixes: names::PREFIXES,
        },
    }
}

// Whether no value can make an invalid IRI behind this beginning: values stand behind the
// authority, and the rest holds nothing that an IRI cannot hold there.
fn is_sound(fixed: &str, template: &Template) -> bool {
    let behind_authority = match fixed.split_once("://") {
        Some((_, rest)) => rest.contains(['/', '?', '#']),
        None => fixed.contains(':'),
    };
    let mut example = fixed.to_owned();
    for part in template.parts.iter().skip(1) {
        match part {
            Part::Text(text) => example.push_str(text),
            Part::Expression(_) => example.push('x'),
        }
    }
    behind_authority && iri::check(&example).is_ok()
}

/// The tables of a group by what foreign keys refer to.
struct Targets {
    // By normalized IRI, the first of each.
    resources: FxHashMap<String, usize>,
    // By normalized IRI, the first of each and whether there are others.
    schemas: FxHashMap<String, (usize, bool)>,
}

impl Targets {
    fn new(group: &TableGroup) -> Self {
        let mut resources = FxHashMap::default();
        let mut schemas = FxHashMap::default();
        for (index, table) in group.tables.iter().enumerate() {
            resources.entry(iri::normalize(&table.url)).or_insert(index);
            if let Some(id) = &table.schema.id {
                schemas
                    .entry(iri::normalize(id))
                    .and_modify(|(_, others)| *others = true)
                    .or_insert((index, false));
            }
        }
        Self { resources, schemas }
    }

    // The first table that is meant, and whether there are others.
    fn find(&self, target: &Target) -> Option<(usize, bool)> {
        match target {
            Target::Resource(url) => {
                let index = self.resources.get(&iri::normalize(url))?;
                Some((*index, false))
            }
            Target::Schema(id) => self.schemas.get(&iri::normalize(id)).copied(),
        }
    }
}

fn lower_keys(
    group: &TableGroup,
    scopes: &[Scope<'_>],
    targets: &Targets,
    index: usize,
    options: &Options,
    plan: &mut Plan,
    diagnostics: &mut Diagnostics,
) {
    let table = &group.tables[index];
    // By the letter each row needs a referenced row; the test suite (034) spares empty cells.
    let null_texts = if options.purpose == Purpose::Validate && !options.lenient {
        NullTexts::Dangle
    } else {
        NullTexts::ReferToNothing
    };
    let mut checks = Vec::new();
    let elements = &mut plan.scans[index].elements;
    let document = document_of(group, table);
    let mut place = |pointer: &str| {
        elements.push(Element {
            document: document.to_owned(),
            pointer: pointer.to_owned(),
        });
        elements.len() - 1
    };
    if !table.schema.primary_key.is_empty() {
        checks.push(Check::Unique {
            columns: table.schema.primary_key.clone(),
            element: place(&table.schema.primary_key_pointer),
        });
    }
    for key in &table.schema.foreign_keys {
        let fail = |message: String, help: Option<String>, diagnostics: &mut Diagnostics| {
            let location = Location {
                json_pointer: Some(key.pointer.clone()),
                ..Location::of_source(document)
            };
            let mut diagnostic = Diagnostic::error("csvw::foreign-key", message, location)
                .with_spec("metadata §5.5");
            diagnostic.help = help;
            diagnostics.push(diagnostic);
        };
        // How the nearest names are looked for.
        let near = |name: &str, names: &mut dyn Iterator<Item = &str>, told: &Diagnostics| {
            let wanted = told.wants("csvw::foreign-key", document, "");
            let near = if wanted { nearest(name, names) } else { None };
            near.map(|near| format!("did you mean `{near}`?"))
        };
        let found = targets.find(&key.target);
        if let (Target::Schema(id), Some((_, true))) = (&key.target, found) {
            fail(
                format!("the foreign key refers to the schema `{id}`, which two tables have"),
                Some("refer to one of the tables by `resource`".to_owned()),
                diagnostics,
            );
            continue;
        }
        let Some((target, _)) = found else {
            let (Target::Resource(name) | Target::Schema(name)) = &key.target;
            let mut urls = group.tables.iter().map(|other| other.url.as_str());
            let help = near(name, &mut urls, diagnostics);
            fail(
                format!("the foreign key refers to `{name}`, which is not in the group"),
                help,
                diagnostics,
            );
            continue;
        };
        let target_schema = &group.tables[target].schema;
        let mut to = Vec::new();
        for name in &key.target_columns {
            if let Some(column) = scopes[target].numbers.get(name.as_str()) {
                to.push(*column);
            } else {
                let columns = target_schema.columns.iter();
                let mut names = columns.map(|column| column.name.as_str());
                let help = near(name, &mut names, diagnostics);
                fail(
                    format!(
                        "the foreign key refers to a column `{name}`, which `{}` lacks",
                        group.tables[target].url
                    ),
                    help,
                    diagnostics,
                );
            }
        }
        let mut columns: Vec<usize> = Vec::new();
        for name in &key.columns {
            match scopes[index].numbers.get(name.as_str()) {
                Some(column) => columns.push(*column),
                // Known only now where the header names the columns.
                None => fail(
                    format!("the foreign key is of a column `{name}`, which the table lacks"),
                    None,
                    diagnostics,
                ),
            }
        }
        if to.len() == key.target_columns.len() && columns.len() == to.len() {
            checks.push(Check::Reference {
                columns,
                scan: target,
                to,
                null_texts,
                element: place(&key.pointer),
            });
        }
    }
    plan.scans[index].checks = checks;
}
