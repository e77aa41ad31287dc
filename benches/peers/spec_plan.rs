//! Runs a workload of `benches/peers` from its `spec.json`: what RML says there, put into a plan by
//! hand. `benches/peers/measure.py` runs it.
//!
//! usage: `spec_plan FOLDER OUT [THREADS]`
//!
//! Values keep their lexical forms and are not checked, as RML has it.

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{
    self, Duplicates, OnError, RunOptions, Severities, Syntax, TextOptions,
};
use coalition_kg::plan::{
    CellRule, ColumnRead, Element, GraphRule, HeaderRule, IriRule, Join, Part, Plan, QuadRule,
    TableScan, Template, TermRule, Titles, Variable,
};
use coalition_kg::rdf::iri::{self, Safe};
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::sink::file::Output;
use coalition_kg::table::{Dialect, Sources, TableReader};
use oxigraph::model::NamedNode;
use oxigraph::model::vocab::rdf;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, out, threads) = match arguments.as_slice() {
        [folder, out] => (folder, out, std::thread::available_parallelism()?),
        [folder, out, threads] => (folder, out, threads.parse()?),
        _ => return Err("usage: spec_plan FOLDER OUT [THREADS]".into()),
    };
    let plan = read_plan(Path::new(folder))?;
    let mut output = Output::file(Path::new(out))?;
    let text = TextOptions {
        syntax: Syntax::NTriples,
        prefixes: &Prefixes::default(),
        duplicates: Duplicates::Remove,
        threads: threads.get(),
        piece: engine::PIECE,
    };
    let mut diagnostics = Diagnostics::new();
    let mut options = RunOptions {
        severities: Severities::CONVERT,
        key_memory: engine::KEY_MEMORY,
        shard: None,
        on_error: OnError::GoOn,
        observer: &mut |_| true,
    };
    engine::run_text(
        &plan,
        &Sources::new(),
        &mut output,
        out,
        &text,
        &mut diagnostics,
        &mut options,
    )?;
    if let Some(found) = diagnostics.iter().next() {
        return Err(found.message.clone().into());
    }
    output.commit()?;
    Ok(())
}

/// The plan of the triples maps of a workload: a scan for each table, whichever maps read it.
fn read_plan(folder: &Path) -> Result<Plan, Box<dyn Error>> {
    let text = std::fs::read_to_string(folder.join("spec.json"))?;
    let maps: Vec<Map> = serde_json::from_str(&text)?;
    let mut sources: Vec<&str> = maps.iter().map(|map| map.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let scan_of = |map: &Map| sources.iter().position(|source| *source == map.source);
    let tables = sources
        .iter()
        .map(|source| Table::open(folder.join(source)));
    let mut tables = tables.collect::<Result<Vec<_>, _>>()?;
    for map in &maps {
        let scan = scan_of(map).ok_or("no such table")?;
        let subject = tables[scan].template(&map.subject)?;
        if let Some(class) = &map.class {
            let class = TermRule::iri(NamedNode::new(class)?);
            let class = rule(&subject, &NamedNode::from(rdf::TYPE), class, &[]);
            tables[scan].rules.push(class);
        }
        for (predicate, object) in &map.poms {
            let predicate = NamedNode::new(predicate)?;
            let (object, when) = match object {
                Object::Ref(column, datatype, language) => {
                    let table = &mut tables[scan];
                    let column = table.literal(column, datatype.as_ref(), language.as_ref())?;
                    (TermRule::Values(column), vec![column])
                }
                Object::Tpl(text) => tables[scan].template(text)?.into_term(),
                Object::Iri(column) => tables[scan].iri(column)?.into_term(),
                Object::Join(parent, child_column, parent_column) => {
                    let parent = maps.iter().find(|map| map.name == *parent);
                    let parent = parent.ok_or("no such parent")?;
                    let other = scan_of(parent).ok_or("no such table")?;
                    let object = tables[other].template(&parent.subject)?;
                    let columns = (
                        tables[scan].column(child_column)?,
                        tables[other].column(parent_column)?,
                    );
                    let joins = &mut tables[scan].joins;
                    joins.push(Join {
                        scan: other,
                        on: vec![columns],
                        object: object.iri,
                        when: object.columns,
                    });
                    (TermRule::Joined(joins.len() - 1), Vec::new())
                }
            };
            let rule = rule(&subject, &predicate, object, &when);
            tables[scan].rules.push(rule);
        }
    }
    let scans = tables.into_iter().map(|table| TableScan {
        view: None,
        source: iri::from_path(&table.path),
        dialect: Dialect::default(),
        columns: table.reads,
        computed: Vec::new(),
        rules: table.rules,
        frame: None,
        checks: Vec::new(),
        joins: table.joins,
        elements: vec![Element::default()],
        header: HeaderRule::Ignore,
        comments: None,
    });
    Ok(Plan {
        scans: scans.collect(),
        ..Plan::default()
    })
}

/// A triples map, as `benches/peers/mappings.py` describes it.
#[derive(Deserialize)]
struct Map {
    name: String,
    source: String,
    subject: String,
    class: Option<String>,
    poms: Vec<(String, Object)>,
}

enum Object {
    Ref(String, Option<String>, Option<String>),
    Tpl(String),
    Iri(String),
    Join(String, String, String),
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words: Vec<Option<String>> = Vec::deserialize(deserializer)?;
        let mut words = words.into_iter();
        let mut next = || words.next().flatten();
        let (kind, first) = (next().unwrap_or_default(), next().unwrap_or_default());
        Ok(match kind.as_str() {
            "ref" => Self::Ref(first, next(), next()),
            "tpl" => Self::Tpl(first),
            "iri" => Self::Iri(first),
            "join" => Self::Join(
                first,
                next().unwrap_or_default(),
                next().unwrap_or_default(),
            ),
            other => return Err(D::Error::custom(format!("no object is `{other}`"))),
        })
    }
}

/// An IRI made of a row, and the columns that have to have a value for it.
#[derive(Clone)]
struct Iri {
    iri: IriRule,
    columns: Vec<usize>,
}

impl Iri {
    fn new(parts: Vec<Part>, columns: Vec<usize>) -> Self {
        let iri = IriRule {
            template: Template { parts },
            base: None,
            steps: false,
            prefixes: &[],
        };
        Self { iri, columns }
    }

    fn into_term(self) -> (TermRule, Vec<usize>) {
        (TermRule::Iri(self.iri), self.columns)
    }
}

/// A table, how its columns are read and what is made of them; a column has a single datatype, which
/// the workloads keep to.
struct Table {
    path: PathBuf,
    reads: Vec<ColumnRead>,
    rules: Vec<QuadRule>,
    joins: Vec<Join>,
}

impl Table {
    fn open(path: PathBuf) -> Result<Self, Box<dyn Error>> {
        let file = Box::new(File::open(&path)?);
        let mut reader = TableReader::open("table", file, &Dialect::default())?;
        let header = reader.read_row()?.ok_or("an empty table")?;
        let read = |name: &str| ColumnRead {
            name: name.to_owned(),
            titles: Titles::Any,
            cell: CellRule::default(),
            element: 0,
        };
        let reads = header.cells().map(read).collect();
        Ok(Self {
            path,
            reads,
            rules: Vec::new(),
            joins: Vec::new(),
        })
    }

    fn column(&self, name: &str) -> Result<usize, String> {
        let found = self.reads.iter().position(|read| read.name == name);
        found.ok_or_else(|| format!("no column `{name}`"))
    }

    fn literal(
        &mut self,
        name: &str,
        datatype: Option<&String>,
        language: Option<&String>,
    ) -> Result<usize, Box<dyn Error>> {
        let number = self.column(name)?;
        let cell = &mut self.reads[number].cell;
        cell.language = language.cloned();
        if let Some(datatype) = datatype {
            // The rules of strings, which have none, under another name.
            cell.value.iri = NamedNode::new(format!("{XSD}{datatype}"))?;
        }
        Ok(number)
    }

    fn iri(&self, name: &str) -> Result<Iri, String> {
        let column = self.column(name)?;
        let part = Part::value(Variable::Column(column), Safe::Everything);
        Ok(Iri::new(vec![part], vec![column]))
    }

    fn template(&self, text: &str) -> Result<Iri, String> {
        let (mut parts, mut columns) = (Vec::new(), Vec::new());
        let mut rest = text;
        while let Some((fixed, behind)) = rest.split_once('{') {
            let (name, behind) = behind.split_once('}').ok_or("a brace is open")?;
            let column = self.column(name)?;
            parts.push(Part::Text(fixed.to_owned()));
            parts.push(Part::value(Variable::Column(column), Safe::Unicode));
            columns.push(column);
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Iri::new(parts, columns))
    }
}

fn rule(subject: &Iri, predicate: &NamedNode, object: TermRule, when: &[usize]) -> QuadRule {
    let (subject, mut columns) = subject.clone().into_term();
    columns.extend(when);
    QuadRule {
        subject,
        predicate: TermRule::iri(predicate.clone()),
        object,
        graph: GraphRule::DEFAULT,
        conditions: Vec::new(),
        destinations: Vec::new(),
        key: None,
        when: columns,
        when_text: false,
        element: 0,
    }
}
