#!/usr/bin/env python3
"""DuckDB, which knows no RDF, joining the texts of N-Triples lines on two threads; workloads of one table.

usage: duckdb_text.py FOLDER OUT [distinct]
"""
import json
import re
import sys

import duckdb

folder, out, *distinct = sys.argv[1:]
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
with open(f"{folder}/spec.json", encoding="utf-8") as file:
    triples_map = json.load(file)[0]


def text(value):
    return "'" + value.replace("'", "''") + "'"


def template(value):
    parts = re.split(r"\{([^}]*)\}", value)
    return " || ".join(f'url_encode("{part}")' if i % 2 else text(part) for i, part in enumerate(parts) if part)


def literal(column):
    expression = f'"{column}"'
    for plain, escaped in (("'\\'", "'\\\\'"), ("'\"'", "'\\\"'"), ("chr(10)", "'\\n'"), ("chr(13)", "'\\r'")):
        expression = f"replace({expression}, {plain}, {escaped})"
    return expression


ends = []
if triples_map.get("class"):
    ends.append(text(f"<{RDF_TYPE}> <{triples_map['class']}> ."))
for predicate, (kind, first, *more) in triples_map["poms"]:
    if kind == "ref":
        datatype, language = more
        end = f'"^^<{XSD}{datatype}> .' if datatype else f'"@{language} .' if language else '" .'
        ends.append(f"{text(f'<{predicate}> ' + chr(34))} || {literal(first)} || {text(end)}")
    else:
        ends.append(f"{text(f'<{predicate}> <')} || {template(first)} || {text('> .')}")
connection = duckdb.connect()
connection.execute("set threads=2; set preserve_insertion_order=false")
source = (f"read_csv({text(folder + '/' + triples_map['source'])}, header=true, all_varchar=true, delim=',', "
          "quote='\"', escape='\"', parallel=true)")
rows = f"select '<' || {template(triples_map['subject'])} || '> ' as s, * from {source}"
if distinct:
    query = f"select distinct s || o from (select s, unnest([{', '.join(ends)}]) as o from ({rows}))"
else:
    query = f"select {' || chr(10) || '.join(f's || {end}' for end in ends)} from ({rows})"
connection.execute(f"copy ({query}) to {text(out)} (format csv, header false, quote '', escape '', delimiter '\x01')")
