"""Validates the graph, and each graph of tests/broken-graphs, against the shapes with pySHACL, without inference.

A file of tests/broken-graphs is a SPARQL update that breaks the good graph; its `# expect:` lines name the shape that must
fire and its focus node, one line for each result. Nothing else may fire. Arguments: the project folder, GRAPH.ttl, a file
for the verdicts (tab-separated: graph, conforms, source shape, focus node, component or SPARQL constraint), and perhaps
the program, whose `validate` must give the same verdicts, line by line.
"""

import collections
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import pyshacl
import rdflib
from rdflib.namespace import SH

BASE = "https://w3id.org/coalition-kg/"
NAMESPACES = {"shape": BASE + "shapes#", "id": BASE + "id/"}
EXPECT = re.compile(r"^# expect: (\S+) (\S+)$", re.MULTILINE)

shared = {}


def expand(text):
    if text.startswith("<"):
        return text[1:-1]
    prefix, local = text.split(":", 1)
    return NAMESPACES[prefix] + local


def start(project, turtle, program):
    project = pathlib.Path(project)
    shared["project"] = project
    shared["program"] = program
    shared["data"] = rdflib.Graph().parse(turtle, format="turtle")
    shared["shapes"] = rdflib.Graph().parse(project / "ontology" / "shapes.ttl", format="turtle")
    shared["ontology"] = rdflib.Graph().parse(project / "ontology" / "coalition.ttl", format="turtle")


def validate(path):
    """The name of a broken graph (no path: the good one), the results expected and found, and what else went wrong."""
    data, expected, name = shared["data"], collections.Counter(), "the graph itself"
    if path:
        update = path.read_text(encoding="utf-8")
        name = path.stem
        expected = collections.Counter((expand(shape), expand(node)) for shape, node in EXPECT.findall(update))
        data = rdflib.Graph()
        data += shared["data"]
        data.update(update)
        if set(data) == set(shared["data"]):
            return name, expected, [], ["the update changes nothing"]
    _, report, _ = pyshacl.validate(
        data, shacl_graph=shared["shapes"], ont_graph=shared["ontology"], inference="none", advanced=False, js=False)
    rows = results(report)
    notes = []
    if shared["program"]:
        theirs = by_program(data)
        notes += [f"only pySHACL      {' '.join(row)}" for row in (collections.Counter(rows) - collections.Counter(theirs)).elements()]
        notes += [f"only the program  {' '.join(row)}" for row in (collections.Counter(theirs) - collections.Counter(rows)).elements()]
    return name, expected, rows, notes


def by_program(data):
    """The results of `validate` for the same graph."""
    with tempfile.TemporaryDirectory() as folder:
        graph, report = pathlib.Path(folder, "graph.nt"), pathlib.Path(folder, "report.ttl")
        data.serialize(graph, format="nt", encoding="utf-8")
        command = [shared["program"], "--project", str(shared["project"]), "validate", "--data", str(graph),
                   "--format", "turtle", "--output", str(report)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 1):
            return [("the program could not run:", run.stderr.strip(), "")]
        found = results(rdflib.Graph().parse(report, format="turtle"))
        if run.returncode != (1 if found else 0):
            return [("the exit code does not fit the report:", str(run.returncode), "")]
        return found


def results(report):
    """Source shape, focus node and what of the shape failed, for each result of a report."""
    rows = []
    for result in report.subjects(rdflib.RDF.type, SH.ValidationResult):
        shape = report.value(result, SH.sourceShape)
        # A SPARQL constraint is told apart from the other constraints of its shape.
        detail = report.value(result, SH.sourceConstraint) or report.value(result, SH.sourceConstraintComponent)
        rows.append((str(shape), str(report.value(result, SH.focusNode)), str(detail)))
    return sorted(rows)


def main(project, turtle, verdicts, program=None):
    broken = sorted((pathlib.Path(project) / "tests" / "broken-graphs").glob("*.ru"))
    with multiprocessing.Pool(os.cpu_count() or 1, start, (project, turtle, program)) as pool:
        outcomes = pool.map(validate, [None, *broken], chunksize=1)
    failures = 0
    fired = set()
    for name, expected, rows, notes in outcomes:
        good = name == outcomes[0][0]
        found = collections.Counter((shape, node) for shape, node, _ in rows)
        if not expected and not good:
            notes.append("the file has no `# expect:` line")
        notes += [f"did not fire  {shape} on {node}" for shape, node in (expected - found).elements()]
        notes += [f"unexpected    {shape} on {node}" for shape, node in (found - expected).elements()]
        if notes:
            failures += 1
            print(f"FAIL  {name}", *notes, sep="\n  ")
        else:
            fired.update(shape.split("#")[1][:3] for shape, _ in found)
            print(f"ok    {name}: {', '.join(sorted({shape.split('#')[1] for shape, _ in found})) or 'conforms'}")
    missing = [f"S{number:02}" for number in range(1, 15) if f"S{number:02}" not in fired]
    if missing:
        failures += 1
        print(f"FAIL  no broken graph makes these fire: {', '.join(missing)}")
    with open(verdicts, "w", encoding="utf-8") as out:
        for name, _, rows, _ in outcomes:
            for row in rows or [("", "", "")]:
                print(name.replace(" ", "-"), "false" if rows else "true", *row, sep="\t", file=out)
    if program and not failures:
        print(f"ok    the program gives the same verdict on all {len(outcomes)} graphs")
    return failures


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
