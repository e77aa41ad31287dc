//! A digest of the triples of a file that does not depend on their order, to compare outputs.
//!
//! What engines may write differently without meaning anything else is made one: escapes in
//! strings, percent-encoded characters beyond ASCII in IRIs, `xsd:string`, and `+00:00` for `Z`.
//! The labels of blank nodes are left as they are, so only triples without them compare.

use crate::Set;
use std::fs::File;
use std::io::{BufRead, BufReader};
use xxhash_rust::xxh3::xxh3_128;

const SAME_ENDS: [(&[u8], &[u8]); 2] = [
    (
        b"+00:00\"^^<http://www.w3.org/2001/XMLSchema#dateTime>",
        b"Z\"^^<http://www.w3.org/2001/XMLSchema#dateTime>",
    ),
    (b"\"^^<http://www.w3.org/2001/XMLSchema#string>", b"\""),
];

/// Prints the lines of a file, its distinct triples and the sum of their hashes.
pub fn run(path: &str) {
    let file = File::open(path).expect("an N-Triples file");
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (mut line, mut triple) = (Vec::new(), Vec::new());
    let mut seen = Set::default();
    let (mut lines, mut malformed, mut sum) = (0u64, 0u64, 0u128);
    while reader.read_until(b'\n', &mut line).expect("a line") > 0 {
        let text = line.trim_ascii();
        if !text.is_empty() && text[0] != b'#' {
            lines += 1;
            malformed += u64::from(!text.ends_with(b"."));
            normalize(
                text.strip_suffix(b".").unwrap_or(text).trim_ascii_end(),
                &mut triple,
            );
            let hash = xxh3_128(&triple);
            if seen.insert(hash) {
                sum = sum.wrapping_add(hash);
            }
        }
        line.clear();
    }
    let distinct = seen.len();
    let sum = sum as u64;
    println!("lines {lines} distinct {distinct} malformed {malformed} digest {sum:016x}");
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn normalize(line: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let (mut at, mut quoted) = (0, false);
    while at < line.len() {
        match line[at] {
            b'\\' if at + 1 < line.len() => {
                let escape = line[at + 1];
                at += 2;
                match escape {
                    b't' => out.push(b'\t'),
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b'u' | b'U' => {
                        let length = if escape == b'u' { 4 } else { 8 };
                        let digits = line.get(at..at + length);
                        let char = digits.and_then(hexadecimal).and_then(char::from_u32);
                        let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
                        out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                        at += length;
                    }
                    other => out.push(other),
                }
                continue;
            }
            b'"' => quoted = !quoted,
            b'%' if !quoted => {
                let byte = line.get(at + 1..at + 3).and_then(hexadecimal);
                if let Some(byte @ 0x80..) = byte {
                    out.push(byte as u8);
                    at += 3;
                    continue;
                }
            }
            _ => {}
        }
        out.push(line[at]);
        at += 1;
    }
    for (end, same) in SAME_ENDS {
        if out.ends_with(end) {
            out.truncate(out.len() - end.len());
            out.extend_from_slice(same);
        }
    }
}
