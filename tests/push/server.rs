//! A store that speaks the Graph Store HTTP Protocol and as much of SPARQL as a push uses, and fails when it is told to.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed"
)]

use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The lines of each graph; the default graph has the empty name.
pub(crate) type Graphs = BTreeMap<String, BTreeSet<String>>;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection ends in the midst of the body; a POST leaves half of it, as Virtuoso has it.
    Cut,
    /// The server says no.
    Status(u16),
    /// The server does it and its answer is lost.
    Lost,
    /// The answer comes after the time limit of the test.
    Slow,
    /// As `Cut`, for this and all requests after it.
    Dies,
    /// The connection ends, and the server does what was asked of it after the two requests that come next.
    Late,
    /// The server says that it is done, and has done nothing.
    Idle,
    /// Somebody has dropped all staging graphs before.
    Gone,
    /// The connections of this and all requests after it end, and the server does this one late.
    DiesLate,
}

/// Who may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    Nobody,
    Digest,
    Basic,
}

pub(crate) struct State {
    pub(crate) graphs: Graphs,
    /// Method, path and body size of each request that was understood.
    pub(crate) requests: Vec<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) fault: Option<(usize, Fault)>,
    /// What the server is still to do, after as many requests.
    late: Option<(usize, [String; 3])>,
    pub(crate) guard: Guard,
    pub(crate) has_store: bool,
    /// The most triples of an INSERT DATA.
    pub(crate) most_inserted: usize,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) state: Arc<Mutex<State>>,
}

impl Server {
    pub(crate) fn new(graphs: Graphs) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            graphs,
            requests: Vec::new(),
            headers: Vec::new(),
            fault: None,
            late: None,
            guard: Guard::Nobody,
            has_store: true,
            most_inserted: usize::MAX,
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || drop(serve(&stream.unwrap(), &shared)));
            }
        });
        Self { address, state }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(crate) fn graphs(&self) -> Graphs {
        let state = self.state.lock().unwrap();
        let graphs = state.graphs.iter().filter(|(_, lines)| !lines.is_empty());
        graphs
            .map(|(name, lines)| (name.clone(), lines.clone()))
            .collect()
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }
}

impl State {
    // Does what is late, when its time has come.
    fn be_late(&mut self) {
        if let Some((left, [method, path, body])) = self.late.take() {
            if left > 1 {
                self.late = Some((left - 1, [method, path, body]));
            } else {
                run(self, &method, &path, &body);
            }
        }
    }
}

fn serve(stream: &TcpStream, shared: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let mut words = head.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let path = words.next().unwrap_or_default().to_owned();
    let length: usize = header("content-length").map_or(0, |value| value.parse().unwrap());
    assert!(header("transfer-encoding").is_none(), "{head}");
    let mut state = shared.lock().unwrap();
    state.headers.push(head.clone());
    let authorization = header("authorization");
    if let Some(challenge) = refused(state.guard, authorization.as_deref(), &method, &path) {
        drop(state);
        // Who asks before it sends is told so.
        if header("expect").is_none() {
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
        }
        return answer(stream, "401 Unauthorized", &[challenge], "who are you?");
    }
    state.requests.push(format!("{method} {path}"));
    let number = state.requests.len();
    let fault = match state.fault {
        Some((at, Fault::Dies)) if number >= at => Some(Fault::Dies),
        Some((at, Fault::DiesLate)) if number > at => Some(Fault::Dies),
        Some((at, fault)) if number == at => Some(fault),
        _ => None,
    };
    drop(state);
    if header("expect").is_some() {
        (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = vec![0; length];
    if matches!(fault, Some(Fault::Cut | Fault::Dies)) {
        reader.read_exact(&mut body[..length / 2])?;
        let half = String::from_utf8_lossy(&body[..length / 2]).into_owned();
        if method == "POST" && path.starts_with("/store") {
            let whole = half.rfind('\n').map_or("", |end| &half[..end]);
            run(&mut shared.lock().unwrap(), &method, &path, whole);
        }
        return stream.shutdown(std::net::Shutdown::Both);
    }
    reader.read_exact(&mut body)?;
    if let Some(Fault::Status(status)) = fault {
        return answer(stream, &format!("{status} No"), &[], "not now");
    }
    let body = String::from_utf8(body).unwrap();
    if fault == Some(Fault::Idle) {
        return answer(stream, "200 OK", &[], "");
    }
    if fault == Some(Fault::Gone) {
        let mut state = shared.lock().unwrap();
        state.graphs.retain(|name, _| !name.contains("/staging/"));
    }
    if matches!(fault, Some(Fault::Late | Fault::DiesLate)) {
        shared.lock().unwrap().late = Some((2, [method, path, body]));
        return stream.shutdown(std::net::Shutdown::Both);
    }
    let (status, text) = run(&mut shared.lock().unwrap(), &method, &path, &body);
    shared.lock().unwrap().be_late();
    match fault {
        Some(Fault::Lost) => return stream.shutdown(std::net::Shutdown::Both),
        Some(Fault::Slow) => std::thread::sleep(Duration::from_millis(700)),
        _ => {}
    }
    answer(stream, status, &[], &text)
}

fn answer(
    mut stream: &TcpStream,
    status: &str,
    headers: &[String],
    body: &str,
) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(text.as_bytes())
}

// The challenge where the request is not let in; user `ann`, password `s3cret`.
fn refused(guard: Guard, header: Option<&str>, method: &str, path: &str) -> Option<String> {
    let hash = |text: String| {
        let digest = Sha256::digest(text);
        digest
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    };
    match guard {
        Guard::Nobody => None,
        // By `printf ann:s3cret | base64`.
        Guard::Basic => (header != Some("Basic YW5uOnMzY3JldA=="))
            .then(|| "WWW-Authenticate: Basic realm=\"kg\"".to_owned()),
        Guard::Digest => {
            let field = |name: &str| {
                let rest = header?.split_once(&format!(" {name}="))?.1;
                Some(rest.split(',').next()?.trim_matches('"').to_owned())
            };
            let secret = hash("ann:kg, the \"store\":s3cret".to_owned());
            let asked = hash(format!("{method}:{path}"));
            let expected = field("nc")
                .zip(field("cnonce"))
                .map(|(nc, cnonce)| hash(format!("{secret}:n0nce:{nc}:{cnonce}:auth:{asked}")));
            (expected.is_none() || field("response") != expected).then(|| {
                "WWW-Authenticate: Digest realm=\"kg, the \\\"store\\\"\", qop=\"auth\", \
                 algorithm=SHA-256, nonce=\"n0nce\", opaque=\"o\""
                    .to_owned()
            })
        }
    }
}

fn decoded(text: &str) -> String {
    percent(&text.replace('+', " "))
}

fn percent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let pair = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(pair, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

// The names between angle brackets.
fn names(text: &str) -> Vec<String> {
    let inside = text.split('<').skip(1);
    inside
        .map(|rest| rest.split('>').next().unwrap().to_owned())
        .collect()
}

fn run(state: &mut State, method: &str, path: &str, body: &str) -> (&'static str, String) {
    if let Some(query) = path.strip_prefix("/store?") {
        if !state.has_store {
            return ("404 Not Found", "no store".to_owned());
        }
        let graph = query
            .strip_prefix("graph=")
            .map(percent)
            .unwrap_or_default();
        match method {
            "PUT" => drop(state.graphs.insert(graph, lines(body))),
            "POST" => state.graphs.entry(graph).or_default().extend(lines(body)),
            _ => {}
        }
        return ("204 No Content", String::new());
    }
    if path == "/query" {
        let query = decoded(body.strip_prefix("query=").unwrap());
        if let Some((_, rest)) = query.split_once("STRSTARTS(STR(?g), \"") {
            let stem = rest.split('"').next().unwrap();
            let known = state.graphs.iter();
            let rows: Vec<String> = known
                .filter(|(name, lines)| name.starts_with(stem) && !lines.is_empty())
                .map(|(name, _)| format!("{{\"g\":{{\"value\":\"{name}\"}}}}"))
                .collect();
            let rows = rows.join(",");
            return (
                "200 OK",
                format!("{{\"results\":{{\"bindings\":[{rows}]}}}}"),
            );
        }
        let graph = names(&query).pop().unwrap_or_default();
        let count = state.graphs.get(&graph).map_or(0, BTreeSet::len);
        let text =
            format!("{{\"results\":{{\"bindings\":[{{\"n\":{{\"value\":\"{count}\"}}}}]}}}}");
        return ("200 OK", text);
    }
    assert_eq!(path, "/update");
    if let Some(data) = body.strip_prefix("INSERT DATA { GRAPH <") {
        let (graph, data) = data.split_once("> {\n").unwrap();
        let data = lines(data.strip_suffix("} }").unwrap());
        if data.len() > state.most_inserted {
            return ("500 Too Large", "stack overflow".to_owned());
        }
        state
            .graphs
            .entry(graph.to_owned())
            .or_default()
            .extend(data);
        return ("204 No Content", String::new());
    }
    let names = names(body);
    let second = || names.get(1).cloned().unwrap_or_default();
    match body.split(' ').next().unwrap() {
        "DROP" | "CLEAR" => drop(
            state
                .graphs
                .remove(&names.first().cloned().unwrap_or_default()),
        ),
        // Where the graph is gone the target is emptied, as Virtuoso has it.
        "MOVE" => {
            let moved = state.graphs.remove(&names[0]).unwrap_or_default();
            state.graphs.insert(second(), moved);
        }
        "ADD" => {
            let added = state.graphs.get(&names[0]).cloned().unwrap_or_default();
            state.graphs.entry(second()).or_default().extend(added);
        }
        other => panic!("{other}"),
    }
    ("204 No Content", String::new())
}
