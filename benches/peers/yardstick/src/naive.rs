//! The program that one would write without thinking of speed.

use crate::spec::{Object, Part, Spec};
use std::fs::File;
use std::io::{BufWriter, Write};

/// Reads a table and says how many rows and cells it has.
pub fn read(path: &str) {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut cells) = (0, 0);
    while reader.read_byte_record(&mut record).expect("a row") {
        rows += 1;
        cells += record.len();
    }
    println!("{rows} rows, {cells} cells");
}

/// Writes the triples of a table.
pub fn run(spec: &Spec, out: &str) {
    let mut reader = csv::Reader::from_path(&spec.csv).expect("a table");
    let file = File::create(out).expect("an output file");
    let mut writer = BufWriter::with_capacity(1 << 16, file);
    let mut record = csv::ByteRecord::new();
    let mut line = Vec::new();
    while reader.read_byte_record(&mut record).expect("a row") {
        for rule in &spec.lines {
            line.clear();
            line.push(b'<');
            iri(&mut line, &spec.subject, &record);
            line.extend_from_slice(b"> ");
            line.extend_from_slice(&rule.head);
            match &rule.object {
                Object::Literal(column) => literal(&mut line, &record[*column]),
                Object::Iri(parts) => iri(&mut line, parts, &record),
                Object::RawIri(column) => line.extend_from_slice(&record[*column]),
                Object::Constant => {}
            }
            line.extend_from_slice(&rule.tail);
            writer.write_all(&line).expect("space");
        }
    }
    writer.flush().expect("space");
}

fn literal(out: &mut Vec<u8>, text: &[u8]) {
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
}

fn iri(out: &mut Vec<u8>, parts: &[Part], record: &csv::ByteRecord) {
    for part in parts {
        match part {
            Part::Text(text) => out.extend_from_slice(text),
            Part::Column(column) => {
                for &byte in &record[*column] {
                    match byte {
                        b'-' | b'.' | b'_' | b'~' | 0x80.. => out.push(byte),
                        _ if byte.is_ascii_alphanumeric() => out.push(byte),
                        _ => write!(out, "%{byte:02X}").expect("memory"),
                    }
                }
            }
        }
    }
}
