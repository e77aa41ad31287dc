//! What differs between databases that take Cypher: how the key of nodes is declared, and which values
//! are native.
//!
//! In: the name of a product. Out: statements and kinds of values for it.

use super::{KEY, Kind};

/// A product whose Cypher is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Neo4j 5 and what is like it.
    #[default]
    Neo4j,
    /// Memgraph 2 and 3.
    Memgraph,
    /// `ArcadeDB`, whose unique indexes let no node get a label in the transaction that made it.
    Arcadedb,
    /// `FalkorDB`, which has no date-times with a time zone, and none with fractions of seconds.
    Falkordb,
}

/// The names of the dialects, as the command line has them.
pub const DIALECTS: &[(&str, Dialect)] = &[
    ("neo4j", Dialect::Neo4j),
    ("memgraph", Dialect::Memgraph),
    ("arcadedb", Dialect::Arcadedb),
    ("falkordb", Dialect::Falkordb),
];

impl Dialect {
    /// The dialect of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        let found = DIALECTS.iter().find(|(known, _)| *known == name);
        found.map(|(_, dialect)| *dialect)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = DIALECTS.iter().find(|(_, dialect)| *dialect == self);
        found.map_or("", |(name, _)| name)
    }

    /// The statements, without a semicolon, by which nodes of a label are found by their key and are there
    /// once. All but those of `FalkorDB` may be run again.
    pub fn declarations(self, label: &str) -> Vec<String> {
        match self {
            Self::Neo4j => vec![format!(
                "CREATE CONSTRAINT `{label}_{KEY}` IF NOT EXISTS FOR (n:`{label}`) REQUIRE n.`{KEY}` IS UNIQUE"
            )],
            // Its constraints make no index.
            Self::Memgraph => vec![
                format!("CREATE INDEX ON :`{label}`(`{KEY}`)"),
                format!("CREATE CONSTRAINT ON (n:`{label}`) ASSERT n.`{KEY}` IS UNIQUE"),
            ],
            Self::Arcadedb => vec![format!(
                "CREATE INDEX `{label}_{KEY}` IF NOT EXISTS FOR (n:`{label}`) ON (n.`{KEY}`)"
            )],
            Self::Falkordb => vec![format!("CREATE INDEX FOR (n:`{label}`) ON (n.`{KEY}`)")],
        }
    }

    /// Whether texts may hold characters by their code, as in `\u0001`. `FalkorDB` takes that for six
    /// characters, and control characters as they are.
    pub fn has_escapes(self) -> bool {
        self != Self::Falkordb
    }

    /// What values of a kind are there: text where the database has no such values, or loses a part of
    /// them.
    pub fn stored(self, kind: Kind) -> Kind {
        match (self, kind) {
            // ArcadeDB keeps the moment in UTC and forgets the zone.
            (Self::Arcadedb | Self::Falkordb, Kind::DateTime) => Kind::String,
            // Fractions of seconds are dropped without a word.
            (Self::Falkordb, Kind::LocalDateTime) => Kind::String,
            (_, kind) => kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_dialects_and_back() {
        for (name, dialect) in DIALECTS {
            assert_eq!(Dialect::by_name(name), Some(*dialect));
            assert_eq!(dialect.name(), *name);
        }
        assert_eq!(Dialect::by_name("oracle"), None);
    }

    #[test]
    fn keys_are_declared_in_the_words_of_each_product() {
        let statements: Vec<String> = DIALECTS
            .iter()
            .flat_map(|(_, dialect)| dialect.declarations("Office"))
            .collect();
        insta::assert_snapshot!(statements.join("\n"), @r"
        CREATE CONSTRAINT `Office_iri` IF NOT EXISTS FOR (n:`Office`) REQUIRE n.`iri` IS UNIQUE
        CREATE INDEX ON :`Office`(`iri`)
        CREATE CONSTRAINT ON (n:`Office`) ASSERT n.`iri` IS UNIQUE
        CREATE INDEX `Office_iri` IF NOT EXISTS FOR (n:`Office`) ON (n.`iri`)
        CREATE INDEX FOR (n:`Office`) ON (n.`iri`)
        ");
    }
}
