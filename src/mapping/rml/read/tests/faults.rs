//! What is wrong with mappings, by code and line.

use super::*;
use proptest::prelude::*;

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
    let (_, diagnostics) = read_all(std::slice::from_ref(&text));
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
            "rr:subjectMap [ rr:constant \"http://e/s\" ]",
            "rml::iri-as-text",
            "<http://e/s>",
        ),
        (
            "rr:subject \"http://e/s\"",
            "rml::iri-as-text",
            "<http://e/s>",
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
        let (mapping, diagnostics) = read_all(std::slice::from_ref(&damaged));
        prop_assert_eq!(mapping.is_none(), diagnostics.errors() > 0);
        for found in diagnostics.iter() {
            let span = found.location.byte_span.clone().unwrap_or_default();
            prop_assert!(damaged.get(span).is_some(), "{:?}", found);
        }
    }
}
