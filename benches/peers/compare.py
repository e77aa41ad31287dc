#!/usr/bin/env python3
"""Shows in which triples two N-Triples files differ, by predicate, what `yardstick digest` takes for the same made one.

usage: compare.py ONE OTHER [EXAMPLES]
"""
import re
import sys
from collections import defaultdict

ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
LINE_ENDS = {"t": "\t", "n": "\\n", "r": "\\r"}
ENCODED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
XSD = "http://www.w3.org/2001/XMLSchema#"


def unescape(match):
    escape = match[1]
    return chr(int(escape[1:], 16)) if escape[0] in "uU" and len(escape) > 1 else LINE_ENDS.get(escape, escape)


def decode(match):
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "replace")


def triples(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            subject, predicate, object_ = line.rstrip().removesuffix(".").rstrip().split(" ", 2)
            object_ = ENCODED.sub(decode, object_) if object_[0] == "<" else ESCAPE.sub(unescape, object_)
            object_ = object_.removesuffix(f"^^<{XSD}string>").replace(f'+00:00"^^<{XSD}dateTime>', f'Z"^^<{XSD}dateTime>')
            yield ENCODED.sub(decode, subject), predicate, object_


one, other = (set(triples(path)) for path in sys.argv[1:3])
most = int(sys.argv[3]) if len(sys.argv) > 3 else 1
print(f"{len(one):,} and {len(other):,} triples, {len(one & other):,} in both")
differences = defaultdict(lambda: ([], []))
for side, found in enumerate((one - other, other - one)):
    for triple in sorted(found):
        differences[triple[1]][side].append(" ".join(triple))
for predicate, sides in sorted(differences.items()):
    print(f"{predicate}: {len(sides[0]):,} and {len(sides[1]):,}")
    for sign, found in zip("-+", sides):
        for triple in found[:most]:
            print(f"  {sign} {triple}")
