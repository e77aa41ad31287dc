#!/usr/bin/env python3
"""Loads N-Triples into Oxigraph, in memory or into a folder.

usage: oxigraph_load.py FILE [FOLDER]
"""
import os
import sys

import pyoxigraph

store = pyoxigraph.Store(*sys.argv[2:])
store.bulk_load(path=sys.argv[1], format=pyoxigraph.RdfFormat.N_TRIPLES)
os._exit(0)  # the time that it takes to drop the store is not loading
