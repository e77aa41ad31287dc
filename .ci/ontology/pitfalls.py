"""Runs pitfalls/*.rq over the ontology: each row of an answer is a finding.

A finding is accepted only if pitfalls-accepted.tsv lists it with a reason; an entry there that no longer occurs is an
error as well. Argument: the ontology, in Turtle.
"""

import pathlib
import sys

import pyoxigraph

HERE = pathlib.Path(__file__).parent
NAMESPACE = "https://w3id.org/coalition-kg/ontology"


def short(term):
    if term is None:
        return ""
    value = getattr(term, "value", str(term))
    return value.replace(NAMESPACE + "#", "ckg:").replace(NAMESPACE, "the ontology")


def findings(store):
    for path in sorted((HERE / "pitfalls").glob("*.rq")):
        for row in store.query(path.read_text(encoding="utf-8")):
            values = [short(value) for value in row]
            yield path.stem, values[0], values[1] if len(values) > 1 else ""


def accepted():
    entries = {}
    for number, line in enumerate((HERE / "pitfalls-accepted.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 4 or not fields[3].strip():
            sys.exit(f"pitfalls-accepted.tsv:{number}: expected check, term, detail and reason, parted by tabs")
        entries[tuple(fields[:3])] = fields[3]
    return entries


def main(ontology):
    store = pyoxigraph.Store()
    store.load(path=ontology, format=pyoxigraph.RdfFormat.TURTLE)
    found = set(findings(store))
    known = accepted()
    checks = len(list((HERE / "pitfalls").glob("*.rq")))
    new = sorted(found - known.keys())
    gone = sorted(known.keys() - found)
    for check, term, detail in new:
        print(f"FAIL  {check}: {term} {detail}")
    for check, term, detail in gone:
        print(f"FAIL  accepted, but no longer found: {check}: {term} {detail}")
    if not new and not gone:
        print(f"ok    {checks} queries over {len(store)} triples, {len(found)} findings, all accepted with a reason")
    return bool(new or gone)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
