"""Asks every bundled query of the exported graph, in pyoxigraph and in rdflib.

The competency questions must give the tables of tests/answers (see its README for how they are compared); the other
queries must give the same answer in both engines, and at least one row. Arguments: the project folder, GRAPH.ttl.
"""

import collections
import csv
import decimal
import pathlib
import re
import sys

import pyoxigraph
import rdflib

BASE = "https://w3id.org/coalition-kg/"
PARAMETER = re.compile(r'^# param: (\w+) = (<[^>]*>|"[^"]*"|\S+)', re.MULTILINE)


def compact(iri):
    for prefix, namespace in (("id:", BASE + "id/"), ("ckg:", BASE + "ontology#")):
        if iri.startswith(namespace):
            return prefix + iri[len(namespace):]
    return iri


def comparable(text):
    try:
        return str(decimal.Decimal(text).normalize())
    except decimal.InvalidOperation:
        return text


def bound(text):
    """The query with each parameter's default in the place of the variable."""
    head, body = re.match(r"((?:#[^\n]*\n|\n)*)(.*)", text, re.DOTALL).groups()
    for name, value in PARAMETER.findall(head):
        body = re.sub(rf"[?$]{name}\b", lambda _: value, body)
    return body


def in_pyoxigraph(store, query):
    answer = store.query(query)
    columns = [variable.value for variable in answer.variables]
    rows = []
    for row in answer:
        cells = []
        for term in row:
            if term is None:
                cells.append("")
            else:
                cells.append(compact(term.value) if isinstance(term, pyoxigraph.NamedNode) else comparable(term.value))
        rows.append(dict(zip(columns, cells)))
    return columns, rows


def in_rdflib(graph, query):
    answer = graph.query(query)
    columns = [str(variable) for variable in answer.vars]
    rows = []
    for row in answer:
        cells = []
        for term in row:
            if term is None:
                cells.append("")
            else:
                cells.append(compact(str(term)) if isinstance(term, rdflib.URIRef) else comparable(str(term)))
        rows.append(dict(zip(columns, cells)))
    return columns, rows


def cut(rows, columns):
    return collections.Counter(tuple(row[column] for column in columns) for row in rows)


def show(name, expected, found):
    print(f"FAIL  {name}")
    for row in (expected - found).elements():
        print(f"  missing     {row}")
    for row in (found - expected).elements():
        print(f"  unexpected  {row}")


def main(project, turtle):
    rdflib.NORMALIZE_LITERALS = False
    project = pathlib.Path(project)
    store = pyoxigraph.Store()
    store.bulk_load(path=turtle, format=pyoxigraph.RdfFormat.TURTLE)
    graph = rdflib.Graph().parse(turtle, format="turtle")
    failures = 0
    answered = set()
    for path in sorted((project / "queries").glob("*.rq")):
        query = bound(path.read_text(encoding="utf-8"))
        columns, rows = in_pyoxigraph(store, query)
        _, others = in_rdflib(graph, query)
        one, two = cut(rows, columns), cut(others, columns)
        if one != two:
            show(f"{path.stem}: pyoxigraph and rdflib differ", one, two)
            failures += 1
            continue
        expected_file = project / "tests" / "answers" / f"{path.stem.split('-')[0]}.csv"
        if expected_file.exists():
            with expected_file.open(encoding="utf-8", newline="") as lines:
                table = csv.DictReader(lines)
                expected = cut(
                    [{key: comparable(cell) for key, cell in row.items()} for row in table], table.fieldnames)
            found = cut(rows, table.fieldnames)
            answered.add(expected_file.name)
            if expected != found:
                show(f"{path.stem}: not the expected answer", expected, found)
                failures += 1
                continue
            print(f"ok    {path.stem}: the {len(rows)} expected rows in both engines")
        elif rows:
            print(f"ok    {path.stem}: the same {len(rows)} rows in both engines")
        else:
            print(f"FAIL  {path.stem}: no rows")
            failures += 1
    for table in sorted((project / "tests" / "answers").glob("*.csv")):
        if table.name not in answered:
            print(f"FAIL  {table.name} is the answer to no query")
            failures += 1
    return failures


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
