//! `check` on the cases: what can be converted has no error and no false alarm, what must fail has the error
//! that the conversion ends with.

use crate::rml::manifest::{Case, Expected, rows};
use libtest_mimic::{Failed, Trial};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The code of a fault of rows, which `check` tells once for all rows and `convert` for each.
const OF_ROWS: &[(&str, &str)] = &[("table::invalid-iri", "rml::invalid-iri")];

/// One trial for each case.
pub(crate) fn trials(folder: &Path, cases: &[Case]) -> Vec<Trial> {
    // What is right to warn of, with the reason.
    let warned: BTreeSet<(String, String)> = rows(folder, "warnings.tsv")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    for (name, _) in &warned {
        assert!(
            cases.iter().any(|case| case.name() == *name),
            "there is no {name}"
        );
    }
    cases
        .iter()
        .cloned()
        .map(|case| {
            let expected: BTreeSet<String> = warned
                .iter()
                .filter(|(name, _)| *name == case.name())
                .map(|(_, code)| code.clone())
                .collect();
            let ignored = case.folder.is_none();
            Trial::test(format!("check/{}", case.name()), move || {
                judge(&case, &expected)
            })
            .with_ignored_flag(ignored)
        })
        .collect()
}

fn judge(case: &Case, warnings: &BTreeSet<String>) -> Result<(), Failed> {
    let folder = case.folder.as_deref().ok_or("the case is not at hand")?;
    let run = Command::new(env!("CARGO_BIN_EXE_coalition-kg"))
        .args(["check", "mapping.ttl", "--base", &case.base])
        .args(["--message-format", "short"])
        .current_dir(folder)
        .env_remove("RML_TEST_SUITE")
        .output()?;
    let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
    let codes = |severity: &str| -> BTreeSet<String> {
        let lines = stderr.lines().filter_map(|line| {
            let (code, _) = line
                .strip_prefix(severity)?
                .strip_prefix('[')?
                .split_once(']')?;
            Some(code.to_owned())
        });
        lines.collect()
    };
    match &case.expected {
        Expected::Output => {
            if run.status.code() != Some(0) || !codes("error").is_empty() {
                return Err(format!("{}\n{stderr}", run.status).into());
            }
            if codes("warning") != *warnings {
                return Err(format!("the warnings {warnings:?} were expected\n{stderr}").into());
            }
        }
        Expected::Error(code) => {
            let of_rows = OF_ROWS.iter().find(|(of_convert, _)| of_convert == code);
            let code = of_rows.map_or(code.as_str(), |(_, of_check)| of_check);
            if run.status.code() != Some(1) || !codes("error").contains(code) {
                return Err(format!("error[{code}] was expected: {}\n{stderr}", run.status).into());
            }
        }
    }
    Ok(())
}
