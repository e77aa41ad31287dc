//! Tries the judge: what a case expects passes, and what is near it does not.

use crate::rml::judge::{Run, judge};
use crate::rml::manifest::{Case, Expected};
use crate::rml::packed;
use flate2::Compression;
use flate2::write::GzEncoder;
use libtest_mimic::{Failed, Trial};
use oxigraph::io::{RdfFormat, RdfSerializer};
use std::io::Write as _;
use std::sync::Arc;

/// Tries the judge on one case.
type Check = fn(&Case) -> Result<(), String>;

/// The trials, named `judge/…`.
pub(crate) fn trials(cases: &Arc<Vec<Case>>) -> Vec<Trial> {
    let all: [(&str, Check); 2] = [
        ("judge/passes-what-is-expected", right),
        ("judge/fails-what-is-not", wrong),
    ];
    let mut trials: Vec<Trial> = all
        .into_iter()
        .map(|(name, check)| {
            let cases = Arc::clone(cases);
            Trial::test(name, move || {
                for case in cases.iter().filter(|case| case.folder.is_some()) {
                    check(case).map_err(|error| format!("{}: {error}", case.name()))?;
                }
                Ok(())
            })
        })
        .collect();
    let of = Arc::clone(cases);
    trials.push(Trial::test("judge/reads-reifiers", move || reifiers(&of)));
    let of = Arc::clone(cases);
    trials.push(Trial::test("judge/unpacks", move || unpacks(&of)));
    trials
}

/// Gives the run that a case asks for.
fn perfect(case: &Case) -> Result<Run, String> {
    if let Expected::Error(code) = &case.expected {
        return Ok(Run {
            exit: Some(2),
            stderr: format!("error[{code}]: so it is\n"),
            ..Run::default()
        });
    }
    let mut run = Run {
        exit: Some(0),
        output: Some(case.read("output.nq")?),
        ..Run::default()
    };
    for name in &case.targets {
        let expected = case.read(&format!("targets/{name}.expected.nq"))?;
        run.files
            .insert(name.clone(), written(name, case, &expected)?);
    }
    Ok(run)
}

/// Gives what a file of that name holds, for a graph in N-Quads.
fn written(name: &str, case: &Case, quads: &[u8]) -> Result<Vec<u8>, String> {
    let error = |error: std::io::Error| error.to_string();
    let (inner, packing) = [".tar.gz", ".tar.xz", ".zip", ".gz"]
        .iter()
        .find_map(|ending| Some((name.strip_suffix(ending)?, *ending)))
        .unwrap_or((name, ""));
    let dataset = crate::graphs::dataset(quads, RdfFormat::NQuads, &case.base)?;
    let mut text = if let Some(format) = packed::format(inner)? {
        let mut writer = RdfSerializer::from_format(format).for_writer(Vec::new());
        for quad in &dataset {
            writer.serialize_quad(quad).map_err(error)?;
        }
        writer.finish().map_err(error)?
    } else {
        rdf_json(&dataset).into_bytes()
    };
    if case.id == "RMLTTC0005b" {
        text = String::from_utf8_lossy(&text)
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        text.splice(0..0, [0xFE, 0xFF]);
    }
    let gzip = |bytes: &[u8]| {
        let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
        writer.write_all(bytes)?;
        writer.finish()
    };
    match packing {
        ".tar.gz" => gzip(&tar(&text)).map_err(error),
        ".gz" => gzip(&text).map_err(error),
        ".tar.xz" => {
            let mut packed = Vec::new();
            lzma_rs::xz_compress(&mut &*tar(&text), &mut packed).map_err(error)?;
            Ok(packed)
        }
        ".zip" => Ok(zip(&text)),
        _ => Ok(text),
    }
}

/// Literals without language or datatype are all that the case has.
fn rdf_json(dataset: &oxrdf::Dataset) -> String {
    let mut document = serde_json::Map::new();
    for quad in dataset {
        let (oxrdf::NamedOrBlankNodeRef::NamedNode(subject), oxrdf::TermRef::Literal(value)) =
            (quad.subject, quad.object)
        else {
            continue;
        };
        document
            .entry(subject.as_str())
            .or_insert_with(|| serde_json::json!({}))[quad.predicate.as_str()] =
            serde_json::json!([{"type": "literal", "value": value.value()}]);
    }
    serde_json::Value::from(document).to_string()
}

fn tar(content: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..4].copy_from_slice(b"file");
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    let sum: usize = header.iter().map(|byte| usize::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut tar = [&header, content].concat();
    tar.resize(tar.len().div_ceil(512) * 512 + 1024, 0);
    tar
}

fn zip(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len())
        .unwrap_or_default()
        .to_le_bytes();
    let mut sum = flate2::Crc::new();
    sum.update(content);
    let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    fields.extend(sum.sum().to_le_bytes());
    fields.extend(length);
    fields.extend(length);
    fields.extend([1, 0, 0, 0]);
    let mut zip = [b"PK\x03\x04".as_slice(), &fields, b"f", content].concat();
    let start = u32::try_from(zip.len()).unwrap_or_default().to_le_bytes();
    let entry = [b"PK\x01\x02\x14\0".as_slice(), &fields, &[0; 14], b"f"].concat();
    zip.extend(&entry);
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(u32::try_from(entry.len()).unwrap_or_default().to_le_bytes());
    zip.extend(start);
    zip.extend([0, 0]);
    zip
}

fn right(case: &Case) -> Result<(), String> {
    judge(case, &perfect(case)?)
}

fn wrong(case: &Case) -> Result<(), String> {
    let perfect = perfect(case)?;
    let mut runs = Vec::new();
    let mut add = |what: &'static str, change: &dyn Fn(&mut Run)| {
        let mut run = perfect.clone();
        change(&mut run);
        runs.push((what, run));
    };
    add("another exit code", &|run| {
        run.exit = Some(i32::from(run.exit == Some(0)));
    });
    add("a signal", &|run| run.exit = None);
    add("one file more", &|run| {
        run.files.insert("dump9.nq".to_owned(), Vec::new());
    });
    if case.expected == Expected::Output {
        add("no output", &|run| run.output = None);
        add("one statement more", &|run| {
            let output = run.output.get_or_insert_default();
            output.extend(b"\n<http://example.com/s> <http://example.com/p> \"more\" .\n");
        });
        add("one letter more", &|run| {
            let output = run.output.get_or_insert_default();
            let text = String::from_utf8_lossy(output).replacen("http://", "http://x", 1);
            let same = text.as_bytes() == *output;
            *output = text.into_bytes();
            if same {
                // The output has no statement.
                output.push(b'?');
            }
        });
        for name in &case.targets {
            add("no target", &|run| {
                run.files.remove(name);
            });
            add("an empty target", &|run| {
                run.files.insert(name.clone(), Vec::new());
            });
        }
    } else {
        add("another code", &|run| {
            "error[rml::other]: not so\n".clone_into(&mut run.stderr);
        });
        add("a warning with the code", &|run| {
            run.stderr = run.stderr.replace("error[", "warning[");
        });
        add("an output", &|run| run.output = Some(Vec::new()));
    }
    for (what, run) in runs {
        if judge(case, &run).is_ok() {
            return Err(format!("{what}, and it passes"));
        }
    }
    Ok(())
}

/// Triples in triples in the syntax of RDF 1.2, written by hand, against the suite's own files.
fn reifiers(cases: &[Case]) -> Result<(), Failed> {
    let reifies = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies>";
    let blank = |reifier: &str| {
        format!(
            "_:a <http://example/p> <http://example/o> .\n\
             _:r {reifies} <<( _:a <http://example/p> <http://example/o> )>> .\n\
             {reifier} <http://example/q> \"ABC\" .\n"
        )
    };
    let nested = |inner: &str| {
        format!(
            "<http://example/s> <http://example/p> <http://example/o> .\n\
             _:1 {reifies} <<( <http://example/s> <http://example/p> <http://example/o> )>> .\n\
             <http://example/a> <http://example/q> _:1 .\n\
             _:2 {reifies} <<( <http://example/a> <http://example/q> {inner} )>> .\n\
             _:2 <http://example/r> <http://example/z> .\n"
        )
    };
    for (id, text, passes) in [
        ("RMLSTARTC001a", blank("_:r"), true),
        ("RMLSTARTC001a", blank("_:a"), false),
        ("RMLSTARTC004a", nested("_:1"), true),
        ("RMLSTARTC004b", nested("_:1"), true),
        ("RMLSTARTC004b", nested("_:2"), false),
        (
            "RMLSTARTC004b",
            nested("<<( <http://example/s> <http://example/p> <http://example/o> )>>"),
            false,
        ),
    ] {
        let case = cases.iter().find(|case| case.id == id).ok_or(id)?;
        let run = Run {
            exit: Some(0),
            output: Some(text.into_bytes()),
            ..Run::default()
        };
        if judge(case, &run).is_ok() != passes {
            return Err(format!("{id}: {:?}", judge(case, &run)).into());
        }
    }
    Ok(())
}

/// Files that others packed hold what the one beside them holds.
fn unpacks(cases: &[Case]) -> Result<(), Failed> {
    let read = |id: &str, file: &str| {
        let case = cases.iter().find(|case| case.id == id).ok_or(id)?;
        case.read(file)
    };
    let plain = read("RMLSTC0002a", "Friends.csv")?;
    for (id, ending) in [
        ("RMLSTC0002b", "gz"),
        ("RMLSTC0002c", "zip"),
        ("RMLSTC0002d", "tar.xz"),
        ("RMLSTC0002e", "tar.gz"),
    ] {
        let name = format!("Friends.csv.{ending}");
        let mut bytes = read(id, &name)?;
        let (inner, content) = packed::unpack(&name, &bytes)?;
        if (inner, &content) != ("Friends.csv", &plain) {
            return Err(format!("{name} holds something else").into());
        }
        bytes.truncate(bytes.len() / 2);
        if packed::unpack(&name, &bytes).is_ok() {
            return Err(format!("half of {name} is taken for the whole").into());
        }
    }
    let utf16 = read("RMLSTC0001b", "Friends-UTF16.csv")?;
    let plain = read("RMLSTC0001a", "Friends.csv")?;
    if packed::decode(&utf16, true)? != packed::decode(&plain, false)?
        || packed::decode(&utf16, false).is_ok()
        || packed::decode(&plain, true).is_ok()
    {
        return Err("UTF-16 and UTF-8 are not told apart".into());
    }
    Ok(())
}
