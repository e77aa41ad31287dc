//! Queries from text to rows: syntax errors, parameters, datasets, limits.

use super::*;
use oxigraph::io::RdfFormat;
use oxigraph::model::{Literal, NamedNode};
use oxigraph::store::Store;
use std::time::{Duration, Instant};

const DATA: &str = r#"
@prefix id: <https://e.org/id/> .
id:a id:knows id:b, id:c ; id:age 40 ; id:name "A"@en, "ألف"@ar .
id:b id:knows id:c ; id:age 30 ; id:name "B"@en .
id:c id:name "C"@en .
id:inferred { id:b id:knows id:a . id:c id:knows id:a }
id:other { id:a id:knows id:b . id:a id:sees id:c }
"#;

fn store() -> Store {
    let store = Store::new().unwrap();
    store.load_from_slice(RdfFormat::TriG, DATA).unwrap();
    store
}

fn parser() -> QueryParser {
    let mut prefixes = crate::rdf::prefixes::Prefixes::well_known();
    prefixes.insert("id", "https://e.org/id/").unwrap();
    QueryParser::new()
        .with_source("test.rq")
        .with_prefixes(prefixes)
}

fn rows(query: SparqlQuery) -> Vec<String> {
    match query.run(&store()).unwrap() {
        Answer::Boolean(value) => vec![value.to_string()],
        Answer::Solutions(solutions) => {
            let columns = solutions.columns().to_vec();
            solutions
                .map(|row| {
                    let row = row.unwrap();
                    let cells: Vec<_> = columns
                        .iter()
                        .map(|column| match row.get(column) {
                            Some(term) => term.to_string().replace("https://e.org/id/", ""),
                            None => "-".to_owned(),
                        })
                        .collect();
                    cells.join(" ")
                })
                .collect()
        }
        Answer::Triples(triples) => triples
            .map(|triple| triple.unwrap().to_string().replace("https://e.org/id/", ""))
            .collect(),
    }
}

/// Checks that a query is refused at the line and column of `‸`, with a message and a hint.
fn check_syntax(marked: &str, message: &str, hint: Option<&str>) {
    let (before, after) = marked.split_once('‸').unwrap();
    let error = parser().parse(&format!("{before}{after}")).err().unwrap();
    let location = error.location().unwrap();
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() as u64 + 1;
    assert_eq!(error.to_string(), message, "{marked}");
    assert_eq!(error.hint().as_deref(), hint, "{marked}");
    assert_eq!(
        (location.line, location.column),
        (Some(line), Some(column)),
        "{marked}: {error}"
    );
    assert_eq!(location.byte_span.as_ref().unwrap().start, before.len());
}

#[test]
fn syntax_errors_name_the_token_at_fault() {
    check_syntax(
        "‸SELCT ?x WHERE { ?x ?p ?o }",
        "invalid SPARQL: unexpected `SELCT`, expected `SELECT`, `ASK`, `CONSTRUCT`, `DESCRIBE`, `PREFIX` or `BASE`",
        Some("did you mean `SELECT`?"),
    );
    check_syntax(
        "# comment\nSELECT ?x WHERE {\n  ?x id:name ‸id }",
        "invalid SPARQL: unexpected `id`, expected a variable, an IRI or a literal",
        None,
    );
    check_syntax(
        "SELECT * WHERE {\n  ?x id:name \"مصر\" ‸?y\n}",
        "invalid SPARQL: unexpected `?y`, expected `}` or another pattern",
        None,
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ‸}",
        "invalid SPARQL: unexpected `}`, expected a variable, an IRI or a literal",
        None,
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ?o } ORDER ‸?s",
        "invalid SPARQL: unexpected `?s`, expected `BY`",
        None,
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ?o } LIMIT ‸x",
        "invalid SPARQL: unexpected `x`, expected a number",
        None,
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ?o } ‸LIMT 5",
        "invalid SPARQL: unexpected `LIMT`, expected `GROUP`, `ORDER`, `HAVING`, `LIMIT`, `OFFSET` or `VALUES`",
        Some("did you mean `LIMIT`?"),
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ?o‸ ",
        "invalid SPARQL: unexpected end of the query, expected `}` or another pattern",
        None,
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ‸\"open }\n}",
        "invalid SPARQL: the string that begins with `\"open }` has no end",
        Some("close it with `\"`; a line break needs three quotes"),
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ‸<https://e.org/a b> }",
        "invalid SPARQL: invalid IRI `<https://e.org/a b>`: expected an absolute IRI without spaces, then `>`",
        None,
    );
    check_syntax(
        "SELECT * WHERE {\n ?s ?p ‸<https://e.org/a }\n}",
        "invalid SPARQL: invalid IRI `<https://e.org/a`: expected an absolute IRI without spaces, then `>`",
        None,
    );
    check_syntax(
        "SELECT * WHERE { ?s ?p ‸<relative> }",
        "invalid SPARQL: invalid IRI `<relative>`: expected an absolute IRI without spaces, then `>`",
        None,
    );
    check_syntax(
        "SELECT * WHERE { ?s ‸skso:prefLabel ?o }",
        "the prefix `skso:` is not declared",
        Some("did you mean `skos:`?"),
    );
    check_syntax(
        "PREFIX wiki: <http://w.org/>\nASK { ?s wiki:a ‸viki:b }",
        "the prefix `viki:` is not declared",
        Some("did you mean `wiki:`?"),
    );
    check_syntax(
        "ASK { ?s ‸abcdefg:a ?o }",
        "the prefix `abcdefg:` is not declared",
        Some("add `PREFIX abcdefg: <…>` at the top"),
    );
    check_syntax(
        "‸SELECT ?s (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
        "invalid SPARQL: a selected variable is neither grouped nor aggregated",
        Some("name it in `GROUP BY`, or wrap it: `(SAMPLE(?x) AS ?y)`"),
    );
    check_syntax(
        "SELECT * WHERE { FILTER(‸STRLENN(?x) > 1) }",
        "invalid SPARQL: unexpected `STRLENN`, expected a variable, an IRI or a literal",
        Some("did you mean `STRLEN`?"),
    );
}

#[test]
fn any_beginning_of_a_query_is_refused_in_place() {
    let text = "PREFIX ex: <http://e.org/>\nSELECT DISTINCT ?s (COUNT(?o) AS ?n) WHERE {\n  \
                ?s a ex:C ; ex:p \"x\"@en , 1.5 .\n  OPTIONAL { ?s ex:q/ex:r* ?o FILTER(?o >= 3 && BOUND(?s)) }\n\
                } GROUP BY ?s HAVING (COUNT(?o) > 1) ORDER BY DESC(?n) LIMIT 10";
    assert!(parser().parse(text).is_ok());
    for (end, _) in text.char_indices() {
        match parser().parse(&text[..end]) {
            Ok(_) => {}
            Err(error) => assert!(error.location().is_some(), "{}: {error}", &text[..end]),
        }
    }
}

#[test]
fn updates_and_services_are_refused() {
    for (text, column) in [
        ("INSERT DATA { <http://a> <http://b> 1 }", 1),
        ("PREFIX a: <http://a/> DELETE WHERE { ?s ?p ?o }", 23),
        ("CLEAR ALL", 1),
    ] {
        let error = parser().parse(text).err().unwrap();
        assert!(
            matches!(error, QueryError::Update { .. }),
            "{text}: {error}"
        );
        assert_eq!(error.location().unwrap().column, Some(column));
    }
    for text in [
        "SELECT * { SERVICE <http://a> { ?s ?p ?o } }",
        "ASK { FILTER NOT EXISTS { SERVICE SILENT ?x {} } }",
    ] {
        let error = parser().parse(text).err().unwrap();
        assert!(
            matches!(error, QueryError::Service { .. }),
            "{text}: {error}"
        );
    }
    for text in ["", " \n# only a comment\n"] {
        let error = parser().parse(text).err().unwrap();
        assert!(matches!(error, QueryError::Empty { .. }), "{text}: {error}");
    }
}

fn check(query: &str, values: &[(&str, &str)], expected: &[&str]) {
    let mut query = parser().parse(query).unwrap();
    for (name, value) in values {
        query = query.with_value(name, value).unwrap();
    }
    assert_eq!(rows(query), expected);
}

#[test]
fn columns_stay_in_the_order_of_the_query() {
    check(
        "SELECT ?name ?none ?s { ?s id:name ?name } ORDER BY ?name LIMIT 1",
        &[],
        &["\"A\"@en - <a>"],
    );
}

#[test]
fn values_reach_every_part_of_a_query() {
    let a = [("x", "id:a")];
    check(
        "SELECT ?x ?y { ?x id:knows ?y } ORDER BY ?y",
        &a,
        &["<a> <b>", "<a> <c>"],
    );
    check(
        "SELECT ?y { ?x id:knows ?y } ORDER BY ?y",
        &a,
        &["<b>", "<c>"],
    );
    check(
        "SELECT (COUNT(?y) AS ?n) { ?x id:knows ?y }",
        &a,
        &["\"2\"^^<http://www.w3.org/2001/XMLSchema#integer>"],
    );
    check(
        "SELECT ?x (COUNT(?y) AS ?n) { ?x id:knows ?y } GROUP BY ?x",
        &a,
        &["<a> \"2\"^^<http://www.w3.org/2001/XMLSchema#integer>"],
    );
    check(
        "SELECT ?x (COUNT(?y) AS ?n) { ?x id:none ?y } GROUP BY ?x",
        &a,
        &[],
    );
    check(
        "SELECT ?y { { SELECT ?y { ?x id:knows ?y } ORDER BY DESC(?y) LIMIT 1 } }",
        &a,
        &["<c>"],
    );
    check(
        "SELECT ?y { { SELECT ?x ?y { ?x id:knows ?y } } ?x id:age ?z } ORDER BY ?y",
        &a,
        &["<b>", "<c>"],
    );
    check(
        "SELECT ?y { ?y id:name ?n FILTER NOT EXISTS { ?x id:knows ?y } FILTER(LANG(?n) = \"en\") }",
        &a,
        &["<a>"],
    );
    check(
        "SELECT ?y { ?y id:name \"C\"@en . ?x id:knows+ ?y }",
        &a,
        &["<c>"],
    );
    check(
        "SELECT ?x ?y { VALUES (?x ?y) { (id:a 1) (id:b 2) (UNDEF 3) } }",
        &a,
        &[
            "<a> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer>",
            "<a> \"3\"^^<http://www.w3.org/2001/XMLSchema#integer>",
        ],
    );
    check(
        "SELECT ?s { GRAPH ?g { ?s id:knows id:a } } ORDER BY ?s",
        &[("g", "id:inferred")],
        &["<b>", "<c>"],
    );
    check(
        "SELECT ?y { ?s ?p ?y } ORDER BY ?y",
        &[("p", "id:knows"), ("s", "id:b")],
        &["<c>"],
    );
    check(
        "SELECT ?n { id:a id:name ?n FILTER(LANG(?n) = ?lang) }",
        &[("lang", "ar")],
        &["\"ألف\"@ar"],
    );
    check(
        "SELECT ?s { ?s id:name ?n }",
        &[("n", "\"ألف\"@ar")],
        &["<a>"],
    );
    check("SELECT ?s { ?s id:age ?n }", &[("n", "30")], &["<b>"]);
    check(
        "SELECT ?b { BIND(IF(BOUND(?x), ?x, 0) AS ?b) }",
        &a,
        &["<a>"],
    );
    check("ASK { ?x id:knows id:b }", &a, &["true"]);
    check("ASK { ?x id:knows ?y }", &[("x", "no subject")], &["false"]);
    check("ASK { id:a ?p ?y }", &[("p", "no predicate")], &["false"]);
    check(
        "CONSTRUCT { ?x id:p ?y } WHERE { ?y id:knows ?x }",
        &[("x", "id:b")],
        &["<b> <p> <a>"],
    );
    check(
        "SELECT ?x ?y { ?x id:knows ?y } ORDER BY DESC(?y) LIMIT 1",
        &a,
        &["<a> <c>"],
    );
    check(
        "SELECT * { ?x id:age ?y }",
        &a,
        &["<a> \"40\"^^<http://www.w3.org/2001/XMLSchema#integer>"],
    );
    assert_eq!(
        rows(
            parser()
                .parse("DESCRIBE ?x")
                .unwrap()
                .with_value("x", "id:c")
                .unwrap()
        ),
        ["<c> <name> \"C\"@en"]
    );
}

#[test]
fn parameters_have_defaults() {
    let query = "# param: x = id:a — who\nPREFIX : <https://e.org/id/>\nSELECT ?y { ?x :age ?y }";
    check(
        query,
        &[],
        &["\"40\"^^<http://www.w3.org/2001/XMLSchema#integer>"],
    );
    check(
        query,
        &[("x", ":b")],
        &["\"30\"^^<http://www.w3.org/2001/XMLSchema#integer>"],
    );

    let error = parser()
        .parse("# param: x — who\nSELECT * { ?x ?p ?y }")
        .unwrap()
        .run(&store())
        .err()
        .unwrap();
    assert_eq!(error.to_string(), "the query needs a value for `x`");
    assert_eq!(error.hint().as_deref(), Some("add `--set x=…` (who)"));
}

fn check_refused(query: &str, name: &str, value: &str, message: &str, hint: &str) {
    let error = parser()
        .parse(query)
        .unwrap()
        .with_value(name, value)
        .err()
        .unwrap();
    assert_eq!(error.to_string(), message);
    assert_eq!(error.hint().as_deref(), Some(hint));
}

#[test]
fn values_that_cannot_work_are_refused() {
    let query = "# param: actor = id:a\nSELECT ?n { ?actor id:age ?m BIND(?m + 1 AS ?n) }";
    check_refused(
        query,
        "actro",
        "id:b",
        "the query has no variable `?actro`",
        "did you mean `actor`?",
    );
    check_refused(
        query,
        "actor",
        "b",
        "the value `b` of `actor` is a string, expected an IRI such as `id:a`",
        "write `id:b` or the whole IRI in `<…>`",
    );
    check_refused(
        query,
        "actor",
        "ed:b",
        "unknown prefix `ed:` in the value of `actor`",
        "did you mean `id:`? quote the value to mean a string",
    );
    let error = parser()
        .parse(query)
        .unwrap()
        .with_value("n", "1")
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "`?n` cannot be set: the query computes it"
    );
}

#[test]
fn datasets_choose_the_default_graph() {
    let inferred = NamedNode::new_unchecked("https://e.org/id/inferred");
    let count =
        |text: &str, dataset| rows(parser().parse(text).unwrap().with_dataset(dataset)).len();
    let query = "SELECT * { ?x id:knows ?y }";
    assert_eq!(count(query, Dataset::Stated), 3);
    assert_eq!(
        count(
            query,
            Dataset::WithInferred(vec![inferred.clone(), inferred.clone()])
        ),
        5
    );
    // The triple that two graphs hold is seen once.
    assert_eq!(count(query, Dataset::All), 5);
    assert_eq!(
        count("SELECT * { GRAPH ?g { ?x id:knows ?y } }", Dataset::All),
        3
    );
    assert_eq!(
        count(
            "SELECT * FROM <https://e.org/id/other> { ?x ?p ?y }",
            Dataset::Stated
        ),
        2
    );
}

/// More rows than any machine counts, without an end to wait for.
const ENDLESS: &str = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r . ?s ?t ?u . ?v ?w ?x . ?y ?z ?z1 . ?z2 ?z3 ?z4 }";

#[test]
fn a_timeout_stops_the_evaluation() {
    let begin = Instant::now();
    let after = Duration::from_millis(50);
    let error = match parser()
        .parse(ENDLESS)
        .unwrap()
        .with_timeout(after)
        .run(&store())
    {
        Ok(Answer::Solutions(mut rows)) => rows.next().unwrap().err().unwrap(),
        Ok(_) => panic!("rows"),
        Err(error) => error,
    };
    assert!(
        matches!(error, QueryError::TimedOut { after: a } if a == after),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "the query was stopped after 0.05 s");
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_timeout_leaves_a_quick_query_alone() {
    let query = parser()
        .parse("ASK {}")
        .unwrap()
        .with_timeout(Duration::from_secs(60));
    let begin = Instant::now();
    assert_eq!(rows(query), ["true"]);
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[test]
fn cancelling_stops_the_rows() {
    let token = CancellationToken::new();
    let query = parser().parse("SELECT * { VALUES ?x { 1 2 3 } }").unwrap();
    let Answer::Solutions(mut rows) = query
        .with_cancellation(token.clone())
        .run(&store())
        .unwrap()
    else {
        panic!("rows");
    };
    assert!(rows.next().unwrap().is_ok());
    token.cancel();
    assert!(matches!(rows.next(), Some(Err(QueryError::Cancelled))));
}

#[test]
fn bound_terms_can_be_given_as_such() {
    let query = parser().parse("SELECT ?s { ?s id:age ?n }").unwrap();
    let query = query.with_binding("n", Literal::from(30)).unwrap();
    assert_eq!(rows(query), ["<b>"]);
}

#[test]
fn queries_that_can_see_named_graphs_are_known() {
    let sees = |text: &str| QueryParser::new().parse(text).unwrap().sees_named_graphs();
    for text in [
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER NOT EXISTS { graph <http://e.org/g> { ?s ?p ?o } } }",
        "SELECT * { { SELECT ?s { ?s ?p ?o MINUS { GRAPH <http://e.org/g> { ?s ?p ?o } } } } }",
        "SELECT * FROM <http://e.org/g> { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } FROM NAMED <http://e.org/g> WHERE { ?s ?p ?o }",
        "ASK { ?s ?p ?o BIND(EXISTS { GRAPH ?g { ?s ?p ?o } } AS ?x) FILTER(?x) }",
    ] {
        assert!(sees(text), "{text}");
    }
    for text in [
        "SELECT * { ?s ?p ?o }",
        "ASK { ?s <http://e.org/graph/from> \"graph\" }",
        "DESCRIBE <http://e.org/a>",
    ] {
        assert!(!sees(text), "{text}");
    }
    let inferred = QueryParser::new()
        .parse("ASK {}")
        .unwrap()
        .with_dataset(Dataset::WithInferred(Vec::new()));
    assert!(inferred.sees_named_graphs());
}

/// The evaluator draws them; the second run would have others.
#[test]
fn blank_nodes_that_a_query_makes_have_the_same_labels_each_time() {
    let query = || {
        let query = parser()
            .parse("CONSTRUCT { id:x id:p [ id:q ?n ; id:r id:y ] } WHERE { VALUES ?n { 1 2 } }");
        rows(query.unwrap())
    };
    let made = query();
    assert_eq!(made, query());
    let of = |label: &str| made.iter().filter(|line| line.contains(label)).count();
    assert_eq!((of("_:b0"), of("_:b1"), of("_:b2")), (3, 3, 0));
    let select = || {
        rows(
            parser()
                .parse("SELECT (BNODE() AS ?b) ?n { VALUES ?n { 1 2 } }")
                .unwrap(),
        )
    };
    let made = select();
    assert_eq!(made, select());
    assert!(
        made[0].starts_with("_:b0 ") && made[1].starts_with("_:b1 "),
        "{made:?}"
    );
}
