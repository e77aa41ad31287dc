"""`check_graphml.py PROGRAM`: what networkx and igraph read in the GraphML is what the JSON Lines say."""

import collections
import json
import sys

import igraph
import networkx

import model

program = sys.argv[1]
# What igraph gives to all that have no such property.
NOTHING = (("str", ""), ("bool", False))


def node(having, names):
    """IRI, labels and properties of a node that was read; arrays are JSON there."""
    labels = having.pop("labels").split(":")
    return having["iri"], [label for label in labels if label], arrays(having, names)


def arrays(having, names):
    known = names["properties"]
    return {
        name: json.loads(value) if value is not None and known.get(name, {}).get("array") else value
        for name, value in having.items()
    }


def by_networkx(names):
    found = networkx.read_graphml("graph.graphml", force_multigraph=True)
    nodes = model.one_of_each(node(dict(having), names) for _, having in found.nodes(data=True))
    assert set(found) == set(nodes), "identifiers are no IRIs"
    relationships = collections.Counter()
    for start, end, key, having in found.edges(keys=True, data=True):
        kind, having = having["label"], {**having, "id": key}
        having.pop("label")
        relationships[(start, kind, end, model.properties(arrays(having, names)))] += 1
    return nodes, relationships


def what_igraph_tells(expected):
    """Without what igraph has no way to tell: each node has all properties there, a number that is not there is NaN, a
    text is empty, a boolean false; numbers are floating point; and edges have the `id` of some node."""

    def told(having):
        there = ((name, value) for name, value in having if value not in NOTHING)
        return frozenset(
            (name, model.frozen(float(value[1])) if value[0] == "int" else value) for name, value in there
        )

    nodes, relationships = expected
    without_id = collections.Counter()
    for (start, kind, end, having), times in relationships.items():
        without_id[(start, kind, end, told((n, v) for n, v in having if n != "id"))] += times
    return {iri: (labels, told(having)) for iri, (labels, having) in nodes.items()}, without_id


def by_igraph(names):
    found = igraph.Graph.Read_GraphML("graph.graphml")

    def there(having):
        return {name: value for name, value in having.items() if value == value and model.frozen(value) not in NOTHING}

    rows = (node(there(one.attributes()), names) for one in found.vs)
    # Beside `iri` each node has what identifies it in the file as `id`.
    nodes = model.one_of_each((iri, labels, {n: v for n, v in having.items() if n != "id"}) for iri, labels, having in rows)
    relationships = collections.Counter()
    for edge in found.es:
        having = there(edge.attributes())
        kind = having.pop("label")
        having.pop("id", None)
        ends = found.vs[edge.source]["iri"], kind, found.vs[edge.target]["iri"]
        relationships[(*ends, model.properties(arrays(having, names)))] += 1
    return nodes, relationships


for name, options in model.GRAPHS.items():
    expected, names = model.graph(program, *options, natives={})
    model.run(program, "export", "--quiet", "--output", "graph.graphml", *options)
    model.same(f"networkx {name}", expected, by_networkx(names))
    model.same(f"igraph {name}", what_igraph_tells(expected), by_igraph(names))
print(
    f"networkx {networkx.__version__}, igraph {igraph.__version__}: {model.count(expected)} nodes, relationships, properties",
    flush=True,
)
