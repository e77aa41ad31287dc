//! Runs a workload of `benches/peers` from its `spec.json`: what RML says there, put into a plan by
//! hand. `benches/peers/measure.py` runs it.
//!
//! usage: `spec_plan FOLDER OUT`
//!
//! Values keep their lexical forms and are not checked, as RML has it.

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::engine::{self, RunOptions, Severities};
use coalition_kg::plan::{
    CellRule, ColumnRead, Element, HeaderRule, IriRule, Plan, QuadRule, TableScan, Template,
    TermRule, Titles, ValueType, Variable,
};
use coalition_kg::rdf::iri;
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::sink::file::Output;
use coalition_kg::sink::serializer::Serializer;
use coalition_kg::sink::turtle::Layout;
use coalition_kg::table::{Dialect, Sources, TableReader};
use oxigraph::io::RdfFormat;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{GraphName, NamedNode};
use serde_json::Value;
use std::error::Error;
use std::path::Path;

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, out] = arguments.as_slice() else {
        return Err("usage: spec_plan FOLDER OUT".into());
    };
    let folder = Path::new(folder);
    let plan = read_plan(folder)?;
    let out = Path::new(out);
    let mut writer = Serializer::new(
        &out.to_string_lossy(),
        RdfFormat::NTriples,
        Layout::Streaming,
        &Prefixes::default(),
        Output::file(out)?,
    )?;
    let mut diagnostics = Diagnostics::new();
    let mut options = RunOptions {
        severities: Severities::CONVERT,
        key_memory: engine::KEY_MEMORY,
        observer: &mut |_| true,
    };
    let sources = Sources::new();
    engine::run(&plan, &sources, &mut writer, &mut diagnostics, &mut options)?;
    if diagnostics.errors() + diagnostics.warnings() > 0 {
        return Err(format!("{:?}", diagnostics.iter().next()).into());
    }
    writer.finish()?.commit()?;
    Ok(())
}

/// The plan of the triples maps of a workload, a scan each.
fn read_plan(folder: &Path) -> Result<Plan, Box<dyn Error>> {
    let maps: Value = serde_json::from_slice(&std::fs::read(folder.join("spec.json"))?)?;
    let maps = maps.as_array().ok_or("no list of triples maps")?;
    let scans: Result<_, _> = maps.iter().map(|map| read_scan(folder, map)).collect();
    Ok(Plan {
        scans: scans?,
        ..Plan::default()
    })
}

fn read_scan(folder: &Path, map: &Value) -> Result<TableScan, Box<dyn Error>> {
    let path = folder.join(text(&map["source"])?);
    let mut columns = Columns::open(&path)?;
    let subject = columns.template(text(&map["subject"])?)?;
    let mut rules = Vec::new();
    if let Some(class) = map["class"].as_str() {
        let class = TermRule::iri(NamedNode::new(class)?);
        rules.push(rule(&subject, rdf::TYPE.into_owned(), class));
    }
    for pair in map["poms"].as_array().ok_or("no list of predicates")? {
        let predicate = NamedNode::new(text(&pair[0])?)?;
        let object = &pair[1];
        let first = text(&object[1])?;
        let object = match text(&object[0])? {
            "ref" => {
                let datatype = object[2].as_str().map(|name| format!("{XSD}{name}"));
                let datatype = datatype.map_or(Ok(xsd::STRING.into_owned()), NamedNode::new)?;
                TermRule::Values(columns.literal(first, datatype, object[3].as_str())?)
            }
            "tpl" => columns.template(first)?,
            "iri" => columns.template(&format!("{{+{first}}}"))?,
            "const" => TermRule::iri(NamedNode::new(first)?),
            other => return Err(format!("no `{other}` here").into()),
        };
        rules.push(rule(&subject, predicate, object));
    }
    Ok(TableScan {
        source: iri::from_path(&path),
        dialect: Dialect::default(),
        columns: columns.reads,
        computed: Vec::new(),
        rules,
        frame: None,
        checks: Vec::new(),
        elements: vec![Element::default()],
        header: HeaderRule::Ignore,
        comments: None,
    })
}

/// The columns of a table; one has a single datatype, which the workloads keep to.
struct Columns {
    reads: Vec<ColumnRead>,
}

impl Columns {
    fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        let file = Box::new(std::fs::File::open(path)?);
        let mut reader = TableReader::open("table", file, &Dialect::default())?;
        let header = reader.read_row()?.ok_or("an empty table")?;
        let read = |name: &str| ColumnRead {
            name: name.to_owned(),
            titles: Titles::Any,
            cell: CellRule::default(),
            element: 0,
        };
        Ok(Self {
            reads: header.cells().map(read).collect(),
        })
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.reads.iter().position(|read| read.name == name)
    }

    fn literal(
        &mut self,
        name: &str,
        datatype: NamedNode,
        language: Option<&str>,
    ) -> Result<usize, Box<dyn Error>> {
        let number = self.find(name).ok_or_else(|| format!("no `{name}`"))?;
        let cell = &mut self.reads[number].cell;
        cell.language = language.map(str::to_owned);
        cell.value = ValueType {
            iri: datatype,
            ..ValueType::string()
        };
        Ok(number)
    }

    fn template(&self, text: &str) -> Result<TermRule, Box<dyn Error>> {
        let variable = |name: &str| {
            self.find(name)
                .map_or(Variable::Undefined, Variable::Column)
        };
        Ok(TermRule::Iri(IriRule {
            template: Template::parse(text, variable)?,
            base: None,
            steps: false,
            prefixes: &[],
        }))
    }
}

fn rule(subject: &TermRule, predicate: NamedNode, object: TermRule) -> QuadRule {
    QuadRule {
        subject: subject.clone(),
        predicate: TermRule::iri(predicate),
        object,
        graph: GraphName::DefaultGraph,
        key: None,
        when: Vec::new(),
        when_text: false,
        element: 0,
    }
}

fn text(value: &Value) -> Result<&str, String> {
    value
        .as_str()
        .ok_or_else(|| format!("`{value}` is no text"))
}
