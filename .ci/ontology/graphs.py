"""Reads the exported graph in rdflib and in pyoxigraph, and compares.

Arguments: GRAPH.ttl, and perhaps GRAPH.nq, whose default graph has to be the same again.
"""

import sys

import pyoxigraph
import rdflib

XSD = "http://www.w3.org/2001/XMLSchema#"


def from_rdflib(term):
    if isinstance(term, rdflib.URIRef):
        return f"<{term}>"
    if isinstance(term, rdflib.BNode):
        sys.exit(f"FAIL  a blank node in the data: {term}")
    datatype = term.datatype or (XSD + "string" if not term.language else None)
    return (str(term), (term.language or "").lower(), str(datatype or ""))


def from_pyoxigraph(term):
    if isinstance(term, pyoxigraph.NamedNode):
        return f"<{term.value}>"
    if isinstance(term, pyoxigraph.BlankNode):
        sys.exit(f"FAIL  a blank node in the data: {term}")
    language = (term.language or "").lower()
    return (term.value, language, "" if language else term.datatype.value)


def difference(name, one, two):
    if one == two:
        print(f"ok    {name}: {len(one)} triples")
        return 0
    print(f"FAIL  {name}: {len(one - two)} only in the first, {len(two - one)} only in the second")
    for sign, triples in (("-", one - two), ("+", two - one)):
        for triple in sorted(map(str, triples))[:10]:
            print(f"  {sign} {triple}")
    return 1


def main(turtle, quads=None):
    # The lexical form is what is compared: rdflib must not rewrite it.
    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph().parse(turtle, format="turtle")
    seen_by_rdflib = {tuple(map(from_rdflib, triple)) for triple in graph}
    parsed = pyoxigraph.parse(path=turtle, format=pyoxigraph.RdfFormat.TURTLE)
    seen_by_pyoxigraph = {tuple(map(from_pyoxigraph, (q.subject, q.predicate, q.object))) for q in parsed}
    failures = difference("rdflib and pyoxigraph", seen_by_rdflib, seen_by_pyoxigraph)
    if quads:
        default = {
            tuple(map(from_pyoxigraph, (q.subject, q.predicate, q.object)))
            for q in pyoxigraph.parse(path=quads, format=pyoxigraph.RdfFormat.N_QUADS)
            if isinstance(q.graph_name, pyoxigraph.DefaultGraph)
        }
        failures += difference("Turtle and default graph of the N-Quads", seen_by_pyoxigraph, default)
    return failures


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
