#!/usr/bin/env python3
"""Checks that `convert` needs no more memory for a longer table, where nothing has to be remembered.

usage: memory.py PROGRAM FOLDER

PROGRAM is a release build, FOLDER takes the tables. The subjects are made from a sorted column without a declared key.
"""
import json
import os
import subprocess
import sys

MOST = 64  # MiB
TABLES = {"short": 200_000, "long": 2_000_000}
METADATA = {
    "@context": "http://www.w3.org/ns/csvw",
    "tableSchema": {
        "aboutUrl": "https://example.org/{id}",
        "columns": [
            {"name": "id", "titles": "id", "datatype": "integer", "propertyUrl": "https://example.org/id"},
            {"name": "name", "titles": "name", "lang": "en", "propertyUrl": "https://example.org/name"},
            {"name": "amount", "titles": "amount", "datatype": "decimal", "propertyUrl": "https://example.org/amount"},
            {"name": "day", "titles": "day", "datatype": "date", "propertyUrl": "https://example.org/day"},
        ],
    },
}


def make(folder, name, rows):
    with open(f"{folder}/{name}.csv", "w", encoding="utf-8") as file:
        file.write("id,name,amount,day\n")
        file.writelines(f'{i},"thing no. {i}, new",{i % 977}.5,2024-{i % 12 + 1:02}-{i % 28 + 1:02}\n'
                        for i in range(rows))
    with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
        json.dump({**METADATA, "url": f"{name}.csv"}, file)


def peak(command, folder):
    """The greatest resident memory in MiB; never below that of this script, about 15."""
    child = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)} fails")
    return usage.ru_maxrss / 1024


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    too_much = False
    for name, rows in TABLES.items():
        make(folder, name, rows)
        for form in ("ntriples", "turtle"):
            used = peak([program, "convert", "--quiet", "--minimal", f"{name}.json", "--format", form,
                         "--output", "out"], folder)
            print(f"{rows:,} rows to {form}: {used:.0f} MiB")
            too_much |= used > MOST
        os.remove(f"{folder}/{name}.csv")
    os.remove(f"{folder}/out")
    if too_much:
        sys.exit(f"more than {MOST} MiB")


if __name__ == "__main__":
    main()
