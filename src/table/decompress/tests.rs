//! What other tools compress is read; what is broken is told with its byte.

use super::*;
use std::process::{Command, Stdio};

fn input(bytes: &[u8]) -> Input<'static> {
    Box::new(io::Cursor::new(bytes.to_vec()))
}

// In pieces of a size, by both ways, which have to agree.
fn read(bytes: &[u8], compression: Compression) -> Result<Vec<u8>, (Vec<u8>, Broken)> {
    let run = |mut input: Input<'static>| {
        let mut out = Vec::new();
        match input.read_to_end(&mut out) {
            Ok(_) => Ok(out),
            Err(error) => Err((out, Broken::of(&error).unwrap().clone())),
        }
    };
    let found = run(in_place(Packed::Stream(input(bytes)), compression));
    assert!(run(ahead(Packed::Stream(input(bytes)), compression)) == found);
    let bytewise = Box::new(Bytewise(input(bytes)));
    assert!(run(in_place(Packed::Stream(bytewise), compression)) == found);
    let sniffed = run(sniffed(input(bytes), None, ahead));
    if Compression::of_bytes(bytes) == Some(compression) {
        assert!(sniffed == found);
    } else {
        assert!(sniffed == Ok(bytes.to_vec()));
    }
    found
}

// A pipe that gives little at once.
struct Bytewise(Input<'static>);

impl Read for Bytewise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(1);
        self.0.read(&mut buffer[..count])
    }
}

fn sample(length: usize) -> Vec<u8> {
    let row = |number: usize| format!("{number},{},\"x\ny\"\n", number * 7919 % 65_536);
    let mut bytes: Vec<u8> = (0..length / 10).flat_map(|n| row(n).into_bytes()).collect();
    bytes.truncate(length);
    bytes
}

// Runs another program; nothing where it is not installed.
fn by(program: &str, arguments: &[&str], bytes: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || io::Write::write_all(&mut stdin, &bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    Some(output.stdout)
}

#[test]
fn what_other_programs_compress_is_read() {
    for length in [0, 1, 100_000, 1_000_000] {
        let bytes = sample(length);
        for (program, arguments, compression) in [
            ("gzip", &["-c"][..], Compression::Gzip),
            ("gzip", &["-1"], Compression::Gzip),
            ("gzip", &["-9"], Compression::Gzip),
            ("zstd", &["-c"], Compression::Zstd),
            ("zstd", &["-19", "--no-check"], Compression::Zstd),
            ("zstd", &["--long=27", "-T2"], Compression::Zstd),
        ] {
            if let Some(compressed) = by(program, arguments, &bytes) {
                let found = read(&compressed, compression);
                assert!(
                    found == Ok(bytes.clone()),
                    "{program} {arguments:?} {length}"
                );
            }
        }
    }
}

// `printf 'a\n' | gzip -n`, and `printf 'b\n' | zstd`, as GNU gzip 1.12 and zstd 1.5.4 make them.
const GZIP_A: &[u8] = &[
    0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0x4B, 0xE4, 0x02, 0, 0x07, 0xA1, 0xEA, 0xDD, 0x02, 0,
    0, 0,
];
const ZSTD_B: &[u8] = &[
    0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x11, 0, 0, 0x62, 0x0A, 0x22, 0xDF, 0x5A, 0x40,
];

#[test]
fn several_members_and_frames_are_one_text() {
    let three = [GZIP_A, GZIP_A, GZIP_A].concat();
    assert_eq!(read(&three, Compression::Gzip), Ok(b"a\na\na\n".to_vec()));
    // As blocks of a tape are filled up.
    let padded = [GZIP_A, &[0; 700], GZIP_A, &[0; 10]].concat();
    assert_eq!(read(&padded, Compression::Gzip), Ok(b"a\na\n".to_vec()));
    let skipped = [0x5A, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9];
    let frames = [&skipped[..], ZSTD_B, &skipped, ZSTD_B, &skipped].concat();
    assert_eq!(read(&frames, Compression::Zstd), Ok(b"b\nb\n".to_vec()));
}

#[test]
fn what_breaks_off_or_goes_on_is_told_with_its_byte() {
    for (one, compression, text) in [
        (GZIP_A, Compression::Gzip, b"a\n"),
        (ZSTD_B, Compression::Zstd, b"b\n"),
    ] {
        for length in 4..one.len() {
            let (_, broken) = read(&one[..length], compression).unwrap_err();
            assert_eq!((broken.at, broken.kind), (length as u64, Kind::Truncated));
            let both = [one, &one[..length]].concat();
            let (out, broken) = read(&both, compression).unwrap_err();
            assert_eq!(out[..2], *text);
            let at = both.len() as u64;
            assert_eq!((broken.at, broken.kind), (at, Kind::Truncated));
        }
        let mut out = Vec::new();
        let error = in_place(Packed::Stream(input(b"")), compression).read_to_end(&mut out);
        let broken = Broken::of(&error.unwrap_err()).unwrap().clone();
        assert_eq!((broken.at, broken.kind), (0, Kind::Truncated));
        let more = [one, b"more"].concat();
        let (out, broken) = read(&more, compression).unwrap_err();
        assert_eq!(out, text);
        assert_eq!((broken.at, broken.kind), (one.len() as u64, Kind::Garbage));
        let (_, broken) = read(b"a,b\n1,2\n", compression).unwrap_err();
        assert_eq!((broken.at, broken.kind), (0, Kind::Other));
    }
}

#[test]
fn no_flipped_bit_of_the_data_goes_unseen() {
    let bytes = sample(300_000);
    for (program, compression) in [("gzip", Compression::Gzip), ("zstd", Compression::Zstd)] {
        let Some(compressed) = by(program, &["-c"], &bytes) else {
            continue;
        };
        // Behind the header, which has fields that do not matter.
        for at in (24..compressed.len()).step_by(997) {
            let mut changed = compressed.clone();
            changed[at] ^= 0x10;
            let mut out = Vec::new();
            let result =
                in_place(Packed::Stream(input(&changed)), compression).read_to_end(&mut out);
            let error = result.expect_err("it is damaged");
            let broken = Broken::of(&error).unwrap();
            assert!(broken.at <= compressed.len() as u64, "{broken}");
        }
    }
}

// A source that fails is no damaged one.
#[test]
fn an_error_of_the_source_stays_what_it_is() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::PermissionDenied.into())
        }
    }
    for length in [0, 5, 12] {
        let source = Box::new(io::Cursor::new(GZIP_A[..length].to_vec()).chain(Fails));
        let mut out = Vec::new();
        let error = ahead(Packed::Stream(source), Compression::Gzip).read_to_end(&mut out);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}

// The thread ends when nobody reads, though the source has no end.
#[test]
fn a_reader_that_is_left_lets_the_source_go() {
    struct Endless(
        Vec<u8>,
        usize,
        #[expect(dead_code, reason = "dropped with it")] Sender<()>,
    );
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            for byte in &mut *buffer {
                *byte = self.0[self.1];
                self.1 = (self.1 + 1) % self.0.len();
            }
            Ok(buffer.len())
        }
    }
    let (sender, receiver) = channel();
    let endless = Box::new(Endless(GZIP_A.to_vec(), 0, sender));
    let mut reader = ahead(Packed::Stream(endless), Compression::Gzip);
    let mut two = [0; 2];
    reader.read_exact(&mut two).unwrap();
    assert_eq!(two, *b"a\n");
    drop(reader);
    let ended = receiver.recv_timeout(std::time::Duration::from_secs(30));
    assert_eq!(ended, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
}

/// Archives by Python's modules: a row of bytes from a script that writes to `out`.
fn python(script: &str, content: &[u8]) -> Option<Vec<u8>> {
    let begin = "import sys,io,zipfile,tarfile,lzma,gzip\ndata=sys.stdin.buffer.read()\nout=io.BytesIO()\n\
        def tar(mode,names,format=tarfile.PAX_FORMAT):\n \
        with tarfile.open(fileobj=out,mode=mode,format=format) as t:\n  \
        for n in names:\n   i=tarfile.TarInfo(n); d=n.endswith('/'); i.type=tarfile.DIRTYPE if d else tarfile.REGTYPE\n   \
        i.size=0 if d else len(data); t.addfile(i,None if d else io.BytesIO(data))\n";
    let script = format!("{begin}{script}\nsys.stdout.buffer.write(out.getvalue())");
    by("python3", &["-c", &script], content)
}

fn made() -> Vec<(Compression, &'static str)> {
    use Compression::{TarGzip, TarXz, Xz, Zip};
    vec![
        (
            Zip,
            "z=zipfile.ZipFile(out,'w'); z.writestr('a.csv',data); z.close()",
        ),
        (
            Zip,
            "z=zipfile.ZipFile(out,'w',zipfile.ZIP_STORED); z.writestr('d/',''); z.writestr('d/é.csv',data); z.writestr('__MACOSX/d/._a.csv',b'x'); z.close()",
        ),
        (
            Zip,
            "z=zipfile.ZipFile(out,'w',zipfile.ZIP_DEFLATED); z.comment=b'PK\\5\\6 a comment'; z.writestr('a.csv',data); z.close()",
        ),
        // Sizes of 64 bits, and something in front.
        (
            Zip,
            "z=zipfile.ZipFile(out,'w',zipfile.ZIP_DEFLATED); f=z.open('a.csv','w',force_zip64=True); f.write(data); f.close(); z.close()",
        ),
        (
            Zip,
            "out.write(b'#!/bin/sh\\n'); z=zipfile.ZipFile(out,'a',zipfile.ZIP_DEFLATED); z.writestr('a.csv',data); z.close()",
        ),
        (
            Zip,
            "z=zipfile.ZipFile(out,'w'); z.writestr('a.csv',data); z.close(); b=out.getvalue(); out=io.BytesIO(b'in front'+b)",
        ),
        (TarGzip, "tar('w:gz',['a.csv'])"),
        (
            TarGzip,
            "tar('w:gz',['d/','._a.csv','d/'+'long'*60+'é.csv'])",
        ),
        (
            TarGzip,
            "tar('w:gz',['d/'+'long'*60+'.csv'],tarfile.GNU_FORMAT)",
        ),
        (
            TarXz,
            "tar('w:xz',['d/'+'l'*90+'/'+'m'*90],tarfile.USTAR_FORMAT)",
        ),
        (TarXz, "tar('w:xz',['a.csv'],tarfile.GNU_FORMAT)"),
        (Xz, "out.write(lzma.compress(data))"),
        (
            Xz,
            "out.write(lzma.compress(data[:10])+lzma.compress(data[10:],check=lzma.CHECK_SHA256)+bytes(8))",
        ),
    ]
}

#[test]
fn archives_of_other_programs_are_read_as_the_file_in_them() {
    for (compression, script) in made() {
        for length in [0, 1, 512, 300_000] {
            let bytes = sample(length);
            let Some(packed) = python(script, &bytes) else {
                return;
            };
            let run = |mut input: Input<'static>| {
                let mut out = Vec::new();
                let result = input.read_to_end(&mut out);
                assert!(
                    result.is_ok() && out == bytes,
                    "{script} {length} {result:?}"
                );
            };
            run(in_place(Packed::Stream(input(&packed)), compression));
            run(ahead(
                Packed::Stream(Box::new(Bytewise(input(&packed)))),
                compression,
            ));
            let mut file = tempfile::tempfile().unwrap();
            io::Write::write_all(&mut file, &packed).unwrap();
            io::Seek::rewind(&mut file).unwrap();
            run(ahead(Packed::File(file), compression));
            if Compression::of_bytes(&packed) == Some(compression.outside()) {
                run(sniffed(input(&packed), Some(compression), ahead));
            }
        }
    }
}

#[test]
fn damaged_archives_are_told() {
    let bytes = sample(400);
    for (compression, script) in made() {
        let Some(packed) = python(script, &bytes) else {
            return;
        };
        let run = |packed: &[u8]| {
            let mut out = Vec::new();
            let mut input = in_place(Packed::Stream(input(packed)), compression);
            let result = input.read_to_end(&mut out).map(|_| ());
            (out, result)
        };
        for length in 0..packed.len() {
            let (out, result) = run(&packed[..length]);
            // What fills up the end may be cut, and nothing else.
            let is_filler = packed[length..].iter().all(|byte| *byte == 0)
                || compression == Compression::Xz && packed[length..].starts_with(b"\xFD7zXZ");
            match result {
                Ok(()) => assert!(is_filler, "{script} {length}"),
                Err(error) => assert!(Broken::of(&error).is_some(), "{script} {length} {error:?}"),
            }
            assert!(bytes.starts_with(&out), "{script} {length}");
        }
        for at in 0..packed.len() {
            let mut changed = packed.clone();
            changed[at] ^= 0x55;
            let (out, result) = run(&changed);
            match result {
                // Names, times and the like may be others.
                Ok(()) => assert!(out == bytes, "{script} {at}"),
                Err(error) => assert!(Broken::of(&error).is_some(), "{script} {at} {error:?}"),
            }
        }
    }
}

#[test]
fn an_archive_of_several_files_or_of_none_names_them() {
    let check = |compression, script: &str, expected: &str| {
        let Some(packed) = python(script, b"a\n") else {
            return;
        };
        let mut out = Vec::new();
        let mut input = in_place(Packed::Stream(input(&packed)), compression);
        let error = input.read_to_end(&mut out).unwrap_err();
        assert_eq!(Broken::of(&error).unwrap().to_string(), expected);
    };
    let several = "there are several files in the archive: `a.csv`, `d/b.csv`";
    let zip = "z=zipfile.ZipFile(out,'w'); [z.writestr(n,data) for n in NAMES]; z.close()";
    let many: Vec<String> = (0..40).map(|number| format!("'{number}'")).collect();
    for (names, expected) in [
        ("'a.csv','d/b.csv'", several),
        ("'d/'", "there is no file in the archive"),
        (
            many.join(",").as_str(),
            "there are several files in the archive: `0`, `1`, `2`, `3`, `4` and more",
        ),
    ] {
        let names = format!("[{names}]");
        check(Compression::Zip, &zip.replace("NAMES", &names), expected);
        check(
            Compression::TarGzip,
            &format!("tar('w:gz',{names})"),
            expected,
        );
        check(
            Compression::TarXz,
            &format!("tar('w:xz',{names})"),
            expected,
        );
    }
    let bzip = "z=zipfile.ZipFile(out,'w',zipfile.ZIP_BZIP2); z.writestr('a',data); z.close()";
    let expected = "its zip data hold a file compressed by method 12, which is not read";
    check(Compression::Zip, bzip, expected);
    let expected = "its tar.gz data hold no tar archive, which is not read";
    check(
        Compression::TarGzip,
        "out.write(gzip.compress(b'x'*600))",
        expected,
    );
}

// A header of xz may ask for 4 GiB, one of tar for a name of 8 GiB.
#[test]
fn what_an_archive_asks_for_is_bounded() {
    let script =
        "out.write(lzma.compress(data,filters=[{'id':lzma.FILTER_LZMA2,'dict_size':1<<29}]))";
    if let Some(packed) = python(script, b"a\n") {
        let error = in_place(Packed::Stream(input(&packed)), Compression::Xz)
            .read_to_end(&mut Vec::new())
            .unwrap_err();
        let expected = "its xz data hold a window of more than 128 MiB, which is not read";
        assert_eq!(error.to_string(), expected);
    }
    let script = "i=tarfile.TarInfo('x'); i.type=b'L'; i.size=8<<30; out.write(gzip.compress(i.tobuf(tarfile.GNU_FORMAT)))";
    if let Some(packed) = python(script, b"") {
        let error = in_place(Packed::Stream(input(&packed)), Compression::TarGzip)
            .read_to_end(&mut Vec::new())
            .unwrap_err();
        assert!(
            error.to_string().contains("a header has more than 64 KiB"),
            "{error}"
        );
    }
}

#[test]
fn a_caller_says_how_a_source_is_compressed() {
    use crate::table::{Dialect, Sources};
    let zip = "z=zipfile.ZipFile(out,'w'); z.writestr('a.csv',data); z.close()";
    let Some(packed) = python(zip, b"a\nx\n") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, bytes: &[u8], told, expected: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let iri = format!("file://{}", path.display());
        let mut sources = Sources::new();
        let read = |sources: &Sources| {
            let mut found = Vec::new();
            let input = sources.open(&iri, &Dialect::default());
            let result = input.unwrap().read_to_end(&mut found);
            result.is_ok() && found == expected
        };
        assert!(!read(&sources), "{name}");
        sources.set_compression(&iri, told);
        assert!(read(&sources), "{name}");
        let size = told.is_none().then_some(bytes.len() as u64);
        assert_eq!(sources.size(&iri), size);
        assert_eq!(sources.can_open_at(&iri), told.is_none());
    };
    check("plain.csv", &packed, Some(Compression::Zip), b"a\nx\n");
    check("other.csv.gz", &packed, Some(Compression::Zip), b"a\nx\n");
    check("table.zip", b"a\nx\n", None, b"a\nx\n");
}
