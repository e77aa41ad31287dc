//! A graph by way of another: the target changes in one step, once all triples have arrived.
//!
//! In: a graph. Out: it on the server, or the server as it was. Each attempt has a staging graph of its own: what a
//! server is still at of an earlier one, killed or given up, never meets what is sent now. What earlier pushes have
//! left is found by the beginning of its name, which the target decides, and is taken away at the beginning.

use super::graphs::{Graph, Pieces, Target};
use super::http::Message;
use super::send::{Failed, Sent, Session, form_value, judge, store_url, unreadable};
use super::{INSERT_TRIPLES, Method, Mode, Options, PushError};
use crate::sink::spill::SpillFile;
use sha2::{Digest as _, Sha256};
use std::ops::RangeInclusive;

/// Pieces are not made smaller than this many bytes.
const LEAST_PIECE: usize = 64 << 10;

/// The staging graph of a target, and where the server is asked about it.
#[derive(Debug, Clone)]
pub(super) struct Staging {
    pub(super) name: String,
    pub(super) query: String,
    pub(super) update: String,
    target: Target,
    /// How the names of all staging graphs of the target begin.
    stem: String,
    run: String,
    attempt: u32,
}

impl Staging {
    pub(super) fn of(target: &Target, options: &Options) -> Result<Self, PushError> {
        let (Some(query), Some(update)) = (&options.endpoints.query, &options.endpoints.update)
        else {
            return Err(PushError::NoUpdates {
                target: target.to_string(),
            });
        };
        let mut stem = options.staging.clone();
        for byte in &Sha256::digest(target.to_string())[..8] {
            stem.push_str(&format!("{byte:02x}"));
        }
        let mut staging = Self {
            name: String::new(),
            query: query.clone(),
            update: update.clone(),
            target: target.clone(),
            stem,
            run: options.run.clone(),
            attempt: 0,
        };
        staging.begin_anew();
        Ok(staging)
    }

    /// Takes the name of the next attempt.
    fn begin_anew(&mut self) {
        self.attempt += 1;
        self.name = format!("{}-{}-{}", self.stem, self.run, self.attempt);
    }

    /// The query for the staging graphs that the target has, as `g`.
    fn left_text(&self) -> String {
        format!(
            "SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), \"{}\")) }}",
            self.stem
        )
    }

    // Spec: sparql11-update §3.2.2
    pub(super) fn drop_text(&self) -> String {
        drop_text(&self.name)
    }

    // Spec: sparql11-update §3.2.4, §3.2.5
    pub(super) fn finish_text(&self, mode: Mode) -> String {
        let verb = match mode {
            Mode::Replace => "MOVE",
            Mode::Merge => "ADD",
        };
        let target = match &self.target {
            Target::Default => "DEFAULT".to_owned(),
            Target::Named(name) => format!("GRAPH <{name}>"),
        };
        format!("{verb} GRAPH <{}> TO {target}", self.name)
    }
}

fn drop_text(name: &str) -> String {
    format!("DROP SILENT GRAPH <{name}>")
}

/// The update that empties a graph.
///
/// Spec: sparql11-update §3.1.3
pub(super) fn clear_text(target: &Target) -> String {
    match target {
        Target::Default => "CLEAR SILENT DEFAULT".to_owned(),
        Target::Named(name) => format!("CLEAR SILENT GRAPH <{name}>"),
    }
}

/// How large the parts of a staging graph are; a server that finds them too large makes them smaller.
struct Sizes {
    bytes: usize,
    triples: usize,
}

impl Session<'_> {
    /// Empties a graph.
    pub(super) fn clear(&mut self, target: &Target) -> Result<(), PushError> {
        let url = self.options.endpoints.update.clone();
        let url = url.ok_or_else(|| PushError::NoUpdates {
            target: target.to_string(),
        })?;
        let attempts = self.options.attempts;
        let text = clear_text(target);
        self.again(attempts, |session| session.update_at(&url, target, &text))
            .map_err(Failed::into_error)
    }

    /// Sends a graph by way of a staging graph.
    pub(super) fn staged(
        &mut self,
        graph: &mut Graph,
        file: &mut SpillFile,
    ) -> Result<(), PushError> {
        let mut staging = Staging::of(&graph.target, &self.options)?;
        let attempts = self.options.attempts;
        // Who may not drop it afterwards sends nothing.
        self.drop_graph(&staging)?;
        self.drop_left(&staging)?;
        match self.fill(&mut staging, graph, file) {
            Ok(()) => {}
            Err(error) => return Err(self.take_back(&staging, error)),
        }
        match self.options.mode {
            Mode::Replace => self.move_once(&staging, graph.expected()),
            Mode::Merge => {
                let text = staging.finish_text(Mode::Merge);
                let added = self.again(attempts, |session| session.update(&staging, &text));
                match added {
                    Ok(()) => self.drop_graph(&staging).map_err(|error| PushError::Left {
                        staging: staging.name.clone(),
                        error: Box::new(error),
                    }),
                    Err(failed) => Err(self.take_back(&staging, failed.into_error())),
                }
            }
        }
    }

    // Drops what pushes that were killed have left, where the server tells of it.
    fn drop_left(&mut self, staging: &Staging) -> Result<(), PushError> {
        let attempts = self.options.attempts;
        let query = staging.left_text();
        let what = format!("looking for old staging graphs of {}", staging.target);
        let found = self.again(attempts, |session| session.ask(staging, &what, &query));
        let answer = match found.map_err(Failed::into_error) {
            Ok(answer) => answer,
            // It may take too long in a large store, and nothing hangs on it.
            Err(error @ (PushError::Refused { .. } | PushError::Broken { .. })) => {
                self.unlooked.get_or_insert_with(|| error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let rows = answer.pointer("/results/bindings");
        let rows = rows.and_then(serde_json::Value::as_array);
        for row in rows.into_iter().flatten() {
            let name = row.pointer("/g/value").and_then(serde_json::Value::as_str);
            if let Some(name) = name.filter(|name| name.starts_with(&staging.stem)) {
                let text = drop_text(name);
                self.again(attempts, |session| session.update(staging, &text))
                    .map_err(Failed::into_error)?;
            }
        }
        Ok(())
    }

    // All triples into the staging graph, into a new one from the beginning whenever a request gets no answer.
    fn fill(
        &mut self,
        staging: &mut Staging,
        graph: &mut Graph,
        file: &mut SpillFile,
    ) -> Result<(), PushError> {
        let mut sizes = Sizes {
            bytes: self.options.piece,
            triples: INSERT_TRIPLES,
        };
        let mut number = 1;
        loop {
            let failed = match self.fill_once(staging, graph, file, &mut sizes) {
                Ok(()) => return self.count_matches(staging, graph),
                Err(failed) => failed,
            };
            match failed {
                Failed::Refused(_, 413) if sizes.bytes > LEAST_PIECE => sizes.bytes /= 2,
                Failed::Refused(_, 404 | 405 | 501) if self.options.method == Method::Auto => {
                    self.options.method = Method::Insert;
                }
                Failed::Passing(_, wait) if number < self.options.attempts => {
                    if !self.pause(number, wait) {
                        return Err(PushError::Cancelled);
                    }
                    number += 1;
                }
                other => return Err(other.into_error()),
            }
            self.drop_graph(staging)?;
            staging.begin_anew();
        }
    }

    fn fill_once(
        &mut self,
        staging: &Staging,
        graph: &mut Graph,
        file: &mut SpillFile,
        sizes: &mut Sizes,
    ) -> Result<(), Failed> {
        let fail = |error| Failed::Final(unreadable(error));
        let mut pieces: Pieces = graph.pieces(file).map_err(fail)?;
        let url = store_url(
            &self.options.endpoints.store,
            &Target::Named(staging.name.clone()),
        );
        let mut before = 0;
        loop {
            let is_insert = self.options.method == Method::Insert;
            let triples = if is_insert { sizes.triples } else { usize::MAX };
            let piece = pieces.next(file, sizes.bytes, triples).map_err(fail)?;
            if piece.is_empty() {
                return Ok(());
            }
            if is_insert {
                self.insert(staging, &piece, sizes)?;
            } else {
                let message = Message {
                    method: "POST",
                    url: &url,
                    content_type: Some(self.options.profile.quirks().triples),
                    accept: "*/*",
                    body: &piece,
                };
                let observer = &mut self.observer;
                let mut go_on = |bytes: usize| {
                    observer(&Sent {
                        target: &graph.target,
                        bytes: before + bytes as u64,
                        of: graph.bytes,
                    })
                };
                let answer = self.client.send(&message, &mut go_on);
                let what = format!("POST to the staging graph of {}", graph.target);
                judge(&what, &url, answer)?;
            }
            before += piece.len() as u64;
            let sent = Sent {
                target: &graph.target,
                bytes: before,
                of: graph.bytes,
            };
            if !(self.observer)(&sent) {
                return Err(Failed::Final(PushError::Cancelled));
            }
        }
    }

    // Lines by INSERT DATA, by halves where the server does not take them: what the first attempt has done of
    // it is the same triples.
    fn insert(&mut self, staging: &Staging, lines: &[u8], sizes: &mut Sizes) -> Result<(), Failed> {
        let mut waiting = vec![lines];
        while let Some(lines) = waiting.pop() {
            let mut text = format!("INSERT DATA {{ GRAPH <{}> {{\n", staging.name);
            text.push_str(&String::from_utf8_lossy(lines));
            text.push_str("} }");
            let failed = match self.update(staging, &text) {
                Ok(()) => continue,
                Err(failed) => failed,
            };
            let count = memchr::memchr_iter(b'\n', lines).count();
            let may_be_size =
                matches!(failed, Failed::Refused(_, status) if !matches!(status, 401 | 403 | 404));
            if count < 2 || !may_be_size {
                return Err(failed);
            }
            let middle = memchr::memchr_iter(b'\n', lines).nth(count / 2 - 1);
            let (first, second) = lines.split_at(middle.map_or(lines.len(), |at| at + 1));
            sizes.triples = sizes.triples.min(count.div_ceil(2));
            waiting.push(second);
            waiting.push(first);
        }
        Ok(())
    }

    fn count_matches(&mut self, staging: &Staging, graph: &Graph) -> Result<(), PushError> {
        let attempts = self.options.attempts;
        let name = Target::Named(staging.name.clone());
        let found = self
            .again(attempts, |session| session.count(staging, &name))
            .map_err(Failed::into_error)?;
        if graph.expected().contains(&found) {
            return Ok(());
        }
        Err(PushError::Count {
            target: graph.target.to_string(),
            sent: graph.triples,
            found,
        })
    }

    // The one step in which the target changes.
    fn move_once(
        &mut self,
        staging: &Staging,
        expected: RangeInclusive<u64>,
    ) -> Result<(), PushError> {
        let what = format!("MOVE to {}", staging.target);
        let (failed, is_answered) = match self.update(staging, &staging.finish_text(Mode::Replace))
        {
            Ok(()) => return Ok(()),
            Err(failed) => {
                let failed = failed.into_error();
                // A gateway that has given up does not know either.
                let is_answered = !matches!(
                    failed,
                    PushError::Broken { .. }
                        | PushError::Refused {
                            status: 502 | 504,
                            ..
                        }
                );
                (failed, is_answered)
            }
        };
        let name = Target::Named(staging.name.clone());
        // What the server is still at may end in a moment.
        let mut seen = None;
        for number in 1..=self.options.attempts.max(2) {
            self.wait(number);
            let there = self.count(staging, &name).ok();
            let moved = self.count(staging, &staging.target).ok();
            if there == Some(0) && moved.is_some_and(|moved| expected.contains(&moved)) {
                return Ok(());
            }
            seen = there;
        }
        match seen {
            // All is still where it was. Without an answer the server may yet come to it, and would find nothing to
            // move.
            Some(seen) if is_answered && expected.contains(&seen) => {
                Err(self.take_back(staging, failed))
            }
            _ => Err(PushError::Unknown {
                what,
                reason: failed.to_string(),
                target: staging.target.to_string(),
                staging: staging.name.clone(),
            }),
        }
    }

    // Waits whatever the observer says.
    fn wait(&self, number: u32) {
        std::thread::sleep(self.options.pause * 2_u32.saturating_pow((number - 1).min(4)));
    }

    // Drops the staging graph of a push that has failed.
    fn take_back(&mut self, staging: &Staging, error: PushError) -> PushError {
        // Who does not answer now has not answered before.
        for number in 1..=2 {
            if self.update(staging, &staging.drop_text()).is_ok() {
                return error;
            }
            self.wait(number);
        }
        PushError::Left {
            staging: staging.name.clone(),
            error: Box::new(error),
        }
    }

    fn drop_graph(&mut self, staging: &Staging) -> Result<(), PushError> {
        let attempts = self.options.attempts;
        let text = staging.drop_text();
        self.again(attempts, |session| session.update(staging, &text))
            .map_err(Failed::into_error)
    }

    fn update(&mut self, staging: &Staging, text: &str) -> Result<(), Failed> {
        self.update_at(&staging.update, &staging.target, text)
    }

    // Sends an update, which nothing interrupts.
    fn update_at(&mut self, url: &str, target: &Target, text: &str) -> Result<(), Failed> {
        let message = Message {
            method: "POST",
            url,
            content_type: Some("application/sparql-update"),
            accept: "*/*",
            body: text.as_bytes(),
        };
        let answer = self.client.send(&message, &mut |_| true);
        let verb = text.split(['<', '{']).next().unwrap_or_default().trim();
        let what = format!("{verb} for {target}");
        judge(&what, url, answer).map(drop)
    }

    // The number of triples of a graph.
    fn count(&mut self, staging: &Staging, graph: &Target) -> Result<u64, Failed> {
        let pattern = match graph {
            Target::Default => "?s ?p ?o".to_owned(),
            Target::Named(name) => format!("GRAPH <{name}> {{ ?s ?p ?o }}"),
        };
        let query = format!("SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}");
        let what = format!("counting the triples for {}", staging.target);
        let answer = self.ask(staging, &what, &query)?;
        let number = answer
            .pointer("/results/bindings/0/n/value")
            .and_then(|value| value.as_str()?.parse().ok());
        number.ok_or_else(|| {
            Failed::Final(PushError::Refused {
                what,
                status: 200,
                said: answer.to_string(),
            })
        })
    }

    // Asks a query. As a form, because Virtuoso does not answer queries that are sent as they are.
    fn ask(
        &mut self,
        staging: &Staging,
        what: &str,
        query: &str,
    ) -> Result<serde_json::Value, Failed> {
        let body = format!("query={}", form_value(query));
        let message = Message {
            method: "POST",
            url: &staging.query,
            content_type: Some("application/x-www-form-urlencoded"),
            accept: "application/sparql-results+json",
            body: body.as_bytes(),
        };
        let answer = self.client.send(&message, &mut |_| true);
        let answer = judge(what, &staging.query, answer)?;
        serde_json::from_str(&answer.text).map_err(|_| {
            Failed::Final(PushError::Refused {
                what: what.to_owned(),
                status: answer.status,
                said: answer.text,
            })
        })
    }
}
