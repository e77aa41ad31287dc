//! The addresses of servers: what cannot be used, or would mean something else to the server, is refused.
//!
//! In: what the user gives. Out: nothing, or why not. An address with an `@` is never repeated, since what stands before
//! it may be a password.

use crate::cli::args::PushArgs;
use crate::cli::exit::Failure;
use crate::diagnostic::{Diagnostic, Location};
use crate::push::Profile;
use crate::rdf::iri;
use std::net::IpAddr;

const FORM: &str = "it looks like `https://example.org/store`, in ASCII";

/// Refuses addresses of RDF stores that cannot be used.
pub(super) fn check(args: &PushArgs, profile: Profile) -> Result<(), Failure> {
    let others = [args.query_url.as_ref(), args.update_url.as_ref()];
    for url in others.into_iter().flatten() {
        check_one(url)?;
    }
    check_one(&args.url)?;
    let Some((_, query)) = args.url.split_once('?') else {
        return Ok(());
    };
    // Paths would be appended to the query.
    if profile != Profile::Gsp {
        return Err(wrong(
            format!(
                "`{}` has a query, and a server's paths go behind it",
                args.url
            ),
            "leave out what begins with `?`, or give the graph store without `--profile`",
        ));
    }
    let names = query.split('&').map(|pair| pair.split('=').next());
    if names
        .flatten()
        .any(|name| matches!(name, "graph" | "default"))
    {
        return Err(wrong(
            format!("`{}` names a graph", args.url),
            "name the graph with `--graph`",
        ));
    }
    Ok(())
}

fn check_one(url: &str) -> Result<(), Failure> {
    refuse_login(url)?;
    let no_address = |help| Err(wrong(format!("`{url}` is no address of a server"), help));
    let Some((scheme, rest)) = url.split_once("://") else {
        return no_address("begin it with `http://` or `https://`");
    };
    // It would take the name of the graph with it, and the server would see neither.
    if url.contains('#') {
        return Err(wrong(
            format!("`{url}` has a part behind `#`, which no server gets to see"),
            "leave it out; a password with a `#` belongs in `--password-file`",
        ));
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    if !is_http || !url.is_ascii() || authority.is_empty() || iri::check(url).is_err() {
        return no_address(FORM);
    }
    check_port(authority, url)
}

/// Refuses ports that there are not.
pub(super) fn check_port(authority: &str, url: &str) -> Result<(), Failure> {
    let after = authority.rsplit(']').next().unwrap_or_default();
    let port = after.split_once(':').map_or("", |(_, port)| port);
    if port.is_empty() || port.parse().is_ok_and(|port: u16| port > 0) {
        return Ok(());
    }
    Err(wrong(
        format!("`{url}` has no port that there is"),
        "ports are 1 to 65535",
    ))
}

/// Refuses an address that may hold a user or a password; it is not repeated.
pub(super) fn refuse_login(url: &str) -> Result<(), Failure> {
    if !url.contains('@') {
        return Ok(());
    }
    Err(wrong(
        "an address with an `@` is not used: what stands before it is a user name or a password"
            .to_owned(),
        "give the name with `--user` and the password with `--password-file` or `KG_PASSWORD`; an `@` in a path is \
         written `%40`",
    ))
}

/// Whether others may read what is sent there.
pub(super) fn is_open(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return true;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_here = host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback());
    let is_closed = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("bolt+s");
    !is_closed && !is_here
}

fn wrong(message: String, help: &str) -> Failure {
    Diagnostic::error("push::address", message, Location::default())
        .with_help(help)
        .into()
}
