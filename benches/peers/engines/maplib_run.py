#!/usr/bin/env python3
"""maplib: polars reads the tables and joins them, each triples map is an OTTR template.

usage: maplib_run.py FOLDER OUT

What OTTR has no counterpart for is done in polars: values are made safe for IRIs, once for each distinct value.
"""
import json
import re
import sys
from urllib.parse import quote

import polars as pl
from maplib import Model

folder, out = sys.argv[1:3]
XSD = "http://www.w3.org/2001/XMLSchema#"
HEAD = f"@prefix ottr: <http://ns.ottr.xyz/0.4/> . @prefix xsd: <{XSD}> . "
SAFE = re.compile(r"[A-Za-z0-9_.~\u00a0-\ud7ff\uf900-\U000effff-]*\Z")
with open(f"{folder}/spec.json", encoding="utf-8") as file:
    maps = json.load(file)
by_name = {m["name"]: m for m in maps}
frames = {m["source"]: pl.read_csv(f"{folder}/{m['source']}", infer_schema=False) for m in maps}


def safe(frame, column):
    if not frame[column].str.contains(r"[\x00-,/:-@\[-^`{-}]").any():
        return pl.col(column)
    values = frame[column].unique()
    encoded = ["".join(c if SAFE.match(c) else quote(c, safe="") for c in value) for value in values]
    return pl.col(column).replace_strict(values, pl.Series(encoded))


def template(frame, text):
    parts = re.split(r"\{([^}]*)\}", text)
    return pl.concat_str([safe(frame, part) if i % 2 else pl.lit(part) for i, part in enumerate(parts) if part])


def typed(column, datatype):
    value = pl.col(column)
    match datatype:
        case "integer":
            return value.cast(pl.Int64)
        case "decimal":
            return value.cast(pl.Decimal(38, 12))
        case "double":
            return value.cast(pl.Float64)
        case "boolean":
            return value == "true"
        case "date":
            return value.str.to_date("%Y-%m-%d")
        case "dateTime":
            return value.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")
    return value


model = Model()
for m in maps:
    frame = frames[m["source"]]
    columns, parameters, body = {"s": template(frame, m["subject"])}, ["ottr:IRI ?s"], []
    if m.get("class"):
        body.append(f"ottr:Triple(?s, a, <{m['class']}>)")
    joins = []
    for i, (predicate, ob) in enumerate(m["poms"]):
        if ob[0] == "join":
            joins.append((i, predicate, ob))
            continue
        if ob[0] == "ref":
            columns[f"o{i}"] = typed(ob[1], ob[2])
            parameters.append(f"xsd:{ob[2] or 'string'} ?o{i}")
        else:
            columns[f"o{i}"] = template(frame, ob[1]) if ob[0] == "tpl" else pl.col(ob[1])
            parameters.append(f"ottr:IRI ?o{i}")
        body.append(f"ottr:Triple(?s, <{predicate}>, ?o{i})")
    name = f"http://example.org/template/{m['name']}"
    if body:
        model.map(f"{HEAD}<{name}> [ {', '.join(parameters)} ] :: {{ {', '.join(body)} }} .", frame.select(**columns))
    for i, predicate, (_, parent, child_column, parent_column) in joins:
        other = frames[by_name[parent]["source"]]
        left = frame.select(s=columns["s"], key=pl.col(child_column)).unique()
        right = other.select(o=template(other, by_name[parent]["subject"]), key=pl.col(parent_column)).unique()
        model.map(f"{HEAD}<{name}-{i}> [ ottr:IRI ?s, ottr:IRI ?o ] :: {{ ottr:Triple(?s, <{predicate}>, ?o) }} .",
                  left.join(right, on="key", how="inner").select("s", "o"))
model.write(out, format="ntriples")
