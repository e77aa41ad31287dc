//! A push to a server that fails at each step: what is there afterwards is what was there before, or all.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

#[path = "push/server.rs"]
mod server;

use coalition_kg::push::{
    self, Credentials, Gathered, Gatherer, Method, Mode, Observer, Options, Profile, PushError,
    Report, Skolemizer, Target,
};
use oxigraph::io::{RdfFormat, RdfParser};
use oxrdf::dataset::CanonicalizationAlgorithm;
use oxrdf::{BlankNode, Dataset, GraphName, NamedNode, NamedOrBlankNode, Quad, Term};
use proptest::prelude::*;
use server::{Fault, Graphs, Guard, Server};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const TARGET: &str = "http://example.org/graph/stated";
const STAGING: &str = "http://example.org/graph/staging/";

fn before() -> Graphs {
    let old = BTreeSet::from(["<http://e.org/old> <http://e.org/p> \"قديم\"@ar .".to_owned()]);
    let other = BTreeSet::from(["<http://e.org/x> <http://e.org/p> \"of others\" .".to_owned()]);
    BTreeMap::from([
        (TARGET.to_owned(), old),
        ("http://e.org/other".to_owned(), other),
    ])
}

fn triples(count: usize) -> Vec<Quad> {
    let line = |n| format!("<http://e.org/{n}> <http://e.org/p> \"قيمة\\n{n}\"@ar .\n");
    let lines: Vec<String> = (0..count).map(line).collect();
    parse(RdfFormat::NTriples, &lines.concat())
}

fn parse(format: RdfFormat, text: &str) -> Vec<Quad> {
    let parser = RdfParser::from_format(format).for_slice(text);
    parser.collect::<Result<_, _>>().unwrap()
}

fn gather(quads: &[Quad]) -> Gathered {
    let skolemizer = Skolemizer::new("http://example.org/kg/", b"test");
    let target = Target::Named(TARGET.to_owned());
    let mut gatherer = Gatherer::new(Some(target.clone()), skolemizer, 1 << 16);
    gatherer.expect(&target);
    for quad in quads {
        gatherer.add(quad.as_ref()).unwrap();
    }
    gatherer.finish(&mut || true).unwrap()
}

fn options(server: &Server, mode: Mode, method: Method, max_put: usize) -> Options {
    Options {
        profile: Profile::Oxigraph,
        endpoints: Profile::Oxigraph.endpoints(&server.address),
        credentials: Credentials::None,
        mode,
        method,
        max_put,
        piece: 1000,
        staging: STAGING.to_owned(),
        run: next_run(),
        timeout: Duration::from_millis(400),
        attempts: 3,
        pause: Duration::from_millis(1),
    }
}

// A push of its own each time, as of a process that has ended.
fn next_run() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let own = push::run_name();
    let (rest, _) = own.rsplit_once('-').unwrap();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{rest}-{:x}", i32::MAX as usize - number)
}

// What a push has come to.
fn push(
    gathered: Gathered,
    options: &Options,
    observer: Observer<'_>,
) -> Result<Report, PushError> {
    push::push(gathered, options, observer).map_err(|ended| ended.error)
}

fn complete(mode: Mode, quads: &[Quad]) -> BTreeSet<String> {
    let lines = quads
        .iter()
        .map(|quad| format!("{} {} {} .", quad.subject, quad.predicate, quad.object));
    let old = before().remove(TARGET).unwrap();
    lines
        .chain(old.into_iter().filter(|_| mode == Mode::Merge))
        .collect()
}

#[test]
fn after_a_failure_at_any_step_the_graph_is_as_it_was_or_complete() {
    let ways = [
        (Mode::Replace, Method::Auto, usize::MAX),
        (Mode::Replace, Method::Auto, 0),
        (Mode::Merge, Method::Auto, 0),
        (Mode::Replace, Method::Insert, 0),
    ];
    // Most of the time is spent on waiting.
    let cases: usize = std::thread::scope(|scope| {
        let threads = ways.map(|way| scope.spawn(move || fail_at_each_step(way)));
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert!(cases > 100, "{cases}");
}

fn fail_at_each_step((mode, method, max_put): (Mode, Method, usize)) -> usize {
    let quads = triples(60);
    let mut cases = 0;
    let server = Server::new(before());
    let settings = options(&server, mode, method, max_put);
    push(gather(&quads), &settings, &mut |_| true).unwrap();
    let steps = server.requests().len();
    assert_eq!(server.graphs()[TARGET], complete(mode, &quads));
    assert_eq!(server.graphs().len(), 2);
    for fault in [
        Fault::Cut,
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(403),
        Fault::Lost,
        Fault::Slow,
        Fault::Dies,
        Fault::Late,
        Fault::DiesLate,
    ] {
        for step in 1..=steps {
            cases += 1;
            let server = Server::new(before());
            server.set(|state| state.fault = Some((step, fault)));
            let settings = options(&server, mode, method, max_put);
            let result = push(gather(&quads), &settings, &mut |_| true);
            let case = format!("{mode:?} {method:?} {fault:?} at {step}: {result:?}");
            let mut graphs = server.graphs();
            let target = graphs.remove(TARGET).unwrap_or_default();
            let is_complete = target == complete(mode, &quads);
            let is_before = target == before()[TARGET];
            assert!(is_complete || is_before, "{case}\n{target:#?}");
            assert!(is_complete || result.is_err(), "{case}");
            // Others' graphs are as they were, and of the staging graph nothing is left without being said.
            let others = graphs.remove("http://e.org/other");
            assert_eq!(
                others.as_ref(),
                before().get("http://e.org/other"),
                "{case}"
            );
            let is_told = matches!(
                result,
                Err(PushError::Left { .. } | PushError::Kept { .. } | PushError::Unknown { .. })
            );
            // What is done after the end of a push is found by the next one.
            let is_late = matches!(fault, Fault::Dies | Fault::Late | Fault::DiesLate);
            assert!(graphs.is_empty() || is_told || is_late, "{case}");
            // What a moment mends is mended.
            if matches!(fault, Fault::Status(503)) && max_put == 0 && step < steps {
                // But for MOVE, which is never sent twice.
                let is_move = matches!(&result, Err(PushError::Unknown { what, .. }) if what.starts_with("MOVE"));
                assert!(result.is_ok() || is_move, "{case}");
            }
            // The next push begins clean and is complete; what the server is still at does no harm.
            server.set(|state| state.fault = None);
            push(gather(&quads), &settings, &mut |_| true).unwrap();
            assert_eq!(server.graphs()[TARGET], complete(mode, &quads), "{case}");
            assert_eq!(server.graphs().len(), 2, "{case}");
        }
    }
    cases
}

#[test]
fn who_stops_it_at_any_step_finds_the_graph_as_it_was_or_complete() {
    let quads = triples(60);
    for max_put in [usize::MAX, 0] {
        let mut is_stopped = true;
        let mut step = 0;
        while is_stopped {
            let server = Server::new(before());
            let settings = options(&server, Mode::Replace, Method::Auto, max_put);
            let mut asked = 0;
            let result = push(gather(&quads), &settings, &mut |_| {
                asked += 1;
                asked <= step
            });
            is_stopped = matches!(result, Err(PushError::Cancelled));
            assert!(is_stopped || result.is_ok(), "{result:?}");
            let mut graphs = server.graphs();
            let target = graphs.remove(TARGET).unwrap();
            if is_stopped {
                assert_eq!(target, before()[TARGET], "{step}");
            } else {
                assert_eq!(target, complete(Mode::Replace, &quads), "{step}");
            }
            assert_eq!(graphs.len(), 1, "{step}");
            step += 1;
        }
        assert!(step > 1);
    }
}

#[test]
fn a_server_that_loses_triples_is_found_out() {
    let server = Server::new(before());
    let settings = options(&server, Mode::Replace, Method::Auto, 0);
    // The third request is the second piece, of which half stays.
    let state = std::sync::Arc::clone(&server.state);
    let mut is_done = false;
    let result = push(gather(&triples(60)), &settings, &mut |sent| {
        if sent.bytes == sent.of && sent.of > 0 && !is_done {
            let mut state = state.lock().unwrap();
            if let Some((_, lines)) = state
                .graphs
                .iter_mut()
                .find(|(name, _)| name.starts_with(STAGING))
            {
                is_done = lines.pop_first().is_some();
            }
        }
        true
    });
    assert!(
        matches!(
            result,
            Err(PushError::Count {
                sent: 60,
                found: 59,
                ..
            })
        ),
        "{result:?}"
    );
    assert_eq!(server.graphs(), before());
}

#[test]
fn without_a_graph_store_triples_are_inserted_by_as_many_as_are_taken() {
    let quads = triples(2500);
    for (most, requests) in [(usize::MAX, 3), (300, 0)] {
        let server = Server::new(before());
        server.set(|state| {
            state.has_store = false;
            state.most_inserted = most;
        });
        let mut settings = options(&server, Mode::Replace, Method::Auto, usize::MAX);
        settings.piece = usize::MAX;
        settings.timeout = Duration::from_secs(20);
        let report = push(gather(&quads), &settings, &mut |_| true).unwrap();
        assert!(report.is_without_store);
        assert_eq!(server.graphs()[TARGET], complete(Mode::Replace, &quads));
        if requests > 0 {
            // PUT, DROP, a query, then the triples, another query, MOVE, a query.
            assert_eq!(server.requests().len(), requests + 6);
        }
    }
}

#[test]
fn a_graph_without_triples_empties_its_target_and_adds_nothing() {
    for (mode, has_updates, left) in [
        (Mode::Replace, true, None),
        (Mode::Replace, false, None),
        (Mode::Merge, true, before().remove(TARGET)),
    ] {
        let server = Server::new(before());
        let mut settings = options(&server, mode, Method::Auto, 0);
        if !has_updates {
            settings.endpoints.update = None;
        }
        push(gather(&[]), &settings, &mut |_| true).unwrap();
        assert_eq!(server.graphs().get(TARGET).cloned(), left);
        assert!(server.graphs().contains_key("http://e.org/other"));
    }
}

#[test]
fn a_digest_is_what_the_server_asks_for_and_the_password_is_not_sent() {
    let quads = triples(3000);
    for max_put in [usize::MAX, 0] {
        let server = Server::new(before());
        server.set(|state| state.guard = Guard::Digest);
        let mut settings = options(&server, Mode::Replace, Method::Auto, max_put);
        settings.piece = 100_000;
        settings.timeout = Duration::from_secs(20);
        settings.credentials = Credentials::Digest("ann".to_owned(), "s3cret".to_owned());
        push(gather(&quads), &settings, &mut |_| true).unwrap();
        assert_eq!(server.graphs()[TARGET], complete(Mode::Replace, &quads));
        let heads = server.state.lock().unwrap().headers.join("");
        assert!(!heads.contains("s3cret"));
        // Large bodies are not sent in vain.
        settings.credentials = Credentials::Digest("ann".to_owned(), "wrong".to_owned());
        let error = push(gather(&quads), &settings, &mut |_| true).unwrap_err();
        assert!(
            matches!(error, PushError::Refused { status: 401, .. }),
            "{error}"
        );
        assert_eq!(server.graphs()[TARGET], complete(Mode::Replace, &quads));
    }
}

// What came of it on the server, with blank nodes again in place of their IRIs.
fn read_back(server: &Server) -> Dataset {
    let mut dataset = Dataset::new();
    for (graph, lines) in server.graphs() {
        for quad in parse(
            RdfFormat::NTriples,
            &lines.into_iter().collect::<Vec<_>>().join("\n"),
        ) {
            let is_skolem = |node: &NamedNode| node.as_str().contains("/.well-known/genid/");
            let blank = |node: &NamedNode| {
                BlankNode::new(
                    node.as_str()
                        .rsplit('/')
                        .next()
                        .map(|id| format!("b{id}"))
                        .unwrap(),
                )
                .unwrap()
            };
            let subject = match &quad.subject {
                NamedOrBlankNode::NamedNode(node) if is_skolem(node) => blank(node).into(),
                other => other.clone(),
            };
            let object = match &quad.object {
                Term::NamedNode(node) if is_skolem(node) => blank(node).into(),
                other => other.clone(),
            };
            let graph = if graph == TARGET {
                GraphName::DefaultGraph
            } else {
                GraphName::NamedNode(NamedNode::new(&graph).unwrap())
            };
            dataset.insert(&Quad::new(subject, quad.predicate, object, graph));
        }
    }
    dataset
}

fn node() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..4_u8).prop_map(|n| format!("_:n{n}")),
        (0..4_u8).prop_map(|n| format!("<http://e.org/{n}>"))
    ]
}

fn object() -> impl Strategy<Value = String> {
    prop_oneof![
        node(),
        "[\\PC\n\r\t\"]{0,8}".prop_map(|text| oxrdf::Literal::new_simple_literal(text).to_string()),
        "[a-zا-ي]{0,4}".prop_map(|text| format!("\"{text}\"@ar")),
        (0..9_u8).prop_map(|n| format!("\"0{n}\"^^<http://www.w3.org/2001/XMLSchema#integer>")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    // The judge is RDFC-1.0 of oxrdf: the same graphs but for the labels of blank nodes.
    #[test]
    fn what_arrives_in_pieces_is_what_was_sent(
        statements in prop::collection::vec((node(), node(), object(), 0..3_u8), 1..40),
        piece in 1..2000_usize,
        is_insert in any::<bool>(),
    ) {
        let lines: Vec<String> = statements
            .iter()
            .map(|(s, p, o, g)| {
                let p = p.replace("_:n", "<http://e.org/p").trim_end_matches('>').to_owned() + ">";
                let g = if *g == 0 { String::new() } else { format!("<http://e.org/g{g}>") };
                format!("{s} {p} {o} {g} .\n")
            })
            .collect();
        let quads = parse(RdfFormat::NQuads, &lines.concat());
        let server = Server::new(Graphs::new());
        let method = if is_insert { Method::Insert } else { Method::Auto };
        let mut settings = options(&server, Mode::Replace, method, piece);
        settings.piece = piece;
        settings.timeout = Duration::from_secs(20);
        for _ in 0..2 {
            push(gather(&quads), &settings, &mut |_| true).unwrap();
        }
        let mut expected: Dataset = quads.iter().collect();
        let mut found = read_back(&server);
        expected.canonicalize(CanonicalizationAlgorithm::Unstable);
        found.canonicalize(CanonicalizationAlgorithm::Unstable);
        prop_assert_eq!(expected, found);
    }
}

#[test]
fn nodes_without_a_label_are_the_same_in_each_run_and_others_in_another_file() {
    let turtle = "<http://e.org/a> <http://e.org/p> [ <http://e.org/q> 1, [] ], [], _:x . _:x <http://e.org/q> 2 .";
    let skolems = |scope: &[u8]| {
        let server = Server::new(Graphs::new());
        let skolemizer = Skolemizer::new("http://example.org/kg/", scope);
        let target = Target::Named(TARGET.to_owned());
        let mut gatherer = Gatherer::new(Some(target), skolemizer, 1 << 16);
        for quad in parse(RdfFormat::Turtle, turtle) {
            gatherer.add(quad.as_ref()).unwrap();
        }
        let settings = options(&server, Mode::Merge, Method::Auto, usize::MAX);
        push(
            gatherer.finish(&mut || true).unwrap(),
            &settings,
            &mut |_| true,
        )
        .unwrap();
        let lines = server.graphs()[TARGET]
            .clone()
            .into_iter()
            .collect::<Vec<_>>()
            .join("\n");
        let words = lines.split(' ').map(str::to_owned);
        words
            .filter(|word| word.starts_with("<http://example.org/.well-known/genid/"))
            .collect::<BTreeSet<_>>()
    };
    let one = skolems(b"one");
    assert_eq!(one.len(), 4);
    assert_eq!(one, skolems(b"one"));
    assert!(one.is_disjoint(&skolems(b"two")));
}

// Stores keep `01` as `1` and `AR` as `ar`; what they have to have is told by value.
#[test]
fn a_store_may_take_literals_of_the_same_value_for_one() {
    let text =
        "<http://e.org/a> <http://e.org/p> 1, 01, 1.0, 1.00, true, \"x\"@AR, \"x\"@ar, \"1\" .";
    let gathered = gather(&parse(RdfFormat::Turtle, text));
    // The parser writes tags small.
    assert_eq!(gathered.graphs[0].triples, 7);
    // By Oxigraph, which is a store that does so.
    let store = oxigraph::store::Store::new().unwrap();
    for quad in parse(RdfFormat::Turtle, text) {
        store.insert(&quad).unwrap();
    }
    assert_eq!(gathered.graphs[0].values, store.len().unwrap() as u64);
}

// A store may say that it has done what it has not, and others may write at the same time.
#[test]
fn what_the_server_says_is_looked_at() {
    let quads = triples(60);
    for (mode, max_put) in [
        (Mode::Replace, usize::MAX),
        (Mode::Merge, usize::MAX),
        (Mode::Replace, 0),
        (Mode::Merge, 0),
    ] {
        let server = Server::new(before());
        let settings = options(&server, mode, Method::Auto, max_put);
        let steps = {
            let server = Server::new(before());
            let settings = options(&server, mode, Method::Auto, max_put);
            push(gather(&quads), &settings, &mut |_| true).unwrap();
            server.requests().len()
        };
        // The step that changes the target is answered and not done.
        let changing = match (mode, max_put) {
            (Mode::Replace, 0) => steps - 1,
            _ => steps - 2,
        };
        let is_add = mode == Mode::Merge && max_put == 0;
        server.set(|state| {
            state.fault = Some((changing, if is_add { Fault::Gone } else { Fault::Idle }));
        });
        let result = push(gather(&quads), &settings, &mut |_| true);
        let is_told = matches!(
            result,
            Err(PushError::Disturbed { .. } | PushError::Unknown { .. })
        );
        assert!(is_told, "{mode:?} {max_put}: {result:?}");
    }
}

// They are found by the beginning of their name, and what others have under it is theirs.
#[test]
fn only_staging_graphs_that_a_push_has_made_are_dropped() {
    let own = push::run_name();
    let (_, rest) = own.split_once('-').unwrap();
    let (machine, _) = rest.split_once('-').unwrap();
    let target = "0123456789abcdef";
    let left = [
        format!("{target}-1-{machine}-1-1"),
        format!("{target}-1-{machine}-7fffffff-12"),
        format!("{target}-1-00000000-1-1"),
    ];
    let theirs = [
        "theirs".to_owned(),
        format!("{target}-theirs"),
        format!("{target}-1-{machine}-1"),
        format!("{target}-1-{machine}-1-0"),
        format!("{target}-1-{machine}-1-01"),
        format!("{target}-1-{machine}-1-1-1"),
        format!("0{target}-1-{machine}-1-1"),
        format!("{}-1-{machine}-1-1", target.to_uppercase()),
    ];
    let mut graphs = before();
    for name in left.iter().chain(&theirs) {
        let lines = BTreeSet::from(["<http://e.org/a> <http://e.org/p> 1 .".to_owned()]);
        graphs.insert(format!("{STAGING}{name}"), lines);
    }
    let server = Server::new(graphs);
    let settings = options(&server, Mode::Replace, Method::Auto, 0);
    push(gather(&triples(3)), &settings, &mut |_| true).unwrap();
    let found: BTreeSet<String> = server.graphs().into_keys().collect();
    for name in left {
        assert!(!found.contains(&format!("{STAGING}{name}")), "{name}");
    }
    for name in theirs {
        assert!(found.contains(&format!("{STAGING}{name}")), "{name}");
    }
}

#[test]
fn a_password_that_occurs_in_an_answer_is_no_fault_of_the_answer() {
    let quads = triples(60);
    for password in ["n", "value", "6", "staging"] {
        let mut graphs = before();
        let left = format!("{STAGING}0123456789abcdef-1-00000000-1-1");
        graphs.insert(left, BTreeSet::from(["<a> <b> <c> .".to_owned()]));
        let server = Server::new(graphs);
        let mut settings = options(&server, Mode::Replace, Method::Auto, 0);
        settings.credentials = Credentials::Basic("ann".to_owned(), password.to_owned());
        let report = push(gather(&quads), &settings, &mut |_| true).unwrap();
        assert_eq!(report.notes, [""; 0]);
        assert_eq!(server.graphs()[TARGET], complete(Mode::Replace, &quads));
        assert_eq!(server.graphs().len(), 2);
    }
}

#[test]
fn what_the_server_cannot_confirm_is_no_success() {
    for max_put in [usize::MAX, 0] {
        for fault in [Fault::Status(404), Fault::Status(503), Fault::Idle] {
            let quads = triples(if max_put == 0 { 60 } else { 3 });
            let server = Server::new(before());
            let mut settings = options(&server, Mode::Replace, Method::Auto, max_put);
            settings.attempts = 1;
            // The last but the look after a push in one request.
            let step = {
                let server = Server::new(before());
                let mut settings = options(&server, Mode::Replace, Method::Auto, max_put);
                settings.attempts = 1;
                push(gather(&quads), &settings, &mut |_| true).unwrap();
                server.requests().len() - usize::from(max_put > 0)
            };
            server.set(|state| state.fault = Some((step, fault)));
            let result = push(gather(&quads), &settings, &mut |_| true);
            assert!(
                matches!(result, Err(PushError::Unconfirmed { .. })),
                "{fault:?} {result:?}"
            );
        }
    }
    // Who cannot be asked says nothing against it.
    let server = Server::new(before());
    let mut settings = options(&server, Mode::Replace, Method::Auto, usize::MAX);
    settings.endpoints.query = None;
    let report = push(gather(&triples(3)), &settings, &mut |_| true).unwrap();
    assert!(report.graphs.iter().all(|graph| !graph.is_counted));
}

#[test]
fn what_a_killed_push_has_left_is_dropped_by_one_that_needs_no_staging_graph() {
    for mode in [Mode::Replace, Mode::Merge] {
        // Nothing is sent to add nothing.
        for count in usize::from(mode == Mode::Merge)..3 {
            let server = Server::new(before());
            let settings = options(&server, mode, Method::Auto, 0);
            server.set(|state| state.fault = Some((4, Fault::Dies)));
            push(gather(&triples(60)), &settings, &mut |_| true).unwrap_err();
            server.set(|state| state.fault = None);
            assert_eq!(server.graphs().len(), 3);
            let settings = options(&server, mode, Method::Auto, usize::MAX);
            let report = push(gather(&triples(count)), &settings, &mut |_| true).unwrap();
            assert_eq!(report.notes, [""; 0]);
            let staging = server.graphs().into_keys();
            let staging = staging.filter(|name| name.starts_with(STAGING));
            assert_eq!(staging.count(), 0, "{count} {mode:?}");
        }
    }
}

// Who refuses a request and ends the connection is not heard by one that is still sending.
#[test]
fn large_bodies_are_sent_to_those_who_want_them() {
    let quads = triples(40_000);
    let server = Server::new(before());
    server.set(|state| state.guard = Guard::Basic);
    let mut settings = options(&server, Mode::Replace, Method::Auto, usize::MAX);
    settings.timeout = Duration::from_secs(20);
    settings.credentials = Credentials::Basic("ann".to_owned(), "wrong".to_owned());
    let mut most = 0;
    let result = push(gather(&quads), &settings, &mut |sent| {
        most = most.max(sent.bytes);
        true
    });
    assert!(
        matches!(result, Err(PushError::Refused { status: 401, .. })),
        "{result:?}"
    );
    assert_eq!(most, 0);
    assert_eq!(server.state.lock().unwrap().headers.len(), 1);
    settings.credentials = Credentials::Basic("ann".to_owned(), "s3cret".to_owned());
    push(gather(&quads), &settings, &mut |_| true).unwrap();
    assert_eq!(server.graphs()[TARGET], complete(Mode::Replace, &quads));
}

// What an attempt without an answer has done is not known when nobody is there any more.
#[test]
fn a_server_that_goes_away_may_have_done_it() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = options(
        &Server::new(before()),
        Mode::Replace,
        Method::Auto,
        usize::MAX,
    );
    let address = format!("http://{}", listener.local_addr().unwrap());
    settings.endpoints = Profile::Oxigraph.endpoints(&address);
    settings.pause = Duration::from_millis(50);
    let once = std::thread::spawn(move || drop(listener.accept()));
    let result = push(gather(&triples(3)), &settings, &mut |_| true);
    once.join().unwrap();
    assert!(
        matches!(result, Err(PushError::Broken { .. })),
        "{result:?}"
    );
    let result = push(gather(&triples(3)), &settings, &mut |_| true);
    assert!(
        matches!(result, Err(PushError::Unreachable { .. })),
        "{result:?}"
    );
}
