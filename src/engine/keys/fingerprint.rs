//! Keys as 128 bits that stand for their values.
//!
//! In: the cells of a row. Out: a [`Fingerprint`], the same for the same values however they are
//! written: `6.45` and `06.450`, `2020-01-01T00:00:00Z` and `2020-01-01T01:00:00+01:00`.

use super::CellValue;
use crate::engine::hash::Given;
use crate::rdf::xsd::{Datatype, Decimal, Value};
use siphasher::sip128::{Hasher128 as _, SipHasher13};
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// SipHash-1-3-128 of a key.
///
/// Keys of a run are compared with each other only, so the hash has no secret: it has to be spread
/// evenly, and the same in each run. Four words take no more room than 16 bytes in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fingerprint([u32; 4]);

impl Fingerprint {
    /// 16 bytes that give it back.
    pub(super) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        for (to, word) in bytes.chunks_exact_mut(4).zip(self.0) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// What [`Fingerprint::to_bytes`] gave.
    pub(super) fn from_bytes(bytes: [u8; 16]) -> Self {
        let number = u128::from_le_bytes(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "each word is cut to size")]
        Self([0, 32, 64, 96].map(|shift| (number >> shift) as u32))
    }

    /// Which of 64 parts it belongs to; each level looks at other bits, none at those of a table.
    pub(super) fn part(self, level: u32) -> usize {
        (self.0[3] >> (6 * level.min(4))) as usize % 64
    }
}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.0[0]) | u64::from(self.0[1]) << 32);
    }
}

/// Uses a fingerprint as its own hash.
pub(super) type ByFingerprint = BuildHasherDefault<Given>;

/// Makes fingerprints in a buffer that is used again.
#[derive(Debug, Default)]
pub(super) struct Fingerprinter {
    buffer: Vec<u8>,
}

impl Fingerprinter {
    /// The fingerprint of some cells, whose columns have these datatypes.
    pub(super) fn of_row(
        &mut self,
        cells: &[CellValue<'_>],
        columns: &[usize],
        datatypes: &[Datatype],
    ) -> Fingerprint {
        self.buffer.clear();
        for (column, datatype) in columns.iter().zip(datatypes) {
            let items = cells[*column].items();
            push_number(&mut self.buffer, items.len());
            for item in items {
                // What does not fit its datatype is a string.
                let datatype = if item.valid {
                    *datatype
                } else {
                    Datatype::String
                };
                push_value(&mut self.buffer, datatype, &item.text);
            }
        }
        let mut hasher = SipHasher13::new_with_keys(0, 0);
        hasher.write(&self.buffer);
        let hash = hasher.finish128();
        Fingerprint::from_bytes(hash.as_u128().to_le_bytes())
    }
}

fn push_number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u64).to_le_bytes());
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

// Writes a value so that equal values give equal bytes and others do not.
//
// Values of different primitive types are different, but for the two of floating point and for
// all that is text.
//
// Spec: XSD 1.1 part 2 §2.2.2, §3.3
fn push_value(out: &mut Vec<u8>, datatype: Datatype, text: &str) {
    if datatype.is_decimal()
        && let Some((negative, whole, fraction)) = Decimal::split(text)
    {
        out.extend_from_slice(&[b'n', u8::from(negative)]);
        push_text(out, whole);
        push_text(out, fraction);
        return;
    }
    if datatype == Datatype::HexBinary || datatype == Datatype::Base64Binary {
        let is_hex = datatype == Datatype::HexBinary;
        let bytes = text.bytes().filter(|byte| *byte != b' ');
        let bytes: Vec<u8> = if is_hex {
            bytes.map(|byte| byte.to_ascii_uppercase()).collect()
        } else {
            bytes.collect()
        };
        out.push(if is_hex { b'h' } else { b'6' });
        push_number(out, bytes.len());
        out.extend_from_slice(&bytes);
        return;
    }
    let has_value = datatype.is_ordered() || datatype == Datatype::Boolean;
    match has_value.then(|| Value::parse(datatype, text)).flatten() {
        Some(Value::Double(number)) => {
            // There are two zeros, which are equal, and many that are no number.
            let number = if number.is_nan() {
                f64::NAN
            } else {
                number + 0.0
            };
            out.push(b'f');
            out.extend_from_slice(&number.to_bits().to_le_bytes());
        }
        Some(Value::Boolean(value)) => out.extend_from_slice(&[b'b', u8::from(value)]),
        Some(Value::Moment(moment)) => {
            let kind = match datatype {
                Datatype::Date => 0,
                Datatype::Time => 1,
                Datatype::GDay => 2,
                Datatype::GMonth => 3,
                Datatype::GMonthDay => 4,
                Datatype::GYear => 5,
                Datatype::GYearMonth => 6,
                _ => 7,
            };
            out.extend_from_slice(&[b'm', kind, u8::from(moment.is_zoned())]);
            out.extend_from_slice(&moment.seconds().to_le_bytes());
            push_text(out, &moment.fraction().to_lexical());
        }
        Some(Value::Duration(duration)) => {
            out.push(b'd');
            out.extend_from_slice(&duration.months().to_le_bytes());
            out.extend_from_slice(&duration.seconds().to_le_bytes());
            push_text(out, &duration.fraction().to_lexical());
        }
        _ => {
            out.push(b't');
            push_text(out, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(datatype: Datatype, text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        push_value(&mut out, datatype, text);
        out
    }

    fn check(datatype: Datatype, same: &[&str], other: &[&str]) {
        for text in same {
            assert!(datatype.accepts(text), "{datatype:?} `{text}`");
            assert_eq!(
                bytes(datatype, text),
                bytes(datatype, same[0]),
                "{datatype:?} `{text}`"
            );
        }
        for text in other {
            assert!(datatype.accepts(text), "{datatype:?} `{text}`");
            assert_ne!(
                bytes(datatype, text),
                bytes(datatype, same[0]),
                "{datatype:?} `{text}`"
            );
        }
    }

    // Spec: XSD 1.1 part 2 §3.3
    #[test]
    fn keys_are_values() {
        use Datatype as D;
        check(
            D::Decimal,
            &["6.45", "6.450", "06.45000", "+6.45"],
            &["6.4500001", "-6.45", "64.5", "645"],
        );
        check(D::Integer, &["1", "01", "+1"], &["-1", "10", "11"]);
        check(D::Integer, &["0", "-0", "+00"], &["1"]);
        check(
            D::Double,
            &["1E2", "100", "100.0", "+1.0e+02"],
            &["-100", "1E3"],
        );
        check(D::Double, &["-0", "0", "0E5", "1E-999999999"], &["1"]);
        check(D::Double, &["INF", "+INF", "1E999999999"], &["-INF", "NaN"]);
        check(D::Double, &["NaN"], &["INF"]);
        check(D::Double, &["16777217"], &["16777216"]);
        check(D::Float, &["16777217", "16777216"], &["16777218"]);
        check(D::Boolean, &["1", "true"], &["0", "false"]);
        check(
            D::DateTime,
            &[
                "2020-01-01T00:00:00Z",
                "2020-01-01T01:00:00.000+01:00",
                "2019-12-31T24:00:00-00:00",
            ],
            &["2020-01-01T00:00:00", "2020-01-01T00:00:00+01:00"],
        );
        check(
            D::Time,
            &["00:00:00", "24:00:00"],
            &["00:00:00Z", "00:00:01"],
        );
        check(
            D::Duration,
            &["P1Y", "P12M", "P0Y12MT0S"],
            &["P365D", "P13M", "-P1Y"],
        );
        check(
            D::Duration,
            &["P1D", "PT24H", "PT1440M", "PT86400.0S"],
            &["PT86400.1S"],
        );
        check(D::HexBinary, &["0aff", "0AFF"], &["0AFE"]);
        check(D::Base64Binary, &["AQID", "AQ ID"], &["aqid"]);
        check(D::String, &["a"], &["A", "a ", ""]);
        check(D::AnyUri, &["http://a/"], &["HTTP://a/", "http://a"]);
    }

    #[test]
    fn lists_do_not_run_into_each_other() {
        let one = |items: &[&str]| {
            let mut out = Vec::new();
            for item in items {
                push_value(&mut out, Datatype::String, item);
            }
            out
        };
        assert_ne!(one(&["ab", "c"]), one(&["a", "bc"]));
        assert_ne!(one(&["a\u{1F}b"]), one(&["a", "b"]));
    }

    #[test]
    fn fingerprints_survive_as_bytes() {
        let fingerprint = Fingerprint([1, 2, 3, u32::MAX]);
        assert_eq!(Fingerprint::from_bytes(fingerprint.to_bytes()), fingerprint);
        assert_eq!(size_of::<(Fingerprint, [u16; 6])>(), 28);
    }
}
