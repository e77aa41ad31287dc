//! Requests to one server: credentials, time limits, answers.
//!
//! In: a method, an address and a body. Out: status and the beginning of the answer. Redirects are not followed: what
//! was asked to go to one server goes to no other. Connections are not used twice, since one that the server has
//! closed meanwhile would look like a request that failed.

use super::auth::{Challenge, Credentials};
use std::io::{ErrorKind, Read};
use std::time::Duration;
use ureq::http::header::{HeaderMap, HeaderValue};
use ureq::http::{Request, Response};
use ureq::{Agent, Body, SendBody, Timeout};

/// How much of an answer is read.
const ANSWER_BYTES: u64 = 64 << 10;

/// Bodies from this size on are not sent to find out how to authenticate.
const LARGE: usize = 64 << 10;

/// Bodies from this size on are sent once the server says so: who answers no and ends the connection is not heard
/// while it is being sent to.
const ASKED: usize = 1 << 20;

/// How long a server may take to say so; one that never does gets the body all the same.
const ASKED_FOR: Duration = Duration::from_millis(500);

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// What a server answers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The beginning of the body.
    pub(super) text: String,
    /// The same for people: secrets taken out.
    pub(super) said: String,
    /// How long to wait before the next request.
    pub(super) retry_after: Option<Duration>,
}

impl Answer {
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the same request may do better a moment later.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 502 | 503 | 504)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The connection, with the reason.
    Broken(String),
    /// There is nobody to connect to, so nothing was sent.
    Unreachable(String),
    /// The certificate of the server is not to be trusted.
    Untrusted(String),
    /// The address cannot be used.
    Address(String),
    /// It was asked to stop.
    Cancelled,
}

/// What to send.
pub(super) struct Message<'m> {
    pub(super) method: &'static str,
    pub(super) url: &'m str,
    pub(super) content_type: Option<&'static str>,
    pub(super) accept: &'static str,
    pub(super) body: &'m [u8],
}

/// Sends requests.
pub(super) struct Client {
    agent: Agent,
    credentials: Credentials,
    challenge: Option<Challenge>,
    /// Whether large bodies have to be asked for: until one was taken.
    asks: bool,
}

/// Gives a body and asks on the way whether to go on.
struct Watched<'w> {
    bytes: &'w [u8],
    sent: usize,
    go_on: &'w mut dyn FnMut(usize) -> bool,
    is_cancelled: bool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if !(self.go_on)(self.sent) {
            self.is_cancelled = true;
            return Err(std::io::Error::other("stopped"));
        }
        let length = buffer.len().min(self.bytes.len() - self.sent);
        buffer[..length].copy_from_slice(&self.bytes[self.sent..][..length]);
        self.sent += length;
        Ok(length)
    }
}

impl Client {
    pub(super) fn new(credentials: Credentials, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .tls_config(crate::table::tls())
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .user_agent(USER_AGENT)
            .timeout_connect(Some(timeout.min(Duration::from_secs(15))))
            .timeout_await_100(Some(ASKED_FOR))
            .timeout_global(Some(timeout))
            .build();
        Self {
            agent: config.into(),
            credentials,
            challenge: None,
            asks: true,
        }
    }

    /// Sends a request; `go_on` is told how many bytes of the body are gone.
    pub(super) fn send(
        &mut self,
        message: &Message<'_>,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Answer, NoAnswer> {
        let is_digest = matches!(self.credentials, Credentials::Digest(..));
        if is_digest && self.challenge.is_none() && message.body.len() >= LARGE {
            let ask = Message {
                method: "HEAD",
                body: &[],
                content_type: None,
                ..*message
            };
            let response = self.once(&ask, &mut |_| true)?;
            self.challenge = challenge(response.headers());
        }
        let mut response = self.once(message, go_on)?;
        // A challenge means that nothing was done; one that had been answered is answered once more, since
        // the server may have forgotten its number.
        if is_digest && response.status().as_u16() == 401 {
            self.challenge = challenge(response.headers());
            if self.challenge.is_some() {
                response = self.once(message, go_on)?;
            }
        }
        // The server does not know that header.
        if self.asks && response.status().as_u16() == 417 {
            self.asks = false;
            response = self.once(message, go_on)?;
        }
        let status = response.status().as_u16();
        if message.body.len() >= ASKED && (200..300).contains(&status) {
            self.asks = false;
        }
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let mut bytes = Vec::new();
        let mut reader = response.into_body().into_reader().take(ANSWER_BYTES);
        let read = reader.read_to_end(&mut bytes);
        if let Err(error) = read {
            return Err(NoAnswer::Broken(error.to_string()));
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer {
            status,
            said: self.credentials.redact(&text),
            text,
            retry_after,
        })
    }

    fn once(
        &mut self,
        message: &Message<'_>,
        go_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Response<Body>, NoAnswer> {
        let mut request = Request::builder()
            .method(message.method)
            .uri(message.url)
            .header("Accept", message.accept);
        if let Some(content_type) = message.content_type {
            request = request
                .header("Content-Type", content_type)
                .header("Content-Length", message.body.len());
            if self.asks && message.body.len() >= ASKED {
                request = request.header("Expect", "100-continue");
            }
        }
        let authorization = match (&self.credentials, &mut self.challenge) {
            (Credentials::Digest(user, password), Some(challenge)) => {
                let uri: ureq::http::Uri = message
                    .url
                    .parse()
                    .map_err(|_| NoAnswer::Address("this is no address".to_owned()))?;
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                Some(challenge.answer(user, password, message.method, path))
            }
            (credentials, _) => credentials.header(),
        };
        if let Some(value) = authorization {
            let unfit = || {
                let reason = "the name or the secret has characters that a header cannot hold";
                NoAnswer::Address(reason.to_owned())
            };
            if !value.is_ascii() {
                return Err(unfit());
            }
            let mut value = HeaderValue::from_str(&value).map_err(|_| unfit())?;
            value.set_sensitive(true);
            request = request.header("Authorization", value);
        }
        let wrong = |error: ureq::http::Error| NoAnswer::Address(error.to_string());
        if message.content_type.is_none() {
            let request = request.body(()).map_err(wrong)?;
            return self
                .agent
                .run(request)
                .map_err(|error| no_answer(error, message.url));
        }
        let mut body = Watched {
            bytes: message.body,
            sent: 0,
            go_on,
            is_cancelled: false,
        };
        let request = request
            .body(SendBody::from_reader(&mut body))
            .map_err(wrong)?;
        let result = self.agent.run(request);
        if body.is_cancelled {
            return Err(NoAnswer::Cancelled);
        }
        result.map_err(|error| no_answer(error, message.url))
    }
}

fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    headers
        .get_all("www-authenticate")
        .into_iter()
        .find_map(|value| Challenge::parse(value.to_str().ok()?))
}

fn no_answer(error: ureq::Error, url: &str) -> NoAnswer {
    let text = error.to_string();
    // The error of TLS is within one of input and output.
    if text.contains("invalid peer certificate") {
        return NoAnswer::Untrusted(text);
    }
    // As the standard library begins what the system says of a name.
    if text.contains("failed to lookup address information") {
        return NoAnswer::Unreachable("there is no such host".to_owned());
    }
    match error {
        ureq::Error::Timeout(Timeout::Connect) if url.starts_with("https") => {
            NoAnswer::Unreachable(
                "connecting takes too long; perhaps the server speaks `http` there".to_owned(),
            )
        }
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            NoAnswer::Unreachable("connecting takes too long".to_owned())
        }
        ureq::Error::HostNotFound => NoAnswer::Unreachable("there is no such host".to_owned()),
        ureq::Error::ConnectionFailed => NoAnswer::Unreachable(text),
        // An unreachable host or network may also become so in the midst of a request.
        ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
            NoAnswer::Unreachable(error.to_string())
        }
        ureq::Error::Timeout(_) => NoAnswer::Broken("the answer takes too long".to_owned()),
        ureq::Error::Io(error) => NoAnswer::Broken(error.to_string()),
        ureq::Error::BadUri(reason) => NoAnswer::Address(reason),
        other => NoAnswer::Broken(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn what_has_not_been_sent_is_told_from_what_may_have_been() {
        let of = |kind, text: &'static str| {
            no_answer(ureq::Error::Io(io::Error::new(kind, text)), "https://h")
        };
        let certificate = "invalid peer certificate: UnknownIssuer";
        let found = of(ErrorKind::InvalidData, certificate);
        assert!(matches!(found, NoAnswer::Untrusted(_)), "{found:?}");
        let found = of(ErrorKind::ConnectionRefused, "no");
        assert!(matches!(found, NoAnswer::Unreachable(_)), "{found:?}");
        let found = of(
            ErrorKind::Other,
            "failed to lookup address information: Name or service not known",
        );
        assert!(matches!(found, NoAnswer::Unreachable(_)), "{found:?}");
        for kind in [ErrorKind::ConnectionReset, ErrorKind::HostUnreachable] {
            let found = of(kind, "no");
            assert!(matches!(found, NoAnswer::Broken(_)), "{found:?}");
        }
        let found = no_answer(ureq::Error::HostNotFound, "http://h");
        assert!(matches!(found, NoAnswer::Unreachable(_)), "{found:?}");
    }
}
