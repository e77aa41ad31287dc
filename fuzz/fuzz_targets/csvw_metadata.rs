//! Any bytes are a metadata document or are refused with a reason.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    checks::csvw_metadata(bytes);
});
