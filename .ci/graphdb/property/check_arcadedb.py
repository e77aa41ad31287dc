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
environment = {**os.environ, "KG_PASSWORD": password}
url = f"bolt://127.0.0.1:{bolt}"
driver = neo4j.GraphDatabase.driver(url, auth=("root", password))
BASIC = "Basic " + base64.b64encode(f"root:{password}".encode()).decode()
# The database keeps moments in UTC and forgets the zone, so those with a zone are texts.
NATIVES = {kind: native for kind, native in model.NATIVES.items() if kind != "datetime"}
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
    """The graph, without what a push says of itself."""

    def having(row):
        return {name: value for name, value in row["having"].items() if not name.startswith("_")}

    rows = ask("MATCH (n) RETURN n.iri AS iri, labels(n) AS labels, properties(n) AS having")
    nodes = model.one_of_each((row["iri"], row["labels"], having(row)) for row in rows)
    relationships = collections.Counter()
    for row in ask("MATCH (a)-[r]->(b) RETURN a.iri AS a, type(r) AS kind, b.iri AS b, properties(r) AS having"):
        relationships[(row["a"], row["kind"], row["b"], model.properties(having(row)))] += 1
    return nodes, relationships


def command(database, *arguments):
    start = [program, "push", url, "--profile", "arcadedb", "--database", database, "--user", "root", "--quiet"]
    return [*start, *arguments]


def push(database, *arguments):
    ended = subprocess.run(command(database, *arguments), env=environment, capture_output=True, text=True)
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
    """Each graph is there after a push and after another; what is changed is right again after one that replaces."""
    for name, options in model.GRAPHS.items():
        post("server", command=f"create database {name}")
        expected, names = model.graph(program, *options, natives=NATIVES)
        ask = asks(name)
        for way in ("--merge", "--merge", "--replace"):
            push(name, way, *data(name, options))
            model.same(f"arcadedb {name} {way}", expected, read(ask))
        print(f"arcadedb: {name}: {model.count(expected)} nodes, relationships, properties", flush=True)
    answers = model.answers(program, names)
    model.same_answers("arcadedb", ask, answers)
    in_sql = {question: answers[question] for question in ("cq09", "cq12")}
    ask_in_sql = asks_in_sql(name)
    model.same_answers("arcadedb", ask_in_sql, in_sql, language="sql")
    model.tampered("arcadedb", ask, answers)
    assert model.other_answers("arcadedb", ask_in_sql, in_sql, language="sql").keys() == in_sql.keys()
    push(name, "--replace")
    model.same("arcadedb replaced", expected, read(ask))
    model.same_answers("arcadedb", ask, answers)


def mended():
    """What another push added goes again with one that replaces, and what has gone is sent again by one that goes on."""
    database = "mended"
    post("server", command=f"create database {database}")
    ask = asks(database)
    base = "https://example.org/mended/"
    person, robot, knows = (f"{base}ns#{name}" for name in ("Person", "Robot", "knows"))
    type_of = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    people = [f"<{base}{name}> <{type_of}> <{person}> ." for name in "ab"]
    files = {
        "plain": [*people, f"<{base}a> <{knows}> <{base}b> ."],
        "more": [*people, f"<{base}a> <{type_of}> <{robot}> ."],
    }
    for name, lines in files.items():
        with open(f"{name}.nt", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def send(name, *arguments):
        push(database, "--base", base, "--data", f"{name}.nt", *arguments)

    send("plain", "--replace")
    plain = read(ask)
    send("more", "--merge")
    assert model.difference(plain, read(ask)), "no label was added"
    send("plain", "--replace")
    model.same("arcadedb after a label more", plain, read(ask))
    small = ["--replace", "--max-transaction", "1"]
    send("plain", *small)
    [mark] = ask("MATCH (n) WHERE n._project IS NOT NULL RETURN DISTINCT n._push AS mark")
    for lost in (f"{base}a", f"{base}b"):
        # As a push leaves it that was killed at its end.
        ask("MATCH (n:Person {iri: '%s'}) DETACH DELETE n" % lost)
        ask("CREATE (:CoalitionKgPush {iri: '%s', _counts: 'batches', digest: '%s', done: 2})" % (base, mark["mark"]))
        send("plain", *small)
        model.same("arcadedb after a loss", plain, read(ask))
    print("arcadedb: what was added or lost between pushes is mended", flush=True)


def killed():
    """A push that is killed leaves what was there or all that is new; one in batches goes on when it is made again."""
    database = "killed"
    post("server", command=f"create database {database}")
    ask = asks(database)
    old, _ = model.graph(program, *model.FOLDED, natives=NATIVES)
    new, _ = model.graph(program, natives=NATIVES)
    words = {"as before": old, "complete": new}

    def state():
        found = read(ask)
        return next((word for word, graph in words.items() if not model.difference(graph, found)), "in part")

    def before():
        if state() != "as before":
            push(database, "--replace", *model.FOLDED)
            assert state() == "as before"

    for batches in ([], ["--max-transaction", "100"]):
        # The first push declares what is not there yet, which takes longer.
        for _ in range(2):
            before()
            began = time.time()
            push(database, "--replace", *batches)
            lasts = time.time() - began
            assert state() == "complete"
        seen = collections.Counter()
        for point in range(1, POINTS + 1):
            before()
            child = subprocess.Popen(command(database, "--replace", *batches), env=environment)
            time.sleep(lasts * point / (POINTS + 1))
            child.kill()
            child.wait()
            # What the server is at it may still do.
            for _ in range(40):
                found = state()
                if batches or found in words:
                    break
                time.sleep(0.25)
            assert batches or found in words, (point, model.difference(old, read(ask)))
            seen[found] += 1
            if batches:
                push(database, "--replace", *batches)
                model.same(f"arcadedb after a kill, {found}", new, read(ask))
        push(database, "--replace", *batches)
        model.same("arcadedb after kills", new, read(ask))
        assert seen["complete"] < POINTS, "each push had ended before it was killed"
        way = "in batches" if batches else "in one transaction"
        print(f"arcadedb: {way}: killed {POINTS} times within {lasts:.1f} s, {dict(seen)}", flush=True)


model.wait("ArcadeDB", driver.verify_connectivity, (neo4j.exceptions.ServiceUnavailable, ConnectionError))
model.wait("ArcadeDB", lambda: post("server", command="list databases"), (urllib.error.URLError, ConnectionError))
in_full()
mended()
killed()
driver.close()
