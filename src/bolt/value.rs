//! Rows of batches as parameters of statements.
//!
//! Spec: Bolt, "Structure semantics"

use crate::property_graph::batches::{NodeRow, Property, RelationshipRow};
use crate::property_graph::{Dialect, KEY, Kind};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use neo4rs::{BoltList, BoltMap, BoltType};

/// The rows of nodes: `iri`, and the properties as `p`.
pub(super) fn nodes(rows: &[NodeRow<'_>], dialect: Dialect) -> BoltType {
    list(rows.iter().map(|row| {
        let mut map = BoltMap::with_capacity(2);
        map.put(KEY.into(), row.key.into());
        map.put("p".into(), properties(&[], &row.properties, dialect));
        BoltType::Map(map)
    }))
}

/// The rows of relationships: `s`, `e`, `id`, and the properties as `p`.
pub(super) fn relationships(rows: &[RelationshipRow<'_>], dialect: Dialect) -> BoltType {
    list(rows.iter().map(|row| {
        let mut map = BoltMap::with_capacity(4);
        map.put("s".into(), row.start.into());
        map.put("e".into(), row.end.into());
        map.put("id".into(), row.id.into());
        let properties = properties(&row.texts, &row.properties, dialect);
        map.put("p".into(), properties);
        BoltType::Map(map)
    }))
}

/// Start and `id` of relationships.
pub(super) fn keys(rows: &[RelationshipRow<'_>]) -> BoltType {
    list(rows.iter().map(|row| texts([row.start, row.id])))
}

/// Texts as a list.
pub(super) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> BoltType {
    list(texts.into_iter().map(BoltType::from))
}

fn list(values: impl Iterator<Item = BoltType>) -> BoltType {
    BoltType::List(BoltList {
        value: values.collect(),
    })
}

fn properties(
    texts: &[(&'static str, &str)],
    properties: &[Property<'_>],
    dialect: Dialect,
) -> BoltType {
    let mut map = BoltMap::with_capacity(texts.len() + properties.len());
    for (name, text) in texts {
        map.put((*name).into(), (*text).into());
    }
    for property in properties {
        let kind = dialect.stored(property.kind);
        let mut values = property.values.iter().map(|native| value(kind, native));
        let value = if property.array {
            list(values)
        } else {
            match values.next() {
                Some(value) => value,
                None => continue,
            }
        };
        map.put(property.name.into(), value);
    }
    BoltType::Map(map)
}

// What does not read as its kind goes as text, so that nothing is lost; native values always do.
fn value(kind: Kind, native: &str) -> BoltType {
    let found = match kind {
        Kind::Boolean => native.parse::<bool>().ok().map(BoltType::from),
        Kind::Integer => native.parse::<i64>().ok().map(BoltType::from),
        Kind::Double => native.parse::<f64>().ok().map(BoltType::from),
        Kind::Date => native.parse::<NaiveDate>().ok().map(BoltType::from),
        Kind::LocalDateTime => native.parse::<NaiveDateTime>().ok().map(BoltType::from),
        Kind::DateTime => {
            let moment = DateTime::parse_from_rfc3339(native);
            moment.ok().map(BoltType::from)
        }
        Kind::String => None,
    };
    found.unwrap_or_else(|| native.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_native_where_the_database_has_them() {
        let is = |kind, native: &str| value(kind, native);
        assert_eq!(is(Kind::Boolean, "true"), BoltType::from(true));
        assert_eq!(is(Kind::Integer, "-7"), BoltType::from(-7_i64));
        assert_eq!(is(Kind::Double, "1000.0"), BoltType::from(1000.0));
        assert_eq!(is(Kind::String, "سلام"), BoltType::from("سلام"));
        assert!(matches!(is(Kind::Date, "2014-06-29"), BoltType::Date(_)));
        for text in ["2014-06-29T01:02:03", "2014-06-29T01:02:03.123456789"] {
            assert!(matches!(
                is(Kind::LocalDateTime, text),
                BoltType::LocalDateTime(_)
            ));
        }
        for text in [
            "2014-06-29T01:02:03Z",
            "2014-06-29T01:02:03.5+14:00",
            "0001-01-01T00:00:00-00:30",
        ] {
            assert!(matches!(is(Kind::DateTime, text), BoltType::DateTime(_)));
        }
    }
}
