//! Runs the RML conformance cases with CSV sources through the command line: one trial for each.
//!
//! The cases and the tables about them are those under `tests/rml`; its README says where they come
//! from and how each is judged. Two modules state no licence and are not there: the folder that the
//! environment variable `RML_TEST_SUITE` names has them, or else their trials are ignored.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a suite that cannot be read has failed"
)]

#[path = "conformance/graphs.rs"]
mod graphs;

mod rml {
    pub(crate) mod check;
    pub(crate) mod judge;
    pub(crate) mod manifest;
    pub(crate) mod packed;
    pub(crate) mod self_test;
    pub(crate) mod shapes;
    pub(crate) mod triple_terms;
}

use libtest_mimic::{Arguments, Failed, Trial};
use rml::{check, judge, manifest, self_test, shapes};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The number of cases, so that none gets lost.
const CASES: usize = 278;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rml");
    let other = std::env::var_os("RML_TEST_SUITE").map(PathBuf::from);
    let cases = manifest::cases(&folder, other.as_deref());
    assert_eq!(cases.len(), CASES);
    let away = cases.iter().filter(|case| case.folder.is_none()).count();
    if away > 0 {
        eprintln!(
            "RML_TEST_SUITE names no folder with the modules lv and io-registry: {away} of {CASES} cases are NOT run"
        );
    }
    let mut trials = self_test::trials(&Arc::new(cases.clone()));
    trials.extend(check::trials(&folder, &cases));
    trials.extend(shapes::trials(&folder, &cases));
    trials.extend(cases.into_iter().map(|case| {
        let ignored = case.folder.is_none();
        Trial::test(case.name(), move || {
            let run = judge::run(&case).map_err(|error| Failed::from(error.to_string()))?;
            judge::judge(&case, &run).map_err(|reason| {
                Failed::from(format!("{reason}\n--- standard error\n{}", run.stderr))
            })
        })
        .with_ignored_flag(ignored)
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}
