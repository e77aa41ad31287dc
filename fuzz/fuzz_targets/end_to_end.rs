//! Any metadata with any table makes a graph and objects, or errors.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (metadata, table, other) = checks::parts(input);
    checks::end_to_end(metadata, table, other);
});
