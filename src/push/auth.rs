//! Who asks: credentials, and what is sent of them.
//!
//! In: a secret, and the challenge of a server. Out: the value of an `Authorization` header. Secrets are in no
//! message, neither by `Debug` nor out of the answer of a server that repeats them.

use crate::rdf::hexadecimal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};

/// What is known only to the user and the server.
#[derive(Clone)]
pub enum Credentials {
    /// Nothing is sent.
    None,
    /// Name and password, as they are.
    Basic(String, String),
    /// Name and password, of which only a digest is sent.
    Digest(String, String),
    /// A token.
    Bearer(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic(..) => "Basic(…)",
            Self::Digest(..) => "Digest(…)",
            Self::Bearer(_) => "Bearer(…)",
        })
    }
}

impl Credentials {
    /// What is sent with every request, where no challenge is needed.
    pub(super) fn header(&self) -> Option<String> {
        match self {
            Self::Basic(user, password) => Some(format!("Basic {}", pair(user, password))),
            Self::Bearer(token) => Some(format!("Bearer {token}")),
            Self::None | Self::Digest(..) => None,
        }
    }

    /// Whether whoever listens on the way learns the secret.
    pub fn are_readable_on_the_way(&self) -> bool {
        matches!(self, Self::Basic(..) | Self::Bearer(_))
    }

    /// A text of the server without the secrets that it may repeat.
    pub fn redact(&self, text: &str) -> String {
        let mut secrets = Vec::new();
        match self {
            Self::None => {}
            Self::Basic(user, password) | Self::Digest(user, password) => {
                secrets.push(pair(user, password));
                secrets.push(password.clone());
            }
            Self::Bearer(token) => secrets.push(token.clone()),
        }
        let mut text = text.to_owned();
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            for written in spellings(secret) {
                text = text.replace(&written, "***");
            }
        }
        text
    }
}

// A secret as servers may repeat it: in plain text, HTML, JSON and addresses.
fn spellings(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap_or_default();
    let mut all = vec![secret.to_owned(), json.trim_matches('"').to_owned()];
    for quote in ["&quot;", "&#34;", "&#x22;"] {
        for apostrophe in ["&#39;", "&#x27;", "&apos;"] {
            all.push(
                secret
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
                    .replace('"', quote)
                    .replace('\'', apostrophe),
            );
        }
    }
    // What stays as it is differs between forms, paths and whole addresses.
    for kept in [
        "-._~",
        "-._~/",
        "-_.!~*'()",
        "-._~!$&'()*+,;=:@/",
        "-._~!$&'()*+,;=:@/?#",
    ] {
        for is_upper in [true, false] {
            let address = escaped(secret, kept, is_upper);
            all.push(address.replace("%20", "+"));
            all.push(address);
        }
    }
    // The longest first, so that none is taken apart by another.
    all.sort_unstable_by_key(|one| std::cmp::Reverse(one.len()));
    all.dedup();
    all.retain(|one| !one.is_empty());
    all
}

fn escaped(text: &str, kept: &str, is_upper: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else if is_upper {
            out.push_str(&format!("%{byte:02X}"));
        } else {
            out.push_str(&format!("%{byte:02x}"));
        }
    }
    out
}

fn pair(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

/// What a server asks a digest of.
///
/// Spec: RFC 7616 §3.3
#[derive(Debug, Clone)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// The algorithm as it is written, and whether it is SHA-256.
    algorithm: Option<String>,
    is_sha256: bool,
    is_session: bool,
    has_qop: bool,
    count: u32,
}

impl Challenge {
    /// Reads a `WWW-Authenticate` header, which may have several challenges; nothing where they are of another kind or
    /// ask for what is not known here.
    pub(super) fn parse(header: &str) -> Option<Self> {
        digests(header).find_map(Self::of_fields)
    }

    fn of_fields(text: &str) -> Option<Self> {
        let fields = fields(text);
        let get = |name: &str| {
            let found = fields
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        let algorithm = get("algorithm");
        let upper = algorithm.as_deref().unwrap_or("MD5").to_ascii_uppercase();
        let name = upper.strip_suffix("-SESS").unwrap_or(&upper);
        if !matches!(name, "MD5" | "SHA-256") {
            return None;
        }
        let qop = get("qop");
        let has_auth = |qop: &str| qop.split(',').any(|one| one.trim() == "auth");
        if qop.as_deref().is_some_and(|qop| !has_auth(qop)) {
            return None;
        }
        Some(Self {
            realm: get("realm")?,
            nonce: get("nonce")?,
            opaque: get("opaque"),
            is_sha256: name == "SHA-256",
            is_session: upper.ends_with("-SESS"),
            algorithm,
            has_qop: qop.is_some(),
            count: 0,
        })
    }

    /// The answer for one request.
    ///
    /// Spec: RFC 7616 §3.4
    pub(super) fn answer(&mut self, user: &str, password: &str, method: &str, uri: &str) -> String {
        self.answer_with(&nonce(), user, password, method, uri)
    }

    fn answer_with(
        &mut self,
        cnonce: &str,
        user: &str,
        password: &str,
        method: &str,
        uri: &str,
    ) -> String {
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let hash = |text: &str| {
            if self.is_sha256 {
                hexadecimal(&Sha256::digest(text))
            } else {
                hexadecimal(&Md5::digest(text))
            }
        };
        let mut secret = hash(&format!("{user}:{}:{password}", self.realm));
        if self.is_session {
            secret = hash(&format!("{secret}:{}:{cnonce}", self.nonce));
        }
        let asked = hash(&format!("{method}:{uri}"));
        let response = if self.has_qop {
            hash(&format!(
                "{secret}:{}:{count}:{cnonce}:auth:{asked}",
                self.nonce
            ))
        } else {
            hash(&format!("{secret}:{}:{asked}", self.nonce))
        };
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let mut header = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{uri}\", response=\"{response}\"",
            quoted(user),
            quoted(&self.realm),
            quoted(&self.nonce)
        );
        if let Some(algorithm) = &self.algorithm {
            header.push_str(&format!(", algorithm={algorithm}"));
        }
        if self.has_qop {
            header.push_str(&format!(", qop=auth, nc={count}, cnonce=\"{cnonce}\""));
        }
        if let Some(opaque) = &self.opaque {
            header.push_str(&format!(", opaque=\"{}\"", quoted(opaque)));
        }
        header
    }
}

// It has to differ from request to request and not to be guessed; the standard library's hashers begin with
// random keys.
fn nonce() -> String {
    let half = || std::hash::RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

// What stands behind each `Digest` of a header that begins a challenge, and is not within quotes.
fn digests(header: &str) -> impl Iterator<Item = &str> {
    const SCHEME: &str = "digest ";
    let mut is_quoted = false;
    let mut is_escaped = false;
    let mut is_beginning = true;
    header.char_indices().filter_map(move |(at, character)| {
        let begins = is_beginning && !is_quoted;
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        is_beginning = character == ',' || (is_beginning && character == ' ');
        let scheme = header.get(at..at + SCHEME.len())?;
        (begins && scheme.eq_ignore_ascii_case(SCHEME)).then(|| &header[at + SCHEME.len()..])
    })
}

// The fields of a challenge: names, and values with or without quotes. Another challenge may come behind.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches(|c: char| c == ',' || c.is_whitespace());
        if name.contains([' ', ',']) {
            break;
        }
        let after = after.trim_start();
        let mut value = String::new();
        let end = if let Some(quoted) = after.strip_prefix('"') {
            let mut characters = quoted.char_indices();
            let mut end = after.len();
            while let Some((at, character)) = characters.next() {
                match character {
                    '"' => {
                        end = at + 2;
                        break;
                    }
                    '\\' => value.extend(characters.next().map(|(_, next)| next)),
                    other => value.push(other),
                }
            }
            end
        } else {
            let end = after.find(',').unwrap_or(after.len());
            value.push_str(after[..end].trim());
            end
        };
        found.push((name.to_owned(), value));
        rest = after.get(end..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples of RFC 7616 §3.9.1.
    #[test]
    fn digests_are_those_of_the_specification() {
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            (
                "SHA-256",
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let mut challenge = Challenge::parse(&format!(
                "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
            ))
            .unwrap();
            let header =
                challenge.answer_with(cnonce, "Mufasa", "Circle of Life", "GET", "/dir/index.html");
            assert!(
                header.contains(&format!("response=\"{response}\"")),
                "{header}"
            );
            assert!(header.contains("nc=00000001"), "{header}");
        }
    }

    #[test]
    fn a_digest_is_found_among_other_challenges() {
        for header in [
            "Digest realm=\"r, digest x\", nonce=\"n\"",
            "Basic realm=\"r, \\\"Digest realm=\", Digest nonce=\"n\", realm=\"r, digest x\"",
            "Negotiate,digest realm=\"r, digest x\", nonce=n, Basic realm=\"other\"",
            "Digest realm=r, nonce=m, algorithm=X, Digest realm=\"r, digest x\", nonce=n, NTLM",
        ] {
            let found = Challenge::parse(header).unwrap();
            assert_eq!(
                (found.realm.as_str(), found.nonce.as_str()),
                ("r, digest x", "n")
            );
        }
        assert!(Challenge::parse("Basic realm=\"a, Digest realm=b, nonce=c\"").is_none());
    }

    #[test]
    fn secrets_are_not_shown() {
        let basic = Credentials::Basic("u".to_owned(), "hidden".to_owned());
        assert!(!format!("{basic:?}").contains("hidden"));
        let said = basic.redact("401: Basic dTpoaWRkZW4= of hidden");
        assert_eq!(said, "401: Basic *** of ***");
        let odd = Credentials::Bearer("p w/ü".to_owned());
        for said in ["p%20w/%C3%BC", "p%20w%2f%c3%bc", "p+w%2F%C3%BC", "p w/ü"] {
            assert_eq!(odd.redact(said), "***");
        }
    }
}
