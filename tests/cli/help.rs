//! What the program says about itself.

use super::sandbox::Sandbox;

const COMMANDS: &[&str] = &[
    "build",
    "convert",
    "plan",
    "translate",
    "merge",
    "query",
    "export",
    "import",
    "push",
    "validate",
    "check",
    "explain",
    "init",
    "completions",
    "man",
];

#[test]
fn the_help_of_the_program_lists_its_commands() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("help", sandbox.run(["--help"]));
}

#[test]
fn each_command_explains_itself() {
    let sandbox = Sandbox::new();
    for command in COMMANDS {
        insta::assert_snapshot!(format!("help-{command}"), sandbox.run([command, "--help"]));
    }
}

#[test]
fn short_help_fits_a_screen() {
    let sandbox = Sandbox::new();
    for command in COMMANDS {
        let help = sandbox.run([command, "-h"]).success();
        assert!(help.lines().count() <= 40, "{command}\n{help}");
        assert!(
            help.lines().all(|line| line.chars().count() <= 100),
            "{command}\n{help}"
        );
    }
}

#[test]
fn summaries_of_options_carry_no_full_stop() {
    let sandbox = Sandbox::new();
    for command in COMMANDS {
        let help = sandbox.run([command, "-h"]).success();
        let options = help.split("Options:").nth(1).unwrap_or_default();
        let options = options.split("Example").next().unwrap_or_default();
        for line in options.lines() {
            assert!(!line.ends_with('.'), "{command}: {line}");
        }
    }
}

#[test]
fn the_version_is_printed() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(["--version"]), @"
    exit code: 0
    ----- stdout -----
    coalition-kg [VERSION]
    ");
}

#[test]
fn without_a_command_help_is_an_error_of_usage() {
    let ended = Sandbox::new().run([""; 0]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stdout.is_empty());
    assert!(ended.stderr.contains("Usage:"), "{ended}");
}

#[test]
fn an_unknown_command_is_an_error_of_usage_with_the_nearest() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(["biuld"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::usage]: unrecognized subcommand 'biuld'

      tip: a similar subcommand exists: 'build'

    Usage: coalition-kg [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn an_unknown_format_is_an_error_of_usage() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(["export", "--format", "turtel"]), @"
    exit code: 2
    ----- stderr -----
    error[cli::usage]: invalid value 'turtel' for '--format <FORMAT>'
      [possible values: turtle, trig, ntriples, nquads, rdfxml, jsonld, neo4j-csv, cypher, kuzu, ladybug, jsonl, neptune-csv, falkordb-csv, graphml]

      tip: a similar value exists: 'turtle'

    For more information, try '--help'.
    ");
}

#[test]
fn completions_are_made_for_each_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = sandbox.run(["completions", shell]).success();
        for command in COMMANDS {
            assert!(
                text.contains(command),
                "{shell} does not complete {command}"
            );
        }
    }
}

#[test]
fn a_manual_page_is_made_for_each_command() {
    let sandbox = Sandbox::new();
    let page = sandbox.run(["man"]).success();
    assert!(page.contains(".TH coalition-kg"), "{page}");
    sandbox.run(["man", "--output", "man"]).success();
    let names: Vec<_> = sandbox
        .files()
        .keys()
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    for command in COMMANDS {
        assert!(
            names.contains(&format!("coalition-kg-{command}.1")),
            "{names:?}"
        );
    }
}
