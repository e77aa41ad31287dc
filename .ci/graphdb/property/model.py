"""What the program says that the graph is, and what is found in a database held against it.

A graph is a pair: its nodes, by IRI, with labels and properties; and the bag of its relationships.
"""

import collections
import datetime
import json
import pathlib
import subprocess
import sys
import time

QUESTIONS = pathlib.Path(__file__).with_name("questions")
# How many rows the facts say that there are.
ROWS = {"cq02": 9, "cq05": 11, "cq07": 2, "cq09": 4, "cq11": 2, "cq12": 1}
# What the two groups of cq07 count.
MEMBERS = {"State": 29, "InternationalOrganization": 3}
# A query that makes a graph of values that are hard to write.
AWKWARD = ["--construct", str(pathlib.Path(__file__).with_name("awkward.rq"))]
# Memberships as relationships, which have properties then.
FOLDED = ["--fold", "org:Membership=org:member,org:organization"]
# What is loaded and read back, under a name.
GRAPHS = {"awkward": AWKWARD, "folded": FOLDED, "bundled": []}
# What JSON has no values for.
NATIVES = {
    "date": datetime.date.fromisoformat,
    "localdatetime": datetime.datetime.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
}


def run(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def wait(name, ask, error):
    """Asks until there is an answer."""
    for _ in range(240):
        try:
            return ask()
        except error as reason:
            last = reason
            time.sleep(0.25)
    sys.exit(f"{name} does not start: {last}")


def frozen(value):
    """A value that can be told from others: 1, 1.0, true and texts are not the same, nor are a day and its text."""
    if isinstance(value, (list, tuple)):
        return ("list", *map(frozen, value))
    return (type(value).__name__, value)


def properties(found):
    return frozenset((name, frozen(value)) for name, value in found.items() if value is not None)


def graph(program, *options, natives=NATIVES):
    """The graph that the JSON Lines and the map of names beside them state, and the map.

    `natives` says what is made of the JSON values of a type.
    """
    run(program, "export", "--quiet", "--format", "jsonl", "--output", "graph.jsonl", *options)
    names = json.loads(pathlib.Path("graph.jsonl.names.json").read_text(encoding="utf-8"))

    def native(name, value):
        known = names["properties"].get(name)
        if known is None or known["type"] not in natives:
            return value
        make = natives[known["type"]]
        return [make(one) for one in value] if known["array"] else make(value)

    nodes, relationships = {}, collections.Counter()
    with open("graph.jsonl", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            having = {name: native(name, value) for name, value in line["properties"].items()}
            if line["type"] == "node":
                nodes[line["id"]] = (frozenset(line["labels"]), properties(having))
            else:
                ends = (line["start"]["id"], line["label"], line["end"]["id"])
                relationships[(*ends, properties(having))] += 1
    return (nodes, relationships), names


def difference(expected, found):
    """What is other, in words; nothing where nothing is."""
    (nodes, relationships), (found_nodes, found_relationships) = expected, found
    parts = []
    for iri in sorted(nodes.keys() | found_nodes.keys()):
        one, other = nodes.get(iri), found_nodes.get(iri)
        if one is None or other is None:
            parts.append(f"{iri}: {one and 'missing' or 'more'}")
        elif one != other:
            parts.append(f"{iri}: {[set(a) ^ set(b) for a, b in zip(one, other)]}")
    parts += [f"missing {one}" for one in relationships - found_relationships]
    parts += [f"more {one}" for one in found_relationships - relationships]
    return "\n".join(parts[:10])


def same(name, expected, found):
    other = difference(expected, found)
    if other:
        sys.exit(f"{name}: not the same graph\n{other}")


def count(counted):
    nodes, relationships = counted
    having = sum(len(having) for _, having in nodes.values())
    having += sum(len(one[3]) * times for one, times in relationships.items())
    return len(nodes), relationships.total(), having


def one_of_each(rows):
    """The nodes of (IRI, labels, properties); no IRI is there twice."""
    nodes = {}
    for iri, labels, having in rows:
        if iri in nodes:
            sys.exit(f"{iri} is there twice")
        nodes[iri] = (frozenset(labels), properties(having))
    return nodes


def bag(rows):
    return collections.Counter(frozenset((name, frozen(value)) for name, value in row.items()) for row in rows)


def answers(program, names):
    """The program's answers to the questions, as bags of rows: IRIs and texts are texts, classes are labels."""
    labels = {known["iri"]: label for label, known in names["labels"].items()}
    natives = {
        "integer": int,
        "decimal": float,
        "boolean": lambda text: text == "true",
        "date": datetime.date.fromisoformat,
    }

    def value(found):
        if found is None:
            return None
        if found["type"] == "uri":
            return labels.get(found["value"], found["value"])
        native = natives.get(found.get("datatype", "").rpartition("#")[2], str)
        return native(found["value"])

    expected = {}
    for question, rows in ROWS.items():
        answer = json.loads(run(program, "query", question, "--quiet", "--format", "json"))
        columns, found = answer["head"]["vars"], answer["results"]["bindings"]
        found = [{column: value(row.get(column)) for column in columns} for row in found]
        assert len(found) == rows, (question, len(found), rows)
        if question == "cq07":
            assert {row["kind"]: row["members"] for row in found} == MEMBERS, found
        expected[question] = bag(found)
    return expected


def text_of(question, product, language="cypher"):
    own = QUESTIONS / f"{question}.{product}.{language}"
    return (own if own.exists() else QUESTIONS / f"{question}.{language}").read_text(encoding="utf-8")


def other_answers(product, ask, expected, language="cypher"):
    """The questions that a database answers in another way than the program, with the differences."""
    found = {question: bag(ask(text_of(question, product, language))) for question in expected}
    return {
        question: f"missing {rows - found[question]}\nmore {found[question] - rows}"
        for question, rows in expected.items()
        if rows != found[question]
    }


def same_answers(product, ask, expected, language="cypher"):
    for question, other in other_answers(product, ask, expected, language).items():
        sys.exit(f"{product} {question}\n{other}")
    print(f"{product}: the same answers to {', '.join(expected)} in {language}", flush=True)


def tampered(product, ask, expected):
    """Changes one thing after another, each of which has to make the answer to one more question another one."""
    text = text_of("tamper", product)
    changes = [line for line in text.splitlines() if not line.startswith("//")]
    assert len(changes) == len(expected)
    for number, change in enumerate(changes, 1):
        ask(change)
        found = list(other_answers(product, ask, expected))
        if found != list(expected)[:number]:
            sys.exit(f"{product}: other answers to {found} after\n{change}")
    print(f"{product}: each question tells a database that was changed", flush=True)
