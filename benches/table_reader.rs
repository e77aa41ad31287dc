//! What reading a table costs, beside the `csv` crate on the same bytes: `cargo bench --bench
//! table_reader`.
//!
//! Not a test: nothing here fails because it is slow. Rows of the reader are checked to be UTF-8,
//! as are the `csv` crate's text records; its byte records are not.

#![expect(clippy::expect_used, reason = "a bench that cannot run should say so")]

use coalition_kg::table::{Dialect, Splitter, State, TableReader};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use csv::{ByteRecord, ReaderBuilder, StringRecord};
use std::hint::black_box;

const ROWS: usize = 50_000;

fn table(row: impl Fn(usize) -> String) -> String {
    (0..ROWS).map(row).collect()
}

fn by_reader(bytes: &[u8], dialect: &Dialect) -> usize {
    let mut reader = TableReader::open("-", Box::new(bytes), dialect).expect("a reader");
    let mut length = 0;
    while let Some(row) = reader.read_row().expect("a row") {
        length += row.cells().map(str::len).sum::<usize>();
    }
    length
}

fn by_csv(bytes: &[u8]) -> usize {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut length = 0;
    while reader.read_byte_record(&mut record).expect("a row") {
        length += record.iter().map(<[u8]>::len).sum::<usize>();
    }
    length
}

fn by_csv_as_text(bytes: &[u8]) -> usize {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut record = StringRecord::new();
    let mut length = 0;
    while reader.read_record(&mut record).expect("a row") {
        length += record.iter().map(str::len).sum::<usize>();
    }
    length
}

fn compare(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bytes: &[u8]) {
    let dialect = Dialect::default();
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    assert_eq!(by_reader(bytes, &dialect), by_csv(bytes), "{name}");
    group.bench_function(format!("{name}/reader"), |bencher| {
        bencher.iter(|| by_reader(black_box(bytes), &dialect));
    });
    group.bench_function(format!("{name}/csv bytes"), |bencher| {
        bencher.iter(|| by_csv(black_box(bytes)));
    });
    group.bench_function(format!("{name}/csv text"), |bencher| {
        bencher.iter(|| by_csv_as_text(black_box(bytes)));
    });
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a table");
    let typed = table(|row| {
        format!(
            "r{row},\"a name, {row}\",{row}.50,2021-12-{:02},true,7\n",
            row % 28 + 1
        )
    });
    compare(&mut group, "typed", typed.as_bytes());
    let long = table(|row| format!("{row},{},{}\n", "some words ".repeat(9), "x".repeat(60)));
    compare(&mut group, "long cells", long.as_bytes());
    let arabic = table(|row| format!("{row},التحالف الدولي ضد داعش,\"مدينة {row}\",بغداد\n"));
    compare(&mut group, "arabic", arabic.as_bytes());
    let quoted = table(|row| format!("\"{row}\",\"a \"\"word\"\" {row}\",\"two\nlines\",\"\"\n"));
    compare(&mut group, "quoted", quoted.as_bytes());
    let short = table(|row| format!("{},{},,1,2,3,4,5,6,7,8,9\n", row % 10, row % 7));
    compare(&mut group, "short cells", short.as_bytes());
    let general = Dialect {
        delimiter: "::".to_owned(),
        ..Dialect::default()
    };
    let doubled = typed.replace(',', "::");
    group.throughput(Throughput::Bytes(doubled.len() as u64));
    group.bench_function("typed, two delimiters/reader", |bencher| {
        bencher.iter(|| by_reader(black_box(doubled.as_bytes()), &general));
    });
    group.finish();
}

fn cutting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cut a table");
    let splitter = Splitter::new(&Dialect::default()).expect("the default can be cut");
    let mut measure = |name: &str, text: &str| {
        let bytes = text.as_bytes();
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut state = State::START;
                let mut records = 0;
                for piece in black_box(bytes).chunks(1 << 20) {
                    let cut = splitter.survey(piece).resolve(state);
                    (state, records) = (cut.end, records + cut.records);
                }
                records
            });
        });
    };
    measure(
        "no quotes",
        &table(|row| format!("r{row},some words,{row}.50,true,7\n")),
    );
    measure(
        "a quoted cell",
        &table(|row| format!("r{row},\"a name, {row}\",{row}.50,2021-12-01,true,7\n")),
    );
    measure(
        "all quoted",
        &table(|row| format!("\"{row}\",\"a \"\"word\"\" {row}\",\"two\nlines\",\"\"\n")),
    );
    measure(
        "stray quotes",
        &table(|row| format!("r{row},5\" x 7\",{row}.50,2021-12-01\n")),
    );
    group.finish();
}

criterion_group!(benches, reading, cutting);
criterion_main!(benches);
