//! Any metadata with any table makes a graph or errors.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: (&[u8], &[u8])| {
    checks::end_to_end(input.0, input.1);
});
