"""Checks that every package the program is built of may be used: `python3 .ci/licences.py`.

Reads `cargo metadata`, needs no network. The list is of SPDX licences that MIT or Apache-2.0 code may link.
"""

import json
import re
import subprocess
import sys

ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    # Of data: the roots of trust that a program for WebAssembly has with it.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
}


def allowed(expression: str) -> bool:
    """Whether an SPDX expression can be met with the licences above."""
    text = expression.replace("/", " OR ")
    tokens = re.findall(r"\(|\)|[^\s()]+", text)

    def parse_or(at):
        value, at = parse_and(at)
        while at < len(tokens) and tokens[at] == "OR":
            other, at = parse_and(at + 1)
            value = value or other
        return value, at

    def parse_and(at):
        value, at = parse_one(at)
        while at < len(tokens) and tokens[at] == "AND":
            other, at = parse_one(at + 1)
            value = value and other
        return value, at

    def parse_one(at):
        if tokens[at] == "(":
            value, at = parse_or(at + 1)
            return value, at + 1
        name, at = tokens[at], at + 1
        if at < len(tokens) and tokens[at] == "WITH":
            name, at = f"{name} WITH {tokens[at + 1]}", at + 2
        return name in ALLOWED, at

    return parse_or(0)[0]


metadata = json.loads(
    subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"], check=True, capture_output=True
    ).stdout
)
packages = metadata["packages"]
refused = [
    f"{package['name']} {package['version']}: {package.get('license') or 'no licence'}"
    for package in packages
    if not allowed(package.get("license") or "none")
]
sources = {package["source"] for package in packages if package["source"]}
foreign = [source for source in sources if not source.startswith("registry+")]
for line in refused + foreign:
    print("not allowed:", line)
print(f"{len(packages)} packages, {len(refused)} refused")
sys.exit(bool(refused or foreign))
