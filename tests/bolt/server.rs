//! A server that speaks as much of Bolt as a push needs, remembers what was committed, and fails where it is told to.
//!
//! Spec: Bolt, "Messages"

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a server of a test that cannot be set up has failed"
)]

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// A value of `PackStream`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Integer(i64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// The signature and the fields.
    Structure(u8, Vec<Value>),
    /// Null, booleans and floating point numbers, as they look.
    Other(String),
}

impl Value {
    pub(crate) fn get(&self, name: &str) -> &Self {
        match self {
            Self::Map(map) => &map[name],
            other => panic!("{other:?} is no map"),
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            other => panic!("{other:?} is no list"),
        }
    }
}

/// A statement with its parameters.
pub(crate) type Run = (String, Value);

/// How the server fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It ends the connection without doing what is asked.
    Close,
    /// It does what is asked and ends the connection.
    DoAndClose,
    /// It says that it is busy.
    Busy,
    /// It says that the statement is wrong.
    Refuse,
}

/// What the server knows.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The statements of each transaction that was committed, and each statement by itself.
    pub(crate) committed: Vec<Vec<Run>>,
    /// How many messages have come.
    pub(crate) messages: usize,
    /// Where it fails, counted in messages, and how.
    pub(crate) fault: Option<(usize, Fault)>,
    /// How many batches of what it was told to have.
    progress: Option<(Value, i64)>,
    /// The keys of what somebody has deleted.
    pub(crate) deleted: Vec<String>,
    /// The keys of what another push has taken over.
    pub(crate) taken: Vec<String>,
    /// Whether somebody has a node of the label and the key of the one that counts batches.
    pub(crate) has_namesake: bool,
}

/// The server; it ends with the test.
pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("bolt://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away ends its connection.
                let _ended = serve(stream, &shared);
            }
        });
        Self { url, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut hello = [0; 20];
    stream.read_exact(&mut hello)?;
    assert_eq!(hello[..4], [0x60, 0x60, 0xB0, 0x17]);
    stream.write_all(&[0, 0, 4, 4])?;
    let mut transaction: Option<Vec<Run>> = None;
    let mut rows = None;
    let mut has_failed = false;
    loop {
        let Value::Structure(signature, fields) = read(&mut stream)? else {
            panic!("a message is a structure");
        };
        let mut state = state.lock().unwrap();
        state.messages += 1;
        let fault = state.fault.filter(|(at, _)| *at == state.messages);
        match fault {
            Some((_, Fault::Close)) => return Ok(()),
            Some((_, kind @ (Fault::Busy | Fault::Refuse))) => {
                has_failed = true;
                transaction = None;
                stream.write_all(&failure(kind))?;
                continue;
            }
            _ => {}
        }
        let answer = match signature {
            GOODBYE => return Ok(()),
            RESET => {
                has_failed = false;
                transaction = None;
                success(&[])
            }
            _ if has_failed => message(&[0xB0, 0x7E]),
            BEGIN => {
                transaction = Some(Vec::new());
                success(&[])
            }
            RUN => {
                let Value::Text(statement) = &fields[0] else {
                    panic!("no statement");
                };
                let run = (statement.clone(), fields[1].clone());
                let (name, found) = state.answer(&run);
                rows = found;
                match &mut transaction {
                    Some(runs) => runs.push(run),
                    None => state.committed.push(vec![run]),
                }
                let mut fields = text("fields");
                fields.push(0x90 | u8::from(name.is_some()));
                fields.extend(name.map(text).unwrap_or_default());
                success(&fields)
            }
            PULL | DISCARD => {
                let mut answer = Vec::new();
                if let Some(number) = rows.take() {
                    let mut record = vec![0xB1, 0x71, 0x91, 0xCB];
                    record.extend(i64::to_be_bytes(number));
                    answer.extend(message(&record));
                }
                answer.extend(success(&[]));
                answer
            }
            COMMIT => {
                let runs = transaction.take().unwrap();
                state.commit(runs);
                success(&[])
            }
            _ => {
                transaction = None;
                success(&[])
            }
        };
        if fault.is_some() {
            return Ok(());
        }
        stream.write_all(&answer)?;
    }
}

const GOODBYE: u8 = 0x02;
const RESET: u8 = 0x0F;
const RUN: u8 = 0x10;
const BEGIN: u8 = 0x11;
const COMMIT: u8 = 0x12;
const DISCARD: u8 = 0x2F;
const PULL: u8 = 0x3F;

impl State {
    // What a statement gives: a name, and a number under it.
    fn answer(&self, (statement, parameters): &Run) -> (Option<&'static str>, Option<i64>) {
        let name = ["found", "there", "gone", "kept", "done", "label", "key"]
            .into_iter()
            .find(|name| statement.ends_with(&format!(" AS {name}")));
        let number = match name {
            Some("found") => i64::try_from(parameters.get("rows").items().len()).ok(),
            Some("there") => {
                let keys = parameters.get("keys").items().iter();
                let asks_for_marks = statement.contains("._push = $push");
                let is_gone = |key: &Value| {
                    is_among(&self.deleted, key) || (asks_for_marks && is_among(&self.taken, key))
                };
                let there = keys.filter(|key| !is_gone(key));
                i64::try_from(there.count()).ok()
            }
            Some("gone" | "kept") => Some(0),
            Some("done") => match &self.progress {
                Some((push, done)) if push == parameters.get("push") => Some(*done),
                _ => None,
            },
            _ => None,
        };
        (name, number)
    }

    fn commit(&mut self, runs: Vec<Run>) {
        for (statement, parameters) in &runs {
            if statement.contains("CoalitionKgPush") && !statement.contains("_counts") {
                self.has_namesake = false;
            }
            if statement.contains("SET p.digest") {
                let Value::Integer(done) = parameters.get("done") else {
                    panic!("no number of batches");
                };
                self.progress = Some((parameters.get("push").clone(), *done));
            } else if statement.ends_with("DELETE p") {
                self.progress = None;
            }
        }
        self.committed.push(runs);
    }
}

// A node by its IRI, a relationship by its start and `id`.
fn is_among(keys: &[String], key: &Value) -> bool {
    match key {
        Value::Text(key) => keys.contains(key),
        Value::List(parts) => parts.iter().any(|part| is_among(keys, part)),
        _ => false,
    }
}

fn success(field: &[u8]) -> Vec<u8> {
    let mut content = vec![0xB1, 0x70, 0xA0 | u8::from(!field.is_empty())];
    content.extend(field);
    message(&content)
}

fn failure(kind: Fault) -> Vec<u8> {
    let code = match kind {
        Fault::Busy => "Neo.TransientError.General.DatabaseUnavailable",
        _ => "Neo.ClientError.Statement.SyntaxError",
    };
    let mut content = vec![0xB1, 0x7F, 0xA2];
    for part in ["code", code, "message", "no: the password is hidden"] {
        content.extend(text(part));
    }
    message(&content)
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xD0, u8::try_from(text.len()).unwrap()];
    bytes.extend(text.as_bytes());
    bytes
}

fn message(content: &[u8]) -> Vec<u8> {
    let mut bytes = u16::try_from(content.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(content);
    bytes.extend([0, 0]);
    bytes
}

fn read(stream: &mut TcpStream) -> io::Result<Value> {
    let mut content = Vec::new();
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        match usize::from(u16::from_be_bytes(length)) {
            0 if content.is_empty() => {}
            0 => break,
            more => {
                let begin = content.len();
                content.resize(begin + more, 0);
                stream.read_exact(&mut content[begin..])?;
            }
        }
    }
    Ok(value(&mut content.as_slice()))
}

// Spec: Bolt, "PackStream"
fn value(bytes: &mut &[u8]) -> Value {
    let marker = take(bytes, 1)[0];
    let small = usize::from(marker & 0x0F);
    match marker {
        0x80..=0x8F => string(bytes, small),
        0x90..=0x9F => list(bytes, small),
        0xA0..=0xAF => map(bytes, small),
        0xB0..=0xBF => {
            let signature = take(bytes, 1)[0];
            Value::Structure(signature, (0..small).map(|_| value(bytes)).collect())
        }
        0xC0 | 0xC2 | 0xC3 => Value::Other(["null", "", "false", "true"][small].to_owned()),
        0xC1 => {
            let number = f64::from_be_bytes(take(bytes, 8).try_into().unwrap());
            Value::Other(number.to_string())
        }
        0xC8..=0xCB => {
            let number = take(bytes, 1 << (marker - 0xC8));
            let sign = if number[0] > 0x7F { 0xFF } else { 0 };
            let mut wide = [sign; 8];
            wide[8 - number.len()..].copy_from_slice(number);
            Value::Integer(i64::from_be_bytes(wide))
        }
        0xD0..=0xD2 => {
            let length = length(bytes, marker - 0xD0);
            string(bytes, length)
        }
        0xD4..=0xD6 => {
            let length = length(bytes, marker - 0xD4);
            list(bytes, length)
        }
        0xD8..=0xDA => {
            let length = length(bytes, marker - 0xD8);
            map(bytes, length)
        }
        tiny => Value::Integer(i64::from(i8::from_be_bytes([tiny]))),
    }
}

fn take<'b>(bytes: &mut &'b [u8], length: usize) -> &'b [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

fn length(bytes: &mut &[u8], power: u8) -> usize {
    take(bytes, 1 << power)
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte))
}

fn string(bytes: &mut &[u8], length: usize) -> Value {
    Value::Text(String::from_utf8(take(bytes, length).to_vec()).unwrap())
}

fn list(bytes: &mut &[u8], length: usize) -> Value {
    Value::List((0..length).map(|_| value(bytes)).collect())
}

fn map(bytes: &mut &[u8], length: usize) -> Value {
    let pairs = (0..length).map(|_| match value(bytes) {
        Value::Text(name) => (name, value(bytes)),
        other => panic!("{other:?} is no name"),
    });
    Value::Map(pairs.collect())
}
