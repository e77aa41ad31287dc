//! Rules: CONSTRUCT queries run over and over until they find nothing new.
//!
//! In: rules, a store, the graphs they may read. Out: a named graph of what follows but is not
//! stated, and which rule made what. Rules are plain SPARQL files; reading them is the business of
//! the caller.

use super::dataset::{Scope, contains};
use super::error::QueryError;
use super::rewrite::{Bindings, bind, bind_pattern};
use super::run::QueryParser;
use super::worker::evaluate;
use oxigraph::model::{GraphName, Quad};
use oxigraph::sparql::{CancellationToken, QueryResults};
use oxigraph::store::Store;
use oxrdf::{NamedNode, Term, TripleRef};
use spargebra::Query;
use spargebra::algebra::GraphPattern;
use spargebra::term::{GroundTerm, NamedNodePattern, TermPattern, TriplePattern};
use std::collections::BTreeMap;

/// Rounds after which rules are taken to go on for ever.
pub const MOST_ROUNDS: usize = 1000;

/// A CONSTRUCT query by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The file's stem, for messages and reports.
    pub name: String,
    /// The SPARQL text.
    pub text: String,
}

/// What a run of rules did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RulesReport {
    /// How often all rules were evaluated; the last round found nothing new.
    pub rounds: usize,
    /// How many triples each rule was the first to find, in the order of the rules.
    pub new_triples: Vec<(String, u64)>,
}

impl RulesReport {
    /// How many triples all rules found.
    pub fn total(&self) -> u64 {
        self.new_triples.iter().map(|(_, count)| count).sum()
    }
}

/// Runs rules to a fixpoint and puts what they find into the graph `into`.
///
/// Each rule sees what is stated (the default graph), the graphs of `over` and `into` as one
/// default graph, and what the rules before
/// it found in the same round; a rule that counts sees a triple once for each graph that holds it.
/// Triples that one of those graphs holds are not added, so what is
/// stated is never also inferred.
///
/// # Errors
///
/// If a rule is no CONSTRUCT query or makes blank nodes, if the evaluation fails, or if there is
/// something new after [`MOST_ROUNDS`] rounds.
///
/// # Examples
///
/// ```
/// use coalition_kg::query::rules::{Rule, run_rules};
/// use oxigraph::io::RdfFormat;
/// use oxigraph::model::NamedNode;
/// use oxigraph::store::Store;
///
/// let store = Store::new()?;
/// store.load_from_slice(RdfFormat::Turtle, "@prefix : <http://e.org/> . :a :in :b . :b :in :c .")?;
/// let rule = Rule {
///     name: "transitive".to_owned(),
///     text: "PREFIX : <http://e.org/> CONSTRUCT { ?a :in ?c } WHERE { ?a :in ?b . ?b :in ?c }".to_owned(),
/// };
/// let into = NamedNode::new("http://e.org/inferred")?;
/// let report = run_rules(&store, &[rule], &into, &[])?;
/// assert_eq!((report.rounds, report.total()), (2, 1));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn run_rules(
    store: &Store,
    rules: &[Rule],
    into: &NamedNode,
    over: &[NamedNode],
) -> Result<RulesReport, QueryError> {
    run_rounds(store, rules, into, over, MOST_ROUNDS)
}

fn run_rounds(
    store: &Store,
    rules: &[Rule],
    into: &NamedNode,
    over: &[NamedNode],
    most_rounds: usize,
) -> Result<RulesReport, QueryError> {
    let parsed = rules.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let seen = graphs_seen(into, over);
    let scope = Scope::unmerged(seen.clone(), store);
    let token = CancellationToken::new();
    let mut report = RulesReport {
        rounds: 0,
        new_triples: rules.iter().map(|rule| (rule.name.clone(), 0)).collect(),
    };
    loop {
        report.rounds += 1;
        let mut last = None;
        for (rule, (name, count)) in parsed.iter().zip(&mut report.new_triples) {
            let results = evaluate(rule.query(), &scope, &token)?;
            let QueryResults::Graph(triples) = results else {
                continue;
            };
            let mut found = Vec::new();
            for triple in triples {
                let quad = triple
                    .map_err(QueryError::Evaluation)?
                    .in_graph(into.clone());
                if is_new(store, &quad, &seen)? {
                    found.push(quad);
                }
            }
            if !found.is_empty() {
                *count += found.len() as u64;
                store.extend(found)?;
                last = Some(name.clone());
            }
        }
        match last {
            None => return Ok(report),
            Some(rule) if report.rounds >= most_rounds => {
                return Err(QueryError::RulesDoNotEnd {
                    rounds: report.rounds,
                    rule,
                });
            }
            Some(_) => {}
        }
    }
}

/// Names the rules that give a triple, in their order; see [`derivations`].
///
/// # Errors
///
/// As [`derivations`].
pub fn explain_triple(
    store: &Store,
    rules: &[Rule],
    into: &NamedNode,
    over: &[NamedNode],
    triple: TripleRef<'_>,
) -> Result<Vec<String>, QueryError> {
    let derivations = derivations(store, rules, into, over, triple)?;
    Ok(derivations.into_iter().map(|found| found.rule).collect())
}

/// A way to derive a triple.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// The rule's name.
    pub rule: String,
    /// The first solution of the rule that gives the triple, by variable name.
    pub bindings: BTreeMap<String, Term>,
}

/// Finds the rules that give a triple, each with one solution, in the order of the rules.
///
/// The rules are evaluated on the store as it is, so after [`run_rules`] a triple may be found to
/// follow from others that follow from it. Give `into` and `over` as for the run.
///
/// # Errors
///
/// If a rule is no CONSTRUCT query, or if the evaluation fails.
pub fn derivations(
    store: &Store,
    rules: &[Rule],
    into: &NamedNode,
    over: &[NamedNode],
    triple: TripleRef<'_>,
) -> Result<Vec<Derivation>, QueryError> {
    let scope = Scope::unmerged(graphs_seen(into, over), store);
    let mut derivations = Vec::new();
    for rule in rules {
        let parsed = parse(rule)?;
        for template in &parsed.template {
            if let Some(bindings) = parsed.solve(template, triple, &scope)? {
                derivations.push(Derivation {
                    rule: rule.name.clone(),
                    bindings,
                });
                break;
            }
        }
    }
    Ok(derivations)
}

/// A rule that was read and may be run.
struct ParsedRule {
    template: Vec<TriplePattern>,
    pattern: GraphPattern,
}

fn parse(rule: &Rule) -> Result<ParsedRule, QueryError> {
    let query = QueryParser::new()
        .with_source(rule.name.as_str())
        .parse(&rule.text)?
        .into_query()?;
    let (query, parts) = bind(query, &Bindings::new());
    let Query::Construct {
        template, pattern, ..
    } = query
    else {
        return Err(QueryError::RuleNotConstruct {
            rule: rule.name.clone(),
        });
    };
    let has_blank_node = template.iter().any(|triple| {
        matches!(triple.subject, TermPattern::BlankNode(_))
            || matches!(triple.object, TermPattern::BlankNode(_))
    });
    if has_blank_node || parts.calls_bnode {
        return Err(QueryError::RuleMakesBlankNodes {
            rule: rule.name.clone(),
        });
    }
    Ok(ParsedRule { template, pattern })
}

impl ParsedRule {
    fn query(&self) -> Query {
        Query::Construct {
            template: self.template.clone(),
            dataset: None,
            pattern: self.pattern.clone(),
            base_iri: None,
        }
    }

    /// The first solution in which a triple of the template is the one given.
    fn solve(
        &self,
        template: &TriplePattern,
        triple: TripleRef<'_>,
        scope: &Scope,
    ) -> Result<Option<BTreeMap<String, Term>>, QueryError> {
        let Some(bindings) = unify(template, triple) else {
            return Ok(None);
        };
        // A variable that the pattern computes cannot be replaced by its value: it is compared.
        let (_, parts) = bind(self.query(), &Bindings::new());
        let (computed, given): (Bindings, Bindings) = bindings
            .clone()
            .into_iter()
            .partition(|(name, _)| parts.computed.contains(name));
        let mut variables = parts.variables;
        variables.retain(|name| !given.contains_key(name));
        let query = Query::Select {
            dataset: None,
            pattern: GraphPattern::Project {
                inner: Box::new(bind_pattern(self.pattern.clone(), &given)),
                variables: variables
                    .iter()
                    .map(oxrdf::Variable::new_unchecked)
                    .collect(),
            },
            base_iri: None,
        };
        let token = CancellationToken::new();
        let QueryResults::Solutions(rows) = evaluate(query, scope, &token)? else {
            return Ok(None);
        };
        for row in rows {
            let row = row.map_err(QueryError::Evaluation)?;
            let agrees = computed
                .iter()
                .all(|(name, term)| row.get(name.as_str()) == Some(&Term::from(term.clone())));
            if agrees {
                let found = row
                    .iter()
                    .map(|(variable, term)| (variable.as_str().to_owned(), term.clone()));
                let given = given
                    .into_iter()
                    .map(|(name, term)| (name, Term::from(term)));
                return Ok(Some(found.chain(given).collect()));
            }
        }
        Ok(None)
    }
}

/// What the variables of a template have to be to give the triple. Blank nodes of the data cannot
/// be told to a query, so a triple that has one is not explained.
fn unify(template: &TriplePattern, triple: TripleRef<'_>) -> Option<Bindings> {
    let mut bindings = Bindings::new();
    let predicate = match template.predicate.clone() {
        NamedNodePattern::NamedNode(node) => TermPattern::from(node),
        NamedNodePattern::Variable(variable) => TermPattern::from(variable),
    };
    let pairs = [
        (&template.subject, Term::from(triple.subject.into_owned())),
        (&predicate, Term::from(triple.predicate.into_owned())),
        (&template.object, triple.object.into_owned()),
    ];
    for (pattern, term) in pairs {
        let term = GroundTerm::try_from(term).ok()?;
        match pattern {
            TermPattern::Variable(variable) => {
                let bound = bindings.insert(variable.as_str().to_owned(), term.clone());
                if bound.is_some_and(|bound| bound != term) {
                    return None;
                }
            }
            TermPattern::NamedNode(node) if term == GroundTerm::from(node.clone()) => {}
            TermPattern::Literal(literal) if term == GroundTerm::from(literal.clone()) => {}
            _ => return None,
        }
    }
    Some(bindings)
}

/// The default graph, `over` and `into`, each once.
fn graphs_seen(into: &NamedNode, over: &[NamedNode]) -> Vec<GraphName> {
    let mut graphs = vec![GraphName::DefaultGraph];
    for name in over.iter().chain([into]) {
        let name = GraphName::from(name.clone());
        if !graphs.contains(&name) {
            graphs.push(name);
        }
    }
    graphs
}

/// Whether none of the graphs holds the triple of a quad.
fn is_new(store: &Store, quad: &Quad, graphs: &[GraphName]) -> Result<bool, QueryError> {
    for graph in graphs {
        if contains(store, quad, graph.as_ref())? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::io::RdfFormat;
    use oxrdf::Triple;

    const DATA: &str = "@prefix : <http://e.org/> .
        :a :in :b . :b :in :c . :c :in :d . :b :has :a . :a :n 1 .
        :schema { :in :inverse :has . :b :in :c }";

    fn store() -> Store {
        let store = Store::new().unwrap();
        store.load_from_slice(RdfFormat::TriG, DATA).unwrap();
        store
    }

    fn node(local: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("http://e.org/{local}"))
    }

    fn rule(name: &str, text: &str) -> Rule {
        Rule {
            name: name.to_owned(),
            text: format!("PREFIX : <http://e.org/>\n{text}"),
        }
    }

    fn rules() -> Vec<Rule> {
        vec![
            rule(
                "inverses",
                "CONSTRUCT { ?y ?q ?x } WHERE { ?p :inverse ?q . ?x ?p ?y }",
            ),
            rule(
                "transitive",
                "CONSTRUCT { ?x :in ?z } WHERE { ?x :in ?y . ?y :in ?z }",
            ),
        ]
    }

    fn run(store: &Store, rules: &[Rule]) -> Result<RulesReport, QueryError> {
        let over = [node("schema")];
        run_rules(store, rules, &node("inferred"), &over)
    }

    #[test]
    fn rules_run_to_a_fixpoint() {
        let store = store();
        let report = run(&store, &rules()).unwrap();
        // in: a-c, a-d, b-d; has: the inverses of all six but the one that is stated.
        assert_eq!(
            report.new_triples,
            [("inverses".to_owned(), 5), ("transitive".to_owned(), 3)]
        );
        let inferred = GraphName::from(node("inferred"));
        let quads: Vec<_> = store
            .quads_for_pattern(None, None, None, Some(inferred.as_ref()))
            .map(Result::unwrap)
            .collect();
        assert_eq!(quads.len(), 8);
        for quad in quads {
            assert!(!contains(&store, &quad, GraphName::DefaultGraph.as_ref()).unwrap());
        }
        assert_eq!(run(&store, &rules()).unwrap().total(), 0);
    }

    #[test]
    fn rules_that_could_not_end_are_refused() {
        let store = store();
        let check = |text: &str| run(&store, &[rule("r", text)]).unwrap_err();
        for text in [
            "CONSTRUCT { ?x :p [] } WHERE { ?x :in ?y }",
            "CONSTRUCT { _:b :p ?x } WHERE { ?x :in ?y }",
            "CONSTRUCT { ?x :p ?b } WHERE { ?x :in ?y BIND(BNODE() AS ?b) }",
        ] {
            assert!(matches!(
                check(text),
                QueryError::RuleMakesBlankNodes { .. }
            ));
        }
        assert!(matches!(
            check("SELECT * { ?x ?p ?y }"),
            QueryError::RuleNotConstruct { .. }
        ));
        assert!(matches!(check("CONSTRUCT {"), QueryError::Syntax(_)));
        let endless = "CONSTRUCT { ?x :n ?m } WHERE { ?x :n ?n BIND(?n + 1 AS ?m) }";
        let endless = [rule("r", endless)];
        assert!(matches!(
            run_rounds(&store, &endless, &node("inferred"), &[], 20),
            Err(QueryError::RulesDoNotEnd { rounds: 20, .. })
        ));
    }

    #[test]
    fn triples_are_explained_by_the_rules_that_give_them() {
        let store = store();
        let mut rules = rules();
        rules.push(rule(
            "next",
            "CONSTRUCT { ?x :next ?m } WHERE { ?x :n ?n BIND(?n + 1 AS ?m) }",
        ));
        run(&store, &rules).unwrap();
        let explain = |subject: &str, predicate: &str, object: Term| {
            let triple = Triple::new(node(subject), node(predicate), object);
            let over = [node("schema")];
            derivations(&store, &rules, &node("inferred"), &over, triple.as_ref()).unwrap()
        };
        let found = explain("c", "has", node("a").into());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule, "inverses");
        assert_eq!(found[0].bindings["p"], node("in").into());
        assert_eq!(found[0].bindings["x"], node("a").into());
        assert_eq!(explain("a", "in", node("d").into())[0].rule, "transitive");
        let found = explain("a", "next", Term::from(oxrdf::Literal::from(2)));
        assert_eq!(found[0].bindings["n"], Term::from(oxrdf::Literal::from(1)));
        assert!(explain("a", "next", Term::from(oxrdf::Literal::from(3))).is_empty());
        assert!(explain("a", "in", node("a").into()).is_empty());
    }
}
