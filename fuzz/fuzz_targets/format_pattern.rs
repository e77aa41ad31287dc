//! What a format reads is a lexical form of the datatype, in bounded time.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    checks::format_pattern(input.0, input.1);
});
