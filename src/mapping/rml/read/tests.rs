//! Tests of the reader: what both vocabularies say, and what the other tests are written with.

mod faults;
mod parts;

use super::*;
use crate::mapping::rml::graph::Document;
use crate::mapping::rml::model::{
    Expression, ObjectMap, Rows, Source, TemplatePart, TermMap, TermType, TermValue,
};

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

const VIEW: &str = "<#M> rml:subjectMap [ rml:reference \"id\" ] ; rml:logicalSource <#V> .
<#F> rml:source \"t.csv\" .
<#V> rml:viewOn <#F> ; rml:field [ rml:fieldName \"a\" ; rml:reference \"A\" ; rml:field [ a rml:IterableField ;
    rml:fieldName \"b\" ; rml:referenceFormulation rml:JSONPath ; rml:iterator \"$[*]\" ;
    rml:field [ rml:fieldName \"c\" ; rml:template \"{$.c}\" ] ] ] ;
  rml:leftJoin [ rml:parentLogicalView <#W> ; rml:joinCondition [ rml:childMap [ rml:template \"{a}-\" ] ; rml:parent \"p\" ] ;
    rml:field [ rml:fieldName \"j\" ; rml:reference \"p\" ] ] .
<#W> rml:viewOn <#F> ; rml:field [ rml:fieldName \"p\" ; rml:constant \"x\" ] .";

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
