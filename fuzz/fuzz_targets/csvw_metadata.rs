//! Any metadata is read and lowered in all ways, or is refused with a reason.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (metadata, table, other) = checks::parts(input);
    checks::csvw_metadata(metadata, table, other);
});
