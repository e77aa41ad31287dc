//! How fast one core can go: a scanner of bit masks, terms copied in blocks of 32 bytes.
//!
//! Buffers end in `PAD` bytes more than are used, because blocks are read and written whole.

use crate::Set;
use crate::spec::{Line, Object, Part, Spec};
use std::arch::x86_64::*;
use std::fs::File;
use std::io::{Read, Write};
use std::sync::Mutex;
use xxhash_rust::xxh3::xxh3_128;

/// The bytes of a table that are looked at together.
const SEGMENT: usize = 1 << 20;
const PAD: usize = 64;
/// The bytes that are written together: on ext4 a fraction of what odd or larger ones cost.
const BLOCK: usize = 128 << 10;
/// The lines that are looked up together.
const BATCH: usize = 256;

/// What is done about repeated lines.
pub enum Repeats {
    Stay,
    /// Each line is looked up when it is made.
    Lines(Set),
    /// Lines are looked up together, when their slots have had time to arrive.
    Batch(Batch),
    /// Each row is looked up: complete where equal lines come of equal rows alone.
    Rows(Set),
}

impl Repeats {
    pub fn batched() -> Self {
        Self::Batch(Batch {
            table: Table::new(),
            lines: Vec::with_capacity(1024),
        })
    }
}

/// Writes the triples of a table, on one thread.
pub fn run(spec: &Spec, out: &str, repeats: Repeats) {
    let formatter = Formatter::new(spec);
    let mut file = open_rows(&spec.csv);
    let mut output = File::create(out).expect("an output file");
    let mut flush = |bytes: &[u8]| output.write_all(bytes).expect("space");
    let mut state = State::new(repeats);
    segments(&mut file, |buffer, length| {
        // SAFETY: AVX2 is there, and the buffer is padded.
        unsafe { formatter.rows(buffer, length, &mut state, true, &mut flush) }
    });
    flush(&state.out);
}

/// Writes the triples of a table in any order, on several threads.
pub fn run_threads(spec: &Spec, out: &str, threads: usize) {
    let formatter = Formatter::new(spec);
    let output = Mutex::new(File::create(out).expect("an output file"));
    let input = Mutex::new(Input {
        file: open_rows(&spec.csv),
        rest: Vec::new(),
        at_end: false,
    });
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut flush = |bytes: &[u8]| {
                    output
                        .lock()
                        .expect("no panic")
                        .write_all(bytes)
                        .expect("space");
                };
                let mut state = State::new(Repeats::Stay);
                let mut buffer = vec![0; SEGMENT + PAD];
                loop {
                    let length = input.lock().expect("no panic").next(&mut buffer);
                    if length == 0 {
                        break;
                    }
                    // SAFETY: AVX2 is there, and the buffer is padded.
                    unsafe { formatter.rows(&buffer, length, &mut state, false, &mut flush) };
                }
                flush(&state.out);
            });
        }
    });
}

/// How many separators stand in a table.
pub fn index_file(path: &str) -> usize {
    assert!(
        is_x86_feature_detected!("avx2"),
        "this yardstick needs AVX2"
    );
    let mut file = File::open(path).expect("a table");
    let (mut separators, mut count) = (Vec::new(), 0);
    segments(&mut file, |buffer, length| {
        // SAFETY: AVX2 is there, and the buffer is padded.
        unsafe { index(buffer, length, &mut separators) };
        let end = separators
            .iter()
            .rposition(|&at| buffer[at as usize] == b'\n');
        let end = end.expect("a row shorter than a segment");
        count += end + 1;
        separators[end] as usize + 1
    });
    count
}

/// A table behind its header.
fn open_rows(path: &str) -> File {
    let mut file = File::open(path).expect("a table");
    let mut byte = [0];
    while byte != *b"\n" {
        file.read_exact(&mut byte).expect("a header");
    }
    file
}

/// Calls with segments that begin with a row; the call says how many bytes it used.
fn segments(file: &mut File, mut call: impl FnMut(&[u8], usize) -> usize) {
    let mut buffer = vec![0; SEGMENT + PAD];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer[length..SEGMENT]).expect("bytes");
        length += read;
        if length == 0 {
            break;
        }
        if read > 0 && length < SEGMENT {
            continue;
        }
        let used = call(&buffer, length);
        buffer.copy_within(used..length, 0);
        length -= used;
        if read == 0 {
            break;
        }
    }
}

/// Cuts a table into segments for several threads.
struct Input {
    file: File,
    rest: Vec<u8>,
    at_end: bool,
}

impl Input {
    /// Fills the buffer with whole rows and says how many bytes they have.
    fn next(&mut self, buffer: &mut [u8]) -> usize {
        let mut length = self.rest.len();
        buffer[..length].copy_from_slice(&self.rest);
        while length < SEGMENT && !self.at_end {
            let read = self.file.read(&mut buffer[length..SEGMENT]).expect("bytes");
            self.at_end |= read == 0;
            length += read;
        }
        // The last line feed before which the quotes are even.
        let quotes = buffer[..length]
            .iter()
            .filter(|&&byte| byte == b'"')
            .count();
        let (mut behind, mut cut) = (0, length);
        for at in (0..length).rev() {
            if buffer[at] == b'"' {
                behind += 1;
            }
            if buffer[at] == b'\n' && (quotes - behind) % 2 == 0 {
                cut = at + 1;
                break;
            }
        }
        self.rest.clear();
        self.rest.extend_from_slice(&buffer[cut..length]);
        cut
    }
}

/// In each bit whether the number of bits up to it is odd.
#[inline(always)]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The commas and line feeds outside of quotes in `buffer[..length]`.
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
unsafe fn index(buffer: &[u8], length: usize, separators: &mut Vec<u32>) {
    separators.clear();
    separators.reserve(length + 64);
    let [quote, comma, feed] = [b'"', b',', b'\n'].map(|byte| _mm256_set1_epi8(byte as i8));
    let mut out = separators.as_mut_ptr();
    let mut carry = 0u64;
    let mut at = 0;
    unsafe {
        while at < length {
            let low = _mm256_loadu_si256(buffer.as_ptr().add(at).cast());
            let high = _mm256_loadu_si256(buffer.as_ptr().add(at + 32).cast());
            let mask = |byte| {
                u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte)) as u32)
                    | u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte)) as u32) << 32
            };
            let (quotes, mut found) = (mask(quote), mask(comma) | mask(feed));
            if quotes | carry != 0 {
                let inside = prefix_xor(quotes) ^ carry;
                carry = (inside as i64 >> 63) as u64;
                found &= !inside;
            }
            if length - at < 64 {
                found &= (1u64 << (length - at)) - 1;
            }
            while found != 0 {
                *out = at as u32 + found.trailing_zeros();
                out = out.add(1);
                found &= found - 1;
            }
            at += 64;
        }
        separators.set_len(out.offset_from(separators.as_ptr()) as usize);
    }
}

#[inline(always)]
unsafe fn copy(out: &mut *mut u8, text: &[u8]) {
    let mut at = 0;
    unsafe {
        while at < text.len() {
            let block = _mm256_loadu_si256(text.as_ptr().add(at).cast());
            _mm256_storeu_si256(out.add(at).cast(), block);
            at += 32;
        }
        *out = out.add(text.len());
    }
}

/// Copies the text of a literal and escapes `"`, `\`, LF and CR.
#[inline(always)]
unsafe fn literal(out: &mut *mut u8, text: &[u8]) {
    let mut at = 0;
    let mut to = *out;
    unsafe {
        while at < text.len() {
            let block = _mm256_loadu_si256(text.as_ptr().add(at).cast());
            _mm256_storeu_si256(to.cast(), block);
            let equal = |byte: u8| _mm256_cmpeq_epi8(block, _mm256_set1_epi8(byte as i8));
            let left = text.len() - at;
            let mut mask = _mm256_movemask_epi8(_mm256_or_si256(
                _mm256_or_si256(equal(b'"'), equal(b'\\')),
                _mm256_or_si256(equal(b'\n'), equal(b'\r')),
            )) as u32;
            if left < 32 {
                mask &= (1 << left) - 1;
            }
            if mask == 0 {
                let length = left.min(32);
                to = to.add(length);
                at += length;
            } else {
                let length = mask.trailing_zeros() as usize;
                to = to.add(length);
                *to = b'\\';
                *to.add(1) = match *text.get_unchecked(at + length) {
                    b'\n' => b'n',
                    b'\r' => b'r',
                    byte => byte,
                };
                to = to.add(2);
                at += length + 1;
            }
        }
    }
    *out = to;
}

/// The bytes that stay as they are in an IRI.
static SAFE: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = byte >= 0x80
            || byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~');
        at += 1;
    }
    table
};

#[inline(always)]
unsafe fn encoded(out: &mut *mut u8, text: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut to = *out;
    unsafe {
        for &byte in text {
            if SAFE[byte as usize] {
                *to = byte;
                to = to.add(1);
            } else {
                *to = b'%';
                *to.add(1) = DIGITS[(byte >> 4) as usize];
                *to.add(2) = DIGITS[(byte & 15) as usize];
                to = to.add(3);
            }
        }
    }
    *out = to;
}

unsafe fn iri(out: &mut *mut u8, parts: &[Part], cells: &[&[u8]]) {
    for part in parts {
        unsafe {
            match part {
                Part::Text(text) => copy(out, text),
                Part::Column(column) => encoded(out, cells[*column]),
            }
        }
    }
}

/// Open addressing of hashes, grown when half full.
pub struct Table {
    slots: Vec<u128>,
    mask: usize,
    used: usize,
}

impl Table {
    fn new() -> Self {
        Self {
            slots: vec![0; 1 << 16],
            mask: (1 << 16) - 1,
            used: 0,
        }
    }

    #[inline(always)]
    fn prefetch(&self, hash: u128) {
        let slot = &raw const self.slots[hash as usize & self.mask];
        // SAFETY: a prefetch reads nothing that could be seen.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(slot.cast()) };
    }

    /// The slot of a hash, or the free one where it belongs.
    #[inline(always)]
    fn slot(&self, hash: u128) -> usize {
        let mut slot = hash as usize & self.mask;
        while self.slots[slot] != hash && self.slots[slot] != 0 {
            slot = (slot + 1) & self.mask;
        }
        slot
    }

    /// Whether the hash was not there before.
    #[inline(always)]
    fn insert(&mut self, hash: u128) -> bool {
        let slot = self.slot(hash);
        if self.slots[slot] == hash {
            return false;
        }
        self.slots[slot] = hash;
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            let length = self.slots.len() * 2;
            let old = std::mem::replace(&mut self.slots, vec![0; length]);
            self.mask = length - 1;
            for hash in old.into_iter().filter(|hash| *hash != 0) {
                let slot = self.slot(hash);
                self.slots[slot] = hash;
            }
        }
        true
    }
}

/// Lines that are made and not yet looked up.
pub struct Batch {
    table: Table,
    /// Hash, begin and end in the output.
    lines: Vec<(u128, u32, u32)>,
}

impl Batch {
    /// Looks the lines up and closes the gaps of those that were there before.
    fn settle(&mut self, out: &mut Vec<u8>) {
        let Some(&(_, first, _)) = self.lines.first() else {
            return;
        };
        let mut end = first as usize;
        for (hash, from, to) in self.lines.drain(..) {
            if self.table.insert(hash) {
                let line = from as usize..to as usize;
                let length = line.len();
                if end != line.start {
                    out.copy_within(line, end);
                }
                end += length;
            }
        }
        out.truncate(end);
    }
}

/// What a thread takes from segment to segment.
struct State {
    separators: Vec<u32>,
    out: Vec<u8>,
    repeats: Repeats,
}

impl State {
    fn new(repeats: Repeats) -> Self {
        Self {
            separators: Vec::new(),
            out: Vec::with_capacity(2 * BLOCK),
            repeats,
        }
    }
}

/// A constant, padded.
struct Padded {
    bytes: Vec<u8>,
    length: usize,
}

impl Padded {
    fn new(text: &[u8]) -> Self {
        let mut bytes = text.to_vec();
        bytes.resize(text.len() + PAD, 0);
        Self {
            bytes,
            length: text.len(),
        }
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

struct Formatter<'s> {
    spec: &'s Spec,
    lines: Vec<(Padded, &'s Object, Padded)>,
}

impl<'s> Formatter<'s> {
    fn new(spec: &'s Spec) -> Self {
        assert!(
            is_x86_feature_detected!("avx2"),
            "this yardstick needs AVX2"
        );
        let padded = |line: &'s Line| {
            (
                Padded::new(&line.head),
                &line.object,
                Padded::new(&line.tail),
            )
        };
        Self {
            spec,
            lines: spec.lines.iter().map(padded).collect(),
        }
    }

    /// Formats the whole rows of `buffer[..length]` and says how many bytes they have; `aligned`
    /// asks for whole blocks, which end inside of lines.
    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    unsafe fn rows(
        &self,
        buffer: &[u8],
        length: usize,
        state: &mut State,
        aligned: bool,
        flush: &mut dyn FnMut(&[u8]),
    ) -> usize {
        let State {
            separators,
            out,
            repeats,
        } = state;
        unsafe { index(buffer, length, separators) };
        let columns = self.spec.columns;
        let mut cells: Vec<&[u8]> = Vec::with_capacity(columns);
        let mut unquoted: Vec<Vec<u8>> = vec![Vec::with_capacity(4096); columns];
        let mut subject_buffer = vec![0; 1 << 16];
        let (mut start, mut used, mut row) = (0, 0, 0);
        for &at in separators.iter() {
            let at = at as usize;
            let (mut from, mut to) = (start, at);
            // SAFETY: separators are in the buffer.
            let is_end = unsafe { *buffer.get_unchecked(at) } == b'\n';
            if is_end && to > from && buffer[to - 1] == b'\r' {
                to -= 1;
            }
            start = at + 1;
            if buffer[from] == b'"' && to - from >= 2 {
                from += 1;
                to -= 1;
                if buffer[from..to].contains(&b'"') {
                    let text = &mut unquoted[cells.len()];
                    text.clear();
                    let mut second = false;
                    for &byte in &buffer[from..to] {
                        second = byte == b'"' && !second;
                        if !second {
                            text.push(byte);
                        }
                    }
                    text.reserve(PAD);
                    // SAFETY: the text is not touched before the cells of the row are gone.
                    cells.push(unsafe { std::slice::from_raw_parts(text.as_ptr(), text.len()) });
                } else {
                    cells.push(&buffer[from..to]);
                }
            } else {
                cells.push(&buffer[from..to]);
            }
            if !is_end {
                continue;
            }
            assert_eq!(cells.len(), columns);
            used = start;
            if let Repeats::Rows(set) = repeats {
                let is_new = set.insert(xxh3_128(&buffer[row..at]));
                row = start;
                if !is_new {
                    cells.clear();
                    continue;
                }
            }
            // SAFETY: `need` is more than the lines of the row can have, blocks included.
            unsafe {
                let begin = subject_buffer.as_mut_ptr();
                let mut end = begin;
                copy(&mut end, &PADDED_OPEN[..1]);
                iri(&mut end, &self.spec.subject, &cells);
                copy(&mut end, &PADDED_CLOSE[..2]);
                let subject = std::slice::from_raw_parts(begin, end.offset_from(begin) as usize);
                let need = cells.iter().map(|cell| cell.len() * 3 + 512).sum::<usize>()
                    + self.lines.len() * (subject.len() + 512);
                if out.capacity() - out.len() < need {
                    if let Repeats::Batch(batch) = repeats {
                        batch.settle(out);
                    }
                    let whole = if aligned {
                        out.len() / BLOCK * BLOCK
                    } else {
                        out.len()
                    };
                    flush(&out[..whole]);
                    out.copy_within(whole.., 0);
                    out.truncate(out.len() - whole);
                    out.reserve(need);
                }
                let base = out.as_mut_ptr();
                let mut end = base.add(out.len());
                for (head, object, tail) in &self.lines {
                    let begin = end;
                    copy(&mut end, subject);
                    copy(&mut end, head.get());
                    match object {
                        Object::Literal(column) => literal(&mut end, cells[*column]),
                        Object::Iri(parts) => iri(&mut end, parts, &cells),
                        Object::RawIri(column) => copy(&mut end, cells[*column]),
                        Object::Constant => {}
                    }
                    copy(&mut end, tail.get());
                    let length = end.offset_from(begin) as usize;
                    let line = std::slice::from_raw_parts(begin, length);
                    match repeats {
                        Repeats::Batch(batch) => {
                            let hash = xxh3_128(line);
                            let from = begin.offset_from(base) as u32;
                            batch.table.prefetch(hash);
                            batch.lines.push((hash, from, from + length as u32));
                        }
                        Repeats::Lines(set) => {
                            if !set.insert(xxh3_128(line)) {
                                end = begin;
                            }
                        }
                        Repeats::Stay | Repeats::Rows(_) => {}
                    }
                }
                out.set_len(end.offset_from(base) as usize);
            }
            if let Repeats::Batch(batch) = repeats
                && batch.lines.len() >= BATCH
            {
                batch.settle(out);
            }
            cells.clear();
        }
        if let Repeats::Batch(batch) = repeats {
            batch.settle(out);
        }
        used
    }
}

static PADDED_OPEN: [u8; PAD] = {
    let mut bytes = [0; PAD];
    bytes[0] = b'<';
    bytes
};

static PADDED_CLOSE: [u8; PAD] = {
    let mut bytes = [0; PAD];
    bytes[0] = b'>';
    bytes[1] = b' ';
    bytes
};
