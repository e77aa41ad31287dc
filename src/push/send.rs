//! Graph by graph to the server: which way, and what a single request does.
//!
//! In: [`Gathered`] and [`Options`]. Out: requests, or a list of them ([`plan`]).

use super::graphs::{Gathered, Graph, Target};
use super::http::{Answer, Client, Message, NoAnswer};
use super::staging::{Staging, clear_text};
use super::{INSERT_TRIPLES, Method, Mode, Options, PushError};
use crate::sink::SinkError;
use crate::sink::spill::SpillFile;
use std::io;
use std::time::{Duration, Instant};

/// How far a push has come.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'s> {
    /// The graph.
    pub target: &'s Target,
    /// How many bytes of it are gone.
    pub bytes: u64,
    /// How many there are.
    pub of: u64,
}

/// Told how far a push has come; says whether to go on.
pub type Observer<'o> = &'o mut dyn FnMut(&Sent<'_>) -> bool;

/// A request that would be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The method of HTTP.
    pub method: &'static str,
    /// Where it goes.
    pub url: String,
    /// What it does.
    pub what: String,
    /// How many such requests there are.
    pub times: u64,
    /// The bytes of triples in all of them.
    pub bytes: u64,
    /// The triples in all of them.
    pub triples: u64,
}

/// A graph that was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The graph.
    pub target: Target,
    /// The number of its triples.
    pub triples: u64,
    /// Whether the server was asked and has them.
    pub is_counted: bool,
}

/// What was pushed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The graphs.
    pub graphs: Vec<Pushed>,
    /// Whether updates took the place of the graph store, which the server does not have.
    pub is_without_store: bool,
    /// What could not be looked at, in words.
    pub notes: Vec<String>,
}

/// A push that has ended early.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Ended {
    /// Why.
    #[source]
    pub error: PushError,
    /// What was pushed before.
    pub report: Report,
}

/// Which way a graph goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// There is nothing to do.
    None,
    One,
    /// It has no triples and is emptied.
    Clear,
    Staged,
}

fn way(graph: &Graph, options: &Options) -> Result<Way, PushError> {
    if graph.target == Target::Default && !options.profile.quirks().has_default_graph {
        return Err(PushError::NoDefaultGraph);
    }
    if graph.triples == 0 {
        return Ok(match (options.mode, &options.endpoints.update) {
            (Mode::Merge, _) => Way::None,
            (Mode::Replace, Some(_)) => Way::Clear,
            (Mode::Replace, None) => Way::One,
        });
    }
    let is_small = graph.bytes <= options.max_put as u64;
    if is_small && options.method != Method::Insert && options.profile.quirks().is_put_atomic {
        return Ok(Way::One);
    }
    if options.endpoints.query.is_none() || options.endpoints.update.is_none() {
        return Err(PushError::NoUpdates {
            target: graph.target.to_string(),
            is_too_large: options.method != Method::Insert
                && options.profile.quirks().is_put_atomic,
        });
    }
    Ok(Way::Staged)
}

const LOOKS: &str = "look for staging graphs of pushes that were killed";

/// What [`push`] would send, were there no failures.
///
/// # Errors
/// What can be told to fail without asking the server.
pub fn plan(gathered: &Gathered, options: &Options) -> Result<Vec<Planned>, PushError> {
    let mut planned = Vec::new();
    let mut has_looked = false;
    for graph in &gathered.graphs {
        let one = |method, url: String, what: String| Planned {
            method,
            url,
            what,
            times: 1,
            bytes: 0,
            triples: 0,
        };
        let with_triples = |planned: Planned, times: u64| Planned {
            times,
            bytes: graph.bytes,
            triples: graph.triples,
            ..planned
        };
        let store = |target: &Target| store_url(&options.endpoints.store, target);
        let way = way(graph, options)?;
        match way {
            Way::None => {}
            Way::One => {
                let (method, verb) = match options.mode {
                    Mode::Replace => ("PUT", "replace"),
                    Mode::Merge => ("POST", "add to"),
                };
                let what = format!("{verb} {}", graph.target);
                planned.push(with_triples(one(method, store(&graph.target), what), 1));
            }
            Way::Clear => {
                let url = options.endpoints.update.clone().unwrap_or_default();
                planned.push(one("POST", url, clear_text(&graph.target)));
            }
            Way::Staged => {
                let staging = Staging::of(&graph.target, options)?;
                let name = Target::Named(staging.name.clone());
                let update = |text: String| one("POST", staging.update.clone(), text);
                if !std::mem::replace(&mut has_looked, true) {
                    planned.push(update(staging.drop_text()));
                    planned.push(one("POST", staging.query.clone(), LOOKS.to_owned()));
                }
                if options.method == Method::Insert {
                    let times = graph.triples.div_ceil(INSERT_TRIPLES as u64);
                    let what = format!("INSERT DATA into <{}>", staging.name);
                    planned.push(with_triples(update(what), times));
                } else {
                    let what = format!("add to <{}>", staging.name);
                    let times = graph.bytes.div_ceil(options.piece.max(1) as u64);
                    planned.push(with_triples(one("POST", store(&name), what), times));
                }
                let what = format!("count the triples of <{}>", staging.name);
                planned.push(one("POST", staging.query.clone(), what));
                planned.push(update(staging.finish_text(options.mode)));
                if options.mode == Mode::Merge {
                    let what = format!("count the triples of <{}>", staging.name);
                    planned.push(one("POST", staging.query.clone(), what));
                    planned.push(update(staging.drop_text()));
                }
            }
        }
        let is_counted = match way {
            Way::One | Way::Clear => true,
            Way::Staged => options.mode == Mode::Replace,
            Way::None => false,
        };
        if let (true, Some(query)) = (is_counted, &options.endpoints.query) {
            let what = format!("count the triples of {}", graph.target);
            planned.push(one("POST", query.clone(), what));
        }
    }
    let endpoints = &options.endpoints;
    if let (false, Some(query), Some(_)) = (has_looked, &endpoints.query, &endpoints.update)
        && !planned.is_empty()
    {
        planned.push(Planned {
            method: "POST",
            url: query.clone(),
            what: LOOKS.to_owned(),
            times: 1,
            bytes: 0,
            triples: 0,
        });
    }
    Ok(planned)
}

/// Sends what was gathered, graph by graph; each is there in full or as it was.
///
/// # Errors
/// When the server cannot be reached, says no or loses triples, or the observer says no. Graphs before that
/// one are complete then.
pub fn push(
    mut gathered: Gathered,
    options: &Options,
    observer: Observer<'_>,
) -> Result<Report, Box<Ended>> {
    let mut session = Session {
        client: Client::new(options.credentials.clone(), options.timeout),
        options: options.clone(),
        observer,
        has_looked: false,
        notes: Vec::new(),
    };
    let mut report = Report::default();
    let done = session.all(&mut gathered, &mut report);
    report.is_without_store = session.options.method != options.method;
    report.notes = session.notes;
    match done {
        Ok(()) => Ok(report),
        Err(error) => Err(Box::new(Ended { error, report })),
    }
}

/// A push under way.
pub(super) struct Session<'s> {
    pub(super) client: Client,
    pub(super) options: Options,
    pub(super) observer: Observer<'s>,
    /// Whether what earlier pushes have left was looked for.
    pub(super) has_looked: bool,
    notes: Vec<String>,
}

/// How a request failed.
pub(super) enum Failed {
    /// It may do better a moment later, or may have been done.
    Passing(PushError, Option<Duration>),
    /// The server says no, with the status.
    Refused(PushError, u16),
    /// Nothing can be done about it.
    Final(PushError),
}

impl Failed {
    pub(super) fn into_error(self) -> PushError {
        match self {
            Self::Passing(error, _) | Self::Refused(error, _) | Self::Final(error) => error,
        }
    }
}

/// What one request for a whole graph has done.
enum Whole {
    Done,
    /// Nothing, since it is too large.
    TooLarge,
    /// Nothing, since the server has no graph store: what it says.
    NoStore(PushError),
}

impl Session<'_> {
    fn all(&mut self, gathered: &mut Gathered, report: &mut Report) -> Result<(), PushError> {
        for graph in &gathered.graphs {
            way(graph, &self.options)?;
        }
        let mut is_sent = false;
        for graph in &mut gathered.graphs {
            let way = way(graph, &self.options)?;
            is_sent |= way != Way::None;
            let is_counted = match way {
                Way::None => true,
                Way::One => match self.whole(graph, &mut gathered.file)? {
                    Whole::Done => self.check(graph)?,
                    Whole::TooLarge => self.staged(graph, &mut gathered.file)?,
                    Whole::NoStore(refused) => {
                        // From here on, for this graph and those after it.
                        self.options.method = Method::Insert;
                        let done = self.staged(graph, &mut gathered.file);
                        if done.is_err() {
                            self.note(format!("before that, {refused}"));
                        }
                        done?
                    }
                },
                Way::Clear => {
                    self.clear(&graph.target)?;
                    self.check(graph)?
                }
                Way::Staged => self.staged(graph, &mut gathered.file)?,
            };
            report.graphs.push(Pushed {
                target: graph.target.clone(),
                triples: graph.triples,
                is_counted,
            });
        }
        if is_sent && !self.has_looked {
            self.look_once();
        }
        Ok(())
    }

    /// Says what could not be looked at, once.
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    // The whole graph in one request.
    fn whole(&mut self, graph: &mut Graph, file: &mut SpillFile) -> Result<Whole, PushError> {
        let mut pieces = graph.pieces(file).map_err(unreadable)?;
        let body = pieces
            .next(file, usize::MAX, usize::MAX)
            .map_err(unreadable)?;
        let is_replaced = self.options.mode == Mode::Replace;
        let method = if is_replaced { "PUT" } else { "POST" };
        let url = store_url(&self.options.endpoints.store, &graph.target);
        let message = Message {
            method,
            url: &url,
            content_type: Some(self.options.profile.quirks().triples),
            accept: "*/*",
            body: &body,
        };
        let (target, of) = (graph.target.clone(), graph.bytes);
        let what = format!("{method} of {target}");
        let attempts = if is_replaced {
            self.options.attempts
        } else {
            1
        };
        let result = self.again(attempts, |session| {
            let observer = &mut session.observer;
            let mut go_on = |bytes: usize| {
                observer(&Sent {
                    target: &target,
                    bytes: bytes as u64,
                    of,
                })
            };
            let answer = session.client.send(&message, &mut go_on);
            judge(&what, &url, answer)
        });
        let endpoints = &self.options.endpoints;
        let can_stage = endpoints.query.is_some() && endpoints.update.is_some();
        match result {
            // It will be done later, and nobody can look whether it is.
            Ok(answer) if answer.status == 202 && endpoints.query.is_none() => {
                Err(PushError::Refused {
                    what,
                    status: answer.status,
                    said: answer.said,
                })
            }
            Ok(_) => Ok(Whole::Done),
            Err(Failed::Refused(_, 413)) if can_stage => Ok(Whole::TooLarge),
            Err(Failed::Refused(error, 404 | 405 | 501))
                if self.options.method == Method::Auto && can_stage =>
            {
                Ok(Whole::NoStore(error))
            }
            Err(failed) => Err(failed.into_error()),
        }
    }

    // Does something that may be done again until it is well, or has been tried often enough.
    pub(super) fn again<T>(
        &mut self,
        attempts: u32,
        mut attempt: impl FnMut(&mut Self) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let mut number = 1;
        // The last attempt that may have been done.
        let mut open = None;
        loop {
            match attempt(self) {
                Err(Failed::Passing(error, wait)) if number < attempts => {
                    if error.may_be_done() {
                        open = Some(error);
                    }
                    if !self.pause(number, wait) {
                        return Err(Failed::Final(match open {
                            Some(error) => PushError::CancelledAfter(Box::new(error)),
                            None => PushError::Cancelled,
                        }));
                    }
                    number += 1;
                }
                // Who is gone now may have done it before.
                Err(Failed::Passing(PushError::Unreachable { what, reason }, _)) => {
                    let error = PushError::Unreachable { what, reason };
                    return Err(Failed::Passing(open.unwrap_or(error), None));
                }
                other => return other,
            }
        }
    }

    // Waits before the next attempt; gives whether to go on.
    pub(super) fn pause(&mut self, number: u32, wait: Option<Duration>) -> bool {
        let doubled = self.options.pause * 2_u32.saturating_pow((number - 1).min(6));
        let wait = wait.map_or(doubled, |wait| {
            wait.min(Duration::from_secs(60)).max(doubled)
        });
        let end = Instant::now() + wait;
        while Instant::now() < end {
            let nothing = Sent {
                target: &Target::Default,
                bytes: 0,
                of: 0,
            };
            if !(self.observer)(&nothing) {
                return false;
            }
            let left = end.saturating_duration_since(Instant::now());
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
        true
    }
}

pub(super) fn unreadable(error: io::Error) -> PushError {
    PushError::Sink(SinkError::Io {
        name: "the triples to be sent".to_owned(),
        error,
    })
}

// What an answer means.
pub(super) fn judge(
    what: &str,
    url: &str,
    answer: Result<Answer, NoAnswer>,
) -> Result<Answer, Failed> {
    match answer {
        Ok(answer) if answer.is_good() => Ok(answer),
        Ok(answer) => {
            let is_passing = answer.is_passing();
            let error = PushError::Refused {
                what: what.to_owned(),
                status: answer.status,
                said: answer.said,
            };
            Err(if is_passing {
                Failed::Passing(error, answer.retry_after)
            } else {
                Failed::Refused(error, answer.status)
            })
        }
        Err(NoAnswer::Broken(reason)) => Err(Failed::Passing(
            PushError::Broken {
                what: what.to_owned(),
                reason,
            },
            None,
        )),
        Err(NoAnswer::Unreachable(reason)) => Err(Failed::Passing(
            PushError::Unreachable {
                what: what.to_owned(),
                reason,
            },
            None,
        )),
        Err(NoAnswer::Untrusted(reason)) => Err(Failed::Final(PushError::Untrusted {
            what: what.to_owned(),
            reason,
        })),
        Err(NoAnswer::Address(reason)) => Err(Failed::Final(PushError::Address {
            url: url.to_owned(),
            reason,
        })),
        Err(NoAnswer::Cancelled) => Err(Failed::Final(PushError::Cancelled)),
    }
}

/// The address of a graph in the graph store.
///
/// Spec: sparql11-http-rdf-update §4.2
pub(super) fn store_url(store: &str, target: &Target) -> String {
    let sign = if store.ends_with(['?', '&']) {
        ""
    } else if store.contains('?') {
        "&"
    } else {
        "?"
    };
    match target {
        Target::Default => format!("{store}{sign}default"),
        Target::Named(name) => format!("{store}{sign}graph={}", form_value(name)),
    }
}

/// A text as a value of a form or of the query part of an address.
pub(super) fn form_value(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_graph_is_named_behind_what_an_address_has_already() {
        let target = Target::Named("http://e.org/g".to_owned());
        for (store, expected) in [
            ("http://h/s", "http://h/s?graph=http%3A%2F%2Fe.org%2Fg"),
            ("http://h/s?", "http://h/s?graph=http%3A%2F%2Fe.org%2Fg"),
            (
                "http://h/s?a=1",
                "http://h/s?a=1&graph=http%3A%2F%2Fe.org%2Fg",
            ),
        ] {
            assert_eq!(store_url(store, &target), expected);
        }
    }
}
