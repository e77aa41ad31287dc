//! IRIs: resolution, percent-encoding, file paths.
//!
//! In: strings of any kind. Out: IRIs that are valid by RFC 3987, or the reason why not.

use oxiri::{Iri, IriParseError, IriRef};
use std::fmt::Write as _;
use std::path::{Component, Path};

/// Resolves an IRI reference against an absolute base.
///
/// # Errors
/// When the base is not an absolute IRI or the result is not a valid IRI.
///
/// Spec: RFC 3987 §6.5, RFC 3986 §5.2
pub fn resolve(base: &str, reference: &str) -> Result<String, IriParseError> {
    // An absolute reference is kept to the letter, where a resolver would take out dot segments.
    if is_absolute(reference) {
        return Iri::parse(reference.to_owned()).map(Iri::into_inner);
    }
    let reference = IriRef::parse(reference)?;
    Ok(Iri::parse(base)?.resolve(&reference)?.into_inner())
}

/// Takes the steps `.` and `..` in the path of an absolute IRI; one without a path is kept.
///
/// Spec: RFC 3986 §5.2.4
pub fn take_steps(iri: &str) -> String {
    let behind_authority = iri.find("://").map(|at| at + 3).and_then(|start| {
        let end = iri[start..].find(['/', '?', '#'])?;
        iri.split_at_checked(start + end)
    });
    let taken = behind_authority.and_then(|(root, path)| {
        // Two slashes would be another authority.
        let path = Some(path).filter(|path| path.starts_with('/') && !path.starts_with("//"))?;
        let reference = IriRef::parse(path).ok()?;
        Some(
            Iri::parse(root)
                .ok()?
                .resolve(&reference)
                .ok()?
                .into_inner(),
        )
    });
    taken.unwrap_or_else(|| iri.to_owned())
}

/// Whether a reference begins with a scheme.
pub fn is_absolute(reference: &str) -> bool {
    let Some((scheme, _)) = reference.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Checks an absolute IRI.
///
/// # Errors
/// The parser's reason.
pub fn check(iri: &str) -> Result<(), IriParseError> {
    Iri::parse(iri).map(|_| ())
}

/// Whether two absolute IRIs are the same once normalized.
pub fn same(one: &str, other: &str) -> bool {
    one == other || normalize(one) == normalize(other)
}

/// Normalizes an absolute IRI by its syntax, and the ports that schemes have anyway: letters of scheme
/// and host, percent-encoded characters that need not be, dot segments, `:80`.
///
/// What cannot be parsed is given back as it is.
///
/// Spec: RFC 3986 §6.2.2, §6.2.3; tabular-data-model §6.3
pub fn normalize(iri: &str) -> String {
    let decoded = decode_unreserved(iri);
    let Ok(parsed) = Iri::parse(decoded.as_str()) else {
        return iri.to_owned();
    };
    let scheme = parsed.scheme().to_ascii_lowercase();
    let mut out = format!("{scheme}:");
    if let Some(authority) = parsed.authority() {
        let authority = authority.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            "ftp" => ":21",
            _ => ":",
        };
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
        out.push_str("//");
        out.push_str(authority.strip_suffix(':').unwrap_or(authority));
    }
    let path = parsed.path();
    if path.is_empty() && parsed.authority().is_some() {
        out.push('/');
    }
    // Resolving takes out dot segments.
    let resolved = IriRef::parse(path).and_then(|path| {
        let base = Iri::parse(out.clone())?;
        Ok(base.resolve(&path)?.into_inner())
    });
    let mut out = match resolved {
        Ok(resolved) if !path.is_empty() => resolved,
        _ => out,
    };
    for (sign, part) in [('?', parsed.query()), ('#', parsed.fragment())] {
        if let Some(part) = part {
            out.push(sign);
            out.push_str(part);
        }
    }
    out
}

// Percent-encoded unreserved characters as themselves, the hexadecimal digits of others as capitals.
fn decode_unreserved(iri: &str) -> String {
    let mut out = String::with_capacity(iri.len());
    let mut rest = iri;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let byte = rest
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            Some(byte) => {
                push_percent(&mut out, byte);
                rest = &rest[at + 3..];
            }
            None => {
                out.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Which characters of a value are copied into an IRI as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safe {
    /// Letters, digits, `-._~`: RFC 6570's "unreserved" (`{var}`).
    Unreserved,
    /// Those and the reserved characters and percent-encoded triplets (`{+var}`, `{#var}`).
    Reserved,
    /// Those that are unreserved and letters of all scripts: what R2RML calls "IRI-safe".
    ///
    /// Spec: RFC 3987 §2.2, `iunreserved`
    Unicode,
    /// All: the value is an IRI, or a part of one, already.
    Everything,
}

/// A text that grows: of characters or of their UTF-8 bytes.
pub trait Push {
    /// Appends.
    fn push_str(&mut self, text: &str);
}

impl Push for String {
    fn push_str(&mut self, text: &str) {
        Self::push_str(self, text);
    }
}

impl Push for Vec<u8> {
    fn push_str(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

// What is to be done about a byte of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    Unreserved,
    Reserved,
    Percent,
    Encoded,
    // A part of a character beyond ASCII.
    Beyond,
}

#[expect(clippy::cast_possible_truncation, reason = "there are 256 bytes")]
const BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Encoded; 256];
    let mut at = 0;
    while at < 256 {
        bytes[at] = match at as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => Byte::Unreserved,
            b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' | b'!' | b'$' | b'&' | b'\'' | b'('
            | b')' | b'*' | b'+' | b',' | b';' | b'=' => Byte::Reserved,
            b'%' => Byte::Percent,
            128.. => Byte::Beyond,
            _ => Byte::Encoded,
        };
        at += 1;
    }
    bytes
};

/// Appends a value to an IRI, percent-encoding its UTF-8 bytes where they are not safe.
///
/// Spec: RFC 6570 §3.2.1
pub fn push_encoded(out: &mut impl Push, value: &str, safe: Safe) {
    if safe == Safe::Everything {
        return out.push_str(value);
    }
    let bytes = value.as_bytes();
    let (mut copied, mut at) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let length = match BYTES[usize::from(*byte)] {
            Byte::Unreserved => {
                at += 1;
                continue;
            }
            Byte::Reserved if safe == Safe::Reserved => {
                at += 1;
                continue;
            }
            Byte::Percent if safe == Safe::Reserved && is_triplet(&bytes[at..]) => {
                at += 3;
                continue;
            }
            Byte::Beyond => {
                let character = value[at..].chars().next().unwrap_or_default();
                if safe == Safe::Unicode && is_ucschar(character) {
                    at += character.len_utf8();
                    continue;
                }
                character.len_utf8()
            }
            _ => 1,
        };
        out.push_str(&value[copied..at]);
        for byte in &bytes[at..at + length] {
            push_percent(out, *byte);
        }
        at += length;
        copied = at;
    }
    out.push_str(&value[copied..]);
}

fn is_triplet(bytes: &[u8]) -> bool {
    let digits = bytes.get(1..3);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

// Spec: RFC 3987 §2.2, `ucschar`
fn is_ucschar(character: char) -> bool {
    match u32::from(character) {
        0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF => true,
        0xE_0000..=0xE_0FFF => false,
        code => (0x1_0000..0xF_0000).contains(&code) && code & 0xFFFF <= 0xFFFD,
    }
}

fn push_percent(out: &mut impl Push, byte: u8) {
    const HEX: &str = "0123456789ABCDEF";
    out.push_str("%");
    for digit in [byte >> 4, byte & 15] {
        out.push_str(&HEX[usize::from(digit)..=usize::from(digit)]);
    }
}

/// Decodes percent-encoded bytes; what is not valid UTF-8 afterwards is left as it was.
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let decoded = (bytes[index] == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = decoded {
            out.push(byte);
            index += 3;
        } else {
            out.push(bytes[index]);
            index += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// The `file:` IRI of an absolute path; a folder's ends in a slash when `path` does.
///
/// Non-ASCII letters stay as they are; what an IRI may not hold is percent-encoded.
pub fn from_path(path: &Path) -> String {
    let mut iri = String::from("file://");
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Prefix(prefix) => {
                let _ = write!(iri, "/{}", prefix.as_os_str().to_string_lossy());
            }
            Component::ParentDir => iri.push_str("/.."),
            Component::Normal(segment) => {
                iri.push('/');
                push_path_segment(&mut iri, &segment.to_string_lossy());
            }
        }
    }
    if iri == "file://" || path.as_os_str().to_string_lossy().ends_with('/') {
        iri.push('/');
    }
    iri
}

/// Appends one segment of a path to an IRI, keeping letters of all scripts.
pub fn push_path_segment(iri: &mut String, segment: &str) {
    for character in segment.chars() {
        let keep = match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => true,
            '-' | '.' | '_' | '~' | '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';'
            | '=' | ':' | '@' => true,
            c => !c.is_ascii() && c.is_alphanumeric(),
        };
        if keep {
            iri.push(character);
        } else {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                push_percent(iri, byte);
            }
        }
    }
}

/// The path part of a `file:` IRI, percent-decoded, without query and fragment.
pub fn to_path(iri: &str) -> Option<std::path::PathBuf> {
    let rest = iri.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let end = path.find(['?', '#']).unwrap_or(path.len());
    Some(percent_decode(&path[..end]).into())
}

/// The reference that leads from one file to another, both given by their IRIs.
///
/// Spec: RFC 3986 §5.2
pub fn relative(from: &str, to: &str) -> String {
    let folder = |iri: &str| iri.rfind('/').map_or(0, |at| at + 1);
    let (from_folders, _) = from.split_at(folder(from));
    let (to_folders, file) = to.split_at(folder(to));
    let from_parts: Vec<&str> = from_folders.split_terminator('/').collect();
    let to_parts: Vec<&str> = to_folders.split_terminator('/').collect();
    let common = from_parts
        .iter()
        .zip(&to_parts)
        .take_while(|(one, other)| one == other)
        .count();
    let mut out = "../".repeat(from_parts.len() - common);
    for part in &to_parts[common..] {
        out.push_str(part);
        out.push('/');
    }
    out.push_str(file);
    // A colon in the first segment would look like a scheme.
    if out
        .split('/')
        .next()
        .is_some_and(|first| first.contains(':'))
    {
        out.insert_str(0, "./");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_references_resolve_against_the_table() {
        let base = "https://example.org/kg/data/actors.csv";
        assert_eq!(
            resolve(base, "../id/x").unwrap(),
            "https://example.org/kg/id/x"
        );
        assert_eq!(
            resolve(base, "#c").unwrap(),
            "https://example.org/kg/data/actors.csv#c"
        );
        assert!(resolve(base, "a b").is_err());
    }

    #[test]
    fn iris_are_compared_when_normalized() {
        for (one, other) in [
            ("HTTP://Example.org:80/a/./b/../c", "http://example.org/a/c"),
            ("https://example.org:443", "https://example.org/"),
            ("http://example.org/%7Ea%2fb", "http://example.org/~a%2Fb"),
            ("http://example.org/a?x#y", "http://example.org/a?x#y"),
        ] {
            assert!(same(one, other), "{} {}", normalize(one), normalize(other));
        }
        for (one, other) in [
            ("http://example.org/a", "http://example.org/A"),
            ("http://example.org:8080/", "http://example.org/"),
            ("http://example.org/a?x", "http://example.org/a"),
            ("http://example.org/a%2Fb", "http://example.org/a/b"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn values_are_percent_encoded_as_uri_templates_say() {
        let encode = |value, safe| {
            let mut out = String::new();
            push_encoded(&mut out, value, safe);
            out
        };
        assert_eq!(encode("a b/ع", Safe::Unreserved), "a%20b%2F%D8%B9");
        assert_eq!(encode("a b/%20%", Safe::Reserved), "a%20b/%20%25");
        assert_eq!(encode("a b/ع\u{E000}", Safe::Unicode), "a%20b%2Fع%EE%80%80");
        assert_eq!(encode("a b/ع", Safe::Everything), "a b/ع");
    }

    #[test]
    fn paths_and_file_iris_convert_both_ways() {
        let path = Path::new("/tmp/عربي and %/x.csv");
        let iri = from_path(path);
        assert!(check(&iri).is_ok(), "{iri}");
        assert_eq!(to_path(&iri).as_deref(), Some(path));
        assert_eq!(from_path(Path::new("/tmp/a/")), "file:///tmp/a/");
    }

    #[test]
    fn references_lead_from_one_file_to_another() {
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(relative(from, to), expected, "{from} {to}");
            let resolved = resolve(from, expected).unwrap();
            assert_eq!(resolved, to);
        };
        check("file:///a/b/m.json", "file:///a/b/c.csv", "c.csv");
        check("file:///a/b/m.json", "file:///a/c.csv", "../c.csv");
        check("file:///a/m.json", "file:///a/b/c.csv", "b/c.csv");
        check("file:///a/b/m.json", "file:///c/d.csv", "../../c/d.csv");
        check("file:///a/m.json", "file:///a/b:c.csv", "./b:c.csv");
    }
}
