use super::*;
use crate::mapping::rml::graph::Document;
use crate::mapping::rml::model::{
    FieldKind, Formulation, GatherAs, Root, Source, TemplatePart, TermType,
};
use proptest::prelude::*;

const NEW: &str = "@prefix rml: <http://w3id.org/rml/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix e: <http://e/> .
";
const OLD: &str = "@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix fnml: <http://semweb.mmlab.be/ns/fnml#> .
@prefix fno: <https://w3id.org/function/ontology#> .
@prefix rmlt: <http://semweb.mmlab.be/ns/rml-target#> .
@prefix e: <http://e/> .
";

fn read_all(texts: &[String]) -> (Option<Mapping>, Diagnostics) {
    let document = |(number, text): (usize, &String)| Document {
        name: format!("{number}.ttl"),
        iri: format!("file:///maps/{number}.ttl"),
        text: text.clone(),
    };
    let documents: Vec<_> = texts.iter().enumerate().map(document).collect();
    let mut diagnostics = Diagnostics::new();
    let graph = MappingGraph::parse(&documents, &mut diagnostics);
    let mapping = graph.and_then(|graph| read(&graph, &mut diagnostics));
    (mapping, diagnostics)
}

fn codes(diagnostics: &Diagnostics) -> Vec<(&'static str, u64)> {
    diagnostics
        .iter()
        .map(|found| (found.code, found.location.line.unwrap_or_default()))
        .collect()
}

fn read_one(text: &str) -> Mapping {
    let (mapping, diagnostics) = read_all(&[text.to_owned()]);
    assert_eq!(codes(&diagnostics), [], "{text}");
    mapping.unwrap()
}

/// A triples map in the newer vocabulary with what is said of it; the text begins in line 5.
fn new_map(more: &str) -> Mapping {
    read_one(&format!("{NEW}{}", map(more)))
}

fn map(more: &str) -> String {
    format!("<#M> rml:logicalSource [ rml:source \"t.csv\" ] ;\n{more} .")
}

/// The code and the line of the only fault of a mapping.
fn refuse(text: &str, code: &'static str, line: u64) {
    let (mapping, diagnostics) = read_all(&[text.to_owned()]);
    assert_eq!(codes(&diagnostics), [(code, line)], "{text}");
    assert!(mapping.is_none(), "{text}");
}

fn refuse_new(more: &str, code: &'static str, line: u64) {
    refuse(&format!("{NEW}{}", map(more)), code, line);
}

fn object_of(mapping: &Mapping) -> &TermMap {
    match &mapping.triples_maps[0].predicate_objects[0].objects[0] {
        ObjectMap::Term(term) => term,
        ObjectMap::Reference(_) => panic!("a term was expected"),
    }
}

fn expression(term: &TermMap) -> String {
    match &term.value {
        TermValue::Expression(map) => show(&map.expression),
        TermValue::Fresh => "fresh".to_owned(),
        TermValue::Quoted { triples_map, joins } => format!("quoted {triples_map} {}", joins.len()),
        TermValue::Gather(_) => "gather".to_owned(),
    }
}

fn show(expression: &Expression) -> String {
    match expression {
        Expression::Constant(term) => term.to_string(),
        Expression::Reference(name, _) => format!("@{name}"),
        Expression::Template(template) => {
            let part = |part: &TemplatePart| match part {
                TemplatePart::Text(text) => text.clone(),
                TemplatePart::Reference(name, _) => format!("@{name}"),
            };
            template.parts.iter().map(part).collect()
        }
        Expression::Call(call) => {
            let arguments = call
                .arguments
                .iter()
                .map(|(name, value)| format!("{}={}", name.value, show(&value.expression)));
            let arguments: Vec<_> = arguments.collect();
            let output = call.output.as_ref().map_or("", |output| &output.value);
            format!("{}({}){output}", call.function.value, arguments.join(", "))
        }
    }
}

fn file(mapping: &Mapping) -> &Source {
    match &mapping.sources[0].rows {
        Rows::Source(source) => source,
        other => panic!("{other:?}"),
    }
}

/// A mapping without its places and without what differs by vocabulary.
fn shape(mapping: &Mapping) -> Vec<String> {
    let mut shape = Vec::new();
    for map in &mapping.triples_maps {
        shape.push(format!("{} {}", map.name, expression(&map.subject.term)));
        shape.extend(
            map.subject
                .classes
                .iter()
                .map(|class| class.value.to_string()),
        );
        shape.extend(map.subject.graphs.iter().map(expression));
        for part in &map.predicate_objects {
            shape.extend(part.predicates.iter().map(expression));
            shape.extend(part.graphs.iter().map(expression));
            for object in &part.objects {
                shape.push(match object {
                    ObjectMap::Term(term) => {
                        let of = |map: &Option<Box<TermMap>>| map.as_deref().map(expression);
                        let kind = term.term_type.as_ref().map(|kind| kind.value);
                        let (datatype, language) = (of(&term.datatype), of(&term.language));
                        format!("{} {kind:?} {datatype:?} {language:?}", expression(term))
                    }
                    ObjectMap::Reference(reference) => {
                        let joins = reference.joins.iter().map(|join| {
                            let (child, parent) = (&join.child, &join.parent);
                            format!("{}={}", show(&child.expression), show(&parent.expression))
                        });
                        format!("-> {} {:?}", reference.parent, joins.collect::<Vec<_>>())
                    }
                });
            }
        }
    }
    shape
}

const BODY: &str = "
<#A> rml:logicalSource [ rml:source \"a.csv\" ; rml:referenceFormulation F:CSV ] ;
  R:subjectMap [ R:template \"http://e/{id}\" ; R:class e:C, e:D ; R:graph e:g ;
    R:graphMap [ rml:reference \"g\" ; R:termType R:IRI ] ] ;
  R:predicateObjectMap [ R:predicate e:p, e:q ; R:object \"o\"@en, 1 ; R:graph R:defaultGraph ] ;
  R:predicateObjectMap [ R:predicateMap [ R:template \"http://e/{p}\" ] ;
    R:objectMap [ rml:reference \"a\" ; R:datatype e:d ], [ rml:reference \"b\" ; R:language \"en-GB\" ],
      [ rml:reference \"c\" ; rml:languageMap [ rml:reference \"l\" ] ],
      [ R:constant e:o ], [ R:template \"b{id}\" ; R:termType R:BlankNode ],
      [ R:parentTriplesMap <#B> ; R:joinCondition [ R:child \"x\" ; R:parent \"y\" ], [ R:child \"u\" ; R:parent \"v\" ] ] ] .
<#B> rml:logicalSource [ rml:source \"b.csv\" ; rml:referenceFormulation F:CSV ] ; R:subject e:s .
";

#[test]
fn both_vocabularies_say_the_same() {
    let new = BODY.replace("R:", "rml:").replace("F:", "rml:");
    let old = BODY.replace("R:", "rr:").replace("F:", "ql:");
    let (new, old) = (
        read_one(&(NEW.to_owned() + &new)),
        read_one(&(OLD.to_owned() + &old)),
    );
    let default_graph = |line: String| line.replace("www.w3.org/ns/r2rml#", "w3id.org/rml/");
    let old_shape: Vec<_> = shape(&old).into_iter().map(default_graph).collect();
    assert_eq!(shape(&new), old_shape);
    assert_eq!(
        shape(&new),
        [
            "file:///maps/0.ttl#A http://e/@id",
            "<http://e/C>",
            "<http://e/D>",
            "<http://e/g>",
            "@g",
            "<http://e/p>",
            "<http://e/q>",
            "<http://w3id.org/rml/defaultGraph>",
            "\"o\"@en None None None",
            "\"1\"^^<http://www.w3.org/2001/XMLSchema#integer> None None None",
            "http://e/@p",
            "@a None Some(\"<http://e/d>\") None",
            "@b None None Some(\"\\\"en-GB\\\"\")",
            "@c None None Some(\"@l\")",
            "<http://e/o> None None None",
            "b@id Some(BlankNode) None None",
            "-> 1 [\"@x=@y\", \"@u=@v\"]",
            "file:///maps/0.ttl#B <http://e/s>",
        ]
    );
    assert!(
        old.triples_maps
            .iter()
            .all(|map| map.vocabulary == Vocabulary::Legacy)
    );
    assert!(
        new.triples_maps
            .iter()
            .all(|map| map.vocabulary == Vocabulary::Rml)
    );
}

#[test]
fn documents_are_read_together() {
    let one =
        format!("{NEW}<#M> rml:logicalSource <http://e/source> ; rml:subjectMap <http://e/s> .");
    let one = one.replace("<#M>", "<http://e/M>");
    let two = format!(
        "{OLD}<http://e/source> rml:source \"t.csv\" . <http://e/s> rr:template \"http://e/{{id}}\" .\n<http://e/N> rml:logicalSource <http://e/source> ; rr:subject e:n ."
    );
    let (mapping, diagnostics) = read_all(&[one.clone(), two.clone()]);
    assert!(diagnostics.is_empty());
    let mapping = mapping.unwrap();
    assert_eq!(
        shape(&mapping),
        ["http://e/M http://e/@id", "http://e/N <http://e/n>"]
    );
    assert_eq!(mapping.sources.len(), 1);
    let vocabularies = mapping.triples_maps.iter().map(|map| map.vocabulary);
    assert_eq!(
        vocabularies.collect::<Vec<_>>(),
        [Vocabulary::Rml, Vocabulary::Legacy]
    );
    assert_eq!(&*mapping.triples_maps[1].place.document, "1.ttl");
    // Without the other, what it describes is missed.
    assert_eq!(
        codes(&read_all(&[one]).1).first().unwrap().0,
        "rml::undefined-node"
    );
}

#[test]
fn faults_of_triples_maps_are_told() {
    let subject = "rml:subject e:s";
    refuse_new("a rml:TriplesMap", "rml::missing-subject-map", 5);
    refuse_new("rml:subject e:s, e:t", "rml::several-subject-maps", 6);
    refuse_new(
        "rml:subject e:s ; rml:subjectMap [ rml:reference \"a\" ]",
        "rml::several-subject-maps",
        6,
    );
    refuse(
        &format!("{NEW}<#M> a rml:TriplesMap ; rml:subjectMap [ rml:reference \"a\" ] ."),
        "rml::missing-logical-source",
        5,
    );
    refuse(
        &format!(
            "{NEW}<#M> a rml:NonAssertedTriplesMap ,\n rml:AssertedTriplesMap ; rml:subject e:s ."
        ),
        "rml::asserted-and-non-asserted",
        6,
    );
    refuse(&format!("{NEW}e:a e:b e:c ."), "rml::no-triples-map", 5);
    refuse_new(
        &format!("{subject} ; rml:predicateObjectMap [ rml:object 1 ]"),
        "rml::missing-predicate",
        6,
    );
    refuse_new(
        &format!("{subject} ; rml:predicateObjectMap [ rml:predicate e:p ]"),
        "rml::missing-object",
        6,
    );
    refuse_new(
        &format!(
            "{subject} ; rml:predicateObjectMap [\n rml:quotedTriplesMap <#M> ; rml:object 1 ]"
        ),
        "rml::quoted-position",
        7,
    );
    refuse_new(
        &format!("{subject} ; rml:predicateObjectMap <#gone>"),
        "rml::undefined-node",
        6,
    );
    refuse_new("rml:subjectMap \"http://e/{id}\"", "rml::not-a-node", 6);
    refuse_new(
        "rml:subjectMap [ rml:constant e:s ; rml:class\n \"C\" ]",
        "rml::not-an-iri",
        7,
    );
}

#[test]
fn faults_of_term_maps_are_told() {
    let object = |map: &str| {
        format!(
            "rml:subject e:s ; rml:predicateObjectMap [ rml:predicate e:p ; rml:objectMap [\n {map} ] ]"
        )
    };
    for (map, code, line) in [
        ("rml:template \"{a\"", "rml::template", 7),
        ("rml:template \"{}\"", "rml::template", 7),
        ("rml:reference \"\"", "rml::empty-reference", 7),
        ("rml:reference e:a", "rml::not-a-literal", 7),
        (
            "rml:reference \"a\" ;\n rml:template \"b\"",
            "rml::several-expressions",
            8,
        ),
        ("rml:datatype e:d", "rml::missing-expression", 6),
        (
            "rml:reference \"a\" ; rml:language \"a-english\"",
            "rml::language-tag",
            7,
        ),
        (
            "rml:reference \"a\" ; rml:language \"english\"",
            "rml::language-tag",
            7,
        ),
        (
            "rml:reference \"a\" ; rml:language e:en",
            "rml::term-type",
            7,
        ),
        (
            "rml:reference \"a\" ; rml:datatype \"d\"",
            "rml::term-type",
            7,
        ),
        (
            "rml:reference \"a\" ; rml:datatype e:d ; rml:language \"en\"",
            "rml::datatype-and-language",
            7,
        ),
        (
            "rml:reference \"a\" ; rml:termType rml:Iri",
            "rml::unknown-term-type",
            7,
        ),
        (
            "rml:reference \"a\" ; rml:termType rml:IRI, rml:URI",
            "rml::several-values",
            7,
        ),
        ("rml:parentTriplesMap <#N>", "rml::unknown-triples-map", 7),
        (
            "rml:parentTriplesMap <#M> ; rml:joinCondition [\n rml:child \"a\" ]",
            "rml::join-condition",
            7,
        ),
        ("rml:gather ( [ rml:reference \"a\" ] )", "rml::gather", 7),
        ("rml:gather () ; rml:gatherAs rdf:List", "rml::gather", 7),
        (
            "rml:reference \"a\" ; rml:logicalTarget [ a rml:LogicalTarget ]",
            "rml::missing-target",
            7,
        ),
        (
            "rml:functionExecution [ rml:input [ rml:parameter e:p ; rml:inputValue 1 ] ]",
            "rml::missing-function",
            7,
        ),
        (
            "rml:functionExecution [ rml:function e:f ; rml:input [ rml:inputValue 1 ] ]",
            "rml::input",
            7,
        ),
        (
            "rml:functionExecution [ rml:functionMap [ rml:reference \"f\" ] ]",
            "rml::constant-expected",
            7,
        ),
    ] {
        refuse_new(&object(map), code, line);
    }
    refuse_new("rml:subject \"s\"", "rml::term-type", 6);
    refuse_new(
        "rml:subjectMap [ rml:reference \"a\" ; rml:termType rml:Literal ]",
        "rml::term-type",
        6,
    );
    refuse_new(
        "rml:subject e:s ; rml:predicateObjectMap [ rml:predicate \"p\" ; rml:object 1 ]",
        "rml::term-type",
        6,
    );
    refuse_new(
        "rml:subject e:s ; rml:predicateObjectMap [ rml:predicateMap [ rml:reference \"p\" ; rml:termType rml:BlankNode ] ; rml:object 1 ]",
        "rml::term-type",
        6,
    );
    refuse_new(
        "rml:subjectMap [ rml:reference \"a\" ; rml:graph \"g\" ]",
        "rml::term-type",
        6,
    );
}

#[test]
fn a_brace_at_fault_is_pointed_at() {
    let text = format!(
        "{NEW}{}",
        map("  rml:subjectMap [ rml:template \"http://ä/{{id}\" ]")
    );
    let (_, diagnostics) = read_all(&[text.clone()]);
    let found = diagnostics.iter().next().unwrap();
    let line = text.lines().nth(5).unwrap();
    let column = line.chars().position(|sign| sign == '{').unwrap() as u64 + 2;
    assert_eq!(
        (found.location.line, found.location.column),
        (Some(6), Some(column))
    );
    assert_eq!(&text[found.location.byte_span.clone().unwrap()], "{");
}

#[test]
fn names_that_are_nearly_right_are_warned_about() {
    for (text, code, near) in [
        (
            "rr:subjectMap [ rml:reference \"a\" ; rr:termtype rr:IRI ]",
            "rml::unknown-property",
            "rr:termType",
        ),
        (
            "rr:subjectMap [ rml:reference \"a\" ; rr:datatipe rr:IRI ]",
            "rml::unknown-property",
            "rr:datatype",
        ),
        (
            "rr:subjectMap [ rml:reference \"a\" ; rr:reference \"b\" ]",
            "rml::unknown-property",
            "rml:reference",
        ),
        (
            "rr:subjectMap [ rml:reference \"a\" ; a rr:SubjectMapp ]",
            "rml::unknown-class",
            "rr:SubjectMap",
        ),
        (
            "rr:subjectMap [ rml:reference \"a\" ; rr:graph [ rml:reference \"g\" ] ]",
            "rml::map-in-shortcut",
            "rr:graphMap",
        ),
    ] {
        let (mapping, diagnostics) = read_all(&[format!("{OLD}{}", map(text))]);
        assert_eq!(
            codes(&diagnostics)
                .iter()
                .map(|found| found.0)
                .collect::<Vec<_>>(),
            [code],
            "{text}"
        );
        let help = diagnostics.iter().next().unwrap().help.clone().unwrap();
        assert!(help.contains(near), "{text}: {help}");
        assert!(mapping.is_some(), "{text}");
    }
    let wrong =
        "@prefix rml: <https://w3id.org/rml/> . <#M> rml:subjectMap [ rml:reference \"a\" ] .";
    let (_, diagnostics) = read_all(&[wrong.to_owned()]);
    let found = diagnostics.iter().next().unwrap();
    assert!(
        found
            .help
            .as_deref()
            .unwrap()
            .contains("<http://w3id.org/rml/>")
    );
}

#[test]
fn constants_keep_their_kind() {
    let object = |map: &str| {
        format!(
            "rml:subject e:s ; rml:predicateObjectMap [ rml:predicate e:p ; rml:objectMap [ {map} ] ]"
        )
    };
    let text = format!(
        "{NEW}{}",
        map(&object(
            "rml:constant \"http://e/o\" ; rml:termType rml:IRI"
        ))
    );
    let (new, diagnostics) = read_all(&[text]);
    assert_eq!(codes(&diagnostics), [("rml::term-type-of-constant", 6)]);
    assert_eq!(expression(object_of(&new.unwrap())), "\"http://e/o\"");
    // Tools write so in the older vocabulary.
    let old = object("rml:constant \"http://e/o\" ; rr:termType rr:IRI");
    let old = read_one(&format!("{OLD}{}", map(&old)));
    assert_eq!(expression(object_of(&old)), "<http://e/o>");
    let kept = new_map(&object("rml:constant \"o\"@en-GB"));
    assert_eq!(expression(object_of(&kept)), "\"o\"@en-GB");
}

#[test]
fn functions_are_read_in_both_spellings() {
    let new = new_map(
        "rml:subject e:s ; rml:predicateObjectMap [ rml:predicate e:p ; rml:objectMap [
        rml:functionExecution <#Upper> ; rml:return e:out ] ] .
        <#Upper> rml:function e:upper ; rml:input [ rml:parameter e:in ; rml:inputValueMap [
          rml:functionExecution [ rml:functionMap [ rml:constant e:replace ] ;
            rml:input [ rml:parameterMap [ rml:constant e:in ] ; rml:inputValueMap [ rml:reference \"a\" ] ],
                      [ rml:parameter e:find ; rml:inputValue \" \" ] ] ] ]",
    );
    let old = read_one(&format!(
        "{OLD}{}",
        map("rr:subject e:s ; rr:predicateObjectMap [ rr:predicate e:p ; rr:objectMap [
            fnml:functionValue <#F> ; fnml:return e:out ; rr:termType rr:Literal ] ] .
          <#F> rml:logicalSource <#none> ; rr:predicateObjectMap
            [ rr:predicate fno:executes ; rr:objectMap [ rr:constant \"http://e/upper\" ; rr:termType rr:IRI ] ],
            [ rr:predicateMap [ rr:constant e:in ] ; rr:objectMap [ fnml:functionValue [ rr:predicateObjectMap
               [ rr:predicate fno:executes ; rr:object e:replace ],
               [ rr:predicate e:in ; rr:objectMap [ rml:reference \"a\" ] ],
               [ rr:predicate e:find ; rr:object \" \" ] ] ] ]")
    ));
    let expected = "http://e/upper(http://e/in=http://e/replace(http://e/in=@a, http://e/find=\" \"))http://e/out";
    assert_eq!(expression(object_of(&new)), expected);
    assert_eq!(expression(object_of(&old)), expected);
    assert_eq!(old.triples_maps.len(), 1);
}

#[test]
fn conditions_bases_and_targets_are_read() {
    let mapping = new_map(
        "rml:baseIRI <http://b/> ; rml:subjectMap [ rml:template \"{id}\" ; rml:logicalTarget <#T> ;
          rml:condition [ rml:functionExecution [ rml:function e:equal ] ; rml:return e:bool ] ] ;
        rml:predicateObjectMap [ rml:predicate e:p ; rml:objectMap [ rml:reference \"a\" ; rml:logicalTarget <#T>, <#U> ] ] .
        <#T> rml:target [ rml:path \"t.ttl\" ; rml:root rml:CurrentWorkingDirectory ] ; rml:encoding rml:UTF-16 ;
          rml:serialization <http://www.w3.org/ns/formats/Turtle> ; rml:compression rml:targzip .
        <#U> rml:target <u.nq>",
    );
    let map = &mapping.triples_maps[0];
    assert_eq!(map.base.as_deref(), Some("http://b/"));
    assert_eq!(
        show(&map.subject.term.conditions[0].expression),
        "http://e/equal()http://e/bool"
    );
    assert_eq!(map.subject.term.targets, [0]);
    assert_eq!(object_of(&mapping).targets, [0, 1]);
    let [turtle, quads] = &mapping.targets[..] else {
        panic!()
    };
    let text = |part: &Option<At<String>>| part.as_ref().map(|part| part.value.clone());
    assert_eq!(
        (turtle.path.value.as_str(), &turtle.root),
        ("t.ttl", &Root::CurrentWorkingDirectory)
    );
    assert_eq!(text(&turtle.encoding).as_deref(), Some("UTF-16"));
    assert_eq!(text(&turtle.compression).as_deref(), Some("targz"));
    assert_eq!(
        text(&turtle.serialization).as_deref(),
        Some("http://www.w3.org/ns/formats/Turtle")
    );
    assert_eq!(quads.path.value, "file:///maps/u.nq");
    let old = read_one(&format!(
        "{OLD}{}",
        map_of_target("<http://rdfs.org/ns/void#dataDump> <file:///data/dump.nt>")
    ));
    assert_eq!(old.targets[0].path.value, "file:///data/dump.nt");
}

fn map_of_target(target: &str) -> String {
    map(&format!(
        "rr:subjectMap [ rr:template \"http://e/{{id}}\" ; rml:logicalTarget [ a rmlt:LogicalTarget ;
         rmlt:target [ {target} ] ; rmlt:compression <http://semweb.mmlab.be/ns/rml-compression#gzip> ] ]"
    ))
}

#[test]
fn sources_are_read() {
    let with = |source: &str| {
        read_one(&format!(
            "{NEW}<#M> rml:subject e:s ; rml:logicalSource [ {source} ] ."
        ))
    };
    let plain = with("rml:source \"a b.csv\"");
    assert_eq!(file(&plain).path.value, "a b.csv");
    assert_eq!(
        (&file(&plain).formulation, &file(&plain).root),
        (&Formulation::Csv, &Root::Unstated)
    );
    let json = with("rml:source \"a.json.gz\" ; rml:iterator \"$.a[*]\"");
    assert_eq!(file(&json).formulation, Formulation::JsonPath);
    assert_eq!(file(&json).iterator.as_ref().unwrap().value, "$.a[*]");
    let path = with(
        "rml:referenceFormulation rml:CSV ; rml:source [ a rml:RelativePathSource ; rml:path \"a\" ; rml:root \"/d\" ;
         rml:null \"\", \"NULL\" ; rml:encoding rml:UTF-16 ; rml:compression rml:zip ]",
    );
    let found = file(&path);
    assert_eq!(found.root, Root::Path("/d".to_owned()));
    assert_eq!(found.nulls, ["", "NULL"]);
    assert_eq!(found.encoding.as_deref(), Some("UTF-16"));
    assert_eq!(found.compression.as_ref().unwrap().value, "zip");
    let table = with(
        "rml:source [ a csvw:Table ; csvw:url \"t.tsv\" ; csvw:null ( \"-\" \"?\" ) ; csvw:dialect [
           csvw:delimiter \"\\t\" ; csvw:header false ; csvw:skipRows 2 ; csvw:lineTerminators ( \"\\n\" ) ; csvw:trim true ] ]",
    );
    let found = file(&table);
    let dialect = found.dialect.as_ref().unwrap();
    assert_eq!(
        (found.path.value.as_str(), &found.nulls[..]),
        ("t.tsv", &["-".to_owned(), "?".to_owned()][..])
    );
    assert_eq!(dialect.delimiter.as_deref(), Some("\t"));
    assert_eq!((dialect.header, dialect.skip_rows), (Some(false), Some(2)));
    assert_eq!(dialect.line_terminators, ["\n"]);
    assert_eq!(dialect.trim.as_deref(), Some("true"));
    let catalog = with(
        "rml:source [ <http://www.w3.org/ns/dcat#distribution> [ <http://www.w3.org/ns/dcat#downloadURL> <http://e/t.csv> ] ]",
    );
    assert_eq!(file(&catalog).path.value, "http://e/t.csv");
    let refused = |source: &str, code| {
        refuse(
            &format!("{NEW}<#M> rml:subject e:s ; rml:logicalSource [ {source} ] ."),
            code,
            5,
        );
    };
    refused("rml:referenceFormulation rml:CSV", "rml::missing-source");
    refused(
        "rml:source \"a\" ; rml:query \"select 1\"",
        "rml::unsupported-source",
    );
    refused(
        "rml:source [ a <http://www.w3.org/ns/sparql-service-description#Service> ]",
        "rml::unsupported-source",
    );
    refused(
        "rml:source [ rml:path \"a\" ; rml:compression rml:lzma ]",
        "rml::unknown-compression",
    );
    refused("rml:source \"a\", \"b\"", "rml::several-values");
    let table = format!("{OLD}<#M> rr:subject e:s ; rr:logicalTable [ rr:tableName \"t\" ] .");
    refuse(&table, "rml::unsupported-source", 8);
}

#[test]
fn constants_need_no_source() {
    let mapping = read_one(&format!(
        "{NEW}<#M> rml:subjectMap [ rml:termType rml:BlankNode ] ; rml:predicateObjectMap [ rml:predicate e:p ; rml:object 1 ] ."
    ));
    assert!(matches!(mapping.sources[0].rows, Rows::Single));
    assert_eq!(expression(&mapping.triples_maps[0].subject.term), "fresh");
}

const VIEW: &str = "<#M> rml:subjectMap [ rml:reference \"id\" ] ; rml:logicalSource <#V> .
<#F> rml:source \"t.csv\" .
<#V> rml:viewOn <#F> ; rml:field [ rml:fieldName \"a\" ; rml:reference \"A\" ; rml:field [ a rml:IterableField ;
    rml:fieldName \"b\" ; rml:referenceFormulation rml:JSONPath ; rml:iterator \"$[*]\" ;
    rml:field [ rml:fieldName \"c\" ; rml:template \"{$.c}\" ] ] ] ;
  rml:leftJoin [ rml:parentLogicalView <#W> ; rml:joinCondition [ rml:childMap [ rml:template \"{a}-\" ] ; rml:parent \"p\" ] ;
    rml:field [ rml:fieldName \"j\" ; rml:reference \"p\" ] ] .
<#W> rml:viewOn <#F> ; rml:field [ rml:fieldName \"p\" ; rml:constant \"x\" ] .";

#[test]
fn views_are_read() {
    let mapping = read_one(&format!("{NEW}{VIEW}"));
    let names: Vec<_> = mapping
        .sources
        .iter()
        .map(|source| source.name.rsplit('#').next().unwrap())
        .collect();
    assert_eq!(names, ["F", "W", "V"]);
    assert_eq!(mapping.triples_maps[0].source, 2);
    let Rows::View(view) = &mapping.sources[2].rows else {
        panic!()
    };
    assert_eq!(view.on, 0);
    let inner = &view.fields[0].fields[0];
    assert!(matches!(
        &inner.kind,
        FieldKind::Iterable {
            formulation: Some(Formulation::JsonPath),
            iterator: Some(_)
        }
    ));
    assert_eq!(inner.fields[0].name.value, "c");
    let join = &view.joins[0];
    assert_eq!((join.is_left, join.parent), (true, 1));
    assert_eq!(show(&join.conditions[0].child.expression), "@a-");
    for (from, to, code, line) in [
        ("\"j\"", "\"a\"", "rml::name-collision", 11),
        ("\"j\"", "\"a.b.c\"", "rml::name-collision", 11),
        (
            "<#W> rml:viewOn <#F>",
            "<#W> rml:viewOn <#V>",
            "rml::cycle",
            12,
        ),
        (
            "rml:constant \"x\"",
            "rml:datatype e:d",
            "rml::missing-expression",
            12,
        ),
        ("rml:parentLogicalView <#W> ;", "", "rml::join", 10),
        ("rml:fieldName \"p\" ;", "", "rml::field", 12),
    ] {
        refuse(&format!("{NEW}{}", VIEW.replace(from, to)), code, line);
    }
}

#[test]
fn quoted_triples_and_lists_are_read() {
    let mapping = read_one(&format!(
        "{NEW}<#Q> a rml:NonAssertedTriplesMap ; {}
        <#M> rml:logicalSource [ rml:source \"u.csv\" ] ; rml:subjectMap [ rml:quotedTriplesMap <#Q> ;
          rml:joinCondition [ rml:child \"a\" ; rml:parent \"b\" ] ] ; rml:predicateObjectMap [ rml:predicate e:p ; rml:objectMap [
          rml:gather ( [ rml:reference \"x\" ; rml:termType rml:UnsafeIRI ] [ rml:parentTriplesMap <#Q> ] [ rml:gather ( [ rml:constant 1 ] ) ; rml:gatherAs rdf:Bag ] ) ;
          rml:gatherAs rdf:Seq ; rml:strategy rml:cartesianProduct ; rml:allowEmptyListAndContainer true ; rml:template \"l{{id}}\" ] ] .",
        "rml:logicalSource [ rml:source \"t.csv\" ] ; rml:subject e:s ."
    ));
    assert!(!mapping.triples_maps[0].is_asserted && mapping.triples_maps[1].is_asserted);
    assert_eq!(
        expression(&mapping.triples_maps[1].subject.term),
        "quoted 0 1"
    );
    let ObjectMap::Term(term) = &mapping.triples_maps[1].predicate_objects[0].objects[0] else {
        panic!()
    };
    let TermValue::Gather(gather) = &term.value else {
        panic!()
    };
    assert_eq!(
        (gather.kind, gather.cartesian, gather.allow_empty),
        (GatherAs::Seq, true, true)
    );
    assert_eq!(show(&gather.head.as_ref().unwrap().expression), "l@id");
    let [
        ObjectMap::Term(first),
        ObjectMap::Reference(second),
        ObjectMap::Term(third),
    ] = &gather.items[..]
    else {
        panic!()
    };
    assert_eq!(first.term_type.as_ref().unwrap().value, TermType::UnsafeIri);
    assert_eq!((second.parent, expression(third)), (0, "gather".to_owned()));
}

#[test]
fn what_leads_back_to_itself_or_grows_without_end_is_refused() {
    let call = "<#F> rml:function e:f ; rml:input [ rml:parameter e:p ; rml:inputValueMap [ rml:functionExecution <#F> ] ] .";
    let subject = "rml:subjectMap [ rml:functionExecution <#F> ]";
    refuse_new(
        &format!("{subject} .\n{}", call.trim_end_matches(" .")),
        "rml::cycle",
        7,
    );
    // Each execution uses the next one twice.
    let mut text = format!(
        "{NEW}{}",
        map("rml:subjectMap [ rml:functionExecution <#F0> ]")
    );
    for number in 0..40 {
        let value = format!(
            "rml:inputValueMap [ rml:functionExecution <#F{}> ]",
            number + 1
        );
        text += &format!(
            " <#F{number}> rml:function e:f ; rml:input [ rml:parameter e:a ; {value} ], [ rml:parameter e:b ; {value} ] .\n"
        );
    }
    text += " <#F40> rml:function e:f .";
    let (mapping, diagnostics) = read_all(&[text]);
    assert!(mapping.is_none());
    assert_eq!(
        codes(&diagnostics)
            .iter()
            .map(|found| found.0)
            .collect::<Vec<_>>(),
        ["rml::too-large"]
    );
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let nested = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(3000), close.repeat(3000))
    };
    let gather = nested("[ rml:gatherAs rdf:List ; rml:gather ( ", "", ") ]");
    let call = nested(
        "[ rml:functionExecution [ rml:function e:f ; rml:input [ rml:parameter e:p ; rml:inputValueMap ",
        "[ rml:constant 1 ]",
        " ] ] ]",
    );
    let language = nested(
        "[ rml:reference \"a\" ; rml:languageMap ",
        "[ rml:constant \"en\" ]",
        " ]",
    );
    let field = nested(
        "[ rml:fieldName \"a\" ; rml:reference \"a\" ; rml:field ",
        "[]",
        " ]",
    );
    let view = nested("[ rml:viewOn ", "[ rml:source \"t.csv\" ]", " ]");
    for more in [
        format!("rml:subjectMap {gather}"),
        format!("rml:subjectMap {call}"),
        format!("rml:subjectMap {language}"),
    ] {
        refuse_new(&more, "rml::too-deep", 6);
    }
    for source in [
        view,
        format!("[ rml:viewOn [ rml:source \"t.csv\" ] ; rml:field {field} ]"),
    ] {
        let text = format!("{NEW}<#M> rml:subject e:s ; rml:logicalSource {source} .");
        refuse(&text, "rml::too-deep", 5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is cut out of a mapping or doubled in it, it is read or refused with a reason, and places
    /// are in the document.
    #[test]
    fn damaged_mappings_are_read_or_refused(start in 0usize..3000, length in 0usize..80, twice: bool, old: bool) {
        let body = BODY.replace("R:", if old { "rr:" } else { "rml:" }).replace("F:", if old { "ql:" } else { "rml:" });
        let text = format!("{}{body}{}", if old { OLD } else { NEW }, if old { "" } else { VIEW });
        let start = (0..=start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let end = (start..=(start + length).min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let middle = if twice { text[start..end].repeat(2) } else { String::new() };
        let damaged = format!("{}{middle}{}", &text[..start], &text[end..]);
        let (mapping, diagnostics) = read_all(&[damaged.clone()]);
        prop_assert_eq!(mapping.is_none(), diagnostics.errors() > 0);
        for found in diagnostics.iter() {
            let span = found.location.byte_span.clone().unwrap_or_default();
            prop_assert!(damaged.get(span).is_some(), "{:?}", found);
        }
    }
}
