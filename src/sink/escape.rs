//! Strings as N-Triples and Turtle write them between quotes.
//!
//! In: text. Out: bytes with the escapes of canonical N-Triples, which Turtle reads too.

/// Appends a text with escapes, without the quotes around it.
///
/// Spec: n-triples §2.4, `ECHAR` and `UCHAR`
#[inline]
pub fn push_escaped(out: &mut Vec<u8>, text: &str) {
    if is_plain(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_with_escapes(out, text);
    }
}

// The first byte of U+FFFE and U+FFFF, and of many letters that need no escape.
const OF_NONCHARACTERS: u8 = 0xEF;

#[inline]
fn is_odd(byte: u8) -> bool {
    byte < b' ' || matches!(byte, b'"' | b'\\' | 0x7F | OF_NONCHARACTERS)
}

// Whether no byte may need an escape.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    let (blocks, _) = bytes.as_chunks::<8>();
    let odd = blocks.iter().fold(0, |odd, block| odd | odd_of(*block));
    // The last block again, with what is behind it.
    match bytes.last_chunk() {
        Some(last) => odd | odd_of(*last) == 0,
        None => !bytes.iter().any(|byte| is_odd(*byte)),
    }
}

// Not zero where one of eight bytes is odd: they are looked at in one number.
#[inline]
fn odd_of(block: [u8; 8]) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let number = u64::from_le_bytes(block);
    // The highest bit of each byte that is less than another one below 128; those above it may be
    // set too, but then there is one that is.
    let below = |number: u64, least: u8| {
        number.wrapping_sub(ONES * u64::from(least)) & !number & (ONES << 7)
    };
    let equals = |byte: u8| below(number ^ (ONES * u64::from(byte)), 1);
    below(number, b' ') | equals(b'"') | equals(b'\\') | equals(0x7F) | equals(OF_NONCHARACTERS)
}

#[cold]
fn push_with_escapes(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| is_odd(**byte)) {
        let code;
        let (escape, length): (&[u8], usize) = match byte {
            b'"' => (b"\\\"", 1),
            b'\\' => (b"\\\\", 1),
            b'\n' => (b"\\n", 1),
            b'\r' => (b"\\r", 1),
            b'\t' => (b"\\t", 1),
            0x8 => (b"\\b", 1),
            0xC => (b"\\f", 1),
            &OF_NONCHARACTERS => match bytes.get(at + 1..at + 3) {
                Some([0xBF, 0xBE]) => (b"\\uFFFE", 3),
                Some([0xBF, 0xBF]) => (b"\\uFFFF", 3),
                _ => continue,
            },
            control => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                let (high, low) = (usize::from(control >> 4), usize::from(control & 15));
                code = [b'\\', b'u', b'0', b'0', HEX[high], HEX[low]];
                (&code, 1)
            }
        };
        out.extend_from_slice(&bytes[copied..at]);
        out.extend_from_slice(escape);
        copied = at + length;
    }
    out.extend_from_slice(&bytes[copied..]);
}

#[cfg(test)]
mod tests {
    use super::push_escaped;
    use oxrdf::Literal;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escapes_are_those_of_oxrdf(text in r#"([a-z\x00-\x7f"\\é\u{FDFF}\u{FFFE}\u{FFFF}😀]|[a-z]{9,40}){0,6}"#) {
            let mut out = b"\"".to_vec();
            push_escaped(&mut out, &text);
            out.push(b'"');
            let expected = Literal::new_simple_literal(text).to_string();
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
