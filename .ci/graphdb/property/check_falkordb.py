"""`check_falkordb.py PROGRAM PORT`: in the folder that it is started in, graphs are loaded in two ways and asked."""

import collections
import os
import pathlib
import subprocess
import sys

import falkordb
import redis

import model

program, port = sys.argv[1:]
client = falkordb.FalkorDB(host="127.0.0.1", port=int(port))
# It has no moments with a zone, and drops fractions of seconds of those without: both are texts. Numbers are exact
# there, but are told with 15 digits.
NATIVES = {"date": model.NATIVES["date"], "double": lambda number: float(f"{number:.15g}")}


def asks(graph):
    def ask(query):
        found = client.select_graph(graph).query(query)
        columns = [name for _, name in found.header]
        return [dict(zip(columns, row)) for row in found.result_set]

    return ask


def read(ask):
    rows = ask("MATCH (n) RETURN n.iri AS iri, labels(n) AS labels, properties(n) AS having")
    nodes = model.one_of_each((row["iri"], row["labels"], row["having"]) for row in rows)
    relationships = collections.Counter()
    for row in ask("MATCH (a)-[r]->(b) RETURN a.iri AS a, type(r) AS kind, b.iri AS b, properties(r) AS having"):
        relationships[(row["a"], row["kind"], row["b"], model.properties(row["having"]))] += 1
    return nodes, relationships


def by_script(name, options):
    """Runs the Cypher script, in which only indexes cannot be made again."""
    model.run(
        program, "export", "--quiet", "--format", "cypher", "--dialect", "falkordb", "--output", "graph.cypher", *options
    )
    text = pathlib.Path("graph.cypher").read_text(encoding="utf-8")
    ask = asks(f"{name}-script")
    for statement in text.split(";\n"):
        if not statement.strip():
            continue
        try:
            ask(statement)
        except redis.exceptions.ResponseError as error:
            if not (statement.startswith("CREATE INDEX") and "already indexed" in str(error)):
                raise
    return ask


def by_loader(name, options):
    """Runs the bulk loader, which makes a new graph."""
    folder, graph = f"{name}-falkordb", f"{name}-loader"
    model.run(program, "export", "--quiet", "--format", "falkordb-csv", "--output", folder, *options)
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    with open(f"{folder}.log", "w") as log:
        command = ["sh", f"{folder}/load.sh", graph, f"redis://127.0.0.1:{port}"]
        subprocess.run(command, check=True, stdout=log, stderr=log, env={**os.environ, "PATH": path})
    return asks(graph)


model.wait("FalkorDB", client.connection.ping, redis.exceptions.ConnectionError)
for name, options in model.GRAPHS.items():
    expected, names = model.graph(program, *options, natives=NATIVES)
    for _ in range(2):
        ask = by_script(name, options)
        model.same(f"falkordb script {name}", expected, read(ask))
    model.same(f"falkordb loader {name}", expected, read(by_loader(name, options)))
    print(f"falkordb: {name}: {model.count(expected)} nodes, relationships, properties", flush=True)
answers = model.answers(program, names)
for way in ("loader", "script"):
    ask = asks(f"bundled-{way}")
    model.same_answers("falkordb", ask, answers)
    model.tampered("falkordb", ask, answers)
