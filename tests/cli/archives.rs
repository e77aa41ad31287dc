//! Archives and encodings, held against Python's modules, where there is a Python.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a program that cannot be run has failed"
)]

use super::sandbox::Sandbox;
use insta::assert_snapshot;
use std::process::Command;

/// Runs a script in the folder; gives what it prints, or nothing without Python.
fn python(sandbox: &Sandbox, script: &str) -> Option<String> {
    let script = format!("import zipfile,tarfile,lzma,gzip,sys\n{script}");
    let output = Command::new("python3")
        .args(["-c", &script])
        .current_dir(sandbox.path(""))
        .output()
        .ok()?;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    Some(String::from_utf8(output.stdout).unwrap())
}

const MAKE: &str = "
zipfile.ZipFile('t.csv.zip','w',zipfile.ZIP_DEFLATED).write('t.csv')
for kind in ['gz','xz']:
    with tarfile.open('t.csv.tar.'+kind,'w:'+kind) as t: t.add('t.csv')
lzma.open('t.csv.xz','wb').write(open('t.csv','rb').read())
";

const NAMES: [&str; 4] = ["t.csv.zip", "t.csv.tar.gz", "t.csv.tar.xz", "t.csv.xz"];

#[test]
fn a_table_in_an_archive_makes_the_same_graph() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a,b\né,1\nx,2\n");
    let metadata = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv",
        "tableSchema": {"aboutUrl": "http://example.org/{a}",
            "columns": [{"titles": "a", "name": "a"}, {"titles": "b", "name": "b"}]}}"#;
    sandbox.write("t.csv-metadata.json", metadata);
    let expected = sandbox
        .run(["convert", "--format", "ntriples", "--minimal", "t.csv"])
        .success();
    if python(&sandbox, MAKE).is_none() {
        return;
    }
    for name in NAMES {
        let found = sandbox
            .run(["convert", "--format", "ntriples", "--minimal", name])
            .success();
        assert_eq!(
            found,
            expected.replace("t.csv#", &format!("{name}#")),
            "{name}"
        );
        let out = format!("out.nt.{}", &name["t.csv.".len()..]);
        let arguments = [
            "convert",
            "--format",
            "ntriples",
            "--minimal",
            name,
            "--output",
            out.as_str(),
        ];
        sandbox.run(arguments).success();
    }
    let read = "
import sys
n=sys.stdout.buffer.write
n(zipfile.ZipFile('out.nt.zip').read('out.nt'))
n(tarfile.open('out.nt.tar.gz').extractfile('out.nt').read())
n(tarfile.open('out.nt.tar.xz').extractfile('out.nt').read())
n(lzma.open('out.nt.xz').read())
";
    let found = python(&sandbox, read).unwrap();
    let all: String = NAMES
        .map(|name| expected.replace("t.csv#", &format!("{name}#")))
        .concat();
    assert_eq!(found, all);
    // Standard input, by its first bytes.
    let bytes = std::fs::read(sandbox.path("t.csv.zip")).unwrap();
    let found =
        sandbox.run_with_input(["convert", "--format", "ntriples", "--minimal", "-"], bytes);
    assert!(found.success().contains("\"é\""));
}

#[test]
fn damaged_archives_leave_no_output() {
    let sandbox = Sandbox::new();
    sandbox.write("t.csv", "a\nx\n");
    if python(&sandbox, MAKE).is_none() {
        return;
    }
    for name in NAMES {
        let bytes = std::fs::read(sandbox.path(name)).unwrap();
        for length in [0, 3, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(sandbox.path(name), &bytes[..length]).unwrap();
            let ended = sandbox.run(["convert", name, "--output", "out.nt.tar.xz"]);
            assert_eq!(ended.code, Some(2), "{name} {length} {ended}");
            assert!(
                ended.stderr.starts_with("error[table::compression]"),
                "{ended}"
            );
            assert!(!sandbox.path("out.nt.tar.xz").exists());
        }
    }
    let script = "
z=zipfile.ZipFile('two.csv.zip','w')
z.write('t.csv'); z.writestr('d/u.csv','')
z.close()";
    python(&sandbox, script).unwrap();
    assert_snapshot!(sandbox.refuse(&["convert", "two.csv.zip"]), @r"
    exit code: 2
    ----- stderr -----
    error[table::compression]: cannot read `two.csv.zip`: there are several files in the archive: `t.csv`, `d/u.csv`
    --> two.csv.zip
     = help: unpack it and give the names of the files
    ");
}

#[test]
fn utf_16_is_read_by_its_mark_or_as_low_byte_first() {
    let sandbox = Sandbox::new();
    let metadata = r#"{"@context": "http://www.w3.org/ns/csvw", "url": "t.csv",
        "dialect": {"encoding": "ENCODING"},
        "tableSchema": {"aboutUrl": "http://example.org/{id}", "columns": [
            {"titles": "id", "name": "id"}, {"titles": "name", "name": "name"}]}}"#;
    let make = "
for n,e,b in [('le','utf-16-le',''),('mle','utf-16-le','\\ufeff'),('mbe','utf-16-be','\\ufeff'),('be','utf-16-be','')]:
    open(n+'.csv','wb').write((b+'id,name\\n0,Monica \u{e9}\u{1F600}\\n').encode(e))";
    if python(&sandbox, make).is_none() {
        return;
    }
    let expected = "<http://example.org/0> <FILE#id> \"0\" .\n\
        <http://example.org/0> <FILE#name> \"Monica é\u{1F600}\" .\n";
    for (name, encoding) in [
        ("le", "UTF-16"),
        ("mle", "UTF-16"),
        ("mbe", "UTF-16"),
        ("le", "UTF-16LE"),
        ("be", "UTF-16BE"),
        ("mbe", "utf-16le"),
    ] {
        std::fs::copy(sandbox.path(&format!("{name}.csv")), sandbox.path("t.csv")).unwrap();
        sandbox.write("m.json", metadata.replace("ENCODING", encoding));
        let found = sandbox
            .run(["convert", "--format", "ntriples", "--minimal", "m.json"])
            .success();
        let file = found
            .split_once("<file:")
            .unwrap()
            .1
            .split_once('#')
            .unwrap()
            .0;
        let found = found.replace(&format!("file:{file}"), "FILE");
        assert_eq!(found, expected, "{name} {encoding}");
    }
}
