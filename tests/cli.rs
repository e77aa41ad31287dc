//! The command line as a person meets it: standard output, standard error, exit codes, files.
//!
//! Each test runs the program in a folder of its own, with nothing of the caller's environment.

#[expect(dead_code, reason = "some faults are for `tests/push.rs`")]
#[path = "push/server.rs"]
mod store_server;

mod cli {
    mod archives;
    mod bad_input;
    mod bolt;
    mod check;
    mod compressed;
    mod convert;
    mod explain;
    mod help;
    mod hostile;
    mod init;
    mod interrupted;
    mod mapping;
    mod mapping_rows;
    mod network;
    mod observatory;
    mod output;
    mod parts;
    mod plan;
    mod property_graph;
    mod push;
    mod query;
    mod reject;
    mod sandbox;
    mod settings;
    mod shard;
    mod sorted;
    mod translate;
    mod validate;
}
