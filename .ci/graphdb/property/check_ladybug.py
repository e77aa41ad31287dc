"""`check_ladybug.py PROGRAM`: in the folder that it is started in, the tables are loaded and asked."""

import pathlib
import sys

import ladybug

import model

program = sys.argv[1]


def database(name, *options):
    """A new database with the tables of an export, and what asks it."""
    model.run(program, "export", "--quiet", "--format", "ladybug", "--output", f"{name}-tables", *options)
    connection = ladybug.Connection(ladybug.Database(f"{name}.lbdb"))

    def ask(query):
        found = connection.execute(query)
        columns = found.get_column_names()
        return [dict(zip(columns, row)) for row in found.get_all()]

    def load():
        folder = pathlib.Path(f"{name}-tables").resolve()
        for script in ("schema.cypher", "copy.cypher"):
            # The files are named as seen from their folder.
            text = (folder / script).read_text(encoding="utf-8").replace(" FROM '", f" FROM '{folder}/")
            for statement in text.splitlines():
                ask(statement)

    load()
    # A second time keys are there already: the first file is refused, and with it the rest.
    try:
        load()
    except RuntimeError as error:
        assert "duplicated primary key" in str(error), error
    else:
        sys.exit(f"ladybug {name} takes its tables twice")
    return ask


def having(row):
    """The properties; the database says its own things under names with capitals, the labels are no property."""
    return {name: value for name, value in row.items() if not name.startswith("_") and name != "labels"}


def read(ask, names):
    """The graph; a relationship type that is called like a label has another name in tables."""
    nodes = (row["n"] for row in ask("MATCH (n) RETURN n"))
    nodes = model.one_of_each((row["iri"], row["labels"], having(row)) for row in nodes)
    relationships = model.collections.Counter()
    for row in ask("MATCH (a)-[r]->(b) RETURN a.iri, b.iri, r"):
        kind = row["r"]["_LABEL"]
        kind = kind if kind in names["relationships"] else kind.removesuffix("_REL")
        relationships[(row["a.iri"], kind, row["b.iri"], model.properties(having(row["r"])))] += 1
    return nodes, relationships


for name, options in model.GRAPHS.items():
    expected, names = model.graph(program, *options)
    ask = database(name, *options)
    model.same(f"ladybug {name}", expected, read(ask, names))
    print(f"ladybug {ladybug.__version__}: {name}: {model.count(expected)} nodes, relationships, properties", flush=True)
answers = model.answers(program, names)
model.same_answers("ladybug", ask, answers)
model.tampered("ladybug", ask, answers)
