//! Documents over HTTP and HTTPS: the only part that opens a network connection, when it is asked.
//!
//! In: an address and a [`NetworkPolicy`]. Out: the whole document, kept in memory or in a nameless
//! temporary file until the program ends, so that it is asked for once and is the same each time
//! it is read. What a document means, and where else to look, is for the mapping.
//!
//! Proxies are not used, whatever the environment says: behind one it could not be known what
//! address is connected to.

use super::address::is_public;
use super::link::{Link, parse_links};
use super::reader::Input;
use super::{Fetched, TableError};
use crate::rdf::iri;
use oxiri::Iri;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, ErrorKind, Read, Seek as _, SeekFrom, Write as _};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use ureq::config::Config;
use ureq::http::{HeaderMap, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body, Timeout};

/// What takes too long when the whole download does.
pub(super) const DOWNLOAD: &str = "the download";

/// Larger documents are kept in a file, smaller ones in memory.
const MEMORY_BYTES: usize = 1 << 20;

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// What may be fetched from the network, and how much of it: nothing by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// Whether anything may be fetched.
    pub allow: bool,
    /// Whether servers may be at addresses that are not public: this machine, the local network.
    pub allow_private: bool,
    /// The greatest size of a document in bytes, decompressed.
    pub max_bytes: u64,
    /// The greatest size of a metadata document in bytes: those are held in memory.
    pub max_metadata_bytes: u64,
    /// The longest time for one document, redirects included.
    pub timeout: Duration,
    /// The longest time to find a host and to connect to it.
    pub connect_timeout: Duration,
    /// The longest time in which a server may send nothing.
    pub idle_timeout: Duration,
    /// The greatest number of redirects for one document.
    pub max_redirects: u32,
}

impl Default for NetworkPolicy {
    fn default() -> Self {
        Self {
            allow: false,
            allow_private: false,
            max_bytes: 1 << 30,
            max_metadata_bytes: 16 << 20,
            timeout: Duration::from_secs(600),
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(60),
            max_redirects: 5,
        }
    }
}

/// What a document is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Table,
    Metadata,
}

impl Purpose {
    fn accept(self) -> &'static str {
        match self {
            Self::Table => "text/csv, text/tab-separated-values;q=0.9, text/plain;q=0.5, */*;q=0.1",
            Self::Metadata => {
                "application/csvm+json, application/ld+json;q=0.9, application/json;q=0.8, \
                 */*;q=0.1"
            }
        }
    }
}

/// Fetches documents and keeps them.
#[derive(Debug)]
pub(super) struct Remote {
    policy: NetworkPolicy,
    allowed: fn(IpAddr) -> bool,
    agent: OnceLock<Agent>,
    known: Mutex<BTreeMap<String, Known>>,
}

impl Default for Remote {
    fn default() -> Self {
        Self::new(NetworkPolicy::default())
    }
}

// What was learnt of an address.
#[derive(Debug, Clone)]
enum Known {
    Document(Arc<Document>),
    Refused(u16),
}

#[derive(Debug)]
struct Document {
    links: Vec<Link>,
    content_type: Option<String>,
    content_language: Option<String>,
    location: String,
    length: u64,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Memory(Arc<[u8]>),
    File(Arc<Mutex<File>>),
}

// Reads a file that others read too, from the beginning.
struct Shared {
    file: Arc<Mutex<File>>,
    position: u64,
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(self.position))?;
        let length = file.read(buffer)?;
        self.position += length as u64;
        Ok(length)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Document {
    fn read(&self) -> Input<'static> {
        match &self.content {
            Content::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Content::File(file) => Box::new(Shared {
                file: Arc::clone(file),
                position: 0,
            }),
        }
    }
}

/// Whether an IRI can be fetched.
pub(super) fn is_remote(iri: &str) -> bool {
    iri.split_once("://").is_some_and(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}

impl Remote {
    pub(super) fn new(policy: NetworkPolicy) -> Self {
        Self {
            allowed: if policy.allow_private {
                |_| true
            } else {
                is_public
            },
            policy,
            agent: OnceLock::new(),
            known: Mutex::default(),
        }
    }

    /// The size in bytes of a document that was fetched.
    pub(super) fn size(&self, iri: &str) -> Option<u64> {
        match lock(&self.known).get(without_fragment(iri))? {
            Known::Document(document) => Some(document.length),
            Known::Refused(_) => None,
        }
    }

    /// Fetches a document, if it was not fetched before.
    pub(super) fn fetch(&self, iri: &str, purpose: Purpose) -> Result<Fetched, TableError> {
        if !self.policy.allow {
            return Err(TableError::Remote {
                iri: iri.to_owned(),
            });
        }
        let address = without_fragment(iri);
        let known = lock(&self.known).get(address).cloned();
        let document = match known {
            Some(Known::Document(document)) => document,
            Some(Known::Refused(status)) => {
                return Err(TableError::Status {
                    iri: address.to_owned(),
                    status,
                });
            }
            None => {
                let result = Download {
                    remote: self,
                    address,
                    purpose,
                }
                .run();
                let known = match &result {
                    Ok(document) => Some(Known::Document(Arc::clone(document))),
                    Err(TableError::Status { status, .. }) => Some(Known::Refused(*status)),
                    Err(_) => None,
                };
                if let Some(known) = known {
                    lock(&self.known).insert(address.to_owned(), known);
                }
                result?
            }
        };
        let limit = self.limit(purpose);
        if document.length > limit {
            return Err(too_large(address, limit, purpose));
        }
        Ok(Fetched {
            input: document.read(),
            links: document.links.clone(),
            content_type: document.content_type.clone(),
            content_language: document.content_language.clone(),
            location: document.location.clone(),
        })
    }

    fn limit(&self, purpose: Purpose) -> u64 {
        match purpose {
            Purpose::Table => self.policy.max_bytes,
            Purpose::Metadata => self.policy.max_bytes.min(self.policy.max_metadata_bytes),
        }
    }

    fn agent(&self) -> &Agent {
        self.agent.get_or_init(|| {
            let policy = &self.policy;
            let config = Agent::config_builder()
                .tls_config(tls())
                .proxy(None)
                .http_status_as_error(false)
                // Each redirect is looked at before it is followed.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .user_agent(USER_AGENT)
                .timeout_resolve(Some(policy.connect_timeout.min(policy.timeout)))
                .timeout_connect(Some(policy.connect_timeout.min(policy.timeout)))
                .timeout_per_read(Some(policy.idle_timeout.min(policy.timeout)))
                .build();
            let resolver = Guard {
                inner: DefaultResolver::default(),
                allowed: self.allowed,
            };
            Agent::with_parts(config, DefaultConnector::default(), resolver)
        })
    }
}

/// How servers show who they are: by the certificates of the system, or of `SSL_CERT_FILE`; the broken among
/// them are left out.
pub(crate) fn tls() -> TlsConfig {
    let roots = rustls_native_certs::load_native_certs()
        .certs
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots)))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build()
}

fn without_fragment(iri: &str) -> &str {
    iri.split('#').next().unwrap_or_default()
}

fn too_large(iri: &str, limit: u64, purpose: Purpose) -> TableError {
    TableError::TooLarge {
        iri: iri.to_owned(),
        limit,
        is_metadata: purpose == Purpose::Metadata,
    }
}

/// Resolves names to addresses that may be connected to.
///
/// What it returns is what the client connects to: a name that has another address a moment later
/// is of no use to whoever sets it.
#[derive(Debug)]
struct Guard {
    inner: DefaultResolver,
    allowed: fn(IpAddr) -> bool,
}

/// A host has no address that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a public address")]
struct NotPublic(IpAddr);

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let mut kept = self.empty();
        for address in found.iter().filter(|found| (self.allowed)(found.ip())) {
            kept.push(*address);
        }
        match found.first() {
            Some(first) if kept.is_empty() => {
                Err(ureq::Error::Other(Box::new(NotPublic(first.ip()))))
            }
            _ => Ok(kept),
        }
    }
}

// One document on its way.
struct Download<'a> {
    remote: &'a Remote,
    address: &'a str,
    purpose: Purpose,
}

impl Download<'_> {
    fn run(&self) -> Result<Arc<Document>, TableError> {
        let policy = &self.remote.policy;
        let started = Instant::now();
        let mut location = self.address.to_owned();
        for _ in 0..=policy.max_redirects {
            let uri = to_uri(&location).map_err(|reason| self.failed(&location, reason))?;
            let left = policy.timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(self.timed_out(DOWNLOAD, policy.timeout));
            }
            let response = self
                .remote
                .agent()
                .get(uri)
                .header("Accept", self.purpose.accept())
                .config()
                .timeout_global(Some(left))
                .build()
                .call()
                .map_err(|error| self.error(&location, error))?;
            let (parts, body) = response.into_parts();
            match parts.status.as_u16() {
                200..=299 => return self.receive(location, &parts.headers, body),
                301 | 302 | 303 | 307 | 308 => location = self.next(&location, &parts.headers)?,
                status => {
                    return Err(TableError::Status {
                        iri: self.address.to_owned(),
                        status,
                    });
                }
            }
        }
        Err(TableError::TooManyRedirects {
            iri: self.address.to_owned(),
            limit: policy.max_redirects,
        })
    }

    // Where a redirect leads.
    fn next(&self, location: &str, headers: &HeaderMap) -> Result<String, TableError> {
        let target = texts(headers, "location").next().unwrap_or_default();
        let next = iri::resolve(location, &target).map_err(|error| {
            let reason = format!("it redirects to `{target}`, which is no IRI: {error}");
            self.failed(location, reason)
        })?;
        // What the user asked to be safe from others on the way has to stay so.
        if is_https(location) && !is_https(&next) {
            let reason = format!("it redirects to `{next}`, which is not `https` any more");
            return Err(self.failed(location, reason));
        }
        Ok(without_fragment(&next).to_owned())
    }

    fn receive(
        &self,
        location: String,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Arc<Document>, TableError> {
        // The client takes the header away when it decompresses.
        let encoding = texts(headers, "content-encoding").next();
        if let Some(encoding) = encoding.filter(|name| !name.eq_ignore_ascii_case("identity")) {
            let reason = format!("it comes in the encoding `{encoding}`, which was not asked for");
            return Err(self.failed(&location, reason));
        }
        let limit = self.remote.limit(self.purpose);
        if body.content_length().is_some_and(|length| length > limit) {
            return Err(too_large(self.address, limit, self.purpose));
        }
        let (content, length) = self.keep(&location, body.into_reader(), limit)?;
        Ok(Arc::new(Document {
            links: texts(headers, "link")
                .flat_map(|value| parse_links(&value))
                .collect(),
            content_type: texts(headers, "content-type").next(),
            content_language: texts(headers, "content-language").next(),
            location,
            length,
            content,
        }))
    }

    // Reads to the end, at most `limit` bytes.
    fn keep(
        &self,
        location: &str,
        mut reader: impl Read,
        limit: u64,
    ) -> Result<(Content, u64), TableError> {
        let mut memory = Vec::new();
        let mut file: Option<File> = None;
        let mut length = 0;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.error(location, error.into())),
            };
            length += read as u64;
            if length > limit {
                return Err(too_large(self.address, limit, self.purpose));
            }
            let kept = match &mut file {
                Some(file) => file.write_all(&buffer[..read]),
                None if memory.len() + read <= MEMORY_BYTES => {
                    memory.extend_from_slice(&buffer[..read]);
                    Ok(())
                }
                None => tempfile::tempfile().and_then(|mut new| {
                    new.write_all(&std::mem::take(&mut memory))?;
                    new.write_all(&buffer[..read])?;
                    file = Some(new);
                    Ok(())
                }),
            };
            kept.map_err(|error| TableError::Io {
                source_name: format!("the temporary copy of {}", self.address),
                error,
            })?;
        }
        let content = match file {
            Some(file) => Content::File(Arc::new(Mutex::new(file))),
            None => Content::Memory(memory.into()),
        };
        Ok((content, length))
    }

    fn error(&self, location: &str, error: ureq::Error) -> TableError {
        let policy = &self.remote.policy;
        let reason = match error {
            ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                return self.timed_out("connecting", policy.connect_timeout.min(policy.timeout));
            }
            ureq::Error::Timeout(Timeout::PerRead) if policy.idle_timeout < policy.timeout => {
                return self.timed_out("a silence", policy.idle_timeout);
            }
            ureq::Error::Timeout(_) => return self.timed_out(DOWNLOAD, policy.timeout),
            ureq::Error::Other(reason) => match reason.downcast::<NotPublic>() {
                Ok(refused) => {
                    return TableError::PrivateAddress {
                        iri: self.address.to_owned(),
                        address: refused.0,
                    };
                }
                Err(reason) => reason.to_string(),
            },
            ureq::Error::HostNotFound => "there is no such host".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            other => other.to_string(),
        };
        self.failed(location, reason)
    }

    fn timed_out(&self, step: &'static str, limit: Duration) -> TableError {
        TableError::TimedOut {
            iri: self.address.to_owned(),
            step,
            limit,
        }
    }

    fn failed(&self, location: &str, reason: impl Into<String>) -> TableError {
        let reason = reason.into();
        TableError::Network {
            iri: self.address.to_owned(),
            reason: if location == self.address {
                reason
            } else {
                format!("at `{location}`, where it is redirected to: {reason}")
            },
        }
    }
}

fn is_https(iri: &str) -> bool {
    iri.get(..6)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}

fn texts<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = String> + use<'a> {
    headers
        .get_all(name)
        .into_iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
}

// The URI of an IRI that can be fetched, or why it cannot be.
//
// Spec: RFC 3987 §3.1
fn to_uri(iri: &str) -> Result<String, String> {
    if !is_remote(iri) {
        return Err("its scheme is neither `http` nor `https`".to_owned());
    }
    let parsed = Iri::parse(iri).map_err(|error| format!("this is no IRI: {error}"))?;
    let authority = parsed.authority().unwrap_or_default();
    if authority.contains('@') {
        return Err("an address with a user name or password is not fetched".to_owned());
    }
    if !authority.is_ascii() {
        return Err("the host has to be written in ASCII (`xn--…`)".to_owned());
    }
    let mut uri = String::with_capacity(iri.len());
    for character in iri.chars() {
        if character.is_ascii() {
            uri.push(character);
        } else {
            let mut bytes = [0; 4];
            iri::push_encoded(
                &mut uri,
                character.encode_utf8(&mut bytes),
                iri::Safe::Unreserved,
            );
        }
    }
    Ok(uri)
}

#[cfg(test)]
mod tests;
