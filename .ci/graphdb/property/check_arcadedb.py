"""`check_arcadedb.py PROGRAM HTTP BOLT`: in the folder that it is started in, graphs are pushed and asked, and pushes killed.

HTTP and BOLT are the ports of the server, the environment has the password of its root.
"""

import base64
import collections
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import neo4j

import model

program, http, bolt = sys.argv[1:]
password = os.environ["ARCADEDB_PASSWORD"]
url = f"bolt://127.0.0.1:{bolt}"
driver = neo4j.GraphDatabase.driver(url, auth=("root", password))
BASIC = "Basic " + base64.b64encode(f"root:{password}".encode()).decode()
# So many times a push is killed, at times spread over how long it lasts.
POINTS = 10


def post(path, **fields):
    request = urllib.request.Request(
        f"http://127.0.0.1:{http}/api/v1/{path}",
        json.dumps(fields).encode(),
        {"Authorization": BASIC, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["result"]


def native(value):
    """A value of Python; the driver has days and moments of its own."""
    if isinstance(value, list):
        return [native(one) for one in value]
    if isinstance(value, dict):
        return {name: native(one) for name, one in value.items()}
    return value.to_native() if hasattr(value, "to_native") else value


def asks(database):
    def ask(query):
        return [native(dict(row)) for row in driver.execute_query(query, database_=database).records]

    return ask


def asks_in_sql(database):
    return lambda query: post(f"query/{database}", language="sql", command=query)


def read(ask):
    rows = ask("MATCH (n) RETURN n.iri AS iri, labels(n) AS labels, properties(n) AS having")
    nodes = model.one_of_each((row["iri"], row["labels"], row["having"]) for row in rows)
    relationships = collections.Counter()
    for row in ask("MATCH (a)-[r]->(b) RETURN a.iri AS a, type(r) AS kind, b.iri AS b, properties(r) AS having"):
        relationships[(row["a"], row["kind"], row["b"], model.properties(row["having"]))] += 1
    return nodes, relationships


def command(database, *arguments):
    return [program, "push", f"{url}/{database}", "--user", "root", "--quiet", *arguments]


def push(database, *arguments):
    ended = subprocess.run(
        command(database, *arguments), env={**os.environ, "KG_PASSWORD": password}, capture_output=True, text=True
    )
    if ended.returncode:
        sys.exit(f"push {arguments} ended with {ended.returncode}\n{ended.stderr}")


def data(name, options):
    """The options of a push of one of the graphs; what a query makes goes by way of a file."""
    if "--construct" not in options:
        return options
    with open(f"{name}.nt", "w", encoding="utf-8") as file:
        file.write(model.run(program, "export", "--quiet", "--format", "ntriples", *options))
    return ["--data", f"{name}.nt"]


def in_full():
    """Each graph is the same after a push and after another; what is other after changes is right again after one more."""
    for name, options in model.GRAPHS.items():
        post("server", command=f"create database {name}")
        expected, names = model.graph(program, *options)
        ask = asks(name)
        for _ in range(2):
            push(name, "--merge", *data(name, options))
            model.same(f"arcadedb {name}", expected, read(ask))
        print(f"arcadedb: {name}: {model.count(expected)} nodes, relationships, properties, twice", flush=True)
    answers = model.answers(program, names)
    model.same_answers("arcadedb", ask, answers)
    in_sql = {question: answers[question] for question in ("cq09", "cq12")}
    model.same_answers("arcadedb", asks_in_sql(name), in_sql, language="sql")
    model.tampered("arcadedb", ask, answers)
    assert model.other_answers("arcadedb", asks_in_sql(name), in_sql, language="sql").keys() == in_sql.keys()
    push(name, "--replace")
    model.same("arcadedb replaced", expected, read(ask))
    model.same_answers("arcadedb", ask, answers)
