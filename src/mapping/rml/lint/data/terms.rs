//! The values of term maps: whether they are IRIs, literals of their datatype, language tags.

use super::super::rows::{Cells, Columns, ready};
use super::super::shown;
use super::subjects::safe;
use super::{Findings, Probe, Read, Seen};
use crate::diagnostic::Severity;
use crate::mapping::rml::lower::{Position, term_type};
use crate::mapping::rml::model::{
    Expression as ExpressionKind, ExpressionMap, Place, TemplatePart, TermMap, TermType, TermValue,
};
use crate::mapping::rml::read::check_language;
use crate::plan::Expression;
use crate::rdf::iri::{self, Safe, push_encoded};
use crate::rdf::xsd::{Datatype, WhiteSpace};
use oxrdf::Term;

/// The rules on a term map.
pub(super) fn probes(
    term: &TermMap,
    position: Position,
    base: &str,
    columns: &Columns,
) -> Vec<Box<dyn Probe>> {
    let TermValue::Expression(map) = &term.value else {
        return Vec::new();
    };
    if matches!(map.expression, ExpressionKind::Constant(_)) {
        return Vec::new();
    }
    let kind = term_type(term, map, position);
    let mut probes: Vec<Box<dyn Probe>> = Vec::new();
    match kind {
        TermType::Literal => {
            let datatype = datatype_of(term);
            let text = ready(map, columns, Safe::Everything);
            if let (Some((datatype, name)), Some(text)) = (datatype, text) {
                probes.push(Box::new(Literals {
                    text,
                    datatype,
                    name,
                    place: map.place.clone(),
                    all: 0,
                    wrong: Seen::default(),
                    blank: 0,
                }));
            }
        }
        TermType::BlankNode => {}
        TermType::Iri | TermType::Uri | TermType::UnsafeIri | TermType::UnsafeUri => {
            let text = ready(map, columns, safe(kind));
            if let Some(text) = text {
                probes.push(Box::new(Iris {
                    text,
                    base: base.to_owned(),
                    is_template: matches!(map.expression, ExpressionKind::Template(_)),
                    is_unsafe: matches!(kind, TermType::UnsafeIri | TermType::UnsafeUri),
                    place: map.place.clone(),
                    all: 0,
                    invalid: Seen::default(),
                    relative: Seen::default(),
                }));
            }
            if safe(kind) != Safe::Everything {
                probes.extend(encoding_probe(map, safe(kind), columns));
            }
        }
    }
    if let Some(text) = ready(map, columns, Safe::Everything)
        && position == Position::Object
    {
        probes.push(Box::new(Values {
            text,
            place: map.place.clone(),
            has_any: false,
        }));
    }
    probes
}

// A datatype of XML Schema that is the same for all rows, with its name.
fn datatype_of(term: &TermMap) -> Option<(Datatype, String)> {
    let TermValue::Expression(map) = &term.datatype.as_ref()?.value else {
        return None;
    };
    let ExpressionKind::Constant(Term::NamedNode(iri)) = &map.expression else {
        return None;
    };
    let datatype = Datatype::of_iri(iri.as_str())?;
    let (_, name) = iri.as_str().rsplit_once('#')?;
    Some((datatype, format!("xsd:{name}")))
}

/// Literals with a datatype.
struct Literals {
    text: Expression,
    datatype: Datatype,
    name: String,
    place: Place,
    all: u64,
    wrong: Seen,
    /// How many of the wrong ones are right without the white space around them.
    blank: u64,
}

impl Probe for Literals {
    fn row(&mut self, cells: &Cells<'_>) {
        for text in cells.texts(&self.text) {
            self.all += 1;
            if self.datatype.accepts(&text) {
                continue;
            }
            self.wrong.add(&text, cells.row.source_row);
            if self.datatype.accepts(text.trim()) {
                self.blank += 1;
            }
        }
    }

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>) {
        let Some(wrong) = self.wrong.show(
            self.all,
            table,
            [
                &format!("is no {}", self.name),
                &format!("are no {}", self.name),
            ],
        ) else {
            return;
        };
        let first = self.wrong.first.as_ref().map_or("", |(value, _)| value);
        let is_collapsed = self.datatype.white_space() == WhiteSpace::Collapse;
        let help = if self.blank == self.wrong.count && is_collapsed {
            "the white space around values is kept: trim it with a function, or `csvw:trim true` in the source"
                .to_owned()
        } else {
            help_for(self.datatype, first)
        };
        findings.warn("rml::datatype-value", &self.place, wrong, help);
    }
}

fn help_for(datatype: Datatype, value: &str) -> String {
    let is_number = datatype.is_numeric();
    let has = |sign: char| value.contains(sign);
    if value.is_empty() {
        "where an empty cell is no value, say `rml:null \"\"` in the source".to_owned()
    } else if is_number && has(',') {
        "numbers have no commas: replace them with a function such as `grel:string_replace`"
            .to_owned()
    } else if datatype.is_integer() && Datatype::Decimal.accepts(value) {
        "these are decimal numbers: write `xsd:decimal`".to_owned()
    } else if datatype == Datatype::DateTime && Datatype::Date.accepts(value) {
        "these are dates: write `xsd:date`".to_owned()
    } else if datatype.is_date_or_time() {
        "dates are written `2024-12-31`, with a time `2024-12-31T23:59:59`: change them with `grel:date_toDate`"
            .to_owned()
    } else if datatype == Datatype::Boolean {
        "write `true` and `false`: change the values with a function such as `grel:controls_if`"
            .to_owned()
    } else {
        "change the values, or take the datatype away".to_owned()
    }
}

/// IRIs.
struct Iris {
    text: Expression,
    base: String,
    is_template: bool,
    /// Whether it is written whatever it is.
    is_unsafe: bool,
    place: Place,
    all: u64,
    invalid: Seen,
    relative: Seen,
}

impl Probe for Iris {
    fn row(&mut self, cells: &Cells<'_>) {
        for text in cells.texts(&self.text) {
            self.all += 1;
            let row = cells.row.source_row;
            if iri::check(&text).is_ok() {
                continue;
            }
            if self.is_template && text.contains("%3A%2F%2F") {
                // An IRI in a template, of which is told elsewhere.
            } else if self.base.is_empty() && !iri::is_absolute(&text) {
                self.relative.add(&text, row);
            } else if iri::check(&format!("{}{text}", self.base)).is_err() {
                self.invalid.add(&text, row);
            }
        }
    }

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>) {
        if let Some(invalid) = self
            .invalid
            .show(self.all, table, ["makes no IRI", "make no IRI"])
        {
            let help = if self.is_unsafe {
                "an unsafe IRI is written as it is: `rml:IRI` in place of it encodes the values of a template"
            } else if self.is_template {
                "look at the text of the template, which stands in the IRI as it is"
            } else {
                "what is put into a template, such as `http://example.com/{column}`, is percent-encoded"
            };
            let severity = if self.is_unsafe {
                Severity::Warning
            } else {
                table.severity
            };
            findings.tell(severity, "rml::invalid-iri", &self.place, invalid, help);
        }
        // Where a template says so itself it was told.
        let starts_with_text = matches!(
            &self.text,
            Expression::Template(pieces) if matches!(pieces.first(), Some(crate::plan::Piece::Text(_)))
        );
        let said = [
            "is a relative IRI, and there is no base",
            "are relative IRIs, and there is no base",
        ];
        if let Some(relative) = self
            .relative
            .show(self.all, table, said)
            .filter(|_| !starts_with_text)
        {
            findings.tell(
                table.severity,
                "rml::relative-iri",
                &self.place,
                relative,
                "give `--base IRI` or `rml:baseIRI`, or use a template such as `http://example.com/{column}`",
            );
        }
    }
}

/// Values that are percent-encoded in a template.
struct Encoding {
    /// The columns of the template with what stands before each, if anything.
    columns: Vec<(usize, String)>,
    safe: Safe,
    is_whole: bool,
    place: Place,
    all: u64,
    changed: Seen,
    first_encoded: String,
    twice: Seen,
    iris: Seen,
    ambiguous: Option<(String, String, u64)>,
}

fn encoding_probe(map: &ExpressionMap, safe: Safe, columns: &Columns) -> Option<Box<dyn Probe>> {
    let ExpressionKind::Template(template) = &map.expression else {
        return None;
    };
    let mut found = Vec::new();
    let mut before = String::new();
    for part in &template.parts {
        match part {
            TemplatePart::Text(text) => before.clone_from(text),
            TemplatePart::Reference(name, _) => {
                found.push((*columns.get(name)?, std::mem::take(&mut before)));
            }
        }
    }
    let is_whole = matches!(template.parts.first(), Some(TemplatePart::Reference(..)));
    Some(Box::new(Encoding {
        columns: found,
        safe,
        is_whole,
        place: map.place.clone(),
        all: 0,
        changed: Seen::default(),
        first_encoded: String::new(),
        twice: Seen::default(),
        iris: Seen::default(),
        ambiguous: None,
    }))
}

impl Probe for Encoding {
    fn row(&mut self, cells: &Cells<'_>) {
        let row = cells.row.source_row;
        let mut previous: Option<String> = None;
        for (number, (column, before)) in self.columns.iter().enumerate() {
            let Some(value) = cells.get(*column) else {
                previous = None;
                continue;
            };
            self.all += 1;
            let mut encoded = String::new();
            push_encoded(&mut encoded, value, self.safe);
            if number == 0 && self.is_whole && value.contains("://") && iri::check(value).is_ok() {
                self.iris.add(value, row);
            } else if has_triplet(value) {
                self.twice.add(value, row);
            } else if encoded != value {
                self.changed.add(value, row);
                if self.first_encoded.is_empty() {
                    self.first_encoded.clone_from(&encoded);
                }
            }
            if let Some(previous) = previous.take().filter(|_| self.ambiguous.is_none()) {
                let is_ambiguous = before.is_empty()
                    || previous.contains(&**before)
                    || encoded.contains(&**before);
                if is_ambiguous {
                    self.ambiguous =
                        Some((before.clone(), format!("{previous}{before}{encoded}"), row));
                }
            }
            previous = Some(encoded);
        }
    }

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>) {
        let said = [
            "is an IRI, of which the template encodes `:` and `/`",
            "are IRIs, of which the template encodes `:` and `/`",
        ];
        if let Some(iris) = self.iris.show(self.all, table, said) {
            // One of many may be meant so.
            let severity = if self.iris.count * 2 > self.all {
                Severity::Warning
            } else {
                Severity::Note
            };
            findings.tell(
                severity,
                "rml::iri-in-template",
                &self.place,
                iris,
                "write `rml:reference` with `rml:termType rml:IRI` in place of the template",
            );
        }
        let said = [
            "is percent-encoded already, and its `%` becomes `%25`",
            "are percent-encoded already, and their `%` becomes `%25`",
        ];
        if let Some(twice) = self.twice.show(self.all, table, said) {
            findings.warn(
                "rml::encoded-twice",
                &self.place,
                twice,
                "write `rml:termType rml:UnsafeIRI`, which puts values in as they are",
            );
        }
        if let Some(changed) = self.changed.show(
            self.all,
            table,
            ["is percent-encoded", "are percent-encoded"],
        ) {
            findings.note(
                "rml::encoded",
                &self.place,
                format!("{changed}, as {}", shown(&self.first_encoded)),
                "",
            );
        }
        if let Some((before, text, row)) = &self.ambiguous {
            let what = if before.is_empty() {
                "nothing stands between two columns".to_owned()
            } else {
                format!("values have `{before}` in them, which stands between two columns")
            };
            findings.note(
                "rml::ambiguous-template",
                &self.place,
                format!("{what}: other values make {} of row {row} too", shown(text)),
                "put a sign between them that no value has: `/` is encoded in values",
            );
        }
    }
}

fn has_triplet(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'%', bytes).any(|at| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Languages that depend on the row.
struct Languages {
    text: Expression,
    place: Place,
    all: u64,
    wrong: Seen,
}

/// The rule on a language that depends on the row.
pub(super) fn language_probe(map: &ExpressionMap, columns: &Columns) -> Option<Box<dyn Probe>> {
    if matches!(map.expression, ExpressionKind::Constant(_)) {
        return None;
    }
    Some(Box::new(Languages {
        text: ready(map, columns, Safe::Everything)?,
        place: map.place.clone(),
        all: 0,
        wrong: Seen::default(),
    }))
}

impl Probe for Languages {
    fn row(&mut self, cells: &Cells<'_>) {
        for text in cells.texts(&self.text) {
            self.all += 1;
            if check_language(&text).is_err() {
                self.wrong.add(&text, cells.row.source_row);
            }
        }
    }

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>) {
        if let Some(wrong) = self.wrong.show(
            self.all,
            table,
            ["is no language tag", "are no language tags"],
        ) {
            findings.tell(
                table.severity,
                "rml::language-value",
                &self.place,
                wrong,
                "language tags look like `en` or `en-GB`",
            );
        }
    }
}

/// Whether there is any value at all.
struct Values {
    text: Expression,
    place: Place,
    has_any: bool,
}

impl Probe for Values {
    fn row(&mut self, cells: &Cells<'_>) {
        if !self.has_any {
            self.has_any = !cells.texts(&self.text).is_empty();
        }
    }

    fn finish(self: Box<Self>, table: &Read<'_>, findings: &mut Findings<'_>) {
        if !self.has_any {
            findings.note(
                "rml::no-values",
                &self.place,
                format!("no row of `{}` has a value for it", table.title),
                "",
            );
        }
    }
}
