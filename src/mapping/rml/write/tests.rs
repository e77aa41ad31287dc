//! What is written is held against what the reader makes of it.

use super::write;
use crate::diagnostic::{Diagnostics, Severity};
use crate::mapping::rml::graph::{Document, MappingGraph};
use crate::mapping::rml::model::{
    At, Call, Expression, ExpressionMap, Mapping, ObjectMap, Place, Rows, Side, Template,
    TemplatePart, TermValue, Vocabulary,
};
use crate::mapping::rml::read::read;
use oxrdf::Literal;
use proptest::prelude::*;

const TWO_MAPS: &str = r#"
    @prefix rml: <http://w3id.org/rml/> .
    <#Person> a rml:TriplesMap ;
        rml:logicalSource [ rml:source [ a rml:RelativePathSource ; rml:path "people.csv" ] ;
            rml:referenceFormulation rml:CSV ] ;
        rml:subjectMap [ rml:template "http://example.org/{id}" ] ;
        rml:predicateObjectMap [ rml:predicate rml:x ; rml:object "constant" ; rml:objectMap [ rml:reference "name" ] ] ;
        rml:predicateObjectMap [ rml:predicate rml:y ; rml:objectMap [ rml:parentTriplesMap <#City> ;
            rml:joinCondition [ rml:child "city" ; rml:parent "id" ] ] ] .
    <#City> a rml:TriplesMap ;
        rml:logicalSource [ rml:source [ a rml:RelativePathSource ; rml:path "cities.csv" ] ;
            rml:referenceFormulation rml:CSV ] ;
        rml:subjectMap [ rml:template "http://example.org/{id}" ] .
"#;

fn parse(text: &str) -> Mapping {
    let mut diagnostics = Diagnostics::new();
    let document = Document {
        name: "mapping.ttl".to_owned(),
        iri: "file:///mapping.ttl".to_owned(),
        text: text.to_owned(),
    };
    let graph = MappingGraph::parse(&[document], &mut diagnostics);
    let mapping = graph.and_then(|graph| read(&graph, &mut diagnostics));
    let found: Vec<_> = diagnostics.iter().map(|found| &found.message).collect();
    mapping.unwrap_or_else(|| panic!("{found:?}\n{text}"))
}

fn map(expression: Expression) -> ExpressionMap {
    ExpressionMap {
        expression,
        place: Place::default(),
    }
}

/// `notEqual(name, "x")`
fn condition(side: Side) -> ExpressionMap {
    let at = |value: &str| At {
        value: value.to_owned(),
        place: Place::default(),
    };
    let text = Literal::new_simple_literal("x");
    map(Expression::Call(Box::new(Call {
        function: at("https://w3id.org/imec/idlab/function#notEqual"),
        arguments: vec![
            (
                at("http://users.ugent.be/~bjdmeest/function/grel.ttl#valueParameter"),
                map(Expression::Reference("name".to_owned(), side)),
            ),
            (
                at("http://users.ugent.be/~bjdmeest/function/grel.ttl#valueParameter2"),
                map(Expression::Constant(text.into())),
            ),
        ],
        output: None,
    })))
}

/// Writes, and gives the severities and codes of what was said.
fn written(mapping: &Mapping) -> (String, Vec<(Severity, &'static str)>) {
    let mut diagnostics = Diagnostics::new();
    let text = write(mapping, &mut diagnostics);
    let said = diagnostics.iter();
    (
        text,
        said.map(|found| (found.severity, found.code)).collect(),
    )
}

#[test]
fn a_condition_of_predicates_and_objects_goes_to_each_object() {
    let mut mapping = parse(TWO_MAPS);
    for part in &mut mapping.triples_maps[0].predicate_objects {
        part.conditions.push(condition(Side::Child));
    }
    let (text, said) = written(&mapping);
    assert_eq!(said, vec![(Severity::Note, "rml::moved-condition"); 2]);
    let again = parse(&text);
    let parts = &again.triples_maps[0].predicate_objects;
    for object in parts.iter().flat_map(|part| &part.objects) {
        let conditions = match object {
            ObjectMap::Term(term) => &term.conditions,
            ObjectMap::Reference(reference) => &reference.conditions,
        };
        assert_eq!(conditions.len(), 1, "{text}");
        assert!(matches!(conditions[0].expression, Expression::Call(_)));
    }
    assert_eq!(written(&again), (text, vec![]));
}

fn with_condition(condition: ExpressionMap) -> Mapping {
    let mut mapping = parse(TWO_MAPS);
    let part = &mut mapping.triples_maps[0].predicate_objects[1];
    let ObjectMap::Reference(reference) = &mut part.objects[0] else {
        panic!("no reference");
    };
    reference.conditions.push(condition);
    mapping
}

#[test]
fn a_condition_on_both_rows_is_read_again() {
    let mut both = condition(Side::Parent);
    if let Expression::Call(call) = &mut both.expression {
        call.arguments[1].1 = map(Expression::Reference("of".to_owned(), Side::Child));
    }
    let (text, said) = written(&with_condition(both));
    assert_eq!(said, vec![(Severity::Warning, "rml::not-standard")]);
    let again = parse(&text);
    let ObjectMap::Reference(reference) = &again.triples_maps[0].predicate_objects[1].objects[0]
    else {
        panic!("no reference\n{text}");
    };
    assert_eq!(reference.joins.len(), 1, "{text}");
    let Expression::Call(call) = &reference.conditions[0].expression else {
        panic!("no function\n{text}");
    };
    let sides = call
        .arguments
        .iter()
        .map(|(_, value)| match &value.expression {
            Expression::Reference(name, side) => (name.as_str(), *side),
            other => panic!("{other:?}"),
        });
    let expected = [("name", Side::Parent), ("of", Side::Child)];
    assert_eq!(sides.collect::<Vec<_>>(), expected, "{text}");
    assert_eq!(written(&again).0, text);
}

#[test]
fn a_text_of_both_rows_is_told() {
    let mut both = condition(Side::Child);
    if let Expression::Call(call) = &mut both.expression {
        call.arguments[0].1 = map(Expression::Template(Template {
            text: String::new(),
            parts: vec![
                TemplatePart::Reference("name".to_owned(), Side::Child),
                TemplatePart::Reference("name".to_owned(), Side::Parent),
            ],
        }));
    }
    let (text, said) = written(&with_condition(both));
    assert_eq!(said, vec![(Severity::Warning, "rml::not-expressible")]);
    assert!(!text.contains("notEqual"), "{text}");
}

#[test]
fn empty_cells_of_the_older_vocabulary_are_no_values_in_words() {
    let mut mapping = parse(TWO_MAPS);
    for source in &mut mapping.sources {
        source.vocabulary = Vocabulary::Legacy;
    }
    let (text, _) = written(&mapping);
    for source in parse(&text).sources {
        let Rows::Source(source) = source.rows else {
            panic!("no source");
        };
        assert_eq!(source.nulls, [""], "{text}");
    }
}

#[test]
fn what_needs_no_rows_has_no_source() {
    let text = "@prefix rml: <http://w3id.org/rml/> .
        <#A> a rml:TriplesMap ; rml:subject <http://example.org/a> ;
            rml:predicateObjectMap [ rml:predicate rml:p ; rml:object \"b\" ] .";
    let (text, said) = written(&parse(text));
    assert_eq!(said, []);
    assert!(!text.contains("rml:logicalSource"), "{text}");
    assert!(
        matches!(parse(&text).sources[0].rows, Rows::Single),
        "{text}"
    );
}

#[test]
fn a_base_for_all_stands_at_each() {
    let mut mapping = parse(TWO_MAPS);
    mapping.base = Some("http://example.org/base/".to_owned());
    mapping.triples_maps[1].base = Some("http://example.org/own/".to_owned());
    let (text, _) = written(&mapping);
    let bases = parse(&text).triples_maps;
    let bases: Vec<_> = bases.iter().map(|map| map.base.as_deref()).collect();
    assert_eq!(
        bases,
        [
            Some("http://example.org/base/"),
            Some("http://example.org/own/")
        ]
    );
}

#[test]
fn prefixes_are_declared_where_they_are_used() {
    let (text, _) = written(&parse(TWO_MAPS));
    let declared: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("@prefix"))
        .collect();
    assert_eq!(declared, ["@prefix rml: <http://w3id.org/rml/> ."]);
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
}

fn texts() -> impl Strategy<Value = String> {
    "([a-z{}\\\\\"'$(). \n\r\t\u{0}-\u{1f}äع😀\u{7f}\u{fffe}]|\\\\u0041){1,8}"
}

proptest! {
    #[test]
    fn texts_come_back_to_the_letter(
        reference in texts(),
        before in texts(),
        null in texts(),
        constant in texts(),
    ) {
        let mut mapping = parse(TWO_MAPS);
        let parts = vec![
            TemplatePart::Text(before),
            TemplatePart::Reference(reference.clone(), Side::Child),
        ];
        let first = &mut mapping.triples_maps[0];
        first.subject.term.value = TermValue::Expression(map(Expression::Template(Template {
            text: String::new(),
            parts: parts.clone(),
        })));
        let constant = Literal::new_language_tagged_literal_unchecked(constant, "ar-x-y");
        let values = [
            Expression::Constant(constant.clone().into()),
            Expression::Reference(reference.clone(), Side::Child),
        ];
        for (object, value) in first.predicate_objects[0].objects.iter_mut().zip(values) {
            let ObjectMap::Term(term) = object else { panic!("no term") };
            term.value = TermValue::Expression(map(value));
        }
        let Rows::Source(source) = &mut mapping.sources[0].rows else { panic!("no source") };
        source.nulls = vec![null.clone()];
        let (text, _) = written(&mapping);
        let again = parse(&text);
        let first = &again.triples_maps[0];
        let TermValue::Expression(ExpressionMap { expression: Expression::Template(template), .. }) =
            &first.subject.term.value
        else {
            panic!("no template\n{text}");
        };
        prop_assert_eq!(&template.parts, &parts);
        let mut found = Vec::new();
        for object in &first.predicate_objects[0].objects {
            let ObjectMap::Term(term) = object else { panic!("no term") };
            match &term.value {
                TermValue::Expression(ExpressionMap { expression: Expression::Constant(term), .. }) => {
                    found.push(term.to_string());
                }
                TermValue::Expression(ExpressionMap { expression: Expression::Reference(name, _), .. }) => {
                    found.push(name.clone());
                }
                other => panic!("{other:?}"),
            }
        }
        prop_assert_eq!(found, vec![constant.to_string(), reference]);
        let Rows::Source(source) = &again.sources[0].rows else { panic!("no source") };
        prop_assert_eq!(&source.nulls, &vec![null]);
    }
}
