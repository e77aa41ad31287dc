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
