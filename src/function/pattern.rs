//! Regular expressions of mappings, compiled once for each thread.
//!
//! They take time that grows with the text alone; back references and look-around, which no such engine has, are refused.

use regex::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// The greatest number of expressions that a thread keeps. A mapping has few, unless a column gives them.
const MOST_KEPT: usize = 64;

/// The greatest size of a compiled expression, in bytes.
const LARGEST: usize = 2 << 20;

/// The expression within slashes, as GREL writes them: `/a+/`.
pub(super) fn within_slashes(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

/// The expression that `pattern` writes.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    thread_local! {
        static KEPT: RefCell<FxHashMap<String, Regex>> = RefCell::default();
    }
    KEPT.with_borrow_mut(|kept| {
        if let Some(regex) = kept.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = RegexBuilder::new(pattern)
            .size_limit(LARGEST)
            .dfa_size_limit(LARGEST)
            .build()
            .map_err(|error| {
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default();
                let reason = reason.trim_start_matches("error: ");
                format!("`{pattern}` is no regular expression that can be used: {reason}")
            })?;
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    })
}

/// The expression that `pattern` writes, which has to fit a text from beginning to end.
pub(super) fn compile_whole(pattern: &str) -> Result<Regex, String> {
    // What the pattern says must not end the group that is put around it.
    compile(pattern)?;
    compile(&format!(r"\A(?:{pattern})\z"))
}

/// The texts between the matches of `separator`; empty ones at the end are left out, as GREL and Java do.
pub(super) fn split(text: &str, separator: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut parts: Vec<String> = match within_slashes(separator) {
        Some(pattern) if !pattern.is_empty() => {
            let regex = compile(pattern)?;
            let mut parts: Vec<_> = regex.split(text).map(str::to_owned).collect();
            // A match of nothing at the beginning parts nothing from nothing.
            if regex.find(text).is_some_and(|found| found.end() == 0) {
                parts.remove(0);
            }
            parts
        }
        _ if separator.is_empty() => text.chars().map(String::from).collect(),
        _ => text.split(separator).map(str::to_owned).collect(),
    };
    while parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    Ok(parts)
}
