//! What a number or date pattern reads is a lexical form of the datatype.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    checks::number_and_date_patterns(input.0, input.1);
});
