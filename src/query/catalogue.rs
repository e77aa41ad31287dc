//! The bundled queries, by name.
//!
//! In: names and texts of query files. Out: a list with what each asks, and look-up by name or by
//! the short name before the first dash. Reading the files is the business of the caller.

use super::error::QueryError;
use super::header::Header;

/// A bundled query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundledQuery {
    /// The file's stem, such as `cq05-working-group-chairs`.
    pub name: String,
    /// The SPARQL text.
    pub text: String,
    /// What its first comments say.
    pub header: Header,
}

/// Bundled queries, ordered by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    queries: Vec<BundledQuery>,
}

impl Catalogue {
    /// Collects queries from their names (file stems) and texts.
    ///
    /// # Examples
    ///
    /// ```
    /// use coalition_kg::query::Catalogue;
    ///
    /// let catalogue = Catalogue::from_texts([("cq05-chairs", "# en: Who chairs?\nSELECT * {}")]);
    /// assert_eq!(catalogue.get("cq05")?.header.question("en"), Some("Who chairs?"));
    /// # Ok::<_, coalition_kg::query::QueryError>(())
    /// ```
    pub fn from_texts<N: Into<String>, T: Into<String>>(
        texts: impl IntoIterator<Item = (N, T)>,
    ) -> Self {
        let mut queries: Vec<_> = texts
            .into_iter()
            .map(|(name, text)| {
                let text = text.into();
                BundledQuery {
                    name: name.into(),
                    header: Header::parse(&text),
                    text,
                }
            })
            .collect();
        queries.sort_by(|a, b| a.name.cmp(&b.name));
        Self { queries }
    }

    /// All queries, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = &BundledQuery> {
        self.queries.iter()
    }

    /// How many queries there are.
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Whether there is no query.
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }

    /// Finds a query by its whole name or by what stands before the first dash (`cq05`), upper and
    /// lower case counted the same, with or without `.rq`.
    ///
    /// # Errors
    ///
    /// If there is none, with up to three near names, or if a short name fits several.
    pub fn get(&self, name: &str) -> Result<&BundledQuery, QueryError> {
        let wanted = name.strip_suffix(".rq").unwrap_or(name).to_lowercase();
        let whole = |query: &&BundledQuery| query.name.to_lowercase() == wanted;
        if let Some(query) = self.iter().find(whole) {
            return Ok(query);
        }
        let short: Vec<_> = self
            .iter()
            .filter(|query| short_name(query).is_some_and(|short| short.to_lowercase() == wanted))
            .collect();
        match short.as_slice() {
            [query] => Ok(query),
            [] => Err(QueryError::UnknownQuery {
                name: name.to_owned(),
                nearest: self.nearest(&wanted),
            }),
            _ => Err(QueryError::AmbiguousQuery {
                name: name.to_owned(),
                names: short.iter().map(|query| query.name.clone()).collect(),
            }),
        }
    }

    /// Up to three names like the one wanted: holding it, or few letters away from it, nearest
    /// first.
    fn nearest(&self, wanted: &str) -> Vec<String> {
        const SHOWN: usize = 3;
        let mut near: Vec<(usize, &str)> = self
            .iter()
            .filter_map(|query| {
                let name = query.name.to_lowercase();
                let (short, long) = name.split_once('-').unwrap_or((&name, &name));
                let distance = [name.as_str(), short, long]
                    .into_iter()
                    .map(|candidate| {
                        (
                            strsim::damerau_levenshtein(wanted, candidate),
                            candidate.len(),
                        )
                    })
                    .filter(|(distance, length)| {
                        *distance <= (wanted.len().max(*length) / 3).max(1)
                    })
                    .map(|(distance, _)| distance)
                    .min();
                let holds = wanted.len() > 2 && name.contains(wanted);
                distance
                    .or(holds.then_some(wanted.len()))
                    .map(|distance| (distance, query.name.as_str()))
            })
            .collect();
        near.sort_unstable();
        near.into_iter()
            .take(SHOWN)
            .map(|(_, name)| name.to_owned())
            .collect()
    }
}

fn short_name(query: &BundledQuery) -> Option<&str> {
    query.name.split_once('-').map(|(short, _)| short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::from_texts(
            [
                "timeline",
                "cq05-working-group-chairs",
                "cq04-members",
                "about-actor",
                "about-line",
            ]
            .map(|name| (name, "SELECT * {}")),
        )
    }

    fn check(name: &str, expected: Result<&str, &[&str]>) {
        let catalogue = catalogue();
        match (catalogue.get(name), expected) {
            (Ok(query), Ok(expected)) => assert_eq!(query.name, expected),
            (Err(QueryError::UnknownQuery { nearest, .. }), Err(expected)) => {
                assert_eq!(nearest, expected);
            }
            (Err(QueryError::AmbiguousQuery { names, .. }), Err(expected)) => {
                assert_eq!(names, expected);
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }

    #[test]
    fn finds_by_whole_and_short_name() {
        check("timeline", Ok("timeline"));
        check("cq05", Ok("cq05-working-group-chairs"));
        check("CQ05", Ok("cq05-working-group-chairs"));
        check("cq04-members.rq", Ok("cq04-members"));
    }

    #[test]
    fn names_what_may_have_been_meant() {
        check("about", Err(&["about-actor", "about-line"]));
        check("timelime", Err(&["timeline"]));
        check("cq06", Err(&["cq04-members", "cq05-working-group-chairs"]));
        check("members", Err(&["cq04-members"]));
        check("chairs", Err(&["cq05-working-group-chairs"]));
        check("zzzzzz", Err(&[]));
    }
}
