//! What reading a table costs, beside the `csv` crate on the same bytes, and what checking its cells
//! does: `cargo bench --bench table_reader`.
//!
//! Not a test: nothing here fails because it is slow. Rows of the reader are checked to be UTF-8,
//! as are the `csv` crate's text records; its byte records are not.

#![expect(clippy::expect_used, reason = "a bench that cannot run should say so")]

use coalition_kg::plan::{Nulls, ValueType};
use coalition_kg::rdf::xsd::Datatype;
use coalition_kg::table::{Dialect, Position, Splitter, State, TableReader};
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

fn by_slice_reader(bytes: &[u8], dialect: &Dialect) -> usize {
    let position = Position::default();
    let mut reader = TableReader::resume_slice("-", bytes, dialect, position).expect("a reader");
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
    group.bench_function(format!("{name}/reader of a slice"), |bencher| {
        bencher.iter(|| by_slice_reader(black_box(bytes), &dialect));
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

// A name, a datatype, and the text of a cell by its number.
type Column<'a> = (&'a str, Datatype, &'a dyn Fn(usize) -> String);

// What is done for each cell of a column, where nothing is wrong with it.
fn check(value: &ValueType, nulls: &Nulls, cell: &str) -> usize {
    let text = value.normalize(cell);
    if nulls.contains(&text) {
        return 0;
    }
    value.read(&text).map_or(0, |lexical| lexical.len())
}

fn quick_check(value: &ValueType, nulls: &Nulls, cell: &str) -> usize {
    match value.quick(cell) {
        Some(lexical) if !nulls.contains(cell) => lexical.len(),
        _ => check(value, nulls, cell),
    }
}

fn checking(criterion: &mut Criterion) {
    const CELLS: usize = 1000;
    let mut group = criterion.benchmark_group("check cells");
    group.throughput(Throughput::Elements(CELLS as u64));
    let day = |n: usize| format!("20{:02}-{:02}-{:02}", n % 30, n % 12 + 1, n % 28 + 1);
    let columns: [Column<'_>; 12] = [
        ("string", Datatype::String, &|n| {
            format!("hand-made garden {n}")
        }),
        ("arabic", Datatype::String, &|n| format!("مدرسة الدار {n}")),
        ("token", Datatype::Token, &|n| {
            format!("hand-made garden {n}")
        }),
        ("integer", Datatype::Integer, &|n| format!("{}", n * 97)),
        ("int", Datatype::Int, &|n| format!("{}", n * 97)),
        ("decimal", Datatype::Decimal, &|n| {
            format!("{n}.{}", n % 100)
        }),
        ("double", Datatype::Double, &|n| format!("{n}.5E{}", n % 9)),
        ("boolean", Datatype::Boolean, &|n| (n % 3 == 0).to_string()),
        ("date", Datatype::Date, &day),
        ("dateTime", Datatype::DateTime, &|n| {
            format!("{}T{:02}:22:51Z", day(n), n % 24)
        }),
        ("gYear", Datatype::GYear, &|n| format!("{}", 1900 + n % 120)),
        ("anyURI", Datatype::AnyUri, &|n| {
            format!("https://example.org/item/{n}")
        }),
    ];
    let nulls = Nulls::default();
    for (name, datatype, cell) in columns {
        let value = ValueType {
            datatype,
            ..ValueType::string()
        };
        let cells: Vec<String> = (0..CELLS).map(cell).collect();
        assert!(cells.iter().all(|cell| value.read(cell).is_ok()), "{name}");
        let sum = |check: fn(&ValueType, &Nulls, &str) -> usize| -> usize {
            let cells = black_box(&cells).iter();
            cells.map(|cell| check(&value, &nulls, cell)).sum()
        };
        group.bench_function(format!("{name}/in steps"), |bencher| {
            bencher.iter(|| sum(check));
        });
        group.bench_function(format!("{name}/quick"), |bencher| {
            bencher.iter(|| sum(quick_check));
        });
    }
    group.finish();
}

criterion_group!(benches, reading, cutting, checking);
criterion_main!(benches);
