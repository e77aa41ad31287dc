//! Sizes and times on the command line.
//!
//! In: texts such as `512M` or `2.5`. Out: bytes and durations, or what was expected.

use std::time::Duration;

/// Parses a number of bytes such as `500M`, `2 GB` or `1.5GiB`; a unit is 1024 of the one before.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_uppercase();
    let unit = unit.strip_suffix('B').unwrap_or(&unit);
    let factor = match unit.strip_suffix('I').unwrap_or(unit) {
        "" => Some(1.0),
        "K" => Some(1024.0_f64),
        "M" => Some(1024.0_f64.powi(2)),
        "G" => Some(1024.0_f64.powi(3)),
        "T" => Some(1024.0_f64.powi(4)),
        _ => None,
    };
    let bytes = factor
        .zip(number.parse::<f64>().ok())
        .map(|(factor, number)| number * factor)
        .filter(|bytes| (0.0..9e15).contains(bytes));
    match bytes {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        Some(bytes) => Ok(bytes as u64),
        None => Err("expected a number of bytes such as `500M` or `2G`".to_owned()),
    }
}

/// Parses a number of bytes of memory, as [`parse_size`] does.
pub(crate) fn parse_memory(text: &str) -> Result<usize, String> {
    let bytes = parse_size(text)?;
    usize::try_from(bytes).map_err(|_| format!("`{text}` is more than this machine can have"))
}

/// Parses a number of seconds above zero.
pub(crate) fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        // A clock counts no further than that.
        .map(|duration| duration.min(Duration::from_secs(1 << 30)))
        .ok_or_else(|| "expected a number of seconds above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(parse_size(text).ok(), expected, "{text}");
        };
        check("1", Some(1));
        check("500M", Some(500 << 20));
        check("2g", Some(2 << 30));
        check("1.5GiB", Some(3 << 29));
        check("10 kB", Some(10 << 10));
        check("7B", Some(7));
        check("0", Some(0));
        check("1T", Some(1 << 40));
        for wrong in ["", "-1", "M", "1X", "1.2.3", "1 byte", "99999999G"] {
            check(wrong, None);
        }
    }

    #[test]
    fn seconds_are_above_zero() {
        let check = |text: &str, expected: Option<Duration>| {
            assert_eq!(parse_seconds(text).ok(), expected, "{text}");
        };
        check("0.5", Some(Duration::from_millis(500)));
        check("1e300", None);
        for wrong in ["0", "-1", "NaN", "inf", "soon"] {
            check(wrong, None);
        }
    }
}
