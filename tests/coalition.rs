//! The bundled graph: that it is whole, what it says, and that it stands under any base IRI.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a graph that cannot be built has failed"
)]

use coalition_kg::diagnostic::Diagnostics;
use coalition_kg::pipeline::{self, GraphNames};
use coalition_kg::project::Project;
use coalition_kg::query::{Answer, Catalogue, QueryParser};
use coalition_kg::rdf::prefixes::Prefixes;
use coalition_kg::sink::EachQuad;
use coalition_kg::sink::serializer::{FORMATS, Serializer};
use coalition_kg::sink::turtle::Layout;
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::store::Store;
use oxrdf::{GraphNameRef, Quad, QuadRef, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const BASE: &str = "https://w3id.org/coalition-kg/";
const OTHER_BASE: &str = "https://example.org/";

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The graph as the engine makes it and as the store holds it.
struct Built {
    project: Project,
    stated: Vec<Quad>,
    store: Store,
}

fn build(folder: &Path, base: Option<&str>) -> Built {
    let project = Project::open(folder, base).unwrap();
    let mut diagnostics = Diagnostics::new();
    let mapping = pipeline::read_mapping(&project, &mut diagnostics).expect("the metadata is read");
    let store = Store::new().unwrap();
    let mut stated = Vec::new();
    let mut sink = EachQuad(|quad: QuadRef<'_>, _: &_| stated.push(quad.into_owned()));
    let also = Some(&mut sink as &mut dyn coalition_kg::sink::QuadSink);
    pipeline::load(
        &project,
        &mapping,
        &store,
        also,
        &mut diagnostics,
        &mut |_| true,
    )
    .unwrap();
    let messages: Vec<_> = diagnostics.iter().collect();
    assert!(messages.is_empty(), "{messages:?}");
    Built {
        project,
        stated,
        store,
    }
}

fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| build(repository(), None))
}

impl Built {
    /// The triples of a named graph, or of the default one, as the store holds them.
    fn graph(&self, name: &str) -> BTreeSet<String> {
        let names = GraphNames::of(&self.project);
        let graph = match name {
            "stated" => GraphNameRef::DefaultGraph,
            name => GraphNameRef::NamedNode(names.by_name(name).unwrap().as_ref()),
        };
        let quads = self.store.quads_for_pattern(None, None, None, Some(graph));
        quads.map(|quad| triple(&quad.unwrap())).collect()
    }

    /// What the engine made, with the lexical forms of the cells.
    fn triples(&self) -> BTreeSet<String> {
        self.stated.iter().map(triple).collect()
    }

    /// Asks the stated graph; each row has a text for each variable.
    fn ask(&self, query: &str) -> Vec<BTreeMap<String, String>> {
        let parser = QueryParser::new()
            .with_base_iri(self.project.base.as_str())
            .with_prefixes(self.project.prefixes.clone());
        let answer = parser.parse(query).unwrap().run(&self.store).unwrap();
        let Answer::Solutions(solutions) = answer else {
            panic!("no rows: {query}");
        };
        solutions
            .map(|solution| {
                let solution = solution.unwrap();
                let cells = solution.iter();
                cells
                    .map(|(name, term)| (name.as_str().to_owned(), self.short(term)))
                    .collect()
            })
            .collect()
    }

    /// A term as `tests/answers` writes it.
    fn short(&self, term: &Term) -> String {
        match term {
            Term::NamedNode(node) => match self.project.prefixes.compact(node.as_str()) {
                Some(compact) => compact.to_string(),
                None => node.as_str().to_owned(),
            },
            Term::Literal(literal) => literal.value().to_owned(),
            Term::BlankNode(node) => node.to_string(),
        }
    }
}

// As in N-Triples.
fn triple(quad: &Quad) -> String {
    format!("{} {} {} .", quad.subject, quad.predicate, quad.object)
}

/// The same triples with all blank nodes alike, as their labels hang on what stands around them.
fn without_labels(triples: BTreeSet<String>) -> Vec<String> {
    let label = regex::Regex::new(r"_:\w+").unwrap();
    let alike = |triple: String| label.replace_all(&triple, "_:").into_owned();
    let mut triples: Vec<_> = triples.into_iter().map(alike).collect();
    triples.sort();
    triples
}

/// The rows of a table of `data/` or `tests/answers/`, by column.
fn table(path: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(repository().join(path)).expect(path);
    let header = reader.headers().unwrap().clone();
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        header
            .iter()
            .zip(&record)
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    });
    rows.collect()
}

fn tables() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(repository().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "csv")
        })
        .collect();
    names.sort();
    names
}

fn count_by<'a>(values: impl IntoIterator<Item = &'a String>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value.as_str()).or_default() += 1;
    }
    counts
}

// ---------------------------------------------------------------- the graph as a whole

#[test]
fn the_same_tables_give_the_same_bytes() {
    let built = built();
    let again = build(repository(), None);
    let write = |built: &Built, format| {
        let prefixes = &built.project.prefixes;
        let mut writer =
            Serializer::new("test", format, Layout::Grouped, prefixes, Vec::new()).unwrap();
        built
            .stated
            .iter()
            .for_each(|quad| writer.write(quad.as_ref()).unwrap());
        writer.finish().unwrap()
    };
    for (name, format) in FORMATS {
        assert!(write(built, *format) == write(&again, *format), "{name}");
    }
    for graph in ["inferred", "ontology"] {
        assert!(built.graph(graph) == again.graph(graph), "{graph}");
    }
}

#[test]
fn two_builds_leave_the_same_files() {
    let run = |format: &str| {
        let folder = tempfile::tempdir().unwrap();
        let graph = folder.path().join(format!("graph.{format}"));
        let output = Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
            .arg("build")
            .arg("--output")
            .arg(&graph)
            .current_dir(repository())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let description = std::fs::read_to_string(graph.with_extension("void.ttl")).unwrap();
        (std::fs::read_to_string(&graph).unwrap(), description)
    };
    for format in ["ttl", "trig", "nq"] {
        let (one, other) = (run(format), run(format));
        assert!(one.0 == other.0, "graph.{format}");
        assert!(one.1 == other.1, "description of graph.{format}");
    }
}

// The store would rewrite lexical forms; Turtle from the engine keeps them.
#[test]
fn turtle_parses_back_to_exactly_what_the_engine_made() {
    let built = built();
    for (name, format) in FORMATS {
        let mut writer = Serializer::new(
            "test",
            *format,
            Layout::Grouped,
            &built.project.prefixes,
            Vec::new(),
        )
        .unwrap();
        built
            .stated
            .iter()
            .for_each(|quad| writer.write(quad.as_ref()).unwrap());
        let bytes = writer.finish().unwrap();
        let parsed: BTreeSet<_> = RdfParser::from_format(*format)
            .for_slice(&bytes)
            .map(|quad| triple(&quad.unwrap()))
            .collect();
        assert!(parsed == built.triples(), "{name}");
    }
}

#[test]
fn the_turtle_file_is_readable() {
    let built = built();
    let prefixes = &built.project.prefixes;
    let mut writer = Serializer::new(
        "test",
        RdfFormat::Turtle,
        Layout::Grouped,
        prefixes,
        Vec::new(),
    )
    .unwrap();
    built
        .stated
        .iter()
        .for_each(|quad| writer.write(quad.as_ref()).unwrap());
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    let (declared, blocks): (Vec<_>, Vec<_>) =
        text.lines().partition(|line| line.starts_with("@prefix"));
    let body = blocks.join("\n");
    for line in declared {
        let prefix = line.split([' ', ':']).nth(1).unwrap();
        assert!(body.contains(&format!("{prefix}:")), "{line} is not used");
    }
    assert!(
        !body.contains("<https://w3id.org/coalition-kg/id/"),
        "keys are written with `id:`"
    );
    assert!(!body.contains("\\u"), "Arabic is written as UTF-8");
    assert!(
        body.contains("ckg:sourceLine 35 ;"),
        "numbers are in short form"
    );
    assert!(
        body.contains("ckg:minimumIsExclusive true ;"),
        "booleans are in short form"
    );
    assert!(text.ends_with(" .\n"), "the file ends in a newline");
    let subjects: Vec<_> = blocks
        .iter()
        .filter(|line| !line.starts_with([' ', '@']) && !line.is_empty())
        .filter_map(|line| line.split(' ').next())
        .collect();
    let distinct: BTreeSet<_> = subjects.iter().collect();
    assert_eq!(distinct.len(), subjects.len(), "a subject has one block");
    assert!(subjects.is_sorted(), "subjects are in order");
}

#[test]
fn what_is_inferred_is_not_stated() {
    let built = built();
    let inferred = built.graph("inferred");
    assert!(!inferred.is_empty());
    assert_eq!(inferred.intersection(&built.graph("stated")).next(), None);
    assert_eq!(inferred.intersection(&built.graph("ontology")).next(), None);
}

#[test]
fn the_ontology_and_what_is_stated_do_not_overlap() {
    let built = built();
    assert_eq!(
        built
            .graph("ontology")
            .intersection(&built.graph("stated"))
            .next(),
        None
    );
}

#[test]
fn every_term_that_is_used_is_declared() {
    let built = built();
    let declared: BTreeSet<String> = built
        .graph("ontology")
        .iter()
        .filter(|triple| triple.contains(" <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "))
        .map(|triple| triple.split(' ').next().unwrap().to_owned())
        .collect();
    let type_property = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";
    let mut missing = BTreeSet::new();
    for graph in ["stated", "inferred"] {
        for triple in built.graph(graph) {
            let mut parts = triple.splitn(3, ' ').skip(1);
            let (predicate, object) = (parts.next().unwrap(), parts.next().unwrap());
            let used = if predicate == type_property {
                object.trim_end_matches(" .")
            } else {
                predicate
            };
            if !declared.contains(used) {
                missing.insert(used.to_owned());
            }
        }
    }
    assert!(
        missing.is_empty(),
        "not declared in the ontology: {missing:#?}"
    );
}

#[test]
fn the_graph_conforms_to_its_shapes() {
    use coalition_kg::validate::shacl::{DataGraph, Shapes, validate};
    let built = built();
    let graph = pipeline::shapes(&built.project)
        .unwrap()
        .expect("there are shapes");
    let shapes = Shapes::parse(&graph).unwrap();
    let names = GraphNames::of(&built.project);
    let data = DataGraph::new([oxrdf::GraphName::DefaultGraph])
        .with_background([oxrdf::GraphName::from(names.ontology)]);
    let report = validate(&built.store, &shapes, &data).unwrap();
    assert!(report.conforms(), "{:#?}", report.results);
}

#[test]
fn every_named_thing_has_one_name_in_each_language() {
    let rows = built().ask(
        "SELECT ?thing (COUNT(?en) AS ?english) (COUNT(?ar) AS ?arabic) WHERE {
           ?thing skos:prefLabel ?label .
           BIND(IF(LANG(?label) = 'en', 1, ?none) AS ?en)
           BIND(IF(LANG(?label) = 'ar', 1, ?none) AS ?ar)
         } GROUP BY ?thing",
    );
    assert_eq!(rows.len(), table("data/things.csv").len());
    for row in rows {
        assert_eq!(
            (row["english"].as_str(), row["arabic"].as_str()),
            ("1", "1"),
            "{row:?}"
        );
    }
}

// ---------------------------------------------------------------- the facts of the source

#[test]
fn all_facts_of_the_source_are_statements() {
    let rows = built().ask(
        "SELECT ?statement ?id ?section ?modality ?certainty ?line WHERE {
           ?statement a ckg:SourceStatement ; ckg:factId ?id ; ckg:section ?section ;
             ckg:modality ?modality ; ckg:certainty ?certainty ; ckg:sourceLine ?line ;
             ckg:fromDocument id:source-page
         }",
    );
    assert_eq!(rows.len(), 132);
    for row in &rows {
        assert_eq!(row["statement"], format!("id:{}", row["id"]));
        assert_eq!(
            row["id"].chars().nth(1),
            row["section"].chars().nth(1),
            "{row:?}"
        );
    }
    let sections = [
        ("S1", 21),
        ("S2", 15),
        ("S3", 7),
        ("S4", 9),
        ("S5", 9),
        ("S6", 9),
        ("S7", 27),
        ("S8", 35),
    ];
    assert_eq!(
        count_by(rows.iter().map(|row| &row["section"])),
        sections.into()
    );
    let modalities = [
        ("id:modality-fact", 98),
        ("id:modality-purpose", 6),
        ("id:modality-commitment", 24),
        ("id:modality-judgement", 2),
        ("id:modality-claim", 2),
    ];
    assert_eq!(
        count_by(rows.iter().map(|row| &row["modality"])),
        modalities.into()
    );
    let doubtful: BTreeMap<_, _> = rows
        .iter()
        .filter(|row| row["certainty"] != "id:certainty-stated")
        .map(|row| (row["id"].as_str(), row["certainty"].as_str()))
        .collect();
    assert_eq!(
        doubtful,
        [
            ("F602", "id:certainty-inferred"),
            ("F706", "id:certainty-ambiguous")
        ]
        .into()
    );
    let lines: BTreeSet<u32> = rows
        .iter()
        .map(|row| row["line"].parse().unwrap())
        .collect();
    assert!(
        lines.iter().all(|line| (1..=51).contains(line)),
        "{lines:?}"
    );
}

// The join of the facts: nothing hangs in the air and nothing was left out.
#[test]
fn every_statement_named_in_a_table_exists_and_every_fact_is_used() {
    let statements = table("data/statements.csv");
    let known: BTreeSet<_> = statements.iter().map(|row| row["key"].clone()).collect();
    assert_eq!(known.len(), 132);
    let mut used: BTreeSet<String> = table("data/outcome_claims.csv")
        .iter()
        .map(|row| row["key"].clone())
        .collect();
    let mut unknown = Vec::new();
    for name in tables() {
        for row in table(&format!("data/{name}")) {
            let named = row.iter().filter(|(column, cell)| {
                (*column == "statement" || column.ends_with("_statement")) && !cell.is_empty()
            });
            for (column, id) in named {
                if !known.contains(id) {
                    unknown.push(format!("{name}, {column}: {id}"));
                }
                if name != "mentions.csv" {
                    used.insert(id.clone());
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    for row in &statements {
        let in_structure = used.contains(&row["key"]);
        match row["assertion"].as_str() {
            "structure" => assert!(in_structure, "{} supports nothing", row["key"]),
            "statement-only" => assert!(!in_structure, "{} supports something", row["key"]),
            other => panic!("{}: assertion `{other}`", row["key"]),
        }
    }
    let alone = statements
        .iter()
        .filter(|row| row["assertion"] == "statement-only");
    assert!(alone.count() <= 9, "most facts have structure");
}

#[test]
fn every_statement_is_about_something_that_leads_back_to_it() {
    let built = built();
    let without = built.ask(
        "SELECT ?statement WHERE {
           ?statement a ckg:SourceStatement .
           FILTER NOT EXISTS { ?thing ckg:statedIn ?statement }
         }",
    );
    assert!(without.is_empty(), "{without:?}");
    let one_way = built.ask(
        "SELECT ?statement ?thing WHERE {
           ?statement dcterms:subject ?thing .
           FILTER NOT EXISTS { ?thing ckg:statedIn ?statement }
         }",
    );
    assert!(one_way.is_empty(), "{one_way:?}");
    let dangling = built.ask(
        "SELECT ?thing ?statement WHERE {
           ?thing ckg:statedIn ?statement .
           FILTER NOT EXISTS { ?statement a ckg:SourceStatement }
         }",
    );
    assert!(dangling.is_empty(), "{dangling:?}");
}

// The names of the small group's members as the page writes them, row by row of its list.
#[test]
fn the_small_group_is_listed_line_by_line_as_on_the_page() {
    let rows = built().ask(
        "SELECT ?membership ?line ?label WHERE {
           ?membership a org:Membership ; org:organization id:small-group ;
             ckg:labelAsStated ?label ; ckg:statedIn ?statement .
           ?statement ckg:sourceLine ?line .
         }",
    );
    assert_eq!(rows.len(), 32);
    let lines = [
        ("43", 2),
        ("45", 3),
        ("46", 5),
        ("47", 5),
        ("48", 5),
        ("49", 5),
        ("50", 5),
        ("51", 2),
    ];
    assert_eq!(count_by(rows.iter().map(|row| &row["line"])), lines.into());
    let labels: BTreeSet<_> = rows.iter().map(|row| &row["label"]).collect();
    assert_eq!(labels.len(), 32);
}

#[test]
fn the_counts_of_the_facts_are_those_of_the_graph() {
    for (class, count) in [
        ("org:Membership", 48),
        ("ckg:PostHolding", 5),
        ("ckg:MinisterialMeeting", 9),
        ("ckg:DiplomaticMeeting", 1),
        ("ckg:DateReading", 2),
        ("ckg:Announcement", 2),
        ("ckg:MilitaryOperation", 1),
        ("foaf:Person", 4),
        ("ckg:FundingPledge", 1),
        ("ckg:Resolution", 1),
        ("ckg:WorkingGroup", 4),
        ("ckg:SmallGroup", 1),
        ("ckg:FocusGroup", 1),
        ("ckg:LineOfEffort", 5),
    ] {
        let rows = built().ask(&format!("SELECT ?x WHERE {{ ?x a {class} }}"));
        assert_eq!(rows.len(), count, "{class}");
    }
}

#[test]
fn every_promise_of_the_page_is_one_commitment_or_pledge() {
    let rows = built().ask(
        "SELECT ?fact (COUNT(DISTINCT ?promise) AS ?count) WHERE {
           ?fact ckg:modality id:modality-commitment .
           OPTIONAL {
             VALUES ?class { ckg:Commitment ckg:FundingPledge }
             ?promise a ?class ; ckg:statedIn ?fact .
           }
         } GROUP BY ?fact",
    );
    assert_eq!(rows.len(), 24);
    for row in rows {
        assert_eq!(row["count"], "1", "{}", row["fact"]);
    }
}

// ---------------------------------------------------------------- the questions

fn catalogue(project: &Project) -> Catalogue {
    let files = project.queries().unwrap();
    Catalogue::from_texts(files.into_iter().map(|file| (file.stem, file.text)))
}

/// The rows of an answer cut to the columns of the expected table, counted.
type Rows = BTreeMap<Vec<String>, usize>;

// `95` and `95.0` are the same number.
fn comparable(cell: &str) -> String {
    cell.parse::<f64>()
        .map_or_else(|_| cell.to_owned(), |number| number.to_string())
}

fn expected_answer(number: usize) -> (Vec<String>, Rows) {
    let path = repository().join(format!("tests/answers/cq{number:02}.csv"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let columns: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let mut rows = Rows::new();
    for record in reader.records() {
        *rows
            .entry(record.unwrap().iter().map(comparable).collect())
            .or_default() += 1;
    }
    (columns, rows)
}

fn check_answers(built: &Built) {
    let catalogue = catalogue(&built.project);
    let mut wrong = Vec::new();
    for number in 1..=15 {
        let query = catalogue.get(&format!("cq{number:02}")).unwrap();
        let (columns, expected) = expected_answer(number);
        let mut found = Rows::new();
        for row in built.ask(&query.text) {
            let cell = |column: &String| comparable(row.get(column).map_or("", String::as_str));
            *found.entry(columns.iter().map(cell).collect()).or_default() += 1;
        }
        if found != expected {
            wrong.push(format!(
                "{}: {columns:?}\n{found:#?}\nexpected {expected:#?}",
                query.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_competency_question_has_its_expected_answer() {
    check_answers(built());
}

#[test]
fn each_query_asks_in_both_languages_says_what_comes_back_and_runs() {
    let built = built();
    let catalogue = catalogue(&built.project);
    assert!(catalogue.len() >= 20, "{} queries", catalogue.len());
    for query in catalogue.iter() {
        for language in ["en", "ar"] {
            let question = query.header.question(language);
            assert!(
                question.is_some_and(|text| text.len() > 10),
                "{} @{language}",
                query.name
            );
        }
        assert!(
            query.header.returns.is_some(),
            "{} does not say what comes back",
            query.name
        );
        let parser = QueryParser::new().with_base_iri(built.project.base.as_str());
        let parsed = parser.parse(&query.text).unwrap();
        let needs_values = query
            .header
            .parameters
            .iter()
            .any(|known| known.default.is_none());
        if needs_values {
            continue;
        }
        let rows = match parsed.run(&built.store).unwrap() {
            Answer::Solutions(rows) => rows.map(Result::unwrap).count(),
            Answer::Triples(triples) => triples.map(Result::unwrap).count(),
            Answer::Boolean(_) => 1,
        };
        assert!(rows > 0, "{} has no answer", query.name);
    }
}

// ---------------------------------------------------------------- another base

fn moved(triples: BTreeSet<String>) -> Vec<String> {
    without_labels(
        triples
            .into_iter()
            .map(|triple| triple.replace(BASE, OTHER_BASE))
            .collect(),
    )
}

fn check_moved(other: &Built) {
    let built = built();
    assert_eq!(other.project.base, OTHER_BASE);
    assert!(without_labels(other.triples()) == moved(built.triples()));
    for graph in ["stated", "inferred", "ontology"] {
        assert!(
            without_labels(other.graph(graph)) == moved(built.graph(graph)),
            "{graph}"
        );
        let left = other
            .graph(graph)
            .into_iter()
            .find(|triple| triple.contains("w3id"));
        assert_eq!(left, None, "{graph}");
    }
    check_answers(other);
}

#[test]
fn under_another_base_all_is_the_same() {
    check_moved(&build(repository(), Some(OTHER_BASE)));
}

// The base is written once: in the settings.
#[test]
fn the_base_is_changed_in_one_line_of_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["data", "ontology", "ontology/rules", "queries"] {
        std::fs::create_dir_all(folder.path().join(part)).unwrap();
        for entry in std::fs::read_dir(repository().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap();
                std::fs::copy(&path, folder.path().join(part).join(name)).unwrap();
            }
        }
    }
    let settings = std::fs::read_to_string(repository().join("kg.toml")).unwrap();
    let line = format!("\nbase = \"{BASE}\"");
    assert_eq!(settings.matches(&line).count(), 1);
    let settings = settings.replace(&line, &format!("\nbase = \"{OTHER_BASE}\""));
    std::fs::write(folder.path().join("kg.toml"), settings).unwrap();
    check_moved(&build(folder.path(), None));
}

#[test]
fn no_table_and_no_metadata_holds_the_base() {
    for name in tables().into_iter().chain(["csv-metadata.json".to_owned()]) {
        let text = std::fs::read_to_string(repository().join("data").join(&name)).unwrap();
        assert!(!text.contains("w3id.org/coalition-kg"), "{name}");
    }
}

#[test]
fn no_output_of_a_command_holds_the_old_base() {
    let run = |arguments: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
            .args(arguments)
            .args(["--base", OTHER_BASE])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {error}");
        let text = String::from_utf8(output.stdout).unwrap();
        for found in [&text, &error] {
            let line = found.lines().find(|line| line.contains("w3id"));
            assert_eq!(line, None, "{arguments:?}");
        }
        text
    };
    run(&["export", "--graph", "all", "--format", "nquads"]);
    run(&["query"]);
    run(&["query", "cq05", "--show"]);
    run(&["explain", "id:small-group"]);
    assert!(run(&["query", "cq05"]).contains("https://example.org/id/state-ARE"));
}

// An installed program has the graph with it.
#[test]
fn the_graph_in_the_program_is_that_of_the_folder() {
    let project = Project::embedded(None).unwrap();
    let mut diagnostics = Diagnostics::new();
    let mapping = pipeline::read_mapping(&project, &mut diagnostics).unwrap();
    let mut triples = BTreeSet::new();
    let mut sink = EachQuad(|quad: QuadRef<'_>, _: &_| {
        triples.insert(triple(&quad.into_owned()));
    });
    pipeline::run_tables(&project, &mapping, &mut sink, &mut diagnostics, &mut |_| {
        true
    })
    .unwrap();
    assert!(triples == built().triples());
    let names = |project: &Project| -> Vec<PathBuf> {
        let files = project
            .queries()
            .unwrap()
            .into_iter()
            .chain(project.rules().unwrap());
        files.map(|file| PathBuf::from(file.stem)).collect()
    };
    assert_eq!(names(&project), names(&built().project));
}

#[test]
fn prefixes_of_the_settings_stand_under_the_base() {
    let prefixes: &Prefixes = &built().project.prefixes;
    assert_eq!(
        prefixes.namespace("id"),
        Some("https://w3id.org/coalition-kg/id/")
    );
    assert_eq!(
        prefixes.namespace("ckg"),
        Some("https://w3id.org/coalition-kg/ontology#")
    );
}
