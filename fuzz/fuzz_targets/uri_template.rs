//! Any text is a URI template or is refused; expansions hold only what an IRI can hold, and
//! are those of another implementation.
#![no_main]
#![expect(dead_code, reason = "the checks are shared by all targets")]

#[path = "../../tests/properties/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    checks::uri_template(input.0, input.1);
});
