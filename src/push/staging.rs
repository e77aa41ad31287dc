//! A graph by way of another: the target changes in one step, once all triples have arrived.
//!
//! In: a graph. Out: it on the server, or the server as it was. Each attempt has a staging graph of its own: what a
//! server is still at of an earlier one, killed or given up, never meets what is sent now. What earlier pushes have
//! left is found by the beginning of its name and is taken away at the beginning.

use super::graphs::{Graph, Pieces, Target};
use super::http::Message;
use super::run::is_over;
use super::send::{Failed, Sent, Session, form_value, judge, store_url, unreadable};
use super::{INSERT_TRIPLES, Method, Mode, Options, PushError};
use crate::rdf::hexadecimal;
use crate::sink::spill::SpillFile;
use sha2::{Digest as _, Sha256};

/// Pieces are not made smaller than this many bytes.
const LEAST_PIECE: usize = 1 << 10;

/// As many bytes of the digest of a target are in the names of its staging graphs.
const TARGET_BYTES: usize = 8;

/// The staging graph of a target, and where the server is asked about it.
#[derive(Debug, Clone)]
pub(super) struct Staging {
    pub(super) name: String,
    pub(super) query: String,
    pub(super) update: String,
    target: Target,
    /// How the names of all staging graphs begin.
    prefix: String,
    run: String,
    attempt: u32,
}

impl Staging {
    pub(super) fn of(target: &Target, options: &Options) -> Result<Self, PushError> {
        let (Some(query), Some(update)) = (&options.endpoints.query, &options.endpoints.update)
        else {
            return Err(PushError::NoUpdates {
                target: target.to_string(),
                is_too_large: false,
            });
        };
        let mut staging = Self {
            name: String::new(),
            query: query.clone(),
            update: update.clone(),
            target: target.clone(),
            prefix: options.staging.clone(),
            run: options.run.clone(),
            attempt: 0,
        };
        staging.begin_anew();
        Ok(staging)
    }

    /// Takes the name of the next attempt.
    fn begin_anew(&mut self) {
        self.attempt += 1;
        let target = hexadecimal(&Sha256::digest(self.target.to_string())[..TARGET_BYTES]);
        self.name = format!("{}{target}-{}-{}", self.prefix, self.run, self.attempt);
    }

    /// The query for all staging graphs that have what `pattern` says, as `g`.
    fn left_text(&self, pattern: &str) -> String {
        format!(
            "SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ {pattern} }} FILTER(STRSTARTS(STR(?g), \"{}\")) }}",
            self.prefix
        )
    }

    /// Whether a graph is one of a push that has ended. Names of any other form than `begin_anew` gives are of
    /// somebody else.
    fn is_left(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.prefix);
        let Some((target, run)) = rest.and_then(|rest| rest.split_once('-')) else {
            return false;
        };
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if target.len() != 2 * TARGET_BYTES || !target.bytes().all(is_digit) {
            return false;
        }
        run.rsplit_once('-').is_some_and(|(run, attempt)| {
            let number: Option<u32> = attempt.parse().ok();
            number.is_some_and(|number| number > 0 && number.to_string() == attempt)
                && is_over(run, &self.run)
        })
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

// A failure before the target is touched, whatever becomes of what was asked.
fn before(error: PushError) -> PushError {
    match error {
        PushError::CancelledAfter(_) => PushError::Cancelled,
        PushError::Broken { .. }
        | PushError::Unreachable { .. }
        | PushError::Refused {
            status: 202 | 408 | 500..,
            ..
        } => PushError::Before(Box::new(error)),
        other => other,
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
            is_too_large: false,
        })?;
        let attempts = self.options.attempts;
        let text = clear_text(target);
        let what = format!("CLEAR of {target}");
        self.again(attempts, |session| session.update_at(&url, &what, &text))
            .map_err(Failed::into_error)
    }

    /// Sends a graph by way of a staging graph; whether it was counted afterwards.
    pub(super) fn staged(
        &mut self,
        graph: &mut Graph,
        file: &mut SpillFile,
    ) -> Result<bool, PushError> {
        let mut staging = Staging::of(&graph.target, &self.options)?;
        if !self.has_looked {
            // Who may not drop it afterwards sends nothing.
            self.drop_graph(&staging).map_err(before)?;
            let attempts = self.options.attempts;
            self.drop_left(&staging, "?s ?p ?o", attempts)?;
            self.has_looked = true;
        }
        match self.fill(&mut staging, graph, file) {
            Ok(()) => {}
            Err(error) => return Err(self.take_back(&staging, before(error))),
        }
        match self.options.mode {
            Mode::Replace => self.move_once(&staging, graph),
            Mode::Merge => self.add(&staging, graph).map(|()| true),
        }
    }

    /// Drops what pushes that were killed have left, after one that needs no staging graph. Only names are asked
    /// for, which takes no time; a store that does not tell them so tells them at the next push by staging.
    pub(super) fn look_once(&mut self) {
        if let Ok(staging) = Staging::of(&Target::Default, &self.options)
            && let Err(error) = self.drop_left(&staging, "", 1)
        {
            self.note(error.to_string());
        }
    }

    // Drops what pushes that were killed have left, where the server tells of it.
    fn drop_left(
        &mut self,
        staging: &Staging,
        pattern: &str,
        attempts: u32,
    ) -> Result<(), PushError> {
        match self.try_drop_left(staging, pattern, attempts) {
            Ok(()) => Ok(()),
            // It may take too long in a large store, and nothing hangs on it.
            Err(
                error @ (PushError::Refused { .. }
                | PushError::Broken { .. }
                | PushError::Unreachable { .. }),
            ) => {
                self.note(format!(
                    "graphs that killed pushes may have left were not all looked for: {error}"
                ));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn try_drop_left(
        &mut self,
        staging: &Staging,
        pattern: &str,
        attempts: u32,
    ) -> Result<(), PushError> {
        let query = staging.left_text(pattern);
        let what = "looking for staging graphs of earlier pushes";
        let (answer, _) = self
            .again(attempts, |session| {
                session.ask(&staging.query, what, &query)
            })
            .map_err(Failed::into_error)?;
        let rows = answer.pointer("/results/bindings");
        let rows = rows.and_then(serde_json::Value::as_array);
        for row in rows.into_iter().flatten() {
            let name = row.pointer("/g/value").and_then(serde_json::Value::as_str);
            if let Some(name) = name.filter(|name| staging.is_left(name)) {
                let text = drop_text(name);
                self.again(attempts, |session| session.update(staging, &text))
                    .map_err(Failed::into_error)?;
            }
        }
        Ok(())
    }

    // From the staging graph to the target, which keeps what it has.
    fn add(&mut self, staging: &Staging, graph: &Graph) -> Result<(), PushError> {
        let attempts = self.options.attempts;
        let text = staging.finish_text(Mode::Merge);
        let added = self.again(attempts, |session| session.update(staging, &text));
        if let Err(failed) = added {
            return Err(self.take_back(staging, failed.into_error()));
        }
        // A store may take a graph that is gone for an empty one.
        self.count_matches(staging, graph)
            .map_err(|error| PushError::Unknown {
                what: format!("ADD to {}", staging.target),
                reason: error.to_string(),
                target: staging.target.to_string(),
                staging: staging.name.clone(),
            })?;
        self.drop_graph(staging).map_err(|error| PushError::Kept {
            target: staging.target.to_string(),
            staging: staging.name.clone(),
            error: Box::new(error),
        })
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
                let what = format!("POST to the staging graph for {}", graph.target);
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
            .again(attempts, |session| session.count(&staging.query, &name))
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

    /// Looks whether a target has what was sent, now that the server has said so; whether it could be counted.
    pub(super) fn check(&mut self, graph: &Graph) -> Result<bool, PushError> {
        let Some(query) = self.options.endpoints.query.clone() else {
            return Ok(false);
        };
        let attempts = self.options.attempts;
        let counted = self.again(attempts, |session| session.count(&query, &graph.target));
        let found = match counted.map_err(Failed::into_error) {
            Ok(found) => found,
            // Counting may take longer than there is time; what was sent was taken all the same.
            Err(
                error @ (PushError::Broken { .. }
                | PushError::Unreachable { .. }
                | PushError::Cancelled
                | PushError::CancelledAfter(_)),
            ) => {
                self.note(format!(
                    "what {} has now was not counted: {error}",
                    graph.target
                ));
                return Ok(false);
            }
            // Who cannot count may have put it somewhere else.
            Err(error) => {
                return Err(PushError::Unconfirmed {
                    target: graph.target.to_string(),
                    sent: graph.triples,
                    error: Box::new(error),
                });
            }
        };
        let is_sound = match self.options.mode {
            Mode::Replace => graph.expected().contains(&found),
            // What was there stays, and nothing is known of it.
            Mode::Merge => found >= *graph.expected().start(),
        };
        if is_sound {
            return Ok(true);
        }
        Err(PushError::Disturbed {
            target: graph.target.to_string(),
            sent: graph.triples,
            found,
        })
    }

    // The one step in which the target changes.
    fn move_once(&mut self, staging: &Staging, graph: &Graph) -> Result<bool, PushError> {
        let what = format!("MOVE to {}", staging.target);
        let failed = match self.update(staging, &staging.finish_text(Mode::Replace)) {
            Ok(()) => return self.check(graph),
            Err(failed) => failed.into_error(),
        };
        let expected = graph.expected();
        let may_be_done = failed.may_be_done();
        let name = Target::Named(staging.name.clone());
        // What the server is still at may end in a moment.
        let mut seen = None;
        for number in 1..=self.options.attempts.max(2) {
            self.wait(number);
            let there = self.count(&staging.query, &name).ok();
            let moved = self.count(&staging.query, &staging.target).ok();
            let is_moved = there == Some(0) && moved.is_some_and(|moved| expected.contains(&moved));
            if is_moved && may_be_done {
                return Ok(true);
            }
            seen = there;
        }
        match seen {
            // All is still where it was. Where the server has not said no it may yet come to it, and would find
            // nothing to move.
            Some(seen) if !may_be_done && expected.contains(&seen) => {
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
        let target = &staging.target;
        let what = match text.split(' ').next().unwrap_or_default() {
            "DROP" => format!("DROP of a staging graph for {target}"),
            "INSERT" => format!("INSERT DATA into the staging graph for {target}"),
            verb => format!("{verb} of the staging graph to {target}"),
        };
        self.update_at(&staging.update, &what, text)
    }

    // Sends an update, which nothing interrupts.
    fn update_at(&mut self, url: &str, what: &str, text: &str) -> Result<(), Failed> {
        let message = Message {
            method: "POST",
            url,
            content_type: Some("application/sparql-update"),
            accept: "*/*",
            body: text.as_bytes(),
        };
        let answer = self.client.send(&message, &mut |_| true);
        judge(what, url, answer).map(drop)
    }

    // The number of triples of a graph.
    fn count(&mut self, url: &str, graph: &Target) -> Result<u64, Failed> {
        let pattern = match graph {
            Target::Default => "?s ?p ?o".to_owned(),
            Target::Named(name) => format!("GRAPH <{name}> {{ ?s ?p ?o }}"),
        };
        let query = format!("SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}");
        let what = format!("counting the triples of {graph}");
        let (answer, said) = self.ask(url, &what, &query)?;
        let number = answer
            .pointer("/results/bindings/0/n/value")
            .and_then(|value| value.as_str()?.parse().ok());
        number.ok_or(Failed::Final(PushError::Refused {
            what,
            status: 200,
            said,
        }))
    }

    // Asks a query; gives the answer, and the same for people. As a form, because Virtuoso does not answer
    // queries that are sent as they are.
    fn ask(
        &mut self,
        url: &str,
        what: &str,
        query: &str,
    ) -> Result<(serde_json::Value, String), Failed> {
        let body = format!("query={}", form_value(query));
        let message = Message {
            method: "POST",
            url,
            content_type: Some("application/x-www-form-urlencoded"),
            accept: "application/sparql-results+json",
            body: body.as_bytes(),
        };
        let answer = self.client.send(&message, &mut |_| true);
        let answer = judge(what, url, answer)?;
        match serde_json::from_str(&answer.text) {
            Ok(value) => Ok((value, answer.said)),
            Err(_) => Err(Failed::Final(PushError::Refused {
                what: what.to_owned(),
                status: answer.status,
                said: answer.said,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::{Credentials, Profile, run_name};
    use oxigraph::sparql::{QueryResults, SparqlEvaluator};
    use oxigraph::store::Store;
    use std::time::Duration;

    // Of Oxigraph, which is a store.
    #[test]
    fn staging_graphs_are_found_by_their_names() {
        let prefix = "http://e.org/graph/staging/";
        let options = Options {
            profile: Profile::Oxigraph,
            endpoints: Profile::Oxigraph.endpoints("http://127.0.0.1:9"),
            credentials: Credentials::None,
            mode: Mode::Replace,
            method: Method::Auto,
            max_put: 0,
            piece: 1,
            staging: prefix.to_owned(),
            run: run_name(),
            timeout: Duration::ZERO,
            attempts: 1,
            pause: Duration::ZERO,
        };
        let staging = Staging::of(&Target::Default, &options).unwrap();
        let store = Store::new().unwrap();
        for graph in [staging.name.as_str(), "http://e.org/graph/other"] {
            let quad = format!("<http://e.org/a> <http://e.org/p> <http://e.org/b> <{graph}> .");
            store
                .load_from_slice(oxigraph::io::RdfFormat::NQuads, &quad)
                .unwrap();
        }
        for pattern in ["", "?s ?p ?o"] {
            let query = SparqlEvaluator::new()
                .parse_query(&staging.left_text(pattern))
                .unwrap();
            let Ok(QueryResults::Solutions(rows)) = query.on_store(&store).execute() else {
                panic!("no rows");
            };
            let names: Vec<String> = rows.map(|row| row.unwrap()["g"].to_string()).collect();
            assert_eq!(names, [format!("<{}>", staging.name)], "{pattern}");
        }
    }
}
