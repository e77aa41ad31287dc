//! What the client refuses, with servers on this machine for public ones.

use super::*;
use std::net::TcpListener;
use std::thread;

// Only this address counts as public here.
fn is_first_loopback(address: IpAddr) -> bool {
    address == IpAddr::from([127, 0, 0, 1])
}

fn client(allowed: fn(IpAddr) -> bool) -> Remote {
    Remote {
        allowed,
        ..Remote::new(NetworkPolicy {
            allow: true,
            ..NetworkPolicy::default()
        })
    }
}

// Answers one request with a redirect; the address of the server.
fn redirect_to(target: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        assert!(length > 0);
        stream.write_all(answer.as_bytes()).unwrap();
    });
    format!("http://{address}/t.csv")
}

fn error(client: &Remote, iri: &str) -> TableError {
    client.fetch(iri, Purpose::Table).err().unwrap()
}

#[test]
fn a_redirect_to_a_private_address_is_refused_without_a_connection() {
    let private = TcpListener::bind("127.0.0.1:0").unwrap();
    private.set_nonblocking(true).unwrap();
    let port = private.local_addr().unwrap().port();
    for target in [
        format!("http://127.0.0.2:{port}/"),
        format!("//[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
    ] {
        let iri = redirect_to(&target);
        let error = error(&client(is_first_loopback), &iri);
        assert!(
            matches!(&error, TableError::PrivateAddress { iri: named, .. } if *named == iri),
            "{target}: {error}"
        );
    }
    assert_eq!(
        private.accept().unwrap_err().kind(),
        ErrorKind::WouldBlock,
        "a connection was made"
    );
}

#[test]
fn a_redirect_to_another_scheme_is_refused() {
    for target in ["file:///etc/hostname", "ftp://127.0.0.1/t.csv", "data:,a"] {
        let error = error(&client(is_first_loopback), &redirect_to(target));
        assert!(
            error.to_string().contains("neither `http` nor `https`"),
            "{target}: {error}"
        );
    }
}

#[test]
fn names_of_this_machine_in_any_spelling_are_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0",
        "[::1]",
        "localhost",
    ] {
        let error = error(&client(is_public), &format!("http://{host}:{port}/"));
        assert!(
            matches!(
                error,
                // A resolver may not know the old spellings.
                TableError::PrivateAddress { .. } | TableError::Network { .. }
            ),
            "{host}: {error}"
        );
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn what_is_safe_on_the_way_stays_so() {
    let remote = client(is_public);
    let download = Download {
        remote: &remote,
        address: "https://example.org/a",
        purpose: Purpose::Table,
    };
    let next = |target: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("location", target.parse().unwrap());
        download.next("https://example.org/a", &headers)
    };
    assert_eq!(next("b#c").unwrap(), "https://example.org/b");
    assert_eq!(next("//example.com").unwrap(), "https://example.com");
    assert!(next("http://example.org/a").is_err());
    assert!(next("http://exa mple/").is_err());
}

#[test]
fn iris_become_uris() {
    let check = |iri: &str, expected: Option<&str>| {
        assert_eq!(to_uri(iri).ok().as_deref(), expected, "{iri}");
    };
    check(
        "http://example.org/ملف.csv?q=é%20",
        Some("http://example.org/%D9%85%D9%84%D9%81.csv?q=%C3%A9%20"),
    );
    check("HTTPS://example.org", Some("HTTPS://example.org"));
    check("http://user:secret@example.org/", None);
    check("http://مثال.example/", None);
    check("http://example.org/a b", None);
    check("ftp://example.org/", None);
}
