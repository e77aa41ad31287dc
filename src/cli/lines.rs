//! Lines of files, to be shown with what is wrong in them.
//!
//! In: files and line numbers. Out: the text of these lines. However many lines of a file are wanted,
//! it is read once, from its beginning to the last of them: as far as the run that found the faults
//! had read it, and no further.
//!
//! Memory: 4 KiB for each line, and a block of 128 KiB.

use crate::compression::Compression;
use crate::table::source;
use memchr::{memchr, memchr_iter};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// How much of a long line is shown, in bytes.
const MOST_OF_A_LINE: usize = 4096;

/// How many bytes of a file are read at once.
const BLOCK_BYTES: usize = 128 * 1024;

/// How far into a compressed file lines are looked for, in bytes of what it holds: to decompress them
/// costs as much as a good part of the run. Lines behind that are named and not shown.
const MOST_DECOMPRESSED: u64 = 256 << 20;

/// The lines of some files, by the name of the file.
#[derive(Debug, Default)]
pub(super) struct Lines(HashMap<String, BTreeMap<u64, String>>);

impl Lines {
    /// Reads lines, each given as a file and a number counted from 1, and keeps them in place of those
    /// of the last call. Files that cannot be read, or not a second time, have none.
    pub(super) fn read<'a>(&mut self, wanted: impl Iterator<Item = (&'a str, u64)>) {
        let mut numbers: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for (path, number) in wanted {
            numbers.entry(path).or_default().insert(number);
        }
        self.0 = numbers
            .into_iter()
            .filter_map(|(path, numbers)| Some((path.to_owned(), of_file(path, &numbers)?)))
            .collect();
    }

    /// Gives a line that was read and is there, without its end.
    pub(super) fn get(&self, path: &str, number: u64) -> Option<&str> {
        self.0.get(path)?.get(&number).map(String::as_str)
    }
}

fn of_file(path: &str, numbers: &BTreeSet<u64>) -> Option<BTreeMap<u64, String>> {
    // A pipe would be read dry, or never come to an end.
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let most = match Compression::of_name(path) {
        Some(_) => MOST_DECOMPRESSED,
        None => u64::MAX,
    };
    let input = source::read_file(Path::new(path)).ok()?;
    let input = BufReader::with_capacity(BLOCK_BYTES, input);
    Some(of_text(input, numbers, most))
}

// The lines with these numbers that are whole within a number of bytes.
fn of_text(mut input: impl BufRead, numbers: &BTreeSet<u64>, most: u64) -> BTreeMap<u64, String> {
    let mut found = BTreeMap::new();
    let mut numbers = numbers.range(1..).copied();
    let mut wanted = numbers.next();
    // The line at hand, and what was taken of it.
    let (mut line, mut taken) = (1, Vec::new());
    let mut passed = 0;
    while wanted.is_some() && passed < most {
        // What was found before a fault of the file holds.
        let Ok(block) = input.fill_buf() else {
            return found;
        };
        let length = block.len();
        if length == 0 {
            if let Some(number) = wanted.filter(|number| *number == line) {
                found.insert(number, text(&taken));
            }
            return found;
        }
        let mut rest = block;
        while let Some(number) = wanted {
            if line < number {
                let ends = memchr_iter(b'\n', rest).count() as u64;
                if line + ends < number {
                    line += ends;
                    break;
                }
                let ends = usize::try_from(number - line).unwrap_or(usize::MAX);
                let Some(end) = memchr_iter(b'\n', rest).nth(ends - 1) else {
                    break;
                };
                (rest, line) = (&rest[end + 1..], number);
            }
            let room = MOST_OF_A_LINE - taken.len();
            let end = memchr(b'\n', &rest[..rest.len().min(room)]);
            let taking = end.unwrap_or(rest.len()).min(room);
            taken.extend_from_slice(&rest[..taking]);
            rest = &rest[taking..];
            if end.is_none() && taken.len() < MOST_OF_A_LINE {
                break;
            }
            // What is left of the line, with its end, is passed over like the lines between.
            found.insert(number, text(&taken));
            taken.clear();
            wanted = numbers.next();
        }
        input.consume(length);
        passed += length as u64;
    }
    found
}

fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    text.trim_end_matches('\r').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, Read};

    fn read(text: &[u8], block: usize, wanted: &[u64]) -> BTreeMap<u64, String> {
        let numbers = wanted.iter().copied().collect();
        of_text(BufReader::with_capacity(block, text), &numbers, u64::MAX)
    }

    #[test]
    fn the_lines_are_those_between_line_feeds() {
        let texts = [
            "",
            "\n",
            "a",
            "a\n",
            "a\r\nb\n\n\nc",
            "\n\nab\r\n,é,ö\n\u{FEFF}x\n",
        ];
        for text in texts {
            let all: BTreeMap<u64, String> = (1..)
                .zip(text.split('\n'))
                .map(|(number, line)| (number, line.trim_matches(['\r', '\u{FEFF}']).to_owned()))
                .collect();
            // Each set of numbers, some of lines that are not there.
            for set in 0..1 << 9 {
                let wanted: Vec<u64> = (0..9).filter(|bit| set >> bit & 1 == 1).collect();
                let mut expected = all.clone();
                expected.retain(|number, _| wanted.contains(number));
                for block in [1, 2, 3, 100] {
                    let found = read(text.as_bytes(), block, &wanted);
                    assert_eq!(found, expected, "{text:?} {wanted:?} {block}");
                }
            }
        }
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_is_still_found() {
        for length in [MOST_OF_A_LINE - 1, MOST_OF_A_LINE, 3 * MOST_OF_A_LINE] {
            let text = format!("a\n{}\nb\n", "x".repeat(length));
            for block in [1, 1000, MOST_OF_A_LINE, 1 << 20] {
                let found = read(text.as_bytes(), block, &[2, 3]);
                assert_eq!(
                    found[&2].len(),
                    length.min(MOST_OF_A_LINE),
                    "{length} {block}"
                );
                assert_eq!(found[&3], "b", "{length} {block}");
            }
        }
    }

    struct Counted<R>(R, u64);

    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.read(buffer)?;
            self.1 += length as u64;
            Ok(length)
        }
    }

    #[test]
    fn a_text_is_read_once_and_no_further_than_the_last_line() {
        let text = "0123456789,abc\n".repeat(10_000);
        let numbers: BTreeSet<u64> = (1..=20).map(|number| number * 250).collect();
        let mut counted = Counted(text.as_bytes(), 0);
        let input = BufReader::with_capacity(1000, &mut counted);
        assert_eq!(of_text(input, &numbers, u64::MAX).len(), 20);
        assert!((75_000..77_000).contains(&counted.1), "{}", counted.1);
    }

    struct Faulty;

    impl Read for Faulty {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(Error::other("broken"))
        }
    }

    #[test]
    fn what_is_behind_the_bound_or_a_fault_of_the_file_is_not_shown() {
        let text = "0123456789,abc\n".repeat(1000);
        let numbers = BTreeSet::from([2, 900]);
        let input = BufReader::with_capacity(100, text.as_bytes());
        assert!(of_text(input, &numbers, 1000).keys().eq(&[2]));

        let input = BufReader::with_capacity(100, text.as_bytes()[..40].chain(Faulty));
        assert!(
            of_text(input, &BTreeSet::from([2, 3]), u64::MAX)
                .keys()
                .eq(&[2])
        );
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_read_of_what_is_no_file() {
        for path in ["/dev/zero", "/", "/no/such/file"] {
            let mut lines = Lines::default();
            lines.read(std::iter::once((path, 1)));
            assert_eq!(lines.get(path, 1), None, "{path}");
        }
    }
}
