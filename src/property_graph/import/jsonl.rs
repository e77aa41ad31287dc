//! JSON Lines, and values in JSON.

use super::lines::{Lines, Place};
use super::quads::{Node, Properties, Quads, Relationship, insert};
use super::{ImportError, Open};
use crate::property_graph::value::double;
use crate::property_graph::{Kind, PropertyName};
use serde_json::{Map, Value};

/// Reads a file: one line at a time.
pub(super) fn read(
    name: &str,
    mut open: Open<'_>,
    quads: &mut Quads<'_, '_>,
) -> Result<(), ImportError> {
    let mut lines = Lines::open(name, &mut open)?;
    let mut line = String::new();
    while lines.read(&mut line)? {
        let place = lines.place();
        let value: Value = serde_json::from_str(&line).map_err(|error| {
            let before = if error.is_eof() {
                line.trim_end().chars().count()
            } else {
                let at = line.char_indices().map(|(at, _)| at);
                at.take_while(|at| at + 1 < error.column()).count()
            };
            let mut place = place.clone();
            place.column = Some(1 + before as u64);
            let reason = error.to_string();
            place.fault(reason.split(" at line ").next().unwrap_or_default())
        })?;
        match value["type"].as_str() {
            Some("node") => {
                let node = node(&value, quads, place)?;
                quads.node(&node, place)?;
            }
            Some("relationship") => {
                let one = relationship(&value, quads, place)?;
                quads.relationship(&one, place)?;
            }
            _ => return Err(place.fault("neither a node nor a relationship")),
        }
        line.clear();
    }
    Ok(())
}

fn node<'m>(value: &Value, quads: &Quads<'m, '_>, place: &Place) -> Result<Node<'m>, ImportError> {
    let key = text(&value["id"], place)?;
    let mut node = Node {
        key: key.to_owned(),
        ..Node::default()
    };
    let Value::Array(labels) = &value["labels"] else {
        return Err(place.fault("a node without `labels`"));
    };
    for label in labels {
        node.labels.extend(quads.label(text(label, place)?, place)?);
    }
    for (name, value) in object(&value["properties"], place)? {
        if *name == quads.map.key {
            if text(value, place)? != key {
                return Err(place.fault(format!("`{name}` is another than `id`")));
            }
            continue;
        }
        property(&mut node.properties, name, value, quads, place)?;
    }
    Ok(node)
}

fn relationship<'m>(
    value: &Value,
    quads: &Quads<'m, '_>,
    place: &Place,
) -> Result<Relationship<'m>, ImportError> {
    let mut one = Relationship {
        kind: quads.kind(text(&value["label"], place)?, place)?,
        start: text(&value["start"]["id"], place)?.to_owned(),
        end: text(&value["end"]["id"], place)?.to_owned(),
        graph: None,
        key: None,
        properties: Properties::new(),
    };
    for (name, value) in object(&value["properties"], place)? {
        match name.as_str() {
            "id" => {
                text(value, place)?;
            }
            "graph" => one.graph = Some(text(value, place)?.to_owned()),
            name if name == quads.map.key => one.key = Some(text(value, place)?.to_owned()),
            name => property(&mut one.properties, name, value, quads, place)?,
        }
    }
    Ok(one)
}

fn property<'m>(
    properties: &mut Properties<'m>,
    name: &str,
    value: &Value,
    quads: &Quads<'m, '_>,
    place: &Place,
) -> Result<(), ImportError> {
    let (name, property) = quads.property(name, place)?;
    let values = match value {
        Value::Array(values) if property.array => natives(property, values),
        value if !property.array => natives(property, std::slice::from_ref(value)),
        _ => Err(format!("{value} is no array")),
    };
    let values = values.map_err(|reason| place.fault(format!("`{name}`: {reason}")))?;
    insert(properties, name, values, place)
}

/// The texts of native values.
pub(super) fn natives(property: &PropertyName, values: &[Value]) -> Result<Vec<String>, String> {
    let natives = values.iter().map(|value| {
        native(property.kind, value).ok_or_else(|| format!("{value} is no value of it"))
    });
    natives.collect()
}

fn native(kind: Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::Boolean, Value::Bool(value)) => Some(value.to_string()),
        (Kind::Integer, Value::Number(number)) => Some(number.as_i64()?.to_string()),
        (Kind::Double, Value::Number(number)) => Some(double(number.as_f64()?)),
        (Kind::Boolean | Kind::Integer | Kind::Double, _) => None,
        (_, Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, place: &Place) -> Result<&'v str, ImportError> {
    let text = value.as_str();
    text.ok_or_else(|| place.fault(format!("a string was expected, not {value}")))
}

fn object<'v>(value: &'v Value, place: &Place) -> Result<&'v Map<String, Value>, ImportError> {
    let object = value.as_object();
    object.ok_or_else(|| place.fault(format!("an object was expected, not {value}")))
}
