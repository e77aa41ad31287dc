"""Converts a CSVW table group to sorted N-Triples with another CSVW processor, the PyPI package `csvw`.

    python convert.py METADATA BASE OUTPUT

The package reads and validates metadata and tables (datatypes, nulls, constraints, keys) and expands the URI templates of
each cell and virtual column. It makes JSON, not RDF, so what is added here is the last step of csv2rdf in minimal mode:
a triple for each cell, with the language tag or the datatype of its column. The folder above that of METADATA stands for BASE:
it is served on the loopback address while the package reads it, as it resolves templates against URLs only.
"""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from csvw import CSVW
from csvw.jsonld import Triple
from csvw.metadata_utils import NAMESPACES
from rdflib import Graph, Literal, URIRef, XSD
from rfc3986 import URIReference


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def absolute(iri):
    """Turns `skos:note`, as the package shortens known IRIs, back into a whole IRI."""
    prefix, _, name = iri.partition(":")
    return URIRef(NAMESPACES[prefix] + name if prefix in NAMESPACES else iri)


def triples(table):
    columns = {column.header: column for column in table.tableSchema.columns}
    for column in columns.values():
        for name in ("aboutUrl", "propertyUrl", "valueUrl"):
            setattr(column, name, column.inherit(name))
    for number, row in enumerate(table.iterdicts(strict=True), start=1):
        # the package parses an anyURI into its parts and would put those into a template
        row = {name: value.unsplit() if isinstance(value, URIReference) else value for name, value in row.items()}
        for name, column in columns.items():
            value = row.get(name)
            if column.suppressOutput or (value is None and not column.virtual):
                continue
            triple = Triple.from_col(table, column, row, name, value, number)
            if column.valueUrl:
                thing = absolute(triple.value)
            elif column.inherit("lang") not in (None, "und"):
                thing = Literal(value, lang=column.inherit("lang"))
            else:
                base = column.inherit("datatype").base if column.inherit("datatype") else "string"
                text = value if isinstance(value, str) else column.inherit("datatype").formatted(value)
                thing = Literal(text) if base == "string" else Literal(text, datatype=XSD[base], normalize=False)
            yield absolute(triple.about), absolute(triple.property), thing


def main(metadata, base, output):
    metadata = Path(metadata).resolve()
    folder = metadata.parent
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder.parent))
    Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}/"

    group = CSVW(f"{here}{folder.name}/{metadata.name}", validate=True)
    warnings = [str(warning.message) for warning in group.warnings]
    if not group.is_valid or warnings:
        sys.exit("not valid for the other processor: " + "; ".join(warnings or ["see above"]))
    graph = Graph()
    for table in group.tables:
        for triple in triples(table):
            graph.add(triple)
    lines = sorted(line.replace(here, base) for line in graph.serialize(format="nt").splitlines() if line)
    Path(output).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} triples from {len(group.tables)} tables")


main(*sys.argv[1:])
