//! `explain`: where the triples about a resource come from.
//!
//! The plan is run again and only what is about the resource is kept, so that a build need not
//! remember where anything came from.

use crate::cli::args::ExplainArgs;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::{Context, output};
use crate::diagnostic::{Diagnostic, Diagnostics, Location, nearest};
use crate::pipeline::{self, GraphNames, Mapping};
use crate::project::Project;
use crate::query::rules::explain_triple;
use crate::rdf::iri;
use crate::sink::turtle::write_term;
use crate::sink::{EachQuad, Origin, SinkError};
use oxigraph::store::Store;
use oxrdf::{GraphName, GraphNameRef, NamedNode, Quad, Term, TermRef, Triple};
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) fn run(args: &ExplainArgs, context: &mut Context) -> Result<Outcome, Failure> {
    let project = context.project()?;
    let resource = resource(&args.iri, &project)?;
    let mut diagnostics = Diagnostics::new();
    let Some(mapping) = context.mapping(&project, &mut diagnostics) else {
        return Ok(Outcome::CouldNotRun);
    };
    let store = super::new_store()?;
    let mut found: Vec<(Quad, Vec<Origin>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let about = Term::from(resource.clone());
    let mut sink = EachQuad(|quad: oxrdf::QuadRef<'_>, origin: &Origin| {
        let is_about = quad.subject == resource.as_ref().into() || quad.object == about.as_ref();
        if is_about {
            let place = *places.entry(quad.to_string()).or_insert_with(|| {
                found.push((quad.into_owned(), Vec::new()));
                found.len() - 1
            });
            found[place].1.push(*origin);
        }
    });
    let mut display = context.display();
    pipeline::load(
        &project,
        &mapping,
        &store,
        Some(&mut sink),
        &mut diagnostics,
        &mut |progress| display.step(progress),
    )?;
    drop(display);
    context.reporter.diagnostics(&diagnostics);
    if diagnostics.errors() > 0 {
        return Ok(Outcome::Errors);
    }
    let explainer = Explainer {
        project: &project,
        mapping: &mapping,
        store: &store,
        evidence: evidence(&project),
        full: args.format == "json",
    };
    let mut triples: Vec<Explained> = found
        .iter()
        .map(|(quad, origins)| explainer.stated(quad, origins))
        .collect::<Result<_, _>>()?;
    triples.extend(explainer.inferred(&resource)?);
    if triples.is_empty() {
        return Err(unknown(&args.iri, &resource, &store).into());
    }
    let mut shown = String::new();
    write_term(&mut shown, resource.as_ref().into(), &project.prefixes);
    let explanation = Explanation {
        resource: resource.as_str().to_owned(),
        statements: explainer.statements(&about)?,
        triples,
    };
    let text = if args.format == "json" {
        output::json(&explanation)?
    } else {
        explanation.as_text(&shown)
    };
    output::print(&text)?;
    Ok(Outcome::Done)
}

fn resource(text: &str, project: &Project) -> Result<NamedNode, Failure> {
    let bare = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    let expanded = match bare {
        Some(bare) => bare.to_owned(),
        None => project.expand(text),
    };
    let resolved = iri::resolve(&project.base, &expanded).map_err(|error| {
        Failure::from(
            Diagnostic::error(
                "explain::iri",
                format!("`{text}` is not an IRI: {error}"),
                Location::default(),
            )
            .with_help("write an IRI or a prefixed name such as `id:…`"),
        )
    })?;
    Ok(NamedNode::new_unchecked(resolved))
}

fn evidence(project: &Project) -> Vec<NamedNode> {
    let names = project.settings.evidence.iter();
    names
        .map(|name| NamedNode::new_unchecked(project.expand(name)))
        .collect()
}

fn unknown(text: &str, resource: &NamedNode, store: &Store) -> Diagnostic {
    let mut subjects: Vec<String> = store
        .quads_for_pattern(None, None, None, Some(GraphNameRef::DefaultGraph))
        .filter_map(Result::ok)
        .filter_map(|quad| match quad.subject {
            oxrdf::NamedOrBlankNode::NamedNode(node) => Some(node.into_string()),
            oxrdf::NamedOrBlankNode::BlankNode(_) => None,
        })
        .collect();
    subjects.sort();
    subjects.dedup();
    // What differs is the last part of the IRI; the rest would make all look alike.
    let last = |iri: &'_ str| iri.rfind(['/', '#']).map_or(0, |at| at + 1);
    let wanted = &resource.as_str()[last(resource.as_str())..];
    let near = nearest(
        wanted,
        subjects.iter().map(|subject| &subject[last(subject)..]),
    )
    .and_then(|near| subjects.iter().find(|subject| subject.ends_with(near)));
    let diagnostic = Diagnostic::error(
        "explain::unknown-resource",
        format!("the graph says nothing about `{text}`"),
        Location::default(),
    );
    match near {
        Some(near) => diagnostic.with_help(format!("did you mean `<{near}>`?")),
        None => diagnostic.with_help("`coalition-kg query` lists queries that find resources"),
    }
}

/// The answer, as it is written in JSON.
#[derive(Serialize)]
struct Explanation {
    resource: String,
    statements: Vec<Statement>,
    triples: Vec<Explained>,
}

/// A triple and where it comes from.
#[derive(Serialize)]
struct Explained {
    subject: String,
    predicate: String,
    object: String,
    made_by: Vec<Place>,
    rules: Vec<String>,
    /// The statements that support the triple's subject.
    #[serde(rename = "subject_stated_in")]
    stated_in: Vec<String>,
}

/// A cell and the mapping element that made a triple of it.
#[derive(Serialize)]
struct Place {
    file: String,
    line: u64,
    row: u64,
    column: Option<String>,
    mapping: String,
    element: String,
}

/// A statement of the source.
#[derive(Serialize)]
struct Statement {
    iri: String,
    texts: Vec<String>,
}

struct Explainer<'a> {
    project: &'a Project,
    mapping: &'a Mapping,
    store: &'a Store,
    evidence: Vec<NamedNode>,
    full: bool,
}

impl Explainer<'_> {
    // As in N-Triples for programs, compact for people.
    fn show(&self, term: TermRef<'_>) -> String {
        if self.full {
            return match term {
                TermRef::NamedNode(node) => node.as_str().to_owned(),
                other => other.to_string(),
            };
        }
        let mut text = String::new();
        write_term(&mut text, term, &self.project.prefixes);
        text
    }

    fn explained(&self, triple: &Triple) -> Result<Explained, Failure> {
        let subject = Term::from(triple.subject.clone());
        let is_type = triple.predicate == crate::rdf::vocab::rdf::TYPE;
        let predicate = if is_type && !self.full {
            "a".to_owned()
        } else {
            self.show(triple.predicate.as_ref().into())
        };
        Ok(Explained {
            subject: self.show(subject.as_ref()),
            predicate,
            object: self.show(triple.object.as_ref()),
            made_by: Vec::new(),
            rules: Vec::new(),
            stated_in: self
                .supporting(&subject)?
                .iter()
                .map(|term| self.show(term.as_ref()))
                .collect(),
        })
    }

    fn stated(&self, quad: &Quad, origins: &[Origin]) -> Result<Explained, Failure> {
        let mut explained = self.explained(&Triple::from(quad.clone()))?;
        explained.made_by = origins
            .iter()
            .filter_map(|origin| {
                let scan = &self.mapping.plan.scans[origin.scan?];
                let rule = &scan.rules[origin.rule];
                let element = &scan.elements[rule.element];
                let column = scan
                    .all_columns()
                    .find(|column| column.element == rule.element)
                    .map(|column| column.name.clone());
                Some(Place {
                    file: self.project.sources.display_name(&scan.source),
                    line: origin.line,
                    row: origin.source_row,
                    column,
                    mapping: element.document.clone(),
                    element: element.pointer.clone(),
                })
            })
            .collect();
        Ok(explained)
    }

    fn inferred(&self, resource: &NamedNode) -> Result<Vec<Explained>, Failure> {
        let names = GraphNames::of(self.project);
        let graph = GraphNameRef::NamedNode(names.inferred.as_ref());
        let rules = pipeline::rules(self.project)?;
        let over = std::slice::from_ref(&names.ontology);
        let outgoing =
            self.store
                .quads_for_pattern(Some(resource.as_ref().into()), None, None, Some(graph));
        let incoming =
            self.store
                .quads_for_pattern(None, None, Some(resource.as_ref().into()), Some(graph));
        let mut triples = Vec::new();
        for quad in outgoing.chain(incoming) {
            triples.push(Triple::from(quad.map_err(SinkError::Store)?));
        }
        triples.sort_by_key(ToString::to_string);
        triples.dedup();
        let mut out = Vec::new();
        for triple in triples {
            let mut explained = self.explained(&triple)?;
            explained.rules =
                explain_triple(self.store, &rules, &names.inferred, over, triple.as_ref())?;
            out.push(explained);
        }
        Ok(out)
    }

    fn supporting(&self, subject: &Term) -> Result<Vec<Term>, Failure> {
        let Term::NamedNode(subject) = subject else {
            return Ok(Vec::new());
        };
        let mut out = Vec::new();
        for property in &self.evidence {
            for quad in self.store.quads_for_pattern(
                Some(subject.as_ref().into()),
                Some(property.as_ref()),
                None,
                None,
            ) {
                out.push(quad.map_err(SinkError::Store)?.object);
            }
        }
        out.sort_by_key(ToString::to_string);
        out.dedup();
        Ok(out)
    }

    fn statements(&self, resource: &Term) -> Result<Vec<Statement>, Failure> {
        let mut out = Vec::new();
        for statement in self.supporting(resource)? {
            let mut texts = Vec::new();
            if let Term::NamedNode(node) = &statement {
                for property in [
                    "http://www.w3.org/2004/02/skos/core#prefLabel",
                    "http://www.w3.org/2000/01/rdf-schema#label",
                    "http://purl.org/dc/terms/description",
                ] {
                    let property = NamedNode::new_unchecked(property);
                    for quad in self.store.quads_for_pattern(
                        Some(node.as_ref().into()),
                        Some(property.as_ref()),
                        None,
                        Some(GraphName::DefaultGraph.as_ref()),
                    ) {
                        let object = quad.map_err(SinkError::Store)?.object;
                        texts.push(self.show(object.as_ref()));
                    }
                }
            }
            texts.sort();
            out.push(Statement {
                iri: self.show(statement.as_ref()),
                texts,
            });
        }
        Ok(out)
    }
}

impl Explanation {
    fn as_text(&self, resource: &str) -> String {
        let mut text = format!("{resource}\n");
        for triple in &self.triples {
            text.push_str(&format!(
                "\n{} {} {}\n",
                triple.subject, triple.predicate, triple.object
            ));
            for place in &triple.made_by {
                let column = match &place.column {
                    Some(column) => format!(", column {column}"),
                    None => String::new(),
                };
                text.push_str(&format!(
                    "    {}:{} (row {}{column}) by {}#{}\n",
                    place.file, place.line, place.row, place.mapping, place.element
                ));
            }
            for rule in &triple.rules {
                text.push_str(&format!("    inferred by {rule}\n"));
            }
            if triple.subject != resource && !triple.stated_in.is_empty() {
                text.push_str(&format!(
                    "    {} is stated in {}\n",
                    triple.subject,
                    triple.stated_in.join(", ")
                ));
            }
        }
        if !self.statements.is_empty() {
            text.push_str("\nstated in\n");
            for statement in &self.statements {
                text.push_str(&format!("  {}\n", statement.iri));
                for line in &statement.texts {
                    text.push_str(&format!("    {line}\n"));
                }
            }
        }
        text
    }
}
