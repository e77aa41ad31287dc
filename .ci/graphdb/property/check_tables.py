"""`check_tables.py PROGRAM ladybug|kuzu`: in the folder that it is started in, the tables are loaded and asked.

The one goes on from the other; one process cannot hold both.
"""

import importlib
import pathlib
import sys

import model

program, name_of_product = sys.argv[1:]
product = importlib.import_module(name_of_product)
version = f"{name_of_product} {product.__version__}"


def database(name, *options):
    """A new database with the tables of an export, and what asks it."""
    model.run(program, "export", "--quiet", "--format", name_of_product, "--output", f"{name}-{name_of_product}", *options)
    connection = product.Connection(product.Database(f"{name}.{name_of_product}.db"))

    def ask(query):
        found = connection.execute(query)
        columns = found.get_column_names()
        return [dict(zip(columns, row)) for row in found.get_all()]

    def load():
        """Runs all statements, also behind one that fails, as shells do; says what was refused."""
        folder = pathlib.Path(f"{name}-{name_of_product}").resolve()
        refused = []
        for script in ("schema.cypher", "copy.cypher"):
            # The files are named as seen from their folder.
            text = (folder / script).read_text(encoding="utf-8").replace(" FROM '", f" FROM '{folder}/")
            for statement in text.splitlines():
                try:
                    ask(statement)
                except RuntimeError as error:
                    refused.append(str(error))
        return refused

    refused = load()
    assert not refused, refused
    # A second time the keys of nodes are there already, and relationships by their identifiers.
    refused = load()
    if not refused or not all("duplicated primary key" in error for error in refused):
        sys.exit(f"{version} {name}, loaded twice: {refused}")
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
        kind = next(value for name, value in row["r"].items() if name.upper() == "_LABEL")
        kind = kind if kind in names["relationships"] else kind.removesuffix("_REL")
        relationships[(row["a.iri"], kind, row["b.iri"], model.properties(having(row["r"])))] += 1
    return nodes, relationships


for name, options in model.GRAPHS.items():
    expected, names = model.graph(program, *options)
    ask = database(name, *options)
    model.same(f"{version} {name}", expected, read(ask, names))
    print(f"{version}: {name}: {model.count(expected)} nodes, relationships, properties", flush=True)
answers = model.answers(program, names)
# Both are asked in the same words.
model.same_answers("ladybug", ask, answers)
model.tampered("ladybug", ask, answers)
