//! Diagnostics as SARIF, for editors and continuous integration.
//!
//! In: [`Diagnostics`]. Out: a SARIF 2.1.0 log of one run, as JSON.
//!
//! Spec: SARIF §3

use crate::diagnostic::{Diagnostic, Diagnostics, Location, Severity};
use serde_json::{Map, Value, json};

/// The log of a run; `more` are results that are no diagnostics.
pub(crate) fn log(diagnostics: &Diagnostics, more: &[Value]) -> Value {
    let mut codes: Vec<&str> = diagnostics.iter().map(|found| found.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| json!({ "id": code })).collect();
    let mut results: Vec<Value> = diagnostics
        .iter()
        .map(|found| result(found, &codes))
        .collect();
    // What is only counted is told too, on the file where it was found.
    results.extend(diagnostics.suppressed().iter().map(|rest| {
        let column = if rest.column_name.is_empty() {
            String::new()
        } else {
            format!(" in column `{}`", rest.column_name)
        };
        json!({
            "ruleId": rest.code,
            "ruleIndex": codes.iter().position(|code| *code == rest.code),
            "level": "note",
            "message": { "text": format!("{} more like this{column}", rest.count) },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": uri(&rest.source) }
            }}],
        })
    }));
    results.extend_from_slice(more);
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "coalition-kg",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(found: &Diagnostic, codes: &[&str]) -> Value {
    let mut text = found.message.clone();
    if let Some(help) = &found.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let mut properties = Map::new();
    let location = &found.location;
    for (name, value) in [
        ("sourceRow", location.source_row.map(Value::from)),
        ("value", found.value.clone().map(Value::from)),
        ("columnName", location.column_name.clone().map(Value::from)),
        (
            "jsonPointer",
            location.json_pointer.clone().map(Value::from),
        ),
        ("metadata", location.document.clone().map(Value::from)),
        ("spec", found.spec.map(Value::from)),
    ] {
        if let Some(value) = value {
            properties.insert(name.to_owned(), value);
        }
    }
    let mut out = json!({
        "ruleId": found.code,
        "ruleIndex": codes.iter().position(|code| *code == found.code),
        "level": match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": text },
        "properties": properties,
    });
    if let Some(source) = &location.source {
        out["locations"] = json!([{ "physicalLocation": physical(source, location) }]);
    }
    out
}

fn physical(source: &str, location: &Location) -> Value {
    let mut region = Map::new();
    if let Some(line) = location.line {
        region.insert("startLine".to_owned(), line.into());
        // SARIF has no word for the number of a cell.
        if let Some(column) = location.text_column() {
            region.insert("startColumn".to_owned(), column.into());
        }
    }
    let mut out = json!({ "artifactLocation": { "uri": uri(source) } });
    if !region.is_empty() {
        out["region"] = Value::Object(region);
    }
    out
}

// A path as a relative reference, an IRI as it is.
fn uri(source: &str) -> String {
    let mut out = String::new();
    if source.contains("://") {
        push_uri(&mut out, source);
        return out;
    }
    for (index, segment) in source.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        } else if segment.contains(':') {
            // It would look like a scheme.
            out.push_str("./");
        }
        let mut encoded = String::new();
        crate::rdf::iri::push_path_segment(&mut encoded, segment);
        push_uri(&mut out, &encoded);
    }
    out
}

// Letters that a URI cannot hold are percent-encoded.
//
// Spec: RFC 3987 §3.1
fn push_uri(out: &mut String, iri: &str) {
    for character in iri.chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            let mut buffer = [0; 4];
            let text = character.encode_utf8(&mut buffer);
            crate::rdf::iri::push_encoded(out, text, crate::rdf::iri::Safe::Unreserved);
        }
    }
}
