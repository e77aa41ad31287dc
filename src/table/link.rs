//! Links that a server sends beside a document, in `Link` headers.
//!
//! In: the value of a header. Out: its [`Link`]s, their targets as they were written: whoever
//! follows one resolves it against the IRI that the document came from.

/// Media types under which a linked document may be metadata.
///
/// Spec: tabular-data-model §5.2
const METADATA_TYPES: [&str; 3] = [
    "application/csvm+json",
    "application/ld+json",
    "application/json",
];

/// One link of a `Link` header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Where it leads: an IRI reference, not resolved.
    pub target: String,
    /// The relation types (`rel`), as written; case does not count.
    pub relations: Vec<String>,
    /// The media type that the target is said to have (`type`), in lower case without parameters.
    pub media_type: Option<String>,
    /// All other parameters, names in lower case.
    pub parameters: Vec<(String, String)>,
}

impl Link {
    /// Whether it has a relation type.
    pub fn has_relation(&self, relation: &str) -> bool {
        self.relations
            .iter()
            .any(|known| known.eq_ignore_ascii_case(relation))
    }

    /// Whether it leads to metadata of the document that it came with.
    ///
    /// A link without `type` is one as well: the specification asks for the type, its own test
    /// suite leaves it out. One with an `anchor` speaks of something else than the document.
    ///
    /// Spec: tabular-data-model §5.2; RFC 8288 §3.2
    pub fn is_metadata(&self) -> bool {
        self.has_relation("describedby")
            && self
                .media_type
                .as_deref()
                .is_none_or(|media_type| METADATA_TYPES.contains(&media_type))
            && self.parameters.iter().all(|(name, _)| name != "anchor")
    }

    // The first `rel` and `type` count, later ones are passed over.
    fn set(&mut self, name: &str, value: String) {
        match name.to_ascii_lowercase().as_str() {
            "rel" if self.relations.is_empty() => {
                self.relations = value.split_ascii_whitespace().map(str::to_owned).collect();
            }
            "type" if self.media_type.is_none() => {
                let essence = value.split(';').next().unwrap_or_default();
                self.media_type = Some(essence.trim().to_ascii_lowercase());
            }
            "rel" | "type" => {}
            other => self.parameters.push((other.to_owned(), value)),
        }
    }
}

/// The targets of links to metadata in the order in which they are to be tried: the last first.
///
/// Of several that describe the table the last counts, one that does not is passed over.
///
/// Spec: tabular-data-model §5.2
pub fn metadata_targets(links: &[Link]) -> impl Iterator<Item = &str> {
    links
        .iter()
        .rev()
        .filter(|link| link.is_metadata())
        .map(|link| link.target.as_str())
}

/// Parses the value of a `Link` header; what is no link is passed over.
///
/// Spec: RFC 8288 §3, appendix B.2
pub fn parse_links(value: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return links;
        }
        let target = rest
            .strip_prefix('<')
            .and_then(|inside| inside.split_once('>'));
        let Some((target, after)) = target else {
            (_, rest) = take_value(rest, &[',']);
            continue;
        };
        let mut link = Link {
            target: target.trim().to_owned(),
            ..Link::default()
        };
        rest = after.trim_ascii_start();
        while let Some(parameter) = rest.strip_prefix(';') {
            rest = take_parameter(parameter, &mut link);
        }
        links.push(link);
        // Whatever stands before the next comma belongs to no parameter.
        (_, rest) = take_value(rest, &[',']);
    }
}

// Takes `name`, `name=token` or `name="text"`; returns what comes after it.
fn take_parameter<'a>(text: &'a str, link: &mut Link) -> &'a str {
    let text = text.trim_ascii_start();
    let end = text.find(['=', ';', ',']).unwrap_or(text.len());
    let name = text[..end].trim();
    let (value, rest) = match text[end..].strip_prefix('=') {
        Some(value) => take_value(value.trim_ascii_start(), &[';', ',']),
        None => (String::new(), &text[end..]),
    };
    if !name.is_empty() {
        link.set(name, value);
    }
    rest.trim_ascii_start()
}

// Takes a text up to one of `ends` that stands outside of quotes, and takes the quotes away.
fn take_value<'a>(text: &'a str, ends: &[char]) -> (String, &'a str) {
    let mut value = String::new();
    let mut quoted = false;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ if !quoted && ends.contains(&character) => {
                return (value.trim_end().to_owned(), &text[at..]);
            }
            _ => value.push(character),
        }
    }
    (value.trim_end().to_owned(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: &[(&str, &str, Option<&str>)]) {
        let links = parse_links(value);
        let found: Vec<_> = links
            .iter()
            .map(|link| {
                let relations = link.relations.join(" ");
                (link.target.as_str(), relations, link.media_type.as_deref())
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(target, relations, media_type)| (*target, (*relations).to_owned(), *media_type))
            .collect();
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn a_link_has_a_target_relations_and_a_type() {
        check(
            r#"<metadata.json>; rel="describedBy"; type="application/csvm+json""#,
            &[(
                "metadata.json",
                "describedBy",
                Some("application/csvm+json"),
            )],
        );
        check("<>;rel=next", &[("", "next", None)]);
        check("<a>", &[("a", "", None)]);
        check(
            r#"<a>; rel="up describedby"; type="Application/JSON; charset=utf-8""#,
            &[("a", "up describedby", Some("application/json"))],
        );
    }

    #[test]
    fn several_links_stand_in_one_value() {
        check(
            r#" <a,b;c>;rel="x, y;z" , ,<d>; rel=e,<f>"#,
            &[("a,b;c", "x, y;z", None), ("d", "e", None), ("f", "", None)],
        );
    }

    #[test]
    fn space_and_case_do_not_matter() {
        check(
            "  < a >\t; REL = describedby ;; Type= text/csv ; ",
            &[("a", "describedby", Some("text/csv"))],
        );
    }

    #[test]
    fn the_first_relation_and_type_count() {
        check(
            "<a>; rel=one; rel=two; type=a/b; type=c/d",
            &[("a", "one", Some("a/b"))],
        );
    }

    #[test]
    fn what_is_no_link_is_passed_over() {
        check("", &[]);
        check("nonsense", &[]);
        check(r#"x"<no>,", <a>; rel=b"#, &[("a", "b", None)]);
        check("<a> stray; rel=b, <c", &[("a", "", None)]);
        check(r#"<a>; rel="open, <b>"#, &[("a", "open, <b>", None)]);
    }

    #[test]
    fn quoted_texts_are_unescaped() {
        let links = parse_links(r#"<a>; title="say \"hi\", <b>"; Nofollow"#);
        assert_eq!(links.len(), 1);
        let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            links[0].parameters,
            [
                parameter("title", "say \"hi\", <b>"),
                parameter("nofollow", "")
            ]
        );
    }

    #[test]
    fn metadata_is_what_describes_in_json_the_last_first() {
        let links = parse_links(
            "<a>; rel=describedby; type=application/json, <b>; rel=describedby, \
             <c>; rel=describedby; type=text/html, <d>; rel=describes; type=application/json, \
             <e>; rel=\"up DESCRIBEDBY\"; type=application/ld+json, \
             <f>; rel=describedby; anchor=\"#x\"",
        );
        let targets: Vec<_> = metadata_targets(&links).collect();
        assert_eq!(targets, ["e", "b", "a"]);
    }
}
