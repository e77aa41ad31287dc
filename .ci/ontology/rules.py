"""Runs ontology/rules/*.rq to a fixpoint with pyoxigraph and looks at what comes out.

Arguments: the project folder, GRAPH.ttl, a folder to write ontology.rdf, stated.rdf and inferred.rdf to (for HermiT), and
perhaps GRAPH.nq, whose inferred graph has to be the same.
"""

import pathlib
import sys

import pyoxigraph
import rdflib

BASE = "https://w3id.org/coalition-kg/"
INFERRED = pyoxigraph.NamedNode(BASE + "graph/inferred")
PREFIXES = f"""
PREFIX ckg: <{BASE}ontology#>
PREFIX id: <{BASE}id/>
PREFIX org: <http://www.w3.org/ns/org#>
"""
# What must hold of stated and inferred together.
EXPECTED = {
    "32 members of the Small Group by org:memberOf":
        "ASK { { SELECT (COUNT(?a) AS ?n) { ?a org:memberOf id:small-group } } FILTER(?n = 32) }",
    "no chair is made a member: Niger is a member of nothing":
        "ASK { FILTER NOT EXISTS { id:state-NER org:memberOf ?group } FILTER NOT EXISTS { ?group org:hasMember id:state-NER } }",
    "33 members of the coalition: the Small Group and Burkina Faso":
        "ASK { { SELECT (COUNT(?a) AS ?n) { id:coalition org:hasMember ?a } } FILTER(?n = 33) }",
    "32 inferred memberships, each with its certainty and its statements":
        """ASK { { SELECT (COUNT(DISTINCT ?m) AS ?n) { ?m a org:Membership ; org:organization id:coalition ; org:role id:role-member ;
           ckg:certainty id:certainty-inferred ; ckg:statedIn id:F801, id:F802 } } FILTER(?n = 32) }""",
    "8 of them rest on the chairs' sentence, F803":
        "ASK { { SELECT (COUNT(DISTINCT ?m) AS ?n) { ?m org:organization id:coalition ; ckg:statedIn id:F803 } } FILTER(?n = 8) }",
    "Burkina Faso keeps the one stated membership":
        "ASK { { SELECT (COUNT(?m) AS ?n) { ?m org:member id:state-BFA } } FILTER(?n = 1) }",
    "inverses are there":
        "ASK { id:wg-stabilisation ckg:bodyOf id:coalition . id:place-rome ckg:placeOf ?meeting . id:F101 ckg:supports id:coalition }",
    "the nine meetings with a city were in person, the virtual one was not":
        """ASK { { SELECT (COUNT(?m) AS ?n) { ?m ckg:mode id:mode-in-person ; ckg:heldIn ?city } } FILTER(?n = 9)
           FILTER NOT EXISTS { id:meeting-ministerial-2020-virtual ckg:mode id:mode-in-person } }""",
    "background parts are parts":
        "ASK { id:org-UNDP org:subOrganizationOf id:org-UN . id:gov-iraq org:subOrganizationOf id:state-IRQ }",
    "wider classes are there":
        "ASK { id:state-SAU a org:FormalOrganization, org:Organization . id:post-holding-obama-president a org:Membership }",
    "wider properties are there":
        "ASK { id:coalition org:hasSubOrganization id:small-group . id:small-group org:subOrganizationOf id:coalition }",
}


def load(path, syntax):
    return {q.triple for q in pyoxigraph.parse(path=str(path), format=syntax)}


def fixpoint(stated, ontology, rules):
    store = pyoxigraph.Store()
    known = stated | ontology
    for triple in known:
        store.add(pyoxigraph.Quad(*triple))
    inferred = set()
    for round_number in range(1, 20):
        new = set()
        for rule in rules:
            new.update(store.query(rule))
        new -= known | inferred
        if not new:
            return inferred, round_number
        for triple in new:
            store.add(pyoxigraph.Quad(*triple))
        inferred |= new
    sys.exit("FAIL  no fixpoint after 19 rounds")


def write_rdfxml(triples, path):
    graph = rdflib.Graph()
    text = "".join(f"{triple} .\n" for triple in sorted(map(str, triples)))
    graph.parse(data=text, format="nt")
    graph.serialize(path, format="xml", encoding="utf-8")


def main(project, turtle, work, quads=None):
    project, work = pathlib.Path(project), pathlib.Path(work)
    turtle_format = pyoxigraph.RdfFormat.TURTLE
    stated = load(turtle, turtle_format)
    ontology = load(project / "ontology" / "coalition.ttl", turtle_format)
    paths = sorted((project / "ontology" / "rules").glob("*.rq"))
    inferred, rounds = fixpoint(stated, ontology, [path.read_text(encoding="utf-8") for path in paths])
    print(f"ok    {len(paths)} rules, {len(inferred)} triples inferred from {len(stated)} stated ones, fixpoint in {rounds} rounds")

    failures = 0
    if any(isinstance(term, pyoxigraph.BlankNode) for triple in inferred - ontology for term in triple):
        print("FAIL  a rule makes or copies blank nodes")
        failures += 1
    both = pyoxigraph.Store()
    for triple in stated | inferred:
        both.add(pyoxigraph.Quad(*triple))
    for what, ask in EXPECTED.items():
        good = bool(both.query(PREFIXES + ask))
        print(f"{'ok   ' if good else 'FAIL '} {what}")
        failures += not good
    if quads:
        theirs = {
            q.triple for q in pyoxigraph.parse(path=quads, format=pyoxigraph.RdfFormat.N_QUADS) if q.graph_name == INFERRED
        }
        if theirs == inferred:
            print(f"ok    the inferred graph of the N-Quads is the same: {len(theirs)} triples")
        else:
            print(f"FAIL  the inferred graph of the N-Quads: {len(inferred - theirs)} missing, {len(theirs - inferred)} more")
            for sign, triples in (("-", inferred - theirs), ("+", theirs - inferred)):
                for triple in sorted(map(str, triples))[:10]:
                    print(f"  {sign} {triple}")
            failures += 1

    graph = rdflib.Graph().parse(project / "ontology" / "coalition.ttl", format="turtle")
    graph.serialize(work / "ontology.rdf", format="xml", encoding="utf-8")
    write_rdfxml(stated, work / "stated.rdf")
    write_rdfxml(inferred, work / "inferred.rdf")
    return failures


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
