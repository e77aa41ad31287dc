//! Sources, views, targets, functions, lists and quoted triples.

use super::*;
use crate::mapping::rml::model::{FieldKind, Formulation, GatherAs, Root, Side};

#[test]
fn functions_of_two_rows_are_joins_or_conditions() {
    let with = |function: &str| {
        let join = format!(
            "rml:joinCondition [ fnml:functionValue [ rr:predicateObjectMap
               [ rr:predicate fno:executes ; rr:object {function} ],
               [ rr:predicate e:p ; rr:objectMap [ rml:parentTermMap [ rml:reference \"id\" ] ] ],
               [ rr:predicate e:q ; rr:objectMap [ rml:reference \"of\" ] ] ] ]"
        );
        read_one(&format!(
            "{OLD}{}",
            map(&format!(
                "rr:subject e:s ; rr:predicateObjectMap [ rr:predicate e:p ; rr:objectMap [ rr:parentTriplesMap <#M> ; {join} ] ]"
            ))
        ))
    };
    let reference =
        |mapping: &Mapping| match &mapping.triples_maps[0].predicate_objects[0].objects[0] {
            ObjectMap::Reference(reference) => reference.clone(),
            ObjectMap::Term(_) => panic!("a reference was expected"),
        };
    let equal = reference(&with("<https://w3id.org/imec/idlab/function#equal>"));
    assert_eq!(show(&equal.joins[0].child.expression), "@of");
    assert_eq!(show(&equal.joins[0].parent.expression), "@id");
    assert!(equal.conditions.is_empty());
    let other = reference(&with("e:contains"));
    assert!(other.joins.is_empty());
    let Expression::Call(call) = &other.conditions[0].expression else {
        panic!("a call was expected");
    };
    let sides = call
        .arguments
        .iter()
        .map(|(_, value)| match &value.expression {
            Expression::Reference(name, side) => (name.as_str(), *side),
            other => panic!("{other:?}"),
        });
    assert_eq!(
        sides.collect::<Vec<_>>(),
        [("id", Side::Parent), ("of", Side::Child)]
    );
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

fn map_of_target(target: &str) -> String {
    map(&format!(
        "rr:subjectMap [ rr:template \"http://e/{{id}}\" ; rml:logicalTarget [ a rmlt:LogicalTarget ;
         rmlt:target [ {target} ] ; rmlt:compression <http://semweb.mmlab.be/ns/rml-compression#gzip> ] ]"
    ))
}
