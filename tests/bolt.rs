//! Pushes over Bolt to a server that fails at each message in turn: what is committed is all or nothing, or goes on
//! where it was.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "bolt/server.rs"]
mod server;

use coalition_kg::bolt::{self, BoltError, Options, Report};
use coalition_kg::property_graph::{self, Builder, Dialect, PropertyGraph};
use coalition_kg::push::{Credentials, Mode};
use oxigraph::io::{RdfFormat, RdfParser};
use server::{Fault, Run, Server, State, Value};
use std::time::Duration;

const GRAPH: &str = r#"
@prefix : <https://example.org/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/a> a :Person, :Minister ; :name "أ"@ar ; :tag "x", "y" ; :knows <https://example.org/b> .
<https://example.org/b> a :Person ; :born "1970-01-02"^^xsd:date ; :age 55 ; :is true .
<https://example.org/c> a :Person ; :tag "z" ; :knows <https://example.org/a>, <https://example.org/b> ;
    :seen "2014-06-29T10:00:00+03:00"^^xsd:dateTime .
"#;

fn graph() -> PropertyGraph {
    graph_of(GRAPH)
}

fn graph_of(turtle: &str) -> PropertyGraph {
    let mut builder = Builder::new(property_graph::Options {
        blank_nodes: "https://example.org/.well-known/genid/".to_owned(),
        ..property_graph::Options::default()
    });
    for quad in RdfParser::from_format(RdfFormat::Turtle).for_reader(turtle.as_bytes()) {
        builder.add(quad.unwrap().as_ref()).unwrap();
    }
    builder.finish(&mut || true).unwrap()
}

fn options(server: &Server, max_transaction: u64, attempts: u32) -> Options {
    Options {
        url: server.url.clone(),
        database: None,
        credentials: Credentials::Basic("user".to_owned(), "hidden".to_owned()),
        dialect: Dialect::Neo4j,
        mode: Mode::Replace,
        project: "https://example.org/".to_owned(),
        max_transaction,
        batch: 1,
        timeout: Duration::from_secs(10),
        attempts,
        pause: Duration::from_millis(1),
    }
}

const ALL: u64 = 1000;

fn push(options: &Options) -> Result<Report, BoltError> {
    bolt::push(&graph(), options, &mut |_| true)
}

/// The batches that were committed, in order.
fn batches(server: &Server) -> Vec<Run> {
    let state = server.state();
    let runs = state.committed.iter().flatten();
    runs.filter(|(statement, _)| statement.contains("$rows"))
        .cloned()
        .collect()
}

/// What a server has after a push without faults, and how many messages that takes.
fn sound(max_transaction: u64) -> (Vec<Run>, usize) {
    let server = Server::start();
    push(&options(&server, max_transaction, 1)).unwrap();
    let messages = server.state().messages;
    (batches(&server), messages)
}

#[test]
fn values_arrive_as_what_they_are() {
    let (batches, _) = sound(ALL);
    let rows: Vec<&Value> = batches
        .iter()
        .flat_map(|(_, parameters)| parameters.get("rows").items())
        .collect();
    assert_eq!(rows.len(), 6);
    let node = |iri: &str| {
        let key = Value::Text(iri.to_owned());
        let found = rows
            .iter()
            .find(|row| matches!(row, Value::Map(map) if map.get("iri") == Some(&key)));
        found.unwrap().get("p")
    };
    let a = node("https://example.org/a");
    assert_eq!(a.get("name_ar"), &Value::Text("أ".to_owned()));
    assert_eq!(a.get("tag").items().len(), 2);
    let b = node("https://example.org/b");
    // The first day of 1970 is 0.
    let day = Value::Structure(0x44, vec![Value::Integer(1)]);
    assert_eq!(b.get("born"), &day);
    assert_eq!(b.get("age"), &Value::Integer(55));
    assert_eq!(b.get("is"), &Value::Other("true".to_owned()));
    let c = node("https://example.org/c");
    assert_eq!(c.get("tag").items(), [Value::Text("z".to_owned())]);
    let seen = c.get("seen");
    let has_zone =
        matches!(seen, Value::Structure(0x46, fields) if fields[2] == Value::Integer(3 * 60 * 60));
    assert!(has_zone, "{seen:?}");
}

#[test]
fn one_transaction_is_there_in_full_or_not_at_all() {
    let (expected, messages) = sound(ALL);
    for fault in [Fault::Close, Fault::DoAndClose, Fault::Busy, Fault::Refuse] {
        for at in 1..=messages {
            let server = Server::start();
            server.state().fault = Some((at, fault));
            let result = push(&options(&server, ALL, 1));
            let found = batches(&server);
            if result.is_ok() || !found.is_empty() {
                assert!(found == expected, "{fault:?} at {at}");
            }
            if let Err(error) = result {
                assert!(!error.to_string().contains("hidden"), "{error}");
            }
            // Once more, whatever there is now.
            push(&options(&server, ALL, 1)).unwrap();
            assert!(batches(&server).ends_with(&expected), "{fault:?} at {at}");
        }
    }
}

#[test]
fn what_passes_is_tried_again() {
    for max_transaction in [ALL, 0] {
        let (expected, messages) = sound(max_transaction);
        for fault in [Fault::Close, Fault::DoAndClose, Fault::Busy] {
            // A login that fails is not tried again.
            for at in 2..=messages {
                let server = Server::start();
                server.state().fault = Some((at, fault));
                push(&options(&server, max_transaction, 3)).unwrap();
                let mut found = batches(&server);
                // Who does not hear that it was done does it again.
                found.dedup();
                let twice = [expected.as_slice(), expected.as_slice()].concat();
                assert!(found == expected || found == twice, "{fault:?} at {at}");
            }
        }
    }
}

#[test]
fn batches_go_on_where_they_were() {
    let (expected, messages) = sound(0);
    for fault in [Fault::Close, Fault::DoAndClose, Fault::Busy, Fault::Refuse] {
        for at in 1..=messages {
            let server = Server::start();
            server.state().fault = Some((at, fault));
            let first = push(&options(&server, 0, 1));
            let before = batches(&server).len();
            let report = push(&options(&server, 0, 1)).unwrap();
            if first.is_err() && before < expected.len() {
                assert_eq!(report.skipped, before as u64, "{fault:?} at {at}");
                assert!(batches(&server) == expected, "{fault:?} at {at}");
            }
        }
    }
}

#[test]
fn what_has_gone_between_two_pushes_is_sent_again() {
    change_between(|state, key| state.deleted.push(key));
}

#[test]
fn what_another_push_has_taken_over_is_sent_again() {
    change_between(|state, key| state.taken.push(key));
}

fn change_between(change: impl Fn(&mut State, String)) {
    let (expected, messages) = sound(0);
    let key = "https://example.org/a";
    let mut cases = 0;
    for at in 1..=messages {
        let server = Server::start();
        server.state().fault = Some((at, Fault::Refuse));
        let first = push(&options(&server, 0, 1));
        let before = batches(&server).len();
        change(&mut server.state(), key.to_owned());
        let report = push(&options(&server, 0, 1)).unwrap();
        if first.is_err() && (1..expected.len()).contains(&before) {
            let sent = batches(&server).split_off(before);
            // The node, and the relationships that begin at it.
            let (again, new): (Vec<Run>, Vec<Run>) = sent
                .into_iter()
                .partition(|run| expected[..before].contains(run));
            assert_eq!(new, expected[before..], "{at}");
            assert_eq!(report.skipped, (before - again.len()) as u64, "{at}");
            let has_node = expected[..before]
                .iter()
                .any(|run| format!("{run:?}").contains(key));
            assert_eq!(!again.is_empty(), has_node, "{at}");
            cases += usize::from(has_node);
        }
    }
    assert!(cases > 0);
}

#[test]
fn a_node_that_others_call_like_the_one_that_counts_is_theirs() {
    for max_transaction in [ALL, 0] {
        let server = Server::start();
        server.state().has_namesake = true;
        push(&options(&server, max_transaction, 1)).unwrap();
        assert!(server.state().has_namesake);
    }
}

#[test]
fn a_label_that_pushes_need_is_refused() {
    for types in [
        ":CoalitionKgPush",
        ":CoalitionKgPush, :Person",
        ":Person, :CoalitionKgPush",
    ] {
        let graph = graph_of(&format!(
            "@prefix : <https://example.org/ns#> . <https://example.org/a> a {types} . \
             <https://example.org/b> a :Person ."
        ));
        let server = Server::start();
        let options = options(&server, ALL, 1);
        let result = bolt::push(&graph, &options, &mut |_| true);
        assert!(matches!(result, Err(BoltError::Label(_))), "{result:?}");
        assert!(bolt::plan(&graph, &options).is_err());
        assert_eq!(server.state().messages, 0);
    }
}

#[test]
fn who_stops_leaves_what_there_was() {
    let (expected, _) = sound(0);
    for (max_transaction, step) in [(ALL, 3), (0, 3)] {
        let server = Server::start();
        let options = options(&server, max_transaction, 3);
        let mut steps = 0;
        let stopped = bolt::push(&graph(), &options, &mut |sent| {
            steps += usize::from(sent.of > 0);
            steps < step
        });
        assert!(matches!(stopped, Err(BoltError::Cancelled)), "{stopped:?}");
        let sent = if max_transaction == 0 { step } else { 0 };
        assert_eq!(batches(&server), expected[..sent]);
    }
}
