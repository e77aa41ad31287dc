//! What a logical target's file holds: unpacked, decoded and read as its name says.
//!
//! The program is not used for it, nor the crates that it packs with.

use crate::graphs;
use flate2::read::{DeflateDecoder, MultiGzDecoder};
use oxigraph::io::{JsonLdProfileSet, RdfFormat};
use oxrdf::{BlankNode, Dataset, GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use serde_json::Value;
use std::io::Read as _;

/// Gives the only file in `bytes`, and its name without the ending that says how it was packed.
pub(crate) fn unpack<'a>(name: &'a str, bytes: &[u8]) -> Result<(&'a str, Vec<u8>), String> {
    if let Some(name) = name.strip_suffix(".tar.gz") {
        Ok((name, untar(&gunzip(bytes)?)?))
    } else if let Some(name) = name.strip_suffix(".tar.xz") {
        let mut tar = Vec::new();
        lzma_rs::xz_decompress(&mut &*bytes, &mut tar).map_err(|error| format!("{error:?}"))?;
        Ok((name, untar(&tar)?))
    } else if let Some(name) = name.strip_suffix(".gz") {
        Ok((name, gunzip(bytes)?))
    } else if let Some(name) = name.strip_suffix(".zip") {
        Ok((name, unzip(bytes)?))
    } else {
        Ok((name, bytes.to_vec()))
    }
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    MultiGzDecoder::new(bytes)
        .read_to_end(&mut content)
        .map_err(|error| error.to_string())?;
    Ok(content)
}

/// Spec: POSIX.1 ustar
fn untar(tar: &[u8]) -> Result<Vec<u8>, String> {
    let octal = |field: &[u8]| {
        let text = String::from_utf8_lossy(field);
        let text = text.trim_matches(|c: char| c == '\0' || c == ' ');
        usize::from_str_radix(text, 8).map_err(|error| format!("tar: {error}"))
    };
    let mut at = 0;
    let mut files = Vec::new();
    while let Some(header) = tar.get(at..at + 512) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let sum = header.iter().enumerate().map(|(at, byte)| {
            // The sum is made with spaces in its own place.
            usize::from(if (148..156).contains(&at) {
                b' '
            } else {
                *byte
            })
        });
        if sum.sum::<usize>() != octal(&header[148..156])? {
            return Err("tar: the sum of a header is wrong".to_owned());
        }
        let size = octal(&header[124..136])?;
        let content = tar.get(at + 512..at + 512 + size).ok_or("tar: cut off")?;
        if matches!(header[156], b'0' | 0) {
            files.push(content.to_vec());
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    only(files)
}

/// Spec: APPNOTE.TXT §4.3
fn unzip(zip: &[u8]) -> Result<Vec<u8>, String> {
    let short = |at: usize| -> Result<usize, String> {
        let bytes = zip.get(at..at + 2).ok_or("zip: cut off")?;
        Ok(usize::from(u16::from_le_bytes([bytes[0], bytes[1]])))
    };
    let long = |at: usize| -> Result<usize, String> { Ok(short(at)? | (short(at + 2)? << 16)) };
    let end = zip
        .windows(4)
        .rposition(|bytes| bytes == b"PK\x05\x06")
        .ok_or("zip: there is no directory")?;
    let mut entry = long(end + 16)?;
    let mut files = Vec::new();
    for _ in 0..short(end + 10)? {
        if zip.get(entry..entry + 4) != Some(b"PK\x01\x02") {
            return Err("zip: the directory is damaged".to_owned());
        }
        let (method, size) = (short(entry + 10)?, long(entry + 20)?);
        let (sum, local) = (long(entry + 16)?, long(entry + 42)?);
        let name = zip
            .get(entry + 46..entry + 46 + short(entry + 28)?)
            .ok_or("zip: cut off")?;
        if !name.ends_with(b"/") {
            let start = local + 30 + short(local + 26)? + short(local + 28)?;
            let packed = zip.get(start..start + size).ok_or("zip: cut off")?;
            let mut content = Vec::new();
            match method {
                0 => content.extend_from_slice(packed),
                8 => {
                    DeflateDecoder::new(packed)
                        .read_to_end(&mut content)
                        .map_err(|error| error.to_string())?;
                }
                _ => return Err(format!("zip: method {method}")),
            }
            let mut check = flate2::Crc::new();
            check.update(&content);
            if check.sum() as usize != sum {
                return Err("zip: the sum of a file is wrong".to_owned());
            }
            files.push(content);
        }
        entry += 46 + short(entry + 28)? + short(entry + 30)? + short(entry + 32)?;
    }
    only(files)
}

fn only(mut files: Vec<Vec<u8>>) -> Result<Vec<u8>, String> {
    match (files.pop(), files.len()) {
        (Some(file), 0) => Ok(file),
        (_, more) => Err(format!("one file was expected, there are {more} more")),
    }
}

/// Gives a text as UTF-8.
pub(crate) fn decode(bytes: &[u8], utf16: bool) -> Result<String, String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        // Spec: RFC 2781 §4.3, where no mark says it
        [0xFE, 0xFF, ..] | [0, ..] => u16::from_be_bytes,
        _ if utf16 => return Err("UTF-16 was expected".to_owned()),
        _ => return String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string()),
    };
    if !utf16 {
        return Err("UTF-8 was expected".to_owned());
    }
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or_default()]))
        .collect();
    let text = String::from_utf16(&units).map_err(|error| error.to_string())?;
    Ok(text.trim_start_matches('\u{FEFF}').to_owned())
}

/// The format that a file's name stands for; none for RDF/JSON.
pub(crate) fn format(name: &str) -> Result<Option<RdfFormat>, String> {
    Ok(match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("nq") => Some(RdfFormat::NQuads),
        Some("nt") => Some(RdfFormat::NTriples),
        Some("ttl") => Some(RdfFormat::Turtle),
        Some("n3") => Some(RdfFormat::N3),
        Some("rdfxml") => Some(RdfFormat::RdfXml),
        Some("jsonld") => Some(RdfFormat::JsonLd {
            profile: JsonLdProfileSet::empty(),
        }),
        Some("rdfjson") => None,
        _ => return Err(format!("what {name} holds is not known")),
    })
}

/// Reads a document as its name says.
pub(crate) fn read(name: &str, text: &str, base: &str) -> Result<Dataset, String> {
    match format(name)? {
        Some(format) => graphs::dataset(text.as_bytes(), format, base),
        None => rdf_json(text),
    }
}

/// Spec: RDF 1.1 JSON Alternate Serialization §3
fn rdf_json(text: &str) -> Result<Dataset, String> {
    let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut dataset = Dataset::new();
    for (subject, properties) in document.as_object().ok_or("no object")? {
        for (predicate, values) in properties.as_object().ok_or("no object")? {
            for value in values.as_array().ok_or("no array")? {
                dataset.insert(&Quad::new(
                    node(subject),
                    NamedNode::new_unchecked(predicate.as_str()),
                    object(value)?,
                    GraphName::DefaultGraph,
                ));
            }
        }
    }
    Ok(dataset)
}

fn node(name: &str) -> NamedOrBlankNode {
    match name.strip_prefix("_:") {
        Some(label) => BlankNode::new_unchecked(label).into(),
        None => NamedNode::new_unchecked(name).into(),
    }
}

fn object(value: &Value) -> Result<Term, String> {
    let text = value["value"].as_str().ok_or("an object has no value")?;
    Ok(match value["type"].as_str() {
        Some("uri" | "bnode") => node(text).into(),
        Some("literal") => match (value["lang"].as_str(), value["datatype"].as_str()) {
            (Some(language), _) => {
                Literal::new_language_tagged_literal_unchecked(text, language).into()
            }
            (None, Some(datatype)) => {
                Literal::new_typed_literal(text, NamedNode::new_unchecked(datatype)).into()
            }
            (None, None) => Literal::new_simple_literal(text).into(),
        },
        _ => return Err(format!("no type of a term: {value}")),
    })
}
