//! Makes nested objects of rows and writes them as JSON.
//!
//! In: the cells of a row and those rules of its scan that have a key. Out: an object for each
//! subject of the row, put into one another where one refers to the other, and around them what
//! the plan says. The objects of one row are held at a time.
//!
//! Spec: csv2json §4

use super::cell::Item;
use super::row::{InvalidIri, IriFault, RowConsumer, RowContext};
use super::run::{RunError, RunOptions, RunReport, run_rows};
use crate::diagnostic::Diagnostics;
use crate::plan::{Frame, Key, Plan, QuadRule, ShortNames, TableScan, TermRule};
use crate::rdf::xsd::Datatype;
use crate::sink::SinkError;
use crate::sink::json::{JsonWriter, number};
use crate::table::Sources;
use oxrdf::Term;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;

/// The name of the member that says which resource an object is.
const ID: &str = "@id";

/// The name of the member that says what kind of thing it is; its IRIs are shortened.
const TYPE: &str = "@type";

/// How long the IRIs in the objects of one row may be in bytes, all together: they are held.
pub(super) const OBJECT_BYTES: usize = 256 << 20;

/// How deep the objects of a row stand in one another; below that they are left where they are.
const MOST_LEVELS: usize = 100;

/// How many objects or members are looked through one by one; more are found by their names.
const FEW: usize = 16;

/// Runs a plan and writes objects.
///
/// The counts of the report are those of the values written. Objects come in the order of tables
/// and rows. A table that cannot be read is reported and the others are run all the same.
///
/// # Errors
/// When the bytes cannot be written or the observer stops the run.
pub fn run_objects<W: Write>(
    plan: &Plan,
    sources: &Sources,
    writer: &mut JsonWriter<W>,
    diagnostics: &mut Diagnostics,
    options: &mut RunOptions<'_>,
) -> Result<RunReport, RunError> {
    let mut consumer = ObjectMaker {
        writer,
        names: plan.objects.names,
        groups_begun: 0,
        of_row: Fields::default(),
        of_subjects: Fields::default(),
        buffers: Buffers::default(),
        comments: Vec::new(),
    };
    run_rows(plan, sources, &mut consumer, diagnostics, options)
}

struct ObjectMaker<'w, W: Write> {
    writer: &'w mut JsonWriter<W>,
    names: ShortNames,
    groups_begun: usize,
    // What the current table says of a row, and of the subjects in it.
    of_row: Fields,
    of_subjects: Fields,
    buffers: Buffers,
    // The comments of the current table.
    comments: Vec<String>,
}

#[derive(Default)]
struct Buffers {
    iri: String,
    scratch: String,
}

/// The rules of a table that fill objects.
#[derive(Debug, Default)]
struct Fields {
    // By number of the rule, each with its subject.
    rules: Vec<(usize, usize)>,
    // The first rule of each subject.
    subjects: Vec<usize>,
    // Whether a name can come twice in an object.
    repeats: bool,
}

impl Fields {
    fn new(rules: &[QuadRule], range: Range<usize>) -> Self {
        let mut fields = Self::default();
        let mut numbers: FxHashMap<&TermRule, usize> = FxHashMap::default();
        let mut names = vec![ID];
        for index in range {
            let rule = &rules[index];
            match &rule.key {
                None => continue,
                Some(Key::Name(name)) => names.push(name),
                Some(Key::Predicate) => fields.repeats = true,
            }
            let next = fields.subjects.len();
            let subject = *numbers.entry(&rule.subject).or_insert(next);
            if subject == next {
                fields.subjects.push(index);
            }
            fields.rules.push((index, subject));
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        fields.repeats |= names.len() < count;
        fields
    }
}

/// What is said of one subject.
#[derive(Debug, Default)]
struct Object<'r> {
    id: Option<Cow<'r, str>>,
    members: Vec<Member<'r>>,
    // Where members are that may come again, once there are many.
    by_name: FxHashMap<Cow<'r, str>, usize>,
}

#[derive(Debug)]
struct Member<'r> {
    name: Cow<'r, str>,
    values: Vec<Value<'r>>,
    is_array: bool,
}

#[derive(Debug)]
enum Value<'r> {
    /// The identity of the object itself.
    Id,
    /// A resource, and its short name where that is written.
    Link(Cow<'r, str>, Option<String>),
    Text(Cow<'r, str>),
    /// A number or a boolean.
    Json(Cow<'r, str>),
    /// Another object of the row.
    Object(usize),
}

impl<'r> Object<'r> {
    fn new(id: Option<Cow<'r, str>>) -> Self {
        let mut object = Self {
            id,
            ..Self::default()
        };
        if object.id.is_some() {
            object.add(Cow::Borrowed(ID), vec![Value::Id], false, false);
        }
        object
    }

    // What comes under one name is one array.
    //
    // Spec: csv2json §4.3, "Generating Objects", step 5
    fn add(
        &mut self,
        name: Cow<'r, str>,
        mut values: Vec<Value<'r>>,
        is_array: bool,
        may_repeat: bool,
    ) {
        let known = if may_repeat { self.find(&name) } else { None };
        if let Some(at) = known {
            let member = &mut self.members[at];
            member.values.append(&mut values);
            member.is_array = true;
            return;
        }
        self.members.push(Member {
            name,
            values,
            is_array,
        });
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        if self.members.len() <= FEW {
            return self.members.iter().position(|member| member.name == name);
        }
        let members = self.members.iter().enumerate().skip(self.by_name.len());
        for (at, member) in members {
            self.by_name.insert(member.name.clone(), at);
        }
        self.by_name.get(name).copied()
    }

    fn is_empty(&self) -> bool {
        self.members.len() == usize::from(self.id.is_some())
    }
}

impl<W: Write> RowConsumer for ObjectMaker<'_, W> {
    fn begin(&mut self, plan: &Plan) -> Result<u64, SinkError> {
        // One group is an object, and anything else an array of objects.
        if plan.objects.groups.len() != 1 {
            self.writer.begin_array(true)?;
        }
        Ok(0)
    }

    fn begin_table(&mut self, scan: usize, plan: &Plan) -> Result<(), SinkError> {
        self.begin_groups(scan, plan)?;
        let table = &plan.scans[scan];
        let of_row = table.frame.as_ref().map_or(0..0, |frame| frame.row.clone());
        self.of_subjects = Fields::new(&table.rules, of_row.end..table.rules.len());
        self.of_row = Fields::new(&table.rules, of_row);
        match &table.frame {
            Some(frame) => self.begin_frame(&frame.frame, self.comment_key(table).as_deref()),
            None => Ok(()),
        }
    }

    fn row(
        &mut self,
        row: &RowContext<'_, '_>,
        mut invalid: impl FnMut(InvalidIri),
    ) -> Result<u64, SinkError> {
        let names = self.names;
        let buffers = &mut self.buffers;
        let mut make = |fields| make(row, fields, names, buffers, &mut invalid);
        let (own, mut objects) = (make(&self.of_row), make(&self.of_subjects));
        let is_root = nest(&mut objects);
        let roots =
            (0..objects.len()).filter(|number| is_root[*number] && !objects[*number].is_empty());
        if let Some(frame) = &row.scan.frame {
            self.writer.begin_object()?;
            for object in &own {
                self.write_members(object, &own)?;
            }
            self.writer.key(frame.inside)?;
            self.writer.begin_array(false)?;
        }
        for number in roots {
            self.write(number, &objects)?;
        }
        if row.scan.frame.is_some() {
            self.writer.end()?;
            self.writer.end()?;
        }
        let members = own
            .iter()
            .chain(&objects)
            .flat_map(|object| &object.members);
        Ok(members.map(|member| member.values.len() as u64).sum())
    }

    fn comments(
        &mut self,
        _: usize,
        scan: &TableScan,
        mut comments: Vec<String>,
    ) -> Result<u64, SinkError> {
        if scan.comments.is_none() {
            return Ok(0);
        }
        let count = comments.len() as u64;
        self.comments.append(&mut comments);
        Ok(count)
    }

    fn end_table(&mut self, scan: usize, plan: &Plan) -> Result<(), SinkError> {
        if let Some(frame) = &plan.scans[scan].frame {
            self.writer.end()?;
            self.write_comments(&plan.scans[scan], &frame.frame)?;
            self.writer.end()?;
        }
        let groups = &plan.objects.groups;
        if groups
            .iter()
            .any(|group| group.scans.end == scan + 1 && !group.scans.is_empty())
        {
            self.end_frame()?;
        }
        Ok(())
    }

    fn end(&mut self, plan: &Plan) -> Result<(), SinkError> {
        self.begin_groups(plan.scans.len(), plan)?;
        if plan.objects.groups.len() != 1 {
            self.writer.end()?;
        }
        Ok(())
    }
}

impl<W: Write> ObjectMaker<'_, W> {
    // Begins the group that a table is the first of, after groups without any.
    fn begin_groups(&mut self, scan: usize, plan: &Plan) -> Result<(), SinkError> {
        while let Some(group) = plan.objects.groups.get(self.groups_begun)
            && group.scans.start <= scan
        {
            self.groups_begun += 1;
            self.begin_frame(&group.frame, None)?;
            if group.scans.is_empty() {
                self.end_frame()?;
            }
        }
        Ok(())
    }

    // The name under which comments of the source stand, and what the metadata says in the same words.
    fn comment_key(&self, scan: &TableScan) -> Option<String> {
        let (_, predicate) = scan.comments.as_ref()?;
        Some(self.names.shorten(predicate.as_str()).into_owned())
    }

    // Comments are known when all rows are read.
    fn write_comments(&mut self, scan: &TableScan, frame: &Frame) -> Result<(), SinkError> {
        let Some(key) = self.comment_key(scan) else {
            return Ok(());
        };
        let stated = frame.members.iter().find(|(name, _)| *name == key);
        let comments = std::mem::take(&mut self.comments);
        if stated.is_none() && comments.is_empty() {
            return Ok(());
        }
        self.writer.key(&key)?;
        match stated {
            Some((_, json)) if comments.is_empty() => return self.writer.json(json),
            _ => self.writer.begin_array(false)?,
        }
        if let Some((_, json)) = stated {
            // An array of one more level would change what it says.
            let items = json
                .strip_prefix('[')
                .and_then(|json| json.strip_suffix(']'));
            self.writer.json(items.unwrap_or(json))?;
        }
        for comment in comments {
            self.writer.string(&comment)?;
        }
        self.writer.end()
    }

    // One member may be left for later.
    fn begin_frame(&mut self, frame: &Frame, later: Option<&str>) -> Result<(), SinkError> {
        self.writer.begin_object()?;
        let members = frame.members.iter();
        for (name, json) in members.filter(|(name, _)| Some(name.as_str()) != later) {
            self.writer.key(name)?;
            self.writer.json(json)?;
        }
        self.writer.key(frame.inside)?;
        self.writer.begin_array(true)
    }

    fn end_frame(&mut self) -> Result<(), SinkError> {
        self.writer.end()?;
        self.writer.end()
    }

    fn write(&mut self, number: usize, objects: &[Object<'_>]) -> Result<(), SinkError> {
        self.writer.begin_object()?;
        self.write_members(&objects[number], objects)?;
        self.writer.end()
    }

    fn write_members(
        &mut self,
        object: &Object<'_>,
        objects: &[Object<'_>],
    ) -> Result<(), SinkError> {
        for member in &object.members {
            self.writer.key(&member.name)?;
            if member.is_array {
                self.writer.begin_array(false)?;
            }
            for value in &member.values {
                match value {
                    Value::Id => self
                        .writer
                        .string(object.id.as_deref().unwrap_or_default())?,
                    Value::Link(iri, short) => {
                        self.writer.string(short.as_deref().unwrap_or(iri))?;
                    }
                    Value::Text(text) => self.writer.string(text)?,
                    Value::Json(json) => self.writer.json(json)?,
                    Value::Object(number) => self.write(*number, objects)?,
                }
            }
            if member.is_array {
                self.writer.end()?;
            }
        }
        Ok(())
    }
}

// The objects of a row, one for each subject in the order of the columns; those of which nothing
// is said are empty.
//
// Spec: csv2json §4.3, "Generating Objects"
fn make<'r>(
    row: &'r RowContext<'_, '_>,
    fields: &Fields,
    names: ShortNames,
    buffers: &mut Buffers,
    invalid: &mut impl FnMut(InvalidIri),
) -> Vec<Object<'r>> {
    let rules = &row.scan.rules;
    let Buffers { iri, scratch } = buffers;
    let mut held = 0;
    // `one` is a column that stands for one of its values only.
    let mut resource_of = |term: &'r TermRule,
                           rule: usize,
                           one: Option<(usize, &Item<'_>)>|
     -> Option<Cow<'r, str>> {
        match term {
            TermRule::Constant(Term::NamedNode(node)) => Some(Cow::Borrowed(node.as_str())),
            TermRule::Iri(made) | TermRule::EachIri(_, made) => {
                let mut fault = |text, fault| invalid(InvalidIri { rule, text, fault });
                row.iri(made, one, iri, scratch, &mut fault)?;
                held += iri.len();
                if held > OBJECT_BYTES {
                    fault(String::new(), IriFault::RowTooLarge);
                    return None;
                }
                Some(Cow::Owned(iri.clone()))
            }
            _ => None,
        }
    };
    let mut objects: Vec<Object<'r>> = Vec::with_capacity(fields.subjects.len());
    let mut by_id: FxHashMap<Cow<'r, str>, usize> = FxHashMap::default();
    let mut of_subject: Vec<Option<usize>> = Vec::with_capacity(fields.subjects.len());
    for rule in &fields.subjects {
        let subject = &rules[*rule].subject;
        let id = resource_of(subject, *rule, None);
        if id.is_none() && !matches!(subject, TermRule::RowBlank(_)) {
            of_subject.push(None);
            continue;
        }
        // Different templates may come to the same IRI.
        let known = match &id {
            None => None,
            Some(iri) if fields.subjects.len() > FEW => by_id.get(iri).copied(),
            id => objects.iter().position(|object| object.id == *id),
        };
        of_subject.push(Some(known.unwrap_or(objects.len())));
        if known.is_none() {
            if let Some(iri) = id.clone().filter(|_| fields.subjects.len() > FEW) {
                by_id.insert(iri, objects.len());
            }
            objects.push(Object::new(id));
        }
    }
    let may_repeat = fields.repeats || objects.len() < fields.subjects.len();
    for (index, subject) in &fields.rules {
        let rule = &rules[*index];
        let Some(object) = of_subject[*subject] else {
            continue;
        };
        if !row.applies(rule) {
            continue;
        }
        let name = match &rule.key {
            Some(Key::Name(name)) => Cow::Borrowed(name.as_str()),
            _ => match resource_of(&rule.predicate, *index, None) {
                Some(predicate) => Cow::Owned(names.shorten(&predicate).into_owned()),
                None => continue,
            },
        };
        let (values, is_array) = match &rule.object {
            TermRule::Values(column) | TermRule::List(column) => {
                let cell = &row.cells[*column];
                let datatype = row.column(*column).cell.value.datatype;
                let items = cell.items().iter();
                (
                    items.map(|item| value(item, datatype)).collect(),
                    cell.is_list(),
                )
            }
            TermRule::Texts(column) => {
                let cell = &row.cells[*column];
                let texts = cell.items().iter().map(|item| item.text.as_ref());
                (
                    texts.map(|text| Value::Text(Cow::Borrowed(text))).collect(),
                    cell.is_list(),
                )
            }
            TermRule::RowNumber => {
                let number = Cow::Owned(row.row_number.to_string());
                (vec![Value::Json(number)], false)
            }
            TermRule::Constant(Term::Literal(literal)) => {
                (vec![Value::Text(Cow::Borrowed(literal.value()))], false)
            }
            TermRule::EachIri(column, _) => {
                let mut links = Vec::new();
                let items = row.cells[*column].items().iter();
                for item in items.filter(|item| !item.text.is_empty()) {
                    let one = Some((*column, item));
                    let iri = resource_of(&rule.object, *index, one);
                    links.extend(iri.map(|iri| Value::Link(iri, None)));
                }
                (links, true)
            }
            TermRule::Joined(join) => {
                let (join, on) = (&row.joins[*join], &row.scan.joins[*join]);
                let mut key = Vec::new();
                let links = join.terms(on, row.cells, &mut key);
                let links = links
                    .map(|text| Value::Link(Cow::Owned(format!("{}{text}", join.prefix())), None));
                (links.collect(), true)
            }
            other => match resource_of(other, *index, None) {
                Some(iri) => {
                    let short = (name == TYPE).then(|| names.shorten(&iri).into_owned());
                    (vec![Value::Link(iri, short)], false)
                }
                None => continue,
            },
        };
        if !values.is_empty() {
            objects[object].add(name, values, is_array, may_repeat);
        }
    }
    objects
}

// Spec: csv2json §4.5, "Interpreting datatypes"
fn value<'r>(item: &'r Item<'_>, datatype: Datatype) -> Value<'r> {
    let text = item.text.as_ref();
    if item.valid {
        if datatype == Datatype::Boolean {
            let json = if matches!(text, "true" | "1") {
                "true"
            } else {
                "false"
            };
            return Value::Json(Cow::Borrowed(json));
        }
        if datatype.is_numeric()
            && let Some(json) = number(text)
        {
            return Value::Json(json);
        }
    }
    // What is not valid, and numbers that JSON does not have.
    Value::Text(Cow::Borrowed(text))
}

// Puts objects into those that refer to them; tells which are left outermost. A resource that the
// row refers to more than once is left where it is, and so is one that would come to stand inside
// itself.
//
// Spec: csv2json §4.4, "Generating Nested Objects"
fn nest(objects: &mut [Object<'_>]) -> Vec<bool> {
    let count = objects.len();
    let mut parents: Vec<Option<usize>> = vec![None; count];
    if count < 2 {
        return vec![true; count];
    }
    let mut references: FxHashMap<&str, usize> = FxHashMap::default();
    for value in objects
        .iter()
        .flat_map(|object| &object.members)
        .flat_map(|member| &member.values)
    {
        if let Value::Link(iri, _) = value {
            *references.entry(iri).or_default() += 1;
        }
    }
    let mut by_id: FxHashMap<&str, usize> = FxHashMap::default();
    for (number, object) in objects.iter().enumerate() {
        if let Some(id) = &object.id {
            by_id.entry(id).or_insert(number);
        }
    }
    let mut edges = Vec::new();
    let mut roots: Vec<usize> = (0..count).collect();
    for (from, object) in objects.iter().enumerate() {
        for (member, values) in object
            .members
            .iter()
            .map(|member| &member.values)
            .enumerate()
        {
            for (at, value) in values.iter().enumerate() {
                let Value::Link(iri, _) = value else {
                    continue;
                };
                let to = by_id.get(iri.as_ref()).copied();
                let Some(to) =
                    to.filter(|to| references[iri.as_ref()] == 1 && !objects[*to].is_empty())
                else {
                    continue;
                };
                let root = root_of(&mut roots, from);
                if root != to {
                    parents[to] = Some(from);
                    roots[to] = root;
                    edges.push((from, member, at, to));
                }
            }
        }
    }
    let levels = levels(&parents);
    let is_root: Vec<bool> = levels
        .iter()
        .map(|level| level % MOST_LEVELS == 0)
        .collect();
    for (from, member, at, to) in edges.into_iter().filter(|edge| !is_root[edge.3]) {
        objects[from].members[member].values[at] = Value::Object(to);
    }
    is_root
}

// The outermost object around one; the way there is made shorter for the next time.
fn root_of(roots: &mut [usize], mut number: usize) -> usize {
    while roots[number] != number {
        roots[number] = roots[roots[number]];
        number = roots[number];
    }
    number
}

// How many others each object stands in.
fn levels(parents: &[Option<usize>]) -> Vec<usize> {
    let mut levels: Vec<Option<usize>> = vec![None; parents.len()];
    for number in 0..parents.len() {
        let mut way = Vec::new();
        let mut at = number;
        let mut level = loop {
            match (levels[at], parents[at]) {
                (Some(level), _) => break level,
                (None, None) => break *levels[at].insert(0),
                (None, Some(parent)) => {
                    way.push(at);
                    at = parent;
                }
            }
        };
        for inner in way.into_iter().rev() {
            level += 1;
            levels[inner] = Some(level);
        }
    }
    levels.into_iter().flatten().collect()
}
