//! Tests of the statements and their places.

use super::*;

fn parse(texts: &[&str]) -> (Option<MappingGraph>, Diagnostics) {
    let documents: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| Document {
            name: format!("{number}.ttl"),
            iri: format!("file:///maps/{number}.ttl"),
            text: (*text).to_owned(),
        })
        .collect();
    let mut diagnostics = Diagnostics::new();
    let graph = MappingGraph::parse(&documents, &mut diagnostics);
    (graph, diagnostics)
}

#[test]
fn statements_know_their_place() {
    let text = "@prefix e: <http://e/> .\n<#Ä> e:a [\n  e:b \"ä\" ; e:c (\n 1 ) ] .\n";
    let (graph, diagnostics) = parse(&[text]);
    assert!(diagnostics.is_empty());
    let graph = graph.unwrap();
    let shown: Vec<_> = graph
        .statements()
        .iter()
        .map(|statement| {
            let place = graph.place(statement);
            (
                place.line,
                place.column,
                text[place.bytes].to_owned(),
                place.element,
            )
        })
        .collect();
    let expect = |line, column, bytes: &str, element: &str| {
        (line, column, bytes.to_owned(), element.to_owned())
    };
    assert_eq!(
        shown,
        [
            expect(3, 7, "\"ä\"", "e:b"),
            expect(3, 13, "e:c", "e:c"),
            expect(
                4,
                2,
                "1",
                "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>"
            ),
            expect(
                3,
                13,
                "e:c",
                "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>"
            ),
            expect(2, 6, "e:a", "<#Ä> e:a"),
        ]
    );
    let subject = NamedNode::new("file:///maps/0.ttl#Ä").unwrap().into();
    assert_eq!(graph.node_place(&subject).line, 2);
    assert_eq!(graph.list(&graph.statements()[1].object).unwrap().len(), 1);
}

#[test]
fn what_is_no_turtle_is_told_with_its_place() {
    let (graph, diagnostics) = parse(&["<#a> <#b> <#c> .", "<#a>\n  <#b> \"{N\\ame}\" ."]);
    assert!(graph.is_none());
    let found: Vec<_> = diagnostics.iter().collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, "rml::syntax");
    assert_eq!(found[0].location.source.as_deref(), Some("1.ttl"));
    assert_eq!(found[0].location.line, Some(2));
}

#[test]
fn blank_nodes_of_two_documents_never_meet() {
    let one = "_:b1 <#p> [] . <http://e/x> <http://e/p> 1 .";
    let (graph, _) = parse(&[one, one]);
    let graph = graph.unwrap();
    // The statement without blank nodes is the same in both.
    assert_eq!(graph.statements().len(), 3);
    let subjects: FxHashSet<_> = graph
        .statements()
        .iter()
        .map(|found| &found.subject)
        .collect();
    assert_eq!(subjects.len(), 3);
    let labels: Vec<_> = graph
        .statements()
        .iter()
        .map(|found| found.subject.to_string())
        .collect();
    assert_eq!(
        labels,
        parse(&[one, one])
            .0
            .unwrap()
            .statements()
            .iter()
            .map(|found| found.subject.to_string())
            .collect::<Vec<_>>()
    );
}

#[test]
fn lists_that_have_no_end_are_none() {
    let text = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n<#l> rdf:first 1 ; rdf:rest <#l> .";
    let (graph, _) = parse(&[text]);
    let head = Term::from(NamedNode::new("file:///maps/0.ttl#l").unwrap());
    assert!(graph.unwrap().list(&head).is_none());
}
