//! `plan`: what a conversion would do, without doing it.

use crate::cli::action::Actions;
use crate::cli::args::{MappingArgs, PlanArgs};
use crate::cli::estimate::{self, Estimate, bytes_in_words, grouped};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, mapping, output};
use crate::diagnostic::Diagnostics;
use crate::engine::{Remembered, remembered};
use crate::mapping::csvw::{Mode, Options, Purpose};
use crate::plan::show::{Catalogue, Tree, Words, relation};
use crate::plan::{Check, Plan, Relation, TableScan, TermRule};
use crate::rdf::prefixes::Prefixes;
use crate::table::{Dialect, Sources};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

pub(crate) fn run(args: &PlanArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let mut diagnostics = Diagnostics::new();
    let found = plan(args, context, &mut diagnostics)?;
    context.reporter.diagnostics(&diagnostics);
    let Some((plan, sources)) = found else {
        return Ok(Outcome::CouldNotRun);
    };
    let prefixes = super::convert::prefixes(context);
    let shown = Shown::new(&plan, &sources, &prefixes);
    let text = if args.format == "json" {
        output::json(&shown)?
    } else {
        shown.text()
    };
    output::print(&text)?;
    Ok(if diagnostics.errors() > 0 {
        Outcome::Errors
    } else {
        Outcome::Done
    })
}

// The plan that `convert` would run; nothing where there is none, which was told.
fn plan(
    args: &PlanArgs,
    context: &Context,
    diagnostics: &mut Diagnostics,
) -> Result<Option<(Plan, Sources)>, Failure> {
    let base = context.global.base.as_deref();
    let is_mapping = mapping::are_mappings(&args.files)?;
    let files = if is_mapping { &[] } else { &args.files[..] };
    let mut actions = Actions::new(files, &args.source, base)?;
    let plan = if is_mapping {
        let (mapping, documents) = mapping::read_all(&args.files, diagnostics)?;
        let options = MappingArgs {
            source_dir: args.source_dir.clone(),
            empty_cells: args.empty_cells,
            missing_columns: args.missing_columns,
            ragged_rows: args.ragged_rows,
            relative_iris: args.relative_iris,
            lexical_forms: args.lexical_forms,
            blank_nodes: args.blank_nodes,
            ..MappingArgs::default()
        };
        let sources = &mut actions.sources;
        mapping.and_then(|mapping| {
            mapping::lower(&mapping, &documents, &options, base, sources, diagnostics)
        })
    } else {
        let options = Options {
            mode: if args.minimal {
                Mode::Minimal
            } else {
                Mode::Standard
            },
            purpose: Purpose::Convert,
            lenient: args.source.lenient,
            iri_per_item: args.iri_per_item,
            provenance: false,
        };
        actions.plan(&options, diagnostics)
    };
    Ok(plan.map(|plan| (plan, actions.sources)))
}

/// A plan with what it will cost.
#[derive(Debug, Serialize)]
struct Shown {
    tables: Vec<ShownTable>,
    /// How many statements hang on no row.
    constants: usize,
    destinations: Vec<String>,
    cost: Cost,
}

#[derive(Debug, Serialize)]
struct ShownTable {
    source: String,
    estimate: Estimate,
    columns_used: Vec<String>,
    columns: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<Tree>,
    joins: Vec<Tree>,
    rules: Vec<Tree>,
    checks: Vec<String>,
    /// What is remembered so that nothing is written twice: how many rules, in words.
    duplicates: Vec<String>,
    statements_per_row: usize,
    /// Whether a row may make more than that.
    is_least: bool,
}

/// What a run will cost, as far as it can be told from sizes.
#[derive(Debug, Default, Serialize)]
struct Cost {
    /// Bytes of all sources, each as often as it is read.
    bytes_read: Option<u64>,
    /// Bytes of the sources that joins look up.
    build_side_bytes: Option<u64>,
    /// Rows times statements.
    statements: Option<u64>,
}

// Tells the sides of joins that are kept while the other side passes by.
fn each_build_side(view: &Relation, visit: &mut dyn FnMut(&Relation)) {
    match view {
        Relation::Single | Relation::Table(_) | Relation::Json(_) => {}
        Relation::Numbered(input)
        | Relation::Each { input, .. }
        | Relation::Unnest { input, .. }
        | Relation::Filter { input, .. }
        | Relation::Project { input, .. } => each_build_side(input, visit),
        Relation::Join { left, right, .. } => {
            visit(right);
            each_build_side(left, visit);
            each_build_side(right, visit);
        }
    }
}

/// The estimates of sources, each made once.
struct Estimates<'s> {
    sources: &'s Sources,
    known: RefCell<BTreeMap<String, Estimate>>,
}

impl Estimates<'_> {
    fn of(&self, source: &str, dialect: &Dialect) -> Estimate {
        let key = format!("{source} {dialect:?}");
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let estimate = estimate::of_table(source, dialect, self.sources);
        self.known.borrow_mut().insert(key, estimate.clone());
        estimate
    }
}

impl Shown {
    fn new(plan: &Plan, sources: &Sources, prefixes: &Prefixes) -> Self {
        let estimates = Estimates {
            sources,
            known: RefCell::default(),
        };
        let remembered = remembered(plan, true);
        let mut cost = Cost {
            bytes_read: Some(0),
            build_side_bytes: Some(0),
            statements: Some(plan.constants.len() as u64),
        };
        let mut tables = Vec::new();
        for (scan, remembered) in plan.scans.iter().zip(&remembered) {
            let table = ShownTable::new(plan, scan, remembered, &estimates, prefixes);
            let add = |sum: &mut Option<u64>, more: Option<u64>| {
                *sum = sum.zip(more).map(|(sum, more)| sum.saturating_add(more));
            };
            match &scan.view {
                None => add(&mut cost.bytes_read, table.estimate.bytes),
                Some(view) => {
                    let bytes = &mut cost.bytes_read;
                    view.each_source(&mut |source| add(bytes, sources.size(source)));
                    let bytes = &mut cost.build_side_bytes;
                    each_build_side(view, &mut |side| {
                        side.each_source(&mut |source| add(bytes, sources.size(source)));
                    });
                }
            }
            for join in &scan.joins {
                let bytes = sources.size(&plan.scans[join.scan].source);
                add(&mut cost.bytes_read, bytes);
                add(&mut cost.build_side_bytes, bytes);
            }
            let statements = table
                .estimate
                .rows
                .map(|rows| rows.saturating_mul(table.statements_per_row as u64));
            // How many rows a view has its joins decide.
            let statements = statements.filter(|_| scan.view.is_none());
            add(&mut cost.statements, statements);
            tables.push(table);
        }
        let destinations = plan.destinations.iter();
        Self {
            tables,
            constants: plan.constants.len(),
            destinations: destinations
                .map(|target| {
                    let path = &target.path;
                    let (format, encoding) = (&target.format, &target.encoding);
                    match &target.compression {
                        Some(compression) => format!("{path}: {format}, {encoding}, {compression}"),
                        None => format!("{path}: {format}, {encoding}"),
                    }
                })
                .collect(),
            cost,
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (number, table) in self.tables.iter().enumerate() {
            table.tree(number + 1).write(&mut text, 0);
            text.push('\n');
        }
        if self.constants > 0 {
            let line = format!("constants {}", grouped(self.constants as u64));
            Tree::new(line).write(&mut text, 0);
        }
        for (number, destination) in self.destinations.iter().enumerate() {
            let line = format!("destination {} {destination}", number + 1);
            Tree::new(line).write(&mut text, 0);
        }
        let words = |bytes: Option<u64>| bytes.map_or("not known".to_owned(), bytes_in_words);
        let mut cost = Tree::new("cost, by the sizes of files and their first 64 KiB");
        let cost_of = &self.cost;
        cost.parts
            .push(format!("bytes read {}", words(cost_of.bytes_read)).into());
        if cost_of.build_side_bytes != Some(0) {
            let bytes = words(cost_of.build_side_bytes);
            cost.parts
                .push(format!("build sides of joins {bytes}").into());
        }
        let statements = match cost_of.statements {
            Some(statements) => format!("statements about {}", grouped(statements)),
            None => "statements not known".to_owned(),
        };
        cost.parts.push(statements.into());
        cost.write(&mut text, 0);
        text
    }
}

impl ShownTable {
    fn new(
        plan: &Plan,
        scan: &TableScan,
        remembered: &[Remembered],
        estimates: &Estimates<'_>,
        prefixes: &Prefixes,
    ) -> Self {
        let words = Words::new(scan, prefixes);
        let used = scan.columns_in_use();
        let columns = scan.all_columns().zip(used).filter(|(_, used)| *used);
        let catalogue: &Catalogue<'_> = &|source, dialect| {
            let name = estimates.sources.display_name(source);
            let size = estimates.sources.size(source);
            let name = match size {
                Some(size) => format!("{name} ({})", bytes_in_words(size)),
                None => name,
            };
            let header = dialect.map(|dialect| estimates.of(source, dialect).header);
            (name, header.unwrap_or_default())
        };
        let is_least = scan.rules.iter().any(|rule| {
            [&rule.subject, &rule.predicate, &rule.object]
                .iter()
                .any(|term| has_many(term, scan))
        });
        let joins = scan.joins.iter().enumerate();
        Self {
            source: estimates.sources.display_name(&scan.source),
            estimate: estimates.of(&scan.source, &scan.dialect),
            columns_used: columns.map(|(column, _)| column.name.clone()).collect(),
            columns: scan.all_columns().count(),
            view: scan.view.as_ref().map(|view| relation(view, catalogue).0),
            joins: joins
                .map(|(number, join)| {
                    let other = &plan.scans[join.scan];
                    let estimate = estimates.of(&other.source, &other.dialect);
                    let name = estimates.sources.display_name(&other.source);
                    let side = format!("build side {name}: {}", estimate.words());
                    Tree::new(words.join(number, other)).with(side)
                })
                .collect(),
            rules: words.rules(&|_| None),
            checks: scan
                .checks
                .iter()
                .map(|check| check_words(check, scan, plan))
                .collect(),
            duplicates: duplicates(remembered),
            statements_per_row: scan.rules.len(),
            is_least,
        }
    }

    fn tree(&self, number: usize) -> Tree {
        let mut tree = Tree::new(format!("table {number} {}", self.source));
        if let Some(view) = &self.view {
            tree.parts.push(Tree::new("view").with(view.clone()));
        }
        tree.parts
            .push(format!("source {}", self.estimate.words()).into());
        let columns = format!(
            "columns {} of {}{}{}",
            self.columns_used.len(),
            self.columns,
            if self.columns_used.is_empty() {
                ""
            } else {
                ": "
            },
            self.columns_used.join(", ")
        );
        tree.parts.push(columns.into());
        tree.parts.extend(self.joins.iter().cloned());
        tree.parts.extend(self.rules.iter().cloned());
        for check in &self.checks {
            tree.parts.push(check.as_str().into());
        }
        let (least, count) = (self.is_least, self.statements_per_row);
        let line = match (least, count) {
            (_, 0) => "no statements".to_owned(),
            (true, count) => {
                format!("statements a row {count}, more where a cell has several values")
            }
            (false, count) => format!("statements a row {count} at most"),
        };
        tree.parts.push(line.into());
        if !self.duplicates.is_empty() {
            let mut duplicates = Tree::new("to write each statement once");
            for line in &self.duplicates {
                duplicates.parts.push(line.as_str().into());
            }
            tree.parts.push(duplicates);
        }
        tree
    }
}

fn has_many(term: &TermRule, scan: &TableScan) -> bool {
    match term {
        TermRule::Values(column) | TermRule::Texts(column) | TermRule::Literals(column, _) => {
            scan.column(*column).cell.separator.is_some()
        }
        TermRule::EachIri(..) | TermRule::Joined(_) | TermRule::Generated(_) => true,
        _ => false,
    }
}

fn check_words(check: &Check, scan: &TableScan, plan: &Plan) -> String {
    let names = |columns: &[usize], scan: &TableScan| {
        let names: Vec<_> = columns
            .iter()
            .map(|column| scan.column(*column).name.as_str())
            .collect();
        names.join(", ")
    };
    match check {
        Check::Unique { columns, .. } => {
            format!("check unique {}: keys are remembered", names(columns, scan))
        }
        Check::Reference {
            columns,
            scan: other,
            to,
            ..
        } => format!(
            "check {} in table {}: {}",
            names(columns, scan),
            other + 1,
            names(to, &plan.scans[*other])
        ),
    }
}

fn duplicates(remembered: &[Remembered]) -> Vec<String> {
    let count = |kind| remembered.iter().filter(|found| **found == kind).count();
    let rules = |count: usize| match count {
        1 => "1 rule".to_owned(),
        count => format!("{count} rules"),
    };
    [
        (Remembered::Nothing, "nothing is remembered"),
        (
            Remembered::Subjects,
            "the last subject is remembered; where subjects do not ascend, two hashes for each",
        ),
        (
            Remembered::Statements,
            "a hash is remembered for each statement",
        ),
    ]
    .into_iter()
    .filter(|(kind, _)| count(*kind) > 0)
    .map(|(kind, words)| format!("{}: {words}", rules(count(kind))))
    .collect()
}
