//! A table read in pieces has the rows and faults of the table read as a whole, and the rows that
//! the `csv` crate reads.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: (&[u8], [u8; 3], u8)| {
    let (bytes, sizes, dialect) = input;
    checks::table_reader(bytes, &sizes, dialect);
});
