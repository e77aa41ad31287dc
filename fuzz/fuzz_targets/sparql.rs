//! Any text is a query or is refused with a place in it.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|text: &str| {
    checks::sparql(text);
});
