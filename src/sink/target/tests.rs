//! Targets, as others read them.

use super::*;
use oxigraph::io::RdfParser;
use oxrdf::{Dataset, GraphName, Literal, NamedNode, Quad};
use std::path::Path;
use std::process::Command;

fn quads() -> Vec<Quad> {
    let node = |name: &str| NamedNode::new(format!("http://example.org/{name}")).unwrap();
    let blank = oxrdf::BlankNode::new("b1").unwrap();
    let graph = GraphName::DefaultGraph;
    vec![
        Quad::new(node("b"), node("p"), node("a"), graph.clone()),
        Quad::new(
            node("a"),
            node("p"),
            Literal::from("é \u{1F600} \"\n\u{1}"),
            graph.clone(),
        ),
        Quad::new(node("a"), node("p"), Literal::from(5), graph.clone()),
        Quad::new(node("b"), node("p"), node("a"), graph.clone()),
        Quad::new(blank.clone(), node("q"), blank, graph.clone()),
        Quad::new(
            node("a"),
            node("q"),
            Literal::new_language_tagged_literal("x", "ar").unwrap(),
            graph,
        ),
    ]
}

fn target(path: &Path, format: TargetFormat) -> Target {
    Target {
        path: path.to_owned(),
        format,
        compression: None,
        encoding: TextEncoding::Utf8,
    }
}

fn write(target: &Target, quads: &[Quad]) -> Complete {
    let prefixes = Prefixes::default();
    let mut sink = TargetSink::create(target, &prefixes, 1 << 16, 2).unwrap();
    for quad in quads {
        sink.push(quad.as_ref(), &Origin::default()).unwrap();
    }
    sink.finish(&mut || true).unwrap()
}

/// Reads RDF/JSON and refuses whatever the Note does not describe.
fn read_rdf_json(bytes: &[u8]) -> Dataset {
    fn resource(text: &str) -> String {
        match text.strip_prefix("_:") {
            Some(_) => text.to_owned(),
            None => format!("<{text}>"),
        }
    }
    let document: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    let mut lines = String::new();
    for (subject, predicates) in document.as_object().unwrap() {
        for (predicate, objects) in predicates.as_object().unwrap() {
            assert!(!objects.as_array().unwrap().is_empty());
            for object in objects.as_array().unwrap() {
                let object = object.as_object().unwrap();
                let get = |key: &str| object.get(key).map(|value| value.as_str().unwrap());
                let value = get("value").unwrap();
                let known = ["type", "value", "lang", "datatype"];
                assert!(object.keys().all(|key| known.contains(&key.as_str())));
                let term = match (get("type").unwrap(), get("lang"), get("datatype")) {
                    ("uri", None, None) => format!("<{value}>"),
                    ("bnode", None, None) => {
                        assert!(value.starts_with("_:"));
                        value.to_owned()
                    }
                    ("literal", Some(tag), None) => {
                        Literal::new_language_tagged_literal(value, tag)
                            .unwrap()
                            .to_string()
                    }
                    ("literal", None, Some(datatype)) => {
                        let datatype = NamedNode::new(datatype).unwrap();
                        Literal::new_typed_literal(value, datatype).to_string()
                    }
                    ("literal", None, None) => Literal::from(value).to_string(),
                    other => panic!("{other:?}"),
                };
                lines += &format!("{} <{predicate}> {term} .\n", resource(subject));
            }
        }
    }
    let parser = RdfParser::from_format(RdfFormat::NTriples);
    parser
        .for_slice(lines.as_bytes())
        .map(Result::unwrap)
        .collect()
}

#[test]
fn every_format_holds_the_graph() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected: Dataset = quads().into_iter().collect();
    expected.canonicalize(oxrdf::dataset::CanonicalizationAlgorithm::Unstable);
    for (name, format) in TARGET_FORMATS {
        // XML has no U+0001.
        let mut given = quads();
        if *format == TargetFormat::RdfXml {
            given.remove(1);
        }
        let path = folder.path().join(name);
        write(&target(&path, *format), &given).commit().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let mut found: Dataset = match format.serialized() {
            Some(format) => {
                let parser = RdfParser::from_format(format).for_slice(&bytes);
                parser.map(Result::unwrap).collect()
            }
            None => read_rdf_json(&bytes),
        };
        let mut expected: Dataset = given.into_iter().collect();
        expected.canonicalize(oxrdf::dataset::CanonicalizationAlgorithm::Unstable);
        found.canonicalize(oxrdf::dataset::CanonicalizationAlgorithm::Unstable);
        assert_eq!(found, expected, "{name}");
        assert_eq!(TargetFormat::by_name(name), Some(*format));
    }
}

#[test]
fn rdf_json_does_not_depend_on_the_order_of_its_quads_or_on_memory() {
    let folder = tempfile::tempdir().unwrap();
    let node = |number: usize| NamedNode::new(format!("http://example.org/{number}")).unwrap();
    let long = "x".repeat(100);
    let mut quads: Vec<Quad> = (0..3000)
        .map(|number| {
            let object = Literal::from(format!("{long}{number}"));
            Quad::new(
                node(number % 700),
                node(number % 3),
                object,
                GraphName::DefaultGraph,
            )
        })
        .collect();
    let path = folder.path().join("a.rj");
    write(&target(&path, TargetFormat::RdfJson), &quads)
        .commit()
        .unwrap();
    let first = std::fs::read(&path).unwrap();
    quads.reverse();
    quads.extend_from_within(..50);
    let mut writer = RdfJsonWriter::new("b.rj", 1 << 30, Vec::new());
    for quad in &quads {
        writer.write(quad.as_ref()).unwrap();
    }
    assert!(writer.finish(&mut || true).unwrap() == first);
    assert_eq!(read_rdf_json(&first), quads.into_iter().collect());
    let empty = RdfJsonWriter::new("c.rj", 0, Vec::new());
    assert_eq!(empty.finish(&mut || true).unwrap(), b"{}\n");
}

// An example of the Note, §4 (with two values, of which one has a language).
#[test]
fn rdf_json_is_that_of_the_note() {
    let about = NamedNode::new("http://example.org/about").unwrap();
    let title = NamedNode::new("http://purl.org/dc/terms/title").unwrap();
    let mut writer = RdfJsonWriter::new("a.rj", 0, Vec::new());
    for literal in [
        Literal::new_typed_literal(
            "<p xmlns=\"http://www.w3.org/1999/xhtml\"><b>Anna's</b> Homepage</p>",
            NamedNode::new("http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral").unwrap(),
        ),
        Literal::new_language_tagged_literal("Annas hjemmeside", "da").unwrap(),
    ] {
        let quad = Quad::new(
            about.clone(),
            title.clone(),
            literal,
            GraphName::DefaultGraph,
        );
        writer.write(quad.as_ref()).unwrap();
    }
    let found: serde_json::Value =
        serde_json::from_slice(&writer.finish(&mut || true).unwrap()).unwrap();
    let expected = serde_json::json!({
        "http://example.org/about": {
            "http://purl.org/dc/terms/title": [
                { "type": "literal", "value": "<p xmlns=\"http://www.w3.org/1999/xhtml\"><b>Anna's</b> Homepage</p>",
                  "datatype": "http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral" },
                { "type": "literal", "value": "Annas hjemmeside", "lang": "da" }
            ]
        }
    });
    assert_eq!(found, expected);
    let graph = GraphName::NamedNode(about.clone());
    let mut writer = RdfJsonWriter::new("a.rj", 0, Vec::new());
    let refused = writer.write(Quad::new(about, title.clone(), title, graph).as_ref());
    assert!(matches!(
        refused,
        Err(SinkError::NotRepresentable {
            format: "RDF/JSON",
            ..
        })
    ));
}

#[test]
fn targets_are_there_together_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let one = target(
        &folder.path().join("new/deep/one.nt"),
        TargetFormat::NTriples,
    );
    let two = target(&folder.path().join("two.ttl"), TargetFormat::Turtle);
    std::fs::write(&two.path, "before").unwrap();
    let all = || vec![write(&one, &quads()), write(&two, &quads())];
    drop(all());
    let prefixes = Prefixes::default();
    drop(TargetSink::create(&one, &prefixes, 0, 1).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read(&two.path).unwrap(), b"before");
    commit_all(all()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    assert!(
        std::fs::read_to_string(&one.path)
            .unwrap()
            .contains("example")
    );
    // A file stands where a folder would have to be.
    let inside = target(&one.path.join("three.nt"), TargetFormat::NTriples);
    assert!(TargetFile::create(&inside, 1).is_err());
}

#[test]
fn utf_16_is_what_python_writes() {
    let folder = tempfile::tempdir().unwrap();
    let text = "<a> \"é \u{1F600}\" .\n".repeat(1000);
    for piece in [1, 2, 3, 7, 100_000] {
        let mut target = target(&folder.path().join("a.nq"), TargetFormat::NQuads);
        target.encoding = TextEncoding::Utf16;
        let mut file = TargetFile::create(&target, 1).unwrap();
        for piece in text.as_bytes().chunks(piece) {
            file.write_all(piece).unwrap();
        }
        file.commit().unwrap();
        let bytes = std::fs::read(&target.path).unwrap();
        assert_eq!(bytes[..2], [0xFF, 0xFE]);
        let (back, used, has_errors) = encoding_rs::UTF_16LE.decode(&bytes);
        assert!(back == text && used == encoding_rs::UTF_16LE && !has_errors);
        let script = "import sys; sys.stdout.buffer.write(open(sys.argv[1],encoding='utf-16',newline='').read().encode())";
        let found = Command::new("python3")
            .args(["-c", script])
            .arg(&target.path)
            .output();
        if let Ok(found) = found {
            assert!(found.stdout == text.as_bytes());
        }
    }
    // XML says its encoding, which an XML parser holds it to.
    let mut target = target(&folder.path().join("a.rdf"), TargetFormat::RdfXml);
    target.encoding = TextEncoding::Utf16;
    let mut given = quads();
    given.remove(1);
    write(&target, &given).commit().unwrap();
    let script = "import sys; from xml.etree import ElementTree as E; print(E.parse(sys.argv[1]).getroot().tag)";
    let found = Command::new("python3")
        .args(["-c", script])
        .arg(&target.path)
        .output();
    if let Ok(found) = found {
        let tag = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF\n";
        assert_eq!(String::from_utf8(found.stdout).unwrap(), tag);
    }
}

// By the compression that the target names, whatever the file is called.
#[test]
fn what_is_packed_is_unpacked_by_python() {
    let folder = tempfile::tempdir().unwrap();
    let script = r"
import sys,zipfile,tarfile,lzma,gzip
kind,path,name=sys.argv[1:]
if kind=='zip':
    z=zipfile.ZipFile(path); assert z.testzip() is None; i,=z.infolist(); b=z.read(i)
    assert i.filename==name and i.date_time==(1980,1,1,0,0,0) and i.external_attr>>16==0o100644, i
elif kind.startswith('tar'):
    t=tarfile.open(path,'r:'+{'tar.gz':'gz','tar.xz':'xz'}[kind]); i,=t.getmembers(); b=t.extractfile(i).read()
    assert i.name==name and i.mtime==0 and i.mode==0o644 and i.uid==0 and i.isreg(), i
else: b={'xz':lzma,'gzip':gzip}[kind].open(path).read()
sys.stdout.buffer.write(b)";
    let kinds = [
        Compression::Zip,
        Compression::TarGzip,
        Compression::TarXz,
        Compression::Xz,
        Compression::Gzip,
    ];
    let line = "<http://example.org/a> <http://example.org/b> \"é\" .\n";
    for name in [
        "a.nq".to_owned(),
        "é.nq".to_owned(),
        format!("{}.nq", "n".repeat(150)),
    ] {
        for length in [0, 1, 60_000] {
            let text = line.repeat(length);
            for compression in kinds {
                let mut target = target(&folder.path().join(&name), TargetFormat::NQuads);
                target.compression = Some(compression);
                let make = |threads| {
                    let mut file = TargetFile::create(&target, threads).unwrap();
                    file.write_all(text.as_bytes()).unwrap();
                    file.commit().unwrap();
                    std::fs::read(&target.path).unwrap()
                };
                assert!(make(1) == make(3), "{compression:?}");
                let found = Command::new("python3")
                    .args(["-c", script, compression.name()])
                    .args([target.path.as_os_str(), name.as_ref()])
                    .output();
                if let Ok(found) = found {
                    let told = String::from_utf8_lossy(&found.stderr);
                    assert!(found.status.success(), "{compression:?} {name} {told}");
                    assert!(found.stdout == text.as_bytes(), "{compression:?} {name}");
                }
            }
        }
    }
}
