//! Yardsticks: what reading, formatting, deduplication and writing cost in a program for one table.
//!
//! ```text
//! yardstick csv    FILE.csv               the rows by the csv crate, no output
//! yardstick index  FILE.csv               the scan for separators of `tuned` alone
//! yardstick write  BYTES OUT [BLOCK]      BYTES of text in blocks of BLOCK bytes (131072)
//! yardstick naive  FOLDER OUT             the csv crate, terms formatted byte by byte
//! yardstick tuned  FOLDER OUT [THREADS]   a scanner of its own, terms copied in blocks
//! yardstick lines  FOLDER OUT             tuned, and each line looked up in a set of hashes
//! yardstick batch  FOLDER OUT             tuned, 256 lines looked up together after a prefetch
//! yardstick rows   FOLDER OUT             tuned, equal rows dropped before they are formatted
//! yardstick digest FILE.nt ...            triples, distinct triples and their digest
//! ```
//!
//! FOLDER is a workload with one triples map and no joins. A file that is not of the form that
//! `workloads.py` writes ends the program, or worse: this is a measure, not an engine.

mod digest;
mod naive;
mod spec;
mod tuned;

use spec::Spec;
use std::fs::File;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::Write;
use tuned::Repeats;

/// Takes a key that is a hash already as it is.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes are keys here")
    }
    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}

/// A set of hashes of 128 bits.
type Set = hashbrown::HashSet<u128, BuildHasherDefault<Identity>>;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["csv", file] => naive::read(file),
        ["index", file] => println!("{} separators", tuned::index_file(file)),
        ["write", bytes, out] => write(number(bytes), out, 128 << 10),
        ["write", bytes, out, block] => write(number(bytes), out, number(block)),
        ["naive", folder, out] => naive::run(&Spec::read(folder), out),
        ["tuned", folder, out] => tuned::run(&Spec::read(folder), out, Repeats::Stay),
        ["tuned", folder, out, threads] => {
            tuned::run_threads(&Spec::read(folder), out, number(threads));
        }
        ["lines", folder, out] => {
            tuned::run(&Spec::read(folder), out, Repeats::Lines(Set::default()));
        }
        ["batch", folder, out] => tuned::run(&Spec::read(folder), out, Repeats::batched()),
        ["rows", folder, out] => {
            tuned::run(&Spec::read(folder), out, Repeats::Rows(Set::default()));
        }
        ["digest", ref files @ ..] => files.iter().for_each(|file| digest::run(file)),
        _ => panic!("see the head of main.rs"),
    }
}

fn number(word: &str) -> usize {
    word.parse().expect("a number")
}

fn write(bytes: usize, out: &str, block: usize) {
    let text: Vec<u8> = (0..block).map(|i| b' ' + (i * 7 % 90) as u8).collect();
    let mut file = File::create(out).expect("an output file");
    let mut left = bytes;
    while left > 0 {
        let length = left.min(block);
        file.write_all(&text[..length]).expect("space");
        left -= length;
    }
}
