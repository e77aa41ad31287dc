"""Pushes into a store that runs, kills pushes, and compares answers: `push.py PROGRAM FOLDER KIND URL`.

KIND is `oxigraph` or `virtuoso`. Needs nothing but Python 3.
"""

import collections
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

program, folder, kind, url = sys.argv[1:]
QUESTIONS = ["cq02", "cq05", "cq07", "cq09", "cq11", "cq12"]
BASE = "https://w3id.org/coalition-kg/"
STATED = BASE + "graph/stated"
BIG = BASE + "graph/big"
LINES = 6000
POINTS = 5

environment = dict(os.environ, KG_PASSWORD="dba")
# The bundled graph, whatever folder this is started in.
os.chdir(folder)
query_url = url + ("/query" if kind == "oxigraph" else "/sparql")


def command(*arguments):
    user = ["--user", "dba"] if kind == "virtuoso" else []
    return [program, "push", url, "--profile", kind, "--quiet", *user, *arguments]


def push(*arguments):
    ended = subprocess.run(command(*arguments), env=environment, capture_output=True, text=True)
    if ended.returncode:
        sys.exit(f"push {arguments} ended with {ended.returncode}\n{ended.stderr}")


def ask(query, graph=None):
    fields = [("query", query)] + ([("default-graph-uri", graph)] if graph else [])
    request = urllib.request.Request(
        query_url,
        urllib.parse.urlencode(fields).encode(),
        {"Accept": "application/sparql-results+json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def count(graph):
    answer = ask(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    return int(answer["results"]["bindings"][0]["n"]["value"])


def graphs():
    answer = ask("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")
    names = (row["g"]["value"] for row in answer["results"]["bindings"])
    return {name for name in names if name.startswith(BASE)}


def run(*arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def rows(answer):
    """The rows as a bag; Virtuoso has no word for `xsd:string` and gives what is computed as a boolean as 0 or 1."""

    def term(found):
        if found["type"] in ("uri", "bnode"):
            return (found["type"], found["value"])
        datatype = found.get("datatype", "").replace("http://www.w3.org/2001/XMLSchema#string", "")
        value = found["value"]
        if kind == "virtuoso" and datatype.endswith("#boolean"):
            value = {"true": "1", "false": "0"}.get(value, value)
            datatype = datatype.replace("#boolean", "#integer")
        return ("literal", value, found.get("xml:lang", "").lower(), datatype)

    found = answer["results"]["bindings"]
    return collections.Counter(
        tuple(sorted((name, term(value)) for name, value in row.items())) for row in found
    )


for _ in range(120):
    try:
        ask("SELECT * WHERE { ?s ?p ?o } LIMIT 1")
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.5)
else:
    sys.exit(f"{kind} does not start")

triples = len(set(run("export", "--quiet", "--format", "ntriples").splitlines()))
inferred = len(set(run("export", "--quiet", "--graph", "inferred", "--format", "ntriples").splitlines()))
ways = [
    ["--replace"],
    ["--replace"],
    ["--merge"],
    ["--replace", "--inferred", "--max-put", "1K", "--piece", "64K"],
    ["--merge", "--inferred", "--max-put", "1K", "--piece", "64K"],
    ["--replace", "--inferred", "--method", "insert"],
]
for way in ways:
    push(*way)
    assert count(STATED) == triples, (way, count(STATED), triples)
    if "--inferred" in way:
        assert count(BASE + "graph/inferred") == inferred, way
assert graphs() == {STATED, BASE + "graph/inferred"}, graphs()
print(f"{kind}: {triples} and {inferred} triples, the same each of {len(ways)} times", flush=True)

for question in QUESTIONS:
    expected = rows(json.loads(run("query", question, "--quiet", "--format", "json")))
    found = rows(ask(run("query", question, "--show"), STATED))
    if found != expected or not expected:
        sys.exit(f"{kind} {question}\nmissing {expected - found}\nmore {found - expected}")
print(f"{kind}: the same answers to {', '.join(QUESTIONS)}", flush=True)


def big(word):
    with open(f"{word}.nt", "w", encoding="utf-8") as file:
        for number in range(LINES):
            file.write(f'<{BASE}id/{number}> <{BASE}p> "{word} {number} \\n قيمة"@ar .\n')
            if number % 2:
                file.write(f"<{BASE}id/{number}> <{BASE}q> _:n{number // 7} .\n")


def state():
    """Which graph is there: the number of its triples and of those with the word of the old one."""
    old = ask(
        f'SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{BIG}> {{ ?s <{BASE}p> ?o FILTER(STRSTARTS(STR(?o), "old")) }} }}'
    )
    return count(BIG), int(old["results"]["bindings"][0]["n"]["value"])


big("old")
big("new")
whole = LINES + LINES // 2
start = ["--replace", "--graph", BIG, "--data"]
for way in (["--max-put", "1K", "--piece", "128K"], []):
    push(*start, "old.nt", *way)
    assert state() == (whole, LINES), state()
    began = time.time()
    push(*start, "new.nt", *way)
    lasts = time.time() - began
    assert state() == (whole, 0), state()
    seen = collections.Counter()
    for point in range(1, POINTS + 1):
        if state() != (whole, LINES):
            push(*start, "old.nt", *way)
        child = subprocess.Popen(
            command(*start, "new.nt", *way), env=environment, stderr=subprocess.DEVNULL
        )
        time.sleep(lasts * point / (POINTS + 1))
        child.kill()
        child.wait()
        # What the server is at it may still do.
        for _ in range(40):
            found = state()
            if found in ((whole, LINES), (whole, 0)):
                break
            time.sleep(0.25)
        assert found in ((whole, LINES), (whole, 0)), (way, point, found)
        seen["as before" if found[1] else "complete"] += 1
    # What a killed push has left is dropped by a later one, once the server has come to an end with it.
    for _ in range(20):
        push(*start, "new.nt", *way)
        assert state() == (whole, 0), state()
        left = [name for name in graphs() if "staging" in name]
        if not left:
            break
        time.sleep(0.25)
    assert not left, left
    print(f"{kind}: killed {POINTS} times within {lasts:.1f} s, {dict(seen)}", flush=True)
