//! Tables and metadata over HTTP, from servers of the test on this machine.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use super::sandbox::Sandbox;
use coalition_kg::table::link::metadata_targets;
use coalition_kg::table::{Link, Mount, NetworkPolicy, Sources, TableError};
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ALLOWED: [&str; 2] = ["--allow-network", "--allow-private-addresses"];

/// `city`, then `Roma` 999 times, as gzip makes it: 5,000 bytes.
const GZIPPED: [u8; 56] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc4, 0xa1, 0x0d, 0x00, 0x20,
    0x0c, 0x00, 0x30, 0xbf, 0xf3, 0xf8, 0x60, 0x99, 0x9a, 0x20, 0x98, 0x19, 0xbe, 0xe7, 0x0a, 0x5c,
    0x2b, 0x5a, 0x3d, 0x37, 0xd6, 0xd9, 0x29, 0x49, 0x92, 0x24, 0x49, 0x92, 0x24, 0xe9, 0x5b, 0x0f,
    0x2d, 0x0a, 0x37, 0xc5, 0x88, 0x13, 0x00, 0x00,
];

/// What is sent for a path, to the byte.
type Answers = BTreeMap<&'static str, Vec<u8>>;

/// A server that answers until the tests end; paths without an answer get a 404.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    insta: insta::Settings,
}

impl Server {
    fn new(answers: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Self {
        let answers: Arc<Answers> = Arc::new(answers.into_iter().collect());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answers, seen) = (Arc::clone(&answers), Arc::clone(&seen));
                std::thread::spawn(move || serve(stream.unwrap(), &answers, &seen));
            }
        });
        let mut insta = insta::Settings::clone_current();
        insta.add_filter(&regex::escape(&address), "[SERVER]");
        Self {
            address,
            requests,
            insta,
        }
    }

    fn iri(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The request lines and headers that arrived, in order.
    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn paths(&self) -> Vec<String> {
        self.requests()
            .iter()
            .filter_map(|request| Some(request.split(' ').nth(1)?.to_owned()))
            .collect()
    }

    /// Filters the server's address out of snapshots.
    fn bind(&self, check: impl FnOnce()) {
        self.insta.bind(check);
    }
}

fn serve(stream: TcpStream, answers: &Answers, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            // A connection without a request is seen as well.
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.lock().unwrap().push(request);
    let missing = answer("404 Not Found", &[], "nothing here");
    let bytes = answers.get(path.as_str()).unwrap_or(&missing);
    let mut stream = stream;
    drop(stream.write_all(bytes));
    if path.starts_with("/silent") {
        // Keeps the connection open until the client has had enough.
        drop(reader.read(&mut [0; 1]));
    }
}

fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn redirect(target: &str) -> Vec<u8> {
    answer("302 Found", &[&format!("Location: {target}")], "")
}

fn allowed() -> NetworkPolicy {
    NetworkPolicy {
        allow: true,
        allow_private: true,
        ..NetworkPolicy::default()
    }
}

fn sources() -> Sources {
    Sources::new().with_network(allowed())
}

fn text(sources: &Sources, iri: &str) -> String {
    let mut text = String::new();
    let mut fetched = sources.fetch(iri).unwrap();
    fetched.input.read_to_string(&mut text).unwrap();
    text
}

fn error(sources: &Sources, iri: &str) -> TableError {
    sources.fetch(iri).err().unwrap()
}

fn code(error: &TableError) -> &'static str {
    error.to_diagnostic().code
}

#[test]
fn a_table_is_fetched_when_that_is_allowed() {
    let server = Server::new([("/cities.csv", answer("200 OK", &[], "city\nRoma\n"))]);
    let sandbox = Sandbox::new();
    let arguments = ["convert", "--minimal", &server.iri("/cities.csv")];
    server.bind(|| {
        assert_snapshot!(sandbox.run(arguments.into_iter().chain(ALLOWED)), @r#"
        exit code: 0
        ----- stdout -----
        _:t0r1 <http://[SERVER]/cities.csv#city> "Roma" .
        "#);
    });
    let table: Vec<_> = server
        .requests()
        .into_iter()
        .filter(|request| request.starts_with("GET /cities.csv "))
        .collect();
    // The header and the rows are of one answer.
    assert_eq!(table.len(), 1, "{table:?}");
    let lower = table[0].to_ascii_lowercase();
    assert!(lower.contains("\r\nuser-agent: coalition-kg/"), "{lower}");
    assert!(lower.contains("\r\naccept: text/csv"), "{lower}");
}

#[test]
fn metadata_is_fetched_with_the_tables_that_it_names() {
    let metadata = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "cities.csv",
        "tableSchema": {"aboutUrl": "http://example.org/{city}", "columns": [
            {"titles": "city", "name": "city", "propertyUrl": "http://example.org/name"}]}}"#;
    let server = Server::new([
        ("/a/m.json", answer("200 OK", &[], metadata)),
        ("/a/cities.csv", answer("200 OK", &[], "city\nRoma\n")),
    ]);
    let arguments = ["convert", "--minimal", &server.iri("/a/m.json")];
    let ended = Sandbox::new().run(arguments.into_iter().chain(ALLOWED));
    assert_snapshot!(ended, @r#"
    exit code: 0
    ----- stdout -----
    <http://example.org/Roma> <http://example.org/name> "Roma" .
    "#);
    let request = server.requests()[0].to_ascii_lowercase();
    assert!(
        request.contains("\r\naccept: application/csvm+json"),
        "{request}"
    );
}

#[test]
fn no_connection_is_made_unless_it_is_asked_for() {
    let server = Server::new([("/t.csv", answer("200 OK", &[], "a\n1\n"))]);
    let sandbox = Sandbox::new();
    sandbox.write(
        "m.json",
        format!(
            r#"{{"@context": "http://www.w3.org/ns/csvw", "url": "{}",
                "tableSchema": "{}"}}"#,
            server.iri("/t.csv"),
            server.iri("/schema.json")
        ),
    );
    server.bind(|| {
        assert_snapshot!(sandbox.run(["convert", &server.iri("/t.csv")]), @"
        exit code: 2
        ----- stderr -----
        error[table::remote]: `http://[SERVER]/t.csv` is not a local file, and the network is not used
        --> http://[SERVER]/t.csv
         = help: add `--allow-network`, or download it and give the file's name
        ");
        assert_snapshot!(
            sandbox.run(["convert", "--allow-network", &server.iri("/t.csv")]), @"
        exit code: 2
        ----- stderr -----
        error[table::private-address]: `http://[SERVER]/t.csv` leads to 127.0.0.1, which is not a public address
        --> http://[SERVER]/t.csv
         = help: add `--allow-private-addresses` if you trust what names it
        ");
    });
    assert_eq!(sandbox.run(["convert", "m.json"]).code, Some(2));
    assert_eq!(
        code(&error(&Sources::new(), &server.iri("/t.csv"))),
        "table::remote"
    );
    // Options that say how are no leave to do it.
    let options = ["--max-download", "1G", "--network-timeout", "9"];
    let ended = sandbox.run(
        ["convert", &server.iri("/t.csv")]
            .into_iter()
            .chain(options),
    );
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(server.requests().is_empty(), "{:?}", server.requests());
}

#[test]
fn private_addresses_are_of_no_use_without_the_network() {
    let ended = Sandbox::new().run(["convert", "--allow-private-addresses", "t.csv"]);
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("--allow-network"), "{ended}");
}

#[test]
fn links_and_the_media_type_come_with_the_table() {
    let headers = [
        "Content-Type: text/csv; header=absent",
        "Link: <m.json>; rel=\"describedBy\"; type=\"application/csvm+json\", <n>; rel=next",
        "link: </last.json>; rel=describedby; type=application/ld+json",
    ];
    let server = Server::new([
        ("/a/t.csv", redirect("../b/t.csv#part")),
        ("/b/t.csv", answer("200 OK", &headers, "1\n")),
    ]);
    let own = Link {
        target: "own.json".to_owned(),
        relations: vec!["describedby".to_owned()],
        ..Link::default()
    };
    let sources = sources().with_links(server.iri("/a/t.csv"), vec![own]);
    let fetched = sources.fetch(&server.iri("/a/t.csv")).unwrap();
    assert_eq!(
        fetched.content_type.as_deref(),
        Some("text/csv; header=absent")
    );
    assert_eq!(fetched.location, server.iri("/b/t.csv"));
    let targets: Vec<_> = metadata_targets(&fetched.links).collect();
    assert_eq!(targets, ["own.json", "/last.json", "m.json"]);
    assert_eq!(fetched.links.len(), 4);
}

#[test]
fn files_have_links_of_the_command_line_only() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\n");
    let own = Link {
        target: "own.json".to_owned(),
        ..Link::default()
    };
    let sources = Sources::new()
        .with_mount(
            "http://example.org/",
            Mount::Folder(sandbox.path("").clone()),
        )
        .with_links("http://example.org/t.csv", vec![own.clone()]);
    let fetched = sources.fetch("http://example.org/t.csv").unwrap();
    assert_eq!(fetched.links, [own]);
    assert_eq!(fetched.content_type, None);
    assert_eq!(fetched.location, "http://example.org/t.csv");
}

#[test]
fn redirects_come_to_an_end() {
    let server = Server::new([
        ("/loop", redirect("/loop")),
        ("/0", redirect("/1")),
        ("/1", redirect("/2")),
        ("/2", redirect("/3")),
        ("/3", redirect("/4")),
        ("/4", redirect("/5")),
        ("/5", answer("200 OK", &[], "a\n")),
        ("/nowhere", answer("301 Moved Permanently", &[], "")),
    ]);
    let found = error(&sources(), &server.iri("/loop"));
    assert_eq!(code(&found), "table::redirects", "{found}");
    assert_eq!(server.paths(), ["/loop"; 6]);
    assert_eq!(text(&sources(), &server.iri("/0")), "a\n");
    // Without a target it leads to itself.
    let found = error(&sources(), &server.iri("/nowhere"));
    assert_eq!(code(&found), "table::redirects", "{found}");
}

#[test]
fn a_status_above_400_is_no_document() {
    let server = Server::new([
        ("/410", answer("410 Gone", &[], "")),
        ("/403", answer("403 Forbidden", &[], "")),
        ("/503", answer("503 Service Unavailable", &[], "")),
    ]);
    for (path, status, is_missing) in [
        ("/404", 404, true),
        ("/410", 410, true),
        ("/403", 403, true),
        ("/503", 503, false),
    ] {
        let found = error(&sources(), &server.iri(path));
        assert_eq!(code(&found), "table::http-status");
        assert_eq!(found.status(), Some(status));
        assert_eq!(found.is_missing(), is_missing, "{path}");
    }
    server.bind(|| {
        let iri = server.iri("/absent.csv");
        let arguments = ["convert", &iri].into_iter().chain(ALLOWED);
        assert_snapshot!(Sandbox::new().run(arguments), @"
        exit code: 2
        ----- stderr -----
        error[table::http-status]: the server of `http://[SERVER]/absent.csv` answers with status 404
        --> http://[SERVER]/absent.csv
         = help: look whether the address is right
        ");
    });
}

#[test]
fn what_is_not_there_is_asked_for_once() {
    let server = Server::new([("/t.csv", answer("200 OK", &[], "a\n"))]);
    let sources = sources();
    let clone = sources.clone();
    for _ in 0..2 {
        assert!(error(&clone, &server.iri("/.well-known/csvm")).is_missing());
        assert_eq!(text(&sources, &server.iri("/t.csv")), "a\n");
        assert_eq!(text(&clone, &server.iri("/t.csv#row=1")), "a\n");
    }
    assert_eq!(server.paths(), ["/.well-known/csvm", "/t.csv"]);
    assert_eq!(sources.size(&server.iri("/t.csv")), Some(2));
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let body = "x".repeat(101);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n{}\r\n33\r\n{}\r\n0\r\n\r\n",
        &body[..50],
        &body[..51]
    );
    // What counts is the size after decompression.
    assert!(GZIPPED.len() < 100);
    let server = Server::new([
        ("/100", answer("200 OK", &[], &body[..100])),
        ("/101", answer("200 OK", &[], &body)),
        ("/chunked", chunked.into_bytes()),
        ("/gzip", gzipped()),
    ]);
    let sources = Sources::new().with_network(NetworkPolicy {
        max_bytes: 100,
        ..allowed()
    });
    assert_eq!(text(&sources, &server.iri("/100")), body[..100]);
    for path in ["/101", "/chunked", "/gzip"] {
        let found = error(&sources, &server.iri(path));
        assert_eq!(code(&found), "table::too-large", "{path}: {found}");
    }
    let iri = server.iri("/101");
    let arguments = ["convert", &iri, "--max-download", "100"];
    let ended = Sandbox::new().run(arguments.into_iter().chain(ALLOWED));
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(ended.stderr.contains("--max-download SIZE"), "{ended}");
}

#[test]
fn metadata_documents_have_a_limit_of_their_own() {
    let server = Server::new([("/m.json", answer("200 OK", &[], "{\"a\": 1}"))]);
    let sources = Sources::new().with_network(NetworkPolicy {
        max_metadata_bytes: 4,
        ..allowed()
    });
    let iri = server.iri("/m.json");
    let before = sources.read_to_string(&iri).unwrap_err();
    assert_eq!(code(&before), "table::too-large");
    // Also when it was fetched as a table before.
    assert_eq!(text(&sources, &iri), "{\"a\": 1}");
    let after = sources.read_to_string(&iri).unwrap_err();
    assert_eq!(code(&after), "table::too-large");
}

#[test]
fn a_server_that_says_nothing_more_is_left() {
    let started = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na\n1\n";
    let server = Server::new([
        ("/silent/body", started.to_vec()),
        ("/silent/all", Vec::new()),
    ]);
    let slow = Sources::new().with_network(NetworkPolicy {
        timeout: Duration::from_millis(200),
        ..allowed()
    });
    for path in ["/silent/body", "/silent/all"] {
        let found = error(&slow, &server.iri(path));
        assert_eq!(code(&found), "table::timeout", "{path}: {found}");
        assert!(found.hint().unwrap().contains("--network-timeout"));
    }
    let idle = Sources::new().with_network(NetworkPolicy {
        idle_timeout: Duration::from_millis(200),
        ..allowed()
    });
    let found = error(&idle, &server.iri("/silent/body"));
    assert_eq!(code(&found), "table::timeout", "{found}");
}

#[test]
fn a_body_cut_short_is_an_error() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na\n1\n";
    let half = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123";
    let server = Server::new([("/length", cut.to_vec()), ("/chunked", half.to_vec())]);
    for path in ["/length", "/chunked"] {
        let found = error(&sources(), &server.iri(path));
        assert_eq!(code(&found), "table::network", "{path}: {found}");
    }
}

fn gzipped() -> Vec<u8> {
    answer("200 OK", &["Content-Encoding: gzip"], GZIPPED)
}

#[test]
fn chunks_and_gzip_are_taken_apart() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        2\r\na\n\r\n4\r\n1\n2\n\r\n0\r\n\r\n";
    let server = Server::new([
        ("/chunked", chunked.to_vec()),
        ("/gzip", gzipped()),
        (
            "/other",
            answer("200 OK", &["Content-Encoding: compress"], "x"),
        ),
    ]);
    assert_eq!(text(&sources(), &server.iri("/chunked")), "a\n1\n2\n");
    assert_eq!(
        text(&sources(), &server.iri("/gzip")),
        format!("city\n{}", "Roma\n".repeat(999))
    );
    let found = error(&sources(), &server.iri("/other"));
    assert_eq!(code(&found), "table::network", "{found}");
}

#[test]
fn a_large_table_is_kept_in_a_file() {
    let body = "0123456\n".repeat(400_000);
    let server = Server::new([("/t.csv", answer("200 OK", &[], &body))]);
    let sources = sources();
    let mut first = sources.fetch(&server.iri("/t.csv")).unwrap().input;
    let mut beginning = [0; 8];
    first.read_exact(&mut beginning).unwrap();
    // Two that read at once do not disturb each other.
    assert!(text(&sources, &server.iri("/t.csv")) == body);
    let mut rest = String::new();
    first.read_to_string(&mut rest).unwrap();
    assert!(rest == body[8..]);
    assert_eq!(server.paths().len(), 1);
}

// A file that is compressed, and one that its server compresses once more on the way.
#[test]
fn a_compressed_file_is_read_whether_or_not_its_server_took_it_apart() {
    let server = Server::new([
        (
            "/a.csv.gz",
            answer("200 OK", &["Content-Type: application/gzip"], GZIPPED),
        ),
        (
            "/b.csv.gz",
            answer("200 OK", &["Content-Encoding: gzip"], GZIPPED),
        ),
        (
            "/c.csv",
            answer("200 OK", &["Content-Type: text/csv"], GZIPPED),
        ),
        (
            "/d.tsv.gz",
            answer(
                "200 OK",
                &["Content-Type: application/gzip"],
                &GZIPPED[..40],
            ),
        ),
    ]);
    for path in ["/a.csv.gz", "/b.csv.gz"] {
        let found = text(&sources(), &server.iri(path));
        assert_eq!(found.lines().count(), 1000, "{path}");
        assert!(found.starts_with("city\nRoma\n"), "{path}");
    }
    // By its name alone, as with files.
    let mut bytes = Vec::new();
    let mut plain = sources().fetch(&server.iri("/c.csv")).unwrap().input;
    plain.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, GZIPPED);
    let mut broken = sources().fetch(&server.iri("/d.tsv.gz")).unwrap().input;
    let error = broken.read_to_end(&mut bytes).unwrap_err();
    assert!(
        error.to_string().contains("break off at byte 40"),
        "{error}"
    );
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let found = error(&sources(), &format!("http://{gone}/t.csv"));
    assert_eq!(code(&found), "table::network", "{found}");
    // No HTTP at all, and no TLS where it should be.
    let server = Server::new([("/t.csv", b"hello\r\n\r\n".to_vec())]);
    let found = error(&sources(), &server.iri("/t.csv"));
    assert_eq!(code(&found), "table::network", "{found}");
    let found = error(&sources(), &format!("https://{}/t.csv", server.address));
    assert_eq!(code(&found), "table::network", "{found}");
}

#[test]
fn other_schemes_are_neither_files_nor_fetched() {
    let found = error(&sources(), "ftp://example.org/t.csv");
    assert_eq!(code(&found), "table::scheme");
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let server = Server::new([("/t.csv", answer("200 OK", &[], "a\n1\n"))]);
    let proxy = Server::new([]);
    let sandbox = Sandbox::new();
    let iri = server.iri("/t.csv");
    let mut command = sandbox.command(["convert", &iri].into_iter().chain(ALLOWED));
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, proxy.iri(""));
    }
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    assert!(proxy.requests().is_empty());
}

#[test]
fn what_is_under_a_mounted_prefix_is_in_its_folder_or_nowhere() {
    let server = Server::new([("/a/absent.csv", answer("200 OK", &[], "network\n"))]);
    let sandbox = Sandbox::new();
    sandbox
        .write("outside.csv", "outside\n")
        .write("a/t.csv", "short\n")
        .write("a/deep/t.csv", "short, deep\n")
        .write("long/t.csv", "long\n");
    let prefix = server.iri("/a/");
    let sources = sources()
        .with_mount(&prefix, Mount::Folder(sandbox.path("a")))
        .with_mount(format!("{prefix}deep"), Mount::Folder(sandbox.path("long")));
    let below = |rest: &str| format!("{prefix}{rest}");
    assert_eq!(text(&sources, &below("t.csv")), "short\n");
    assert_eq!(text(&sources, &below("t.csv?query#part")), "short\n");
    // The longest prefix wins, at the end of a segment.
    assert_eq!(text(&sources, &below("deep/t.csv")), "long\n");
    for rest in [
        "absent.csv",
        "deep/absent.csv",
        "deeper/t.csv",
        "t.csv/absent",
        "../outside.csv",
        "x/../../outside.csv",
        "%2e%2e/outside.csv",
        "..%2Foutside.csv",
        "deep/..%2F..%2Foutside.csv",
        "%2Fetc/hostname",
        "/%2Fetc/hostname",
        "t.csv%00",
    ] {
        let found = error(&sources, &below(rest));
        assert!(
            matches!(found, TableError::NotFound { .. }),
            "{rest}: {found}"
        );
        assert!(found.is_missing());
    }
    assert!(server.requests().is_empty(), "{:?}", server.requests());
}
